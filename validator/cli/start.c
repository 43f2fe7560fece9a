/*
 * The program's own pages, asked for at once.
 *
 * The system gives a program its pages one by one, as it touches them. Each time costs more than
 * the page does, in some virtual machines ten times as much; and a verdict on one small message
 * touches some two hundred pages, and does little else. What every command writes to is therefore
 * asked for in one call, before anything else: see docs/decisions/cold-start.md.
 *
 * Most of those pages are tables with pointers, which are addresses only once it is known where the
 * program lies. The loader would add that page by page: the program does it itself.
 *
 * A system that does not know the call (Linux before 5.14) goes on as ever.
 */
#include "start.h"

#include "exit.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { WRITE_PAGES = 23 /* MADV_POPULATE_WRITE */ };

#ifdef CPIS_STATIC
enum { AFTER_LOADER = 0 };
#else
enum { AFTER_LOADER = 1 };
#endif

typedef ElfW(Ehdr) elf_head;
typedef ElfW(Phdr) elf_part;
typedef ElfW(Dyn) elf_row;
typedef ElfW(auxv_t) system_row;

/* The program's head, which the linker places. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's name */
extern const elf_head __ehdr_start __attribute__((visibility("hidden")));

/* A call of the system, of that number; below 0: it failed. */
long start_call(uintptr_t first, uintptr_t second, uintptr_t third, long number);
/* stack: as the system gave it to the program. */
void start_pages(const uintptr_t *stack);

struct range {
	uintptr_t from, to;
};

static struct range range_of(const elf_part *part)
{
	uintptr_t from = (uintptr_t)&__ehdr_start + part->p_vaddr;
	return (struct range){ from, from + part->p_memsz };
}

/* On the stack are the number of arguments, these, a null, the environment, a null, and what the
 * system says of itself. */
static uintptr_t bytes_of_page(const uintptr_t *stack)
{
	const uintptr_t *at = stack + 1 + stack[0] + 1;
	while (*at)
		at++;
	const system_row *row = (const system_row *)(at + 1);
	while (row->a_type != AT_NULL && row->a_type != AT_PAGESZ)
		row++;
	return row->a_type == AT_PAGESZ ? row->a_un.a_val : 4096;
}

/* The places of pointers, as DT_RELR has them: a word that is even is a place; one that is odd has
 * a bit for each of the 63 words after the last place. */
static void add_base(const uintptr_t *words, size_t bytes)
{
	uintptr_t base = (uintptr_t)&__ehdr_start, *place = NULL;
	for (size_t i = 0; words && i < bytes / sizeof(words[0]); i++) {
		if (!(words[i] & 1)) {
			place = (uintptr_t *)(base + words[i]);
			*place++ += base;
			continue;
		}
		for (uintptr_t bits = place ? words[i] >> 1 : 0; bits; bits &= bits - 1)
			place[__builtin_ctzl(bits)] += base;
		place += 8 * sizeof(words[0]) - 1;
	}
}

static void protect(struct range tables, int rights)
{
	static const char text[] = "cpis: the system does not let it prepare its tables\n";
	if (start_call(tables.from, tables.to - tables.from, (uintptr_t)rights, SYS_mprotect) == 0)
		return;
	start_call(2, (uintptr_t)text, sizeof(text) - 1, SYS_write);
	start_call(CPIS_EXIT_INCOMPLETE, 0, 0, SYS_exit_group);
}

/* This runs before the stack can be checked, and in the program in one file before the C library is
 * ready: it calls nothing, and the Makefile has it compiled without that check. */
void start_pages(const uintptr_t *stack)
{
	const elf_part *parts = (const elf_part *)((uintptr_t)&__ehdr_start + __ehdr_start.e_phoff);
	struct range data = { 0, 0 }, tables = { 0, 0 }, dynamic = { 0, 0 };
	for (unsigned i = 0; i < __ehdr_start.e_phnum; i++) {
		if (parts[i].p_type == PT_LOAD && parts[i].p_flags & PF_W)
			data = range_of(&parts[i]);
		else if (parts[i].p_type == PT_GNU_RELRO)
			tables = range_of(&parts[i]);
		else if (parts[i].p_type == PT_DYNAMIC)
			dynamic = range_of(&parts[i]);
	}
	/* The pages that the loader makes read-only: all that are tables to their end. */
	const uintptr_t in_page = bytes_of_page(stack) - 1;
	data.from &= ~in_page;
	tables.from &= ~in_page;
	tables.to &= ~in_page;
	uintptr_t places = 0;
	size_t bytes = 0;
	for (const elf_row *row = (const elf_row *)dynamic.from; row && row->d_tag != DT_NULL;
	     row++)
		if (row->d_tag == OWN_RELR)
			places = (uintptr_t)&__ehdr_start + row->d_un.d_ptr;
		else if (row->d_tag == OWN_RELRSZ)
			bytes = row->d_un.d_val;
	/* It has done so already; in the program in one file the C library does, later. */
	bool are_protected = AFTER_LOADER && tables.from < tables.to;
	if (are_protected && bytes)
		protect(tables, PROT_READ | PROT_WRITE);
	else if (are_protected)
		data.from = tables.to;
	start_call(data.from, data.to - data.from, WRITE_PAGES, SYS_madvise);
	if (bytes)
		add_base((const uintptr_t *)places, bytes);
	if (are_protected && bytes)
		protect(tables, PROT_READ);
}
