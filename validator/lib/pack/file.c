#include "pack/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

static bool no(char *why, size_t bytes, const char *text)
{
	snprintf(why, bytes, "%s", text);
	return false;
}

static bool read_all(int file, struct buf *out, char *why, size_t bytes)
{
	for (;;) {
		if (!buf_reserve(out, READ_STEP))
			return no(why, bytes,
				  out->n + READ_STEP > out->max_bytes ? "it is too large"
								      : "out of memory");
		ssize_t got = read(file, out->p + out->n, READ_STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return no(why, bytes, strerror(errno));
		if (got == 0)
			break;
		out->n += (size_t)got;
	}
	out->p[out->n] = '\0';
	return true;
}

bool file_read(const char *path, struct buf *out, char *why, size_t bytes)
{
	/* Not to hang on a pipe that nobody writes. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return no(why, bytes, strerror(errno));
	struct stat status;
	bool good;
	if (fstat(file, &status) != 0)
		good = no(why, bytes, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		good = no(why, bytes, "it is no regular file");
	else
		good = read_all(file, out, why, bytes);
	close(file);
	return good;
}

bool file_is_folder(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
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

/* The names in an open folder that match, behind the folder part of the pattern. */
static int collect(struct arena *arena, DIR *folder, struct str part, const char *last,
		   const char ***names, size_t *count)
{
	const char **list = NULL;
	size_t found = 0, room = 0;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (fnmatch(last, entry->d_name, FNM_PERIOD) != 0)
			continue;
		if (found == room) {
			room = room ? room * 2 : 8;
			const char **bigger = realloc(list, room * sizeof(*list));
			if (!bigger) {
				free(list);
				return -1;
			}
			list = bigger;
		}
		list[found++] = arena_printf(arena, "%.*s%s", (int)part.n, part.p, entry->d_name);
	}
	const char **kept = arena_alloc(arena, found * sizeof(*kept) + 1);
	if (!kept || arena->failed) {
		free(list);
		return -1;
	}
	if (found) {
		memcpy(kept, list, found * sizeof(*kept));
		qsort(kept, found, sizeof(*kept), by_name);
	}
	free(list);
	*names = kept;
	*count = found;
	return 0;
}

int file_match(struct arena *arena, const char *folder, const char *pattern, const char ***names,
	       size_t *count, char *why, size_t bytes)
{
	const char *slash = strrchr(pattern, '/');
	struct str part = { pattern, slash ? (size_t)(slash - pattern) + 1 : 0 };
	const char *path = arena_printf(arena, "%s/%.*s", folder, (int)part.n, part.p);
	DIR *open_folder = path ? opendir(path) : NULL;
	*count = 0;
	if (!open_folder && errno == ENOENT && part.n && file_is_folder(folder))
		return 0;
	if (!open_folder) {
		no(why, bytes, path ? strerror(errno) : "out of memory");
		return -1;
	}
	int status = collect(arena, open_folder, part, slash ? slash + 1 : pattern, names, count);
	closedir(open_folder);
	if (status != 0)
		no(why, bytes, "out of memory");
	return status;
}
