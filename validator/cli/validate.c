/* Messages: checked, shown as they are packed; and the folders of schemas to check them by. */
#include "cli.h"

#include <string.h>

static int apply_waivers(struct request *request, struct cpis_results *results,
			 struct cpis_failure *failure)
{
	struct cpis_waivers *waivers = NULL;
	if (cpis_waivers_open(&waivers, request->waivers, failure) != 0)
		return -1;
	int status = cpis_results_waive(results, waivers, failure);
	if (status == 0)
		status = cpis_results_close_waivers(results, waivers, failure);
	cpis_waivers_free(waivers);
	return status;
}

int accept_known(struct request *request, struct cpis_results *results,
		 struct cpis_failure *failure)
{
	int status = request->waivers ? apply_waivers(request, results, failure) : 0;
	if (status == 0 && request->pack.baseline)
		status = cpis_results_baseline(results, request->pack.baseline, failure);
	return status;
}

/* Into results that are open. 0, or the exit code after an error was printed. */
static int judge_inputs(struct request *request, struct cpis_results *results)
{
	struct cpis_failure failure;
	int status = 0;
	if (request->pair_request)
		status = cpis_validate_pair(results, request->pair_request, request->pair_response,
					    &failure);
	const char *const *inputs = (const char *const *)request->inputs;
	if (status == 0 && request->kept)
		status = cpis_validate_resumed(results, request->kept, inputs, request->input_count,
					       &failure);
	else if (status == 0 && request->input_count)
		status = cpis_validate_paths(results, inputs, request->input_count, &failure);
	if (status == 0)
		status = accept_known(request, results, &failure);
	progress_end(request);
	return status == 0 ? 0 : print_failure(&failure);
}

static int judge_with_baseline(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	code = judge_inputs(request, results);
	if (code != 0) {
		cpis_results_free(results);
		return code;
	}
	return settle_run(request, NULL, results);
}

/* What is done is kept beside the results until these are written. */
static int validate_and_keep(struct request *request)
{
	struct cpis_failure failure;
	const char *file = NULL;
	for (size_t i = 0; i < request->report_count; i++)
		if (strcmp(request->reports[i].format, "xml") == 0 && request->reports[i].path)
			file = request->reports[i].path;
	if (!file)
		return usage_error("validate: --resume needs --report xml=FILE: what is done is "
				   "kept in FILE.part");
	if (cpis_resume_open(&request->kept, file, &failure) != 0)
		return print_failure(&failure);
	int code = judge_with_baseline(request);
	size_t taken = cpis_resume_count(request->kept);
	if (taken && !request->quiet)
		print(stderr, "cpis: %zu file%s checked before\n", taken,
		      taken == 1 ? " was" : "s were");
	if (request->written && cpis_resume_finish(request->kept, &failure) != 0)
		code = print_failure(&failure);
	cpis_resume_close(request->kept);
	request->kept = NULL;
	return code;
}

static int validate_once(struct request *request)
{
	struct cpis_failure failure;
	if (request->resume)
		return validate_and_keep(request);
	if (request->fix)
		return fix_and_validate(request);
	request->pack.baseline = NULL;
	if (request->baseline && cpis_baseline_open(&request->pack.baseline, request->baseline,
						    request->update_baseline, &failure) != 0)
		return print_failure(&failure);
	int code = judge_with_baseline(request);
	cpis_baseline_free(request->pack.baseline);
	return code;
}

/* What cannot be used with another option, where it is of the settings and was not typed. */
static int refuse_settings(const struct request *request, const char *option)
{
	return usage_error("validate: %s cannot be used with a baseline, and %s names one: give "
			   "--no-settings",
			   option, request->settings->summary);
}

static bool has_baseline_of_settings(const struct request *request)
{
	return request->baseline && request->settings &&
	       request->baseline == request->settings->baseline;
}

/* What the command line asks for besides a part must be possible for a part. */
static int check_shard(struct request *request)
{
	const char *which = request->shard ? "--shard" : "--resume";
	if (request->pair_request || request->fix || request->watch)
		return usage_error("validate: %s cannot be used with --request, --fix or --watch",
				   which);
	if (has_baseline_of_settings(request))
		return refuse_settings(request, which);
	if (request->baseline || request->waivers)
		return usage_error(
			"validate: %s cannot be used with --baseline or --waivers: a part "
			"does not see which entries are met. Give them to cpis merge",
			which);
	for (size_t i = 0; i < request->input_count; i++)
		if (strcmp(request->inputs[i], "-") == 0)
			return usage_error("validate: standard input cannot be divided into parts");
	return shard_take(request);
}

/* Whether anything names the digests of what is judged. */
static bool needs_digests(const struct request *request)
{
	bool needs = request->shard || request->resume || request->fix;
	for (size_t i = 0; i < request->report_count; i++)
		needs = needs || cpis_report_names_digests(request->reports[i].format);
	return needs;
}

int cmd_validate(struct request *request)
{
	bool pair = request->pair_request && request->pair_response;
	if (!pair && (request->pair_request || request->pair_response))
		return usage_error("validate: --request and --response must be given together");
	if (request->input_count == 0 && !pair)
		return usage_error("validate: name a file, a folder, or - for standard input");
	if (!request->fix && (request->dry_run || request->zone))
		return usage_error("validate: --dry-run and --zone need --fix");
	if (request->fix && has_baseline_of_settings(request))
		return refuse_settings(request, "--fix");
	if (request->fix && (pair || request->baseline || request->waivers || request->watch))
		return usage_error("validate: --fix cannot be used with --request, --baseline, "
				   "--waivers or --watch");
	if (request->update_baseline && !request->baseline)
		return usage_error("validate: --update-baseline needs --baseline");
	int code = request->shard || request->resume ? check_shard(request) : 0;
	if (code)
		return code;
	request->options.no_digests = !needs_digests(request);
	return request->watch ? watch_inputs(request, validate_once) : validate_once(request);
}

/* With --quiet the exit code says it all. */
static void print_nothing(void *context, const struct cpis_layer *layer)
{
	(void)context, (void)layer;
}

/* A line of the tree: what was found, how it was recognised, its id, its place and size. */
static void print_layer(void *context, const struct cpis_layer *layer)
{
	(void)context;
	print(stdout, "%*s%s", (int)(2 * layer->depth), "", layer->name);
	if (layer->about)
		print(stdout, ": %s", layer->about);
	if (layer->id)
		print(stdout, ", id %s", layer->id);
	if (layer->depth)
		print(stdout, ", at byte %zu", layer->offset);
	if (layer->bytes)
		print(stdout, ", %zu bytes", layer->bytes);
	if (layer->sign)
		print(stdout, " (by %s)", layer->sign);
	print(stdout, "\n");
}

int cmd_inspect(struct request *request)
{
	enum cpis_verdict worst = CPIS_PASS;
	cpis_layer_seen seen = request->quiet ? print_nothing : print_layer;
	if (request->input_count == 0)
		return usage_error("inspect: name a file, a folder, or - for standard input");
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		enum cpis_verdict verdict;
		if (cpis_inspect(request->inputs[i], &request->options, seen, NULL, &verdict,
				 &failure) != 0)
			return print_failure(&failure);
		worst = verdict > worst ? verdict : worst;
	}
	return exit_code_of(worst);
}

static void print_note(void *context, const struct cpis_schema_note *note)
{
	(void)context;
	print(stdout, "%-10s %s", note->kind, note->file);
	if (note->line)
		print(stdout, ":%zu", note->line);
	print(stdout, ": %s", note->text);
	if (note->count > 1)
		print(stdout, " (%zu times)", note->count);
	print(stdout, "\n");
}

/* Made of the program's own tables: there is nothing to make visible. */
static int put_bytes(void *context, const void *bytes, size_t size)
{
	FILE *file = context;
	return fwrite(bytes, 1, size, file) == size ? 0 : -1;
}

/* The JSON Schema of a format that people write. */
static int write_schema(const char *format)
{
	struct cpis_failure failure;
	if (cpis_config_schema(format, put_bytes, stdout, &failure) == 0)
		return CPIS_EXIT_PASS;
	char list[256] = "";
	const char *name, *summary;
	for (size_t i = 0, n = 0; (name = cpis_config_format_at(i, &summary)) && n < sizeof(list);
	     i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", name);
	return failure.kind == CPIS_FAILURE_CONFIGURATION
		       ? usage_error("schemas: there is no format %s; there are %s, results",
				     format, list)
		       : print_failure(&failure);
}

int cmd_schemas(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count == 2 && strcmp(request->inputs[0], "json") == 0)
		return write_schema(request->inputs[1]);
	if (request->input_count != 2 || strcmp(request->inputs[0], "check") != 0)
		return usage_error("schemas: usage: cpis schemas check FOLDER, or cpis schemas "
				   "json FORMAT");
	if (cpis_schemas_check(request->inputs[1], print_note, NULL, &failure) != 0)
		return print_failure(&failure);
	return CPIS_EXIT_PASS;
}
