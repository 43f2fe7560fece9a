/*
 * evidence.h - what a supplier sent: every file of the folder, or of the zip or tar, that a run is
 * pointed at.
 *
 * The list is made once and covers everything that is there, whether a slot of the pack asks for it
 * or not: a file that fills no slot must be seen. Names are paths below the folder. Folders are
 * listed too, because a slot may name one by mistake; links to folders are not followed.
 */
#ifndef CPIS_PACK_EVIDENCE_H
#define CPIS_PACK_EVIDENCE_H

#include "base/arena.h"
#include "base/buf.h"

struct cpis_options;

#define EVIDENCE_UNREAD "the evidence cannot be read: %s"

struct evidence_file {
	const char *name;
	const char *path; /* on the disk; NULL: in an archive */
	struct str bytes; /* in an archive */
	size_t size;
	char sha256[65];
	const char *why; /* it cannot be read: "it is a FIFO"; NULL: it can */
	bool is_folder;
};

/* What is beside the files of an archive, or what a Mac notes about one: it fills no slot. */
struct evidence_skipped {
	const char *name, *why;
};

/* In order of name. */
struct evidence {
	struct arena arena;
	struct evidence_file *items;
	size_t count, room;
	struct evidence_skipped *skipped;
	size_t skipped_count, skipped_room;
	const char
		*unread;  /* an archive over a limit, and no file of it is taken; NULL: it is not */
	const char *root; /* as it was given; borrowed for evidence_open */
};

/* The options limit an archive. -1 with a phrase in why: there is nothing of that name, it is
 * neither a folder nor an archive, or out of memory. Close it in any case. */
int evidence_open(struct evidence *evidence, const char *path, const struct cpis_options *options,
		  char *why, size_t n);
void evidence_close(struct evidence *evidence);

/* A pattern has "*", "?" and "[" in its last part only (config/value.h). */
bool evidence_matches(const struct evidence_file *file, const char *pattern);

/* Append its bytes. False with a phrase in why. */
bool evidence_read(const struct evidence_file *file, struct buf *out, char *why, size_t n);

#endif
