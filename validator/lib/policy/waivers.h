/*
 * waivers.h - findings and failures that are accepted for one supplier until a date: by whom, and
 * why.
 *
 * YAML or JSON: a list of { rule, case, pack, path, reason, owner, expires }. With a rule it
 * accepts findings; without one it accepts that a case fails, for what is known.
 */
#ifndef CPIS_POLICY_WAIVERS_H
#define CPIS_POLICY_WAIVERS_H

#include "base/arena.h"

#include <stdbool.h>

struct cpis_failure;
struct cpis_waivers;
struct finding;
struct results;
struct mapping;
struct problems;

/* What is wrong with waivers as a whole is a case of this id, which no pack may use. */
#define WAIVERS_CASE "waivers"

/* The format of an entry. */
extern const struct mapping supplier_waiver_mapping;

/* Every problem of a file, for those who write one. */
void waivers_check(const char *path, struct problems *problems);

/* cpis_waivers_open, once the rules are set up. */
int waivers_open(struct cpis_waivers **waivers, const char *path, struct cpis_failure *failure);

/* Where the file is, as it was named. */
const char *waivers_path(const struct cpis_waivers *waivers);

/* A case, by its pack and its id. */
struct waivers_case {
	const char *pack, *id;
};

/*
 * "REASON (OWNER, until DATE)" in the arena, where a waiver in force accepts a finding; else NULL.
 * of NULL: of no case. An expired one is not applied, but counts as met.
 */
const char *waivers_take(struct cpis_waivers *waivers, const struct waivers_case *of,
			 const struct finding *finding, long long now, struct arena *arena);

/* Whether a waiver in force accepts findings of a rule in a case, at some places at least. */
bool waivers_name(const struct cpis_waivers *waivers, const struct waivers_case *of,
		  const char *rule, long long now);

/* The same as waivers_take where one accepts that a case fails. */
const char *waivers_take_failure(struct cpis_waivers *waivers, const struct waivers_case *of,
				 long long now, struct arena *arena);

/* A run begins, with the options of its results; partial: cases are left out by wish. */
void waivers_begin(struct cpis_waivers *waivers, const struct results *results, bool partial);

/* Something of the run was not judged: no waiver is too many for all that is known. */
void waivers_miss(struct cpis_waivers *waivers);

/* A pack of the run has the case: what is said of it is settled with it, or left out with it. A
 * waiver that may mean a case of another pack too is a problem. */
void waivers_know_case(struct cpis_waivers *waivers, const struct waivers_case *of,
		       struct problems *problems);

/* After a case, whose messages are from first_message on: a sentence for each of its waivers that
 * has expired, or that nothing met. */
void waivers_close_case(struct cpis_waivers *waivers, const struct waivers_case *of,
			const struct results *results, size_t first_message,
			void (*tell)(void *context, const char *sentence), void *context);

#endif
