#include "engine/setup.h"

#include "engine/nulls.h"
#include "message/catalogue.h"
#include "rules/catalogue.h"
#include "rules/runner.h"
#include "schema/compiled.h"
#include "xml/reader.h"

#include <pthread.h>

static int status;

static void set_up(void)
{
	xml_setup();
	bool made = schema_compiled_setup() == 0 && catalogue_setup() == 0 && rules_setup() == 0 &&
		    runner_setup() == 0 && nulls_setup() == 0;
	status = made ? 0 : -1;
}

int engine_setup(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, set_up);
	return status;
}
