#include "engine/engine.h"

#include "cpis.h"
#include "diag/seal.h"
#include "engine/source.h"
#include "engine/worker.h"
#include "rules/catalogue.h"

int engine_judge(struct results *results, const char *name, struct str bytes,
		 struct cpis_failure *failure)
{
	enum { DEFAULT_FINDINGS = 10000 };
	struct worker *worker = worker_new(&results->options);
	struct draft draft = { 0 };
	struct source source = { .bytes = bytes };
	size_t findings = results->options.max_findings ? results->options.max_findings
							: DEFAULT_FINDINGS;
	int status = worker && draft_init(&draft, name, rules_count(), findings) == 0 ? 0 : -1;
	if (status == 0) {
		worker_judge(worker, &source, &draft);
		status = seal_draft(results, &draft);
	}
	draft_release(&draft);
	worker_free(worker);
	if (status != 0)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "memory is out" };
	return status;
}
