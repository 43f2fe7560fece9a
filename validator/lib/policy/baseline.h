/*
 * baseline.h - the files of a folder that say how its messages are judged: a baseline of accepted
 * findings, a profile, and settings.
 *
 * A baseline is YAML or JSON: a list of { rule, path, message, reason }. Without a message an entry
 * is about the path in any message. Nothing in it is made from a value of a message.
 *
 * Settings (cpis.yaml) name a baseline and a profile, and hold the options that are always given.
 * cpis.h opens them for a run; a check of the file itself needs what it says and where.
 */
#ifndef CPIS_POLICY_BASELINE_H
#define CPIS_POLICY_BASELINE_H

#include "config/fields.h"

#include <stdbool.h>
#include <stddef.h>

struct cpis_baseline;
struct finding;
struct results;

/* The formats of an entry of a baseline, of a profile, and of settings. */
extern const struct mapping baseline_mapping, profile_mapping, settings_mapping;

/* Where it is, as it was named. */
const char *baseline_path(const struct cpis_baseline *baseline);

/*
 * Whether the baseline accepts an unexpected finding of a message, which is named as reports name
 * it. *reason is then the reason that the file gives, in the baseline's memory, or NULL. A baseline
 * that is being made accepts every finding and notes it. One thread at a time.
 */
bool baseline_accepts(struct cpis_baseline *baseline, const char *message,
		      const struct finding *finding, const char **reason);

/* Whether it accepts findings of a rule, at some places at least. */
bool baseline_names(const struct cpis_baseline *baseline, const char *rule);

/* Such a finding is accepted, with the reason in the arena. */
void baseline_mark(struct finding *finding, const char *reason, struct arena *arena);

/* A run begins: entries of rules that it turns off are not stale. */
void baseline_begin(struct cpis_baseline *baseline, const struct results *results);

/* Something of the run was not looked for: no entry is stale for all that is known. */
void baseline_miss(struct cpis_baseline *baseline);

/* Findings that the run did not list: a baseline that is being made would lack them. */
void baseline_lack(struct cpis_baseline *baseline, size_t count);

/* A finding that something else accepts: its entry is not stale. */
void baseline_meets(struct cpis_baseline *baseline, const char *message,
		    const struct finding *finding);

/* What a cpis.yaml says. Paths are relative to the folder of the file. */
struct settings {
	struct config_place place;
	struct config_number environment, fail_on;
	struct config_text profile, baseline;
	struct config_texts exclude;
	struct config_texts
		reports; /* FORMAT=FILE; whether there is such a format is not checked */
};

/* A path of the settings, from the folder that their file is in. NULL: out of memory. */
const char *settings_beside(struct arena *arena, const char *path, const char *name);

#endif
