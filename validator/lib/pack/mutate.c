/* cpis_mutate_pack: faults in a pack's good messages that its cases would not catch. */
#include "cpis.h"

#include "config/value.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "message/identifiers.h"
#include "message/timestamp.h"
#include "pack/case.h"
#include "pack/documents.h"
#include "xml/tree.h"

#include <stdio.h>

/*
 * Good messages, each with one thing wrong. What can go wrong is read from the message itself: each
 * element and each attribute is dropped, duplicated, swapped, blanked, and given the wrong values
 * that people write: a check digit, a date, a count, a code, an id.
 */

struct mutant {
	const char *change; /* "drop", "wrong check digit" */
	const char *path;
	size_t line;
	struct str bytes; /* the whole document; gone when each returns */
};

enum { MOST_VALUE = 512 };

struct making {
	const struct xml_tree *tree;
	struct str bytes;
	struct arena *arena;
	struct buf document;
	int (*each)(void *context, const struct mutant *mutant);
	void *context;
	size_t line, counted; /* lines up to a place in the bytes */
};

static size_t line_of(struct making *making, size_t offset)
{
	if (offset < making->counted)
		making->counted = making->line = 0;
	for (; making->counted < offset; making->counted++)
		making->line += making->bytes.p[making->counted] == '\n';
	return making->line + 1;
}

/* The document with other text in place of one range of its bytes. */
static int replace(struct making *making, const char *change, const char *path,
		   struct tree_span span, struct str text)
{
	buf_reset(&making->document);
	buf_str(&making->document, (struct str){ making->bytes.p, span.start });
	buf_str(&making->document, text);
	buf_str(&making->document, str_from(making->bytes, span.end));
	const struct mutant mutant = { change, path, line_of(making, span.start),
				       buf_view(&making->document) };
	return making->document.failed ? -1 : making->each(making->context, &mutant);
}

static struct str slice(const struct making *making, struct tree_span span)
{
	return (struct str){ making->bytes.p + span.start, span.end - span.start };
}

/* Mistakes that people make, by the kind of value. Each fills out, or returns false. */

static bool wrong_check_digit(const char *name, struct str value, char *out)
{
	(void)name;
	struct nhs_number number = nhs_number_of(value);
	if (!nhs_number_is_valid(&number))
		return false;
	memcpy(out, value.p, 10);
	out[9] = (char)('0' + (out[9] - '0' + 1) % 10);
	out[10] = '\0';
	return true;
}

static bool is_time(struct str value)
{
	struct nhs_number number = nhs_number_of(value);
	bool year = value.n >= 8 && (str_starts(value, STR("19")) || str_starts(value, STR("20")));
	return year && !nhs_number_is_valid(&number) && moment_of(value).ok;
}

static bool day_that_does_not_exist(const char *name, struct str value, char *out)
{
	(void)name;
	if (!is_time(value))
		return false;
	memcpy(out, value.p, value.n);
	memcpy(out + 4, "0230", 4);
	out[value.n] = '\0';
	return true;
}

static bool a_century_on(const char *name, struct str value, char *out)
{
	(void)name;
	if (!is_time(value))
		return false;
	memcpy(out, value.p, value.n);
	memcpy(out, out[0] == '1' ? "20" : "21", 2);
	out[value.n] = '\0';
	return true;
}

static bool one_more(const char *name, struct str value, char *out)
{
	(void)name;
	if (value.n > 4 || !str_is_digits(value))
		return false;
	int number = 0;
	for (size_t i = 0; i < value.n; i++)
		number = number * 10 + value.p[i] - '0';
	snprintf(out, MOST_VALUE, "%d", number + 1);
	return true;
}

static bool code_that_does_not_exist(const char *name, struct str value, char *out)
{
	bool is_code = strcmp(name, "code") == 0 || strcmp(name, "use") == 0 ||
		       strcmp(name, "typeCode") == 0;
	snprintf(out, MOST_VALUE, "%.*sQ", STR_ARG(value));
	return is_code;
}

static bool other_oid(const char *name, struct str value, char *out)
{
	(void)name;
	size_t dots = 0;
	for (size_t i = 0; i < value.n; i++) {
		dots += value.p[i] == '.';
		if (value.p[i] != '.' && !char_is_digit(value.p[i]))
			return false;
	}
	snprintf(out, MOST_VALUE, "%.*s.7", STR_ARG(value));
	return dots > 3;
}

static bool id_of_other_letters(const char *name, struct str value, char *out)
{
	(void)name;
	if (value.n != 36 || value.p[8] != '-' || value.p[13] != '-')
		return false;
	for (size_t i = 0; i < value.n; i++)
		out[i] = value.p[i] >= 'A' && value.p[i] <= 'F' ? (char)(value.p[i] + 32)
								: value.p[i];
	out[value.n] = '\0';
	return !str_equal(value, (struct str){ out, value.n });
}

static const struct {
	const char *change;
	bool (*make)(const char *name, struct str value, char *out);
} wrongs[] = {
	{ "wrong check digit", wrong_check_digit },
	{ "a day that does not exist", day_that_does_not_exist },
	{ "a century later", a_century_on },
	{ "one more", one_more },
	{ "a code that does not exist", code_that_does_not_exist },
	{ "another OID", other_oid },
	{ "lower case", id_of_other_letters },
};

static int mutate_value(struct making *making, const char *path, const char *name,
			struct tree_span content)
{
	struct str value = slice(making, content);
	char out[MOST_VALUE];
	int status = 0;
	if (!value.n || value.n + 8 > sizeof(out))
		return 0;
	if (!str_is_blank(value))
		status = replace(making, "blank", path, content, STR(""));
	for (size_t i = 0; status == 0 && i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
		if (wrongs[i].make(name, value, out))
			status = replace(making, wrongs[i].change, path, content, str_of(out));
	return status;
}

static int mutate_attribute(struct making *making, struct tree_node node)
{
	struct tree_spans spans;
	struct tree_fault fault;
	const char *element, *attribute;
	if (tree_spans(making->tree, node, &spans, &fault) != 0)
		return 0;
	const char *path = tree_path(node, making->arena);
	tree_names(node, &element, &attribute);
	if (!path || !attribute)
		return -1;
	if (replace(making, "drop", path, spans.whole, STR("")) != 0)
		return -1;
	return mutate_value(making, path, attribute, spans.content);
}

/* Two elements with nothing but white space between them change places. */
static int swap(struct making *making, const char *path, struct tree_span first,
		struct tree_span second)
{
	struct tree_span between = { first.end, second.start };
	if (second.start < first.end || !str_is_blank(slice(making, between)))
		return 0;
	struct str a = slice(making, first), b = slice(making, second);
	if (str_equal(a, b))
		return 0;
	struct buf swapped;
	buf_init(&swapped, SIZE_MAX / 2);
	buf_str(&swapped, b);
	buf_str(&swapped, slice(making, between));
	buf_str(&swapped, a);
	int status = swapped.failed ? -1
				    : replace(making, "swap with the next", path,
					      (struct tree_span){ first.start, second.end },
					      buf_view(&swapped));
	buf_release(&swapped);
	return status;
}

static int mutate_element(struct making *making, struct tree_node node, const struct tree_spans *is,
			  const struct tree_spans *next)
{
	const char *element, *attribute, *path = tree_path(node, making->arena);
	tree_names(node, &element, &attribute);
	if (!path)
		return -1;
	if (replace(making, "drop", path, is->whole, STR("")) != 0 ||
	    replace(making, "duplicate", path, (struct tree_span){ is->whole.end, is->whole.end },
		    slice(making, is->whole)) != 0)
		return -1;
	if (next && swap(making, path, is->whole, next->whole) != 0)
		return -1;
	if (is->has_elements || is->empty_tag)
		return 0;
	return mutate_value(making, path, element, is->content);
}

/* The next element of the list that is not inside this one. */
static const struct tree_spans *next_outside(const struct tree_spans *spans, size_t i, size_t count)
{
	for (size_t k = i + 1; k < count; k++)
		if (spans[k].whole.start >= spans[i].whole.end)
			return &spans[k];
	return NULL;
}

static int mutate_elements(struct making *making, const struct tree_value *elements)
{
	struct tree_fault fault;
	struct tree_spans *spans = arena_alloc(making->arena, elements->count * sizeof(*spans) + 1);
	if (!spans)
		return -1;
	for (size_t i = 0; i < elements->count; i++)
		if (tree_spans(making->tree, elements->nodes[i], &spans[i], &fault) != 0)
			return -1;
	/* The root is what the message is. */
	for (size_t i = 1; i < elements->count; i++)
		if (mutate_element(making, elements->nodes[i], &spans[i],
				   next_outside(spans, i, elements->count)) != 0)
			return -1;
	return 0;
}

static int make_all(struct making *making)
{
	struct tree_value elements, attributes;
	struct tree_fault fault;
	if (tree_evaluate(making->tree, "//*", making->arena, &elements, &fault) != 0 ||
	    tree_evaluate(making->tree, "//@*", making->arena, &attributes, &fault) != 0)
		return -1;
	if (mutate_elements(making, &elements) != 0)
		return -1;
	for (size_t i = 0; i < attributes.count; i++)
		if (mutate_attribute(making, attributes.nodes[i]) != 0)
			return -1;
	return 0;
}

/* Call each with every mutant of a message, in order of the message. -1 when each returns -1, or
 * when out of memory. */
static int mutants_of(const struct xml_tree *tree, struct str bytes,
		      int (*each)(void *context, const struct mutant *mutant), void *context)
{
	struct arena arena;
	arena_init(&arena);
	struct making making = {
		.tree = tree, .bytes = bytes, .arena = &arena, .each = each, .context = context
	};
	buf_init(&making.document, SIZE_MAX / 2);
	int status = make_all(&making);
	if (arena.failed)
		status = -1;
	buf_release(&making.document);
	arena_release(&arena);
	return status;
}

/* Which of them a case notices. */

enum { MOST_WORDS = 1024 * 1024 };

struct mutating {
	const struct cpis_mutate_options *options;
	const struct pack *pack;
	const struct pack_case *test;
	const struct pack_fixed *fixed; /* one of the case's messages */
	const struct prepared *prepared;
	struct cpis_mutation_score *score;
	struct cpis_failure *failure;
};

static bool is_request(const struct mutating *mutating)
{
	return mutating->fixed == &mutating->test->request;
}

/* The other message of a pair; NULL where the case has one. */
static const struct pack_message *other_of(const struct mutating *mutating)
{
	if (mutating->fixed == &mutating->test->message)
		return NULL;
	return is_request(mutating) ? &mutating->prepared->response : &mutating->prepared->request;
}

/* Judge the mutant as the case judges its message, alone or with the other one of the pair. */
static int judge(const struct mutating *mutating, struct results *results, struct judged *mutant,
		 struct judged *other)
{
	const struct config_text *given = &mutating->pack->now;
	const long long now = given->text ? value_time_seconds(given->text) : 0;
	const struct engine_input input = { mutant->name, mutant->bytes, now };
	if (!other)
		return engine_judge(results, &input, mutating->failure);
	const struct engine_input beside = { other->name, other->bytes, now };
	if (is_request(mutating)) {
		other->request = mutant;
		return engine_judge_pair(results, &input, &beside, mutating->failure);
	}
	mutant->request = other;
	return engine_judge_pair(results, &beside, &input, mutating->failure);
}

/* Whether the case fails with the mutant in the place of its message. */
static int try_case(const struct mutating *mutating, struct case_run *run, struct judged mutant,
		    bool *noticed)
{
	struct results *results = run->session->results;
	const struct pack_message *beside = other_of(mutating);
	struct judged other = { .name = "other" };
	if (beside) {
		other.bytes = buf_view(&beside->bytes);
		other.documents = &beside->documents;
	}
	if (judge(mutating, results, &mutant, beside ? &other : NULL) != 0)
		return -1;
	struct judged *whole = beside && is_request(mutating) ? &other : &mutant;
	whole->count = results->message_count;
	expect_compare(run, whole);
	*noticed = run->faults > 0;
	return run->session->scratch.failed ? failure_out_of_memory(mutating->failure) : 0;
}

static int try_mutant(const struct mutating *mutating, struct results *results, struct str bytes,
		      bool *noticed)
{
	const struct cpis_pack_options options = { 0 };
	struct pack_session session = { .pack = mutating->pack,
					.options = &options,
					.results = results };
	arena_init(&session.scratch);
	session.waiver_used = arena_alloc(&session.scratch, mutating->pack->waiver_count + 1);
	struct case_run run = { .session = &session,
				.test = mutating->test,
				.prepared = mutating->prepared };
	buf_init(&run.reason, MOST_WORDS);
	buf_init(&run.expected, MOST_WORDS);
	buf_init(&run.actual, MOST_WORDS);
	struct pack_documents documents = { 0 };
	if (pack_case_needs_tree(mutating->pack, mutating->test))
		pack_documents_open(&documents, bytes, NULL, &results->options);
	const struct judged mutant = { .name = "mutant", .bytes = bytes, .documents = &documents };
	int status = session.waiver_used ? try_case(mutating, &run, mutant, noticed)
					 : failure_out_of_memory(mutating->failure);
	pack_documents_close(&documents);
	buf_release(&run.reason);
	buf_release(&run.expected);
	buf_release(&run.actual);
	arena_release(&session.scratch);
	return status;
}

static int on_mutant(void *context, const struct mutant *mutant)
{
	const struct mutating *mutating = context;
	struct cpis_results *results = NULL;
	const struct cpis_options options = { .now = mutating->options->now };
	bool noticed = false;
	if (cpis_results_new(&results, &options, mutating->failure) != 0)
		return -1;
	int status = try_mutant(mutating, results_inside(results), mutant->bytes, &noticed);
	cpis_results_free(results);
	if (status != 0)
		return -1;
	mutating->score->mutants++;
	mutating->score->noticed += noticed;
	const struct cpis_mutant survivor = {
		.case_id = mutating->test->id.text,
		.file = mutating->fixed->file.text,
		.change = mutant->change,
		.path = mutant->path,
		.line = mutant->line,
	};
	if (!noticed && mutating->options->survived)
		mutating->options->survived(mutating->options->context, &survivor);
	return 0;
}

/* One of the messages of a case, if the case says that it is good and leaves it unchanged. */
static const struct pack_fixed *good_message(const struct pack_case *test, size_t i)
{
	const struct pack_fixed *const all[] = { &test->message, &test->request, &test->response };
	const struct pack_expect *expect = test->expect;
	bool good = expect && expect->verdict.value == CPIS_PASS && !expect->finding_count &&
		    !expect->at_least.value && !test->known_failure.text;
	return good && all[i]->file.text && !all[i]->edit_count ? all[i] : NULL;
}

enum { MESSAGES_OF_A_CASE = 3 };

/* Several cases may take one message. */
static bool is_first(const struct pack *pack, size_t place)
{
	const struct pack_fixed *message =
		good_message(&pack->cases[place / MESSAGES_OF_A_CASE], place % MESSAGES_OF_A_CASE);
	for (size_t i = 0; message && i < place; i++) {
		const struct pack_fixed *before =
			good_message(&pack->cases[i / MESSAGES_OF_A_CASE], i % MESSAGES_OF_A_CASE);
		if (before && strcmp(before->file.text, message->file.text) == 0)
			return false;
	}
	return message != NULL;
}

static int mutate_message(struct mutating *mutating, const struct pack_message *message)
{
	struct xml_tree *tree = NULL;
	struct tree_fault fault;
	int status = 0;
	*mutating->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_NONE };
	if (tree_parse(&tree, buf_view(&message->bytes), &fault) == 0)
		status = mutants_of(tree, buf_view(&message->bytes), on_mutant, mutating);
	else if (fault.is_limit)
		status = failure_set(mutating->failure, CPIS_FAILURE_INTERNAL,
				     "a message cannot be changed: %s", fault.text);
	if (status != 0 && mutating->failure->kind == CPIS_FAILURE_NONE)
		failure_out_of_memory(mutating->failure);
	tree_free(tree);
	mutating->score->messages++;
	return status;
}

/* The message at this place of the pack, if it is a good one that was not met before. */
static int mutate_place(struct mutating *mutating, size_t place, struct data_sets *sets,
			struct problems *problems)
{
	const struct pack *pack = mutating->pack;
	if (!is_first(pack, place))
		return 0;
	mutating->test = &pack->cases[place / MESSAGES_OF_A_CASE];
	mutating->fixed = good_message(mutating->test, place % MESSAGES_OF_A_CASE);
	struct prepared prepared = { 0 };
	if (prepare_case(&prepared, pack, mutating->test, sets, problems) != 0)
		return problems_close(problems, NULL, NULL, mutating->failure);
	const struct pack_message *const all[] = { &prepared.message, &prepared.request,
						   &prepared.response };
	mutating->prepared = &prepared;
	int status = mutate_message(mutating, all[place % MESSAGES_OF_A_CASE]);
	mutating->prepared = NULL;
	prepared_release(&prepared);
	return status;
}

static int mutate_all(struct mutating *mutating)
{
	struct problems problems;
	struct data_sets sets;
	int status = 0;
	problems_init(&problems);
	data_sets_init(&sets);
	for (size_t i = 0; status == 0 && i < mutating->pack->case_count * MESSAGES_OF_A_CASE; i++)
		status = mutate_place(mutating, i, &sets, &problems);
	data_sets_release(&sets);
	problems_release(&problems);
	return status;
}

int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
		     struct cpis_mutation_score *score, struct cpis_failure *failure)
{
	struct problems problems;
	struct cpis_mutation_score made = { 0 };
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (cpis_rule_count() == 0)
		return failure_out_of_memory(failure);
	problems_init(&problems);
	struct pack *pack = pack_load(path, false, &problems);
	if (pack) {
		pack_check(pack, &problems);
		prepare_all(pack, &problems);
	}
	int status = problems_close(&problems, options->problem, options->context, failure);
	struct mutating mutating = {
		.options = options, .pack = pack, .score = &made, .failure = failure
	};
	if (status == 0 && pack)
		status = mutate_all(&mutating);
	if (status == 0)
		*score = made;
	pack_free(pack);
	return status;
}
