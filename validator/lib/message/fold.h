/*
 * fold.h - what the part around another keeps of it.
 *
 * A message may list thousands of accesses or records: each is read into one slot, judged, and
 * forgotten (binding.h, STREAM). What a rule on the whole message needs of them is folded into the
 * part around when the listed part closes: counts, and short copies of values with their places.
 * Nothing is kept of the records of an upload, so that an upload of any length needs the same
 * memory.
 */
#ifndef CPIS_MESSAGE_FOLD_H
#define CPIS_MESSAGE_FOLD_H

#include "base/arena.h"
#include "message/parts.h"

/* Fold a closed part, once. Copies go to the arena, which must live as long as the message's parts.
 */
void fold_part(struct arena *arena, const struct part *part);

/* Whether parts of a kind are folded at all. */
static inline bool fold_takes(enum part_kind kind)
{
	return kind == PART_QUERY || kind == PART_RECORD || kind == PART_RECORD_DETAIL ||
	       kind == PART_INACTIVE_PATIENT || kind == PART_WRAPPER || kind == PART_FAULT ||
	       kind == PART_ERROR_INFO;
}

/*
 * Who asks: an SDS user; or a system and its organisation, when no user is logged in. text.p is
 * NULL where the query does not say. In arena.
 */
struct str query_author(struct arena *arena, const struct query *query);

/* Whether a query comes within 24 hours after another one, by the times that both bear: of one
 * author, the first is listed for both. */
bool query_is_within_a_day(const struct moment *first, const struct moment *later);

/* What else is said of them. In arena. */
struct asker query_asker(struct arena *arena, const struct query *query);

#endif
