/* What a run has read and found, into a bundle that can be checked and run again. */
#include "base/digest.h"
#include "base/files.h"
#include "cpis.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "evidence/minisign.h"
#include "evidence/checking.h"
#include "evidence/tarball.h"
#include "report/sink.h"
#include "results/summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct cpis_bundle {
	struct files files;
	struct run_record record;
	bool failed;
};

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = kind };
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -1;
}

static int out_of_memory(struct cpis_failure *failure)
{
	return fail(failure, CPIS_FAILURE_INTERNAL, "out of memory");
}

static void note(void *context, const char *path, struct str bytes)
{
	struct cpis_bundle *bundle = context;
	char sha256[65];
	char *settled = malloc(strlen(path) + 2);
	digest_sha256(bytes, sha256);
	if (settled)
		files_settle(path, settled);
	if (!settled || run_record_add_file(&bundle->record, settled, sha256) != 0)
		bundle->failed = true;
	free(settled);
}

static void note_refused(void *context, const char *path, const char *why)
{
	struct cpis_bundle *bundle = context;
	struct run_record *record = &bundle->record;
	char *settled = malloc(strlen(path) + 2);
	if (settled)
		files_settle(path, settled);
	if (!settled || run_record_add_file(record, settled, "") != 0)
		bundle->failed = true;
	else
		record->files[record->file_count - 1].refused =
			arena_copy(&record->arena, str_of(why));
	free(settled);
}

int cpis_bundle_new(struct cpis_bundle **bundle, struct cpis_failure *failure)
{
	if (files_used())
		return fail(failure, CPIS_FAILURE_INTERNAL,
			    "only one bundle can be made at a time");
	struct cpis_bundle *made = calloc(1, sizeof(*made));
	if (!made)
		return out_of_memory(failure);
	run_record_init(&made->record);
	made->files = (struct files){ .seen = note, .refused = note_refused, .context = made };
	files_use(&made->files);
	*bundle = made;
	return 0;
}

void cpis_bundle_free(struct cpis_bundle *bundle)
{
	if (!bundle)
		return;
	if (files_used() == &bundle->files)
		files_use(NULL);
	run_record_release(&bundle->record);
	free(bundle);
}

static const char *settled(struct run_record *record, const char *path)
{
	char *text = path ? arena_alloc(&record->arena, strlen(path) + 2) : NULL;
	if (text)
		files_settle(path, text);
	return text;
}

/* The path within a folder; NULL if it is not in the folder. */
static const char *below(const char *path, const char *folder)
{
	size_t n = strlen(folder);
	if (strcmp(folder, ".") == 0)
		return path[0] == '/' || strncmp(path, "../", 3) == 0 ? NULL : path;
	return strncmp(path, folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* The longest folder, with its "/", that all these files are in. */
static size_t common_folder(const struct run_record *record, const char *evidence)
{
	const char *first = NULL;
	size_t common = 0;
	for (size_t i = 0; i < record->file_count; i++) {
		const char *named = record->files[i].named;
		if (evidence && (below(named, evidence) || strcmp(named, evidence) == 0))
			continue;
		if (!first) {
			first = named;
			common = strlen(named);
		}
		size_t n = 0;
		while (n < common && first[n] == named[n])
			n++;
		while (n && first[n - 1] != '/')
			n--;
		common = n;
	}
	return common;
}

/* Without the steps up that a name may start with: every member is inside the bundle. */
static const char *without_steps(const char *path)
{
	while (*path == '/' || strncmp(path, "../", 3) == 0)
		path += *path == '/' ? 1 : 3;
	return path;
}

/* A message of the supplier's, not answers. */
static bool is_message(const char *name)
{
	return !str_ends(str_of(name), STR(".yaml")) && !str_ends(str_of(name), STR(".yml"));
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The member of the bundle for each file. */
static int place_files(struct run_record *record, bool digests_only)
{
	const char *evidence = settled(record, record->evidence);
	size_t common = common_folder(record, evidence);
	for (size_t i = 0; i < record->file_count; i++) {
		struct recorded_file *file = &record->files[i];
		const char *inside = evidence ? below(file->named, evidence) : NULL;
		if (evidence && strcmp(file->named, evidence) == 0)
			inside = last_part(file->named); /* an archive */
		file->member = inside ? arena_printf(&record->arena, "evidence/%s", inside)
				      : arena_printf(&record->arena, "pack/%s",
						     without_steps(file->named + common));
		file->left_out = digests_only && inside && is_message(inside);
	}
	return record->arena.failed ? -1 : 0;
}

static int add_texts(struct run_record *record, struct texts *texts, const char *const *items,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (run_record_add_text(record, texts, items[i]) != 0)
			return -1;
	return 0;
}

static int fill_record(struct run_record *record, const struct results *results,
		       const struct cpis_bundle_options *options)
{
	const struct cpis_pack_options *pack = options->pack;
	record->options = results->options; /* its strings live as long as the results */
	record->evidence = pack->evidence;
	record->profile = options->profile;
	record->baseline = options->baseline;
	record->waivers = options->waivers;
	record->not_before = pack->not_before;
	record->allow_outside = pack->allow_outside;
	if (add_texts(record, &record->packs, options->packs, options->pack_count) != 0 ||
	    add_texts(record, &record->only, pack->only, pack->only_count) != 0 ||
	    add_texts(record, &record->skip, pack->skip, pack->skip_count) != 0)
		return -1;
	return place_files(record, options->digests_only != 0);
}

/* The members that are made, not copied. */
struct made {
	struct buf run, results, report, manifest, signature;
};

static int make_reports(const struct results *results, struct made *made,
			struct cpis_failure *failure)
{
	if (sink_find("xml")->write(results, &made->results, failure) != 0 ||
	    sink_find("html")->write(results, &made->report, failure) != 0)
		return -1;
	return made->results.failed || made->report.failed ? out_of_memory(failure) : 0;
}

static void list_made(struct buf *manifest, const char *name, const struct buf *bytes)
{
	char sha256[65];
	digest_sha256(buf_view(bytes), sha256);
	buf_printf(manifest, "%s  %s\n", sha256, name);
}

static int sign(struct made *made, const struct results *results, const char *key,
		struct cpis_failure *failure)
{
	struct minisign_secret secret;
	char comment[128];
	if (minisign_read_secret(&secret, key, failure) != 0)
		return -1;
	snprintf(comment, sizeof(comment), "timestamp:%lld\tfile:MANIFEST\thashed",
		 results->options.now);
	int status = minisign_sign(&secret, buf_view(&made->manifest), comment, &made->signature,
				   failure);
	minisign_wipe(&secret);
	return status == 0 && made->signature.failed ? out_of_memory(failure) : status;
}

static int by_member(const void *a, const void *b)
{
	const struct recorded_file *const *x = a, *const *y = b;
	return strcmp((*x)->member, (*y)->member);
}

/* The files in order of their members, none of them twice. NULL with the reason in *failure. */
static const struct recorded_file **in_order(struct run_record *record,
					     struct cpis_failure *failure)
{
	const struct recorded_file **order =
		arena_alloc(&record->arena, (record->file_count + 1) * sizeof(*order));
	if (!order) {
		out_of_memory(failure);
		return NULL;
	}
	for (size_t i = 0; i < record->file_count; i++)
		order[i] = &record->files[i];
	if (record->file_count)
		qsort(order, record->file_count, sizeof(const struct recorded_file *), by_member);
	for (size_t i = 1; i < record->file_count; i++)
		if (strcmp(order[i - 1]->member, order[i]->member) == 0) {
			fail(failure, CPIS_FAILURE_CONFIGURATION,
			     "%.200s and %.200s would be one file in the bundle",
			     order[i - 1]->named, order[i]->named);
			return NULL;
		}
	return order;
}

static int make_all(struct run_record *record, const struct results *results,
		    const struct recorded_file **order, const char *key, struct made *made,
		    struct cpis_failure *failure)
{
	run_record_write(record, &made->run);
	if (make_reports(results, made, failure) != 0)
		return -1;
	list_made(&made->manifest, "report.html", &made->report);
	list_made(&made->manifest, "results.xml", &made->results);
	list_made(&made->manifest, "run", &made->run);
	for (size_t i = 0; i < record->file_count; i++)
		if (!order[i]->left_out && !order[i]->refused)
			buf_printf(&made->manifest, "%s  %s\n", order[i]->sha256, order[i]->member);
	if (made->run.failed || made->manifest.failed)
		return out_of_memory(failure);
	return key ? sign(made, results, key, failure) : 0;
}

static int add_copy(struct tarball_writer *writer, const struct recorded_file *file, long long now,
		    struct cpis_failure *failure)
{
	struct buf bytes;
	char why[256], sha256[65];
	buf_init(&bytes, (size_t)2 << 30);
	int status = -1;
	if (!files_read(file->named, &bytes, why, sizeof(why))) {
		fail(failure, CPIS_FAILURE_CONFIGURATION, "%.200s can no longer be read: %s",
		     file->named, why);
	} else {
		digest_sha256(buf_view(&bytes), sha256);
		status = strcmp(sha256, file->sha256) == 0
				 ? tarball_add(writer, file->member, buf_view(&bytes), now, failure)
				 : fail(failure, CPIS_FAILURE_CONFIGURATION,
					"%.200s has changed since the run read it", file->named);
	}
	buf_release(&bytes);
	return status;
}

static int add_all(struct tarball_writer *writer, const struct run_record *record,
		   const struct recorded_file **order, const struct made *made,
		   struct cpis_failure *failure)
{
	const struct {
		const char *name;
		const struct buf *bytes;
	} first[] = {
		{ "MANIFEST", &made->manifest },
		{ "MANIFEST.minisig", &made->signature },
		{ "report.html", &made->report },
		{ "results.xml", &made->results },
		{ "run", &made->run },
	};
	long long now = record->options.now;
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (first[i].bytes->n &&
		    tarball_add(writer, first[i].name, buf_view(first[i].bytes), now, failure) != 0)
			return -1;
	for (size_t i = 0; i < record->file_count; i++)
		if (!order[i]->left_out && !order[i]->refused &&
		    add_copy(writer, order[i], now, failure) != 0)
			return -1;
	return 0;
}

static int write_bundle(struct run_record *record, const struct results *results,
			const struct cpis_bundle_options *options, struct made *made,
			struct cpis_failure *failure)
{
	struct tarball_writer *writer = NULL;
	const struct recorded_file **order = in_order(record, failure);
	if (!order || make_all(record, results, order, options->key, made, failure) != 0 ||
	    tarball_create(&writer, options->path, !options->digests_only, failure) != 0)
		return -1;
	if (add_all(writer, record, order, made, failure) != 0) {
		tarball_abandon(writer);
		return -1;
	}
	return tarball_close(writer, failure);
}

int cpis_bundle_write(struct cpis_bundle *bundle, const struct cpis_results *cpis_results,
		      const struct cpis_bundle_options *options, struct cpis_failure *failure)
{
	const struct results *results = (const struct results *)(const void *)cpis_results;
	struct run_record *record = &bundle->record;
	const char *twice = "";
	files_use(NULL);
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (results->options.schemas)
		return fail(failure, CPIS_FAILURE_CONFIGURATION,
			    "a run with --schemas cannot be bundled: your own schemas may not be "
			    "passed on");
	if (bundle->failed)
		return out_of_memory(failure);
	if (run_record_sort(record, &twice) != 0)
		return fail(failure, CPIS_FAILURE_CONFIGURATION,
			    "%.200s changed while the run read it", twice);
	if (fill_record(record, results, options) != 0)
		return out_of_memory(failure);
	if (!run_record_can_be_read_back(record))
		return fail(failure, CPIS_FAILURE_CONFIGURATION,
			    "a run with a limit of more than 4 GiB cannot be bundled");
	struct made made;
	struct buf *const bufs[] = { &made.run, &made.results, &made.report, &made.manifest,
				     &made.signature };
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_init(bufs[i], SIZE_MAX / 2);
	int status = write_bundle(record, results, options, &made, failure);
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_release(bufs[i]);
	return status;
}

int cpis_keygen(const char *path, char key_id[17], struct cpis_failure *failure)
{
	return minisign_generate(path, key_id, failure);
}
