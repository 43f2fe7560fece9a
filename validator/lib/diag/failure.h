/*
 * failure.h - why a call failed, written for the caller.
 */
#ifndef CPIS_DIAG_FAILURE_H
#define CPIS_DIAG_FAILURE_H

#include "cpis.h"

/* Fill *failure, without a place. Always -1, so that a caller can return it. */
int failure_set(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int failure_out_of_memory(struct cpis_failure *failure);

/* The same, of a file that the caller named and that cannot be used. */
int failure_of_file(struct cpis_failure *failure, const char *file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 0, or -1 with the reason where a caller asks for an option that came after this version. */
int failure_unless_zero(const size_t *reserved, size_t count, struct cpis_failure *failure);
/* The same for the reserved members of a struct of options. */
#define FAILURE_UNLESS_RESERVED_ZERO(options, failure)                                             \
	failure_unless_zero((options)->reserved,                                                   \
			    sizeof((options)->reserved) / sizeof((options)->reserved[0]), failure)

#endif
