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
	.title = "Element not expected here",
	.why = "Receivers refuse the message, or skip what they do not expect.",
	.fix = "Put the element where the model has it, in its order, or leave it out.",
};

static const struct rule sch_002 = {
	.id = "SCH-002",
	.name = "element-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required element missing",
	.why = "Receivers refuse the message: something that they rely on is not there.",
	.fix = "Send the element, in its place.",
};

static const struct rule sch_003 = {
	.id = "SCH-003",
	.name = "attribute-missing",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Required attribute missing",
	.why = "The element says nothing without it.",
	.fix = "Send the attribute.",
};

static const struct rule sch_004 = {
	.id = "SCH-004",
	.name = "attribute-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Attribute not allowed here",
	.why = "Receivers refuse the message.",
	.fix = "Leave the attribute out, or write its name as the model has it.",
};

static const struct rule sch_005 = {
	.id = "SCH-005",
	.name = "value-does-not-fit-its-type",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value does not match its type",
	.why = "Receivers refuse the message, or read the value as another.",
	.fix = "Send the value in the form that is named.",
};

static const struct rule sch_006 = {
	.id = "SCH-006",
	.name = "value-not-in-its-set",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Value is not one of those allowed",
	.why = "Receivers refuse the message: the code means nothing to them.",
	.fix = "Send one of the values that are named.",
};

static const struct rule sch_007 = {
	.id = "SCH-007",
	.name = "text-not-allowed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "Text not allowed here",
	.why = "Receivers refuse the message, or the text is lost.",
	.fix = "Put the value where the model has it, mostly in an attribute.",
};

static const struct rule sch_008 = {
	.id = "SCH-008",
	.name = "nil-misused",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "xsi:nil where it cannot stand",
	.why = "An element is declared empty that must say something, or says it all the same.",
	.fix = "Leave the optional element out instead of sending it as nil.",
};

static const struct rule sch_009 = {
	.id = "SCH-009",
	.name = "fixed-value-differs",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "A fixed value differs",
	.why = "The model allows one value only.",
	.fix = "Leave the attribute out, or send that value.",
};

static const struct rule sch_010 = {
	.id = "SCH-010",
	.name = "value-fixed-by-the-model",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = SCHEMAS,
	.title = "A value fixed by the model was sent",
	.why = "It says what the receiver knows, and the published schemas forbid it.",
	.fix = "Leave it out: its value is fixed by the model.",
};

const struct rule *const sch_rules[] = {
	&sch_001, &sch_002, &sch_003, &sch_004, &sch_005, &sch_006,
	&sch_007, &sch_008, &sch_009, &sch_010, NULL,
};
