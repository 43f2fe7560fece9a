/* What a command writes, checked before anything is judged: an error here must not cost an hour of
 * judging. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_OUTPUT_INPUTS = 16 };

/* A file that is written or read, and what it is called in an error. */
struct named_file {
	const char *what, *path;
};

/* The file that a path means, whether it exists or not. */
struct identity {
	bool known, exists, regular;
	dev_t device;
	ino_t number;
	char folder[PATH_MAX]; /* of a file that does not exist: resolved */
	const char *name;      /* in that folder */
};

/* Everything up to the last slash, as the system would open it: "a/", "/", or ".". */
static void folder_of(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	if (slash)
		snprintf(folder, PATH_MAX, "%.*s", (int)(slash - path + 1), path);
	else
		snprintf(folder, PATH_MAX, ".");
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void identify(const char *path, struct identity *identity)
{
	struct stat status;
	char folder[PATH_MAX];
	*identity = (struct identity){ .name = name_of(path) };
	if (stat(path, &status) == 0) {
		identity->known = identity->exists = true;
		identity->regular = S_ISREG(status.st_mode);
		identity->device = status.st_dev;
		identity->number = status.st_ino;
		return;
	}
	folder_of(path, folder);
	identity->known = realpath(folder, identity->folder) != NULL;
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	if (!a->known || !b->known || a->exists != b->exists)
		return false;
	if (a->exists)
		return a->regular && a->device == b->device && a->number == b->number;
	return strcmp(a->folder, b->folder) == 0 && strcmp(a->name, b->name) == 0;
}

/* 0, or the exit code after an error was printed. */
static int check_place(const struct named_file *output)
{
	struct stat status;
	char folder[PATH_MAX];
	if (stat(output->path, &status) == 0)
		return S_ISDIR(status.st_mode)
			       ? usage_error("%s: cannot write %s: a folder has this name",
					     output->path, output->what)
			       : 0;
	if (errno == ENAMETOOLONG || strlen(output->path) >= PATH_MAX)
		return usage_error("%s: cannot write %s: the name is too long", output->path,
				   output->what);
	folder_of(output->path, folder);
	if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))
		return usage_error("%s: cannot write %s: the folder %.*s does not exist",
				   output->path, output->what,
				   (int)strlen(folder) - (strlen(folder) > 1), folder);
	if (access(folder, W_OK | X_OK) != 0)
		return usage_error("%s: cannot write %s: %s", output->path, output->what,
				   strerror(errno));
	return 0;
}

static size_t list_outputs(const struct request *request, struct named_file *outputs)
{
	size_t count = 0;
	/* A site is a folder, and may be there already. */
	bool site = request->command->bit == INDEX;
	for (size_t i = 0; i < request->report_count; i++)
		if (request->reports[i].path && !site)
			outputs[count++] =
				(struct named_file){ "the report", request->reports[i].path };
	if (request->bundle)
		outputs[count++] = (struct named_file){ "the bundle", request->bundle };
	if (request->update_baseline && request->baseline)
		outputs[count++] = (struct named_file){ "the baseline", request->baseline };
	return count;
}

/* Whatever the command reads that is named on the command line. */
static size_t list_inputs(const struct request *request, struct named_file *inputs)
{
	const struct named_file named[] = {
		{ "the request", request->pair_request },
		{ "the response", request->pair_response },
		{ "the profile", request->profile },
		{ "the baseline", request->update_baseline ? NULL : request->baseline },
		{ "the waivers", request->waivers },
		{ "the secret key", request->key },
	};
	size_t count = 0;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].path)
			inputs[count++] = named[i];
	for (size_t i = 0; i < request->options.schematron_count; i++)
		inputs[count++] =
			(struct named_file){ "a rules file", request->options.schematron[i] };
	for (size_t i = 0; i < request->input_count; i++)
		inputs[count++] = (struct named_file){ "an input", request->inputs[i] };
	return count;
}

static int compare_all(const struct named_file *outputs, struct identity *made, size_t count,
		       const struct named_file *inputs, size_t input_count)
{
	struct identity read;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (is_same(&made[i], &made[k]))
				return usage_error("%s: two files would be written to one name: "
						   "%s and %s",
						   outputs[i].path, outputs[k].what,
						   outputs[i].what);
	for (size_t k = 0; k < input_count; k++) {
		identify(inputs[k].path, &read);
		for (size_t i = 0; i < count; i++)
			if (is_same(&made[i], &read))
				return usage_error("%s: %s would overwrite %s", outputs[i].path,
						   outputs[i].what, inputs[k].what);
	}
	return 0;
}

FILE *file_open_regular(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool regular = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	FILE *file = regular ? fdopen(fd, "rb") : NULL;
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* Nothing is parsed here: the program is not confined yet. */
bool file_may_be_message(const char *path)
{
	static const char *const own[] = { "<results xmlns=\"urn:cpis:results:",
					   "<testsuite name=\"cpis.",
					   "<meta name=\"generator\" content=\"cpis " };
	static const char *const others[] = { "HTTP/", "MIME-Version", "Content-", "<?xml" };
	char head[4096 + 1];
	FILE *file = file_open_regular(path);
	size_t n = file ? fread(head, 1, sizeof(head) - 1, file) : 0;
	if (file)
		fclose(file);
	head[n] = '\0';
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strstr(head, own[i]))
			return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strstr(head, others[i]))
			return true;
	/* Text with a NUL is not read to its end above: no report has one. */
	return strlen(head) != n || head[strspn(head, "\xef\xbb\xbf \t\r\n")] == '<' ||
	       strncmp(head, "PK", 2) == 0 || strncmp(head, "\x1f\x8b", 2) == 0;
}

/* A report may lie in a folder that is judged, but not in the place of a message or a pack. */
static int check_inside(const struct named_file *output, const char *folder)
{
	char file[PATH_MAX], around[PATH_MAX];
	if (!folder || !realpath(folder, around) || !realpath(output->path, file))
		return 0;
	size_t n = strlen(around);
	if (strncmp(file, around, n) != 0 || file[n] != '/')
		return 0;
	if (strcmp(name_of(file), "pack.yaml") != 0 && !file_may_be_message(file))
		return 0;
	return usage_error("%s: %s would overwrite an input", output->path, output->what);
}

static int check_folders(const struct request *request, const struct named_file *output)
{
	int code = check_inside(output, request->pack.evidence);
	for (size_t i = 0; code == 0 && i < request->input_count; i++)
		code = check_inside(output, request->inputs[i]);
	return code;
}

static int check_files(const struct request *request, struct named_file *files, size_t count,
		       struct identity *made)
{
	struct stat status;
	for (size_t i = 0; i < count; i++) {
		int code = check_place(&files[i]);
		if (code)
			return code;
		identify(files[i].path, &made[i]);
		if (made[i].regular && fstat(STDOUT_FILENO, &status) == 0 &&
		    status.st_dev == made[i].device && status.st_ino == made[i].number)
			return usage_error("%s: standard output goes to this file already: give "
					   "the report without a file name",
					   files[i].path);
		code = made[i].regular ? check_folders(request, &files[i]) : 0;
		if (code)
			return code;
	}
	struct named_file *inputs = files + count;
	return compare_all(files, made, count, inputs, list_inputs(request, inputs));
}

int outputs_check(const struct request *request)
{
	size_t most = request->report_count + request->options.schematron_count +
		      request->input_count + MOST_OUTPUT_INPUTS;
	struct named_file *files = calloc(most, sizeof(*files));
	if (!files)
		return out_of_memory();
	size_t count = list_outputs(request, files), to_stdout = 0;
	for (size_t i = 0; i < request->report_count; i++)
		to_stdout += request->reports[i].path == NULL;
	struct identity *made = count ? calloc(count, sizeof(*made)) : NULL;
	int code = 0;
	if (to_stdout > 1)
		code = usage_error("only one report can go to standard output: give a file name "
				   "for the others");
	else if (count)
		code = made ? check_files(request, files, count, made) : out_of_memory();
	free(files);
	free(made);
	return code;
}
