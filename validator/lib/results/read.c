#include "results/read.h"

#include "engine/source.h"
#include "results/reading.h"
#include "results/summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char namespace[] = "urn:cpis:results:1";

static const size_t most_bytes = (size_t)1 << 30;

/* A tag with fewer elements in it than this can only be damage or an attack. */
static const struct xml_limits limits = { .max_depth = 32,
					  .max_attribute_bytes = 16 * 1024 * 1024 };

static void find_place(struct reading *reading, size_t offset, struct cpis_failure *failure)
{
	struct place place = { 1, 1 };
	for (size_t i = 0; i < offset && i < reading->bytes.n; i++) {
		unsigned char c = (unsigned char)reading->bytes.p[i];
		place.column += (c & 0xc0) != 0x80;
		if (c == '\n')
			place = (struct place){ place.line + 1, 1 };
	}
	failure->line = place.line;
	failure->column = place.column;
}

void reading_fail(struct reading *reading, size_t offset, const char *format, ...)
{
	va_list args;
	if (reading->failed)
		return;
	reading->failed = true;
	*reading->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(reading->failure->file, sizeof(reading->failure->file), "%s", reading->file);
	if (offset != SIZE_MAX)
		find_place(reading, offset, reading->failure);
	va_start(args, format);
	vsnprintf(reading->failure->text, sizeof(reading->failure->text), format, args);
	va_end(args);
}

void reading_out_of_memory(struct reading *reading)
{
	reading_fail(reading, SIZE_MAX, "memory is out");
	reading->failure->kind = CPIS_FAILURE_INTERNAL;
}

static void check_root(struct reading *reading, const struct xml_tag *tag)
{
	static const char any_version[] = "urn:cpis:results:";
	if (strcmp(tag->local, "results") != 0 || !tag->uri ||
	    strncmp(tag->uri, any_version, sizeof(any_version) - 1) != 0)
		reading_fail(reading, tag->offset, "this is no results document: it is a %s",
			     tag->local);
	else if (strcmp(tag->uri, namespace) != 0)
		reading_fail(reading, tag->offset,
			     "version %.40s of results is not known: this program reads %s",
			     tag->uri + sizeof(any_version) - 1,
			     namespace + sizeof(any_version) - 1);
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	if (reading->depth == 0)
		check_root(reading, tag);
	if (reading->failed)
		return -1;
	const char *parent = reading->depth ? reading->open[reading->depth - 1]->name : NULL;
	const struct results_element *element = NULL;
	if (!reading->passed_over && tag->uri && strcmp(tag->uri, namespace) == 0 &&
	    reading->depth < RESULTS_DEPTH)
		element = results_element_of(parent, str_of(tag->local));
	if (!element) {
		reading->passed_over++;
		return 0;
	}
	reading->open[reading->depth++] = element;
	buf_reset(&reading->text);
	reading->tag = tag;
	if (element->start)
		element->start(reading);
	reading->tag = NULL;
	return reading->failed ? -1 : 0;
}

static int on_end(void *context, size_t offset)
{
	struct reading *reading = context;
	if (reading->passed_over) {
		reading->passed_over--;
		return 0;
	}
	const struct results_element *element = reading->open[--reading->depth];
	if (reading->text.failed)
		reading_out_of_memory(reading);
	else if (element->end)
		element->end(reading, buf_view(&reading->text).p);
	if (reading->failed && !reading->failure->line &&
	    reading->failure->kind == CPIS_FAILURE_CONFIGURATION)
		find_place(reading, offset, reading->failure);
	return reading->failed ? -1 : 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct reading *reading = context;
	(void)offset;
	if (!reading->passed_over)
		buf_str(&reading->text, text);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;
	return strcmp((*x)->id, (*y)->id);
}

static const struct rule *find_rule(const struct rule *const *sorted, size_t count,
				    const struct rule *stub)
{
	const struct rule *const *found =
		count ? bsearch(&stub, sorted, count, sizeof(*sorted), by_id) : NULL;
	return found ? *found : NULL;
}

static void settle_rule(struct reading *reading, const struct rule *const *sorted,
			const struct rule **rule)
{
	const struct rule *known = find_rule(sorted, reading->rule_count, *rule);
	if (known)
		*rule = known;
	else
		reading_fail(reading, reading->bytes.n,
			     "there is no rule %.40s in the list of rules", (*rule)->id);
}

/* Every rule that was named becomes the one in the list. */
static void settle_rules(struct reading *reading)
{
	struct results *results = reading->results;
	size_t count = reading->rule_count;
	const struct rule **sorted = arena_alloc(&results->arena, (count + 1) * sizeof(*sorted));
	if (!sorted) {
		reading_out_of_memory(reading);
		return;
	}
	if (count) {
		memcpy(sorted, reading->rules, count * sizeof(const struct rule *));
		qsort(sorted, count, sizeof(const struct rule *), by_id);
	}
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
			reading_fail(reading, reading->bytes.n, "the rule %.40s is listed twice",
				     sorted[i]->id);
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			settle_rule(reading, sorted, &results->messages[i].findings[k].rule);
	for (size_t i = 0; i < count; i++)
		if (reading->tallies[i].blocked_by)
			settle_rule(reading, sorted, &reading->tallies[i].blocked_by);
	results->rules = reading->rules;
	results->rule_count = count;
	results->tallies = reading->tallies;
	results->overrides = reading->overridden ? reading->overrides : NULL;
}

/* What the document says of itself must be what is in it: a part that was cut out is missed here.
 */
static void check_claims(struct reading *reading)
{
	struct summary summary;
	summary_of(reading->results, &summary);
	const struct results_claims *claims = &reading->claims;
	const struct {
		const char *what;
		size_t claimed, counted;
	} numbers[] = {
		{ "messages", claims->messages, summary.messages },
		{ "records", claims->records, summary.records },
		{ "cases", claims->cases, summary.cases },
		{ "waived findings", claims->waived, summary.waived },
		{ "suppressed findings", claims->suppressed, summary.suppressed },
		{ "omissions", claims->omissions, summary.omissions },
		{ "findings that are turned off", claims->turned_off, summary.turned_off },
	};
	if (!claims->summed)
		reading_fail(reading, reading->bytes.n, "the summary is missing");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].claimed != numbers[i].counted)
			reading_fail(reading, reading->bytes.n,
				     "the summary counts %zu %s, and there are %zu",
				     numbers[i].claimed, numbers[i].what, numbers[i].counted);
	if (summary.verdict != claims->verdict)
		reading_fail(reading, reading->bytes.n,
			     "the verdict is said to be %s, and what stands here comes to %s",
			     cpis_verdict_name(claims->verdict),
			     cpis_verdict_name(summary.verdict));
	if (reading->next_message > summary.messages)
		reading_fail(reading, reading->bytes.n,
			     "a case has judged message %zu, which is not here",
			     reading->next_message);
}

static void read_document(struct reading *reading, struct xml_reader *reader)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	struct xml_fault fault = { 0 };
	switch (xml_read(reader, reading->bytes, &limits, &handler, reading, &fault)) {
	case XML_READ:
	case XML_STOPPED:
		break;
	case XML_INTERNAL:
		reading_out_of_memory(reading);
		break;
	case XML_MALFORMED:
	case XML_DOCTYPE:
	case XML_ENCODING:
	case XML_LIMIT:
		reading_fail(reading, fault.offset, "%s", fault.text);
		break;
	}
	if (!reading->failed)
		settle_rules(reading);
	if (!reading->failed)
		check_claims(reading);
	if (!reading->failed && reading->results->arena.failed)
		reading_out_of_memory(reading);
}

struct results *results_read_new(void)
{
	return calloc(1, sizeof(struct results));
}

int results_read(struct results *results, struct str bytes, const char *file,
		 struct cpis_failure *failure)
{
	struct reading reading = {
		.results = results, .file = file, .bytes = bytes, .failure = failure
	};
	struct xml_reader *reader = xml_reader_new();
	buf_init(&reading.text, most_bytes);
	if (reader)
		read_document(&reading, reader);
	else
		reading_out_of_memory(&reading);
	buf_release(&reading.text);
	xml_reader_free(reader);
	return reading.failed ? -1 : 0;
}

int results_read_file(struct results *results, const char *path, struct cpis_failure *failure)
{
	struct source source;
	const char *why = "it cannot be read";
	if (source_open(&source, path, most_bytes, &why) != 0) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
		snprintf(failure->file, sizeof(failure->file), "%s", path);
		snprintf(failure->text, sizeof(failure->text), "the results cannot be read: %s",
			 why);
		return -1;
	}
	int status = results_read(results, source.bytes, path, failure);
	source_close(&source);
	return status;
}
