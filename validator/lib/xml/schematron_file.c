#include "xml/schematron.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/files.h"
#include "xml/alloc.h"
#include "xml/versions.h"
#include "xml/xpath.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

#include <stdio.h>
#include <stdlib.h>

#define SCHEMATRON_NAMESPACE "http://purl.oclc.org/dsdl/schematron"

enum { MOST_PARAMETERS = 64, DEEPEST_EXTENDS = 16 };

/* What an abstract pattern's $names stand for. */
struct parameters {
	const char *names[MOST_PARAMETERS], *values[MOST_PARAMETERS];
	size_t count;
};

/* The file cannot be used, because of this line; only the first reason counts. %s is the detail.
 * Returns -1. */
static int refuse_line(struct schematron *file, size_t line, const char *format, const char *detail)
{
	if (file->failed_text)
		return -1;
	file->failed_line = line;
	struct buf text;
	buf_init(&text, 1000);
	const char *hole = strstr(format, "%s");
	if (hole) {
		buf_add(&text, format, (size_t)(hole - format));
		buf_text(&text, detail ? detail : "");
		buf_text(&text, hole + 2);
	} else {
		buf_text(&text, format);
	}
	file->failed_text = arena_copy(&file->arena, buf_view(&text));
	buf_release(&text);
	if (!file->failed_text)
		file->failed_text = "out of memory";
	return -1;
}

static int refuse(struct schematron *file, const xmlNode *node, const char *format,
		  const char *detail)
{
	return refuse_line(file, node ? (size_t)xmlGetLineNo(node) : 1, format, detail);
}

/* Whether a node is the Schematron element of this name. */
static bool is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       strcmp((const char *)node->ns->href, SCHEMATRON_NAMESPACE) == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

/* An attribute's value in the file's arena; NULL where it is not there. */
static const char *attribute_of(struct schematron *file, xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	const char *copy = value ? arena_copy(&file->arena, str_of((const char *)value)) : NULL;
	xmlFree(value);
	return copy;
}

/* Elements may carry these attributes and no others. list ends with NULL. -1: the file is refused.
 */
static int allow_attributes(struct schematron *file, xmlNode *node, const char *const *list)
{
	for (xmlAttr *a = node->properties; a; a = a->next) {
		bool known = a->ns != NULL; /* attributes of other vocabularies say nothing to us */
		for (const char *const *name = list; *name; name++)
			known = known || strcmp(*name, (const char *)a->name) == 0;
		if (!known)
			return refuse(file, node, "the attribute %s is not supported here",
				      (const char *)a->name);
	}
	return 0;
}

static bool name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* $names of an abstract pattern replaced by what they stand for. with may be NULL. */
static const char *substitute(struct schematron *file, const char *text,
			      const struct parameters *with)
{
	struct buf out;
	buf_init(&out, 64 * 1024);
	for (const char *p = text; *p;) {
		size_t length = 0;
		while (*p == '$' && name_character(p[1 + length]))
			length++;
		const char *value = NULL;
		for (size_t i = 0; length && with && i < with->count; i++)
			if (strlen(with->names[i]) == length &&
			    strncmp(with->names[i], p + 1, length) == 0)
				value = with->values[i];
		if (value) {
			buf_text(&out, value);
			p += 1 + length;
		} else {
			buf_char(&out, *p++);
		}
	}
	const char *result = out.failed ? NULL : arena_copy(&file->arena, buf_view(&out));
	buf_release(&out);
	return result ? result : text;
}

/* What may come before a '(': a function of XPath 1.0 and current() of XSLT, a node test, an
 * operator. */
static bool may_be_called(struct str name)
{
	static const char *const others[] = { "current", "and", "or", "div", "mod", NULL };
	return xpath_may_be_called(name) || str_is_one_of(name, others);
}

/* A walk through the names of an expression, with their prefixes and axes. */
struct names {
	const char *p; /* what comes next */
	char quote;
	bool dollar;	 /* the name is that of a variable */
	size_t brackets; /* square ones that are open */
	struct str name;
	bool called;
};

/* True: there is another name. */
static bool next_name(struct names *names)
{
	names->dollar = false;
	for (const char *p = names->p; *p; p++) {
		if (names->quote || *p == '"' || *p == '\'') {
			names->quote = !names->quote	    ? *p
				       : *p == names->quote ? '\0'
							    : names->quote;
			continue;
		}
		/* A name does not start with a minus or a digit: "a - (b)" calls nothing. */
		size_t n = 0;
		while ((n || !strchr("-.0123456789", *p)) && (name_character(p[n]) || p[n] == ':'))
			n++;
		if (n) {
			names->name = (struct str){ p, n };
			names->p = p + n;
			names->called = p[n + strspn(p + n, " \t\r\n")] == '(' &&
					!str_ends(names->name, STR("::"));
			return true;
		}
		names->brackets += *p == '[';
		names->brackets -= *p == ']' && names->brackets;
		names->dollar = *p == '$';
	}
	return false;
}

static struct str without_axis(struct str name)
{
	const char *axis = memmem(name.p, name.n, "::", 2);
	return axis ? str_from(name, (size_t)(axis - name.p) + 2) : name;
}

/* Refuse a call that would fail only when it is reached. */
static void check_calls(struct schematron *file, const xmlNode *node, const char *text)
{
	struct names names = { .p = text };
	while (next_name(&names)) {
		struct str name = without_axis(names.name);
		if (!names.called)
			continue;
		const char *copy = arena_copy(&file->arena, name);
		if (!may_be_called(name))
			refuse(file, node, "there is no function %s() in XPath 1.0", copy);
		else if (!names.brackets && (str_is(name, "position") || str_is(name, "last")))
			refuse(file, node,
			       "%s() has a value in square brackets only: what a rule fires for is "
			       "judged alone",
			       copy);
	}
}

static bool room_for_expression(struct schematron *file)
{
	if (file->expression_count < file->expression_room)
		return true;
	size_t room = file->expression_room ? file->expression_room * 2 : 64;
	const char **more = arena_alloc(&file->arena, room * sizeof(*more));
	size_t *lines = arena_alloc(&file->arena, room * sizeof(*lines));
	if (!more || !lines)
		return false;
	for (size_t i = 0; i < file->expression_count; i++) {
		more[i] = file->expressions[i];
		lines[i] = file->expression_lines[i];
	}
	file->expressions = more;
	file->expression_lines = lines;
	file->expression_room = room;
	return true;
}

/* Learn an expression that compiles. 0 is returned too when it does not: the file is then refused.
 */
static sch_expression learn(struct schematron *file, xmlNode *node, const char *text,
			    const struct parameters *with)
{
	text = substitute(file, text, with);
	bool lacking;
	if (!text || !xpath_compiles(text, &lacking)) {
		refuse(file, node, "\"%s\" is not an XPath 1.0 expression", text);
		return 0;
	}
	check_calls(file, node, text);
	if (!room_for_expression(file)) {
		refuse(file, node, "out of memory", NULL);
		return 0;
	}
	file->expressions[file->expression_count] = text;
	file->expression_lines[file->expression_count] = (size_t)xmlGetLineNo(node);
	return file->expression_count++;
}

static sch_expression learn_attribute(struct schematron *file, xmlNode *node, const char *name,
				      const struct parameters *with)
{
	const char *text = attribute_of(file, node, name);
	if (text && *text)
		return learn(file, node, text, with);
	refuse(file, node, "the attribute %s is missing", name);
	return 0;
}

/* The child of a parent with a name and an id; NULL: none. */
static xmlNode *find_by_id(struct schematron *file, xmlNode *parent, const char *name,
			   struct str id)
{
	for (xmlNode *child = parent->children; child; child = child->next) {
		if (!is_named(child, name))
			continue;
		const char *own = attribute_of(file, child, "id");
		if (own && str_is(id, own))
			return child;
	}
	return NULL;
}

static void read_pieces(struct schematron *file, struct sch_assertion *assertion, size_t room,
			xmlNode *node, const struct parameters *with)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		struct sch_piece piece = { 0 };
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
			piece.words =
				arena_copy(&file->arena, str_of((const char *)child->content));
		} else if (is_named(child, "value-of")) {
			piece.select = learn_attribute(file, child, "select", with);
		} else if (is_named(child, "name")) {
			const char *path = attribute_of(file, child, "path");
			piece.select = learn(file, child, path ? path : ".", with);
			piece.name_only = true;
		} else if (is_named(child, "emph") || is_named(child, "dir") ||
			   is_named(child, "span")) {
			read_pieces(file, assertion, room, child, with);
			continue;
		} else if (child->type == XML_ELEMENT_NODE) {
			refuse(file, child, "the element %s is not supported in a sentence",
			       (const char *)child->name);
			return;
		} else {
			continue;
		}
		if (assertion->piece_count < room)
			assertion->pieces[assertion->piece_count++] = piece;
	}
}

/* All nodes below, as room for the pieces that they may become. */
static size_t count_below(const xmlNode *node)
{
	size_t count = 0;
	for (const xmlNode *child = node->children; child; child = child->next)
		count += 1 + count_below(child);
	return count;
}

/* White space folded, values as "...": the sentence where there is no node. */
static const char *static_sentence(struct schematron *file, const struct sch_assertion *assertion)
{
	struct buf out;
	buf_init(&out, 4096);
	bool space = false;
	for (size_t i = 0; i < assertion->piece_count; i++) {
		const char *words = assertion->pieces[i].words ? assertion->pieces[i].words : "...";
		for (; *words; words++) {
			if (char_is_space(*words)) {
				space = out.n > 0;
				continue;
			}
			if (space)
				buf_char(&out, ' ');
			space = false;
			buf_char(&out, *words);
		}
	}
	const char *text = out.failed ? "" : arena_copy(&file->arena, buf_view(&out));
	buf_release(&out);
	return text;
}

/* The text of the diagnostics that an assertion names, one after another. */
static const char *diagnostics_text(struct schematron *file, xmlNode *node)
{
	const char *names = attribute_of(file, node, "diagnostics");
	xmlNode *root = xmlDocGetRootElement(file->doc), *holder = NULL;
	if (!names)
		return NULL;
	for (xmlNode *child = root->children; child; child = child->next)
		holder = is_named(child, "diagnostics") ? child : holder;
	struct buf out;
	buf_init(&out, 8192);
	for (const char *p = names; *p;) {
		size_t n = strcspn(p, " \t\r\n");
		xmlNode *diagnostic =
			n && holder ? find_by_id(file, holder, "diagnostic", (struct str){ p, n })
				    : NULL;
		if (n && !diagnostic)
			refuse(file, node, "there is no diagnostic with an id named in %s", names);
		xmlChar *content = diagnostic ? xmlNodeGetContent(diagnostic) : NULL;
		struct str text = str_trim(str_of(content ? (const char *)content : ""));
		if (out.n && text.n)
			buf_char(&out, ' ');
		buf_str(&out, text);
		xmlFree(content);
		p += n + strspn(p + n, " \t\r\n");
	}
	const char *text = out.failed ? NULL : arena_copy(&file->arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static enum cpis_severity severity_of(struct schematron *file, xmlNode *node, const char *inherited)
{
	static const struct {
		const char *role;
		enum cpis_severity severity;
	} roles[] = {
		{ "error", CPIS_ERROR },     { "fatal", CPIS_ERROR }, { "warning", CPIS_WARNING },
		{ "warn", CPIS_WARNING },    { "info", CPIS_INFO },   { "information", CPIS_INFO },
		{ "caution", CPIS_WARNING },
	};
	const char *role = attribute_of(file, node, "role");
	role = role ? role : inherited;
	if (!role)
		return CPIS_ERROR;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].role, role) == 0)
			return roles[i].severity;
	refuse(file, node, "the role %s is not a severity: use error, warning or info", role);
	return CPIS_ERROR;
}

static void enlist(struct schematron *file, struct sch_assertion *assertion)
{
	struct sch_assertion **more =
		list_grown_in(&file->arena, file->assertions, file->assertion_count,
			      &file->assertion_room, sizeof(struct sch_assertion *));
	if (!more)
		return;
	file->assertions = more;
	assertion->number = file->assertion_count;
	file->assertions[file->assertion_count++] = assertion;
}

/* Read an assert or report into the next place of a rule. role: of the rule, for an assertion
 * without. */
static void read_assertion(struct schematron *file, struct sch_rule *rule, xmlNode *node,
			   const struct parameters *with, const char *role)
{
	static const char *const known[] = { "test", "id",  "role", "subject", "diagnostics",
					     "flag", "see", "icon", "fpi",     NULL };
	if (allow_attributes(file, node, known) != 0)
		return;
	struct sch_assertion *assertion = &rule->assertions[rule->assertion_count++];
	size_t room = count_below(node);
	assertion->pieces = arena_alloc(&file->arena, (room + 1) * sizeof(*assertion->pieces));
	if (!assertion->pieces)
		return;
	assertion->is_report = is_named(node, "report");
	assertion->test = learn_attribute(file, node, "test", with);
	assertion->has_subject = xmlHasProp(node, (const xmlChar *)"subject") != NULL;
	if (assertion->has_subject)
		assertion->subject = learn_attribute(file, node, "subject", with);
	read_pieces(file, assertion, room, node, with);
	enlist(file, assertion);
	const char *id = attribute_of(file, node, "id");
	assertion->about = (struct schematron_assertion){
		.id = id ? id : arena_printf(&file->arena, "rule-%zu", assertion->number + 1),
		.text = static_sentence(file, assertion),
		.fix = diagnostics_text(file, node),
		.severity = severity_of(file, node, role),
		.line = (size_t)xmlGetLineNo(node),
	};
}

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
	const char *name = attribute_of(file, node, "name");
	if (allow_attributes(file, node, known) != 0 || !lets->items)
		return;
	if (!name) {
		refuse(file, node, "the attribute %s is missing", "name");
		return;
	}
	lets->items[lets->count++] =
		(struct sch_let){ name, learn_attribute(file, node, "value", with),
				  (size_t)xmlGetLineNo(node) };
}

/* Rules and patterns */

static void read_rule_body(struct schematron *file, struct sch_rule *rule, xmlNode *pattern,
			   xmlNode *node, const struct parameters *with, size_t room, int depth);

static void extend(struct schematron *file, struct sch_rule *rule, xmlNode *pattern, xmlNode *node,
		   const struct parameters *with, size_t room, int depth)
{
	const char *name = attribute_of(file, node, "rule");
	if (!name || depth == DEEPEST_EXTENDS) {
		refuse(file, node, "extends needs the id of an abstract rule in the attribute rule",
		       NULL);
		return;
	}
	xmlNode *base = find_by_id(file, pattern, "rule", str_of(name));
	if (!base)
		refuse(file, node, "there is no rule %s in this pattern", name);
	else
		read_rule_body(file, rule, pattern, base, with, room, depth + 1);
}

static void read_rule_body(struct schematron *file, struct sch_rule *rule, xmlNode *pattern,
			   xmlNode *node, const struct parameters *with, size_t room, int depth)
{
	const char *role = attribute_of(file, node, "role");
	for (xmlNode *child = node->children; child; child = child->next) {
		if (file->failed_text)
			return;
		if (is_named(child, "assert") || is_named(child, "report")) {
			if (rule->assertion_count < room)
				read_assertion(file, rule, child, with, role);
		} else if (is_named(child, "let")) {
			add_let(file, &rule->lets, room, child, with);
		} else if (is_named(child, "extends")) {
			extend(file, rule, pattern, child, with, room, depth);
		} else if (child->type == XML_ELEMENT_NODE && !is_named(child, "p") &&
			   !is_named(child, "title")) {
			refuse(file, child, "the element %s is not supported in a rule",
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
		rule->contexts[rule->context_count++] = learn(file, node, text, NULL);
		context += n + (context[n] == '|');
	}
	if (rule->context_count < count)
		refuse(file, node, "out of memory", NULL);
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
	const char *abstract = attribute_of(file, node, "abstract");
	if (allow_attributes(file, node, known) != 0 || (abstract && strcmp(abstract, "true") == 0))
		return;
	const char *context = attribute_of(file, node, "context");
	if (!context) {
		refuse(file, node, "the attribute %s is missing", "context");
		return;
	}
	size_t room = count_assertions_below(holder);
	struct sch_rule *rule = &pattern->rules[pattern->rule_count++];
	rule->assertions = arena_alloc(&file->arena, (room + 1) * sizeof(*rule->assertions));
	learn_contexts(file, rule, node, substitute(file, context, with));
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
		if (is_named(child, "rule"))
			read_rule(file, pattern, node, child, with);
		else if (is_named(child, "let"))
			add_let(file, &pattern->lets, room, child, with);
		else if (child->type == XML_ELEMENT_NODE && !is_named(child, "p") &&
			 !is_named(child, "title") && !is_named(child, "param"))
			refuse(file, child, "the element %s is not supported in a pattern",
			       (const char *)child->name);
	}
}

static int read_parameters(struct schematron *file, xmlNode *node, struct parameters *with)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		if (!is_named(child, "param"))
			continue;
		const char *name = attribute_of(file, child, "name"),
			   *value = attribute_of(file, child, "value");
		if (!name || !value || with->count == MOST_PARAMETERS)
			return refuse(file, child, "param needs a name and a value", NULL);
		with->names[with->count] = name;
		with->values[with->count++] = value;
	}
	return 0;
}

static void read_pattern(struct schematron *file, xmlNode *root, xmlNode *node)
{
	static const char *const known[] = { "id",  "abstract", "is-a", "name",
					     "see", "icon",	"fpi",	NULL };
	const char *abstract = attribute_of(file, node, "abstract"),
		   *base = attribute_of(file, node, "is-a");
	if (allow_attributes(file, node, known) != 0 || (abstract && strcmp(abstract, "true") == 0))
		return;
	struct sch_pattern *pattern = &file->patterns[file->pattern_count++];
	pattern->id = attribute_of(file, node, "id");
	struct parameters with = { .count = 0 };
	if (!base) {
		read_pattern_body(file, pattern, node, NULL);
		return;
	}
	xmlNode *abstract_node = find_by_id(file, root, "pattern", str_of(base));
	if (!abstract_node)
		refuse(file, node, "there is no abstract pattern %s", base);
	else if (read_parameters(file, node, &with) == 0)
		read_pattern_body(file, pattern, abstract_node, &with);
}

static void add_namespace(struct schematron *file, xmlNode *node)
{
	const char *prefix = attribute_of(file, node, "prefix"),
		   *uri = attribute_of(file, node, "uri");
	if (!prefix || !uri)
		refuse(file, node, "ns needs a prefix and a uri", NULL);
	else
		file->namespaces[file->namespace_count++] = (struct sch_namespace){ prefix, uri };
}

/* Variables and prefixes */

/* The lets that an expression knows: of the file, of its pattern, of its rule, as far as they are
 * bound before it. */
struct scope {
	struct sch_lets known[3];
};

static bool is_bound(const struct scope *scope, struct str name)
{
	for (size_t k = 0; k < sizeof(scope->known) / sizeof(scope->known[0]); k++)
		for (size_t i = 0; i < scope->known[k].count; i++)
			if (str_is(name, scope->known[k].items[i].name))
				return true;
	return false;
}

static bool is_prefix(const struct schematron *file, struct str prefix)
{
	for (size_t i = 0; i < file->namespace_count; i++)
		if (str_is(prefix, file->namespaces[i].prefix))
			return true;
	return str_is(prefix, "xml");
}

/* Otherwise it would fail only when it is reached. */
static void check_names(struct schematron *file, const struct scope *scope,
			sch_expression expression)
{
	/* None was learnt where the file is refused. */
	if (file->failed_text)
		return;
	struct names names = { .p = file->expressions[expression] };
	size_t line = file->expression_lines[expression];
	while (next_name(&names)) {
		struct str name = names.dollar ? names.name : without_axis(names.name);
		const char *colon = names.dollar ? NULL : memchr(name.p, ':', name.n);
		struct str prefix = { name.p, colon ? (size_t)(colon - name.p) : 0 };
		if (names.dollar && !is_bound(scope, name))
			refuse_line(file, line, "the variable $%s has no let before it",
				    arena_copy(&file->arena, name));
		else if (prefix.n && !is_prefix(file, prefix))
			refuse_line(file, line, "the prefix %s has no ns",
				    arena_copy(&file->arena, prefix));
	}
}

/* Each let knows those before it. */
static void check_lets(struct schematron *file, struct scope *scope, struct sch_lets *known,
		       const struct sch_lets *lets)
{
	*known = (struct sch_lets){ lets->items, 0 };
	for (; known->count < lets->count; known->count++)
		check_names(file, scope, lets->items[known->count].value);
}

static void check_assertion(struct schematron *file, const struct scope *scope,
			    const struct sch_assertion *assertion)
{
	check_names(file, scope, assertion->test);
	if (assertion->has_subject)
		check_names(file, scope, assertion->subject);
	for (size_t i = 0; i < assertion->piece_count; i++)
		if (!assertion->pieces[i].words)
			check_names(file, scope, assertion->pieces[i].select);
}

static void check_all_names(struct schematron *file)
{
	struct scope scope = { 0 };
	check_lets(file, &scope, &scope.known[0], &file->lets);
	for (size_t i = 0; i < file->pattern_count; i++) {
		const struct sch_pattern *pattern = &file->patterns[i];
		check_lets(file, &scope, &scope.known[1], &pattern->lets);
		for (size_t r = 0; r < pattern->rule_count; r++) {
			const struct sch_rule *rule = &pattern->rules[r];
			scope.known[2].count = 0;
			for (size_t c = 0; c < rule->context_count; c++)
				check_names(file, &scope, rule->contexts[c]);
			check_lets(file, &scope, &scope.known[2], &rule->lets);
			for (size_t a = 0; a < rule->assertion_count; a++)
				check_assertion(file, &scope, &rule->assertions[a]);
		}
		scope.known[2].count = 0;
	}
}

/* Phases */

static void activate(struct schematron *file, xmlNode *phase)
{
	for (size_t i = 0; i < file->pattern_count; i++)
		file->patterns[i].active = phase == NULL;
	for (xmlNode *child = phase ? phase->children : NULL; child; child = child->next) {
		if (is_named(child, "let"))
			refuse(file, child, "a let in a phase is not supported", NULL);
		if (!is_named(child, "active"))
			continue;
		const char *name = attribute_of(file, child, "pattern");
		bool found = false;
		for (size_t i = 0; name && i < file->pattern_count; i++) {
			bool same = file->patterns[i].id && strcmp(file->patterns[i].id, name) == 0;
			file->patterns[i].active = file->patterns[i].active || same;
			found = found || same;
		}
		if (!found)
			refuse(file, child, "there is no pattern %s", name ? name : "");
	}
}

static bool has_active_assertion(const struct schematron *file)
{
	for (size_t i = 0; i < file->pattern_count; i++)
		for (size_t r = 0; file->patterns[i].active && r < file->patterns[i].rule_count;
		     r++)
			if (file->patterns[i].rules[r].assertion_count)
				return true;
	return false;
}

static void choose_phase(struct schematron *file, xmlNode *root, const char *phase)
{
	bool usual = !phase || strcmp(phase, "#DEFAULT") == 0;
	const char *name = usual ? attribute_of(file, root, "defaultPhase") : phase;
	xmlNode *node = NULL;
	if (name && strcmp(name, "#ALL") != 0) {
		node = find_by_id(file, root, "phase", str_of(name));
		if (!node) {
			refuse(file, root, "there is no phase %s", name);
			return;
		}
	}
	activate(file, node);
	if (node && !has_active_assertion(file))
		refuse(file, node, "the phase %s has no assertion: nothing would be judged", name);
}

/* The file */

static void read_schema(struct schematron *file, xmlNode *root)
{
	static const char *const passed[] = { "title", "p", "phase", "diagnostics", NULL };
	size_t room = count_children(root);
	file->patterns = arena_alloc(&file->arena, (room + 1) * sizeof(*file->patterns));
	file->namespaces = arena_alloc(&file->arena, (room + 1) * sizeof(*file->namespaces));
	if (!file->patterns || !file->namespaces) {
		refuse(file, root, "out of memory", NULL);
		return;
	}
	for (xmlNode *child = root->children; child && !file->failed_text; child = child->next) {
		bool known = child->type != XML_ELEMENT_NODE;
		for (const char *const *name = passed; *name; name++)
			known = known || is_named(child, *name);
		if (is_named(child, "ns"))
			add_namespace(file, child);
		else if (is_named(child, "let"))
			add_let(file, &file->lets, room, child, NULL);
		else if (is_named(child, "pattern"))
			read_pattern(file, root, child);
		else if (!known)
			refuse(file, child, "the element %s is not supported",
			       (const char *)child->name);
	}
}

static void read_root(struct schematron *file, const char *phase)
{
	static const char *const bindings[] = { "xslt", "xslt1", "xpath", "xpath1", NULL };
	xmlNode *root = xmlDocGetRootElement(file->doc);
	if (!root || !is_named(root, "schema")) {
		refuse(file, root,
		       "it is not ISO Schematron: expected schema in " SCHEMATRON_NAMESPACE, NULL);
		return;
	}
	const char *binding = attribute_of(file, root, "queryBinding");
	bool known = binding == NULL;
	for (const char *const *name = bindings; *name; name++)
		known = known || strcmp(*name, binding ? binding : "") == 0;
	if (!known) {
		refuse(file, root, "the query binding %s is not supported: use xslt or xpath",
		       binding);
		return;
	}
	read_schema(file, root);
	if (!file->failed_text && !file->arena.failed)
		check_all_names(file);
	if (!file->failed_text && file->assertion_count == 0)
		refuse(file, root, "it has no assertion: nothing would be judged", NULL);
	if (!file->failed_text)
		choose_phase(file, root, phase);
}

struct rooting {
	struct schematron *file;
	const char *phase;
};

static void try_to_read(void *context)
{
	const struct rooting *rooting = context;
	read_root(rooting->file, rooting->phase);
}

static void keep_parse_error(void *context, xml_error error)
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

/* True: there was memory for all of it. */
static bool parse(struct schematron *file, const char *path)
{
	struct buf bytes;
	char why[128];
	bool lacking = false;
	buf_init(&bytes, MOST_BYTES);
	xmlParserCtxt *parser = xmlNewParserCtxt();
	if (!files_read(path, &bytes, why, sizeof(why))) {
		file->failed_text = arena_printf(&file->arena, "it cannot be read: %s", why);
	} else {
		xmlSetStructuredErrorFunc(file, keep_parse_error);
		file->doc = xml_document(parser, buf_view(&bytes), path, NULL,
					 XML_PARSE_NONET | XML_PARSE_BIG_LINES, &lacking);
		xmlSetStructuredErrorFunc(NULL, NULL);
	}
	xmlFreeParserCtxt(parser);
	buf_release(&bytes);
	if (file->doc && file->doc->intSubset)
		refuse(file, NULL, "it has a document type declaration", NULL);
	return !lacking;
}

int schematron_open(struct schematron **out, const char *path, const char *phase,
		    struct cpis_failure *failure)
{
	struct schematron *file = calloc(1, sizeof(*file));
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	if (!file)
		return -1;
	struct rooting rooting = { file, phase };
	file->path = arena_copy(&file->arena, str_of(path));
	bool good = parse(file, path);
	if (good && !file->doc && !file->failed_text)
		file->failed_text = "it cannot be read";
	if (good && !file->failed_text)
		good = xml_attempt(try_to_read, &rooting);
	good = good && !file->arena.failed;
	if (good && !file->failed_text) {
		*out = file;
		return 0;
	}
	if (good) {
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
