#include "xml/locate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "xml/markup.h"
#include "xml/reader.h"

#include <stdlib.h>

/* Names among the children of one open element, and how often each came. */
struct counter {
	const char *local;
	size_t count;
	bool waits; /* the first of them holds a target */
};

struct frame {
	const char *local;
	size_t start;	     /* of its tag */
	size_t index;	     /* among siblings of its name, from 1 */
	size_t first_target; /* targets resolved before this element started */
	struct counter *counters;
	size_t counter_count, counter_room;
};

/* An ancestor-or-self step of a target; repeated is settled when the parent ends. */
struct step {
	const char *local;
	uint32_t index;
	bool repeated;
};

struct target {
	struct step *steps;
	size_t depth;
	struct str attribute; /* as written; absent for an element */
};

struct locator {
	struct location *locations;
	struct target *targets;
	size_t count, next;
	struct frame *frames;
	size_t depth, room;
	size_t waiting;	    /* counters in open elements that wait for a second of their name */
	struct arena steps; /* of the targets */
	struct arena *arena;
	bool failed;
};

/* More distinct sibling names than this are not told apart: no real message comes near. */
enum { MOST_SIBLING_NAMES = 512, LONGEST_PATH = 1024 * 1024 };

static struct counter *counter_of(struct locator *locator, struct frame *frame, const char *local)
{
	for (size_t i = 0; i < frame->counter_count; i++)
		if (frame->counters[i].local == local)
			return &frame->counters[i];
	if (frame->counter_count == MOST_SIBLING_NAMES)
		return NULL;
	struct counter *more = list_grown(frame->counters, frame->counter_count,
					  &frame->counter_room, sizeof(*more));
	if (!more) {
		locator->failed = true;
		return NULL;
	}
	frame->counters = more;
	struct counter *counter = &frame->counters[frame->counter_count++];
	*counter = (struct counter){ .local = local };
	return counter;
}

static struct frame *push(struct locator *locator, const char *local, size_t start)
{
	if (locator->depth == locator->room) {
		size_t room = locator->room ? locator->room * 2 : 32;
		struct frame *more = realloc(locator->frames, room * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + locator->room, 0, (room - locator->room) * sizeof(*more));
		locator->frames = more;
		locator->room = room;
	}
	struct frame *frame = &locator->frames[locator->depth];
	struct counter *counter =
		locator->depth ? counter_of(locator, &locator->frames[locator->depth - 1], local)
			       : NULL;
	frame->local = local;
	frame->start = start;
	frame->index = counter ? ++counter->count : 1;
	if (counter && counter->count == 2 && counter->waits)
		locator->waiting--;
	frame->first_target = locator->next;
	frame->counter_count = 0;
	locator->depth++;
	return frame;
}

/* The innermost element that is open at an offset and began well before it; 0: there is none. */
static size_t opened_before(const struct locator *locator, size_t offset)
{
	size_t depth = locator->depth;
	while (depth > 0 && locator->frames[depth - 1].start + WELL_BEFORE > offset)
		depth--;
	return depth > 0 ? locator->frames[depth - 1].start : 0;
}

/* The next target is in the innermost open element, or at one of its attributes. */
static void settle(struct locator *locator, struct str attribute)
{
	struct location *location = &locator->locations[locator->next];
	struct target *target = &locator->targets[locator->next++];
	location->opened = opened_before(locator, location->offset);
	target->depth = locator->depth;
	target->attribute = arena_str(&locator->steps, attribute);
	target->steps = arena_room(&locator->steps, (locator->depth + 1) * sizeof(*target->steps));
	if (!target->steps) {
		target->depth = 0;
		locator->failed = true;
		return;
	}
	for (size_t i = 0; i < locator->depth; i++)
		target->steps[i] =
			(struct step){ locator->frames[i].local, (uint32_t)locator->frames[i].index,
				       locator->frames[i].index > 1 };
}

static void settle_before(struct locator *locator, size_t offset)
{
	while (locator->next < locator->count && locator->locations[locator->next].offset < offset)
		settle(locator, (struct str){ 0 });
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct locator *locator = context;
	settle_before(locator, tag->offset);
	if (!push(locator, tag->local, tag->offset)) {
		locator->failed = true;
		return -1;
	}
	size_t end = tag->offset + tag->raw.n;
	while (locator->next < locator->count && locator->locations[locator->next].offset < end)
		settle(locator,
		       xml_tag_attribute_at(tag, locator->locations[locator->next].offset));
	return 0;
}

/* An element ends that is the first of its name and holds a target. */
static void wait_for_second(struct locator *locator, const struct frame *frame)
{
	struct counter *counter =
		locator->depth
			? counter_of(locator, &locator->frames[locator->depth - 1], frame->local)
			: NULL;
	if (!counter)
		return;
	counter->waits = true;
	locator->waiting++;
}

/* What came first of its name has a predicate only if another followed. */
static int on_end(void *context, size_t offset)
{
	struct locator *locator = context;
	settle_before(locator, offset);
	struct frame *frame = &locator->frames[locator->depth - 1];
	for (size_t i = 0; locator->waiting && i < frame->counter_count; i++)
		locator->waiting -= frame->counters[i].waits && frame->counters[i].count == 1;
	for (size_t i = frame->first_target; i < locator->next; i++) {
		struct target *target = &locator->targets[i];
		if (target->depth <= locator->depth)
			continue;
		struct step *step = &target->steps[locator->depth];
		struct counter *counter = counter_of(locator, frame, step->local);
		step->repeated = counter && counter->count > 1;
	}
	locator->depth--;
	if (frame->index == 1 && frame->first_target < locator->next)
		wait_for_second(locator, frame);
	return 0;
}

/* Whether no path changes by what follows. At the end of the root it is known, too. */
static bool knows_all(const struct locator *locator)
{
	if (locator->next < locator->count || locator->waiting || locator->depth == 0)
		return false;
	for (size_t i = 1; i < locator->depth; i++)
		if (locator->frames[i].index == 1 &&
		    locator->frames[i].first_target < locator->next)
			return false;
	return true;
}

static void add_index(struct buf *path, size_t index)
{
	char text[24], *p = text + sizeof(text);
	*--p = ']';
	do
		*--p = (char)('0' + index % 10);
	while (index /= 10);
	*--p = '[';
	buf_add(path, p, (size_t)(text + sizeof(text) - p));
}

static const char *path_of(const struct target *target, struct buf *path, struct arena *arena)
{
	buf_reset(path);
	for (size_t i = 0; i < target->depth; i++) {
		buf_char(path, '/');
		buf_text(path, target->steps[i].local);
		if (target->steps[i].repeated)
			add_index(path, target->steps[i].index);
	}
	if (target->attribute.p) {
		buf_text(path, "/@");
		buf_add(path, target->attribute.p, target->attribute.n);
	}
	arena->failed = arena->failed || path->failed;
	return path->failed ? NULL : arena_copy(arena, buf_view(path));
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where a character is from one place on; until: it is not before that. */
static size_t find_in(struct str bytes, char c, size_t from, size_t until)
{
	const char *found = memchr(bytes.p + from, c, until - from);
	return found ? (size_t)(found - bytes.p) : until;
}

/* Lines that end before an offset. Whatever ends them, no byte is looked at more than twice. */
static void count_lines(struct str bytes, struct counted *counted, size_t offset)
{
	size_t lf = 0;
	for (size_t at = counted->offset; at < offset; at = counted->offset) {
		if (lf <= at)
			lf = find_in(bytes, '\n', at, offset);
		size_t end = find_in(bytes, '\r', at, lf);
		/* An LF may be beyond the offset. */
		if (end < lf && end + 1 < bytes.n && bytes.p[end + 1] == '\n')
			end++;
		if (end == offset)
			return;
		counted->line++;
		counted->column = 1;
		counted->offset = end + 1;
	}
}

void xml_count_places(struct str bytes, struct location *locations, size_t count)
{
	struct counted counted = { 0 };
	xml_count_on(bytes, &counted, locations, count);
}

void xml_count_on(struct str bytes, struct counted *counted, struct location *locations,
		  size_t count)
{
	size_t mark = str_mark_bytes(bytes);
	if (counted->line == 0 || (count && locations[0].offset < counted->offset))
		*counted = (struct counted){ mark, 1, 1 };
	for (size_t i = 0; i < count; i++) {
		size_t offset = locations[i].offset < bytes.n ? locations[i].offset : bytes.n;
		count_lines(bytes, counted, offset);
		/* A line has no column for the second half of its end. */
		if (offset > counted->offset && offset < bytes.n && bytes.p[offset] == '\n' &&
		    bytes.p[offset - 1] == '\r')
			offset--;
		for (; counted->offset < offset; counted->offset++)
			counted->column += !is_continuation(bytes.p[counted->offset]);
		locations[i].line = counted->line;
		locations[i].column = counted->column;
	}
}

/* A document that is known to be well-formed: its tags, found by their brackets and quotes */

enum { NAME_SLOTS = 1024, MOST_NAMES = 700 };

/* Local names so far, each once, so that one pointer is one name. */
struct scan {
	struct locator *locator;
	struct str bytes;
	struct {
		struct str name;
		const char *copy;
	} names[NAME_SLOTS];
	size_t name_count;
};

/* NULL: there are too many names, or no memory for one. */
static const char *one_name(struct scan *scan, struct str name)
{
	size_t slot = str_hash(name) % NAME_SLOTS;
	for (; scan->names[slot].copy; slot = (slot + 1) % NAME_SLOTS)
		if (str_equal(scan->names[slot].name, name))
			return scan->names[slot].copy;
	if (scan->name_count == MOST_NAMES)
		return NULL;
	scan->name_count++;
	scan->names[slot].name = name;
	scan->names[slot].copy = arena_copy(scan->locator->arena, name);
	return scan->names[slot].copy;
}

static bool scan_start(struct scan *scan, const struct markup *tag)
{
	struct str bytes = scan->bytes;
	const struct xml_tag start = {
		.local = one_name(scan, markup_local(bytes, tag)),
		.offset = tag->start,
		.raw = { bytes.p + tag->start, tag->until - tag->start },
	};
	if (!start.local || on_start(scan->locator, &start) != 0)
		return false;
	if (tag->kind == MARKUP_EMPTY)
		on_end(scan->locator, tag->end);
	return true;
}

/* False: the document is not what it was. */
static bool scan_one(struct scan *scan, const struct markup *markup)
{
	if (!markup->closed || markup->kind == MARKUP_DECLARATION)
		return false;
	if (markup->kind == MARKUP_START || markup->kind == MARKUP_EMPTY)
		return scan_start(scan, markup);
	if (markup->kind != MARKUP_END)
		return true;
	if (scan->locator->depth == 0)
		return false;
	on_end(scan->locator, markup->end);
	return true;
}

/* False: the document has more names than the table holds, or was changed since it was read;
 * nothing is known then. */
static bool scan_all(struct locator *locator, struct str bytes)
{
	struct scan scan = { .locator = locator, .bytes = bytes };
	struct markup markup = markup_next(bytes, 0);
	bool good = true;
	while (good && markup.kind != MARKUP_NONE) {
		good = scan_one(&scan, &markup) && !locator->failed;
		if (good && knows_all(locator))
			return true;
		markup = markup_next(bytes, markup.end);
	}
	return good && locator->depth == 0 && locator->frames;
}

static void release(struct locator *locator)
{
	for (size_t i = 0; locator->frames && i < locator->room; i++)
		free(locator->frames[i].counters);
	free(locator->frames);
	free(locator->targets);
	arena_release(&locator->steps);
}

/* Settle every target that lies in an element. -1 when out of memory. */
static int walk(struct locator *locator, struct xml_reader *reader, struct str bytes,
		const struct xml_limits *limits, bool *well_formed)
{
	static const struct xml_handler handler = { .start = on_start, .end = on_end };
	if (*well_formed && scan_all(locator, bytes))
		return 0;
	if (locator->failed)
		return -1;
	struct locator again = { .locations = locator->locations,
				 .count = locator->count,
				 .arena = locator->arena };
	release(locator);
	*locator = again;
	locator->targets = calloc(locator->count, sizeof(*locator->targets));
	if (!locator->targets)
		return -1;
	struct xml_fault fault;
	enum xml_outcome outcome = xml_read(reader, bytes, limits, &handler, locator, &fault);
	*well_formed = outcome == XML_READ;
	return outcome == XML_INTERNAL ? -1 : 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct location *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

int xml_locate(struct xml_reader *reader, struct str bytes, const struct xml_limits *limits,
	       struct location *locations, size_t count, struct arena *arena, bool *well_formed)
{
	if (count == 0)
		return 0;
	qsort(locations, count, sizeof(*locations), by_offset);
	xml_count_places(bytes, locations, count);
	struct locator locator = { .locations = locations, .count = count, .arena = arena };
	locator.targets = calloc(count, sizeof(*locator.targets));
	if (!locator.targets || walk(&locator, reader, bytes, limits, well_formed) != 0)
		locator.failed = true;
	while (!locator.failed && locator.next < count)
		settle(&locator, (struct str){ 0 });
	while (!locator.failed && locator.depth)
		on_end(&locator, bytes.n);
	locator.failed = locator.failed || locator.steps.failed;
	struct buf path;
	buf_init(&path, LONGEST_PATH);
	for (size_t i = 0; i < locator.next && !locator.failed; i++)
		locations[i].path = path_of(&locator.targets[i], &path, arena);
	buf_release(&path);
	release(&locator);
	return locator.failed || arena->failed ? -1 : 0;
}

/* Where the attributes of a start tag are: read from the text of the tag, and only when asked. */

static bool ends_name(char c)
{
	return char_is_space(c) || c == '=' || c == '/' || c == '>';
}

/* Whether a name as written, with its prefix, is this attribute's. */
static bool is_written_as(struct str name, const struct xml_attribute *attribute)
{
	if (!attribute->prefix)
		return str_is(name, attribute->local);
	struct str prefix = str_of(attribute->prefix);
	return str_starts(name, prefix) && name.n > prefix.n && name.p[prefix.n] == ':' &&
	       str_is(str_from(name, prefix.n + 1), attribute->local);
}

/* The next attribute of a tag's text from *at: its name and where its value starts. False at the
 * end. */
static bool next_written(struct str raw, size_t *at, struct str *name, size_t *value)
{
	size_t i = *at;
	while (i < raw.n && char_is_space(raw.p[i]))
		i++;
	size_t start = i;
	while (i < raw.n && !ends_name(raw.p[i]))
		i++;
	*name = (struct str){ raw.p + start, i - start };
	while (i < raw.n && raw.p[i] != '"' && raw.p[i] != '\'')
		i++;
	if (i >= raw.n || name->n == 0)
		return false;
	const char *close = i + 1 < raw.n ? memchr(raw.p + i + 1, raw.p[i], raw.n - i - 1) : NULL;
	*value = i + 1;
	*at = close ? (size_t)(close - raw.p) + 1 : raw.n;
	return true;
}

static size_t after_name(const struct xml_tag *tag)
{
	size_t at = 1;
	while (at < tag->raw.n && !ends_name(tag->raw.p[at]))
		at++;
	return at;
}

static bool find_written(const struct xml_tag *tag, size_t i, size_t *name_at, size_t *value_at)
{
	size_t at = after_name(tag), value = 0;
	struct str name;
	while (next_written(tag->raw, &at, &name, &value)) {
		if (!is_written_as(name, &tag->attributes[i]))
			continue;
		*name_at = tag->offset + (size_t)(name.p - tag->raw.p);
		*value_at = tag->offset + value;
		return true;
	}
	return false;
}

/* Whether the value of an attribute is in the tag's text as it is, and no copy. */
static bool is_as_written(const struct xml_tag *tag, size_t i)
{
	const char *p = tag->attributes[i].value.p;
	return p >= tag->raw.p && p <= tag->raw.p + tag->raw.n;
}

/* The name before a value: a tag of many attributes is not walked through for each of them. */
static size_t name_before(const struct xml_tag *tag, size_t value)
{
	const char *raw = tag->raw.p;
	size_t n = value - 1;
	while (n > 1 && raw[n - 1] != '=')
		n--;
	n -= n > 1;
	while (n > 1 && char_is_space(raw[n - 1]))
		n--;
	while (n > 1 && !char_is_space(raw[n - 1]))
		n--;
	return n;
}

size_t xml_tag_attribute_offset(const struct xml_tag *tag, size_t i)
{
	size_t name = tag->offset, value = 0;
	if (is_as_written(tag, i))
		return tag->offset +
		       name_before(tag, (size_t)(tag->attributes[i].value.p - tag->raw.p));
	find_written(tag, i, &name, &value);
	return name;
}

size_t xml_tag_value_offset(const struct xml_tag *tag, size_t i)
{
	if (is_as_written(tag, i))
		return (size_t)(tag->attributes[i].value.p - tag->document);
	size_t name = 0, value = tag->offset;
	find_written(tag, i, &name, &value);
	return value;
}

struct str xml_tag_attribute_at(const struct xml_tag *tag, size_t offset)
{
	size_t at = after_name(tag), value = 0;
	struct str name;
	while (next_written(tag->raw, &at, &name, &value)) {
		size_t start = tag->offset + (size_t)(name.p - tag->raw.p);
		if (offset < start)
			break;
		if (offset >= tag->offset + at || str_starts(name, STR("xmlns")))
			continue;
		const char *colon = memchr(name.p, ':', name.n);
		return colon ? str_from(name, (size_t)(colon - name.p) + 1) : name;
	}
	return (struct str){ 0 };
}
