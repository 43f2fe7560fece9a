/*
 * run_cli.h - the program, run inside a test: what it was asked, what it exited with, what it
 * found.
 *
 * Quicker than a process of its own, and the sanitizers see it.
 */
#ifndef CPIS_TESTS_RUN_CLI_H
#define CPIS_TESTS_RUN_CLI_H

/* This program and the one that it runs are built with AddressSanitizer. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#include "../cli/exit.h"

#include <stdbool.h>
#include <stddef.h>

enum { MOST_WORDS = 64, MOST_RULES = 256 };

/* The findings of one run, by rule, each rule once. */
struct found {
	int exit_code;
	char rules[MOST_RULES][16];
	size_t count;
};

/*
 * Run `cpis validate OPTIONS... FILE`, where options are one line of words with blanks between them
 * (NULL: none). Paths are relative to the working folder.
 */
struct found run_validate(const char *options, const char *file);

/* The same for `cpis ledger`, and a folder. */
struct found run_ledger(const char *options, const char *folder);

bool found_rule(const struct found *found, const char *rule);
/* "NHS-001 NHS-002", or "nothing". In a buffer of its own that the next call overwrites. */
const char *found_text(const struct found *found);

/* What a process of the built program said and exited with. For run_release(). */
struct said {
	int exit_code;
	char *out, *err;
	double processor_seconds;
	long max_kibibytes; /* the largest of its processes */
};

/*
 * Run the built program ($CPIS_PROGRAM, else build/cpis) by the shell; the format gives its
 * arguments, and may go on with redirections. "@" stands for the scratch folder.
 */
struct said run_program(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same in another folder, with words before the program: "NO_COLOR=1 ". Either may be "". */
struct said run_program_in(const char *folder, const char *before, const char *arguments);
void run_release(struct said *said);

/*
 * The same for a test that only looks for words: returns the exit code, and both streams joined in
 * *output, which is freed first. For free().
 */
int run_output(char **output, const char *arguments);

/*
 * Whether this is a build of a sanitizer, where everything takes many times as long. A test may
 * then take a share of its cases; what it leaves out is said, and is seen when the tests have
 * passed.
 */
bool short_form(const char *left_out);

/* A whole file, followed by a NUL; fails the test if it cannot be read. For free(). */
char *read_file(const char *path, size_t *bytes);

/* A folder that the test may fill, made once a process and removed at its end. */
const char *scratch_folder(void);
/* A path in it. In a buffer of its own that the next call overwrites. */
const char *scratch_path(const char *name);

#endif
