/*
 * xsd.h - schemas that a user brings (--schemas): a folder of them, and libxml2's own XSD engine
 * for the interface of xml/schema.h, on the events of the one parse pass.
 *
 * The folder is as the publisher sent it. libxml2 2.9.14 refuses an attribute declared
 * use="prohibited" with a type of its own inside (as in the published CP-IS schemas), and it
 * miscounts one published pattern. Both are repaired in memory, which changes no verdict that the
 * schemas call for, and every repair is reported. Includes and imports are served from the
 * folder and from nowhere else.
 *
 * The engine is also the oracle that the compiled tables are compared with. Its faults carry
 * libxml2's reasons in our words; one value that fails several facets is one fault. A schema is
 * compiled for one thread: libxml2 does not document sharing.
 */
#ifndef CPIS_XML_XSD_H
#define CPIS_XML_XSD_H

#include "base/arena.h"
#include "xml/schema.h"

struct cpis_failure;

enum xsd_note_kind {
	XSD_REPAIRED, /* something libxml2 cannot take, repaired in memory */
	XSD_MISSING,  /* a file that another asks for is not in the folder */
	XSD_OUTSIDE,  /* a file that another asks for is outside the folder */
	XSD_UNREADABLE
};

struct xsd_note {
	enum xsd_note_kind kind;
	const char *file; /* below the folder */
	size_t line;
	const char *text;
	size_t count; /* repairs of this sort in the file; else 1 */
};

/* One file, below the folder. */
struct xsd_file {
	const char *path;
	struct str bytes;	   /* repaired; a NUL follows */
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
	bool lacking; /* not all of it was read, for want of memory */
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

/*
 * Compile a file of the folder and all that it includes. folder must stay as long as the schema.
 * -1 when it is not complete or libxml2 refuses it; failure says where and why.
 */
int xsd_open(const struct schema **schema, const struct xsd_folder *folder,
	     const struct xsd_file *file, struct cpis_failure *failure);
void xsd_close(const struct schema *schema);

#endif
