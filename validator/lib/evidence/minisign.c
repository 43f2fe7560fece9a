#include "evidence/minisign.h"

#include "base/files.h"
#include "cpis.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum {
	HASH_BYTES = 64,
	SIGNATURE_BYTES = 64,
	CHECK_BYTES = 32,
	MOST_FILE_BYTES = 16 * 1024,
	MOST_COMMENT = 1024,
};

/* What base64 stands for in each kind of file. */
struct public_file {
	unsigned char kind[2], id[MINISIGN_ID_BYTES], key[MINISIGN_PUBLIC_BYTES];
};

struct secret_file {
	unsigned char kind[2], kdf[2], check_kind[2], salt[32], limits[16];
	unsigned char id[MINISIGN_ID_BYTES], key[MINISIGN_SECRET_BYTES], check[CHECK_BYTES];
};

struct signature_file {
	unsigned char kind[2], id[MINISIGN_ID_BYTES], signature[SIGNATURE_BYTES];
};

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file,
		const char *text)
{
	*failure = (struct cpis_failure){ .kind = kind };
	snprintf(failure->file, sizeof(failure->file), "%.500s", file);
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	return -1;
}

static int no(char *why, size_t n, const char *text)
{
	snprintf(why, n, "%s", text);
	return -1;
}

void minisign_id(const unsigned char id[MINISIGN_ID_BYTES], char text[17])
{
	for (size_t i = 0; i < MINISIGN_ID_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02X", id[MINISIGN_ID_BYTES - 1 - i]);
}

static void write_base64(struct buf *out, const void *bytes, size_t n)
{
	char text[512];
	sodium_bin2base64(text, sizeof(text), bytes, n, sodium_base64_VARIANT_ORIGINAL);
	buf_text(out, text);
	buf_char(out, '\n');
	sodium_memzero(text, sizeof(text));
}

/* Exactly n bytes; false for anything else. */
static bool read_base64(struct str text, void *bytes, size_t n)
{
	size_t got = 0;
	const char *end = NULL;
	return text.p &&
	       sodium_base642bin(bytes, n, text.p, text.n, NULL, &got, &end,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == n && end == text.p + text.n;
}

/* The next line without its end; absent after the last. */
static struct str take_line(struct str *rest)
{
	if (!rest->n)
		return (struct str){ 0 };
	const char *end = memchr(rest->p, '\n', rest->n);
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct str line = { rest->p, n };
	*rest = str_from(*rest, n + 1);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* What follows "untrusted comment: " on the line; absent if the line does not start with it. */
static struct str comment_of(struct str line, struct str name)
{
	return str_starts(line, name) ? str_from(line, name.n) : (struct str){ 0 };
}

static void check_of(const struct secret_file *file, unsigned char check[CHECK_BYTES])
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, CHECK_BYTES);
	crypto_generichash_update(&state, file->kind, sizeof(file->kind));
	crypto_generichash_update(&state, file->id, sizeof(file->id));
	crypto_generichash_update(&state, file->key, sizeof(file->key));
	crypto_generichash_final(&state, check, CHECK_BYTES);
}

static int write_secret(const char *path, const struct secret_file *secret, struct buf *text,
			struct cpis_failure *failure)
{
	/* All room at once: a buffer that moves would leave a copy of the key where it was. */
	buf_reserve(text, MOST_FILE_BYTES / 2);
	buf_text(text, "untrusted comment: minisign secret key, not under a password\n");
	write_base64(text, secret, sizeof(*secret));
	int status = text->failed ? fail(failure, CPIS_FAILURE_INTERNAL, path, "out of memory")
				  : files_write(path, FILES_SECRET, "the secret key",
						buf_view(text), failure);
	if (text->p)
		sodium_memzero(text->p, text->n);
	return status;
}

static int write_public(const char *path, const struct public_file *public_file, const char *id,
			struct buf *text, struct cpis_failure *failure)
{
	buf_printf(text, "untrusted comment: minisign public key %s\n", id);
	write_base64(text, public_file, sizeof(*public_file));
	return text->failed
		       ? fail(failure, CPIS_FAILURE_INTERNAL, path, "out of memory")
		       : files_write(path, FILES_NEW, "the public key", buf_view(text), failure);
}

/* The public key first: a secret key without its public half is of no use. */
static int write_pair(const char *path, const struct secret_file *secret,
		      const struct public_file *public_file, const char *id,
		      struct cpis_failure *failure)
{
	struct buf text;
	char public_path[4096];
	int n = snprintf(public_path, sizeof(public_path), "%s.pub", path);
	if (n < 0 || (size_t)n >= sizeof(public_path))
		return fail(failure, CPIS_FAILURE_CONFIGURATION, path, "the name is too long");
	buf_init(&text, MOST_FILE_BYTES);
	int status = write_public(public_path, public_file, id, &text, failure);
	buf_reset(&text);
	if (status == 0 && write_secret(path, secret, &text, failure) != 0) {
		unlink(public_path);
		status = -1;
	}
	buf_release(&text);
	return status;
}

int minisign_generate(const char *path, char id[17], struct cpis_failure *failure)
{
	struct secret_file secret = { .kind = { 'E', 'd' }, .check_kind = { 'B', '2' } };
	struct public_file public_file = { .kind = { 'E', 'd' } };
	if (sodium_init() < 0)
		return fail(failure, CPIS_FAILURE_INTERNAL, "", "libsodium cannot be used");
	randombytes_buf(secret.id, sizeof(secret.id));
	memcpy(public_file.id, secret.id, sizeof(secret.id));
	crypto_sign_keypair(public_file.key, secret.key);
	check_of(&secret, secret.check);
	minisign_id(secret.id, id);
	int status = write_pair(path, &secret, &public_file, id, failure);
	sodium_memzero(&secret, sizeof(secret));
	return status;
}

void minisign_wipe(struct minisign_secret *secret)
{
	sodium_memzero(secret, sizeof(*secret));
}

/* minisign leaves the check sum of a key that no password protects empty: its halves must fit too.
 */
static bool is_whole(const struct secret_file *file)
{
	unsigned char check[CHECK_BYTES], public_key[MINISIGN_PUBLIC_BYTES],
		secret[MINISIGN_SECRET_BYTES];
	check_of(file, check);
	bool summed = sodium_is_zero(file->check, sizeof(file->check)) ||
		      sodium_memcmp(check, file->check, sizeof(check)) == 0;
	crypto_sign_seed_keypair(public_key, secret, file->key);
	bool fits = sodium_memcmp(secret, file->key, sizeof(secret)) == 0;
	sodium_memzero(secret, sizeof(secret));
	return summed && fits;
}

static const char *take_secret(struct str text, struct minisign_secret *secret)
{
	struct secret_file file;
	const char *why = NULL;
	struct str comment = take_line(&text);
	if (!comment_of(comment, STR("untrusted comment: ")).p ||
	    !read_base64(take_line(&text), &file, sizeof(file)) || memcmp(file.kind, "Ed", 2) != 0)
		why = "this is not a minisign secret key";
	else if (file.kdf[0] || file.kdf[1])
		why = "the key has a password, and cpis cannot ask for it: minisign -C -W "
		      "removes it from a copy";
	else if (!is_whole(&file))
		why = "the key is damaged: its parts do not match";
	if (!why) {
		memcpy(secret->id, file.id, sizeof(file.id));
		memcpy(secret->key, file.key, sizeof(file.key));
	}
	sodium_memzero(&file, sizeof(file));
	return why;
}

int minisign_read_secret(struct minisign_secret *secret, const char *path,
			 struct cpis_failure *failure)
{
	struct buf text;
	char reason[128];
	const char *why = reason;
	if (sodium_init() < 0)
		return fail(failure, CPIS_FAILURE_INTERNAL, "", "libsodium cannot be used");
	buf_init(&text, MOST_FILE_BYTES + 65536);
	if (files_read(path, &text, reason, sizeof(reason)))
		why = take_secret(buf_view(&text), secret);
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
	return why ? fail(failure, CPIS_FAILURE_CONFIGURATION, path, why) : 0;
}

static bool take_public(struct str base64, struct minisign_public *public_key)
{
	struct public_file file;
	if (!read_base64(base64, &file, sizeof(file)) || memcmp(file.kind, "Ed", 2) != 0)
		return false;
	memcpy(public_key->id, file.id, sizeof(file.id));
	memcpy(public_key->key, file.key, sizeof(file.key));
	return true;
}

int minisign_read_public(struct minisign_public *public_key, const char *file_or_key,
			 struct cpis_failure *failure)
{
	struct buf text;
	char why[128];
	if (sodium_init() < 0)
		return fail(failure, CPIS_FAILURE_INTERNAL, "", "libsodium cannot be used");
	if (take_public(str_of(file_or_key), public_key))
		return 0;
	buf_init(&text, MOST_FILE_BYTES + 65536);
	int status = -1;
	if (!files_read(file_or_key, &text, why, sizeof(why))) {
		fail(failure, CPIS_FAILURE_CONFIGURATION, file_or_key, why);
	} else {
		struct str rest = buf_view(&text);
		take_line(&rest);
		status = take_public(take_line(&rest), public_key) ? 0 : -1;
		if (status != 0)
			fail(failure, CPIS_FAILURE_CONFIGURATION, file_or_key,
			     "this is not a minisign public key");
	}
	buf_release(&text);
	return status;
}

static void hash_of(struct str bytes, unsigned char hash[HASH_BYTES])
{
	crypto_generichash(hash, HASH_BYTES, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
}

/* The trusted comment is signed together with the signature. */
static size_t join(unsigned char *both, const unsigned char *signature, struct str comment)
{
	memcpy(both, signature, SIGNATURE_BYTES);
	if (comment.n)
		memcpy(both + SIGNATURE_BYTES, comment.p, comment.n);
	return SIGNATURE_BYTES + comment.n;
}

int minisign_sign(const struct minisign_secret *secret, struct str bytes, const char *comment,
		  struct buf *out, struct cpis_failure *failure)
{
	struct signature_file file = { .kind = { 'E', 'D' } };
	unsigned char hash[HASH_BYTES], both[SIGNATURE_BYTES + MOST_COMMENT], all[SIGNATURE_BYTES];
	struct str trusted = str_of(comment);
	if (trusted.n > MOST_COMMENT || strpbrk(comment, "\r\n"))
		return fail(failure, CPIS_FAILURE_INTERNAL, "", "the comment cannot be signed");
	memcpy(file.id, secret->id, sizeof(file.id));
	hash_of(bytes, hash);
	if (crypto_sign_detached(file.signature, NULL, hash, sizeof(hash), secret->key) != 0 ||
	    crypto_sign_detached(all, NULL, both, join(both, file.signature, trusted),
				 secret->key) != 0)
		return fail(failure, CPIS_FAILURE_INTERNAL, "", "the signature cannot be made");
	buf_text(out, "untrusted comment: signature from cpis\n");
	write_base64(out, &file, sizeof(file));
	buf_printf(out, "trusted comment: %s\n", comment);
	write_base64(out, all, sizeof(all));
	return 0;
}

struct signature {
	struct signature_file file;
	struct str comment;
	unsigned char all[SIGNATURE_BYTES];
};

static int take_signature(struct str text, struct signature *signature, char *why, size_t n)
{
	struct str untrusted = comment_of(take_line(&text), STR("untrusted comment: "));
	struct str base64 = take_line(&text);
	signature->comment = comment_of(take_line(&text), STR("trusted comment: "));
	struct str all = take_line(&text);
	/* Nothing protects that comment: only what the two programs write is taken. */
	bool written = str_is(untrusted, "signature from cpis") ||
		       str_is(untrusted, "signature from minisign secret key");
	if (!written || !read_base64(base64, &signature->file, sizeof(signature->file)) ||
	    !signature->comment.p || signature->comment.n > MOST_COMMENT ||
	    !read_base64(all, signature->all, sizeof(signature->all)) || text.n)
		return no(why, n, "it is not a minisign signature file");
	if (memcmp(signature->file.kind, "ED", 2) != 0 &&
	    memcmp(signature->file.kind, "Ed", 2) != 0)
		return no(why, n, "the kind of signature is unknown");
	return 0;
}

int minisign_signer(struct str text, char id[17], char *why, size_t n)
{
	struct signature signature;
	if (take_signature(text, &signature, why, n) != 0)
		return -1;
	minisign_id(signature.file.id, id);
	return 0;
}

void minisign_comment(struct str text, char *comment, size_t n)
{
	struct signature signature;
	char why[128];
	comment[0] = '\0';
	if (take_signature(text, &signature, why, sizeof(why)) == 0 && signature.comment.n < n)
		snprintf(comment, n, "%.*s", STR_ARG(signature.comment));
}

int minisign_verify(const struct minisign_public *public_key, struct str bytes, struct str text,
		    char *why, size_t n)
{
	struct signature signature;
	unsigned char hash[HASH_BYTES], both[SIGNATURE_BYTES + MOST_COMMENT];
	if (take_signature(text, &signature, why, n) != 0)
		return -1;
	if (memcmp(signature.file.id, public_key->id, MINISIGN_ID_BYTES) != 0) {
		char theirs[17], ours[17];
		minisign_id(signature.file.id, theirs);
		minisign_id(public_key->id, ours);
		snprintf(why, n, "it was made with the key %s, not %s", theirs, ours);
		return -1;
	}
	if (memcmp(signature.file.kind, "ED", 2) == 0) {
		hash_of(bytes, hash);
		bytes = (struct str){ (const char *)hash, sizeof(hash) };
	}
	if (crypto_sign_verify_detached(signature.file.signature, (const unsigned char *)bytes.p,
					bytes.n, public_key->key) != 0)
		return no(why, n, "it is not the signature of this MANIFEST");
	if (crypto_sign_verify_detached(signature.all, both,
					join(both, signature.file.signature, signature.comment),
					public_key->key) != 0)
		return no(why, n, "its trusted comment was changed");
	return 0;
}
