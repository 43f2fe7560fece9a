/*
 * assert.h - what a pack says of a message by XPath, checked.
 */
#ifndef CPIS_PACK_ASSERT_H
#define CPIS_PACK_ASSERT_H

#include "pack/case.h"

/* A statement that does not hold is a fault of the case. Values of the message are masked. */
void assert_check(struct case_run *run, const struct judged *judged,
		  const struct pack_assert *assert);

/* The title, or the statement itself. */
void assert_describe(const struct pack_assert *assert, struct buf *out);

#endif
