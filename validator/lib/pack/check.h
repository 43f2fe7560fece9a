/*
 * check.h - what the tables of the language cannot say of a pack: names that must exist, keys that
 * exclude each other, and XPaths that must select something in the message of their case.
 */
#ifndef CPIS_PACK_CHECK_H
#define CPIS_PACK_CHECK_H

#include "pack/pack.h"

void pack_check(struct pack *pack, struct problems *problems);

/* Messages, edits and places: opens every fixed message. */
void pack_check_messages(const struct pack *pack, struct problems *problems);

#endif
