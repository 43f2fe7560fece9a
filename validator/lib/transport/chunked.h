/*
 * chunked.h - a body in chunks (RFC 9112, section 7.1) put together, and where its pieces stood.
 */
#ifndef CPIS_TRANSPORT_CHUNKED_H
#define CPIS_TRANSPORT_CHUNKED_H

#include "transport/parcel.h"

struct chunked {
	struct buf body;
	struct piece *pieces;
	size_t piece_count, piece_room;
	const char *fault; /* why it is not whole; NULL: it is. Static */
	bool limit;	   /* the fault is a limit of ours, or memory */
};

void chunked_init(struct chunked *chunked, size_t max_bytes);
void chunked_release(struct chunked *chunked);

/* Gather the chunks that start at an offset; returns where they end, or where the fault is. */
size_t chunked_gather(struct chunked *chunked, struct str bytes, size_t at);

#endif
