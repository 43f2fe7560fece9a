/*
 * The transfer encodings of MIME, of which ITK uses one in XML too: base64 (RFC 4648), with white
 * space between its characters, and quoted-printable.
 */
#include "transport/layer.h"
#include "transport/unwrap.h"

enum { HEAD_BYTES = 256, FEWEST_CHARACTERS = 12 };

struct decoder {
	int8_t values[256];
	struct buf *out;
	uint32_t bits;
	size_t count; /* of characters that bits holds */
	size_t padding;
};

static void decoder_init(struct decoder *decoder, struct buf *out)
{
	*decoder = (struct decoder){ .out = out };
	for (int c = 0; c < 256; c++)
		decoder->values[c] = (int8_t)base64_value((char)c);
}

static void put_group(struct decoder *decoder)
{
	char *p = decoder->out->p + decoder->out->n;
	p[0] = (char)(decoder->bits >> 16);
	p[1] = (char)(decoder->bits >> 8);
	p[2] = (char)decoder->bits;
	decoder->out->n += 3;
	decoder->bits = 0;
	decoder->count = 0;
}

/* NULL, or why the character is wrong here. */
static const char *take(struct decoder *decoder, int value)
{
	if (value == BASE64_SPACE)
		return NULL;
	if (value == BASE64_INVALID)
		return "there is a character that is not in the base64 alphabet";
	if (value == BASE64_PADDING) {
		if (decoder->count + decoder->padding < 2 || decoder->count + decoder->padding > 3)
			return "there is padding (=) in the wrong place";
		decoder->padding++;
		return NULL;
	}
	if (decoder->padding)
		return "there are more characters after the padding (=)";
	decoder->bits = decoder->bits << 6 | (uint32_t)value;
	if (++decoder->count == 4)
		put_group(decoder);
	return NULL;
}

/* What is left of the last group. */
static const char *finish(struct decoder *decoder, size_t characters)
{
	if (characters == 0)
		return "there is nothing to decode";
	if (decoder->count + decoder->padding != 4 && decoder->count + decoder->padding != 0)
		return "it is cut short: the last group has fewer than four characters";
	if (decoder->count == 0)
		return NULL;
	uint32_t bits = decoder->bits << (6 * (4 - decoder->count));
	char last[2] = { (char)(bits >> 16), (char)(bits >> 8) };
	buf_add(decoder->out, last, decoder->count - 1);
	return NULL;
}

/*
 * Decode into out. 0, or -1 with where it went wrong and why (static). What was decoded before the
 * fault is in out. If the limit of out was reached, out->failed is set.
 */
static int decode(struct str text, struct buf *out, size_t *at, const char **why)
{
	struct decoder decoder;
	size_t characters = 0;
	decoder_init(&decoder, out);
	if (!buf_reserve(out, text.n / 4 * 3 + 3))
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		int value = (int)decoder.values[(unsigned char)text.p[i]];
		characters += value != BASE64_SPACE;
		*why = take(&decoder, value);
		if (*why) {
			*at = i;
			return -1;
		}
	}
	*why = finish(&decoder, characters);
	*at = text.n;
	out->p[out->n] = '\0';
	return *why ? -1 : 0;
}

/* The whole groups at the start of a text; returns how many characters they are. */
static size_t decode_groups(struct str text, char *out)
{
	size_t n = 0;
	for (; n + 4 <= text.n; n += 4) {
		uint32_t bits = 0;
		for (size_t i = 0; i < 4; i++) {
			int value = base64_value(text.p[n + i]);
			if (value < 0)
				return n;
			bits = bits << 6 | (uint32_t)value;
		}
		*out++ = (char)(bits >> 16);
		*out++ = (char)(bits >> 8);
		*out++ = (char)bits;
	}
	return n;
}

/* A text whose start decodes to the start of something that is known. */
static enum bid bid_for_base64(const struct parcel *parcel)
{
	char start[HEAD_BYTES];
	size_t n = parcel->bytes.n < HEAD_BYTES ? parcel->bytes.n : HEAD_BYTES;
	size_t groups = decode_groups(str_trim((struct str){ parcel->bytes.p, n }), start);
	if (groups < FEWEST_CHARACTERS)
		return NO_BID;
	struct str decoded = { start, groups / 4 * 3 };
	return unwrap_knows(decoded) || kind_of_marked(decoded) ? BID_LIKELY : NO_BID;
}

static void open_base64(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct buf out;
	size_t at = 0;
	const char *why = NULL;
	buf_init(&out, unwrap_room(unwrapping));
	int status = decode(parcel->bytes, &out, &at, &why);
	unwrap_decoded(unwrapping, out.n);
	if (out.failed) {
		unwrap_too_large(unwrapping, parcel);
	} else if (status != 0) {
		bool xml = str_starts(str_trim(parcel->bytes), STR("<"));
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_004,
			     "the base64 content does not decode: %s",
			     xml ? "it is XML that is not encoded" : why);
	} else {
		struct parcel content = parcel_decoded(parcel, buf_view(&out), 0);
		unwrap_part(unwrapping, &content);
	}
	buf_release(&out);
}

const struct layer base64_layer = {
	.name = "base64",
	.sign = "base64 that decodes to a known format",
	.rules = { RULE_TRN_004 },
	.bid = bid_for_base64,
	.open = open_base64,
};

/* quoted-printable (RFC 2045, section 6.7) */

static int digit_of(char c)
{
	if (char_is_digit(c))
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After an '=': the length of a soft line break, white space before it included; 0: there is none.
 */
static size_t soft_break(struct str rest)
{
	size_t n = 0;
	while (n < rest.n && (rest.p[n] == ' ' || rest.p[n] == '\t'))
		n++;
	if (n < rest.n && rest.p[n] == '\r')
		n++;
	return n < rest.n && rest.p[n] == '\n' ? n + 1 : n == rest.n ? n : 0;
}

/* How many characters at an offset stand for one byte, or for none; 0: an '=' is followed by what
 * it may not be. */
static size_t next_quoted(struct str text, size_t at, char *byte, bool *none)
{
	*none = false;
	*byte = text.p[at];
	if (*byte != '=')
		return 1;
	struct str rest = str_from(text, at + 1);
	int high = rest.n > 0 ? digit_of(rest.p[0]) : -1;
	int low = rest.n > 1 ? digit_of(rest.p[1]) : -1;
	*none = high < 0 || low < 0;
	size_t n = *none ? soft_break(rest) : 2;
	if (n == 0 && rest.n)
		return 0;
	if (!*none)
		*byte = (char)(high * 16 + low);
	return n + 1;
}

/* 0, or -1 with where it is wrong. */
static int decode_quoted(struct str text, struct buf *out, size_t *at)
{
	char byte;
	bool none;
	for (size_t i = 0, n; i < text.n; i += n) {
		n = next_quoted(text, i, &byte, &none);
		*at = i;
		if (n == 0)
			return -1;
		if (!none)
			buf_char(out, byte);
	}
	return 0;
}

size_t quoted_start(struct str text, char *out, size_t room)
{
	size_t count = 0;
	bool none;
	for (size_t i = 0, n; i < text.n && count < room; i += n) {
		n = next_quoted(text, i, &out[count], &none);
		if (n == 0)
			break;
		count += !none;
	}
	return count;
}

static void open_quoted(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct buf out;
	size_t at = 0;
	buf_init(&out, unwrap_room(unwrapping));
	int status = decode_quoted(parcel->bytes, &out, &at);
	unwrap_decoded(unwrapping, out.n);
	if (out.failed) {
		unwrap_too_large(unwrapping, parcel);
	} else if (status != 0) {
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_003,
			     "quoted-printable: '=' must be followed by two hexadecimal digits or "
			     "by the "
			     "end of the line");
	} else {
		struct parcel content = parcel_decoded(parcel, buf_view(&out), 0);
		unwrap_part(unwrapping, &content);
	}
	buf_release(&out);
}

const struct layer quoted_layer = {
	.name = "quoted-printable",
	.sign = "Content-Transfer-Encoding",
	.open = open_quoted,
};
