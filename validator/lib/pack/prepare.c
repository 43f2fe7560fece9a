#include "pack/case.h"

#include "base/arena.h"
#include "base/files.h"
#include "compare/compare.h"
#include "pack/evidence.h"
#include "xml/alloc.h"
#include "xml/schematron.h"

#include <stdlib.h>

/* Messages of the pack, and files of the evidence folder */

/* Of one message, and of its edited form. */
static const size_t most_bytes = (size_t)1 << 30;

bool pack_case_needs_tree(const struct pack *pack, const struct pack_case *test)
{
	const struct pack_expect *expect = test->expect;
	if (!expect)
		return false;
	if (expect->assert_count)
		return true;
	for (size_t i = 0; i < expect->finding_count; i++)
		if (expect->findings[i].at.text)
			return true;
	for (size_t i = 0; i < pack->waiver_count; i++)
		if (pack->waivers[i].at.text && pack->waivers[i].case_id.text &&
		    strcmp(pack->waivers[i].case_id.text, test->id.text) == 0)
			return true;
	return false;
}

static void begin(struct pack_message *message)
{
	*message = (struct pack_message){ 0 };
	buf_init(&message->bytes, most_bytes);
}

/* Edits after which the message is as it was say nothing of what a fault does. */
static int apply(struct pack_message *message, const struct pack *pack,
		 const struct pack_fixed *fixed, struct xml_tree **tree, struct problems *problems)
{
	struct buf before;
	buf_init(&before, most_bytes);
	buf_str(&before, buf_view(&message->bytes));
	int status = before.failed ? -1
				   : pack_edits_apply(pack->file, fixed->edits, fixed->edit_count,
						      &message->bytes, tree, problems);
	if (status == 0 && str_equal(buf_view(&before), buf_view(&message->bytes))) {
		problem_add(problems, pack->file, fixed->edits[0].place,
			    "the edits change nothing in '%s'", fixed->file.text);
		tree_free(*tree);
		*tree = NULL;
		status = -1;
	}
	buf_release(&before);
	return status;
}

static int fill(struct pack_message *message, const struct pack *pack, const struct pack_case *test,
		const struct pack_fixed *fixed, const char *path, struct problems *problems)
{
	char why[256];
	if (!files_read(path, &message->bytes, why, sizeof(why))) {
		problem_add(problems, pack->file, fixed->file.place,
			    "the message '%s' cannot be read: %s", fixed->file.text, why);
		return -1;
	}
	const struct cpis_options usual = { 0 };
	struct xml_tree *tree = NULL;
	if (fixed->edit_count && apply(message, pack, fixed, &tree, problems) != 0)
		return -1;
	if (pack_case_needs_tree(pack, test))
		pack_documents_open(&message->documents, buf_view(&message->bytes), tree, &usual);
	else
		tree_free(tree);
	return 0;
}

int pack_message_open(struct pack_message *message, const struct pack *pack,
		      const struct pack_case *test, const struct pack_fixed *fixed,
		      struct problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	begin(message);
	const char *path = pack_path(pack, &fixed->file, &arena, problems);
	int status = -1;
	if (path)
		status = fill(message, pack, test, fixed, path, problems);
	arena_release(&arena);
	if (status != 0)
		pack_message_close(message);
	return status;
}

bool pack_message_open_evidence(struct pack_message *message, const struct evidence_file *file,
				const struct pack *pack, const struct pack_case *test,
				const struct cpis_options *options, char *why, size_t bytes)
{
	begin(message);
	if (!evidence_read(file, &message->bytes, why, bytes)) {
		pack_message_close(message);
		return false;
	}
	if (pack_case_needs_tree(pack, test))
		pack_documents_open(&message->documents, buf_view(&message->bytes), NULL, options);
	return true;
}

void pack_message_close(struct pack_message *message)
{
	pack_documents_close(&message->documents);
	buf_release(&message->bytes);
}

/* Cases */

/* One case while it is prepared. */
struct preparing {
	const struct pack *pack;
	const struct pack_case *test;
	struct problems *problems;
	struct arena scratch;
	struct prepared made;
	bool failed; /* a message could not be opened */
};

/* Places in messages */

enum { CHECK_SECONDS = 1 };

/* Whether an expression can be evaluated at all. One that reaches a limit can: what becomes of it
 * is for the run, which has limits of its own. */
static bool evaluates(struct preparing *preparing, const struct xml_tree *tree, const char *xpath,
		      struct tree_value *value, struct tree_fault *fault)
{
	struct xml_budget *budget = tree_budget(tree);
	double seconds = budget->seconds;
	budget->seconds = budget->used + (double)CHECK_SECONDS;
	bool good = tree_evaluate(tree, xpath, &preparing->scratch, value, fault) == 0 ||
		    budget->exhausted;
	budget->seconds = seconds;
	budget->used = 0;
	budget->exhausted = NULL;
	return good;
}

/* The nodes that a place selects in all documents, or -1 with what is wrong among the problems. */
static int count_selected(struct preparing *preparing, const struct pack_message *message,
			  const struct config_text *at, bool only_nodes, size_t *count)
{
	const char *file = preparing->pack->file;
	const struct pack_documents *documents = &message->documents;
	const char *shown = masker_xpath(NULL, &preparing->scratch, at->text);
	*count = 0;
	if (!documents->count) {
		problem_add(preparing->problems, file, at->place,
			    "'%s' cannot be evaluated on the message: %s", shown,
			    documents->fault.text);
		return -1;
	}
	for (size_t i = 0; i < documents->count; i++) {
		const struct pack_document *document = &documents->items[i];
		struct tree_value value = { .count = 0 };
		struct tree_fault fault;
		if (!document->tree)
			problem_add(preparing->problems, file, at->place,
				    "'%s' cannot be evaluated on the message: %s", shown,
				    document->fault.text);
		else if (!evaluates(preparing, document->tree, at->text, &value, &fault))
			problem_add(preparing->problems, file, at->place, "'%s': %s", shown,
				    fault.text);
		else if (only_nodes && value.kind != TREE_NODES)
			problem_add(preparing->problems, file, at->place,
				    "'%s' gives a value, and must select something in the message",
				    shown);
		else {
			*count += value.count;
			continue;
		}
		return -1;
	}
	return 0;
}

static void check_selects(struct preparing *preparing, const struct pack_message *message,
			  const struct config_text *at)
{
	size_t count;
	if (count_selected(preparing, message, at, true, &count) == 0 && !count)
		problem_add(preparing->problems, preparing->pack->file, at->place,
			    "'%s' selects nothing in the message",
			    masker_xpath(NULL, &preparing->scratch, at->text));
}

/* An assertion may select nothing, but it must be possible to evaluate it. */
static void check_evaluates(struct preparing *preparing, const struct pack_message *message,
			    const struct config_text *xpath)
{
	size_t count;
	count_selected(preparing, message, xpath, false, &count);
}

static bool is_of(const struct config_number *given, enum pair_side side)
{
	return side == (given->given ? (enum pair_side)given->value : SIDE_RESPONSE);
}

static void check_places(struct preparing *preparing, const struct pack_message *message,
			 enum pair_side side)
{
	const struct pack_expect *expect = preparing->test->expect;
	for (size_t i = 0; expect && i < expect->finding_count; i++)
		if (expect->findings[i].at.text && is_of(&expect->findings[i].in, side))
			check_selects(preparing, message, &expect->findings[i].at);
	for (size_t i = 0; expect && i < expect->assert_count; i++)
		if (expect->asserts[i].xpath.text && is_of(&expect->asserts[i].side, side))
			check_evaluates(preparing, message, &expect->asserts[i].xpath);
}

static void open_message(struct preparing *preparing, const struct pack_fixed *fixed,
			 enum pair_side side, struct pack_message *message)
{
	if (!fixed->file.text)
		return;
	if (pack_message_open(message, preparing->pack, preparing->test, fixed,
			      preparing->problems) == 0)
		check_places(preparing, message, side);
	else
		preparing->failed = true;
}

/* Schematron */

static struct schematron *open_schematron(struct preparing *preparing,
					  const struct pack_assert *assert)
{
	const struct config_text *name = &assert->schematron;
	struct schematron *schematron = NULL;
	struct cpis_failure failure;
	const char *path =
		pack_path(preparing->pack, name, &preparing->scratch, preparing->problems);
	if (!path)
		return NULL;
	if (!files_is_there(path))
		problem_add(preparing->problems, preparing->pack->file, name->place,
			    "the Schematron file cannot be read");
	else if (schematron_open(&schematron, path, assert->phase.text, &failure) != 0)
		problem_add(preparing->problems, failure.file[0] ? failure.file : path,
			    (struct config_place){ failure.line, failure.column }, "%s",
			    failure.text);
	return schematron;
}

static void open_schematrons(struct preparing *preparing)
{
	const struct pack_expect *expect = preparing->test->expect;
	struct prepared *made = &preparing->made;
	size_t count = expect ? expect->assert_count : 0;
	if (!count)
		return;
	made->schematrons = calloc(count, sizeof(struct schematron *));
	if (!made->schematrons) {
		preparing->scratch.failed = true;
		return;
	}
	made->schematron_count = count;
	for (size_t i = 0; i < count; i++)
		if (expect->asserts[i].schematron.text)
			made->schematrons[i] = open_schematron(preparing, &expect->asserts[i]);
}

/* Data sets */

void data_sets_init(struct data_sets *sets)
{
	*sets = (struct data_sets){ 0 };
	arena_init(&sets->arena);
}

void data_sets_release(struct data_sets *sets)
{
	arena_release(&sets->arena);
	*sets = (struct data_sets){ 0 };
}

static void read_data_set(const struct preparing *preparing, struct data_sets *sets,
			  const struct config_text *name, struct child_records *records)
{
	const char *path = pack_path(preparing->pack, name, &sets->arena, preparing->problems);
	if (path && !files_is_there(path))
		problem_add(preparing->problems, preparing->pack->file, name->place,
			    "the data set '%s' cannot be read", name->text);
	else if (path)
		dataset_read(records, &sets->arena, path, preparing->problems);
}

/* The records of a data set, which is read when it is named for the first time. */
static const struct child_records *find_data_set(const struct preparing *preparing,
						 struct data_sets *sets,
						 const struct config_text *name)
{
	if (!name->text)
		return NULL;
	for (const struct data_set *set = sets->first; set; set = set->next)
		if (strcmp(set->name, name->text) == 0)
			return &set->records;
	struct data_set *set = arena_alloc(&sets->arena, sizeof(*set));
	if (!set)
		return NULL;
	*set = (struct data_set){ .name = name->text, .next = sets->first };
	sets->first = set;
	read_data_set(preparing, sets, name, &set->records);
	return &set->records;
}

static void find_data_sets(struct preparing *preparing, struct data_sets *sets)
{
	const struct pack_case *test = preparing->test;
	const struct pack_records *expected = test->expect ? test->expect->records : NULL;
	const struct child_records *given = find_data_set(preparing, sets, &test->given);
	if (!expected)
		return;
	preparing->made.records =
		expected->from.text ? find_data_set(preparing, sets, &expected->from) : given;
}

/* The whole case */

int prepare_case(struct prepared *prepared, const struct pack *pack, const struct pack_case *test,
		 struct data_sets *sets, struct problems *problems)
{
	struct preparing preparing = { .pack = pack, .test = test, .problems = problems };
	struct prepared *made = &preparing.made;
	size_t known = problems_count(problems);
	arena_init(&preparing.scratch);
	if (!test->faulty) {
		open_message(&preparing, &test->message, SIDE_RESPONSE, &made->message);
		open_message(&preparing, &test->request, SIDE_REQUEST, &made->request);
		open_message(&preparing, &test->response, SIDE_RESPONSE, &made->response);
	}
	open_schematrons(&preparing);
	find_data_sets(&preparing, sets);
	check_days(pack, test, made->records, problems);
	if (preparing.scratch.failed || sets->arena.failed)
		problem_add_internal(problems, pack->file, "out of memory");
	arena_release(&preparing.scratch);
	bool ready = !test->faulty && !preparing.failed && problems_count(problems) == known;
	made->ready = ready;
	if (ready)
		*prepared = *made;
	else
		prepared_release(made);
	return ready ? 0 : -1;
}

void prepare_all(const struct pack *pack, struct problems *problems)
{
	struct data_sets sets;
	data_sets_init(&sets);
	for (size_t i = 0; i < pack->case_count; i++) {
		struct prepared prepared = { 0 };
		prepare_case(&prepared, pack, &pack->cases[i], &sets, problems);
		prepared_release(&prepared);
	}
	data_sets_release(&sets);
}

size_t prepared_bytes(const struct prepared *prepared)
{
	return prepared->message.bytes.n + prepared->request.bytes.n + prepared->response.bytes.n;
}

void prepared_release(struct prepared *prepared)
{
	pack_message_close(&prepared->message);
	pack_message_close(&prepared->request);
	pack_message_close(&prepared->response);
	for (size_t i = 0; i < prepared->schematron_count; i++)
		schematron_close(prepared->schematrons[i]);
	free(prepared->schematrons);
	*prepared = (struct prepared){ 0 };
}
