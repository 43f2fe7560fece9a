/*
 * take.h - memory for the table compiler, from one arena; running out of it ends the build.
 */
#ifndef CPIS_GEN_TAKE_H
#define CPIS_GEN_TAKE_H

#include "base/arena.h"

/* Things in order, that grow. */
struct list {
	void **at;
	size_t n, room;
};

/* Zeroed; never NULL. */
void *take(struct arena *arena, size_t bytes);
char *take_copy(struct arena *arena, const char *text, size_t n);
void list_add(struct arena *arena, struct list *list, void *item);

/* End the build with a sentence. */
void stop(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
