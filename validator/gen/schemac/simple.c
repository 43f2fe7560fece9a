/*
 * simple.c - simple types: what the language brings, and what a schema derives from it.
 *
 * A pattern, and what the language asks of a built-in type, become one automaton; patterns of a
 * derived type are met with those of its base. An enumeration takes the automaton's place.
 */
#include "model.h"

#include "schema/tables.h"

#include <stdlib.h>

#define TIME	"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?|24:00:00(\\.0+)?"
#define ZONE	"(Z|[+\\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\\-]14:00)?"
#define DECIMAL "[+\\-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)"
#define B64	"[A-Za-z0-9+/] ?"

/* 29 February is in years that four divides, but not a hundred, unless four hundred does. */
#define YEAR	  "-?([1-9][0-9]{3,}|0[0-9]{3})"
#define LEAP_YEAR "-?([0-9]*([02468][48]|[2468]0|[13579][26])|[0-9]*([02468][048]|[13579][26])00)"
#define DAYS_31	  "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
#define DAYS_30	  "(0[469]|11)-(0[1-9]|[12][0-9]|30)"
#define DAYS_28	  "02-(0[1-9]|1[0-9]|2[0-8])"

/* Built-in types, as lexical spaces after white space handling (XML Schema Part 2). */
static const struct {
	const char *name, *base, *pattern;
	unsigned white_space;
	bool is_uri;
} builtins[] = {
	{ .name = "string", .white_space = SCHEMA_PRESERVE },
	{ .name = "anySimpleType", .white_space = SCHEMA_PRESERVE },
	{ .name = "normalizedString", .base = "string", .white_space = SCHEMA_REPLACE },
	{ .name = "token", .base = "normalizedString", .white_space = SCHEMA_COLLAPSE },
	{ .name = "NMTOKEN", .base = "token", .pattern = "\\c+" },
	{ .name = "NCName", .base = "token", .pattern = "[\\i-[:]][\\c-[:]]*" },
	/* That an ID is there once, and an IDREF names one, is for rules. */
	{ .name = "ID", .base = "NCName" },
	{ .name = "IDREF", .base = "NCName" },
	{ .name = "anyURI", .white_space = SCHEMA_COLLAPSE, .is_uri = true },
	{ .name = "boolean", .white_space = SCHEMA_COLLAPSE, .pattern = "true|false|1|0" },
	{ .name = "decimal", .white_space = SCHEMA_COLLAPSE, .pattern = DECIMAL },
	{ .name = "integer", .base = "decimal", .pattern = "[+\\-]?[0-9]+" },
	{ .name = "nonNegativeInteger", .base = "integer", .pattern = "\\+?[0-9]+|-0+" },
	{ .name = "positiveInteger", .base = "integer", .pattern = "\\+?0*[1-9][0-9]*" },
	{ .name = "double",
	  .white_space = SCHEMA_COLLAPSE,
	  .pattern = DECIMAL "([eE][+\\-]?[0-9]+)?|-?INF|NaN" },
	{ .name = "base64Binary",
	  .white_space = SCHEMA_COLLAPSE,
	  .pattern = "((" B64 B64 B64 B64 ")*(" B64 B64 B64 "[A-Za-z0-9+/]|" B64 B64
		     "[AEIMQUYcgkosw048] ?=|" B64 "[AQgw] ?= ?=))?" },
	{ .name = "dateTime of years",
	  .white_space = SCHEMA_COLLAPSE,
	  .pattern = YEAR "-[0-9]{2}-[0-9]{2}T(" TIME ")" ZONE },
	{ .name = "dateTime",
	  .base = "dateTime of years",
	  .pattern = "(-?[0-9]+-(" DAYS_31 "|" DAYS_30 "|" DAYS_28 ")|" LEAP_YEAR "-02-29)T.*" },
};

static const struct dfa *dfa_of_pattern(struct model *model, const struct document *document,
					const xmlNode *node, const char *pattern)
{
	const char *error;
	const struct regex *regex = regex_read(model->arena, pattern, &error);
	if (!regex)
		xsd_stop(document, node, "pattern \"%s\": %s", pattern, error);
	return dfa_of(model->arena, regex);
}

static const struct dfa *met(struct model *model, const struct dfa *a, const struct dfa *b)
{
	return a && b ? dfa_both(model->arena, a, b) : a ? a : b;
}

static struct simple *simple_new(struct model *model, const char *name, const struct simple *base)
{
	struct simple *simple = take(model->arena, sizeof(*simple));
	if (base)
		*simple = *base;
	else
		simple->max_length = UNBOUNDED;
	simple->name = name;
	simple->base = base;
	simple->pattern = NULL;
	list_add(model->arena, &model->simples, simple);
	simple->number = (unsigned)model->simples.n;
	return simple;
}

/*
 * Let the automaton take normalised values only. It may then be asked about a value as written:
 * what it takes needed no normalisation.
 */
static void take_normalised_only(struct model *model, struct simple *simple)
{
	static const char *const normalised[] = {
		[SCHEMA_REPLACE] = "[^\\t\\n\\r]*",
		[SCHEMA_COLLAPSE] = "([^\\s]+( [^\\s]+)*)?",
	};
	if (simple->dfa && simple->white_space != SCHEMA_PRESERVE)
		simple->dfa =
			met(model, simple->dfa,
			    dfa_of_pattern(model, NULL, NULL, normalised[simple->white_space]));
}

static const struct simple *builtin(struct model *model, const char *name)
{
	for (size_t i = 0; i < model->simples.n; i++) {
		const struct simple *simple = model->simples.at[i];
		/* Built-in types are told from a schema's own by their prefix. */
		if (simple->name && !strncmp(simple->name, "xs:", 3) &&
		    !strcmp(simple->name + 3, name))
			return simple;
	}
	size_t i = 0;
	while (i < sizeof(builtins) / sizeof(builtins[0]) && strcmp(builtins[i].name, name) != 0)
		i++;
	if (i == sizeof(builtins) / sizeof(builtins[0]))
		return NULL;
	const struct simple *base = builtins[i].base ? builtin(model, builtins[i].base) : NULL;
	struct simple *simple = simple_new(model, arena_printf(model->arena, "xs:%s", name), base);
	if (builtins[i].white_space > simple->white_space)
		simple->white_space = builtins[i].white_space;
	simple->is_uri = builtins[i].is_uri;
	simple->is_string = !builtins[i].pattern || (base && base->is_string);
	if (builtins[i].pattern)
		simple->dfa = met(model, simple->dfa,
				  dfa_of_pattern(model, NULL, NULL, builtins[i].pattern));
	take_normalised_only(model, simple);
	return simple;
}

const struct simple *simple_by_name(struct model *model, struct document *document,
				    const xmlNode *node, struct qname name)
{
	if (xsd_in_schema_language(name)) {
		const struct simple *simple = builtin(model, name.local);
		if (!simple)
			xsd_stop(document, node, "xs:%s is outside the subset that is compiled",
				 name.local);
		return simple;
	}
	struct component found = xsd_find(&model->xsd, document, "simpleType", name);
	if (!found.node)
		xsd_stop(document, node, "no simple type %s is declared here or included",
			 name.local);
	return simple_in_place(model, found.document, found.node);
}

static const char *collapsed(struct arena *arena, const char *value, bool replace_only)
{
	char *out = take(arena, strlen(value) + 1);
	size_t n = 0;
	for (; *value; value++) {
		char c = char_is_space(*value) ? ' ' : *value;
		if (replace_only || c != ' ' || (n && out[n - 1] != ' '))
			out[n++] = c;
	}
	while (!replace_only && n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

const char *simple_value(struct model *model, const struct simple *simple,
			 const struct document *document, const xmlNode *node, const char *value)
{
	if (simple->white_space != SCHEMA_PRESERVE)
		value = collapsed(model->arena, value, simple->white_space == SCHEMA_REPLACE);
	bool fits = !simple->dfa || dfa_accepts(simple->dfa, value);
	for (size_t i = 0; fits && simple->has_values; i++) {
		fits = i < simple->values.n;
		if (fits && strcmp(simple->values.at[i], value) == 0)
			break;
	}
	if (!fits)
		xsd_stop(document, node, "\"%s\" is not a value of its type", value);
	return value;
}

static uint32_t read_length(const struct document *document, const xmlNode *node, const char *value)
{
	char *end;
	unsigned long length = strtoul(value, &end, 10);
	if (*end || end == value || length >= UNBOUNDED)
		xsd_stop(document, node, "\"%s\" is not a length", value);
	return (uint32_t)length;
}

/* Patterns of one step are alternatives. */
static void read_pattern(struct model *model, const struct document *document, const xmlNode *node,
			 struct simple *simple, const struct regex **all, const char *value)
{
	const char *error;
	const struct regex *regex = regex_read(model->arena, value, &error);
	if (!regex)
		xsd_stop(document, node, "pattern \"%s\": %s", value, error);
	*all = *all ? regex_either(model->arena, *all, regex) : regex;
	simple->pattern = simple->pattern
				  ? arena_printf(model->arena, "%s|%s", simple->pattern, value)
				  : value;
}

static void read_white_space(const struct document *document, const xmlNode *node,
			     struct simple *simple, const char *value)
{
	static const char *const names[] = { "preserve", "replace", "collapse" };
	unsigned i = 0;
	while (i < 3 && strcmp(names[i], value) != 0)
		i++;
	if (i == 3 || i < simple->white_space)
		xsd_stop(document, node, "white space cannot be handled so: %s", value);
	simple->white_space = i;
}

static void add_value(struct model *model, struct simple *simple, const char *value)
{
	list_add(model->arena, &simple->values, take_copy(model->arena, value, strlen(value)));
}

static void read_facet(struct model *model, const struct document *document, const xmlNode *node,
		       struct simple *simple, const struct regex **patterns)
{
	const char *value = xsd_attribute(&model->xsd, node, "value");
	xsd_only_attributes(document, node, (const char *const[]){ "value", "fixed", NULL });
	if (!value)
		xsd_stop(document, node, "a facet needs a value");
	if (xsd_is(node, "pattern"))
		read_pattern(model, document, node, simple, patterns, value);
	else if (xsd_is(node, "enumeration"))
		add_value(model, simple, simple_value(model, simple->base, document, node, value));
	else if (xsd_is(node, "minLength"))
		simple->min_length = read_length(document, node, value);
	else if (xsd_is(node, "maxLength"))
		simple->max_length = read_length(document, node, value);
	else if (xsd_is(node, "length"))
		simple->min_length = simple->max_length = read_length(document, node, value);
	else if (xsd_is(node, "whiteSpace"))
		read_white_space(document, node, simple, value);
	else if (xsd_is(node, "minInclusive"))
		simple->min_inclusive = simple_value(model, simple->base, document, node, value);
	else if (xsd_is(node, "maxInclusive"))
		simple->max_inclusive = simple_value(model, simple->base, document, node, value);
	else
		xsd_stop(document, node, "xs:%s is outside the subset that is compiled",
			 (const char *)node->name);
}

/* The base or item or member type: named by an attribute, or the first child. */
static const struct simple *read_parent(struct model *model, struct document *document,
					xmlNode *node, const char *attribute, xmlNode **next)
{
	const char *text = xsd_attribute(&model->xsd, node, attribute);
	*next = xsd_first(document, node);
	if (text)
		return simple_by_name(model, document, node,
				      xsd_qname(&model->xsd, document, node, text));
	if (!*next || !xsd_is(*next, "simpleType"))
		xsd_stop(document, node, "neither %s nor a type in place", attribute);
	const struct simple *parent = simple_in_place(model, document, *next);
	*next = xsd_next(document, *next);
	return parent;
}

static bool is_integer(const struct simple *simple)
{
	for (; simple; simple = simple->base)
		if (simple->name && strcmp(simple->name, "xs:integer") == 0)
			return true;
	return false;
}

static void check_facets(const struct document *document, const xmlNode *node,
			 const struct simple *simple)
{
	if (simple->values.n && (!simple->is_string || simple->item))
		xsd_stop(document, node, "an enumeration of a type that is not a string");
	if ((simple->min_inclusive || simple->max_inclusive) && !is_integer(simple))
		xsd_stop(document, node, "a range of a type that is not an integer");
	if (simple->item && simple->pattern)
		xsd_stop(document, node, "a pattern of a list");
}

static struct simple *read_restriction(struct model *model, struct document *document,
				       xmlNode *node, const char *name)
{
	xsd_only_attributes(document, node, (const char *const[]){ "base", NULL });
	xmlNode *facet;
	const struct simple *base = read_parent(model, document, node, "base", &facet);
	struct simple *simple = simple_new(model, name, base);
	const struct regex *patterns = NULL;
	simple->values = (struct list){ 0 };
	for (; facet; facet = xsd_next(document, facet))
		read_facet(model, document, facet, simple, &patterns);
	check_facets(document, node, simple);
	if (patterns)
		simple->dfa = met(model, simple->dfa, dfa_of(model->arena, patterns));
	if (patterns || simple->white_space != base->white_space)
		take_normalised_only(model, simple);
	if (simple->values.n)
		simple->has_values = true;
	else
		simple->values = base->values;
	return simple;
}

static struct simple *read_list(struct model *model, struct document *document, xmlNode *node,
				const char *name)
{
	xmlNode *rest;
	const struct simple *item = read_parent(model, document, node, "itemType", &rest);
	if (rest)
		xsd_stop(document, rest, "nothing may be here");
	struct simple *simple = simple_new(model, name, NULL);
	simple->item = item;
	simple->white_space = SCHEMA_COLLAPSE;
	return simple;
}

/* Members must be alike in all but their automata, so that one automaton decides for all. */
static void add_member(struct model *model, const struct document *document, const xmlNode *node,
		       struct simple *simple, const struct simple *member)
{
	if (!member->dfa || member->has_values || member->item || member->is_uri ||
	    member->min_length || member->max_length != UNBOUNDED || member->min_inclusive ||
	    member->max_inclusive)
		xsd_stop(document, node, "a member of a union that is more than a pattern");
	if (simple->dfa && simple->white_space != member->white_space)
		xsd_stop(document, node, "members of a union that treat white space differently");
	simple->white_space = member->white_space;
	simple->is_string = (!simple->dfa || simple->is_string) && member->is_string;
	simple->dfa =
		simple->dfa ? dfa_either(model->arena, simple->dfa, member->dfa) : member->dfa;
}

static struct simple *read_union(struct model *model, struct document *document, xmlNode *node,
				 const char *name)
{
	struct simple *simple = simple_new(model, name, NULL);
	simple->is_union = true;
	const char *members = xsd_attribute(&model->xsd, node, "memberTypes");
	while (members && *members) {
		size_t n = strcspn(members, " \t\n\r");
		const char *member = take_copy(model->arena, members, n);
		if (n)
			add_member(model, document, node, simple,
				   simple_by_name(model, document, node,
						  xsd_qname(&model->xsd, document, node, member)));
		members += n + (members[n] != '\0');
	}
	for (xmlNode *child = xsd_first(document, node); child; child = xsd_next(document, child))
		add_member(model, document, node, simple, simple_in_place(model, document, child));
	return simple;
}

const struct simple *simple_in_place(struct model *model, struct document *document, xmlNode *node)
{
	if (node->_private)
		return node->_private;
	xsd_only_attributes(document, node, (const char *const[]){ "name", NULL });
	const char *name = xsd_attribute(&model->xsd, node, "name");
	xmlNode *way = xsd_first(document, node);
	if (!way || xsd_next(document, way))
		xsd_stop(document, node, "a simple type is a restriction, a list or a union");
	struct simple *simple = NULL;
	if (xsd_is(way, "restriction"))
		simple = read_restriction(model, document, way, name);
	else if (xsd_is(way, "list"))
		simple = read_list(model, document, way, name);
	else if (xsd_is(way, "union"))
		simple = read_union(model, document, way, name);
	else
		xsd_stop(document, way, "a simple type is a restriction, a list or a union");
	node->_private = simple;
	return simple;
}
