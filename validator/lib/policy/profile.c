/* A profile: rules that a run takes for heavier or lighter, or leaves out, each with its reason. */
#include "base/files.h"
#include "base/near.h"
#include "config/fields.h"

#include "cpis.h"
#include "diag/results.h"

#include <stdio.h>

struct change {
	struct config_place place;
	struct config_text rule, family, reason;
	struct config_number severity;
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
	FIELDS(change_fields),
};

static const struct field profile_fields[] = {
	{ "profile", FIELD_TEXT, .required = true, .offset = offsetof(struct profile, name) },
	{ "rules", FIELD_LIST, .required = true, .offset = offsetof(struct profile, changes),
	  .count_offset = offsetof(struct profile, change_count), .of = &change_mapping },
};

static const struct mapping profile_mapping = {
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

/* What a run may not take lightly: an attack in the document, and what could not be judged. */
static bool may_be_lowered(const struct rule *rule)
{
	return strcmp(rule->id, "XML-002") != 0 && strcmp(rule->id, "TRN-008") != 0;
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

static void apply(struct results *results, const struct change *change, const char *source,
		  struct problems *problems)
{
	const struct config_text *named = change->rule.text ? &change->rule : &change->family;
	size_t matched = 0;
	if (!change->rule.text == !change->family.text) {
		problem_add(problems, source, change->place,
			    "a change names either a rule or a family");
		return;
	}
	struct near near = near_start(str_of(named->text));
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule *rule = results->rules[i];
		near_offer(&near, rule->id);
		if (change->rule.text ? strcmp(rule->id, named->text) != 0
				      : !is_of_family(rule, named->text))
			continue;
		matched++;
		if (may_be_lowered(rule))
			apply_to(results, i, change, source);
		else if (change->rule.text)
			problem_add(problems, source, change->place, "%s cannot be changed",
				    rule->id);
	}
	char hint[128];
	if (matched == 0)
		problem_add(problems, source, named->place, "there is no %s %s%s",
			    change->rule.text ? "rule" : "family of rules", named->text,
			    change->rule.text ? problem_hint(&near, hint, sizeof(hint)) : "");
}

static void load(struct results *results, const char *path, struct arena *arena,
		 struct problems *problems)
{
	char why[256];
	struct buf bytes;
	struct profile profile = { .change_count = 0 };
	buf_init(&bytes, 1024 * 1024);
	if (!files_read(path, &bytes, why, sizeof(why))) {
		problem_add(problems, path, (struct config_place){ 0 }, "%s", why);
	} else {
		const struct loader loader = { arena, path, problems };
		struct yaml_node *root = yaml_read(arena, path, buf_view(&bytes), problems);
		if (root)
			load_mapping(&loader, &profile_mapping, root, &profile);
		size_t usable = problems_any(problems) ? 0 : profile.change_count;
		for (size_t i = 0; i < usable; i++)
			apply(results, &profile.changes[i], path, problems);
		if (profile.name.text)
			results->profile = arena_copy(&results->arena, str_of(profile.name.text));
	}
	buf_release(&bytes);
}

int cpis_results_profile(struct cpis_results *public_results, const char *path,
			 void (*problem)(void *context, const struct cpis_failure *problem),
			 void *context, struct cpis_failure *failure)
{
	struct results *results = (struct results *)(void *)public_results;
	struct arena arena = { 0 };
	struct problems problems;
	problems_init(&problems);
	if (!results->overrides)
		results->overrides = arena_alloc(
			&results->arena, (results->rule_count + 1) * sizeof(*results->overrides));
	if (results->overrides)
		load(results, path, &arena, &problems);
	else
		problem_add_internal(&problems, path, "memory is out");
	int status = problems_any(&problems) ? -1 : 0;
	problems_sort(&problems);
	for (size_t i = 0; problem && i < problems.count; i++)
		problem(context, &problems.items[i]);
	if (status != 0)
		problems_summary(&problems, failure);
	problems_release(&problems);
	arena_release(&arena);
	return status;
}
