/*
 * listed.h - queries listed as accesses: what responses and notifications are judged by alike.
 */
#ifndef CPIS_RULES_LISTED_H
#define CPIS_RULES_LISTED_H

#include "rules/judge.h"

/* One author not twice within 24 hours; of one access listed twice, by its id, that is another
 * rule. */
enum outcome listed_once_a_day(struct judge *judge, const struct listed_query_list *list);

/* No query id twice. */
enum outcome listed_once(struct judge *judge, const struct listed_query_list *list);

/* A listed query is not later than the message that lists it. noun: "response". */
enum outcome listed_before(struct judge *judge, const struct query *query,
			   const struct timestamp *message, const char *noun);

#endif
