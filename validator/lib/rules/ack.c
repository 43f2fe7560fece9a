/* The acknowledgement of an upload: its codes, counts, details and returned records agree. */
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "rules/location.h"
#include "xml/alloc.h"
#include "xml/xpath.h"

#include <stdlib.h>

#define ACKNOWLEDGEMENT "CP-IS DMS 1.0, REPC_MT000003GB01"
#define FILE_CODES	"CP-ISUploadFileResponse 2.0, code system ..17.474"
#define RECORD_CODES	"CP-ISUploadRecordResponse 3.0, code system ..17.473"

static enum outcome file_code_matches_name(struct judge *judge, const struct file_detail *detail)
{
	const struct code *code = code_find(&upload_file_responses, detail->code.text);
	if (!code)
		return judge_blocked(judge, NULL, "SCH-006");
	if (!value_there(&detail->display_name))
		return judge_blocked(judge, NULL, "SCH-003");
	if (str_is(detail->display_name.text, code->display_name))
		return HOLDS;
	judge_expect(judge, "%s", code->display_name);
	const struct code *shown = code_named(&upload_file_responses, detail->display_name.text);
	if (shown)
		return judge_fail(judge, &detail->display_name, MASK_NONE,
				  "%s has the display name of %s; it should be \"%s\"", code->code,
				  shown->code, code->display_name);
	return judge_fail(judge, &detail->display_name, MASK_NONE,
			  "%s has the display name \"%s\"; it should be \"%s\"", code->code,
			  judge_plain(judge, detail->display_name.text), code->display_name);
}

static const struct rule ack_003 = {
	.id = "ACK-003",
	.name = "file-code-and-name-differ",
	.severity = CPIS_ERROR,
	.on = PART_FILE_DETAIL,
	.basis = CPIS_BASIS_DMS,
	.cite = FILE_CODES,
	.title = "File code and its display name do not match",
	.why = "A program reads the code and a person reads the name, so they learn different "
	       "things.",
	.fix = "Take code and display name from the same row of the vocabulary.",
	.check = { .file_detail = file_code_matches_name },
};

static enum outcome record_code_matches_name(struct judge *judge,
					     const struct record_detail *detail,
					     const struct code *code)
{
	const struct value *name = &detail->display_name;
	judge_expect(judge, "%s", code->display_name);
	if (character_shows_nothing(name->text)) {
		judge_severity(judge, CPIS_WARNING);
		if (value_there(name))
			return judge_fail(judge, name, MASK_NONE, "%s has a blank display name",
					  code->code);
		return judge_fail_part(judge, &detail->part, "%s has no display name", code->code);
	}
	bool other_spelling = strcmp(code->code, "CPR07") == 0 &&
			      str_is(name->text, "Unsuccessful Record Upload");
	if (str_is(name->text, code->display_name) || other_spelling)
		return HOLDS;
	const struct code *shown = code_named(&upload_record_responses, name->text);
	if (shown)
		return judge_fail(judge, name, MASK_NONE,
				  "%s has the display name of %s; it should be \"%s\"", code->code,
				  shown->code, code->display_name);
	return judge_fail(judge, name, MASK_NONE,
			  "%s has the display name \"%s\"; it should be \"%s\"", code->code,
			  judge_plain(judge, name->text), code->display_name);
}

static enum outcome record_code_is_known(struct judge *judge, const struct record_detail *detail)
{
	const struct value *system = &detail->code_system;
	if (value_there(system) && !str_is(system->text, upload_record_responses.oid)) {
		judge_expect(judge, "%s", upload_record_responses.oid);
		return judge_fail(judge, system, MASK_NONE,
				  "the record code has code system %s; it should be %s",
				  judge_plain(judge, system->text), upload_record_responses.oid);
	}
	const struct code *code = code_find(&upload_record_responses, detail->code.text);
	if (code)
		return record_code_matches_name(judge, detail, code);
	judge_expect(judge, "CPR01 to CPR07");
	if (!value_there(&detail->code))
		return judge_fail_part(
			judge, &detail->part,
			"the record detail has no code; it should be CPR01 to CPR07");
	return judge_fail(judge, &detail->code, MASK_NONE,
			  "the record code \"%s\" is unknown; it should be CPR01 to CPR07",
			  judge_plain(judge, detail->code.text));
}

static const struct rule ack_004 = {
	.id = "ACK-004",
	.name = "record-code-is-unknown",
	.severity = CPIS_ERROR,
	.on = PART_RECORD_DETAIL,
	.basis = CPIS_BASIS_DMS,
	.cite = RECORD_CODES,
	.title = "Record code is unknown, or does not match its display name",
	.why = "Whoever fixes the record does not learn why it was refused.",
	.fix = "Send CPR01 to CPR07 with its own display name, and with its own code system or "
	       "none.",
	.check = { .record_detail = record_code_is_known },
};

static enum outcome location_is_xpath(struct judge *judge, const struct record_detail *detail)
{
	if (!value_there(&detail->location))
		return judge_blocked(judge, NULL, "SCH-002");
	struct str location = str_trim(detail->location.text);
	size_t number;
	bool numbered;
	if (location_is_usual(location, &number, &numbered))
		return HOLDS;
	judge_expect(judge, "an XPath to one record, such as /File/record[1]");
	if (!location.n)
		return judge_fail(judge, &detail->location, MASK_NONE,
				  "the location is empty, so it is unclear which record is meant");
	struct buf expression;
	char why[256] = "";
	buf_init(&expression, 65536);
	const char *text = location_expression(&expression, location);
	bool compiles = text && xpath_check(text, why, sizeof(why));
	buf_release(&expression);
	enum location_kind kind = compiles	       ? location_kind(location)
				  : xml_alloc_failed() ? LOCATION_NOT_TRIED
						       : LOCATION_FAILS;
	if (kind == LOCATION_OF_NODES)
		return HOLDS;
	if (kind == LOCATION_NOT_TRIED) {
		judge_leave_out(judge, "the locations of records", "out of memory, or of time");
		return BLOCKED;
	}
	const char *shown = judge_show(judge, MASK_PATH, location);
	if (kind == LOCATION_FAILS)
		return judge_fail(judge, &detail->location, MASK_PATH,
				  "the location %s is not an XPath 1.0 expression that can be "
				  "evaluated, so it is unclear which record is meant",
				  shown);
	return judge_fail(judge, &detail->location, MASK_PATH,
			  "the location %s gives a value and selects no element, so it is unclear "
			  "which record is meant",
			  shown);
}

static const struct rule ack_005 = {
	.id = "ACK-005",
	.name = "location-is-not-xpath",
	.severity = CPIS_ERROR,
	.on = PART_RECORD_DETAIL,
	.basis = CPIS_BASIS_DMS,
	.cite = ACKNOWLEDGEMENT ", AcknowledgementRecordDetail.location",
	.title = "Location is not an XPath that selects elements",
	.why = "The refused record cannot be found in the upload, so it is not sent again.",
	.fix = "Send an XPath 1.0 expression that selects the record in the uploaded file.",
	.check = { .record_detail = location_is_xpath },
};

static const char *as_written(struct judge *judge, const struct value *count)
{
	return judge_plain(judge, str_trim(count->text));
}

/* The three counts of an acknowledgement. */
struct counts {
	long long quantity, successful, failed;
};

static bool read_counts(const struct acknowledgement *acknowledgement, struct counts *counts)
{
	return judge_count(acknowledgement->quantity.text, &counts->quantity) &&
	       judge_count(acknowledgement->successful.text, &counts->successful) &&
	       judge_count(acknowledgement->failed.text, &counts->failed);
}

/*
 * Spine's answer to an upload that it refused as a whole has no id and no counts. The structure
 * rules report that; what those would say is not there to be judged.
 */
static bool is_bare_refusal(const struct acknowledgement *acknowledgement)
{
	const struct wrapper *wrapper = (const struct wrapper *)(const void *)part_ancestor(
		&acknowledgement->part, PART_WRAPPER);
	return wrapper && str_is(str_trim(wrapper->acknowledgement_type.text), "AE") &&
	       !value_there(&acknowledgement->successful) && !value_there(&acknowledgement->failed);
}

/* The same where they must be of records: HOLDS, or why they cannot be judged. */
static enum outcome take_counts(struct judge *judge, const struct acknowledgement *acknowledgement,
				struct counts *counts)
{
	if (is_bare_refusal(acknowledgement))
		return NOT_APPLICABLE;
	if (!read_counts(acknowledgement, counts))
		return judge_blocked(judge, NULL, "SCH-005");
	if (counts->successful < 0 || counts->failed < 0)
		return judge_blocked(judge, NULL, "ACK-012");
	return HOLDS;
}

static const struct file_detail *file_detail(const struct acknowledgement *acknowledgement,
					     const char *code)
{
	for (size_t i = 0; i < acknowledgement->file_count; i++)
		if (str_is(acknowledgement->files[i].code.text, code))
			return &acknowledgement->files[i];
	return NULL;
}

static bool has_file_code(const struct acknowledgement *acknowledgement, const char *code)
{
	return file_detail(acknowledgement, code) != NULL;
}

static enum outcome counts_add_up(struct judge *judge,
				  const struct acknowledgement *acknowledgement)
{
	struct counts counts;
	enum outcome blocked = take_counts(judge, acknowledgement, &counts);
	if (blocked != HOLDS)
		return blocked;
	if (counts.quantity == -1)
		return NOT_APPLICABLE;
	long long sum = counts.successful + counts.failed;
	bool large = counts.successful == COUNT_TOO_LARGE || counts.failed == COUNT_TOO_LARGE;
	if (large)
		return judge_fail(judge, &acknowledgement->quantity, MASK_NONE,
				  "%s successful and %s failed are more records than a file has",
				  as_written(judge, &acknowledgement->successful),
				  as_written(judge, &acknowledgement->failed));
	if (sum == counts.quantity && sum < COUNT_TOO_LARGE)
		return HOLDS;
	judge_expect(judge, "%s", judge_whole(judge, sum));
	return judge_fail(judge, &acknowledgement->quantity, MASK_NONE,
			  "transmissionQuantity is %s, but %s successful and %s failed make %s",
			  as_written(judge, &acknowledgement->quantity),
			  judge_whole(judge, counts.successful), judge_whole(judge, counts.failed),
			  judge_whole(judge, sum));
}

static const struct rule ack_001 = {
	.id = "ACK-001",
	.name = "counts-do-not-add-up",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Successful and failed records do not add up to transmissionQuantity",
	.why = "A record is neither loaded nor refused: no one follows up a child whose plan is "
	       "lost.",
	.fix = "Count every record of the upload once, as successful or as failed.",
	.check = { .acknowledgement = counts_add_up },
};

static enum outcome successful_means_none_failed(struct judge *judge,
						 const struct acknowledgement *acknowledgement,
						 const struct counts *counts)
{
	if (!has_file_code(acknowledgement, "CPF02"))
		return HOLDS;
	if (counts->failed == 0 && counts->successful == 0) {
		judge_expect(judge, "at least 1 successful");
		return judge_fail(judge, &acknowledgement->successful, MASK_NONE,
				  "CPF02 (Successful File Upload) is sent, but 0 records were "
				  "loaded; an upload has at least one");
	}
	if (counts->failed == 0)
		return HOLDS;
	judge_expect(judge, "0 failed");
	return judge_fail(judge, &acknowledgement->failed, MASK_NONE,
			  "CPF02 (Successful File Upload) is sent with %s failed record%s",
			  as_written(judge, &acknowledgement->failed),
			  counts->failed == 1 ? "" : "s");
}

static enum outcome partial_means_some_of_both(struct judge *judge,
					       const struct acknowledgement *acknowledgement,
					       const struct counts *counts)
{
	if (!has_file_code(acknowledgement, "CPF03") ||
	    (counts->failed > 0 && counts->successful > 0))
		return HOLDS;
	const struct value *none =
		counts->failed ? &acknowledgement->successful : &acknowledgement->failed;
	judge_expect(judge, "at least 1 successful and 1 failed");
	return judge_fail(judge, none, MASK_NONE,
			  "CPF03 (Partial File Upload) is sent with %s successful and %s failed",
			  as_written(judge, &acknowledgement->successful),
			  as_written(judge, &acknowledgement->failed));
}

static enum outcome unsuccessful_means_none_loaded(struct judge *judge,
						   const struct acknowledgement *acknowledgement,
						   const struct counts *counts)
{
	if (!has_file_code(acknowledgement, "CPF04") || counts->successful <= 0)
		return HOLDS;
	judge_expect(judge, "0 successful");
	return judge_fail(judge, &acknowledgement->successful, MASK_NONE,
			  "CPF04 (Unsuccessful File Upload) is sent with %s successful record%s",
			  as_written(judge, &acknowledgement->successful),
			  counts->successful == 1 ? "" : "s");
}

/* The file's id is -1 only where it could not be read: what was read may be said. */
static enum outcome file_error_means_unknown(struct judge *judge,
					     const struct acknowledgement *acknowledgement,
					     const struct counts *counts)
{
	if (!has_file_code(acknowledgement, "CPF01") || counts->quantity == -1)
		return HOLDS;
	judge_expect(judge, "-1");
	judge_severity(judge, CPIS_WARNING);
	return judge_fail(judge, &acknowledgement->quantity, MASK_NONE,
			  "CPF01 (File Level Error) is sent with transmissionQuantity %s; it "
			  "should be -1",
			  as_written(judge, &acknowledgement->quantity));
}

static enum outcome file_code_agrees(struct judge *judge,
				     const struct acknowledgement *acknowledgement)
{
	struct counts counts;
	if (acknowledgement->file_count == 0)
		return judge_blocked(judge, NULL, "SCH-002");
	const struct file_detail *loaded = file_detail(acknowledgement, "CPF02");
	if (loaded && is_bare_refusal(acknowledgement))
		return judge_fail(judge, &loaded->code, MASK_NONE,
				  "CPF02 says that the upload succeeded, but the acknowledgement "
				  "around it has typeCode AE, and no counts follow");
	enum outcome blocked = take_counts(judge, acknowledgement, &counts);
	if (blocked != HOLDS)
		return blocked;
	const enum outcome outcomes[] = {
		successful_means_none_failed(judge, acknowledgement, &counts),
		partial_means_some_of_both(judge, acknowledgement, &counts),
		unsuccessful_means_none_loaded(judge, acknowledgement, &counts),
		file_error_means_unknown(judge, acknowledgement, &counts),
	};
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (outcomes[i] == FAILS)
			return FAILS;
	return HOLDS;
}

static const struct rule ack_002 = {
	.id = "ACK-002",
	.name = "file-code-contradicts-counts",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = FILE_CODES,
	.title = "File code contradicts the counts",
	.why = "A local authority that reads only the code takes refused records for loaded ones.",
	.fix = "Send CPF02 when all were loaded, CPF03 when some were, CPF04 when none were, and "
	       "CPF01 with quantity -1 when the file could not be read.",
	.check = { .acknowledgement = file_code_agrees },
};

static enum outcome as_many_as_counted(struct judge *judge, const struct value *count,
				       size_t listed, const char *noun, const char *element)
{
	long long said;
	if (!judge_count(count->text, &said))
		return judge_blocked(judge, NULL, "SCH-005");
	if (said < 0)
		return judge_blocked(judge, NULL, "ACK-012");
	if (said == (long long)listed)
		return HOLDS;
	judge_expect(judge, "%zu", listed);
	return judge_fail(judge, count, MASK_NONE,
			  "%s record%s %s reported as %s, but %zu %s %s returned",
			  as_written(judge, count), said == 1 ? "" : "s", said == 1 ? "is" : "are",
			  noun, listed, element, listed == 1 ? "is" : "are");
}

static enum outcome records_are_as_counted(struct judge *judge,
					   const struct acknowledgement *acknowledgement)
{
	if (is_bare_refusal(acknowledgement))
		return NOT_APPLICABLE;
	/* Loaded records may be left out; where some are returned, all are. */
	enum outcome valid = acknowledgement->valid_count
				     ? as_many_as_counted(judge, &acknowledgement->successful,
							  acknowledgement->valid_count,
							  "successful", "validCP-ISRecord")
				     : HOLDS;
	enum outcome invalid =
		as_many_as_counted(judge, &acknowledgement->failed, acknowledgement->invalid_count,
				   "failed", "invalidCP-ISRecord");
	if (valid == FAILS || invalid == FAILS)
		return FAILS;
	return valid == BLOCKED || invalid == BLOCKED ? BLOCKED : HOLDS;
}

static const struct rule ack_006 = {
	.id = "ACK-006",
	.name = "returned-records-differ-from-counts",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Number of valid or invalid records differs from the counts",
	.why = "A record is missing from the answer, so a refusal may go unseen.",
	.fix = "Return one invalidCP-ISRecord for each failure, and one validCP-ISRecord for each "
	       "success or none at all.",
	.check = { .acknowledgement = records_are_as_counted },
};

/* A record detail and the record that its location means: 0 where the steps alone do not say. */
struct detail_place {
	const struct noted *noted;
	size_t record;
};

static int by_place(const void *a, const void *b)
{
	const struct detail_place *one = a, *two = b;
	struct str left = one->noted->value.text, right = two->noted->value.text;
	if (one->record != two->record)
		return one->record > two->record ? 1 : -1;
	int order = one->record ? 0 : str_order(left, right);
	if (order == 0)
		order = (one->noted->value.offset > two->noted->value.offset) -
			(one->noted->value.offset < two->noted->value.offset);
	return order;
}

static bool same_place(const struct detail_place *a, const struct detail_place *b)
{
	if (a->record || b->record)
		return a->record == b->record;
	return str_equal(a->noted->value.text, b->noted->value.text);
}

/* The details with a location whose code is known, those of one record together. NULL when out of
 * memory. */
static const struct detail_place *places_of(struct judge *judge,
					    const struct acknowledgement *acknowledgement,
					    size_t *count)
{
	struct arena *arena = &judge->draft->arena;
	struct detail_place *places = arena_alloc(arena, (acknowledgement->details.count + 1) *
								 sizeof(struct detail_place));
	struct location_frame frame;
	location_frame_open(&frame, acknowledgement->quantity.text, &acknowledgement->details);
	*count = 0;
	for (const struct noted *noted = acknowledgement->details.first; places && noted;
	     noted = noted->next)
		if (noted->value.text.n && noted->role != DETAIL_UNKNOWN)
			places[(*count)++] = (struct detail_place){
				noted, location_frame_record(&frame, noted->value.text)
			};
	location_frame_close(&frame);
	if (places)
		qsort(places, *count, sizeof(struct detail_place), by_place);
	return places;
}

/* Records that some detail refuses, each counted once. A detail without a location counts too. */
static size_t refused_records(const struct acknowledgement *acknowledgement,
			      const struct detail_place *places, size_t count)
{
	size_t refused = acknowledgement->said[DETAIL_REFUSED];
	for (size_t i = 1, last = 0; i < count; i++) {
		bool same = same_place(&places[i], &places[last]);
		bool both = places[i].noted->role == DETAIL_REFUSED &&
			    places[last].noted->role == DETAIL_REFUSED;
		refused -= same && both;
		if (!same || places[i].noted->role == DETAIL_REFUSED)
			last = i;
	}
	return refused;
}

/* A detail whose code is not known may say what a rule misses: ACK-004 reports it. */
static enum outcome unless_unknown(struct judge *judge,
				   const struct acknowledgement *acknowledgement,
				   enum outcome outcome)
{
	if (outcome == FAILS || !acknowledgement->said[DETAIL_UNKNOWN])
		return outcome;
	return judge_blocked(judge, NULL, "ACK-004");
}

static enum outcome refusals_are_explained(struct judge *judge,
					   const struct acknowledgement *acknowledgement)
{
	size_t invalid = acknowledgement->invalid_count;
	if (invalid == 0)
		return NOT_APPLICABLE;
	size_t count;
	const struct detail_place *places = places_of(judge, acknowledgement, &count);
	if (!places)
		return BLOCKED;
	size_t reasons = refused_records(acknowledgement, places, count);
	/* Records that are returned, but not counted as failed, are ACK-006's. */
	struct counts counts;
	bool counted = read_counts(acknowledgement, &counts) && counts.failed >= 0;
	size_t most = reasons + acknowledgement->said[DETAIL_UNKNOWN];
	if (most >= invalid || (counted && (long long)most >= counts.failed))
		return unless_unknown(judge, acknowledgement, HOLDS);
	judge_expect(judge, "a detail other than CPR06 for each invalid record");
	return judge_fail_part(
		judge, &acknowledgement->part,
		"%zu invalid record%s returned, but details other than CPR06 say why for %zu",
		invalid, invalid == 1 ? " is" : "s are", reasons);
}

static const struct rule ack_007 = {
	.id = "ACK-007",
	.name = "refusal-without-reason",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Invalid record has no detail that says why",
	.why = "The local authority cannot fix a fault that it does not know about, and the child "
	       "stays unprotected.",
	.fix = "Add an acknowledgementRecordDetail with CPR01 to CPR05 or CPR07 for each invalid "
	       "record.",
	.check = { .acknowledgement = refusals_are_explained },
};

static enum outcome unknown_only_after_file_error(struct judge *judge,
						  const struct acknowledgement *acknowledgement)
{
	const struct value *id = &acknowledgement->id.extension;
	const struct value *quantity = &acknowledgement->quantity;
	long long said;
	bool no_quantity = judge_count(quantity->text, &said) && said == -1;
	bool no_id = str_is(id->text, "-1");
	if (!no_id && !no_quantity)
		return NOT_APPLICABLE;
	if (has_file_code(acknowledgement, "CPF01") || has_file_code(acknowledgement, "CPF05") ||
	    has_file_code(acknowledgement, "CPF06"))
		return HOLDS;
	/* A code that is not known may stand for a file error. */
	for (size_t i = 0; i < acknowledgement->file_count; i++)
		if (!code_find(&upload_file_responses, acknowledgement->files[i].code.text))
			return judge_blocked(judge, &acknowledgement->files[i].part, "SCH-006");
	judge_expect(judge, "what the upload has, or CPF01, CPF05 or CPF06");
	return judge_fail(judge, no_id ? id : quantity, MASK_NONE,
			  "%s -1 (not known), but no file error says why",
			  no_id && no_quantity ? "the file id and transmissionQuantity are"
			  : no_id	       ? "the file id is"
					       : "transmissionQuantity is");
}

static const struct rule ack_008 = {
	.id = "ACK-008",
	.name = "unknown-file-without-file-error",
	.severity = CPIS_WARNING,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Id or quantity is -1 without a file error",
	.why = "-1 says that the file could not be read and everything else says that it was, so "
	       "the answer cannot be matched to its upload.",
	.fix = "Send the upload's id and quantity, or the error that kept them from being read.",
	.check = { .acknowledgement = unknown_only_after_file_error },
};

static const struct noted *first_of(const struct acknowledgement *acknowledgement,
				    enum detail_role role)
{
	const struct noted *noted = acknowledgement->details.first;
	while (noted && noted->role != role)
		noted = noted->next;
	return noted;
}

/* Details that say that a record is loaded which one before them says so of; *again is the first of
 * them. Only records that the locations number by themselves. */
static size_t loaded_again(const struct detail_place *places, size_t count,
			   const struct noted **again)
{
	size_t repeats = 0, record = 0;
	for (size_t i = 0; i < count; i++) {
		if (places[i].noted->role != DETAIL_LOADED || !places[i].record)
			continue;
		if (places[i].record == record && !repeats++)
			*again = places[i].noted;
		record = places[i].record;
	}
	return repeats;
}

/* As many records are named as loaded as are counted, where one is named more than once. */
static enum outcome loaded_are_named(struct judge *judge, const struct counts *counts,
				     size_t loaded, const struct detail_place *places, size_t count)
{
	const struct noted *again = NULL;
	size_t named = loaded - loaded_again(places, count, &again);
	if (!again || (long long)named >= counts->successful)
		return HOLDS;
	judge_expect(judge, "a record that no other detail names");
	return judge_fail(judge, &again->value, MASK_PATH,
			  "%s records are reported as successful, but the %zu details that say "
			  "CPR06 (loaded) name %zu record%s",
			  judge_whole(judge, counts->successful), loaded, named,
			  named == 1 ? "" : "s");
}

static enum outcome details_agree_with_counts(struct judge *judge,
					      const struct acknowledgement *acknowledgement)
{
	struct counts counts;
	if (acknowledgement->details.count == 0)
		return NOT_APPLICABLE;
	enum outcome blocked = take_counts(judge, acknowledgement, &counts);
	if (blocked != HOLDS)
		return blocked;
	size_t count;
	const struct detail_place *places = places_of(judge, acknowledgement, &count);
	if (!places)
		return BLOCKED;
	size_t refused = refused_records(acknowledgement, places, count);
	size_t loaded = acknowledgement->said[DETAIL_LOADED];
	enum outcome outcome = HOLDS;
	if ((long long)loaded > counts.successful) {
		judge_expect(judge, "at most %s", judge_whole(judge, counts.successful));
		outcome = judge_fail(judge, &first_of(acknowledgement, DETAIL_LOADED)->value,
				     MASK_NONE,
				     "%zu detail%s say%s CPR06 (loaded), but %s record%s "
				     "reported as successful",
				     loaded, loaded == 1 ? "" : "s", loaded == 1 ? "s" : "",
				     judge_whole(judge, counts.successful),
				     counts.successful == 1 ? " is" : "s are");
	} else {
		outcome = loaded_are_named(judge, &counts, loaded, places, count);
	}
	if ((long long)refused > counts.failed) {
		judge_expect(judge, "at most %s", judge_whole(judge, counts.failed));
		outcome = judge_fail(
			judge, &first_of(acknowledgement, DETAIL_REFUSED)->value, MASK_NONE,
			"%zu record%s refused by a detail other than CPR06, but %s "
			"%s reported as failed",
			refused, refused == 1 ? " is" : "s are", judge_whole(judge, counts.failed),
			counts.failed == 1 ? "is" : "are");
	}
	return unless_unknown(judge, acknowledgement, outcome);
}

static const struct rule ack_009 = {
	.id = "ACK-009",
	.name = "details-contradict-counts",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Record details contradict the counts",
	.why = "Counting the details gives a different result from the totals: one of them hides a "
	       "record.",
	.fix = "Send as many CPR06 details as records were loaded, and reasons only for failed "
	       "ones.",
	.check = { .acknowledgement = details_agree_with_counts },
};

/* What a detail says of the one person whom it names by NHS number, and how that person's records
 * are returned: where valid ones are returned at all, all are. */
static enum outcome named_records_agree(struct judge *judge,
					const struct acknowledgement *acknowledgement)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < acknowledgement->named_count; i++) {
		const struct named_record *named = &acknowledgement->named[i];
		bool refused = named->detail->role == DETAIL_REFUSED;
		bool denied =
			refused ? named->valid && !named->invalid
				: named->invalid && !named->valid && acknowledgement->valid_count;
		outcome = outcome == FAILS ? FAILS : HOLDS;
		if (!denied || named->detail->role == DETAIL_UNKNOWN)
			continue;
		outcome = judge_fail(judge, &named->detail->value, MASK_PATH,
				     "the record at %s is reported as %s, but is returned as %s",
				     judge_show(judge, MASK_PATH, named->detail->value.text),
				     refused ? "refused" : "loaded (CPR06)",
				     refused ? "valid" : "invalid");
	}
	return outcome;
}

static enum outcome verdicts_of_a_record_agree(struct judge *judge,
					       const struct acknowledgement *acknowledgement)
{
	size_t count;
	enum outcome outcome = named_records_agree(judge, acknowledgement);
	if (acknowledgement->details.count < 2)
		return outcome;
	const struct detail_place *places = places_of(judge, acknowledgement, &count);
	if (!places)
		return BLOCKED;
	outcome = outcome == FAILS ? FAILS : HOLDS;
	for (size_t i = 1; i < count; i++) {
		const struct value *location = &places[i].noted->value;
		if (places[i].noted->role == places[i - 1].noted->role ||
		    !same_place(&places[i], &places[i - 1]))
			continue;
		enum mask_kind kind = MASK_PATH;
		judge_point(judge, places[i - 1].noted->value.offset);
		outcome = judge_fail(
			judge, location, kind,
			"the record at %s is reported as both loaded (CPR06) and refused",
			judge_show(judge, kind, location->text));
	}
	return unless_unknown(judge, acknowledgement, outcome);
}

static const struct rule ack_010 = {
	.id = "ACK-010",
	.name = "record-loaded-and-refused",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Record is reported as both loaded and refused",
	.why = "Whether the child's plan can be seen tonight depends on which line is read.",
	.fix = "Give a record either CPR06 or reasons for its refusal, not both, and return it so.",
	.check = { .acknowledgement = verdicts_of_a_record_agree },
};

static enum outcome nothing_loaded_without_service(struct judge *judge,
						   const struct acknowledgement *acknowledgement)
{
	static const char *const codes[] = { "CPF01", "CPF05", "CPF06" };
	struct counts counts;
	const char *code = NULL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]) && !code; i++)
		code = has_file_code(acknowledgement, codes[i]) ? codes[i] : NULL;
	if (!code || is_bare_refusal(acknowledgement))
		return NOT_APPLICABLE;
	if (!read_counts(acknowledgement, &counts))
		return judge_blocked(judge, NULL, "SCH-005");
	if (counts.successful <= 0)
		return HOLDS;
	judge_expect(judge, "0 successful");
	return judge_fail(judge, &acknowledgement->successful, MASK_NONE,
			  "%s (%s) is sent with %s successful record%s", code,
			  code_find(&upload_file_responses, str_of(code))->display_name,
			  judge_whole(judge, counts.successful), counts.successful == 1 ? "" : "s");
}

static const struct rule ack_011 = {
	.id = "ACK-011",
	.name = "records-loaded-despite-file-error",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = FILE_CODES,
	.title = "Records are loaded although the file was not processed",
	.why = "The local authority sends the file again, or believes that it need not: either may "
	       "be wrong.",
	.fix = "Send 0 successful records with CPF01, CPF05 and CPF06.",
	.check = { .acknowledgement = nothing_loaded_without_service },
};

static enum outcome count_is_not_negative(struct judge *judge, const struct value *count,
					  const char *noun)
{
	long long said;
	if (!judge_count(count->text, &said))
		return judge_blocked(judge, NULL, "SCH-005");
	if (said >= 0)
		return HOLDS;
	judge_expect(judge, "0 or more");
	return judge_fail(judge, count, MASK_NONE,
			  "the number of %s records is %s; it cannot be negative", noun,
			  as_written(judge, count));
}

static enum outcome counts_are_not_negative(struct judge *judge,
					    const struct acknowledgement *acknowledgement)
{
	if (is_bare_refusal(acknowledgement))
		return NOT_APPLICABLE;
	enum outcome successful =
		count_is_not_negative(judge, &acknowledgement->successful, "successful");
	enum outcome failed = count_is_not_negative(judge, &acknowledgement->failed, "failed");
	return successful == HOLDS ? failed : successful;
}

static const struct rule ack_012 = {
	.id = "ACK-012",
	.name = "count-is-negative",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT,
	.title = "Count of successful or failed records is negative",
	.why = "-1 is only for id and quantity; in a sum it hides a record.",
	.fix = "Send 0 where no record was loaded or none failed.",
	.check = { .acknowledgement = counts_are_not_negative },
};

static enum outcome id_is_of_an_upload(struct judge *judge,
				       const struct acknowledgement *acknowledgement)
{
	const struct value *id = &acknowledgement->id.extension;
	if (!value_there(id) && is_bare_refusal(acknowledgement))
		return NOT_APPLICABLE;
	if (!value_there(id))
		return judge_blocked(judge, &acknowledgement->id.part, "SCH-003");
	bool digits = str_is_digits(id->text);
	if (str_is(id->text, "-1") || (digits && (id->text.n == 1 || id->text.p[0] != '0')))
		return HOLDS;
	judge_expect(judge, "only digits, without leading zeros; or -1");
	if (!digits)
		return judge_fail(judge, id, MASK_NONE,
				  "the acknowledged file id \"%s\" is not a sequence number; it "
				  "should be only digits, or -1 where it is not known",
				  judge_plain(judge, id->text));
	judge_severity(judge, CPIS_WARNING);
	return judge_fail(judge, id, MASK_NONE,
			  "the acknowledged file's sequence number \"%s\" has leading zeros",
			  judge_plain(judge, id->text));
}

static const struct rule ack_013 = {
	.id = "ACK-013",
	.name = "acknowledged-id-is-not-sequence-number",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_DMS,
	.cite = ACKNOWLEDGEMENT ", id",
	.title = "Acknowledged file id is not a sequence number",
	.why = "The local authority cannot find the upload that was answered, so refused records "
	       "are not followed up.",
	.fix = "Send the File/id of the upload as it came, or -1 where it could not be read.",
	.check = { .acknowledgement = id_is_of_an_upload },
};

static enum outcome report_place(struct judge *judge, const struct value *location,
				 const struct location_target *target, long long quantity)
{
	enum mask_kind kind = MASK_PATH;
	const char *shown = judge_show(judge, kind, location->text);
	judge_expect(judge, "one of %s record%s", judge_whole(judge, quantity),
		     quantity == 1 ? "" : "s");
	if (target->outcome == LOCATION_NOTHING)
		return judge_fail(judge, location, kind,
				  "the location %s selects nothing in an upload of %s record%s",
				  shown, judge_whole(judge, quantity), quantity == 1 ? "" : "s");
	if (target->outcome == LOCATION_MANY)
		return judge_fail(judge, location, kind,
				  "the location %s selects %zu nodes in an upload of %s records; "
				  "it should select 1 record",
				  shown, target->record, judge_whole(judge, quantity));
	return judge_fail(judge, location, kind,
			  "the location %s selects %s; it should select a record", shown,
			  judge_word(judge, str_of(target->name)));
}

static enum outcome locations_are_of_records(struct judge *judge,
					     const struct acknowledgement *acknowledgement)
{
	struct counts counts;
	if (acknowledgement->details.count == 0)
		return NOT_APPLICABLE;
	enum outcome blocked = take_counts(judge, acknowledgement, &counts);
	if (blocked != HOLDS)
		return blocked;
	if (counts.quantity <= 0)
		return NOT_APPLICABLE;
	if (counts.successful + counts.failed != counts.quantity)
		return judge_blocked(judge, NULL, "ACK-001");
	struct location_frame frame;
	location_frame_open(&frame, acknowledgement->quantity.text, &acknowledgement->details);
	enum outcome outcome = HOLDS;
	const char *unknown = NULL;
	for (const struct noted *noted = acknowledgement->details.first; noted;
	     noted = noted->next) {
		struct location_target target;
		if (!location_frame_select(&frame, noted->value.text, &target) ||
		    target.outcome == LOCATION_RECORD)
			continue;
		if (target.outcome == LOCATION_UNKNOWN)
			unknown = target.why;
		else if (location_is_no_place(&target))
			outcome =
				outcome == HOLDS ? judge_blocked(judge, NULL, "ACK-005") : outcome;
		else
			outcome = report_place(judge, &noted->value, &target, counts.quantity);
	}
	location_frame_close(&frame);
	if (!unknown)
		return outcome;
	judge_leave_out(judge, "the locations of records", unknown);
	return outcome == FAILS ? FAILS : BLOCKED;
}

static const struct rule ack_014 = {
	.id = "ACK-014",
	.name = "location-is-not-one-record",
	.severity = CPIS_ERROR,
	.on = PART_ACKNOWLEDGEMENT,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ACKNOWLEDGEMENT ", AcknowledgementRecordDetail.location and transmissionQuantity",
	.title = "Location does not select one of the acknowledged records",
	.why = "The refused record cannot be found in the upload, so it is not fixed or sent "
	       "again.",
	.fix = "Send an XPath that selects one record, counted from 1 up to transmissionQuantity.",
	.check = { .acknowledgement = locations_are_of_records },
};

const struct rule *const ack_rules[] = {
	&ack_001, &ack_002, &ack_003, &ack_004, &ack_005, &ack_006, &ack_007, &ack_008,
	&ack_009, &ack_010, &ack_011, &ack_012, &ack_013, &ack_014, NULL,
};
