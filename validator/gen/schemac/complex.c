/*
 * complex.c - elements, their types, attributes and content, from the documents into the model.
 */
#include "model.h"

#include "content.h"

#include <stdlib.h>

static const struct type *type_in_place(struct model *model, struct document *document,
					xmlNode *node);
static struct particle *read_particle(struct model *model, struct document *document,
				      xmlNode *node);

const struct name *model_name(struct model *model, const char *ns, const char *local)
{
	for (size_t i = 0; i < model->names.n; i++) {
		const struct name *name = model->names.at[i];
		if (strcmp(name->local, local) == 0 && strcmp(name->ns, ns) == 0)
			return name;
	}
	struct name *name = take(model->arena, sizeof(*name));
	list_add(model->arena, &model->names, name);
	*name = (struct name){ .number = (unsigned)model->names.n, .ns = ns, .local = local };
	return name;
}

static struct type *type_new(struct model *model, const char *name, const struct document *document,
			     const xmlNode *node)
{
	struct type *type = take(model->arena, sizeof(*type));
	list_add(model->arena, &model->types, type);
	*type = (struct type){
		.number = (unsigned)model->types.n,
		.name = name,
		.target = document->target,
		.document = document,
		.node = node,
	};
	return type;
}

/* An element of simple type has a complex type of its own in the tables, shared by all such. */
static const struct type *type_of_simple(struct model *model, const struct simple *simple,
					 const struct document *document, const xmlNode *node)
{
	for (size_t i = 0; i < model->types.n; i++) {
		const struct type *type = model->types.at[i];
		if (type->simple == simple && type->name == simple->name && !type->uses.n &&
		    !type->any_attribute)
			return type;
	}
	struct type *type = type_new(model, simple->name, document, node);
	type->content = CONTENT_SIMPLE;
	type->simple = simple;
	return type;
}

static const struct type *type_of_element(struct model *model, struct document *document,
					  xmlNode *node)
{
	const char *text = xsd_attribute(&model->xsd, node, "type");
	xmlNode *child = xsd_first(document, node);
	if (!text && !child)
		xsd_stop(document, node, "an element says its type");
	if (!text && xsd_is(child, "complexType"))
		return type_in_place(model, document, child);
	if (!text && xsd_is(child, "simpleType"))
		return type_of_simple(model, simple_in_place(model, document, child), document,
				      child);
	if (child)
		xsd_stop(document, child, "xs:%s is outside the subset that is compiled",
			 (const char *)child->name);
	struct qname name = xsd_qname(&model->xsd, document, node, text);
	struct component found = { 0 };
	if (!xsd_in_schema_language(name))
		found = xsd_find(&model->xsd, document, "complexType", name);
	if (found.node)
		return type_in_place(model, found.document, found.node);
	return type_of_simple(model, simple_by_name(model, document, node, name), document, node);
}

static bool is_true(struct model *model, const struct document *document, const xmlNode *node,
		    const char *attribute)
{
	const char *value = xsd_attribute(&model->xsd, node, attribute);
	if (!value || !strcmp(value, "false") || !strcmp(value, "0"))
		return false;
	if (strcmp(value, "true") != 0 && strcmp(value, "1") != 0)
		xsd_stop(document, node, "%s is true or false", attribute);
	return true;
}

/* Local declarations are qualified when the document says so; global ones always. */
static bool is_qualified(struct model *model, const struct document *document, const char *which)
{
	const char *form = xsd_attribute(&model->xsd, xmlDocGetRootElement(document->xml), which);
	return form && strcmp(form, "qualified") == 0;
}

static const struct element *element_in_place(struct model *model, struct document *document,
					      xmlNode *node, bool global)
{
	if (node->_private)
		return node->_private;
	xsd_only_attributes(document, node,
			    (const char *const[]){ "name", "type", "minOccurs", "maxOccurs",
						   "nillable", NULL });
	const char *local = xsd_attribute(&model->xsd, node, "name");
	if (!local)
		xsd_stop(document, node, "an element has a name or a ref");
	bool qualified = global || is_qualified(model, document, "elementFormDefault");
	const struct name *name = model_name(model, qualified ? document->target : "", local);
	struct element *element = take(model->arena, sizeof(*element));
	node->_private = element;
	element->name = name;
	element->nillable = is_true(model, document, node, "nillable");
	element->type = type_of_element(model, document, node);
	for (size_t i = 0; i < model->elements.n; i++) {
		const struct element *known = model->elements.at[i];
		if (known->name == name && known->type == element->type &&
		    known->nillable == element->nillable) {
			element->number = known->number;
			return element;
		}
	}
	list_add(model->arena, &model->elements, element);
	element->number = (unsigned)model->elements.n;
	return element;
}

static const struct element *element_by_ref(struct model *model, struct document *document,
					    const xmlNode *node, const char *ref)
{
	xsd_only_attributes(document, node,
			    (const char *const[]){ "ref", "minOccurs", "maxOccurs", NULL });
	struct component found = xsd_find(&model->xsd, document, "element",
					  xsd_qname(&model->xsd, document, node, ref));
	if (!found.node)
		xsd_stop(document, node, "no element %s is declared here or included", ref);
	return element_in_place(model, found.document, found.node, true);
}

static uint32_t read_occurs(struct model *model, const struct document *document,
			    const xmlNode *node, const char *attribute)
{
	const char *value = xsd_attribute(&model->xsd, node, attribute);
	if (!value)
		return 1;
	if (strcmp(value, "unbounded") == 0 && strcmp(attribute, "maxOccurs") == 0)
		return UNBOUNDED;
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (*end || end == value || number > 1000000)
		xsd_stop(document, node, "%s is not a number: %s", attribute, value);
	return (uint32_t)number;
}

/* A lax wildcard judges the elements that its document reaches a declaration of. */
static void read_declared(struct model *model, struct document *document, struct particle *any)
{
	struct list all = xsd_closure(&model->xsd, document);
	for (size_t i = 0; i < all.n; i++) {
		struct document *each = all.at[i];
		if (any->other && (!*each->target || strcmp(each->target, any->ns) == 0))
			continue;
		xmlNode *node = xsd_first(each, xmlDocGetRootElement(each->xml));
		for (; node; node = xsd_next(each, node))
			if (xsd_is(node, "element"))
				list_add(model->arena, &any->declared,
					 (void *)(uintptr_t)element_in_place(model, each, node,
									     true));
	}
}

static void read_any(struct model *model, struct document *document, const xmlNode *node,
		     struct particle *particle)
{
	const char *ns = xsd_attribute(&model->xsd, node, "namespace");
	const char *process = xsd_attribute(&model->xsd, node, "processContents");
	particle->kind = PARTICLE_ANY;
	particle->other = ns && strcmp(ns, "##other") == 0;
	particle->ns = document->target;
	if (ns && !particle->other && strcmp(ns, "##any") != 0)
		xsd_stop(document, node, "xs:any of namespace %s is outside the subset", ns);
	if (!process || (strcmp(process, "skip") != 0 && strcmp(process, "lax") != 0))
		xsd_stop(document, node, "xs:any must be skipped or lax");
	if (strcmp(process, "lax") == 0)
		read_declared(model, document, particle);
}

static struct particle *read_group_ref(struct model *model, struct document *document,
				       const xmlNode *node)
{
	const char *ref = xsd_attribute(&model->xsd, node, "ref");
	struct component found = { 0 };
	if (ref)
		found = xsd_find(&model->xsd, document, "group",
				 xsd_qname(&model->xsd, document, node, ref));
	if (!found.node)
		xsd_stop(document, node, "no such group is declared here or included");
	xmlNode *inner = xsd_first(found.document, found.node);
	if (!inner || xsd_next(found.document, inner))
		xsd_stop(found.document, found.node, "a group holds one sequence or choice");
	return read_particle(model, found.document, inner);
}

static bool is_particle(const xmlNode *node)
{
	return xsd_is(node, "sequence") || xsd_is(node, "choice") || xsd_is(node, "group") ||
	       xsd_is(node, "element") || xsd_is(node, "any");
}

static void read_members(struct model *model, struct document *document, const xmlNode *node,
			 struct particle *particle)
{
	particle->kind = xsd_is(node, "choice") ? PARTICLE_CHOICE : PARTICLE_SEQUENCE;
	for (xmlNode *child = xsd_first(document, node); child; child = xsd_next(document, child))
		list_add(model->arena, &particle->children, read_particle(model, document, child));
	if (particle->kind == PARTICLE_CHOICE && !particle->children.n)
		xsd_stop(document, node, "a choice of nothing");
}

static struct particle *read_particle(struct model *model, struct document *document, xmlNode *node)
{
	struct particle *particle = take(model->arena, sizeof(*particle));
	particle->document = document;
	particle->node = node;
	particle->min = read_occurs(model, document, node, "minOccurs");
	particle->max = read_occurs(model, document, node, "maxOccurs");
	if (particle->max < particle->min || !particle->max)
		xsd_stop(document, node, "maxOccurs below minOccurs, or 0");
	const char *ref = xsd_attribute(&model->xsd, node, "ref");
	if (!is_particle(node))
		xsd_stop(document, node, "xs:%s is outside the subset that is compiled",
			 (const char *)node->name);
	if (xsd_is(node, "element"))
		particle->element = ref ? element_by_ref(model, document, node, ref)
					: element_in_place(model, document, node, false);
	else if (xsd_is(node, "any"))
		read_any(model, document, node, particle);
	else if (xsd_is(node, "group")) {
		particle->kind = PARTICLE_SEQUENCE;
		list_add(model->arena, &particle->children, read_group_ref(model, document, node));
	} else
		read_members(model, document, node, particle);
	return particle;
}

/* A restriction says an attribute of its base anew. */
static void take_out(struct type *type, const struct name *name)
{
	size_t kept = 0;
	for (size_t i = 0; i < type->uses.n; i++)
		if (((const struct use *)type->uses.at[i])->name != name)
			type->uses.at[kept++] = type->uses.at[i];
	type->uses.n = kept;
}

static void read_attribute(struct model *model, struct document *document, xmlNode *node,
			   struct type *type, bool restricts)
{
	xsd_only_attributes(
		document, node,
		(const char *const[]){ "name", "type", "use", "default", "fixed", NULL });
	const char *local = xsd_attribute(&model->xsd, node, "name");
	const char *text = xsd_attribute(&model->xsd, node, "type");
	const char *how = xsd_attribute(&model->xsd, node, "use");
	xmlNode *inner = xsd_first(document, node);
	bool qualified = is_qualified(model, document, "attributeFormDefault");
	if (!local)
		xsd_stop(document, node, "an attribute has a name");
	const struct name *name = model_name(model, qualified ? document->target : "", local);
	if (restricts)
		take_out(type, name);
	if (how && strcmp(how, "prohibited") == 0 && restricts)
		return;
	if ((!text && !inner) || (how && !strcmp(how, "prohibited")))
		xsd_stop(document, node,
			 "an attribute has a type and is prohibited in a restriction alone");
	struct use *use = take(model->arena, sizeof(*use));
	use->name = name;
	use->simple = text ? simple_by_name(model, document, node,
					    xsd_qname(&model->xsd, document, node, text))
			   : simple_in_place(model, document, inner);
	use->required = how && strcmp(how, "required") == 0;
	use->fixed = xsd_attribute(&model->xsd, node, "fixed");
	use->initial = xsd_attribute(&model->xsd, node, "default");
	if (use->fixed)
		use->fixed = simple_value(model, use->simple, document, node, use->fixed);
	if (use->fixed && (!use->simple->is_string || use->simple->item))
		xsd_stop(document, node, "a fixed value of a type that is not a string");
	if (use->initial)
		simple_value(model, use->simple, document, node, use->initial);
	for (size_t i = 0; i < type->uses.n; i++)
		if (((const struct use *)type->uses.at[i])->name == use->name)
			xsd_stop(document, node, "the attribute %s is declared twice", local);
	list_add(model->arena, &type->uses, use);
}

static void read_any_attribute(struct model *model, struct document *document, xmlNode *node,
			       struct type *type)
{
	const char *ns = xsd_attribute(&model->xsd, node, "namespace");
	const char *process = xsd_attribute(&model->xsd, node, "processContents");
	bool other = ns && strcmp(ns, "##other") == 0, any = ns && strcmp(ns, "##any") == 0;
	if ((!other && !any) || !process || strcmp(process, "lax") != 0)
		xsd_stop(document, node, "xs:anyAttribute must be of ##other or ##any, and lax");
	type->any_attribute = any ? SCHEMA_ANY_ATTRIBUTE : SCHEMA_OTHER_ATTRIBUTE;
}

/* Attributes, groups of them and the wildcard: what is left of a type after its content. */
static void read_attributes(struct model *model, struct document *document, xmlNode *node,
			    struct type *type, bool restricts)
{
	for (; node; node = xsd_next(document, node)) {
		if (xsd_is(node, "attribute")) {
			read_attribute(model, document, node, type, restricts);
		} else if (xsd_is(node, "anyAttribute")) {
			read_any_attribute(model, document, node, type);
		} else if (xsd_is(node, "attributeGroup")) {
			const char *ref = xsd_attribute(&model->xsd, node, "ref");
			struct component found = { 0 };
			if (ref)
				found = xsd_find(&model->xsd, document, "attributeGroup",
						 xsd_qname(&model->xsd, document, node, ref));
			if (!found.node)
				xsd_stop(document, node, "no such attribute group is included");
			read_attributes(model, found.document,
					xsd_first(found.document, found.node), type, restricts);
		} else {
			xsd_stop(document, node, "xs:%s is outside the subset that is compiled",
				 (const char *)node->name);
		}
	}
}

static int by_name(const void *a, const void *b)
{
	const struct use *const *left = a, *const *right = b;
	return (int)(*left)->name->number - (int)(*right)->name->number;
}

static void read_simple_content(struct model *model, struct document *document, xmlNode *node,
				struct type *type)
{
	xmlNode *way = xsd_first(document, node);
	if (!way || !xsd_is(way, "extension"))
		xsd_stop(document, node, "simple content is an extension of a simple type");
	const char *base = xsd_attribute(&model->xsd, way, "base");
	if (!base)
		xsd_stop(document, way, "an extension has a base");
	type->content = CONTENT_SIMPLE;
	type->simple =
		simple_by_name(model, document, way, xsd_qname(&model->xsd, document, way, base));
	read_attributes(model, document, xsd_first(document, way), type, false);
}

static void read_body(struct model *model, struct document *document, xmlNode *node,
		      struct type *type);

/* What an extension adds comes after what its base has. */
static void add_particle(struct model *model, struct type *type, struct particle *particle)
{
	if (!type->particle) {
		type->particle = particle;
		return;
	}
	struct particle *both = take(model->arena, sizeof(*both));
	*both = (struct particle){ .kind = PARTICLE_SEQUENCE,
				   .min = 1,
				   .max = 1,
				   .document = particle->document,
				   .node = particle->node };
	list_add(model->arena, &both->children, type->particle);
	list_add(model->arena, &both->children, particle);
	type->particle = both;
}

static void read_own(struct model *model, struct document *document, xmlNode *child,
		     struct type *type, bool restricts)
{
	if (child && is_particle(child)) {
		add_particle(model, type, read_particle(model, document, child));
		child = xsd_next(document, child);
	}
	read_attributes(model, document, child, type, restricts);
}

/*
 * The base's own content is read again for each type that is derived from it: the base may not be
 * complete yet, where types hold each other in a circle.
 */
static void read_derived(struct model *model, struct document *document, xmlNode *node,
			 struct type *type)
{
	xmlNode *way = xsd_first(document, node);
	bool restricts = way && xsd_is(way, "restriction");
	if (!way || (!restricts && !xsd_is(way, "extension")) || xsd_next(document, way))
		xsd_stop(document, node, "complex content is an extension or a restriction");
	const char *text = xsd_attribute(&model->xsd, way, "base");
	struct component base = { 0 };
	if (text)
		base = xsd_find(&model->xsd, document, "complexType",
				xsd_qname(&model->xsd, document, way, text));
	if (!base.node)
		xsd_stop(document, way, "no such complex type is declared here or included");
	read_body(model, base.document, base.node, type);
	if (restricts)
		type->particle = NULL;
	read_own(model, document, xsd_first(document, way), type, restricts);
	type->base = type_in_place(model, base.document, base.node);
}

/* What is in a complexType, into a type that is it or is derived from it. */
static void read_body(struct model *model, struct document *document, xmlNode *node,
		      struct type *type)
{
	xmlNode *child = xsd_first(document, node);
	if (child && xsd_is(child, "simpleContent"))
		read_simple_content(model, document, child, type);
	else if (child && xsd_is(child, "complexContent"))
		read_derived(model, document, child, type);
	else
		read_own(model, document, child, type, false);
}

static const struct type *type_in_place(struct model *model, struct document *document,
					xmlNode *node)
{
	if (node->_private)
		return node->_private;
	xsd_only_attributes(document, node,
			    (const char *const[]){ "name", "mixed", "abstract", NULL });
	struct type *type =
		type_new(model, xsd_attribute(&model->xsd, node, "name"), document, node);
	node->_private = type;
	type->abstract = is_true(model, document, node, "abstract");
	read_body(model, document, node, type);
	if (type->content != CONTENT_SIMPLE) {
		/* An empty sequence makes empty content, which takes no white space either. */
		if (type->particle && type->particle->kind != PARTICLE_ANY &&
		    !type->particle->children.n)
			type->particle = NULL;
		type->content = type->particle ? CONTENT_ELEMENTS : CONTENT_EMPTY;
		if (is_true(model, document, node, "mixed"))
			type->content = CONTENT_MIXED;
	}
	if (type->uses.n > 64)
		xsd_stop(document, node, "a type of more than 64 attributes");
	if (type->uses.n)
		qsort(type->uses.at, type->uses.n, sizeof(*type->uses.at), by_name);
	return type;
}

void model_root(struct model *model, const char *folder, const char *path)
{
	struct root *root = take(model->arena, sizeof(*root));
	struct document *document =
		xsd_open(&model->xsd, arena_printf(model->arena, "%s/%s", folder, path), NULL);
	xmlNode *top = xmlDocGetRootElement(document->xml);
	struct particle *choice = take(model->arena, sizeof(*choice));
	*choice = (struct particle){
		.kind = PARTICLE_CHOICE, .min = 1, .max = 1, .document = document, .node = top
	};
	root->path = path;
	root->choice = type_new(model, NULL, document, top);
	root->choice->content = CONTENT_ELEMENTS;
	root->choice->particle = choice;
	struct list all = xsd_closure(&model->xsd, document);
	for (size_t i = 0; i < all.n; i++) {
		struct document *each = all.at[i];
		/* What is imported is for use inside a message. */
		if (strcmp(each->target, document->target) != 0)
			continue;
		xmlNode *node = xsd_first(each, xmlDocGetRootElement(each->xml));
		for (; node; node = xsd_next(each, node)) {
			if (!xsd_is(node, "element"))
				continue;
			struct particle *particle = take(model->arena, sizeof(*particle));
			*particle = (struct particle){ .kind = PARTICLE_ELEMENT,
						       .min = 1,
						       .max = 1,
						       .document = each,
						       .node = node };
			particle->element = element_in_place(model, each, node, true);
			list_add(model->arena, &choice->children, particle);
		}
	}
	/* A file of types only is a part of other schemas. */
	if (choice->children.n)
		list_add(model->arena, &model->roots, root);
}
