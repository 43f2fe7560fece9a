#include "pack/documents.h"

#include "base/buf.h"
#include "engine/engine.h"
#include "xml/markup.h"

#include <stdio.h>

/* Where the content of the element is that has this offset in its text. False: nowhere. */
static bool find_content(const struct xml_tree *tree, size_t offset, struct arena *arena,
			 struct tree_span *content)
{
	struct tree_value value;
	struct tree_fault fault;
	struct tree_spans spans;
	if (tree_evaluate(tree, "//*[local-name() = 'payload']", arena, &value, &fault) != 0)
		return false;
	for (size_t i = 0; i < value.count; i++) {
		if (tree_spans(tree, value.nodes[i], &spans, &fault) != 0 || spans.has_elements ||
		    spans.content.start > offset || spans.content.end < offset)
			continue;
		*content = spans.content;
		return true;
	}
	return false;
}

/* Whether it would take the names of the envelope for its own, having no namespace. */
static bool needs_no_namespace(const struct xml_tree *tree, struct arena *arena, size_t *after)
{
	struct tree_value value;
	struct tree_fault fault;
	struct tree_spans spans;
	if (tree_evaluate(tree, "/*[not(namespace::*[name() = ''])]", arena, &value, &fault) != 0 ||
	    !value.count || tree_spans(tree, value.nodes[0], &spans, &fault) != 0)
		return false;
	*after = spans.name.end;
	return true;
}

/* A document and what it is becoming: bytes NULL where nothing has been put into it yet. */
struct growing {
	struct str bytes;
	struct xml_tree *tree; /* of the bytes as they are now; NULL: there is none */
	bool own;	       /* the tree is not the document's as it was sent */
};

/* Put a payload in the place of the text that it was. */
static int put(struct pack_documents *documents, struct growing *outer, size_t start,
	       const struct growing *inner, struct tree_fault *fault)
{
	struct arena *arena = &documents->arena;
	struct tree_span content;
	size_t after;
	struct buf made;
	snprintf(fault->text, sizeof(fault->text), "a payload cannot be put in its place");
	if (!outer->tree || !inner->tree || !find_content(outer->tree, start, arena, &content))
		return -1;
	struct str body = markup_after_declaration(inner->bytes), head = { body.p, 0 };
	if (needs_no_namespace(inner->tree, arena, &after))
		head.n = after - (size_t)(body.p - inner->bytes.p);
	buf_init(&made, SIZE_MAX / 2);
	buf_str(&made, (struct str){ outer->bytes.p, content.start });
	buf_str(&made, head);
	if (head.n)
		buf_text(&made, " xmlns=\"\"");
	buf_str(&made, str_from(body, head.n));
	buf_str(&made, str_from(outer->bytes, content.end));
	struct str bytes = arena_str(arena, buf_view(&made));
	buf_release(&made);
	struct xml_tree *tree = NULL;
	if (made.failed || !bytes.p || tree_parse(&tree, bytes, fault) != 0)
		return -1;
	if (outer->own)
		tree_free(outer->tree);
	*outer = (struct growing){ bytes, tree, true };
	return 0;
}

/*
 * From the last to the first, so that a payload is whole before it is put into its envelope, and
 * the places of earlier ones in the envelope stay as they are. A payload that is not well-formed,
 * or that has no place, makes the whole unusable: its statements cannot be made.
 */
static void put_payloads(struct pack_documents *documents, const struct engine_documents *list,
			 struct growing *growing)
{
	for (size_t i = list->count; i-- > 0;) {
		const struct engine_document *from = &list->items[i];
		struct pack_document *document = &documents->items[i];
		document->decoded = growing[i].own ? growing[i].tree : NULL;
		if (from->around == SIZE_MAX)
			continue;
		struct pack_document *around = &documents->items[from->around];
		document->is_payload = true;
		around->has_message = around->has_message || document->has_message;
		if (around->broken || !around->tree)
			continue;
		if (!document->tree || document->broken)
			around->fault = document->fault;
		around->broken = !document->tree || document->broken ||
				 put(documents, &growing[from->around], from->start, &growing[i],
				     &around->fault) != 0;
	}
}

static void plant(struct pack_document *document, struct growing *growing, struct str bytes)
{
	if (tree_parse(&document->tree, bytes, &document->fault) != 0)
		document->tree = NULL;
	*growing = (struct growing){ bytes, document->tree, false };
}

static void out_of_memory(struct pack_documents *documents)
{
	documents->count = 0;
	documents->fault.is_limit = true;
	snprintf(documents->fault.text, sizeof(documents->fault.text), "out of memory");
}

/* A document as it is, in which nothing is encoded: most are. False: it may be something else. */
static bool open_plain(struct pack_documents *documents, struct str bytes, struct xml_tree *tree)
{
	struct tree_value value;
	struct tree_fault fault;
	bool begins = str_starts(str_trim(bytes), STR("<"));
	if (!tree && (!begins || tree_parse(&tree, bytes, &fault) != 0))
		return false;
	bool plain = tree_evaluate(tree, "boolean(//*[local-name() = 'payload'][not(*)])",
				   &documents->arena, &value, &fault) == 0 &&
		     !value.truth;
	struct pack_document *one = plain ? arena_alloc(&documents->arena, sizeof(*one)) : NULL;
	if (!one) {
		tree_free(tree);
		return false;
	}
	*one = (struct pack_document){ .tree = tree, .has_message = true };
	documents->items = one;
	documents->count = 1;
	return true;
}

void pack_documents_open(struct pack_documents *documents, struct str bytes, struct xml_tree *tree,
			 const struct cpis_options *options)
{
	struct engine_documents list = { 0 };
	*documents = (struct pack_documents){ 0 };
	if (open_plain(documents, bytes, tree))
		return;
	int status = engine_documents(&list, bytes, options);
	arena_take(&documents->arena, &list.arena);
	documents->items =
		arena_alloc(&documents->arena, list.count * sizeof(*documents->items) + 1);
	struct growing *growing = arena_alloc(&documents->arena, list.count * sizeof(*growing) + 1);
	if (status != 0 || !documents->items || !growing) {
		out_of_memory(documents);
		return;
	}
	documents->count = list.count;
	for (size_t i = 0; i < list.count; i++) {
		documents->items[i].member = list.items[i].member;
		documents->items[i].has_message = list.items[i].has_message;
		plant(&documents->items[i], &growing[i], list.items[i].bytes);
	}
	put_payloads(documents, &list, growing);
	if (!list.count)
		snprintf(documents->fault.text, sizeof(documents->fault.text),
			 "it has no XML document");
}

void pack_documents_close(struct pack_documents *documents)
{
	for (size_t i = 0; i < documents->count; i++) {
		tree_free(documents->items[i].tree);
		tree_free(documents->items[i].decoded);
	}
	arena_release(&documents->arena);
	*documents = (struct pack_documents){ 0 };
}

const struct pack_document *pack_documents_next(const struct pack_documents *documents,
						size_t *place)
{
	bool any = false;
	for (size_t i = 0; i < documents->count; i++)
		any = any || documents->items[i].has_message;
	while (*place < documents->count) {
		const struct pack_document *document = &documents->items[(*place)++];
		if (!document->is_payload && (document->has_message || !any))
			return document;
	}
	return NULL;
}

const struct xml_tree *pack_document_whole(const struct pack_document *document)
{
	if (document->broken)
		return NULL;
	return document->decoded ? document->decoded : document->tree;
}
