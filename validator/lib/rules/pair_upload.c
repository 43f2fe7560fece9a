/* An upload and its acknowledgement, or the upload after it. */
#include "rules/chapters.h"
#include "rules/location.h"
#include "rules/pair.h"
#include "rules/pair_values.h"

#define ACKNOWLEDGEMENT "CP-IS DMS 1.0, REPC_MT000003GB01"

static enum outcome acknowledges_the_file(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || str_is(pair_text(&pair->response->file_id), "-1"))
		return NOT_APPLICABLE;
	return pair_same(judge, pair, &pair->response->file_id, &pair->request->file_id,
			 "the acknowledged file's id", "the upload");
}

static enum outcome acknowledges_all_records(struct judge *judge, const struct pair *pair)
{
	long long quantity;
	const struct summary_value *said = &pair->response->quantity;
	if (!pair_acknowledges_upload(pair) || !value_there(&said->value))
		return NOT_APPLICABLE;
	if (!judge_number(pair_text(said), &quantity))
		return judge_blocked(judge, NULL, "SCH-005");
	if (quantity == -1)
		return NOT_APPLICABLE;
	size_t records = pair->request->record_count;
	if (quantity == (long long)records)
		return HOLDS;
	judge_expect(judge, "%zu", records);
	return judge_fail(judge, pair_at(judge, said), MASK_NONE,
			  "%lld record%s acknowledged, the upload has %zu", quantity,
			  quantity == 1 ? " is" : "s are", records);
}

static enum outcome goes_back_to_the_sender(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair))
		return NOT_APPLICABLE;
	return pair_same(judge, pair, &pair->response->organisation, &pair->request->organisation,
			 "the receiver's ODS code", "the upload's sender");
}

/* Locations are looked up once for all rules. NULL when memory is out. */
static const struct located *locations(struct judge *judge, const struct pair *pair)
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
		work->located[n++] = located_record(&work->upload, detail->value.text);
	return work->located;
}

static enum outcome tell_location(struct judge *judge, const struct pair *pair,
				  const struct value *location, const struct located *located)
{
	enum mask_kind kind = location_mask(location->text);
	const char *shown = judge_show(judge, kind, location->text);
	const struct value *culprit = pair_in_root(judge, pair, location);
	judge_expect(judge, "one of the upload's %zu records", pair->request->record_count);
	switch (located->outcome) {
	case LOCATED_NOTHING:
		return judge_fail(
			judge, culprit, kind,
			"the location %s selects nothing in the upload, which has %zu record%s",
			shown, pair->request->record_count,
			pair->request->record_count == 1 ? "" : "s");
	case LOCATED_MANY:
		return judge_fail(
			judge, culprit, kind,
			"the location %s selects %zu nodes of the upload, 1 record expected", shown,
			located->record);
	default:
		return judge_fail(judge, culprit, kind,
				  "the location %s selects %s in the upload, a record expected",
				  shown, judge_plain(judge, str_of(located->name)));
	}
}

static enum outcome locations_select_records(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || !pair->response->details.count)
		return NOT_APPLICABLE;
	const struct located *located = locations(judge, pair);
	if (!located)
		return BLOCKED;
	enum outcome outcome = HOLDS;
	const char *unknown = NULL;
	for (const struct noted *detail = pair->response->details.first; detail;
	     detail = detail->next, located++) {
		if (located->outcome == LOCATED_UNKNOWN)
			unknown = located->why;
		else if (located->outcome == LOCATED_NO_XPATH || detail->value.text.n == 0)
			outcome = pair_worse(outcome, judge_blocked(judge, NULL, "ACK-005"));
		else if (located->outcome != LOCATED_RECORD)
			outcome = tell_location(judge, pair, &detail->value, located);
	}
	if (!unknown)
		return outcome;
	draft_add_omission(judge->draft, &judge->draft->messages[pair->response->root.message],
			   "the locations of records", unknown);
	return pair_worse(outcome, BLOCKED);
}

static const struct returned_index *index_of(struct judge *judge, const struct pair *pair)
{
	struct pair_work *work = pair->work;
	if (!work->indexed && returned_index_make(&work->index, pair->request, pair->response,
						  &judge->draft->arena) != 0)
		return NULL;
	work->indexed = true;
	return &work->index;
}

static enum outcome tell_difference(struct judge *judge, const struct pair *pair,
				    const struct summary_record *returned,
				    const struct difference *difference)
{
	struct value element = { { 0 }, returned->offset };
	if (!value_there(&difference->found) && !value_there(&difference->expected))
		return judge_fail(judge, pair_in_root(judge, pair, &element), MASK_NONE,
				  "the returned record has another %s than the one uploaded",
				  difference->noun);
	const char *expected = judge_show(judge, difference->mask, difference->expected.text);
	if (!value_there(&difference->found)) {
		judge_expect(judge, "%s", expected);
		return judge_fail(judge, pair_in_root(judge, pair, &element), MASK_NONE,
				  "the returned record has no %s, %s was uploaded",
				  difference->noun, expected);
	}
	const char *found = judge_show(judge, difference->mask, difference->found.text);
	if (!value_there(&difference->expected))
		return judge_fail(judge, pair_in_root(judge, pair, &difference->found),
				  difference->mask,
				  "the returned record's %s is %s, none was uploaded",
				  difference->noun, found);
	judge_expect(judge, "%s", expected);
	return judge_fail(judge, pair_in_root(judge, pair, &difference->found), difference->mask,
			  "the returned record's %s is %s, %s was uploaded", difference->noun,
			  found, expected);
}

static enum outcome record_is_as_uploaded(struct judge *judge, const struct pair *pair,
					  const struct returned_index *index,
					  const struct summary_record *returned)
{
	const struct value *number = returned_number(returned);
	if (returned->broken || !value_there(number)) {
		judge->blocked_by = returned->broken;
		return returned->broken ? BLOCKED : judge_blocked(judge, NULL, "NHS-008");
	}
	const struct summary_record *const *uploaded;
	size_t count = returned_candidates(index, returned, &uploaded);
	if (count == 0)
		return judge_fail(
			judge, pair_in_root(judge, pair, number), MASK_NHS_NUMBER,
			"a record of NHS number %s is returned, none of that number was uploaded",
			judge_show(judge, MASK_NHS_NUMBER, number->text));
	struct difference first = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct difference difference = returned_difference(returned, uploaded[i]);
		if (!difference.noun)
			return HOLDS;
		first = i == 0 ? difference : first;
	}
	return tell_difference(judge, pair, returned, &first);
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

/* What came before, as a sentence calls it: "file 41 (upload-41.xml)". */
static const char *earlier_file(struct judge *judge, const struct pair *pair, long long number)
{
	const char *source = pair->request->source;
	if (!source)
		return judge_text(judge, "file %lld", number);
	return judge_text(judge, "file %lld (%s)", number, judge_plain(judge, str_of(source)));
}

static enum outcome tell_gap(struct judge *judge, const struct value *culprit, const char *earlier,
			     long long before, long long after)
{
	judge_expect(judge, "%lld", before + 1);
	if (after == before + 2)
		return judge_fail(judge, culprit, MASK_NONE,
				  "file %lld follows %s: file %lld is missing", after, earlier,
				  before + 1);
	return judge_fail(judge, culprit, MASK_NONE,
			  "file %lld follows %s: files %lld to %lld are missing", after, earlier,
			  before + 1, after - 1);
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
		return tell_gap(judge, culprit, earlier, before, after);
	judge_expect(judge, "%lld", before + 1);
	if (sequence == SEQUENCE_REPEATED)
		return judge_fail(judge, culprit, MASK_NONE, "file %lld comes again, after %s",
				  after, earlier);
	if (sequence == SEQUENCE_BACK)
		return judge_fail(judge, culprit, MASK_NONE,
				  "file %lld follows %s: the number goes back", after, earlier);
	judge_expect(judge, "not before %s",
		     judge_plain(judge, pair_text(&pair->request->made.at)));
	return judge_fail(judge, pair_at(judge, &pair->response->made.at), MASK_NONE,
			  "file %lld was created at %s, before %s, created at %s", after,
			  judge_plain(judge, pair_text(&pair->response->made.at)), earlier,
			  judge_plain(judge, pair_text(&pair->request->made.at)));
}

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
	enum mask_kind kind = location_mask(detail->value.text);
	return judge_fail(
		judge, pair_in_root(judge, pair, &detail->value), kind,
		valid ? "record %zu of the upload is said to be refused, and is returned as valid"
		      : "record %zu of the upload is said to be loaded (CPR06), and is returned as "
			"invalid",
		record);
}

static enum outcome details_agree_with_records(struct judge *judge, const struct pair *pair)
{
	if (!pair_acknowledges_upload(pair) || !pair->response->records ||
	    !pair->response->details.count)
		return NOT_APPLICABLE;
	const struct returned_index *index = index_of(judge, pair);
	const struct located *located = locations(judge, pair);
	if (!index || !located)
		return BLOCKED;
	enum outcome outcome = NOT_APPLICABLE;
	for (const struct noted *detail = pair->response->details.first; detail;
	     detail = detail->next, located++)
		if (located->outcome == LOCATED_RECORD)
			outcome = pair_worse(outcome, detail_agrees(judge, pair, index, detail,
								    located->record));
	return outcome;
}

const struct rule pair_upload_rules[] = {
	{
		.id = "PAIR-001",
		.name = "another-file-is-acknowledged",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", id",
		.title = "Acknowledgement's id is not the upload's",
		.why = "The local authority takes one file's result for another's: refused records "
		       "stay unseen.",
		.fix = "Return the File/id of the upload that is acknowledged.",
		.check = { .pair = acknowledges_the_file },
	},
	{
		.id = "PAIR-002",
		.name = "acknowledged-quantity-differs",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", transmissionQuantity",
		.title = "Acknowledged quantity is not the number of uploaded records",
		.why = "A record was lost between the two: nobody learns what became of that "
		       "child's plan.",
		.fix = "Acknowledge every record that the upload holds.",
		.check = { .pair = acknowledges_all_records },
	},
	{
		.id = "PAIR-003",
		.name = "acknowledged-to-another-authority",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", communicationFunctionRcv",
		.title = "Receiver of the acknowledgement is not the upload's sender",
		.why = "Another authority is told of children that are not its own, and the sender "
		       "hears "
		       "nothing.",
		.fix = "Address the acknowledgement to the organisation that sent the upload.",
		.check = { .pair = goes_back_to_the_sender },
	},
	{
		.id = "PAIR-004",
		.name = "location-selects-no-record",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_DMS,
		.cite = ACKNOWLEDGEMENT ", AcknowledgementRecordDetail.location",
		.title = "Location does not select one record of the upload",
		.why = "The refused record cannot be found, so it is neither mended nor sent "
		       "again.",
		.fix = "Send an XPath that selects exactly the record that the detail is about.",
		.check = { .pair = locations_select_records },
	},
	{
		.id = "PAIR-005",
		.name = "returned-record-differs",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT ", message",
		.title = "A returned record is not the one that was uploaded",
		.why = "The local authority mends the wrong child's record, or finds none to mend.",
		.fix = "Return subjects, and the plans of refused records, as they were uploaded.",
		.check = { .pair = returned_as_uploaded },
	},
	{
		.id = "PAIR-011",
		.name = "uploads-out-of-sequence",
		.severity = CPIS_WARNING,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, REPC_MT000002GB01, File.id",
		.title = "Sequence number of an upload does not follow the one before",
		.why = "A gap is a file that never arrived, a repeat is one that may undo a later "
		       "change: plans "
		       "are missing, or wrong.",
		.fix = "Number the files 1, 2, 3 ... as they are made, and send each once, in "
		       "order.",
		.check = { .pair = follows_in_sequence },
	},
	{
		.id = "PAIR-012",
		.name = "detail-contradicts-returned-record",
		.severity = CPIS_ERROR,
		.on = PART_PAIR,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ACKNOWLEDGEMENT,
		.title = "A record is refused by its detail and returned as valid, or the other "
			 "way round",
		.why = "Whether the child's plan can be seen depends on which part of the answer "
		       "is read.",
		.fix = "Return loaded records as validCP-ISRecord and refused ones as "
		       "invalidCP-ISRecord.",
		.check = { .pair = details_agree_with_records },
	},
};
const size_t pair_upload_rule_count = sizeof(pair_upload_rules) / sizeof(pair_upload_rules[0]);
