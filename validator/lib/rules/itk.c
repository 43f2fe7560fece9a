/* The ITK distribution envelope: its counts, its ids, and what its payloads hold. */
#include "rules/chapters.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include "message/uuid.h"

#include <strings.h>

#define ENVELOPE "ITK distribution envelope, urn:nhs-itk:ns:201005"

/* Where the first character stands that is not white space. */
static struct value trimmed(const struct value *value)
{
	struct str text = str_trim(value->text);
	return (struct value){ text, value->offset + (size_t)(text.p - value->text.p) };
}

static bool carries_nothing(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++)
		if (value_there(&envelope->payloads[i].root) ||
		    !str_is_blank(envelope->payloads[i].text.text))
			return false;
	return true;
}

static enum outcome payload_holds_one_thing(struct judge *judge, const struct envelope *envelope)
{
	/* That there is no message at all is TRN-001's. */
	if (carries_nothing(envelope))
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++) {
		const struct payload *payload = &envelope->payloads[i];
		struct value text = trimmed(&payload->text);
		bool element = value_there(&payload->root);
		if (element != (text.text.n > 0))
			continue;
		if (element)
			outcome = judge_fail(judge, &text, MASK_VALUE,
					     "text stands beside %s in the payload: a payload is "
					     "one element or, encoded, text alone",
					     judge_plain(judge, payload->root.text));
		else
			outcome = judge_fail_part(
				judge, &payload->part,
				"the payload %s is empty: it holds neither an element nor text",
				judge_plain(judge, payload->id.text));
	}
	return outcome;
}

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
			"trackingid \"%s\" has lower-case letters: an upper-case UUID is expected",
			shown);
	if (uuid_is(uuid_bare(id)))
		return judge_fail(judge, &envelope->tracking_id, MASK_NONE,
				  "trackingid \"%s\" has a prefix: the bare UUID is expected",
				  shown);
	return judge_fail(judge, &envelope->tracking_id, MASK_NONE,
			  "trackingid \"%s\" is not exactly one upper-case UUID", shown);
}

static enum outcome manifest_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said;
	if (!judge_number(envelope->manifest_total.text, &said))
		return BLOCKED;
	if (said == (long long)envelope->item_count)
		return HOLDS;
	judge_expect(judge, "%zu", envelope->item_count);
	return judge_fail(judge, &envelope->manifest_total, MASK_NONE,
			  "the manifest's count says %lld, it holds %zu manifestitem%s", said,
			  envelope->item_count, envelope->item_count == 1 ? "" : "s");
}

/* The manifest's own count differs where it miscounts itself, which is ITK-003's. */
static bool manifest_agrees(const struct envelope *envelope, long long payloads,
			    long long *manifest)
{
	return !judge_number(envelope->manifest_total.text, manifest) ||
	       *manifest != (long long)envelope->item_count || *manifest == payloads;
}

static enum outcome payload_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said, manifest;
	size_t count = envelope->payload_count;
	if (!judge_number(envelope->payload_total.text, &said))
		return BLOCKED;
	if (said != (long long)count) {
		judge_expect(judge, "%zu", count);
		return judge_fail(judge, &envelope->payload_total, MASK_NONE,
				  "the payloads' count says %lld, there %s %zu payload%s", said,
				  count == 1 ? "is" : "are", count, count == 1 ? "" : "s");
	}
	if (manifest_agrees(envelope, said, &manifest))
		return HOLDS;
	judge_expect(judge, "%lld", said);
	return judge_fail(judge, &envelope->manifest_total, MASK_NONE,
			  "the manifest's count says %lld, the payloads' count %lld", manifest,
			  said);
}

static size_t payloads_with_id(const struct envelope *envelope, struct str id)
{
	size_t count = 0;
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++)
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

/* Where two payloads share an id, another is left without: that is one fault. */
static bool payloads_share_id(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++)
		if (payloads_with_id(envelope, envelope->items[i].id.text) > 1)
			return true;
	return false;
}

/* The payload whose id is blank; NULL: none. No item can name it. */
static const struct payload *nameless_payload(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++)
		if (str_is_blank(envelope->payloads[i].id.text))
			return &envelope->payloads[i];
	return NULL;
}

static const char *fault_of_item(const struct envelope *envelope, size_t i)
{
	struct str id = envelope->items[i].id.text;
	size_t payloads = payloads_with_id(envelope, id);
	/* An item named again is told once, where it comes again. */
	if (items_with_id(envelope, id, i) > 0)
		return "the manifest names \"%s\" more than once";
	if (payloads == 0 && !payloads_share_id(envelope))
		return "the manifest names \"%s\", no payload has this id";
	return payloads > 1 ? "the manifest names \"%s\", more than one payload has this id" : NULL;
}

static enum outcome items_name_payloads(struct judge *judge, const struct envelope *envelope)
{
	/* A different number of items and payloads is ITK-004's. */
	if (envelope->item_count != envelope->payload_count || envelope->item_count == 0)
		return NOT_APPLICABLE;
	if (envelope->item_count > MOST_PAYLOADS) {
		judge_leave_out(
			judge, "the manifest",
			"it has more than 64 items: that each names a payload was not judged");
		return BLOCKED;
	}
	const struct payload *nameless = nameless_payload(envelope);
	if (nameless)
		return judge_fail(judge, &nameless->id, MASK_NONE,
				  "a payload's id is blank: no manifest item can name it");
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
	return outcome;
}

/* Of items whose payload is there: one that names none is ITK-005's. */
static enum outcome item_ids_have_form(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		const struct value *id = &envelope->items[i].id;
		if (!envelope_payload_of(envelope, &envelope->items[i]))
			continue;
		if (str_starts(id->text, STR("uuid_")) && uuid_is(uuid_bare(id->text))) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_expect(judge, "uuid_ and a UUID");
		outcome = judge_fail(judge, id, MASK_NONE,
				     "the manifest item's id \"%s\" is not uuid_ and a UUID",
				     judge_plain(judge, id->text));
	}
	return outcome;
}

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
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		if (!payload || !value_there(&payload->root) || !value_there(&item->mime_type))
			continue;
		if (is_text_xml(item->mime_type.text)) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_expect(judge, "text/xml");
		outcome = judge_fail(
			judge, &item->mime_type, MASK_NONE,
			"mimetype \"%s\" is said of the payload %s: text/xml is expected",
			judge_plain(judge, item->mime_type.text),
			judge_plain(judge, payload->root.text));
	}
	return outcome;
}

struct named_id {
	const char *name;
	const struct value *value;
};

static bool must_differ(struct judge *judge, struct named_id a, struct named_id b)
{
	if (!uuid_same(a.value->text, b.value->text))
		return true;
	judge_expect(judge, "a UUID of its own");
	judge_fail(judge, b.value, MASK_NONE, "the %s and the %s are the same UUID, %s", b.name,
		   a.name, judge_plain(judge, uuid_bare(str_trim(b.value->text))));
	return false;
}

/* That two manifest items share an id is ITK-005's. */
static enum outcome ids_differ(struct judge *judge, const struct envelope *envelope)
{
	const struct soap *soap = soap_around(&envelope->part);
	struct named_id ids[3] = { { "trackingid", &envelope->tracking_id } };
	size_t count = 1;
	bool differ = true;
	if (soap) {
		ids[count++] = (struct named_id){ "MessageID", &soap->message_id };
		ids[count++] = (struct named_id){ "Timestamp's Id", &soap->timestamp_id };
	}
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			differ = must_differ(judge, ids[i], ids[k]) && differ;
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		struct named_id item = { "manifest item's id", &envelope->items[i].id };
		for (size_t k = 0; k < count; k++)
			differ = must_differ(judge, ids[k], item) && differ;
	}
	return differ ? HOLDS : FAILS;
}

/* What the flags of an item say that its payload belies; NULL: nothing. */
static const char *contradiction_of(const struct manifest_item *item, const struct payload *payload,
				    const struct value **culprit)
{
	bool base64 = flag_is_true(&item->base64), compressed = flag_is_true(&item->compressed);
	bool element = value_there(&payload->root), text = !str_is_blank(payload->text.text);
	bool cipher = element && str_is(payload->root.text, "EncryptedData");
	*culprit = &item->base64;
	if (base64 && element)
		return "base64 says that the payload is text, it holds an element";
	if (!base64 && text && !element)
		return "the payload is text, base64 does not say so";
	*culprit = &item->compressed;
	if (compressed && element)
		return "compressed says that the payload is compressed data, it holds an element";
	*culprit = &item->encrypted;
	if (flag_is_true(&item->encrypted) && element && !cipher)
		return "encrypted says that the payload cannot be read, it holds a readable "
		       "element";
	return NULL;
}

static enum outcome flags_agree_with_content(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		/* An empty or a mixed payload is ITK-001's. */
		if (!payload || value_there(&payload->root) != str_is_blank(payload->text.text))
			continue;
		const struct value *culprit;
		const char *fault = contradiction_of(item, payload, &culprit);
		if (!fault)
			outcome = outcome == FAILS ? FAILS : HOLDS;
		else if (value_there(culprit))
			outcome = judge_fail(judge, culprit, MASK_NONE, "%s", fault);
		else
			outcome = judge_fail_part(judge, &item->part, "%s", fault);
	}
	return outcome;
}

const struct rule itk_rules[] = {
	{
		.id = "ITK-001",
		.name = "payload-is-empty-or-mixed",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", payload",
		.title = "A payload is empty, or text stands beside its element",
		.why = "Receivers hand on the element and lose the text, or hand on nothing at "
		       "all.",
		.fix = "Put one element into each payload, or encoded text alone.",
		.check = { .envelope = payload_holds_one_thing },
	},
	{
		.id = "ITK-002",
		.name = "tracking-id-is-no-uuid",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", header/@trackingid",
		.title = "trackingid is not exactly one upper-case UUID",
		.why = "A message that cannot be traced cannot be found when something went wrong.",
		.fix = "Send a fresh upper-case UUID for every envelope, without prefix or braces.",
		.check = { .envelope = tracking_id_is_uuid },
	},
	{
		.id = "ITK-003",
		.name = "manifest-count-differs",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifest/@count",
		.title = "The manifest's count differs from its items",
		.why = "Receivers that trust the count overlook a payload or wait for one.",
		.fix = "Set count to the number of manifestitem elements.",
		.check = { .envelope = manifest_count_is_right },
	},
	{
		.id = "ITK-004",
		.name = "payload-count-differs",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", payloads/@count",
		.title = "The payloads' count differs from the payloads or from the manifest",
		.why = "Receivers that trust the count overlook a payload or wait for one.",
		.fix = "Set both counts to the number of payloads.",
		.check = { .envelope = payload_count_is_right },
	},
	{
		.id = "ITK-005",
		.name = "manifest-and-payload-ids-differ",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifestitem/@id and payload/@id",
		.title = "A manifest item does not name exactly one payload",
		.why = "The receiver cannot tell what the payload is, or reads it as another.",
		.fix = "Give each payload an id of its own and name it once in the manifest.",
		.check = { .envelope = items_name_payloads },
	},
	{
		.id = "ITK-006",
		.name = "manifest-item-id-of-wrong-form",
		.severity = CPIS_WARNING,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifestitem/@id",
		.title = "A manifest item's id is not uuid_ and a UUID",
		.why = "Ids of another form may occur twice where messages of many senders meet.",
		.fix = "Give each payload a fresh UUID and write uuid_ before it.",
		.check = { .envelope = item_ids_have_form },
	},
	{
		.id = "ITK-007",
		.name = "mime-type-is-not-xml",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifestitem/@mimetype",
		.title = "The mimetype of an XML payload is not text/xml",
		.why = "Receivers that choose by mimetype hand the child's record to the wrong "
		       "reader.",
		.fix = "Set mimetype to text/xml.",
		.check = { .envelope = mime_type_is_xml },
	},
	{
		.id = "ITK-013",
		.name = "one-uuid-for-two-things",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", trackingid, MessageID, Timestamp and manifest ids",
		.title = "One UUID names two things",
		.why = "Logs and replies refer to these ids: they would point at the wrong thing.",
		.fix = "Make a fresh UUID for each of them.",
		.check = { .envelope = ids_differ },
	},
	{
		.id = "ITK-014",
		.name = "flags-contradict-the-payload",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ENVELOPE ", manifestitem/@base64, @compressed and @encrypted",
		.title = "base64, compressed or encrypted contradicts the payload",
		.why = "The receiver decodes what is not encoded, or does not decode what is.",
		.fix = "Set the flags to what was really done to the payload.",
		.check = { .envelope = flags_agree_with_content },
	},
};
const size_t itk_rule_count = sizeof(itk_rules) / sizeof(itk_rules[0]);
