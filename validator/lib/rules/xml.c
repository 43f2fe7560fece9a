/* The document itself. Judged by the stages that read it: these rows have no check. */
#include "rules/chapters.h"

const struct rule xml_rules[] = {
	{
		.id = "XML-001", .name = "not-well-formed", .severity = CPIS_ERROR,
		.basis = CPIS_BASIS_SCHEMA, .cite = "XML 1.0 and Namespaces in XML 1.0",
		.title = "Not well-formed XML",
		.why = "No receiver can read any of it.",
		.fix = "Write messages with an XML library, which cannot forget a tag or a quote.",
	},
	{
		.id = "XML-002", .name = "document-type-declaration", .severity = CPIS_ERROR,
		.basis = CPIS_BASIS_GOOD_PRACTICE, .cite = "XML 1.0, section 2.8; OWASP on XML entities",
		.title = "Document type declaration",
		.why = "Entities can read files and exhaust memory: receivers refuse them outright.",
		.fix = "Leave the DOCTYPE out; write characters themselves instead of entities.",
	},
	{
		.id = "XML-003", .name = "not-utf-8", .severity = CPIS_ERROR,
		.basis = CPIS_BASIS_ITK, .cite = "ITK WS-STD-01",
		.title = "Not UTF-8",
		.why = "Names with accents come out wrong, and the child is not matched.",
		.fix = "Write UTF-8 and declare it, or declare nothing.",
	},
};
const size_t xml_rule_count = sizeof(xml_rules) / sizeof(xml_rules[0]);
