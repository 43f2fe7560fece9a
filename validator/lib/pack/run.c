#include "pack/run.h"

#include "diag/progress.h"
#include "engine/engine.h"
#include "pack/answer.h"
#include "pack/case.h"
#include "pack/coverage.h"
#include "pack/expect.h"
#include "pack/message.h"
#include "pack/select.h"
#include "config/value.h"
#include "pack/waiver.h"

#include <stdio.h>

enum { MOST_WORDS = 1024 * 1024 };

static int out_of_memory(struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->text, sizeof(failure->text), "out of memory");
	return -1;
}

static struct engine_input input_of(const struct case_run *run, const struct judged *judged)
{
	return (struct engine_input){ judged->name, judged->bytes, run->now };
}

/* Judge one source and hold it against the expectation. */
static int judge(struct case_run *run, const char *name, const struct pack_message *message,
		 struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	struct judged judged = {
		.name = name,
		.bytes = buf_view(&message->bytes),
		.first = results->message_count,
		.tree = message->tree,
		.tree_fault = &message->fault,
	};
	const struct engine_input input = input_of(run, &judged);
	if (engine_judge(results, &input, failure) != 0)
		return -1;
	judged.count = results->message_count - judged.first;
	expect_compare(run, &judged);
	return 0;
}

/* False when it cannot be made: it could be read when the pack was loaded. */
static bool open_fixed(struct case_run *run, const struct pack_fixed *fixed,
		       struct pack_message *message, enum case_outcome *outcome)
{
	struct problems problems;
	problems_init(&problems);
	int status = pack_message_open(message, run->session->pack, run->test, fixed, &problems);
	if (status != 0) {
		case_fault(run, "%s", problems.count ? problems.items[0].text : "out of memory");
		*outcome = CASE_BROKEN;
	}
	problems_release(&problems);
	return status == 0;
}

static const char *name_fixed(struct case_run *run, const struct pack_fixed *fixed)
{
	return arena_printf(&run->session->scratch, "%s%s", fixed->file.text,
			    fixed->edit_count ? " (edited)" : "");
}

static int run_message(struct case_run *run, enum case_outcome *outcome,
		       struct cpis_failure *failure)
{
	struct pack_message message;
	if (!open_fixed(run, &run->test->message, &message, outcome))
		return 0;
	const char *name = name_fixed(run, &run->test->message);
	int status = name ? judge(run, name, &message, failure) : out_of_memory(failure);
	pack_message_close(&message);
	return status;
}

static struct judged judged_of(const char *name, const struct pack_message *message)
{
	return (struct judged){
		.name = name,
		.bytes = buf_view(&message->bytes),
		.tree = message->tree,
		.tree_fault = &message->fault,
	};
}

static int judge_two(struct case_run *run, struct judged *request, struct judged *response,
		     struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	response->request = request;
	response->first = results->message_count;
	const struct engine_input asked = input_of(run, request);
	const struct engine_input answered = input_of(run, response);
	if (engine_judge_pair(results, &asked, &answered, failure) != 0)
		return -1;
	response->count = results->message_count - response->first;
	expect_compare(run, response);
	return 0;
}

static int judge_fixed_pair(struct case_run *run, const struct pack_message *request,
			    const struct pack_message *response, struct cpis_failure *failure)
{
	struct judged asked = judged_of(name_fixed(run, &run->test->request), request);
	struct judged answered = judged_of(name_fixed(run, &run->test->response), response);
	if (!asked.name || !answered.name)
		return out_of_memory(failure);
	return judge_two(run, &asked, &answered, failure);
}

static int run_pair(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure)
{
	struct pack_message request, response;
	int status = 0;
	if (!open_fixed(run, &run->test->request, &request, outcome))
		return 0;
	if (open_fixed(run, &run->test->response, &response, outcome)) {
		status = judge_fixed_pair(run, &request, &response, failure);
		pack_message_close(&response);
	}
	pack_message_close(&request);
	return status;
}

static int run_evidence_file(struct case_run *run, const char *name, struct cpis_failure *failure)
{
	const char *path = arena_printf(&run->session->scratch, "%s/%s",
					run->session->options->evidence, name);
	if (!path)
		return out_of_memory(failure);
	struct pack_message message;
	char why[256];
	if (!pack_message_open_evidence(&message, path, run->test, why, sizeof(why))) {
		case_fault(run, "the evidence '%s' cannot be read: %s", name, why);
		return 0;
	}
	int status = judge(run, name, &message, failure);
	pack_message_close(&message);
	return status;
}

/* The files of one slot. *count 0: there is none, which is said in the reason; outcome is then set.
 */
static int fill_slot(struct case_run *run, const char *pattern, const char ***names, size_t *count,
		     enum case_outcome *outcome, struct cpis_failure *failure)
{
	const char *evidence = run->session->options->evidence;
	char why[256];
	*count = 0;
	if (!evidence) {
		case_separate(run);
		buf_printf(&run->reason, "no evidence folder was given for '%s'", pattern);
		*outcome = CASE_NOT_RUN;
		return 0;
	}
	if (pack_evidence_match(&run->session->scratch, evidence, pattern, names, count, why,
				sizeof(why)) != 0) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
		snprintf(failure->file, sizeof(failure->file), "%s", evidence);
		snprintf(failure->text, sizeof(failure->text), "the evidence cannot be read: %s",
			 why);
		return -1;
	}
	if (!*count) {
		case_separate(run);
		buf_printf(&run->reason, "the evidence folder has no file '%s'", pattern);
		*outcome = CASE_NOT_RUN;
	}
	return 0;
}

static int run_evidence(struct case_run *run, enum case_outcome *outcome,
			struct cpis_failure *failure)
{
	const char **names = NULL;
	size_t count = 0;
	if (fill_slot(run, run->test->evidence.text, &names, &count, outcome, failure) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (run_evidence_file(run, names[i], failure) != 0)
			return -1;
	return 0;
}

/* One half of a pair that a supplier sent: exactly one file. False: the reason has been said. */
static bool open_half(struct case_run *run, const char *pattern, const char **names, size_t count,
		      struct pack_message *message)
{
	char why[256];
	const char *path = arena_printf(&run->session->scratch, "%s/%s",
					run->session->options->evidence, names[0]);
	if (count > 1)
		case_fault(run, "%zu files are called '%s', and one is wanted", count, pattern);
	else if (!path || !pack_message_open_evidence(message, path, run->test, why, sizeof(why)))
		case_fault(run, "the evidence '%s' cannot be read: %s", names[0],
			   path ? why : "out of memory");
	else
		return true;
	return false;
}

static int run_evidence_pair(struct case_run *run, enum case_outcome *outcome,
			     struct cpis_failure *failure)
{
	const struct pack_case *test = run->test;
	const char **asked = NULL, **answered = NULL;
	size_t asked_count = 0, answered_count = 0;
	struct pack_message request, response;
	if (fill_slot(run, test->evidence_request.text, &asked, &asked_count, outcome, failure) !=
		    0 ||
	    fill_slot(run, test->evidence_response.text, &answered, &answered_count, outcome,
		      failure) != 0)
		return -1;
	if (!asked_count || !answered_count ||
	    !open_half(run, test->evidence_request.text, asked, asked_count, &request))
		return 0;
	int status = 0;
	if (open_half(run, test->evidence_response.text, answered, answered_count, &response)) {
		struct judged first = judged_of(asked[0], &request);
		struct judged second = judged_of(answered[0], &response);
		status = judge_two(run, &first, &second, failure);
		pack_message_close(&response);
	}
	pack_message_close(&request);
	return status;
}

static void run_manual(struct case_run *run, enum case_outcome *outcome)
{
	const struct pack_answer *answer = answer_of(run->session, run->test);
	buf_text(&run->expected, run->test->manual->question.text);
	if (!answer) {
		buf_text(&run->reason,
			 "nobody has answered yet (answers.yaml in the evidence folder)");
		*outcome = CASE_MANUAL;
		return;
	}
	buf_printf(&run->actual, "%s, by %s on %s",
		   answer->answer.value == ANSWER_PASS ? "yes" : "no", answer->by.text,
		   answer->on.text);
	if (answer->note.text)
		buf_printf(&run->actual, ": %s", answer->note.text);
	if (answer->answer.value == ANSWER_FAIL)
		case_fault(run, "the answer is no");
}

/* From what was not as expected to what that means. */
static enum case_outcome conclude(struct case_run *run)
{
	const struct config_text *known = &run->test->known_failure;
	if (known->text && run->faults) {
		buf_printf(&run->reason, " (a known failure: %s)", known->text);
		return CASE_WAIVED;
	}
	if (known->text)
		case_fault(run, "it passes, and is marked as a known failure: remove the mark");
	waivers_close(run);
	if (run->faults)
		return CASE_FAILED;
	return run->waived ? CASE_WAIVED : CASE_PASSED;
}

/* The pack's own messages are as old as the pack: they are judged by its time, not by the clock. */
static int run_fixed(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure)
{
	const struct config_text *now = &run->session->pack->now;
	if (now->text)
		run->now = value_time_seconds(now->text);
	return run->test->request.file.text ? run_pair(run, outcome, failure)
					    : run_message(run, outcome, failure);
}

static int run_selected(struct case_run *run, enum case_outcome *outcome,
			struct cpis_failure *failure)
{
	const struct pack_case *test = run->test;
	int status = 0;
	*outcome = CASE_PASSED;
	if (test->expect)
		expect_describe(test, &run->expected);
	if (test->manual)
		run_manual(run, outcome);
	else if (test->evidence.text)
		status = run_evidence(run, outcome, failure);
	else if (test->evidence_request.text)
		status = run_evidence_pair(run, outcome, failure);
	else
		status = run_fixed(run, outcome, failure);
	if (status == 0 && *outcome == CASE_PASSED)
		*outcome = conclude(run);
	return status;
}

static const char *keep(struct results *results, const struct buf *words)
{
	return words->n ? arena_copy(&results->arena, buf_view(words)) : NULL;
}

/* Names of a case as results keep them; more may be NULL. */
static const char **keep_names(struct results *results, const struct config_texts *names,
			       const struct config_texts *more, size_t *count)
{
	size_t total = names->count + (more ? more->count : 0);
	const char **kept = arena_alloc(&results->arena, total * sizeof(*kept) + 1);
	for (size_t i = 0; kept && i < total; i++) {
		const struct config_text *name =
			i < names->count ? &names->items[i] : &more->items[i - names->count];
		kept[i] = arena_copy(&results->arena, str_of(name->text));
	}
	*count = kept ? total : 0;
	return kept;
}

static int keep_case(struct case_run *run, enum case_outcome outcome, size_t first_message)
{
	struct results *results = run->session->results;
	const struct pack *pack = run->session->pack;
	const struct config_texts *defaults = pack->defaults ? &pack->defaults->tags : NULL;
	struct case_result *to = results_add_case(results);
	if (!to)
		return -1;
	to->pack = arena_copy(&results->arena, str_of(pack->name.text));
	to->id = arena_copy(&results->arena, str_of(run->test->id.text));
	to->title = arena_copy(&results->arena, str_of(run->test->title.text));
	to->requirements =
		keep_names(results, &run->test->requirements, NULL, &to->requirement_count);
	to->tags = keep_names(results, &run->test->tags, defaults, &to->tag_count);
	to->outcome = outcome;
	to->expected = keep(results, &run->expected);
	to->actual = keep(results, &run->actual);
	to->reason = keep(results, &run->reason);
	to->first_message = first_message;
	to->message_count = results->message_count - first_message;
	bool cut = run->expected.failed || run->actual.failed || run->reason.failed;
	return results->arena.failed || run->session->scratch.failed || cut ? -1 : 0;
}

static int run_case(struct pack_session *session, const struct pack_case *test,
		    struct cpis_failure *failure)
{
	struct case_run run = { .session = session, .test = test };
	const struct arena_mark mark = arena_mark(&session->scratch);
	size_t first_message = session->results->message_count;
	enum case_outcome outcome = CASE_LEFT_OUT;
	buf_init(&run.reason, MOST_WORDS);
	buf_init(&run.expected, MOST_WORDS);
	buf_init(&run.actual, MOST_WORDS);
	int status = 0;
	if (case_is_selected(session->pack, test, session->options))
		status = run_selected(&run, &outcome, failure);
	else
		buf_text(&run.reason, "left out by --only or --skip");
	if (status == 0 && keep_case(&run, outcome, first_message) != 0)
		status = out_of_memory(failure);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_rewind(&session->scratch, mark);
	return status;
}

static int keep_pack(const struct pack *pack, struct results *results)
{
	struct pack_result *to = results_add_pack(results);
	if (!to)
		return -1;
	const struct {
		const char **to;
		const char *from;
	} words[] = {
		{ &to->name, pack->name.text },	  { &to->version, pack->version.text },
		{ &to->title, pack->title.text }, { &to->specification, pack->specification.text },
		{ &to->source, pack->file },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		*words[i].to =
			words[i].from ? arena_copy(&results->arena, str_of(words[i].from)) : NULL;
	memcpy(to->sha256, pack->sha256, sizeof(to->sha256));
	to->case_count = pack->case_count;
	return results->arena.failed ? -1 : 0;
}

static int run_cases(struct pack_session *session, struct cpis_failure *failure)
{
	const struct pack *pack = session->pack;
	struct results *results = session->results;
	size_t first_case = results->case_count;
	session->waiver_used = arena_alloc(&session->scratch, pack->waiver_count + 1);
	if (!session->waiver_used || keep_pack(pack, results) != 0)
		return out_of_memory(failure);
	if (answers_read(session, &session->scratch, failure) != 0)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++) {
		if (run_case(session, &pack->cases[i], failure) != 0)
			return -1;
		progress_tell(results, i + 1, pack->case_count);
	}
	return coverage_add(pack, results, first_case) == 0 ? 0 : out_of_memory(failure);
}

int pack_run(const struct pack *pack, const struct pack_run_options *options,
	     struct results *results, struct cpis_failure *failure)
{
	struct pack_session session = {
		.pack = pack, .options = options, .results = results, .now = results->options.now
	};
	arena_init(&session.scratch);
	int status = run_cases(&session, failure);
	arena_release(&session.scratch);
	return status;
}
