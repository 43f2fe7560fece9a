#include "transport/chunked.h"

#include "base/arena.h"
#include "transport/fields.h"

#include <stdlib.h>

enum { MOST_CHUNKS = 1024 * 1024, MOST_SIZE_DIGITS = 15 };

void chunked_init(struct chunked *chunked, size_t max_bytes)
{
	*chunked = (struct chunked){ 0 };
	buf_init(&chunked->body, max_bytes);
}

void chunked_release(struct chunked *chunked)
{
	buf_release(&chunked->body);
	free(chunked->pieces);
}

static int digit_of(char c)
{
	if (char_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a2b", and extensions that mean nothing here. */
static bool read_size(struct str line, size_t *size)
{
	size_t n = 0;
	*size = 0;
	while (n < line.n && digit_of(line.p[n]) >= 0) {
		*size = *size * 16 + (size_t)digit_of(line.p[n]);
		if (++n > MOST_SIZE_DIGITS)
			return false;
	}
	struct str rest = str_trim(str_from(line, n));
	return n > 0 && (rest.n == 0 || rest.p[0] == ';');
}

static int stop(struct chunked *chunked, const char *fault, bool limit)
{
	chunked->fault = fault;
	chunked->limit = limit;
	return -1;
}

static int add_chunk(struct chunked *chunked, struct str chunk, size_t outer)
{
	struct piece *more = list_grown(chunked->pieces, chunked->piece_count, &chunked->piece_room,
					sizeof(*more));
	if (!more)
		return stop(chunked, "memory is out", true);
	chunked->pieces = more;
	if (chunked->piece_count == MOST_CHUNKS)
		return stop(chunked, "the body has more than 1048576 chunks", true);
	chunked->pieces[chunked->piece_count++] = (struct piece){ chunked->body.n, outer };
	buf_str(&chunked->body, chunk);
	return chunked->body.failed ? stop(chunked, "the body is larger than the limit", true) : 0;
}

size_t chunked_gather(struct chunked *chunked, struct str bytes, size_t at)
{
	for (;;) {
		size_t size, start, next, after;
		if (at >= bytes.n) {
			stop(chunked, "the body breaks off before its last chunk", false);
			return bytes.n;
		}
		if (!read_size(fields_line(bytes, at, &start), &size)) {
			stop(chunked, "the size of a chunk was expected here", false);
			return at;
		}
		if (size == 0) {
			fields_block(bytes, start, &after);
			return after;
		}
		struct str chunk = str_from(bytes, start);
		bool whole = size <= chunk.n;
		chunk.n = whole ? size : chunk.n;
		if (add_chunk(chunked, chunk, start) != 0)
			return at;
		if (!whole) {
			stop(chunked, "a chunk is shorter than its size says: the body breaks off",
			     false);
			return at;
		}
		/* Where lines end in LF alone, a CR before it is the chunk's: its size is one too
		 * large. */
		struct str line = fields_line(bytes, start + size, &next);
		bool split = next == start + size + 1 && chunk.p[size - 1] == '\r';
		if (line.n || split) {
			stop(chunked, "a chunk is longer than its size says", false);
			return at;
		}
		at = next;
	}
}
