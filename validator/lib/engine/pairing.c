#include "engine/pairing.h"

#include "cpis.h"
#include "diag/seal.h"
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

static int judge_one(struct results *results, const char *name, const struct source *source,
		     struct message_summary *summary, const struct message_summary *request)
{
	struct draft draft = { 0 };
	int status =
		draft_init(&draft, name, results->rule_count, limits_findings(&results->options));
	if (status == 0) {
		summary->source = name;
		draft.summary = summary;
		draft.request = request;
		worker_judge(results->worker, source, &draft);
		status = seal_draft(results, &draft);
	}
	draft_release(&draft);
	return status;
}

int pairing_judge(struct results *results, const char *request, const struct source *request_source,
		  const char *response, const struct source *response_source,
		  struct cpis_failure *failure)
{
	if (!results->worker)
		results->worker = worker_new(&results->options, results->own, failure);
	if (!results->worker)
		return -1;
	struct message_summary asked, answered;
	summary_init(&asked);
	summary_init(&answered);
	asked.wants_records = answered.wants_records = true;
	int status = judge_one(results, request, request_source, &asked, NULL);
	if (status == 0)
		status = judge_one(results, response, response_source, &answered, &asked);
	summary_release(&asked);
	summary_release(&answered);
	if (status != 0)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
	return status;
}

int engine_judge_pair(struct results *results, const char *request, struct str request_bytes,
		      const char *response, struct str response_bytes, struct cpis_failure *failure)
{
	const struct source first = { .bytes = request_bytes },
			    second = { .bytes = response_bytes };
	return pairing_judge(results, request, &first, response, &second, failure);
}

static int open_file(struct source *source, const struct results *results, const char *path,
		     struct cpis_failure *failure)
{
	size_t max = limits_input_bytes(&results->options);
	const char *why = "";
	if (source_open(source, path, max, &why) == 0)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "%s", why);
	return -1;
}

int pairing_judge_files(struct results *results, const char *request, const char *response,
			struct cpis_failure *failure)
{
	struct source first, second;
	if (open_file(&first, results, request, failure) != 0)
		return -1;
	int status = open_file(&second, results, response, failure);
	if (status == 0) {
		status = pairing_judge(results, request, &first, response, &second, failure);
		source_close(&second);
	}
	source_close(&first);
	return status;
}
