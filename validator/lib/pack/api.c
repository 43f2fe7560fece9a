#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/setup.h"
#include "config/problem.h"
#include "pack/run.h"

#include "cpis.h"

#include <stdio.h>

static int setup(struct cpis_failure *failure)
{
	if (engine_setup() == 0)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->text, sizeof(failure->text), "the tables of the program are out of room");
	return -1;
}

static void tell(const struct problems *problems,
		 void (*problem)(void *, const struct cpis_failure *), void *context)
{
	for (size_t i = 0; problem && i < problems->count; i++)
		problem(context, &problems->items[i]);
}

/* Load, and tell every problem; -1 with all of them in one failure. */
static int load(struct pack **pack, const char *path,
		void (*problem)(void *, const struct cpis_failure *), void *context,
		struct cpis_failure *failure)
{
	struct problems problems;
	problems_init(&problems);
	int status = setup(failure);
	if (status == 0 && pack_load(pack, path, &problems) != 0) {
		tell(&problems, problem, context);
		problems_summary(&problems, failure);
		status = -1;
	}
	problems_release(&problems);
	return status;
}

int cpis_lint_pack(const char *path,
		   void (*problem)(void *context, const struct cpis_failure *problem),
		   void *context, struct cpis_failure *failure)
{
	struct pack *pack = NULL;
	int status = load(&pack, path, problem, context, failure);
	pack_free(pack);
	return status;
}

int cpis_run_pack(struct cpis_results *results, const char *path,
		  const struct cpis_pack_options *options, struct cpis_failure *failure)
{
	const struct pack_run_options run = {
		.evidence = options->evidence,
		.only = options->only,
		.only_count = options->only_count,
		.skip = options->skip,
		.skip_count = options->skip_count,
		.baseline = options->baseline,
	};
	struct pack *pack = NULL;
	if (results_require_open(results, failure) != 0 ||
	    failure_unless_zero(options->reserved, failure) != 0)
		return -1;
	int status = load(&pack, path, options->problem, options->context, failure);
	if (status == 0)
		status = pack_run(pack, &run, results_inside(results), failure);
	pack_free(pack);
	return status;
}
