/*
 * exit.h - what the program exits with. An exit code is never a count.
 */
#ifndef CPIS_CLI_EXIT_H
#define CPIS_CLI_EXIT_H

enum cpis_exit {
	CPIS_EXIT_PASS = 0,
	CPIS_EXIT_FAIL = 1,
	CPIS_EXIT_USAGE = 2,	 /* or configuration, or no input: nothing was judged */
	CPIS_EXIT_INCOMPLETE = 3 /* or the program failed */
};

#endif
