/* Which part of a run this process judges: as the command line says, or the engine that started it.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHARDS = 1000000 };

/* Digits alone, from least on. */
static bool read_number(const char *text, size_t n, unsigned long long least,
			unsigned long long *number)
{
	char digits[21];
	if (n == 0 || n >= sizeof(digits) || strspn(text, "0123456789") < n)
		return false;
	memcpy(digits, text, n);
	digits[n] = '\0';
	errno = 0;
	*number = strtoull(digits, NULL, 10);
	return errno == 0 && *number >= least;
}

static int set(struct request *request, unsigned long long number, unsigned long long of)
{
	request->options.shard = (size_t)number;
	request->options.shards = (size_t)of;
	return 0;
}

static int take_words(struct request *request)
{
	const char *text = request->shard, *slash = strchr(text, '/');
	unsigned long long number, of;
	if (!slash || !read_number(text, (size_t)(slash - text), 1, &number) ||
	    !read_number(slash + 1, strlen(slash + 1), 1, &of))
		return usage_error("--shard %s: must be I/N, such as 3/7, or auto", text);
	if (of > MOST_SHARDS)
		return usage_error("--shard %s: there can be %d parts at most", text, MOST_SHARDS);
	if (number > of)
		return usage_error("--shard %s: there is no part %llu of %llu", text, number, of);
	return set(request, number, of);
}

/*
 * What an engine says in the environment: the number of this task; how many there are, or the last
 * one; the first one, and the step from one to the next.
 */
static const struct engine {
	const char *name, *task, *count, *last, *first, *step;
	unsigned long long usual_first;
	const char *advice; /* where the number of tasks is missing */
} engines[] = {
	{ "Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", NULL, "SLURM_ARRAY_TASK_MIN",
	  "SLURM_ARRAY_TASK_STEP", 0, "run it as a job array" },
	{ "Kubernetes", "JOB_COMPLETION_INDEX", "JOB_COMPLETION_COUNT", NULL, NULL, NULL, 0,
	  "set it to the completions of the Job in the environment of the container" },
	{ "SGE", "SGE_TASK_ID", NULL, "SGE_TASK_LAST", "SGE_TASK_FIRST", "SGE_TASK_STEPSIZE", 1,
	  "run it as an array job" },
};

/* The value of a variable, or usual where it has no name. Errors name it. */
static int read_variable(const char *name, const char *usual_text, unsigned long long *number)
{
	const char *value = name ? getenv(name) : NULL;
	value = value && *value ? value : usual_text;
	if (!value)
		return usage_error("--shard auto: %s is not set", name);
	if (!read_number(value, strlen(value), 0, number))
		return usage_error("--shard auto: %s is \"%s\", which is not a number", name,
				   value);
	return 0;
}

static int take_engine(struct request *request, const struct engine *engine)
{
	unsigned long long task = 0, first = 0, step = 0, of = 0, last;
	const char *total = engine->count ? engine->count : engine->last;
	const char *said = getenv(total);
	if (!said || !*said)
		return usage_error("--shard auto: %s says task %s, but %s is not set: %s",
				   engine->name, getenv(engine->task), total, engine->advice);
	if (read_variable(engine->task, NULL, &task) || read_variable(total, NULL, &of) ||
	    read_variable(engine->first, engine->usual_first ? "1" : "0", &first) ||
	    read_variable(engine->step, "1", &step))
		return CPIS_EXIT_USAGE;
	last = of;
	if (step == 0 || task < first || (engine->last && (last < first || task > last)) ||
	    (task - first) % step)
		return usage_error("--shard auto: %s is %llu, which is not a task of this array",
				   engine->task, task);
	if (engine->last)
		of = (last - first) / step + 1;
	if (of == 0 || of > MOST_SHARDS || (task - first) / step >= of)
		return usage_error("--shard auto: %s is %llu, but there are %llu tasks",
				   engine->task, task, of);
	return set(request, (task - first) / step + 1, of);
}

/* An array of Slurm that began with another number than 0 must say with which. */
static int take_environment(struct request *request)
{
	const struct engine *found = NULL;
	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		const char *task = getenv(engines[i].task);
		/* SGE says "undefined" in jobs that are not arrays. */
		if (!task || !*task || strcmp(task, "undefined") == 0)
			continue;
		if (found)
			return usage_error("--shard auto: both %s and %s are set: give --shard I/N",
					   found->task, engines[i].task);
		found = &engines[i];
	}
	if (!found)
		return usage_error("--shard auto: none of SLURM_ARRAY_TASK_ID, "
				   "JOB_COMPLETION_INDEX and SGE_TASK_ID is set");
	return take_engine(request, found);
}

int shard_take(struct request *request)
{
	if (!request->shard)
		return request->resume ? set(request, 1, 1) : 0;
	return strcmp(request->shard, "auto") == 0 ? take_environment(request)
						   : take_words(request);
}
