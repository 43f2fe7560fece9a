/*
 * dat.h - the checks behind the rows of the chapter on dates and times.
 */
#ifndef CPIS_RULES_DAT_H
#define CPIS_RULES_DAT_H

#include "rules/judge.h"

/* dat_time.c: one time, by itself */
enum outcome dat_is_a_real_time(struct judge *judge, const struct timestamp *time);
enum outcome dat_hours_carry_a_zone(struct judge *judge, const struct timestamp *time);
enum outcome dat_zone_is_of_four_digits(struct judge *judge, const struct timestamp *time);
enum outcome dat_zone_is_of_the_uk(struct judge *judge, const struct timestamp *time);
enum outcome dat_time_has_hours(struct judge *judge, const struct timestamp *time);
enum outcome dat_is_not_in_the_future(struct judge *judge, const struct timestamp *time);
enum outcome dat_birth_is_a_whole_date(struct judge *judge, const struct timestamp *time);
enum outcome dat_birth_has_no_hours(struct judge *judge, const struct timestamp *time);

/* dat_plan.c: the times of a plan, among themselves and against the message */
enum outcome dat_plan_ends_after_it_starts(struct judge *judge, const struct plan *plan);
enum outcome dat_plan_is_deleted_after_it_starts(struct judge *judge, const struct plan *plan);
enum outcome dat_plan_has_started(struct judge *judge, const struct plan *plan);
enum outcome dat_plan_is_deleted_by_now(struct judge *judge, const struct plan *plan);
enum outcome dat_unborn_plan_is_short(struct judge *judge, const struct plan *plan);

/* dat_age.c: plans against the birth of whom they are about */
enum outcome dat_is_born_before_message(struct judge *judge, const struct subject *subject);
enum outcome dat_plan_starts_after_birth(struct judge *judge, const struct record *record);
enum outcome dat_child_is_under_18(struct judge *judge, const struct record *record);
enum outcome dat_plan_ends_before_18(struct judge *judge, const struct record *record);
enum outcome dat_plan_end_has_come(struct judge *judge, const struct record *record);
enum outcome dat_mother_is_of_age(struct judge *judge, const struct record *record);
enum outcome dat_unborn_plan_has_not_ended(struct judge *judge, const struct record *record);

/* Whether a time can be compared; where it cannot, why is BLOCKED or NOT_APPLICABLE for the check
 * to return. */
bool dat_is_usable(struct judge *judge, const struct timestamp *time, enum outcome *why);

/* By the clock of the United Kingdom, as plan dates are. Both must be usable. -1, 0, 1 */
int dat_compare(const struct timestamp *a, const struct timestamp *b);

/* Of many judgements on one part: a failure outweighs what holds, that outweighs what could not be
 * judged. */
enum outcome dat_weigh(enum outcome a, enum outcome b);

#endif
