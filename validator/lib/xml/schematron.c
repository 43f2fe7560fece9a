#include "xml/schematron.h"

#include "base/files.h"
#include "base/buf.h"
#include "xml/schematron_model.h"

#include <libxml/parser.h>

#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST_EXTENDS = 16 };

static size_t count_children(const xmlNode *node)
{
	size_t count = 0;
	for (const xmlNode *child = node->children; child; child = child->next)
		count++;
	return count;
}

static void add_let(struct schematron *file, struct sch_lets *lets, size_t room, xmlNode *node,
		    const struct parameters *with)
{
	static const char *const known[] = { "name", "value", NULL };
	if (!lets->items)
		lets->items = arena_alloc(&file->arena, (room + 1) * sizeof(*lets->items));
	const char *name = sch_attribute(file, node, "name");
	if (sch_allow_attributes(file, node, known) != 0 || !lets->items)
		return;
	if (!name) {
		sch_refuse(file, node, "the attribute %s is missing", "name");
		return;
	}
	lets->items[lets->count++] =
		(struct sch_let){ name, sch_learn_attribute(file, node, "value", with),
				  (size_t)xmlGetLineNo(node) };
}

/* Rules and patterns */

static void read_rule_body(struct schematron *file, struct sch_rule *rule, xmlNode *pattern,
			   xmlNode *node, const struct parameters *with, size_t room, int depth);

static void extend(struct schematron *file, struct sch_rule *rule, xmlNode *pattern, xmlNode *node,
		   const struct parameters *with, size_t room, int depth)
{
	const char *name = sch_attribute(file, node, "rule");
	if (!name || depth == DEEPEST_EXTENDS) {
		sch_refuse(file, node,
			   "extends wants the id of an abstract rule in the attribute rule", NULL);
		return;
	}
	xmlNode *base = sch_find_by_id(file, pattern, "rule", str_of(name));
	if (!base)
		sch_refuse(file, node, "there is no rule %s in this pattern", name);
	else
		read_rule_body(file, rule, pattern, base, with, room, depth + 1);
}

static void read_rule_body(struct schematron *file, struct sch_rule *rule, xmlNode *pattern,
			   xmlNode *node, const struct parameters *with, size_t room, int depth)
{
	const char *role = sch_attribute(file, node, "role");
	for (xmlNode *child = node->children; child; child = child->next) {
		if (file->failed_text)
			return;
		if (sch_is(child, "assert") || sch_is(child, "report")) {
			if (rule->assertion_count < room)
				sch_read_assertion(file, rule, child, with, role);
		} else if (sch_is(child, "let")) {
			add_let(file, &rule->lets, room, child, with);
		} else if (sch_is(child, "extends")) {
			extend(file, rule, pattern, child, with, room, depth);
		} else if (child->type == XML_ELEMENT_NODE && !sch_is(child, "p") &&
			   !sch_is(child, "title")) {
			sch_refuse(file, child, "the element %s is not supported in a rule",
				   (const char *)child->name);
		}
	}
}

/* How far the first alternative of a context reaches: to a bar outside of brackets and quotes, or
 * the end. */
static size_t alternative(const char *context)
{
	int depth = 0;
	char quote = '\0';
	const char *p = context;
	for (; *p && (quote || depth > 0 || *p != '|'); p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '[' || *p == '(')
			depth++;
		else if (*p == ']' || *p == ')')
			depth--;
	}
	return (size_t)(p - context);
}

static size_t count_alternatives(const char *context)
{
	size_t count = 1;
	for (size_t n = alternative(context); context[n]; n = alternative(context)) {
		context += n + 1;
		count++;
	}
	return count;
}

/* A context is a pattern in the sense of XSLT: what it selects from anywhere in the document. */
static void learn_contexts(struct schematron *file, struct sch_rule *rule, xmlNode *node,
			   const char *context)
{
	size_t count = count_alternatives(context);
	rule->contexts = arena_alloc(&file->arena, count * sizeof(*rule->contexts));
	while (rule->contexts && rule->context_count < count) {
		size_t n = alternative(context);
		struct str one = str_trim((struct str){ context, n });
		const char *text = arena_printf(&file->arena, "%s%.*s",
						one.n && one.p[0] == '/' ? "" : "//", STR_ARG(one));
		if (!text)
			break;
		rule->contexts[rule->context_count++] = sch_learn(file, node, text, NULL);
		context += n + (context[n] == '|');
	}
	if (rule->context_count < count)
		sch_refuse(file, node, "memory is out", NULL);
}

static size_t count_assertions_below(const xmlNode *pattern)
{
	size_t count = 0;
	for (const xmlNode *child = pattern->children; child; child = child->next)
		count += 1 + count_children(child);
	return count * 2;
}

static void read_rule(struct schematron *file, struct sch_pattern *pattern, xmlNode *holder,
		      xmlNode *node, const struct parameters *with)
{
	static const char *const known[] = { "context", "abstract", "id",  "role",    "flag",
					     "see",	"icon",	    "fpi", "subject", NULL };
	const char *abstract = sch_attribute(file, node, "abstract");
	if (sch_allow_attributes(file, node, known) != 0 ||
	    (abstract && strcmp(abstract, "true") == 0))
		return;
	const char *context = sch_attribute(file, node, "context");
	if (!context) {
		sch_refuse(file, node, "the attribute %s is missing", "context");
		return;
	}
	size_t room = count_assertions_below(holder);
	struct sch_rule *rule = &pattern->rules[pattern->rule_count++];
	rule->assertions = arena_alloc(&file->arena, (room + 1) * sizeof(*rule->assertions));
	learn_contexts(file, rule, node, sch_substitute(file, context, with));
	if (rule->assertions)
		read_rule_body(file, rule, holder, node, with, room, 0);
}

static void read_pattern_body(struct schematron *file, struct sch_pattern *pattern, xmlNode *node,
			      const struct parameters *with)
{
	size_t room = count_children(node);
	pattern->rules = arena_alloc(&file->arena, (room + 1) * sizeof(*pattern->rules));
	for (xmlNode *child = node->children; child && pattern->rules; child = child->next) {
		if (file->failed_text)
			return;
		if (sch_is(child, "rule"))
			read_rule(file, pattern, node, child, with);
		else if (sch_is(child, "let"))
			add_let(file, &pattern->lets, room, child, with);
		else if (child->type == XML_ELEMENT_NODE && !sch_is(child, "p") &&
			 !sch_is(child, "title") && !sch_is(child, "param"))
			sch_refuse(file, child, "the element %s is not supported in a pattern",
				   (const char *)child->name);
	}
}

static int read_parameters(struct schematron *file, xmlNode *node, struct parameters *with)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		if (!sch_is(child, "param"))
			continue;
		const char *name = sch_attribute(file, child, "name"),
			   *value = sch_attribute(file, child, "value");
		if (!name || !value || with->count == MOST_PARAMETERS)
			return sch_refuse(file, child, "param wants a name and a value", NULL);
		with->names[with->count] = name;
		with->values[with->count++] = value;
	}
	return 0;
}

static void read_pattern(struct schematron *file, xmlNode *root, xmlNode *node)
{
	static const char *const known[] = { "id",  "abstract", "is-a", "name",
					     "see", "icon",	"fpi",	NULL };
	const char *abstract = sch_attribute(file, node, "abstract"),
		   *base = sch_attribute(file, node, "is-a");
	if (sch_allow_attributes(file, node, known) != 0 ||
	    (abstract && strcmp(abstract, "true") == 0))
		return;
	struct sch_pattern *pattern = &file->patterns[file->pattern_count++];
	pattern->id = sch_attribute(file, node, "id");
	struct parameters with = { .count = 0 };
	if (!base) {
		read_pattern_body(file, pattern, node, NULL);
		return;
	}
	xmlNode *abstract_node = sch_find_by_id(file, root, "pattern", str_of(base));
	if (!abstract_node)
		sch_refuse(file, node, "there is no abstract pattern %s", base);
	else if (read_parameters(file, node, &with) == 0)
		read_pattern_body(file, pattern, abstract_node, &with);
}

static void add_namespace(struct schematron *file, xmlNode *node)
{
	const char *prefix = sch_attribute(file, node, "prefix"),
		   *uri = sch_attribute(file, node, "uri");
	if (!prefix || !uri)
		sch_refuse(file, node, "ns wants a prefix and a uri", NULL);
	else
		file->namespaces[file->namespace_count++] = (struct sch_namespace){ prefix, uri };
}

/* Phases */

static void activate(struct schematron *file, xmlNode *phase)
{
	for (size_t i = 0; i < file->pattern_count; i++)
		file->patterns[i].active = phase == NULL;
	for (xmlNode *child = phase ? phase->children : NULL; child; child = child->next) {
		if (sch_is(child, "let"))
			sch_refuse(file, child, "a let in a phase is not supported", NULL);
		if (!sch_is(child, "active"))
			continue;
		const char *name = sch_attribute(file, child, "pattern");
		bool found = false;
		for (size_t i = 0; name && i < file->pattern_count; i++) {
			bool same = file->patterns[i].id && strcmp(file->patterns[i].id, name) == 0;
			file->patterns[i].active = file->patterns[i].active || same;
			found = found || same;
		}
		if (!found)
			sch_refuse(file, child, "there is no pattern %s", name ? name : "");
	}
}

static void choose_phase(struct schematron *file, xmlNode *root, const char *phase)
{
	const char *name = phase ? phase : sch_attribute(file, root, "defaultPhase");
	xmlNode *node = NULL;
	if (name && strcmp(name, "#ALL") != 0) {
		node = sch_find_by_id(file, root, "phase", str_of(name));
		if (!node) {
			sch_refuse(file, root, "there is no phase %s", name);
			return;
		}
	}
	activate(file, node);
}

/* The file */

static void read_schema(struct schematron *file, xmlNode *root)
{
	static const char *const passed[] = { "title", "p", "phase", "diagnostics", NULL };
	size_t room = count_children(root);
	file->patterns = arena_alloc(&file->arena, (room + 1) * sizeof(*file->patterns));
	file->namespaces = arena_alloc(&file->arena, (room + 1) * sizeof(*file->namespaces));
	if (!file->patterns || !file->namespaces) {
		sch_refuse(file, root, "memory is out", NULL);
		return;
	}
	for (xmlNode *child = root->children; child && !file->failed_text; child = child->next) {
		bool known = child->type != XML_ELEMENT_NODE;
		for (const char *const *name = passed; *name; name++)
			known = known || sch_is(child, *name);
		if (sch_is(child, "ns"))
			add_namespace(file, child);
		else if (sch_is(child, "let"))
			add_let(file, &file->lets, room, child, NULL);
		else if (sch_is(child, "pattern"))
			read_pattern(file, root, child);
		else if (!known)
			sch_refuse(file, child, "the element %s is not supported",
				   (const char *)child->name);
	}
}

static void read_root(struct schematron *file, const char *phase)
{
	static const char *const bindings[] = { "xslt", "xslt1", "xpath", "xpath1", NULL };
	xmlNode *root = xmlDocGetRootElement(file->doc);
	if (!root || !sch_is(root, "schema")) {
		sch_refuse(file, root,
			   "it is no ISO Schematron: schema in " SCHEMATRON_NAMESPACE
			   " is expected",
			   NULL);
		return;
	}
	const char *binding = sch_attribute(file, root, "queryBinding");
	bool known = binding == NULL;
	for (const char *const *name = bindings; *name; name++)
		known = known || strcmp(*name, binding ? binding : "") == 0;
	if (!known) {
		sch_refuse(file, root, "the query binding %s is not supported: xslt or xpath is",
			   binding);
		return;
	}
	read_schema(file, root);
	if (!file->failed_text)
		choose_phase(file, root, phase);
	if (!file->failed_text && file->assertion_count == 0)
		sch_refuse(file, root, "it holds no assertion: nothing would be judged", NULL);
}

static void keep_parse_error(void *context, xmlErrorPtr error)
{
	struct schematron *file = context;
	if (file->failed_text || error->level < XML_ERR_ERROR)
		return;
	struct str text =
		str_trim(str_of(error->message ? error->message : "it is not well-formed"));
	file->failed_text = arena_copy(&file->arena, text);
	file->failed_line = (size_t)error->line;
}

enum { MOST_BYTES = 64 * 1024 * 1024 };

static xmlDoc *parse(struct schematron *file, const char *path)
{
	struct buf bytes;
	char why[128];
	buf_init(&bytes, MOST_BYTES);
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *doc = NULL;
	if (parser && !files_read(path, &bytes, why, sizeof(why))) {
		file->failed_text = arena_printf(&file->arena, "it cannot be read: %s", why);
	} else if (parser) {
		parser->_private = file;
		xmlSetStructuredErrorFunc(file, keep_parse_error);
		doc = xmlCtxtReadMemory(parser, buf_view(&bytes).p, (int)bytes.n, path, NULL,
					XML_PARSE_NONET | XML_PARSE_BIG_LINES);
		xmlSetStructuredErrorFunc(NULL, NULL);
	}
	xmlFreeParserCtxt(parser);
	buf_release(&bytes);
	if (doc && doc->intSubset)
		sch_refuse(file, NULL, "a document type declaration stands in it", NULL);
	return doc;
}

int schematron_open(struct schematron **out, const char *path, const char *phase,
		    struct cpis_failure *failure)
{
	struct schematron *file = calloc(1, sizeof(*file));
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "memory is out" };
	if (!file)
		return -1;
	file->path = arena_copy(&file->arena, str_of(path));
	file->doc = parse(file, path);
	if (!file->doc && !file->failed_text)
		file->failed_text = "it cannot be read";
	if (!file->failed_text)
		read_root(file, phase);
	if (!file->failed_text && !file->arena.failed) {
		*out = file;
		return 0;
	}
	if (file->failed_text) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION,
						  .line = file->failed_line,
						  .column = file->failed_line ? 1 : 0 };
		snprintf(failure->file, sizeof(failure->file), "%s", path);
		snprintf(failure->text, sizeof(failure->text), "%s", file->failed_text);
	}
	schematron_close(file);
	return -1;
}

void schematron_close(struct schematron *file)
{
	if (!file)
		return;
	xmlFreeDoc(file->doc);
	arena_release(&file->arena);
	free(file);
}

const char *schematron_path(const struct schematron *file)
{
	return file->path;
}

size_t schematron_assertion_count(const struct schematron *file)
{
	return file->assertion_count;
}

const struct schematron_assertion *schematron_assertion_at(const struct schematron *file,
							   size_t index)
{
	return index < file->assertion_count ? &file->assertions[index]->about : NULL;
}
