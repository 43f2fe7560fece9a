/*
 * schematron.h - judging a document by a user's own rules.
 *
 * Expressions are evaluated by libxml2 alone, without extension functions: nothing can be read,
 * written or fetched by one.
 */
#ifndef CPIS_XML_SCHEMATRON_H
#define CPIS_XML_SCHEMATRON_H

#include "base/arena.h"
#include "cpis.h"

/*
 * A file of a user's own rules as it was read: ISO Schematron with XPath 1.0.
 *
 * Query bindings xslt, xslt1, xpath and xpath1 (or none): schema, ns, title, p, let, phase, active,
 * pattern (abstract, is-a, param), rule (abstract, extends), assert, report, diagnostics, value-of,
 * name, emph, dir, span, subject, role as severity. Anything else is refused with its line: a rule
 * that is not understood must not seem to hold.
 */

struct schematron; /* a loaded file; read-only, shared by threads */

struct schematron_assertion {
	const char *id;		     /* its id, or "rule-N" by its place in the file */
	const char *text;	     /* its sentence, with "..." where a value is put in */
	const char *fix;	     /* its diagnostics' text, or NULL */
	enum cpis_severity severity; /* by role: error (default), warning, info */
	size_t line;
};

/* phase NULL: the file's default. -1 with file, line and reason when anything in it is not
 * understood. */
int schematron_open(struct schematron **schematron, const char *path, const char *phase,
		    struct cpis_failure *failure);
void schematron_close(struct schematron *schematron);

const char *schematron_path(const struct schematron *schematron);
size_t schematron_assertion_count(const struct schematron *schematron);
const struct schematron_assertion *schematron_assertion_at(const struct schematron *schematron,
							   size_t index);

/* For schematron.c, which judges by it */

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
	/* libxml2's xmlDoc.
	 * NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
	struct _xmlDoc *doc;
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

struct xml_tree;
struct schematron_run; /* one thread's compiled expressions */

struct schematron_run *schematron_run_new(const struct schematron *schematron);
void schematron_run_free(struct schematron_run *run);

/* What a run reports: each assertion as often as it is judged. */
struct schematron_teller {
	void (*judged)(void *context, size_t assertion, bool failed);
	/* offset of the subject in the document; message in memory of the call, values between
	 * marks */
	void (*found)(void *context, size_t assertion, size_t offset, const char *message);
	void *context;
};

/* 0, or -1 with the reason in why when an expression could not be evaluated: the verdict is
 * incomplete. */
int schematron_judge(struct schematron_run *run, const struct xml_tree *tree,
		     const struct schematron_teller *teller, char *why, size_t why_bytes);

#endif
