#include "pack/case.h"

void case_separate(struct case_run *run)
{
	if (run->reason.n)
		buf_text(&run->reason, "; ");
}

/* A fault whose sentence is the end of the reason, from a place on. */
static void keep_fault(struct case_run *run, enum fault_about about, const char *plain, size_t from)
{
	struct results *results = run->session->results;
	struct case_fault *fault = case_add_fault(results, &run->kept);
	if (!fault)
		return;
	fault->about = about;
	fault->text = arena_copy(&results->arena, str_from(buf_view(&run->reason), from));
	fault->plain = plain ? arena_copy(&results->arena, str_of(plain)) : NULL;
}

void case_fault(struct case_run *run, const char *format, ...)
{
	run->faults++;
	case_separate(run);
	size_t from = run->reason.n;
	va_list args;
	va_start(args, format);
	buf_vprintf(&run->reason, format, args);
	va_end(args);
	keep_fault(run, FAULT_OTHER, NULL, from);
}

void case_fault_about(struct case_run *run, enum fault_about about, const char *plain,
		      const char *format, ...)
{
	run->faults++;
	case_separate(run);
	size_t from = run->reason.n;
	va_list args;
	va_start(args, format);
	buf_vprintf(&run->reason, format, args);
	va_end(args);
	keep_fault(run, about, plain, from);
}

const struct judged *judged_half(const struct judged *judged, const struct config_number *side)
{
	bool request = side->given && side->value == SIDE_REQUEST;
	return request && judged->request ? judged->request : judged;
}

bool case_paths(struct case_run *run, const struct judged *judged, const char *xpath,
		const char ***paths, size_t *count)
{
	struct arena *scratch = &run->session->scratch;
	struct tree_value value;
	struct tree_fault fault;
	*count = 0;
	if (!judged->tree || tree_evaluate(judged->tree, xpath, scratch, &value, &fault) != 0 ||
	    value.kind != TREE_NODES)
		return false;
	const char **list = arena_alloc(scratch, value.count * sizeof(*list) + 1);
	for (size_t i = 0; list && i < value.count; i++)
		list[i] = tree_path(value.nodes[i], scratch);
	if (scratch->failed)
		return false;
	*paths = list;
	*count = value.count;
	return true;
}

bool case_finding_is_at(const struct finding *finding, const char *const *paths, size_t count)
{
	struct str path = str_of(finding->path ? finding->path : "");
	for (size_t i = 0; i < count; i++) {
		struct str at = str_of(paths[i]);
		if (str_starts(path, at) && (path.n == at.n || path.p[at.n] == '/'))
			return true;
	}
	return false;
}
