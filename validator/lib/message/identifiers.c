#include "message/identifiers.h"

#include <strings.h>

static enum nhs_range range_of(uint32_t nine)
{
	static const struct {
		uint32_t first, last;
		enum nhs_range range;
	} ranges[] = {
		{ 999000000, 999999999, NHS_RANGE_TEST },
		{ 400000000, 499999999, NHS_RANGE_ENGLAND_WALES },
		{ 600000000, 799999999, NHS_RANGE_ENGLAND_WALES },
		{ 320000001, 399999999, NHS_RANGE_NORTHERN_IRELAND },
		{ 311300000, 320000000,
		  NHS_RANGE_ENGLAND_WALES }, /* England also has some of 3xx */
		{ 10100000, 311299999, NHS_RANGE_SCOTLAND },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (nine >= ranges[i].first && nine <= ranges[i].last)
			return ranges[i].range;
	return NHS_RANGE_NEVER_ISSUED;
}

struct nhs_number nhs_number_of(struct str text)
{
	struct nhs_number number = { 0 };
	if (text.n != 10)
		return number;
	if (!str_is_digits(text))
		return number;
	/* The digit that is read i-th is in all later sums of the digits so far: 10 - i times. */
	uint32_t sum = 0, so_far = 0;
	for (size_t i = 0; i < 9; i++) {
		uint32_t digit = (uint32_t)(text.p[i] - '0');
		sum += so_far += digit;
		number.nine = number.nine * 10 + digit;
	}
	sum += so_far;
	number.has_shape = true;
	number.one_digit = memcmp(text.p, text.p + 1, 9) == 0;
	number.last = (uint8_t)(text.p[9] - '0');
	number.check = (uint8_t)((11 - sum % 11) % 11);
	number.range = range_of(number.nine);
	return number;
}

static bool has_shape(struct str text, bool lower_allowed)
{
	static const char shape[] = "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX";
	if (text.n != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool hex = char_is_digit(c) || (c >= 'A' && c <= 'F') ||
			   (lower_allowed && c >= 'a' && c <= 'f');
		if (shape[i] == 'X' ? !hex : c != '-')
			return false;
	}
	return true;
}

bool uuid_is(struct str text)
{
	return has_shape(text, true);
}

bool uuid_is_upper(struct str text)
{
	return has_shape(text, false);
}

struct str uuid_bare(struct str text)
{
	static const struct str prefixes[] = { { "urn:uuid:", 9 }, { "uuid:", 5 }, { "uuid_", 5 } };
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(text, prefixes[i]))
			return str_from(text, prefixes[i].n);
	return text;
}

bool uuid_same(struct str a, struct str b)
{
	a = uuid_bare(str_trim(a));
	b = uuid_bare(str_trim(b));
	return uuid_is(a) && uuid_is(b) && strncasecmp(a.p, b.p, a.n) == 0;
}

enum { UUID_BYTES = 36 };

bool uuid_is_prefixed(struct str id)
{
	if (id.n < UUID_BYTES || !uuid_is(str_from(id, id.n - UUID_BYTES)))
		return false;
	for (size_t i = 0; i < id.n - UUID_BYTES; i++)
		if (!char_is_letter(id.p[i]) && id.p[i] != '_' && id.p[i] != ':')
			return false;
	return true;
}

struct str uuid_at_end(struct str id)
{
	size_t prefix = id.n < UUID_BYTES ? id.n : id.n - UUID_BYTES;
	struct str end = str_from(id, prefix);
	bool longer = prefix && char_is_hex(id.p[prefix - 1]);
	return uuid_is(end) && !longer ? end : (struct str){ 0 };
}

bool sds_id_is(struct str text)
{
	return text.n == 12 && str_is_digits(text);
}

bool oid_is(struct str text)
{
	size_t arcs = 0, bytes;
	for (struct str rest = text; rest.n; rest = str_from(rest, bytes)) {
		for (bytes = 0; bytes < rest.n && char_is_digit(rest.p[bytes]);)
			bytes++;
		if (bytes == 0 || (rest.p[0] == '0' && bytes > 1) ||
		    (arcs == 0 && (bytes > 1 || rest.p[0] > '2')) ||
		    (arcs == 1 && text.p[0] < '2' &&
		     (bytes > 2 || (bytes == 2 && rest.p[0] > '3'))))
			return false;
		arcs++;
		if (bytes == rest.n)
			return arcs > 1;
		if (rest.p[bytes++] != '.')
			return false;
	}
	return false;
}

bool id_same(struct str a, struct str b)
{
	return str_equal(uuid_bare(str_trim(a)), uuid_bare(str_trim(b))) || uuid_same(a, b);
}
