/* The sums of a bundle, and how whoever checks it is given what was found. */
#include "base/character.h"
#include "base/digest.h"
#include "evidence/checking.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char of_supplier[] = "MANIFEST.minisig";
static const char of_assessor[] = "MANIFEST.countersigned-";

bool signature_is_of_assessor(const char *member)
{
	return strncmp(member, of_assessor, sizeof(of_assessor) - 1) == 0 &&
	       str_ends(str_of(member), STR(".minisig"));
}

bool signature_is(const char *member)
{
	return strcmp(member, of_supplier) == 0 || signature_is_of_assessor(member);
}

void verify_tell(struct verifying *verifying, enum cpis_verdict verdict,
		 struct cpis_verify_note note)
{
	note.good = verdict == CPIS_PASS;
	note.verdict = verdict;
	if (verdict > verifying->verdict)
		verifying->verdict = verdict;
	if (verifying->options->each)
		verifying->options->each(verifying->options->context, &note);
}

void verify_say(struct verifying *verifying, enum cpis_verdict verdict, const char *file,
		const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	verify_tell(verifying, verdict, (struct cpis_verify_note){ .file = file, .text = text });
}

void verify_fact(struct verifying *verifying, const char *about, const char *format, ...)
{
	struct buf shown;
	char text[2048];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* It is the supplier's, and may hold what a terminal obeys. */
	buf_init(&shown, 1 << 16);
	character_write_line(&shown, about);
	buf_char(&shown, '\0');
	size_t start = shown.n;
	character_write_line(&shown, text);
	if (!shown.failed)
		verify_tell(verifying, CPIS_PASS,
			    (struct cpis_verify_note){ .about = shown.p, .text = shown.p + start });
	buf_release(&shown);
}

static bool is_unlisted(const char *name)
{
	return strcmp(name, "MANIFEST") == 0 || signature_is(name);
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
		verify_say(verifying, CPIS_FAIL, "MANIFEST",
			   "line %zu is not in the format of sha256sum", number);
		return;
	}
	const struct tarball_member *member = tarball_find(tarball, name);
	if (!member) {
		verify_tell(verifying, CPIS_FAIL,
			    (struct cpis_verify_note){
				    .file = name, .expected = sha256, .text = "it is missing" });
		return;
	}
	size_t place = (size_t)(member - tarball->members);
	if (listed[place])
		verify_say(verifying, CPIS_FAIL, name, "it is listed twice");
	listed[place] = true;
	if (strcmp(member->sha256, sha256) != 0)
		verify_tell(verifying, CPIS_FAIL,
			    (struct cpis_verify_note){ .file = name,
						       .expected = sha256,
						       .found = member->sha256,
						       .text = "it has changed" });
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
			verify_say(verifying, CPIS_FAIL, "MANIFEST", "its last line has no end");
		manifest = str_from(manifest, line.n + 1);
	}
	for (size_t i = 0; i < tarball->count; i++) {
		const struct tarball_member *member = &tarball->members[i];
		if (!listed[i] && !is_unlisted(member->name))
			verify_tell(
				verifying, CPIS_FAIL,
				(struct cpis_verify_note){ .file = member->name,
							   .found = member->sha256,
							   .text = "it is not in the manifest" });
	}
	if (verifying->verdict == before)
		verify_say(verifying, CPIS_PASS, NULL, "the sums of %zu files are correct", number);
}

void manifest_check(struct verifying *verifying, struct cpis_failure *failure)
{
	const struct tarball_member *manifest = tarball_find(&verifying->tarball, "MANIFEST");
	bool *listed = calloc(verifying->tarball.count + 1, sizeof(*listed));
	if (!manifest)
		verify_say(verifying, CPIS_FAIL, "MANIFEST", "it is missing");
	else if (listed)
		check_sums(verifying, manifest->bytes, listed);
	else
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
	free(listed);
}
