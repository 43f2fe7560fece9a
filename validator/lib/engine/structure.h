/*
 * structure.h - the schemas' view of a document: each fault of an engine is a finding of its SCH
 * rule.
 *
 * The message has a validation of its own, and so has each envelope around it; the events go to the
 * innermost one that is open.
 */
#ifndef CPIS_ENGINE_STRUCTURE_H
#define CPIS_ENGINE_STRUCTURE_H

#include <stddef.h>

struct schema;
struct schema_engine;
struct schema_validation;
struct session;
struct xml_tag;

/* NULL when memory is out: the session's failure says so. */
struct schema_validation *structure_start(struct session *session, const struct schema *schema);

/* A message opens that its schema judges: each SCH rule is judged once. */
void structure_tally(struct session *session);

/* After anything opened or closed: session->current becomes what follows what is open now. */
void structure_choose(struct session *session);

/*
 * A start tag, for what follows it now and for what followed the events before it, which may be the
 * same. An envelope's schema sees a payload's root, which it takes whatever it is, but not its
 * inside. -1 when memory is out.
 */
int structure_element(struct session *session, const struct xml_tag *tag,
		      struct schema_validation *outer, const struct schema_engine *outer_engine);

/* The end of an element that closed a validation of its own, for the validation around it. */
void structure_end_outer(struct session *session, size_t offset);

#endif
