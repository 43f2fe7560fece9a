/* validate --watch: look at the inputs a few times a second, and run again when one has changed. */
#include "cli.h"

#include "base/inputs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DEEPEST = 32, LOOK_MS = 250 };

/* What the files look like: changes when one is written, made or removed. */
static unsigned long long add_to(unsigned long long sum, unsigned long long value)
{
	return (sum ^ value) * 0x100000001b3u;
}

static unsigned long long look_at(const char *path, unsigned depth);

static unsigned long long look_into(const char *folder, unsigned depth)
{
	unsigned long long sum = 0;
	DIR *entries = depth < DEEPEST ? opendir(folder) : NULL;
	for (const struct dirent *entry; entries && (entry = readdir(entries));) {
		char *path = NULL;
		if (entry->d_name[0] == '.' || asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
			continue;
		/* In any order. */
		sum += look_at(path, depth + 1);
		free(path);
	}
	if (entries)
		closedir(entries);
	return sum;
}

static unsigned long long look_at(const char *path, unsigned depth)
{
	struct stat info;
	unsigned long long sum = 0xcbf29ce484222325u;
	for (const char *p = path; *p; p++)
		sum = add_to(sum, (unsigned char)*p);
	if (stat(path, &info) != 0)
		return sum;
	sum = add_to(sum, (unsigned long long)info.st_size);
	sum = add_to(sum, (unsigned long long)info.st_mtim.tv_sec);
	sum = add_to(sum, (unsigned long long)info.st_mtim.tv_nsec);
	sum = add_to(sum, (unsigned long long)info.st_ino);
	return S_ISDIR(info.st_mode) ? look_into(path, depth) : sum;
}

static void add_option(void *context, const struct option *option, const char *path)
{
	unsigned long long *sum = context;
	(void)option;
	*sum += look_at(path, 0);
}

static unsigned long long look(const struct request *request)
{
	unsigned long long sum = 0;
	for (size_t i = 0; i < request->input_count; i++)
		sum += look_at(request->inputs[i], 0);
	options_each_path(request, add_option, &sum);
	return sum;
}

int watch_inputs(struct request *request, int (*run)(struct request *request))
{
	const struct timespec pause = { 0, LOOK_MS * 1000000L };
	if (request->ci)
		return usage_error("ci: --watch cannot be used: a pipeline would never end");
	for (size_t i = 0; i < request->input_count; i++)
		if (strcmp(request->inputs[i], "-") == 0)
			return usage_error("validate: --watch needs files: standard input is read "
					   "only once");
	if (request->update_baseline)
		return usage_error("validate: --watch and --update-baseline cannot be used "
				   "together");
	for (;;) {
		unsigned long long before = look(request);
		request->progress = (struct progress_line){ .results = NULL };
		if (!request->fixed_time)
			request->options.now = (long long)time(NULL);
		terminal_clear();
		inputs_follow();
		run(request);
		if (!request->quiet)
			print(stderr, "cpis: watching for changes; press Ctrl+C to stop\n");
		fflush(stdout);
		/* Written again a moment later, by many editors. */
		while (look(request) == before)
			nanosleep(&pause, NULL);
		nanosleep(&pause, NULL);
	}
}
