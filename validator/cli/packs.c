/* Packs themselves: their mistakes, and the faults that they would not catch. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

enum { YEARS = 10 };

static const long long year_seconds = 31556952; /* on average */

/* The outcomes of a pack's cases in some years' time, without evidence. NULL: see *failure. */
static struct cpis_results *run_later(const struct request *request, const char *path, int years,
				      struct cpis_failure *failure)
{
	struct cpis_results *results;
	struct cpis_options options = request->options;
	options.now += years * year_seconds;
	if (cpis_results_new(&results, &options, failure) != 0)
		return NULL;
	if (cpis_run_pack(results, path, &request->pack, failure) == 0)
		return results;
	cpis_results_free(results);
	return NULL;
}

/* The next case from *index on with another outcome than today. */
static bool next_changed(const struct cpis_results *today, const struct cpis_results *later,
			 size_t *index, struct cpis_case *was, struct cpis_case *is)
{
	size_t count = cpis_results_case_count(today);
	for (; *index < count; ++*index)
		if (cpis_results_case(today, *index, was, sizeof(*was)) == 0 &&
		    cpis_results_case(later, *index, is, sizeof(*is)) == 0 &&
		    was->outcome != is->outcome)
			return true;
	return false;
}

/* Name the cases that were not named before. */
static void print_changed(const struct cpis_results *today, const struct cpis_results *later,
			  int years, bool *named)
{
	struct cpis_case was, is;
	for (size_t i = 0; next_changed(today, later, &i, &was, &is); i++) {
		if (named[i])
			continue;
		named[i] = true;
		print(stderr,
		      "%s:%zu: warning: case %s: the outcome is \"%s\" today and \"%s\" in %d "
		      "year%s, because of the date alone\n",
		      was.file ? was.file : was.pack, was.line, was.id,
		      cpis_outcome_name(was.outcome), cpis_outcome_name(is.outcome), years,
		      years == 1 ? "" : "s");
	}
}

/* Warn of cases whose outcome changes with time: such a pack would come to fail good systems. */
static int warn_of_age(const struct request *request, const char *path,
		       struct cpis_failure *failure)
{
	struct cpis_results *today = run_later(request, path, 0, failure);
	struct cpis_results *last = today ? run_later(request, path, YEARS, failure) : NULL;
	bool *named = last ? calloc(cpis_results_case_count(today) + 1, sizeof(*named)) : NULL;
	struct cpis_case was, is;
	size_t first = 0;
	int status = named ? 0 : -1;
	if (last && !named)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
	if (named && next_changed(today, last, &first, &was, &is))
		for (int years = 1; status == 0 && years <= YEARS; years++) {
			struct cpis_results *later = run_later(request, path, years, failure);
			status = later ? 0 : -1;
			if (later)
				print_changed(today, later, years, named);
			cpis_results_free(later);
		}
	free(named);
	cpis_results_free(last);
	cpis_results_free(today);
	return status;
}

static void print_aging(void *context, const struct cpis_failure *warning)
{
	(void)context;
	print(stderr, "%s:%zu: warning: %s\n", warning->file, warning->line, warning->text);
}

/* The same of cases over evidence, which is not there. */
static int warn_of_fixed_times(const struct request *request, const char *path,
			       struct cpis_failure *failure)
{
	const long long now = request->options.now;
	return cpis_lint_pack_age(path, now, now + YEARS * year_seconds, print_aging, NULL,
				  failure);
}

int cmd_lint(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("lint: name a pack, or another file that you wrote for cpis");
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		const char *path = request->inputs[i];
		const char *format;
		if (cpis_lint(path, &format, print_problem, NULL, &failure) == 0 &&
		    (strcmp(format, "pack") != 0 ||
		     (warn_of_age(request, path, &failure) == 0 &&
		      warn_of_fixed_times(request, path, &failure) == 0))) {
			if (!request->quiet)
				print(stdout, "%s: no problems found\n", path);
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
