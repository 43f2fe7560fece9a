/*
 * words.h - what a type asks of its values, in plain English, and what is wrong with one of them.
 */
#ifndef CPIS_SCHEMA_WORDS_H
#define CPIS_SCHEMA_WORDS_H

#include "base/str.h"

struct wording {
	const char *type,
		*pattern; /* what it speaks of: a type's name, or a pattern; one is NULL */
	const char *what; /* "a UUID in upper case ..." */
	/* What is wrong with a value that does not fit, or NULL when it cannot be told. */
	const char *(*why)(struct str value);
};

/* By pattern first, then by name. NULL: nothing is known. */
const struct wording *wording_of(const char *type, const char *pattern);

#endif
