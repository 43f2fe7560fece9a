#include "rules/located.h"

#include "rules/location.h"
#include "xml/tree.h"

#include <stdlib.h>

enum { LARGEST_TREE_BYTES = 64 * 1024 * 1024 };

/* An expression may visit all of the upload: no more bytes than these for all locations together.
 */
static const size_t most_visited_bytes = (size_t)2 * 1024 * 1024 * 1024;

static struct located count_records(size_t records, size_t number, bool numbered)
{
	if (!numbered && records == 1)
		return (struct located){ .outcome = LOCATED_RECORD, .record = 1 };
	if (!numbered && records > 1)
		return (struct located){ .outcome = LOCATED_MANY, .record = records };
	if (!numbered || number == 0 || number > records)
		return (struct located){ .outcome = LOCATED_NOTHING };
	return (struct located){ .outcome = LOCATED_RECORD, .record = number };
}

static struct xml_tree *parse(struct str bytes)
{
	struct xml_tree *tree = NULL;
	struct tree_fault fault;
	return bytes.n && tree_parse(&tree, bytes, &fault) == 0 ? tree : NULL;
}

/* A location counts from the upload's own root, so what stands around it is cut away. */
static struct xml_tree *parse_inside(struct located_upload *upload)
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

static void open_tree(struct located_upload *upload)
{
	upload->tried = true;
	upload->bytes = upload->summary->upload;
	upload->why = "the upload is larger than 64 MiB";
	if (upload->bytes.n > LARGEST_TREE_BYTES)
		return;
	upload->why = "the upload cannot be made into a tree";
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

static struct located ask(struct located_upload *upload, const char *expression)
{
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(upload->tree, expression, &upload->arena, &value, &fault) != 0)
		return (struct located){ .outcome = LOCATED_NO_XPATH };
	if (value.kind != TREE_NODES)
		return (struct located){ .outcome = LOCATED_OTHER, .name = "a value" };
	if (value.count == 0)
		return (struct located){ .outcome = LOCATED_NOTHING };
	if (value.count > 1)
		return (struct located){ .outcome = LOCATED_MANY, .record = value.count };
	const char *path = tree_path(value.nodes[0], &upload->arena);
	struct str below = { 0 };
	size_t number = path ? record_of_path(path, &below) : 0;
	if (number && (below.n == 0 || str_is(below, "/CP-ISRecord")))
		return (struct located){ .outcome = LOCATED_RECORD, .record = number };
	const char *element = "", *attribute = NULL;
	tree_names(value.nodes[0], &element, &attribute);
	return (struct located){ .outcome = LOCATED_OTHER,
				 .name = attribute ? attribute : element };
}

struct located located_record(struct located_upload *upload, struct str location)
{
	size_t number = 0;
	bool numbered = false;
	if (location_is_usual(location, &number, &numbered))
		return count_records(upload->summary->record_count, number, numbered);
	if (!upload->tried)
		open_tree(upload);
	if (!upload->tree)
		return (struct located){ .outcome = LOCATED_UNKNOWN, .why = upload->why };
	upload->visited += upload->bytes.n;
	if (upload->visited > most_visited_bytes)
		return (struct located){ .outcome = LOCATED_UNKNOWN,
					 .why = "there are too many for an upload of its size" };
	struct buf expression;
	buf_init(&expression, 65536);
	const char *text = location_expression(&expression, location);
	struct located located =
		text ? ask(upload, text) : (struct located){ .outcome = LOCATED_NO_XPATH };
	buf_release(&expression);
	return located;
}

void located_release(struct located_upload *upload)
{
	tree_free(upload->tree);
	arena_release(&upload->arena);
	*upload = (struct located_upload){ 0 };
}
