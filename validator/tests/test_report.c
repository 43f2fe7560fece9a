/* Every sink over the same sample runs, against its golden file, and against the rules of its
 * format. */
#include "report/sink.h"
#include "sample_results.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const enum sample samples[] = { SAMPLE_VALIDATE, SAMPLE_RUN, SAMPLE_CLEAN };

enum { SAMPLE_COUNT = sizeof(samples) / sizeof(samples[0]) };

/* The document of a sample in a format; the caller releases out. */
static void write_sample(enum sample sample, const char *format, struct buf *out)
{
	struct results results;
	struct cpis_failure failure = { 0 };
	sample_fill(&results, sample);
	buf_init(out, SIZE_MAX / 2);
	assert_int_equal(sink_find(format)->write(&results, out, &failure), 0);
	assert_false(out->failed);
	sample_release(&results);
}

static enum cpis_verdict verdict_of(enum sample sample)
{
	struct results results;
	sample_fill(&results, sample);
	enum cpis_verdict verdict = results_verdict(&results);
	sample_release(&results);
	return verdict;
}

static size_t count_of(const struct buf *text, const char *word)
{
	size_t count = 0;
	const char *end = text->p + text->n;
	for (const char *p = text->p; (p = memmem(p, (size_t)(end - p), word, strlen(word)));
	     p += strlen(word))
		count++;
	return count;
}

/* Golden files */

/* The ends of their names, where they are not the name of the format. */
static const struct {
	const char *format, *suffix;
} suffixes[] = {
	{ "text", "txt" },
	{ "text-colour", "colour.txt" },
	{ "junit", "junit.xml" },
	{ "xml", "results.xml" },
};

static const char *suffix_of(const char *format)
{
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(suffixes[i].format, format) == 0)
			return suffixes[i].suffix;
	return format;
}

static void read_file(const char *path, struct buf *out)
{
	char bytes[4096];
	FILE *file = fopen(path, "rb");
	buf_init(out, SIZE_MAX / 2);
	if (!file)
		fail_msg("%s is missing: run make golden, and look at what it writes", path);
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
		buf_add(out, bytes, n);
	fclose(file);
}

static void write_file(const char *path, const struct buf *bytes)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes->p, 1, bytes->n, file), bytes->n);
	assert_int_equal(fclose(file), 0);
}

static void tell_difference(const char *path, const struct buf *made, const struct buf *golden)
{
	size_t line = 1, i = 0;
	for (; i < made->n && i < golden->n && made->p[i] == golden->p[i]; i++)
		line += made->p[i] == '\n';
	fail_msg("%s differs from line %zu on; run make golden and look at the difference", path,
		 line);
}

static void check_golden(enum sample sample, const char *stem, const char *format)
{
	const char *wish = getenv("CPIS_GOLDEN");
	char path[256];
	struct buf made, golden;
	snprintf(path, sizeof(path), "reports/golden/%s.%s", stem, suffix_of(format));
	write_sample(sample, format, &made);
	if (wish && strcmp(wish, "write") == 0) {
		write_file(path, &made);
	} else {
		read_file(path, &golden);
		if (made.n != golden.n || memcmp(made.p, golden.p, made.n) != 0)
			tell_difference(path, &made, &golden);
		buf_release(&golden);
	}
	buf_release(&made);
}

static void test_every_format_is_its_golden_file(void **state)
{
	(void)state;
	for (size_t i = 0; sink_at(i); i++) {
		check_golden(SAMPLE_VALIDATE, "validate", sink_at(i)->format);
		check_golden(SAMPLE_RUN, "run", sink_at(i)->format);
	}
	/* It is not listed, so that no one asks for it by name. */
	check_golden(SAMPLE_VALIDATE, "validate", "text-colour");
	check_golden(SAMPLE_RUN, "run", "text-colour");
	assert_null(sink_find("no-such-format"));
}

static void test_the_same_results_give_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; sink_at(i); i++) {
		struct buf once, again;
		write_sample(SAMPLE_RUN, sink_at(i)->format, &once);
		write_sample(SAMPLE_RUN, sink_at(i)->format, &again);
		assert_int_equal(once.n, again.n);
		assert_memory_equal(once.p, again.p, once.n);
		buf_release(&once);
		buf_release(&again);
	}
}

/* XML */

static xmlDocPtr parse(const struct buf *text)
{
	xmlDocPtr document = xmlReadMemory(text->p, (int)text->n, "made", NULL, XML_PARSE_NONET);
	assert_non_null(document);
	return document;
}

static double number(xmlDocPtr document, const char *expression)
{
	xmlXPathContextPtr context = xmlXPathNewContext(document);
	xmlXPathRegisterNs(context, BAD_CAST "r", BAD_CAST "urn:cpis:results:1");
	xmlXPathObjectPtr object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	assert_non_null(object);
	double value = xmlXPathCastToNumber(object);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	return value;
}

#define assert_number(document, expression, expected)                                              \
	do {                                                                                       \
		double value = number(document, expression);                                       \
		if (value < (expected) || value > (expected))                                      \
			fail_msg("%s is %g, not %g", expression, value, (double)(expected));       \
	} while (0)

static void test_results_document_is_valid(void **state)
{
	(void)state;
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("reports/results.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	assert_non_null(schema);
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i], "xml", &made);
		xmlDocPtr document = parse(&made);
		xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
		assert_int_equal(xmlSchemaValidateDoc(validator, document), 0);
		xmlSchemaFreeValidCtxt(validator);
		xmlFreeDoc(document);
		buf_release(&made);
	}
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
}

static void test_results_document_keeps_hostile_text(void **state)
{
	(void)state;
	struct buf made;
	write_sample(SAMPLE_VALIDATE, "xml", &made);
	xmlDocPtr document = parse(&made);
	assert_number(document, "count(//r:finding/r:actual[. = \"<b onclick='x'>]]> & \"])", 0);
	assert_number(document,
		      "count(//r:finding/r:actual[starts-with(., \"<b onclick='x'>]]> & \")])", 1);
	assert_number(document,
		      "count(//r:message[contains(@source, '&#10;') or contains(@source, '\n')])",
		      1);
	assert_number(document, "count(//r:excerpt[starts-with(., '\t\t\t<cPPEndDate>')])", 1);
	xmlFreeDoc(document);
	buf_release(&made);
}

static void test_junit_counts_what_it_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i], "junit", &made);
		xmlDocPtr document = parse(&made);
		assert_number(document, "sum(//testsuite/@tests) - count(//testcase)", 0);
		assert_number(document, "sum(//testsuite/@failures) - count(//failure)", 0);
		assert_number(document, "sum(//testsuite/@errors) - count(//error)", 0);
		assert_number(document, "sum(//testsuite/@skipped) - count(//skipped)", 0);
		assert_number(document, "count(//testsuite[@tests != count(testcase)])", 0);
		double bad = number(document, "count(//failure | //error)");
		assert_true((bad > 0) == (verdict_of(samples[i]) != CPIS_PASS));
		xmlFreeDoc(document);
		buf_release(&made);
	}
}

static void test_junit_tells_failure_error_and_skipped_apart(void **state)
{
	(void)state;
	struct buf made;
	write_sample(SAMPLE_VALIDATE, "junit-rules", &made);
	xmlDocPtr document = parse(&made);
	assert_number(document, "count(//testsuite[@name = 'cpis.rules'])", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'ITK-002')]/skipped)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'RSP-001')]/skipped)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'DAT-003')]/failure)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'UPL-008')]/failure)", 0);
	assert_number(document, "count(//error[@type = 'incomplete'])", 1);
	xmlFreeDoc(document);
	buf_release(&made);
	write_sample(SAMPLE_RUN, "junit", &made);
	document = parse(&made);
	assert_number(document, "count(//testsuite)", 3);
	assert_number(document, "count(//testsuite[@name = 'cpis.run']/testcase/skipped)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'LAU-101')]/error)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'LAU-102')]/skipped)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'NQ-003')]/error)", 1);
	assert_number(document, "count(//testcase[starts-with(@name, 'NQ-004')]/skipped)", 1);
	xmlFreeDoc(document);
	buf_release(&made);
}

static bool is_valid_by_xsd(const char *path, xmlDocPtr document)
{
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	assert_non_null(schema);
	xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
	bool valid = xmlSchemaValidateDoc(validator, document) == 0;
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	return valid;
}

static bool is_valid_by_rng(const char *path, xmlDocPtr document)
{
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(path);
	xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
	assert_non_null(schema);
	xmlRelaxNGValidCtxtPtr validator = xmlRelaxNGNewValidCtxt(schema);
	bool valid = xmlRelaxNGValidateDoc(validator, document) == 0;
	xmlRelaxNGFreeValidCtxt(validator);
	xmlRelaxNGFree(schema);
	xmlRelaxNGFreeParserCtxt(parser);
	return valid;
}

static void test_junit_keeps_the_schemas_of_its_readers(void **state)
{
	(void)state;
	static const char *const formats[] = { "junit", "junit-rules" };
	for (size_t i = 0; i < (size_t)2 * SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i / 2], formats[i % 2], &made);
		xmlDocPtr document = parse(&made);
		assert_true(is_valid_by_xsd("validator/tests/data/junit/ant.xsd", document));
		assert_true(is_valid_by_xsd("validator/tests/data/junit/jenkins.xsd", document));
		assert_true(is_valid_by_rng("validator/tests/data/junit/gitlab.rng", document));
		xmlFreeDoc(document);
		buf_release(&made);
	}
}

/* A source given twice, and packs of one name. */
static void test_junit_has_each_name_once(void **state)
{
	(void)state;
	for (int packs = 0; packs < 2; packs++) {
		struct results results;
		struct buf made;
		struct cpis_failure failure = { 0 };
		sample_fill(&results, packs ? SAMPLE_RUN : SAMPLE_CLEAN);
		if (packs)
			results.packs[1].name = results.packs[0].name;
		for (size_t i = 0; packs && i < results.case_count; i++)
			results.cases[i].pack = results.packs[0].name;
		struct message_result again = results.messages[0];
		again.verdict = CPIS_FAIL;
		*results_add_message(&results) = again;
		buf_init(&made, SIZE_MAX / 2);
		assert_int_equal(sink_find("junit")->write(&results, &made, &failure), 0);
		xmlDocPtr document = parse(&made);
		assert_true(is_valid_by_xsd("validator/tests/data/junit/jenkins.xsd", document));
		assert_number(document, "count(//testsuite[contains(@name, ' (2)')])", packs);
		assert_number(document, "count(//testcase[contains(@name, ' (2)')])", !packs);
		assert_number(document, "count(//testcase) - sum(//testsuite/@tests)", 0);
		assert_number(document, "count(//testcase)", packs ? 9 : 3);
		xmlFreeDoc(document);
		buf_release(&made);
		sample_release(&results);
	}
}

/* JSON: one value is passed over, NULL where it is ill-formed. */

static const char *pass_space(const char *p)
{
	return p + strspn(p, " \n");
}

static const char *pass_string(const char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p == '\\' && !strchr("\"\\ntu", *++p))
			return NULL;
		if (p[-1] == '\\' && *p == 'u' && strspn(p + 1, "0123456789ABCDEF") < 4)
			return NULL;
	}
	return *p ? p + 1 : NULL;
}

static const char *pass_value(const char *p, size_t depth);

static const char *pass_members(const char *p, char end, size_t depth)
{
	p = pass_space(p + 1);
	if (*p == end)
		return p + 1;
	while (p) {
		if (end == '}') {
			p = *p == '"' ? pass_string(p) : NULL;
			if (!p || *(p = pass_space(p)) != ':')
				return NULL;
			p = pass_space(p + 1);
		}
		p = pass_value(p, depth + 1);
		if (!p)
			return NULL;
		p = pass_space(p);
		if (*p == end)
			return p + 1;
		p = *p == ',' ? pass_space(p + 1) : NULL;
	}
	return NULL;
}

static const char *pass_value(const char *p, size_t depth)
{
	static const char *const words[] = { "true", "false", "null" };
	if (depth > 32)
		return NULL;
	if (*p == '{' || *p == '[')
		return pass_members(p, *p == '{' ? '}' : ']', depth);
	if (*p == '"')
		return pass_string(p);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	size_t digits = strspn(p, "0123456789");
	return digits ? p + digits : NULL;
}

static void test_json_and_sarif_are_well_formed(void **state)
{
	static const char *const formats[] = { "json", "sarif" };
	(void)state;
	for (size_t i = 0; i < (size_t)2 * SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i / 2], formats[i % 2], &made);
		const char *end = pass_value(made.p, 0);
		assert_non_null(end);
		assert_string_equal(end, "\n");
		buf_release(&made);
	}
}

static void test_json_says_null_where_there_is_nothing(void **state)
{
	(void)state;
	struct buf made;
	write_sample(SAMPLE_VALIDATE, "json", &made);
	assert_non_null(
		strstr(made.p, "\"source\": \"messages/empty.xml\",\n      \"type\": null,"));
	assert_non_null(strstr(
		made.p, "\"line\": null,\n          \"column\": null,\n          \"path\": null"));
	assert_null(strstr(made.p, "\"cases\""));
	buf_release(&made);
	write_sample(SAMPLE_RUN, "json", &made);
	assert_non_null(strstr(made.p, "\"cases\": ["));
	buf_release(&made);
}

static void test_sarif_suppresses_what_is_waived_and_leaves_out_what_is_expected(void **state)
{
	(void)state;
	struct buf made;
	write_sample(SAMPLE_VALIDATE, "sarif", &made);
	assert_non_null(strstr(made.p, "\"version\": \"2.1.0\""));
	assert_int_equal(count_of(&made, "\"ruleId\""), 7);
	assert_int_equal(count_of(&made, "\"suppressions\""), 1);
	assert_int_equal(count_of(&made, "\"executionSuccessful\": false"), 1);
	buf_release(&made);
	write_sample(SAMPLE_RUN, "sarif", &made);
	/* Four cases to look at, and the findings of the messages of those. */
	assert_int_equal(count_of(&made, "\"ruleId\": \"CASE\""), 4);
	assert_int_equal(count_of(&made, "\"ruleId\""), 10);
	buf_release(&made);
}

static void test_sarif_lists_a_file_once_however_often_it_was_judged(void **state)
{
	(void)state;
	struct results results;
	struct buf made;
	struct cpis_failure failure = { 0 };
	sample_fill(&results, SAMPLE_CLEAN);
	const char *layers[] = { "zip" };
	struct message_result again = results.messages[0];
	again.file = "./messages/../messages/query-device.xml";
	*results_add_message(&results) = again;
	again.file = "in/a.zip!one.xml";
	again.layers = layers;
	again.layer_count = 1;
	*results_add_message(&results) = again;
	again.file = "in/a.zip!two.xml";
	*results_add_message(&results) = again;
	buf_init(&made, SIZE_MAX / 2);
	assert_int_equal(sink_find("sarif")->write(&results, &made, &failure), 0);
	assert_int_equal(count_of(&made, "\"location\": {\"uri\": "), 2);
	assert_int_equal(count_of(&made, "\"location\": {\"uri\": \"in/a.zip\","), 1);
	buf_release(&made);
	sample_release(&results);
}

enum { MANY_FINDINGS = 30000 };

static void test_sarif_of_very_many_findings_lists_the_most_severe(void **state)
{
	(void)state;
	struct results results;
	struct buf made;
	struct cpis_failure failure = { 0 };
	sample_fill(&results, SAMPLE_CLEAN);
	struct message_result *message = &results.messages[0];
	struct finding *findings = calloc(MANY_FINDINGS, sizeof(*findings));
	assert_non_null(findings);
	for (size_t i = 0; i < MANY_FINDINGS; i++)
		findings[i] = (struct finding){ .rule = results.rules[0],
						.severity = i % 1000 ? CPIS_INFO : CPIS_ERROR,
						.message = "It is wrong." };
	message->findings = findings;
	message->finding_count = MANY_FINDINGS;
	buf_init(&made, SIZE_MAX / 2);
	assert_int_equal(sink_find("sarif")->write(&results, &made, &failure), 0);
	assert_int_equal(count_of(&made, "\"ruleId\""), 25000);
	assert_int_equal(count_of(&made, "\"level\": \"error\",\n          \"message\""), 30);
	assert_non_null(strstr(made.p, "25000 of 30000 results are listed"));
	assert_non_null(strstr(made.p, "\"results\": 30000, \"listed\": 25000"));
	buf_release(&made);
	free(findings);
	sample_release(&results);
}

/* TAP, CSV, Markdown, text */

static void test_tap_has_as_many_points_as_it_plans(void **state)
{
	(void)state;
	struct buf made;
	write_sample(SAMPLE_RUN, "tap", &made);
	assert_int_equal(strncmp(made.p, "TAP version 14\n1..8\n", 20), 0);
	assert_int_equal(count_of(&made, "\nok "), 4);
	assert_int_equal(count_of(&made, "\nnot ok "), 4);
	assert_int_equal(count_of(&made, " # SKIP "), 2);
	buf_release(&made);
	write_sample(SAMPLE_VALIDATE, "tap", &made);
	assert_int_equal(count_of(&made, "\nnot ok "), 3);
	buf_release(&made);
}

static void test_csv_disarms_formulas(void **state)
{
	static struct omission formulas[] = { { "=1+1", "@SUM(A1)" }, { "-", "+44" } };
	static struct message_result message = {
		.source = "-cmd|x",
		.omissions = formulas,
		.omission_count = 2,
		.verdict = CPIS_INCOMPLETE,
	};
	(void)state;
	struct results results = { .messages = &message, .message_count = 1 };
	struct cpis_failure failure;
	struct buf made;
	buf_init(&made, SIZE_MAX / 2);
	assert_int_equal(sink_find("csv")->write(&results, &made, &failure), 0);
	assert_non_null(strstr(made.p, ",\"'=1+1\","));
	assert_non_null(strstr(made.p, ",\"'@SUM(A1)\","));
	assert_non_null(strstr(made.p, ",\"-\","));
	assert_non_null(strstr(made.p, ",\"'+44\","));
	assert_non_null(strstr(made.p, ",\"'-cmd|x\","));
	buf_release(&made);
}

static void test_markdown_lets_no_value_be_markup(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i], "md", &made);
		assert_null(strstr(made.p, "<script"));
		assert_null(strstr(made.p, "<b"));
		assert_null(strchr(made.p, '@'));
		assert_null(strchr(made.p, '`'));
		buf_release(&made);
	}
}

static void test_text_holds_no_control_characters(void **state)
{
	static const char *const formats[] = { "text", "md", "tap", "csv" };
	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct buf made;
		write_sample(SAMPLE_RUN, formats[i], &made);
		for (size_t k = 0; k < made.n; k++)
			if ((unsigned char)made.p[k] < 0x20 && !strchr("\r\n", made.p[k]))
				fail_msg("%s holds the byte %d", formats[i], made.p[k]);
		buf_release(&made);
	}
}

static void test_coloured_text_says_the_same(void **state)
{
	(void)state;
	struct buf plain, coloured, bare;
	write_sample(SAMPLE_RUN, "text", &plain);
	write_sample(SAMPLE_RUN, "text-colour", &coloured);
	buf_init(&bare, SIZE_MAX / 2);
	for (const char *p = coloured.p; *p;) {
		if (*p == '\x1b')
			p += strcspn(p, "m") + 1;
		else
			buf_char(&bare, *p++);
	}
	assert_true(coloured.n > plain.n);
	assert_string_equal(bare.p, plain.p);
	buf_release(&plain);
	buf_release(&coloured);
	buf_release(&bare);
}

static void test_headline_follows_the_verdict(void **state)
{
	static const char *const words[] = { "Conformant: ", "Incomplete: ", "Not conformant: " };
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct buf made;
		write_sample(samples[i], "text", &made);
		assert_int_equal(count_of(&made, words[verdict_of(samples[i])]), 1);
		buf_release(&made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format_is_its_golden_file),
		cmocka_unit_test(test_the_same_results_give_the_same_bytes),
		cmocka_unit_test(test_results_document_is_valid),
		cmocka_unit_test(test_results_document_keeps_hostile_text),
		cmocka_unit_test(test_junit_counts_what_it_holds),
		cmocka_unit_test(test_junit_tells_failure_error_and_skipped_apart),
		cmocka_unit_test(test_junit_keeps_the_schemas_of_its_readers),
		cmocka_unit_test(test_junit_has_each_name_once),
		cmocka_unit_test(test_json_and_sarif_are_well_formed),
		cmocka_unit_test(test_json_says_null_where_there_is_nothing),
		cmocka_unit_test(
			test_sarif_suppresses_what_is_waived_and_leaves_out_what_is_expected),
		cmocka_unit_test(test_sarif_lists_a_file_once_however_often_it_was_judged),
		cmocka_unit_test(test_sarif_of_very_many_findings_lists_the_most_severe),
		cmocka_unit_test(test_tap_has_as_many_points_as_it_plans),
		cmocka_unit_test(test_csv_disarms_formulas),
		cmocka_unit_test(test_markdown_lets_no_value_be_markup),
		cmocka_unit_test(test_text_holds_no_control_characters),
		cmocka_unit_test(test_coloured_text_says_the_same),
		cmocka_unit_test(test_headline_follows_the_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
