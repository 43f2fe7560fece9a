#include "xml/alloc.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>

#include <limits.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What libxml2 used before: the C library's, or what the host program gave it. */
static xmlFreeFunc give_back;
static xmlMallocFunc allocate;
static xmlReallocFunc reallocate;
static xmlStrdupFunc duplicate;

static _Thread_local bool failed;
static _Thread_local jmp_buf *leap;
static _Thread_local struct xml_budget *budget;

/* The clock is looked at for so many small allocations, and for every large one. */
enum { SMALL_ALLOCATIONS = 64, LARGE_BYTES = 64 * 1024 };

static double processor_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What a block takes; 0 where a host program has an allocator of its own, which does not say. */
static size_t size_of(void *p)
{
	return p && allocate == malloc ? malloc_usable_size(p) : 0;
}

bool xml_budget_has_time(void)
{
	if (budget && !budget->exhausted &&
	    budget->used + processor_time() - budget->since > budget->seconds)
		budget->exhausted = "time";
	return !budget || !budget->exhausted;
}

/* Whether there is room for so many bytes more. */
static bool allowed(size_t bytes)
{
	if (!budget)
		return true;
	if (bytes > budget->bytes || budget->held > budget->bytes - bytes)
		budget->exhausted = budget->exhausted ? budget->exhausted : "memory";
	else if (bytes >= LARGE_BYTES || ++budget->count % SMALL_ALLOCATIONS == 0)
		xml_budget_has_time();
	return !budget->exhausted;
}

static void *counted(void *p)
{
	if (budget)
		budget->held += size_of(p);
	return p;
}

static void uncount(size_t bytes)
{
	if (budget)
		budget->held -= budget->held < bytes ? budget->held : bytes;
}

/* libxml2 prints that it has no memory. */
static void say_nothing(void *context, const char *message, ...)
{
	(void)context, (void)message;
}

void xml_budget_open(struct xml_budget *opened)
{
	opened->print = xmlGenericError;
	opened->print_context = xmlGenericErrorContext;
	xmlSetGenericErrorFunc(NULL, say_nothing);
	budget = opened;
	budget->held = 0;
	budget->since = processor_time();
}

void xml_budget_close(struct xml_budget *closed)
{
	closed->used += processor_time() - closed->since;
	xmlSetGenericErrorFunc(closed->print_context, closed->print);
	budget = NULL;
}

static void *noted(void *p)
{
	if (p || (budget && budget->exhausted))
		return p;
	failed = true;
	if (leap)
		longjmp(*leap, 1);
	return NULL;
}

static void *watched_malloc(size_t bytes)
{
	return noted(allowed(bytes) ? counted(allocate(bytes)) : NULL);
}

static void *watched_realloc(void *p, size_t bytes)
{
	size_t before = budget ? size_of(p) : 0;
	if (!allowed(bytes > before ? bytes - before : 0))
		return noted(NULL);
	void *more = reallocate(p, bytes);
	if (more)
		uncount(before);
	return noted(counted(more));
}

static char *watched_strdup(const char *text)
{
	return noted(allowed(strlen(text) + 1) ? counted(duplicate(text)) : NULL);
}

static void watched_free(void *p)
{
	if (budget)
		uncount(size_of(p));
	give_back(p);
}

void xml_alloc_watch(void)
{
	if (!allocate && xmlMemGet(&give_back, &allocate, &reallocate, &duplicate) == 0)
		xmlMemSetup(watched_free, watched_malloc, watched_realloc, watched_strdup);
}

bool xml_alloc_failed(void)
{
	return failed;
}

void xml_alloc_forget(void)
{
	failed = false;
}

/* Nothing changes here after setjmp, because a leap may come back from anywhere. */
bool xml_attempt(void (*work)(void *context), void *context)
{
	jmp_buf here, *const outer = leap;
	const bool before = failed;
	failed = false;
	if (setjmp(here) == 0) {
		leap = &here;
		work(context);
	}
	leap = outer;
	bool good = !failed;
	failed = failed || before;
	return good;
}

struct _xmlDoc *xml_document(xmlParserCtxtPtr parser, struct str bytes, const char *name,
			     const char *encoding, int options, bool *lacking)
{
	bool before = failed;
	failed = false;
	xmlDocPtr doc =
		parser && bytes.n <= INT_MAX
			? xmlCtxtReadMemory(parser, bytes.p, (int)bytes.n, name, encoding, options)
			: NULL;
	*lacking = failed || !parser;
	failed = failed || before;
	if (!*lacking)
		return doc;
	xmlFreeDoc(doc);
	return NULL;
}
