/* Compressed content: a .gz file, an HTTP body with Content-Encoding, an ITK payload. */
#include "transport/inflate.h"
#include "transport/layer.h"

static bool is_gzip(struct str bytes)
{
	return str_starts(bytes, STR("\x1f\x8b"));
}

/* RFC 1950: method 8, and a check sum over the first two bytes. */
static bool is_zlib(struct str bytes)
{
	if (bytes.n < 2 || ((unsigned char)bytes.p[0] & 0x8f) != 0x08)
		return false;
	return (((unsigned char)bytes.p[0] << 8) | (unsigned char)bytes.p[1]) % 31 == 0;
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
	buf_init(&out, unwrap_room(unwrapping));
	enum inflate_end end = inflate_bytes(parcel->bytes, form, &out, &at, &why);
	unwrap_decoded(unwrapping, out.n);
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
			     "the compressed content breaks off after %zu bytes", parcel->bytes.n);
		break;
	case INFLATE_TOO_MUCH:
		unwrap_seal_size(unwrapping, parcel);
		break;
	case INFLATE_NO_MEMORY:
		unwrap_seal(unwrapping, parcel, 0, "memory is out");
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
	.rule = RULE_TRN_005,
	.bid = bid_for_gzip,
	.open = open_gzip,
};

const struct layer deflate_layer = {
	.name = "deflate",
	.sign = "the header that names it",
	.rule = RULE_TRN_005,
	.open = open_deflate,
};

const struct layer compressed_layer = {
	.name = "compressed",
	.sign = "the manifest item",
	.rule = RULE_TRN_005,
	.open = open_compressed,
};
