#include "pack/edit.h"

#include "base/arena.h"
#include "base/splices.h"
#include "config/value.h"
#include "diag/mask.h"
#include "xml/tree.h"

#include <stdlib.h>

/*
 * An edit makes a message larger, and each is followed by a new tree of it. What the edits of a
 * case may add, and how many bytes all these trees may be of: sixteen times the message and this.
 */
enum { MOST_ADDED_BYTES = 8 * 1024 * 1024, MOST_PARSED_BYTES = 64 * 1024 * 1024 };

static bool grows_beyond(const struct splices *splices, const struct buf *bytes)
{
	size_t left = bytes->max_bytes - bytes->n;
	for (size_t i = 0; i < splices->count; i++)
		left += splices->items[i].end - splices->items[i].start;
	for (size_t i = 0; i < splices->count; i++) {
		if (splices->items[i].text.n > left)
			return true;
		left -= splices->items[i].text.n;
	}
	return false;
}

/* One edit at work on one message. */
struct editing {
	const char *file; /* of the pack */
	const struct pack_edit *edit;
	struct str bytes;
	const struct xml_tree *tree;
	struct arena *arena; /* of this edit */
	struct splices *splices;
	struct problems *problems;
};

struct edit_kind {
	/* Change one node that the edit selects. -1: a problem has been added. */
	int (*apply)(const struct editing *editing, struct tree_node node,
		     const struct tree_spans *spans);
	bool lone; /* it must select one node, not several */
	/* What is wrong with the keys together, or NULL. The column may be NULL. */
	const char *(*complaint)(const struct pack_edit *edit);
};

/* Add the problem "'value' why" at the place of the value; returns -1. */
static int refuse(const struct editing *editing, const struct config_text *value, const char *why)
{
	problem_add(editing->problems, editing->file, value->place, "'%s' %s",
		    masker_xpath(NULL, editing->arena, value->text), why);
	return -1;
}

static struct str slice(const struct editing *editing, struct tree_span span)
{
	return (struct str){ editing->bytes.p + span.start, span.end - span.start };
}

static void put(const struct editing *editing, struct tree_span span, struct str text)
{
	splices_add(editing->splices, span.start, span.end, text);
}

static struct str escaped(const struct editing *editing, const char *text, char quote)
{
	struct buf out;
	buf_init(&out, 64 * 1024 * 1024);
	for (const char *p = text; *p; p++) {
		if (*p == '&')
			buf_text(&out, "&amp;");
		else if (*p == '<')
			buf_text(&out, "&lt;");
		else if (*p == '>')
			buf_text(&out, "&gt;");
		else if (quote && (*p == quote || *p == '\t' || *p == '\n'))
			buf_printf(&out, "&#%d;", *p);
		else if (*p == '\r')
			buf_text(&out, "&#13;");
		else
			buf_char(&out, *p);
	}
	struct str copy = arena_str(editing->arena, buf_view(&out));
	if (out.failed)
		editing->arena->failed = true;
	buf_release(&out);
	return copy;
}

/* New content for an element; one that was empty gets an end tag. */
static void put_content(const struct editing *editing, const struct tree_spans *spans,
			struct tree_span range, struct str text)
{
	if (!spans->empty_tag) {
		put(editing, range, text);
		return;
	}
	const char *full = arena_printf(editing->arena, ">%.*s</%.*s>", (int)text.n, text.p,
					STR_ARG(slice(editing, spans->name)));
	put(editing, (struct tree_span){ spans->whole.end - 2, spans->whole.end }, str_of(full));
}

static int edit_set(const struct editing *editing, struct tree_node node,
		    const struct tree_spans *spans)
{
	if (spans->has_elements)
		return refuse(editing, &editing->edit->at,
			      "selects an element with elements in it: use 'text' or 'empty'");
	struct str text = escaped(editing, editing->edit->to.text, spans->quote);
	if (node.kind == TREE_ATTRIBUTE)
		put(editing, spans->content, text);
	else
		put_content(editing, spans, spans->content, text);
	return 0;
}

/* The text at the start of an element; elements after it stay. */
static int edit_text(const struct editing *editing, struct tree_node node,
		     const struct tree_spans *spans)
{
	if (node.kind == TREE_ATTRIBUTE)
		return refuse(editing, &editing->edit->at, "selects an attribute: use 'set'");
	struct str content = slice(editing, spans->content);
	const char *markup = memchr(content.p, '<', content.n);
	struct tree_span front = spans->content;
	if (markup)
		front.end = front.start + (size_t)(markup - content.p);
	put_content(editing, spans, front, escaped(editing, editing->edit->to.text, '\0'));
	return 0;
}

static int edit_delete(const struct editing *editing, struct tree_node node,
		       const struct tree_spans *spans)
{
	struct tree_span range = spans->whole;
	while (node.kind == TREE_ATTRIBUTE && char_is_space(editing->bytes.p[range.start - 1]))
		range.start--;
	put(editing, range, STR(""));
	return 0;
}

static int edit_empty(const struct editing *editing, struct tree_node node,
		      const struct tree_spans *spans)
{
	(void)node;
	put(editing, spans->content, STR(""));
	return 0;
}

static int edit_duplicate(const struct editing *editing, struct tree_node node,
			  const struct tree_spans *spans)
{
	if (node.kind != TREE_ELEMENT)
		return refuse(editing, &editing->edit->at,
			      "selects something that is not an element");
	put(editing, (struct tree_span){ spans->whole.end, spans->whole.end },
	    slice(editing, spans->whole));
	return 0;
}

/* A new name without a prefix keeps the old prefix, so the namespace stays. */
static int edit_rename(const struct editing *editing, struct tree_node node,
		       const struct tree_spans *spans)
{
	if (node.kind == TREE_TEXT)
		return refuse(editing, &editing->edit->at, "selects a text, which has no name");
	struct str old = slice(editing, spans->name);
	struct str name = str_of(editing->edit->to.text);
	const char *colon = memchr(old.p, ':', old.n);
	if (colon && !memchr(name.p, ':', name.n))
		name = str_of(arena_printf(editing->arena, "%.*s:%s", (int)(colon - old.p), old.p,
					   name.p));
	put(editing, spans->name, name);
	if (spans->end_name.end)
		put(editing, spans->end_name, name);
	return 0;
}

static void put_beside(const struct editing *editing, const struct tree_spans *spans,
		       enum edit_where where, struct str xml)
{
	const struct tree_span at[] = {
		[WHERE_BEFORE] = { spans->whole.start, spans->whole.start },
		[WHERE_AFTER] = { spans->whole.end, spans->whole.end },
		[WHERE_FIRST] = { spans->content.start, spans->content.start },
		[WHERE_LAST] = { spans->content.end, spans->content.end },
	};
	if (where == WHERE_FIRST || where == WHERE_LAST)
		put_content(editing, spans, at[where], xml);
	else
		put(editing, at[where], xml);
}

static int edit_insert(const struct editing *editing, struct tree_node node,
		       const struct tree_spans *spans)
{
	const struct pack_edit *edit = editing->edit;
	if (node.kind != TREE_ELEMENT)
		return refuse(editing, &edit->at, "selects something that is not an element");
	const char *xml = edit->xml.text;
	if (edit->attribute.text) {
		struct str value = escaped(editing, edit->to.text, '"');
		xml = arena_printf(editing->arena, " %s=\"%.*s\"", edit->attribute.text,
				   (int)value.n, value.p);
		put(editing, (struct tree_span){ spans->name.end, spans->name.end }, str_of(xml));
		return 0;
	}
	struct str name = slice(editing, spans->name);
	const char *colon = memchr(name.p, ':', name.n);
	int prefix = colon ? (int)(colon - name.p) + 1 : 0;
	if (edit->name.text && strchr(edit->name.text, ':'))
		prefix = 0;
	if (edit->name.text)
		xml = arena_printf(editing->arena, "<%.*s%s/>", prefix, name.p, edit->name.text);
	put_beside(editing, spans, (enum edit_where)edit->where.value, str_of(xml));
	return 0;
}

static const char *insert_complaint(const struct pack_edit *edit)
{
	int given = (edit->xml.text != NULL) + (edit->name.text != NULL) +
		    (edit->attribute.text != NULL);
	if (given != 1)
		return "an insert has exactly one of 'xml', 'name' and 'attribute'";
	if (edit->attribute.text && !edit->to.text)
		return "an inserted attribute needs its value in 'to'";
	if (!edit->attribute.text && edit->to.text)
		return "'to' goes with 'attribute' only";
	if (!edit->attribute.text && !edit->where.given)
		return "an insert needs 'where': before, after, first or last";
	return edit->attribute.text && edit->where.given ? "'where' does not go with 'attribute'"
							 : NULL;
}

/* The one element that an XPath selects. */
static int select_one(const struct editing *editing, const struct config_text *xpath,
		      struct tree_spans *spans)
{
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(editing->tree, xpath->text, editing->arena, &value, &fault) != 0)
		return refuse(editing, xpath, fault.text);
	if (value.kind != TREE_NODES || value.count != 1 || value.nodes[0].kind != TREE_ELEMENT)
		return refuse(editing, xpath, "must select exactly one element");
	if (tree_spans(editing->tree, value.nodes[0], spans, &fault) != 0)
		return refuse(editing, xpath, fault.text);
	return 0;
}

static bool overlap(struct tree_span a, struct tree_span b)
{
	return a.start < b.end && b.start < a.end;
}

static int edit_move(const struct editing *editing, struct tree_node node,
		     const struct tree_spans *spans)
{
	struct tree_spans target;
	if (select_one(editing, &editing->edit->target, &target) != 0)
		return -1;
	bool inside =
		target.whole.start >= spans->whole.start && target.whole.end <= spans->whole.end;
	if (node.kind != TREE_ELEMENT || inside)
		return refuse(editing, &editing->edit->target, "is inside what is moved");
	put(editing, spans->whole, STR(""));
	put_beside(editing, &target, (enum edit_where)editing->edit->where.value,
		   slice(editing, spans->whole));
	return 0;
}

static int edit_swap(const struct editing *editing, struct tree_node node,
		     const struct tree_spans *spans)
{
	struct tree_spans other;
	if (select_one(editing, &editing->edit->target, &other) != 0)
		return -1;
	if (node.kind != TREE_ELEMENT || overlap(spans->whole, other.whole))
		return refuse(editing, &editing->edit->target,
			      "overlaps with what it is swapped with");
	put(editing, spans->whole, slice(editing, other.whole));
	put(editing, other.whole, slice(editing, spans->whole));
	return 0;
}

#define AT                                                                                         \
	{                                                                                          \
		"at", FIELD_TEXT, .required = true, .check = value_is_xpath,                       \
				  .offset = offsetof(struct pack_edit, at)                         \
	}

#define OTHER(key_name)                                                                            \
	{                                                                                          \
		key_name, FIELD_TEXT, .required = true, .check = value_is_xpath,                   \
				      .offset = offsetof(struct pack_edit, target)                 \
	}

static const char *const places[] = {
	[WHERE_BEFORE] = "before",
	[WHERE_AFTER] = "after",
	[WHERE_FIRST] = "first",
	[WHERE_LAST] = "last",
	NULL,
};

static const struct field at_fields[] = { AT };

static const struct field value_fields[] = {
	AT,
	{ "to", FIELD_TEXT, .required = true, .may_be_empty = true,
	  .offset = offsetof(struct pack_edit, to) },
};

static const struct field rename_fields[] = {
	AT,
	{ "to", FIELD_TEXT, .required = true, .check = value_is_xml_name,
	  .offset = offsetof(struct pack_edit, to) },
};

static const struct field insert_fields[] = {
	AT,
	{ "xml", FIELD_TEXT, .offset = offsetof(struct pack_edit, xml) },
	{ "name", FIELD_TEXT, .check = value_is_xml_name,
	  .offset = offsetof(struct pack_edit, name) },
	{ "attribute", FIELD_TEXT, .check = value_is_xml_name,
	  .offset = offsetof(struct pack_edit, attribute) },
	{ "to", FIELD_TEXT, .may_be_empty = true, .offset = offsetof(struct pack_edit, to) },
	{ "where", FIELD_CHOICE, .choices = places, .offset = offsetof(struct pack_edit, where) },
};

static const struct field move_fields[] = {
	AT,
	OTHER("to"),
	{ "where", FIELD_CHOICE, .required = true, .choices = places,
	  .offset = offsetof(struct pack_edit, where) },
};

static const struct field swap_fields[] = { AT, OTHER("with") };

#define EDIT(words, table, ...)                                                                    \
	{                                                                                          \
		.what = words, .bytes = sizeof(struct pack_edit), FIELDS(table), __VA_ARGS__       \
	}

static const struct mapping at_mapping = EDIT("the edit", at_fields, .shorthand = "at");
static const struct mapping set_mapping = EDIT("'set'", value_fields, .shorthand = NULL);
static const struct mapping text_mapping = EDIT("'text'", value_fields, .shorthand = NULL);
static const struct mapping rename_mapping = EDIT("'rename'", rename_fields, .shorthand = NULL);
static const struct mapping insert_mapping = EDIT("'insert'", insert_fields, .shorthand = NULL);
static const struct mapping move_mapping = EDIT("'move'", move_fields, .shorthand = NULL);
static const struct mapping swap_mapping = EDIT("'swap'", swap_fields, .shorthand = NULL);

enum {
	KIND_SET,
	KIND_TEXT,
	KIND_DELETE,
	KIND_EMPTY,
	KIND_DUPLICATE,
	KIND_RENAME,
	KIND_INSERT,
	KIND_MOVE,
	KIND_SWAP,
	KIND_COUNT
};

static const struct variant variants[KIND_COUNT] = {
	[KIND_SET] = { "set", &set_mapping },
	[KIND_TEXT] = { "text", &text_mapping },
	[KIND_DELETE] = { "delete", &at_mapping },
	[KIND_EMPTY] = { "empty", &at_mapping },
	[KIND_DUPLICATE] = { "duplicate", &at_mapping },
	[KIND_RENAME] = { "rename", &rename_mapping },
	[KIND_INSERT] = { "insert", &insert_mapping },
	[KIND_MOVE] = { "move", &move_mapping },
	[KIND_SWAP] = { "swap", &swap_mapping },
};

static const struct edit_kind kinds[KIND_COUNT] = {
	[KIND_SET] = { edit_set, false, NULL },
	[KIND_TEXT] = { edit_text, false, NULL },
	[KIND_DELETE] = { edit_delete, false, NULL },
	[KIND_EMPTY] = { edit_empty, false, NULL },
	[KIND_DUPLICATE] = { edit_duplicate, false, NULL },
	[KIND_RENAME] = { edit_rename, false, NULL },
	[KIND_INSERT] = { edit_insert, false, insert_complaint },
	[KIND_MOVE] = { edit_move, true, NULL },
	[KIND_SWAP] = { edit_swap, true, NULL },
};

const struct mapping pack_edit_mapping = {
	.what = "an edit",
	.bytes = sizeof(struct pack_edit),
	VARIANTS(variants),
	.variant_offset = offsetof(struct pack_edit, kind),
};

void pack_edits_check(const char *file, const struct pack_edit *edits, size_t count,
		      struct problems *problems)
{
	for (size_t i = 0; i < count; i++) {
		const struct edit_kind *kind = &kinds[edits[i].kind];
		const char *complaint = kind->complaint ? kind->complaint(&edits[i]) : NULL;
		if (complaint)
			problem_add(problems, file, edits[i].place, "%s", complaint);
	}
}

/* Collect what changes in every node that the edit selects. */
static int plan(const struct editing *editing)
{
	const struct config_text *at = &editing->edit->at;
	const struct edit_kind *kind = &kinds[editing->edit->kind];
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(editing->tree, at->text, editing->arena, &value, &fault) != 0)
		return refuse(editing, at, fault.text);
	if (value.kind != TREE_NODES)
		return refuse(editing, at,
			      "gives a value, and must select something in the message");
	if (!value.count)
		return refuse(editing, at, "selects nothing in the message");
	if (kind->lone && value.count > 1)
		return refuse(editing, at, "selects several, and must select one");
	for (size_t i = 0; i < value.count; i++) {
		struct tree_spans spans;
		if (tree_spans(editing->tree, value.nodes[i], &spans, &fault) != 0)
			return refuse(editing, at, fault.text);
		if (kind->apply(editing, value.nodes[i], &spans) != 0)
			return -1;
	}
	return 0;
}

static int apply_one(const char *file, const struct pack_edit *edit, struct buf *bytes,
		     const struct xml_tree *tree, struct problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	struct splices splices = { 0 };
	const struct editing editing = { file,	 edit,	   buf_view(bytes), tree,
					 &arena, &splices, problems };
	int status = plan(&editing);
	if (status == 0 && grows_beyond(&splices, bytes)) {
		problem_add(problems, file, edit->place,
			    "the message would be larger than the limit after this edit: %d MiB "
			    "may be added",
			    MOST_ADDED_BYTES / 1024 / 1024);
		status = -1;
	} else if (status == 0 && (arena.failed || splices_apply(&splices, bytes) != 0)) {
		problem_add_internal(problems, file, "out of memory");
		status = -1;
	}
	splices_release(&splices);
	arena_release(&arena);
	return status;
}

int pack_edits_apply(const char *file, const struct pack_edit *edits, size_t count,
		     struct buf *bytes, struct xml_tree **tree, struct problems *problems)
{
	struct xml_tree *now = NULL;
	struct tree_fault fault;
	size_t may_have = bytes->max_bytes, left = 16 * bytes->n + MOST_PARSED_BYTES;
	if (tree_parse(&now, buf_view(bytes), &fault) != 0) {
		problem_add(problems, file, edits[0].place, "the message cannot be edited: %s",
			    fault.text);
		return -1;
	}
	bytes->max_bytes = bytes->n + MOST_ADDED_BYTES;
	for (size_t i = 0; i < count; i++) {
		int status = apply_one(file, &edits[i], bytes, now, problems);
		tree_free(now);
		now = NULL;
		if (status != 0)
			return -1;
		if (bytes->n > left) {
			problem_add(problems, file, edits[i].place,
				    "the edits up to here take more time than the limit");
			return -1;
		}
		left -= bytes->n;
		if (tree_parse(&now, buf_view(bytes), &fault) != 0) {
			problem_add(problems, file, edits[i].place,
				    "the message is no longer well-formed after this edit: %s",
				    fault.text);
			return -1;
		}
	}
	bytes->max_bytes = may_have;
	*tree = now;
	return 0;
}
