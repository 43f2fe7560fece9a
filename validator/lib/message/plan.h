/*
 * plan.h - all binding tables as one tree of steps, made at build time by gen/bindc.c from the
 * paths of the tables, and walked by binding.c element by element.
 *
 * Tables and rows are told by number, in the order of plan_number. Number 0 is none everywhere but
 * in the list of tables.
 */
#ifndef CPIS_MESSAGE_PLAN_H
#define CPIS_MESSAGE_PLAN_H

#include "message/binding.h"

enum {
	PLAN_STEPS = 1024, /* places; never more than half of them are taken */
	PLAN_STEP_BITS = 10,
	PLAN_TABLES = 64,
	PLAN_ROWS = 1024,
	PLAN_ANY_NAME = UINT16_MAX
};

/* From a node by a name to the next; child 0: the place is free. */
struct plan_step {
	uint16_t parent, child;
	xml_name name;
};

/* Where the end of a path, or the way to one, stands. */
struct plan_node {
	uint16_t any;				   /* the child of any name */
	uint16_t attribute;			   /* first of the list */
	uint16_t part_root;			   /* root of the table of the part that it opens */
	uint16_t text, name_of, count, flag, part; /* rows */
	bool acts;				   /* it or an attribute of it fills something */
};

struct plan_attribute {
	xml_name name;
	uint16_t sibling, row;
};

struct plan_name {
	enum xml_namespace ns;
	const char *local;
};

struct binding_plan {
	const struct plan_step *steps; /* PLAN_STEPS of them */
	const struct plan_node *nodes;
	const struct plan_attribute *attributes;
	const uint16_t *roots; /* nodes, by table */
	/* Names of steps, to be learned in this order behind those of the schemas. */
	const struct plan_name *names;
	size_t name_count, table_count, row_count;
	xml_name first_name; /* the number that names[0] has */
};

extern const struct binding_plan binding_plan;

/* Where the step from a parent by a name stands, or would. */
static inline size_t plan_place(const struct plan_step *steps, uint16_t parent, xml_name name)
{
	uint32_t hash = parent * 0x9e3779b1u ^ name * 0x85ebca6bu;
	size_t i = hash >> (32 - PLAN_STEP_BITS);
	while (steps[i].child && (steps[i].parent != parent || steps[i].name != name))
		i = (i + 1) % PLAN_STEPS;
	return i;
}

/* Tables and rows by number. */
struct plan_numbers {
	const struct binding_table *tables[PLAN_TABLES];
	const struct binding *rows[PLAN_ROWS];
	uint16_t first_row[PLAN_TABLES]; /* of each table */
	size_t table_count, row_count;	 /* rows[0] counted, which is none */
};

/* Number a table and all that its rows refer to. -1: out of room. Zero numbers before the first. */
int plan_number(struct plan_numbers *numbers, const struct binding_table *table);

/* The number of a table that has one. */
size_t plan_table(const struct plan_numbers *numbers, const struct binding_table *table);

#endif
