/*
 * limits.h - how much is accepted from a source that cannot be trusted: what the options say, else
 * the usual limits.
 */
#ifndef CPIS_ENGINE_LIMITS_H
#define CPIS_ENGINE_LIMITS_H

#include "transport/unwrap.h"
#include "xml/reader.h"

struct cpis_options;
struct source;

size_t limits_input_bytes(const struct cpis_options *options);
/* The reason why what is larger is refused. */
extern const char limits_input_too_large[];
/* source_open, which refuses what is larger. */
int limits_open_source(struct source *source, const char *path, const struct cpis_options *options,
		       const char **why);
size_t limits_findings(const struct cpis_options *options);
size_t limits_seconds(const struct cpis_options *options);
struct xml_limits limits_xml(const struct cpis_options *options);
struct unwrap_limits limits_unwrap(const struct cpis_options *options);

#endif
