/* cpis_mutate_pack: whether a pack's good messages would be missed if they were wrong. */
#include "cpis.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "pack/case.h"
#include "pack/expect.h"
#include "pack/message.h"
#include "pack/mutant.h"
#include "config/value.h"

enum { MOST_WORDS = 1024 * 1024 };

struct mutating {
	const struct cpis_mutate_options *options;
	const struct pack *pack;
	const struct pack_case *test;
	const struct pack_fixed *fixed;	  /* one of the case's messages */
	const struct pack_message *other; /* the other one of a pair, or NULL */
	struct cpis_mutation_score *score;
	struct cpis_failure *failure;
};

static int out_of_memory(struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	return -1;
}

static bool is_request(const struct mutating *mutating)
{
	return mutating->fixed == &mutating->test->request;
}

/* Judge the mutant as the case judges its message, alone or beside the other one of the pair. */
static int judge(const struct mutating *mutating, struct results *results, struct judged *mutant,
		 struct judged *other)
{
	const struct engine_input input = { .name = mutant->name, .bytes = mutant->bytes };
	if (!mutating->other)
		return engine_judge(results, &input, mutating->failure);
	const struct engine_input beside = { .name = other->name, .bytes = other->bytes };
	if (is_request(mutating)) {
		other->request = mutant;
		return engine_judge_pair(results, &input, &beside, mutating->failure);
	}
	mutant->request = other;
	return engine_judge_pair(results, &beside, &input, mutating->failure);
}

/* Whether the case fails with the mutant in the place of its message. */
static int try_case(const struct mutating *mutating, struct case_run *run, struct judged *mutant,
		    struct judged *other, bool *noticed)
{
	struct results *results = run->session->results;
	if (judge(mutating, results, mutant, other) != 0)
		return -1;
	struct judged *whole = mutating->other && is_request(mutating) ? other : mutant;
	whole->count = results->message_count;
	expect_compare(run, whole);
	*noticed = run->faults > 0;
	return run->session->scratch.failed ? out_of_memory(mutating->failure) : 0;
}

static int try_mutant(const struct mutating *mutating, struct results *results, struct str bytes,
		      bool *noticed)
{
	const struct pack_run_options run_options = { 0 };
	struct pack_session session = { .pack = mutating->pack,
					.options = &run_options,
					.results = results,
					.now = mutating->options->now };
	arena_init(&session.scratch);
	session.waiver_used = arena_alloc(&session.scratch, mutating->pack->waiver_count + 1);
	struct case_run run = { .session = &session, .test = mutating->test };
	buf_init(&run.reason, MOST_WORDS);
	buf_init(&run.expected, MOST_WORDS);
	buf_init(&run.actual, MOST_WORDS);
	struct xml_tree *tree = NULL;
	struct tree_fault fault = { 0 };
	if (pack_case_needs_tree(mutating->test) && tree_parse(&tree, bytes, &fault) != 0)
		tree = NULL;
	struct judged mutant = {
		.name = "mutant", .bytes = bytes, .tree = tree, .tree_fault = &fault
	};
	struct judged other = { .name = "other", .tree_fault = &fault };
	if (mutating->other) {
		other.bytes = buf_view(&mutating->other->bytes);
		other.tree = mutating->other->tree;
	}
	int status = session.waiver_used ? try_case(mutating, &run, &mutant, &other, noticed)
					 : out_of_memory(mutating->failure);
	tree_free(tree);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_release(&session.scratch);
	return status;
}

static int told(void *context, const struct mutant *mutant)
{
	const struct mutating *mutating = context;
	struct cpis_results *results = NULL;
	const struct config_text *now = &mutating->pack->now;
	const struct cpis_options options = { .now = now->text ? value_time_seconds(now->text)
							       : mutating->options->now };
	bool noticed = false;
	if (cpis_results_new(&results, &options, mutating->failure) != 0)
		return -1;
	int status =
		try_mutant(mutating, (struct results *)(void *)results, mutant->bytes, &noticed);
	cpis_results_free(results);
	if (status != 0)
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

static int mutate_message(struct mutating *mutating, const struct pack_message *message)
{
	struct xml_tree *tree = NULL;
	struct tree_fault fault;
	int status = 0;
	*mutating->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	if (tree_parse(&tree, buf_view(&message->bytes), &fault) == 0)
		status = mutants_of(tree, buf_view(&message->bytes), told, mutating);
	if (status != 0 && mutating->failure->kind == CPIS_FAILURE_NONE)
		out_of_memory(mutating->failure);
	tree_free(tree);
	mutating->score->messages++;
	return status;
}

/* The other message of a pair; NULL where the case has one. */
static const struct pack_fixed *other_of(const struct mutating *mutating)
{
	if (mutating->fixed == &mutating->test->message)
		return NULL;
	return is_request(mutating) ? &mutating->test->response : &mutating->test->request;
}

static int open_message(const struct mutating *mutating, const struct pack_fixed *fixed,
			struct pack_message *message)
{
	struct problems problems;
	problems_init(&problems);
	int status = pack_message_open(message, mutating->pack, mutating->test, fixed, &problems);
	if (status != 0)
		problems_summary(&problems, mutating->failure);
	problems_release(&problems);
	return status;
}

static int mutate_case(struct mutating *mutating)
{
	struct pack_message message, other;
	const struct pack_fixed *beside = other_of(mutating);
	if (open_message(mutating, mutating->fixed, &message) != 0)
		return -1;
	int status = beside ? open_message(mutating, beside, &other) : 0;
	if (status == 0) {
		mutating->other = beside ? &other : NULL;
		status = mutate_message(mutating, &message);
		mutating->other = NULL;
		if (beside)
			pack_message_close(&other);
	}
	pack_message_close(&message);
	return status;
}

int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
		     struct cpis_mutation_score *score, struct cpis_failure *failure)
{
	struct pack *pack = NULL;
	struct problems problems;
	struct cpis_mutation_score made = { 0 };
	if (failure_unless_zero(options->reserved, failure) != 0)
		return -1;
	if (cpis_rule_count() == 0)
		return out_of_memory(failure);
	problems_init(&problems);
	int status = pack_load(&pack, path, &problems);
	for (size_t i = 0; options->problem && i < problems.count; i++)
		options->problem(options->context, &problems.items[i]);
	if (status != 0)
		problems_summary(&problems, failure);
	problems_release(&problems);
	for (size_t i = 0; status == 0 && i < pack->case_count * MESSAGES_OF_A_CASE; i++) {
		const struct pack_case *test = &pack->cases[i / MESSAGES_OF_A_CASE];
		struct mutating mutating = {
			.options = options,
			.pack = pack,
			.test = test,
			.fixed = good_message(test, i % MESSAGES_OF_A_CASE),
			.score = &made,
			.failure = failure,
		};
		if (is_first(pack, i))
			status = mutate_case(&mutating);
	}
	if (status == 0)
		*score = made;
	pack_free(pack);
	return status;
}
