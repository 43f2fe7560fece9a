#include "base/splices.h"

#include "base/arena.h"

#include <stdlib.h>

void splices_add(struct splices *splices, size_t start, size_t end, struct str text)
{
	struct splice *items =
		list_grown(splices->items, splices->count, &splices->room, sizeof(*items));
	if (!items) {
		splices->failed = true;
		return;
	}
	splices->items = items;
	splices->items[splices->count++] = (struct splice){ start, end, text };
}

static int by_start(const void *left, const void *right)
{
	const struct splice *a = left, *b = right;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->end != b->end ? (a->end < b->end ? -1 : 1) : 0;
}

void splices_sort(struct splices *splices)
{
	if (splices->count)
		qsort(splices->items, splices->count, sizeof(*splices->items), by_start);
}

int splices_apply(struct splices *splices, struct buf *bytes)
{
	splices_sort(splices);
	struct buf out;
	buf_init(&out, bytes->max_bytes);
	size_t at = 0;
	for (size_t i = 0; i < splices->count; i++) {
		const struct splice *splice = &splices->items[i];
		if (splice->start < at)
			continue;
		buf_add(&out, bytes->p + at, splice->start - at);
		buf_str(&out, splice->text);
		at = splice->end;
	}
	buf_add(&out, bytes->p + at, bytes->n - at);
	if (out.failed || splices->failed) {
		buf_release(&out);
		return -1;
	}
	buf_release(bytes);
	*bytes = out;
	return 0;
}

void splices_release(struct splices *splices)
{
	free(splices->items);
	*splices = (struct splices){ 0 };
}
