/* The ITK distribution envelope: from whom, to whom, by which service, and what it says it carries.
 */
#include "rules/chapters.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include "base/near.h"

#define ENVELOPE "ITK distribution envelope, urn:nhs-itk:ns:201005"

#define KEY_INTERACTION	 "urn:nhs-itk:ns:201005:interaction"
#define OID_ITK_ADDRESS	 "2.16.840.1.113883.2.1.3.2.4.18.22"
#define OID_ITK_IDENTITY "2.16.840.1.113883.2.1.3.2.4.18.27"
#define SERVICE		 "urn:nhs-itk:services:201005:"

enum { REQUEST = SERVICE_OF_REQUESTS, REPLY = SERVICE_OF_REPLIES };

/*
 * What each payload is called in interactions and profiles. The prefix is NULL where no interaction
 * of the payload is published: either of the two that are in use is then taken.
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
	  "urn:nhs-itk:interaction:", REQUEST | REPLY, true },
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

/* The name in a URN behind a prefix, without its version; absent when it is none of the form. */
static struct str name_behind(struct str urn, const char *prefix)
{
	if (!str_starts(urn, str_of(prefix)))
		return (struct str){ 0 };
	return without_version(str_from(urn, strlen(prefix)));
}

static struct str interaction_name(struct str urn)
{
	struct str name = name_behind(urn, "urn:nhs-itk:interaction:");
	return name.p ? name : name_behind(urn, "urn:GB-en-NHS:iops:interaction:");
}

/* The payload that a name stands for; NULL: none of CP-IS has it. */
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
			  "no ITK service that carries CP-IS messages is called \"%s\"%s%s%s",
			  judge_plain(judge, service->text), nearest ? "; did you mean " : "",
			  nearest ? nearest : "", nearest ? "?" : "");
}

static enum outcome service_suits_payload(struct judge *judge, const struct envelope *envelope)
{
	if (!value_there(&envelope->service))
		return BLOCKED;
	unsigned direction = envelope_service(envelope->service.text);
	if (!direction)
		return service_is_unknown(judge, &envelope->service);
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++) {
		const struct carried *type = carried_by_root(envelope->payloads[i].root.text);
		if (!type || type->directions & direction)
			continue;
		judge_expect(judge, "%s",
			     direction == REPLY ? itk_services[0].name
						: SERVICE "sendRecvDistEnvelopeResponse");
		return judge_fail(judge, &envelope->service, MASK_NONE,
				  direction == REPLY
					  ? "%s is the service of replies, %s is a request"
					  : "%s is the service of requests, %s is a reply",
				  judge_plain(judge, envelope->service.text), type->root);
	}
	return HOLDS;
}

/* The interaction that stands at or behind a place among the specs; NULL: none. */
static const struct spec *next_interaction(const struct envelope *envelope, size_t *at)
{
	for (; *at < envelope->spec_count && *at < MOST_SPECS; (*at)++)
		if (str_is(envelope->specs[*at].key.text, KEY_INTERACTION))
			return &envelope->specs[(*at)++];
	return NULL;
}

static const struct value *blank_key(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->spec_count && i < MOST_SPECS; i++)
		if (str_is_blank(envelope->specs[i].key.text))
			return &envelope->specs[i].key;
	return NULL;
}

static const struct carried *first_carried(const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++) {
		const struct carried *type = carried_by_root(envelope->payloads[i].root.text);
		if (type)
			return type;
	}
	return NULL;
}

static bool carries(const struct envelope *envelope, const char *root)
{
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++)
		if (str_is(envelope->payloads[i].root.text, root))
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
				  "the interaction \"%s\" is none of CP-IS; the payload is %s",
				  shown, there->root);
	if (!carries(envelope, named->root))
		return judge_fail(judge, value, MASK_NONE,
				  "the interaction \"%s\" belongs to %s, but the payload is %s",
				  shown, named->root, there->root);
	return judge_fail(judge, value, MASK_NONE,
			  "the interaction \"%s\" does not begin as published, with %s", shown,
			  named->prefix);
}

static enum outcome interaction_names_payload(struct judge *judge, const struct envelope *envelope)
{
	const struct carried *there = first_carried(envelope);
	if (!there)
		return NOT_APPLICABLE;
	size_t at = 0;
	const struct spec *spec = next_interaction(envelope, &at);
	if (!spec) {
		const struct value *blank = blank_key(envelope);
		expect_interaction(judge, there);
		if (blank)
			return judge_fail(judge, blank, MASK_NONE,
					  "the key of a spec is blank, and no other carries the "
					  "interaction: " KEY_INTERACTION " is expected");
		return judge_fail_part(judge, &envelope->part,
				       "no handlingSpecification carries the interaction: a spec "
				       "with key " KEY_INTERACTION " is expected");
	}
	enum outcome outcome = HOLDS;
	for (; spec; spec = next_interaction(envelope, &at))
		if (judge_interaction(judge, envelope, &spec->value, there) == FAILS)
			outcome = FAILS;
	return outcome;
}

static enum outcome judge_profile(struct judge *judge, const struct value *profile,
				  const struct carried *there)
{
	const struct carried *named =
		carried_by_name(name_behind(profile->text, "urn:nhs-en:profile:"));
	if (named && strcmp(named->root, there->root) == 0)
		return HOLDS;
	judge_expect(judge, "urn:nhs-en:profile:%s with its version", there->name);
	return judge_fail(judge, profile, MASK_NONE,
			  named ? "the profile \"%s\" belongs to %s, but the payload is %s"
				: "the profile \"%s\" is none of CP-IS%.0s; the payload is %s",
			  judge_plain(judge, profile->text), named ? named->root : "", there->root);
}

static enum outcome profile_names_payload(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		const struct carried *there = payload ? carried_by_root(payload->root.text) : NULL;
		if (!value_there(&item->profile) || !there || there->no_profile)
			continue;
		if (judge_profile(judge, &item->profile, there) == FAILS)
			outcome = FAILS;
		else if (outcome != FAILS)
			outcome = HOLDS;
	}
	return outcome;
}

/* prefix, a scheme, a colon and something behind it: urn:nhs-uk:addressing:ods:RKE. */
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
	judge_expect(judge, "%sods: and an ODS code", prefix);
	return judge_fail(judge, &address->uri, MASK_NONE,
			  "the %s \"%s\" is not of the form %sods:...", noun,
			  judge_plain(judge, address->uri.text), prefix);
}

static enum outcome sender_and_audit_have_form(struct judge *judge, const struct address *address)
{
	if (address->part.role == ADDRESS_AUDIT)
		return judge_uri(judge, address, "audit identity", "urn:nhs-uk:identity:");
	if (address->part.role == ADDRESS_SENDER)
		return judge_uri(judge, address, "sender's address", "urn:nhs-uk:addressing:");
	return NOT_APPLICABLE;
}

static enum outcome recipient_has_form(struct judge *judge, const struct address *address)
{
	if (address->part.role != ADDRESS_RECIPIENT)
		return NOT_APPLICABLE;
	return judge_uri(judge, address, "recipient's address", "urn:nhs-uk:addressing:");
}

/* A uri of the published form, which says of itself that it is of another. */
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
			  "the type \"%s\" is said of %s, whose type is %s",
			  judge_plain(judge, address->type.text),
			  judge_plain(judge, address->uri.text), published_type(address));
}

static enum outcome audit_identity_is_there(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->audit_count > 0)
		return HOLDS;
	judge_expect(judge, "auditIdentity before the manifest");
	return judge_fail_part(judge, &envelope->part, "the envelope has no auditIdentity");
}

static enum outcome sender_is_one(struct judge *judge, const struct envelope *envelope)
{
	if (envelope->sender_count == 0)
		return NOT_APPLICABLE;
	if (envelope->sender_count == 1)
		return HOLDS;
	return judge_fail_part(
		judge, &envelope->sender.part,
		"the envelope has %zu senderAddress elements: a message has one sender",
		envelope->sender_count);
}

const struct rule itk_route_rules[] = {
	{
		.id = "ITK-008",
		.name = "service-does-not-suit-payload",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", header/@service",
		.title = "The service is unknown, or for the other direction",
		.why = "The receiver dispatches by service: the message is refused, lost, or waits "
		       "for an answer that never comes.",
		.fix = "Send " SERVICE "sendRecvDistEnvelope with a request and "
		       "sendRecvDistEnvelopeResponse with its reply.",
		.check = { .envelope = service_suits_payload },
	},
	{
		.id = "ITK-009",
		.name = "interaction-names-another-payload",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", handlingSpecification, key " KEY_INTERACTION,
		.title = "The interaction is missing or names another payload",
		.why = "The receiver handles the payload as something else, or not at all.",
		.fix = "Send the interaction that is published for the payload.",
		.check = { .envelope = interaction_names_payload },
	},
	{
		.id = "ITK-010",
		.name = "profile-names-another-payload",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifestitem/@profileid",
		.title = "profileid names another payload than the one that is there",
		.why = "The receiver checks the payload by the wrong profile and refuses it.",
		.fix = "Send the profile that is published for the payload, or leave profileid "
		       "out.",
		.check = { .envelope = profile_names_payload },
	},
	{
		.id = "ITK-011",
		.name = "sender-or-audit-identity-of-wrong-form",
		.severity = CPIS_ERROR,
		.on = PART_ADDRESS,
		.basis = CPIS_BASIS_ITK,
		.cite = "ITK COR-DEH-03, COR-DEH-04",
		.title = "Audit identity or sender's address is not of the published form",
		.why = "Nobody can tell later who asked for, or sent, a child's record.",
		.fix = "Send urn:nhs-uk:identity:ods: or urn:nhs-uk:addressing:ods: and the ODS "
		       "code.",
		.check = { .address = sender_and_audit_have_form },
	},
	{
		.id = "ITK-012",
		.name = "audit-identity-missing",
		.severity = CPIS_WARNING,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", header/auditIdentity",
		.title = "The envelope has no audit identity",
		.why = "Nobody can tell later who is answerable for the message.",
		.fix = "Send auditIdentity with urn:nhs-uk:identity:ods: and the ODS code.",
		.check = { .envelope = audit_identity_is_there },
	},
	{
		.id = "ITK-015",
		.name = "more-than-one-sender",
		.severity = CPIS_ERROR,
		.on = PART_ENVELOPE,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ENVELOPE ", header/senderAddress",
		.title = "The envelope has more than one sender",
		.why = "A reply goes to one of them, and that may be the wrong one.",
		.fix = "Send one senderAddress.",
		.check = { .envelope = sender_is_one },
	},
	{
		.id = "ITK-016",
		.name = "recipient-address-of-wrong-form",
		.severity = CPIS_ERROR,
		.on = PART_ADDRESS,
		.basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", header/addresslist/address",
		.title = "A recipient's address is not of the published form",
		.why = "The message cannot be routed to whom it is for.",
		.fix = "Send urn:nhs-uk:addressing:ods: and the ODS code, or the type of another "
		       "form.",
		.check = { .address = recipient_has_form },
	},
	{
		.id = "ITK-017",
		.name = "address-type-contradicts-uri",
		.severity = CPIS_ERROR,
		.on = PART_ADDRESS,
		.basis = CPIS_BASIS_CONTRADICTION,
		.cite = ENVELOPE ", address/@type and id/@type; ITK COR-DEH-04",
		.title = "The type of an address or identity contradicts its uri",
		.why = "The receiver reads the uri as an address of another kind.",
		.fix = "Send type " OID_ITK_ADDRESS " for addresses and " OID_ITK_IDENTITY
		       " for identities, or leave it out.",
		.check = { .address = type_agrees_with_uri },
	},
};
const size_t itk_route_rule_count = sizeof(itk_route_rules) / sizeof(itk_route_rules[0]);
