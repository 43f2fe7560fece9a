/* Evidence bundles: made, checked, and the keys that sign them. */
#include "cli.h"

static void print_note(void *context, const struct cpis_verify_note *note)
{
	const struct request *request = context;
	if (request->quiet && note->good)
		return;
	if (note->about) {
		print(stdout, "     %-14s %s\n", note->about, note->text);
		return;
	}
	if (!request->quiet)
		fflush(stdout);
	print(note->good ? stdout : stderr, "%s %s%s%s\n", note->good ? "ok  " : "BAD ",
	      note->file ? note->file : "", note->file ? ": " : "", note->text);
	if (note->expected)
		print(stderr, "     expected %s\n", note->expected);
	if (note->found)
		print(stderr, "     found    %s\n", note->found);
}

int cmd_verify(struct request *request)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_INCOMPLETE;
	if (request->input_count != 1)
		return usage_error("verify: name one bundle");
	const struct cpis_verify_options options = {
		.public_key = request->public_key,
		.evidence = request->pack.evidence,
		.known_keys = request->known_keys,
		.pack = request->own_pack,
		.run_untrusted = (size_t)request->run_untrusted,
		.each = print_note,
		.context = request,
	};
	if (cpis_verify(request->inputs[0], &options, &verdict, &failure) != 0)
		return print_failure(&failure);
	return exit_code_of(verdict);
}

int cmd_countersign(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count != 1)
		return usage_error("countersign: name one bundle");
	if (!request->key)
		return usage_error("countersign: give your secret key with --key");
	if (!request->comment)
		return usage_error("countersign: give your decision with --comment");
	if (cpis_countersign(request->inputs[0], request->key, request->comment,
			     request->options.now, &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		print(stdout, "%s: your signature was added\n", request->inputs[0]);
	return CPIS_EXIT_PASS;
}

int cmd_keygen(struct request *request)
{
	struct cpis_failure failure;
	char id[17];
	if (request->input_count != 1)
		return usage_error("keygen: name the file for the new secret key");
	if (cpis_keygen(request->inputs[0], id, &failure) != 0)
		return print_failure(&failure);
	if (request->quiet)
		return CPIS_EXIT_PASS;
	print(stdout,
	      "The secret key is in %s. It has no password: keep it where only you can read it.\n"
	      "The public key %s is in %s.pub: give it to anyone who checks your bundles.\n",
	      request->inputs[0], id, request->inputs[0]);
	return CPIS_EXIT_PASS;
}

int write_bundle(struct request *request, struct cpis_bundle *bundle,
		 const struct cpis_results *results)
{
	struct cpis_failure failure;
	const struct cpis_bundle_options options = {
		.path = request->bundle,
		.digests_only = request->bundle_messages,
		.key = request->key,
		.packs = request->inputs,
		.pack_count = request->input_count,
		.pack = &request->pack,
		.profile = request->profile,
		.baseline = request->baseline,
		.waivers = request->waivers,
	};
	if (cpis_bundle_write(bundle, results, &options, &failure) == 0)
		return 0;
	return print_failure(&failure);
}
