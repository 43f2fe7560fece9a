#include "xml/schematron.h"

#include "base/buf.h"
#include "diag/mask.h"
#include "xml/alloc.h"
#include "xml/tree.h"
#include "xml/versions.h"
#include "xml/xpath.h"

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <stdio.h>
#include <stdlib.h>

struct schematron_run {
	const struct schematron *file;
	xmlXPathCompExprPtr *compiled; /* by the expression's number */

	/* of the document that is being judged */
	const struct xml_tree *tree;
	const struct schematron_teller *teller;
	xmlXPathContext *context;
	xmlNode *current; /* that a rule fired for */
	char *why;
	size_t why_bytes;
	bool failed;
};

struct schematron_run *schematron_run_new(const struct schematron *file)
{
	struct schematron_run *run = calloc(1, sizeof(*run));
	if (!run)
		return NULL;
	run->file = file;
	run->compiled = calloc(file->expression_count + 1, sizeof(*run->compiled));
	if (run->compiled)
		return run;
	free(run);
	return NULL;
}

void schematron_run_free(struct schematron_run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->file->expression_count; i++)
		xmlXPathFreeCompExpr(run->compiled[i]);
	free(run->compiled);
	free(run);
}

static void give_up(struct schematron_run *run, sch_expression expression, const char *reason)
{
	if (!run->failed)
		snprintf(run->why, run->why_bytes, "%s:%zu: \"%.200s\" %s", run->file->path,
			 run->file->expression_lines[expression],
			 run->file->expressions[expression], reason);
	run->failed = true;
}

/* current(), as XSLT has it: the node that the rule fired for. */
static void current_function(xmlXPathParserContextPtr parser, int count)
{
	const struct schematron_run *run = parser->context->userData;
	if (count != 0)
		xmlXPathErr(parser, XPATH_INVALID_ARITY);
	else
		valuePush(parser, xmlXPathNewNodeSet(run->current));
}

static void silent(void *context, xml_error error)
{
	(void)context, (void)error;
}

static xmlXPathCompExprPtr compile(struct schematron_run *run, const char *expression)
{
	struct buf bounded;
	buf_init(&bounded, 16 * 1024 * 1024);
	xpath_bound(expression, &bounded);
	xmlXPathCompExprPtr compiled =
		bounded.failed
			? NULL
			: xmlXPathCtxtCompile(run->context, (const xmlChar *)buf_view(&bounded).p);
	buf_release(&bounded);
	return compiled;
}

/* What libxml2 found, as far as it depends on the message. */
static const char *reason_of(const struct schematron_run *run)
{
	switch (run->context->lastError.code) {
	case XML_XPATH_INVALID_ARITY:
		return "cannot be evaluated: a function is given too few or too many values";
	case XML_XPATH_INVALID_TYPE:
		return "cannot be evaluated: a value is not of the kind that is needed there";
	default:
		return "cannot be evaluated";
	}
}

/* NULL when it cannot be evaluated: the run has then failed. */
static xmlXPathObject *evaluate(struct schematron_run *run, sch_expression expression,
				xmlNode *node)
{
	const struct xml_budget *budget = tree_budget(run->tree);
	if (!run->compiled[expression])
		run->compiled[expression] = compile(run, run->file->expressions[expression]);
	run->context->node = node;
	xmlXPathObject *value =
		run->compiled[expression]
			? xmlXPathCompiledEval(run->compiled[expression], run->context)
			: NULL;
	if (value && !budget->exhausted)
		return value;
	xmlXPathFreeObject(value);
	give_up(run, expression,
		!budget->exhausted ? reason_of(run)
		: strcmp(budget->exhausted, "time") == 0
			? "takes more time than the limit (--max-seconds)"
			: "takes more memory than the limit");
	return NULL;
}

static void bind_lets(struct schematron_run *run, const struct sch_lets *lets, xmlNode *node)
{
	for (size_t i = 0; i < lets->count && !run->failed; i++) {
		xmlXPathObject *value = evaluate(run, lets->items[i].value, node);
		if (value &&
		    xmlXPathRegisterVariable(run->context, (const xmlChar *)lets->items[i].name,
					     value) != 0)
			give_up(run, lets->items[i].value, "cannot be bound");
	}
}

/* The element that a node is, or is in; NULL: it is beside the root. */
static const xmlNode *element_of(const xmlNode *node)
{
	/* A namespace in a set of nodes is a copy, which knows its element. */
	if (node->type == XML_NAMESPACE_DECL)
		node = (const void *)((const xmlNs *)(const void *)node)->next;
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->parent;
	return node;
}

static bool is_text(const xmlNode *node)
{
	return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

/* Where a node is: an element's '<', an attribute's value, a text's first byte; of any other, that
 * of the element around it. */
static size_t offset_of(const struct schematron_run *run, const xmlNode *node)
{
	struct tree_spans spans;
	struct tree_fault fault;
	const xmlNode *element = element_of(node);
	if (!element)
		element = xmlDocGetRootElement(node->doc);
	const struct tree_node at[] = { { node->type == XML_ATTRIBUTE_NODE ? TREE_ATTRIBUTE
					  : is_text(node)		   ? TREE_TEXT
									   : TREE_OTHER,
					  node },
					{ TREE_ELEMENT, element } };
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i].handle && tree_spans(run->tree, at[i], &spans, &fault) == 0)
			return at[i].kind == TREE_ATTRIBUTE ? spans.content.start
							    : spans.whole.start;
	return 0;
}

/* A value that is put into a sentence is marked by its place. */
static void put_value(struct buf *out, const xmlXPathObject *value)
{
	const xmlNode *node =
		value->type == XPATH_NODESET && value->nodesetval && value->nodesetval->nodeNr
			? value->nodesetval->nodeTab[0]
			: NULL;
	const xmlNode *element = node ? element_of(node) : NULL;
	xmlChar *text = xmlXPathCastToString((xmlXPathObject *)(uintptr_t)value);
	enum mask_kind kind = MASK_NONE;
	if (element && node->type == XML_ATTRIBUTE_NODE)
		kind = mask_kind_of((const char *)element->name, (const char *)node->name);
	else if (element && (node == element || is_text(node)))
		kind = mask_kind_of((const char *)element->name, NULL);
	else if (node || value->type == XPATH_STRING)
		kind = MASK_VALUE;
	mask_write(out, kind, str_of(text ? (const char *)text : ""));
	xmlFree(text);
}

static void put_name(struct buf *out, const xmlXPathObject *value)
{
	const xmlNodeSet *nodes = value->type == XPATH_NODESET ? value->nodesetval : NULL;
	const xmlNode *node = nodes && nodes->nodeNr ? nodes->nodeTab[0] : NULL;
	if (node && (node->type == XML_ELEMENT_NODE || node->type == XML_ATTRIBUTE_NODE))
		buf_text(out, (const char *)node->name);
}

static void put_words(struct buf *out, const char *words)
{
	for (; *words; words++) {
		bool space = char_is_space(*words);
		if (space && (out->n == 0 || out->p[out->n - 1] == ' '))
			continue;
		buf_char(out, space ? ' ' : *words);
	}
}

static void tell(struct schematron_run *run, const struct sch_assertion *assertion, xmlNode *node)
{
	struct buf sentence;
	buf_init(&sentence, 64 * 1024);
	for (size_t i = 0; i < assertion->piece_count && !run->failed; i++) {
		const struct sch_piece *piece = &assertion->pieces[i];
		if (piece->words) {
			put_words(&sentence, piece->words);
			continue;
		}
		xmlXPathObject *value = evaluate(run, piece->select, node);
		if (value && piece->name_only)
			put_name(&sentence, value);
		else if (value)
			put_value(&sentence, value);
		xmlXPathFreeObject(value);
	}
	xmlNode *subject = node;
	xmlXPathObject *chosen =
		assertion->has_subject ? evaluate(run, assertion->subject, node) : NULL;
	if (chosen && chosen->type == XPATH_NODESET && chosen->nodesetval &&
	    chosen->nodesetval->nodeNr)
		subject = chosen->nodesetval->nodeTab[0];
	while (sentence.n && char_is_space(sentence.p[sentence.n - 1]))
		sentence.p[--sentence.n] = '\0';
	run->teller->found(run->teller->context, assertion->number, offset_of(run, subject),
			   sentence.n ? sentence.p : assertion->about.text);
	xmlXPathFreeObject(chosen);
	buf_release(&sentence);
}

static void judge_node(struct schematron_run *run, const struct sch_rule *rule, xmlNode *node)
{
	run->current = node;
	bind_lets(run, &rule->lets, node);
	for (size_t i = 0; i < rule->assertion_count && !run->failed; i++) {
		const struct sch_assertion *assertion = &rule->assertions[i];
		xmlXPathObject *value = evaluate(run, assertion->test, node);
		if (!value)
			return;
		bool holds = xmlXPathCastToBoolean(value) != 0;
		xmlXPathFreeObject(value);
		bool failed = holds == assertion->is_report;
		run->teller->judged(run->teller->context, assertion->number, failed);
		if (failed)
			tell(run, assertion, node);
	}
}

/* Nodes that a rule of the pattern fired for: a table of pointers. */
struct fired {
	const xmlNode **slots;
	size_t room, count; /* room: a power of two */
};

static const xmlNode **slot_of(const struct fired *fired, const xmlNode *node)
{
	uint64_t hash = (uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(hash >> 32) & (fired->room - 1);
	while (fired->slots[i] && fired->slots[i] != node)
		i = (i + 1) & (fired->room - 1);
	return &fired->slots[i];
}

static bool grow(struct fired *fired)
{
	struct fired more = { .room = fired->room ? fired->room * 2 : 256, .count = fired->count };
	more.slots = calloc(more.room, sizeof(const xmlNode *));
	if (!more.slots)
		return false;
	for (size_t i = 0; i < fired->room; i++)
		if (fired->slots[i])
			*slot_of(&more, fired->slots[i]) = fired->slots[i];
	free(fired->slots);
	*fired = more;
	return true;
}

/* Whether no rule has fired for the node yet; now one has. False too when out of memory. */
static bool fires_first(struct schematron_run *run, struct fired *fired, const xmlNode *node)
{
	if (fired->count * 2 >= fired->room && !grow(fired)) {
		snprintf(run->why, run->why_bytes, "out of memory");
		tree_budget(run->tree)->exhausted = "memory";
		run->failed = true;
		return false;
	}
	const xmlNode **slot = slot_of(fired, node);
	if (*slot)
		return false;
	*slot = node;
	fired->count++;
	return true;
}

/* The lets of a rule are not known to the next rule. */
static void bind_outer_lets(struct schematron_run *run, const struct sch_pattern *pattern,
			    xmlDoc *doc)
{
	xmlXPathRegisteredVariablesCleanup(run->context);
	bind_lets(run, &run->file->lets, (xmlNode *)(void *)doc);
	bind_lets(run, &pattern->lets, (xmlNode *)(void *)doc);
}

/* In a pattern a node is judged by the first rule whose context it matches. */
static void judge_pattern(struct schematron_run *run, const struct sch_pattern *pattern,
			  xmlDoc *doc)
{
	struct fired fired = { 0 };
	for (size_t i = 0; i < pattern->rule_count && !run->failed; i++) {
		const struct sch_rule *rule = &pattern->rules[i];
		for (size_t c = 0; c < rule->context_count && !run->failed; c++) {
			bind_outer_lets(run, pattern, doc);
			xmlXPathObject *nodes = run->failed ? NULL
							    : evaluate(run, rule->contexts[c],
								       (xmlNode *)(void *)doc);
			int count = nodes && nodes->type == XPATH_NODESET && nodes->nodesetval
					    ? nodes->nodesetval->nodeNr
					    : 0;
			for (int k = 0; k < count && !run->failed; k++) {
				xmlNode *node = nodes->nodesetval->nodeTab[k];
				if (node->type == XML_NAMESPACE_DECL)
					give_up(run, rule->contexts[c], "selects a namespace");
				else if (fires_first(run, &fired, node))
					judge_node(run, rule, node);
			}
			xmlXPathFreeObject(nodes);
		}
	}
	free(fired.slots);
}

static xmlDoc *document_of(const struct xml_tree *tree, struct arena *arena)
{
	struct tree_value value;
	struct tree_fault fault;
	if (tree_evaluate(tree, "/", arena, &value, &fault) != 0 || value.count != 1)
		return NULL;
	return (xmlDoc *)(uintptr_t)value.nodes[0].handle;
}

static void judge_document(void *context)
{
	struct schematron_run *run = context;
	const struct schematron *file = run->file;
	xmlDoc *doc = (xmlDoc *)(void *)run->current;
	run->context = xmlXPathNewContext(doc);
	if (!run->context)
		return;
	run->context->error = silent;
	run->context->userData = run;
	xpath_bound_functions(run->context);
	xmlXPathRegisterFunc(run->context, (const xmlChar *)"current", current_function);
	for (size_t i = 0; i < file->namespace_count; i++)
		xmlXPathRegisterNs(run->context, (const xmlChar *)file->namespaces[i].prefix,
				   (const xmlChar *)file->namespaces[i].uri);
	for (size_t i = 0; i < file->pattern_count && !run->failed; i++)
		if (file->patterns[i].active)
			judge_pattern(run, &file->patterns[i], doc);
	xmlXPathFreeContext(run->context);
}

int schematron_judge(struct schematron_run *run, const struct xml_tree *tree,
		     const struct schematron_teller *teller, char *why, size_t why_bytes)
{
	struct xml_budget *budget = tree_budget(tree);
	struct arena arena = { 0 };
	xmlDoc *doc = document_of(tree, &arena);
	arena_release(&arena);
	run->tree = tree;
	run->teller = teller;
	run->why = why;
	run->why_bytes = why_bytes;
	run->failed = false;
	run->current = (xmlNode *)(void *)doc;
	xml_budget_open(budget);
	bool good = doc && xml_attempt(judge_document, run);
	xml_budget_close(budget);
	run->context = NULL;
	if (good)
		return run->failed ? -1 : 0;
	snprintf(why, why_bytes, "out of memory");
	budget->exhausted = "memory";
	return -1;
}
