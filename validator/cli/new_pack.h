/*
 * new_pack.h - the files of a new pack, NAME standing for its name.
 *
 * They lint and run as they are, and show each kind of case once.
 */
#ifndef CPIS_CLI_NEW_PACK_H
#define CPIS_CLI_NEW_PACK_H

struct new_file {
	const char *path, *text;
};

/* In order; ends with a row without path. */
extern const struct new_file new_pack_files[];

#endif
