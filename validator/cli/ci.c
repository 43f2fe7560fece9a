/*
 * cpis ci: a command in a pipeline, with every report in one folder, and in the words of the host
 * that runs it: groups of the log, annotations, the summary of the job, outputs of the step.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is written into the folder; FORMAT NULL: the verdict in a word. */
static const struct {
	const char *format, *file;
} ci_reports[] = {
	{ "junit", "junit.xml" },  { "sarif", "cpis.sarif" }, { "codequality", "codequality.json" },
	{ "html", "report.html" }, { "xml", "results.xml" },  { "md", "summary.md" },
	{ NULL, "verdict.txt" },
};

enum {
	CI_REPORTS = sizeof(ci_reports) / sizeof(ci_reports[0]),
	/* GitHub shows so many of each kind for a step, and takes a summary of 1 MiB. */
	MOST_ANNOTATIONS = 10,
	MOST_SUMMARY_BYTES = 1000000
};

enum ci_host { HOST_OTHER, HOST_GITHUB, HOST_GITLAB };

struct ci {
	const char *folder;
	const char *command;
	enum ci_host host;
	bool open;		/* the group of the log */
	bool lost;		/* something could not be written */
	bool judged;		/* there are results */
	bool partial;		/* what was asked to be left out was not checked */
	FILE *summary, *output; /* of GitHub: open before the sandbox is entered; NULL: none */
	char token[36];		/* until it is printed, GitHub takes no line for a command */
};

static bool is_set(const char *name)
{
	const char *value = getenv(name);
	return value && *value;
}

static enum ci_host find_host(void)
{
	return is_set("GITHUB_ACTIONS") ? HOST_GITHUB
	       : is_set("GITLAB_CI")	? HOST_GITLAB
					: HOST_OTHER;
}

/* The log */

static void open_log(struct ci *ci)
{
	unsigned char random[16];
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(ci->token + 2 * i, 3, "%02x", random[i]);
	if (ci->host == HOST_GITHUB)
		printf("::group::cpis %s\n::stop-commands::%s\n", ci->command, ci->token);
	else if (ci->host == HOST_GITLAB)
		printf("\033[0Ksection_start:%lld:cpis\r\033[0Kcpis %s\n", (long long)time(NULL),
		       ci->command);
	ci->open = ci->host != HOST_OTHER;
	fflush(stdout);
}

static void close_log(struct ci *ci)
{
	fflush(stderr);
	if (ci->open && ci->host == HOST_GITHUB)
		printf("::%s::\n::endgroup::\n", ci->token);
	else if (ci->open)
		printf("\033[0Ksection_end:%lld:cpis\r\033[0K\n", (long long)time(NULL));
	ci->open = false;
	fflush(stdout);
}

/* Annotations of GitHub */

static void print_escaped(const char *text, const char *special)
{
	for (; *text; text++)
		if (strchr(special, *text) || (unsigned char)*text < ' ')
			printf("%%%02X", (unsigned)(unsigned char)*text);
		else
			putchar(*text);
}

struct annotation {
	const char *file; /* NULL: none */
	size_t line, column;
	const char *title, *text;
};

static void annotate(const char *kind, const struct annotation *one)
{
	printf("::%s ", kind);
	if (one->file) {
		fputs("file=", stdout);
		print_escaped(one->file, "%:,");
		printf(",line=%zu,", one->line ? one->line : 1);
		if (one->line && one->column)
			printf("col=%zu,", one->column);
	}
	fputs("title=", stdout);
	print_escaped(one->title, "%:,");
	fputs("::", stdout);
	print_escaped(one->text, "%");
	putchar('\n');
}

/* The file of a message: for a member of an archive, the archive. NULL: out of memory. */
static char *file_of(const struct cpis_message *message)
{
	const char *path = message->file;
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	char *file = strdup(path);
	for (size_t i = 0; file && i < message->layer_count; i++)
		if (strcmp(message->layers[i], "zip") == 0 ||
		    strcmp(message->layers[i], "tar") == 0)
			file[strcspn(file, "!")] = '\0';
	return file;
}

/* Cases that need a person to look are errors of the pipeline too. */
static size_t annotate_cases(const struct cpis_results *results, size_t room, size_t *more)
{
	struct cpis_case one;
	for (size_t i = 0; cpis_results_case(results, i, &one, sizeof(one)) == 0; i++) {
		if (one.outcome == CPIS_CASE_PASSED || one.outcome == CPIS_CASE_WAIVED ||
		    one.outcome == CPIS_CASE_LEFT_OUT)
			continue;
		const struct annotation annotation = {
			.file = one.file,
			.line = one.line,
			.title = one.id,
			.text = one.reason  ? one.reason
				: one.found ? one.found
					    : cpis_outcome_name(one.outcome),
		};
		if (room)
			annotate("error", &annotation);
		else
			++*more;
		room -= room > 0;
	}
	return room;
}

static size_t annotate_message(const struct cpis_results *results, size_t index,
			       enum cpis_severity severity, size_t room, size_t *more)
{
	static const char *const kinds[] = { "notice", "warning", "error" };
	struct cpis_message message;
	struct cpis_finding finding;
	if (cpis_results_message(results, index, &message, sizeof(message)) != 0)
		return room;
	char *file = file_of(&message);
	for (size_t i = 0; cpis_results_finding(results, index, i, &finding, sizeof(finding)) == 0;
	     i++) {
		if (finding.severity != severity || finding.waived)
			continue;
		const struct annotation annotation = { file, finding.line, finding.column,
						       finding.rule, finding.message };
		if (room)
			annotate(kinds[severity], &annotation);
		else
			++*more;
		room -= room > 0;
	}
	free(file);
	return room;
}

/* What a case expects needs no look: its messages are only annotated when it failed. */
static bool *find_expected(const struct cpis_results *results)
{
	struct cpis_case one;
	size_t count = cpis_results_message_count(results);
	bool *expected = calloc(count + 1, sizeof(*expected));
	for (size_t i = 0; expected && cpis_results_case(results, i, &one, sizeof(one)) == 0; i++)
		for (size_t k = 0; k < one.message_count && one.first_message + k < count; k++)
			expected[one.first_message + k] = one.outcome == CPIS_CASE_PASSED;
	return expected;
}

static size_t annotate_omissions(const struct cpis_results *results, size_t room, size_t *more)
{
	struct cpis_message message;
	struct cpis_omission omission;
	for (size_t i = 0; cpis_results_message(results, i, &message, sizeof(message)) == 0; i++) {
		if (message.verdict != CPIS_INCOMPLETE ||
		    cpis_results_omission(results, i, 0, &omission, sizeof(omission)) != 0)
			continue;
		char *file = file_of(&message);
		const struct annotation annotation = { file, 0, 0, "Not checked", omission.why };
		if (room)
			annotate("error", &annotation);
		else
			++*more;
		room -= room > 0;
		free(file);
	}
	return room;
}

static void annotate_all(const struct cpis_results *results)
{
	size_t more = 0, room = annotate_cases(results, MOST_ANNOTATIONS, &more);
	bool *expected = find_expected(results);
	if (!cpis_results_case_count(results))
		room = annotate_omissions(results, room, &more);
	for (int severity = CPIS_ERROR; expected && severity >= CPIS_INFO; severity--) {
		/* The last notice is kept for the number of those that are not shown. */
		if (severity != CPIS_ERROR)
			room = MOST_ANNOTATIONS - (severity == CPIS_INFO);
		for (size_t i = 0; i < cpis_results_message_count(results); i++)
			if (!expected[i])
				room = annotate_message(results, i, (enum cpis_severity)severity,
							room, &more);
	}
	free(expected);
	char text[96];
	snprintf(text, sizeof(text), "%zu more are in the summary and the reports", more);
	const struct annotation annotation = { .title = "cpis", .text = text };
	if (more)
		annotate("notice", &annotation);
}

/* Files of the host */

/* The file that a variable of the environment names, to add to; NULL: there is none. */
static FILE *open_named(struct ci *ci, const char *variable)
{
	FILE *file = is_set(variable) ? fopen(getenv(variable), "ae") : NULL;
	if (file || !is_set(variable))
		return file;
	print_warning("the file of %s cannot be written: %s", variable, strerror(errno));
	ci->lost = true;
	return NULL;
}

static void append_to(struct ci *ci, FILE *file, const char *text, size_t bytes)
{
	if (!file || (fwrite(text, 1, bytes, file) == bytes && fflush(file) == 0))
		return;
	print_warning("%s cannot be written: %s",
		      file == ci->output ? "GITHUB_OUTPUT" : "GITHUB_STEP_SUMMARY",
		      strerror(errno));
	ci->lost = true;
}

static void append_summary(struct ci *ci, const struct cpis_results *results)
{
	struct cpis_failure failure;
	char *text = NULL;
	size_t bytes = 0;
	static const char cut[] = "\n\nThe summary is too long: the reports have all of it.\n";
	if (!ci->summary)
		return;
	if (cpis_report_bytes(results, "md", &text, &bytes, &failure) != 0) {
		print_failure(&failure);
		ci->lost = true;
		return;
	}
	bool too_long = bytes > MOST_SUMMARY_BYTES;
	for (bytes = too_long ? MOST_SUMMARY_BYTES : bytes; too_long && bytes; bytes--)
		if (text[bytes - 1] == '\n')
			break;
	append_to(ci, ci->summary, text, bytes);
	if (too_long)
		append_to(ci, ci->summary, cut, sizeof(cut) - 1);
	cpis_free(text);
}

void ci_conclude(struct ci *ci, const struct cpis_results *results)
{
	if (!ci)
		return;
	close_log(ci);
	ci->judged = true;
	ci->partial = cpis_results_partial(results);
	if (ci->host == HOST_GITHUB)
		annotate_all(results);
	append_summary(ci, results);
}

/* The folder */

static char *path_in(const struct ci *ci, const char *file)
{
	size_t n = strlen(ci->folder) + strlen(file) + 2;
	char *path = malloc(n);
	if (path)
		snprintf(path, n, "%s/%s", ci->folder, file);
	return path;
}

/* Every folder on the way to it. */
static int make_folder(const struct ci *ci)
{
	char path[PATH_MAX];
	struct stat status;
	if (strlen(ci->folder) >= sizeof(path))
		return usage_error("ci: the name of the folder is too long");
	snprintf(path, sizeof(path), "%s", ci->folder);
	for (char *slash = path + 1; *path && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	if (mkdir(path, 0777) == 0 || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
		return 0;
	return usage_error("%s: cannot make the folder of the reports: %s", ci->folder,
			   strerror(stat(path, &status) == 0 ? ENOTDIR : errno));
}

/* Whether a word of the command, or what follows its =, names this file. */
static bool is_named(const struct request *request, const struct stat *report)
{
	struct stat status;
	for (int i = 4; i < request->argc; i++) {
		const char *word = request->argv[i], *equals = strchr(word, '=');
		for (const char *path = word; path;
		     path = path == word && equals ? equals + 1 : NULL)
			if (stat(path, &status) == 0 && status.st_dev == report->st_dev &&
			    status.st_ino == report->st_ino)
				return true;
	}
	return false;
}

/*
 * Reports of an earlier run must not be taken for those of this one, whatever happens to it: where
 * one may not be removed, the others are, the verdict first.
 */
static int remove_old(const struct ci *ci, const struct request *request)
{
	int first = 0;
	for (size_t i = CI_REPORTS; i-- > 0;) {
		char *path = path_in(ci, ci_reports[i].file);
		struct stat status;
		int code = 0;
		if (!path)
			return out_of_memory();
		bool there = lstat(path, &status) == 0 && !S_ISDIR(status.st_mode);
		if (there && S_ISREG(status.st_mode) && file_may_be_message(path))
			code = usage_error("%s: this is not a report of cpis: name another folder "
					   "for the reports",
					   path);
		else if (there && stat(path, &status) == 0 && is_named(request, &status))
			code = usage_error("%s: the command names this file, and ci would write "
					   "a report over it: name another folder for the reports",
					   path);
		else if (there && unlink(path) != 0)
			code = usage_error("%s: cannot remove the report of an earlier run: %s",
					   path, strerror(errno));
		free(path);
		first = first ? first : code;
	}
	return first;
}

static bool write_verdict(const struct ci *ci, const char *word)
{
	char *path = path_in(ci, ci_reports[CI_REPORTS - 1].file);
	int file =
		path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666) : -1;
	char line[32];
	int n = snprintf(line, sizeof(line), "%s\n", word);
	bool good = file >= 0 && write(file, line, (size_t)n) == n;
	if (file >= 0 && close(file) != 0)
		good = false;
	if (!good)
		print_warning("%s/verdict.txt: cannot write the verdict: %s", ci->folder,
			      strerror(errno));
	free(path);
	return good;
}

/* The command line of the command, with its reports before what follows, which may end options. */
static int run_inside(struct ci *ci, const struct request *request, const struct command *command)
{
	char **words = calloc((size_t)request->argc + 2 * (size_t)CI_REPORTS + 1, sizeof(*words));
	char *made[CI_REPORTS] = { NULL };
	int count = 0, code = 0;
	static char report[] = "--report";
	if (!words)
		return out_of_memory();
	words[count++] = request->argv[0];
	words[count++] = request->argv[3];
	for (size_t i = 0; i < CI_REPORTS && code == 0; i++) {
		const char *format = ci_reports[i].format;
		if (!format || !known_format(format, strlen(format)))
			continue;
		if (asprintf(&made[i], "%s=%s/%s", format, ci->folder, ci_reports[i].file) < 0) {
			made[i] = NULL;
			code = out_of_memory();
		}
		words[count++] = report;
		words[count++] = made[i];
	}
	for (int i = 4; i < request->argc; i++)
		words[count++] = request->argv[i];
	if (code == 0)
		code = run_command(command, count, words, request->enter, ci);
	for (size_t i = 0; i < CI_REPORTS; i++)
		free(made[i]);
	free(words);
	return code;
}

/* A gate must not take for a pass what was not all checked, or not at all: the help was asked for.
 */
static const char *word_of(const struct ci *ci, int code)
{
	static const char *const words[] = { "pass", "fail", "error", "incomplete" };
	if (code != CPIS_EXIT_PASS)
		return words[code];
	return !ci->judged ? "error" : ci->partial ? "partial" : "pass";
}

/* The verdict where others look for it. */
static int conclude(struct ci *ci, int code)
{
	char text[96];
	close_log(ci);
	code = exit_code_when_lost(code, ci->lost);
	int n = snprintf(text, sizeof(text), "exit-code=%d\nverdict=%s\n", code, word_of(ci, code));
	ci->lost = false;
	append_to(ci, ci->output, text, (size_t)n);
	code = exit_code_when_lost(code, ci->lost);
	return exit_code_when_lost(code, !write_verdict(ci, word_of(ci, code)));
}

/* The command that is to be run; NULL after an error was printed. */
static const struct command *find_command(const struct ci *ci)
{
	const struct command *command = command_find(ci->command);
	if (!command || command->bit & (VALIDATE | RUN | SEND | REPORT | MERGE))
		return command;
	usage_error("ci: %s writes no reports: the command is validate, run, send, report or merge",
		    ci->command);
	return NULL;
}

int cmd_ci(struct request *request)
{
	if (request->argc < 4)
		return usage_error("ci: name a folder for the reports and a command: "
				   "cpis ci FOLDER validate|run ...");
	struct ci ci = {
		.folder = request->argv[2],
		.command = request->argv[3],
		.host = find_host(),
	};
	if (!*ci.folder)
		return usage_error("ci: the name of the folder for the reports is empty");
	int code = make_folder(&ci);
	if (code)
		return code;
	code = remove_old(&ci, request);
	if (code) {
		write_verdict(&ci, word_of(&ci, code));
		return code;
	}
	ci.summary = open_named(&ci, "GITHUB_STEP_SUMMARY");
	ci.output = open_named(&ci, "GITHUB_OUTPUT");
	const struct command *command = find_command(&ci);
	code = CPIS_EXIT_USAGE;
	if (command) {
		open_log(&ci);
		code = run_inside(&ci, request, command);
	}
	code = conclude(&ci, code);
	if (ci.summary)
		fclose(ci.summary);
	if (ci.output)
		fclose(ci.output);
	return code;
}
