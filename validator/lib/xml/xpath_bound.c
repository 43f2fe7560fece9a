/* What libxml2 takes quadratic time or any amount of memory for, as functions of ours. */
#include "xml/alloc.h"
#include "xml/xpath.h"

#include <math.h>
#include <stdlib.h>

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

/*
 * Operators: "a|b" becomes "cpis-union(a,b)", and "a=b" becomes "cpis-equal(a,b)", unless one side
 * is written as a constant. "contains(a, b)" becomes "cpis-contains(a, b)".
 */

static const char union_name[] = "cpis-union";

static const struct operation {
	const char *sign, *name;
	bool orders; /* binds tighter than those that do not */
} operations[] = {
	/* A sign comes before its first character alone. */
	{ "!=", "cpis-unequal", false }, { "<=", "cpis-at-most", true },
	{ ">=", "cpis-at-least", true }, { "=", "cpis-equal", false },
	{ "<", "cpis-less", true },	 { ">", "cpis-more", true },
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]), DEEPEST_BRACKET = 500 };

static const struct operation *operation_at(const char *p)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (strncmp(p, operations[i].sign, strlen(operations[i].sign)) == 0)
			return &operations[i];
	return NULL;
}

/* What is written at a byte of the expression: brackets that close, calls that open (the last is
 * written first), and a comma in place of the bytes of an operator. */
struct spot {
	size_t calls; /* 1 and more: index of the last; 0: none */
	unsigned closed, bytes;
	bool search; /* a function that searches a text is called here */
};

struct call {
	const char *name;
	size_t before; /* as spot.calls */
};

/* A comparison whose second operand is being read; op NULL: none is. */
struct comparison {
	const struct operation *op;
	size_t start, at;
};

/* At each depth of brackets: where the operands of "|" and of comparisons start. */
struct level {
	size_t operand;
	bool is_union;
	struct comparison equality, order;
};

struct bounding {
	const char *text;
	struct spot *spots;
	struct call *calls;
	size_t call_count;
	struct level levels[DEEPEST_BRACKET];
	size_t depth;
};

static void call_around(struct bounding *bounding, const char *name, size_t start, size_t end)
{
	struct spot *spot = &bounding->spots[start];
	bounding->calls[bounding->call_count++] = (struct call){ name, spot->calls };
	spot->calls = bounding->call_count;
	bounding->spots[end].closed++;
}

/* A number or a literal, and nothing else. */
static bool is_constant(const char *text, size_t start, size_t end)
{
	struct str operand = str_trim((struct str){ text + start, end - start });
	char quote = operand.n ? operand.p[0] : '\0';
	if (quote == '"' || quote == '\'')
		return memchr(operand.p + 1, quote, operand.n - 1) == operand.p + operand.n - 1;
	for (size_t i = 0; i < operand.n; i++)
		if (!char_is_digit(operand.p[i]) && operand.p[i] != '.')
			return false;
	return operand.n > 0;
}

static void end_union(struct bounding *bounding, size_t at, size_t next)
{
	struct level *level = &bounding->levels[bounding->depth];
	if (level->is_union)
		call_around(bounding, union_name, level->operand, at);
	level->is_union = false;
	level->operand = next;
}

static void end_comparison(struct bounding *bounding, struct comparison *comparison, size_t at)
{
	const struct operation *op = comparison->op;
	size_t bytes = op ? strlen(op->sign) : 0, second = comparison->at + bytes;
	comparison->op = NULL;
	if (!op || is_constant(bounding->text, comparison->start, comparison->at) ||
	    is_constant(bounding->text, second, at))
		return;
	bounding->spots[comparison->at].bytes = (unsigned)bytes;
	call_around(bounding, op->name, comparison->start, at);
}

/* Where an expression ends that no operator joins with what follows at next. */
static void end_expression(struct bounding *bounding, size_t at, size_t next)
{
	struct level *level = &bounding->levels[bounding->depth];
	end_union(bounding, at, next);
	end_comparison(bounding, &level->order, at);
	end_comparison(bounding, &level->equality, at);
	level->order.start = level->equality.start = next;
}

static void begin_comparison(struct bounding *bounding, const struct operation *op, size_t at)
{
	struct level *level = &bounding->levels[bounding->depth];
	size_t next = at + strlen(op->sign);
	end_union(bounding, at, next);
	end_comparison(bounding, &level->order, at);
	if (!op->orders)
		end_comparison(bounding, &level->equality, at);
	struct comparison *begun = op->orders ? &level->order : &level->equality;
	begun->op = op;
	begun->at = at;
	if (!op->orders)
		level->order.start = next;
}

static bool is_word(struct str name)
{
	static const char *const words[] = { "and", "or", "div", "mod" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(name, words[i]))
			return true;
	return false;
}

/* The bytes of a token that is not a bracket or an operator of those; whether it is an operator, so
 * that an operand follows. */
static size_t token_at(const char *p, bool after_operand, bool *is_operator)
{
	const char *close = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;
	struct str name = xpath_name_at(p);
	size_t digits = strspn(p, "0123456789.");
	*is_operator = false;
	if (close)
		return (size_t)(close - p) + 1;
	if (name.n) {
		*is_operator = after_operand && is_word(name);
		return name.n;
	}
	if (digits)
		return digits;
	*is_operator = strchr("+-,@/:|$!", *p) || (*p == '*' && after_operand);
	return 1;
}

/* Functions that are called by another name, because libxml2 from 2.14 on lets no one replace one.
 */
static const char *const searches[] = { "contains", "substring-before", "substring-after",
					"translate" };
#define SEARCH_PREFIX "cpis-"

static bool is_search(const char *text, size_t at, size_t length)
{
	const char *next = text + at + length;
	while (char_is_space(*next))
		next++;
	if (*next != '(' || (at > 0 && strchr(":$", text[at - 1])))
		return false;
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++)
		if (str_is((struct str){ text + at, length }, searches[i]))
			return true;
	return false;
}

/* An operator of no comparison, or the name or sign before an operand. */
static void pass_operator(struct bounding *bounding, size_t at, size_t length)
{
	struct level *level = &bounding->levels[bounding->depth];
	const char *p = &bounding->text[at];
	if (*p == ',' || *p == 'o' || *p == 'a')
		end_expression(bounding, at, at + length);
	else if (*p == '|') {
		level->is_union = true;
		bounding->spots[at].bytes = 1;
	} else if (!strchr("@/:$", *p))
		end_union(bounding, at, at + length);
}

/* False: its brackets are too deep or do not match. */
static bool find_operators(struct bounding *bounding)
{
	const char *text = bounding->text;
	bool after_operand = false;
	size_t at = 0, length;
	for (; text[at]; at += length) {
		const struct operation *op = operation_at(text + at);
		bool is_operator = false;
		length = op ? strlen(op->sign) : 1;
		if (char_is_space(text[at]))
			continue;
		if (text[at] == '(' || text[at] == '[') {
			if (++bounding->depth == DEEPEST_BRACKET)
				return false;
			bounding->levels[bounding->depth] = (struct level){
				at + 1, false, { NULL, at + 1, 0 }, { NULL, at + 1, 0 }
			};
			is_operator = true;
		} else if (text[at] == ')' || text[at] == ']') {
			end_expression(bounding, at, at);
			if (bounding->depth-- == 0)
				return false;
		} else if (op) {
			begin_comparison(bounding, op, at);
			is_operator = true;
		} else {
			length = token_at(text + at, after_operand, &is_operator);
			bounding->spots[at].search = is_search(text, at, length);
			if (is_operator)
				pass_operator(bounding, at, length);
		}
		after_operand = !is_operator;
	}
	end_expression(bounding, at, at);
	return bounding->depth == 0;
}

static void write_bounded(const struct bounding *bounding, size_t n, struct buf *out)
{
	for (size_t i = 0; i <= n; i++) {
		const struct spot *spot = &bounding->spots[i];
		for (unsigned k = 0; k < spot->closed; k++)
			buf_char(out, ')');
		for (size_t call = spot->calls; call; call = bounding->calls[call - 1].before)
			buf_printf(out, " %s(", bounding->calls[call - 1].name);
		if (spot->search)
			buf_text(out, SEARCH_PREFIX);
		if (i < n)
			buf_char(out, spot->bytes ? ',' : bounding->text[i]);
		i += spot->bytes ? spot->bytes - 1 : 0;
	}
}

void xpath_bound(const char *expression, struct buf *out)
{
	size_t n = strlen(expression);
	struct bounding *bounding = calloc(1, sizeof(*bounding));
	struct spot *spots = calloc(n + 1, sizeof(*spots));
	struct call *calls = calloc(n + 1, sizeof(*calls));
	if (bounding && spots && calls) {
		*bounding = (struct bounding){ .text = expression, .spots = spots, .calls = calls };
		if (find_operators(bounding))
			write_bounded(bounding, n, out);
		else
			buf_text(out, expression);
	} else {
		out->failed = true;
	}
	free(calls);
	free(spots);
	free(bounding);
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
 * Comparisons of two sets of nodes: true where a node of one and a node of the other compare so.
 * libxml2 tries each with each.
 */

enum comparing { EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST };

/* Both operands are sets, the last of the stack. */
static bool are_sets(xmlXPathParserContextPtr parser)
{
	for (int i = 1; i <= 2; i++)
		if (parser->valueNr < i ||
		    parser->valueTab[parser->valueNr - i]->type != XPATH_NODESET)
			return false;
	return true;
}

struct texts {
	xmlChar **items;
	int count;
	bool failed;
};

static struct texts texts_of(const xmlNodeSet *set)
{
	struct texts texts = { NULL, 0, false };
	int count = set ? set->nodeNr : 0;
	if (count == 0)
		return texts;
	texts.items = xmlMalloc((size_t)count * sizeof(*texts.items));
	texts.failed = !texts.items;
	for (; texts.count < count && !texts.failed; texts.count += !texts.failed) {
		texts.failed = !xml_budget_has_time();
		texts.items[texts.count] =
			texts.failed ? NULL : xmlXPathCastNodeToString(set->nodeTab[texts.count]);
		texts.failed = !texts.items[texts.count];
	}
	return texts;
}

static void free_texts(struct texts *texts)
{
	for (int i = 0; i < texts->count; i++)
		xmlFree(texts->items[i]);
	xmlFree(texts->items);
}

static int by_text(const void *a, const void *b)
{
	return xmlStrcmp(*(const xmlChar *const *)a, *(const xmlChar *const *)b);
}

static bool have_equal(struct texts *a, struct texts *b)
{
	bool found = false;
	if (a->count && b->count)
		qsort(a->items, (size_t)a->count, sizeof(*a->items), by_text);
	for (int i = 0; i < b->count && a->count && !found; i++)
		found = bsearch(&b->items[i], a->items, (size_t)a->count, sizeof(*a->items),
				by_text) != NULL;
	return found;
}

/* Unless all of both are the same. */
static bool have_unequal(struct texts *a, struct texts *b)
{
	bool found = false;
	for (int i = 1; i < a->count && b->count && !found; i++)
		found = !xmlStrEqual(a->items[0], a->items[i]);
	for (int i = 0; i < b->count && a->count && !found; i++)
		found = !xmlStrEqual(a->items[0], b->items[i]);
	return found;
}

/* The least and the greatest number of a set; false: it has none. */
static bool range_of(const struct texts *texts, double *least, double *greatest)
{
	bool any = false;
	for (int i = 0; i < texts->count; i++) {
		double number = xmlXPathCastStringToNumber(texts->items[i]);
		if (isnan(number))
			continue;
		*least = !any || number < *least ? number : *least;
		*greatest = !any || number > *greatest ? number : *greatest;
		any = true;
	}
	return any;
}

/* Whether one of a is less than one of b, or as much where it may be. */
static bool have_less(struct texts *a, struct texts *b, bool or_equal)
{
	double least, greatest, other;
	if (!range_of(a, &least, &other) || !range_of(b, &other, &greatest))
		return false;
	return or_equal ? least <= greatest : least < greatest;
}

static bool compare_texts(enum comparing how, struct texts *a, struct texts *b)
{
	switch (how) {
	case EQUAL:
		return have_equal(a, b);
	case UNEQUAL:
		return have_unequal(a, b);
	case LESS:
	case AT_MOST:
		return have_less(a, b, how == AT_MOST);
	default:
		return have_less(b, a, how == AT_LEAST);
	}
}

static void compare_sets(xmlXPathParserContextPtr parser, enum comparing how)
{
	xmlXPathObjectPtr second = valuePop(parser), first = valuePop(parser);
	struct texts a = texts_of(first->nodesetval), b = texts_of(second->nodesetval);
	if (a.failed || b.failed)
		xmlXPathErr(parser, XPATH_MEMORY_ERROR);
	else
		valuePush(parser, xmlXPathNewBoolean(compare_texts(how, &a, &b)));
	free_texts(&a);
	free_texts(&b);
	xmlXPathFreeObject(first);
	xmlXPathFreeObject(second);
}

/* Anything else than two sets is libxml2's. */
static void compare(xmlXPathParserContextPtr parser, int count, enum comparing how)
{
	if (count != 2 || parser->valueNr < 2) {
		xmlXPathErr(parser, XPATH_INVALID_ARITY);
		return;
	}
	if (are_sets(parser)) {
		compare_sets(parser, how);
		return;
	}
	int holds = how == EQUAL     ? xmlXPathEqualValues(parser)
		    : how == UNEQUAL ? xmlXPathNotEqualValues(parser)
				     : xmlXPathCompareValues(parser, how == LESS || how == AT_MOST,
							     how == LESS || how == MORE);
	valuePush(parser, xmlXPathNewBoolean(holds));
}

#define COMPARED(name, how)                                                                        \
	static void name(xmlXPathParserContextPtr parser, int count)                               \
	{                                                                                          \
		compare(parser, count, how);                                                       \
	}

COMPARED(equal, EQUAL)
COMPARED(unequal, UNEQUAL)
COMPARED(less, LESS)
COMPARED(at_most, AT_MOST)
COMPARED(more, MORE)
COMPARED(at_least, AT_LEAST)

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
		{ "cpis-equal", equal },
		{ "cpis-unequal", unequal },
		{ "cpis-less", less },
		{ "cpis-at-most", at_most },
		{ "cpis-more", more },
		{ "cpis-at-least", at_least },
		{ SEARCH_PREFIX "contains", contains },
		{ SEARCH_PREFIX "substring-before", substring_before },
		{ SEARCH_PREFIX "substring-after", substring_after },
		{ SEARCH_PREFIX "translate", translate },
	};
	for (size_t i = 0; i < sizeof(bounded) / sizeof(bounded[0]); i++)
		xmlXPathRegisterFunc(context, (const xmlChar *)bounded[i].name,
				     bounded[i].function);
}
