#include "command.h"

#include <string.h>

static void tell(void *context, const struct cpis_schema_note *note)
{
	(void)context;
	printf("%-10s %s", note->kind, note->file);
	if (note->line)
		printf(":%zu", note->line);
	printf(": %s", note->text);
	if (note->count > 1)
		printf(" (%zu times)", note->count);
	putchar('\n');
}

int cmd_schemas(struct request *request)
{
	struct cpis_failure failure;
	if (request->input_count != 2 || strcmp(request->inputs[0], "check") != 0)
		return tell_usage("schemas: cpis schemas check DIR");
	if (cpis_schemas_check(request->inputs[1], tell, NULL, &failure) != 0)
		return tell_failure(&failure);
	return CPIS_EXIT_PASS;
}
