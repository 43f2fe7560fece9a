/*
 * What findings advise: following it must not make a message worse, nor lead from one finding to
 * the next and back. Each row is a fault that was once answered with bad advice.
 */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGES "testcases/messages/"
#define RULES	 "testcases/rules/"

/* In the message, the first `from` becomes `to`. Report says `says`, and nowhere `lacks`. */
static const struct advice {
	const char *message, *from, *to, *says, *lacks;
} all_advice[] = {
	/* Without it a silent read becomes a visit that is reported. */
	{ MESSAGES "query-person.xml", "<author>", "<accessEventType value=\"false\"/><author>",
	  "Keep it in a query of scheduled care", "eave it out" },
	{ MESSAGES "query-person.xml", "<author>", "<accessType value=\"false\"/><author>",
	  "Remove it only when you know", "eave it out" },
	/* A record, a subject or a plan must not be lost. */
	{ MESSAGES "upload-one.xml", "<record>", "<record updateMode=\"removed\">",
	  "Send the element without updateMode", "eave the element out" },
	{ MESSAGES "upload-one.xml", "<record>", "<record nullFlavor=\"UNK\">",
	  "Never remove a record", "eave the element out" },
	/* The end date of an unborn child plan is mandatory. */
	{ RULES "DAT-003/fail-unborn-child-plan.xml", "", "", "must have an end date",
	  "leave the end date out" },
	/* What must be empty, and what holds text or elements. */
	{ MESSAGES "upload-one.xml", "O'Brannigan", "<b/>", "family, which holds text only",
	  "must be empty" },
	{ MESSAGES "upload-one.xml", "<CP-ISRecord>", "<CP-ISRecord>text", "only contain elements",
	  "must be empty" },
	{ RULES "SCH-001/fail-second-element-in-a-payload.xml", "", "",
	  "payload, which holds one element at most", "holds text only" },
	/* XPath 2.0, a variable, and a call without what it needs. */
	{ RULES "ACK-005/fail-xpath-2.0.xml", "", "",
	  "is not an XPath 1.0 expression that can be evaluated", "is not an XPath," },
	{ RULES "ACK-005/fail-variable.xml", "", "",
	  "is not an XPath 1.0 expression that can be evaluated", "is not an XPath," },
	{ RULES "ACK-005/fail-a-call-without-arguments.xml", "", "",
	  "is not an XPath 1.0 expression that can be evaluated", "gives a value" },
	/* A time is not an NHS number. */
	{ MESSAGES "upload-one.xml", "20261019080003+0100", "2026101908",
	  "creation time 2026101908", "NHS number #" },
	/* The second follows from the first. */
	{ MESSAGES "smsp-response-found.xml", "SMSP-0000", "SMSP-0042", "RSP-006",
	  "\"rule\": \"RSP-007\"" },
	/* One slip, one finding. */
	{ RULES "NHS-001/fail-swapped-roots.xml", "", "", "are swapped", "\"rule\": \"NHS-010\"" },
	{ RULES "NHS-001/fail-swapped-roots.xml", "", "", "NHS-001", "\"rule\": \"NHS-011\"" },
	{ RULES "NHS-001/fail-swapped-extensions.xml", "", "", "NHS-001", "\"rule\": \"NHS-016\"" },
	/* What is in one too many goes with it. */
	{ MESSAGES "upload-one.xml", "</childPerson>",
	  "<birthTime code=\"1\">text<junk/></birthTime></childPerson>", "a second birthTime",
	  "\"rule\": \"SCH-007\"" },
	/* A deleted plan must not become one that ended. */
	{ RULES "SCH-001/fail-delete-date-in-a-response.xml", "", "",
	  "a query response has no delete date", "did you mean" },
	{ RULES "SCH-001/fail-delete-date-in-a-response.xml", "component2><cPPDeleteDate",
	  "component1><cPPDeleteDate", "Do not send it as an end date", "cPPEndDate" },
	{ MESSAGES "upload-one.xml", "component>", "component7>", "component7 is not allowed",
	  "did you mean component1" },
	{ RULES "XML-003/fail-utf-8-without-its-hyphen.xml", "", "",
	  "the encoding utf8: the name of UTF-8 has a hyphen", "an encoding that" },
	{ RULES "XML-003/fail-utf-8-without-its-hyphen.xml", "utf8", "CP1252",
	  "the encoding CP1252: UTF-8 is required", "an encoding that" },
	{ RULES "XML-003/fail-utf-8-without-its-hyphen.xml", "utf8", "Halcyon",
	  "an encoding that is not UTF-8", "Halcyon" },
	/* Leading zeros in the id of an upload are a warning, and so they are where it is repeated.
	 */
	{ RULES "NOT-002/fail-access-leading-zero.xml", "", "", "\"severity\": \"warning\"",
	  "\"severity\": \"error\"" },
	/* What Spine sends may have more by its schema; what it is sent may not. */
	{ RULES "TMS-008/fail-two-of-a-response.xml", "", "", "\"severity\": \"warning\"",
	  "\"severity\": \"error\"" },
	{ RULES "TMS-005/fail-two-receivers-of-a-response.xml", "", "", "\"severity\": \"warning\"",
	  "\"severity\": \"error\"" },
	{ RULES "TMS-005/fail-two-receivers.xml", "", "", "\"severity\": \"error\"",
	  "Spine sends one" },
	/* A colon in the SOAPAction is a warning, whatever is around the message, and hides no
	 * other action. */
	{ RULES "TRN-024/fail-colon-before-the-interaction.xml", "", "",
	  "\"severity\": \"warning\"", "\"severity\": \"error\"" },
	{ RULES "TRN-024/fail-ebxml-with-a-colon.xml", "", "", "\"severity\": \"warning\"",
	  "\"severity\": \"error\"" },
	{ RULES "TRN-024/fail-query-alone-with-a-colon.xml", "", "", "\"severity\": \"warning\"",
	  "\"severity\": \"error\"" },
	{ RULES "TRN-024/fail-access-notification-with-a-colon.xml", "", "",
	  "cpisquery/ACCESS_TO_SERVICE", "\"severity\": \"error\"" },
	{ RULES "TRN-024/fail-colon-before-the-interaction.xml", "Content-Type: text/xml",
	  "Content-Type: application/soap+xml; action=\"urn:x\"", "but action in Content-Type is",
	  "\"severity\": \"warning\"" },
	{ RULES "TRN-024/fail-query-alone-with-a-colon.xml", "text/xml",
	  "application/soap+xml; action=\"urn:nhs:names:services:cpisquery/REPC_IN000007GB01\"",
	  "action in Content-Type is", "\"severity\": \"warning\"" },
	/* An upload has two names. */
	{ RULES "TRN-024/fail-upload-with-an-action-of-no-service.xml", "", "",
	  "urn:GB-en-NHS:iops:interaction:CP-ISLocalAuthorityUpload-v1-0 or File", "cpisupload" },
	/* A profile of Spine is valid in itself. */
	{ RULES "ITK-010/fail-spine-profile-for-the-mini-service.xml", "", "",
	  "\"severity\": \"warning\"", "\"severity\": \"error\"" },
	/* A code that no record detail has says nothing of its record, neither way. */
	{ MESSAGES "acknowledgement-success.xml", "CPR06", "CPR6", "ACK-004",
	  "\"rule\": \"ACK-009\"" },
	{ MESSAGES "acknowledgement-partial.xml", "<code code=\"CPR06\"", "<coed code=\"CPR06\"",
	  "did you mean code?", "\"rule\": \"ACK-009\"" },
	{ MESSAGES "acknowledgement-failed.xml", "CPR02", "CPR2", "ACK-004",
	  "\"rule\": \"ACK-007\"" },
	{ RULES "ACK-010/fail-both.xml", "CPR06", "CPR6", "ACK-004", "\"rule\": \"ACK-010\"" },
	/* A misspelt code of the file may be the error that keeps its id from being known. */
	{ MESSAGES "acknowledgement-file-error.xml", "CPF01", "CPF1", "did you mean CPF01?",
	  "\"rule\": \"ACK-008\"" },
	/* And a misspelt id may be that of the user. */
	{ MESSAGES "response-three.xml", "<id root=\"1.2.826.0.1285.0.2.0.65\"",
	  "<idx root=\"1.2.826.0.1285.0.2.0.65\"", "did you mean id?", "\"rule\": \"RSP-014\"" },
	{ MESSAGES "response-three.xml", "<id root=\"1.2.826.0.1285.0.2.0.65\"",
	  "<id roots=\"1.2.826.0.1285.0.2.0.65\"", "SCH-004", "\"rule\": \"RSP-014\"" },
	/* All is there, in another namespace. */
	{ RULES "TMS-011/fail-addressing-of-2005.xml", "", "",
	  "in the namespace http://schemas.xmlsoap.org/ws/2004/08/addressing.",
	  "Send wsa:MessageID" },
	/* No flag makes such a payload right, so it is not the manifest that is shown. */
	{ RULES "ITK-014/fail-xml-in-cdata.xml", "", "", "/payloads/payload\"", "header/manifest" },
	{ RULES "ITK-014/fail-zlib.xml", "", "", "Compress the payload once", "Set the flags" },
	{ RULES "ITK-014/fail-compressed-twice.xml", "", "", "/payloads/payload\"",
	  "header/manifest" },
	/* What is lost does not come back by another program. */
	{ MESSAGES "upload-one.xml", "</File>", "", "Transfer the whole file again", "joining" },
	{ MESSAGES "upload-one.xml", "</record>", "", "found the end tag", "Transfer the" },
	/* The error of an envelope with two messages is shown with the first of them. */
	{ RULES "ITK-060/pass-upload-beside-the-query.xml", "<itk:handlingSpecification>",
	  "<itk:other/><itk:handlingSpecification>", "other is not allowed",
	  "no error in the message explains" },
	{ RULES "ITK-060/pass-upload-beside-the-query.xml", "</itk:payloads>",
	  "</itk:payloads><itk:payloads count=\"0\"/>", "a second payloads",
	  "no error in the message explains" },
	/* An error of a severity that ebXML does not have is not taken for a warning. */
	{ RULES "TRN-049/fail-query-is-refused.xml",
	  "eb:codeContext=\"urn:oasis:names:tc:ebxml-msg:service:errors\" "
	  "eb:errorCode=\"SecurityFailure\" eb:severity=\"Error\"/>",
	  "eb:errorCode=\"Any\" eb:severity=\"Fatal\"/><eb:Error                        "
	  "eb:errorCode=\"x\" eb:severity=\"Warning\"/>",
	  "the receiver refused the message", "it has warnings only" },
	/* The values that CP-IS has, not those at the start of a long list. */
	{ MESSAGES "QUPC_IN000006GB01-person.xml", "versionCode code=\"", "versionCode code=\"x",
	  "v3CPI_DMSv1.0:RC3", "V3NPfIT2.0" },
};

static void write_changed(const char *path, const struct advice *advice)
{
	char *text = read_file(advice->message, NULL);
	const char *at = strstr(text, advice->from);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	if (!at)
		fail_msg("%s does not have %s", advice->message, advice->from);
	fprintf(file, "%.*s%s%s", (int)(at - text), text, advice->to, at + strlen(advice->from));
	assert_int_equal(fclose(file), 0);
	free(text);
}

static bool reads(const char *report, const char *words, bool wanted)
{
	if ((strstr(report, words) != NULL) == wanted)
		return true;
	print_error("the report %s \"%s\"\n%.3000s\n", wanted ? "does not say" : "says", words,
		    report);
	return false;
}

static void test_advice_makes_no_message_worse(void **state)
{
	(void)state;
	size_t wrong = 0;
	for (size_t i = 0; i < sizeof(all_advice) / sizeof(all_advice[0]); i++) {
		const struct advice *advice = &all_advice[i];
		write_changed(scratch_path("message.xml"), advice);
		struct said said = run_program("validate --report json @/message.xml");
		wrong += !reads(said.out, advice->says, true) ||
			 !reads(said.out, advice->lacks, false);
		run_release(&said);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advice_makes_no_message_worse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
