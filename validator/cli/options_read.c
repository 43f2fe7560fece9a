/* A command line read by the tables of options, and --help written from them. */
#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Later tables come first: a command's own option wins over a shared one of the same name. */
static const struct option *find_option(const struct command *command, const char *name,
					size_t length, char letter)
{
	size_t tables = 0;
	while (tables < MOST_TABLES && command->options[tables])
		tables++;
	while (tables-- > 0)
		for (const struct option *option = command->options[tables]; option->name; option++)
			if (letter ? option->letter == letter
				   : strlen(option->name) == length &&
					     strncmp(option->name, name, length) == 0)
				return option;
	return NULL;
}

static int unknown_option(const struct command *command, const char *word)
{
	const char *names[64];
	size_t count = 0;
	for (size_t i = 0; i < MOST_TABLES && command->options[i]; i++)
		for (const struct option *option = command->options[i]; option->name && count < 64;
		     option++)
			names[count++] = option->name;
	char name[64];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	const char *nearest = nearest_word(name, names, count);
	if (nearest)
		return tell_usage("%s: there is no option %s: did you mean %s?", command->name,
				  name, nearest);
	return tell_usage("%s: there is no option %s: cpis %s --help lists them", command->name,
			  name, command->name);
}

/* One option at *word; moves on when its value is the next word. */
static int take_option(struct request *request, char ***word, char **end)
{
	char *text = **word;
	bool is_long = text[1] == '-';
	size_t length = is_long ? strcspn(text, "=") : 0;
	const struct option *option =
		find_option(request->command, text, length, is_long ? 0 : text[1]);
	if (!option)
		return unknown_option(request->command, text);
	const char *value = NULL;
	if (is_long && text[length] == '=')
		value = text + length + 1;
	else if (!is_long && text[2])
		value = text + 2;
	if (!option->argument && value)
		return tell_usage("%s takes no value", option->name);
	if (option->argument && !value) {
		if (*word + 1 == end)
			return tell_usage("%s wants a value: %s", option->name, option->argument);
		value = *++*word;
	}
	const char *why = "it cannot be used";
	if (option->set(request, value, &why) != 0)
		return tell_usage("%s %s: %s", option->name, value ? value : "", why);
	return 0;
}

/* The clock is read here and nowhere else. */
static int settle_now(struct request *request)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	if (request->now_given)
		return 0;
	request->options.now = (long long)time(NULL);
	if (!epoch || !*epoch)
		return 0;
	char *end;
	request->options.now = strtoll(epoch, &end, 10);
	return *end ? tell_usage("SOURCE_DATE_EPOCH is not a number of seconds") : 0;
}

int options_parse(struct request *request, int argc, char **argv)
{
	bool only_operands = false;
	char **end = argv + argc;
	for (char **word = argv; word < end; word++) {
		if (!only_operands && strcmp(*word, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (only_operands || (*word)[0] != '-' || !(*word)[1]) {
			request->inputs[request->input_count++] = *word;
			continue;
		}
		int code = take_option(request, &word, end);
		if (code != 0)
			return code;
	}
	return settle_now(request);
}

static void help_option(FILE *out, const struct option *option)
{
	char left[48];
	snprintf(left, sizeof(left), "%s%c%s%s%s%s", option->letter ? "-" : "",
		 option->letter ? option->letter : ' ', option->letter ? ", " : "   ", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	fprintf(out, "  %-30s %s\n", left, option->help);
}

void help_command(FILE *out, const struct command *command)
{
	fprintf(out, "cpis %s [OPTION]... %s\n%s\n\n", command->name, command->operands,
		command->summary);
	for (size_t i = 0; i < MOST_TABLES && command->options[i]; i++)
		for (const struct option *option = command->options[i]; option->name; option++)
			if (find_option(command, option->name, strlen(option->name), 0) == option)
				help_option(out, option);
	if (command->options[1] != judging_options && command->options[1] != report_options)
		return;
	fputs("\nReport formats:\n", out);
	const char *summary, *name;
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++)
		fprintf(out, "  %-10s %s\n", name, summary);
}
