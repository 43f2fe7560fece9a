#include "ledger/answers.h"

#include <stdlib.h>

struct str answer_person(const struct record *record)
{
	struct str local = { 0 };
	for (size_t i = 0; i < record->subject_count; i++)
		for (size_t k = 0; k < record->subjects[i].id_count; k++) {
			const struct identifier *id = &record->subjects[i].ids[k];
			if (id->is_nhs && !str_is_blank(id->extension.text))
				return str_trim(id->extension.text);
			if (!local.n)
				local = str_trim(id->extension.text);
		}
	return local;
}

unsigned answer_plans(const struct record *record)
{
	unsigned plans = 0;
	for (size_t i = 0; i < record->plan_count; i++)
		plans |= 1u << record->plans[i].part.role;
	return plans;
}

void answer_add_detail(struct arena *arena, struct answer *answer, struct answer_detail detail)
{
	struct answer_detail *grown = list_grown_in(arena, answer->details, answer->detail_count,
						    &answer->detail_room, sizeof(*grown));
	if (!grown)
		return;
	answer->details = grown;
	grown[answer->detail_count++] = detail;
}

void answer_add_returned(struct arena *arena, struct answer *answer,
			 struct answer_returned returned)
{
	struct answer_returned *grown =
		list_grown_in(arena, answer->returned, answer->returned_count,
			      &answer->returned_room, sizeof(*grown));
	if (!grown)
		return;
	answer->returned = grown;
	grown[answer->returned_count++] = returned;
}

enum state_code answer_of_others(const struct answer *answer)
{
	enum state_code file = answer->file;
	return file == CODE_CPF02 || file == CODE_CPF03 || file == CODE_UNANSWERED ? CODE_CPR06
										   : file;
}

bool answer_refuses(enum state_code code)
{
	return code != CODE_CPR06 && code != CODE_UNANSWERED && code != CODE_UNNAMED;
}

static int by_record(const void *a, const void *b)
{
	const struct answer_detail *x = a, *y = b;
	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return (x->code == CODE_CPR06) - (y->code == CODE_CPR06);
}

void answer_sort(struct answer *answer)
{
	if (answer->detail_count)
		qsort(answer->details, answer->detail_count, sizeof(*answer->details), by_record);
}

const struct answer_detail *answer_find(const struct answer *answer, size_t record)
{
	size_t low = 0, high = answer->detail_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (answer->details[middle].record < record)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < answer->detail_count && answer->details[low].record == record;
	return found ? &answer->details[low] : NULL;
}

bool answer_lacks(const struct answer *answer, size_t refused)
{
	if (answer_of_others(answer) != CODE_CPR06)
		return false;
	return (long long)refused < answer->refused || (answer->file == CODE_CPF03 && !refused);
}

bool answer_is_plain(const struct answer *answer, struct arena *arena)
{
	struct answer sorted = *answer;
	size_t refused = 0, last = 0;
	sorted.details = arena_alloc(arena, (answer->detail_count + 1) * sizeof(*sorted.details));
	if (!sorted.details)
		return true;
	if (answer->detail_count)
		memcpy(sorted.details, answer->details,
		       answer->detail_count * sizeof(*sorted.details));
	answer_sort(&sorted);
	for (size_t i = 0; i < sorted.detail_count; i++) {
		const struct answer_detail *detail = &sorted.details[i];
		if (!answer_refuses(detail->code))
			continue;
		if (!detail->record ||
		    (answer->records >= 0 && (long long)detail->record > answer->records))
			return false;
		refused += detail->record != last;
		last = detail->record;
	}
	return !answer_lacks(answer, refused);
}

/* The record of the upload that a detail is about; 0: it is not known. */
static size_t record_of(const struct answer_detail *detail, struct location_upload *where,
			size_t count)
{
	if (detail->record)
		return detail->record <= count ? detail->record : 0;
	if (!where || !detail->location.n)
		return 0;
	struct location_target target = location_select(where, detail->location);
	return target.outcome == LOCATION_RECORD && target.record <= count ? target.record : 0;
}

/* How many details refuse a record that they do not name. */
static size_t take_details(const struct answer *answer, struct location_upload *where,
			   struct answered_upload *upload)
{
	size_t open = 0;
	for (size_t i = 0; i < answer->detail_count; i++) {
		const struct answer_detail *detail = &answer->details[i];
		size_t record = record_of(detail, where, upload->count);
		open += !record && answer_refuses(detail->code);
		if (!record)
			continue;
		struct answered_record *about = &upload->records[record - 1];
		if (!answer_refuses(about->code))
			about->code = detail->code;
	}
	return open;
}

/* The code of the i-th record that is returned: details that refuse come in the same order. */
static enum state_code code_returned(const struct answer *answer, size_t at)
{
	size_t refused = 0;
	enum state_code code = CODE_CPR07;
	for (size_t i = 0; i < answer->detail_count; i++) {
		if (!answer_refuses(answer->details[i].code))
			continue;
		if (refused++ == at)
			code = answer->details[i].code;
	}
	return refused == answer->returned_count ? code : CODE_CPR07;
}

/* The records of a person. */
struct persons {
	struct answered_record **sorted;
	size_t count;
};

static int by_person(const void *a, const void *b)
{
	const struct answered_record *const *x = a, *const *y = b;
	int order = str_order((*x)->person, (*y)->person);
	return order ? order : (*x > *y) - (*x < *y);
}

static struct persons all_persons(struct answered_upload *upload, struct arena *arena)
{
	struct persons all = { arena_alloc(arena, (upload->count + 1) * sizeof(*all.sorted)),
			       upload->count };
	for (size_t i = 0; all.sorted && i < all.count; i++)
		all.sorted[i] = &upload->records[i];
	if (all.sorted && all.count)
		qsort(all.sorted, all.count, sizeof(struct answered_record *), by_person);
	else
		all.count = 0;
	return all;
}

static size_t first_from(const struct persons *all, struct str person, bool after)
{
	size_t low = 0, high = all->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_order(all->sorted[middle]->person, person);
		if (order < 0 || (after && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct persons persons_of(const struct persons *all, struct str person)
{
	size_t first = first_from(all, person, false);
	if (first == all->count)
		return (struct persons){ 0 };
	return (struct persons){ all->sorted + first, first_from(all, person, true) - first };
}

/* Which of a person's records may be the one that is returned. */
struct sought {
	unsigned plans; /* 0: any */
	bool refused;	/* only those that are refused already */
};

static bool may_be(const struct answered_record *record, const struct sought *sought)
{
	return !record->returned && (!sought->plans || record->plans == sought->plans) &&
	       (!sought->refused || answer_refuses(record->code));
}

static size_t count_of(const struct persons *theirs, struct sought sought,
		       struct answered_record **first)
{
	size_t count = 0;
	for (size_t i = 0; i < theirs->count; i++)
		if (may_be(theirs->sorted[i], &sought) && !count++)
			*first = theirs->sorted[i];
	return count;
}

static size_t times_returned(const struct answer *answer, const struct answer_returned *returned)
{
	size_t times = 0;
	for (size_t i = 0; i < answer->returned_count; i++)
		times += answer->returned[i].plans == returned->plans &&
			 str_equal(answer->returned[i].person, returned->person);
	return times;
}

/* A record that is returned is refused, where it is known which one it is. */
static void take_returned(const struct answer *answer, const struct persons *all, size_t at)
{
	const struct answer_returned *returned = &answer->returned[at];
	const struct persons theirs = persons_of(all, returned->person);
	struct sought sought = { .plans = returned->plans };
	struct answered_record *record = NULL;
	if (!count_of(&theirs, sought, &record))
		sought.plans = 0;
	if (count_of(&theirs, (struct sought){ sought.plans, true }, &record)) {
		record->returned = true;
		return;
	}
	size_t count = count_of(&theirs, sought, &record);
	/* An index of an earlier version has the person alone. */
	bool all_of_them = !returned->plans;
	if (count && !all_of_them && (count == 1 || count <= times_returned(answer, returned))) {
		record->returned = true;
		record->code = code_returned(answer, at);
		return;
	}
	for (size_t i = 0; i < theirs.count; i++)
		if (may_be(theirs.sorted[i], &sought))
			theirs.sorted[i]->code =
				all_of_them ? code_returned(answer, at) : CODE_UNANSWERED;
}

static size_t count_refused(const struct answered_upload *upload)
{
	size_t refused = 0;
	for (size_t i = 0; i < upload->count; i++)
		refused += answer_refuses(upload->records[i].code);
	return refused;
}

static size_t replace(struct answered_upload *upload, enum state_code from, enum state_code to)
{
	size_t count = 0;
	for (size_t i = 0; i < upload->count; i++) {
		count += upload->records[i].code == from;
		if (upload->records[i].code == from)
			upload->records[i].code = to;
	}
	return count;
}

/* One code for all whom no detail names; CPR07 where there are several. */
static enum state_code code_of_all(const struct answer *answer)
{
	enum state_code code = CODE_UNANSWERED;
	for (size_t i = 0; i < answer->detail_count; i++) {
		enum state_code one = answer->details[i].code;
		if (answer_refuses(one) && code != CODE_UNANSWERED && code != one)
			return CODE_CPR07;
		code = answer_refuses(one) ? one : code;
	}
	return code == CODE_UNANSWERED ? CODE_CPR07 : code;
}

/* Those of which nothing is said yet: some of them are refused, and it is not known which. */
static void settle_others(const struct answer *answer, struct answered_upload *upload, size_t lack)
{
	size_t others = 0;
	for (size_t i = 0; i < upload->count; i++)
		others += upload->records[i].code == CODE_UNANSWERED;
	/* Where its count says that none is refused, it contradicts itself. */
	bool certain = answer->refused != 0;
	if (certain && others && others <= lack) {
		replace(upload, CODE_UNANSWERED, code_of_all(answer));
		return;
	}
	/* Without others, all are said to be loaded, and some are not. */
	replace(upload, others ? CODE_UNANSWERED : CODE_CPR06, CODE_UNNAMED);
	upload->unnamed = certain ? lack : 0;
}

void answer_settle(const struct answer *answer, struct location_upload *where,
		   struct answered_upload *upload, struct arena *arena)
{
	upload->unnamed = 0;
	for (size_t i = 0; i < upload->count; i++) {
		upload->records[i].code = CODE_UNANSWERED;
		upload->records[i].returned = false;
	}
	size_t open = take_details(answer, where, upload);
	size_t placed = count_refused(upload);
	const struct persons all = all_persons(upload, arena);
	for (size_t i = 0; i < answer->returned_count; i++)
		take_returned(answer, &all, i);
	size_t refused = count_refused(upload);
	/* Where it does not count them, its details do. */
	long long counted = answer->refused;
	if (counted < 0)
		counted = (long long)placed + (long long)open;
	long long lack = counted - (long long)refused;
	if (lack <= 0 && !refused && (open || answer->file == CODE_CPF03))
		lack = 1;
	if (lack > 0 && answer_of_others(answer) == CODE_CPR06)
		settle_others(answer, upload, (size_t)lack);
	replace(upload, CODE_UNANSWERED, answer_of_others(answer));
}
