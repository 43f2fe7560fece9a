/*
 * ids.h - ids and times of the messages that we write: never constants, and the same again for the
 * same seed.
 *
 * The ids are SHA-256 digests of the seed, of what they are for (salt) and of a counter. They are
 * unpredictable to who does not know the seed, and two messages of one seed never share one.
 */
#ifndef CPIS_WRITE_IDS_H
#define CPIS_WRITE_IDS_H

#include "base/str.h"

enum { UUID_BYTES = 37 }; /* with the NUL */

struct id_maker {
	char key[65]; /* hex */
	unsigned long long made;
};

void id_maker_init(struct id_maker *maker, struct str seed, struct str salt);

/* A UUID of version 4 in upper case. */
void id_maker_uuid(struct id_maker *maker, char out[UUID_BYTES]);
/* A number below limit, which is not 0. */
unsigned long long id_maker_below(struct id_maker *maker, unsigned long long limit);

enum { TIME_BYTES = 32 };

/* "20261028130425+0000", by the clock of the United Kingdom. */
void time_hl7(long long seconds_since_1970, char out[TIME_BYTES]);
/* "2026-10-28T13:04:25Z" */
void time_iso(long long seconds_since_1970, char out[TIME_BYTES]);

#endif
