#include "pack/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_WORD = 64 };

void nearest_init(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){ .word = word, .distance = (size_t)-1 };
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Letters added, left out, exchanged, or swapped with their neighbour (optimal string alignment).
 */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][LONGEST_WORD + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t k = 0; k <= b_length; k++)
		last[k] = k;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t k = 1; k <= b_length; k++) {
			size_t cost = lower(a[i - 1]) != lower(b[k - 1]);
			row[k] = least(least(last[k] + 1, row[k - 1] + 1), last[k - 1] + cost);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = least(row[k], before[k - 2] + 1);
		}
		size_t *free_row = before;
		before = last;
		last = row;
		row = free_row;
	}
	return last[b_length];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	size_t a_length = strlen(nearest->word), b_length = strlen(name);
	if (!a_length || a_length > LONGEST_WORD || b_length > LONGEST_WORD)
		return;
	size_t allowed = 1 + (a_length > b_length ? a_length : b_length) / 4;
	size_t found = distance(nearest->word, a_length, name, b_length);
	if (found > allowed || found >= nearest->distance)
		return;
	nearest->distance = found;
	nearest->name = name;
}

const char *nearest_hint(const struct nearest *nearest, char *buffer, size_t bytes)
{
	if (!nearest->name)
		return "";
	snprintf(buffer, bytes, ": did you mean '%s'?", nearest->name);
	return buffer;
}
