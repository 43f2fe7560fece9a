/* What may be the payload of an ITK envelope, and what the manifest has to say of it. */
#include "message/catalogue.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#define ENVELOPE "ITK distribution envelope, urn:nhs-itk:ns:201005"

static enum outcome payload_is_no_transport(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope_kept(envelope->payload_count); i++) {
		const struct value *root = payload_root(&envelope->payloads[i]);
		bool soap = str_is(root->text, "Envelope");
		if (!value_there(root))
			continue;
		if (soap || catalogue_is_interaction(root->text))
			outcome = judge_fail(judge, root, MASK_NONE,
					     soap ? "the payload is a SOAP envelope, %s"
						  : "the payload is a Spine interaction, %s",
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
	.title = "Payload is a SOAP envelope or a Spine interaction",
	.why = "An ITK receiver looks for the payload that the profile names, and refuses what is "
	       "wrapped for Spine.",
	.fix = "Put only the payload of the interaction into the envelope, such as CP-ISQueryStub.",
	.check = { .envelope = payload_is_no_transport },
};

/* The mini service's profile is published, and the host refuses a query without it. */
static enum outcome query_has_profile(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope_kept(envelope->item_count); i++) {
		const struct manifest_item *item = &envelope->items[i];
		const struct payload *payload = envelope_payload_of(envelope, item);
		if (!payload || !str_is(payload_root(payload)->text, "CP-ISQueryStub"))
			continue;
		if (value_there(&item->profile)) {
			outcome = outcome == FAILS ? FAILS : HOLDS;
			continue;
		}
		judge_expect(judge, "urn:nhs-en:profile:SMSP-CP-ISNHSQuery-v1-0");
		outcome = judge_fail_part(judge, &item->part,
					  "the manifest item of the query has no profileid");
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
	.title = "Manifest item of a query has no profileid",
	.why = "The service has a published profile: a host has to refuse a query without it.",
	.fix = "Send the profile published for the query in profileid.",
	.check = { .envelope = query_has_profile },
};

const struct rule *const itk_payload_rules[] = {
	&itk_052,
	&itk_053,
	NULL,
};
