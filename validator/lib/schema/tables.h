/*
 * tables.h - the form of the tables that gen/schemac.c writes from schemas/ at build time.
 *
 * All are read-only but index_of, which setup fills once. Everything refers to everything by its
 * number in its table; where a number may be "none", that is 0 and row 0 is empty. Text is an
 * offset into one pool of NUL-ended strings, the empty string at 0.
 */
#ifndef CPIS_SCHEMA_TABLES_H
#define CPIS_SCHEMA_TABLES_H

#include <stddef.h>
#include <stdint.h>

enum {
	SCHEMA_NAMES_MOST = 512, /* names of the reader's registry that index_of has room for */
	SCHEMA_SLOTS_MOST = 64,
	SCHEMA_UNBOUNDED_SHORT = UINT16_MAX
};
#define SCHEMA_UNBOUNDED UINT32_MAX

struct schema_name {
	uint32_t ns; /* text: the namespace's URI */
	uint32_t local;
};

/* An element that may come next. */
struct schema_move {
	uint16_t name, next, element;
	uint8_t slot;
	uint8_t counted; /* 1: stays in its state, whose limit bounds how often */
};

struct schema_state {
	uint32_t limit;
	uint16_t first_move, wildcard;
	uint8_t move_count;
	uint8_t accepting;
	uint8_t slot; /* what came last; SCHEMA_SLOTS_MOST: nothing yet */
	uint8_t copy; /* for the how-manieth time; 0: not known */
};

struct schema_wildcard {
	uint32_t ns; /* text */
	uint16_t next;
	uint16_t first_move, move_count; /* of what it takes and a schema declares */
	uint8_t other;			 /* 1: any namespace but ns and none; 0: any */
};

/* One name among the children of a type, in order of the schema. */
struct schema_slot {
	uint32_t min, max;
	uint16_t name, element;
	uint8_t choice; /* slots of one number exclude each other; 0: none */
};

struct schema_use {
	uint32_t fixed; /* text; 0: not fixed */
	uint16_t name, simple;
};

enum schema_content { SCHEMA_EMPTY, SCHEMA_ELEMENTS, SCHEMA_MIXED, SCHEMA_SIMPLE };

/* Attributes that are not declared, and taken: none, those of other namespaces, or all. */
enum schema_any_attribute { SCHEMA_NO_ATTRIBUTE, SCHEMA_OTHER_ATTRIBUTE, SCHEMA_ANY_ATTRIBUTE };

struct schema_type {
	uint64_t required; /* bit i: use i */
	uint32_t name;	   /* text; 0: anonymous */
	uint32_t target;   /* text: the namespace of its name, which any_attribute excludes */
	uint16_t first_use, start, state_count, first_slot, simple;
	uint16_t base; /* the type that it is derived from; 0: none */
	uint8_t use_count, slot_count;
	uint8_t content;       /* enum schema_content */
	uint8_t any_attribute; /* enum schema_any_attribute */
	uint8_t abstract;      /* 1: no element can be of it, only of those derived from it */
};

struct schema_element {
	uint16_t name, type;
	uint8_t nillable;
};

enum schema_white_space { SCHEMA_PRESERVE, SCHEMA_REPLACE, SCHEMA_COLLAPSE };
enum schema_simple_flags { SCHEMA_URI = 1, SCHEMA_VALUES = 2, SCHEMA_LENGTH = 4, SCHEMA_RANGE = 8 };

/* In order of the questions: list, then enumeration or automaton, then length, range and URI. */
struct schema_simple {
	uint32_t name, pattern; /* text; pattern: of this step alone */
	uint32_t min_length, max_length;
	uint32_t low, high; /* text: inclusive bounds of an integer; 0: none */
	uint32_t first_value;
	uint16_t value_count;
	uint16_t base, item;
	uint16_t dfa;
	uint8_t white_space, flags;
};

/* State 0 is dead. Steps hold states already multiplied by the number of classes. */
struct schema_dfa {
	uint32_t classes_at, steps_at;
	uint16_t class_count;
	uint16_t start, first_accepting; /* multiplied too */
};

struct schema_root {
	uint32_t path;	/* text: "cpis-dms-1.0/upload.xsd" */
	uint16_t start; /* state whose moves are the elements that may be the root */
	uint16_t type;
};

struct schema_tables {
	const char *text;
	const struct schema_name *names;
	const struct schema_move *moves;
	const struct schema_state *states;
	const struct schema_wildcard *wildcards;
	const struct schema_slot *slots;
	const struct schema_use *uses;
	const struct schema_type *types;
	const struct schema_element *elements;
	const struct schema_simple *simples;
	const uint32_t *values; /* text */
	const struct schema_dfa *dfas;
	const uint8_t *classes; /* 256 for a map */
	const uint16_t *steps;
	const struct schema_root *roots;
	uint16_t *index_of; /* by xml_name: number in names; SCHEMA_NAMES_MOST of them */
	size_t text_bytes;
	size_t name_count, type_count, root_count,
		most_states; /* rows 0 counted, but not of roots */
};

extern const struct schema_tables schema_tables_cpis;

#endif
