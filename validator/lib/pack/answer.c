#include "pack/answer.h"

#include "base/files.h"

enum { MOST_BYTES = 4 * 1024 * 1024 };

static void read_list(struct pack_session *session, struct arena *arena, const char *path,
		      struct problems *problems)
{
	char why[256];
	struct buf bytes;
	buf_init(&bytes, MOST_BYTES);
	struct yaml_node *root = NULL;
	if (files_read(path, &bytes, why, sizeof(why)))
		root = yaml_read(arena, path, buf_view(&bytes), problems);
	else
		problem_add(problems, path, (struct config_place){ 0, 0 }, "cannot be read: %s",
			    why);
	if (root) {
		const struct loader loader = { arena, path, problems };
		void *items = NULL;
		load_list(&loader, &pack_answer_mapping, root, &items, &session->answer_count);
		session->answers = items;
	}
	buf_release(&bytes);
}

int answers_read(struct pack_session *session, struct arena *arena, struct cpis_failure *failure)
{
	if (!session->options->evidence)
		return 0;
	const char *path = arena_printf(arena, "%s/answers.yaml", session->options->evidence);
	if (path && !files_is_there(path))
		return 0;
	struct problems problems;
	problems_init(&problems);
	if (path)
		read_list(session, arena, path, &problems);
	if (arena->failed)
		problem_add_internal(&problems, path, "out of memory");
	int status = problems_any(&problems) ? -1 : 0;
	if (status != 0)
		problems_summary(&problems, failure);
	problems_release(&problems);
	return status;
}

const struct pack_answer *answer_of(const struct pack_session *session,
				    const struct pack_case *test)
{
	const struct pack_answer *found = NULL;
	for (size_t i = 0; i < session->answer_count; i++) {
		const struct pack_answer *answer = &session->answers[i];
		bool pack = !answer->pack.text ||
			    strcmp(answer->pack.text, session->pack->name.text) == 0;
		if (pack && strcmp(answer->case_id.text, test->id.text) == 0)
			found = answer;
	}
	return found;
}
