/* The options of all commands: what they are called, what they say of themselves, what they set. */
#include "command.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The value of a choice, or -1. */
static int choose(const char *value, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	return -1;
}

static int set_help(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->help = true;
	return 0;
}

static int set_quiet(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->quiet = true;
	return 0;
}

static int set_show_values(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->options.show_values = 1;
	return 0;
}

/* The format of this name, as the library has it; NULL: there is none. */
const char *known_format(const char *format, size_t length)
{
	const char *summary, *name;
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++)
		if (strlen(name) == length && strncmp(name, format, length) == 0)
			return name;
	return NULL;
}

static int set_report(struct request *request, const char *value, const char **why)
{
	if (request->report_count == MOST_REPORTS) {
		*why = "that is more reports than there is room for";
		return -1;
	}
	const char *equals = strchr(value, '=');
	size_t length = equals ? (size_t)(equals - value) : strlen(value);
	const char *format = known_format(value, length);
	if (!format) {
		*why = "there is no such format: cpis validate --help lists them";
		return -1;
	}
	if (equals && !equals[1]) {
		*why = "the file's name is missing behind the =";
		return -1;
	}
	struct report_request *report = &request->reports[request->report_count++];
	*report = (struct report_request){ format, equals ? equals + 1 : NULL };
	return 0;
}

static int set_only_stages(struct request *request, const char *value, const char **why)
{
	static const char *const stages[] = { "transport", "xml", "schema", "rules" };
	unsigned wanted = 1u << CPIS_TRANSPORT | 1u << CPIS_XML;
	for (const char *p = value; *p;) {
		size_t n = strcspn(p, ",");
		char word[16] = { 0 };
		memcpy(word, p, n < sizeof(word) ? n : sizeof(word) - 1);
		int stage = choose(word, stages, CPIS_STAGE_COUNT);
		if (stage < 0) {
			*why = "the stages are xml, schema and rules, with commas between them";
			return -1;
		}
		wanted |= 1u << stage;
		p += n + (p[n] == ',');
	}
	request->options.skip_stages = ~wanted & ((1u << CPIS_STAGE_COUNT) - 1);
	return 0;
}

static int set_fail_on(struct request *request, const char *value, const char **why)
{
	static const char *const words[] = { "error", "warning", "never" };
	int choice = choose(value, words, 3);
	*why = "it is error, warning or never";
	if (choice < 0)
		return -1;
	request->options.fail_on = (enum cpis_fail_on)choice;
	return 0;
}

static int set_environment(struct request *request, const char *value, const char **why)
{
	static const char *const words[] = { "test", "live" };
	int choice = choose(value, words, 2);
	*why = "it is test or live";
	if (choice < 0)
		return -1;
	request->options.live = choice;
	return 0;
}

static int set_type(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->options.as_type = value;
	return 0;
}

static int set_schemas(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->options.schemas = value;
	return 0;
}

static int set_schematron(struct request *request, const char *value, const char **why)
{
	*why = "that is more than there is room for";
	if (request->options.schematron_count == MOST_SCHEMATRON)
		return -1;
	request->schematron[request->options.schematron_count++] = value;
	request->options.schematron = request->schematron;
	return 0;
}

static int set_profile(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->profile = value;
	return 0;
}

static int set_phase(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->options.phase = value;
	return 0;
}

static int set_now(struct request *request, const char *value, const char **why)
{
	*why = "it is a time such as 20260101120000+0000 or 2026-01-01T12:00:00Z";
	request->now_given = true;
	return cpis_time(value, &request->options.now);
}

static int set_jobs(struct request *request, const char *value, const char **why)
{
	char *end;
	unsigned long jobs = strtoul(value, &end, 10);
	*why = "it is a number from 1 to 64";
	if (*end || jobs < 1 || jobs > 64)
		return -1;
	request->options.jobs = (unsigned)jobs;
	return 0;
}

static int set_size(const char *value, size_t *size, const char **why)
{
	char *end;
	unsigned long long number = strtoull(value, &end, 10);
	unsigned shift = *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	*why = "it is a number above 0, k, M or G may follow";
	if (end == value || value[0] == '-' || number == 0 || end[shift != 0] ||
	    number > (unsigned long long)PTRDIFF_MAX >> shift)
		return -1;
	*size = (size_t)number << shift;
	return 0;
}

static int set_max_input(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_input_bytes, why);
}

static int set_max_depth(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_depth, why);
}

static int set_max_attribute(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_attribute_bytes, why);
}

static int set_max_decoded(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_decoded_bytes, why);
}

static int set_max_parts(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_parts, why);
}

static int set_max_layers(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_layers, why);
}

static int set_max_findings(struct request *request, const char *value, const char **why)
{
	return set_size(value, &request->options.max_findings, why);
}

static int set_meta(struct request *request, const char *value, const char **why)
{
	*why = strchr(value, '=') ? "that is more than there is room for" : "it is KEY=VALUE";
	if (!strchr(value, '=') || request->meta_count == MOST_META)
		return -1;
	request->meta[request->meta_count++] = value;
	return 0;
}

static int set_evidence(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->pack.evidence = value;
	return 0;
}

static int set_only_tag(struct request *request, const char *value, const char **why)
{
	*why = "that is more than there is room for";
	if (request->pack.only_count == MOST_TAGS)
		return -1;
	request->only_tags[request->pack.only_count++] = value;
	request->pack.only = request->only_tags;
	return 0;
}

static int set_skip_tag(struct request *request, const char *value, const char **why)
{
	*why = "that is more than there is room for";
	if (request->pack.skip_count == MOST_TAGS)
		return -1;
	request->skip_tags[request->pack.skip_count++] = value;
	request->pack.skip = request->skip_tags;
	return 0;
}

static int set_baseline(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->baseline = value;
	return 0;
}

static int set_update_baseline(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->update_baseline = true;
	return 0;
}

static int set_coverage(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->coverage = true;
	return 0;
}

static int set_min_score(struct request *request, const char *value, const char **why)
{
	char *end;
	unsigned long percent = strtoul(value, &end, 10);
	*why = "it is a number from 0 to 100";
	if (end == value || *end || value[0] == '-' || percent > 100)
		return -1;
	request->min_score = percent;
	return 0;
}

static int set_contains(struct request *request, const char *value, const char **why)
{
	(void)value, (void)why;
	request->contains = true;
	return 0;
}

static int set_format(struct request *request, const char *value, const char **why)
{
	static const char *const words[] = { "text", "csv", "json", "md", "mdoc" };
	*why = "it is text, csv, json, md or mdoc";
	if (choose(value, words, 5) < 0)
		return -1;
	request->format = value;
	return 0;
}

static int set_request(struct request *request, const char *value, const char **why)
{
	*why = "one request is judged at a time";
	if (request->pair_request)
		return -1;
	request->pair_request = value;
	return 0;
}

static int set_response(struct request *request, const char *value, const char **why)
{
	*why = "one response is judged at a time";
	if (request->pair_response)
		return -1;
	request->pair_response = value;
	return 0;
}

const struct option common_options[] = {
	{ "--help", 'h', NULL, "this help", set_help },
	{ "--quiet", 'q', NULL, "no text report on standard output", set_quiet },
	{ 0 },
};

const struct option judging_options[] = {
	{ "--report", 'r', "FORMAT[=FILE]", "write a report; without FILE to standard output",
	  set_report },
	{ "--only", 0, "STAGES", "judge these stages alone: xml,schema,rules", set_only_stages },
	{ "--fail-on", 0, "WEIGHT", "error (default), warning or never", set_fail_on },
	{ "--as", 0, "TYPE", "judge as this message type where the root element fits it",
	  set_type },
	{ "--schemas", 0, "DIR", "judge structure by your own copy of the DMS schemas",
	  set_schemas },
	{ "--schematron", 0, "FILE.sch", "judge by rules of your own too; may be repeated",
	  set_schematron },
	{ "--phase", 0, "NAME", "the phase of your own rules that is active", set_phase },
	{ "--profile", 0, "FILE.yaml", "weigh rules otherwise, or leave them out, with reasons",
	  set_profile },
	{ "--environment", 0, "WHERE", "test (default) or live", set_environment },
	{ "--show-values", 0, NULL, "write personal values out instead of masking them",
	  set_show_values },
	{ "--now", 0, "TIME", "the time that rules and report take for now", set_now },
	{ "--jobs", 'j', "N", "judge N files side by side", set_jobs },
	{ "--meta", 0, "KEY=VALUE", "who and what was judged: supplier, system, version ...",
	  set_meta },
	{ "--max-findings", 0, "N", "findings listed for a message (10000); all are counted",
	  set_max_findings },
	{ 0 },
};

const struct option opening_options[] = {
	{ "--max-input", 0, "BYTES", "largest file that is judged (4G)", set_max_input },
	{ "--max-depth", 0, "N", "deepest nesting of elements (256)", set_max_depth },
	{ "--max-attribute", 0, "BYTES", "longest attribute value (1M)", set_max_attribute },
	{ "--max-decoded", 0, "BYTES", "most that is decoded of one file, all layers together (1G)",
	  set_max_decoded },
	{ "--max-parts", 0, "N", "parts, members and payloads in one file (10000)", set_max_parts },
	{ "--max-layers", 0, "N", "layers around one document (16, the most)", set_max_layers },
	{ 0 },
};

const struct option validate_options[] = {
	{ "--request", 0, "FILE", "judge the response beside this request; needs --response",
	  set_request },
	{ "--response", 0, "FILE", "the response to the request, or the upload that follows it",
	  set_response },
	{ 0 },
};

const struct option pack_options[] = {
	{ "--only", 0, "TAG|ID", "run only cases with this tag or id; may be repeated",
	  set_only_tag },
	{ "--skip", 0, "TAG|ID", "leave out cases with this tag or id; may be repeated",
	  set_skip_tag },
	{ "--evidence", 0, "DIR", "the folder whose files fill the pack's slots", set_evidence },
	{ "--baseline", 0, "FILE", "findings that are accepted for now: only new ones fail",
	  set_baseline },
	{ "--update-baseline", 0, NULL, "write what is found now into the baseline",
	  set_update_baseline },
	{ "--coverage", 0, NULL, "list the rules that no case has exercised", set_coverage },
	{ 0 },
};

const struct option mutate_options[] = {
	{ "--min-score", 0, "PERCENT", "fail when less than this is noticed", set_min_score },
	{ "--now", 0, "TIME", "the time that rules take for now", set_now },
	{ 0 },
};

const struct option compare_options[] = {
	{ "--report", 'r', "FORMAT[=FILE]",
	  "text (default) or json; without FILE to standard output", set_report },
	{ "--contains", 0, NULL, "records that are not expected may be there too", set_contains },
	{ "--show-values", 0, NULL, "write personal values out instead of masking them",
	  set_show_values },
	{ 0 },
};

const struct option report_options[] = {
	{ "--report", 'r', "FORMAT[=FILE]", "write a report; without FILE to standard output",
	  set_report },
	{ 0 },
};

const struct option diff_options[] = {
	{ "--report", 'r', "FORMAT[=FILE]",
	  "text (default), md or json; without FILE to standard output", set_report },
	{ 0 },
};

const struct option rules_options[] = {
	{ "--format", 0, "FORMAT", "text (default), md, csv, json or mdoc", set_format },
	{ 0 },
};
