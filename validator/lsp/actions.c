/* What can be done about a place: fix it, accept it, hide a value, read the rule. */
#include "lsp/lsp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A fix that the library offers for findings of one rule. */
struct fix_search {
	const struct document *document;
	const char *path; /* of the finding; NULL: every change counts */
	json_object *edits;
	char what[128];
	bool uncertain; /* a person has to look first */
};

static void take_fix(void *context, const struct cpis_fix *fix)
{
	struct fix_search *search = context;
	if (search->path && (!fix->path || strcmp(fix->path, search->path) != 0))
		return;
	search->uncertain = search->uncertain || fix->uncertain;
	snprintf(search->what, sizeof(search->what), "%s", fix->what);
	json_object_array_add(search->edits, json_edit(search->document, fix->start, fix->end,
						       fix->text, fix->text_size));
}

/* rule NULL: all that are certain. The edits, or NULL where there are none. */
static json_object *search_fixes(const struct server *server, struct fix_search *search,
				 const char *rule)
{
	const struct document *document = search->document;
	const struct cpis_bytes source = { document->path, document->text, document->size };
	const struct cpis_fix_options how = { .rule = rule, .certain = !rule };
	struct cpis_failure failure;
	char *bytes = NULL;
	size_t size, count;
	search->edits = json_object_new_array();
	if (cpis_fix_bytes(&source, &server->options, &how, take_fix, search, &bytes, &size, &count,
			   &failure) == 0)
		cpis_free(bytes);
	if (json_object_array_length(search->edits))
		return search->edits;
	json_object_put(search->edits);
	return NULL;
}

static json_object *action(const char *title, const char *kind, json_object *edit)
{
	json_object *one = json_object_new_object();
	json_put_text(one, "title", title);
	json_put_text(one, "kind", kind);
	json_put(one, "edit", edit);
	return one;
}

/* A WorkspaceEdit of the document itself. */
static json_object *edit_here(const struct document *document, json_object *edits)
{
	json_object *changes = json_object_new_object(), *edit = json_object_new_object();
	json_put(changes, document->uri, edits);
	json_put(edit, "changes", changes);
	return edit;
}

static void offer_fix(const struct server *server, const struct document *document,
		      const struct cpis_finding *finding, json_object *all)
{
	struct fix_search search = { .document = document, .path = finding->path };
	char title[192];
	if (!cpis_rule_fix(finding->rule, 0))
		return;
	json_object *edits = search_fixes(server, &search, finding->rule);
	if (!edits)
		return;
	snprintf(title, sizeof(title), "Fix %s: %s", finding->rule, search.what);
	json_object *one = action(title, "quickfix", edit_here(document, edits));
	if (!search.uncertain)
		json_put(one, "isPreferred", json_object_new_boolean(1));
	json_object_array_add(all, one);
}

/* A path as a URI; for free(). */
static char *uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789/-._~";
	static const char start[] = "file://";
	size_t room = sizeof(start) + 3 * strlen(path), n = sizeof(start) - 1;
	char *uri = malloc(room);
	if (!uri)
		return NULL;
	memcpy(uri, start, sizeof(start));
	for (; *path; path++)
		n += (size_t)snprintf(uri + n, room - n, strchr(plain, *path) ? "%c" : "%%%02X",
				      (unsigned char)*path);
	return uri;
}

/* In quotation marks; YAML reads them as JSON does. */
static void put_line(json_object *text, char **entry, const char *name)
{
	char *more = NULL;
	const char *quoted = json_object_to_json_string_ext(text, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!*entry || asprintf(&more, "%s  %s: %s\n", *entry, name, quoted) < 0)
		more = NULL;
	free(*entry);
	*entry = more;
	json_object_put(text);
}

/* Of one message: another may have the finding at the same path, and for another reason. The reason
 * is for a person to write. For free(). */
static char *entry_of(const char *message, const struct cpis_finding *finding)
{
	char *entry = NULL;
	if (asprintf(&entry, "- rule: %s\n", finding->rule) < 0)
		return NULL;
	put_line(json_object_new_string(finding->path), &entry, "path");
	put_line(json_object_new_string(message), &entry, "message");
	put_line(json_object_new_string("say why this is accepted"), &entry, "reason");
	return entry;
}

/* A WorkspaceEdit that puts an entry at the start of a file, which is made where it is missing. */
static json_object *edit_of_entry(const char *uri, const char *entry)
{
	json_object *options = json_object_new_object(), *create = json_object_new_object();
	json_put(options, "ignoreIfExists", json_object_new_boolean(1));
	json_put_text(create, "kind", "create");
	json_put_text(create, "uri", uri);
	json_put(create, "options", options);
	json_object *file = json_object_new_object(), *edits = json_object_new_array();
	json_put_text(file, "uri", uri);
	json_object_object_add(file, "version", NULL);
	struct document empty = { .text = (char[]){ "" } };
	json_object_array_add(edits, json_edit(&empty, 0, 0, entry, strlen(entry)));
	json_object *change = json_object_new_object(), *changes = json_object_new_array();
	json_put(change, "textDocument", file);
	json_put(change, "edits", edits);
	json_object_array_add(changes, create);
	json_object_array_add(changes, change);
	json_object *edit = json_object_new_object();
	json_put(edit, "documentChanges", changes);
	return edit;
}

/* In the baseline in use; where there is none, in one that cpis.yaml has to name. */
static void offer_waiver(const struct server *server, const struct document *document,
			 const char *message, const struct cpis_finding *finding, json_object *all)
{
	char title[256], *path = NULL;
	if (!finding->path || finding->waived || strncmp(document->uri, "file://", 7) != 0)
		return;
	char *used = baseline_in_use(server);
	if (used)
		path = used;
	else if (asprintf(&path, "%s/cpis-baseline.yaml", server->folder) < 0)
		return;
	char *uri = uri_of(path), *name = server_name_of(server, path);
	char *entry = entry_of(message, finding);
	if (uri && name && entry) {
		snprintf(title, sizeof(title), "Accept this %s in %s%s", finding->rule, name,
			 used ? "" : " (not in use: cpis.yaml must name it as baseline)");
		json_object_array_add(all, action(title, "quickfix", edit_of_entry(uri, entry)));
	}
	free(uri);
	free(name);
	free(entry);
	free(path);
}

/* The client runs the command of the server, which shows the rule. */
static void offer_rule(const struct cpis_finding *finding, json_object *all)
{
	char title[64];
	snprintf(title, sizeof(title), "Explain %s", finding->rule);
	json_object *command = json_object_new_object(), *words = json_object_new_array();
	json_object_array_add(words, json_object_new_string(finding->rule));
	json_put_text(command, "title", title);
	json_put_text(command, "command", "cpis.explain");
	json_put(command, "arguments", words);
	json_object *one = action(title, "quickfix", NULL);
	json_put(one, "command", command);
	json_object_array_add(all, one);
}

/* Values that may identify a person */

struct value {
	size_t start, end;
};

/* Goes from value to value of a document: those of attributes, and the texts of elements. */
struct reader {
	const struct document *document;
	size_t at, depth;
	bool in_tag;
};

static size_t after(const struct document *document, size_t at, const char *end)
{
	const char *found = memmem(document->text + at, document->size - at, end, strlen(end));
	return found ? (size_t)(found - document->text) + strlen(end) : document->size;
}

static bool begins(const struct document *document, size_t at, const char *start)
{
	size_t n = strlen(start);
	return document->size - at >= n && memcmp(document->text + at, start, n) == 0;
}

/* What begins with "<": past a comment, CDATA, an instruction, or into a tag. */
static void read_markup(struct reader *reader)
{
	static const char *const closed[][2] = {
		{ "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" }, { "<!", ">" }
	};
	const struct document *document = reader->document;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (begins(document, reader->at, closed[i][0])) {
			reader->at =
				after(document, reader->at + strlen(closed[i][0]), closed[i][1]);
			return;
		}
	reader->in_tag = true;
	if (begins(document, reader->at, "</"))
		reader->depth -= reader->depth > 0;
	else
		reader->depth++;
	reader->at++;
}

/* Whether the attribute that ends before a quotation mark declares a namespace or is of XML. */
static bool is_of_xml(const char *text, size_t quote)
{
	size_t start = quote;
	while (start > 0 && !strchr(" \t\r\n<", text[start - 1]))
		start--;
	return strncmp(text + start, "xmlns", 5) == 0 || strncmp(text + start, "xml:", 4) == 0;
}

/* One step in a tag. True: a value was read. */
static bool read_attribute(struct reader *reader, struct value *value)
{
	const struct document *document = reader->document;
	const char *text = document->text;
	size_t at = reader->at;
	if (text[at] == '>') {
		reader->depth -= text[at - 1] == '/' && reader->depth > 0;
		reader->in_tag = false;
	}
	reader->at++;
	if (text[at] != '"' && text[at] != '\'')
		return false;
	const char *end = memchr(text + at + 1, text[at], document->size - at - 1);
	*value = (struct value){ at + 1, end ? (size_t)(end - text) : document->size };
	reader->at = end ? value->end + 1 : document->size;
	return end && text[at - 1] == '=' && value->end > value->start && !is_of_xml(text, at);
}

static bool next_value(struct reader *reader, struct value *value)
{
	const struct document *document = reader->document;
	const char *text = document->text;
	while (reader->at < document->size) {
		if (reader->in_tag) {
			if (read_attribute(reader, value))
				return true;
			continue;
		}
		const char *end = memchr(text + reader->at, '<', document->size - reader->at);
		*value = (struct value){ reader->at, end ? (size_t)(end - text) : document->size };
		reader->at = value->end;
		if (end && reader->depth && value->end > value->start &&
		    strspn(text + value->start, " \t\r\n") < value->end - value->start)
			return true;
		if (end && value->end == value->start)
			read_markup(reader);
	}
	return false;
}

/* The value of an attribute, or the text of an element, that a place is in. */
static bool value_at(const struct document *document, size_t at, struct value *value)
{
	struct reader reader = { .document = document };
	while (next_value(&reader, value) && value->start <= at)
		if (at <= value->end)
			return true;
	return false;
}

/* A payload in base64, which what is in it cannot be masked in; a name has no such long word. */
static bool is_base64(const char *text, size_t n)
{
	enum { LONG_WORD = 48 };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/=";
	size_t word = 0, longest = 0;
	for (size_t i = 0; i < n; i++) {
		bool blank = strchr(" \t\r\n", text[i]) && text[i];
		if (!blank && (!text[i] || !strchr(letters, text[i])))
			return false;
		word = blank ? 0 : word + 1;
		longest = word > longest ? word : longest;
	}
	return longest >= LONG_WORD;
}

/* An OID says of what kind an identifier is, and nothing of a person. */
static bool is_oid(const char *text, size_t n)
{
	return n > 4 && strspn(text, "0123456789.") >= n && memchr(text, '.', n);
}

static bool is_nhs_number(const char *text, size_t n)
{
	return n == 10 && strspn(text, "0123456789") >= 10;
}

/*
 * A synthetic number with a right check digit, always the same for the same number in the same
 * document. The document does not have it yet, so that no two numbers become one. False: all are
 * taken.
 */
static bool make_number(const struct document *document, const char *from, char to[11])
{
	unsigned long seed = strtoul(from + 4, NULL, 10);
	for (unsigned long tried = 0; tried < 1000000; tried++) {
		unsigned sum = 0;
		snprintf(to, 11, "999%06lu", (seed + tried) % 1000000);
		for (unsigned i = 0; i < 9; i++)
			sum += (10 - i) * (unsigned)(to[i] - '0');
		unsigned check = (11 - sum % 11) % 11;
		if (check == 10)
			continue;
		to[9] = (char)('0' + check);
		to[10] = '\0';
		if (!memmem(document->text, document->size, to, 10))
			return true;
	}
	return false;
}

/* Digits that are a date, with or without a time and an offset; short ones as a value alone. */
static bool is_date(const char *text, const struct value *value)
{
	const char *from = text + value->start;
	size_t n = value->end - value->start, digits = strspn(from, "0123456789");
	bool named = value->start > 7 && memcmp(from - 7, "value=", 6) == 0;
	bool offset = digits < n && strchr("+-", from[digits]) && n - digits == 5 &&
		      strspn(from + digits + 1, "0123456789") >= 4;
	if ((digits < n && !offset && from[digits] != '.') || digits > 14 || digits % 2 ||
	    digits < (named ? 4 : 8) ||
	    (strncmp(from, "19", 2) != 0 && strncmp(from, "20", 2) != 0))
		return false;
	unsigned month =
		digits > 4 ? (unsigned)(from[4] - '0') * 10 + (unsigned)(from[5] - '0') : 1;
	unsigned day = digits > 6 ? (unsigned)(from[6] - '0') * 10 + (unsigned)(from[7] - '0') : 1;
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* The first of January of the year, at midnight. */
static void make_date(char *text)
{
	static const char first[] = "0101000000";
	size_t digits = strspn(text, "0123456789");
	for (size_t i = 4; i < 14 && i < digits; i++)
		text[i] = first[i - 4];
}

static bool is_uuid(const char *text, size_t n)
{
	return n == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' &&
	       strspn(text, "0123456789abcdefABCDEF-") >= n;
}

/* How many bytes are kept as they are: what a telecom begins with, or a reference that is a sign of
 * the markup. */
static size_t kept_bytes(const char *text, size_t at, size_t n)
{
	static const char *const kept[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	static const char *const heads[] = { "tel:", "fax:", "mailto:", "http:", "https:", "urn:" };
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (n - at >= strlen(kept[i]) && memcmp(text + at, kept[i], strlen(kept[i])) == 0)
			return strlen(kept[i]);
	for (size_t i = 0; at == 0 && i < sizeof(heads) / sizeof(heads[0]); i++)
		if (n >= strlen(heads[i]) && memcmp(text, heads[i], strlen(heads[i])) == 0)
			return strlen(heads[i]);
	return 0;
}

/* The bytes of a character, or of a reference to one or to an entity. */
static size_t character_bytes(const char *text, size_t at, size_t n)
{
	const char *end = text[at] == '&' ? memchr(text + at, ';', n - at) : NULL;
	if (end)
		return (size_t)(end - text) + 1 - at;
	size_t more = 1;
	while ((unsigned char)text[at] >= 0xC0 && at + more < n &&
	       ((unsigned char)text[at + more] & 0xC0) == 0x80)
		more++;
	return more;
}

/* Letters as X and digits as 0: the form stays, and what is not text of the value. */
static char *make_dummy(const char *text, const struct value *value)
{
	const char *from = text + value->start;
	size_t n = value->end - value->start, to = 0;
	bool uuid = is_uuid(from, n);
	char *made = malloc(n + 1); /* nothing gets longer */
	if (made) {
		memcpy(made, from, n);
		made[n] = '\0';
	}
	if (made && is_date(text, value)) {
		make_date(made);
		return made;
	}
	for (size_t at = 0; made && at < n;) {
		size_t kept = kept_bytes(from, at, n), bytes = character_bytes(from, at, n);
		unsigned char c = (unsigned char)from[at];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
		if (kept) {
			memcpy(made + to, from + at, kept);
			to += kept;
			at += kept;
			continue;
		}
		if (c >= '0' && c <= '9')
			made[to++] = '0';
		else if (letter || bytes > 1)
			made[to++] = uuid ? 'A' : 'X';
		else
			made[to++] = (char)c;
		at += bytes;
	}
	if (made)
		made[to] = '\0';
	return made;
}

/* Everywhere in the document, so that what belongs together still does. */
static json_object *replace_all(const struct document *document, const char *from, size_t n,
				const char *to)
{
	json_object *edits = json_object_new_array();
	struct reader reader = { .document = document };
	struct value value;
	while (next_value(&reader, &value))
		if (value.end - value.start == n &&
		    memcmp(document->text + value.start, from, n) == 0)
			json_object_array_add(
				edits, json_edit(document, value.start, value.end, to, strlen(to)));
	return edits;
}

static void offer_mask(const struct document *document, size_t at, json_object *all)
{
	struct value value;
	char number[11];
	if (!value_at(document, at, &value))
		return;
	const char *from = document->text + value.start;
	size_t n = value.end - value.start;
	bool nhs = is_nhs_number(from, n);
	char *to = NULL;
	if (is_base64(from, n) || is_oid(from, n))
		return;
	if (nhs && !make_number(document, from, number))
		return;
	if (!nhs)
		to = make_dummy(document->text, &value);
	if (nhs || (to && (strlen(to) != n || memcmp(from, to, n) != 0)))
		json_object_array_add(
			all, action(nhs ? "Replace this NHS number by a synthetic one"
					: "Mask this value",
				    "refactor.rewrite",
				    edit_here(document,
					      replace_all(document, from, n, nhs ? number : to))));
	free(to);
}

/* Of so many findings at a place: a menu can show no more, and each fix is tried on the whole. */
enum { MOST_OFFERED = 20 };

json_object *actions(const struct server *server, const struct document *document, size_t start,
		     size_t end)
{
	struct cpis_message message;
	struct cpis_finding finding;
	size_t from, until, offered = 0;
	json_object *all = json_object_new_array();
	if (!document->results)
		return all;
	for (size_t i = 0;
	     cpis_results_message(document->results, i, &message, sizeof(message)) == 0; i++)
		for (size_t k = 0;
		     offered < MOST_OFFERED &&
		     cpis_results_finding(document->results, i, k, &finding, sizeof(finding)) == 0;
		     k++) {
			finding_range(document, &finding, &from, &until);
			if (end < from || start > until)
				continue;
			offered++;
			offer_fix(server, document, &finding, all);
			offer_waiver(server, document, message.source, &finding, all);
			offer_rule(&finding, all);
		}
	offer_mask(document, start, all);
	struct fix_search search = { .document = document };
	json_object *edits = search_fixes(server, &search, NULL);
	if (edits)
		json_object_array_add(all, action("Fix everything that is certain", "source.fixAll",
						  edit_here(document, edits)));
	return all;
}
