/* From a request to results, and from results to the reports asked for. */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int note_command(struct request *request, struct cpis_results *results,
		 struct cpis_failure *failure)
{
	if (cpis_results_command_word(results, "cpis", failure) != 0)
		return -1;
	for (int i = 1; i < request->argc; i++)
		if (cpis_results_command_word(results, request->argv[i], failure) != 0)
			return -1;
	return 0;
}

static int note_request(struct request *request, struct cpis_results *results,
			struct cpis_failure *failure)
{
	for (size_t i = 0; i < request->meta_count; i++) {
		char name[64];
		const char *equals = strchr(request->meta[i], '=');
		snprintf(name, sizeof(name), "%.*s", (int)(equals - request->meta[i]),
			 request->meta[i]);
		if (cpis_results_meta(results, name, equals + 1, failure) != 0)
			return -1;
	}
	return note_command(request, results, failure);
}

int check_reports(struct request *request)
{
	size_t to_stdout = 0;
	for (size_t i = 0; i < request->report_count; i++)
		to_stdout += request->reports[i].path == NULL;
	if (to_stdout > 1)
		return tell_usage(
			"only one --report may go to standard output: name files for the others");
	return 0;
}

struct cpis_results *open_results(struct request *request, int *code)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	int refused = check_reports(request);
	if (refused) {
		*code = refused;
		return NULL;
	}
	if (cpis_results_new(&results, &request->options, &failure) != 0 ||
	    note_request(request, results, &failure) != 0 ||
	    (request->profile &&
	     cpis_results_profile(results, request->profile, tell_problem, NULL, &failure) != 0)) {
		*code = tell_failure(&failure);
		cpis_results_free(results);
		return NULL;
	}
	return results;
}

static bool wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term &&
	       strcmp(term, "dumb") != 0;
}

int close_results(struct request *request, struct cpis_results *results)
{
	struct cpis_failure failure;
	int code = CPIS_EXIT_PASS;
	bool to_stdout = false;
	for (size_t i = 0; i < request->report_count; i++) {
		const struct report_request *report = &request->reports[i];
		to_stdout = to_stdout || !report->path;
		if (code == 0 && cpis_report(results, report->format, report->path, &failure) != 0)
			code = tell_failure(&failure);
	}
	if (code == 0 && !to_stdout && !request->quiet &&
	    cpis_report(results, wants_colour() ? "text-colour" : "text", NULL, &failure) != 0)
		code = tell_failure(&failure);
	if (code == 0 && request->after_report)
		request->after_report(results, to_stdout || request->quiet ? stderr : stdout);
	static const int exits[] = {
		[CPIS_PASS] = CPIS_EXIT_PASS,
		[CPIS_INCOMPLETE] = CPIS_EXIT_INCOMPLETE,
		[CPIS_FAIL] = CPIS_EXIT_FAIL,
	};
	if (code == 0)
		code = exits[cpis_results_verdict(results)];
	cpis_results_free(results);
	return code;
}
