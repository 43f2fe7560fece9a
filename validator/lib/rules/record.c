#include "rules/judge.h"

const struct sds_kind *sds_kind_of(const struct identifier *id)
{
	static const struct sds_kind kinds[] = {
		{ OID_ASID, "ASID", MASK_NONE },
		{ OID_SDS_USER, "user id", MASK_USER },
		{ OID_ROLE_PROFILE, "role profile id", MASK_USER },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_is(id->root.text, kinds[i].root))
			return &kinds[i];
	return NULL;
}

const struct plan *record_plan(const struct record *record, enum plan_kind kind)
{
	for (size_t i = 0; i < record->plan_count; i++)
		if (record->plans[i].part.role == kind)
			return &record->plans[i];
	return NULL;
}

const char *plan_noun(const struct plan *plan)
{
	static const char *const nouns[] = {
		[PLAN_LOOKED_AFTER] = "looked-after plan",
		[PLAN_CHILD_PROTECTION] = "child protection plan",
		[PLAN_UNBORN_CHILD] = "unborn child plan",
	};
	return plan->part.role <= PLAN_UNBORN_CHILD && nouns[plan->part.role]
		       ? nouns[plan->part.role]
		       : "plan";
}

const struct record *record_around(const struct part *part)
{
	return (const struct record *)(const void *)part_ancestor(part, PART_RECORD);
}

bool answers_upload(const struct part *part)
{
	static const char *const refusals[] = { "AE", "AR", NULL };
	const struct wrapper *wrapper =
		(const struct wrapper *)(const void *)part_ancestor(part, PART_WRAPPER);
	const struct soap *soap = (const struct soap *)(const void *)part_ancestor(part, PART_SOAP);
	if (!wrapper || strcmp(wrapper->part.element, "MCCI_IN010000UK13") != 0 ||
	    str_is_one_of(str_trim(wrapper->acknowledgement_type.text), refusals))
		return false;
	if (!soap)
		return true;
	const struct value *action = &soap_addressing(soap)->action;
	return !value_there(action) ||
	       str_ends(str_trim(action->text), STR("cpisupload/MCCI_IN010000UK13"));
}

bool acknowledgement_refuses(const struct record *record)
{
	const struct part *around = record->part.parent;
	if (!around || around->kind != PART_ACKNOWLEDGEMENT)
		return false;
	return record == &((const struct acknowledgement *)(const void *)around)->invalid;
}

struct str holder_around(const struct part *part)
{
	const struct organisation *holder = NULL;
	for (; part && !holder; part = part->parent) {
		const void *whole = part;
		if (part->kind == PART_UPLOAD)
			holder = &((const struct upload *)whole)->sender;
		else if (part->kind == PART_ACKNOWLEDGEMENT)
			holder = &((const struct acknowledgement *)whole)->receiver;
		else if (part->kind == PART_INACTIVE_NOTIFICATION)
			holder = &((const struct inactive_notification *)whole)->recipient;
		else if (part->kind == PART_RECORD &&
			 ((const struct record *)whole)->authority_count)
			holder = &((const struct record *)whole)->authority;
	}
	return holder ? holder->id.extension.text : (struct str){ 0 };
}

const struct timestamp *made_at(const struct part *part)
{
	for (; part; part = part->parent) {
		const void *whole = part;
		if (part->kind == PART_UPLOAD)
			return &((const struct upload *)whole)->created;
		if (part->kind == PART_ACKNOWLEDGEMENT)
			return &((const struct acknowledgement *)whole)->created;
		if (part->kind == PART_RESPONSE)
			return &((const struct response *)whole)->effective;
	}
	return NULL;
}
