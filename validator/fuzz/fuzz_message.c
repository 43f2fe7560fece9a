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

static void judge_into(struct results *results, const char *text, size_t bytes)
{
	struct cpis_failure failure;
	const struct engine_input input = { .name = "input.xml", .bytes = { text, bytes } };
	if (engine_judge(results, &input, &failure) != 0)
		abort();
}

/* What one reading leaves in a parser or a table must not affect the next. */
static void compare_halves(const struct results *results)
{
	size_t half = results->message_count / 2;
	if (results->message_count % 2)
		abort();
	for (size_t i = 0; i < half; i++) {
		const struct message_result *first = &results->messages[i];
		const struct message_result *second = &results->messages[half + i];
		if (first->verdict != second->verdict ||
		    first->finding_count != second->finding_count ||
		    first->omission_count != second->omission_count)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const struct cpis_options options = { .now = 1793491200,
						     .max_decoded_bytes = 1 << 20,
						     .max_parts = 64 };
	struct cpis_results *results;
	struct cpis_failure failure;
	char *text = malloc(bytes + 1);
	if (!text)
		return 0;
	memcpy(text, data, bytes);
	text[bytes] = '\0';
	if (cpis_results_new(&results, &options, &failure) != 0)
		abort();
	struct results *inside = (struct results *)(void *)results;
	judge_into(inside, text, bytes);
	(void)cpis_results_verdict(results);
	/* One in eight, for speed; which, the input says. */
	if (bytes % 8 == 0) {
		judge_into(inside, text, bytes);
		compare_halves(inside);
	}
	cpis_results_free(results);
	free(text);
	return 0;
}
