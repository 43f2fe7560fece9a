#include "write/pieces.h"

#include "message/timestamp.h"

#include <stdio.h>

#define OID_CONTENT	 "2.16.840.1.113883.2.1.3.2.4.18.16"
#define OID_ORGANISATION "2.16.840.1.113883.2.1.3.2.4.19.1"

static void write_id(struct element_writer *writer, const char *name, const char *root,
		     struct str extension)
{
	if (!extension.p)
		return;
	element_open(writer, name);
	element_set(writer, "root", root);
	element_attribute(writer, "extension", extension);
	element_close(writer);
}

void piece_content_id(struct element_writer *writer, const char *template, const char *entry)
{
	char text[64];
	snprintf(text, sizeof(text), "%s#%s", template, entry);
	write_id(writer, "npfitlc:contentId", OID_CONTENT, str_of(text));
}

void piece_organisation(struct element_writer *writer, const char *name,
			const struct piece_organisation *organisation)
{
	element_open(writer, name);
	element_open(writer, "id");
	element_attribute(writer, "root",
			  organisation->root.p ? organisation->root : STR(OID_ORGANISATION));
	element_attribute(writer, "extension", organisation->code);
	element_close(writer);
	element_leaf(writer, "name", organisation->name);
	for (size_t i = 0; i < organisation->telecom_count; i++) {
		element_open(writer, "telecom");
		element_attribute(writer, "value", organisation->telecoms[i].value);
		element_attribute(writer, "use", organisation->telecoms[i].use);
		element_close(writer);
	}
	element_close(writer);
}

static void write_code(struct element_writer *writer, const struct piece_code *code)
{
	element_open(writer, "code");
	element_attribute(writer, "code", code->code);
	element_attribute(writer, "codeSystem", code->system);
	element_attribute(writer, "displayName", code->name);
	element_close(writer);
}

static void write_names(struct element_writer *writer, const char *name, const struct str *texts,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		element_leaf(writer, name, texts[i]);
}

static void write_name(struct element_writer *writer, const struct piece_name *name)
{
	element_open(writer, "name");
	if (name->prefix_count || name->given_count || name->family_count || name->suffix_count) {
		write_names(writer, "prefix", name->prefixes, name->prefix_count);
		write_names(writer, "given", name->given, name->given_count);
		write_names(writer, "family", name->families, name->family_count);
		write_names(writer, "suffix", name->suffixes, name->suffix_count);
	} else if (name->words.p) {
		element_text(writer, name->words);
	}
	element_close(writer);
}

static void write_person(struct element_writer *writer, const struct piece_author *author)
{
	piece_content_id(writer, "COCT_TP145102GB01", "AssignedAuthor");
	element_open(writer, "COCT_TP145102GB01.AssignedAuthor");
	write_code(writer, &author->role);
	write_id(writer, "id", OID_SDS_USER, author->user);
	write_id(writer, "id", OID_ROLE_PROFILE, author->role_profile);
	element_open(writer, "assignedAuthorPerson");
	write_name(writer, &author->name);
	element_close(writer);
	piece_organisation(writer, "representedOrganization", &author->organisation);
	element_close(writer);
}

static void write_device(struct element_writer *writer, const struct piece_author *author)
{
	piece_content_id(writer, "COCT_TP145104GB01", "System");
	element_open(writer, "COCT_TP145104GB01.System");
	write_id(writer, "id", OID_ASID, author->asid);
	for (size_t i = 0; i < author->authority_count; i++) {
		element_open(writer, "indirectAuthority");
		element_open(writer, "superiorAssignedEntity");
		write_code(writer, &author->authorities[i].role);
		element_open(writer, "assignedPerson");
		write_name(writer, &author->authorities[i].name);
		element_close_many(writer, 3);
	}
	piece_organisation(writer, "maintainingOrganization", &author->organisation);
	element_close(writer);
}

void piece_author(struct element_writer *writer, const struct piece_author *author)
{
	element_open(writer, "author");
	if (author->device)
		write_device(writer, author);
	else
		write_person(writer, author);
	element_close(writer);
}

void piece_access(struct element_writer *writer, const struct piece_access *access)
{
	element_empty(writer, "effectiveTime", "value", access->effective);
	element_empty(writer, "id", "root", access->id);
	piece_author(writer, &access->author);
}

void piece_person_ids(struct element_writer *writer, const char *name, struct str nhs_number,
		      struct str local_id, struct str local_authority)
{
	write_id(writer, name, OID_NHS_NUMBER, nhs_number);
	if (!local_id.p)
		return;
	element_open(writer, name);
	element_set(writer, "root", OID_LOCAL_ID);
	element_attribute(writer, "extension", local_id);
	element_attribute(writer, "assigningAuthorityName", local_authority);
	element_close(writer);
}

static void write_person_of(struct element_writer *writer, const struct piece_subject *subject)
{
	element_empty(writer, "birthTime", "value", subject->birth);
	element_open(writer, "name");
	element_leaf(writer, "given", subject->given);
	element_leaf(writer, "family", subject->family);
	element_close(writer);
}

void piece_subject(struct element_writer *writer, const char *name,
		   const struct piece_subject *subject)
{
	element_open(writer, name);
	if (subject->kind == SUBJECT_MOTHER) {
		piece_content_id(writer, "COCT_TP145100GB01", "UnbornChild");
		element_open(writer, "COCT_TP145100GB01.UnbornChild");
		element_open(writer, "parentMotherPerson");
		write_person_of(writer, subject);
		element_open(writer, "playedMother");
		piece_person_ids(writer, "id", subject->nhs_number, subject->local_id,
				 subject->local_authority);
		element_close_many(writer, 3);
	} else {
		piece_content_id(writer, "COCT_TP145101GB01", "Child");
		element_open(writer, "COCT_TP145101GB01.Child");
		piece_person_ids(writer, "id", subject->nhs_number, subject->local_id,
				 subject->local_authority);
		element_open(writer, "childPerson");
		write_person_of(writer, subject);
		element_close_many(writer, 2);
	}
	element_close(writer);
}

struct plan_names {
	const char *uploaded, *returned, *entry; /* templates, and the class that they begin with */
	const char *element[2];			 /* by form */
	const char *start, *end, *deleted;
};

static const struct plan_names plan_names[] = {
	[PLAN_LOOKED_AFTER] = { "COCT_TP146100GB01",
				"COCT_TP146103GB01",
				"LACInformation",
				{ "COCT_TP146100GB01.LACInformation",
				  "COCT_TP146103GB01.LACInformation" },
				"lACStartDate",
				"lACEndDate",
				"lACDeleteDate" },
	[PLAN_CHILD_PROTECTION] = { "COCT_TP146101GB01",
				    "COCT_TP146105GB01",
				    "CPPInformation",
				    { "COCT_TP146101GB01.CPPInformation",
				      "COCT_TP146105GB01.CPPInformation" },
				    "cPPStartDate",
				    "cPPEndDate",
				    "cPPDeleteDate" },
	[PLAN_UNBORN_CHILD] = { "COCT_TP146102GB01",
				"COCT_TP146104GB01",
				"UCPInformation",
				{ "COCT_TP146102GB01.UCPInformation",
				  "COCT_TP146104GB01.UCPInformation" },
				"uCPStartDate",
				"uCPEndDate",
				"uCPDeleteDate" },
};

static void write_date(struct element_writer *writer, const char *component, const char *name,
		       struct str date)
{
	if (!date.p)
		return;
	element_open(writer, component);
	element_open(writer, name);
	element_empty(writer, "value", "value", date);
	element_close_many(writer, 2);
}

void piece_plan(struct element_writer *writer, const char *name, const struct piece_plan *plan,
		enum plan_form form)
{
	const struct plan_names *names = &plan_names[plan->kind];
	element_open(writer, name);
	piece_content_id(writer, form == PLAN_UPLOADED ? names->uploaded : names->returned,
			 names->entry);
	element_open(writer, names->element[form]);
	write_date(writer, "component", names->start, plan->start);
	write_date(writer, "component1", names->end, plan->end);
	if (form == PLAN_UPLOADED)
		write_date(writer, "component2", names->deleted, plan->deleted);
	element_close_many(writer, 2);
}

static bool is_plan_date(struct str text)
{
	return text.n == 12 && str_is_digits(text) && moment_of(text).ok;
}

bool piece_record_is_whole(const struct piece_record *record)
{
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct piece_plan *plan = &record->plans[i];
		if (!is_plan_date(plan->start) || (plan->end.p && !is_plan_date(plan->end)) ||
		    (!plan->end.p && plan->kind == PLAN_UNBORN_CHILD) ||
		    (plan->deleted.p && !is_plan_date(plan->deleted)))
			return false;
	}
	for (size_t i = 0; i < record->subject_count; i++) {
		const struct piece_subject *subject = &record->subjects[i];
		if (!moment_of(subject->birth).ok || !subject->given.p || !subject->family.p ||
		    (!subject->nhs_number.p && !subject->local_id.p))
			return false;
	}
	return record->plan_count && record->subject_count;
}

void piece_count(struct element_writer *writer, const char *name, long long count)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", count);
	element_open(writer, name);
	element_empty(writer, "value", "value", str_of(digits));
	element_close(writer);
}

void piece_security(struct element_writer *writer, struct str timestamp_id, struct str created,
		    struct str expires, struct str user)
{
	element_open(writer, "wsse:Security");
	element_open(writer, "wsu:Timestamp");
	element_attribute(writer, "wsu:Id", timestamp_id);
	element_leaf(writer, "wsu:Created", created);
	element_leaf(writer, "wsu:Expires", expires);
	element_close(writer);
	element_open(writer, "wsse:UsernameToken");
	element_leaf(writer, "wsse:Username", user);
	element_close_many(writer, 2);
}
