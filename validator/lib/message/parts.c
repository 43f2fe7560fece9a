#include "message/parts.h"

enum identifier_sort identifier_sort_of(const struct identifier *id)
{
	if (str_equal(id->root.text, STR(OID_NHS_NUMBER)))
		return SORT_NHS;
	if (id->part.role == ID_QUERIED || id->part.role == ID_REPLACEMENT)
		return SORT_NHS_BY_ROLE;
	return str_equal(id->root.text, STR(OID_LOCAL_ID)) ? SORT_LOCAL : SORT_OTHER;
}

static unsigned in_name(unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '\'' || c == '.')
		return 0;
	if (c >= 0x7f)
		return IN_NAME_WIDE;
	if (c <= ' ')
		return IN_NAME_SPACE;
	return char_is_digit((char)c) ? IN_NAME_DIGIT : IN_NAME_SIGN;
}

unsigned name_holds(struct str name)
{
	unsigned holds = 0;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)((name.p[i] | 0x20) - 'a') > 'z' - 'a')
			holds |= in_name((unsigned char)name.p[i]);
	return holds;
}

bool query_is_silent(const struct query *query)
{
	struct str event = str_trim(query->access_event.text);
	return str_is(event, "false") || str_is(event, "0");
}

const struct value *soap_relates_to(const struct soap *soap)
{
	static const struct value none;
	return soap->relates_to_count ? &soap->relates_to[0] : &none;
}

const struct subject *record_next(const struct record *record, enum subject_kind kind,
				  const struct subject *last)
{
	const struct subject *end = record->subjects + record->subject_count;
	for (const struct subject *next = last ? last + 1 : record->subjects; next < end; next++)
		if (next->part.role == kind)
			return next;
	return NULL;
}

enum subject_kind plan_subject_kind(const struct plan *plan)
{
	return plan->part.role == PLAN_UNBORN_CHILD ? SUBJECT_MOTHER : SUBJECT_CHILD;
}

bool record_has_plan_for(const struct record *record, enum subject_kind kind)
{
	for (size_t i = 0; i < record->plan_count; i++)
		if (plan_subject_kind(&record->plans[i]) == kind)
			return true;
	return false;
}
