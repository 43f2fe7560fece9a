/* What is wrong with a document, what is said about it, and what is in it. */
#include "lsp/lsp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* DiagnosticSeverity of the protocol. */
enum { SEVERITY_ERROR = 1, SEVERITY_WARNING = 2, SEVERITY_INFORMATION = 3 };

static int severity_of(enum cpis_severity severity)
{
	return severity == CPIS_ERROR	  ? SEVERITY_ERROR
	       : severity == CPIS_WARNING ? SEVERITY_WARNING
					  : SEVERITY_INFORMATION;
}

/* text is freed; NULL: out of memory. */
static json_object *diagnostic(const struct document *document, size_t start, size_t end,
			       int severity, char *text)
{
	json_object *one = json_object_new_object();
	json_put(one, "range", json_range(document, start, end));
	json_put_number(one, "severity", (size_t)severity);
	json_put_text(one, "source", "cpis");
	json_put_text(one, "message", text ? text : "out of memory");
	free(text);
	return one;
}

void finding_range(const struct document *document, const struct cpis_finding *finding,
		   size_t *start, size_t *end)
{
	*start = finding->line ? text_found(document, finding->line, finding->column) : 0;
	*end = text_word_end(document, *start);
}

/* Where it contradicts an earlier place of the document. */
static json_object *related(const struct document *document, const struct cpis_finding *finding)
{
	if (!finding->other_line || finding->layer)
		return NULL;
	size_t at = text_found(document, finding->other_line, finding->other_column);
	json_object *location = json_object_new_object(), *one = json_object_new_object();
	json_object *all = json_object_new_array();
	json_put_text(location, "uri", document->uri);
	json_put(location, "range", json_range(document, at, text_word_end(document, at)));
	json_put(one, "location", location);
	json_put_text(one, "message", "compare this place");
	json_object_array_add(all, one);
	return all;
}

static json_object *of_finding(const struct document *document, const struct cpis_finding *finding)
{
	size_t start, end;
	char *text = NULL;
	const char *reason = finding->waived;
	finding_range(document, finding, &start, &end);
	if (asprintf(&text, "%s%s%s%s%s%s\nHow to fix it: %s", reason ? "Accepted: " : "",
		     reason ? reason : "", reason ? "\n" : "", finding->layer ? finding->layer : "",
		     finding->layer ? ": " : "", finding->message, finding->fix) < 0)
		text = NULL;
	json_object *one =
		diagnostic(document, start, end,
			   reason ? SEVERITY_INFORMATION : severity_of(finding->severity), text);
	json_put_text(one, "code", finding->rule);
	json_put(one, "relatedInformation", related(document, finding));
	json_object *data = json_object_new_object();
	json_put_text(data, "path", finding->path);
	json_put_text(data, "fingerprint", finding->fingerprint);
	json_put(one, "data", data);
	return one;
}

/* What was not judged: the verdict is incomplete because of it. */
static json_object *of_omission(const struct document *document,
				const struct cpis_omission *omission)
{
	char *text = NULL;
	if (asprintf(&text, "not checked: %s: %s", omission->what, omission->why) < 0)
		text = NULL;
	return diagnostic(document, 0, text_word_end(document, 0), SEVERITY_WARNING, text);
}

static void add_message(json_object *all, const struct document *document, size_t index)
{
	struct cpis_finding finding;
	struct cpis_omission omission;
	const struct cpis_results *results = document->results;
	for (size_t i = 0; cpis_results_finding(results, index, i, &finding, sizeof(finding)) == 0;
	     i++)
		json_object_array_add(all, of_finding(document, &finding));
	for (size_t i = 0;
	     cpis_results_omission(results, index, i, &omission, sizeof(omission)) == 0; i++)
		json_object_array_add(all, of_omission(document, &omission));
}

struct problem_list {
	const struct document *document;
	json_object *all;
};

static void add_problem(void *context, const struct cpis_failure *problem)
{
	struct problem_list *list = context;
	bool here = strcmp(problem->file, list->document->path) == 0 || !problem->file[0];
	size_t start = here && problem->line
			       ? text_found(list->document, problem->line, problem->column)
			       : 0;
	char *text = NULL;
	/* A problem in a file that this one names is shown at its top. */
	if (asprintf(&text, "%s%s%s", here ? "" : problem->file, here ? "" : ": ", problem->text) <
	    0)
		text = NULL;
	json_object_array_add(list->all, diagnostic(list->document, start,
						    text_word_end(list->document, start),
						    SEVERITY_ERROR, text));
}

static void add_failure(json_object *all, const struct document *document,
			const struct cpis_failure *failure)
{
	json_object_array_add(all, diagnostic(document, 0, text_word_end(document, 0),
					      SEVERITY_ERROR, strdup(failure->text)));
}

/* Settings that are wrong name none here: they have findings of their own where they are open. */
char *baseline_in_use(const struct server *server)
{
	struct cpis_failure failure;
	struct cpis_settings *settings = NULL;
	char *path = NULL, *baseline = NULL;
	if (asprintf(&path, "%s/cpis.yaml", server->folder) < 0)
		return NULL;
	if (cpis_settings_open(&settings, path, NULL, NULL, &failure) == 0 && settings->baseline)
		baseline = strdup(settings->baseline);
	cpis_settings_close(settings);
	free(path);
	return baseline;
}

/* It is read each time, because it may have been edited. */
static void accept_known_here(const struct server *server, const struct document *document,
			      json_object *all)
{
	struct cpis_failure failure;
	struct cpis_baseline *baseline = NULL;
	char *path = baseline_in_use(server), *text = NULL;
	if (!path)
		return;
	if (cpis_baseline_open(&baseline, path, 0, &failure) != 0 ||
	    cpis_results_baseline(document->results, baseline, &failure) != 0) {
		char *name = server_name_of(server, path);
		if (!name ||
		    asprintf(&text, "the baseline %s is not used: %s", name, failure.text) < 0)
			text = NULL;
		json_object_array_add(all, diagnostic(document, 0, text_word_end(document, 0),
						      SEVERITY_WARNING, text));
		free(name);
	}
	cpis_baseline_free(baseline);
	free(path);
}

static void judge(struct server *server, struct document *document, json_object *all)
{
	struct cpis_failure failure;
	const struct cpis_bytes source = { document->name, document->text, document->size };
	if (cpis_results_new(&document->results, &server->options, &failure) != 0 ||
	    cpis_validate_bytes(document->results, &source, &failure) != 0) {
		add_failure(all, document, &failure);
		return;
	}
	accept_known_here(server, document, all);
	for (size_t i = 0; i < cpis_results_message_count(document->results); i++)
		add_message(all, document, i);
}

json_object *diagnose(struct server *server, struct document *document)
{
	struct cpis_failure failure;
	json_object *all = json_object_new_array();
	struct problem_list list = { document, all };
	const struct cpis_bytes file = { document->path, document->text, document->size };
	size_t n = strlen(document->path);
	bool yaml = (n > 5 && strcmp(document->path + n - 5, ".yaml") == 0) ||
		    (n > 4 && strcmp(document->path + n - 4, ".yml") == 0);
	cpis_results_free(document->results);
	document->results = NULL;
	document->format = cpis_config_guess(&file);
	/* Of other names only Schematron is a format: all else is judged as a message. */
	if (!yaml && document->format && strcmp(document->format, "schematron") != 0)
		document->format = NULL;
	if (document->format)
		cpis_config_check(document->format, &file, add_problem, &list, &failure);
	else if (!yaml)
		judge(server, document, all);
	return all;
}

/* Rules in words */

static char *written(const struct cpis_rule_info *rule)
{
	struct cpis_rule_example example;
	bool right = cpis_rule_example(rule->id, &example, sizeof(example)) == 0 && *example.right;
	const char *fix = cpis_rule_fix(rule->id, 0);
	char *text = NULL;
	int n = asprintf(&text,
			 "**%s** %s (%s)\n\n%s\n\n**Why:** %s\n\n**How to fix it:** %s\n\n"
			 "**Source:** %s%s%s%s%s%s",
			 rule->id, rule->name, cpis_severity_name(rule->severity), rule->title,
			 rule->why, rule->fix, rule->citation,
			 fix ? "\n\n**cpis can fix this:** " : "", fix ? fix : "",
			 right ? "\n\nRight:\n\n```text\n" : "", right ? example.right : "",
			 right ? "```\n" : "\n");
	return n < 0 ? NULL : text;
}

char *rule_text(const char *id)
{
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++)
		if (strcmp(rule.id, id) == 0)
			return written(&rule);
	return NULL;
}

/* The finding at a place that is shortest, which is the one that is meant. */
static bool find_at(const struct document *document, size_t offset, struct cpis_finding *found)
{
	struct cpis_message message;
	struct cpis_finding finding;
	size_t start, end, shortest = (size_t)-1;
	for (size_t i = 0;
	     cpis_results_message(document->results, i, &message, sizeof(message)) == 0; i++)
		for (size_t k = 0;
		     cpis_results_finding(document->results, i, k, &finding, sizeof(finding)) == 0;
		     k++) {
			finding_range(document, &finding, &start, &end);
			if (offset < start || offset > end || end - start >= shortest)
				continue;
			shortest = end - start;
			*found = finding;
		}
	return shortest != (size_t)-1;
}

static bool is_of_id(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* The id of a rule that is written at a place of a pack or a profile. */
static char *id_at(const struct document *document, size_t offset)
{
	size_t start = offset, end = offset;
	while (start > 0 && is_of_id(document->text[start - 1]))
		start--;
	while (end < document->size && is_of_id(document->text[end]))
		end++;
	return strndup(document->text + start, end - start);
}

json_object *hover(const struct document *document, size_t offset)
{
	struct cpis_finding finding;
	char *text = NULL;
	if (document->results && find_at(document, offset, &finding)) {
		text = rule_text(finding.rule);
	} else if (document->format) {
		char *id = id_at(document, offset);
		text = id ? rule_text(id) : NULL;
		free(id);
		if (!text)
			text = key_text(document, offset);
	}
	if (!text)
		return NULL;
	json_object *contents = json_object_new_object(), *all = json_object_new_object();
	json_put_text(contents, "kind", "markdown");
	json_put_text(contents, "value", text);
	json_put(all, "contents", contents);
	free(text);
	return all;
}

/* The outline */

enum { MOST_DEPTH = 32, KIND_PACKAGE = 4, KIND_STRUCT = 23 };

/* The symbols that are open, outermost first. */
struct outline {
	const struct document *document;
	json_object *lists[MOST_DEPTH + 1]; /* children of each depth; [0]: of the document */
	size_t ends[MOST_DEPTH + 1];
};

static json_object *symbol(const struct document *document, const char *name, const char *detail,
			   int kind, size_t start, size_t end)
{
	json_object *one = json_object_new_object();
	size_t name_end = text_word_end(document, start);
	json_put_text(one, "name", name);
	json_put_text(one, "detail", detail);
	json_put_number(one, "kind", (size_t)kind);
	json_put(one, "range", json_range(document, start, end));
	json_put(one, "selectionRange",
		 json_range(document, start, name_end > end ? end : name_end));
	return one;
}

static const char *find_text(const struct document *document, size_t from, size_t until,
			     const char *text)
{
	return from < until ? memmem(document->text + from, until - from, text, strlen(text))
			    : NULL;
}

/* Elements called record, with or without a prefix. */
static void add_records(json_object *children, const struct document *document, size_t from,
			size_t until)
{
	size_t number = 0;
	for (const char *at; (at = find_text(document, from, until, "<record>"));) {
		size_t start = (size_t)(at - document->text);
		const char *close = find_text(document, start, until, "</record>");
		char name[32];
		from = close ? (size_t)(close - document->text) + strlen("</record>") : until;
		snprintf(name, sizeof(name), "record %zu", ++number);
		json_object_array_add(children,
				      symbol(document, name, NULL, KIND_STRUCT, start, from));
	}
}

static void add_layer(void *context, const struct cpis_layer *layer)
{
	struct outline *outline = context;
	const struct document *document = outline->document;
	size_t depth = layer->depth > MOST_DEPTH ? MOST_DEPTH : layer->depth;
	if (depth == 0 || !outline->lists[depth - 1])
		return;
	size_t around = outline->ends[depth - 1];
	size_t start = layer->offset < around ? layer->offset : around;
	size_t end = layer->bytes && layer->bytes < around - start ? start + layer->bytes : around;
	json_object *one = symbol(document, layer->name, layer->about, KIND_PACKAGE, start, end);
	json_object *children = json_object_new_array();
	json_put(one, "children", children);
	json_object_array_add(outline->lists[depth - 1], one);
	outline->lists[depth] = children;
	outline->ends[depth] = end;
	for (size_t i = depth + 1; i <= MOST_DEPTH; i++)
		outline->lists[i] = NULL;
	if (strncmp(layer->name, "REPC_MT", 7) == 0)
		add_records(children, document, start, end);
}

json_object *outline(const struct server *server, const struct document *document)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	struct outline outline = { .document = document };
	const struct cpis_bytes source = { document->path, document->text, document->size };
	outline.lists[0] = json_object_new_array();
	outline.ends[0] = document->size;
	if (!document->format)
		cpis_inspect_bytes(&source, &server->options, add_layer, &outline, &verdict,
				   &failure);
	return outline.lists[0];
}
