#include "results/document.h"

#include "cpis.h"
#include "diag/results.h"
#include "results/markup.h"
#include "results/summary.h"

/* Empty text is no text. */
static const char *filled(const char *text)
{
	return text && text[0] ? text : NULL;
}

static void write_limit(struct markup *markup, const char *name, size_t value)
{
	markup_attribute_place(markup, name, value);
}

/* The number of jobs is not written: it changes nothing in the results. */
static void write_options(struct markup *markup, const struct results *results)
{
	static const char *const fail_on[] = { "error", "warning", "never" };
	const struct cpis_options *options = &results->options;
	markup_open(markup, "options");
	markup_attribute(markup, "fail-on", fail_on[options->fail_on]);
	markup_attribute(markup, "values", options->show_values ? "shown" : "masked");
	markup_attribute(markup, "environment", options->live ? "live" : "test");
	markup_attribute(markup, "schemas", options->schemas);
	markup_attribute(markup, "profile", results->profile);
	markup_attribute(markup, "as-type", options->as_type);
	write_limit(markup, "max-input-bytes", options->max_input_bytes);
	write_limit(markup, "max-depth", options->max_depth);
	write_limit(markup, "max-attribute-bytes", options->max_attribute_bytes);
	write_limit(markup, "max-findings", options->max_findings);
	for (unsigned stage = 0; stage < CPIS_STAGE_COUNT; stage++)
		if (options->skip_stages & (1u << stage))
			markup_leaf(markup, "skipped-stage",
				    cpis_stage_name((enum cpis_stage)stage));
	markup_close(markup);
}

/* The words one by one, and the line that a shell would read as those words. */
static void write_command(struct markup *markup, const struct results *results)
{
	struct buf line;
	buf_init(&line, SIZE_MAX / 2);
	summary_command(results, &line);
	markup_open(markup, "command");
	markup_leaf(markup, "line", buf_view(&line).p);
	for (size_t i = 0; i < results->command_count; i++)
		markup_leaf(markup, "word", results->command[i].value);
	markup_close(markup);
	markup->failed = markup->failed || line.failed;
	buf_release(&line);
}

static void write_run(struct markup *markup, const struct results *results)
{
	markup_open(markup, "run");
	write_options(markup, results);
	for (size_t i = 0; i < results->meta_count; i++) {
		markup_open(markup, "meta");
		markup_attribute(markup, "name", results->meta[i].name);
		markup_text(markup, results->meta[i].value);
		markup_close(markup);
	}
	if (results->command_count)
		write_command(markup, results);
	markup_close(markup);
}

static void write_counts(struct markup *markup, const char *name, const char *of, size_t count)
{
	markup_open(markup, "count");
	markup_attribute(markup, "of", name);
	markup_attribute(markup, "is", of);
	markup_attribute_size(markup, "number", count);
	markup_close(markup);
}

static void write_sentence(struct markup *markup, const char *name, struct buf *sentence)
{
	markup_leaf(markup, name, buf_view(sentence).p);
	markup->failed = markup->failed || sentence->failed;
	buf_reset(sentence);
}

static void write_summary(struct markup *markup, const struct results *results)
{
	struct summary summary;
	struct buf sentence;
	summary_of(results, &summary);
	buf_init(&sentence, 4096);
	markup_open(markup, "summary");
	markup_attribute_size(markup, "messages", summary.messages);
	markup_attribute_size(markup, "records", summary.records);
	markup_attribute_size(markup, "cases", summary.cases);
	markup_attribute_size(markup, "waived-findings", summary.waived);
	markup_attribute_size(markup, "suppressed-findings", summary.suppressed);
	markup_attribute_size(markup, "omissions", summary.omissions);
	markup_attribute_size(markup, "turned-off-findings", summary.turned_off);
	summary_headline(results, &summary, &sentence);
	write_sentence(markup, "headline", &sentence);
	summary_completeness(results, &summary, &sentence);
	write_sentence(markup, "completeness", &sentence);
	for (size_t i = CPIS_FAIL + 1; i-- > 0;)
		write_counts(markup, "messages", cpis_verdict_name((enum cpis_verdict)i),
			     summary.by_verdict[i]);
	for (size_t i = CPIS_ERROR + 1; i-- > 0;)
		write_counts(markup, "findings", cpis_severity_name((enum cpis_severity)i),
			     summary.findings[i]);
	for (size_t i = 0; i < CASE_OUTCOME_COUNT && summary.cases; i++)
		write_counts(markup, "cases", case_outcome_name((enum case_outcome)i),
			     summary.by_outcome[i]);
	write_counts(markup, "rules", "judged", summary.rules_judged);
	write_counts(markup, "rules", "failed", summary.rules_failed);
	write_counts(markup, "rules", "idle", summary.rules_idle);
	write_counts(markup, "rules", "blocked", summary.rules_blocked);
	write_counts(markup, "rules", "off", summary.rules_off);
	markup_close(markup);
	buf_release(&sentence);
}

static void write_packs(struct markup *markup, const struct results *results)
{
	for (size_t i = 0; i < results->pack_count; i++) {
		const struct pack_result *pack = &results->packs[i];
		markup_open(markup, "pack");
		markup_attribute(markup, "name", pack->name);
		markup_attribute(markup, "version", pack->version);
		markup_attribute(markup, "title", pack->title);
		markup_attribute(markup, "specification", pack->specification);
		markup_attribute(markup, "source", pack->source);
		markup_attribute(markup, "sha256", filled(pack->sha256));
		markup_attribute_size(markup, "cases", pack->case_count);
		markup_close(markup);
	}
}

static void write_requirements(struct markup *markup, const struct results *results)
{
	for (size_t i = 0; i < results->requirement_count; i++) {
		const struct requirement_result *requirement = &results->requirements[i];
		markup_open(markup, "requirement");
		markup_attribute(markup, "pack", requirement->pack);
		markup_attribute(markup, "id", requirement->id);
		markup_attribute(markup, "outcome", case_outcome_name(requirement->outcome));
		markup_attribute(markup, "source", requirement->source);
		markup_leaf(markup, "text", requirement->text);
		markup_leaf(markup, "not-testable", requirement->not_testable);
		for (size_t k = 0; k < requirement->case_count; k++)
			markup_leaf(markup, "shown-by", requirement->cases[k]);
		markup_close(markup);
	}
}

static void write_cases(struct markup *markup, const struct results *results)
{
	for (size_t i = 0; i < results->case_count; i++) {
		const struct case_result *one = &results->cases[i];
		markup_open(markup, "case");
		markup_attribute_size(markup, "n", i + 1);
		markup_attribute(markup, "pack", one->pack);
		markup_attribute(markup, "id", one->id);
		markup_attribute(markup, "outcome", case_outcome_name(one->outcome));
		markup_attribute(markup, "title", one->title);
		for (size_t k = 0; k < one->requirement_count; k++)
			markup_leaf(markup, "shows", one->requirements[k]);
		for (size_t k = 0; k < one->tag_count; k++)
			markup_leaf(markup, "tag", one->tags[k]);
		markup_leaf(markup, "expected", one->expected);
		markup_leaf(markup, "actual", one->actual);
		markup_leaf(markup, "reason", one->reason);
		for (size_t k = 0; k < one->message_count; k++) {
			markup_open(markup, "judged");
			markup_attribute_size(markup, "message", one->first_message + k + 1);
			markup_close(markup);
		}
		markup_close(markup);
	}
}

static void write_finding(struct markup *markup, const struct finding *finding, size_t number)
{
	markup_open(markup, "finding");
	markup_attribute_size(markup, "n", number);
	markup_attribute(markup, "rule", finding->rule->id);
	markup_attribute(markup, "severity", cpis_severity_name(finding->severity));
	markup_attribute(markup, "stage", cpis_stage_name(finding->stage));
	markup_attribute_place(markup, "line", finding->at.line);
	markup_attribute_place(markup, "column", finding->at.column);
	markup_attribute_size(markup, "offset", finding->offset);
	markup_attribute(markup, "layer", finding->layer);
	markup_attribute_place(markup, "inner-line", finding->inner.line);
	markup_attribute_place(markup, "inner-column", finding->inner.column);
	markup_attribute(markup, "fingerprint", filled(finding->fingerprint));
	markup_leaf(markup, "path", finding_path(finding));
	markup_leaf(markup, "message", finding->message);
	markup_leaf(markup, "fix", finding->fix);
	markup_leaf(markup, "expected", finding->expected);
	markup_leaf(markup, "actual", finding->actual);
	if (finding->excerpt) {
		markup_open(markup, "excerpt");
		markup_attribute_size(markup, "caret", finding->caret);
		markup_text(markup, finding->excerpt);
		markup_close(markup);
	}
	markup_leaf(markup, "waived", finding->waived);
	markup_close(markup);
}

static void write_message(struct markup *markup, const struct message_result *message,
			  size_t number, const struct case_result *one)
{
	markup_open(markup, "message");
	markup_attribute_size(markup, "n", number);
	markup_attribute(markup, "source", message->source);
	markup_attribute(markup, "type", message->type);
	markup_attribute(markup, "title", message->title);
	markup_attribute(markup, "recognised-by", message->recognised_by);
	markup_attribute(markup, "sha256", filled(message->sha256));
	markup_attribute_size(markup, "bytes", message->bytes);
	markup_attribute_size(markup, "records", message->records);
	markup_attribute(markup, "verdict", cpis_verdict_name(message->verdict));
	markup_attribute_size(markup, "suppressed", message->suppressed);
	markup_attribute_place(markup, "turned-off", message->turned_off);
	markup_attribute(markup, "pack", one ? one->pack : NULL);
	markup_attribute(markup, "case", one ? one->id : NULL);
	markup_attribute(markup, "outcome", one ? case_outcome_name(one->outcome) : NULL);
	for (size_t i = 0; i < message->layer_count; i++)
		markup_leaf(markup, "layer", message->layers[i]);
	for (size_t i = 0; i < message->omission_count; i++) {
		markup_open(markup, "omission");
		markup_leaf(markup, "what", message->omissions[i].what);
		markup_leaf(markup, "why", message->omissions[i].why);
		markup_close(markup);
	}
	for (size_t i = 0; i < message->finding_count; i++)
		write_finding(markup, &message->findings[i], i + 1);
	markup_close(markup);
}

static void write_left_out(struct markup *markup, const struct results *results)
{
	for (size_t i = 0; i < results->left_out_count; i++) {
		markup_open(markup, "left-out");
		markup_leaf(markup, "what", results->left_out[i].what);
		markup_leaf(markup, "why", results->left_out[i].why);
		markup_close(markup);
	}
}

static void write_messages(struct markup *markup, const struct results *results)
{
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++)
		write_message(markup, &results->messages[i], i + 1,
			      case_of_message(results, i, &cursor));
}

static void write_rule(struct markup *markup, const struct rule_override *override,
		       const struct rule *rule, const struct rule_tally *tally)
{
	markup_open(markup, "rule");
	markup_attribute(markup, "id", rule->id);
	markup_attribute(markup, "name", rule->name);
	markup_attribute(markup, "severity", cpis_severity_name(rule->severity));
	markup_attribute(markup, "basis", cpis_basis_name(rule->basis));
	markup_attribute_size(markup, "judged", tally->judged);
	markup_attribute_size(markup, "failed", tally->failed);
	markup_attribute_size(markup, "not-applicable", tally->not_applicable);
	markup_attribute_size(markup, "blocked", tally->blocked);
	markup_attribute(markup, "blocked-by", tally->blocked_by ? tally->blocked_by->id : NULL);
	markup_leaf(markup, "title", rule->title);
	markup_leaf(markup, "why", rule->why);
	markup_leaf(markup, "fix", rule->fix);
	markup_leaf(markup, "cite", rule->cite);
	if (override) {
		markup_open(markup, "override");
		markup_attribute(markup, "to", override_name(override));
		markup_attribute(markup, "source", override->source);
		markup_text(markup, override->reason ? override->reason : "");
		markup_close(markup);
	}
	markup_close(markup);
}

int results_xml_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct markup markup;
	char when[32];
	summary_time(when, results->options.now);
	markup_init(&markup, out);
	markup_open(&markup, "results");
	markup_attribute(&markup, "xmlns", "urn:cpis:results:1");
	markup_attribute(&markup, "tool", results_tool(results));
	markup_attribute(&markup, "ruleset", filled(results->ruleset));
	markup_attribute(&markup, "dms", results_dms(results));
	markup_attribute(&markup, "date", filled(when));
	markup_attribute(&markup, "verdict", cpis_verdict_name(results_verdict(results)));
	write_run(&markup, results);
	write_summary(&markup, results);
	write_packs(&markup, results);
	write_requirements(&markup, results);
	write_cases(&markup, results);
	write_messages(&markup, results);
	write_left_out(&markup, results);
	for (size_t i = 0; i < results->rule_count; i++)
		write_rule(&markup, override_at(results, i), results->rules[i],
			   &results->tallies[i]);
	markup_close(&markup);
	if (markup_finish(&markup) == 0 || out->failed)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
					  .text = "the results document was put together wrongly" };
	return -1;
}
