/* Who signed a bundle: the supplier who made it, and assessors who looked at it. */
#include "base/files.h"
#include "base/inputs.h"
#include "diag/failure.h"
#include "engine/source.h"
#include "evidence/minisign.h"
#include "evidence/checking.h"
#include "results/summary.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static const char of_supplier[] = "MANIFEST.minisig";
static const char of_assessor[] = "MANIFEST.countersigned-";

enum { MOST_COUNTERSIGNATURES = 99, MOST_KEY_NAME = 200, MOST_SIGNED_COMMENT = 4096 };

/* Keys that are known by name */

struct known_key {
	char name[MOST_KEY_NAME]; /* "": it is not known by one */
	struct minisign_public key;
};

/* "KEY NAME": the base64 of a public key, and whose it is. -1: it is not such a line. */
static int take_key(struct str line, struct known_key *key)
{
	char word[128];
	struct cpis_failure failure;
	size_t n = 0;
	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	struct str name = str_trim(str_from(line, n));
	if (n != 56 || !name.n)
		return -1;
	snprintf(word, sizeof(word), "%.*s", (int)n, line.p);
	snprintf(key->name, sizeof(key->name), "%.*s", STR_ARG(name));
	return minisign_read_public(&key->key, word, &failure);
}

/* 1: the file of known keys has the key of this id. 0: it has not. -1: failure says what is wrong.
 */
static int find_known(const char *path, const char *id, struct known_key *found,
		      struct cpis_failure *failure)
{
	struct source source;
	const char *why = "";
	size_t number = 0;
	int status = 0;
	if (source_open(&source, path, 1 << 20, &why) != 0)
		return failure_of_file(failure, path, "%s", why);
	for (struct str rest = source.bytes; rest.n && status == 0;) {
		const char *end = memchr(rest.p, '\n', rest.n);
		struct str line = { rest.p, end ? (size_t)(end - rest.p) : rest.n };
		struct known_key key;
		char known[17];
		rest = str_from(rest, line.n + (end != NULL));
		line = str_trim(line);
		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		if (take_key(line, &key) != 0) {
			failure_of_file(failure, path,
					"a line is a minisign public key, a blank and a name");
			failure->line = number;
			failure->column = 1;
			status = -1;
			break;
		}
		minisign_id(key.key.id, known);
		if (strcmp(known, id) == 0) {
			*found = key;
			status = 1;
		}
	}
	source_close(&source);
	return status;
}

/* Signatures */

struct signing {
	const struct tarball_member *member;
	char id[17], comment[MOST_SIGNED_COMMENT];
	struct known_key key;
};

/* The value of "name:value" in a comment of such fields, with tabs between. */
static struct str field_of(const char *comment, const char *name)
{
	size_t n = strlen(name);
	for (const char *at = comment; at && *at; at = strchr(at, '\t')) {
		at += *at == '\t';
		if (strncmp(at, name, n) == 0 && at[n] == ':')
			return (struct str){ at + n + 1, strcspn(at + n + 1, "\t") };
	}
	return (struct str){ "", 0 };
}

static void note_signer(struct verifying *verifying, const struct signing *signing)
{
	char when[32] = "";
	struct str said = field_of(signing->comment, "comment");
	long long seconds = strtoll(field_of(signing->comment, "timestamp").p, NULL, 10);
	summary_time(when, seconds);
	const char *name = signing->key.name[0] ? signing->key.name : "a key without a known name";
	buf_printf(&verifying->signers, "%s (key %s)%s%s%s%.*s\n", name, signing->id,
		   when[0] ? ", who dates it " : "", when, said.n ? ": " : "", STR_ARG(said));
}

/* Which countersignature it is, from 1; 0: its name is not one that we give. */
static int number_of(const char *name)
{
	char made[64];
	int number = atoi(name + sizeof(of_assessor) - 1);
	snprintf(made, sizeof(made), "%s%d.minisig", of_assessor, number);
	return number > 0 && number <= MOST_COUNTERSIGNATURES && strcmp(made, name) == 0 ? number
											 : 0;
}

/* Both kinds are over the same bytes, and a name is not signed: what tells them apart is the
 * trusted comment. A countersignature has what the assessor said, and its number, which those of
 * earlier versions lack; the supplier's signature has neither. */
static const char *wrong_role(const struct signing *signing)
{
	const char *name = signing->member->name;
	struct str number = field_of(signing->comment, "countersignature");
	bool countersigned = field_of(signing->comment, "comment").n || number.n;
	if (!signature_is_of_assessor(name))
		return countersigned ? "it is a countersignature under the name of the signature"
				     : NULL;
	if (!countersigned)
		return "it is not a countersignature: its trusted comment says nothing";
	if (number.n && strtol(number.p, NULL, 10) != number_of(name))
		return "it is a countersignature with another number";
	return NULL;
}

/* False after it was said what is wrong. */
static bool check_role(struct verifying *verifying, struct signing *signing)
{
	minisign_comment(signing->member->bytes, signing->comment, sizeof(signing->comment));
	const char *wrong = wrong_role(signing);
	if (wrong)
		verify_say(verifying, CPIS_FAIL, signing->member->name, "%s", wrong);
	return !wrong;
}

/* With a key that is known to be whose it says. */
static void check_with_key(struct verifying *verifying, struct signing *signing)
{
	const struct tarball_member *manifest = tarball_find(&verifying->tarball, "MANIFEST");
	struct str bytes = manifest ? manifest->bytes : (struct str){ "", 0 };
	char why[256];
	const char *kind =
		signature_is_of_assessor(signing->member->name) ? "countersignature" : "signature";
	if (minisign_verify(&signing->key.key, bytes, signing->member->bytes, why, sizeof(why)) !=
	    0) {
		verify_say(verifying, CPIS_FAIL, signing->member->name, "the %s is wrong: %s", kind,
			   why);
		return;
	}
	if (!check_role(verifying, signing))
		return;
	note_signer(verifying, signing);
	verify_say(verifying, CPIS_PASS, NULL, "the %s by the key %s%s%s%s is correct", kind,
		   signing->id, signing->key.name[0] ? " (" : "", signing->key.name,
		   signing->key.name[0] ? ")" : "");
}

static void leave_unchecked(struct verifying *verifying, struct signing *signing)
{
	if (!check_role(verifying, signing))
		return;
	if (verifying->options->known_keys)
		verify_say(verifying, CPIS_INCOMPLETE, signing->member->name,
			   "the signature, which claims to be by the key %s, was not checked: that "
			   "key is not among the known keys",
			   signing->id);
	else
		verify_say(verifying, CPIS_INCOMPLETE, signing->member->name,
			   "the signature, which claims to be by the key %s, was not checked: give "
			   "the key with --public-key or --known-keys",
			   signing->id);
}

/* given: the key that the caller says it is by, or NULL. */
static int check_one(struct verifying *verifying, const struct tarball_member *member,
		     const char *given, struct cpis_failure *failure)
{
	const char *known_keys = verifying->options->known_keys;
	struct signing signing = { .member = member };
	char why[256];
	int known = 0;
	if (minisign_signer(member->bytes, signing.id, why, sizeof(why)) != 0) {
		verify_say(verifying, CPIS_FAIL, member->name, "%s", why);
		return 0;
	}
	if (known_keys)
		known = find_known(known_keys, signing.id, &signing.key, failure);
	if (known < 0)
		return -1;
	if (given) {
		struct minisign_public key;
		if (minisign_read_public(&key, given, failure) != 0)
			return -1;
		if (memcmp(key.key, signing.key.key.key, sizeof(key.key)) != 0)
			signing.key.name[0] = '\0';
		signing.key.key = key;
	}
	if (given || known)
		check_with_key(verifying, &signing);
	else
		leave_unchecked(verifying, &signing);
	return 0;
}

static bool claims_key(const struct tarball_member *member, const char *id)
{
	char signer[17], why[256];
	return id && minisign_signer(member->bytes, signer, why, sizeof(why)) == 0 &&
	       strcmp(signer, id) == 0;
}

/* Whether the key that was given is that of a countersignature, and not the supplier's. */
static bool is_of_assessor_alone(const struct tarball *tarball,
				 const struct tarball_member *signature, const char *id)
{
	bool assessors = false;
	for (size_t i = 0; i < tarball->count; i++)
		assessors = assessors || (signature_is_of_assessor(tarball->members[i].name) &&
					  claims_key(&tarball->members[i], id));
	return assessors && !claims_key(signature, id);
}

/* The same key signed the same words: a decision that was made once, and copied. */
static bool is_copy(const struct tarball_member *one, const struct tarball_member *other)
{
	char said[MOST_SIGNED_COMMENT], again[MOST_SIGNED_COMMENT], id[17], why[256];
	minisign_comment(one->bytes, said, sizeof(said));
	minisign_comment(other->bytes, again, sizeof(again));
	return minisign_signer(one->bytes, id, why, sizeof(why)) == 0 && claims_key(other, id) &&
	       strcmp(said, again) == 0;
}

static const struct tarball_member *find_numbered(const struct tarball *tarball, int number)
{
	char name[64];
	snprintf(name, sizeof(name), "%s%d.minisig", of_assessor, number);
	return tarball_find(tarball, name);
}

static int last_number(const struct tarball *tarball)
{
	int last = MOST_COUNTERSIGNATURES;
	while (last && !find_numbered(tarball, last))
		last--;
	return last;
}

/* They are numbered from 1 without a gap: who takes a decision out, or copies one, is seen. */
static void check_numbers(struct verifying *verifying)
{
	const struct tarball *tarball = &verifying->tarball;
	int last = last_number(tarball);
	for (int number = 1; number <= last; number++) {
		const struct tarball_member *one = find_numbered(tarball, number);
		if (!one)
			verify_say(verifying, CPIS_FAIL, NULL,
				   "countersignature %d is missing: there is a later one", number);
		for (int other = 1; one && other < number; other++) {
			const struct tarball_member *earlier = find_numbered(tarball, other);
			if (earlier && is_copy(earlier, one))
				verify_say(verifying, CPIS_FAIL, one->name,
					   "it is a copy of countersignature %d", other);
		}
	}
}

/* In the order in which they were made: the last decision is the last line, whatever its second.
 * id: of the key that was given, or NULL. */
static int check_countersignatures(struct verifying *verifying, const char *id,
				   struct cpis_failure *failure)
{
	const char *key = verifying->options->public_key;
	const struct tarball *tarball = &verifying->tarball;
	check_numbers(verifying);
	for (int number = 0; number <= MOST_COUNTERSIGNATURES; number++)
		for (size_t i = 0; i < tarball->count; i++) {
			const struct tarball_member *member = &tarball->members[i];
			if (signature_is_of_assessor(member->name) &&
			    number_of(member->name) == number &&
			    check_one(verifying, member, claims_key(member, id) ? key : NULL,
				      failure) != 0)
				return -1;
		}
	return 0;
}

int signatures_check(struct verifying *verifying, struct cpis_failure *failure)
{
	const struct tarball *tarball = &verifying->tarball;
	const struct tarball_member *signature = tarball_find(tarball, of_supplier);
	const char *key = verifying->options->public_key;
	struct minisign_public public_key;
	char id[17] = "";
	if (key && minisign_read_public(&public_key, key, failure) != 0)
		return -1;
	if (key)
		minisign_id(public_key.id, id);
	bool other = signature && key && is_of_assessor_alone(tarball, signature, id);
	if (signature && check_one(verifying, signature, other ? NULL : key, failure) != 0)
		return -1;
	if (!signature && key)
		verify_say(verifying, CPIS_FAIL, of_supplier,
			   "it is missing: the bundle is not signed");
	else if (!signature)
		verify_say(verifying, CPIS_INCOMPLETE, NULL,
			   "it is not signed: the sums show that nothing was damaged, but not who "
			   "made it");
	return check_countersignatures(verifying, key ? id : NULL, failure);
}

/* Countersigning */

static int fail(struct cpis_failure *failure, const char *path, const char *text)
{
	return failure_of_file(failure, path, "%s", text);
}

/* All members as they are, and the new one after the first, which is the manifest. */
static int write_again(const struct tarball *tarball, const char *path, const char *name,
		       struct str signature, long long now, struct cpis_failure *failure)
{
	struct tarball_writer *writer = NULL;
	inputs_own(path);
	int status = tarball_create(&writer, path, true, failure);
	for (size_t i = 0; status == 0 && i < tarball->count; i++) {
		const struct tarball_member *member = &tarball->members[i];
		status = tarball_add(writer, member->name, member->bytes, now, failure);
		if (status == 0 && i == 0)
			status = tarball_add(writer, name, signature, now, failure);
	}
	if (status == 0)
		return tarball_close(writer, failure);
	tarball_abandon(writer);
	return -1;
}

static int sign_manifest(const struct tarball *tarball, int number, const char *key,
			 const char *said, long long now, struct buf *signature,
			 struct cpis_failure *failure)
{
	const struct tarball_member *manifest = tarball_find(tarball, "MANIFEST");
	struct minisign_secret secret;
	char comment[MOST_SIGNED_COMMENT];
	int n = snprintf(comment, sizeof(comment),
			 "timestamp:%lld\tfile:MANIFEST\tcountersignature:%d\tcomment:%s", now,
			 number, said);
	if (n < 0 || (size_t)n >= sizeof(comment) / 2)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "the comment is too long");
	if (minisign_read_secret(&secret, key, failure) != 0)
		return -1;
	int status = minisign_sign(&secret, manifest->bytes, comment, signature, failure);
	minisign_wipe(&secret);
	return status == 0 && signature->failed ? failure_out_of_memory(failure) : status;
}

static int countersign(const struct tarball *tarball, const char *path, const char *key,
		       const char *said, long long now, struct cpis_failure *failure)
{
	struct buf signature;
	char name[64];
	if (!tarball->count || strcmp(tarball->members[0].name, "MANIFEST") != 0)
		return fail(failure, path, "its first file is not MANIFEST");
	/* Never into a gap: what is later has the higher number. */
	int number = last_number(tarball) + 1;
	if (number > MOST_COUNTERSIGNATURES)
		return fail(failure, path, "it has as many countersignatures as it can have");
	snprintf(name, sizeof(name), "%s%d.minisig", of_assessor, number);
	buf_init(&signature, 1 << 16);
	int status = sign_manifest(tarball, number, key, said, now, &signature, failure);
	if (status == 0)
		status = write_again(tarball, path, name, buf_view(&signature), now, failure);
	buf_release(&signature);
	return status;
}

/* What has changed since it was made is not signed. */
static int check_sums(const struct tarball *tarball, const char *path, struct cpis_failure *failure)
{
	const struct cpis_verify_options options = { .each = NULL };
	struct verifying verifying = { .options = &options, .tarball = *tarball };
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	manifest_check(&verifying, failure);
	if (failure->kind != CPIS_FAILURE_NONE)
		return -1;
	return verifying.verdict == CPIS_FAIL
		       ? fail(failure, path, "it has changed since it was made: see cpis verify")
		       : 0;
}

static int read_and_countersign(const char *path, const char *key, const char *comment,
				long long now, struct cpis_failure *failure)
{
	static const size_t most_packed = (size_t)2 << 30;
	struct tarball tarball;
	struct source source;
	char text[512];
	const char *why = "it cannot be read";
	if (source_open(&source, path, most_packed, &why) != 0)
		return fail(failure, path, why);
	int status = tarball_read(&tarball, source.bytes, most_packed, text, sizeof(text));
	source_close(&source);
	if (status != 0)
		return fail(failure, path, text);
	status = check_sums(&tarball, path, failure);
	if (status == 0)
		status = countersign(&tarball, path, key, comment, now, failure);
	tarball_release(&tarball);
	return status;
}

/* Two at once would each add to the bundle as it was, and one signature would be lost: the second
 * waits. A file system without locks does not let it. */
int cpis_countersign(const char *path, const char *key, const char *comment, long long now,
		     struct cpis_failure *failure)
{
	if (!comment[0] || strpbrk(comment, "\r\n\t"))
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "the comment is one line of text, without tabs");
	int locked = files_lock(path, O_RDONLY | O_NONBLOCK, LOCK_EX);
	int status = read_and_countersign(path, key, comment, now, failure);
	if (locked >= 0)
		close(locked);
	return status;
}
