#include "xml/tree_scan.h"

#include "base/arena.h"

#include <stdlib.h>

/* Behind the next occurrence of a mark, or bytes.n + 1. */
static size_t behind(struct str bytes, size_t from, struct str mark)
{
	const char *found =
		from <= bytes.n ? memmem(bytes.p + from, bytes.n - from, mark.p, mark.n) : NULL;
	return found ? (size_t)(found - bytes.p) + mark.n : bytes.n + 1;
}

/* Behind the '>' of the tag at start: one inside quotes does not end it. */
static size_t tag_end(struct str bytes, size_t start)
{
	char quote = '\0';
	for (size_t i = start; i < bytes.n; i++) {
		char c = bytes.p[i];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return i + 1;
	}
	return bytes.n + 1;
}

static bool ends_name(char c)
{
	return char_is_space(c) || c == '>' || c == '/' || c == '=';
}

static size_t name_end(struct str bytes, size_t from)
{
	while (from < bytes.n && !ends_name(bytes.p[from]))
		from++;
	return from;
}

static struct tree_tags *add(struct tree_scan *scan)
{
	struct tree_tags *items = list_grown(scan->items, scan->count, &scan->room, sizeof(*items));
	if (!items)
		return NULL;
	scan->items = items;
	return &scan->items[scan->count++];
}

/* A start tag, whose element becomes the open one unless it is empty. */
static bool start_tag(struct tree_scan *scan, struct str bytes, size_t at, size_t *open)
{
	size_t end = tag_end(bytes, at);
	struct tree_tags *tags = end <= bytes.n ? add(scan) : NULL;
	if (!tags)
		return false;
	*tags = (struct tree_tags){
		.start = at, .name_end = name_end(bytes, at + 1), .start_end = end, .parent = *open
	};
	if (bytes.p[end - 2] == '/')
		tags->close = tags->end = end;
	else
		*open = scan->count - 1;
	return true;
}

static bool end_tag(struct tree_scan *scan, struct str bytes, size_t at, size_t *open)
{
	if (*open == SIZE_MAX)
		return false;
	struct tree_tags *tags = &scan->items[*open];
	tags->close = at;
	tags->end = behind(bytes, at, STR(">"));
	*open = tags->parent;
	return tags->end <= bytes.n;
}

bool tree_scan(struct tree_scan *scan, struct str bytes)
{
	*scan = (struct tree_scan){ 0 };
	size_t open = SIZE_MAX, at = 0;
	while (at < bytes.n) {
		const char *found = memchr(bytes.p + at, '<', bytes.n - at);
		if (!found)
			break;
		at = (size_t)(found - bytes.p);
		struct str rest = str_from(bytes, at);
		if (str_starts(rest, STR("<!--"))) {
			at = behind(bytes, at + 4, STR("-->"));
		} else if (str_starts(rest, STR("<![CDATA["))) {
			at = behind(bytes, at, STR("]]>"));
		} else if (str_starts(rest, STR("<?"))) {
			at = behind(bytes, at, STR("?>"));
		} else if (str_starts(rest, STR("</"))) {
			if (!end_tag(scan, bytes, at, &open))
				return false;
			at += 2;
		} else {
			if (!start_tag(scan, bytes, at, &open))
				return false;
			at = scan->items[scan->count - 1].start_end;
		}
	}
	return open == SIZE_MAX && at <= bytes.n;
}

void tree_scan_release(struct tree_scan *scan)
{
	free(scan->items);
	*scan = (struct tree_scan){ 0 };
}

bool tree_scan_attribute(struct str bytes, size_t *at, struct tree_attribute *attribute)
{
	size_t i = *at;
	while (i < bytes.n && char_is_space(bytes.p[i]))
		i++;
	if (i >= bytes.n || ends_name(bytes.p[i]))
		return false;
	struct tree_attribute found = { .start = i, .name_end = name_end(bytes, i) };
	i = found.name_end;
	while (i < bytes.n && bytes.p[i] != '"' && bytes.p[i] != '\'')
		i++;
	const char *end = i < bytes.n ? memchr(bytes.p + i + 1, bytes.p[i], bytes.n - i - 1) : NULL;
	if (!end)
		return false;
	found.value = i + 1;
	found.value_end = (size_t)(end - bytes.p);
	*at = found.value_end + 1;
	*attribute = found;
	return true;
}
