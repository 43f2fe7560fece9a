/* validate --fix: the changes shown, the files written, and what is left judged. */
#include "cli.h"

#include "base/character.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The files of a run: those that hold a message as it is, each once, and the others. */
struct fixed_files {
	const struct request *request;
	char **paths;
	size_t count;
	char **others; /* packs, archives, and what could not be read: judged as they are */
	size_t other_count;
	const char *path; /* that is being fixed */
	size_t fixes, changed;
	size_t doubtful; /* changes of a count, which may hide a loss */
	char doubt[64];	 /* their rules */
	bool shown;	 /* the path, for the changes of this file */
	bool stopped;	 /* a file could not be written */
	FILE *out;
};

static void print_lines(FILE *out, const char *sign, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		print(out, "%s%.*s\n", sign, (int)n, lines);
		lines += n + (lines[n] == '\n');
	}
}

/* Each rule is named once, as far as there is room. */
static void add_doubt(struct fixed_files *files, const char *rule)
{
	size_t n = strlen(files->doubt);
	files->doubtful++;
	if (!strstr(files->doubt, rule))
		snprintf(files->doubt + n, sizeof(files->doubt) - n, "%s%s", n ? ", " : "", rule);
}

static void print_fix(void *context, const struct cpis_fix *fix)
{
	struct fixed_files *files = context;
	files->fixes++;
	if (fix->uncertain)
		add_doubt(files, fix->rule);
	if (fix->uncertain && files->request->quiet)
		print_warning("%s: line %zu: %s: %s", files->path, fix->line, fix->rule, fix->what);
	if (files->request->quiet)
		return;
	if (!files->shown)
		print(files->out, "--- %s\n+++ %s, fixed\n", files->path, files->path);
	files->shown = true;
	print(files->out, "@@ line %zu, column %zu @@ %s: %s\n", fix->line, fix->column, fix->rule,
	      fix->what);
	print_lines(files->out, "-", fix->before);
	print_lines(files->out, "+", fix->after);
}

static bool is_there(const char *path)
{
	struct stat file;
	return lstat(path, &file) == 0;
}

static bool is_among_others(const struct fixed_files *files, const char *path, size_t n)
{
	for (size_t i = 0; i < files->other_count; i++)
		if (strlen(files->others[i]) == n && memcmp(files->others[i], path, n) == 0)
			return true;
	return false;
}

static int add_other(struct fixed_files *files, const char *path, size_t n)
{
	if (is_among_others(files, path, n))
		return 0;
	char **more = realloc(files->others, (files->other_count + 1) * sizeof(*more));
	char *copy = strndup(path, n);
	if (more)
		files->others = more;
	if (!more || !copy) {
		free(copy);
		return out_of_memory();
	}
	files->others[files->other_count++] = copy;
	return 0;
}

/* "a.zip!b.xml" is a member of a.zip, if not of another archive: every file that it may be of is
 * judged. */
static int take_member(struct fixed_files *files, const char *path)
{
	int code = 0;
	bool found = false;
	char *part = strdup(path);
	if (!part)
		return out_of_memory();
	for (char *mark = strchr(part, '!'); mark && code == 0; mark = strchr(mark + 1, '!')) {
		*mark = '\0';
		if (is_there(part)) {
			code = add_other(files, part, strlen(part));
			found = true;
		}
		*mark = '!';
	}
	if (code == 0 && !found)
		code = add_other(files, path, strlen(path));
	free(part);
	return code;
}

static bool is_named(const struct fixed_files *files, const char *path)
{
	for (size_t i = 0; i < files->request->input_count; i++)
		if (strcmp(files->request->inputs[i], path) == 0)
			return true;
	return false;
}

/* Why a file is not written: its message is in another place too. NULL: it may be. */
static const char *why_kept(const char *path)
{
	struct stat file;
	if (lstat(path, &file) != 0)
		return NULL;
	return S_ISLNK(file.st_mode) ? "it is a symbolic link"
	       : file.st_nlink > 1   ? "it has another name (a hard link)"
				     : NULL;
}

/* A link that was found in a folder is judged as it is; one that was named is an error, and nothing
 * is written. */
static int take_link(struct fixed_files *files, const char *path, const char *why)
{
	struct cpis_failure failure;
	size_t count;
	const struct cpis_fix_options how = { .zone = files->request->zone };
	if (is_named(files, path))
		return cpis_fix_file(path, 0, &files->request->options, &how, print_fix, files,
				     NULL, &count, &failure) == 0
			       ? 0
			       : print_failure(&failure);
	if (!files->request->quiet)
		print(files->out, "%s: not fixed, because %s\n", path, why);
	return add_other(files, path, strlen(path));
}

/* What the file is packed in, which --fix does not unpack; NULL: nothing. */
static const char *packed_in(const struct cpis_message *message)
{
	static const char *const envelopes[] = { "soap", "itk", "tms" };
	if (!message->layer_count)
		return NULL;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++)
		if (strcmp(message->layers[0], envelopes[i]) == 0)
			return NULL;
	return message->layers[0];
}

static int take_packed(struct fixed_files *files, const char *path, const char *layer)
{
	if (!files->request->quiet && !is_among_others(files, path, strlen(path)))
		print(files->out, "%s: not fixed, because it is packed (%s): unpack it first\n",
		      path, layer);
	return add_other(files, path, strlen(path));
}

/* Else a "!" is a letter of the file's name. */
static bool is_in_archive(const struct cpis_message *message)
{
	for (size_t i = 0; i < message->layer_count; i++)
		if (strcmp(message->layers[i], "zip") == 0 ||
		    strcmp(message->layers[i], "tar") == 0)
			return true;
	return false;
}

/* In a pack or an archive there is nothing that could be written back. */
static int list_file(struct fixed_files *files, const char *file,
		     const struct cpis_message *message)
{
	if (strchr(file, '!') && is_in_archive(message))
		return take_member(files, file);
	const char *kept = why_kept(file);
	if (kept)
		return take_link(files, file, kept);
	if (!message->sha256)
		return add_other(files, file, strlen(file));
	if (packed_in(message))
		return take_packed(files, file, packed_in(message));
	if (files->count && strcmp(files->paths[files->count - 1], file) == 0)
		return 0;
	char *copy = strdup(file);
	if (!copy)
		return out_of_memory();
	files->paths[files->count++] = copy;
	return 0;
}

static int list_files(struct fixed_files *files, const struct cpis_results *results)
{
	struct cpis_message message;
	size_t count = cpis_results_message_count(results);
	int code = 0;
	files->paths = calloc(count + 1, sizeof(*files->paths));
	if (!files->paths)
		return out_of_memory();
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (cpis_results_message(results, i, &message, sizeof(message)) != 0)
			return usage_error("validate: a message of the run is missing");
		/* Results write a name so that it can be seen. */
		char *file = strdup(message.file ? message.file : message.source);
		if (!file)
			return out_of_memory();
		character_read_whole_name(file, file);
		code = list_file(files, file, &message);
		free(file);
	}
	return code;
}

static int fix_file(struct fixed_files *files, const char *path, int write,
		    struct cpis_results *results, size_t *count, struct cpis_failure *failure)
{
	const struct cpis_fix_options how = { .zone = files->request->zone };
	files->path = path;
	files->shown = false;
	return cpis_fix_file(path, write, &files->request->options, &how,
			     write == CPIS_FIX_TRY ? NULL : print_fix, files, results, count,
			     failure);
}

/* Those to change, which stay in the list; and that each of them can be written, before the first
 * is. */
static int choose_files(struct fixed_files *files)
{
	struct cpis_failure failure;
	size_t kept = 0;
	for (size_t i = 0; i < files->count; i++) {
		size_t count = 0;
		if (fix_file(files, files->paths[i], CPIS_FIX_TRY, NULL, &count, &failure) != 0) {
			int code = print_failure(&failure);
			print_warning("nothing was changed");
			return code;
		}
		char *path = files->paths[i];
		files->paths[i] = NULL;
		if (count)
			files->paths[kept++] = path;
		else
			free(path);
	}
	files->count = kept;
	return 0;
}

/* A file that could be written a moment ago and cannot be now: what was changed is said, and
 * judged. */
static void stop_at(struct fixed_files *files, const struct fixed_files *before,
		    const struct cpis_failure *failure)
{
	const char *path = files->path;
	print_failure(failure);
	print_warning("%s was not changed, nor any file after it; %zu file%s before it %s changed",
		      path, files->changed, files->changed == 1 ? "" : "s",
		      files->changed == 1 ? "was" : "were");
	*files = *before;
	files->stopped = true;
}

/* results NULL: the files are written. */
static int fix_files(struct fixed_files *files, struct cpis_results *results)
{
	struct cpis_failure failure;
	const struct request *request = files->request;
	int code = results ? 0 : choose_files(files);
	if (code)
		return code;
	for (size_t i = 0; i < files->count; i++) {
		const struct fixed_files before = *files;
		size_t count = 0;
		if (fix_file(files, files->paths[i], !results, results, &count, &failure) != 0) {
			if (results)
				return print_failure(&failure);
			stop_at(files, &before, &failure);
			break;
		}
		files->changed += count > 0;
	}
	if (request->quiet)
		return 0;
	if (files->fixes)
		print(files->out, "\n%zu change%s in %zu file%s%s\n\n", files->fixes,
		      files->fixes == 1 ? "" : "s", files->changed, files->changed == 1 ? "" : "s",
		      results ? ", not written: the result below is what they would give"
			      : "; each file as it was is kept beside it, as .NAME.orig");
	else
		print(files->out, "Nothing that --fix can put right was found\n\n");
	return 0;
}

static int judge_paths(const struct request *request, struct cpis_results *results)
{
	struct cpis_failure failure;
	if (cpis_validate_paths(results, (const char *const *)request->inputs, request->input_count,
				&failure) != 0)
		return print_failure(&failure);
	return 0;
}

/* The others as they are, beside the files as they would be. */
static int judge_others(const struct fixed_files *files, struct cpis_results *results)
{
	struct cpis_failure failure;
	if (files->other_count && cpis_validate_paths(results, (const char *const *)files->others,
						      files->other_count, &failure) != 0)
		return print_failure(&failure);
	return 0;
}

/* Whoever reads the results did not see the changes: META_COUNTS_FIXED of the library. */
static int note_doubt(const struct fixed_files *files, struct cpis_results *results)
{
	struct cpis_failure failure;
	char counts[128];
	if (files->doubtful == 0)
		return 0;
	snprintf(counts, sizeof(counts), "%zu count%s (%s)", files->doubtful,
		 files->doubtful == 1 ? "" : "s", files->doubt);
	return cpis_results_meta(results, "counts not checked", counts, &failure) == 0
		       ? 0
		       : print_failure(&failure);
}

/* The bytes that were judged are in no file: META_NOT_WRITTEN of the library, which cannot be seen
 * from here. */
static int note_not_written(const struct fixed_files *files, struct cpis_results *results)
{
	struct cpis_failure failure;
	char count[32];
	snprintf(count, sizeof(count), "%zu file%s", files->changed,
		 files->changed == 1 ? "" : "s");
	return cpis_results_meta(results, "not written", count, &failure) == 0
		       ? 0
		       : print_failure(&failure);
}

/* What is left in the files, or would be; before is taken where it is still right. */
static int judge_again(struct request *request, struct fixed_files *files,
		       struct cpis_results **before)
{
	int code = CPIS_EXIT_USAGE;
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	/* First, so that a file as it would be is known to be one of several. */
	int others = request->dry_run ? judge_others(files, results) : 0;
	code = fix_files(files, request->dry_run ? results : NULL);
	if (code == 0 && files->changed == 0) {
		cpis_results_free(results);
		results = *before;
		*before = NULL;
	} else if (code == 0) {
		code = !request->dry_run ? judge_paths(request, results)
		       : others		 ? others
					 : note_not_written(files, results);
		code = code == 0 ? note_doubt(files, results) : code;
	}
	if (code == 0) {
		request->lost = files->stopped;
		return settle_run(request, NULL, results);
	}
	cpis_results_free(results);
	return code;
}

int fix_and_validate(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	struct fixed_files files = { .request = request, .out = stdout };
	for (size_t i = 0; i < request->input_count; i++)
		if (strcmp(request->inputs[i], "-") == 0)
			return usage_error("validate: --fix needs a file: standard input cannot be "
					   "written back");
	for (size_t i = 0; i < request->report_count; i++)
		files.out = request->reports[i].path ? files.out : stderr;
	struct cpis_results *before = open_results(request, &code);
	if (!before)
		return code;
	code = judge_paths(request, before);
	if (code == 0)
		code = list_files(&files, before);
	if (code == 0)
		code = judge_again(request, &files, &before);
	for (size_t i = 0; i < files.other_count; i++)
		free(files.others[i]);
	free(files.others);
	for (size_t i = 0; i < files.count; i++)
		free(files.paths[i]);
	free(files.paths);
	cpis_results_free(before);
	return code;
}
