#include "report/sink.h"

#include "results/markup.h"
#include "results/summary.h"

#include <stdlib.h>

/*
 * Packs: a suite for each pack, a test for each case. Messages: a suite for each message, with a
 * test that everything in it was judged and a test for each rule that found something; then one
 * suite for the rules that found nothing, where a rule that judged nothing is skipped, not passed.
 */

enum { MOST_LISTED = 50 };

enum test_kind { TEST_PASSED, TEST_FAILURE, TEST_ERROR, TEST_SKIPPED, TEST_KIND_COUNT };

struct test {
	size_t suite; /* tests of a suite follow each other */
	const char *suite_name, *name;
	enum test_kind kind;
	const char *type, *message; /* of what did not pass */
	const char *details;	    /* or NULL */
};

/* All tests of the document: the counts are written before them. */
struct plan {
	const struct results *results;
	struct arena arena; /* of texts that are put together */
	struct test *tests;
	size_t count, room;
	size_t suites;
	const char *suite_name;
	struct rule_index *index;
	size_t *last_suite; /* for each rule, the last suite that has a test of it */
	bool failed;
};

static void begin_suite(struct plan *plan, const char *name)
{
	plan->suites++;
	plan->suite_name = name;
}

static void add_test(struct plan *plan, struct test test)
{
	if (plan->count == plan->room) {
		size_t room = plan->room ? 2 * plan->room : 64;
		struct test *bigger = realloc(plan->tests, room * sizeof(*bigger));
		if (!bigger) {
			plan->failed = true;
			return;
		}
		plan->tests = bigger;
		plan->room = room;
	}
	test.suite = plan->suites;
	test.suite_name = plan->suite_name;
	plan->tests[plan->count++] = test;
}

/* Copy the text into the plan and empty the buffer. */
static const char *keep(struct plan *plan, struct buf *text)
{
	const char *kept = arena_copy(&plan->arena, buf_view(text));
	plan->failed = plan->failed || text->failed;
	buf_reset(text);
	return kept ? kept : "";
}

static void write_line(struct buf *out, const char *label, const char *text)
{
	if (text)
		buf_printf(out, "%s%s\n", label, text);
}

static void write_finding(struct buf *out, const struct message_result *message,
			  const struct finding *finding)
{
	buf_text(out, message->source);
	if (finding->at.line)
		buf_printf(out, ":%zu:%zu", finding->at.line, finding->at.column);
	buf_printf(out, ": %s: %s\n", severity_word(finding->severity), finding_sentence(finding));
	write_line(out, "  at ", finding_path(finding));
	write_line(out, "  expected: ", finding->expected);
	write_line(out, "  found:    ", finding->actual);
	write_line(out, "  fix:      ", finding_fix(finding));
	write_line(out, "  waived:   ", finding->waived);
}

/* What one rule found in one message. */
struct offences {
	size_t count;
	const struct finding *first,
		*failing; /* the first of all, and the first that fails the message */
	bool all_waived;
};

static struct offences write_rule(struct plan *plan, const struct message_result *message,
				  size_t start, struct buf *out)
{
	struct offences offences = { .first = &message->findings[start], .all_waived = true };
	for (size_t i = start; i < message->finding_count; i++) {
		const struct finding *finding = &message->findings[i];
		if (finding->rule != offences.first->rule)
			continue;
		if (offences.count++ < MOST_LISTED)
			write_finding(out, message, finding);
		if (!finding->waived)
			offences.all_waived = false;
		if (!offences.failing && finding_fails(plan->results, finding))
			offences.failing = finding;
	}
	if (offences.count > MOST_LISTED)
		buf_printf(out, "and %zu more\n", offences.count - MOST_LISTED);
	write_line(out, "why: ", offences.first->rule->why);
	return offences;
}

static void add_rule_of_message(struct plan *plan, const struct message_result *message,
				size_t start, struct buf *scratch)
{
	const struct rule *rule = message->findings[start].rule;
	struct offences offences = write_rule(plan, message, start, scratch);
	struct test test = { .kind = TEST_PASSED, .type = rule->id };
	test.details = keep(plan, scratch);
	if (offences.failing) {
		test.kind = TEST_FAILURE;
		buf_text(scratch, finding_sentence(offences.failing));
		if (offences.count > 1)
			buf_printf(scratch, " (%zu in all)", offences.count);
		test.message = keep(plan, scratch);
	} else if (offences.all_waived) {
		test.kind = TEST_SKIPPED;
		buf_printf(scratch, "waived: %s", offences.first->waived);
		test.message = keep(plan, scratch);
	}
	buf_printf(scratch, "%s %s", rule->id, rule->title);
	test.name = keep(plan, scratch);
	add_test(plan, test);
}

static void add_completeness(struct plan *plan, const struct message_result *message,
			     struct buf *scratch)
{
	struct test test = { .name = "everything in it was checked", .type = "incomplete" };
	for (size_t i = 0; i < message->omission_count; i++)
		buf_printf(scratch, "not checked: %s, because %s\n", message->omissions[i].what,
			   message->omissions[i].why);
	if (message->omission_count) {
		test.kind = TEST_ERROR;
		test.details = keep(plan, scratch);
		buf_printf(scratch, "not checked: %s, because %s", message->omissions[0].what,
			   message->omissions[0].why);
		test.message = keep(plan, scratch);
	}
	add_test(plan, test);
}

/* Findings past the limit of the list. */
static void add_unlisted(struct plan *plan, const struct unlisted *unlisted, struct buf *scratch)
{
	bool fails = severity_fails(plan->results, unlisted->severity);
	struct test test = { .kind = fails ? TEST_FAILURE : TEST_PASSED,
			     .type = unlisted->rule->id };
	buf_printf(scratch, "%zu more over the limit of findings", unlisted->count);
	test.details = keep(plan, scratch);
	if (fails)
		test.message = test.details;
	buf_printf(scratch, "%s %s (over the limit)", unlisted->rule->id, unlisted->rule->title);
	test.name = keep(plan, scratch);
	add_test(plan, test);
}

/* The findings of a rule are one test, in the place of the first. */
static void add_message(struct plan *plan, const struct message_result *message,
			struct buf *scratch)
{
	begin_suite(plan, message->source);
	add_completeness(plan, message, scratch);
	for (size_t i = 0; i < message->finding_count; i++) {
		size_t place = rule_index_of(plan->index, message->findings[i].rule);
		if (place != RULE_INDEX_NONE) {
			if (plan->last_suite[place] == plan->suites)
				continue;
			plan->last_suite[place] = plan->suites;
		}
		add_rule_of_message(plan, message, i, scratch);
	}
	for (size_t i = 0; i < message->unlisted_count; i++)
		add_unlisted(plan, &message->unlisted[i], scratch);
}

static void add_quiet_rules(struct plan *plan, struct buf *scratch)
{
	const struct results *results = plan->results;
	begin_suite(plan, "rules without findings");
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_tally *tally = &results->tallies[i];
		const struct rule_override *override = override_at(results, i);
		struct test test = { .kind = TEST_PASSED };
		if (override && override->off) {
			test.kind = TEST_SKIPPED;
			buf_printf(scratch, "turned off by the profile: %s",
				   override->reason ? override->reason : "no reason given");
			test.message = keep(plan, scratch);
		} else if (tally->failed) {
			continue;
		} else if (!tally->judged) {
			test.kind = TEST_SKIPPED;
			test.message = tally->blocked
					       ? "not checked: the part it applies to was broken"
					       : "nothing to check";
		}
		buf_printf(scratch, "%s %s", results->rules[i]->id, results->rules[i]->title);
		test.name = keep(plan, scratch);
		add_test(plan, test);
	}
}

static void add_case(struct plan *plan, const struct case_result *one, struct buf *scratch)
{
	static const enum test_kind kinds[CASE_OUTCOME_COUNT] = {
		[CASE_PASSED] = TEST_PASSED,	[CASE_FAILED] = TEST_FAILURE,
		[CASE_WAIVED] = TEST_SKIPPED,	[CASE_NOT_RUN] = TEST_ERROR,
		[CASE_BROKEN] = TEST_ERROR,	[CASE_MANUAL] = TEST_ERROR,
		[CASE_LEFT_OUT] = TEST_SKIPPED,
	};
	struct test test = {
		.kind = kinds[one->outcome],
		.type = case_outcome_name(one->outcome),
	};
	write_line(scratch, "expected: ", one->expected);
	write_line(scratch, "found:    ", one->actual);
	write_line(scratch, "because:  ", one->reason);
	test.details = test.kind == TEST_PASSED ? NULL : keep(plan, scratch);
	plan->failed = plan->failed || scratch->failed;
	buf_reset(scratch);
	buf_text(scratch, case_outcome_name(one->outcome));
	if (one->reason || one->actual)
		buf_printf(scratch, ": %s", one->reason ? one->reason : one->actual);
	test.message = keep(plan, scratch);
	buf_printf(scratch, "%s%s%s", one->id, one->title ? " " : "", one->title ? one->title : "");
	test.name = keep(plan, scratch);
	add_test(plan, test);
}

/* What was left out by wish is a test that was skipped. */
static void add_partial(struct plan *plan, struct buf *scratch)
{
	struct summary summary;
	struct test test = { .name = "the whole run", .kind = TEST_SKIPPED };
	begin_suite(plan, "partial");
	summary_of(plan->results, &summary);
	summary_headline(plan->results, &summary, scratch);
	test.message = keep(plan, scratch);
	add_test(plan, test);
}

static void fill_plan(struct plan *plan)
{
	const struct results *results = plan->results;
	struct buf scratch;
	buf_init(&scratch, SIZE_MAX / 2);
	if (results_partial(results))
		add_partial(plan, &scratch);
	for (size_t i = 0; i < results->pack_count; i++) {
		begin_suite(plan, results->packs[i].name);
		for (size_t k = 0; k < results->case_count; k++)
			if (strcmp(results->cases[k].pack, results->packs[i].name) == 0)
				add_case(plan, &results->cases[k], &scratch);
	}
	for (size_t i = 0; i < results->message_count && !results->pack_count; i++)
		add_message(plan, &results->messages[i], &scratch);
	if (!results->pack_count)
		add_quiet_rules(plan, &scratch);
	buf_release(&scratch);
}

static size_t count_kind(const struct plan *plan, size_t start, size_t end, enum test_kind kind)
{
	size_t count = 0;
	for (size_t i = start; i < end; i++)
		count += plan->tests[i].kind == kind;
	return count;
}

static void write_counts(struct markup *markup, const struct plan *plan, size_t start, size_t end)
{
	markup_attribute_size(markup, "tests", end - start);
	markup_attribute_size(markup, "failures", count_kind(plan, start, end, TEST_FAILURE));
	markup_attribute_size(markup, "errors", count_kind(plan, start, end, TEST_ERROR));
	markup_attribute(markup, "time", "0");
}

static void write_test(struct markup *markup, const struct test *test)
{
	static const char *const elements[TEST_KIND_COUNT] = {
		[TEST_FAILURE] = "failure",
		[TEST_ERROR] = "error",
		[TEST_SKIPPED] = "skipped",
	};
	markup_open(markup, "testcase");
	markup_attribute(markup, "classname", test->suite_name);
	markup_attribute(markup, "name", test->name);
	markup_attribute(markup, "time", "0");
	if (elements[test->kind]) {
		markup_open(markup, elements[test->kind]);
		markup_attribute(markup, "message", test->message);
		if (test->kind != TEST_SKIPPED) {
			markup_attribute(markup, "type", test->type);
			markup_text(markup, test->details ? test->details : "");
		}
		markup_close(markup);
	} else {
		markup_leaf(markup, "system-out", test->details);
	}
	markup_close(markup);
}

static void write_suites(struct markup *markup, const struct plan *plan)
{
	for (size_t start = 0; start < plan->count;) {
		size_t end = start;
		while (end < plan->count && plan->tests[end].suite == plan->tests[start].suite)
			end++;
		markup_open(markup, "testsuite");
		markup_attribute(markup, "name", plan->tests[start].suite_name);
		write_counts(markup, plan, start, end);
		markup_attribute_size(markup, "skipped",
				      count_kind(plan, start, end, TEST_SKIPPED));
		for (size_t i = start; i < end; i++)
			write_test(markup, &plan->tests[i]);
		markup_close(markup);
		start = end;
	}
}

int junit_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct plan plan = { .results = results };
	struct markup markup;
	arena_init(&plan.arena);
	plan.index = rule_index_new(results);
	plan.last_suite = calloc(results->rule_count + 1, sizeof(*plan.last_suite));
	if (plan.index && plan.last_suite)
		fill_plan(&plan);
	else
		plan.failed = true;
	markup_init(&markup, out);
	markup_open(&markup, "testsuites");
	markup_attribute(&markup, "name", "cpis");
	write_counts(&markup, &plan, 0, plan.count);
	write_suites(&markup, &plan);
	markup_close(&markup);
	out->failed =
		markup_finish(&markup) != 0 || plan.failed || plan.arena.failed || out->failed;
	arena_release(&plan.arena);
	rule_index_free(plan.index);
	free(plan.last_suite);
	free(plan.tests);
	(void)failure;
	return 0;
}
