/*
 * What is sent to do harm: testcases/hostile/<RULE>-*.xml raises that rule and nothing else,
 * quickly, and nothing outside the file is read. What is too large to keep in the repo is made
 * here.
 */
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#define HOSTILE "testcases/hostile"
#define HEAD	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<File xmlns=\"urn:hl7-org:v3\">"

/* How much there is of what is too much. */
static int many = 100000;
static size_t pieces = 6400;
static char sixteen_kib[16385];
static size_t format_step = 1;

/* Of processor time, so that it does not matter what else the machine does. */
static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_every_hostile_file_raises_its_rule_quickly_and_nothing_else(void **state)
{
	(void)state;
	struct dirent **names;
	size_t wrong = 0, judged = 0;
	int count = scandir(HOSTILE, &names, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char path[600], rule[8];
		const char *name = names[i]->d_name;
		snprintf(path, sizeof(path), HOSTILE "/%s", name);
		snprintf(rule, sizeof(rule), "%.7s", name);
		if (strstr(name, ".xml")) {
			double start = seconds();
			struct found found = run_validate("", path);
			bool right = found.exit_code == CPIS_EXIT_FAIL && found.count == 1 &&
				     found_rule(&found, rule) && seconds() - start < 10;
			if (!right)
				print_error("%s: exit %d, raised %s, %.2f s\n", path,
					    found.exit_code, found_text(&found), seconds() - start);
			wrong += !right;
			judged++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(judged > 30);
	assert_int_equal(wrong, 0);
}

static void test_no_output_holds_what_an_entity_points_at(void **state)
{
	(void)state;
	const char *format, *summary;
	char *secret = read_file(HOSTILE "/secret.txt", NULL);
	secret[strcspn(secret, "\n")] = '\0';
	for (size_t i = 0; (format = cpis_report_format_at(i, &summary)); i += format_step) {
		struct said said =
			run_program("validate --show-values --report %s " HOSTILE, format);
		assert_true(strlen(said.out) > 100);
		assert_null(strstr(said.out, secret));
		assert_null(strstr(said.out, "root:x:0"));
		assert_null(strstr(said.err, secret));
		run_release(&said);
	}
	free(secret);
}

/* A file made of a head, n times a piece, and a tail. */
static const char *write_repeated(const char *name, const char *head, const char *piece, size_t n,
				  const char *tail)
{
	static char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path(name));
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(head, file) >= 0);
	for (size_t i = 0; i < n; i++)
		assert_true(fputs(piece, file) >= 0);
	assert_true(fputs(tail, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* Nothing is found in it, and it does not pass. */
static void expect_incomplete(const char *options, const char *path)
{
	struct found found = run_validate(options, path);
	if (found.exit_code != CPIS_EXIT_INCOMPLETE)
		fail_msg("%s: exit %d, raised %s", path, found.exit_code, found_text(&found));
}

static void test_ten_thousand_elements_inside_each_other_are_incomplete(void **state)
{
	(void)state;
	expect_incomplete("--stages xml", write_repeated("deep.xml", HEAD, "<a>", 10000, ""));
	/* With the limit lifted it is an ordinary file that breaks off. */
	struct found found =
		run_validate("--stages xml --max-depth 20000", scratch_path("deep.xml"));
	assert_true(found_rule(&found, "XML-001"));
}

static void test_an_attribute_of_100_mib_is_incomplete(void **state)
{
	(void)state;
	expect_incomplete("--stages xml", write_repeated("attribute.xml", HEAD "<id extension=\"",
							 sixteen_kib, pieces, "\"/></File>"));
}

static void test_a_text_of_100_mib_is_incomplete(void **state)
{
	(void)state;
	expect_incomplete("--stages xml", write_repeated("text.xml", HEAD "<name>", sixteen_kib,
							 pieces, "</name></File>"));
}

static void test_a_text_of_many_pieces_is_incomplete_too(void **state)
{
	(void)state;
	expect_incomplete("--stages xml",
			  write_repeated("pieces.xml", HEAD "<name>", "xxxxxxxx&amp;", 1000000,
					 "</name></File>"));
}

/* A tag with n attributes. */
static const char *write_attributes(int n)
{
	static char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("attributes.xml"));
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(HEAD "<id", file) >= 0);
	for (int i = 0; i < n; i++)
		assert_true(fprintf(file, " a%d=\"\"", i) > 0);
	assert_true(fputs("/></File>", file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void test_a_tag_of_many_attributes_is_incomplete_and_does_not_take_long(void **state)
{
	(void)state;
	double start = seconds();
	struct found found = run_validate("", write_attributes(1000));
	assert_int_equal(found.exit_code, CPIS_EXIT_FAIL);
	expect_incomplete("--stages xml", write_attributes(20000));
	if (seconds() - start > 120)
		fail_msg("tags of many attributes took %.1f s", seconds() - start);
}

/* What it takes to judge tags with attributes that are unknown. */
static double time_of_unknown_attributes(int tags, int attributes)
{
	FILE *file = fopen(scratch_path("unknown.xml"), "wb");
	assert_non_null(file);
	assert_true(fputs(HEAD, file) >= 0);
	for (int i = 0; i < tags; i++) {
		assert_true(fputs("<id", file) >= 0);
		for (int k = 0; k < attributes; k++)
			assert_true(fprintf(file, " e%d=\"1\"", k) > 0);
		assert_true(fputs("/>", file) >= 0);
	}
	assert_true(fputs("</File>", file) >= 0);
	assert_int_equal(fclose(file), 0);
	struct said said = run_program("validate -j 1 @/unknown.xml");
	assert_int_equal(said.exit_code, CPIS_EXIT_FAIL);
	double taken = said.processor_seconds;
	run_release(&said);
	return taken;
}

/* As many attributes in few tags take some times longer than in many, and not ten times. */
static void test_unknown_attributes_are_not_looked_through_for_each_other(void **state)
{
	(void)state;
	double in_many_tags = time_of_unknown_attributes(39200, 10);
	double in_few = time_of_unknown_attributes(400, 980);
	if (in_few > 6 * in_many_tags)
		fail_msg("400 tags took %.1f s, and 39,200 took %.1f s", in_few, in_many_tags);
}

static void test_a_great_many_faults_do_not_take_long(void **state)
{
	(void)state;
	const char *path = write_repeated("faults.xml", HEAD, "<id extension=\"x\" wert=\"1\"/>",
					  (size_t)many, "</File>");
	double start = seconds();
	struct found found = run_validate("", path);
	assert_int_equal(found.exit_code, CPIS_EXIT_FAIL);
	if (seconds() - start > 120)
		fail_msg("%d faults took %.1f s", many, seconds() - start);
}

/* The query of an envelope, and payloads beside it. */
static struct said judge_payloads(int count)
{
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("payloads.xml"));
	char *query = read_file("testcases/messages/itk-query.xml", NULL);
	char *end = strstr(query, "</itk:payloads>");
	FILE *file = fopen(path, "wb");
	assert_true(file && end);
	fwrite(query, 1, (size_t)(end - query), file);
	for (int i = 0; i < count; i++)
		fprintf(file, "<itk:payload id=\"p%d\">-</itk:payload>", i);
	fputs(end, file);
	assert_int_equal(fclose(file), 0);
	struct said said = run_program("validate --no-settings %s", path);
	free(query);
	return said;
}

static void test_a_list_over_the_limit_is_incomplete_and_the_limit_is_named(void **state)
{
	(void)state;
	struct said below = judge_payloads(4095);
	assert_null(strstr(below.out, "a list of more than"));
	run_release(&below);
	struct said over = judge_payloads(4096);
	assert_non_null(strstr(over.out, "it has a list of more than 4096 entries"));
	assert_null(strstr(over.out, "what they check is broken"));
	assert_null(strstr(over.out, "Everything was checked"));
	run_release(&over);
}

static void test_a_great_many_names_do_not_take_long(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("names.xml"));
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(HEAD, file) >= 0);
	for (int i = 0; i < many; i++)
		assert_true(fprintf(file, "<n%d/>", i) > 0);
	assert_true(fputs("</File>", file) >= 0);
	assert_int_equal(fclose(file), 0);
	double start = seconds();
	struct found found = run_validate("", path);
	assert_int_equal(found.exit_code, CPIS_EXIT_FAIL);
	if (seconds() - start > 120)
		fail_msg("%d names took %.1f s", many, seconds() - start);
}

static void test_a_comment_of_100_mib_is_only_a_comment(void **state)
{
	(void)state;
	struct found found =
		run_validate("--stages xml", write_repeated("comment.xml", HEAD "<!-- ",
							    sixteen_kib, pieces, " --></File>"));
	assert_int_equal(found.exit_code, CPIS_EXIT_PASS);
}

/* A name in an envelope's frames that nests without end is bounded as well. */
static void test_envelopes_inside_each_other_are_bounded(void **state)
{
	(void)state;
	struct found found = run_validate(
		"--max-depth 100000",
		write_repeated("soap.xml", "",
			       "<s:Envelope "
			       "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>",
			       200, ""));
	assert_int_not_equal(found.exit_code, CPIS_EXIT_PASS);
}

int main(void)
{
	if (short_form("5,000 things for 100,000, 10 MiB for 100 MiB, every fourth format")) {
		many = 5000;
		pieces = 640;
		format_step = 4;
	}
	memset(sixteen_kib, 'x', sizeof(sixteen_kib) - 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_hostile_file_raises_its_rule_quickly_and_nothing_else),
		cmocka_unit_test(test_no_output_holds_what_an_entity_points_at),
		cmocka_unit_test(test_ten_thousand_elements_inside_each_other_are_incomplete),
		cmocka_unit_test(test_an_attribute_of_100_mib_is_incomplete),
		cmocka_unit_test(test_a_text_of_100_mib_is_incomplete),
		cmocka_unit_test(test_a_text_of_many_pieces_is_incomplete_too),
		cmocka_unit_test(test_a_comment_of_100_mib_is_only_a_comment),
		cmocka_unit_test(
			test_a_tag_of_many_attributes_is_incomplete_and_does_not_take_long),
		cmocka_unit_test(test_unknown_attributes_are_not_looked_through_for_each_other),
		cmocka_unit_test(test_a_great_many_faults_do_not_take_long),
		cmocka_unit_test(test_a_great_many_names_do_not_take_long),
		cmocka_unit_test(test_a_list_over_the_limit_is_incomplete_and_the_limit_is_named),
		cmocka_unit_test(test_envelopes_inside_each_other_are_bounded),
	};
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
