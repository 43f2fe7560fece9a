/* Results that were written, read back: shown again, joined, compared, refused when damaged. */
#include "base/buf.h"
#include "engine/engine.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/read.h"
#include "rules/catalogue.h"
#include "run_cli.h"
#include "sample_results.h"
#include "xml/reader.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const enum sample samples[] = { SAMPLE_VALIDATE, SAMPLE_RUN, SAMPLE_CLEAN };

static void write_in(const struct results *results, const char *format, struct buf *out)
{
	struct cpis_failure failure = { 0 };
	buf_init(out, SIZE_MAX / 2);
	assert_int_equal(sink_find(format)->write(results, out, &failure), 0);
	assert_false(out->failed);
}

static void free_results(struct results *results)
{
	cpis_results_free((struct cpis_results *)(void *)results);
}

static struct results *read_text(struct str text)
{
	struct results *results = results_read_new();
	struct cpis_failure failure = { 0 };
	if (results_read(results, text, "r.xml", &failure) != 0)
		fail_msg("%zu:%zu: %s", failure.line, failure.column, failure.text);
	return results;
}

/* A sample as sealing leaves it: names hold nothing that cannot be seen. */
static void fill_sealed(struct results *results, enum sample sample)
{
	sample_fill(results, sample);
	for (size_t i = 0; i < results->message_count; i++)
		if (strchr(results->messages[i].source, '\x1b'))
			results->messages[i].source = "in/<b>\"odd\" & 'name'</b>\\u001B[31m.xml";
	if (results->profile)
		results->profile = "pilot\\u001B[1m <b>";
}

static struct results *read_sample(enum sample sample)
{
	struct results made;
	struct buf xml;
	fill_sealed(&made, sample);
	write_in(&made, "xml", &xml);
	sample_release(&made);
	struct results *results = read_text(buf_view(&xml));
	buf_release(&xml);
	return results;
}

static void compare_sinks(enum sample sample)
{
	struct results made;
	struct results *again = read_sample(sample);
	fill_sealed(&made, sample);
	for (size_t i = 0; sink_at(i); i++) {
		struct buf first, second;
		write_in(&made, sink_at(i)->format, &first);
		write_in(again, sink_at(i)->format, &second);
		if (first.n != second.n || memcmp(first.p, second.p, first.n) != 0)
			fail_msg("%s of sample %d is not the same again", sink_at(i)->format,
				 (int)sample);
		buf_release(&first);
		buf_release(&second);
	}
	sample_release(&made);
	free_results(again);
}

static void test_what_is_read_back_gives_the_same_bytes_in_every_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		compare_sinks(samples[i]);
}

/* All that is judged here, read back. What a profile makes of the rules must not matter. */

enum { LOWERED_TO = 4, FAMILY = 3 };
static char lowered[LOWERED_TO][4096]; /* profiles that give every rule one severity */

static void write_profiles(void)
{
	static const char *const severities[LOWERED_TO] = { "off", "info", "warning", "error" };
	for (size_t i = 0; i < LOWERED_TO; i++) {
		char name[32];
		snprintf(name, sizeof(name), "%s.yaml", severities[i]);
		snprintf(lowered[i], sizeof(lowered[i]), "%s", scratch_path(name));
		FILE *file = fopen(lowered[i], "w");
		assert_non_null(file);
		fputs("profile: all\nrules:\n", file);
		for (size_t k = 0; k < rules_count(); k++)
			if (k == 0 || strncmp(rules_at(k)->id, rules_at(k - 1)->id, FAMILY) != 0)
				fprintf(file, "  - { family: %.*s, severity: %s, reason: r }\n",
					(int)strcspn(rules_at(k)->id, "-"), rules_at(k)->id,
					severities[i]);
		fclose(file);
	}
}

static void read_back(const char *path, const char *profile)
{
	static const struct cpis_options options = { .now = 1793491200 };
	struct cpis_results *made;
	struct cpis_failure failure = { 0 };
	struct results *again = results_read_new();
	struct buf first, second;
	assert_int_equal(cpis_results_new(&made, &options, &failure), 0);
	if (cpis_results_profile(made, profile, NULL, NULL, &failure) != 0)
		fail_msg("line %zu: %s", failure.line, failure.text);
	if (cpis_validate(made, path, &failure) == 0) {
		write_in(results_inside(made), "xml", &first);
		if (results_read(again, buf_view(&first), path, &failure) != 0)
			fail_msg("%s with %s, line %zu: %s", path, profile, failure.line,
				 failure.text);
		write_in(again, "xml", &second);
		if (first.n != second.n || memcmp(first.p, second.p, first.n) != 0)
			fail_msg("%s with %s is not the same again", path, profile);
		buf_release(&first);
		buf_release(&second);
	}
	free_results(again);
	cpis_results_free(made);
}

/* One severity after the other, and of transports all: they change what is a message. */
static int read_file_back(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	static size_t turn;
	bool of_transport = strstr(path, "/TRN-") || strstr(path, "/transport/");
	(void)status, (void)place;
	if (kind != FTW_F || strstr(path, ".args") || strstr(path, "/pass-"))
		return 0;
	if (!of_transport)
		read_back(path, lowered[turn++ % LOWERED_TO]);
	for (size_t i = 0; of_transport && i < LOWERED_TO; i++)
		read_back(path, lowered[i]);
	return 0;
}

static void test_what_is_written_of_any_message_can_be_read(void **state)
{
	(void)state;
	static const char *const folders[] = { "testcases/rules", "testcases/messages",
					       "testcases/transport", "testcases/hostile" };
	enum { MOST_OPEN = 16 };
	assert_int_equal(engine_setup(), 0);
	write_profiles();
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(nftw(folders[i], read_file_back, MOST_OPEN, FTW_PHYS), 0);
}

/* One change to a good document, and part of what is said of it. */
static const struct {
	const char *from, *to, *why;
} damages[] = {
	{ "urn:cpis:results:1", "urn:cpis:results:2",
	  "version 2 of results documents is not supported" },
	{ "<results ", "<outcome ", "" },
	{ "</summary>", "", "" },
	{ "verdict=\"fail\"", "verdict=\"good\"", "cannot be \"good\"" },
	{ "<results xmlns=", "<results date=\"yesterday\" xmlns=", "" },
	{ " severity=\"warning\"", " severity=\"dire\"", "severity cannot be \"dire\"" },
	{ " offset=\"1204\"", " offset=\"-4\"", "offset cannot be \"-4\"" },
	{ " offset=\"1204\"", "", "finding has no offset attribute" },
	{ "<finding n=\"2\"", "<finding n=\"3\"", "@n is \"3\" but should be 2" },
	{ "rule=\"DAT-003\"", "rule=\"DAT-999\"", "the rule DAT-999 is not in the list" },
	{ "<summary messages=\"4\"", "<summary messages=\"5\"", "says 5 messages" },
	{ "verdict=\"fail\" partial", "verdict=\"pass\" partial", "the results come to fail" },
	{ "<judged message=\"3\"/>", "<judged message=\"2\"/>", "is out of order" },
	{ "sha256=\"9f86", "sha256=\"XX86", "sha256 cannot be" },
	{ "<?xml", "<!DOCTYPE a><?xml", "" },
	{ "<summary ", "<summing ", "" },
	{ "<what>", "<which>", "" },
	{ " to=\"off\"", " to=\"\"", "to cannot be \"\"" },
	{ " to=\"off\"", "", "override has no to attribute" },
	{ "<judged message=\"3\"/>", "<judged/>", "judged has no number of a message" },
	{ " bytes=\"", " bytes=\"99999999999999999999", "bytes cannot be" },
	{ " is=\"blocked\" number=\"", " is=\"blocked\" number=\"7", "the summary counts 7" },
	{ "<message n=\"1\"", "<massage/><message n=\"0\"", "@n is \"0\" but should be 1" },
};

/* The text with the first "from" replaced; in memory of the caller's. */
static char *changed(const char *text, const char *from, const char *to)
{
	const char *place = strstr(text, from);
	if (!place)
		fail_msg("there is no %s", from);
	size_t room = strlen(text) + strlen(to) + 1;
	char *made = malloc(room);
	assert_non_null(made);
	snprintf(made, room, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
	return made;
}

/* The XML of the first sample that holds a text. */
static void write_sample_with(const char *text, struct buf *xml)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct results made;
		sample_fill(&made, samples[i]);
		write_in(&made, "xml", xml);
		sample_release(&made);
		if (strstr(xml->p, text))
			return;
		buf_release(xml);
	}
	fail_msg("no sample has %s", text);
}

static void test_damage_is_reported_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct buf xml;
		write_sample_with(damages[i].from, &xml);
		char *text = changed(xml.p, damages[i].from, damages[i].to);
		struct results *results = results_read_new();
		struct cpis_failure failure = { 0 };
		if (results_read(results, str_of(text), "r.xml", &failure) == 0)
			fail_msg("%s was read", damages[i].to);
		assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
		assert_string_equal(failure.file, "r.xml");
		assert_true(failure.line > 0);
		if (!strstr(failure.text, damages[i].why))
			fail_msg("%s: %s", damages[i].to, failure.text);
		free_results(results);
		free(text);
		buf_release(&xml);
	}
}

static void test_a_document_cut_anywhere_is_refused(void **state)
{
	(void)state;
	struct results made;
	struct buf xml;
	sample_fill(&made, SAMPLE_RUN);
	write_in(&made, "xml", &xml);
	sample_release(&made);
	for (size_t n = 0; n + 2 < xml.n; n += 97) {
		char *text = malloc(n + 1);
		assert_non_null(text);
		memcpy(text, xml.p, n);
		text[n] = '\0';
		struct results *results = results_read_new();
		struct cpis_failure failure = { 0 };
		assert_int_equal(results_read(results, (struct str){ text, n }, "r.xml", &failure),
				 -1);
		assert_int_equal(failure.kind, CPIS_FAILURE_CONFIGURATION);
		free_results(results);
		free(text);
	}
	buf_release(&xml);
}

static void test_what_later_programs_add_is_passed_over(void **state)
{
	(void)state;
	struct results made;
	struct buf xml, again;
	sample_fill(&made, SAMPLE_RUN);
	write_in(&made, "xml", &xml);
	sample_release(&made);
	char *more = changed(
		xml.p, "<finding n=\"1\"",
		"<new xmlns:x=\"u\" a=\"b\"><path>no</path>t</new><finding later=\"yes\" n=\"1\"");
	struct results *results = read_text(str_of(more));
	write_in(results, "xml", &again);
	assert_string_equal(again.p, xml.p);
	free_results(results);
	buf_release(&again);
	buf_release(&xml);
	free(more);
}

/* By the schema of results it may be missing; each report names the rule all the same. */
static void test_a_rule_without_its_title_is_called_by_its_name(void **state)
{
	(void)state;
	static const char *const formats[] = { "md", "text", "html", "junit", "sarif", "csv" };
	struct results made;
	struct buf xml, out;
	sample_fill(&made, SAMPLE_VALIDATE);
	write_in(&made, "xml", &xml);
	sample_release(&made);
	const char *title = strstr(xml.p, "<title>The NHS number fails its check digit</title>");
	assert_non_null(title);
	char *without = changed(xml.p, "<title>The NHS number fails its check digit</title>", "");
	struct results *results = read_text(str_of(without));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		write_in(results, formats[i], &out);
		if (!strstr(out.p, "nhs-number-check-digit"))
			fail_msg("%s does not name the rule", formats[i]);
		buf_release(&out);
	}
	free_results(results);
	buf_release(&xml);
	free(without);
}

/* Joining */

static void expect_exit(int code, const char *say, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void expect_exit(int code, const char *say, const char *format, ...)
{
	char arguments[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	struct said said = run_program("%s", arguments);
	if (said.exit_code != code || !strstr(code == 2 ? said.err : said.out, say))
		fail_msg("cpis %s: exit %d: %s%s", arguments, said.exit_code, said.out, said.err);
	run_release(&said);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;
	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		count++;
	return count;
}

#define VALIDATE "validate -q --now 2026-11-01T00:00:00Z --report xml=@/%s %s"

static void test_shards_together_are_the_whole(void **state)
{
	(void)state;
	expect_exit(0, "", VALIDATE, "1.xml", "testcases/messages/upload-one.xml");
	expect_exit(0, "", VALIDATE, "2.xml", "testcases/messages/query-person.xml");
	expect_exit(0, "", VALIDATE, "12.xml",
		    "testcases/messages/upload-one.xml testcases/messages/query-person.xml");
	expect_exit(0, "", "merge -q --report xml=@/m.xml %s %s", "@/1.xml", "@/2.xml");
	expect_exit(0, "", "report -q --report csv=@/m.csv --report json=@/m.json %s%s", "@/m.xml",
		    "");
	expect_exit(0, "", "report -q --report csv=@/12.csv @/12.xml");
	char *merged = read_file(scratch_path("m.csv"), NULL);
	char *whole = read_file(scratch_path("12.csv"), NULL);
	assert_string_equal(merged, whole);
	free(merged);
	free(whole);
	merged = read_file(scratch_path("m.xml"), NULL);
	whole = read_file(scratch_path("12.xml"), NULL);
	assert_string_equal(strstr(merged, "<summary"), strstr(whole, "<summary"));
	free(merged);
	free(whole);
}

static void test_shards_that_do_not_go_together_are_refused(void **state)
{
	(void)state;
	expect_exit(0, "", VALIDATE, "1.xml", "testcases/messages/upload-one.xml");
	expect_exit(2, "has already been checked", "merge -q %s %s", "@/1.xml", "@/1.xml");
	expect_exit(0, "", VALIDATE, "l.xml", "testcases/messages/upload-five.xml --max-depth 99");
	expect_exit(2, "a different --max-depth", "merge -q %s %s", "@/1.xml", "@/l.xml");
	expect_exit(0, "", VALIDATE, "n.xml",
		    "testcases/messages/upload-five.xml --meta supplier=A");
	expect_exit(0, "", VALIDATE, "o.xml",
		    "testcases/messages/query-device.xml --meta supplier=B");
	expect_exit(2, "supplier is \"B\" here", "merge -q %s %s", "@/n.xml", "@/o.xml");
}

/* Tokens stand for values within one run: two children must not share one. */
static void test_tokens_of_shards_stay_apart(void **state)
{
	(void)state;
	struct results *a = read_sample(SAMPLE_VALIDATE);
	struct results *b = read_sample(SAMPLE_VALIDATE);
	struct cpis_failure failure = { 0 };
	for (size_t i = 0; i < b->message_count; i++)
		b->messages[i].source = "another";
	assert_int_equal(results_merge(a, b, "b.xml", &failure), 0);
	struct buf xml;
	write_in(a, "xml", &xml);
	assert_true(count_of(xml.p, "[NHS number #2]") > 0);
	assert_int_equal(count_of(xml.p, "[NHS number #2]"), count_of(xml.p, "[NHS number #6]"));
	buf_release(&xml);
	free_results(a);
	free_results(b);
}

static void test_a_case_that_one_shard_left_out_is_the_one_that_was_run(void **state)
{
	(void)state;
	struct results *a = read_sample(SAMPLE_RUN), *b = read_sample(SAMPLE_RUN);
	struct cpis_failure failure = { 0 };
	size_t cases = a->case_count;
	for (size_t i = 0; i < a->case_count; i++) {
		struct results *without = i % 2 ? a : b;
		for (size_t k = 0; k < without->cases[i].message_count; k++)
			without->messages[without->cases[i].first_message + k].source =
				without == a ? "dropped" : "dropped too";
		without->cases[i].outcome = CASE_LEFT_OUT;
		without->cases[i].message_count = 0;
	}
	assert_int_equal(results_merge(a, b, "b.xml", &failure), 0);
	assert_int_equal(a->case_count, cases);
	assert_int_equal(a->pack_count, 2);
	assert_int_equal(results_count_cases(a, CASE_LEFT_OUT), 1);
	assert_int_equal(results_count_cases(a, CASE_FAILED), 1);
	assert_int_equal(a->requirement_count, 4);
	assert_int_equal(a->requirements[0].outcome, CASE_FAILED);
	free_results(a);
	free_results(b);
	a = read_sample(SAMPLE_RUN);
	b = read_sample(SAMPLE_RUN);
	assert_int_equal(results_merge(a, b, "b.xml", &failure), -1);
	assert_non_null(strstr(failure.text, "has already been run"));
	free_results(a);
	free_results(b);
}

/* Comparing */

static void test_a_run_differs_in_nothing_from_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct results *a = read_sample(samples[i]), *b = read_sample(samples[i]);
		struct diff diff;
		assert_int_equal(diff_make(&diff, a, b), 0);
		assert_int_equal(diff.fresh_count + diff.fixed_count + diff.case_count, 0);
		assert_int_equal(diff.causes, 0);
		diff_release(&diff);
		free_results(a);
		free_results(b);
	}
}

static void test_new_and_fixed_findings_have_their_cause(void **state)
{
	(void)state;
	struct results *a = read_sample(SAMPLE_VALIDATE), *b = read_sample(SAMPLE_VALIDATE);
	struct diff diff;
	b->messages[0].finding_count--; /* that one is waived: it is in neither */
	b->messages[0].findings[0].fingerprint = "moved";
	memset(b->messages[0].sha256, 'e', 64);
	b->messages[2].findings[0].fingerprint = "other";
	assert_int_equal(diff_make(&diff, a, b), 0);
	assert_int_equal(diff.fresh_count, 2);
	assert_int_equal(diff.fixed_count, 2);
	assert_int_equal(diff.unchanged, 4);
	assert_int_equal(diff.fresh[0].causes, 1u << DIFF_MESSAGE);
	assert_int_equal(diff.fresh[1].causes, 0);
	diff_release(&diff);
	/* It is not known to be fixed where something more could not be checked. */
	a->messages[2].omission_count--;
	assert_int_equal(diff_make(&diff, a, b), 0);
	assert_int_equal(diff.fixed_count, 1);
	assert_int_equal(diff.unjudged_count, 1);
	assert_int_equal(diff.unjudged[0].causes, 1u << DIFF_UNCHECKED);
	assert_true(diff_is_worse(&diff));
	diff_release(&diff);
	a->messages[2].omission_count++;
	b->tool = "9.9.9";
	memset(b->ruleset.digest, 'f', 16);
	b->options.live = 1;
	assert_int_equal(diff_make(&diff, a, b), 0);
	assert_int_equal(diff.fresh[1].causes,
			 1u << DIFF_TOOL | 1u << DIFF_RULES | 1u << DIFF_OPTIONS);
	diff_release(&diff);
	free_results(a);
	free_results(b);
}

static void test_a_case_that_passed_and_is_not_run_is_worse(void **state)
{
	(void)state;
	static const struct {
		enum case_outcome outcome;
		unsigned causes;
		size_t worse;
	} rows[] = {
		{ CASE_NOT_RUN, 1u << DIFF_EVIDENCE, 1 },
		{ CASE_LEFT_OUT, 1u << DIFF_SELECTION, 1 },
		{ CASE_WAIVED, 0, 0 },
	};
	for (size_t i = 0; i < 3; i++) {
		struct results *a = read_sample(SAMPLE_RUN), *b = read_sample(SAMPLE_RUN);
		struct diff diff;
		size_t one = 0;
		while (a->cases[one].outcome != CASE_PASSED)
			one++;
		b->cases[one].outcome = rows[i].outcome;
		assert_int_equal(diff_make(&diff, a, b), 0);
		assert_int_equal(diff.worse_count, rows[i].worse);
		assert_int_equal(diff.cases[0].causes, rows[i].causes);
		diff_release(&diff);
		/* So is one that failed. */
		a->cases[one].outcome = CASE_FAILED;
		assert_int_equal(diff_make(&diff, a, b), 0);
		assert_int_equal(diff.worse_count, rows[i].worse);
		diff_release(&diff);
		b->inputs[1].sha256[0] ^= 1;
		assert_int_equal(diff_make(&diff, a, b), 0);
		assert_int_equal(diff.causes, 1u << DIFF_INPUTS);
		assert_string_equal(diff.inputs[0], "data/set-a.yaml");
		diff_release(&diff);
		cpis_results_free((struct cpis_results *)(void *)a);
		cpis_results_free((struct cpis_results *)(void *)b);
	}
}

static void test_a_case_that_fails_now_is_told(void **state)
{
	(void)state;
	struct results *a = read_sample(SAMPLE_RUN), *b = read_sample(SAMPLE_RUN);
	struct diff diff;
	struct buf text;
	b->cases[1].outcome = CASE_FAILED;
	memset(b->packs[0].sha256, 'e', 64);
	assert_int_equal(diff_make(&diff, a, b), 0);
	assert_int_equal(diff.worse_count, 1);
	assert_int_equal(diff.cases[0].causes, 1u << DIFF_PACK);
	static const char *const formats[] = { "text", "md", "json" };
	struct cpis_failure failure;
	for (size_t i = 0; i < 3; i++) {
		buf_init(&text, SIZE_MAX / 2);
		assert_int_equal(diff_write(&diff, formats[i], &text, &failure), 0);
		assert_false(text.failed);
		assert_non_null(strstr(text.p, "LAU-014"));
		buf_release(&text);
	}
	diff_release(&diff);
	free_results(a);
	free_results(b);
}

static void write_scratch(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* A message with one fault, then another beside it, then the first one on another line. */
static void test_findings_outlive_lines_that_move(void **state)
{
	(void)state;
	char *good = read_file("testcases/messages/upload-five.xml", NULL);
	char *bad = changed(good, "9993394130", "9993394131");
	char *moved = changed(bad, "<record", "\n\n<record");
	write_scratch("message.xml", bad);
	expect_exit(1, "", VALIDATE, "a.xml", "@/message.xml");
	write_scratch("message.xml", moved);
	expect_exit(1, "", VALIDATE, "b.xml", "@/message.xml");
	write_scratch("message.xml", good);
	expect_exit(0, "", VALIDATE, "c.xml", "@/message.xml");
	expect_exit(0, "0 new, 0 fixed", "diff %s %s", "@/a.xml", "@/b.xml");
	expect_exit(0, "the message changed", "diff %s %s", "@/b.xml", "@/c.xml");
	expect_exit(1, "the message changed", "diff %s %s", "@/c.xml", "@/a.xml");
	expect_exit(2, "", "diff %s %s", "@/c.xml", "@/message.xml");
	free(good);
	free(bad);
	free(moved);
}

/* What the later run did not look for is not fixed, and the exit code says that less is known. */
static void test_fixed_is_only_what_was_looked_for(void **state)
{
	(void)state;
	static const char own[] = "validator/tests/data/schematron/own.sch";
	static const char good[] = "testcases/messages/upload-five.xml",
			  *const bad = "testcases/rules/UPL-001/fail-one-too-few.xml";
	char more[512];
	/* A rule of the user that is no longer given, with a finding and without one. */
	snprintf(more, sizeof(more), "%s --schematron %s", good, own);
	expect_exit(1, "", VALIDATE, "own.xml", more);
	expect_exit(0, "", VALIDATE, "good.xml", good);
	expect_exit(1, "0 fixed", "diff @/own.xml @/good.xml");
	/* A rule that is off. */
	write_scratch("off.yaml", "profile: p\nrules:\n"
				  "  - { rule: UPL-001, severity: off, reason: r }\n");
	snprintf(more, sizeof(more), "%s --profile %s", good, scratch_path("off.yaml"));
	expect_exit(0, "", VALIDATE, "off.xml", more);
	expect_exit(1, "left out rules", "diff @/good.xml @/off.xml");
	expect_exit(0, "", "diff @/off.xml @/good.xml");
	/* Findings past the limit. */
	char *text = read_file(good, NULL), *once = changed(text, "9993394130", "9993394131"),
	     *twice = changed(once, "9997595173", "9997595174");
	write_scratch("message.xml", twice);
	expect_exit(1, "", VALIDATE, "all.xml", "@/message.xml");
	expect_exit(1, "", VALIDATE, "one.xml", "--max-findings 1 @/message.xml");
	expect_exit(1, "0 fixed", "diff @/all.xml @/one.xml");
	free(text);
	free(once);
	free(twice);
	/* Messages that a summary counts: what fails is listed, and what passes is fixed. */
	snprintf(more, sizeof(more), "%s %s", good, bad);
	expect_exit(1, "", VALIDATE, "two.xml", more);
	expect_exit(1, "", "merge --summary -q @/two.xml -r xml=@/short.xml");
	expect_exit(0, "0 new, 0 fixed", "diff @/two.xml @/short.xml");
	snprintf(more, sizeof(more), "%s testcases/rules/TMS-045/fail-access.xml", bad);
	expect_exit(1, "", VALIDATE, "two.xml", more);
	expect_exit(1, "", "merge --summary -q @/two.xml -r xml=@/short.xml");
	expect_exit(1, "counted and not listed", "diff @/two.xml @/short.xml");
}

/* Of what the later run did not read, or judged without its pair, nothing is fixed. */
static void test_fixed_is_not_what_was_not_read_or_not_paired(void **state)
{
	(void)state;
	static const char bad[] = "testcases/rules/DAT-003/fail-a-minute-before.xml",
			  good[] = "testcases/messages/upload-one.xml";
	char *text = read_file(bad, NULL), more[512];
	write_scratch("m.xml", text);
	expect_exit(1, "", VALIDATE, "all.xml", "@/m.xml");
	strstr(text, "</File>")[0] = '\0';
	write_scratch("m.xml", text);
	expect_exit(1, "", VALIDATE, "late.xml", "@/m.xml");
	strstr(text, "<record")[0] = '\0';
	write_scratch("m.xml", text);
	expect_exit(1, "", VALIDATE, "early.xml", "@/m.xml");
	write_scratch("m.xml", "no message");
	expect_exit(1, "", VALIDATE, "none.xml", "@/m.xml");
	expect_exit(1, "1 no longer checked", "diff @/all.xml @/early.xml");
	expect_exit(1, "0 new, 0 fixed, 1 unchanged, 1 no longer checked",
		    "diff @/late.xml @/early.xml");
	expect_exit(1, "0 fixed", "diff @/all.xml @/none.xml");
	free(text);
	/* What is left out of a message that changed is fixed, though nothing is left to judge. */
	text = read_file(good, NULL);
	write_scratch("m.xml", text);
	expect_exit(0, "", VALIDATE, "good.xml", "@/m.xml");
	expect_exit(0, "0 new, 1 fixed", "diff @/all.xml @/good.xml");
	/* Two uploads of one number, judged as a folder and apart. */
	write_scratch("n.xml", text);
	free(text);
	expect_exit(1, "", VALIDATE, "both.xml", "--fail-on warning @/m.xml @/n.xml");
	expect_exit(0, "", VALIDATE, "one.xml", "--fail-on warning @/m.xml");
	expect_exit(0, "", VALIDATE, "other.xml", "--fail-on warning @/n.xml");
	expect_exit(0, "", "merge -q @/one.xml @/other.xml -r xml=@/apart.xml");
	expect_exit(1, "0 new, 0 fixed, 0 unchanged, 1 no longer checked",
		    "diff @/both.xml @/apart.xml");
	/* A reply with its request, and without it. */
	static const char pair[] = "testcases/rules/PAIR-005/request-fail-birth-date.xml",
			  reply[] = "testcases/rules/PAIR-005/fail-birth-date.xml";
	snprintf(more, sizeof(more), "--request %s --response %s", pair, reply);
	expect_exit(1, "", VALIDATE, "pair.xml", more);
	snprintf(more, sizeof(more), "%s %s", pair, reply);
	expect_exit(0, "", VALIDATE, "apart.xml", more);
	expect_exit(1, "0 new, 0 fixed, 0 unchanged, 1 no longer checked",
		    "diff @/pair.xml @/apart.xml");
	/* A rule that is about live messages alone. */
	snprintf(more, sizeof(more), "--environment live %s", good);
	expect_exit(1, "", VALIDATE, "live.xml", more);
	expect_exit(0, "", VALIDATE, "test.xml", good);
	expect_exit(1, "1 no longer checked", "diff @/live.xml @/test.xml");
}

/* What the earlier run counted and did not list is not new, unless its rule fails more often. */
static void test_new_is_not_what_was_counted_before(void **state)
{
	(void)state;
	static const char bad[] = "testcases/rules/UPL-001/fail-one-too-few.xml",
			  note[] = "testcases/rules/TMS-045/fail-access.xml";
	char more[512];
	snprintf(more, sizeof(more), "%s %s", bad, note);
	expect_exit(1, "", VALIDATE, "two.xml", more);
	expect_exit(1, "", "merge --summary -q @/two.xml -r xml=@/short.xml");
	expect_exit(0, "0 new, 0 fixed, 1 unchanged, 1 not listed before",
		    "diff @/short.xml @/two.xml");
	snprintf(more, sizeof(more), "%s %s testcases/messages/REPC_IN000004GB01.xml", bad, note);
	expect_exit(1, "", VALIDATE, "three.xml", more);
	expect_exit(1, "2 new", "diff @/short.xml @/three.xml");
}

/* The messages of a case are a reason why its outcome is another. */
static void test_a_case_says_that_its_message_changed(void **state)
{
	(void)state;
	struct results *a = read_sample(SAMPLE_RUN), *b = read_sample(SAMPLE_RUN);
	struct diff diff;
	size_t one = 0;
	while (!a->cases[one].message_count || a->cases[one].outcome != CASE_PASSED)
		one++;
	b->cases[one].outcome = CASE_FAILED;
	b->messages[b->cases[one].first_message].sha256[0] ^= 1;
	assert_int_equal(diff_make(&diff, a, b), 0);
	assert_int_equal(diff.cases[0].causes, 1u << DIFF_MESSAGE);
	diff_release(&diff);
	free_results(a);
	free_results(b);
}

static int setup(void **state)
{
	(void)state;
	xml_setup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_read_back_gives_the_same_bytes_in_every_format),
		cmocka_unit_test(test_what_is_written_of_any_message_can_be_read),
		cmocka_unit_test(test_damage_is_reported_with_its_place),
		cmocka_unit_test(test_a_document_cut_anywhere_is_refused),
		cmocka_unit_test(test_a_rule_without_its_title_is_called_by_its_name),
		cmocka_unit_test(test_what_later_programs_add_is_passed_over),
		cmocka_unit_test(test_shards_together_are_the_whole),
		cmocka_unit_test(test_shards_that_do_not_go_together_are_refused),
		cmocka_unit_test(test_tokens_of_shards_stay_apart),
		cmocka_unit_test(test_a_case_that_one_shard_left_out_is_the_one_that_was_run),
		cmocka_unit_test(test_a_run_differs_in_nothing_from_itself),
		cmocka_unit_test(test_new_and_fixed_findings_have_their_cause),
		cmocka_unit_test(test_a_case_that_passed_and_is_not_run_is_worse),
		cmocka_unit_test(test_a_case_that_fails_now_is_told),
		cmocka_unit_test(test_findings_outlive_lines_that_move),
		cmocka_unit_test(test_fixed_is_only_what_was_looked_for),
		cmocka_unit_test(test_fixed_is_not_what_was_not_read_or_not_paired),
		cmocka_unit_test(test_new_is_not_what_was_counted_before),
		cmocka_unit_test(test_a_case_says_that_its_message_changed),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
