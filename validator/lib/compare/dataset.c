#include "compare/compare.h"

#include "base/files.h"
#include "config/fields.h"
#include "config/value.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "message/summary.h"

#include <stdio.h>
#include <strings.h>

static const size_t most_bytes = (size_t)1 << 30;

struct dataset_plan {
	struct config_place place;
	struct config_number kind; /* enum plan_kind less one */
	struct config_text start, end, deleted;
};

struct dataset_child {
	struct config_place place;
	struct config_number subject; /* enum subject_kind less one */
	struct config_text nhs_number, local_id, given, family, birth;
	struct dataset_plan *plans;
	size_t plan_count;
};

struct dataset {
	struct config_place place;
	struct config_text set, title;
	struct dataset_child *children;
	size_t child_count;
};

static const char *const kinds[] = {
	[PLAN_LOOKED_AFTER - 1] = "looked-after",
	[PLAN_CHILD_PROTECTION - 1] = "child-protection",
	[PLAN_UNBORN_CHILD - 1] = "unborn",
	NULL,
};
static const char *const subjects[] = {
	[SUBJECT_CHILD - 1] = "child",
	[SUBJECT_MOTHER - 1] = "mother",
	NULL,
};

static const struct field plan_fields[] = {
	{ "kind", FIELD_CHOICE, .required = true, .choices = kinds,
	  .offset = offsetof(struct dataset_plan, kind) },
	{ "start", FIELD_TEXT, .check = value_is_when,
	  .offset = offsetof(struct dataset_plan, start) },
	{ "end", FIELD_TEXT, .check = value_is_when, .offset = offsetof(struct dataset_plan, end) },
	{ "delete", FIELD_TEXT, .check = value_is_when,
	  .offset = offsetof(struct dataset_plan, deleted) },
};

static const struct mapping plan_mapping = {
	.what = "a plan",
	.bytes = sizeof(struct dataset_plan),
	FIELDS(plan_fields),
};

static const struct field child_fields[] = {
	{ "subject", FIELD_CHOICE, .choices = subjects,
	  .offset = offsetof(struct dataset_child, subject) },
	{ "nhs-number", FIELD_TEXT, .check = value_is_nhs_number,
	  .offset = offsetof(struct dataset_child, nhs_number) },
	{ "local-id", FIELD_TEXT, .offset = offsetof(struct dataset_child, local_id) },
	{ "given", FIELD_TEXT, .offset = offsetof(struct dataset_child, given) },
	{ "family", FIELD_TEXT, .offset = offsetof(struct dataset_child, family) },
	{ "birth-date", FIELD_TEXT, .check = value_is_when,
	  .offset = offsetof(struct dataset_child, birth) },
	{ "plans", FIELD_LIST, .of = &plan_mapping, .offset = offsetof(struct dataset_child, plans),
	  .count_offset = offsetof(struct dataset_child, plan_count) },
};

static const struct mapping child_mapping = {
	.what = "a record",
	.bytes = sizeof(struct dataset_child),
	FIELDS(child_fields),
};

static const struct field dataset_fields[] = {
	{ "set", FIELD_TEXT, .check = value_is_id, .offset = offsetof(struct dataset, set) },
	{ "title", FIELD_TEXT, .offset = offsetof(struct dataset, title) },
	{ "records", FIELD_LIST, .required = true, .of = &child_mapping,
	  .offset = offsetof(struct dataset, children),
	  .count_offset = offsetof(struct dataset, child_count) },
};

const struct mapping dataset_mapping = {
	.what = "a data set",
	.bytes = sizeof(struct dataset),
	FIELDS(dataset_fields),
};

/* Without the blanks and dashes that people write in a number. */
static struct str without(struct arena *arena, const struct config_text *from,
			  const char *ornaments)
{
	if (!from->text)
		return (struct str){ 0 };
	char *kept = arena_copy(arena, str_of(from->text));
	size_t n = 0;
	for (const char *p = from->text; kept && *p; p++)
		if (!strchr(ornaments, *p))
			kept[n++] = *p;
	return (struct str){ kept, n };
}

/* A relative one stays as it is written, until it is settled. */
static struct str time_of(struct child_records *records, struct arena *arena,
			  const struct config_text *from)
{
	const struct when_days unknown = { "", "" };
	char digits[WHEN_DIGITS];
	if (!from->text)
		return (struct str){ 0 };
	records->relative |= when_anchor_of(from->text);
	return when_digits(from->text, &unknown, digits) ? arena_str(arena, str_of(digits))
							 : str_of(from->text);
}

static void take_plan(struct child_plan *to, struct child_records *records, struct arena *arena,
		      const struct dataset_plan *from)
{
	*to = (struct child_plan){
		.kind = (enum plan_kind)(from->kind.value + 1),
		.start = time_of(records, arena, &from->start),
		.end = time_of(records, arena, &from->end),
		.deleted = time_of(records, arena, &from->deleted),
	};
}

static void take_child(struct child_record *to, struct child_records *records, struct arena *arena,
		       const struct dataset_child *from)
{
	to->line = from->place.line;
	to->keyed = true;
	to->subject =
		from->subject.given ? (enum subject_kind)(from->subject.value + 1) : SUBJECT_CHILD;
	to->nhs_number = without(arena, &from->nhs_number, " -");
	to->local_id = str_of(from->local_id.text);
	to->given = str_of(from->given.text);
	to->family = str_of(from->family.text);
	to->birth = time_of(records, arena, &from->birth);
	to->plans = arena_alloc(arena, (from->plan_count + 1) * sizeof(*to->plans));
	for (size_t i = 0; to->plans && i < from->plan_count; i++)
		take_plan(&to->plans[to->plan_count++], records, arena, &from->plans[i]);
}

static void check_child(const struct dataset_child *child, const char *path,
			struct problems *problems)
{
	if (!child->nhs_number.text && !child->local_id.text &&
	    !(child->given.text && child->family.text && child->birth.text))
		problem_add(problems, path, child->place,
			    "this record cannot be identified: give 'nhs-number', 'local-id', or "
			    "'given', "
			    "'family' and 'birth-date'");
}

static void read_yaml(struct child_records *records, struct arena *arena, const char *path,
		      struct str bytes, struct problems *problems)
{
	const struct loader loader = { arena, path, problems, true };
	struct dataset set = { 0 };
	size_t known = problems_count(problems);
	struct yaml_node *root = yaml_read(arena, path, bytes, problems);
	if (!root)
		return;
	load_mapping(&loader, &dataset_mapping, root, &set);
	if (problems_count(problems) > known)
		return;
	for (size_t i = 0; i < set.child_count; i++) {
		check_child(&set.children[i], path, problems);
		struct child_record *to = child_records_add(records, arena);
		if (to)
			take_child(to, records, arena, &set.children[i]);
	}
}

/* Settling */

/* False: the day is not known. */
static bool settle(struct str *time, struct arena *arena, const struct when_days *days,
		   enum when_anchor *unknown)
{
	char digits[WHEN_DIGITS];
	enum when_anchor anchor = time->n ? when_anchor_of(time->p) : WHEN_FIXED;
	if (anchor == WHEN_FIXED)
		return true;
	if (!when_digits(time->p, days, digits)) {
		*unknown = anchor;
		return false;
	}
	*time = arena_str(arena, str_of(digits));
	return true;
}

static bool settle_child(struct child_record *child, struct arena *arena,
			 const struct when_days *days, enum when_anchor *unknown)
{
	const struct child_plan *from = child->plans;
	child->plans = arena_alloc(arena, (child->plan_count + 1) * sizeof(*child->plans));
	if (!child->plans)
		return true;
	bool known = settle(&child->birth, arena, days, unknown);
	for (size_t i = 0; i < child->plan_count; i++) {
		struct child_plan *plan = &child->plans[i];
		*plan = from[i];
		known = known && settle(&plan->start, arena, days, unknown) &&
			settle(&plan->end, arena, days, unknown) &&
			settle(&plan->deleted, arena, days, unknown);
	}
	return known;
}

enum when_anchor records_settle(const struct child_records *records, struct arena *arena,
				const struct when_days *days, struct child_records *settled)
{
	struct child_records made = *records;
	enum when_anchor unknown = WHEN_FIXED;
	made.items = arena_alloc(arena, (records->count + 1) * sizeof(*made.items));
	made.relative = 0;
	for (size_t i = 0; made.items && i < records->count; i++) {
		made.items[i] = records->items[i];
		if (!settle_child(&made.items[i], arena, days, &unknown))
			return unknown;
	}
	*settled = made;
	return WHEN_FIXED;
}

struct taking {
	struct child_records *records;
	struct arena *arena;
	struct message_summary summary;
	bool may_have_records; /* by the kind of message: an upload, a response, an acknowledgement
				*/
};

/* The first day that the message names as that on which it was made. */
static void take_day(struct taking *taking, const struct part *part)
{
	const struct message_summary *summary = &taking->summary;
	if (taking->records->made[0])
		return;
	summary_take(&taking->summary, part);
	if (!summary->made.moment.ok || !summary->made.moment.has_day)
		return;
	const struct moment made = moment_by_uk_clock(&summary->made.moment);
	if (made.year >= 1000 && made.year <= 9999)
		snprintf(taking->records->made, WHEN_DAY, "%04u%02u%02u",
			 (unsigned)made.year % 10000, (unsigned)made.month % 100,
			 (unsigned)made.day % 100);
}

static void look(void *context, const struct part *part)
{
	struct taking *taking = context;
	take_day(taking, part);
	taking->may_have_records = taking->may_have_records || part->kind == PART_RECORD ||
				   part->kind == PART_UPLOAD || part->kind == PART_RESPONSE ||
				   part->kind == PART_ACKNOWLEDGEMENT;
	if (part->kind == PART_UPLOAD || part->kind == PART_RESPONSE ||
	    part->kind == PART_ACKNOWLEDGEMENT)
		taking->records->kind = part->kind;
	if (part->kind == PART_ACKNOWLEDGEMENT)
		child_records_take_outcome(taking->records, taking->arena,
					   (const struct acknowledgement *)(const void *)part);
	if (part->kind == PART_QUERY && part->parent && part->parent->kind == PART_RESPONSE)
		child_records_take_access(taking->records, taking->arena,
					  (const struct query *)(const void *)part);
	if (part->kind == PART_RESPONSE)
		child_records_end_response(taking->records);
	if (part->kind == PART_RECORD_DETAIL)
		child_records_take_detail(taking->records, taking->arena,
					  (const struct record_detail *)(const void *)part);
	if (part->kind == PART_RECORD)
		child_records_take(taking->records, taking->arena,
				   (const struct record *)(const void *)part);
}

static int take_message(struct taking *taking, struct str bytes, struct cpis_failure *failure)
{
	summary_init(&taking->summary);
	int status = engine_visit(bytes, look, taking, failure);
	summary_release(&taking->summary);
	if (status != 0)
		return -1;
	return taking->arena->failed ? failure_out_of_memory(failure) : 0;
}

int dataset_of_message(struct child_records *records, struct arena *arena, struct str bytes,
		       struct cpis_failure *failure)
{
	return take_message(&(struct taking){ .records = records, .arena = arena }, bytes, failure);
}

/* Only what a kind of message has is read into records. */
static int find_strange(struct child_records *records, struct str bytes,
			struct cpis_failure *failure)
{
	const struct cpis_options options = { .skip_stages = 1u << CPIS_RULES };
	const struct cpis_bytes source = { "message", bytes.p, bytes.n };
	struct cpis_results *results = NULL;
	struct cpis_message message;
	struct cpis_finding finding;
	int status = cpis_results_new(&results, &options, failure);
	if (status == 0)
		status = cpis_validate_bytes(results, &source, failure);
	for (size_t i = 0;
	     status == 0 && cpis_results_message(results, i, &message, sizeof(message)) == 0; i++)
		for (size_t k = 0;
		     !records->strange_line &&
		     cpis_results_finding(results, i, k, &finding, sizeof(finding)) == 0;
		     k++)
			if (finding.severity == CPIS_ERROR && strcmp(finding.rule, "SCH-001") == 0)
				records->strange_line = finding.line;
	cpis_results_free(results);
	return status;
}

static void read_message(struct child_records *records, struct arena *arena, const char *path,
			 struct str bytes, struct problems *problems)
{
	struct cpis_failure failure;
	struct taking taking = { .records = records, .arena = arena };
	if (take_message(&taking, bytes, &failure) == 0 &&
	    find_strange(records, bytes, &failure) == 0) {
		if (!taking.may_have_records)
			problem_add(problems, path, (struct config_place){ 0, 0 },
				    "it has no records of children to compare: name an upload, a "
				    "response, an acknowledgement or a data set");
		return;
	}
	if (failure.kind == CPIS_FAILURE_INTERNAL)
		problem_add_internal(problems, path, failure.text);
	else
		problem_add(problems, path, (struct config_place){ failure.line, failure.column },
			    "%s", failure.text);
}

bool dataset_is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0);
}

int dataset_read(struct child_records *records, struct arena *arena, const char *path,
		 struct problems *problems)
{
	struct buf bytes;
	char why[256];
	size_t known = problems_count(problems);
	buf_init(&bytes, most_bytes);
	if (!files_read(path, &bytes, why, sizeof(why)))
		problem_add(problems, path, (struct config_place){ 0, 0 }, "cannot be read: %s",
			    why);
	else if (dataset_is_yaml(path))
		read_yaml(records, arena, path, buf_view(&bytes), problems);
	else
		read_message(records, arena, path, buf_view(&bytes), problems);
	if (arena->failed)
		problem_add_internal(problems, path, "out of memory");
	buf_release(&bytes);
	return problems_count(problems) > known ? -1 : 0;
}
