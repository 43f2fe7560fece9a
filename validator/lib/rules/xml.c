/* The document itself. The stages that read it judge all but the last rule: their rows have no
 * check. */
#include "rules/catalogue.h"
#include "rules/judge.h"

/* A character that is invisible and changes what is shown or compared. */
struct unseen {
	unsigned code; /* 0: none */
	bool bidirectional;
};

/* In UTF-8: C0 but for tab and line ends, DEL, C1, and what sets the direction of writing. */
static struct unseen first_unseen(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c >= 0x20 && c < 0x7f)
			continue;
		unsigned next = i + 1 < text.n ? (unsigned char)text.p[i + 1] : 0;
		unsigned after = i + 2 < text.n ? (unsigned char)text.p[i + 2] : 0;
		if (c == 0x7f || (c < 0x20 && !char_is_space((char)c)))
			return (struct unseen){ c, false };
		if (c == 0xc2 && next >= 0x80 && next < 0xa0)
			return (struct unseen){ next, false };
		if (c == 0xd8 && next == 0x9c)
			return (struct unseen){ 0x61c, true };
		if (c != 0xe2)
			continue;
		unsigned code = 0x2000u | (next & 0x3fu) << 6 | (after & 0x3fu);
		if (code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
		    (code >= 0x2066 && code <= 0x2069))
			return (struct unseen){ code, true };
	}
	return (struct unseen){ 0 };
}

static enum outcome judge_text_of(struct judge *judge, const struct value *value,
				  enum mask_kind kind, const char *noun)
{
	if (!value_there(value))
		return NOT_APPLICABLE;
	struct unseen unseen = first_unseen(value->text);
	if (!unseen.code)
		return HOLDS;
	return judge_fail(judge, value, kind, "the %s has the %s character U+%04X", noun,
			  unseen.bidirectional ? "bidirectional control" : "control", unseen.code);
}

struct named_text {
	const struct value *value;
	const char *noun;
};

static enum outcome judge_all(struct judge *judge, enum mask_kind kind,
			      const struct named_text *values, size_t count)
{
	enum outcome all = NOT_APPLICABLE;
	for (size_t i = 0; i < count; i++) {
		enum outcome one = judge_text_of(judge, values[i].value, kind, values[i].noun);
		if (one == FAILS || all == NOT_APPLICABLE)
			all = one;
	}
	return all;
}

static enum outcome subject_is_plain(struct judge *judge, const struct subject *subject)
{
	const struct named_text values[] = {
		{ &subject->given, "given name" },
		{ &subject->family, "family name" },
	};
	return judge_all(judge, MASK_NAME, values, 2);
}

static enum outcome telecom_is_plain(struct judge *judge, const struct telecom *telecom)
{
	return judge_text_of(judge, &telecom->value, MASK_PHONE, "phone number");
}

static enum outcome organisation_is_plain(struct judge *judge,
					  const struct organisation *organisation)
{
	return judge_text_of(judge, &organisation->name, MASK_NAME, "organisation name");
}

static enum outcome author_is_plain(struct judge *judge, const struct author_person *author)
{
	struct named_text values[MOST_GIVEN + 3] = {
		{ &author->prefix, "title" },
		{ &author->family, "family name" },
		{ &author->suffix, "suffix" },
	};
	size_t given = author->given_count < MOST_GIVEN ? author->given_count : MOST_GIVEN;
	for (size_t i = 0; i < given; i++)
		values[3 + i] = (struct named_text){ &author->given[i], "given name" };
	return judge_all(judge, MASK_NAME, values, 3 + given);
}

static enum outcome authority_is_plain(struct judge *judge,
				       const struct indirect_authority *authority)
{
	const struct named_text values[] = {
		{ &authority->name, "name" },
		{ &authority->given, "given name" },
		{ &authority->family, "family name" },
	};
	return judge_all(judge, MASK_NAME, values, 3);
}

static const struct rule xml_006 = {
	.id = "XML-006",
	.name = "control-character-in-name-or-number",
	.severity = CPIS_WARNING,
	.on = PART_SUBJECT,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "Unicode Technical Report 36, bidirectional text spoofing",
	.title = "Control or bidirectional character in a name or phone number",
	.why = "It is invisible: the child is not matched, or a clinician reads the letters or digits in a different order from the one stored.",
	.fix = "Remove the character where the name or number is typed or pasted in.",
	.check = { .subject = subject_is_plain },
	.also = {
		{ PART_TELECOM, { .telecom = telecom_is_plain } },
		{ PART_ORGANISATION, { .organisation = organisation_is_plain } },
		{ PART_AUTHOR_PERSON, { .author_person = author_is_plain } },
		{ PART_INDIRECT_AUTHORITY, { .indirect_authority = authority_is_plain } },
	},
};

static const struct rule xml_001 = {
	.id = "XML-001",
	.name = "not-well-formed",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_SCHEMA,
	.cite = "XML 1.0 and Namespaces in XML 1.0",
	.title = "XML is not well-formed",
	.why = "No receiver can read any of it.",
	.fix = "Create messages with an XML library, not by joining strings.",
};

static const struct rule xml_002 = {
	.id = "XML-002",
	.name = "document-type-declaration",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "XML 1.0, section 2.8; OWASP on XML entities",
	.title = "Document has a DOCTYPE",
	.why = "Entities can read files and use up memory, so receivers refuse such documents.",
	.fix = "Remove the DOCTYPE. Write characters directly instead of as entities.",
};

static const struct rule xml_003 = {
	.id = "XML-003",
	.name = "not-utf-8",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-STD-01",
	.title = "Document is not UTF-8",
	.why = "Names with accents arrive garbled, and the child is not matched.",
	.fix = "Write UTF-8 and declare it, or leave the encoding declaration out.",
};

static const struct rule xml_004 = {
	.id = "XML-004",
	.name = "schema-location-sent",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK WS-STD-04",
	.title = "xsi:schemaLocation is sent",
	.why = "A receiver that follows it loads whatever schema the message names, or waits for "
	       "one that it cannot reach.",
	.fix = "Remove xsi:schemaLocation and xsi:noNamespaceSchemaLocation.",
};

static const struct rule xml_005 = {
	.id = "XML-005",
	.name = "attribute-is-blank",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_ITK,
	.cite = "ITK, no blank attribute values",
	.title = "Attribute value is blank",
	.why = "It says nothing, and a receiver may overwrite good data with it.",
	.fix = "Send the value, or leave the attribute out.",
};

const struct rule *const xml_rules[] = {
	&xml_001, &xml_002, &xml_003, &xml_004, &xml_005, &xml_006, NULL,
};
