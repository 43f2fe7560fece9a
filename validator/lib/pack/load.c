#include "base/files.h"
#include "engine/digest.h"
#include "pack/check.h"
#include "pack/pack.h"
#include "pack/run.h"

#include <stdlib.h>

enum { MOST_FILE_BYTES = 64 * 1024 * 1024 };

static const struct config_place nowhere = { 0, 0 };

/* The tree of a YAML file. digest may be NULL. */
static struct yaml_node *read_file(struct arena *arena, const char *path, char *digest,
				   struct problems *problems)
{
	struct buf bytes;
	buf_init(&bytes, MOST_FILE_BYTES);
	char why[256];
	struct yaml_node *root = NULL;
	if (!files_read(path, &bytes, why, sizeof(why))) {
		problem_add(problems, path, nowhere, "cannot be read: %s", why);
	} else {
		if (digest)
			digest_sha256(buf_view(&bytes), digest);
		root = yaml_read(arena, path, buf_view(&bytes), problems);
	}
	buf_release(&bytes);
	return root;
}

static void load_requirements(struct pack *pack, struct problems *problems)
{
	if (!pack->requirements_file.text)
		return;
	const char *path =
		arena_printf(&pack->arena, "%s%s", pack->folder, pack->requirements_file.text);
	if (!path)
		return;
	if (!files_is_there(path)) {
		problem_add(problems, pack->file, pack->requirements_file.place,
			    "the requirements '%s' cannot be read", pack->requirements_file.text);
		return;
	}
	struct yaml_node *root = read_file(&pack->arena, path, NULL, problems);
	if (!root)
		return;
	const struct loader loader = { &pack->arena, path, problems };
	void *items = NULL;
	load_list(&loader, &pack_requirement_mapping, root, &items, &pack->requirement_count);
	pack->requirements = items;
	pack->requirements_path = path;
}

static void load_all(struct pack *pack, struct problems *problems)
{
	struct yaml_node *root = read_file(&pack->arena, pack->file, pack->sha256, problems);
	if (!root)
		return;
	const struct loader loader = { &pack->arena, pack->file, problems };
	load_mapping(&loader, &pack_mapping, root, pack);
	load_requirements(pack, problems);
	if (!pack->arena.failed)
		pack_check(pack, problems);
}

/* "dir/" of "dir/file", "" of "file". */
static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return arena_copy(arena, (struct str){ path, slash ? (size_t)(slash - path) + 1 : 0 });
}

int pack_load(struct pack **pack, const char *path, struct problems *problems)
{
	struct pack *made = calloc(1, sizeof(*made));
	if (!made) {
		problem_add_internal(problems, path, "out of memory");
		return -1;
	}
	arena_init(&made->arena);
	made->file = files_is_folder(path)
			     ? arena_printf(&made->arena, "%s%spack.yaml", path,
					    str_ends(str_of(path), STR("/")) ? "" : "/")
			     : arena_copy(&made->arena, str_of(path));
	made->folder = made->file ? folder_of(&made->arena, made->file) : NULL;
	if (made->folder)
		load_all(made, problems);
	if (made->arena.failed)
		problem_add_internal(problems, path, "out of memory");
	if (problems_any(problems)) {
		problems_sort(problems);
		pack_free(made);
		return -1;
	}
	*pack = made;
	return 0;
}

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	arena_release(&pack->arena);
	free(pack);
}
