#include "pack/edit.h"

#include "pack/edit_kind.h"

void pack_edits_check(const char *file, const struct pack_edit *edits, size_t count,
		      struct problems *problems)
{
	for (size_t i = 0; i < count; i++) {
		const struct edit_kind *kind = edit_kind_at(edits[i].kind);
		const char *complaint = kind->complaint ? kind->complaint(&edits[i]) : NULL;
		if (complaint)
			problem_add(problems, file, edits[i].place, "%s", complaint);
	}
}

/* What is to be done to every node that the edit selects. */
static int plan(const struct editing *editing)
{
	const struct config_text *at = &editing->edit->at;
	const struct edit_kind *kind = edit_kind_at(editing->edit->kind);
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(editing->tree, at->text, editing->arena, &value, &fault) != 0)
		return edit_refuse(editing, at, fault.text);
	if (value.kind != TREE_NODES)
		return edit_refuse(editing, at,
				   "gives a value, and must select something in the message");
	if (!value.count)
		return edit_refuse(editing, at, "selects nothing in the message");
	if (kind->lone && value.count > 1)
		return edit_refuse(editing, at, "selects several, and must select one");
	for (size_t i = 0; i < value.count; i++) {
		struct tree_spans spans;
		if (tree_spans(editing->tree, value.nodes[i], &spans, &fault) != 0)
			return edit_refuse(editing, at, fault.text);
		if (kind->apply(editing, value.nodes[i], &spans) != 0)
			return -1;
	}
	return 0;
}

static int apply_one(const char *file, const struct pack_edit *edit, struct buf *bytes,
		     const struct xml_tree *tree, struct problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	struct splices splices = { 0 };
	const struct editing editing = { file,	 edit,	   buf_view(bytes), tree,
					 &arena, &splices, problems };
	int status = plan(&editing);
	if (status == 0 && (arena.failed || splices_apply(&splices, bytes) != 0)) {
		problem_add_internal(problems, file, "out of memory");
		status = -1;
	}
	splices_release(&splices);
	arena_release(&arena);
	return status;
}

int pack_edits_apply(const char *file, const struct pack_edit *edits, size_t count,
		     struct buf *bytes, struct xml_tree **tree, struct problems *problems)
{
	struct xml_tree *now = NULL;
	struct tree_fault fault;
	if (tree_parse(&now, buf_view(bytes), &fault) != 0) {
		problem_add(problems, file, edits[0].place, "the message cannot be edited: %s",
			    fault.text);
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		int status = apply_one(file, &edits[i], bytes, now, problems);
		tree_free(now);
		now = NULL;
		if (status != 0)
			return -1;
		if (tree_parse(&now, buf_view(bytes), &fault) != 0) {
			problem_add(problems, file, edits[i].place,
				    "the message is no longer well-formed after this edit: %s",
				    fault.text);
			return -1;
		}
	}
	*tree = now;
	return 0;
}
