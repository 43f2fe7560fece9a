/* Compressed content: a .gz file, an HTTP body with Content-Encoding, an ITK payload. */
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#include <stdint.h>

enum inflate_form { INFLATE_GZIP, INFLATE_ZLIB, INFLATE_RAW };

enum inflate_end {
	INFLATE_WHOLE,
	INFLATE_BROKEN,	  /* at *at: not what it claims to be, or a checksum differs */
	INFLATE_CUT,	  /* it is cut short */
	INFLATE_TOO_MUCH, /* more than out may hold, or denser than honest content is */
	INFLATE_NO_MEMORY
};

enum { STEP_BYTES = 256 * 1024 };

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

/* After the end of a gzip member: another one, padding, or other bytes. */
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

static bool is_gzip(struct str bytes)
{
	return str_starts(bytes, STR("\x1f\x8b"));
}

/* The optional fields at the start of a gzip member, which inflate leaves out: extra field, name
 * and comment (RFC 1952, 2.3). Offsets beyond the end: inflate refuses it. */
static struct str fields_of_gzip(struct str member)
{
	enum { FIXED_BYTES = 10, EXTRA = 4, NAME = 8, COMMENT = 16 };
	struct str rest = str_from(member, FIXED_BYTES);
	int flags = member.n < FIXED_BYTES || !is_gzip(member) ? 0 : member.p[3];
	const struct str fields = rest;
	if (flags & EXTRA && rest.n >= 2)
		rest = str_from(rest, 2 + (size_t)((unsigned char)rest.p[0] |
						   (unsigned char)rest.p[1] << 8));
	for (int field = NAME; field <= COMMENT; field *= 2) {
		const char *end = flags & field && rest.n ? memchr(rest.p, '\0', rest.n) : NULL;
		if (end)
			rest = str_from(rest, (size_t)(end - rest.p) + 1);
	}
	return (struct str){ fields.p, fields.n - rest.n };
}

/* fields: of the first gzip member that has what looks like a message in them. */
static void look_at_fields(struct str member, struct str *fields)
{
	if (fields->n)
		return;
	struct str found = fields_of_gzip(member);
	if (unwrap_holds_message(found))
		*fields = found;
}

/* fields NULL: it is not gzip data. */
static enum inflate_end run(z_stream *stream, struct str packed, struct str *fields,
			    struct buf *out, size_t *at)
{
	if (fields)
		look_at_fields(packed, fields);
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
		if (unwrap_is_too_dense(*at, out->n))
			return INFLATE_TOO_MUCH;
		if (status == Z_STREAM_END) {
			if (fields && next_member(stream, packed, *at)) {
				look_at_fields(str_from(packed, *at), fields);
				continue;
			}
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

/*
 * Decompress into out, which bounds the size. gzip data may have several members, and zeros after
 * the last. *at is where reading ended, *why what zlib says of it, or NULL. What was decompressed
 * before the fault is in out. *fields: of a gzip member, where they hold a message; or empty.
 */
static enum inflate_end inflate_bytes(struct str packed, enum inflate_form form, struct buf *out,
				      size_t *at, const char **why, struct str *fields)
{
	static const int window_bits[] = {
		[INFLATE_GZIP] = 16 + MAX_WBITS,
		[INFLATE_ZLIB] = MAX_WBITS,
		[INFLATE_RAW] = -MAX_WBITS,
	};
	z_stream stream = { 0 };
	*at = 0;
	*why = NULL;
	*fields = (struct str){ 0 };
	if (inflateInit2(&stream, window_bits[form]) != Z_OK)
		return INFLATE_NO_MEMORY;
	enum inflate_end end = run(&stream, packed, form == INFLATE_GZIP ? fields : NULL, out, at);
	/* zlib's texts are static. */
	*why = end == INFLATE_BROKEN ? stream.msg : NULL;
	if (end == INFLATE_BROKEN && !*why)
		*why = "other bytes follow its end";
	inflateEnd(&stream);
	return end;
}

/* RFC 1950: method 8, and a check sum over the first two bytes. */
static bool is_zlib(struct str bytes)
{
	if (bytes.n < 2 || ((unsigned char)bytes.p[0] & 0x8f) != 0x08)
		return false;
	return (((unsigned char)bytes.p[0] << 8) | (unsigned char)bytes.p[1]) % 31 == 0;
}

bool compressed_is(struct str bytes)
{
	return is_gzip(bytes) || is_zlib(bytes);
}

/* Damage is reported when the layer is opened. */
int compressed_start(const char *bytes, size_t n, char *out, size_t room, size_t *inflated)
{
	struct str packed = { bytes, n };
	z_stream stream = { 0 };
	*inflated = 0;
	if (!is_gzip(packed) && !is_zlib(packed))
		return 0;
	if (inflateInit2(&stream, 32 + MAX_WBITS) != Z_OK)
		return -1;
	stream.next_in = (Bytef *)(uintptr_t)bytes; /* zlib only reads it */
	stream.avail_in = (uInt)n;
	stream.next_out = (Bytef *)out;
	stream.avail_out = (uInt)room;
	int status = inflate(&stream, Z_SYNC_FLUSH);
	inflateEnd(&stream);
	*inflated = room - stream.avail_out;
	return status == Z_MEM_ERROR ? -1 : 0;
}

static enum bid bid_for_gzip(const struct parcel *parcel)
{
	return is_gzip(parcel->bytes) ? BID_SURE : NO_BID;
}

static void open_as(struct unwrapping *unwrapping, const struct parcel *parcel,
		    enum inflate_form form)
{
	struct buf out;
	size_t at;
	const char *why;
	struct str fields;
	buf_init(&out, unwrap_room(unwrapping));
	enum inflate_end end = inflate_bytes(parcel->bytes, form, &out, &at, &why, &fields);
	unwrap_decoded(unwrapping, out.n);
	unwrap_look_beside(unwrapping, parcel, fields, "a field at the start of gzip data");
	struct parcel content = parcel_decoded(parcel, buf_view(&out), 0);
	switch (end) {
	case INFLATE_WHOLE:
		unwrap_part(unwrapping, &content);
		break;
	case INFLATE_BROKEN:
		unwrap_fault(
			unwrapping, parcel, at, RULE_TRN_005,
			"the compressed content cannot be decompressed: after %zu of %zu bytes, %s",
			at, parcel->bytes.n, why);
		break;
	case INFLATE_CUT:
		unwrap_fault(unwrapping, parcel, parcel->bytes.n, RULE_TRN_005,
			     "the compressed content is cut short after %zu bytes",
			     parcel->bytes.n);
		break;
	case INFLATE_TOO_MUCH:
		unwrap_too_large(unwrapping, parcel);
		break;
	case INFLATE_NO_MEMORY:
		unwrap_unopened(unwrapping, parcel, 0, "out of memory");
		break;
	}
	buf_release(&out);
}

static void open_gzip(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	open_as(unwrapping, parcel, INFLATE_GZIP);
}

/* What HTTP calls deflate is zlib data; some send the bare DEFLATE data in it. */
static void open_deflate(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	open_as(unwrapping, parcel, is_zlib(parcel->bytes) ? INFLATE_ZLIB : INFLATE_RAW);
}

static void open_compressed(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	open_as(unwrapping, parcel, is_gzip(parcel->bytes) ? INFLATE_GZIP : INFLATE_ZLIB);
}

const struct layer gzip_layer = {
	.name = "gzip",
	.sign = "the bytes 1f 8b at its start",
	.rules = { RULE_TRN_005 },
	.bid = bid_for_gzip,
	.open = open_gzip,
};

const struct layer deflate_layer = {
	.name = "deflate",
	.sign = "the header that names it",
	.rules = { RULE_TRN_005 },
	.open = open_deflate,
};

const struct layer compressed_layer = {
	.name = "compressed",
	.sign = "the manifest item",
	.rules = { RULE_TRN_005 },
	.open = open_compressed,
};
