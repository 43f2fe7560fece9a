/*
 * minisign.h - Ed25519 keys and signatures in the files of minisign, so that either program reads
 * what the other wrote.
 *
 * A key file and a signature file are lines: an untrusted comment, which nothing protects, and
 * base64. Signatures are of the prehashed kind ("ED": over BLAKE2b-512 of the file), with a trusted
 * comment that a second signature covers; the older kind ("Ed") is read too.
 */
#ifndef CPIS_EVIDENCE_MINISIGN_H
#define CPIS_EVIDENCE_MINISIGN_H

#include "base/buf.h"

struct cpis_failure;

enum { MINISIGN_ID_BYTES = 8, MINISIGN_PUBLIC_BYTES = 32, MINISIGN_SECRET_BYTES = 64 };

struct minisign_public {
	unsigned char id[MINISIGN_ID_BYTES], key[MINISIGN_PUBLIC_BYTES];
};

struct minisign_secret {
	unsigned char id[MINISIGN_ID_BYTES], key[MINISIGN_SECRET_BYTES];
};

/* 16 hex digits, as minisign prints them. */
void minisign_id(const unsigned char id[MINISIGN_ID_BYTES], char text[17]);

/*
 * A new pair: the secret key, which no password protects, into a new file that only its owner may
 * read, the public key into path.pub. What is there already stays, and is a failure.
 */
int minisign_generate(const char *path, char id[17], struct cpis_failure *failure);

/* From a file. A key under a password is refused. The caller wipes it. */
int minisign_read_secret(struct minisign_secret *secret, const char *path,
			 struct cpis_failure *failure);
void minisign_wipe(struct minisign_secret *secret);

/* From a file, or the base64 itself. */
int minisign_read_public(struct minisign_public *public_key, const char *file_or_key,
			 struct cpis_failure *failure);

/* The signature file for some bytes; the comment is one line. The same bytes give the same file. */
int minisign_sign(const struct minisign_secret *secret, struct str bytes, const char *comment,
		  struct buf *out, struct cpis_failure *failure);

/* Who signed, from a signature file; -1 with a phrase in why if it is not one. */
int minisign_signer(struct str signature, char id[17], char *why, size_t n);

/* The trusted comment of a signature file, once it is verified; "" where it is longer. */
void minisign_comment(struct str signature, char *comment, size_t n);

/* 0: it is the signature of these bytes by this key. -1 with a phrase in why. */
int minisign_verify(const struct minisign_public *public_key, struct str bytes,
		    struct str signature, char *why, size_t n);

#endif
