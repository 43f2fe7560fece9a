/*
 * check.h - what the tables of the language cannot say of a pack: names that must exist, keys that
 * exclude each other, requirements that no case shows. What a pack names outside of itself is
 * prepare.h's.
 */
#ifndef CPIS_PACK_CHECK_H
#define CPIS_PACK_CHECK_H

#include "pack/pack.h"

/* Add the problems, and mark the cases that have any as faulty. */
void pack_check(struct pack *pack, struct problems *problems);

#endif
