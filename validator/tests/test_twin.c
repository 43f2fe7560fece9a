/* The twin of the national service, without sockets: what it answers, and that its answers pass. */
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

#define NOW    1798761600LL
#define SPINE  "testcases/messages/spine-soap-query.xml"
#define ITK    "testcases/messages/itk-soap-query.xml"
#define EBXML  "testcases/transport/query-ebxml.mime"
#define UPLOAD "testcases/messages/upload-five.xml"

static long long seconds_later; /* of the clock that calls go by */

static struct cpis_twin *open_twin(const char *scenarios)
{
	const struct cpis_twin_options options = { .scenarios = scenarios, .seed = "test" };
	struct cpis_twin *twin = NULL;
	struct cpis_failure failure;
	if (cpis_twin_new(&twin, &options, &failure) != 0)
		fail_msg("%s: %s", failure.file, failure.text);
	return twin;
}

static struct cpis_reply *call(struct cpis_twin *twin, const char *method, const char *target,
			       const struct cpis_header *headers, size_t header_count,
			       const char *body, size_t size)
{
	const struct cpis_call made = {
		.method = method,
		.target = target,
		.headers = headers,
		.header_count = header_count,
		.body = body,
		.size = size,
		.now = NOW + seconds_later,
	};
	struct cpis_reply *reply = NULL;
	struct cpis_failure failure;
	if (cpis_twin_call(twin, &made, &reply, &failure) != 0)
		fail_msg("%s", failure.text);
	return reply;
}

/* A message of a file, asking for another NHS number. */
static struct cpis_reply *ask(struct cpis_twin *twin, const char *path, const char *was,
			      const char *number, const char *scenario)
{
	size_t size;
	char *body = read_file(path, &size);
	for (char *at = body; (at = strstr(at, was)); at += strlen(was))
		for (size_t i = 0; number[i]; i++)
			at[i] = number[i];
	bool itk = strcmp(path, ITK) == 0;
	const struct cpis_header headers[] = {
		{ "Content-Type", "text/xml; charset=UTF-8" },
		{ "SOAPAction", itk ? "\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\""
				    : "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"" },
		{ "Cpis-Scenario", scenario },
	};
	struct cpis_reply *reply =
		call(twin, "POST", "/sync-service", headers, scenario ? 3 : 2, body, size);
	free(body);
	return reply;
}

static bool says(const struct cpis_reply *reply, const char *text)
{
	return memmem(reply->body, reply->size, text, strlen(text)) != NULL;
}

static void test_triggers_of_the_stubs_give_their_outcomes(void **state)
{
	(void)state;
	static const struct {
		const char *number;
		bool itk, silent;
		unsigned status;
		const char *says[2];
	} triggers[] = {
		{ "9449310394", false, false, 200, { "REPC_IN000007GB01", "9449310394" } },
		{ "9448904053", false, false, 200, { "NHSNCC002", "code=\"ID\"" } },
		{ "9444459993", false, false, 500, { ">101<", "HTTP Header - SOAPAction" } },
		{ "9346424613", false, false, 200, { "GE002", "typeCode=\"AE\"" } },
		{ "1111111111", false, true, 0, { NULL } },
		{ "2222222222", false, false, 200, { "402005", NULL } },
		{ "1111111111", true, false, 200, { "SMSP-0001", NULL } },
		{ "2222222222", true, false, 200, { "SMSP-0002", NULL } },
		{ "3333333333", true, false, 200, { "SMSP-0003", NULL } },
		{ "4444444444", true, false, 200, { "SMSP-0004", NULL } },
		{ "5555555555", true, false, 200, { "SMSP-0005", NULL } },
		{ "6666666666", true, false, 200, { "SMSP-9999", NULL } },
		{ "7777777777", true, false, 200, { "CPIS-9999", NULL } },
		{ "8888888888", true, false, 200, { "CPIS-0001", NULL } },
		{ "1234567895", true, false, 200, { "SMSP-0000", "COCT_TP146105GB01" } },
	};
	struct cpis_twin *twin = open_twin(NULL);
	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		struct cpis_reply *reply =
			triggers[i].itk ? ask(twin, ITK, "9997418964", triggers[i].number, NULL)
					: ask(twin, SPINE, "9999395929", triggers[i].number, NULL);
		assert_int_equal(reply->silent, triggers[i].silent);
		if (!reply->silent)
			assert_int_equal(reply->status, triggers[i].status);
		for (size_t k = 0; k < 2 && triggers[i].says[k]; k++)
			if (!says(reply, triggers[i].says[k]))
				fail_msg("%s: %.*s", triggers[i].number, (int)reply->size,
					 (const char *)reply->body);
		cpis_reply_free(reply);
	}
	cpis_twin_free(twin);
}

/* Uploads come by MESH: no action of a service is theirs. */
static void test_an_upload_with_an_action_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *action, *says;
		unsigned status;
	} actions[] = {
		{ "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"",
		  "HTTP Header - SOAPAction", 500 },
		{ "\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"", ">1000<", 500 },
		{ "\"urn:wexley:upload\"", "HTTP Header - SOAPAction", 500 },
		{ "\"\"", "FileResponse", 200 },
	};
	size_t size;
	char *body = read_file("testcases/messages/upload-one.xml", &size);
	struct cpis_twin *twin = open_twin(NULL);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const struct cpis_header headers[] = { { "Content-Type", "text/xml" },
						       { "SOAPAction", actions[i].action } };
		struct cpis_reply *reply =
			call(twin, "POST", "/sync-service", headers, 2, body, size);
		assert_int_equal(reply->status, actions[i].status);
		assert_true(says(reply, actions[i].says));
		cpis_reply_free(reply);
	}
	cpis_twin_free(twin);
	free(body);
}

static struct cpis_reply *mesh(struct cpis_twin *twin, const char *method, const char *target,
			       const char *body, size_t size)
{
	static const struct cpis_header headers[] = {
		{ "Mex-To", "CPISTWIN" },     { "Mex-WorkflowID", "CPIS" },
		{ "Mex-ClientVersion", "1" }, { "Mex-OSName", "x" },
		{ "Mex-OSVersion", "1" },     { "Accept", "application/vnd.mesh.v2+json" },
	};
	return call(twin, method, target, headers, 6, body, size);
}

/* The id of the first message in an inbox, as a path; "" when it is empty. */
static void first_of_inbox(struct cpis_twin *twin, char path[256])
{
	struct cpis_reply *reply = mesh(twin, "GET", "/messageexchange/BOX1/inbox", NULL, 0);
	const char *list = strstr(reply->body, "[\"");
	path[0] = 0;
	if (list)
		snprintf(path, 256, "/messageexchange/BOX1/inbox/%.36s", list + 2);
	cpis_reply_free(reply);
}

static void acknowledge(struct cpis_twin *twin, const char *path)
{
	char target[300];
	snprintf(target, sizeof(target), "%s/status/acknowledged", path);
	struct cpis_reply *reply = mesh(twin, "PUT", target, NULL, 0);
	assert_int_equal(reply->status, 200);
	cpis_reply_free(reply);
}

static enum cpis_verdict verdict_of(const struct cpis_reply *reply, struct cpis_message *message)
{
	const struct cpis_options options = { .now = NOW };
	const struct cpis_bytes source = { "reply", reply->body, reply->size };
	static char type[64];
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	enum cpis_verdict verdict = cpis_results_verdict(results);
	assert_int_equal(cpis_results_message(results, 0, message, sizeof(*message)), 0);
	snprintf(type, sizeof(type), "%s", message->type ? message->type : "");
	message->type = type;
	cpis_results_free(results);
	return verdict;
}

static void upload(struct cpis_twin *twin)
{
	size_t size;
	char *body = read_file(UPLOAD, &size);
	struct cpis_reply *reply = mesh(twin, "POST", "/messageexchange/BOX1/outbox", body, size);
	assert_int_equal(reply->status, 202);
	assert_int_equal(reply->request_verdict, CPIS_PASS);
	assert_int_equal(reply->reply_verdict, CPIS_PASS);
	cpis_reply_free(reply);
	free(body);
}

/* The capture that the journal keeps is the call, so the rules on its fields have been asked. */
static void test_the_fields_of_a_call_of_mesh_are_judged_with_its_upload(void **state)
{
	static const struct cpis_header headers[] = {
		{ "Mex-To", "CPISTWIN" },
		{ "Mex-WorkflowID", "CPIS" },
		{ "Mex-Subject", "9996184978" },
	};
	(void)state;
	size_t size;
	char path[256], *body = read_file(UPLOAD, &size);
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	struct cpis_reply *reply =
		call(twin, "POST", "/messageexchange/BOX1/outbox", headers, 3, body, size);
	assert_int_equal(reply->request_verdict, CPIS_FAIL);
	assert_non_null(strstr(reply->request_capture, "\r\nMex-Subject: 9996184978\r\n"));
	cpis_reply_free(reply);
	/* The service does not read them: the upload is loaded. */
	first_of_inbox(twin, path);
	reply = mesh(twin, "GET", path, NULL, 0);
	assert_true(says(reply, "CPF02"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
	free(body);
}

static void test_an_upload_is_answered_queried_and_its_access_notified(void **state)
{
	(void)state;
	char path[256];
	struct cpis_message message;
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	upload(twin);
	first_of_inbox(twin, path);
	struct cpis_reply *reply = mesh(twin, "GET", path, NULL, 0);
	assert_int_equal(verdict_of(reply, &message), CPIS_PASS);
	assert_string_equal(message.type, "REPC_MT000003GB01");
	assert_true(says(reply, "CPF02"));
	cpis_reply_free(reply);
	acknowledge(twin, path);

	reply = ask(twin, SPINE, "9999395929", "9993394130", NULL);
	assert_int_equal(reply->request_verdict, CPIS_PASS);
	assert_int_equal(reply->reply_verdict, CPIS_PASS);
	assert_string_equal(reply->reply_type, "REPC_IN000007GB01");
	assert_true(says(reply, "Quillfeather"));
	cpis_reply_free(reply);

	first_of_inbox(twin, path);
	reply = mesh(twin, "GET", path, NULL, 0);
	assert_int_equal(verdict_of(reply, &message), CPIS_PASS);
	assert_string_equal(message.type, "REPC_MT000004GB01");
	cpis_reply_free(reply);
	acknowledge(twin, path);
	first_of_inbox(twin, path);
	assert_string_equal(path, "");
	cpis_reply_free(call(twin, "POST", "/admin/reset", NULL, 0, NULL, 0));
	reply = call(twin, "GET", "/admin/state", NULL, 0, NULL, 0);
	assert_true(says(reply, "\"count\": 0"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
}

/* A message of a file, asking for another NHS number, with more before a tag of its query. */
static struct cpis_reply *ask_with(struct cpis_twin *twin, const char *path, const char *number,
				   const char *more, const char *tag)
{
	size_t size;
	char *body = read_file(path, &size), *query = strstr(body, "<cP-ISNHSQuery");
	const char *was = strcmp(path, ITK) == 0 ? "9997418964" : "9999395929";
	char *at = strstr(tag ? query : body, tag ? tag : "<CP-ISQueryStub");
	struct buf request;
	assert_non_null(at);
	for (char *found = body; (found = strstr(found, was));)
		for (size_t i = 0; number[i]; i++)
			found[i] = number[i];
	buf_init(&request, SIZE_MAX / 2);
	buf_add(&request, body, (size_t)(at - body));
	buf_printf(&request, "%s%s", more, at);
	static const struct cpis_header headers[] = {
		{ "Content-Type", "text/xml; charset=UTF-8" },
		{ "SOAPAction", "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"" },
	};
	struct cpis_reply *reply = call(twin, "POST", "/sync-service", headers,
					strcmp(path, ITK) == 0 ? 0 : 2, request.p, request.n);
	buf_release(&request);
	free(body);
	return reply;
}

#define CHILD	     "9993394130" /* of the upload */
#define STUB	     "9449310394" /* of a published stub, with a record */
#define EVENT(value) "<accessEventType value=\"" value "\"/>"

/* Patch D has accessEventType, and does not say where; the schemas of RC5 do not have it. */
static void test_a_silent_read_is_answered_and_not_notified(void **state)
{
	(void)state;
	static const struct {
		const char *path, *number, *more, *before; /* before NULL: outside the query */
		const char *says;
	} reads[] = {
		{ SPINE, CHILD, EVENT("false"), "<author", "Quillfeather" },
		{ SPINE, CHILD, EVENT("0"), "<id", "Quillfeather" },
		{ SPINE, CHILD, EVENT("false"), "</cP-ISNHSQuery", "Quillfeather" },
		{ SPINE, CHILD, EVENT("false") EVENT("true"), "<author", "GE002" },
		{ SPINE, CHILD, EVENT("scheduled"), "<author", "GE002" },
		{ SPINE, CHILD, EVENT("false") "<accessEvent/>", "<author", "GE002" },
		{ SPINE, CHILD, EVENT("false"), NULL, "GE002" },
		{ ITK, CHILD, EVENT("false"), "<author", "SMSP-0001" },
		{ SPINE, STUB, EVENT("false"), "<author", "Kestrelby" },
		{ SPINE, CHILD, EVENT("true"), "<author", "Quillfeather" },
	};
	const size_t count = sizeof(reads) / sizeof(reads[0]);
	char path[256];
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	upload(twin);
	first_of_inbox(twin, path);
	acknowledge(twin, path);
	for (size_t i = 0; i < count; i++) {
		struct cpis_reply *reply = ask_with(twin, reads[i].path, reads[i].number,
						    reads[i].more, reads[i].before);
		bool listed = says(reply, "<pertinentInformation13>"), last = i + 1 == count;
		if (reply->reply_verdict != CPIS_PASS || !says(reply, reads[i].says) ||
		    listed != last)
			fail_msg("%zu: %.*s", i, (int)reply->size, (const char *)reply->body);
		cpis_reply_free(reply);
		/* Only the last is not a silent read. */
		first_of_inbox(twin, path);
		assert_int_equal(*path != 0, last);
	}
	cpis_twin_free(twin);
}

/* Who is responsible for a device is read when the query around it has ended. */
static void test_the_person_behind_a_device_is_listed(void **state)
{
	(void)state;
	size_t size;
	char *body = read_file("testcases/rules/QRY-001/pass-device.xml", &size);
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	upload(twin);
	struct cpis_reply *reply = call(twin, "POST", "/sync-service", NULL, 0, body, size);
	assert_int_equal(reply->reply_verdict, CPIS_PASS);
	assert_true(says(reply, "Quillfeather"));
	assert_true(says(reply, "<given>Ignatius</given>") && says(reply, "Fell-Wren"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
	free(body);
}

/* Clients write parts of a second, and their clocks may be ahead. */
static void test_a_reply_is_not_secured_before_its_request(void **state)
{
	(void)state;
	static const char was[] = "2026-10-26T08:30:16Z";
	static const char *const created[] = {
		"2027-01-01T00:00:00Z",
		"2027-01-01T00:00:00.404Z",
		"2027-01-01T00:00:01.999999Z",
		"2027-01-01T00:03:00Z",
		"2027-01-01T01:00:00.4040404+01:00",
		"2026-12-31T23:59:59.9Z",
	};
	static const char *const answered[] = { ":00:00Z", ":00:00Z", ":00:01Z",
						":03:00Z", ":00:00Z", ":00:00Z" };
	struct cpis_twin *twin = open_twin(NULL);
	size_t size;
	char *body = read_file(ITK, &size), *at = strstr(body, was);
	assert_non_null(at);
	for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++) {
		struct buf request;
		char said[64];
		buf_init(&request, SIZE_MAX / 2);
		buf_add(&request, body, (size_t)(at - body));
		buf_printf(&request, "%s%s", created[i], at + strlen(was));
		struct cpis_reply *reply =
			call(twin, "POST", "/sync-service", NULL, 0, request.p, request.n);
		snprintf(said, sizeof(said), "Created>2027-01-01T00%s<", answered[i]);
		if (reply->reply_verdict != CPIS_PASS || !says(reply, said))
			fail_msg("%s: %.*s", created[i], (int)reply->size,
				 (const char *)reply->body);
		cpis_reply_free(reply);
		buf_release(&request);
	}
	free(body);
	cpis_twin_free(twin);
}

static unsigned admin(struct cpis_twin *twin, const char *target)
{
	struct cpis_reply *reply = call(twin, "POST", target, NULL, 0, NULL, 0);
	unsigned status = reply->status;
	cpis_reply_free(reply);
	return status;
}

/* The upload, of a child who is 18 on 10 January 2027. */
static void upload_of_17(struct cpis_twin *twin, const char *start)
{
	size_t size;
	char *body = read_file(UPLOAD, &size);
	char *birth = strstr(body, "20150722"), *began = strstr(body, "202605120900");
	for (size_t i = 0; i < 8; i++)
		birth[i] = "20090110"[i];
	for (size_t i = 0; i < 12; i++)
		began[i] = start[i];
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1/outbox", body, size));
	free(body);
}

static struct cpis_reply *ask_days_later(struct cpis_twin *twin, int days)
{
	seconds_later = days * 86400LL;
	struct cpis_reply *reply = ask(twin, SPINE, "9999395929", "9993394130", NULL);
	seconds_later = 0;
	return reply;
}

/* The service ends the record: what it shows afterwards is a plan that has ended. */
static void test_a_plan_ends_on_the_18th_birthday(void **state)
{
	(void)state;
	struct cpis_twin *twin = open_twin(NULL);
	upload_of_17(twin, "202605120900");
	struct cpis_reply *reply = ask_days_later(twin, 5);
	assert_true(says(reply, "Quillfeather"));
	assert_false(says(reply, "EndDate"));
	cpis_reply_free(reply);
	reply = ask_days_later(twin, 30);
	assert_int_equal(reply->reply_verdict, CPIS_PASS);
	assert_true(says(reply, "EndDate>") && says(reply, "\"202701100000\""));
	cpis_reply_free(reply);
	reply = ask_days_later(twin, 30 + 366);
	assert_string_equal(reply->reply_type, "QUQI_IN010000UK14");
	cpis_reply_free(reply);
	cpis_twin_free(twin);
	/* One that would have begun after that day never does. */
	twin = open_twin(NULL);
	upload_of_17(twin, "202702011030");
	reply = ask_days_later(twin, 5);
	assert_true(says(reply, "Quillfeather"));
	cpis_reply_free(reply);
	reply = ask_days_later(twin, 60);
	assert_string_equal(reply->reply_type, "QUQI_IN010000UK14");
	cpis_reply_free(reply);
	cpis_twin_free(twin);
}

static void test_a_number_out_of_use_is_notified_and_refused(void **state)
{
	(void)state;
	char path[256];
	struct cpis_message message;
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	upload(twin);
	first_of_inbox(twin, path);
	acknowledge(twin, path);
	assert_int_equal(
		admin(twin, "/admin/inactive?nhs-number=9993394130&replacement=9990000018"), 204);
	first_of_inbox(twin, path);
	struct cpis_reply *reply = mesh(twin, "GET", path, NULL, 0);
	assert_int_equal(verdict_of(reply, &message), CPIS_PASS);
	assert_string_equal(message.type, "REPC_MT000005GB01");
	assert_true(says(reply, "9993394130") && says(reply, "9990000018"));
	cpis_reply_free(reply);
	acknowledge(twin, path);

	/* The same upload once more: the record is refused now. */
	upload(twin);
	first_of_inbox(twin, path);
	reply = mesh(twin, "GET", path, NULL, 0);
	assert_int_equal(verdict_of(reply, &message), CPIS_PASS);
	assert_true(says(reply, "CPF03") && says(reply, "CPR05"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
}

static void test_a_wrong_call_takes_no_number_out_of_use(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"/admin/inactive",
		"/admin/inactive?",
		"/admin/inactive?nhs-number=",
		"/admin/inactive?nhs-number",
		"/admin/inactive?nhs-number=9993394131",
		"/admin/inactive?number=9993394130",
		"/admin/inactive?replacement=9990000018",
		"/admin/inactive?nhs-number=9993394130&replacement=1",
		"/admin/inactive?nhs-number=9993394130&nhs-number=9990000018",
		"/admin/inactive?nhs-number=9993394130&replacement=9993394130",
	};
	struct cpis_twin *twin = open_twin(NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(admin(twin, wrong[i]), 400);
	assert_int_equal(admin(twin, "/admin/inactive?nhs-number=9993394130"), 204);
	cpis_twin_free(twin);
}

/* RFC 9110: 15.5.5, 15.5.6, 9.1. */
static void test_a_call_by_another_method_is_told_which_ones_there_are(void **state)
{
	(void)state;
	static const struct {
		const char *method, *target;
		unsigned status;
		const char *allowed, *text;
	} calls[] = {
		{ "GET", "/admin/state?x", 200, NULL, "people" },
		{ "HEAD", "/admin/state", 200, NULL, "people" },
		{ "POST", "/admin/state", 405, "GET, HEAD", "this path takes" },
		{ "DELETE", "/admin/state", 405, "GET, HEAD", "this path takes" },
		{ "GET", "/admin/reset", 405, "POST", "this path takes" },
		{ "HEAD", "/admin/inactive?nhs-number=9993394130", 405, "POST", "this path takes" },
		{ "POST", "/admin/foo", 404, NULL, "nothing at this path" },
		{ "GET", "/admin/foo", 404, NULL, "nothing at this path" },
		{ "POST", "/admin/inactivex", 404, NULL, "nothing at this path" },
		{ "HEAD", "/health", 200, NULL, "ok" },
		{ "DELETE", "/health", 405, "GET, HEAD, POST", "sent by POST" },
		{ "GET", "/sync-service", 405, "POST", "sent by POST" },
		{ "PUT", "/sync-service", 405, "POST", "sent by POST" },
	};
	struct cpis_twin *twin = open_twin(NULL);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct cpis_reply *reply =
			call(twin, calls[i].method, calls[i].target, NULL, 0, NULL, 0);
		const char *allowed = NULL;
		for (size_t k = 0; k < reply->header_count; k++)
			if (strcmp(reply->headers[k].name, "Allow") == 0)
				allowed = reply->headers[k].value;
		if (reply->status != calls[i].status || !says(reply, calls[i].text) ||
		    strcmp(allowed ? allowed : "", calls[i].allowed ? calls[i].allowed : "") != 0)
			fail_msg("%s %s: %u, Allow: %s, %.*s", calls[i].method, calls[i].target,
				 reply->status, allowed ? allowed : "-", (int)reply->size,
				 (const char *)reply->body);
		cpis_reply_free(reply);
	}
	cpis_twin_free(twin);
}

static void test_what_is_not_an_upload_gets_a_report(void **state)
{
	(void)state;
	char path[256];
	struct cpis_twin *twin = open_twin(NULL);
	static const char text[] = "not an upload";
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	struct cpis_reply *reply =
		mesh(twin, "POST", "/messageexchange/BOX1/outbox", text, sizeof(text) - 1);
	assert_int_equal(reply->status, 202);
	cpis_reply_free(reply);
	first_of_inbox(twin, path);
	reply = mesh(twin, "GET", path, NULL, 0);
	const char *kind = NULL, *code = NULL;
	for (size_t i = 0; i < reply->header_count; i++) {
		if (strcmp(reply->headers[i].name, "Mex-MessageType") == 0)
			kind = reply->headers[i].value;
		if (strcmp(reply->headers[i].name, "Mex-StatusCode") == 0)
			code = reply->headers[i].value;
	}
	assert_string_equal(kind, "REPORT");
	assert_string_equal(code, "15");
	cpis_reply_free(reply);
	cpis_twin_free(twin);
}

/* The journal has the code and the basis of what is sent. */
static void test_an_upload_that_breaks_off_gets_a_file_level_error(void **state)
{
	(void)state;
	char path[256];
	size_t size;
	char *body = read_file("testcases/messages/upload-one.xml", &size);
	struct cpis_twin *twin = open_twin(NULL);
	cpis_reply_free(mesh(twin, "POST", "/messageexchange/BOX1", NULL, 0));
	struct cpis_reply *reply =
		mesh(twin, "POST", "/messageexchange/BOX1/outbox", body, size - 20);
	assert_int_equal(reply->status, 202);
	assert_string_equal(reply->code, "CPF01");
	assert_string_equal(reply->basis, "published");
	cpis_reply_free(reply);
	first_of_inbox(twin, path);
	reply = mesh(twin, "GET", path, NULL, 0);
	assert_true(says(reply, "CPF01") && says(reply, "<id extension=\"43\"/>"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
	free(body);
}

static void test_ebxml_is_answered_by_ebxml(void **state)
{
	(void)state;
	size_t size;
	char *mail = read_file(EBXML, &size);
	struct cpis_twin *twin = open_twin(NULL);
	const struct cpis_header headers[] = {
		{ "Content-Type", "multipart/related; boundary=\"----=_Boundary_7F3A\"; "
				  "type=\"text/xml\"; start=\"<ebxml@hartleigh.example>\"" },
		{ "SOAPAction", "\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"" },
	};
	const char *body = strstr(mail, "------=");
	struct cpis_reply *reply = call(twin, "POST", "/reliablemessaging/reliablerequest", headers,
					2, body, size - (size_t)(body - mail));
	assert_int_equal(reply->request_verdict, CPIS_PASS);
	assert_int_equal(reply->reply_verdict, CPIS_PASS);
	assert_string_equal(reply->door, "ebXML");
	assert_true(says(reply, "QUQI_IN010000UK14"));
	cpis_reply_free(reply);
	cpis_twin_free(twin);
	free(mail);
}

#define SEQUENCE                                                                                   \
	"scenarios:\n"                                                                             \
	"  - name: retry\n"                                                                        \
	"    replies:\n"                                                                           \
	"      - reply: spine-fault\n"                                                             \
	"        code: \"200\"\n"                                                                  \
	"      - reply: normal\n"                                                                  \
	"        delay: 50\n"                                                                      \
	"  - name: broken\n"                                                                       \
	"    replies:\n"                                                                           \
	"      - reply: found\n"                                                                   \
	"        wrong: count\n"

static void test_scenarios_go_in_order_and_can_be_wrong_on_purpose(void **state)
{
	(void)state;
	const char *path = scratch_path("scenarios.yaml");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(SEQUENCE, file);
	fclose(file);
	struct cpis_twin *twin = open_twin(path);
	struct cpis_reply *reply = ask(twin, SPINE, "9999395929", "9999395929", "retry");
	assert_int_equal(reply->status, 500);
	assert_true(says(reply, ">200<"));
	cpis_reply_free(reply);
	reply = ask(twin, SPINE, "9999395929", "9999395929", "retry");
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply->delay_ms, 50);
	cpis_reply_free(reply);
	reply = ask(twin, SPINE, "9999395929", "9999395929", "broken");
	assert_int_equal(reply->reply_verdict, CPIS_FAIL);
	cpis_reply_free(reply);
	cpis_twin_free(twin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_triggers_of_the_stubs_give_their_outcomes),
		cmocka_unit_test(test_an_upload_with_an_action_is_refused),
		cmocka_unit_test(test_the_fields_of_a_call_of_mesh_are_judged_with_its_upload),
		cmocka_unit_test(test_an_upload_is_answered_queried_and_its_access_notified),
		cmocka_unit_test(test_the_person_behind_a_device_is_listed),
		cmocka_unit_test(test_a_silent_read_is_answered_and_not_notified),
		cmocka_unit_test(test_a_reply_is_not_secured_before_its_request),
		cmocka_unit_test(test_a_plan_ends_on_the_18th_birthday),
		cmocka_unit_test(test_a_number_out_of_use_is_notified_and_refused),
		cmocka_unit_test(test_a_wrong_call_takes_no_number_out_of_use),
		cmocka_unit_test(test_a_call_by_another_method_is_told_which_ones_there_are),
		cmocka_unit_test(test_what_is_not_an_upload_gets_a_report),
		cmocka_unit_test(test_an_upload_that_breaks_off_gets_a_file_level_error),
		cmocka_unit_test(test_ebxml_is_answered_by_ebxml),
		cmocka_unit_test(test_scenarios_go_in_order_and_can_be_wrong_on_purpose),
	};
	return cmocka_run_group_tests_name("twin", tests, NULL, NULL);
}
