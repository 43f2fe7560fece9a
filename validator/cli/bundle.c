/* Evidence bundles: made, checked, and the keys that sign them. */
#include "cli.h"

#include "base/character.h"

#include <string.h>
#include <unistd.h>

enum { NOTE_COLUMN = 5, ABOUT_COLUMN = 20 };

/* A label and a text from a column on: on one line, or wrapped for a terminal. */
static void print_labelled(FILE *out, const char *label, size_t column, const char *text)
{
	enum { WIDTH = 79, OWN_LINE = 7 };
	struct buf visible;
	buf_init(&visible, SIZE_MAX / 2);
	character_printf(&visible, "%s", text);
	text = buf_view(&visible).p;
	if (isatty(fileno(out))) {
		bool fits = column + strcspn(text, " ") <= WIDTH;
		print(out, "%s", label);
		write_wrapped(out, text, fits ? column : OWN_LINE, strlen(label));
	} else {
		print(out, "%-*s %s\n", (int)column - 1, label, text);
	}
	buf_release(&visible);
}

struct checking {
	const struct request *request;
	size_t counts[CPIS_FAIL + 1]; /* of what was checked, by what it means */
};

static void print_note(void *context, const struct cpis_verify_note *note)
{
	static const char *const labels[] = {
		[CPIS_PASS] = "ok", [CPIS_INCOMPLETE] = "not checked:", [CPIS_FAIL] = "BAD"
	};
	struct checking *checking = context;
	const struct request *request = checking->request;
	checking->counts[note->verdict]++;
	if (request->quiet && note->good)
		return;
	struct buf text;
	buf_init(&text, SIZE_MAX / 2);
	buf_printf(&text, "     %s", note->about ? note->about : "");
	if (note->about) {
		print_labelled(stdout, buf_view(&text).p, ABOUT_COLUMN, note->text);
		buf_release(&text);
		return;
	}
	if (!request->quiet)
		fflush(stdout);
	buf_reset(&text);
	buf_printf(&text, "%s%s%s", note->file ? note->file : "", note->file ? ": " : "",
		   note->text);
	const char *label = labels[note->verdict];
	size_t column = strlen(label) < NOTE_COLUMN ? NOTE_COLUMN : strlen(label) + 2;
	print_labelled(note->good ? stdout : stderr, label, column, buf_view(&text).p);
	buf_release(&text);
	if (note->expected)
		print(stderr, "     expected %s\n", note->expected);
	if (note->found)
		print(stderr, "     found    %s\n", note->found);
}

/* What it comes to, in a line. */
static void print_outcome(const struct checking *checking, enum cpis_verdict verdict)
{
	size_t open = checking->counts[CPIS_INCOMPLETE], wrong = checking->counts[CPIS_FAIL];
	if (verdict == CPIS_PASS)
		print(stdout, "Verified: it is as it was made and signed, and its run passed.\n");
	else if (verdict == CPIS_INCOMPLETE)
		print(stdout, "Incomplete: %zu point%s open (exit 3).\n", open,
		      open == 1 ? " is" : "s are");
	else
		print(stdout, "Failed: %zu point%s wrong (exit 1).\n", wrong,
		      wrong == 1 ? " is" : "s are");
}

int cmd_verify(struct request *request)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = CPIS_INCOMPLETE;
	if (request->input_count != 1)
		return usage_error("verify: name one bundle");
	struct checking checking = { .request = request };
	const struct cpis_verify_options options = {
		.public_key = request->public_key,
		.evidence = request->pack.evidence,
		.known_keys = request->known_keys,
		.pack = request->own_pack,
		.run_untrusted = (size_t)request->run_untrusted,
		.each = print_note,
		.context = &checking,
	};
	if (cpis_verify(request->inputs[0], &options, &verdict, &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		print_outcome(&checking, verdict);
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
