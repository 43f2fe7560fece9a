/* The state of the national service, fed with uploads and queries through the judge's own reader.
 */
#include "base/buf.h"
#include "engine/engine.h"
#include "run_cli.h"
#include "state/state.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CHILD  "9993394130"
#define MOTHER "9994939084"
#define OTHER  "9997595173"

/* One record: what a test sets of it. */
struct draft_record {
	const char *number, *birth, *kind, *start, *end, *deleted;
	const char *local;
};

/* 9 a.m. in winter, of 2026-MM-DD. */
static long long day(const char *date)
{
	struct moment moment = moment_of(str_of(date));
	assert_true(moment.ok);
	return moment.seconds + 9 * 3600;
}

static void add_time(struct buf *out, const char *element, const char *kind, const char *name,
		     const char *value)
{
	if (value)
		buf_printf(out, "<%s><%s%s><value value=\"%s\"/></%s%s></%s>", element, kind, name,
			   value, kind, name, element);
}

static void add_record(struct buf *out, const struct draft_record *record)
{
	bool unborn = strcmp(record->kind, "uCP") == 0;
	const char *plan = unborn			      ? "COCT_TP146102GB01.UCPInformation"
			   : strcmp(record->kind, "lAC") == 0 ? "COCT_TP146100GB01.LACInformation"
							      : "COCT_TP146101GB01.CPPInformation";
	char local[128] = "";
	if (record->local)
		snprintf(local, sizeof(local),
			 "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"%s\"/>",
			 record->local);
	buf_printf(out, "<record><CP-ISRecord><pertinentInformation><%s>", plan);
	add_time(out, "component", record->kind, "StartDate", record->start);
	add_time(out, "component1", record->kind, "EndDate", record->end);
	add_time(out, "component2", record->kind, "DeleteDate", record->deleted);
	buf_printf(out, "</%s></pertinentInformation><subject>", plan);
	if (unborn)
		buf_printf(out,
			   "<COCT_TP145100GB01.UnbornChild><parentMotherPerson><birthTime "
			   "value=\"%s\"/><name><given>Ada</given><family>Fenn</family></name>"
			   "<playedMother><id root=\"2.16.840.1.113883.2.1.4.1\" "
			   "extension=\"%s\"/>%s</playedMother></parentMotherPerson>"
			   "</COCT_TP145100GB01.UnbornChild>",
			   record->birth, record->number, local);
	else
		buf_printf(out,
			   "<COCT_TP145101GB01.Child><id root=\"2.16.840.1.113883.2.1.4.1\" "
			   "extension=\"%s\"/>%s<childPerson><birthTime value=\"%s\"/><name>"
			   "<given>Tobias</given><family>Fenn</family></name></childPerson>"
			   "</COCT_TP145101GB01.Child>",
			   record->number, local, record->birth);
	buf_text(out, "</subject></CP-ISRecord></record>");
}

static void write_upload(struct buf *out, const char *authority, int number, const char *created,
			 const struct draft_record *records, size_t count)
{
	buf_printf(out,
		   "<File xmlns=\"urn:hl7-org:v3\"><creationTime value=\"%s090000+0000\"/>"
		   "<id extension=\"%d\"/><transmissionQuantity value=\"%zu\"/>"
		   "<communicationFunctionSnd><organisation>"
		   "<id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"%s\"/>"
		   "<name>Ashwick Council</name><telecom value=\"tel:01632960114\" use=\"EC\"/>"
		   "</organisation></communicationFunctionSnd>",
		   created, number, count, authority);
	for (size_t i = 0; i < count; i++)
		add_record(out, &records[i]);
	buf_text(out, "</File>");
}

struct feeding {
	struct state *state;
	long long taken;
	enum state_code code, record_code;
	struct state_file file;
	const struct part *begun; /* the upload that was begun */
	bool again;
	struct state_outcome outcomes[8];
	size_t count;
};

static void begin(struct feeding *feeding, const struct part *part)
{
	struct cpis_failure failure;
	const struct upload *upload = (const struct upload *)(const void *)part;
	if (feeding->begun)
		return;
	feeding->begun = part;
	if (feeding->again) {
		feeding->file.taken = feeding->taken;
		feeding->file.code = feeding->code;
		assert_int_equal(state_upload_again(feeding->state, &feeding->file, &failure), 0);
	} else {
		assert_int_equal(state_upload_begin(feeding->state, upload, feeding->taken,
						    feeding->code, &feeding->file, &failure),
				 0);
	}
}

static void feed(void *context, const struct part *part)
{
	struct feeding *feeding = context;
	struct cpis_failure failure;
	if (part->kind != PART_RECORD)
		return;
	begin(feeding, part->parent);
	assert_int_equal(state_upload_record(feeding->state,
					     (const struct record *)(const void *)part,
					     feeding->record_code,
					     &feeding->outcomes[feeding->count++ % 8], &failure),
			 0);
}

/* In a transaction that is still open. */
static void feed_upload(struct feeding *feeding, struct str bytes)
{
	struct cpis_failure failure;
	enum state_code code;
	feeding->begun = NULL;
	feeding->count = 0;
	assert_int_equal(state_begin(feeding->state, &failure), 0);
	if (engine_visit(bytes, feed, feeding, &failure) != 0)
		fail_msg("%s", failure.text);
	assert_int_equal(state_upload_end(feeding->state, &code, &failure), 0);
	feeding->code = code;
}

static struct feeding upload_of(struct state *state, const char *authority, int number,
				const char *created, const char *taken,
				const struct draft_record *records, size_t count,
				enum state_code code)
{
	struct cpis_failure failure;
	struct feeding feeding = { .state = state,
				   .taken = day(taken),
				   .code = code,
				   .record_code = code == CODE_ASK ? CODE_ASK : CODE_CPR06 };
	struct buf bytes;
	buf_init(&bytes, 1 << 20);
	if (code == CODE_UNANSWERED || code == CODE_CPR07)
		feeding.record_code = code;
	if (code == CODE_CPR07)
		feeding.code = CODE_CPF04;
	write_upload(&bytes, authority, number, created, records, count);
	feed_upload(&feeding, buf_view(&bytes));
	assert_int_equal(state_commit(state, &failure), 0);
	buf_release(&bytes);
	return feeding;
}

/* One record in one file, which the facts decide. */
static struct state_outcome send_on(struct state *state, int number, const char *date,
				    struct draft_record record)
{
	struct feeding feeding = upload_of(state, "9X1", number, date, date, &record, 1, CODE_ASK);
	return feeding.outcomes[0];
}

static struct state_person look(struct arena *arena, struct state *state, const char *number,
				const char *date)
{
	struct cpis_failure failure;
	struct state_person person;
	assert_int_equal(state_person(state, arena, str_of(number), day(date), &person, &failure),
			 0);
	return person;
}

static struct state *new_state(void)
{
	struct cpis_failure failure;
	struct state *state = state_open(NULL, &failure);
	assert_non_null(state);
	return state;
}

static const struct draft_record open_plan = { CHILD, "20150722", "cPP", "202601050900",
					       NULL,  NULL,	  "L1" };

static struct draft_record plan_until(const char *end)
{
	struct draft_record record = open_plan;
	record.end = end;
	return record;
}

static void test_a_plan_is_held_from_the_upload_that_brings_it(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	arena_init(&arena);
	assert_int_equal(send_on(state, 1, "20260110", open_plan).code, CODE_CPR06);
	assert_int_equal(look(&arena, state, CHILD, "20260109").plan_count, 0);
	struct state_person person = look(&arena, state, CHILD, "20260110");
	assert_int_equal(person.plan_count, 1);
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(person.plans[0].shown, SHOWN);
	assert_true(str_is(person.plans[0].since->number, "1"));
	assert_true(str_is(person.plans[0].authority->code, "9X1"));
	assert_true(str_is(person.plans[0].held->local_id, "L1"));
	assert_int_equal(person.event_count, 1);
	assert_int_equal(person.events[0].kind, EVENT_CREATED);
	arena_release(&arena);
	state_close(state);
}

static void test_the_latest_upload_wins(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	arena_init(&arena);
	send_on(state, 1, "20260110", open_plan);
	send_on(state, 2, "20260117", open_plan);
	send_on(state, 3, "20260124", plan_until("202601201200"));
	struct state_person person = look(&arena, state, CHILD, "20260125");
	assert_int_equal(person.plans[0].standing, STANDING_ENDED);
	assert_int_equal(person.plans[0].shown, SHOWN);
	assert_true(str_is(person.plans[0].since->number, "1"));
	assert_int_equal(person.event_count, 2);
	assert_int_equal(person.events[1].kind, EVENT_ENDED);
	/* The day before it was open. */
	assert_int_equal(look(&arena, state, CHILD, "20260123").plans[0].standing, STANDING_OPEN);
	send_on(state, 4, "20260131", open_plan);
	person = look(&arena, state, CHILD, "20260131");
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(person.events[2].kind, EVENT_REOPENED);
	arena_release(&arena);
	state_close(state);
}

static void test_an_ended_plan_is_shown_for_a_year_and_refused_after_it(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	arena_init(&arena);
	send_on(state, 1, "20260110", plan_until("202601100800"));
	assert_int_equal(look(&arena, state, CHILD, "20270109").plans[0].shown, SHOWN);
	struct state_person person = look(&arena, state, CHILD, "20270111");
	assert_int_equal(person.plans[0].shown, SHOWN_NOT);
	assert_int_equal(person.events[1].kind, EVENT_HIDDEN);
	struct state_outcome outcome = send_on(state, 2, "20270111", plan_until("202601100800"));
	assert_int_equal(outcome.code, CODE_CPR07);
	assert_int_equal(outcome.fact, FACT_REFUSED_AFTER_A_YEAR);
	struct draft_record deleted = plan_until("202601100800");
	deleted.deleted = "202701120900";
	assert_int_equal(send_on(state, 3, "20270112", deleted).code, CODE_CPR06);
	assert_int_equal(look(&arena, state, CHILD, "20270112").plans[0].standing,
			 STANDING_DELETED);
	arena_release(&arena);
	state_close(state);
}

static void test_a_delete_date_removes_a_plan_and_a_later_upload_brings_it_back(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record deleted = open_plan;
	arena_init(&arena);
	deleted.deleted = "202601160900";
	send_on(state, 1, "20260110", open_plan);
	send_on(state, 2, "20260117", deleted);
	struct state_person person = look(&arena, state, CHILD, "20260118");
	assert_null(person.plans[0].held);
	assert_int_equal(person.plans[0].shown, SHOWN_NOT);
	assert_int_equal(person.plans[0].fact, FACT_DELETED);
	send_on(state, 3, "20260124", open_plan);
	assert_int_equal(look(&arena, state, CHILD, "20260124").plans[0].shown, SHOWN);
	/* Of a plan that is not held, what happens is not public. */
	deleted.number = OTHER;
	send_on(state, 4, "20260125", deleted);
	person = look(&arena, state, OTHER, "20260125");
	assert_int_equal(person.events[0].fact, UNKNOWN_DELETE_OF_NOTHING);
	assert_false(state_fact(person.events[0].fact)->known);
	arena_release(&arena);
	state_close(state);
}

/* The plan of 2025 that ended, as it is sent after the open one. */
static struct draft_record earlier_plan(const char *end, const char *deleted)
{
	struct draft_record record = open_plan;
	record.start = "202503010900";
	record.end = end;
	record.deleted = deleted;
	return record;
}

static void assert_doubted(struct state *state, const char *date, const char *start,
			   enum state_fact_id fact)
{
	struct arena arena;
	arena_init(&arena);
	struct state_person person = look(&arena, state, CHILD, date);
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(person.plans[0].fact, fact);
	assert_true(person.plans[0].doubted);
	assert_true(str_is(person.plans[0].held->start, start));
	arena_release(&arena);
}

static void assert_shown(struct state *state, const char *date, const char *start,
			 enum state_shown shown)
{
	struct arena arena;
	arena_init(&arena);
	struct state_person person = look(&arena, state, CHILD, date);
	assert_int_equal(person.plans[0].shown, shown);
	assert_false(person.plans[0].doubted);
	if (start)
		assert_true(str_is(person.plans[0].held->start, start));
	arena_release(&arena);
}

/* Whether a delete date removes the plan of its record or all of its kind is not public. */
static void test_a_deletion_of_another_plan_leaves_the_open_one_not_known(void **unused)
{
	(void)unused;
	struct state *state = new_state();
	send_on(state, 1, "20260103", earlier_plan("202512010900", NULL));
	send_on(state, 2, "20260110", open_plan);
	send_on(state, 3, "20260117", earlier_plan("202512010900", "202601160900"));
	assert_doubted(state, "20260118", "202601050900", UNKNOWN_EARLIER_PLAN);
	/* What was uploaded last counts. */
	send_on(state, 4, "20260124", open_plan);
	assert_shown(state, "20260125", "202601050900", SHOWN);
	state_close(state);
	state = new_state();
	send_on(state, 1, "20260103", earlier_plan(NULL, NULL));
	send_on(state, 2, "20260110", earlier_plan(NULL, "202601090900"));
	send_on(state, 3, "20260117", open_plan);
	assert_shown(state, "20260118", "202601050900", SHOWN);
	/* And the other way: nothing says that the first one went when the second came. */
	struct draft_record deleted = open_plan;
	deleted.deleted = "202602010900";
	state_close(state);
	state = new_state();
	send_on(state, 1, "20260103", earlier_plan(NULL, NULL));
	send_on(state, 2, "20260110", open_plan);
	send_on(state, 3, "20260201", deleted);
	assert_doubted(state, "20260203", "202503010900", UNKNOWN_EARLIER_PLAN);
	state_close(state);
}

static void test_an_end_of_another_plan_leaves_the_open_one_not_known(void **unused)
{
	(void)unused;
	struct state *state = new_state();
	send_on(state, 1, "20260110", open_plan);
	send_on(state, 2, "20260117", earlier_plan("202512010900", NULL));
	assert_doubted(state, "20260118", "202601050900", UNKNOWN_EARLIER_PLAN);
	assert_doubted(state, "20270601", "202601050900", UNKNOWN_EARLIER_PLAN);
	send_on(state, 3, "20270602", plan_until("202706010900"));
	assert_shown(state, "20270603", "202601050900", SHOWN);
	state_close(state);
	state = new_state();
	send_on(state, 1, "20260103", earlier_plan("202512010900", NULL));
	send_on(state, 2, "20260110", open_plan);
	assert_shown(state, "20260118", "202601050900", SHOWN);
	state_close(state);
}

static void send_two(struct state *state, int number, const char *date, struct draft_record first,
		     struct draft_record second)
{
	const struct draft_record records[] = { first, second };
	upload_of(state, "9X1", number, date, date, records, 2, CODE_ASK);
}

static void test_which_record_of_a_file_takes_a_plan_away_is_not_known(void **unused)
{
	(void)unused;
	struct draft_record deleted = open_plan;
	deleted.deleted = "202601090900";
	const struct draft_record others[] = { earlier_plan(NULL, "202601090900"),
					       earlier_plan("202512010900", NULL), deleted };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (int order = 0; order < 2; order++) {
			struct arena arena;
			struct state *state = new_state();
			arena_init(&arena);
			send_on(state, 1, "20260103", earlier_plan(NULL, NULL));
			send_two(state, 2, "20260110", order ? others[i] : open_plan,
				 order ? open_plan : others[i]);
			struct state_person person = look(&arena, state, CHILD, "20260111");
			assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
			assert_int_equal(person.plans[0].standing, STANDING_OPEN);
			assert_false(state_fact(person.plans[0].fact)->known);
			assert_true(str_is(person.plans[0].held->start, "202601050900"));
			state_close(state);
			arena_release(&arena);
		}
	/* Ended or not, it is shown for a year. */
	for (int order = 0; order < 2; order++) {
		struct state *state = new_state();
		const struct draft_record ended = plan_until("202601090900");
		send_two(state, 1, "20260110", order ? ended : open_plan,
			 order ? open_plan : ended);
		assert_shown(state, "20260111", "202601050900", SHOWN);
		if (!order)
			assert_doubted(state, "20270111", "202601050900", UNKNOWN_TWICE_IN_A_FILE);
		state_close(state);
	}
}

static void test_a_delete_date_in_the_future_is_not_known_until_it_comes(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record deleted = open_plan;
	arena_init(&arena);
	deleted.deleted = "202606010900";
	send_on(state, 1, "20260110", open_plan);
	send_on(state, 2, "20260117", deleted);
	assert_doubted(state, "20260118", "202601050900", UNKNOWN_DELETE_IN_FUTURE);
	assert_true(str_is(look(&arena, state, CHILD, "20260118").plans[0].since->number, "1"));
	assert_shown(state, "20260602", NULL, SHOWN_NOT);
	assert_int_equal(look(&arena, state, CHILD, "20260602").plans[0].standing,
			 STANDING_DELETED);
	arena_release(&arena);
	state_close(state);
}

/* If it was loaded, the plan is gone. */
static void test_a_deletion_without_an_answer_leaves_the_plan_not_known(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record deleted = open_plan;
	arena_init(&arena);
	deleted.deleted = "202601160900";
	send_on(state, 1, "20260110", open_plan);
	upload_of(state, "9X1", 2, "20260117", "20260117", &deleted, 1, CODE_UNANSWERED);
	struct state_person person = look(&arena, state, CHILD, "20260118");
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	assert_int_equal(person.plans[0].fact, UNKNOWN_UNANSWERED);
	arena_release(&arena);
	state_close(state);
}

/* Nor does a refusal of what was sent after it say that it was not loaded. */
static void test_a_plan_without_an_answer_was_not_never_loaded(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record ended = open_plan;
	arena_init(&arena);
	ended.end = "202601160900";
	upload_of(state, "9X1", 1, "20260110", "20260110", &open_plan, 1, CODE_UNANSWERED);
	struct state_person person = look(&arena, state, CHILD, "20260111");
	assert_int_equal(person.plans[0].standing, STANDING_UNANSWERED);
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	upload_of(state, "9X1", 2, "20260117", "20260117", &ended, 1, CODE_CPR07);
	person = look(&arena, state, CHILD, "20260118");
	assert_int_equal(person.plans[0].standing, STANDING_UNANSWERED);
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	assert_int_equal(person.plans[0].fact, UNKNOWN_UNANSWERED);
	send_on(state, 3, "20260119", ended);
	person = look(&arena, state, CHILD, "20260120");
	assert_int_equal(person.plans[0].standing, STANDING_ENDED);
	assert_int_equal(person.plans[0].shown, SHOWN);
	upload_of(state, "9X2", 1, "20260110", "20260110", &open_plan, 1, CODE_CPR07);
	person = look(&arena, state, CHILD, "20260120");
	assert_int_equal(person.plans[1].standing, STANDING_NEVER);
	assert_int_equal(person.plans[1].shown, SHOWN_NOT);
	arena_release(&arena);
	state_close(state);
}

static void test_a_record_ends_on_the_18th_birthday(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record record = open_plan;
	arena_init(&arena);
	record.birth = "20080229"; /* 18 on 1 March 2026 */
	send_on(state, 1, "20260110", record);
	assert_int_equal(look(&arena, state, CHILD, "20260228").plans[0].standing, STANDING_OPEN);
	struct state_person person = look(&arena, state, CHILD, "20260301");
	assert_int_equal(person.plans[0].standing, STANDING_ADULT);
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	assert_int_equal(person.events[1].kind, EVENT_BIRTHDAY);
	assert_int_equal(send_on(state, 2, "20260228", record).code, CODE_CPR06);
	struct state_outcome outcome = send_on(state, 3, "20260301", record);
	assert_int_equal(outcome.code, CODE_CPR07);
	assert_int_equal(outcome.fact, FACT_REFUSED_AT_18);
	assert_int_equal(look(&arena, state, CHILD, "20270302").plans[0].shown, SHOWN_NOT);
	arena_release(&arena);
	state_close(state);
}

static void test_an_unborn_plan_is_the_mothers_and_the_born_childs_plan_its_own(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	const struct draft_record unborn = { MOTHER,	     "19990101", "uCP", "202601050900",
					     "202603011200", NULL,	 NULL };
	struct draft_record born = open_plan;
	arena_init(&arena);
	born.birth = "20260225";
	born.start = "202602261000";
	send_on(state, 1, "20260110", unborn);
	send_on(state, 2, "20260227", born);
	struct state_person person = look(&arena, state, MOTHER, "20260227");
	assert_int_equal(person.plans[0].kind, PLAN_UNBORN_CHILD);
	assert_int_equal(person.plans[0].held->subject, SUBJECT_MOTHER);
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(look(&arena, state, MOTHER, "20260302").plans[0].standing, STANDING_ENDED);
	assert_int_equal(look(&arena, state, CHILD, "20260302").plans[0].kind,
			 PLAN_CHILD_PROTECTION);
	arena_release(&arena);
	state_close(state);
}

static void test_numbers_are_refused_by_their_form_and_when_they_are_out_of_use(void **unused)
{
	(void)unused;
	static const char *const none[] = { NULL }, *const one[] = { OTHER, NULL };
	struct cpis_failure failure;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record record = open_plan;
	arena_init(&arena);
	record.number = "ABC123";
	assert_int_equal(send_on(state, 1, "20260110", record).code, CODE_CPR04);
	record.number = "9993394131";
	assert_int_equal(send_on(state, 2, "20260110", record).code, CODE_CPR01);
	send_on(state, 3, "20260111", open_plan);
	assert_int_equal(state_number_inactive(state, STR(CHILD), none, day("20260112"), &failure),
			 0);
	struct state_person person = look(&arena, state, CHILD, "20260113");
	assert_int_equal(person.inactive, day("20260112"));
	assert_int_equal(person.plans[0].shown, SHOWN_NOT_KNOWN);
	assert_int_equal(send_on(state, 4, "20260113", open_plan).code, CODE_CPR07);
	assert_int_equal(state_number_inactive(state, STR(CHILD), one, day("20260114"), &failure),
			 0);
	assert_int_equal(send_on(state, 5, "20260115", open_plan).code, CODE_CPR05);
	assert_int_equal(look(&arena, state, CHILD, "20260115").replacement_count, 1);
	/* It was notified once. */
	struct state_notice *notices;
	size_t count;
	assert_int_equal(state_notices(state, &arena, 0, &notices, &count, &failure), 0);
	assert_int_equal(count, 1);
	assert_int_equal(notices[0].kind, NOTICE_INACTIVE);
	assert_true(str_is(notices[0].file, "3"));
	assert_int_equal(notices[0].replacement_count, 1);
	arena_release(&arena);
	state_close(state);
}

static void test_an_older_file_that_comes_later_overwrites_and_says_so(void **unused)
{
	(void)unused;
	struct arena arena;
	struct state *state = new_state();
	struct draft_record ended = plan_until("202601201200");
	arena_init(&arena);
	upload_of(state, "9X1", 2, "20260124", "20260124", &ended, 1, CODE_ASK);
	upload_of(state, "9X1", 1, "20260117", "20260125", &open_plan, 1, CODE_ASK);
	struct state_person person = look(&arena, state, CHILD, "20260126");
	assert_true(person.plans[0].overwrote);
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(person.plans[0].fact, UNKNOWN_LATE_FILE);
	assert_int_equal(person.events[1].kind, EVENT_OVERWRITTEN);
	/* A newer file that says the same as the older one settles it. */
	upload_of(state, "9X1", 3, "20260131", "20260131", &open_plan, 1, CODE_ASK);
	person = look(&arena, state, CHILD, "20260201");
	assert_null(person.plans[0].overwrote);
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	arena_release(&arena);
	state_close(state);
}

/* Uploads that come in no order, among them one that is said to be taken at another time, and the
 * order is asked for between them. */
static void test_the_order_of_uploads_is_that_of_the_service(void **unused)
{
	(void)unused;
	static const char *const taken[] = { "20260110", "20260124", "20260117", "20260124",
					     "20260103", "20260131", "20260117" };
	static const int numbers[] = { 2, 10, 3, 9, 1, 11, 30 };
	static const size_t settled[] = { 5, 3, 7, 1, 4, 2, 6 };
	struct cpis_failure failure;
	struct state *state = new_state();
	for (size_t i = 0; i < 7; i++) {
		struct state_file *files;
		size_t count;
		struct arena arena;
		arena_init(&arena);
		struct feeding feeding = upload_of(state, "9X1", numbers[i], taken[i], taken[i],
						   &open_plan, 1, CODE_UNANSWERED);
		if (i == 6) {
			struct state_file first = { .authority = 1, .ordinal = 1 };
			enum state_code code;
			assert_int_equal(state_upload_again(state, &first, &failure), 0);
			first.taken = day("20260120");
			assert_int_equal(state_upload_end(state, &code, &failure), 0);
		}
		assert_int_equal(state_files(state, &arena, feeding.file.authority, &files, &count,
					     &failure),
				 0);
		assert_int_equal(count, i + 1);
		for (size_t k = 1; i < 6 && k < count; k++)
			assert_true(files[k - 1].taken <= files[k].taken);
		for (size_t k = 0; i == 6 && k < count; k++)
			assert_int_equal(files[k].ordinal, settled[k]);
		arena_release(&arena);
	}
	state_close(state);
}

static double seconds_for_uploads(struct state *state, int from, int count)
{
	struct timespec start, end;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (int i = from; i < from + count; i++) {
		send_on(state, i, "20260110", open_plan);
		if (i % 16 == 0) {
			struct arena arena;
			arena_init(&arena);
			look(&arena, state, CHILD, "20260110");
			arena_release(&arena);
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

/* Years of uploads, many a day: the last ones cost what the first ones did. */
static void test_an_upload_costs_the_same_however_many_were_before_it(void **unused)
{
	(void)unused;
	struct state *state = new_state();
	seconds_for_uploads(state, 1, 100);
	double first = seconds_for_uploads(state, 101, 500);
	seconds_for_uploads(state, 601, 6000);
	double last = seconds_for_uploads(state, 6601, 500);
	if (last > first * 3)
		fail_msg("500 uploads take %.3f s, and later %.3f s", first, last);
	state_close(state);
}

static void test_what_became_of_an_upload_may_be_said_later(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	struct arena arena;
	struct state *state = new_state();
	arena_init(&arena);
	upload_of(state, "9X1", 1, "20260110", "20260110", &open_plan, 1, CODE_CPF02);
	struct feeding second =
		upload_of(state, "9X1", 2, "20260117", "20260117", &open_plan, 1, CODE_UNANSWERED);
	upload_of(state, "9X1", 3, "20260124", "20260124", &open_plan, 1, CODE_UNANSWERED);
	struct state_person person = look(&arena, state, CHILD, "20260124");
	assert_int_equal(person.plans[0].standing, STANDING_OPEN);
	assert_int_equal(person.event_count, 2);
	assert_int_equal(person.events[1].kind, EVENT_UNANSWERED);
	struct buf bytes;
	buf_init(&bytes, 1 << 20);
	write_upload(&bytes, "9X1", 2, "20260117", &open_plan, 1);
	second.again = true;
	second.taken = day("20260118");
	second.code = CODE_CPF04;
	second.record_code = CODE_CPR03;
	feed_upload(&second, buf_view(&bytes));
	assert_int_equal(state_commit(state, &failure), 0);
	buf_release(&bytes);
	person = look(&arena, state, CHILD, "20260124");
	assert_int_equal(person.event_count, 3);
	assert_int_equal(person.events[1].kind, EVENT_REFUSED);
	assert_int_equal(person.events[1].entry->code, CODE_CPR03);
	assert_int_equal(person.events[2].kind, EVENT_UNANSWERED);
	arena_release(&arena);
	state_close(state);
}

/* A query by a user, at a moment of a day; returns how many accesses its answer lists. */
static size_t query_on(struct state *state, const char *user, const char *id, long long at,
		       const char *event)
{
	struct cpis_failure failure;
	struct arena arena;
	struct state_answer answer;
	struct identifier number = { .extension = { .text = STR(CHILD) } };
	struct identifier author = { .root = { .text = STR(OID_SDS_USER) },
				     .extension = { .text = str_of(user) } };
	struct query query = {
		.id = { .text = str_of(id) },
		.person_count = 1,
		.person = { .ids = &author, .id_count = 1 },
		.nhs_numbers = &number,
		.nhs_number_count = 1,
	};
	query.access_event.text = str_of(event);
	arena_init(&arena);
	assert_int_equal(state_begin(state, &failure), 0);
	assert_int_equal(state_query(state, &arena, &query, at, &answer, &failure), 0);
	assert_int_equal(state_commit(state, &failure), 0);
	size_t count = answer.access_count;
	if (count && !event)
		assert_true(str_is(answer.accesses[0].author.id, user) || count > 1);
	arena_release(&arena);
	return count;
}

static void test_queries_are_listed_once_a_day_25_at_most_and_silent_reads_never(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	struct arena arena;
	struct state *state = new_state();
	long long at = day("20260112");
	char user[16];
	arena_init(&arena);
	/* Nothing is held: nothing is listed. */
	assert_int_equal(query_on(state, "1", "A", day("20260101"), NULL), 0);
	send_on(state, 1, "20260110", open_plan);
	assert_int_equal(query_on(state, "1", "B", at, NULL), 1);
	assert_int_equal(query_on(state, "1", "C", at + 3600, NULL), 1);
	assert_int_equal(query_on(state, "2", "D", at + 3600, "false"), 1);
	assert_int_equal(query_on(state, "1", "E", at + 25 * 3600, NULL), 2);
	for (int i = 10; i < 50; i++) {
		snprintf(user, sizeof(user), "%d", i);
		query_on(state, user, user, at + 26 * 3600 + i, NULL);
	}
	/* An id names one access, however often it is sent, and by whom. */
	assert_int_equal(query_on(state, "61", "49", at + 29 * 3600, NULL), STATE_MOST_ACCESSES);
	assert_int_equal(query_on(state, "60", "G", at + 30 * 3600, NULL), STATE_MOST_ACCESSES);
	struct state_notice *notices;
	size_t count;
	assert_int_equal(state_notices(state, &arena, 1, &notices, &count, &failure), 0);
	assert_int_equal(count, 44);
	assert_true(str_is(notices[0].access.id, "B"));
	assert_true(str_is(notices[0].local_id, "L1"));
	assert_int_equal(state_notices_sent(state, 1, notices[42].id, &failure), 0);
	assert_int_equal(state_notices(state, &arena, 0, &notices, &count, &failure), 0);
	assert_int_equal(count, 1);
	arena_release(&arena);
	state_close(state);
}

static size_t notices_of(struct state *state, size_t authority, const char *last)
{
	struct cpis_failure failure;
	struct state_notice *notices;
	struct arena arena;
	size_t count;
	arena_init(&arena);
	assert_int_equal(state_notices(state, &arena, authority, &notices, &count, &failure), 0);
	assert_true(count > 0);
	assert_true(str_is(notices[count - 1].access.id, last));
	arena_release(&arena);
	return count;
}

/* Who asked before an authority had a record asks for that record for the first time afterwards. */
static void test_an_authority_is_notified_of_the_first_access_to_its_own_record(void **unused)
{
	(void)unused;
	struct state *state = new_state();
	long long at = day("20260112");
	send_on(state, 1, "20260110", open_plan);
	assert_int_equal(query_on(state, "1", "A", at, NULL), 1);
	upload_of(state, "9X2", 1, "20260112", "20260112", &open_plan, 1, CODE_ASK);
	/* It is listed once all the same. */
	assert_int_equal(query_on(state, "1", "B", at + 3600, NULL), 1);
	assert_int_equal(notices_of(state, 1, "A"), 1);
	assert_int_equal(notices_of(state, 2, "B"), 1);
	assert_int_equal(query_on(state, "1", "C", at + 7200, NULL), 1);
	assert_int_equal(notices_of(state, 2, "B"), 1);
	/* A day after the one that is listed both are notified. */
	assert_int_equal(query_on(state, "1", "D", at + 24 * 3600 + 1, NULL), 2);
	assert_int_equal(notices_of(state, 1, "D"), 2);
	assert_int_equal(notices_of(state, 2, "D"), 2);
	state_close(state);
}

/* The process dies in an upload: what was committed is there, nothing else. */
static void test_what_was_committed_survives_a_kill_and_nothing_else_does(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	struct arena arena;
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("killed.state"));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct state *state = state_open(path, &failure);
		struct draft_record record = open_plan;
		struct buf bytes;
		send_on(state, 1, "20260110", open_plan);
		record.number = OTHER;
		buf_init(&bytes, 1 << 20);
		write_upload(&bytes, "9X1", 2, "20260111", &record, 1);
		struct feeding feeding = { .state = state,
					   .taken = day("20260111"),
					   .code = CODE_ASK,
					   .record_code = CODE_ASK };
		feed_upload(&feeding, buf_view(&bytes));
		kill(getpid(), SIGKILL);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 077, 0);
	struct state *state = state_open(path, &failure);
	assert_non_null(state);
	arena_init(&arena);
	assert_int_equal(look(&arena, state, CHILD, "20260112").plan_count, 1);
	assert_int_equal(look(&arena, state, OTHER, "20260112").plan_count, 0);
	send_on(state, 2, "20260111", open_plan);
	assert_true(
		str_is(look(&arena, state, CHILD, "20260112").plans[0].held->last->number, "2"));
	arena_release(&arena);
	state_close(state);
}

static void test_a_file_that_is_not_a_state_is_refused(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	assert_null(state_open("testcases/messages/upload-one.xml", &failure));
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_null(state_open(scratch_path("no/such/folder"), &failure));
	assert_non_null(strstr(failure.text, "cannot be opened"));
}

static int count_person(void *context, const struct state_person *person)
{
	size_t *count = context;
	(*count) += person->plan_count;
	return 0;
}

static void test_two_authorities_hold_a_plan_of_one_child_and_all_are_listed(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	struct state *state = new_state();
	struct draft_record records[] = { open_plan, open_plan };
	size_t count = 0;
	records[1].number = OTHER;
	upload_of(state, "9X1", 1, "20260110", "20260110", records, 2, CODE_ASK);
	upload_of(state, "9X2", 1, "20260111", "20260111", records, 1, CODE_ASK);
	assert_int_equal(state_each_person(state, day("20260112"), count_person, &count, &failure),
			 0);
	assert_int_equal(count, 3);
	assert_int_equal(state_reset(state, &failure), 0);
	count = 0;
	assert_int_equal(state_each_person(state, day("20260112"), count_person, &count, &failure),
			 0);
	assert_int_equal(count, 0);
	assert_int_equal(send_on(state, 1, "20260110", open_plan).code, CODE_CPR06);
	state_close(state);
}

static void test_a_code_in_small_letters_is_of_the_same_authority(void **unused)
{
	(void)unused;
	struct cpis_failure failure;
	struct arena arena;
	struct state *state = new_state();
	struct state_authority *all = NULL;
	size_t count = 0, plans = 0;
	arena_init(&arena);
	upload_of(state, "9X1", 1, "20260110", "20260110", &open_plan, 1, CODE_ASK);
	upload_of(state, "9x1", 2, "20260111", "20260111", &open_plan, 1, CODE_ASK);
	upload_of(state, "9X1", 3, "20260112", "20260112", &open_plan, 1, CODE_ASK);
	assert_int_equal(state_authorities(state, &arena, &all, &count, &failure), 0);
	assert_int_equal(count, 1);
	assert_true(str_is(all[0].code, "9X1"));
	assert_int_equal(state_each_person(state, day("20260113"), count_person, &plans, &failure),
			 0);
	assert_int_equal(plans, 1);
	arena_release(&arena);
	state_close(state);
}

static void test_every_fact_is_a_sentence_with_its_source(void **unused)
{
	(void)unused;
	for (int id = FACT_NONE + 1; id < STATE_FACT_COUNT; id++) {
		const struct state_fact *fact = state_fact((enum state_fact_id)id);
		assert_true(fact->says && *fact->says && fact->source && *fact->source);
		assert_int_equal(fact->known, id < UNKNOWN_EARLIER_PLAN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plan_is_held_from_the_upload_that_brings_it),
		cmocka_unit_test(test_the_latest_upload_wins),
		cmocka_unit_test(test_an_ended_plan_is_shown_for_a_year_and_refused_after_it),
		cmocka_unit_test(
			test_a_delete_date_removes_a_plan_and_a_later_upload_brings_it_back),
		cmocka_unit_test(test_a_deletion_of_another_plan_leaves_the_open_one_not_known),
		cmocka_unit_test(test_an_end_of_another_plan_leaves_the_open_one_not_known),
		cmocka_unit_test(test_which_record_of_a_file_takes_a_plan_away_is_not_known),
		cmocka_unit_test(test_a_delete_date_in_the_future_is_not_known_until_it_comes),
		cmocka_unit_test(test_a_deletion_without_an_answer_leaves_the_plan_not_known),
		cmocka_unit_test(test_a_plan_without_an_answer_was_not_never_loaded),
		cmocka_unit_test(test_a_record_ends_on_the_18th_birthday),
		cmocka_unit_test(
			test_an_unborn_plan_is_the_mothers_and_the_born_childs_plan_its_own),
		cmocka_unit_test(
			test_numbers_are_refused_by_their_form_and_when_they_are_out_of_use),
		cmocka_unit_test(test_an_older_file_that_comes_later_overwrites_and_says_so),
		cmocka_unit_test(test_the_order_of_uploads_is_that_of_the_service),
		cmocka_unit_test(test_an_upload_costs_the_same_however_many_were_before_it),
		cmocka_unit_test(test_what_became_of_an_upload_may_be_said_later),
		cmocka_unit_test(
			test_queries_are_listed_once_a_day_25_at_most_and_silent_reads_never),
		cmocka_unit_test(
			test_an_authority_is_notified_of_the_first_access_to_its_own_record),
		cmocka_unit_test(test_what_was_committed_survives_a_kill_and_nothing_else_does),
		cmocka_unit_test(test_a_file_that_is_not_a_state_is_refused),
		cmocka_unit_test(test_two_authorities_hold_a_plan_of_one_child_and_all_are_listed),
		cmocka_unit_test(test_a_code_in_small_letters_is_of_the_same_authority),
		cmocka_unit_test(test_every_fact_is_a_sentence_with_its_source),
	};
	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
