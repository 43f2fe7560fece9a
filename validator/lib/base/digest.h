/*
 * digest.h - SHA-256 in hex, by libnettle: of bytes at once, or step by step as they are read.
 */
#ifndef CPIS_BASE_DIGEST_H
#define CPIS_BASE_DIGEST_H

#include "base/str.h"

#include <nettle/sha2.h>

/* hex gets 64 digits and a NUL. */
void digest_sha256(struct str bytes, char hex[65]);

/* The HMAC of bytes by a key (RFC 2104), with SHA-256. */
void digest_hmac(struct str key, struct str bytes, char hex[65]);

/* A number made of the first eight bytes of the digest, the first of them the highest. */
uint64_t digest_number(struct str bytes);

/* The digest of bytes that are taken in order, each while it is in memory anyway. */
struct digest {
	struct sha256_ctx context;
	size_t taken;
};

void digest_start(struct digest *digest);

/* Take the bytes before offset that were not taken yet. */
void digest_follow(struct digest *digest, struct str bytes, size_t offset);

/* Take bytes that come after all that was taken. */
void digest_add(struct digest *digest, struct str bytes);

void digest_finish(struct digest *digest, char hex[65]);

#endif
