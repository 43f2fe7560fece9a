/* Several files side by side: the records of two, or the results of two runs or of many. */
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cmd_compare(struct request *request)
{
	if (request->input_count != 2)
		return usage_error("compare: name two files, the expected records first: each is "
				   "a data set or a message");
	const struct cpis_compare_options options = {
		.contains = request->contains,
		.show_values = request->options.show_values,
		.format = request->report_count ? request->reports[0].format : NULL,
		.path = request->report_count ? request->reports[0].path : NULL,
		.quiet = request->quiet && !request->report_count,
		.keyed = request->keyed,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	if (cpis_compare(request->inputs[0], request->inputs[1], &options, &verdict, &failure) != 0)
		return print_unwritten(&failure, verdict);
	return print_written(request, verdict);
}

/* Two messages of one system: the records that were added, changed and removed. */
static int diff_messages(struct request *request)
{
	const char *format = request->report_count ? request->reports[0].format : "text";
	bool text = strcmp(format, "text") == 0;
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	if (!text && strcmp(format, "json") != 0)
		return usage_error("diff: the difference of two messages is written as text or "
				   "json, not as %s",
				   format);
	const struct cpis_compare_options options = {
		.show_values = request->options.show_values,
		.format = text ? "changes" : format,
		.exact_times = 1,
		.path = request->report_count ? request->reports[0].path : NULL,
		.quiet = request->quiet && !request->report_count,
	};
	if (cpis_compare(request->inputs[0], request->inputs[1], &options, &verdict, &failure) != 0)
		return print_unwritten(&failure, verdict);
	return print_written(request, verdict);
}

/* Each must be what the other is; else the one that is neither is to blame. 0, or the exit code
 * after an error was printed. */
static int check_kinds(const struct request *request)
{
	bool message[2];
	for (size_t i = 0; i < 2; i++) {
		const char *path = request->inputs[i];
		struct stat status;
		FILE *file = file_open_regular(path);
		bool opened = file != NULL;
		if (stat(path, &status) != 0)
			return usage_error("%s: %s", path, strerror(errno));
		if (opened)
			fclose(file);
		if (!opened && access(path, R_OK) != 0)
			return usage_error("%s: cannot be read: %s", path, strerror(errno));
		if (opened && status.st_size == 0)
			return usage_error("%s: the file is empty: name two results files or two "
					   "messages",
					   path);
		message[i] = file_may_be_message(path);
	}
	if (message[0] != message[1])
		return usage_error("diff: %s is a message, and %s is not: name two messages or two "
				   "results files",
				   request->inputs[message[0] ? 0 : 1],
				   request->inputs[message[0] ? 1 : 0]);
	return 0;
}

int cmd_diff(struct request *request)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	const char *format = request->quiet ? NULL : "text", *path = NULL;
	if (request->input_count != 2)
		return usage_error("diff: name two results files or two messages, the earlier one "
				   "first");
	int code = check_kinds(request);
	if (code)
		return code;
	if (file_may_be_message(request->inputs[0]))
		return diff_messages(request);
	if (request->report_count) {
		format = request->reports[0].format;
		path = request->reports[0].path;
	}
	if (cpis_results_diff(request->inputs[0], request->inputs[1], format, path, &verdict,
			      &failure) != 0)
		return print_unwritten(&failure, verdict);
	return print_written(request, verdict);
}

struct damaged {
	size_t count;
};

static void on_damaged(void *context, const struct cpis_failure *problem)
{
	struct damaged *damaged = context;
	damaged->count++;
	print_problem(NULL, problem);
}

int cmd_index(struct request *request)
{
	struct cpis_failure failure;
	struct damaged damaged = { 0 };
	if (request->input_count != 1)
		return usage_error("index: name one folder with results files");
	if (!request->report_count || !request->reports[0].path)
		return usage_error("index: say where the site goes: --report html=FOLDER");
	const char *site = request->reports[0].path;
	if (cpis_results_index(request->inputs[0], site, on_damaged, &damaged, &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		print(stdout, "The site is in %s: open index.html.\n", site);
	return damaged.count ? CPIS_EXIT_INCOMPLETE : CPIS_EXIT_PASS;
}
