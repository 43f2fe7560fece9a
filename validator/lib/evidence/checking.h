/*
 * checking.h - a bundle while it is checked, and what has been found so far. verify.c goes through
 * the checks; manifest.c, signatures.c and kept.c are three of them.
 */
#ifndef CPIS_EVIDENCE_CHECKING_H
#define CPIS_EVIDENCE_CHECKING_H

#include "base/arena.h"
#include "base/buf.h"
#include "cpis.h"
#include "evidence/tarball.h"

struct results;

struct verifying {
	const struct cpis_verify_options *options;
	struct tarball tarball;
	struct buf signers; /* "Ann Tester (key 0123456789ABCDEF), who dates it 2026-11-01" */
	enum cpis_verdict verdict; /* the worst so far */
};

/* One more thing that was checked: what it means for the verdict, and what the caller is given. */
void verify_tell(struct verifying *verifying, enum cpis_verdict verdict,
		 struct cpis_verify_note note);
void verify_say(struct verifying *verifying, enum cpis_verdict verdict, const char *file,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What the bundle says of its run: "supplier", "Example". */
void verify_fact(struct verifying *verifying, const char *about, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether a member is a signature of the manifest, which cannot list it; of an assessor. */
bool signature_is(const char *member);
bool signature_is_of_assessor(const char *member);

/* Check the sums of all members. failure is filled where there was no memory for it. */
void manifest_check(struct verifying *verifying, struct cpis_failure *failure);

/* Check the supplier's signature, and those of assessors. -1 when a key cannot be read. */
int signatures_check(struct verifying *verifying, struct cpis_failure *failure);

/* Say what the run was that the bundle keeps, and what its verdict means. */
void kept_say(struct verifying *verifying, const struct results *kept);

/*
 * What a run was asked and which files it read: the member "run" of a bundle.
 *
 * Lines of a name and its values, in the order in which they are used again. A value has "%20" for
 * a space, and the like for "%" and what cannot be seen.
 */

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
	const char *evidence, *profile, *baseline, *waivers;
	long long not_before; /* 0: not given */
	int allow_outside;
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
