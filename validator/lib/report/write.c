
#include "base/files.h"
#include "report/sink.h"
#include "results/document.h"

#include <errno.h>
#include <stdarg.h>

/* The formats, a row each; each writer has a file of its own. */

/* In the order of --help, which leaves out rows without a summary. */
static const struct sink sinks[] = {
	{ "text", "findings and verdict, for the terminal", false, text_write },
	{ "short", "a line for each finding, as compilers write them", false, short_write },
	{ "json", "everything, for programs", true, json_write },
	{ "html", "the conformance report: one file, readable without JavaScript", true,
	  html_write },
	{ "certificate", "page one of it alone, for signatures: HTML, one A4 page", true,
	  certificate_write },
	{ "junit", "JUnit XML, for Jenkins, GitLab and GitHub", false, junit_write },
	{ "sarif", "SARIF 2.1.0, for code scanning", true, sarif_write },
	{ "codequality", "code quality JSON, for GitLab merge requests", false, codequality_write },
	{ "tap", "TAP 14, for test harnesses", false, tap_write },
	{ "csv", "a row for everything, for spreadsheets", false, csv_write },
	{ "md", "a summary in Markdown, for a pull request", false, md_write },
	{ "xml", "the canonical results document (reports/results.xsd)", true, results_xml_write },
	{ "junit-rules", NULL, false, junit_write_with_rules },
	{ "text-colour", NULL, false, text_write_coloured },
};

const struct sink *sink_find(const char *format)
{
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (strcmp(sinks[i].format, format) == 0)
			return &sinks[i];
	return NULL;
}

const struct sink *sink_at(size_t index)
{
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (sinks[i].summary && index-- == 0)
			return &sinks[i];
	return NULL;
}

/* Writing */

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file,
		const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = kind };
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -1;
}

static int fail_format(struct cpis_failure *failure, const char *format)
{
	char known[256] = "";
	size_t used = 0;
	for (size_t i = 0; sink_at(i) && used < sizeof(known); i++) {
		int n = snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
				 sink_at(i)->format);
		used += n > 0 ? (size_t)n : 0;
	}
	return fail(failure, CPIS_FAILURE_CONFIGURATION, "",
		    "unknown report format \"%.64s\"; known formats: %s", format, known);
}

static int write_stream(FILE *stream, struct str bytes, struct cpis_failure *failure)
{
	char reason[128];
	if (stream && fwrite(bytes.p, 1, bytes.n, stream) == bytes.n && fflush(stream) == 0)
		return 0;
	return fail(failure, CPIS_FAILURE_INTERNAL, "", "cannot write the report: %s",
		    strerror_r(errno, reason, sizeof(reason)));
}

int report_put(const char *path, FILE *stream, struct str document, struct cpis_failure *failure)
{
	return path ? files_write(path, FILES_REPLACE, "the report", document, failure)
		    : write_stream(stream, document, failure);
}

int report_hand_over(cpis_write write, void *context, struct str document,
		     struct cpis_failure *failure)
{
	if (write(context, document.p, document.n) == 0)
		return 0;
	return fail(failure, CPIS_FAILURE_INTERNAL, "", "the caller did not take the report");
}

int report_make(const struct results *results, const char *format, struct buf *document,
		struct cpis_failure *failure)
{
	const struct sink *sink = sink_find(format);
	if (!sink)
		return fail_format(failure, format);
	if (results->streams)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, "",
			    "no report can be written while a stream is open");
	if (sink->digests && results->options.no_digests)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, "",
			    "a %s report names the SHA-256 of each message, and these results "
			    "were made without it",
			    format);
	if (sink->write(results, document, failure) != 0)
		return -1;
	return document->failed ? fail(failure, CPIS_FAILURE_INTERNAL, "", "out of memory") : 0;
}

int report_write(const struct results *results, const char *format, const char *path, FILE *stream,
		 struct cpis_failure *failure)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = report_make(results, format, &document, failure);
	if (status == 0)
		status = report_put(path, stream, buf_view(&document), failure);
	buf_release(&document);
	return status;
}
