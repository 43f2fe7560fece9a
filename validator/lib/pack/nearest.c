#include "pack/nearest.h"

#include "base/near.h"

#include <stdio.h>

void nearest_init(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){ .word = word, .distance = (size_t)-1 };
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	struct str word = str_of(nearest->word), offered = str_of(name);
	size_t allowed = 1 + (word.n > offered.n ? word.n : offered.n) / 4;
	size_t found = near_distance(word, offered);
	if (!word.n || found > allowed || found >= nearest->distance)
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
