/* What may be the payload of an ITK envelope, and what the manifest has to say of it. */
#include "base/near.h"
#include "message/catalogue.h"
#include "message/timestamp.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include <strings.h>

#define ENVELOPE	"ITK distribution envelope, urn:nhs-itk:ns:201005"
#define KEY_INTERACTION "urn:nhs-itk:ns:201005:interaction"
#define SERVICE		"urn:nhs-itk:services:201005:"

enum {
	REQUEST = SERVICE_OF_REQUESTS,
	REPLY = SERVICE_OF_REPLIES,
	ACKNOWLEDGEMENT = SERVICE_OF_ACKNOWLEDGEMENTS,
	BUSINESS = SERVICE_OF_BUSINESS_ACKNOWLEDGEMENTS,
	NO_ANSWER = SERVICE_WITHOUT_ANSWER
};

/*
 * The name of each payload in interactions and profiles. The prefix is NULL where no interaction is
 * published for the payload: both of those in use are then accepted.
 */
static const struct carried {
	const char *root, *name, *prefix;
	unsigned directions;
	unsigned interaction, profile; /* newest published version, N of -vN-0; 0: not known */
	const char *not_mini; /* the name for the plain form of the response, where this is it */
} carried[] = {
	{ "CP-ISQueryStub", "CP-ISNHSQuery", "urn:nhs-itk:interaction:", REQUEST | NO_ANSWER, 1, 2,
	  NULL },
	/* the name that the official tests and the profile of the mini service have */
	{ "CP-ISQueryStub", "SMSP-CP-ISNHSQuery", "urn:nhs-itk:interaction:", REQUEST | NO_ANSWER,
	  1, 1, NULL },
	{ "CP-ISNHSQueryResponse", "SMSP-CP-ISNHSQueryResponse", "urn:nhs-itk:interaction:", REPLY,
	  1, 1, NULL },
	{ "CP-ISNHSQueryResponse", "CP-ISNHSQueryResponse", NULL, REPLY, 0, 0,
	  "the response without value" },
	{ "File", "CP-ISLocalAuthorityUpload",
	  "urn:GB-en-NHS:iops:interaction:", REQUEST | NO_ANSWER, 1, 0, NULL },
	{ "FileResponse", "CP-ISLocalAuthorityAcknowledgementResponse", NULL,
	  REQUEST | NO_ANSWER | REPLY, 0, 0, NULL },
	{ "CP-ISAccessToServiceNotification", "CP-ISAccessToServiceNotification", NULL,
	  REQUEST | NO_ANSWER, 0, 0, NULL },
	{ "CP-ISInactiveNHSNumberNotification", "CP-ISInactiveNHSNumberNotification", NULL,
	  REQUEST | NO_ANSWER, 0, 0, NULL },
	{ "InfrastructureResponse", "ITKInfrastructureAcknowledgement",
	  "urn:nhs-itk:interaction:", NO_ANSWER | REPLY | ACKNOWLEDGEMENT, 1, 0, NULL },
	{ "BusinessResponseMessage", "ITKBusinessAcknowledgement",
	  "urn:nhs-itk:interaction:", NO_ANSWER | REPLY | BUSINESS, 1, 2, NULL },
};
enum { CARRIED = sizeof(carried) / sizeof(carried[0]) };

static const struct carried *carried_by_root(struct str root)
{
	for (size_t i = 0; i < CARRIED; i++)
		if (str_is(root, carried[i].root))
			return &carried[i];
	return NULL;
}

/* The contradiction of an item and its payload. flag NULL: no flag makes it right, but another
 * payload; fault NULL: they agree; fix NULL: that of the rule. */
struct contradiction {
	const char *fault;
	const struct value *flag;
	const char *fix;
};

/* Of how an encoded payload is packed. */
static struct contradiction fault_of_packing(const struct payload *payload,
					     const struct value *compressed)
{
	static const char once[] = "Compress the payload once, with gzip, or not at all, and then "
				   "encode it in base64 once.";
	if (payload->packing == PACKED_ZLIB)
		return (struct contradiction){ "the payload is compressed in the zlib format; ITK "
					       "compresses with gzip",
					       NULL, once };
	if (payload->packing == PACKED_GZIP && !flag_is_true(compressed))
		return (struct contradiction){ "the payload is compressed, but compressed does not "
					       "say so",
					       compressed, NULL };
	if (payload->packed_twice)
		return (struct contradiction){
			"the payload is compressed twice; compressed says once", NULL, once
		};
	if (payload->encoded_twice)
		return (struct contradiction){ "the payload is in base64 twice; base64 says once",
					       NULL, once };
	if (payload->preceded && carried_by_root(payload->content.text))
		return (struct contradiction){ "the payload has something other than XML before "
					       "its first element once it is decoded",
					       NULL,
					       "Encode nothing but the message in the payload." };
	return (struct contradiction){ NULL, compressed, NULL };
}

/* "text/plain": a kind of text that is not XML. */
static bool is_type_of_text(struct str mime_type)
{
	static const struct str text = { "text/", 5 };
	if (mime_type.n <= text.n || strncasecmp(mime_type.p, text.p, text.n) != 0)
		return false;
	for (size_t i = text.n; i + 3 <= mime_type.n; i++)
		if (strncasecmp(mime_type.p + i, "xml", 3) == 0)
			return false;
	return true;
}

/* Whether text is what is sent, and not something else that is written as text. */
static bool is_plain_text(const struct manifest_item *item, const struct payload *payload)
{
	struct str content = payload->content.text;
	return is_type_of_text(str_trim(item->mime_type.text)) &&
	       !flag_is_true(&item->compressed) && payload->packing == PACKED_NOT &&
	       !carried_by_root(content) && !envelope_is_transport(content);
}

/* What can be read of a payload that is said to be encrypted, as a sentence; NULL: nothing. */
static const char *fault_of_encryption(const struct payload *payload)
{
	struct str content = payload->content.text;
	if (value_there(&payload->root) && !str_is(payload->root.text, "EncryptedData"))
		return "encrypted says that the payload cannot be read, but it is a readable "
		       "element";
	if (carried_by_root(content) || envelope_is_transport(content))
		return "encrypted says that the payload cannot be read, but its text is a readable "
		       "message";
	return NULL;
}

/* Whether it is known what is in a payload, and that this is not metadata. */
static bool is_no_metadata(const struct payload *payload)
{
	const struct value *root = payload_root(payload);
	if (!value_there(root) || str_is(root->text, "EncryptedData"))
		return payload->kind;
	return !str_is(root->text, "metadataPayload");
}

/* To say that such text is base64 would only lead to the next fault. */
static struct contradiction fault_of_text(const struct manifest_item *item,
					  const struct payload *payload)
{
	if (!str_starts(str_trim(payload->text.text), STR("<")))
		return (struct contradiction){ "the payload is text, but base64 does not say so",
					       &item->base64, NULL };
	return (struct contradiction){
		"the payload is XML that is written as text, in CDATA or escaped", NULL,
		"Put the element itself in the payload."
	};
}

static struct contradiction contradiction_of(const struct manifest_item *item,
					     const struct payload *payload)
{
	bool base64 = flag_is_true(&item->base64), compressed = flag_is_true(&item->compressed);
	bool element = value_there(&payload->root), text = !str_is_blank(payload->text.text);
	if (base64 && element)
		return (struct contradiction){ "base64 says that the payload is text, but it is an "
					       "element",
					       &item->base64, NULL };
	if (!base64 && text && !element && !is_plain_text(item, payload))
		return fault_of_text(item, payload);
	if (compressed && element)
		return (struct contradiction){ "compressed says that the payload is compressed "
					       "data, but it is an element",
					       &item->compressed, NULL };
	if (flag_is_true(&item->encrypted))
		return (struct contradiction){ fault_of_encryption(payload), &item->encrypted,
					       NULL };
	if (flag_is_true(&item->metadata) && is_no_metadata(payload))
		return (struct contradiction){ "metadata says that the payload is about another "
					       "one, but it is not a metadataPayload",
					       &item->metadata, NULL };
	return fault_of_packing(payload, &item->compressed);
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
		struct contradiction found = contradiction_of(item, payload);
		if (!found.fault) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		if (found.fix)
			judge_fix(judge, found.fix);
		outcome =
			found.flag && value_there(found.flag)
				? judge_fail(judge, found.flag, MASK_NONE, "%s", found.fault)
				: judge_fail_part(judge, found.flag ? &item->part : &payload->part,
						  "%s", found.fault);
	}
	return outcome;
}

static const struct rule itk_014 = {
	.id = "ITK-014",
	.name = "flags-contradict-the-payload",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ENVELOPE ", manifestitem/@base64, @compressed, @encrypted and @metadata",
	.title = "base64, compressed, encrypted or metadata contradicts the payload",
	.why = "The receiver decodes what is not encoded, does not decode what is, or takes the "
	       "message for a note on another one.",
	.fix = "Set the flags to what was actually done to the payload, and metadata to true only "
	       "for a metadataPayload.",
	.check = { .envelope = flags_agree_with_content },
};

/* "-v2-0" at the end of a name. */
struct version {
	unsigned major, minor;
};

/* The number at the end of a text, after which it ends; false: there is none, or it has a zero in
 * front or too many digits, as no published one has. */
static bool take_number(struct str *text, unsigned *number)
{
	enum { MOST_DIGITS = 3 };
	size_t n = text->n;
	while (n && char_is_digit(text->p[n - 1]))
		n--;
	struct str digits = str_from(*text, n);
	if (digits.n == 0 || digits.n > MOST_DIGITS || (digits.n > 1 && digits.p[0] == '0'))
		return false;
	*number = 0;
	for (size_t i = 0; i < digits.n; i++)
		*number = *number * 10 + (unsigned)(digits.p[i] - '0');
	text->n = n;
	return true;
}

static bool take_end(struct str *text, const char *end)
{
	if (!str_ends(*text, str_of(end)))
		return false;
	text->n -= strlen(end);
	return true;
}

/* The name in a URN after a prefix, without its version; absent if the URN has another form. */
static struct str name_after(struct str urn, const char *prefix, struct version *version)
{
	struct str name = str_from(urn, strlen(prefix));
	if (!str_starts(urn, str_of(prefix)) || !take_number(&name, &version->minor) ||
	    !take_end(&name, "-") || !take_number(&name, &version->major) || !take_end(&name, "-v"))
		return (struct str){ 0 };
	return name;
}

static struct str interaction_name(struct str urn, struct version *version)
{
	struct str name = name_after(urn, "urn:nhs-itk:interaction:", version);
	return name.p ? name : name_after(urn, "urn:GB-en-NHS:iops:interaction:", version);
}

/* Says so where a version is later than the newest that is published, or none at all. */
static enum outcome version_is_published(struct judge *judge, const struct value *urn,
					 struct version version, unsigned newest)
{
	if (newest == 0 || (version.major > 0 && version.major < newest) ||
	    (version.major == newest && version.minor == 0))
		return HOLDS;
	judge_severity(judge, CPIS_WARNING);
	judge_expect(judge, "version v%u-0", newest);
	return judge_fail(judge, urn, MASK_NONE,
			  "\"%s\" is of a version that is not published; the newest is v%u-0",
			  judge_plain(judge, urn->text), newest);
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
	if (direction == BUSINESS)
		return "business acknowledgements";
	return direction == REPLY ? "replies" : "requests";
}

/* What a payload is to the one who gets it, and the service for it. */
static const struct kind {
	unsigned direction;
	const char *noun, *service;
} kinds[] = {
	{ ACKNOWLEDGEMENT, "an acknowledgement", SERVICE "SendInfrastructureAck-v1-0" },
	{ BUSINESS, "a business acknowledgement", SERVICE "SendBusinessAck-v1-0" },
	{ REQUEST, "a request", SERVICE "sendRecvDistEnvelope" },
	{ REPLY, "a reply", SERVICE "sendRecvDistEnvelopeResponse" },
};

static const struct kind *kind_of(const struct carried *type)
{
	const struct kind *kind = kinds;
	while (!(type->directions & kind->direction))
		kind++;
	return kind;
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
		const struct kind *kind = kind_of(type);
		judge_expect(judge, "%s", kind->service);
		return judge_fail(judge, &envelope->service, MASK_NONE,
				  "%s is a service for %s, but %s is %s",
				  judge_plain(judge, envelope->service.text),
				  carried_by_service(direction), type->root, kind->noun);
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

/* Whether a name of interactions and profiles is that of a payload: of the mini service's response,
 * only its own. */
static bool suits(const struct carried *named, const struct payload *payload)
{
	return str_is(payload_root(payload)->text, named->root) &&
	       !(payload->mini_service && named->not_mini);
}

/* What has a name, as sentences call it. */
static const char *holder_of(const struct carried *named)
{
	return named->not_mini ? named->not_mini : named->root;
}

static bool carries(const struct envelope *envelope, const struct carried *named)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (suits(named, &envelope->payloads[i]))
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
	struct version version;
	const struct carried *named = carried_by_name(interaction_name(value->text, &version));
	if (named && carries(envelope, named) && is_published(named, value->text))
		return HOLDS;
	const char *shown = judge_plain(judge, value->text);
	expect_interaction(judge, named && carries(envelope, named) ? named : there);
	if (!named)
		return judge_fail(judge, value, MASK_NONE,
				  "\"%s\" is not a CP-IS interaction; the payload is %s", shown,
				  there->root);
	if (!carries(envelope, named))
		return judge_fail(judge, value, MASK_NONE,
				  "the interaction \"%s\" belongs to %s, but the payload is %s",
				  shown, holder_of(named), there->root);
	return judge_fail(judge, value, MASK_NONE,
			  "the interaction \"%s\" should begin with %s, as published", shown,
			  named->prefix);
}

/* Whether an encoded payload could not be looked into: what it lacks is another finding. What is
 * not XML needs no interaction. */
static bool is_unread(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++)
		if (!value_there(payload_root(&envelope->payloads[i])) &&
		    !envelope->payloads[i].kind && !str_is_blank(envelope->payloads[i].text.text))
			return true;
	return false;
}

static bool is_named(const struct envelope *envelope, const struct carried *type)
{
	size_t at = 0;
	for (const struct spec *spec; (spec = next_interaction(envelope, &at));) {
		struct version version;
		const struct carried *named =
			carried_by_name(interaction_name(spec->value.text, &version));
		if (named && strcmp(named->root, type->root) == 0)
			return true;
	}
	return false;
}

/*
 * Of a payload that is not a CP-IS message: whether it needs no interaction, or other rules say
 * what it is instead.
 */
static bool is_accounted_for(const struct envelope *envelope, const struct payload *payload)
{
	struct str root = payload_root(payload)->text;
	if (!root.p || str_is(root, "EncryptedData") || envelope_is_transport(root))
		return true;
	for (size_t i = 0; i < envelope->item_count; i++)
		if (envelope_payload_of(envelope, &envelope->items[i]) == payload)
			return flag_is_true(&envelope->items[i].metadata);
	return false;
}

/* Every payload has its interaction, not only the first. */
static enum outcome interactions_name_all(struct judge *judge, const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct payload *payload = &envelope->payloads[i];
		const struct value *root = payload_root(payload);
		const struct carried *type = carried_by_root(root->text);
		if (type ? is_named(envelope, type) : is_accounted_for(envelope, payload))
			continue;
		if (type)
			expect_interaction(judge, type);
		return judge_fail_part(judge, &payload->part,
				       "no interaction names %s, one of the payloads",
				       judge_word(judge, root->text));
	}
	return is_unread(envelope) ? BLOCKED : HOLDS;
}

/* Of interactions that name what is there. */
static enum outcome versions_are_published(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = HOLDS;
	size_t at = 0;
	for (const struct spec *spec; (spec = next_interaction(envelope, &at));) {
		struct version version;
		const struct carried *named =
			carried_by_name(interaction_name(spec->value.text, &version));
		if (named &&
		    version_is_published(judge, &spec->value, version, named->interaction) == FAILS)
			outcome = FAILS;
	}
	return outcome;
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
	if (outcome == HOLDS)
		outcome = interactions_name_all(judge, envelope);
	return outcome == HOLDS ? versions_are_published(judge, envelope) : outcome;
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

/* The payload of a profile; NULL: it is not a CP-IS profile. */
static const struct carried *carried_by_profile(struct str urn, struct version *version)
{
	return carried_by_name(name_after(urn, "urn:nhs-en:profile:", version));
}

/* Of the two names of a query, the interaction has the one that the mini service's profile has too,
 * and the profile the other. */
static bool is_profile_of_spine(const struct envelope *envelope, const struct carried *named)
{
	size_t at = 0;
	for (const struct spec *spec; (spec = next_interaction(envelope, &at));) {
		struct version version;
		const struct carried *asked =
			carried_by_name(interaction_name(spec->value.text, &version));
		if (asked && asked != named && strcmp(asked->name, "SMSP-CP-ISNHSQuery") == 0 &&
		    strcmp(named->name, "CP-ISNHSQuery") == 0)
			return true;
	}
	return false;
}

static enum outcome judge_profile(struct judge *judge, const struct envelope *envelope,
				  const struct value *profile, const struct payload *payload,
				  const struct carried *there)
{
	struct version version;
	const struct carried *named = carried_by_profile(profile->text, &version);
	if (named && suits(named, payload) && is_profile_of_spine(envelope, named)) {
		judge_expect(judge, "urn:nhs-en:profile:SMSP-CP-ISNHSQuery-v1-0");
		judge_severity(judge, CPIS_WARNING);
		return judge_fail(
			judge, profile, MASK_NONE,
			"the profile \"%s\" is for queries over Spine, but the interaction "
			"is the mini service's",
			judge_plain(judge, profile->text));
	}
	if (named && suits(named, payload))
		return version_is_published(judge, profile, version, named->profile);
	if (there->directions & ACKNOWLEDGEMENT) {
		judge_expect(judge, "no profileid");
		return judge_fail(judge, profile, MASK_NONE,
				  "the profile \"%s\" is given for %s, which has none",
				  judge_plain(judge, profile->text), there->root);
	}
	judge_expect(judge, "urn:nhs-en:profile:%s with its version", there->name);
	return judge_fail(judge, profile, MASK_NONE,
			  named ? "the profile \"%s\" belongs to %s, but the payload is %s"
				: "\"%s\" is not a CP-IS profile%.0s; the payload is %s",
			  judge_plain(judge, profile->text), named ? holder_of(named) : "",
			  there->root);
}

static enum outcome profile_names_payload(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		const struct carried *there =
			payload ? carried_by_root(payload_root(payload)->text) : NULL;
		if (!value_there(&item->profile) || !there)
			continue;
		if (judge_profile(judge, envelope, &item->profile, payload, there) == FAILS)
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

static const char *transport_noun(struct str root)
{
	if (str_is(root, "Envelope"))
		return "a SOAP envelope";
	if (str_is(root, "DistributionEnvelope"))
		return "a distribution envelope";
	if (str_is(root, "SimpleMessageResponse"))
		return "a reply that goes without an envelope";
	return catalogue_is_interaction(root) ? "a Spine interaction" : NULL;
}

bool envelope_is_transport(struct str root)
{
	return transport_noun(root) != NULL;
}

static enum outcome payload_is_no_transport(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct value *root = payload_root(&envelope->payloads[i]);
		const char *noun = transport_noun(root->text);
		if (!value_there(root))
			continue;
		if (noun)
			outcome = judge_fail(judge, root, MASK_NONE, "the payload is %s, %s", noun,
					     judge_plain(judge, root->text));
		else if (outcome != FAILS)
			outcome = HOLDS;
	}
	return outcome;
}

static const struct rule itk_052 = {
	.id = "ITK-052",
	.name = "payload-is-a-spine-message",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", payload; CP-IS over ITK, profiles",
	.title = "Payload is another envelope or a Spine interaction",
	.why = "An ITK receiver looks for the payload that the profile names, and refuses what is "
	       "wrapped once more.",
	.fix = "Put only the payload of the interaction into the envelope, such as CP-ISQueryStub.",
	.check = { .envelope = payload_is_no_transport },
};

/* The profiles of the mini service are published, and the host refuses a query without its own. */
static enum outcome message_has_profile(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->item_count; i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		bool query = payload && str_is(payload_root(payload)->text, "CP-ISQueryStub");
		if (!query && !(payload && payload->mini_service))
			continue;
		if (value_there(&item->profile)) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_expect(judge, query ? "urn:nhs-en:profile:SMSP-CP-ISNHSQuery-v1-0"
					  : "urn:nhs-en:profile:SMSP-CP-ISNHSQueryResponse-v1-0");
		outcome = judge_fail_part(judge, &item->part,
					  "the manifest item of the %s has no profileid",
					  query ? "query" : "response");
	}
	return outcome;
}

static const struct rule itk_053 = {
	.id = "ITK-053",
	.name = "profile-missing",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK COR-DEH-07, COR-DEH-09",
	.title = "Manifest item of a query or response has no profileid",
	.why = "The service has published profiles: a host has to refuse a query without its own, "
	       "and a client may refuse such a response.",
	.fix = "Send the profile published for the query, or for the response, in profileid.",
	.check = { .envelope = message_has_profile },
};

/* The code at the end of urn:nhs-uk:addressing:ods:CODE; absent: the address has another form. */
static struct str ods_of(struct str address)
{
	static const struct str prefix = { "urn:nhs-uk:addressing:ods:", 26 };
	struct str uri = str_trim(address);
	if (!str_starts(uri, prefix))
		return (struct str){ 0 };
	uri = str_from(uri, prefix.n);
	const char *colon = memchr(uri.p, ':', uri.n);
	return colon ? (struct str){ uri.p, (size_t)(colon - uri.p) } : uri;
}

static enum outcome uploader_is_sender(struct judge *judge, const struct upload *upload)
{
	struct str uploader = str_trim(upload->sender.id.extension.text);
	struct str sender = ods_of(enclosure_of(judge, &upload->part).sender);
	if (upload->sender_count != 1 || !uploader.n || !sender.n)
		return NOT_APPLICABLE;
	if (ods_code_same(sender, uploader))
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, sender));
	return judge_fail(judge, &upload->sender.id.extension, MASK_NONE,
			  "the upload comes from %s, but the envelope's senderAddress names %s",
			  judge_plain(judge, uploader), judge_plain(judge, sender));
}

static const struct rule itk_057 = {
	.id = "ITK-057",
	.name = "uploader-is-not-the-sender",
	.severity = CPIS_WARNING,
	.on = PART_UPLOAD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = ENVELOPE ", header/senderAddress; REPC_MT000002GB01, communicationFunctionSnd",
	.title = "Envelope of an upload names another sender",
	.why = "The acknowledgement goes to the sender of the envelope, and the authority does not "
	       "learn what was refused.",
	.fix = "Send the ODS code of the local authority in both places.",
	.check = { .upload = uploader_is_sender },
};

enum { HOURS_SECONDS = 2 * 60 * 60, LEAP_YEAR_SECONDS = YEAR_SECONDS + DAY_SECONDS };

/* The time of a payload, and the rule on its form. */
struct payload_time {
	const struct value *value;
	struct moment moment;
	const char *name, *rule;
};

static struct payload_time hl7_time(const struct timestamp *time, const char *name)
{
	return (struct payload_time){ &time->value, time->moment, name, "DAT-001" };
}

static struct payload_time iso_payload_time(const struct value *value, const char *name)
{
	return (struct payload_time){ value, iso_time_of(value->text).moment, name, "ITK-041" };
}

/* Whether the time of a payload can be compared with Created of the SOAP header around it. Else
 * one is not there, or it is another rule's, which *why says. */
static bool compares_with_created(struct judge *judge, const struct payload_time *time,
				  struct str said, struct iso_time *created, enum outcome *why)
{
	*why = NOT_APPLICABLE;
	if (!value_filled(time->value) || character_shows_nothing(said))
		return false;
	*created = iso_time_of(said);
	if (!created->ok)
		*why = judge_blocked(judge, NULL, "ITK-027");
	else if (!time->moment.ok)
		*why = judge_blocked(judge, NULL, time->rule);
	return *why != BLOCKED;
}

static enum outcome time_is_near(struct judge *judge, const struct part *part,
				 struct payload_time time)
{
	struct iso_time created;
	enum outcome why;
	struct str said = enclosure_of(judge, part).created;
	if (!compares_with_created(judge, &time, said, &created, &why))
		return why;
	if (time.moment.seconds >= created.moment.seconds - LEAP_YEAR_SECONDS)
		return HOLDS;
	return judge_fail(judge, time.value, MASK_TIME,
			  "%s is %s, more than a year before wsu:Created, %s", time.name,
			  judge_time(judge, time.value->text), judge_time(judge, str_trim(said)));
}

/* Two systems of one sender may differ by minutes, and a clock without its zone by an hour. */
static enum outcome time_is_past(struct judge *judge, const struct part *part,
				 struct payload_time time)
{
	struct iso_time created;
	enum outcome why;
	struct str said = enclosure_of(judge, part).created;
	if (!compares_with_created(judge, &time, said, &created, &why))
		return why;
	if (time.moment.seconds <= created.moment.seconds + HOURS_SECONDS)
		return HOLDS;
	said = str_trim(said);
	judge_expect(judge, "not after %s", judge_time(judge, said));
	return judge_fail(judge, time.value, MASK_TIME,
			  "%s is %s, which is after wsu:Created of the message around it, %s",
			  time.name, judge_time(judge, time.value->text), judge_time(judge, said));
}

static enum outcome upload_is_of_now(struct judge *judge, const struct upload *upload)
{
	return upload->created_count ? time_is_near(judge, &upload->part,
						    hl7_time(&upload->created, "creationTime"))
				     : NOT_APPLICABLE;
}

static enum outcome query_is_of_now(struct judge *judge, const struct query *query)
{
	/* Earlier accesses may be as old as they are. */
	if (query->part.role != QUERY_ASKED || !query->effective_count)
		return NOT_APPLICABLE;
	return time_is_near(judge, &query->part, hl7_time(&query->effective, "effectiveTime"));
}

static enum outcome response_is_of_now(struct judge *judge, const struct response *response)
{
	return response->effective_count
		       ? time_is_near(judge, &response->part,
				      hl7_time(&response->effective, "effectiveTime"))
		       : NOT_APPLICABLE;
}

static enum outcome acknowledgement_is_of_now(struct judge *judge,
					      const struct infrastructure_response *response)
{
	return time_is_near(judge, &response->part,
			    iso_payload_time(&response->timestamp, "timestamp"));
}

static const struct rule itk_058 = {
	.id = "ITK-058",
	.name = "payload-of-another-year",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "WS-Security, wsu:Timestamp; CP-IS DMS 1.0, creationTime and effectiveTime; ITK "
		"infrastructure acknowledgement, @timestamp",
	.title = "Payload's time is more than a year before Created",
	.why = "One of the clocks is wrong, or an old message is sent again.",
	.fix = "Create the payload when the message is sent, from the same clock.",
	.check = { .query = query_is_of_now },
	.also = ALSO({ PART_UPLOAD, { .upload = upload_is_of_now } },
		     { PART_RESPONSE, { .response = response_is_of_now } },
		     { PART_INFRASTRUCTURE_RESPONSE,
		       { .infrastructure_response = acknowledgement_is_of_now } }),
};

static enum outcome upload_is_past(struct judge *judge, const struct upload *upload)
{
	return upload->created_count ? time_is_past(judge, &upload->part,
						    hl7_time(&upload->created, "creationTime"))
				     : NOT_APPLICABLE;
}

static enum outcome query_is_past(struct judge *judge, const struct query *query)
{
	if (query->part.role != QUERY_ASKED || !query->effective_count)
		return NOT_APPLICABLE;
	return time_is_past(judge, &query->part, hl7_time(&query->effective, "effectiveTime"));
}

static enum outcome response_is_past(struct judge *judge, const struct response *response)
{
	return response->effective_count
		       ? time_is_past(judge, &response->part,
				      hl7_time(&response->effective, "effectiveTime"))
		       : NOT_APPLICABLE;
}

static enum outcome acknowledgement_is_past(struct judge *judge,
					    const struct infrastructure_response *response)
{
	return time_is_past(judge, &response->part,
			    iso_payload_time(&response->timestamp, "timestamp"));
}

static const struct rule itk_059 = {
	.id = "ITK-059",
	.name = "payload-later-than-its-envelope",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "WS-Security, wsu:Created; CP-IS DMS 1.0, creationTime and effectiveTime; ITK "
		"infrastructure acknowledgement, @timestamp",
	.title = "Payload's time is hours after Created of the message around it",
	.why = "A message holds nothing that was made after it. The time of the payload is the "
	       "time of access to the child's record, or puts uploads in order: it is wrong.",
	.fix = "Take both times from one clock: the payload first, then the message around it.",
	.check = { .query = query_is_past },
	.also = ALSO({ PART_UPLOAD, { .upload = upload_is_past } },
		     { PART_RESPONSE, { .response = response_is_past } },
		     { PART_INFRASTRUCTURE_RESPONSE,
		       { .infrastructure_response = acknowledgement_is_past } }),
};

/* One call has one query and one answer. */
static bool is_one_of_a_call(const struct payload *payload)
{
	struct str root = payload_root(payload)->text;
	return str_is(root, "CP-ISQueryStub") || str_is(root, "CP-ISNHSQueryResponse");
}

static enum outcome carries_one_of_a_call(struct judge *judge, const struct envelope *envelope)
{
	const struct payload *first = NULL;
	for (size_t i = 0; i < envelope->payload_count; i++) {
		const struct payload *payload = &envelope->payloads[i];
		if (!is_one_of_a_call(payload))
			continue;
		if (first)
			return judge_fail_part(
				judge, &payload->part,
				"%s is a second message of the call: the envelope has %s already",
				judge_word(judge, payload_root(payload)->text),
				judge_word(judge, payload_root(first)->text));
		first = payload;
	}
	return first ? HOLDS : is_unread(envelope) ? BLOCKED : NOT_APPLICABLE;
}

static const struct rule itk_060 = {
	.id = "ITK-060",
	.name = "envelope-has-two-messages-of-a-call",
	.severity = CPIS_ERROR,
	.on = PART_ENVELOPE,
	.basis = CPIS_BASIS_ITK,
	.cite = ENVELOPE ", payloads; CP-ISMiniService 1.0, one payload",
	.title = "Envelope has more than one query or query response",
	.why = "The receiver reads one of them. Of two responses one may say that there is no "
	       "plan, "
	       "and the other may hold it.",
	.fix = "Send one query in a call, and one response to it.",
	.check = { .envelope = carries_one_of_a_call },
};

const struct rule *const itk_payload_rules[] = {
	&itk_008, &itk_009, &itk_010, &itk_014, &itk_052, &itk_053,
	&itk_057, &itk_058, &itk_059, &itk_060, NULL,
};
