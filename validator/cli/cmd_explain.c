#include "command.h"

#include <string.h>
#include <strings.h>

/* How a rule is written out. */
struct manner {
	const char *name;
	void (*rule)(const struct cpis_rule_info *rule);
	void (*example)(const struct cpis_rule_info *rule, const struct cpis_rule_example *example);
	void (*hit)(const struct cpis_rule_info *rule); /* one line of a search */
};

static void print_place(const char *id, const char *file, size_t line, size_t column)
{
	printf("testcases/rules/%s/%s", id, file);
	if (line)
		printf(":%zu", line);
	if (line && column)
		printf(":%zu", column);
}

static void text_rule(const struct cpis_rule_info *rule)
{
	printf("%s  %s\n%s\n\n", rule->id, rule->name, rule->title);
	printf("  Severity  %s\n  Basis     %s\n  Source    %s\n",
	       cpis_severity_name(rule->severity), cpis_basis_name(rule->basis), rule->citation);
	printf("  Why       %s\n  Fix       %s\n", rule->why, rule->fix);
}

static const char *text_lines(const char *lines)
{
	return *lines ? lines : "  (no text: packed or compressed)\n";
}

static void text_example(const struct cpis_rule_info *rule, const struct cpis_rule_example *example)
{
	fputs("\n  Wrong: ", stdout);
	print_place(rule->id, example->wrong_file, example->wrong_line, example->wrong_column);
	printf("\n  %s\n\n%s\n  Right: ", example->says, text_lines(example->wrong));
	print_place(rule->id, example->right_file, example->right_line, 0);
	printf("\n\n%s", text_lines(example->right));
}

static void text_hit(const struct cpis_rule_info *rule)
{
	printf("%-8s %-8s %s\n", rule->id, cpis_severity_name(rule->severity), rule->title);
}

static void md_rule(const struct cpis_rule_info *rule)
{
	printf("## %s %s\n\n%s\n\n| | |\n|---|---|\n", rule->id, rule->name, rule->title);
	printf("| Severity | %s |\n| Basis | %s |\n| Source | %s |\n\n",
	       cpis_severity_name(rule->severity), cpis_basis_name(rule->basis), rule->citation);
	printf("**Why:** %s\n\n**Fix:** %s\n\n", rule->why, rule->fix);
}

static void md_lines(const char *lines)
{
	if (*lines)
		printf("```text\n%s```\n\n", lines);
}

static void md_example(const struct cpis_rule_info *rule, const struct cpis_rule_example *example)
{
	fputs("**Wrong**, `", stdout);
	print_place(rule->id, example->wrong_file, example->wrong_line, example->wrong_column);
	printf("`: %s\n\n", example->says);
	md_lines(example->wrong);
	fputs("**Right**, `", stdout);
	print_place(rule->id, example->right_file, example->right_line, 0);
	fputs("`:\n\n", stdout);
	md_lines(example->right);
}

static void md_hit(const struct cpis_rule_info *rule)
{
	printf("- **%s** (%s) %s\n", rule->id, cpis_severity_name(rule->severity), rule->title);
}

static const struct manner manners[] = {
	{ "text", text_rule, text_example, text_hit },
	{ "md", md_rule, md_example, md_hit },
};

static void explain(const struct manner *manner, const struct cpis_rule_info *rule)
{
	const struct cpis_rule_example *example = cpis_rule_example(rule->id);
	manner->rule(rule);
	if (example)
		manner->example(rule, example);
}

static bool mentions(const struct cpis_rule_info *rule, const char *word)
{
	const char *const texts[] = { rule->id,	 rule->name, rule->title,
				      rule->why, rule->fix,  rule->citation };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcasestr(texts[i], word))
			return true;
	return false;
}

/* One word: the rule it names, else all rules that mention it. Returns how many were shown. */
static size_t look_up(const struct manner *manner, const char *word)
{
	size_t shown = 0;
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (strcasecmp(rule.id, word) == 0 || strcasecmp(rule.name, word) == 0) {
			explain(manner, &rule);
			return 1;
		}
	}
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (!mentions(&rule, word))
			continue;
		manner->hit(&rule);
		shown++;
	}
	return shown;
}

static const struct manner *manner_of(const char *format)
{
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++)
		if (!format || strcmp(manners[i].name, format) == 0)
			return &manners[i];
	return NULL;
}

int cmd_explain(struct request *request)
{
	if (request->input_count == 0)
		return cmd_rules(request);
	const struct manner *manner = manner_of(request->format);
	if (!manner)
		return tell_usage("--format %s: a rule is explained as text or md",
				  request->format);
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++)
		if (look_up(manner, request->inputs[i]) == 0)
			code = tell_usage("explain: no rule is called %s or mentions it",
					  request->inputs[i]);
	return code;
}
