/*
 * yaml.h - a YAML file as a small tree of nodes, each with its place in the file.
 *
 * The strict half of YAML: one document; no anchors, aliases, tags or merge keys (what is written
 * is what is meant, and nothing can be multiplied); keys are plain words, each used once in a
 * mapping. Scalars stay text: "no", 1.10 and 2027-03-31 mean what they look like. Where a text is
 * wanted, ~ and null count as empty (fields.h). Depth and size are bounded.
 */
#ifndef CPIS_CONFIG_YAML_H
#define CPIS_CONFIG_YAML_H

#include "base/arena.h"
#include "config/problem.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

/* Children form a chain: entries of a list or values of a map, in order of the file. */
struct yaml_node {
	enum yaml_kind kind;
	struct config_place place;
	const char *text; /* YAML_TEXT: has no NUL in it; "" where nothing is written */
	bool quoted;	  /* "" and '' and blocks: an empty text was meant */
	const char *key;  /* in a map: the key it belongs to */
	struct config_place key_place;
	struct yaml_node *first, *last, *next;
	size_t count; /* children */
};

/*
 * The tree of the bytes, in arena; NULL when there is none, with the reason among the problems. A
 * duplicate key is a problem, and its first value stays. file names the file in problems.
 */
struct yaml_node *yaml_read(struct arena *arena, const char *file, struct str bytes,
			    struct problems *problems);

/* The same of a file. One that cannot be read is a problem. */
struct yaml_node *yaml_read_file(struct arena *arena, const char *path, struct problems *problems);

/* "a list", "a mapping", "text": for sentences. */
const char *yaml_kind_name(enum yaml_kind kind);

#endif
