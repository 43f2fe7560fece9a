/* Which messages, cases and findings of a run a page lists, so that it stays small. */
#include "report/page.h"

#include "results/summary.h"

#include <stdlib.h>

/* A page stays below 5 MB. All of a run is in results.xml. */
enum {
	MOST_SUBJECTS = 2500, /* messages, and cases */
	MOST_FINDINGS = 6000,
	MOST_CARDS = 100,     /* cases that did not pass, shown in full */
	MOST_FULL = 200,      /* findings with their excerpts; others take a line */
	MOST_OMISSIONS = 100, /* of a message */
	MOST_LEFT_OUT = 500
};

struct choosing {
	struct page_part *part;
	const struct results *whole;
	struct rule_index *index;
	size_t *kept_before;	 /* by message: how many before it are listed */
	size_t *by_rule, *taken; /* findings, by the rule's place; the last are of unknown rules */
	size_t share;		 /* most findings of a rule */
};

static size_t total_within(const size_t *sizes, size_t count, size_t limit)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += sizes[i] < limit ? sizes[i] : limit;
	return total;
}

/* How many of each group may be listed, at least one, for at most most in all. */
static size_t fair_share(const size_t *sizes, size_t count, size_t most)
{
	size_t low = 1, high = most;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (total_within(sizes, count, middle) <= most)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static size_t place_of(const struct choosing *choosing, const struct rule *rule)
{
	size_t place = rule_index_of(choosing->index, rule);
	return place < choosing->whole->rule_count ? place : choosing->whole->rule_count;
}

/* Those that did not pass come first. marks: 1 for each that is listed. */
static void choose(unsigned char *marks, size_t count,
		   bool (*passed)(const struct results *, size_t), const struct results *whole)
{
	size_t listed = 0;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < count && listed < MOST_SUBJECTS; i++)
			if (passed(whole, i) == (round == 1)) {
				marks[i] = 1;
				listed++;
			}
}

static bool message_passed(const struct results *whole, size_t i)
{
	return whole->messages[i].verdict == CPIS_PASS;
}

static bool case_passed(const struct results *whole, size_t i)
{
	enum case_outcome outcome = whole->cases[i].outcome;
	return outcome == CASE_PASSED || outcome == CASE_LEFT_OUT;
}

/* A finding that is not listed is counted with the others of its rule. */
static int count_unlisted(struct choosing *choosing, struct message_result *message,
			  const struct finding *finding)
{
	if (finding->waived)
		return 0;
	for (size_t i = 0; i < message->unlisted_count; i++) {
		struct unlisted *known = &message->unlisted[i];
		if (known->rule != finding->rule || known->severity != finding->severity ||
		    known->unsure)
			continue;
		known->count++;
		return 0;
	}
	const struct unlisted one = { .rule = finding->rule,
				      .severity = finding->severity,
				      .count = 1 };
	return message_add_unlisted(&choosing->part->listed, message, &one);
}

static int list_findings(struct choosing *choosing, struct message_result *message,
			 const struct message_result *from)
{
	struct arena *arena = &choosing->part->listed.arena;
	size_t room = 0;
	for (size_t i = 0; i < from->finding_count; i++)
		room += ++choosing->taken[place_of(choosing, from->findings[i].rule)] <=
			choosing->share;
	if (room == from->finding_count)
		return 0;
	message->unlisted =
		arena_alloc(arena, from->unlisted_count * sizeof(*message->unlisted) + 1);
	message->unlisted_room = from->unlisted_count;
	message->findings = arena_alloc(arena, room * sizeof(*message->findings) + 1);
	if (!message->findings || !message->unlisted)
		return -1;
	if (from->unlisted_count)
		memcpy(message->unlisted, from->unlisted,
		       from->unlisted_count * sizeof(*message->unlisted));
	message->finding_count = 0;
	for (size_t i = 0; i < from->finding_count; i++)
		choosing->taken[place_of(choosing, from->findings[i].rule)]--;
	for (size_t i = 0; i < from->finding_count; i++) {
		const struct finding *finding = &from->findings[i];
		if (++choosing->taken[place_of(choosing, finding->rule)] <= choosing->share)
			message->findings[message->finding_count++] = *finding;
		else if (count_unlisted(choosing, message, finding) != 0)
			return -1;
	}
	return 0;
}

static int list_messages(struct choosing *choosing, const unsigned char *marks)
{
	const struct results *whole = choosing->whole;
	struct results *listed = &choosing->part->listed;
	size_t rules = whole->rule_count + 1;
	for (size_t i = 0; i < whole->message_count; i++)
		for (size_t k = 0; marks[i] && k < whole->messages[i].finding_count; k++)
			choosing->by_rule[place_of(choosing,
						   whole->messages[i].findings[k].rule)]++;
	choosing->share = fair_share(choosing->by_rule, rules, MOST_FINDINGS);
	choosing->part->full = fair_share(choosing->by_rule, rules, MOST_FULL);
	listed->messages =
		arena_alloc(&listed->arena, (whole->message_count + 1) * sizeof(*listed->messages));
	if (!listed->messages)
		return -1;
	listed->message_count = 0;
	for (size_t i = 0; i < whole->message_count; i++) {
		choosing->kept_before[i] = listed->message_count;
		if (!marks[i])
			continue;
		struct message_result *message = &listed->messages[listed->message_count++];
		*message = whole->messages[i];
		if (message->omission_count > MOST_OMISSIONS)
			message->omission_count = MOST_OMISSIONS;
		if (list_findings(choosing, message, &whole->messages[i]) != 0)
			return -1;
	}
	choosing->kept_before[whole->message_count] = listed->message_count;
	return 0;
}

/* The fingerprints of a page, each once. */
struct marks {
	const char **slots;
	size_t room; /* at least twice as many as there are findings; a power of two */
};

/* Whether it is there for the first time. */
static bool is_first(struct marks *marks, const char *fingerprint)
{
	size_t slot = (size_t)str_hash(str_of(fingerprint)) & (marks->room - 1);
	while (marks->slots[slot] && strcmp(marks->slots[slot], fingerprint) != 0)
		slot = (slot + 1) & (marks->room - 1);
	bool first = !marks->slots[slot];
	marks->slots[slot] = fingerprint;
	return first;
}

/* The same fault in another message has the same fingerprint: its place tells the two apart. */
static int add_places(struct choosing *choosing, struct marks *marks, size_t number)
{
	struct arena *arena = &choosing->part->listed.arena;
	struct message_result *message = &choosing->part->listed.messages[number];
	struct finding *own = arena_alloc(arena, message->finding_count * sizeof(*own) + 1);
	if (!own)
		return -1;
	for (size_t i = 0; i < message->finding_count; i++) {
		own[i] = message->findings[i];
		if (own[i].fingerprint && !is_first(marks, own[i].fingerprint))
			own[i].fingerprint = arena_printf(arena, "%s-%zu-%zu", own[i].fingerprint,
							  number + 1, i + 1);
	}
	message->findings = own;
	return arena->failed ? -1 : 0;
}

/* Findings that a page links to need names of their own. */
static int name_findings(struct choosing *choosing)
{
	struct results *listed = &choosing->part->listed;
	size_t count = 0;
	struct marks marks = { .room = 2 };
	for (size_t i = 0; i < listed->message_count; i++)
		count += listed->messages[i].finding_count;
	while (marks.room < 2 * count)
		marks.room *= 2;
	marks.slots = arena_alloc(&choosing->part->arena, marks.room * sizeof(*marks.slots));
	if (!marks.slots)
		return -1;
	for (size_t i = 0; i < listed->message_count; i++)
		if (add_places(choosing, &marks, i) != 0)
			return -1;
	return 0;
}

static int list_cases(struct choosing *choosing, const unsigned char *marks)
{
	const struct results *whole = choosing->whole;
	struct results *listed = &choosing->part->listed;
	listed->cases =
		arena_alloc(&listed->arena, (whole->case_count + 1) * sizeof(*listed->cases));
	if (!listed->cases)
		return -1;
	size_t cards = 0;
	listed->case_count = 0;
	for (size_t i = 0; i < whole->case_count; i++) {
		if (!marks[i])
			continue;
		struct case_result *one = &listed->cases[listed->case_count++];
		cards += !case_passed(whole, i);
		if (cards <= MOST_CARDS)
			choosing->part->last_card = listed->case_count;
		*one = whole->cases[i];
		one->first_message = choosing->kept_before[whole->cases[i].first_message];
		one->message_count = choosing->kept_before[whole->cases[i].first_message +
							   whole->cases[i].message_count] -
				     one->first_message;
	}
	return 0;
}

/* Over the whole run, listed or not. */
static int write_totals(struct choosing *choosing)
{
	const struct results *whole = choosing->whole;
	struct buf *totals = &choosing->part->totals;
	size_t *count = choosing->by_rule;
	memset(count, 0, (whole->rule_count + 1) * sizeof(*count));
	for (size_t i = 0; i < whole->message_count; i++) {
		const struct message_result *message = &whole->messages[i];
		for (size_t k = 0; k < message->finding_count; k++)
			count[place_of(choosing, message->findings[k].rule)]++;
		for (size_t k = 0; k < message->unlisted_count; k++)
			count[place_of(choosing, message->unlisted[k].rule)] +=
				message->unlisted[k].count;
	}
	buf_char(totals, ' ');
	for (size_t i = 0; i < whole->rule_count; i++)
		if (count[i])
			buf_printf(totals, "%s=%zu ", whole->rules[i]->id, count[i]);
	return totals->failed ? -1 : 0;
}

static int make(struct choosing *choosing)
{
	const struct results *whole = choosing->whole;
	struct arena *arena = &choosing->part->arena;
	size_t rules = whole->rule_count + 1;
	unsigned char *messages = arena_alloc(arena, whole->message_count + 1);
	unsigned char *cases = arena_alloc(arena, whole->case_count + 1);
	choosing->kept_before = arena_alloc(arena, (whole->message_count + 1) * sizeof(size_t));
	choosing->by_rule = arena_alloc(arena, rules * sizeof(size_t));
	choosing->taken = arena_alloc(arena, rules * sizeof(size_t));
	if (!messages || !cases || !choosing->kept_before || !choosing->by_rule || !choosing->taken)
		return -1;
	choose(messages, whole->message_count, message_passed, whole);
	choose(cases, whole->case_count, case_passed, whole);
	if (choosing->part->listed.left_out_count > MOST_LEFT_OUT)
		choosing->part->listed.left_out_count = MOST_LEFT_OUT;
	if (list_messages(choosing, messages) != 0 || name_findings(choosing) != 0 ||
	    list_cases(choosing, cases) != 0)
		return -1;
	return write_totals(choosing);
}

int part_make(struct page_part *part, const struct results *whole)
{
	*part = (struct page_part){ .listed = *whole };
	arena_init(&part->arena);
	arena_init(&part->listed.arena);
	buf_init(&part->totals, SIZE_MAX / 2);
	struct choosing choosing = { .part = part, .whole = whole };
	choosing.index = rule_index_new(whole);
	int status = choosing.index ? make(&choosing) : -1;
	rule_index_free(choosing.index);
	return status;
}

void part_release(struct page_part *part)
{
	arena_release(&part->arena);
	arena_release(&part->listed.arena);
	buf_release(&part->totals);
}
