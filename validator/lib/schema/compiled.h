/*
 * compiled.h - the schemas that were compiled into the program, and the engine that runs them.
 *
 * The default engine for the interface of xml/schema.h. A start tag costs one step of an automaton
 * and one look at each attribute; only a fault costs more. What an xs:any takes is not looked into,
 * whether the schema says skip or lax.
 */
#ifndef CPIS_SCHEMA_COMPILED_H
#define CPIS_SCHEMA_COMPILED_H

#include "schema/tables.h"
#include "xml/schema.h"

/* Once, before the first reader is made: teaches the reader all names. 0, or -1: no room for them.
 */
int schema_compiled_setup(void);

/* By path below schemas/: "cpis-dms-1.0/upload.xsd". NULL when there is no such schema. */
const struct schema *schema_compiled(const char *path);

/* All of them, in order of path. */
size_t schema_compiled_count(void);
const char *schema_compiled_path(size_t index);

/* The same for other tables: setup once, and a schema of theirs into *schema; false: none such. */
struct compiled_schema {
	struct schema schema;
	const struct schema_tables *tables;
	const struct schema_root *root;
};

int schema_tables_setup(const struct schema_tables *tables);
bool schema_tables_find(const struct schema_tables *tables, const char *path,
			struct compiled_schema *schema);

#endif
