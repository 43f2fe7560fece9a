/*
 * assert.h - what a pack says of a message by XPath or Schematron, checked.
 */
#ifndef CPIS_PACK_ASSERT_H
#define CPIS_PACK_ASSERT_H

#include "pack/case.h"

/*
 * Check the assertion at this index of the case's expectation. One that does not hold is a fault of
 * the case; values of the message in it are masked.
 */
void assert_check(struct case_run *run, const struct judged *judged, size_t index);

/* The title, or the assertion itself. */
void assert_describe(const struct pack_assert *assert, struct buf *out);

#endif
