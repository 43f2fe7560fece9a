/* The response to a query, in its plain form and in that of the mini service. */
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/judge.h"

#define RESPONSE "CP-IS DMS 1.0, REPC_MT000007GB01"

static enum outcome total_equals(struct judge *judge, const struct value *total, size_t count,
				 const char *name, const char *noun, const char *nouns)
{
	long long said;
	if (!judge_count(total->text, &said))
		return judge_blocked(judge, NULL, "SCH-005");
	if (said == (long long)count)
		return HOLDS;
	judge_expect(judge, "%zu", count);
	return judge_fail(judge, total, MASK_NONE, "%s is %s, but %zu %s %s listed", name,
			  judge_plain(judge, str_trim(total->text)), count,
			  count == 1 ? noun : nouns, count == 1 ? "is" : "are");
}

static enum outcome access_total_is_right(struct judge *judge, const struct response *response)
{
	return total_equals(judge, &response->access_total, response->access_count,
			    "TotalReturnedAccessRecords", "access", "accesses");
}

static const struct rule rsp_001 = {
	.id = "RSP-001",
	.name = "access-total-differs",
	.severity = CPIS_ERROR,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE,
	.title = "TotalReturnedAccessRecords differs from the accesses listed",
	.why = "Who else saw the child is part of the picture: an access was lost or invented.",
	.fix = "Count the pertinentInformation13 elements after writing them.",
	.check = { .response = access_total_is_right },
};

static enum outcome record_total_is_right(struct judge *judge, const struct response *response)
{
	return total_equals(judge, &response->record_total, response->record_count,
			    "TotalReturnedChildRecords", "record", "records");
}

static const struct rule rsp_002 = {
	.id = "RSP-002",
	.name = "record-total-differs",
	.severity = CPIS_ERROR,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE,
	.title = "TotalReturnedChildRecords differs from the records listed",
	.why = "A plan was lost on the way to the clinician, or one is shown that does not exist.",
	.fix = "Count the records after writing them.",
	.check = { .response = record_total_is_right },
};

enum { MOST_ACCESSES = 25 };

static enum outcome not_too_many_accesses(struct judge *judge, const struct response *response)
{
	if (response->access_count == 0)
		return NOT_APPLICABLE;
	if (response->access_count <= MOST_ACCESSES)
		return HOLDS;
	judge_expect(judge, "at most %d", MOST_ACCESSES);
	return judge_fail(judge, &response->access_total, MASK_NONE,
			  "%zu accesses are listed; CP-IS returns the %d most recent",
			  response->access_count, MOST_ACCESSES);
}

static const struct rule rsp_003 = {
	.id = "RSP-003",
	.name = "too-many-accesses",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_DMS,
	.cite = "NHS API catalogue, Child Protection - Information Sharing",
	.title = "More than 25 accesses are listed",
	.why = "CP-IS returns the 25 most recent: a reader who expects those misses what matters "
	       "in a longer list.",
	.fix = "List the 25 most recent accesses.",
	.check = { .response = not_too_many_accesses },
};

static bool is_success(const struct response *response)
{
	return response->status_count == 0 || str_is(response->status.text, "SMSP-0000");
}

static enum outcome lists_the_query_itself(struct judge *judge, const struct response *response)
{
	if (!is_success(response) || response->record_count == 0)
		return NOT_APPLICABLE;
	if (response->access_count > 0)
		return HOLDS;
	judge_expect(judge, "at least 1 access");
	if (value_there(&response->access_total))
		return judge_fail(judge, &response->access_total, MASK_NONE,
				  "no access is listed, not even the query being answered");
	return judge_fail_part(judge, &response->part,
			       "no access is listed, not even the query being answered");
}

static const struct rule rsp_004 = {
	.id = "RSP-004",
	.name = "no-access-listed",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_DMS,
	.cite = RESPONSE ", pertinentInformation13",
	.title = "No access is listed, not even the current query",
	.why = "The query being answered counts as an access itself: without it no one can see "
	       "that the child's record was opened.",
	.fix = "List the current query or, if its author already asked in the 24 hours before, "
	       "that first query. A silent read of scheduled care is not listed.",
	.check = { .response = lists_the_query_itself },
};

static enum outcome is_about_one_person(struct judge *judge, const struct response *response)
{
	if (!value_there(&response->asked))
		return NOT_APPLICABLE;
	for (const struct noted *other = response->strangers.first; other; other = other->next) {
		const char *found = judge_show(judge, MASK_NHS_NUMBER, other->value.text);
		const char *asked = judge_show(judge, MASK_NHS_NUMBER, response->asked.text);
		judge_expect(judge, "%s", asked);
		judge_point(judge, response->asked.offset);
		judge_fail(
			judge, &other->value, MASK_NHS_NUMBER,
			other->role == STRANGER_ACCESS
				? "this access is to the record of NHS number %s, but the response "
				  "is about %s"
				: "this record is for NHS number %s, but the response is about %s",
			found, asked);
	}
	return response->strangers.count ? FAILS : HOLDS;
}

static const struct rule rsp_005 = {
	.id = "RSP-005",
	.name = "response-about-two-people",
	.severity = CPIS_ERROR,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE,
	.title = "Access or record has a different NHS number from the one asked for",
	.why = "A clinician would read another child's plan as this child's.",
	.fix = "Return only what belongs to the NHS number in the query. A record may have it as "
	       "the child's or as the mother's.",
	.check = { .response = is_about_one_person },
};

/* Names that the test host of the mini service sends, beside those of the vocabulary. */
static bool is_name_in_use(const struct code *code, struct str name)
{
	static const struct code in_use[] = {
		{ "SMSP-0003", "No Match (NRF)" },
		{ "SMSP-0004", "Could not connect to spine" },
		{ "SMSP-0005", "Author Credentials Error" },
		{ "SMSP-9999", "Spine mini service provider software failure" },
		{ "CPIS-9999", "CP-IS Spine Service Error" },
	};
	for (size_t i = 0; i < sizeof(in_use) / sizeof(in_use[0]); i++)
		if (strcmp(in_use[i].code, code->code) == 0 && str_is(name, in_use[i].display_name))
			return true;
	return false;
}

static enum outcome status_is_known(struct judge *judge, const struct response *response)
{
	if (response->status_count == 0)
		return NOT_APPLICABLE;
	if (!value_there(&response->status))
		return judge_blocked(judge, NULL, "SCH-003");
	const char *system = mini_service_statuses.oid;
	if (!str_is(response->status_system.text, system)) {
		judge_expect(judge, "%s", system);
		return judge_fail(judge, &response->status_system, MASK_NONE,
				  "the status has code system %s; it should be %s",
				  judge_plain(judge, response->status_system.text), system);
	}
	const struct code *code = code_find(&mini_service_statuses, response->status.text);
	if (!code) {
		judge_expect(judge, "SMSP-0000 to SMSP-0005, SMSP-9999, CPIS-0001 or CPIS-9999");
		return judge_fail(judge, &response->status, MASK_NONE,
				  "the status code %s is unknown",
				  judge_plain(judge, response->status.text));
	}
	if (str_is(response->status_name.text, code->display_name) ||
	    is_name_in_use(code, response->status_name.text))
		return HOLDS;
	judge_expect(judge, "%s", code->display_name);
	return judge_fail(judge, &response->status_name, MASK_NONE,
			  "status %s has the display name \"%s\"; it should be \"%s\"", code->code,
			  judge_plain(judge, response->status_name.text), code->display_name);
}

static const struct rule rsp_006 = {
	.id = "RSP-006",
	.name = "smsp-status-is-not-known",
	.severity = CPIS_ERROR,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_ITK,
	.cite = "SMSP-CP-ISResponse, code system ..17.499",
	.title = "Mini service status is unknown, or its code and name do not match",
	.why = "A client that cannot read the status may show \"no plan\" for \"not answered\".",
	.fix = "Send one of the published codes with its own display name.",
	.check = { .response = status_is_known },
};

static enum outcome status_agrees_with_records(struct judge *judge, const struct response *response)
{
	if (response->status_count == 0 || !value_there(&response->status))
		return NOT_APPLICABLE;
	if (!code_find(&mini_service_statuses, str_trim(response->status.text)))
		return judge_blocked(judge, NULL, "RSP-006");
	struct str status = str_trim(response->status.text);
	bool success = str_is(status, "SMSP-0000");
	/* Data of a local store, with Spine away: there may be some, or none. The code is also in
	 * use with the name of a search that found nothing. */
	if (str_is(status, "SMSP-0003") &&
	    str_starts(response->status_name.text, STR("Data returned")))
		return HOLDS;
	if (!success && !response->record_count && response->access_count) {
		judge_expect(judge, "no access");
		return judge_fail(judge, &response->status, MASK_NONE,
				  "status %s is sent with %zu access%s, but without a record; "
				  "accesses and records are both left out when nothing was found",
				  judge_plain(judge, status), response->access_count,
				  response->access_count == 1 ? "" : "es");
	}
	if (success == (response->record_count > 0))
		return HOLDS;
	if (success)
		return judge_fail(judge, &response->status, MASK_NONE,
				  "status SMSP-0000 (success) is sent without a record");
	if (str_is(status, "SMSP-0003"))
		return judge_fail(judge, &response->status, MASK_NONE,
				  "status SMSP-0003 is sent with %zu record%s, but its displayName "
				  "does not say that data of the local store is returned",
				  response->record_count, response->record_count == 1 ? "" : "s");
	return judge_fail(judge, &response->status, MASK_NONE,
			  "status %s is sent with %zu record%s; only SMSP-0000 and "
			  "SMSP-0003 return records",
			  judge_plain(judge, response->status.text), response->record_count,
			  response->record_count == 1 ? "" : "s");
}

static const struct rule rsp_007 = {
	.id = "RSP-007",
	.name = "smsp-status-contradicts-records",
	.severity = CPIS_ERROR,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "REPC_MT000012GB01, value, pertinentInformation13 and pertinentInformation14",
	.title = "Mini service status contradicts the records or accesses",
	.why = "Success without a record, or an error with one: the clinician does not know which "
	       "is true.",
	.fix = "Send SMSP-0000 with at least one record; every other code without records and "
	       "accesses, but for SMSP-0003 with a displayName that says that data of the local "
	       "store is returned, which may have both.",
	.check = { .response = status_agrees_with_records },
};

static enum outcome author_is_listed_once_a_day(struct judge *judge,
						const struct response *response)
{
	return listed_once_a_day(judge, &response->listed);
}

static const struct rule rsp_008 = {
	.id = "RSP-008",
	.name = "author-listed-twice-within-a-day",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_DMS,
	.cite = RESPONSE ", pertinentInformation13",
	.title = "Author is listed twice within 24 hours",
	.why = "Repeated accesses by one person push those of others out of the 25 that are shown.",
	.fix = "List only an author's first query within 24 hours.",
	.check = { .response = author_is_listed_once_a_day },
};

static enum outcome access_is_before_response(struct judge *judge, const struct query *query)
{
	if (query->part.parent == NULL || query->part.parent->kind != PART_RESPONSE)
		return NOT_APPLICABLE;
	const struct response *response = (const struct response *)(const void *)query->part.parent;
	return listed_before(judge, query, &response->effective, "response");
}

static const struct rule rsp_009 = {
	.id = "RSP-009",
	.name = "access-later-than-response",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", effectiveTime",
	.title = "Access is later than the response that lists it",
	.why = "When the child was seen elsewhere is part of the picture: one of the times is "
	       "wrong.",
	.fix = "Take both times from one clock, with their UTC offset.",
	.check = { .query = access_is_before_response },
};

static enum outcome access_is_listed_once(struct judge *judge, const struct response *response)
{
	return listed_once(judge, &response->listed);
}

static const struct rule rsp_010 = {
	.id = "RSP-010",
	.name = "access-listed-twice",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", pertinentInformation13",
	.title = "Access is listed twice",
	.why = "A child seen once seems to have been seen twice, which is what the list is read "
	       "for.",
	.fix = "List each query id once.",
	.check = { .response = access_is_listed_once },
};

static const struct wrapper *wrapper_around(const struct response *response)
{
	return (const struct wrapper *)(const void *)part_ancestor(&response->part, PART_WRAPPER);
}

static enum outcome response_is_of_its_wrapper(struct judge *judge, const struct response *response)
{
	const struct wrapper *wrapper = wrapper_around(response);
	if (!wrapper)
		return NOT_APPLICABLE;
	const struct timestamp *made = &response->effective, *created = &wrapper->created;
	if (!made->moment.ok || !created->moment.ok)
		return judge_blocked(judge, made->moment.ok ? &created->part : &made->part,
				     "DAT-001");
	bool later = moment_is_before_in_uk(&created->moment, &made->moment);
	bool old = made->moment.has_hours && created->moment.has_hours &&
		   created->moment.seconds - moment_last_second(&made->moment) > DAY_SECONDS;
	if (!later && !old)
		return HOLDS;
	judge_expect(judge, "within the 24 hours before %s",
		     judge_time(judge, created->value.text));
	return judge_fail(judge, &made->value, MASK_TIME,
			  "the response's effectiveTime %s is %s the creationTime of its "
			  "wrapper, %s",
			  judge_time(judge, made->value.text),
			  later ? "after" : "more than 24 hours before",
			  judge_time(judge, created->value.text));
}

static const struct rule rsp_011 = {
	.id = "RSP-011",
	.name = "response-far-from-its-wrapper",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", effectiveTime",
	.title = "Response's effectiveTime is after its wrapper's creationTime, or long before it",
	.why = "The clinician cannot see how old the plans in the response are.",
	.fix = "Take both times from one clock: the response first, then the message around it.",
	.check = { .response = response_is_of_its_wrapper },
};

static enum outcome response_has_own_id(struct judge *judge, const struct response *response)
{
	const struct wrapper *wrapper = wrapper_around(response);
	struct str id = response->id.text;
	if (str_is_blank(id))
		return judge_blocked(judge, NULL, "SCH-003");
	const char *other = NULL;
	if (wrapper && str_equal(wrapper->id.text, id))
		other = "the message id of its wrapper";
	else if (wrapper && str_equal(wrapper->message_ref.text, id))
		other = "the id of the message that it answers";
	for (const struct listed_query *listed = response->listed.first; listed && !other;
	     listed = listed->next)
		if (str_equal(listed->id.text, id))
			other = "the id of an access that it lists";
	if (!other)
		return HOLDS;
	judge_expect(judge, "a different UUID");
	return judge_fail(judge, &response->id, MASK_NONE, "the response id %s is also %s",
			  judge_plain(judge, id), other);
}

static const struct rule rsp_012 = {
	.id = "RSP-012",
	.name = "response-without-id-of-its-own",
	.severity = CPIS_WARNING,
	.on = PART_RESPONSE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = RESPONSE ", id",
	.title = "Response id is also the id of something else",
	.why = "Two things with one id look like one: a record of who was shown what is lost.",
	.fix = "Create a new upper-case UUID for every response.",
	.check = { .response = response_has_own_id },
};

static enum outcome authority_can_be_called(struct judge *judge, const struct record *record)
{
	if (!record->part.parent || record->part.parent->kind != PART_RESPONSE ||
	    !record->authority_count)
		return NOT_APPLICABLE;
	const struct organisation *authority = &record->authority;
	if (authority->part.broken)
		return judge_blocked(judge, &authority->part, "SCH-003");
	size_t emergency = 0;
	for (size_t i = 0; i < authority->telecom_count; i++)
		emergency += str_is(str_trim(authority->telecoms[i].use.text), "EC");
	if (emergency == 1)
		return HOLDS;
	judge_expect(judge, "one telecom with use=\"EC\"");
	if (emergency)
		return judge_fail_part(judge, &authority->part,
				       "the authority has %zu telecoms with use \"EC\"; it should "
				       "have 1",
				       emergency);
	return judge_fail_part(judge, &authority->part,
			       "the authority has no telecom with use \"EC\", so its emergency "
			       "duty team cannot be called");
}

static const struct rule rsp_013 = {
	.id = "RSP-013",
	.name = "authority-without-one-emergency-number",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_DMS,
	.cite = RESPONSE ", organisation.telecom",
	.title = "Authority in a response does not have exactly one emergency number",
	.why = "A clinician who sees the child at night does not know whom to call.",
	.fix = "Return the number of the emergency duty team once, with use exactly \"EC\".",
	.check = { .record = authority_can_be_called },
};

static enum outcome access_has_an_author(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_LISTED)
		return NOT_APPLICABLE;
	if (query->content.part.broken)
		return judge_blocked(judge, &query->content.part, "SCH-002");
	if (query->device_count)
		return HOLDS;
	if (!query->person_count)
		return judge_blocked(judge, NULL, "SCH-002");
	const struct author_person *person = &query->person;
	const struct part *broken = person->part.broken ? &person->part : NULL;
	for (size_t i = 0; i < person->id_count; i++) {
		if (str_is(person->ids[i].root.text, OID_SDS_USER) &&
		    value_filled(&person->ids[i].extension))
			return HOLDS;
		broken = person->ids[i].part.broken ? &person->ids[i].part : broken;
	}
	/* What is broken may be the user's id. */
	if (broken)
		return judge_blocked(judge, broken, NULL);
	judge_expect(judge, "an id with root " OID_SDS_USER);
	return judge_fail_part(judge, &person->part,
			       "the access does not say who looked: its author has no SDS user id");
}

static const struct rule rsp_014 = {
	.id = "RSP-014",
	.name = "access-without-who-looked",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_DMS,
	.cite = RESPONSE " and REPC_MT000004GB01, pertinentCP-ISNHSQuery.author",
	.title = "Listed access does not say who looked",
	.why = "Someone opened the child's record, and no one can find out who.",
	.fix = "List each access with the author that the query had.",
	.check = { .query = access_has_an_author },
};

static enum outcome access_may_be_listed(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_LISTED)
		return NOT_APPLICABLE;
	if (!query_is_silent(query))
		return HOLDS;
	return judge_fail(judge, &query->access_event, MASK_NONE,
			  "the access was a silent read, which should not be listed");
}

static const struct rule rsp_015 = {
	.id = "RSP-015",
	.name = "silent-read-is-listed",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0 patch D, query example 3, accessEventType" PATCH_D,
	.title = "Listed access was a silent read",
	.why = "A query of scheduled care does not mean that something happened to the child: "
	       "among "
	       "visits to emergency departments it is read as one.",
	.fix = "List the queries of unscheduled care only.",
	.check = { .query = access_may_be_listed },
};

static enum outcome plan_may_be_shown(struct judge *judge, const struct plan *plan)
{
	enum { SHOWN_MONTHS = 12 };
	const struct part *response = part_ancestor(&plan->part, PART_RESPONSE);
	const struct timestamp *made = response ? made_at(response) : NULL, *end = &plan->end;
	if (!made || !plan->end_count)
		return NOT_APPLICABLE;
	if (!made->moment.ok || !end->moment.ok)
		return judge_blocked(judge, made->moment.ok ? &end->part : &made->part, "DAT-001");
	struct moment latest = moment_after_months(&end->moment, SHOWN_MONTHS);
	struct moment now = moment_by_uk_clock(&made->moment);
	if (moment_compare(&now, &latest) <= 0)
		return HOLDS;
	return judge_fail(judge, &end->value, MASK_NONE,
			  "the %s ended on %s, more than 12 months before the response (%s)",
			  plan_noun(plan), judge_plain(judge, end->value.text),
			  judge_plain(judge, made->value.text));
}

static const struct rule rsp_016 = {
	.id = "RSP-016",
	.name = "old-plan-is-returned",
	.severity = CPIS_INFO,
	.on = PART_PLAN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Guidance for local authorities: plans of the last 12 months are shown",
	.title = "Returned plan ended more than 12 months ago",
	.why = "CP-IS shows plans that are in force or ended in the last 12 months: a clinician "
	       "would take an older one for recent.",
	.fix = "Return the plans that are in force, and those that ended in the last 12 months.",
	.check = { .plan = plan_may_be_shown },
};

const struct rule *const rsp_rules[] = {
	&rsp_001, &rsp_002, &rsp_003, &rsp_004, &rsp_005, &rsp_006, &rsp_007, &rsp_008, &rsp_009,
	&rsp_010, &rsp_011, &rsp_012, &rsp_013, &rsp_014, &rsp_015, &rsp_016, NULL,
};
