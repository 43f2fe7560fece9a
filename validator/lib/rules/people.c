/* People: one in several records of an upload or a response, and the names that PDS matches. */
#include "rules/catalogue.h"
#include "rules/earlier.h"
#include "rules/judge.h"

#include <strings.h>

#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

/* NULL: there is nothing to compare, or no memory. */
static const struct earlier_people *recollect(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = earlier_of(judge->earlier, judge->bytes, record);
	if (!all)
		judge->draft->failed = true;
	return all && all->count ? all : NULL;
}

/* The birth dates of two subjects in one record are compared by UPL-020. */
static bool is_of_an_earlier_record(const struct earlier_person *person,
				    const struct record *record)
{
	return person->seen_at && person->seen_at < record->part.offset;
}

static enum outcome birth_date_is_the_same(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	if (!all)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->other_birth || !is_of_an_earlier_record(person, record))
			continue;
		if (person->birth_at_seen)
			judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->subject->birth.value, MASK_BIRTH,
			"NHS number %s has another birth date in an earlier record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text));
	}
	return outcome;
}

static const struct rule nhs_030 = {
	.id = "NHS-030",
	.name = "records-of-one-number-with-two-birth-dates",
	.severity = CPIS_ERROR,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS ", birthTime",
	.title = "One NHS number has two birth dates in two records",
	.why = "One of the records is about another child: a plan is shown for the wrong one.",
	.fix = "Check whose record each is, and send the birth date that PDS has with all of them.",
	.check = { .record = birth_date_is_the_same },
};

static enum outcome name_is_the_same(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	if (!all)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < all->count; i++) {
		const struct earlier_person *person = &all->people[i];
		if (!person->other_name || person->other_birth)
			continue;
		judge_point(judge, person->seen_at);
		outcome = judge_fail(
			judge, &person->subject->family, MASK_NAME,
			"NHS number %s has another name in %s record",
			judge_show(judge, MASK_NHS_NUMBER, person->number->extension.text),
			is_of_an_earlier_record(person, record) ? "an earlier" : "the same");
	}
	return outcome;
}

static const struct rule nhs_031 = {
	.id = "NHS-031",
	.name = "records-of-one-number-with-two-names",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS ", name",
	.title = "One NHS number has two names",
	.why = "Either the child has been given another name in one system, or one of the records "
	       "is about another child.",
	.fix = "Check who each of them is, and send the name that PDS has with all of them.",
	.check = { .record = name_is_the_same },
};

/* Whether the names have characters of these kinds. */
static bool names_hold(const struct subject *subject, unsigned kinds)
{
	return (subject->in_given | subject->in_family) & kinds;
}

enum { PARTS_OF_NAME = 2 };

/* Given and family name, for rules that judge both in the same way. */
struct name_part {
	const char *noun;
	const struct value *value;
};

static void parts_of_name(const struct subject *subject, struct name_part parts[PARTS_OF_NAME])
{
	parts[0] = (struct name_part){ "given name", &subject->given };
	parts[1] = (struct name_part){ "family name", &subject->family };
}

/* The name of a subject has two parts; that of an author may have a prefix and a suffix too. */
static enum outcome is_clean(struct judge *judge, const struct value *beside, bool is_authors)
{
	struct str text = str_trim(beside->text);
	if (text.n == 0)
		return HOLDS;
	if (is_authors)
		judge_fix(judge, "Send the name only in prefix, given, family and suffix.");
	struct value culprit = { text, beside->offset + (size_t)(text.p - beside->text.p) };
	return judge_fail(judge, &culprit, MASK_NAME, "the name has %s outside %s",
			  judge_show(judge, MASK_NAME, text),
			  is_authors ? "its parts" : "given and family");
}

static enum outcome name_of_subject_is_clean(struct judge *judge, const struct subject *subject)
{
	return is_clean(judge, &subject->beside, false);
}

static enum outcome name_of_authority_is_clean(struct judge *judge,
					       const struct indirect_authority *authority)
{
	if (authority->given_count == 0 && authority->family_count == 0)
		return NOT_APPLICABLE;
	return is_clean(judge, &authority->name, true);
}

static enum outcome name_of_author_is_clean(struct judge *judge, const struct author_person *author)
{
	if (author->given_count == 0 && author->family_count == 0)
		return NOT_APPLICABLE;
	return is_clean(judge, &author->name, true);
}

static const struct rule upl_015 = {
	.id = "UPL-015",
	.name = "text-outside-name-parts",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, datatypes PN and PN.NHS.PersonNameType6",
	.title = "Name has text outside its parts",
	.why = "Some receivers show it as part of the name, some drop it, and PDS matches neither.",
	.fix = "Send the name only in given and family.",
	.check = { .subject = name_of_subject_is_clean },
	.also = ALSO(
		{ PART_AUTHOR_PERSON, { .author_person = name_of_author_is_clean } },
		{ PART_INDIRECT_AUTHORITY, { .indirect_authority = name_of_authority_is_clean } }),
};

/*
 * Whether the text begins with what a letter becomes when its bytes are read as windows-1252: a
 * capital with an accent and a symbol (U+00C5 U+00B5), or a capital A with a circumflex or tilde
 * and any character outside ASCII. No-break spaces, soft hyphens, the dot of Catalan names,
 * apostrophes and dashes may come after a capital.
 */
static bool is_read_wrongly(struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	if (text.n < 4 || p[0] != 0xc3 || p[1] < 0x82 || p[1] > 0x9f)
		return false;
	if (p[1] <= 0x83)
		return p[2] >= 0x80;
	if (p[2] == 0xc2)
		return p[3] != 0xa0 && p[3] != 0xad && p[3] != 0xb7;
	return text.n > 4 && p[2] == 0xe2 && p[3] == 0x80 && p[4] >= 0x9a;
}

/* What is left when letters are lost in conversion: a question mark, the replacement character, the
 * start of a quotation mark or dash that was read wrongly (U+00E2 U+20AC), or such a letter. */
static bool has_lost_characters(struct str name)
{
	static const char *const lost[] = { "?", "\xef\xbf\xbd", "\xc3\xa2\xe2\x82\xac" };
	size_t plain = 0;
	while (plain < name.n && name.p[plain] != '?' && !(name.p[plain] & 0x80))
		plain++;
	if (plain == name.n)
		return false;
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		if (memmem(name.p, name.n, lost[i], strlen(lost[i])))
			return true;
	for (size_t i = 0; i < name.n; i++)
		if (is_read_wrongly(str_from(name, i)))
			return true;
	return false;
}

static enum outcome name_has_its_characters(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (!names_hold(subject, IN_NAME_SIGN | IN_NAME_WIDE))
		return HOLDS;
	parts_of_name(subject, parts);
	for (size_t i = 0; i < PARTS_OF_NAME; i++)
		if (has_lost_characters(parts[i].value->text))
			outcome = judge_fail(judge, parts[i].value, MASK_NAME,
					     "the %s %s has lost characters in conversion",
					     parts[i].noun,
					     judge_show(judge, MASK_NAME, parts[i].value->text));
	return outcome;
}

static const struct rule upl_021 = {
	.id = "UPL-021",
	.name = "name-with-lost-characters",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.sound = 1u << SUBJECT_PLAIN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name has lost characters in conversion",
	.why = "The name does not match the one on PDS, so the record may be refused.",
	.fix = "Write names to the file in UTF-8, without converting them on the way.",
	.check = { .subject = name_has_its_characters },
};

static const char *space_fault(struct str name)
{
	const char *fault = NULL;
	if (character_shows_nothing(name))
		return NULL;
	for (size_t at = 0, space = 0, before; at < name.n; at += space ? space : 1) {
		before = space;
		space = character_space_bytes(str_from(name, at));
		if (space && (at == 0 || at + space == name.n))
			return "white space around it";
		if (space && (before || name.p[at] != ' '))
			fault = "double spaces or other white space in it";
	}
	return fault;
}

static enum outcome name_has_single_spaces(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (!names_hold(subject, IN_NAME_SPACE | IN_NAME_WIDE))
		return HOLDS;
	parts_of_name(subject, parts);
	for (size_t i = 0; i < PARTS_OF_NAME; i++) {
		const char *fault = space_fault(parts[i].value->text);
		if (fault)
			outcome = judge_fail(judge, parts[i].value, MASK_NAME, "the %s has %s",
					     parts[i].noun, fault);
	}
	return outcome;
}

static const struct rule upl_022 = {
	.id = "UPL-022",
	.name = "name-with-stray-white-space",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.sound = 1u << SUBJECT_PLAIN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name has stray white space",
	.why = "Names are compared letter by letter: with one space too many, the child is not "
	       "matched.",
	.fix = "Write the name without white space around it and with single spaces in it, even "
	       "where the XML is indented.",
	.check = { .subject = name_has_single_spaces },
};

/* Words that are not names. "Baby" is allowed: newborn children have it as a name on PDS too. */
static bool is_placeholder(struct str name)
{
	static const struct str words[] = {
		{ "unknown", 7 }, { "not known", 9 }, { "not given", 9 }, { "no name", 7 },
		{ "unnamed", 7 }, { "unborn", 6 },    { "n/a", 3 },	  { "tbc", 3 },
		{ "tba", 3 },	  { "xxx", 3 },	      { "-", 1 },	  { ".", 1 },
	};
	name = str_trim(name);
	/* The first letter is enough for most. */
	switch (name.n ? name.p[0] | 0x20 : '\0') {
	case 'u':
	case 'n':
	case 't':
	case 'x':
	case '-':
	case '.':
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (name.n == words[i].n && strncasecmp(name.p, words[i].p, name.n) == 0)
			return true;
	return false;
}

static enum outcome name_is_no_placeholder(struct judge *judge, const struct subject *subject)
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	parts_of_name(subject, parts);
	for (size_t i = 0; i < PARTS_OF_NAME; i++)
		if (is_placeholder(parts[i].value->text))
			outcome = judge_fail(judge, parts[i].value, MASK_NAME,
					     "the %s %s is a placeholder", parts[i].noun,
					     judge_show(judge, MASK_NAME, parts[i].value->text));
	return outcome;
}

static const struct rule upl_023 = {
	.id = "UPL-023",
	.name = "name-is-a-placeholder",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name is a placeholder",
	.why = "No one on PDS has this name: the record is refused, or matches the wrong person.",
	.fix = "Send the name that PDS has for the NHS number.",
	.check = { .subject = name_is_no_placeholder },
};

/* "&amp;" and the like, left in a name that was escaped twice: & letters or # and digits ; */
static bool has_escapes(struct str name)
{
	enum { MOST_LETTERS = 10 };
	const char *p = name.p, *end = name.n ? name.p + name.n : name.p;
	for (; p < end && (p = memchr(p, '&', (size_t)(end - p))); p++) {
		size_t at = (size_t)(p - name.p) + 1;
		at += at < name.n && name.p[at] == '#';
		size_t first = at;
		while (at < name.n && at - first < MOST_LETTERS &&
		       (char_is_digit(name.p[at]) || char_is_letter(name.p[at])))
			at++;
		if (at > first && at < name.n && name.p[at] == ';')
			return true;
	}
	return false;
}

static const char *escape_fault(struct str name)
{
	return has_escapes(name) ? "has a character that was escaped twice" : NULL;
}

/* Report the given and family names that a fault of a text applies to. kinds: enum in_name, one of
 * which a name has that has the fault; 0: it may have none. */
static enum outcome judge_names(struct judge *judge, const struct subject *subject, unsigned kinds,
				const char *(*fault_of)(struct str name))
{
	struct name_part parts[PARTS_OF_NAME];
	enum outcome outcome = HOLDS;
	if (kinds && !names_hold(subject, kinds))
		return HOLDS;
	parts_of_name(subject, parts);
	for (size_t i = 0; i < PARTS_OF_NAME; i++) {
		const char *fault = fault_of(parts[i].value->text);
		if (fault)
			outcome = judge_fail(
				judge, parts[i].value, MASK_NAME, "the %s %s %s", parts[i].noun,
				judge_show(judge, MASK_NAME, parts[i].value->text), fault);
	}
	return outcome;
}

static enum outcome name_is_escaped_once(struct judge *judge, const struct subject *subject)
{
	return judge_names(judge, subject, IN_NAME_SIGN, escape_fault);
}

static const struct rule upl_027 = {
	.id = "UPL-027",
	.name = "name-escaped-twice",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.sound = 1u << SUBJECT_PLAIN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name has a character that was escaped twice",
	.why = "The name does not match the one on PDS, so the record may be refused.",
	.fix = "Escape text once, when the XML is written. Look for the same fault in the names "
	       "that your system keeps.",
	.check = { .subject = name_is_escaped_once },
};

/* Whether a text begins with a word, and only white space or the end follows. */
static bool begins_with_word(struct str text, const char *word)
{
	size_t n = strlen(word);
	return text.n >= n && strncasecmp(text.p, word, n) == 0 &&
	       (text.n == n || char_is_space(text.p[n]));
}

/* The first letter is enough for most; words are in lower case. */
static bool begins_with_one_of(struct str text, const char *const *words)
{
	char first = text.n ? (char)(text.p[0] | 0x20) : '\0';
	for (; *words; words++)
		if ((*words)[0] == first && begins_with_word(text, *words))
			return true;
	return false;
}

/* A title before the name. "Master" and "Miss" alone may be family names, as may others. */
static const char *title_fault(struct str name)
{
	static const char *const titles[] = {
		"mr", "mr.",	"mrs", "mrs.", "miss",	"ms",	"ms.",
		"mx", "master", "dr",  "dr.",  "prof.", "rev.", NULL
	};
	name = str_trim(name);
	for (size_t i = 0; titles[i]; i++)
		if (begins_with_word(name, titles[i]) && name.n > strlen(titles[i]))
			return "begins with a title";
	return NULL;
}

static enum outcome name_has_no_title(struct judge *judge, const struct subject *subject)
{
	return judge_names(judge, subject, IN_NAME_SPACE, title_fault);
}

static const struct rule upl_028 = {
	.id = "UPL-028",
	.name = "title-in-a-name",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.sound = 1u << SUBJECT_PLAIN,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, datatype PN.NHS.PersonNameType6, which has no prefix",
	.title = "Name begins with a title",
	.why = "PDS has titles apart from names: with the title in it, the name does not match, so "
	       "the record may be refused.",
	.fix = "Send the name without its title.",
	.check = { .subject = name_has_no_title },
};

static const char *digit_fault(struct str name)
{
	/* The digits of a character that was escaped twice are UPL-027's. */
	for (size_t i = 0; i < name.n; i++)
		if (char_is_digit(name.p[i]))
			return has_escapes(name) ? NULL : "has a digit in it";
	return NULL;
}

static enum outcome name_has_no_digits(struct judge *judge, const struct subject *subject)
{
	return judge_names(judge, subject, IN_NAME_DIGIT, digit_fault);
}

static const struct rule upl_029 = {
	.id = "UPL-029",
	.name = "digit-in-a-name",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.sound = 1u << SUBJECT_PLAIN,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name has a digit in it",
	.why = "A typing error, or a note such as \"twin 2\": the name does not match the one on "
	       "PDS, so the record may be refused.",
	.fix = "Send the name that PDS has for the NHS number.",
	.check = { .subject = name_has_no_digits },
};

static bool is_bracket(char c)
{
	switch (c) {
	case '(':
	case ')':
	case '[':
	case ']':
	case '{':
	case '}':
	case '*':
	case '<':
	case '>':
		return true;
	default:
		return false;
	}
}

/* Words that are not of a name, and those that may begin one: "Aka" is a given name where nothing
 * is before it. */
static const char *const remarks[] = { "do not",   "duplicate",	   "confidential",
				       "deceased", "see notes",	   "formerly",
				       "adopted",  "for adoption", NULL },
			 *const later_remarks[] = { "known as", "aka",	  "a.k.a.", "alias",
						    "twin",	"closed", "merged", NULL };

/* Brackets, or words that are not of a name. */
static const char *remark_fault(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (is_bracket(name.p[i]))
			return "has a remark in it";
		if (i && !char_is_space(name.p[i - 1]))
			continue;
		if (begins_with_one_of(str_from(name, i), remarks) ||
		    (i && begins_with_one_of(str_from(name, i), later_remarks)))
			return "has a remark in it";
	}
	return NULL;
}

static enum outcome name_has_no_remark(struct judge *judge, const struct subject *subject)
{
	/* In a name without brackets and spaces a remark can only be the whole of it. */
	bool whole = begins_with_one_of(subject->given.text, remarks) ||
		     begins_with_one_of(subject->family.text, remarks);
	return judge_names(judge, subject, whole ? 0 : IN_NAME_SIGN | IN_NAME_SPACE, remark_fault);
}

static const struct rule upl_032 = {
	.id = "UPL-032",
	.name = "remark-in-a-name",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Name has a remark in it",
	.why = "The name does not match the one on PDS, and everyone who sees the record reads a "
	       "note that was meant for a few.",
	.fix = "Send the name that PDS has for the NHS number, and keep notes in your own system.",
	.check = { .subject = name_has_no_remark },
};

static bool is_between_names(char c)
{
	switch (c) {
	case ',':
	case ';':
	case '/':
	case '\\':
	case '&':
	case '+':
	case '=':
	case '|':
		return true;
	default:
		return false;
	}
}

/* Two names with a mark between them. Two names with a space are one given name for PDS too. */
static const char *choice_fault(struct str name)
{
	for (size_t i = 1; i + 1 < name.n; i++)
		if (is_between_names(name.p[i]))
			return has_escapes(name) ? NULL : "is more than one name";
	return NULL;
}

static enum outcome name_is_one_name(struct judge *judge, const struct subject *subject)
{
	if (is_placeholder(subject->given.text) || is_placeholder(subject->family.text))
		return NOT_APPLICABLE; /* UPL-023 */
	return judge_names(judge, subject, IN_NAME_SIGN, choice_fault);
}

static const struct rule upl_033 = {
	.id = "UPL-033",
	.name = "two-names-in-one",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.sorts = UPLOADED_SUBJECTS,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SUBJECTS ", name",
	.title = "Two names are sent as one",
	.why = "\"Jon/Jonathan\" or \"Fell, Ada\" matches no name on PDS, so the record may be "
	       "refused.",
	.fix = "Send the one name that PDS has, the given name in given and the family name in "
	       "family.",
	.check = { .subject = name_is_one_name },
};

static enum outcome judge_plain_part(struct judge *judge, const char *noun,
				     const struct value *qualifier, const struct coding *coding)
{
	const struct value *form = &coding->representation, *compression = &coding->compression;
	enum outcome outcome = HOLDS;
	if (value_filled(qualifier))
		outcome = judge_fail(judge, qualifier, MASK_NONE,
				     "the %s has the qualifier %s, which says that it is not the "
				     "usual name",
				     noun, judge_plain(judge, qualifier->text));
	if (value_there(form) && !str_is(str_trim(form->text), "TXT"))
		outcome = judge_fail(judge, form, MASK_NONE,
				     "the %s has the representation %s: receivers decode its text",
				     noun, judge_plain(judge, form->text));
	if (value_filled(compression))
		outcome = judge_fail(judge, compression, MASK_NONE,
				     "the %s has the compression %s: receivers unpack its text",
				     noun, judge_plain(judge, compression->text));
	return outcome;
}

static enum outcome name_is_plain(struct judge *judge, const struct subject *subject)
{
	enum outcome given = judge_plain_part(judge, "given name", &subject->given_qualifier,
					      &subject->given_coding);
	enum outcome family = judge_plain_part(judge, "family name", &subject->family_qualifier,
					       &subject->family_coding);
	return given == FAILS ? FAILS : family;
}

static const struct rule upl_036 = {
	.id = "UPL-036",
	.name = "name-with-qualifier-or-representation",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, datatypes en.given and en.family",
	.title = "Name has a qualifier, or a form other than plain text",
	.why = "Receivers that know these attributes show another name, or none, and PDS does not "
	       "match it.",
	.fix = "Send the name that PDS has as text, without qualifier, representation and "
	       "compression.",
	.check = { .subject = name_is_plain },
};

const struct rule *const upl_name_rules[] = {
	&upl_015, &upl_021, &upl_022, &upl_023, &upl_027, &upl_028,
	&upl_029, &upl_032, &upl_033, &upl_036, NULL,
};

static enum outcome record_is_new(struct judge *judge, const struct record *record)
{
	const struct earlier_people *all = recollect(judge, record);
	if (!all)
		return NOT_APPLICABLE;
	if (!all->same_at)
		return HOLDS;
	const struct value *number = &all->people[0].number->extension;
	judge_point(judge, all->same_at);
	return judge_fail(judge, number, MASK_NHS_NUMBER,
			  "the record of NHS number %s says the same as an earlier one",
			  judge_show(judge, MASK_NHS_NUMBER, number->text));
}

static const struct rule nhs_032 = {
	.id = "NHS-032",
	.name = "record-is-repeated",
	.severity = CPIS_WARNING,
	.on = PART_RECORD,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, REPC_MT000002GB01 and REPC_MT000007GB01, record",
	.title = "Record is repeated",
	.why = "One child is counted as two, and the record of another child may have been left "
	       "out for it.",
	.fix = "Send each record once, and find out why it was written twice.",
	.check = { .record = record_is_new },
};

const struct rule *const nhs_people_rules[] = {
	&nhs_030,
	&nhs_031,
	&nhs_032,
	NULL,
};
