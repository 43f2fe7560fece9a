/*
 * peek.h - the first bytes of encoded content, before it is opened as a layer: enough to see what
 * element it begins with.
 */
#ifndef CPIS_TRANSPORT_PEEK_H
#define CPIS_TRANSPORT_PEEK_H

#include "base/str.h"

enum { PEEK_BYTES = 65536 };

/*
 * Decode the start of a text: of base64, and then of gzip or zlib data, where it is that; a text
 * that begins with a tag is taken as it is. Into out, of PEEK_BYTES. The result is a slice of out,
 * or of the text; absent where nothing was decoded. Thread-safe.
 */
struct str peek(struct str text, char *out);

#endif
