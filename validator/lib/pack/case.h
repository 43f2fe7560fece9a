/*
 * case.h - one case while it runs: what it judged, and everything that was not as expected.
 */
#ifndef CPIS_PACK_CASE_H
#define CPIS_PACK_CASE_H

#include "base/buf.h"
#include "compare/record.h"
#include "diag/results.h"
#include "pack/documents.h"
#include "pack/journal.h"

/*
 * A case made ready: everything that it needs, opened and checked once, before anything
 * is judged.
 *
 * What a case names must be usable: messages that can be read and edited, places that select
 * something in them, Schematron and data sets that can be understood. Anything else is a problem
 * at its place in the pack. Linting, running and mutating all prepare their cases here.
 */

struct evidence_file;
struct schematron;

/* The bytes that a case judges: of a message of the pack, or of a file of the evidence folder. */
struct pack_message {
	struct buf bytes;
	struct pack_documents documents; /* none where they are not needed */
};

/* Whether XPath is evaluated on the messages of the case: an expectation or a waiver has a place.
 */
bool pack_case_needs_tree(const struct pack *pack, const struct pack_case *test);

/*
 * A fixed message of a case, edited. -1 when it cannot be read or edited: problems at their place
 * in the pack. A message without edits need not be well-formed.
 */
int pack_message_open(struct pack_message *message, const struct pack *pack,
		      const struct pack_case *test, const struct pack_fixed *fixed,
		      struct problems *problems);

/* A file that a supplier sent, taken apart as judging by the options does. False with a reason in
 * why when it cannot be read. */
bool pack_message_open_evidence(struct pack_message *message, const struct evidence_file *file,
				const struct pack *pack, const struct pack_case *test,
				const struct cpis_options *options, char *why, size_t bytes);

/* A zeroed one may be closed too. */
void pack_message_close(struct pack_message *message);

/* Data sets by the name that a pack gives them; each is read once, however many cases name it. */
struct data_set {
	const char *name; /* of the pack */
	struct child_records records;
	struct data_set *next;
};

struct data_sets {
	struct arena arena;
	struct data_set *first;
};

void data_sets_init(struct data_sets *sets);
void data_sets_release(struct data_sets *sets);

/* Zeroed is not prepared. A message that the case does not have is empty. */
struct prepared {
	bool ready;
	struct pack_message message, request, response;
	struct schematron **schematrons; /* by assertion of the case; NULL: it is not Schematron */
	size_t schematron_count;
	const struct child_records *records; /* that the case expects, in the data sets; or NULL */
};

/*
 * Prepare a case. 0 when it is ready. -1 when something cannot be used: the problems are added, and
 * prepared is not touched. A case that is faulty already is checked further, and gives -1 too. A
 * data set that cannot be used is a problem of the first case that names it.
 */
int prepare_case(struct prepared *prepared, const struct pack *pack, const struct pack_case *test,
		 struct data_sets *sets, struct problems *problems);

/* Prepare each case in turn, only to find problems. */
void prepare_all(const struct pack *pack, struct problems *problems);

/* The bytes of its messages. */
size_t prepared_bytes(const struct prepared *prepared);

void prepared_release(struct prepared *prepared);

struct evidence;

enum pack_answer_given { ANSWER_PASS, ANSWER_FAIL };
enum answer_role { ROLE_SUPPLIER, ROLE_ASSESSOR };

/* What a person answered to a manual question. */
struct pack_answer {
	struct config_place place;
	struct config_text case_id, pack, by, on, note;
	struct config_text attachment; /* a file of the evidence */
	struct config_number answer;   /* enum pack_answer_given */
	struct config_number role;     /* enum answer_role */
};

/* What the evidence says of the system that sent it, gathered file by file. */
struct pack_system {
	struct arena arena;
	struct sent_result *sent; /* as it was sent; results keep what they may */
	size_t sent_count, sent_room;
};

/* A pack while it runs. */
struct pack_session {
	const struct pack *pack;
	const struct cpis_pack_options *options;
	struct results *results;
	bool *waiver_used;		 /* by the waiver's index in the pack */
	const struct evidence *evidence; /* NULL: none was given */
	bool *fills; /* by the file's index in it: a slot of the run asks for it */
	struct journal journal;
	struct pack_system system;
	struct config_text keyed;	 /* the day of keying that the evidence gives; or NULL */
	long long not_before;		 /* evidence that is older is refused; 0: none is */
	const struct pack *const *packs; /* of the run, this one among them */
	size_t pack_count;
	const struct pack_answer *answers; /* to manual questions */
	size_t answer_count;
	struct arena scratch; /* rewound after each case */
};

struct case_run {
	struct pack_session *session;
	const struct pack_case *test;
	const struct prepared *prepared;
	size_t first_message; /* of the results, that it judges */
	long long now;	      /* the time to judge its messages by; 0: that of the run */
	size_t faults;	      /* what was not as expected */
	size_t unjudged;      /* of those, what is not known, because a limit was reached */
	struct buf reason;    /* a sentence each */
	struct buf expected, actual;
	bool waived;
	bool unchecked;		 /* something of it could not be judged */
	struct case_result kept; /* what results keep of it in lists; in their arena */
};

/*
 * One source that was judged: its messages in the results, and its tree if any. Of two that were
 * judged together it is the response, and the messages are of both.
 */
struct judged {
	const char *name;
	struct str bytes;
	size_t first, count;
	const struct judged *request;		/* NULL: there was one source */
	const struct pack_documents *documents; /* in it; none where they are not needed */
};

/* The half of a pair that is meant; judged itself where it is not a pair. */
const struct judged *judged_half(const struct judged *judged, const struct config_number *side);

/* Begin a new sentence of the reason. */
void case_separate(struct case_run *run);

/* Something is not as expected: a sentence without a full stop. */
void case_fault(struct case_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, and what it is about. plain: the same without paths, or NULL; it is copied. */
void case_fault_about(struct case_run *run, enum fault_about about, const char *plain,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether something is as expected is not known, because a limit was reached: where there is no
 * other fault, the case was not run. */
void case_unjudged(struct case_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The paths of the nodes that an XPath selects, in order, in the scratch arena. False when it
 * cannot be evaluated. */
bool case_paths(struct case_run *run, const struct judged *judged, const char *xpath,
		const char ***paths, size_t *count);

/* Whether a finding is at one of the paths, which are in order, or below it. */
bool case_finding_is_at(const struct finding *finding, const char *const *paths, size_t count);

/* answers.c: the answers of the evidence, if there are any, into the session. -1 when something is
 * wrong with them: each problem has been reported. */
int answers_read(struct pack_session *session, struct cpis_failure *failure);
bool answer_is_of(const struct pack_answer *answer, const struct pack *pack,
		  const struct pack_case *test);
const struct evidence_file *answer_attachment(const struct pack_session *session,
					      const struct pack_answer *answer);
const char *answer_role(const struct pack_answer *answer); /* "supplier" */
void run_manual(struct case_run *run, enum case_outcome *outcome);

/*
 * days.c: the days that relative times are of.
 */

#define KEYED_FILE "keyed.yaml" /* of the evidence: the day on which the data was keyed in */

/* The day of keying that the evidence gives, into the session. -1 when something is wrong with it:
 * each problem has been reported. */
int keyed_read(struct pack_session *session, struct cpis_failure *failure);

/* The days that are known of a case, and of its message that was made on a day as when_days has it.
 */
struct when_days case_days(const struct case_run *run, const char *made);

/* That a day is not known: the case was not run. */
void case_day_is_unknown(struct case_run *run, enum when_anchor anchor);

/* The problem of a case whose times are relative to a day of keying that its pack does not give. */
void check_days(const struct pack *pack, const struct pack_case *test,
		const struct child_records *records, struct problems *problems);

/* slots.c: judge one source, or a request and its response, and compare with the expectation. */
int case_judge(struct case_run *run, const char *name, const struct pack_message *message,
	       struct cpis_failure *failure);
int case_judge_pair(struct case_run *run, const char *request_name,
		    const struct pack_message *request, const char *response_name,
		    const struct pack_message *response, struct cpis_failure *failure);
/* The same, where what the case expects is of the request: its response must pass. */
int case_judge_answered(struct case_run *run, const char *request_name,
			const struct pack_message *request, const char *response_name,
			const struct pack_message *response, struct cpis_failure *failure);

/* sent.c: send the message of the case, and judge what comes back beside it. */
int run_sent(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure);

/* The cases that a supplier's files fill. */
int run_evidence(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure);
int run_evidence_pair(struct case_run *run, enum case_outcome *outcome,
		      struct cpis_failure *failure);
int run_exchange(struct case_run *run, enum case_outcome *outcome, struct cpis_failure *failure);
/* Whether a named person answers for its known failure until a day, as for a waiver. */
static inline bool case_has_owned_failure(const struct pack_case *test)
{
	return test->known_failure_owner.text && test->known_failure_expires.text;
}

/* Whether it has a slot for files of a supplier. */
static inline bool case_has_slot(const struct pack_case *test)
{
	return test->evidence.text || test->evidence_request.text || test->exchange;
}
/* List the evidence in the results, with what each file fills. -1: out of memory. */
int evidence_list(struct pack_session *session);
/* What is wrong with the evidence as a whole, as sentences; nothing: it is as it must be. */
void evidence_faults(struct pack_session *session, struct buf *out);

/*
 * What the tables of the language cannot say of a pack: names that must exist, keys that
 * exclude each other, requirements that no case shows. What a pack names outside of itself is
 * looked at when a case is prepared.
 */

/* Add the problems, and mark the cases that have any as faulty. */
void pack_check(struct pack *pack, struct problems *problems);

/*
 * What a case expects against what was found: exact sets of findings, the verdict,
 * assertions and records.
 */

/* assert.c */

/*
 * Check the assertion at this index of the case's expectation on each document of the source in
 * turn. One that does not hold is a fault of the case; values of the message in it are masked.
 */
void assert_check(struct case_run *run, const struct judged *judged, size_t index);

/* An XPath with its literals masked, which may be values of a person. In the session's scratch. */
const char *assert_xpath(struct pack_session *session, const char *xpath);

/* The title, or the assertion itself. */
void assert_describe(struct pack_session *session, const struct pack_assert *assert,
		     struct buf *out);

/*
 * Compare what was found in one source with what the case expects of it. Whatever is left over on
 * either side, another verdict, and anything that could not be judged, is a fault of the case.
 * Waivers of the pack and the baseline take out findings that they name before the verdict is
 * compared.
 */
void expect_compare(struct case_run *run, const struct judged *judged);

/* After all its sources: waivers of the case that have expired or were not needed are faults. */
void expect_close(struct case_run *run);

/* The expectation in words, with its literals masked: "fail: DAT-003 at //record[2]//value". */
void expect_describe(struct pack_session *session, const struct pack_case *test, struct buf *out);

#endif
