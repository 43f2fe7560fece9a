/* What may be the payload of an ITK envelope, and what the manifest has to say of it. */
#include "message/catalogue.h"
#include "message/timestamp.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#include <strings.h>

#define ENVELOPE "ITK distribution envelope, urn:nhs-itk:ns:201005"

static enum outcome payload_is_no_transport(struct judge *judge, const struct envelope *envelope)
{
	enum outcome outcome = NOT_APPLICABLE;
	for (size_t i = 0; i < envelope->payload_count; i++) {
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
	for (size_t i = 0; i < envelope->item_count; i++) {
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

/* The code at the end of urn:nhs-uk:addressing:ods:CODE; absent: the address has another form. */
static struct str ods_of(const struct address *address)
{
	static const struct str prefix = { "urn:nhs-uk:addressing:ods:", 26 };
	struct str uri = str_trim(address->uri.text);
	if (!str_starts(uri, prefix))
		return (struct str){ 0 };
	uri = str_from(uri, prefix.n);
	const char *colon = memchr(uri.p, ':', uri.n);
	return colon ? (struct str){ uri.p, (size_t)(colon - uri.p) } : uri;
}

static enum outcome uploader_is_sender(struct judge *judge, const struct upload *upload)
{
	const struct envelope *envelope =
		(const struct envelope *)(const void *)part_ancestor(&upload->part, PART_ENVELOPE);
	struct str uploader = str_trim(upload->sender.id.extension.text);
	if (!envelope || envelope->sender_count != 1 || upload->sender_count != 1 || !uploader.n)
		return NOT_APPLICABLE;
	struct str sender = ods_of(&envelope->sender);
	if (!sender.n)
		return NOT_APPLICABLE;
	if (sender.n == uploader.n && strncasecmp(sender.p, uploader.p, sender.n) == 0)
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

enum { YEAR_SECONDS = 366 * 24 * 60 * 60 };

static enum outcome time_agrees(struct judge *judge, const struct part *part,
				const struct timestamp *time, const char *name)
{
	const struct soap *soap = soap_around(part);
	if (!soap || !value_filled(&time->value) || !value_filled(&soap->created))
		return NOT_APPLICABLE;
	struct iso_time created = iso_time_of(soap->created.text);
	struct iso_time expires = iso_time_of(soap->expires.text);
	if (!created.ok)
		return judge_blocked(judge, NULL, "ITK-027");
	if (!time->moment.ok)
		return judge_blocked(judge, NULL, "DAT-001");
	long long last = expires.ok ? expires.moment.seconds : created.moment.seconds;
	if (time->moment.seconds >= created.moment.seconds - YEAR_SECONDS &&
	    time->moment.seconds <= last + YEAR_SECONDS)
		return HOLDS;
	return judge_fail(judge, &time->value, MASK_TIME,
			  "%s is %s, more than a year away from wsu:Created, %s", name,
			  judge_time(judge, time->value.text),
			  judge_time(judge, str_trim(soap->created.text)));
}

static enum outcome upload_is_of_now(struct judge *judge, const struct upload *upload)
{
	return upload->created_count
		       ? time_agrees(judge, &upload->part, &upload->created, "creationTime")
		       : NOT_APPLICABLE;
}

static enum outcome query_is_of_now(struct judge *judge, const struct query *query)
{
	/* Earlier accesses may be as old as they are. */
	if (query->part.role != QUERY_ASKED || !query->effective_count)
		return NOT_APPLICABLE;
	return time_agrees(judge, &query->part, &query->effective, "effectiveTime");
}

static enum outcome response_is_of_now(struct judge *judge, const struct response *response)
{
	return response->effective_count
		       ? time_agrees(judge, &response->part, &response->effective, "effectiveTime")
		       : NOT_APPLICABLE;
}

static const struct rule itk_058 = {
	.id = "ITK-058",
	.name = "payload-of-another-year",
	.severity = CPIS_WARNING,
	.on = PART_QUERY,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "WS-Security, wsu:Timestamp; CP-IS DMS 1.0, creationTime and effectiveTime",
	.title = "Payload's time is more than a year from Created and Expires",
	.why = "One of the clocks is wrong, or an old message is sent again.",
	.fix = "Create the payload when the message is sent, from the same clock.",
	.check = { .query = query_is_of_now },
	.also = {
		{ PART_UPLOAD, { .upload = upload_is_of_now } },
		{ PART_RESPONSE, { .response = response_is_of_now } },
	},
};

const struct rule *const itk_payload_rules[] = {
	&itk_052, &itk_053, &itk_057, &itk_058, NULL,
};
