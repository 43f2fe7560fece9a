/*
 * assert_schematron.h - an assertion of a pack that is a Schematron file: all of it must hold.
 */
#ifndef CPIS_PACK_ASSERT_SCHEMATRON_H
#define CPIS_PACK_ASSERT_SCHEMATRON_H

#include "pack/case.h"

/* judged has a tree. words: the assertion, as it is called. What does not hold is a fault of the
 * case. */
void assert_schematron(struct case_run *run, const struct judged *judged,
		       const struct pack_assert *assert, const char *words);

#endif
