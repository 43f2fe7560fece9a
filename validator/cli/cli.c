/* From argv to a command and back to an exit code. */
#include "command.h"

#include <stdlib.h>
#include <string.h>

const struct command commands[] = {
	{ "validate",
	  "judge messages",
	  "FILE|DIR|-...",
	  { common_options, judging_options, opening_options, validate_options },
	  cmd_validate },
	{ "inspect",
	  "tell what messages are packed in, as a tree",
	  "FILE|DIR|-...",
	  { common_options, opening_options },
	  cmd_inspect },
	{ "run",
	  "run test packs",
	  "PACK...",
	  { common_options, judging_options, opening_options, pack_options, bundle_options },
	  cmd_run },
	{ "compare",
	  "compare records of children",
	  "EXPECTED FOUND",
	  { common_options, compare_options },
	  cmd_compare },
	{ "mutate",
	  "tell which faults a pack's good messages could have unnoticed",
	  "PACK...",
	  { common_options, mutate_options },
	  cmd_mutate },
	{ "new", "write the start of a pack", "pack NAME", { common_options }, cmd_new },
	{ "report",
	  "show an old run again",
	  "RESULTS.xml",
	  { common_options, report_options },
	  cmd_report },
	{ "merge",
	  "join the results of shards",
	  "RESULTS.xml...",
	  { common_options, report_options },
	  cmd_merge },
	{ "diff",
	  "tell what is new and fixed between runs",
	  "BEFORE.xml AFTER.xml",
	  { common_options, diff_options },
	  cmd_diff },
	{ "verify",
	  "check an evidence bundle, and run it again",
	  "BUNDLE.tar.gz",
	  { common_options, verify_options },
	  cmd_verify },
	{ "keygen",
	  "make a pair of keys to sign bundles",
	  "KEYFILE",
	  { common_options },
	  cmd_keygen },
	{ "completion",
	  "write a completion script",
	  "bash|zsh|fish",
	  { common_options },
	  cmd_completion },
	{ "lint",
	  "check test packs without running them",
	  "PACK...",
	  { common_options },
	  cmd_lint },
	{ "schemas",
	  "tell what a folder of schemas holds",
	  "check DIR",
	  { common_options },
	  cmd_schemas },
	{ "rules", "list the rules", "", { common_options, rules_options }, cmd_rules },
	{ "explain",
	  "explain a rule, or search for one",
	  "[ID|WORD]...",
	  { common_options, rules_options },
	  cmd_explain },
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

void help_program(FILE *out)
{
	fputs("cpis - judge CP-IS messages and report what was found\n\nUsage:\n", out);
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "  cpis %-10s %-20s %s\n", commands[i].name, commands[i].operands,
			commands[i].summary);
	fputs("\ncpis COMMAND --help tells a command's options; cpis --version the version.\n"
	      "Exit codes: 0 pass, 1 fail, 2 usage, configuration or no input, 3 incomplete or "
	      "failure.\n",
	      out);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];
	for (size_t i = 0; i < command_count; i++)
		names[i] = commands[i].name;
	const char *nearest = nearest_word(name, names, command_count);
	if (nearest)
		return tell_usage("there is no command %s: did you mean %s?", name, nearest);
	return tell_usage("there is no command %s: cpis --help lists them", name);
}

int cli_main(int argc, char **argv)
{
	if (argc < 2) {
		help_program(stderr);
		return CPIS_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help_program(stdout);
		return CPIS_EXIT_PASS;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("cpis %s (%s)\n", CPIS_VERSION, CPIS_DMS);
		return CPIS_EXIT_PASS;
	}
	const struct command *command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	struct request request = { .command = command, .argc = argc, .argv = argv };
	request.inputs = calloc((size_t)argc + 1, sizeof(*request.inputs));
	if (!request.inputs)
		return tell_usage("memory is out") + 1;
	int code = options_parse(&request, argc - 2, argv + 2);
	if (code == 0 && request.help)
		help_command(stdout, command);
	else if (code == 0)
		code = command->run(&request);
	free(request.inputs);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("cpis: standard output");
		return CPIS_EXIT_INCOMPLETE;
	}
	return code;
}
