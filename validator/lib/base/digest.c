#include "base/digest.h"

#include <nettle/hmac.h>

static void write_digits(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[65])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = '\0';
}

static void write_hex(struct sha256_ctx *context, char hex[65])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_digest(context, sizeof(digest), digest);
	write_digits(digest, hex);
}

void digest_sha256(struct str bytes, char hex[65])
{
	struct sha256_ctx context;
	sha256_init(&context);
	sha256_update(&context, bytes.n, (const uint8_t *)bytes.p);
	write_hex(&context, hex);
}

void digest_hmac(struct str key, struct str bytes, char hex[65])
{
	struct hmac_sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	hmac_sha256_set_key(&context, key.n, (const uint8_t *)key.p);
	hmac_sha256_update(&context, bytes.n, (const uint8_t *)bytes.p);
	hmac_sha256_digest(&context, sizeof(digest), digest);
	write_digits(digest, hex);
}

uint64_t digest_number(struct str bytes)
{
	struct sha256_ctx context;
	uint8_t first[8];
	uint64_t number = 0;
	sha256_init(&context);
	sha256_update(&context, bytes.n, (const uint8_t *)bytes.p);
	sha256_digest(&context, sizeof(first), first);
	for (size_t i = 0; i < sizeof(first); i++)
		number = number << 8 | first[i];
	return number;
}

void digest_add(struct digest *digest, struct str bytes)
{
	sha256_update(&digest->context, bytes.n, (const uint8_t *)bytes.p);
	digest->taken += bytes.n;
}

void digest_start(struct digest *digest)
{
	sha256_init(&digest->context);
	digest->taken = 0;
}

void digest_follow(struct digest *digest, struct str bytes, size_t offset)
{
	if (offset <= digest->taken)
		return;
	sha256_update(&digest->context, offset - digest->taken,
		      (const uint8_t *)bytes.p + digest->taken);
	digest->taken = offset;
}

void digest_finish(struct digest *digest, char hex[65])
{
	write_hex(&digest->context, hex);
}
