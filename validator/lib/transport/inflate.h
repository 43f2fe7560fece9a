/*
 * inflate.h - DEFLATE data in its three wrappings, decompressed within bounds.
 */
#ifndef CPIS_TRANSPORT_INFLATE_H
#define CPIS_TRANSPORT_INFLATE_H

#include "base/buf.h"

enum inflate_form { INFLATE_GZIP, INFLATE_ZLIB, INFLATE_RAW };

enum inflate_end {
	INFLATE_WHOLE,
	INFLATE_BROKEN,	  /* at *at: not what it says it is, or a checksum differs */
	INFLATE_CUT,	  /* it breaks off */
	INFLATE_TOO_MUCH, /* more than out may hold, or denser than honest content is */
	INFLATE_NO_MEMORY
};

/*
 * Honest content is repetitive, but not without bound: the same record twenty thousand times
 * shrinks to a two-hundredth. The ratio is looked at only once there is this much.
 */
enum { MOST_TIMES = 400, DENSE_FROM_BYTES = 64 * 1024 * 1024 };

/* Whether so many bytes out of so many say that this is a bomb. */
bool inflate_is_too_dense(size_t packed_bytes, size_t unpacked_bytes);

/*
 * Decompress into out, which bounds the size. gzip data may have several members and zeros behind.
 * *at is where reading ended, *why what zlib says of it, or NULL. What was decompressed before the
 * fault stands in out.
 */
enum inflate_end inflate_bytes(struct str packed, enum inflate_form form, struct buf *out,
			       size_t *at, const char **why);

#endif
