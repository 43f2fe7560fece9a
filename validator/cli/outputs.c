/* What a command writes, checked before anything is judged: an error here must not cost an hour of
 * judging. */
#include "cli.h"

#include "base/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	bool standard = strcmp(path, "-") == 0;
	if ((standard ? fstat(STDIN_FILENO, &status) : stat(path, &status)) == 0) {
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
	if (lstat(output->path, &status) == 0 && S_ISLNK(status.st_mode))
		return usage_error("%s: cannot write %s: it is a link to a file that does not "
				   "exist",
				   output->path, output->what);
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

/* Files that grow as they are needed. */
struct file_list {
	struct named_file *files;
	size_t count, room;
	bool failed; /* out of memory */
	const struct request *request;
};

static void list(struct file_list *list, const char *what, const char *path)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		struct named_file *more = realloc(list->files, room * sizeof(*more));
		if (!more) {
			list->failed = true;
			return;
		}
		list->files = more;
		list->room = room;
	}
	list->files[list->count++] = (struct named_file){ what, path };
}

static const char the_index[] = "the index", the_state[] = "the state";
static const char the_baseline[] = "the baseline";

static void list_written(void *context, const struct option *option, const char *path)
{
	static const char *const words[][2] = {
		{ "bundle", "the bundle" },
		{ "baseline", the_baseline },
		{ "index", the_index },
		{ "state", the_state },
	};
	struct file_list *outputs = context;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(option->name, words[i][0]) == 0 &&
		    option_is_written(outputs->request, option))
			list(outputs, words[i][1], path);
}

/* Journals and sites are folders, and may be there already. */
static void list_outputs(struct file_list *outputs)
{
	const struct request *request = outputs->request;
	for (size_t i = 0; i < request->report_count; i++)
		if (request->reports[i].path && request->command->bit != INDEX)
			list(outputs, "the report", request->reports[i].path);
	options_each_path(request, list_written, outputs);
}

static void list_read(void *context, const struct option *option, const char *path)
{
	struct file_list *inputs = context;
	if (!option_is_written(inputs->request, option))
		list(inputs, "an input", path);
}

/* Whatever the command reads that is named on the command line, or in a list of names. */
static void list_inputs(struct file_list *inputs)
{
	const struct request *request = inputs->request;
	for (size_t i = 0; i < request->input_count; i++)
		list(inputs, "an input", request->inputs[i]);
	options_each_path(request, list_read, inputs);
}

static int would_overwrite(const struct named_file *output)
{
	return usage_error("%s: %s would overwrite an input: give another name", output->path,
			   output->what);
}

static int compare_all(const struct file_list *written, const struct identity *made,
		       const struct file_list *read)
{
	const struct named_file *outputs = written->files;
	const size_t count = written->count;
	struct identity input;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (is_same(&made[i], &made[k]))
				return usage_error("%s: two files would be written to one name: "
						   "%s and %s",
						   outputs[i].path, outputs[k].what,
						   outputs[i].what);
	for (size_t k = 0; k < read->count; k++) {
		identify(read->files[k].path, &input);
		for (size_t i = 0; i < count; i++)
			if (is_same(&made[i], &input))
				return would_overwrite(&outputs[i]);
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

enum { MOST_HEAD = 4096 };

/* The first bytes of a file, and a NUL. Nothing is parsed here: the program is not confined yet. */
static size_t read_head(const char *path, char head[MOST_HEAD + 1])
{
	FILE *file = file_open_regular(path);
	size_t n = file ? fread(head, 1, MOST_HEAD, file) : 0;
	if (file)
		fclose(file);
	head[n] = '\0';
	return n;
}

static bool has_any(const char *head, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (strstr(head, words[i]))
			return true;
	return false;
}

/* How reports of cpis begin that might be taken for messages. */
static const char *const own_reports[] = { "<results xmlns=\"urn:cpis:results:",
					   "<testsuite name=\"cpis.",
					   "<meta name=\"generator\" content=\"cpis ", NULL };

/* Whether a line begins a message, or what carries one. Reports show such lines further in. */
static bool has_line_of_message(const char *head)
{
	static const char *const starts[] = { "<?xml", "HTTP/1.", "POST ",
					      "MIME-Version:", "Content-Type:" };
	for (const char *line = head; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
			if (strncmp(line, starts[i], strlen(starts[i])) == 0)
				return true;
	}
	return false;
}

/* The same at the start of the text, after control bytes or a word that the message touches. */
static bool begins_after_stray_bytes(const char *head)
{
	while (*head && (unsigned char)*head <= ' ')
		head++;
	return text_begins_message(head) ||
	       strncmp(head + strcspn(head, "< \t\r\n\"'"), "<?xml", 5) == 0;
}

/* The first n bytes of a file, followed by a NUL. Text with a NUL is not read to its end here: no
 * report has one. */
static bool may_be_message(const char *head, size_t n)
{
	return !has_any(head, own_reports) &&
	       (strlen(head) != n || begins_after_stray_bytes(head) || has_line_of_message(head));
}

bool file_may_be_message(const char *path)
{
	char head[MOST_HEAD + 1];
	size_t n = read_head(path, head);
	return may_be_message(head, n);
}

/* Whether a file holds a message for certain, wherever it lies: one that is not packed. */
static bool holds_message(const char *path)
{
	static const char *const marks[] = { "urn:hl7-org:v3", "urn:nhs-itk:",
					     "http://schemas.xmlsoap.org/soap/envelope/",
					     "http://www.w3.org/2003/05/soap-envelope", NULL };
	char head[MOST_HEAD + 1];
	size_t n = read_head(path, head), kept = 0;
	if (!may_be_message(head, n))
		return false;
	/* UTF-16, in either order. */
	for (size_t i = 0; i < n; i++)
		if (head[i])
			head[kept++] = head[i];
	head[kept] = '\0';
	return has_any(head, marks);
}

/* An index or state that is written again, and lies where the messages are. */
static bool is_own_database(const struct named_file *output, const char *path)
{
	static const char mark[] = "SQLite format 3";
	char head[MOST_HEAD + 1];
	return (strcmp(output->what, the_index) == 0 || strcmp(output->what, the_state) == 0) &&
	       read_head(path, head) >= sizeof(mark) && memcmp(head, mark, sizeof(mark)) == 0;
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
	if (strcmp(name_of(file), "pack.yaml") != 0 &&
	    (!file_may_be_message(file) || is_own_database(output, file)))
		return 0;
	return would_overwrite(output);
}

static int check_folders(const struct request *request, const struct named_file *output)
{
	int code = check_inside(output, request->pack.evidence);
	for (size_t i = 0; code == 0 && i < request->input_count; i++)
		code = check_inside(output, request->inputs[i]);
	return code;
}

/* What is there already, as a regular file. */
static int check_existing(const struct request *request, const struct named_file *output,
			  const struct stat *existing)
{
	struct stat status;
	if (fstat(STDOUT_FILENO, &status) == 0 && status.st_dev == existing->st_dev &&
	    status.st_ino == existing->st_ino)
		return usage_error("%s: standard output goes to this file already: give the report "
				   "without a file name",
				   output->path);
	return inputs_have(existing) ? would_overwrite(output) : check_folders(request, output);
}

/* One that this command does not read may be wanted all the same. */
static int check_messages(const struct file_list *outputs, const struct identity *made)
{
	for (size_t i = 0; i < outputs->count; i++)
		if (made[i].regular && holds_message(outputs->files[i].path))
			return usage_error("%s: %s would overwrite a message: give another name, "
					   "or remove the file first",
					   outputs->files[i].path, outputs->files[i].what);
	return 0;
}

static int check_files(const struct request *request, const struct file_list *outputs,
		       struct identity *made)
{
	struct stat status;
	for (size_t i = 0; i < outputs->count; i++) {
		const struct named_file *output = &outputs->files[i];
		int code = check_place(output);
		if (code)
			return code;
		identify(output->path, &made[i]);
		code = made[i].regular && stat(output->path, &status) == 0
			       ? check_existing(request, output, &status)
			       : 0;
		if (code)
			return code;
	}
	struct file_list inputs = { .request = request };
	list_inputs(&inputs);
	int code = inputs.failed ? out_of_memory() : compare_all(outputs, made, &inputs);
	free(inputs.files);
	return code ? code : check_messages(outputs, made);
}

int outputs_check_read(const struct request *request)
{
	struct file_list outputs = { .request = request };
	struct stat status;
	list_outputs(&outputs);
	int code = outputs.failed ? out_of_memory() : 0;
	/* A baseline that is updated has been read for that, perhaps as another process wrote it.
	 */
	for (size_t i = 0; code == 0 && i < outputs.count; i++)
		if (outputs.files[i].what != the_baseline &&
		    stat(outputs.files[i].path, &status) == 0 && inputs_have(&status))
			code = would_overwrite(&outputs.files[i]);
	free(outputs.files);
	return code;
}

int outputs_check(const struct request *request)
{
	struct file_list outputs = { .request = request };
	size_t to_stdout = 0;
	list_outputs(&outputs);
	for (size_t i = 0; i < request->report_count; i++)
		to_stdout += request->reports[i].path == NULL;
	struct identity *made = outputs.count ? calloc(outputs.count, sizeof(*made)) : NULL;
	int code = 0;
	if (to_stdout > 1)
		code = usage_error("only one report can go to standard output: give a file name "
				   "for the others");
	else if (outputs.failed || (outputs.count && !made))
		code = out_of_memory();
	else if (outputs.count)
		code = check_files(request, &outputs, made);
	free(outputs.files);
	free(made);
	return code;
}
