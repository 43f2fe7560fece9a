/* Packs themselves: their mistakes, and the faults that they would not catch. */
#include "cli.h"

#include <string.h>

/* A file of scenarios has a key of that name at the top; a pack has none. */
static bool is_of_scenarios(const char *path)
{
	char line[256];
	bool found = false;
	FILE *file = fopen(path, "r");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "scenarios:", strlen("scenarios:")) == 0;
	if (file)
		fclose(file);
	return found;
}

static int lint_one(const char *path, struct cpis_failure *failure)
{
	return is_of_scenarios(path) ? cpis_lint_scenarios(path, print_problem, NULL, failure)
				     : cpis_lint_pack(path, print_problem, NULL, failure);
}

int cmd_lint(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("lint: name a pack");
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		if (lint_one(request->inputs[i], &failure) == 0) {
			if (!request->quiet)
				print(stdout, "%s: no problems found\n", request->inputs[i]);
			continue;
		}
		code = print_failure(&failure);
	}
	return code;
}

static void print_survivor(void *context, const struct cpis_mutant *mutant)
{
	const struct request *request = context;
	if (!request->quiet)
		print(stdout, "%s: %s:%zu: not caught: %s %s\n", mutant->case_id, mutant->file,
		      mutant->line, mutant->change, mutant->path);
}

static void print_score(const char *pack, const struct cpis_mutation_score *score)
{
	/* Tenths of a percent, rounded down: 100 means all. */
	size_t tenths = score->noticed * 1000 / score->mutants;
	print(stdout,
	      "%s: mutation score %zu.%zu%%: %zu of %zu faults in %zu good message%s were "
	      "caught\n",
	      pack, tenths / 10, tenths % 10, score->noticed, score->mutants, score->messages,
	      score->messages == 1 ? "" : "s");
}

int cmd_mutate(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("mutate: name a pack");
	const struct cpis_mutate_options options = {
		.now = request->options.now,
		.survived = print_survivor,
		.problem = NULL,
		.context = request,
	};
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_mutation_score score;
		struct cpis_failure failure;
		if (cpis_mutate_pack(request->inputs[i], &options, &score, &failure) != 0)
			return print_failure(&failure);
		if (!score.mutants)
			return usage_error("mutate: %s has no good messages of its own to change",
					   request->inputs[i]);
		print_score(request->inputs[i], &score);
		if (score.noticed * 100 < score.mutants * request->min_score)
			code = CPIS_EXIT_FAIL;
	}
	return code;
}
