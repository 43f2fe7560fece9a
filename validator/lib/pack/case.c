#include "pack/case.h"

#include <stdlib.h>

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

__attribute__((format(printf, 4, 0))) static void add_fault(struct case_run *run,
							    enum fault_about about,
							    const char *plain, const char *format,
							    va_list args)
{
	run->faults++;
	case_separate(run);
	size_t from = run->reason.n;
	buf_vprintf(&run->reason, format, args);
	keep_fault(run, about, plain, from);
}

void case_fault(struct case_run *run, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_fault(run, FAULT_OTHER, NULL, format, args);
	va_end(args);
}

void case_unjudged(struct case_run *run, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_fault(run, FAULT_OTHER, NULL, format, args);
	va_end(args);
	run->unjudged++;
}

void case_fault_about(struct case_run *run, enum fault_about about, const char *plain,
		      const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_fault(run, about, plain, format, args);
	va_end(args);
}

const struct judged *judged_half(const struct judged *judged, const struct config_number *side)
{
	bool request = side->given && side->value == SIDE_REQUEST;
	return request && judged->request ? judged->request : judged;
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

bool case_paths(struct case_run *run, const struct judged *judged, const char *xpath,
		const char ***paths, size_t *count)
{
	struct arena *scratch = &run->session->scratch;
	const struct pack_documents *documents = judged->documents;
	const char **list = NULL;
	size_t found = 0, room = 0;
	*count = 0;
	for (size_t i = 0; documents && i < documents->count; i++) {
		struct tree_value value;
		struct tree_fault fault;
		if (!documents->items[i].tree ||
		    tree_evaluate(documents->items[i].tree, xpath, scratch, &value, &fault) != 0 ||
		    value.kind != TREE_NODES)
			return false;
		for (size_t k = 0; k < value.count; k++) {
			const char **more =
				list_grown_in(scratch, list, found, &room, sizeof(*list));
			if (!more)
				return false;
			list = more;
			list[found++] = tree_path(value.nodes[k], scratch);
		}
	}
	if (!documents || !documents->count)
		return false;
	if (scratch->failed)
		return false;
	if (found)
		qsort(list, found, sizeof(*list), by_text);
	*paths = list;
	*count = found;
	return true;
}

/* A key that is the start of a path, against a whole one. */
static int by_start(const void *key, const void *path)
{
	const struct str *start = key;
	const char *text = *(const char *const *)path;
	int order = strncmp(start->p, text, start->n);
	return order ? order : -(text[start->n] != '\0');
}

bool case_finding_is_at(const struct finding *finding, const char *const *paths, size_t count)
{
	struct str path = str_of(finding->path ? finding->path : "");
	for (size_t n = 1; count && n <= path.n; n++) {
		const struct str start = { path.p, n };
		if ((n == path.n || path.p[n] == '/') &&
		    bsearch(&start, paths, count, sizeof(*paths), by_start))
			return true;
	}
	return false;
}
