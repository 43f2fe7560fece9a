/* cpis.yaml, found from the working folder upwards. Never from the folder that is judged: whoever
 * sends evidence must not say how it is judged. */
#include "cli.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FOLDERS = 64, MOST_PATH = 3 * MOST_FOLDERS + 16 };

static bool is_root(const char *folder)
{
	struct stat here, above;
	char parent[MOST_PATH + 4];
	snprintf(parent, sizeof(parent), "%s/..", folder);
	return stat(folder, &here) != 0 || stat(parent, &above) != 0 ||
	       (here.st_dev == above.st_dev && here.st_ino == above.st_ino);
}

/* One that cannot be read is there too, and so is a link to nothing: opening it says why. */
static bool is_there(const char *path)
{
	struct stat file;
	return lstat(path, &file) == 0;
}

/* "cpis.yaml", "../cpis.yaml" ... up to the top of a repository. */
static bool find_settings(char path[MOST_PATH])
{
	char folder[MOST_PATH] = ".", mark[MOST_PATH + 8];
	for (size_t up = 0; up < MOST_FOLDERS; up++) {
		const char *in = strcmp(folder, ".") == 0 ? "" : folder + 2;
		snprintf(path, MOST_PATH, "%.*s%scpis.yaml", MOST_PATH - 16, in, *in ? "/" : "");
		if (is_there(path))
			return true;
		snprintf(mark, sizeof(mark), "%s/.git", folder);
		if (access(mark, F_OK) == 0 || is_root(folder))
			return false;
		snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/..");
	}
	return false;
}

static int take_all(struct request *request, const struct cpis_settings *settings)
{
	const struct {
		const char *name, *value;
	} given[] = {
		{ "environment", settings->environment },
		{ "fail-on", settings->fail_on },
		{ "profile", settings->profile },
		{ "baseline", settings->baseline },
	};
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].value)
			code = options_take(request, given[i].name, given[i].value);
	for (size_t i = 0; code == 0 && i < settings->exclude_count; i++)
		code = options_take(request, "exclude", settings->exclude[i]);
	for (size_t i = 0; code == 0 && i < settings->report_count; i++)
		code = options_take(request, "report", settings->reports[i]);
	return code;
}

int settings_take(struct request *request)
{
	char path[MOST_PATH];
	struct cpis_failure failure;
	if (!(request->command->bit & (VALIDATE | RUN)) || request->no_settings ||
	    !find_settings(path))
		return 0;
	if (cpis_settings_open(&request->settings, path, NULL, NULL, &failure) != 0)
		return print_failure(&failure);
	return take_all(request, request->settings);
}
