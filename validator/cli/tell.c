/* What the user is told when something could not be done, and the exit code that goes with it. */
#include "command.h"

#include "base/near.h"

#include <stdarg.h>

int tell_usage(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("cpis: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return CPIS_EXIT_USAGE;
}

int tell_failure(const struct cpis_failure *failure)
{
	fputs("cpis: ", stderr);
	if (failure->file[0])
		fprintf(stderr, "%s:", failure->file);
	if (failure->line)
		fprintf(stderr, "%zu:%zu:", failure->line, failure->column);
	fprintf(stderr, "%s%s\n", failure->file[0] ? " " : "", failure->text);
	return failure->kind == CPIS_FAILURE_CONFIGURATION ? CPIS_EXIT_USAGE : CPIS_EXIT_INCOMPLETE;
}

void tell_problem(void *context, const struct cpis_failure *problem)
{
	(void)context;
	tell_failure(problem);
}

const char *nearest_word(const char *word, const char *const *candidates, size_t count)
{
	struct near near = near_start(str_of(word));
	for (size_t i = 0; i < count; i++)
		near_offer(&near, candidates[i]);
	return near_best(&near);
}
