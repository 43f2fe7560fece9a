/*
 * xpath.h - XPath 1.0 as packs write it: checked, and with the namespaces understood.
 *
 * The prefixes of xpath_prefixes[] are bound. A name without a prefix means an element of HL7 v3,
 * the namespace of every CP-IS payload; XPath itself would take it for one without a namespace. So
 * the expression is rewritten before it is compiled. Attributes, functions, axes and operators
 * stay.
 */
#ifndef CPIS_XML_XPATH_H
#define CPIS_XML_XPATH_H

#include "base/buf.h"
#include "xml/names.h"

/* soap and wsa stand for whichever of the two versions a document uses. */
struct xpath_prefix {
	const char *prefix;
	enum xml_namespace ns, or_ns; /* or_ns: NS_NONE, or the other version */
};

extern const struct xpath_prefix xpath_prefixes[];
extern const size_t xpath_prefix_count;

/* Append the expression in full form to out. False with a sentence in why when it is not XPath. */
bool xpath_rewrite(const char *expression, struct buf *out, char *why, size_t bytes);

/* Whether the expression compiles; a sentence in why when it does not. */
bool xpath_check(const char *expression, char *why, size_t bytes);

/* Whether an expression in full form compiles. *lacking: it was not tried, for want of memory. */
bool xpath_compiles(const char *expression, bool *lacking);

/* Whether it is a function of XPath 1.0 or a node test: others would fail only when the expression
 * is evaluated. */
bool xpath_may_be_called(struct str name);

/* The name that a text starts with, without a prefix; empty: none. */
struct str xpath_name_at(const char *p);

/*
 * xpath_bound.c: append the expression with its unions, its comparisons and its searches for text
 * as calls of functions of ours, for a context that knows them: libxml2 compares each node of one
 * side with each of the other, and each place of one text. The time of ours is linear, or nearly
 * so, and bounded by the open budget (xml/alloc.h).
 */
void xpath_bound(const char *expression, struct buf *out);
struct _xmlXPathContext; /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void xpath_bound_functions(struct _xmlXPathContext *context);

#endif
