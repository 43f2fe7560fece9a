#include "engine/setup.h"

#include "engine/nulls.h"
#include "message/catalogue.h"
#include "rules/catalogue.h"
#include "rules/runner.h"
#include "schema/compiled.h"
#include "xml/reader.h"

#include <stdbool.h>

int engine_setup(void)
{
	static bool done;
	if (done)
		return 0;
	xml_setup();
	if (schema_compiled_setup() != 0 || catalogue_setup() != 0)
		return -1;
	rules_setup();
	if (runner_setup() != 0 || nulls_setup() != 0)
		return -1;
	done = true;
	return 0;
}
