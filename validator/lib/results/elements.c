/* What each element of a results document means: the other side of results_xml.c. */
#include "results/attributes.h"
#include "results/reading.h"

#include <stdio.h>
#include <time.h>

static const char *severity_at(unsigned i)
{
	return cpis_severity_name((enum cpis_severity)i);
}

static const char *verdict_at(unsigned i)
{
	return cpis_verdict_name((enum cpis_verdict)i);
}

static const char *stage_at(unsigned i)
{
	return cpis_stage_name((enum cpis_stage)i);
}

static const char *basis_at(unsigned i)
{
	return cpis_basis_name((enum cpis_basis)i);
}

static const char *outcome_at(unsigned i)
{
	return case_outcome_name((enum case_outcome)i);
}

static const char *fail_on_at(unsigned i)
{
	static const char *const words[] = { "error", "warning", "never" };
	return words[i];
}

static const char *values_at(unsigned i)
{
	return i ? "shown" : "masked";
}

static const char *environment_at(unsigned i)
{
	return i ? "live" : "test";
}

static const char *override_at_word(unsigned i)
{
	return i == CPIS_ERROR + 1 ? "off" : severity_at(i);
}

/* "2027-01-31T12:00:00Z" */
static void read_date(struct reading *reading)
{
	struct str value = reading_attribute(reading, "date");
	char text[32], *end;
	struct tm tm = { 0 };
	if (!value.p)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)(value.n > 30 ? 30 : value.n), value.p);
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		reading_damaged(reading, "date", value);
	else
		reading->results->options.now = (long long)timegm(&tm);
}

static void start_results(struct reading *reading)
{
	struct results *results = reading->results;
	struct str ruleset = reading_attribute(reading, "ruleset");
	results->tool = reading_needed_text(reading, "tool");
	results->dms = reading_needed_text(reading, "dms");
	if (ruleset.n >= sizeof(results->ruleset))
		reading_damaged(reading, "ruleset", ruleset);
	else if (ruleset.n)
		memcpy(results->ruleset, ruleset.p, ruleset.n);
	read_date(reading);
	reading->claims.verdict =
		(enum cpis_verdict)reading_choice(reading, "verdict", verdict_at, CPIS_FAIL + 1);
}

static void start_options(struct reading *reading)
{
	struct cpis_options *options = &reading->results->options;
	options->fail_on = (enum cpis_fail_on)reading_choice(reading, "fail-on", fail_on_at, 3);
	options->show_values = (int)reading_choice(reading, "values", values_at, 2);
	options->live = (int)reading_choice(reading, "environment", environment_at, 2);
	options->schemas = reading_text(reading, "schemas");
	options->as_type = reading_text(reading, "as-type");
	options->max_input_bytes = reading_size(reading, "max-input-bytes");
	options->max_depth = reading_size(reading, "max-depth");
	options->max_attribute_bytes = reading_size(reading, "max-attribute-bytes");
	options->max_findings = reading_size(reading, "max-findings");
	reading->results->profile = reading_text(reading, "profile");
}

/* The end of an element has no tag: what is wrong is told where the reader stands. */
static void end_skipped_stage(struct reading *reading, const char *text)
{
	for (unsigned i = 0; i < CPIS_STAGE_COUNT; i++)
		if (strcmp(text, stage_at(i)) == 0) {
			reading->results->options.skip_stages |= 1u << i;
			return;
		}
	reading_fail(reading, SIZE_MAX, "there is no stage \"%.60s\"", text);
}

static void start_meta(struct reading *reading)
{
	reading->name = reading_needed_text(reading, "name");
}

static void end_meta(struct reading *reading, const char *text)
{
	if (results_add_meta(reading->results, reading->name, text) != 0)
		reading_out_of_memory(reading);
}

static void end_word(struct reading *reading, const char *text)
{
	if (results_add_command_word(reading->results, text) != 0)
		reading_out_of_memory(reading);
}

static void start_summary(struct reading *reading)
{
	struct results_claims *claims = &reading->claims;
	claims->summed = true;
	claims->messages = reading_needed_size(reading, "messages");
	claims->records = reading_needed_size(reading, "records");
	claims->cases = reading_needed_size(reading, "cases");
	claims->waived = reading_needed_size(reading, "waived-findings");
	claims->suppressed = reading_needed_size(reading, "suppressed-findings");
	claims->omissions = reading_needed_size(reading, "omissions");
	claims->turned_off = reading_needed_size(reading, "turned-off-findings");
}

static void start_pack(struct reading *reading)
{
	struct pack_result *pack = results_add_pack(reading->results);
	if (!pack) {
		reading_out_of_memory(reading);
		return;
	}
	pack->name = reading_needed_text(reading, "name");
	pack->version = reading_text(reading, "version");
	pack->title = reading_text(reading, "title");
	pack->specification = reading_text(reading, "specification");
	pack->source = reading_text(reading, "source");
	pack->case_count = reading_needed_size(reading, "cases");
	reading_digest(reading, pack->sha256);
}

static void start_requirement(struct reading *reading)
{
	struct requirement_result *requirement = results_add_requirement(reading->results);
	reading->requirement = requirement;
	if (!requirement) {
		reading_out_of_memory(reading);
		return;
	}
	requirement->pack = reading_text(reading, "pack");
	requirement->id = reading_needed_text(reading, "id");
	requirement->outcome = (enum case_outcome)reading_choice(reading, "outcome", outcome_at,
								 CASE_OUTCOME_COUNT);
	requirement->source = reading_text(reading, "source");
}

/* One more text at the end of a list, which has room for powers of two. */
static void add_text(struct reading *reading, const char ***list, size_t *count, const char *text)
{
	struct arena *arena = &reading->results->arena;
	if ((*count & (*count - 1)) == 0) {
		const char **more = arena_alloc(arena, (*count ? *count * 2 : 1) * sizeof(*more));
		if (more && *count)
			memcpy(more, *list, *count * sizeof(*more));
		*list = more;
	}
	const char *copy = reading_keep(reading, str_of(text));
	if (!*list || !copy) {
		*count = 0;
		reading_out_of_memory(reading);
		return;
	}
	(*list)[(*count)++] = copy;
}

static void end_shown_by(struct reading *reading, const char *text)
{
	add_text(reading, &reading->requirement->cases, &reading->requirement->case_count, text);
}

static void start_case(struct reading *reading)
{
	struct case_result *one = results_add_case(reading->results);
	reading->one = one;
	if (!one) {
		reading_out_of_memory(reading);
		return;
	}
	reading_number(reading, reading->results->case_count);
	one->pack = reading_needed_text(reading, "pack");
	one->id = reading_needed_text(reading, "id");
	one->title = reading_text(reading, "title");
	one->outcome = (enum case_outcome)reading_choice(reading, "outcome", outcome_at,
							 CASE_OUTCOME_COUNT);
	one->first_message = reading->next_message;
}

static void end_shows(struct reading *reading, const char *text)
{
	add_text(reading, &reading->one->requirements, &reading->one->requirement_count, text);
}

static void end_tag(struct reading *reading, const char *text)
{
	add_text(reading, &reading->one->tags, &reading->one->tag_count, text);
}

/* Cases judge messages one after another. */
static void start_judged(struct reading *reading)
{
	size_t message = reading_needed_size(reading, "message");
	if (!reading->one->message_count && message > reading->next_message)
		reading->one->first_message = message - 1;
	if (message != reading->one->first_message + reading->one->message_count + 1) {
		reading_fail(reading, reading->tag->offset,
			     "message %zu is not the next to be judged", message);
		return;
	}
	reading->one->message_count++;
	reading->next_message = message;
}

static void start_message(struct reading *reading)
{
	struct message_result *message = results_add_message(reading->results);
	reading->message = message;
	if (!message) {
		reading_out_of_memory(reading);
		return;
	}
	reading_number(reading, reading->results->message_count);
	message->source = reading_needed_text(reading, "source");
	message->type = reading_text(reading, "type");
	message->title = reading_text(reading, "title");
	message->recognised_by = reading_text(reading, "recognised-by");
	reading_digest(reading, message->sha256);
	message->bytes = reading_needed_size(reading, "bytes");
	message->records = reading_needed_size(reading, "records");
	message->verdict =
		(enum cpis_verdict)reading_choice(reading, "verdict", verdict_at, CPIS_FAIL + 1);
	message->suppressed = reading_needed_size(reading, "suppressed");
	message->turned_off = reading_size(reading, "turned-off");
}

static void end_layer(struct reading *reading, const char *text)
{
	add_text(reading, &reading->message->layers, &reading->message->layer_count, text);
}

static void end_what(struct reading *reading, const char *text)
{
	reading->name = reading_keep(reading, str_of(text));
}

static void end_why(struct reading *reading, const char *text)
{
	message_add_omission(reading->results, reading->message, reading->name ? reading->name : "",
			     text);
	reading->name = NULL;
}

static void end_left_out(struct reading *reading, const char *text)
{
	if (results_add_left_out(reading->results, reading->name ? reading->name : "", text) != 0)
		reading_out_of_memory(reading);
	reading->name = NULL;
}

/* A rule that is known by its id alone, until all are. */
static const struct rule *stub(struct reading *reading, const char *id)
{
	struct rule *rule = arena_alloc(&reading->results->arena, sizeof(*rule));
	if (!rule)
		reading_out_of_memory(reading);
	else
		rule->id = id;
	return rule;
}

static void start_finding(struct reading *reading)
{
	struct finding *finding = message_add_finding(reading->results, reading->message);
	reading->finding = finding;
	if (!finding) {
		reading_out_of_memory(reading);
		return;
	}
	reading_number(reading, reading->message->finding_count);
	finding->rule = stub(reading, reading_needed_text(reading, "rule"));
	finding->severity = (enum cpis_severity)reading_choice(reading, "severity", severity_at,
							       CPIS_ERROR + 1);
	finding->stage =
		(enum cpis_stage)reading_choice(reading, "stage", stage_at, CPIS_STAGE_COUNT);
	finding->at =
		(struct place){ reading_size(reading, "line"), reading_size(reading, "column") };
	finding->inner = (struct place){ reading_size(reading, "inner-line"),
					 reading_size(reading, "inner-column") };
	finding->offset = reading_needed_size(reading, "offset");
	finding->layer = reading_text(reading, "layer");
	finding->fingerprint = reading_text(reading, "fingerprint");
}

static void start_excerpt(struct reading *reading)
{
	reading->finding->caret = reading_needed_size(reading, "caret");
}

/* Room for one more rule in the three lists; false when memory is out. */
static bool room_for_rule(struct reading *reading)
{
	struct arena *arena = &reading->results->arena;
	size_t count = reading->rule_count,
	       room = reading->rule_room ? reading->rule_room * 2 : 256;
	if (count < reading->rule_room)
		return true;
	const struct rule **rules = arena_alloc(arena, room * sizeof(*rules));
	struct rule_tally *tallies = arena_alloc(arena, room * sizeof(*tallies));
	struct rule_override *overrides = arena_alloc(arena, room * sizeof(*overrides));
	if (!rules || !tallies || !overrides)
		return false;
	if (count) {
		memcpy(rules, reading->rules, count * sizeof(const struct rule *));
		memcpy(tallies, reading->tallies, count * sizeof(*tallies));
		memcpy(overrides, reading->overrides, count * sizeof(*overrides));
	}
	reading->rules = rules;
	reading->tallies = tallies;
	reading->overrides = overrides;
	reading->rule_room = room;
	return true;
}

static void start_rule(struct reading *reading)
{
	struct rule *rule = arena_alloc(&reading->results->arena, sizeof(*rule));
	reading->rule = rule;
	if (!rule || !room_for_rule(reading)) {
		reading_out_of_memory(reading);
		return;
	}
	struct rule_tally *tally = &reading->tallies[reading->rule_count];
	reading->override = &reading->overrides[reading->rule_count];
	reading->rules[reading->rule_count++] = rule;
	rule->id = reading_needed_text(reading, "id");
	rule->name = reading_needed_text(reading, "name");
	rule->severity = (enum cpis_severity)reading_choice(reading, "severity", severity_at,
							    CPIS_ERROR + 1);
	rule->basis = (enum cpis_basis)reading_choice(reading, "basis", basis_at, CPIS_BASIS_COUNT);
	tally->judged = reading_needed_size(reading, "judged");
	tally->failed = reading_needed_size(reading, "failed");
	tally->not_applicable = reading_needed_size(reading, "not-applicable");
	tally->blocked = reading_needed_size(reading, "blocked");
	if (reading_attribute(reading, "blocked-by").p)
		tally->blocked_by = stub(reading, reading_needed_text(reading, "blocked-by"));
}

static void start_override(struct reading *reading)
{
	unsigned to = reading_choice(reading, "to", override_at_word, CPIS_ERROR + 2);
	struct rule_override *override = reading->override;
	override->set = true;
	override->off = to == CPIS_ERROR + 1;
	override->severity = override->off ? reading->rule->severity : (enum cpis_severity)to;
	override->source = reading_text(reading, "source");
	reading->overridden = true;
}

/* Elements that are one text. */
#define TEXT(name, member)                                                                         \
	static void name(struct reading *reading, const char *text)                                \
	{                                                                                          \
		reading->member = reading_keep(reading, str_of(text));                             \
	}

TEXT(end_requirement_text, requirement->text)
TEXT(end_not_testable, requirement->not_testable)
TEXT(end_case_expected, one->expected)
TEXT(end_case_actual, one->actual)
TEXT(end_case_reason, one->reason)
TEXT(end_path, finding->path)
TEXT(end_sentence, finding->message)
TEXT(end_finding_fix, finding->fix)
TEXT(end_expected, finding->expected)
TEXT(end_actual, finding->actual)
TEXT(end_excerpt, finding->excerpt)
TEXT(end_waived, finding->waived)
TEXT(end_title, rule->title)
TEXT(end_rule_why, rule->why)
TEXT(end_rule_fix, rule->fix)
TEXT(end_cite, rule->cite)
TEXT(end_override, override->reason)

/* Elements that stand more than once have their parent beside them; names are few enough to walk.
 */
static const struct results_element elements[] = {
	{ NULL, "results", start_results, NULL },
	{ "results", "run", NULL, NULL },
	{ "run", "options", start_options, NULL },
	{ "options", "skipped-stage", NULL, end_skipped_stage },
	{ "run", "meta", start_meta, end_meta },
	{ "run", "command", NULL, NULL },
	{ "command", "word", NULL, end_word },
	{ "results", "summary", start_summary, NULL },
	{ "results", "pack", start_pack, NULL },
	{ "results", "requirement", start_requirement, NULL },
	{ "requirement", "text", NULL, end_requirement_text },
	{ "requirement", "not-testable", NULL, end_not_testable },
	{ "requirement", "shown-by", NULL, end_shown_by },
	{ "results", "case", start_case, NULL },
	{ "case", "shows", NULL, end_shows },
	{ "case", "tag", NULL, end_tag },
	{ "case", "expected", NULL, end_case_expected },
	{ "case", "actual", NULL, end_case_actual },
	{ "case", "reason", NULL, end_case_reason },
	{ "case", "judged", start_judged, NULL },
	{ "results", "message", start_message, NULL },
	{ "message", "layer", NULL, end_layer },
	{ "message", "omission", NULL, NULL },
	{ "omission", "what", NULL, end_what },
	{ "omission", "why", NULL, end_why },
	{ "results", "left-out", NULL, NULL },
	{ "left-out", "what", NULL, end_what },
	{ "left-out", "why", NULL, end_left_out },
	{ "message", "finding", start_finding, NULL },
	{ "finding", "path", NULL, end_path },
	{ "finding", "message", NULL, end_sentence },
	{ "finding", "fix", NULL, end_finding_fix },
	{ "finding", "expected", NULL, end_expected },
	{ "finding", "actual", NULL, end_actual },
	{ "finding", "excerpt", start_excerpt, end_excerpt },
	{ "finding", "waived", NULL, end_waived },
	{ "results", "rule", start_rule, NULL },
	{ "rule", "title", NULL, end_title },
	{ "rule", "why", NULL, end_rule_why },
	{ "rule", "fix", NULL, end_rule_fix },
	{ "rule", "cite", NULL, end_cite },
	{ "rule", "override", start_override, end_override },
};

const struct results_element *results_element_of(const char *parent, struct str name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		const struct results_element *element = &elements[i];
		bool here = parent ? element->parent && strcmp(element->parent, parent) == 0
				   : !element->parent;
		if (here && str_is(name, element->name))
			return element;
	}
	return NULL;
}
