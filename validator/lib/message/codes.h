/*
 * codes.h - the code systems that CP-IS messages use, where a rule has to know the codes
 * themselves.
 *
 * Codes and display names are exactly as published. What the schemas check already (value sets of a
 * single attribute) is not repeated here unless code and display name have to pair.
 */
#ifndef CPIS_MESSAGE_CODES_H
#define CPIS_MESSAGE_CODES_H

#include "base/str.h"

struct code {
	const char *code, *display_name;
};

struct code_system {
	const char *oid, *name;
	const struct code *codes; /* in order of code */
	size_t count;
};

extern const struct code_system upload_file_responses;	 /* CPF01 ... */
extern const struct code_system upload_record_responses; /* CPR01 ... */
extern const struct code_system mini_service_statuses;	 /* SMSP-0000 ... */
extern const struct code_system job_role_names;		 /* NR0010 ... */

/* NULL: the system has no such code. */
const struct code *code_find(const struct code_system *system, struct str code);

/* The code whose display name this is; NULL: none. */
const struct code *code_named(const struct code_system *system, struct str display_name);

#endif
