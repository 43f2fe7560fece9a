#include "take.h"

#include <stdio.h>
#include <stdlib.h>

void stop(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *take(struct arena *arena, size_t bytes)
{
	void *memory = arena_alloc(arena, bytes);
	if (!memory)
		stop("schemac: out of memory");
	return memory;
}

char *take_copy(struct arena *arena, const char *text, size_t n)
{
	char *copy = take(arena, n + 1);
	memcpy(copy, text, n);
	return copy;
}

void list_add(struct arena *arena, struct list *list, void *item)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		void **at = take(arena, room * sizeof(*at));
		if (list->n)
			memcpy(at, list->at, list->n * sizeof(*at));
		list->at = at;
		list->room = room;
	}
	list->at[list->n++] = item;
}
