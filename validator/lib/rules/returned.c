#include "rules/returned.h"

#include <stdlib.h>

const struct value *returned_number(const struct summary_record *record)
{
	static const struct value none = { 0 };
	for (size_t i = 0; i < record->subject_count; i++)
		if (value_there(&record->subjects[i].nhs_number))
			return &record->subjects[i].nhs_number;
	return &none;
}

static int compare_text(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_number(const void *a, const void *b)
{
	const struct summary_record *one = *(const struct summary_record *const *)a;
	const struct summary_record *two = *(const struct summary_record *const *)b;
	int order = compare_text(returned_number(one)->text, returned_number(two)->text);
	return order ? order : (one->number > two->number) - (one->number < two->number);
}

int returned_index_make(struct returned_index *index, const struct message_summary *request,
			const struct message_summary *response, struct arena *arena)
{
	size_t count = request->kept_records;
	*index = (struct returned_index){
		.by_number =
			arena_alloc(arena, (count + 1) * sizeof(const struct summary_record *)),
		.by_place = arena_alloc(arena, (count + 1) * sizeof(const struct summary_record *)),
		.roles = arena_alloc(arena, count + 1),
	};
	if (!index->by_number || !index->by_place || !index->roles)
		return -1;
	for (const struct summary_record *record = request->records; record;
	     record = record->next) {
		index->by_place[index->count] = record;
		index->by_number[index->count++] = record;
	}
	qsort(index->by_number, index->count, sizeof(const struct summary_record *), by_number);
	for (const struct summary_record *record = response->records; record;
	     record = record->next) {
		const struct summary_record *const *first;
		if (returned_candidates(index, record, &first) == 1)
			index->roles[(*first)->number - 1] |= (unsigned char)(1u << record->role);
	}
	return 0;
}

size_t returned_candidates(const struct returned_index *index,
			   const struct summary_record *returned,
			   const struct summary_record *const **first)
{
	struct str number = returned_number(returned)->text;
	size_t low = 0, high = number.p ? index->count : 0, count = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_text(returned_number(index->by_number[middle])->text, number) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = index->by_number + low;
	while (number.p && low + count < index->count &&
	       str_equal(returned_number(index->by_number[low + count])->text, number))
		count++;
	return count;
}

static bool differs(const struct value *found, const struct value *expected)
{
	return !str_equal(str_trim(found->text), str_trim(expected->text));
}

static struct difference compare_values(const struct value *found, const struct value *expected,
					const char *noun, enum mask_kind mask)
{
	if (!differs(found, expected))
		return (struct difference){ 0 };
	return (struct difference){ noun, *found, *expected, mask };
}

static struct difference compare_subjects(const struct summary_subject *found,
					  const struct summary_subject *expected)
{
	const struct difference all[] = {
		compare_values(&found->nhs_number, &expected->nhs_number, "NHS number",
			       MASK_NHS_NUMBER),
		compare_values(&found->local_id, &expected->local_id, "local id", MASK_LOCAL_ID),
		compare_values(&found->birth, &expected->birth, "birth date", MASK_BIRTH),
		compare_values(&found->given, &expected->given, "given name", MASK_NAME),
		compare_values(&found->family, &expected->family, "family name", MASK_NAME),
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].noun)
			return all[i];
	return (struct difference){ 0 };
}

static struct difference compare_plans(const struct summary_plan *found,
				       const struct summary_plan *expected)
{
	const struct difference all[] = {
		compare_values(&found->start, &expected->start, "plan start", MASK_NONE),
		compare_values(&found->end, &expected->end, "plan end", MASK_NONE),
		compare_values(&found->deleted, &expected->deleted, "plan delete date", MASK_NONE),
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].noun)
			return all[i];
	return (struct difference){ 0 };
}

static const struct summary_subject *subject_of(const struct summary_record *record, unsigned kind)
{
	for (size_t i = 0; i < record->subject_count; i++)
		if (record->subjects[i].kind == kind)
			return &record->subjects[i];
	return NULL;
}

static const struct summary_plan *plan_of(const struct summary_record *record, unsigned kind)
{
	for (size_t i = 0; i < record->plan_count; i++)
		if (record->plans[i].kind == kind)
			return &record->plans[i];
	return NULL;
}

struct difference returned_difference(const struct summary_record *returned,
				      const struct summary_record *uploaded)
{
	struct difference difference = { 0 };
	if (returned->subject_count != uploaded->subject_count)
		return (struct difference){ .noun = "number of subjects" };
	for (size_t i = 0; i < returned->subject_count && !difference.noun; i++) {
		const struct summary_subject *subject =
			subject_of(uploaded, returned->subjects[i].kind);
		if (!subject)
			return (struct difference){ .noun = "kind of subject" };
		difference = compare_subjects(&returned->subjects[i], subject);
	}
	if (difference.noun || returned->role != RECORD_INVALID)
		return difference;
	if (returned->plan_count != uploaded->plan_count)
		return (struct difference){ .noun = "number of plans" };
	for (size_t i = 0; i < returned->plan_count && !difference.noun; i++) {
		const struct summary_plan *plan = plan_of(uploaded, returned->plans[i].kind);
		if (!plan)
			return (struct difference){ .noun = "kind of plan" };
		difference = compare_plans(&returned->plans[i], plan);
	}
	return difference;
}
