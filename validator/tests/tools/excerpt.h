/*
 * excerpt.h - of two files that are nearly the same, the few lines that tell them apart.
 */
#ifndef CPIS_TESTS_TOOLS_EXCERPT_H
#define CPIS_TESTS_TOOLS_EXCERPT_H

#include <stddef.h>

/* One string of C must stay below 4,096 characters. */
struct excerpt_pair {
	char wrong[4000], right[4000];
	size_t right_line;
};

/* How many lines of both are in one of them alone. */
size_t excerpt_difference(const char *a, size_t a_bytes, const char *b, size_t b_bytes);

/*
 * Lines with their numbers around line (0: none) and around what differs, long ones shortened to
 * the part that matters, with a caret below line and column; and the same lines of the other file.
 * "" for a file that is not text.
 */
void excerpt_cut(const char *wrong, size_t wrong_bytes, size_t line, size_t column,
		 const char *right, size_t right_bytes, struct excerpt_pair *pair);

#endif
