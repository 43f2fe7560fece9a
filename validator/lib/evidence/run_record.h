/*
 * run_record.h - what a run was asked and which files it read: the member "run" of a bundle.
 *
 * Lines of a name and its values, in the order in which they are used again. A value has "%20" for
 * a space, and the like for "%" and what cannot be seen.
 */
#ifndef CPIS_EVIDENCE_RUN_RECORD_H
#define CPIS_EVIDENCE_RUN_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "cpis.h"

struct recorded_file {
	const char *named;  /* as the run called it, settled (base/files.h) */
	const char *member; /* of the bundle; for a file that is left out, what it would be */
	char sha256[65];
	bool left_out;	     /* only its digest is in the bundle */
	const char *refused; /* why it could not be read: nothing of it is in the bundle; or NULL */
};

struct texts {
	const char **items;
	size_t count;
};

struct run_record {
	struct arena arena;
	struct cpis_options options; /* all that are recorded (cpis_options.def) */
	struct texts packs, only, skip;
	const char *evidence, *profile, *baseline;
	long long not_before;	     /* 0: not given */
	struct recorded_file *files; /* by name */
	size_t file_count, file_room;
};

void run_record_init(struct run_record *record);
void run_record_release(struct run_record *record);

/* All copy. -1 when out of memory. */
int run_record_add_text(struct run_record *record, struct texts *texts, const char *text);
int run_record_add_file(struct run_record *record, const char *named, const char *sha256);

/* NULL when there is none. */
const struct recorded_file *run_record_find(const struct run_record *record, const char *named);
/* Put the files in order of name, each once; -1 when one has two digests, which is then in *twice.
 */
int run_record_sort(struct run_record *record, const char **twice);

/* False where a limit is larger than a bundle may ask for (4 GiB), or where the run used schemas of
 * the user's own, which may not be passed on. */
bool run_record_can_be_read_back(const struct run_record *record);

void run_record_write(const struct run_record *record, struct buf *out);
/* -1 with a sentence in why: it was not written by run_record_write. */
int run_record_read(struct run_record *record, struct str text, char *why, size_t n);

#endif
