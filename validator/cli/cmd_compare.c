#include "command.h"

int cmd_compare(struct request *request)
{
	if (request->input_count != 2)
		return tell_usage("compare: name what is expected and what was found, each a data "
				  "set or a message");
	if (request->report_count > 1)
		return tell_usage("compare: one --report is all there is room for");
	const struct cpis_compare_options options = {
		.contains = request->contains,
		.show_values = request->options.show_values,
		.format = request->report_count ? request->reports[0].format : NULL,
		.path = request->report_count ? request->reports[0].path : NULL,
		.quiet = request->quiet && !request->report_count,
		.problem = NULL,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	if (cpis_compare(request->inputs[0], request->inputs[1], &options, &verdict, &failure) != 0)
		return tell_failure(&failure);
	return verdict == CPIS_PASS ? CPIS_EXIT_PASS : CPIS_EXIT_FAIL;
}
