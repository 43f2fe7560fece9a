/* The public interface, as a program that has nothing but cpis.h uses it. */
#include "cpis.h"
#include "api_trial.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* What is refused */

static void test_an_index_past_the_end_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, ENDS);
	struct cpis_message message = { .bytes = 42 };
	struct cpis_finding finding = { .line = 42 };
	struct cpis_omission omission = { .what = "42" };
	struct cpis_rule_result rule = { .judged = 42 };
	struct cpis_rule_info info = { .id = "42" };
	struct cpis_rule_example example = { .says = "42" };
	struct cpis_case test = { .tag_count = 42 };
	size_t rules = cpis_results_rule_count(results);
	assert_int_equal(cpis_results_message(results, 1, &message, sizeof(message)), -1);
	assert_int_equal(cpis_results_message(results, SIZE_MAX, &message, sizeof(message)), -1);
	assert_int_equal(cpis_results_finding(results, 0, 1, &finding, sizeof(finding)), -1);
	assert_int_equal(cpis_results_finding(results, 1, 0, &finding, sizeof(finding)), -1);
	assert_int_equal(cpis_results_omission(results, 0, 0, &omission, sizeof(omission)), -1);
	assert_int_equal(cpis_results_omission(results, 1, 0, &omission, sizeof(omission)), -1);
	assert_int_equal(cpis_results_passed_over(results, 0, &omission, sizeof(omission)), -1);
	assert_int_equal(cpis_results_rule(results, rules, &rule, sizeof(rule)), -1);
	assert_int_equal(cpis_results_case(results, 0, &test, sizeof(test)), -1);
	assert_int_equal(cpis_rule(cpis_rule_count(), &info, sizeof(info)), -1);
	assert_int_equal(cpis_rule_example("NO-999", &example, sizeof(example)), -1);
	assert_int_equal(message.bytes, 42);
	assert_int_equal(finding.line, 42);
	assert_string_equal(omission.what, "42");
	assert_int_equal(rule.judged, 42);
	assert_string_equal(info.id, "42");
	assert_string_equal(example.says, "42");
	assert_int_equal(test.tag_count, 42);
	cpis_results_free(results);
}

static void test_no_results_are_empty_incomplete_and_cannot_be_judged_into(void **state)
{
	(void)state;
	struct cpis_message message;
	struct cpis_stream *stream = NULL;
	const struct cpis_bytes source = { "a.xml", "<a/>", 4 };
	const struct cpis_pack_options pack = { 0 };
	assert_int_equal(cpis_results_message_count(NULL), 0);
	assert_int_equal(cpis_results_rule_count(NULL), 0);
	assert_int_equal(cpis_results_case_count(NULL), 0);
	assert_int_equal(cpis_results_selected_count(NULL), 0);
	assert_int_equal(cpis_results_passed_over_count(NULL), 0);
	assert_int_equal(cpis_results_verdict(NULL), CPIS_INCOMPLETE);
	assert_int_equal(cpis_results_message(NULL, 0, &message, sizeof(message)), -1);
	assert_refused(cpis_validate(NULL, GOOD, &failure), CPIS_FAILURE_CONFIGURATION, "results");
	assert_refused(cpis_validate_pair(NULL, GOOD, GOOD, &failure), CPIS_FAILURE_CONFIGURATION,
		       "results");
	assert_refused(cpis_validate_bytes(NULL, &source, &failure), CPIS_FAILURE_CONFIGURATION,
		       "results");
	assert_refused(cpis_validate_pair_bytes(NULL, &source, &source, &failure),
		       CPIS_FAILURE_CONFIGURATION, "results");
	assert_refused(cpis_stream_open(&stream, NULL, "a", &failure), CPIS_FAILURE_CONFIGURATION,
		       "results");
	assert_refused(cpis_run_pack(NULL, "testcases/packs/nhs-query", &pack, &failure),
		       CPIS_FAILURE_CONFIGURATION, "results");
	assert_null(stream);
	cpis_results_free(NULL);
	cpis_baseline_free(NULL);
	cpis_bundle_free(NULL);
	cpis_free(NULL);
}

static void test_a_source_without_a_name_or_bytes_is_refused(void **state)
{
	(void)state;
	static const struct cpis_bytes wrong[] = { { NULL, "<a/>", 4 }, { "a.xml", NULL, 4 } };
	const struct cpis_bytes right = { "a.xml", "<a/>", 4 };
	struct cpis_results *results = start_results(&defaults);
	struct cpis_stream *stream = NULL;
	assert_refused(cpis_validate_bytes(results, NULL, &failure), CPIS_FAILURE_CONFIGURATION,
		       "no name");
	for (size_t i = 0; i < 2; i++) {
		const char *says = i ? "no bytes" : "no name";
		assert_refused(cpis_validate_bytes(results, &wrong[i], &failure),
			       CPIS_FAILURE_CONFIGURATION, says);
		assert_refused(cpis_validate_pair_bytes(results, &wrong[i], &right, &failure),
			       CPIS_FAILURE_CONFIGURATION, says);
		assert_refused(cpis_validate_pair_bytes(results, &right, &wrong[i], &failure),
			       CPIS_FAILURE_CONFIGURATION, says);
	}
	assert_refused(cpis_stream_open(&stream, results, NULL, &failure),
		       CPIS_FAILURE_CONFIGURATION, "no name");
	assert_refused(cpis_stream_write(NULL, "a", 1, &failure), CPIS_FAILURE_CONFIGURATION,
		       "no stream");
	assert_refused(cpis_stream_close(NULL, &failure), CPIS_FAILURE_CONFIGURATION, "no stream");
	assert_refused(cpis_stream_cancel(NULL, &failure), CPIS_FAILURE_CONFIGURATION, "no stream");
	assert_int_equal(cpis_results_message_count(results), 0);
	cpis_results_free(results);
}

/* An option of a later cpis.h must not be ignored. */
static void test_an_option_that_is_not_known_is_refused(void **state)
{
	(void)state;
	struct cpis_results *results = NULL;
	enum cpis_verdict verdict = CPIS_PASS;
	struct cpis_options options = defaults;
	struct cpis_pack_options pack = { 0 };
	struct cpis_mutate_options mutate = { 0 };
	struct cpis_compare_options compare = { 0 };
	struct cpis_verify_options verify = { 0 };
	struct cpis_mutation_score score;
	enum { LAST = sizeof(options.reserved) / sizeof(options.reserved[0]) - 1 };
	options.reserved[LAST] = pack.reserved[0] = mutate.reserved[3] = compare.reserved[5] =
		verify.reserved[1] = 1;
	assert_refused(cpis_results_new(&results, &options, &failure), CPIS_FAILURE_CONFIGURATION,
		       "does not know");
	assert_null(results);
	assert_refused(cpis_inspect(GOOD, &options, NULL, NULL, &verdict, &failure),
		       CPIS_FAILURE_CONFIGURATION, "does not know");
	assert_refused(cpis_mutate_pack("p", &mutate, &score, &failure), CPIS_FAILURE_CONFIGURATION,
		       "does not know");
	assert_refused(cpis_compare("a", "b", &compare, &verdict, &failure),
		       CPIS_FAILURE_CONFIGURATION, "does not know");
	assert_refused(cpis_verify("a", &verify, &verdict, &failure), CPIS_FAILURE_CONFIGURATION,
		       "does not know");
	results = start_results(&defaults);
	assert_refused(cpis_run_pack(results, "p", &pack, &failure), CPIS_FAILURE_CONFIGURATION,
		       "does not know");
	cpis_results_free(results);
}

static void test_results_that_were_read_back_take_no_more_messages(void **state)
{
	(void)state;
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("kept.xml"));
	struct cpis_results *results = judged(&defaults, ENDS);
	assert_int_equal(cpis_report(results, "xml", path, &failure), 0);
	cpis_results_free(results);
	const char *const paths[] = { path };
	const struct cpis_bytes source = { "a.xml", "<a/>", 4 };
	const struct cpis_pack_options pack = { 0 };
	struct cpis_stream *stream = NULL;
	struct cpis_finding finding;
	assert_int_equal(cpis_results_read(&results, paths, 1, &failure), 0);
	assert_refused(cpis_validate(results, GOOD, &failure), CPIS_FAILURE_CONFIGURATION,
		       "read back");
	assert_refused(cpis_validate_bytes(results, &source, &failure), CPIS_FAILURE_CONFIGURATION,
		       "read back");
	assert_refused(cpis_validate_pair(results, GOOD, GOOD, &failure),
		       CPIS_FAILURE_CONFIGURATION, "read back");
	assert_refused(cpis_stream_open(&stream, results, "a", &failure),
		       CPIS_FAILURE_CONFIGURATION, "read back");
	assert_refused(cpis_run_pack(results, "testcases/packs/nhs-query", &pack, &failure),
		       CPIS_FAILURE_CONFIGURATION, "read back");
	/* But they can be read. */
	assert_int_equal(cpis_results_finding(results, 0, 0, &finding, sizeof(finding)), 0);
	assert_string_equal(finding.rule, "DAT-003");
	assert_int_equal(finding.line, 26);
	assert_non_null(finding.why);
	cpis_results_free(results);
}

static int never(void *context, const void *bytes, size_t size)
{
	(void)context, (void)bytes, (void)size;
	fail_msg("a report that cannot be made was written");
	return 0;
}

static void test_an_unknown_format_is_refused_and_nothing_is_written(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, GOOD);
	char *bytes = NULL;
	size_t size = 42;
	assert_refused(cpis_report_bytes(results, "jsn", &bytes, &size, &failure),
		       CPIS_FAILURE_CONFIGURATION, "unknown report format");
	assert_null(bytes);
	assert_int_equal(size, 42);
	assert_refused(cpis_report_write(results, "", never, NULL, &failure),
		       CPIS_FAILURE_CONFIGURATION, "unknown report format");
	assert_refused(cpis_report(results, "jsn", scratch_path("no"), &failure),
		       CPIS_FAILURE_CONFIGURATION, "unknown report format");
	cpis_results_free(results);
}

static int refuse(void *context, const void *bytes, size_t size)
{
	size_t *calls = context;
	(void)bytes, (void)size;
	++*calls;
	return 1;
}

static void test_a_caller_that_does_not_take_a_report_is_asked_once(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, GOOD);
	size_t calls = 0;
	assert_refused(cpis_report_write(results, "html", refuse, &calls, &failure),
		       CPIS_FAILURE_INTERNAL, "did not take");
	assert_int_equal(calls, 1);
	cpis_results_free(results);
}

static void test_values_that_do_not_exist_have_no_name(void **state)
{
	(void)state;
	for (int value = -1; value < 100; value += 33) {
		assert_string_equal(cpis_severity_name((enum cpis_severity)(value + 33)), "");
		assert_string_equal(cpis_verdict_name((enum cpis_verdict)(value + 33)), "");
		assert_string_equal(cpis_stage_name((enum cpis_stage)(value + 33)), "");
		assert_string_equal(cpis_basis_name((enum cpis_basis)(value + 33)), "");
		assert_string_equal(cpis_outcome_name((enum cpis_outcome)(value + 33)), "");
		assert_string_equal(cpis_rule_state_name((enum cpis_rule_state)(value + 33)), "");
	}
	assert_string_equal(cpis_severity_name(CPIS_ERROR), "error");
	assert_string_equal(cpis_verdict_name(CPIS_INCOMPLETE), "incomplete");
	assert_string_equal(cpis_stage_name(CPIS_RULES), "rules");
	assert_string_equal(cpis_basis_name(CPIS_BASIS_OWN), "own rule");
	assert_string_equal(cpis_outcome_name(CPIS_CASE_LEFT_OUT), "left out");
	assert_string_equal(cpis_rule_state_name(CPIS_RULE_OFF), "off");
}

/* Judging bytes */

static void test_empty_bytes_are_judged_as_an_empty_file(void **state)
{
	(void)state;
	const struct cpis_bytes nothing = { "empty.xml", NULL, 0 };
	struct cpis_results *results = start_results(&defaults);
	struct cpis_finding finding;
	assert_int_equal(cpis_validate_bytes(results, &nothing, &failure), 0);
	assert_int_equal(cpis_results_message_count(results), 1);
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	assert_int_equal(cpis_results_finding(results, 0, 0, &finding, sizeof(finding)), 0);
	assert_true(finding.fails);
	cpis_results_free(results);
}

static void each_file(const char *folder, void (*look)(const char *path))
{
	DIR *stream = opendir(folder);
	size_t count = 0;
	assert_non_null(stream);
	for (const struct dirent *entry; (entry = readdir(stream));) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		/* The two files of a MESH transfer know each other by their folder. */
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, "UPLOAD07", 8) == 0)
			continue;
		look(path);
		count++;
	}
	closedir(stream);
	assert_true(count > 8);
}

static void bytes_give_what_a_file_gives(const char *path)
{
	char *from_file = told_of_file(path), *from_bytes = told(judged(&defaults, path));
	assert_string_equal(from_bytes, from_file);
	free(from_file);
	free(from_bytes);
}

static void test_bytes_give_the_results_of_the_same_file(void **state)
{
	(void)state;
	each_file("testcases/messages", bytes_give_what_a_file_gives);
	each_file("testcases/transport", bytes_give_what_a_file_gives);
	each_file("testcases/hostile", bytes_give_what_a_file_gives);
	each_file("testcases/rules/DAT-003", bytes_give_what_a_file_gives);
}

static void test_a_pair_of_bytes_gives_the_results_of_the_files(void **state)
{
	(void)state;
	struct cpis_results *results = start_results(&defaults);
	assert_int_equal(cpis_validate_pair(results, REQUEST, REPLY, &failure), 0);
	struct cpis_finding finding;
	assert_int_equal(cpis_results_finding(results, 1, 0, &finding, sizeof(finding)), 0);
	assert_string_equal(finding.rule, "PAIR-001");
	char *from_files = told(results);
	struct cpis_bytes request = load(REQUEST), reply = load(REPLY);
	results = start_results(&defaults);
	assert_int_equal(cpis_validate_pair_bytes(results, &request, &reply, &failure), 0);
	char *from_bytes = told(results);
	assert_string_equal(from_bytes, from_files);
	unload(&request);
	unload(&reply);
	free(from_files);
	free(from_bytes);
}

static void test_bytes_past_the_limit_are_incomplete_and_a_pair_is_refused(void **state)
{
	(void)state;
	struct cpis_options options = defaults;
	options.max_input_bytes = 64;
	struct cpis_results *results = judged(&options, GOOD);
	struct cpis_omission omission;
	struct cpis_message message;
	assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
	assert_int_equal(cpis_results_message(results, 0, &message, sizeof(message)), 0);
	assert_int_equal(message.omission_count, 1);
	assert_null(message.sha256);
	assert_int_equal(cpis_results_omission(results, 0, 0, &omission, sizeof(omission)), 0);
	assert_non_null(strstr(omission.why, "limit"));
	struct cpis_bytes source = load(GOOD);
	const struct cpis_bytes small = { "small.xml", "<a/>", 4 };
	assert_refused(cpis_validate_pair_bytes(results, &small, &source, &failure),
		       CPIS_FAILURE_CONFIGURATION, "limit");
	unload(&source);
	cpis_results_free(results);
}

/* Streams */

static struct cpis_stream *open_stream(struct cpis_results *results, const char *name)
{
	struct cpis_stream *stream = NULL;
	if (cpis_stream_open(&stream, results, name, &failure) != 0)
		fail_msg("%s", failure.text);
	return stream;
}

static void stream_in(struct cpis_results *results, const char *path, size_t chunk)
{
	struct cpis_bytes source = load(path);
	struct cpis_stream *stream = open_stream(results, path);
	for (size_t at = 0; at < source.size; at += chunk) {
		size_t left = source.size - at;
		assert_int_equal(cpis_stream_write(stream, (const char *)source.bytes + at,
						   left < chunk ? left : chunk, &failure),
				 0);
	}
	unload(&source);
	assert_int_equal(cpis_stream_close(stream, &failure), 0);
}

static void test_chunks_of_any_size_give_the_results_of_the_file(void **state)
{
	(void)state;
	static const char *const paths[] = {
		GOOD, ENDS, "testcases/transport/october.zip",
		"testcases/transport/response-gzip-chunked.http",
		"testcases/hostile/XML-001-truncated-in-a-character.xml"
	};
	static const size_t chunks[] = { 1, 7, 4096, SIZE_MAX };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *from_file = told_of_file(paths[i]);
		for (size_t k = 0; k < sizeof(chunks) / sizeof(chunks[0]); k++) {
			struct cpis_results *results = start_results(&defaults);
			stream_in(results, paths[i], chunks[k]);
			char *from_chunks = told(results);
			assert_string_equal(from_chunks, from_file);
			free(from_chunks);
		}
		free(from_file);
	}
}

static void test_a_stream_that_gets_nothing_is_an_empty_source(void **state)
{
	(void)state;
	struct cpis_results *results = start_results(&defaults);
	struct cpis_stream *stream = open_stream(results, "nothing.xml");
	assert_int_equal(cpis_stream_write(stream, NULL, 0, &failure), 0);
	assert_int_equal(cpis_stream_close(stream, &failure), 0);
	assert_int_equal(cpis_results_message_count(results), 1);
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	cpis_results_free(results);
}

static void test_a_stream_that_is_never_closed_keeps_results_incomplete(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, GOOD);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	struct cpis_stream *stream = open_stream(results, "late.xml");
	char *bytes = NULL;
	size_t size;
	assert_int_equal(cpis_stream_write(stream, "<File", 5, &failure), 0);
	assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
	assert_refused(cpis_report_bytes(results, "json", &bytes, &size, &failure),
		       CPIS_FAILURE_CONFIGURATION, "stream is open");
	assert_refused(cpis_report(results, "json", scratch_path("no"), &failure),
		       CPIS_FAILURE_CONFIGURATION, "stream is open");
	cpis_results_free(results);
}

static void test_a_stream_that_is_cancelled_is_an_incomplete_message(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, GOOD);
	struct cpis_stream *stream = open_stream(results, "cut.xml");
	struct cpis_message message;
	struct cpis_omission omission;
	assert_int_equal(cpis_stream_write(stream, "<File", 5, &failure), 0);
	assert_int_equal(cpis_stream_cancel(stream, &failure), 0);
	assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
	assert_int_equal(cpis_results_message(results, 1, &message, sizeof(message)), 0);
	assert_string_equal(message.source, "cut.xml");
	assert_int_equal(message.verdict, CPIS_INCOMPLETE);
	assert_int_equal(cpis_results_omission(results, 1, 0, &omission, sizeof(omission)), 0);
	assert_non_null(strstr(omission.why, "whole"));
	cpis_results_free(results);
}

static void test_a_stream_past_the_limit_accepts_no_more_and_is_incomplete(void **state)
{
	(void)state;
	struct cpis_options options = defaults;
	options.max_input_bytes = 8;
	struct cpis_results *results = start_results(&options);
	struct cpis_stream *stream = open_stream(results, "long.xml");
	struct cpis_omission omission;
	assert_int_equal(cpis_stream_write(stream, "12345678", 8, &failure), 0);
	assert_refused(cpis_stream_write(stream, "9", 1, &failure), CPIS_FAILURE_INTERNAL, "limit");
	assert_refused(cpis_stream_write(stream, "9", 1, &failure), CPIS_FAILURE_INTERNAL, "limit");
	assert_int_equal(cpis_stream_close(stream, &failure), 0);
	assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
	assert_int_equal(cpis_results_omission(results, 0, 0, &omission, sizeof(omission)), 0);
	assert_non_null(strstr(omission.why, "limit"));
	cpis_results_free(results);
}

static void test_several_streams_are_judged_in_the_order_of_closing(void **state)
{
	(void)state;
	struct cpis_results *results = start_results(&defaults);
	struct cpis_stream *streams[3];
	struct cpis_message message;
	static const char *const names[] = { "a.xml", "b.xml", "c.xml" };
	static const size_t order[] = { 1, 2, 0 };
	for (size_t i = 0; i < 3; i++)
		streams[i] = open_stream(results, names[i]);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(cpis_stream_write(streams[i], "<a/>", 4, &failure), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(cpis_stream_close(streams[order[i]], &failure), 0);
		assert_int_equal(cpis_results_message(results, i, &message, sizeof(message)), 0);
		assert_string_equal(message.source, names[order[i]]);
	}
	cpis_results_free(results);
}

/* Inspecting */

struct tree {
	char text[4096];
	size_t n;
};

static void draw(void *context, const struct cpis_layer *layer)
{
	struct tree *tree = context;
	int n = snprintf(tree->text + tree->n, sizeof(tree->text) - tree->n, "%zu %s %s %zu\n",
			 layer->depth, layer->name, layer->about ? layer->about : "", layer->bytes);
	tree->n += (size_t)n;
	assert_true(tree->n < sizeof(tree->text));
}

static void inspect_bytes_like_the_file(const char *path)
{
	struct tree file = { .n = 0 }, bytes = { .n = 0 };
	enum cpis_verdict one, two;
	struct cpis_bytes source = load(path);
	assert_int_equal(cpis_inspect(path, &defaults, draw, &file, &one, &failure), 0);
	assert_int_equal(cpis_inspect_bytes(&source, &defaults, draw, &bytes, &two, &failure), 0);
	assert_string_equal(bytes.text, file.text);
	assert_int_equal(one, two);
	unload(&source);
}

static void test_bytes_are_inspected_like_the_same_file(void **state)
{
	(void)state;
	struct cpis_bytes source = { "a.xml", NULL, 4 };
	struct cpis_options options = defaults;
	enum cpis_verdict verdict = CPIS_PASS;
	assert_refused(cpis_inspect_bytes(&source, &options, draw, NULL, &verdict, &failure),
		       CPIS_FAILURE_CONFIGURATION, "no bytes");
	char *text = NULL;
	size_t size = 0;
	assert_refused(cpis_mask_bytes(&source, &options, &text, &size, &failure),
		       CPIS_FAILURE_CONFIGURATION, "no bytes");
	options.max_input_bytes = 3;
	source.bytes = "<a/>";
	assert_refused(cpis_mask_bytes(&source, &options, &text, &size, &failure),
		       CPIS_FAILURE_CONFIGURATION, "limit");
	assert_null(text);
	assert_refused(cpis_inspect_bytes(&source, &options, draw, NULL, &verdict, &failure),
		       CPIS_FAILURE_CONFIGURATION, "limit");
	options.reserved[0] = 1;
	assert_refused(cpis_inspect_bytes(&source, &options, draw, NULL, &verdict, &failure),
		       CPIS_FAILURE_CONFIGURATION, "does not know");
	each_file("testcases/transport", inspect_bytes_like_the_file);
}

/* Reports */

struct collected {
	char *bytes;
	size_t size;
};

static int collect(void *context, const void *bytes, size_t size)
{
	struct collected *to = context;
	to->bytes = realloc(to->bytes, to->size + size + 1);
	assert_non_null(to->bytes);
	memcpy(to->bytes + to->size, bytes, size);
	to->size += size;
	to->bytes[to->size] = '\0';
	return 0;
}

static void test_every_report_is_the_same_in_a_file_in_memory_and_by_a_function(void **state)
{
	(void)state;
	struct cpis_results *results = judged(&defaults, ENDS);
	const char *format, *summary;
	char path[512];
	snprintf(path, sizeof(path), "%s", scratch_path("report"));
	size_t count = 0;
	for (; (format = cpis_report_format_at(count, &summary)); count++) {
		size_t file_size, size;
		char *bytes;
		struct collected collected = { 0 };
		assert_true(strlen(summary) > 5);
		assert_int_equal(cpis_report(results, format, path, &failure), 0);
		char *in_file = read_file(path, &file_size);
		assert_int_equal(cpis_report_bytes(results, format, &bytes, &size, &failure), 0);
		assert_int_equal(cpis_report_write(results, format, collect, &collected, &failure),
				 0);
		assert_int_equal(size, file_size);
		assert_int_equal(collected.size, file_size);
		assert_memory_equal(bytes, in_file, size);
		assert_memory_equal(collected.bytes, in_file, size);
		assert_int_equal(bytes[size], '\0');
		free(in_file);
		free(collected.bytes);
		cpis_free(bytes);
	}
	assert_true(count >= 8);
	cpis_results_free(results);
}

static void test_a_difference_and_a_comparison_go_to_a_function(void **state)
{
	(void)state;
	char before[512], after[512];
	snprintf(before, sizeof(before), "%s", scratch_path("before.xml"));
	snprintf(after, sizeof(after), "%s", scratch_path("after.xml"));
	struct cpis_results *results = judged(&defaults, GOOD);
	assert_int_equal(cpis_report(results, "xml", before, &failure), 0);
	cpis_results_free(results);
	results = judged(&defaults, ENDS);
	assert_int_equal(cpis_report(results, "xml", after, &failure), 0);
	cpis_results_free(results);
	struct collected diff = { 0 }, comparison = { 0 };
	enum cpis_verdict verdict = CPIS_PASS;
	assert_int_equal(
		cpis_results_diff_write(before, after, "text", collect, &diff, &verdict, &failure),
		0);
	assert_int_equal(verdict, CPIS_FAIL);
	assert_non_null(strstr(diff.bytes, "DAT-003"));
	size_t calls = 0;
	assert_refused(
		cpis_results_diff_write(before, after, "md", refuse, &calls, &verdict, &failure),
		CPIS_FAILURE_INTERNAL, "did not take");
	struct cpis_compare_options options = { .write = collect, .write_context = &comparison };
	assert_int_equal(cpis_compare(GOOD, GOOD, &options, &verdict, &failure), 0);
	assert_int_equal(verdict, CPIS_PASS);
	assert_non_null(strstr(comparison.bytes, "1 record expected"));
	options.write = refuse;
	options.write_context = &calls;
	assert_refused(cpis_compare(GOOD, GOOD, &options, &verdict, &failure),
		       CPIS_FAILURE_INTERNAL, "did not take");
	assert_int_equal(calls, 2);
	free(diff.bytes);
	free(comparison.bytes);
}

static void test_the_library_is_of_the_version_of_the_header(void **state)
{
	(void)state;
	assert_string_equal(cpis_version(), CPIS_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_index_past_the_end_is_refused_and_changes_nothing),
		cmocka_unit_test(test_no_results_are_empty_incomplete_and_cannot_be_judged_into),
		cmocka_unit_test(test_a_source_without_a_name_or_bytes_is_refused),
		cmocka_unit_test(test_an_option_that_is_not_known_is_refused),
		cmocka_unit_test(test_results_that_were_read_back_take_no_more_messages),
		cmocka_unit_test(test_an_unknown_format_is_refused_and_nothing_is_written),
		cmocka_unit_test(test_a_caller_that_does_not_take_a_report_is_asked_once),
		cmocka_unit_test(test_values_that_do_not_exist_have_no_name),
		cmocka_unit_test(test_empty_bytes_are_judged_as_an_empty_file),
		cmocka_unit_test(test_bytes_give_the_results_of_the_same_file),
		cmocka_unit_test(test_a_pair_of_bytes_gives_the_results_of_the_files),
		cmocka_unit_test(test_bytes_past_the_limit_are_incomplete_and_a_pair_is_refused),
		cmocka_unit_test(test_chunks_of_any_size_give_the_results_of_the_file),
		cmocka_unit_test(test_a_stream_that_gets_nothing_is_an_empty_source),
		cmocka_unit_test(test_a_stream_that_is_never_closed_keeps_results_incomplete),
		cmocka_unit_test(test_a_stream_that_is_cancelled_is_an_incomplete_message),
		cmocka_unit_test(test_a_stream_past_the_limit_accepts_no_more_and_is_incomplete),
		cmocka_unit_test(test_several_streams_are_judged_in_the_order_of_closing),
		cmocka_unit_test(test_bytes_are_inspected_like_the_same_file),
		cmocka_unit_test(
			test_every_report_is_the_same_in_a_file_in_memory_and_by_a_function),
		cmocka_unit_test(test_a_difference_and_a_comparison_go_to_a_function),
		cmocka_unit_test(test_the_library_is_of_the_version_of_the_header),
	};
	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
