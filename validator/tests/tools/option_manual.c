/*
 * option_manual - the section OPTIONS of cpis(1), in mdoc, from cpis_options.def, to standard
 * output.
 */
#include "../../cli/cli.h"

#include <ctype.h>
#include <string.h>

/* Text as mdoc takes it, a sentence a line; an option keeps its hyphens. */
static void write_text(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			fputs("\\e", stdout);
		else if (p[0] == '-' && (p[1] == '-' || (p > text && p[-1] == '-')))
			fputs("\\-", stdout);
		else if (p[0] == '.' && p[1] == ' ' && isupper((unsigned char)p[2])) {
			fputs(".\n", stdout);
			p++;
		} else
			putchar(*p);
	}
}

/* "Cm error | warning" of words, "Ar FILE" of what stands for a value. */
static void write_argument(const struct option *option)
{
	char argument[MOST_ARGUMENT];
	option_argument(option, argument);
	if (!argument[0])
		return;
	printf(" %s ", option->kind == KIND_CHOICE ? "Cm" : "Ar");
	for (const char *p = argument; *p; p++)
		if (*p == '|')
			fputs(" | ", stdout);
		else
			putchar(*p);
}

/* "(validate, run)"; nothing where every command takes the option. */
static void write_takers(const struct option *option)
{
	const char *before = ".Pq Cm ";
	if (option->takers == EVERY_COMMAND)
		return;
	for (const struct command *command = commands; command->name; command++)
		if (command->bit & option->takers) {
			printf("%s%s", before, command->name);
			before = " , ";
		}
	putchar('\n');
}

static void write_option(const struct option *option)
{
	char usual[MOST_ARGUMENT];
	const char *text = option->manual;
	option_usual(option, usual);
	fputs(".It ", stdout);
	if (option->letter)
		printf("Fl %c , ", option->letter);
	printf("Fl Fl %s", option->name);
	write_argument(option);
	putchar('\n');
	write_takers(option);
	if (text) {
		write_text(text);
	} else {
		putchar(toupper((unsigned char)option->help[0]));
		write_text(option->help + 1);
		putchar('.');
	}
	putchar('\n');
	if (usual[0])
		printf("The default is %s.\n", usual);
	for (const struct option_alias *alias = option_aliases; alias->old; alias++)
		if (strcmp(alias->name, option->name) == 0 && alias->takers & option->takers)
			printf("Its old name, \\-\\-%s, still works, and will be removed in a "
			       "later version.\n",
			       alias->old);
}

int main(void)
{
	puts(".Sh OPTIONS\n"
	     ".\\\" This section is written by `make manuals` from cpis_options.def.\n"
	     "The commands that take an option are in brackets; the others are for every command.");
	bool listing = false;
	for (const struct option *option = command_options; option->name || option->title;
	     option++) {
		if (option->name) {
			write_option(option);
			continue;
		}
		if (listing)
			puts(".El");
		listing = true;
		printf(".Ss %s\n", option->title);
		if (option->help) {
			write_text(option->help);
			putchar('\n');
		}
		puts(".Bl -tag -width Ds");
	}
	puts(".El");
	return 0;
}
