#include "engine/walk.h"

#include "cpis.h"
#include "engine/beside.h"
#include "transport/unwrap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST_FOLDER = 64 };

static int refuse(struct cpis_failure *failure, const char *path, const char *text)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	return -1;
}

static int add(struct walk *walk, const char *path, const char *passed_over)
{
	if (walk->count == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 64;
		struct walk_entry *more = realloc(walk->entries, room * sizeof(*more));
		if (!more)
			return -1;
		walk->entries = more;
		walk->room = room;
	}
	const char *copy = arena_copy(&walk->arena, str_of(path));
	walk->entries[walk->count++] = (struct walk_entry){ copy, passed_over };
	return copy ? 0 : -1;
}

static int add_from_folder(struct walk *walk, const char *path)
{
	char head[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	/* What cannot be opened is judged all the same: it must show as incomplete, not vanish. */
	bool judged = got < 0 || unwrap_is_worth_judging((struct str){ head, (size_t)got }, path);
	return add(walk, path, judged ? NULL : "it begins like no kind of message");
}

static int walk_folder(struct walk *walk, const char *folder, int depth)
{
	struct dirent **names = NULL;
	int count = depth > DEEPEST_FOLDER ? -1 : scandir(folder, &names, NULL, alphasort);
	if (count < 0)
		return add(walk, folder, NULL);
	int result = 0;
	for (int i = 0; i < count; i++) {
		char path[4096];
		struct stat status;
		int n = snprintf(path, sizeof(path), "%s%s%s", folder,
				 str_ends(str_of(folder), STR("/")) ? "" : "/", names[i]->d_name);
		if (result == 0 && names[i]->d_name[0] != '.' && n > 0 &&
		    (size_t)n < sizeof(path)) {
			if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
				result = walk_folder(walk, path, depth + 1);
			else
				result = add_from_folder(walk, path);
		}
		free(names[i]);
	}
	free(names);
	return result;
}

/* A MESH control file means its data as well. */
static int add_file(struct walk *walk, const char *path)
{
	char data[4096];
	if (add(walk, path, NULL) != 0)
		return -1;
	return beside_data(path, data, sizeof(data)) ? add(walk, data, NULL) : 0;
}

int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure)
{
	*walk = (struct walk){ 0 };
	struct stat status;
	int result;
	if (strcmp(path, "-") == 0)
		result = add(walk, path, NULL);
	else if (stat(path, &status) != 0)
		return refuse(failure, path, strerror(errno));
	else if (S_ISDIR(status.st_mode))
		result = walk_folder(walk, path, 0);
	else
		result = add_file(walk, path);
	if (result != 0) {
		walk_release(walk);
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
		return -1;
	}
	for (size_t i = 0; i < walk->count; i++)
		if (!walk->entries[i].passed_over)
			return 0;
	walk_release(walk);
	return refuse(failure, path, "the folder holds no message");
}

void walk_release(struct walk *walk)
{
	free(walk->entries);
	arena_release(&walk->arena);
	*walk = (struct walk){ 0 };
}
