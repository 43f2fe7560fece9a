#include "report/sink.h"

#include "results/markup.h"
#include "results/summary.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A test is in the document whether it passes or fails, under the same name, so that whoever
 * compares two runs sees what was fixed: one for the run, one for each case of a pack or, without
 * packs, one for each message; and on request one for each rule of the catalogue. Names are unique
 * in their class: what has the name of an earlier one gets a number.
 *
 * The document keeps the schemas of Ant and Jenkins and the reader of GitLab at the same time: no
 * attributes that one of them does not know, properties and output in every suite, in this order.
 */

enum { MOST_LISTED = 200 };

enum test_kind { TEST_PASSED, TEST_FAILURE, TEST_ERROR, TEST_SKIPPED, TEST_KIND_COUNT };

struct test {
	const char *name;
	enum test_kind kind;
	const char *type, *message; /* of what did not pass */
	const char *details;	    /* or NULL */
	size_t milliseconds;
};

struct suite {
	const char *name;    /* the class of its tests too */
	size_t first, count; /* of the tests */
};

/* All tests of the document: the counts are written before them. */
struct plan {
	const struct results *results;
	struct summary summary;
	struct arena arena; /* of texts that are put together */
	struct buf scratch;
	struct test *tests;
	size_t count, room;
	struct suite *suites;
	size_t suite_count, suite_room;
	struct names names; /* of suites, and of tests in their class */
	struct rule_index *index;
	bool failed;
};

/* Copy the scratch text into the plan and empty it. */
static const char *keep(struct plan *plan)
{
	const char *kept = arena_copy(&plan->arena, buf_view(&plan->scratch));
	plan->failed = plan->failed || plan->scratch.failed;
	buf_reset(&plan->scratch);
	return kept ? kept : "";
}

/* Names */

/* Where a name is, or may be put. */
static const char **place_of(const char **taken, size_t room, const char *name)
{
	size_t at = (size_t)str_hash(str_of(name)) & (room - 1);
	while (taken[at] && strcmp(taken[at], name) != 0)
		at = (at + 1) & (room - 1);
	return &taken[at];
}

static bool grow_names(struct names *names)
{
	size_t room = names->room ? 2 * names->room : 256;
	const char **bigger = calloc(room, sizeof(*bigger));
	if (!bigger)
		return false;
	for (size_t i = 0; i < names->room; i++)
		if (names->taken[i])
			*place_of(bigger, room, names->taken[i]) = names->taken[i];
	free((void *)names->taken);
	names->taken = bigger;
	names->room = room;
	return true;
}

const char *names_unique(struct names *names, struct arena *arena, const char *class,
			 const char *name)
{
	if (2 * names->count >= names->room && !grow_names(names))
		return NULL;
	for (size_t number = 1;; number++) {
		const char *whole =
			number == 1 ? arena_printf(arena, "%s\n%s", class, name)
				    : arena_printf(arena, "%s\n%s (%zu)", class, name, number);
		const char **place = whole ? place_of(names->taken, names->room, whole) : NULL;
		if (!place)
			return NULL;
		if (*place)
			continue;
		*place = whole;
		names->count++;
		return whole + strlen(class) + 1;
	}
}

void names_release(struct names *names)
{
	free((void *)names->taken);
}

static const char *unique(struct plan *plan, const char *class, const char *name)
{
	const char *kept = names_unique(&plan->names, &plan->arena, class, name);
	plan->failed = plan->failed || !kept;
	return kept ? kept : name;
}

/* Tests */

static void begin_suite(struct plan *plan, const char *name)
{
	struct suite *more = list_grown(plan->suites, plan->suite_count, &plan->suite_room,
					sizeof(*plan->suites));
	if (!more) {
		plan->failed = true;
		return;
	}
	plan->suites = more;
	plan->suites[plan->suite_count++] =
		(struct suite){ .name = unique(plan, "", name), .first = plan->count };
}

/* In the suite that was begun last. */
static void add_test(struct plan *plan, struct test test)
{
	struct test *more = plan->suite_count ? list_grown(plan->tests, plan->count, &plan->room,
							   sizeof(*plan->tests))
					      : NULL;
	if (!more) {
		plan->failed = true;
		return;
	}
	struct suite *suite = &plan->suites[plan->suite_count - 1];
	test.name = unique(plan, suite->name, test.name);
	plan->tests = more;
	plan->tests[plan->count++] = test;
	suite->count++;
}

static void write_line(struct buf *out, const char *label, const char *text)
{
	if (text)
		buf_printf(out, "%s%s\n", label, text);
}

/* Messages */

static void write_finding(struct buf *out, const struct finding *finding)
{
	if (finding->at.line)
		buf_printf(out, "%zu:%zu: ", finding->at.line, finding->at.column);
	buf_printf(out, "%s: %s [%s]\n", severity_word(finding->severity),
		   finding_sentence(finding), finding->rule->id);
	write_line(out, "  at ", finding_path(finding));
	write_line(out, "  expected: ", finding->expected);
	write_line(out, "  found:    ", finding->actual);
	write_line(out, "  fix:      ", finding_fix(finding));
	char name[24];
	snprintf(name, sizeof(name), "  %s:%*s", accepted_word(finding->by_baseline),
		 finding->by_baseline ? 1 : 3, "");
	write_line(out, name, finding->waived);
}

/* Those that fail the message first. */
static void write_findings(struct plan *plan, const struct message_result *message)
{
	size_t listed = 0;
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < message->finding_count; i++) {
			const struct finding *finding = &message->findings[i];
			if (finding_fails(plan->results, finding) == (others == 1))
				continue;
			if (listed++ < MOST_LISTED)
				write_finding(&plan->scratch, finding);
		}
	if (listed > MOST_LISTED)
		buf_printf(&plan->scratch, "and %zu more\n", listed - MOST_LISTED);
	for (size_t i = 0; i < message->unlisted_count; i++)
		buf_printf(&plan->scratch,
			   "%zu more of %s over the limit of findings (--max-findings)\n",
			   message->unlisted[i].count, message->unlisted[i].rule->id);
}

static const struct finding *first_failing(const struct plan *plan,
					   const struct message_result *message)
{
	for (size_t i = 0; i < message->finding_count; i++)
		if (finding_fails(plan->results, &message->findings[i]))
			return &message->findings[i];
	return NULL;
}

/* "2 errors; the first: ..." */
static const char *say_failure(struct plan *plan, const struct message_result *message)
{
	const struct finding *first = first_failing(plan, message);
	size_t findings[CPIS_ERROR + 1];
	for (size_t i = 0; i <= CPIS_ERROR; i++)
		findings[i] = message_count_findings(message, (enum cpis_severity)i);
	summary_severities(&plan->scratch, findings);
	if (first)
		buf_printf(&plan->scratch, "; the first: %s [%s]", finding_sentence(first),
			   first->rule->id);
	return keep(plan);
}

static const char *say_omission(struct plan *plan, const struct message_result *message)
{
	if (message->omission_count)
		buf_printf(&plan->scratch, "not checked: %s, because %s",
			   message->omissions[0].what, message->omissions[0].why);
	return keep(plan);
}

static void add_message(struct plan *plan, const struct message_result *message)
{
	static const enum test_kind kinds[] = {
		[CPIS_PASS] = TEST_PASSED,
		[CPIS_INCOMPLETE] = TEST_ERROR,
		[CPIS_FAIL] = TEST_FAILURE,
	};
	struct test test = { .kind = kinds[message->verdict],
			     .type = cpis_verdict_name(message->verdict) };
	if (test.kind == TEST_FAILURE)
		test.message = say_failure(plan, message);
	else if (test.kind == TEST_ERROR)
		test.message = say_omission(plan, message);
	for (size_t i = 0; i < message->omission_count; i++)
		buf_printf(&plan->scratch, "not checked: %s, because %s\n",
			   message->omissions[i].what, message->omissions[i].why);
	write_findings(plan, message);
	test.details = plan->scratch.n ? keep(plan) : NULL;
	test.name = message->source;
	add_test(plan, test);
}

/* Cases */

static void add_case(struct plan *plan, const struct case_result *one)
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
		.milliseconds = one->milliseconds,
	};
	write_line(&plan->scratch, "expected: ", one->expected);
	write_line(&plan->scratch, "found:    ", one->actual);
	write_line(&plan->scratch, "because:  ", one->reason);
	const char *details = keep(plan);
	test.details = test.kind == TEST_PASSED ? NULL : details;
	buf_text(&plan->scratch, case_outcome_name(one->outcome));
	if (one->reason || one->actual)
		buf_printf(&plan->scratch, ": %s", one->reason ? one->reason : one->actual);
	test.message = keep(plan);
	buf_printf(&plan->scratch, "%s%s%s", one->id, one->title ? " " : "",
		   one->title ? one->title : "");
	test.name = keep(plan);
	add_test(plan, test);
}

/* Packs may have one name: each has its own number of cases, in the order of the run. What is wrong
 * with the run does not count as a case of theirs. */
static void add_packs(struct plan *plan)
{
	const struct results *results = plan->results;
	bool *added = calloc(results->case_count + 1, sizeof(*added));
	plan->failed = plan->failed || !added;
	for (size_t i = 0; added && i < results->pack_count; i++) {
		const struct pack_result *pack = &results->packs[i];
		size_t left = pack->case_count;
		buf_printf(&plan->scratch, "cpis.pack.%s", pack->name);
		begin_suite(plan, keep(plan));
		for (size_t k = 0; k < results->case_count; k++) {
			bool of_run = results->cases[k].from == CASE_OF_RUN;
			if (added[k] || (!left && !of_run) ||
			    strcmp(results->cases[k].pack, pack->name) != 0)
				continue;
			add_case(plan, &results->cases[k]);
			added[k] = true;
			left -= !of_run;
		}
	}
	free(added);
}

/* Rules */

/* Bits of the rules that fail a message. NULL: out of memory. */
static bool *find_failing(const struct plan *plan)
{
	const struct results *results = plan->results;
	bool *failing = calloc(results->rule_count + 1, sizeof(*failing));
	for (size_t i = 0; failing && i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			size_t place = rule_index_of(plan->index, message->findings[k].rule);
			if (place != RULE_INDEX_NONE &&
			    finding_fails(results, &message->findings[k]))
				failing[place] = true;
		}
		for (size_t k = 0; k < message->unlisted_count; k++) {
			size_t place = rule_index_of(plan->index, message->unlisted[k].rule);
			if (place != RULE_INDEX_NONE &&
			    severity_fails(results, message->unlisted[k].severity))
				failing[place] = true;
		}
	}
	return failing;
}

static void add_rule(struct plan *plan, size_t place, bool fails)
{
	const struct results *results = plan->results;
	const struct rule *rule = results->rules[place];
	const struct rule_tally *tally = &results->tallies[place];
	const struct rule_override *override = override_at(results, place);
	struct test test = { .kind = TEST_PASSED, .type = rule->id };
	if (override && override->off) {
		test.kind = TEST_SKIPPED;
		buf_printf(&plan->scratch, "turned off by the profile: %s",
			   override->reason ? override->reason : "no reason given");
	} else if (fails) {
		test.kind = TEST_FAILURE;
		buf_printf(&plan->scratch, "failed %zu of %zu times", tally->failed, tally->judged);
	} else if (tally->failed) {
		buf_printf(&plan->scratch, "failed %zu of %zu times, and fails no message",
			   tally->failed, tally->judged);
	} else if (!tally->judged) {
		test.kind = TEST_SKIPPED;
		const enum cpis_rule_state state = results_rule_state(results, place);
		buf_text(&plan->scratch, state == CPIS_RULE_BLOCKED
						 ? "not checked: the part it applies to was broken"
					 : state == CPIS_RULE_SKIPPED ? "not run"
								      : "nothing to check");
	}
	test.message = keep(plan);
	if (test.kind == TEST_PASSED)
		test.details = *test.message ? test.message : NULL;
	buf_printf(&plan->scratch, "%s %s", rule->id, rule->title);
	test.name = keep(plan);
	add_test(plan, test);
}

/* In packs, cases decide: a rule may fail where a case expects it to. */
static void add_rules(struct plan *plan)
{
	bool *failing = find_failing(plan);
	plan->failed = plan->failed || !failing;
	begin_suite(plan, "cpis.rules");
	for (size_t i = 0; failing && i < plan->results->rule_count; i++)
		add_rule(plan, i, failing[i] && !plan->results->pack_count);
	free(failing);
}

/* The run */

static void write_remark(void *context, const char *line)
{
	write_line(context, "", line);
}

/* What was left out by request is a test that was skipped. A verdict that no other test shows must
 * not look like a pass. */
static void add_run(struct plan *plan)
{
	struct test test = { .name = "the whole run", .kind = TEST_PASSED };
	if (plan->summary.unshown)
		test.kind = TEST_ERROR;
	else if (results_partial(plan->results))
		test.kind = TEST_SKIPPED;
	test.type = cpis_verdict_name(plan->summary.verdict);
	summary_headline(plan->results, &plan->summary, &plan->scratch);
	test.message = keep(plan);
	write_line(&plan->scratch, "", test.message);
	summary_completeness(plan->results, &plan->summary, &plan->scratch);
	buf_char(&plan->scratch, '\n');
	if (remarks_each(plan->results, REMARK_ANY, MOST_LISTED, write_remark, &plan->scratch) != 0)
		plan->failed = true;
	test.details = keep(plan);
	begin_suite(plan, "cpis.run");
	add_test(plan, test);
}

static void fill_plan(struct plan *plan, bool with_rules)
{
	const struct results *results = plan->results;
	if (results->pack_count) {
		add_packs(plan);
	} else {
		begin_suite(plan, "cpis.messages");
		for (size_t i = 0; i < results->message_count; i++)
			add_message(plan, &results->messages[i]);
		if (results->case_count)
			begin_suite(plan, "cpis.cases");
		for (size_t i = 0; i < results->case_count; i++)
			add_case(plan, &results->cases[i]);
	}
	if (with_rules)
		add_rules(plan);
	add_run(plan);
}

/* Writing */

static void write_seconds(struct markup *markup, size_t milliseconds)
{
	char text[40];
	snprintf(text, sizeof(text), "%zu.%03zu", milliseconds / 1000, milliseconds % 1000);
	markup_attribute(markup, "time", text);
}

static void write_test(struct markup *markup, const struct suite *suite, const struct test *test)
{
	static const char *const elements[TEST_KIND_COUNT] = {
		[TEST_FAILURE] = "failure",
		[TEST_ERROR] = "error",
		[TEST_SKIPPED] = "skipped",
	};
	markup_open(markup, "testcase");
	markup_attribute(markup, "classname", suite->name);
	markup_attribute(markup, "name", test->name);
	write_seconds(markup, test->milliseconds);
	if (elements[test->kind]) {
		markup_open(markup, elements[test->kind]);
		markup_attribute(markup, "message", test->message);
		if (test->kind != TEST_SKIPPED) {
			markup_attribute(markup, "type", test->type);
			markup_text(markup, test->details ? test->details : "");
		}
		markup_close(markup);
	}
	markup_close(markup);
}

static void write_property(struct markup *markup, const char *name, const char *value)
{
	markup_open(markup, "property");
	markup_attribute(markup, "name", name);
	markup_attribute(markup, "value", value);
	markup_close(markup);
}

static void write_properties(struct markup *markup, const struct plan *plan)
{
	const struct results *results = plan->results;
	markup_open(markup, "properties");
	write_property(markup, "verdict", cpis_verdict_name(plan->summary.verdict));
	write_property(markup, "cpis", results_tool(results));
	write_property(markup, "rules", results_ruleset(results).digest);
	for (size_t i = 0; i < results->meta_count; i++)
		write_property(markup, results->meta[i].name, results->meta[i].value);
	markup_close(markup);
}

/* What tests that did not fail have to say: they have no place for it themselves. */
static void write_notes(struct markup *markup, const struct plan *plan, const struct suite *suite)
{
	markup_open(markup, "system-out");
	for (size_t i = suite->first; i < suite->first + suite->count; i++) {
		const struct test *test = &plan->tests[i];
		if ((test->kind != TEST_PASSED && test->kind != TEST_SKIPPED) || !test->details)
			continue;
		markup_text(markup, test->name);
		markup_text(markup, "\n");
		markup_text(markup, test->details);
		markup_text(markup, "\n");
	}
	markup_close(markup);
	markup_open(markup, "system-err");
	markup_close(markup);
}

static void write_suite(struct markup *markup, const struct plan *plan, size_t place)
{
	const struct suite *suite = &plan->suites[place];
	size_t kinds[TEST_KIND_COUNT] = { 0 }, milliseconds = 0;
	char when[32];
	for (size_t i = suite->first; i < suite->first + suite->count; i++) {
		kinds[plan->tests[i].kind]++;
		milliseconds += plan->tests[i].milliseconds;
	}
	/* Without a zone, which the schemas do not take. */
	summary_time(when, plan->results->options.now);
	when[strcspn(when, "Z")] = '\0';
	markup_open(markup, "testsuite");
	markup_attribute(markup, "name", suite->name);
	markup_attribute(markup, "package", "cpis");
	char id[24];
	snprintf(id, sizeof(id), "%zu", place);
	markup_attribute(markup, "id", id);
	markup_attribute(markup, "timestamp", when[0] ? when : "1970-01-01T00:00:00");
	markup_attribute(markup, "hostname", "localhost");
	markup_attribute_size(markup, "tests", suite->count);
	markup_attribute_size(markup, "failures", kinds[TEST_FAILURE]);
	markup_attribute_size(markup, "errors", kinds[TEST_ERROR]);
	markup_attribute_size(markup, "skipped", kinds[TEST_SKIPPED]);
	write_seconds(markup, milliseconds);
	write_properties(markup, plan);
	for (size_t i = suite->first; i < suite->first + suite->count; i++)
		write_test(markup, suite, &plan->tests[i]);
	write_notes(markup, plan, suite);
	markup_close(markup);
}

static int write_document(const struct results *results, struct buf *out, bool with_rules)
{
	struct plan plan = { .results = results };
	struct markup markup;
	arena_init(&plan.arena);
	buf_init(&plan.scratch, SIZE_MAX / 2);
	summary_of(results, &plan.summary);
	plan.index = rule_index_new(results);
	if (plan.index)
		fill_plan(&plan, with_rules);
	else
		plan.failed = true;
	markup_init(&markup, out);
	markup_open(&markup, "testsuites");
	for (size_t i = 0; i < plan.suite_count; i++)
		write_suite(&markup, &plan, i);
	markup_close(&markup);
	out->failed =
		markup_finish(&markup) != 0 || plan.failed || plan.arena.failed || out->failed;
	buf_release(&plan.scratch);
	arena_release(&plan.arena);
	rule_index_free(plan.index);
	names_release(&plan.names);
	free(plan.tests);
	free(plan.suites);
	return 0;
}

int junit_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	(void)failure;
	return write_document(results, out, false);
}

int junit_write_with_rules(const struct results *results, struct buf *out,
			   struct cpis_failure *failure)
{
	(void)failure;
	return write_document(results, out, true);
}
