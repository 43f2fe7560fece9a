/* Whether a bundle is what it was when it was made: sums, signature, and the run once more. */
#include "cpis.h"
#include "diag/failure.h"
#include "engine/setup.h"
#include "engine/source.h"
#include "evidence/again.h"
#include "evidence/minisign.h"
#include "evidence/tarball.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const size_t most_packed_bytes = (size_t)2 << 30, most_bytes = (size_t)4 << 30;

struct verifying {
	const struct cpis_verify_options *options;
	struct tarball tarball;
	enum cpis_verdict verdict;
};

static void tell(struct verifying *verifying, enum cpis_verdict verdict,
		 struct cpis_verify_note note)
{
	note.good = verdict == CPIS_PASS;
	if (verdict > verifying->verdict)
		verifying->verdict = verdict;
	if (verifying->options->tell)
		verifying->options->tell(verifying->options->context, &note);
}

static void say(struct verifying *verifying, enum cpis_verdict verdict, const char *file,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct verifying *verifying, enum cpis_verdict verdict, const char *file,
		const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tell(verifying, verdict, (struct cpis_verify_note){ .file = file, .text = text });
}

static bool is_unlisted(const char *name)
{
	return strcmp(name, "MANIFEST") == 0 || strcmp(name, "MANIFEST.minisig") == 0;
}

/* One line of the manifest: digest, two spaces, name. False when it is not one. */
static bool take_line(struct str line, char sha256[65], char name[TARBALL_MOST_NAME + 1])
{
	if (line.n < 67 || line.n - 66 > TARBALL_MOST_NAME || memcmp(line.p + 64, "  ", 2) != 0)
		return false;
	for (size_t i = 0; i < 64; i++)
		if (!char_is_digit(line.p[i]) && (line.p[i] < 'a' || line.p[i] > 'f'))
			return false;
	snprintf(sha256, 65, "%.64s", line.p);
	memcpy(name, line.p + 66, line.n - 66);
	name[line.n - 66] = '\0';
	return strlen(name) == line.n - 66 && tarball_name_is_plain(name) && !is_unlisted(name);
}

static void check_line(struct verifying *verifying, struct str line, size_t number, bool *listed)
{
	char sha256[65], name[TARBALL_MOST_NAME + 1];
	const struct tarball *tarball = &verifying->tarball;
	if (!take_line(line, sha256, name)) {
		say(verifying, CPIS_FAIL, "MANIFEST", "line %zu is not one of sha256sum", number);
		return;
	}
	const struct tarball_member *member = tarball_find(tarball, name);
	if (!member) {
		tell(verifying, CPIS_FAIL,
		     (struct cpis_verify_note){
			     .file = name, .expected = sha256, .text = "it is missing" });
		return;
	}
	size_t place = (size_t)(member - tarball->members);
	if (listed[place])
		say(verifying, CPIS_FAIL, name, "it is listed twice");
	listed[place] = true;
	if (strcmp(member->sha256, sha256) != 0)
		tell(verifying, CPIS_FAIL,
		     (struct cpis_verify_note){ .file = name,
						.expected = sha256,
						.found = member->sha256,
						.text = "it is not what it was" });
}

static void check_sums(struct verifying *verifying, struct str manifest, bool *listed)
{
	const struct tarball *tarball = &verifying->tarball;
	enum cpis_verdict before = verifying->verdict;
	size_t number = 0;
	while (manifest.n) {
		const char *end = memchr(manifest.p, '\n', manifest.n);
		struct str line = { manifest.p, end ? (size_t)(end - manifest.p) : manifest.n };
		check_line(verifying, line, ++number, listed);
		if (!end)
			say(verifying, CPIS_FAIL, "MANIFEST", "its last line does not end");
		manifest = str_from(manifest, line.n + 1);
	}
	for (size_t i = 0; i < tarball->count; i++) {
		const struct tarball_member *member = &tarball->members[i];
		if (!listed[i] && !is_unlisted(member->name))
			tell(verifying, CPIS_FAIL,
			     (struct cpis_verify_note){ .file = member->name,
							.found = member->sha256,
							.text = "it is not in the manifest" });
	}
	if (verifying->verdict == before)
		say(verifying, CPIS_PASS, NULL, "the sums of %zu files are right", number);
}

static void check_manifest(struct verifying *verifying, struct cpis_failure *failure)
{
	const struct tarball_member *manifest = tarball_find(&verifying->tarball, "MANIFEST");
	bool *listed = calloc(verifying->tarball.count + 1, sizeof(*listed));
	if (!manifest)
		say(verifying, CPIS_FAIL, "MANIFEST", "it is missing");
	else if (listed)
		check_sums(verifying, manifest->bytes, listed);
	else
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
	free(listed);
}

static int check_signature(struct verifying *verifying, struct cpis_failure *failure)
{
	static const char file[] = "MANIFEST.minisig";
	const struct tarball_member *manifest = tarball_find(&verifying->tarball, "MANIFEST");
	const struct tarball_member *signature = tarball_find(&verifying->tarball, file);
	const char *key = verifying->options->public_key;
	struct minisign_public public_key;
	char id[17], why[256];
	if (key && minisign_read_public(&public_key, key, failure) != 0)
		return -1;
	if (!signature && key)
		say(verifying, CPIS_FAIL, file, "it is missing: the bundle is not signed");
	else if (!signature)
		say(verifying, CPIS_PASS, NULL,
		    "it is not signed: the sums show that nothing was damaged, not who made it");
	else if (minisign_signer(signature->bytes, id, why, sizeof(why)) != 0)
		say(verifying, CPIS_FAIL, file, "%s", why);
	else if (!key)
		say(verifying, CPIS_INCOMPLETE, file,
		    "the signature, which says it is by the key %s, was not checked: name the key "
		    "with --public-key",
		    id);
	else if (minisign_verify(&public_key, manifest ? manifest->bytes : (struct str){ "", 0 },
				 signature->bytes, why, sizeof(why)) != 0)
		say(verifying, CPIS_FAIL, file, "the signature is wrong: %s", why);
	else
		say(verifying, CPIS_PASS, NULL, "the signature by the key %s is right", id);
	return 0;
}

static void check_run(struct verifying *verifying)
{
	struct buf words;
	enum again outcome = AGAIN_SAME;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	buf_init(&words, 4096);
	if (again_run(&verifying->tarball, verifying->options->evidence, &outcome, &words,
		      &failure) != 0)
		say(verifying,
		    failure.kind == CPIS_FAILURE_CONFIGURATION ? CPIS_FAIL : CPIS_INCOMPLETE, NULL,
		    "the run cannot be repeated: %s%s%s", failure.file, failure.file[0] ? ": " : "",
		    failure.text);
	else if (outcome == AGAIN_SAME)
		say(verifying, CPIS_PASS, NULL,
		    "the run was repeated, with the same results byte for byte");
	else
		say(verifying, outcome == AGAIN_NOT_RUN ? CPIS_INCOMPLETE : CPIS_FAIL, NULL, "%s",
		    words.p ? words.p : "memory is out");
	buf_release(&words);
}

static int verify(struct verifying *verifying, struct str packed, struct cpis_failure *failure)
{
	char why[512];
	if (tarball_read(&verifying->tarball, packed, most_bytes, why, sizeof(why)) != 0) {
		say(verifying, CPIS_FAIL, NULL, "it is damaged, or no bundle: %s", why);
		return 0;
	}
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	check_manifest(verifying, failure);
	if (failure->kind != CPIS_FAILURE_NONE || check_signature(verifying, failure) != 0)
		return -1;
	if (verifying->verdict == CPIS_FAIL)
		say(verifying, CPIS_FAIL, NULL,
		    "the run was not repeated, because the bundle is not as it was");
	else
		check_run(verifying);
	return 0;
}

int cpis_verify(const char *path, const struct cpis_verify_options *options,
		enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct verifying verifying = { .options = options };
	struct source source;
	const char *why = "it cannot be read";
	if (failure_unless_zero(options->reserved, failure) != 0)
		return -1;
	if (engine_setup() != 0 || source_open(&source, path, most_packed_bytes, &why) != 0) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
		snprintf(failure->file, sizeof(failure->file), "%.500s", path);
		snprintf(failure->text, sizeof(failure->text), "the bundle cannot be read: %s",
			 why);
		return -1;
	}
	int status = verify(&verifying, source.bytes, failure);
	tarball_release(&verifying.tarball);
	source_close(&source);
	if (status == 0)
		*verdict = verifying.verdict;
	return status;
}
