/* Reading a Schematron file: what every part of it needs. */
#include "xml/schematron_model.h"

#include "base/buf.h"

#include <libxml/xpath.h>

/* Only the first reason counts. */
int sch_refuse(struct schematron *file, const xmlNode *node, const char *format, const char *detail)
{
	if (file->failed_text)
		return -1;
	file->failed_line = node ? (size_t)xmlGetLineNo(node) : 1;
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
		file->failed_text = "memory is out";
	return -1;
}

bool sch_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       strcmp((const char *)node->ns->href, SCHEMATRON_NAMESPACE) == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

const char *sch_attribute(struct schematron *file, xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	const char *copy = value ? arena_copy(&file->arena, str_of((const char *)value)) : NULL;
	xmlFree(value);
	return copy;
}

/* Elements may carry these attributes and no others. list ends with NULL. */
int sch_allow_attributes(struct schematron *file, xmlNode *node, const char *const *list)
{
	for (xmlAttr *a = node->properties; a; a = a->next) {
		bool known = a->ns != NULL; /* attributes of other vocabularies say nothing to us */
		for (const char *const *name = list; *name; name++)
			known = known || strcmp(*name, (const char *)a->name) == 0;
		if (!known)
			return sch_refuse(file, node, "the attribute %s is not supported here",
					  (const char *)a->name);
	}
	return 0;
}

static bool name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || char_is_digit(c) || c == '_' ||
	       c == '-' || c == '.';
}

/* $names of an abstract pattern replaced by what they stand for. */
const char *sch_substitute(struct schematron *file, const char *text, const struct parameters *with)
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

/* What may stand before a '(': functions of XPath 1.0 and current() of XSLT, node tests, operators.
 */
static bool may_be_called(struct str name)
{
	static const char *const known[] = {
		"last",
		"position",
		"count",
		"id",
		"local-name",
		"namespace-uri",
		"name",
		"string",
		"concat",
		"starts-with",
		"contains",
		"substring-before",
		"substring-after",
		"substring",
		"string-length",
		"normalize-space",
		"translate",
		"boolean",
		"not",
		"true",
		"false",
		"lang",
		"number",
		"sum",
		"floor",
		"ceiling",
		"round",
		"current",
		"comment",
		"text",
		"processing-instruction",
		"node",
		"and",
		"or",
		"div",
		"mod",
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_is(name, known[i]))
			return true;
	return false;
}

/* The first call of a function that is not known here: it would fail only when it is reached. */
static const char *unknown_function(struct schematron *file, const char *text)
{
	char quote = '\0';
	for (const char *p = text; *p; p++) {
		if (quote || *p == '"' || *p == '\'') {
			quote = !quote ? *p : *p == quote ? '\0' : quote;
			continue;
		}
		/* A minus or a digit begins no name: "a - (b)" calls nothing. */
		size_t n = 0;
		while ((n || !strchr("-.0123456789", *p)) && (name_character(p[n]) || p[n] == ':'))
			n++;
		size_t space = n + strspn(p + n, " \t\r\n");
		struct str name = { p, n };
		if (n && p[space] == '(' && !str_ends(name, STR("::"))) {
			const char *axis = memmem(p, n, "::", 2);
			struct str called = axis ? str_from(name, (size_t)(axis - p) + 2) : name;
			if (!may_be_called(called))
				return arena_copy(&file->arena, called);
		}
		p += n ? n - 1 : 0;
	}
	return NULL;
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
sch_expression sch_learn(struct schematron *file, xmlNode *node, const char *text,
			 const struct parameters *with)
{
	text = sch_substitute(file, text, with);
	xmlXPathContext *context = xmlXPathNewContext(NULL);
	xmlXPathCompExprPtr compiled = NULL;
	if (context) {
		xmlSetStructuredErrorFunc(NULL, NULL);
		compiled = xmlXPathCtxtCompile(context, (const xmlChar *)text);
	}
	xmlXPathFreeCompExpr(compiled);
	xmlXPathFreeContext(context);
	if (!compiled) {
		sch_refuse(file, node, "\"%s\" is no XPath 1.0", text);
		return 0;
	}
	const char *stranger = unknown_function(file, text);
	if (stranger) {
		sch_refuse(file, node, "there is no function %s() in XPath 1.0", stranger);
		return 0;
	}
	if (!room_for_expression(file)) {
		sch_refuse(file, node, "memory is out", NULL);
		return 0;
	}
	file->expressions[file->expression_count] = text;
	file->expression_lines[file->expression_count] = (size_t)xmlGetLineNo(node);
	return file->expression_count++;
}

sch_expression sch_learn_attribute(struct schematron *file, xmlNode *node, const char *name,
				   const struct parameters *with)
{
	const char *text = sch_attribute(file, node, name);
	if (text && *text)
		return sch_learn(file, node, text, with);
	sch_refuse(file, node, "the attribute %s is missing", name);
	return 0;
}

xmlNode *sch_find_by_id(struct schematron *file, xmlNode *parent, const char *name, struct str id)
{
	for (xmlNode *child = parent->children; child; child = child->next) {
		if (!sch_is(child, name))
			continue;
		const char *own = sch_attribute(file, child, "id");
		if (own && str_is(id, own))
			return child;
	}
	return NULL;
}
