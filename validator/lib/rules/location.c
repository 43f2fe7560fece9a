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
		return (struct location_target){ .outcome = LOCATION_NO_XPATH };
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
		return (struct location_target){
			.outcome = LOCATION_UNKNOWN,
			.why = "there are too many locations for an upload of this size"
		};
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
 * them stay. Where not even that selects a record in an upload with all that there can be, the
 * location selects none in any.
 */
struct widening {
	struct buf out;
	size_t step; /* in out, after the last slash outside of predicates */
	size_t root; /* the last step that names File: what is before it is around the upload */
};

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

/* The first condition of some that are joined by "and"; all of them where there is an "or". */
static size_t condition_bytes(struct str conditions)
{
	size_t depth = 0, first = 0;
	for (size_t i = 0; i < conditions.n;) {
		struct str token = token_of(str_from(conditions, i));
		depth += token.p[0] == '(' || token.p[0] == '[';
		depth -= depth && (token.p[0] == ')' || token.p[0] == ']');
		if (depth == 0 && i && str_is(token, "or"))
			return conditions.n;
		if (depth == 0 && i && !first && str_is(token, "and"))
			first = i;
		i += token.n;
	}
	return first ? first : conditions.n;
}

static bool names_the_root(struct str token)
{
	return str_is(token, "File") || str_is(token, "'File'") || str_is(token, "\"File\"");
}

/* Only the conditions about names, each as a predicate. */
static void widen_predicate(struct widening *widening, struct str conditions)
{
	static const struct str join = { "and", 3 };
	while (conditions.n) {
		size_t n = condition_bytes(conditions);
		struct str condition = { conditions.p, n };
		conditions = str_from(conditions, n);
		if (str_starts(conditions, join))
			conditions = str_from(conditions, join.n);
		if (!is_about_names(condition))
			continue;
		buf_char(&widening->out, '[');
		buf_str(&widening->out, condition);
		buf_char(&widening->out, ']');
		for (struct str rest = condition; rest.n;) {
			struct str token = token_of(rest);
			if (names_the_root(token))
				widening->root = widening->step;
			rest = str_from(rest, token.n);
		}
	}
}

static void widen(struct widening *widening, struct str location)
{
	for (struct str rest = str_trim(location); rest.n;) {
		struct str token = token_of(rest);
		if (token.p[0] == '[') {
			token.n = predicate_bytes(rest);
			if (token.n > 2)
				widen_predicate(widening, (struct str){ token.p + 1, token.n - 2 });
		} else {
			buf_str(&widening->out, token);
		}
		if (token.p[0] == '/')
			widening->step = widening->out.n;
		if (names_the_root(token))
			widening->root = widening->step;
		rest = str_from(rest, token.n);
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
static bool may_be_record(const struct xml_tree *tree, const char *expression,
			  struct location_target *target)
{
	struct tree_value value;
	struct tree_fault fault;
	struct arena arena;
	arena_init(&arena);
	bool may = tree_evaluate(tree, expression, &arena, &value, &fault) != 0 ||
		   value.kind != TREE_NODES;
	if (!may && value.count)
		*target = (struct location_target){ .outcome = LOCATION_OTHER,
						    .name = tree_noun(value.nodes[0]) };
	else if (!may)
		*target = (struct location_target){ .outcome = LOCATION_NOTHING };
	for (size_t i = 0; !may && i < value.count; i++)
		may = record_at(value.nodes[i], &arena) != 0;
	arena_release(&arena);
	return may;
}

/* Whether a location that asks for what is in the records selects one of them in some upload. */
static bool selects_in_some(struct location_frame *frame, struct str location,
			    struct location_target *target)
{
	enum { MOST_BYTES = 65536 };
	struct widening widening = { 0 };
	struct buf expression;
	if (!frame->widest)
		frame->widest = upload_of_all(&frame->arena);
	if (!frame->widest)
		return true;
	buf_init(&widening.out, MOST_BYTES);
	buf_init(&expression, MOST_BYTES);
	widen(&widening, location);
	struct str wide = str_from(buf_view(&widening.out), widening.root);
	struct buf rooted;
	buf_init(&rooted, MOST_BYTES);
	buf_text(&rooted, widening.root ? "/" : "");
	buf_str(&rooted, wide);
	const char *text = rooted.failed || widening.out.failed
				   ? NULL
				   : location_expression(&expression, buf_view(&rooted));
	bool some = !text || may_be_record(frame->widest, text, target);
	buf_release(&rooted);
	buf_release(&expression);
	buf_release(&widening.out);
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

bool location_frame_select(struct location_frame *frame, struct str location,
			   struct location_target *target)
{
	size_t number;
	bool numbered;
	if (!frame->sized || !location.n)
		return false;
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
	if (location_is_usual(location, &number, &numbered) && numbered)
		return number;
	bool known = location_frame_select(frame, location, &target);
	return known && target.outcome == LOCATION_RECORD ? target.record : 0;
}

bool location_is_no_place(const struct location_target *target)
{
	return target->outcome == LOCATION_NO_XPATH ||
	       (target->outcome == LOCATION_OTHER && target->name == a_value);
}

bool location_selects_nodes(struct str location)
{
	struct location_frame frame = { .summary = { .record_count = 1 } };
	arena_init(&frame.arena);
	frame.upload.summary = &frame.summary;
	imagine(&frame, 1);
	struct location_target target = location_select(&frame.upload, location);
	location_frame_close(&frame);
	return !location_is_no_place(&target);
}

void location_release(struct location_upload *upload)
{
	tree_free(upload->tree);
	arena_release(&upload->arena);
	*upload = (struct location_upload){ 0 };
}
