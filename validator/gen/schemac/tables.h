/*
 * tables.h - a model as C source: the tables that schema/tables.h describes.
 */
#ifndef CPIS_GEN_TABLES_H
#define CPIS_GEN_TABLES_H

#include "model.h"

#include <stdio.h>

/* name: what is to be exported, such as schema_tables_cpis. */
void tables_write(struct model *model, const char *name, FILE *out);

#endif
