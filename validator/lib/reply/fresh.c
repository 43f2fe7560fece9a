/* A request that was written long ago, as if it were made now. */
#include "cpis_service.h"

#include "base/str.h"
#include "message/identifiers.h"
#include "write/ids.h"

enum { UUID_LENGTH = UUID_BYTES - 1 };

/* Ids */

static bool is_part_of_word(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool stands_alone(struct str bytes, size_t at)
{
	size_t end = at + UUID_LENGTH;
	return (at == 0 || !is_part_of_word(bytes.p[at - 1])) &&
	       (end == bytes.n || !is_part_of_word(bytes.p[end]));
}

/* The same id always becomes the same, in the letters that it had: what refers to it still does. */
static void renew_id(char *id, struct str seed)
{
	char upper[UUID_BYTES] = "", made[UUID_BYTES];
	bool lower = false;
	struct id_maker maker;
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		lower = lower || (id[i] >= 'a' && id[i] <= 'f');
		upper[i] = id[i] >= 'a' && id[i] <= 'f' ? "ABCDEF"[id[i] - 'a'] : id[i];
	}
	id_maker_init(&maker, seed, str_of(upper));
	id_maker_uuid(&maker, made);
	for (size_t i = 0; i < UUID_LENGTH; i++)
		id[i] = lower && made[i] >= 'A' && made[i] <= 'F' ? "abcdef"[made[i] - 'A']
								  : made[i];
}

static size_t renew_ids(char *message, size_t size, struct str seed)
{
	size_t changed = 0;
	const struct str bytes = { message, size };
	for (size_t at = 0; at + UUID_LENGTH <= size; at++) {
		if (message[at + 8] != '-' || !uuid_is((struct str){ message + at, UUID_LENGTH }) ||
		    !stands_alone(bytes, at))
			continue;
		renew_id(message + at, seed);
		at += UUID_LENGTH - 1;
		changed++;
	}
	return changed;
}

/* Times */

/* What is before a time of the message itself, and after it. */
static const struct {
	const char *before, *after;
} places[] = {
	{ "creationTime value=\"", "\"" },
	{ "effectiveTime value=\"", "\"" },
	{ "Created>", "<" },
	{ "Expires>", "<" },
	{ "Timestamp>", "<" },
};

/* The time at a place, and how it is written. False: it is wrong, perhaps on purpose. */
static bool read_time(const char *text, size_t n, long long *seconds,
		      void (**write)(long long seconds, char out[TIME_BYTES]))
{
	char copy[TIME_BYTES], again[TIME_BYTES];
	static void (*const forms[])(long long, char *) = { time_hl7, time_iso };
	if (n == 0 || n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (cpis_time(copy, seconds) != 0)
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		forms[i](*seconds, again);
		*write = forms[i];
		if (strcmp(copy, again) == 0)
			return true;
	}
	return false;
}

/* Call for each time: move it by so much, or, where latest is not NULL, find the latest one. */
static size_t each_time(char *message, size_t size, long long by, long long *latest)
{
	size_t changed = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t n = strlen(places[i].before);
		char *end = message + size;
		for (char *at = message;
		     (at = memmem(at, (size_t)(end - at), places[i].before, n));) {
			void (*write)(long long, char *);
			char moved[TIME_BYTES];
			long long seconds;
			at += n;
			char *close = memchr(at, *places[i].after, (size_t)(end - at));
			if (!close || !read_time(at, (size_t)(close - at), &seconds, &write))
				continue;
			bool lasts = strcmp(places[i].before, "Expires>") == 0;
			if (latest && !lasts && seconds > *latest)
				*latest = seconds;
			if (latest)
				continue;
			write(seconds + by, moved);
			memcpy(at, moved, (size_t)(close - at));
			changed++;
		}
	}
	return changed;
}

size_t cpis_freshen(char *message, size_t size, const char *seed, long long now)
{
	long long latest = 0;
	size_t changed = renew_ids(message, size, str_of(seed ? seed : ""));
	each_time(message, size, 0, &latest);
	return latest ? changed + each_time(message, size, now - latest, NULL) : changed;
}
