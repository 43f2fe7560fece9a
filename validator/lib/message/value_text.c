#include "message/value_text.h"

static bool in_document(const struct text_home *home, struct str text)
{
	return text.p >= home->document.p && text.p + text.n <= home->document.p + home->document.n;
}

struct str text_keep(const struct text_home *home, struct str text)
{
	return in_document(home, text) ? text : arena_str(home->arena, text);
}

/* The room of a text that was joined: doubled as it grows, so that many pieces cost no more than
 * few. */
static size_t joined_room(size_t n)
{
	size_t room = 64;
	while (room < n)
		room *= 2;
	return room;
}

static void join_text(const struct text_home *home, struct value *value, struct str text)
{
	size_t n = value->text.n + text.n;
	bool joined = value->text.n && !in_document(home, value->text);
	char *room = joined && joined_room(value->text.n) == joined_room(n)
			     ? (char *)(uintptr_t)value->text.p
			     : arena_alloc(home->arena, joined_room(n));
	if (!room)
		return;
	if (room != value->text.p)
		memcpy(room, value->text.p, value->text.n);
	memcpy(room + value->text.n, text.p, text.n);
	value->text = (struct str){ room, n };
}

static void start_text(const struct text_home *home, struct value *value, struct str text,
		       size_t offset)
{
	*value = (struct value){ in_document(home, text) ? text : STR(""), offset };
	if (value->text.n == 0)
		join_text(home, value, text);
}

void text_add(const struct text_home *home, struct value *value, struct str text, size_t offset,
	      bool divided)
{
	if (value->text.n == 0 || (divided && str_is_blank(value->text)))
		start_text(home, value, text, offset);
	else if (divided && str_is_blank(text))
		return;
	else if (value->text.p + value->text.n == text.p)
		value->text.n += text.n;
	else
		join_text(home, value, text);
}
