/* Whether a bundle is what it was when it was made: sums, signature, and the run once more. */
#include "base/digest.h"
#include "base/files.h"
#include "cpis.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "evidence/minisign.h"
#include "evidence/run_record.h"
#include "evidence/tarball.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/read.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The run once more, from nothing but what the bundle holds */

enum again {
	AGAIN_SAME,	 /* the same bytes, results and report */
	AGAIN_DIFFERENT, /* *words says how */
	AGAIN_NOT_RUN	 /* *words says why not: messages that only their digests are kept of */
};

/* Files as the run called them, out of the bundle. */
struct shelf {
	struct files files;
	struct run_record record;
	const struct tarball *tarball;
	const char *evidence; /* a folder for what the bundle has only digests of; or NULL */
	const char *slots;    /* what the run called its folder of evidence, settled; or NULL */
	struct arena arena;   /* what was read from that folder */
	struct str *fetched;  /* by the file's place in the record; absent: not yet */
};

static const char *settled(struct arena *arena, const char *path)
{
	char *text = path ? arena_alloc(arena, strlen(path) + 2) : NULL;
	if (text)
		files_settle(path, text);
	return text;
}

static bool no(char *why, size_t n, const char *text)
{
	snprintf(why, n, "%s", text);
	return false;
}

/* A message that the bundle has only the digest of. */
static bool fetch(struct shelf *shelf, const struct recorded_file *file, struct str *bytes,
		  char *why, size_t n)
{
	struct str *kept = &shelf->fetched[file - shelf->record.files];
	struct buf buf;
	char sha256[65];
	if (kept->p) {
		*bytes = *kept;
		return true;
	}
	if (!shelf->evidence)
		return no(why, n, "only its digest is in the bundle");
	const char *name = file->member + strlen("evidence/");
	bool archive = shelf->slots && strcmp(file->named, shelf->slots) == 0;
	const char *path = archive ? shelf->evidence
				   : arena_printf(&shelf->arena, "%s/%s", shelf->evidence, name);
	buf_init(&buf, (size_t)2 << 30);
	files_use(NULL);
	bool good = path && files_read(path, &buf, why, n);
	files_use(&shelf->files);
	if (good) {
		digest_sha256(buf_view(&buf), sha256);
		good = strcmp(sha256, file->sha256) == 0 ||
		       no(why, n, "it is not the file that was judged: its digest is different");
	}
	if (good)
		*kept = arena_str(&shelf->arena, buf_view(&buf));
	if (good && !kept->p)
		good = no(why, n, "out of memory");
	buf_release(&buf);
	*bytes = *kept;
	return good;
}

static bool find(void *context, const char *path, struct str *bytes, char *why, size_t n)
{
	struct shelf *shelf = context;
	char *name = malloc(strlen(path) + 2);
	if (!name)
		return no(why, n, "out of memory");
	files_settle(path, name);
	const struct recorded_file *file = run_record_find(&shelf->record, name);
	free(name);
	if (!file)
		return no(why, n, "it is not in the bundle");
	if (file->refused)
		return no(why, n, file->refused);
	if (file->left_out)
		return fetch(shelf, file, bytes, why, n);
	const struct tarball_member *member = tarball_find(shelf->tarball, file->member);
	if (!member)
		return no(why, n, "it is not in the bundle");
	*bytes = member->bytes;
	return true;
}

static const char *below(const char *path, const char *folder)
{
	size_t n = strlen(folder);
	if (strcmp(folder, ".") == 0)
		return path[0] == '/' || strncmp(path, "../", 3) == 0 ? NULL : path;
	return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static bool list(void *context, const char *path, void (*each)(void *, const char *), void *with)
{
	struct shelf *shelf = context;
	char *folder = malloc(strlen(path) + 2);
	if (!folder)
		return false;
	files_settle(path, folder);
	const struct recorded_file *itself = run_record_find(&shelf->record, folder);
	bool there = !itself && shelf->slots && strcmp(folder, shelf->slots) == 0;
	for (size_t i = 0; i < shelf->record.file_count; i++) {
		char part[TARBALL_MOST_NAME + 1];
		const char *name = below(shelf->record.files[i].named, folder);
		there = there || name;
		if (!name || !each)
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)strcspn(name, "/"), name);
		each(with, part);
	}
	free(folder);
	return there;
}

static bool is_folder(void *context, const char *path)
{
	return list(context, path, NULL, NULL);
}

static struct results *inside(struct cpis_results *results)
{
	return (struct results *)(void *)results;
}

/* What the first run said of itself. */
static int repeat_words(struct cpis_results *to, const struct results *from,
			struct cpis_failure *failure)
{
	for (size_t i = 0; i < from->meta_count; i++)
		if (cpis_results_meta(to, from->meta[i].name, from->meta[i].value, failure) != 0)
			return -1;
	for (size_t i = 0; i < from->command_count; i++)
		if (cpis_results_command_word(to, from->command[i].value, failure) != 0)
			return -1;
	return 0;
}

static int run_packs(struct shelf *shelf, const struct results *first, struct cpis_results *results,
		     struct cpis_baseline *baseline, struct cpis_failure *failure)
{
	const struct run_record *record = &shelf->record;
	const struct cpis_pack_options pack = {
		.evidence = record->evidence,
		.only = record->only.items,
		.only_count = record->only.count,
		.skip = record->skip.items,
		.skip_count = record->skip.count,
		.baseline = baseline,
		.beside = record->packs.items,
		.beside_count = record->packs.count,
		.not_before = record->not_before,
	};
	if (repeat_words(results, first, failure) != 0)
		return -1;
	if (record->profile &&
	    cpis_results_profile(results, record->profile, NULL, NULL, failure) != 0)
		return -1;
	for (size_t i = 0; i < record->packs.count; i++)
		if (cpis_run_pack(results, record->packs.items[i], &pack, failure) != 0)
			return -1;
	return 0;
}

/* The run; NULL with the reason in *failure. */
static struct cpis_results *run(struct shelf *shelf, const struct results *first,
				struct cpis_failure *failure)
{
	struct cpis_baseline *baseline = NULL;
	struct cpis_results *results = NULL;
	files_use(&shelf->files);
	int status = 0;
	if (shelf->record.baseline)
		status = cpis_baseline_open(&baseline, shelf->record.baseline, 0, failure);
	if (status == 0)
		status = cpis_results_new(&results, &shelf->record.options, failure);
	if (status == 0)
		status = run_packs(shelf, first, results, baseline, failure);
	files_use(NULL);
	cpis_baseline_free(baseline);
	if (status == 0)
		return results;
	cpis_results_free(results);
	return NULL;
}

static size_t first_line_of_difference(struct str a, struct str b)
{
	size_t line = 1;
	for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
		line += a.p[i] == '\n';
	return line;
}

static void tell_why(const struct results *first, const struct results *second, struct buf *words)
{
	struct diff diff;
	if (diff_make(&diff, first, second) != 0) {
		words->failed = true;
		return;
	}
	buf_printf(words, "; %zu findings are new, %zu are gone", diff.fresh_count,
		   diff.fixed_count);
	for (unsigned i = 0; i < DIFF_CAUSE_COUNT; i++)
		if (diff.causes & 1u << i)
			buf_printf(words, "; %s", diff_cause_words((enum diff_cause)i));
	if (!(diff.causes & 1u << DIFF_TOOL))
		buf_printf(words, "; the program is %s both times", results_tool(first));
	diff_release(&diff);
}

static int compare(const struct tarball *tarball, const struct results *first,
		   struct results *second, enum again *outcome, struct buf *words,
		   struct cpis_failure *failure)
{
	static const struct {
		const char *member, *format;
	} documents[] = { { "results.xml", "xml" }, { "report.html", "html" } };
	*outcome = AGAIN_SAME;
	for (size_t i = 0; i < 2 && *outcome == AGAIN_SAME; i++) {
		struct buf made;
		const struct tarball_member *kept = tarball_find(tarball, documents[i].member);
		buf_init(&made, SIZE_MAX / 2);
		int status = sink_find(documents[i].format)->write(second, &made, failure);
		words->failed = words->failed || made.failed;
		if (status == 0 && !str_equal(buf_view(&made), kept->bytes)) {
			*outcome = AGAIN_DIFFERENT;
			buf_printf(words, "%s is different this time, from line %zu on",
				   documents[i].member,
				   first_line_of_difference(buf_view(&made), kept->bytes));
			tell_why(first, second, words);
		}
		buf_release(&made);
		if (status != 0)
			return -1;
	}
	return 0;
}

/* Messages that the bundle has only digests of, and that were not given. */
static size_t absent_messages(const struct shelf *shelf)
{
	size_t absent = 0;
	for (size_t i = 0; i < shelf->record.file_count && !shelf->evidence; i++)
		absent += shelf->record.files[i].left_out;
	return absent;
}

static int read_first(const struct tarball *tarball, struct results **first,
		      struct cpis_failure *failure)
{
	const struct tarball_member *results = tarball_find(tarball, "results.xml");
	*first = results_read_new();
	if (!*first) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
		return -1;
	}
	return results_read(*first, results->bytes, "results.xml", failure);
}

static int run_and_compare(struct shelf *shelf, enum again *outcome, struct buf *words,
			   struct cpis_failure *failure)
{
	struct results *first = NULL;
	size_t absent = absent_messages(shelf);
	if (absent) {
		*outcome = AGAIN_NOT_RUN;
		buf_printf(words,
			   "the run was not repeated: the bundle has only the digests of %zu "
			   "messages; give their folder with --evidence",
			   absent);
		return 0;
	}
	int status = read_first(shelf->tarball, &first, failure);
	struct cpis_results *second = status == 0 ? run(shelf, first, failure) : NULL;
	status = second ? compare(shelf->tarball, first, inside(second), outcome, words, failure)
			: -1;
	cpis_results_free(second);
	cpis_results_free((struct cpis_results *)(void *)first);
	return status;
}

/*
 * Run it, with files from the bundle alone, or, where it has digests only, from the folder of
 * evidence (NULL: there is none). -1 with the reason in *failure where the run could not be made.
 */
static int again_run(const struct tarball *tarball, const char *evidence, enum again *outcome,
		     struct buf *words, struct cpis_failure *failure)
{
	struct shelf shelf = { .tarball = tarball, .evidence = evidence };
	char why[256];
	const struct tarball_member *asked = tarball_find(tarball, "run");
	if (!asked || !tarball_find(tarball, "results.xml") ||
	    !tarball_find(tarball, "report.html")) {
		*failure =
			(struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION,
					       .text = "the bundle has no run, results or report" };
		return -1;
	}
	if (run_record_read(&shelf.record, asked->bytes, why, sizeof(why)) != 0) {
		*failure =
			(struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION, .file = "run" };
		snprintf(failure->text, sizeof(failure->text), "%s", why);
		return -1;
	}
	shelf.files = (struct files){
		.find = find, .is_folder = is_folder, .list = list, .context = &shelf
	};
	shelf.slots = settled(&shelf.arena, shelf.record.evidence);
	shelf.fetched =
		arena_alloc(&shelf.arena, (shelf.record.file_count + 1) * sizeof(*shelf.fetched));
	int status = -1;
	if (shelf.arena.failed)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
	else
		status = run_and_compare(&shelf, outcome, words, failure);
	arena_release(&shelf.arena);
	run_record_release(&shelf.record);
	return status;
}

/* Sums and signature */

static const size_t most_packed_bytes = (size_t)2 << 30;
static const size_t most_bytes = SIZE_MAX / 4 < (size_t)1 << 30 ? SIZE_MAX : (size_t)4 << 30;

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
	if (verifying->options->each)
		verifying->options->each(verifying->options->context, &note);
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
		say(verifying, CPIS_FAIL, "MANIFEST", "line %zu is not in the format of sha256sum",
		    number);
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
			say(verifying, CPIS_FAIL, "MANIFEST", "its last line has no end");
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
		say(verifying, CPIS_PASS, NULL, "the sums of %zu files are correct", number);
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
						  .text = "out of memory" };
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
		    "it is not signed: the sums show that nothing was damaged, but not who made "
		    "it");
	else if (minisign_signer(signature->bytes, id, why, sizeof(why)) != 0)
		say(verifying, CPIS_FAIL, file, "%s", why);
	else if (!key)
		say(verifying, CPIS_INCOMPLETE, file,
		    "the signature, which claims to be by the key %s, was not checked: give the "
		    "key "
		    "with --public-key",
		    id);
	else if (minisign_verify(&public_key, manifest ? manifest->bytes : (struct str){ "", 0 },
				 signature->bytes, why, sizeof(why)) != 0)
		say(verifying, CPIS_FAIL, file, "the signature is wrong: %s", why);
	else
		say(verifying, CPIS_PASS, NULL, "the signature by the key %s is correct", id);
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
		    words.p ? words.p : "out of memory");
	buf_release(&words);
}

static int verify(struct verifying *verifying, struct str packed, struct cpis_failure *failure)
{
	char why[512];
	if (tarball_read(&verifying->tarball, packed, most_bytes, why, sizeof(why)) != 0) {
		say(verifying, CPIS_FAIL, NULL, "it is damaged, or not a bundle: %s", why);
		return 0;
	}
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	check_manifest(verifying, failure);
	if (failure->kind != CPIS_FAILURE_NONE || check_signature(verifying, failure) != 0)
		return -1;
	if (verifying->verdict == CPIS_FAIL)
		say(verifying, CPIS_FAIL, NULL,
		    "the run was not repeated, because the bundle has changed");
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
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (engine_setup() != 0 || source_open(&source, path, most_packed_bytes, &why) != 0) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
		snprintf(failure->file, sizeof(failure->file), "%.500s", path);
		snprintf(failure->text, sizeof(failure->text), "the bundle cannot be read: %s",
			 why);
		return -1;
	}
	int status = verify(&verifying, source.bytes, failure);
	if (source_has_changed(&source))
		say(&verifying, CPIS_INCOMPLETE, NULL, "the bundle was changed while it was read");
	tarball_release(&verifying.tarball);
	source_close(&source);
	if (status == 0)
		*verdict = verifying.verdict;
	return status;
}
