/*
 * pair.h - the rules over two messages.
 */
#ifndef CPIS_RULES_PAIR_H
#define CPIS_RULES_PAIR_H

#include "message/summary.h"
#include "rules/judge.h"
#include "rules/location.h"

/*
 * Judge a pair when a document of its second message has been read; findings go to the draft of the
 * second, before they are placed. What could not be judged is an omission of it.
 */
void pair_judge(struct judge *judge, const struct message_summary *request,
		const struct message_summary *response, size_t document);

/* How an upload follows the one before it, by their sequence numbers. */
enum pair_sequence {
	SEQUENCE_NONE, /* not two uploads of one sender, or a number cannot be read */
	SEQUENCE_NEXT,
	SEQUENCE_REPEATED,
	SEQUENCE_GAP,
	SEQUENCE_BACK, /* the number goes back */
	SEQUENCE_OLDER /* the number goes on, the creation time goes back */
};

enum pair_sequence pair_sequence(const struct message_summary *earlier,
				 const struct message_summary *later);

/* Shared by the rules of pair.c, pair_upload.c and pair_returned.c. */

#define ACKNOWLEDGEMENT "CP-IS DMS 1.0, REPC_MT000003GB01"

/* Of pair_returned.c; listed in pair_upload.c. */
extern const struct rule pair_005, pair_012, pair_015;

struct returned_index;

/* What the rules on an upload and its acknowledgement look up, once for all of them. */
struct pair_work {
	struct location_upload upload;
	struct location_target *located; /* of each detail, in order; NULL: not looked up yet */
	struct returned_index *returned; /* NULL: not made yet */
};

/* Whether a value of the response is there, in the document that has been read. */
bool pair_has(const struct pair *pair, const struct summary_value *value);

bool pair_acknowledges_upload(const struct pair *pair);

/* The value for judge_fail; the finding then belongs to the value's message. */
const struct value *pair_at(struct judge *judge, const struct summary_value *value);

/* The same for a value of a record, a detail or an access: the message is the root's. */
const struct value *pair_in_root(struct judge *judge, const struct pair *pair,
				 const struct value *value);

struct str pair_text(const struct summary_value *value);

/* Two values that must be the same. NOT_APPLICABLE where either is missing. */
enum outcome pair_same(struct judge *judge, const struct pair *pair,
		       const struct summary_value *found, const struct summary_value *expected,
		       const char *noun, const char *source);

/* Locations are looked up once for all rules. NULL when out of memory. */
const struct location_target *pair_locations(struct judge *judge, const struct pair *pair);

enum outcome pair_worse(enum outcome a, enum outcome b);

#endif
