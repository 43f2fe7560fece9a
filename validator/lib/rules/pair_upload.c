/* An upload and its acknowledgement, or the upload after it; and what months of them come to. */
#include "rules/catalogue.h"
#include "rules/location.h"
#include "rules/pair.h"

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
	enum outcome root = pair_same(judge, pair, &pair->response->organisation_root,
				      &pair->request->organisation_root,
				      "the root of the receiver's id", "the upload's sender");
	if (found.n && ods_code_same(found, sent))
		return pair_worse(root, HOLDS);
	return pair_worse(root, pair_same(judge, pair, &pair->response->organisation,
					  &pair->request->organisation, "the receiver's ODS code",
					  "the upload's sender"));
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

const struct location_target *pair_locations(struct judge *judge, const struct pair *pair)
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
	const struct location_target *located = pair_locations(judge, pair);
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

enum pair_sequence pair_sequence(const struct message_summary *earlier,
				 const struct message_summary *later)
{
	long long before, after;
	if (earlier->kind != SUMMARY_UPLOAD || later->kind != SUMMARY_UPLOAD ||
	    !value_there(&earlier->organisation.value) ||
	    !ods_code_same(pair_text(&earlier->organisation), pair_text(&later->organisation)) ||
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

const struct rule *const pair_upload_rules[] = {
	&pair_001, &pair_002, &pair_003, &pair_004, &pair_005,
	&pair_011, &pair_012, &pair_015, NULL,
};

/* The ledger (ledger/causes.c) reports by these rules: only many messages show what they are about.
 */

#define SEQUENCE "CP-IS DMS 1.0, REPC_MT000002GB01, id and creationTime"
#define ANSWER	 ACKNOWLEDGEMENT
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
	.title = "Which upload the acknowledgement answers is not known",
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
	.title = "Response shows more than was loaded",
	.why = "A clinician sees a plan that is not there, or one plan twice. Or the uploads that "
	       "brought it are missing from the folder.",
	.fix = "Put all uploads of the authority into the folder. If the plan is wrong, send its "
	       "delete date.",
};

const struct rule *const led_rules[] = {
	&led_001, &led_002, &led_003, &led_004, &led_005, &led_006, &led_007,
	&led_008, &led_009, &led_010, &led_011, &led_012, &led_013, &led_014,
	&led_015, &led_016, &led_017, &led_018, NULL,
};
