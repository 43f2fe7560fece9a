/* From a request to results, and from results to the reports asked for. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *known_format(const char *name, size_t length)
{
	const char *summary, *format;
	for (size_t i = 0; (format = cpis_report_format_at(i, &summary)); i++)
		if (strlen(format) == length && strncmp(format, name, length) == 0)
			return format;
	return NULL;
}

/* The value of an option that may be a password, which no report repeats, or NULL: word is the
 * option with its value, or the one before it is the option. */
static const char *secret_in(const char *word, const char *before)
{
	static const char *const options[] = { "--mesh-password", "--mesh-key", "--header" };
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		size_t n = strlen(options[i]);
		if (strcmp(before, options[i]) == 0)
			return word;
		if (strncmp(word, options[i], n) == 0 && word[n] == '=')
			return word + n + 1;
	}
	return NULL;
}

/* The name of a header stays. */
static void without_secret(const char *word, const char *secret, char *out, size_t room)
{
	const char *colon = strchr(secret, ':');
	int kept = (int)((colon ? colon + 1 : secret) - word);
	snprintf(out, room, "%.*s***", kept, word);
}

static int note_command(struct request *request, struct cpis_results *results,
			struct cpis_failure *failure)
{
	char hidden[4096];
	const char *before = "";
	if (cpis_results_command_word(results, "cpis", failure) != 0)
		return -1;
	for (int i = 1; i < request->argc && request->argv[i]; i++) {
		const char *word = request->argv[i];
		const char *secret = secret_in(word, before);
		if (secret)
			without_secret(word, secret, hidden, sizeof(hidden));
		if (cpis_results_command_word(results, secret ? hidden : word, failure) != 0)
			return -1;
		before = word;
	}
	return 0;
}

static int note_request(struct request *request, struct cpis_results *results,
			struct cpis_failure *failure)
{
	for (size_t i = 0; i < request->meta.count; i++) {
		const char *pair = request->meta.items[i], *equals = strchr(pair, '=');
		char *name = strndup(pair, (size_t)(equals - pair));
		int status = -1;
		if (name)
			status = cpis_results_meta(results, name, equals + 1, failure);
		else
			*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
							  .text = "out of memory" };
		free(name);
		if (status != 0)
			return -1;
	}
	if (request->settings &&
	    cpis_results_meta(results, "settings", request->settings->summary, failure) != 0)
		return -1;
	return note_command(request, results, failure);
}

struct cpis_results *open_results(struct request *request, int *code)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	if (cpis_results_new(&results, &request->options, &failure) != 0 ||
	    note_request(request, results, &failure) != 0 ||
	    (request->profile &&
	     cpis_results_profile(results, request->profile, print_problem, NULL, &failure) != 0)) {
		*code = print_failure(&failure);
		cpis_results_free(results);
		return NULL;
	}
	return results;
}

size_t terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void lay_out(const struct request *request, struct cpis_results *results)
{
	enum { USUAL_PER_RULE = 10 };
	struct cpis_failure failure;
	const struct cpis_layout layout = {
		.width = terminal_width(),
		.per_rule = request->per_rule	    ? request->per_rule
			    : isatty(STDOUT_FILENO) ? USUAL_PER_RULE
						    : 0,
		.by_rule = request->by_rule,
		.statistics = request->statistics,
	};
	cpis_results_layout(results, &layout, &failure);
}

static bool wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term &&
	       strcmp(term, "dumb") != 0;
}

/* Whether it was written; the reason is printed otherwise. */
static bool put_report(const struct cpis_results *results, const char *format, const char *path)
{
	struct cpis_failure failure;
	if (cpis_report(results, format, path, &failure) == 0)
		return true;
	print_failure(&failure);
	return false;
}

int close_results(struct request *request, struct cpis_results *results, bool lost)
{
	bool to_stdout = false;
	lay_out(request, results);
	for (size_t i = 0; i < request->report_count; i++) {
		const struct report_request *report = &request->reports[i];
		bool rules = request->junit_rules && strcmp(report->format, "junit") == 0;
		to_stdout = to_stdout || !report->path;
		lost = !put_report(results, rules ? "junit-rules" : report->format, report->path) ||
		       lost;
	}
	if (!to_stdout && !request->quiet)
		lost = !put_report(results, wants_colour() ? "text-colour" : "text", NULL) || lost;
	request->written = !lost;
	if (request->after_report)
		request->after_report(results, to_stdout || request->quiet ? stderr : stdout);
	ci_conclude(request->ci, results);
	int code = exit_code_when_lost(exit_code_of(cpis_results_verdict(results)), lost);
	cpis_results_free(results);
	return code;
}

int cmd_report(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_results *results = NULL;
	if (request->input_count != 1)
		return usage_error("report: name one results file; cpis merge combines several");
	if (cpis_results_read(&results, request->inputs, 1, &failure) != 0)
		return print_failure(&failure);
	return settle_run(request, NULL, results);
}

/* Where the results go when nothing else is asked for: then no message has to be in memory. */
static const char *document_of_merge(const struct request *request)
{
	const struct report_request *only = request->reports;
	bool streams = request->quiet && !request->summary && !request->ci &&
		       request->report_count == 1 && only->path &&
		       strcmp(only->format, "xml") == 0 && request->input_count > 1 &&
		       !request->baseline && !request->waivers;
	return streams ? only->path : NULL;
}

static int merge_inputs(struct request *request, const char **command)
{
	struct cpis_failure failure;
	struct cpis_results *results = NULL;
	command[0] = "cpis";
	for (int i = 1; i < request->argc; i++)
		command[i] = request->argv[i];
	const struct cpis_merge merge = { .summary = request->summary,
					  .document = document_of_merge(request),
					  .command = command,
					  .command_count = (size_t)request->argc };
	if (cpis_results_merge(&results, request->inputs, request->input_count, &merge, &failure) !=
	    0)
		return print_failure(&failure);
	if (merge.document)
		request->report_count = 0;
	if (accept_known(request, results, &failure) != 0) {
		cpis_results_free(results);
		return print_failure(&failure);
	}
	return settle_run(request, NULL, results);
}

/* With the findings that are accepted, as in a run that is not divided. */
static int merge_with_policy(struct request *request, const char **command)
{
	struct cpis_failure failure;
	if (request->baseline && cpis_baseline_open(&request->pack.baseline, request->baseline,
						    request->update_baseline, &failure) != 0)
		return print_failure(&failure);
	int code = merge_inputs(request, command);
	cpis_baseline_free(request->pack.baseline);
	return code;
}

int cmd_merge(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("merge: name the results files of the parts");
	if (request->summary && (request->baseline || request->waivers))
		return usage_error("merge: --summary cannot be used with --baseline or --waivers: "
				   "a message that is not listed may meet an entry");
	if (request->update_baseline && !request->baseline)
		return usage_error("merge: --update-baseline needs --baseline");
	const char **command = calloc((size_t)request->argc + 1, sizeof(*command));
	int code = command ? merge_with_policy(request, command) : out_of_memory();
	free(command);
	return code;
}
