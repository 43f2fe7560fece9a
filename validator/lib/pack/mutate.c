/* cpis_mutate_pack: faults in a pack's good messages that its cases would not catch. */
#include "cpis.h"

#include "config/value.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "pack/check.h"
#include "pack/expect.h"
#include "pack/mutant.h"

enum { MOST_WORDS = 1024 * 1024 };

struct mutating {
	const struct cpis_mutate_options *options;
	const struct pack *pack;
	const struct pack_case *test;
	const struct pack_fixed *fixed; /* one of the case's messages */
	const struct prepared *prepared;
	struct cpis_mutation_score *score;
	struct cpis_failure *failure;
};

static bool is_request(const struct mutating *mutating)
{
	return mutating->fixed == &mutating->test->request;
}

/* The other message of a pair; NULL where the case has one. */
static const struct pack_message *other_of(const struct mutating *mutating)
{
	if (mutating->fixed == &mutating->test->message)
		return NULL;
	return is_request(mutating) ? &mutating->prepared->response : &mutating->prepared->request;
}

/* Judge the mutant as the case judges its message, alone or with the other one of the pair. */
static int judge(const struct mutating *mutating, struct results *results, struct judged *mutant,
		 struct judged *other)
{
	const struct config_text *given = &mutating->pack->now;
	const long long now = given->text ? value_time_seconds(given->text) : 0;
	const struct engine_input input = { mutant->name, mutant->bytes, now };
	if (!other)
		return engine_judge(results, &input, mutating->failure);
	const struct engine_input beside = { other->name, other->bytes, now };
	if (is_request(mutating)) {
		other->request = mutant;
		return engine_judge_pair(results, &input, &beside, mutating->failure);
	}
	mutant->request = other;
	return engine_judge_pair(results, &beside, &input, mutating->failure);
}

/* Whether the case fails with the mutant in the place of its message. */
static int try_case(const struct mutating *mutating, struct case_run *run, struct judged mutant,
		    bool *noticed)
{
	struct results *results = run->session->results;
	const struct pack_message *beside = other_of(mutating);
	struct judged other = { .name = "other" };
	if (beside) {
		other.bytes = buf_view(&beside->bytes);
		other.tree = beside->tree;
		other.tree_fault = &beside->fault;
	}
	if (judge(mutating, results, &mutant, beside ? &other : NULL) != 0)
		return -1;
	struct judged *whole = beside && is_request(mutating) ? &other : &mutant;
	whole->count = results->message_count;
	expect_compare(run, whole);
	*noticed = run->faults > 0;
	return run->session->scratch.failed ? failure_out_of_memory(mutating->failure) : 0;
}

static int try_mutant(const struct mutating *mutating, struct results *results, struct str bytes,
		      bool *noticed)
{
	const struct cpis_pack_options options = { 0 };
	struct pack_session session = { .pack = mutating->pack,
					.options = &options,
					.results = results };
	arena_init(&session.scratch);
	session.waiver_used = arena_alloc(&session.scratch, mutating->pack->waiver_count + 1);
	struct case_run run = { .session = &session,
				.test = mutating->test,
				.prepared = mutating->prepared };
	buf_init(&run.reason, MOST_WORDS);
	buf_init(&run.expected, MOST_WORDS);
	buf_init(&run.actual, MOST_WORDS);
	struct xml_tree *tree = NULL;
	struct tree_fault fault = { 0 };
	if (pack_case_needs_tree(mutating->pack, mutating->test) &&
	    tree_parse(&tree, bytes, &fault) != 0)
		tree = NULL;
	const struct judged mutant = {
		.name = "mutant", .bytes = bytes, .tree = tree, .tree_fault = &fault
	};
	int status = session.waiver_used ? try_case(mutating, &run, mutant, noticed)
					 : failure_out_of_memory(mutating->failure);
	tree_free(tree);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_release(&session.scratch);
	return status;
}

static int on_mutant(void *context, const struct mutant *mutant)
{
	const struct mutating *mutating = context;
	struct cpis_results *results = NULL;
	const struct cpis_options options = { .now = mutating->options->now };
	bool noticed = false;
	if (cpis_results_new(&results, &options, mutating->failure) != 0)
		return -1;
	int status = try_mutant(mutating, results_inside(results), mutant->bytes, &noticed);
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

/* One of the messages of a case, if the case says that it is good and leaves it unchanged. */
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
		status = mutants_of(tree, buf_view(&message->bytes), on_mutant, mutating);
	if (status != 0 && mutating->failure->kind == CPIS_FAILURE_NONE)
		failure_out_of_memory(mutating->failure);
	tree_free(tree);
	mutating->score->messages++;
	return status;
}

/* The message at this place of the pack, if it is a good one that was not met before. */
static int mutate_place(struct mutating *mutating, size_t place, struct data_sets *sets,
			struct problems *problems)
{
	const struct pack *pack = mutating->pack;
	if (!is_first(pack, place))
		return 0;
	mutating->test = &pack->cases[place / MESSAGES_OF_A_CASE];
	mutating->fixed = good_message(mutating->test, place % MESSAGES_OF_A_CASE);
	struct prepared prepared = { 0 };
	if (prepare_case(&prepared, pack, mutating->test, sets, problems) != 0)
		return problems_close(problems, NULL, NULL, mutating->failure);
	const struct pack_message *const all[] = { &prepared.message, &prepared.request,
						   &prepared.response };
	mutating->prepared = &prepared;
	int status = mutate_message(mutating, all[place % MESSAGES_OF_A_CASE]);
	mutating->prepared = NULL;
	prepared_release(&prepared);
	return status;
}

static int mutate_all(struct mutating *mutating)
{
	struct problems problems;
	struct data_sets sets;
	int status = 0;
	problems_init(&problems);
	data_sets_init(&sets);
	for (size_t i = 0; status == 0 && i < mutating->pack->case_count * MESSAGES_OF_A_CASE; i++)
		status = mutate_place(mutating, i, &sets, &problems);
	data_sets_release(&sets);
	problems_release(&problems);
	return status;
}

int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
		     struct cpis_mutation_score *score, struct cpis_failure *failure)
{
	struct problems problems;
	struct cpis_mutation_score made = { 0 };
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (cpis_rule_count() == 0)
		return failure_out_of_memory(failure);
	problems_init(&problems);
	struct pack *pack = pack_load(path, &problems);
	if (pack) {
		pack_check(pack, &problems);
		prepare_all(pack, &problems);
	}
	int status = problems_close(&problems, options->problem, options->context, failure);
	struct mutating mutating = {
		.options = options, .pack = pack, .score = &made, .failure = failure
	};
	if (status == 0 && pack)
		status = mutate_all(&mutating);
	if (status == 0)
		*score = made;
	pack_free(pack);
	return status;
}
