/*
 * options.h - the options of every command, from cpis_options.def, and the reading of a command
 * line.
 */
#ifndef CPIS_CLI_OPTIONS_H
#define CPIS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;
struct command;

/* What takes an option: bits. */
enum takes {
	VALIDATE = 1 << 0,
	INSPECT = 1 << 1,
	COMPARE = 1 << 2,
	RUN = 1 << 3,
	LINT = 1 << 4,
	MUTATE = 1 << 5,
	NEW = 1 << 6,
	REPORT = 1 << 7,
	MERGE = 1 << 8,
	DIFF = 1 << 9,
	VERIFY = 1 << 10,
	KEYGEN = 1 << 11,
	RULES = 1 << 12,
	EXPLAIN = 1 << 13,
	SCHEMAS = 1 << 14,
	COMPLETION = 1 << 15,
	DOCTOR = 1 << 16,
	INDEX = 1 << 17,
	COUNTERSIGN = 1 << 18,
	CI = 1 << 19,
	SERVE = 1 << 22,
	LEDGER = 1 << 20,
	LSP = 1 << 26,
	PREDICT = 1 << 24,
	SIMULATE = 1 << 25,
	SEND = 1 << 27,
	EVERY_COMMAND = (1 << 28) - 1,
};

/* The kinds of cpis_options.def. */
enum kind {
	KIND_FLAG,
	KIND_CHOICE,
	KIND_NUMBER,
	KIND_SIZE,
	KIND_TEXT,
	KIND_TEXTS,
	KIND_STAGES,
	KIND_TIME,
	KIND_LIST,
	KIND_PAIRS,
	KIND_REPORTS, /* in the words, or in any format where it has none */
	KIND_ONE_REPORT,
	KIND_COUNT
};

/* A row of the list: an option, or, where name is NULL, the heading of those after it. */
struct option {
	const char *name; /* "report" */
	char letter;	  /* 'r', or 0 */
	enum kind kind;
	const char *word;	  /* that stands for the value in help; or NULL */
	const char *const *words; /* of CHOICE and reports; NULL ends them */
	unsigned long long usual, least, most;
	uint16_t offset, count_offset; /* in struct request; count_offset: of TEXTS */
	unsigned takers;	       /* bits of enum takes */
	const char *help, *manual;
	const char *title; /* of a heading, whose note is in help */
};

/* In the order of the help; a row without name and title ends it. */
extern const struct option command_options[];

/* A name that is still understood. */
struct option_alias {
	const char *old, *name;
	unsigned takers;
};

/* A row without names ends it. */
extern const struct option_alias option_aliases[];

enum { MOST_ARGUMENT = 64 };

/* What follows the option in help: "BYTES", "error|warning|never"; "" for a flag. */
void option_argument(const struct option *option, char text[MOST_ARGUMENT]);
/* What is used where the option is not given: "256", "4G", "error"; "": nothing is. */
void option_usual(const struct option *option, char text[MOST_ARGUMENT]);

/* Parse everything after the command's name. 0, or an exit code after an error was printed. */
int options_parse(struct request *request, int argc, char **argv);
/* Take one more word, "--name=value", of something else than the command line. Ignored where the
 * command has no such option, or the command line gave it. 0, or an exit code. */
int options_take(struct request *request, const char *name, const char *value);
/* Each option of the command line, with its words as they were given: one, or two with a value
 * apart. Ends with the first answer that is not 0, and returns it. */
int options_each_given(const struct request *request,
		       int (*seen)(void *context, const struct option *option,
				   const char *const *words, size_t count),
		       void *context);
/* Each file or folder that an option of the request names, by the FILE, FOLDER or PACK in its word;
 * the files of reports are not among them. */
void options_each_path(const struct request *request,
		       void (*seen)(void *context, const struct option *option, const char *path),
		       void *context);
/* Whether the command writes what this option of the request names. */
bool option_is_written(const struct request *request, const struct option *option);
/* Free what options_parse has allocated in it. */
void options_release(struct request *request);

#endif
