/*
 * alloc.h - did libxml2 run out of memory?
 *
 * Some of its functions treat a failed allocation as an answer ("no such name", "no base URI") and
 * go on. A document read in that way must not pass, so every allocation of libxml2 is watched.
 */
#ifndef CPIS_XML_ALLOC_H
#define CPIS_XML_ALLOC_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

/* Wrap the allocators that libxml2 uses; once, before threads. */
void xml_alloc_watch(void);

/* Whether an allocation of libxml2 failed in this thread since xml_alloc_forget. */
bool xml_alloc_failed(void);
void xml_alloc_forget(void);

/*
 * A bound for one piece of work in this thread: an XPath of a pack or of one's own rules can ask
 * for any amount of memory and time. While a budget is open, an allocation that would go beyond it
 * fails, as if there were no memory, which is where libxml2 gives up. What it held before does not
 * count. One budget at a time.
 */
struct xml_budget {
	size_t bytes;	       /* that it may hold */
	double seconds;	       /* of the processor's time, for all work with this budget */
	const char *exhausted; /* what ran out, "memory" or "time"; NULL: nothing. Sticks */

	/* its own */
	size_t held;
	unsigned count;
	double used, since;
	void (*print)(void *context, const char *message, ...); /* libxml2's, meanwhile silent */
	void *print_context;
};

void xml_budget_open(struct xml_budget *budget);
/* Also forgets an allocation that failed for the budget's sake. */
void xml_budget_close(struct xml_budget *budget);
/* Where work is done without allocations: false when the time is used up. */
bool xml_budget_has_time(void);

/*
 * libxslt neither reports nor survives every failed allocation. While a leap is set, the first that
 * fails in this thread jumps there, out of the library, and the memory it held is lost: the program
 * then reports that it is out of memory, and ends. NULL: no leap. A leap is used once.
 */
void xml_alloc_leap(jmp_buf *to);

#endif
