/* Packs and the files beside them: what people write, and what suppliers send. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/files.h"
#include "compare/compare.h"
#include "diag/results.h"
#include "xml/schematron.h"
#include "xml/tree.h"
#include "xml/xpath.h"

#include <stdio.h>
#include <stdlib.h>

static void on_problem(void *context, const struct cpis_failure *problem)
{
	size_t *count = context;
	must(problem->text[0]);
	*count += 1;
}

/* Lint a pack, and run it where it is good: a refusal has a reason, and both refuse alike. */
static void run_pack(const char *path, const char *evidence)
{
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	size_t problems = 0;
	const struct cpis_pack_options options = { .evidence = evidence };
	if (cpis_lint_pack(path, on_problem, &problems, &failure) != 0) {
		must(problems || failure.text[0]);
		return;
	}
	must(!problems);
	struct cpis_results *results = fuzz_results_new();
	if (cpis_run_pack(results, path, &options, &failure) != 0)
		must(failure.text[0]);
	(void)cpis_results_verdict(results);
	cpis_results_free(results);
}

/* A pack, and other files in its folder where there are some. */
void fuzz_pack(struct str input)
{
	struct fuzz_files files;
	fuzz_split(input, &files);
	fuzz_show(&files, "pack.yaml");
	run_pack("fuzz/pack.yaml", "fuzz");
	fuzz_hide();
	fuzz_release(&files);
}

/* As a text of YAML in quotes. */
static void quote(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_printf(out, "\\%c", text.p[i]);
		else if ((unsigned char)text.p[i] < ' ')
			buf_printf(out, "\\x%02x", (unsigned)text.p[i]);
		else
			buf_char(out, text.p[i]);
	buf_char(out, '"');
}

/* An XPath over a good message; and a pattern for it, where there is a second line. */
void fuzz_xpath(struct str input)
{
	char why[512] = "";
	struct buf full, pack;
	const char *line = memchr(input.p, '\n', input.n);
	struct str xpath = { input.p, line ? (size_t)(line - input.p) : input.n };
	if (memchr(input.p, '\0', input.n))
		return;
	buf_init(&full, 1 << 20);
	buf_init(&pack, 1 << 20);
	buf_str(&full, xpath);
	buf_char(&full, '\0');
	if (!xpath_check(full.p, why, sizeof(why)))
		must(why[0]);
	buf_text(&pack, "pack: p\nversion: 1.0.0\ntitle: P\nnow: 2026-11-01\ncases:\n"
			"- id: A\n  title: A\n  message: message.xml\n  expect:\n"
			"    verdict: pass\n    assert:\n    - { xpath: ");
	quote(&pack, xpath);
	buf_text(&pack, line ? ", matches: " : ", exists: true }\n");
	if (line) {
		quote(&pack, str_from(input, xpath.n + 1));
		buf_text(&pack, " }\n");
	}
	struct fuzz_files files = {
		{ { "pack.yaml", buf_view(&pack) }, { "message.xml", fuzz_good_message() } }, 2
	};
	fuzz_show(&files, "");
	run_pack("fuzz/pack.yaml", NULL);
	fuzz_hide();
	buf_release(&full);
	buf_release(&pack);
}

#define SMALL_PACK                                                                                 \
	"pack: p\nversion: 1.0.0\ntitle: P\ncases:\n"                                              \
	"- { id: A, title: A, evidence: \"a*.xml\", expect: { verdict: pass } }\n"                 \
	"- { id: B, title: B, evidence-request: q.xml, evidence-response: r.xml, "                 \
	"expect: { verdict: pass } }\n"                                                            \
	"- { id: C, title: C, manual: Is it shown? }\n"                                            \
	"- { id: D, title: D, manual: Is it refused? }\n"

/* Answers to the questions of a pack. */
void fuzz_answers(struct str input)
{
	struct fuzz_files files = { { { "pack.yaml", STR(SMALL_PACK) },
				      { "e/answers.yaml", input },
				      { "e/a.xml", fuzz_good_message() } },
				    3 };
	fuzz_show(&files, "");
	run_pack("fuzz/pack.yaml", "fuzz/e");
	fuzz_hide();
}

/* A zip or a tar of evidence. */
void fuzz_evidence(struct str input)
{
	struct fuzz_files files = { { { "pack.yaml", STR(SMALL_PACK) }, { "e.zip", input } }, 2 };
	fuzz_show(&files, "");
	run_pack("fuzz/pack.yaml", "fuzz/e.zip");
	fuzz_hide();
}

static int read_data(struct child_records *records, struct arena *arena, const char *path)
{
	struct problems problems;
	problems_init(&problems);
	int status = dataset_read(records, arena, path, &problems);
	must(status == 0 || problems_any(&problems));
	problems_release(&problems);
	return status;
}

/* Data sets: each read, and the first compared with the second, or with itself. */
void fuzz_data(struct str input)
{
	struct fuzz_files files;
	struct arena arena;
	struct comparison comparison;
	struct child_records first = { 0 }, second = { 0 };
	fuzz_split(input, &files);
	if (files.count) {
		snprintf(files.items[0].name, sizeof(files.items[0].name), "first.yaml");
		snprintf(files.items[files.count - 1].name, sizeof(files.items[0].name), "%s",
			 files.count > 1 ? "second.yaml" : "first.yaml");
	}
	fuzz_show(&files, "other");
	arena_init(&arena);
	bool alone = files.count < 2;
	if (read_data(&first, &arena, "fuzz/first.yaml") == 0 &&
	    read_data(&second, &arena, alone ? "fuzz/first.yaml" : "fuzz/second.yaml") == 0) {
		must(records_compare(&arena, &first, &second, MATCH_EXACT, &comparison) == 0);
		must(comparison.expected == first.count && comparison.found == second.count);
		must(!alone || comparison.difference_count == 0);
	}
	arena_release(&arena);
	fuzz_hide();
	fuzz_release(&files);
}

void fuzz_profile(struct str input)
{
	struct fuzz_files files = { { { "profile.yaml", input } }, 1 };
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	const struct cpis_bytes good = { .name = "good.xml",
					 .bytes = fuzz_good_message().p,
					 .size = fuzz_good_message().n };
	size_t problems = 0;
	struct cpis_results *results = fuzz_results_new();
	fuzz_show(&files, "");
	if (cpis_results_profile(results, "fuzz/profile.yaml", on_problem, &problems, &failure) !=
	    0)
		must(problems || failure.text[0]);
	else
		must(cpis_validate_bytes(results, &good, &failure) == 0);
	fuzz_hide();
	cpis_results_free(results);
}

/* The baseline of a run with findings. */
void fuzz_baseline(struct str input)
{
	struct fuzz_files files = { { { "pack.yaml", STR(SMALL_PACK) },
				      { "e/a.xml", fuzz_good_message() },
				      { "e/q.xml", STR("<File xmlns='urn:hl7-org:v3'/>") },
				      { "baseline.yaml", input } },
				    4 };
	struct cpis_baseline *baseline;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	fuzz_show(&files, "");
	if (cpis_baseline_open(&baseline, "fuzz/baseline.yaml", 0, &failure) != 0) {
		must(failure.text[0]);
		fuzz_hide();
		return;
	}
	struct cpis_results *results = fuzz_results_new();
	const struct cpis_pack_options options = { .evidence = "fuzz/e", .baseline = baseline };
	must(cpis_run_pack(results, "fuzz/pack.yaml", &options, &failure) == 0);
	(void)cpis_baseline_stale(baseline, NULL, NULL);
	cpis_results_free(results);
	cpis_baseline_free(baseline);
	fuzz_hide();
}

/* Results with options that name files; NULL: one of them is refused. */
static struct cpis_results *results_with(const struct cpis_options *options)
{
	struct cpis_results *results;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	if (cpis_results_new(&results, options, &failure) == 0)
		return results;
	must(failure.text[0]);
	return NULL;
}

static void judge_good(struct cpis_results *results)
{
	const struct cpis_bytes good = { .name = "good.xml",
					 .bytes = fuzz_good_message().p,
					 .size = fuzz_good_message().n };
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	if (results && cpis_validate_bytes(results, &good, &failure) != 0)
		must(failure.text[0]);
}

void fuzz_schematron(struct str input)
{
	struct fuzz_files files = { { { "own.sch", input } }, 1 };
	static const char *const own[] = { "fuzz/own.sch" };
	const struct cpis_options options = {
		.now = 1793491200, .schematron = own, .schematron_count = 1, .max_seconds = 1
	};
	fuzz_show(&files, "");
	struct cpis_results *results = results_with(&options);
	judge_good(results);
	fuzz_hide();
	cpis_results_free(results);
}

static void on_note(void *context, const struct cpis_schema_note *note)
{
	size_t *sum = context;
	*sum += strlen(note->kind) + strlen(note->file);
}

void fuzz_schemas(struct str input)
{
	struct fuzz_files files;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	size_t sum = 0;
	fuzz_split(input, &files);
	const char *folder = fuzz_folder_with(&files);
	if (cpis_schemas_check(folder, on_note, &sum, &failure) != 0)
		must(failure.text[0]);
	const struct cpis_options options = { .now = 1793491200, .schemas = folder };
	struct cpis_results *results = results_with(&options);
	judge_good(results);
	cpis_results_free(results);
	fuzz_release(&files);
}
