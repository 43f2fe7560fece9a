/*
 * command.h - the commands of the program, a row each; and what their options are.
 *
 * Options are data: one table drives parsing, --help and completion. The cli uses cpis.h alone.
 */
#ifndef CPIS_CLI_COMMAND_H
#define CPIS_CLI_COMMAND_H

#include "cpis.h"
#include "exit.h"

#include <stdbool.h>
#include <stdio.h>

enum {
	MOST_REPORTS = 16,
	MOST_INPUTS = 4096,
	MOST_TAGS = 64,
	MOST_META = 32,
	MOST_SCHEMATRON = 16,
	MOST_TABLES = 6
};

struct report_request {
	const char *format, *path; /* path NULL: standard output */
};

/* What the terminal is told of a long run. */
struct progress_line {
	size_t done, done_before; /* done_before: by the inputs before this one */
	size_t inputs_left;
	long long next_ms; /* when it is told again */
	bool shown;
};

/* What a command line asks for: filled by the options, borrowed from argv. */
struct request {
	const struct command *command;
	struct cpis_options options;
	struct cpis_pack_options pack;
	struct report_request reports[MOST_REPORTS];
	size_t report_count;
	const char *only_tags[MOST_TAGS], *skip_tags[MOST_TAGS];
	const char *schematron[MOST_SCHEMATRON];
	const char *meta[MOST_META]; /* KEY=VALUE */
	size_t meta_count;
	const char *profile;
	const char *pair_request, *pair_response; /* of validate */
	const char *format;			  /* of rules */
	bool quiet, help;
	struct progress_line progress;
	bool update_baseline, coverage; /* of run */
	const char *baseline;
	const char *bundle, *key; /* of run */
	bool bundle_digests;
	const char *public_key; /* of verify */
	size_t min_score;	/* of mutate: percent */
	/* Writes more behind the reports, to the stream that people read; NULL: nothing. */
	void (*after_report)(const struct cpis_results *results, FILE *out);
	bool contains; /* compare: more records may be there */
	bool now_given;
	const char **inputs;
	size_t input_count;
	int argc;
	char **argv;
};

struct option {
	const char *name;     /* "--report" */
	char letter;	      /* 'q', or 0 */
	const char *argument; /* "FORMAT[=FILE]"; NULL: a flag */
	const char *help;
	/* 0, or -1 with a sentence for the user in *why. value is NULL for a flag. */
	int (*set)(struct request *request, const char *value, const char **why);
};

struct command {
	const char *name;
	const char *summary;
	const char *operands;			   /* "FILE|DIR|-..." */
	const struct option *options[MOST_TABLES]; /* tables, each ended by a row without name; NULL
						      ends the list */
	int (*run)(struct request *request);	   /* returns the exit code */
};

extern const struct command commands[];
extern const size_t command_count;

extern const struct option common_options[], judging_options[], opening_options[], pack_options[];
extern const struct option validate_options[], rules_options[], compare_options[], mutate_options[];
extern const struct option report_options[], diff_options[], bundle_options[], verify_options[];

int cmd_validate(struct request *request);
int cmd_inspect(struct request *request);
int cmd_run(struct request *request);
int cmd_lint(struct request *request);
int cmd_schemas(struct request *request);
int cmd_rules(struct request *request);
int cmd_explain(struct request *request);

/* The manual cpis-rules(7), in mdoc, to standard output. */
void rules_write_manual(void);
int cmd_compare(struct request *request);
int cmd_mutate(struct request *request);
int cmd_new(struct request *request);
int cmd_report(struct request *request);
int cmd_merge(struct request *request);
int cmd_diff(struct request *request);
int cmd_verify(struct request *request);
int cmd_keygen(struct request *request);
int cmd_completion(struct request *request);

/* Parse everything behind the command's name. 0, or an exit code after the user was told. */
int options_parse(struct request *request, int argc, char **argv);

/* Help of the program, or of one command, to a stream. */
void help_program(FILE *out);
void help_command(FILE *out, const struct command *command);

/* Tell the user of a failure; returns the exit code that goes with it. */
int tell_failure(const struct cpis_failure *failure);
/* The same for one line, "cpis: text"; exit code 2. */
int tell_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The candidate nearest in spelling to a word, for "did you mean"; NULL when none is near. */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);

/* The same for one problem of many; context is not used. */
void tell_problem(void *context, const struct cpis_failure *problem);

/* A results object with the request's options and meta; NULL after the user was told, *code then
 * set. */
struct cpis_results *open_results(struct request *request, int *code);
/* The words of the command line, for the results; 0, or -1. */
int note_command(struct request *request, struct cpis_results *results,
		 struct cpis_failure *failure);
/* 0, or an exit code after the user was told that two reports cannot both go to standard output. */
int check_reports(struct request *request);
/* Write all reports asked for, and free the results; returns the exit code of the run. */
int close_results(struct request *request, struct cpis_results *results);

/* Progress of validate and run, where standard error is a terminal: before results are opened,
 * before each input, and before anything else is written. */
void progress_start(struct request *request);
void progress_next_input(struct request *request, size_t inputs_left);
void progress_end(struct request *request);

/* The whole program. */
int cli_main(int argc, char **argv);

/* options.c: a report format of this name that can be asked for; NULL: none. */
const char *known_format(const char *name, size_t length);

#endif
