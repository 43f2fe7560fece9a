#include "rules/acknowledged.h"

#include "message/codes.h"
#include "rules/location.h"
#include "xml/xpath.h"

enum outcome acknowledged_file_code_pairs(struct judge *judge, const struct file_detail *detail)
{
	const struct code *code = code_find(&upload_file_responses, detail->code.text);
	if (!code)
		return judge_blocked(judge, NULL, "SCH-006");
	if (!value_there(&detail->display_name))
		return judge_blocked(judge, NULL, "SCH-003");
	if (str_is(detail->display_name.text, code->display_name))
		return HOLDS;
	judge_expect(judge, "%s", code->display_name);
	const struct code *shown = code_named(&upload_file_responses, detail->display_name.text);
	if (shown)
		return judge_fail(judge, &detail->display_name, MASK_NONE,
				  "%s stands with the display name of %s: it means \"%s\"",
				  code->code, shown->code, code->display_name);
	return judge_fail(judge, &detail->display_name, MASK_NONE,
			  "%s is shown as \"%s\", it means \"%s\"", code->code,
			  judge_plain(judge, detail->display_name.text), code->display_name);
}

static enum outcome record_code_pairs(struct judge *judge, const struct record_detail *detail,
				      const struct code *code)
{
	const struct value *name = &detail->display_name;
	judge_expect(judge, "%s", code->display_name);
	if (str_is_blank(name->text)) {
		judge_weigh(judge, CPIS_WARNING);
		if (value_there(name))
			return judge_fail(judge, name, MASK_NONE, "%s has a blank display name",
					  code->code);
		return judge_fail_part(judge, &detail->part, "%s stands without its display name",
				       code->code);
	}
	bool other_spelling = strcmp(code->code, "CPR07") == 0 &&
			      str_is(name->text, "Unsuccessful Record Upload");
	if (str_is(name->text, code->display_name) || other_spelling) {
		judge->expected = NULL;
		return HOLDS;
	}
	const struct code *shown = code_named(&upload_record_responses, name->text);
	if (shown)
		return judge_fail(judge, name, MASK_NONE,
				  "%s stands with the display name of %s: it means \"%s\"",
				  code->code, shown->code, code->display_name);
	return judge_fail(judge, name, MASK_NONE, "%s is shown as \"%s\", it means \"%s\"",
			  code->code, judge_plain(judge, name->text), code->display_name);
}

enum outcome acknowledged_record_code_is_known(struct judge *judge,
					       const struct record_detail *detail)
{
	const struct value *system = &detail->code_system;
	if (value_there(system) && !str_is(system->text, upload_record_responses.oid)) {
		judge_expect(judge, "%s", upload_record_responses.oid);
		return judge_fail(judge, system, MASK_NONE,
				  "the record's code has code system %s, %s expected",
				  judge_plain(judge, system->text), upload_record_responses.oid);
	}
	const struct code *code = code_find(&upload_record_responses, detail->code.text);
	if (code)
		return record_code_pairs(judge, detail, code);
	judge_expect(judge, "CPR01 to CPR07");
	if (!value_there(&detail->code))
		return judge_fail_part(
			judge, &detail->part,
			"the detail of a record has no code: CPR01 to CPR07 expected");
	return judge_fail(judge, &detail->code, MASK_NONE,
			  "the record's code \"%s\" is not known: CPR01 to CPR07 expected",
			  judge_plain(judge, detail->code.text));
}

enum outcome acknowledged_location_compiles(struct judge *judge, const struct record_detail *detail)
{
	if (!value_there(&detail->location))
		return judge_blocked(judge, NULL, "SCH-002");
	struct str location = str_trim(detail->location.text);
	size_t number;
	bool numbered;
	if (location_is_usual(location, &number, &numbered))
		return HOLDS;
	judge_expect(judge, "an XPath to one record, such as /File/record[1]");
	if (!location.n)
		return judge_fail(judge, &detail->location, MASK_NONE,
				  "the location is empty: which record is meant cannot be told");
	struct buf expression;
	char why[256] = "";
	buf_init(&expression, 65536);
	const char *text = location_expression(&expression, location);
	bool good = text && xpath_check(text, why, sizeof(why));
	buf_release(&expression);
	if (!good)
		return judge_fail(
			judge, &detail->location, location_mask(location),
			"the location %s is no XPath: which record is meant cannot be told",
			judge_show(judge, location_mask(location), location));
	judge->expected = NULL;
	return HOLDS;
}
