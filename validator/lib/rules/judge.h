/*
 * judge.h - how a rule's check speaks.
 *
 * A check looks at one part and returns what it did; it reports a fault through judge_fail, at the
 * value at fault. Values of a message go into sentences only through judge_show, so that
 * what identifies a person can be masked.
 */
#ifndef CPIS_RULES_JUDGE_H
#define CPIS_RULES_JUDGE_H

#include "base/buf.h"
#include "diag/draft.h"
#include "message/parts.h"
#include "xml/names.h"

struct earlier;
struct parcel;

struct judge {
	const struct cpis_options *options;
	struct draft *draft;
	size_t message; /* the message being judged, by its place in the draft */
	size_t first;	/* that which the findings at the start of its document are of */
	size_t begins;	/* offset of its root element; 0: none is open yet */
	size_t document;
	struct moment now;	     /* of the run; not ok where it was not given */
	struct str bytes;	     /* of the document */
	const struct parcel *parcel; /* the document as it came: what the layers around say of it */
	struct earlier *earlier;     /* of its earlier records */

	/* of the check that runs; none of it is left to the next */
	const struct rule *rule;
	const struct part *part;
	const struct rule *blocked_by; /* said with BLOCKED */
	const struct part *blocked_in; /* said with that: the broken part; NULL: not known */
	const char *expected, *fix;    /* said before judge_fail, used by it once */
	size_t other;		       /* the same; 0: no other place */
	enum cpis_severity severity;   /* the same; used where severity_set */
	bool severity_set;
	bool said; /* one of these was, since judge_begin */

	/* of the subject of the record that a rule asked for last: its birth date, worked out by
	 * the first of several that ask; date NULL: why not, and which rule blocks */
	struct {
		const struct subject *of;
		const struct timestamp *date;
		enum outcome why;
		const struct rule *blocked_by;
	} birth;
};

/* What was said for the next fault is forgotten. */
static inline void judge_forget(struct judge *judge)
{
	judge->expected = judge->fix = NULL;
	judge->other = 0;
	judge->severity_set = false;
}

/* A check of this rule begins, and starts from nothing. */
static inline void judge_begin(struct judge *judge, const struct rule *rule)
{
	judge->rule = rule;
	judge->blocked_by = NULL;
	judge->said = false;
	judge_forget(judge);
}

/*
 * Report a fault at a value. The format is one sentence without a full stop at its end, about what
 * was found and what was expected. Returns FAILS. The value's text is kept as what was found.
 */
enum outcome judge_fail(struct judge *judge, const struct value *culprit, enum mask_kind kind,
			const char *format, ...) __attribute__((cold, format(printf, 4, 5)));

/* The same, at the element of a part, where the culprit is something that is not there. */
enum outcome judge_fail_part(struct judge *judge, const struct part *part, const char *format, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* Take back faults of the rule at parts, by their offsets in the document, in order. */
void judge_withdraw(struct judge *judge, const size_t *offsets, size_t count);

/* For the next fault only. */
void judge_expect(struct judge *judge, const char *format, ...)
	__attribute__((cold, format(printf, 2, 3)));
void judge_fix(struct judge *judge, const char *fix) __attribute__((cold));
void judge_severity(struct judge *judge, enum cpis_severity severity) __attribute__((cold));
/* An earlier place that the fault contradicts: "; compare line 34" is added to the sentence. */
void judge_point(struct judge *judge, size_t offset) __attribute__((cold));

/* BLOCKED: the part below is broken, or else the rule of this id has found what is wrong with it.
 */
enum outcome judge_blocked(struct judge *judge, const struct part *below, const char *id)
	__attribute__((cold));
/* The same by a rule, or by none that is known. */
enum outcome judge_blocked_by(struct judge *judge, const struct rule *rule) __attribute__((cold));

/* In the source of rules on accessEventType. */
#define PATCH_D                                                                                    \
	"; judged only with schemas of patch D (--schemas): the built-in ones do not have "        \
	"accessEventType, and report it (SCH-001)"

/* The rule could not judge all it should: the message is incomplete, never passed for it. */
void judge_leave_out(struct judge *judge, const char *what, const char *why) __attribute__((cold));

/* A value for a sentence: marked, so that it is masked or shown when results are sealed. */
const char *judge_show(struct judge *judge, enum mask_kind kind, struct str value)
	__attribute__((cold));
/* The same of codes, counts and addresses; of times other than a birth date; of our own words. */
const char *judge_plain(struct judge *judge, struct str value) __attribute__((cold));
const char *judge_time(struct judge *judge, struct str value) __attribute__((cold));
const char *judge_word(struct judge *judge, struct str word) __attribute__((cold));
/* ": it has U+0061 U+0302 in place of U+00E2" after two names, since one letter may be written in
 * two ways that look the same; else empty. Only where names are shown. */
const char *judge_letters(struct judge *judge, enum mask_kind kind, struct str found,
			  struct str expected) __attribute__((cold));
/* A number that was read from a message. */
const char *judge_whole(struct judge *judge, long long number) __attribute__((cold));

/* A text in the memory of the judged source. */
const char *judge_text(struct judge *judge, const char *format, ...)
	__attribute__((cold, format(printf, 2, 3)));

/* Whole numbers of a message; false where the text is not a number, or too large to matter. */
bool judge_number(struct str text, long long *number);

/*
 * A count of things that a message has: one of more digits than a file can have things becomes
 * COUNT_TOO_LARGE, or its negative, and so differs from every real count. False where the text is
 * not a whole number.
 */
#define COUNT_TOO_LARGE 1000000000000000000LL
bool judge_count(struct str text, long long *count);

/*
 * Every rule that judges a kind of part, on every part of that kind as it closes.
 */

/* Sort the rules by what they judge; once at setup, after rules_setup. -1: out of memory. */
int runner_setup(void);

/* Judge one complete part by its rules, and keep the tallies of the draft. */
void runner_judge(struct judge *judge, const struct part *part);

/* Tally a rule that a stage judges by itself (XML, TRN, SCH): judged once, failed or not. */
void runner_tally(struct draft *draft, enum stage_rule rule, bool failed);

/*
 * Questions that several chapters ask of an id or a record: whose it is, what plans it has, when
 * the message around it was made.
 */

/* An id that the Spine directory gives, as sentences call it; NULL: the id is of another kind. */
struct sds_kind {
	const char *root, *noun;
	enum mask_kind mask;
};
const struct sds_kind *sds_kind_of(const struct identifier *id);

/* The first of a kind; NULL: there is none. */
const struct plan *record_plan(const struct record *record, enum plan_kind kind);

/* "child protection plan" */
const char *plan_noun(const struct plan *plan);

/* The record that a plan or subject is in; NULL: it is not in a record. */
const struct record *record_around(const struct part *part);

/*
 * Whether a part is in Spine's own reply to an upload, as far as it has been read: what its builder
 * leaves at its defaults there is no fault of a supplier.
 */
bool answers_upload(const struct part *part);

#define SPINE_SENDS_IT "Nothing, where Spine sends it: its builder of this reply does so."
#define SPINES_DEFAULT                                                                             \
	"Nothing, where Spine sends it: its builder of this reply has it as its default."

/* Whether an acknowledgement returns the record as refused: with the fault that it was refused for.
 */
bool acknowledgement_refuses(const struct record *record);

/* The ODS code of the authority that holds the record around a part, or whose uploads the message
 * around it is about; p is NULL: the message does not give it. */
struct str holder_around(const struct part *part);

/* When the message around a part was made; NULL: it does not say. */
const struct timestamp *made_at(const struct part *part);

/*
 * Attributes that may be on any element, so that they are looked for in the tags and not
 * in the parts: xsi:nil, nullFlavor and updateMode, which say that an element holds nothing
 * (UPL-014), and the structural codes of the transmission wrapper (TMS-043).
 */

struct message_type;
struct xml_tag;

extern const struct rule nulls_rule;

/* Learn the names; once, before the first reader is made. 0, or -1: no room for them. */
int nulls_setup(void);

/* Judge a tag of a message whose structure is sound so far. Tallies only what fails: the message is
 * judged as a whole, which is the caller's to tally. */
void nulls_judge(struct judge *judge, const struct xml_tag *tag);

/* classCode, moodCode, determinerCode and typeCode: the published schemas take any code there,
 * though each element of the wrapper has one meaning. */
extern const struct rule structural_rule;

/* The same for a tag of an interaction. */
void structural_judge(struct judge *judge, const struct xml_tag *tag);

/* A message in the Body of SOAP, or the payload of ebXML, which may lack its interaction or its
 * distribution envelope: TRN-020. */
void body_judge(struct judge *judge, const struct xml_tag *tag, const struct message_type *type,
		bool ebxml);

/* A SOAP message that was read, and the place of its first processing instruction, or SIZE_MAX:
 * TRN-048. */
void instruction_judge(struct judge *judge, size_t at);

/* An element that only wraps a reply: its attributes, its second element and text in it. TRN-021.
 */
void wrapper_judge(struct judge *judge, const struct xml_tag *tag);
void wrapper_judge_second(struct judge *judge, const struct xml_tag *tag);
void wrapper_judge_text(struct judge *judge, size_t offset);

/* An element of a SOAP header that the receiver must understand: TRN-022. soap: the edition. */
void header_judge(struct judge *judge, const struct xml_tag *tag, enum xml_namespace soap);

/*
 * Queries listed as accesses: what responses and notifications are judged by alike.
 */

/* One author not twice within 24 hours; of one access listed twice, by its id, that is another
 * rule. */
enum outcome listed_once_a_day(struct judge *judge, const struct listed_query_list *list);

/* No query id twice. */
enum outcome listed_once(struct judge *judge, const struct listed_query_list *list);

/* A listed query is not later than the message that lists it. noun: "response". */
enum outcome listed_before(struct judge *judge, const struct query *query,
			   const struct timestamp *message, const char *noun);

#endif
