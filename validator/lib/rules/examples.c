/*
 * For each rule a wrong place and the right one next to it, cut from the fixtures.
 *
 * `make examples` writes examples.inc, in the order of the catalogue. The two fixtures of a row are
 * kept for as long as they serve: write another name into a row, run `make examples` twice, and the
 * example is of that fixture.
 */
#include "cpis.h"

#include <string.h>

static const struct example_row {
	const char *id;
	struct cpis_rule_example example;
} rows[] = {
#include "rules/examples.inc"
};

const struct cpis_rule_example *cpis_rule_example(const char *id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i].example;
	return NULL;
}
