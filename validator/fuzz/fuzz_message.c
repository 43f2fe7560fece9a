/*
 * Any bytes through the whole way of a source: layers, reader, structure, parts, rules, results.
 * A verdict must come of it, and the same one the second time.
 */
#include "cpis.h"
#include "diag/results.h"
#include "engine/engine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static enum cpis_verdict judge(const char *text, size_t bytes, size_t *findings)
{
	static const struct cpis_options options = { .now = 1793491200,
						     .max_decoded_bytes = 1 << 20,
						     .max_parts = 64 };
	struct cpis_results *results;
	struct cpis_failure failure;
	if (cpis_results_new(&results, &options, &failure) != 0)
		abort();
	if (engine_judge((struct results *)(void *)results, "input.xml",
			 (struct str){ text, bytes }, &failure) != 0)
		abort();
	*findings = 0;
	for (size_t i = 0; i < cpis_rule_count(); i++)
		*findings += cpis_results_rule_tally(results, i).failed;
	enum cpis_verdict verdict = cpis_results_verdict(results);
	cpis_results_free(results);
	return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	size_t first, second;
	char *text = malloc(bytes + 1);
	if (!text)
		return 0;
	memcpy(text, data, bytes);
	text[bytes] = '\0';
	enum cpis_verdict verdict = judge(text, bytes, &first);
	/* One in eight, for speed; which, the input says. */
	if (bytes % 8 == 0 && (judge(text, bytes, &second) != verdict || first != second))
		abort();
	free(text);
	return 0;
}
