/*
 * examples.h - for each rule a wrong place and the right one beside it, cut from the fixtures.
 *
 * The rows stand in examples.inc, in order of the catalogue; `make examples` writes it. The two
 * fixtures of a row are kept for as long as they serve: write another name into a row, run
 * `make examples` twice, and the example is of that fixture.
 */
#ifndef CPIS_RULES_EXAMPLES_H
#define CPIS_RULES_EXAMPLES_H

#include "cpis.h"

struct example_row {
	const char *id;
	struct cpis_rule_example example;
};

/* Ended by a row without id. */
extern const struct example_row example_rows[];

#endif
