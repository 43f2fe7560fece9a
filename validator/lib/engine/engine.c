#include "engine/engine.h"

#include "cpis.h"
#include "diag/draft.h"
#include "engine/limits.h"
#include "engine/source.h"
#include "engine/worker.h"

int engine_judge(struct results *results, const struct engine_input *input,
		 struct cpis_failure *failure)
{
	if (!results->worker)
		results->worker = worker_new(&results->options, results->own, failure);
	if (!results->worker)
		return -1;
	struct draft draft = { 0 };
	struct source source = { .bytes = input->bytes };
	int status = draft_init(&draft, input->name, results->rule_count,
				limits_findings(&results->options));
	if (status == 0) {
		draft.now = input->now;
		worker_judge(results->worker, &source, &draft);
		status = draft_commit(results, &draft);
	}
	draft_release(&draft);
	if (status != 0)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
	return status;
}
