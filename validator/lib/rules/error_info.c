#include "rules/error_info.h"

#include "message/uuid.h"

static const char *shown(struct judge *judge, const struct value *value)
{
	return judge_plain(judge, str_trim(value->text));
}

enum outcome error_info_judge_code(struct judge *judge, const struct error_info *error, bool known,
				   const char *expected)
{
	if (known)
		return HOLDS;
	judge_expect(judge, "%s", expected);
	if (!value_there(&error->code))
		return judge_fail_part(judge, &error->part, "the error has no ErrorCode");
	return judge_fail(judge, &error->code, MASK_NONE,
			  "ErrorCode \"%s\" is not known: %s is expected",
			  shown(judge, &error->code), expected);
}

enum outcome error_info_judge_system(struct judge *judge, const struct error_info *error,
				     enum error_role role, const char *oid)
{
	if (error->part.role != role || !value_there(&error->code))
		return NOT_APPLICABLE;
	if (str_is(str_trim(error->code_system.text), oid))
		return HOLDS;
	judge_expect(judge, "%s", oid);
	if (!value_there(&error->code_system))
		return judge_fail_part(judge, &error->part,
				       "the ErrorCode has no codeSystem: %s is expected", oid);
	return judge_fail(judge, &error->code_system, MASK_NONE,
			  "the ErrorCode's codeSystem is \"%s\": %s is expected",
			  shown(judge, &error->code_system), oid);
}

enum outcome error_info_judge_text(struct judge *judge, const struct error_info *error)
{
	if (value_filled(&error->text))
		return HOLDS;
	if (value_there(&error->text))
		return judge_fail(judge, &error->text, MASK_NONE, "ErrorText is blank");
	return judge_fail_part(judge, &error->part, "the error has no ErrorText");
}

enum outcome error_info_judge_id(struct judge *judge, const struct error_info *error,
				 enum error_role role)
{
	if (error->part.role != role)
		return NOT_APPLICABLE;
	if (uuid_is(str_trim(error->id.text)))
		return HOLDS;
	judge_expect(judge, "a UUID");
	if (!value_there(&error->id))
		return judge_fail_part(judge, &error->part,
				       "the error has no ErrorID: a UUID is expected");
	return judge_fail(judge, &error->id, MASK_NONE, "ErrorID \"%s\" is not a UUID",
			  shown(judge, &error->id));
}
