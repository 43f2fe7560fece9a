/*
 * pack_trial.h - a pack in a folder of its own for the time of a test, and what came of it.
 */
#ifndef CPIS_TESTS_PACK_TRIAL_H
#define CPIS_TESTS_PACK_TRIAL_H

#include "base/buf.h"
#include "cpis.h"

struct results;

/* The time of every trial: 2026-11-01 00:00:00 UTC. */
extern const long long pack_trial_now;

struct pack_trial {
	char folder[64]; /* has the repository's messages in messages/ */
	struct cpis_results *opaque;
	struct results *results;
	struct buf problems; /* of loading: "line:column: text\n" each */
	struct cpis_failure failure;
	int status;
	struct cpis_pack_options options;
};

void pack_trial_begin(struct pack_trial *trial);
void pack_trial_end(struct pack_trial *trial);

/* name may have a folder that is there. */
void pack_trial_write(const struct pack_trial *trial, const char *name, const char *text);
void pack_trial_folder(const struct pack_trial *trial, const char *name);

/* from is a path of the repository. */
void pack_trial_copy(const struct pack_trial *trial, const char *name, const char *from);

/* Run this text as the pack. */
void pack_trial_run(struct pack_trial *trial, const char *yaml);

/* Beginnings of packs. */
#define PACK	      "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n"
#define CASE_OF(file) PACK "  - id: A\n    title: A\n    message: messages/" file "\n"
#define CASE	      CASE_OF("upload-one.xml")
#define FIVE	      CASE_OF("upload-five.xml")
#define GOOD	      "    expect: { verdict: pass }\n"

#endif
