/* A form with files in it, as browsers and curl -F send it: RFC 7578. */
#include "service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char form_type[] = "multipart/form-data";

bool form_is(const char *content_type)
{
	return content_type && strncasecmp(content_type, form_type, sizeof(form_type) - 1) == 0 &&
	       strcspn(content_type, "; \t") == sizeof(form_type) - 1;
}

/* The value of a parameter of a header, allocated; quotes are taken off. NULL: there is none. */
static char *parameter(const char *header, size_t size, const char *name)
{
	size_t length = strlen(name);
	bool within = false; /* quotes */
	for (size_t i = 0; i + length + 2 < size; i++) {
		within ^= header[i] == '"';
		bool begins = header[i] == ';' && !within;
		size_t at = i + 1;
		while (begins && at < size && (header[at] == ' ' || header[at] == '\t'))
			at++;
		if (!begins || at + length + 1 > size || header[at + length] != '=' ||
		    strncasecmp(header + at, name, length) != 0)
			continue;
		at += length + 1;
		bool quoted = at < size && header[at] == '"';
		at += quoted;
		size_t n = 0;
		while (at + n < size &&
		       (quoted ? header[at + n] != '"' : !strchr("; \t", header[at + n])))
			n++;
		return strndup(header + at, n);
	}
	return NULL;
}

/* The headers of a part, up to the empty line. NULL, or what is wrong. */
static const char *read_head(struct form_part *part, const char *head, size_t size)
{
	static const char wanted[] = "content-disposition:";
	const char *end = head + size;
	if (memchr(head, '\0', size))
		return "A header of a part has a NUL in it.";
	while (head < end) {
		const char *stop = memmem(head, (size_t)(end - head), "\r\n", 2);
		size_t n = (size_t)((stop ? stop : end) - head);
		if (n >= sizeof(wanted) && strncasecmp(head, wanted, sizeof(wanted) - 1) == 0) {
			if (part->name || part->file_name)
				return "A part of the form is named more than once.";
			part->name = parameter(head, n, "name");
			part->file_name = parameter(head, n, "filename");
		}
		head += n + 2;
	}
	return part->name ? NULL : "A part of the form has no name.";
}

/* One part, without its boundaries. */
static const char *add_part(struct form *form, const char *bytes, size_t size)
{
	const char *blank = size >= 2 && memcmp(bytes, "\r\n", 2) == 0
				    ? bytes - 2
				    : memmem(bytes, size, "\r\n\r\n", 4);
	if (!blank)
		return "A part of the form has no empty line after its headers.";
	if (form->count == sizeof(form->parts) / sizeof(form->parts[0]))
		return "The form has too many parts.";
	struct form_part *part = &form->parts[form->count++];
	*part = (struct form_part){ .bytes = blank + 4 };
	part->size = (size_t)(bytes + size - part->bytes);
	return read_head(part, bytes, blank > bytes ? (size_t)(blank - bytes) : 0);
}

/* delimiter: CR LF, two hyphens and the boundary. The first may come without CR LF. */
static const char *split(struct form *form, const char *delimiter, const char *body, size_t size)
{
	static const char damaged[] = "The body is not the form that Content-Type says it is.";
	size_t n = strlen(delimiter);
	const char *end = body + size, *at = body;
	if (size >= n - 2 && memcmp(body, delimiter + 2, n - 2) == 0)
		at += n - 2;
	else if ((at = memmem(body, size, delimiter, n)))
		at += n;
	else
		return damaged;
	while (end - at >= 2 && memcmp(at, "--", 2) != 0) {
		/* Blanks may follow a boundary. */
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (end - at < 2 || memcmp(at, "\r\n", 2) != 0)
			return damaged;
		at += 2;
		const char *stop = memmem(at - 2, (size_t)(end - at) + 2, delimiter, n);
		if (!stop || stop < at)
			return damaged;
		const char *why = add_part(form, at, (size_t)(stop - at));
		if (why)
			return why;
		at = stop + n;
	}
	return end - at >= 2 ? NULL : damaged;
}

const char *form_read(struct form *form, const char *content_type, const char *body, size_t size)
{
	char delimiter[80];
	*form = (struct form){ .count = 0 };
	char *boundary = parameter(content_type, strlen(content_type), "boundary");
	int n = snprintf(delimiter, sizeof(delimiter), "\r\n--%s", boundary ? boundary : "");
	bool good = boundary && *boundary && n > 0 && (size_t)n < sizeof(delimiter);
	free(boundary);
	return good ? split(form, delimiter, body, size) : "Content-Type has no boundary.";
}

const struct form_part *form_part(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->parts[i].name, name) == 0)
			return &form->parts[i];
	return NULL;
}

void form_release(struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		free(form->parts[i].name);
		free(form->parts[i].file_name);
	}
	form->count = 0;
}
