#include "results/read.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/files.h"
#include "diag/failure.h"
#include "engine/source.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ALL_WINDOWS_BYTES = 1024 * 1024, /* shared by the parts that are read */
	LEAST_WINDOW_BYTES = 2048,
	PENDING_BYTES = 256 * 1024
};

/* Before each message in the file. */
struct head {
	uint32_t key, before;
	uint64_t after;
};

/* The messages of a part, and how far they are read. */
struct segment {
	uint64_t at, end; /* in the file: the next that is not in the window; after the last */
	char *window;
	size_t filled, taken;
	struct head head; /* of the next message */
	char *key;
	size_t key_room;
	size_t number; /* of the part, from 0: equal keys are in this order */
};

struct spool {
	int file;
	int error; /* errno of a write that failed; 0: none did */
	uint64_t bytes;
	struct buf pending; /* not written yet */
	struct segment *segments;
	size_t count, room;
	size_t window_bytes;
};

struct spool *spool_open(const char *beside, struct cpis_failure *failure)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	const char *slash = strrchr(beside, '/');
	char *folder = slash ? strndup(beside, (size_t)(slash - beside) + 1) : strdup(".");
	if (!spool || !folder) {
		free(spool);
		free(folder);
		failure_out_of_memory(failure);
		return NULL;
	}
	buf_init(&spool->pending, (size_t)1 << 31);
	spool->file = source_open_nameless(folder);
	free(folder);
	if (spool->file >= 0)
		return spool;
	failure_set(failure, CPIS_FAILURE_CONFIGURATION,
		    "there is no folder for the messages of the parts: %s", strerror(errno));
	free(spool);
	return NULL;
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	for (size_t i = 0; i < spool->count; i++) {
		free(spool->segments[i].window);
		free(spool->segments[i].key);
	}
	free(spool->segments);
	buf_release(&spool->pending);
	close(spool->file);
	free(spool);
}

static int flush(struct spool *spool)
{
	struct str left = buf_view(&spool->pending);
	while (left.n) {
		ssize_t n = write(spool->file, left.p, left.n);
		if (n < 0 && errno != EINTR) {
			spool->error = errno;
			return -1;
		}
		left = str_from(left, n < 0 ? 0 : (size_t)n);
	}
	spool->pending.n = 0;
	return 0;
}

int spool_begin(struct spool *spool)
{
	struct segment *more =
		list_grown(spool->segments, spool->count, &spool->room, sizeof(*more));
	if (!more)
		return -1;
	spool->segments = more;
	more[spool->count] =
		(struct segment){ .at = spool->bytes, .end = spool->bytes, .number = spool->count };
	spool->count++;
	return 0;
}

int spool_add(struct spool *spool, struct str key, struct str before, struct str after)
{
	struct head head = { (uint32_t)key.n, (uint32_t)before.n, after.n };
	struct buf *out = &spool->pending;
	buf_add(out, (const char *)&head, sizeof(head));
	buf_str(out, key);
	buf_str(out, before);
	buf_str(out, after);
	if (out->failed)
		return -1;
	spool->bytes += sizeof(head) + key.n + before.n + after.n;
	spool->segments[spool->count - 1].end = spool->bytes;
	return out->n >= PENDING_BYTES ? flush(spool) : 0;
}

/* Reading */

/* Some bytes of the window, filled again where it is used up; 0: the file is shorter than it was.
 */
static size_t look(const struct spool *spool, struct segment *segment, struct str *bytes)
{
	if (segment->taken == segment->filled) {
		uint64_t left = segment->end - segment->at;
		size_t wanted = left < spool->window_bytes ? (size_t)left : spool->window_bytes;
		ssize_t got;
		do
			got = pread(spool->file, segment->window, wanted, (off_t)segment->at);
		while (got < 0 && errno == EINTR);
		segment->taken = 0;
		segment->filled = got > 0 ? (size_t)got : 0;
		segment->at += segment->filled;
	}
	*bytes = (struct str){ segment->window + segment->taken, segment->filled - segment->taken };
	return bytes->n;
}

static int take(const struct spool *spool, struct segment *segment, void *to, size_t n)
{
	char *out = to;
	struct str bytes;
	while (n) {
		if (!look(spool, segment, &bytes))
			return -1;
		size_t now = bytes.n < n ? bytes.n : n;
		memcpy(out, bytes.p, now);
		segment->taken += now;
		out += now;
		n -= now;
	}
	return 0;
}

static bool is_at_end(const struct segment *segment)
{
	return segment->at == segment->end && segment->taken == segment->filled;
}

/* The head and key of the next message. */
static int next(const struct spool *spool, struct segment *segment)
{
	if (take(spool, segment, &segment->head, sizeof(segment->head)) != 0)
		return -1;
	if (segment->head.key >= segment->key_room) {
		size_t room = (size_t)segment->head.key + 256;
		char *more = realloc(segment->key, room);
		if (!more)
			return -1;
		segment->key = more;
		segment->key_room = room;
	}
	segment->key[segment->head.key] = '\0';
	return take(spool, segment, segment->key, segment->head.key);
}

static int pass(const struct spool *spool, struct segment *segment, uint64_t n,
		struct files_output *output)
{
	struct str bytes;
	while (n) {
		if (!look(spool, segment, &bytes))
			return -1;
		bytes.n = bytes.n < n ? bytes.n : (size_t)n;
		files_append(output, bytes);
		segment->taken += bytes.n;
		n -= bytes.n;
	}
	return 0;
}

static int pass_message(const struct spool *spool, struct segment *segment, size_t number,
			struct files_output *output)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%zu", number);
	if (pass(spool, segment, segment->head.before, output) != 0)
		return -1;
	files_append(output, (struct str){ digits, (size_t)n });
	return pass(spool, segment, segment->head.after, output);
}

/* A heap of the segments that are not at their end: the one with the next message is the first. */

static bool is_before(const struct segment *a, const struct segment *b)
{
	int order = strcmp(a->key, b->key);
	return order ? order < 0 : a->number < b->number;
}

static void sink_down(struct segment **heap, size_t count, size_t i)
{
	for (size_t least = i;; i = least) {
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
			if (is_before(heap[child], heap[least]))
				least = child;
		if (least == i)
			return;
		struct segment *moved = heap[i];
		heap[i] = heap[least];
		heap[least] = moved;
	}
}

/* Those that have a message. -1 where one cannot be read. */
static int fill_heap(struct spool *spool, struct segment **heap, size_t *count)
{
	*count = 0;
	spool->window_bytes = ALL_WINDOWS_BYTES / (spool->count + 1);
	if (spool->window_bytes < LEAST_WINDOW_BYTES)
		spool->window_bytes = LEAST_WINDOW_BYTES;
	for (size_t i = 0; i < spool->count; i++) {
		struct segment *segment = &spool->segments[i];
		if (is_at_end(segment))
			continue;
		segment->window = malloc(spool->window_bytes);
		if (!segment->window || next(spool, segment) != 0)
			return -1;
		heap[(*count)++] = segment;
	}
	for (size_t i = *count / 2 + 1; i-- > 0;)
		sink_down(heap, *count, i);
	return 0;
}

static int write_in_order(struct spool *spool, struct segment **heap, struct files_output *output)
{
	size_t count, number = 0;
	if (fill_heap(spool, heap, &count) != 0)
		return -1;
	while (count) {
		struct segment *first = heap[0];
		if (pass_message(spool, first, ++number, output) != 0)
			return -1;
		if (is_at_end(first))
			heap[0] = heap[--count];
		else if (next(spool, first) != 0)
			return -1;
		sink_down(heap, count, 0);
	}
	return 0;
}

int spool_write(struct spool *spool, struct files_output *output, struct cpis_failure *failure)
{
	struct segment **heap = calloc(spool->count + 1, sizeof(*heap));
	int status = -1;
	if (heap && !spool->error && flush(spool) == 0)
		status = write_in_order(spool, heap, output);
	free(heap);
	if (status == 0)
		return 0;
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "the messages could not be kept: %s",
			   strerror(spool->error ? spool->error : errno));
}
