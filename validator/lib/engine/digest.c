#include "engine/digest.h"

#include "engine/source.h"

#include <nettle/sha2.h>

static void finish(struct sha256_ctx *context, char hex[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_digest(context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = '\0';
}

void digest_sha256(struct str bytes, char hex[65])
{
	struct sha256_ctx context;
	sha256_init(&context);
	sha256_update(&context, bytes.n, (const uint8_t *)bytes.p);
	finish(&context, hex);
}

void digest_source(const struct source *source, char hex[65])
{
	enum { STEP_BYTES = 1024 * 1024 };
	struct sha256_ctx context;
	sha256_init(&context);
	for (size_t at = 0; at < source->bytes.n; at += STEP_BYTES) {
		size_t left = source->bytes.n - at;
		size_t n = left < STEP_BYTES ? left : STEP_BYTES;
		sha256_update(&context, n, (const uint8_t *)source->bytes.p + at);
		source_forget(source, at, at + n);
	}
	finish(&context, hex);
}
