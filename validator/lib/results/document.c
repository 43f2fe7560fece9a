#include "results/document.h"

#include "results/markup.h"

#include <stddef.h>
#include <stdlib.h>

const char document_namespace[] = "urn:cpis:results:1";

/* Words of enums */

static const char *severity_at(unsigned value)
{
	return cpis_severity_name((enum cpis_severity)value);
}

static const char *verdict_at(unsigned value)
{
	return cpis_verdict_name((enum cpis_verdict)value);
}

static const char *stage_at(unsigned value)
{
	return cpis_stage_name((enum cpis_stage)value);
}

static const char *basis_at(unsigned value)
{
	return cpis_basis_name((enum cpis_basis)value);
}

static const char *outcome_at(unsigned value)
{
	return case_outcome_name((enum case_outcome)value);
}

static const char *change_at(unsigned value)
{
	if (!value)
		return NULL;
	return value == CHANGED_TO_OFF ? "off" : severity_at(value - 1);
}

static const char *const fate_words[] = { NULL, "expected", "unexpected" };
static const char *const source_words[] = { NULL, "evidence", "answer", "run" };
static const char *const answerer_words[] = { NULL, "supplier", "assessor" };
static const char *const fault_words[] = { NULL,	 "verdict",   "missing",
					   "unexpected", "assertion", "record" };

static const char *const yes_words[] = { NULL, "yes" };
static const struct words yes_or_nothing = { NULL, yes_words, 2 };
static const struct words fates = { NULL, fate_words, FATE_COUNT };
static const struct words sources = { NULL, source_words, CASE_SOURCE_COUNT };
static const struct words answerers = { NULL, answerer_words, ANSWERED_BY_COUNT };
static const struct words fault_kinds = { NULL, fault_words, FAULT_ABOUT_COUNT };
static const struct words severities = { severity_at, NULL, CPIS_ERROR + 1 };
static const struct words verdicts = { verdict_at, NULL, CPIS_FAIL + 1 };
static const struct words stages = { stage_at, NULL, CPIS_STAGE_COUNT };
static const struct words bases = { basis_at, NULL, CPIS_BASIS_COUNT };
static const struct words outcomes = { outcome_at, NULL, CASE_OUTCOME_COUNT };
static const struct words changes = { change_at, NULL, CHANGED_TO_OFF + 1 };

bool member_is_attribute(const struct member *member)
{
	return member->name && member->kind >= MEMBER_NUMBER && member->kind <= MEMBER_MADE;
}

bool member_is_content(const struct member *member)
{
	return member->name && member->kind >= MEMBER_CONTENT;
}

const char *words_at(const struct words *words, unsigned value)
{
	if (value >= words->count)
		return NULL;
	return words->list ? words->list[value] : words->word(value);
}

/* What is made for the document alone */

static const char *make_namespace(struct document *document, const void *subject)
{
	(void)document;
	(void)subject;
	return document_namespace;
}

/* Messages are asked for in order. */
static const struct case_result *case_of(struct document *document, const void *message)
{
	const struct message_result *judged = message;
	return case_of_message(&document->results, (size_t)(judged - document->results.messages),
			       &document->cursor);
}

static const char *make_partial(struct document *document, const void *subject)
{
	(void)subject;
	return results_partial(document->whole) ? "yes" : NULL;
}

static const char *make_digest(struct document *document, const void *subject)
{
	(void)subject;
	if (!document->digest[0])
		results_digest(&document->results, NULL, document->digest);
	return document->digest[0] ? document->digest : NULL;
}

static const char *make_pack(struct document *document, const void *message)
{
	const struct case_result *one = case_of(document, message);
	return one ? one->pack : NULL;
}

static const char *make_case(struct document *document, const void *message)
{
	const struct case_result *one = case_of(document, message);
	return one ? one->id : NULL;
}

static const char *make_outcome(struct document *document, const void *message)
{
	const struct case_result *one = case_of(document, message);
	return one ? case_outcome_name(one->outcome) : NULL;
}

/* What the counts of the summary are of. */
static const char *make_unread(struct document *document, const void *message)
{
	(void)document;
	const struct omission *unsaid = message_unsaid(message);
	return unsaid ? unsaid->why : NULL;
}

/*
 * The table, leaves first. OF is the struct of each list of members; a member whose type is not
 * that of its kind does not compile.
 */

#define TYPED(member, type) _Generic(&((OF *)0)->member, type * : offsetof(OF, member))
#define AS_UNSIGNED(member) (offsetof(OF, member) / (sizeof(((OF *)0)->member) == sizeof(int)))
#define ROW(as, is, with, ...)                                                                     \
	{                                                                                          \
		.name = (as), .kind = MEMBER_##is, .flags = (with), __VA_ARGS__                    \
	}

#define NUMBER()	   ROW("n", NUMBER, NEEDED, .offset = 0)
#define TEXT(as, with, at) ROW(as, TEXT, with, .offset = TYPED(at, const char *))
#define SIZE(as, at)	   ROW(as, SIZE, NEEDED, .offset = TYPED(at, size_t))
#define PLACE(as, at)	   ROW(as, PLACE, 0, .offset = TYPED(at, size_t))
#define DATE(as, at)	   ROW(as, DATE, 0, .offset = TYPED(at, long long))
#define WORD(as, at, of)   ROW(as, WORD, NEEDED, .offset = AS_UNSIGNED(at), .words = &(of))
/* No attribute for 0. */
#define MAYBE(as, at, of)  ROW(as, WORD, 0, .offset = AS_UNSIGNED(at), .words = &(of))
#define RULE(as, with, at) ROW(as, RULE, with, .offset = TYPED(at, const struct rule *))
/* Counted again when the document is read. */
#define COUNTED(as, at)	   ROW(as, PLACE, ECHO, .offset = TYPED(at, size_t))
#define MADE(as, by)	   ROW(as, MADE, ECHO, .make = (by))
#define CONTENT(at)	   ROW("", CONTENT, 0, .offset = TYPED(at, const char *))
#define LEAF(as, with, at) ROW(as, LEAF, with, .offset = TYPED(at, const char *))
#define PART(as, with, of) ROW(as, PART, with, .record = &of##_record)
#define CHARS(as, at)	   ROW(as, CHARS, 0, .offset = offsetof(OF, at), .size = sizeof(((OF *)0)->at))
#define RANGE(as, at, n)                                                                           \
	ROW(as, RANGE, 0, .offset = TYPED(at, size_t), .count_at = TYPED(n, size_t))
#define LEAVES(as, at, n)                                                                          \
	ROW(as, LEAVES, 0, .offset = TYPED(at, const char **), .size = sizeof(const char *),       \
	    .count_at = TYPED(n, size_t))
#define LIST_OF(as, with, at, n, room, of)                                                         \
	ROW(as, LIST, with, .offset = offsetof(OF, at), .size = sizeof(*((OF *)0)->at),            \
	    .count_at = TYPED(n, size_t), .room_at = (room), .record = &of##_record)
#define LIST(as, with, at, n, of) LIST_OF(as, with, at, n, 0, of)
/* One that results_add_... may add to later. */
#define ROOMY(as, at, stem, of) LIST_OF(as, 0, at, stem##_count, TYPED(stem##_room, size_t), of)

#define RECORD(of, is_optional)                                                                    \
	static const struct record of##_record = {                                                 \
		.members = of##_members,                                                           \
		.count = sizeof(of##_members) / sizeof(of##_members[0]),                           \
		.optional = (is_optional),                                                         \
	}

#define OF struct finding
static const struct member excerpt_members[] = {
	SIZE("caret", caret),
	CONTENT(excerpt),
};
RECORD(excerpt, true);

static const struct member finding_members[] = {
	NUMBER(),
	RULE("rule", NEEDED, rule),
	WORD("severity", severity, severities),
	WORD("stage", stage, stages),
	PLACE("line", at.line),
	PLACE("column", at.column),
	SIZE("offset", offset),
	TEXT("layer", 0, layer),
	PLACE("inner-line", inner.line),
	PLACE("inner-column", inner.column),
	PLACE("other-line", other.line),
	PLACE("other-column", other.column),
	TEXT("fingerprint", FILLED, fingerprint),
	MAYBE("fate", fate, fates),
	MAYBE("by-baseline", by_baseline, yes_or_nothing),
	RULE("cause", 0, cause),
	LEAF("path", FILLED, path),
	LEAF("message", 0, message),
	LEAF("fix", 0, fix),
	LEAF("expected", 0, expected),
	LEAF("actual", 0, actual),
	PART("excerpt", 0, excerpt),
	LEAF("waived", 0, waived),
};
RECORD(finding, false);
#undef OF

#define OF struct omission
static const struct member omission_members[] = {
	LEAF("what", NEEDED, what),
	LEAF("why", NEEDED, why),
};
RECORD(omission, false);
#undef OF

#define OF struct doubt
static const struct member doubt_members[] = {
	MAYBE("by-any-error", by_any_error, yes_or_nothing),
	MAYBE("listed", listed, yes_or_nothing),
	LEAF("what", NEEDED, what),
	LEAF("why", NEEDED, why),
};
RECORD(doubt, false);
#undef OF

#define OF struct unlisted
static const struct member unlisted_members[] = {
	RULE("rule", NEEDED, rule),
	WORD("severity", severity, severities),
	SIZE("number", count),
	MAYBE("may-be-accepted", unsure, yes_or_nothing),
};
RECORD(unlisted, false);
#undef OF

#define OF struct upload_place
static const struct member place_excerpt_members[] = {
	SIZE("caret", caret),
	CONTENT(excerpt),
};
RECORD(place_excerpt, true);

static const struct member upload_place_members[] = {
	NUMBER(),
	SIZE("offset", offset),
	PLACE("line", at.line),
	PLACE("column", at.column),
	TEXT("layer", 0, layer),
	PLACE("inner-line", inner.line),
	PLACE("inner-column", inner.column),
	LEAF("path", FILLED, path),
	PART("excerpt", 0, place_excerpt),
};
RECORD(upload_place, false);
#undef OF

#define OF struct upload_fact
static const struct member upload_fact_members[] = {
	NUMBER(),
	TEXT("organisation", NEEDED, organisation),
	TEXT("number", NEEDED, number),
	TEXT("made", 0, made),
	LIST("place", 0, places, place_count, upload_place),
};
RECORD(upload_fact, false);
#undef OF

#define OF struct message_result
static const struct member message_members[] = {
	NUMBER(),
	TEXT("source", NEEDED, source),
	TEXT("file", 0, file),
	TEXT("type", 0, type),
	TEXT("title", 0, title),
	TEXT("recognised-by", 0, recognised_by),
	CHARS("sha256", sha256),
	SIZE("bytes", bytes),
	SIZE("records", records),
	WORD("verdict", verdict, verdicts),
	SIZE("suppressed", suppressed),
	PLACE("turned-off", turned_off),
	MAYBE("paired", paired, yes_or_nothing),
	MADE("pack", make_pack),
	MADE("case", make_case),
	MADE("outcome", make_outcome),
	MADE("unread", make_unread),
	LEAVES("layer", layers, layer_count),
	LIST("omission", 0, omissions, omission_count, omission),
	LIST("doubt", 0, doubts, written_doubts, doubt),
	LIST("covered", 0, behind, written_behind, finding),
	LIST("unlisted", 0, unlisted, unlisted_count, unlisted),
	LIST("upload", 0, upload, upload_count, upload_fact),
	ROOMY("finding", findings, finding, finding),
};
const struct record message_record = {
	.members = message_members,
	.count = sizeof(message_members) / sizeof(message_members[0]),
};
#undef OF

#define OF struct expected_finding
static const struct member expects_members[] = {
	TEXT("rule", NEEDED, rule),
	SIZE("number", count),
	PLACE("missing", missing),
	LEAF("path", 0, path),
};
RECORD(expects, false);
#undef OF

#define OF struct case_fault
static const struct member fault_members[] = {
	MAYBE("about", about, fault_kinds),
	LEAF("text", NEEDED, text),
	LEAF("plain", 0, plain),
};
RECORD(fault, false);
#undef OF

#define OF struct value_change
static const struct member value_members[] = {
	TEXT("name", NEEDED, name),
	LEAF("expected", 0, expected),
	LEAF("found", 0, found),
};
RECORD(value, false);
#undef OF

#define OF struct record_change
static const struct member change_members[] = {
	TEXT("is", NEEDED, kind),
	TEXT("expected", 0, expected),
	TEXT("found", 0, found),
	LIST("value", 0, values, value_count, value),
};
RECORD(change, false);
#undef OF

#define OF struct case_result
static const struct member case_members[] = {
	NUMBER(),
	TEXT("pack", NEEDED, pack),
	TEXT("id", NEEDED, id),
	PLACE("line", line),
	WORD("outcome", outcome, outcomes),
	TEXT("title", 0, title),
	MAYBE("from", from, sources),
	MAYBE("answered-by", answered_by, answerers),
	LEAVES("shows", requirements, requirement_count),
	LEAVES("tag", tags, tag_count),
	LEAF("expected", 0, expected),
	LEAF("actual", 0, actual),
	LEAF("reason", 0, reason),
	ROOMY("expects", expects, expects, expects),
	ROOMY("fault", faults, fault, fault),
	ROOMY("record", records, record, change),
	RANGE("judged", first_message, message_count),
};
RECORD(case, false);
#undef OF

#define OF struct requirement_result
static const struct member requirement_members[] = {
	TEXT("pack", 0, pack),
	TEXT("id", NEEDED, id),
	WORD("outcome", outcome, outcomes),
	TEXT("source", 0, source),
	LEAF("text", 0, text),
	LEAF("not-testable", 0, not_testable),
	LEAVES("shown-by", cases, case_count),
};
RECORD(requirement, false);
#undef OF

#define OF struct pack_result
static const struct member pack_members[] = {
	TEXT("name", NEEDED, name), TEXT("version", 0, version),
	TEXT("title", 0, title),    TEXT("specification", 0, specification),
	TEXT("source", 0, source),  CHARS("sha256", sha256),
	CHARS("digest", digest),    SIZE("cases", case_count),
};
RECORD(pack, false);
#undef OF

#define OF struct input_result
static const struct member input_members[] = {
	TEXT("pack", 0, pack),	 TEXT("role", NEEDED, role), TEXT("name", NEEDED, name),
	CHARS("sha256", sha256), SIZE("bytes", bytes),
};
RECORD(input, false);
#undef OF

#define OF struct evidence_result
static const struct member evidence_members[] = {
	TEXT("name", NEEDED, name),
	CHARS("sha256", sha256),
	SIZE("bytes", bytes),
	TEXT("why", 0, why),
	LEAVES("fills", slots, slot_count),
};
RECORD(evidence, false);
#undef OF

#define OF struct sent_result
static const struct member sent_members[] = {
	TEXT("pack", NEEDED, pack), TEXT("file", NEEDED, file), TEXT("authority", 0, authority),
	TEXT("asid", 0, asid),	    TEXT("number", 0, number),	DATE("made", made),
};
RECORD(sent, false);
#undef OF

#define OF struct shard_result
static const struct member shard_members[] = {
	SIZE("number", number),	   SIZE("of", of), SIZE("files", files), CHARS("inputs", inputs),
	CHARS("listing", listing),
};
RECORD(shard, false);
#undef OF

#define OF struct root_result
static const struct member root_members[] = {
	TEXT("path", NEEDED, path),
	SIZE("kept", kept),
};
RECORD(root, false);
#undef OF

#define OF struct file_result
static const struct member file_members[] = {
	TEXT("path", NEEDED, path),
	CHARS("sha256", sha256),
	SIZE("bytes", bytes),
	MAYBE("beside", beside, yes_or_nothing),
	MAYBE("listed", listed, yes_or_nothing),
};
RECORD(file, false);
#undef OF

#define OF struct unlisted_messages
static const struct member unlisted_messages_members[] = {
	WORD("verdict", verdict, verdicts),
	SIZE("messages", messages),
	SIZE("records", records),
	SIZE("errors", errors),
	SIZE("warnings", warnings),
	SIZE("infos", infos),
	SIZE("waived-findings", waived),
	SIZE("suppressed-findings", suppressed),
	SIZE("omissions", omissions),
	SIZE("turned-off-findings", turned_off),
	PLACE("by-baseline", by_baseline),
	PLACE("unread", unread),
	PLACE("unrecognised", unrecognised),
	PLACE("uploads", uploads),
};
RECORD(unlisted_messages, false);
#undef OF

#define OF struct listed_rule
static const struct member override_members[] = {
	WORD("to", changed_to, changes),
	TEXT("source", 0, source),
	CONTENT(reason),
};
RECORD(override, true);

static const struct member rule_members[] = {
	TEXT("id", NEEDED, rule.id),
	TEXT("name", NEEDED, rule.name),
	WORD("severity", rule.severity, severities),
	WORD("basis", rule.basis, bases),
	SIZE("judged", tally.judged),
	SIZE("failed", tally.failed),
	SIZE("not-applicable", tally.not_applicable),
	SIZE("blocked", tally.blocked),
	RULE("blocked-by", 0, tally.blocked_by),
	LEAF("title", 0, rule.title),
	LEAF("why", 0, rule.why),
	LEAF("fix", 0, rule.fix),
	LEAF("cite", 0, rule.cite),
	PART("override", 0, override),
};
RECORD(rule, false);
#undef OF

#define OF struct named_value
static const struct member meta_members[] = {
	TEXT("name", NEEDED, name),
	CONTENT(value),
};
RECORD(meta, false);

static const struct member word_members[] = { CONTENT(value) };
RECORD(word, false);
#undef OF

#define OF struct counted
static const struct member count_members[] = {
	TEXT("of", 0, of),
	TEXT("is", 0, is),
	SIZE("number", number),
};
RECORD(count, false);
#undef OF

/* The judging options, as cpis_options.def has them. Time is the date of the document. */
#define LISTED(...) ((const char *const[]){ __VA_ARGS__ })
/* clang-format off */
#define OPTION_IN_FLAG(...)                                                                        \
	.kind = MEMBER_WORD,                                                                       \
	.words = &(const struct words){ NULL, LISTED(__VA_ARGS__),                                 \
					sizeof(LISTED(__VA_ARGS__)) / sizeof(const char *) }
/* clang-format on */
#define OPTION_IN_CHOICE(...)			   OPTION_IN_FLAG(__VA_ARGS__)
#define OPTION_IN_NUMBER(word, usual, least, most) .kind = MEMBER_COUNT
#define OPTION_IN_SIZE(word, usual, least, most)   .kind = MEMBER_PLACE
#define OPTION_IN_TEXT(word)			   .kind = MEMBER_TEXT
#define OPTION_IN_TEXTS(word, n)                                                                   \
	.kind = MEMBER_LEAVES, .size = sizeof(const char *),                                       \
	.count_at = offsetof(struct document, results.options.n)
#define OPTION_IN_STAGES(word) .kind = MEMBER_BITS, .words = &stages
#define OPTION_IN_TIME(word)   .kind = MEMBER_ABSENT

#define OF struct document
static const struct member options_members[] = {
#define JUDGING_OPTION(member, is, option, letter, recorded, commands, help, manual)               \
	{ .name = (recorded),                                                                      \
	  .offset = offsetof(struct document, results.options.member),                             \
	  OPTION_IN_##is },
#include "cpis_options.def"
	TEXT("profile", 0, results.profile),
};
RECORD(options, false);

static const struct member command_members[] = {
	LEAF("line", ECHO, command_line),
	ROOMY("word", results.command, results.command, word),
};
RECORD(command, true);

static const struct member run_members[] = {
	PART("options", NEEDED, options),
	MAYBE("joined", results.joined, yes_or_nothing),
	ROOMY("meta", results.meta, results.meta, meta),
	ROOMY("shard", results.shards, results.shard, shard),
	PART("command", 0, command),
};
RECORD(run, false);

static const struct member summary_members[] = {
	SIZE("messages", summary.messages),
	SIZE("records", summary.records),
	SIZE("cases", summary.cases),
	SIZE("waived-findings", summary.waived),
	SIZE("suppressed-findings", summary.suppressed),
	SIZE("omissions", summary.omissions),
	SIZE("turned-off-findings", summary.turned_off),
	COUNTED("unread", summary.unread),
	COUNTED("unrecognised", summary.unrecognised),
	LEAF("headline", ECHO, headline),
	LEAF("completeness", ECHO, completeness),
	LIST("count", 0, counts, count_count, count),
};
RECORD(summary, false);

static const struct member document_members[] = {
	MADE("xmlns", make_namespace),
	TEXT("tool", NEEDED, results.tool),
	CHARS("ruleset", results.ruleset.digest),
	TEXT("dms", NEEDED, results.dms),
	DATE("date", results.options.now),
	WORD("verdict", summary.verdict, verdicts),
	MAYBE("date-set", results.date_set, yes_or_nothing),
	MADE("partial", make_partial),
	MADE("digest", make_digest),
	PART("run", NEEDED, run),
	PART("summary", NEEDED, summary),
	ROOMY("pack", results.packs, results.pack, pack),
	ROOMY("input", results.inputs, results.input, input),
	LIST("evidence", 0, results.evidence, results.evidence_count, evidence),
	ROOMY("sent", results.sent, results.sent, sent),
	ROOMY("root", results.roots, results.root, root),
	ROOMY("file", results.files, results.file, file),
	ROOMY("requirement", results.requirements, results.requirement, requirement),
	ROOMY("case", results.cases, results.case, case),
	ROOMY("unlisted-messages", results.unlisted, results.unlisted, unlisted_messages),
	ROOMY("message", results.messages, results.message, message),
	ROOMY("left-out", results.left_out, results.left_out, omission),
	LIST("rule", 0, rules, rule_count, rule),
};
#undef OF

const struct record document_record = {
	.members = document_members,
	.count = sizeof(document_members) / sizeof(document_members[0]),
};

/* Writing */

struct writing {
	struct markup *markup;
	struct document *document;
};

static const void *at(const void *subject, size_t offset)
{
	return (const char *)subject + offset;
}

static const char *text_at(const void *subject, const struct member *member)
{
	const char *text = *(const char *const *)at(subject, member->offset);
	return text && !text[0] && member->flags & FILLED ? NULL : text;
}

static size_t size_at(const void *subject, size_t offset)
{
	return *(const size_t *)at(subject, offset);
}

/* Any other int that a caller takes for true is the last. */
static const char *word_of(const struct words *words, unsigned value)
{
	return words_at(words, value < words->count ? value : words->count - 1);
}

static void write_attribute(const struct writing *writing, const struct member *member,
			    const void *subject, size_t number)
{
	const void *place = at(subject, member->offset);
	const struct rule *rule;
	const char *value = NULL;
	char date[32];
	switch (member->kind) {
	case MEMBER_NUMBER:
		markup_attribute_size(writing->markup, member->name, number);
		return;
	case MEMBER_SIZE:
		markup_attribute_size(writing->markup, member->name, *(const size_t *)place);
		return;
	case MEMBER_PLACE:
		markup_attribute_place(writing->markup, member->name, *(const size_t *)place);
		return;
	case MEMBER_TEXT:
		value = text_at(subject, member);
		break;
	case MEMBER_CHARS:
		value = *(const char *)place ? place : NULL;
		break;
	case MEMBER_COUNT:
		markup_attribute_place(writing->markup, member->name, *(const unsigned *)place);
		return;
	case MEMBER_WORD:
		value = word_of(member->words, *(const unsigned *)place);
		break;
	case MEMBER_DATE:
		summary_time(date, *(const long long *)place);
		value = date[0] ? date : NULL;
		break;
	case MEMBER_RULE:
		rule = *(const struct rule *const *)place;
		value = rule ? rule->id : NULL;
		break;
	default:
		value = member->make(writing->document, subject);
		break;
	}
	markup_attribute(writing->markup, member->name, value);
}

static void write_leaves(const struct writing *writing, const struct member *member,
			 const void *subject)
{
	const char *const *entries = *(const char *const *const *)at(subject, member->offset);
	size_t count = size_at(subject, member->count_at);
	for (size_t i = 0; i < count; i++)
		markup_leaf(writing->markup, member->name, entries[i]);
}

static void write_bits(const struct writing *writing, const struct member *member,
		       const void *subject)
{
	unsigned bits = *(const unsigned *)at(subject, member->offset);
	for (unsigned i = 0; i < member->words->count; i++)
		if (bits & 1u << i)
			markup_leaf(writing->markup, member->name, words_at(member->words, i));
}

static void write_range(const struct writing *writing, const struct member *member,
			const void *subject)
{
	size_t first = size_at(subject, member->offset);
	size_t count = size_at(subject, member->count_at);
	for (size_t i = 0; i < count; i++) {
		markup_open(writing->markup, member->name);
		markup_attribute_size(writing->markup, "message", first + i + 1);
		markup_close(writing->markup);
	}
}

static bool has_value(const void *subject, const struct member *member)
{
	return member->kind == MEMBER_CONTENT ? text_at(subject, member) != NULL
					      : size_at(subject, member->count_at) > 0;
}

static void write_record(const struct writing *writing, const char *name,
			 const struct record *record, const void *subject, size_t number);

static void write_list(const struct writing *writing, const struct member *member,
		       const void *subject)
{
	const char *entries = *(const char *const *)at(subject, member->offset);
	size_t count = size_at(subject, member->count_at);
	for (size_t i = 0; i < count; i++)
		write_record(writing, member->name, member->record, entries + i * member->size,
			     i + 1);
}

static void write_content(const struct writing *writing, const struct member *member,
			  const void *subject)
{
	const struct record *record = member->record;
	const char *text;
	switch (member->kind) {
	case MEMBER_CONTENT:
		text = text_at(subject, member);
		markup_text(writing->markup, text ? text : "");
		break;
	case MEMBER_LEAF:
		markup_leaf(writing->markup, member->name, text_at(subject, member));
		break;
	case MEMBER_LEAVES:
		write_leaves(writing, member, subject);
		break;
	case MEMBER_BITS:
		write_bits(writing, member, subject);
		break;
	case MEMBER_RANGE:
		write_range(writing, member, subject);
		break;
	case MEMBER_PART:
		if (!record->optional || has_value(subject, &record->members[record->count - 1]))
			write_record(writing, member->name, record, subject, 0);
		break;
	case MEMBER_LIST:
		if (member->record == &message_record)
			writing->document->messages_at = writing->markup->out->n;
		write_list(writing, member, subject);
		break;
	default:
		break;
	}
}

static void write_record(const struct writing *writing, const char *name,
			 const struct record *record, const void *subject, size_t number)
{
	markup_open(writing->markup, name);
	for (size_t i = 0; i < record->count; i++)
		if (member_is_attribute(&record->members[i]))
			write_attribute(writing, &record->members[i], subject, number);
	for (size_t i = 0; i < record->count; i++)
		if (member_is_content(&record->members[i]))
			write_content(writing, &record->members[i], subject);
	markup_close(writing->markup);
}

/* The document of results, before it is written */

static void add_count(struct document *document, const char *of, const char *is, size_t number)
{
	document->counts[document->count_count++] = (struct counted){ of, is, number };
}

void document_count(struct document *document, const struct summary *summary,
		    struct counted counts[DOCUMENT_MOST_COUNTS])
{
	document->counts = counts;
	document->count_count = 0;
	for (size_t i = CPIS_FAIL + 1; i-- > 0;)
		add_count(document, "messages", cpis_verdict_name((enum cpis_verdict)i),
			  summary->by_verdict[i]);
	for (size_t i = CPIS_ERROR + 1; i-- > 0;)
		add_count(document, "findings", cpis_severity_name((enum cpis_severity)i),
			  summary->findings[i]);
	for (size_t i = CPIS_FAIL + 1; i-- > 0 && summary->cases;)
		add_count(document, "expected-messages", cpis_verdict_name((enum cpis_verdict)i),
			  summary->expected_messages[i]);
	for (size_t i = CPIS_ERROR + 1; i-- > 0 && summary->cases;)
		add_count(document, "expected-findings", cpis_severity_name((enum cpis_severity)i),
			  summary->expected_findings[i]);
	for (size_t i = 0; i < CASE_OUTCOME_COUNT && summary->cases; i++)
		add_count(document, "cases", case_outcome_name((enum case_outcome)i),
			  summary->by_outcome[i]);
	const struct {
		const char *is;
		size_t number;
	} rules[DOCUMENT_RULE_COUNTS] = {
		{ "judged", summary->rules_judged },   { "failed", summary->rules_failed },
		{ "idle", summary->rules_idle },       { "blocked", summary->rules_blocked },
		{ "not run", summary->rules_not_run }, { "off", summary->rules_off },
	};
	for (size_t i = 0; i < DOCUMENT_RULE_COUNTS; i++)
		add_count(document, "rules", rules[i].is, rules[i].number);
}

/* -1 when out of memory. */
static int list_rules(struct document *document, const struct results *results)
{
	document->rules = calloc(results->rule_count + 1, sizeof(*document->rules));
	if (!document->rules)
		return -1;
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_override *override = override_at(results, i);
		struct listed_rule *listed = &document->rules[document->rule_count++];
		listed->rule = *results->rules[i];
		listed->tally = results->tallies[i];
		if (!override)
			continue;
		listed->changed_to = override->off ? CHANGED_TO_OFF : 1 + override->severity;
		listed->source = override->source;
		listed->reason = override->reason ? override->reason : "";
	}
	return 0;
}

/* Texts that are made for the document alone. */
struct sentences {
	struct buf headline, completeness, command_line;
};

static bool make_sentences(struct document *document, struct sentences *made)
{
	buf_init(&made->headline, SIZE_MAX / 2);
	buf_init(&made->completeness, SIZE_MAX / 2);
	buf_init(&made->command_line, SIZE_MAX / 2);
	summary_headline(document->whole, &document->summary, &made->headline);
	summary_completeness(document->whole, &document->summary, &made->completeness);
	summary_command(&document->results, &made->command_line);
	document->headline = buf_view(&made->headline).p;
	document->completeness = buf_view(&made->completeness).p;
	document->command_line = buf_view(&made->command_line).p;
	return !made->headline.failed && !made->completeness.failed && !made->command_line.failed;
}

static void release_sentences(struct sentences *made)
{
	buf_release(&made->headline);
	buf_release(&made->completeness);
	buf_release(&made->command_line);
}

int results_xml_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	return results_xml_write_part(results, results, out, failure);
}

int results_xml_write_part(const struct results *whole, const struct results *part, struct buf *out,
			   struct cpis_failure *failure)
{
	size_t messages_at;
	return results_xml_write_around(whole, part, out, &messages_at, failure);
}

/* As in write_list, so that a message has the same bytes wherever it is written. */
int results_xml_write_message(const struct results *results, size_t message, struct buf *out,
			      size_t *number_at, size_t *number_end)
{
	static const char start[] = "\n <message n=\"";
	struct document document = { .results = *results, .whole = results };
	struct markup markup;
	size_t begin = out->n;
	markup_init_inside(&markup, out, 1);
	write_record(&(struct writing){ &markup, &document }, "message", &message_record,
		     &results->messages[message], 1);
	*number_at = begin + sizeof(start) - 1;
	*number_end = *number_at + 1;
	return markup.failed || out->failed || markup.depth != 1 ? -1 : 0;
}

int results_xml_write_around(const struct results *whole, const struct results *part,
			     struct buf *out, size_t *messages_at, struct cpis_failure *failure)
{
	struct counted counts[DOCUMENT_MOST_COUNTS];
	struct document document = { .results = *part, .whole = whole };
	struct sentences made;
	struct markup markup;
	document.results.tool = results_tool(whole);
	document.results.dms = results_dms(whole);
	document.results.ruleset = results_ruleset(whole);
	summary_of(whole, &document.summary);
	document_count(&document, &document.summary, counts);
	if (!make_sentences(&document, &made) || list_rules(&document, whole) != 0)
		out->failed = true;
	markup_init(&markup, out);
	write_record(&(struct writing){ &markup, &document }, "results", &document_record,
		     &document, 0);
	int status = markup_finish(&markup);
	*messages_at = document.messages_at;
	free(document.rules);
	release_sentences(&made);
	if (status == 0 || out->failed)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
					  .text = "the results document was put together wrongly" };
	return -1;
}
