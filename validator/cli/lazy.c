/*
 * Libraries that are loaded when the first of their functions is called.
 *
 * Most of the time of a verdict on one small message would go into loading libraries that it does
 * not need. The program is therefore not linked with those of lazy_functions.h, which the build
 * makes of what our objects call. Each function has a stub of its name in lazy_stubs.S, which goes
 * on to the function, by way of lazy_find at the first call. Nothing else in the source knows of
 * it: see docs/decisions/late-libraries.md.
 *
 * Threads: any may make the first call. Sandbox: it lets libraries be read where the system has
 * them.
 */
#include "exit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The names, one after the other, and the first function of each library. */
static const char names[] =
#define LIBRARY(first, soname)
#define FUNCTION(index, name) #name "\0"
#include "lazy_functions.h"
#undef LIBRARY
#undef FUNCTION
	;

static const struct library {
	unsigned first;
	char soname[28]; /* not a pointer: that would be one more thing to relocate at the start */
} libraries[] = {
#define LIBRARY(first, soname) { first, soname },
#define FUNCTION(index, name)
#include "lazy_functions.h"
#undef LIBRARY
#undef FUNCTION
};

enum {
#define LIBRARY(first, soname)
#define FUNCTION(index, name) AT_##name,
#include "lazy_functions.h"
#undef LIBRARY
#undef FUNCTION
	FUNCTIONS
};

/* Where each function is, or null before its first call. */
extern void *lazy_functions[FUNCTIONS];
void *lazy_functions[FUNCTIONS];

void *lazy_find(unsigned index);

/* Without the library the command cannot go on. What it had written so far is thrown away. */
static _Noreturn void give_up(const char *soname, const char *why)
{
	char text[512];
	int length = snprintf(text, sizeof(text),
			      "cpis: this command needs the library %s, which cannot be loaded: "
			      "%s\n",
			      soname, why ? why : "reason unknown");
	size_t bytes = length < (int)sizeof(text) ? (size_t)length : sizeof(text) - 1;
	(void)!write(STDERR_FILENO, text, bytes);
	_exit(CPIS_EXIT_INCOMPLETE);
}

/* The function of that index, its library loaded; remembered, so that the stub goes there at once
 * from now on. */
void *lazy_find(unsigned index)
{
	const char *name = names;
	for (unsigned i = 0; i < index; i++)
		name += strlen(name) + 1;
	size_t library = sizeof(libraries) / sizeof(libraries[0]) - 1;
	while (libraries[library].first > index)
		library--;
	const char *soname = libraries[library].soname;
	void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	void *function = handle ? dlsym(handle, name) : NULL;
	if (!function)
		give_up(soname, dlerror());
	__atomic_store_n(&lazy_functions[index], function, __ATOMIC_RELEASE);
	return function;
}
