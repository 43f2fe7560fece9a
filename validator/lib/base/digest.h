/*
 * digest.h - SHA-256 in hex, by libnettle: of bytes at once, or step by step as they are read.
 */
#ifndef CPIS_BASE_DIGEST_H
#define CPIS_BASE_DIGEST_H

#include "base/str.h"

#include <nettle/sha2.h>

/* hex gets 64 digits and a NUL. */
void digest_sha256(struct str bytes, char hex[65]);

/* The digest of bytes that are taken in order, each while it is in memory anyway. */
struct digest {
	struct sha256_ctx context;
	size_t taken;
};

void digest_start(struct digest *digest);

/* Take the bytes before offset that were not taken yet. */
void digest_follow(struct digest *digest, struct str bytes, size_t offset);

void digest_finish(struct digest *digest, char hex[65]);

#endif
