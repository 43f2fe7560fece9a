/* Any bytes as a pack.yaml beside good messages: it loads, or every problem of it is told. */
#include "cpis.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static char folder[] = "/var/tmp/cpis-fuzz-XXXXXX", pack[64];

static void remove_folder(void)
{
	char messages[64];
	snprintf(messages, sizeof(messages), "%s/messages", folder);
	unlink(messages);
	unlink(pack);
	rmdir(folder);
}

/* From the top of the tree: the messages of the test cases stand beside the pack. */
static void make_folder(void)
{
	char messages[64], *good = realpath("testcases/messages", NULL);
	if (!mkdtemp(folder))
		abort();
	atexit(remove_folder);
	snprintf(pack, sizeof(pack), "%s/pack.yaml", folder);
	snprintf(messages, sizeof(messages), "%s/messages", folder);
	if (good && symlink(good, messages) != 0)
		abort();
	free(good);
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
