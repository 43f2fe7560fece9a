/* Transport layers. All but TRN-002 are judged where a layer is opened: their rows have no check.
 */
#include "rules/catalogue.h"
#include "rules/judge.h"

static enum outcome body_holds_one(struct judge *judge, const struct soap *soap)
{
	if (soap->body_child_count == 1)
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
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 2045, RFC 2046 section 5.1, RFC 2387; ebXML Message Service 2.0, section 2.1",
	.title = "MIME message is incomplete",
	.why = "A receiver that cannot separate its parts finds no message in it.",
	.fix = "Give the boundary in Content-Type, give every part a Content-Type, end the last "
	       "part with --boundary--, and let start name the Content-ID of a part.",
};

static const struct rule trn_004 = {
	.id = "TRN-004",
	.name = "base64-does-not-decode",
	.severity = CPIS_ERROR,
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
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 9112, sections 6 and 7",
	.title = "HTTP body does not match its Content-Length or its chunks",
	.why = "The receiver takes only part of the message, or waits for more until it times out.",
	.fix = "Set Content-Length to the number of bytes (not characters) in the body, or send "
	       "chunks that end with one of size 0. Never do both.",
};

static const struct rule trn_007 = {
	.id = "TRN-007",
	.name = "mesh-control-file-alone",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "MESH client interface specification, control files; CP-IS DMS 1.0, transports",
	.title = "MESH control file has no data file, or is not a DTSControl document",
	.why = "MESH transfers data only with a control file: without both, nothing is sent.",
	.fix = "Put NAME.dat and NAME.ctl in the same folder. NAME.ctl is an XML document with the "
	       "root element DTSControl.",
};

static const struct rule trn_008 = {
	.id = "TRN-008",
	.name = "content-not-opened",
	.severity = CPIS_INFO,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Content that was not read was not judged",
	.title = "Content cannot be opened",
	.why = "It is encrypted, in an unknown format, or over a limit. This finding only reports "
	       "that: the verdict on the message is incomplete, never pass.",
	.fix = "Have it judged before it is encrypted or, if you trust the source, raise the limit "
	       "that is named (--max-decoded, --max-parts, --max-layers, --max-depth).",
};

const struct rule *const trn_rules[] = {
	&trn_001, &trn_002, &trn_003, &trn_004, &trn_005, &trn_006, &trn_007, &trn_008, NULL,
};
