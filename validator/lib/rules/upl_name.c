/* Names of the people that a record is about. PDS matches by them, letter by letter. */
#include "rules/upl.h"

#include <strings.h>

enum { PARTS_OF_NAME = 2 };

/* Given and family name, for rules that judge one as the other. */
struct name_part {
	const char *noun;
	const struct value *value;
};

/* Only uploads are matched by the names in them; false: it is none. */
static bool parts_of_name(const struct subject *subject, struct name_part parts[PARTS_OF_NAME])
{
	parts[0] = (struct name_part){ "given name", &subject->given };
	parts[1] = (struct name_part){ "family name", &subject->family };
	return part_ancestor(&subject->part, PART_UPLOAD);
}

enum outcome upl_subject_is_named(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	parts_of_name(subject, parts);
	for (size_t i = 0; i < PARTS_OF_NAME; i++)
		if (value_there(parts[i].value) && str_is_blank(parts[i].value->text))
			outcome = judge_fail(judge, parts[i].value, MASK_NONE, "the %s is blank",
					     parts[i].noun);
	return outcome;
}

static enum outcome is_clean(struct judge *judge, const struct value *beside)
{
	struct str text = str_trim(beside->text);
	if (text.n == 0)
		return HOLDS;
	struct value culprit = { text, beside->offset + (size_t)(text.p - beside->text.p) };
	return judge_fail(judge, &culprit, MASK_NAME,
			  "the name holds %s beside given and family name",
			  judge_show(judge, MASK_NAME, text));
}

enum outcome upl_name_of_subject_is_clean(struct judge *judge, const struct subject *subject)
{
	return is_clean(judge, &subject->beside);
}

enum outcome upl_name_of_authority_is_clean(struct judge *judge,
					    const struct indirect_authority *authority)
{
	if (!value_there(&authority->given) && !value_there(&authority->family))
		return NOT_APPLICABLE;
	return is_clean(judge, &authority->name);
}

enum outcome upl_name_of_author_is_clean(struct judge *judge, const struct author_person *author)
{
	if (author->given_count == 0 && !value_there(&author->family))
		return NOT_APPLICABLE;
	return is_clean(judge, &author->name);
}

/*
 * What is left when letters were lost on the way: the replacement character, a question mark, or a
 * letter of two bytes that was encoded twice (U+00C2 or U+00C3 and a character from U+0080 to
 * U+00BF).
 */
static bool has_lost_characters(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		const unsigned char *p = (const unsigned char *)name.p + i;
		size_t left = name.n - i;
		if (p[0] < 0x80 && p[0] != '?')
			continue;
		if (p[0] == '?' || (left > 2 && memcmp(p, "\xef\xbf\xbd", 3) == 0))
			return true;
		if (left > 3 && p[0] == 0xc3 && (p[1] == 0x82 || p[1] == 0x83) && p[2] == 0xc2)
			return true;
	}
	return false;
}

enum outcome upl_name_has_its_characters(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (!parts_of_name(subject, parts))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < PARTS_OF_NAME; i++)
		if (has_lost_characters(parts[i].value->text))
			outcome = judge_fail(judge, parts[i].value, MASK_NAME,
					     "the %s %s has characters that stand for lost ones",
					     parts[i].noun,
					     judge_show(judge, MASK_NAME, parts[i].value->text));
	return outcome;
}

static const char *space_fault(struct str name)
{
	if (str_is_blank(name))
		return NULL;
	if (char_is_space(name.p[0]) || char_is_space(name.p[name.n - 1]))
		return "white space around it";
	for (size_t i = 0; i + 1 < name.n; i++)
		if (char_is_space(name.p[i]) && (name.p[i] != ' ' || char_is_space(name.p[i + 1])))
			return "more than single spaces in it";
	return NULL;
}

enum outcome upl_name_has_single_spaces(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (!parts_of_name(subject, parts))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < PARTS_OF_NAME; i++) {
		const char *fault = space_fault(parts[i].value->text);
		if (fault)
			outcome = judge_fail(judge, parts[i].value, MASK_NAME, "the %s has %s",
					     parts[i].noun, fault);
	}
	return outcome;
}

/* Words that nobody is called. "Baby" is not among them: newborn children are, on PDS too. */
static bool is_place_holder(struct str name)
{
	static const struct str words[] = {
		{ "unknown", 7 }, { "not known", 9 }, { "not given", 9 }, { "no name", 7 },
		{ "unnamed", 7 }, { "unborn", 6 },    { "n/a", 3 },	  { "tbc", 3 },
		{ "tba", 3 },	  { "xxx", 3 },	      { "-", 1 },	  { ".", 1 },
	};
	name = str_trim(name);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (name.n == words[i].n && strncasecmp(name.p, words[i].p, name.n) == 0)
			return true;
	return false;
}

enum outcome upl_name_is_no_place_holder(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (!parts_of_name(subject, parts))
		return NOT_APPLICABLE;
	for (size_t i = 0; i < PARTS_OF_NAME; i++)
		if (is_place_holder(parts[i].value->text))
			outcome = judge_fail(judge, parts[i].value, MASK_NAME,
					     "the %s %s is a place holder", parts[i].noun,
					     judge_show(judge, MASK_NAME, parts[i].value->text));
	return outcome;
}
