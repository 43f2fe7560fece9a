/* What each element of a results document means: the other side of results_xml.c. */
#include "report/results_reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct str attribute(const struct reading *reading, const char *name)
{
	for (size_t i = 0; i < reading->tag->count; i++)
		if (!reading->tag->attributes[i].uri &&
		    strcmp(reading->tag->attributes[i].local, name) == 0)
			return reading->tag->attributes[i].value;
	return (struct str){ 0 };
}

static const char *keep(struct reading *reading, struct str text)
{
	const char *copy = text.p ? arena_copy(&reading->results->arena, text) : NULL;
	if (text.p && !copy)
		reading_out_of_memory(reading);
	return copy;
}

static void damaged(struct reading *reading, const char *name, struct str value)
{
	if (value.p)
		reading_fail(reading, reading->tag->offset, "%s/@%s cannot be \"%.*s\"",
			     reading->tag->local, name, (int)(value.n > 60 ? 60 : value.n),
			     value.p);
	else
		reading_fail(reading, reading->tag->offset, "%s has no %s", reading->tag->local,
			     name);
}

static const char *text_of(struct reading *reading, const char *name)
{
	return keep(reading, attribute(reading, name));
}

static const char *needed_text(struct reading *reading, const char *name)
{
	struct str value = attribute(reading, name);
	if (!value.p)
		damaged(reading, name, value);
	return keep(reading, value);
}

static bool number(struct str text, size_t *value)
{
	size_t made = 0;
	if (!str_is_digits(text) || text.n > 19)
		return false;
	for (size_t i = 0; i < text.n; i++)
		made = made * 10 + (size_t)(text.p[i] - '0');
	*value = made;
	return true;
}

/* 0 for one that is absent. */
static size_t size_of(struct reading *reading, const char *name)
{
	struct str text = attribute(reading, name);
	size_t value = 0;
	if (text.p && !number(text, &value))
		damaged(reading, name, text);
	return value;
}

static size_t needed_size(struct reading *reading, const char *name)
{
	if (!attribute(reading, name).p)
		damaged(reading, name, (struct str){ 0 });
	return size_of(reading, name);
}

/* The numbers of a list count from 1. */
static void check_number(struct reading *reading, size_t expected)
{
	if (needed_size(reading, "n") != expected)
		reading_fail(reading, reading->tag->offset, "%s/@n is %.*s where %zu comes next",
			     reading->tag->local, STR_ARG(attribute(reading, "n")), expected);
}

/* The place of a word in a list; the damage is told, and 0, where it is not in it. */
static unsigned choice(struct reading *reading, const char *name, const char *(*word)(unsigned),
		       unsigned count)
{
	struct str value = attribute(reading, name);
	for (unsigned i = 0; i < count; i++)
		if (str_is(value, word(i)))
			return i;
	damaged(reading, name, value);
	return 0;
}

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

static void digest_of(struct reading *reading, char digest[65])
{
	struct str value = attribute(reading, "sha256");
	bool good = value.n == 64;
	for (size_t i = 0; good && i < value.n; i++)
		good = char_is_digit(value.p[i]) || (value.p[i] >= 'a' && value.p[i] <= 'f');
	if (good)
		memcpy(digest, value.p, 64);
	else if (value.p)
		damaged(reading, "sha256", value);
}

/* "2027-01-31T12:00:00Z" */
static void read_date(struct reading *reading)
{
	struct str value = attribute(reading, "date");
	char text[32], *end;
	struct tm tm = { 0 };
	if (!value.p)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)(value.n > 30 ? 30 : value.n), value.p);
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		damaged(reading, "date", value);
	else
		reading->results->options.now = (long long)timegm(&tm);
}

static void start_results(struct reading *reading)
{
	struct results *results = reading->results;
	struct str ruleset = attribute(reading, "ruleset");
	results->tool = needed_text(reading, "tool");
	results->dms = needed_text(reading, "dms");
	if (ruleset.n >= sizeof(results->ruleset))
		damaged(reading, "ruleset", ruleset);
	else if (ruleset.n)
		memcpy(results->ruleset, ruleset.p, ruleset.n);
	read_date(reading);
	reading->claims.verdict =
		(enum cpis_verdict)choice(reading, "verdict", verdict_at, CPIS_FAIL + 1);
}

static void start_options(struct reading *reading)
{
	struct cpis_options *options = &reading->results->options;
	options->fail_on = (enum cpis_fail_on)choice(reading, "fail-on", fail_on_at, 3);
	options->show_values = (int)choice(reading, "values", values_at, 2);
	options->live = (int)choice(reading, "environment", environment_at, 2);
	options->schemas = text_of(reading, "schemas");
	options->as_type = text_of(reading, "as-type");
	options->max_input_bytes = size_of(reading, "max-input-bytes");
	options->max_depth = size_of(reading, "max-depth");
	options->max_attribute_bytes = size_of(reading, "max-attribute-bytes");
	options->max_findings = size_of(reading, "max-findings");
	reading->results->profile = text_of(reading, "profile");
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
	reading->name = needed_text(reading, "name");
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
	claims->messages = needed_size(reading, "messages");
	claims->records = needed_size(reading, "records");
	claims->cases = needed_size(reading, "cases");
	claims->waived = needed_size(reading, "waived-findings");
	claims->suppressed = needed_size(reading, "suppressed-findings");
	claims->omissions = needed_size(reading, "omissions");
	claims->turned_off = needed_size(reading, "turned-off-findings");
}

static void start_pack(struct reading *reading)
{
	struct pack_result *pack = results_add_pack(reading->results);
	if (!pack) {
		reading_out_of_memory(reading);
		return;
	}
	pack->name = needed_text(reading, "name");
	pack->version = text_of(reading, "version");
	pack->title = text_of(reading, "title");
	pack->specification = text_of(reading, "specification");
	pack->source = text_of(reading, "source");
	pack->case_count = needed_size(reading, "cases");
	digest_of(reading, pack->sha256);
}

static void start_requirement(struct reading *reading)
{
	struct requirement_result *requirement = results_add_requirement(reading->results);
	reading->requirement = requirement;
	if (!requirement) {
		reading_out_of_memory(reading);
		return;
	}
	requirement->pack = text_of(reading, "pack");
	requirement->id = needed_text(reading, "id");
	requirement->outcome =
		(enum case_outcome)choice(reading, "outcome", outcome_at, CASE_OUTCOME_COUNT);
	requirement->source = text_of(reading, "source");
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
	const char *copy = keep(reading, str_of(text));
	if (!*list || !copy) {
		*count = 0;
		reading_out_of_memory(reading);
		return;
	}
	(*list)[(*count)++] = copy;
}

static void end_requirement_text(struct reading *reading, const char *text)
{
	reading->requirement->text = keep(reading, str_of(text));
}

static void end_not_testable(struct reading *reading, const char *text)
{
	reading->requirement->not_testable = keep(reading, str_of(text));
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
	check_number(reading, reading->results->case_count);
	one->pack = needed_text(reading, "pack");
	one->id = needed_text(reading, "id");
	one->title = text_of(reading, "title");
	one->outcome =
		(enum case_outcome)choice(reading, "outcome", outcome_at, CASE_OUTCOME_COUNT);
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

static void end_case_expected(struct reading *reading, const char *text)
{
	reading->one->expected = keep(reading, str_of(text));
}

static void end_case_actual(struct reading *reading, const char *text)
{
	reading->one->actual = keep(reading, str_of(text));
}

static void end_case_reason(struct reading *reading, const char *text)
{
	reading->one->reason = keep(reading, str_of(text));
}

/* Cases judge messages one after another. */
static void start_judged(struct reading *reading)
{
	size_t message = needed_size(reading, "message");
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
	check_number(reading, reading->results->message_count);
	message->source = needed_text(reading, "source");
	message->type = text_of(reading, "type");
	message->title = text_of(reading, "title");
	message->recognised_by = text_of(reading, "recognised-by");
	digest_of(reading, message->sha256);
	message->bytes = needed_size(reading, "bytes");
	message->records = needed_size(reading, "records");
	message->verdict = (enum cpis_verdict)choice(reading, "verdict", verdict_at, CPIS_FAIL + 1);
	message->suppressed = needed_size(reading, "suppressed");
	message->turned_off = size_of(reading, "turned-off");
}

static void end_layer(struct reading *reading, const char *text)
{
	add_text(reading, &reading->message->layers, &reading->message->layer_count, text);
}

static void end_what(struct reading *reading, const char *text)
{
	reading->name = keep(reading, str_of(text));
}

static void end_why(struct reading *reading, const char *text)
{
	message_add_omission(reading->results, reading->message, reading->name ? reading->name : "",
			     text);
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
	check_number(reading, reading->message->finding_count);
	finding->rule = stub(reading, needed_text(reading, "rule"));
	finding->severity =
		(enum cpis_severity)choice(reading, "severity", severity_at, CPIS_ERROR + 1);
	finding->stage = (enum cpis_stage)choice(reading, "stage", stage_at, CPIS_STAGE_COUNT);
	finding->at = (struct place){ size_of(reading, "line"), size_of(reading, "column") };
	finding->inner =
		(struct place){ size_of(reading, "inner-line"), size_of(reading, "inner-column") };
	finding->offset = needed_size(reading, "offset");
	finding->layer = text_of(reading, "layer");
	finding->fingerprint = text_of(reading, "fingerprint");
}

static void end_path(struct reading *reading, const char *text)
{
	reading->finding->path = keep(reading, str_of(text));
}

static void end_sentence(struct reading *reading, const char *text)
{
	reading->finding->message = keep(reading, str_of(text));
}

static void end_finding_fix(struct reading *reading, const char *text)
{
	reading->finding->fix = keep(reading, str_of(text));
}

static void end_expected(struct reading *reading, const char *text)
{
	reading->finding->expected = keep(reading, str_of(text));
}

static void end_actual(struct reading *reading, const char *text)
{
	reading->finding->actual = keep(reading, str_of(text));
}

static void start_excerpt(struct reading *reading)
{
	reading->finding->caret = needed_size(reading, "caret");
}

static void end_excerpt(struct reading *reading, const char *text)
{
	reading->finding->excerpt = keep(reading, str_of(text));
}

static void end_waived(struct reading *reading, const char *text)
{
	reading->finding->waived = keep(reading, str_of(text));
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
	rule->id = needed_text(reading, "id");
	rule->name = needed_text(reading, "name");
	rule->severity =
		(enum cpis_severity)choice(reading, "severity", severity_at, CPIS_ERROR + 1);
	rule->basis = (enum cpis_basis)choice(reading, "basis", basis_at, CPIS_BASIS_COUNT);
	tally->judged = needed_size(reading, "judged");
	tally->failed = needed_size(reading, "failed");
	tally->not_applicable = needed_size(reading, "not-applicable");
	tally->blocked = needed_size(reading, "blocked");
	if (attribute(reading, "blocked-by").p)
		tally->blocked_by = stub(reading, needed_text(reading, "blocked-by"));
}

static void end_title(struct reading *reading, const char *text)
{
	reading->rule->title = keep(reading, str_of(text));
}

static void end_rule_why(struct reading *reading, const char *text)
{
	reading->rule->why = keep(reading, str_of(text));
}

static void end_rule_fix(struct reading *reading, const char *text)
{
	reading->rule->fix = keep(reading, str_of(text));
}

static void end_cite(struct reading *reading, const char *text)
{
	reading->rule->cite = keep(reading, str_of(text));
}

static void start_override(struct reading *reading)
{
	unsigned to = choice(reading, "to", override_at_word, CPIS_ERROR + 2);
	struct rule_override *override = reading->override;
	override->set = true;
	override->off = to == CPIS_ERROR + 1;
	override->severity = override->off ? reading->rule->severity : (enum cpis_severity)to;
	override->source = text_of(reading, "source");
	reading->overridden = true;
}

static void end_override(struct reading *reading, const char *text)
{
	reading->override->reason = keep(reading, str_of(text));
}

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
