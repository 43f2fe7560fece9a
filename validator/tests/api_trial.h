/*
 * api_trial.h - what the tests of the public interface share: results of files, judged from memory.
 */
#ifndef CPIS_TESTS_API_TRIAL_H
#define CPIS_TESTS_API_TRIAL_H

#include "cpis.h"

#define GOOD	"testcases/messages/upload-one.xml"
#define ENDS	"testcases/rules/DAT-003/fail-a-year-before.xml"
#define MASKED	"testcases/rules/DAT-001/fail-day-zero.xml"
#define REQUEST "testcases/rules/PAIR-001/request-fail-other-file.xml"
#define REPLY	"testcases/rules/PAIR-001/fail-other-file.xml"

/* Of the last call that failed. */
extern struct cpis_failure failure;
extern const struct cpis_options defaults;

struct cpis_results *start_results(const struct cpis_options *options);

/* A file in a block of its own size: a byte read past its end is seen by the sanitizers. */
struct cpis_bytes load(const char *path);

void unload(struct cpis_bytes *source);

void judge_bytes(struct cpis_results *results, const char *path);

/* The results of a file, judged from memory. */
struct cpis_results *judged(const struct cpis_options *options, const char *path);

/* All that is known of results, and the results freed. For free(). */
char *told(struct cpis_results *results);

char *told_of_file(const char *path);

void assert_refused(int status, enum cpis_failure_kind kind, const char *says);

#endif
