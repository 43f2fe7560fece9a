/*
 * tree.h - a whole message as a tree for XPath, with the bytes of every node.
 *
 * For packs: edits, assertions and the places of expected findings. (Judging needs no tree.) The
 * tree is read only; an edit is made on the bytes that a node stands for (tree_spans), so that
 * everything around it stays as it was written. Then a new tree is parsed.
 *
 * UTF-8 only, no document type, no entities, nothing loaded from anywhere.
 */
#ifndef CPIS_XML_TREE_H
#define CPIS_XML_TREE_H

#include "base/arena.h"

struct xml_tree;

struct tree_fault {
	size_t line, column; /* in the message; 0 where there is no place */
	bool is_limit;	     /* of memory or size: it says nothing of the message */
	char text[512];
};

enum tree_kind {
	TREE_ELEMENT,
	TREE_ATTRIBUTE,
	TREE_TEXT,
	TREE_OTHER /* a comment, a processing instruction, the document, a namespace */
};

/* Borrowed from the tree. */
struct tree_node {
	enum tree_kind kind;
	const void *handle;
};

/* Parse the bytes, which must stay as long as the tree. -1 with the reason in *fault. */
int tree_parse(struct xml_tree **tree, struct str bytes, struct tree_fault *fault);
void tree_free(struct xml_tree *tree);

/*
 * All XPaths of a tree together may take so much of the processor's time (usually a minute), and
 * each may hold as much memory as the document and 64 MiB.
 */
void tree_set_seconds(const struct xml_tree *tree, size_t seconds);
struct xml_budget;
struct xml_budget *tree_budget(const struct xml_tree *tree);

enum tree_value_kind { TREE_NODES, TREE_STRING, TREE_NUMBER, TREE_BOOLEAN };

/* What an expression came to. */
struct tree_value {
	enum tree_value_kind kind;
	struct tree_node *nodes; /* TREE_NODES: in order of the document */
	size_t count;
	const char *text; /* as XPath's string() has it; of the first node, "" when there is none */
	bool truth;	  /* as XPath's boolean() has it */
};

/* Evaluate (see xml/xpath.h for names and prefixes). The value is in arena. -1: see *fault. */
int tree_evaluate(const struct xml_tree *tree, const char *xpath, struct arena *arena,
		  struct tree_value *value, struct tree_fault *fault);

/*
 * "/File/record[2]/id/@extension": local names, and a place among siblings of that name only where
 * there are several. As findings have it (xml/locate.h). In arena; NULL when out of memory.
 */
const char *tree_path(struct tree_node node, struct arena *arena);

/* Local names of the element, and of the attribute or NULL. Borrowed from the tree. */
void tree_names(struct tree_node node, const char **element, const char **attribute);

/* What a node is, for a sentence: the name of an element or attribute, or "the document", "a text".
 * Static, or borrowed from the tree. */
const char *tree_noun(struct tree_node node);

/* Half-open ranges of bytes. */
struct tree_span {
	size_t start, end;
};

struct tree_spans {
	struct tree_span whole;	   /* an element with both tags; an attribute with its name */
	struct tree_span content;  /* between the tags, or the quotes */
	struct tree_span name;	   /* as written, with its prefix */
	struct tree_span end_name; /* in the end tag; empty where there is none */
	bool empty_tag;		   /* <a/>: content is empty and is at the "/" */
	bool has_elements;	   /* an element with elements in it */
	char quote;		   /* of an attribute */
};

/* Where a node is in the bytes. A text is all there is between its parent's tags. -1: see
 * *fault. */
int tree_spans(const struct xml_tree *tree, struct tree_node node, struct tree_spans *spans,
	       struct tree_fault *fault);

#endif
