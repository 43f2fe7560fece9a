/* The cases that a supplier's files fill, and the evidence as a whole: that every file has a use,
 * and that one system sent all of it. */
#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/limits.h"
#include "message/summary.h"
#include "pack/case.h"
#include "pack/evidence.h"
#include "pack/journal.h"
#include "rules/judge.h"

#include <stdio.h>
#include <stdlib.h>

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

/* False: it was too large to be judged, and nothing is known of what the case expects. */
static bool was_judged(struct case_run *run, const struct judged *judged)
{
	if (judged->bytes.n <= limits_input_bytes(&run->session->results->options))
		return true;
	run->unchecked = true;
	case_unjudged(run, "'%s' was not judged: %s", judged->name, limits_input_too_large);
	return false;
}

int case_judge(struct case_run *run, const char *name, const struct pack_message *message,
	       struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	struct judged judged = judged_of(name, message);
	const struct engine_input input = input_of(run, &judged);
	judged.first = results->message_count;
	if (engine_judge(results, &input, failure) != 0)
		return -1;
	judged.count = results->message_count - judged.first;
	if (was_judged(run, &judged))
		expect_compare(run, &judged);
	return 0;
}

int case_judge_pair(struct case_run *run, const char *request_name,
		    const struct pack_message *request, const char *response_name,
		    const struct pack_message *response, struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	struct judged asked = judged_of(request_name, request);
	struct judged answered = judged_of(response_name, response);
	answered.request = &asked;
	answered.first = results->message_count;
	const struct engine_input first = input_of(run, &asked);
	const struct engine_input second = input_of(run, &answered);
	if (engine_judge_pair(results, &first, &second, failure) != 0)
		return -1;
	answered.count = results->message_count - answered.first;
	if (was_judged(run, &asked) && was_judged(run, &answered))
		expect_compare(run, &answered);
	return 0;
}

/* The first of the messages that is of this source. */
static size_t first_of(const struct results *results, size_t from, const char *source)
{
	size_t n = strlen(source);
	while (from < results->message_count &&
	       (strncmp(results->messages[from].source, source, n) != 0 ||
		(results->messages[from].source[n] && results->messages[from].source[n] != '!')))
		from++;
	return from;
}

/* What is broken in the request keeps the two from being judged beside each other. */
static bool is_of_pair(const struct omission *omission)
{
	return strncmp(omission->what, "the pair", 8) == 0 ||
	       strncmp(omission->what, "the rule PAIR-", 14) == 0;
}

static void require_judged(struct case_run *run, const struct message_result *reply)
{
	bool broken = run->test->expect->verdict.value == CPIS_FAIL;
	for (size_t k = 0; k < reply->omission_count; k++) {
		const struct omission *omission = &reply->omissions[k];
		if (broken && is_of_pair(omission))
			continue;
		run->unchecked = true;
		case_unjudged(run, "not judged of the server's reply: %s, %s", omission->what,
			      omission->why);
	}
}

static void require_pass(struct case_run *run, size_t split)
{
	const struct results *results = run->session->results;
	if (split == results->message_count)
		case_fault(run, "the server's reply holds no message");
	for (size_t i = split; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		require_judged(run, message);
		for (size_t k = 0; k < message->finding_count; k++)
			if (message->findings[k].severity == CPIS_ERROR)
				case_fault(run, "the server's reply breaks %s",
					   message->findings[k].rule->id);
		for (size_t k = 0; k < message->unlisted_count; k++)
			if (message->unlisted[k].severity == CPIS_ERROR)
				case_fault(run, "the server's reply breaks %s",
					   message->unlisted[k].rule->id);
	}
}

int case_judge_answered(struct case_run *run, const char *request_name,
			const struct pack_message *request, const char *response_name,
			const struct pack_message *response, struct cpis_failure *failure)
{
	struct results *results = run->session->results;
	struct judged asked = judged_of(request_name, request);
	struct judged answered = judged_of(response_name, response);
	const struct engine_input first = input_of(run, &asked);
	const struct engine_input second = input_of(run, &answered);
	asked.first = results->message_count;
	if (engine_judge_pair(results, &first, &second, failure) != 0)
		return -1;
	size_t split = first_of(results, asked.first, response_name);
	asked.count = split - asked.first;
	if (!was_judged(run, &asked) || !was_judged(run, &answered))
		return 0;
	expect_compare(run, &asked);
	require_pass(run, split);
	return 0;
}

/* What each file says of its system */

struct noting {
	struct case_run *run;
	const char *name;
	struct message_summary summary;
	bool too_old;
};

static const char *keep(struct pack_system *system, const struct summary_value *value)
{
	return value_there(&value->value) ? arena_copy(&system->arena, str_trim(value->value.text))
					  : NULL;
}

/* One more thing that a file says, for the session and, as far as it may be kept, for the results.
 */
static void note_sent(const struct noting *noting, struct sent_result says)
{
	const struct pack_session *session = noting->run->session;
	struct pack_system *system = &noting->run->session->system;
	struct results *results = session->results;
	struct sent_result *more = list_grown_in(&system->arena, system->sent, system->sent_count,
						 &system->sent_room, sizeof(*more));
	if (!says.authority && !says.asid && !says.number)
		return;
	struct sent_result *sent = results_add_sent(results);
	if (!more || !sent)
		return;
	says.pack = arena_copy(&results->arena, str_of(session->pack->name.text));
	says.file = arena_copy(&results->arena, str_of(noting->name));
	system->sent = more;
	more[system->sent_count++] = *sent = says;
	const char **const values[] = { &sent->authority, &sent->asid, &sent->number };
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (*values[i])
			*values[i] = mask_kept(&results->arena, str_of(*values[i]));
}

static void note_upload(const struct noting *noting)
{
	enum { LAST_YEAR = 9999 };
	const struct moment *made = &noting->summary.made.moment;
	long long number;
	if (!judge_number(noting->summary.file_id.value.text, &number))
		return;
	bool known = made->ok && made->seconds > 0 && made->year <= LAST_YEAR;
	note_sent(noting, (struct sent_result){
				  .number = arena_printf(&noting->run->session->system.arena,
							 "%lld", number),
				  .made = known ? made->seconds : 0,
			  });
}

static void check_age(struct noting *noting, const struct summary_time *time)
{
	struct case_run *run = noting->run;
	if (!run->session->not_before || !time->moment.ok || noting->too_old ||
	    time->moment.seconds >= run->session->not_before)
		return;
	noting->too_old = true;
	case_fault(run, "'%s' was made on %04d-%02d-%02d, which is too old for this run",
		   noting->name, time->moment.year, time->moment.month, time->moment.day);
}

static bool was_sent(const struct message_summary *summary)
{
	return summary->kind == SUMMARY_UPLOAD || summary->kind == SUMMARY_QUERY;
}

static void look(void *context, const struct part *part)
{
	struct noting *noting = context;
	struct message_summary *summary = &noting->summary;
	struct pack_system *system = &noting->run->session->system;
	summary_take(summary, part);
	if (part->kind == PART_WRAPPER) {
		const struct summary_value *asid =
			was_sent(summary) ? &summary->sender_asid : &summary->receiver_asids[0];
		note_sent(noting, (struct sent_result){ .asid = keep(system, asid) });
		check_age(noting, &summary->wrapped);
	}
	if (part->kind != PART_UPLOAD && part->kind != PART_QUERY && part->kind != PART_RESPONSE &&
	    part->kind != PART_ACKNOWLEDGEMENT)
		return;
	check_age(noting, &summary->made);
	if (part->kind == PART_UPLOAD || part->kind == PART_ACKNOWLEDGEMENT)
		note_sent(noting, (struct sent_result){
					  .authority = keep(system, &summary->organisation) });
	if (part->kind == PART_UPLOAD)
		note_upload(noting);
}

/* What cannot be read was reported when it was judged. */
static void note_system(struct case_run *run, const char *name, const struct pack_message *message)
{
	struct noting noting = { .run = run, .name = name };
	struct cpis_failure failure;
	summary_init(&noting.summary);
	engine_visit(buf_view(&message->bytes), look, &noting, &failure);
	summary_release(&noting.summary);
}

/* Slots */

struct slot_files {
	const struct evidence_file **items;
	size_t count;
};

static void leave_open(struct case_run *run, enum case_outcome *outcome)
{
	case_separate(run);
	*outcome = CASE_NOT_RUN;
}

/* The files of one slot. count 0: they cannot be judged; the reason says so, and outcome is set. */
static int fill_slot(struct case_run *run, const char *pattern, struct slot_files *files,
		     enum case_outcome *outcome)
{
	const struct evidence *evidence = run->session->evidence;
	*files = (struct slot_files){ 0 };
	if (!evidence) {
		leave_open(run, outcome);
		buf_printf(&run->reason, "no evidence folder was given for '%s'", pattern);
		return 0;
	}
	if (evidence->unread) {
		leave_open(run, outcome);
		buf_printf(&run->reason, EVIDENCE_UNREAD, evidence->unread);
		return 0;
	}
	files->items = arena_alloc(&run->session->scratch,
				   evidence->count * sizeof(struct evidence_file *) + 1);
	for (size_t i = 0; files->items && i < evidence->count; i++) {
		const struct evidence_file *file = &evidence->items[i];
		if (!evidence_matches(file, pattern))
			continue;
		if (file->why) {
			leave_open(run, outcome);
			buf_printf(&run->reason, "the evidence '%s' cannot be read: %s", file->name,
				   file->why);
			files->count = 0;
			return 0;
		}
		files->items[files->count++] = file;
	}
	if (files->items && !files->count) {
		leave_open(run, outcome);
		buf_printf(&run->reason, "the evidence folder has no file '%s'", pattern);
	}
	return files->items ? 0 : -1;
}

/* Whether there is one file, where there must be. */
static bool is_one(struct case_run *run, const char *pattern, const struct slot_files *files)
{
	struct buf names;
	if (files->count == 1)
		return true;
	buf_init(&names, 1 << 16);
	for (size_t i = 0; i < files->count && i < 5; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", files->items[i]->name);
	case_fault(run, "%zu files match '%s': there must be one (%s%s)", files->count, pattern,
		   names.p ? names.p : "", files->count > 5 ? ", ..." : "");
	buf_release(&names);
	return false;
}

static bool open_file(struct case_run *run, const struct evidence_file *file,
		      struct pack_message *message)
{
	char why[256];
	if (pack_message_open_evidence(message, file, run->session->pack, run->test,
				       &run->session->results->options, why, sizeof(why)))
		return true;
	case_fault(run, "the evidence '%s' cannot be read: %s", file->name, why);
	return false;
}

int run_evidence(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure)
{
	const char *pattern = run->test->evidence.text;
	bool one = run->test->files.given && run->test->files.value == SLOT_TAKES_ONE;
	struct slot_files files;
	if (fill_slot(run, pattern, &files, outcome) != 0)
		return failure_out_of_memory(failure);
	if (files.count && one && !is_one(run, pattern, &files))
		return 0;
	int status = 0;
	for (size_t i = 0; status == 0 && i < files.count; i++) {
		struct pack_message message;
		if (!open_file(run, files.items[i], &message))
			continue;
		status = case_judge(run, files.items[i]->name, &message, failure);
		note_system(run, files.items[i]->name, &message);
		pack_message_close(&message);
	}
	return status;
}

int run_evidence_pair(struct case_run *run, enum case_outcome *outcome,
		      struct cpis_failure *failure)
{
	const struct pack_case *test = run->test;
	struct slot_files asked, answered;
	struct pack_message request, response;
	if (fill_slot(run, test->evidence_request.text, &asked, outcome) != 0 ||
	    fill_slot(run, test->evidence_response.text, &answered, outcome) != 0)
		return failure_out_of_memory(failure);
	if (!asked.count || !answered.count || !is_one(run, test->evidence_request.text, &asked) ||
	    !is_one(run, test->evidence_response.text, &answered) ||
	    !open_file(run, asked.items[0], &request))
		return 0;
	int status = 0;
	if (open_file(run, answered.items[0], &response)) {
		status = case_judge_pair(run, asked.items[0]->name, &request,
					 answered.items[0]->name, &response, failure);
		note_system(run, asked.items[0]->name, &request);
		note_system(run, answered.items[0]->name, &response);
		pack_message_close(&response);
	}
	pack_message_close(&request);
	return status;
}

/* Exchanges of a journal */

static void name_exchanges(struct case_run *run, const struct slot_exchanges *slot)
{
	const struct journal *journal = &run->session->journal;
	struct buf names;
	buf_init(&names, 1 << 16);
	for (size_t i = 0; i < slot->count && i < 5; i++)
		buf_printf(&names, "%s%zu", i ? ", " : "", journal->items[slot->items[i]].number);
	case_fault(run, "%zu exchanges fit: there must be one (%s%s)", slot->count,
		   names.p ? names.p : "", slot->count > 5 ? ", ..." : "");
	buf_release(&names);
}

/* The one exchange of a slot. NULL: there is none or more than one, which has been said. */
static const struct exchange *exchange_of(struct case_run *run, enum case_outcome *outcome)
{
	const struct journal *journal = &run->session->journal;
	const struct slot_exchanges *slot = journal_slot(journal, run->test);
	if (run->session->evidence && run->session->evidence->unread) {
		leave_open(run, outcome);
		buf_printf(&run->reason, EVIDENCE_UNREAD, run->session->evidence->unread);
		return NULL;
	}
	if (!slot || !slot->count) {
		leave_open(run, outcome);
		buf_text(&run->reason,
			 !run->session->evidence ? "no journal was given"
			 : !slot ? "the evidence has no journal.jsonl: it is a folder that "
				   "cpis simulate --journal wrote"
				 : "no exchange of the journal fits");
		return NULL;
	}
	if (slot->count == 1)
		return &journal->items[slot->items[0]];
	name_exchanges(run, slot);
	return NULL;
}

/* That the exchange came after another case's, and not too long after. */
static void check_order(struct case_run *run, const struct exchange *exchange)
{
	const struct pack_exchange *wanted = run->test->exchange;
	const struct journal *journal = &run->session->journal;
	const struct pack *pack = run->session->pack;
	const struct slot_exchanges *slot = NULL;
	for (size_t i = 0; wanted->after.text && i < pack->case_count; i++)
		if (strcmp(pack->cases[i].id.text, wanted->after.text) == 0)
			slot = journal_slot(journal, &pack->cases[i]);
	if (!wanted->after.text)
		return;
	if (!slot || slot->count != 1) {
		case_fault(run, "it must come after the exchange of %s, of which there is not one",
			   wanted->after.text);
		return;
	}
	const struct exchange *before = &journal->items[slot->items[0]];
	if (before->number >= exchange->number)
		case_fault(run, "exchange %zu must come after exchange %zu, of %s",
			   exchange->number, before->number, wanted->after.text);
	else if (wanted->within.given &&
		 exchange->time - before->time > (long long)wanted->within.value)
		case_fault(run, "exchange %zu came %lld seconds after exchange %zu: at most %zu",
			   exchange->number, exchange->time - before->time, before->number,
			   wanted->within.value);
}

static int judge_exchange(struct case_run *run, const struct exchange *exchange,
			  const struct pack_message *request, struct cpis_failure *failure)
{
	struct pack_message response;
	const char *name = exchange->request->name;
	const struct config_text *wanted = &run->test->exchange->reply;
	if (wanted->text && strcmp(wanted->text, EXCHANGE_NO_REPLY) == 0)
		return case_judge(run, name, request, failure);
	if (!open_file(run, exchange->reply, &response))
		return 0;
	int status = case_judge_pair(run, name, request, exchange->reply->name, &response, failure);
	note_system(run, exchange->reply->name, &response);
	pack_message_close(&response);
	return status;
}

int run_exchange(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure)
{
	const struct exchange *exchange = exchange_of(run, outcome);
	struct pack_message request;
	if (!exchange)
		return 0;
	check_order(run, exchange);
	if (!open_file(run, exchange->request, &request))
		return 0;
	int status = judge_exchange(run, exchange, &request, failure);
	note_system(run, exchange->request->name, &request);
	pack_message_close(&request);
	return status;
}

/* The evidence as a whole */

static bool is_slot_of(const struct pack_session *session, const struct pack_case *test,
		       const struct evidence_file *file)
{
	const struct slot_exchanges *exchanges = journal_slot(&session->journal, test);
	if (exchanges)
		return journal_fills(&session->journal, exchanges, file);
	const struct config_text *const slots[] = { &test->evidence, &test->evidence_request,
						    &test->evidence_response };
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (slots[i]->text && evidence_matches(file, slots[i]->text))
			return true;
	return false;
}

static int list_slots(struct pack_session *session, size_t place, struct evidence_result *to)
{
	const struct evidence_file *file = &session->evidence->items[place];
	struct results *results = session->results;
	struct arena *scratch = &session->scratch;
	for (size_t k = 0; k < session->pack_count; k++) {
		const struct pack *pack = session->packs[k];
		for (size_t i = 0; i < pack->case_count; i++) {
			const struct pack_case *test = &pack->cases[i];
			if (!is_slot_of(session, test, file))
				continue;
			session->fills[place] = true;
			if (pack == session->pack &&
			    evidence_add_slot(results, to, test->id.text) != 0)
				return -1;
		}
	}
	if (strcmp(file->name, "answers.yaml") == 0 &&
	    evidence_add_slot(results, to, "answers") != 0)
		return -1;
	if (strcmp(file->name, KEYED_FILE) == 0 &&
	    evidence_add_slot(results, to, "day of keying") != 0)
		return -1;
	for (size_t i = 0; i < session->answer_count; i++) {
		const struct pack_answer *answer = &session->answers[i];
		if (!answer->attachment.text || strcmp(answer->attachment.text, file->name) != 0)
			continue;
		const char *slot = arena_printf(scratch, "attachment of %s", answer->case_id.text);
		if (!slot || evidence_add_slot(results, to, slot) != 0)
			return -1;
	}
	if (journal_is_own(&session->journal, file) &&
	    evidence_add_slot(results, to, "journal") != 0)
		return -1;
	session->fills[place] = session->fills[place] || to->slot_count;
	return 0;
}

int evidence_list(struct pack_session *session)
{
	const struct evidence *evidence = session->evidence;
	if (!evidence)
		return 0;
	session->fills = arena_alloc(&session->scratch, evidence->count + 1);
	if (!session->fills)
		return -1;
	for (size_t i = 0; i < evidence->count; i++) {
		const struct evidence_file *file = &evidence->items[i];
		if (file->is_folder)
			continue;
		struct evidence_result *to = results_add_evidence(session->results, file->name);
		if (!to)
			return -1;
		to->bytes = file->size;
		memcpy(to->sha256, file->sha256, sizeof(to->sha256));
		to->why =
			file->why ? arena_copy(&session->results->arena, str_of(file->why)) : NULL;
		if (list_slots(session, i, to) != 0)
			return -1;
	}
	for (size_t i = 0; i < evidence->skipped_count && session->packs[0] == session->pack; i++)
		if (results_add_left_out(session->results,
					 results_name(session->results, evidence->skipped[i].name),
					 evidence->skipped[i].why) != 0)
			return -1;
	return session->results->arena.failed ? -1 : 0;
}

static bool extra_is_allowed(const struct pack_session *session)
{
	for (size_t i = 0; i < session->pack_count; i++)
		if (session->packs[i]->extra.given)
			return true;
	return false;
}

/* The start of a name, in bytes, that is a folder in which the file would fill a slot: someone gave
 * the folder around it. 0: there is none. */
static size_t folder_around(const struct pack_session *session, const struct evidence_file *file)
{
	const char *slash = strchr(file->name, '/');
	struct evidence_file inside = *file;
	if (!slash)
		return 0;
	inside.name = slash + 1;
	for (size_t k = 0; k < session->pack_count; k++)
		for (size_t i = 0; i < session->packs[k]->case_count; i++)
			if (is_slot_of(session, &session->packs[k]->cases[i], &inside))
				return (size_t)(slash - file->name);
	return 0;
}

enum { MOST_NAMED = 10 };

/* Said once in a run: of its first pack. */
static void report_strays(const struct pack_session *session, struct buf *out)
{
	const struct evidence *evidence = session->evidence;
	const char *name = "";
	size_t strays = 0, folder = 0;
	if (extra_is_allowed(session) || session->packs[0] != session->pack)
		return;
	for (size_t i = 0; i < evidence->count; i++) {
		if (session->fills[i] || evidence->items[i].is_folder)
			continue;
		if (!folder && (folder = folder_around(session, &evidence->items[i])))
			name = evidence->items[i].name;
		if (strays++ < MOST_NAMED)
			buf_printf(out, "%s'%s'%s%s%s",
				   strays > 1 ? ", "
				   : out->n   ? "; "
					      : "",
				   evidence->items[i].name, evidence->items[i].why ? " (" : "",
				   evidence->items[i].why ? evidence->items[i].why : "",
				   evidence->items[i].why ? ")" : "");
	}
	if (strays > MOST_NAMED)
		buf_printf(out, " and %zu more", strays - MOST_NAMED);
	if (strays)
		buf_printf(out, " %s no slot", strays == 1 ? "fills" : "fill");
	if (folder)
		buf_printf(out, ", but files in '%.*s' would: give that folder as the evidence",
			   (int)folder, name);
}

void evidence_faults(struct pack_session *session, struct buf *out)
{
	if (!session->evidence)
		return;
	report_strays(session, out);
	if (session->journal.faults.n && session->packs[0] == session->pack)
		buf_printf(out, "%s%s", out->n ? "; " : "", session->journal.faults.p);
	struct buf unknown; /* nothing: all numbers are here as they were sent */
	buf_init(&unknown, 1 << 16);
	sent_check(session->system.sent, session->system.sent_count, session->pack->name.text, out,
		   &unknown);
	buf_release(&unknown);
}
