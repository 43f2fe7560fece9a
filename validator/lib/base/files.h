/*
 * files.h - the files that a run reads beside the messages it is pointed at: packs, what packs
 * name, evidence, profiles, rules of the user's own.
 *
 * They come from the disk, or from a set that the program holds (an evidence bundle). A function
 * may be called for each file that is read.
 */
#ifndef CPIS_BASE_FILES_H
#define CPIS_BASE_FILES_H

#include "base/buf.h"

/* Every function but seen and refused is NULL where the disk is read. */
struct files {
	/* A file was read; bytes are borrowed for the call. May be NULL. */
	void (*seen)(void *context, const char *path, struct str bytes);
	/* Something is there that is not a file that can be read, and why. May be NULL. */
	void (*refused)(void *context, const char *path, const char *why);
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

/* From now on, a file at this very path has these bytes, whatever is on the disk: an editor has
 * them. Both are borrowed; path NULL: no longer. As files_use, for the whole program. */
void files_overlay(const char *path, struct str bytes);

/* Append a regular file to the buffer. False with a reason in why: a phrase, no name of the file.
 */
bool files_read(const char *path, struct buf *out, char *why, size_t bytes);
bool files_is_there(const char *path); /* and may be read */
/* What is at this path was looked for and cannot be read: for whoever follows the files. */
void files_refused(const char *path, const char *why);
bool files_is_folder(const char *path);

/*
 * "a/b/../c" as "a/c": what a path says, without asking the disk. out has room for as many bytes as
 * the path has, and two more.
 */
void files_settle(const char *path, char *out);

/*
 * Writing: a file appears whole or not at all. The bytes go to another name in the same folder, are
 * synced, and take the file's name when they are complete, so that no reader sees half a file and
 * the old file stays until then. After a failure nothing is left. A link to a file stays a link,
 * and one to a file that is not there is refused. What is not a regular file (a device, a FIFO, a
 * link to one) is written to directly. An input (base/inputs.h) is not written over.
 */
enum files_how {
	FILES_REPLACE, /* an existing file keeps its mode and, where that is allowed, its owner */
	FILES_RENEW,   /* the same, and it may have been read: a baseline that is updated,
			  perhaps by several processes */
	FILES_PRIVATE, /* the same, but a new one may be read by its owner alone */
	FILES_NEW,     /* fails if the file exists; everyone may read it, whatever the umask */
	FILES_SECRET   /* the same, and its owner alone may read it */
};

/*
 * Whether a file is in a folder, or below it, when all links are followed: what one names that
 * comes from outside must not lead to other files of the user. A file that is not there is, as far
 * as its folder is. Files that the program holds are.
 */
bool files_is_inside(const char *folder, const char *path);

/*
 * Open a file and lock it against other processes (flags as of open and flock): its descriptor, of
 * the file that has this name now, whatever took the name while others were waited for. -1: errno
 * says why. The lock lasts until it is closed.
 */
int files_lock(const char *path, int flags, int lock);

struct files_output;
struct cpis_failure;

/*
 * what is a noun for the failure's text: "the report". NULL with the reason in *failure: of
 * configuration where the caller can correct it (no such folder, no permission), otherwise
 * internal.
 */
struct files_output *files_create(const char *path, enum files_how how, const char *what,
				  struct cpis_failure *failure);
/* false when the bytes could not be written; files_commit then fails and says why. */
bool files_append(struct files_output *output, struct str bytes);
/* Give the file its name. 0, or -1 with the reason. Frees output either way. */
int files_commit(struct files_output *output, struct cpis_failure *failure);
/* Leave nothing, and free output; NULL is allowed. */
void files_abandon(struct files_output *output);

/* All of these in one call. */
int files_write(const char *path, enum files_how how, const char *what, struct str bytes,
		struct cpis_failure *failure);

#endif
