/* What a call gets back, while it is made. */
#include "reply/made.h"

#include "diag/failure.h"
#include "base/digest.h"
#include "diag/results.h"
#include "engine/engine.h"

#include <stdio.h>
#include <strings.h>

void reply_header(struct made_reply *made, const char *name, const char *value)
{
	struct cpis_reply *reply = &made->reply;
	const char *kept = arena_copy(&made->arena, str_of(value));
	if (kept && reply->header_count < CPIS_REPLY_HEADERS)
		reply->headers[reply->header_count++] = (struct cpis_header){ name, kept };
}

void reply_status(struct made_reply *made, unsigned status, const char *type)
{
	made->reply.status = status;
	if (type && *type)
		reply_header(made, "Content-Type", type);
}

void reply_text(struct made_reply *made, struct str text)
{
	struct str kept = arena_str(&made->arena, text);
	made->reply.body = kept.p;
	made->reply.size = kept.n;
}

const char *call_header(const struct cpis_call *call, const char *name)
{
	for (size_t i = 0; i < call->header_count; i++)
		if (strcasecmp(call->headers[i].name, name) == 0)
			return call->headers[i].value;
	return NULL;
}

struct str call_body(const struct cpis_call *call)
{
	return (struct str){ call->body ? call->body : "", call->size };
}

/* What is of the connection alone, or of the body before it was decoded, is left out. */
static bool is_kept(const char *name)
{
	static const char *const dropped[] = { "Transfer-Encoding", "Content-Encoding",
					       "Content-Length", "Authorization", "Connection" };
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (strcasecmp(name, dropped[i]) == 0)
			return false;
	return true;
}

int reply_capture_request(struct buf *out, const struct cpis_call *call)
{
	buf_printf(out, "%s %s HTTP/1.1\r\n", call->method, call->target);
	for (size_t i = 0; i < call->header_count; i++)
		if (is_kept(call->headers[i].name))
			buf_printf(out, "%s: %s\r\n", call->headers[i].name,
				   call->headers[i].value);
	buf_printf(out, "Content-Length: %zu\r\n\r\n", call->size);
	buf_str(out, call_body(call));
	buf_char(out, 0);
	out->n -= !out->failed;
	return out->failed ? -1 : 0;
}

static enum cpis_verdict worst(const struct results *results, size_t from, size_t to)
{
	enum cpis_verdict verdict = CPIS_PASS;
	for (size_t i = from; i < to && i < results->message_count; i++)
		if (results->messages[i].verdict > verdict)
			verdict = results->messages[i].verdict;
	return verdict;
}

bool holds_message(const struct answer *answer)
{
	return answer->type && strncmp(answer->type, "ebXML-", 6) != 0 &&
	       strcmp(answer->type, "DTSControl") != 0;
}

/* Judge both into new results; the reply's verdict counts from its first message. */
static int judge_both(struct made_reply *made, const struct visit *visit, bool as_pair,
		      struct cpis_failure *failure)
{
	struct cpis_reply *reply = &made->reply;
	const struct cpis_options options = { .now = visit->now };
	const struct buf *said = made->answer.n ? &made->answer : &made->later;
	const struct str judged = visit_judged(visit);
	const struct cpis_bytes request = { "request", judged.p, judged.n };
	const struct cpis_bytes response = { "reply", said->p, said->n };
	cpis_results_free(reply->results);
	reply->results = NULL;
	if (cpis_results_new(&reply->results, &options, failure) != 0)
		return -1;
	int status =
		as_pair ? cpis_validate_pair_bytes(reply->results, &request, &response, failure)
			: cpis_validate_bytes(reply->results, &request, failure);
	const struct results *results = results_inside(reply->results);
	size_t split = results->message_count;
	if (status == 0 && !as_pair)
		status = cpis_validate_bytes(reply->results, &response, failure);
	if (status != 0)
		return -1;
	while (as_pair && split > 0 && strcmp(results->messages[split - 1].source, "reply") == 0)
		split--;
	reply->request_verdict = worst(results, 0, split);
	reply->reply_verdict = worst(results, split, results->message_count);
	return 0;
}

static int judge_request(struct cpis_reply *reply, const struct visit *visit,
			 struct cpis_failure *failure)
{
	const struct cpis_options options = { .now = visit->now };
	const struct str judged = visit_judged(visit);
	const struct cpis_bytes request = { "request", judged.p, judged.n };
	if (cpis_results_new(&reply->results, &options, failure) != 0 ||
	    cpis_validate_bytes(reply->results, &request, failure) != 0)
		return -1;
	const struct results *results = results_inside(reply->results);
	reply->request_verdict = worst(results, 0, results->message_count);
	return 0;
}

/* A report lists a part of many findings: those of the request were all wanted. */
static bool has_many_findings(const struct visit *visit)
{
	enum { MOST = 1000 };
	const struct results *results = results_inside_const(visit->judged);
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		count += results->messages[i].finding_count;
	return count > MOST;
}

/* The reply beside a request that has been judged: its results are taken on. */
static int judge_reply(struct made_reply *made, struct visit *visit, bool asks,
		       struct cpis_failure *failure)
{
	struct cpis_reply *reply = &made->reply;
	struct buf *said = made->answer.n ? &made->answer : &made->later;
	reply->results = visit->judged;
	visit->judged = NULL;
	struct results *results = results_inside(reply->results);
	size_t split = results->message_count;
	buf_char(said, 0);
	if (said->failed)
		return failure_out_of_memory(failure);
	said->n--;
	const struct engine_input input = { .name = "reply", .bytes = buf_view(said) };
	int status = asks ? engine_judge_reply(results, &input, &visit->asked, failure)
			  : engine_judge(results, &input, failure);
	reply->request_verdict = worst(results, 0, split);
	reply->reply_verdict = worst(results, split, results->message_count);
	return status;
}

/* A request whose reply is not judged. */
static int take_request(struct cpis_reply *reply, struct visit *visit)
{
	reply->results = visit->judged;
	visit->judged = NULL;
	const struct results *results = results_inside(reply->results);
	reply->request_verdict = worst(results, 0, results->message_count);
	return 0;
}

/* A reply without a message: the results name it with its digest, as evidence is looked up by it.
 */
static int name_reply(struct made_reply *made, struct cpis_failure *failure)
{
	char hex[65], why[160];
	if (made->reply.silent || !made->answer.n)
		return 0;
	digest_sha256(buf_view(&made->answer), hex);
	snprintf(why, sizeof(why), "it holds no message; its SHA-256 is %s", hex);
	return results_add_left_out(results_inside(made->reply.results), "reply", why) == 0
		       ? 0
		       : failure_out_of_memory(failure);
}

int reply_judge(struct made_reply *made, struct visit *visit, const struct answer *answer,
		struct cpis_failure *failure)
{
	struct cpis_reply *reply = &made->reply;
	bool asks = visit->request.asked != ASKED_UNKNOWN, many = has_many_findings(visit);
	if (reply->silent || !holds_message(answer)) {
		int taken =
			many ? judge_request(reply, visit, failure) : take_request(reply, visit);
		return taken == 0 ? name_reply(made, failure) : -1;
	}
	int status = many ? judge_both(made, visit, asks, failure)
			  : judge_reply(made, visit, asks, failure);
	if (status != 0)
		return -1;
	/* A refusal cannot echo what is broken in its request, so it is judged by itself. */
	bool broken = reply->reply_verdict == CPIS_INCOMPLETE ||
		      (reply->reply_verdict == CPIS_FAIL && reply->request_verdict != CPIS_PASS);
	return asks && broken ? judge_both(made, visit, false, failure) : 0;
}

void reply_describe(struct made_reply *made, const struct visit *visit, const struct answer *answer)
{
	struct cpis_reply *reply = &made->reply;
	const struct refusal *row = visit->refusal;
	reply->door = channel_name(visit->request.channel);
	reply->kind = refusal_kind_name(visit->content.kind);
	reply->reply_type = answer->type;
	reply->code = visit->content.kind != REFUSE_NOT ? content_code(&visit->content) : NULL;
	reply->basis = content_basis(&visit->content);
	reply->scenario = visit->scenario_name;
	if (!row)
		return;
	reply->rule = visit->decision.finding ? visit->decision.finding->rule->id : row->rule;
	reply->basis = refusal_basis_name(row->basis);
}
