#include "pack/message.h"

#include "pack/edit.h"
#include "pack/file.h"

/* Of one message of a pack, and of its edited form. */
static const size_t most_bytes = (size_t)1 << 30;

bool pack_case_needs_tree(const struct pack_case *test)
{
	const struct pack_expect *expect = test->expect;
	if (!expect)
		return false;
	if (expect->assert_count)
		return true;
	for (size_t i = 0; i < expect->finding_count; i++)
		if (expect->findings[i].at.text)
			return true;
	return false;
}

static void begin(struct pack_message *message)
{
	*message = (struct pack_message){ 0 };
	buf_init(&message->bytes, most_bytes);
}

static void plant(struct pack_message *message)
{
	if (tree_parse(&message->tree, buf_view(&message->bytes), &message->fault) != 0)
		message->tree = NULL;
}

static int fill(struct pack_message *message, const struct pack *pack, const struct pack_case *test,
		const struct pack_fixed *fixed, const char *path, struct pack_problems *problems)
{
	char why[256];
	if (!file_read(path, &message->bytes, why, sizeof(why))) {
		pack_problem(problems, pack->file, fixed->file.place,
			     "the message '%s' cannot be read: %s", fixed->file.text, why);
		return -1;
	}
	if (fixed->edit_count)
		return pack_edits_apply(pack->file, fixed->edits, fixed->edit_count,
					&message->bytes, &message->tree, problems);
	if (pack_case_needs_tree(test))
		plant(message);
	return 0;
}

int pack_message_open(struct pack_message *message, const struct pack *pack,
		      const struct pack_case *test, const struct pack_fixed *fixed,
		      struct pack_problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	begin(message);
	const char *path = arena_printf(&arena, "%s%s", pack->folder, fixed->file.text);
	int status = -1;
	if (path)
		status = fill(message, pack, test, fixed, path, problems);
	else
		pack_problem_internal(problems, pack->file, "out of memory");
	arena_release(&arena);
	if (status != 0)
		pack_message_close(message);
	return status;
}

bool pack_message_open_evidence(struct pack_message *message, const char *path,
				const struct pack_case *test, char *why, size_t bytes)
{
	begin(message);
	if (!file_read(path, &message->bytes, why, bytes)) {
		pack_message_close(message);
		return false;
	}
	if (pack_case_needs_tree(test))
		plant(message);
	return true;
}

void pack_message_close(struct pack_message *message)
{
	tree_free(message->tree);
	buf_release(&message->bytes);
	message->tree = NULL;
}
