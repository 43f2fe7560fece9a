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
};

static void take_fix(void *context, const struct cpis_fix *fix)
{
	struct fix_search *search = context;
	if (search->path && (!fix->path || strcmp(fix->path, search->path) != 0))
		return;
	snprintf(search->what, sizeof(search->what), "%s", fix->what);
	json_object_array_add(search->edits, json_edit(search->document, fix->start, fix->end,
						       fix->text, fix->text_size));
}

/* rule NULL: all of them. The edits, or NULL where there are none. */
static json_object *search_fixes(const struct server *server, struct fix_search *search,
				 const char *rule)
{
	const struct document *document = search->document;
	const struct cpis_bytes source = { document->path, document->text, document->size };
	const struct cpis_fix_options how = { .rule = rule };
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
	json_put(one, "isPreferred", json_object_new_boolean(1));
	json_object_array_add(all, one);
}

/* cpis-baseline.yaml beside the message: an entry at its start; the reason is for a person to
 * write.
 */
static void offer_waiver(const struct document *document, const struct cpis_finding *finding,
			 json_object *all)
{
	const char *slash = strrchr(document->uri, '/');
	char *uri = NULL, *entry = NULL, title[96];
	if (!finding->path || !slash ||
	    asprintf(&uri, "%.*s/cpis-baseline.yaml", (int)(slash - document->uri), document->uri) <
		    0)
		return;
	if (asprintf(&entry, "- rule: %s\n  path: %s\n  reason: say why this is accepted\n",
		     finding->rule, finding->path) < 0) {
		free(uri);
		return;
	}
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
	snprintf(title, sizeof(title), "Accept this %s in cpis-baseline.yaml", finding->rule);
	json_object_array_add(all, action(title, "quickfix", edit));
	free(entry);
	free(uri);
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

/* The value of an attribute, or the text of an element, that a place is in. */
static bool value_at(const struct document *document, size_t at, struct value *value)
{
	const char *text = document->text;
	size_t start = at, end = at;
	while (start > 0 && !strchr("\"'<>", text[start - 1]))
		start--;
	while (end < document->size && !strchr("\"'<>", text[end]))
		end++;
	*value = (struct value){ start, end };
	if (start == 0 || end == document->size || end == start)
		return false;
	char before = text[start - 1], after = text[end];
	bool attribute = (before == '"' || before == '\'') && after == before && start > 1 &&
			 text[start - 2] == '=';
	return attribute ||
	       (before == '>' && after == '<' && strspn(text + start, " \t\r\n") < end - start);
}

static bool is_nhs_number(const char *text, size_t n)
{
	return n == 10 && strspn(text, "0123456789") >= 10;
}

/* A synthetic number with a right check digit, always the same for the same number. */
static void make_number(const char *from, char to[11])
{
	unsigned long seed = strtoul(from + 4, NULL, 10);
	for (unsigned long n = seed % 1000000;; n = (n + 1) % 1000000) {
		unsigned sum = 0;
		snprintf(to, 11, "999%06lu", n);
		for (unsigned i = 0; i < 9; i++)
			sum += (10 - i) * (unsigned)(to[i] - '0');
		unsigned check = (11 - sum % 11) % 11;
		if (check == 10)
			continue;
		to[9] = (char)('0' + check);
		to[10] = '\0';
		if (strncmp(from, to, 10) != 0)
			return;
	}
}

/* Letters as X and digits as 0: the form stays. */
static char *make_dummy(const char *from, size_t n)
{
	char *made = strndup(from, n);
	for (char *p = made; p && *p; p++)
		*p = (char)(*p >= '0' && *p <= '9' ? '0'
			    : (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
					    (unsigned char)*p >= 0x80
				    ? 'X'
				    : *p);
	return made;
}

/* Everywhere in the document, so that what belongs together still does. */
static json_object *replace_all(const struct document *document, const char *from, size_t n,
				const char *to)
{
	json_object *edits = json_object_new_array();
	size_t at = 0;
	for (const char *found;
	     (found = memmem(document->text + at, document->size - at, from, n));) {
		size_t start = (size_t)(found - document->text);
		at = start + n;
		if (start && strchr("\"'>", document->text[start - 1]) &&
		    strchr("\"'<", document->text[at]))
			json_object_array_add(edits,
					      json_edit(document, start, at, to, strlen(to)));
	}
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
	if (nhs)
		make_number(from, number);
	else
		to = make_dummy(from, n);
	if (nhs || to)
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
			offer_waiver(document, &finding, all);
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
