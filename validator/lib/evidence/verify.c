/* Whether a bundle is what it was when it was made: sums, signature, and the run once more. */
#include "base/digest.h"
#include "base/files.h"
#include "cpis.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "evidence/checking.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/read.h"
#include "results/summary.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

/* What the file is called in the folder of evidence; "": it is not of it. */
static const char *name_in_evidence(const struct recorded_file *file)
{
	bool is_evidence = str_starts(str_of(file->member), STR("evidence/"));
	return is_evidence ? file->member + strlen("evidence/") : "";
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
	const char *name = name_in_evidence(file);
	bool archive = shelf->slots && strcmp(file->named, shelf->slots) == 0;
	const char *path = archive ? shelf->evidence
				   : arena_printf(&shelf->arena, "%s/%s", shelf->evidence, name);
	if (!archive && !tarball_name_is_plain(name))
		return no(why, n, "it is not a message of the evidence folder");
	buf_init(&buf, (size_t)2 << 30);
	files_use(NULL);
	bool good = path && (files_is_inside(shelf->evidence, path) ||
			     no(why, n, "it is a link out of the evidence folder"));
	good = good && files_read(path, &buf, why, n);
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
		     struct cpis_baseline *baseline, struct cpis_waivers *waivers,
		     struct cpis_failure *failure)
{
	const struct run_record *record = &shelf->record;
	const struct cpis_pack_options pack = {
		.evidence = record->evidence,
		.only = record->only.items,
		.only_count = record->only.count,
		.skip = record->skip.items,
		.skip_count = record->skip.count,
		.baseline = baseline,
		.waivers = waivers,
		.beside = record->packs.items,
		.beside_count = record->packs.count,
		.not_before = record->not_before,
		.allow_outside = record->allow_outside,
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
	struct cpis_waivers *waivers = NULL;
	struct cpis_results *results = NULL;
	files_use(&shelf->files);
	int status = 0;
	if (shelf->record.baseline)
		status = cpis_baseline_open(&baseline, shelf->record.baseline, 0, failure);
	if (status == 0 && shelf->record.waivers)
		status = cpis_waivers_open(&waivers, shelf->record.waivers, failure);
	if (status == 0)
		status = cpis_results_new(&results, &shelf->record.options, failure);
	if (status == 0)
		status = run_packs(shelf, first, results, baseline, waivers, failure);
	if (status == 0 && waivers)
		status = cpis_results_close_waivers(results, waivers, failure);
	files_use(NULL);
	cpis_baseline_free(baseline);
	cpis_waivers_free(waivers);
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
	buf_printf(words, "; %zu findings are new, %zu are gone",
		   diff.fresh_count + diff.unlisted_count,
		   diff.fixed_count + diff.accepted_count + diff.unjudged_count);
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

/* A file that was changed, or that is not there, by its name. */
static void tell_changed(struct shelf *shelf, struct verifying *verifying)
{
	char why[256];
	for (size_t i = 0; i < shelf->record.file_count; i++) {
		const struct recorded_file *file = &shelf->record.files[i];
		struct str bytes;
		if (file->left_out && !file->refused &&
		    !fetch(shelf, file, &bytes, why, sizeof(why)))
			verify_say(verifying, CPIS_FAIL, file->member, "%s", why);
	}
	files_use(NULL);
}

static int run_and_compare(struct shelf *shelf, struct verifying *verifying, enum again *outcome,
			   struct buf *words, struct cpis_failure *failure)
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
	tell_changed(shelf, verifying);
	int status = read_first(shelf->tarball, &first, failure);
	struct cpis_results *second = status == 0 ? run(shelf, first, failure) : NULL;
	status = second ? compare(shelf->tarball, first, inside(second), outcome, words, failure)
			: -1;
	cpis_results_free(second);
	cpis_results_free((struct cpis_results *)(void *)first);
	return status;
}

/*
 * The files of a run, from the bundle alone, or, where it has digests only, from the folder of
 * evidence (NULL: there is none). -1 with the reason in *failure. Close it in any case.
 */
static int shelf_open(struct shelf *shelf, const struct tarball *tarball, const char *evidence,
		      struct cpis_failure *failure)
{
	char why[256];
	const struct tarball_member *asked = tarball_find(tarball, "run");
	*shelf = (struct shelf){ .tarball = tarball, .evidence = evidence };
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	if (!asked || !tarball_find(tarball, "results.xml") ||
	    !tarball_find(tarball, "report.html")) {
		snprintf(failure->text, sizeof(failure->text),
			 "the bundle has no run, results or report");
		return -1;
	}
	if (run_record_read(&shelf->record, asked->bytes, why, sizeof(why)) != 0) {
		snprintf(failure->file, sizeof(failure->file), "run");
		snprintf(failure->text, sizeof(failure->text), "%s", why);
		return -1;
	}
	shelf->files = (struct files){
		.find = find, .is_folder = is_folder, .list = list, .context = shelf
	};
	shelf->slots = settled(&shelf->arena, shelf->record.evidence);
	shelf->fetched = arena_alloc(&shelf->arena,
				     (shelf->record.file_count + 1) * sizeof(*shelf->fetched));
	if (!shelf->arena.failed)
		return 0;
	return failure_out_of_memory(failure);
}

static void shelf_close(struct shelf *shelf)
{
	arena_release(&shelf->arena);
	run_record_release(&shelf->record);
}

/* Run it. -1 with the reason in *failure where the run could not be made. */
static int again_run(struct verifying *verifying, enum again *outcome, struct buf *words,
		     struct cpis_failure *failure)
{
	struct shelf shelf;
	int status = shelf_open(&shelf, &verifying->tarball, verifying->options->evidence, failure);
	if (status == 0)
		status = run_and_compare(&shelf, verifying, outcome, words, failure);
	shelf_close(&shelf);
	return status;
}

/* Sums and signature */

static const size_t most_packed_bytes = (size_t)2 << 30;
static const size_t most_bytes = SIZE_MAX / 4 < (size_t)1 << 30 ? SIZE_MAX : (size_t)4 << 30;

static void check_run(struct verifying *verifying)
{
	struct buf words;
	enum again outcome = AGAIN_SAME;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	buf_init(&words, 4096);
	if (again_run(verifying, &outcome, &words, &failure) != 0)
		verify_say(verifying,
			   failure.kind == CPIS_FAILURE_CONFIGURATION ? CPIS_FAIL : CPIS_INCOMPLETE,
			   NULL, "the run cannot be repeated: %s%s%s", failure.file,
			   failure.file[0] ? ": " : "", failure.text);
	else if (outcome == AGAIN_SAME)
		verify_say(verifying, CPIS_PASS, NULL,
			   "the run was repeated, with the same results byte for byte");
	else
		verify_say(verifying, outcome == AGAIN_NOT_RUN ? CPIS_INCOMPLETE : CPIS_FAIL, NULL,
			   "%s", words.p ? words.p : "out of memory");
	buf_release(&words);
}

static bool is_made(const char *name)
{
	static const char *const made[] = { "MANIFEST", "report.html", "results.xml", "run" };
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (strcmp(name, made[i]) == 0)
			return true;
	return signature_is(name);
}

/* -1 with the reason in *failure: the evidence that was named cannot be that of the run, whatever
 * is in it. */
static int check_evidence(struct run_record *record, const char *evidence,
			  struct cpis_failure *failure)
{
	const char *slots = settled(&record->arena, record->evidence);
	bool folder = files_is_folder(evidence);
	size_t left_out = 0, there = 0;
	struct stat status;
	for (size_t i = 0; i < record->file_count; i++) {
		const struct recorded_file *file = &record->files[i];
		if (!file->left_out || file->refused)
			continue;
		bool archive = slots && strcmp(file->named, slots) == 0;
		if (archive == folder)
			return failure_of_file(failure, evidence, "%s",
					       archive ? "the run of this bundle was over one file "
							 "of evidence: name that file"
						       : "the run of this bundle was over a folder "
							 "of evidence: name that folder");
		const char *path = archive ? evidence
					   : arena_printf(&record->arena, "%s/%s", evidence,
							  name_in_evidence(file));
		left_out++;
		there += path && stat(path, &status) == 0;
	}
	if (left_out && !there)
		return failure_of_file(failure, evidence,
				       "it has none of the %zu messages that the bundle has only "
				       "digests of",
				       left_out);
	return record->arena.failed ? failure_out_of_memory(failure) : 0;
}

/* Whether the run has read every file: what it has not, no one has judged, whoever signed it. What
 * is wrong with the record itself is said when the run is repeated. */
static void check_members(struct verifying *verifying, struct cpis_failure *failure)
{
	const struct tarball *tarball = &verifying->tarball;
	const struct tarball_member *run = tarball_find(tarball, "run"), *member;
	struct run_record record;
	char why[256];
	if (!run || run_record_read(&record, run->bytes, why, sizeof(why)) != 0)
		return;
	bool *of_run = arena_alloc(&record.arena, tarball->count + 1);
	if (!of_run)
		failure_out_of_memory(failure);
	for (size_t i = 0; of_run && i < record.file_count; i++) {
		const struct recorded_file *file = &record.files[i];
		if (!file->left_out && !file->refused &&
		    (member = tarball_find(tarball, file->member)))
			of_run[member - tarball->members] = true;
	}
	for (size_t i = 0; of_run && i < tarball->count; i++)
		if (!of_run[i] && !is_made(tarball->members[i].name))
			verify_say(verifying, CPIS_FAIL, tarball->members[i].name,
				   "it is not part of the run");
	if (of_run && verifying->options->evidence)
		check_evidence(&record, verifying->options->evidence, failure);
	run_record_release(&record);
}

/* The caller's own pack, over the evidence of the bundle */

/* What a run of the caller's pack calls the evidence of the bundle. */
static const char kept_evidence[] = ":kept:";

/* Files of the evidence come from the bundle, all others from the disk. */
struct mixed {
	struct files files;
	struct shelf *shelf;
	struct arena arena;
};

/* The path as the first run called it; NULL: it is not of the evidence. */
static const char *kept_path(struct mixed *mixed, const char *path)
{
	size_t n = sizeof(kept_evidence) - 1;
	if (strncmp(path, kept_evidence, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return arena_printf(&mixed->arena, "%s%s", mixed->shelf->slots, path + n);
}

static bool find_mixed(void *context, const char *path, struct str *bytes, char *why, size_t n)
{
	struct mixed *mixed = context;
	const char *kept = kept_path(mixed, path);
	struct buf buf;
	if (kept) {
		bool good = find(mixed->shelf, kept, bytes, why, n);
		files_use(&mixed->files);
		return good;
	}
	buf_init(&buf, (size_t)2 << 30);
	files_use(NULL);
	bool good = files_read(path, &buf, why, n);
	files_use(&mixed->files);
	if (good)
		*bytes = arena_str(&mixed->arena, buf_view(&buf));
	buf_release(&buf);
	return good && (bytes->p || no(why, n, "out of memory"));
}

static bool list_mixed(void *context, const char *path, void (*each)(void *, const char *),
		       void *with)
{
	struct mixed *mixed = context;
	const char *kept = kept_path(mixed, path);
	return kept && list(mixed->shelf, kept, each, with);
}

static bool is_folder_mixed(void *context, const char *path)
{
	struct mixed *mixed = context;
	const char *kept = kept_path(mixed, path);
	if (kept)
		return is_folder(mixed->shelf, kept);
	files_use(NULL);
	bool found = files_is_folder(path);
	files_use(&mixed->files);
	return found;
}

/* By the usual options, at the time of the first run. */
static struct cpis_results *run_own_pack(struct shelf *shelf, const struct results *first,
					 const char *path, struct cpis_failure *failure)
{
	const struct cpis_options options = { .now = first->options.now };
	const struct cpis_pack_options pack = {
		.evidence = shelf->slots ? kept_evidence : NULL,
	};
	struct mixed mixed = { .shelf = shelf };
	struct cpis_results *results = NULL;
	mixed.files = (struct files){ .find = find_mixed,
				      .is_folder = is_folder_mixed,
				      .list = list_mixed,
				      .context = &mixed };
	if (cpis_results_new(&results, &options, failure) != 0)
		return NULL;
	files_use(&mixed.files);
	int status = cpis_run_pack(results, path, &pack, failure);
	files_use(NULL);
	arena_release(&mixed.arena);
	if (status == 0)
		return results;
	cpis_results_free(results);
	return NULL;
}

/* Files of the pack that are not those of the bundle's. */
static void tell_inputs(struct verifying *verifying, const struct results *first,
			const struct results *own)
{
	const char *pack = own->pack_count ? own->packs[0].name : NULL;
	for (size_t i = 0; pack && i < own->input_count; i++) {
		const struct input_result *input = &own->inputs[i];
		const struct input_result *kept = NULL;
		for (size_t k = 0; k < first->input_count && input->pack; k++)
			if (text_same(first->inputs[k].pack, input->pack) &&
			    text_same(first->inputs[k].role, input->role) &&
			    text_same(first->inputs[k].name, input->name))
				kept = &first->inputs[k];
		if (!kept && input->pack)
			verify_fact(verifying, "differs", "%s: the bundle's pack does not read it",
				    input->name);
		else if (kept && strcmp(kept->sha256, input->sha256) != 0)
			verify_fact(verifying, "differs",
				    "%s: the bundle's pack has another file of that name",
				    input->name);
	}
}

static const struct case_result *case_with_id(const struct results *results, const char *id)
{
	for (size_t i = 0; i < results->case_count; i++)
		if (strcmp(results->cases[i].id, id) == 0)
			return &results->cases[i];
	return NULL;
}

static void tell_cases(struct verifying *verifying, const struct results *first,
		       const struct results *own)
{
	for (size_t i = 0; i < own->case_count; i++) {
		const struct case_result *now = &own->cases[i];
		const struct case_result *then = case_with_id(first, now->id);
		if (then && then->outcome == now->outcome)
			continue;
		verify_fact(verifying, "differs", "%s: %s in the bundle, %s by your pack%s%s",
			    now->id, then ? case_outcome_name(then->outcome) : "not there",
			    case_outcome_name(now->outcome), now->reason ? ": " : "",
			    now->reason ? now->reason : "");
	}
	for (size_t i = 0; i < first->case_count; i++)
		if (!case_with_id(own, first->cases[i].id))
			verify_fact(verifying, "differs", "%s: %s in the bundle, not in your pack",
				    first->cases[i].id, case_outcome_name(first->cases[i].outcome));
}

static void compare_with_own(struct verifying *verifying, struct shelf *shelf,
			     const struct results *first, struct cpis_failure *failure)
{
	struct cpis_results *run = run_own_pack(shelf, first, verifying->options->pack, failure);
	struct summary summary;
	struct buf headline;
	if (!run) {
		verify_say(verifying, CPIS_INCOMPLETE, NULL, "your pack cannot be run: %s%s%s",
			   failure->file, failure->file[0] ? ": " : "", failure->text);
		return;
	}
	const struct results *own = inside(run);
	buf_init(&headline, 1 << 16);
	summary_of(own, &summary);
	summary_headline(own, &summary, &headline);
	verify_say(verifying, summary.verdict, NULL, "by your pack %s %s, the evidence is %s%s: %s",
		   own->pack_count ? own->packs[0].name : "",
		   own->pack_count && own->packs[0].version ? own->packs[0].version : "",
		   summary.verdict == CPIS_INCOMPLETE ? "" : "a ",
		   cpis_verdict_name(summary.verdict), headline.p ? headline.p : "");
	if (own->pack_count)
		verify_fact(verifying, "your digest", "%s", own->packs[0].digest);
	tell_inputs(verifying, first, own);
	tell_cases(verifying, first, own);
	buf_release(&headline);
	cpis_results_free(run);
}

static void check_own_pack(struct verifying *verifying, const struct results *first)
{
	struct shelf shelf;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	if (shelf_open(&shelf, &verifying->tarball, verifying->options->evidence, &failure) != 0)
		verify_say(verifying, CPIS_INCOMPLETE, NULL, "your pack cannot be run: %s",
			   failure.text);
	else
		compare_with_own(verifying, &shelf, first, &failure);
	shelf_close(&shelf);
}

/* What the bundle says of its run, once it is known to be as it was made. */
static void check_kept(struct verifying *verifying)
{
	struct results *kept = NULL;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	if (!tarball_find(&verifying->tarball, "results.xml"))
		return;
	if (read_first(&verifying->tarball, &kept, &failure) != 0)
		verify_say(verifying, CPIS_FAIL, "results.xml", "it cannot be read: %s",
			   failure.text);
	else
		kept_say(verifying, kept);
	if (failure.kind == CPIS_FAILURE_NONE && verifying->options->pack)
		check_own_pack(verifying, kept);
	cpis_results_free((struct cpis_results *)(void *)kept);
}

/* Whether the run left no file out of the bundle: then no other one is read in its place. */
static bool has_its_messages(const struct tarball *tarball)
{
	const struct tarball_member *run = tarball_find(tarball, "run");
	struct run_record record;
	char why[256];
	if (!run || run_record_read(&record, run->bytes, why, sizeof(why)) != 0)
		return false;
	bool whole = true;
	for (size_t i = 0; i < record.file_count; i++)
		whole = whole && !record.files[i].left_out;
	run_record_release(&record);
	return whole;
}

static int verify(struct verifying *verifying, struct str packed, struct cpis_failure *failure)
{
	char why[512];
	if (tarball_read(&verifying->tarball, packed, most_bytes, why, sizeof(why)) != 0) {
		verify_say(verifying, CPIS_FAIL, NULL, "it is damaged, or not a bundle: %s", why);
		return 0;
	}
	if (verifying->options->evidence && has_its_messages(&verifying->tarball))
		return failure_set(
			failure, CPIS_FAILURE_CONFIGURATION,
			"the bundle has its messages itself: leave out --evidence, which "
			"is for a bundle of digests");
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	manifest_check(verifying, failure);
	bool changed = verifying->verdict == CPIS_FAIL;
	if (failure->kind != CPIS_FAILURE_NONE || signatures_check(verifying, failure) != 0)
		return -1;
	if (verifying->verdict == CPIS_FAIL) {
		verify_say(verifying, CPIS_INCOMPLETE, NULL, "the run was not repeated, because %s",
			   changed ? "the bundle has changed"
				   : "a signature is wrong or missing: the sums are correct, but "
				     "not who made them");
		return 0;
	}
	check_members(verifying, failure);
	if (failure->kind != CPIS_FAILURE_NONE)
		return -1;
	if (verifying->signers.n || verifying->options->run_untrusted)
		check_run(verifying);
	else
		verify_say(verifying, CPIS_INCOMPLETE, NULL,
			   "the run was not repeated, because no key that you gave has signed the "
			   "bundle: give one, or repeat it all the same with --run-untrusted");
	check_kept(verifying);
	return 0;
}

/* As of a run: evidence that is not there is no fault of the bundle. */
static int check_operand(const char *evidence, struct cpis_failure *failure)
{
	struct stat status;
	if (!evidence || stat(evidence, &status) == 0)
		return 0;
	return failure_of_file(failure, evidence, "the evidence cannot be read: %s",
			       strerror(errno));
}

int cpis_verify(const char *path, const struct cpis_verify_options *options,
		enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct verifying verifying = { .options = options };
	struct source source;
	buf_init(&verifying.signers, 1 << 20);
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
	int status = check_operand(options->evidence, failure);
	if (status == 0)
		status = verify(&verifying, source.bytes, failure);
	if (source_has_changed(&source))
		verify_say(&verifying, CPIS_INCOMPLETE, NULL,
			   "the bundle was changed while it was read");
	buf_release(&verifying.signers);
	tarball_release(&verifying.tarball);
	source_close(&source);
	if (status == 0)
		*verdict = verifying.verdict;
	return status;
}
