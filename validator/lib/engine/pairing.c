#include "engine/pairing.h"

#include "cpis.h"
#include "diag/draft.h"
#include "engine/engine.h"
#include "engine/limits.h"
#include "engine/session.h"
#include "engine/source.h"
#include "engine/worker.h"
#include "message/summary.h"
#include "rules/pair.h"
#include "transport/parcel.h"

#include <stdio.h>

void pairing_take(struct session *session, const struct part *part)
{
	struct message_summary *summary = session->draft->summary;
	summary->document = session->document_number;
	summary->message = session->message;
	summary_take(summary, part);
}

void pairing_settle(struct session *session)
{
	struct message_summary *summary = session->draft->summary;
	summary->document = session->document_number;
	if (summary->root.document == summary->document)
		summary->plain = session->source != NULL;
	summary_keep_document(summary, session->document, session->source != NULL);
	if (summary->arena.failed) {
		session->draft->failed = true;
		return;
	}
	if (!session->draft->request || !session_runs(session, CPIS_RULES))
		return;
	session->judge.message = session->message;
	pair_judge(&session->judge, session->draft->request, summary, session->document_number);
}

/* One of the two: its source, which has what the input has, too. */
struct half {
	struct source source;
	struct engine_input input;
};

static int judge_one(struct results *results, const struct half *half,
		     struct message_summary *summary, const struct message_summary *request)
{
	struct draft draft = { 0 };
	int status = draft_init(&draft, half->input.name, results->rule_count,
				limits_findings(&results->options));
	if (status == 0) {
		summary->source = half->input.name;
		draft.now = half->input.now;
		draft.summary = summary;
		draft.request = request;
		worker_judge(results->worker, &half->source, &draft);
		status = draft_commit(results, &draft);
	}
	draft_release(&draft);
	return status;
}

static int judge_both(struct results *results, const struct half *request,
		      const struct half *response, struct cpis_failure *failure)
{
	if (!results->worker)
		results->worker = worker_new(&results->options, results->own, failure);
	if (!results->worker)
		return -1;
	struct message_summary asked, answered;
	summary_init(&asked);
	summary_init(&answered);
	asked.wants_records = answered.wants_records = true;
	int status = judge_one(results, request, &asked, NULL);
	if (status == 0)
		status = judge_one(results, response, &answered, &asked);
	summary_release(&asked);
	summary_release(&answered);
	if (status != 0)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
	return status;
}

int engine_judge_pair(struct results *results, const struct engine_input *request,
		      const struct engine_input *response, struct cpis_failure *failure)
{
	const struct half first = { { .bytes = request->bytes }, *request };
	const struct half second = { { .bytes = response->bytes }, *response };
	return judge_both(results, &first, &second, failure);
}

static int open_half(struct half *half, const struct results *results, const char *path,
		     struct cpis_failure *failure)
{
	size_t max = limits_input_bytes(&results->options);
	const char *why = "";
	half->input = (struct engine_input){ .name = path };
	if (source_open(&half->source, path, max, &why) == 0)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "%s", why);
	return -1;
}

int pairing_judge_files(struct results *results, const char *request, const char *response,
			struct cpis_failure *failure)
{
	struct half first, second;
	if (open_half(&first, results, request, failure) != 0)
		return -1;
	int status = open_half(&second, results, response, failure);
	if (status == 0) {
		status = judge_both(results, &first, &second, failure);
		source_close(&second.source);
	}
	source_close(&first.source);
	return status;
}
