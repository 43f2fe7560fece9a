/*
 * nulls.h - attributes that may be on any element, so that they are looked for in the tags and not
 * in the parts: xsi:nil, nullFlavor and updateMode, which say that an element holds nothing
 * (UPL-014), and the structural codes of the transmission wrapper (TMS-043).
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

/* classCode, moodCode, determinerCode and typeCode: the published schemas take any code there,
 * though each element of the wrapper has one meaning. */
extern const struct rule structural_rule;

/* The same for a tag of an interaction. */
void structural_judge(struct judge *judge, const struct xml_tag *tag);

#endif
