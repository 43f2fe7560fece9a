#include "xml/alloc.h"

#include <libxml/xmlmemory.h>

/* What libxml2 used before: the C library's, or what the host program gave it. */
static xmlFreeFunc give_back;
static xmlMallocFunc allocate;
static xmlReallocFunc reallocate;
static xmlStrdupFunc duplicate;

static _Thread_local bool failed;
static _Thread_local jmp_buf *leap;

static void *noted(void *p)
{
	if (p)
		return p;
	failed = true;
	if (leap) {
		jmp_buf *to = leap;
		leap = NULL;
		longjmp(*to, 1);
	}
	return NULL;
}

void xml_alloc_leap(jmp_buf *to)
{
	leap = to;
}

static void *watched_malloc(size_t bytes)
{
	return noted(allocate(bytes));
}

static void *watched_realloc(void *p, size_t bytes)
{
	return noted(reallocate(p, bytes));
}

static char *watched_strdup(const char *text)
{
	return noted(duplicate(text));
}

void xml_alloc_watch(void)
{
	if (!allocate && xmlMemGet(&give_back, &allocate, &reallocate, &duplicate) == 0)
		xmlMemSetup(give_back, watched_malloc, watched_realloc, watched_strdup);
}

bool xml_alloc_failed(void)
{
	return failed;
}

void xml_alloc_forget(void)
{
	failed = false;
}
