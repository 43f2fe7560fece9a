/* Scripts that complete command lines, from the tables of commands and options. */
#include "cli.h"

#include <string.h>

static bool takes_folder(const char *word)
{
	return strstr(word, "FOLDER") != NULL;
}

static bool takes_file(const char *word)
{
	return strstr(word, "FILE") != NULL;
}

static bool takes_type(const struct option *option)
{
	return option->word && strcmp(option->word, "TYPE") == 0;
}

static void write_types(void)
{
	const char *name, *title;
	for (size_t i = 0; cpis_message_type_at(i, &name, &title); i++)
		printf("%s%s", i ? " " : "", name);
}

static void write_rule_ids(void)
{
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++)
		printf("%s%s", i ? " " : "", rule.id);
}

/* The words that may follow an option, with blanks between them; nothing where it takes others. */
static void write_choices(const struct option *option)
{
	const char *summary, *name;
	if (option->kind == KIND_REPORTS && !option->words[0])
		for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++)
			printf("%s%s", i ? " " : "", name);
	else if (option->kind == KIND_STAGES)
		fputs("xml schema rules", stdout);
	else if (takes_type(option))
		write_types();
	else
		for (size_t i = 0; option->words[i]; i++)
			printf("%s%s", i ? " " : "", option->words[i]);
}

static void write_command_names(void)
{
	for (const struct command *command = commands; command->name; command++)
		printf("%s%s", command == commands ? "" : " ", command->name);
}

static void write_formats(void)
{
	const char *name, *summary;
	for (size_t i = 0; (name = cpis_config_format_at(i, &summary)); i++)
		printf("%s ", name);
	fputs("results", stdout);
}

static void write_shells(void)
{
	fputs("bash zsh fish", stdout);
}

static void write_kinds_of_new(void)
{
	fputs("pack evidence", stdout);
}

static void write_of_schemas(void)
{
	fputs("check json", stdout);
}

static void write_of_ci(void)
{
	fputs("validate run send report merge", stdout);
}

/* Words of a command that are neither files nor options: which may follow, by the command, the
 * number of the word and the word before. */
static const struct operand {
	const char *pattern; /* of a shell */
	void (*write)(void);
} operands[] = {
	{ "help 2 *", write_command_names }, { "new 2 *", write_kinds_of_new },
	{ "schemas 2 *", write_of_schemas }, { "schemas 3 json", write_formats },
	{ "completion 2 *", write_shells },  { "explain *", write_rule_ids },
	{ "ci 3 *", write_of_ci },
};

static bool has_choices(const struct option *option)
{
	return option->words[0] || option->kind == KIND_REPORTS || option->kind == KIND_STAGES ||
	       takes_type(option);
}

static void each_option(const struct command *command,
			void (*write)(const struct command *, const struct option *))
{
	for (const struct option *option = command_options; option->name || option->title; option++)
		if (option->name && option->takers & command->bit)
			write(command, option);
}

/* In single quotes of a shell. */
static void write_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	putchar('\'');
}

static void bash_option(const struct command *command, const struct option *option)
{
	(void)command;
	printf(" --%s", option->name);
}

/* What follows an option: "command --option | command -o) COMPREPLY=(...)". */
static void bash_value(const struct command *command, const struct option *option)
{
	if (!has_choices(option))
		return;
	printf("\t'%s --%s'", command->name, option->name);
	if (option->letter)
		printf(" | '%s -%c'", command->name, option->letter);
	fputs(") COMPREPLY=($(compgen -W '", stdout);
	write_choices(option);
	fputs("' -- \"$word\")); return ;;\n", stdout);
}

/* A blank in a pattern of case is written with a backslash. */
static void bash_operand(const struct operand *operand)
{
	fputs("\t\t", stdout);
	for (const char *c = operand->pattern; *c; c++)
		printf("%s%c", *c == ' ' ? "\\" : "", *c);
	fputs(") COMPREPLY=($(compgen -W '", stdout);
	operand->write();
	fputs("' -- \"$word\")) ;;\n", stdout);
}

static void write_bash(void)
{
	fputs("# bash completion for cpis: source it, or save it as cpis in the folder of\n"
	      "# bash-completion\n"
	      "_cpis() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal command=${COMP_WORDS[1]} options=\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W 'help --help --version",
	      stdout);
	for (const struct command *command = commands; command->name; command++)
		printf(" %s", command->name);
	fputs("' -- \"$word\"))\n\t\treturn\n\tfi\n\tcase \"$command $before\" in\n", stdout);
	for (const struct command *command = commands; command->name; command++)
		each_option(command, bash_value);
	fputs("\tesac\n\tcase $command in\n", stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("\t%s) options='", command->name);
		each_option(command, bash_option);
		fputs("' ;;\n", stdout);
	}
	fputs("\tesac\n"
	      "\tcase $word in\n"
	      "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	      "\t*) case \"$command $COMP_CWORD $before\" in\n",
	      stdout);
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++)
		bash_operand(&operands[i]);
	fputs("\t\tesac ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -o default -F _cpis cpis\n",
	      stdout);
}

/* Within single quotes, where brackets and colons have a meaning too. */
static void write_zsh_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '[' || *text == ']' || *text == ':')
			putchar('\\');
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, 0 }, stdout);
	}
}

static void zsh_option(const struct command *command, const struct option *option)
{
	(void)command;
	printf(" \\\n\t\t'--%s%s", option->name, option->kind == KIND_FLAG ? "[" : "=[");
	write_zsh_text(option->help);
	putchar(']');
	if (option->kind != KIND_FLAG)
		fputs(":value:", stdout);
	if (has_choices(option)) {
		putchar('(');
		write_choices(option);
		putchar(')');
	} else if (option->word && takes_folder(option->word)) {
		fputs("_files -/", stdout);
	} else if (option->word && takes_file(option->word)) {
		fputs("_files", stdout);
	}
	putchar('\'');
}

static void write_zsh(void)
{
	fputs("#compdef cpis\n# zsh completion for cpis: save it as _cpis in a folder of $fpath\n"
	      "_cpis() {\n\tlocal -a names\n\tnames=(\n",
	      stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("\t\t'%s:", command->name);
		write_zsh_text(command->summary);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command names\n\t\treturn\n\tfi\n"
	      "\tlocal name=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $name in\n",
	      stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("\t%s) _arguments -s", command->name);
		each_option(command, zsh_option);
		if (command->bit == EXPLAIN) {
			fputs(" \\\n\t\t'*:rule:(", stdout);
			write_rule_ids();
			fputs(")'", stdout);
		} else {
			fputs(command->bit == COMPLETION ? " \\\n\t\t'*:shell:(bash zsh fish)'"
							 : " \\\n\t\t'*:file:_files'",
			      stdout);
		}
		fputs(" ;;\n", stdout);
	}
	fputs("\tesac\n}\n_cpis \"$@\"\n", stdout);
}

static void fish_option(const struct command *command, const struct option *option)
{
	printf("complete -c cpis -n '__fish_seen_subcommand_from %s' -l %s", command->name,
	       option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	fputs(" -d ", stdout);
	write_quoted(option->help);
	if (has_choices(option)) {
		fputs(" -x -a '", stdout);
		write_choices(option);
		putchar('\'');
	} else if (option->word && takes_folder(option->word)) {
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	} else if (option->word) {
		fputs(takes_file(option->word) ? " -r -F" : " -x", stdout);
	}
	putchar('\n');
}

static void write_fish(void)
{
	fputs("# fish completion for cpis: save it as cpis.fish in fish's folder of completions\n",
	      stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("complete -c cpis -f -n __fish_use_subcommand -a %s -d ", command->name);
		write_quoted(command->summary);
		putchar('\n');
	}
	for (const struct command *command = commands; command->name; command++)
		each_option(command, fish_option);
	fputs("complete -c cpis -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh "
	      "fish'\n"
	      "complete -c cpis -f -n '__fish_seen_subcommand_from explain' -a '",
	      stdout);
	write_rule_ids();
	fputs("'\n", stdout);
}

int cmd_completion(struct request *request)
{
	static const struct {
		const char *shell;
		void (*write)(void);
	} shells[] = { { "bash", write_bash }, { "zsh", write_zsh }, { "fish", write_fish } };
	for (size_t i = 0; request->input_count == 1 && i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].shell, request->inputs[0]) == 0) {
			shells[i].write();
			return CPIS_EXIT_PASS;
		}
	return usage_error("completion: name a shell: bash, zsh or fish");
}
