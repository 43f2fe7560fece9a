/* Files, folders and standard input to verdicts, through the public functions. */
#include "cpis.h"
#include "diag/results.h"
#include "run_cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD "testcases/messages/upload-one.xml"

static const struct cpis_options defaults = { .now = 1798761600 };

static const struct results *inside(const struct cpis_results *results)
{
	return (const struct results *)(const void *)results;
}

static struct cpis_results *open_results(const struct cpis_options *options)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, options, &failure), 0);
	return results;
}

static struct cpis_results *judge(const struct cpis_options *options, const char *path)
{
	struct cpis_results *results = open_results(options);
	struct cpis_failure failure;
	if (cpis_validate(results, path, &failure) != 0)
		fail_msg("%s: %s", path, failure.text);
	return results;
}

static enum cpis_verdict verdict_of(const struct cpis_options *options, const char *path)
{
	struct cpis_results *results = judge(options, path);
	enum cpis_verdict verdict = cpis_results_verdict(results);
	cpis_results_free(results);
	return verdict;
}

static void write_scratch(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* A copy of the good message in the scratch folder, with the first of `from` made `to`. */
static void write_message(const char *name, const char *from, const char *to)
{
	char *text = read_file(GOOD, NULL);
	char *at = strstr(text, from);
	assert_non_null(at);
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_true(fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	assert_int_equal(fclose(file), 0);
	free(text);
}

static void test_every_good_message_passes_and_is_recognised(void **state)
{
	(void)state;
	struct cpis_results *results = judge(&defaults, "testcases/messages");
	const struct results *model = inside(results);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	assert_true(model->message_count >= 30);
	for (size_t i = 0; i < model->message_count; i++) {
		const struct message_result *message = &model->messages[i];
		for (size_t k = 0; k < message->finding_count; k++)
			if (message->findings[k].severity != CPIS_INFO)
				fail_msg("%s: %s", message->source, message->findings[k].message);
		assert_int_equal(message->verdict, CPIS_PASS);
		assert_non_null(message->type);
		assert_int_equal(strlen(message->sha256), 64);
		assert_true(message->bytes > 100);
	}
	cpis_results_free(results);
}

static void test_a_pass_is_proven_by_the_ledger_of_rules(void **state)
{
	(void)state;
	struct cpis_results *results = judge(&defaults, GOOD);
	const struct results *model = inside(results);
	size_t judged = 0;
	for (size_t i = 0; i < model->rule_count; i++) {
		judged += model->tallies[i].judged > 0;
		assert_int_equal(model->tallies[i].failed, 0);
		assert_int_equal(model->tallies[i].blocked, 0);
	}
	assert_true(judged > 20);
	cpis_results_free(results);
}

static void test_a_broken_part_blocks_its_rules_and_the_ledger_says_so(void **state)
{
	(void)state;
	write_message("blocked.xml", "<birthTime value=", "<birthTime wert=");
	struct cpis_results *results = judge(&defaults, scratch_path("blocked.xml"));
	const struct results *model = inside(results);
	size_t blocked = 0;
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	for (size_t i = 0; i < model->rule_count; i++) {
		blocked += model->tallies[i].blocked;
		if (model->tallies[i].blocked)
			assert_non_null(model->tallies[i].blocked_by);
	}
	assert_true(blocked > 0);
	cpis_results_free(results);
}

static void test_a_reached_limit_is_incomplete_and_never_a_pass(void **state)
{
	(void)state;
	static const struct cpis_options limited[] = {
		{ .now = 1798761600, .max_depth = 3 },
		{ .now = 1798761600, .max_attribute_bytes = 3 },
		{ .now = 1798761600, .max_input_bytes = 64 },
	};
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++) {
		struct cpis_results *results = judge(&limited[i], GOOD);
		assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
		assert_int_equal(inside(results)->messages[0].omission_count, 1);
		assert_non_null(strstr(inside(results)->messages[0].omissions[0].why, "limit"));
		cpis_results_free(results);
	}
}

/* Just large enough is large enough. */
static void test_a_limit_that_is_not_reached_changes_nothing(void **state)
{
	(void)state;
	struct stat status;
	assert_int_equal(stat(GOOD, &status), 0);
	struct cpis_options options = defaults;
	options.max_input_bytes = (size_t)status.st_size;
	assert_int_equal(verdict_of(&options, GOOD), CPIS_PASS);
	options.max_input_bytes--;
	assert_int_equal(verdict_of(&options, GOOD), CPIS_INCOMPLETE);
}

static void test_a_finding_past_the_limit_is_counted_and_no_pass(void **state)
{
	(void)state;
	write_message("seven.xml", "<transmissionQuantity value=\"1\"",
		      "<transmissionQuantity value=\"7\"");
	struct cpis_options options = defaults;
	options.max_findings = 1;
	write_message("two.xml", "<id extension=", "<id extension=\"x\" wert=");
	assert_int_equal(verdict_of(&options, scratch_path("seven.xml")), CPIS_FAIL);
	assert_int_equal(verdict_of(&options, scratch_path("two.xml")), CPIS_FAIL);
}

static void test_a_folder_is_walked_in_order_of_name_and_to_its_depth(void **state)
{
	(void)state;
	mkdir(scratch_path("walk"), 0700);
	mkdir(scratch_path("walk/b"), 0700);
	mkdir(scratch_path("walk/b/deep"), 0700);
	write_message("walk/a.xml", "<File", "<File");
	write_message("walk/b/deep/m.xml", "<File", "<File");
	write_message("walk/b/z.xml", "<File", "<File");
	write_message("walk/c.XML", "<File", "<File");
	write_message("walk/.hidden.xml", "<File", "<Flie");
	write_scratch("walk/notes.txt", "no message at all");
	struct cpis_results *results = judge(&defaults, scratch_path("walk"));
	const struct results *model = inside(results);
	static const char *const order[] = { "/walk/a.xml", "/walk/b/deep/m.xml", "/walk/b/z.xml",
					     "/walk/c.XML" };
	assert_int_equal(model->message_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(strstr(model->messages[i].source, order[i]));
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	cpis_results_free(results);
}

static void test_what_is_passed_over_in_a_folder_is_listed(void **state)
{
	(void)state;
	mkdir(scratch_path("mixed"), 0700);
	write_message("mixed/a.xml", "<File", "<File");
	write_scratch("mixed/README", "read me");
	struct cpis_results *results = judge(&defaults, scratch_path("mixed"));
	const struct results *model = inside(results);
	assert_int_equal(model->message_count, 1);
	assert_int_equal(model->left_out_count, 1);
	assert_non_null(strstr(model->left_out[0].what, "README"));
	assert_true(strlen(model->left_out[0].why) > 5);
	cpis_results_free(results);
}

/* A file that says it is a message by its name is judged, whatever it begins with. */
static void test_a_file_that_is_named_or_begins_like_a_message_is_never_passed_over(void **state)
{
	(void)state;
	mkdir(scratch_path("odd"), 0700);
	write_scratch("odd/empty.xml", "");
	write_scratch("odd/text.xml", "this is not XML");
	write_scratch("odd/noname", "  <File/>");
	struct cpis_results *results = judge(&defaults, scratch_path("odd"));
	assert_int_equal(inside(results)->message_count, 3);
	assert_int_equal(inside(results)->left_out_count, 0);
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	cpis_results_free(results);
}

static void test_a_loop_of_folders_ends(void **state)
{
	(void)state;
	mkdir(scratch_path("loop"), 0700);
	write_message("loop/a.xml", "<File", "<File");
	assert_int_equal(symlink(".", scratch_path("loop/again")), 0);
	struct cpis_results *results = judge(&defaults, scratch_path("loop"));
	assert_int_not_equal(cpis_results_verdict(results), CPIS_FAIL);
	cpis_results_free(results);
}

static void test_no_input_is_a_failure_of_configuration(void **state)
{
	(void)state;
	struct cpis_results *results = open_results(&defaults);
	struct cpis_failure failure = { 0 };
	assert_int_equal(cpis_validate(results, scratch_path("absent"), &failure), -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	mkdir(scratch_path("void"), 0700);
	assert_int_equal(cpis_validate(results, scratch_path("void"), &failure), -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	write_scratch("void/README", "read me");
	assert_int_equal(cpis_validate(results, scratch_path("void"), &failure), -1);
	assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
	cpis_results_free(results);
}

static void test_standard_input_is_judged_like_a_file(void **state)
{
	(void)state;
	int kept = dup(STDIN_FILENO), file = open(GOOD, O_RDONLY);
	assert_true(kept >= 0 && file >= 0);
	assert_int_equal(dup2(file, STDIN_FILENO), STDIN_FILENO);
	struct cpis_results *results = judge(&defaults, "-");
	struct cpis_results *same = judge(&defaults, GOOD);
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	close(file);
	close(kept);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	assert_string_equal(inside(results)->messages[0].source, "-");
	assert_string_equal(inside(results)->messages[0].sha256, inside(same)->messages[0].sha256);
	cpis_results_free(results);
	cpis_results_free(same);
}

static void test_many_calls_fill_one_results_object(void **state)
{
	(void)state;
	struct cpis_results *results = open_results(&defaults);
	struct cpis_failure failure;
	write_message("seven.xml", "<transmissionQuantity value=\"1\"",
		      "<transmissionQuantity value=\"7\"");
	assert_int_equal(cpis_validate(results, GOOD, &failure), 0);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	assert_int_equal(cpis_validate(results, scratch_path("seven.xml"), &failure), 0);
	assert_int_equal(cpis_validate(results, GOOD, &failure), 0);
	assert_int_equal(cpis_results_message_count(results), 3);
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	cpis_results_free(results);
}

/* A folder with good and bad, large and small, many of them. */
static void fill_crowd(void)
{
	mkdir(scratch_path("crowd"), 0700);
	for (int i = 0; i < 60; i++) {
		char name[64], to[64];
		snprintf(name, sizeof(name), "crowd/%02d.xml", i);
		snprintf(to, sizeof(to), "<transmissionQuantity value=\"%d\"", 1 + i % 3);
		write_message(name, "<transmissionQuantity value=\"1\"", to);
	}
	char command[1024];
	snprintf(command, sizeof(command), "scripts/make-upload 2000 >%s",
		 scratch_path("crowd/30-large.xml"));
	assert_int_equal(system(command), 0);
}

static char *report_of(const struct cpis_options *options, const char *folder)
{
	struct cpis_results *results = judge(options, folder);
	struct cpis_failure failure;
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("crowd.json"));
	assert_int_equal(cpis_report(results, "json", path, &failure), 0);
	cpis_results_free(results);
	return read_file(path, NULL);
}

static void test_any_number_of_jobs_gives_the_results_of_one(void **state)
{
	(void)state;
	char folder[512];
	fill_crowd();
	snprintf(folder, sizeof(folder), "%s", scratch_path("crowd"));
	char *alone = report_of(&defaults, folder);
	static const unsigned jobs[] = { 2, 3, 8, 64 };
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct cpis_options options = defaults;
		options.jobs = jobs[i];
		char *many = report_of(&options, folder);
		assert_string_equal(many, alone);
		free(many);
	}
	free(alone);
}

/* The largest resident size of a run of the program over an upload of n records, in KiB. */
static long peak_of(int records)
{
	char command[1024], path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("bulk.xml"));
	snprintf(command, sizeof(command), "scripts/make-upload %d >%s", records, path);
	assert_int_equal(system(command), 0);
	const char *program = getenv("CPIS_PROGRAM");
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execl(program ? program : "build/cpis", "cpis", "validate", "-q", path,
		      (char *)NULL);
		_exit(127);
	}
	int status;
	struct rusage usage;
	assert_int_equal(wait4(child, &status, 0, &usage), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CPIS_EXIT_PASS);
	return usage.ru_maxrss;
}

static void test_an_upload_of_any_length_is_judged_in_flat_memory(void **state)
{
	(void)state;
	if (short_form("the peak of memory: a sanitizer keeps memory of its own"))
		skip();
	long few = peak_of(20), many = peak_of(20000);
	print_message("peak resident size: %ld KiB for 20 records, %ld KiB for 20,000\n", few,
		      many);
	assert_true(many < few + 8 * 1024);
}

static void test_times_are_read_as_hl7_and_as_iso_8601(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		long long seconds;
	} times[] = {
		{ "19700101000000+0000", 0 },
		{ "20260101120000+0000", 1767268800 },
		{ "20260101130000+0100", 1767268800 },
		{ "2026-01-01T12:00:00Z", 1767268800 },
		{ "2026-01-01T12:00:00+00:00", 1767268800 },
		{ "2026-01-01T07:00:00-05:00", 1767268800 },
		{ "2026-01-01", 1767225600 },
	};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		long long seconds = -1;
		if (cpis_time(times[i].text, &seconds) != 0 || seconds != times[i].seconds)
			fail_msg("%s is %lld, not %lld", times[i].text, seconds, times[i].seconds);
	}
	static const char *const wrong[] = { "",	   "yesterday",
					     "2026-13-01", "2026-02-30T00:00:00Z",
					     "Z",	   "2026-01-01T25:00:00Z" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		long long seconds = 42;
		assert_int_equal(cpis_time(wrong[i], &seconds), -1);
		assert_int_equal(seconds, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_good_message_passes_and_is_recognised),
		cmocka_unit_test(test_a_pass_is_proven_by_the_ledger_of_rules),
		cmocka_unit_test(test_a_broken_part_blocks_its_rules_and_the_ledger_says_so),
		cmocka_unit_test(test_a_reached_limit_is_incomplete_and_never_a_pass),
		cmocka_unit_test(test_a_limit_that_is_not_reached_changes_nothing),
		cmocka_unit_test(test_a_finding_past_the_limit_is_counted_and_no_pass),
		cmocka_unit_test(test_a_folder_is_walked_in_order_of_name_and_to_its_depth),
		cmocka_unit_test(test_what_is_passed_over_in_a_folder_is_listed),
		cmocka_unit_test(
			test_a_file_that_is_named_or_begins_like_a_message_is_never_passed_over),
		cmocka_unit_test(test_a_loop_of_folders_ends),
		cmocka_unit_test(test_no_input_is_a_failure_of_configuration),
		cmocka_unit_test(test_standard_input_is_judged_like_a_file),
		cmocka_unit_test(test_many_calls_fill_one_results_object),
		cmocka_unit_test(test_any_number_of_jobs_gives_the_results_of_one),
		cmocka_unit_test(test_an_upload_of_any_length_is_judged_in_flat_memory),
		cmocka_unit_test(test_times_are_read_as_hl7_and_as_iso_8601),
	};
	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
