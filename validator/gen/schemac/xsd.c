#include "xsd.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEMA_LANGUAGE "http://www.w3.org/2001/XMLSchema"

void xsd_stop(const struct document *document, const xmlNode *node, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	stop("%s:%ld: %s", document->path, node ? xmlGetLineNo(node) : 1L, text);
}

static const char *text_of(const xmlChar *text)
{
	return (const char *)text;
}

bool xsd_is(const xmlNode *node, const char *local)
{
	return strcmp(text_of(node->name), local) == 0;
}

static xmlNode *next_schema_node(const struct document *document, xmlNode *node)
{
	for (; node; node = node->next) {
		if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE ||
		    (node->type == XML_TEXT_NODE && xmlIsBlankNode(node)))
			continue;
		if (node->type != XML_ELEMENT_NODE || !node->ns ||
		    strcmp(text_of(node->ns->href), SCHEMA_LANGUAGE) != 0)
			xsd_stop(document, node, "only elements of XML Schema are expected here");
		if (!xsd_is(node, "annotation"))
			return node;
	}
	return NULL;
}

xmlNode *xsd_first(const struct document *document, const xmlNode *parent)
{
	return next_schema_node(document, parent->children);
}

xmlNode *xsd_next(const struct document *document, const xmlNode *node)
{
	return next_schema_node(document, node->next);
}

const char *xsd_attribute(struct xsd *xsd, const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	if (!value)
		return NULL;
	const char *copy = take_copy(xsd->arena, text_of(value), strlen(text_of(value)));
	xmlFree(value);
	return copy;
}

void xsd_only_attributes(const struct document *document, const xmlNode *node,
			 const char *const names[])
{
	for (const xmlAttr *attr = node->properties; attr; attr = attr->next) {
		size_t i = 0;
		while (names[i] && strcmp(names[i], text_of(attr->name)) != 0)
			i++;
		if (!names[i])
			xsd_stop(document, node,
				 "%s of xs:%s is outside the subset that is compiled",
				 text_of(attr->name), text_of(node->name));
	}
}

struct qname xsd_qname(struct xsd *xsd, const struct document *document, const xmlNode *node,
		       const char *text)
{
	const char *colon = strchr(text, ':');
	const char *prefix = colon ? take_copy(xsd->arena, text, (size_t)(colon - text)) : NULL;
	/* Namespaces are declared on the root of a schema, and looked for there alone. */
	const xmlNs *ns = xmlSearchNs(document->xml, xmlDocGetRootElement(document->xml),
				      (const xmlChar *)prefix);
	if (prefix && !ns)
		xsd_stop(document, node, "the prefix of \"%s\" is not declared", text);
	return (struct qname){
		.ns = ns ? text_of(ns->href) : document->unprefixed,
		.local = colon ? colon + 1 : text,
	};
}

bool xsd_in_schema_language(struct qname name)
{
	return strcmp(name.ns, SCHEMA_LANGUAGE) == 0;
}

static struct document *known(const struct xsd *xsd, const char *path, const char *target)
{
	for (size_t i = 0; i < xsd->documents.n; i++) {
		struct document *document = xsd->documents.at[i];
		/* A document without a namespace of its own is another one for each that it is
		 * lent. */
		if (strcmp(document->path, path) == 0 &&
		    (document->has_own || !strcmp(document->target, target ? target : "")))
			return document;
	}
	return NULL;
}

/* The path of a location beside a document, without "." and "..". */
static const char *path_beside(struct xsd *xsd, const char *path, const char *location)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	char *joined = take(xsd->arena, n + strlen(location) + 1);
	memcpy(joined, path, n);
	while (strncmp(location, "./", 2) == 0 || strncmp(location, "../", 3) == 0) {
		if (location[1] == '.') {
			if (n < 2)
				stop("%s: %s leads out of the tree", path, location);
			for (n--; n && joined[n - 1] != '/';)
				n--;
		}
		location += location[1] == '.' ? 3 : 2;
	}
	memcpy(joined + n, location, strlen(location) + 1);
	return joined;
}

static void reach(struct xsd *xsd, struct document *document, const xmlNode *node)
{
	bool include = xsd_is(node, "include");
	xsd_only_attributes(document, node,
			    (const char *const[]){ "schemaLocation", "namespace", NULL });
	const char *location = xsd_attribute(xsd, node, "schemaLocation");
	const char *ns = xsd_attribute(xsd, node, "namespace");
	if (!location)
		xsd_stop(document, node, "an xs:%s needs a schemaLocation", text_of(node->name));
	const char *path = path_beside(xsd, document->path, location);
	struct document *other = xsd_open(xsd, path, include ? document->target : NULL);
	if (strcmp(other->target, include ? document->target : ns ? ns : "") != 0)
		xsd_stop(document, node, "%s has the target namespace \"%s\"", path, other->target);
	list_add(xsd->arena, &document->reaches, other);
}

struct document *xsd_open(struct xsd *xsd, const char *path, const char *target)
{
	struct document *document = known(xsd, path, target);
	if (document)
		return document;
	document = take(xsd->arena, sizeof(*document));
	document->path = path;
	document->xml = xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if (!document->xml)
		stop("%s: cannot be read", path);
	xmlNode *root = xmlDocGetRootElement(document->xml);
	if (!root->ns || strcmp(text_of(root->ns->href), SCHEMA_LANGUAGE) != 0 ||
	    !xsd_is(root, "schema"))
		xsd_stop(document, root, "an xs:schema is expected");
	xsd_only_attributes(document, root,
			    (const char *const[]){ "targetNamespace", "elementFormDefault",
						   "attributeFormDefault", "version", "lang", "id",
						   NULL });
	const char *own = xsd_attribute(xsd, root, "targetNamespace");
	document->target = own ? own : target ? target : "";
	document->has_own = own != NULL;
	document->unprefixed = own ? "" : document->target;
	list_add(xsd->arena, &xsd->documents, document);
	for (xmlNode *node = xsd_first(document, root); node; node = xsd_next(document, node))
		if (xsd_is(node, "include") || xsd_is(node, "import"))
			reach(xsd, document, node);
	return document;
}

void xsd_close(struct xsd *xsd)
{
	for (size_t i = 0; i < xsd->documents.n; i++)
		xmlFreeDoc(((struct document *)xsd->documents.at[i])->xml);
	xmlCleanupParser();
}

static void visit(struct xsd *xsd, struct document *document, struct list *all)
{
	if (document->visited == xsd->searches)
		return;
	document->visited = xsd->searches;
	list_add(xsd->arena, all, document);
	for (size_t i = 0; i < document->reaches.n; i++)
		visit(xsd, document->reaches.at[i], all);
}

struct list xsd_closure(struct xsd *xsd, struct document *from)
{
	struct list all = { 0 };
	xsd->searches++;
	visit(xsd, from, &all);
	return all;
}

struct component xsd_find(struct xsd *xsd, struct document *from, const char *kind,
			  struct qname name)
{
	struct component found = { 0 };
	struct list all = xsd_closure(xsd, from);
	for (size_t i = 0; i < all.n; i++) {
		struct document *document = all.at[i];
		if (strcmp(document->target, name.ns) != 0)
			continue;
		xmlNode *node = xsd_first(document, xmlDocGetRootElement(document->xml));
		for (; node; node = xsd_next(document, node)) {
			const char *local =
				xsd_is(node, kind) ? xsd_attribute(xsd, node, "name") : NULL;
			if (!local || strcmp(local, name.local) != 0)
				continue;
			if (found.node)
				xsd_stop(document, node, "%s is declared twice, first in %s", local,
					 found.document->path);
			found = (struct component){ document, node };
		}
	}
	return found;
}
