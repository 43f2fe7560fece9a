/*
 * state.h - what the national service holds: plans of children by NHS number and authority, who
 * looked at them, and the notices that follow.
 *
 * Two users: the simulator, which answers from it, and the ledger, which replays what an authority
 * sent. Both say what happened by the parts of messages (message/parts.h); neither XML nor the
 * clock is read here. Everything that was uploaded is kept, with what became of it, and a state is
 * worked out when it is asked for: so any day can be asked for, and files may come in any order.
 *
 * It is kept in SQLite, in a file or in memory. What happens between state_begin and state_commit
 * happens at once or, when the process dies, not at all.
 *
 * Rules follow published facts, each of which is a row of facts.c with its source. Where the
 * service's behaviour is not public, the row says so, and the answer is "not known": the caller
 * shows it as that, or chooses and says that it did.
 *
 * A state belongs to one thread. Times are seconds since 1970 UTC. Functions that return int return
 * 0, or -1 with the reason in *failure.
 */
#ifndef CPIS_STATE_STATE_H
#define CPIS_STATE_STATE_H

#include "compare/record.h"

struct cpis_failure;
struct state;

/* What the service's behaviour rests on. */
enum state_fact_id {
	FACT_NONE,
	FACT_ONE_PLAN_OF_A_KIND,
	FACT_LATEST_WINS,
	FACT_DELETED,
	FACT_SHOWN_FOR_A_YEAR,
	FACT_REFUSED_AFTER_A_YEAR,
	FACT_ENDS_AT_18,
	FACT_REFUSED_AT_18,
	FACT_NUMBER_FORMAT,
	FACT_NUMBER_UNKNOWN,
	FACT_SUPERSEDED,
	FACT_MOTHER_HOLDS_UNBORN,
	FACT_UNSCHEDULED_IS_LISTED,
	FACT_SILENT_READ,
	FACT_LISTED_ONCE_A_DAY,
	FACT_NUMBER_INACTIVE,
	FACT_NO_RECORD,
	/* not public: */
	UNKNOWN_EARLIER_PLAN,
	UNKNOWN_DELETE_OF_NOTHING,
	UNKNOWN_DELETE_IN_FUTURE,
	UNKNOWN_AFTER_18,
	UNKNOWN_INACTIVE_PLANS,
	UNKNOWN_INACTIVE_CODE,
	UNKNOWN_DETAIL_CODE,
	UNKNOWN_UNANSWERED,
	UNKNOWN_TWICE_IN_A_FILE,
	UNKNOWN_LATE_FILE,
	UNKNOWN_BIRTH_DATE,
	UNKNOWN_WHICH_REFUSED,
	STATE_FACT_COUNT
};

struct state_fact {
	const char *says;   /* a sentence */
	const char *source; /* where it is stated; of what is not public: what was looked for */
	bool known;
};

/* Static; never NULL. */
const struct state_fact *state_fact(enum state_fact_id id);

/*
 * What became of an uploaded record: codes of CP-ISUploadRecordResponse, or of
 * CP-ISUploadFileResponse where the whole file was refused.
 */
enum state_code {
	CODE_ASK = -1,	     /* decide by the facts */
	CODE_UNANSWERED = 0, /* there is no acknowledgement */
	CODE_CPR01 = 1,
	CODE_CPR02,
	CODE_CPR03,
	CODE_CPR04,
	CODE_CPR05,
	CODE_CPR06, /* the record was loaded */
	CODE_CPR07,
	CODE_UNNAMED,	 /* some are refused, and it is not known whether this one is */
	CODE_CPF01 = 11, /* file level error */
	CODE_CPF02,	 /* all records were loaded */
	CODE_CPF03,	 /* some were */
	CODE_CPF04,	 /* all records were refused */
	CODE_CPF05,	 /* PDS was not available */
	CODE_CPF06	 /* the client is too old */
};

/* "CPR05", "CPF01"; "" for the others. Static. */
const char *state_code_text(enum state_code code);
/* CODE_UNANSWERED for a text that is not a code. */
enum state_code state_code_of(struct str text);

struct state_outcome {
	enum state_code code;
	enum state_fact_id fact; /* why, where the facts decided; FACT_NONE: the caller did */
};

/* path NULL: in memory. A new file can be read by its owner alone. NULL with the reason. */
struct state *state_open(const char *path, struct cpis_failure *failure);
void state_close(struct state *state);
/* Whether it is the index of a ledger (ledger/index.h), which has plans and notices of numbers out
 * of use, and of queries not what a reply lists. */
bool state_is_index(struct state *state);

int state_begin(struct state *state, struct cpis_failure *failure);
int state_commit(struct state *state, struct cpis_failure *failure);
/* Forget what happened since state_begin; nothing where nothing was begun. */
void state_rollback(struct state *state);
/* Forget everything, in the transaction that was begun or in one of its own. */
int state_reset(struct state *state, struct cpis_failure *failure);

/* Uploads. Call begin, record for each record in order, and end, inside a transaction. */

/* An upload that is held, and when the service took it. */
struct state_file {
	size_t authority;   /* number of the authority in this state */
	size_t ordinal;	    /* of the upload among its authority's, in the order in which they were
			       given to the state, from 1 */
	struct str number;  /* sequence number, as it was sent */
	long long sequence; /* its digits as a number */
	long long created;  /* by its creationTime; 0: that cannot be read */
	long long taken;    /* when the service took it: its place in the order of uploads */
	enum state_code code;
	size_t records, repeats; /* repeats: records that say what the upload before it said */
};

struct state_authority {
	size_t id;
	struct str root, code, name;   /* root: OID of the ODS code */
	struct str phones[2], uses[2]; /* "tel:..." and "EC" or "WP", as they were sent */
};

/*
 * taken: the moment at which the service took the file; later uploads win by it, then by their
 * numbers. code: of the file, CODE_ASK where the records are to be decided by the facts. *file is
 * borrowed by the state until state_upload_end.
 */
int state_upload_begin(struct state *state, const struct upload *upload, long long taken,
		       enum state_code code, struct state_file *file, struct cpis_failure *failure);

/* The same upload again, to say what became of its records: *file as it was given before, with
 * taken and code of the acknowledgement. Its records follow as they did the first time. */
int state_upload_again(struct state *state, struct state_file *file, struct cpis_failure *failure);

/* code: what became of it, or CODE_ASK. The outcome is the same for both subjects of a record. */
int state_upload_record(struct state *state, const struct record *record, enum state_code code,
			struct state_outcome *outcome, struct cpis_failure *failure);

/* code: what became of the file, which for CODE_ASK follows from its records: *code gets it. */
int state_upload_end(struct state *state, enum state_code *code, struct cpis_failure *failure);

/* NHS numbers that PDS took out of use: replacements end with NULL and may be empty. One call for
 * each number; a later one adds replacements. A notice for each authority that uploaded it follows.
 */
int state_number_inactive(struct state *state, struct str number, const char *const *replacements,
			  long long at, struct cpis_failure *failure);

/* What is held. */

enum state_standing {
	STANDING_OPEN,	/* in force */
	STANDING_ENDED, /* by its end date */
	STANDING_ADULT, /* by the 18th birthday */
	STANDING_DELETED,
	STANDING_UNANSWERED, /* nothing is known to be loaded, and of a record no answer came */
	STANDING_UNNAMED,    /* the same, where an answer does not say which records are refused */
	STANDING_NEVER	     /* no record of it was loaded */
};

enum state_shown { SHOWN_NOT, SHOWN, SHOWN_NOT_KNOWN };

/* One submission of a plan: what a record said of it, and what became of that. Texts are as they
 * were sent; empty: it was not there. */
struct state_entry {
	const struct state_file *first,
		*last; /* the uploads that said the same, one after another */
	size_t place;  /* of its record in the first, from 1 */
	enum state_code code;
	enum state_fact_id fact; /* why, where the facts decided */
	enum subject_kind subject;
	struct str start, end, deleted, birth, local_id, given, family;
};

/* A plan: of one NHS number, authority and kind. */
struct state_plan {
	const struct state_authority *authority;
	enum plan_kind kind;
	enum state_standing standing;
	enum state_shown shown;
	enum state_fact_id fact;	  /* that standing or shown rest on */
	const struct state_entry *held;	  /* what the service holds; NULL: nothing */
	const struct state_file *since;	  /* the upload that first brought what is held */
	const struct state_entry *latest; /* the latest that was sent, whatever became of it */
	long long ends; /* when it ends or ended: by end date or birthday; 0: it does not */
	/* The newer upload that was taken before what is held and says something else of the plan;
	 * NULL: there is none. */
	const struct state_file *overwrote;
	bool doubted; /* what came after it, or with it, may have taken away what is held */
};

/* What happened to a plan, in order of time. */
enum state_event_kind {
	EVENT_CREATED,
	EVENT_CHANGED,	/* a later upload says something else of the same plan */
	EVENT_REPLACED, /* a plan that started at another time took its place */
	EVENT_ENDED,	/* an upload gave its end date, or another one */
	EVENT_REOPENED, /* an upload has no end date any more */
	EVENT_DELETED,
	EVENT_REFUSED,
	EVENT_UNANSWERED,  /* no acknowledgement says what became of the record */
	EVENT_OVERWRITTEN, /* an older upload was taken after a newer one */
	EVENT_BIRTHDAY,	   /* ended at 18 */
	EVENT_HIDDEN,	   /* ended over a year ago: no longer shown */
	EVENT_INACTIVE	   /* the NHS number was taken out of use */
};

struct state_event {
	enum state_event_kind kind;
	long long at;
	const struct state_plan *plan;	 /* NULL: of the number itself */
	const struct state_entry *entry; /* that caused it; NULL: time did */
	enum state_fact_id fact;
};

/* "created", "refused" */
const char *state_event_word(enum state_event_kind kind);

/*
 * All that is known of an NHS number; in arena, but for uploads and authorities, which live until
 * the state changes. Who was sent without one goes by the local id: "local id ADC-1".
 */
struct state_person {
	struct str number;
	struct state_plan *plans; /* by authority and kind */
	size_t plan_count;
	struct state_event *events;
	size_t event_count;
	long long inactive; /* since when; 0: it is in use */
	const struct str *replacements;
	size_t replacement_count;
};

/* What was known at a moment: uploads taken later are not looked at. */
int state_person(struct state *state, struct arena *arena, struct str number, long long at,
		 struct state_person *person, struct cpis_failure *failure);

/*
 * All NHS numbers in order, each as state_person has it; the person dies when each returns. Memory
 * does not grow with their number. each returns 0, or anything else to stop, which is returned.
 */
int state_each_person(struct state *state, long long at,
		      int (*each)(void *context, const struct state_person *person), void *context,
		      struct cpis_failure *failure);

/* All uploads of an authority in the order in which the service took them, and all authorities;
 * in arena. */
int state_files(struct state *state, struct arena *arena, size_t authority,
		struct state_file **files, size_t *count, struct cpis_failure *failure);
int state_authorities(struct state *state, struct arena *arena, struct state_authority **all,
		      size_t *count, struct cpis_failure *failure);

/* Queries. */

/* Who asked. Texts are empty where they were not sent. Several given names are joined by a line
 * feed. */
struct state_author {
	bool device;					/* else a person */
	struct str id, role_profile;			/* SDS user; of a device the ASID */
	struct str role_code, role_system, role_name;	/* of a device: of who is responsible */
	struct str prefix, given, family, suffix, name; /* name: text beside the parts */
	struct str organisation_root, organisation, organisation_name;
};

struct state_access {
	struct str id;	      /* of the query */
	struct str effective; /* effectiveTime as it was sent */
	long long at;
	struct state_author author;
};

enum { STATE_MOST_ACCESSES = 25 };

struct state_answer {
	struct state_person person;
	struct state_access *accesses; /* the latest first */
	size_t access_count;
};

/*
 * Answer a query that came at a moment. Unless it is a silent read, the access is listed and each
 * authority that holds a plan that is shown is notified; the query itself is in the answer then.
 * Where nothing is shown, no access is kept (FACT_NO_RECORD). Inside a transaction.
 */
int state_query(struct state *state, struct arena *arena, const struct query *query, long long at,
		struct state_answer *answer, struct cpis_failure *failure);

/* Notices that wait to be sent, for one authority (0: all), in order of time. */
enum state_notice_kind { NOTICE_ACCESS = 1, NOTICE_INACTIVE };

struct state_notice {
	size_t id;
	size_t authority;
	enum state_notice_kind kind;
	long long at;
	struct str number, local_id;
	struct str file; /* number of the authority's latest upload with this NHS number */
	struct state_access access;	/* NOTICE_ACCESS */
	const struct str *replacements; /* NOTICE_INACTIVE */
	size_t replacement_count;
};

int state_notices(struct state *state, struct arena *arena, size_t authority,
		  struct state_notice **notices, size_t *count, struct cpis_failure *failure);
/* These, up to the one with this id, were sent. Inside a transaction. */
int state_notices_sent(struct state *state, size_t authority, size_t up_to,
		       struct cpis_failure *failure);

#endif
