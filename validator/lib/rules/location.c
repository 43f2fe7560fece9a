#include "rules/location.h"

#include "rules/judge.h"
#include "xml/tree.h"
#include "xml/xpath.h"

#include <stdlib.h>

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

/* Whether there is a literal or a long number, which may be a value of a record. */
static bool has_value(struct str location)
{
	static const struct str before = { "local-name()=", 13 };
	size_t digits = 0;
	for (size_t i = 0; i < location.n; i++) {
		char c = location.p[i];
		digits = char_is_digit(c) ? digits + 1 : 0;
		if (digits > 7)
			return true;
		if (c != '\'' && c != '"')
			continue;
		if (!str_ends((struct str){ location.p, i }, before))
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

static bool skip_number(struct str *rest, size_t *number)
{
	struct str here = skip_space(*rest);
	size_t n = 0, value = 0;
	while (n < here.n && n < 9 && char_is_digit(here.p[n]))
		value = value * 10 + (size_t)(here.p[n++] - '0');
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
	const char *path = tree_path(value.nodes[0], &upload->arena);
	struct str below = { 0 };
	size_t number = path ? record_of_path(path, &below) : 0;
	if (number && (below.n == 0 || str_is(below, "/CP-ISRecord")))
		return (struct location_target){ .outcome = LOCATION_RECORD, .record = number };
	const char *element = "", *attribute = NULL;
	tree_names(value.nodes[0], &element, &attribute);
	return (struct location_target){ .outcome = LOCATION_OTHER,
					 .name = attribute ? attribute : element };
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
	arena_release(&frame->arena);
}

bool location_frame_select(struct location_frame *frame, struct str location,
			   struct location_target *target)
{
	size_t number;
	bool numbered;
	if (!frame->sized || !location.n ||
	    (!location_is_usual(location, &number, &numbered) && !needs_no_content(location)))
		return false;
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
