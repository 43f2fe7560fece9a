#include "message/uuid.h"

#include <strings.h>

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
