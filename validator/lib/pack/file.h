/*
 * file.h - files that a pack names, read as a whole.
 */
#ifndef CPIS_PACK_FILE_H
#define CPIS_PACK_FILE_H

#include "base/arena.h"
#include "base/buf.h"

/* Append a regular file to the buffer. False with a reason in why (a phrase, no name of the file).
 */
bool file_read(const char *path, struct buf *out, char *why, size_t bytes);

bool file_is_there(const char *path); /* and may be read */
bool file_is_folder(const char *path);

/* "dir/" of "dir/file", "" of "file". In arena. */
const char *file_folder(struct arena *arena, const char *path);

/*
 * Files of a folder whose names match a pattern in its last part, as paths below the folder, in
 * order of name (by bytes). *count is 0 when there is none. -1 when the folder cannot be read or
 * memory is out, with a reason in why.
 */
int file_match(struct arena *arena, const char *folder, const char *pattern, const char ***names,
	       size_t *count, char *why, size_t bytes);

#endif
