/*
 * The head of a request as it lies in the buffer of libmicrohttpd, which reads it as C strings:
 * 0.9.75 takes a line that begins with a colon or a NUL as the end of the headers, drops what
 * follows a NUL in a value, and forgets a line that is folded. Each leaves bytes between what it
 * reports and where it says that the head ends. From 1.0 on it refuses empty names and NULs
 * by itself, and reads a folded line as one.
 */
#include "parts.h"

#include <string.h>

/* libmicrohttpd leaves nothing out. */
static bool is_read_whole(void)
{
	return MHD_get_version()[0] != '0';
}

const char *http_target_fault(const char *target)
{
	for (; *target; target++)
		if ((unsigned char)*target <= ' ' || *target == 127 || *target == '#')
			return "The target of the request has a character that no URL has.";
	return NULL;
}

/* Where the walk along the lines is: at the first NUL of the end of a line. */
struct walk {
	const char *end;
	bool whole;
};

/* Lines end with CR LF or LF, which are NULs by now. */
static bool is_next_line(const char *end, const char *line)
{
	return line == end + 1 || (line == end + 2 && !end[1]);
}

static enum MHD_Result pass_header(void *context, enum MHD_ValueKind kind, const char *name,
				   size_t name_size, const char *value, size_t value_size)
{
	struct walk *walk = context;
	(void)kind;
	walk->whole = value && is_next_line(walk->end, name) && value > name + name_size;
	/* The colon is a NUL by now. */
	for (const char *at = name + name_size + 1; walk->whole && at < value; at++)
		walk->whole = *at == ' ' || *at == '\t';
	walk->end = walk->whole ? value + value_size : NULL;
	return walk->whole ? MHD_YES : MHD_NO;
}

/* The end of the last line, and the empty line. */
static bool ends_at(const char *end, const char *past)
{
	const ptrdiff_t left = past - end;
	bool good = left >= 2 && left <= 4;
	for (ptrdiff_t i = 0; good && i < left; i++)
		good = !end[i];
	return good;
}

const char *http_head_fault(const struct peer *peer, struct MHD_Connection *connection,
			    const char *method, const char *version)
{
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct walk walk = { .end = version + strlen(version), .whole = true };
	if (peer->target_fault || is_read_whole())
		return peer->target_fault;
	if (peer->target != method + strlen(method) + 1 || version != peer->target_end + 1)
		return "The request line is not one of HTTP/1.1.";
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, pass_header, &walk);
	if (size && walk.whole && ends_at(walk.end, method + size->header_size))
		return NULL;
	return "A header has an empty name, a NUL, or a second line.";
}
