/* Structure. Judged by the schema engine, one id for each kind of fault: their rows have no check.
 */
#include "rules/catalogue.h"

#define SCHEMAS "CP-IS DMS 1.0, XML schemas"

static const struct rule sch_001 = {
	.id = "SCH-001",
	.name = "element-not-expected",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Element is not expected here",
	.why = "Receivers refuse the message, or ignore what they do not expect.",
	.fix = "Put the element where the model has it, in the right order, or leave it out.",
};

static const struct rule sch_002 = {
	.id = "SCH-002",
	.name = "element-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required element is missing",
	.why = "Receivers refuse the message, because they rely on this element.",
	.fix = "Send the element, in its place.",
};

static const struct rule sch_003 = {
	.id = "SCH-003",
	.name = "attribute-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required attribute is missing",
	.why = "Without it the element says nothing.",
	.fix = "Send the attribute.",
};

static const struct rule sch_004 = {
	.id = "SCH-004",
	.name = "attribute-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Attribute is not allowed here",
	.why = "Receivers refuse the message.",
	.fix = "Remove the attribute, or correct its name.",
};

static const struct rule sch_005 = {
	.id = "SCH-005",
	.name = "value-does-not-fit-its-type",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value does not match its type",
	.why = "Receivers refuse the message, or misread the value.",
	.fix = "Send the value in the format named.",
};

static const struct rule sch_006 = {
	.id = "SCH-006",
	.name = "value-not-in-its-set",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value is not one of those allowed",
	.why = "Receivers refuse the message: the code means nothing to them.",
	.fix = "Send one of the values named.",
};

static const struct rule sch_007 = {
	.id = "SCH-007",
	.name = "text-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Text is not allowed here",
	.why = "Receivers refuse the message, or the text is lost.",
	.fix = "Put the value where the model has it, usually in an attribute.",
};

static const struct rule sch_008 = {
	.id = "SCH-008",
	.name = "nil-misused",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "xsi:nil is misused",
	.why = "An element is declared empty but must have content, or has content anyway.",
	.fix = "Leave the optional element out instead of sending it as nil.",
};

static const struct rule sch_009 = {
	.id = "SCH-009",
	.name = "fixed-value-differs",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value differs from the fixed value",
	.why = "The model allows only one value.",
	.fix = "Send that value, or leave the attribute out.",
};

static const struct rule sch_010 = {
	.id = "SCH-010",
	.name = "value-fixed-by-the-model",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value fixed by the model was sent",
	.why = "The receiver already knows it, and the published schemas forbid it.",
	.fix = "Leave it out: the model fixes its value.",
};

const struct rule *const sch_rules[] = {
	&sch_001, &sch_002, &sch_003, &sch_004, &sch_005, &sch_006,
	&sch_007, &sch_008, &sch_009, &sch_010, NULL,
};
