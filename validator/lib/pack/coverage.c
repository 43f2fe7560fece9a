#include "pack/coverage.h"

#include "diag/results.h"
#include "pack/pack.h"

static bool shows(const struct pack_case *test, const char *id)
{
	for (size_t i = 0; i < test->requirements.count; i++)
		if (strcmp(test->requirements.items[i].text, id) == 0)
			return true;
	return false;
}

static const char *copy(struct results *results, const char *text)
{
	return text ? arena_copy(&results->arena, str_of(text)) : NULL;
}

static int gather_cases(const struct pack *pack, struct results *results, size_t first_case,
			struct requirement_result *requirement)
{
	size_t count = 0;
	for (size_t i = 0; i < pack->case_count; i++)
		count += shows(&pack->cases[i], requirement->id);
	requirement->outcome = count ? CASE_PASSED : CASE_NOT_RUN;
	requirement->cases = arena_alloc(&results->arena, count * sizeof(*requirement->cases) + 1);
	if (!requirement->cases)
		return -1;
	for (size_t i = 0; i < pack->case_count; i++) {
		if (!shows(&pack->cases[i], requirement->id))
			continue;
		const struct case_result *result = &results->cases[first_case + i];
		requirement->cases[requirement->case_count++] = result->id;
		if (case_outcome_weight(result->outcome) >
		    case_outcome_weight(requirement->outcome))
			requirement->outcome = result->outcome;
	}
	return 0;
}

int coverage_add(const struct pack *pack, struct results *results, size_t first_case)
{
	for (size_t i = 0; i < pack->requirement_count; i++) {
		const struct pack_requirement *from = &pack->requirements[i];
		struct requirement_result *to = results_add_requirement(results);
		if (!to)
			return -1;
		to->pack = copy(results, pack->name.text);
		to->id = copy(results, from->id.text);
		to->text = copy(results, from->text.text);
		to->source = copy(results, from->source.text);
		to->not_testable = copy(results, from->not_testable.text);
		if (results->arena.failed || gather_cases(pack, results, first_case, to) != 0)
			return -1;
	}
	return 0;
}
