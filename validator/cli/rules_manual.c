/* cpis-rules(7): the catalogue as a manual page. */
#include "command.h"

#include <ctype.h>
#include <string.h>

/* Of the page: the day when its frame, not its rules, was last changed. */
#define MANUAL_DATE "November 22, 2026"

/* Text as mdoc takes it, a sentence a line. */
static void write_text(const char *text)
{
	bool at_start = true;
	for (const char *p = text; *p; p++) {
		if (at_start && (*p == '.' || *p == '\''))
			fputs("\\&", stdout);
		at_start = false;
		if (*p == '\\') {
			fputs("\\e", stdout);
		} else if (p > text && p[-1] == '.' && *p == ' ' && isupper((unsigned char)p[1])) {
			putchar('\n');
			at_start = true;
		} else {
			putchar(*p);
		}
	}
	putchar('\n');
}

static void write_rule(const struct cpis_rule_info *rule)
{
	printf(".It Sy %s Pq %s , basis: %s\n", rule->id, cpis_severity_name(rule->severity),
	       cpis_basis_name(rule->basis));
	printf(".Em %s\n.br\n", rule->name);
	write_text(rule->title);
	puts(".Pp");
	write_text(rule->why);
	puts(".Pp\nHow to fix it:");
	write_text(rule->fix);
	puts(".Pp\nSource:");
	write_text(rule->citation);
}

static void write_rules(void)
{
	const char *family = NULL;
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (!family || strcmp(family, rule.family) != 0) {
			printf("%s.Ss %.*s: %s\n.Bl -tag -width Ds\n", family ? ".El\n" : "",
			       (int)strcspn(rule.id, "-"), rule.id, rule.family);
			family = rule.family;
		}
		write_rule(&rule);
	}
	puts(family ? ".El" : ".Pp");
}

void rules_write_manual(void)
{
	puts(".\\\" Written by `make manuals` from the rows of the rules.\n"
	     ".Dd " MANUAL_DATE "\n.Dt CPIS-RULES 7\n.Os\n"
	     ".Sh NAME\n.Nm cpis-rules\n.Nd the rules that CP-IS messages are judged by\n"
	     ".Sh DESCRIPTION\n"
	     "Every finding of\n.Xr cpis 1\nnames its rule.\n"
	     "An id is never used for another rule.\n"
	     ".Pp\n"
	     "A finding of severity\n.Em error\nfails the message;\n.Em warning\nand\n.Em info\ndo "
	     "not, unless\n"
	     ".Fl Fl fail-on\nsays otherwise.\n"
	     "The basis is where a rule comes from.\n"
	     "Good practice alone is never more than a warning, but for XML-002, which is "
	     "about\nsecurity.\n"
	     ".Pp\n"
	     ".Dl $ cpis explain ID\n"
	     "shows a wrong message and a right one.\n"
	     ".Sh RULES");
	write_rules();
	puts(".Sh SEE ALSO\n.Xr cpis 1 ,\n.Xr cpis-pack 5");
}
