#include "xml/xpath.h"

#include "xml/alloc.h"
#include "xml/versions.h"

#include <stdio.h>

#include <libxml/xpath.h>

const struct xpath_prefix xpath_prefixes[] = {
	{ "hl7", NS_HL7, NS_NONE },	     { "npfitlc", NS_NPFITLC, NS_NONE },
	{ "itk", NS_ITK, NS_NONE },	     { "soap", NS_SOAP11, NS_SOAP12 },
	{ "wsa", NS_WSA_2004, NS_WSA_2005 }, { "wsse", NS_WSSE, NS_NONE },
	{ "wsu", NS_WSU, NS_NONE },	     { "nasp", NS_NASP, NS_NONE },
	{ "eb", NS_EBXML, NS_NONE },	     { "xsi", NS_XSI, NS_NONE },
	{ "xml", NS_XML, NS_NONE },
};
const size_t xpath_prefix_count = sizeof(xpath_prefixes) / sizeof(xpath_prefixes[0]);

/* The functions of XPath 1.0. */
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
	NULL,
};

static const char *const node_types[] = { "comment", "node", "processing-instruction", "text",
					  NULL };

bool xpath_may_be_called(struct str name)
{
	return str_is_one_of(name, functions) || str_is_one_of(name, node_types);
}

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

struct str xpath_name_at(const char *p)
{
	size_t n = 0;
	while (starts_name(p[n]) || (n && (char_is_digit(p[n]) || p[n] == '.' || p[n] == '-')))
		n++;
	return (struct str){ p, n };
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
		if (!xpath_may_be_called(name))
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
	struct str name = xpath_name_at(lexer->p);
	const char *after = name.p + name.n;
	if (after[0] == ':' && after[1] != ':') {
		if (!known_prefix(lexer, name))
			return false;
		struct str local = xpath_name_at(after + 1);
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
	static const char *const words[] = { "and", "or", "div", "mod", NULL };
	if (lexer->last != TOKEN_OPERAND)
		return name_test(lexer);
	struct str word = xpath_name_at(lexer->p);
	if (!str_is_one_of(word, words))
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

struct checking {
	const char *expression;
	bool compiles;
};

static void try_to_compile(void *context)
{
	struct checking *checking = context;
	xmlXPathContextPtr xpath = xmlXPathNewContext(NULL);
	if (!xpath)
		return;
	/* libxml2 says nothing useful about a bad expression, and would say it to stderr. */
	xpath->error = ignore;
	xmlXPathCompExprPtr compiled =
		xmlXPathCtxtCompile(xpath, (const xmlChar *)checking->expression);
	checking->compiles = compiled != NULL;
	xmlXPathFreeCompExpr(compiled);
	xmlXPathFreeContext(xpath);
}

bool xpath_compiles(const char *expression, bool *lacking)
{
	struct checking checking = { expression, false };
	*lacking = !xml_attempt(try_to_compile, &checking);
	return checking.compiles && !*lacking;
}

bool xpath_check(const char *expression, char *why, size_t bytes)
{
	struct buf full;
	bool lacking;
	buf_init(&full, 1024 * 1024);
	bool good = xpath_rewrite(expression, &full, why, bytes);
	if (good && !xpath_compiles(buf_view(&full).p, &lacking)) {
		snprintf(why, bytes, "%s",
			 lacking ? "out of memory" : "not an XPath 1.0 expression");
		good = false;
	}
	buf_release(&full);
	return good;
}
