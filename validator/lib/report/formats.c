/* The formats, a row each; each writer has a file of its own. */
#include "report/sink.h"

#include "results/document.h"
#include "xml/xslt.h"

/* In the order of --help, which leaves out rows without a summary. */
static const struct sink sinks[] = {
	{ "text", "findings and verdict, for the terminal", text_write },
	{ "json", "everything, for programs", json_write },
	{ "html", "the conformance report: one file, readable without JavaScript", html_write },
	{ "junit", "JUnit XML, for Jenkins, GitLab and GitHub", junit_write },
	{ "sarif", "SARIF 2.1.0, for code scanning", sarif_write },
	{ "tap", "TAP 14, for test harnesses", tap_write },
	{ "csv", "a row for everything, for spreadsheets", csv_write },
	{ "md", "a summary in Markdown, for a pull request", md_write },
	{ "xml", "the canonical results document (reports/results.xsd)", results_xml_write },
	{ "text-colour", NULL, text_write_coloured },
};

const struct sink *sink_find(const char *format)
{
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (strcmp(sinks[i].format, format) == 0)
			return &sinks[i];
	return NULL;
}

static bool is_listed(const struct sink *sink)
{
	return sink->summary && (xslt_is_built_in || sink->write != html_write);
}

const struct sink *sink_at(size_t index)
{
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (is_listed(&sinks[i]) && index-- == 0)
			return &sinks[i];
	return NULL;
}
