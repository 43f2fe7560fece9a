/*
 * crew.h - the members of an archive, judged by several threads.
 *
 * An archive is read from front to back by the worker whose source it is, the chief. What it reads
 * it hands to the crew; the results become part of its draft in the order of the archive, before
 * anything else does, so that they are the same as if the chief had judged each member on the way.
 * A limit of the whole source that is met changes what is read after it: then the chief judges the
 * source again, alone.
 */
#ifndef CPIS_ENGINE_CREW_H
#define CPIS_ENGINE_CREW_H

#include "diag/draft.h"
#include "transport/unwrap.h"

struct crew;

/* What a member takes of what its source may have. */
struct member_use {
	size_t opened;		  /* in: parcels of the source that were opened before */
	size_t max_decoded_bytes; /* in: its share of what the source may have */
	size_t decoded_bytes, parts, documents;
	bool unopened; /* something in it, maybe for a limit */
};

/* How each thread of a crew judges members. */
struct crew_tools {
	/* The thread's own tools, or NULL: it leaves the work to the others. */
	void *(*open)(void *context);
	void (*close)(void *tools);
	/* Into a draft that draft_renew has made. around: the member that the archive is itself, or
	 * NULL. */
	void (*judge)(void *tools, const struct parcel *part, const struct draft_member *around,
		      struct draft *draft, struct member_use *use);
	void *context;
};

/* Of so many threads, the caller's among them: they start when there is work. NULL when out of
 * memory. */
struct crew *crew_new(const struct crew_tools *tools, unsigned threads);
void crew_free(struct crew *crew);

/* A source is judged into the draft. documents: how many were found in it so far. All three are
 * borrowed until crew_settle. */
void crew_begin(struct crew *crew, struct draft *draft, struct unwrapping *unwrapping,
		size_t *documents);

/*
 * Take over a member, of which a copy is made; the parcels around it are borrowed until the next
 * crew_catch_up. around: the member of the draft that it lies in, or NULL. False: the caller judges
 * it.
 */
bool crew_take(struct crew *crew, const struct parcel *part, const struct draft_member *around);

/* Until all that was taken is in the draft. */
void crew_catch_up(struct crew *crew);

/* The source has been judged. False: what is in the draft may differ from what one thread finds. */
bool crew_settle(struct crew *crew);

#endif
