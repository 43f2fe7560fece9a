/* What may be typed: in a message, what the schema and the rules expect there; in packs and
 * profiles, keys and rules. */
#include "lsp/lsp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CompletionItemKind of the protocol. */
enum { KIND_VALUE = 12, KIND_PROPERTY = 10, KIND_CLASS = 7 };

static void add_item(json_object *all, const struct document *document, size_t start, size_t end,
		     const char *word, int kind, const char *detail)
{
	json_object *one = json_object_new_object();
	json_put_text(one, "label", word);
	json_put_number(one, "kind", (size_t)kind);
	json_put_text(one, "detail", detail);
	json_put(one, "textEdit", json_edit(document, start, end, word, strlen(word)));
	json_object_array_add(all, one);
}

/* Words of "A, B or C". */
static void add_words(json_object *all, const struct document *document, size_t start, size_t end,
		      const char *expected, int kind)
{
	char word[128];
	while (expected && *expected) {
		size_t n = strcspn(expected, ", ");
		if (n && n < sizeof(word) && strncmp(expected, "or ", 3) != 0) {
			snprintf(word, sizeof(word), "%.*s", (int)n, expected);
			add_item(all, document, start, end, word, kind, NULL);
		}
		expected += n + strspn(expected + n, ", ");
	}
}

/* Judge the text with something in place of a range that is certainly wrong there: what findings at
 * that place expect is what may be there. */
static void ask_judge(const struct server *server, const struct document *document, size_t start,
		      size_t end, const char *probe, int kind, json_object *all)
{
	struct document trial = { .path = document->path,
				  .text = malloc(document->size + 1),
				  .size = document->size };
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	struct cpis_finding finding;
	if (!trial.text)
		return;
	memcpy(trial.text, document->text, document->size + 1);
	if (!text_replace(&trial, start, end, probe, strlen(probe))) {
		free(trial.text);
		return;
	}
	const struct cpis_bytes source = { trial.path, trial.text, trial.size };
	if (cpis_results_new(&results, &server->options, &failure) == 0 &&
	    cpis_validate_bytes(results, &source, &failure) == 0)
		for (size_t i = 0; i < cpis_results_message_count(results); i++)
			for (size_t k = 0;
			     cpis_results_finding(results, i, k, &finding, sizeof(finding)) == 0;
			     k++) {
				size_t at = text_found(&trial, finding.line, finding.column);
				if (at < start || at > start + strlen(probe) || !finding.expected)
					continue;
				/* A sentence is not a word that could be typed. */
				bool words = strstr(finding.expected, " a ") == NULL &&
					     strncmp(finding.expected, "a ", 2) != 0;
				if (words)
					add_words(all, document,
						  kind == KIND_CLASS ? start + 1 : start, end,
						  finding.expected, kind);
			}
	cpis_results_free(results);
	free(trial.marks);
	free(trial.text);
}

static void complete_message(const struct server *server, const struct document *document,
			     size_t offset, json_object *all)
{
	const char *text = document->text;
	size_t start = offset, end = offset;
	while (start > 0 && !strchr("\"'<>", text[start - 1]))
		start--;
	if (start == 0)
		return;
	char before = text[start - 1];
	if (before == '<') {
		if (memchr(text + start, ' ', offset - start) || text[start] == '/')
			return;
		ask_judge(server, document, start - 1, offset, "<cpis-here/>", KIND_CLASS, all);
	} else if ((before == '"' || before == '\'') && start > 1 && text[start - 2] == '=') {
		while (end < document->size && text[end] != before && !strchr("<>\n", text[end]))
			end++;
		if (end < document->size && text[end] == before)
			ask_judge(server, document, start, end, "?", KIND_VALUE, all);
	}
}

/* YAML */

enum { MOST_PARENTS = 16 };

struct line {
	size_t start, indent, end; /* indent: of the key, after dashes */
	bool dash;
};

static struct line line_at(const struct document *document, size_t start)
{
	struct line line = { .start = start };
	size_t at = start;
	const char *text = document->text;
	while (text[at] == ' ' || (text[at] == '-' && text[at + 1] == ' ')) {
		line.dash = line.dash || text[at] == '-';
		at++;
	}
	line.indent = at - start;
	while (at < document->size && text[at] != '\n')
		at++;
	line.end = at;
	return line;
}

/* The keys around a line, from the outside; each is for free(). */
static size_t parents_of(const struct document *document, struct line line,
			 char *parents[MOST_PARENTS])
{
	size_t count = 0, indent = line.indent;
	for (size_t at = line.start; at > 0 && indent > 0 && count < MOST_PARENTS;) {
		size_t start = at - 1;
		while (start > 0 && document->text[start - 1] != '\n')
			start--;
		at = start;
		struct line above = line_at(document, start);
		const char *key = document->text + start + above.indent;
		size_t n = strcspn(key, ":\n#");
		/* A dash opens a list whose key is above it, and may be as far to the left. */
		if (above.indent >= indent || key[n] != ':' || n == 0)
			continue;
		indent = above.indent;
		parents[count] = strndup(key, n);
		count += parents[count] != NULL;
	}
	for (size_t i = 0; i < count / 2; i++) {
		char *swap = parents[i];
		parents[i] = parents[count - 1 - i];
		parents[count - 1 - i] = swap;
	}
	return count;
}

struct key_search {
	const struct document *document;
	json_object *all;
	size_t start, end;
	const char *wanted; /* the key whose value is completed; NULL: keys are */
};

static void add_rules(const struct key_search *search)
{
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++)
		add_item(search->all, search->document, search->start, search->end, rule.id,
			 KIND_VALUE, rule.title);
}

static void take_key(void *context, const struct cpis_config_key *key)
{
	const struct key_search *search = context;
	if (!search->wanted) {
		char word[64];
		snprintf(word, sizeof(word), "%s: ", key->key);
		add_item(search->all, search->document, search->start, search->end, word,
			 KIND_PROPERTY, key->about ? key->about : key->kind);
		return;
	}
	if (strcmp(search->wanted, key->key) != 0)
		return;
	for (size_t i = 0; key->choices && key->choices[i]; i++)
		add_item(search->all, search->document, search->start, search->end, key->choices[i],
			 KIND_VALUE, NULL);
	if (strcmp(key->kind, "a rule") == 0)
		add_rules(search);
}

static void complete_config(const struct document *document, size_t offset, json_object *all)
{
	size_t start = offset;
	char *parents[MOST_PARENTS], *wanted = NULL;
	while (start > 0 && document->text[start - 1] != '\n')
		start--;
	struct line line = line_at(document, start);
	size_t key = start + line.indent;
	struct key_search search = {
		.document = document, .all = all, .start = key, .end = offset
	};
	if (key > offset)
		search.start = offset;
	const char *colon = key < offset ? memchr(document->text + key, ':', offset - key) : NULL;
	if (colon) {
		search.start = (size_t)(colon - document->text) + 1;
		search.start += strspn(document->text + search.start, " ");
		search.start = search.start > offset ? offset : search.start;
		wanted = strndup(document->text + key, (size_t)(colon - document->text) - key);
		search.wanted = wanted;
	}
	size_t depth = parents_of(document, line, parents);
	cpis_config_keys(document->format, (const char *const *)parents, depth, take_key, &search);
	for (size_t i = 0; i < depth; i++)
		free(parents[i]);
	free(wanted);
}

/* Hover */

struct key_words {
	const char *wanted;
	char *text; /* NULL: not found yet */
};

static char *words_of(const struct cpis_config_key *key)
{
	char choices[512] = "";
	for (size_t i = 0, n = 0; key->choices && key->choices[i] && n < sizeof(choices); i++)
		n += (size_t)snprintf(choices + n, sizeof(choices) - n, "%s`%s`", i ? ", " : " ",
				      key->choices[i]);
	char *text = NULL;
	int n = asprintf(&text, "**%s**: %s%s%s%s%s", key->key, key->kind, choices,
			 key->required ? "; it must be there" : "", key->about ? "\n\n" : "",
			 key->about ? key->about : "");
	return n < 0 ? NULL : text;
}

static void take_words(void *context, const struct cpis_config_key *key)
{
	struct key_words *words = context;
	if (!words->text && strcmp(key->key, words->wanted) == 0)
		words->text = words_of(key);
}

char *key_text(const struct document *document, size_t offset)
{
	size_t start = offset;
	char *parents[MOST_PARENTS];
	while (start > 0 && document->text[start - 1] != '\n')
		start--;
	struct line line = line_at(document, start);
	size_t key = start + line.indent;
	size_t n = key < line.end ? strcspn(document->text + key, ":\n#") : 0;
	if (n == 0 || offset < key || offset > key + n || document->text[key + n] != ':')
		return NULL;
	char *wanted = strndup(document->text + key, n);
	struct key_words words = { .wanted = wanted };
	size_t depth = parents_of(document, line, parents);
	if (wanted)
		cpis_config_keys(document->format, (const char *const *)parents, depth, take_words,
				 &words);
	for (size_t i = 0; i < depth; i++)
		free(parents[i]);
	free(wanted);
	return words.text;
}

json_object *complete(const struct server *server, const struct document *document, size_t offset)
{
	json_object *all = json_object_new_array();
	if (document->format)
		complete_config(document, offset, all);
	else
		complete_message(server, document, offset, all);
	return all;
}
