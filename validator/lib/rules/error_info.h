/*
 * error_info.h - what faults and acknowledgements have in common: an error with its code and
 * identity.
 */
#ifndef CPIS_RULES_ERROR_INFO_H
#define CPIS_RULES_ERROR_INFO_H

#include "rules/judge.h"

/* Those that take a role are NOT_APPLICABLE to an error of another. */
enum outcome error_info_judge_code(struct judge *judge, const struct error_info *error, bool known,
				   const char *expected);
enum outcome error_info_judge_system(struct judge *judge, const struct error_info *error,
				     enum error_role role, const char *oid);
enum outcome error_info_judge_text(struct judge *judge, const struct error_info *error);
enum outcome error_info_judge_id(struct judge *judge, const struct error_info *error,
				 enum error_role role);

#endif
