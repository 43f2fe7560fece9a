/*
 * wasm.c - the judge as the page in the browser calls it: by cpis.h alone, from one worker, over
 * files in memory.
 *
 * A job is begun, given options and inputs, and run; its results stay for reports until the next is
 * begun. What is a list goes to the script piece by piece, by the functions of EM_JS, which put it
 * into Module.page. Text that is returned is good until the next call.
 */
#include "cpis.h"

#include <archive.h>
#include <archive_entry.h>
#include <emscripten.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a pack that is unpacked. */
enum { MOST_FILES = 10000, MOST_BYTES = 256 << 20, BLOCK_BYTES = 65536 };

static struct job {
	struct cpis_options options;
	struct cpis_results *results;
	char **inputs;
	size_t input_count;
	char *as_type;
	char *profile;
	char **words;
	size_t word_count;
	char *report;
	size_t report_bytes;
	struct cpis_failure failure;
} job;

/* clang-format off */
EM_JS(void, page_progress, (size_t done, size_t total, size_t findings), {
	if (Module["page"].progress)
		Module["page"].progress(done, total, findings);
})

EM_JS(void, page_reading, (size_t read, size_t bytes), {
	if (Module["page"].reading)
		Module["page"].reading(read, bytes);
})

EM_JS(void, page_rule, (const char *const *words, size_t count, size_t wrong_line, size_t wrong_column, size_t right_line), {
	const rule = [];
	for (let i = 0; i < count; i++)
		rule.push(UTF8ToString(HEAPU32[(words >> 2) + i]));
	Module["page"].rules.push(rule.concat([wrong_line, wrong_column, right_line]));
})

EM_JS(void, page_format, (const char *name, const char *about), {
	Module["page"].formats.push([UTF8ToString(name), UTF8ToString(about)]);
})

EM_JS(void, page_layer, (size_t depth, const char *name, const char *about, const char *sign, const char *id,
			 size_t offset, size_t bytes), {
	Module["page"].layers.push({ depth: depth, name: UTF8ToString(name), about: UTF8ToString(about),
		sign: UTF8ToString(sign), id: UTF8ToString(id), offset: offset, bytes: bytes });
})

EM_JS(void, page_problem, (const char *file, size_t line, size_t column, const char *text), {
	Module["page"].problems.push({ file: UTF8ToString(file), line: line, column: column, text: UTF8ToString(text) });
})
/* clang-format on */

static void progress(void *context, const struct cpis_progress *progress)
{
	(void)context;
	page_progress(progress->done, progress->total, progress->findings);
}

static void reading(void *context, size_t read, size_t bytes)
{
	(void)context;
	page_reading(read, bytes);
}

static void problem(void *context, const struct cpis_failure *problem)
{
	(void)context;
	page_problem(problem->file, problem->line, problem->column, problem->text);
}

static void layer(void *context, const struct cpis_layer *layer)
{
	(void)context;
	page_layer(layer->depth, layer->name, layer->about, layer->sign, layer->id, layer->offset,
		   layer->bytes);
}

/* What emscripten's C library has not. */
ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
	enum { MOST = 256 };
	(void)flags;
	for (size_t done = 0; done < size; done += MOST)
		if (getentropy((char *)bytes + done, size - done < MOST ? size - done : MOST) != 0)
			return -1;
	return (ssize_t)size;
}

/* The catalogue */

EMSCRIPTEN_KEEPALIVE const char *web_version(void)
{
	return cpis_version();
}

EMSCRIPTEN_KEEPALIVE void web_rules(void)
{
	static const struct cpis_rule_example none = {
		.wrong_file = "", .says = "", .wrong = "", .right_file = "", .right = ""
	};
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		struct cpis_rule_example example = none;
		cpis_rule_example(rule.id, &example, sizeof(example));
		const char *words[] = { rule.id,
					rule.name,
					rule.title,
					rule.why,
					rule.fix,
					rule.citation,
					cpis_severity_name(rule.severity),
					cpis_basis_name(rule.basis),
					rule.family,
					example.wrong_file,
					example.says,
					example.wrong,
					example.right_file,
					example.right };
		page_rule(words, sizeof(words) / sizeof(words[0]), example.wrong_line,
			  example.wrong_column, example.right_line);
	}
}

EMSCRIPTEN_KEEPALIVE void web_formats(void)
{
	const char *about;
	for (size_t i = 0;; i++) {
		const char *name = cpis_report_format_at(i, &about);
		if (!name)
			return;
		page_format(name, about);
	}
}

/* Jobs */

static void free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

EMSCRIPTEN_KEEPALIVE void web_begin(void)
{
	cpis_results_free(job.results);
	free_list(job.inputs, job.input_count);
	free_list(job.words, job.word_count);
	free(job.as_type);
	free(job.profile);
	cpis_free(job.report);
	job = (struct job){ .options = { .progress = progress, .reading = reading } };
}

static int refuse(const char *text)
{
	job.failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(job.failure.text, sizeof(job.failure.text), "%s", text);
	return -1;
}

static int keep(char **member, const char *value)
{
	free(*member);
	*member = strdup(value);
	return *member ? 0 : refuse("out of memory");
}

/* Messages are always opened and read. */
static unsigned stages_left_out(const char *wanted)
{
	unsigned left_out = 0;
	for (int stage = CPIS_SCHEMA; stage < CPIS_STAGE_COUNT; stage++)
		if (!strstr(wanted, cpis_stage_name((enum cpis_stage)stage)))
			left_out |= 1u << stage;
	return left_out;
}

/* An option by the name that the program has for it, without dashes. 0, or -1: see web_failure. */
EMSCRIPTEN_KEEPALIVE int web_option(const char *name, const char *value)
{
	if (strcmp(name, "show-values") == 0)
		job.options.show_values = 1;
	else if (strcmp(name, "environment") == 0)
		job.options.live = strcmp(value, "live") == 0;
	else if (strcmp(name, "fail-on") == 0)
		job.options.fail_on = strcmp(value, "warning") == 0 ? CPIS_FAIL_ON_WARNING
				      : strcmp(value, "never") == 0 ? CPIS_FAIL_ON_NEVER
								    : CPIS_FAIL_ON_ERROR;
	else if (strcmp(name, "stages") == 0)
		job.options.skip_stages = stages_left_out(value);
	else if (strcmp(name, "max-input") == 0)
		job.options.max_input_bytes = strtoul(value, NULL, 10);
	else if (strcmp(name, "max-decoded") == 0)
		job.options.max_decoded_bytes = strtoul(value, NULL, 10);
	else if (strcmp(name, "now") == 0)
		return cpis_time(value, &job.options.now) == 0 ? 0 : refuse("now: not a time");
	else if (strcmp(name, "as") == 0)
		return keep(&job.as_type, value);
	else if (strcmp(name, "profile") == 0)
		return keep(&job.profile, value);
	else
		return refuse("there is no such option");
	return 0;
}

static int append(char ***list, size_t *count, const char *text)
{
	char **longer = realloc(*list, (*count + 1) * sizeof(*longer));
	if (!longer)
		return refuse("out of memory");
	*list = longer;
	longer[*count] = NULL;
	if (keep(&longer[*count], text) != 0)
		return -1;
	++*count;
	return 0;
}

EMSCRIPTEN_KEEPALIVE int web_input(const char *path)
{
	return append(&job.inputs, &job.input_count, path);
}

/* A word of the command that does the same, for the reports. */
EMSCRIPTEN_KEEPALIVE int web_word(const char *word)
{
	return append(&job.words, &job.word_count, word);
}

static int open_results(void)
{
	job.options.as_type = job.as_type;
	if (cpis_results_new(&job.results, &job.options, &job.failure) != 0)
		return -1;
	for (size_t i = 0; i < job.word_count; i++)
		if (cpis_results_command_word(job.results, job.words[i], &job.failure) != 0)
			return -1;
	return job.profile
		       ? cpis_results_profile(job.results, job.profile, problem, NULL, &job.failure)
		       : 0;
}

EMSCRIPTEN_KEEPALIVE int web_validate(void)
{
	if (open_results() != 0)
		return -1;
	return cpis_validate_paths(job.results, (const char *const *)job.inputs, job.input_count,
				   &job.failure);
}

/* Of two inputs, the second in the light of the first. */
EMSCRIPTEN_KEEPALIVE int web_pair(void)
{
	if (job.input_count != 2)
		return refuse("a pair is two files");
	if (open_results() != 0)
		return -1;
	return cpis_validate_pair(job.results, job.inputs[0], job.inputs[1], &job.failure);
}

/* The first input is the pack, the second the evidence, if there is one. */
EMSCRIPTEN_KEEPALIVE int web_run(void)
{
	struct cpis_pack_options options = { .evidence = job.input_count > 1 ? job.inputs[1] : NULL,
					     .problem = problem };
	if (job.input_count == 0)
		return refuse("there is no pack");
	if (open_results() != 0)
		return -1;
	return cpis_run_pack(job.results, job.inputs[0], &options, &job.failure);
}

/* The layers of one input, into Module.page.layers. */
EMSCRIPTEN_KEEPALIVE int web_inspect(const char *path)
{
	enum cpis_verdict verdict;
	return cpis_inspect(path, &job.options, layer, NULL, &verdict, &job.failure);
}

/* Why the last call returned -1: "file:line:column: text". */
EMSCRIPTEN_KEEPALIVE const char *web_failure(void)
{
	static char text[sizeof(job.failure.file) + sizeof(job.failure.text) + 64];
	const struct cpis_failure *failure = &job.failure;
	if (failure->file[0] && failure->line)
		snprintf(text, sizeof(text), "%s:%zu:%zu: %s", failure->file, failure->line,
			 failure->column, failure->text);
	else
		snprintf(text, sizeof(text), "%s%s%s", failure->file, failure->file[0] ? ": " : "",
			 failure->text);
	return text;
}

/* A report of the last job. NULL: see web_failure. */
EMSCRIPTEN_KEEPALIVE const char *web_report(const char *format)
{
	cpis_free(job.report);
	job.report = NULL;
	if (!job.results) {
		refuse("nothing was checked");
		return NULL;
	}
	if (cpis_report_bytes(job.results, format, &job.report, &job.report_bytes, &job.failure) !=
	    0)
		return NULL;
	return job.report;
}

/* A text in UTF-8 with its personal values masked, in place of the last report. NULL: see
 * web_failure. */
EMSCRIPTEN_KEEPALIVE const char *web_mask(const char *text, size_t bytes)
{
	const struct cpis_bytes source = { "text", text, bytes };
	const struct cpis_options options = { .max_input_bytes = job.options.max_input_bytes,
					      .max_decoded_bytes = job.options.max_decoded_bytes };
	cpis_free(job.report);
	job.report = NULL;
	if (cpis_mask_bytes(&source, &options, &job.report, &job.report_bytes, &job.failure) != 0)
		return NULL;
	return job.report;
}

EMSCRIPTEN_KEEPALIVE size_t web_report_bytes(void)
{
	return job.report_bytes;
}

/* Packs */

static int make_folders(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	return 0;
}

static int unpack_file(struct archive *archive, const char *path, size_t *left)
{
	char block[BLOCK_BYTES];
	la_ssize_t got = 0;
	FILE *file = fopen(path, "wb");
	if (!file)
		return -1;
	while ((got = archive_read_data(archive, block, sizeof(block))) > 0) {
		if ((size_t)got > *left || fwrite(block, 1, (size_t)got, file) != (size_t)got)
			break;
		*left -= (size_t)got;
	}
	return fclose(file) == 0 && got == 0 ? 0 : -1;
}

static int unpack_all(struct archive *archive, struct archive_entry *entry, const char *folder)
{
	size_t left = MOST_BYTES, files = 0;
	int status;
	while ((status = archive_read_next_header2(archive, entry)) == ARCHIVE_OK ||
	       status == ARCHIVE_WARN) {
		char path[1024];
		const char *name = archive_entry_pathname(entry);
		if (archive_entry_filetype(entry) != AE_IFREG || !name)
			continue;
		if (strstr(name, "..") || ++files > MOST_FILES ||
		    snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
			return -1;
		if (make_folders(path) != 0 || unpack_file(archive, path, &left) != 0)
			return -1;
	}
	return status == ARCHIVE_EOF ? 0 : -1;
}

/* A zip or a tar (.gz too) of a pack, into a folder, which is made. */
EMSCRIPTEN_KEEPALIVE int web_unpack(const char *path, const char *folder)
{
	int status = -1;
	struct archive *archive = archive_read_new();
	struct archive_entry *entry = archive ? archive_entry_new() : NULL;
	if (!entry) {
		archive_read_free(archive);
		return refuse("out of memory");
	}
	archive_read_support_filter_gzip(archive);
	archive_read_support_format_zip(archive);
	archive_read_support_format_tar(archive);
	mkdir(folder, 0700);
	if (archive_read_open_filename(archive, path, BLOCK_BYTES) == ARCHIVE_OK)
		status = unpack_all(archive, entry, folder);
	archive_read_free(archive);
	archive_entry_free(entry);
	return status == 0 ? 0 : refuse("the pack cannot be unpacked: send it as a zip or a tar");
}
