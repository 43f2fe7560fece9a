/*
 * fields.h - a file format as a table: which keys a mapping may have, and the member each one
 * fills.
 *
 * Packs, profiles, baselines and data sets are all read this way. The loader walks a YAML tree
 * along these tables and fills plain structs in an arena. An unknown key, a value of the wrong
 * kind, a missing and an unusable value each become a problem with its place, and loading goes on.
 * A new key is a row.
 *
 * Each struct that a mapping fills begins with a struct config_place: the place of the mapping.
 */
#ifndef CPIS_CONFIG_FIELDS_H
#define CPIS_CONFIG_FIELDS_H

#include "config/yaml.h"

/* A value as it was written, and its place. text NULL: not given. */
struct config_text {
	const char *text;
	struct config_place place;
	bool faulty; /* it has a problem */
};

struct config_texts {
	struct config_text *items;
	size_t count;
};

enum { MOST_NUMBER = 999999999 };

/* A whole number, a flag (0 or 1), or the index of a word in its table of choices. */
struct config_number {
	bool given;
	size_t value;
	struct config_place place;
};

enum field_kind {
	FIELD_TEXT,   /* struct config_text */
	FIELD_TEXTS,  /* struct config_texts: a list, never empty */
	FIELD_NUMBER, /* struct config_number */
	FIELD_FLAG,   /* struct config_number: true or false */
	FIELD_CHOICE, /* struct config_number: one of choices */
	FIELD_MAP,    /* a pointer to the struct of the mapping; NULL when not given */
	FIELD_LIST    /* a pointer to an array of such structs, and a size_t at count_offset */
};

/* Why a text cannot be a value here: false with a sentence (without the key) in why. */
typedef bool field_check(const char *text, char *why, size_t bytes);

struct mapping;

struct field {
	const char *key;
	enum field_kind kind;
	bool required;
	bool may_be_empty;   /* FIELD_TEXT: "" is a value */
	bool may_be_blank;   /* the same of " "; what may be empty may be blank too */
	bool has_items;	     /* FIELD_LIST: one at least */
	size_t offset;	     /* of the member */
	size_t count_offset; /* FIELD_LIST */
	const struct mapping *of;
	size_t least, most;	    /* FIELD_NUMBER; most 0: MOST_NUMBER */
	field_check *check;	    /* FIELD_TEXT, and each of FIELD_TEXTS; NULL: anything */
	const char *const *choices; /* FIELD_CHOICE; ends with NULL */
	const char *elsewhere;	    /* what a like format calls it, for a hint; or NULL */
	const char *about;	    /* a sentence for whoever writes it, in an editor; or NULL */
};

/*
 * A mapping: either its keys are fields, or (variants) it has exactly one key that says what it is,
 * and that key's mapping fills the same struct; the variant's index in the table goes to
 * variant_offset.
 */
struct mapping {
	const char *what; /* "a case": for sentences */
	size_t bytes;	  /* of the struct */
	const struct field *fields;
	size_t field_count;
	const char *shorthand; /* the key that is meant where a text is given instead of a mapping;
				  NULL: none */
	const struct variant *variants;
	size_t variant_count;
	size_t variant_offset; /* of a size_t */
	size_t faulty_offset;  /* of a bool that is set when there is a problem inside; 0: none */
};

struct variant {
	const char *key;
	const struct mapping *of;
};

#define FIELDS(table)	.fields = (table), .field_count = sizeof(table) / sizeof((table)[0])
#define VARIANTS(table) .variants = (table), .variant_count = sizeof(table) / sizeof((table)[0])

/* Where the structs and the problems go, and the file. */
struct loader {
	struct arena *arena;
	const char *file; /* to name in problems, and to read */
	struct problems *problems;
	bool personal; /* the file is about children: what is not known in it is not quoted */
};

/* Fill one struct from a node that must be the mapping. The struct is zeroed by the caller. */
void load_mapping(const struct loader *loader, const struct mapping *mapping,
		  const struct yaml_node *node, void *into);

/* Fill an array from a node that must be a list of the mapping. *items is in the arena. */
void load_list(const struct loader *loader, const struct mapping *mapping,
	       const struct yaml_node *node, void **items, size_t *count);

/* The same of loader->file: it is read first. */
void load_mapping_file(const struct loader *loader, const struct mapping *mapping, void *into);
void load_list_file(const struct loader *loader, const struct mapping *mapping, void **items,
		    size_t *count);

#endif
