#include "engine/digest.h"

#include "engine/source.h"

#include <nettle/sha2.h>

#include <pthread.h>
#include <stdlib.h>

enum {
	STEP_BYTES = 64 * 1024,
	AHEAD_BYTES = 256 * 1024,	    /* how far the thread runs before the reader */
	WORTH_WHILE_BYTES = 2 * 1024 * 1024 /* a thread costs more than smaller digests do */
};

struct digest {
	const struct source *source;
	struct sha256_ctx context;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t moved;
	size_t reader; /* where the reader is; under mutex */
	bool alone;    /* the reader has ended; under mutex */
};

static void write_hex(struct sha256_ctx *context, char hex[65])
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
	write_hex(&context, hex);
}

static void *run(void *argument)
{
	struct digest *digest = argument;
	struct str bytes = digest->source->bytes;
	for (size_t at = 0; at < bytes.n;) {
		size_t left = bytes.n - at, n = left < STEP_BYTES ? left : STEP_BYTES;
		pthread_mutex_lock(&digest->mutex);
		while (!digest->alone && at > digest->reader && at - digest->reader > AHEAD_BYTES)
			pthread_cond_wait(&digest->moved, &digest->mutex);
		/* What the reader gave back is here again for this step alone. */
		bool behind = digest->alone || at + n < digest->reader;
		pthread_mutex_unlock(&digest->mutex);
		sha256_update(&digest->context, n, (const uint8_t *)bytes.p + at);
		if (behind)
			source_forget(digest->source, at, at + n);
		at += n;
	}
	return NULL;
}

struct digest *digest_start(const struct source *source)
{
	if (source->bytes.n < WORTH_WHILE_BYTES)
		return NULL;
	struct digest *digest = calloc(1, sizeof(*digest));
	if (!digest)
		return NULL;
	digest->source = source;
	sha256_init(&digest->context);
	pthread_mutex_init(&digest->mutex, NULL);
	pthread_cond_init(&digest->moved, NULL);
	if (pthread_create(&digest->thread, NULL, run, digest) == 0)
		return digest;
	free(digest);
	return NULL;
}

void digest_follow(struct digest *digest, size_t offset)
{
	if (!digest)
		return;
	pthread_mutex_lock(&digest->mutex);
	digest->reader = offset;
	pthread_cond_signal(&digest->moved);
	pthread_mutex_unlock(&digest->mutex);
}

void digest_finish(struct digest *digest, const struct source *source, char hex[65])
{
	if (!digest) {
		digest_sha256(source->bytes, hex);
		return;
	}
	pthread_mutex_lock(&digest->mutex);
	digest->alone = true;
	pthread_cond_signal(&digest->moved);
	pthread_mutex_unlock(&digest->mutex);
	pthread_join(digest->thread, NULL);
	write_hex(&digest->context, hex);
	pthread_cond_destroy(&digest->moved);
	pthread_mutex_destroy(&digest->mutex);
	free(digest);
}
