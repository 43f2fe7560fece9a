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
};

/* Why what has this mode is not read: it is neither a regular file nor a folder. NULL: it is. */
const char *source_refusal(mode_t mode);

/*
 * Read or map a file; path "-" reads standard input. 0, or -1 with the reason in words at *why
 * (static). A file larger than max_bytes is refused. The path is borrowed until the source is
 * closed.
 */
int source_open(struct source *source, const char *path, size_t max_bytes, const char **why);
void source_close(struct source *source);

/*
 * Give back the memory of a mapped source's pages in [from, to); they are read again when they are
 * next used. Nothing happens for bytes that were read.
 */
void source_forget(const struct source *source, size_t from, size_t to);

/* Look for the other half of NAME.ctl or NAME.dat. False: path takes no part in a MESH transfer. */
bool source_find_mesh(const char *path, struct xml_reader *reader, struct mesh *mesh);

/* The data file of a control file, its path written to data; false: there is none. */
bool source_find_data(const char *control, char *data, size_t room);

#endif
