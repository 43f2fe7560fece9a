#include "command.h"

/* Rules that the cases of this run have not put to the test. */
static void print_coverage(const struct cpis_results *results, FILE *out)
{
	size_t count = cpis_rule_count(), never = 0, unbroken = 0;
	struct cpis_rule_result rule;
	for (size_t i = 0; i < count && cpis_results_rule(results, i, &rule, sizeof(rule)) == 0;
	     i++) {
		never += !rule.judged;
		unbroken += rule.judged && !rule.failed;
	}
	fprintf(out,
		"\nCoverage: of %zu rules, %zu were judged by some case, and %zu of these failed "
		"in "
		"one\n",
		count, count - never, count - never - unbroken);
	static const char *const headings[] = { "Never exercised:", "Judged, and never failed:" };
	for (int failed = 0; failed < 2; failed++) {
		if (failed ? unbroken : never)
			fprintf(out, "\n%s\n", headings[failed]);
		for (size_t i = 0;
		     i < count && cpis_results_rule(results, i, &rule, sizeof(rule)) == 0; i++)
			if (failed ? rule.judged && !rule.failed : !rule.judged)
				fprintf(out, "  %-8s %s\n", rule.rule, rule.title);
	}
}

static void tell_stale(void *context, const struct cpis_failure *stale)
{
	(void)context;
	tell_failure(stale);
}

/* After all packs: keep what was noted, or say which entries nothing has met. */
static int close_baseline(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_baseline *baseline = request->pack.baseline;
	if (baseline && request->update_baseline && cpis_baseline_write(baseline, &failure) != 0)
		return tell_failure(&failure);
	if (baseline)
		cpis_baseline_stale(baseline, tell_stale, NULL);
	return 0;
}

static void tell_pack_problem(void *context, const struct cpis_failure *problem)
{
	progress_end(context);
	tell_failure(problem);
}

static int write_bundle(struct request *request, struct cpis_bundle *bundle,
			const struct cpis_results *results)
{
	struct cpis_failure failure;
	const struct cpis_bundle_options options = {
		.path = request->bundle,
		.digests_only = request->bundle_digests,
		.key = request->key,
		.packs = request->inputs,
		.pack_count = request->input_count,
		.pack = &request->pack,
		.profile = request->profile,
		.baseline = request->baseline,
	};
	if (cpis_bundle_write(bundle, results, &options, &failure) == 0)
		return 0;
	return tell_failure(&failure);
}

static int run_packs(struct request *request, struct cpis_bundle *bundle)
{
	struct cpis_failure failure;
	int code = CPIS_EXIT_USAGE;
	progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	request->pack.problem = tell_pack_problem;
	request->pack.context = request;
	for (size_t i = 0; i < request->input_count; i++) {
		progress_next_input(request, request->input_count - i - 1);
		if (cpis_run_pack(results, request->inputs[i], &request->pack, &failure) == 0)
			continue;
		progress_end(request);
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	progress_end(request);
	if (request->pack.only_count && cpis_results_selected_count(results) == 0) {
		cpis_results_free(results);
		return tell_usage(
			"run: --only selects no case: cpis lint tells whether the pack is "
			"in order, its file which tags and ids there are");
	}
	code = close_baseline(request);
	if (code == 0 && bundle)
		code = write_bundle(request, bundle, results);
	if (code != 0) {
		cpis_results_free(results);
		return code;
	}
	return close_results(request, results);
}

static int run_with_baseline(struct request *request, struct cpis_bundle *bundle)
{
	struct cpis_failure failure;
	if (request->baseline && cpis_baseline_open(&request->pack.baseline, request->baseline,
						    request->update_baseline, &failure) != 0)
		return tell_failure(&failure);
	request->after_report = request->coverage ? print_coverage : NULL;
	int code = run_packs(request, bundle);
	cpis_baseline_free(request->pack.baseline);
	return code;
}

int cmd_run(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count == 0)
		return tell_usage("run: name a pack");
	if (request->update_baseline && !request->baseline)
		return tell_usage("run: --update-baseline wants the --baseline that it makes");
	if ((request->key || request->bundle_digests) && !request->bundle)
		return tell_usage(
			"run: --key and --bundle-messages want the --bundle that they are for");
	if (request->bundle && request->update_baseline)
		return tell_usage("run: a bundle is made with a baseline that stands: first "
				  "--update-baseline, then --bundle");
	struct cpis_bundle *bundle = NULL;
	if (request->bundle && cpis_bundle_new(&bundle, &failure) != 0)
		return tell_failure(&failure);
	int code = run_with_baseline(request, bundle);
	cpis_bundle_free(bundle);
	return code;
}
