/*
 * uri.h - what may stand in an xs:anyURI.
 *
 * The recommendation leaves it open how strictly an anyURI is checked. Here it is what libxml2 2.9
 * accepts: an RFC 3986 URI reference, in which characters that a URI must escape (blanks, controls,
 * quotes, brackets other than [], backslash, caret, grave, bar and all beyond ASCII) stand for
 * themselves.
 */
#ifndef CPIS_SCHEMA_URI_H
#define CPIS_SCHEMA_URI_H

#include "base/str.h"

/* text without white space at its ends; the empty text is a reference too. */
bool uri_is_reference(struct str text);

#endif
