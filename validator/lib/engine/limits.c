#include "engine/limits.h"

#include "cpis.h"
#include "diag/options.h"
#include "engine/source.h"

#include <stdint.h>

/* As given, or as usual; a usual limit that no size_t can reach is the largest that it can. */
static size_t or_usual(size_t given, unsigned long long usual)
{
	if (given)
		return given;
	return usual < SIZE_MAX ? (size_t)usual : SIZE_MAX;
}

size_t limits_input_bytes(const struct cpis_options *options)
{
	return or_usual(options->max_input_bytes, usual_options.max_input_bytes);
}

const char limits_input_too_large[] = "it is larger than the limit (--max-input)";

int limits_open_source(struct source *source, const char *path, const struct cpis_options *options,
		       const char **why)
{
	int status = source_open(source, path, limits_input_bytes(options), why);
	if (status != 0 && *why == source_too_large)
		*why = limits_input_too_large;
	return status;
}

size_t limits_findings(const struct cpis_options *options)
{
	return or_usual(options->max_findings, usual_options.max_findings);
}

size_t limits_seconds(const struct cpis_options *options)
{
	return or_usual(options->max_seconds, usual_options.max_seconds);
}

struct xml_limits limits_xml(const struct cpis_options *options)
{
	return (struct xml_limits){
		.max_depth = or_usual(options->max_depth, usual_options.max_depth),
		.max_attribute_bytes =
			or_usual(options->max_attribute_bytes, usual_options.max_attribute_bytes),
		.long_text = xml_names_find(NS_ITK, "payload"),
	};
}

struct unwrap_limits limits_unwrap(const struct cpis_options *options)
{
	return (struct unwrap_limits){
		.max_decoded_bytes =
			or_usual(options->max_decoded_bytes, usual_options.max_decoded_bytes),
		.max_parts = or_usual(options->max_parts, usual_options.max_parts),
		.max_layers = or_usual(options->max_layers, usual_options.max_layers),
	};
}
