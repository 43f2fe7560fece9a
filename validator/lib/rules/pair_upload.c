/* An upload and its acknowledgement, or the upload after it; and what months of them come to. */
#include "rules/catalogue.h"
#include "rules/location.h"
#include "rules/pair.h"

#include <stdlib.h>
#include <strings.h>

#define ACKNOWLEDGEMENT "CP-IS DMS 1.0, REPC_MT000003GB01"

/* The uploaded records, to be found by NHS number or by place. */
struct returned_index {
	const struct summary_record **by_number; /* in order of NHS number */
	const struct summary_record **by_place;
	unsigned char
		*roles; /* by place: bit (1 << role) for each role in which a record is returned */
	size_t count;
};

static enum outcome acknowledges_the_file(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || str_is(pair_text(&pair->response->file_id), "-1"))
		return NOT_APPLICABLE;
	return pair_same(judge, pair, &pair->response->file_id, &pair->request->file_id,
			 "the acknowledged file id", "the upload");
}

static const struct rule pair_001 = {
	.id = "PAIR-001",
	.name = "another-file-is-acknowledged",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", id",
	.title = "Acknowledgement's id is not the upload's",
	.why = "The local authority takes one file's result for another's, so refused records go "
	       "unseen.",
	.fix = "Return the File/id of the upload being acknowledged.",
	.check = { .pair = acknowledges_the_file },
};

static enum outcome acknowledges_all_records(struct judge *judge, const struct pair *pair)
{
	long long quantity;
	const struct summary_value *said = &pair->response->quantity;
	if (!pair_acknowledges_upload(pair) || !value_there(&said->value))
		return NOT_APPLICABLE;
	if (!judge_count(pair_text(said), &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity == -1)
		return NOT_APPLICABLE;
	size_t records = pair->request->record_count;
	if (quantity == (long long)records)
		return HOLDS;
	judge_expect(judge, "%zu", records);
	return judge_fail(judge, pair_at(judge, said), MASK_NONE,
			  "%s record%s acknowledged, but the upload has %zu",
			  judge_plain(judge, str_trim(pair_text(said))),
			  quantity == 1 ? " is" : "s are", records);
}

static const struct rule pair_002 = {
	.id = "PAIR-002",
	.name = "acknowledged-quantity-differs",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", transmissionQuantity",
	.title = "Acknowledged quantity differs from the number of uploaded records",
	.why = "A record was lost between the two: no one learns what became of that child's plan.",
	.fix = "Acknowledge every record in the upload.",
	.check = { .pair = acknowledges_all_records },
};

static enum outcome goes_back_to_the_sender(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair))
		return NOT_APPLICABLE;
	struct str found = str_trim(pair_text(&pair->response->organisation));
	struct str sent = str_trim(pair_text(&pair->request->organisation));
	/* Spine itself sends ODS codes in lower case. */
	if (found.n && str_same_letters(found, sent))
		return HOLDS;
	return pair_same(judge, pair, &pair->response->organisation, &pair->request->organisation,
			 "the receiver's ODS code", "the upload's sender");
}

static const struct rule pair_003 = {
	.id = "PAIR-003",
	.name = "acknowledged-to-another-authority",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", communicationFunctionRcv",
	.title = "Receiver of the acknowledgement is not the upload's sender",
	.why = "Another authority receives data about children that are not its own, and the "
	       "sender hears nothing.",
	.fix = "Address the acknowledgement to the organisation that sent the upload.",
	.check = { .pair = goes_back_to_the_sender },
};

/* Locations are looked up once for all rules. NULL when out of memory. */
static const struct location_target *locations(struct judge *judge, const struct pair *pair)
{
	struct pair_work *work = pair->work;
	if (work->located)
		return work->located;
	size_t n = 0;
	work->upload.summary = pair->request;
	work->located = arena_alloc(&judge->draft->arena,
				    (pair->response->details.count + 1) * sizeof(*work->located));
	for (const struct noted *detail = pair->response->details.first; work->located && detail;
	     detail = detail->next)
		work->located[n++] = location_select(&work->upload, detail->value.text);
	return work->located;
}

static enum outcome report_location(struct judge *judge, const struct pair *pair,
				    const struct value *location,
				    const struct location_target *located)
{
	enum mask_kind kind = MASK_PATH;
	const char *shown = judge_show(judge, kind, location->text);
	const struct value *culprit = pair_in_root(judge, pair, location);
	judge_expect(judge, "one of the upload's %zu records", pair->request->record_count);
	switch (located->outcome) {
	case LOCATION_NOTHING:
		return judge_fail(
			judge, culprit, kind,
			"the location %s selects nothing in the upload, which has %zu record%s",
			shown, pair->request->record_count,
			pair->request->record_count == 1 ? "" : "s");
	case LOCATION_MANY:
		return judge_fail(judge, culprit, kind,
				  "the location %s selects %zu nodes of the upload; it should "
				  "select 1 record",
				  shown, located->record);
	default:
		return judge_fail(
			judge, culprit, kind,
			"the location %s selects %s in the upload; it should select a record",
			shown, judge_word(judge, str_of(located->name)));
	}
}

static enum outcome locations_select_records(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || !pair->response->details.count)
		return NOT_APPLICABLE;
	const struct location_target *located = locations(judge, pair);
	if (!located)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	const char *unknown = NULL;
	struct location_frame frame;
	location_frame_open(&frame, pair_text(&pair->response->quantity), &pair->response->details);
	for (const struct noted *detail = pair->response->details.first; detail;
	     detail = detail->next, located++) {
		struct location_target alone;
		if (located->outcome == LOCATION_UNKNOWN)
			unknown = located->why;
		else if (location_is_no_place(located) || detail->value.text.n == 0)
			outcome = pair_worse(outcome, judge_blocked(judge, NULL, "ACK-005"));
		else if (located->outcome == LOCATION_RECORD)
			continue;
		else if (location_frame_select(&frame, detail->value.text, &alone) &&
			 alone.outcome != LOCATION_RECORD)
			outcome = pair_worse(outcome, judge_blocked(judge, NULL, "ACK-014"));
		else
			outcome = report_location(judge, pair, &detail->value, located);
	}
	location_frame_close(&frame);
	if (!unknown)
		return outcome;
	draft_add_omission(judge->draft, &judge->draft->messages[pair->response->root.message],
			   "the locations of records", unknown);
	return pair_worse(outcome, BLOCKED);
}

static const struct rule pair_004 = {
	.id = "PAIR-004",
	.name = "location-selects-no-record",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_DMS,
	.cite = ACKNOWLEDGEMENT ", AcknowledgementRecordDetail.location",
	.title = "Location does not select one record of the upload",
	.why = "The refused record cannot be found, so it is not fixed or sent again.",
	.fix = "Send an XPath that selects exactly the record that the detail is about.",
	.check = { .pair = locations_select_records },
};

/* The first way in which a returned record differs from the one uploaded. */
struct difference {
	const char *noun;	      /* NULL: there is none */
	struct value found, expected; /* where a value differs; else there is none */
	enum mask_kind mask;
};

static const struct value *returned_number(const struct summary_record *record)
{
	static const struct value none = { 0 };
	for (size_t i = 0; i < record->subject_count; i++)
		if (value_there(&record->subjects[i].nhs_number))
			return &record->subjects[i].nhs_number;
	return &none;
}

static int by_number(const void *a, const void *b)
{
	const struct summary_record *one = *(const struct summary_record *const *)a;
	const struct summary_record *two = *(const struct summary_record *const *)b;
	int order = str_order(returned_number(one)->text, returned_number(two)->text);
	return order ? order : (one->number > two->number) - (one->number < two->number);
}

static size_t returned_candidates(const struct returned_index *index,
				  const struct summary_record *returned,
				  const struct summary_record *const **first)
{
	struct str number = returned_number(returned)->text;
	size_t low = 0, high = number.p ? index->count : 0, count = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_order(returned_number(index->by_number[middle])->text, number) < 0)
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

static int returned_index_make(struct returned_index *index, const struct message_summary *request,
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

/* A value that shows nothing is as good as none. */
static bool differs(const struct value *found, const struct value *expected)
{
	bool shows = !character_shows_nothing(found->text);
	if (shows != !character_shows_nothing(expected->text))
		return true;
	return shows && !str_equal(str_trim(found->text), str_trim(expected->text));
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
	return listed_difference(returned, uploaded, returned->plan_count, "kind of plan",
				 compare_listed_plans);
}

/* Made once for all rules. NULL when out of memory. */
static const struct returned_index *index_of(struct judge *judge, const struct pair *pair)
{
	struct arena *arena = &judge->draft->arena;
	if (pair->work->returned)
		return pair->work->returned;
	struct returned_index *index = arena_alloc(arena, sizeof(*index));
	if (!index || returned_index_make(index, pair->request, pair->response, arena) != 0)
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

static enum outcome record_is_as_uploaded(struct judge *judge, const struct pair *pair,
					  const struct returned_index *index,
					  const struct summary_record *returned)
{
	const struct value *number = returned_number(returned);
	if (returned->broken)
		return judge_blocked_by(judge, returned->broken);
	if (!value_there(number))
		return judge_blocked(judge, NULL, "NHS-008");
	const struct summary_record *const *uploaded;
	size_t count = returned_candidates(index, returned, &uploaded);
	if (count == 0)
		return judge_fail(judge, pair_in_root(judge, pair, number), MASK_NHS_NUMBER,
				  "a record for NHS number %s is returned, but none was uploaded",
				  judge_show(judge, MASK_NHS_NUMBER, number->text));
	struct difference first = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct difference difference = returned_difference(returned, uploaded[i]);
		if (!difference.noun)
			return HOLDS;
		first = i == 0 ? difference : first;
	}
	return report_difference(judge, pair, returned, &first);
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

static const struct rule pair_005 = {
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

enum pair_sequence pair_sequence(const struct message_summary *earlier,
				 const struct message_summary *later)
{
	long long before, after;
	if (earlier->kind != SUMMARY_UPLOAD || later->kind != SUMMARY_UPLOAD ||
	    !value_there(&earlier->organisation.value) ||
	    !str_equal(pair_text(&earlier->organisation), pair_text(&later->organisation)) ||
	    !judge_number(pair_text(&earlier->file_id), &before) ||
	    !judge_number(pair_text(&later->file_id), &after))
		return SEQUENCE_NONE;
	if (after == before)
		return SEQUENCE_REPEATED;
	if (after < before)
		return SEQUENCE_BACK;
	if (earlier->made.moment.ok && later->made.moment.ok &&
	    moment_compare(&later->made.moment, &earlier->made.moment) < 0)
		return SEQUENCE_OLDER;
	return after == before + 1 ? SEQUENCE_NEXT : SEQUENCE_GAP;
}

/* The file before, as a message names it: "file 41 (upload-41.xml)". */
static const char *earlier_file(struct judge *judge, const struct pair *pair, long long number)
{
	const char *source = pair->request->source;
	if (!source)
		return judge_text(judge, "file %s", judge_whole(judge, number));
	return judge_text(judge, "file %s (%s)", judge_whole(judge, number),
			  judge_show(judge, MASK_FILE, str_of(source)));
}

static enum outcome report_gap(struct judge *judge, const struct value *culprit,
			       const char *earlier, long long before, long long after)
{
	judge_expect(judge, "%s", judge_whole(judge, before + 1));
	if (after == before + 2)
		return judge_fail(
			judge, culprit, MASK_NONE, "file %s follows %s: file %s is missing",
			judge_whole(judge, after), earlier, judge_whole(judge, before + 1));
	return judge_fail(judge, culprit, MASK_NONE,
			  "file %s follows %s: files %s to %s are missing",
			  judge_whole(judge, after), earlier, judge_whole(judge, before + 1),
			  judge_whole(judge, after - 1));
}

static enum outcome follows_in_sequence(struct judge *judge, const struct pair *pair)
{
	long long before = 0, after = 0;
	enum pair_sequence sequence = pair_sequence(pair->request, pair->response);
	if (sequence == SEQUENCE_NONE || !pair_has(pair, &pair->response->file_id))
		return NOT_APPLICABLE;
	if (sequence == SEQUENCE_NEXT)
		return HOLDS;
	judge_number(pair_text(&pair->request->file_id), &before);
	judge_number(pair_text(&pair->response->file_id), &after);
	const char *earlier = earlier_file(judge, pair, before);
	const struct value *culprit = pair_at(judge, &pair->response->file_id);
	if (sequence == SEQUENCE_GAP)
		return report_gap(judge, culprit, earlier, before, after);
	judge_expect(judge, "%s", judge_whole(judge, before + 1));
	if (sequence == SEQUENCE_REPEATED)
		return judge_fail(judge, culprit, MASK_NONE, "file %s is repeated, after %s",
				  judge_whole(judge, after), earlier);
	if (sequence == SEQUENCE_BACK)
		return judge_fail(judge, culprit, MASK_NONE,
				  "file %s follows %s: the number goes backwards",
				  judge_whole(judge, after), earlier);
	judge_expect(judge, "not before %s", judge_time(judge, pair_text(&pair->request->made.at)));
	return judge_fail(judge, pair_at(judge, &pair->response->made.at), MASK_TIME,
			  "file %s was created at %s, before %s, created at %s",
			  judge_whole(judge, after),
			  judge_time(judge, pair_text(&pair->response->made.at)), earlier,
			  judge_time(judge, pair_text(&pair->request->made.at)));
}

static const struct rule pair_011 = {
	.id = "PAIR-011",
	.name = "uploads-out-of-sequence",
	.severity = CPIS_WARNING,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, REPC_MT000002GB01, File.id",
	.title = "Sequence number of an upload does not follow the one before",
	.why = "A gap is a file that never arrived, and a repeat may undo a later change: plans "
	       "are missing or wrong.",
	.fix = "Number the files 1, 2, 3 ... as they are created, and send each once, in order.",
	.check = { .pair = follows_in_sequence },
};

static enum outcome detail_agrees(struct judge *judge, const struct pair *pair,
				  const struct returned_index *index, const struct noted *detail,
				  size_t record)
{
	if (record > index->count)
		return NOT_APPLICABLE;
	bool valid = index->roles[record - 1] & 1u << RECORD_VALID;
	bool invalid = index->roles[record - 1] & 1u << RECORD_INVALID;
	if (valid == invalid)
		return NOT_APPLICABLE;
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
	const struct location_target *located = locations(judge, pair);
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

static const struct rule pair_012 = {
	.id = "PAIR-012",
	.name = "detail-contradicts-returned-record",
	.severity = CPIS_ERROR,
	.on = PART_PAIR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Record is refused by its detail and returned as valid, or the other way round",
	.why = "Whether the child's plan can be seen depends on which part of the answer is read.",
	.fix = "Return loaded records as validCP-ISRecord and refused ones as invalidCP-ISRecord.",
	.check = { .pair = details_agree_with_records },
};

/* What an acknowledgement says of one uploaded record. */
struct account {
	const struct noted *loaded, *refused; /* the first detail of each */
	const struct noted *again;	      /* a second detail that says loaded */
};

static struct account *accounts_of(struct judge *judge, const struct pair *pair, size_t count)
{
	const struct location_target *located = locations(judge, pair);
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
		if (detail->role == DETAIL_REFUSED)
			account->refused = account->refused ? account->refused : detail;
		else if (account->loaded)
			account->again = account->again ? account->again : detail;
		else
			account->loaded = detail;
	}
	return accounts;
}

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
	struct arena *arena = &judge->draft->arena;
	size_t *times = arena_alloc(arena, (index->count + 1) * sizeof(*times));
	enum outcome outcome = HOLDS;
	if (!times)
		return BLOCKED;
	memset(times, 0, (index->count + 1) * sizeof(*times));
	for (const struct summary_record *record = pair->response->records; record;
	     record = record->next) {
		const struct summary_record *const *first;
		size_t uploaded = returned_candidates(index, record, &first);
		if (!uploaded || ++times[(*first)->number - 1] <= uploaded)
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

/* A returned record is known by its NHS number: one that others share may have been returned. */
static bool is_only_one(const struct returned_index *index, size_t place)
{
	const struct summary_record *const *first;
	return returned_candidates(index, index->by_place[place], &first) == 1;
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
	struct account *accounts = index ? accounts_of(judge, pair, index->count) : NULL;
	if (!accounts)
		return BLOCKED;
	enum outcome outcome = returned_once(judge, pair, index);
	bool listed = false; /* some record is said to be loaded, so all of those are */
	for (size_t i = 0; i < index->count; i++)
		listed = listed || accounts[i].loaded || index->roles[i] & 1u << RECORD_VALID;
	listed = listed && all_located(pair, pair->work->located);
	for (size_t i = 0; i < index->count; i++) {
		const struct account *account = &accounts[i];
		unsigned roles = index->roles[i];
		enum outcome one = account_is_one(judge, pair, account, i + 1);
		if (listed && !account->loaded && !account->refused && !roles &&
		    is_only_one(index, i))
			one = report_unaccounted(judge, pair, i + 1);
		outcome = pair_worse(outcome, one);
	}
	return outcome;
}

static const struct rule pair_015 = {
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

const struct rule *const pair_upload_rules[] = {
	&pair_001, &pair_002, &pair_003, &pair_004, &pair_005,
	&pair_011, &pair_012, &pair_015, NULL,
};

/* The ledger (ledger/causes.c) reports by these rules: only many messages show what they are about.
 */

#define SEQUENCE "CP-IS DMS 1.0, REPC_MT000002GB01, id and creationTime"
#define ANSWER	 "CP-IS DMS 1.0, REPC_MT000003GB01"
#define GUIDANCE "Guidance for local authorities"
#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static const struct rule led_001 = {
	.id = "LED-001",
	.name = "refused-and-not-sent-again",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER ", acknowledgementRecordDetail and invalidCP-ISRecord",
	.title = "Record was refused, and not sent right since",
	.why = "CP-IS does not have what the authority last said of the child: a clinician sees an "
	       "older plan, or no plan.",
	.fix = "Correct what the code of the acknowledgement names, and send the record again.",
};

static const struct rule led_002 = {
	.id = "LED-002",
	.name = "upload-without-acknowledgement",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER,
	.title = "Upload has no acknowledgement",
	.why = "Whether CP-IS loaded any of its records is not known: the children in it may have "
	       "no plan there.",
	.fix = "Look for the acknowledgement or an error report in the mailbox. If there is none "
	       "after five days, send the records again in a new file.",
};

static const struct rule led_003 = {
	.id = "LED-003",
	.name = "overwritten-by-an-older-file",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Plan was overwritten by an older file",
	.why = "What was uploaded last counts: CP-IS went back to what was true before.",
	.fix = "Send the plan again in a new file, as it is now. Send files in the order in which "
	       "they were made.",
};

static const struct rule led_004 = {
	.id = "LED-004",
	.name = "sequence-numbers-missing",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Uploads between two sequence numbers are missing",
	.why = "What was in them is not known: changes of plans may never have reached CP-IS.",
	.fix = "Find the files and see whether they were sent. If they were lost, send the records "
	       "that were in them in a new file.",
};

static const struct rule led_005 = {
	.id = "LED-005",
	.name = "plan-under-an-inactive-number",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, REPC_MT000005GB01; CP-ISUploadRecordResponse, CPR05",
	.title = "Plan is under an NHS number that was taken out of use",
	.why = "A clinician asks with the child's number of today, and finds no plan.",
	.fix = "Send the plan under the new NHS number. If there is none, as after an adoption, "
	       "find the child's number on PDS, and delete the plan under the old one.",
};

static const struct rule led_006 = {
	.id = "LED-006",
	.name = "refused-since-it-ended-long-ago",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = GUIDANCE ": plans of the last 12 months are shown",
	.title = "Plan that ended more than 365 days ago is still sent, and refused",
	.why = "It is refused each time, which hides refusals that matter.",
	.fix = "Leave the plan out of the uploads. If CP-IS still shows it, send it once with its "
	       "delete date.",
};

static const struct rule led_007 = {
	.id = "LED-007",
	.name = "unborn-plan-without-a-child",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, COCT_TP146102GB01 and COCT_TP145100GB01",
	.title = "Unborn child plan is past its date, and no child followed",
	.why = "If the child was born, no one is alerted to it: the plan is the mother's, and has "
	       "ended.",
	.fix = "If the child was born and still needs a plan, send one under the child's own NHS "
	       "number. Otherwise send the unborn child plan with the date when it ended.",
};

static const struct rule led_008 = {
	.id = "LED-008",
	.name = "open-plans-of-two-authorities",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, REPC_MT000007GB01, communicationFunctionSnd",
	.title = "NHS number has open plans of two authorities",
	.why = "A clinician does not know whom to call. Often the child moved, and the first "
	       "authority did not end its plan.",
	.fix = "Agree which authority is responsible. The other sends the end date of its plan.",
};

static const struct rule led_009 = {
	.id = "LED-009",
	.name = "number-with-two-birth-dates",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "NHS number has two birth dates",
	.why = "PDS knows one of them: the plan with the other is refused, or is another child's.",
	.fix = "Look the person up on PDS, and send every plan with that birth date.",
};

static const struct rule led_010 = {
	.id = "LED-010",
	.name = "number-with-two-local-ids",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "NHS number has two local ids of one authority",
	.why = "The child has two cases in the sending system, or one of the numbers is another "
	       "child's.",
	.fix = "Check both cases, and merge them if they are the same child's.",
};

static const struct rule led_011 = {
	.id = "LED-011",
	.name = "plan-vanished-from-the-uploads",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SEQUENCE,
	.title = "Open plan is no longer in the uploads, and was not ended",
	.why = "CP-IS goes on showing it. If the case was lost by the extract, its end will never "
	       "be sent.",
	.fix = "If the plan ended, send its end date. If it is open, find out why the extract "
	       "leaves it out.",
};

static const struct rule led_012 = {
	.id = "LED-012",
	.name = "adult-with-an-open-plan",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = GUIDANCE ": CP-IS ends a record on the 18th birthday that PDS has",
	.title = "Person is 18, and the plan was sent as open",
	.why = "CP-IS ended the record on the birthday: the authority believes that a plan is "
	       "shown that is not.",
	.fix = "Check the birth date against PDS. If it is right, end the plan on or before the "
	       "18th birthday.",
};

static const struct rule led_013 = {
	.id = "LED-013",
	.name = "child-under-two-numbers",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Child's NHS number changed between files, and the plan is under both",
	.why = "The plan under the old number is shown for another person, or for no one.",
	.fix = "Check both numbers on PDS, and delete the plan under the wrong one.",
};

static const struct rule led_014 = {
	.id = "LED-014",
	.name = "sequence-number-used-twice",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Two uploads have the same sequence number",
	.why = "An acknowledgement names the number alone: refusals of one file are taken for "
	       "those of the other.",
	.fix = "Give every new file the next number, even where it repeats one that failed.",
};

static const struct rule led_015 = {
	.id = "LED-015",
	.name = "deleted-plan-sent-again",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146102GB01, component2",
	.title = "Deleted plan was sent again",
	.why = "A plan is deleted because it was sent in error: now it is shown again.",
	.fix = "If the plan was an error, send its delete date again and take it out of the "
	       "extract. If the deletion was the error, do nothing.",
};

static const struct rule led_016 = {
	.id = "LED-016",
	.name = "acknowledgement-without-upload",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER ", id",
	.title = "Acknowledgement belongs to no upload",
	.why = "What it refuses cannot be traced to a child.",
	.fix = "Find the upload that it names, and put it into the folder.",
};

static const struct rule led_017 = {
	.id = "LED-017",
	.name = "response-unlike-what-was-loaded",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "CP-IS DMS 1.0, REPC_MT000007GB01, pertinentInformation14",
	.title = "Response does not show a plan as it was loaded",
	.why = "A clinician asked, and did not see the plan, or saw other dates than the authority "
	       "last sent.",
	.fix = "Send the record again, and ask the service desk of CP-IS about the response.",
};

static const struct rule led_018 = {
	.id = "LED-018",
	.name = "response-with-a-plan-that-was-not-loaded",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "CP-IS DMS 1.0, REPC_MT000007GB01, pertinentInformation14",
	.title = "Response shows a plan that the service should not hold",
	.why = "A clinician sees a plan that is not there, or the uploads that brought it are "
	       "missing from the folder.",
	.fix = "Put all uploads of the authority into the folder. If the plan is wrong, send its "
	       "delete date.",
};

const struct rule *const led_rules[] = {
	&led_001, &led_002, &led_003, &led_004, &led_005, &led_006, &led_007,
	&led_008, &led_009, &led_010, &led_011, &led_012, &led_013, &led_014,
	&led_015, &led_016, &led_017, &led_018, NULL,
};
