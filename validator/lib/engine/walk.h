/*
 * walk.h - which files a path means.
 */
#ifndef CPIS_ENGINE_WALK_H
#define CPIS_ENGINE_WALK_H

#include "base/arena.h"

struct cpis_failure;

struct walk_entry {
	const char *path;
	const char *passed_over; /* why a file in a folder is not judged; NULL: it is */
};

struct walk {
	struct arena arena;
	struct walk_entry *entries;
	size_t count, room;
};

/*
 * A file (and the data beside it, when it is a MESH control file), "-", or every file below a
 * folder in order of name. In a folder, hidden files are left out and files that hold no kind of
 * message are passed over, told by their first bytes, and listed as such. -1 with the reason when
 * the path does not exist or nothing in the folder is left.
 */
int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure);
void walk_release(struct walk *walk);

#endif
