#include "pack/file.h"

#include "base/list.h"
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

bool file_read(const char *path, struct buf *out, char *why, size_t bytes)
{
	return files_read(path, out, why, bytes);
}

bool file_is_there(const char *path)
{
	return files_is_there(path);
}

bool file_is_folder(const char *path)
{
	return files_is_folder(path);
}

const char *file_folder(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return arena_copy(arena, (struct str){ path, slash ? (size_t)(slash - path) + 1 : 0 });
}

static int by_name(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return strcmp(*left, *right);
}

/* Names that match, as they come. */
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

/* In order, in arena. -1 when memory is out. */
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

int file_match(struct arena *arena, const char *folder, const char *pattern, const char ***names,
	       size_t *count, char *why, size_t bytes)
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
	else if (errno == ENOENT && matching.part.n && file_is_folder(folder))
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
