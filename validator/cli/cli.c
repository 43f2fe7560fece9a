/* From argv to a command and back to an exit code. */
#include "cli.h"

#include "base/inputs.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGES  "Messages"
#define PACKS	  "Test packs"
#define RESULTS	  "Results"
#define PIPELINES "Pipelines"
#define SERVICE	  "The national service"
#define EVIDENCE  "Evidence"
#define REFERENCE "Reference"

const struct command commands[] = {
	{ "validate", VALIDATE, MESSAGES, "FILE|FOLDER|-...", "check messages",
	  "Check messages and report what is wrong with them. A folder is searched for "
	  "messages. To read standard input, give -.",
	  cmd_validate },
	{ "inspect", INSPECT, MESSAGES, "FILE|FOLDER|-...", "show how messages are packed",
	  "Show how messages are packed, as a tree, without checking what they say. To "
	  "read standard input, give -.",
	  cmd_inspect },
	{ "compare", COMPARE, MESSAGES, "EXPECTED-FILE FOUND-FILE",
	  "compare the records in two files",
	  "Compare the children's records in two files. Each file is a data set (YAML) "
	  "or a message.",
	  cmd_compare },
	{ "ledger", LEDGER, MESSAGES, "FILE|FOLDER...",
	  "show which children a clinician would not see",
	  "Replay what a local authority sent and received: uploads, acknowledgements, notices and "
	  "queries, in any transport. Show what the national service holds for each child, and "
	  "which children it would not show, by cause, with what to do.",
	  cmd_ledger },
	{ "run", RUN, PACKS, "PACK...", "run test packs",
	  "Run test packs. A pack is a YAML file, or a folder with a pack.yaml; see cpis-pack(5).",
	  cmd_run },
	{ "lint", LINT, PACKS, "PACK|FILE...", "check test packs for mistakes",
	  "Check test packs for mistakes, and other files that you write for cpis: profiles, "
	  "baselines, scenarios, data sets, answers, cpis.yaml. Warn of cases whose outcome would "
	  "change within ten "
	  "years by the passing of time alone.",
	  cmd_lint },
	{ "mutate", MUTATE, PACKS, "PACK...", "list faults that a pack would not catch",
	  "Put one fault after another into the good messages of a pack, and list those "
	  "that the pack would not catch.",
	  cmd_mutate },
	{ "new", NEW, PACKS, "pack FOLDER | evidence PACK FOLDER",
	  "create a new pack, or a folder for evidence",
	  "Create a folder with a small pack that works, to build on; or a folder for a "
	  "supplier who is to fill the slots of a pack: what to enter, which files, "
	  "blank answers.",
	  cmd_new },
	{ "report", REPORT, RESULTS, "RESULTS-FILE", "show an earlier run again",
	  "Show an earlier run again, or write other reports of it, from the results "
	  "file that --report xml wrote.",
	  cmd_report },
	{ "merge", MERGE, RESULTS, "RESULTS-FILE...", "combine the results of a run that was split",
	  "Combine the results of a run that was split into parts.", cmd_merge },
	{ "diff", DIFF, RESULTS, "BEFORE-FILE AFTER-FILE", "show what changed between two runs",
	  "Show what is new, fixed and unchanged between two runs, and why. Of two "
	  "messages, show which records were added, changed and removed.",
	  cmd_diff },
	{ "index", INDEX, RESULTS, "FOLDER", "write a site about many runs",
	  "Write a site about many runs: suppliers by requirement and by version, and "
	  "the trend over time. It is made from a folder of the results files that "
	  "--report xml wrote.",
	  cmd_index },
	{ "ci", CI, PIPELINES, "FOLDER COMMAND [ARGUMENT]...",
	  "run a command in a pipeline, with every report",
	  "Run validate, run, send, report or merge in a pipeline, and write every report "
	  "into FOLDER: junit.xml, cpis.sarif, codequality.json, report.html, "
	  "results.xml, summary.md and verdict.txt. Those of an earlier run are removed "
	  "first. On GitHub and GitLab the log, the summary and the outputs of the job "
	  "are written in their words.",
	  cmd_ci },
#ifndef CPIS_STATIC
	{ "serve", SERVE, PIPELINES, "", "check messages that are sent by HTTP",
	  "Check messages that are sent by HTTP, for people and programs without cpis: a page at "
	  "/, and an API that /openapi.json describes. It listens on this machine alone unless it "
	  "is protected. SIGTERM ends it when the requests in flight are answered.",
	  cmd_serve },
#endif
	{ "predict", PREDICT, SERVICE, "FILE|-", "show what the national service would reply",
	  "Write the reply that the national service would send to a message, and say what "
	  "it rests on: what is published, or that it is not public. The exit code is 0 where the "
	  "service would accept the message, and 1 where it would not.",
	  cmd_predict },
#ifndef CPIS_STATIC
	{ "simulate", SIMULATE, SERVICE, "", "run a twin of the national service",
	  "Run a twin of the national service to build against: Spine, the ITK mini service "
	  "and MESH by HTTP. It judges every request, answers as the service would, keeps what "
	  "was uploaded, and judges its own replies. See docs/simulator.md.",
	  cmd_simulate },
	{ "send", SEND, SERVICE, "URL PACK...", "play a pack's messages to a server",
	  "Send the messages of a pack to a server, yours or cpis simulate, and judge each reply "
	  "by "
	  "what the case expects, by its own rules, and beside its request. A server that cannot "
	  "be reached makes the run incomplete. See docs/simulator.md.",
	  cmd_send },
#endif
	{ "verify", VERIFY, EVIDENCE, "BUNDLE-FILE", "check an evidence bundle",
	  "Check that an evidence bundle is unchanged, and show what the run was. If a "
	  "key that was given has signed it, run its packs again and compare the "
	  "results. The exit code is 0 only where the run was a pass and the bundle is "
	  "signed.",
	  cmd_verify },
	{ "countersign", COUNTERSIGN, EVIDENCE, "BUNDLE-FILE",
	  "add an assessor's signature to a bundle",
	  "Add your signature and decision to an evidence bundle, beside the supplier's "
	  "signature. Check the bundle with verify first.",
	  cmd_countersign },
	{ "keygen", KEYGEN, EVIDENCE, "KEY-FILE", "create keys to sign bundles with",
	  "Create a pair of keys to sign bundles with: the secret KEY-FILE, which has "
	  "no password, and the public KEY-FILE.pub.",
	  cmd_keygen },
	{ "rules", RULES, REFERENCE, "", "list the rules", "List the rules.", cmd_rules },
	{ "explain", EXPLAIN, REFERENCE, "RULE|WORD...", "explain a rule, or search the rules",
	  "Explain a rule, with a wrong and a right example, or list the rules that "
	  "mention a word.",
	  cmd_explain },
	{ "schemas", SCHEMAS, REFERENCE, "check FOLDER | json FORMAT",
	  "check a folder of schemas, or write a JSON Schema",
	  "Show what a folder of schemas contains: which messages, which versions, what "
	  "is missing. Or write the JSON Schema of a format, for editors: pack, profile, "
	  "waivers, baseline, settings, scenarios, data, requirements, answers or keyed; or of "
	  "the JSON results.",
	  cmd_schemas },
	{ "completion", COMPLETION, REFERENCE, "bash|zsh|fish", "write a shell completion script",
	  "Write a script that completes cpis commands in your shell.", cmd_completion },
	{ "lsp", LSP, REFERENCE, "[FOLDER]", "check messages and packs in your editor",
	  "Serve an editor that speaks the Language Server Protocol, on standard input and "
	  "output: findings while you type, fixes, explanations, outline and completion. "
	  "Files that a pack names are read in FOLDER, by default the working folder, and so is "
	  "the baseline that its cpis.yaml names.",
	  cmd_lsp },
	{ "doctor", DOCTOR, REFERENCE, "", "show what this build and this machine can do",
	  "Show the version of cpis, its libraries and schemas, the terminal, the time zone, "
	  "and how it is confined on this machine.",
	  cmd_doctor },
	{ .name = NULL },
};

enum { MOST_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const struct command *command_find(const char *name)
{
	const char *names[MOST_COMMANDS];
	size_t count = 0;
	for (; commands[count].name; count++) {
		if (strcmp(commands[count].name, name) == 0)
			return &commands[count];
		names[count] = commands[count].name;
	}
	const char *nearest = nearest_word(name, names, count);
	if (nearest)
		usage_error("unknown command %s: did you mean %s?", name, nearest);
	else
		usage_error("unknown command %s: for a list, run cpis help", name);
	return NULL;
}

/* The words after ci are another command's, unless they begin with an option. Not even the
 * environment is looked at: reports of an earlier run are removed whatever is wrong. */
static int read_words(struct request *request)
{
	if (request->command->bit == CI && request->argc > 2 && request->argv[2][0] != '-')
		return 0;
	return options_parse(request, request->argc - 2, request->argv + 2);
}

int run_command(const struct command *command, int argc, char **argv, enter_sandbox *enter,
		struct ci *ci)
{
	struct request request = {
		.command = command, .argc = argc, .argv = argv, .enter = enter, .ci = ci
	};
	request.inputs = calloc((size_t)argc + 1, sizeof(*request.inputs));
	if (!request.inputs)
		return out_of_memory();
	int code = read_words(&request);
	if (code == 0 && request.help)
		help_command(stdout, command);
	else if (code == 0)
		code = settings_take(&request);
	if (code == 0 && !request.help)
		code = inputs_from_list(&request);
	if (code == 0 && !request.help)
		code = outputs_check(&request);
	if (code == 0 && !request.help) {
		/* ci enters it with the command that it runs, serve and simulate when they listen.
		 */
		if (enter && !(command->bit & (CI | SERVE | SIMULATE)))
			request.sandbox = enter(&request);
		code = command->run(&request);
	}
	options_release(&request);
	cpis_settings_close(request.settings);
	free(request.inputs);
	free(request.names);
	return code;
}

/* cpis help, and cpis help COMMAND. */
static int run_help(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[2], "help") == 0) {
		help_program(stdout);
		return CPIS_EXIT_PASS;
	}
	const struct command *command = command_find(argv[2]);
	if (!command)
		return CPIS_EXIT_USAGE;
	help_command(stdout, command);
	return CPIS_EXIT_PASS;
}

static int run(int argc, char **argv, enter_sandbox *enter)
{
	if (argc < 2) {
		help_program(stderr);
		return CPIS_EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return run_help(argc, argv);
	if (strcmp(argv[1], "--version") == 0) {
		print(stdout, "cpis %s (%s)\n", CPIS_VERSION, CPIS_DMS);
		return CPIS_EXIT_PASS;
	}
	const struct command *command = command_find(argv[1]);
	if (!command)
		return CPIS_EXIT_USAGE;
	/* Not in what runs on for days. */
	if (!(command->bit & (SERVE | SIMULATE | LSP)))
		inputs_follow();
	int code = run_command(command, argc, argv, enter, NULL);
	inputs_forget();
	return code;
}

int cli_run(int argc, char **argv, enter_sandbox *enter)
{
	int code = run(argc, argv, enter);
	/* Whatever was written is lost if this fails. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("cpis: standard output");
		return exit_code_when_lost(code, true);
	}
	return code;
}

int cli_main(int argc, char **argv)
{
	return cli_run(argc, argv, NULL);
}
