/* The ITK distribution envelope: counts, ids, payloads, and from whom it goes to whom by which
 * service. */
#include "base/near.h"
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include <strings.h>

#define ENVELOPE	 "ITK distribution envelope, urn:nhs-itk:ns:201005"
#define KEY_INTERACTION	 "urn:nhs-itk:ns:201005:interaction"
#define OID_ITK_ADDRESS	 "2.16.840.1.113883.2.1.3.2.4.18.22"
#define OID_ITK_IDENTITY "2.16.840.1.113883.2.1.3.2.4.18.27"
#define SERVICE		 "urn:nhs-itk:services:201005:"

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

static enum outcome payload_holds_one_thing(struct judge *judge, const struct envelope *envelope)
{
	/* A message without any content is TRN-001's. */
	if (carries_nothing(envelope))
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct payload *payload = &envelope->payloads[i];
		struct value text = trimmed(&payload->text);
		bool element = value_there(&payload->root);
		if (element != (text.text.n > 0))
			continue;
		if (element)
			outcome = judge_fail(judge, &text, MASK_VALUE,
					     "the payload has text next to %s; it should have one "
					     "element, or only encoded text",
					     judge_plain(judge, payload->root.text));
		else
			outcome = judge_fail_part(
				judge, &payload->part,
				"the payload %s is empty: it has no element and no text",
				judge_plain(judge, payload->id.text));
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
		count += str_equal(envelope->payloads[i].id.text, id);
	return count;
}

static size_t items_with_id(const struct envelope *envelope, struct str id, size_t before)
{
	size_t count = 0;
	for (size_t i = 0; i < before; i++)
		count += str_equal(envelope->items[i].id.text, id);
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
		if (str_starts(id->text, STR("uuid_")) && uuid_is(uuid_bare(id->text))) {
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
	return mime_type.n == wanted.n && strncasecmp(mime_type.p, wanted.p, wanted.n) == 0;
}

static enum outcome mime_type_is_xml(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		if (!payload || !value_there(payload_root(payload)) ||
		    !value_there(&item->mime_type))
			continue;
		if (is_text_xml(item->mime_type.text)) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
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
	.cite = ENVELOPE ", manifestitem/@mimetype",
	.title = "mimetype of an XML payload is not text/xml",
	.why = "Receivers that go by mimetype pass the child's record to the wrong reader.",
	.fix = "Set mimetype to text/xml.",
	.check = { .envelope = mime_type_is_xml },
};

struct named_id {
	const char *name;
	const struct value *value;
};

static bool must_differ(struct judge *judge, struct named_id a, struct named_id b)
{
	if (!uuid_same(a.value->text, b.value->text))
		return true;
	judge_expect(judge, "a different UUID");
	judge_fail(judge, b.value, MASK_NONE, "the %s and the %s have the same UUID, %s", b.name,
		   a.name, judge_plain(judge, uuid_bare(str_trim(b.value->text))));
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
		ids[count++] = (struct named_id){ "MessageID", &soap->message_id };
		ids[count++] = (struct named_id){ "Timestamp Id", &soap->timestamp_id };
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

/* The flag of an item that its payload contradicts, as a sentence; NULL: they agree. */
static const char *contradiction_of(const struct manifest_item *item, const struct payload *payload,
				    const struct value **culprit)
{
	bool base64 = flag_is_true(&item->base64), compressed = flag_is_true(&item->compressed);
	bool element = value_there(&payload->root), text = !str_is_blank(payload->text.text);
	bool cipher = element && str_is(payload->root.text, "EncryptedData");
	*culprit = &item->base64;
	if (base64 && element)
		return "base64 says that the payload is text, but it is an element";
	if (!base64 && text && !element)
		return "the payload is text, but base64 does not say so";
	*culprit = &item->compressed;
	if (compressed && element)
		return "compressed says that the payload is compressed data, but it is an element";
	*culprit = &item->encrypted;
	if (flag_is_true(&item->encrypted) && element && !cipher)
		return "encrypted says that the payload cannot be read, but it is a readable "
		       "element";
	return NULL;
}

/* To say that such text is base64 would only lead to the next fault. */
static bool is_xml_as_text(const struct payload *payload, const struct value *culprit,
			   const struct manifest_item *item)
{
	return culprit == &item->base64 && !value_there(&payload->root) &&
	       str_starts(str_trim(payload->text.text), STR("<"));
}

static enum outcome flags_agree_with_content(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		/* An empty or a mixed payload is ITK-001's. */
		if (!payload || value_there(&payload->root) != str_is_blank(payload->text.text))
			continue;
		const struct value *culprit;
		const char *fault = contradiction_of(item, payload, &culprit);
		if (fault && is_xml_as_text(payload, culprit, item)) {
			fault = "the payload is XML that is written as text, in CDATA or escaped";
			judge_fix(judge, "Put the element itself in the payload.");
		}
		if (!fault)
			outcome = outcome == FAILS ? FAILS : HOLDS;
		else if (value_there(culprit))
			outcome = judge_fail(judge, culprit, MASK_NONE, "%s", fault);
		else
			outcome = judge_fail_part(judge, &item->part, "%s", fault);
	}
	return outcome;
}

static const struct rule itk_014 = {
	.id = "ITK-014",
	.name = "flags-contradict-the-payload",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ENVELOPE ", manifestitem/@base64, @compressed and @encrypted",
	.title = "base64, compressed or encrypted contradicts the payload",
	.why = "The receiver decodes what is not encoded, or does not decode what is.",
	.fix = "Set the flags to what was actually done to the payload.",
	.check = { .envelope = flags_agree_with_content },
};

enum {
	REQUEST = SERVICE_OF_REQUESTS,
	REPLY = SERVICE_OF_REPLIES,
	ACKNOWLEDGEMENT = SERVICE_OF_ACKNOWLEDGEMENTS
};

/*
 * The name of each payload in interactions and profiles. The prefix is NULL where no interaction is
 * published for the payload: both of those in use are then accepted.
 */
static const struct carried {
	const char *root, *name, *prefix;
	unsigned directions;
	bool no_profile; /* none is published */
} carried[] = {
	{ "CP-ISQueryStub", "CP-ISNHSQuery", "urn:nhs-itk:interaction:", REQUEST, false },
	{ "CP-ISNHSQueryResponse", "SMSP-CP-ISNHSQueryResponse", "urn:nhs-itk:interaction:", REPLY,
	  false },
	{ "CP-ISNHSQueryResponse", "CP-ISNHSQueryResponse", NULL, REPLY, false },
	{ "File", "CP-ISLocalAuthorityUpload", "urn:GB-en-NHS:iops:interaction:", REQUEST, false },
	{ "FileResponse", "CP-ISLocalAuthorityAcknowledgementResponse", NULL, REQUEST | REPLY,
	  false },
	{ "CP-ISAccessToServiceNotification", "CP-ISAccessToServiceNotification", NULL, REQUEST,
	  false },
	{ "CP-ISInactiveNHSNumberNotification", "CP-ISInactiveNHSNumberNotification", NULL, REQUEST,
	  false },
	{ "InfrastructureResponse", "ITKInfrastructureAcknowledgement",
	  "urn:nhs-itk:interaction:", REQUEST | REPLY | ACKNOWLEDGEMENT, true },
};
enum { CARRIED = sizeof(carried) / sizeof(carried[0]) };

static const struct carried *carried_by_root(struct str root)
{
	for (size_t i = 0; i < CARRIED; i++)
		if (str_is(root, carried[i].root))
			return &carried[i];
	return NULL;
}

/* "-v2-0" and the like at the end of a name. */
static struct str without_version(struct str name)
{
	size_t n = name.n, digits = 0;
	while (n && char_is_digit(name.p[n - 1]))
		n--, digits++;
	if (!digits || n < 2 || name.p[n - 1] != '-')
		return (struct str){ 0 };
	for (n--, digits = 0; n && char_is_digit(name.p[n - 1]); digits++)
		n--;
	if (!digits || n < 3 || name.p[n - 1] != 'v' || name.p[n - 2] != '-')
		return (struct str){ 0 };
	return (struct str){ name.p, n - 2 };
}

/* The name in a URN after a prefix, without its version; absent if the URN has another form. */
static struct str name_after(struct str urn, const char *prefix)
{
	if (!str_starts(urn, str_of(prefix)))
		return (struct str){ 0 };
	return without_version(str_from(urn, strlen(prefix)));
}

static struct str interaction_name(struct str urn)
{
	struct str name = name_after(urn, "urn:nhs-itk:interaction:");
	return name.p ? name : name_after(urn, "urn:GB-en-NHS:iops:interaction:");
}

/* The payload that has a name; NULL: it is not a CP-IS name. */
static const struct carried *carried_by_name(struct str name)
{
	for (size_t i = 0; name.p && i < CARRIED; i++)
		if (str_is(name, carried[i].name))
			return &carried[i];
	return NULL;
}

static bool is_published(const struct carried *type, struct str urn)
{
	return !type->prefix || str_starts(urn, str_of(type->prefix));
}

static enum outcome service_is_unknown(struct judge *judge, const struct value *service)
{
	struct near near = near_start(service->text);
	for (size_t i = 0; i < itk_service_count; i++)
		near_offer(&near, itk_services[i].name);
	const char *nearest = near_best(&near);
	judge_expect(judge, "%s", nearest ? nearest : itk_services[0].name);
	return judge_fail(judge, service, MASK_NONE,
			  "service \"%s\" is not an ITK service for CP-IS messages%s%s%s",
			  judge_plain(judge, service->text), nearest ? "; did you mean " : "",
			  nearest ? nearest : "", nearest ? "?" : "");
}

static const char *carried_by_service(unsigned direction)
{
	if (direction == ACKNOWLEDGEMENT)
		return "infrastructure acknowledgements";
	return direction == REPLY ? "replies" : "requests";
}

static enum outcome service_suits_payload(struct judge *judge, const struct envelope *envelope)
{
	if (!value_there(&envelope->service))
		return BLOCKED;
	unsigned direction = envelope_service(envelope->service.text);
	if (!direction)
		return service_is_unknown(judge, &envelope->service);
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct carried *type =
			carried_by_root(payload_root(&envelope->payloads[i])->text);
		if (!type || type->directions & direction)
			continue;
		judge_expect(judge, "%s",
			     type->directions & REQUEST ? itk_services[0].name
							: SERVICE "sendRecvDistEnvelopeResponse");
		return judge_fail(judge, &envelope->service, MASK_NONE,
				  "%s is a service for %s, but %s is a %s",
				  judge_plain(judge, envelope->service.text),
				  carried_by_service(direction), type->root,
				  type->directions & REQUEST ? "request" : "reply");
	}
	return HOLDS;
}

static const struct rule itk_008 = {
	.id = "ITK-008",
	.name = "service-does-not-suit-payload",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", header/@service",
	.title = "Service is unknown, or for the other direction",
	.why = "Receivers route by service: the message is refused, lost, or waits for an answer "
	       "that never comes.",
	.fix = "Send " SERVICE "sendRecvDistEnvelope with a request and "
	       "sendRecvDistEnvelopeResponse with its reply.",
	.check = { .envelope = service_suits_payload },
};

/* The next interaction among the specs, at a place or after it; NULL: there are no more. */
static const struct spec *next_interaction(const struct envelope *envelope, size_t *at)
{
	for (; *at < envelope->spec_count; (*at)++)
		if (str_is(envelope->specs[*at].key.text, KEY_INTERACTION))
			return &envelope->specs[(*at)++];
	return NULL;
}

static const struct value *blank_key(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->spec_count; i++)
		if (str_is_blank(envelope->specs[i].key.text))
			return &envelope->specs[i].key;
	return NULL;
}

static const struct carried *first_carried(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct carried *type =
			carried_by_root(payload_root(&envelope->payloads[i])->text);
		if (type)
			return type;
	}
	return NULL;
}

static bool carries(const struct envelope *envelope, const char *root)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (str_is(payload_root(&envelope->payloads[i])->text, root))
			return true;
	return false;
}

static void expect_interaction(struct judge *judge, const struct carried *type)
{
	judge_expect(judge, "%s%s-v1-0",
		     type->prefix ? type->prefix : "urn:nhs-itk:interaction:", type->name);
}

static enum outcome judge_interaction(struct judge *judge, const struct envelope *envelope,
				      const struct value *value, const struct carried *there)
{
	const struct carried *named = carried_by_name(interaction_name(value->text));
	if (named && carries(envelope, named->root) && is_published(named, value->text))
		return HOLDS;
	const char *shown = judge_plain(judge, value->text);
	expect_interaction(judge, named && carries(envelope, named->root) ? named : there);
	if (!named)
		return judge_fail(judge, value, MASK_NONE,
				  "\"%s\" is not a CP-IS interaction; the payload is %s", shown,
				  there->root);
	if (!carries(envelope, named->root))
		return judge_fail(judge, value, MASK_NONE,
				  "the interaction \"%s\" belongs to %s, but the payload is %s",
				  shown, named->root, there->root);
	return judge_fail(judge, value, MASK_NONE,
			  "the interaction \"%s\" should begin with %s, as published", shown,
			  named->prefix);
}

/* Whether an encoded payload could not be looked into: what it lacks is another finding. */
static bool is_unread(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (!value_there(payload_root(&envelope->payloads[i])) &&
		    !str_is_blank(envelope->payloads[i].text.text))
			return true;
	return false;
}

static bool is_named(const struct envelope *envelope, const struct carried *type)
{
	size_t at = 0;
	for (const struct spec *spec; (spec = next_interaction(envelope, &at));) {
		const struct carried *named = carried_by_name(interaction_name(spec->value.text));
		if (named && strcmp(named->root, type->root) == 0)
			return true;
	}
	return false;
}

/* Every payload has its interaction, not only the first. */
static enum outcome interactions_name_all(struct judge *judge, const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct payload *payload = &envelope->payloads[i];
		const struct carried *type = carried_by_root(payload_root(payload)->text);
		if (!type || is_named(envelope, type))
			continue;
		expect_interaction(judge, type);
		return judge_fail_part(judge, &payload->part,
				       "no interaction names %s, one of the payloads", type->root);
	}
	return is_unread(envelope) ? BLOCKED : HOLDS;
}

static enum outcome interaction_names_payload(struct judge *judge, const struct envelope *envelope)
{
	const struct carried *there = first_carried(envelope);
	if (!there)
		return is_unread(envelope) ? BLOCKED : NOT_APPLICABLE;
	size_t at = 0;
	const struct spec *spec = next_interaction(envelope, &at);
	if (!spec) {
		const struct value *blank = blank_key(envelope);
		expect_interaction(judge, there);
		if (blank)
			return judge_fail(judge, blank, MASK_NONE,
					  "a spec has a blank key, and no other has the "
					  "key " KEY_INTERACTION);
		return judge_fail_part(judge, &envelope->part,
				       "handlingSpecification does not give the interaction: no "
				       "spec has the key " KEY_INTERACTION);
	}
	enum outcome outcome = HOLDS;
	for (; spec; spec = next_interaction(envelope, &at))
		if (judge_interaction(judge, envelope, &spec->value, there) == FAILS)
			outcome = FAILS;
	return outcome == FAILS ? FAILS : interactions_name_all(judge, envelope);
}

static const struct rule itk_009 = {
	.id = "ITK-009",
	.name = "interaction-names-another-payload",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", handlingSpecification, key " KEY_INTERACTION,
	.title = "Interaction is missing or names another payload",
	.why = "The receiver handles the payload as something else, or not at all.",
	.fix = "Send the interaction published for the payload.",
	.check = { .envelope = interaction_names_payload },
};

/* The payload of a profile; NULL: it is not a CP-IS profile. The mini service has its own profile
 * of the query. */
static const struct carried *carried_by_profile(struct str urn)
{
	struct str name = name_after(urn, "urn:nhs-en:profile:");
	return name.p && str_is(name, "SMSP-CP-ISNHSQuery") ? carried_by_root(STR("CP-ISQueryStub"))
							    : carried_by_name(name);
}

static enum outcome judge_profile(struct judge *judge, const struct value *profile,
				  const struct carried *there)
{
	const struct carried *named = carried_by_profile(profile->text);
	if (named && strcmp(named->root, there->root) == 0)
		return HOLDS;
	judge_expect(judge, "urn:nhs-en:profile:%s with its version", there->name);
	return judge_fail(judge, profile, MASK_NONE,
			  named ? "the profile \"%s\" belongs to %s, but the payload is %s"
				: "\"%s\" is not a CP-IS profile%.0s; the payload is %s",
			  judge_plain(judge, profile->text), named ? named->root : "", there->root);
}

static enum outcome profile_names_payload(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		const struct carried *there =
			payload ? carried_by_root(payload_root(payload)->text) : NULL;
		if (!value_there(&item->profile) || !there || there->no_profile)
			continue;
		if (judge_profile(judge, &item->profile, there) == FAILS)
			outcome = FAILS;
		else if (outcome != FAILS)
			outcome = HOLDS;
	}
	return outcome;
}

static const struct rule itk_010 = {
	.id = "ITK-010",
	.name = "profile-names-another-payload",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", manifestitem/@profileid",
	.title = "profileid names a different payload from the one sent",
	.why = "The receiver checks the payload against the wrong profile and refuses it.",
	.fix = "Send the profile published for the payload.",
	.check = { .envelope = profile_names_payload },
};

/* A prefix, a scheme, a colon and a code: urn:nhs-uk:addressing:ods:RKE. */
static bool is_urn_of(struct str uri, const char *prefix)
{
	if (!str_starts(uri, str_of(prefix)))
		return false;
	struct str rest = str_from(uri, strlen(prefix));
	for (size_t i = 0; i < rest.n; i++)
		if (char_is_space(rest.p[i]))
			return false;
	const char *colon = memchr(rest.p, ':', rest.n);
	return colon && colon > rest.p && colon < rest.p + rest.n - 1;
}

static bool is_identity(const struct address *address)
{
	return address->part.role == ADDRESS_AUDIT || address->part.role == ADDRESS_REPORTER;
}

static const char *published_type(const struct address *address)
{
	return is_identity(address) ? OID_ITK_IDENTITY : OID_ITK_ADDRESS;
}

static bool has_published_type(const struct address *address)
{
	return !value_there(&address->type) ||
	       str_is(str_trim(address->type.text), published_type(address));
}

static enum outcome judge_uri(struct judge *judge, const struct address *address, const char *noun,
			      const char *prefix)
{
	if (!value_there(&address->uri))
		return BLOCKED;
	/* An address of another type has another form. */
	if (!has_published_type(address))
		return NOT_APPLICABLE;
	if (is_urn_of(address->uri.text, prefix))
		return HOLDS;
	judge_expect(judge, "%sods: followed by an ODS code", prefix);
	return judge_fail(judge, &address->uri, MASK_NONE,
			  "the %s \"%s\" is not in the form %sods:CODE", noun,
			  judge_plain(judge, address->uri.text), prefix);
}

static enum outcome sender_and_audit_have_form(struct judge *judge, const struct address *address)
{
	if (address->part.role == ADDRESS_AUDIT)
		return judge_uri(judge, address, "audit identity", "urn:nhs-uk:identity:");
	if (address->part.role == ADDRESS_SENDER)
		return judge_uri(judge, address, "sender address", "urn:nhs-uk:addressing:");
	return NOT_APPLICABLE;
}

static const struct rule itk_011 = {
	.id = "ITK-011",
	.name = "sender-or-audit-identity-of-wrong-form",
	.severity = CPIS_ERROR,
	.on = PART_ADDRESS,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK COR-DEH-03, COR-DEH-04",
	.title = "Audit identity or sender address is not in the published format",
	.why = "No one can find out later who asked for, or sent, a child's record.",
	.fix = "Send urn:nhs-uk:identity:ods: or urn:nhs-uk:addressing:ods: followed by the ODS "
	       "code.",
	.check = { .address = sender_and_audit_have_form },
};

static enum outcome recipient_has_form(struct judge *judge, const struct address *address)
{
	if (address->part.role != ADDRESS_RECIPIENT)
		return NOT_APPLICABLE;
	return judge_uri(judge, address, "recipient address", "urn:nhs-uk:addressing:");
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

/* A uri in the published form, whose type says that it is in another. */
static enum outcome type_agrees_with_uri(struct judge *judge, const struct address *address)
{
	const char *prefix =
		is_identity(address) ? "urn:nhs-uk:identity:" : "urn:nhs-uk:addressing:";
	if (!value_there(&address->type) || !is_urn_of(address->uri.text, prefix))
		return NOT_APPLICABLE;
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
	.title = "Type of an address or identity contradicts its uri",
	.why = "The receiver reads the uri as another kind of address.",
	.fix = "Send type " OID_ITK_ADDRESS " for addresses and " OID_ITK_IDENTITY
	       " for identities, or leave it out.",
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
	&itk_001, &itk_002, &itk_003, &itk_004, &itk_005, &itk_006, &itk_007, &itk_008, &itk_009,
	&itk_010, &itk_011, &itk_012, &itk_013, &itk_014, &itk_015, &itk_016, &itk_017, NULL,
};
