/* Standard error: what went wrong, with the exit code that goes with it, and how far a run is. */
#include "cli.h"

#include "base/character.h"
#include "base/near.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void vprint(FILE *out, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Texts of messages, packs, bundles and names of files may hold anything. */
static void vprint(FILE *out, const char *format, va_list args)
{
	struct buf line;
	buf_init(&line, SIZE_MAX / 2);
	character_vprintf(&line, format, args);
	fwrite(buf_view(&line).p, 1, line.n, out);
	buf_release(&line);
}

void print(FILE *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vprint(out, format, args);
	va_end(args);
}

int usage_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print(stderr, "cpis: ");
	vprint(stderr, format, args);
	print(stderr, "\n");
	va_end(args);
	return CPIS_EXIT_USAGE;
}

void print_warning(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print(stderr, "cpis: ");
	vprint(stderr, format, args);
	print(stderr, "\n");
	va_end(args);
}

int out_of_memory(void)
{
	fputs("cpis: out of memory\n", stderr);
	return CPIS_EXIT_INCOMPLETE;
}

static void print_place(const struct cpis_failure *failure, const char *text)
{
	print(stderr, "cpis: ");
	if (failure->file[0])
		print(stderr, "%s:", failure->file);
	if (failure->line)
		print(stderr, "%zu:%zu:", failure->line, failure->column);
	print(stderr, "%s%s\n", failure->file[0] ? " " : "", text);
}

/* The first of the problems that were printed and not yet summed up. */
static struct cpis_failure first_problem;
static bool has_problem;

/* Whether a failure sums up the problems that were printed: it repeats the first and counts the
 * rest. So the first is not printed again. */
static bool is_summary(const struct cpis_failure *failure, size_t *more)
{
	size_t n = strlen(first_problem.text);
	*more = 0;
	if (!has_problem || strcmp(failure->file, first_problem.file) != 0 ||
	    failure->line != first_problem.line || failure->column != first_problem.column ||
	    strncmp(failure->text, first_problem.text, n) != 0)
		return false;
	return !failure->text[n] || sscanf(failure->text + n, " (and %zu more problem", more) == 1;
}

int print_failure(const struct cpis_failure *failure)
{
	size_t more;
	bool summary = is_summary(failure, &more);
	has_problem = false;
	if (!summary)
		print_place(failure, failure->text);
	else if (more)
		print(stderr, "cpis: %zu problems\n", more + 1);
	return failure->kind == CPIS_FAILURE_CONFIGURATION ? CPIS_EXIT_USAGE : CPIS_EXIT_INCOMPLETE;
}

int print_unwritten(const struct cpis_failure *failure, enum cpis_verdict verdict)
{
	int code = print_failure(failure);
	return code == CPIS_EXIT_INCOMPLETE && verdict == CPIS_FAIL ? CPIS_EXIT_FAIL : code;
}

/* /dev/stdout is another name for where this would go. */
static bool is_standard_output(const char *path)
{
	struct stat file, output;
	return stat(path, &file) == 0 && fstat(STDOUT_FILENO, &output) == 0 &&
	       file.st_dev == output.st_dev && file.st_ino == output.st_ino;
}

int print_written(const struct request *request, enum cpis_verdict verdict)
{
	size_t to_files = 0;
	for (size_t i = 0; i < request->report_count; i++)
		to_files +=
			request->reports[i].path && !is_standard_output(request->reports[i].path);
	/* No line follows a report on standard output. */
	for (size_t i = 0; i < request->report_count && !request->quiet; i++)
		if (to_files == request->report_count)
			print(stdout, "%s: the report is in %s\n", cpis_verdict_name(verdict),
			      request->reports[i].path);
	return exit_code_of(verdict);
}

void print_problem(void *context, const struct cpis_failure *problem)
{
	(void)context;
	if (!has_problem)
		first_problem = *problem;
	has_problem = true;
	print_place(problem, problem->text);
}

int exit_code_of(enum cpis_verdict verdict)
{
	static const int codes[] = {
		[CPIS_PASS] = CPIS_EXIT_PASS,
		[CPIS_INCOMPLETE] = CPIS_EXIT_INCOMPLETE,
		[CPIS_FAIL] = CPIS_EXIT_FAIL,
	};
	return codes[verdict];
}

int exit_code_when_lost(int code, bool lost)
{
	return lost && code == CPIS_EXIT_PASS ? CPIS_EXIT_INCOMPLETE : code;
}

const char *nearest_word(const char *word, const char *const *candidates, size_t count)
{
	struct near near = near_start(str_of(word));
	for (size_t i = 0; i < count; i++)
		near_offer(&near, candidates[i]);
	return near_best(&near);
}

/* Text on its way to a terminal: lines are broken between words, and go on further in. */
struct bender {
	size_t width, column, indent;
	bool inside; /* the line has a word */
	struct buf word;
};

static struct bender bender;

static size_t columns_of(struct str text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.n; i++)
		count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return count;
}

static void put_word(void)
{
	enum { FURTHER = 2 };
	size_t n = columns_of(buf_view(&bender.word)), start = bender.indent + FURTHER;
	if (n == 0)
		return;
	if (bender.inside && bender.column + 1 + n > bender.width) {
		printf("\n%*s", (int)start, "");
		bender.column = start;
	} else if (bender.inside) {
		putchar(' ');
		bender.column++;
	}
	fwrite(bender.word.p, 1, bender.word.n, stdout);
	bender.column += n;
	bender.inside = true;
	buf_reset(&bender.word);
}

int terminal_bend(void *context, const void *bytes, size_t size)
{
	const char *text = bytes;
	(void)context;
	if (!bender.width) {
		bender.width = terminal_width();
		buf_init(&bender.word, SIZE_MAX / 2);
	}
	for (size_t i = 0; i < size; i++) {
		if (text[i] != ' ' && text[i] != '\n') {
			buf_char(&bender.word, text[i]);
			continue;
		}
		put_word();
		if (text[i] == '\n') {
			putchar('\n');
			bender.column = bender.indent = 0;
			bender.inside = false;
		} else if (!bender.inside) {
			putchar(' ');
			bender.column = ++bender.indent;
		}
	}
	return bender.word.failed || ferror(stdout);
}

void terminal_clear(void)
{
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout);
}

enum { STEP_MS = 100 };

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_progress(void *context, const struct cpis_progress *progress)
{
	struct progress_line *line = context;
	long long now = now_ms();
	line->done = line->done_before + progress->done;
	if (line->results) {
		cpis_results_case_took(line->results, cpis_results_case_count(line->results) - 1,
				       (size_t)(now - line->case_start_ms));
		line->case_start_ms = now;
	}
	if (!line->visible || now < line->next_ms)
		return;
	line->next_ms = now + STEP_MS;
	line->shown = true;
	size_t total = line->done_before + progress->total + line->inputs_left;
	fprintf(stderr, "\r\033[K%zu of %zu done, %zu finding%s", line->done, total,
		progress->findings, progress->findings == 1 ? "" : "s");
	fflush(stderr);
}

static void on_reading(void *context, size_t read, size_t bytes)
{
	struct progress_line *line = context;
	long long now = now_ms();
	if (!line->visible || now < line->next_ms)
		return;
	line->next_ms = now + STEP_MS;
	line->shown = true;
	fprintf(stderr, "\r\033[K%zu done, %zu%% of the next one", line->done, read * 100 / bytes);
	fflush(stderr);
}

void progress_start(struct request *request)
{
	request->progress.visible = !request->quiet && isatty(STDERR_FILENO);
	request->progress.next_ms = now_ms() + STEP_MS;
	request->options.progress = on_progress;
	request->options.reading = on_reading;
	request->options.progress_context = &request->progress;
}

void progress_time_cases(struct request *request, struct cpis_results *results)
{
	request->progress.results = request->fixed_time ? NULL : results;
	request->progress.case_start_ms = now_ms();
}

void progress_next_input(struct request *request, size_t inputs_left)
{
	request->progress.done_before = request->progress.done;
	request->progress.inputs_left = inputs_left;
}

void progress_end(struct request *request)
{
	if (request->progress.shown)
		fputs("\r\033[K", stderr);
	request->progress.shown = false;
}
