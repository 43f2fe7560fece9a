#include "results/read.h"

#include "base/arena.h"
#include "diag/failure.h"
#include "engine/source.h"
#include "results/document.h"
#include "xml/reader.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_DEPTH = 8 };

static const size_t most_bytes = (size_t)1 << 30;

/* A document that needs more can only be damaged, or an attack. */
static const struct xml_limits limits = { .max_depth = 32,
					  .max_attribute_bytes = 16 * 1024 * 1024 };

/* An element that is open. */
struct frame {
	const char *name;
	const struct record *record; /* NULL: the element is one text, of member */
	const struct member *member;
	void *subject; /* the struct of record, or the one that member is of */
	uint64_t seen; /* bits of the members of record that have come */
};

struct reading {
	struct document document;
	const char *file;
	struct str bytes;
	struct cpis_failure *failure;
	bool failed; /* *failure has the reason */

	struct frame open[MOST_DEPTH];
	size_t depth;
	size_t passed_over;  /* elements open inside one that is not known */
	struct buf text;     /* of the innermost element */
	size_t next_message; /* that no case has judged yet */
};

/* Failures: the first one counts. */

static void find_place(const struct reading *reading, size_t offset)
{
	struct place place = { 1, 1 };
	for (size_t i = 0; i < offset && i < reading->bytes.n; i++) {
		unsigned char c = (unsigned char)reading->bytes.p[i];
		place.column += (c & 0xc0) != 0x80;
		if (c == '\n')
			place = (struct place){ place.line + 1, 1 };
	}
	reading->failure->line = place.line;
	reading->failure->column = place.column;
}

/* offset: of what is wrong, in the document. */
static void fail(struct reading *reading, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fail(struct reading *reading, size_t offset, const char *format, ...)
{
	va_list args;
	if (reading->failed)
		return;
	reading->failed = true;
	*reading->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(reading->failure->file, sizeof(reading->failure->file), "%s", reading->file);
	find_place(reading, offset);
	va_start(args, format);
	vsnprintf(reading->failure->text, sizeof(reading->failure->text), format, args);
	va_end(args);
}

static void fail_memory(struct reading *reading)
{
	if (reading->failed)
		return;
	reading->failed = true;
	*reading->failure =
		(struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
}

static void fail_value(struct reading *reading, const struct xml_tag *tag, const char *name,
		       struct str value)
{
	fail(reading, tag->offset, "%s/@%s cannot be \"%.*s\"", tag->local, name,
	     (int)(value.n > 60 ? 60 : value.n), value.p);
}

/* Values */

static const char *keep(struct reading *reading, struct str text)
{
	const char *copy = arena_copy(&reading->document.results.arena, text);
	if (!copy)
		fail_memory(reading);
	return copy;
}

static bool parse_size(struct str text, size_t *size)
{
	size_t made = 0;
	if (!str_is_digits(text) || text.n > 19)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		size_t digit = (size_t)(text.p[i] - '0');
		if (made > (SIZE_MAX - digit) / 10)
			return false;
		made = made * 10 + digit;
	}
	*size = made;
	return true;
}

static bool parse_count(struct str text, unsigned *count)
{
	size_t size;
	if (!parse_size(text, &size) || size > UINT_MAX)
		return false;
	*count = (unsigned)size;
	return true;
}

/* "2027-01-31T12:00:00Z" */
static bool parse_date(struct str value, long long *seconds)
{
	char text[32];
	struct tm tm = { 0 };
	snprintf(text, sizeof(text), "%.*s", (int)(value.n > 30 ? 30 : value.n), value.p);
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return false;
	*seconds = (long long)timegm(&tm);
	return true;
}

static bool parse_word(const struct words *words, struct str text, unsigned *value)
{
	for (unsigned i = 0; i < words->count; i++)
		if (words_at(words, i) && str_is(text, words_at(words, i))) {
			*value = i;
			return true;
		}
	return false;
}

/* Digests and the like: lower case and digits. */
static bool parse_chars(const struct member *member, struct str text, char *chars)
{
	bool digest = strcmp(member->name, "sha256") == 0 || strcmp(member->name, "digest") == 0;
	if (text.n >= member->size || (digest && text.n + 1 != member->size))
		return false;
	for (size_t i = 0; digest && i < text.n; i++)
		if (!char_is_digit(text.p[i]) && (text.p[i] < 'a' || text.p[i] > 'f'))
			return false;
	memcpy(chars, text.p, text.n);
	return true;
}

/* A rule of which only the id is known, until all rules are. */
static const struct rule *rule_stub(struct reading *reading, struct str id)
{
	struct rule *rule = arena_alloc(&reading->document.results.arena, sizeof(*rule));
	if (!rule)
		fail_memory(reading);
	else
		rule->id = keep(reading, id);
	return rule;
}

/* Attributes */

static struct str attribute_of(const struct xml_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->count; i++)
		if (!tag->attributes[i].uri && strcmp(tag->attributes[i].local, name) == 0)
			return tag->attributes[i].value;
	return (struct str){ 0 };
}

/* A value that is there, into its member; false where it cannot be one. */
static bool take_value(struct reading *reading, const struct member *member, struct str value,
		       void *place)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		*(const char **)place = keep(reading, value);
		return true;
	case MEMBER_RULE:
		*(const struct rule **)place = rule_stub(reading, value);
		return true;
	case MEMBER_SIZE:
	case MEMBER_PLACE:
		return parse_size(value, place);
	case MEMBER_WORD:
		return parse_word(member->words, value, place);
	case MEMBER_COUNT:
		return parse_count(value, place);
	case MEMBER_DATE:
		return parse_date(value, place);
	case MEMBER_CHARS:
		return parse_chars(member, value, place);
	default:
		return true;
	}
}

static void check_number(struct reading *reading, const struct xml_tag *tag, size_t expected)
{
	struct str value = attribute_of(tag, "n");
	size_t number;
	if (!parse_size(value, &number) || number != expected)
		fail(reading, tag->offset, "%s/@n is \"%.*s\" but should be %zu", tag->local,
		     STR_ARG(value), expected);
}

/* number: of the element in its list. */
static void read_attributes(struct reading *reading, const struct xml_tag *tag,
			    const struct record *record, void *subject, size_t number)
{
	for (size_t i = 0; i < record->count && !reading->failed; i++) {
		const struct member *member = &record->members[i];
		void *place = (char *)subject + member->offset;
		struct str value = { 0 };
		/* Of a case that judged nothing, where its first message would be. */
		if (member->kind == MEMBER_RANGE)
			*(size_t *)place = reading->next_message;
		if (!member_is_attribute(member) || member->flags & ECHO)
			continue;
		value = attribute_of(tag, member->name);
		if (!value.p && member->flags & NEEDED)
			fail(reading, tag->offset, "%s has no %s attribute", tag->local,
			     member->name);
		else if (member->kind == MEMBER_NUMBER)
			check_number(reading, tag, number);
		else if (value.p && !take_value(reading, member, value, place))
			fail_value(reading, tag, member->name, value);
	}
}

/* Contents */

/* A new entry at the end of a list, zeroed; NULL when out of memory. *count is what there are now.
 */
static void *add_entry(struct reading *reading, const struct member *member, void *subject,
		       size_t *count)
{
	void **list = (void **)(void *)((char *)subject + member->offset);
	size_t *number = (size_t *)(void *)((char *)subject + member->count_at);
	size_t room = *number ? 1 : 0;
	/* Lists grow by doubling, and not every struct has a member for the room. */
	while (room < *number)
		room *= 2;
	void *bigger = list_grown_in(&reading->document.results.arena, *list, *number, &room,
				     member->size);
	if (!bigger) {
		fail_memory(reading);
		return NULL;
	}
	*list = bigger;
	*count = ++*number;
	if (member->room_at)
		*(size_t *)(void *)((char *)subject + member->room_at) = room;
	return (char *)bigger + (*count - 1) * member->size;
}

/* Cases judge messages one after another. */
static void read_range(struct reading *reading, const struct xml_tag *tag,
		       const struct member *member, void *subject)
{
	size_t *first = (size_t *)(void *)((char *)subject + member->offset);
	size_t *count = (size_t *)(void *)((char *)subject + member->count_at);
	struct str value = attribute_of(tag, "message");
	size_t message;
	if (!parse_size(value, &message)) {
		fail(reading, tag->offset, "%s has no number of a message", tag->local);
		return;
	}
	if (!*count && message > reading->next_message)
		*first = message - 1;
	if (message != *first + *count + 1) {
		fail(reading, tag->offset, "message %zu is out of order", message);
		return;
	}
	++*count;
	reading->next_message = message;
}

static void end_leaf(struct reading *reading, const struct frame *frame, size_t offset)
{
	void *place = (char *)frame->subject + frame->member->offset;
	struct str text = buf_view(&reading->text);
	const char **entry;
	unsigned bit;
	size_t count;
	switch (frame->member->kind) {
	case MEMBER_LEAF:
		*(const char **)place = keep(reading, text);
		break;
	case MEMBER_LEAVES:
		entry = add_entry(reading, frame->member, frame->subject, &count);
		if (entry)
			*entry = keep(reading, text);
		break;
	case MEMBER_BITS:
		if (parse_word(frame->member->words, text, &bit))
			*(unsigned *)place |= 1u << bit;
		else
			fail(reading, offset, "%s cannot be \"%.60s\"", frame->name, text.p);
		break;
	default:
		break;
	}
}

static void end_record(struct reading *reading, const struct frame *frame, size_t offset)
{
	const struct record *record = frame->record;
	for (size_t i = 0; i < record->count; i++) {
		const struct member *member = &record->members[i];
		void *place = (char *)frame->subject + member->offset;
		if (member->kind == MEMBER_CONTENT)
			*(const char **)place = keep(reading, buf_view(&reading->text));
		else if (member_is_content(member) && member->flags & NEEDED &&
			 !(frame->seen & (uint64_t)1 << i))
			fail(reading, offset, "%s has no %s", frame->name, member->name);
	}
}

/* Elements */

static struct frame *push(struct reading *reading, const char *name, const struct record *record,
			  const struct member *member, void *subject)
{
	struct frame *frame = &reading->open[reading->depth++];
	*frame = (struct frame){ name, record, member, subject, 0 };
	buf_reset(&reading->text);
	return frame;
}

static void start_member(struct reading *reading, const struct xml_tag *tag,
			 const struct member *member, void *subject)
{
	size_t number = 0;
	if (member->kind == MEMBER_LIST)
		subject = add_entry(reading, member, subject, &number);
	if (!subject)
		return;
	push(reading, member->name, member->record, member, subject);
	if (member->kind == MEMBER_RANGE)
		read_range(reading, tag, member, subject);
	else if (member->record)
		read_attributes(reading, tag, member->record, subject, number);
}

static void start_root(struct reading *reading, const struct xml_tag *tag)
{
	static const char any_version[] = "urn:cpis:results:";
	size_t n = sizeof(any_version) - 1;
	if (strcmp(tag->local, "results") != 0 || !tag->uri ||
	    strncmp(tag->uri, any_version, n) != 0) {
		fail(reading, tag->offset, "this is not a results document: its root element is %s",
		     tag->local);
		return;
	}
	if (strcmp(tag->uri, document_namespace) != 0) {
		fail(reading, tag->offset,
		     "version %.40s of results documents is not supported: this program reads "
		     "version %s",
		     tag->uri + n, document_namespace + n);
		return;
	}
	push(reading, "results", &document_record, NULL, &reading->document);
	read_attributes(reading, tag, &document_record, &reading->document, 0);
}

/* The member that an element inside an open one is; NULL: it is not known, or only echoes. */
static const struct member *member_of(struct frame *frame, const struct xml_tag *tag)
{
	const struct record *record = frame->record;
	for (size_t i = 0; record && i < record->count; i++) {
		const struct member *member = &record->members[i];
		if (!member_is_content(member) || member->kind == MEMBER_CONTENT ||
		    member->flags & ECHO || strcmp(member->name, tag->local) != 0)
			continue;
		frame->seen |= (uint64_t)1 << i;
		return member;
	}
	return NULL;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	if (reading->depth == 0) {
		start_root(reading, tag);
		return reading->failed ? -1 : 0;
	}
	const struct member *member = NULL;
	struct frame *frame = &reading->open[reading->depth - 1];
	if (!reading->passed_over && reading->depth < MOST_DEPTH && tag->uri &&
	    strcmp(tag->uri, document_namespace) == 0)
		member = member_of(frame, tag);
	if (member)
		start_member(reading, tag, member, frame->subject);
	else
		reading->passed_over++;
	return reading->failed ? -1 : 0;
}

static int on_end(void *context, size_t offset)
{
	struct reading *reading = context;
	if (reading->passed_over) {
		reading->passed_over--;
		return 0;
	}
	const struct frame *frame = &reading->open[--reading->depth];
	if (reading->text.failed)
		fail_memory(reading);
	else if (frame->record)
		end_record(reading, frame, offset);
	else
		end_leaf(reading, frame, offset);
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

/* Rules, when all of them are known */

static int by_id(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;
	return strcmp((*x)->id, (*y)->id);
}

/* The rule of a stub's id becomes the one in the list. */
static void settle_rule(struct reading *reading, const struct rule *const *sorted,
			const struct rule **rule)
{
	size_t count = reading->document.results.rule_count;
	const struct rule *const *found =
		count ? bsearch(rule, sorted, count, sizeof(*sorted), by_id) : NULL;
	if (found)
		*rule = *found;
	else
		fail(reading, reading->bytes.n, "the rule %.40s is not in the list of rules",
		     (*rule)->id);
}

static void settle_finding(struct reading *reading, const struct rule *const *sorted,
			   struct finding *finding)
{
	settle_rule(reading, sorted, &finding->rule);
	if (finding->cause)
		settle_rule(reading, sorted, &finding->cause);
}

static void settle_findings(struct reading *reading, const struct rule *const *sorted)
{
	struct results *results = &reading->document.results;
	for (size_t i = 1; i < results->rule_count; i++)
		if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
			fail(reading, reading->bytes.n, "the rule %.40s is listed twice",
			     sorted[i]->id);
	for (size_t i = 0; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		message->doubt_count = message->doubt_room = message->written_doubts;
		message->behind_count = message->behind_room = message->written_behind;
		for (size_t k = 0; k < message->finding_count; k++)
			settle_finding(reading, sorted, &message->findings[k]);
		for (size_t k = 0; k < message->behind_count; k++)
			settle_finding(reading, sorted, &message->behind[k]);
		for (size_t k = 0; k < message->unlisted_count; k++)
			settle_rule(reading, sorted, &message->unlisted[k].rule);
	}
	for (size_t i = 0; i < results->rule_count; i++)
		if (results->tallies[i].blocked_by)
			settle_rule(reading, sorted, &results->tallies[i].blocked_by);
}

static void take_rule(struct results *results, const struct listed_rule *listed, size_t place,
		      struct rule_override *overrides)
{
	results->tallies[place] = listed->tally;
	if (!listed->changed_to)
		return;
	bool off = listed->changed_to == CHANGED_TO_OFF;
	overrides[place] = (struct rule_override){
		.set = true,
		.off = off,
		.severity =
			off ? listed->rule.severity : (enum cpis_severity)(listed->changed_to - 1),
		.reason = listed->reason,
		.source = listed->source,
	};
	results->overrides = overrides;
}

static void settle_rules(struct reading *reading)
{
	struct results *results = &reading->document.results;
	size_t count = reading->document.rule_count;
	struct arena *arena = &results->arena;
	const struct rule **rules = arena_alloc(arena, (count + 1) * sizeof(*rules));
	const struct rule **sorted = arena_alloc(arena, (count + 1) * sizeof(*sorted));
	struct rule_override *overrides = arena_alloc(arena, (count + 1) * sizeof(*overrides));
	results->tallies = arena_alloc(arena, (count + 1) * sizeof(*results->tallies));
	if (!rules || !sorted || !overrides || !results->tallies) {
		fail_memory(reading);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct rule *rule = &reading->document.rules[i].rule;
		take_rule(results, &reading->document.rules[i], i, overrides);
		rule->title = rule->title ? rule->title : rule->name;
		rules[i] = sorted[i] = rule;
	}
	if (count)
		qsort(sorted, count, sizeof(const struct rule *), by_id);
	results->rules = rules;
	results->rule_count = count;
	settle_findings(reading, sorted);
}

/* Whether counted messages can have their verdict. */
static bool can_be(const struct results *results, const struct unlisted_messages *unlisted)
{
	bool fails = (unlisted->errors && severity_fails(results, CPIS_ERROR)) ||
		     (unlisted->warnings && severity_fails(results, CPIS_WARNING));
	return !unlisted->messages || unlisted->verdict == CPIS_FAIL || !fails;
}

/* No message and no case may be better than what is listed of it: its verdict is what people read.
 */
static void check_verdicts(struct reading *reading)
{
	const struct results *results = &reading->document.results;
	size_t end = reading->bytes.n;
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		enum cpis_verdict verdict = message_verdict(results, message);
		if (message->verdict != verdict)
			fail(reading, end,
			     "the verdict of %s is given as %s, but what is listed comes to %s",
			     message->source, cpis_verdict_name(message->verdict),
			     cpis_verdict_name(verdict));
	}
	for (size_t i = 0; i < results->unlisted_count; i++)
		if (!can_be(results, &results->unlisted[i]))
			fail(reading, end, "messages with errors are counted as %s",
			     cpis_verdict_name(results->unlisted[i].verdict));
	for (size_t i = 0; i < results->case_count; i++)
		if (results->cases[i].outcome == CASE_PASSED && results->cases[i].fault_count)
			fail(reading, end, "the case %s is given as passed, but faults are listed",
			     results->cases[i].id);
}

/* What is counted by verdict, severity and outcome. Documents of others need not have it. */
static void check_counts(struct reading *reading, const struct summary *counted)
{
	const struct document *said = &reading->document;
	struct counted counts[DOCUMENT_MOST_COUNTS];
	struct document made = { .counts = NULL };
	document_count(&made, counted, counts);
	for (size_t i = 0; i < said->count_count; i++)
		for (size_t k = 0; k < made.count_count; k++)
			if (text_same(said->counts[i].of, counts[k].of) &&
			    text_same(said->counts[i].is, counts[k].is) &&
			    said->counts[i].number != counts[k].number)
				fail(reading, reading->bytes.n,
				     "the summary counts %zu of the %s as %s, but the document has "
				     "%zu",
				     said->counts[i].number, counts[k].of, counts[k].is,
				     counts[k].number);
}

/* Which rules, by their place, have a finding. NULL: out of memory. */
static bool *find_failed_rules(const struct results *results)
{
	struct rule_index *index = rule_index_new(results);
	bool *failed = calloc(results->rule_count + 1, sizeof(*failed));
	for (size_t i = 0; index && failed && i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++)
			failed[rule_index_of(index, message->findings[k].rule)] = true;
		for (size_t k = 0; k < message->unlisted_count; k++)
			failed[rule_index_of(index, message->unlisted[k].rule)] = true;
	}
	if (!index) {
		free(failed);
		failed = NULL;
	}
	rule_index_free(index);
	return failed;
}

/* A rule that failed has a finding, and one that could not be checked has a message that does not
 * pass. What is counted and not listed may be of any rule. */
static void check_rules(struct reading *reading, const struct summary *counted)
{
	const struct results *results = &reading->document.results;
	bool *failed = find_failed_rules(results);
	bool explained = counted->by_verdict[CPIS_FAIL] || counted->by_verdict[CPIS_INCOMPLETE] ||
			 counted->findings[CPIS_ERROR] || results_lack_parts(results);
	if (!failed)
		fail_memory(reading);
	for (size_t i = 0; failed && i < results->rule_count; i++) {
		const struct rule_tally *tally = &results->tallies[i];
		const struct rule_override *override = override_at(results, i);
		if (override && override->off)
			continue;
		if (tally->failed && !failed[i] && !counted->suppressed && !results->unlisted_count)
			fail(reading, reading->bytes.n,
			     "the rule %.40s is counted as failed, but no finding of it is listed",
			     results->rules[i]->id);
		if (tally->blocked && !explained)
			fail(reading, reading->bytes.n,
			     "the rule %.40s could not be checked, but every message is given as "
			     "passed",
			     results->rules[i]->id);
	}
	free(failed);
}

/* What the document says of itself must be true: a part that was cut out is missed here. */
static void check_summary(struct reading *reading)
{
	struct summary counted;
	summary_of(&reading->document.results, &counted);
	const struct summary *said = &reading->document.summary;
	const struct {
		const char *what;
		size_t said, counted;
	} numbers[] = {
		{ "messages", said->messages, counted.messages },
		{ "records", said->records, counted.records },
		{ "cases", said->cases, counted.cases },
		{ "waived findings", said->waived, counted.waived },
		{ "suppressed findings", said->suppressed, counted.suppressed },
		{ "omissions", said->omissions, counted.omissions },
		{ "findings of rules that are turned off", said->turned_off, counted.turned_off },
	};
	size_t end = reading->bytes.n;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].said != numbers[i].counted)
			fail(reading, end, "the summary says %zu %s, but the document has %zu",
			     numbers[i].said, numbers[i].what, numbers[i].counted);
	if (said->verdict != counted.verdict)
		fail(reading, end, "the verdict is given as %s, but the results come to %s",
		     cpis_verdict_name(said->verdict), cpis_verdict_name(counted.verdict));
	check_counts(reading, &counted);
	check_rules(reading, &counted);
	if (reading->next_message > counted.messages)
		fail(reading, end, "a case judged message %zu, which is missing",
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
		fail_memory(reading);
		break;
	case XML_MALFORMED:
	case XML_DOCTYPE:
	case XML_ENCODING:
	case XML_LIMIT:
		fail(reading, fault.offset, "%s", fault.text);
		break;
	}
	if (!reading->failed)
		settle_rules(reading);
	if (!reading->failed)
		check_verdicts(reading);
	if (!reading->failed)
		check_summary(reading);
	if (reading->document.results.arena.failed)
		fail_memory(reading);
}

struct results *results_read_new(void)
{
	return calloc(1, sizeof(struct results));
}

int results_read(struct results *results, struct str bytes, const char *file,
		 struct cpis_failure *failure)
{
	struct reading reading = {
		.document = { .results = *results },
		.file = file,
		.bytes = bytes,
		.failure = failure,
	};
	struct xml_reader *reader = xml_reader_new();
	buf_init(&reading.text, most_bytes);
	if (reader)
		read_document(&reading, reader);
	else
		fail_memory(&reading);
	buf_release(&reading.text);
	xml_reader_free(reader);
	*results = reading.document.results;
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
	if (source_has_changed(&source))
		status = failure_of_file(failure, path,
					 "the results were changed while they were read");
	source_close(&source);
	return status;
}
