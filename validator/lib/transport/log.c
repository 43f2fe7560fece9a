/*
 * A log of exchanges: messages as they were sent, and between them lines of the log's own
 * (VALIDATE-AS, TIME, END REQUEST, END OF INBOUND MESSAGE) or, between bare documents, empty lines.
 * The lines are listed, and each message is opened by itself. A line inside a document is the
 * document's: a comment may quote a log. A file that is named .xml and begins with a tag is one
 * document, and not a log.
 */
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <stdio.h>

/* BARE_BYTES: so far is a message looked through that is in no HTTP message. */
enum { BARE_BYTES = 1024 * 1024, HEAD_BYTES = 256, LONGEST_NAME = 128 };

/* What a line of a log is set off with. */
static bool is_decoration(char c)
{
	return c && strchr(" \t\r*-=#_/|", c);
}

static struct str without_decoration(struct str line)
{
	while (line.n && is_decoration(line.p[0]))
		line = str_from(line, 1);
	while (line.n && is_decoration(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* Drop a word and the blanks after it. False: the line does not start with it. */
static bool take_word(struct str *line, const char *word)
{
	struct str rest = str_from(*line, strlen(word));
	if (!str_starts(*line, str_of(word)) || (rest.n && !strchr(" :=", rest.p[0])))
		return false;
	while (rest.n && strchr(" :=", rest.p[0]))
		rest = str_from(rest, 1);
	*line = rest;
	return true;
}

/* "END REQUEST", "END OF INBOUND MESSAGE". */
static bool is_end(struct str line)
{
	if (!take_word(&line, "END"))
		return false;
	take_word(&line, "OF");
	if (!take_word(&line, "INBOUND"))
		take_word(&line, "OUTBOUND");
	return take_word(&line, "REQUEST") || take_word(&line, "RESPONSE") ||
	       take_word(&line, "MESSAGE");
}

/* "TIME: ...", "LAPSED TIME (MS) = 34". */
static bool is_time(struct str line)
{
	const char *found = line.n >= 4 ? memmem(line.p, line.n, "TIME", 4) : NULL;
	size_t n = found ? (size_t)(found - line.p) : 0;
	for (size_t i = 0; i < n; i++)
		if (line.p[i] != ' ' && (line.p[i] < 'A' || line.p[i] > 'Z'))
			return false;
	if (!found || (n > 0 && line.p[n - 1] != ' '))
		return false;
	struct str rest = str_from(line, n + 4);
	return rest.n == 0 || rest.p[0] == ' ' || rest.p[0] == ':' || rest.p[0] == '=' ||
	       rest.p[0] == '(';
}

/* Of the log, and of no message. */
static bool is_of_log(struct str line)
{
	struct str text = without_decoration(line);
	return is_end(text) || is_time(text) || take_word(&text, "VALIDATE-AS");
}

/* Where a message may start: a tag, but for an end tag, a start line, a header field or boundary,
 * which is not the end of a comment. */
static bool may_start(struct str bytes)
{
	size_t next;
	struct str line = fields_line(bytes, 0, &next);
	if (bytes.n && bytes.p[0] == '<')
		return !str_starts(bytes, STR("</"));
	return fields_is_field(line) || str_starts(line, STR("HTTP/")) ||
	       memmem(line.p, line.n, " HTTP/", 6) != NULL ||
	       (str_starts(line, STR("--")) && !str_starts(line, STR("-->")));
}

/* What is between two messages: lines of the log, or empty lines alone. */
struct gap {
	size_t start, end; /* end is where the next message starts, or the end of the log */
	size_t lines;	   /* that are not empty */
	bool found;
};

/* A line that only sets off others. */
static bool is_ruler(struct str line)
{
	return !str_is_blank(line) && without_decoration(line).n == 0;
}

static struct gap lines_at(struct str bytes, size_t at)
{
	struct gap gap = { at, at, 0, false };
	bool known = false;
	while (at < bytes.n) {
		size_t next;
		struct str line = fields_line(bytes, at, &next);
		bool blank = str_is_blank(line), ruler = !blank && is_ruler(line);
		if (!blank && !ruler && !is_of_log(line))
			break;
		gap.lines += !blank;
		known |= !blank && !ruler;
		at = next;
	}
	gap.end = at;
	/* Else it is text inside a message. */
	gap.found = known && (at == bytes.n || may_start(str_from(bytes, at)));
	return gap;
}

static size_t line_start(struct str bytes, size_t at, size_t from)
{
	while (at > from && bytes.p[at - 1] != '\n')
		at--;
	return at;
}

/* Where the lines that set off a line of the log start. */
static size_t before_rulers(struct str bytes, size_t at, size_t from)
{
	size_t next;
	while (at > from) {
		size_t before = line_start(bytes, at - 1, from);
		if (!is_ruler(fields_line(bytes, before, &next)))
			break;
		at = before;
	}
	return at;
}

/*
 * The next lines of the log with a word that ends a message, before an offset. Most lines are of a
 * message, and do not begin as a line of the log does: with a capital. *blank: whether a line on
 * the way may be blank.
 */
static struct gap next_lines(struct str all, size_t from, size_t until, bool *blank,
			     size_t *in_vain)
{
	struct str bytes = { all.p, until };
	for (size_t at = from; at < bytes.n;) {
		const char *end = memchr(bytes.p + at, '\n', bytes.n - at);
		struct str line = { bytes.p + at, (end ? (size_t)(end - bytes.p) : bytes.n) - at };
		size_t i = 0, next = at + line.n + 1;
		while (i < line.n && (unsigned char)line.p[i] <= ' ')
			i++;
		*blank = *blank || i == line.n;
		while (i < line.n && line.p[i] != '<' && is_decoration(line.p[i]))
			i++;
		if (i < line.n && line.p[i] >= 'A' && line.p[i] <= 'Z' &&
		    (memmem(line.p, line.n, "END ", 4) || memmem(line.p, line.n, "TIME", 4))) {
			struct gap gap = lines_at(bytes, before_rulers(bytes, at, from));
			size_t around = gap.found ? unwrap_end_around(all, from, at, in_vain) : 0;
			if (gap.found && !around)
				return gap;
			if (around)
				from = next = around;
		}
		at = next;
	}
	return (struct gap){ bytes.n, bytes.n, 0, false };
}

/* The second of two documents, where the first ends at an offset: it begins as that did, after an
 * empty line. */
static struct gap next_after(struct str bytes, size_t end, const char *start)
{
	struct gap gap = { end, end, 0, false };
	size_t line_ends = 0;
	for (; gap.end < bytes.n && char_is_space(bytes.p[gap.end]); gap.end++)
		line_ends += bytes.p[gap.end] == '\n';
	struct str rest = str_from(bytes, gap.end);
	gap.found = line_ends >= 2 &&
		    (str_starts(rest, STR("<?xml ")) || str_starts(rest, str_of(start)));
	return gap;
}

/* Two documents, one after the other, with an empty line between. */
static struct gap next_document(struct str all, size_t from, size_t until, size_t *in_vain)
{
	struct str bytes = { all.p, until };
	struct gap none = { bytes.n, bytes.n, 0, false };
	struct str root = kind_root_name(str_from(bytes, from));
	char end[LONGEST_NAME + 4], start[LONGEST_NAME + 4];
	if (root.n == 0 || root.n > LONGEST_NAME)
		return none;
	snprintf(end, sizeof(end), "</%.*s>", STR_ARG(root));
	snprintf(start, sizeof(start), "<%.*s", STR_ARG(root));
	const char *found = memmem(bytes.p + from, bytes.n - from, end, strlen(end));
	if (!found)
		return none;
	struct gap gap = next_after(bytes, (size_t)(found - bytes.p) + strlen(end), start);
	/* What a document quotes is not its end. */
	size_t around = gap.found ? unwrap_end_around(all, from, gap.start, in_vain) : 0;
	if (around)
		gap = next_after(all, around, start);
	return gap.found ? gap : none;
}

static bool is_bare(struct str bytes)
{
	struct str head = { bytes.p, bytes.n < HEAD_BYTES ? bytes.n : HEAD_BYTES };
	return str_starts(str_trim(head), STR("<"));
}

/* What ends the message at an offset; found is false, and start the end, where nothing does. */
static struct gap next_gap(struct str bytes, size_t from, size_t *in_vain)
{
	bool bare = is_bare(str_from(bytes, from)), blank = false;
	size_t until = bytes.n;
	/* A large message that is bare has no log around it. */
	if (bare && until - from > BARE_BYTES)
		until = from + BARE_BYTES;
	struct gap first = next_lines(bytes, from, until, &blank, in_vain);
	/* Between two documents is a blank line. */
	if (bare && blank) {
		struct gap gap = next_document(bytes, from, until, in_vain);
		if (gap.found && gap.start <= first.start)
			first = gap;
	}
	return first.found ? first : (struct gap){ bytes.n, bytes.n, 0, false };
}

/* Its name says that it is one document: a second one in it is a fault. */
static bool is_named_xml(const struct parcel *parcel)
{
	const char *source = parcel->member ? parcel->member : parcel->source;
	struct str name = str_of(source ? source : "");
	return name.n >= 4 && fields_is(str_from(name, name.n - 4), ".xml");
}

static enum bid bid_for_log(const struct parcel *parcel)
{
	struct str bytes = parcel->bytes;
	size_t in_vain = 0;
	if (bytes.n == 0 || (parcel->around && !parcel->member) ||
	    (is_bare(bytes) && is_named_xml(parcel)))
		return NO_BID;
	if (lines_at(bytes, 0).found)
		return BID_TOLD;
	return may_start(bytes) && next_gap(bytes, 0, &in_vain).found ? BID_TOLD : NO_BID;
}

/* A message of the log; an HTTP message says itself which side of an exchange it is, and one
 * without it does not say. */
static int hand_over(struct unwrapping *unwrapping, const struct parcel *parcel, size_t from,
		     size_t until, size_t number)
{
	char name[32];
	struct parcel message = parcel_slice(parcel, from, until - from);
	snprintf(name, sizeof(name), "message %zu", number);
	message.name = name;
	if (!unwrap_knows(message.bytes)) {
		unwrap_unopened(unwrapping, parcel, from,
				"%zu bytes here are neither a message nor known lines of a log",
				until - from);
		return 0;
	}
	if (is_bare(message.bytes))
		unwrap_exchange(unwrapping, parcel, EXCHANGE_UNSAID);
	return unwrap_part(unwrapping, &message);
}

static void open_log(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	struct str bytes = parcel->bytes;
	size_t at = 0, number = 0, lines = 0, in_vain = 0;
	while (at < bytes.n) {
		struct gap gap = lines_at(bytes, at);
		if (!gap.found)
			gap = next_gap(bytes, at, &in_vain);
		struct str content = { bytes.p + at, gap.start - at };
		lines += gap.lines;
		if (!str_is_blank(content) &&
		    hand_over(unwrapping, parcel, at, gap.start, ++number) != 0)
			return;
		at = gap.end;
	}
	char what[64];
	snprintf(what, sizeof(what), "(%zu line%s between messages)", lines, lines == 1 ? "" : "s");
	if (lines && sink->left_out)
		sink->left_out(sink->context, parcel, what,
			       lines == 1 ? "it is the log's own" : "they are the log's own");
}

const struct layer log_layer = {
	.name = "log",
	.sign = "lines of a log between messages",
	.bid = bid_for_log,
	.open = open_log,
};
