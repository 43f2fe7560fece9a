/* The public functions of cpis.h that write reports. */
#include "cpis.h"

#include "report/sink.h"
#include "report/write.h"

int cpis_report(const struct cpis_results *results, const char *format, const char *path,
		struct cpis_failure *failure)
{
	return report_write((const struct results *)(const void *)results, format, path, stdout,
			    failure);
}

const char *cpis_report_format_at(size_t index, const char **summary)
{
	const struct sink *sink = sink_at(index);
	if (!sink || !sink->summary)
		return NULL;
	*summary = sink->summary;
	return sink->format;
}
