/*
 * structure.h - the faults that a schema engine finds in a document, as findings of the SCH rules.
 */
#ifndef CPIS_ENGINE_STRUCTURE_H
#define CPIS_ENGINE_STRUCTURE_H

#include "xml/schema.h"

struct document;
struct draft_tally;
struct frame_type;

/* Start the validation of what is open now; NULL when out of memory: the document's failure says
 * so. */
struct schema_validation *structure_start(struct document *document, const struct schema *schema);

/* The tally of the rule that a kind of fault is a finding of. */
struct draft_tally *structure_tally(struct document *document, enum schema_fault_kind kind);

/* The innermost open frame, where it is an interaction; NULL: it is not. */
const struct frame_type *structure_interaction(const struct document *document);

#endif
