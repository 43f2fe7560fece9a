#include "command.h"

int cmd_lint(struct request *request)
{
	if (request->input_count == 0)
		return tell_usage("lint: name a pack");
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		if (cpis_lint_pack(request->inputs[i], tell_problem, NULL, &failure) == 0) {
			if (!request->quiet)
				printf("%s: nothing is wrong\n", request->inputs[i]);
			continue;
		}
		code = tell_failure(&failure);
	}
	return code;
}
