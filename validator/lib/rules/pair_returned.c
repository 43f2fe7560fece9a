/* The records that an acknowledgement returns, beside those that were uploaded. */
#include "rules/pair.h"

#include <stdlib.h>

/* What an acknowledgement's details say of one uploaded record. */
struct account {
	const struct noted *loaded, *refused; /* the first detail of each */
	const struct noted *again;	      /* a second detail that says loaded */
	bool unknown;			      /* a detail has a code that no detail can have */
};

/* The uploaded records, and which of them each returned one is; each is returned once. */
struct returned_index {
	const struct summary_record **by_number; /* in order of NHS number */
	const struct summary_record **uploaded;	 /* by place of the returned; NULL: none */
	size_t *used;		  /* of a number, by its first in by_number: those at the start that
				     have been returned */
	struct account *accounts; /* by place */
	unsigned char *roles;	  /* by place: 1 << role in which it is returned, or 0 */
	unsigned unsaid; /* 1 << role: a record is returned so, and no detail says it; 0 where
			    not all that are returned are known */
	size_t count;
	struct number_of *numbers; /* of those with several subjects, in order */
	size_t number_count;
};

/* One number of an uploaded record. */
struct number_of {
	struct str number;
	const struct summary_record *record;
};

/* The number that a record is known by: the least, in whatever order its subjects come. */
static const struct value *returned_number(const struct summary_record *record)
{
	static const struct value none = { 0 };
	const struct value *least = &none;
	for (size_t i = 0; i < record->subject_count; i++) {
		const struct value *number = &record->subjects[i].nhs_number;
		if (value_there(number) && (least == &none || str_order(str_trim(number->text),
									str_trim(least->text)) < 0))
			least = number;
	}
	return least;
}

static int number_order(const struct summary_record *one, const struct summary_record *two)
{
	return str_order(str_trim(returned_number(one)->text),
			 str_trim(returned_number(two)->text));
}

static int by_number(const void *a, const void *b)
{
	const struct summary_record *one = *(const struct summary_record *const *)a;
	const struct summary_record *two = *(const struct summary_record *const *)b;
	int order = number_order(one, two);
	return order ? order : (one->number > two->number) - (one->number < two->number);
}

/* The uploaded records of the same number: so many from *first in by_number. */
static size_t returned_candidates(const struct returned_index *index,
				  const struct summary_record *returned, size_t *first)
{
	bool numbered = value_there(returned_number(returned));
	size_t low = 0, high = numbered ? index->count : 0, count = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (number_order(index->by_number[middle], returned) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (numbered && low + count < index->count &&
	       number_order(index->by_number[low + count], returned) == 0)
		count++;
	return count;
}

/* The first way in which a returned record differs from the one uploaded. */
struct difference {
	const char *noun;	      /* NULL: there is none */
	struct value found, expected; /* where a value differs; else there is none */
	enum mask_kind mask;
};

/* A value that shows nothing is as good as none. A name has the same letters, whatever way its
 * accents are written in. */
static bool differs(const struct value *found, const struct value *expected, enum mask_kind mask)
{
	bool shows = !character_shows_nothing(found->text);
	if (shows != !character_shows_nothing(expected->text))
		return true;
	struct str a = str_trim(found->text), b = str_trim(expected->text);
	return shows && !(mask == MASK_NAME ? character_same_letters(a, b) : str_equal(a, b));
}

static struct difference compare_values(const struct value *found, const struct value *expected,
					const char *noun, enum mask_kind mask)
{
	if (!differs(found, expected, mask))
		return (struct difference){ 0 };
	return (struct difference){ noun, *found, *expected, mask };
}

/* An id, which says more by white space around it: what finds it does not find the other. */
static struct difference compare_ids(const struct value *found, const struct value *expected,
				     const char *noun, enum mask_kind mask)
{
	bool padded = str_trim(found->text).n != found->text.n;
	if (padded && value_filled(found) && !str_equal(found->text, expected->text))
		return (struct difference){ noun, *found, *expected, mask };
	return compare_values(found, expected, noun, mask);
}

/* The name of the authority may be written in another way. */
static struct str authority_code(const struct value *authority)
{
	return ods_code_of_authority(str_trim(authority->text));
}

/* Of a local id that shows something: a blank one need not be returned. */
static struct difference compare_authorities(const struct summary_subject *returned,
					     const struct summary_subject *uploaded)
{
	const struct value *found = &returned->local_authority;
	const struct value *expected = &uploaded->local_authority;
	if (character_shows_nothing(uploaded->local_id.text) ||
	    (value_there(found) && value_there(expected) &&
	     ods_code_same(authority_code(found), authority_code(expected))))
		return (struct difference){ 0 };
	return compare_values(found, expected, "authority of the local id", MASK_NONE);
}

static struct difference compare_subjects(const struct summary_subject *found,
					  const struct summary_subject *expected)
{
	const struct difference all[] = {
		compare_ids(&found->nhs_number, &expected->nhs_number, "NHS number",
			    MASK_NHS_NUMBER),
		compare_ids(&found->local_id, &expected->local_id, "local id", MASK_LOCAL_ID),
		compare_authorities(found, expected),
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
		compare_values(&found->start, &expected->start, "plan start", MASK_TIME),
		compare_values(&found->end, &expected->end, "plan end", MASK_TIME),
		compare_values(&found->deleted, &expected->deleted, "plan delete date", MASK_TIME),
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].noun)
			return all[i];
	return (struct difference){ 0 };
}

/* One of what a record lists, at an index, against one of the other record. False: it is of another
 * kind. */
typedef bool compare_listed(const struct summary_record *returned, size_t i,
			    const struct summary_record *uploaded, size_t k,
			    struct difference *difference);

static bool compare_listed_subjects(const struct summary_record *returned, size_t i,
				    const struct summary_record *uploaded, size_t k,
				    struct difference *difference)
{
	const struct summary_subject *found = &returned->subjects[i];
	const struct summary_subject *expected = &uploaded->subjects[k];
	if (found->kind == expected->kind)
		*difference = compare_subjects(found, expected);
	return found->kind == expected->kind;
}

static bool compare_listed_plans(const struct summary_record *returned, size_t i,
				 const struct summary_record *uploaded, size_t k,
				 struct difference *difference)
{
	const struct summary_plan *found = &returned->plans[i], *expected = &uploaded->plans[k];
	if (found->kind == expected->kind)
		*difference = compare_plans(found, expected);
	return found->kind == expected->kind;
}

/*
 * How what two records list differs; both list as many. Each is compared with one of its own: of
 * several of a kind, with one that is the same where there is one that is not taken yet. noun: of a
 * kind that the other does not list.
 */
static struct difference listed_difference(const struct summary_record *returned,
					   const struct summary_record *uploaded, size_t count,
					   const char *noun, compare_listed *compare)
{
	bool taken[MOST_KEPT] = { false };
	struct difference first = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct difference difference = { .noun = noun }, other;
		size_t counterpart = MOST_KEPT;
		for (size_t k = 0; k < count && difference.noun; k++) {
			if (taken[k] || !compare(returned, i, uploaded, k, &other))
				continue;
			if (counterpart == MOST_KEPT || !other.noun) {
				difference = other;
				counterpart = k;
			}
		}
		if (counterpart < MOST_KEPT)
			taken[counterpart] = true;
		if (difference.noun && !first.noun)
			first = difference;
	}
	return first;
}

/* UPL-008 looks at no record that is returned as refused: only the upload shows whose fault it is.
 */
static struct difference compare_content_ids(const struct summary_record *returned,
					     const struct summary_record *uploaded)
{
	for (const struct summary_content *found = returned->wrong_contents; found;
	     found = found->next) {
		struct value expected = { found->right, 0 };
		bool same = false;
		for (const struct summary_content *sent = uploaded->wrong_contents; sent && !same;
		     sent = sent->next) {
			if (!str_equal(sent->right, found->right))
				continue;
			expected = sent->extension;
			same = str_equal(sent->extension.text, found->extension.text);
		}
		if (!same)
			return (struct difference){ "contentId", found->extension, expected,
						    MASK_NONE };
	}
	return (struct difference){ 0 };
}

static struct difference returned_difference(const struct summary_record *returned,
					     const struct summary_record *uploaded)
{
	if (returned->subject_count != uploaded->subject_count)
		return (struct difference){ .noun = "number of subjects" };
	struct difference difference =
		listed_difference(returned, uploaded, returned->subject_count, "kind of subject",
				  compare_listed_subjects);
	if (difference.noun || returned->role != RECORD_INVALID)
		return difference;
	if (returned->plan_count != uploaded->plan_count)
		return (struct difference){ .noun = "number of plans" };
	difference = listed_difference(returned, uploaded, returned->plan_count, "kind of plan",
				       compare_listed_plans);
	return difference.noun ? difference : compare_content_ids(returned, uploaded);
}

static struct account *accounts_of(struct judge *judge, const struct pair *pair, size_t count)
{
	const struct location_target *located = pair_locations(judge, pair);
	struct account *accounts =
		arena_alloc(&judge->draft->arena, (count + 1) * sizeof(*accounts));
	if (!located || !accounts)
		return NULL;
	memset(accounts, 0, (count + 1) * sizeof(*accounts));
	for (const struct noted *detail = pair->response->details.first; detail;
	     detail = detail->next, located++) {
		if (located->outcome != LOCATION_RECORD || located->record > count)
			continue;
		struct account *account = &accounts[located->record - 1];
		if (detail->role == DETAIL_UNKNOWN)
			account->unknown = true;
		else if (detail->role == DETAIL_REFUSED)
			account->refused = account->refused ? account->refused : detail;
		else if (account->loaded)
			account->again = account->again ? account->again : detail;
		else
			account->loaded = detail;
	}
	return accounts;
}

/* Whether two records have plans of the same kinds; a valid one is returned without plans. */
static bool kinds_agree(const struct summary_record *returned,
			const struct summary_record *uploaded)
{
	size_t more[PLAN_UNBORN_CHILD + 1] = { 0 };
	if (returned->role != RECORD_INVALID)
		return true;
	if (returned->plan_count != uploaded->plan_count)
		return false;
	for (size_t i = 0; i < uploaded->plan_count; i++)
		if (uploaded->plans[i].kind <= PLAN_UNBORN_CHILD)
			more[uploaded->plans[i].kind]++;
	for (size_t i = 0; i < returned->plan_count; i++)
		if (returned->plans[i].kind <= PLAN_UNBORN_CHILD &&
		    more[returned->plans[i].kind]-- == 0)
			return false;
	return true;
}

/* What the details say of the outcome with which a record is returned. */
enum agreement { AGREEMENT_CONTRADICTED, AGREEMENT_UNSAID, AGREEMENT_SAID };

static enum agreement agreement_of(const struct account *account, enum summary_record_role role)
{
	if (!account->loaded == !account->refused)
		return AGREEMENT_UNSAID;
	return (role == RECORD_VALID) == (account->loaded != NULL) ? AGREEMENT_SAID
								   : AGREEMENT_CONTRADICTED;
}

/* The same record with the outcome that the details say: 2; that they do not deny: 1; else 0. */
static int rank_same(const struct summary_record *returned, const struct summary_record *uploaded,
		     enum agreement agreement)
{
	if (agreement == AGREEMENT_CONTRADICTED || returned_difference(returned, uploaded).noun)
		return 0;
	return agreement == AGREEMENT_SAID ? 2 : 1;
}

/* How near records are of which something differs. */
static int rank_near(const struct summary_record *returned, const struct summary_record *uploaded,
		     enum agreement agreement)
{
	int rank = agreement == AGREEMENT_CONTRADICTED ? 1 : 3;
	rank += kinds_agree(returned, uploaded);
	return returned_difference(returned, uploaded).noun ? rank : rank + 3;
}

enum { RANK_SAME_BEST = 2, RANK_NEAR_BEST = 7 };

/* The best of the uploaded records of its number that are not returned yet. */
static void match_one(struct returned_index *index, const struct summary_record *returned,
		      bool same)
{
	size_t first, count = returned_candidates(index, returned, &first);
	const struct summary_record *found = NULL;
	int best = 0, most = same ? RANK_SAME_BEST : RANK_NEAR_BEST;
	size_t *used = &index->used[first];
	while (*used < count && index->roles[index->by_number[first + *used]->number - 1])
		++*used;
	for (size_t i = *used; i < count && best < most; i++) {
		const struct summary_record *uploaded = index->by_number[first + i];
		size_t place = uploaded->number - 1;
		if (index->roles[place])
			continue;
		enum agreement agreement = agreement_of(&index->accounts[place], returned->role);
		int rank = (same ? rank_same : rank_near)(returned, uploaded, agreement);
		if (rank <= best)
			continue;
		best = rank;
		found = uploaded;
	}
	if (!found)
		return;
	index->uploaded[returned->number - 1] = found;
	index->roles[found->number - 1] = (unsigned char)(1u << returned->role);
}

/*
 * Those that are as uploaded come first. Refused ones before loaded ones: they say more of
 * themselves, their plans. What is left then differs from all that are left, and is matched with
 * the nearest.
 */
static void match_all(struct returned_index *index, const struct message_summary *response)
{
	static const enum summary_record_role roles[] = { RECORD_INVALID, RECORD_VALID };
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		for (const struct summary_record *record = response->records; record;
		     record = record->next)
			if (record->role == roles[i] && !record->broken)
				match_one(index, record, true);
	for (const struct summary_record *record = response->records; record; record = record->next)
		if (!index->uploaded[record->number - 1])
			match_one(index, record, false);
}

static unsigned roles_unsaid(const struct returned_index *index,
			     const struct message_summary *response)
{
	unsigned unsaid = 0;
	for (const struct summary_record *record = response->records; record;
	     record = record->next) {
		const struct summary_record *uploaded = index->uploaded[record->number - 1];
		if (!uploaded || record->broken)
			return 0;
		const struct account *account = &index->accounts[uploaded->number - 1];
		if (account->unknown)
			continue;
		if (!(record->role == RECORD_VALID ? account->loaded : account->refused))
			unsaid |= 1u << record->role;
	}
	return unsaid;
}

static int by_any_number(const void *a, const void *b)
{
	const struct number_of *one = a, *two = b;
	return str_order(one->number, two->number);
}

/* The numbers of the uploaded records that have several, so that each may be asked for. */
static int list_numbers(struct returned_index *index, struct arena *arena,
			const struct message_summary *request)
{
	size_t room = 0;
	for (const struct summary_record *record = request->records; record; record = record->next)
		room += record->subject_count > 1 ? record->subject_count : 0;
	index->numbers = arena_alloc(arena, (room + 1) * sizeof(*index->numbers));
	if (!index->numbers)
		return -1;
	for (const struct summary_record *record = request->records; record; record = record->next)
		for (size_t i = 0; record->subject_count > 1 && i < record->subject_count; i++)
			index->numbers[index->number_count++] =
				(struct number_of){ str_trim(record->subjects[i].nhs_number.text),
						    record };
	qsort(index->numbers, index->number_count, sizeof(*index->numbers), by_any_number);
	return 0;
}

static int returned_index_make(struct returned_index *index, struct judge *judge,
			       const struct pair *pair)
{
	struct arena *arena = &judge->draft->arena;
	size_t count = pair->request->kept_records, returned = pair->response->kept_records;
	const size_t pointer = sizeof(const struct summary_record *);
	*index = (struct returned_index){
		.by_number = arena_alloc(arena, (count + 1) * pointer),
		.uploaded = arena_alloc(arena, (returned + 1) * pointer),
		.used = arena_alloc(arena, (count + 1) * sizeof(size_t)),
		.accounts = accounts_of(judge, pair, count),
		.roles = arena_alloc(arena, count + 1),
	};
	if (!index->by_number || !index->uploaded || !index->used || !index->accounts ||
	    !index->roles)
		return -1;
	for (size_t i = 0; i <= count; i++)
		index->used[i] = index->roles[i] = 0;
	for (size_t i = 0; i <= returned; i++)
		index->uploaded[i] = NULL;
	for (const struct summary_record *record = pair->request->records; record;
	     record = record->next)
		index->by_number[index->count++] = record;
	qsort(index->by_number, index->count, pointer, by_number);
	match_all(index, pair->response);
	index->unsaid = roles_unsaid(index, pair->response);
	return list_numbers(index, arena, pair->request);
}

/* Made once for all rules. NULL when out of memory. */
static const struct returned_index *index_of(struct judge *judge, const struct pair *pair)
{
	if (pair->work->returned)
		return pair->work->returned;
	struct returned_index *index = arena_alloc(&judge->draft->arena, sizeof(*index));
	if (!index || returned_index_make(index, judge, pair) != 0)
		return NULL;
	pair->work->returned = index;
	return index;
}

static enum outcome report_difference(struct judge *judge, const struct pair *pair,
				      const struct summary_record *returned,
				      const struct difference *difference)
{
	struct value element = { { 0 }, returned->offset };
	if (!value_there(&difference->found) && !value_there(&difference->expected))
		return judge_fail(judge, pair_in_root(judge, pair, &element), MASK_NONE,
				  "the returned record has a different %s from the one uploaded",
				  difference->noun);
	const char *expected = judge_show(judge, difference->mask, difference->expected.text);
	if (!value_there(&difference->found)) {
		judge_expect(judge, "%s", expected);
		return judge_fail(judge, pair_in_root(judge, pair, &element), MASK_NONE,
				  "the returned record has no %s, but %s was uploaded",
				  difference->noun, expected);
	}
	const char *found = judge_show(judge, difference->mask, difference->found.text);
	if (!value_there(&difference->expected))
		return judge_fail(judge, pair_in_root(judge, pair, &difference->found),
				  difference->mask,
				  "the returned record's %s is %s, but none was uploaded",
				  difference->noun, found);
	judge_expect(judge, "%s", expected);
	return judge_fail(judge, pair_in_root(judge, pair, &difference->found), difference->mask,
			  "the returned record's %s is %s, but %s was uploaded%s", difference->noun,
			  found, expected,
			  judge_letters(judge, difference->mask, difference->found.text,
					difference->expected.text));
}

/* An uploaded record with one of the people of a returned one, which is known by another of them:
 * one of the two has a subject more. NULL: there is none. */
static const struct summary_record *record_with_one_of(const struct returned_index *index,
						       const struct summary_record *returned)
{
	for (size_t i = 0; i < returned->subject_count; i++) {
		struct summary_subject *subject = &returned->subjects[i];
		if (!value_there(&subject->nhs_number))
			continue;
		struct number_of sought = { str_trim(subject->nhs_number.text), NULL };
		const struct number_of *found =
			index->number_count ? bsearch(&sought, index->numbers, index->number_count,
						      sizeof(sought), by_any_number)
					    : NULL;
		struct summary_record alone = { .subjects = subject, .subject_count = 1 };
		size_t first;
		if (found)
			return found->record;
		if (returned_candidates(index, &alone, &first))
			return index->by_number[first];
	}
	return NULL;
}

static enum outcome report_not_uploaded(struct judge *judge, const struct pair *pair,
					const struct returned_index *index,
					const struct summary_record *returned)
{
	const struct value *number = returned_number(returned);
	const struct summary_record *near = record_with_one_of(index, returned);
	struct difference difference = { 0 };
	if (near)
		difference = returned_difference(returned, near);
	if (difference.noun)
		return report_difference(judge, pair, returned, &difference);
	return judge_fail(judge, pair_in_root(judge, pair, number), MASK_NHS_NUMBER,
			  "a record for NHS number %s is returned, but none was uploaded",
			  judge_show(judge, MASK_NHS_NUMBER, number->text));
}

static enum outcome record_is_as_uploaded(struct judge *judge, const struct pair *pair,
					  const struct returned_index *index,
					  const struct summary_record *returned)
{
	const struct value *number = returned_number(returned);
	if (returned->broken)
		return judge_blocked_by(judge, returned->broken);
	if (!value_there(number))
		return judge_blocked(judge, NULL, "NHS-008");
	size_t from, count = returned_candidates(index, returned, &from);
	if (count == 0)
		return report_not_uploaded(judge, pair, index, returned);
	/* One that is returned too often is compared as if it were the first. */
	const struct summary_record *uploaded = index->uploaded[returned->number - 1];
	struct difference difference = { 0 };
	for (size_t i = 0; i < count; i++) {
		const struct summary_record *one = uploaded ? uploaded : index->by_number[from + i];
		struct difference other = returned_difference(returned, one);
		if (!other.noun)
			return HOLDS;
		difference = i == 0 ? other : difference;
		if (uploaded)
			break;
	}
	return report_difference(judge, pair, returned, &difference);
}

static enum outcome returned_as_uploaded(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || !pair->response->records)
		return NOT_APPLICABLE;
	const struct returned_index *index = index_of(judge, pair);
	if (!index)
		return BLOCKED;
	enum outcome outcome = NOT_APPLICABLE;
	for (const struct summary_record *record = pair->response->records; record;
	     record = record->next)
		outcome = pair_worse(outcome, record_is_as_uploaded(judge, pair, index, record));
	return outcome;
}

const struct rule pair_005 = {
	.id = "PAIR-005",
	.name = "returned-record-differs",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", message",
	.title = "Returned record differs from the one uploaded",
	.why = "The local authority fixes the wrong child's record, or finds none to fix.",
	.fix = "Return subjects, and the plans of refused records, as they were uploaded.",
	.check = { .pair = returned_as_uploaded },
};

/* Of a record that is not returned, where one that is returned as it should be has no detail. */
static enum outcome detail_of_another(struct judge *judge, const struct pair *pair,
				      const struct returned_index *index,
				      const struct noted *detail, size_t record)
{
	bool loaded = detail->role == DETAIL_LOADED;
	if (!(index->unsaid & 1u << (loaded ? RECORD_VALID : RECORD_INVALID)))
		return NOT_APPLICABLE;
	enum mask_kind kind = MASK_PATH;
	return judge_fail(judge, pair_in_root(judge, pair, &detail->value), kind,
			  "record %zu of the upload is reported as %s and is not returned; a "
			  "record without a detail is returned as %s",
			  record, loaded ? "loaded (CPR06)" : "refused",
			  loaded ? "valid" : "invalid");
}

static enum outcome detail_agrees(struct judge *judge, const struct pair *pair,
				  const struct returned_index *index, const struct noted *detail,
				  size_t record)
{
	if (record > index->count)
		return NOT_APPLICABLE;
	if (detail->role == DETAIL_UNKNOWN)
		return judge_blocked(judge, NULL, "ACK-004");
	bool valid = index->roles[record - 1] & 1u << RECORD_VALID;
	bool invalid = index->roles[record - 1] & 1u << RECORD_INVALID;
	if (!valid && !invalid)
		return detail_of_another(judge, pair, index, detail, record);
	if (valid == (detail->role == DETAIL_LOADED))
		return HOLDS;
	enum mask_kind kind = MASK_PATH;
	return judge_fail(
		judge, pair_in_root(judge, pair, &detail->value), kind,
		valid ? "record %zu of the upload is reported as refused, but returned as valid"
		      : "record %zu of the upload is reported as loaded (CPR06), but returned as "
			"invalid",
		record);
}

static enum outcome details_agree_with_records(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || !pair->response->records ||
	    !pair->response->details.count)
		return NOT_APPLICABLE;
	const struct returned_index *index = index_of(judge, pair);
	const struct location_target *located = pair_locations(judge, pair);
	if (!index || !located)
		return BLOCKED;
	enum outcome outcome = NOT_APPLICABLE;
	for (const struct noted *detail = pair->response->details.first; detail;
	     detail = detail->next, located++)
		if (located->outcome == LOCATION_RECORD)
			outcome = pair_worse(outcome, detail_agrees(judge, pair, index, detail,
								    located->record));
	return outcome;
}

const struct rule pair_012 = {
	.id = "PAIR-012",
	.name = "detail-contradicts-returned-record",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Detail of a record contradicts the records that are returned",
	.why = "Whether the child's plan can be seen depends on which part of the answer is read.",
	.fix = "Return loaded records as validCP-ISRecord and refused ones as invalidCP-ISRecord.",
	.check = { .pair = details_agree_with_records },
};

/* Whether all details are of known records, so that a record without one has none. */
static bool all_located(const struct pair *pair, const struct location_target *located)
{
	for (size_t i = 0; i < pair->response->details.count; i++)
		if (located[i].outcome != LOCATION_RECORD)
			return false;
	return true;
}

static enum outcome account_is_one(struct judge *judge, const struct pair *pair,
				   const struct account *account, size_t record)
{
	if (account->again && account->loaded) {
		judge_point(judge, account->loaded->value.offset);
		return judge_fail(judge, pair_in_root(judge, pair, &account->again->value),
				  MASK_PATH, "record %zu of the upload is reported as loaded twice",
				  record);
	}
	return HOLDS;
}

static enum outcome report_unaccounted(struct judge *judge, const struct pair *pair, size_t record)
{
	judge_expect(judge, "one outcome for each of the upload's %zu records",
		     pair->request->record_count);
	return judge_fail(judge, pair_at(judge, &pair->response->root), MASK_NONE,
			  "record %zu of the upload has no outcome: other records are reported as "
			  "loaded, but no detail is about this one, and it is not returned",
			  record);
}

/* Records of one person that are returned more often than they were uploaded. */
static enum outcome returned_once(struct judge *judge, const struct pair *pair,
				  const struct returned_index *index)
{
	enum outcome outcome = HOLDS;
	for (const struct summary_record *record = pair->response->records; record;
	     record = record->next) {
		size_t first, uploaded = returned_candidates(index, record, &first);
		if (!uploaded || index->uploaded[record->number - 1])
			continue;
		const struct value *number = returned_number(record);
		outcome = judge_fail(
			judge, pair_in_root(judge, pair, number), MASK_NHS_NUMBER,
			"NHS number %s is in %zu uploaded record%s, but is returned again",
			judge_show(judge, MASK_NHS_NUMBER, number->text), uploaded,
			uploaded == 1 ? "" : "s");
	}
	return outcome;
}

static enum outcome records_have_one_outcome(struct judge *judge, const struct pair *pair)
{
	const struct message_summary *response = pair->response;
	if (!pair_acknowledges_upload(pair) || (!response->details.count && !response->records))
		return NOT_APPLICABLE;
	long long quantity;
	if (!judge_count(pair_text(&response->quantity), &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity == -1)
		return NOT_APPLICABLE;
	if (quantity != (long long)pair->request->record_count)
		return judge_blocked(judge, NULL, "PAIR-002");
	const struct returned_index *index = index_of(judge, pair);
	if (!index)
		return BLOCKED;
	enum outcome outcome = returned_once(judge, pair, index);
	bool listed = false; /* some record is said to be loaded, so all of those are */
	for (size_t i = 0; i < index->count; i++)
		listed =
			listed || index->accounts[i].loaded || index->roles[i] & 1u << RECORD_VALID;
	listed = listed && all_located(pair, pair->work->located);
	for (size_t i = 0; i < index->count; i++) {
		const struct account *account = &index->accounts[i];
		unsigned roles = index->roles[i];
		enum outcome one = account_is_one(judge, pair, account, i + 1);
		if (listed && !account->loaded && !account->refused && !roles)
			one = account->unknown ? judge_blocked(judge, NULL, "ACK-004")
					       : report_unaccounted(judge, pair, i + 1);
		outcome = pair_worse(outcome, one);
	}
	return outcome;
}

const struct rule pair_015 = {
	.id = "PAIR-015",
	.name = "record-without-one-outcome",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Uploaded record does not have exactly one outcome",
	.why = "No one knows whether the child's plan can be seen, so it is not sent again.",
	.fix = "Report each uploaded record once: as loaded, or as refused with all its reasons.",
	.check = { .pair = records_have_one_outcome },
};
