/*
 * checking.h - a bundle while it is checked, and what has been found so far. verify.c goes through
 * the checks; manifest.c, signatures.c and kept.c are three of them.
 */
#ifndef CPIS_EVIDENCE_CHECKING_H
#define CPIS_EVIDENCE_CHECKING_H

#include "cpis.h"
#include "evidence/tarball.h"

struct results;

struct verifying {
	const struct cpis_verify_options *options;
	struct tarball tarball;
	struct buf signers; /* "Ann Tester (key 0123456789ABCDEF), 2026-11-01": a line each */
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

#endif
