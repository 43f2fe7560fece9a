/*
 * value.h - does a value belong to a simple type?
 */
#ifndef CPIS_SCHEMA_VALUE_H
#define CPIS_SCHEMA_VALUE_H

#include "base/buf.h"
#include "schema/tables.h"

/*
 * value as it stands in the message; white space is handled as the type says. scratch is written
 * only for values that need it; scratch->failed afterwards: memory was out, and nothing is known.
 */
bool value_fits(const struct schema_tables *tables, const struct schema_simple *simple,
		struct str value, struct buf *scratch);

/* Whether a value, once white space is handled, is the text that the schema fixes. */
bool value_is(const struct schema_simple *simple, struct str value, const char *fixed,
	      struct buf *scratch);

/* value with white space handled; in scratch when that changes it. */
struct str value_normalised(const struct schema_simple *simple, struct str value,
			    struct buf *scratch);

/* xs:boolean: 1, 0, or -1 for neither. */
int value_boolean(struct str value);

#endif
