#include "engine/place.h"

#include "base/buf.h"
#include "diag/mask.h"
#include "diag/mask_words.h"
#include "transport/parcel.h"
#include "xml/locate.h"
#include "xml/markup.h"

#include <stdlib.h>

/* Excerpts: the line of a finding, cut short, with a caret under the fault */

struct excerpt {
	const char *text; /* NULL when out of memory */
	size_t caret;	  /* characters before the fault */
};

/*
 * A file may be one line of gigabytes with thousands of findings on it: what is looked at for an
 * excerpt has bounds in bytes. NEARBY holds WIDTH characters of any length; a start tag begins
 * within TAG_REACH.
 */
enum { WIDTH = 160, BEFORE = 60, LONGEST_NAME = 80, NEARBY = 8 * WIDTH, TAG_REACH = 64 * 1024 };

/* What of a line may be read: hidden has a place for each of its bytes, from start on. */
struct shading {
	struct str document;
	size_t start, end;
	size_t fault;		   /* where the value starts that the finding is about */
	enum mask_kind fault_kind; /* of that value, by its path; MASK_VALUE: as its tag says */
	bool exposed;		   /* what comes next is in an element whose text is of a person */
	bool hidden[2 * NEARBY];   /* false up to the end at first */
};

/*
 * The last markup that starts before a place of a well-formed document. Only a scan from its start
 * on says whether a '<' is one of markup, or in a comment or CDATA section. It goes on where it
 * ended, if places come in order. Zeroed: at the start.
 */
struct place_scan {
	size_t at, until; /* from its '<' on, and after its '>' */
};

/* Whether the text of an element is known to be of a person: a part of a name, a user id. */
static bool is_of_a_person(struct str name)
{
	char element[sizeof("Username")] = ""; /* none is longer */
	if (name.n >= sizeof(element))
		return false;
	memcpy(element, name.p, name.n);
	enum mask_kind kind = mask_kind_of(element, NULL);
	return kind == MASK_NAME || kind == MASK_USER;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Whether a name is that of an artefact of HL7, which has its digits from there: an interaction as
 * PRPA_IN150000UK30, or an entry of a template as COCT_TP145101GB01.Child. */
static bool is_artefact(struct str name)
{
	static const char form[] = "AAAA_AA999999AA99";
	const size_t n = sizeof(form) - 1;
	if (name.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'A'   ? !is_capital(name.p[i])
		    : form[i] == '9' ? !char_is_digit(name.p[i])
				     : name.p[i] != form[i])
			return false;
	if (name.n > n && name.p[n] != '.')
		return false;
	for (size_t i = n; i < name.n; i++)
		if (char_is_digit(name.p[i]))
			return false;
	return true;
}

/*
 * Whether a name of markup may be a value: it is not known, and it has digits enough for a number
 * or date of a person, or is exposed. It is exposed in a person's name, where "<" was not escaped,
 * and in a document that is not well-formed.
 */
static bool may_be_value(struct str name, bool exposed)
{
	enum { DIGITS_OF_A_VALUE = 4 };
	size_t digits = 0;
	for (size_t i = 0; i < name.n; i++)
		digits += char_is_digit(name.p[i]);
	if (!exposed && (digits < DIGITS_OF_A_VALUE || is_artefact(name)))
		return false;
	return !is_of_a_person(name) && !mask_knows(name);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static bool ends_name(char c)
{
	return char_is_space(c) || c == '=' || c == '/' || c == '>' || c == '<' || c == '"' ||
	       c == '\'' || c == '?';
}

static void hide(struct shading *shading, size_t from, size_t until)
{
	from = from < shading->start ? shading->start : from;
	until = until > shading->end ? shading->end : until;
	for (size_t at = from; at < until; at++)
		shading->hidden[at - shading->start] = true;
}

/* A whole value, or one that goes on or starts beyond what is looked at. White space around it is
 * layout. */
static void hide_value(struct shading *shading, enum mask_kind kind, size_t from, size_t until)
{
	struct str value = { shading->document.p + from, until - from };
	if (until > shading->end + NEARBY || from + TAG_REACH < shading->start)
		hide(shading, from, until);
	else
		hide(shading, from + mask_shown(kind, value), until);
	for (size_t at = from; at < until && at < shading->end; at++)
		if (at >= shading->start && char_is_space(shading->document.p[at]))
			shading->hidden[at - shading->start] = false;
}

/* A little beyond what is looked at. */
static size_t end_of_look(const struct shading *shading)
{
	size_t until = shading->end + NEARBY + 1;
	return until > shading->document.n ? shading->document.n : until;
}

/* Where some text starts again, from a place on, or the end of the look. */
static size_t find(const struct shading *shading, size_t from, const char *text)
{
	size_t until = end_of_look(shading);
	if (from >= until)
		return until;
	const char *found = memmem(shading->document.p + from, until - from, text, strlen(text));
	return found ? (size_t)(found - shading->document.p) : until;
}

/* Read the name that starts at *at, and go to its end. local gets its local part, cut if it is
 * long, and "xmlns" of what declares a prefix. */
static struct str read_name(struct str document, size_t *at, char *local)
{
	struct str name = { document.p + *at, 0 };
	while (*at < document.n && !ends_name(document.p[*at]))
		++*at;
	name.n = (size_t)(document.p + *at - name.p);
	const char *colon = memrchr(name.p, ':', name.n);
	struct str part = colon ? str_from(name, (size_t)(colon + 1 - name.p)) : name;
	if (str_starts(name, STR("xmlns:")))
		part = STR("xmlns");
	part.n = part.n < LONGEST_NAME ? part.n : LONGEST_NAME - 1;
	memcpy(local, part.p, part.n);
	local[part.n] = '\0';
	return name;
}

/* The value of root in the tag that starts here; absent where it is beyond what is looked at. */
static struct str root_of(const struct shading *shading, size_t lt)
{
	struct str document = shading->document;
	size_t at = lt + 1, until = shading->end + NEARBY;
	char attribute[LONGEST_NAME] = "";
	until = until > document.n ? document.n : until;
	while (at < until && document.p[at] != '>') {
		char c = document.p[at];
		if (c == '"' || c == '\'') {
			const char quote[] = { c, '\0' };
			size_t close = find(shading, at + 1, quote);
			if (strcmp(attribute, "root") == 0 && close < until)
				return (struct str){ document.p + at + 1, close - at - 1 };
			at = close + 1;
		} else if (ends_name(c)) {
			at++;
		} else {
			read_name(document, &at, attribute);
		}
	}
	return (struct str){ 0 };
}

/* Of a name in the document, its prefix and its local part where they may be values. */
static void hide_name(struct shading *shading, struct str name, bool exposed)
{
	size_t from = (size_t)(name.p - shading->document.p);
	for (bool last = false; !last;) {
		const char *colon = memchr(name.p, ':', name.n);
		struct str part = { name.p, colon ? (size_t)(colon - name.p) : name.n };
		if (part.n && may_be_value(part, exposed))
			hide(shading, from, from + part.n);
		last = !colon;
		name = str_from(name, part.n + 1);
		from += part.n + 1;
	}
}

/* A tag from its '<' on; element gets its name. Returns where it ends. */
static size_t shade_tag(struct shading *shading, size_t lt, char *element)
{
	struct str document = shading->document;
	char attribute[LONGEST_NAME] = "";
	size_t at = lt + 1;
	bool ends = at < document.n && document.p[at] == '/';
	at += ends;
	struct str name = read_name(document, &at, element);
	hide_name(shading, name, ends ? false : shading->exposed);
	bool of_a_person = is_of_a_person(str_of(element));
	shading->exposed = of_a_person ? !ends : shading->exposed;
	while (at < shading->end && document.p[at] != '>') {
		char c = document.p[at];
		if (c == '"' || c == '\'') {
			const char quote[] = { c, '\0' };
			size_t close = find(shading, at + 1, quote);
			enum mask_kind kind = mask_kind_of(element, attribute);
			if (strcmp(attribute, "extension") == 0 && strcmp(element, "id") == 0)
				kind = mask_kind_of_id(root_of(shading, lt));
			if (at + 1 == shading->fault && shading->fault_kind != MASK_VALUE)
				kind = shading->fault_kind;
			hide_value(shading, kind, at + 1, close);
			at = close + 1;
		} else if (ends_name(c)) {
			at++;
		} else {
			name = read_name(document, &at, attribute);
			hide_name(shading, name, of_a_person || shading->exposed);
		}
	}
	if (of_a_person && at < document.n && document.p[at - 1] == '/')
		shading->exposed = false;
	return at + 1;
}

/* Hide what starts here, unless it is a tag, or the XML declaration: 0. Comments, CDATA sections
 * and instructions say anything; so does a document type. */
static size_t shade_other(struct shading *shading, size_t lt)
{
	struct str seen = { shading->document.p, end_of_look(shading) };
	struct markup markup = markup_at(seen, lt);
	if (markup.kind <= MARKUP_END || str_starts(str_from(seen, lt), STR("<?xml ")))
		return 0;
	hide_value(shading, MASK_VALUE, markup.from, markup.until);
	return markup.end;
}

/* opened: where a tag starts that is before the place, or 0. */
static void scan_to(struct place_scan *scan, struct str document, size_t opened, size_t offset)
{
	if (scan->at > offset)
		*scan = (struct place_scan){ 0 };
	if (scan->until < opened && opened <= offset)
		*scan = (struct place_scan){ opened, opened };
	while (scan->until < offset) {
		const char *lt = memchr(document.p + scan->until, '<', offset - scan->until);
		if (!lt)
			break;
		scan->at = (size_t)(lt - document.p);
		scan->until = markup_at(document, scan->at).end;
	}
}

/* Names of elements and attributes stay, and so does what is harmless in its place. */
static void shade_well_formed(struct shading *shading, struct place_scan *scan, size_t opened)
{
	struct str document = shading->document;
	char element[LONGEST_NAME] = "";
	scan_to(scan, document, opened, shading->start);
	size_t at = scan->at;
	if (shading->start - at > TAG_REACH) {
		at = scan->until > shading->start ? scan->until : shading->start;
		hide(shading, shading->start, at);
	}
	while (at < shading->end) {
		if (document.p[at] != '<') {
			size_t close = find(shading, at, "<");
			/* Without a tag, it is part of something that is not known. */
			bool known = element[0] && at > 0 && document.p[at - 1] == '>';
			hide_value(shading, known ? mask_kind_of(element, NULL) : MASK_VALUE, at,
				   close);
			at = close;
			element[0] = '\0';
			continue;
		}
		size_t after = shade_other(shading, at);
		if (after)
			element[0] = '\0';
		at = after ? after : shade_tag(shading, at, element);
		if (at > 1 && at <= document.n && document.p[at - 2] == '/')
			element[0] = '\0'; /* what follows is not in it */
	}
}

static bool in_name(char c)
{
	return !ends_name(c) && c != ':' && c != '!' && c != '&' && c != ';';
}

/* Whether a word is in the place of a name, of an element or before '=', and known as one. */
static bool is_known_name(struct str document, size_t from, size_t until)
{
	size_t before = from, after = until;
	while (before > 0 && from - before < LONGEST_NAME &&
	       (in_name(document.p[before - 1]) || document.p[before - 1] == ':'))
		before--;
	while (after < document.n && after - until < LONGEST_NAME &&
	       (in_name(document.p[after]) || document.p[after] == ':'))
		after++;
	bool tag = before > 0 &&
		   (document.p[before - 1] == '<' ||
		    (before > 1 && document.p[before - 1] == '/' && document.p[before - 2] == '<'));
	while (after < document.n && after - until < LONGEST_NAME &&
	       char_is_space(document.p[after]))
		after++;
	bool attribute = after < document.n && document.p[after] == '=';
	return (tag || attribute) && mask_knows((struct str){ document.p + from, until - from });
}

/* Whether a word is the name of a common header field, of HTTP or MIME, in its place. */
static bool is_field_name(struct str document, size_t from, size_t until)
{
	static const char *const names[] = { "Host",	     "Date",
					     "Connection",   "Content-Type",
					     "Content-ID",   "Content-Length",
					     "SOAPAction",   "Content-Encoding",
					     "MIME-Version", "Content-Transfer-Encoding",
					     "User-Agent",   "Transfer-Encoding" };
	if (until == document.n || document.p[until] != ':' ||
	    (from > 0 && document.p[from - 1] != '\n'))
		return false;
	struct str word = { document.p + from, until - from };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_same_letters(word, str_of(names[i])))
			return true;
	return false;
}

/*
 * Of what is not a well-formed document: what is a value and what is a name is not known, so that
 * only the characters of markup and names that are known stay.
 */
static void shade_broken(struct shading *shading)
{
	struct str document = shading->document;
	for (size_t at = shading->start; at < shading->end;) {
		size_t from = at, until = at;
		while (from > 0 && at - from < LONGEST_NAME && in_name(document.p[from - 1]))
			from--;
		while (until < document.n && until - at < LONGEST_NAME &&
		       in_name(document.p[until]))
			until++;
		if (until > at && !is_known_name(document, from, until) &&
		    !is_field_name(document, from, until))
			hide(shading, at, until);
		at = until > at ? until : at + 1;
	}
}

/* A number that may be a person's is hidden wherever it is. */
static void shade_numbers(struct shading *shading)
{
	struct str document = shading->document;
	size_t at = shading->start < WIDTH ? 0 : shading->start - WIDTH;
	while (at < shading->end) {
		size_t n = char_is_digit(document.p[at]) ? mask_number_at(document, at) : 0;
		hide(shading, at, at + n);
		at += n ? n : 1;
	}
}

/* Where the line around an offset starts, or from, if that is later. */
static size_t line_start(struct str document, size_t from, size_t offset)
{
	const char *lf = memrchr(document.p + from, '\n', offset - from);
	from = lf ? (size_t)(lf - document.p) + 1 : from;
	const char *cr = memrchr(document.p + from, '\r', offset - from);
	/* That of a CR and LF is in the line that they end. */
	bool ends = cr && (cr + 1 == document.p + document.n || cr[1] != '\n');
	return ends ? (size_t)(cr - document.p) + 1 : from;
}

/* Where it ends, or until. */
static size_t line_end_of(struct str document, size_t offset, size_t until)
{
	const char *lf = memchr(document.p + offset, '\n', until - offset);
	until = lf ? (size_t)(lf - document.p) : until;
	const char *cr = memchr(document.p + offset, '\r', until - offset);
	return cr ? (size_t)(cr - document.p) : until;
}

/* The window of the line that is shown: whole characters, the fault inside it. */
static void choose_window(struct str document, size_t offset, size_t *start, size_t *end)
{
	size_t line = line_start(document, offset < NEARBY ? 0 : offset - NEARBY, offset);
	size_t line_end = line_end_of(document, offset,
				      document.n - offset < NEARBY ? document.n : offset + NEARBY);
	while (line < offset && char_is_space(document.p[line]))
		line++;
	*start = offset - line > WIDTH - BEFORE ? offset - BEFORE : line;
	while (*start < offset && is_continuation(document.p[*start]))
		(*start)++;
	size_t characters = 0, at = *start;
	for (; at < line_end && characters < WIDTH; at++)
		characters += !is_continuation(document.p[at]);
	while (at < line_end && is_continuation(document.p[at]))
		at++;
	while (at > *start && char_is_space(document.p[at - 1]))
		at--;
	*end = at;
}

/* The name of a step, without '@' and predicate, and what comes after the step. */
static struct str step_name(const char *step, const char **after)
{
	*after = step + strcspn(step, "/");
	step += *step == '@';
	return (struct str){ step, strcspn(step, "/[") };
}

static bool path_exposes(const char *path)
{
	bool exposed = false;
	for (const char *step = path; *step && !exposed;) {
		step += *step == '/';
		exposed = is_of_a_person(step_name(step, &step));
	}
	return exposed;
}

/* Whether a name of a path may be a value. */
static bool path_hides(const char *path, bool exposed)
{
	for (const char *step = path; *step;) {
		step += *step == '/';
		struct str name = step_name(step, &step);
		if (may_be_value(name, exposed))
			return true;
		exposed = exposed || is_of_a_person(name);
	}
	return false;
}

/* A path in which each name that may be a value is "*", as XPath has it for any name. */
static const char *mask_path(struct arena *arena, const char *path, bool exposed)
{
	struct buf out;
	if (!path_hides(path, exposed))
		return path;
	buf_init(&out, SIZE_MAX / 2);
	for (const char *step = path, *after; *step; step = after) {
		if (*step == '/') {
			buf_char(&out, '/');
			step++;
		}
		struct str name = step_name(step, &after);
		bool hidden = may_be_value(name, exposed);
		exposed = exposed || is_of_a_person(name);
		buf_add(&out, step, (size_t)(name.p - step));
		buf_str(&out, hidden ? STR("*") : name);
		buf_add(&out, name.p + name.n, (size_t)(after - name.p - (ptrdiff_t)name.n));
	}
	const char *masked = out.failed ? path : arena_copy(arena, buf_view(&out));
	arena->failed = arena->failed || out.failed;
	buf_release(&out);
	return masked;
}

/* A sentence in which each name of markup that may be a value is marked as one. */
static const char *mask_names(struct arena *arena, const char *sentence, bool exposed)
{
	static const char word[] = { MASK_OPEN, MASK_WORD, '\0' };
	char *copy = NULL;
	for (const char *mark = sentence; mark && (mark = strstr(mark, word)); mark++) {
		const char *from = mark + strlen(word), *close = strchr(from, MASK_CLOSE);
		struct str name = { from, close ? (size_t)(close - from) : strlen(from) };
		if (!may_be_value(name, exposed))
			continue;
		copy = copy ? copy : arena_copy(arena, str_of(sentence));
		bool uri = memchr(name.p, ':', name.n) != NULL;
		if (copy)
			copy[mark - sentence + 1] = uri ? MASK_NONE : MASK_VALUE;
	}
	return copy ? copy : sentence;
}

/* What a finding says and where it is show no name that its excerpt hides. */
static void mask_markup(struct arena *arena, struct draft_finding *finding, bool well_formed)
{
	bool exposed = !well_formed || (finding->path && path_exposes(finding->path));
	if (finding->path)
		finding->path = mask_path(arena, finding->path, !well_formed);
	finding->message = mask_names(arena, finding->message, exposed);
	finding->expected = mask_names(arena, finding->expected, exposed);
	finding->actual = mask_names(arena, finding->actual, exposed);
	finding->fix = mask_names(arena, finding->fix, exposed);
}

static struct excerpt write_excerpt(struct arena *arena, const struct shading *shading,
				    size_t offset)
{
	static const char dot[] = "•";
	struct excerpt excerpt = { 0 };
	char out[2 * NEARBY * (sizeof(dot) - 1)];
	size_t n = 0;
	for (size_t at = shading->start; at < shading->end; at++) {
		char c = shading->document.p[at];
		if (at < offset && !is_continuation(c))
			excerpt.caret++;
		if (!shading->hidden[at - shading->start]) {
			out[n++] = (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c;
		} else if (!is_continuation(c)) {
			memcpy(out + n, dot, sizeof(dot) - 1);
			n += sizeof(dot) - 1;
		}
	}
	excerpt.text = arena_copy(arena, (struct str){ out, n });
	return excerpt;
}

/*
 * At most WIDTH characters of the line around a place, of which its offset and what is opened
 * before it count. Unless show_values, characters of values that may identify a person are dots.
 * scan NULL: the document is not well-formed.
 */
static struct excerpt excerpt_of(struct arena *arena, struct str document,
				 const struct location *location, struct place_scan *scan,
				 bool show_values)
{
	struct shading shading;
	size_t offset = location->offset < document.n ? location->offset : document.n;
	shading.document = document;
	shading.fault = offset;
	shading.fault_kind = mask_kind_at(location->path);
	shading.exposed = location->path && path_exposes(location->path);
	choose_window(document, offset, &shading.start, &shading.end);
	memset(shading.hidden, 0, shading.end - shading.start);
	if (!show_values) {
		if (scan)
			shade_well_formed(&shading, scan, location->opened);
		else
			shade_broken(&shading);
		shade_numbers(&shading);
	}
	return write_excerpt(arena, &shading, offset);
}

const char *place_line(struct arena *arena, struct str document, size_t offset, bool well_formed,
		       bool show_values)
{
	offset = offset > document.n ? document.n : offset;
	struct place_scan scan = { 0 };
	if (!show_values) {
		while (offset < document.n &&
		       (document.p[offset] == ' ' || document.p[offset] == '\t'))
			offset++;
		struct location location = { .offset = offset };
		return excerpt_of(arena, document, &location, well_formed ? &scan : NULL, false)
			.text;
	}
	size_t start = line_start(document, 0, offset);
	size_t end = line_end_of(document, offset, document.n);
	return arena_copy(arena, (struct str){ document.p + start, end - start });
}

/* Lines stay: places in what is masked are those of the text. */
static void write_shaded(struct buf *out, const struct shading *shading)
{
	for (size_t at = shading->start; at < shading->end; at++) {
		char c = shading->document.p[at];
		if (!shading->hidden[at - shading->start] || c == '\n' || c == '\r')
			buf_char(out, c);
		else if (!is_continuation(c))
			buf_text(out, "•");
	}
}

void place_mask(struct buf *out, struct str text, bool well_formed)
{
	struct shading shading = { .document = text };
	struct place_scan scan = { 0 };
	for (; shading.start < text.n; shading.start = shading.end) {
		size_t left = text.n - shading.start;
		bool last = left <= sizeof(shading.hidden);
		shading.end = shading.start + (last ? left : sizeof(shading.hidden));
		memset(shading.hidden, 0, sizeof(shading.hidden));
		if (well_formed)
			shade_well_formed(&shading, &scan, 0);
		else
			shade_broken(&shading);
		shade_numbers(&shading);
		write_shaded(out, &shading);
	}
}

size_t place_boundary(struct str document, size_t offset)
{
	struct place_scan scan = { 0 };
	scan_to(&scan, document, 0, offset);
	return scan.until > offset ? scan.at : offset;
}

size_t place_next_line(struct str document, size_t offset)
{
	size_t end = offset < document.n ? line_end_of(document, offset, document.n) : document.n;
	end += str_starts(str_from(document, end), STR("\r\n"));
	return end < document.n ? end + 1 : end;
}

/* Places */

/* The findings of one document, and the earlier places that some of them name. */
struct found {
	struct location *locations;
	size_t count;
};

static size_t count_places(const struct draft *draft, size_t first, size_t document)
{
	size_t count = 0;
	for (size_t i = first; i < draft->message_count; i++) {
		const struct draft_message *message = &draft->messages[i];
		for (size_t k = 0; k < message->finding_count; k++)
			if (message->findings[k].document == document)
				count += message->findings[k].other ? 2 : 1;
		for (size_t k = 0; k < message->behind_count; k++)
			count += message->behind[k].document == document;
	}
	for (size_t i = 0; draft->upload && i < draft->upload->place_count; i++)
		count += draft->upload->places[i].document == document;
	return count;
}

static void add(struct found *found, struct draft_finding *finding)
{
	found->locations[found->count++] =
		(struct location){ .offset = finding->offset, .owner = finding };
	if (finding->other)
		found->locations[found->count++] = (struct location){ .offset = finding->other,
								      .owner = finding,
								      .is_other = true };
}

/* -1 when out of memory. */
static int collect(const struct placing *placing, size_t document, struct draft_finding *extra,
		   struct found *found)
{
	struct draft *draft = placing->draft;
	size_t count = count_places(draft, placing->first_message, document) + (extra != NULL);
	*found = (struct found){ .locations =
					 count ? calloc(count, sizeof(*found->locations)) : NULL };
	if (!found->locations)
		return count ? -1 : 0;
	for (size_t i = placing->first_message; i < draft->message_count; i++) {
		struct draft_message *message = &draft->messages[i];
		for (size_t k = 0; k < message->finding_count; k++)
			if (message->findings[k].document == document)
				add(found, &message->findings[k]);
		for (size_t k = 0; k < message->behind_count; k++)
			if (message->behind[k].document == document)
				add(found, &message->behind[k]);
	}
	for (size_t i = 0; draft->upload && i < draft->upload->place_count; i++)
		if (draft->upload->places[i].document == document)
			add(found, &draft->upload->places[i]);
	if (extra)
		add(found, extra);
	return 0;
}

/* In the document itself. */
static void put(const struct placing *placing, struct str bytes, const struct location *location,
		struct place_scan *scan)
{
	struct draft_finding *finding = location->owner;
	struct place place = { location->line, location->column };
	if (location->is_other) {
		finding->other_at = place;
		return;
	}
	finding->at = place;
	finding->path = location->path;
	struct excerpt excerpt =
		excerpt_of(&placing->draft->arena, bytes, location, scan, placing->show_values);
	finding->excerpt = excerpt.text;
	finding->caret = excerpt.caret;
	if (!placing->show_values)
		mask_markup(&placing->draft->arena, finding, scan != NULL);
}

static const char *description(const struct placing *placing, const struct parcel *decoded)
{
	struct buf text;
	buf_init(&text, 1024);
	parcel_describe(decoded, &text);
	if (text.failed)
		placing->draft->failed = true;
	const char *copy = arena_copy(&placing->draft->arena, buf_view(&text));
	buf_release(&text);
	return copy;
}

/* Lines of a parcel's bytes, counted on from where findings in it were placed before. */
static void count_in(const struct placing *placing, const struct parcel *parcel,
		     struct location *locations, size_t count)
{
	struct place_marks *marks = placing->marks;
	if (parcel->serial == 0) {
		xml_count_places(parcel->bytes, locations, count);
		return;
	}
	size_t i = 0;
	while (i < MOST_MARKS && marks->of[i].serial != parcel->serial)
		i++;
	if (i == MOST_MARKS) {
		i = marks->next++ % MOST_MARKS;
		marks->of[i] = (struct place_mark){ .serial = parcel->serial };
	}
	/* What is found of a part goes back to its start: no further than the finding before. */
	struct place_mark *mark = &marks->of[i];
	if (count && locations[0].offset < mark->counted.offset)
		mark->counted = mark->before;
	mark->before = mark->counted;
	xml_count_on(parcel->bytes, &mark->counted, locations, count);
}

/*
 * From places in the parcel to places in the source and in what was decoded. Locations are in
 * order of offset, and no layer reverses an order.
 */
static void trace(const struct placing *placing, const struct parcel *parcel,
		  struct location *locations, size_t count)
{
	const struct parcel *source = parcel_source(parcel);
	const struct parcel *decoded = NULL;
	for (size_t i = 0; i < count; i++) {
		struct origin origin = parcel_origin(parcel, locations[i].offset);
		locations[i].offset = origin.decoded ? origin.inner : origin.offset;
		decoded = origin.decoded;
	}
	count_in(placing, decoded ? decoded : source, locations, count);
	struct location start = { .offset = decoded ? parcel_origin(decoded, 0).offset : 0 };
	const char *layer = decoded ? description(placing, decoded) : NULL;
	if (decoded)
		count_in(placing, source, &start, 1);
	for (size_t i = 0; i < count; i++) {
		struct draft_finding *finding = locations[i].owner;
		struct place place = { locations[i].line, locations[i].column };
		if (locations[i].is_other)
			finding->other_at = place;
		else
			finding->at = place;
		if (!decoded || locations[i].is_other)
			continue;
		finding->inner = finding->at;
		finding->at = (struct place){ start.line, start.column };
		finding->layer = layer;
	}
}

/* The sentence of a finding names the earlier place, by its line in the same text. */
static void name_other_places(struct arena *arena, const struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct draft_finding *finding = found->locations[i].owner;
		if (found->locations[i].is_other)
			finding->message = arena_printf(arena, "%s; compare line %zu",
							finding->message ? finding->message : "",
							finding->other_at.line);
	}
}

void place_document(const struct placing *placing, const struct parcel *parcel, size_t document,
		    struct draft_finding *extra)
{
	struct draft *draft = placing->draft;
	struct found found;
	bool well_formed = placing->well_formed;
	struct place_scan scan = { 0 };
	if (collect(placing, document, extra, &found) != 0 ||
	    xml_locate(placing->reader, parcel->bytes, placing->limits, found.locations,
		       found.count, &draft->arena, &well_formed) != 0)
		draft->failed = true;
	for (size_t i = 0; i < found.count; i++)
		put(placing, parcel->bytes, &found.locations[i], well_formed ? &scan : NULL);
	if (found.count && parcel_source(parcel) != parcel)
		trace(placing, parcel, found.locations, found.count);
	name_other_places(&draft->arena, &found);
	free(found.locations);
}

void place_in_layer(const struct placing *placing, const struct parcel *parcel,
		    struct draft_finding *finding)
{
	struct location location = { .offset = finding->offset, .owner = finding };
	finding->path = "";
	trace(placing, parcel, &location, 1);
}
