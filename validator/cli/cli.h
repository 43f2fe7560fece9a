/*
 * cli.h - the commands of the program, a row each, and what a command line asks of them.
 *
 * The program uses cpis.h alone: it is a user of the library like any other.
 */
#ifndef CPIS_CLI_CLI_H
#define CPIS_CLI_CLI_H

#include "cpis.h"
#include "exit.h"
#include "options.h"
#include "sandbox.h"

#include <stdbool.h>
#include <stdio.h>

struct report_request {
	const char *format, *path; /* path NULL: standard output */
};

struct words {
	const char **items;
	size_t count;
};

/* Progress of a run: shown on the terminal, and how long each case took. */
struct progress_line {
	struct cpis_results *results; /* whose cases are timed; NULL: none are */
	long long case_start_ms;
	bool visible;		  /* on a terminal */
	size_t done, done_before; /* done_before: by the inputs before this one */
	size_t inputs_left;
	long long next_ms; /* when it is written again */
	bool shown;
};

/* What simulate takes, and send of it. */
struct twin_request {
	const char *listen, *tls_cert, *tls_key, *client_ca;
	const char *scenarios, *journal, *load, *callback;
	const char *mailbox, *workflow, *mesh_key, *mesh_password;
	struct words users;
	int mesh_auth; /* off, canned or full */
	const char *mesh_folder, *mesh_client;
};

/* What send takes beside that. */
struct send_request {
	const char *ca, *user, *mailbox, *listen;
	struct words headers; /* each NAME:VALUE */
	unsigned seconds, all_seconds, rate;
	size_t most_bytes;
	int plain, fresh; /* flags */
};

struct ci;
struct request;

/* What makes the sandbox of a command. */
typedef struct sandbox enter_sandbox(const struct request *request);

/* What a command line asks for: filled by the options, borrowed from argv. */
struct request {
	const struct command *command;
	struct cpis_options options;
	struct cpis_pack_options pack;
	struct report_request *reports;
	size_t report_count;
	struct words only, skip;
	struct words meta; /* each KEY=VALUE */
	const char *profile, *baseline, *waivers;
	const char *pair_request, *pair_response;	/* of validate */
	const char *bundle, *key;			/* of run */
	const char *public_key, *known_keys, *own_pack; /* of verify */
	const char *comment;				/* of countersign */
	int fix, dry_run, watch;			/* flags of validate and send */
	int no_settings;				/* a flag */
	int by_rule, statistics;			/* of the text */
	unsigned per_rule;				/* of the text; 0: not given */
	struct cpis_settings *settings;			/* of cpis.yaml; NULL: none */
	const char *zone;				/* of --fix */
	const char *listen, *token_file, *tls_cert, *tls_key, *tls_client_ca, *packs; /* of serve */
	const char *keyed; /* the day of keying; NULL: not given */
	struct words hosts;
	int behind_proxy;
	size_t max_body_bytes;
	const char *shard;	      /* of validate: "3/7" or "auto" */
	int resume;		      /* a flag of validate */
	struct cpis_resume *kept;     /* what is done of it; NULL: nothing is kept */
	bool written;		      /* every report was */
	int summary;		      /* a flag of merge */
	const char *files_from;	      /* of validate and merge */
	char *names;		      /* what it holds; NULL: nothing */
	int null_ends;		      /* a flag: a NUL ends each name */
	int run_untrusted;	      /* a flag of verify */
	int bundle_messages;	      /* 0: in full; 1: digests only */
	const char *type;	      /* of rules */
	int severity;		      /* of rules: enum cpis_severity */
	int format;		      /* of rules and explain, by the words of the option */
	const char *index, *expected; /* of ledger */
	long long at, since;
	int every_child;	  /* a flag of ledger */
	const char *seed, *state; /* of the service's side */
	struct twin_request twin; /* of simulate and send */
	struct send_request send;
	int junit_rules, quiet, help, update_baseline, coverage, contains; /* flags */
	unsigned min_score;						   /* of mutate: percent */
	bool now_given, fixed_time; /* fixed_time: by --now or the environment */
	bool lost;		    /* something else than a report could not be written */
	struct progress_line progress;
	struct sandbox sandbox; /* that the program is in */
	/* Writes more after the reports, to the stream that people read; NULL: nothing. */
	void (*after_report)(const struct cpis_results *results, FILE *out);
	const char **inputs;
	size_t input_count;
	int argc;
	char **argv;
	struct ci *ci;	      /* the pipeline that the command is run in; NULL: none */
	enter_sandbox *enter; /* for ci; NULL: none */
};

struct command {
	const char *name;
	enum takes bit;
	const char *group;		     /* the heading in the help that it is under */
	const char *operands;		     /* "FILE|FOLDER|-..." */
	const char *summary;		     /* a line without a full stop */
	const char *about;		     /* sentences for its own help */
	int (*run)(struct request *request); /* returns the exit code */
};

/* In the order of the help, groups together; a row without a name ends it. */
extern const struct command commands[];

/* NULL after an error was printed. */
const struct command *command_find(const char *name);

int cmd_validate(struct request *request);
int cmd_inspect(struct request *request);
int cmd_schemas(struct request *request);
int cmd_compare(struct request *request);
int cmd_diff(struct request *request);
int cmd_index(struct request *request);
int cmd_ledger(struct request *request);
int cmd_run(struct request *request);
int cmd_ci(struct request *request);
int cmd_lint(struct request *request);
int cmd_mutate(struct request *request);
int cmd_new(struct request *request);
int cmd_report(struct request *request);
int cmd_merge(struct request *request);
int cmd_predict(struct request *request);
int cmd_simulate(struct request *request);
int cmd_send(struct request *request);
int cmd_verify(struct request *request);
int cmd_countersign(struct request *request);
int cmd_keygen(struct request *request);
int cmd_rules(struct request *request);
int cmd_explain(struct request *request);
int cmd_serve(struct request *request);
int cmd_completion(struct request *request);
int cmd_doctor(struct request *request);
int cmd_lsp(struct request *request); /* lsp/server.c */

/* help.c: text from a column on, wrapped for a terminal of 80; its first line has `at` characters
 * already. */
void write_wrapped(FILE *out, const char *text, size_t column, size_t at);
/* Help of the program, and of one command, to standard output or error. */
void help_program(FILE *out);
void help_command(FILE *out, const struct command *command);

/* terminal.c: printf for whatever did not come from the program itself. Control characters, and
 * what a pipeline would take for a command, are written visibly (base/character.h). */
void print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "cpis: text" on standard error; returns CPIS_EXIT_USAGE. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for a lack of memory; returns CPIS_EXIT_INCOMPLETE. */
int out_of_memory(void);
/* The same for a failure, with its place; returns the exit code that goes with it. */
int print_failure(const struct cpis_failure *failure);
/* The same where a report could not be written after the verdict was known: a fail stays one. */
int print_unwritten(const struct cpis_failure *failure, enum cpis_verdict verdict);
/* The same for one problem of many; context is not used. */
void print_problem(void *context, const struct cpis_failure *problem);
/* The same for what is done all the same. */
void print_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What came of a command whose only report was written: where it went to a file, a line says so and
 * names it. Returns the exit code. */
int print_written(const struct request *request, enum cpis_verdict verdict);
int exit_code_of(enum cpis_verdict verdict);
/* The exit code of a run of which something could not be written: a pass is not known to anyone,
 * but a fail is one. */
int exit_code_when_lost(int code, bool lost);
/* The candidate nearest in spelling to a word, for "did you mean"; NULL where none is near. */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);

/* report.c: of the terminal that standard output goes to, in columns; 0: it does not go to one. */
size_t terminal_width(void);

/* A cpis_write to the terminal at standard output: lines are broken between words, and go on
 * further in. context is not used. */
int terminal_bend(void *context, const void *bytes, size_t size);

/* An empty page, where standard output is a terminal. */
void terminal_clear(void);

/* Progress of validate and run, where standard error is a terminal: before results are opened,
 * before each input, and before anything else is written. */
void progress_start(struct request *request);
/* From now on, note in results how long each case takes, where the time of the run is the clock's.
 */
void progress_time_cases(struct request *request, struct cpis_results *results);
void progress_next_input(struct request *request, size_t inputs_left);
void progress_end(struct request *request);

/* run.c: when all is judged: write the baseline, or list the entries that no finding matched, and
 * the bundle, unless it is NULL; then close_results, if nothing would be written over what was
 * read. */
int settle_run(struct request *request, struct cpis_bundle *bundle, struct cpis_results *results);
/* Accept what --waivers and the open baseline name, in results that are complete. */
int accept_known(struct request *request, struct cpis_results *results,
		 struct cpis_failure *failure);

/* fix.c: validate --fix, after its command line was checked; returns the exit code. */
int fix_and_validate(struct request *request);

/* settings.c: find a cpis.yaml, from the working folder upwards, and take what it says for what the
 * command line does not say. 0, or the exit code after an error was printed. */
int settings_take(struct request *request);

/* watch.c: run once, and again whenever an input has changed, until the user ends the program. */
int watch_inputs(struct request *request, int (*run)(struct request *request));
/* inputs.c: add the names in --files-from to the inputs; they stay as long as request->names. 0, or
 * the exit code after an error was printed. */
int inputs_from_list(struct request *request);
/* Whether text begins like a message, or what carries one. */
bool text_begins_message(const char *text);

/* shard.c: the part that --shard means, into the options. 0, or the exit code after an error was
 * printed. */
int shard_take(struct request *request);

/* outputs.c: whether everything that a command is to write can be written, and nothing of it lies
 * over another output or over what is read. 0, or the exit code after an error was printed. */
int outputs_check(const struct request *request);
/* The same for what was read since, such as the files that a pack names: before the first output is
 * written. */
int outputs_check_read(const struct request *request);
/* A file to look into before it is judged; NULL: it cannot be read, or is a pipe or a device, which
 * may have no end. For fclose. */
FILE *file_open_regular(const char *path);
/* Whether a file may be a message, and is not a report of cpis, by its first bytes. */
bool file_may_be_message(const char *path);

/* ci.c: what a pipeline is shown of results, after the text for people; NULL: nothing. */
void ci_conclude(struct ci *ci, const struct cpis_results *results);

/* report.c: a report format of this name that can be asked for; NULL: there is none. */
const char *known_format(const char *name, size_t length);
/* A results object with the request's options and meta; NULL after an error was printed, *code is
 * then the exit code. */
struct cpis_results *open_results(struct request *request, int *code);
/* Write all reports asked for, and free the results; returns the exit code of the run. A report
 * that cannot be written does not keep the others from being written: what passed is then
 * incomplete, and also where lost says so. */
int close_results(struct request *request, struct cpis_results *results, bool lost);

/* bundle.c: write the evidence bundle of a run; 0, or an exit code after an error was printed. */
int write_bundle(struct request *request, struct cpis_bundle *bundle,
		 const struct cpis_results *results);

/* A command with its own command line. enter: as in cli_run. ci: the pipeline that it is run in, or
 * NULL. */
int run_command(const struct command *command, int argc, char **argv, enter_sandbox *enter,
		struct ci *ci);

/* The whole program. `enter` is called once for a command, when its command line has been read and
 * before anything else is. */
int cli_run(int argc, char **argv, enter_sandbox *enter);
/* The same without a sandbox, for those who go on after it. */
int cli_main(int argc, char **argv);

#endif
