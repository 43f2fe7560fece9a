/* Test packs, run. */
#include "cli.h"

#include <string.h>

/* The rules that no case of this run exercised. */
static void print_coverage(const struct cpis_results *results, FILE *out)
{
	size_t count = cpis_rule_count(), never = 0, unbroken = 0;
	struct cpis_rule_result rule;
	for (size_t i = 0; i < count && cpis_results_rule(results, i, &rule, sizeof(rule)) == 0;
	     i++) {
		never += !rule.judged;
		unbroken += rule.judged && !rule.failed;
	}
	print(out,
	      "\nCoverage: the cases exercised %zu of %zu rules; %zu of them failed at least "
	      "once\n",
	      count - never, count, count - never - unbroken);
	static const char *const headings[] = { "Not exercised:", "Exercised, but never failed:" };
	for (int failed = 0; failed < 2; failed++) {
		if (failed ? unbroken : never)
			print(out, "\n%s\n", headings[failed]);
		for (size_t i = 0;
		     i < count && cpis_results_rule(results, i, &rule, sizeof(rule)) == 0; i++)
			if (failed ? rule.judged && !rule.failed : !rule.judged)
				print(out, "  %-8s %s\n", rule.rule, rule.title);
	}
}

static int close_baseline(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_baseline *baseline = request->pack.baseline;
	if (baseline && request->update_baseline && cpis_baseline_write(baseline, &failure) != 0)
		return print_failure(&failure);
	if (baseline)
		cpis_baseline_stale(baseline, print_problem, NULL);
	return 0;
}

int settle_run(struct request *request, struct cpis_bundle *bundle, struct cpis_results *results)
{
	int code = outputs_check_read(request);
	if (code) {
		cpis_results_free(results);
		return code;
	}
	bool lost = request->lost;
	request->lost = false;
	lost = close_baseline(request) != 0 || lost;
	code = bundle ? write_bundle(request, bundle, results) : CPIS_EXIT_PASS;
	if (code == CPIS_EXIT_USAGE) {
		cpis_results_free(results);
		return code;
	}
	return close_results(request, results, lost || code != CPIS_EXIT_PASS);
}

static void print_pack_problem(void *context, const struct cpis_failure *problem)
{
	progress_end(context);
	print_problem(NULL, problem);
}

static int run_packs(struct request *request, struct cpis_bundle *bundle)
{
	struct cpis_failure failure;
	int code = CPIS_EXIT_USAGE;
	progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	progress_time_cases(request, results);
	request->pack.only = request->only.items;
	request->pack.only_count = request->only.count;
	request->pack.skip = request->skip.items;
	request->pack.skip_count = request->skip.count;
	request->pack.beside = request->inputs;
	request->pack.beside_count = request->input_count;
	request->pack.problem = print_pack_problem;
	request->pack.context = request;
	for (size_t i = 0; i < request->input_count; i++) {
		progress_next_input(request, request->input_count - i - 1);
		if (cpis_run_pack(results, request->inputs[i], &request->pack, &failure) == 0)
			continue;
		progress_end(request);
		cpis_results_free(results);
		return print_failure(&failure);
	}
	progress_end(request);
	if (request->pack.skip_count && !request->pack.only_count &&
	    cpis_results_selected_count(results) == 0) {
		cpis_results_free(results);
		return usage_error("run: --skip leaves out every case: nothing would be run");
	}
	if (request->pack.only_count && cpis_results_selected_count(results) == 0) {
		cpis_results_free(results);
		return usage_error(
			"run: --only selects no case: check the tags and ids in the pack");
	}
	if (request->pack.waivers &&
	    cpis_results_close_waivers(results, request->pack.waivers, &failure) != 0) {
		cpis_results_free(results);
		return print_failure(&failure);
	}
	return settle_run(request, bundle, results);
}

/* With the findings that are accepted. */
static int run_with_policy(struct request *request, struct cpis_bundle *bundle)
{
	struct cpis_failure failure;
	if (request->waivers &&
	    cpis_waivers_open(&request->pack.waivers, request->waivers, &failure) != 0)
		return print_failure(&failure);
	if (request->baseline && cpis_baseline_open(&request->pack.baseline, request->baseline,
						    request->update_baseline, &failure) != 0) {
		cpis_waivers_free(request->pack.waivers);
		return print_failure(&failure);
	}
	request->after_report = request->coverage ? print_coverage : NULL;
	int code = run_packs(request, bundle);
	cpis_baseline_free(request->pack.baseline);
	cpis_waivers_free(request->pack.waivers);
	return code;
}

static bool names_supplier(const struct request *request)
{
	for (size_t i = 0; i < request->meta.count; i++)
		if (strncmp(request->meta.items[i], "supplier=", strlen("supplier=")) == 0)
			return true;
	return false;
}

int cmd_run(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count == 0)
		return usage_error("run: name a pack");
	if (request->update_baseline && !request->baseline)
		return usage_error("run: --update-baseline needs --baseline");
	if (!request->pack.evidence && names_supplier(request))
		print_warning("run: --meta supplier is given, but no --evidence: the results say "
			      "nothing about that supplier");
	if ((request->key || request->bundle_messages) && !request->bundle)
		return usage_error("run: --key and --bundle-messages need --bundle");
	if (request->bundle && request->update_baseline)
		return usage_error("run: --bundle and --update-baseline cannot be used together: "
				   "update the baseline first");
	if (request->bundle && !known_format("html", strlen("html")))
		return usage_error("run: --bundle needs the HTML report, which this build of cpis "
				   "does not have");
	struct cpis_bundle *bundle = NULL;
	if (request->bundle && cpis_bundle_new(&bundle, &failure) != 0)
		return print_failure(&failure);
	int code = run_with_policy(request, bundle);
	cpis_bundle_free(bundle);
	return code;
}
