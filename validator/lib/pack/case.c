#include "pack/case.h"

void case_separate(struct case_run *run)
{
	if (run->reason.n)
		buf_text(&run->reason, "; ");
}

void case_fault(struct case_run *run, const char *format, ...)
{
	run->faults++;
	case_separate(run);
	va_list args;
	va_start(args, format);
	buf_vprintf(&run->reason, format, args);
	va_end(args);
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
