/*
 * bindc.c - the binding compiler: at build time, from the paths of all binding tables to the one
 * tree of steps that message/binding_tree.h describes. Writes C to standard output.
 */
#include "base/arena.h"
#include "message/binding.h"
#include "message/binding_tree.h"
#include "message/catalogue.h"
#include "schema/validation.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_NODES = BINDING_STEPS / 2, MOST_ATTRIBUTES = 1024 };

/* The library wants one; it is made here. */
const struct binding_tree binding_tree;

static struct binding_numbers numbers;
static struct binding_step steps[BINDING_STEPS];
static struct binding_node nodes[MOST_NODES];
/* Those of a node are a list. */
static struct attribute {
	struct binding_attribute is;
	uint16_t next;
} attributes[MOST_ATTRIBUTES];
static uint16_t roots[BINDING_TABLES];
static uint16_t node_count = 1, attribute_count = 1;
static struct arena names;

static const struct {
	const char *prefix;
	enum xml_namespace ns;
} prefixes[] = {
	{ "npfitlc", NS_NPFITLC }, { "itk", NS_ITK },	    { "soap", NS_SOAP11 },
	{ "wsa4", NS_WSA_2004 },   { "wsa5", NS_WSA_2005 }, { "wsse", NS_WSSE },
	{ "wsu", NS_WSU },	   { "nasp", NS_NASP },	    { "none", NS_NONE },
	{ "soap12", NS_SOAP12 },   { "rim", NS_RIM },
};

static _Noreturn void die(const char *what, const char *about)
{
	fprintf(stderr, "bindc: %s: %s\n", what, about);
	exit(1);
}

static enum xml_namespace namespace_of(struct str prefix)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_is(prefix, prefixes[i].prefix))
			return prefixes[i].ns;
	die("unknown prefix", arena_copy(&names, prefix));
}

/* The name of a step with or without prefix; ns is what stands for no prefix. */
static xml_name step_name(struct str step, enum xml_namespace ns)
{
	if (str_is(step, "*"))
		return BINDING_ANY_NAME;
	const char *colon = memchr(step.p, ':', step.n);
	if (colon) {
		struct str prefix = { step.p, (size_t)(colon - step.p) };
		ns = namespace_of(prefix);
		step = str_from(step, prefix.n + 1);
	}
	xml_name name = xml_names_add(ns, arena_copy(&names, step));
	if (!name)
		die("no room for the name", step.p);
	return name;
}

static uint16_t child_for_path(uint16_t parent, xml_name name)
{
	uint16_t *link = &nodes[parent].any;
	if (name != BINDING_ANY_NAME) {
		size_t place = binding_step_place(steps, parent, name);
		steps[place].parent = parent;
		steps[place].name = name;
		link = &steps[place].child;
	}
	if (*link == 0 && node_count == MOST_NODES)
		die("no room for the node of", xml_names_local(name));
	if (*link == 0)
		*link = node_count++;
	return *link;
}

/* Attributes of the HL7 type cs, a token, and of ITK's that are URIs. Not use: Spine compares it as
 * it is written. */
static bool is_token(xml_name name)
{
	static const char *const tokens[] = { "code", "typeCode", "service",   "profileid",
					      "uri",  "key",	  "serviceRef" };
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (xml_names_namespace(name) == NS_NONE &&
		    strcmp(xml_names_local(name), tokens[i]) == 0)
			return true;
	return false;
}

static void add_attribute(uint16_t node, struct str step, uint16_t row)
{
	if (attribute_count == MOST_ATTRIBUTES)
		die("no room for the attribute", step.p);
	xml_name name = step_name(step, NS_NONE);
	const struct binding *fills = numbers.rows[row];
	bool token = is_token(name);
	attributes[attribute_count].is = (struct binding_attribute){
		.name = name,
		.row = row,
		.token = token,
		.plain = !token && !fills->list && fills->into == PART_NONE,
	};
	uint16_t *link = &nodes[node].attribute;
	while (*link)
		link = &attributes[*link].next;
	*link = attribute_count++;
	nodes[node].attribute_count++;
	nodes[node].acts |= BINDING_TAKES;
}

static void attach(uint16_t node, const struct binding *row, uint16_t number)
{
	struct binding_node *at = &nodes[node];
	at->acts |= row->kind == BIND_PART ? BINDING_OPENS : BINDING_NOTES;
	switch (row->kind) {
	case BIND_VALUE:
		at->text = number;
		break;
	case BIND_NAME:
		at->name_of = number;
		break;
	case BIND_COUNT:
		at->count = number;
		break;
	case BIND_FLAG:
		at->flag = number;
		break;
	case BIND_PART:
		at->part = number;
		at->part_root = roots[binding_table_number(&numbers, row->table)];
		break;
	}
}

static void compile_row(uint16_t root, uint16_t number)
{
	const struct binding *row = numbers.rows[number];
	uint16_t node = root;
	struct str rest = str_of(row->path);
	while (rest.n) {
		const char *slash = memchr(rest.p, '/', rest.n);
		struct str step = { rest.p, slash ? (size_t)(slash - rest.p) : rest.n };
		rest = str_from(rest, step.n + (slash != NULL));
		if (step.p[0] == '@') {
			add_attribute(node, str_from(step, 1), number);
			return;
		}
		if (str_is(step, "text()"))
			break;
		node = child_for_path(node, step_name(step, NS_HL7));
	}
	attach(node, row, number);
}

static void compile(void)
{
	for (size_t i = 0; i < numbers.table_count; i++)
		roots[i] = node_count++;
	for (size_t i = 0; i < numbers.table_count; i++)
		for (size_t k = 0; k < numbers.tables[i]->count; k++)
			compile_row(roots[i], (uint16_t)(numbers.first_row[i] + k));
}

static void write_steps(void)
{
	printf("static const struct binding_step steps[BINDING_STEPS] = {\n");
	for (size_t i = 0; i < BINDING_STEPS; i++)
		if (steps[i].child)
			printf("\t[%zu] = { %u, %u, %u },\n", i, steps[i].parent, steps[i].child,
			       steps[i].name);
	printf("};\n\n");
}

static void write_nodes(void)
{
	unsigned first = 0;
	printf("static const struct binding_node nodes[] = {\n");
	for (size_t i = 0; i < node_count; first += nodes[i++].attribute_count)
		printf("\t{ %u, %u, %u, %u, %u, %u, %u, %u, %u, %d },\n", nodes[i].any, first,
		       nodes[i].attribute_count, nodes[i].part_root, nodes[i].text,
		       nodes[i].name_of, nodes[i].count, nodes[i].flag, nodes[i].part,
		       nodes[i].acts);
	printf("};\n\nstatic const struct binding_attribute attributes[] = {\n");
	for (size_t i = 0; i < node_count; i++)
		for (uint16_t a = nodes[i].attribute; a; a = attributes[a].next)
			printf("\t{ %u, %u, %d, %d },\n", attributes[a].is.name,
			       attributes[a].is.row, attributes[a].is.token,
			       attributes[a].is.plain);
	printf("};\n\nstatic const uint16_t roots[] = {\n");
	for (size_t i = 0; i < numbers.table_count; i++)
		printf("\t%u,\n", roots[i]);
	printf("};\n\n");
}

static void write_names(size_t first, size_t count)
{
	printf("static const struct binding_name names[] = {\n");
	for (size_t i = first; i < first + count; i++)
		printf("\t{ %d, \"%s\" },\n", (int)xml_names_namespace((xml_name)i),
		       xml_names_local((xml_name)i));
	printf("\t{ 0, \"\" },\n};\n\n");
}

int main(void)
{
	if (schema_compiled_setup() != 0)
		die("no room for the names of", "the schemas");
	size_t first = xml_names_count() + 1;
	if (catalogue_number_tables(&numbers) != 0)
		die("too many", "tables or rows");
	compile();
	size_t count = xml_names_count() + 1 - first;
	printf("#include \"message/binding_tree.h\"\n\n");
	write_steps();
	write_nodes();
	write_names(first, count);
	printf("const struct binding_tree binding_tree = {\n\tsteps, nodes, attributes, roots, "
	       "names, "
	       "%zu, %zu, %zu, %zu,\n};\n",
	       count, numbers.table_count, numbers.row_count, first);
	arena_release(&names);
	return ferror(stdout) || fflush(stdout) != 0;
}
