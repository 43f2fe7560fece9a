/* The start of a pack, and of a supplier's evidence. */
#include "cli.h"

#include <string.h>
#include <time.h>

static int new_evidence(const struct request *request)
{
	struct cpis_failure failure;
	const time_t now = (time_t)request->options.now;
	struct tm day;
	char today[32] = "";
	if (gmtime_r(&now, &day))
		strftime(today, sizeof(today), "%Y-%m-%d", &day);
	if (cpis_new_evidence(request->inputs[1], request->inputs[2],
			      request->keyed ? request->keyed : today, &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		print(stdout, "Created %s. Next, read %s/README.md.\n", request->inputs[2],
		      request->inputs[2]);
	return CPIS_EXIT_PASS;
}

int cmd_new(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count == 3 && strcmp(request->inputs[0], "evidence") == 0)
		return new_evidence(request);
	if (request->input_count != 2 || strcmp(request->inputs[0], "pack") != 0)
		return usage_error("new: usage: cpis new pack FOLDER, or cpis new evidence PACK "
				   "FOLDER");
	const char *folder = request->inputs[1];
	if (cpis_new_pack(folder, &failure) != 0)
		return print_failure(&failure);
	if (!request->quiet)
		print(stdout, "Created %s. To run it: cpis run %s\nNext, edit %s/pack.yaml.\n",
		      folder, folder, folder);
	return CPIS_EXIT_PASS;
}
