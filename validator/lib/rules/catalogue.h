/*
 * catalogue.h - every rule of the program, in the order of its chapters.
 */
#ifndef CPIS_RULES_CATALOGUE_H
#define CPIS_RULES_CATALOGUE_H

#include "diag/rule.h"

#include <stddef.h>

/* A chapter is an array of rows in a file of its own. */
struct chapter {
	const char *family; /* "DAT": what its ids begin with */
	const char *title;
	const struct rule *rules;
	const size_t *count; /* beside the rows, in the chapter's own file */
};

extern const struct chapter rule_chapters[];
extern const size_t rule_chapter_count;

/* Number all rules; once at setup. */
void rules_setup(void);

size_t rules_count(void);
const struct rule *rules_at(size_t index);
const struct rule *const *rules_all(void);
/* NULL: there is no such rule. */
const struct rule *rules_find(const char *id);
/* What a rule's family is about: the title of its first chapter. */
const char *rules_family(const struct rule *rule);
/* A rule's place in the catalogue. */
size_t rules_index(const struct rule *rule);

#endif
