/* cpis_run_pack and cpis_lint_pack: the cases of a pack, run one by one into results. */
#include "cpis.h"

#include "base/calendar.h"
#include "base/files.h"
#include "base/near.h"
#include "config/value.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/engine.h"
#include "pack/case.h"
#include "pack/evidence.h"
#include "pack/journal.h"
#include "policy/baseline.h"
#include "policy/waivers.h"

#include <stdio.h>
#include <stdlib.h>

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

static const char *name_fixed(struct case_run *run, const struct pack_fixed *fixed)
{
	return arena_printf(&run->session->scratch, "%s%s", fixed->file.text,
			    fixed->edit_count ? " (edited)" : "");
}

/* The pack's own messages */

static int run_message(struct case_run *run, struct cpis_failure *failure)
{
	const char *name = name_fixed(run, &run->test->message);
	return name ? case_judge(run, name, &run->prepared->message, failure)
		    : failure_out_of_memory(failure);
}

static int run_pair(struct case_run *run, struct cpis_failure *failure)
{
	const char *asked = name_fixed(run, &run->test->request);
	const char *answered = name_fixed(run, &run->test->response);
	if (!asked || !answered)
		return failure_out_of_memory(failure);
	return case_judge_pair(run, asked, &run->prepared->request, answered,
			       &run->prepared->response, failure);
}

/* They are as old as the pack, so they are judged by its time and not by the clock. */
static int run_fixed(struct case_run *run, struct cpis_failure *failure)
{
	const struct config_text *now = &run->session->pack->now;
	if (now->text)
		run->now = value_time_seconds(now->text);
	return run->test->request.file.text ? run_pair(run, failure) : run_message(run, failure);
}

/* "ticket 7 (Ann, until 2027-03-31)": the known failure that the pack names; NULL: it accepts
 * nothing of this run. */
static const char *known_failure(struct case_run *run)
{
	const struct pack_session *session = run->session;
	const struct pack_case *test = run->test;
	const char *expires = test->known_failure_expires.text,
		   *owner = test->known_failure_owner.text;
	if (!test->known_failure.text)
		return NULL;
	if (expires && session->results->options.now >= value_date_end(expires)) {
		case_fault(run, "its known failure expired on %s", expires);
		return NULL;
	}
	if (session->options->exchange && !case_has_owned_failure(test)) {
		case_fault(run, "its known failure does not count for a server: it needs a "
				"'known-failure-owner' and a 'known-failure-expires'");
		return NULL;
	}
	bool any = owner || expires;
	return arena_printf(&session->results->arena, "a known failure: %s%s%s%s%s%s%s",
			    test->known_failure.text, any ? " (" : "", owner ? owner : "",
			    owner && expires ? ", " : "", expires ? "until " : "",
			    expires ? expires : "", any ? ")" : "");
}

/*
 * Why it is accepted that the case fails: by a waiver, or by its pack; NULL: it is not. What could
 * not be checked is accepted by neither.
 */
static const char *accepted_failure(struct case_run *run)
{
	const struct pack_session *session = run->session;
	const struct waivers_case of = { session->pack->name.text, run->test->id.text };
	const char *waived = NULL, *known = known_failure(run);
	if (session->options->waivers)
		waived = waivers_take_failure(session->options->waivers, &of,
					      session->results->options.now,
					      &session->results->arena);
	if (run->unchecked && (waived || known)) {
		case_fault(run, "a %s is not accepted where something could not be checked",
			   waived ? "waiver" : "known failure");
		return NULL;
	}
	return waived ? arena_printf(&session->results->arena, "waived: %s", waived) : known;
}

/* What made the case fail is accepted with it, finding by finding, so that every report says so.
 */
static void accept_findings(const struct case_run *run, const char *why)
{
	struct results *results = run->session->results;
	for (size_t i = run->first_message; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			struct finding *finding = &message->findings[k];
			if (finding->fate != FATE_EXPECTED && !finding->waived)
				finding->waived = why;
		}
		message_settle(results, message);
	}
}

static void tell_fault(void *context, const char *sentence)
{
	case_fault(context, "%s", sentence);
}

/* The outcome of a case that was judged. */
static enum case_outcome conclude(struct case_run *run)
{
	const struct pack_session *session = run->session;
	const struct waivers_case of = { session->pack->name.text, run->test->id.text };
	if (run->faults && run->faults == run->unjudged)
		return CASE_NOT_RUN;
	const char *accepted = run->faults ? accepted_failure(run) : NULL;
	if (accepted) {
		accept_findings(run, accepted);
		buf_printf(&run->reason, " (%s)", accepted);
		return CASE_WAIVED;
	}
	if (!run->faults && run->test->known_failure.text)
		case_fault(run, "it passes, and is marked as a known failure: remove the mark");
	expect_close(run);
	if (session->options->waivers)
		waivers_close_case(session->options->waivers, &of, session->results,
				   run->first_message, tell_fault, run);
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

static void leave_unsent(struct case_run *run, enum case_outcome *outcome)
{
	*outcome = CASE_NOT_RUN;
	buf_text(&run->reason, "its response comes from a server: use cpis send");
}

/* What people answer and what suppliers send is not for a server. */
static bool is_for_no_server(const struct pack_session *session, const struct pack_case *test)
{
	return session->options->exchange && (test->manual || case_has_slot(test));
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
	else if (run->session->options->exchange)
		status = run_sent(run, outcome, failure);
	else if (test->exchange)
		status = run_exchange(run, outcome, failure);
	else if (test->request.file.text && !test->response.file.text)
		leave_unsent(run, outcome);
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

static enum case_source source_of(const struct case_run *run)
{
	const struct pack_case *test = run->test;
	if (test->manual)
		return CASE_OF_ANSWER;
	if (run->session->options->exchange)
		return CASE_OF_EVIDENCE; /* a server's replies */
	return case_has_slot(test) ? CASE_OF_EVIDENCE : CASE_OF_PACK;
}

/* The path that leads to a source, where the case names a file of the pack; NULL: it does not. */
static const char *file_of_fixed(struct case_run *run, const struct pack_fixed *fixed,
				 const char *source)
{
	struct results *results = run->session->results;
	const char *name = fixed->file.text ? results_name(results, name_fixed(run, fixed)) : NULL;
	size_t n = name ? strlen(name) : 0;
	if (!name || strncmp(source, name, n) != 0 || (source[n] && source[n] != '!'))
		return NULL;
	const char *path = arena_printf(&run->session->scratch, "%s%s", run->session->pack->folder,
					fixed->file.text);
	return path ? arena_printf(&run->session->scratch, "%s%s", results_name(results, path),
				   source + n)
		    : NULL;
}

/* What a source is called in a case may be less than the path that leads to it. */
static void note_file(struct case_run *run, struct message_result *message)
{
	struct results *results = run->session->results;
	const struct pack_case *test = run->test;
	const struct pack_fixed *const fixed[] = { &test->message, &test->request,
						   &test->response };
	const char *path = NULL;
	if (case_has_slot(test))
		path = arena_printf(&run->session->scratch, "%s/%s",
				    results_name(results, run->session->options->evidence),
				    message->source);
	for (size_t i = 0; !path && i < sizeof(fixed) / sizeof(fixed[0]); i++)
		path = file_of_fixed(run, fixed[i], message->source);
	char *settled = path ? arena_alloc(&results->arena, strlen(path) + 3) : NULL;
	if (settled)
		files_settle(path, settled);
	message->file = settled;
}

static int keep_case(struct case_run *run, enum case_outcome outcome)
{
	struct results *results = run->session->results;
	const struct pack *pack = run->session->pack;
	const struct config_texts *defaults = pack->defaults ? &pack->defaults->tags : NULL;
	struct case_result *to = results_add_case(results);
	if (!to)
		return -1;
	*to = run->kept;
	to->from = source_of(run);
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
	to->first_message = run->first_message;
	to->message_count = results->message_count - run->first_message;
	for (size_t i = run->first_message; i < results->message_count; i++)
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
		{ &to->name, pack->name.text },
		{ &to->version, pack->version.text },
		{ &to->title, pack->title.text },
		{ &to->specification, pack->specification.text },
		{ &to->source, results_name(results, pack->file) },
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

/* What the pack reads of its own, with digests: whoever runs it can tell whether it is the same. */

/* A file that the pack names; nothing where it names none. */
static int note_named(struct pack_session *session, const char *role, const char *name)
{
	const char *path =
		name ? arena_printf(&session->scratch, "%s%s", session->pack->folder, name) : NULL;
	if (!name)
		return 0;
	return path ? results_note_input(session->results, session->pack->name.text, role, name,
					 path)
		    : -1;
}

static int note_case_inputs(struct pack_session *session, const struct pack_case *test)
{
	const struct pack_expect *expect = test->expect;
	if (note_named(session, "message", test->message.file.text) != 0 ||
	    note_named(session, "message", test->request.file.text) != 0 ||
	    note_named(session, "message", test->response.file.text) != 0 ||
	    note_named(session, "data", test->given.text) != 0)
		return -1;
	if (expect && expect->records &&
	    note_named(session, "data", expect->records->from.text) != 0)
		return -1;
	for (size_t i = 0; expect && i < expect->assert_count; i++)
		if (note_named(session, "schematron", expect->asserts[i].schematron.text) != 0)
			return -1;
	return 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The answers and the day of keying decide what the run says, as the pack does. */
static int note_answers(struct pack_session *session)
{
	const struct evidence *evidence = session->evidence;
	for (size_t i = 0; evidence && i < evidence->count; i++) {
		const struct evidence_file *file = &evidence->items[i];
		const char *role = strcmp(file->name, "answers.yaml") == 0 ? "answers"
				   : strcmp(file->name, KEYED_FILE) == 0   ? "keyed"
									   : NULL;
		if (!role)
			continue;
		struct input_result *input =
			results_add_input(session->results, NULL, role, file->name);
		if (!input)
			return -1;
		input->bytes = file->size;
		memcpy(input->sha256, file->sha256, sizeof(input->sha256));
	}
	return 0;
}

static int note_inputs(struct pack_session *session)
{
	const struct pack *pack = session->pack;
	struct results *results = session->results;
	struct input_result *own =
		results_add_input(results, pack->name.text, "pack", last_part(pack->file));
	if (!own)
		return -1;
	memcpy(own->sha256, pack->sha256, sizeof(own->sha256));
	own->bytes = pack->bytes;
	if (note_named(session, "requirements", pack->requirements_file.text) != 0)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++)
		if (note_case_inputs(session, &pack->cases[i]) != 0)
			return -1;
	results_digest(results, pack->name.text, results->packs[results->pack_count - 1].digest);
	if (session->options->baseline &&
	    results_note_input(results, NULL, "baseline", NULL,
			       baseline_path(session->options->baseline)) != 0)
		return -1;
	if (session->options->waivers &&
	    results_note_input(results, NULL, "waivers", NULL,
			       waivers_path(session->options->waivers)) != 0)
		return -1;
	for (size_t i = 0; i < results->options.schematron_count; i++)
		if (results_note_input(results, NULL, "rules", NULL,
				       results->options.schematron[i]) != 0)
			return -1;
	return note_answers(session);
}

/* A pack */

struct running {
	struct pack_session session;
	struct prepared *prepared; /* by case */
	struct data_sets sets;
};

/* What a case has not judged, a waiver or an entry of the baseline may still be needed for. */
static void note_missed(const struct case_run *run, enum case_outcome outcome)
{
	const struct pack_session *session = run->session;
	bool missed = outcome == CASE_NOT_RUN || outcome == CASE_BROKEN ||
		      outcome == CASE_LEFT_OUT ||
		      results_may_miss(session->results, run->first_message);
	if (session->options->waivers && missed)
		waivers_miss(session->options->waivers);
	if (session->options->baseline && missed)
		baseline_miss(session->options->baseline);
}

static int run_case(struct running *running, size_t index, struct cpis_failure *failure)
{
	struct pack_session *session = &running->session;
	const struct pack_case *test = &session->pack->cases[index];
	struct prepared *prepared = &running->prepared[index];
	struct case_run run = { .session = session,
				.test = test,
				.first_message = session->results->message_count };
	const struct arena_mark mark = arena_mark(&session->scratch);
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
	} else if (is_for_no_server(session, test)) {
		outcome = CASE_LEFT_OUT;
		buf_text(&run.reason, "it has no message to send");
	} else if (!make_ready(&run, prepared, &running->sets)) {
		outcome = CASE_BROKEN;
	} else {
		status = run_selected(&run, &outcome, failure);
	}
	if (status == 0 && keep_case(&run, outcome) != 0)
		status = failure_out_of_memory(failure);
	note_missed(&run, outcome);
	prepared_release(prepared);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_rewind(&session->scratch, mark);
	return status;
}

/* A case of its own where something is wrong with the evidence as a whole, so that no report can
 * miss it. */
static int add_evidence_case(struct pack_session *session)
{
	struct results *results = session->results;
	struct buf faults;
	int status = 0;
	buf_init(&faults, MOST_WORDS);
	const char *unread = session->evidence ? session->evidence->unread : NULL;
	if (unread)
		buf_printf(&faults, EVIDENCE_UNREAD, unread);
	else
		evidence_faults(session, &faults);
	struct case_result *to = faults.n ? results_add_case(results) : NULL;
	if (to) {
		*to = (struct case_result){
			.pack = copy(results, session->pack->name.text),
			.from = CASE_OF_EVIDENCE,
			.id = EVIDENCE_CASE,
			.title = "The evidence as a whole",
			.outcome = unread ? CASE_NOT_RUN : CASE_FAILED,
			.expected = EVIDENCE_EXPECTED,
			.reason = keep(results, &faults),
			.first_message = results->message_count,
		};
		results->packs[results->pack_count - 1].case_count++;
	}
	if (faults.failed || session->system.arena.failed || results->arena.failed)
		status = -1;
	buf_release(&faults);
	return status;
}

/* When evidence must be made at the earliest: by the pack, or by whoever runs it. */
static long long earliest(const struct pack_session *session)
{
	const char *own = session->pack->evidence_from.text;
	long long from = own ? value_date_end(own) - DAY_SECONDS : 0;
	return session->options->not_before > from ? session->options->not_before : from;
}

static bool reads_outside(const struct pack *pack)
{
	for (size_t i = 0; i < pack->case_count; i++) {
		const struct pack_case *test = &pack->cases[i];
		const char *const names[] = { test->message.file.text, test->request.file.text,
					      test->response.file.text, test->given.text };
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (names[k] && pack_is_outside(pack, names[k]))
				return true;
	}
	return false;
}

/* Results say so: what a run has read is then not all in the pack. */
static int note_outside(const struct pack *pack, struct results *results)
{
	static const char what[] = "reads files outside its folder";
	char name[160];
	snprintf(name, sizeof(name), "the pack %s", pack->name.text);
	bool noted = !pack->allow_outside.value || !reads_outside(pack);
	for (size_t i = 0; i < results->meta_count; i++)
		noted = noted || (text_same(results->meta[i].name, name) &&
				  text_same(results->meta[i].value, what));
	return noted ? 0 : results_add_meta(results, name, what);
}

static int begin_cases(struct pack_session *session, struct cpis_failure *failure)
{
	if (session->options->waivers)
		waivers_begin(session->options->waivers, session->results,
			      session->options->only_count || session->options->skip_count);
	if (session->options->baseline)
		baseline_begin(session->options->baseline, session->results);
	session->waiver_used = arena_alloc(&session->scratch, session->pack->waiver_count + 1);
	session->not_before = earliest(session);
	if (!session->waiver_used || keep_pack(session->pack, session->results) != 0 ||
	    note_outside(session->pack, session->results) != 0)
		return failure_out_of_memory(failure);
	if (answers_read(session, failure) != 0 || keyed_read(session, failure) != 0)
		return -1;
	if (journal_read(&session->journal, session->evidence, session->packs, session->pack_count,
			 &session->results->options) != 0 ||
	    evidence_list(session) != 0 || note_inputs(session) != 0)
		return failure_out_of_memory(failure);
	return 0;
}

static int run_cases(struct running *running, struct cpis_failure *failure)
{
	struct pack_session *session = &running->session;
	const struct pack *pack = session->pack;
	struct results *results = session->results;
	size_t first_case = results->case_count;
	if (begin_cases(session, failure) != 0)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++) {
		if (run_case(running, i, failure) != 0)
			return -1;
		results_report_progress(results, i + 1, pack->case_count);
	}
	if (add_requirements(pack, results, first_case) != 0 || add_evidence_case(session) != 0)
		return failure_out_of_memory(failure);
	return 0;
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

/* Open the evidence, if there is any. -1 with the reason in *failure. */
static int open_evidence(struct pack_session *session, struct evidence *evidence,
			 struct cpis_failure *failure)
{
	const char *path = session->options->evidence;
	char why[256];
	if (!path)
		return 0;
	session->evidence = evidence;
	if (evidence_open(evidence, path, &session->results->options, why, sizeof(why)) == 0)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "the evidence cannot be read: %s", why);
	return -1;
}

/* The packs of the run, for what belongs to all of them: their slots and questions. */
struct company {
	const struct pack **packs;
	struct pack **loaded; /* those that are ours */
	size_t count;
};

/* -1: out of memory. What is wrong with another pack is reported when that one is run. */
static int gather_company(struct company *company, const struct pack *pack,
			  const struct cpis_pack_options *options)
{
	size_t room = options->beside_count + 1;
	bool found = false;
	*company = (struct company){ .packs = calloc(room, sizeof(*company->packs)),
				     .loaded = calloc(room, sizeof(*company->loaded)) };
	if (!company->packs || !company->loaded)
		return -1;
	for (size_t i = 0; i < options->beside_count; i++) {
		struct problems problems;
		problems_init(&problems);
		struct pack *other =
			pack_load(options->beside[i], options->allow_outside, &problems);
		problems_release(&problems);
		bool own = other && !found && other->file && strcmp(other->file, pack->file) == 0;
		found = found || own;
		company->loaded[i] = own ? NULL : other;
		if (own || other)
			company->packs[company->count++] = own ? pack : other;
		if (own)
			pack_free(other);
	}
	if (!found)
		company->packs[company->count++] = pack;
	return 0;
}

/* All cases of the run, before one is judged. */
static void tell_cases(const struct company *company, struct cpis_waivers *waivers,
		       struct problems *problems)
{
	for (size_t i = 0; waivers && i < company->count; i++) {
		const struct pack *pack = company->packs[i];
		for (size_t k = 0; pack->name.text && k < pack->case_count; k++) {
			const struct waivers_case of = { pack->name.text, pack->cases[k].id.text };
			if (of.id)
				waivers_know_case(waivers, &of, problems);
		}
	}
}

/* Whether a case of one of the packs has this tag or id; others are offered as near to it. */
static bool is_of_company(const struct company *company, const char *word, struct near *near)
{
	for (size_t i = 0; i < company->count; i++) {
		const struct pack *pack = company->packs[i];
		for (size_t k = 0; pack->name.text && k < pack->case_count; k++) {
			const struct pack_case *test = &pack->cases[k];
			if (test->id.text && is_meant(pack, test, word))
				return true;
			if (test->id.text)
				near_offer(near, test->id.text);
			for (size_t t = 0; t < test->tags.count; t++)
				near_offer(near, test->tags.items[t].text);
		}
	}
	return false;
}

/* A word that means nothing is misspelt: what it was to select would be missed in silence. A pack
 * that cannot be loaded may have it, and is a problem when it is run. */
static int require_words(const struct company *company, const struct cpis_pack_options *options,
			 struct cpis_failure *failure)
{
	const struct {
		const char *option, *does;
		const char *const *words;
		size_t count;
	} lists[] = { { "--only", "selects", options->only, options->only_count },
		      { "--skip", "leaves out", options->skip, options->skip_count } };
	char hint[128];
	if (!options->beside_count || company->count < options->beside_count)
		return 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i].count; k++) {
			const char *word = lists[i].words[k];
			struct near near = near_start(str_of(word));
			if (!is_of_company(company, word, &near))
				return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
						   "%s %.200s %s no case: it is not a tag or id%s",
						   lists[i].option, word, lists[i].does,
						   problem_hint(&near, hint, sizeof(hint)));
		}
	return 0;
}

static void release_company(struct company *company, const struct cpis_pack_options *options)
{
	for (size_t i = 0; company->loaded && i < options->beside_count; i++)
		pack_free(company->loaded[i]);
	free(company->loaded);
	free(company->packs);
}

static void init_session(struct pack_session *session)
{
	arena_init(&session->scratch);
	arena_init(&session->system.arena);
}

static void release_session(struct pack_session *session)
{
	arena_release(&session->system.arena);
	journal_release(&session->journal);
	arena_release(&session->scratch);
}

/* Nothing is judged until every selected case is known to be usable. Closes the problems. */
static int run_pack(const struct pack *pack, const struct cpis_pack_options *options,
		    struct results *results, struct problems *problems,
		    struct cpis_failure *failure)
{
	struct running running = {
		.session = { .pack = pack, .options = options, .results = results },
	};
	struct evidence evidence = { 0 };
	struct company company;
	init_session(&running.session);
	data_sets_init(&running.sets);
	prepare_cases(&running, problems);
	if (gather_company(&company, pack, options) != 0)
		problem_add_internal(problems, pack->file, "out of memory");
	tell_cases(&company, options->waivers, problems);
	running.session.packs = company.packs;
	running.session.pack_count = company.count;
	int status = problems_close(problems, options->problem, options->context, failure);
	if (status == 0)
		status = require_words(&company, options, failure);
	if (status == 0)
		status = open_evidence(&running.session, &evidence, failure);
	if (status == 0)
		status = run_cases(&running, failure);
	for (size_t i = 0; running.prepared && i < pack->case_count; i++)
		prepared_release(&running.prepared[i]);
	evidence_close(&evidence);
	release_company(&company, options);
	data_sets_release(&running.sets);
	release_session(&running.session);
	return status;
}

static int setup(struct cpis_failure *failure)
{
	if (engine_setup() == 0)
		return 0;
	return failure_set(failure, CPIS_FAILURE_INTERNAL,
			   "the internal tables could not be built");
}

static bool is_known(const struct results *results, const struct pack *pack)
{
	for (size_t i = 0; i < results->pack_count; i++)
		if (strcmp(results->packs[i].name, pack->name.text) == 0)
			return true;
	return false;
}

int cpis_run_pack(struct cpis_results *results, const char *path,
		  const struct cpis_pack_options *options, struct cpis_failure *failure)
{
	struct problems problems;
	if (results_require_open(results, failure) != 0 ||
	    FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0 || setup(failure) != 0)
		return -1;
	problems_init(&problems);
	struct pack *pack = pack_load(path, options->allow_outside, &problems);
	int status = -1;
	if (pack)
		pack_check(pack, &problems);
	if (pack && pack->name.text && is_known(results_inside(results), pack))
		problem_add(&problems, pack->file, pack->name.place,
			    "the pack '%s' was run already: name it once", pack->name.text);
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
	struct pack *pack = pack_load(path, false, &problems);
	if (pack) {
		pack_check(pack, &problems);
		prepare_all(pack, &problems);
	}
	pack_free(pack);
	return problems_close(&problems, problem, context, failure);
}
