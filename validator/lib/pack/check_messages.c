#include "pack/check.h"

#include "compare/dataset.h"
#include "base/files.h"
#include "pack/message.h"

/* One fixed message, open, and the case that it belongs to. */
struct checking {
	const char *file;
	const struct pack_fixed *fixed;
	enum pair_side side; /* where the case has two */
	const struct pack_message *message;
	struct arena *arena;
	struct problems *problems;
};

static void check_selects(const struct checking *checking, const struct config_text *at)
{
	if (!at->text)
		return;
	struct tree_value value;
	struct tree_fault fault;
	if (!checking->message->tree)
		problem_add(checking->problems, checking->file, at->place,
			    "'%s' cannot be asked of the message: %s", at->text,
			    checking->message->fault.text);
	else if (tree_evaluate(checking->message->tree, at->text, checking->arena, &value,
			       &fault) != 0)
		problem_add(checking->problems, checking->file, at->place, "'%s': %s", at->text,
			    fault.text);
	else if (value.kind != TREE_NODES)
		problem_add(checking->problems, checking->file, at->place,
			    "'%s' gives a value, and must select something in the message",
			    at->text);
	else if (!value.count)
		problem_add(checking->problems, checking->file, at->place,
			    "'%s' selects nothing in the message", at->text);
}

/* An assertion may well select nothing, but it must be possible to evaluate it. */
static void check_evaluates(const struct checking *checking, const struct config_text *xpath)
{
	struct tree_value value;
	struct tree_fault fault;
	if (!checking->message->tree)
		check_selects(checking, xpath);
	else if (tree_evaluate(checking->message->tree, xpath->text, checking->arena, &value,
			       &fault) != 0)
		problem_add(checking->problems, checking->file, xpath->place, "'%s': %s",
			    xpath->text, fault.text);
}

static bool is_of(const struct checking *checking, const struct config_number *side)
{
	return checking->side == (side->given ? (enum pair_side)side->value : SIDE_RESPONSE);
}

static void check_places(const struct checking *checking, const struct pack_expect *expect)
{
	for (size_t i = 0; expect && i < expect->finding_count; i++)
		if (is_of(checking, &expect->findings[i].in))
			check_selects(checking, &expect->findings[i].at);
	for (size_t i = 0; expect && i < expect->assert_count; i++)
		if (expect->asserts[i].xpath.text && is_of(checking, &expect->asserts[i].side))
			check_evaluates(checking, &expect->asserts[i].xpath);
}

static void check_fixed(struct checking *checking, const struct pack *pack,
			const struct pack_case *test)
{
	struct pack_message message;
	if (!checking->fixed->file.text || test->faulty ||
	    pack_message_open(&message, pack, test, checking->fixed, checking->problems) != 0)
		return;
	const struct arena_mark mark = arena_mark(checking->arena);
	checking->message = &message;
	check_places(checking, test->expect);
	checking->message = NULL;
	arena_rewind(checking->arena, mark);
	checking->message = NULL;
	pack_message_close(&message);
}

/* Data sets that cases name, each once. */

static const struct config_text *dataset_at(const struct pack *pack, size_t i)
{
	const struct pack_case *test = &pack->cases[i / 2];
	if (i % 2 == 0)
		return &test->given;
	return test->expect && test->expect->records ? &test->expect->records->from : NULL;
}

static bool is_new(const struct pack *pack, size_t i)
{
	const struct config_text *name = dataset_at(pack, i);
	if (!name || !name->text)
		return false;
	for (size_t k = 0; k < i; k++) {
		const struct config_text *before = dataset_at(pack, k);
		if (before && before->text && strcmp(before->text, name->text) == 0)
			return false;
	}
	return true;
}

static void check_dataset(const struct pack *pack, const struct config_text *name,
			  struct arena *arena, struct problems *problems)
{
	struct child_records records = { 0 };
	const char *path = arena_printf(arena, "%s%s", pack->folder, name->text);
	if (path && !files_is_there(path))
		problem_add(problems, pack->file, name->place, "the data set '%s' cannot be read",
			    name->text);
	else if (path)
		dataset_read(&records, arena, path, problems);
}

static void check_datasets(const struct pack *pack, struct arena *arena, struct problems *problems)
{
	for (size_t i = 0; i < pack->case_count * 2; i++) {
		const struct arena_mark mark = arena_mark(arena);
		if (is_new(pack, i))
			check_dataset(pack, dataset_at(pack, i), arena, problems);
		arena_rewind(arena, mark);
	}
}

void pack_check_messages(const struct pack *pack, struct problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < pack->case_count; i++) {
		const struct pack_case *test = &pack->cases[i];
		const struct pack_fixed *const all[] = { &test->message, &test->request,
							 &test->response };
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			struct checking checking = { .file = pack->file,
						     .fixed = all[k],
						     .side = k == 1 ? SIDE_REQUEST : SIDE_RESPONSE,
						     .arena = &arena,
						     .problems = problems };
			check_fixed(&checking, pack, test);
		}
	}
	check_datasets(pack, &arena, problems);
	if (arena.failed)
		problem_add_internal(problems, pack->file, "out of memory");
	arena_release(&arena);
}
