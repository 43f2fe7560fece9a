#include "base/near.h"

#include <strings.h>

enum { LONGEST = 128 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein over three rows; every full change costs two, a change of case one. */
static size_t double_distance(struct str a, struct str b)
{
	size_t rows[3][LONGEST + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b.n; j++)
		above[j] = 2 * j;
	for (size_t i = 1; i <= a.n; i++) {
		row[0] = 2 * i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = a.p[i - 1], y = b.p[j - 1];
			size_t cost = x == y ? 0 : char_small(x) == char_small(y) ? 1 : 2;
			row[j] = least(above[j - 1] + cost, least(above[j], row[j - 1]) + 2);
			if (i > 1 && j > 1 && x == b.p[j - 2] && a.p[i - 2] == y)
				row[j] = least(row[j], before[j - 2] + 2);
		}
		size_t *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b.n];
}

size_t near_distance(struct str a, struct str b)
{
	if (a.n > LONGEST || b.n > LONGEST)
		return SIZE_MAX / 2;
	return (double_distance(a, b) + 1) / 2;
}

struct near near_start(struct str word)
{
	return (struct near){ .word = word, .distance = SIZE_MAX };
}

void near_offer(struct near *near, const char *candidate)
{
	struct str other = str_of(candidate);
	bool same_letters = other.n == near->word.n && other.n &&
			    strncasecmp(candidate, near->word.p, other.n) == 0;
	size_t distance = same_letters ? 0 : near_distance(near->word, other);
	if (distance < near->distance) {
		near->distance = distance;
		near->best = candidate;
		near->tied = false;
	} else if (distance == near->distance && strcmp(candidate, near->best) != 0) {
		near->tied = true;
	}
}

const char *near_best(const struct near *near)
{
	bool near_enough = near->best && near->distance <= near->word.n / 3;
	return near_enough && !near->tied ? near->best : NULL;
}
