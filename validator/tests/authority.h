/*
 * authority.h - a local authority that does not exist: years of uploads with their
 * acknowledgements, and faults in them that are known, so that what a ledger finds can be compared.
 *
 * The same options give the same bytes. People are invented: NHS numbers of the test range,
 * telephone numbers of the range kept for drama.
 */
#ifndef CPIS_TESTS_AUTHORITY_H
#define CPIS_TESTS_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>

/* The faults, in the order of the rules LED-001 to LED-016, which find them. */
enum authority_fault {
	FAULT_REFUSED,
	FAULT_UNANSWERED,
	FAULT_OVERWRITTEN,
	FAULT_LOST,
	FAULT_INACTIVE,
	FAULT_ENDED_LONG_AGO,
	FAULT_UNBORN,
	FAULT_TWO_AUTHORITIES,
	FAULT_TWO_BIRTHS,
	FAULT_TWO_LOCALS,
	FAULT_VANISHED, /* of an authority that sends whole files */
	FAULT_ADULT,
	FAULT_TWO_NUMBERS,
	FAULT_NUMBER_REUSED,
	FAULT_DELETED_AGAIN,
	FAULT_ORPHAN,
	FAULT_COUNT
};

/* "refused", "unanswered" */
extern const char *const authority_fault_words[FAULT_COUNT + 1];

struct authority_options {
	unsigned long long seed;
	size_t children, years;
	bool whole;	    /* each file has all open plans; else what changed */
	unsigned faults;    /* bit 1 << fault: planted once each */
	const char *code;   /* of the authority; NULL: 9X1 */
	const char *folder; /* that the files go to: it is made */
};

/* Which rule should find what: an NHS number, or the number of an upload. */
struct authority_planted {
	char rule[8], what[16];
};

struct authority_made {
	struct authority_planted planted[64];
	size_t planted_count;
	size_t files, records; /* of uploads */
	char at[16];	       /* the day after the last file when all has been answered */
};

/* 0, or -1 after an error was printed. */
int authority_make(const struct authority_options *options, struct authority_made *made);

#endif
