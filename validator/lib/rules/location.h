/*
 * location.h - what an acknowledgement says of where a record stands in the upload: an XPath.
 */
#ifndef CPIS_RULES_LOCATION_H
#define CPIS_RULES_LOCATION_H

#include "base/buf.h"
#include "diag/mask.h"

/*
 * The expression as xml/xpath.h takes it: trimmed, with a NUL, and prefixes that it does not know
 * taken for the namespace of the message, since a location does not say what its prefixes are bound
 * to. NULL when memory is out. In out.
 */
const char *location_expression(struct buf *out, struct str location);

/* Steps alone identify nobody; a value in a predicate may. */
enum mask_kind location_mask(struct str location);

/*
 * Whether it is one of the usual forms, whose meaning needs no XPath: a step to File and one to
 * record, by name, with a prefix or by local-name(), or //record, and a number behind it where
 * *numbered.
 */
bool location_is_usual(struct str location, size_t *number, bool *numbered);

#endif
