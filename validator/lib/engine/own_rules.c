#include "engine/own_rules.h"

#include "diag/failure.h"
#include "engine/limits.h"
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "xml/schematron.h"
#include "xml/tree.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_FILES = 16 };

struct own_rules {
	struct arena arena;
	struct schematron *files[MOST_FILES];
	size_t first[MOST_FILES]; /* each file's first assertion, among all */
	size_t file_count;
	size_t *rule_of; /* by assertion, among all */
	struct rule *rules;
	size_t rule_count;
};

struct own_rules_run {
	const struct own_rules *own;
	struct schematron_run *files[MOST_FILES];

	/* while a file judges */
	struct judge *judge;
	size_t first; /* its first assertion, among all */
};

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_taken(const struct own_rules *own, const char *id)
{
	for (size_t i = 0; i < own->rule_count; i++)
		if (strcmp(own->rules[i].id, id) == 0)
			return true;
	return rules_find(id) != NULL;
}

/* The id, or, where the catalogue or another file has it, with the first number that is free. */
static const char *free_id(struct own_rules *own, const char *id)
{
	const char *unique = id;
	for (unsigned n = 2; unique && is_taken(own, unique); n++)
		unique = arena_printf(&own->arena, "%s-%u", id, n);
	return unique ? unique : id;
}

static void add_rule(struct own_rules *own, const struct schematron *file,
		     const struct schematron_assertion *about)
{
	const char *id = free_id(own, about->id);
	own->rules[own->rule_count++] = (struct rule){
		.id = id,
		.name = about->id,
		.severity = about->severity,
		.basis = CPIS_BASIS_OWN,
		.cite = arena_printf(&own->arena, "%s:%zu", file_name(schematron_path(file)),
				     about->line),
		.title = about->text,
		.why = "A rule of your own.",
		.fix = about->fix ? about->fix : "Send what the assertion asks for.",
	};
}

/* The rules of one file: its assertions, of which those with the same id and severity are one rule.
 */
static void take_rules_of_file(struct own_rules *own, size_t number)
{
	const struct schematron *file = own->files[number];
	size_t first = own->rule_count;
	for (size_t i = 0; i < schematron_assertion_count(file); i++) {
		const struct schematron_assertion *about = schematron_assertion_at(file, i);
		size_t at = first;
		while (at < own->rule_count && (strcmp(own->rules[at].name, about->id) != 0 ||
						own->rules[at].severity != about->severity))
			at++;
		if (at == own->rule_count)
			add_rule(own, file, about);
		own->rule_of[own->first[number] + i] = at;
	}
}

static int take_rules(struct own_rules *own)
{
	size_t count = 0;
	for (size_t i = 0; i < own->file_count; i++) {
		own->first[i] = count;
		count += schematron_assertion_count(own->files[i]);
	}
	own->rules = arena_alloc(&own->arena, (count + 1) * sizeof(*own->rules));
	own->rule_of = arena_alloc(&own->arena, (count + 1) * sizeof(*own->rule_of));
	for (size_t i = 0; own->rules && own->rule_of && i < own->file_count; i++)
		take_rules_of_file(own, i);
	return own->arena.failed ? -1 : 0;
}

int own_rules_open(struct own_rules **out, const char *const *files, size_t count,
		   const char *phase, struct cpis_failure *failure)
{
	if (count > MOST_FILES)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "at most %d Schematron files can be used", MOST_FILES);
	failure_out_of_memory(failure);
	struct own_rules *own = calloc(1, sizeof(*own));
	if (!own)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (schematron_open(&own->files[i], files[i], phase, failure) != 0) {
			own_rules_close(own);
			return -1;
		}
		own->file_count++;
	}
	if (take_rules(own) != 0) {
		own_rules_close(own);
		return -1;
	}
	*out = own;
	return 0;
}

void own_rules_close(struct own_rules *own)
{
	if (!own)
		return;
	for (size_t i = 0; i < own->file_count; i++)
		schematron_close(own->files[i]);
	arena_release(&own->arena);
	free(own);
}

size_t own_rules_count(const struct own_rules *own)
{
	return own ? own->rule_count : 0;
}

const struct rule *own_rules_at(const struct own_rules *own, size_t index)
{
	return &own->rules[index];
}

struct own_rules_run *own_rules_run_new(const struct own_rules *own)
{
	struct own_rules_run *run = calloc(1, sizeof(*run));
	if (!run)
		return NULL;
	run->own = own;
	for (size_t i = 0; own && i < own->file_count; i++) {
		run->files[i] = schematron_run_new(own->files[i]);
		if (!run->files[i]) {
			own_rules_run_free(run);
			return NULL;
		}
	}
	return run;
}

void own_rules_run_free(struct own_rules_run *run)
{
	for (size_t i = 0; run && i < MOST_FILES; i++)
		schematron_run_free(run->files[i]);
	free(run);
}

static void on_judged(void *context, size_t assertion, bool failed)
{
	struct own_rules_run *run = context;
	size_t index = rules_count() + run->own->rule_of[run->first + assertion];
	struct draft_tally *tally = &run->judge->draft->tallies[index];
	tally->judged++;
	tally->failed += failed;
}

static void on_found(void *context, size_t assertion, size_t offset, const char *message)
{
	struct own_rules_run *run = context;
	struct judge *judge = run->judge;
	struct value culprit = { .offset = offset };
	judge_begin(judge, &run->own->rules[run->own->rule_of[run->first + assertion]]);
	judge_fail(judge, &culprit, MASK_NONE, "%s", message);
}

void own_rules_judge(struct own_rules_run *run, struct judge *judge)
{
	if (!run->own)
		return;
	struct xml_tree *tree = NULL;
	struct tree_fault fault;
	if (tree_parse(&tree, judge->bytes, &fault) != 0) {
		judge_leave_out(judge, "your own rules", fault.text);
		return;
	}
	const struct schematron_teller teller = { on_judged, on_found, run };
	tree_set_seconds(tree, limits_seconds(judge->options));
	run->judge = judge;
	for (size_t i = 0; i < run->own->file_count; i++) {
		char why[512];
		run->first = run->own->first[i];
		if (schematron_judge(run->files[i], tree, &teller, why, sizeof(why)) != 0)
			judge_leave_out(judge, "your own rules", why);
	}
	tree_free(tree);
}
