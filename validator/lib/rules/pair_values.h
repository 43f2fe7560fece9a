/*
 * pair_values.h - what the rules over two messages have in common.
 */
#ifndef CPIS_RULES_PAIR_VALUES_H
#define CPIS_RULES_PAIR_VALUES_H

#include "message/pair.h"
#include "rules/judge.h"
#include "rules/located.h"
#include "rules/returned.h"

struct pair_work {
	struct located_upload upload;
	struct located *located; /* of each detail, in order; NULL: not asked yet */
	struct returned_index index;
	bool indexed;
};

/* A value of the response that is there and stands in the document that has been read. */
bool pair_has(const struct pair *pair, const struct summary_value *value);

bool pair_acknowledges_upload(const struct pair *pair);

/* The value for judge_fail, in whose message the finding then stands. */
const struct value *pair_at(struct judge *judge, const struct summary_value *value);

/* The same for a value of a record, a detail or an access, which stand in the root's message. */
const struct value *pair_in_root(struct judge *judge, const struct pair *pair,
				 const struct value *value);

struct str pair_text(const struct summary_value *value);

/* Two values that have to be one. Nothing to judge where either is missing. */
enum outcome pair_same(struct judge *judge, const struct pair *pair,
		       const struct summary_value *found, const struct summary_value *expected,
		       const char *noun, const char *source);

enum outcome pair_worse(enum outcome a, enum outcome b);

#endif
