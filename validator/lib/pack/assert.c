#include "pack/assert.h"

#include "xml/schematron.h"

#include <regex.h>

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	bool found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* The tests: the words for each, its operand, and whether it holds. */

static bool holds_exists(const struct pack_assert *assert, const struct tree_value *value)
{
	(void)assert;
	return value->kind == TREE_NODES ? value->count > 0 : value->truth;
}

static bool holds_absent(const struct pack_assert *assert, const struct tree_value *value)
{
	return !holds_exists(assert, value);
}

static bool holds_count(const struct pack_assert *assert, const struct tree_value *value)
{
	return value->kind == TREE_NODES && value->count == assert->count.value;
}

static bool holds_equals(const struct pack_assert *assert, const struct tree_value *value)
{
	return strcmp(value->text, assert->equals.text) == 0;
}

static bool holds_not_equals(const struct pack_assert *assert, const struct tree_value *value)
{
	return strcmp(value->text, assert->not_equals.text) != 0;
}

static bool holds_contains(const struct pack_assert *assert, const struct tree_value *value)
{
	return strstr(value->text, assert->contains.text) != NULL;
}

static bool holds_matches(const struct pack_assert *assert, const struct tree_value *value)
{
	return matches(assert->matches.text, value->text);
}

static bool holds_in(const struct pack_assert *assert, const struct tree_value *value)
{
	for (size_t i = 0; i < assert->in.count; i++)
		if (strcmp(assert->in.items[i].text, value->text) == 0)
			return true;
	return false;
}

enum operand { OPERAND_NONE, OPERAND_TEXT, OPERAND_NUMBER, OPERAND_TEXTS };

static const struct test {
	const char *words; /* after the XPath: "//x equals" */
	enum operand operand;
	size_t offset; /* of the member that is given when this is the test */
	bool (*holds)(const struct pack_assert *, const struct tree_value *);
} tests[] = {
	{ "exists", OPERAND_NONE, offsetof(struct pack_assert, exists), holds_exists },
	{ "is absent", OPERAND_NONE, offsetof(struct pack_assert, absent), holds_absent },
	{ "has a count of", OPERAND_NUMBER, offsetof(struct pack_assert, count), holds_count },
	{ "equals", OPERAND_TEXT, offsetof(struct pack_assert, equals), holds_equals },
	{ "does not equal", OPERAND_TEXT, offsetof(struct pack_assert, not_equals),
	  holds_not_equals },
	{ "contains", OPERAND_TEXT, offsetof(struct pack_assert, contains), holds_contains },
	{ "matches", OPERAND_TEXT, offsetof(struct pack_assert, matches), holds_matches },
	{ "is one of", OPERAND_TEXTS, offsetof(struct pack_assert, in), holds_in },
};

static const void *operand_of(const struct pack_assert *assert, const struct test *test)
{
	return (const char *)assert + test->offset;
}

static bool is_given(const struct pack_assert *assert, const struct test *test)
{
	const void *operand = operand_of(assert, test);
	if (test->operand == OPERAND_TEXT)
		return ((const struct config_text *)operand)->text != NULL;
	if (test->operand == OPERAND_TEXTS)
		return ((const struct config_texts *)operand)->items != NULL;
	return ((const struct config_number *)operand)->given;
}

/* Loading has made sure that there is exactly one. */
static const struct test *test_of(const struct pack_assert *assert)
{
	size_t i = 0;
	while (i + 1 < sizeof(tests) / sizeof(tests[0]) && !is_given(assert, &tests[i]))
		i++;
	return &tests[i];
}

static void state(const struct pack_assert *assert, struct buf *out)
{
	if (assert->schematron.text) {
		buf_printf(out, "%s holds", assert->schematron.text);
		return;
	}
	const struct test *test = test_of(assert);
	const void *operand = operand_of(assert, test);
	buf_printf(out, "%s %s", assert->xpath.text, test->words);
	if (test->operand == OPERAND_TEXT)
		buf_printf(out, " '%s'", ((const struct config_text *)operand)->text);
	if (test->operand == OPERAND_NUMBER)
		buf_printf(out, " %zu", ((const struct config_number *)operand)->value);
	const struct config_texts *texts = test->operand == OPERAND_TEXTS ? operand : NULL;
	for (size_t i = 0; texts && i < texts->count; i++)
		buf_printf(out, "%s'%s'", i ? ", " : " ", texts->items[i].text);
}

void assert_describe(const struct pack_assert *assert, struct buf *out)
{
	if (assert->title.text)
		buf_text(out, assert->title.text);
	else
		state(assert, out);
}

/* A number that says how many, and not which. */
static bool is_quantity(const char *xpath)
{
	return strncmp(xpath, "count(", 6) == 0 || strncmp(xpath, "string-length(", 14) == 0;
}

/* What is there instead: how many nodes, or a value, masked as that place demands. */
static const char *found_words(struct case_run *run, const struct pack_assert *assert,
			       const struct tree_value *value)
{
	struct results *results = run->session->results;
	struct arena *scratch = &run->session->scratch;
	enum mask_kind kind = MASK_VALUE;
	const char *element, *attribute;
	if (assert->exists.given || assert->absent.given || assert->count.given)
		return arena_printf(scratch, "%zu found", value->count);
	if (value->kind == TREE_NODES && !value->count)
		return "nothing is there";
	if (value->kind == TREE_BOOLEAN || is_quantity(assert->xpath.text))
		kind = MASK_NONE;
	if (value->kind == TREE_NODES) {
		tree_names(value->nodes[0], &element, &attribute);
		kind = mask_kind_of(element, attribute);
	}
	const char *shown = masker_value(results->masker, scratch, kind, str_of(value->text));
	bool open = shown && strcmp(shown, value->text) == 0;
	return arena_printf(scratch, open ? "it is '%s'" : "it is %s", shown ? shown : "");
}

/* Schematron */

enum { MOST_REPORTED = 10 }; /* a case */

struct reporting {
	struct case_run *run;
	const struct schematron *schematron;
	const char *words;
	size_t found;
};

static void on_judged(void *context, size_t assertion, bool failed)
{
	(void)context, (void)assertion, (void)failed;
}

static void on_found(void *context, size_t assertion, size_t offset, const char *message)
{
	struct reporting *reporting = context;
	struct pack_session *session = reporting->run->session;
	(void)offset;
	if (reporting->found++ >= MOST_REPORTED)
		return;
	const char *text =
		masker_resolve(session->results->masker, &session->scratch, str_of(message));
	case_fault(reporting->run, "assertion failed: %s: %s: %s", reporting->words,
		   schematron_assertion_at(reporting->schematron, assertion)->id, text ? text : "");
}

static void check_schematron(struct case_run *run, const struct judged *judged,
			     const struct schematron *schematron, const char *words)
{
	struct reporting reporting = { .run = run, .schematron = schematron, .words = words };
	const struct schematron_teller teller = { on_judged, on_found, &reporting };
	struct schematron_run *judging = schematron_run_new(schematron);
	char why[512] = "out of memory";
	if (!judging || schematron_judge(judging, judged->tree, &teller, why, sizeof(why)) != 0)
		case_fault(run, "assertion failed: %s: %s", words, why);
	else if (reporting.found > MOST_REPORTED)
		case_fault(run, "%s: and %zu more", words, reporting.found - MOST_REPORTED);
	schematron_run_free(judging);
}

void assert_check(struct case_run *run, const struct judged *judged, size_t index)
{
	const struct pack_assert *assert = &run->test->expect->asserts[index];
	struct tree_value value;
	struct tree_fault fault;
	struct buf statement;
	judged = judged_half(judged, &assert->side);
	buf_init(&statement, 1 << 20);
	state(assert, &statement);
	const char *words = statement.p ? statement.p : "";
	if (assert->title.text)
		words = arena_printf(&run->session->scratch, "%s (%s)", assert->title.text, words);
	if (!judged->tree)
		case_fault(run, "assertion failed: %s: %s", words, judged->tree_fault->text);
	else if (assert->schematron.text)
		check_schematron(run, judged, run->prepared->schematrons[index], words);
	else if (tree_evaluate(judged->tree, assert->xpath.text, &run->session->scratch, &value,
			       &fault) != 0)
		case_fault(run, "assertion failed: %s: %s", words, fault.text);
	else if (!test_of(assert)->holds(assert, &value))
		case_fault(run, "assertion failed: %s: %s", words,
			   found_words(run, assert, &value));
	buf_release(&statement);
}
