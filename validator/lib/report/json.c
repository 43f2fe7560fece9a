/* The JSON document of results, as tables: cpis-results(5) and its JSON Schema follow them. */
#include "report/sink.h"

#include "report/json_shape.h"
#include "results/summary.h"

#include <stddef.h>
#include <stdlib.h>

static const char *word_of_severity(unsigned value)
{
	return cpis_severity_name((enum cpis_severity)value);
}

static const char *word_of_verdict(unsigned value)
{
	return cpis_verdict_name((enum cpis_verdict)value);
}

static const char *word_of_stage(unsigned value)
{
	return cpis_stage_name((enum cpis_stage)value);
}

static const char *word_of_outcome(unsigned value)
{
	return case_outcome_name((enum case_outcome)value);
}

static const char *word_of_answerer(unsigned value)
{
	static const char *const words[] = { "supplier", "assessor" };
	return words[value];
}

#define SEVERITY .word = word_of_severity, .words = CPIS_ERROR + 1
#define VERDICT	 .word = word_of_verdict, .words = CPIS_FAIL + 1
#define STAGE	 .word = word_of_stage, .words = CPIS_STAGE_COUNT
#define OUTCOME	 .word = word_of_outcome, .words = CASE_OUTCOME_COUNT

#define AT(type, member) .offset = offsetof(struct type, member)
#define LIST_AT(type, member, counted)                                                             \
	.offset = offsetof(struct type, member), .count_offset = offsetof(struct type, counted)
#define SHAPE(type, table) JSON_MEMBERS(table), .bytes = sizeof(struct type)

/* A finding */

static const char *rule_of_finding(const void *finding)
{
	return ((const struct finding *)finding)->rule->id;
}

static const char *path_of_finding(const void *finding)
{
	return finding_path(finding);
}

static const char *sentence_of_finding(const void *finding)
{
	return finding_sentence(finding);
}

static const char *accepter_at(unsigned by_baseline)
{
	return by_baseline ? "baseline" : "waiver";
}

/* NULL: it is not accepted. */
static const char *accepter_of_finding(const void *subject)
{
	const struct finding *finding = subject;
	return finding->waived ? accepter_at(finding->by_baseline) : NULL;
}

static const char *fix_of_finding(const void *finding)
{
	return finding_fix(finding);
}

static bool has_layer(const void *finding)
{
	return ((const struct finding *)finding)->layer != NULL;
}

static bool has_other(const void *finding)
{
	return ((const struct finding *)finding)->other.line != 0;
}

static bool has_excerpt(const void *finding)
{
	return ((const struct finding *)finding)->excerpt != NULL;
}

static const struct json_member inner_members[] = {
	{ "layer", JSON_TEXT, .never_null = true, AT(finding, layer) },
	{ "line", JSON_PLACE, AT(finding, inner.line) },
	{ "column", JSON_PLACE, AT(finding, inner.column) },
};
static const struct json_shape inner_shape = { SHAPE(finding, inner_members), .row = true };

static const struct json_member other_members[] = {
	{ "line", JSON_PLACE, AT(finding, other.line) },
	{ "column", JSON_PLACE, AT(finding, other.column) },
};
static const struct json_shape other_shape = { SHAPE(finding, other_members), .row = true };

static const struct json_member finding_members[] = {
	{ "rule", JSON_MADE, .never_null = true, .made = rule_of_finding },
	{ "severity", JSON_WORD, SEVERITY, AT(finding, severity),
	  .about = "after profile and environment" },
	{ "stage", JSON_WORD, STAGE, AT(finding, stage) },
	{ "line", JSON_PLACE, AT(finding, at.line), .about = "in the file as it was sent" },
	{ "column", JSON_PLACE, AT(finding, at.column) },
	{ "path", JSON_MADE, .made = path_of_finding },
	{ "message", JSON_MADE, .made = sentence_of_finding, .about = "values are masked" },
	{ "fix", JSON_MADE, .made = fix_of_finding },
	{ "inner", JSON_INSIDE, .of = &inner_shape, .has = has_layer,
	  .about = "the place in the part that was decoded" },
	{ "other", JSON_INSIDE, .of = &other_shape, .has = has_other,
	  .about = "the place that it contradicts" },
	{ "expected", JSON_TEXT, .optional = true, AT(finding, expected) },
	{ "actual", JSON_TEXT, .optional = true, AT(finding, actual) },
	{ "excerpt", JSON_TEXT, .optional = true, AT(finding, excerpt) },
	{ "caret", JSON_NUMBER, AT(finding, caret), .has = has_excerpt,
	  .about = "the column of the excerpt, from 0, where the fault starts" },
	{ "fingerprint", JSON_TEXT, .optional = true, AT(finding, fingerprint),
	  .about = "the same where only lines move" },
	{ "waived", JSON_TEXT, .optional = true, AT(finding, waived),
	  .about = "why a waiver or a baseline accepts it" },
	{ "accepted_by", JSON_MADE, .optional = true, .word = accepter_at, .words = 2,
	  .made = accepter_of_finding, .about = "where its reason is from" },
};
static const struct json_shape finding_shape = { SHAPE(finding, finding_members) };

/* A message */

static const char *rule_of_unlisted(const void *unlisted)
{
	return ((const struct unlisted *)unlisted)->rule->id;
}

static const struct json_member unlisted_members[] = {
	{ "rule", JSON_MADE, .never_null = true, .made = rule_of_unlisted },
	{ "severity", JSON_WORD, SEVERITY, AT(unlisted, severity) },
	{ "number", JSON_NUMBER, AT(unlisted, count) },
};
static const struct json_shape unlisted_shape = { SHAPE(unlisted, unlisted_members), .row = true };

static const struct json_member omission_members[] = {
	{ "what", JSON_TEXT, AT(omission, what) },
	{ "why", JSON_TEXT, AT(omission, why) },
};
static const struct json_shape omission_shape = { SHAPE(omission, omission_members), .row = true };

static const struct json_member message_members[] = {
	{ "source", JSON_TEXT, AT(message_result, source),
	  .about = "the file, as given or below its folder; members of archives after a !" },
	{ "type", JSON_TEXT, AT(message_result, type), .about = "null: not recognised" },
	{ "layers", JSON_TEXTS, LIST_AT(message_result, layers, layer_count),
	  .about = "outermost first" },
	{ "sha256", JSON_DIGEST, AT(message_result, sha256) },
	{ "bytes", JSON_NUMBER, AT(message_result, bytes) },
	{ "verdict", JSON_WORD, VERDICT, AT(message_result, verdict) },
	{ "findings", JSON_LIST, .of = &finding_shape,
	  LIST_AT(message_result, findings, finding_count) },
	{ "title", JSON_TEXT, AT(message_result, title) },
	{ "recognised_by", JSON_TEXT, AT(message_result, recognised_by) },
	{ "records", JSON_NUMBER, AT(message_result, records) },
	{ "suppressed", JSON_NUMBER, AT(message_result, suppressed),
	  .about = "faults that follow from a finding made, or past the limit of findings" },
	{ "unlisted", JSON_LIST, .of = &unlisted_shape,
	  LIST_AT(message_result, unlisted, unlisted_count),
	  .about = "findings past the limit, by rule and severity" },
	{ "turned_off", JSON_NUMBER, AT(message_result, turned_off),
	  .about = "findings of rules that the profile leaves out" },
	{ "omissions", JSON_LIST, .of = &omission_shape,
	  LIST_AT(message_result, omissions, omission_count),
	  .about = "what could not be judged: the verdict is incomplete" },
};
static const struct json_shape message_shape = { SHAPE(message_result, message_members) };

/* Messages that are counted and not listed */

static const struct json_member unlisted_messages_members[] = {
	{ "verdict", JSON_WORD, VERDICT, AT(unlisted_messages, verdict) },
	{ "messages", JSON_NUMBER, AT(unlisted_messages, messages) },
	{ "records", JSON_NUMBER, AT(unlisted_messages, records) },
	{ "errors", JSON_NUMBER, AT(unlisted_messages, errors) },
	{ "warnings", JSON_NUMBER, AT(unlisted_messages, warnings) },
	{ "infos", JSON_NUMBER, AT(unlisted_messages, infos) },
	{ "waived", JSON_NUMBER, AT(unlisted_messages, waived) },
	{ "suppressed", JSON_NUMBER, AT(unlisted_messages, suppressed) },
	{ "turned_off", JSON_NUMBER, AT(unlisted_messages, turned_off) },
	{ "omissions", JSON_NUMBER, AT(unlisted_messages, omissions) },
	{ "unread", JSON_NUMBER, AT(unlisted_messages, unread) },
	{ "unrecognised", JSON_NUMBER, AT(unlisted_messages, unrecognised) },
	{ "by_baseline", JSON_NUMBER, AT(unlisted_messages, by_baseline) },
};
static const struct json_shape unlisted_messages_shape = {
	SHAPE(unlisted_messages, unlisted_messages_members), .row = true
};

/* A rule: the row is made for the document */

struct rule_row {
	const char *id, *blocked_by, *set_to, *set_because, *set_by;
	struct rule_tally tally;
};

static bool is_set(const void *row)
{
	return ((const struct rule_row *)row)->set_to != NULL;
}

static const struct json_member rule_members[] = {
	{ "id", JSON_TEXT, .never_null = true, AT(rule_row, id) },
	{ "judged", JSON_NUMBER, AT(rule_row, tally.judged) },
	{ "failed", JSON_NUMBER, AT(rule_row, tally.failed) },
	{ "not_applicable", JSON_NUMBER, AT(rule_row, tally.not_applicable) },
	{ "blocked", JSON_NUMBER, AT(rule_row, tally.blocked),
	  .about = "times that the part was too broken to judge" },
	{ "blocked_by", JSON_TEXT, .optional = true, AT(rule_row, blocked_by),
	  .about = "the first rule whose fault made it so" },
	{ "set_to", JSON_TEXT, .optional = true, AT(rule_row, set_to),
	  .about = "its severity by the profile, or off" },
	{ "set_because", JSON_TEXT, AT(rule_row, set_because), .has = is_set },
	{ "set_by", JSON_TEXT, AT(rule_row, set_by), .has = is_set },
};
static const struct json_shape rule_shape = { SHAPE(rule_row, rule_members), .row = true };

/* Packs */

static bool is_answered(const void *subject)
{
	return ((const struct case_result *)subject)->answered_by != ANSWERED_BY_NO_ONE;
}

static const char *answerer_of_case(const void *subject)
{
	return word_of_answerer(((const struct case_result *)subject)->answered_by - 1);
}

static const struct json_member case_members[] = {
	{ "pack", JSON_TEXT, AT(case_result, pack) },
	{ "id", JSON_TEXT, AT(case_result, id) },
	{ "outcome", JSON_WORD, OUTCOME, AT(case_result, outcome) },
	{ "expected", JSON_TEXT, AT(case_result, expected) },
	{ "actual", JSON_TEXT, AT(case_result, actual) },
	{ "answered_by", JSON_MADE, .word = word_of_answerer, .words = ANSWERED_BY_COUNT - 1,
	  .made = answerer_of_case, .has = is_answered,
	  .about = "who answered its question: the supplier alone, or an assessor too" },
	{ "title", JSON_TEXT, AT(case_result, title) },
	{ "reason", JSON_TEXT, AT(case_result, reason), .about = "null where it passed" },
	{ "requirements", JSON_TEXTS, LIST_AT(case_result, requirements, requirement_count) },
	{ "tags", JSON_TEXTS, LIST_AT(case_result, tags, tag_count) },
	{ "messages", JSON_NUMBERS, LIST_AT(case_result, first_message, message_count),
	  .about = "places in messages, from 0" },
};
static const struct json_shape case_shape = { SHAPE(case_result, case_members) };

static const char *outcome_of_requirement(const void *subject)
{
	const struct requirement_result *requirement = subject;
	return requirement->not_testable ? "not testable" : case_outcome_name(requirement->outcome);
}

static const struct json_member requirement_members[] = {
	{ "pack", JSON_TEXT, AT(requirement_result, pack) },
	{ "id", JSON_TEXT, AT(requirement_result, id) },
	{ "outcome", JSON_MADE, OUTCOME, .more = "not testable", .made = outcome_of_requirement },
	{ "text", JSON_TEXT, AT(requirement_result, text) },
	{ "source", JSON_TEXT, AT(requirement_result, source) },
	{ "not_testable", JSON_TEXT, AT(requirement_result, not_testable),
	  .about = "the reason; null: it can be shown" },
	{ "cases", JSON_TEXTS, LIST_AT(requirement_result, cases, case_count) },
};
static const struct json_shape requirement_shape = { SHAPE(requirement_result,
							   requirement_members) };

static const struct json_member pack_members[] = {
	{ "name", JSON_TEXT, AT(pack_result, name) },
	{ "version", JSON_TEXT, AT(pack_result, version) },
	{ "title", JSON_TEXT, AT(pack_result, title) },
	{ "specification", JSON_TEXT, AT(pack_result, specification) },
	{ "source", JSON_TEXT, AT(pack_result, source) },
	{ "sha256", JSON_DIGEST, AT(pack_result, sha256) },
	{ "digest", JSON_DIGEST, AT(pack_result, digest), .about = "of all that the pack reads" },
	{ "cases", JSON_NUMBER, AT(pack_result, case_count) },
};
static const struct json_shape pack_shape = { SHAPE(pack_result, pack_members) };

/* The files that decided what the run says, and those that it judged */

static const struct json_member input_members[] = {
	{ "pack", JSON_TEXT, AT(input_result, pack) },
	{ "role", JSON_TEXT, AT(input_result, role) },
	{ "name", JSON_TEXT, AT(input_result, name) },
	{ "sha256", JSON_DIGEST, AT(input_result, sha256) },
	{ "bytes", JSON_NUMBER, AT(input_result, bytes) },
};
static const struct json_shape input_shape = { SHAPE(input_result, input_members) };

static const struct json_member evidence_members[] = {
	{ "name", JSON_TEXT, AT(evidence_result, name) },
	{ "sha256", JSON_DIGEST, AT(evidence_result, sha256) },
	{ "bytes", JSON_NUMBER, AT(evidence_result, bytes) },
	{ "why", JSON_TEXT, AT(evidence_result, why), .about = "why it cannot be read" },
	{ "fills", JSON_TEXTS, LIST_AT(evidence_result, slots, slot_count) },
};
static const struct json_shape evidence_shape = { SHAPE(evidence_result, evidence_members) };

static const struct json_member meta_members[] = {
	{ "name", JSON_TEXT, .never_null = true, AT(named_value, name) },
	{ "value", JSON_TEXT, AT(named_value, value) },
};
static const struct json_shape meta_shape = { SHAPE(named_value, meta_members), .row = true };

/* The run */

struct run {
	struct results lists; /* borrowed: a copy of the struct alone */
	const char *version, *ruleset, *dms, *date, *environment, *headline;
	bool values_shown, partial;
	enum cpis_verdict verdict;
	const char *stages[CPIS_STAGE_COUNT], **stages_left_out;
	size_t stage_count, own_answers;
	const char **command;
	struct rule_row *rules;
	char when[32], digest[65], ruleset_digest[17];
};

static bool has_packs(const void *run)
{
	const struct results *lists = &((const struct run *)run)->lists;
	return results_of_packs(lists);
}

/* Of packs, or about the run. */
static bool has_cases(const void *run)
{
	return has_packs(run) || ((const struct run *)run)->lists.case_count;
}

static bool has_own_answers(const void *run)
{
	return ((const struct run *)run)->own_answers != 0;
}

static bool has_unlisted_messages(const void *run)
{
	return ((const struct run *)run)->lists.unlisted_count != 0;
}

static const struct json_member tool_members[] = {
	{ "version", JSON_TEXT, .never_null = true, AT(run, version) },
	{ "ruleset", JSON_TEXT, AT(run, ruleset), .about = "a digest of the rules that judged" },
	{ "dms", JSON_TEXT, AT(run, dms) },
	{ "date", JSON_TEXT, AT(run, date) },
	{ "values_shown", JSON_FLAG, AT(run, values_shown) },
	{ "environment", JSON_TEXT, .never_null = true, AT(run, environment) },
	{ "schemas", JSON_TEXT, AT(run, lists.options.schemas) },
	{ "profile", JSON_TEXT, AT(run, lists.profile) },
	{ "stages_left_out", JSON_TEXTS, LIST_AT(run, stages_left_out, stage_count) },
};
static const struct json_shape tool_shape = { SHAPE(run, tool_members) };

static const struct json_member run_members[] = {
	{ "cpis", JSON_INSIDE, .of = &tool_shape, .about = "the program, and how it judged" },
	{ "verdict", JSON_WORD, VERDICT, AT(run, verdict) },
	{ "partial", JSON_FLAG, AT(run, partial),
	  .about = "cases, stages, files or rules were left out by request, errors pass by it, or "
		   "fixed files were not written" },
	{ "headline", JSON_TEXT, AT(run, headline) },
	{ "own_answers", JSON_NUMBER, AT(run, own_answers), .has = has_own_answers,
	  .about = "cases that passed by answers of the supplier alone" },
	{ "digest", JSON_DIGEST, AT(run, digest),
	  .about = "the input digest: of all that decided the result" },
	{ "messages", JSON_LIST, .of = &message_shape,
	  LIST_AT(run, lists.messages, lists.message_count) },
	{ "unlisted_messages", JSON_LIST, .of = &unlisted_messages_shape,
	  LIST_AT(run, lists.unlisted, lists.unlisted_count), .has = has_unlisted_messages,
	  .about = "messages that cpis merge --summary counts and does not list, by verdict" },
	{ "left_out", JSON_LIST, .of = &omission_shape,
	  LIST_AT(run, lists.left_out, lists.left_out_count),
	  .about = "files that are not messages" },
	{ "rules", JSON_LIST, .of = &rule_shape, LIST_AT(run, rules, lists.rule_count) },
	{ "cases", JSON_LIST, .of = &case_shape, LIST_AT(run, lists.cases, lists.case_count),
	  .has = has_cases },
	{ "requirements", JSON_LIST, .of = &requirement_shape,
	  LIST_AT(run, lists.requirements, lists.requirement_count), .has = has_packs },
	{ "packs", JSON_LIST, .of = &pack_shape, LIST_AT(run, lists.packs, lists.pack_count),
	  .has = has_packs },
	{ "inputs", JSON_LIST, .of = &input_shape, LIST_AT(run, lists.inputs, lists.input_count) },
	{ "evidence", JSON_LIST, .of = &evidence_shape,
	  LIST_AT(run, lists.evidence, lists.evidence_count) },
	{ "meta", JSON_LIST, .of = &meta_shape, LIST_AT(run, lists.meta, lists.meta_count) },
	{ "command", JSON_TEXTS, LIST_AT(run, command, lists.command_count) },
};
const struct json_shape json_results_shape = { SHAPE(run, run_members) };

static void fill_rules(struct run *run, const struct results *results)
{
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_tally *tally = &results->tallies[i];
		const struct rule_override *override = override_at(results, i);
		run->rules[i] = (struct rule_row){
			.id = results->rules[i]->id,
			.tally = *tally,
			.blocked_by = tally->blocked_by ? tally->blocked_by->id : NULL,
			.set_to = override ? override_name(override) : NULL,
			.set_because = override ? override->reason : NULL,
			.set_by = override ? override->source : NULL,
		};
	}
}

/* What is made for the document. headline is filled. */
static void fill(struct run *run, const struct results *results, struct buf *headline)
{
	struct summary summary;
	summary_of(results, &summary);
	summary_headline(results, &summary, headline);
	summary_time(run->when, results->options.now);
	results_digest(results, NULL, run->digest);
	struct ruleset ruleset = results_ruleset(results);
	memcpy(run->ruleset_digest, ruleset.digest, sizeof(run->ruleset_digest));
	run->lists = *results;
	run->version = results_tool(results);
	run->ruleset = run->ruleset_digest;
	run->dms = results_dms(results);
	run->date = run->when[0] ? run->when : NULL;
	run->environment = results->options.live ? "live" : "test";
	run->headline = headline->failed ? NULL : buf_view(headline).p;
	run->values_shown = results->options.show_values != 0;
	run->partial = results_partial(results);
	run->verdict = summary.verdict;
	run->own_answers = summary.own_answers;
	run->stages_left_out = run->stages;
	for (unsigned stage = 0; stage < CPIS_STAGE_COUNT; stage++)
		if (results->options.skip_stages & (1u << stage))
			run->stages[run->stage_count++] = word_of_stage(stage);
	for (size_t i = 0; i < results->command_count; i++)
		run->command[i] = results->command[i].value;
	fill_rules(run, results);
}

static int fail(struct cpis_failure *failure, const char *text)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	return -1;
}

int json_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct json_writer json;
	struct buf headline;
	struct run *run = calloc(1, sizeof(*run));
	int status = -1;
	buf_init(&headline, SIZE_MAX / 2);
	if (run) {
		run->rules = calloc(results->rule_count + 1, sizeof(*run->rules));
		run->command = calloc(results->command_count + 1, sizeof(*run->command));
	}
	if (!run || !run->rules || !run->command) {
		fail(failure, "out of memory");
	} else {
		fill(run, results, &headline);
		json_init(&json, out);
		json_shape_write(&json, NULL, &json_results_shape, run);
		status = json_finish(&json) == 0 || out->failed
				 ? 0
				 : fail(failure, "the JSON document was put together wrongly");
	}
	if (run) {
		free(run->rules);
		free(run->command);
	}
	free(run);
	buf_release(&headline);
	return status;
}
