#include "command.h"

int cmd_validate(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	bool pair = request->pair_request && request->pair_response;
	if (!pair && (request->pair_request || request->pair_response))
		return tell_usage("validate: --request and --response are given together");
	if (request->input_count == 0 && !pair)
		return tell_usage("validate: name a file, a folder, or - for standard input");
	progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	struct cpis_failure failure;
	if (pair && cpis_validate_pair(results, request->pair_request, request->pair_response,
				       &failure) != 0) {
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	for (size_t i = 0; i < request->input_count; i++) {
		progress_next_input(request, request->input_count - i - 1);
		if (cpis_validate(results, request->inputs[i], &failure) == 0)
			continue;
		progress_end(request);
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	progress_end(request);
	return close_results(request, results);
}
