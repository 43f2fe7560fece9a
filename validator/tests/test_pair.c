/* Two messages judged together: locations, requests and replies, the uploads of a folder. */
#include "base/buf.h"
#include "cpis.h"
#include "diag/results.h"
#include "engine/engine.h"
#include "message/identifiers.h"
#include "rules/location.h"
#include "run_cli.h"
#include "diag/mask_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define MESSAGES "testcases/messages/"

static const struct cpis_options defaults = { .now = 1798761600 };

static struct results *open_results(void)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &defaults, &failure), 0);
	return (struct results *)(void *)results;
}

static void close_results(struct results *results)
{
	cpis_results_free((struct cpis_results *)(void *)results);
}

static struct cpis_results *outside(struct results *results)
{
	return (struct cpis_results *)(void *)results;
}

/* How often a rule is found in the messages. */
static size_t count_findings(const struct results *results, const char *id)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			count += strcmp(results->messages[i].findings[k].rule->id, id) == 0;
	return count;
}

static size_t count_pair_findings(const struct results *results)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			count +=
				strncmp(results->messages[i].findings[k].rule->id, "PAIR-", 5) == 0;
	return count;
}

static size_t times_judged(const struct results *results, const char *id)
{
	for (size_t i = 0; i < results->rule_count; i++)
		if (strcmp(results->rules[i]->id, id) == 0)
			return results->tallies[i].judged;
	return 0;
}

static void test_location_is_read_in_its_usual_forms(void **state)
{
	(void)state;
	static const struct {
		const char *location;
		size_t number;
	} usual[] = {
		{ "/File/record[4]", 4 },
		{ " /v3:File / v3:record [ 12 ] ", 12 },
		{ "/*[local-name()='File']/*[local-name() = \"record\"][1]", 1 },
		{ "//record[3]", 3 },
		{ "/File[1]/record[ position() = 7 ]", 7 },
		{ "/File/record", 0 },
	};
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		size_t number = 99;
		bool numbered = false;
		assert_true(location_is_usual(str_of(usual[i].location), &number, &numbered));
		assert_int_equal(number, usual[i].number);
		assert_int_equal(numbered, usual[i].number > 0);
	}
}

static void test_location_of_another_form_is_left_to_xpath(void **state)
{
	(void)state;
	static const char *const others[] = {
		"",
		"/",
		"/File/record[last()]",
		"/File/record[position()<3]",
		"/File[2]/record[1]",
		"/File/record[1]/subject",
		"/File/records[1]",
		"/Files/record[1]",
		"/File/record[1",
		"/File/record[-1]",
		"File/record[1]",
		"/*[local-name()='File'/*",
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		size_t number;
		bool numbered;
		assert_false(location_is_usual(str_of(others[i]), &number, &numbered));
	}
}

static void test_location_with_an_unknown_prefix_means_the_message(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 4096);
	assert_string_equal(location_expression(&out, STR(" /a:File/child::b:record[@c='d:e'] ")),
			    "/hl7:File/child::hl7:record[@c='d:e']");
	buf_release(&out);
}

static void test_location_with_a_value_in_it_is_masked(void **state)
{
	(void)state;
	static const char *const shown[] = { "/*[local-name()='File']/record[20000]",
					     "/hl7:File[1]/hl7:record[position()=2]" };
	static const char *const hidden[] = { "//record[.//family='Inkpen']",
					      "//record[.//@extension=9992232412]" };
	assert_int_equal(engine_setup(), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(mask_shown(MASK_PATH, str_of(shown[i])), strlen(shown[i]));
		assert_int_equal(mask_shown(MASK_PATH, str_of(hidden[i])), 0);
	}
}

/* A location that asks for content: steps, so often. The caller frees it. */
static char *repeated_location(const char *head, const char *step, size_t times, const char *tail)
{
	size_t n = strlen(head) + times * strlen(step) + strlen(tail);
	char *text = malloc(n + 1), *end = text;
	assert_non_null(text);
	end = stpcpy(end, head);
	while (times--)
		end = stpcpy(end, step);
	stpcpy(end, tail);
	return text;
}

static void test_locations_that_take_long_are_not_asked(void **state)
{
	(void)state;
	const struct noted_list none = { 0 };
	struct location_frame frame;
	struct location_target target;
	assert_int_equal(engine_setup(), 0);
	location_frame_open(&frame, STR("5"), &none);
	char *many = repeated_location("//id[@x=1", " and @x=1", 8000, "]");
	assert_false(location_frame_select(&frame, str_of(many), &target));
	free(many);
	char *fewer = repeated_location("//id[@x=1", " and @x=1", 1000, "]");
	assert_true(location_frame_select(&frame, str_of(fewer), &target));
	assert_int_equal(target.outcome, LOCATION_OTHER);
	free(fewer);
	bool unknown = false;
	for (size_t i = 0; i < 200; i++) {
		char *axes = repeated_location("//*[@x='1']", "/ancestor::*/descendant::*",
					       1 + i % 40, "/id");
		if (location_frame_select(&frame, str_of(axes), &target))
			unknown = unknown || target.outcome == LOCATION_UNKNOWN;
		free(axes);
	}
	assert_true(unknown);
	location_frame_close(&frame);
}

/* What is left of them without their values is the same, so they are one question. */
static void test_locations_of_one_form_are_all_asked(void **state)
{
	(void)state;
	const struct noted_list none = { 0 };
	struct location_frame frame;
	struct location_target target;
	assert_int_equal(engine_setup(), 0);
	location_frame_open(&frame, STR("5"), &none);
	for (size_t i = 0; i < 5000; i++) {
		char location[64];
		snprintf(location, sizeof(location), "//id[@extension='999%07zu']", i);
		assert_true(location_frame_select(&frame, str_of(location), &target));
		assert_int_equal(target.outcome, LOCATION_OTHER);
		assert_string_equal(target.name, "id");
	}
	location_frame_close(&frame);
}

static void test_words_of_the_schemas_are_known_when_they_are_asked_for(void **state)
{
	(void)state;
	assert_int_equal(engine_setup(), 0);
	assert_true(mask_knows(str_of("birthTime")));
	assert_true(mask_knows(str_of("urn:nhs-itk:ns:201005")));
	assert_false(mask_knows(str_of("Inkpen")));
	assert_int_equal(mask_learn(), 0);
}

static void test_codes_are_in_order_and_all_found(void **state)
{
	(void)state;
	static const struct code_system *const systems[] = {
		&upload_file_responses,
		&upload_record_responses,
		&mini_service_statuses,
		&job_role_names,
	};
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		for (size_t k = 0; k < systems[i]->count; k++) {
			const struct code *code = &systems[i]->codes[k];
			assert_ptr_equal(code_find(systems[i], str_of(code->code)), code);
		}
	assert_null(code_find(&job_role_names, STR("NR062")));
	assert_null(code_find(&job_role_names, STR("NR06200")));
	assert_null(code_find(&job_role_names, (struct str){ 0 }));
}

static void test_good_messages_that_answer_each_other_make_good_pairs(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "upload-five", "acknowledgement-partial" },
		{ "upload-one", "acknowledgement-success" },
		{ "upload-delete", "acknowledgement-failed" },
		{ "upload-delete", "upload-five" },
		{ "query-person", "response-one" },
		{ "itk-query", "itk-response-found" },
		{ "QUPC_IN000006GB01-person", "REPC_IN000007GB01" },
		{ "QUPC_IN000006GB01-person", "MCCI_IN010000UK13" },
		{ "QUPC_IN000006GB01-device", "QUQI_IN010000UK14" },
		{ "spine-soap-query", "spine-soap-response" },
		{ "spine-soap-query", "spine-soap-failure" },
		{ "spine-soap-query", "spine-soap-fault" },
		{ "itk-soap-query", "itk-soap-response" },
		{ "itk-soap-query", "itk-soap-fault" },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char request[256], response[256];
		struct cpis_failure failure;
		struct results *results = open_results();
		snprintf(request, sizeof(request), MESSAGES "%s.xml", pairs[i][0]);
		snprintf(response, sizeof(response), MESSAGES "%s.xml", pairs[i][1]);
		assert_int_equal(cpis_validate_pair(outside(results), request, response, &failure),
				 0);
		assert_int_equal(results->message_count, 2);
		assert_string_equal(results->messages[1].source, response);
		if (count_pair_findings(results))
			fail_msg("%s and %s are not a pair", request, response);
		assert_int_equal(times_judged(results, "PAIR-013"), 1);
		close_results(results);
	}
}

static void test_pair_of_bytes_is_judged_as_files_are(void **state)
{
	(void)state;
	struct cpis_failure failure;
	char *request = read_file(MESSAGES "upload-five.xml", NULL);
	char *response = read_file(MESSAGES "acknowledgement-success.xml", NULL);
	struct results *results = open_results();
	const struct engine_input asked = { .name = "a", .bytes = str_of(request) };
	const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
	assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
	assert_int_equal(count_findings(results, "PAIR-001"), 1);
	assert_int_equal(count_findings(results, "PAIR-002"), 1);
	assert_int_equal(results->messages[0].finding_count, 0);
	assert_string_equal(results->messages[1].source, "b");
	close_results(results);
	free(request);
	free(response);
}

/*
 * A message whose first plan is there twice: the second has another start, or the first where
 * turned. The caller frees it.
 */
static char *with_two_plans(const char *name, bool turned)
{
	static const char head[] = "<pertinentInformation>", tail[] = "</pertinentInformation>";
	char *text = read_file(name, NULL);
	char *first = strstr(text, head);
	char *end = strstr(first, tail) + strlen(tail);
	int plan = (int)(end - first);
	size_t room = strlen(text) + (size_t)plan + 1;
	char *doubled = malloc(room);
	assert_non_null(doubled);
	snprintf(doubled, room, "%.*s%.*s%s", (int)(end - text), text, plan, first, end);
	char *changed = strstr(doubled + (turned ? 0 : end - text), "2026081711");
	assert_non_null(changed);
	memcpy(changed, "2025", 4);
	free(text);
	return doubled;
}

static size_t differences_of_two_plans(bool request_turned, bool response_turned)
{
	struct cpis_failure failure;
	char *request = with_two_plans(MESSAGES "upload-delete.xml", request_turned);
	char *response = with_two_plans(MESSAGES "acknowledgement-failed.xml", response_turned);
	struct results *results = open_results();
	const struct engine_input asked = { .name = "a", .bytes = str_of(request) };
	const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
	assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
	size_t count = count_findings(results, "PAIR-005");
	close_results(results);
	free(request);
	free(response);
	return count;
}

static void test_each_of_two_plans_of_a_kind_has_its_own_counterpart(void **state)
{
	(void)state;
	assert_int_equal(differences_of_two_plans(false, false), 0);
	assert_int_equal(differences_of_two_plans(true, false), 0);
	assert_int_equal(differences_of_two_plans(true, true), 0);
}

static void test_request_that_holds_no_message_makes_the_pair_incomplete(void **state)
{
	(void)state;
	struct cpis_failure failure;
	char *response = read_file(MESSAGES "response-one.xml", NULL);
	struct results *results = open_results();
	const struct engine_input asked = { .name = "a", .bytes = STR("<a/>") };
	const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
	assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
	assert_int_equal(results->messages[1].verdict, CPIS_INCOMPLETE);
	assert_int_equal(count_pair_findings(results), 0);
	close_results(results);
	free(response);
}

static void test_files_of_a_pair_that_cannot_be_read_are_a_failure(void **state)
{
	(void)state;
	struct cpis_failure failure;
	struct results *results = open_results();
	assert_int_equal(cpis_validate_pair(outside(results), "nowhere.xml",
					    MESSAGES "response-one.xml", &failure),
			 -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(failure.file, "nowhere.xml");
	assert_int_equal(cpis_validate_pair(outside(results), "-", "-", &failure), -1);
	close_results(results);
}

/* A folder in the scratch folder. In a buffer of its own that the next call overwrites. */
static const char *new_folder(const char *name)
{
	static char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path(name));
	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

static char *with_change(char *text, const char *old, const char *new)
{
	struct buf out;
	buf_init(&out, SIZE_MAX);
	const char *rest = text;
	for (const char *at; (at = strstr(rest, old)); rest = at + strlen(old)) {
		buf_add(&out, rest, (size_t)(at - rest));
		buf_text(&out, new);
	}
	buf_text(&out, rest);
	buf_char(&out, '\0');
	free(text);
	char *changed = strdup(out.p);
	assert_non_null(changed);
	buf_release(&out);
	return changed;
}

/* What such a detail says of its record is not known: that it is wrong is ACK-004's. */
static void test_detail_with_an_unknown_code_contradicts_no_record(void **state)
{
	(void)state;
	static const char *const pairs[][4] = {
		{ "testcases/rules/PAIR-012/request-pass-acknowledged.xml",
		  "testcases/rules/PAIR-012/pass-acknowledged.xml", "CPR06", "CPR6" },
		{ "testcases/rules/PAIR-012/request-pass-acknowledged.xml",
		  "testcases/rules/PAIR-012/pass-acknowledged.xml", "CPR03", "CPR3" },
		{ MESSAGES "upload-five.xml", MESSAGES "acknowledgement-partial.xml",
		  "CPR06\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.473\" "
		  "displayName=\"Successful Record Upload\"/>\n"
		  "\t\t\t<location>/*[local-name()='File']/*[local-name()='record'][2]",
		  "CPR6\"/><location>/*[local-name()='File']/*[local-name()='record'][2]" },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct cpis_failure failure;
		char *request = read_file(pairs[i][0], NULL);
		char *response =
			with_change(read_file(pairs[i][1], NULL), pairs[i][2], pairs[i][3]);
		struct results *results = open_results();
		const struct engine_input asked = { .name = "a", .bytes = str_of(request) };
		const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
		assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
		assert_int_equal(count_findings(results, "ACK-004"), 1);
		assert_int_equal(results->messages[1].finding_count, 1);
		assert_int_equal(results->messages[0].verdict, CPIS_PASS);
		close_results(results);
		free(request);
		free(response);
	}
}

/* The good upload of an authority, with another number and time, in the scratch folder. */
static void write_upload_of(const char *authority, const char *folder, const char *name,
			    const char *number, const char *created)
{
	char path[512], code[16];
	snprintf(code, sizeof(code), "\"%s\"", authority);
	char *text = with_change(read_file(MESSAGES "upload-one.xml", NULL), "\"9X1\"", code);
	char *rest = strstr(text, "<transmissionQuantity");
	assert_non_null(rest);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fprintf(file,
			    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<File "
			    "xmlns=\"urn:hl7-org:v3\" "
			    "xmlns:npfitlc=\"NPFIT:HL7:Localisation\">\n\t<creationTime "
			    "value=\"%s\"/>\n"
			    "\t<id extension=\"%s\"/>\n\t%s",
			    created, number, rest) > 0);
	assert_int_equal(fclose(file), 0);
	free(text);
}

static void write_upload(const char *folder, const char *name, const char *number,
			 const char *created)
{
	write_upload_of("9X1", folder, name, number, created);
}

static void test_uploads_of_a_folder_are_put_in_order_of_their_numbers(void **state)
{
	(void)state;
	struct cpis_options options = defaults;
	const char *folder = new_folder("sequence");
	write_upload(folder, "u10.xml", "10", "20261110120000+0000");
	write_upload(folder, "u8.xml", "8", "20261108120000+0000");
	write_upload(folder, "u9.xml", "9", "20261109120000+0000");
	for (options.jobs = 1; options.jobs <= 3; options.jobs += 2) {
		struct cpis_results *results = NULL;
		struct cpis_failure failure;
		assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
		assert_int_equal(cpis_validate(results, folder, &failure), 0);
		const struct results *model = (const struct results *)(const void *)results;
		assert_int_equal(count_pair_findings(model), 0);
		assert_int_equal(times_judged(model, "PAIR-011"), 2);
		cpis_results_free(results);
	}
}

static void test_uploads_of_a_code_in_small_letters_are_in_one_order_with_the_others(void **state)
{
	(void)state;
	const char *folder = new_folder("small-letters");
	write_upload(folder, "a.xml", "41", "20261110120000+0000");
	write_upload_of("9x1", folder, "b.xml", "42", "20261111120000+0000");
	write_upload(folder, "c.xml", "43", "20261112120000+0000");
	struct results *results = open_results();
	struct cpis_failure failure;
	assert_int_equal(cpis_validate(outside(results), folder, &failure), 0);
	assert_int_equal(count_pair_findings(results), 0);
	assert_int_equal(times_judged(results, "PAIR-011"), 2);
	close_results(results);
}

static void test_gap_and_repeat_in_a_folder_are_found_on_the_later_file(void **state)
{
	(void)state;
	const char *folder = new_folder("gaps");
	write_upload(folder, "a.xml", "12", "20261112120000+0000");
	write_upload(folder, "b.xml", "9", "20261109120000+0000");
	write_upload(folder, "c.xml", "9", "20261109110000+0000");
	struct results *results = open_results();
	struct cpis_failure failure;
	assert_int_equal(cpis_validate(outside(results), folder, &failure), 0);
	assert_int_equal(count_findings(results, "PAIR-011"), 2);
	assert_int_equal(results->messages[0].finding_count, 1);
	assert_int_equal(results->messages[1].finding_count, 1);
	assert_int_equal(results->messages[2].finding_count, 0);
	const struct finding *gap = &results->messages[0].findings[0];
	assert_int_equal(gap->at.line, 4);
	assert_int_equal(gap->at.column, 17);
	assert_string_equal(gap->path, "/File/id/@extension");
	assert_non_null(strstr(gap->message, "files 10 to 11 are missing"));
	assert_int_equal(cpis_results_verdict(outside(results)), CPIS_PASS);
	close_results(results);
}

/* A message of a capture: its head, and the fixture in its body, with texts put in place of others.
 */
struct captured {
	const char *head, *name;
	const char *changes[6]; /* a text, and what takes its place */
};

#define SENT	 "POST /x HTTP/1.1\r\nHost: a.example\r\n"
#define RETURNED "HTTP/1.1 200 OK\r\n"
#define ACCEPTED                                                                                   \
	{                                                                                          \
		"HTTP/1.1 202 Accepted\r\n", NULL,                                                 \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}
#define ASKED_MAILBOX                                                                              \
	{                                                                                          \
		"GET /inbox HTTP/1.1\r\nHost: a.example\r\n", NULL,                                \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}
#define FETCHED		    RETURNED "Mex-MessageType: DATA\r\n"
#define OTHER_CHILD	    "9996184978", "9992828420"
#define OTHER_AUTHORITY	    "9X1", "9X2", OTHER_CHILD
#define SMALL_LETTERS	    "\"9X1\"", "\"9x1\""
#define ABOUT_ANOTHER_CHILD "9999395929", "9992828420", "9997418964", "9992828420"
#define OLDER_FILE	    "<id extension=\"43\"", "<id extension=\"42\""

static void add_captured(struct buf *out, const struct captured *message)
{
	char path[256], length[64];
	snprintf(path, sizeof(path), MESSAGES "%s.xml", message->name ? message->name : "");
	char *body = message->name ? read_file(path, NULL) : strdup("");
	for (size_t i = 0; i < 6 && message->changes[i]; i += 2)
		body = with_change(body, message->changes[i], message->changes[i + 1]);
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n", strlen(body));
	buf_text(out, message->head);
	buf_text(out, message->name ? "Content-Type: text/xml; charset=utf-8\r\n" : "");
	buf_text(out, length);
	buf_text(out, body);
	free(body);
}

/* Judge what is captured; expected: the one rule of pairs that it breaks, or NULL. */
static void expect_of_capture(const struct captured *messages, size_t count, const char *expected)
{
	struct buf out;
	struct cpis_failure failure;
	struct results *results = open_results();
	buf_init(&out, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		add_captured(&out, &messages[i]);
	buf_char(&out, '\0');
	const struct engine_input input = { .name = "capture", .bytes = { out.p, out.n - 1 } };
	assert_int_equal(engine_judge(results, &input, &failure), 0);
	if (expected)
		assert_int_equal(count_findings(results, expected), 1);
	else
		assert_int_equal(count_pair_findings(results), 0);
	close_results(results);
	buf_release(&out);
}

#define EXPECT_OF_CAPTURE(messages, expected)                                                      \
	expect_of_capture(messages, sizeof(messages) / sizeof((messages)[0]), expected)

static void test_query_that_comes_back_does_not_answer_itself(void **state)
{
	(void)state;
	static const struct captured spine[] = {
		{ SENT, "spine-soap-query", { NULL } },
		{ RETURNED, "spine-soap-query", { NULL } },
	};
	static const struct captured upload[] = {
		{ SENT, "query-person", { NULL } },
		{ RETURNED, "upload-one", { NULL } },
	};
	static const struct captured later[] = {
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		{ SENT, "query-person", { NULL } },
		{ RETURNED, "query-person", { NULL } },
	};
	static const struct captured notification[] = {
		{ SENT, "upload-one", { NULL } },
		{ RETURNED, "access-notification", { NULL } },
	};
	EXPECT_OF_CAPTURE(spine, "PAIR-013");
	EXPECT_OF_CAPTURE(upload, "PAIR-013");
	EXPECT_OF_CAPTURE(later, "PAIR-013");
	EXPECT_OF_CAPTURE(notification, "PAIR-013");
}

static void test_what_begins_an_exchange_answers_nothing(void **state)
{
	(void)state;
	static const struct captured queries[] = {
		{ SENT, "query-person", { NULL } },
		ACCEPTED,
		{ SENT, "query-device", { NULL } },
		ACCEPTED,
	};
	static const struct captured fetched[] = {
		{ SENT, "query-person", { NULL } },
		ACCEPTED,
		ASKED_MAILBOX,
		{ FETCHED, "upload-one", { NULL } },
	};
	static const struct captured sent[] = {
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		{ SENT, "access-notification", { NULL } },
	};
	EXPECT_OF_CAPTURE(queries, NULL);
	EXPECT_OF_CAPTURE(fetched, NULL);
	EXPECT_OF_CAPTURE(sent, NULL);
}

static void test_files_of_one_number_have_the_answers_of_their_authorities(void **state)
{
	(void)state;
	static const struct captured crossed[] = {
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		{ SENT, "upload-one", { OTHER_AUTHORITY } },
		ACCEPTED,
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { OTHER_AUTHORITY } },
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { NULL } },
	};
	static const struct captured stranger[] = {
		{ SENT, "upload-one", { NULL } },
		{ RETURNED, "acknowledgement-success", { OTHER_AUTHORITY } },
	};
	EXPECT_OF_CAPTURE(crossed, NULL);
	EXPECT_OF_CAPTURE(stranger, "PAIR-003");
}

/* The answers to both files come after both, and each has the code as a system sends it. */
static void test_answers_with_the_code_in_small_letters_are_of_the_authority(void **state)
{
	(void)state;
	static const struct captured fetched[] = {
		{ SENT, "upload-one", { OLDER_FILE, OTHER_CHILD } },
		ACCEPTED,
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { SMALL_LETTERS, OLDER_FILE, OTHER_CHILD } },
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { SMALL_LETTERS } },
	};
	static const struct captured sent[] = {
		{ SENT, "upload-one", { OLDER_FILE, OTHER_CHILD } },
		ACCEPTED,
		{ SENT, "upload-one", { SMALL_LETTERS } },
		ACCEPTED,
		{ SENT, "acknowledgement-success", { NULL } },
		ACCEPTED,
		{ SENT, "acknowledgement-success", { SMALL_LETTERS, OLDER_FILE, OTHER_CHILD } },
	};
	EXPECT_OF_CAPTURE(fetched, NULL);
	EXPECT_OF_CAPTURE(sent, NULL);
}

static void test_what_a_mailbox_gives_leaves_the_upload_waiting(void **state)
{
	(void)state;
	static const struct captured notified[] = {
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		ASKED_MAILBOX,
		{ FETCHED, "access-notification", { NULL } },
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { OTHER_CHILD } },
	};
	static const struct captured older[] = {
		{ SENT, "upload-one", { NULL } },
		ACCEPTED,
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { OLDER_FILE } },
		ASKED_MAILBOX,
		{ FETCHED, "acknowledgement-success", { OTHER_CHILD } },
	};
	/* The response itself is about another file, and the right one comes after it. */
	static const struct captured other[] = {
		{ SENT, "upload-one", { NULL } },
		{ RETURNED, "acknowledgement-success", { OLDER_FILE } },
		{ SENT, "acknowledgement-success", { OTHER_CHILD } },
	};
	EXPECT_OF_CAPTURE(notified, "PAIR-005");
	EXPECT_OF_CAPTURE(older, "PAIR-005");
	EXPECT_OF_CAPTURE(other, "PAIR-001");
	EXPECT_OF_CAPTURE(other, "PAIR-005");
}

/* Whether each finding of PAIR-005 is about the number of subjects, and there is one. */
static bool counts_subjects(const struct results *results)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			count += strstr(results->messages[i].findings[k].message,
					"a different number of subjects") != NULL;
	return count && count == count_findings(results, "PAIR-005");
}

static bool subjects_were_counted;

/* How often PAIR-005 is found where one text of each message is another. */
static size_t differences_with(const char *uploaded[2], const char *returned[2])
{
	struct cpis_failure failure;
	char *request = read_file(MESSAGES "upload-one.xml", NULL);
	char *response = read_file(MESSAGES "acknowledgement-success.xml", NULL);
	request = with_change(request, uploaded[0], uploaded[1]);
	response = with_change(response, returned[0], returned[1]);
	struct results *results = open_results();
	const struct engine_input asked = { .name = "a", .bytes = str_of(request) };
	const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
	assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
	size_t count = count_findings(results, "PAIR-005");
	subjects_were_counted = counts_subjects(results);
	close_results(results);
	free(request);
	free(response);
	return count;
}

static void test_local_id_is_returned_with_its_authority(void **state)
{
	(void)state;
	const char *same[2] = { "9X1:Ashwick", "9X1:Ashwick" };
	const char *lower[2] = { "9X1:Ashwick", "9x1:Ashwick" };
	const char *renamed[2] = { "9X1:Ashwick", "9X1:Wexley" };
	const char *other[2] = { "9X1:Ashwick", "9X2:Ashwick" };
	const char *lost[2] = { "assigningAuthorityName=\"9X1:Ashwick &amp; Dunmere Council\"",
				"" };
	assert_int_equal(differences_with(same, same), 0);
	assert_int_equal(differences_with(same, lower), 0);
	assert_int_equal(differences_with(same, renamed), 0);
	assert_int_equal(differences_with(same, other), 1);
	assert_int_equal(differences_with(same, lost), 1);
	assert_int_equal(differences_with(lost, lost), 0);
}

/* The number of the one who comes first is then another. */
static void test_subjects_of_a_record_are_returned_in_any_order(void **state)
{
	(void)state;
#define MOTHER_SUBJECT                                                                             \
	"<subject><npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "                  \
	"extension=\"COCT_TP145100GB01#UnbornChild\"/><COCT_TP145100GB01.UnbornChild>"             \
	"<parentMotherPerson><birthTime value=\"19980217\"/><name><given>Siân</given>"            \
	"<family>Thistlewood</family></name><playedMother><id "                                    \
	"root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9991271317\"/></playedMother>"             \
	"</parentMotherPerson></COCT_TP145100GB01.UnbornChild></subject>"
	const char *child_first[2] = { "</subject>", "</subject>" MOTHER_SUBJECT };
	const char *mother_first[2] = { "<subject>", MOTHER_SUBJECT "<subject>" };
	const char *alone[2] = { "</subject>", "</subject>" };
	assert_int_equal(differences_with(child_first, child_first), 0);
	assert_int_equal(differences_with(child_first, mother_first), 0);
	assert_int_equal(differences_with(mother_first, child_first), 0);
	assert_int_equal(differences_with(alone, mother_first), 1);
	assert_true(subjects_were_counted);
	assert_int_equal(differences_with(mother_first, alone), 1);
	assert_true(subjects_were_counted);
#undef MOTHER_SUBJECT
}

/* A query, what answers it, and a reply that names it and is about another child. */
static void test_further_reply_is_compared_with_what_it_names(void **state)
{
	(void)state;
	static const char *const queries[] = { "spine-soap-query", "itk-soap-query" };
	static const char *const replies[] = { "spine-soap-response", "itk-soap-response" };
	static const char *const faults[] = { "spine-soap-fault", "itk-soap-fault" };
	for (size_t i = 0; i < 2; i++) {
		const struct captured again[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ RETURNED, replies[i], { ABOUT_ANOTHER_CHILD } },
		};
		const struct captured after_fault[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, faults[i], { NULL } },
			{ RETURNED, replies[i], { ABOUT_ANOTHER_CHILD } },
		};
		const struct captured posted[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ SENT, replies[i], { ABOUT_ANOTHER_CHILD } },
			ACCEPTED,
		};
		const struct captured retried[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { ABOUT_ANOTHER_CHILD } },
		};
		const struct captured same[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
		};
		EXPECT_OF_CAPTURE(again, "PAIR-008");
		EXPECT_OF_CAPTURE(after_fault, "PAIR-008");
		EXPECT_OF_CAPTURE(posted, "PAIR-008");
		EXPECT_OF_CAPTURE(retried, "PAIR-008");
		EXPECT_OF_CAPTURE(same, NULL);
	}
}

/* One that names nothing, after the answer, is not compared: what it answers is not known. */
static void test_further_reply_that_names_nothing_is_left_alone(void **state)
{
	(void)state;
	static const struct captured unnamed[] = {
		{ SENT, "query-person", { NULL } },
		{ RETURNED, "response-one", { NULL } },
		{ RETURNED, "response-one", { OTHER_CHILD } },
	};
	EXPECT_OF_CAPTURE(unnamed, NULL);
}

/* A reply that is sent again, after a request that still waits, is that request's answer. */
static void test_reply_to_an_earlier_request_does_not_answer_the_next(void **state)
{
	(void)state;
#define NEXT_ID "00000000-0000-4000-8000-000000000001"
	static const char *const queries[] = { "spine-soap-query", "itk-soap-query" };
	static const char *const replies[] = { "spine-soap-response", "itk-soap-response" };
	static const char *const faults[] = { "spine-soap-fault", "itk-soap-fault" };
	static const char *const ids[] = { "9551317F-9FDB-43CE-B5A3-420A77013D66",
					   "F07FDAFE-747F-4B33-9D90-598B7EF4AFFD" };
	static const char *const children[] = { "9999395929", "9997418964" };
	for (size_t i = 0; i < 2; i++) {
		const struct captured again[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ SENT, queries[i], { ids[i], NEXT_ID, children[i], "9992828420" } },
			{ RETURNED, replies[i], { NULL } },
		};
		const struct captured fault[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, faults[i], { NULL } },
			{ SENT, queries[i], { ids[i], NEXT_ID } },
			{ RETURNED, faults[i], { NULL } },
		};
		/* It came late, in a call of its own, while another request waits. */
		const struct captured posted[] = {
			{ SENT, queries[i], { NULL } },
			{ RETURNED, replies[i], { NULL } },
			{ SENT, queries[i], { ids[i], NEXT_ID, children[i], "9992828420" } },
			{ SENT, replies[i], { NULL } },
		};
		EXPECT_OF_CAPTURE(again, "PAIR-006");
		EXPECT_OF_CAPTURE(again, "PAIR-008");
		EXPECT_OF_CAPTURE(fault, "PAIR-006");
		EXPECT_OF_CAPTURE(posted, NULL);
	}
#undef NEXT_ID
}

/* What a mini service asks of Spine in between has its own answer. */
static void test_replies_of_two_routes_answer_the_requests_of_theirs(void **state)
{
	(void)state;
	static const struct captured mini_service[] = {
		{ SENT, "itk-soap-query", { NULL } },
		{ SENT, "spine-soap-query", { NULL } },
		{ RETURNED, "spine-soap-response", { "RelatesTo", "x" } },
		{ RETURNED, "itk-soap-response", { "RelatesTo", "x" } },
	};
	static const struct captured other[] = {
		{ SENT, "spine-soap-query", { NULL } },
		{ RETURNED, "itk-infrastructure-acknowledgement", { NULL } },
	};
	EXPECT_OF_CAPTURE(mini_service, NULL);
	EXPECT_OF_CAPTURE(other, "PAIR-013");
}

/* Spine's reply at once to a query that fails: the ASIDs of its message are the other way round
 * than in the SOAP header, and it has no queryAck. */
static char *turned_failure(const char *receiver)
{
	char *text = read_file(MESSAGES "spine-soap-failure.xml", NULL);
	char *ack = strstr(text, "<queryAck>"), *end = strstr(ack, "</queryAck>");
	assert_non_null(end);
	memmove(ack, end + strlen("</queryAck>"), strlen(end + strlen("</queryAck>")) + 1);
	char *body = strstr(text, "<QUQI_IN010000UK14");
	char *to = strstr(body, "990086274419"), *from = strstr(body, "990074708769");
	memcpy(to, "990074708769", 12);	  /* NOLINT(bugprone-not-null-terminated-result) */
	memcpy(from, "990086274419", 12); /* NOLINT(bugprone-not-null-terminated-result) */
	memcpy(strstr(text, "990086274419"), receiver, 12);
	return text;
}

static size_t turned_findings(const char *receiver, const char *id, enum cpis_severity *worst)
{
	struct cpis_failure failure;
	char *request = read_file(MESSAGES "spine-soap-query.xml", NULL);
	char *response = turned_failure(receiver);
	struct results *results = open_results();
	const struct engine_input asked = { .name = "a", .bytes = str_of(request) };
	const struct engine_input answered = { .name = "b", .bytes = str_of(response) };
	assert_int_equal(engine_judge_pair(results, &asked, &answered, &failure), 0);
	size_t count = count_findings(results, id);
	*worst = CPIS_INFO;
	for (size_t i = 0; i < results->messages[1].finding_count; i++)
		if (results->messages[1].findings[i].severity > *worst)
			*worst = results->messages[1].findings[i].severity;
	close_results(results);
	free(request);
	free(response);
	return count;
}

static void test_failure_that_spine_sends_at_once_goes_by_its_soap_header(void **state)
{
	(void)state;
	enum cpis_severity worst;
	assert_int_equal(turned_findings("990086274419", "PAIR-007", &worst), 0);
	assert_int_equal(worst, CPIS_INFO);
	assert_int_equal(turned_findings("990086274419", "TMS-012", &worst), 2);
	/* The header names another system than the one that asked. */
	assert_int_equal(turned_findings("990086274427", "PAIR-007", &worst), 2);
	assert_int_equal(worst, CPIS_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_location_is_read_in_its_usual_forms),
		cmocka_unit_test(test_location_of_another_form_is_left_to_xpath),
		cmocka_unit_test(test_location_with_an_unknown_prefix_means_the_message),
		cmocka_unit_test(test_location_with_a_value_in_it_is_masked),
		cmocka_unit_test(test_locations_that_take_long_are_not_asked),
		cmocka_unit_test(test_locations_of_one_form_are_all_asked),
		cmocka_unit_test(test_words_of_the_schemas_are_known_when_they_are_asked_for),
		cmocka_unit_test(test_codes_are_in_order_and_all_found),
		cmocka_unit_test(test_good_messages_that_answer_each_other_make_good_pairs),
		cmocka_unit_test(test_pair_of_bytes_is_judged_as_files_are),
		cmocka_unit_test(test_each_of_two_plans_of_a_kind_has_its_own_counterpart),
		cmocka_unit_test(test_local_id_is_returned_with_its_authority),
		cmocka_unit_test(test_subjects_of_a_record_are_returned_in_any_order),
		cmocka_unit_test(test_request_that_holds_no_message_makes_the_pair_incomplete),
		cmocka_unit_test(test_detail_with_an_unknown_code_contradicts_no_record),
		cmocka_unit_test(test_files_of_a_pair_that_cannot_be_read_are_a_failure),
		cmocka_unit_test(test_query_that_comes_back_does_not_answer_itself),
		cmocka_unit_test(test_what_begins_an_exchange_answers_nothing),
		cmocka_unit_test(test_files_of_one_number_have_the_answers_of_their_authorities),
		cmocka_unit_test(test_answers_with_the_code_in_small_letters_are_of_the_authority),
		cmocka_unit_test(test_what_a_mailbox_gives_leaves_the_upload_waiting),
		cmocka_unit_test(test_further_reply_is_compared_with_what_it_names),
		cmocka_unit_test(test_further_reply_that_names_nothing_is_left_alone),
		cmocka_unit_test(test_reply_to_an_earlier_request_does_not_answer_the_next),
		cmocka_unit_test(test_replies_of_two_routes_answer_the_requests_of_theirs),
		cmocka_unit_test(test_uploads_of_a_folder_are_put_in_order_of_their_numbers),
		cmocka_unit_test(test_failure_that_spine_sends_at_once_goes_by_its_soap_header),
		cmocka_unit_test(
			test_uploads_of_a_code_in_small_letters_are_in_one_order_with_the_others),
		cmocka_unit_test(test_gap_and_repeat_in_a_folder_are_found_on_the_later_file),
	};
	return cmocka_run_group_tests_name("pair", tests, NULL, NULL);
}
