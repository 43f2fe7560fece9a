/* Any bytes as a pack.yaml, in a folder with good messages: it loads, or its problems are reported.
 */
#include "cpis.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define UPLOADS "testcases/packs/la-upload/"

/* The folder looks like testcases/: what the good packs refer to is there. */
static char folder[] = "build/fuzz-pack-XXXXXX", pack[64];

static const struct {
	const char *place, *stands_for;
} links[] = {
	{ "messages", "testcases/messages" },
	{ "packs/fuzz/messages", UPLOADS "messages" },
	{ "packs/fuzz/data", UPLOADS "data" },
	{ "packs/fuzz/requirements.yaml", UPLOADS "requirements.yaml" },
};

static const char *below(const char *place)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, place);
	return path;
}

static void remove_folder(void)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		unlink(below(links[i].place));
	unlink(pack);
	rmdir(below("packs/fuzz"));
	rmdir(below("packs"));
	rmdir(folder);
}

/* To be run from the top of the tree. */
static void make_folder(void)
{
	if (!mkdtemp(folder) || mkdir(below("packs"), 0700) != 0 ||
	    mkdir(below("packs/fuzz"), 0700) != 0)
		abort();
	atexit(remove_folder);
	snprintf(pack, sizeof(pack), "%s/packs/fuzz/pack.yaml", folder);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		char *real = realpath(links[i].stands_for, NULL);
		if (real && symlink(real, below(links[i].place)) != 0)
			abort();
		free(real);
	}
}

static void on_problem(void *context, const struct cpis_failure *problem)
{
	size_t *count = context;
	*count += problem->text[0] != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct cpis_failure failure;
	size_t problems = 0;
	if (!pack[0])
		make_folder();
	FILE *out = fopen(pack, "wb");
	if (!out || fwrite(data, 1, bytes, out) != bytes || fclose(out) != 0)
		abort();
	/* A pack that is refused says why. */
	if (cpis_lint_pack(pack, on_problem, &problems, &failure) != 0 && !problems &&
	    !failure.text[0])
		abort();
	return 0;
}
