/* What a pack says of a message by XPath or Schematron. */
#include "pack/case.h"

#include "compare/compare.h"
#include "config/value.h"
#include "config/when.h"
#include "engine/limits.h"
#include "pack/documents.h"
#include "xml/alloc.h"
#include "xml/schematron.h"

#include <ctype.h>
#include <regex.h>

/*
 * A pattern that looks for another from the start of a text on, in one go: the C library would try
 * it at each place in turn, in quadratic time, with a state in memory for each step. A bracket that
 * closes nothing stands for itself.
 */
static void write_from_start(const char *pattern, struct buf *out)
{
	size_t depth = 0;
	buf_text(out, "^.*(");
	for (const char *p = pattern, *next; *p; p = next) {
		next = value_regex_next(p);
		if (*p == ')' && depth == 0)
			buf_char(out, '\\');
		depth = *p == '(' ? depth + 1 : *p == ')' && depth ? depth - 1 : depth;
		buf_add(out, p, (size_t)(next - p));
	}
	buf_char(out, ')');
}

/* Whether "^" is in it, as the start of the text. */
static bool is_anchored(const char *pattern)
{
	for (const char *p = pattern; *p; p = value_regex_next(p))
		if (*p == '^')
			return true;
	return false;
}

/*
 * After ".*", the C library takes "^" for the start of a line too. Such a pattern is tried as it
 * is, which is in one go where all of it comes after "^".
 */
static bool is_tried_everywhere(const char *pattern, const char *text)
{
	return strchr(text, '\n') && is_anchored(pattern);
}

/* A pattern may need a state in memory for each step through a text. */
static size_t most_matched(const char *pattern, const char *text)
{
	enum { MOST_MATCHED = 4000, MOST_TRIED_EVERYWHERE = 100 };
	bool one_go = pattern[0] == '^' && !strchr(pattern, '|');
	return is_tried_everywhere(pattern, text) && !one_go ? MOST_TRIED_EVERYWHERE : MOST_MATCHED;
}

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	struct buf whole;
	buf_init(&whole, 1 << 16);
	if (is_tried_everywhere(pattern, text))
		buf_text(&whole, pattern);
	else
		write_from_start(pattern, &whole);
	int status = whole.failed ? REG_ESPACE
				  : regcomp(&regex, buf_view(&whole).p, REG_EXTENDED | REG_NOSUB);
	buf_release(&whole);
	if (status != 0)
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

/* A value of something that is not there proves nothing. */
static bool is_nothing(const struct tree_value *value)
{
	return value->kind == TREE_NODES && value->count == 0;
}

static bool holds_equals(const struct pack_assert *assert, const struct tree_value *value)
{
	return !is_nothing(value) && strcmp(value->text, assert->equals.text) == 0;
}

static bool holds_not_equals(const struct pack_assert *assert, const struct tree_value *value)
{
	return !is_nothing(value) && strcmp(value->text, assert->not_equals.text) != 0;
}

static bool holds_contains(const struct pack_assert *assert, const struct tree_value *value)
{
	return !is_nothing(value) && strstr(value->text, assert->contains.text) != NULL;
}

static bool holds_matches(const struct pack_assert *assert, const struct tree_value *value)
{
	return !is_nothing(value) && matches(assert->matches.text, value->text);
}

static bool holds_in(const struct pack_assert *assert, const struct tree_value *value)
{
	for (size_t i = 0; !is_nothing(value) && i < assert->in.count; i++)
		if (strcmp(assert->in.items[i].text, value->text) == 0)
			return true;
	return false;
}

enum operand { OPERAND_NONE, OPERAND_TEXT, OPERAND_NUMBER, OPERAND_TEXTS, OPERAND_TIME };

/* Of times: as far as both say. */

static bool is_not_before(struct str expected, struct str found)
{
	struct moment a = moment_of(expected), b = moment_of(found);
	return a.ok && b.ok && moment_compare(&b, &a) >= 0;
}

static bool is_not_after(struct str expected, struct str found)
{
	struct moment a = moment_of(expected), b = moment_of(found);
	return a.ok && b.ok && moment_compare(&b, &a) <= 0;
}

static const struct test {
	const char *words; /* after the XPath: "//x equals" */
	enum operand operand;
	size_t offset; /* of the member that is given when this is the test */
	bool (*holds)(const struct pack_assert *, const struct tree_value *);
	bool (*agrees)(struct str expected, struct str found); /* OPERAND_TIME */
} tests[] = {
	{ "exists", OPERAND_NONE, offsetof(struct pack_assert, exists), holds_exists, NULL },
	{ "is absent", OPERAND_NONE, offsetof(struct pack_assert, absent), holds_absent, NULL },
	{ "has a count of", OPERAND_NUMBER, offsetof(struct pack_assert, count), holds_count,
	  NULL },
	{ "equals", OPERAND_TEXT, offsetof(struct pack_assert, equals), holds_equals, NULL },
	{ "does not equal", OPERAND_TEXT, offsetof(struct pack_assert, not_equals),
	  holds_not_equals, NULL },
	{ "contains", OPERAND_TEXT, offsetof(struct pack_assert, contains), holds_contains, NULL },
	{ "matches", OPERAND_TEXT, offsetof(struct pack_assert, matches), holds_matches, NULL },
	{ "is one of", OPERAND_TEXTS, offsetof(struct pack_assert, in), holds_in, NULL },
	{ "is on", OPERAND_TIME, offsetof(struct pack_assert, on), NULL, times_agree },
	{ "is not before", OPERAND_TIME, offsetof(struct pack_assert, not_before), NULL,
	  is_not_before },
	{ "is not after", OPERAND_TIME, offsetof(struct pack_assert, not_after), NULL,
	  is_not_after },
};

static const void *operand_of(const struct pack_assert *assert, const struct test *test)
{
	return (const char *)assert + test->offset;
}

static bool is_given(const struct pack_assert *assert, const struct test *test)
{
	const void *operand = operand_of(assert, test);
	if (test->operand == OPERAND_TEXT || test->operand == OPERAND_TIME)
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

/* A number that says how many, and not which. */
static bool is_quantity(const char *xpath)
{
	return strncmp(xpath, "count(", 6) == 0 || strncmp(xpath, "string-length(", 14) == 0;
}

/* The name of the last step that ends at *end, without its prefix; *end becomes where it starts. */
static struct str last_name(const char *xpath, size_t *end)
{
	size_t start = *end;
	while (start > 0 &&
	       (isalnum((unsigned char)xpath[start - 1]) || strchr("-_.", xpath[start - 1])))
		start--;
	struct str name = { xpath + start, *end - start };
	while (start > 0 && (isalnum((unsigned char)xpath[start - 1]) || xpath[start - 1] == ':'))
		start--;
	*end = start;
	return name;
}

/* What the place that an XPath leads to may say of a person, by the steps at its end. */
static enum mask_kind kind_at_xpath(struct arena *scratch, const char *xpath)
{
	size_t end = strlen(xpath);
	const char *attribute = NULL;
	if (is_quantity(xpath))
		return MASK_NONE;
	struct str name = last_name(xpath, &end);
	if (end > 0 && xpath[end - 1] == '@') {
		attribute = arena_str(scratch, name).p;
		end -= end > 1 && xpath[end - 2] == '/' ? 2 : 1;
		name = last_name(xpath, &end);
	}
	const char *element = arena_str(scratch, name).p;
	return name.n && element ? mask_kind_of(element, attribute) : MASK_VALUE;
}

/* A literal of the pack is as personal as the value that it is compared with. */
static const char *literal(struct pack_session *session, enum mask_kind kind, const char *text)
{
	const char *shown =
		masker_value(session->results->masker, &session->scratch, kind, str_of(text));
	return strcmp(shown, text) == 0 ? arena_printf(&session->scratch, "'%s'", text) : shown;
}

const char *assert_xpath(struct pack_session *session, const char *xpath)
{
	return masker_xpath(session->results->masker, &session->scratch, xpath);
}

/* What a pack calls an assertion. */
static const char *title_of(struct pack_session *session, const struct pack_assert *assert)
{
	return masker_resolve(session->results->masker, &session->scratch,
			      str_of(assert->title.text));
}

/* A pattern says how a value is made, unless there are words or numbers in it. */
static bool is_plain_pattern(const char *pattern)
{
	enum { MOST_TOGETHER = 3 };
	size_t together = 0;
	for (; *pattern && together <= MOST_TOGETHER; pattern++)
		together = isalnum((unsigned char)*pattern) || (*pattern & 0x80) ? together + 1 : 0;
	return together <= MOST_TOGETHER;
}

static void state(struct pack_session *session, const struct pack_assert *assert, struct buf *out)
{
	if (assert->schematron.text) {
		buf_printf(out, "%s holds", assert->schematron.text);
		return;
	}
	const struct test *test = test_of(assert);
	const void *operand = operand_of(assert, test);
	enum mask_kind kind = kind_at_xpath(&session->scratch, assert->xpath.text);
	if (assert->matches.text && is_plain_pattern(assert->matches.text))
		kind = MASK_WORD;
	/* A distance to a day names no one, unless it is an age. */
	if (test->operand == OPERAND_TIME && kind != MASK_BIRTH &&
	    when_anchor_of(((const struct config_text *)operand)->text) != WHEN_FIXED)
		kind = MASK_WORD;
	buf_printf(out, "%s %s", assert_xpath(session, assert->xpath.text), test->words);
	if (test->operand == OPERAND_TEXT || test->operand == OPERAND_TIME)
		buf_printf(out, " %s",
			   literal(session, kind, ((const struct config_text *)operand)->text));
	if (test->operand == OPERAND_NUMBER)
		buf_printf(out, " %zu", ((const struct config_number *)operand)->value);
	const struct config_texts *texts = test->operand == OPERAND_TEXTS ? operand : NULL;
	for (size_t i = 0; texts && i < texts->count; i++)
		buf_printf(out, "%s%s", i ? ", " : " ",
			   literal(session, kind, texts->items[i].text));
}

void assert_describe(struct pack_session *session, const struct pack_assert *assert,
		     struct buf *out)
{
	if (assert->title.text)
		buf_text(out, title_of(session, assert));
	else
		state(session, assert, out);
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
	size_t judged, found;
};

static void on_judged(void *context, size_t assertion, bool failed)
{
	struct reporting *reporting = context;
	(void)assertion, (void)failed;
	reporting->judged++;
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
	case_fault_about(reporting->run, FAULT_ASSERTION, text, "assertion failed: %s: %s: %s",
			 reporting->words,
			 schematron_assertion_at(reporting->schematron, assertion)->id,
			 text ? text : "");
}

static void check_schematron(struct case_run *run, const struct xml_tree *tree,
			     const struct schematron *schematron, const char *words)
{
	struct reporting reporting = { .run = run, .schematron = schematron, .words = words };
	const struct schematron_teller teller = { on_judged, on_found, &reporting };
	struct schematron_run *judging = schematron_run_new(schematron);
	char why[512] = "out of memory";
	bool judged = judging && schematron_judge(judging, tree, &teller, why, sizeof(why)) == 0;
	if (!judged && tree_budget(tree)->exhausted)
		case_unjudged(run, "assertion not judged: %s: %s", words, why);
	else if (!judged)
		case_fault(run, "assertion failed: %s: %s", words, why);
	else if (!reporting.judged)
		case_fault(run,
			   "assertion failed: %s: none of its rules has a context that is in the "
			   "message",
			   words);
	else if (reporting.found > MOST_REPORTED)
		case_fault(run, "%s: and %zu more", words, reporting.found - MOST_REPORTED);
	schematron_run_free(judging);
}

/* The day on which a source was made: the first that it names. */
static void find_day(struct case_run *run, const struct judged *judged, char made[WHEN_DAY])
{
	struct child_records records = { 0 };
	struct cpis_failure failure;
	dataset_of_message(&records, &run->session->scratch, judged->bytes, &failure);
	memcpy(made, records.made, sizeof(records.made));
}

/* Whether a time is as it must be. True too where that is not known, which was reported. */
static bool holds_time(struct case_run *run, const struct judged *judged,
		       const struct pack_assert *assert, const struct tree_value *value)
{
	const struct test *test = test_of(assert);
	const char *time = ((const struct config_text *)operand_of(assert, test))->text;
	char digits[WHEN_DIGITS], made[WHEN_DAY] = "";
	if (when_anchor_of(time) == WHEN_MESSAGE)
		find_day(run, judged, made);
	const struct when_days days = case_days(run, made);
	if (when_digits(time, &days, digits))
		return test->agrees(str_of(digits), str_trim(str_of(value->text)));
	case_day_is_unknown(run, when_anchor_of(time));
	return true;
}

static void check_value(struct case_run *run, const struct judged *judged,
			const struct pack_assert *assert, const struct tree_value *value,
			const char *words)
{
	const struct test *test = test_of(assert);
	size_t most =
		assert->matches.text ? most_matched(assert->matches.text, value->text) : SIZE_MAX;
	if (strlen(value->text) > most) {
		case_unjudged(run,
			      "assertion not judged: %s: the value is longer than %zu bytes, more "
			      "than this pattern is tried on",
			      words, most);
		return;
	}
	if (!(test->agrees ? holds_time(run, judged, assert, value) : test->holds(assert, value)))
		case_fault_about(run, FAULT_ASSERTION,
				 assert->title.text ? title_of(run->session, assert) : NULL,
				 "assertion failed: %s: %s", words,
				 found_words(run, assert, value));
}

/* There is no tree to look at. A limit of the program says nothing of the message. */
static void check_nothing(struct case_run *run, const struct tree_fault *fault, const char *words)
{
	if (fault->is_limit)
		case_unjudged(run, "assertion not judged: %s: %s", words, fault->text);
	else
		case_fault(run, "assertion failed: %s: %s", words, fault->text);
}

/* The assertion about one document. */
static void check_document(struct case_run *run, const struct judged *judged,
			   const struct pack_document *document, size_t index, const char *words)
{
	const struct pack_assert *assert = &run->test->expect->asserts[index];
	const struct xml_tree *tree = pack_document_whole(document);
	struct tree_value value;
	struct tree_fault fault;
	if (tree)
		tree_set_seconds(tree, limits_seconds(&run->session->results->options));
	if (!tree)
		check_nothing(run, &document->fault, words);
	else if (assert->schematron.text)
		check_schematron(run, tree, run->prepared->schematrons[index], words);
	else if (tree_evaluate(tree, assert->xpath.text, &run->session->scratch, &value, &fault) ==
		 0)
		check_value(run, judged, assert, &value, words);
	else if (tree_budget(tree)->exhausted)
		case_unjudged(run, "assertion not judged: %s: %s", words, fault.text);
	else
		case_fault(run, "assertion failed: %s: %s", words, fault.text);
}

void assert_check(struct case_run *run, const struct judged *judged, size_t index)
{
	const struct pack_assert *assert = &run->test->expect->asserts[index];
	const struct judged *half = judged_half(judged, &assert->side);
	const struct pack_documents *documents = half->documents;
	struct arena *scratch = &run->session->scratch;
	struct buf statement;
	buf_init(&statement, 1 << 20);
	state(run->session, assert, &statement);
	const char *words = statement.p ? statement.p : "";
	if (assert->title.text)
		words = arena_printf(scratch, "%s (%s)", title_of(run->session, assert), words);
	if (!documents->count)
		check_nothing(run, &documents->fault, words);
	const struct pack_document *document;
	for (size_t place = 0; (document = pack_documents_next(documents, &place));)
		check_document(run, half, document, index,
			       document->member ? arena_printf(scratch, "%s, in '%s'", words,
							       document->member)
						: words);
	buf_release(&statement);
}
