/*
 * base64.h - base64 (RFC 4648) with white space between its characters.
 */
#ifndef CPIS_TRANSPORT_BASE64_H
#define CPIS_TRANSPORT_BASE64_H

#include "base/buf.h"

/*
 * Decode into out. 0, or -1 with where it went wrong and why (static). What was decoded before the
 * fault stands in out. A bound of out that was reached is out->failed.
 */
int base64_decode(struct str text, struct buf *out, size_t *at, const char **why);

#endif
