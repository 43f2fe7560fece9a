#include "cli.h"
#include "sandbox.h"

#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The first pages of the heap, as many as a verdict on a small message fills, asked for at once:
 * see start.c. */
static void ask_for_heap(void)
{
#if defined(CPIS_COLD_START) && defined(MADV_POPULATE_WRITE)
	enum { PAGE = 4096 };
#ifdef M_TOP_PAD
	enum { HEAP_OF_A_VERDICT = 192 * 1024 };
	mallopt(M_TOP_PAD, HEAP_OF_A_VERDICT);
#endif
	void *first = malloc(1);
	char *from = (char *)first - (uintptr_t)first % PAGE, *to = sbrk(0);
	if (first && to > from)
		(void)madvise(from, (size_t)(to - from), MADV_POPULATE_WRITE);
	free(first);
#endif
}

/* The program, confined before it reads anything. What it wrote is written when it ends: the system
 * takes back the rest faster than libraries that tidy up, one by one. Builds for tools that look at
 * the end, for memory that was lost or lines that never ran, let them. */
int main(int argc, char **argv)
{
	ask_for_heap();
	/* What goes past the limit of a file is an error of the write, with its reason. */
	signal(SIGXFSZ, SIG_IGN);
	int code = cli_run(argc, argv, sandbox_enter);
#ifdef CPIS_COLD_START
	_exit(code);
#endif
	return code;
}
