/*
 * fixers.h - what can be put right in a message without knowing more than the message says.
 *
 * A fixer is bound to a rule and looks at one finding of it. It changes only what is mechanical, by
 * replacing the bytes concerned; where it is not sure, it leaves them. Whoever applies a fix judges
 * again, and takes it back if the finding is still there (fix.c).
 *
 * One kind is mechanical and not certain: a count may be right, and a part that it counts lost.
 *
 * No fixer changes an NHS number, a local id, a name, a birth date or a date of a plan: see
 * fixer_may_touch.
 */
#ifndef CPIS_FIX_FIXERS_H
#define CPIS_FIX_FIXERS_H

#include "base/arena.h"
#include "base/splices.h"

struct finding;

/* One finding at work. The finding's offset is one in these bytes, which are well-formed UTF-8. */
struct fixing {
	struct str bytes;
	const struct finding *finding;
	const char *zone; /* of times without offset: "Europe/London", "+0100"; NULL: not known */
	struct arena *arena; /* of texts that are put in */
	struct splices *splices;
};

struct fixer {
	const char *rule; /* its id */
	const char *what; /* what it does, as said of a finding: "UUID in upper case" */
	/* Add the replacement to splices: true. False: not sure, so nothing was added. */
	bool (*apply)(const struct fixing *fixing);
};

/* In order of rule; those of one rule are tried in order, and the first that is sure is taken. */
extern const struct fixer fixers[];
extern const size_t fixer_count;

/* The first of a rule, or NULL. The others follow it. */
const struct fixer *fixer_of(const char *rule);

/* Whether another place may be wrong than the one that it changes: a count may be right. */
bool fixer_is_uncertain(const struct fixer *fixer);

/* The first that is sure about this finding, which has then added its replacement; or NULL. */
const struct fixer *fixer_apply(const struct fixing *fixing);

/* Whether zone is one that DAT-002 can be fixed with: "Europe/London", or an offset of four digits
 * that DAT-001 takes.
 */
bool fixer_knows_zone(const char *zone);

/*
 * The document in UTF-8, where it declares another encoding or has the byte order mark of one, and
 * is in it: XML-003. What it declares stays as it is. False: it is not certain what it is in.
 */
bool fixer_to_utf8(struct str bytes, struct buf *out, struct arena *arena);

/* Where a text declares another encoding than UTF-8. False: it does not. */
bool fixer_find_encoding(struct str text, size_t *start, size_t *end);

#endif
