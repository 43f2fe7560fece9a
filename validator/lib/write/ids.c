#include "write/ids.h"

#include "base/buf.h"
#include "base/digest.h"
#include "message/timestamp.h"

#include <stdio.h>
#include <stdlib.h>

static void next_digest(struct id_maker *maker, char hex[65])
{
	char text[96];
	int n = snprintf(text, sizeof(text), "%s-%llu", maker->key, maker->made++);
	digest_sha256((struct str){ text, (size_t)n }, hex);
}

void id_maker_init(struct id_maker *maker, struct str seed, struct str salt)
{
	char of_salt[65], both[130];
	*maker = (struct id_maker){ 0 };
	digest_sha256(seed, maker->key);
	digest_sha256(salt, of_salt);
	int n = snprintf(both, sizeof(both), "%s%s", maker->key, of_salt);
	digest_sha256((struct str){ both, (size_t)n }, maker->key);
}

void id_maker_uuid(struct id_maker *maker, char out[UUID_BYTES])
{
	char hex[65];
	next_digest(maker, hex);
	size_t n = 0;
	for (size_t i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[n++] = '-';
		out[n++] = char_capital(hex[i]);
	}
	out[n] = 0;
	enum { VERSION = 14, VARIANT = 19 };
	out[VERSION] = '4';
	out[VARIANT] = "89AB"[(unsigned char)hex[40] & 3];
}

unsigned long long id_maker_below(struct id_maker *maker, unsigned long long limit)
{
	char hex[65];
	next_digest(maker, hex);
	hex[15] = 0;
	return strtoull(hex, NULL, 16) % limit;
}

void time_hl7(long long seconds, char out[TIME_BYTES])
{
	bool summer = moment_in_british_summer(seconds);
	struct moment t = moment_of_seconds(seconds + (summer ? 3600 : 0));
	snprintf(out, TIME_BYTES, "%04u%02u%02u%02u%02u%02u+0%d00", (unsigned)t.year % 10000,
		 (unsigned)t.month % 100, (unsigned)t.day % 100, (unsigned)t.hour % 100,
		 (unsigned)t.minute % 100, (unsigned)t.second % 100, summer);
}

void time_iso(long long seconds, char out[TIME_BYTES])
{
	struct moment t = moment_of_seconds(seconds);
	snprintf(out, TIME_BYTES, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)t.year % 10000,
		 (unsigned)t.month % 100, (unsigned)t.day % 100, (unsigned)t.hour % 100,
		 (unsigned)t.minute % 100, (unsigned)t.second % 100);
}
