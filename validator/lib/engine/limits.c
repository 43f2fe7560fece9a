#include "engine/limits.h"

#include "cpis.h"

static const size_t mebibyte = 1024 * 1024;

static size_t or_default(size_t wanted, size_t normal)
{
	return wanted ? wanted : normal;
}

size_t limits_input_bytes(const struct cpis_options *options)
{
	return or_default(options->max_input_bytes, 4096 * mebibyte);
}

size_t limits_findings(const struct cpis_options *options)
{
	return or_default(options->max_findings, 10000);
}

struct xml_limits limits_xml(const struct cpis_options *options)
{
	return (struct xml_limits){
		.max_depth = or_default(options->max_depth, 256),
		.max_attribute_bytes = or_default(options->max_attribute_bytes, mebibyte),
		.long_text = xml_names_find(NS_ITK, "payload"),
	};
}

struct unwrap_limits limits_unwrap(const struct cpis_options *options)
{
	return (struct unwrap_limits){
		.max_decoded_bytes = or_default(options->max_decoded_bytes, 1024 * mebibyte),
		.max_parts = or_default(options->max_parts, 10000),
		.max_layers = or_default(options->max_layers, MOST_PARCEL_LAYERS),
	};
}
