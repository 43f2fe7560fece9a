/*
 * uuid.h - UUIDs as ITK and Spine write them: bare, or behind uuid:, urn:uuid: or uuid_.
 */
#ifndef CPIS_MESSAGE_UUID_H
#define CPIS_MESSAGE_UUID_H

#include "base/str.h"

/* Exactly one UUID and nothing else, in either case. */
bool uuid_is(struct str text);
/* The same with its letters in upper case. */
bool uuid_is_upper(struct str text);

/* What stands behind uuid:, urn:uuid: or uuid_; the text itself where none of them does. */
struct str uuid_bare(struct str text);

/* Whether two texts hold the same UUID, whatever stands before it and in whatever case. */
bool uuid_same(struct str a, struct str b);

#endif
