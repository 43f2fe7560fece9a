/*
 * binding_tree.h - all binding tables as one tree of steps, made at build time by gen/bindc.c from
 * the paths of the tables, and walked by binding.c element by element.
 *
 * Tables and rows are known by number, in the order of binding_number. Number 0 means none, except
 * in the list of tables.
 */
#ifndef CPIS_MESSAGE_BINDING_TREE_H
#define CPIS_MESSAGE_BINDING_TREE_H

#include "xml/names.h"

struct binding;
struct binding_table;

enum {
	BINDING_STEPS = 1024, /* places; never more than half of them are taken */
	BINDING_STEP_BITS = 10,
	BINDING_TABLES = 64,
	BINDING_ROWS = 640,
	BINDING_ANY_NAME = UINT16_MAX
};

/* From a node by a name to the next; child 0: the place is free. */
struct binding_step {
	uint16_t parent, child;
	xml_name name;
};

enum binding_acts {
	BINDING_NOTES = 1, /* the element itself fills something: text, name_of, count, flag */
	BINDING_OPENS = 2, /* it opens a part */
	BINDING_TAKES = 4  /* an attribute fills something */
};

/* The end of a path, or a step on the way to one. */
struct binding_node {
	uint16_t any;				   /* the child of any name */
	uint16_t attribute, attribute_count;	   /* those that fill something, side by side */
	uint16_t part_root;			   /* root of the table of the part that it opens */
	uint16_t text, name_of, count, flag, part; /* rows */
	uint8_t acts;				   /* what it or an attribute of it fills */
};

struct binding_attribute {
	xml_name name;
	uint16_t row;
	bool token; /* white space around it is not part of the value */
	bool plain; /* it goes into a member of the innermost part as it is */
};

struct binding_name {
	enum xml_namespace ns;
	const char *local;
};

struct binding_tree {
	const struct binding_step *steps; /* BINDING_STEPS of them */
	const struct binding_node *nodes;
	const struct binding_attribute *attributes;
	const uint16_t *roots; /* nodes, by table */
	/* Names of steps, to be added in this order after those of the schemas. */
	const struct binding_name *names;
	size_t name_count, table_count, row_count;
	xml_name first_name; /* the number that names[0] has */
};

extern const struct binding_tree binding_tree;

/* Where the step from a parent by a name is, or would be. */
static inline size_t binding_step_place(const struct binding_step *steps, uint16_t parent,
					xml_name name)
{
	uint32_t hash = parent * 0x9e3779b1u ^ name * 0x85ebca6bu;
	size_t i = hash >> (32 - BINDING_STEP_BITS);
	while (steps[i].child && (steps[i].parent != parent || steps[i].name != name))
		i = (i + 1) % BINDING_STEPS;
	return i;
}

/* Tables and rows by number. */
struct binding_numbers {
	const struct binding_table *tables[BINDING_TABLES];
	const struct binding *rows[BINDING_ROWS];
	uint16_t first_row[BINDING_TABLES]; /* of each table */
	size_t table_count, row_count;	    /* rows[0] included, which is not used */
};

/* Number a table and all that its rows refer to. -1: out of room. Zero numbers before the first. */
int binding_number(struct binding_numbers *numbers, const struct binding_table *table);

/* The number of a table that has one. */
size_t binding_table_number(const struct binding_numbers *numbers,
			    const struct binding_table *table);

#endif
