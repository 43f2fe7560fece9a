/* What months of messages come to: which children a clinician would not see. */
#include "cli.h"
#include "cpis_service.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 24 * 60 * 60 };

/* A day alone means its end. */
static long long end_of(long long at)
{
	return at && at % DAY_SECONDS == 0 ? at + DAY_SECONDS - 1 : at;
}

/* The report that goes to standard output, or else the first; NULL: none is asked for. */
static const struct report_request *first_report(const struct request *request)
{
	for (size_t i = 0; i < request->report_count; i++)
		if (!request->reports[i].path)
			return &request->reports[i];
	return request->report_count ? &request->reports[0] : NULL;
}

/* The others, in room for all. */
static size_t list_files(const struct request *request, const struct report_request *first,
			 struct cpis_ledger_file *files)
{
	size_t count = 0;
	for (size_t i = 0; i < request->report_count; i++)
		if (&request->reports[i] != first)
			files[count++] = (struct cpis_ledger_file){ request->reports[i].format,
								    request->reports[i].path };
	return count;
}

static int make(struct request *request, const struct cpis_ledger_options *options)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	if (cpis_ledger((const char *const *)request->inputs, request->input_count, options,
			&verdict, &failure) != 0)
		return print_unwritten(&failure, verdict);
	return print_written(request, verdict);
}

int cmd_ledger(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("ledger: name the folder with the messages");
	const struct report_request *report = first_report(request);
	bool is_text = !report || (!report->path && strcmp(report->format, "text") == 0);
	struct cpis_ledger_file *files = calloc(request->report_count + 1, sizeof(*files));
	if (!files)
		return out_of_memory();
	const struct cpis_ledger_options options = {
		.index = request->index,
		.expected = request->expected,
		.at = end_of(request->at),
		.since = request->since,
		.now = request->options.now,
		.fail_on = request->options.fail_on,
		.show_values = request->options.show_values,
		.all = request->every_child,
		.format = report ? report->format : NULL,
		.path = report ? report->path : NULL,
		.files = files,
		.file_count = list_files(request, report, files),
		.quiet = request->quiet && !report,
		.write = is_text && terminal_width() ? terminal_bend : NULL,
		.problem = print_problem,
	};
	int code = make(request, &options);
	free(files);
	return code;
}
