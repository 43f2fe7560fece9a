/* A line on the terminal that says how far a long run has come; never in a pipe. */
#include "command.h"

#include <time.h>
#include <unistd.h>

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
	if (now < line->next_ms)
		return;
	line->next_ms = now + STEP_MS;
	line->shown = true;
	size_t total = line->done_before + progress->total + line->inputs_left;
	fprintf(stderr, "\r\033[K%zu of %zu done, %zu finding%s", line->done, total,
		progress->findings, progress->findings == 1 ? "" : "s");
	fflush(stderr);
}

void progress_start(struct request *request)
{
	if (request->quiet || !isatty(STDERR_FILENO))
		return;
	request->progress.next_ms = now_ms() + STEP_MS;
	request->options.progress = on_progress;
	request->options.progress_context = &request->progress;
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
