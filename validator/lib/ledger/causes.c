/* Which children a clinician would not see, and why: the rules LED-*. */
#include "ledger/ledger.h"

#include "base/calendar.h"
#include "diag/failure.h"
#include "rules/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
	WAIT_DAYS = 5,	  /* after which the mailbox reports a message that was not collected */
	BIRTH_SLACK = 60, /* days: a child may be born after the date of its unborn plan */
	FOLLOW_DAYS = 180 /* and its own plan may come later still */
};

/* A child who was born at about the time when its plan came: perhaps of an unborn child plan. */
struct newborn {
	size_t authority;
	long long born;
	struct str family;
	bool taken;
};

/* An unborn child plan that is past its date. */
struct awaited {
	size_t authority;
	struct ledger_finding finding;
	struct str family;
	long long start, end;
	bool followed;
};

/* Of one file of an authority, in the order of the service. */
struct file_facts {
	bool whole; /* it repeats most of the file before it: plans that are not in it are gone */
	/* Of each record, by its place: what is known of it where the acknowledgement does not say
	 * which are refused. NULL: it says so. */
	unsigned char *unnamed;
};

/* Of a record that is perhaps refused. */
enum { PERHAPS_REFUSED = 1, NOT_SENT_RIGHT = 2 };

struct looking {
	struct ledger *ledger;
	struct buf text;
	struct newborn *newborns;
	size_t newborn_count, newborn_room;
	struct awaited *awaited;
	size_t awaited_count, awaited_room;
	struct arena arena; /* of one person */
	struct cpis_failure *failure;
	/* by authority id less one: its files in order, and which are whole */
	struct looked_files {
		struct state_file *files;
		struct state_file *by_number; /* the same */
		struct file_facts *facts;
		size_t count;
		size_t *rank; /* by ordinal less one */
	} * files;
	size_t authority_count;
};

static const char *plan_word(enum plan_kind kind)
{
	return plan_kind_words(kind);
}

static void say(struct looking *looking, const char *text)
{
	buf_text(&looking->text, text);
}

static void say_value(struct looking *looking, enum mask_kind kind, struct str value)
{
	mask_write(&looking->text, kind, value);
}

static void say_time(struct looking *looking, struct str time)
{
	const char *day = ledger_day_of(&looking->arena, time);
	if (*day)
		say(looking, day);
	else
		say_value(looking, MASK_TIME, time);
}

static void say_file(struct looking *looking, const struct state_file *file)
{
	buf_text(&looking->text, "upload ");
	say_value(looking, MASK_NONE, file->number);
}

static const char *keep_number(struct looking *looking, const struct state_file *file)
{
	return file ? arena_copy(&looking->ledger->arena, file->number) : NULL;
}

/* What was said becomes a finding. */
static struct ledger_finding finding_of(struct looking *looking, enum stage_rule rule,
					struct str authority, struct str number)
{
	struct arena *arena = &looking->ledger->arena;
	struct ledger_finding finding = {
		.rule = rules_stage(rule),
		.authority = arena_str(arena, authority),
		.number = arena_str(arena, number),
		.says = arena_copy(arena, buf_view(&looking->text)),
	};
	buf_reset(&looking->text);
	return finding;
}

static void add(struct looking *looking, const struct ledger_finding *finding)
{
	ledger_add_finding(looking->ledger, finding);
}

static void report(struct looking *looking, enum stage_rule rule, const struct state_person *person,
		   const struct state_plan *plan, const struct state_file *file)
{
	struct ledger_finding finding =
		finding_of(looking, rule, plan->authority->code, person->number);
	finding.kind = plan->kind;
	finding.file = keep_number(looking, file);
	finding.at = file ? file->taken : 0;
	add(looking, &finding);
}

/* Of two plans: of the one whose file was taken later. Of two authorities whose files were taken
 * at once it is not known which. */
static void report_two(struct looking *looking, enum stage_rule rule,
		       const struct state_person *person, const struct state_plan *const plans[2],
		       const struct state_file *const files[2])
{
	bool second = files[0]->taken <= files[1]->taken;
	if (plans[0]->authority->id == plans[1]->authority->id) {
		report(looking, rule, person, plans[1], files[1]);
	} else if (files[0]->taken != files[1]->taken) {
		report(looking, rule, person, plans[second], files[second]);
	} else {
		struct ledger_finding finding =
			finding_of(looking, rule, (struct str){ 0 }, person->number);
		finding.at = files[1]->taken;
		add(looking, &finding);
	}
}

static const struct looked_files *files_of(const struct looking *looking, size_t authority)
{
	return &looking->files[authority - 1];
}

static bool same_plan(const struct state_entry *a, const struct state_entry *b)
{
	return a && b && str_equal(a->start, b->start) && str_equal(a->end, b->end) &&
	       str_equal(a->deleted, b->deleted) && str_equal(a->birth, b->birth);
}

/* Another NHS number that the authority sent with the same local id, for which something of the
 * kind was loaded; in arena of the person. */
static bool has_other_number(struct looking *looking, const struct state_person *person,
			     const struct state_plan *plan, struct state_person *other)
{
	struct index *index = &looking->ledger->index;
	struct str numbers[8];
	size_t count = 0;
	struct str local = plan->latest->local_id;
	if (!local.n)
		return false;
	sqlite3_stmt *rows = index_statement(index, OTHER_NUMBERS);
	store_number(rows, 1, (long long)plan->authority->id);
	store_text(rows, 2, local);
	store_text(rows, 3, person->number);
	while (count < 8 && store_row(index->state, rows))
		numbers[count++] = store_column(&looking->arena, rows, 0);
	store_reset(rows);
	for (size_t i = 0; i < count; i++) {
		if (state_person(index->state, &looking->arena, numbers[i], looking->ledger->at,
				 other, looking->failure) != 0)
			return false;
		for (size_t k = 0; k < other->plan_count; k++) {
			const struct state_plan *theirs = &other->plans[k];
			if (theirs->authority->id == plan->authority->id && theirs->held &&
			    theirs->kind == plan->kind && str_equal(theirs->held->local_id, local))
				return true;
		}
	}
	return false;
}

static bool is_refusal(enum state_code code)
{
	return code != CODE_UNANSWERED && code != CODE_UNNAMED && code != CODE_CPR06;
}

static bool was_adult(const struct state_entry *entry)
{
	struct moment birth = moment_of(entry->birth);
	struct moment when = moment_of_seconds(entry->first->taken);
	struct moment clock = moment_by_uk_clock(&when);
	return entry->subject == SUBJECT_CHILD && birth.ok && birth.has_day &&
	       moment_years(&birth, &clock) >= 18;
}

static bool had_ended_long_ago(const struct state_entry *entry)
{
	struct moment end = moment_of(entry->end);
	return end.ok && !entry->deleted.n && entry->last->taken - end.seconds > YEAR_SECONDS;
}

/* "the child protection plan of NHS number #1" */
static void say_plan(struct looking *looking, const struct state_person *person,
		     const struct state_plan *plan)
{
	say(looking, "the ");
	say(looking, plan_word(plan->kind));
	say(looking, " of NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
}

/* LED-001, and LED-006 and LED-012, which know why. Numbers out of use are LED-005's. */
static bool look_at_refusal(struct looking *looking, const struct state_person *person,
			    const struct state_plan *plan)
{
	const struct state_entry *latest = plan->latest;
	struct state_person other;
	if (!is_refusal(latest->code))
		return false;
	if (person->inactive && person->inactive <= latest->last->taken)
		return true;
	if (was_adult(latest))
		return true; /* LED-012 looks at every plan */
	bool long_ago = had_ended_long_ago(latest);
	if (!long_ago &&
	    (same_plan(plan->held, latest) || has_other_number(looking, person, plan, &other)))
		return true;
	say_plan(looking, person, plan);
	say(looking, long_ago ? " ended on " : " was refused with ");
	if (long_ago)
		say_time(looking, latest->end);
	else
		say(looking, state_code_text(latest->code));
	say(looking, long_ago ? ", and has been refused since " : " in ");
	say_file(looking, latest->first);
	if (!long_ago)
		say(looking, ledger_held(plan));
	report(looking, long_ago ? RULE_LED_006 : RULE_LED_001, person, plan, latest->first);
	return true;
}

/* Whether it is not known if this is held, and nothing was said of the plan since. */
static bool is_open(struct looking *looking, const struct state_person *person,
		    const struct state_plan *plan, const struct state_entry *entry)
{
	struct state_person other;
	return plan->latest->first == entry->first && plan->latest->code == CODE_UNNAMED &&
	       !person->inactive && !same_plan(plan->held, entry) && !was_adult(entry) &&
	       !had_ended_long_ago(entry) && !has_other_number(looking, person, plan, &other);
}

/* What was perhaps refused: a record is not sent right while one of its plans is not. */
static void mark_unnamed(struct looking *looking, const struct state_person *person)
{
	for (size_t i = 0; i < person->event_count; i++) {
		const struct state_event *event = &person->events[i];
		const struct state_entry *entry = event->entry;
		if (event->kind != EVENT_UNANSWERED || entry->code != CODE_UNNAMED)
			continue;
		const struct looked_files *files = files_of(looking, event->plan->authority->id);
		struct file_facts *facts = &files->facts[files->rank[entry->first->ordinal - 1]];
		size_t records = entry->first->records;
		if (!facts->unnamed)
			facts->unnamed = arena_alloc(&looking->ledger->arena, records + 1);
		if (!facts->unnamed || entry->place > records)
			continue;
		facts->unnamed[entry->place] |= PERHAPS_REFUSED;
		if (is_open(looking, person, event->plan, entry))
			facts->unnamed[entry->place] |= NOT_SENT_RIGHT;
	}
}

static size_t unnamed_of(struct looking *looking, const struct state_file *file)
{
	struct index *index = &looking->ledger->index;
	sqlite3_stmt *row = index_statement(index, UNNAMED);
	store_number(row, 1, (long long)file->authority);
	store_number(row, 2, (long long)file->ordinal);
	size_t count = store_row(index->state, row) ? (size_t)sqlite3_column_int64(row, 0) : 0;
	store_reset(row);
	return count;
}

/* How many records of an upload were refused and not named, if more than were sent right since;
 * else 0. */
static size_t refused_and_open(struct looking *looking, const struct state_file *file,
			       const struct file_facts *facts)
{
	size_t open = 0, settled = 0;
	for (size_t i = 1; facts->unnamed && i <= file->records; i++) {
		open += (facts->unnamed[i] & NOT_SENT_RIGHT) != 0;
		settled += facts->unnamed[i] == PERHAPS_REFUSED;
	}
	size_t refused = open ? unnamed_of(looking, file) : 0;
	return refused > settled ? refused : 0;
}

/* LED-001 of an upload: more of its records were refused than were sent right since. */
static void look_at_unnamed(struct looking *looking, const struct state_authority *authority,
			    const struct looked_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct state_file *file = &files->files[i];
		size_t refused = refused_and_open(looking, file, &files->facts[i]);
		if (!refused)
			continue;
		buf_printf(&looking->text, "%zu record%s of ", refused, refused == 1 ? "" : "s");
		say_file(looking, file);
		buf_printf(&looking->text,
			   " %s refused, and the acknowledgement does not say which",
			   refused == 1 ? "was" : "were");
		struct ledger_finding finding =
			finding_of(looking, RULE_LED_001, authority->code, (struct str){ 0 });
		finding.file = keep_number(looking, file);
		finding.fix = "Find out which records were refused: ask the service desk of CP-IS, "
			      "or see which children it does not show. Then send them again.";
		finding.at = file->taken;
		add(looking, &finding);
	}
}

static void look_at_late(struct looking *looking, const struct state_person *person,
			 const struct state_plan *plan)
{
	if (!plan->held || !plan->overwrote)
		return;
	say_plan(looking, person, plan);
	say(looking, " was overwritten by ");
	say_file(looking, plan->held->first);
	say(looking, ", which is older than ");
	say_file(looking, plan->overwrote);
	report(looking, RULE_LED_003, person, plan, plan->held->last);
}

/* Since when another number of the child has a plan of the kind of this authority; 0: it has not.
 */
static long long held_since(const struct state_person *other, const struct state_plan *plan)
{
	for (size_t i = 0; i < other->plan_count; i++)
		if (other->plans[i].authority->id == plan->authority->id &&
		    other->plans[i].kind == plan->kind && other->plans[i].held &&
		    !other->plans[i].doubted)
			return other->plans[i].since->taken;
	return 0;
}

/* Since when the plan is under a new number; 0: it is not. */
static long long moved_to_new_number(struct looking *looking, const struct state_person *person,
				     const struct state_plan *plan)
{
	struct state_person other;
	for (size_t i = 0; i < person->replacement_count; i++) {
		if (state_person(looking->ledger->index.state, &looking->arena,
				 person->replacements[i], looking->ledger->at, &other,
				 looking->failure) != 0)
			return 0;
		if (held_since(&other, plan))
			return held_since(&other, plan);
	}
	return has_other_number(looking, person, plan, &other) ? held_since(&other, plan) : 0;
}

static void look_at_inactive(struct looking *looking, const struct state_person *person,
			     const struct state_plan *plan)
{
	if (!person->inactive)
		return;
	bool sent = plan->latest->last->taken > person->inactive;
	bool open = plan->standing == STANDING_OPEN && !plan->doubted;
	long long moved = moved_to_new_number(looking, person, plan);
	/* Where the plan moved, only what was sent after that is wrong. */
	if (moved ? plan->latest->last->taken <= moved : !sent && !open)
		return;
	say(looking, "NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
	say(looking, " was taken out of use on ");
	say(looking, ledger_day(&looking->arena, person->inactive));
	say(looking, person->replacement_count ? ", with a new one," : ", without a new one,");
	say(looking, sent ? " and was uploaded again, last in " : " and has an open plan since ");
	say_file(looking, sent ? plan->latest->last : plan->since);
	report(looking, RULE_LED_005, person, plan, plan->latest->last);
}

static void look_at_adult(struct looking *looking, const struct state_person *person,
			  const struct state_plan *plan)
{
	const struct state_entry *latest = plan->latest;
	bool refused = is_refusal(latest->code) && was_adult(latest);
	if ((plan->standing != STANDING_ADULT && !refused) || person->inactive)
		return;
	struct moment end = moment_of(latest->end), birth = moment_of(latest->birth);
	if (latest->deleted.n || (end.ok && birth.ok && moment_years(&birth, &end) < 18))
		return;
	say(looking, "the person with NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
	say(looking, " and birth date ");
	say_value(looking, MASK_BIRTH, latest->birth);
	say(looking, " is 18, and the ");
	say(looking, plan_word(plan->kind));
	say(looking, " was last sent as open, in ");
	say_file(looking, latest->last);
	report(looking, RULE_LED_012, person, plan, latest->last);
}

static void look_at_vanished(struct looking *looking, const struct state_person *person,
			     const struct state_plan *plan)
{
	const struct looked_files *files = files_of(looking, plan->authority->id);
	if (plan->standing != STANDING_OPEN || plan->doubted || person->inactive)
		return;
	size_t next = files->rank[plan->latest->last->ordinal - 1] + 1;
	struct state_person other;
	if (next >= files->count || files->files[next].taken > looking->ledger->at ||
	    !files->facts[next].whole || has_other_number(looking, person, plan, &other))
		return;
	say_plan(looking, person, plan);
	say(looking, " is open, and was last in ");
	say_file(looking, plan->latest->last);
	say(looking, ": the uploads after it repeat all plans but this one");
	report(looking, RULE_LED_011, person, plan, plan->latest->last);
}

static void look_at_deleted(struct looking *looking, const struct state_person *person,
			    const struct state_plan *plan)
{
	const struct state_event *deleted = NULL;
	for (size_t i = 0; plan->held && i < person->event_count; i++) {
		const struct state_event *event = &person->events[i];
		if (event->plan != plan)
			continue;
		if (event->kind == EVENT_DELETED)
			deleted = event;
		else if (event->kind == EVENT_CREATED && deleted &&
			 !str_equal(event->entry->start, deleted->entry->start))
			deleted = NULL;
	}
	if (!deleted || !plan->held || plan->since->taken < deleted->at ||
	    plan->held == deleted->entry || !str_equal(plan->held->start, deleted->entry->start))
		return;
	say_plan(looking, person, plan);
	say(looking, " was deleted by ");
	say_file(looking, deleted->entry->first);
	say(looking, " and sent again in ");
	say_file(looking, plan->since);
	report(looking, RULE_LED_015, person, plan, plan->since);
}

static void look_at_moved(struct looking *looking, const struct state_person *person,
			  const struct state_plan *plan)
{
	struct state_person other;
	if (person->inactive || plan->shown == SHOWN_NOT || !plan->held ||
	    plan->standing != STANDING_OPEN || plan->doubted ||
	    !has_other_number(looking, person, plan, &other))
		return;
	/* Once for both numbers: with the one that came first. */
	long long theirs = 0;
	for (size_t i = 0; i < other.plan_count; i++)
		if (other.plans[i].kind == plan->kind &&
		    other.plans[i].authority->id == plan->authority->id && other.plans[i].since &&
		    other.plans[i].standing == STANDING_OPEN && !other.plans[i].doubted)
			theirs = other.plans[i].since->taken;
	if (!theirs || other.inactive || plan->since->taken > theirs ||
	    (plan->since->taken == theirs && memcmp(person->number.p, other.number.p, 10) > 0))
		return;
	say(looking, "local id ");
	say_value(looking, MASK_LOCAL_ID, plan->held->local_id);
	say(looking, " was sent with NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
	say(looking, " and then with ");
	say_value(looking, MASK_NHS_NUMBER, other.number);
	say(looking, ", and the ");
	say(looking, plan_word(plan->kind));
	say(looking, " is open under both");
	report(looking, RULE_LED_013, person, plan, plan->since);
}

/* Whether what the plan last said still counts for something. */
static bool counts(const struct state_plan *plan)
{
	return plan->shown != SHOWN_NOT;
}

static bool births_differ(struct str a, struct str b)
{
	struct moment first = moment_of(a), second = moment_of(b);
	return first.ok && second.ok ? !moment_is_one_date(&first, &second) : !str_equal(a, b);
}

static void say_number(struct looking *looking, const struct state_person *person)
{
	say(looking, "NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
}

static void look_at_births(struct looking *looking, const struct state_person *person,
			   const struct state_plan *a, const struct state_plan *b)
{
	if (!births_differ(a->latest->birth, b->latest->birth))
		return;
	const struct state_plan *const plans[] = { a, b };
	const struct state_file *const files[] = { a->latest->last, b->latest->last };
	say_number(looking, person);
	for (int i = 0; i < 2; i++) {
		say(looking, i ? " and " : " has birth date ");
		say_value(looking, MASK_BIRTH, plans[i]->latest->birth);
		say(looking, " in ");
		say_file(looking, files[i]);
		if (a->authority->id == b->authority->id)
			continue;
		say(looking, " of ");
		say_value(looking, MASK_NONE, plans[i]->authority->code);
	}
	report_two(looking, RULE_LED_009, person, plans, files);
}

/* Of one authority. */
static void look_at_locals(struct looking *looking, const struct state_person *person,
			   const struct state_plan *a, const struct state_plan *b)
{
	struct str first = a->latest->local_id, second = b->latest->local_id;
	if (!first.n || !second.n || str_equal(first, second))
		return;
	say_number(looking, person);
	say(looking, " has local id ");
	say_value(looking, MASK_LOCAL_ID, first);
	say(looking, " with one plan and ");
	say_value(looking, MASK_LOCAL_ID, second);
	say(looking, " with another");
	report(looking, RULE_LED_010, person, b, b->latest->last);
}

/* The open plan that is held longest, if not one of this authority; NULL: there is none. */
static const struct state_plan *first_open(const struct state_person *person,
					   const struct state_authority *but)
{
	const struct state_plan *first = NULL;
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		bool open = plan->standing == STANDING_OPEN && !plan->doubted &&
			    (!but || plan->authority->id != but->id);
		if (open && (!first || plan->since->taken < first->since->taken))
			first = plan;
	}
	return first;
}

static void look_at_authorities(struct looking *looking, const struct state_person *person)
{
	const struct state_plan *first = first_open(person, NULL);
	const struct state_plan *other = first ? first_open(person, first->authority) : NULL;
	if (!other)
		return;
	const struct state_plan *const plans[] = { first, other };
	const struct state_file *const files[] = { first->since, other->since };
	say_number(looking, person);
	say(looking, " has open plans of ");
	say_value(looking, MASK_NONE, first->authority->code);
	say(looking, " and of ");
	say_value(looking, MASK_NONE, other->authority->code);
	report_two(looking, RULE_LED_008, person, plans, files);
}

static void note_newborn(struct looking *looking, const struct state_plan *plan)
{
	if (!plan->since || plan->latest->subject != SUBJECT_CHILD)
		return;
	struct moment birth = moment_of(plan->latest->birth);
	if (!birth.ok || plan->since->taken - birth.seconds > (long long)FOLLOW_DAYS * DAY_SECONDS)
		return;
	struct arena *arena = &looking->ledger->arena;
	struct newborn *grown = list_grown_in(arena, looking->newborns, looking->newborn_count,
					      &looking->newborn_room, sizeof(*grown));
	if (!grown)
		return;
	looking->newborns = grown;
	grown[looking->newborn_count++] =
		(struct newborn){ .authority = plan->authority->id,
				  .born = birth.seconds,
				  .family = arena_str(arena, plan->latest->family) };
}

/* An end date that had not come when it was sent is the expected one; an earlier one is a
 * decision. */
static void note_unborn(struct looking *looking, const struct state_person *person,
			const struct state_plan *plan)
{
	if (plan->kind != PLAN_UNBORN_CHILD || plan->standing != STANDING_ENDED || !plan->held)
		return;
	struct moment start = moment_of(plan->held->start), end = moment_of(plan->held->end);
	if (!end.ok || !start.ok || end.seconds <= plan->held->first->created ||
	    looking->ledger->at - end.seconds < (long long)BIRTH_SLACK * DAY_SECONDS)
		return;
	struct arena *arena = &looking->ledger->arena;
	struct awaited *grown = list_grown_in(arena, looking->awaited, looking->awaited_count,
					      &looking->awaited_room, sizeof(*grown));
	if (!grown)
		return;
	say(looking, "the unborn child plan of NHS number ");
	say_value(looking, MASK_NHS_NUMBER, person->number);
	say(looking, ", a mother, was to end on ");
	say_time(looking, plan->held->end);
	say(looking, ", and no plan of a child born at that time followed");
	struct awaited awaited = {
		.authority = plan->authority->id,
		.finding = finding_of(looking, RULE_LED_007, plan->authority->code, person->number),
		.family = arena_str(arena, plan->held->family),
		.start = start.seconds,
		.end = end.seconds,
	};
	awaited.finding.kind = plan->kind;
	awaited.finding.file = keep_number(looking, plan->held->last);
	awaited.finding.at = end.seconds;
	looking->awaited = grown;
	grown[looking->awaited_count++] = awaited;
}

static bool may_follow(const struct newborn *newborn, const struct awaited *awaited)
{
	return !newborn->taken && newborn->authority == awaited->authority &&
	       newborn->born >= awaited->start &&
	       newborn->born <= awaited->end + (long long)BIRTH_SLACK * DAY_SECONDS;
}

/* A child of the mother's name first; then any that no other plan waits for: whose it is is not
 * public, and so not a fault. */
static void match_unborn(struct looking *looking)
{
	for (int any = 0; any <= 1; any++)
		for (size_t i = 0; i < looking->awaited_count; i++) {
			struct awaited *awaited = &looking->awaited[i];
			for (size_t k = 0; !awaited->followed && k < looking->newborn_count; k++) {
				struct newborn *newborn = &looking->newborns[k];
				if (!may_follow(newborn, awaited) ||
				    (!any && !str_same_letters(newborn->family, awaited->family)))
					continue;
				newborn->taken = awaited->followed = true;
			}
		}
	for (size_t i = 0; i < looking->awaited_count; i++)
		if (!looking->awaited[i].followed)
			add(looking, &looking->awaited[i].finding);
}

static void look_at_plan(struct looking *looking, const struct state_person *person,
			 const struct state_plan *plan)
{
	ledger_count_plan(looking->ledger, plan);
	look_at_refusal(looking, person, plan);
	look_at_late(looking, person, plan);
	look_at_inactive(looking, person, plan);
	look_at_adult(looking, person, plan);
	look_at_vanished(looking, person, plan);
	look_at_deleted(looking, person, plan);
	look_at_moved(looking, person, plan);
	note_newborn(looking, plan);
	note_unborn(looking, person, plan);
}

static int look_at_person(void *context, const struct state_person *person)
{
	struct looking *looking = context;
	struct ledger *ledger = looking->ledger;
	const struct state_plan *first = NULL, *own = NULL; /* own: of the same authority */
	ledger->counts.people++;
	for (size_t i = 0; i < person->event_count; i++)
		if (!state_fact(person->events[i].fact)->known)
			ledger->unknown[person->events[i].fact]++;
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		if (!state_fact(plan->fact)->known)
			ledger->unknown[plan->fact]++;
		look_at_plan(looking, person, plan);
		if (!counts(plan))
			continue;
		if (first)
			look_at_births(looking, person, first, plan);
		if (own && own->authority->id == plan->authority->id)
			look_at_locals(looking, person, own, plan);
		else
			own = plan;
		first = first ? first : plan;
	}
	look_at_authorities(looking, person);
	mark_unnamed(looking, person);
	arena_restart(&looking->arena);
	return 0;
}

/* LED-004 and LED-014, by number. */
static long long file_number(struct str text)
{
	long long value = 0;
	if (!str_is_digits(text) || text.n > 17)
		return -1;
	for (size_t i = 0; i < text.n; i++)
		value = value * 10 + (text.p[i] - '0');
	return value;
}

static int by_number(const void *a, const void *b)
{
	const struct state_file *x = a, *y = b;
	long long first = file_number(x->number), second = file_number(y->number);
	if (first == second) {
		first = x->created != y->created ? x->created : x->taken;
		second = x->created != y->created ? y->created : y->taken;
	}
	return (first > second) - (first < second);
}

static void say_gap(struct looking *looking, long long first, long long last)
{
	if (last - first == 2)
		buf_printf(&looking->text, "upload %lld of ", first + 1);
	else
		buf_printf(&looking->text, "uploads %lld to %lld of ", first + 1, last - 1);
}

static void look_at_numbers(struct looking *looking, const struct state_authority *authority,
			    const struct state_file *files, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		long long before = file_number(files[i - 1].number);
		long long number = file_number(files[i].number);
		if (files[i].taken > looking->ledger->at || before < 0)
			continue;
		bool gap = number > before + 1, again = number == before;
		if (!gap && !again)
			continue;
		if (gap)
			say_gap(looking, before, number);
		else
			say(looking, "two uploads of ");
		say_value(looking, MASK_NONE, authority->code);
		if (gap && number - before == 2)
			say(looking, " is not here");
		else if (gap)
			say(looking, " are not here");
		else
			buf_printf(&looking->text, " have number %lld", number);
		struct ledger_finding finding =
			finding_of(looking, gap ? RULE_LED_004 : RULE_LED_014, authority->code,
				   (struct str){ 0 });
		finding.file = keep_number(looking, &files[i]);
		finding.at = files[i].taken;
		add(looking, &finding);
	}
}

static void look_at_answers(struct looking *looking, const struct state_authority *authority,
			    const struct state_file *files, size_t count)
{
	struct ledger *ledger = looking->ledger;
	for (size_t i = 0; i < count; i++) {
		if (files[i].code != CODE_UNANSWERED || files[i].taken > ledger->at)
			continue;
		if (ledger->at - files[i].taken < (long long)WAIT_DAYS * DAY_SECONDS) {
			ledger->counts.waiting++;
			continue;
		}
		say_file(looking, &files[i]);
		say(looking, " of ");
		say_value(looking, MASK_NONE, authority->code);
		buf_printf(&looking->text, ", with %zu record%s, has no acknowledgement",
			   files[i].records, files[i].records == 1 ? "" : "s");
		struct ledger_finding finding =
			finding_of(looking, RULE_LED_002, authority->code, (struct str){ 0 });
		finding.file = keep_number(looking, &files[i]);
		finding.at = files[i].taken;
		add(looking, &finding);
	}
}

/* The first of an authority's uploads, by number, that has this number or a higher one. */
static size_t reaches_number(const struct looked_files *files, long long number)
{
	size_t low = 0, high = files->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (file_number(files->by_number[middle].number) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_gap(const struct looking *looking, struct str authority, long long number)
{
	for (size_t i = 0; i < looking->authority_count; i++) {
		const struct looked_files *files = &looking->files[i];
		const struct state_uploads *uploads = &looking->ledger->index.state->uploads[i];
		if (!ods_code_same(uploads->authority.code, authority))
			continue;
		size_t at = reaches_number(files, number);
		return at > reaches_number(files, 0) && at < files->count &&
		       file_number(files->by_number[at].number) > number;
	}
	return false;
}

/* Whether an upload of the authority has the number. */
static bool has_number(const struct looking *looking, struct str authority, struct str number)
{
	for (size_t i = 0; i < looking->authority_count; i++) {
		const struct looked_files *files = &looking->files[i];
		const struct state_uploads *uploads = &looking->ledger->index.state->uploads[i];
		if (!ods_code_same(uploads->authority.code, authority))
			continue;
		long long value = file_number(number);
		for (size_t k = reaches_number(files, value);
		     k < files->count && file_number(files->by_number[k].number) == value; k++)
			if (str_equal(files->by_number[k].number, number))
				return true;
	}
	return false;
}

/* there: an upload has the number, and it is not known to be the one. */
static const char *orphan_words(struct str number, long long made, bool there)
{
	if (there)
		return made ? " was made more than a day before the upload with this number"
			    : " has no time that can be read, and several uploads have this number";
	return number.n ? " was received, but the upload is not here" : " was received";
}

/* One that is missing between two others is LED-004's. */
static void look_at_orphans(struct looking *looking)
{
	struct index *index = &looking->ledger->index;
	sqlite3_stmt *rows = index_statement(index, ORPHANS);
	while (store_row(index->state, rows)) {
		struct str authority = store_column(&looking->arena, rows, 0);
		struct str number = store_column(&looking->arena, rows, 1);
		long long made = sqlite3_column_int64(rows, 2);
		if (made > looking->ledger->at || is_gap(looking, authority, file_number(number)))
			continue;
		say(looking, number.n ? "an acknowledgement for upload "
				      : "an acknowledgement that names no upload");
		say_value(looking, MASK_NONE, number);
		say(looking, authority.n ? " of " : "");
		say_value(looking, MASK_NONE, authority);
		bool there = number.n && has_number(looking, authority, number);
		say(looking, orphan_words(number, made, there));
		struct ledger_finding finding =
			finding_of(looking, RULE_LED_016, authority, (struct str){ 0 });
		finding.file = arena_copy(&looking->ledger->arena, number);
		if (there && !made)
			finding.fix = "Put the acknowledgement into the folder as it was received, "
				      "with its creationTime. Give every new file the next number.";
		finding.at = made;
		add(looking, &finding);
	}
	store_reset(rows);
}

/* A file is whole when most of the one before it is in it again. */
static int list_files(struct looking *looking, struct cpis_failure *failure)
{
	struct ledger *ledger = looking->ledger;
	struct state_authority *all;
	if (state_authorities(ledger->index.state, &ledger->arena, &all, &looking->authority_count,
			      failure) != 0)
		return -1;
	looking->files = arena_alloc(&ledger->arena,
				     (looking->authority_count + 1) * sizeof(*looking->files));
	for (size_t i = 0; looking->files && i < looking->authority_count; i++) {
		struct looked_files *files = &looking->files[i];
		if (state_files(ledger->index.state, &ledger->arena, i + 1, &files->files,
				&files->count, failure) != 0)
			return -1;
		files->facts =
			arena_alloc(&ledger->arena, (files->count + 1) * sizeof(*files->facts));
		files->rank =
			arena_alloc(&ledger->arena, (files->count + 1) * sizeof(*files->rank));
		files->by_number =
			arena_alloc(&ledger->arena, (files->count + 1) * sizeof(*files->by_number));
		if (!files->facts || !files->rank || !files->by_number)
			return failure_out_of_memory(failure);
		memcpy(files->by_number, files->files, files->count * sizeof(*files->files));
		qsort(files->by_number, files->count, sizeof(*files->by_number), by_number);
		for (size_t k = 0; k < files->count; k++) {
			const struct state_file *file = &files->files[k];
			files->rank[file->ordinal - 1] = k;
			files->facts[k].whole = k && files->files[k - 1].records > 1 &&
						file->repeats * 2 >= files->files[k - 1].records;
		}
	}
	return ledger->arena.failed ? failure_out_of_memory(failure) : 0;
}

/* From the month of the first upload to that of the day asked for. */
static void name_months(struct looking *looking)
{
	struct ledger *ledger = looking->ledger;
	long long first = ledger->at;
	for (size_t i = 0; i < looking->authority_count; i++)
		if (looking->files[i].count && looking->files[i].files[0].taken > 0 &&
		    looking->files[i].files[0].taken < first)
			first = looking->files[i].files[0].taken;
	struct moment start = moment_of_seconds(first), end = moment_of_seconds(ledger->at);
	struct ledger_month month = { .year = start.year, .month = start.month };
	while (ledger->month_count < LEDGER_MOST_MONTHS &&
	       (month.year < end.year || (month.year == end.year && month.month <= end.month))) {
		ledger->months[ledger->month_count++] = month;
		month.year += month.month == 12;
		month.month = month.month % 12 + 1;
	}
}

int causes_find(struct ledger *ledger, struct cpis_failure *failure)
{
	struct looking looking = { .ledger = ledger, .failure = failure };
	arena_init(&looking.arena);
	buf_init(&looking.text, 1 << 16);
	int status = list_files(&looking, failure);
	if (status == 0) {
		name_months(&looking);
		status = state_each_person(ledger->index.state, ledger->at, look_at_person,
					   &looking, failure);
	}
	for (size_t i = 0; status == 0 && i < looking.authority_count; i++) {
		const struct looked_files *files = &looking.files[i];
		const struct state_authority *authority =
			&ledger->index.state->uploads[i].authority;
		look_at_numbers(&looking, authority, files->by_number, files->count);
		look_at_answers(&looking, authority, files->files, files->count);
		look_at_unnamed(&looking, authority, files);
	}
	if (status == 0) {
		match_unborn(&looking);
		look_at_orphans(&looking);
		responses_find(ledger, failure);
		ledger_count_messages(ledger);
		ledger_sort_findings(ledger);
		status = ledger->arena.failed || looking.arena.failed || looking.text.failed
				 ? failure_out_of_memory(failure)
				 : store_result(ledger->index.state, failure);
	}
	arena_release(&looking.arena);
	buf_release(&looking.text);
	return status;
}
