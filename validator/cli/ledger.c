/* What months of messages come to: which children a clinician would not see. */
#include "cli.h"
#include "cpis_service.h"

#include <string.h>

enum { DAY_SECONDS = 24 * 60 * 60 };

/* A day alone means its end. */
static long long end_of(long long at)
{
	return at && at % DAY_SECONDS == 0 ? at + DAY_SECONDS - 1 : at;
}

int cmd_ledger(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("ledger: name the folder with the messages");
	const struct report_request *report = request->report_count ? &request->reports[0] : NULL;
	bool is_text = !report || (!report->path && strcmp(report->format, "text") == 0);
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
		.quiet = request->quiet && !report,
		.write = is_text && terminal_width() ? terminal_bend : NULL,
		.problem = print_problem,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	if (cpis_ledger((const char *const *)request->inputs, request->input_count, &options,
			&verdict, &failure) != 0)
		return print_unwritten(&failure, verdict);
	return print_written(request, verdict);
}
