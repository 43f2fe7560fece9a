/* Scripts that complete command lines, from the tables of commands and options. */
#include "cli.h"

#include <string.h>

/* What of the disk an option or a command takes, by its help. */
enum paths { PATHS_NONE, PATHS_FOLDERS, PATHS_ALL };

static enum paths paths_of(const char *word)
{
	if (strstr(word, "FILE") || strstr(word, "PACK"))
		return PATHS_ALL;
	return strstr(word, "FOLDER") ? PATHS_FOLDERS : PATHS_NONE;
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

/* Words of a command that are neither files nor options. */
static const struct operand {
	const char *command;
	int number; /* of the word after the command; 0: each */
	const char *after;
	void (*write)(void);
} operands[] = {
	{ "help", 1, NULL, write_command_names }, { "new", 1, NULL, write_kinds_of_new },
	{ "schemas", 1, NULL, write_of_schemas }, { "schemas", 2, "json", write_formats },
	{ "completion", 1, NULL, write_shells },  { "explain", 0, NULL, write_rule_ids },
	{ "ci", 2, NULL, write_of_ci },
};

static const size_t operand_count = sizeof(operands) / sizeof(operands[0]);

static bool has_choices(const struct option *option)
{
	return option->words[0] || option->kind == KIND_REPORTS || option->kind == KIND_STAGES ||
	       takes_type(option);
}

static bool may_repeat(const struct option *option)
{
	return option->kind == KIND_REPORTS || option->kind == KIND_TEXTS ||
	       option->kind == KIND_LIST || option->kind == KIND_PAIRS;
}

static bool is_report(const struct option *option)
{
	return option->kind == KIND_REPORTS || option->kind == KIND_ONE_REPORT;
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

/* What follows an option: "command --option | command -o) ...". Stages are a list. */
static void bash_value(const struct command *command, const struct option *option)
{
	bool folders = option->word && paths_of(option->word) == PATHS_FOLDERS;
	if (!has_choices(option) && !folders)
		return;
	printf("\t'%s --%s'", command->name, option->name);
	if (option->letter)
		printf(" | '%s -%c'", command->name, option->letter);
	if (folders) {
		fputs(") compopt -o dirnames +o default 2>/dev/null; return ;;\n", stdout);
		return;
	}
	fputs(option->kind == KIND_STAGES ? ") COMPREPLY=($(compgen -P \"$list\" -W '"
					  : ") COMPREPLY=($(compgen -W '",
	      stdout);
	write_choices(option);
	fputs(option->kind == KIND_STAGES ? "' -- \"${word##*,}\")); return ;;\n"
					  : "' -- \"$word\")); return ;;\n",
	      stdout);
}

/* A blank in a pattern of case is written with a backslash. */
static void bash_operand(const struct operand *operand)
{
	printf("\t\t%s\\ ", operand->command);
	if (operand->number)
		printf("%d", operand->number + 1);
	else
		putchar('*');
	printf("\\ %s) COMPREPLY=($(compgen -W '", operand->after ? operand->after : "*");
	operand->write();
	fputs("' -- \"$word\")) ;;\n", stdout);
}

/* The shell makes three words of --option=value, and ci runs another command. */
static void write_bash(void)
{
	fputs("# bash completion for cpis: source it, or save it as cpis in the folder of\n"
	      "# bash-completion\n"
	      "_cpis() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal command=${COMP_WORDS[1]} number=$COMP_CWORD options= list=\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$number\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W 'help --help --version",
	      stdout);
	for (const struct command *command = commands; command->name; command++)
		printf(" %s", command->name);
	fputs("' -- \"$word\"))\n\t\treturn\n\tfi\n"
	      "\tif [ \"$command\" = ci ] && [ \"$number\" -gt 3 ]; then\n"
	      "\t\tcommand=${COMP_WORDS[3]} number=$((number - 2))\n"
	      "\tfi\n"
	      "\tcase $before$word in\n"
	      "\t--*=) before=$before word= ;;\n"
	      "\t=*) before=${COMP_WORDS[COMP_CWORD-2]} ;;\n"
	      "\tesac\n"
	      "\tcase $word in\n"
	      "\t*,*) list=${word%,*}, ;;\n"
	      "\tesac\n"
	      "\tcase \"$command $before\" in\n",
	      stdout);
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
	      "\t*) case \"$command $number $before\" in\n",
	      stdout);
	for (size_t i = 0; i < operand_count; i++)
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

static void zsh_value(const struct option *option)
{
	enum paths paths = option->word ? paths_of(option->word) : PATHS_NONE;
	if (option->kind == KIND_STAGES)
		fputs("_values -s , stage ", stdout);
	else if (is_report(option))
		fputs(" _cpis_report ", stdout);
	else if (has_choices(option))
		putchar('(');
	else
		fputs(paths == PATHS_FOLDERS ? "_files -/" : paths ? "_files" : " ", stdout);
	write_choices(option);
	if (has_choices(option) && !is_report(option) && option->kind != KIND_STAGES)
		putchar(')');
}

/* The letter and the name of an option are given once, unless it may be repeated. */
static void zsh_option(const struct command *command, const struct option *option)
{
	bool flag = option->kind == KIND_FLAG;
	(void)command;
	fputs(" \\\n\t\t", stdout);
	if (may_repeat(option))
		fputs("'*'", stdout);
	else if (option->letter)
		printf("'(-%c --%s)'", option->letter, option->name);
	if (option->letter)
		printf("{-%c%s,--%s%s}", option->letter, flag ? "" : "+", option->name,
		       flag ? "" : "=");
	else
		printf("--%s%s", option->name, flag ? "" : "=");
	fputs("'[", stdout);
	write_zsh_text(option->help);
	putchar(']');
	if (!flag) {
		fputs(":value:", stdout);
		zsh_value(option);
	}
	putchar('\'');
}

/* What may follow one word alone is offered after that word. */
static void zsh_operands(const char *command, const char *operands_of)
{
	bool each = false;
	for (size_t i = 0; i < operand_count; i++) {
		const struct operand *operand = &operands[i];
		if (strcmp(operand->command, command) != 0)
			continue;
		fputs(" \\\n\t\t", stdout);
		each |= operand->number == 0;
		if (operand->after)
			printf("\"$([ \"$words[%d]\" = %s ] && echo '%d:word:(", operand->number,
			       operand->after, operand->number);
		else if (operand->number)
			printf("'%d:word:(", operand->number);
		else
			fputs("'*:word:(", stdout);
		operand->write();
		if (operand->after)
			printf(")' || echo '%d:word:_files')\"", operand->number);
		else
			fputs(")'", stdout);
	}
	enum paths paths = paths_of(operands_of);
	if (!each && paths)
		printf(" \\\n\t\t'*:file:_files%s'", paths == PATHS_FOLDERS ? " -/" : "");
}

static void write_zsh(void)
{
	fputs("#compdef cpis\n"
	      "# zsh completion for cpis: save it as _cpis in a folder of $fpath, or source it\n"
	      "_cpis_report() {\n"
	      "\tif compset -P '*='; then\n\t\t_files\n\telse\n\t\tcompadd -- \"$@\"\n\tfi\n}\n"
	      "_cpis() {\n\tlocal -a names\n\tnames=(\n\t\t'help:show the options of a command'\n",
	      stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("\t\t'%s:", command->name);
		write_zsh_text(command->summary);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n"
	      "\t\t[[ $PREFIX == -* ]] && compadd -- --help --version\n"
	      "\t\t_describe command names\n\t\treturn\n\tfi\n"
	      "\tshift words\n\t(( CURRENT-- ))\n"
	      "\tif [[ $words[1] == ci ]] && (( CURRENT > 3 )); then\n"
	      "\t\tshift 2 words\n\t\t(( CURRENT -= 2 ))\n\tfi\n"
	      "\tcase $words[1] in\n\thelp) _arguments",
	      stdout);
	zsh_operands("help", "");
	fputs(" ;;\n", stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("\t%s) _arguments -s", command->name);
		each_option(command, zsh_option);
		zsh_operands(command->name, command->operands);
		fputs(" ;;\n", stdout);
	}
	fputs("\tesac\n}\n"
	      "if [ \"$funcstack[1]\" = _cpis ]; then\n\t_cpis \"$@\"\nelse\n"
	      "\tcompdef _cpis cpis\nfi\n",
	      stdout);
}

/* After an option whose values are listed, no file is offered. */
static void fish_option(const struct command *command, const struct option *option)
{
	enum paths paths = option->word ? paths_of(option->word) : PATHS_NONE;
	printf("complete -c cpis -n '__cpis_runs %s' -l %s", command->name, option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	fputs(" -d ", stdout);
	write_quoted(option->help);
	if (has_choices(option)) {
		const char *from = option->kind == KIND_STAGES ? "(__fish_append , "
				   : is_report(option)	       ? "(__cpis_reports "
							       : "";
		printf(" -x -a '%s", from);
		write_choices(option);
		fputs(*from ? ")'" : "'", stdout);
	} else if (paths == PATHS_FOLDERS) {
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	} else if (option->word) {
		fputs(paths ? " -r -F" : " -x", stdout);
	}
	putchar('\n');
}

static void fish_operand(const struct operand *operand)
{
	printf("complete -c cpis -f -n '__cpis_runs %s", operand->command);
	if (operand->number)
		printf(" && __cpis_word %d %s", operand->number,
		       operand->after ? operand->after : "");
	fputs("' -a '", stdout);
	operand->write();
	fputs("'\n", stdout);
}

static void write_fish(void)
{
	fputs("# fish completion for cpis: save it as cpis.fish in fish's folder of completions\n"
	      "function __cpis_words\n"
	      "\tset -l words (commandline -opc)[2..-1]\n"
	      "\tif test \"$words[1]\" = ci && test (count $words) -ge 3\n"
	      "\t\tset words $words[3..-1]\n"
	      "\tend\n"
	      "\tprintf '%s\\n' $words\n"
	      "end\n"
	      "function __cpis_runs\n"
	      "\ttest (__cpis_words)[1] = $argv[1] 2>/dev/null\n"
	      "end\n"
	      "function __cpis_word\n"
	      "\tset -l words (__cpis_words)\n"
	      "\ttest (count $words) -eq $argv[1] && begin\n"
	      "\t\ttest (count $argv) -eq 1 || test $words[-1] = $argv[2]\n"
	      "\tend\n"
	      "end\n"
	      "function __cpis_reports\n"
	      "\tset -l word (string replace -r '^(--report=|-r)' '' -- (commandline -ct))\n"
	      "\tif set -l parts (string match -r '^([^=]*=)(.*)' -- $word)\n"
	      "\t\tfor path in (__fish_complete_path $parts[3])\n"
	      "\t\t\techo $parts[2]$path\n"
	      "\t\tend\n"
	      "\telse\n"
	      "\t\tprintf '%s\\n' $argv\n"
	      "\tend\n"
	      "end\n"
	      "complete -c cpis -n __fish_use_subcommand -l help -d 'show the commands'\n"
	      "complete -c cpis -n __fish_use_subcommand -l version -d 'show the version'\n"
	      "complete -c cpis -f -n __fish_use_subcommand -a help -d 'show the options of a "
	      "command'\n",
	      stdout);
	for (const struct command *command = commands; command->name; command++) {
		printf("complete -c cpis -f -n __fish_use_subcommand -a %s -d ", command->name);
		write_quoted(command->summary);
		putchar('\n');
		if (!paths_of(command->operands))
			printf("complete -c cpis -f -n '__cpis_runs %s'\n", command->name);
	}
	for (const struct command *command = commands; command->name; command++)
		each_option(command, fish_option);
	for (size_t i = 0; i < operand_count; i++)
		fish_operand(&operands[i]);
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
