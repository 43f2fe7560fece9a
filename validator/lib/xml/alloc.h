/*
 * alloc.h - did libxml2 run out of memory?
 *
 * Some of its functions treat a failed allocation as an answer ("no such name", "no base URI", "an
 * empty set") and go on. What was read or evaluated in that way must not pass, so every allocation
 * of libxml2 is watched: a document is parsed by xml_document, and all else that libxml2 makes is
 * made by xml_attempt.
 */
#ifndef CPIS_XML_ALLOC_H
#define CPIS_XML_ALLOC_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Wrap the allocators that libxml2 uses; once, before threads. */
void xml_alloc_watch(void);

/* Whether an allocation of libxml2 failed in this thread since xml_alloc_forget. */
bool xml_alloc_failed(void);
void xml_alloc_forget(void);

/*
 * Work with libxml2 or libxslt, which neither report nor survive every failed allocation: the first
 * that fails leaves the work from within the library, and false is returned. What the work held is
 * then lost, and what it was changing must not be used again, not even to free it: the program
 * reports that it is out of memory, and ends. It must not hold a lock.
 */
bool xml_attempt(void (*work)(void *context), void *context);

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): libxml2's own names */
struct _xmlDoc;
struct _xmlParserCtxt;
/* A document as a whole, or NULL: xmlCtxtReadMemory leaves out what it has no memory for. *lacking:
 * that is why. */
struct _xmlDoc *xml_document(struct _xmlParserCtxt *parser, struct str bytes, const char *name,
			     const char *encoding, int options, bool *lacking);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/*
 * A bound for one piece of work in this thread: an XPath of a pack or of one's own rules can ask
 * for any amount of memory and time. While a budget is open, an allocation that would go beyond it
 * fails, as if there were no memory, which is where libxml2 gives up. What it held before does not
 * count. One budget at a time. An attempt is not left for its sake: what was held would be lost
 * each time that an expression asks for too much.
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
void xml_budget_close(struct xml_budget *budget);
/* Where work is done without allocations: false when the time is used up. */
bool xml_budget_has_time(void);

#endif
