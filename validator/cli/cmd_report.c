/* Runs that were kept: shown again, joined, compared. */
#include "command.h"

int cmd_report(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_results *results = NULL;
	if (request->input_count != 1)
		return tell_usage("report: name one results document; cpis merge joins several");
	int code = check_reports(request);
	if (code)
		return code;
	if (cpis_results_read(&results, request->inputs, 1, &failure) != 0)
		return tell_failure(&failure);
	return close_results(request, results);
}

int cmd_merge(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_results *results = NULL;
	if (request->input_count == 0)
		return tell_usage("merge: name the results documents of the shards");
	int code = check_reports(request);
	if (code)
		return code;
	if (cpis_results_read(&results, request->inputs, request->input_count, &failure) != 0)
		return tell_failure(&failure);
	/* One document stays as it was; what joins several is a run of this command. */
	if (request->input_count > 1 && note_command(request, results, &failure) != 0) {
		cpis_results_free(results);
		return tell_failure(&failure);
	}
	return close_results(request, results);
}

int cmd_diff(struct request *request)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_PASS;
	const char *format = request->quiet ? NULL : "text", *path = NULL;
	if (request->input_count != 2)
		return tell_usage("diff: name two results documents, the earlier one first");
	if (request->report_count > 1)
		return tell_usage("diff: one --report is all there is room for");
	if (request->report_count) {
		format = request->reports[0].format;
		path = request->reports[0].path;
	}
	if (cpis_results_diff(request->inputs[0], request->inputs[1], format, path, &verdict,
			      &failure) != 0)
		return tell_failure(&failure);
	return verdict == CPIS_PASS ? CPIS_EXIT_PASS : CPIS_EXIT_FAIL;
}
