/* What months of messages come to: which children a clinician would not see. */
#include "cli.h"

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
	const struct cpis_ledger_options options = {
		.index = request->index,
		.expected = request->expected,
		.at = end_of(request->at),
		.since = request->since,
		.now = request->options.now,
		.fail_on = request->options.fail_on,
		.show_values = request->options.show_values,
		.all = request->every_child,
		.format = request->report_count ? request->reports[0].format : NULL,
		.path = request->report_count ? request->reports[0].path : NULL,
		.quiet = request->quiet && !request->report_count,
		.problem = print_problem,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	if (cpis_ledger((const char *const *)request->inputs, request->input_count, &options,
			&verdict, &failure) != 0)
		return print_failure(&failure);
	return exit_code_of(verdict);
}
