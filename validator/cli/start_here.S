/*
 * Where the program begins: the pages that every command touches are asked for at once, and what
 * begins a program otherwise comes after that: see start.c.
 *
 * In the program in one file nothing is set up here, not even the addresses in its tables. Registers
 * keep what the system, or the loader, put into them.
 */
	.text

#if defined(__x86_64__)

	.globl start_here
	.type start_here, @function
start_here:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	mov %rsp, %rbx
	mov %rdx, %r12
	mov %rsp, %rdi
	and $-16, %rsp
	call start_pages
	mov %r12, %rdx
	mov %rbx, %rsp
	jmp _start
	.cfi_endproc
	.size start_here, .-start_here

	/* The number of the call is the last argument. */
	.globl start_call
	.hidden start_call
	.type start_call, @function
start_call:
	.cfi_startproc
	endbr64
	mov %rcx, %rax
	syscall
	ret
	.cfi_endproc
	.size start_call, .-start_call

	.section .note.gnu.property, "a"
	.p2align 3
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 3, 0

#elif defined(__aarch64__)

	.globl start_here
	.type start_here, %function
start_here:
	.cfi_startproc
	.cfi_undefined x30
	hint #34 // bti c
	mov x19, x0
	mov x0, sp
	bl start_pages
	mov x0, x19
	b _start
	.cfi_endproc
	.size start_here, .-start_here

	.globl start_call
	.hidden start_call
	.type start_call, %function
start_call:
	.cfi_startproc
	hint #34 // bti c
	mov x8, x3
	svc #0
	ret
	.cfi_endproc
	.size start_call, .-start_call

#endif

	.section .note.GNU-stack, "", %progbits
