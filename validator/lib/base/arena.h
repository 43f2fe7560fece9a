/*
 * arena.h - memory that is given out piece by piece and taken back all at once; lists that grow.
 *
 * One results object, one arena. A mark lets a short-lived user (a record, a finding's scratch)
 * give back what it took since. Not for sharing between threads.
 */
#ifndef CPIS_BASE_ARENA_H
#define CPIS_BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>

struct arena_block;

struct arena {
	struct arena_block *first;   /* all blocks, in order of allocation */
	struct arena_block *current; /* the block that is being filled */
	bool failed;		     /* sticks: an allocation could not be served */
};

struct arena_mark {
	struct arena_block *block;
	size_t used;
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Zeroed memory aligned for any object; NULL when out of memory, and arena->failed stays set. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* The same, not zeroed: for what is filled at once. */
void *arena_room(struct arena *arena, size_t bytes);

/* A copy with a NUL after it; NULL only when out of memory. */
char *arena_copy(struct arena *arena, struct str text);
struct str arena_str(struct arena *arena, struct str text);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Take over all that another arena gave out; that one is empty then. */
void arena_take(struct arena *arena, struct arena *other);

/* What is allocated after the mark is free again after the rewind; blocks are kept for reuse. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* All is free again; only the first block is kept for reuse. */
void arena_restart(struct arena *arena);

/*
 * Room for one more entry of a list that grows by doubling. Both return the list, moved if need be,
 * with *room > count; NULL when out of memory, and the list and *room are as they were.
 */
/* A list from malloc; NULL: a new one. */
void *list_grown(void *list, size_t count, size_t *room, size_t entry_bytes);
/* A list in an arena: what it outgrows stays there until the arena is released. */
void *list_grown_in(struct arena *arena, void *list, size_t count, size_t *room,
		    size_t entry_bytes);
/* The same with room for so many more, so that a long list is not outgrown again and again. */
void *list_expected_in(struct arena *arena, void *list, size_t count, size_t *room, size_t more,
		       size_t entry_bytes);

#endif
