/*
 * The document itself, transport layers and structure: what the stages find before there is a part
 * to judge. They report it by these rules. Those that look at a part have a check.
 */
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"
#include "transport/fields.h"
#include "transport/parcel.h"

#define SCHEMAS	 "CP-IS DMS 1.0, XML schemas"
#define SERVICES "urn:nhs:names:services:"

static enum outcome judge_text_of(struct judge *judge, const struct value *value,
				  enum mask_kind kind, const char *noun)
{
	/* That all of it is blank is for other rules to say: UPL-013. */
	if (!value_filled(value))
		return NOT_APPLICABLE;
	struct character_unseen unseen = character_first_unseen(value->text);
	if (!unseen.code)
		return HOLDS;
	return judge_fail(judge, value, kind, "the %s has the %s character U+%04X", noun,
			  unseen.kind, (unsigned)unseen.code);
}

struct named_text {
	const struct value *value;
	const char *noun;
};

static enum outcome judge_all(struct judge *judge, enum mask_kind kind,
			      const struct named_text *values, size_t count)
{
	enum outcome all = NOT_APPLICABLE;
	for (size_t i = 0; i < count; i++) {
		enum outcome one = judge_text_of(judge, values[i].value, kind, values[i].noun);
		if (one == FAILS || all == NOT_APPLICABLE)
			all = one;
	}
	return all;
}

static enum outcome subject_is_plain(struct judge *judge, const struct subject *subject)
{
	const struct named_text values[] = {
		{ &subject->given, "given name" },
		{ &subject->family, "family name" },
	};
	if (!((subject->in_given | subject->in_family) & (IN_NAME_SPACE | IN_NAME_WIDE)))
		return value_filled(&subject->given) || value_filled(&subject->family)
			       ? HOLDS
			       : NOT_APPLICABLE;
	return judge_all(judge, MASK_NAME, values, 2);
}

static enum outcome telecom_is_plain(struct judge *judge, const struct telecom *telecom)
{
	return judge_text_of(judge, &telecom->value, MASK_PHONE, "phone number");
}

static enum outcome organisation_is_plain(struct judge *judge,
					  const struct organisation *organisation)
{
	return judge_text_of(judge, &organisation->name, MASK_NAME, "organisation name");
}

/* The values of one part of a name. */
struct name_list {
	const struct value *values;
	size_t count;
	const char *noun;
};

static enum outcome judge_lists(struct judge *judge, const struct name_list *lists, size_t count)
{
	enum outcome all = NOT_APPLICABLE;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lists[i].count; k++) {
			const struct named_text text = { &lists[i].values[k], lists[i].noun };
			enum outcome one = judge_all(judge, MASK_NAME, &text, 1);
			if (one == FAILS || all == NOT_APPLICABLE)
				all = one;
		}
	}
	return all;
}

static enum outcome author_is_plain(struct judge *judge, const struct author_person *author)
{
	const struct name_list lists[] = {
		{ author->prefixes, author->prefix_count, "title" },
		{ author->given, author->given_count, "given name" },
		{ author->families, author->family_count, "family name" },
		{ author->suffixes, author->suffix_count, "suffix" },
	};
	return judge_lists(judge, lists, sizeof(lists) / sizeof(lists[0]));
}

static enum outcome authority_is_plain(struct judge *judge,
				       const struct indirect_authority *authority)
{
	const struct name_list lists[] = {
		{ &authority->name, value_there(&authority->name), "name" },
		{ authority->given, authority->given_count, "given name" },
		{ authority->families, authority->family_count, "family name" },
	};
	return judge_lists(judge, lists, sizeof(lists) / sizeof(lists[0]));
}

static const struct rule xml_006 = {
	.id = "XML-006",
	.name = "control-character-in-name-or-number",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Unicode Technical Report 36, bidirectional text spoofing",
	.title = "Invisible character in a name or phone number",
	.why = "It is invisible: the child is not matched, or a clinician reads the letters or "
	       "digits in a different order from the one stored.",
	.fix = "Remove the character where the name or number is typed or pasted in.",
	.check = { .subject = subject_is_plain },
	.also = ALSO({ PART_TELECOM, { .telecom = telecom_is_plain } },
		     { PART_ORGANISATION, { .organisation = organisation_is_plain } },
		     { PART_AUTHOR_PERSON, { .author_person = author_is_plain } },
		     { PART_INDIRECT_AUTHORITY, { .indirect_authority = authority_is_plain } }),
};

static const struct rule xml_001 = {
	.id = "XML-001",
	.name = "not-well-formed",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = "XML 1.0 and Namespaces in XML 1.0",
	.title = "XML is not well-formed",
	.why = "No receiver can read any of it.",
	.fix = "Create messages with an XML library, not by joining strings.",
};

static const struct rule xml_002 = {
	.id = "XML-002",
	.name = "document-type-declaration",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "XML 1.0, section 2.8; OWASP on XML entities",
	.title = "Document has a DOCTYPE",
	.why = "Entities can read files and use up memory, so receivers refuse such documents.",
	.fix = "Remove the DOCTYPE. Write characters directly instead of as entities.",
};

static const struct rule xml_003 = {
	.id = "XML-003",
	.name = "not-utf-8",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-STD-01",
	.title = "Document is not UTF-8",
	.why = "Names with accents arrive garbled, and the child is not matched.",
	.fix = "Write UTF-8 and declare it, or leave the encoding declaration out.",
};

static const struct rule xml_004 = {
	.id = "XML-004",
	.name = "schema-location-sent",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-STD-04",
	.title = "xsi:schemaLocation is sent",
	.why = "A receiver that follows it loads whatever schema the message names, or waits for "
	       "one that it cannot reach.",
	.fix = "Remove xsi:schemaLocation and xsi:noNamespaceSchemaLocation.",
};

static const struct rule xml_005 = {
	.id = "XML-005",
	.name = "attribute-is-blank",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK, no blank attribute values",
	.title = "Attribute value is blank",
	.why = "It says nothing, and a receiver may overwrite good data with it.",
	.fix = "Send the value. Leave the attribute out only where the schema does not require "
	       "it.",
};

static const struct rule xml_007 = {
	.id = "XML-007",
	.name = "not-xml-1-0",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS " (XML Schema 1.0, which is about XML 1.0); SOAP 1.1, section 3",
	.title = "Document declares another version of XML than 1.0",
	.why = "XML 1.1 has other line ends and characters. Many XML libraries refuse it, so the "
	       "message is not read.",
	.fix = "Declare version=\"1.0\", or leave the XML declaration out.",
};

const struct rule *const xml_rules[] = {
	&xml_001, &xml_002, &xml_003, &xml_004, &xml_005, &xml_006, &xml_007, NULL,
};

static enum outcome body_holds_one(struct judge *judge, const struct soap *soap)
{
	if (soap->body_child_count == 1 || soap_answers_nothing(soap))
		return HOLDS;
	judge_expect(judge, "1 element");
	if (soap->body_child_count > 1)
		return judge_fail(judge, &soap->body, MASK_NONE,
				  "the SOAP Body has %zu elements; it should have one",
				  soap->body_child_count);
	if (value_there(&soap->body_element))
		return judge_fail(judge, &soap->body_element, MASK_NONE,
				  "the SOAP Body is empty; it should have one element");
	return judge_fail_part(judge, &soap->part, "the SOAP Envelope has no Body");
}

static const struct rule trn_002 = {
	.id = "TRN-002",
	.name = "soap-body-without-one-element",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, SOAP messages; SOAP 1.1, section 4.3",
	.title = "SOAP Body does not have exactly one element",
	.why = "Spine takes one interaction per request: a second one is lost, and an empty Body "
	       "is refused.",
	.fix = "Send one interaction, or one distribution envelope, in each SOAP message.",
	.check = { .soap = body_holds_one },
};

static const struct rule trn_001 = {
	.id = "TRN-001",
	.name = "no-cp-is-message",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, messages and interactions",
	.title = "No CP-IS message found",
	.why = "Content that is not recognised is not judged, and must not count as a pass.",
	.fix = "Send a CP-IS message, bare or in a SOAP or ITK envelope, in the namespace "
	       "urn:hl7-org:v3.",
};

static const struct rule trn_003 = {
	.id = "TRN-003",
	.name = "mime-parts-incomplete",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 2045, RFC 2046 section 5.1, RFC 2387; ebXML Message Service 2.0, section 2.1",
	.title = "MIME message is incomplete",
	.why = "A receiver that cannot separate its parts, or finds no envelope in the first, "
	       "finds "
	       "no message in it.",
	.fix = "Give a boundary of at most 70 characters in Content-Type, give every part a "
	       "Content-Type, end the last "
	       "part with --boundary--, and let start name the Content-ID of a part: the SOAP "
	       "envelope. Send ebXML as multipart/related with the type text/xml, and its own "
	       "envelope before the message.",
};

static const struct rule trn_004 = {
	.id = "TRN-004",
	.name = "base64-does-not-decode",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK distribution envelope, manifestitem/@base64; RFC 4648, section 4; RFC 2045, "
		"section 6.8",
	.title = "base64 content does not decode completely",
	.why = "The message inside cannot be read, or only part of it.",
	.fix = "Encode all the bytes of the message, with padding, in the standard base64 "
	       "alphabet.",
};

static const struct rule trn_005 = {
	.id = "TRN-005",
	.name = "content-does-not-decompress",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK distribution envelope, manifestitem/@compressed; RFC 1950, RFC 1951, RFC 1952",
	.title = "Compressed content or an archive does not open completely",
	.why = "The message inside cannot be read, or only part of it.",
	.fix = "Compress the whole message and send all of the result unchanged. Transfers in text "
	       "mode and files cut short break it.",
};

static const struct rule trn_006 = {
	.id = "TRN-006",
	.name = "http-body-differs-from-its-length",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 9112, sections 6 and 7",
	.title = "HTTP body does not match its Content-Length or its chunks",
	.why = "The receiver takes only part of the message, or waits for more until it times out.",
	.fix = "Set Content-Length to the number of bytes (not characters) in the body, or send "
	       "chunks that end with one of size 0, and name chunked once, as the last of "
	       "Transfer-Encoding. Never do both.",
};

static const struct rule trn_008 = {
	.id = "TRN-008",
	.name = "content-not-opened",
	.severity = CPIS_INFO,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Content that was not read was not judged",
	.title = "Content cannot be opened",
	.why = "It is encrypted, in an unknown format, over a limit, or a message where none is "
	       "looked for, as in a SOAP header or the comment of an archive. This finding only "
	       "reports that: the verdict on the message is incomplete, never pass.",
	.fix = "Have it judged before it is encrypted, send a message in the body of its envelope "
	       "or in a file of its own or, if you trust the source, raise the limit that is named "
	       "(--max-decoded, "
	       "--max-parts, --max-layers, --max-depth, --max-attribute).",
};

static const struct rule trn_009 = {
	.id = "TRN-009",
	.name = "not-the-type-asked-for",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "The message type that was asked for with --as",
	.title = "Message is not of the type asked for",
	.why = "It was not judged as the message that it was said to be, and a pass would say that "
	       "it was.",
	.fix = "Send a message of the type that --as names, or leave --as out.",
};

static const struct rule trn_020 = {
	.id = "TRN-020",
	.name = "payload-directly-in-soap-body",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, interactions; ITK web services, sendRecvDistEnvelope",
	.title = "Payload is directly in a SOAP Body or an ebXML message",
	.why = "Spine takes an interaction and an ITK host takes a distribution envelope: each "
	       "refuses a payload on its own.",
	.fix = "Put the interaction, or the ITK distribution envelope, around the payload.",
};

static const struct rule trn_021 = {
	.id = "TRN-021",
	.name = "reply-wrapper-has-other-content",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, SOAP messages",
	.title = "Wrapper of a reply has more than one interaction",
	.why = "The requester reads one interaction: what else is in the wrapper is lost, or is "
	       "taken for the answer.",
	.fix = "Send one interaction in the wrapper, without attributes or text.",
};

static const struct rule trn_022 = {
	.id = "TRN-022",
	.name = "unknown-header-must-be-understood",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_ITK,
	.cite = "SOAP 1.1, sections 4.2 and 4.2.3; SOAP 1.2 Part 1, section 2; ITK WS-EXT-02",
	.title = "Unknown SOAP header has mustUnderstand, or a value that SOAP does not have",
	.why = "A receiver that does not know the header, or the value, has to refuse the whole "
	       "message.",
	.fix = "Remove mustUnderstand from the header, or remove the header. Where it stays, send "
	       "0 or 1.",
};

static enum outcome soap_edition_is_spines(struct judge *judge, const struct soap *soap)
{
	/* An ITK service may be called by either edition. */
	if (soap_use_of(soap) == SOAP_OF_ITK)
		return NOT_APPLICABLE;
	if (!soap->soap12)
		return HOLDS;
	judge_expect(judge, "http://schemas.xmlsoap.org/soap/envelope/");
	return judge_fail_part(judge, &soap->part,
			       "the message is in a SOAP 1.2 envelope; Spine uses SOAP 1.1");
}

static const struct rule trn_023 = {
	.id = "TRN-023",
	.name = "soap-1-2-sent-to-spine",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, SOAP messages; SOAP 1.1, section 4.1.2",
	.title = "Spine message is in a SOAP 1.2 envelope",
	.why = "Spine uses SOAP 1.1: the version does not match, and it answers with a "
	       "VersionMismatch fault.",
	.fix = "Send Envelope, Header and Body in http://schemas.xmlsoap.org/soap/envelope/.",
	.check = { .soap = soap_edition_is_spines },
};

static enum outcome soap_is_outermost(struct judge *judge, const struct soap *soap)
{
	const struct part *outer = part_ancestor(soap->part.parent, PART_SOAP);
	/* One in the payload of an ITK envelope is ITK-052's. */
	if (outer && !part_ancestor(soap->part.parent, PART_ENVELOPE))
		return judge_fail_part(judge, &soap->part,
				       "the SOAP envelope is in the Body of another one");
	return HOLDS;
}

static const struct rule trn_026 = {
	.id = "TRN-026",
	.name = "soap-in-soap",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_DMS,
	.cite = "Spine External Interface Specification, SOAP messages; ITK web services, "
		"sendRecvDistEnvelope",
	.title = "SOAP envelope is in the Body of another one",
	.why = "Spine looks for an interaction in the Body, and an ITK host for a distribution "
	       "envelope: each refuses the message.",
	.fix = "Send one SOAP envelope, directly around the interaction or the distribution "
	       "envelope.",
	.check = { .soap = soap_is_outermost },
};

static bool carries(struct str service, const char *interaction)
{
	const char *name;
	for (size_t i = 0; (name = spine_service(interaction, i)); i++)
		if (str_starts(service, STR(SERVICES)) &&
		    str_is(str_from(service, sizeof(SERVICES) - 1), name))
			return true;
	return false;
}

/* Whether an Action ends with an interaction, after a slash or as the directory has it. */
static bool names(struct str action, const char *interaction)
{
	struct str name = str_of(interaction);
	size_t before = action.n - name.n;
	return str_ends(action, name) &&
	       (before == 0 || action.p[before - 1] == '/' || action.p[before - 1] == ':');
}

static enum outcome ebxml_names_interaction(struct judge *judge, const struct wrapper *wrapper)
{
	const struct ebxml *ebxml = judge->parcel->ebxml;
	const char *name = wrapper->part.element;
	if (!ebxml || part_ancestor(&wrapper->part, PART_ENVELOPE))
		return NOT_APPLICABLE;
	struct str action = str_trim(str_of(ebxml->action));
	struct str service = str_trim(str_of(ebxml->service));
	const struct str addressed[] = { str_trim(str_of(ebxml->wsa_action_2004)),
					 str_trim(str_of(ebxml->wsa_action_2005)) };
	if (action.n && !str_is(action, name))
		return judge_fail_part(judge, &wrapper->part,
				       "eb:Action is \"%s\", but the message is %s",
				       judge_plain(judge, action), name);
	if (service.n && !carries(service, name))
		return judge_fail_part(judge, &wrapper->part,
				       "eb:Service is \"%s\", which does not carry %s",
				       judge_plain(judge, service), name);
	for (size_t i = 0; i < sizeof(addressed) / sizeof(addressed[0]); i++)
		if (addressed[i].n && !names(addressed[i], name))
			return judge_fail_part(
				judge, &wrapper->part,
				"wsa:Action in the ebXML envelope is \"%s\", but the message "
				"is %s",
				judge_plain(judge, addressed[i]), name);
	return HOLDS;
}

/* Something else than an interaction, where the interaction should be. */
static enum outcome is_in_ebxml(struct judge *judge, const struct part *part)
{
	const struct ebxml *ebxml = judge->parcel->ebxml;
	if (!ebxml || part->parent)
		return NOT_APPLICABLE;
	return judge_fail_part(judge, part, "eb:Action is \"%s\", but the payload is %s",
			       judge_plain(judge, str_trim(str_of(ebxml->action))), part->element);
}

static enum outcome envelope_is_in_ebxml(struct judge *judge, const struct envelope *envelope)
{
	return is_in_ebxml(judge, &envelope->part);
}

static enum outcome soap_is_in_ebxml(struct judge *judge, const struct soap *soap)
{
	return is_in_ebxml(judge, &soap->part);
}

static const struct rule trn_025 = {
	.id = "TRN-025",
	.name = "ebxml-header-names-another",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, ebXML messages; ebXML Message Service "
		"2.0, "
		"sections 3.1.4 and 3.1.5",
	.title = "eb:Action or eb:Service contradicts the message",
	.why = "Spine routes by Service and Action: the message is refused or handled as another.",
	.fix = "Send the name of the interaction in eb:Action, and its service in eb:Service.",
	.check = { .wrapper = ebxml_names_interaction },
	.also = ALSO({ PART_ENVELOPE, { .envelope = envelope_is_in_ebxml } },
		     { PART_SOAP, { .soap = soap_is_in_ebxml } }),
};

/* The interaction is made before the header: two systems of one sender may differ by minutes, and a
 * clock without its zone by an hour. */
static enum outcome is_made_before_ebxml(struct judge *judge, const struct wrapper *wrapper)
{
	enum { HOURS_SECONDS = 2 * 60 * 60 };
	const struct ebxml *ebxml = judge->parcel->ebxml;
	if (!ebxml || !value_filled(&wrapper->created.value))
		return NOT_APPLICABLE;
	struct str said = str_trim(str_of(ebxml->timestamp));
	struct iso_time sent = iso_time_of(said);
	/* A Timestamp of another form is TRN-036's. */
	if (!sent.ok)
		return NOT_APPLICABLE;
	if (!wrapper->created.moment.ok)
		return judge_blocked(judge, NULL, "DAT-001");
	if (wrapper->created.moment.seconds <= sent.moment.seconds + HOURS_SECONDS)
		return HOLDS;
	judge_expect(judge, "not after %s", judge_time(judge, said));
	return judge_fail(judge, &wrapper->created.value, MASK_TIME,
			  "creationTime is %s, which is after eb:Timestamp of the message around "
			  "it, %s",
			  judge_time(judge, wrapper->created.value.text), judge_time(judge, said));
}

static const struct rule trn_047 = {
	.id = "TRN-047",
	.name = "interaction-later-than-its-ebxml-header",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "ebXML Message Service 2.0, section 3.1.6.2; Transmission wrapper, creationTime",
	.title = "creationTime is hours after eb:Timestamp of the message around it",
	.why = "A message holds nothing that was made after it: who looks for the message by its "
	       "time finds it on the wrong day.",
	.fix = "Take both times from one clock: the interaction first, then the ebXML header.",
	.check = { .wrapper = is_made_before_ebxml },
};

static const struct rule trn_030 = {
	.id = "TRN-030",
	.name = "capture-has-lost-its-crs",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "RFC 9112, section 2.2",
	.title = "HTTP capture has lost the CRs of its line ends",
	.why = "It is not byte for byte what was sent: no one can check a length, a signature or a "
	       "digest in it.",
	.fix = "Save captures as binary files, and copy them without changing line ends.",
};

static const struct rule trn_036 = {
	.id = "TRN-036",
	.name = "ebxml-header-incomplete",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_TMS,
	.cite = "ebXML Message Service 2.0, sections 2.3, 3.1, 4.2 and 6.3, and appendix A; Spine "
		"External Interface Specification, ebXML messages",
	.title = "ebXML header is incomplete or wrong, or refers to its own message",
	.why = "Spine finds the contract by CPAId and the message by its ids: it answers with an "
	       "ErrorList, or takes the message for another.",
	.fix = "Send From and To with their PartyId, CPAId, ConversationId, Service, Action, and "
	       "MessageData with a new MessageId and the Timestamp, in this order. RefToMessageId "
	       "is for replies: the id of what they answer. TimeToLive is not before the "
	       "Timestamp. Give elements of ebXML the eb:version 2.0, and those of the SOAP "
	       "Header mustUnderstand 1 too. An Acknowledgment has the Timestamp and the "
	       "RefToMessageId of what it acknowledges, and an Error its errorCode and severity. "
	       "An ErrorList has the highestSeverity of its errors; send one of severity Error "
	       "without a Manifest.",
};

static const struct rule trn_037 = {
	.id = "TRN-037",
	.name = "manifest-differs-from-the-parts",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_TMS,
	.cite = "ebXML Message Service 2.0, section 3.2; RFC 2392; Spine External Interface "
		"Specification, ebXML messages",
	.title = "ebXML Manifest and the parts of the message differ",
	.why = "The receiver finds payloads by the Manifest: one that is not there is lost, and "
	       "one "
	       "that does not exist makes it refuse the message.",
	.fix = "List every part after the first, in one Manifest, as a Reference whose xlink:href "
	       "is cid: and its Content-ID without the angle brackets. Give each part a Content-ID "
	       "of its own, and send one interaction in a message.",
};

static const struct rule trn_042 = {
	.id = "TRN-042",
	.name = "part-is-not-7bit",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "RFC 2045, sections 2.7 and 6.2",
	.title = "MIME part has bytes that its Content-Transfer-Encoding excludes",
	.why = "7bit promises ASCII: gateways may cut the eighth bit of each byte, and names with "
	       "accents arrive garbled.",
	.fix = "Send Content-Transfer-Encoding: 8bit with parts in UTF-8.",
};

static const struct rule trn_048 = {
	.id = "TRN-048",
	.name = "processing-instruction-in-soap",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_TMS,
	.cite = "SOAP 1.1, section 3; SOAP 1.2 Part 1, section 5",
	.title = "SOAP message has a processing instruction",
	.why = "SOAP forbids it, before the envelope, in it and after it: a receiver may refuse "
	       "the whole message.",
	.fix = "Remove each of them, such as <?xml-stylesheet ...?>. The XML declaration is not "
	       "one, and may stay.",
};

static const struct rule trn_049 = {
	.id = "TRN-049",
	.name = "ebxml-message-was-refused",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_TMS,
	.cite = "ebXML Message Service 2.0, section 4.2; Spine External Interface Specification, "
		"ebXML messages",
	.title = "ebXML ErrorList refuses the message that it answers",
	.why = "Where RefToMessageId names your message, the receiver did not take it: what was "
	       "asked has no answer, and what was sent is not in CP-IS.",
	.fix = "Find the cause by the errorCode. If the error is of your message, correct and send "
	       "that again. If a test is there to bring about the error, nothing is wrong.",
};

const struct rule *const trn_rules[] = {
	&trn_001, &trn_002, &trn_003, &trn_004, &trn_005, &trn_006, &trn_008, &trn_009,
	&trn_020, &trn_021, &trn_022, &trn_023, &trn_025, &trn_026, &trn_030, &trn_036,
	&trn_037, &trn_042, &trn_047, &trn_048, &trn_049, NULL,
};

/* MESH transfers: a control file, and the data beside it. transport/mesh.c judges them. */
#define CONTROL_FILE "MESH client interface specification, control files"

static const struct rule trn_007 = {
	.id = "TRN-007",
	.name = "mesh-control-file-alone",
	.severity = CPIS_ERROR,
	.extent = NOT_READ,
	.basis = CPIS_BASIS_DMS,
	.cite = CONTROL_FILE "; CP-IS DMS 1.0, transports",
	.title = "MESH control file has no data file, or is not a DTSControl document",
	.why = "MESH transfers data only with a control file: without both, nothing is sent.",
	.fix = "Put NAME.dat and NAME.ctl in the same folder. NAME.ctl is an XML document with the "
	       "root element DTSControl.",
};

static const struct rule trn_038 = {
	.id = "TRN-038",
	.name = "nhs-number-in-mesh-control-file",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = "MESH API specification, mex-subject and mex-localid: no personal data",
	.title = "MESH control file, its name or a Mex- header has an NHS number",
	.why = "What a control file says is in logs and reports of everyone on the way, where the "
	       "child's number must not be.",
	.fix = "Send an id of the transfer in LocalId and a general text in Subject, and call the "
	       "files by a number of your own.",
};

static const struct rule trn_039 = {
	.id = "TRN-039",
	.name = "mesh-transfer-failed",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = CONTROL_FILE ": StatusRecord",
	.title = "MESH control file or header says that the transfer failed",
	.why = "The data that it is about was not delivered: the records in it are not in CP-IS.",
	.fix = "Find the cause by its StatusCode (15: not a CP-IS file), and send the data again.",
};

static const struct rule trn_045 = {
	.id = "TRN-045",
	.name = "mesh-control-field-is-wrong",
	.severity = CPIS_ERROR,
	.extent = PERHAPS_NO_MESSAGE,
	.basis = CPIS_BASIS_DMS,
	.cite = CONTROL_FILE,
	.title = "Field of a MESH control file or header is missing, repeated or wrong",
	.why = "MESH does not send the data, or sends it where no one waits for it: the children "
	       "in "
	       "it are not in CP-IS.",
	.fix = "Send Version 1.0, AddressType DTS, MessageType Data, From_DTS, To_DTS and "
	       "WorkflowId, every field once, and what became of a transfer in a StatusRecord.",
};

static const struct rule trn_046 = {
	.id = "TRN-046",
	.name = "mesh-control-file-contradicts-its-data",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = CONTROL_FILE ": MessageType, IsCompressed and Encrypted; mex-content-compressed "
			     "and mex-content-encrypted",
	.title = "MESH control file or header contradicts its data",
	.why = "The receiver unpacks what is not packed, reads what is, or looks for no data: the "
	       "records in it are lost. What is said to be encrypted and is not can be read on its "
	       "way.",
	.fix = "Send MessageType Data with data, IsCompressed Y only with data that you have "
	       "compressed, and Encrypted Y only with data that you have encrypted.",
};

const struct rule *const trn_mesh_rules[] = {
	&trn_007, &trn_038, &trn_039, &trn_045, &trn_046, NULL,
};

static const struct rule sch_001 = {
	.id = "SCH-001",
	.name = "element-not-expected",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Element is not expected here",
	.why = "Receivers refuse the message, or ignore what they do not expect.",
	.fix = "Put the element where the model has it, in the right order. Remove it only when "
	       "you know what its absence would mean to the receiver.",
};

static const struct rule sch_002 = {
	.id = "SCH-002",
	.name = "element-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required element is missing",
	.why = "Receivers refuse the message, because they rely on this element.",
	.fix = "Send the element, in its place.",
};

static const struct rule sch_003 = {
	.id = "SCH-003",
	.name = "attribute-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required attribute is missing",
	.why = "Without it the element says nothing.",
	.fix = "Send the attribute.",
};

static const struct rule sch_004 = {
	.id = "SCH-004",
	.name = "attribute-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Attribute is not allowed here",
	.why = "Receivers refuse the message.",
	.fix = "Remove the attribute, or correct its name.",
};

static const struct rule sch_005 = {
	.id = "SCH-005",
	.name = "value-does-not-fit-its-type",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value does not match its type",
	.why = "Receivers refuse the message, or misread the value.",
	.fix = "Send the value in the format named.",
};

static const struct rule sch_006 = {
	.id = "SCH-006",
	.name = "value-not-in-its-set",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value is not one of those allowed",
	.why = "Receivers refuse the message: the code means nothing to them.",
	.fix = "Send one of the values named.",
};

static const struct rule sch_007 = {
	.id = "SCH-007",
	.name = "text-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Text is not allowed here",
	.why = "Receivers refuse the message, or the text is lost.",
	.fix = "Put the value where the model has it, usually in an attribute.",
};

static const struct rule sch_008 = {
	.id = "SCH-008",
	.name = "nil-misused",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "xsi:nil is misused",
	.why = "An element is declared empty but must have content, or has content anyway.",
	.fix = "Leave the optional element out instead of sending it as nil.",
};

static const struct rule sch_009 = {
	.id = "SCH-009",
	.name = "fixed-value-differs",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value differs from the fixed value",
	.why = "The model allows only one value.",
	.fix = "Send that value, or leave the attribute out.",
};

static const struct rule sch_010 = {
	.id = "SCH-010",
	.name = "value-fixed-by-the-model",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value fixed by the model was sent",
	.why = "The receiver already knows it, and the published schemas forbid it.",
	.fix = "Leave it out: the model fixes its value.",
};

const struct rule *const sch_rules[] = {
	&sch_001, &sch_002, &sch_003, &sch_004, &sch_005, &sch_006,
	&sch_007, &sch_008, &sch_009, &sch_010, NULL,
};
