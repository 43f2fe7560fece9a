/*
 * model.h - what a schema set says, between its documents and the tables.
 *
 * Everything has a number in its list from 1; 0 stands for "none" in the tables.
 */
#ifndef CPIS_GEN_MODEL_H
#define CPIS_GEN_MODEL_H

#include "automaton.h"
#include "xsd.h"

#include "schema/tables.h"

#define UNBOUNDED UINT32_MAX

/* A namespace and local name together. */
struct name {
	unsigned number;
	const char *ns, *local;
};

/* A simple type. What its base asks of a value is already part of it, the base is for messages. */
struct simple {
	unsigned number;
	const char *name; /* NULL: anonymous */
	const struct simple *base;
	const struct simple *item; /* of a list */
	unsigned white_space;	   /* enum schema_white_space */
	bool is_uri, is_string;	   /* string: its values are its characters */
	bool is_union;
	const struct dfa *dfa; /* NULL: any characters */
	const char *pattern;   /* of its own step, as written; NULL: none */
	struct list values;    /* const char: the enumeration; empty: none */
	bool has_values;
	uint32_t min_length, max_length;
	const char *min_inclusive, *max_inclusive; /* integers as written, or NULL */
};

struct use {
	const struct name *name;
	const struct simple *simple;
	bool required;
	const char *fixed, *initial; /* NULL: none; initial is the default */
};

enum particle_kind { PARTICLE_ELEMENT, PARTICLE_ANY, PARTICLE_SEQUENCE, PARTICLE_CHOICE };

struct particle {
	enum particle_kind kind;
	uint32_t min, max;
	const struct element *element;
	bool other; /* ANY: all but this namespace and none */
	const char *ns;
	struct list declared; /* ANY that is lax, struct element: what it judges */
	struct list children; /* struct particle */
	const struct document *document;
	const xmlNode *node;
	unsigned slot; /* of an element, from 0: its place among those of the type */
};

struct element {
	unsigned number;
	const struct name *name;
	const struct type *type;
	bool nillable;
};

enum content { CONTENT_EMPTY, CONTENT_ELEMENTS, CONTENT_MIXED, CONTENT_SIMPLE };

struct type {
	unsigned number;
	const char *name;	 /* NULL: anonymous */
	const struct type *base; /* that it extends or restricts; NULL: none */
	bool abstract;
	enum content content;
	const struct simple *simple;
	struct list uses;	   /* struct use, by number of name */
	uint8_t any_attribute;	   /* enum schema_any_attribute */
	const char *target;	   /* namespace that any_attribute excludes */
	struct particle *particle; /* NULL: no elements */
	const struct document *document;
	const xmlNode *node;
	struct machine *machine; /* content.h */
};

/* A schema that messages are judged by: the elements that may be its root. */
struct root {
	const char *path;
	struct type *choice; /* of all of them */
};

struct model {
	struct arena *arena;
	struct xsd xsd;
	struct list names, simples, elements, types, roots;
};

const struct name *model_name(struct model *model, const char *ns, const char *local);

/* simple.c: named in the language or the schema; and written in place. */
const struct simple *simple_by_name(struct model *model, struct document *document,
				    const xmlNode *node, struct qname name);
const struct simple *simple_in_place(struct model *model, struct document *document, xmlNode *node);
/* A value in the schema, as the type normalises it; stops when it is not of the type.
 */
const char *simple_value(struct model *model, const struct simple *simple,
			 const struct document *document, const xmlNode *node, const char *value);

/* complex.c */
void model_root(struct model *model, const char *folder, const char *path);

#endif
