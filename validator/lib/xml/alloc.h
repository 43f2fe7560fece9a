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

/* Wrap the allocators that libxml2 uses; once, before threads. */
void xml_alloc_watch(void);

/* Whether an allocation of libxml2 failed in this thread since xml_alloc_forget. */
bool xml_alloc_failed(void);
void xml_alloc_forget(void);

/*
 * libxslt neither reports nor survives every failed allocation. While a leap is set, the first that
 * fails in this thread jumps there, out of the library, and the memory it held is lost: the program
 * then reports that it is out of memory, and ends. NULL: no leap. A leap is used once.
 */
void xml_alloc_leap(jmp_buf *to);

#endif
