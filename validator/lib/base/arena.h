/*
 * arena.h - memory that is given out piece by piece and taken back all at once.
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

/* Zeroed memory aligned for any object; NULL when memory is out, and arena->failed stays set. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy with a NUL behind it; NULL only when memory is out. */
char *arena_copy(struct arena *arena, struct str text);
struct str arena_str(struct arena *arena, struct str text);

char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Take over all that another arena gave out; it is empty then. */
void arena_take(struct arena *arena, struct arena *other);

/* What is allocated after the mark is free again after the rewind; blocks are kept for reuse. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* All is free again; only the first block is kept for reuse. */
void arena_restart(struct arena *arena);

#endif
