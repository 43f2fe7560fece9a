#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

enum { FIRST_BLOCK_BYTES = 1024, LARGEST_STEP_BYTES = 1024 * 1024, FIRST_ENTRIES = 8 };

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void arena_release(struct arena *arena)
{
	free_blocks(arena->first);
	arena_init(arena);
}

void arena_restart(struct arena *arena)
{
	struct arena_block *kept = arena->first;
	arena_init(arena);
	if (!kept)
		return;
	free_blocks(kept->next);
	kept->next = NULL;
	kept->used = 0;
	arena->first = arena->current = kept;
}

static struct arena_block *new_block(size_t size)
{
	struct arena_block *block = malloc(sizeof(*block) + size);
	if (block)
		*block = (struct arena_block){ .size = size };
	return block;
}

static struct arena_block *block_with_room(struct arena *arena, size_t bytes)
{
	struct arena_block *current = arena->current;
	for (; current && current->next; current = current->next) {
		/* Blocks kept by a rewind come first. */
		struct arena_block *next = current->next;
		next->used = 0;
		arena->current = next;
		if (next->size >= bytes)
			return next;
	}
	size_t size = current ? current->size * 2 : FIRST_BLOCK_BYTES;
	if (size > LARGEST_STEP_BYTES)
		size = LARGEST_STEP_BYTES;
	if (size < bytes)
		size = bytes;
	struct arena_block *block = new_block(size);
	if (!block) {
		arena->failed = true;
		return NULL;
	}
	if (current)
		current->next = block;
	else
		arena->first = block;
	arena->current = block;
	return block;
}

static size_t rounded_up(size_t bytes)
{
	return (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

void *arena_room(struct arena *arena, size_t bytes)
{
	size_t rounded = rounded_up(bytes);
	if (rounded < bytes) {
		arena->failed = true;
		return NULL;
	}
	struct arena_block *block = arena->current;
	if (!block || block->size - block->used < rounded) {
		block = block_with_room(arena, rounded);
		if (!block)
			return NULL;
	}
	void *p = block->bytes + block->used;
	block->used += rounded;
	return p;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	void *p = arena_room(arena, bytes);
	return p ? memset(p, 0, rounded_up(bytes)) : NULL;
}

char *arena_copy(struct arena *arena, struct str text)
{
	char *copy = arena_alloc(arena, text.n + 1);
	if (copy && text.n)
		memcpy(copy, text.p, text.n);
	return copy;
}

struct str arena_str(struct arena *arena, struct str text)
{
	char *copy = text.p ? arena_copy(arena, text) : NULL;
	return copy ? (struct str){ copy, text.n } : (struct str){ 0 };
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	char most[512], *text;
	int length = vsnprintf(most, sizeof(most), format, args);
	if (length >= 0 && (size_t)length < sizeof(most)) {
		text = arena_copy(arena, (struct str){ most, (size_t)length });
	} else {
		text = length < 0 ? NULL : arena_room(arena, (size_t)length + 1);
		if (text)
			vsnprintf(text, (size_t)length + 1, format, again);
	}
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void arena_take(struct arena *arena, struct arena *other)
{
	struct arena_block *last = other->first;
	arena->failed = arena->failed || other->failed;
	while (last && last->next)
		last = last->next;
	if (last) {
		last->next = arena->first;
		arena->first = other->first;
		arena->current = arena->current ? arena->current : other->current;
	}
	arena_init(other);
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->current, arena->current ? arena->current->used : 0 };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	if (mark.block) {
		arena->current = mark.block;
		mark.block->used = mark.used;
	} else {
		arena->current = arena->first;
		if (arena->first)
			arena->first->used = 0;
	}
}

void *list_grown(void *list, size_t count, size_t *room, size_t entry_bytes)
{
	if (count < *room)
		return list;
	size_t more = *room ? *room * 2 : FIRST_ENTRIES;
	void *bigger = realloc(list, more * entry_bytes);
	if (bigger)
		*room = more;
	return bigger;
}

void *list_expected_in(struct arena *arena, void *list, size_t count, size_t *room, size_t more,
		       size_t entry_bytes)
{
	if (more <= *room - count)
		return list;
	void *bigger = arena_room(arena, (count + more) * entry_bytes);
	if (bigger && count)
		memcpy(bigger, list, count * entry_bytes);
	if (bigger)
		*room = count + more;
	return bigger;
}

void *list_grown_in(struct arena *arena, void *list, size_t count, size_t *room, size_t entry_bytes)
{
	if (count < *room)
		return list;
	size_t more = *room ? *room * 2 - count : FIRST_ENTRIES;
	char *bigger = list_expected_in(arena, list, count, room, more, entry_bytes);
	if (bigger)
		memset(bigger + count * entry_bytes, 0, more * entry_bytes);
	return bigger;
}
