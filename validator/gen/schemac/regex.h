/*
 * regex.h - a pattern of XML Schema, read into a tree.
 *
 * The syntax is that of XML Schema Part 2, appendix F, without the classes that need Unicode tables
 * (\d, \w, \p): a schema that means ASCII digits writes [0-9]. \s, \i and \c are known. A pattern
 * always speaks of the whole value; ^ and $ are characters like others.
 */
#ifndef CPIS_GEN_REGEX_H
#define CPIS_GEN_REGEX_H

#include "take.h"

#include <stdint.h>

enum regex_kind { REGEX_EMPTY, REGEX_SET, REGEX_CAT, REGEX_ALT, REGEX_REPEAT };

enum { REGEX_UNBOUNDED = UINT16_MAX };

struct code_range {
	uint32_t low, high; /* code points, both included */
};

/* Code points as ranges in order, none touching another. */
struct code_set {
	size_t n;
	struct code_range at[64];
};

struct regex {
	enum regex_kind kind;
	const struct code_set *set;	  /* REGEX_SET */
	const struct regex *left, *right; /* CAT and ALT; REPEAT has left */
	unsigned min, max;		  /* REPEAT */
};

/* NULL with a reason in *error when the pattern is wrong or outside what is understood. */
const struct regex *regex_read(struct arena *arena, const char *pattern, const char **error);

const struct regex *regex_either(struct arena *arena, const struct regex *left,
				 const struct regex *right);

#endif
