#include "pack/check.h"

#include "pack/message.h"

/* One fixed message, open, and the case that it belongs to. */
struct checking {
	const char *file;
	const struct pack_message *message;
	struct arena *arena;
	struct pack_problems *problems;
};

static void check_selects(const struct checking *checking, const struct pack_text *at)
{
	if (!at->text)
		return;
	struct tree_value value;
	struct tree_fault fault;
	if (!checking->message->tree)
		pack_problem(checking->problems, checking->file, at->place,
			     "'%s' cannot be asked of the message: %s", at->text,
			     checking->message->fault.text);
	else if (tree_evaluate(checking->message->tree, at->text, checking->arena, &value,
			       &fault) != 0)
		pack_problem(checking->problems, checking->file, at->place, "'%s': %s", at->text,
			     fault.text);
	else if (value.kind != TREE_NODES)
		pack_problem(checking->problems, checking->file, at->place,
			     "'%s' gives a value, and must select something in the message",
			     at->text);
	else if (!value.count)
		pack_problem(checking->problems, checking->file, at->place,
			     "'%s' selects nothing in the message", at->text);
}

/* An assertion may well select nothing, but it must be possible to evaluate it. */
static void check_evaluates(const struct checking *checking, const struct pack_text *xpath)
{
	struct tree_value value;
	struct tree_fault fault;
	if (!checking->message->tree)
		check_selects(checking, xpath);
	else if (tree_evaluate(checking->message->tree, xpath->text, checking->arena, &value,
			       &fault) != 0)
		pack_problem(checking->problems, checking->file, xpath->place, "'%s': %s",
			     xpath->text, fault.text);
}

static void check_places(const struct checking *checking, const struct pack_expect *expect)
{
	for (size_t i = 0; expect && i < expect->finding_count; i++)
		check_selects(checking, &expect->findings[i].at);
	for (size_t i = 0; expect && i < expect->assert_count; i++)
		check_evaluates(checking, &expect->asserts[i].xpath);
}

void pack_check_messages(const struct pack *pack, struct pack_problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < pack->case_count; i++) {
		const struct pack_case *test = &pack->cases[i];
		struct pack_message message;
		if (!test->message.text || test->faulty ||
		    pack_message_open(&message, pack, test, problems) != 0)
			continue;
		const struct arena_mark mark = arena_mark(&arena);
		const struct checking checking = { pack->file, &message, &arena, problems };
		check_places(&checking, test->expect);
		arena_rewind(&arena, mark);
		pack_message_close(&message);
	}
	if (arena.failed)
		pack_problem_internal(problems, pack->file, "out of memory");
	arena_release(&arena);
}
