#include "command.h"
#include "new_pack.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The text with the name in place of NAME. */
static bool write_text(FILE *file, const char *text, const char *name)
{
	for (const char *mark; (mark = strstr(text, "NAME")); text = mark + 4) {
		bool whole = mark == text || mark[-1] == ' ';
		whole = whole && strchr(" \n", mark[4]) && strncmp(mark - 4, "NHS ", 4) != 0;
		fprintf(file, "%.*s%s", (int)(mark - text), text, whole ? name : "NAME");
	}
	return fputs(text, file) >= 0;
}

static int fail(const char *path)
{
	return tell_usage("new: %s: %s", path, strerror(errno));
}

static int write_file(const char *folder, const struct new_file *from, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", folder, from->path);
	if (n < 0 || (size_t)n >= sizeof(path))
		return tell_usage("new: the name is too long");
	char *slash = strrchr(path, '/');
	*slash = '\0';
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return fail(path);
	*slash = '/';
	FILE *file = fopen(path, "wxe");
	if (!file)
		return fail(path);
	bool good = write_text(file, from->text, name);
	good = fclose(file) == 0 && good;
	return good ? 0 : fail(path);
}

/* What a pack may be called. */
static bool is_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	return *name && *name != '.' && !name[strspn(name, letters)];
}

int cmd_new(struct request *request)
{
	if (request->input_count != 2 || strcmp(request->inputs[0], "pack") != 0)
		return tell_usage("new: cpis new pack NAME");
	const char *folder = request->inputs[1], *slash = strrchr(folder, '/');
	const char *name = slash ? slash + 1 : folder;
	if (!is_name(name))
		return tell_usage("new: a pack is called by letters, digits, '-', '_' and '.'");
	if (mkdir(folder, 0777) != 0)
		return fail(folder);
	for (const struct new_file *file = new_pack_files; file->path; file++) {
		int code = write_file(folder, file, name);
		if (code != 0)
			return code;
	}
	if (!request->quiet)
		printf("%s is there: cpis run %s runs it, %s/pack.yaml tells how to go on\n",
		       folder, folder, folder);
	return CPIS_EXIT_PASS;
}
