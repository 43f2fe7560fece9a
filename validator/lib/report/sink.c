#include "report/sink.h"

#include "report/formats.h"

/* In the order of --help. A row without a summary is for the program itself and is not told. */
static const struct sink sinks[] = {
	{ "text", "findings and verdict for the terminal", text_write },
	{ "json", "everything, for programs", json_write },
	{ "html", "the conformance report: one file, readable without JavaScript", html_write },
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

const struct sink *sink_at(size_t index)
{
	return index < sizeof(sinks) / sizeof(sinks[0]) ? &sinks[index] : NULL;
}
