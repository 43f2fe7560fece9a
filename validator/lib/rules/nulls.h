/*
 * nulls.h - elements that say they hold nothing: xsi:nil, nullFlavor, updateMode (UPL-014).
 *
 * They may be on any element, so they are looked for in the tags and not in the parts.
 */
#ifndef CPIS_RULES_NULLS_H
#define CPIS_RULES_NULLS_H

#include "rules/judge.h"

struct xml_tag;

extern const struct rule nulls_rule;

/* Learn the names; once, before the first reader is made. 0, or -1: no room for them. */
int nulls_setup(void);

/* Judge a tag of a message whose structure is sound so far. Tallies only what fails: the message is
 * judged as a whole, which is the caller's to tally. */
void nulls_judge(struct judge *judge, const struct xml_tag *tag);

#endif
