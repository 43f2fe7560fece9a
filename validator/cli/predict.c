/* What the national service would say to a message. */
#include "cli.h"
#include "cpis_service.h"

static int write_reply(void *context, const void *bytes, size_t size)
{
	FILE *file = context;
	return fwrite(bytes, 1, size, file) == size ? 0 : -1;
}

/* To standard error, because the reply itself goes to standard output. */
static void say(const struct cpis_prediction *said)
{
	print(stderr, "%s: %s, by %s\n", said->refused ? "Refused" : "Accepted", said->type,
	      said->door);
	if (said->scenario)
		print(stderr, "  The NHS number is a trigger of a %s.\n", said->scenario);
	if (said->rule)
		print(stderr, "  Because of %s: see cpis explain %s\n", said->rule, said->rule);
	if (said->code)
		print(stderr, "  Code: %s%s%s\n", said->code, said->text ? ", " : "",
		      said->text ? said->text : "");
	if (said->basis)
		print(stderr, "  Basis of this reply: %s (%s)\n", said->basis, said->citation);
	if (!said->refused && said->verdict != CPIS_PASS)
		print(stderr, "  The message itself is not a pass: see cpis validate\n");
}

int cmd_predict(struct request *request)
{
	struct cpis_failure failure;
	struct cpis_prediction said;
	const struct cpis_predict_options options = {
		.now = request->options.now,
		.seed = request->seed,
		.state = request->state,
		.problem = print_problem,
	};
	if (request->input_count != 1)
		return usage_error("predict: name one file with a message");
	if (cpis_predict(request->inputs[0], &options, write_reply, stdout, &said, sizeof(said),
			 &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		say(&said);
	return said.refused ? CPIS_EXIT_FAIL : CPIS_EXIT_PASS;
}
