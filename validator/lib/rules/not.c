/* What CP-IS reports to a local authority: who looked at a child's record, and which NHS numbers
 * are no longer used. */
#include "rules/catalogue.h"
#include "rules/judge.h"

#include <stdlib.h>

#define ACCESS	 "CP-IS DMS 1.0, REPC_MT000004GB01"
#define INACTIVE "CP-IS DMS 1.0, REPC_MT000005GB01"

/*
 * One record access may have several queries. The specification does not say which of the two the
 * total counts, so either is accepted.
 */
static enum outcome total_is_right(struct judge *judge,
				   const struct access_notification *notification)
{
	long long total;
	if (!judge_count(notification->total.text, &total))
		return judge_blocked(judge, NULL, "SCH-005");
	size_t accesses = notification->access_count, queries = notification->listed.count;
	if (total == (long long)accesses || total == (long long)queries)
		return HOLDS;
	judge_expect(judge, "%zu", accesses);
	if (accesses != queries)
		return judge_fail(
			judge, &notification->total, MASK_NONE,
			"TotalReturnedRecords is %s, but %zu access%s with %zu quer%s listed",
			judge_plain(judge, str_trim(notification->total.text)), accesses,
			accesses == 1 ? "" : "es", queries, queries == 1 ? "y is" : "ies are");
	return judge_fail(judge, &notification->total, MASK_NONE,
			  "TotalReturnedRecords is %s, but %zu access%s listed",
			  judge_plain(judge, str_trim(notification->total.text)), accesses,
			  accesses == 1 ? " is" : "es are");
}

static const struct rule not_001 = {
	.id = "NOT-001",
	.name = "total-differs-from-accesses",
	.severity = CPIS_ERROR,
	.on = PART_ACCESS_NOTIFICATION,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACCESS ", TotalReturnedRecords",
	.title = "TotalReturnedRecords differs from the accesses listed",
	.why = "A social worker does not learn that a child was seen, or looks for a visit that "
	       "never happened.",
	.fix = "Count the accesses after writing them; 0 with none listed is a valid empty "
	       "notification.",
	.check = { .access_notification = total_is_right },
};

static enum outcome file_is_a_sequence_number(struct judge *judge,
					      const struct file_reference *file)
{
	struct str number = file->number.text;
	bool digits = number.n && str_is_digits(number);
	if (digits && (number.n == 1 || number.p[0] != '0'))
		return HOLDS;
	judge_expect(judge, "only digits, without leading zeros");
	if (!value_there(&file->number))
		return judge_fail_part(judge, &file->part, "the upload's file id is missing");
	if (!digits)
		return judge_fail(judge, &file->number, MASK_NONE,
				  "the upload's file id \"%s\" is not a sequence number; it should "
				  "be only digits",
				  judge_plain(judge, number));
	/* The upload may have been numbered so (UPL-003). */
	judge_severity(judge, CPIS_WARNING);
	return judge_fail(judge, &file->number, MASK_NONE,
			  "the upload's file id \"%s\" has leading zeros",
			  judge_plain(judge, number));
}

static const struct rule not_002 = {
	.id = "NOT-002",
	.name = "file-reference-is-not-sequence-number",
	.severity = CPIS_ERROR,
	.on = PART_FILE_REFERENCE,
	.basis = CPIS_BASIS_DMS,
	.cite = ACCESS " and REPC_MT000005GB01, LAUploadFile.value",
	.title = "Upload file id is not a sequence number",
	.why = "The local authority cannot find the record that the notification is about.",
	.fix = "Send the File/id of the upload as it came: digits only.",
	.check = { .file_reference = file_is_a_sequence_number },
};

static size_t count_numbers(const struct identifier *ids, size_t count)
{
	size_t numbers = 0;
	for (size_t i = 0; i < count; i++)
		numbers += ids[i].is_nhs;
	return numbers;
}

static const struct identifier *inactive_number(const struct inactive_patient *patient)
{
	for (size_t i = 0; i < patient->id_count; i++)
		if (patient->ids[i].is_nhs)
			return &patient->ids[i];
	return NULL;
}

static enum outcome replacement_is_another(struct judge *judge,
					   const struct inactive_patient *patient)
{
	const struct identifier *inactive = inactive_number(patient);
	if (patient->replacement_count == 0 || !inactive)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < patient->replacement_count; i++) {
		const struct value *number = &patient->replacements[i].extension;
		if (!value_there(number) || !str_equal(number->text, inactive->extension.text))
			continue;
		judge_expect(judge, "a different NHS number from the inactive one");
		judge_point(judge, inactive->extension.offset);
		outcome = judge_fail(judge, number, MASK_NHS_NUMBER,
				     "the inactive NHS number %s is replaced by itself",
				     judge_show(judge, MASK_NHS_NUMBER, number->text));
	}
	return outcome;
}

static const struct rule not_003 = {
	.id = "NOT-003",
	.name = "number-replaced-by-itself",
	.severity = CPIS_ERROR,
	.on = PART_INACTIVE_PATIENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = INACTIVE ", newVersion",
	.title = "Inactive NHS number is replaced by itself",
	.why = "The number cannot be both inactive and in use: uploads would go on under a dead "
	       "number.",
	.fix = "Send the number that PDS has now, or no replacement.",
	.check = { .inactive_patient = replacement_is_another },
};

static int by_number(const void *a, const void *b)
{
	const struct noted *one = *(const struct noted *const *)a,
			   *two = *(const struct noted *const *)b;
	int order = memcmp(one->value.text.p, two->value.text.p, 10);
	return order ? order
		     : (one->value.offset > two->value.offset) -
			       (one->value.offset < two->value.offset);
}

/* The inactive numbers in order; NULL: there are none, or no memory. Only complete numbers are in
 * the list: ten digits each. */
static const struct noted **numbers_in_order(struct judge *judge,
					     const struct inactive_notification *notification)
{
	size_t count = notification->numbers.count, n = 0;
	const struct noted **sorted =
		count ? arena_alloc(&judge->draft->arena, count * sizeof(const struct noted *))
		      : NULL;
	if (!sorted)
		return NULL;
	for (const struct noted *noted = notification->numbers.first; noted; noted = noted->next)
		sorted[n++] = noted;
	qsort(sorted, n, sizeof(const struct noted *), by_number);
	return sorted;
}

static enum outcome number_is_listed_once(struct judge *judge,
					  const struct inactive_notification *notification)
{
	size_t n = notification->numbers.count;
	if (n < 2)
		return NOT_APPLICABLE;
	const struct noted **sorted = numbers_in_order(judge, notification);
	if (!sorted)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	for (size_t i = 1; i < n; i++)
		if (str_equal(sorted[i - 1]->value.text, sorted[i]->value.text)) {
			judge_point(judge, sorted[i - 1]->value.offset);
			outcome = judge_fail(
				judge, &sorted[i]->value, MASK_NHS_NUMBER,
				"the inactive NHS number %s is listed again",
				judge_show(judge, MASK_NHS_NUMBER, sorted[i]->value.text));
		}
	return outcome;
}

static const struct rule not_004 = {
	.id = "NOT-004",
	.name = "inactive-number-listed-twice",
	.severity = CPIS_WARNING,
	.on = PART_INACTIVE_NOTIFICATION,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = INACTIVE ", subject",
	.title = "Inactive NHS number is listed twice",
	.why = "Two entries may give two replacements: the record is moved to one of them by "
	       "chance.",
	.fix = "List a number once, with all its replacements.",
	.check = { .inactive_notification = number_is_listed_once },
};

/* Whether another entry of the number says what replaces it: the two are NOT-004's. */
static bool is_replaced_elsewhere(const struct noted *const *sorted, size_t n, struct str number)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(sorted[middle]->value.text.p, number.p, number.n) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n && str_equal(sorted[low]->value.text, number); low++)
		if (sorted[low]->role == NUMBER_REPLACED)
			return true;
	return false;
}

static enum outcome replacement_is_given(struct judge *judge,
					 const struct inactive_patient *patient)
{
	return patient->replacement_count
		       ? HOLDS
		       : judge_fail_part(judge, &patient->part,
					 "the NHS number is inactive and has no replacement, as "
					 "happens for example after an adoption");
}

/* What was said of an entry is taken back where another one of its number says what replaces it. */
static enum outcome replacements_are_elsewhere(struct judge *judge,
					       const struct inactive_notification *notification)
{
	size_t most = notification->unreplaced.count, count = 0;
	if (most == 0 || notification->numbers.count < 2)
		return NOT_APPLICABLE;
	const struct noted **sorted = numbers_in_order(judge, notification);
	size_t *places = arena_alloc(&judge->draft->arena, most * sizeof(*places));
	if (!sorted || !places)
		return BLOCKED;
	for (const struct noted *patient = notification->unreplaced.first; patient;
	     patient = patient->next)
		if (is_replaced_elsewhere(sorted, notification->numbers.count, patient->value.text))
			places[count++] = patient->value.offset;
	judge_withdraw(judge, places, count);
	return NOT_APPLICABLE;
}

static const struct rule not_005 = {
	.id = "NOT-005",
	.name = "inactive-without-replacement",
	.severity = CPIS_INFO,
	.on = PART_INACTIVE_PATIENT,
	.basis = CPIS_BASIS_DMS,
	.cite = INACTIVE ", replacedBy",
	.title = "Inactive NHS number has no replacement",
	.why = "After an adoption, for example, the old number ends and the new one is not "
	       "disclosed: uploads under the old number fail from now on.",
	.fix = "Stop uploads under this number, and let the team that holds the case decide what "
	       "comes next.",
	.check = { .inactive_patient = replacement_is_given },
	.also = ALSO({ PART_INACTIVE_NOTIFICATION,
		       { .inactive_notification = replacements_are_elsewhere } }),
};

static enum outcome access_is_before_notification(struct judge *judge, const struct query *query)
{
	const struct part *part = part_ancestor(&query->part, PART_ACCESS_NOTIFICATION);
	if (!part)
		return NOT_APPLICABLE;
	const struct access_notification *notification =
		(const struct access_notification *)(const void *)part;
	return listed_before(judge, query, &notification->effective, "notification");
}

static const struct rule not_006 = {
	.id = "NOT-006",
	.name = "access-later-than-notification",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACCESS ", effectiveTime",
	.title = "Access is later than the notification that reports it",
	.why = "The social worker acts on when the child was seen: one of the times is wrong.",
	.fix = "Take both times from one clock, with their UTC offset.",
	.check = { .query = access_is_before_notification },
};

static enum outcome access_is_listed_once(struct judge *judge,
					  const struct access_notification *notification)
{
	return listed_once(judge, &notification->listed);
}

static const struct rule not_007 = {
	.id = "NOT-007",
	.name = "notified-access-listed-twice",
	.severity = CPIS_WARNING,
	.on = PART_ACCESS_NOTIFICATION,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACCESS ", pertinentInformation2",
	.title = "Access is reported twice",
	.why = "One visit looks like two, and repeated visits are a sign that social workers act "
	       "on.",
	.fix = "List each query id once.",
	.check = { .access_notification = access_is_listed_once },
};

static enum outcome one_nhs_number(struct judge *judge, const struct part *part,
				   const struct identifier *ids, size_t count, const char *noun)
{
	size_t numbers = count_numbers(ids, count);
	if (numbers == 1)
		return HOLDS;
	judge_expect(judge, "one id with root " OID_NHS_NUMBER);
	if (numbers == 0)
		return judge_fail_part(judge, count ? &ids[0].part : part,
				       "%s has no NHS number: no id has root " OID_NHS_NUMBER,
				       noun);
	size_t second = 0;
	for (size_t i = 0, seen = 0; i < count; i++)
		if (ids[i].is_nhs && ++seen == 2)
			second = i;
	return judge_fail_part(judge, &ids[second].part,
			       "%s has %zu NHS numbers; it should have one", noun, numbers);
}

static enum outcome accessed_has_one_number(struct judge *judge, const struct query *query)
{
	if (!part_ancestor(&query->part, PART_ACCESS_NOTIFICATION))
		return NOT_APPLICABLE;
	return one_nhs_number(judge, &query->part, query->nhs_numbers, query->nhs_number_count,
			      "the person whose record was opened");
}

static const struct rule not_008 = {
	.id = "NOT-008",
	.name = "accessed-person-without-one-nhs-number",
	.severity = CPIS_ERROR,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_DMS,
	.cite = ACCESS ", person.id",
	.title = "Person whose record was opened does not have exactly one NHS number",
	.why = "The local authority does not know, or not for certain, which child was seen.",
	.fix = "Send the NHS number once (root " OID_NHS_NUMBER
	       "), and the local id as the second id.",
	.check = { .query = accessed_has_one_number },
};

static enum outcome inactive_has_one_number(struct judge *judge,
					    const struct inactive_patient *patient)
{
	return one_nhs_number(judge, &patient->part, patient->ids, patient->id_count,
			      "the inactive patient");
}

static const struct rule not_009 = {
	.id = "NOT-009",
	.name = "inactive-patient-without-one-nhs-number",
	.severity = CPIS_ERROR,
	.on = PART_INACTIVE_PATIENT,
	.basis = CPIS_BASIS_DMS,
	.cite = INACTIVE ", PDSInactivePatient.id",
	.title = "Inactive patient does not have exactly one NHS number",
	.why = "The local authority does not know which number is no longer used.",
	.fix = "Send the inactive NHS number once (root " OID_NHS_NUMBER
	       "), and the local id as the second id.",
	.check = { .inactive_patient = inactive_has_one_number },
};

/* Those of one number in their order. */
static int by_replacement(const void *a, const void *b)
{
	const struct identifier *x = *(const struct identifier *const *)a;
	const struct identifier *y = *(const struct identifier *const *)b;
	struct str one = x->extension.text, other = y->extension.text;
	size_t n = one.n < other.n ? one.n : other.n;
	int order = n ? memcmp(one.p, other.p, n) : 0;
	if (order || one.n != other.n)
		return order ? order : (one.n > other.n) - (one.n < other.n);
	return (x->part.offset > y->part.offset) - (x->part.offset < y->part.offset);
}

static enum outcome replacement_is_given_once(struct judge *judge,
					      const struct inactive_patient *patient)
{
	size_t count = patient->replacement_count;
	if (count < 2)
		return NOT_APPLICABLE;
	const struct identifier **sorted =
		arena_alloc(&judge->draft->arena, count * sizeof(const struct identifier *));
	if (!sorted)
		return BLOCKED;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &patient->replacements[i];
	qsort(sorted, count, sizeof(const struct identifier *), by_replacement);
	enum outcome outcome = HOLDS;
	for (size_t i = 1; i < count; i++) {
		const struct value *number = &sorted[i]->extension;
		if (!value_there(number) || !str_equal(number->text, sorted[i - 1]->extension.text))
			continue;
		outcome = judge_fail(judge, number, MASK_NHS_NUMBER,
				     "the replacement %s is given twice",
				     judge_show(judge, MASK_NHS_NUMBER, number->text));
	}
	return outcome;
}

static const struct rule not_010 = {
	.id = "NOT-010",
	.name = "replacement-given-twice",
	.severity = CPIS_WARNING,
	.on = PART_INACTIVE_PATIENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = INACTIVE ", newVersion",
	.title = "Replacement is given twice",
	.why = "Staff choose between replacements by hand: a repeated one may have taken the place "
	       "of one that was lost.",
	.fix = "List each replacement once.",
	.check = { .inactive_patient = replacement_is_given_once },
};

/* An inactive number. */
struct replaced {
	const struct noted *noted;
	size_t place; /* in the message, from 1 */
};

/* A number that is replaced by one that is inactive itself. */
struct edge {
	size_t from, to; /* places among the numbers, in order of the message */
	const struct noted *noted;
};

static int by_replaced(const void *a, const void *b)
{
	const struct replaced *one = a, *two = b;
	int order = memcmp(one->noted->value.text.p, two->noted->value.text.p, 10);
	return order ? order : (one->place > two->place) - (one->place < two->place);
}

/* The place of a number among the inactive ones; 0: it is not one of them. */
static size_t place_of(const struct replaced *sorted, size_t count, struct str number)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(sorted[middle].noted->value.text.p, number.p, 10) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < count && str_equal(sorted[low].noted->value.text, number);
	return found ? sorted[low].place : 0;
}

static int by_target(const void *a, const void *b)
{
	const struct edge *one = a, *two = b;
	return (one->to > two->to) - (one->to < two->to);
}

/*
 * Numbers whose ways all end are taken away, until none is left whose way ends: those that remain
 * lead into a cycle. edges are in order of where they lead to. open[place]: edges that lead on.
 */
static void take_away_ends(const struct edge *edges, size_t edge_count, size_t *open, size_t count,
			   size_t *queue)
{
	size_t first = 0, last = 0;
	for (size_t place = 1; place <= count; place++)
		if (!open[place])
			queue[last++] = place;
	while (first < last) {
		struct edge key = { .to = queue[first++] };
		size_t low = 0, high = edge_count;
		while (low < high) {
			size_t middle = low + (high - low) / 2;
			if (by_target(&edges[middle], &key) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < edge_count && edges[low].to == key.to; low++)
			if (--open[edges[low].from] == 0)
				queue[last++] = edges[low].from;
	}
}

/* Which of a notification's numbers are replaced by which others of it. */
struct replacing {
	struct edge *edges; /* in order of where they lead to */
	size_t count, numbers;
	size_t *open, *queue; /* by place, from 1: room for take_away_ends */
};

static void add_edges(struct replacing *replacing, const struct inactive_notification *notification,
		      const struct replaced *sorted)
{
	for (const struct noted *noted = notification->replacements.first; noted;
	     noted = noted->next) {
		size_t to = place_of(sorted, replacing->numbers, noted->value.text);
		if (to && to != noted->role) /* NOT-003 */
			replacing->edges[replacing->count++] =
				(struct edge){ noted->role, to, noted };
	}
	qsort(replacing->edges, replacing->count, sizeof(*replacing->edges), by_target);
}

/* False when out of memory. */
static bool see_replacing(struct replacing *replacing, struct judge *judge,
			  const struct inactive_notification *notification)
{
	struct arena *arena = &judge->draft->arena;
	size_t count = notification->numbers.count, n = 0;
	struct replaced *sorted = arena_alloc(arena, count * sizeof(*sorted));
	*replacing = (struct replacing){
		.edges = arena_alloc(arena, notification->replacements.count * sizeof(struct edge)),
		.numbers = count,
		.open = arena_alloc(arena, (count + 1) * sizeof(size_t)),
		.queue = arena_alloc(arena, (count + 1) * sizeof(size_t)),
	};
	if (!sorted || !replacing->edges || !replacing->open || !replacing->queue)
		return false;
	for (const struct noted *noted = notification->numbers.first; noted; noted = noted->next) {
		sorted[n] = (struct replaced){ .noted = noted, .place = n + 1 };
		n++;
	}
	qsort(sorted, count, sizeof(*sorted), by_replaced);
	memset(replacing->open, 0, (count + 1) * sizeof(size_t));
	add_edges(replacing, notification, sorted);
	return true;
}

static enum outcome replacements_end(struct judge *judge,
				     const struct inactive_notification *notification)
{
	struct replacing replacing;
	if (notification->numbers.count < 2 || notification->replacements.count < 2)
		return NOT_APPLICABLE;
	if (!see_replacing(&replacing, judge, notification))
		return BLOCKED;
	const struct edge *edges = replacing.edges;
	size_t *open = replacing.open;
	for (size_t i = 0; i < replacing.count; i++)
		open[edges[i].from]++;
	take_away_ends(edges, replacing.count, open, replacing.numbers, replacing.queue);
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < replacing.count; i++)
		if (open[edges[i].from] && open[edges[i].to] && edges[i].to < edges[i].from)
			outcome = judge_fail(
				judge, &edges[i].noted->value, MASK_NHS_NUMBER,
				"the replacement %s is inactive itself, and its own replacements "
				"lead back here",
				judge_show(judge, MASK_NHS_NUMBER, edges[i].noted->value.text));
	return outcome;
}

static const struct rule not_011 = {
	.id = "NOT-011",
	.name = "replacements-in-a-circle",
	.severity = CPIS_ERROR,
	.on = PART_INACTIVE_NOTIFICATION,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = INACTIVE ", newVersion",
	.title = "NHS numbers replace each other in a circle",
	.why = "No number in the circle is in use, so the child's plan cannot be moved to a live "
	       "one.",
	.fix = "Send the number that PDS has now as the replacement of each of them.",
	.check = { .inactive_notification = replacements_end },
};

static enum outcome notification_has_own_id(struct judge *judge,
					    const struct access_notification *notification)
{
	struct str id = notification->id.text;
	if (str_is_blank(id) || !notification->listed.count)
		return NOT_APPLICABLE;
	for (const struct listed_query *listed = notification->listed.first; listed;
	     listed = listed->next) {
		if (!str_equal(listed->id.text, id))
			continue;
		judge_expect(judge, "a different UUID");
		judge_point(judge, notification->id.offset);
		return judge_fail(judge, &listed->id, MASK_NONE,
				  "the access has the id of the notification, %s",
				  judge_plain(judge, id));
	}
	return HOLDS;
}

static const struct rule not_012 = {
	.id = "NOT-012",
	.name = "access-has-the-id-of-the-notification",
	.severity = CPIS_WARNING,
	.on = PART_ACCESS_NOTIFICATION,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACCESS ", id",
	.title = "Access has the id of the notification",
	.why = "Two things with one id look like one: a visit is taken for one that was reported "
	       "before, and is not followed up.",
	.fix = "Send the id that the query had, and a new one for the notification.",
	.check = { .access_notification = notification_has_own_id },
};

static enum outcome replacements_lead_to_a_number(struct judge *judge,
						  const struct inactive_notification *notification)
{
	struct replacing replacing;
	if (notification->numbers.count < 2 || !notification->replacements.count)
		return NOT_APPLICABLE;
	if (!see_replacing(&replacing, judge, notification))
		return BLOCKED;
	/* What is left open has a replacement that is in use, or leads into a circle: NOT-011. */
	for (const struct noted *noted = notification->replacements.first; noted;
	     noted = noted->next)
		replacing.open[noted->role]++;
	take_away_ends(replacing.edges, replacing.count, replacing.open, replacing.numbers,
		       replacing.queue);
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < replacing.count; i++) {
		const struct edge *edge = &replacing.edges[i];
		if (replacing.open[edge->from])
			continue;
		outcome = judge_fail(judge, &edge->noted->value, MASK_NHS_NUMBER,
				     "the replacement %s is inactive itself, and is replaced by no "
				     "number that is in use",
				     judge_show(judge, MASK_NHS_NUMBER, edge->noted->value.text));
	}
	return outcome;
}

static const struct rule not_013 = {
	.id = "NOT-013",
	.name = "replacement-is-inactive-too",
	.severity = CPIS_WARNING,
	.on = PART_INACTIVE_NOTIFICATION,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = INACTIVE ", newVersion",
	.title = "Replacement is inactive too, and leads to no number in use",
	.why = "Whoever moves the plan to the replacement sends it under a number that is not "
	       "asked "
	       "for, and the upload is refused.",
	.fix = "Send the number that PDS has now. If there is none, as after an adoption, send no "
	       "replacement.",
	.check = { .inactive_notification = replacements_lead_to_a_number },
};

const struct rule *const not_rules[] = {
	&not_001, &not_002, &not_003, &not_004, &not_005, &not_006, &not_007,
	&not_008, &not_009, &not_010, &not_011, &not_012, &not_013, NULL,
};
