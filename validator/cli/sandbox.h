/*
 * sandbox.h - after the command line is read, and before the first byte of a message: the program
 * gives up what it does not need, so that a fault in a parser cannot be used for anything else.
 *
 * Reading: the files and folders that the command line names, what links in those folders point to,
 * and what the C library reads for itself; with --watch also the folders that they are in, where
 * they may be replaced. Writing: the folders of reports, bundles and baselines.
 * No network, no other program, no signal to another process, no core dump, no new rights. A
 * service keeps the socket that it listens on; what sends may connect.
 */
#ifndef CPIS_CLI_SANDBOX_H
#define CPIS_CLI_SANDBOX_H

#include <stdbool.h>

struct request;

/* What the kernel let the program give up. */
struct sandbox {
	int files;   /* the version of Landlock that confines files; 0: the kernel lacks it */
	bool calls;  /* the filter of system calls is in place */
	bool off;    /* the user asked for none: CPIS_SANDBOX=off */
	bool absent; /* this build has none: another system than Linux, or a sanitizer's build */
};

/* Enter it for good: for this thread and those that it will make. Called once, while there is one
 * thread. What a kernel lacks is left out; cpis doctor says so. */
struct sandbox sandbox_enter(const struct request *request);

#endif
