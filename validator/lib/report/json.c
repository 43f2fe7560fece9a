#include "report/sink.h"

#include "report/json_writer.h"
#include "results/summary.h"

static void write_finding(struct json_writer *json, const struct finding *finding)
{
	json_object(json, NULL);
	json_text(json, "rule", finding->rule->id);
	json_text(json, "severity", cpis_severity_name(finding->severity));
	json_text(json, "stage", cpis_stage_name(finding->stage));
	json_place(json, "line", finding->at.line);
	json_place(json, "column", finding->at.column);
	json_text(json, "path", finding_path(finding));
	json_text(json, "message", finding_sentence(finding));
	json_text(json, "fix", finding_fix(finding));
	if (finding->layer) {
		json_object_row(json, "inner");
		json_text(json, "layer", finding->layer);
		json_place(json, "line", finding->inner.line);
		json_place(json, "column", finding->inner.column);
		json_end(json);
	}
	if (finding->other.line) {
		json_object_row(json, "other");
		json_place(json, "line", finding->other.line);
		json_place(json, "column", finding->other.column);
		json_end(json);
	}
	json_text_if(json, "expected", finding->expected);
	json_text_if(json, "actual", finding->actual);
	json_text_if(json, "excerpt", finding->excerpt);
	if (finding->excerpt)
		json_size(json, "caret", finding->caret);
	json_text_if(json, "fingerprint", finding->fingerprint);
	json_text_if(json, "waived", finding->waived);
	json_end(json);
}

static void write_message(struct json_writer *json, const struct message_result *message)
{
	json_object(json, NULL);
	json_text(json, "source", message->source);
	json_text(json, "type", message->type);
	json_array_row(json, "layers");
	for (size_t i = 0; i < message->layer_count; i++)
		json_text(json, NULL, message->layers[i]);
	json_end(json);
	json_text(json, "sha256", message->sha256[0] ? message->sha256 : NULL);
	json_size(json, "bytes", message->bytes);
	json_text(json, "verdict", cpis_verdict_name(message->verdict));
	json_array(json, "findings");
	for (size_t i = 0; i < message->finding_count; i++)
		write_finding(json, &message->findings[i]);
	json_end(json);
	json_text(json, "title", message->title);
	json_text(json, "recognised_by", message->recognised_by);
	json_size(json, "records", message->records);
	json_size(json, "suppressed", message->suppressed);
	json_array(json, "unlisted");
	for (size_t i = 0; i < message->unlisted_count; i++) {
		json_object_row(json, NULL);
		json_text(json, "rule", message->unlisted[i].rule->id);
		json_text(json, "severity", cpis_severity_name(message->unlisted[i].severity));
		json_size(json, "number", message->unlisted[i].count);
		json_end(json);
	}
	json_end(json);
	json_size(json, "turned_off", message->turned_off);
	json_array(json, "omissions");
	for (size_t i = 0; i < message->omission_count; i++) {
		json_object_row(json, NULL);
		json_text(json, "what", message->omissions[i].what);
		json_text(json, "why", message->omissions[i].why);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void write_rules(struct json_writer *json, const struct results *results)
{
	json_array(json, "rules");
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_tally *tally = &results->tallies[i];
		json_object_row(json, NULL);
		json_text(json, "id", results->rules[i]->id);
		json_size(json, "judged", tally->judged);
		json_size(json, "failed", tally->failed);
		json_size(json, "not_applicable", tally->not_applicable);
		json_size(json, "blocked", tally->blocked);
		if (tally->blocked_by)
			json_text(json, "blocked_by", tally->blocked_by->id);
		const struct rule_override *override = override_at(results, i);
		if (override) {
			json_text(json, "set_to", override_name(override));
			json_text(json, "set_because", override->reason);
			json_text(json, "set_by", override->source);
		}
		json_end(json);
	}
	json_end(json);
}

static void write_words(struct json_writer *json, const char *key, const char *const *words,
			size_t count)
{
	json_array_row(json, key);
	for (size_t i = 0; i < count; i++)
		json_text(json, NULL, words[i]);
	json_end(json);
}

static void write_case(struct json_writer *json, const struct case_result *one)
{
	json_object(json, NULL);
	json_text(json, "pack", one->pack);
	json_text(json, "id", one->id);
	json_text(json, "outcome", case_outcome_name(one->outcome));
	json_text(json, "expected", one->expected);
	json_text(json, "actual", one->actual);
	json_text(json, "title", one->title);
	json_text(json, "reason", one->reason);
	write_words(json, "requirements", one->requirements, one->requirement_count);
	write_words(json, "tags", one->tags, one->tag_count);
	json_array_row(json, "messages");
	for (size_t i = 0; i < one->message_count; i++)
		json_size(json, NULL, one->first_message + i);
	json_end(json);
	json_end(json);
}

static void write_packs(struct json_writer *json, const struct results *results)
{
	json_array(json, "cases");
	for (size_t i = 0; i < results->case_count; i++)
		write_case(json, &results->cases[i]);
	json_end(json);
	json_array(json, "requirements");
	for (size_t i = 0; i < results->requirement_count; i++) {
		const struct requirement_result *requirement = &results->requirements[i];
		json_object(json, NULL);
		json_text(json, "pack", requirement->pack);
		json_text(json, "id", requirement->id);
		json_text(json, "outcome",
			  requirement->not_testable ? "not testable"
						    : case_outcome_name(requirement->outcome));
		json_text(json, "text", requirement->text);
		json_text(json, "source", requirement->source);
		json_text(json, "not_testable", requirement->not_testable);
		write_words(json, "cases", requirement->cases, requirement->case_count);
		json_end(json);
	}
	json_end(json);
	json_array(json, "packs");
	for (size_t i = 0; i < results->pack_count; i++) {
		const struct pack_result *pack = &results->packs[i];
		json_object(json, NULL);
		json_text(json, "name", pack->name);
		json_text(json, "version", pack->version);
		json_text(json, "title", pack->title);
		json_text(json, "specification", pack->specification);
		json_text(json, "source", pack->source);
		json_text(json, "sha256", pack->sha256[0] ? pack->sha256 : NULL);
		json_text(json, "digest", pack->digest[0] ? pack->digest : NULL);
		json_size(json, "cases", pack->case_count);
		json_end(json);
	}
	json_end(json);
}

/* The files that decided what the run says, and those that it judged. */
static void write_files(struct json_writer *json, const struct results *results)
{
	json_array(json, "inputs");
	for (size_t i = 0; i < results->input_count; i++) {
		const struct input_result *input = &results->inputs[i];
		json_object(json, NULL);
		json_text(json, "pack", input->pack);
		json_text(json, "role", input->role);
		json_text(json, "name", input->name);
		json_text(json, "sha256", input->sha256[0] ? input->sha256 : NULL);
		json_size(json, "bytes", input->bytes);
		json_end(json);
	}
	json_end(json);
	json_array(json, "evidence");
	for (size_t i = 0; i < results->evidence_count; i++) {
		const struct evidence_result *evidence = &results->evidence[i];
		json_object(json, NULL);
		json_text(json, "name", evidence->name);
		json_text(json, "sha256", evidence->sha256[0] ? evidence->sha256 : NULL);
		json_size(json, "bytes", evidence->bytes);
		json_text(json, "why", evidence->why);
		write_words(json, "fills", evidence->slots, evidence->slot_count);
		json_end(json);
	}
	json_end(json);
}

static void write_tool(struct json_writer *json, const struct results *results)
{
	char when[32];
	summary_time(when, results->options.now);
	json_object(json, "cpis");
	json_text(json, "version", results_tool(results));
	json_text(json, "ruleset", results_ruleset(results).digest);
	json_text(json, "dms", results_dms(results));
	json_text(json, "date", when[0] ? when : NULL);
	json_bool(json, "values_shown", results->options.show_values != 0);
	json_text(json, "environment", results->options.live ? "live" : "test");
	json_text(json, "schemas", results->options.schemas);
	json_text(json, "profile", results->profile);
	json_array_row(json, "stages_left_out");
	for (unsigned stage = 0; stage < CPIS_STAGE_COUNT; stage++)
		if (results->options.skip_stages & (1u << stage))
			json_text(json, NULL, cpis_stage_name((enum cpis_stage)stage));
	json_end(json);
	json_end(json);
}

static void write_run(struct json_writer *json, const struct results *results)
{
	json_array(json, "meta");
	for (size_t i = 0; i < results->meta_count; i++) {
		json_object_row(json, NULL);
		json_text(json, "name", results->meta[i].name);
		json_text(json, "value", results->meta[i].value);
		json_end(json);
	}
	json_end(json);
	json_array_row(json, "command");
	for (size_t i = 0; i < results->command_count; i++)
		json_text(json, NULL, results->command[i].value);
	json_end(json);
}

/* What was given but is not a message, and so was not judged. */
static void write_left_out(struct json_writer *json, const struct results *results)
{
	json_array(json, "left_out");
	for (size_t i = 0; i < results->left_out_count; i++) {
		json_object_row(json, NULL);
		json_text(json, "what", results->left_out[i].what);
		json_text(json, "why", results->left_out[i].why);
		json_end(json);
	}
	json_end(json);
}

static void write_verdict(struct json_writer *json, const struct results *results)
{
	struct summary summary;
	struct buf headline;
	char digest[65];
	buf_init(&headline, SIZE_MAX / 2);
	summary_of(results, &summary);
	summary_headline(results, &summary, &headline);
	json_text(json, "verdict", cpis_verdict_name(summary.verdict));
	json_bool(json, "partial", results_partial(results));
	json_text(json, "headline", headline.failed ? NULL : buf_view(&headline).p);
	results_digest(results, NULL, digest);
	json_text(json, "digest", digest[0] ? digest : NULL);
	buf_release(&headline);
}

int json_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct json_writer json;
	json_init(&json, out);
	json_object(&json, NULL);
	write_tool(&json, results);
	write_verdict(&json, results);
	json_array(&json, "messages");
	for (size_t i = 0; i < results->message_count; i++)
		write_message(&json, &results->messages[i]);
	json_end(&json);
	write_left_out(&json, results);
	write_rules(&json, results);
	if (results->pack_count || results->case_count)
		write_packs(&json, results);
	write_files(&json, results);
	write_run(&json, results);
	json_end(&json);
	if (json_finish(&json) == 0 || out->failed)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
					  .text = "the JSON document was put together wrongly" };
	return -1;
}
