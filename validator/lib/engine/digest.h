/*
 * digest.h - SHA-256 in hex, by libnettle; of large sources beside the judging, on a thread of its
 * own.
 */
#ifndef CPIS_ENGINE_DIGEST_H
#define CPIS_ENGINE_DIGEST_H

#include "base/str.h"

struct source;

/* hex gets 64 digits and a NUL. */
void digest_sha256(struct str bytes, char hex[65]);

/*
 * The digest of a source that is being read by its owner: a thread of its own runs a little ahead
 * of the reader, so that a page is fetched once for both, and memory stays flat. The source must
 * stay until digest_finish. NULL: no thread is worth while or to be had; digest_finish then does
 * all the work.
 */
struct digest;

struct digest *digest_start(const struct source *source);

/* The owner has read up to here. Cheap; to be called every few hundred kilobytes. digest may be
 * NULL. */
void digest_follow(struct digest *digest, size_t offset);

/* Waits for the rest, ends the thread and frees digest, which may be NULL. */
void digest_finish(struct digest *digest, const struct source *source, char hex[65]);

#endif
