/*
 * xsd_folder.h - a folder of XML schemas as their publisher sent them: read, mended, kept in
 * memory.
 *
 * libxml2 2.9.14 refuses an attribute declared use="prohibited" with a type of its own inside (so
 * are the published CP-IS schemas), and it miscounts one published pattern. Both are mended in
 * memory, which changes no verdict that the schemas call for, and every mend is reported. Includes
 * and imports are served from the folder and from nowhere else.
 */
#ifndef CPIS_XML_XSD_FOLDER_H
#define CPIS_XML_XSD_FOLDER_H

#include "base/arena.h"

struct cpis_failure;

enum xsd_note_kind {
	XSD_MENDED,  /* something libxml2 cannot take, put right in memory */
	XSD_MISSING, /* a file that another asks for is not in the folder */
	XSD_OUTSIDE, /* a file that another asks for lies outside the folder */
	XSD_UNREADABLE
};

struct xsd_note {
	enum xsd_note_kind kind;
	const char *file; /* below the folder */
	size_t line;
	const char *text;
	size_t count; /* mends of this sort in the file; else 1 */
};

/* One file, below the folder. */
struct xsd_file {
	const char *path;
	struct str bytes;	   /* mended; NUL behind */
	const char *version;	   /* of xs:schema, or NULL */
	const char *namespace_uri; /* target namespace, or NULL */
	const char **elements;	   /* declared at the top */
	size_t element_count;
	const char **asked_for; /* files that it includes or imports, below the folder */
	size_t *asked_line;
	size_t asked_count;
};

struct xsd_folder {
	struct arena arena;
	const char *path;
	struct xsd_file *files; /* in order of path */
	size_t file_count;
	struct xsd_note *notes;
	size_t note_count, note_room;
};

/* Read every .xsd below a folder. -1 when there is none, or it cannot be read. */
int xsd_folder_open(struct xsd_folder **folder, const char *path, struct cpis_failure *failure);
void xsd_folder_close(struct xsd_folder *folder);

const struct xsd_file *xsd_folder_file(const struct xsd_folder *folder, const char *path);

/* The file that declares a root element; where several do, the one named after the message type.
 * NULL: none. */
const struct xsd_file *xsd_folder_root(const struct xsd_folder *folder, const char *root,
				       const char *type_id);

/*
 * Whether all files that this one needs, and those need, are there; if not, failure names the file
 * that asks, its line, and what it asks for.
 */
int xsd_folder_complete(const struct xsd_folder *folder, const struct xsd_file *file,
			struct cpis_failure *failure);

#endif
