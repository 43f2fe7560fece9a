#include "diag/progress.h"

#include "diag/results.h"

void progress_tell(struct results *results, size_t done, size_t total)
{
	if (!results->options.progress)
		return;
	for (; results->told_messages < results->message_count; results->told_messages++)
		results->told_findings += results->messages[results->told_messages].finding_count;
	const struct cpis_progress progress = { done, total, results->told_findings };
	results->options.progress(results->options.progress_context, &progress);
}
