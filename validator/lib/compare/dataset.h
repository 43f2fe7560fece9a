/*
 * dataset.h - records of children from a file: a data set (YAML), which says what was keyed into
 * the system under test, or a message that has such records in it.
 */
#ifndef CPIS_COMPARE_DATASET_H
#define CPIS_COMPARE_DATASET_H

#include "compare/record.h"
#include "config/problem.h"

/* By its name: .yaml and .yml are data sets, all else is a message. */
bool dataset_is_yaml(const char *path);

/* Read a file of either kind; records and texts are in arena. -1: the reasons are among the
 * problems. */
int dataset_read(struct child_records *records, struct arena *arena, const char *path,
		 struct problems *problems);

/* The records of a message. -1 with the reason in *failure. */
int dataset_of_message(struct child_records *records, struct arena *arena, struct str bytes,
		       struct cpis_failure *failure);

#endif
