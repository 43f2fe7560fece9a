/*
 * schematron.h - a user's own rules, in ISO Schematron with XPath 1.0.
 *
 * Query bindings xslt, xslt1, xpath and xpath1 (or none): schema, ns, title, p, let, phase, active,
 * pattern (abstract, is-a, param), rule (abstract, extends), assert, report, diagnostics, value-of,
 * name, emph, dir, span, subject, role as severity. Anything else is refused with its line: a rule
 * that is not understood must not seem to hold. Expressions are evaluated by libxml2 alone, without
 * extension functions: nothing can be read, written or fetched by one.
 */
#ifndef CPIS_XML_SCHEMATRON_H
#define CPIS_XML_SCHEMATRON_H

#include "base/arena.h"
#include "cpis.h"

struct xml_tree;
struct schematron;     /* a loaded file; read-only, shared by threads */
struct schematron_run; /* one thread's compiled expressions */

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

struct schematron_run *schematron_run_new(const struct schematron *schematron);
void schematron_run_free(struct schematron_run *run);

/* What a run tells: each assertion as often as it is judged. */
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
