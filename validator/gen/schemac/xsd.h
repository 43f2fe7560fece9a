/*
 * xsd.h - the documents of a schema set, and what they declare by name.
 *
 * A reference is looked for in what its own document includes and imports, directly or through
 * others: every file names what it needs, whoever includes it.
 */
#ifndef CPIS_GEN_XSD_H
#define CPIS_GEN_XSD_H

#include "take.h"

#include <libxml/tree.h>

struct document {
	const char *path;	/* as it is said in messages */
	const char *target;	/* target namespace, "" for none */
	bool has_own;		/* it says its target namespace itself */
	const char *unprefixed; /* namespace of references without prefix, where none is declared */
	xmlDoc *xml;
	struct list reaches; /* struct document: included and imported */
	unsigned visited;    /* by the search of this number */
};

struct xsd {
	struct arena *arena;
	struct list documents;
	unsigned searches;
};

/* A declaration and its document. */
struct component {
	struct document *document;
	xmlNode *node;
};

/* A name as a reference has it: with its namespace. */
struct qname {
	const char *ns, *local;
};

/* target: the including document's namespace, for a document that has none of its own; or NULL. */
struct document *xsd_open(struct xsd *xsd, const char *path, const char *target);
void xsd_close(struct xsd *xsd);

/* The global declaration of a kind ("complexType", "group" ...); node is NULL when there is none.
 */
struct component xsd_find(struct xsd *xsd, struct document *from, const char *kind,
			  struct qname name);

/* Every document that one reaches, itself included, in order. */
struct list xsd_closure(struct xsd *xsd, struct document *from);

/* End the build at a place in a schema. */
void xsd_stop(const struct document *document, const xmlNode *node, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

bool xsd_is(const xmlNode *node, const char *local);

/* Children in the namespace of XML Schema, without annotations. NULL at the end. */
xmlNode *xsd_first(const struct document *document, const xmlNode *parent);
xmlNode *xsd_next(const struct document *document, const xmlNode *node);

/* In the arena of xsd; NULL when the attribute is not there. */
const char *xsd_attribute(struct xsd *xsd, const xmlNode *node, const char *name);

/* The first attribute that is not in the list of names, which ends with NULL, stops the build. */
void xsd_only_attributes(const struct document *document, const xmlNode *node,
			 const char *const names[]);

struct qname xsd_qname(struct xsd *xsd, const struct document *document, const xmlNode *node,
		       const char *text);
bool xsd_in_schema_language(struct qname name);

#endif
