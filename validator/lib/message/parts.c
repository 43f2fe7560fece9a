#include "message/parts.h"

#include "xml/reader.h"

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

/* "COCT_TP145101GB01#Child" is of COCT_TP145101GB01.Child. */
bool content_id_is_right(const struct content_id *content)
{
	struct str id = content->extension.text, entry = content->entry.text;
	const char *dot = entry.n ? memchr(entry.p, '.', entry.n) : NULL;
	if (!value_there(&content->extension) || !dot)
		return true;
	size_t head = (size_t)(dot - entry.p);
	return id.n == entry.n && memcmp(id.p, entry.p, head) == 0 && id.p[head] == '#' &&
	       memcmp(id.p + head + 1, dot + 1, entry.n - head - 1) == 0;
}

bool query_is_silent(const struct query *query)
{
	struct str event = str_trim(query->access_event.text);
	return str_is(event, "false") || str_is(event, "0");
}

bool error_info_is_empty(const struct error_info *error)
{
	return error->part.role == ERROR_OF_ENVELOPE && value_there(&error->id) &&
	       value_there(&error->code) && value_there(&error->text) && !error->id.text.n &&
	       !error->code.text.n && !error->text.text.n && str_is_blank(error->diagnostic.text);
}

static size_t elements_of(const struct addressing *addressing)
{
	return addressing->message_id_count + addressing->action_count + addressing->to_count +
	       addressing->from_count + addressing->relates_to_count + addressing->reply_to_count;
}

const struct addressing *soap_addressing(const struct soap *soap)
{
	return elements_of(&soap->wsa_2004) > elements_of(&soap->wsa_2005) ? &soap->wsa_2004
									   : &soap->wsa_2005;
}

const struct value *addressing_relates_to(const struct addressing *addressing)
{
	static const struct value none;
	return addressing->relates_to_count ? &addressing->relates_to[0] : &none;
}

bool fault_names_toolkit_error(const struct fault *fault)
{
	return str_is(fault->detail.text, "ToolkitErrorInfo");
}

enum soap_use fault_use(const struct fault *fault)
{
	if (fault->toolkit_error_count || fault_names_toolkit_error(fault))
		return SOAP_OF_ITK;
	return fault->spine_error_count ? SOAP_OF_SPINE : SOAP_OF_NEITHER;
}

const struct security *soap_security(const struct soap *soap)
{
	static const struct security none;
	for (size_t i = 0; i < soap->security_count; i++)
		if (str_is_blank(soap->securities[i].actor.text))
			return &soap->securities[i];
	for (size_t i = 0; i < soap->security_count; i++)
		if (xml_is_receiver(soap->securities[i].actor.text))
			return &soap->securities[i];
	return &none;
}

const struct value *device_asid(const struct device *device)
{
	for (size_t i = 0; i < device->id_count; i++)
		if (str_is(device->ids[i].root.text, OID_ASID))
			return &device->ids[i].extension;
	return device->id_count ? &device->ids[0].extension : NULL;
}

const struct value *identifiers_only_asid(const struct identifier *ids, size_t count)
{
	const struct value *found = NULL;
	for (size_t i = 0; i < count; i++) {
		struct str text = ids[i].extension.text;
		if (!str_is(ids[i].root.text, OID_ASID))
			continue;
		if (found || !sds_id_is(text))
			return NULL;
		found = &ids[i].extension;
	}
	return found;
}

static bool is_same_asid(const struct value *a, const struct value *b)
{
	struct str one = str_trim(a->text);
	return one.n && str_equal(one, str_trim(b->text));
}

const struct soap *wrapper_turned(const struct wrapper *wrapper)
{
	const struct soap *soap =
		(const struct soap *)(const void *)part_ancestor(&wrapper->part, PART_SOAP);
	/* It has no queryAck. */
	if (!soap || soap->receiver_id_count != 1 || soap->sender_id_count != 1 ||
	    wrapper->receiver_count != 1 || wrapper->sender_count != 1 ||
	    value_there(&wrapper->query_response_element) ||
	    strcmp(wrapper->part.element, "QUQI_IN010000UK14") != 0)
		return NULL;
	const struct value *receiver = device_asid(&wrapper->receivers[0]);
	const struct value *sender = device_asid(&wrapper->sender);
	return receiver && sender && is_same_asid(receiver, &soap->sender_asid) &&
			       is_same_asid(sender, &soap->receiver_asid)
		       ? soap
		       : NULL;
}

/* A reason without a level is an error. Spine gives the level as a qualifier. */
static bool reason_is_error(const struct reason *reason)
{
	bool milder = false;
	for (size_t i = 0; i < reason->qualifier_count; i++) {
		struct str level = str_trim(reason->qualifiers[i].text);
		if (str_is(level, "ER"))
			return true;
		milder = milder || str_is(level, "WG") || str_is(level, "IF");
	}
	return !milder;
}

bool wrapper_error_as_reason(const struct wrapper *wrapper)
{
	for (size_t i = 0; i < wrapper->reason_count; i++)
		if (reason_is_error(&wrapper->reasons[i]))
			return true;
	return false;
}

/* It is an error by Spine's type, ER, or by HL7's, E. */
const struct value *wrapper_error_as_detail(const struct wrapper *wrapper)
{
	static const char *const errors[] = { "ER", "E", NULL };
	for (size_t i = 0; i < wrapper->detail_type_count; i++)
		if (str_is_one_of(str_trim(wrapper->detail_types[i].text), errors))
			return &wrapper->detail_types[i];
	return NULL;
}

const struct subject *record_next(const struct record *record, enum subject_kind kind,
				  const struct subject *last)
{
	for (size_t i = last ? (size_t)(last - record->subjects) + 1 : 0; i < record->subject_count;
	     i++)
		if (record->subjects[i].part.role == kind)
			return &record->subjects[i];
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
