#include "pack/message.h"

#include "base/arena.h"
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

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

static void plant(struct pack_message *message)
{
	if (tree_parse(&message->tree, buf_view(&message->bytes), &message->fault) != 0)
		message->tree = NULL;
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
	if (fixed->edit_count)
		return pack_edits_apply(pack->file, fixed->edits, fixed->edit_count,
					&message->bytes, &message->tree, problems);
	if (pack_case_needs_tree(pack, test))
		plant(message);
	return 0;
}

int pack_message_open(struct pack_message *message, const struct pack *pack,
		      const struct pack_case *test, const struct pack_fixed *fixed,
		      struct problems *problems)
{
	struct arena arena;
	arena_init(&arena);
	begin(message);
	const char *path = arena_printf(&arena, "%s%s", pack->folder, fixed->file.text);
	int status = -1;
	if (path)
		status = fill(message, pack, test, fixed, path, problems);
	else
		problem_add_internal(problems, pack->file, "out of memory");
	arena_release(&arena);
	if (status != 0)
		pack_message_close(message);
	return status;
}

bool pack_message_open_evidence(struct pack_message *message, const char *path,
				const struct pack *pack, const struct pack_case *test, char *why,
				size_t bytes)
{
	begin(message);
	if (!files_read(path, &message->bytes, why, bytes)) {
		pack_message_close(message);
		return false;
	}
	if (pack_case_needs_tree(pack, test))
		plant(message);
	return true;
}

void pack_message_close(struct pack_message *message)
{
	tree_free(message->tree);
	buf_release(&message->bytes);
	message->tree = NULL;
}

static int by_name(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return strcmp(*left, *right);
}

/* Names that match, in any order. */
struct matching {
	struct arena *arena;
	struct str part;  /* of the pattern: its folder */
	const char *last; /* and the rest of it */
	const char **list;
	size_t count, room;
	bool failed;
};

static void offer(void *context, const char *name)
{
	struct matching *matching = context;
	if (matching->failed || fnmatch(matching->last, name, FNM_PERIOD) != 0)
		return;
	const char **bigger =
		list_grown(matching->list, matching->count, &matching->room, sizeof(void *));
	if (!bigger) {
		matching->failed = true;
		return;
	}
	matching->list = bigger;
	matching->list[matching->count++] = arena_printf(
		matching->arena, "%.*s%s", (int)matching->part.n, matching->part.p, name);
}

/* Every name in a folder. False with errno when it cannot be read. */
static bool list_folder(const char *path, struct matching *matching)
{
	const struct files *files = files_used();
	if (files && files->list) {
		errno = ENOENT;
		return files->list(files->context, path, offer, matching);
	}
	DIR *folder = opendir(path);
	if (!folder)
		return false;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		offer(matching, entry->d_name);
	closedir(folder);
	return true;
}

/* In order, in arena. -1 when out of memory. */
static int settle(struct matching *matching, const char ***names, size_t *count)
{
	struct arena *arena = matching->arena;
	size_t found = matching->count;
	const char **kept = arena_alloc(arena, found * sizeof(*kept) + 1);
	if (!kept || arena->failed || matching->failed)
		return -1;
	if (found) {
		memcpy(kept, matching->list, found * sizeof(*kept));
		qsort(kept, found, sizeof(*kept), by_name);
	}
	*names = kept;
	*count = found;
	return 0;
}

int pack_evidence_match(struct arena *arena, const char *folder, const char *pattern,
			const char ***names, size_t *count, char *why, size_t bytes)
{
	const char *slash = strrchr(pattern, '/');
	struct matching matching = {
		.arena = arena,
		.part = { pattern, slash ? (size_t)(slash - pattern) + 1 : 0 },
		.last = slash ? slash + 1 : pattern,
	};
	const char *path = arena_printf(arena, "%s/%.*s", folder, (int)matching.part.n, pattern);
	int status = -1;
	*count = 0;
	if (!path)
		snprintf(why, bytes, "out of memory");
	else if (list_folder(path, &matching))
		status = settle(&matching, names, count);
	else if (errno == ENOENT && matching.part.n && files_is_folder(folder))
		return 0;
	else {
		snprintf(why, bytes, "%s", strerror(errno));
		return -1;
	}
	if (status != 0)
		snprintf(why, bytes, "out of memory");
	free(matching.list);
	return status;
}
