/* cpis_run_pack and cpis_lint_pack: the cases of a pack, run one by one into results. */
#include "cpis.h"

#include "base/files.h"
#include "config/value.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/engine.h"
#include "pack/check.h"
#include "pack/expect.h"

#include <stdio.h>

enum {
	MOST_WORDS = 1024 * 1024,
	/* Of the messages that stay in memory from the check of the pack until their case is run.
	 * Others are read again then: a tree takes many times the memory of its bytes. */
	MOST_KEPT_BYTES = 8 * 1024 * 1024
};

/* Which cases: a word of --only and --skip is a tag or an id, alone or as "pack/id". */

static bool has_tag(const struct config_texts *tags, const char *word)
{
	for (size_t i = 0; i < tags->count; i++)
		if (strcmp(tags->items[i].text, word) == 0)
			return true;
	return false;
}

static bool is_meant(const struct pack *pack, const struct pack_case *test, const char *word)
{
	size_t name = strlen(pack->name.text);
	if (strncmp(word, pack->name.text, name) == 0 && word[name] == '/')
		return strcmp(word + name + 1, test->id.text) == 0;
	return strcmp(word, test->id.text) == 0 || has_tag(&test->tags, word) ||
	       (pack->defaults && has_tag(&pack->defaults->tags, word));
}

static bool is_among(const struct pack *pack, const struct pack_case *test,
		     const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_meant(pack, test, words[i]))
			return true;
	return false;
}

/* --skip wins. */
static bool is_selected(const struct pack *pack, const struct pack_case *test,
			const struct cpis_pack_options *options)
{
	if (options->only_count && !is_among(pack, test, options->only, options->only_count))
		return false;
	return !is_among(pack, test, options->skip, options->skip_count);
}

/* What people answered to manual questions: answers.yaml in the evidence folder. */

enum answer { ANSWER_PASS, ANSWER_FAIL };

struct pack_answer {
	struct config_place place;
	struct config_text case_id, pack, by, on, note;
	struct config_number answer; /* enum answer */
};

static const char *const answers[] = { [ANSWER_PASS] = "pass", [ANSWER_FAIL] = "fail", NULL };

static const struct field answer_fields[] = {
	{ "case", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_answer, case_id) },
	{ "pack", FIELD_TEXT, .offset = offsetof(struct pack_answer, pack) },
	{ "answer", FIELD_CHOICE, .required = true, .choices = answers,
	  .offset = offsetof(struct pack_answer, answer) },
	{ "by", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_answer, by) },
	{ "on", FIELD_TEXT, .required = true, .check = value_is_date,
	  .offset = offsetof(struct pack_answer, on) },
	{ "note", FIELD_TEXT, .offset = offsetof(struct pack_answer, note) },
};

static const struct mapping answer_mapping = {
	.what = "an answer",
	.bytes = sizeof(struct pack_answer),
	FIELDS(answer_fields),
};

/* Put the answers, if there are any, into the session. -1 when the file has a problem. */
static int read_answers(struct pack_session *session, struct cpis_failure *failure)
{
	if (!session->options->evidence)
		return 0;
	struct problems problems;
	void *items = NULL;
	const char *path =
		arena_printf(&session->scratch, "%s/answers.yaml", session->options->evidence);
	if (!path)
		return failure_out_of_memory(failure);
	if (!files_is_there(path))
		return 0;
	const struct loader loader = { &session->scratch, path, &problems };
	problems_init(&problems);
	load_list_file(&loader, &answer_mapping, &items, &session->answer_count);
	session->answers = items;
	return problems_close(&problems, NULL, NULL, failure);
}

/* NULL: not answered. The last answer counts. */
static const struct pack_answer *answer_of(const struct pack_session *session,
					   const struct pack_case *test)
{
	const struct pack_answer *found = NULL;
	for (size_t i = 0; i < session->answer_count; i++) {
		const struct pack_answer *answer = &session->answers[i];
		bool pack = !answer->pack.text ||
			    strcmp(answer->pack.text, session->pack->name.text) == 0;
		if (pack && strcmp(answer->case_id.text, test->id.text) == 0)
			found = answer;
	}
	return found;
}

/* Judging */

static struct judged judged_of(const char *name, const struct pack_message *message)
{
	return (struct judged){
		.name = name,
		.bytes = buf_view(&message->bytes),
		.documents = &message->documents,
	};
}

static struct engine_input input_of(const struct case_run *run, const struct judged *judged)
{
	return (struct engine_input){ judged->name, judged->bytes, run->now };
}

/* Judge one source, and compare it with the expectation. */
static int judge(struct case_run *run, const char *name, const struct pack_message *message,
		 struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	struct judged judged = judged_of(name, message);
	const struct engine_input input = input_of(run, &judged);
	judged.first = results->message_count;
	if (engine_judge(results, &input, failure) != 0)
		return -1;
	judged.count = results->message_count - judged.first;
	expect_compare(run, &judged);
	return 0;
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

static const char *name_fixed(struct case_run *run, const struct pack_fixed *fixed)
{
	return arena_printf(&run->session->scratch, "%s%s", fixed->file.text,
			    fixed->edit_count ? " (edited)" : "");
}

/* The pack's own messages */

static int run_message(struct case_run *run, struct cpis_failure *failure)
{
	const char *name = name_fixed(run, &run->test->message);
	return name ? judge(run, name, &run->prepared->message, failure)
		    : failure_out_of_memory(failure);
}

static int run_pair(struct case_run *run, struct cpis_failure *failure)
{
	struct judged asked =
		judged_of(name_fixed(run, &run->test->request), &run->prepared->request);
	struct judged answered =
		judged_of(name_fixed(run, &run->test->response), &run->prepared->response);
	if (!asked.name || !answered.name)
		return failure_out_of_memory(failure);
	return judge_two(run, &asked, &answered, failure);
}

/* They are as old as the pack, so they are judged by its time and not by the clock. */
static int run_fixed(struct case_run *run, struct cpis_failure *failure)
{
	const struct config_text *now = &run->session->pack->now;
	if (now->text)
		run->now = value_time_seconds(now->text);
	return run->test->request.file.text ? run_pair(run, failure) : run_message(run, failure);
}

/* Files of the evidence folder */

static int run_evidence_file(struct case_run *run, const char *name, struct cpis_failure *failure)
{
	const char *path = arena_printf(&run->session->scratch, "%s/%s",
					run->session->options->evidence, name);
	if (!path)
		return failure_out_of_memory(failure);
	struct pack_message message;
	char why[256];
	if (!pack_message_open_evidence(&message, path, run->session->pack, run->test,
					&run->session->results->options, why, sizeof(why))) {
		case_fault(run, "the evidence '%s' cannot be read: %s", name, why);
		return 0;
	}
	int status = judge(run, name, &message, failure);
	pack_message_close(&message);
	return status;
}

/* The files of one slot. *count 0: there are none; the reason says so, and outcome is set. */
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

/* One half of a pair that a supplier sent: exactly one file. False: the reason has been given. */
static bool open_half(struct case_run *run, const char *pattern, const char **names, size_t count,
		      struct pack_message *message)
{
	char why[256];
	const char *path = arena_printf(&run->session->scratch, "%s/%s",
					run->session->options->evidence, names[0]);
	if (count > 1)
		case_fault(run, "%zu files match '%s': there must be one", count, pattern);
	else if (!path ||
		 !pack_message_open_evidence(message, path, run->session->pack, run->test,
					     &run->session->results->options, why, sizeof(why)))
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
	const struct results *results = run->session->results;
	buf_text(&run->expected, run->test->manual->question.text);
	if (!answer) {
		buf_text(&run->reason, "not answered yet (answers.yaml in the evidence folder)");
		*outcome = CASE_MANUAL;
		return;
	}
	buf_printf(&run->actual, "%s, by %s on %s",
		   answer->answer.value == ANSWER_PASS ? "yes" : "no", answer->by.text,
		   answer->on.text);
	if (answer->note.text)
		buf_printf(&run->actual, ": %s",
			   masker_value(results->masker, &run->session->scratch, MASK_VALUE,
					str_of(answer->note.text)));
	if (answer->answer.value == ANSWER_FAIL)
		case_fault(run, "the answer is 'no'");
}

/* The outcome of a case that was judged. */
static enum case_outcome conclude(struct case_run *run)
{
	const struct config_text *known = &run->test->known_failure;
	if (known->text && run->faults) {
		buf_printf(&run->reason, " (a known failure: %s)", known->text);
		return CASE_WAIVED;
	}
	if (known->text)
		case_fault(run, "it passes, and is marked as a known failure: remove the mark");
	expect_close(run);
	if (run->faults)
		return CASE_FAILED;
	return run->waived ? CASE_WAIVED : CASE_PASSED;
}

/* Prepared with the pack, or now. False: the case is broken, and the reason has been given. */
static bool make_ready(struct case_run *run, struct prepared *prepared, struct data_sets *sets)
{
	const struct pack *pack = run->session->pack;
	struct problems problems;
	run->prepared = prepared;
	if (prepared->ready)
		return true;
	problems_init(&problems);
	bool ready = prepare_case(prepared, pack, run->test, sets, &problems) == 0;
	if (!ready)
		case_fault(run, "%s", problems.count ? problems.items[0].text : "out of memory");
	problems_release(&problems);
	return ready;
}

static int run_selected(struct case_run *run, enum case_outcome *outcome,
			struct cpis_failure *failure)
{
	const struct pack_case *test = run->test;
	int status = 0;
	if (test->manual)
		run_manual(run, outcome);
	else if (test->evidence.text)
		status = run_evidence(run, outcome, failure);
	else if (test->evidence_request.text)
		status = run_evidence_pair(run, outcome, failure);
	else
		status = run_fixed(run, failure);
	if (status == 0 && *outcome == CASE_PASSED)
		*outcome = conclude(run);
	return status;
}

/* Results */

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

static enum case_source source_of(const struct pack_case *test)
{
	if (test->manual)
		return CASE_OF_ANSWER;
	return test->evidence.text || test->evidence_request.text ? CASE_OF_EVIDENCE : CASE_OF_PACK;
}

/* The path that leads to a source, where the case names a file of the pack; NULL: it does not. */
static const char *file_of_fixed(struct case_run *run, const struct pack_fixed *fixed,
				 const char *source)
{
	const char *name = fixed->file.text ? name_fixed(run, fixed) : NULL;
	size_t n = name ? strlen(name) : 0;
	if (!name || strncmp(source, name, n) != 0 || (source[n] && source[n] != '!'))
		return NULL;
	return arena_printf(&run->session->scratch, "%s%s%s", run->session->pack->folder,
			    fixed->file.text, source + n);
}

/* What a source is called in a case may be less than the path that leads to it. */
static void note_file(struct case_run *run, struct message_result *message)
{
	struct results *results = run->session->results;
	const struct pack_case *test = run->test;
	const struct pack_fixed *const fixed[] = { &test->message, &test->request,
						   &test->response };
	const char *path = NULL;
	if (test->evidence.text || test->evidence_request.text)
		path = arena_printf(&run->session->scratch, "%s/%s",
				    run->session->options->evidence, message->source);
	for (size_t i = 0; !path && i < sizeof(fixed) / sizeof(fixed[0]); i++)
		path = file_of_fixed(run, fixed[i], message->source);
	char *settled = path ? arena_alloc(&results->arena, strlen(path) + 3) : NULL;
	if (settled)
		files_settle(path, settled);
	message->file = settled;
}

static int keep_case(struct case_run *run, enum case_outcome outcome, size_t first_message)
{
	struct results *results = run->session->results;
	const struct pack *pack = run->session->pack;
	const struct config_texts *defaults = pack->defaults ? &pack->defaults->tags : NULL;
	struct case_result *to = results_add_case(results);
	if (!to)
		return -1;
	*to = run->kept;
	to->from = source_of(run->test);
	to->pack = arena_copy(&results->arena, str_of(pack->name.text));
	to->id = arena_copy(&results->arena, str_of(run->test->id.text));
	to->title = arena_copy(&results->arena, str_of(run->test->title.text));
	to->line = run->test->place.line;
	to->requirements =
		keep_names(results, &run->test->requirements, NULL, &to->requirement_count);
	to->tags = keep_names(results, &run->test->tags, defaults, &to->tag_count);
	to->outcome = outcome;
	to->expected = keep(results, &run->expected);
	to->actual = keep(results, &run->actual);
	to->reason = keep(results, &run->reason);
	to->first_message = first_message;
	to->message_count = results->message_count - first_message;
	for (size_t i = first_message; i < results->message_count; i++)
		note_file(run, &results->messages[i]);
	bool cut = run->expected.failed || run->actual.failed || run->reason.failed;
	return results->arena.failed || run->session->scratch.failed || cut ? -1 : 0;
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

/* The requirements of the pack: the outcome of each is the worst of the cases that show it. */

static bool shows(const struct pack_case *test, const char *id)
{
	for (size_t i = 0; i < test->requirements.count; i++)
		if (strcmp(test->requirements.items[i].text, id) == 0)
			return true;
	return false;
}

static const char *copy(struct results *results, const char *text)
{
	return text ? arena_copy(&results->arena, str_of(text)) : NULL;
}

static int gather_cases(const struct pack *pack, struct results *results, size_t first_case,
			struct requirement_result *requirement)
{
	size_t count = 0;
	for (size_t i = 0; i < pack->case_count; i++)
		count += shows(&pack->cases[i], requirement->id);
	requirement->outcome = count ? CASE_PASSED : CASE_NOT_RUN;
	requirement->cases = arena_alloc(&results->arena, count * sizeof(*requirement->cases) + 1);
	if (!requirement->cases)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++) {
		if (!shows(&pack->cases[i], requirement->id))
			continue;
		const struct case_result *result = &results->cases[first_case + i];
		requirement->cases[requirement->case_count++] = result->id;
		if (case_outcome_weight(result->outcome) >
		    case_outcome_weight(requirement->outcome))
			requirement->outcome = result->outcome;
	}
	return 0;
}

static int add_requirements(const struct pack *pack, struct results *results, size_t first_case)
{
	for (size_t i = 0; i < pack->requirement_count; i++) {
		const struct pack_requirement *from = &pack->requirements[i];
		struct requirement_result *to = results_add_requirement(results);
		if (!to)
			return -1;
		to->pack = copy(results, pack->name.text);
		to->id = copy(results, from->id.text);
		to->text = copy(results, from->text.text);
		to->source = copy(results, from->source.text);
		to->not_testable = copy(results, from->not_testable.text);
		if (results->arena.failed || gather_cases(pack, results, first_case, to) != 0)
			return -1;
	}
	return 0;
}

/* A pack */

struct running {
	struct pack_session session;
	struct prepared *prepared; /* by case */
	struct data_sets sets;
};

static int run_case(struct running *running, size_t index, struct cpis_failure *failure)
{
	struct pack_session *session = &running->session;
	const struct pack_case *test = &session->pack->cases[index];
	struct prepared *prepared = &running->prepared[index];
	struct case_run run = { .session = session, .test = test };
	const struct arena_mark mark = arena_mark(&session->scratch);
	size_t first_message = session->results->message_count;
	enum case_outcome outcome = CASE_PASSED;
	buf_init(&run.reason, MOST_WORDS);
	buf_init(&run.expected, MOST_WORDS);
	buf_init(&run.actual, MOST_WORDS);
	int status = 0;
	bool selected = is_selected(session->pack, test, session->options);
	if (selected && test->expect)
		expect_describe(session, test, &run.expected);
	if (!selected) {
		outcome = CASE_LEFT_OUT;
		buf_text(&run.reason, "left out by --only or --skip");
	} else if (!make_ready(&run, prepared, &running->sets)) {
		outcome = CASE_BROKEN;
	} else {
		status = run_selected(&run, &outcome, failure);
	}
	if (status == 0 && keep_case(&run, outcome, first_message) != 0)
		status = failure_out_of_memory(failure);
	prepared_release(prepared);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_rewind(&session->scratch, mark);
	return status;
}

static int run_cases(struct running *running, struct cpis_failure *failure)
{
	struct pack_session *session = &running->session;
	const struct pack *pack = session->pack;
	struct results *results = session->results;
	size_t first_case = results->case_count;
	session->waiver_used = arena_alloc(&session->scratch, pack->waiver_count + 1);
	if (!session->waiver_used || keep_pack(pack, results) != 0)
		return failure_out_of_memory(failure);
	if (read_answers(session, failure) != 0)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++) {
		if (run_case(running, i, failure) != 0)
			return -1;
		results_report_progress(results, i + 1, pack->case_count);
	}
	return add_requirements(pack, results, first_case) == 0 ? 0
								: failure_out_of_memory(failure);
}

/* Prepare the cases that are selected. Each stays in memory until its turn, while there is room. */
static void prepare_cases(struct running *running, struct problems *problems)
{
	struct pack_session *session = &running->session;
	const struct pack *pack = session->pack;
	size_t kept = 0;
	running->prepared =
		arena_alloc(&session->scratch, pack->case_count * sizeof(struct prepared) + 1);
	if (!running->prepared)
		problem_add_internal(problems, pack->file, "out of memory");
	for (size_t i = 0; running->prepared && i < pack->case_count; i++) {
		struct prepared *prepared = &running->prepared[i];
		if (!is_selected(pack, &pack->cases[i], session->options) ||
		    prepare_case(prepared, pack, &pack->cases[i], &running->sets, problems) != 0)
			continue;
		if (prepared_bytes(prepared) <= MOST_KEPT_BYTES - kept)
			kept += prepared_bytes(prepared);
		else
			prepared_release(prepared);
	}
}

/* Nothing is judged until every selected case is known to be usable. Closes the problems. */
static int run_pack(const struct pack *pack, const struct cpis_pack_options *options,
		    struct results *results, struct problems *problems,
		    struct cpis_failure *failure)
{
	struct running running = {
		.session = { .pack = pack, .options = options, .results = results },
	};
	arena_init(&running.session.scratch);
	data_sets_init(&running.sets);
	prepare_cases(&running, problems);
	int status = problems_close(problems, options->problem, options->context, failure);
	if (status == 0)
		status = run_cases(&running, failure);
	for (size_t i = 0; running.prepared && i < pack->case_count; i++)
		prepared_release(&running.prepared[i]);
	data_sets_release(&running.sets);
	arena_release(&running.session.scratch);
	return status;
}

static int setup(struct cpis_failure *failure)
{
	if (engine_setup() == 0)
		return 0;
	return failure_set(failure, CPIS_FAILURE_INTERNAL,
			   "the internal tables could not be built");
}

int cpis_run_pack(struct cpis_results *results, const char *path,
		  const struct cpis_pack_options *options, struct cpis_failure *failure)
{
	struct problems problems;
	if (results_require_open(results, failure) != 0 ||
	    FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0 || setup(failure) != 0)
		return -1;
	problems_init(&problems);
	struct pack *pack = pack_load(path, &problems);
	int status = -1;
	if (pack)
		pack_check(pack, &problems);
	if (pack && !problems_any(&problems)) {
		status = run_pack(pack, options, results_inside(results), &problems, failure);
	} else {
		if (pack)
			prepare_all(pack, &problems);
		problems_close(&problems, options->problem, options->context, failure);
	}
	pack_free(pack);
	return status;
}

int cpis_lint_pack(const char *path,
		   void (*problem)(void *context, const struct cpis_failure *problem),
		   void *context, struct cpis_failure *failure)
{
	struct problems problems;
	if (setup(failure) != 0)
		return -1;
	problems_init(&problems);
	struct pack *pack = pack_load(path, &problems);
	if (pack) {
		pack_check(pack, &problems);
		prepare_all(pack, &problems);
	}
	pack_free(pack);
	return problems_close(&problems, problem, context, failure);
}
