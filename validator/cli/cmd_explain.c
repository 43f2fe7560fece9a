#include "command.h"

#include <string.h>
#include <strings.h>

static void explain(const struct cpis_rule_info *rule)
{
	printf("%s  %s\n%s\n\n", rule->id, rule->name, rule->title);
	printf("  Severity  %s\n  Basis     %s\n  Source    %s\n", cpis_severity_name(rule->severity),
	       cpis_basis_name(rule->basis), rule->citation);
	printf("  Why       %s\n  Fix       %s\n", rule->why, rule->fix);
}

static bool mentions(const struct cpis_rule_info *rule, const char *word)
{
	const char *const texts[] = { rule->id, rule->name, rule->title, rule->why,
				      rule->fix, rule->citation };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcasestr(texts[i], word))
			return true;
	return false;
}

/* One word: the rule it names, else all rules that mention it. Returns how many were shown. */
static size_t look_up(const char *word)
{
	size_t shown = 0;
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct cpis_rule_info rule = cpis_rule_at(i);
		if (strcasecmp(rule.id, word) == 0 || strcasecmp(rule.name, word) == 0) {
			explain(&rule);
			return 1;
		}
	}
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct cpis_rule_info rule = cpis_rule_at(i);
		if (!mentions(&rule, word))
			continue;
		printf("%-8s %-8s %s\n", rule.id, cpis_severity_name(rule.severity), rule.title);
		shown++;
	}
	return shown;
}

int cmd_explain(struct request *request)
{
	if (request->input_count == 0)
		return cmd_rules(request);
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++)
		if (look_up(request->inputs[i]) == 0)
			code = tell_usage("explain: no rule is called %s or mentions it", request->inputs[i]);
	return code;
}
