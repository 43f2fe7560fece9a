/* Messages: checked, shown as they are packed; and the folders of schemas to check them by. */
#include "cli.h"

#include <string.h>

int cmd_validate(struct request *request)
{
	int code = CPIS_EXIT_USAGE;
	bool pair = request->pair_request && request->pair_response;
	if (!pair && (request->pair_request || request->pair_response))
		return usage_error("validate: --request and --response must be given together");
	if (request->input_count == 0 && !pair)
		return usage_error("validate: name a file, a folder, or - for standard input");
	if (!request->fix && (request->dry_run || request->zone))
		return usage_error("validate: --dry-run and --zone need --fix");
	if (request->fix)
		return pair ? usage_error("validate: --fix cannot be used with --request and "
					  "--response")
			    : fix_and_validate(request);
	progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	struct cpis_failure failure;
	if (pair && cpis_validate_pair(results, request->pair_request, request->pair_response,
				       &failure) != 0) {
		cpis_results_free(results);
		return print_failure(&failure);
	}
	if (request->input_count &&
	    cpis_validate_paths(results, (const char *const *)request->inputs, request->input_count,
				&failure) != 0) {
		progress_end(request);
		cpis_results_free(results);
		return print_failure(&failure);
	}
	progress_end(request);
	return close_results(request, results);
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
		       ? usage_error("schemas: there is no format %s; there are %s", format, list)
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
