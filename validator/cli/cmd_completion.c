/* Scripts that complete command lines, out of the tables of commands and options. */
#include "command.h"

#include <string.h>

/* What stands behind an option or a command: "FILE", "DIR", or words to choose from. */
static bool wants_folder(const char *argument)
{
	return strstr(argument, "DIR") != NULL;
}

static bool wants_file(const char *argument)
{
	return strstr(argument, "FILE") || strstr(argument, ".xml") || strstr(argument, "PACK") ||
	       strstr(argument, "KEY") || strstr(argument, "BUNDLE") ||
	       strstr(argument, "EXPECTED");
}

static bool is_report(const struct option *option)
{
	return strcmp(option->name, "--report") == 0;
}

static void write_formats(const char *between, const char *before)
{
	const char *summary, *name;
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++)
		printf("%s%s%s", i ? between : "", before, name);
}

/* Whether a table before this one has an option of that name already. */
static bool is_shadowed(const struct command *command, size_t table, const char *name)
{
	for (size_t i = table + 1; i < MOST_TABLES && command->options[i]; i++)
		for (const struct option *option = command->options[i]; option->name; option++)
			if (strcmp(option->name, name) == 0)
				return true;
	return false;
}

/* Every option of a command, once. */
static void each_option(const struct command *command,
			void (*write)(const struct command *, const struct option *))
{
	for (size_t i = 0; i < MOST_TABLES && command->options[i]; i++)
		for (const struct option *option = command->options[i]; option->name; option++)
			if (!is_shadowed(command, i, option->name))
				write(command, option);
}

/* In single quotes of a shell; what a help says has no control characters. */
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
	printf(" %s", option->name);
}

static void write_bash(void)
{
	fputs("# bash completion for cpis: source it, or put it in bash-completion's folder as "
	      "cpis\n"
	      "_cpis() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
	      "command=${COMP_WORDS[1]} options=\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W '--help --version",
	      stdout);
	for (size_t i = 0; i < command_count; i++)
		printf(" %s", commands[i].name);
	fputs("' -- \"$word\"))\n\t\treturn\n\tfi\n\tcase $before in\n\t--report | -r) "
	      "COMPREPLY=($(compgen -W '",
	      stdout);
	write_formats(" ", "");
	fputs("' -- \"$word\")); return ;;\n\tesac\n\tcase $command in\n", stdout);
	for (size_t i = 0; i < command_count; i++) {
		printf("\t%s) options='", commands[i].name);
		each_option(&commands[i], bash_option);
		fputs("' ;;\n", stdout);
	}
	fputs("\tesac\n"
	      "\tcase $word in\n"
	      "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	      "\t*) [ \"$command\" = completion ] && COMPREPLY=($(compgen -W 'bash zsh fish' -- "
	      "\"$word\")) ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -o default -F _cpis cpis\n",
	      stdout);
}

static void zsh_option(const struct command *command, const struct option *option)
{
	(void)command;
	fputs(" \\\n\t\t'", stdout);
	fputs(option->name, stdout);
	fputs(option->argument ? "=[" : "[", stdout);
	for (const char *p = option->help; *p; p++) {
		if (*p == '[' || *p == ']' || *p == ':')
			putchar('\\');
		fputs(*p == '\'' ? "'\\''" : (char[]){ *p, 0 }, stdout);
	}
	putchar(']');
	if (option->argument) {
		fputs(":value:", stdout);
		if (is_report(option)) {
			putchar('(');
			write_formats(" ", "");
			putchar(')');
		} else if (wants_folder(option->argument)) {
			fputs("_files -/", stdout);
		} else if (wants_file(option->argument)) {
			fputs("_files", stdout);
		}
	}
	putchar('\'');
}

static void write_zsh(void)
{
	fputs("#compdef cpis\n# zsh completion for cpis: put it in a folder of $fpath as _cpis\n"
	      "_cpis() {\n\tlocal -a names\n\tnames=(\n",
	      stdout);
	for (size_t i = 0; i < command_count; i++) {
		fputs("\t\t", stdout);
		printf("'%s:", commands[i].name);
		for (const char *p = commands[i].summary; *p; p++)
			fputs(*p == '\'' ? "'\\''" : (char[]){ *p, 0 }, stdout);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command names\n\t\treturn\n\tfi\n"
	      "\tlocal name=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $name in\n",
	      stdout);
	for (size_t i = 0; i < command_count; i++) {
		printf("\t%s) _arguments -s", commands[i].name);
		each_option(&commands[i], zsh_option);
		fputs(strcmp(commands[i].name, "completion") == 0
			      ? " \\\n\t\t'*:shell:(bash zsh fish)'"
			      : " \\\n\t\t'*:file:_files'",
		      stdout);
		fputs(" ;;\n", stdout);
	}
	fputs("\tesac\n}\n_cpis \"$@\"\n", stdout);
}

static void fish_option(const struct command *command, const struct option *option)
{
	printf("complete -c cpis -n '__fish_seen_subcommand_from %s' -l %s", command->name,
	       option->name + 2);
	if (option->letter)
		printf(" -s %c", option->letter);
	fputs(" -d ", stdout);
	write_quoted(option->help);
	if (option->argument && is_report(option)) {
		fputs(" -x -a '", stdout);
		write_formats(" ", "");
		putchar('\'');
	} else if (option->argument && wants_folder(option->argument)) {
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	} else if (option->argument) {
		fputs(wants_file(option->argument) ? " -r -F" : " -x", stdout);
	}
	putchar('\n');
}

static void write_fish(void)
{
	fputs("# fish completion for cpis: put it in fish's folder of completions as cpis.fish\n",
	      stdout);
	for (size_t i = 0; i < command_count; i++) {
		printf("complete -c cpis -f -n __fish_use_subcommand -a %s -d ", commands[i].name);
		write_quoted(commands[i].summary);
		putchar('\n');
	}
	for (size_t i = 0; i < command_count; i++)
		each_option(&commands[i], fish_option);
	fputs("complete -c cpis -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh "
	      "fish'\n",
	      stdout);
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
	return tell_usage("completion: name a shell: bash, zsh or fish");
}
