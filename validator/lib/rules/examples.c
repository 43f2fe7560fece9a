#include "rules/examples.h"

#include <string.h>

const struct example_row example_rows[] = {
#include "rules/examples.inc"
	{ 0 },
};

const struct cpis_rule_example *cpis_rule_example(const char *id)
{
	for (const struct example_row *row = example_rows; row->id; row++)
		if (strcmp(row->id, id) == 0)
			return &row->example;
	return NULL;
}
