/*
 * structural.h - the structural codes of the transmission wrapper: classCode, moodCode,
 * determinerCode and typeCode (TMS-043).
 *
 * The published schemas take any code there, though each element has only one meaning. They may be
 * on any element of the wrapper, so they are looked for in the tags and not in the parts.
 */
#ifndef CPIS_RULES_STRUCTURAL_H
#define CPIS_RULES_STRUCTURAL_H

#include "rules/judge.h"

struct xml_tag;

extern const struct rule structural_rule;

/* Judge a tag of an interaction whose structure is sound so far. Tallies only what fails: the
 * message is judged as a whole, which is the caller's to tally. */
void structural_judge(struct judge *judge, const struct xml_tag *tag);

#endif
