#include "pack/mutant.h"

#include "message/identifiers.h"
#include "message/timestamp.h"

#include <stdio.h>

enum { MOST_VALUE = 512 };

struct making {
	const struct xml_tree *tree;
	struct str bytes;
	struct arena *arena;
	struct buf document;
	int (*each)(void *context, const struct mutant *mutant);
	void *context;
	size_t line, counted; /* lines up to a place in the bytes */
};

static size_t line_of(struct making *making, size_t offset)
{
	if (offset < making->counted)
		making->counted = making->line = 0;
	for (; making->counted < offset; making->counted++)
		making->line += making->bytes.p[making->counted] == '\n';
	return making->line + 1;
}

/* The document with other text in place of one range of its bytes. */
static int replace(struct making *making, const char *change, const char *path,
		   struct tree_span span, struct str text)
{
	buf_reset(&making->document);
	buf_str(&making->document, (struct str){ making->bytes.p, span.start });
	buf_str(&making->document, text);
	buf_str(&making->document, str_from(making->bytes, span.end));
	const struct mutant mutant = { change, path, line_of(making, span.start),
				       buf_view(&making->document) };
	return making->document.failed ? -1 : making->each(making->context, &mutant);
}

static struct str slice(const struct making *making, struct tree_span span)
{
	return (struct str){ making->bytes.p + span.start, span.end - span.start };
}

/* Mistakes that people make, by the kind of value. Each fills out, or returns false. */

static bool wrong_check_digit(const char *name, struct str value, char *out)
{
	(void)name;
	struct nhs_number number = nhs_number_of(value);
	if (!nhs_number_is_valid(&number))
		return false;
	memcpy(out, value.p, 10);
	out[9] = (char)('0' + (out[9] - '0' + 1) % 10);
	out[10] = '\0';
	return true;
}

static bool is_time(struct str value)
{
	struct nhs_number number = nhs_number_of(value);
	bool year = value.n >= 8 && (str_starts(value, STR("19")) || str_starts(value, STR("20")));
	return year && !nhs_number_is_valid(&number) && moment_of(value).ok;
}

static bool day_that_does_not_exist(const char *name, struct str value, char *out)
{
	(void)name;
	if (!is_time(value))
		return false;
	memcpy(out, value.p, value.n);
	memcpy(out + 4, "0230", 4);
	out[value.n] = '\0';
	return true;
}

static bool a_century_on(const char *name, struct str value, char *out)
{
	(void)name;
	if (!is_time(value))
		return false;
	memcpy(out, value.p, value.n);
	memcpy(out, out[0] == '1' ? "20" : "21", 2);
	out[value.n] = '\0';
	return true;
}

static bool one_more(const char *name, struct str value, char *out)
{
	(void)name;
	if (value.n > 4 || !str_is_digits(value))
		return false;
	int number = 0;
	for (size_t i = 0; i < value.n; i++)
		number = number * 10 + value.p[i] - '0';
	snprintf(out, MOST_VALUE, "%d", number + 1);
	return true;
}

static bool code_that_does_not_exist(const char *name, struct str value, char *out)
{
	bool is_code = strcmp(name, "code") == 0 || strcmp(name, "use") == 0 ||
		       strcmp(name, "typeCode") == 0;
	snprintf(out, MOST_VALUE, "%.*sQ", STR_ARG(value));
	return is_code;
}

static bool other_oid(const char *name, struct str value, char *out)
{
	(void)name;
	size_t dots = 0;
	for (size_t i = 0; i < value.n; i++) {
		dots += value.p[i] == '.';
		if (value.p[i] != '.' && !char_is_digit(value.p[i]))
			return false;
	}
	snprintf(out, MOST_VALUE, "%.*s.7", STR_ARG(value));
	return dots > 3;
}

static bool id_of_other_letters(const char *name, struct str value, char *out)
{
	(void)name;
	if (value.n != 36 || value.p[8] != '-' || value.p[13] != '-')
		return false;
	for (size_t i = 0; i < value.n; i++)
		out[i] = value.p[i] >= 'A' && value.p[i] <= 'F' ? (char)(value.p[i] + 32)
								: value.p[i];
	out[value.n] = '\0';
	return !str_equal(value, (struct str){ out, value.n });
}

static const struct {
	const char *change;
	bool (*make)(const char *name, struct str value, char *out);
} wrongs[] = {
	{ "wrong check digit", wrong_check_digit },
	{ "a day that does not exist", day_that_does_not_exist },
	{ "a century later", a_century_on },
	{ "one more", one_more },
	{ "a code that does not exist", code_that_does_not_exist },
	{ "another OID", other_oid },
	{ "lower case", id_of_other_letters },
};

static int mutate_value(struct making *making, const char *path, const char *name,
			struct tree_span content)
{
	struct str value = slice(making, content);
	char out[MOST_VALUE];
	int status = 0;
	if (!value.n || value.n + 8 > sizeof(out))
		return 0;
	if (!str_is_blank(value))
		status = replace(making, "blank", path, content, STR(""));
	for (size_t i = 0; status == 0 && i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
		if (wrongs[i].make(name, value, out))
			status = replace(making, wrongs[i].change, path, content, str_of(out));
	return status;
}

static int mutate_attribute(struct making *making, struct tree_node node)
{
	struct tree_spans spans;
	struct tree_fault fault;
	const char *element, *attribute;
	if (tree_spans(making->tree, node, &spans, &fault) != 0)
		return 0;
	const char *path = tree_path(node, making->arena);
	tree_names(node, &element, &attribute);
	if (!path || !attribute)
		return -1;
	if (replace(making, "drop", path, spans.whole, STR("")) != 0)
		return -1;
	return mutate_value(making, path, attribute, spans.content);
}

/* Two elements with nothing but white space between them change places. */
static int swap(struct making *making, const char *path, struct tree_span first,
		struct tree_span second)
{
	struct tree_span between = { first.end, second.start };
	if (second.start < first.end || !str_is_blank(slice(making, between)))
		return 0;
	struct str a = slice(making, first), b = slice(making, second);
	if (str_equal(a, b))
		return 0;
	struct buf swapped;
	buf_init(&swapped, SIZE_MAX / 2);
	buf_str(&swapped, b);
	buf_str(&swapped, slice(making, between));
	buf_str(&swapped, a);
	int status = swapped.failed ? -1
				    : replace(making, "swap with the next", path,
					      (struct tree_span){ first.start, second.end },
					      buf_view(&swapped));
	buf_release(&swapped);
	return status;
}

static int mutate_element(struct making *making, struct tree_node node, const struct tree_spans *is,
			  const struct tree_spans *next)
{
	const char *element, *attribute, *path = tree_path(node, making->arena);
	tree_names(node, &element, &attribute);
	if (!path)
		return -1;
	if (replace(making, "drop", path, is->whole, STR("")) != 0 ||
	    replace(making, "duplicate", path, (struct tree_span){ is->whole.end, is->whole.end },
		    slice(making, is->whole)) != 0)
		return -1;
	if (next && swap(making, path, is->whole, next->whole) != 0)
		return -1;
	if (is->has_elements || is->empty_tag)
		return 0;
	return mutate_value(making, path, element, is->content);
}

/* The next element of the list that is not inside this one. */
static const struct tree_spans *next_outside(const struct tree_spans *spans, size_t i, size_t count)
{
	for (size_t k = i + 1; k < count; k++)
		if (spans[k].whole.start >= spans[i].whole.end)
			return &spans[k];
	return NULL;
}

static int mutate_elements(struct making *making, const struct tree_value *elements)
{
	struct tree_fault fault;
	struct tree_spans *spans = arena_alloc(making->arena, elements->count * sizeof(*spans) + 1);
	if (!spans)
		return -1;
	for (size_t i = 0; i < elements->count; i++)
		if (tree_spans(making->tree, elements->nodes[i], &spans[i], &fault) != 0)
			return -1;
	/* The root is what the message is. */
	for (size_t i = 1; i < elements->count; i++)
		if (mutate_element(making, elements->nodes[i], &spans[i],
				   next_outside(spans, i, elements->count)) != 0)
			return -1;
	return 0;
}

static int make_all(struct making *making)
{
	struct tree_value elements, attributes;
	struct tree_fault fault;
	if (tree_evaluate(making->tree, "//*", making->arena, &elements, &fault) != 0 ||
	    tree_evaluate(making->tree, "//@*", making->arena, &attributes, &fault) != 0)
		return -1;
	if (mutate_elements(making, &elements) != 0)
		return -1;
	for (size_t i = 0; i < attributes.count; i++)
		if (mutate_attribute(making, attributes.nodes[i]) != 0)
			return -1;
	return 0;
}

int mutants_of(const struct xml_tree *tree, struct str bytes,
	       int (*each)(void *context, const struct mutant *mutant), void *context)
{
	struct arena arena;
	arena_init(&arena);
	struct making making = {
		.tree = tree, .bytes = bytes, .arena = &arena, .each = each, .context = context
	};
	buf_init(&making.document, SIZE_MAX / 2);
	int status = make_all(&making);
	if (arena.failed)
		status = -1;
	buf_release(&making.document);
	arena_release(&arena);
	return status;
}
