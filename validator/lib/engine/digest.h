/*
 * digest.h - SHA-256 in hex, by libnettle.
 */
#ifndef CPIS_ENGINE_DIGEST_H
#define CPIS_ENGINE_DIGEST_H

#include "base/str.h"

struct source;

/* hex gets 64 digits and a NUL. */
void digest_sha256(struct str bytes, char hex[65]);

/* The same of a source, whose memory is given back on the way. */
void digest_source(const struct source *source, char hex[65]);

#endif
