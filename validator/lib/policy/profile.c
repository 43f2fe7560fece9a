/* cpis_results_profile: a profile changes the severity of rules or turns them off, with reasons. */
#include "cpis.h"

#include "base/near.h"
#include "config/fields.h"
#include "diag/results.h"
#include "policy/baseline.h"
#include "rules/catalogue.h"

#include <stdio.h>

struct change {
	struct config_place place;
	struct config_text rule, family, reason;
	struct config_number severity;
	bool faulty; /* it has a problem already */
};

struct profile {
	struct config_place place;
	struct config_text name;
	struct change *changes;
	size_t change_count;
};

/* In the order of enum cpis_severity, and off. */
static const char *const severities[] = { "info", "warning", "error", "off", NULL };
enum { SEVERITY_OFF = 3 };

static const struct field change_fields[] = {
	{ "rule", FIELD_TEXT, .offset = offsetof(struct change, rule) },
	{ "family", FIELD_TEXT, .offset = offsetof(struct change, family) },
	{ "severity", FIELD_CHOICE, .required = true, .choices = severities,
	  .offset = offsetof(struct change, severity) },
	{ "reason", FIELD_TEXT, .required = true, .offset = offsetof(struct change, reason) },
};

static const struct mapping change_mapping = {
	.what = "a change of a rule",
	.bytes = sizeof(struct change),
	.faulty_offset = offsetof(struct change, faulty),
	FIELDS(change_fields),
};

static const struct field profile_fields[] = {
	{ "profile", FIELD_TEXT, .required = true, .offset = offsetof(struct profile, name) },
	{ "rules", FIELD_LIST, .required = true, .offset = offsetof(struct profile, changes),
	  .count_offset = offsetof(struct profile, change_count), .of = &change_mapping },
};

const struct mapping profile_mapping = {
	.what = "a profile",
	.bytes = sizeof(struct profile),
	FIELDS(profile_fields),
};

/* The letters before the dash of "NHS-001". */
static bool is_of_family(const struct rule *rule, const char *family)
{
	size_t n = strlen(family);
	return strncmp(rule->id, family, n) == 0 && rule->id[n] == '-';
}

/* Never: the rules on an attack in the document, and on what could not be judged. */
static bool may_be_changed(const struct rule *rule)
{
	return rule != rules_stage(RULE_XML_002) && rule != rules_stage(RULE_TRN_008);
}

static void apply_to(struct results *results, size_t index, const struct change *change,
		     const char *source)
{
	struct rule_override *to = &results->overrides[index];
	to->set = true;
	to->off = change->severity.value == SEVERITY_OFF;
	to->severity = to->off ? results->rules[index]->severity
			       : (enum cpis_severity)change->severity.value;
	to->reason = arena_copy(&results->arena, str_of(change->reason.text));
	to->source = arena_printf(&results->arena, "%s:%zu", source, change->place.line);
}

static bool is_named(const struct rule *rule, const struct change *change)
{
	return change->rule.text ? strcmp(rule->id, change->rule.text) == 0
				 : is_of_family(rule, change->family.text);
}

static void apply(struct results *results, const struct change *change, const struct loader *loader)
{
	struct problems *problems = loader->problems;
	bool rule_given = change->rule.place.line, family_given = change->family.place.line;
	if (rule_given == family_given) {
		if (rule_given || change->severity.given || change->reason.place.line)
			problem_add(problems, loader->file, change->place,
				    "a change has either a 'rule' or a 'family'");
		return;
	}
	const struct config_text *named = rule_given ? &change->rule : &change->family;
	if (!named->text || !*named->text)
		return; /* which is a problem already */
	struct near near = near_start(str_of(change->rule.text ? named->text : ""));
	size_t matched = 0;
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule *rule = results->rules[i];
		near_offer(&near, rule->id);
		if (!is_named(rule, change))
			continue;
		matched++;
		if (may_be_changed(rule) && !change->faulty)
			apply_to(results, i, change, loader->file);
		else if (!may_be_changed(rule) && change->rule.text)
			problem_add(problems, loader->file, change->place,
				    "the severity of %s cannot be changed", rule->id);
	}
	char hint[128];
	if (matched == 0)
		problem_add(problems, loader->file, named->place, "there is no %s %s%s",
			    change->rule.text ? "rule" : "family of rules", named->text,
			    problem_hint(&near, hint, sizeof(hint)));
}

static void load(struct results *results, const struct loader *loader)
{
	struct profile profile = { .change_count = 0 };
	load_mapping_file(loader, &profile_mapping, &profile);
	for (size_t i = 0; i < profile.change_count; i++)
		apply(results, &profile.changes[i], loader);
	if (profile.name.text)
		results->profile = arena_copy(&results->arena, str_of(profile.name.text));
}

int cpis_results_profile(struct cpis_results *public_results, const char *path,
			 void (*problem)(void *context, const struct cpis_failure *problem),
			 void *context, struct cpis_failure *failure)
{
	struct results *results = (struct results *)(void *)public_results;
	struct arena arena;
	struct problems problems;
	const struct loader loader = { &arena, path, &problems, false };
	arena_init(&arena);
	problems_init(&problems);
	if (!results->overrides)
		results->overrides = arena_alloc(
			&results->arena, (results->rule_count + 1) * sizeof(*results->overrides));
	if (results->overrides)
		load(results, &loader);
	if (!problems_any(&problems))
		results_note_input(results, NULL, "profile", NULL, path);
	if (arena.failed || results->arena.failed)
		problem_add_internal(&problems, path, "out of memory");
	arena_release(&arena);
	return problems_close(&problems, problem, context, failure);
}
