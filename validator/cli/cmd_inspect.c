#include "command.h"

/* With --quiet, the exit code says all. */
static void print_nothing(void *context, const struct cpis_layer *layer)
{
	(void)context, (void)layer;
}

/* A line of the tree: what was found, how it was recognised, its id, its place and size. */
static void print_layer(void *context, const struct cpis_layer *layer)
{
	(void)context;
	printf("%*s%s", (int)(2 * layer->depth), "", layer->name);
	if (layer->about)
		printf(": %s", layer->about);
	if (layer->id)
		printf(", id %s", layer->id);
	if (layer->depth)
		printf(", at byte %zu", layer->offset);
	if (layer->bytes)
		printf(", %zu bytes", layer->bytes);
	if (layer->sign)
		printf(" (by %s)", layer->sign);
	putchar('\n');
}

int cmd_inspect(struct request *request)
{
	static const int exits[] = {
		[CPIS_PASS] = CPIS_EXIT_PASS,
		[CPIS_INCOMPLETE] = CPIS_EXIT_INCOMPLETE,
		[CPIS_FAIL] = CPIS_EXIT_FAIL,
	};
	enum cpis_verdict worst = CPIS_PASS;
	cpis_layer_seen print = request->quiet ? print_nothing : print_layer;
	if (request->input_count == 0)
		return tell_usage("inspect: name a file, a folder, or - for standard input");
	for (size_t i = 0; i < request->input_count; i++) {
		struct cpis_failure failure;
		enum cpis_verdict verdict;
		if (cpis_inspect(request->inputs[i], &request->options, print, NULL, &verdict,
				 &failure) != 0)
			return tell_failure(&failure);
		worst = verdict > worst ? verdict : worst;
	}
	return exits[worst];
}
