#include "command.h"

int cmd_validate(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	bool pair = request->pair_request && request->pair_response;
	if (!pair && (request->pair_request || request->pair_response))
		return tell_usage("validate: --request and --response are given together");
	if (request->input_count == 0 && !pair)
		return tell_usage("validate: name a file, a folder, or - for standard input");
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
		if (cpis_validate(results, request->inputs[i], &failure) == 0)
			continue;
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	return close_results(request, results);
}
