/* Responses that were captured, against what the service should hold: the rules LED-017 and
 * LED-018. */
#include "ledger/ledger.h"

#include "base/calendar.h"
#include "rules/catalogue.h"

enum { MOST_ANSWERED = 256 };

/* A plan that a response shows. */
struct answered_plan {
	struct str authority, start, end;
	enum plan_kind kind;
};

/* A response, and what is made of it. */
struct answered {
	struct ledger *ledger;
	struct arena arena; /* of one response */
	struct buf text;
	struct cpis_failure *failure;
	long long made;
	struct str number;
	struct answered_plan plans[MOST_ANSWERED];
	size_t count;
	bool reporting;
	size_t differences;
};

static bool same_time(struct str a, struct str b)
{
	struct moment x = moment_of(a), y = moment_of(b);
	return x.ok == y.ok && (!x.ok || x.seconds == y.seconds);
}

/* How closely a time is said. */
enum closeness { BY_DAY, BY_MINUTE, AS_SENT };

/* In the arena; with marks where it is as it was sent. */
static const char *time_text(struct answered *answered, struct str time, enum closeness closeness)
{
	struct arena *arena = &answered->arena;
	const char *day = ledger_day_of(arena, time);
	struct moment moment = moment_of(time);
	if (*day && (closeness == BY_DAY || (closeness == BY_MINUTE && !moment.has_minutes)))
		return day;
	if (*day && closeness == BY_MINUTE)
		return arena_printf(arena, "%s at %02d:%02d", day, moment.hour, moment.minute);
	struct buf text;
	buf_init(&text, 4096);
	mask_write(&text, MASK_TIME, time);
	const char *kept = arena_copy(arena, buf_view(&text));
	buf_release(&text);
	return kept;
}

static const char *span_text(struct answered *answered, struct str start, struct str end,
			     enum closeness closeness)
{
	struct arena *arena = &answered->arena;
	const char *from = start.n ? time_text(answered, start, closeness) : NULL;
	const char *until = end.n ? time_text(answered, end, closeness) : NULL;
	const char *text =
		arena_printf(arena, "%s%s and %s%s", from ? "starts on " : "has no start",
			     from ? from : "", until ? "ends on " : "is open", until ? until : "");
	return text ? text : "";
}

/* Two spans in words, as closely as it takes to see that they differ: theirs after the other. */
static void say_spans(struct answered *answered, const struct state_entry *held,
		      const struct answered_plan *found, const char *between)
{
	const char *ours = "", *theirs = "";
	for (int closeness = BY_DAY; closeness <= AS_SENT && strcmp(ours, theirs) == 0;
	     closeness++) {
		ours = span_text(answered, held->start, held->end, (enum closeness)closeness);
		theirs = span_text(answered, found->start, found->end, (enum closeness)closeness);
	}
	buf_printf(&answered->text, "%s%s%s", ours, between, theirs);
}

static void say_plan(struct answered *answered, enum plan_kind kind)
{
	buf_printf(&answered->text, "the %s of NHS number ", plan_kind_words(kind));
	mask_write(&answered->text, MASK_NHS_NUMBER, answered->number);
}

/* fix NULL: the rule's. */
static void report(struct answered *answered, enum stage_rule rule, struct str authority,
		   enum plan_kind kind, const struct state_file *file, const char *fix)
{
	struct arena *arena = &answered->ledger->arena;
	const struct ledger_finding finding = {
		.rule = rules_stage(rule),
		.authority = arena_str(arena, authority),
		.number = arena_str(arena, answered->number),
		.kind = kind,
		.file = file ? arena_copy(arena, file->number) : NULL,
		.says = arena_copy(arena, buf_view(&answered->text)),
		.at = answered->made,
		.fix = fix,
	};
	ledger_add_finding(answered->ledger, &finding);
	buf_reset(&answered->text);
}

static const char shown_twice[] =
	"Nothing in the uploads: an authority has one plan of a kind for a child. Ask the service "
	"desk of CP-IS why the response shows two.";

static bool is_of(const struct answered_plan *shown, const struct state_plan *plan)
{
	return shown->kind == plan->kind && ods_code_same(shown->authority, plan->authority->code);
}

static bool has_dates_of(const struct answered_plan *shown, const struct state_entry *held)
{
	return same_time(held->start, shown->start) && same_time(held->end, shown->end);
}

/* Of several that the response shows the one that is as it was loaded. */
static const struct answered_plan *find_plan(const struct answered *answered,
					     const struct state_plan *plan)
{
	const struct answered_plan *found = NULL;
	for (size_t i = 0; i < answered->count; i++) {
		const struct answered_plan *shown = &answered->plans[i];
		if (!is_of(shown, plan))
			continue;
		if (!found || (plan->held && !has_dates_of(found, plan->held) &&
			       has_dates_of(shown, plan->held)))
			found = shown;
	}
	return found;
}

static void report_held(struct answered *answered, const struct state_plan *plan,
			const struct answered_plan *found)
{
	struct buf *out = &answered->text;
	const char *day = ledger_day(&answered->arena, answered->made);
	say_plan(answered, plan->kind);
	buf_text(out, ", ");
	if (!found) {
		buf_text(out, "which was loaded from upload ");
		mask_write(out, MASK_NONE, plan->held->first->number);
		buf_printf(out, ", is not in the response of %s", day);
	} else {
		buf_text(out, "which by upload ");
		mask_write(out, MASK_NONE, plan->held->last->number);
		buf_char(out, ' ');
		say_spans(answered, plan->held, found, ", ");
		buf_printf(out, " in the response of %s", day);
	}
	report(answered, RULE_LED_017, plan->authority->code, plan->kind, plan->held->last, NULL);
}

static void report_extra(struct answered *answered, const struct answered_plan *found,
			 const char *why, const char *fix)
{
	buf_printf(&answered->text, "the response of %s shows ",
		   ledger_day(&answered->arena, answered->made));
	say_plan(answered, found->kind);
	buf_text(&answered->text, why);
	report(answered, RULE_LED_018, found->authority, found->kind, NULL, fix);
}

/* A plan that is shown as it was loaded, and once more. */
static void report_again(struct answered *answered, const struct state_plan *plan,
			 const struct answered_plan *again)
{
	if (has_dates_of(again, plan->held)) {
		report_extra(answered, again, " twice", shown_twice);
		return;
	}
	struct buf *out = &answered->text;
	const char *between =
		arena_printf(&answered->arena, ", is in the response of %s twice: the other one ",
			     ledger_day(&answered->arena, answered->made));
	say_plan(answered, plan->kind);
	buf_text(out, ", which by upload ");
	mask_write(out, MASK_NONE, plan->held->last->number);
	buf_char(out, ' ');
	say_spans(answered, plan->held, again, between ? between : "");
	report(answered, RULE_LED_017, plan->authority->code, plan->kind, plan->held->last,
	       shown_twice);
}

/* An authority has one plan of a kind for a child, so it is shown once. */
static void compare_others(struct answered *answered, const struct state_plan *plan,
			   const struct answered_plan *found)
{
	for (size_t i = 0; i < answered->count; i++) {
		const struct answered_plan *again = &answered->plans[i];
		if (again == found || !is_of(again, plan))
			continue;
		answered->differences++;
		if (answered->reporting)
			report_again(answered, plan, again);
	}
}

static const char *why_not_shown(const struct state_plan *plan)
{
	if (plan->standing == STANDING_DELETED)
		return ", which was deleted before";
	return plan->standing == STANDING_NEVER ? ", of which no record was loaded before"
						: ", which had ended over a year before";
}

static void compare_plan(struct answered *answered, const struct state_plan *plan)
{
	const struct answered_plan *found = find_plan(answered, plan);
	const struct state_entry *held = plan->held;
	if (!state_fact(plan->fact)->known)
		return;
	if (plan->shown == SHOWN && held && (!found || !has_dates_of(found, held))) {
		answered->differences++;
		if (answered->reporting)
			report_held(answered, plan, found);
	} else if (plan->shown == SHOWN && held) {
		compare_others(answered, plan, found);
	} else if (plan->shown == SHOWN_NOT && found) {
		answered->differences++;
		if (answered->reporting)
			report_extra(answered, found, why_not_shown(plan), NULL);
	}
}

/* Whether the authority had uploaded something by then: of others nothing is known. */
static bool is_known(const struct answered *answered, struct str code, long long at)
{
	const struct state *state = answered->ledger->index.state;
	for (size_t i = 0; i < state->upload_count; i++) {
		const struct state_uploads *uploads = &state->uploads[i];
		for (size_t k = 0;
		     ods_code_same(uploads->authority.code, code) && k < uploads->count; k++)
			if (uploads->files[k].taken <= at)
				return true;
	}
	return false;
}

static void compare_at(struct answered *answered, long long at)
{
	struct state_person person;
	answered->differences = 0;
	if (state_person(answered->ledger->index.state, &answered->arena, answered->number, at,
			 &person, answered->failure) != 0)
		return;
	for (size_t i = 0; i < person.plan_count; i++)
		compare_plan(answered, &person.plans[i]);
	for (size_t i = 0; i < answered->count; i++) {
		const struct answered_plan *found = &answered->plans[i];
		bool there = !is_known(answered, found->authority, at);
		for (size_t k = 0; k < person.plan_count; k++)
			there = there || is_of(found, &person.plans[k]);
		answered->differences += !there;
		if (!there && answered->reporting)
			report_extra(answered, found, ", which no upload before it has", NULL);
	}
}

/* The clocks of the two may differ, so a day either way is looked at too. */
static void compare(struct answered *answered)
{
	static const long long days[] = { 0, -DAY_SECONDS, DAY_SECONDS };
	answered->reporting = false;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		compare_at(answered, answered->made + days[i]);
		if (!answered->differences)
			return;
	}
	answered->reporting = true;
	compare_at(answered, answered->made);
}

/* False: not all of it is known, as in an index of an earlier version. */
static bool read_plans(struct answered *answered, long long message, bool any)
{
	struct index *index = &answered->ledger->index;
	sqlite3_stmt *rows = index_statement(index, ANSWERED_PLANS);
	answered->count = 0;
	store_number(rows, 1, message);
	while (store_row(index->state, rows) && answered->count < MOST_ANSWERED)
		answered->plans[answered->count++] = (struct answered_plan){
			.authority = store_column(&answered->arena, rows, 0),
			.kind = (enum plan_kind)sqlite3_column_int(rows, 1),
			.start = store_column(&answered->arena, rows, 2),
			.end = store_column(&answered->arena, rows, 3),
		};
	store_reset(rows);
	return answered->count < MOST_ANSWERED && (answered->count > 0 || !any);
}

void responses_find(struct ledger *ledger, struct cpis_failure *failure)
{
	struct answered *answered = arena_alloc(&ledger->arena, sizeof(*answered));
	if (!answered)
		return;
	*answered = (struct answered){ .ledger = ledger, .failure = failure };
	arena_init(&answered->arena);
	buf_init(&answered->text, 1 << 16);
	sqlite3_stmt *rows = index_statement(&ledger->index, RESPONSES);
	store_number(rows, 1, ledger->at);
	while (store_row(ledger->index.state, rows)) {
		arena_restart(&answered->arena);
		answered->number = store_column(&answered->arena, rows, 1);
		answered->made = sqlite3_column_int64(rows, 2);
		bool any = sqlite3_column_int64(rows, 3) > 0;
		if (answered->number.n && read_plans(answered, sqlite3_column_int64(rows, 0), any))
			compare(answered);
	}
	store_reset(rows);
	if (answered->arena.failed || answered->text.failed)
		ledger->arena.failed = true;
	buf_release(&answered->text);
	arena_release(&answered->arena);
}
