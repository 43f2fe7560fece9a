#include "transport/peek.h"

#include <string.h>
#include <zlib.h>

static int value_of(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

/* Up to the padding, the first character that is not base64's, or the end of the room. */
static size_t decode_start(struct str text, char *out)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < PEEK_BYTES; i++) {
		if (char_is_space(text.p[i]))
			continue;
		int value = value_of(text.p[i]);
		if (value < 0)
			break;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		out[n++] = (char)(bits >> held);
	}
	return n;
}

static bool is_compressed(struct str bytes)
{
	if (bytes.n < 2)
		return false;
	unsigned first = (unsigned char)bytes.p[0], second = (unsigned char)bytes.p[1];
	return (first == 0x1f && second == 0x8b) ||
	       ((first & 0x8f) == 0x08 && (first << 8 | second) % 31 == 0);
}

/* Both gzip and zlib data; damage is reported when the layer is opened. */
static size_t inflate_start(char *packed, size_t packed_bytes, char *out)
{
	z_stream stream = { 0 };
	if (inflateInit2(&stream, 32 + MAX_WBITS) != Z_OK)
		return 0;
	stream.next_in = (Bytef *)packed;
	stream.avail_in = (uInt)packed_bytes;
	stream.next_out = (Bytef *)out;
	stream.avail_out = PEEK_BYTES;
	inflate(&stream, Z_SYNC_FLUSH);
	size_t n = PEEK_BYTES - stream.avail_out;
	inflateEnd(&stream);
	return n;
}

struct str peek(struct str text, char *out)
{
	char packed[4096];
	text = str_trim(text);
	if (text.n == 0 || text.p[0] == '<')
		return text;
	struct str bytes = { out, decode_start(text, out) };
	if (!is_compressed(bytes))
		return bytes;
	bytes.n = bytes.n < sizeof(packed) ? bytes.n : sizeof(packed);
	memcpy(packed, out, bytes.n);
	return (struct str){ out, inflate_start(packed, bytes.n, out) };
}
