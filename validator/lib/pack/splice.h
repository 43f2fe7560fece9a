/*
 * splice.h - replacements of ranges of bytes, collected in any order and made in one go.
 */
#ifndef CPIS_PACK_SPLICE_H
#define CPIS_PACK_SPLICE_H

#include "base/buf.h"

struct splice {
	size_t start, end; /* what goes; start == end: nothing, only text comes */
	struct str text;   /* what comes; borrowed, may be a slice of the bytes themselves */
};

/* Zeroed is empty. */
struct splices {
	struct splice *items;
	size_t count, room;
	bool failed;
};

void splices_add(struct splices *splices, size_t start, size_t end, struct str text);

/* Make them. One that begins inside another that goes is left out. -1 when memory is out. */
int splices_apply(struct splices *splices, struct buf *bytes);

void splices_release(struct splices *splices);

#endif
