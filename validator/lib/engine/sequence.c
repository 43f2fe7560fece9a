#include "engine/sequence.h"

#include "cpis.h"
#include "diag/seal.h"
#include "engine/limits.h"
#include "engine/source.h"
#include "engine/worker.h"
#include "message/summary.h"
#include "rules/catalogue.h"
#include "rules/pair.h"

#include <stdlib.h>

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

static int compare_text(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
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
	int order = compare_text(one->organisation.value.text, two->organisation.value.text);
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

/* The file once more, now beside the one before it: only what that brings is kept. In layers, its
 * values have no place but when they are opened again. */
static int judge_again(struct results *results, const struct sequence_entry *entry,
		       const struct sequence_entry *before, const struct rule *rule)
{
	struct message_summary summary;
	struct draft draft = { 0 };
	struct source source;
	const char *why;
	if (source_open(&source, entry->path, limits_input_bytes(&results->options), &why) != 0)
		return 0;
	summary_init(&summary);
	int status = draft_init(&draft, entry->path, results->rule_count,
				limits_findings(&results->options));
	if (status == 0) {
		draft.summary = &summary;
		draft.request = before->summary;
		if (entry->summary->plain)
			worker_judge_pair(results->worker, &source, &draft, before->summary,
					  entry->summary);
		else
			worker_judge(results->worker, &source, &draft);
		size_t message = entry->first_message + entry->summary->root.message;
		status = seal_late(results, message, &draft, rule, rules_index(rule));
	}
	draft_release(&draft);
	summary_release(&summary);
	source_close(&source);
	return status;
}

int sequence_judge(struct results *results, struct sequence_entry *entries, size_t count,
		   struct cpis_failure *failure)
{
	const struct rule *rule = rules_find("PAIR-011");
	count = drop_unnumbered(entries, count);
	if (count > 1)
		qsort(entries, count, sizeof(*entries), by_number);
	int status = 0;
	for (size_t i = 1; status == 0 && i < count; i++) {
		enum pair_sequence sequence =
			pair_sequence(entries[i - 1].summary, entries[i].summary);
		if (sequence == SEQUENCE_NEXT)
			results->tallies[rules_index(rule)].judged++;
		if (sequence == SEQUENCE_NONE || sequence == SEQUENCE_NEXT)
			continue;
		if (!results->worker)
			results->worker = worker_new(&results->options, results->own, failure);
		if (!results->worker)
			return -1;
		status = judge_again(results, &entries[i], &entries[i - 1], rule);
	}
	if (status != 0)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
	return status;
}
