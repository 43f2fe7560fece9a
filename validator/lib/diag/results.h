/*
 * results.h - the one model of a run: what was judged, what was found, what was not judged and why.
 *
 * The engine fills it message by message, in order of input; sinks only read it. Everything in it
 * is final: sentences have their values masked (diag/mask.h) or shown, positions and paths are
 * known. One results object, one arena, one thread.
 */
#ifndef CPIS_DIAG_RESULTS_H
#define CPIS_DIAG_RESULTS_H

#include "base/arena.h"
#include "cpis.h"
#include "diag/mask.h"
#include "diag/rule.h"

/* From 1; columns count characters (code points), a tab is one. 0: there is no place. */
struct place {
	size_t line, column;
};

/* What the case that judged a message makes of a finding. */
enum finding_fate {
	FATE_OPEN, /* there is no case, or it does not mind */
	FATE_EXPECTED,
	FATE_UNEXPECTED,
	FATE_COUNT
};

struct finding {
	const struct rule *rule;
	enum cpis_severity severity; /* after profile and environment */
	enum cpis_stage stage;
	size_t offset;	    /* of the fault, in bytes, in its document */
	struct place at;    /* in the source as it was sent */
	struct place inner; /* in the decoded part; 0 where nothing was decoded */
	struct place other; /* of what it contradicts: in the decoded part, or in the source */
	const char
		*layer;	  /* the decoded part, "base64 payload 1"; NULL where nothing was decoded */
	const char *path; /* "/File/record[2]/CP-ISRecord/subject/@extension" */
	const char *message;	       /* one sentence: found, expected, arithmetic */
	const char *fix;	       /* what to send instead: the fault's own or the rule's */
	const char *expected, *actual; /* short, or NULL */
	const char *excerpt;	 /* its line, cut to 160 characters, values masked; NULL: none */
	size_t caret;		 /* column in the excerpt, from 0, where the fault starts */
	const char *fingerprint; /* 16 hex digits; the same when only lines move */
	const char *waived;   /* the reason, where a waiver or a baseline accepts it; else NULL */
	unsigned by_baseline; /* 1: a baseline accepts it */
	enum finding_fate fate;
	const struct rule *cause; /* of another finding, which covers it; NULL: none does */
};

/* Findings past the limit of the list: counted and judged, not listed. */
struct unlisted {
	const struct rule *rule;
	enum cpis_severity severity; /* after profile and environment */
	size_t count;
	unsigned unsure; /* 1: a waiver or a baseline may accept them, which their places decide */
};

/*
 * A reason not to pass a message that an error in it may explain. Where none does, because a rule
 * is lowered, off or waived, it is listed as an omission.
 */
struct doubt {
	const char *what, *why;
	unsigned by_any_error; /* 1: any error explains it; else only one that fails the message */
	unsigned listed;       /* 1: among the omissions */
};

/* Something that could not be judged. Any of it makes a message incomplete. */
struct omission {
	const char *what; /* "the payload uuid_..." */
	const char *why;  /* "it is encrypted" */
};

/* A place in an upload that a finding may be about when other uploads are known. */
struct upload_place {
	size_t offset;
	struct place at, inner;
	const char *layer, *path, *excerpt; /* as of a finding */
	size_t caret;
};

enum { UPLOAD_PLACES = 2 };

/*
 * What is kept of an upload in a part of a run, to judge the order of all uploads when the parts
 * are merged. Nothing in it is about a person.
 */
struct upload_fact {
	const char *organisation;    /* ODS code of the sender, as mask_kept has it */
	const char *number;	     /* File/id, as it was sent */
	const char *made;	     /* creation time, as it was sent; NULL: it is not a time */
	struct upload_place *places; /* of number, then of made */
	size_t place_count;
};

struct message_result {
	const char *source; /* as given, or the path below a folder; "-" is standard input; archive
			       members "a.zip!b.xml" */
	const char *file; /* in a pack: the path that leads to the source from where cpis ran; NULL:
			     source does */
	const char *type; /* "REPC_MT000002GB01"; NULL: not recognised */
	const char *title;	   /* "CP-IS Local Authority Upload"; NULL: not recognised */
	const char *recognised_by; /* "root element File in urn:hl7-org:v3" */
	const char **layers;	   /* outermost first: "http", "gzip", "soap", "itk", "tms" ...; the
				      message itself is not among them */
	size_t layer_count;
	char sha256[65]; /* of the source's bytes; empty: not read */
	size_t bytes;	 /* of the source */
	size_t records;	 /* judged in it */
	unsigned paired; /* 1: judged with another, which it answers */
	enum cpis_verdict verdict;
	struct finding *findings; /* in order of offset */
	size_t finding_count;
	size_t finding_room;
	size_t turned_off; /* findings of rules that the profile leaves out */
	size_t suppressed; /* faults that follow from a finding made, or past the limit of findings
			    */
	struct unlisted *unlisted; /* those past the limit, by rule and severity */
	size_t unlisted_count, unlisted_room;
	struct omission *omissions;
	size_t omission_count;
	struct doubt *doubts;
	size_t doubt_count, doubt_room;
	/* Findings that others stand for as well, while those are as severe; see message_reveal. */
	struct finding *behind;
	size_t behind_count, behind_room;
	size_t written_behind; /* as written_doubts */
	size_t written_doubts; /* all of them in a part of a run: they wait for the other parts */
	struct upload_fact *upload; /* one; NULL: none is kept */
	size_t upload_count;
};

/* A part of a run that several processes judged. */
struct shard_result {
	size_t number, of; /* number from 1 */
	size_t files;	   /* that the whole run has, as this part saw them */
	char inputs[65];   /* digest of what was named as input, and of what is excluded */
	char listing[65];  /* digest of the paths of those files */
};

/* A folder that was named as input, in a part of a run. */
struct root_result {
	const char *path;
	size_t kept; /* files that may be messages */
};

/* A file that was read and whose digest no message gives: an archive, or one that is left out. */
struct file_result {
	const char *path;
	char sha256[65];
	size_t bytes;
	unsigned beside; /* 1: what another one says depends on it; only while a part is not
			    finished */
	unsigned listed; /* 1: a message gives it too; only while a part is not finished */
};

/* Messages that are counted and not listed: by verdict. */
struct unlisted_messages {
	enum cpis_verdict verdict;
	size_t messages, records, errors, warnings, infos;
	size_t waived, suppressed, omissions, turned_off;
	size_t by_baseline;  /* of those that are waived: what a baseline accepts */
	size_t unread;	     /* messages that were not recognised, or not read to their end */
	size_t unrecognised; /* those of them that were not recognised */
	size_t uploads;	     /* whose place among others waits for the other parts */
};

/* How a rule fared over the whole run. judged = held + failed. */
struct rule_tally {
	size_t judged, failed; /* failed: occasions on which it failed */
	size_t not_applicable; /* nothing there to judge */
	size_t blocked;	       /* the part was broken: the message has a finding about that */
	const struct rule *blocked_by; /* of those that did, the first by id; or NULL */
};

/* Whether it was not recognised, or not read to its end: much may be in it that was not judged. */
bool message_is_unread(const struct message_result *message);
/* What was not checked of such a message, where no omission of it says so; else NULL. */
const struct omission *message_unsaid(const struct message_result *message);

/* Whether it is something else than a message, and nothing is wrong with it, such as a control file
 * with a warning: alone, it is nothing that was judged. */
bool message_is_aside(const struct message_result *message);

/* Which of two rules comes first, by its id; the other where one is NULL. */
const struct rule *rule_first(const struct rule *a, const struct rule *b);

/* What a profile makes of a rule. */
struct rule_override {
	bool set, off;
	enum cpis_severity severity;
	const char *reason;
	const char *source; /* "profile.yaml:7" */
};

enum case_outcome {
	CASE_PASSED,
	CASE_FAILED,
	CASE_WAIVED,
	CASE_NOT_RUN,  /* evidence is missing: the run is incomplete */
	CASE_BROKEN,   /* the case itself is wrong */
	CASE_MANUAL,   /* a question for a person that is not answered yet */
	CASE_LEFT_OUT, /* by --only or --skip */
	CASE_OUTCOME_COUNT
};

const char *case_outcome_name(enum case_outcome outcome);
/* How much an outcome says against what the case should show; 0: nothing. */
int case_outcome_weight(enum case_outcome outcome);

/* Where what a case judged comes from. */
enum case_source {
	CASE_OF_PACK,	  /* a message of the pack itself: shows nothing of a supplier's system */
	CASE_OF_EVIDENCE, /* files of a supplier, or the lack of them */
	CASE_OF_ANSWER,	  /* what a person answered */
	CASE_OF_RUN,	  /* nothing: what the run itself was given is wrong, such as its waivers */
	CASE_SOURCE_COUNT
};

/* Who answered a question, and says so of the system. */
enum answered_by {
	ANSWERED_BY_NO_ONE,
	ANSWERED_BY_SUPPLIER, /* alone: of the supplier's own system */
	ANSWERED_BY_ASSESSOR, /* alone, or beside the supplier */
	ANSWERED_BY_COUNT
};

/* A finding that a case expects. */
struct expected_finding {
	const char *rule; /* its id */
	const char *path; /* where, as the pack says it: an XPath; NULL: anywhere */
	size_t count;	  /* how often, over all that the case judged */
	size_t missing;	  /* how many of those were not found */
};

/* Something that was not as a case expects. */
enum fault_about {
	FAULT_OTHER,
	FAULT_VERDICT,
	FAULT_MISSING,	  /* findings that were expected */
	FAULT_UNEXPECTED, /* findings that were not */
	FAULT_ASSERTION,
	FAULT_RECORD,
	FAULT_ABOUT_COUNT
};

struct case_fault {
	enum fault_about about;
	const char *text;  /* a sentence without a full stop, as in the reason */
	const char *plain; /* the same without paths, for people who do not know the pack; or NULL
			    */
};

/* A value of a record that differs. */
struct value_change {
	const char *name, *expected, *found; /* as shown: masked */
};

/* A record that differs from the one that a case expects. */
struct record_change {
	const char *kind;	      /* "missing", "changed", "added" */
	const char *expected, *found; /* "record 3 ([NHS number #1])", or NULL */
	struct value_change *values;
	size_t value_count;
};

struct case_result {
	const char *pack, *id, *title;
	enum case_source from;
	enum answered_by answered_by;
	struct expected_finding *expects;
	size_t expects_count, expects_room;
	struct case_fault *faults;
	size_t fault_count, fault_room;
	struct record_change *records;
	size_t record_count, record_room;
	size_t line;	     /* of the pack's file; 0: not known */
	size_t milliseconds; /* that it took; 0: not measured. Not in the document of the run */
	const char **requirements, **tags;
	size_t requirement_count, tag_count;
	enum case_outcome outcome;
	const char *expected, *actual; /* in words: "fail: DAT-003 at /File/..." */
	const char *reason; /* why the outcome is what it is, a sentence; NULL when passed */
	size_t first_message, message_count; /* of results->messages: what the case judged */
};

struct requirement_result {
	const char *pack, *id, *text, *source;
	const char *not_testable; /* the reason; NULL: it can be shown */
	const char **cases;	  /* ids of the cases that show it */
	size_t case_count;
	enum case_outcome outcome; /* the worst of its cases; CASE_NOT_RUN: no case */
};

struct pack_result {
	const char *name, *version, *title, *specification, *source;
	char sha256[65]; /* of the pack file */
	char digest[65]; /* of all that the pack reads of its own: its inputs */
	size_t case_count;
};

/* A file that a run read, other than evidence: it decides what the run says. */
struct input_result {
	const char *pack; /* that names it; NULL: the run itself does */
	const char *role; /* "pack", "data", "message", "profile" ... */
	const char *name; /* as the pack writes it; of the run: without its folder */
	char sha256[65];  /* empty: it cannot be read */
	size_t bytes;
};

/* A file of the evidence, whether a slot asks for it or not. */
struct evidence_result {
	const char *name; /* below the folder of the evidence, or in its archive */
	char sha256[65];  /* empty: it cannot be read */
	size_t bytes;
	const char *why; /* it cannot be read; NULL: it can */
	/* What it fills: "LAUC-101", "answers", "LAUC-201 (attachment)"; none: no slot */
	const char **slots;
	size_t slot_count;
};

/* The id of the case that fails where something is wrong with the evidence as a whole. */
#define EVIDENCE_CASE	  "EVIDENCE"
#define EVIDENCE_EXPECTED "every file fills a slot, and all of it is of one system"

/*
 * What a file of the evidence says of the system that sent it, one thing at a time: kept for the
 * check over all evidence when results are merged. Results have values as mask_kept has them.
 */
struct sent_result {
	const char *pack, *file;
	const char *authority, *asid, *number; /* of an upload; NULL: it is not about that */
	long long made;			       /* with number; 0: it does not say */
};

struct named_value {
	const char *name, *value;
};

struct worker;
struct own_rules;
struct cpis_stream;

/* A digest of all that a catalogue says; empty: not known. */
struct ruleset {
	char digest[17];
};

struct results {
	struct arena arena;
	struct worker *
		worker; /* the engine's tools for sources judged one by one; NULL until the first */
	struct cpis_options options; /* strings are the results' own */
	struct own_rules *own;	     /* the user's own; NULL: none */
	struct cpis_stream *streams; /* open ones; NULL: none */
	struct masker *masker;
	const struct rule *const *rules; /* the catalogue, in order, then the user's own */
	size_t rule_count;
	struct rule_tally *tallies;	 /* by the rule's place in the catalogue */
	struct rule_override *overrides; /* by the rule's place; NULL: no profile was given */
	const char *profile;		 /* its name, or NULL */
	struct ruleset ruleset;		 /* that judged, where it was long ago; empty: its own */
	const char *tool, *dms; /* that judged, where it was long ago; NULL: this program's own */

	size_t counted_messages, counted_findings; /* for progress */
	struct message_result *messages;
	size_t message_count, message_room;
	struct case_result *cases;
	size_t case_count, case_room;
	struct requirement_result *requirements;
	size_t requirement_count, requirement_room;
	struct pack_result *packs;
	size_t pack_count, pack_room;
	struct input_result *inputs;
	size_t input_count, input_room;
	struct evidence_result *evidence;
	size_t evidence_count, evidence_room;
	struct sent_result *sent;
	size_t sent_count, sent_room;
	struct shard_result *shards; /* parts that these results are of; none: a run as a whole */
	size_t shard_count, shard_room;
	unsigned joined; /* 1: they were merged, and a part that is not there is missing */
	struct root_result *roots;
	size_t root_count, root_room;
	struct file_result *files;
	size_t file_count, file_room;
	struct unlisted_messages *unlisted;
	size_t unlisted_count, unlisted_room;
	bool listed_elsewhere;	  /* unlisted messages are in a document that is written beside */
	bool read_elsewhere;	  /* one of those was read */
	struct named_value *meta; /* supplier, system, environment ... in the order given */
	size_t meta_count, meta_room;
	struct omission *left_out; /* files of folders that are not messages: skipped, and listed */
	size_t left_out_count, left_out_room;
	struct named_value *command; /* value: a word of the command line each; name unused */
	size_t command_count, command_room;
	struct cpis_layout layout; /* of text */
	unsigned date_set;	   /* 1: the date is not that of the clock, but of --now */
};

/* The same object as callers of the library know it (cpis.h). */
static inline struct results *results_inside(struct cpis_results *results)
{
	return (struct results *)(void *)results;
}

static inline const struct results *results_inside_const(const struct cpis_results *results)
{
	return (const struct results *)(const void *)results;
}

static inline struct cpis_results *results_outside(struct results *results)
{
	return (struct cpis_results *)(void *)results;
}

/* Fill a struct of the caller's, whose cpis.h may be older (shorter: it gets as much as it has room
 * for) or newer (longer: the rest is zero). Always 0, so that a caller can return it. */
int results_give(void *to, size_t room, const void *from, size_t bytes);

/* What the profile makes of a rule; NULL: nothing. */
const struct rule_override *results_override(const struct results *results,
					     const struct rule *rule);

/* Whether cases of packs were run; else its messages are what the run is about. */
bool results_of_packs(const struct results *results);

/* A new entry at the end, zeroed; NULL when out of memory (arena.failed is then set). Earlier
 * pointers into the list die. */
struct message_result *results_add_message(struct results *results);
/* Room for so many more messages, or for the first of very many. -1: out of memory. */
int results_expect_messages(struct results *results, size_t more);
struct case_result *results_add_case(struct results *results);
struct requirement_result *results_add_requirement(struct results *results);
struct pack_result *results_add_pack(struct results *results);
struct expected_finding *case_add_expected(struct results *results, struct case_result *one);
struct case_fault *case_add_fault(struct results *results, struct case_result *one);
struct record_change *case_add_record(struct results *results, struct case_result *one);
/* One that is known already is found, not added. names are copied. */
struct input_result *results_add_input(struct results *results, const char *pack, const char *role,
				       const char *name);
/* The same, with size and digest of the file at path. name NULL: its last part. One that
 * cannot be read has neither. -1: out of memory. */
int results_note_input(struct results *results, const char *pack, const char *role,
		       const char *name, const char *path);
struct evidence_result *results_add_evidence(struct results *results, const char *name);
/* One more thing that a file of the evidence fills. -1 when out of memory. */
int evidence_add_slot(struct results *results, struct evidence_result *evidence, const char *slot);
struct sent_result *results_add_sent(struct results *results);
/*
 * Whether all of it that is of a pack is of one system, and its uploads have numbers that are not
 * repeated and rise with time (PAIR-011): what is wrong, as sentences without full stops. unknown
 * gets what cannot be said.
 */
void sent_check(const struct sent_result *sent, size_t count, const char *pack, struct buf *faults,
		struct buf *unknown);
struct shard_result *results_add_shard(struct results *results);
/* One that is known already is found, not added. path is copied. */
struct root_result *results_add_root(struct results *results, const char *path);
struct file_result *results_add_file(struct results *results, const char *path);
/* The entry of a verdict. */
struct unlisted_messages *results_add_unlisted(struct results *results, enum cpis_verdict verdict);
int results_add_left_out(struct results *results, const char *what, const char *why);
/* The name of a file or folder, as results write it (character_write_name): in their arena, or the
 * same. */
const char *results_name(struct results *results, const char *name);

/* Why uploads do not know of each other. */
enum apart { APART_IN_ONE_SOURCE, APART_IN_RESULTS, APART_AS_FIXED, APART_COUNT };
const char *apart_words(enum apart why);
/* That uploads were not judged in sequence, once, where the rules are judged at all. */
int results_note_apart(struct results *results, const char *what, enum apart why);
/* Whether that was noted, or parts of the run are missing. */
bool results_judged_apart(const struct results *results);
int results_add_command_word(struct results *results, const char *word);
int results_add_meta(struct results *results, const char *name, const char *value);

/* A new finding at the end of a message's list; NULL when out of memory. */
struct finding *message_add_finding(struct results *results, struct message_result *message);
/* The same of one that a finding of another rule stands for: its cause is to be set. */
struct finding *message_add_behind(struct results *results, struct message_result *message);
/* Room for so many more, so that a long list is not copied while it grows. -1: out of memory. */
int message_expect_findings(struct results *results, struct message_result *message, size_t more);
void message_add_omission(struct results *results, struct message_result *message, const char *what,
			  const char *why);

/* Count findings past the limit; -1 when out of memory. */
int message_add_unlisted(struct results *results, struct message_result *message,
			 const struct unlisted *unlisted);
/*
 * Findings past the limit fail a message, unless their rule is accepted at some places: then it is
 * not known whether they do, and the message is not complete. accepts says so of a rule.
 */
void message_doubt_unlisted(struct results *results, struct message_result *message,
			    bool (*accepts)(const void *context, const char *rule),
			    const void *context);
/* what and why are in the results' arena, or static. */
void message_add_doubt(struct results *results, struct message_result *message,
		       const struct doubt *doubt);

/* Findings of a severity in a message, listed or not; waived ones are not among them. */
size_t message_count_findings(const struct message_result *message, enum cpis_severity severity);

/* The verdict that the findings and omissions of a message come to. */
enum cpis_verdict message_verdict(const struct results *results,
				  const struct message_result *message);

/*
 * Give a message its verdict, under the run's --fail-on: the one place where a verdict is made. It
 * fails if a finding fails it. It passes if nothing was left out and no doubt is left; doubts that
 * are left become omissions. Called again when findings are added or waived.
 */
enum cpis_verdict message_settle(struct results *results, struct message_result *message);

enum cpis_verdict results_verdict(const struct results *results);
/* Whether a part of the run is missing, or of another version, so that no verdict of it is a pass.
 */
bool results_unfinished(const struct results *results);
/* Whether a run with a case of this outcome may pass. */
bool outcome_passes(enum case_outcome outcome);

/* Whether these are parts of a run, and not all of them. */
bool results_lack_parts(const struct results *results);

/* Whether findings can be accepted: nothing that an error explained is forgotten. -1: results that
 * were read, and say nothing of it. */
int results_check_doubts(const struct results *results, struct cpis_failure *failure);
/* Whether the parts that are here saw the same files. */
bool results_parts_agree(const struct results *results);

/* The version of the program that judged, and the specification it judged by. */
const char *results_tool(const struct results *results);
const char *results_dms(const struct results *results);

/* The rules that judged, so that two results show whether they had the same. Made of every row of
 * the catalogue: ask for it only to say it. */
struct ruleset results_ruleset(const struct results *results);

/* One digest over all inputs of a pack, or, where it is NULL, of the run, evidence too: empty where
 * there are none. In order of role and name, so that it does not depend on the order of the run. */
void results_digest(const struct results *results, const char *pack, char sha256[65]);

/* What became of the rule at a place of the catalogue. */
enum cpis_rule_state results_rule_state(const struct results *results, size_t place);

/* Why a file is not judged that was left out by wish, among left_out. */
extern const char left_out_by_wish[];
/* What --fix would write and did not: the results are about that, not about any file. */
#define META_NOT_WRITTEN "not written"
/* Counts that --fix made fit: that they do says nothing. "1 count (UPL-001)". */
#define META_COUNTS_FIXED "counts not checked"

/* A value of the run by its name; NULL: it has none of that name. */
const char *results_meta_named(const struct results *results, const char *name);

/* Whether a profile turns a rule off, so that it is not judged; NULL: any rule. */
bool results_rule_off(const struct results *results, const char *rule);

/* Whether messages from this one on may have findings that are not listed, or were not looked for:
 * that nothing met a waiver or an entry of a baseline then says nothing. */
bool results_may_miss(const struct results *results, size_t first_message);

/* Whether something was left out by wish: cases, stages, rules or files, or the files that were
 * judged were not written, or have counts that were made to fit. Such a run shows nothing
 * conformant. */
bool results_left_out(const struct results *results);
/* The same, or errors pass by --fail-on never. */
bool results_partial(const struct results *results);

/* Whether findings of a severity fail their message under the run's --fail-on. */
bool severity_fails(const struct results *results, enum cpis_severity severity);
/* Whether a finding fails its message under the run's --fail-on. */
bool finding_fails(const struct results *results, const struct finding *finding);

/* The word for what is accepted: only a waiver waives, by someone and until a day. Of several, one
 * by a baseline is enough. */
const char *accepted_word(bool by_baseline);
const char *accepted_heading(bool by_baseline); /* with a capital */

/* Findings of a severity over all messages; messages of a verdict; cases of an outcome. */
size_t results_count_findings(const struct results *results, enum cpis_severity severity);
size_t results_count_messages(const struct results *results, enum cpis_verdict verdict);
size_t results_count_cases(const struct results *results, enum case_outcome outcome);

/*
 * Call the progress function of the options, if there is one: so many of so many files or cases are
 * done. On the thread that owns the results.
 */
void results_report_progress(struct results *results, size_t done, size_t total);

#endif
