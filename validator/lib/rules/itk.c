/* The ITK distribution envelope: counts, ids, payloads, and from whom it goes to whom. */
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/fields.h"

#include <strings.h>

#define ENVELOPE	 "ITK distribution envelope, urn:nhs-itk:ns:201005"
#define OID_ITK_ADDRESS	 "2.16.840.1.113883.2.1.3.2.4.18.22"
#define OID_ITK_IDENTITY "2.16.840.1.113883.2.1.3.2.4.18.27"

/* The value without the white space around it, and where it then begins. */
static struct value trimmed(const struct value *value)
{
	struct str text = str_trim(value->text);
	return (struct value){ text, value->offset + (size_t)(text.p - value->text.p) };
}

static bool carries_nothing(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (value_there(&envelope->payloads[i].root) ||
		    !str_is_blank(envelope->payloads[i].text.text))
			return false;
	return true;
}

static enum outcome payload_is_mixed(struct judge *judge, const struct payload *payload)
{
	struct value text = trimmed(&payload->text);
	return judge_fail(judge, &text, MASK_VALUE,
			  "the payload has text next to %s; it should have one element, or only "
			  "encoded text",
			  judge_plain(judge, payload->root.text));
}

static enum outcome payload_is_empty(struct judge *judge, const struct payload *payload)
{
	if (payload->metadata)
		judge_fix(judge, "Send metadata with one rim:ExtrinsicObject or more, or leave its "
				 "payload and its manifestitem out.");
	return judge_fail_part(judge, &payload->part, "the payload %s is empty: %s",
			       judge_plain(judge, payload->id.text),
			       payload->metadata ? "its metadataPayload has no rim:ExtrinsicObject"
						 : "it has no element and no text");
}

static enum outcome payload_holds_one_thing(struct judge *judge, const struct envelope *envelope)
{
	/* A message without any content is TRN-001's. */
	if (carries_nothing(envelope))
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct payload *payload = &envelope->payloads[i];
		bool element = value_there(&payload->root);
		bool text = !str_is_blank(payload->text.text);
		if (element && text)
			outcome = payload_is_mixed(judge, payload);
		else if (!element && !text)
			outcome = payload_is_empty(judge, payload);
		else if (payload->metadata && payload->object_count == 0)
			outcome = payload_is_empty(judge, payload);
	}
	return outcome;
}

static const struct rule itk_001 = {
	.id = "ITK-001",
	.name = "payload-is-empty-or-mixed",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", payload",
	.title = "Payload is empty, or mixes text with an element",
	.why = "Receivers pass on the element and lose the text, or pass on nothing at all.",
	.fix = "Put one element, or only encoded text, in each payload.",
	.check = { .envelope = payload_holds_one_thing },
};

static enum outcome tracking_id_is_uuid(struct judge *judge, const struct envelope *envelope)
{
	if (!value_there(&envelope->tracking_id))
		return BLOCKED;
	struct str id = envelope->tracking_id.text;
	if (uuid_is_upper(id))
		return HOLDS;
	judge_expect(judge, "an upper-case UUID");
	const char *shown = judge_plain(judge, id);
	if (uuid_is(id))
		return judge_fail(
			judge, &envelope->tracking_id, MASK_NONE,
			"trackingid \"%s\" has lower-case letters; it should be an upper-case UUID",
			shown);
	if (uuid_is(uuid_bare(id)))
		return judge_fail(judge, &envelope->tracking_id, MASK_NONE,
				  "trackingid \"%s\" has a prefix; it should be only the UUID",
				  shown);
	return judge_fail(judge, &envelope->tracking_id, MASK_NONE,
			  "trackingid \"%s\" is not a single upper-case UUID", shown);
}

static const struct rule itk_002 = {
	.id = "ITK-002",
	.name = "tracking-id-is-not-uuid",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", header/@trackingid",
	.title = "trackingid is not a single upper-case UUID",
	.why = "A message that cannot be traced cannot be found when something goes wrong.",
	.fix = "Send a new upper-case UUID with every envelope, without a prefix or braces.",
	.check = { .envelope = tracking_id_is_uuid },
};

static enum outcome manifest_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said;
	if (!judge_count(envelope->manifest_total.text, &said))
		return BLOCKED;
	if (said == (long long)envelope->item_count)
		return HOLDS;
	judge_expect(judge, "%zu", envelope->item_count);
	return judge_fail(judge, &envelope->manifest_total, MASK_NONE,
			  "the manifest count is %s, but the manifest has %zu manifestitem%s",
			  judge_plain(judge, str_trim(envelope->manifest_total.text)),
			  envelope->item_count, envelope->item_count == 1 ? "" : "s");
}

static const struct rule itk_003 = {
	.id = "ITK-003",
	.name = "manifest-count-differs",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", manifest/@count",
	.title = "Manifest count differs from the number of items",
	.why = "Receivers that trust the count miss a payload, or wait for one that does not "
	       "exist.",
	.fix = "Set count to the number of manifestitem elements.",
	.check = { .envelope = manifest_count_is_right },
};

static enum outcome payload_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said;
	size_t count = envelope->payload_count;
	/* Which count is right cannot be said until each payload has its item. */
	if (count != envelope->item_count)
		return judge_blocked(judge, NULL, "ITK-005");
	if (!judge_count(envelope->payload_total.text, &said))
		return BLOCKED;
	if (said != (long long)count) {
		judge_expect(judge, "%zu", count);
		return judge_fail(judge, &envelope->payload_total, MASK_NONE,
				  "the payloads count is %s, but there %s %zu payload%s",
				  judge_plain(judge, str_trim(envelope->payload_total.text)),
				  count == 1 ? "is" : "are", count, count == 1 ? "" : "s");
	}
	return HOLDS;
}

static const struct rule itk_004 = {
	.id = "ITK-004",
	.name = "payload-count-differs",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", payloads/@count",
	.title = "Payloads count differs from the number of payloads",
	.why = "Receivers that trust the count miss a payload, or wait for one that does not "
	       "exist.",
	.fix = "Set count to the number of payload elements.",
	.check = { .envelope = payload_count_is_right },
};

static size_t payloads_with_id(const struct envelope *envelope, struct str id)
{
	size_t count = 0;
	for (size_t i = 0; i < envelope->payload_count; i++)
		count += payload_id_is(envelope->payloads[i].id.text, id);
	return count;
}

static size_t items_with_id(const struct envelope *envelope, struct str id, size_t before)
{
	size_t count = 0;
	for (size_t i = 0; i < before; i++)
		count += payload_id_is(envelope->items[i].id.text, id);
	return count;
}

/* Where two payloads share an id, some item matches none: that is one fault, reported once. */
static bool payloads_share_id(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->item_count; i++)
		if (payloads_with_id(envelope, envelope->items[i].id.text) > 1)
			return true;
	return false;
}

/* The first payload with a blank id, which no item can match; NULL: every id is filled. */
static const struct payload *unnamed_payload(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (str_is_blank(envelope->payloads[i].id.text))
			return &envelope->payloads[i];
	return NULL;
}

static const char *fault_of_item(const struct envelope *envelope, size_t i)
{
	struct str id = envelope->items[i].id.text;
	size_t payloads = payloads_with_id(envelope, id);
	/* A repeated item is reported once, at its repetition. */
	if (items_with_id(envelope, id, i) > 0)
		return "the manifest lists \"%s\" more than once";
	if (payloads == 0 && !payloads_share_id(envelope))
		return "the manifest lists \"%s\", but no payload has this id";
	return payloads > 1 ? "the manifest lists \"%s\", but more than one payload has this id"
			    : NULL;
}

/* The first payload that no item lists; NULL: each is listed. */
static const struct payload *unlisted_payload(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (items_with_id(envelope, envelope->payloads[i].id.text, envelope->item_count) ==
		    0)
			return &envelope->payloads[i];
	return NULL;
}

static enum outcome items_name_payloads(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->item_count == 0 || envelope->payload_count == 0)
		return NOT_APPLICABLE;
	const struct payload *unnamed = unnamed_payload(envelope);
	if (unnamed)
		return judge_fail(judge, &unnamed->id, MASK_NONE,
				  "a payload's id is blank, so no manifest item can match it");
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct value *id = &envelope->items[i].id;
		const char *fault = fault_of_item(envelope, i);
		if (!fault)
			continue;
		const char *hole = strstr(fault, "%s");
		outcome = judge_fail(judge, id, MASK_NONE, "%.*s%s%s", (int)(hole - fault), fault,
				     judge_plain(judge, id->text), hole + 2);
	}
	const struct payload *unlisted = unlisted_payload(envelope);
	if (outcome == FAILS || !unlisted)
		return outcome;
	return judge_fail(judge, &unlisted->id, MASK_NONE,
			  "the manifest does not list the payload \"%s\"",
			  judge_plain(judge, unlisted->id.text));
}

static const struct rule itk_005 = {
	.id = "ITK-005",
	.name = "manifest-and-payload-ids-differ",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", manifestitem/@id and payload/@id",
	.title = "Manifest item does not match exactly one payload",
	.why = "The receiver does not know what the payload is, or reads it as another.",
	.fix = "Give each payload its own id, list it once in the manifest, and set both counts to "
	       "the number of payloads.",
	.check = { .envelope = items_name_payloads },
};

/* Only of items that match a payload: one that matches none is ITK-005's. */
static enum outcome item_ids_have_form(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct value *id = &envelope->items[i].id;
		if (!envelope_payload_of(envelope, &envelope->items[i]))
			continue;
		struct str text = str_trim(id->text);
		if (str_starts(text, STR("uuid_")) && uuid_is(uuid_bare(text))) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_expect(judge, "uuid_ followed by a UUID");
		outcome = judge_fail(judge, id, MASK_NONE,
				     "the manifest item id \"%s\" is not uuid_ followed by a UUID",
				     judge_plain(judge, id->text));
	}
	return outcome;
}

static const struct rule itk_006 = {
	.id = "ITK-006",
	.name = "manifest-item-id-of-wrong-form",
	.severity = CPIS_WARNING,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", manifestitem/@id",
	.title = "Manifest item id is not uuid_ followed by a UUID",
	.why = "Ids of another form may clash where messages from many senders meet.",
	.fix = "Give each payload a new UUID, with uuid_ in front of it.",
	.check = { .envelope = item_ids_have_form },
};

static bool is_text_xml(struct str mime_type)
{
	static const struct str wanted = { "text/xml", 8 };
	const char *semicolon = memchr(mime_type.p, ';', mime_type.n);
	if (semicolon)
		mime_type.n = (size_t)(semicolon - mime_type.p);
	mime_type = str_trim(mime_type);
	return str_same_letters(mime_type, wanted);
}

/* ITK messages are in UTF-8 (WS-STD-01). Single quotes around its name harm no reader. */
static bool is_utf8(struct str charset)
{
	if (charset.n >= 2 && charset.p[0] == '\'' && charset.p[charset.n - 1] == '\'')
		charset = (struct str){ charset.p + 1, charset.n - 2 };
	return fields_is(charset, "utf-8") || fields_is(charset, "utf8") ||
	       fields_is(charset, "us-ascii");
}

/* A charset that is given again counts, too: who reads it takes the one or the other. */
static enum outcome judge_charset(struct judge *judge, const struct manifest_item *item)
{
	struct str charset;
	for (size_t at = 0;
	     (charset = fields_parameter_next(item->mime_type.text, "charset", &at)).p;) {
		if (is_utf8(charset))
			continue;
		judge_expect(judge, "text/xml");
		return judge_fail(judge, &item->mime_type, MASK_NONE,
				  charset.n ? "mimetype \"%s\" names another charset than UTF-8, "
					      "which ITK messages are in"
					    : "mimetype \"%s\" has an empty charset",
				  judge_plain(judge, item->mime_type.text));
	}
	return HOLDS;
}

/* Of encoded text that is not XML. */
static enum outcome judge_other_kind(struct judge *judge, const struct manifest_item *item,
				     const struct payload *payload)
{
	if (!flag_is_true(&item->base64) || !is_text_xml(item->mime_type.text))
		return NOT_APPLICABLE;
	return judge_fail(judge, &item->mime_type, MASK_NONE,
			  "mimetype \"%s\" is given for a payload that is %s",
			  judge_plain(judge, item->mime_type.text), payload->kind);
}

static enum outcome mime_type_is_xml(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		if (!payload || !value_there(&item->mime_type))
			continue;
		if (payload->kind && judge_other_kind(judge, item, payload) == FAILS)
			outcome = FAILS;
		if (!value_there(payload_root(payload)))
			continue;
		if (is_text_xml(item->mime_type.text)) {
			enum outcome one = judge_charset(judge, item);
			outcome = outcome == FAILS ? FAILS : one;
			continue;
		}
		judge_expect(judge, "text/xml");
		outcome = judge_fail(
			judge, &item->mime_type, MASK_NONE,
			"mimetype \"%s\" is given for the payload %s; it should be text/xml",
			judge_plain(judge, item->mime_type.text),
			judge_plain(judge, payload_root(payload)->text));
	}
	return outcome;
}

static const struct rule itk_007 = {
	.id = "ITK-007",
	.name = "mime-type-is-not-xml",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", manifestitem/@mimetype; ITK WS-STD-01",
	.title = "mimetype of an XML payload is not text/xml, or that of another one is",
	.why = "Receivers that go by mimetype pass the child's record to the wrong reader.",
	.fix = "Set mimetype to text/xml for XML, without a charset or with utf-8, and to what "
	       "it is for anything else.",
	.check = { .envelope = mime_type_is_xml },
};

struct named_id {
	const char *name;
	const struct value *value;
};

static bool must_differ(struct judge *judge, struct named_id a, struct named_id b)
{
	struct str uuid = uuid_at_end(str_trim(b.value->text));
	if (!uuid.n || !str_same_letters(uuid_at_end(str_trim(a.value->text)), uuid))
		return true;
	judge_expect(judge, "a different UUID");
	judge_fail(judge, b.value, MASK_NONE, "the %s and the %s have the same UUID, %s", b.name,
		   a.name, judge_plain(judge, uuid));
	return false;
}

/* Two manifest items that share an id are ITK-005's. */
static enum outcome ids_differ(struct judge *judge, const struct envelope *envelope)
{
	const struct soap *soap = soap_around(&envelope->part);
	struct named_id ids[3] = { { "trackingid", &envelope->tracking_id } };
	size_t count = 1;
	bool differ = true;
	if (soap) {
		ids[count++] = (struct named_id){ "MessageID", &soap->wsa_2005.message_id };
		ids[count++] =
			(struct named_id){ "Timestamp Id", &soap_security(soap)->timestamp_id };
	}
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			differ = must_differ(judge, ids[i], ids[k]) && differ;
	for (size_t i = 0; i < envelope->item_count; i++) {
		struct named_id item = { "manifest item id", &envelope->items[i].id };
		for (size_t k = 0; k < count; k++)
			differ = must_differ(judge, ids[k], item) && differ;
	}
	return differ ? HOLDS : FAILS;
}

static const struct rule itk_013 = {
	.id = "ITK-013",
	.name = "one-uuid-for-two-things",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", trackingid, MessageID, Timestamp and manifest ids",
	.title = "Same UUID is used for two things",
	.why = "Logs and replies refer to these ids, and would point to the wrong thing.",
	.fix = "Create a new UUID for each of them.",
	.check = { .envelope = ids_differ },
};

/* A prefix, a scheme, a code and perhaps more, with colons between them, and nothing empty or with
 * white space: urn:nhs-uk:addressing:ods:RKE. */
static bool is_urn_of(struct str uri, const char *prefix)
{
	size_t tokens = 0, token_bytes = 0;
	if (!str_starts(uri, str_of(prefix)))
		return false;
	struct str rest = str_from(uri, strlen(prefix));
	for (size_t i = 0; i < rest.n; i++) {
		if (char_is_space(rest.p[i]) || (rest.p[i] == ':' && token_bytes == 0))
			return false;
		tokens += token_bytes == 0;
		token_bytes = rest.p[i] == ':' ? 0 : token_bytes + 1;
	}
	return tokens >= 2 && token_bytes > 0;
}

/* By what the prefix of a uri says that it is. */
static const char *prefix_of(const struct address *address)
{
	bool identity =
		address->part.role == ADDRESS_AUDIT || address->part.role == ADDRESS_REPORTER;
	return identity ? "urn:nhs-uk:identity:" : "urn:nhs-uk:addressing:";
}

/* The identity of an acknowledgement has, by default, the type of an address. */
static const char *published_type(const struct address *address)
{
	return address->part.role == ADDRESS_AUDIT ? OID_ITK_IDENTITY : OID_ITK_ADDRESS;
}

static bool has_published_type(const struct address *address)
{
	struct str type = str_trim(address->type.text);
	return !value_there(&address->type) || str_is(type, published_type(address)) ||
	       (address->part.role == ADDRESS_REPORTER && str_is(type, OID_ITK_IDENTITY));
}

static enum outcome fail_form(struct judge *judge, const struct address *address, const char *noun,
			      const char *prefix)
{
	judge_expect(judge, "%sods: followed by an ODS code", prefix);
	return judge_fail(judge, &address->uri, MASK_NONE,
			  "the %s \"%s\" is not in the form %sods:CODE", noun,
			  judge_plain(judge, address->uri.text), prefix);
}

static enum outcome judge_uri(struct judge *judge, const struct address *address, const char *noun)
{
	const char *prefix = prefix_of(address);
	if (!value_there(&address->uri))
		return BLOCKED;
	/* An address of another type has another form. */
	if (!has_published_type(address))
		return NOT_APPLICABLE;
	if (is_urn_of(address->uri.text, prefix))
		return HOLDS;
	return fail_form(judge, address, noun, prefix);
}

/* An identity of a form of its own is a URI all the same. */
static enum outcome judge_own_form(struct judge *judge, const struct address *address,
				   const char *noun)
{
	struct str uri = str_trim(address->uri.text);
	if (uri_is_absolute(uri))
		return HOLDS;
	judge_expect(judge, "urn:nhs-uk:identity:ods: followed by an ODS code");
	return judge_fail(judge, &address->uri, MASK_NONE, "the %s \"%s\" is not a URI", noun,
			  judge_plain(judge, uri));
}

/* No form is published for it, but the examples have that of an identity. A blank one is ITK-044's.
 */
static enum outcome judge_reporter(struct judge *judge, const struct address *address)
{
	static const char *const prefixes[] = { "urn:nhs-uk:identity:", "urn:nhs-uk:addressing:" };
	static const char noun[] = "reporting identity";
	if (!value_filled(&address->uri))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(address->uri.text, str_of(prefixes[i])))
			return is_urn_of(address->uri.text, prefixes[i])
				       ? HOLDS
				       : fail_form(judge, address, noun, prefixes[i]);
	return judge_own_form(judge, address, noun);
}

/* Whatever its type is; one that contradicts the uri is ITK-017's. */
static enum outcome judge_sender(struct judge *judge, const struct address *address)
{
	static const char noun[] = "sender address";
	const char *prefix = prefix_of(address);
	if (!value_there(&address->uri) || str_starts(address->uri.text, str_of(prefix)))
		return judge_uri(judge, address, noun);
	return fail_form(judge, address, noun, prefix);
}

static enum outcome identities_have_form(struct judge *judge, const struct address *address)
{
	switch (address->part.role) {
	case ADDRESS_AUDIT:
		return value_there(&address->uri) && !has_published_type(address) &&
				       !str_starts(address->uri.text, str_of(prefix_of(address)))
			       ? judge_own_form(judge, address, "audit identity")
			       : judge_uri(judge, address, "audit identity");
	case ADDRESS_SENDER:
		return judge_sender(judge, address);
	case ADDRESS_REPORTER:
		return judge_reporter(judge, address);
	default:
		return NOT_APPLICABLE;
	}
}

static const struct rule itk_011 = {
	.id = "ITK-011",
	.name = "sender-or-audit-identity-of-wrong-form",
	.severity = CPIS_ERROR,
	.on = PART_ADDRESS,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK COR-DEH-03, COR-DEH-04; ITK infrastructure acknowledgement, reportingIdentity",
	.title = "Identity or sender address is not in the published format",
	.why = "No one can find out later who asked for, sent or refused a child's record.",
	.fix = "Send urn:nhs-uk:identity:ods: or urn:nhs-uk:addressing:ods: followed by the ODS "
	       "code.",
	.check = { .address = identities_have_form },
};

static enum outcome recipient_has_form(struct judge *judge, const struct address *address)
{
	if (address->part.role != ADDRESS_RECIPIENT)
		return NOT_APPLICABLE;
	return judge_uri(judge, address, "recipient address");
}

static const struct rule itk_016 = {
	.id = "ITK-016",
	.name = "recipient-address-of-wrong-form",
	.severity = CPIS_ERROR,
	.on = PART_ADDRESS,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", header/addresslist/address",
	.title = "Recipient address is not in the published format",
	.why = "The message cannot be routed to its recipient.",
	.fix = "Send urn:nhs-uk:addressing:ods: followed by the ODS code, or give the type of the "
	       "other format.",
	.check = { .address = recipient_has_form },
};

/* Another form of an identity has an OID of its own. */
static enum outcome type_is_an_oid(struct judge *judge, const struct address *address)
{
	struct str type = str_trim(address->type.text);
	if (address->part.role != ADDRESS_AUDIT)
		return NOT_APPLICABLE;
	if (oid_is(type))
		return HOLDS;
	judge_expect(judge, "an OID");
	if (!type.n)
		return judge_fail(judge, &address->type, MASK_NONE,
				  "the type of the audit identity is blank");
	return judge_fail(judge, &address->type, MASK_NONE,
			  "the type \"%s\" of the audit identity is not an OID",
			  judge_plain(judge, type));
}

/* A uri that begins as published, whose type says that it is another. */
static enum outcome type_agrees_with_uri(struct judge *judge, const struct address *address)
{
	if (!value_there(&address->type))
		return NOT_APPLICABLE;
	if (!str_starts(address->uri.text, str_of(prefix_of(address))))
		return type_is_an_oid(judge, address);
	if (has_published_type(address))
		return HOLDS;
	judge_expect(judge, "%s", published_type(address));
	return judge_fail(judge, &address->type, MASK_NONE,
			  "the type \"%s\" is given for %s, which has type %s",
			  judge_plain(judge, address->type.text),
			  judge_plain(judge, address->uri.text), published_type(address));
}

static const struct rule itk_017 = {
	.id = "ITK-017",
	.name = "address-type-contradicts-uri",
	.severity = CPIS_ERROR,
	.on = PART_ADDRESS,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ENVELOPE ", address/@type and id/@type; ITK COR-DEH-04",
	.title = "Type of an address or identity contradicts its uri, or is not an OID",
	.why = "The receiver reads the uri as another kind of address, or does not know its kind.",
	.fix = "Send type " OID_ITK_ADDRESS " for addresses and " OID_ITK_IDENTITY
	       " for identities (a reportingIdentity may have either), the OID of another form, or "
	       "leave it out.",
	.check = { .address = type_agrees_with_uri },
};

static enum outcome audit_identity_is_there(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->audit_count > 0)
		return HOLDS;
	judge_expect(judge, "auditIdentity before the manifest");
	return judge_fail_part(judge, &envelope->part, "the envelope has no auditIdentity");
}

static const struct rule itk_012 = {
	.id = "ITK-012",
	.name = "audit-identity-missing",
	.severity = CPIS_WARNING,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", header/auditIdentity",
	.title = "Envelope has no audit identity",
	.why = "No one can find out later who is responsible for the message.",
	.fix = "Send auditIdentity with urn:nhs-uk:identity:ods: followed by the ODS code.",
	.check = { .envelope = audit_identity_is_there },
};

static enum outcome sender_is_one(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->sender_count == 0)
		return NOT_APPLICABLE;
	if (envelope->sender_count == 1)
		return HOLDS;
	return judge_fail_part(judge, &envelope->sender.part,
			       "the envelope has %zu senderAddress elements; it should have one",
			       envelope->sender_count);
}

static const struct rule itk_015 = {
	.id = "ITK-015",
	.name = "more-than-one-sender",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ENVELOPE ", header/senderAddress",
	.title = "Envelope has more than one sender",
	.why = "A reply goes to only one of them, perhaps the wrong one.",
	.fix = "Send one senderAddress.",
	.check = { .envelope = sender_is_one },
};

const struct rule *const itk_rules[] = {
	&itk_001, &itk_002, &itk_003, &itk_004, &itk_005, &itk_006, &itk_007,
	&itk_011, &itk_012, &itk_013, &itk_015, &itk_016, &itk_017, NULL,
};
