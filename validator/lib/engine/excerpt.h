/*
 * excerpt.h - the line of a message that a finding stands on, cut short, with a caret under the
 * fault.
 */
#ifndef CPIS_ENGINE_EXCERPT_H
#define CPIS_ENGINE_EXCERPT_H

#include "base/arena.h"

#include <stdbool.h>

struct excerpt {
	const char *text; /* NULL when memory is out */
	size_t caret;	  /* characters before the fault */
};

/*
 * At most 160 characters of the line around offset. Unless show_values, characters of values that
 * may identify a person are dots; names of elements and attributes always stay.
 */
struct excerpt excerpt_of(struct arena *arena, struct str document, size_t offset,
			  bool show_values);

#endif
