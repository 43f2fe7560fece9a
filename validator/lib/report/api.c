/* The public functions of cpis.h that write reports and read results. */
#include "cpis.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/read.h"

#include <stdlib.h>

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *text)
{
	*failure = (struct cpis_failure){ .kind = kind };
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	return -1;
}

int cpis_report(const struct cpis_results *results, const char *format, const char *path,
		struct cpis_failure *failure)
{
	return report_write(results_inside_const(results), format, path, stdout, failure);
}

int cpis_report_write(const struct cpis_results *results, const char *format, cpis_write write,
		      void *context, struct cpis_failure *failure)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = report_make(results_inside_const(results), format, &document, failure);
	if (status == 0)
		status = report_hand_over(write, context, buf_view(&document), failure);
	buf_release(&document);
	return status;
}

int cpis_report_bytes(const struct cpis_results *results, const char *format, char **bytes,
		      size_t *size, struct cpis_failure *failure)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	if (report_make(results_inside_const(results), format, &document, failure) != 0) {
		buf_release(&document);
		return -1;
	}
	*bytes = document.p;
	*size = document.n;
	return 0;
}

void cpis_free(void *bytes)
{
	free(bytes);
}

const char *cpis_report_format_at(size_t index, const char **summary)
{
	const struct sink *sink = sink_at(index);
	if (!sink)
		return NULL;
	*summary = sink->summary;
	return sink->format;
}

int cpis_report_names_digests(const char *format)
{
	const struct sink *sink = sink_find(format);
	return sink && sink->digests;
}

/* Read one document; NULL with the reason in *failure. */
static struct results *read_one(const char *path, struct cpis_failure *failure)
{
	struct results *results = NULL;
	if (engine_setup() == 0)
		results = results_read_new();
	if (!results) {
		fail(failure, CPIS_FAILURE_INTERNAL, "out of memory");
	} else if (results_read_file(results, path, failure) != 0) {
		cpis_results_free(results_outside(results));
		return NULL;
	}
	return results;
}

static int join(struct cpis_results **results, const char *const *paths, size_t count,
		const struct join *how, struct cpis_failure *failure)
{
	struct results *made;
	if (!count)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, "no results to read");
	if (results_join(&made, paths, count, how, failure) != 0)
		return -1;
	*results = results_outside(made);
	return 0;
}

int cpis_results_read(struct cpis_results **results, const char *const *paths, size_t count,
		      struct cpis_failure *failure)
{
	const struct join how = { .keep = JOIN_ALL };
	if (count != 1)
		return join(results, paths, count, &how, failure);
	struct results *one = read_one(paths[0], failure);
	if (!one)
		return -1;
	*results = results_outside(one);
	return 0;
}

int cpis_results_merge(struct cpis_results **results, const char *const *paths, size_t count,
		       const struct cpis_merge *merge, struct cpis_failure *failure)
{
	struct join how = { .keep = JOIN_ALL };
	if (merge) {
		if (FAILURE_UNLESS_RESERVED_ZERO(merge, failure) != 0)
			return -1;
		how.keep = merge->document ? JOIN_NONE : merge->summary ? JOIN_FAILED : JOIN_ALL;
		how.document = merge->document;
		how.command = merge->command;
		how.command_count = merge->command_count;
	}
	return join(results, paths, count, &how, failure);
}

/* Where a difference goes. */
struct output {
	const char *format, *path; /* format NULL: nowhere */
	cpis_write write;	   /* NULL: to path */
	void *context;
};

static int put_diff(const struct diff *diff, const struct output *output,
		    struct cpis_failure *failure)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = 0;
	if (diff_write(diff, output->format, &document, failure) != 0)
		status = -1;
	else if (document.failed)
		status = fail(failure, CPIS_FAILURE_INTERNAL, "out of memory");
	else if (output->write)
		status = report_hand_over(output->write, output->context, buf_view(&document),
					  failure);
	else
		status = report_put(output->path, stdout, buf_view(&document), failure);
	buf_release(&document);
	return status;
}

static int compare_runs(const char *before, const char *after, const struct output *output,
			enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct diff diff;
	struct results *earlier = read_one(before, failure);
	struct results *later = earlier ? read_one(after, failure) : NULL;
	int status = later ? 0 : -1;
	if (status == 0 && diff_make(&diff, earlier, later) != 0)
		status = fail(failure, CPIS_FAILURE_INTERNAL, "out of memory");
	else if (status == 0) {
		*verdict = diff_is_worse(&diff) ? CPIS_FAIL : CPIS_PASS;
		if (output->format)
			status = put_diff(&diff, output, failure);
		diff_release(&diff);
	}
	cpis_results_free(results_outside(earlier));
	cpis_results_free(results_outside(later));
	return status;
}

int cpis_results_diff(const char *before, const char *after, const char *format, const char *path,
		      enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	const struct output output = { .format = format, .path = path };
	return compare_runs(before, after, &output, verdict, failure);
}

int cpis_results_diff_write(const char *before, const char *after, const char *format,
			    cpis_write write, void *context, enum cpis_verdict *verdict,
			    struct cpis_failure *failure)
{
	const struct output output = { .format = format, .write = write, .context = context };
	return compare_runs(before, after, &output, verdict, failure);
}

int cpis_results_layout(struct cpis_results *results, const struct cpis_layout *layout,
			struct cpis_failure *failure)
{
	if (FAILURE_UNLESS_RESERVED_ZERO(layout, failure) != 0)
		return -1;
	results_inside(results)->layout = *layout;
	return 0;
}
