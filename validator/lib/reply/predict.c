/* cpis_predict: what the service would say to a message, without a server. */
#include "cpis_service.h"

#include "diag/failure.h"
#include "diag/results.h"
#include "engine/source.h"
#include "reply/service.h"

/* What a refusal says that no row of the table says. */

static const char *said_text(const struct content *content)
{
	return !content->text && content->issue_count
		       ? content->issues[content->issue_count - 1].text
		       : content->text;
}

static void fill(const struct visit *visit, const struct answer *answer,
		 struct cpis_prediction *out, size_t size)
{
	const struct refusal *row = visit->refusal;
	const struct content *content = &visit->content;
	bool refused = content->kind != REFUSE_NOT;
	const struct cpis_prediction one = {
		.refused = refused,
		.door = channel_name(visit->request.channel),
		.type = answer->type,
		.kind = refusal_kind_name(visit->content.kind),
		.code = row	  ? row->code
			: refused ? content_code(content)
				  : NULL,
		.text = row	  ? row->text
			: refused ? said_text(content)
				  : NULL,
		.rule = !row			  ? NULL
			: visit->decision.finding ? visit->decision.finding->rule->id
						  : row->rule,
		.basis = row ? refusal_basis_name(row->basis) : content_basis(content),
		.citation = row ? row->cite : content->cite,
		.scenario = visit->scenario_name,
		.verdict = cpis_results_verdict(visit->judged),
	};
	results_give(out, size, &one, sizeof(one));
}

/* The trigger of a stub that says nothing. */
static bool is_silent(const struct visit *visit)
{
	return visit->scenario_name && visit->step.reply.value == SCENARIO_SILENCE;
}

static void fill_silent(const struct visit *visit, struct cpis_prediction *out, size_t size)
{
	const struct cpis_prediction one = {
		.refused = 1,
		.door = channel_name(visit->request.channel),
		.type = "no answer",
		.kind = "no answer",
		.scenario = visit->scenario_name,
		.verdict = cpis_results_verdict(visit->judged),
	};
	results_give(out, size, &one, sizeof(one));
}

static int write_out(const struct answer *answer, cpis_write write, void *context,
		     struct cpis_failure *failure)
{
	if (write(context, answer->body.p, answer->body.n) == 0)
		return 0;
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "the reply could not be written");
}

static int predict(struct service *service, struct str bytes, long long now, cpis_write write,
		   void *context, struct cpis_prediction *prediction, size_t size,
		   struct cpis_failure *failure)
{
	struct visit visit = { .service = service, .bytes = bytes, .now = now };
	struct answer answer;
	answer_init(&answer);
	int status = visit_answer(&visit, &answer, failure);
	bool silent = is_silent(&visit);
	if (status == 0 && !silent)
		status = write_out(&answer, write, context, failure);
	if (status == 0 && silent)
		fill_silent(&visit, prediction, size);
	else if (status == 0)
		fill(&visit, &answer, prediction, size);
	visit_release(&visit);
	answer_release(&answer);
	return status;
}

int cpis_predict(const char *path, const struct cpis_predict_options *options, cpis_write write,
		 void *context, struct cpis_prediction *prediction, size_t size,
		 struct cpis_failure *failure)
{
	static const size_t most_bytes = (size_t)1 << 32;
	static const struct identity usual = { 0 };
	struct source source;
	const char *why;
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (source_open(&source, path, most_bytes, &why) != 0)
		return failure_of_file(failure, path, "%s", why);
	struct service *service = service_new(options->state, options->seed, &usual, failure);
	if (service)
		service_tell_lacks(service, options->state, options->problem, options->context);
	int status = service ? predict(service, source.bytes, options->now, write, context,
				       prediction, size, failure)
			     : -1;
	service_free(service);
	source_close(&source);
	return status;
}
