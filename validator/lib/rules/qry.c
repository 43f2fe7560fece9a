/* What an NHS system asks, and who asks: Spine refuses a query without a complete author. */
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

/* Also in use as the code system of job roles, with codes such as R0670; no list of them is
 * published. */
#define OID_JOB_ROLE_IN_USE "2.16.840.1.113883.2.1.3.2.4.17.196"
#define QUERY		    "CP-IS DMS 1.0, QUPC_MT000006GB01"
#define PERSON		    "CP-IS DMS 1.0, COCT_TP145102GB01"
#define DEVICE		    "CP-IS DMS 1.0, COCT_TP145104GB01"
#define REFUSED		    "Spine refuses the query, so the clinician sees no plan."

static const struct query *query_around(const struct part *part)
{
	return (const struct query *)(const void *)part_ancestor(part, PART_QUERY);
}

/* Whether the author asks now, and is not listed in a reply for an earlier access. */
static bool asks_now(const struct part *part)
{
	const struct query *query = query_around(part);
	return query && query->part.role == QUERY_ASKED;
}

static const struct wrapper *wrapper_around(const struct part *part)
{
	return (const struct wrapper *)(const void *)part_ancestor(part, PART_WRAPPER);
}

/* The first id of a root; NULL: none. */
static const struct identifier *id_of_root(const struct author_person *person, const char *root)
{
	for (size_t i = 0; i < person->id_count; i++)
		if (str_is(person->ids[i].root.text, root))
			return &person->ids[i];
	return NULL;
}

static enum outcome is_filled(struct judge *judge, const struct part *part,
			      const struct value *value, const char *noun)
{
	if (!character_shows_nothing(value->text))
		return HOLDS;
	judge_expect(judge, "the %s", noun);
	if (value_there(value))
		return judge_fail(judge, value, MASK_NONE, "the %s is blank", noun);
	return judge_fail_part(judge, part, "the %s is missing", noun);
}

static enum outcome role_has(struct judge *judge, const struct author_person *person,
			     const struct value *value, const char *noun)
{
	if (!asks_now(&person->part))
		return NOT_APPLICABLE;
	if (person->role.part.broken)
		return judge_blocked(judge, &person->role.part, "SCH-003");
	return is_filled(judge, person->role_count ? &person->role.part : &person->part, value,
			 noun);
}

static enum outcome author_has_role_code(struct judge *judge, const struct author_person *person)
{
	return role_has(judge, person, &person->role.code, "author's job role code");
}

static const struct rule qry_002 = {
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
};

static enum outcome author_has_role_name(struct judge *judge, const struct author_person *person)
{
	return role_has(judge, person, &person->role.display_name, "author's job role name");
}

static const struct rule qry_003 = {
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
};

/* Of the organisation of an author, who is a person or a device. count: how many were sent. */
static enum outcome organisation_has_code(struct judge *judge, const struct part *author,
					  const struct organisation *organisation, size_t count)
{
	const struct part *part = &organisation->part, *id = &organisation->id.part;
	if (!asks_now(author))
		return NOT_APPLICABLE;
	if (part->broken || id->broken)
		return judge_blocked(judge, part->broken ? part : id, "SCH-002");
	return is_filled(judge, count ? part : author, &organisation->id.extension,
			 "code of the author's organisation");
}

/* The same. */
static enum outcome organisation_has_name(struct judge *judge, const struct part *author,
					  const struct organisation *organisation, size_t count)
{
	const struct part *part = &organisation->part;
	if (!asks_now(author))
		return NOT_APPLICABLE;
	if (part->broken)
		return judge_blocked(judge, part, "SCH-002");
	return is_filled(judge, count ? part : author, &organisation->name,
			 "name of the author's organisation");
}

static enum outcome author_has_organisation_code(struct judge *judge,
						 const struct author_person *person)
{
	return organisation_has_code(judge, &person->part, &person->organisation,
				     person->organisation_count);
}

static const struct rule qry_004 = {
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
};

static enum outcome author_has_organisation_name(struct judge *judge,
						 const struct author_person *person)
{
	return organisation_has_name(judge, &person->part, &person->organisation,
				     person->organisation_count);
}

static const struct rule qry_005 = {
	.id = "QRY-005",
	.name = "author-without-organisation-name",
	.severity = CPIS_ERROR,
	.on = PART_AUTHOR_PERSON,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING Organisation Name",
	.title = "Author's organisation has no name",
	.why = REFUSED " The social worker would not know where the child is being treated.",
	.fix = "Send the name that the Organisation Data Service lists.",
	.check = { .author_person = author_has_organisation_name },
};

static enum outcome author_has_user_id(struct judge *judge, const struct author_person *person)
{
	if (!asks_now(&person->part))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < person->id_count; i++)
		if (person->ids[i].part.broken)
			return judge_blocked(judge, &person->ids[i].part, "SCH-005");
	const struct identifier *user = id_of_root(person, OID_SDS_USER);
	if (user)
		return is_filled(judge, &user->part, &user->extension, "author's SDS user id");
	judge_expect(judge, "an id with root " OID_SDS_USER);
	const struct part *at = person->id_count ? &person->ids[0].part : &person->part;
	return judge_fail_part(judge, at,
			       "the author has no SDS user id: no id has root " OID_SDS_USER);
}

static const struct rule qry_006 = {
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
};

static enum outcome device_has_asid(struct judge *judge, const struct author_device *device)
{
	if (!asks_now(&device->part))
		return NOT_APPLICABLE;
	if (device->id.part.broken)
		return judge_blocked(judge, &device->id.part, "SCH-005");
	const struct part *at = device->id_count ? &device->id.part : &device->part;
	if (device->id_count && !str_is(device->id.root.text, OID_ASID)) {
		judge_expect(judge, "root " OID_ASID);
		return judge_fail_part(judge, at,
				       "the author's id is not an ASID: its root is not " OID_ASID);
	}
	return is_filled(judge, at, &device->id.extension, "author's ASID");
}

static const struct rule qry_007 = {
	.id = "QRY-007",
	.name = "device-without-asid",
	.severity = CPIS_ERROR,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING authorDevice.systemID",
	.title = "Author device has no ASID",
	.why = REFUSED,
	.fix = "Send an id with root " OID_ASID " and the accredited system's number.",
	.check = { .author_device = device_has_asid },
};

static enum outcome device_has_organisation_code(struct judge *judge,
						 const struct author_device *device)
{
	return organisation_has_code(judge, &device->part, &device->organisation,
				     device->organisation_count);
}

static const struct rule qry_008 = {
	.id = "QRY-008",
	.name = "device-without-organisation-code",
	.severity = CPIS_ERROR,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING authorDevice.orgCode",
	.title = "Organisation of the author device has no code",
	.why = REFUSED,
	.fix = "Send the ODS code of the organisation that the system asks for.",
	.check = { .author_device = device_has_organisation_code },
};

static enum outcome device_has_organisation_name(struct judge *judge,
						 const struct author_device *device)
{
	return organisation_has_name(judge, &device->part, &device->organisation,
				     device->organisation_count);
}

static const struct rule qry_009 = {
	.id = "QRY-009",
	.name = "device-without-organisation-name",
	.severity = CPIS_ERROR,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING authorDevice.orgName",
	.title = "Organisation of the author device has no name",
	.why = REFUSED " The social worker would not know where the child is being treated.",
	.fix = "Send the organisation's name; a distributed service may add the place to it.",
	.check = { .author_device = device_has_organisation_name },
};

static bool any_filled(const struct value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (value_filled(&values[i]))
			return true;
	return false;
}

static enum outcome authority_is_complete(struct judge *judge,
					  const struct indirect_authority *authority)
{
	if (!asks_now(&authority->part))
		return NOT_APPLICABLE;
	if (authority->role.part.broken)
		return judge_blocked(judge, &authority->role.part, "SCH-005");
	const struct part *part = &authority->part;
	const struct part *role = authority->role_count ? &authority->role.part : part;
	bool code = is_filled(judge, role, &authority->role.code,
			      "indirect authority's job role code") == HOLDS;
	bool name = is_filled(judge, role, &authority->role.display_name,
			      "indirect authority's job role name") == HOLDS;
	bool named = !character_shows_nothing(authority->name.text) ||
		     any_filled(authority->given, authority->given_count) ||
		     any_filled(authority->families, authority->family_count);
	if (!named)
		is_filled(judge, part, &authority->name, "indirect authority's person name");
	return code && name && named ? HOLDS : FAILS;
}

static const struct rule qry_010 = {
	.id = "QRY-010",
	.name = "indirect-authority-is-incomplete",
	.severity = CPIS_ERROR,
	.on = PART_INDIRECT_AUTHORITY,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING authorDevice.jobRoleCode, .jobRoleName, "
		".assignedPersonName",
	.title = "Indirect authority has no job role code, job role name or person name",
	.why = REFUSED " No one could be asked about what an unattended system did.",
	.fix = "Name the person who is responsible for the queries, with role code and role name.",
	.check = { .indirect_authority = authority_is_complete },
};

static enum outcome device_names_authority(struct judge *judge, const struct author_device *device)
{
	if (!asks_now(&device->part))
		return NOT_APPLICABLE;
	if (device->authority_count)
		return HOLDS;
	judge_expect(judge, "indirectAuthority after id");
	return judge_fail_part(
		judge, &device->part,
		"a device asks, but no indirect authority says who is responsible for it");
}

static const struct rule qry_011 = {
	.id = "QRY-011",
	.name = "device-without-indirect-authority",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_DMS,
	.cite = DEVICE ", indirectAuthority",
	.title = "Author device names no indirect authority",
	.why = "A system asks by itself, and no person is named as responsible for it.",
	.fix = "Send an indirectAuthority with the nominated person's role and name.",
	.check = { .author_device = device_names_authority },
};

/*
 * 111 and other distributed services put the safeguarding lead's role, name and phone into the job
 * role's name: a name that says more than the published one, or has a telephone number, is theirs.
 * "Midwife - Manager" says more than "Midwife", but is the name of another role.
 */
static bool says_more(struct str shown, struct str published)
{
	size_t digits = 0;
	if (code_named(&job_role_names, str_trim(shown)))
		return false;
	for (size_t i = 0; i < shown.n; i++)
		digits += char_is_digit(shown.p[i]);
	return digits >= 7 || (published.n && shown.n > published.n &&
			       memmem(shown.p, shown.n, published.p, published.n));
}

/*
 * A role of OID_JOB_ROLE_IN_USE passes: messages in use have it, and no list of its codes is
 * published to compare with.
 */
static enum outcome author_role_is_known(struct judge *judge, const struct job_role *role)
{
	if (character_shows_nothing(role->code.text))
		return NOT_APPLICABLE;
	if (str_is(role->code_system.text, OID_JOB_ROLE_IN_USE))
		return HOLDS;
	judge_expect(judge, "%s", job_role_names.oid);
	if (!value_there(&role->code_system))
		return judge_fail_part(
			judge, &role->part,
			"the job role has no code system; it should be %s (JobRoleName)",
			job_role_names.oid);
	if (!str_is(role->code_system.text, job_role_names.oid))
		return judge_fail(judge, &role->code_system, MASK_NONE,
				  "the job role has code system %s; it should be %s (JobRoleName)",
				  judge_plain(judge, role->code_system.text), job_role_names.oid);
	const struct code *known = code_find(&job_role_names, role->code.text);
	judge_expect(judge, "a code of JobRoleName");
	if (!known)
		return judge_fail(judge, &role->code, MASK_NONE,
				  "the job role code %s is not in JobRoleName",
				  judge_plain(judge, role->code.text));
	judge_expect(judge, "%s", known->display_name);
	struct str shown = role->display_name.text;
	if (!character_shows_nothing(shown) && !str_is(shown, known->display_name) &&
	    !says_more(shown, str_of(known->display_name)))
		return judge_fail(judge, &role->display_name, MASK_VALUE,
				  "job role %s has the display name \"%s\"; it should be \"%s\"",
				  known->code, judge_show(judge, MASK_VALUE, shown),
				  known->display_name);
	return HOLDS;
}

static const struct rule qry_012 = {
	.id = "QRY-012",
	.name = "job-role-is-unknown",
	.severity = CPIS_WARNING,
	.on = PART_JOB_ROLE,
	.basis = CPIS_BASIS_DMS,
	.cite = "JobRoleName 5.0, code system 2.16.840.1.113883.2.1.3.2.4.17.124",
	.title = "Job role is not in JobRoleName, or its code and name do not match",
	.why = "A reader sees a different role from the one recorded, and cannot judge why the "
	       "child's record was opened.",
	.fix = "Take code and display name from the same row of JobRoleName.",
	.check = { .job_role = author_role_is_known },
};

static enum outcome author_is_one_user(struct judge *judge, const struct author_person *person)
{
	const struct identifier *first = id_of_root(person, OID_SDS_USER);
	if (!first)
		return NOT_APPLICABLE;
	for (const struct identifier *id = first + 1; id < person->ids + person->id_count; id++)
		if (str_is(id->root.text, OID_SDS_USER) &&
		    !str_equal(str_trim(id->extension.text), str_trim(first->extension.text))) {
			judge_point(judge, first->part.offset);
			return judge_fail_part(
				judge, &id->part,
				"the author has a second SDS user id, so it is unclear who asked");
		}
	return HOLDS;
}

static const struct rule qry_016 = {
	.id = "QRY-016",
	.name = "author-with-two-user-ids",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_PERSON,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = PERSON ", id",
	.title = "Author has two SDS user ids",
	.why = "An access belongs to one person: with two ids, no one knows whom to ask about it.",
	.fix = "Send one user id (root " OID_SDS_USER
	       ") and, if there is one, one role profile id (root " OID_ROLE_PROFILE ").",
	.check = { .author_person = author_is_one_user },
};

/* The first family name that is not blank, or else the first; NULL: there is none. */
static const struct value *family_of(const struct author_person *person)
{
	for (size_t i = 0; i < person->family_count; i++)
		if (!character_shows_nothing(person->families[i].text))
			return &person->families[i];
	return person->family_count ? &person->families[0] : NULL;
}

static enum outcome author_is_named(struct judge *judge, const struct author_person *person)
{
	const struct value *family = family_of(person);
	if (!character_shows_nothing(person->name.text) ||
	    (family && !character_shows_nothing(family->text)))
		return HOLDS;
	judge_expect(judge, "a family name");
	if (family)
		return judge_fail(judge, family, MASK_NONE, "the author's family name is blank");
	if (value_there(&person->name))
		return judge_fail(judge, &person->name, MASK_NONE,
				  "the author's name has no family name");
	return judge_fail_part(judge, &person->part, "the author has no name");
}

static const struct rule qry_017 = {
	.id = "QRY-017",
	.name = "author-without-name",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_PERSON,
	.basis = CPIS_BASIS_DMS,
	.cite = PERSON ", assignedAuthorPerson.name",
	.title = "Author has no family name",
	.why = "The social worker who is notified cannot ring the person who saw the child.",
	.fix = "Send the user's family name.",
	.check = { .author_person = author_is_named },
};

/* Report an id that differs from the wrapper's. One of the wrong form is TMS-027's. */
static enum outcome same_as_in_wrapper(struct judge *judge, const struct identifier *id,
				       const struct value *wrapped, const char *noun)
{
	if (!id || !sds_id_is(wrapped->text) || !sds_id_is(id->extension.text))
		return NOT_APPLICABLE;
	if (str_equal(id->extension.text, wrapped->text))
		return HOLDS;
	judge_expect(judge, "%s", judge_show(judge, MASK_USER, wrapped->text));
	return judge_fail(judge, &id->extension, MASK_USER,
			  "the author's %s is %s, but the wrapper's author has %s", noun,
			  judge_show(judge, MASK_USER, id->extension.text),
			  judge_show(judge, MASK_USER, wrapped->text));
}

static enum outcome author_is_the_wrappers(struct judge *judge, const struct author_person *person)
{
	const struct wrapper *wrapper = wrapper_around(&person->part);
	if (!asks_now(&person->part) || !wrapper)
		return NOT_APPLICABLE;
	enum outcome user = same_as_in_wrapper(judge, id_of_root(person, OID_SDS_USER),
					       &wrapper->user.extension, "SDS user id");
	enum outcome profile =
		same_as_in_wrapper(judge, id_of_root(person, OID_ROLE_PROFILE),
				   &wrapper->role_profile.extension, "role profile id");
	if (user == FAILS || profile == FAILS)
		return FAILS;
	return user == HOLDS || profile == HOLDS ? HOLDS : NOT_APPLICABLE;
}

static const struct rule qry_018 = {
	.id = "QRY-018",
	.name = "author-differs-from-wrapper",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_PERSON,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = PERSON ", id; ControlActEvent.author",
	.title = "Author and the wrapper's author are different users",
	.why = "The access is recorded under one person and authorised for another.",
	.fix = "Take both from the same smartcard session.",
	.check = { .author_person = author_is_the_wrappers },
};

static enum outcome device_asks_alone(struct judge *judge, const struct author_device *device)
{
	const struct wrapper *wrapper = wrapper_around(&device->part);
	if (!asks_now(&device->part) || !wrapper)
		return NOT_APPLICABLE;
	if (character_shows_nothing(wrapper->user.extension.text))
		return HOLDS;
	judge_expect(judge, "COCT_TP145102GB01.AssignedAuthor");
	return judge_fail_part(judge, &device->part,
			       "a device asks, but the wrapper names the smartcard user %s",
			       judge_show(judge, MASK_USER, wrapper->user.extension.text));
}

static const struct rule qry_019 = {
	.id = "QRY-019",
	.name = "device-asks-for-a-user",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_DMS,
	.cite = DEVICE,
	.title = "Device asks although a smartcard user is logged in",
	.why = "The access is recorded under a system, and who saw the child's record is lost.",
	.fix = "Send COCT_TP145102GB01.AssignedAuthor whenever a user is logged in.",
	.check = { .author_device = device_asks_alone },
};

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
				       "the query has no author: no person and no device");
	return judge_fail_part(judge, at, "the query has %zu authors; it should have 1", count);
}

static const struct rule qry_001 = {
	.id = "QRY-001",
	.name = "query-without-author",
	.severity = CPIS_ERROR,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING authorPerson or authorDevice",
	.title = "Query does not have exactly one author",
	.why = REFUSED " No one could find out who looked at the child's record.",
	.fix = "Send COCT_TP145102GB01.AssignedAuthor for a smartcard user, or "
	       "COCT_TP145104GB01.System when no one is logged in.",
	.check = { .query = query_has_an_author },
};

static enum outcome asked_before_wrapped(struct judge *judge, const struct query *query)
{
	const struct wrapper *wrapper = wrapper_around(&query->part);
	if (query->part.role != QUERY_ASKED || !wrapper)
		return NOT_APPLICABLE;
	const struct timestamp *asked = &query->effective, *created = &wrapper->created;
	if (!asked->moment.ok || !created->moment.ok)
		return judge_blocked(judge, asked->moment.ok ? &created->part : &asked->part,
				     "DAT-001");
	bool later = moment_is_before_in_uk(&created->moment, &asked->moment);
	bool long_before =
		asked->moment.has_hours && created->moment.has_hours &&
		created->moment.seconds - moment_last_second(&asked->moment) > DAY_SECONDS;
	if (!later && !long_before)
		return HOLDS;
	judge_expect(judge, "within the 24 hours before %s",
		     judge_time(judge, created->value.text));
	if (long_before)
		return judge_fail(judge, &asked->value, MASK_TIME,
				  "the query's effectiveTime %s is more than 24 hours before the "
				  "creationTime of its wrapper, %s",
				  judge_time(judge, asked->value.text),
				  judge_time(judge, created->value.text));
	return judge_fail(
		judge, &asked->value, MASK_TIME,
		"the query's effectiveTime %s is after the creationTime of its wrapper, %s",
		judge_time(judge, asked->value.text), judge_time(judge, created->value.text));
}

static const struct rule qry_013 = {
	.id = "QRY-013",
	.name = "query-later-than-its-wrapper",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = QUERY ", effectiveTime",
	.title = "Query's effectiveTime is after the wrapper's creationTime, or long before it",
	.why = "The time of the query is the time of access that is reported to the local "
	       "authority.",
	.fix = "Take both times from one clock: the query first, then the message around it.",
	.check = { .query = asked_before_wrapped },
};

static enum outcome query_has_own_id(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED)
		return NOT_APPLICABLE;
	if (character_shows_nothing(query->id.text))
		return is_filled(judge, &query->part, &query->id, "query id");
	const struct wrapper *wrapper = wrapper_around(&query->part);
	if (!wrapper || !str_equal(wrapper->id.text, query->id.text))
		return HOLDS;
	judge_expect(judge, "a different UUID");
	return judge_fail(judge, &query->id, MASK_NONE,
			  "the query id is the same as the message id of its wrapper, %s",
			  judge_plain(judge, query->id.text));
}

static const struct rule qry_014 = {
	.id = "QRY-014",
	.name = "query-without-id-of-its-own",
	.severity = CPIS_ERROR,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING Event ID; " QUERY ", id",
	.title = "Query id is empty, or is the message id",
	.why = "The access is recorded under the query's id: a missing one is refused, and a "
	       "borrowed one makes two things look like one.",
	.fix = "Create a new upper-case UUID for every query, different from the message id.",
	.check = { .query = query_has_own_id },
};

static enum outcome query_has_a_number(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED)
		return NOT_APPLICABLE;
	const struct value none = { 0 };
	const char *noun = "NHS number asked for";
	if (query->nhs_number_count == 0)
		return is_filled(judge, &query->part, &none, noun);
	const struct identifier *number = &query->nhs_numbers[0];
	if (number->part.broken)
		return judge_blocked(judge, &number->part, "SCH-003");
	return is_filled(judge, &number->part, &number->extension, noun);
}

static const struct rule qry_015 = {
	.id = "QRY-015",
	.name = "query-without-nhs-number",
	.severity = CPIS_ERROR,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING NHS Number",
	.title = "Query has no NHS number",
	.why = REFUSED,
	.fix = "Ask only when the patient's NHS number is known, and send it.",
	.check = { .query = query_has_a_number },
};

static enum outcome profile_is_not_user(struct judge *judge, const struct author_person *person)
{
	const struct identifier *user = id_of_root(person, OID_SDS_USER);
	const struct identifier *profile = id_of_root(person, OID_ROLE_PROFILE);
	if (!user || !profile || !sds_id_is(user->extension.text))
		return NOT_APPLICABLE;
	if (!str_equal(user->extension.text, profile->extension.text))
		return HOLDS;
	return judge_fail(judge, &profile->extension, MASK_USER,
			  "the author's role profile id is the same as the SDS user id, %s",
			  judge_show(judge, MASK_USER, user->extension.text));
}

static const struct rule qry_020 = {
	.id = "QRY-020",
	.name = "role-profile-is-the-user-id",
	.severity = CPIS_WARNING,
	.on = PART_AUTHOR_PERSON,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = PERSON ", id",
	.title = "Author's role profile id is the SDS user id",
	.why = "A user has a role profile for each role: it cannot be checked in which one the "
	       "child's record was opened.",
	.fix = "Send the id of the role profile that the user is logged in with, or leave the "
	       "second id out.",
	.check = { .author_person = profile_is_not_user },
};

static enum outcome access_event_is_known(struct judge *judge, const struct query *query)
{
	static const char *const flags[] = { "true", "false", "1", "0", NULL };
	if (query->part.role != QUERY_ASKED || !value_there(&query->access_event))
		return NOT_APPLICABLE;
	if (str_is_one_of(str_trim(query->access_event.text), flags))
		return HOLDS;
	judge_expect(judge, "true or false");
	return judge_fail(judge, &query->access_event, MASK_NONE,
			  "accessEventType is \"%s\"; it should be true or false",
			  judge_plain(judge, query->access_event.text));
}

static const struct rule qry_021 = {
	.id = "QRY-021",
	.name = "access-event-type-is-not-known",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0 patch D, query example 3, accessEventType" PATCH_D,
	.title = "accessEventType is neither true nor false",
	.why = "A silent read that is not understood is reported to the local authority as an "
	       "emergency visit.",
	.fix = "Send false for scheduled care, and true or no accessEventType for unscheduled "
	       "care.",
	.check = { .query = access_event_is_known },
};

static enum outcome mini_service_is_for_emergencies(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED || !enclosure_of(judge, &query->part).envelope)
		return NOT_APPLICABLE;
	if (!query_is_silent(query))
		return HOLDS;
	return judge_fail(judge, &query->access_event, MASK_NONE,
			  "a silent read of scheduled care is sent to the mini service, which is "
			  "for unscheduled care");
}

static const struct rule qry_022 = {
	.id = "QRY-022",
	.name = "silent-read-through-mini-service",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_ITK,
	.cite = "NHS API catalogue, CP-IS mini service: for unscheduled care only" PATCH_D,
	.title = "Silent read is sent to the mini service",
	.why = "The mini service may report it to the local authority as an emergency visit.",
	.fix = "Send queries of scheduled care to Spine.",
	.check = { .query = mini_service_is_for_emergencies },
};

/* The ASID of the sender; absent: there is none, or it may be one of several ids. */
static struct str sender_of(const struct wrapper *wrapper)
{
	const struct identifier *id = wrapper->sender.ids;
	bool single = wrapper->sender_count && wrapper->sender.id_count == 1;
	return single && str_is(id->root.text, OID_ASID) ? id->extension.text : (struct str){ 0 };
}

static enum outcome device_is_the_sender(struct judge *judge, const struct author_device *device)
{
	const struct wrapper *wrapper = wrapper_around(&device->part);
	if (!asks_now(&device->part) || !wrapper || !sds_id_is(device->id.extension.text) ||
	    !sds_id_is(sender_of(wrapper)))
		return NOT_APPLICABLE;
	if (str_equal(device->id.extension.text, sender_of(wrapper)))
		return HOLDS;
	return judge_fail(judge, &device->id.extension, MASK_NONE,
			  "the device has ASID %s, but the message is sent by %s",
			  judge_plain(judge, device->id.extension.text),
			  judge_plain(judge, sender_of(wrapper)));
}

static const struct rule qry_023 = {
	.id = "QRY-023",
	.name = "device-is-not-the-sender",
	.severity = CPIS_INFO,
	.on = PART_AUTHOR_DEVICE,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = DEVICE ", id; TMS transmission wrapper, communicationFunctionSnd",
	.title = "Author device has another ASID than the sender",
	.why = "The access is recorded under another system than the one that is known to have "
	       "asked.",
	.fix = "Send the ASID of the system that asks in both places. If it asks through another "
	       "system, do nothing.",
	.check = { .author_device = device_is_the_sender },
};

const struct rule *const qry_rules[] = {
	&qry_001, &qry_002, &qry_003, &qry_004, &qry_005, &qry_006, &qry_007, &qry_008,
	&qry_009, &qry_010, &qry_011, &qry_012, &qry_013, &qry_014, &qry_015, &qry_016,
	&qry_017, &qry_018, &qry_019, &qry_020, &qry_021, &qry_022, &qry_023, NULL,
};
