#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){ .max_bytes = max_bytes };
}

void buf_release(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf){ .max_bytes = buf->max_bytes };
}

void buf_reset(struct buf *buf)
{
	buf->n = 0;
	buf->failed = false;
	if (buf->p)
		buf->p[0] = '\0';
}

bool buf_reserve(struct buf *buf, size_t n)
{
	if (buf->failed)
		return false;
	if (n > buf->max_bytes || buf->n > buf->max_bytes - n) {
		buf->failed = true;
		return false;
	}
	if (buf->n + n < buf->room)
		return true;
	size_t room = buf->room ? buf->room : 256;
	while (room <= buf->n + n)
		room = room * 2;
	char *p = realloc(buf->p, room);
	if (!p) {
		buf->failed = true;
		return false;
	}
	buf->p = p;
	buf->room = room;
	return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t n)
{
	if (!buf_reserve(buf, n))
		return;
	if (n)
		memcpy(buf->p + buf->n, bytes, n);
	buf->n += n;
	buf->p[buf->n] = '\0';
}

void buf_str(struct buf *buf, struct str text)
{
	buf_add(buf, text.p, text.n);
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	if (length < 0)
		buf->failed = true;
	else if (buf_reserve(buf, (size_t)length)) {
		vsnprintf(buf->p + buf->n, (size_t)length + 1, format, again);
		buf->n += (size_t)length;
	}
	va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}
