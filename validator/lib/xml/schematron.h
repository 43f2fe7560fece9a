/*
 * schematron.h - judging a document by a user's own rules (schematron_file.h).
 *
 * Expressions are evaluated by libxml2 alone, without extension functions: nothing can be read,
 * written or fetched by one.
 */
#ifndef CPIS_XML_SCHEMATRON_H
#define CPIS_XML_SCHEMATRON_H

#include "xml/schematron_file.h"

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
