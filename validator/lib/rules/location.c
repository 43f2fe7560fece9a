#include "rules/location.h"

#include "rules/judge.h"
#include "xml/tree.h"
#include "xml/xpath.h"

#include <stdlib.h>
#include <string.h>

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static bool is_known(struct str prefix)
{
	for (size_t i = 0; i < xpath_prefix_count; i++)
		if (str_is(prefix, xpath_prefixes[i].prefix))
			return true;
	return false;
}

/* The literal that starts here, with its quotes; one that is not closed ends with the text. */
static size_t literal_bytes(struct str rest)
{
	const char *close = memchr(rest.p + 1, rest.p[0], rest.n - 1);
	return close ? (size_t)(close - rest.p) + 1 : rest.n;
}

const char *location_expression(struct buf *out, struct str location)
{
	struct str rest = str_trim(location);
	while (rest.n) {
		size_t n = 0;
		while (n < rest.n && in_name(rest.p[n]))
			n++;
		bool prefix = n && n + 1 < rest.n && rest.p[n] == ':' && rest.p[n + 1] != ':';
		if (!n)
			n = rest.p[0] == '\'' || rest.p[0] == '"' ? literal_bytes(rest) : 1;
		if (prefix && !is_known((struct str){ rest.p, n }))
			buf_text(out, "hl7");
		else
			buf_add(out, rest.p, n);
		rest = str_from(rest, n);
	}
	buf_char(out, '\0');
	return out->failed ? NULL : out->p;
}

/* Whether the number from start to end in a predicate counts nodes: it is alone there, or compared
 * with position(). */
static bool is_place(struct str location, size_t start, size_t end)
{
	struct str before = str_trim((struct str){ location.p, start });
	struct str after = str_trim(str_from(location, end));
	if (str_ends(before, STR("[")))
		return str_starts(after, STR("]"));
	size_t n = before.n;
	while (n && strchr("<>=!", before.p[n - 1]))
		n--;
	return n < before.n && str_ends(str_trim((struct str){ before.p, n }), STR("position()"));
}

/* Whether there is a literal or a long number, which may be a value of a record. */
static bool has_value(struct str location)
{
	enum { LONGEST_COUNT = 7 };
	for (size_t i = 0; i < location.n; i++) {
		char c = location.p[i];
		size_t digits = 0;
		while (i + digits < location.n && char_is_digit(location.p[i + digits]))
			digits++;
		if (digits > LONGEST_COUNT && !is_place(location, i, i + digits))
			return true;
		i += digits ? digits - 1 : 0;
		if (c != '\'' && c != '"')
			continue;
		if (!str_ends((struct str){ location.p, i }, STR("local-name()=")))
			return true;
		i += literal_bytes(str_from(location, i)) - 1;
	}
	return false;
}

static struct str skip_space(struct str rest)
{
	while (rest.n && char_is_space(rest.p[0]))
		rest = str_from(rest, 1);
	return rest;
}

static bool skip(struct str *rest, const char *token)
{
	struct str here = skip_space(*rest);
	if (!here.n || here.p[0] != token[0])
		return false;
	struct str expected = str_of(token);
	if (!str_starts(here, expected))
		return false;
	*rest = str_from(here, expected.n);
	return true;
}

static bool skip_quoted(struct str *rest, const char *name)
{
	const char *quote = skip(rest, "'") ? "'" : skip(rest, "\"") ? "\"" : NULL;
	return quote && skip(rest, name) && skip(rest, quote);
}

static bool in_prefix(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-';
}

/* /name, /prefix:name or /[*][local-name()='name'] */
static bool skip_step(struct str *rest, const char *name)
{
	struct str here = *rest;
	if (!skip(&here, "/"))
		return false;
	if (skip(&here, "*")) {
		if (!skip(&here, "[") || !skip(&here, "local-name") || !skip(&here, "(") ||
		    !skip(&here, ")") || !skip(&here, "=") || !skip_quoted(&here, name) ||
		    !skip(&here, "]"))
			return false;
		*rest = here;
		return true;
	}
	here = skip_space(here);
	size_t n = 0;
	while (n < here.n && in_prefix(here.p[n]))
		n++;
	if (n && n + 1 < here.n && here.p[n] == ':' && here.p[n + 1] != ':')
		here = str_from(here, n + 1);
	if (!skip(&here, name) || (here.n && in_prefix(here.p[0])))
		return false;
	*rest = here;
	return true;
}

/* A number that no record can have is MOST_RECORDS. */
static bool skip_number(struct str *rest, size_t *number)
{
	enum { MOST_RECORDS = 1000000000 };
	struct str here = skip_space(*rest);
	size_t n = 0, value = 0;
	for (; n < here.n && char_is_digit(here.p[n]); n++)
		value = value < MOST_RECORDS ? value * 10 + (size_t)(here.p[n] - '0') : value;
	value = value < MOST_RECORDS ? value : MOST_RECORDS;
	*rest = str_from(here, n);
	*number = value;
	return n > 0;
}

/* "//record" is every record, wherever the upload's root is. */
static bool skip_to_record(struct str *rest)
{
	struct str here = *rest;
	if (skip(&here, "/") && skip_step(&here, "record")) {
		*rest = here;
		return true;
	}
	here = *rest;
	if (!skip_step(&here, "File"))
		return false;
	struct str first = here;
	if (skip(&first, "[") && skip(&first, "1") && skip(&first, "]"))
		here = first;
	if (!skip_step(&here, "record"))
		return false;
	*rest = here;
	return true;
}

/* "position()=", which may be before a number that says the same alone. */
static void skip_position(struct str *rest)
{
	struct str here = *rest;
	if (skip(&here, "position") && skip(&here, "(") && skip(&here, ")") && skip(&here, "="))
		*rest = here;
}

bool location_is_usual(struct str location, size_t *number, bool *numbered)
{
	struct str rest = location;
	*number = 0;
	if (!skip_to_record(&rest))
		return false;
	*numbered = skip(&rest, "[");
	if (*numbered)
		skip_position(&rest);
	if (*numbered && (!skip_number(&rest, number) || !skip(&rest, "]")))
		return false;
	return skip_space(rest).n == 0;
}

enum { LARGEST_TREE_BYTES = 64 * 1024 * 1024, MOST_IMAGINED = 20000 /* records */ };

/* An expression may visit all of the upload: no more bytes than these for all locations together.
 */
static const size_t most_visited_bytes = (size_t)2 * 1024 * 1024 * 1024;
static const char too_much[] = "it takes more time or memory than the limit";
static const char too_long[] = "it is too long";
static const char too_many[] = "there are too many locations for an upload of this size";

static struct location_target count_records(size_t records, size_t number, bool numbered)
{
	if (!numbered && records == 1)
		return (struct location_target){ .outcome = LOCATION_RECORD, .record = 1 };
	if (!numbered && records > 1)
		return (struct location_target){ .outcome = LOCATION_MANY, .record = records };
	if (!numbered || number == 0 || number > records)
		return (struct location_target){ .outcome = LOCATION_NOTHING };
	return (struct location_target){ .outcome = LOCATION_RECORD, .record = number };
}

static struct xml_tree *parse(struct str bytes)
{
	struct xml_tree *tree = NULL;
	struct tree_fault fault;
	return bytes.n && tree_parse(&tree, bytes, &fault) == 0 ? tree : NULL;
}

/* A location counts from the upload's own root, so what is around it is cut away. */
static struct xml_tree *parse_inside(struct location_upload *upload)
{
	struct xml_tree *whole = parse(upload->bytes), *inside = NULL;
	struct tree_value value;
	struct tree_fault fault;
	struct tree_spans spans;
	if (whole && tree_evaluate(whole, "//hl7:File", &upload->arena, &value, &fault) == 0 &&
	    value.kind == TREE_NODES && value.count == 1 &&
	    tree_spans(whole, value.nodes[0], &spans, &fault) == 0) {
		upload->bytes = (struct str){ upload->bytes.p + spans.whole.start,
					      spans.whole.end - spans.whole.start };
		inside = parse(upload->bytes);
	}
	tree_free(whole);
	return inside;
}

static void open_tree(struct location_upload *upload)
{
	upload->tried = true;
	upload->bytes = upload->summary->upload;
	upload->why = "the upload is larger than 64 MiB";
	if (upload->bytes.n > LARGEST_TREE_BYTES)
		return;
	if (!upload->bytes.n)
		upload->why = "the upload has too many records";
	if (!upload->bytes.n)
		return;
	upload->why = "the upload cannot be parsed as a tree";
	bool alone = !upload->summary->service.value.text.p &&
		     !upload->summary->soap_id.value.text.p &&
		     !upload->summary->message_id.value.text.p;
	upload->tree = alone ? parse(upload->bytes) : parse_inside(upload);
}

/* The number in "/File/record[4]..." as tree_path has it; 0: the path goes elsewhere. */
static size_t record_of_path(const char *path, struct str *below)
{
	static const struct str head = { "/File/record", 12 };
	struct str rest = str_of(path);
	if (!str_starts(rest, head))
		return 0;
	rest = str_from(rest, head.n);
	size_t number = 1;
	if (rest.n && rest.p[0] == '[') {
		char *end;
		number = strtoul(rest.p + 1, &end, 10);
		rest = str_from(rest, (size_t)(end - rest.p) + 1);
	}
	*below = rest;
	return number;
}

static const char a_value[] = "a value";

/* The number of the record that a node is, or is all of; 0: it is something else. */
static size_t record_at(struct tree_node node, struct arena *arena)
{
	struct str below = { 0 };
	const char *path = node.kind == TREE_ELEMENT ? tree_path(node, arena) : NULL;
	size_t number = path ? record_of_path(path, &below) : 0;
	return below.n == 0 || str_is(below, "/CP-ISRecord") ? number : 0;
}

static struct location_target ask(struct location_upload *upload, const char *expression)
{
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(upload->tree, expression, &upload->arena, &value, &fault) != 0)
		return (struct location_target){ .outcome = fault.is_limit ? LOCATION_UNKNOWN
									   : LOCATION_NO_XPATH,
						 .why = too_much };
	if (value.kind != TREE_NODES)
		return (struct location_target){ .outcome = LOCATION_OTHER, .name = a_value };
	if (value.count == 0)
		return (struct location_target){ .outcome = LOCATION_NOTHING };
	if (value.count > 1)
		return (struct location_target){ .outcome = LOCATION_MANY, .record = value.count };
	size_t number = record_at(value.nodes[0], &upload->arena);
	if (number)
		return (struct location_target){ .outcome = LOCATION_RECORD, .record = number };
	return (struct location_target){ .outcome = LOCATION_OTHER,
					 .name = tree_noun(value.nodes[0]) };
}

struct location_target location_select(struct location_upload *upload, struct str location)
{
	size_t number = 0;
	bool numbered = false;
	if (location_is_usual(location, &number, &numbered))
		return count_records(upload->summary->record_count, number, numbered);
	if (!upload->tried)
		open_tree(upload);
	if (!upload->tree)
		return (struct location_target){ .outcome = LOCATION_UNKNOWN, .why = upload->why };
	upload->visited += upload->bytes.n;
	if (upload->visited > most_visited_bytes)
		return (struct location_target){ .outcome = LOCATION_UNKNOWN, .why = too_many };
	struct buf expression;
	buf_init(&expression, 65536);
	const char *text = location_expression(&expression, location);
	struct location_target located =
		text ? ask(upload, text) : (struct location_target){ .outcome = LOCATION_NO_XPATH };
	buf_release(&expression);
	return located;
}

/* The elements that every upload has in the same places, and what XPath calls its own. */
static bool is_of_frame(struct str word)
{
	static const char *const words[] = {
		"File",
		"record",
		"CP-ISRecord",
		"creationTime",
		"id",
		"transmissionQuantity",
		"communicationFunctionSnd",
		"local-name",
		"name",
		"position",
		"last",
		"node",
		"count",
		"self",
		"child",
		"descendant",
		"parent",
		"descendant-or-self",
		"ancestor",
		"ancestor-or-self",
		"following-sibling",
		"preceding-sibling",
		"namespace-uri",
		"mod",
		"div",
		"and",
		"or",
		"not",
		"number",
		"true",
		"false",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

/* Whether all that the expression names is there in an upload without content. */
static bool needs_no_content(struct str location)
{
	if (has_value(location))
		return false;
	for (struct str rest = location; rest.n;) {
		size_t n = 0;
		while (n < rest.n && in_name(rest.p[n]))
			n++;
		struct str word = { rest.p, n };
		bool prefix = n && n + 1 < rest.n && rest.p[n] == ':' && rest.p[n + 1] != ':';
		bool number =
			n && (char_is_digit(word.p[0]) || word.p[0] == '-' || word.p[0] == '.');
		if (n && !prefix && !number && !is_of_frame(word))
			return false;
		if (!n && (rest.p[0] == '@' || rest.p[0] == '$'))
			return false;
		rest = str_from(rest, n ? n : 1);
	}
	return true;
}

/*
 * A location that asks for what is in the records can be judged in part: without those of its
 * predicates, it selects at least as much. Names are known of every upload, so predicates about
 * them stay. Any of its first steps may be in what is around the upload, so it is asked without
 * them too. Where not even that selects a record in an upload with all that there can be, the
 * location selects none in any.
 */
enum { LONGEST_WIDENED = 16 * 1024 /* bytes */, MOST_ASKED_BYTES = 32 * 1024 };

/* The predicate at the start of rest, with its brackets; what is not closed ends with the text. */
static size_t predicate_bytes(struct str rest)
{
	size_t depth = 0;
	for (size_t i = 0; i < rest.n; i++) {
		char c = rest.p[i];
		if (c == '\'' || c == '"')
			i += literal_bytes(str_from(rest, i)) - 1;
		depth += c == '[';
		if (c == ']' && --depth == 0)
			return i + 1;
	}
	return rest.n;
}

/* The word, the literal or the one character at the start of rest. */
static struct str token_of(struct str rest)
{
	size_t n = 0;
	while (n < rest.n && in_name(rest.p[n]))
		n++;
	if (!n)
		n = rest.p[0] == '\'' || rest.p[0] == '"' ? literal_bytes(rest) : 1;
	return (struct str){ rest.p, n };
}

/* Whether a condition is about names of elements alone. */
static bool is_about_names(struct str condition)
{
	static const char *const words[] = { "local-name", "namespace-uri", "self", "not",
					     "or",	   "and",	    ".",    NULL };
	bool axis = false, names = false;
	for (struct str rest = condition; rest.n;) {
		struct str token = token_of(rest);
		bool word = in_name(token.p[0]);
		if (word && !axis && !str_is_one_of(token, words))
			return false;
		if (!word && !strchr("'\"()=!:* \t\n", token.p[0]))
			return false;
		names = names || (word && !str_is(token, "."));
		/* After self:: there is a name, with a prefix or without. */
		axis = token.p[0] == ':' ||
		       (axis && word && rest.n > token.n && rest.p[token.n] == ':');
		rest = str_from(rest, token.n);
	}
	return names;
}

/* Where a word joins two conditions outside of parentheses first; their end where it does not. */
static size_t word_at(struct str conditions, const char *word)
{
	size_t depth = 0, i = 0;
	while (i < conditions.n) {
		struct str token = token_of(str_from(conditions, i));
		depth += token.p[0] == '(' || token.p[0] == '[';
		depth -= depth && (token.p[0] == ')' || token.p[0] == ']');
		if (depth == 0 && i && str_is(token, word))
			break;
		i += token.n;
	}
	return i;
}

/* An expression that selects nothing in any upload, and one that never holds. */
static const struct str nothing = { "(/..)", 5 }, never = { "false()", 7 };

static bool never_holds(struct str condition)
{
	return str_equal(str_trim(condition), nothing) || str_equal(str_trim(condition), never);
}

static void keep_if_known(struct buf *out, struct str condition)
{
	if (!is_about_names(condition) && !never_holds(condition))
		return;
	buf_char(out, '[');
	buf_str(out, condition);
	buf_char(out, ']');
}

/* Only the conditions about names, and those that never hold, each as a predicate. */
static void widen_predicate(struct buf *out, struct str conditions)
{
	static const struct str join = { "and", 3 };
	if (word_at(conditions, "or") < conditions.n) {
		keep_if_known(out, conditions);
		return;
	}
	while (conditions.n && !out->failed) {
		size_t n = word_at(conditions, "and");
		keep_if_known(out, (struct str){ conditions.p, n });
		conditions = str_from(conditions, n);
		if (str_starts(conditions, join))
			conditions = str_from(conditions, join.n);
	}
}

static void widen(struct buf *out, struct str location)
{
	for (struct str rest = str_trim(location); rest.n && !out->failed;) {
		struct str token = token_of(rest);
		if (token.p[0] == '[') {
			token.n = predicate_bytes(rest);
			if (token.n > 2)
				widen_predicate(out, (struct str){ token.p + 1, token.n - 2 });
		} else {
			buf_str(out, token);
		}
		rest = str_from(rest, token.n);
	}
}

/* Whether it may go from what is around the upload into it in another way than down, or has paths
 * inside of parentheses. */
static bool may_leap(struct str wide)
{
	static const char *const leaps[] = { "following", "preceding", "following-sibling",
					     "preceding-sibling", NULL };
	size_t depth = 0;
	bool leap = false;
	for (struct str rest = wide; rest.n;) {
		struct str token = token_of(rest);
		char c = token.p[0];
		if ((leap && (c == '(' || c == ':')) || (depth && c == '/'))
			return true;
		if (c == '[')
			token.n = predicate_bytes(rest);
		if (str_starts(rest, nothing))
			token.n = nothing.n;
		depth += token.n == 1 && c == '(';
		depth -= depth && c == ')';
		leap = str_is_one_of(token, leaps) || (leap && char_is_space(c));
		rest = str_from(rest, token.n);
	}
	return false;
}

/* The location without its first step, without its first two, and so on. What goes on from nothing
 * is nothing. */
static void add_ends(struct buf *out, struct str wide)
{
	bool from_nothing = false;
	for (struct str rest = wide; rest.n && !out->failed;) {
		size_t n = rest.p[0] == '[' ? predicate_bytes(rest) : token_of(rest).n;
		if (str_starts(rest, nothing))
			n = nothing.n;
		from_nothing = str_starts(rest, nothing) || (from_nothing && rest.p[0] != '|');
		if (rest.p[0] == '/' && rest.p != wide.p && !from_nothing) {
			buf_text(out, out->n ? " | " : "");
			buf_str(out, rest);
		}
		rest = str_from(rest, n);
	}
}

#define DATE_OF_PLAN(part, date) "<" part "><" date "><value value='1'/></" date "></" part ">"
#define PLAN_OF_ALL(template, prefix)                                                                   \
	"<pertinentInformation><npfitlc:contentId root='1' extension='1'/><" template ">" DATE_OF_PLAN( \
		"component", prefix "StartDate") DATE_OF_PLAN("component1", prefix "EndDate")           \
		DATE_OF_PLAN("component2",                                                              \
			     prefix "DeleteDate") "</" template "></pertinentInformation>"
#define IDS_OF_ALL                                                                                 \
	"<id root='1' extension='1'/><id root='1' extension='1' assigningAuthorityName='1'/>"
#define PERSON_OF_ALL                                                                              \
	"<birthTime value='1'/><name>text<given>text</given><family>text</family></name>"
#define RECORD_OF_ALL                                                                              \
	"<record nullFlavor='1' updateMode='1'><CP-ISRecord nullFlavor='1' "                       \
	"updateMode='1'>" PLAN_OF_ALL("COCT_TP146100GB01.LACInformation", "lAC")                   \
		PLAN_OF_ALL("COCT_TP146101GB01.CPPInformation", "cPP") PLAN_OF_ALL(                \
			"COCT_TP146102GB01.UCPInformation",                                        \
			"uCP") "<subject><npfitlc:contentId root='1' "                             \
			       "extension='1'/><COCT_TP145100GB01.UnbornChild>"                    \
			       "<parentMotherPerson>" PERSON_OF_ALL "<playedMother>" IDS_OF_ALL    \
			       "</playedMother>"                                                   \
			       "</parentMotherPerson></COCT_TP145100GB01.UnbornChild></subject>"   \
			       "<subject><npfitlc:contentId root='1' "                             \
			       "extension='1'/><COCT_TP145101GB01.Child>" IDS_OF_ALL               \
			       "<childPerson>" PERSON_OF_ALL                                       \
			       "</childPerson></COCT_TP145101GB01.Child></subject>"                \
			       "<!-- --></CP-ISRecord></record>"

/* Three records, so that one has others on both sides. NULL when out of memory. */
static struct xml_tree *upload_of_all(struct arena *arena)
{
	static const char record[] = RECORD_OF_ALL;
	const char *bytes = arena_printf(
		arena,
		"<File xmlns='urn:hl7-org:v3' xmlns:npfitlc='NPFIT:HL7:Localisation'>"
		"<creationTime value='1'/><id extension='1'/><transmissionQuantity value='3'/>"
		"<communicationFunctionSnd><organisation><id root='1' extension='1'/>"
		"<name>text</name><telecom value='1' use='1'/><telecom value='1' use='1'/>"
		"</organisation></communicationFunctionSnd>%s%s%s</File>",
		record, record, record);
	return bytes ? parse(str_of(bytes)) : NULL;
}

/* False, and why in *target, where nothing of it can be a record. */
static bool may_be_record(const struct xml_tree *tree, const struct buf *wide,
			  struct location_target *target)
{
	struct tree_value value;
	struct tree_fault fault;
	struct arena arena;
	struct buf expression;
	arena_init(&arena);
	buf_init(&expression, (size_t)4 * LONGEST_WIDENED);
	const char *text = wide->failed ? NULL : location_expression(&expression, buf_view(wide));
	bool may = !text || tree_evaluate(tree, text, &arena, &value, &fault) != 0 ||
		   value.kind != TREE_NODES;
	if (!may && value.count)
		*target = (struct location_target){ .outcome = LOCATION_OTHER,
						    .name = tree_noun(value.nodes[0]) };
	else if (!may)
		*target = (struct location_target){ .outcome = LOCATION_NOTHING };
	for (size_t i = 0; !may && i < value.count; i++)
		may = record_at(value.nodes[i], &arena) != 0;
	buf_release(&expression);
	arena_release(&arena);
	return may;
}

/* Ask a widened location as it is, and without its first steps. */
static struct location_asked ask_wide(struct location_frame *frame, const struct buf *wide)
{
	struct location_asked asked = { .some = true };
	struct location_target target = { .outcome = LOCATION_NOTHING };
	struct buf ends;
	buf_init(&ends, LONGEST_WIDENED);
	add_ends(&ends, buf_view(wide));
	frame->asked_bytes += wide->n + ends.n;
	if (frame->asked_bytes > MOST_ASKED_BYTES)
		asked = (struct location_asked){ .target = { .outcome = LOCATION_UNKNOWN,
							     .why = too_many } };
	else if (!ends.failed && !may_be_record(frame->widest, wide, &asked.target))
		asked.some = ends.n && may_be_record(frame->widest, &ends, &target);
	if (!asked.some && asked.target.outcome == LOCATION_NOTHING && ends.n)
		asked.target = target;
	buf_release(&ends);
	return asked;
}

/* The same as before where it was asked before: what is left of locations is often the same. */
static const struct location_asked *ask_once(struct location_frame *frame, const struct buf *wide)
{
	enum { KEPT = sizeof(frame->asked) / sizeof(frame->asked[0]) };
	for (size_t i = 0; i < frame->asked_count; i++)
		if (str_equal(frame->asked[i].wide, buf_view(wide)))
			return &frame->asked[i];
	if (frame->asked_count == KEPT)
		frame->asked_count--;
	struct location_asked *asked = &frame->asked[frame->asked_count++];
	*asked = ask_wide(frame, wide);
	asked->wide = arena_str(&frame->arena, buf_view(wide));
	return asked;
}

/* Whether a location that asks for what is in the records selects one of them in some upload. */
static bool selects_in_some(struct location_frame *frame, struct str location,
			    struct location_target *target)
{
	struct buf wide;
	bool some = true;
	if (!frame->widest)
		frame->widest = upload_of_all(&frame->arena);
	if (!frame->widest || location.n > LONGEST_WIDENED)
		return true;
	buf_init(&wide, LONGEST_WIDENED);
	widen(&wide, location);
	if (!wide.failed && !may_leap(buf_view(&wide))) {
		const struct location_asked *asked = ask_once(frame, &wide);
		some = asked->some;
		*target = asked->target;
	}
	buf_release(&wide);
	return some;
}

static void imagine(struct location_frame *frame, size_t records)
{
	static const char record[] = "<record><CP-ISRecord><pertinentInformation/><subject/>"
				     "</CP-ISRecord></record>";
	struct buf bytes;
	if (records > MOST_IMAGINED)
		return;
	buf_init(&bytes, LARGEST_TREE_BYTES);
	buf_text(&bytes, "<File xmlns=\"urn:hl7-org:v3\"><creationTime/><id/>"
			 "<transmissionQuantity/><communicationFunctionSnd/>");
	for (size_t i = 0; i < records; i++)
		buf_text(&bytes, record);
	buf_text(&bytes, "</File>");
	if (!bytes.failed)
		frame->summary.upload = arena_str(&frame->arena, buf_view(&bytes));
	buf_release(&bytes);
}

static bool all_usual(const struct noted_list *locations)
{
	size_t number;
	bool numbered;
	for (const struct noted *noted = locations->first; noted; noted = noted->next)
		if (!location_is_usual(noted->value.text, &number, &numbered))
			return false;
	return true;
}

void location_frame_open(struct location_frame *frame, struct str quantity,
			 const struct noted_list *locations)
{
	long long records;
	*frame = (struct location_frame){ 0 };
	arena_init(&frame->arena);
	frame->upload.summary = &frame->summary;
	frame->sized = judge_number(quantity, &records) && records > 0;
	if (!frame->sized)
		return;
	frame->summary.record_count = (size_t)records;
	if (!all_usual(locations))
		imagine(frame, (size_t)records);
}

void location_frame_close(struct location_frame *frame)
{
	location_release(&frame->upload);
	tree_free(frame->widest);
	arena_release(&frame->arena);
}

/* The literal that is all of the predicate at the start of rest; absent: there is more or less. */
static struct str literal_alone(struct str rest)
{
	struct str inside = str_trim((struct str){ rest.p + 1, predicate_bytes(rest) - 1 });
	if (!str_ends(inside, STR("]")))
		return (struct str){ 0 };
	inside = str_trim((struct str){ inside.p, inside.n - 1 });
	bool quoted = inside.n && (inside.p[0] == '\'' || inside.p[0] == '"');
	return quoted && literal_bytes(inside) == inside.n ? inside : (struct str){ 0 };
}

static struct str literal_at(struct str rest, struct str token)
{
	return token.p[0] == '[' ? literal_alone(rest) : (struct str){ 0 };
}

/* What is in parentheses at the start of rest, with them; 0: it is not, or they do not close soon.
 */
static size_t parentheses_bytes(struct str rest)
{
	enum { LONGEST_CALL = 1000 };
	size_t depth = 0, i = 0;
	while (i < rest.n && i < LONGEST_CALL) {
		struct str token = token_of(str_from(rest, i));
		depth += token.p[0] == '(';
		i += token.n;
		if (depth == 0)
			return 0;
		if (token.p[0] == ')' && --depth == 0)
			return i;
	}
	return 0;
}

/* A call at the start of rest that finds nothing in any upload, and what says the same; NULL: it is
 * another. Ids are declared by a DTD (XPath 1.0, section 5.2.1), and languages by xml:lang. */
static const char *call_of_nothing(struct str rest, struct str token, size_t *bytes)
{
	const char *same = str_is(token, "id") ? nothing.p : str_is(token, "lang") ? never.p : NULL;
	struct str after = skip_space(str_from(rest, token.n));
	size_t n = same ? parentheses_bytes(after) : 0;
	*bytes = (size_t)(after.p - rest.p) + n;
	return n ? same : NULL;
}

/* What can be said for the start of rest, and how much of it; NULL: it stays. A text that is all of
 * a predicate is true, unless it is empty: it selects all, or nothing. */
static const char *said_for(struct str rest, struct str token, size_t *bytes)
{
	struct str literal = literal_at(rest, token);
	if (!literal.n)
		return call_of_nothing(rest, token, bytes);
	*bytes = predicate_bytes(rest);
	return literal.n > 2 ? "" : "[false()]";
}

static bool can_be_said(struct str location)
{
	size_t bytes;
	for (struct str rest = location, token; rest.n; rest = str_from(rest, token.n)) {
		token = token_of(rest);
		if (said_for(rest, token, &bytes))
			return true;
	}
	return false;
}

/* The location without what is the same in all uploads. p is NULL: out of memory, or it is too
 * long. */
static struct str without_what_is_known(struct location_frame *frame, struct str location)
{
	struct buf out;
	buf_init(&out, LONGEST_WIDENED);
	for (struct str rest = location, token; rest.n; rest = str_from(rest, token.n)) {
		size_t bytes;
		token = token_of(rest);
		const char *said = said_for(rest, token, &bytes);
		buf_str(&out, said ? str_of(said) : token);
		token.n = said ? bytes : token.n;
	}
	struct str kept = { 0 };
	if (!out.failed)
		kept = arena_str(&frame->arena, buf_view(&out));
	buf_release(&out);
	return kept;
}

bool location_frame_select(struct location_frame *frame, struct str location,
			   struct location_target *target)
{
	size_t number;
	bool numbered;
	if (!frame->sized || !location.n)
		return false;
	if (can_be_said(location))
		location = without_what_is_known(frame, location);
	if (!location.p) {
		*target = (struct location_target){ .outcome = LOCATION_UNKNOWN, .why = too_long };
		return true;
	}
	if (!location_is_usual(location, &number, &numbered) && !needs_no_content(location))
		return !selects_in_some(frame, location, target);
	*target = location_select(&frame->upload, location);
	return true;
}

size_t location_frame_record(struct location_frame *frame, struct str location)
{
	size_t number;
	bool numbered;
	struct location_target target;
	bool usual = location_is_usual(location, &number, &numbered);
	if (usual && numbered)
		return number;
	/* Of one that asks for content, it is never known which record it selects. */
	if (!usual && !needs_no_content(location))
		return 0;
	bool known = location_frame_select(frame, location, &target);
	return known && target.outcome == LOCATION_RECORD ? target.record : 0;
}

bool location_is_no_place(const struct location_target *target)
{
	return target->outcome == LOCATION_NO_XPATH ||
	       (target->outcome == LOCATION_OTHER && target->name == a_value);
}

enum location_kind location_kind(struct str location)
{
	struct location_frame frame = { .summary = { .record_count = 1 } };
	arena_init(&frame.arena);
	frame.upload.summary = &frame.summary;
	imagine(&frame, 1);
	struct location_target target = location_select(&frame.upload, location);
	bool place = !location_is_no_place(&target);
	location_frame_close(&frame);
	if (target.outcome == LOCATION_UNKNOWN)
		return LOCATION_NOT_TRIED;
	if (place)
		return LOCATION_OF_NODES;
	return target.outcome == LOCATION_NO_XPATH ? LOCATION_FAILS : LOCATION_OF_A_VALUE;
}

void location_release(struct location_upload *upload)
{
	tree_free(upload->tree);
	arena_release(&upload->arena);
	*upload = (struct location_upload){ 0 };
}
