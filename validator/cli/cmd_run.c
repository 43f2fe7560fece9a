#include "command.h"

int cmd_run(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	if (request->input_count == 0)
		return tell_usage("run: name a pack");
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	request->pack.problem = tell_problem;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		if (cpis_run_pack(results, request->inputs[i], &request->pack, &failure) == 0)
			continue;
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	return close_results(request, results);
}
