/*
 * The stubs of functions whose libraries are loaded late: see lazy.c.
 *
 * A stub goes on to its function, whose place is in lazy_functions. It changes no register that an
 * argument may be in. At the first call the place is empty: lazy_enter keeps those registers, has
 * lazy_find look for the function of that index, and goes on to it.
 */
	.text

#if defined(__x86_64__)

	.type lazy_enter, @function
lazy_enter:
	.cfi_startproc
	sub $200, %rsp
	.cfi_adjust_cfa_offset 200
	mov %rdi, (%rsp)
	mov %rsi, 8(%rsp)
	mov %rdx, 16(%rsp)
	mov %rcx, 24(%rsp)
	mov %r8, 32(%rsp)
	mov %r9, 40(%rsp)
	mov %rax, 48(%rsp)
	mov %r10, 56(%rsp)
	movups %xmm0, 64(%rsp)
	movups %xmm1, 80(%rsp)
	movups %xmm2, 96(%rsp)
	movups %xmm3, 112(%rsp)
	movups %xmm4, 128(%rsp)
	movups %xmm5, 144(%rsp)
	movups %xmm6, 160(%rsp)
	movups %xmm7, 176(%rsp)
	mov %r11d, %edi
	call lazy_find
	mov %rax, %r11
	mov (%rsp), %rdi
	mov 8(%rsp), %rsi
	mov 16(%rsp), %rdx
	mov 24(%rsp), %rcx
	mov 32(%rsp), %r8
	mov 40(%rsp), %r9
	mov 48(%rsp), %rax
	mov 56(%rsp), %r10
	movups 64(%rsp), %xmm0
	movups 80(%rsp), %xmm1
	movups 96(%rsp), %xmm2
	movups 112(%rsp), %xmm3
	movups 128(%rsp), %xmm4
	movups 144(%rsp), %xmm5
	movups 160(%rsp), %xmm6
	movups 176(%rsp), %xmm7
	add $200, %rsp
	.cfi_adjust_cfa_offset -200
	jmp *%r11
	.cfi_endproc
	.size lazy_enter, .-lazy_enter

	.macro stub index, name
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	.cfi_startproc
	endbr64
	mov lazy_functions+8*\index(%rip), %r11
	test %r11, %r11
	jz 1f
	jmp *%r11
1:	mov $\index, %r11d
	jmp lazy_enter
	.cfi_endproc
	.size \name, .-\name
	.endm

/* The linker marks the program as fit for indirect branch tracking and shadow stacks only if all of its
 * parts are. */
	.section .note.gnu.property, "a"
	.p2align 3
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 3, 0
	.text

#elif defined(__aarch64__)

	.type lazy_enter, %function
lazy_enter:
	.cfi_startproc
	stp x29, x30, [sp, #-224]!
	.cfi_def_cfa_offset 224
	.cfi_offset 29, -224
	.cfi_offset 30, -216
	mov x29, sp
	stp x0, x1, [sp, #16]
	stp x2, x3, [sp, #32]
	stp x4, x5, [sp, #48]
	stp x6, x7, [sp, #64]
	str x8, [sp, #80]
	stp q0, q1, [sp, #96]
	stp q2, q3, [sp, #128]
	stp q4, q5, [sp, #160]
	stp q6, q7, [sp, #192]
	mov w0, w17
	bl lazy_find
	mov x16, x0
	ldp x0, x1, [sp, #16]
	ldp x2, x3, [sp, #32]
	ldp x4, x5, [sp, #48]
	ldp x6, x7, [sp, #64]
	ldr x8, [sp, #80]
	ldp q0, q1, [sp, #96]
	ldp q2, q3, [sp, #128]
	ldp q4, q5, [sp, #160]
	ldp q6, q7, [sp, #192]
	ldp x29, x30, [sp], #224
	.cfi_restore 30
	.cfi_restore 29
	.cfi_def_cfa_offset 0
	br x16
	.cfi_endproc
	.size lazy_enter, .-lazy_enter

	.macro stub index, name
	.globl \name
	.hidden \name
	.type \name, %function
\name:
	.cfi_startproc
	hint #34 // bti c
	adrp x16, lazy_functions+8*\index
	ldr x16, [x16, #:lo12:lazy_functions+8*\index]
	cbz x16, 1f
	br x16
1:	mov w17, #\index
	b lazy_enter
	.cfi_endproc
	.size \name, .-\name
	.endm

#else
#error "there are no stubs for this processor: the Makefile links the libraries as usual"
#endif

#define LIBRARY(first, soname)
#define FUNCTION(index, name) stub index, name
#include "lazy_functions.h"

	.section .note.GNU-stack, "", %progbits
