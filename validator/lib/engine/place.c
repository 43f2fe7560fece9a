#include "engine/place.h"

#include "base/buf.h"
#include "diag/mask.h"
#include "transport/parcel.h"
#include "xml/locate.h"

#include <stdlib.h>

/* Excerpts: the line of a finding, cut short, with a caret under the fault */

struct excerpt {
	const char *text; /* NULL when out of memory */
	size_t caret;	  /* characters before the fault */
};

/*
 * A file may be one line of gigabytes with thousands of findings on it: what is looked at for an
 * excerpt has bounds in bytes. NEARBY holds WIDTH characters of any length; a start tag begins
 * within TAG_REACH.
 */
enum { WIDTH = 160, BEFORE = 60, LONGEST_NAME = 80, NEARBY = 8 * WIDTH, TAG_REACH = 64 * 1024 };

/* Where in the markup the reading of a line has come to. */
struct scan {
	bool in_tag, in_value, bare;	    /* bare: after a '=', where a quote should be */
	bool personal_text, personal_value; /* of the element and the attribute read last */
	char quote;
	size_t digits; /* left of a number that may be a person's, wherever it is */
	char element[LONGEST_NAME], attribute[LONGEST_NAME];
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool ends_name(char c)
{
	return char_is_space(c) || c == '=' || c == '/' || c == '>' || c == '<' || c == '"' ||
	       c == '\'';
}

/* The local part of the name that starts here. */
static void read_name(struct str document, size_t at, char *out)
{
	size_t n = 0;
	for (; at < document.n && !ends_name(document.p[at]) && n + 1 < LONGEST_NAME; at++) {
		if (document.p[at] != ':')
			out[n++] = document.p[at];
		else if (n == 5 && memcmp(out, "xmlns", 5) == 0)
			break; /* which prefix is bound does not matter */
		else
			n = 0;
	}
	out[n] = '\0';
}

/* Take in the character at a place. True: it is part of a value that may name a person. */
static bool step(struct scan *scan, struct str document, size_t at)
{
	char c = document.p[at];
	if (scan->in_value) {
		if (c != scan->quote)
			return scan->personal_value;
		scan->in_value = false;
		return false;
	}
	if (!scan->in_tag && c != '<')
		return !char_is_space(c) && c != '>' && scan->personal_text;
	if (c == '<') {
		scan->in_tag = true;
		scan->bare = false;
		read_name(document, at + 1, scan->element);
		scan->personal_text = mask_kind_of(scan->element, NULL) != MASK_NONE;
	} else if (c == '>') {
		scan->in_tag = scan->bare = false;
	} else if (scan->element[0] == '!' || scan->element[0] == '?') {
		return !char_is_space(c); /* comments and instructions say anything */
	} else if (c == '"' || c == '\'') {
		scan->in_value = true;
		scan->bare = false;
		scan->quote = c;
	} else if (c == '=') {
		scan->bare = true;
	} else if (scan->bare && !char_is_space(c)) {
		return true;
	} else if (!ends_name(c) && at > 0 && char_is_space(document.p[at - 1])) {
		read_name(document, at, scan->attribute);
		scan->personal_value = mask_kind_of(scan->element, scan->attribute) != MASK_NONE;
	}
	return false;
}

/* Whether here is a digit of what looks like a person's number, in a place that should have none.
 */
static bool hides_digit(struct scan *scan, struct str document, size_t at)
{
	if (scan->digits == 0)
		scan->digits = mask_number_at(document, at);
	if (scan->digits == 0)
		return false;
	scan->digits--;
	return true;
}

/* The window of the line that is shown: whole characters, the fault inside it. */
static void choose_window(struct str document, size_t offset, size_t *start, size_t *end)
{
	size_t line = offset < NEARBY ? 0 : offset - NEARBY;
	const char *lf = memrchr(document.p + line, '\n', offset - line);
	line = lf ? (size_t)(lf - document.p) + 1 : line;
	size_t line_end = document.n - offset < NEARBY ? document.n : offset + NEARBY;
	const char *next = memchr(document.p + offset, '\n', line_end - offset);
	line_end = next ? (size_t)(next - document.p) : line_end;
	while (line < offset && char_is_space(document.p[line]))
		line++;
	*start = offset - line > WIDTH - BEFORE ? offset - BEFORE : line;
	while (*start < offset && is_continuation(document.p[*start]))
		(*start)++;
	size_t characters = 0, at = *start;
	for (; at < line_end && characters < WIDTH; at++)
		characters += !is_continuation(document.p[at]);
	while (at < line_end && is_continuation(document.p[at]))
		at++;
	while (at > *start && char_is_space(document.p[at - 1]))
		at--;
	*end = at;
}

/*
 * At most WIDTH characters of the line around offset. Unless show_values, characters of values that
 * may identify a person are dots; names of elements and attributes always stay.
 */
static struct excerpt excerpt_of(struct arena *arena, struct str document, size_t offset,
				 bool show_values)
{
	struct excerpt excerpt = { 0 };
	if (offset > document.n)
		offset = document.n;
	size_t start, end;
	choose_window(document, offset, &start, &end);
	struct scan scan = { .personal_text = true, .personal_value = true };
	size_t from = start < TAG_REACH ? 0 : start - TAG_REACH;
	const char *tag = memrchr(document.p + from, '<', start - from);
	scan.in_value =
		!tag && from > 0; /* of an attribute that is not known: nothing of it is shown */
	struct buf out;
	buf_init(&out, 16 * WIDTH);
	for (size_t at = tag ? (size_t)(tag - document.p) : from; at < end; at++) {
		bool personal = step(&scan, document, at) || hides_digit(&scan, document, at);
		char c = document.p[at];
		if (at < start)
			continue;
		if (at < offset && !is_continuation(c))
			excerpt.caret++;
		if (personal && !show_values)
			buf_text(&out, is_continuation(c) ? "" : "•");
		else
			buf_char(&out, (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c);
	}
	arena->failed = arena->failed || out.failed;
	excerpt.text = out.failed ? NULL : arena_copy(arena, buf_view(&out));
	buf_release(&out);
	return excerpt;
}

/* Places */

/* The findings of one document, and the earlier places that some of them name. */
struct found {
	struct location *locations;
	size_t count;
};

static size_t count_places(const struct draft *draft, size_t document)
{
	size_t count = 0;
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].document == document)
				count += draft->messages[i].findings[k].other ? 2 : 1;
	return count;
}

static void add(struct found *found, struct draft_finding *finding)
{
	found->locations[found->count++] =
		(struct location){ .offset = finding->offset, .owner = finding };
	if (finding->other)
		found->locations[found->count++] = (struct location){ .offset = finding->other,
								      .owner = finding,
								      .is_other = true };
}

/* -1 when out of memory. */
static int collect(struct draft *draft, size_t document, struct draft_finding *extra,
		   struct found *found)
{
	size_t count = count_places(draft, document) + (extra != NULL);
	*found = (struct found){ .locations =
					 count ? calloc(count, sizeof(*found->locations)) : NULL };
	if (!found->locations)
		return count ? -1 : 0;
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].document == document)
				add(found, &draft->messages[i].findings[k]);
	if (extra)
		add(found, extra);
	return 0;
}

/* In the document itself. */
static void put(const struct placing *placing, struct str bytes, const struct location *location)
{
	struct draft_finding *finding = location->owner;
	struct place place = { location->line, location->column };
	if (location->is_other) {
		finding->other_at = place;
		return;
	}
	finding->at = place;
	finding->path = location->path;
	struct excerpt excerpt =
		excerpt_of(&placing->draft->arena, bytes, finding->offset, placing->show_values);
	finding->excerpt = excerpt.text;
	finding->caret = excerpt.caret;
}

static const char *description(const struct placing *placing, const struct parcel *decoded)
{
	struct buf text;
	buf_init(&text, 1024);
	parcel_describe(decoded, &text);
	if (text.failed)
		placing->draft->failed = true;
	const char *copy = arena_copy(&placing->draft->arena, buf_view(&text));
	buf_release(&text);
	return copy;
}

/* Lines of a parcel's bytes, counted on from where findings in it were placed before. */
static void count_in(const struct placing *placing, const struct parcel *parcel,
		     struct location *locations, size_t count)
{
	struct place_marks *marks = placing->marks;
	if (parcel->serial == 0) {
		xml_count_places(parcel->bytes, locations, count);
		return;
	}
	size_t i = 0;
	while (i < MOST_MARKS && marks->of[i].serial != parcel->serial)
		i++;
	if (i == MOST_MARKS) {
		i = marks->next++ % MOST_MARKS;
		marks->of[i].serial = parcel->serial;
		marks->of[i].counted = (struct counted){ 0 };
	}
	xml_count_on(parcel->bytes, &marks->of[i].counted, locations, count);
}

/*
 * From places in the parcel to places in the source and in what was decoded. Locations are in
 * order of offset, and no layer reverses an order.
 */
static void trace(const struct placing *placing, const struct parcel *parcel,
		  struct location *locations, size_t count)
{
	const struct parcel *source = parcel_source(parcel);
	const struct parcel *decoded = NULL;
	for (size_t i = 0; i < count; i++) {
		struct origin origin = parcel_origin(parcel, locations[i].offset);
		locations[i].offset = origin.decoded ? origin.inner : origin.offset;
		decoded = origin.decoded;
	}
	count_in(placing, decoded ? decoded : source, locations, count);
	struct location start = { .offset = decoded ? parcel_origin(decoded, 0).offset : 0 };
	const char *layer = decoded ? description(placing, decoded) : NULL;
	if (decoded)
		count_in(placing, source, &start, 1);
	for (size_t i = 0; i < count; i++) {
		struct draft_finding *finding = locations[i].owner;
		struct place place = { locations[i].line, locations[i].column };
		if (locations[i].is_other)
			finding->other_at = place;
		else
			finding->at = place;
		if (!decoded || locations[i].is_other)
			continue;
		finding->inner = finding->at;
		finding->at = (struct place){ start.line, start.column };
		finding->layer = layer;
	}
}

/* The sentence of a finding names the earlier place, by its line in the same text. */
static void name_other_places(struct arena *arena, const struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct draft_finding *finding = found->locations[i].owner;
		if (found->locations[i].is_other)
			finding->message = arena_printf(arena, "%s; compare line %zu",
							finding->message ? finding->message : "",
							finding->other_at.line);
	}
}

void place_document(const struct placing *placing, const struct parcel *parcel, size_t document,
		    struct draft_finding *extra)
{
	struct draft *draft = placing->draft;
	struct found found;
	if (collect(draft, document, extra, &found) != 0 ||
	    xml_locate(placing->reader, parcel->bytes, placing->limits, found.locations,
		       found.count, &draft->arena) != 0)
		draft->failed = true;
	for (size_t i = 0; i < found.count; i++)
		put(placing, parcel->bytes, &found.locations[i]);
	if (found.count && parcel_source(parcel) != parcel)
		trace(placing, parcel, found.locations, found.count);
	name_other_places(&draft->arena, &found);
	free(found.locations);
}

void place_in_layer(const struct placing *placing, const struct parcel *parcel,
		    struct draft_finding *finding)
{
	struct location location = { .offset = finding->offset, .owner = finding };
	finding->path = "";
	trace(placing, parcel, &location, 1);
}
