#include "engine/own_rules.h"

#include "diag/failure.h"
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
	size_t first[MOST_FILES]; /* rule of each file's first assertion */
	size_t file_count;
	struct rule *rules;
	size_t rule_count;
};

struct own_rules_run {
	const struct own_rules *own;
	struct schematron_run *files[MOST_FILES];

	/* while a file judges */
	struct judge *judge;
	size_t first; /* of the own rules: its first assertion */
};

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void fill_rule(struct own_rules *own, struct rule *rule, const struct schematron *file,
		      const struct schematron_assertion *about)
{
	*rule = (struct rule){
		.id = about->id,
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

static int take_rules(struct own_rules *own)
{
	for (size_t i = 0; i < own->file_count; i++) {
		own->first[i] = own->rule_count;
		own->rule_count += schematron_assertion_count(own->files[i]);
	}
	own->rules = arena_alloc(&own->arena, (own->rule_count + 1) * sizeof(*own->rules));
	for (size_t i = 0; own->rules && i < own->file_count; i++)
		for (size_t k = 0; k < schematron_assertion_count(own->files[i]); k++)
			fill_rule(own, &own->rules[own->first[i] + k], own->files[i],
				  schematron_assertion_at(own->files[i], k));
	return own->rules && !own->arena.failed ? 0 : -1;
}

int own_rules_open(struct own_rules **out, const char *const *files, size_t count,
		   const char *phase, struct cpis_failure *failure)
{
	failure_out_of_memory(failure);
	struct own_rules *own = calloc(1, sizeof(*own));
	if (!own)
		return -1;
	for (size_t i = 0; i < count && i < MOST_FILES; i++) {
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
	size_t index = rules_count() + run->first + assertion;
	struct draft_tally *tally = &run->judge->draft->tallies[index];
	tally->judged++;
	tally->failed += failed;
}

static void on_found(void *context, size_t assertion, size_t offset, const char *message)
{
	struct own_rules_run *run = context;
	struct judge *judge = run->judge;
	struct value culprit = { .offset = offset };
	judge_begin(judge, &run->own->rules[run->first + assertion]);
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
	run->judge = judge;
	for (size_t i = 0; i < run->own->file_count; i++) {
		char why[512];
		run->first = run->own->first[i];
		if (schematron_judge(run->files[i], tree, &teller, why, sizeof(why)) != 0)
			judge_leave_out(judge, "your own rules", why);
	}
	tree_free(tree);
}
