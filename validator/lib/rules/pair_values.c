#include "rules/pair_values.h"

bool pair_has(const struct pair *pair, const struct summary_value *value)
{
	return value_there(&value->value) && value->document == pair->document;
}

bool pair_acknowledges_upload(const struct pair *pair)
{
	return pair->request->kind == SUMMARY_UPLOAD &&
	       pair->response->kind == SUMMARY_ACKNOWLEDGEMENT &&
	       pair_has(pair, &pair->response->root);
}

const struct value *pair_at(struct judge *judge, const struct summary_value *value)
{
	judge->message = value->message;
	return &value->value;
}

const struct value *pair_in_root(struct judge *judge, const struct pair *pair,
				 const struct value *value)
{
	judge->message = pair->response->root.message;
	return value;
}

struct str pair_text(const struct summary_value *value)
{
	return value->value.text;
}

enum outcome pair_same(struct judge *judge, const struct pair *pair,
		       const struct summary_value *found, const struct summary_value *expected,
		       const char *noun, const char *source)
{
	if (!pair_has(pair, found) || !value_there(&expected->value))
		return NOT_APPLICABLE;
	if (str_equal(pair_text(found), pair_text(expected)))
		return HOLDS;
	const char *shown = judge_plain(judge, pair_text(expected));
	judge_expect(judge, "%s", shown);
	return judge_fail(judge, pair_at(judge, found), MASK_NONE, "%s is %s, %s has %s", noun,
			  judge_plain(judge, pair_text(found)), source, shown);
}

enum outcome pair_worse(enum outcome a, enum outcome b)
{
	if (a == FAILS || b == FAILS)
		return FAILS;
	if (a == BLOCKED || b == BLOCKED)
		return BLOCKED;
	return a == HOLDS || b == HOLDS ? HOLDS : NOT_APPLICABLE;
}
