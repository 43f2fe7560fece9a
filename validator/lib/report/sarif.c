#include "report/sink.h"

#include "base/character.h"
#include "base/files.h"
#include "report/json_writer.h"
#include "results/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/*
 * SARIF 2.1.0 (OASIS). The rules are the catalogue with its help; a finding is a result, suppressed
 * if it is waived. If packs were run, a finding that its case expects is left out, and a case that
 * did not pass is a result of the rule CASE.
 *
 * GitHub takes 25,000 results of a run, and 10 MB as gzip packs them. Of more, the most severe are
 * listed, and a notification has the true count.
 */

#define CASE_RULE "CASE"

/* The folder that cpis ran in. Where that is, is not said: a checkout of the same files will do. */
#define ROOT "%SRCROOT%"

enum { MOST_RESULTS = 25000, MOST_PACKED_BYTES = 10000000, MOST_NOTIFICATIONS = 1000 };

/* Cases that did not pass; then findings by severity, those that are waived last. */
enum weight { WEIGHT_WAIVED, WEIGHT_NOTE, WEIGHT_WARNING, WEIGHT_ERROR, WEIGHT_CASE, WEIGHT_COUNT };

/* The file of a message. */
struct sarif_file {
	const char *path, *member; /* member: in the archive of that path; NULL: it is the file */
	size_t first;		   /* the first message with the same path */
	size_t artifact;	   /* its place in the list */
	bool referred;		   /* a listed result is in it */
};

struct sarif {
	const struct results *results;
	struct json_writer json;
	struct buf scratch;
	struct arena arena;
	struct summary summary;
	struct rule_index *index;
	struct sarif_file *files; /* by message */
	bool every_artifact;	  /* else those with a result */
	size_t total, listed;
	size_t left[WEIGHT_COUNT]; /* results still to be listed, by weight */
};

static const char *level_of(enum cpis_severity severity)
{
	static const char *const levels[] = { "note", "warning", "error" };
	return levels[severity];
}

static void write_message(struct json_writer *json, const char *key, const char *text)
{
	json_object_row(json, key);
	json_text(json, "text", text);
	json_end(json);
}

/* Empty the buffer for the next text, but keep its failure. */
static void fresh(struct json_writer *json, struct buf *scratch)
{
	json->failed = json->failed || scratch->failed;
	buf_reset(scratch);
}

/* A path, as results write it, as a URI reference: other bytes than plain characters are
 * percent-encoded. */
static const char *uri_of(struct json_writer *json, struct buf *scratch, const char *path)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	char bytes[4];
	size_t n = 0, step;
	fresh(json, scratch);
	if (path[0] == '/')
		buf_text(scratch, "file://");
	for (; (step = character_read_name(path, bytes, &n)); path += step)
		for (size_t i = 0; i < n; i++) {
			if (strchr(plain, bytes[i]))
				buf_char(scratch, bytes[i]);
			else
				buf_printf(scratch, "%%%02X", (unsigned)(unsigned char)bytes[i]);
		}
	return buf_view(scratch).p;
}

/* The words of a rule are our own: they need no escaping in Markdown. */
static void write_help(struct json_writer *json, const struct rule *rule, struct buf *scratch)
{
	const char *fix = rule->fix ? rule->fix : rule->title;
	fresh(json, scratch);
	if (rule->why)
		buf_printf(scratch, "**Why it matters:** %s\n\n", rule->why);
	buf_printf(scratch, "**How to fix it:** %s", fix);
	if (rule->cite)
		buf_printf(scratch, "\n\n**Source:** %s", rule->cite);
	json_object(json, "help");
	json_text(json, "text", fix);
	json_text(json, "markdown", buf_view(scratch).p);
	json_end(json);
}

static void write_rule(struct json_writer *json, const struct rule *rule, struct buf *scratch)
{
	json_object(json, NULL);
	json_text(json, "id", rule->id);
	json_text(json, "name", rule->name);
	write_message(json, "shortDescription", rule->title);
	write_message(json, "fullDescription", rule->why ? rule->why : rule->title);
	write_help(json, rule, scratch);
	json_object_row(json, "defaultConfiguration");
	json_text(json, "level", level_of(rule->severity));
	json_end(json);
	json_object_row(json, "properties");
	json_array(json, "tags");
	json_text(json, NULL, cpis_basis_name(rule->basis));
	json_end(json);
	json_text_if(json, "citation", rule->cite);
	json_end(json);
	json_end(json);
}

static void write_case_rule(struct json_writer *json)
{
	json_object(json, NULL);
	json_text(json, "id", CASE_RULE);
	json_text(json, "name", "case-not-as-expected");
	write_message(json, "shortDescription",
		      "A case of a pack did not have the expected outcome");
	write_message(json, "fullDescription",
		      "The verdict or the findings differ from what the case expects, or it was "
		      "not run.");
	write_message(json, "help", "Compare what the case expects with what was found.");
	json_object_row(json, "defaultConfiguration");
	json_text(json, "level", "error");
	json_end(json);
	json_end(json);
}

static void write_tool(struct json_writer *json, const struct results *results, struct buf *scratch)
{
	json_object(json, "tool");
	json_object(json, "driver");
	json_text(json, "name", "cpis");
	json_text(json, "version", results_tool(results));
	json_text(json, "semanticVersion", results_tool(results));
	json_object_row(json, "properties");
	json_text(json, "ruleset", results_ruleset(results).digest);
	json_text(json, "dms", results_dms(results));
	json_end(json);
	json_array(json, "rules");
	for (size_t i = 0; i < results->rule_count; i++)
		write_rule(json, results->rules[i], scratch);
	if (results->pack_count)
		write_case_rule(json);
	json_end(json);
	json_end(json);
	json_end(json);
}

static void write_overrides(struct json_writer *json, const struct results *results)
{
	json_array(json, "ruleConfigurationOverrides");
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_override *override = override_at(results, i);
		if (!override)
			continue;
		json_object_row(json, NULL);
		json_object(json, "descriptor");
		json_text(json, "id", results->rules[i]->id);
		json_size(json, "index", i);
		json_end(json);
		json_object(json, "configuration");
		json_bool(json, "enabled", !override->off);
		json_text(json, "level", level_of(override->severity));
		json_end(json);
		json_object(json, "properties");
		json_text(json, "reason", override->reason);
		json_end(json);
		json_end(json);
	}
	json_end(json);
}

static void write_notification(struct json_writer *json, const char *level, const struct buf *text)
{
	json_object(json, NULL);
	json_text(json, "level", level);
	write_message(json, "message", buf_view(text).p);
	json_end(json);
}

/* How many more there are of what is listed to a limit. */
static void write_rest(struct sarif *sarif, size_t count, const char *noun)
{
	if (count <= MOST_NOTIFICATIONS)
		return;
	fresh(&sarif->json, &sarif->scratch);
	buf_text(&sarif->scratch, "and ");
	summary_count(&sarif->scratch, count - MOST_NOTIFICATIONS, noun);
	write_notification(&sarif->json, "error", &sarif->scratch);
}

static void write_omissions(struct sarif *sarif)
{
	const struct results *results = sarif->results;
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->omission_count; k++) {
			if (count++ >= MOST_NOTIFICATIONS)
				continue;
			fresh(&sarif->json, &sarif->scratch);
			buf_printf(&sarif->scratch, "%s: %s was not checked, because %s",
				   message->source, message->omissions[k].what,
				   message->omissions[k].why);
			write_notification(&sarif->json, "error", &sarif->scratch);
		}
	}
	write_rest(sarif, count, "more part that was not checked");
}

/* Findings past the limit of the list. */
static void write_unlisted(struct sarif *sarif)
{
	const struct results *results = sarif->results;
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->unlisted_count; k++) {
			if (count++ >= MOST_NOTIFICATIONS)
				continue;
			fresh(&sarif->json, &sarif->scratch);
			buf_printf(&sarif->scratch, "%s: ", message->source);
			summary_count(&sarif->scratch, message->unlisted[k].count, "more finding");
			buf_printf(&sarif->scratch, " of %s over the limit (--max-findings)",
				   message->unlisted[k].rule->id);
			write_notification(&sarif->json, "note", &sarif->scratch);
		}
	}
	write_rest(sarif, count, "more rule with findings over the limit");
}

static void write_remark(void *context, const char *line)
{
	struct sarif *sarif = context;
	fresh(&sarif->json, &sarif->scratch);
	buf_text(&sarif->scratch, line);
	write_notification(&sarif->json, "note", &sarif->scratch);
}

static void write_invocation(struct sarif *sarif)
{
	const struct results *results = sarif->results;
	struct json_writer *json = &sarif->json;
	struct buf *scratch = &sarif->scratch;
	char when[32];
	summary_time(when, results->options.now);
	json_array(json, "invocations");
	json_object(json, NULL);
	json_bool(json, "executionSuccessful", !sarif->summary.unfinished);
	if (results->command_count) {
		fresh(json, scratch);
		summary_command(results, scratch);
		json_text(json, "commandLine", buf_view(scratch).p);
	}
	json_text_if(json, "endTimeUtc", when[0] ? when : NULL);
	write_overrides(json, results);
	json_array(json, "toolExecutionNotifications");
	if (sarif->listed < sarif->total) {
		fresh(json, scratch);
		buf_printf(scratch,
			   "%zu of %zu results are listed, the most severe ones. All of them "
			   "are in the other reports.",
			   sarif->listed, sarif->total);
		write_notification(json, "warning", scratch);
	}
	write_omissions(sarif);
	if (results_partial(results)) {
		fresh(json, scratch);
		summary_headline(results, &sarif->summary, scratch);
		write_notification(json, "warning", scratch);
	}
	write_unlisted(sarif);
	if (remarks_each(results, REMARK_ANY, MOST_NOTIFICATIONS, write_remark, sarif) != 0)
		scratch->failed = true;
	json_end(json);
	json_object_row(json, "properties");
	json_bool(json, "partial", results_partial(results));
	fresh(json, scratch);
	summary_completeness(results, &sarif->summary, scratch);
	json_text(json, "completeness", buf_view(scratch).p);
	json_end(json);
	json_end(json);
	json_end(json);
}

/* Several uploads of one job are kept apart by this: --meta category, or else what was judged. */
static void write_automation(struct sarif *sarif)
{
	static const char *const names[] = { "supplier", "system", "environment" };
	const struct results *results = sarif->results;
	struct buf *scratch = &sarif->scratch;
	const char *category = NULL;
	fresh(&sarif->json, scratch);
	buf_text(scratch, "cpis/");
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		for (size_t i = 0; i < results->meta_count; i++) {
			if (strcmp(results->meta[i].name, names[k]) == 0)
				buf_printf(scratch, "%s/", results->meta[i].value);
			if (strcmp(results->meta[i].name, "category") == 0)
				category = results->meta[i].value;
		}
	for (size_t i = 0; i < results->pack_count; i++)
		buf_printf(scratch, "%s%s", i ? "+" : "", results->packs[i].name);
	if (results->pack_count)
		buf_char(scratch, '/');
	if (category) {
		fresh(&sarif->json, scratch);
		buf_printf(scratch, "%s/", category);
	}
	json_object_row(&sarif->json, "automationDetails");
	json_text(&sarif->json, "id", buf_view(scratch).p);
	json_end(&sarif->json);
}

/* Files */

static int by_path(const void *a, const void *b)
{
	const struct sarif_file *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);
	return order ? order : (*x > *y) - (*x < *y);
}

/* Give each message its file, and each file its place among the artifacts. */
static void find_files(struct sarif *sarif)
{
	const struct results *results = sarif->results;
	size_t count = results->message_count;
	struct sarif_file **sorted = calloc(count + 1, sizeof(*sorted));
	sarif->files = calloc(count + 1, sizeof(*sarif->files));
	sarif->scratch.failed = sarif->scratch.failed || !sorted || !sarif->files;
	for (size_t i = 0; i < count && sorted && sarif->files; i++) {
		struct sarif_file *file = sorted[i] = &sarif->files[i];
		fresh(&sarif->json, &sarif->scratch);
		summary_file(&results->messages[i], &sarif->scratch, &file->member);
		file->path = arena_copy(&sarif->arena, buf_view(&sarif->scratch));
		if (!file->path)
			file->path = "";
	}
	if (sorted && sarif->files && count)
		qsort(sorted, count, sizeof(struct sarif_file *), by_path);
	for (size_t i = 0; i < count && sorted && sarif->files; i++)
		sorted[i]->first = i && strcmp(sorted[i - 1]->path, sorted[i]->path) == 0
					   ? sorted[i - 1]->first
					   : (size_t)(sorted[i] - sarif->files);
	free(sorted);
}

/* In the order of the messages. A file of several messages is one artifact. */
static void number_artifacts(struct sarif *sarif)
{
	size_t next = 0;
	for (size_t i = 0; i < sarif->results->message_count; i++) {
		struct sarif_file *file = &sarif->files[i], *first = &sarif->files[file->first];
		if (file == first && (sarif->every_artifact || file->referred))
			file->artifact = next++;
		else
			file->artifact = first->artifact;
	}
}

/* Whether the digest of a message is that of its file. */
static bool is_whole_file(const struct message_result *message, const struct sarif_file *file)
{
	return message->sha256[0] && !file->member &&
	       !(message->file && str_ends(str_of(message->source), STR(" (edited)")));
}

static void write_artifact_location(struct sarif *sarif, const char *path)
{
	struct json_writer *json = &sarif->json;
	json_object_row(json, "artifactLocation");
	json_text(json, "uri", uri_of(json, &sarif->scratch, path));
	if (path[0] != '/')
		json_text(json, "uriBaseId", ROOT);
}

static void write_artifacts(struct sarif *sarif)
{
	struct json_writer *json = &sarif->json;
	json_object(json, "originalUriBaseIds");
	json_object(json, ROOT);
	write_message(json, "description", "The folder that cpis ran in");
	json_end(json);
	json_end(json);
	json_array(json, "artifacts");
	for (size_t i = 0; i < sarif->results->message_count; i++) {
		const struct message_result *message = &sarif->results->messages[i];
		const struct sarif_file *file = &sarif->files[i];
		if (file->first != i || !(sarif->every_artifact || file->referred))
			continue;
		json_object(json, NULL);
		json_object_row(json, "location");
		json_text(json, "uri", uri_of(json, &sarif->scratch, file->path));
		if (file->path[0] != '/')
			json_text(json, "uriBaseId", ROOT);
		json_end(json);
		if (is_whole_file(message, file)) {
			json_size(json, "length", message->bytes);
			json_object_row(json, "hashes");
			json_text(json, "sha-256", message->sha256);
			json_end(json);
		}
		json_end(json);
	}
	json_end(json);
}

/* Code scanners need a line: what has no place is shown at the first line, and so is what is in an
 * archive. */
static void write_region(struct json_writer *json, const struct finding *finding, bool in_archive)
{
	bool placed = finding->at.line && !in_archive;
	json_object(json, "region");
	json_size(json, "startLine", placed ? finding->at.line : 1);
	json_size_if(json, "startColumn", placed ? finding->at.column : 0);
	if (finding->excerpt)
		write_message(json, "snippet", finding->excerpt);
	json_end(json);
}

static void write_location(struct sarif *sarif, const struct sarif_file *file,
			   const struct finding *finding)
{
	struct json_writer *json = &sarif->json;
	json_array(json, "locations");
	json_object(json, NULL);
	json_object(json, "physicalLocation");
	write_artifact_location(sarif, file->path);
	json_size(json, "index", file->artifact);
	json_end(json);
	write_region(json, finding, file->member != NULL);
	json_end(json);
	if (finding_path(finding)) {
		json_array(json, "logicalLocations");
		json_object_row(json, NULL);
		json_text(json, "fullyQualifiedName", finding_path(finding));
		json_text(json, "kind",
			  strstr(finding_path(finding), "/@") ? "attribute" : "element");
		json_end(json);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void write_suppression(struct json_writer *json, const char *reason)
{
	json_array(json, "suppressions");
	json_object_row(json, NULL);
	json_text(json, "kind", "external");
	json_text(json, "status", "accepted");
	json_text(json, "justification", reason);
	json_end(json);
	json_end(json);
}

static void write_finding_properties(struct json_writer *json, const struct finding *finding,
				     const struct sarif_file *file)
{
	json_object(json, "properties");
	json_text(json, "stage", cpis_stage_name(finding->stage));
	json_text_if(json, "fix", finding_fix(finding));
	json_text_if(json, "expected", finding->expected);
	json_text_if(json, "actual", finding->actual);
	if (file->member) {
		json_text(json, "member", file->member);
		json_size_if(json, "memberLine", finding->at.line);
		json_size_if(json, "memberColumn", finding->at.column);
	}
	if (finding->layer) {
		json_text(json, "layer", finding->layer);
		json_size_if(json, "innerLine", finding->inner.line);
		json_size_if(json, "innerColumn", finding->inner.column);
	}
	json_end(json);
}

static void write_finding(struct sarif *sarif, const struct sarif_file *file,
			  const struct finding *finding)
{
	struct json_writer *json = &sarif->json;
	size_t rule_index = rule_index_of(sarif->index, finding->rule);
	json_object(json, NULL);
	json_text(json, "ruleId", finding->rule->id);
	if (rule_index != RULE_INDEX_NONE)
		json_size(json, "ruleIndex", rule_index);
	json_text(json, "level", level_of(finding->severity));
	fresh(json, &sarif->scratch);
	if (file->member)
		buf_printf(&sarif->scratch, "%s: ", file->member);
	buf_text(&sarif->scratch, finding_sentence(finding));
	write_message(json, "message", buf_view(&sarif->scratch).p);
	write_location(sarif, file, finding);
	if (finding->fingerprint) {
		json_object_row(json, "partialFingerprints");
		json_text(json, "cpisFinding/v1", finding->fingerprint);
		json_end(json);
	}
	if (finding->waived)
		write_suppression(json, finding->waived);
	write_finding_properties(json, finding, file);
	json_end(json);
}

static void write_case_location(struct sarif *sarif, const struct case_result *one,
				const struct pack_result *pack)
{
	struct json_writer *json = &sarif->json;
	char *path = calloc(1, strlen(pack->source) + 3);
	json->failed = json->failed || !path;
	if (!path)
		return;
	files_settle(pack->source, path);
	json_array(json, "locations");
	json_object(json, NULL);
	json_object(json, "physicalLocation");
	write_artifact_location(sarif, path);
	json_end(json);
	json_object_row(json, "region");
	json_size(json, "startLine", one->line ? one->line : 1);
	json_end(json);
	json_end(json);
	json_end(json);
	json_end(json);
	free(path);
}

/* A case without its evidence is open: it has neither failed nor passed. */
static void write_case(struct sarif *sarif, const struct case_result *one)
{
	struct json_writer *json = &sarif->json;
	struct buf *scratch = &sarif->scratch;
	bool open = one->outcome == CASE_NOT_RUN || one->outcome == CASE_MANUAL;
	const struct pack_result *pack = pack_named(sarif->results, one->pack);
	fresh(json, scratch);
	buf_printf(scratch, "Case %s (%s): %s.", one->id, one->title ? one->title : one->pack,
		   case_outcome_name(one->outcome));
	if (one->expected)
		buf_printf(scratch, " Expected: %s.", one->expected);
	if (one->actual)
		buf_printf(scratch, " Found: %s.", one->actual);
	if (one->reason)
		buf_printf(scratch, " %s", one->reason);
	json_object(json, NULL);
	json_text(json, "ruleId", CASE_RULE);
	json_size(json, "ruleIndex", sarif->results->rule_count);
	json_text(json, "kind", open ? "open" : "fail");
	json_text(json, "level", open ? "none" : "error");
	write_message(json, "message", buf_view(scratch).p);
	if (pack && pack->source)
		write_case_location(sarif, one, pack);
	json_object_row(json, "partialFingerprints");
	fresh(json, scratch);
	buf_printf(scratch, "%s/%s", one->pack, one->id);
	json_text(json, "cpisCase/v1", buf_view(scratch).p);
	json_end(json);
	json_end(json);
}

/* What is listed */

static bool is_listed_case(const struct case_result *one)
{
	return one->outcome == CASE_FAILED || one->outcome == CASE_BROKEN ||
	       one->outcome == CASE_NOT_RUN || one->outcome == CASE_MANUAL;
}

static enum weight weight_of(const struct finding *finding)
{
	return finding->waived ? WEIGHT_WAIVED
			       : (enum weight)(WEIGHT_NOTE + (int)finding->severity);
}

/* Call each for every finding that is a result: those of a case that passed are not. */
static void each_finding(struct sarif *sarif,
			 void (*each)(struct sarif *, struct sarif_file *, const struct finding *))
{
	const struct results *results = sarif->results;
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct case_result *one = case_of_message(results, i, &cursor);
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			const struct finding *finding = &results->messages[i].findings[k];
			if (!case_means_finding(one, finding))
				each(sarif, &sarif->files[i], finding);
		}
	}
}

static void count_finding(struct sarif *sarif, struct sarif_file *file,
			  const struct finding *finding)
{
	(void)file;
	sarif->left[weight_of(finding)]++;
	sarif->total++;
}

/* Whether there is still room for a result of a weight. */
static bool take(struct sarif *sarif, enum weight weight)
{
	return sarif->left[weight] && sarif->left[weight]--;
}

static void refer_to_file(struct sarif *sarif, struct sarif_file *file,
			  const struct finding *finding)
{
	if (take(sarif, weight_of(finding)))
		sarif->files[file->first].referred = true;
}

static void write_if_listed(struct sarif *sarif, struct sarif_file *file,
			    const struct finding *finding)
{
	if (take(sarif, weight_of(finding)))
		write_finding(sarif, file, finding);
}

/* Keep so many results, and of the least severe kept the first. */
static void choose(struct sarif *sarif, size_t most)
{
	memset(sarif->left, 0, sizeof(sarif->left));
	sarif->total = sarif->listed = 0;
	for (size_t i = 0; i < sarif->results->case_count; i++)
		sarif->left[WEIGHT_CASE] += is_listed_case(&sarif->results->cases[i]);
	sarif->total = sarif->left[WEIGHT_CASE];
	each_finding(sarif, count_finding);
	for (size_t weight = WEIGHT_COUNT; weight-- > 0;) {
		if (sarif->left[weight] > most - sarif->listed)
			sarif->left[weight] = most - sarif->listed;
		sarif->listed += sarif->left[weight];
	}
	size_t kept[WEIGHT_COUNT];
	memcpy(kept, sarif->left, sizeof(kept));
	for (size_t i = 0; i < sarif->results->message_count; i++)
		sarif->files[i].referred = false;
	each_finding(sarif, refer_to_file);
	memcpy(sarif->left, kept, sizeof(kept));
	number_artifacts(sarif);
}

static void write_results(struct sarif *sarif)
{
	json_array(&sarif->json, "results");
	for (size_t i = 0; i < sarif->results->case_count; i++)
		if (is_listed_case(&sarif->results->cases[i]) && take(sarif, WEIGHT_CASE))
			write_case(sarif, &sarif->results->cases[i]);
	each_finding(sarif, write_if_listed);
	json_end(&sarif->json);
}

static void write_run(struct sarif *sarif)
{
	struct json_writer *json = &sarif->json;
	json_object(json, NULL);
	write_tool(json, sarif->results, &sarif->scratch);
	write_invocation(sarif);
	write_automation(sarif);
	json_text(json, "columnKind", "unicodeCodePoints");
	write_artifacts(sarif);
	write_results(sarif);
	json_object_row(json, "properties");
	json_size(json, "results", sarif->total);
	json_size(json, "listed", sarif->listed);
	json_end(json);
	json_end(json);
}

static void write_document(struct sarif *sarif, struct buf *out, size_t most)
{
	choose(sarif, most);
	json_init(&sarif->json, out);
	json_object(&sarif->json, NULL);
	json_text(&sarif->json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_text(&sarif->json, "version", "2.1.0");
	json_array(&sarif->json, "runs");
	write_run(sarif);
	json_end(&sarif->json);
	json_end(&sarif->json);
	out->failed = json_finish(&sarif->json) != 0 || sarif->scratch.failed || out->failed;
}

/* How many bytes gzip makes of it; 0 when out of memory. */
static size_t packed_bytes(struct str document)
{
	unsigned char packed[16 * 1024];
	z_stream stream = { .next_in = (unsigned char *)(uintptr_t)document.p };
	if (deflateInit(&stream, Z_DEFAULT_COMPRESSION) != Z_OK)
		return 0;
	size_t bytes = 0, left = document.n;
	int status = Z_OK;
	while (status == Z_OK) {
		uInt step = left > 1u << 30 ? 1u << 30 : (uInt)left;
		if (!stream.avail_in) {
			stream.avail_in = step;
			left -= step;
		}
		stream.next_out = packed;
		stream.avail_out = sizeof(packed);
		status = deflate(&stream, left ? Z_NO_FLUSH : Z_FINISH);
		bytes += sizeof(packed) - stream.avail_out;
	}
	deflateEnd(&stream);
	return bytes;
}

/* Less is listed until what is packed is small enough. */
static void write_bounded(struct sarif *sarif, struct buf *out)
{
	size_t most = MOST_RESULTS;
	sarif->every_artifact = sarif->results->message_count <= MOST_RESULTS;
	write_document(sarif, out, most);
	while (out->n > MOST_PACKED_BYTES && !out->failed && most) {
		size_t packed = packed_bytes(buf_view(out));
		if (packed && packed <= MOST_PACKED_BYTES)
			return;
		if (!sarif->every_artifact)
			most = most / 2;
		sarif->every_artifact = false;
		buf_reset(out);
		write_document(sarif, out, most);
	}
}

int sarif_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct sarif sarif = { .results = results };
	arena_init(&sarif.arena);
	buf_init(&sarif.scratch, SIZE_MAX / 2);
	summary_of(results, &sarif.summary);
	sarif.index = rule_index_new(results);
	find_files(&sarif);
	if (sarif.index && !sarif.scratch.failed && !sarif.arena.failed)
		write_bounded(&sarif, out);
	else
		out->failed = true;
	free(sarif.files);
	rule_index_free(sarif.index);
	buf_release(&sarif.scratch);
	arena_release(&sarif.arena);
	(void)failure;
	return 0;
}
