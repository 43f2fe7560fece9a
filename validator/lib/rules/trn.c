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
				  "the SOAP Body holds %zu elements, exactly one was expected",
				  soap->body_child_count);
	if (value_there(&soap->body_element))
		return judge_fail(judge, &soap->body_element, MASK_NONE,
				  "the SOAP Body is empty, exactly one element was expected");
	return judge_fail_part(judge, &soap->part, "the SOAP Envelope has no Body");
}

static const struct rule trn_002 = {
	.id = "TRN-002",
	.name = "soap-body-holds-not-one",
	.severity = CPIS_ERROR,
	.on = PART_SOAP,
	.basis = CPIS_BASIS_TMS,
	.cite = "Spine External Interface Specification, SOAP messages; SOAP 1.1, section 4.3",
	.title = "The SOAP Body does not hold exactly one element",
	.why = "Spine takes one interaction a request: a second one is lost, and an empty Body is "
	       "refused.",
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
	.why = "What is not recognised is not judged, and must not pass for good.",
	.fix = "Send one of the CP-IS messages, bare or in a SOAP or ITK envelope, in the "
	       "namespace urn:hl7-org:v3.",
};

static const struct rule trn_003 = {
	.id = "TRN-003",
	.name = "mime-parts-incomplete",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 2045, RFC 2046 section 5.1, RFC 2387; ebXML Message Service 2.0, section 2.1",
	.title = "The MIME message is not complete",
	.why = "A receiver that cannot tell its parts apart finds no message in it.",
	.fix = "Name the boundary in Content-Type, give every part a Content-Type, close the last "
	       "one with --boundary--, and let start name a part's Content-ID.",
};

static const struct rule trn_004 = {
	.id = "TRN-004",
	.name = "base64-does-not-decode",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK distribution envelope, manifestitem/@base64; RFC 4648, section 4; RFC 2045, "
		"section 6.8",
	.title = "base64 content does not decode completely",
	.why = "The message in it cannot be read, or only a part of it.",
	.fix = "Encode the bytes of the whole message, with padding, in the standard alphabet.",
};

static const struct rule trn_005 = {
	.id = "TRN-005",
	.name = "content-does-not-decompress",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK distribution envelope, manifestitem/@compressed; RFC 1950, RFC 1951, RFC 1952",
	.title = "Compressed content or an archive does not open completely",
	.why = "The message in it cannot be read, or only a part of it.",
	.fix = "Compress the whole message and send all of the result, byte for byte: transfers in "
	       "text mode and cut files break it.",
};

static const struct rule trn_006 = {
	.id = "TRN-006",
	.name = "http-body-differs-from-its-length",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_TMS,
	.cite = "RFC 9112, sections 6 and 7",
	.title = "The HTTP body does not match its Content-Length or its chunks",
	.why = "The receiver takes a part of the message, or waits for more until it gives up.",
	.fix = "Let Content-Length count the bytes (not the characters) of the body, or send it in "
	       "chunks with a last chunk of size 0; never both.",
};

static const struct rule trn_007 = {
	.id = "TRN-007",
	.name = "mesh-control-file-alone",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "MESH client interface specification, control files; CP-IS DMS 1.0, transports",
	.title = "A MESH control file without data, or that is no DTSControl document",
	.why = "MESH moves data only by its control file: without both, nothing is transferred.",
	.fix = "Put NAME.dat and NAME.ctl side by side; the latter is an XML document with the "
	       "root element DTSControl.",
};

static const struct rule trn_008 = {
	.id = "TRN-008",
	.name = "content-not-opened",
	.severity = CPIS_INFO,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Judging by the whole content: what was not seen was not judged",
	.title = "Content that cannot be opened",
	.why = "It is encrypted, in a form that is not known, or beyond a limit. The finding only "
	       "says so and weighs nothing; the verdict of the message is incomplete, never pass.",
	.fix = "Have it judged before it is encrypted, or raise the limit that is named "
	       "(--max-decoded, --max-parts, --max-layers, --max-depth) when you trust the source.",
};

const struct rule *const trn_rules[] = {
	&trn_001, &trn_002, &trn_003, &trn_004, &trn_005, &trn_006, &trn_007, &trn_008, NULL,
};
