/* What an NHS system asks, and who asks: Spine refuses a query whose author it cannot tell. */
#include "rules/author.h"
#include "rules/chapters.h"

#define QUERY  "CP-IS DMS 1.0, QUPC_MT000006GB01"
#define PERSON "CP-IS DMS 1.0, COCT_TP145102GB01"
#define DEVICE "CP-IS DMS 1.0, COCT_TP145104GB01"

static enum outcome query_has_an_author(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED)
		return NOT_APPLICABLE;
	if (query->content.part.broken)
		return judge_blocked(judge, &query->content.part, "SCH-002");
	size_t count = query->person_count + query->device_count;
	if (count == 1)
		return HOLDS;
	const struct part *at = query->content_count ? &query->content.part : &query->part;
	judge_expect(judge, "one author: a person or a device");
	if (count == 0)
		return judge_fail_part(judge, at,
				       "the query has no author: neither a person nor a device");
	return judge_fail_part(judge, at, "the query has %zu authors, 1 expected", count);
}

static enum outcome asked_before_wrapped(struct judge *judge, const struct query *query)
{
	const struct wrapper *wrapper = author_wrapper(&query->part);
	if (query->part.role != QUERY_ASKED || !wrapper)
		return NOT_APPLICABLE;
	const struct timestamp *asked = &query->effective, *created = &wrapper->created;
	if (!asked->moment.ok || !created->moment.ok)
		return judge_blocked(judge, asked->moment.ok ? &created->part : &asked->part,
				     "DAT-001");
	if (moment_compare(&asked->moment, &created->moment) <= 0)
		return HOLDS;
	judge_expect(judge, "not after %s", judge_plain(judge, created->value.text));
	return judge_fail(
		judge, &asked->value, MASK_NONE,
		"the query's effectiveTime %s is after the creationTime of its wrapper, %s",
		judge_plain(judge, asked->value.text), judge_plain(judge, created->value.text));
}

static enum outcome query_has_own_id(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED)
		return NOT_APPLICABLE;
	if (str_is_blank(query->id.text))
		return author_fills(judge, &query->part, &query->id, "query's id");
	const struct wrapper *wrapper = author_wrapper(&query->part);
	if (!wrapper || !str_equal(wrapper->id.text, query->id.text))
		return HOLDS;
	judge_expect(judge, "a UUID of the query's own");
	return judge_fail(judge, &query->id, MASK_NONE,
			  "the query's id is the message id of its wrapper, %s",
			  judge_plain(judge, query->id.text));
}

static enum outcome query_has_a_number(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED)
		return NOT_APPLICABLE;
	const struct identifier *number = &query->nhs_numbers[0];
	if (number->part.broken)
		return judge_blocked(judge, &number->part, "SCH-003");
	return author_fills(judge, query->nhs_number_count ? &number->part : &query->part,
			    &number->extension, "NHS number that is asked for");
}

#define REFUSED "Spine refuses the query, so the clinician sees no plan."

const struct rule qry_rules[] = {
	{
		.id = "QRY-001",
		.name = "query-without-author",
		.severity = CPIS_ERROR,
		.on = PART_QUERY,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorPerson or authorDevice",
		.title = "Query has not exactly one author",
		.why = REFUSED " Nobody could be told who looked at the child's record.",
		.fix = "Send COCT_TP145102GB01.AssignedAuthor for a smartcard user, or "
		       "COCT_TP145104GB01.System when nobody is logged in.",
		.check = { .query = query_has_an_author },
	},
	{
		.id = "QRY-002",
		.name = "author-without-job-role-code",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING Job Role Code",
		.title = "Author has no job role code",
		.why = REFUSED,
		.fix = "Send the code of the role that the user is logged in with.",
		.check = { .author_person = author_has_role_code },
	},
	{
		.id = "QRY-003",
		.name = "author-without-job-role-name",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING Job Role Name",
		.title = "Author has no job role name",
		.why = REFUSED " The social worker who is notified would not learn who looked.",
		.fix = "Send the display name of the job role.",
		.check = { .author_person = author_has_role_name },
	},
	{
		.id = "QRY-004",
		.name = "author-without-organisation-code",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING Organisation Code",
		.title = "Author's organisation has no code",
		.why = REFUSED,
		.fix = "Send the ODS code of the organisation that the author works for.",
		.check = { .author_person = author_has_organisation_code },
	},
	{
		.id = "QRY-005",
		.name = "author-without-organisation-name",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING Organisation Name",
		.title = "Author's organisation has no name",
		.why = REFUSED
		" The social worker would not know where the child is being treated.",
		.fix = "Send the name that the Organisation Data Service lists.",
		.check = { .author_person = author_has_organisation_name },
	},
	{
		.id = "QRY-006",
		.name = "author-without-user-id",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorID",
		.title = "Author has no SDS user id",
		.why = REFUSED " A role profile id alone does not say who looked.",
		.fix = "Send an id with root " OID_SDS_USER " and the smartcard user's number.",
		.check = { .author_person = author_has_user_id },
	},
	{
		.id = "QRY-007",
		.name = "device-without-asid",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_DEVICE,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorDevice.systemID",
		.title = "Author device has no ASID",
		.why = REFUSED,
		.fix = "Send an id with root " OID_ASID " and the accredited system's number.",
		.check = { .author_device = author_device_has_system_id },
	},
	{
		.id = "QRY-008",
		.name = "device-without-organisation-code",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_DEVICE,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorDevice.orgCode",
		.title = "Organisation of the author device has no code",
		.why = REFUSED,
		.fix = "Send the ODS code of the organisation that the system asks for.",
		.check = { .author_device = author_device_has_organisation_code },
	},
	{
		.id = "QRY-009",
		.name = "device-without-organisation-name",
		.severity = CPIS_ERROR,
		.on = PART_AUTHOR_DEVICE,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorDevice.orgName",
		.title = "Organisation of the author device has no name",
		.why = REFUSED
		" The social worker would not know where the child is being treated.",
		.fix = "Send the organisation's name; a distributed service may add the place to "
		       "it.",
		.check = { .author_device = author_device_has_organisation_name },
	},
	{
		.id = "QRY-010",
		.name = "indirect-authority-is-not-told",
		.severity = CPIS_ERROR,
		.on = PART_INDIRECT_AUTHORITY,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING authorDevice.jobRoleCode, .jobRoleName, "
			".assignedPersonName",
		.title = "Indirect authority lacks job role code, job role name or person name",
		.why = REFUSED " Nobody could be asked about what an unattended system did.",
		.fix = "Name the person who is responsible for the queries, with role code and "
		       "role name.",
		.check = { .indirect_authority = author_authority_is_told },
	},
	{
		.id = "QRY-011",
		.name = "device-without-indirect-authority",
		.severity = CPIS_WARNING,
		.on = PART_AUTHOR_DEVICE,
		.basis = CPIS_BASIS_DMS,
		.cite = DEVICE ", indirectAuthority",
		.title = "Author device names no indirect authority",
		.why = "A system asks by itself and no person is named who answers for it.",
		.fix = "Send an indirectAuthority with the nominated person's role and name.",
		.check = { .author_device = author_device_names_authority },
	},
	{
		.id = "QRY-012",
		.name = "job-role-is-unknown",
		.severity = CPIS_WARNING,
		.on = PART_JOB_ROLE,
		.basis = CPIS_BASIS_DMS,
		.cite = "JobRoleName 5.0, code system 2.16.840.1.113883.2.1.3.2.4.17.124",
		.title = "Job role is not of JobRoleName, or code and name differ",
		.why = "A reader sees another role than the one that was recorded, and cannot "
		       "judge why the "
		       "child's record was opened.",
		.fix = "Take code and display name from the same row of JobRoleName.",
		.check = { .job_role = author_role_is_known },
	},
	{
		.id = "QRY-013",
		.name = "query-later-than-its-wrapper",
		.severity = CPIS_WARNING,
		.on = PART_QUERY,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = QUERY ", effectiveTime",
		.title = "Query's effectiveTime is after the wrapper's creationTime",
		.why = "The time of the query is the time of the access that the local authority "
		       "is told.",
		.fix = "Take both times from one clock: the query first, then the message around "
		       "it.",
		.check = { .query = asked_before_wrapped },
	},
	{
		.id = "QRY-014",
		.name = "query-without-id-of-its-own",
		.severity = CPIS_ERROR,
		.on = PART_QUERY,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING Event ID; " QUERY ", id",
		.title = "Query id is empty, or is the message id",
		.why = "The access is recorded under the query's id: a missing one is refused, a "
		       "borrowed "
		       "one makes two things one.",
		.fix = "Make a new upper-case UUID for every query, apart from the message's own.",
		.check = { .query = query_has_own_id },
	},
	{
		.id = "QRY-015",
		.name = "query-without-nhs-number",
		.severity = CPIS_ERROR,
		.on = PART_QUERY,
		.basis = CPIS_BASIS_SPINE,
		.cite = "Spine MANDATORY_DATA_MISSING NHS Number",
		.title = "Query names no NHS number",
		.why = REFUSED,
		.fix = "Ask only when the patient's NHS number is known, and send it.",
		.check = { .query = query_has_a_number },
	},
	{
		.id = "QRY-016",
		.name = "author-with-two-user-ids",
		.severity = CPIS_WARNING,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = PERSON ", id",
		.title = "Author has two SDS user ids",
		.why = "An access belongs to one person: with two, neither can be asked about it.",
		.fix = "Send one user id (root " OID_SDS_USER
		       ") and, if there is one, one role profile id "
		       "(root " OID_ROLE_PROFILE ").",
		.check = { .author_person = author_is_one_user },
	},
	{
		.id = "QRY-017",
		.name = "author-without-name",
		.severity = CPIS_WARNING,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_DMS,
		.cite = PERSON ", assignedAuthorPerson.name",
		.title = "Author has no family name",
		.why = "The social worker who is notified cannot ring the person who saw the "
		       "child.",
		.fix = "Send the user's family name.",
		.check = { .author_person = author_is_named },
	},
	{
		.id = "QRY-018",
		.name = "author-differs-from-wrapper",
		.severity = CPIS_WARNING,
		.on = PART_AUTHOR_PERSON,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = PERSON ", id; ControlActEvent.author",
		.title = "Author and the wrapper's author are two users",
		.why = "The access is recorded under one person and authorised for another.",
		.fix = "Take both from the same smartcard session.",
		.check = { .author_person = author_is_the_wrappers },
	},
	{
		.id = "QRY-019",
		.name = "device-asks-for-a-user",
		.severity = CPIS_WARNING,
		.on = PART_AUTHOR_DEVICE,
		.basis = CPIS_BASIS_DMS,
		.cite = DEVICE,
		.title = "A device asks though a smartcard user is logged in",
		.why = "The access is recorded under a system, and who saw the child's record is "
		       "lost.",
		.fix = "Send COCT_TP145102GB01.AssignedAuthor whenever a user is logged in.",
		.check = { .author_device = author_device_asks_alone },
	},
};
const size_t qry_rule_count = sizeof(qry_rules) / sizeof(qry_rules[0]);
