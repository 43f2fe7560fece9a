/*
 * schematron_model.h - a Schematron file as it was read: between schematron.c, which reads it, and
 * schematron_run.c, which judges by it.
 */
#ifndef CPIS_XML_SCHEMATRON_MODEL_H
#define CPIS_XML_SCHEMATRON_MODEL_H

#include "xml/schematron.h"

#include <libxml/tree.h>

/* An expression by its place in the list of all: a run keeps its compiled form under the same number. */
typedef size_t sch_expression;

struct sch_let {
	const char *name;
	sch_expression value;
	size_t line;
};

struct sch_lets {
	struct sch_let *items;
	size_t count;
};

/* A piece of an assertion's sentence: words, or the value of an expression (or its node's name). */
struct sch_piece {
	const char *words; /* NULL: select */
	sch_expression select;
	bool name_only;
};

struct sch_assertion {
	struct schematron_assertion about;
	bool is_report; /* found when the test is true */
	sch_expression test;
	bool has_subject;
	sch_expression subject;
	struct sch_piece *pieces;
	size_t piece_count;
	size_t number; /* among all assertions */
};

struct sch_rule {
	sch_expression context; /* selects, from the document, the nodes that the rule fires for */
	struct sch_lets lets;
	struct sch_assertion *assertions;
	size_t assertion_count;
};

struct sch_pattern {
	const char *id;
	bool active;
	struct sch_lets lets;
	struct sch_rule *rules;
	size_t rule_count;
};

struct sch_namespace {
	const char *prefix, *uri;
};

struct schematron {
	struct arena arena;
	const char *path;
	xmlDoc *doc;
	const char *failed_text; /* why it is refused, at failed_line; NULL: it is not */
	size_t failed_line;
	struct sch_namespace *namespaces;
	size_t namespace_count;
	struct sch_lets lets;
	struct sch_pattern *patterns;
	size_t pattern_count;
	const char **expressions;
	size_t *expression_lines;
	size_t expression_count, expression_room;
	struct sch_assertion **assertions;
	size_t assertion_count, assertion_room;
};

#endif
