#include "command.h"

static void tell_survivor(void *context, const struct cpis_mutant *mutant)
{
	const struct request *request = context;
	if (!request->quiet)
		printf("%s: %s:%zu: nobody notices: %s %s\n", mutant->case_id, mutant->file,
		       mutant->line, mutant->change, mutant->path);
}

static void print_score(const char *pack, const struct cpis_mutation_score *score)
{
	/* Tenths of a percent, downwards: 100 means all. */
	size_t tenths = score->noticed * 1000 / score->mutants;
	printf("%s: mutation score %zu.%zu %%: %zu of %zu changes to %zu good message%s are "
	       "noticed\n",
	       pack, tenths / 10, tenths % 10, score->noticed, score->mutants, score->messages,
	       score->messages == 1 ? "" : "s");
}

int cmd_mutate(struct request *request)
{
	if (request->input_count == 0)
		return tell_usage("mutate: name a pack");
	const struct cpis_mutate_options options = {
		.now = request->options.now,
		.survived = tell_survivor,
		.problem = NULL,
		.context = request,
	};
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_mutation_score score;
		struct cpis_failure failure;
		if (cpis_mutate_pack(request->inputs[i], &options, &score, &failure) != 0)
			return tell_failure(&failure);
		if (!score.mutants)
			return tell_usage("mutate: %s has no good message of its own to change",
					  request->inputs[i]);
		print_score(request->inputs[i], &score);
		if (score.noticed * 100 < score.mutants * request->min_score)
			code = CPIS_EXIT_FAIL;
	}
	return code;
}
