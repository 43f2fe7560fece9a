/* The cases whose messages are sent to a server: what comes back is judged beside them. */
#include "diag/failure.h"
#include "pack/case.h"

/* Captures are of the caller until the next call: they are copied. */
static int take(struct pack_message *message, const struct case_run *run, const void *bytes,
		size_t size)
{
	const struct pack_session *session = run->session;
	*message = (struct pack_message){ 0 };
	buf_init(&message->bytes, SIZE_MAX / 2);
	buf_add(&message->bytes, bytes, size);
	buf_char(&message->bytes, 0);
	if (message->bytes.failed)
		return -1;
	message->bytes.n--;
	if (pack_case_needs_tree(session->pack, run->test))
		pack_documents_open(&message->documents, buf_view(&message->bytes), NULL,
				    &session->results->options);
	return 0;
}

/* What the case expects of the reply beside its content. */
static void check_reply(struct case_run *run, const struct cpis_exchange *exchange)
{
	const struct pack_expect *expect = run->test->expect;
	const char *wanted = expect->report.text, *report = exchange->report;
	bool may = !run->test->request.file.text && expect->verdict.value == CPIS_FAIL;
	if (expect->status.given && expect->status.value != exchange->status)
		case_fault(run, "the HTTP status is %u, not %zu", exchange->status,
			   expect->status.value);
	if (report && (wanted ? strcmp(report, wanted) != 0 : !may))
		case_fault(run, "the server's reply is an error report with code %.80s%s%s", report,
			   wanted ? ", not " : "", wanted ? wanted : "");
	else if (!report && wanted)
		case_fault(run, "the server's reply is not an error report with code %s", wanted);
}

/* A page of a gateway, say: what is wrong with it as a message is of no use. */
static void check_message(struct case_run *run, const struct cpis_exchange *exchange, size_t first)
{
	const struct results *results = run->session->results;
	size_t n = strlen(exchange->reply_name);
	for (size_t i = first; i < results->message_count && !exchange->report; i++)
		if (strncmp(results->messages[i].source, exchange->reply_name, n) == 0 &&
		    results->messages[i].type)
			return;
	if (!exchange->report)
		case_fault(run, "the server answers with HTTP status %u and no message",
			   exchange->status);
}

/* A pair's expectation is about both, as they went over the wire. That of a message is about what
 * the pack has, whatever it was put into on its way. */
static int judge(struct case_run *run, const char *name, const struct cpis_exchange *exchange,
		 struct cpis_failure *failure)
{
	bool pair = run->test->request.file.text != NULL;
	struct pack_message request = { 0 }, reply = { 0 };
	const struct pack_message *own =
		pair || exchange->sent ? &request : &run->prepared->message;
	int status = take(&reply, run, exchange->reply, exchange->reply_size);
	if (status == 0 && pair)
		status = take(&request, run, exchange->request, exchange->request_size);
	else if (status == 0 && exchange->sent)
		status = take(&request, run, exchange->sent, exchange->size);
	if (status != 0)
		failure_out_of_memory(failure);
	else if (exchange->report)
		status = case_judge(run, name, own, failure);
	else if (pair)
		status =
			case_judge_pair(run, name, &request, exchange->reply_name, &reply, failure);
	else
		status = case_judge_answered(run, name, own, exchange->reply_name, &reply, failure);
	pack_message_close(&request);
	pack_message_close(&reply);
	return status;
}

static bool is_of_response(const struct config_number *side)
{
	return !side->given || side->value == SIDE_RESPONSE;
}

static bool asks_by_upload(struct case_run *run)
{
	const struct judged request = { .documents = &run->prepared->request.documents };
	const char **paths = NULL;
	size_t count = 0;
	return case_paths(run, &request, "//File/record", &paths, &count) && count > 0;
}

/*
 * Whether a case is about the very response that the pack has, and no server's. What a server
 * accepts of an upload follows from what it holds, which no case can say: so a statement about the
 * acknowledgement is about the pack's.
 */
static bool is_of_fixed_response(struct case_run *run)
{
	const struct pack_case *test = run->test;
	const struct pack_expect *expect = test->expect;
	bool stated = false;
	if (test->response.edit_count)
		return true;
	for (size_t i = 0; test->response.file.text && i < expect->finding_count; i++)
		if (is_of_response(&expect->findings[i].in))
			return true;
	for (size_t i = 0; test->response.file.text && i < expect->assert_count; i++)
		stated = stated || is_of_response(&expect->asserts[i].side);
	return stated && asks_by_upload(run);
}

int run_sent(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure)
{
	const struct pack_session *session = run->session;
	const struct pack_case *test = run->test;
	bool pair = test->request.file.text != NULL;
	const struct pack_fixed *fixed = pair ? &test->request : &test->message;
	const struct buf *message =
		pair ? &run->prepared->request.bytes : &run->prepared->message.bytes;
	const char *name = arena_printf(&run->session->scratch, "%s%s", fixed->file.text,
					fixed->edit_count ? " (edited)" : "");
	struct cpis_exchange exchange = {
		.pack = session->pack->name.text,
		.case_id = test->id.text,
		.name = name,
		.message = message->n ? message->p : "",
		.size = message->n,
	};
	if (!name)
		return failure_out_of_memory(failure);
	if (is_of_fixed_response(run)) {
		*outcome = CASE_LEFT_OUT;
		buf_text(&run->reason, "it is about the response in the pack");
		return 0;
	}
	if (session->options->exchange(session->options->context, &exchange, failure) != 0)
		return -1;
	if (exchange.left_out || exchange.lost) {
		*outcome = exchange.left_out ? CASE_LEFT_OUT : CASE_NOT_RUN;
		buf_text(&run->reason, exchange.left_out ? exchange.left_out : exchange.lost);
		return 0;
	}
	size_t first = session->results->message_count;
	int status = judge(run, name, &exchange, failure);
	check_reply(run, &exchange);
	check_message(run, &exchange, first);
	return status;
}
