/*
 * buf.h - bytes that grow, up to a maximum named when the buffer is made.
 *
 * A failure (out of memory, maximum reached) sticks: callers append freely and ask once at the end.
 * A NUL that is not counted follows the bytes.
 */
#ifndef CPIS_BASE_BUF_H
#define CPIS_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>

struct buf {
	char *p;
	size_t n, room, max_bytes;
	bool failed; /* sticks */
};

/* max_bytes is the largest length the buffer may reach; SIZE_MAX / 2: no limit. */
void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf);

/* Empty it: the memory and the maximum stay, the failure is cleared. */
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, const void *bytes, size_t n);
void buf_str(struct buf *buf, struct str text);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Room for n more bytes at buf->p + buf->n; false when there is not. */
bool buf_reserve(struct buf *buf, size_t n);

static inline struct str buf_view(const struct buf *buf)
{
	return (struct str){ buf->p ? buf->p : "", buf->n };
}

#endif
