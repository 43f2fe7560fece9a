#include "compare/record.h"

#include "base/arena.h"

struct child_record *child_records_add(struct child_records *records, struct arena *arena)
{
	struct child_record *items = list_grown_in(arena, records->items, records->count,
						   &records->room, sizeof(*items));
	if (!items)
		return NULL;
	records->items = items;
	struct child_record *record = &records->items[records->count++];
	*record = (struct child_record){ .number = records->count };
	return record;
}

static struct str keep(struct arena *arena, struct value value)
{
	return value_there(&value) ? arena_str(arena, str_trim(value.text)) : (struct str){ 0 };
}

/* Where a record has both subjects, the unborn child's plan is the mother's, all others the
 * child's. */
static bool plan_is_of(const struct plan *plan, const struct record *record,
		       enum subject_kind subject)
{
	bool of_mother = plan->part.role == PLAN_UNBORN_CHILD;
	return record->subject_count < 2 || of_mother == (subject == SUBJECT_MOTHER);
}

static void take_plans(struct child_record *to, struct arena *arena, const struct record *record)
{
	to->plans = arena_alloc(arena, (record->plan_count + 1) * sizeof(*to->plans));
	for (size_t i = 0; to->plans && i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		if (!plan_is_of(plan, record, to->subject))
			continue;
		struct child_plan *kept = &to->plans[to->plan_count++];
		*kept = (struct child_plan){ 0 };
		kept->kind = (enum plan_kind)plan->part.role;
		if (plan->start_count)
			kept->start = keep(arena, plan->start.value);
		if (plan->end_count)
			kept->end = keep(arena, plan->end.value);
		if (plan->delete_count)
			kept->deleted = keep(arena, plan->deleted.value);
	}
}

/* Texts after each other. */
static struct str joined(struct arena *arena, struct str list, struct str more)
{
	if (!list.n)
		return arena_str(arena, more);
	return str_of(arena_printf(arena, "%.*s, %.*s", STR_ARG(list), STR_ARG(more)));
}

/* The authority of a record: in an upload its sender, in an acknowledgement its receiver. */
static const struct organisation *authority_of(const struct record *record)
{
	const struct part *parent = record->part.parent;
	if (parent && parent->kind == PART_UPLOAD)
		return &((const struct upload *)(const void *)parent)->sender;
	if (parent && parent->kind == PART_ACKNOWLEDGEMENT)
		return &((const struct acknowledgement *)(const void *)parent)->receiver;
	return &record->authority;
}

static void take_authority(struct child_record *to, struct arena *arena,
			   const struct record *record)
{
	const struct organisation *from = authority_of(record);
	struct str root = keep(arena, from->id.root), code = keep(arena, from->id.extension);
	if (root.n || code.n)
		to->authority =
			str_of(arena_printf(arena, "%.*s of %.*s", STR_ARG(code), STR_ARG(root)));
	to->authority_name = keep(arena, from->name);
	for (size_t i = 0; i < from->telecom_count; i++) {
		const struct telecom *one = &from->telecoms[i];
		struct str use = keep(arena, one->use), value = keep(arena, one->value);
		if (str_is(use, "EC"))
			to->emergency = joined(arena, to->emergency, value);
		else
			to->telephones = joined(arena, to->telephones,
						str_of(arena_printf(arena, "%.*s %.*s",
								    STR_ARG(use), STR_ARG(value))));
	}
}

static void take_subject(struct child_record *to, struct arena *arena,
			 const struct subject *subject)
{
	to->subject = (enum subject_kind)subject->part.role;
	for (size_t i = 0; i < subject->id_count; i++) {
		const struct identifier *id = &subject->ids[i];
		if (id->is_nhs && to->nhs_number.n)
			to->other_numbers =
				joined(arena, to->other_numbers, keep(arena, id->extension));
		if (id->is_nhs && !to->nhs_number.n)
			to->nhs_number = keep(arena, id->extension);
		if (!id->is_local || to->local_id.n)
			continue;
		to->local_id = keep(arena, id->extension);
		to->local_authority = keep(arena, id->authority);
	}
	if (subject->birth_count)
		to->birth = keep(arena, subject->birth.value);
	to->given = keep(arena, subject->given);
	to->family = keep(arena, subject->family);
	if (!to->given.n && !to->family.n)
		to->family = keep(arena, subject->beside);
}

int child_records_take(struct child_records *records, struct arena *arena,
		       const struct record *record)
{
	size_t number = records->count ? records->items[records->count - 1].number + 1 : 1;
	size_t subjects = record->subject_count;
	for (size_t i = 0; i == 0 || i < subjects; i++) {
		struct child_record *to = child_records_add(records, arena);
		if (!to)
			return -1;
		to->number = number;
		if (i < subjects)
			take_subject(to, arena, &record->subjects[i]);
		take_plans(to, arena, record);
		take_authority(to, arena, record);
		if (record->part.parent && record->part.parent->kind == PART_ACKNOWLEDGEMENT)
			to->outcome = str_is(str_of(record->part.element), "validCP-ISRecord")
					      ? STR(OUTCOME_LOADED)
					      : STR(OUTCOME_REFUSED);
	}
	return arena->failed ? -1 : 0;
}

/* NULL when out of memory. */
static struct child_record *add_detail(struct child_records *records, struct arena *arena,
				       const char *what, struct value said)
{
	if (!records->details) {
		records->details = arena_alloc(arena, sizeof(*records->details));
		if (!records->details)
			return NULL;
		*records->details = (struct child_records){ .kind = PART_RECORD_DETAIL };
	}
	struct child_record *to = child_records_add(records->details, arena);
	if (!to)
		return NULL;
	to->what = what;
	to->code = keep(arena, said);
	return arena->failed ? NULL : to;
}

int child_records_take_detail(struct child_records *records, struct arena *arena,
			      const struct record_detail *detail)
{
	struct child_record *to = add_detail(records, arena, NULL, detail->code);
	if (!to)
		return -1;
	to->place = keep(arena, detail->location);
	return arena->failed ? -1 : 0;
}

int child_records_take_outcome(struct child_records *records, struct arena *arena,
			       const struct acknowledgement *acknowledgement)
{
	const struct {
		const char *what;
		const struct value *said;
	} counts[] = {
		{ "number of records uploaded", &acknowledgement->quantity },
		{ "number of records refused", &acknowledgement->failed },
		{ "number of records loaded", &acknowledgement->successful },
	};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		if (!add_detail(records, arena, counts[i].what, *counts[i].said))
			return -1;
	for (size_t i = 0; i < acknowledgement->file_count; i++)
		if (!add_detail(records, arena, "outcome of the file",
				acknowledgement->files[i].code))
			return -1;
	return 0;
}

static bool has_number(const struct child_records *records, struct str number)
{
	for (size_t i = 0; records && i < records->count; i++)
		if (str_equal(records->items[i].nhs_number, number))
			return true;
	return false;
}

int child_records_take_access(struct child_records *records, struct arena *arena,
			      const struct query *query)
{
	for (size_t i = 0; i < query->nhs_number_count; i++) {
		struct str number = keep(arena, query->nhs_numbers[i].extension);
		if (!number.n || has_number(records->details, number))
			continue;
		struct child_record *to = add_detail(
			records, arena, "access to a person without a record", (struct value){ 0 });
		if (!to)
			return -1;
		to->nhs_number = number;
	}
	return 0;
}

void child_records_end_response(struct child_records *records)
{
	struct child_records *details = records->details;
	size_t kept = 0;
	for (size_t i = 0; details && i < details->count; i++)
		if (!has_number(records, details->items[i].nhs_number))
			details->items[kept++] = details->items[i];
	if (details)
		details->count = kept;
}

const char *plan_kind_words(enum plan_kind kind)
{
	static const char *const words[] = {
		[PLAN_LOOKED_AFTER] = "looked after child plan",
		[PLAN_CHILD_PROTECTION] = "child protection plan",
		[PLAN_UNBORN_CHILD] = "unborn child plan",
	};
	return kind >= PLAN_LOOKED_AFTER && kind <= PLAN_UNBORN_CHILD ? words[kind] : "plan";
}

const char *subject_kind_words(enum subject_kind kind)
{
	static const char *const words[] = {
		[SUBJECT_CHILD] = "child",
		[SUBJECT_MOTHER] = "mother of an unborn child",
	};
	return kind >= SUBJECT_CHILD && kind <= SUBJECT_MOTHER ? words[kind] : "";
}
