/* cpis_mutate_pack: whether a pack's good messages would be missed if they were wrong. */
#include "cpis.h"

#include "engine/engine.h"
#include "pack/case.h"
#include "pack/message.h"
#include "pack/mutant.h"

#include <stdio.h>

struct mutating {
	const struct cpis_mutate_options *options;
	const struct pack *pack;
	const struct pack_case *test;
	const struct pack_fixed *fixed; /* one of the case's messages */
	struct cpis_mutation_score *score;
	struct cpis_failure *failure;
};

static int out_of_memory(struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	return -1;
}

/* One that has findings, or is not judged to its end, has been noticed. */
static bool is_noticed(const struct results *results, size_t first)
{
	for (size_t i = first; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		if (message->finding_count || message->verdict != CPIS_PASS)
			return true;
	}
	return false;
}

static int judge(const struct mutating *mutating, struct str bytes, bool *noticed)
{
	struct cpis_results *opaque = NULL;
	const struct cpis_options options = { .now = mutating->options->now };
	if (cpis_results_new(&opaque, &options, mutating->failure) != 0)
		return -1;
	struct results *results = (struct results *)(void *)opaque;
	int status = engine_judge(results, "mutant", bytes, mutating->failure);
	if (status == 0)
		*noticed = is_noticed(results, 0);
	cpis_results_free(opaque);
	return status;
}

static int told(void *context, const struct mutant *mutant)
{
	const struct mutating *mutating = context;
	bool noticed;
	if (judge(mutating, mutant->bytes, &noticed) != 0)
		return -1;
	mutating->score->mutants++;
	mutating->score->noticed += noticed;
	const struct cpis_mutant survivor = {
		.case_id = mutating->test->id.text,
		.file = mutating->fixed->file.text,
		.change = mutant->change,
		.path = mutant->path,
		.line = mutant->line,
	};
	if (!noticed && mutating->options->survived)
		mutating->options->survived(mutating->options->context, &survivor);
	return 0;
}

/* Where a message of a case is called good, or NULL: one that the case changes is none. */
static const struct pack_fixed *good_message(const struct pack_case *test, size_t i)
{
	const struct pack_fixed *const all[] = { &test->message, &test->request, &test->response };
	const struct pack_expect *expect = test->expect;
	bool good = expect && expect->verdict.value == CPIS_PASS && !expect->finding_count &&
		    !expect->at_least.value && !test->known_failure.text;
	return good && all[i]->file.text && !all[i]->edit_count ? all[i] : NULL;
}

enum { MESSAGES_OF_A_CASE = 3 };

/* Several cases may take one message. */
static bool is_first(const struct pack *pack, size_t place)
{
	const struct pack_fixed *message =
		good_message(&pack->cases[place / MESSAGES_OF_A_CASE], place % MESSAGES_OF_A_CASE);
	for (size_t i = 0; message && i < place; i++) {
		const struct pack_fixed *before =
			good_message(&pack->cases[i / MESSAGES_OF_A_CASE], i % MESSAGES_OF_A_CASE);
		if (before && strcmp(before->file.text, message->file.text) == 0)
			return false;
	}
	return message != NULL;
}

static int mutate_case(struct mutating *mutating)
{
	struct pack_message message;
	struct pack_problems problems;
	pack_problems_init(&problems);
	int status = pack_message_open(&message, mutating->pack, mutating->test, mutating->fixed,
				       &problems);
	if (status != 0) {
		pack_problems_summary(&problems, mutating->failure);
	} else {
		struct xml_tree *tree = NULL;
		struct tree_fault fault;
		*mutating->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
		if (tree_parse(&tree, buf_view(&message.bytes), &fault) == 0)
			status = mutants_of(tree, buf_view(&message.bytes), told, mutating);
		if (status != 0 && mutating->failure->kind == CPIS_FAILURE_NONE)
			out_of_memory(mutating->failure);
		tree_free(tree);
		mutating->score->messages++;
		pack_message_close(&message);
	}
	pack_problems_release(&problems);
	return status;
}

int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
		     struct cpis_mutation_score *score, struct cpis_failure *failure)
{
	struct pack *pack = NULL;
	struct pack_problems problems;
	struct cpis_mutation_score made = { 0 };
	if (cpis_rule_count() == 0)
		return out_of_memory(failure);
	pack_problems_init(&problems);
	int status = pack_load(&pack, path, &problems);
	for (size_t i = 0; options->problem && i < problems.count; i++)
		options->problem(options->context, &problems.items[i]);
	if (status != 0)
		pack_problems_summary(&problems, failure);
	pack_problems_release(&problems);
	for (size_t i = 0; status == 0 && i < pack->case_count * MESSAGES_OF_A_CASE; i++) {
		const struct pack_case *test = &pack->cases[i / MESSAGES_OF_A_CASE];
		struct mutating mutating = { options, pack,
					     test,    good_message(test, i % MESSAGES_OF_A_CASE),
					     &made,   failure };
		if (is_first(pack, i))
			status = mutate_case(&mutating);
	}
	if (status == 0)
		*score = made;
	pack_free(pack);
	return status;
}
