#include "command.h"

int cmd_validate(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	if (request->input_count == 0)
		return tell_usage("validate: name a file, a folder, or - for standard input");
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		if (cpis_validate(results, request->inputs[i], &failure) == 0)
			continue;
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	return close_results(request, results);
}
