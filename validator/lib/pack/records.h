/*
 * records.h - the records that a case expects in its message, compared one by one.
 */
#ifndef CPIS_PACK_RECORDS_H
#define CPIS_PACK_RECORDS_H

#include "pack/case.h"

/* Every difference is a fault of the case, personal values masked. */
void records_check(struct case_run *run, const struct judged *judged);

/* "; records exactly as in data/set-a.yaml" */
void records_describe(const struct pack_case *test, struct buf *out);

#endif
