#include "diag/failure.h"

#include <stdarg.h>
#include <stdio.h>

int failure_set(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = kind };
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -1;
}

int failure_of_file(struct cpis_failure *failure, const char *file, const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -1;
}

int failure_out_of_memory(struct cpis_failure *failure)
{
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "out of memory");
}

int failure_unless_zero(const size_t *reserved, size_t count, struct cpis_failure *failure)
{
	for (size_t i = 0; i < count; i++)
		if (reserved[i])
			return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
					   "an option is set that libcpis " CPIS_VERSION
					   " does not know");
	return 0;
}
