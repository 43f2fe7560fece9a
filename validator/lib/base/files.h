/*
 * files.h - the files that a run reads beside the messages it is pointed at: packs, what packs
 * name, evidence, profiles, rules of the user's own.
 *
 * They come from the disk, or from a set that somebody else keeps (an evidence bundle). Whoever
 * wants to know what a run has read is told of each file with its bytes.
 */
#ifndef CPIS_BASE_FILES_H
#define CPIS_BASE_FILES_H

#include "base/buf.h"

/* Every function but seen is NULL where the disk is read. */
struct files {
	/* A file was read; bytes are borrowed for the call. May be NULL. */
	void (*seen)(void *context, const char *path, struct str bytes);
	/* The bytes of a file, which stay; false with a phrase in why. */
	bool (*find)(void *context, const char *path, struct str *bytes, char *why, size_t n);
	bool (*is_folder)(void *context, const char *path);
	/* The names in a folder, in any order; false when there is no such folder. */
	bool (*list)(void *context, const char *folder, void (*each)(void *, const char *name),
		     void *with);
	void *context;
};

/* From now on, for the whole program: one at a time. NULL: the disk again. Not while files are
 * read. */
void files_use(const struct files *files);
const struct files *files_used(void); /* NULL: the disk */

/* Append a regular file to the buffer. False with a reason in why: a phrase, no name of the file.
 */
bool files_read(const char *path, struct buf *out, char *why, size_t bytes);
bool files_is_there(const char *path); /* and may be read */
bool files_is_folder(const char *path);

/*
 * "a/b/../c" as "a/c": what a path says, without asking the disk. out has room for as many bytes as
 * the path has, and two more.
 */
void files_settle(const char *path, char *out);

#endif
