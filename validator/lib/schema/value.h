/*
 * value.h - does a value belong to a simple type?
 */
#ifndef CPIS_SCHEMA_VALUE_H
#define CPIS_SCHEMA_VALUE_H

#include "base/buf.h"
#include "schema/tables.h"

/*
 * value as it is in the message; white space is handled as the type says. scratch is written
 * only for values that need it; scratch->failed afterwards: out of memory, and the answer is not
 * known.
 */
bool value_fits(const struct schema_tables *tables, const struct schema_simple *simple,
		struct str value, struct buf *scratch);

/* True: it fits, by a first look that settles most values. False: value_fits knows. */
bool value_fits_at_once(const struct schema_tables *tables, const struct schema_simple *simple,
			struct str value);

/* Whether a value, once white space is handled, is the text that the schema fixes. */
bool value_is(const struct schema_simple *simple, struct str value, const char *fixed,
	      struct buf *scratch);

/* value with white space handled; in scratch when that changes it. */
struct str value_normalised(const struct schema_simple *simple, struct str value,
			    struct buf *scratch);

/* xs:boolean: 1, 0, or -1 for neither. */
int value_boolean(struct str value);

/*
 * What may be in an xs:anyURI. The recommendation leaves it open how strictly an anyURI is checked.
 * Here it is what libxml2 2.9 accepts: an RFC 3986 URI reference, in which characters that a URI
 * must escape (blanks, controls, quotes, brackets other than [], backslash, caret, grave, bar and
 * all beyond ASCII) stand for themselves.
 *
 * text without white space at its ends; the empty text is a reference too.
 */
bool uri_is_reference(struct str text);

#endif
