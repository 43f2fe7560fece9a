#include "engine/exchange.h"

#include "diag/draft.h"
#include "diag/failure.h"
#include "engine/limits.h"
#include "engine/source.h"
#include "engine/worker.h"
#include "message/summary.h"
#include "rules/catalogue.h"
#include "rules/pair.h"
#include "xml/reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LATE_AT_ONCE = 32, MOST_THREADS = 64 };

struct message_summary *sequence_keep(struct message_summary *summary)
{
	if (summary && summary->kind == SUMMARY_UPLOAD && summary->count == 1)
		return summary;
	sequence_forget(summary);
	return NULL;
}

void sequence_forget(struct message_summary *summary)
{
	if (summary)
		summary_release(summary);
	free(summary);
}

static int compare_numbers(long long a, long long b)
{
	return (a > b) - (a < b);
}

/* By sender, number and time of creation; files of one time stay in order of name. */
static int by_number(const void *a, const void *b)
{
	const struct sequence_entry *x = a, *y = b;
	const struct message_summary *one = x->summary, *two = y->summary;
	long long first = 0, second = 0;
	int order = ods_code_order(one->organisation.value.text, two->organisation.value.text);
	judge_number(one->file_id.value.text, &first);
	judge_number(two->file_id.value.text, &second);
	if (order == 0)
		order = compare_numbers(first, second);
	if (order == 0)
		order = compare_numbers(one->made.moment.seconds, two->made.moment.seconds);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static size_t drop_unnumbered(struct sequence_entry *entries, size_t count)
{
	size_t kept = 0;
	long long number;
	for (size_t i = 0; i < count; i++)
		if (entries[i].summary &&
		    judge_number(entries[i].summary->file_id.value.text, &number))
			entries[kept++] = entries[i];
	return kept;
}

/* An upload that does not follow the one before, and what that brings. */
struct late {
	const struct sequence_entry *entry, *before;
	struct draft draft; /* used again and again */
	struct draft_tally *tallies;
	const char *closed; /* why it can no longer be opened; NULL: it can */
	bool failed;
};

/* Late ones that are judged at the same time, and then reported in order. */
struct round {
	const struct results *results;
	struct late late[LATE_AT_ONCE];
	size_t count;
	atomic_size_t next; /* the first that no thread has taken */
};

/* The file once more, now beside the one before it. Inside layers, its values have places only
 * while the layers are open. */
static void judge_late(struct worker *worker, const struct results *results, struct late *late)
{
	const struct sequence_entry *entry = late->entry;
	struct message_summary summary;
	struct source source;
	late->failed = false;
	late->closed = NULL;
	if (limits_open_source(&source, entry->path, &results->options, &late->closed) != 0)
		return;
	summary_init(&summary);
	memset(late->tallies, 0, (results->rule_count + 1) * sizeof(*late->tallies));
	late->failed = draft_renew(&late->draft, entry->path, late->tallies, results->rule_count,
				   limits_findings(&results->options)) != 0;
	late->draft.only = rules_stage(RULE_PAIR_011);
	late->draft.summary = &summary;
	late->draft.request = late->before->summary;
	if (!late->failed && entry->summary->plain)
		worker_judge_pair(worker, &source, &late->draft, late->before->summary,
				  entry->summary);
	else if (!late->failed)
		worker_judge(worker, &source, &late->draft);
	late->draft.summary = NULL;
	summary_release(&summary);
	source_close(&source);
}

/* Of the messages that the results have of its file. A control file before it may be left out. */
static size_t place_of(const struct results *results, const struct sequence_entry *entry)
{
	size_t last = entry->first_message + entry->summary->root.message;
	size_t i = entry->first_message;
	while (i < last && !text_same(results->messages[i].type, "REPC_MT000002GB01"))
		i++;
	return i;
}

/* Of what that brings, only the finding of this rule is new. */
static int report(struct results *results, const struct late *late, const struct rule *rule)
{
	size_t message = place_of(results, late->entry);
	if (late->failed)
		return -1;
	if (!late->closed)
		return draft_commit_late(results, message, &late->draft, rule, rules_index(rule));
	/* It was there a moment ago. */
	struct message_result *judged = &results->messages[message];
	message_add_omission(results, judged, "the sequence of the uploads", late->closed);
	message_settle(results, judged);
	return results->arena.failed ? -1 : 0;
}

struct sharer {
	pthread_t thread;
	struct worker *worker;
	struct round *round;
	bool lacking; /* there was no memory for its thread */
};

static void take_part(struct sharer *sharer)
{
	struct round *round = sharer->round;
	for (size_t i; (i = atomic_fetch_add(&round->next, 1)) < round->count;)
		judge_late(sharer->worker, round->results, &round->late[i]);
}

static void *join(void *context)
{
	struct sharer *sharer = context;
	sharer->lacking = !xml_thread_setup();
	if (!sharer->lacking)
		take_part(sharer);
	return NULL;
}

/* Judge the round on all threads, of which the first is the caller's, and report it. */
static int finish(struct results *results, struct round *round, struct sharer *sharers,
		  size_t sharer_count, const struct rule *rule)
{
	size_t started = 1;
	atomic_store(&round->next, 0);
	while (started < sharer_count &&
	       pthread_create(&sharers[started].thread, NULL, join, &sharers[started]) == 0)
		started++;
	take_part(&sharers[0]);
	int status = 0;
	for (size_t i = 1; i < started; i++) {
		pthread_join(sharers[i].thread, NULL);
		status = sharers[i].lacking ? -1 : status;
	}
	for (size_t i = 0; i < round->count; i++)
		if (report(results, &round->late[i], rule) != 0)
			status = -1;
	round->count = 0;
	return status;
}

/* As many as there are jobs; 0: out of memory. */
static size_t gather(struct results *results, struct round *round, struct sharer *sharers,
		     struct cpis_failure *failure)
{
	size_t wanted = results->options.jobs ? results->options.jobs : 1, count = 0;
	wanted = wanted > MOST_THREADS ? MOST_THREADS : wanted;
	for (; count < wanted; count++) {
		struct worker *worker = worker_new(&results->options, results->own, failure);
		if (!worker)
			break;
		if (wanted > 1)
			worker_join_others(worker);
		sharers[count] = (struct sharer){ .worker = worker, .round = round };
	}
	if (count == wanted)
		return count;
	while (count)
		worker_free(sharers[--count].worker);
	return 0;
}

static int judge_in_rounds(struct results *results, const struct sequence_entry *entries,
			   size_t count, struct round *round, struct cpis_failure *failure)
{
	const struct rule *rule = rules_stage(RULE_PAIR_011);
	struct sharer sharers[MOST_THREADS];
	size_t sharer_count = 0;
	int status = 0;
	for (size_t i = 1; status == 0 && i < count; i++) {
		enum pair_sequence sequence =
			pair_sequence(entries[i - 1].summary, entries[i].summary);
		if (sequence == SEQUENCE_NEXT)
			results->tallies[rules_index(rule)].judged++;
		if (sequence == SEQUENCE_NONE || sequence == SEQUENCE_NEXT)
			continue;
		if (!sharer_count)
			sharer_count = gather(results, round, sharers, failure);
		if (!sharer_count)
			return -1;
		round->late[round->count].entry = &entries[i];
		round->late[round->count++].before = &entries[i - 1];
		if (round->count == LATE_AT_ONCE)
			status = finish(results, round, sharers, sharer_count, rule);
	}
	if (status == 0 && sharer_count && round->count)
		status = finish(results, round, sharers, sharer_count, rule);
	for (size_t i = 0; i < sharer_count; i++)
		worker_free(sharers[i].worker);
	return status;
}

int sequence_judge(struct results *results, struct sequence_entry *entries, size_t count,
		   struct cpis_failure *failure)
{
	count = drop_unnumbered(entries, count);
	if (count > 1)
		qsort(entries, count, sizeof(*entries), by_number);
	failure_out_of_memory(failure);
	struct round *round = calloc(1, sizeof(*round));
	struct draft_tally *tallies =
		calloc(LATE_AT_ONCE * (results->rule_count + 1), sizeof(*tallies));
	int status = round && tallies ? 0 : -1;
	for (size_t i = 0; status == 0 && i < LATE_AT_ONCE; i++)
		round->late[i].tallies = tallies + i * (results->rule_count + 1);
	if (status == 0) {
		round->results = results;
		status = judge_in_rounds(results, entries, count, round, failure);
	}
	for (size_t i = 0; round && i < LATE_AT_ONCE; i++)
		draft_release(&round->late[i].draft);
	free(round);
	free(tallies);
	return status;
}
