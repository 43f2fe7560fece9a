#include "rules/author.h"

#include "message/codes.h"

/* Also in use as the code system of job roles, with codes such as R0670, though no list of it is
 * published. */
#define OID_JOB_ROLE_IN_USE "2.16.840.1.113883.2.1.3.2.4.17.196"

static const struct query *query_around(const struct part *part)
{
	return (const struct query *)(const void *)part_ancestor(part, PART_QUERY);
}

/* Asked now, not listed in a reply as somebody's earlier access. */
bool author_asks_now(const struct part *part)
{
	const struct query *query = query_around(part);
	return query && query->part.role == QUERY_ASKED;
}

const struct wrapper *author_wrapper(const struct part *part)
{
	return (const struct wrapper *)(const void *)part_ancestor(part, PART_WRAPPER);
}

static size_t kept_ids(size_t count)
{
	return count < MOST_IDS ? count : MOST_IDS;
}

/* The first id of a root; NULL: none. */
static const struct identifier *id_of_root(const struct author_person *person, const char *root)
{
	for (size_t i = 0; i < kept_ids(person->id_count); i++)
		if (str_is(person->ids[i].root.text, root))
			return &person->ids[i];
	return NULL;
}

enum outcome author_fills(struct judge *judge, const struct part *part, const struct value *value,
			  const char *noun)
{
	if (!str_is_blank(value->text))
		return HOLDS;
	judge_expect(judge, "the %s", noun);
	if (value_there(value))
		return judge_fail(judge, value, MASK_NONE, "the %s is blank", noun);
	return judge_fail_part(judge, part, "the %s is missing", noun);
}

enum outcome author_has_role_code(struct judge *judge, const struct author_person *person)
{
	if (!author_asks_now(&person->part))
		return NOT_APPLICABLE;
	if (person->role.part.broken)
		return judge_blocked(judge, &person->role.part, "SCH-003");
	return author_fills(judge, person->role_count ? &person->role.part : &person->part,
			    &person->role.code, "author's job role code");
}

enum outcome author_has_role_name(struct judge *judge, const struct author_person *person)
{
	if (!author_asks_now(&person->part))
		return NOT_APPLICABLE;
	if (person->role.part.broken)
		return judge_blocked(judge, &person->role.part, "SCH-003");
	return author_fills(judge, person->role_count ? &person->role.part : &person->part,
			    &person->role.display_name, "author's job role name");
}

enum outcome author_has_organisation_code(struct judge *judge, const struct author_person *person)
{
	const struct organisation *organisation = &person->organisation;
	if (!author_asks_now(&person->part))
		return NOT_APPLICABLE;
	if (organisation->part.broken || organisation->id.part.broken)
		return judge_blocked(judge,
				     organisation->part.broken ? &organisation->part
							       : &organisation->id.part,
				     "SCH-002");
	return author_fills(judge, person->organisation_count ? &organisation->part : &person->part,
			    &organisation->id.extension, "code of the author's organisation");
}

enum outcome author_has_organisation_name(struct judge *judge, const struct author_person *person)
{
	const struct organisation *organisation = &person->organisation;
	if (!author_asks_now(&person->part))
		return NOT_APPLICABLE;
	if (organisation->part.broken)
		return judge_blocked(judge, &organisation->part, "SCH-002");
	return author_fills(judge, person->organisation_count ? &organisation->part : &person->part,
			    &organisation->name, "name of the author's organisation");
}

enum outcome author_has_user_id(struct judge *judge, const struct author_person *person)
{
	if (!author_asks_now(&person->part))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < kept_ids(person->id_count); i++)
		if (person->ids[i].part.broken)
			return judge_blocked(judge, &person->ids[i].part, "SCH-005");
	const struct identifier *user = id_of_root(person, OID_SDS_USER);
	if (user)
		return author_fills(judge, &user->part, &user->extension, "author's SDS user id");
	judge_expect(judge, "an id with root " OID_SDS_USER);
	const struct part *at = person->id_count ? &person->ids[0].part : &person->part;
	return judge_fail_part(judge, at,
			       "the author has no SDS user id: no id has root " OID_SDS_USER);
}

enum outcome author_device_has_system_id(struct judge *judge, const struct author_device *device)
{
	if (!author_asks_now(&device->part))
		return NOT_APPLICABLE;
	if (device->id.part.broken)
		return judge_blocked(judge, &device->id.part, "SCH-005");
	const struct part *at = device->id_count ? &device->id.part : &device->part;
	if (device->id_count && !str_is(device->id.root.text, OID_ASID)) {
		judge_expect(judge, "root " OID_ASID);
		return judge_fail_part(judge, at,
				       "the author's id is no ASID: its root is not " OID_ASID);
	}
	return author_fills(judge, at, &device->id.extension, "author's ASID");
}

enum outcome author_device_has_organisation_code(struct judge *judge,
						 const struct author_device *device)
{
	const struct organisation *organisation = &device->organisation;
	if (!author_asks_now(&device->part))
		return NOT_APPLICABLE;
	if (organisation->part.broken || organisation->id.part.broken)
		return judge_blocked(judge,
				     organisation->part.broken ? &organisation->part
							       : &organisation->id.part,
				     "SCH-002");
	return author_fills(judge, device->organisation_count ? &organisation->part : &device->part,
			    &organisation->id.extension, "code of the author's organisation");
}

enum outcome author_device_has_organisation_name(struct judge *judge,
						 const struct author_device *device)
{
	const struct organisation *organisation = &device->organisation;
	if (!author_asks_now(&device->part))
		return NOT_APPLICABLE;
	if (organisation->part.broken)
		return judge_blocked(judge, &organisation->part, "SCH-002");
	return author_fills(judge, device->organisation_count ? &organisation->part : &device->part,
			    &organisation->name, "name of the author's organisation");
}

enum outcome author_authority_is_told(struct judge *judge,
				      const struct indirect_authority *authority)
{
	if (!author_asks_now(&authority->part))
		return NOT_APPLICABLE;
	if (authority->role.part.broken)
		return judge_blocked(judge, &authority->role.part, "SCH-005");
	const struct part *part = &authority->part;
	const struct part *role = authority->role_count ? &authority->role.part : part;
	bool code = author_fills(judge, role, &authority->role.code,
				 "indirect authority's job role code") == HOLDS;
	bool name = author_fills(judge, role, &authority->role.display_name,
				 "indirect authority's job role name") == HOLDS;
	bool named = !str_is_blank(authority->name.text) || !str_is_blank(authority->given.text) ||
		     !str_is_blank(authority->family.text);
	if (!named)
		author_fills(judge, part, &authority->name, "indirect authority's person name");
	return code && name && named ? HOLDS : FAILS;
}

enum outcome author_device_names_authority(struct judge *judge, const struct author_device *device)
{
	if (!author_asks_now(&device->part))
		return NOT_APPLICABLE;
	if (device->authority_count)
		return HOLDS;
	judge_expect(judge, "indirectAuthority behind id");
	return judge_fail_part(
		judge, &device->part,
		"a device asks, and no indirect authority says who is responsible for it");
}

/*
 * 111 and other distributed services put the safeguarding lead's role, name and phone into the job
 * role's name: a name that says more than the published one, or holds a telephone number, is
 * theirs.
 */
static bool says_more(struct str shown, struct str published)
{
	size_t digits = 0;
	for (size_t i = 0; i < shown.n; i++)
		digits += char_is_digit(shown.p[i]);
	return digits >= 7 || (published.n && shown.n > published.n &&
			       memmem(shown.p, shown.n, published.p, published.n));
}

/*
 * A role of 2.16.840.1.113883.2.1.3.2.4.17.196 passes without a word: messages in use have it, no
 * list of its codes is published to compare with, and nothing is known to be wrong with it.
 */
enum outcome author_role_is_known(struct judge *judge, const struct job_role *role)
{
	if (str_is_blank(role->code.text))
		return NOT_APPLICABLE;
	if (str_is(role->code_system.text, OID_JOB_ROLE_IN_USE))
		return HOLDS;
	judge_expect(judge, "%s", job_role_names.oid);
	if (!value_there(&role->code_system))
		return judge_fail_part(judge, &role->part,
				       "the job role has no code system: %s (JobRoleName) expected",
				       job_role_names.oid);
	if (!str_is(role->code_system.text, job_role_names.oid))
		return judge_fail(judge, &role->code_system, MASK_NONE,
				  "the job role has code system %s, %s (JobRoleName) expected",
				  judge_plain(judge, role->code_system.text), job_role_names.oid);
	const struct code *known = code_find(&job_role_names, role->code.text);
	judge_expect(judge, "a code of JobRoleName");
	if (!known)
		return judge_fail(judge, &role->code, MASK_NONE,
				  "the job role code %s is not in JobRoleName",
				  judge_plain(judge, role->code.text));
	judge_expect(judge, "%s", known->display_name);
	struct str shown = role->display_name.text;
	if (!str_is_blank(shown) && !str_is(shown, known->display_name) &&
	    !says_more(shown, str_of(known->display_name)))
		return judge_fail(judge, &role->display_name, MASK_VALUE,
				  "job role %s is shown as \"%s\", it means \"%s\"", known->code,
				  judge_show(judge, MASK_VALUE, shown), known->display_name);
	judge->expected = NULL;
	return HOLDS;
}

enum outcome author_is_one_user(struct judge *judge, const struct author_person *person)
{
	const struct identifier *first = id_of_root(person, OID_SDS_USER);
	if (!first)
		return NOT_APPLICABLE;
	for (const struct identifier *id = first + 1; id < person->ids + kept_ids(person->id_count);
	     id++)
		if (str_is(id->root.text, OID_SDS_USER)) {
			judge_point(judge, first->part.offset);
			return judge_fail_part(
				judge, &id->part,
				"the author has a second SDS user id: who asked cannot be told");
		}
	return HOLDS;
}

enum outcome author_is_named(struct judge *judge, const struct author_person *person)
{
	if (!str_is_blank(person->name.text) || !str_is_blank(person->family.text))
		return HOLDS;
	judge_expect(judge, "a family name");
	if (value_there(&person->family))
		return judge_fail(judge, &person->family, MASK_NONE,
				  "the author's family name is blank");
	if (value_there(&person->name))
		return judge_fail(judge, &person->name, MASK_NONE,
				  "the author's name has no family name");
	return judge_fail_part(judge, &person->part, "the author has no name");
}

/* An id of another form is TMS-009's. */
static bool is_sds_id(struct str id)
{
	return id.n == 12 && str_is_digits(id);
}

/* Tells of an id that differs from the wrapper's. */
static enum outcome same_as_in_wrapper(struct judge *judge, const struct identifier *id,
				       const struct value *wrapped, const char *noun)
{
	if (!id || !is_sds_id(wrapped->text) || !is_sds_id(id->extension.text))
		return NOT_APPLICABLE;
	if (str_equal(id->extension.text, wrapped->text))
		return HOLDS;
	judge_expect(judge, "%s", judge_show(judge, MASK_USER, wrapped->text));
	return judge_fail(judge, &id->extension, MASK_USER,
			  "the author's %s is %s, the wrapper's author has %s", noun,
			  judge_show(judge, MASK_USER, id->extension.text),
			  judge_show(judge, MASK_USER, wrapped->text));
}

enum outcome author_is_the_wrappers(struct judge *judge, const struct author_person *person)
{
	const struct wrapper *wrapper = author_wrapper(&person->part);
	if (!author_asks_now(&person->part) || !wrapper)
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

enum outcome author_device_asks_alone(struct judge *judge, const struct author_device *device)
{
	const struct wrapper *wrapper = author_wrapper(&device->part);
	if (!author_asks_now(&device->part) || !wrapper)
		return NOT_APPLICABLE;
	if (str_is_blank(wrapper->user.extension.text))
		return HOLDS;
	judge_expect(judge, "COCT_TP145102GB01.AssignedAuthor");
	return judge_fail_part(judge, &device->part,
			       "a device asks, yet the wrapper names the smartcard user %s",
			       judge_show(judge, MASK_USER, wrapper->user.extension.text));
}
