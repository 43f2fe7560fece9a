/* The packs of a service: the folder is read once, and each pack checked before any is offered. */
#include "service.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder with a pack.yaml. */
static bool is_pack(const char *folder, const char *name)
{
	char path[4096];
	struct stat info;
	int n = snprintf(path, sizeof(path), "%s/%s/pack.yaml", folder, name);
	return name[0] != '.' && n > 0 && (size_t)n < sizeof(path) && text_is_plain(name) &&
	       stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static int add(struct service *service, const char *name)
{
	char **more = realloc(service->packs, (service->pack_count + 1) * sizeof(*more));
	char *copy = strdup(name);
	if (more)
		service->packs = more;
	if (!more || !copy) {
		free(copy);
		return out_of_memory();
	}
	service->packs[service->pack_count++] = copy;
	return 0;
}

int service_check_packs(const struct service *service)
{
	char path[4096];
	for (size_t i = 0; i < service->pack_count; i++) {
		struct cpis_failure failure;
		snprintf(path, sizeof(path), "%s/%s", service->request->packs, service->packs[i]);
		if (cpis_lint_pack(path, print_problem, NULL, &failure) != 0)
			return print_failure(&failure);
	}
	return 0;
}

int service_find_packs(struct service *service)
{
	const char *path = service->request->packs;
	DIR *folder = path ? opendir(path) : NULL;
	int code = 0;
	if (!path)
		return 0;
	if (!folder)
		return usage_error("serve: --packs %s: it is not a folder that can be read", path);
	for (const struct dirent *entry; code == 0 && (entry = readdir(folder));)
		if (is_pack(path, entry->d_name))
			code = add(service, entry->d_name);
	closedir(folder);
	if (code == 0 && !service->pack_count)
		return usage_error("serve: --packs %s: no folder in it has a pack.yaml", path);
	if (code == 0)
		qsort(service->packs, service->pack_count, sizeof(*service->packs), compare);
	return code;
}

void service_free_packs(struct service *service)
{
	for (size_t i = 0; i < service->pack_count; i++)
		free(service->packs[i]);
	free(service->packs);
	service->packs = NULL;
	service->pack_count = 0;
}
