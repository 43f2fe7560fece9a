#include "xml/markup.h"

/* The '>' of the start tag that goes on here; NULL: it has none. In a value, '>' is a character.
 * Letters, which most of a tag is, are above it and both quotation marks. */
static const char *close_of_tag(const char *p, const char *end)
{
	for (; p < end; p++) {
		while (p < end && (unsigned char)*p > '>')
			p++;
		if (p < end && (*p == '"' || *p == '\''))
			p = memchr(p + 1, *p, (size_t)(end - p - 1));
		if (!p || (p < end && *p == '>'))
			return p;
	}
	return NULL;
}

static struct markup tag_at(struct str bytes, size_t lt)
{
	const char *p = bytes.p + lt + 1, *end = bytes.p + bytes.n;
	bool ends = p < end && *p == '/';
	const char *close = ends ? memchr(p, '>', (size_t)(end - p)) : close_of_tag(p, end);
	bool empty = !ends && close && close[-1] == '/';
	size_t until = close ? (size_t)(close - bytes.p) : bytes.n;
	return (struct markup){ .kind = ends	? MARKUP_END
					: empty ? MARKUP_EMPTY
						: MARKUP_START,
				.closed = close != NULL,
				.start = lt,
				.end = close ? until + 1 : until,
				.from = lt + 1 + ends,
				.until = until - empty };
}

static struct markup other_at(struct str bytes, size_t lt)
{
	static const struct {
		const char *opens, *closes;
		enum markup_kind kind;
	} others[] = { { "<!--", "-->", MARKUP_COMMENT },
		       { "<![CDATA[", "]]>", MARKUP_CDATA },
		       { "<?", "?>", MARKUP_INSTRUCTION },
		       { "<!", ">", MARKUP_DECLARATION } };
	struct str rest = str_from(bytes, lt);
	size_t i = 0;
	while (others[i].kind != MARKUP_DECLARATION && !str_starts(rest, str_of(others[i].opens)))
		i++;
	struct str inside = str_from(rest, strlen(others[i].opens));
	size_t closes = strlen(others[i].closes);
	const char *close = inside.n ? memmem(inside.p, inside.n, others[i].closes, closes) : NULL;
	size_t until = close ? (size_t)(close - bytes.p) : bytes.n;
	return (struct markup){ .kind = others[i].kind,
				.closed = close != NULL,
				.start = lt,
				.end = close ? until + closes : until,
				.from = (size_t)(inside.p - bytes.p),
				.until = until };
}

struct markup markup_at(struct str bytes, size_t lt)
{
	char next = lt + 1 < bytes.n ? bytes.p[lt + 1] : '\0';
	return next == '!' || next == '?' ? other_at(bytes, lt) : tag_at(bytes, lt);
}

struct markup markup_next(struct str bytes, size_t from)
{
	const char *lt = from < bytes.n ? memchr(bytes.p + from, '<', bytes.n - from) : NULL;
	return lt ? markup_at(bytes, (size_t)(lt - bytes.p))
		  : (struct markup){
			    .start = bytes.n, .end = bytes.n, .from = bytes.n, .until = bytes.n
		    };
}

struct str markup_local(struct str bytes, const struct markup *tag)
{
	size_t local = tag->from, end = local;
	for (; end < tag->until && !char_is_space(bytes.p[end]) && bytes.p[end] != '/'; end++)
		local = bytes.p[end] == ':' ? end + 1 : local;
	return (struct str){ bytes.p + local, end - local };
}

/* Whether the name of an attribute declares a prefix, or where it is empty the default. */
static bool declares(struct str name, struct str prefix)
{
	static const struct str start = { "xmlns", 5 };
	struct str rest = str_from(name, start.n);
	if (!str_starts(name, start))
		return false;
	if (rest.n == 0)
		return prefix.n == 0;
	return prefix.n && rest.p[0] == ':' && str_equal(str_from(rest, 1), prefix);
}

struct str markup_declared(struct str bytes, const struct markup *tag, struct str prefix)
{
	const char *p = bytes.p + tag->from, *end = bytes.p + tag->until;
	while (p < end) {
		while (p < end && !char_is_space(*p))
			p++;
		while (p < end && char_is_space(*p))
			p++;
		const char *name = p;
		while (p < end && *p != '=' && !char_is_space(*p))
			p++;
		struct str named = { name, (size_t)(p - name) };
		while (p < end && *p != '"' && *p != '\'')
			p++;
		const char *close = p < end ? memchr(p + 1, *p, (size_t)(end - p - 1)) : NULL;
		if (!close)
			break;
		if (declares(named, prefix))
			return (struct str){ p + 1, (size_t)(close - p - 1) };
		p = close + 1;
	}
	return (struct str){ 0 };
}

/* Of kind MARKUP_NONE, and at the start, where there is none; *document goes past its mark. */
static struct markup declaration_of(struct str *document)
{
	static const struct str opens = { "<?xml", 5 };
	*document = str_from(*document, str_mark_bytes(*document));
	bool there = str_starts(*document, opens) && document->n > opens.n &&
		     char_is_space(document->p[opens.n]);
	struct markup declaration = there ? markup_at(*document, 0) : (struct markup){ 0 };
	return declaration.closed ? declaration : (struct markup){ 0 };
}

struct str markup_after_declaration(struct str document)
{
	struct markup declaration = declaration_of(&document);
	return str_from(document, declaration.end);
}

struct str markup_encoding(struct str document)
{
	static const struct str name = { "encoding", 8 };
	struct markup declaration = declaration_of(&document);
	const char *end = document.p + declaration.until;
	const char *p =
		declaration.until ? memmem(document.p, declaration.until, name.p, name.n) : NULL;
	if (!p)
		return (struct str){ 0 };
	for (p += name.n; p < end && *p != '"' && *p != '\''; p++)
		;
	const char *close = p < end ? memchr(p + 1, *p, (size_t)(end - p - 1)) : NULL;
	return close ? (struct str){ p + 1, (size_t)(close - p - 1) } : (struct str){ 0 };
}
