/* cpis_results_index: a static site about many runs, from a folder of results documents. */
#include "cpis.h"

#include "base/files.h"
#include "base/inputs.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "engine/walk.h"
#include "report/page.h"
#include "report/sink.h"
#include "results/markup.h"
#include "results/read.h"
#include "results/summary.h"
#include "xml/reader.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

struct indexing {
	const char *folder, *site;
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	struct arena arena;
	struct markup markup;
	const char **names; /* of the reports so far */
	size_t count, room;
	struct cpis_failure *failure;
};

static const char *meta_of(const struct results *results, const char *name)
{
	for (size_t i = 0; i < results->meta_count; i++)
		if (text_same(results->meta[i].name, name))
			return results->meta[i].value;
	return NULL;
}

static bool has_evidence(const struct results *results)
{
	for (size_t i = 0; i < results->case_count; i++) {
		const struct case_result *one = &results->cases[i];
		if ((one->from == CASE_OF_EVIDENCE && one->message_count) ||
		    (one->from == CASE_OF_ANSWER && one->actual))
			return true;
	}
	return false;
}

static void mark_requirement(struct markup *markup, const struct requirement_result *requirement)
{
	bool covered = requirement->case_count && !requirement->not_testable;
	markup_open(markup, "requirement");
	markup_attribute(markup, "pack", requirement->pack);
	markup_attribute(markup, "id", requirement->id);
	markup_attribute(markup, "outcome",
			 covered ? case_outcome_name(requirement->outcome) : "not covered");
	markup_leaf(markup, "text", requirement->text);
	markup_close(markup);
}

static void mark_numbers(struct markup *markup, const struct results *results,
			 const struct summary *summary)
{
	size_t open = summary->by_outcome[CASE_NOT_RUN] + summary->by_outcome[CASE_MANUAL];
	size_t failed = summary->by_outcome[CASE_FAILED] + summary->by_outcome[CASE_BROKEN];
	bool of_packs = results_of_packs(results);
	if (of_packs) {
		markup_attribute_size(markup, "all", summary->cases);
		markup_attribute_size(markup, "passed", summary->by_outcome[CASE_PASSED]);
		markup_attribute_size(markup, "failed", failed);
		markup_attribute_size(markup, "open", open);
	} else {
		markup_attribute_size(markup, "all", summary->messages);
		markup_attribute_size(markup, "passed", summary->by_verdict[CPIS_PASS]);
		markup_attribute_size(markup, "failed", summary->by_verdict[CPIS_FAIL]);
		markup_attribute_size(markup, "open", summary->by_verdict[CPIS_INCOMPLETE]);
	}
	markup_attribute(markup, "of", of_packs ? "case" : "message");
}

/* The attributes and contents of a run; its element is open. */
static void mark_run(struct markup *markup, const struct results *results)
{
	struct summary summary;
	struct buf headline;
	char date[32];
	summary_of(results, &summary);
	summary_time(date, results->options.now);
	bool partial = summary.verdict == CPIS_PASS && results_partial(results);
	markup_attribute(markup, "tool", results_tool(results));
	markup_attribute(markup, "date", date[0] ? date : NULL);
	markup_attribute(markup, "verdict",
			 partial ? "partial" : cpis_verdict_name(summary.verdict));
	markup_attribute(markup, "supplier", meta_of(results, "supplier"));
	markup_attribute(markup, "system", meta_of(results, "system"));
	markup_attribute(markup, "version", meta_of(results, "version"));
	markup_attribute(markup, "evidence", has_evidence(results) ? "yes" : NULL);
	mark_numbers(markup, results, &summary);
	buf_init(&headline, 1 << 20);
	summary_headline(results, &summary, &headline);
	markup_leaf(markup, "headline", buf_view(&headline).p);
	markup->failed = markup->failed || headline.failed;
	buf_release(&headline);
	for (size_t i = 0; i < results->pack_count; i++) {
		markup_open(markup, "pack");
		markup_attribute(markup, "name", results->packs[i].name);
		markup_attribute(markup, "version", results->packs[i].version);
		markup_attribute(markup, "title", results->packs[i].title);
		markup_close(markup);
	}
	for (size_t i = 0; i < results->requirement_count; i++)
		mark_requirement(markup, &results->requirements[i]);
}

void run_mark(struct markup *markup, const struct results *results)
{
	markup_open(markup, "run");
	mark_run(markup, results);
	markup_close(markup);
}

static bool is_taken(const struct indexing *indexing, const char *name)
{
	for (size_t i = 0; i < indexing->count; i++)
		if (strcmp(indexing->names[i], name) == 0)
			return true;
	return false;
}

/*
 * "2026/acme.xml" as "2026-acme.html": the same path has the same name when other results come or
 * go. Two that would have one name are told apart by a number. NULL: out of memory.
 */
static const char *name_report(struct indexing *indexing, const char *path)
{
	size_t folder = strlen(indexing->folder);
	const char *below = strncmp(path, indexing->folder, folder) == 0 ? path + folder : path;
	below += strspn(below, "/.");
	size_t n = strlen(below);
	n -= n > 4 && strcmp(below + n - 4, ".xml") == 0 ? 4 : 0;
	char *stem = arena_copy(&indexing->arena, (struct str){ below, n });
	if (!stem)
		return NULL;
	for (char *p = stem; *p; p++)
		if (!char_is_digit(*p) && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    *p != '_' && *p != '.')
			*p = '-';
	const char *name = arena_printf(&indexing->arena, "report-%s.html", stem);
	for (size_t i = 2; name && is_taken(indexing, name); i++)
		name = arena_printf(&indexing->arena, "report-%s-%zu.html", stem, i);
	const char **names = list_grown_in(&indexing->arena, (void *)indexing->names,
					   indexing->count, &indexing->room, sizeof(*names));
	if (!name || !names)
		return NULL;
	indexing->names = names;
	names[indexing->count++] = name;
	return name;
}

static int add_run(struct indexing *indexing, const char *path, const struct results *results)
{
	const char *name = name_report(indexing, path);
	const char *file =
		name ? arena_printf(&indexing->arena, "%s/%s", indexing->site, name) : NULL;
	if (!file)
		return failure_out_of_memory(indexing->failure);
	if (report_write(results, "html", file, NULL, indexing->failure) != 0)
		return -1;
	markup_open(&indexing->markup, "run");
	markup_attribute(&indexing->markup, "file", path);
	markup_attribute(&indexing->markup, "report", name);
	mark_run(&indexing->markup, results);
	markup_close(&indexing->markup);
	return 0;
}

static int ignore_tag(void *context, const struct xml_tag *tag)
{
	(void)context, (void)tag;
	return 0;
}

static int ignore_end(void *context, size_t offset)
{
	(void)context, (void)offset;
	return 0;
}

static int ignore_text(void *context, struct str text, size_t offset)
{
	(void)context, (void)text, (void)offset;
	return 0;
}

/* Whether it is XML that was damaged, or none; and what is wrong. */
static bool is_damaged(struct str bytes, struct cpis_failure *why)
{
	static const struct xml_limits limits = { .max_depth = 256,
						  .max_attribute_bytes = 1024 * 1024 };
	static const struct xml_handler handler = { ignore_tag, ignore_end, ignore_text };
	struct xml_fault fault = { .text = "out of memory" };
	struct xml_reader *reader = xml_reader_new();
	enum xml_outcome outcome =
		reader ? xml_read(reader, bytes, &limits, &handler, NULL, &fault) : XML_INTERNAL;
	xml_reader_free(reader);
	snprintf(why->text, sizeof(why->text), "%s", fault.text);
	return outcome == XML_MALFORMED || outcome == XML_INTERNAL;
}

/* Also in UTF-16, which is not read, and must not be passed over for that: its letters have a zero
 * byte each. */
static bool says_results(struct str bytes)
{
	enum { HEAD_BYTES = 4096 };
	const struct str mark = STR("urn:cpis:results:");
	char head[HEAD_BYTES];
	size_t n = 0;
	for (size_t i = 0; i < bytes.n && i < HEAD_BYTES; i++)
		if (bytes.p[i])
			head[n++] = bytes.p[i];
	return memmem(head, n, mark.p, mark.n) != NULL;
}

enum content { OTHER, RESULTS, DAMAGED };

/*
 * Results say at their start what they are. What is called .xml and is not read to its end may have
 * been results; of what cannot be opened no one knows it.
 */
static enum content content_of(const char *path, struct cpis_failure *why)
{
	struct source source;
	const char *refusal = NULL;
	*why = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(why->file, sizeof(why->file), "%s", path);
	if (source_open(&source, path, SIZE_MAX, &refusal) != 0) {
		snprintf(why->text, sizeof(why->text), "it cannot be read: %s", refusal);
		return DAMAGED;
	}
	enum content content = OTHER;
	if (says_results(source.bytes))
		content = RESULTS;
	else if (str_ends(str_of(path), STR(".xml")) && is_damaged(source.bytes, why))
		content = DAMAGED;
	source_close(&source);
	return content;
}

/* One that is damaged is said to be, on the page too: it must not vanish. */
static void add_damaged(struct indexing *indexing, const char *path, const struct cpis_failure *why)
{
	if (indexing->problem)
		indexing->problem(indexing->context, why);
	markup_open(&indexing->markup, "damaged");
	markup_attribute(&indexing->markup, "file", path);
	markup_text(&indexing->markup, why->text);
	markup_close(&indexing->markup);
}

static int add_file(struct indexing *indexing, const char *path)
{
	struct cpis_failure why;
	enum content content = content_of(path, &why);
	if (content == DAMAGED)
		add_damaged(indexing, path, &why);
	/* Such as the pages of an earlier site. */
	if (content == OTHER)
		inputs_pass_over(path);
	if (content != RESULTS)
		return 0;
	struct results *results = results_read_new();
	if (!results)
		return failure_out_of_memory(indexing->failure);
	int status = 0;
	if (results_read_file(results, path, &why) == 0)
		status = add_run(indexing, path, results);
	else
		add_damaged(indexing, path, &why);
	cpis_results_free(results_outside(results));
	return status;
}

static int add_folder(struct indexing *indexing)
{
	struct walk walk = { 0 };
	int status = walk_path(&walk, indexing->folder, indexing->failure);
	for (size_t i = 0; status == 0 && i < walk.count; i++)
		if (!walk.entries[i].passed_over)
			status = add_file(indexing, walk.entries[i].path);
	walk_release(&walk);
	return status;
}

static int write_index(struct indexing *indexing, const struct buf *document)
{
	struct buf out;
	const struct page page = {
		.sheet = "index.xsl",
		.document = buf_view(document),
		.left = "CP-IS: conformance of systems",
	};
	const char *file = arena_printf(&indexing->arena, "%s/index.html", indexing->site);
	buf_init(&out, SIZE_MAX / 2);
	int status = file ? page_make(&page, &out, indexing->failure) : -1;
	if (!file || out.failed)
		status = failure_out_of_memory(indexing->failure);
	if (status == 0)
		status = report_put(file, NULL, buf_view(&out), indexing->failure);
	buf_release(&out);
	return status;
}

static int fail_site(const char *site, struct cpis_failure *failure)
{
	char reason[128];
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", site);
	snprintf(failure->text, sizeof(failure->text), "the folder cannot be made: %s",
		 strerror_r(errno, reason, sizeof(reason)));
	return -1;
}

static int make_site(struct indexing *indexing)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	markup_init(&indexing->markup, &document);
	markup_open(&indexing->markup, "index");
	markup_attribute(&indexing->markup, "xmlns", "urn:cpis:results:1");
	markup_attribute(&indexing->markup, "tool", CPIS_VERSION);
	int status = add_folder(indexing);
	markup_close(&indexing->markup);
	if (status == 0 && !indexing->count) {
		*indexing->failure = (struct cpis_failure){
			.kind = CPIS_FAILURE_CONFIGURATION,
			.text = "the folder has no results documents that can be read "
				"(cpis run -r xml=FILE writes one)",
		};
		snprintf(indexing->failure->file, sizeof(indexing->failure->file), "%s",
			 indexing->folder);
		status = -1;
	}
	if (status == 0 && markup_finish(&indexing->markup) != 0)
		status = failure_out_of_memory(indexing->failure);
	if (status == 0)
		status = write_index(indexing, &document);
	buf_release(&document);
	return status;
}

int cpis_results_index(const char *folder, const char *site,
		       void (*problem)(void *context, const struct cpis_failure *problem),
		       void *context, struct cpis_failure *failure)
{
	struct indexing indexing = {
		.folder = folder,
		.site = site,
		.problem = problem,
		.context = context,
		.failure = failure,
	};
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	if (mkdir(site, 0777) != 0 && errno != EEXIST)
		return fail_site(site, failure);
	arena_init(&indexing.arena);
	int status = make_site(&indexing);
	arena_release(&indexing.arena);
	return status;
}
