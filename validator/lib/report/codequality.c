#include "report/sink.h"

#include "base/character.h"
#include "base/files.h"
#include "report/json_writer.h"
#include "results/summary.h"

#include <stdio.h>

/*
 * What GitLab shows in a merge request: a list of findings, each with a place in a file of the
 * repository and a fingerprint that no other has. A finding that is waived, or that its case
 * expects, is left out; a case that did not pass is an entry at its line in the pack.
 */

/* A merge request shows no more; the most severe come first when there are more. */
enum { MOST_ENTRIES = 25000 };

struct list {
	const struct results *results;
	struct json_writer json;
	struct buf scratch;
	struct arena arena;
	struct names fingerprints;
	size_t listed, left_out;
	bool failed;
};

struct entry {
	const char *rule, *severity, *description;
	const char *path, *mark; /* path: as results write it; mark: what identifies it there */
	size_t line;		 /* 0: the first */
};

static const char *keep(struct list *list)
{
	const char *kept = arena_copy(&list->arena, buf_view(&list->scratch));
	list->failed = list->failed || list->scratch.failed || !kept;
	buf_reset(&list->scratch);
	return kept ? kept : "";
}

/* A path as the repository has it, which GitLab compares: of what results write in another way,
 * only a byte that is not UTF-8 stays so, because JSON cannot hold it. */
static const char *name_in_repository(struct list *list, const char *path)
{
	char bytes[4];
	size_t n = 0, step;
	for (; (step = character_read_name(path, bytes, &n)); path += step) {
		bool broken = step > 1 && n == 1 && bytes[0] & 0x80;
		buf_add(&list->scratch, broken ? path : bytes, broken ? step : n);
	}
	return keep(list);
}

static void write_entry(struct list *list, const struct entry *entry)
{
	struct json_writer *json = &list->json;
	if (list->listed >= MOST_ENTRIES) {
		list->left_out++;
		return;
	}
	list->listed++;
	char digest[40];
	snprintf(digest, sizeof(digest), "%016llx-%.16s",
		 (unsigned long long)str_hash(str_of(entry->path)), entry->mark);
	const char *fingerprint = names_unique(&list->fingerprints, &list->arena, "", digest);
	list->failed = list->failed || !fingerprint;
	json_object(json, NULL);
	json_text(json, "description", entry->description);
	json_text(json, "check_name", entry->rule);
	json_text(json, "fingerprint", fingerprint);
	json_text(json, "severity", entry->severity);
	json_object_row(json, "location");
	json_text(json, "path", name_in_repository(list, entry->path));
	json_object_row(json, "lines");
	json_size(json, "begin", entry->line ? entry->line : 1);
	json_end(json);
	json_end(json);
	json_end(json);
}

static void write_finding(struct list *list, const struct message_result *message,
			  const struct finding *finding)
{
	static const char *const severities[] = { "info", "minor", "critical" };
	const char *member;
	char mark[17];
	summary_file(message, &list->scratch, &member);
	struct entry entry = { .rule = finding->rule->id,
			       .severity = severities[finding->severity],
			       .path = keep(list),
			       .line = member ? 0 : finding->at.line };
	if (member)
		buf_printf(&list->scratch, "%s: ", member);
	buf_text(&list->scratch, finding_sentence(finding));
	entry.description = keep(list);
	snprintf(mark, sizeof(mark), "%016llx",
		 (unsigned long long)str_hash(str_of(entry.description)));
	entry.mark = finding->fingerprint ? finding->fingerprint : mark;
	write_entry(list, &entry);
}

static void write_findings(struct list *list, enum cpis_severity severity)
{
	const struct results *results = list->results;
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		const struct case_result *one = case_of_message(results, i, &cursor);
		for (size_t k = 0; k < message->finding_count; k++)
			if (message->findings[k].severity == severity &&
			    !message->findings[k].waived &&
			    !case_means_finding(one, &message->findings[k]))
				write_finding(list, message, &message->findings[k]);
	}
}

/* What was not checked must be seen too. */
static void write_omissions(struct list *list)
{
	const struct results *results = list->results;
	const char *member;
	char mark[17];
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->omission_count; k++) {
			struct entry entry = { .rule = "not-checked", .severity = "major" };
			summary_file(message, &list->scratch, &member);
			entry.path = keep(list);
			buf_printf(&list->scratch, "not checked: %s, because %s",
				   message->omissions[k].what, message->omissions[k].why);
			entry.description = keep(list);
			snprintf(mark, sizeof(mark), "%016llx",
				 (unsigned long long)str_hash(str_of(entry.description)));
			entry.mark = mark;
			write_entry(list, &entry);
		}
	}
}

static void write_case(struct list *list, const struct case_result *one)
{
	const struct pack_result *pack = pack_named(list->results, one->pack);
	const char *source = pack && pack->source ? pack->source : one->pack;
	char *path = arena_alloc(&list->arena, strlen(source) + 3), mark[17];
	list->failed = list->failed || !path;
	if (!path)
		return;
	files_settle(source, path);
	buf_printf(&list->scratch, "case %s: %s", one->id, case_outcome_name(one->outcome));
	if (one->reason || one->actual)
		buf_printf(&list->scratch, ": %s", one->reason ? one->reason : one->actual);
	snprintf(mark, sizeof(mark), "%016llx", (unsigned long long)str_hash(str_of(one->id)));
	const struct entry entry = { .rule = "case",
				     .severity = "critical",
				     .description = keep(list),
				     .path = path,
				     .mark = mark,
				     .line = one->line };
	write_entry(list, &entry);
}

static void write_cases(struct list *list)
{
	for (size_t i = 0; i < list->results->case_count; i++) {
		enum case_outcome outcome = list->results->cases[i].outcome;
		if (outcome == CASE_FAILED || outcome == CASE_BROKEN || outcome == CASE_NOT_RUN ||
		    outcome == CASE_MANUAL)
			write_case(list, &list->results->cases[i]);
	}
}

static const char *path_of_run(struct list *list)
{
	const char *member;
	if (!list->results->message_count)
		return "cpis";
	summary_file(&list->results->messages[0], &list->scratch, &member);
	return keep(list);
}

/* A verdict that nothing else shows. */
static void write_run(struct list *list)
{
	struct summary summary;
	summary_of(list->results, &summary);
	if (!summary.unshown)
		return;
	const char *path = path_of_run(list);
	summary_headline(list->results, &summary, &list->scratch);
	const struct entry entry = { .rule = "not-checked",
				     .severity = "major",
				     .description = keep(list),
				     .path = path,
				     .mark = "run" };
	write_entry(list, &entry);
}

/* In the place of those that are not listed. */
static void write_rest(struct list *list)
{
	if (!list->left_out)
		return;
	list->listed = 0;
	const char *path = path_of_run(list);
	buf_printf(&list->scratch, "%zu more are in the other reports", list->left_out);
	const struct entry entry = { .rule = "cpis",
				     .severity = "info",
				     .description = keep(list),
				     .path = path,
				     .mark = "more" };
	write_entry(list, &entry);
}

int codequality_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct list list = { .results = results };
	(void)failure;
	arena_init(&list.arena);
	buf_init(&list.scratch, SIZE_MAX / 2);
	json_init(&list.json, out);
	json_array(&list.json, NULL);
	write_run(&list);
	write_cases(&list);
	write_findings(&list, CPIS_ERROR);
	write_omissions(&list);
	write_findings(&list, CPIS_WARNING);
	write_findings(&list, CPIS_INFO);
	write_rest(&list);
	json_end(&list.json);
	out->failed =
		json_finish(&list.json) != 0 || list.failed || list.arena.failed || out->failed;
	names_release(&list.fingerprints);
	buf_release(&list.scratch);
	arena_release(&list.arena);
	return 0;
}
