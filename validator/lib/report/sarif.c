#include "report/sink.h"

#include "report/json_writer.h"
#include "results/summary.h"

/*
 * SARIF 2.1.0 (OASIS). The rules are the catalogue with its help; a finding is a result, suppressed
 * if it is waived. If packs were run, a finding that its case expects is left out, and a case that
 * did not pass is a result of the rule CASE.
 */

#define CASE_RULE "CASE"

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

/* A path as a URI reference: other bytes than plain characters are percent-encoded. */
static const char *uri_of(struct json_writer *json, struct buf *scratch, const char *path)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	fresh(json, scratch);
	if (path[0] == '/')
		buf_text(scratch, "file://");
	for (const char *p = path; *p; p++) {
		if (strchr(plain, *p))
			buf_char(scratch, *p);
		else
			buf_printf(scratch, "%%%02X", (unsigned)(unsigned char)*p);
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
	json_text(json, "ruleset", results->ruleset);
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

/* Findings past the limit of the list. */
static void write_unlisted(struct json_writer *json, const struct results *results,
			   struct buf *scratch)
{
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->unlisted_count; k++) {
			fresh(json, scratch);
			buf_printf(scratch, "%s: ", message->source);
			summary_count(scratch, message->unlisted[k].count, "more finding");
			buf_printf(scratch, " of %s over the limit", message->unlisted[k].rule->id);
			write_notification(json, "note", scratch);
		}
	}
}

static void write_invocation(struct json_writer *json, const struct results *results,
			     const struct summary *summary, struct buf *scratch)
{
	char when[32];
	summary_time(when, results->options.now);
	json_array(json, "invocations");
	json_object(json, NULL);
	json_bool(json, "executionSuccessful", !summary->omissions && !results->arena.failed);
	if (results->command_count) {
		fresh(json, scratch);
		summary_command(results, scratch);
		json_text(json, "commandLine", buf_view(scratch).p);
	}
	json_text_if(json, "endTimeUtc", when[0] ? when : NULL);
	write_overrides(json, results);
	json_array(json, "toolExecutionNotifications");
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->omission_count; k++) {
			fresh(json, scratch);
			buf_printf(scratch, "%s: %s was not checked, because %s", message->source,
				   message->omissions[k].what, message->omissions[k].why);
			write_notification(json, "error", scratch);
		}
	}
	if (results_partial(results)) {
		fresh(json, scratch);
		summary_headline(results, summary, scratch);
		write_notification(json, "warning", scratch);
	}
	write_unlisted(json, results, scratch);
	json_end(json);
	json_object_row(json, "properties");
	json_bool(json, "partial", results_partial(results));
	json_end(json);
	json_end(json);
	json_end(json);
}

static void write_artifacts(struct json_writer *json, const struct results *results,
			    struct buf *scratch)
{
	json_array(json, "artifacts");
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		json_object(json, NULL);
		json_object_row(json, "location");
		json_text(json, "uri", uri_of(json, scratch, message->source));
		json_end(json);
		json_size(json, "length", message->bytes);
		if (message->sha256[0]) {
			json_object_row(json, "hashes");
			json_text(json, "sha-256", message->sha256);
			json_end(json);
		}
		json_end(json);
	}
	json_end(json);
}

/* Code scanners need a line: what has no place is shown at the first line. */
static void write_region(struct json_writer *json, const struct finding *finding)
{
	json_object(json, "region");
	json_size(json, "startLine", finding->at.line ? finding->at.line : 1);
	json_size_if(json, "startColumn", finding->at.column);
	if (finding->excerpt)
		write_message(json, "snippet", finding->excerpt);
	json_end(json);
}

static void write_location(struct json_writer *json, const struct message_result *message,
			   size_t index, const struct finding *finding, struct buf *scratch)
{
	json_array(json, "locations");
	json_object(json, NULL);
	json_object(json, "physicalLocation");
	json_object_row(json, "artifactLocation");
	json_text(json, "uri", uri_of(json, scratch, message->source));
	json_size(json, "index", index);
	json_end(json);
	write_region(json, finding);
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

static void write_finding(struct json_writer *json, const struct message_result *message,
			  size_t message_index, const struct finding *finding, size_t rule_index,
			  struct buf *scratch)
{
	json_object(json, NULL);
	json_text(json, "ruleId", finding->rule->id);
	if (rule_index != RULE_INDEX_NONE)
		json_size(json, "ruleIndex", rule_index);
	json_text(json, "level", level_of(finding->severity));
	write_message(json, "message", finding_sentence(finding));
	write_location(json, message, message_index, finding, scratch);
	if (finding->fingerprint) {
		json_object_row(json, "partialFingerprints");
		json_text(json, "cpisFinding/v1", finding->fingerprint);
		json_end(json);
	}
	if (finding->waived)
		write_suppression(json, finding->waived);
	json_object(json, "properties");
	json_text(json, "stage", cpis_stage_name(finding->stage));
	json_text_if(json, "fix", finding_fix(finding));
	json_text_if(json, "expected", finding->expected);
	json_text_if(json, "actual", finding->actual);
	if (finding->layer) {
		json_text(json, "layer", finding->layer);
		json_size_if(json, "innerLine", finding->inner.line);
		json_size_if(json, "innerColumn", finding->inner.column);
	}
	json_end(json);
	json_end(json);
}

/* A case without its evidence is open: it has neither failed nor passed. */
static void write_case(struct json_writer *json, const struct results *results,
		       const struct case_result *one, struct buf *scratch)
{
	bool open = one->outcome == CASE_NOT_RUN || one->outcome == CASE_MANUAL;
	const struct pack_result *pack = pack_named(results, one->pack);
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
	json_size(json, "ruleIndex", results->rule_count);
	json_text(json, "kind", open ? "open" : "fail");
	json_text(json, "level", open ? "none" : "error");
	write_message(json, "message", buf_view(scratch).p);
	if (pack && pack->source) {
		json_array(json, "locations");
		json_object(json, NULL);
		json_object(json, "physicalLocation");
		json_object_row(json, "artifactLocation");
		json_text(json, "uri", uri_of(json, scratch, pack->source));
		json_end(json);
		json_object_row(json, "region");
		json_size(json, "startLine", 1);
		json_end(json);
		json_end(json);
		json_end(json);
		json_end(json);
	}
	json_object_row(json, "partialFingerprints");
	fresh(json, scratch);
	buf_printf(scratch, "%s/%s", one->pack, one->id);
	json_text(json, "cpisCase/v1", buf_view(scratch).p);
	json_end(json);
	json_end(json);
}

static void write_findings(struct json_writer *json, const struct results *results,
			   const struct rule_index *index, struct buf *scratch)
{
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		const struct case_result *one = case_of_message(results, i, &cursor);
		for (size_t k = 0;
		     k < message->finding_count && !(one && one->outcome == CASE_PASSED); k++) {
			const struct finding *finding = &message->findings[k];
			write_finding(json, message, i, finding,
				      rule_index_of(index, finding->rule), scratch);
		}
	}
}

static void write_results(struct json_writer *json, const struct results *results,
			  const struct rule_index *index, struct buf *scratch)
{
	json_array(json, "results");
	for (size_t i = 0; i < results->case_count; i++) {
		enum case_outcome outcome = results->cases[i].outcome;
		if (outcome == CASE_FAILED || outcome == CASE_BROKEN || outcome == CASE_NOT_RUN ||
		    outcome == CASE_MANUAL)
			write_case(json, results, &results->cases[i], scratch);
	}
	write_findings(json, results, index, scratch);
	json_end(json);
}

int sarif_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct summary summary;
	struct json_writer json;
	struct buf scratch;
	struct rule_index *index = rule_index_new(results);
	summary_of(results, &summary);
	buf_init(&scratch, SIZE_MAX / 2);
	json_init(&json, out);
	json_object(&json, NULL);
	json_text(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_text(&json, "version", "2.1.0");
	json_array(&json, "runs");
	json_object(&json, NULL);
	write_tool(&json, results, &scratch);
	write_invocation(&json, results, &summary, &scratch);
	json_text(&json, "columnKind", "unicodeCodePoints");
	write_artifacts(&json, results, &scratch);
	if (index)
		write_results(&json, results, index, &scratch);
	json_end(&json);
	json_end(&json);
	json_end(&json);
	out->failed = json_finish(&json) != 0 || !index || scratch.failed || out->failed;
	buf_release(&scratch);
	rule_index_free(index);
	(void)failure;
	return 0;
}
