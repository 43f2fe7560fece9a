#include "transport/inflate.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

enum { STEP_BYTES = 256 * 1024 };

bool inflate_is_too_dense(size_t packed_bytes, size_t unpacked_bytes)
{
	return unpacked_bytes > DENSE_FROM_BYTES && unpacked_bytes / MOST_TIMES > packed_bytes;
}

/* Room for a step of output; what is left of the bound when that is less. */
static size_t make_room(struct buf *out)
{
	size_t left = out->max_bytes - out->n;
	size_t step = left < STEP_BYTES ? left : STEP_BYTES;
	return step && buf_reserve(out, step) ? step : 0;
}

static bool only_zeros(struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i])
			return false;
	return true;
}

/* Behind the end of a gzip member: another one, padding, or what does not belong there. */
static bool next_member(z_stream *stream, struct str packed, size_t at)
{
	return packed.n - at >= 2 && memcmp(packed.p + at, "\x1f\x8b", 2) == 0 &&
	       inflateReset(stream) == Z_OK;
}

static void feed(z_stream *stream, struct str packed, size_t at)
{
	size_t left = packed.n - at;
	stream->next_in = (z_const Bytef *)packed.p + at;
	stream->avail_in = left > INT_MAX ? INT_MAX : (uInt)left;
}

static enum inflate_end run(z_stream *stream, struct str packed, bool members, struct buf *out,
			    size_t *at)
{
	for (;;) {
		size_t room = make_room(out);
		if (room == 0)
			return out->n >= out->max_bytes ? INFLATE_TOO_MUCH : INFLATE_NO_MEMORY;
		feed(stream, packed, *at);
		uInt fed = stream->avail_in;
		stream->next_out = (Bytef *)out->p + out->n;
		stream->avail_out = (uInt)room;
		int status = inflate(stream, Z_NO_FLUSH);
		*at += fed - stream->avail_in;
		out->n += room - stream->avail_out;
		out->p[out->n] = '\0';
		if (inflate_is_too_dense(*at, out->n))
			return INFLATE_TOO_MUCH;
		if (status == Z_STREAM_END) {
			if (members && next_member(stream, packed, *at))
				continue;
			bool clean = only_zeros(str_from(packed, *at));
			return clean ? INFLATE_WHOLE : INFLATE_BROKEN;
		}
		if (status == Z_BUF_ERROR ||
		    (status == Z_OK && *at == packed.n && stream->avail_out))
			return INFLATE_CUT;
		if (status != Z_OK)
			return status == Z_MEM_ERROR ? INFLATE_NO_MEMORY : INFLATE_BROKEN;
	}
}

enum inflate_end inflate_bytes(struct str packed, enum inflate_form form, struct buf *out,
			       size_t *at, const char **why)
{
	static const int window_bits[] = {
		[INFLATE_GZIP] = 16 + MAX_WBITS,
		[INFLATE_ZLIB] = MAX_WBITS,
		[INFLATE_RAW] = -MAX_WBITS,
	};
	z_stream stream = { 0 };
	*at = 0;
	*why = NULL;
	if (inflateInit2(&stream, window_bits[form]) != Z_OK)
		return INFLATE_NO_MEMORY;
	enum inflate_end end = run(&stream, packed, form == INFLATE_GZIP, out, at);
	/* zlib's texts are static. */
	*why = end == INFLATE_BROKEN ? stream.msg : NULL;
	if (end == INFLATE_BROKEN && !*why)
		*why = "other bytes follow its end";
	inflateEnd(&stream);
	return end;
}
