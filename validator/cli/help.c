/* --help and cpis help, from the tables of commands and options, for a terminal of 80 columns. */
#include "cli.h"

#include <string.h>

enum { WIDTH = 80, OPTION_COLUMN = 30, COMMAND_COLUMN = 15, FORMAT_COLUMN = 16, MOST_UNTITLED = 7 };

/* The length of the longest part of text, up to a blank or the end, that is at most n characters;
 * a longer word is not cut. */
static size_t line_of(const char *text, size_t n)
{
	size_t end = strcspn(text, " "), next = end;
	while (text[next] && next + 1 + strcspn(text + next + 1, " ") <= n) {
		next += 1 + strcspn(text + next + 1, " ");
		end = next;
	}
	return end;
}

void write_wrapped(FILE *out, const char *text, size_t column, size_t at)
{
	if (at + 2 > column && at > 0) {
		fputc('\n', out);
		at = 0;
	}
	while (*text) {
		size_t n = line_of(text, WIDTH - 1 - column);
		fprintf(out, "%*s%.*s\n", (int)(column - at), "", (int)n, text);
		text += n + (text[n] == ' ');
		at = 0;
	}
}

static void write_row(FILE *out, const char *left, const char *text, size_t column)
{
	fputs(left, out);
	write_wrapped(out, text, column, strlen(left));
}

static void write_option(FILE *out, const struct option *option)
{
	char argument[MOST_ARGUMENT], usual[MOST_ARGUMENT], left[160], letter[8] = "    ",
								       line[256];
	option_argument(option, argument);
	option_usual(option, usual);
	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, option->name, argument[0] ? " " : "",
		 argument);
	snprintf(line, sizeof(line), "%s%s%s%s", option->help, usual[0] ? " (default " : "", usual,
		 usual[0] ? ")" : "");
	write_row(out, left, line, OPTION_COLUMN);
}

static void write_options(FILE *out, const struct command *command)
{
	size_t count = 0;
	for (const struct option *option = command_options; option->name || option->title; option++)
		count += option->name && option->takers & command->bit;
	const struct option *heading = NULL;
	if (count <= MOST_UNTITLED)
		fputs("\nOptions:\n", out);
	for (const struct option *option = command_options; option->name || option->title;
	     option++) {
		if (option->title)
			heading = option;
		if (!option->name || !(option->takers & command->bit))
			continue;
		if (heading && count > MOST_UNTITLED)
			fprintf(out, "\n%s:\n", heading->title);
		if (heading && heading->help)
			write_wrapped(out, heading->help, 2, 0);
		heading = NULL;
		write_option(out, option);
	}
}

static bool writes_every_format(const struct command *command)
{
	for (const struct option *option = command_options; option->name || option->title; option++)
		if (option->kind == KIND_REPORTS && !option->words[0] && option->name &&
		    option->takers & command->bit)
			return true;
	return false;
}

static void write_formats(FILE *out)
{
	const char *summary, *name;
	fputs("\nReport formats:\n", out);
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++) {
		char left[64];
		snprintf(left, sizeof(left), "  %s", name);
		write_row(out, left, summary, FORMAT_COLUMN);
	}
}

static void write_exit_codes(FILE *out)
{
	fputs("\nExit codes: 0 pass, 1 fail, 2 usage or configuration error, 3 incomplete.\n", out);
}

void help_command(FILE *out, const struct command *command)
{
	fprintf(out, "Usage: cpis %s [OPTION]...%s%s\n\n", command->name,
		command->operands[0] ? " " : "", command->operands);
	write_wrapped(out, command->about, 0, 0);
	write_options(out, command);
	if (writes_every_format(command))
		write_formats(out);
	write_exit_codes(out);
}

void help_program(FILE *out)
{
	const char *group = NULL;
	fputs("cpis checks CP-IS messages and reports what is wrong with them.\n\n"
	      "Usage: cpis COMMAND [OPTION]... [OPERAND]...\n",
	      out);
	for (const struct command *command = commands; command->name; command++) {
		char left[64];
		if (!group || strcmp(group, command->group) != 0)
			fprintf(out, "\n%s:\n", command->group);
		group = command->group;
		snprintf(left, sizeof(left), "  %s", command->name);
		write_row(out, left, command->summary, COMMAND_COLUMN);
	}
	fputs("\nFor the options of a command, run: cpis help COMMAND\n"
	      "For the version, run: cpis --version\n",
	      out);
	write_exit_codes(out);
}
