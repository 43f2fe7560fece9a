#include "pack/answer.h"

#include "pack/file.h"

enum { MOST_BYTES = 4 * 1024 * 1024 };

static void read_list(struct pack_session *session, struct arena *arena, const char *path,
		      struct pack_problems *problems)
{
	char why[256];
	struct buf bytes;
	buf_init(&bytes, MOST_BYTES);
	struct yaml_node *root = NULL;
	if (file_read(path, &bytes, why, sizeof(why)))
		root = yaml_read(arena, path, buf_view(&bytes), problems);
	else
		pack_problem(problems, path, (struct pack_place){ 0, 0 }, "cannot be read: %s",
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
	if (path && !file_is_there(path))
		return 0;
	struct pack_problems problems;
	pack_problems_init(&problems);
	if (path)
		read_list(session, arena, path, &problems);
	if (arena->failed)
		pack_problem_internal(&problems, path, "out of memory");
	int status = pack_problems_any(&problems) ? -1 : 0;
	if (status != 0)
		pack_problems_summary(&problems, failure);
	pack_problems_release(&problems);
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
