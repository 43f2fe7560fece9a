/* Structure. Judged by the schema engine, one id for each kind of fault: these rows have no check.
 */
#include "rules/chapters.h"

#define SCHEMA_ROW(number_, name_, title_, why_, fix_)                                             \
	{                                                                                          \
		.id = "SCH-" number_, .name = name_, .severity = CPIS_ERROR,                       \
		.basis = CPIS_BASIS_SCHEMA, .cite = "CP-IS DMS 1.0, XML schemas", .title = title_, \
		.why = why_, .fix = fix_,                                                          \
	}

const struct rule sch_rules[] = {
	SCHEMA_ROW("001", "element-not-expected", "Element not expected here",
		   "Receivers refuse the message, or skip what they do not expect.",
		   "Put the element where the model has it, in its order, or leave it out."),
	SCHEMA_ROW("002", "element-missing", "Required element missing",
		   "Receivers refuse the message: something that they rely on is not there.",
		   "Send the element, in its place."),
	SCHEMA_ROW("003", "attribute-missing", "Required attribute missing",
		   "The element says nothing without it.", "Send the attribute."),
	SCHEMA_ROW("004", "attribute-not-allowed", "Attribute not allowed here",
		   "Receivers refuse the message.",
		   "Leave the attribute out, or write its name as the model has it."),
	SCHEMA_ROW("005", "value-does-not-fit-its-type", "Value does not match its type",
		   "Receivers refuse the message, or read the value as another.",
		   "Send the value in the form that is named."),
	SCHEMA_ROW("006", "value-not-in-its-set", "Value is not one of those allowed",
		   "Receivers refuse the message: the code means nothing to them.",
		   "Send one of the values that are named."),
	SCHEMA_ROW("007", "text-not-allowed", "Text not allowed here",
		   "Receivers refuse the message, or the text is lost.",
		   "Put the value where the model has it, mostly in an attribute."),
	SCHEMA_ROW("008", "nil-misused", "xsi:nil where it cannot stand",
		   "An element is declared empty that must say something, or says it all the same.",
		   "Leave the optional element out instead of sending it as nil."),
	SCHEMA_ROW("009", "fixed-value-differs", "A fixed value differs",
		   "The model allows one value only.",
		   "Leave the attribute out, or send that value."),
	SCHEMA_ROW("010", "value-fixed-by-the-model", "A value fixed by the model was sent",
		   "It says what the receiver knows, and the published schemas forbid it.",
		   "Leave it out: its value is fixed by the model."),
};
const size_t sch_rule_count = sizeof(sch_rules) / sizeof(sch_rules[0]);
