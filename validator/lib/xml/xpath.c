#include "xml/xpath.h"

#include "xml/alloc.h"
#include "xml/versions.h"

#include <stdio.h>
#include <stdlib.h>

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

const struct xpath_prefix xpath_prefixes[] = {
	{ "hl7", NS_HL7, NS_NONE },	     { "npfitlc", NS_NPFITLC, NS_NONE },
	{ "itk", NS_ITK, NS_NONE },	     { "soap", NS_SOAP11, NS_SOAP12 },
	{ "wsa", NS_WSA_2004, NS_WSA_2005 }, { "wsse", NS_WSSE, NS_NONE },
	{ "wsu", NS_WSU, NS_NONE },	     { "nasp", NS_NASP, NS_NONE },
	{ "eb", NS_EBXML, NS_NONE },	     { "xsi", NS_XSI, NS_NONE },
	{ "xml", NS_XML, NS_NONE },
};
const size_t xpath_prefix_count = sizeof(xpath_prefixes) / sizeof(xpath_prefixes[0]);

/* The functions of XPath 1.0. Others would fail only when the expression is evaluated. */
static const char *const functions[] = {
	"boolean",
	"ceiling",
	"concat",
	"contains",
	"count",
	"false",
	"floor",
	"id",
	"lang",
	"last",
	"local-name",
	"name",
	"namespace-uri",
	"normalize-space",
	"not",
	"number",
	"position",
	"round",
	"starts-with",
	"string",
	"string-length",
	"substring",
	"substring-after",
	"substring-before",
	"sum",
	"translate",
	"true",
};

static const char *const node_types[] = { "comment", "node", "processing-instruction", "text" };

/* What the last token was, as far as the next one depends on it. */
enum token {
	TOKEN_OPERATOR,	 /* or none yet: an operand follows */
	TOKEN_OPERAND,	 /* an operator follows */
	TOKEN_ATTRIBUTE, /* "@", "attribute::": the name of an attribute follows */
};

struct lexer {
	const char *p;
	struct buf *out;
	enum token last;
	char *why;
	size_t why_bytes;
};

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static struct str name_at(const char *p)
{
	size_t n = 0;
	while (starts_name(p[n]) || (n && (char_is_digit(p[n]) || p[n] == '.' || p[n] == '-')))
		n++;
	return (struct str){ p, n };
}

static bool is_among(struct str word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

static bool refuse(struct lexer *lexer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(struct lexer *lexer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(lexer->why, lexer->why_bytes, format, args);
	va_end(args);
	return false;
}

static void emit(struct lexer *lexer, size_t n, enum token token)
{
	buf_add(lexer->out, lexer->p, n);
	lexer->p += n;
	lexer->last = token;
}

static bool literal(struct lexer *lexer)
{
	const char *end = strchr(lexer->p + 1, lexer->p[0]);
	if (!end)
		return refuse(lexer, "a quote is not closed");
	emit(lexer, (size_t)(end - lexer->p) + 1, TOKEN_OPERAND);
	return true;
}

static void number(struct lexer *lexer)
{
	size_t n = 0;
	while (char_is_digit(lexer->p[n]) || lexer->p[n] == '.')
		n++;
	emit(lexer, n, TOKEN_OPERAND);
}

static bool known_prefix(struct lexer *lexer, struct str prefix)
{
	char list[256];
	size_t used = 0;
	for (size_t i = 0; i < xpath_prefix_count; i++) {
		if (str_is(prefix, xpath_prefixes[i].prefix))
			return true;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "",
					 xpath_prefixes[i].prefix);
	}
	return refuse(lexer, "the prefix '%.*s' is not known (%s)", STR_ARG(prefix), list);
}

/* A name that is followed by "(" or "::": a function, a node type or an axis. */
static bool function_or_axis(struct lexer *lexer, struct str name, const char *after)
{
	if (after[0] == '(') {
		if (!is_among(name, functions, sizeof(functions) / sizeof(functions[0])) &&
		    !is_among(name, node_types, sizeof(node_types) / sizeof(node_types[0])))
			return refuse(lexer, "XPath 1.0 has no function '%.*s'", STR_ARG(name));
		emit(lexer, name.n, TOKEN_OPERATOR);
		return true;
	}
	bool attributes = str_is(name, "attribute") || str_is(name, "namespace");
	emit(lexer, (size_t)(after - lexer->p) + 2, attributes ? TOKEN_ATTRIBUTE : TOKEN_OPERATOR);
	return true;
}

static bool name_test(struct lexer *lexer)
{
	struct str name = name_at(lexer->p);
	const char *after = name.p + name.n;
	if (after[0] == ':' && after[1] != ':') {
		if (!known_prefix(lexer, name))
			return false;
		struct str local = name_at(after + 1);
		if (!local.n && after[1] != '*')
			return refuse(lexer, "a name is missing after '%.*s:'", STR_ARG(name));
		emit(lexer, name.n + 1 + (local.n ? local.n : 1), TOKEN_OPERAND);
		return true;
	}
	while (char_is_space(*after))
		after++;
	if (lexer->last != TOKEN_ATTRIBUTE &&
	    (after[0] == '(' || (after[0] == ':' && after[1] == ':')))
		return function_or_axis(lexer, name, after);
	if (lexer->last != TOKEN_ATTRIBUTE)
		buf_text(lexer->out, "hl7:");
	emit(lexer, name.n, TOKEN_OPERAND);
	return true;
}

static bool name_or_word(struct lexer *lexer)
{
	static const char *const words[] = { "and", "or", "div", "mod" };
	if (lexer->last != TOKEN_OPERAND)
		return name_test(lexer);
	struct str word = name_at(lexer->p);
	if (!is_among(word, words, sizeof(words) / sizeof(words[0])))
		return refuse(lexer, "an operator is expected before '%.*s'", STR_ARG(word));
	emit(lexer, word.n, TOKEN_OPERATOR);
	return true;
}

static bool symbol(struct lexer *lexer)
{
	const char *p = lexer->p;
	if (*p == '@')
		emit(lexer, 1, TOKEN_ATTRIBUTE);
	else if (*p == '*')
		emit(lexer, 1, lexer->last == TOKEN_OPERAND ? TOKEN_OPERATOR : TOKEN_OPERAND);
	else if (*p == '.')
		emit(lexer, p[1] == '.' ? 2 : 1, TOKEN_OPERAND);
	else if (*p == ')' || *p == ']')
		emit(lexer, 1, TOKEN_OPERAND);
	else if (*p == '$')
		return refuse(lexer, "variables are not supported");
	else if (strchr("/|+-=!<>([,", *p))
		emit(lexer, 1, TOKEN_OPERATOR);
	else
		return refuse(lexer, "'%c' has no meaning in XPath", *p);
	return true;
}

static bool token(struct lexer *lexer)
{
	const char *p = lexer->p;
	if (*p == '"' || *p == '\'')
		return literal(lexer);
	if (char_is_digit(*p) || (*p == '.' && char_is_digit(p[1]))) {
		number(lexer);
		return true;
	}
	return starts_name(*p) ? name_or_word(lexer) : symbol(lexer);
}

bool xpath_rewrite(const char *expression, struct buf *out, char *why, size_t bytes)
{
	struct lexer lexer = { .p = expression, .out = out, .why_bytes = bytes };
	lexer.why = why;
	while (*lexer.p) {
		if (char_is_space(*lexer.p)) {
			buf_char(out, *lexer.p++);
			continue;
		}
		if (!token(&lexer))
			return false;
	}
	if (out->failed)
		return refuse(&lexer, "out of memory");
	return true;
}

static void ignore(void *context, xml_error error)
{
	(void)context;
	(void)error;
}

bool xpath_check(const char *expression, char *why, size_t bytes)
{
	struct buf full;
	buf_init(&full, 1024 * 1024);
	bool good = xpath_rewrite(expression, &full, why, bytes);
	xmlXPathContextPtr context = good ? xmlXPathNewContext(NULL) : NULL;
	if (context) {
		/* libxml2 says nothing useful about a bad expression, and would say it to stderr.
		 */
		context->error = ignore;
		xmlXPathCompExprPtr compiled =
			xmlXPathCtxtCompile(context, (const xmlChar *)buf_view(&full).p);
		if (!compiled) {
			snprintf(why, bytes, "not an XPath 1.0 expression");
			good = false;
		}
		xmlXPathFreeCompExpr(compiled);
		xmlXPathFreeContext(context);
	} else if (good) {
		snprintf(why, bytes, "out of memory");
		good = false;
	}
	buf_release(&full);
	return good;
}

/* Unions: "a|b" becomes "cpis-union(a,b)". */

static const char union_name[] = "cpis-union";

/* What comes before a byte of the expression. */
enum mark { MARK_BEGINS = 1, MARK_ENDS = 2, MARK_COMMA = 4 /* in place of the byte */ };

enum { DEEPEST_BRACKET = 500 };

/* An operand of anything but "|", at each depth of brackets. */
struct operand {
	size_t start;
	bool is_union;
};

static void end_operand(struct operand *operand, size_t at, unsigned char *marks)
{
	if (operand->is_union) {
		marks[operand->start] |= MARK_BEGINS;
		marks[at] |= MARK_ENDS;
	}
	operand->is_union = false;
	operand->start = at + 1;
}

/* The bytes of a token, and whether an operator follows it. */
static size_t token_at(const char *p, bool after_operand, bool *is_operator, bool *ends)
{
	static const char *const words[] = { "and", "or", "div", "mod" };
	const char *close = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;
	struct str name = name_at(p);
	size_t digits = strspn(p, "0123456789.");
	*is_operator = *ends = false;
	if (close)
		return (size_t)(close - p) + 1;
	if (name.n) {
		*is_operator = *ends =
			after_operand && is_among(name, words, sizeof(words) / sizeof(words[0]));
		return name.n;
	}
	if (digits)
		return digits;
	*ends = strchr("=<>+-!,", *p) || (*p == '*' && after_operand);
	*is_operator = *ends || strchr("@/:|$", *p);
	return 1;
}

/* False: its brackets are too deep or do not match. */
static bool mark_unions(const char *expression, unsigned char *marks)
{
	struct operand open[DEEPEST_BRACKET] = { { 0 } };
	size_t depth = 0, at = 0, length;
	bool after_operand = false, is_operator, ends;
	for (; expression[at]; at += length) {
		const char *p = &expression[at];
		length = token_at(p, after_operand, &is_operator, &ends);
		if (char_is_space(*p))
			continue;
		if (*p == '(' || *p == '[') {
			if (++depth == DEEPEST_BRACKET)
				return false;
			open[depth] = (struct operand){ .start = at + 1 };
			after_operand = false;
			continue;
		}
		if (*p == ')' || *p == ']') {
			end_operand(&open[depth], at, marks);
			if (depth-- == 0)
				return false;
		} else if (*p == '|') {
			open[depth].is_union = true;
			marks[at] |= MARK_COMMA;
		} else if (ends) {
			end_operand(&open[depth], at, marks);
			open[depth].start = at + length;
		}
		after_operand = !is_operator;
	}
	end_operand(&open[depth], at, marks);
	return depth == 0;
}

void xpath_bound_unions(const char *expression, struct buf *out)
{
	size_t n = strlen(expression);
	unsigned char *marks = calloc(n + 1, 1);
	if (!marks || !strchr(expression, '|') || !mark_unions(expression, marks)) {
		out->failed = out->failed || !marks;
		buf_text(out, expression);
		free(marks);
		return;
	}
	for (size_t i = 0; i <= n; i++) {
		if (marks[i] & MARK_ENDS)
			buf_char(out, ')');
		if (marks[i] & MARK_BEGINS)
			buf_printf(out, "%s(", union_name);
		if (i < n)
			buf_char(out, marks[i] & MARK_COMMA ? ',' : expression[i]);
	}
	free(marks);
}

/* Move all nodes of one set to another, which may then hold some twice. Namespaces are copies that
 * belong to their set: libxml2 merges those. */
static xmlNodeSetPtr add_nodes(xmlNodeSetPtr all, const xmlNodeSet *more)
{
	bool copies = false;
	for (int i = 0; more && i < more->nodeNr; i++)
		copies = copies || more->nodeTab[i]->type == XML_NAMESPACE_DECL;
	if (copies)
		return xmlXPathNodeSetMerge(all, (xmlNodeSetPtr)(uintptr_t)more);
	for (int i = 0; more && i < more->nodeNr; i++)
		if (xmlXPathNodeSetAddUnique(all, more->nodeTab[i]) != 0)
			break;
	return all;
}

/* In order of the document, each once. */
static void settle_nodes(xmlNodeSetPtr nodes)
{
	int kept = 0;
	xmlXPathNodeSetSort(nodes);
	for (int i = 0; i < nodes->nodeNr; i++)
		if (i == 0 || nodes->nodeTab[i] != nodes->nodeTab[i - 1])
			nodes->nodeTab[kept++] = nodes->nodeTab[i];
	nodes->nodeNr = kept;
}

static void union_function(xmlXPathParserContextPtr parser, int count)
{
	xmlNodeSetPtr all = xmlXPathNodeSetCreate(NULL);
	for (int i = 0; i < count; i++) {
		xmlXPathObjectPtr side = valuePop(parser);
		if (!side || side->type != XPATH_NODESET)
			xmlXPathErr(parser, XPATH_INVALID_TYPE);
		else if (all)
			all = add_nodes(all, side->nodesetval);
		xmlXPathFreeObject(side);
	}
	if (all)
		settle_nodes(all);
	xmlXPathObjectPtr whole = all ? xmlXPathWrapNodeSet(all) : NULL;
	if (whole)
		valuePush(parser, whole);
	else
		xmlXPathErr(parser, XPATH_MEMORY_ERROR);
}

/*
 * Functions that look for one text in another by comparing each place of one with the other. An
 * operand must be short, or there is no more time.
 */
static bool is_affordable(xmlXPathParserContextPtr parser, int count)
{
	enum { MOST_COMPARISONS = 100 * 1000 * 1000 };
	size_t lengths[2] = { 0 };
	for (int i = 0; i < 2 && count <= parser->valueNr; i++) {
		xmlXPathObjectPtr *value = &parser->valueTab[parser->valueNr - count + i];
		if ((*value)->type != XPATH_STRING)
			*value = xmlXPathConvertString(*value);
		parser->value = parser->valueTab[parser->valueNr - 1];
		if (!*value)
			return false;
		lengths[i] = strlen((const char *)(*value)->stringval);
	}
	return xml_budget_has_time() &&
	       (lengths[1] == 0 || lengths[0] < MOST_COMPARISONS / lengths[1]);
}

#define BOUNDED(name, arguments, original)                                                         \
	static void name(xmlXPathParserContextPtr parser, int count)                               \
	{                                                                                          \
		if (count == (arguments) && !is_affordable(parser, count))                         \
			xmlXPathErr(parser, XPATH_MEMORY_ERROR);                                   \
		else                                                                               \
			original(parser, count);                                                   \
	}

BOUNDED(contains, 2, xmlXPathContainsFunction)
BOUNDED(substring_before, 2, xmlXPathSubstringBeforeFunction)
BOUNDED(substring_after, 2, xmlXPathSubstringAfterFunction)
BOUNDED(translate, 3, xmlXPathTranslateFunction)

void xpath_bound_functions(struct _xmlXPathContext *context)
{
	static const struct {
		const char *name;
		xmlXPathFunction function;
	} bounded[] = {
		{ union_name, union_function },
		{ "contains", contains },
		{ "substring-before", substring_before },
		{ "substring-after", substring_after },
		{ "translate", translate },
	};
	for (size_t i = 0; i < sizeof(bounded) / sizeof(bounded[0]); i++) {
		const xmlChar *name = (const xmlChar *)bounded[i].name;
		xmlXPathRegisterFunc(context, name, NULL); /* one that is there is not replaced */
		xmlXPathRegisterFunc(context, name, bounded[i].function);
	}
}
