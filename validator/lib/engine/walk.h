/*
 * walk.h - which files a path means.
 */
#ifndef CPIS_ENGINE_WALK_H
#define CPIS_ENGINE_WALK_H

#include "base/arena.h"

struct cpis_failure;

struct walk_entry {
	const char *path;
	const char *passed_over; /* why it is not judged; NULL: it is, if it may hold a message */
	bool doubtful;		 /* found in a folder, and not opened yet */
};

struct walk {
	struct arena arena;
	struct walk_entry *entries;
	size_t count, room;
};

/*
 * A file (and its data, when it is a MESH control file), "-", or every file below a folder in order
 * of name, without hidden ones. What is found in a folder is doubtful: whoever opens it first
 * settles whether it is judged. -1 with the reason when the path does not exist.
 */
int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure);
void walk_release(struct walk *walk);

/* Pass over a doubtful file that does not begin like any kind of message. head: its first bytes, up
 * to WALK_HEAD_BYTES. Entries are for one thread each. */
enum { WALK_HEAD_BYTES = 4096 };
void walk_settle(struct walk_entry *entry, struct str head);

/* The same, of a file that is not open. One that cannot be opened is judged all the same: it must
 * show as incomplete, not vanish. */
void walk_settle_unopened(struct walk_entry *entry);

/* Once all are settled: -1 with the reason when none of them begins like a message. */
int walk_require_one(const struct walk *walk, const char *path, struct cpis_failure *failure);

#endif
