#include "results/diff.h"

#include "diag/options.h"
#include "results/summary.h"
#include "transport/mesh.h"

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
	[DIFF_ACCEPTED] = { "accepted", "a baseline or a waiver accepts it" },
	[DIFF_LOWERED] = { "lowered", "the rule has a lower severity" },
	[DIFF_RULE_OFF] = { "rule-off", "the rule is turned off" },
	[DIFF_STAGE] = { "stage-left-out", "its stage was left out" },
	[DIFF_RULE_GONE] = { "rule-gone", "the later run does not have the rule" },
	[DIFF_UNCHECKED] = { "not-checked", "part of the message could not be checked" },
	[DIFF_UNREAD] = { "not-read", "the message was not recognised, or not read to its end" },
	[DIFF_UNASKED] = { "not-judged", "the rule was not judged there" },
	[DIFF_UNLISTED] = { "not-listed", "it may be there, counted and not listed" },
	[DIFF_UNLISTED_BEFORE] = { "not-listed-before",
				   "it may have been there, counted and not listed" },
	[DIFF_OTHERS] = { "other-messages", "other messages changed" },
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

static const char *const losses[DIFF_LOSS_COUNT] = {
	[DIFF_LOSS_STAGES] = "the later run left out stages, and what they find is not known",
	[DIFF_LOSS_RULES] = "the later run left out rules, and what they find is not known",
	[DIFF_LOSS_FAIL_ON] = "fewer findings fail a message in the later run, by --fail-on",
	[DIFF_LOSS_INCOMPLETE] = "the earlier run passed, and the later one is incomplete",
	[DIFF_LOSS_MESSAGES] = "the later run has fewer messages",
};

const char *diff_loss_words(enum diff_loss loss)
{
	return losses[loss];
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
	size_t pairs; /* of those found by the same: judged with another that they answer */
	bool stays;   /* the other run has one of its type, as far as their order says */
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
	struct diff_finding *waived;   /* the same */
	size_t message_count, finding_count, waived_count;
};

static void count_pairs(struct side *side)
{
	for (size_t i = 0, end; i < side->message_count; i = end) {
		size_t pairs = 0;
		for (end = i; end < side->message_count &&
			      by_source(&side->messages[i], &side->messages[end]) == 0;
		     end++)
			pairs += side->messages[end].message->paired;
		for (size_t k = i; k < end; k++)
			side->messages[k].pairs = pairs;
	}
}

static int prepare(struct diff *diff, const struct results *results, struct side *side)
{
	size_t findings = 0, cursor = 0;
	for (size_t i = 0; i < results->message_count; i++)
		findings += results->messages[i].finding_count;
	side->messages =
		arena_alloc(&diff->arena, (results->message_count + 1) * sizeof(*side->messages));
	side->findings = arena_alloc(&diff->arena, (findings + 1) * sizeof(*side->findings));
	side->waived = arena_alloc(&diff->arena, (findings + 1) * sizeof(*side->waived));
	if (!side->messages || !side->findings || !side->waived)
		return -1;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		const struct case_result *one = case_of_message(results, i, &cursor);
		side->messages[side->message_count++] =
			(struct known_message){ message, one, i, 0, false };
		for (size_t k = 0; k < message->finding_count; k++) {
			const struct finding *finding = &message->findings[k];
			*(finding->waived ? &side->waived[side->waived_count++]
					  : &side->findings[side->finding_count++]) =
				(struct diff_finding){ finding, message, one, 0 };
		}
	}
	if (side->message_count)
		qsort(side->messages, side->message_count, sizeof(*side->messages),
		      by_source_and_place);
	count_pairs(side);
	if (side->finding_count)
		qsort(side->findings, side->finding_count, sizeof(*side->findings), by_fingerprint);
	if (side->waived_count)
		qsort(side->waived, side->waived_count, sizeof(*side->waived), by_fingerprint);
	return 0;
}

/* Whether the runs judged other messages, or one of them changed. */
static bool messages_differ(const struct side *a, const struct side *b)
{
	size_t i = 0, count = a->message_count;
	while (i < count && i < b->message_count &&
	       by_source(&a->messages[i], &b->messages[i]) == 0 &&
	       strcmp(a->messages[i].message->sha256, b->messages[i].message->sha256) == 0)
		i++;
	return i < count || count != b->message_count;
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

/* One of the messages of a run that a message is found by. */
static const struct known_message *find_message(const struct side *side,
						const struct diff_finding *entry)
{
	const struct known_message wanted = { entry->message, entry->one, 0, 0, false };
	return side->message_count ? bsearch(&wanted, side->messages, side->message_count,
					     sizeof(*side->messages), by_source)
				   : NULL;
}

/* The same message in the other run: of several with one name, the one with the same bytes. */
static const struct message_result *counterpart(const struct side *other,
						const struct diff_finding *entry)
{
	const struct known_message wanted = { entry->message, entry->one, 0, 0, false };
	const struct known_message *end = other->messages + other->message_count;
	const struct known_message *found = find_message(other, entry);
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

/* Whether a rule judges a message by others: its pair, or the uploads before it. */
static bool is_of_pairs(const struct rule *rule)
{
	return strncmp(rule->id, "PAIR-", strlen("PAIR-")) == 0;
}

static unsigned causes_of(const struct diff *diff, const struct message_result *message,
			  const struct diff_finding *entry, enum diff_cause when_absent)
{
	unsigned all = diff->causes & ~(1u << DIFF_TIME | 1u << DIFF_PACK), found = all;
	if (!message && when_absent == DIFF_MESSAGE_CAME && diff->before->unlisted_count)
		found |= 1u << DIFF_UNLISTED_BEFORE;
	else if (!message)
		found |= 1u << when_absent;
	else if (strcmp(message->sha256, entry->message->sha256) != 0)
		found |= 1u << DIFF_MESSAGE;
	if (entry->one && pack_differs(diff, entry->one->pack))
		found |= 1u << DIFF_PACK;
	if (!found && diff->others && is_of_pairs(entry->finding->rule))
		found |= 1u << DIFF_OTHERS;
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

static int by_identity(const void *a, const void *b)
{
	return same_finding(a, b);
}

/* The rule about uploads one after another. */
#define SEQUENCE_RULE "PAIR-011"

/* The place of a rule in the catalogue of results; their number: they do not have it. */
static size_t place_of_rule(const struct results *results, const struct rule *rule)
{
	size_t i = 0;
	while (i < results->rule_count && strcmp(results->rules[i]->id, rule->id) != 0)
		i++;
	return i;
}

static bool has_rule(const struct results *results, const struct rule *rule)
{
	return place_of_rule(results, rule) < results->rule_count;
}

static bool is_off(const struct results *results, const struct rule *rule)
{
	size_t place = place_of_rule(results, rule);
	return results->overrides && place < results->rule_count && results->overrides[place].set &&
	       results->overrides[place].off;
}

static struct rule_tally tally_of(const struct results *results, const struct rule *rule)
{
	size_t place = place_of_rule(results, rule);
	return results->tallies && place < results->rule_count ? results->tallies[place]
							       : (struct rule_tally){ 0 };
}

/*
 * Whether the later run did not ask the rule about a message that it has, as far as it says. A
 * message that has nothing left for the rule to judge is as good as fixed. But no message is
 * without a fault because the rule is for the other environment, or because the upload before it is
 * not there.
 */
static bool was_not_asked(const struct diff *diff, const struct diff_finding *entry)
{
	const struct rule *rule = entry->finding->rule;
	const size_t before = tally_of(diff->before, rule).judged,
		     after = tally_of(diff->after, rule).judged;
	if (strcmp(rule->id, SEQUENCE_RULE) == 0)
		return results_judged_apart(diff->after) || (diff->gone_count && after < before);
	return diff->before->options.live != diff->after->options.live && !after && before;
}

/* Faults that were not reported, because they follow from others. */
static size_t consequences_in(const struct message_result *message)
{
	size_t listed_not = 0;
	for (size_t i = 0; i < message->unlisted_count; i++)
		listed_not += message->unlisted[i].count;
	return message->suppressed -
	       (listed_not < message->suppressed ? listed_not : message->suppressed);
}

/* Whether what a message has of a rule is counted past the limit, or of a message that is not
 * listed. Of those that are not listed none fails. */
static bool may_be_unlisted(const struct results *run, const struct message_result *message,
			    const struct finding *finding)
{
	size_t place = place_of_rule(run, finding->rule);
	bool found = !message && run->unlisted_count && run->overrides && place < run->rule_count &&
		     run->overrides[place].set;
	for (size_t i = 0; message && i < message->unlisted_count; i++)
		found = found || strcmp(message->unlisted[i].rule->id, finding->rule->id) == 0;
	for (size_t i = 0; !message && i < run->unlisted_count; i++)
		found = found || run->unlisted[i].verdict != CPIS_PASS || run->unlisted[i].waived ||
			!severity_fails(run, finding->severity);
	return found;
}

static const char *why_left_out(const struct results *results, const char *source)
{
	for (size_t i = 0; i < results->left_out_count; i++)
		if (text_same(results->left_out[i].what, source))
			return results->left_out[i].why;
	return NULL;
}

/* A control file that is in order is left out. */
static bool is_control_put_right(const struct diff *diff, const struct message_result *message)
{
	if (message->type && strcmp(message->type, "DTSControl") != 0)
		return false;
	const char *why = why_left_out(diff->after, message->source);
	return text_same(why, MESH_HAS_DATA) || text_same(why, MESH_IS_REPORT);
}

/* Why the later run does not say whether a finding is still there; 0: it looked, and it is not. */
static unsigned why_unjudged(const struct diff *diff, const struct message_result *message,
			     const struct diff_finding *entry)
{
	const struct results *after = diff->after;
	unsigned found = 0;
	if (may_be_unlisted(after, message, entry->finding))
		found |= 1u << DIFF_UNLISTED;
	/* Messages that passed may be there, and counted only. */
	if (!message && !after->unlisted_count && !is_control_put_right(diff, entry->message))
		found |= 1u << DIFF_MESSAGE_WENT;
	if (!has_rule(after, entry->finding->rule))
		found |= 1u << DIFF_RULE_GONE;
	if (is_off(after, entry->finding->rule))
		found |= 1u << DIFF_RULE_OFF;
	if (after->options.skip_stages & 1u << entry->finding->stage)
		found |= 1u << DIFF_STAGE;
	/* What it is about may be in a part that is broken now. */
	bool blocked = tally_of(after, entry->finding->rule).blocked >
		       tally_of(diff->before, entry->finding->rule).blocked;
	bool omitted = message && (message->omission_count > entry->message->omission_count ||
				   consequences_in(message) > consequences_in(entry->message));
	if (omitted || (message && blocked && message->finding_count))
		found |= 1u << DIFF_UNCHECKED;
	if (message && message_is_unread(message))
		found |= 1u << DIFF_UNREAD;
	if (message && was_not_asked(diff, entry))
		found |= 1u << DIFF_UNASKED;
	return found;
}

/* A finding that only the later run lists: it is new, unless the earlier one may have counted it.
 */
static void take_fresh(struct diff *diff, const struct side *before, struct diff_finding entry)
{
	const struct message_result *message = counterpart(before, &entry);
	const struct rule *rule = entry.finding->rule;
	entry.causes = causes_of(diff, message, &entry, DIFF_MESSAGE_CAME);
	if (may_be_unlisted(diff->before, message, entry.finding) &&
	    tally_of(diff->before, rule).failed >= tally_of(diff->after, rule).failed) {
		entry.causes |= 1u << DIFF_UNLISTED_BEFORE;
		diff->unlisted[diff->unlisted_count++] = entry;
	} else {
		diff->fresh[diff->fresh_count++] = entry;
	}
}

/* Whether the later run did not judge a message with the one that it answers. Results of an earlier
 * version do not say which were: then fewer pairs are as good as none. */
static bool lost_its_pair(const struct diff *diff, const struct side *before,
			  const struct side *after, const struct diff_finding *entry)
{
	const struct rule *rule = entry->finding->rule;
	const struct known_message *was = find_message(before, entry),
				   *is = find_message(after, entry);
	if (!was || !is || !is_of_pairs(rule) || strcmp(rule->id, SEQUENCE_RULE) == 0)
		return false;
	if (was->pairs)
		return is->pairs < was->pairs;
	const struct rule_tally then = tally_of(diff->before, rule),
				now = tally_of(diff->after, rule);
	return now.judged + now.not_applicable < then.judged + then.not_applicable;
}

/* A finding that only the earlier run counts. */
static void take_missing(struct diff *diff, const struct side *before, const struct side *after,
			 struct diff_finding entry)
{
	const struct message_result *message = counterpart(after, &entry);
	unsigned unjudged = why_unjudged(diff, message, &entry);
	if (lost_its_pair(diff, before, after, &entry))
		unjudged |= 1u << DIFF_UNASKED;
	entry.causes = causes_of(diff, message, &entry,
				 !message && is_control_put_right(diff, entry.message)
					 ? DIFF_MESSAGE
					 : DIFF_MESSAGE_WENT);
	if (after->waived_count && bsearch(&entry, after->waived, after->waived_count,
					   sizeof(*after->waived), by_identity)) {
		entry.causes |= 1u << DIFF_ACCEPTED;
		diff->accepted[diff->accepted_count++] = entry;
	} else if (unjudged) {
		entry.causes |= unjudged;
		diff->unjudged[diff->unjudged_count++] = entry;
	} else {
		diff->fixed[diff->fixed_count++] = entry;
	}
}

/* One that both have: where it is milder now, that is said. */
static void take_both(struct diff *diff, const struct side *after,
		      const struct diff_finding *before, const struct diff_finding *now)
{
	if (now->finding->severity >= before->finding->severity) {
		diff->unchanged++;
		return;
	}
	struct diff_finding entry = *before;
	entry.causes = causes_of(diff, counterpart(after, before), before, DIFF_MESSAGE_WENT) |
		       1u << DIFF_LOWERED;
	diff->accepted[diff->accepted_count++] = entry;
}

static void sort_by_input(struct diff_finding *list, size_t count)
{
	if (count)
		qsort(list, count, sizeof(*list), by_input);
}

static int split(struct diff *diff, const struct side *before, const struct side *after)
{
	const size_t room = before->finding_count + 1;
	const size_t more = after->finding_count + 1;
	diff->fresh = arena_alloc(&diff->arena, more * sizeof(*diff->fresh));
	diff->unlisted = arena_alloc(&diff->arena, more * sizeof(*diff->unlisted));
	diff->fixed = arena_alloc(&diff->arena, room * sizeof(*diff->fixed));
	diff->accepted = arena_alloc(&diff->arena, room * sizeof(*diff->accepted));
	diff->unjudged = arena_alloc(&diff->arena, room * sizeof(*diff->unjudged));
	if (!diff->fresh || !diff->unlisted || !diff->fixed || !diff->accepted || !diff->unjudged)
		return -1;
	size_t i = 0, k = 0;
	while (i < before->finding_count || k < after->finding_count) {
		int order = i == before->finding_count ? 1
			    : k == after->finding_count
				    ? -1
				    : same_finding(&before->findings[i], &after->findings[k]);
		if (order == 0) {
			take_both(diff, after, &before->findings[i++], &after->findings[k++]);
		} else if (order < 0) {
			take_missing(diff, before, after, before->findings[i++]);
		} else {
			take_fresh(diff, before, after->findings[k++]);
		}
	}
	sort_by_input(diff->fresh, diff->fresh_count);
	sort_by_input(diff->unlisted, diff->unlisted_count);
	sort_by_input(diff->fixed, diff->fixed_count);
	sort_by_input(diff->accepted, diff->accepted_count);
	sort_by_input(diff->unjudged, diff->unjudged_count);
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct diff_message *x = a, *y = b;
	return x->message < y->message ? -1 : x->message > y->message;
}

/* The messages of one source in a run, from a place on. */
struct namesakes {
	size_t first, end;
	size_t needed; /* those that are not superfluous */
	bool only;     /* there are several, and nothing else that may be one too many */
};

static bool has_finding_of(const struct message_result *message, const char *const *ids)
{
	for (size_t i = 0; i < message->finding_count; i++)
		if (str_is_one_of(str_of(message->findings[i].rule->id), ids))
			return true;
	return false;
}

/* A message that is one too many in its Body or its envelope. */
static bool is_one_too_many(const struct message_result *message)
{
	static const char *const ids[] = { "TRN-002", "ITK-060", NULL };
	return message->type && has_finding_of(message, ids);
}

/* Whether a part of a source was left out: "a.http: x in no namespace". */
static bool has_left_out(const struct results *results, const char *source)
{
	const size_t n = source ? strlen(source) : 0;
	for (size_t i = 0; n && i < results->left_out_count; i++) {
		const char *what = results->left_out[i].what;
		if (what && strncmp(what, source, n) == 0 && what[n] == ':')
			return true;
	}
	return false;
}

/* Whether all messages of its source are of one document: a capture, MIME and an archive may have
 * several. */
static bool is_of_one_document(const struct message_result *message)
{
	static const char *const several[] = { "http", "mime", "log", "zip", "tar", NULL };
	for (size_t i = 0; i < message->layer_count; i++)
		if (str_is_one_of(str_of(message->layers[i]), several))
			return false;
	return true;
}

static bool ends_in_place(const char *path)
{
	const size_t n = path ? strlen(path) : 0;
	return n && path[n - 1] == ']';
}

/* Whether another message of the source has its type, and the place in its Body is of that type. */
static bool is_one_of_a_type(const struct side *side, const struct namesakes *all,
			     const struct message_result *message)
{
	for (size_t i = 0; i < message->finding_count; i++)
		if (strcmp(message->findings[i].rule->id, "TRN-002") == 0 &&
		    !ends_in_place(message->findings[i].path))
			return false;
	for (size_t i = all->first; i < all->end; i++)
		if (side->messages[i].message != message &&
		    text_same(side->messages[i].message->type, message->type))
			return true;
	return false;
}

/* A part that is not a message, or a message that is one too many beside another one: it goes when
 * that is put right. */
static bool is_superfluous(const struct side *side, const struct namesakes *all,
			   const struct message_result *message)
{
	static const char *const no_message[] = { "TRN-001", NULL };
	if (!message->type)
		return has_finding_of(message, no_message);
	return all->only && is_one_too_many(message) &&
	       (is_of_one_document(message) || is_one_of_a_type(side, all, message));
}

static struct namesakes namesakes_of(const struct side *side, const struct results *run,
				     size_t first, const struct known_message *one)
{
	struct namesakes found = { first, first, 0, true };
	bool asked = false;
	for (; found.end < side->message_count && by_source(&side->messages[found.end], one) == 0;
	     found.end++) {
		const struct message_result *message = side->messages[found.end].message;
		found.only = found.only && message->type;
		asked = asked || is_one_too_many(message);
	}
	found.only = found.only && asked && found.end - first > 1 &&
		     !has_left_out(run, one->message->source);
	for (size_t i = first; i < found.end; i++)
		found.needed += !is_superfluous(side, &found, side->messages[i].message);
	return found;
}

static void note_stays(struct side *before, const struct side *after, const struct namesakes *was,
		       const struct namesakes *is)
{
	size_t k = is->first;
	for (size_t i = was->first; i < was->end && k < is->end; i++) {
		struct known_message *one = &before->messages[i];
		one->stays = text_same(one->message->type, after->messages[k].message->type);
		k += one->stays;
	}
}

/* Those of a type that is not there any more come first. */
static void add_gone(struct diff *diff, struct side *before, const struct side *after,
		     const struct namesakes *was, const struct namesakes *is)
{
	size_t room = was->end - was->first, rest = is->end - is->first;
	bool judged = rest > 0;
	size_t gone = room > rest ? room - rest : 0;
	if (judged && was->needed < is->needed + gone)
		gone = was->needed > is->needed ? was->needed - is->needed : 0;
	if (gone)
		note_stays(before, after, was, is);
	for (size_t k = 2 * room; gone && k > 0; k--) {
		const bool stays = k <= room;
		const struct known_message *one = &before->messages[was->first + (k - 1) % room];
		if (one->one || one->stays != stays ||
		    (judged && is_superfluous(before, was, one->message)) ||
		    is_control_put_right(diff, one->message))
			continue;
		diff->gone[diff->gone_count++] =
			(struct diff_message){ one->message,
					       why_left_out(diff->after, one->message->source) };
		gone--;
	}
}

/* Messages without a case that the later run has fewer of, by their names. */
static int compare_messages(struct diff *diff, struct side *before, const struct side *after)
{
	diff->gone = arena_alloc(&diff->arena, (before->message_count + 1) * sizeof(*diff->gone));
	if (!diff->gone)
		return -1;
	size_t i = 0, k = 0;
	while (i < before->message_count && !diff->after->unlisted_count) {
		const struct known_message *one = &before->messages[i];
		while (k < after->message_count && by_source(one, &after->messages[k]) > 0)
			k++;
		const struct namesakes was = namesakes_of(before, diff->before, i, one),
				       is = namesakes_of(after, diff->after, k, one);
		add_gone(diff, before, after, &was, &is);
		i = was.end;
		k = is.end;
	}
	if (diff->gone_count)
		qsort(diff->gone, diff->gone_count, sizeof(*diff->gone), by_place);
	return 0;
}

/* What is said of a run or its evidence as a whole, where something is wrong with it: it goes when
 * that is put right. */
static bool is_of_whole(const struct case_result *one)
{
	return one->from == CASE_OF_RUN ||
	       (one->from == CASE_OF_EVIDENCE && !one->line && !one->message_count);
}

/* Whether a case that was judged no longer is. */
static bool is_unjudged(const struct case_result *before, const struct case_result *after)
{
	static const bool judged[CASE_OUTCOME_COUNT] = { [CASE_PASSED] = true,
							 [CASE_FAILED] = true,
							 [CASE_WAIVED] = true,
							 [CASE_BROKEN] = true };
	return before && judged[before->outcome] &&
	       (after ? !judged[after->outcome] : !is_of_whole(before));
}

/* The files that a case judged, one after another: whether they are others now. */
static unsigned causes_in_messages(const struct diff *diff, const struct case_result *before,
				   const struct case_result *after)
{
	size_t i = 0;
	if (before->message_count != after->message_count)
		return 1u << DIFF_MESSAGE;
	while (i < before->message_count &&
	       strcmp(diff->before->messages[before->first_message + i].sha256,
		      diff->after->messages[after->first_message + i].sha256) == 0)
		i++;
	return i < before->message_count ? 1u << DIFF_MESSAGE : 0;
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
	if (before && after && before->message_count && after->message_count)
		entry->causes |= causes_in_messages(diff, before, after);
	bool fails = after && (after->outcome == CASE_FAILED || after->outcome == CASE_BROKEN);
	bool failed = before && (before->outcome == CASE_FAILED || before->outcome == CASE_BROKEN);
	if (after && after->outcome == CASE_LEFT_OUT)
		entry->causes |= 1u << DIFF_SELECTION;
	if (after && (after->outcome == CASE_NOT_RUN || after->outcome == CASE_MANUAL))
		entry->causes |= 1u << DIFF_EVIDENCE;
	diff->worse_count += (fails && !failed) || is_unjudged(before, after);
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

/* How mild a finding may be that fails a message. */
static int strictness(const struct results *results)
{
	static const int of[] = {
		[CPIS_FAIL_ON_NEVER] = 0, [CPIS_FAIL_ON_ERROR] = 1, [CPIS_FAIL_ON_WARNING] = 2
	};
	return of[results->options.fail_on];
}

static size_t count_all(const struct results *results)
{
	return results_count_messages(results, CPIS_PASS) +
	       results_count_messages(results, CPIS_FAIL) +
	       results_count_messages(results, CPIS_INCOMPLETE);
}

/* Whether a rule judged in the earlier run and cannot in the later one. A later version of the
 * program may have fewer rules. */
static bool lacks_rules(const struct results *a, const struct results *b)
{
	bool same_tool = text_same(results_tool(a), results_tool(b));
	for (size_t i = 0; i < a->rule_count; i++)
		if (!is_off(a, a->rules[i]) &&
		    (is_off(b, a->rules[i]) || (same_tool && !has_rule(b, a->rules[i]))))
			return true;
	return false;
}

/* What is now not known, where no finding, message or case says so. */
static void compare_wholes(struct diff *diff)
{
	const struct results *a = diff->before, *b = diff->after;
	const bool lost[DIFF_LOSS_COUNT] = {
		[DIFF_LOSS_STAGES] = b->options.skip_stages & ~a->options.skip_stages,
		[DIFF_LOSS_RULES] = lacks_rules(a, b),
		[DIFF_LOSS_FAIL_ON] = strictness(b) < strictness(a),
		[DIFF_LOSS_INCOMPLETE] =
			results_verdict(a) == CPIS_PASS && results_verdict(b) == CPIS_INCOMPLETE,
		[DIFF_LOSS_MESSAGES] = b->unlisted_count && count_all(b) < count_all(a),
	};
	for (unsigned i = 0; i < DIFF_LOSS_COUNT; i++)
		diff->losses |= lost[i] ? 1u << i : 0;
}

bool diff_is_worse(const struct diff *diff)
{
	return diff->fresh_count || diff->worse_count || diff->unjudged_count || diff->gone_count ||
	       diff->losses;
}

int diff_make(struct diff *diff, const struct results *before, const struct results *after)
{
	struct side sides[2] = { 0 };
	*diff = (struct diff){ .before = before, .after = after };
	if (compare_options(diff) == 0 && compare_inputs(diff) == 0)
		diff->causes = causes_of_runs(diff);
	bool ready = !diff->arena.failed && prepare(diff, before, &sides[0]) == 0 &&
		     prepare(diff, after, &sides[1]) == 0;
	diff->others = ready && messages_differ(&sides[0], &sides[1]);
	if (ready && compare_messages(diff, &sides[0], &sides[1]) == 0 &&
	    split(diff, &sides[0], &sides[1]) == 0 && compare_cases(diff) == 0) {
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
