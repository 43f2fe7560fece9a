/* Messages as they go to a server, without one: path, headers, envelope, and new ids and times. */
#include "base/buf.h"
#include "cpis_service.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW   1798761600LL
#define SPINE "testcases/messages/spine-soap-query.xml"

static struct cpis_outgoing *outgoing_of(const char *bytes, size_t size)
{
	const struct cpis_outgoing_options options = { .to = "https://server.example/sync-service",
						       .seed = "test",
						       .now = NOW };
	struct cpis_outgoing *outgoing = NULL;
	struct cpis_failure failure;
	if (cpis_outgoing_new(&outgoing, bytes, size, &options, &failure) != 0)
		fail_msg("%s", failure.text);
	return outgoing;
}

static const char *header_of(const struct cpis_outgoing *outgoing, const char *name)
{
	for (size_t i = 0; i < outgoing->header_count; i++)
		if (strcmp(outgoing->headers[i].name, name) == 0)
			return outgoing->headers[i].value;
	return "";
}

static void test_a_message_goes_as_what_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *file, *door, *asks, *type, *action;
		int wrapped;
	} rows[] = {
		{ SPINE, "Spine", "query", "text/xml; charset=UTF-8",
		  "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"", 0 },
		{ "testcases/messages/itk-soap-query.xml", "ITK", "query",
		  "text/xml; charset=UTF-8", "\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"",
		  0 },
		{ "testcases/messages/QUPC_IN000006GB01-person.xml", "Spine", "query",
		  "text/xml; charset=UTF-8",
		  "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"", 1 },
		{ "testcases/messages/itk-query.xml", "ITK", "query", "text/xml; charset=UTF-8",
		  "\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"", 1 },
		{ "testcases/messages/upload-one.xml", "MESH", "upload", "", "", 0 },
		{ "testcases/transport/query-ebxml.mime", "ebXML", "query",
		  "multipart/related; boundary=\"----=_Boundary_7F3A\"; type=\"text/xml\"; "
		  "start=\"<ebxml@hartleigh.example>\"",
		  "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"", 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size;
		char *bytes = read_file(rows[i].file, &size);
		struct cpis_outgoing *outgoing = outgoing_of(bytes, size);
		assert_string_equal(outgoing->door, rows[i].door);
		assert_string_equal(outgoing->asks, rows[i].asks);
		assert_string_equal(outgoing->method, "POST");
		assert_null(outgoing->target);
		assert_string_equal(header_of(outgoing, "Content-Type"), rows[i].type);
		assert_string_equal(header_of(outgoing, "SOAPAction"), rows[i].action);
		assert_int_equal(outgoing->wrapped, rows[i].wrapped);
		if (!rows[i].wrapped && strcmp(rows[i].door, "ebXML") != 0)
			assert_int_equal(outgoing->size, size);
		cpis_outgoing_free(outgoing);
		free(bytes);
	}
}

/* What is made around a message has no fault of its own. */
static void test_an_envelope_that_is_made_passes(void **state)
{
	(void)state;
	static const char *const files[] = { "testcases/messages/QUPC_IN000006GB01-person.xml",
					     "testcases/messages/QUPC_IN000006GB01-device.xml",
					     "testcases/messages/itk-query.xml" };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct cpis_options options = { .now = NOW };
		struct cpis_results *results = NULL;
		struct cpis_failure failure;
		struct cpis_finding finding;
		size_t size;
		char *bytes = read_file(files[i], &size);
		struct cpis_outgoing *outgoing = outgoing_of(bytes, size);
		const struct cpis_bytes source = { files[i], outgoing->body, outgoing->size };
		assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
		assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
		assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
		if (cpis_results_finding(results, 0, 0, &finding, sizeof(finding)) == 0)
			fail_msg("%s: %s: %s", files[i], finding.rule, finding.message);
		cpis_results_free(results);
		cpis_outgoing_free(outgoing);
		free(bytes);
	}
}

static void test_replies_ask_nothing(void **state)
{
	(void)state;
	static const char *const files[] = { "testcases/messages/spine-soap-response.xml",
					     "testcases/messages/spine-soap-fault.xml",
					     "testcases/messages/acknowledgement-partial.xml",
					     "testcases/messages/access-notification.xml" };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t size;
		char *bytes = read_file(files[i], &size);
		struct cpis_outgoing *outgoing = outgoing_of(bytes, size);
		assert_null(outgoing->asks);
		cpis_outgoing_free(outgoing);
		/* Nor does one that breaks off. */
		bytes[size / 2] = '\0';
		outgoing = outgoing_of(bytes, size / 2);
		assert_null(outgoing->asks);
		cpis_outgoing_free(outgoing);
		free(bytes);
	}
}

static void test_a_capture_goes_with_its_own_path_and_headers(void **state)
{
	(void)state;
	static const char capture[] = "PUT /a/path?x=y HTTP/1.1\r\nHost: other.example\r\n"
				      "Content-Type: text/xml;\r\n charset=ISO-8859-1\r\n"
				      "Authorization: Bearer word\r\nContent-Length: 4\r\n"
				      "Soapaction: none\r\n\r\n<a/>and what follows";
	struct cpis_outgoing *outgoing = outgoing_of(capture, sizeof(capture) - 1);
	assert_string_equal(outgoing->method, "PUT");
	assert_string_equal(outgoing->target, "/a/path?x=y");
	assert_int_equal(outgoing->header_count, 2);
	assert_string_equal(header_of(outgoing, "Content-Type"), "text/xml; charset=ISO-8859-1");
	assert_string_equal(header_of(outgoing, "Soapaction"), "none");
	assert_int_equal(outgoing->size, 4);
	cpis_outgoing_free(outgoing);
}

static void test_a_capture_in_chunks_is_refused(void **state)
{
	(void)state;
	static const char capture[] =
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
	const struct cpis_outgoing_options options = { .now = NOW };
	struct cpis_outgoing *outgoing = NULL;
	struct cpis_failure failure;
	assert_int_equal(
		cpis_outgoing_new(&outgoing, capture, sizeof(capture) - 1, &options, &failure), -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_non_null(strstr(failure.text, "Transfer-Encoding"));
}

static void test_soap_12_has_its_action_in_the_type(void **state)
{
	(void)state;
	size_t size;
	char *bytes = read_file("testcases/messages/itk-soap-query.xml", &size);
	struct buf soap12;
	static const char old[] = "http://schemas.xmlsoap.org/soap/envelope/";
	buf_init(&soap12, SIZE_MAX / 2);
	char *at = strstr(bytes, old);
	assert_non_null(at);
	buf_add(&soap12, bytes, (size_t)(at - bytes));
	buf_text(&soap12, "http://www.w3.org/2003/05/soap-envelope");
	buf_text(&soap12, at + sizeof(old) - 1);
	struct cpis_outgoing *outgoing = outgoing_of(soap12.p, soap12.n);
	assert_string_equal(header_of(outgoing, "Content-Type"),
			    "application/soap+xml; charset=UTF-8; "
			    "action=\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"");
	assert_string_equal(header_of(outgoing, "SOAPAction"), "");
	cpis_outgoing_free(outgoing);
	buf_release(&soap12);
	free(bytes);
}

static void test_ids_and_times_are_made_new_and_faults_stay(void **state)
{
	(void)state;
	static const char was[] =
		"<a id='6FDB3DB5-917F-484E-8652-8977DC2AB4CB' of='urn:uuid:6FDB3DB5-917F-484E-8652-"
		"8977DC2AB4CB'/><b id='6fdb3db5-917f-484e-8652-8977dc2ab4cb'/>"
		"<c id='6FDB3DB5-917F-484E-8652-8977DC2AB4CBA'/><d id='DB3DB5-917F-484E-8652-"
		"8977DC2AB4CB'/>"
		"<creationTime value=\"20261028130423+0000\"/>"
		"<effectiveTime value=\"20261020130423+0100\"/>"
		"<creationTime value=\"20261028130423+0100\"/>"
		"<creationTime value=\"20261028130423\"/>"
		"<birthTime value=\"20180314\"/>"
		"<wsu:Created>2026-10-28T13:04:23Z</wsu:Created>"
		"<wsu:Expires>2026-10-28T13:09:23Z</wsu:Expires>";
	char text[sizeof(was)];
	memcpy(text, was, sizeof(was));
	assert_int_equal(cpis_freshen(text, sizeof(text) - 1, "seed", NOW), 7);
	assert_int_equal(strlen(text), sizeof(was) - 1);
	/* Each id as it refers to another, in its own letters. */
	char *first = strstr(text, "id='") + 4, *second = strstr(text, "uuid:") + 5;
	char *lower = strstr(text, "<b id='") + 7;
	assert_memory_equal(first, second, 36);
	assert_int_not_equal(strncmp(first, strstr(was, "id='") + 4, 36), 0);
	assert_int_equal(strncasecmp(first, lower, 36), 0);
	assert_int_not_equal(strncmp(first, lower, 36), 0);
	assert_non_null(strstr(text, "<c id='6FDB3DB5-917F-484E-8652-8977DC2AB4CBA'/>"));
	assert_non_null(strstr(text, "<d id='DB3DB5-917F-484E-8652-8977DC2AB4CB'/>"));
	/* 2027-01-01, and eight days before; what is not by the clock of the country stays. */
	assert_non_null(strstr(text, "<creationTime value=\"20270101000000+0000\"/>"));
	assert_non_null(strstr(text, "<effectiveTime value=\"20261223230000+0000\"/>"));
	assert_non_null(strstr(text, "<creationTime value=\"20261028130423+0100\"/>"));
	assert_non_null(strstr(text, "<creationTime value=\"20261028130423\"/>"));
	assert_non_null(strstr(text, "<birthTime value=\"20180314\"/>"));
	assert_non_null(strstr(text, "Created>2027-01-01T00:00:00Z<"));
	assert_non_null(strstr(text, "Expires>2027-01-01T00:05:00Z<"));
}

static void test_the_same_seed_makes_the_same_ids(void **state)
{
	(void)state;
	char texts[3][40];
	static const char *const seeds[] = { "one", "one", "two" };
	for (size_t i = 0; i < 3; i++) {
		snprintf(texts[i], sizeof(texts[i]), "6FDB3DB5-917F-484E-8652-8977DC2AB4CB");
		assert_int_equal(cpis_freshen(texts[i], 36, seeds[i], NOW), 1);
	}
	assert_string_equal(texts[0], texts[1]);
	assert_string_not_equal(texts[0], texts[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_goes_as_what_it_is),
		cmocka_unit_test(test_an_envelope_that_is_made_passes),
		cmocka_unit_test(test_replies_ask_nothing),
		cmocka_unit_test(test_a_capture_goes_with_its_own_path_and_headers),
		cmocka_unit_test(test_a_capture_in_chunks_is_refused),
		cmocka_unit_test(test_soap_12_has_its_action_in_the_type),
		cmocka_unit_test(test_ids_and_times_are_made_new_and_faults_stay),
		cmocka_unit_test(test_the_same_seed_makes_the_same_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
