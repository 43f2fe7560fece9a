/*
 * source.h - the bytes of a file or of standard input, and the file that belongs to it: a MESH
 * transfer is two files of one name.
 */
#ifndef CPIS_ENGINE_SOURCE_H
#define CPIS_ENGINE_SOURCE_H

#include "transport/mesh.h"

#include <sys/types.h>

struct source {
	const char *path; /* NULL: not a file */
	struct str bytes; /* bytes.p[bytes.n] is a NUL */
	void *mapped;	  /* whole mapping, or NULL when the bytes are allocated */
	size_t mapped_bytes;
	char *allocated;
	struct source_guard *guard; /* of the mapping */
	struct window *window;	    /* over the mapping; NULL: there is none */
};

/* A file without a name, to be written and read: nothing of it is left, whatever becomes of the
 * program. first: the folder to try before those for such files, or NULL. -1: there is none for it.
 */
int source_open_nameless(const char *first);

/* Why what has this mode is not read: it is neither a regular file nor a folder. NULL: it is. */
const char *source_refusal(mode_t mode);

/* The reason why a file that is larger than max_bytes is refused. */
extern const char source_too_large[];

/*
 * Read or map a file; path "-" reads standard input. A large one that is not a file, such as a
 * pipe, is put into a file without a name first, so that it does not take up memory. 0, or -1 with
 * the reason in words at *why (static). A file larger than max_bytes is refused. The path is
 * borrowed until the source is closed.
 */
int source_open(struct source *source, const char *path, size_t max_bytes, const char **why);
void source_close(struct source *source);

/*
 * Whether a file is no longer what it was when it was opened: it was written to, or cut short, and
 * what was read of it does not count. Where a mapped file ends early there are zeros, by a handler
 * of SIGBUS that is installed with the first mapping. It passes on what is not its own.
 */
bool source_has_changed(const struct source *source);

/*
 * The judge is at an offset of a source: give back the memory of what is well before it, and
 * bring in what comes, where there is a window. What was given back is read again when it is next
 * used. followed is what the last call returned, 0 at first. Nothing happens for bytes that were
 * read.
 */
size_t source_follow(const struct source *source, size_t followed, size_t offset);

/* Look for the other half of NAME.ctl or NAME.dat. False: path takes no part in a MESH transfer. */
bool source_find_mesh(const char *path, struct xml_reader *reader, struct mesh *mesh);

/* The other file of NAME.ctl or NAME.dat, its path written to partner; false: there is none. */
bool source_find_partner(const char *path, char *partner, size_t room);

#endif
