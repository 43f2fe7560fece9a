#include "results/summary.h"

#include "base/character.h"
#include "base/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

const struct rule_override *override_at(const struct results *results, size_t place)
{
	return results->overrides && results->overrides[place].set ? &results->overrides[place]
								   : NULL;
}

const char *override_name(const struct rule_override *override)
{
	return override->off ? "off" : cpis_severity_name(override->severity);
}

static void count_rule(struct summary *summary, const struct results *results, size_t place)
{
	const struct rule_override *override = override_at(results, place);
	const enum cpis_rule_state state = results_rule_state(results, place);
	summary->rules++;
	summary->rules_changed += override && !override->off;
	summary->rules_off += state == CPIS_RULE_OFF;
	summary->rules_judged += state == CPIS_RULE_HELD || state == CPIS_RULE_FAILED;
	summary->rules_failed += state == CPIS_RULE_FAILED;
	summary->rules_blocked += state == CPIS_RULE_BLOCKED;
	summary->rules_idle += state == CPIS_RULE_NOT_APPLICABLE;
	summary->rules_not_run += state == CPIS_RULE_SKIPPED;
}

static void count_message(struct summary *summary, const struct results *results,
			  const struct message_result *message, bool expected)
{
	summary->expected_messages[message->verdict] += expected;
	summary->by_verdict[message->verdict]++;
	summary->records += message->records;
	summary->suppressed += message->suppressed;
	summary->turned_off += message->turned_off;
	summary->omissions += message->omission_count;
	if (message_unsaid(message)) {
		summary->unread++;
		summary->unrecognised += !message->type;
	}
	for (size_t i = 0; i < message->finding_count; i++) {
		const struct finding *finding = &message->findings[i];
		summary->waived += finding->waived != NULL;
		summary->accepted[finding->severity] += finding->waived != NULL;
		summary->by_baseline += finding->by_baseline;
		summary->waived_failing +=
			finding->waived && (finding->severity == CPIS_ERROR ||
					    severity_fails(results, finding->severity));
	}
	for (unsigned severity = CPIS_INFO; severity <= CPIS_ERROR; severity++) {
		size_t count = message_count_findings(message, (enum cpis_severity)severity);
		summary->findings[severity] += count;
		summary->expected_findings[severity] += expected ? count : 0;
	}
}

static void count_unlisted(struct summary *summary, const struct unlisted_messages *unlisted)
{
	summary->messages += unlisted->messages;
	summary->by_verdict[unlisted->verdict] += unlisted->messages;
	summary->records += unlisted->records;
	summary->findings[CPIS_ERROR] += unlisted->errors;
	summary->findings[CPIS_WARNING] += unlisted->warnings;
	summary->findings[CPIS_INFO] += unlisted->infos;
	summary->waived += unlisted->waived;
	summary->waived_failing += unlisted->waived; /* of which severity is not kept */
	summary->suppressed += unlisted->suppressed;
	summary->omissions += unlisted->omissions;
	summary->unread += unlisted->unread;
	summary->unrecognised += unlisted->unrecognised;
	summary->by_baseline += unlisted->by_baseline;
	summary->turned_off += unlisted->turned_off;
}

/* Messages of packs show nothing: a case may expect what they are. */
static bool shows_no_pass(const struct results *results)
{
	for (size_t i = 0; i < results->case_count; i++)
		if (!outcome_passes(results->cases[i].outcome))
			return true;
	for (size_t i = 0; !results_of_packs(results) && i < results->message_count; i++)
		if (results->messages[i].verdict != CPIS_PASS)
			return true;
	return false;
}

void summary_of(const struct results *results, struct summary *summary)
{
	*summary = (struct summary){
		.verdict = results_verdict(results),
		.messages = results->message_count,
	};
	size_t cursor = 0, messages = 0, messages_passed = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct case_result *one = case_of_message(results, i, &cursor);
		count_message(summary, results, &results->messages[i],
			      one && one->outcome == CASE_PASSED);
	}
	for (size_t i = 0; i < results->unlisted_count; i++)
		count_unlisted(summary, &results->unlisted[i]);
	for (size_t i = 0; i < results->case_count; i++) {
		const struct case_result *one = &results->cases[i];
		if (one->from == CASE_OF_RUN) {
			summary->run_faults++;
			continue;
		}
		summary->cases++;
		summary->by_outcome[one->outcome]++;
		bool message = one->from == CASE_OF_EVIDENCE;
		bool evidence = message || one->from == CASE_OF_ANSWER;
		summary->evidence_cases += evidence;
		summary->evidence_passed += evidence && one->outcome == CASE_PASSED;
		summary->own_answers +=
			one->outcome == CASE_PASSED && one->answered_by == ANSWERED_BY_SUPPLIER;
		messages += message;
		messages_passed += message && one->outcome == CASE_PASSED;
	}
	/* Answers alone do not make up for messages of which none passed. */
	if (messages && !messages_passed)
		summary->evidence_passed = 0;
	for (size_t i = 0; i < results->rule_count && results->tallies; i++)
		count_rule(summary, results, i);
	summary->unshown = summary->verdict != CPIS_PASS && !shows_no_pass(results);
	summary->unfinished = summary->verdict == CPIS_INCOMPLETE || summary->omissions ||
			      results_unfinished(results);
}

void summary_count(struct buf *out, size_t count, const char *noun)
{
	buf_printf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
}

void summary_not_listed(struct buf *out, size_t count)
{
	summary_count(out, count, "more finding");
	buf_text(out, count == 1 ? " is" : " are");
	buf_text(out, " not listed: caused by those above, or over the limit (--max-findings).");
}

const struct case_result *case_of_message(const struct results *results, size_t message,
					  size_t *cursor)
{
	while (*cursor < results->case_count) {
		const struct case_result *one = &results->cases[*cursor];
		if (one->first_message + one->message_count > message)
			return one->first_message <= message ? one : NULL;
		++*cursor;
	}
	return NULL;
}

bool case_means_finding(const struct case_result *one, const struct finding *finding)
{
	if (!one || one->outcome == CASE_PASSED)
		return one != NULL;
	return one->outcome == CASE_WAIVED && finding->fate == FATE_EXPECTED;
}

static bool is_in_archive(const struct message_result *message)
{
	for (size_t i = 0; i < message->layer_count; i++)
		if (strcmp(message->layers[i], "zip") == 0 ||
		    strcmp(message->layers[i], "tar") == 0)
			return true;
	return false;
}

/* The "!" after an archive's name: the first that follows a name like one, or else the first. */
static const char *end_of_archive(const char *path)
{
	static const char *const endings[] = { ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz" };
	for (const char *at = path; (at = strchr(at, '!')); at++)
		for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
			size_t n = strlen(endings[i]);
			if ((size_t)(at - path) > n && strncasecmp(at - n, endings[i], n) == 0)
				return at;
		}
	return strchr(path, '!');
}

void summary_file(const struct message_result *message, struct buf *out, const char **member)
{
	const char *path = message->file ? message->file : message->source;
	const char *end = is_in_archive(message) ? end_of_archive(path) : NULL;
	size_t n = end ? (size_t)(end - path) : strlen(path);
	*member = end ? end + 1 : NULL;
	char *given = calloc(2, n + 3);
	if (!given) {
		out->failed = true;
		return;
	}
	memcpy(given, path, n);
	files_settle(given, given + n + 3);
	/* Standard input is not a file of this name. */
	buf_text(out, strcmp(given, "-") == 0 ? "-" : given + n + 3);
	free(given);
}

const struct pack_result *pack_named(const struct results *results, const char *name)
{
	for (size_t i = 0; i < results->pack_count; i++)
		if (text_same(results->packs[i].name, name))
			return &results->packs[i];
	return NULL;
}

static int text_order(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int case_order(const struct case_result *a, const struct case_result *b)
{
	int order = text_order(a ? a->pack : NULL, b ? b->pack : NULL);
	return order ? order : text_order(a ? a->id : NULL, b ? b->id : NULL);
}

static int by_case(const void *a, const void *b)
{
	const struct case_result *const *x = a, *const *y = b;
	return case_order(*x, *y);
}

int cases_sort(struct sorted_cases *sorted, struct arena *arena, const struct results *results)
{
	const struct case_result **items =
		arena_alloc(arena, (results->case_count + 1) * sizeof(*items));
	if (!items)
		return -1;
	for (size_t i = 0; i < results->case_count; i++)
		items[i] = &results->cases[i];
	if (results->case_count)
		qsort(items, results->case_count, sizeof(const struct case_result *), by_case);
	*sorted = (struct sorted_cases){ items, results->case_count };
	return 0;
}

const struct case_result *cases_find(const struct sorted_cases *sorted, const char *pack,
				     const char *id)
{
	const struct case_result wanted = { .pack = pack, .id = id }, *key = &wanted;
	const struct case_result **found = NULL;
	if (sorted->count)
		found = bsearch(&key, sorted->items, sorted->count,
				sizeof(const struct case_result *), by_case);
	return found ? *found : NULL;
}

const char *finding_sentence(const struct finding *finding)
{
	return finding->message ? finding->message : finding->rule->title;
}

const char *finding_path(const struct finding *finding)
{
	return finding->path && finding->path[0] ? finding->path : NULL;
}

const char *finding_fix(const struct finding *finding)
{
	return finding->fix ? finding->fix : finding->rule->fix;
}

const char *severity_word(enum cpis_severity severity)
{
	static const char *const words[] = { "note", "warning", "error" };
	return words[severity];
}

void summary_severities(struct buf *out, const size_t findings[CPIS_ERROR + 1])
{
	size_t kinds = 0, written = 0;
	for (size_t i = 0; i <= CPIS_ERROR; i++)
		kinds += findings[i] > 0;
	for (size_t i = CPIS_ERROR + 1; i-- > 0;) {
		if (!findings[i])
			continue;
		if (written)
			buf_text(out, written + 1 == kinds ? " and " : ", ");
		summary_count(out, findings[i], severity_word((enum cpis_severity)i));
		written++;
	}
	if (!written)
		buf_text(out, "nothing");
}

/* "the case", "both cases", "all 3 cases" */
static void say_all(struct buf *out, size_t count, const char *noun)
{
	if (count < 3)
		buf_printf(out, "%s %s%s", count == 2 ? "both" : "the", noun,
			   count == 2 ? "s" : "");
	else
		buf_printf(out, "all %zu %ss", count, noun);
}

/* Not all cases were run, so that nothing is shown to be conformant. */
static void headline_of_some_cases(const struct summary *summary, struct buf *out)
{
	size_t waived = summary->by_outcome[CASE_WAIVED];
	size_t run = summary->by_outcome[CASE_PASSED] + waived;
	buf_printf(out, "Partial: %zu of ", run);
	summary_count(out, summary->cases, "case");
	buf_printf(out, " %s run: ", run == 1 ? "was" : "were");
	if (waived)
		buf_printf(out, "%zu passed and %zu %s waived.", run - waived, waived,
			   waived == 1 ? "is" : "are");
	else
		buf_text(out, run == 1 ? "it passed." : "all passed.");
}

/* A pack of fixed messages tests the judgement of this program. It certifies no one. */
static void write_without_evidence(const struct results *results, struct buf *out)
{
	const char *supplier = results_meta_named(results, "supplier");
	if (supplier)
		buf_printf(out, " No evidence was read: this says nothing about %s.", supplier);
	else
		buf_text(out, " No evidence of a system was read.");
}

static const char wrong_waivers[] = "waivers have expired or are not needed.";

/* never: by --fail-on, so that no error of a message counts. */
static void headline_of_cases(const struct summary *summary, bool partial, bool never,
			      struct buf *out)
{
	bool evidence = summary->evidence_cases > 0;
	const char *good = never      ? "Passed by request: "
			   : evidence ? "Conformant: "
				      : "Judged as expected: ";
	size_t failed = summary->by_outcome[CASE_FAILED] + summary->by_outcome[CASE_BROKEN];
	size_t open = summary->by_outcome[CASE_NOT_RUN] + summary->by_outcome[CASE_MANUAL];
	size_t all = summary->cases - summary->by_outcome[CASE_LEFT_OUT];
	if (summary->verdict == CPIS_FAIL)
		buf_text(out, evidence ? "Not conformant: " : "Not judged as expected: ");
	if (summary->verdict == CPIS_FAIL && !failed && open) {
		buf_printf(out, "%zu of ", open);
		summary_count(out, all, "case");
		buf_printf(out, " %s still open, and %s", open == 1 ? "is" : "are", wrong_waivers);
	} else if (summary->verdict == CPIS_FAIL && !failed) {
		buf_printf(out, "no case failed, but %s", wrong_waivers);
	} else if (summary->verdict == CPIS_FAIL) {
		buf_printf(out, "%zu of ", failed);
		summary_count(out, all, "case");
		buf_text(out, " failed.");
	} else if (summary->verdict == CPIS_INCOMPLETE) {
		buf_printf(out, "Incomplete: %zu of ", open);
		summary_count(out, all, "case");
		buf_text(out, open == 1 ? " is still open." : " are still open.");
	} else if (!all) {
		buf_text(out, "Nothing was checked.");
	} else if (partial) {
		headline_of_some_cases(summary, out);
	} else if (evidence && !summary->evidence_passed) {
		buf_text(out, "Not shown to be conformant: no case over evidence passed, and ");
		buf_printf(out, "%zu %s waived.", summary->by_outcome[CASE_WAIVED],
			   summary->by_outcome[CASE_WAIVED] == 1 ? "is" : "are");
	} else if (summary->by_outcome[CASE_WAIVED]) {
		buf_printf(out, "%s%zu of ", good, summary->by_outcome[CASE_PASSED]);
		summary_count(out, all, "case");
		buf_printf(out, " passed and %zu %s waived.", summary->by_outcome[CASE_WAIVED],
			   summary->by_outcome[CASE_WAIVED] == 1 ? "is" : "are");
	} else {
		buf_text(out, good);
		say_all(out, all, "case");
		buf_text(out, " passed.");
	}
	if (never && all && summary->verdict == CPIS_PASS)
		buf_text(out, " But --fail-on never lets every message pass.");
}

/* A message is not called conformant if part of the checking was left out. */
static void headline_of_a_pass(const struct results *results, const struct summary *summary,
			       struct buf *out)
{
	if (!summary->messages) {
		buf_text(out, "Nothing was checked.");
	} else if (summary->findings[CPIS_ERROR]) {
		buf_text(out, "Passed by request: ");
		summary_count(out, summary->findings[CPIS_ERROR], "error");
		buf_text(out, summary->findings[CPIS_ERROR] == 1 ? " was" : " were");
		buf_text(out, " found, but --fail-on never lets every message pass.");
	} else {
		buf_text(out, results_partial(results)	? "Partial: "
			      : summary->waived_failing ? "Passed with exceptions: "
							: "Conformant: ");
		say_all(out, summary->messages, "message");
		buf_text(out, " passed.");
	}
}

/* What is accepted, over all messages that are listed. */
struct accepted {
	const struct rule *rule; /* that all of it is of; NULL: of several */
	const char *first_end;	 /* the first day on which it no longer is; NULL: no one gave one */
	bool other_ends;	 /* some of it ends later, or never */
};

/* The day at the end of "reason (owner, until 2027-03-31)", as a waiver is written; NULL: none. */
static const char *end_of_waiver(const char *waived)
{
	static const char form[] = "until 0000-00-00)";
	size_t n = strlen(waived), from = n - strlen(form);
	if (n <= strlen(form) || strchr("( ", waived[from - 1]) == NULL)
		return NULL;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? !strchr("0123456789", waived[from + i])
				   : form[i] != waived[from + i])
			return NULL;
	return waived + from + strlen("until ");
}

static void note_accepted(struct accepted *accepted, const struct finding *finding, bool first)
{
	enum { DAY = sizeof("2027-03-31") - 1 };
	/* A baseline has no end, whatever its reason says. */
	const char *end = finding->by_baseline ? NULL : end_of_waiver(finding->waived);
	const char *known = accepted->first_end;
	if (first) {
		*accepted = (struct accepted){ finding->rule, end, false };
		return;
	}
	if (accepted->rule != finding->rule)
		accepted->rule = NULL;
	if (end && known && strncmp(end, known, DAY) == 0)
		return;
	accepted->other_ends = accepted->other_ends || end || known;
	if (!known || (end && strncmp(end, known, DAY) < 0))
		accepted->first_end = end;
}

/* " until 31 March 2027" */
static void write_end(const struct accepted *accepted, struct buf *out)
{
	struct tm day = { 0 };
	char month[16] = "";
	if (!accepted->first_end || sscanf(accepted->first_end, "%4d-%2d-%2d", &day.tm_year,
					   &day.tm_mon, &day.tm_mday) != 3)
		return;
	day.tm_mon = (day.tm_mon + 11) % 12;
	strftime(month, sizeof(month), "%B", &day);
	buf_printf(out, "%s until %d %s %d", accepted->other_ends ? ", the first" : "", day.tm_mday,
		   month, day.tm_year);
}

/* What a baseline or a waiver accepts is not gone: a pass must not look like its absence.
 * " 1 error is accepted until 31 March 2027: transmissionQuantity differs from ..." */
static void write_accepted(const struct results *results, const struct summary *summary,
			   struct buf *out)
{
	struct accepted accepted = { 0 };
	size_t listed = 0;
	if (!summary->waived)
		return;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			if (results->messages[i].findings[k].waived)
				note_accepted(&accepted, &results->messages[i].findings[k],
					      listed++ == 0);
	buf_char(out, ' ');
	/* Of those that are not listed only the number is kept. */
	bool all = listed == summary->waived;
	if (all)
		summary_severities(out, summary->accepted);
	else
		summary_count(out, summary->waived, "finding");
	buf_text(out, summary->waived == 1 ? " is accepted" : " are accepted");
	if (all)
		write_end(&accepted, out);
	if (all && accepted.rule) {
		buf_text(out, ": ");
		character_write_line(out, accepted.rule->title);
	}
	buf_char(out, '.');
}

static void write_rules_off(const struct summary *summary, struct buf *out)
{
	if (!summary->rules_off)
		return;
	buf_char(out, ' ');
	summary_count(out, summary->rules_off, "rule");
	buf_text(out, summary->rules_off == 1 ? " is turned off." : " are turned off.");
}

static void write_skipped_stages(const struct results *results, struct buf *out)
{
	bool any = false;
	for (unsigned stage = 0; stage < CPIS_STAGE_COUNT; stage++) {
		if (!(results->options.skip_stages & (1u << stage)))
			continue;
		buf_text(out, any ? ", " : " Stages left out by request: ");
		buf_text(out, cpis_stage_name((enum cpis_stage)stage));
		any = true;
	}
	if (any)
		buf_char(out, '.');
}

/* "3", "3 and 5", "1 to 7" ... of parts that are not there. */
static size_t list_missing_parts(const struct results *results, struct buf *out)
{
	enum { MOST_NAMED = 10 };
	size_t missing = 0, of = results->shards[0].of;
	for (size_t number = 1; number <= of; number++) {
		bool there = false;
		for (size_t i = 0; i < results->shard_count && !there; i++)
			there = results->shards[i].number == number;
		if (there || missing++ >= MOST_NAMED)
			continue;
		buf_printf(out, "%s%zu", missing > 1 ? ", " : "", number);
	}
	if (missing > MOST_NAMED)
		buf_printf(out, " and %zu more", missing - MOST_NAMED);
	return missing;
}

/* What parts these are, or which are missing. */
static void write_parts(const struct results *results, struct buf *out)
{
	struct buf missing;
	if (!results->shard_count)
		return;
	if (!results_parts_agree(results))
		buf_text(out, " The parts did not see the same files: some may not be checked.");
	if (!results_lack_parts(results))
		return;
	if (!results->joined) {
		buf_printf(out, " This is part %zu of %zu.", results->shards[0].number,
			   results->shards[0].of);
		return;
	}
	buf_init(&missing, SIZE_MAX / 2);
	size_t count = list_missing_parts(results, &missing);
	buf_printf(out, " Of %zu parts %zu %s missing: %s.", results->shards[0].of, count,
		   count == 1 ? "is" : "are", buf_view(&missing).p);
	out->failed = out->failed || missing.failed;
	buf_release(&missing);
}

/* No message fails, and the run does. */
static void headline_of_wrong_waivers(const struct summary *summary, struct buf *out)
{
	size_t incomplete = summary->by_verdict[CPIS_INCOMPLETE];
	buf_text(out, "Not conformant: ");
	if (incomplete) {
		buf_printf(out, "%zu of ", incomplete);
		summary_count(out, summary->messages, "message");
		buf_text(out, " could not be checked completely, and ");
	} else if (summary->findings[CPIS_ERROR]) {
		summary_count(out, summary->findings[CPIS_ERROR], "error");
		buf_printf(out, " %s found (--fail-on never), and ",
			   summary->findings[CPIS_ERROR] == 1 ? "was" : "were");
	} else {
		buf_text(out, "no message failed, but ");
	}
	buf_text(out, wrong_waivers);
}

static void headline_of_messages(const struct results *results, const struct summary *summary,
				 struct buf *out)
{
	if (summary->verdict == CPIS_PASS) {
		headline_of_a_pass(results, summary, out);
		return;
	}
	if (summary->run_faults && !summary->by_verdict[CPIS_FAIL]) {
		headline_of_wrong_waivers(summary, out);
		return;
	}
	bool fail = summary->verdict == CPIS_FAIL;
	buf_text(out, fail ? "Not conformant: " : "Incomplete: ");
	if (!fail && !summary->by_verdict[CPIS_INCOMPLETE])
		buf_text(out, "not all messages are here");
	else if (summary->messages > 1)
		buf_printf(out, "%zu of %zu messages", summary->by_verdict[summary->verdict],
			   summary->messages);
	else
		buf_text(out, "the message");
	buf_text(out, fail				     ? " failed."
		      : summary->by_verdict[CPIS_INCOMPLETE] ? " could not be checked completely."
							     : ".");
}

/* What was judged is on no disk. */
static void write_not_written(const struct results *results, struct buf *out)
{
	if (results_meta_named(results, META_NOT_WRITTEN))
		buf_text(out, " This is what --fix would leave; nothing was written.");
}

/* Right because they were made so: a part that is lost is not noticed any more. */
static void write_counts_fixed(const struct results *results, struct buf *out)
{
	const char *counts = results_meta_named(results, META_COUNTS_FIXED);
	if (counts)
		buf_printf(out, " Not checked: %s, as --fix makes %s fit what is there.", counts,
			   strncmp(counts, "1 ", 2) == 0 ? "it" : "them");
}

void summary_headline(const struct results *results, const struct summary *summary, struct buf *out)
{
	size_t left_out = summary->by_outcome[CASE_LEFT_OUT];
	if (results_of_packs(results))
		headline_of_cases(summary, results_left_out(results),
				  results->options.fail_on == CPIS_FAIL_ON_NEVER, out);
	else
		headline_of_messages(results, summary, out);
	write_accepted(results, summary, out);
	if (left_out)
		buf_printf(out, " %zu %s%s left out.", left_out,
			   summary->verdict == CPIS_PASS ? "" : "more ",
			   left_out == 1 ? "was" : "were");
	write_skipped_stages(results, out);
	write_rules_off(summary, out);
	write_not_written(results, out);
	write_counts_fixed(results, out);
	write_parts(results, out);
	if (results_of_packs(results) && !summary->evidence_cases)
		write_without_evidence(results, out);
}

/* Waivers expire, and messages are old or new, by the date of the run. */
static void write_date_set(const struct results *results, struct buf *out)
{
	if (results->date_set)
		buf_text(out, " The date of the run was set with --now.");
}

static void write_profile(const struct results *results, const struct summary *summary,
			  struct buf *out)
{
	if (!summary->rules_off && !summary->rules_changed)
		return;
	buf_printf(out, " The profile %s ", results->profile ? results->profile : "of this run");
	if (summary->rules_off) {
		buf_text(out, "turns off ");
		summary_count(out, summary->rules_off, "rule");
	}
	if (summary->turned_off) {
		buf_text(out, " (");
		summary_count(out, summary->turned_off, "finding");
		buf_char(out, ')');
	}
	if (summary->rules_changed) {
		buf_text(out, summary->rules_off ? " and changes" : "changes");
		buf_text(out, " the severity of ");
		summary_count(out, summary->rules_changed, "rule");
	}
	buf_char(out, '.');
}

/* What is judged when all parts are together. */
static void write_waiting(const struct results *results, struct buf *out)
{
	size_t uploads = 0;
	for (size_t i = 0; i < results->message_count; i++)
		uploads += results->messages[i].upload_count;
	for (size_t i = 0; i < results->unlisted_count; i++)
		uploads += results->unlisted[i].uploads;
	if (uploads && results_lack_parts(results))
		buf_text(out, " Whether uploads follow each other (PAIR-011) is not judged before "
			      "all parts are merged.");
}

static void write_unlisted(const struct results *results, struct buf *out)
{
	size_t count = 0;
	for (size_t i = 0; i < results->unlisted_count && !results->listed_elsewhere; i++)
		count += results->unlisted[i].messages;
	if (!count)
		return;
	buf_char(out, ' ');
	summary_count(out, count, "message");
	buf_text(out, count == 1 ? " that passed is not listed." : " that passed are not listed.");
}

/* " 2 rules (DAT-003 and UPL-001) could not be checked, because ..." */
static void write_blocked(const struct results *results, size_t count, struct buf *out)
{
	enum { MOST_NAMED = 6 };
	bool limited = false; /* one was, by a limit */
	size_t named = 0, most = count > MOST_NAMED ? MOST_NAMED - 1 : count;
	buf_char(out, ' ');
	summary_count(out, count, "rule");
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_override *override = override_at(results, i);
		const struct rule *by = results->tallies[i].blocked_by;
		if (results->tallies[i].judged || !results->tallies[i].blocked ||
		    (override && override->off))
			continue;
		limited = limited || (by && strcmp(by->id, "TRN-008") == 0);
		if (named == most)
			continue;
		buf_text(out, named == 0 ? " (" : named == count - 1 ? " and " : ", ");
		buf_text(out, results->rules[i]->id);
		named++;
	}
	if (named < count)
		buf_printf(out, " and %zu more", count - named);
	buf_text(out, count == 1 ? ") could not be checked, because the part it applies to was "
				 : ") could not be checked, because the parts they apply to were ");
	buf_text(out, limited ? "broken or over a limit." : "broken.");
}

/* " 2 messages were not recognised. 1 message was not read to its end." */
static void write_unread(const struct summary *summary, struct buf *out)
{
	size_t unknown = summary->unrecognised, broken = summary->unread - unknown;
	if (unknown) {
		buf_char(out, ' ');
		summary_count(out, unknown, "message");
		buf_text(out, unknown == 1 ? " was not recognised." : " were not recognised.");
	}
	if (broken) {
		buf_char(out, ' ');
		summary_count(out, broken, "message");
		buf_text(out, broken == 1 ? " was not read to its end."
					  : " were not read to their end.");
	}
}

void summary_completeness(const struct results *results, const struct summary *summary,
			  struct buf *out)
{
	size_t open = summary->by_outcome[CASE_NOT_RUN] + summary->by_outcome[CASE_MANUAL];
	bool whole = !summary->omissions && !summary->unread && !open &&
		     !summary->by_outcome[CASE_LEFT_OUT] && !results->options.skip_stages &&
		     !summary->rules_off && !results->arena.failed &&
		     !results_meta_named(results, META_COUNTS_FIXED) &&
		     !results_lack_parts(results) && results_parts_agree(results);
	if (whole && !summary->rules_blocked)
		buf_text(out, results->left_out_count ? "Every message found was checked."
						      : "Everything was checked.");
	else
		buf_text(out, whole ? "Everything was read." : "Not everything was checked.");
	if (results->arena.failed)
		buf_text(out, " The program ran out of memory, so these results are incomplete.");
	if (summary->omissions) {
		buf_char(out, ' ');
		summary_count(out, summary->omissions, "part");
		buf_text(out, " could not be checked.");
	}
	write_unread(summary, out);
	if (results->left_out_count) {
		buf_printf(out, " %zu other %s skipped.", results->left_out_count,
			   results->left_out_count == 1 ? "file or part was"
							: "files or parts were");
	}
	if (open) {
		buf_char(out, ' ');
		summary_count(out, open, "case");
		/* A run of cpis send has its address. */
		if (results_meta_named(results, "server")) {
			buf_text(out, " got no reply.");
		} else {
			buf_text(out, open == 1 ? " needs" : " need");
			buf_text(out, " evidence or an answer.");
		}
	}
	if (summary->own_answers) {
		buf_char(out, ' ');
		summary_count(out, summary->own_answers, "case");
		buf_text(out, summary->own_answers == 1
				      ? " that passed rests on the supplier's own answer alone."
				      : " that passed rest on the supplier's own answers alone.");
	}
	if (summary->rules_blocked)
		write_blocked(results, summary->rules_blocked, out);
	write_waiting(results, out);
	write_unlisted(results, out);
	write_profile(results, summary, out);
	write_date_set(results, out);
	const char *settings = results_meta_named(results, "settings");
	if (settings)
		buf_printf(out, " Settings were taken from %s.", settings);
}

static bool is_plain_word(const char *word)
{
	return word[0] && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789-_=+.,/:@%")] == '\0';
}

static void write_word(struct buf *out, const char *word)
{
	if (is_plain_word(word)) {
		buf_text(out, word);
		return;
	}
	buf_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_text(out, "'\\''");
		else
			buf_char(out, *word);
	}
	buf_char(out, '\'');
}

void summary_command(const struct results *results, struct buf *out)
{
	for (size_t i = 0; i < results->command_count; i++) {
		if (i)
			buf_char(out, ' ');
		write_word(out, results->command[i].value);
	}
}

void summary_time(char text[32], long long seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	text[0] = '\0';
	if (seconds && gmtime_r(&when, &parts))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

struct entry {
	const struct rule *rule;
	size_t place;
};

struct rule_index {
	size_t count;
	struct entry entries[]; /* by address */
};

static int by_address(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t)((const struct entry *)a)->rule;
	uintptr_t right = (uintptr_t)((const struct entry *)b)->rule;
	return (left > right) - (left < right);
}

struct rule_index *rule_index_new(const struct results *results)
{
	size_t count = results->rule_count;
	struct rule_index *index = malloc(sizeof(*index) + count * sizeof(index->entries[0]));
	if (!index)
		return NULL;
	index->count = count;
	for (size_t i = 0; i < count; i++)
		index->entries[i] = (struct entry){ results->rules[i], i };
	if (count)
		qsort(index->entries, count, sizeof(index->entries[0]), by_address);
	return index;
}

void rule_index_free(struct rule_index *index)
{
	free(index);
}

size_t rule_index_of(const struct rule_index *index, const struct rule *rule)
{
	const struct entry key = { rule, 0 };
	const struct entry *found = NULL;
	if (index->count)
		found = bsearch(&key, index->entries, index->count, sizeof(key), by_address);
	return found ? found->place : RULE_INDEX_NONE;
}

/* Remarks */

struct telling {
	struct buf line;
	void (*each)(void *context, const char *line);
	void *context;
};

static void tell(struct telling *telling)
{
	if (!telling->line.failed)
		telling->each(telling->context, buf_view(&telling->line).p);
}

static void tell_rest(struct telling *telling, const char *what, size_t count)
{
	buf_reset(&telling->line);
	buf_printf(&telling->line, "%s: %zu more.", what, count);
	tell(telling);
}

static void tell_skipped(struct telling *telling, const struct results *results, size_t most)
{
	for (size_t i = 0; i < results->left_out_count && i < most; i++) {
		buf_reset(&telling->line);
		buf_printf(&telling->line, "Skipped: %s, because %s.", results->left_out[i].what,
			   results->left_out[i].why);
		tell(telling);
	}
	if (results->left_out_count > most)
		tell_rest(telling, "Skipped", results->left_out_count - most);
}

static const char *new_severity(const struct rule_override *override)
{
	static const char *const words[] = { "a note", "a warning", "an error" };
	return override->off ? "off" : words[override->severity];
}

static void tell_profile(struct telling *telling, const struct results *results, size_t most)
{
	size_t count = 0;
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_override *override = override_at(results, i);
		if (!override || count++ >= most)
			continue;
		buf_reset(&telling->line);
		buf_printf(&telling->line, "Profile%s%s: %s is %s: %s", results->profile ? " " : "",
			   results->profile ? results->profile : "", results->rules[i]->id,
			   new_severity(override),
			   override->reason ? override->reason : "no reason was given");
		tell(telling);
	}
	if (count > most)
		tell_rest(telling, "Profile", count - most);
}

int remarks_each(const struct results *results, enum remark_kind kinds, size_t most,
		 void (*each)(void *context, const char *line), void *context)
{
	struct telling telling = { .each = each, .context = context };
	buf_init(&telling.line, SIZE_MAX / 2);
	if (kinds & REMARK_SKIPPED)
		tell_skipped(&telling, results, most);
	if (kinds & REMARK_PROFILE)
		tell_profile(&telling, results, most);
	int status = telling.line.failed ? -1 : 0;
	buf_release(&telling.line);
	return status;
}
