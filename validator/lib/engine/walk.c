#include "engine/walk.h"

#include "base/arena.h"
#include "diag/failure.h"
#include "engine/source.h"
#include "transport/unwrap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST_FOLDER = 64 };

static const char no_message[] = "it does not begin like any kind of message";

/* path is in the walk's arena; NULL: out of memory. */
static int add_kept(struct walk *walk, const char *path, bool doubtful)
{
	struct walk_entry *more =
		list_grown(walk->entries, walk->count, &walk->room, sizeof(*more));
	if (!more)
		return -1;
	walk->entries = more;
	walk->entries[walk->count++] = (struct walk_entry){ .path = path, .doubtful = doubtful };
	return path ? 0 : -1;
}

static int add(struct walk *walk, const char *path, bool doubtful)
{
	return add_kept(walk, arena_copy(&walk->arena, str_of(path)), doubtful);
}

void walk_settle(struct walk_entry *entry, struct str head)
{
	if (head.n > WALK_HEAD_BYTES)
		head.n = WALK_HEAD_BYTES;
	if (entry->doubtful && !unwrap_is_worth_judging(head, entry->path))
		entry->passed_over = no_message;
	entry->doubtful = false;
}

void walk_settle_unopened(struct walk_entry *entry)
{
	char head[WALK_HEAD_BYTES];
	if (!entry->doubtful)
		return;
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	if (got >= 0)
		walk_settle(entry, (struct str){ head, (size_t)got });
	entry->doubtful = false;
}

/* The entries of one folder. */
struct listing {
	struct name {
		const char *path; /* in the walk's arena */
		bool is_folder;
	} * names;
	size_t count, room;
};

static bool is_folder(const struct dirent *entry, const char *path)
{
	struct stat status;
	if (entry->d_type == DT_REG)
		return false;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int list(struct listing *listing, struct arena *arena, struct str folder,
		const struct dirent *entry)
{
	struct name *more =
		list_grown(listing->names, listing->count, &listing->room, sizeof(*more));
	if (!more)
		return -1;
	listing->names = more;
	size_t slash = !str_ends(folder, STR("/")), n = strlen(entry->d_name);
	char *path = arena_alloc(arena, folder.n + slash + n + 1);
	if (!path)
		return -1;
	memcpy(path, folder.p, folder.n);
	memcpy(path + folder.n, "/", slash);
	memcpy(path + folder.n + slash, entry->d_name, n);
	listing->names[listing->count++] = (struct name){ path, is_folder(entry, path) };
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	return strcmp(x->path, y->path);
}

/* 0; 1: the folder cannot be read to its end; -1: out of memory. */
static int list_folder(struct listing *listing, struct arena *arena, const char *folder)
{
	DIR *stream = opendir(folder);
	if (!stream)
		return 1;
	int result = 0;
	const struct dirent *entry;
	errno = 0;
	while (result == 0 && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			result = list(listing, arena, str_of(folder), entry), errno = 0;
	if (result == 0 && errno)
		result = 1;
	closedir(stream);
	if (listing->count)
		qsort(listing->names, listing->count, sizeof(*listing->names), by_path);
	return result;
}

static int walk_folder(struct walk *walk, const char *folder, int depth)
{
	struct listing listing = { 0 };
	int result = depth > DEEPEST_FOLDER ? 1 : list_folder(&listing, &walk->arena, folder);
	/* What cannot be listed is judged: it must show as incomplete, not vanish. */
	if (result > 0)
		result = add(walk, folder, false);
	for (size_t i = 0; result == 0 && i < listing.count; i++)
		result = listing.names[i].is_folder
				 ? walk_folder(walk, listing.names[i].path, depth + 1)
				 : add_kept(walk, listing.names[i].path, true);
	free(listing.names);
	return result;
}

/* A MESH control file means its data too. */
static int add_file(struct walk *walk, const char *path)
{
	char data[4096];
	if (add(walk, path, false) != 0)
		return -1;
	return source_find_data(path, data, sizeof(data)) ? add(walk, data, false) : 0;
}

int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure)
{
	*walk = (struct walk){ 0 };
	struct stat status;
	int result;
	if (strcmp(path, "-") == 0)
		result = add(walk, path, false);
	else if (stat(path, &status) != 0)
		return failure_of_file(failure, path, "%s", strerror(errno));
	else if (S_ISDIR(status.st_mode))
		result = walk_folder(walk, path, 0);
	else
		result = add_file(walk, path);
	if (result == 0)
		return 0;
	walk_release(walk);
	return failure_out_of_memory(failure);
}

int walk_require_one(const struct walk *walk, const char *path, struct cpis_failure *failure)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->entries[i].passed_over != no_message)
			return 0;
	return failure_of_file(failure, path, "no messages found in the folder");
}

void walk_release(struct walk *walk)
{
	free(walk->entries);
	arena_release(&walk->arena);
	*walk = (struct walk){ 0 };
}
