/* Bundles of evidence: keys to sign them, and whether one is as it was. */
#include "command.h"

static void tell(void *context, const struct cpis_verify_note *note)
{
	const struct request *request = context;
	if (request->quiet && note->good)
		return;
	fprintf(note->good ? stdout : stderr, "%s %s%s%s\n", note->good ? "ok  " : "BAD ",
		note->file ? note->file : "", note->file ? ": " : "", note->text);
	if (note->expected)
		fprintf(stderr, "     expected %s\n", note->expected);
	if (note->found)
		fprintf(stderr, "     found    %s\n", note->found);
}

int cmd_verify(struct request *request)
{
	static const int exits[] = {
		[CPIS_PASS] = CPIS_EXIT_PASS,
		[CPIS_INCOMPLETE] = CPIS_EXIT_INCOMPLETE,
		[CPIS_FAIL] = CPIS_EXIT_FAIL,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_INCOMPLETE;
	if (request->input_count != 1)
		return tell_usage("verify: name one bundle");
	const struct cpis_verify_options options = {
		.public_key = request->public_key,
		.evidence = request->pack.evidence,
		.tell = tell,
		.context = request,
	};
	if (cpis_verify(request->inputs[0], &options, &verdict, &failure) != 0)
		return tell_failure(&failure);
	return exits[verdict];
}

int cmd_keygen(struct request *request)
{
	struct cpis_failure failure;
	char id[17];
	if (request->input_count != 1)
		return tell_usage("keygen: name the file of the new secret key");
	if (cpis_keygen(request->inputs[0], id, &failure) != 0)
		return tell_failure(&failure);
	if (request->quiet)
		return CPIS_EXIT_PASS;
	printf("The secret key is in %s. No password protects it: keep it where only you can read "
	       "it.\n"
	       "The public key %s is in %s.pub: give that to whoever checks your bundles.\n",
	       request->inputs[0], id, request->inputs[0]);
	return CPIS_EXIT_PASS;
}
