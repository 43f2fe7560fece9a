/*
 * alloc.h - did libxml2 run out of memory?
 *
 * Some of its functions take a failed allocation for an answer ("no such name", "no base URI") and
 * go on. A document read in that way must not pass, so every allocation of libxml2 is watched.
 */
#ifndef CPIS_XML_ALLOC_H
#define CPIS_XML_ALLOC_H

#include <setjmp.h>
#include <stdbool.h>

/* Put a watch before the allocators that libxml2 uses; once, before threads. */
void xml_alloc_watch(void);

/* Whether an allocation of libxml2 failed in this thread since xml_alloc_forget. */
bool xml_alloc_failed(void);
void xml_alloc_forget(void);

/*
 * libxslt neither tells nor survives every failed allocation. While a leap is set, the first that
 * fails in this thread goes there, out of the library, and what it held is lost: a program that is
 * out of memory says so and ends. NULL: no leap. It is spent when it is taken.
 */
void xml_alloc_leap(jmp_buf *to);

#endif
