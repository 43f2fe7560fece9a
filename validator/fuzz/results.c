/* Results documents of others: read, joined, compared, reported. */
#include "fuzz.h"

#include "diag/results.h"
#include "report/sink.h"
#include "results/diff.h"
#include "results/read.h"

#include <stdlib.h>

/* NULL: it is refused, with a reason. */
static struct results *read_results(struct str bytes)
{
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	struct results *results = results_read_new();
	must(results);
	if (results_read(results, bytes, "results.xml", &failure) == 0)
		return results;
	must(failure.text[0]);
	cpis_results_free((struct cpis_results *)(void *)results);
	return NULL;
}

static void release(struct results *results)
{
	cpis_results_free((struct cpis_results *)(void *)results);
}

static void write_as(const struct results *results, const char *format, struct buf *out)
{
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	buf_init(out, 64 << 20);
	must(report_make(results, format, out, &failure) == 0 || failure.text[0]);
	must(!out->failed);
}

/* What was read is written so that it can be read, and then written the same. */
static void read_again(const struct results *results)
{
	struct buf first, second;
	write_as(results, "xml", &first);
	struct results *again = read_results(buf_view(&first));
	must(again);
	write_as(again, "xml", &second);
	must(str_equal(buf_view(&first), buf_view(&second)));
	release(again);
	buf_release(&first);
	buf_release(&second);
}

void fuzz_results(struct str input)
{
	struct results *results = read_results(input);
	if (!results)
		return;
	read_again(results);
	release(results);
}

/* Every report of it; none of them has a control character that was in a value. */
void fuzz_sinks(struct str input)
{
	struct results *results = read_results(input);
	const struct sink *sink;
	if (!results)
		return;
	for (size_t i = 0; (sink = sink_at(i)); i++) {
		struct buf out;
		write_as(results, sink->format, &out);
		for (size_t k = 0; k < out.n; k++)
			must((unsigned char)out.p[k] >= ' ' || out.p[k] == '\n' ||
			     out.p[k] == '\t' || out.p[k] == '\r');
		buf_release(&out);
	}
	release(results);
}

/* The first two files; both NULL where one is refused. */
static void read_two(struct str input, struct results **one, struct results **other)
{
	struct fuzz_files files;
	fuzz_split(input, &files);
	*one = files.count >= 2 ? read_results(files.items[0].bytes) : NULL;
	*other = *one ? read_results(files.items[1].bytes) : NULL;
	if (*one && !*other) {
		release(*one);
		*one = NULL;
	}
	fuzz_release(&files);
}

void fuzz_merge(struct str input)
{
	struct results *into, *shard;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	read_two(input, &into, &shard);
	if (!into)
		return;
	if (results_merge(into, shard, "shard", &failure) == 0)
		read_again(into);
	else
		must(failure.text[0]);
	release(into);
	release(shard);
}

void fuzz_diff(struct str input)
{
	static const char *const formats[] = { "text", "md", "json", "html" };
	struct results *before, *after;
	read_two(input, &before, &after);
	if (!before)
		return;
	struct diff diff;
	must(diff_make(&diff, before, after) == 0);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct buf out;
		struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
		buf_init(&out, 64 << 20);
		must(diff_write(&diff, formats[i], &out, &failure) == 0 && !out.failed);
		buf_release(&out);
	}
	diff_release(&diff);
	release(before);
	release(after);
}
