/*
 * tarball.h - members in a .tar.gz: written so that the same members give the same bytes, read so
 * that nothing but plain files with plain names comes out, and no more than there is room for.
 *
 * All members are in one folder, whose name is not part of theirs.
 */
#ifndef CPIS_EVIDENCE_TARBALL_H
#define CPIS_EVIDENCE_TARBALL_H

#include "base/arena.h"
#include "base/buf.h"

struct cpis_failure;

#define TARBALL_FOLDER "cpis-evidence/"

enum { TARBALL_MOST_MEMBERS = 100000, TARBALL_MOST_NAME = 1024 };

struct tarball_writer;

/* Whole or not at all: path appears when the writer is closed. Only its owner may read a new one
 * that is private. */
int tarball_create(struct tarball_writer **writer, const char *path, bool is_private,
		   struct cpis_failure *failure);
/* seconds since 1970: the time that all members bear. */
int tarball_add(struct tarball_writer *writer, const char *name, struct str bytes,
		long long seconds, struct cpis_failure *failure);
/* Frees the writer whatever comes of it. */
int tarball_close(struct tarball_writer *writer, struct cpis_failure *failure);
/* Frees the writer and leaves no file; NULL is nothing. */
void tarball_abandon(struct tarball_writer *writer);

struct tarball_member {
	const char *name;
	struct str bytes;
	char sha256[65];
};

struct tarball {
	struct arena arena;
	struct buf tar;			/* what the members' bytes lie in */
	struct tarball_member *members; /* in order of the archive */
	size_t count, room;
	const struct tarball_member **sorted; /* by name */
};

/*
 * Read all of it: at most most_bytes when it is unpacked. -1 with a sentence in why when it is
 * damaged, too large, or holds anything that could be written outside a folder. For
 * tarball_release.
 */
int tarball_read(struct tarball *tarball, struct str packed, size_t most_bytes, char *why,
		 size_t n);
void tarball_release(struct tarball *tarball);

/* NULL when there is none of that name. */
const struct tarball_member *tarball_find(const struct tarball *tarball, const char *name);

/* A name that stays below the folder: no "..", no "/" at the start, nothing that cannot be seen. */
bool tarball_name_is_plain(const char *name);

#endif
