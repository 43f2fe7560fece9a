#include "engine/visit.h"

#include "diag/draft.h"
#include "engine/source.h"
#include "engine/setup.h"
#include "engine/worker.h"
#include "rules/catalogue.h"

#include <stdio.h>

/* The first reason why not everything in the source was read; false when there is none. */
static bool find_obstacle(const struct draft *draft, struct cpis_failure *failure)
{
	struct masker *masker = masker_new(0);
	struct arena arena;
	arena_init(&arena);
	bool found = false;
	for (size_t i = 0; masker && i < draft->message_count && !found; i++) {
		const struct draft_message *message = &draft->messages[i];
		if (message->omission_count) {
			snprintf(failure->text, sizeof(failure->text), "not read: %s, %s",
				 message->omissions[0].what, message->omissions[0].why);
			found = true;
		}
		for (size_t k = 0; k < message->finding_count && !found; k++) {
			const struct draft_finding *finding = &message->findings[k];
			if (finding->stage > CPIS_XML || finding->severity != CPIS_ERROR)
				continue;
			const char *text = masker_resolve(masker, &arena, str_of(finding->message));
			failure->line = finding->at.line;
			failure->column = finding->at.column;
			snprintf(failure->text, sizeof(failure->text), "%s", text ? text : "");
			found = true;
		}
	}
	arena_release(&arena);
	masker_free(masker);
	return found;
}

int engine_visit(struct str bytes, void (*look)(void *context, const struct part *part),
		 void *context, struct cpis_failure *failure)
{
	const struct cpis_options options = { .skip_stages = 1u << CPIS_SCHEMA | 1u << CPIS_RULES };
	struct worker *worker = engine_setup() == 0 ? worker_new(&options, NULL, failure) : NULL;
	struct draft draft = { 0 };
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "memory is out" };
	if (!worker || draft_init(&draft, "-", rules_count(), 100) != 0) {
		worker_free(worker);
		return -1;
	}
	draft.look = look;
	draft.look_context = context;
	const struct source source = { .bytes = bytes };
	worker_judge(worker, &source, &draft);
	int status = draft.failed ? -1 : 0;
	if (status == 0 && find_obstacle(&draft, failure)) {
		failure->kind = CPIS_FAILURE_CONFIGURATION;
		status = -1;
	}
	draft_release(&draft);
	worker_free(worker);
	return status;
}
