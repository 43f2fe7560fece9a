/*
 * author.h - who asks: a person with a smartcard, or a system when nobody is logged in.
 */
#ifndef CPIS_RULES_AUTHOR_H
#define CPIS_RULES_AUTHOR_H

#include "rules/judge.h"

/* Asked now, not listed in a reply as somebody's earlier access. */
bool author_asks_now(const struct part *part);

/* NULL: the message has no transmission wrapper. */
const struct wrapper *author_wrapper(const struct part *part);

/* Fails at the value where it is blank, at the part where it is missing. noun: "query's id". */
enum outcome author_fills(struct judge *judge, const struct part *part, const struct value *value,
			  const char *noun);

enum outcome author_has_role_code(struct judge *judge, const struct author_person *person);
enum outcome author_has_role_name(struct judge *judge, const struct author_person *person);
enum outcome author_has_organisation_code(struct judge *judge, const struct author_person *person);
enum outcome author_has_organisation_name(struct judge *judge, const struct author_person *person);
enum outcome author_has_user_id(struct judge *judge, const struct author_person *person);
enum outcome author_device_has_system_id(struct judge *judge, const struct author_device *device);
enum outcome author_device_has_organisation_code(struct judge *judge,
						 const struct author_device *device);
enum outcome author_device_has_organisation_name(struct judge *judge,
						 const struct author_device *device);
enum outcome author_authority_is_told(struct judge *judge,
				      const struct indirect_authority *authority);
enum outcome author_device_names_authority(struct judge *judge, const struct author_device *device);
enum outcome author_role_is_known(struct judge *judge, const struct job_role *role);
enum outcome author_is_one_user(struct judge *judge, const struct author_person *person);
enum outcome author_is_named(struct judge *judge, const struct author_person *person);
enum outcome author_is_the_wrappers(struct judge *judge, const struct author_person *person);
enum outcome author_device_asks_alone(struct judge *judge, const struct author_device *device);

#endif
