/*
 * options.h - the judging options as a table, from cpis_options.def.
 *
 * For whatever records, reads back or compares a struct cpis_options: it goes over the rows, so
 * that a new option is never missing from it.
 */
#ifndef CPIS_DIAG_OPTIONS_H
#define CPIS_DIAG_OPTIONS_H

#include "base/arena.h"
#include "cpis.h"

#include <stdbool.h>

enum option_kind {
	OPTION_FLAG,   /* int */
	OPTION_CHOICE, /* int or enum */
	OPTION_NUMBER, /* unsigned */
	OPTION_SIZE,   /* size_t; 0: usual */
	OPTION_TEXT,   /* const char *; NULL: not given */
	OPTION_TEXTS,  /* const char *const *, and a size_t of their count */
	OPTION_STAGES, /* unsigned: bits of the stages that are left out */
	OPTION_TIME,   /* long long */
};

enum { MOST_OPTION_WORDS = 4 };

struct judging_option {
	const char *name;     /* "max-depth" */
	const char *recorded; /* its name in results and bundles; NULL: it is not recorded */
	enum option_kind kind;
	const char *words[MOST_OPTION_WORDS]; /* of FLAG and CHOICE, by value; NULL ends them */
	unsigned long long usual;	      /* of SIZE and NUMBER */
	size_t offset, count_offset;	      /* in struct cpis_options; count_offset: of TEXTS */
};

/* In the order of the list; a row without a name ends it. */
extern const struct judging_option option_list[];

/* The value, by kind: FLAG and CHOICE; SIZE and NUMBER (as it takes effect: usual for 0); TEXT (or
 * NULL); TEXTS; STAGES; TIME. Strings are borrowed from options. */
int option_choice(const struct judging_option *option, const struct cpis_options *options);
unsigned long long option_size(const struct judging_option *option,
			       const struct cpis_options *options);
const char *option_text(const struct judging_option *option, const struct cpis_options *options);
const char *const *option_texts(const struct judging_option *option,
				const struct cpis_options *options, size_t *count);
unsigned option_stages(const struct judging_option *option, const struct cpis_options *options);
long long option_time(const struct judging_option *option, const struct cpis_options *options);

/* The place of a value, to be written by its kind. */
void *option_place(const struct judging_option *option, struct cpis_options *options);
size_t *option_count_place(const struct judging_option *option, struct cpis_options *options);

/* Put copies of all strings in the place of those that are borrowed; arena->failed says whether
 * there was memory for them. */
void options_copy_strings(struct cpis_options *options, struct arena *arena);

/* Whether one value takes the same effect in both. */
bool option_agrees(const struct judging_option *option, const struct cpis_options *a,
		   const struct cpis_options *b);

/* What a SIZE or NUMBER is where the member is 0, by member. */
struct usual_options {
#define JUDGING_OPTION(member, kind, name, letter, recorded, commands, help, manual)               \
	unsigned long long member;
#include "cpis_options.def"
};
extern const struct usual_options usual_options;

#endif
