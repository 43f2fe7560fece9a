/*
 * list.h - room for one more entry of a list that grows by doubling.
 *
 * Both return the list, moved where it had to, with *room entries or more, *room > count; NULL when
 * memory is out, and the list and *room are as they were.
 */
#ifndef CPIS_BASE_LIST_H
#define CPIS_BASE_LIST_H

#include "base/arena.h"

#include <stddef.h>

/* A list from malloc, or none yet. */
void *list_grown(void *list, size_t count, size_t *room, size_t entry_bytes);

/* A list in an arena: what it outgrows stays there until the arena goes. */
void *list_grown_in(struct arena *arena, void *list, size_t count, size_t *room,
		    size_t entry_bytes);

#endif
