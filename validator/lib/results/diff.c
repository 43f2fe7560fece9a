#include "results/diff.h"

#include "diag/options.h"
#include "results/summary.h"

#include <stdlib.h>

static const struct {
	const char *name, *words;
} causes[DIFF_CAUSE_COUNT] = {
	[DIFF_MESSAGE_CAME] = { "message-new", "the message is new" },
	[DIFF_MESSAGE_WENT] = { "message-gone", "the message is gone" },
	[DIFF_MESSAGE] = { "message", "the message changed" },
	[DIFF_PACK] = { "pack", "the pack changed" },
	[DIFF_RULES] = { "rules", "the rules changed" },
	[DIFF_TOOL] = { "tool", "the program changed" },
	[DIFF_OPTIONS] = { "options", "the options changed" },
	[DIFF_INPUTS] = { "inputs", "a file that decides the result changed" },
	[DIFF_EVIDENCE] = { "evidence", "its evidence or answer is missing" },
	[DIFF_SELECTION] = { "selection", "it was left out by --only or --skip" },
	[DIFF_TIME] = { "time", "the two were made at different times" },
};

const char *diff_cause_words(enum diff_cause cause)
{
	return causes[cause].words;
}

const char *diff_cause_name(enum diff_cause cause)
{
	return causes[cause].name;
}

static int compare(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* A message and what it is found by: its case and its source. */
struct known_message {
	const struct message_result *message;
	const struct case_result *one;
	size_t place;
};

static int by_source(const void *a, const void *b)
{
	const struct known_message *x = a, *y = b;
	int order = case_order(x->one, y->one);
	return order ? order : compare(x->message->source, y->message->source);
}

static int by_source_and_place(const void *a, const void *b)
{
	const struct known_message *x = a, *y = b;
	int order = by_source(a, b);
	return order ? order : x->place < y->place ? -1 : x->place > y->place;
}

static int by_fingerprint(const void *a, const void *b)
{
	const struct diff_finding *x = a, *y = b;
	int order = case_order(x->one, y->one);
	if (!order)
		order = compare(x->finding->fingerprint, y->finding->fingerprint);
	return order					 ? order
	       : x->finding->offset < y->finding->offset ? -1
							 : x->finding->offset > y->finding->offset;
}

/* One run, sorted for searching. */
struct side {
	struct known_message *messages;
	struct diff_finding *findings; /* in order of fingerprint */
	size_t message_count, finding_count;
};

static int prepare(struct diff *diff, const struct results *results, struct side *side)
{
	size_t findings = 0, cursor = 0;
	for (size_t i = 0; i < results->message_count; i++)
		findings += results->messages[i].finding_count;
	side->messages =
		arena_alloc(&diff->arena, (results->message_count + 1) * sizeof(*side->messages));
	side->findings = arena_alloc(&diff->arena, (findings + 1) * sizeof(*side->findings));
	if (!side->messages || !side->findings)
		return -1;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		const struct case_result *one = case_of_message(results, i, &cursor);
		side->messages[side->message_count++] = (struct known_message){ message, one, i };
		for (size_t k = 0; k < message->finding_count; k++)
			if (!message->findings[k].waived)
				side->findings[side->finding_count++] =
					(struct diff_finding){ &message->findings[k], message, one,
							       0 };
	}
	if (side->message_count)
		qsort(side->messages, side->message_count, sizeof(*side->messages),
		      by_source_and_place);
	if (side->finding_count)
		qsort(side->findings, side->finding_count, sizeof(*side->findings), by_fingerprint);
	return 0;
}

static bool pack_differs(const struct diff *diff, const char *name)
{
	const struct pack_result *a = pack_named(diff->before, name),
				 *b = pack_named(diff->after, name);
	return !a != !b || (a && strcmp(a->sha256, b->sha256) != 0);
}

/* -1 when out of memory. */
static int compare_options(struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	size_t count = 1;
	for (const struct judging_option *row = option_list; row->name; row++)
		count++;
	diff->options = arena_alloc(&diff->arena, count * sizeof(*diff->options));
	if (!diff->options)
		return -1;
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded && row->kind != OPTION_TIME &&
		    !option_agrees(row, &a->options, &b->options))
			diff->options[diff->option_count++] = row->name;
	if (!text_same(a->profile, b->profile))
		diff->options[diff->option_count++] = "profile";
	return 0;
}

static const struct input_result *input_like(const struct results *results,
					     const struct input_result *wanted)
{
	for (size_t i = 0; i < results->input_count; i++)
		if (text_same(results->inputs[i].pack, wanted->pack) &&
		    text_same(results->inputs[i].role, wanted->role) &&
		    text_same(results->inputs[i].name, wanted->name))
			return &results->inputs[i];
	return NULL;
}

static void add_input_name(struct diff *diff, const char *name)
{
	for (size_t i = 0; i < diff->input_count; i++)
		if (strcmp(diff->inputs[i], name) == 0)
			return;
	diff->inputs[diff->input_count++] = name;
}

/* The pack's own file is DIFF_PACK's. Results of earlier versions list no inputs: nothing is known
 * of them. -1 when out of memory. */
static int compare_inputs(struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	diff->inputs = arena_alloc(&diff->arena,
				   (a->input_count + b->input_count + 1) * sizeof(*diff->inputs));
	if (!diff->inputs)
		return -1;
	for (size_t i = 0; a->input_count && i < b->input_count; i++) {
		const struct input_result *input = &b->inputs[i], *was = input_like(a, input);
		if (strcmp(input->role, "pack") != 0 &&
		    (!was || strcmp(was->sha256, input->sha256) != 0))
			add_input_name(diff, input->name);
	}
	for (size_t i = 0; b->input_count && i < a->input_count; i++)
		if (strcmp(a->inputs[i].role, "pack") != 0 && !input_like(b, &a->inputs[i]))
			add_input_name(diff, a->inputs[i].name);
	return 0;
}

static unsigned causes_of_runs(const struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	unsigned found = 0;
	for (size_t i = 0; i < b->pack_count; i++)
		if (pack_differs(diff, b->packs[i].name))
			found |= 1u << DIFF_PACK;
	for (size_t i = 0; i < a->pack_count; i++)
		if (!pack_named(b, a->packs[i].name))
			found |= 1u << DIFF_PACK;
	if (strcmp(results_ruleset(a).digest, results_ruleset(b).digest) != 0)
		found |= 1u << DIFF_RULES;
	if (!text_same(results_tool(a), results_tool(b)))
		found |= 1u << DIFF_TOOL;
	if (diff->option_count)
		found |= 1u << DIFF_OPTIONS;
	if (diff->input_count)
		found |= 1u << DIFF_INPUTS;
	if (a->options.now != b->options.now)
		found |= 1u << DIFF_TIME;
	return found;
}

/* The same message in the other run: of several with one name, the one with the same bytes. */
static const struct message_result *counterpart(const struct side *other,
						const struct diff_finding *entry)
{
	const struct known_message wanted = { entry->message, entry->one, 0 };
	const struct known_message *end = other->messages + other->message_count;
	const struct known_message *found =
		other->message_count ? bsearch(&wanted, other->messages, other->message_count,
					       sizeof(*other->messages), by_source)
				     : NULL;
	if (!found)
		return NULL;
	while (found > other->messages && by_source(found - 1, &wanted) == 0)
		found--;
	for (const struct known_message *one = found; one < end && by_source(one, &wanted) == 0;
	     one++)
		if (strcmp(one->message->sha256, entry->message->sha256) == 0)
			return one->message;
	return found->message;
}

static unsigned causes_of(const struct diff *diff, const struct side *other,
			  const struct diff_finding *entry, enum diff_cause when_absent)
{
	const struct message_result *message = counterpart(other, entry);
	unsigned all = diff->causes & ~(1u << DIFF_TIME | 1u << DIFF_PACK), found = all;
	if (!message)
		found |= 1u << when_absent;
	else if (strcmp(message->sha256, entry->message->sha256) != 0)
		found |= 1u << DIFF_MESSAGE;
	if (entry->one && pack_differs(diff, entry->one->pack))
		found |= 1u << DIFF_PACK;
	return found ? found : diff->causes & 1u << DIFF_TIME;
}

static int same_finding(const struct diff_finding *a, const struct diff_finding *b)
{
	int order = case_order(a->one, b->one);
	return order ? order : compare(a->finding->fingerprint, b->finding->fingerprint);
}

/* The order of the run. */
static int by_input(const void *a, const void *b)
{
	const struct diff_finding *x = a, *y = b;
	if (x->message != y->message)
		return x->message < y->message ? -1 : 1;
	return x->finding < y->finding ? -1 : x->finding > y->finding;
}

static int split(struct diff *diff, const struct side *before, const struct side *after)
{
	diff->fresh = arena_alloc(&diff->arena, (after->finding_count + 1) * sizeof(*diff->fresh));
	diff->fixed = arena_alloc(&diff->arena, (before->finding_count + 1) * sizeof(*diff->fixed));
	if (!diff->fresh || !diff->fixed)
		return -1;
	size_t i = 0, k = 0;
	while (i < before->finding_count || k < after->finding_count) {
		int order = i == before->finding_count ? 1
			    : k == after->finding_count
				    ? -1
				    : same_finding(&before->findings[i], &after->findings[k]);
		if (order == 0) {
			diff->unchanged++;
			i++;
			k++;
		} else if (order < 0) {
			struct diff_finding *entry = &diff->fixed[diff->fixed_count++];
			*entry = before->findings[i++];
			entry->causes = causes_of(diff, after, entry, DIFF_MESSAGE_WENT);
		} else {
			struct diff_finding *entry = &diff->fresh[diff->fresh_count++];
			*entry = after->findings[k++];
			entry->causes = causes_of(diff, before, entry, DIFF_MESSAGE_CAME);
		}
	}
	if (diff->fresh_count)
		qsort(diff->fresh, diff->fresh_count, sizeof(*diff->fresh), by_input);
	if (diff->fixed_count)
		qsort(diff->fixed, diff->fixed_count, sizeof(*diff->fixed), by_input);
	return 0;
}

/* Whether an outcome says more against a case than that it is waived. */
static bool says_more(enum case_outcome outcome)
{
	return case_outcome_weight(outcome) > case_outcome_weight(CASE_WAIVED);
}

static void add_case(struct diff *diff, const struct case_result *before,
		     const struct case_result *after)
{
	const struct case_result *one = after ? after : before;
	if (!one || (before && after && before->outcome == after->outcome))
		return;
	struct diff_case *entry = &diff->cases[diff->case_count++];
	*entry = (struct diff_case){
		.pack = one->pack,
		.id = one->id,
		.was_there = before,
		.is_there = after,
		.before = before ? before->outcome : CASE_LEFT_OUT,
		.after = after ? after->outcome : CASE_LEFT_OUT,
		.causes = diff->causes & ~(1u << DIFF_TIME | 1u << DIFF_PACK),
	};
	if (pack_differs(diff, one->pack))
		entry->causes |= 1u << DIFF_PACK;
	bool passed = before && !says_more(before->outcome),
	     passes = after && !says_more(after->outcome);
	bool fails = after && (after->outcome == CASE_FAILED || after->outcome == CASE_BROKEN);
	bool failed = before && (before->outcome == CASE_FAILED || before->outcome == CASE_BROKEN);
	if (after && after->outcome == CASE_LEFT_OUT)
		entry->causes |= 1u << DIFF_SELECTION;
	if (after && (after->outcome == CASE_NOT_RUN || after->outcome == CASE_MANUAL))
		entry->causes |= 1u << DIFF_EVIDENCE;
	diff->worse_count += (fails && !failed) || (passed && !passes);
}

static int compare_cases(struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	struct sorted_cases before, after;
	diff->cases = arena_alloc(&diff->arena,
				  (a->case_count + b->case_count + 1) * sizeof(*diff->cases));
	if (!diff->cases || cases_sort(&before, &diff->arena, a) != 0 ||
	    cases_sort(&after, &diff->arena, b) != 0)
		return -1;
	for (size_t i = 0; i < b->case_count; i++)
		add_case(diff, cases_find(&before, b->cases[i].pack, b->cases[i].id), &b->cases[i]);
	for (size_t i = 0; i < a->case_count; i++)
		if (!cases_find(&after, a->cases[i].pack, a->cases[i].id))
			add_case(diff, &a->cases[i], NULL);
	return 0;
}

/* What passed and is now not known to pass, where no case says so. */
static void compare_wholes(struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	bool open = results_verdict(a) == CPIS_PASS && results_verdict(b) == CPIS_INCOMPLETE;
	bool stages = b->options.skip_stages & ~a->options.skip_stages;
	diff->worse_count += open || stages;
}

int diff_make(struct diff *diff, const struct results *before, const struct results *after)
{
	struct side sides[2] = { 0 };
	*diff = (struct diff){ .before = before, .after = after };
	if (compare_options(diff) == 0 && compare_inputs(diff) == 0)
		diff->causes = causes_of_runs(diff);
	if (!diff->arena.failed && prepare(diff, before, &sides[0]) == 0 &&
	    prepare(diff, after, &sides[1]) == 0 && split(diff, &sides[0], &sides[1]) == 0 &&
	    compare_cases(diff) == 0) {
		compare_wholes(diff);
		return 0;
	}
	diff_release(diff);
	return -1;
}

void diff_release(struct diff *diff)
{
	arena_release(&diff->arena);
	*diff = (struct diff){ 0 };
}
