/* Content-Transfer-Encoding quoted-printable (RFC 2045, section 6.7). */
#include "transport/layer.h"
#include "transport/unwrap.h"

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

/* 0, or -1 with where an '=' is followed by what it may not be. */
static int decode(struct str text, struct buf *out, size_t *at)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '=') {
			buf_char(out, text.p[i]);
			continue;
		}
		struct str rest = str_from(text, i + 1);
		int high = rest.n > 0 ? digit_of(rest.p[0]) : -1;
		int low = rest.n > 1 ? digit_of(rest.p[1]) : -1;
		size_t n = high >= 0 && low >= 0 ? 2 : soft_break(rest);
		if (n == 0 && rest.n) {
			*at = i;
			return -1;
		}
		if (high >= 0 && low >= 0)
			buf_char(out, (char)(high * 16 + low));
		i += n;
	}
	return 0;
}

static void open_quoted(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct buf out;
	size_t at = 0;
	buf_init(&out, unwrap_room(unwrapping));
	int status = decode(parcel->bytes, &out, &at);
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
