#include "pack/case.h"

#include "compare/compare.h"
#include "config/value.h"
#include "config/when.h"
#include "engine/limits.h"
#include "pack/documents.h"
#include "policy/baseline.h"
#include "policy/waivers.h"
#include "xml/alloc.h"
#include "xml/schematron.h"

#include <ctype.h>
#include <regex.h>

/* What a pack says of a message by XPath or Schematron */

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

/* Whether "^" stands in it for the start of the text. */
static bool is_anchored(const char *pattern)
{
	for (const char *p = pattern; *p; p = value_regex_next(p))
		if (*p == '^')
			return true;
	return false;
}

/*
 * Behind ".*", the C library takes "^" for the start of a line too. Such a pattern is tried as it
 * is, which is in one go where all of it stands behind "^".
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

/* An XPath with its literals masked, which may be values of a person. */
static void put_xpath(struct pack_session *session, const char *xpath, struct buf *out)
{
	while (*xpath) {
		const char *close =
			*xpath == '\'' || *xpath == '"' ? strchr(xpath + 1, *xpath) : NULL;
		if (!close) {
			buf_char(out, *xpath++);
			continue;
		}
		struct str inside = { xpath + 1, (size_t)(close - xpath) - 1 };
		const char *text = arena_copy(&session->scratch, inside);
		buf_text(out, text ? literal(session, MASK_NONE, text) : "");
		xpath = close + 1;
	}
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
	put_xpath(session, assert->xpath.text, out);
	buf_printf(out, " %s", test->words);
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

/* The title, or the assertion itself. */
static void assert_describe(struct pack_session *session, const struct pack_assert *assert,
			    struct buf *out)
{
	if (assert->title.text)
		buf_text(out, assert->title.text);
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
		case_fault_about(run, FAULT_ASSERTION, assert->title.text,
				 "assertion failed: %s: %s", words,
				 found_words(run, assert, value));
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
		case_fault(run, "assertion failed: %s: %s", words, document->fault.text);
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

/*
 * Check the assertion at this index of the case's expectation on each document of the source in
 * turn. One that does not hold is a fault of the case; values of the message in it are masked.
 */
static void assert_check(struct case_run *run, const struct judged *judged, size_t index)
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
		words = arena_printf(scratch, "%s (%s)", assert->title.text, words);
	if (!documents->count)
		case_fault(run, "assertion failed: %s: %s", words, documents->fault.text);
	const struct pack_document *document;
	for (size_t place = 0; (document = pack_documents_next(documents, &place));)
		check_document(run, half, document, index,
			       document->member ? arena_printf(scratch, "%s, in '%s'", words,
							       document->member)
						: words);
	buf_release(&statement);
}

/* Findings, verdict and records */

enum { MOST_NAMED = 10 }; /* in one sentence */

static const size_t none = SIZE_MAX;

/* One of the findings that are expected. */
struct slot {
	const struct pack_expected *entry;
	const char **paths; /* of its "at" */
	size_t path_count;
	bool of_request; /* of a pair */
	bool found;
};

/* One of the findings that were made. */
struct found {
	struct finding *finding;
	bool in_request;
	size_t slot; /* that it fills, or none */
	bool seen;   /* in the present search */
};

struct matching {
	struct slot *slots;
	size_t slot_count;
	struct found *found;
	size_t found_count;
};

static size_t occasions(const struct pack_expected *entry)
{
	return entry->count.given ? entry->count.value : 1;
}

static int gather(struct case_run *run, const struct judged *judged, struct matching *matching)
{
	const struct pack_expect *expect = run->test->expect;
	struct results *results = run->session->results;
	struct arena *scratch = &run->session->scratch;
	size_t slots = 0, findings = 0;
	for (size_t i = 0; i < expect->finding_count; i++)
		slots += occasions(&expect->findings[i]);
	for (size_t i = 0; i < judged->count; i++)
		findings += results->messages[judged->first + i].finding_count;
	*matching = (struct matching){
		.slots = arena_alloc(scratch, slots * sizeof(struct slot) + 1),
		.found = arena_alloc(scratch, findings * sizeof(struct found) + 1),
	};
	if (!matching->slots || !matching->found)
		return -1;
	for (size_t i = 0; i < expect->finding_count; i++) {
		struct slot slot = { .entry = &expect->findings[i] };
		const struct judged *half = judged_half(judged, &slot.entry->in);
		slot.of_request = half != judged;
		if (slot.entry->at.text)
			case_paths(run, half, slot.entry->at.text, &slot.paths, &slot.path_count);
		for (size_t k = 0; k < occasions(slot.entry); k++)
			matching->slots[matching->slot_count++] = slot;
	}
	for (size_t i = 0; i < judged->count; i++) {
		struct message_result *message = &results->messages[judged->first + i];
		bool in_request =
			judged->request && strcmp(message->source, judged->request->name) == 0;
		for (size_t k = 0; k < message->finding_count; k++)
			matching->found[matching->found_count++] = (struct found){
				.finding = &message->findings[k],
				.in_request = in_request,
				.slot = none,
			};
	}
	return 0;
}

static bool fits(const struct slot *slot, const struct found *found)
{
	const struct finding *finding = found->finding;
	if (strcmp(slot->entry->rule.text, finding->rule->id) != 0)
		return false;
	bool placed = slot->entry->in.given || slot->entry->at.text;
	if (placed && slot->of_request != found->in_request)
		return false;
	return !slot->entry->at.text || case_finding_is_at(finding, slot->paths, slot->path_count);
}

/*
 * A finding for the slot, moving findings of other slots if that makes room for all: two entries
 * of one rule, one with a place and one without, must not take each other's.
 */
static bool fill(struct matching *matching, size_t slot)
{
	for (size_t i = 0; i < matching->found_count; i++) {
		struct found *found = &matching->found[i];
		if (found->seen || !fits(&matching->slots[slot], found))
			continue;
		found->seen = true;
		if (found->slot == none || fill(matching, found->slot)) {
			found->slot = slot;
			return true;
		}
	}
	return false;
}

static void match(struct matching *matching)
{
	for (size_t i = 0; i < matching->slot_count; i++) {
		for (size_t k = 0; k < matching->found_count; k++)
			matching->found[k].seen = false;
		matching->slots[i].found = fill(matching, i);
	}
}

static void name_entry(struct pack_session *session, const struct pack_expected *entry,
		       struct buf *out)
{
	buf_text(out, entry->rule.text);
	if (entry->at.text) {
		buf_text(out, " at ");
		put_xpath(session, entry->at.text, out);
	}
}

static void name_finding(struct buf *out, const struct finding *finding)
{
	buf_text(out, finding->rule->id);
	if (finding->path && *finding->path)
		buf_printf(out, " at %s", finding->path);
	if (finding->at.line)
		buf_printf(out, " (line %zu)", finding->at.line);
}

/* Between the names of a list; false when enough have been named. */
static bool comma(struct buf *out, size_t *named)
{
	if ((*named)++ >= MOST_NAMED)
		return false;
	if (*named > 1)
		buf_text(out, ", ");
	return true;
}

static void end_list(struct buf *out, size_t named)
{
	if (named > MOST_NAMED)
		buf_printf(out, " and %zu more", named - MOST_NAMED);
}

/* Literals in it are masked, as everywhere. */
static const char *kept_xpath(struct pack_session *session, const char *xpath)
{
	struct buf text;
	buf_init(&text, 1 << 20);
	put_xpath(session, xpath, &text);
	const char *kept = arena_copy(&session->results->arena, buf_view(&text));
	buf_release(&text);
	return kept;
}

/* The entries of the expectation, a row each: over all sources that the case judges. */
static void keep_expected(struct case_run *run, const struct matching *matching)
{
	const struct pack_expect *expect = run->test->expect;
	struct results *results = run->session->results;
	struct case_result *kept = &run->kept;
	for (size_t i = kept->expects_count; i < expect->finding_count; i++) {
		const struct pack_expected *entry = &expect->findings[i];
		struct expected_finding *to = case_add_expected(results, kept);
		if (!to)
			return;
		to->rule = arena_copy(&results->arena, str_of(entry->rule.text));
		to->path = entry->at.text ? kept_xpath(run->session, entry->at.text) : NULL;
	}
	for (size_t i = 0; i < matching->slot_count; i++) {
		size_t place = (size_t)(matching->slots[i].entry - expect->findings);
		kept->expects[place].count++;
		kept->expects[place].missing += !matching->slots[i].found;
	}
	for (size_t i = 0; i < matching->found_count; i++)
		if (matching->found[i].slot != none)
			matching->found[i].finding->fate = FATE_EXPECTED;
		else if (!expect->at_least.value)
			matching->found[i].finding->fate = FATE_UNEXPECTED;
}

static void report_missing(struct case_run *run, const struct matching *matching)
{
	struct buf names;
	buf_init(&names, 1 << 20);
	size_t named = 0;
	for (size_t i = 0; i < matching->slot_count; i++) {
		const struct slot *slot = &matching->slots[i];
		if (slot->found || !comma(&names, &named))
			continue;
		name_entry(run->session, slot->entry, &names);
		if (slot->entry->at.text && !slot->path_count)
			buf_text(&names, " (which is not there)");
	}
	end_list(&names, named);
	if (named)
		case_fault_about(run, FAULT_MISSING, NULL, "missing: %s", names.p ? names.p : "");
	buf_release(&names);
}

static bool is_of(const struct pack_waiver *waiver, const struct case_run *run)
{
	return strcmp(waiver->case_id.text, run->test->id.text) == 0;
}

static bool has_expired(const struct pack_waiver *waiver, const struct pack_session *session)
{
	return session->results->options.now >= value_date_end(waiver->expires.text);
}

static bool covers(struct case_run *run, const struct pack_waiver *waiver,
		   const struct judged *judged, const struct finding *finding)
{
	if (!is_of(waiver, run) || strcmp(waiver->rule.text, finding->rule->id) != 0)
		return false;
	const char **paths;
	size_t count;
	if (!waiver->at.text)
		return true;
	return case_paths(run, judged, waiver->at.text, &paths, &count) &&
	       case_finding_is_at(finding, paths, count);
}

/*
 * If a waiver of the pack covers an unexpected finding of this case, and is in force, write its
 * reason into the finding and return true. An expired one is not applied, but counts as used.
 */
static bool waiver_takes(struct case_run *run, const struct judged *judged, struct finding *finding)
{
	struct pack_session *session = run->session;
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (!covers(run, waiver, judged, finding))
			continue;
		session->waiver_used[i] = true;
		if (has_expired(waiver, session))
			continue;
		finding->waived =
			arena_printf(&session->results->arena, "%s (%s, until %s)",
				     waiver->reason.text, waiver->owner.text, waiver->expires.text);
		case_separate(run);
		buf_printf(&run->reason, "%s is waived: %s", finding->rule->id,
			   finding->waived ? finding->waived : "");
		run->waived = true;
		return finding->waived != NULL;
	}
	return false;
}

/* The same of the file of waivers. */
static bool file_takes(struct case_run *run, struct finding *finding)
{
	struct pack_session *session = run->session;
	if (!session->options->waivers)
		return false;
	finding->waived = waivers_take(session->options->waivers, run->test->id.text, finding,
				       session->results->options.now, &session->results->arena);
	if (!finding->waived)
		return false;
	case_separate(run);
	buf_printf(&run->reason, "%s is waived: %s", finding->rule->id, finding->waived);
	run->waived = true;
	return true;
}

static bool baseline_takes(struct case_run *run, struct finding *finding)
{
	struct cpis_baseline *baseline = run->session->options->baseline;
	const char *reason = NULL;
	if (!baseline || !baseline_accepts(baseline, finding, &reason))
		return false;
	finding->waived = reason ? arena_copy(&run->session->results->arena, str_of(reason))
				 : "accepted by the baseline";
	case_separate(run);
	buf_printf(&run->reason, "%s is accepted by the baseline%s%s", finding->rule->id,
		   reason ? ": " : "", reason ? reason : "");
	run->waived = true;
	return true;
}

/* A note says nothing against a message, and some come with age: a case may allow them. */
static bool is_allowed_note(const struct case_run *run, const struct finding *finding)
{
	return run->test->expect->notes.given && finding->severity == CPIS_INFO;
}

/* Findings that are not expected, unless a waiver or the baseline accepts them. */
static void report_unexpected(struct case_run *run, const struct judged *judged,
			      const struct matching *matching)
{
	struct buf names;
	buf_init(&names, 1 << 20);
	size_t named = 0;
	bool exact = !run->test->expect->at_least.value;
	for (size_t i = 0; i < matching->found_count; i++) {
		const struct found *found = &matching->found[i];
		if (found->slot != none || is_allowed_note(run, found->finding) ||
		    waiver_takes(run, judged, found->finding) || file_takes(run, found->finding) ||
		    !exact || baseline_takes(run, found->finding))
			continue;
		if (comma(&names, &named))
			name_finding(&names, found->finding);
	}
	end_list(&names, named);
	if (named)
		case_fault_about(run, FAULT_UNEXPECTED, NULL, "unexpected: %s",
				 names.p ? names.p : "");
	buf_release(&names);
}

/* The most severe of the messages, once waivers are taken into account. */
static enum cpis_verdict verdict_of(struct results *results, const struct judged *judged)
{
	enum cpis_verdict worst = judged->count ? CPIS_PASS : CPIS_INCOMPLETE;
	for (size_t i = 0; i < judged->count; i++) {
		struct message_result *message = &results->messages[judged->first + i];
		message_settle(results, message);
		worst = message->verdict > worst ? message->verdict : worst;
	}
	return worst;
}

/* What could not be judged of a pair is an omission of both. */
static bool is_said(const struct results *results, const struct judged *judged, size_t message,
		    const struct omission *omission)
{
	for (size_t i = 0; i < message; i++) {
		const struct message_result *before = &results->messages[judged->first + i];
		for (size_t k = 0; k < before->omission_count; k++)
			if (strcmp(before->omissions[k].what, omission->what) == 0 &&
			    strcmp(before->omissions[k].why, omission->why) == 0)
				return true;
	}
	return false;
}

/* Whether something of a message was not judged: it was not read to its end, or not recognised. */
static bool is_unread(const struct message_result *message)
{
	if (message->omission_count > 0 || !message->type)
		return true;
	for (size_t i = 0; i < message->finding_count; i++)
		if (message->findings[i].stage == CPIS_XML &&
		    message->findings[i].rule->severity == CPIS_ERROR)
			return true;
	return false;
}

static void compare_verdict(struct case_run *run, const struct judged *judged,
			    enum cpis_verdict verdict)
{
	const struct pack_expect *expect = run->test->expect;
	const struct results *results = run->session->results;
	enum cpis_verdict wanted = (enum cpis_verdict)expect->verdict.value;
	if (verdict != wanted)
		case_fault_about(run, FAULT_VERDICT, NULL, "the verdict is %s, not %s",
				 cpis_verdict_name(verdict), cpis_verdict_name(wanted));
	for (size_t i = 0; i < judged->count; i++)
		run->unchecked = run->unchecked || is_unread(&results->messages[judged->first + i]);
	if (wanted == CPIS_INCOMPLETE || expect->at_least.value)
		return;
	for (size_t i = 0; i < judged->count; i++) {
		const struct message_result *message = &results->messages[judged->first + i];
		for (size_t k = 0; k < message->omission_count; k++)
			if (!is_said(results, judged, i, &message->omissions[k]))
				case_fault(run, "not judged: %s, %s", message->omissions[k].what,
					   message->omissions[k].why);
	}
}

static void describe_actual(struct case_run *run, const struct judged *judged,
			    const struct matching *matching, enum cpis_verdict verdict)
{
	struct buf *out = &run->actual;
	if (out->n)
		buf_text(out, "; ");
	if (run->test->evidence.text)
		buf_printf(out, "%s: ", judged->name);
	buf_text(out, cpis_verdict_name(verdict));
	size_t named = 0;
	for (size_t i = 0; i < matching->found_count; i++) {
		if (!named)
			buf_text(out, ": ");
		if (comma(out, &named))
			name_finding(out, matching->found[i].finding);
	}
	end_list(out, named);
}

/* The records of the message against those that the case expects. */

static const char *records_name(const struct pack_case *test)
{
	const struct pack_records *records = test->expect->records;
	return records->from.text ? records->from.text : test->given.text;
}

static const char *kept_value(struct case_run *run, enum mask_kind mask, struct str value)
{
	struct results *results = run->session->results;
	return value.n ? arena_copy(&results->arena,
				    str_of(difference_value(results->masker, &run->session->scratch,
							    mask, value)))
		       : NULL;
}

static const char *kept_record(struct case_run *run, const struct child_record *record)
{
	struct results *results = run->session->results;
	return record ? arena_copy(&results->arena,
				   str_of(difference_record(results->masker, &run->session->scratch,
							    record)))
		      : NULL;
}

static void keep_difference(struct case_run *run, const struct record_difference *difference)
{
	struct results *results = run->session->results;
	struct record_change *to = case_add_record(results, &run->kept);
	struct value_change *values =
		arena_alloc(&results->arena, difference->field_count * sizeof(*values) + 1);
	if (!to || !values)
		return;
	*to = (struct record_change){
		.kind = difference_word(difference->kind),
		.expected = kept_record(run, difference->expected),
		.found = kept_record(run, difference->found),
		.values = values,
		.value_count = difference->field_count,
	};
	for (size_t i = 0; i < difference->field_count; i++) {
		const struct field_difference *field = &difference->fields[i];
		values[i] = (struct value_change){
			.name = arena_copy(&results->arena, str_of(field->name)),
			.expected = kept_value(run, field->mask, field->expected),
			.found = kept_value(run, field->mask, field->found),
		};
	}
}

static void report_differences(struct case_run *run, const struct comparison *comparison)
{
	struct pack_session *session = run->session;
	for (size_t i = 0; i < comparison->difference_count && i < MOST_NAMED; i++) {
		struct buf words;
		buf_init(&words, 1 << 20);
		difference_describe(session->results->masker, &session->scratch,
				    &comparison->differences[i], &words);
		case_fault_about(run, FAULT_RECORD, NULL, "%s",
				 words.p ? words.p : "out of memory");
		buf_release(&words);
		keep_difference(run, &comparison->differences[i]);
	}
	if (comparison->difference_count > MOST_NAMED)
		case_fault_about(run, FAULT_RECORD, NULL, "and %zu more records differ",
				 comparison->difference_count - MOST_NAMED);
}

static void compare_records(struct case_run *run, const struct judged *judged)
{
	struct arena *scratch = &run->session->scratch;
	const enum record_match match = (enum record_match)run->test->expect->records->match.value;
	const struct child_records *expected = run->prepared->records;
	struct child_records found = { 0 }, settled;
	struct comparison comparison;
	struct cpis_failure failure;
	if (match == MATCH_CONTAINS && expected->count == 0) {
		case_fault(run, "its records cannot be compared: %s has no records",
			   records_name(run->test));
		return;
	}
	if (dataset_of_message(&found, scratch, judged->bytes, &failure) != 0) {
		case_fault(run, "its records cannot be compared: %s", failure.text);
		return;
	}
	const struct when_days days = case_days(run, found.made);
	enum when_anchor unknown = records_settle(expected, scratch, &days, &settled);
	if (unknown != WHEN_FIXED) {
		case_day_is_unknown(run, unknown);
		return;
	}
	if (expected->relative & WHEN_KEYED && found.made[0] && strcmp(found.made, days.keyed) < 0)
		case_fault(run,
			   "'%s' was made on %.4s-%.2s-%.2s, before the data was entered "
			   "(%.4s-%.2s-%.2s)",
			   judged->name, found.made, found.made + 4, found.made + 6, days.keyed,
			   days.keyed + 4, days.keyed + 6);
	if (records_compare(scratch, &settled, &found, match, &comparison) != 0)
		case_fault(run, "its records cannot be compared: out of memory");
	else
		report_differences(run, &comparison);
}

static void describe_records(const struct pack_case *test, struct buf *out)
{
	bool exact = test->expect->records->match.value == MATCH_EXACT;
	buf_printf(out, "; records %s %s", exact ? "exactly as in" : "that contain those of",
		   records_name(test));
}

void expect_compare(struct case_run *run, const struct judged *judged)
{
	struct matching matching;
	if (gather(run, judged, &matching) != 0)
		return;
	match(&matching);
	keep_expected(run, &matching);
	report_missing(run, &matching);
	report_unexpected(run, judged, &matching);
	enum cpis_verdict verdict = verdict_of(run->session->results, judged);
	compare_verdict(run, judged, verdict);
	describe_actual(run, judged, &matching, verdict);
	for (size_t i = 0; i < run->test->expect->assert_count; i++)
		assert_check(run, judged, i);
	if (run->test->expect->records)
		compare_records(run, judged);
}

void expect_close(struct case_run *run)
{
	const struct pack_session *session = run->session;
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (!is_of(waiver, run))
			continue;
		if (has_expired(waiver, session))
			case_fault(run, "the waiver of %s on line %zu expired on %s",
				   waiver->rule.text, waiver->place.line, waiver->expires.text);
		else if (!session->waiver_used[i])
			case_fault(run, "the waiver of %s on line %zu is not needed: remove it",
				   waiver->rule.text, waiver->place.line);
	}
}

void expect_describe(struct pack_session *session, const struct pack_case *test, struct buf *out)
{
	const struct pack_expect *expect = test->expect;
	buf_text(out, cpis_verdict_name((enum cpis_verdict)expect->verdict.value));
	if (expect->at_least.value)
		buf_text(out, ", with at least");
	for (size_t i = 0; i < expect->finding_count; i++) {
		buf_text(out, i ? ", " : expect->at_least.value ? " " : ": ");
		name_entry(session, &expect->findings[i], out);
		if (occasions(&expect->findings[i]) > 1)
			buf_printf(out, " (%zu times)", occasions(&expect->findings[i]));
	}
	for (size_t i = 0; i < expect->assert_count; i++) {
		buf_text(out, "; ");
		assert_describe(session, &expect->asserts[i], out);
	}
	if (expect->records)
		describe_records(test, out);
}
