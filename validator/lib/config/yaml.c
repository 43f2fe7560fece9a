#include "config/yaml.h"

#include "base/files.h"

#include <yaml.h>

enum {
	DEEPEST = 24,
	MOST_NODES = 500000,
	MOST_KEYS = 200, /* of one map */
	MOST_BYTES = 32 * 1024 * 1024
};

struct reading {
	struct arena *arena;
	const char *file;
	struct str bytes;
	struct problems *problems;
	yaml_parser_t parser;
	struct yaml_node *root;
	struct yaml_node *open[DEEPEST]; /* from the root to the node being filled */
	size_t depth;
	const char *key; /* of the map on top: whose value comes next; NULL: a key comes next */
	struct config_place key_place;
	const char *keys[DEEPEST]; /* key, kept while a value is open */
	struct config_place key_places[DEEPEST];
	size_t nodes;
	bool stopped;
};

const char *yaml_kind_name(enum yaml_kind kind)
{
	static const char *const names[] = {
		[YAML_TEXT] = "text",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a mapping",
	};
	return names[kind];
}

static struct config_place place_of(yaml_mark_t mark)
{
	return (struct config_place){ mark.line + 1, mark.column + 1 };
}

static void stop(struct reading *reading, struct config_place place, const char *why)
{
	problem_add(reading->problems, reading->file, place, "%s", why);
	reading->stopped = true;
}

static struct yaml_node *top(const struct reading *reading)
{
	return reading->depth ? reading->open[reading->depth - 1] : NULL;
}

static const struct yaml_node *entry(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *node = map->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

/* Add a node to the one on top. The second value of a key is read, reported, and left out. */
static void attach(struct reading *reading, struct yaml_node *node)
{
	struct yaml_node *parent = top(reading);
	if (!parent) {
		reading->root = node;
		return;
	}
	if (parent->kind == YAML_MAP) {
		node->key = reading->key;
		node->key_place = reading->key_place;
		reading->key = NULL;
		const struct yaml_node *earlier = entry(parent, node->key);
		if (earlier) {
			problem_add(
				reading->problems, reading->file, node->key_place,
				"key '%s' is repeated in one mapping: it is already on line %zu",
				node->key, earlier->key_place.line);
			return;
		}
		if (parent->count == MOST_KEYS) {
			stop(reading, node->key_place, "a mapping has too many keys");
			return;
		}
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->count++;
}

static struct yaml_node *new_node(struct reading *reading, enum yaml_kind kind,
				  const yaml_event_t *event)
{
	if (++reading->nodes > MOST_NODES) {
		stop(reading, place_of(event->start_mark), "the file has too many values");
		return NULL;
	}
	struct yaml_node *node = arena_alloc(reading->arena, sizeof(*node));
	if (!node) {
		reading->stopped = true;
		return NULL;
	}
	*node = (struct yaml_node){ .kind = kind,
				    .place = place_of(event->start_mark),
				    .text = "" };
	return node;
}

/* A key may not be a list or a map. */
static bool key_expected(const struct reading *reading)
{
	const struct yaml_node *parent = top(reading);
	return parent && parent->kind == YAML_MAP && !reading->key;
}

static void open_node(struct reading *reading, enum yaml_kind kind, const yaml_event_t *event)
{
	struct config_place place = place_of(event->start_mark);
	if (key_expected(reading)) {
		stop(reading, place, "a key must be a word");
		return;
	}
	if (reading->depth == DEEPEST) {
		stop(reading, place, "the file is nested too deeply");
		return;
	}
	struct yaml_node *node = new_node(reading, kind, event);
	if (!node)
		return;
	attach(reading, node);
	reading->keys[reading->depth] = reading->key;
	reading->key_places[reading->depth] = reading->key_place;
	reading->open[reading->depth++] = node;
	reading->key = NULL;
}

static void close_node(struct reading *reading)
{
	reading->depth--;
	reading->key = reading->keys[reading->depth];
	reading->key_place = reading->key_places[reading->depth];
}

static void scalar(struct reading *reading, const yaml_event_t *event)
{
	struct str text = { (const char *)event->data.scalar.value, event->data.scalar.length };
	struct config_place place = place_of(event->start_mark);
	if (text.n && memchr(text.p, '\0', text.n)) {
		stop(reading, place, "a NUL character is not allowed");
		return;
	}
	const char *copy = arena_copy(reading->arena, text);
	if (!copy) {
		reading->stopped = true;
		return;
	}
	bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (key_expected(reading)) {
		reading->key = copy;
		reading->key_place = place;
		if (!quoted && strcmp(copy, "<<") == 0)
			stop(reading, place,
			     "merge keys (<<) are not allowed: write the values out");
		return;
	}
	struct yaml_node *node = new_node(reading, YAML_TEXT, event);
	if (!node)
		return;
	node->text = copy;
	node->quoted = quoted;
	attach(reading, node);
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	case YAML_ALIAS_EVENT:
		return event->data.alias.anchor;
	default:
		return NULL;
	}
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.tag;
	default:
		return NULL;
	}
}

static void take(struct reading *reading, const yaml_event_t *event)
{
	struct config_place place = place_of(event->start_mark);
	if (anchor_of(event)) {
		stop(reading, place, "anchors and aliases are not allowed: write the value out");
		return;
	}
	if (tag_of(event)) {
		stop(reading, place, "type tags (!) are not allowed");
		return;
	}
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (reading->root)
			stop(reading, place, "the file holds more than one YAML document");
		break;
	case YAML_SCALAR_EVENT:
		scalar(reading, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(reading, YAML_LIST, event);
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(reading, YAML_MAP, event);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(reading);
		break;
	default:
		break;
	}
}

/* Columns count characters; a line ends with CR, LF, or both. */
static struct config_place place_at(struct str bytes, size_t offset)
{
	struct config_place place = { 1, 1 };
	for (size_t i = str_mark_bytes(bytes); i < offset && i < bytes.n; i++) {
		char c = bytes.p[i];
		place.column += (c & 0xc0) != 0x80;
		if (c == '\n' || (c == '\r' && (i + 1 == bytes.n || bytes.p[i + 1] != '\n')))
			place = (struct config_place){ place.line + 1, 1 };
	}
	return place;
}

static void syntax_error(struct reading *reading)
{
	const yaml_parser_t *parser = &reading->parser;
	struct config_place place = place_of(parser->problem_mark);
	if (parser->error == YAML_MEMORY_ERROR) {
		reading->stopped = reading->arena->failed = true;
		return;
	}
	/* A byte that is not UTF-8, or not allowed, has an offset and no mark. */
	if (parser->error == YAML_READER_ERROR)
		place = place_at(reading->bytes,
				 str_mark_bytes(reading->bytes) + parser->problem_offset);
	const char *context = parser->context ? parser->context : "";
	/* A trap: the "[" or "]" of an XPath ends a plain text there. */
	bool flow = strstr(context, "flow") != NULL;
	problem_add(reading->problems, reading->file, place, "not valid YAML: %s%s%s%s",
		    parser->problem ? parser->problem : "cannot be read", *context ? ", " : "",
		    context,
		    flow ? "; inside { } or [ ], put quotes around a text that contains { } [ ] or "
			   "a comma"
			 : "");
	reading->stopped = true;
}

static void read_events(struct reading *reading)
{
	bool ended = false;
	while (!ended && !reading->stopped) {
		yaml_event_t event;
		if (!yaml_parser_parse(&reading->parser, &event)) {
			syntax_error(reading);
			return;
		}
		ended = event.type == YAML_STREAM_END_EVENT;
		take(reading, &event);
		yaml_event_delete(&event);
	}
}

struct yaml_node *yaml_read(struct arena *arena, const char *file, struct str bytes,
			    struct problems *problems)
{
	struct reading reading = {
		.arena = arena, .file = file, .bytes = bytes, .problems = problems
	};
	if (bytes.n > MOST_BYTES) {
		problem_add(problems, file, (struct config_place){ 0, 0 },
			    "the file is larger than 32 MiB");
		return NULL;
	}
	if (!yaml_parser_initialize(&reading.parser)) {
		problem_add_internal(problems, file, "out of memory");
		return NULL;
	}
	/* With the encoding set, libyaml takes a byte order mark for content. */
	struct str text = str_from(bytes, str_mark_bytes(bytes));
	yaml_parser_set_input_string(&reading.parser, (const unsigned char *)text.p, text.n);
	yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
	read_events(&reading);
	yaml_parser_delete(&reading.parser);
	if (arena->failed) {
		problem_add_internal(problems, file, "out of memory");
		return NULL;
	}
	if (reading.stopped)
		return NULL;
	if (!reading.root)
		problem_add(problems, file, (struct config_place){ 1, 1 }, "the file is empty");
	return reading.root;
}

struct yaml_node *yaml_read_file(struct arena *arena, const char *path, struct problems *problems)
{
	struct yaml_node *root = NULL;
	struct buf bytes;
	char why[256];
	buf_init(&bytes, MOST_BYTES + 1);
	if (files_read(path, &bytes, why, sizeof(why)))
		root = yaml_read(arena, path, buf_view(&bytes), problems);
	else
		problem_add(problems, path, (struct config_place){ 0, 0 }, "cannot be read: %s",
			    why);
	buf_release(&bytes);
	return root;
}
