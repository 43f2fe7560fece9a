#include "base/list.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 8 };

void *list_grown(void *list, size_t count, size_t *room, size_t entry_bytes)
{
	if (count < *room)
		return list;
	size_t more = *room ? *room * 2 : FIRST_ROOM;
	void *bigger = realloc(list, more * entry_bytes);
	if (bigger)
		*room = more;
	return bigger;
}

void *list_grown_in(struct arena *arena, void *list, size_t count, size_t *room, size_t entry_bytes)
{
	if (count < *room)
		return list;
	size_t more = *room ? *room * 2 : FIRST_ROOM;
	void *bigger = arena_alloc(arena, more * entry_bytes);
	if (bigger && count)
		memcpy(bigger, list, count * entry_bytes);
	if (bigger)
		*room = more;
	return bigger;
}
