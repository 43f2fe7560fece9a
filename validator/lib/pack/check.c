#include "pack/case.h"

#include "base/near.h"
#include "engine/engine.h"
#include "policy/waivers.h"
#include "xml/names.h"

#include <stdio.h>
#include <stdlib.h>

/* One pack being checked. */
struct checking {
	struct pack *pack;
	struct problems *problems;
};

static void complain(const struct checking *checking, struct config_place place, const char *text)
{
	problem_add(checking->problems, checking->pack->file, place, "%s", text);
}

static int by_text(const void *left, const void *right)
{
	const struct config_text *a = left, *b = right;
	int order = strcmp(a->text, b->text);
	if (order != 0)
		return order;
	return a->place.line < b->place.line ? -1 : a->place.line > b->place.line;
}

/* Ids that are used twice. stride: bytes from one id to the next. */
static void check_unique(const struct checking *checking, const char *file, const char *what,
			 const struct config_text *first, size_t stride, size_t count)
{
	struct config_text *ids = arena_alloc(&checking->pack->arena, count * sizeof(*ids) + 1);
	size_t given = 0;
	for (size_t i = 0; ids && i < count; i++) {
		const struct config_text *id = (const void *)((const char *)first + i * stride);
		if (id->text)
			ids[given++] = *id;
	}
	if (given)
		qsort(ids, given, sizeof(*ids), by_text);
	for (size_t i = 1; i < given; i++)
		if (strcmp(ids[i - 1].text, ids[i].text) == 0)
			problem_add(checking->problems, file, ids[i].place,
				    "%s '%s' is repeated: it is already on line %zu", what,
				    ids[i].text, ids[i - 1].place.line);
}

static void check_edits(const struct checking *checking, const struct pack_fixed *fixed,
			const char *complaint)
{
	if (fixed->edit_count && !fixed->file.text)
		complain(checking, fixed->edits[0].place, complaint);
	pack_edits_check(checking->pack->file, fixed->edits, fixed->edit_count, checking->problems);
}

static void check_source(const struct checking *checking, const struct pack_case *test)
{
	bool pair = test->request.file.text || test->response.file.text;
	bool evidence_pair = test->evidence_request.text || test->evidence_response.text;
	int given = (test->message.file.text != NULL) + (test->evidence.text != NULL) +
		    (test->exchange != NULL) + (test->manual != NULL) + pair + evidence_pair;
	if (given != 1)
		complain(checking, test->place,
			 "a case has exactly one of 'message', 'evidence', 'exchange', 'manual', "
			 "and 'request' with or without its 'response'");
	if (pair && !test->request.file.text)
		complain(checking, test->place, "a 'response' needs its 'request'");
	if (evidence_pair && !(test->evidence_request.text && test->evidence_response.text))
		complain(checking, test->place,
			 "an 'evidence-request' and its 'evidence-response' go together");
	if (test->files.given && !test->evidence.text)
		complain(checking, test->files.place, "'files' is about the slot of an 'evidence'");
	if (test->id.text && strcmp(test->id.text, EVIDENCE_CASE) == 0)
		complain(checking, test->id.place,
			 "the id " EVIDENCE_CASE " is reserved for the evidence as a whole");
	if (test->id.text && strcmp(test->id.text, WAIVERS_CASE) == 0)
		complain(checking, test->id.place,
			 "the id " WAIVERS_CASE " is reserved for the waivers as a whole");
	check_edits(checking, &test->message, "only a fixed 'message' can be edited");
	check_edits(checking, &test->request, "there is no 'request' to edit");
	check_edits(checking, &test->response, "there is no 'response' to edit");
	if (test->manual && test->expect)
		complain(checking, test->expect->place,
			 "a manual question expects nothing of a message");
	if (!test->manual && !test->expect)
		complain(checking, test->place, "a case has no 'expect'");
}

/* A name in an XPath: of an element of HL7, or of an attribute. */
struct xpath_name {
	struct str text;
	bool attribute;
};

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-' || c == '.' || (c & 0x80);
}

/* The rest of an XPath after the literal, number or sign that it starts with. */
static const char *after_other(const char *at)
{
	const char *close = *at == '\'' || *at == '"' ? strchr(at + 1, *at) : NULL;
	if (close)
		return close + 1;
	while (char_is_digit(*at) || *at == '.')
		at++;
	return *at && !is_name_character(*at) ? at + 1 : at;
}

static bool is_operator(struct str name)
{
	return str_is(name, "and") || str_is(name, "or") || str_is(name, "div") ||
	       str_is(name, "mod");
}

/* The next name from *at on, which moves to its end; false: there are no more. */
static bool next_name(const char *xpath, const char **at, struct xpath_name *name)
{
	while (**at) {
		const char *start = *at, *end = start;
		while (is_name_character(*end))
			end++;
		if (end == start || char_is_digit(*start) || *start == '.' || *start == '-') {
			*at = after_other(start);
			continue;
		}
		*at = end;
		bool axis = end[0] == ':' && end[1] == ':', prefix = *end == ':' && !axis;
		bool attribute = start > xpath && start[-1] == '@';
		bool of_prefix = start > xpath && start[-1] == ':' &&
				 (start - xpath < 2 || start[-2] != ':') &&
				 !(start - xpath >= 4 && memcmp(start - 4, "hl7:", 4) == 0);
		const char *next = end;
		while (*next == ' ')
			next++;
		*name = (struct xpath_name){ { start, (size_t)(end - start) }, attribute };
		if (!axis && !prefix && !of_prefix && *next != '(' && !is_operator(name->text) &&
		    (start == xpath || start[-1] != '$'))
			return true;
	}
	return false;
}

static bool is_known(struct xpath_name name)
{
	static const char *const of_hl7[] = { "realmCode", "typeId", "templateId" };
	char text[128];
	snprintf(text, sizeof(text), "%.*s", STR_ARG(name.text));
	for (size_t i = 0; i < sizeof(of_hl7) / sizeof(of_hl7[0]); i++)
		if (strcmp(text, of_hl7[i]) == 0)
			return true;
	return xml_names_find(name.attribute ? NS_NONE : NS_HL7, text) != 0;
}

/* What is absent because its name is misspelt proves nothing. */
static void check_names(const struct checking *checking, const struct config_text *xpath)
{
	const char *at = xpath->text;
	struct xpath_name name;
	char hint[128];
	if (engine_setup() != 0)
		return;
	while (next_name(xpath->text, &at, &name)) {
		if (is_known(name))
			continue;
		struct near near = near_start(name.text);
		for (size_t i = 1; i <= xml_names_count(); i++)
			if (xml_names_namespace((xml_name)i) == (name.attribute ? NS_NONE : NS_HL7))
				near_offer(&near, xml_names_local((xml_name)i));
		problem_add(checking->problems, checking->pack->file, xpath->place,
			    "no CP-IS message has %s '%.*s', so it is always absent%s",
			    name.attribute ? "an attribute" : "an element", STR_ARG(name.text),
			    problem_hint(&near, hint, sizeof(hint)));
	}
}

static void check_assert(const struct checking *checking, const struct pack_assert *assert)
{
	if (!assert->xpath.text == !assert->schematron.text)
		complain(checking, assert->place,
			 "an assertion has either an 'xpath' or a 'schematron'");
	if (assert->phase.text && !assert->schematron.text)
		complain(checking, assert->phase.place, "a 'phase' needs a 'schematron'");
	int given = assert->exists.given + assert->absent.given + assert->count.given +
		    (assert->equals.text != NULL) + (assert->not_equals.text != NULL) +
		    (assert->contains.text != NULL) + (assert->matches.text != NULL) +
		    (assert->in.items != NULL) + (assert->on.text != NULL) +
		    (assert->not_before.text != NULL) + (assert->not_after.text != NULL);
	if (given && assert->schematron.text)
		complain(checking, assert->place,
			 "a 'schematron' takes none of the tests of an 'xpath'");
	if (given != 1 && assert->xpath.text)
		complain(checking, assert->place,
			 "an assertion has exactly one of 'exists', 'absent', 'count', 'equals', "
			 "'not-equals', 'contains', 'matches', 'in', 'on', 'not-before' and "
			 "'not-after'");
	const struct config_number *flag = assert->exists.given ? &assert->exists : &assert->absent;
	if (flag->given && !flag->value)
		complain(checking, flag->place, "write 'exists: true' or 'absent: true'");
	if (assert->xpath.text &&
	    (assert->absent.given || (assert->count.given && !assert->count.value)))
		check_names(checking, &assert->xpath);
}

/* Whether its messages are a request and a reply. */
static bool has_two(const struct pack_case *test)
{
	const struct pack_exchange *exchange = test->exchange;
	if (exchange)
		return !exchange->reply.text ||
		       strcmp(exchange->reply.text, EXCHANGE_NO_REPLY) != 0;
	return test->request.file.text || test->evidence_request.text;
}

static void check_side(const struct checking *checking, const struct pack_case *test,
		       const struct config_number *side)
{
	if (side->given && !has_two(test))
		complain(checking, side->place,
			 "the case has a single message: 'of' needs a 'request' and a 'response'");
}

/* Only a server gives them. */
static void check_reply(const struct checking *checking, const struct pack_case *test,
			const struct pack_expect *expect)
{
	const struct config_number *status = &expect->status;
	bool sent = test->request.file.text && !test->response.file.text;
	if (status->given && !sent)
		complain(checking, status->place,
			 "'status' is about the reply of a server: it needs a 'request' without "
			 "'response'");
	if (expect->report.text && !sent)
		complain(checking, expect->report.place,
			 "'report' is about the reply of a server: it needs a 'request' without "
			 "'response'");
}

static void check_expect(const struct checking *checking, const struct pack_case *test,
			 const struct pack_expect *expect)
{
	const struct pack_records *records = expect->records;
	check_reply(checking, test, expect);
	if (records && !records->from.text && !test->given.text)
		complain(checking, records->place,
			 "the records have no 'from', and the case has no 'given'");
	for (size_t i = 0; i < expect->finding_count; i++)
		check_side(checking, test, &expect->findings[i].in);
	for (size_t i = 0; i < expect->assert_count; i++) {
		check_assert(checking, &expect->asserts[i]);
		check_side(checking, test, &expect->asserts[i].side);
	}
}

static const struct pack_requirement *find_requirement(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->requirement_count; i++)
		if (pack->requirements[i].id.text && strcmp(pack->requirements[i].id.text, id) == 0)
			return &pack->requirements[i];
	return NULL;
}

static void check_requirement_name(const struct checking *checking, const struct config_text *name)
{
	const struct pack *pack = checking->pack;
	const struct pack_requirement *requirement = find_requirement(pack, name->text);
	char hint[128];
	struct near near = near_start(str_of(name->text));
	for (size_t i = 0; i < pack->requirement_count; i++)
		if (pack->requirements[i].id.text)
			near_offer(&near, pack->requirements[i].id.text);
	if (!pack->requirements_file.text)
		complain(checking, name->place, "the pack names no file of 'requirements'");
	else if (!requirement && pack->requirements)
		problem_add(checking->problems, pack->file, name->place,
			    "there is no requirement '%s'%s", name->text,
			    problem_hint(&near, hint, sizeof(hint)));
	else if (requirement && requirement->not_testable.text)
		problem_add(checking->problems, pack->file, name->place,
			    "requirement '%s' is marked as not testable", name->text);
}

static bool is_shown(const struct pack *pack, const char *id)
{
	for (size_t i = 0; i < pack->case_count; i++)
		for (size_t k = 0; k < pack->cases[i].requirements.count; k++)
			if (strcmp(pack->cases[i].requirements.items[k].text, id) == 0)
				return true;
	return false;
}

static void check_coverage(const struct checking *checking)
{
	const struct pack *pack = checking->pack;
	for (size_t i = 0; i < pack->requirement_count; i++) {
		const struct pack_requirement *requirement = &pack->requirements[i];
		if (!requirement->id.text || requirement->not_testable.text ||
		    is_shown(pack, requirement->id.text))
			continue;
		problem_add(checking->problems, pack->requirements_path, requirement->place,
			    "no case shows requirement '%s': name it in one, or give the reason in "
			    "'not-testable'",
			    requirement->id.text);
	}
}

static void check_waiver(const struct checking *checking, const struct pack_waiver *waiver)
{
	const struct pack *pack = checking->pack;
	if (!waiver->case_id.text)
		return;
	char hint[128];
	struct near near = near_start(str_of(waiver->case_id.text));
	for (size_t i = 0; i < pack->case_count; i++) {
		if (!pack->cases[i].id.text)
			continue;
		if (strcmp(pack->cases[i].id.text, waiver->case_id.text) == 0)
			return;
		near_offer(&near, pack->cases[i].id.text);
	}
	problem_add(checking->problems, pack->file, waiver->case_id.place,
		    "there is no case '%s'%s", waiver->case_id.text,
		    problem_hint(&near, hint, sizeof(hint)));
}

/* Order is among exchanges, and of a case that comes before, so that there is no circle. */
static void check_exchange(const struct checking *checking, const struct pack_case *test)
{
	const struct pack_exchange *exchange = test->exchange;
	bool found = false;
	if (exchange->within.given && !exchange->after.text)
		complain(checking, exchange->within.place, "'within' is counted from an 'after'");
	for (const struct pack_case *before = checking->pack->cases; before < test; before++)
		found = found || (exchange->after.text && before->id.text && before->exchange &&
				  strcmp(before->id.text, exchange->after.text) == 0);
	if (exchange->after.text && !found)
		problem_add(checking->problems, checking->pack->file, exchange->after.place,
			    "there is no earlier case '%s' with an 'exchange'",
			    exchange->after.text);
}

/* What a pack accepts of a supplier is a waiver, under another name. */
static void check_known_failure(const struct checking *checking, const struct pack_case *test)
{
	const struct config_text *const more[] = { &test->known_failure_owner,
						   &test->known_failure_expires };
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i]->text && !test->known_failure.text)
			complain(checking, more[i]->place,
				 "this is about a 'known-failure', and the case has none");
	if (test->known_failure.text && (case_has_slot(test) || test->manual) &&
	    !case_has_owned_failure(test))
		complain(checking, test->known_failure.place,
			 "a known failure of a supplier's evidence or answer needs a "
			 "'known-failure-owner' and a 'known-failure-expires', as a waiver does");
}

static void check_case(const struct checking *checking, struct pack_case *test)
{
	size_t known = problems_count(checking->problems);
	check_source(checking, test);
	check_known_failure(checking, test);
	if (test->exchange)
		check_exchange(checking, test);
	if (test->expect)
		check_expect(checking, test, test->expect);
	for (size_t i = 0; i < test->requirements.count; i++)
		check_requirement_name(checking, &test->requirements.items[i]);
	test->faulty = test->faulty || problems_count(checking->problems) > known;
}

void pack_check(struct pack *pack, struct problems *problems)
{
	const struct checking checking = { pack, problems };
	if (pack->case_count)
		check_unique(&checking, pack->file, "case", &pack->cases->id, sizeof(*pack->cases),
			     pack->case_count);
	if (pack->requirement_count)
		check_unique(&checking, pack->requirements_path, "requirement",
			     &pack->requirements->id, sizeof(*pack->requirements),
			     pack->requirement_count);
	for (size_t i = 0; i < pack->case_count; i++)
		check_case(&checking, &pack->cases[i]);
	for (size_t i = 0; i < pack->waiver_count; i++)
		check_waiver(&checking, &pack->waivers[i]);
	check_coverage(&checking);
	if (pack->cases && !pack->case_count)
		complain(&checking, pack->place, "a pack has at least one case");
}
