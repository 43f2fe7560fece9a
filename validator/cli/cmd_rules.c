#include "command.h"

#include <string.h>

static void write_csv_field(const char *text, char after)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
	putchar(after);
}

static void write_csv(void)
{
	puts("id,severity,name,basis,citation,title");
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		printf("%s,%s,%s,%s,", rule.id, cpis_severity_name(rule.severity), rule.name,
		       cpis_basis_name(rule.basis));
		write_csv_field(rule.citation, ',');
		write_csv_field(rule.title, '\n');
	}
}

static void write_json_member(const char *name, const char *text, const char *after)
{
	printf("\"%s\": \"", name);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar(*text);
	printf("\"%s", after);
}

static void write_json(void)
{
	puts("[");
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		fputs("  {", stdout);
		write_json_member("id", rule.id, ", ");
		write_json_member("name", rule.name, ", ");
		write_json_member("severity", cpis_severity_name(rule.severity), ", ");
		write_json_member("basis", cpis_basis_name(rule.basis), ", ");
		write_json_member("citation", rule.citation, ", ");
		write_json_member("title", rule.title, ", ");
		write_json_member("why", rule.why, ", ");
		write_json_member("fix", rule.fix, i + 1 < cpis_rule_count() ? "},\n" : "}\n");
	}
	puts("]");
}

static void write_markdown(void)
{
	puts("| id | severity | rule | basis | citation |\n|---|---|---|---|---|");
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		printf("| %s | %s | %s | %s | %s |\n", rule.id, cpis_severity_name(rule.severity),
		       rule.title, cpis_basis_name(rule.basis), rule.citation);
	}
}

static void write_text(void)
{
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		printf("%-8s %-8s %s (%s)\n", rule.id, cpis_severity_name(rule.severity),
		       rule.title, cpis_basis_name(rule.basis));
	}
}

int cmd_rules(struct request *request)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} formats[] = {
		{ "text", write_text },	  { "csv", write_csv },		  { "json", write_json },
		{ "md", write_markdown }, { "mdoc", rules_write_manual },
	};
	const char *format = request->format ? request->format : "text";
	if (request->input_count)
		return tell_usage("rules takes no operand: cpis explain searches");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, format) == 0)
			formats[i].write();
	return CPIS_EXIT_PASS;
}
