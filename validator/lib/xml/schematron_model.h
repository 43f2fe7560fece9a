/*
 * schematron_model.h - a Schematron file as it was read: between schematron.c, which reads it, and
 * schematron_run.c, which judges by it.
 */
#ifndef CPIS_XML_SCHEMATRON_MODEL_H
#define CPIS_XML_SCHEMATRON_MODEL_H

#include "xml/schematron.h"

#include <libxml/tree.h>

/* An expression by its place in the list of all: a run keeps its compiled form under the same
 * number. */
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
	/* Select, from the document, the nodes that the rule fires for: one for each alternative,
	 * since libxml2 takes quadratic time over a union. */
	sch_expression *contexts;
	size_t context_count;
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

#define SCHEMATRON_NAMESPACE "http://purl.oclc.org/dsdl/schematron"

enum { MOST_PARAMETERS = 64 };

/* What an abstract pattern's $names stand for. */
struct parameters {
	const char *names[MOST_PARAMETERS], *values[MOST_PARAMETERS];
	size_t count;
};

/* The file cannot be used, because of this node; only the first reason counts. %s is the detail.
 * Returns -1. */
int sch_refuse(struct schematron *file, const xmlNode *node, const char *format,
	       const char *detail);

/* Whether a node is the Schematron element of this name. */
bool sch_is(const xmlNode *node, const char *name);

/* An attribute's value in the file's arena; NULL where it is not there. */
const char *sch_attribute(struct schematron *file, xmlNode *node, const char *name);

/* Elements may carry these attributes and no others. list ends with NULL. -1: the file is refused.
 */
int sch_allow_attributes(struct schematron *file, xmlNode *node, const char *const *list);

/* $names of an abstract pattern replaced by what they stand for. with may be NULL. */
const char *sch_substitute(struct schematron *file, const char *text,
			   const struct parameters *with);

/* Learn an expression that compiles. 0 is returned too when it does not: the file is then refused.
 */
sch_expression sch_learn(struct schematron *file, xmlNode *node, const char *text,
			 const struct parameters *with);
sch_expression sch_learn_attribute(struct schematron *file, xmlNode *node, const char *name,
				   const struct parameters *with);

/* The child of a parent with a name and an id; NULL: none. */
xmlNode *sch_find_by_id(struct schematron *file, xmlNode *parent, const char *name, struct str id);

/* Read an assert or report into the next place of a rule. role: of the rule, for an assertion
 * without. */
void sch_read_assertion(struct schematron *file, struct sch_rule *rule, xmlNode *node,
			const struct parameters *with, const char *role);

#endif
