/*
 * cpis.h - judge CP-IS messages, run test packs over them, and report what was found.
 *
 * The public header of libcpis; cpis_service.h is about the national service. What neither declares
 * is not part of the library.
 *
 * A *finding* is about the message. A *failure* is about the program: memory, I/O, configuration,
 * or a limit. A failure never makes a message wrong: it makes the verdict incomplete, never pass.
 *
 * Errors: functions that can fail return 0, or -1 with the reason in *failure, which must not be
 * NULL. They leave other output parameters alone when they fail.
 * Ownership: a pointer parameter is borrowed for the call unless its comment says otherwise.
 * Strings are UTF-8 and end with a NUL. Every _free function accepts NULL. Threads: threads may use
 * the library at the same time, from their first call on, as long as each has its own results. Any
 * number of threads may read the same results while no thread adds to them.
 *
 * Versions: a program works with every library of the same soname.
 * - A function that describes something fills the caller's struct and takes its size. It fills the
 *   members that both sides know and zeroes the rest. Members are only added at the end.
 * - Structs of options end in reserved members, which may become options. Start from a zeroed
 *   struct. A library that finds a member set that it does not know refuses the call.
 * - Structs that the library hands out by pointer only grow at the end: do not copy them by size.
 */
#ifndef CPIS_H
#define CPIS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CPIS_PUBLIC __attribute__((visibility("default")))
#else
#define CPIS_PUBLIC
#endif

#define CPIS_VERSION "1.0.0"
#define CPIS_DMS     "CP-IS DMS 1.0 RC5"

/* CPIS_VERSION of the library that the program runs with. */
CPIS_PUBLIC const char *cpis_version(void);

/* From the least severe to the most. */
enum cpis_severity { CPIS_INFO, CPIS_WARNING, CPIS_ERROR };

/* From best to worst. The verdict of many messages is their worst; see cpis_results_verdict. */
enum cpis_verdict { CPIS_PASS, CPIS_INCOMPLETE, CPIS_FAIL };

/* The stages of judging, in order. */
enum cpis_stage { CPIS_TRANSPORT, CPIS_XML, CPIS_SCHEMA, CPIS_RULES, CPIS_STAGE_COUNT };

/* What a rule is based on. */
enum cpis_basis {
	CPIS_BASIS_SCHEMA,	  /* the published XML schemas */
	CPIS_BASIS_DMS,		  /* stated in the CP-IS Domain Message Specification */
	CPIS_BASIS_SPINE,	  /* Spine's own checks: it would refuse the message */
	CPIS_BASIS_ITK,		  /* the ITK distribution envelope and its transports */
	CPIS_BASIS_TMS,		  /* the Spine transmission wrapper */
	CPIS_BASIS_DICTIONARY,	  /* the NHS Data Dictionary */
	CPIS_BASIS_CONTRADICTION, /* two statements that cannot both be true */
	CPIS_BASIS_GOOD_PRACTICE, /* inferred, so at most a warning (except for security) */
	CPIS_BASIS_OWN,		  /* the user's own rule, from a Schematron file */
	CPIS_BASIS_COUNT
};

enum cpis_failure_kind {
	CPIS_FAILURE_NONE,
	CPIS_FAILURE_CONFIGURATION, /* what was asked: usage, a pack, a profile, a missing file */
	CPIS_FAILURE_INTERNAL	    /* memory, I/O, a limit */
};

/* Why a call failed. Its size never changes. */
struct cpis_failure {
	enum cpis_failure_kind kind;
	size_t line, column; /* in file, from 1; 0: no place */
	char file[512];
	char text[1024];
};

/* Words for the values; "" for a value that does not exist. Static. */
CPIS_PUBLIC const char *cpis_severity_name(enum cpis_severity severity);
CPIS_PUBLIC const char *cpis_verdict_name(enum cpis_verdict verdict);
CPIS_PUBLIC const char *cpis_stage_name(enum cpis_stage stage);
CPIS_PUBLIC const char *cpis_basis_name(enum cpis_basis basis);

/* A rule of the catalogue. Strings are static. */
struct cpis_rule_info {
	const char *id;	  /* "DAT-003": never reused */
	const char *name; /* "plan-ends-before-it-starts" */
	const char *title, *why, *fix, *citation;
	enum cpis_severity severity;
	enum cpis_basis basis;
	const char *family; /* "Dates and times" */
};

CPIS_PUBLIC size_t cpis_rule_count(void);
/* In the order of the catalogue. -1: there is no rule of this index. */
CPIS_PUBLIC int cpis_rule(size_t index, struct cpis_rule_info *rule, size_t size);

/* The types of messages: an id, "REPC_MT000002GB01", its short name, "upload", and its title. NULL:
 * no more. Static. */
CPIS_PUBLIC const char *cpis_message_type_at(size_t index, const char **name, const char **title);

/* Whether a rule can judge anything in a message of this type (an id or a short name) and what it
 * may be packed in: 1 or 0. -1: there is no such rule or type. */
CPIS_PUBLIC int cpis_rule_applies(const char *rule, const char *type);

/* A wrong message next to the right one, both synthetic. Texts are lines with their numbers, and
 * are static. */
struct cpis_rule_example {
	const char *wrong_file; /* in the folder of the rule's fixtures: testcases/rules/ID */
	size_t wrong_line, wrong_column; /* 0: the fault has no line */
	const char *says;		 /* what was found */
	const char *wrong;		 /* the lines, with a caret; "": the file is not text */
	const char *right_file;
	size_t right_line;
	const char *right;
};

/* -1: the rule has no example. */
CPIS_PUBLIC int cpis_rule_example(const char *id, struct cpis_rule_example *example, size_t size);

/* Asking for a run */

/* Findings of this severity and above fail their message. */
enum cpis_fail_on { CPIS_FAIL_ON_ERROR, CPIS_FAIL_ON_WARNING, CPIS_FAIL_ON_NEVER };

/* How far a run has come: files of the path, or cases of the pack. */
struct cpis_progress {
	size_t done, total, findings; /* findings: of the run so far */
};

/* How messages are judged. Zero is the default of every member. */
struct cpis_options {
	unsigned skip_stages; /* the bit 1u << stage leaves out a stage */
	enum cpis_fail_on fail_on;
	int show_values;     /* 1: personal values appear in full, not masked */
	int live;	     /* 1: judge for the live environment; 0: for a test environment */
	const char *schemas; /* folder of the user's own schemas; NULL: the built-in ones */
	const char *const *schematron; /* files of the user's own rules */
	size_t schematron_count;
	const char *phase;   /* of those files; NULL: their default */
	const char *as_type; /* judge as this message type; NULL: recognise it */
	long long now;	     /* the time of the run, in seconds since 1970 UTC: the library reads no
				clock. 0: unknown, and rules that need it do not apply */
	unsigned jobs; /* files, or members of one archive, judged at the same time; 0 or 1: one */
	size_t max_input_bytes;	    /* of one source; 0: the default, 4 GiB */
	size_t max_depth;	    /* of elements; 0: the default, 256 */
	size_t max_attribute_bytes; /* of an attribute or a text; 0: the default, 1 MiB */
	size_t max_findings; /* listed of one message; all are judged; 0: the default, 10,000 */
	/* Called after each file or case, on the caller's thread; may be NULL. */
	void (*progress)(void *context, const struct cpis_progress *progress);
	void *progress_context;
	size_t max_decoded_bytes; /* of one source, all layers together; 0: the default, 1 GiB */
	size_t max_parts;   /* of one source: parts, members, payloads; 0: the default, 10,000 */
	size_t max_layers;  /* around one document; 0: the default, 16, which is the maximum */
	size_t max_seconds; /* of processor time, for the user's own rules in one message; 0: the
			       default, 60 */
	const char *const *exclude; /* patterns of file names, or of paths, in folders: they are
				       passed over, and listed as such */
	size_t exclude_count;
	/* Called about every hundredth of a document of more than 2 MiB, on the caller's thread,
	   with progress_context; not where jobs is more than 1. May be NULL. */
	void (*reading)(void *context, size_t read, size_t bytes);
	/* Judge one part of many, which several processes judge: part shard, from 1, of shards.
	 * Which files are in it follows from their paths. 0: all, as one run. */
	size_t shard;
	size_t shards;
	/* 1: no SHA-256 of what is judged: it takes a tenth of the time of a large upload. Messages
	 * have none then, and reports that name it cannot be written; see
	 * cpis_report_names_digests. */
	size_t no_digests;
	size_t reserved[1];
};

struct cpis_results;

/* Make empty results. The strings in options are copied. */
CPIS_PUBLIC int cpis_results_new(struct cpis_results **results, const struct cpis_options *options,
				 struct cpis_failure *failure);
/* Streams that are still open are freed too. */
CPIS_PUBLIC void cpis_results_free(struct cpis_results *results);

/* Change rule severities, or turn rules off, by a profile (YAML) that gives the reason for each.
 * Call it before anything is judged. problem (may be NULL) is called for everything that is wrong
 * with the profile. */
CPIS_PUBLIC int cpis_results_profile(struct cpis_results *results, const char *path,
				     void (*problem)(void *context,
						     const struct cpis_failure *problem),
				     void *context, struct cpis_failure *failure);

/* Note something about the run for the reports: "supplier", "system", "version" ... */
CPIS_PUBLIC int cpis_results_meta(struct cpis_results *results, const char *name, const char *value,
				  struct cpis_failure *failure);
/* Note one word of the command line, for "how to reproduce this run". */
CPIS_PUBLIC int cpis_results_command_word(struct cpis_results *results, const char *word,
					  struct cpis_failure *failure);

/* Judging */

/* Judge a file, a folder (in order of name), or "-" for standard input. A path that does not exist
 * and a folder without messages are failures of configuration. A file in a folder that cannot be
 * read is a message of verdict incomplete. */
CPIS_PUBLIC int cpis_validate(struct cpis_results *results, const char *path,
			      struct cpis_failure *failure);

/*
 * Judge several paths as if their files lay in one folder: uploads are judged beside each other. A
 * path that does not exist, or a folder without messages, is a message of verdict incomplete,
 * unless all of them are like that: then it is a failure of configuration.
 */
CPIS_PUBLIC int cpis_validate_paths(struct cpis_results *results, const char *const *paths,
				    size_t count, struct cpis_failure *failure);

/*
 * Judge a part of a run so that another try goes on where one was ended, at any moment. What is
 * done is kept in FILE.part; file is where the results are to be written, in the format "xml". Open
 * it, judge by one call, write the results, finish (which removes FILE.part), and close it, which
 * may be done at any time. A failure of configuration where another process is at work on it.
 */
struct cpis_resume;
CPIS_PUBLIC int cpis_resume_open(struct cpis_resume **resume, const char *file,
				 struct cpis_failure *failure);
/* As cpis_validate_paths, with options.shards (0: one part of one). What an earlier try did with
 * the same options, rules and files is taken from it; a file that has changed is judged again. */
CPIS_PUBLIC int cpis_validate_resumed(struct cpis_results *results, struct cpis_resume *resume,
				      const char *const *paths, size_t count,
				      struct cpis_failure *failure);
/* How many files were taken from earlier tries. */
CPIS_PUBLIC size_t cpis_resume_count(const struct cpis_resume *resume);
CPIS_PUBLIC int cpis_resume_finish(struct cpis_resume *resume, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_resume_close(struct cpis_resume *resume);

/*
 * Judge two files, the second in the light of the first: a request and its reply, or an upload and
 * the next one. "-" is standard input, for one of them. Findings of rules PAIR-* are in the second.
 * A file that cannot be read is a failure of configuration.
 */
CPIS_PUBLIC int cpis_validate_pair(struct cpis_results *results, const char *request,
				   const char *response, struct cpis_failure *failure);

/* A source in memory. */
struct cpis_bytes {
	const char *name; /* what results call it; rules on file names use it. Not NULL */
	const void *bytes;
	size_t size; /* 0: an empty source; bytes may then be NULL */
};

/*
 * Judge a source in memory as if it were a file. One source adds one message or more, as an archive
 * may hold several. A source over max_input_bytes is a message of verdict incomplete. The bytes are
 * copied while they are judged.
 */
CPIS_PUBLIC int cpis_validate_bytes(struct cpis_results *results, const struct cpis_bytes *source,
				    struct cpis_failure *failure);
/* As cpis_validate_pair. A source over max_input_bytes is a failure of configuration. */
CPIS_PUBLIC int cpis_validate_pair_bytes(struct cpis_results *results,
					 const struct cpis_bytes *request,
					 const struct cpis_bytes *response,
					 struct cpis_failure *failure);

/*
 * A source that arrives in chunks, for a caller that has no file. Chunks may be of any size and cut
 * anywhere. They are kept in memory, up to max_input_bytes, and never written to disk: they hold
 * personal data. The source is judged when the stream is closed.
 *
 * Results may have several open streams. While any is open, the verdict of the results is at best
 * incomplete and no report can be written. A stream belongs to the thread of its results.
 */
struct cpis_stream;

/* name: as in struct cpis_bytes; it is copied. */
CPIS_PUBLIC int cpis_stream_open(struct cpis_stream **stream, struct cpis_results *results,
				 const char *name, struct cpis_failure *failure);
/* -1: no more is accepted, because the limit is reached or the program is out of memory. The stream
 * stays open, and closing it adds a message of verdict incomplete. */
CPIS_PUBLIC int cpis_stream_write(struct cpis_stream *stream, const void *bytes, size_t size,
				  struct cpis_failure *failure);
/* Judge what was written. The stream is freed, also on failure. */
CPIS_PUBLIC int cpis_stream_close(struct cpis_stream *stream, struct cpis_failure *failure);
/* The source will not arrive whole: add a message of verdict incomplete, and free the stream. */
CPIS_PUBLIC int cpis_stream_cancel(struct cpis_stream *stream, struct cpis_failure *failure);

/*
 * Reading results
 *
 * Indexes start at 0. The functions with an index return 0, or -1 and leave the struct alone where
 * there is nothing of this index. Strings, and lists of strings, stay until the results are freed.
 * What identifies a person is masked in them, unless show_values was set.
 */

/* Fail if anything failed, else incomplete if anything was not judged, else pass. */
CPIS_PUBLIC enum cpis_verdict cpis_results_verdict(const struct cpis_results *results);

/* 1: something was left out by request (cases, stages, files, rules that a profile turns off), or
 * errors pass by it, or fixed files were judged and not written: nothing is shown to be
 * conformant. */
CPIS_PUBLIC int cpis_results_partial(const struct cpis_results *results);

/* A message that was judged, or a source that holds none or could not be read. */
struct cpis_message {
	const char *source; /* as given, or the path in a folder; archive members: "a.zip!b.xml" */
	const char *type;   /* "REPC_MT000002GB01"; NULL: not recognised */
	const char *title;  /* "CP-IS Local Authority Upload"; NULL: not recognised */
	const char *recognised_by; /* "root element File in urn:hl7-org:v3"; NULL */
	const char *sha256;	   /* of the source, in hex; NULL: it was not read */
	const char *const *layers; /* around the message, outermost first: "http", "gzip", "soap" */
	size_t layer_count;
	enum cpis_verdict verdict;
	size_t bytes;	/* of the source */
	size_t records; /* judged in it */
	size_t finding_count, omission_count;
	size_t suppressed; /* faults not listed: they follow from a finding, or exceed the limit */
	size_t turned_off; /* findings of rules that the profile turns off */
	size_t errors, warnings, notes; /* findings, listed or not, that are not waived */
	const char *file; /* the path that leads to the source: in a pack, source may be less */
};

CPIS_PUBLIC size_t cpis_results_message_count(const struct cpis_results *results);
CPIS_PUBLIC int cpis_results_message(const struct cpis_results *results, size_t index,
				     struct cpis_message *message, size_t size);

struct cpis_finding {
	const char *rule;		    /* "DAT-003" */
	const char *title, *why, *citation; /* of the rule; NULL: not known */
	enum cpis_basis basis;		    /* of the rule */
	enum cpis_severity severity;	    /* in this run */
	enum cpis_stage stage;
	int fails;	     /* 1: the message fails because of it */
	size_t line, column; /* in the source as it was sent, from 1; 0: no place. Columns count
				characters */
	const char *layer;   /* the decoded part it is in, "base64 payload 1"; NULL: none */
	size_t layer_line, layer_column; /* in that part; 0: none */
	size_t other_line, other_column; /* of an earlier place that it contradicts: in that part,
					    or in the source; 0: none */
	const char *path;    /* "/File/record[2]/CP-ISRecord/subject/@extension"; NULL: none */
	const char *message; /* what is wrong, in one sentence */
	const char *fix;     /* how to fix it */
	const char *expected, *found; /* short; NULL: none */
	const char *excerpt;	      /* the line, cut to 160 characters; NULL: none */
	size_t caret;		      /* characters of the excerpt before the fault */
	const char *fingerprint;      /* the same when only lines move; NULL: none */
	const char *waived; /* the reason why a waiver or baseline accepts it; NULL: it does not */
};

/* Findings of a message, in order of place. */
CPIS_PUBLIC int cpis_results_finding(const struct cpis_results *results, size_t message,
				     size_t index, struct cpis_finding *finding, size_t size);

/* Something that was not judged, which makes its message incomplete; or a file passed over. */
struct cpis_omission {
	const char *what; /* "payload uuid_..." */
	const char *why;  /* "it is encrypted" */
};

CPIS_PUBLIC int cpis_results_omission(const struct cpis_results *results, size_t message,
				      size_t index, struct cpis_omission *omission, size_t size);

/* Files and parts that hold no message and were passed over. They do not affect the verdict. */
CPIS_PUBLIC size_t cpis_results_passed_over_count(const struct cpis_results *results);
CPIS_PUBLIC int cpis_results_passed_over(const struct cpis_results *results, size_t index,
					 struct cpis_omission *omission, size_t size);

/* What became of a rule in all that was judged. */
enum cpis_rule_state {
	CPIS_RULE_HELD,		  /* judged, and never broken */
	CPIS_RULE_FAILED,	  /* judged, and broken at least once */
	CPIS_RULE_NOT_APPLICABLE, /* not judged: no message has what it is about */
	CPIS_RULE_BLOCKED,	  /* not judged: what it is about was broken */
	CPIS_RULE_SKIPPED,	  /* not judged: skip_stages left out its stage, or no message of
				     the run could be read */
	CPIS_RULE_OFF,		  /* the profile turns it off */
	CPIS_RULE_STATE_COUNT
};

CPIS_PUBLIC const char *cpis_rule_state_name(enum cpis_rule_state state);

/* One line of the ledger: a rule of the catalogue or of the user's own, and what became of it. */
struct cpis_rule_result {
	const char *rule, *title;
	enum cpis_rule_state state;
	size_t judged, failed;	/* how often it was judged; how often it failed */
	size_t not_applicable;	/* how often there was nothing to judge */
	size_t blocked;		/* how often what it is about was broken */
	const char *blocked_by; /* the first rule whose finding broke it; NULL: none */
	const char *why;	/* why it was not judged, in one sentence; NULL: it was judged */
	enum cpis_severity severity; /* in this run */
	const char *profile_reason;  /* why the profile changes it; NULL: it does not */
};

/* The ledger: the rules of the catalogue, in order, then the user's own. */
CPIS_PUBLIC size_t cpis_results_rule_count(const struct cpis_results *results);
CPIS_PUBLIC int cpis_results_rule(const struct cpis_results *results, size_t index,
				  struct cpis_rule_result *rule, size_t size);

/* What became of a case of a pack. */
enum cpis_outcome {
	CPIS_CASE_PASSED,
	CPIS_CASE_FAILED,
	CPIS_CASE_WAIVED,
	CPIS_CASE_NOT_RUN,  /* evidence is missing: the run is incomplete */
	CPIS_CASE_BROKEN,   /* the case itself is wrong */
	CPIS_CASE_MANUAL,   /* a question for a person, not answered yet */
	CPIS_CASE_LEFT_OUT, /* by only or skip */
	CPIS_CASE_OUTCOME_COUNT
};

CPIS_PUBLIC const char *cpis_outcome_name(enum cpis_outcome outcome);

struct cpis_case {
	const char *pack, *id, *title;
	const char *const *requirements; /* ids of the requirements that it shows */
	size_t requirement_count;
	const char *const *tags;
	size_t tag_count;
	enum cpis_outcome outcome;
	const char *expected, *found;	     /* in words; NULL: none */
	const char *reason;		     /* for the outcome; NULL: it passed */
	size_t first_message, message_count; /* the messages that it judged */
	const char *file;		     /* of the pack; NULL: not known */
	size_t line;			     /* in that file, from 1; 0: not known */
};

CPIS_PUBLIC size_t cpis_results_case_count(const struct cpis_results *results);
/* Those that only and skip did not leave out. */
CPIS_PUBLIC size_t cpis_results_selected_count(const struct cpis_results *results);
CPIS_PUBLIC int cpis_results_case(const struct cpis_results *results, size_t index,
				  struct cpis_case *test, size_t size);

/*
 * Note how long a case took, for reports that have times. Results documents have none, so that the
 * same run gives the same bytes. -1: there is no case of this index.
 */
CPIS_PUBLIC int cpis_results_case_took(struct cpis_results *results, size_t index,
				       size_t milliseconds);

/* Reports */

/* Takes the bytes of a document, in order, in one call or more. Not 0: stop. */
typedef int (*cpis_write)(void *context, const void *bytes, size_t size);

/* How the format "text" is laid out. Zero is the default of every member. */
struct cpis_layout {
	size_t width;	 /* of the terminal: excerpts are cut to it; 0: not known */
	size_t per_rule; /* of a rule, in a message, how many findings are written out; 0: all */
	int by_rule;	 /* 1: findings of one rule together, over all messages */
	int statistics;	 /* 1: how often each rule was broken, at the end */
	size_t reserved[4];
};

/* For the reports that are written from now on. */
CPIS_PUBLIC int cpis_results_layout(struct cpis_results *results, const struct cpis_layout *layout,
				    struct cpis_failure *failure);

/* The report formats, in the order of the help, each with a line about it. NULL: no more. Static.
 */
CPIS_PUBLIC const char *cpis_report_format_at(size_t index, const char **summary);

/* 1 if reports in this format name the SHA-256 of each message: they cannot be written of results
 * with no_digests. 0 also for a format that is not known. */
CPIS_PUBLIC int cpis_report_names_digests(const char *format);

/*
 * Write a report in a format ("text", "json", "html" ...) to a file, which appears whole or not at
 * all, or to standard output where path is NULL. An unknown format, a missing folder and a stream
 * that is still open are failures of configuration.
 */
CPIS_PUBLIC int cpis_report(const struct cpis_results *results, const char *format,
			    const char *path, struct cpis_failure *failure);
/* The same, to a function of the caller's. It is not called when the report cannot be made. */
CPIS_PUBLIC int cpis_report_write(const struct cpis_results *results, const char *format,
				  cpis_write write, void *context, struct cpis_failure *failure);
/* The same, to memory. A NUL that is not counted follows. Free *bytes with cpis_free. */
CPIS_PUBLIC int cpis_report_bytes(const struct cpis_results *results, const char *format,
				  char **bytes, size_t *size, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_free(void *bytes);

/*
 * Read results back from documents that the format "xml" wrote: one run, or the shards of one,
 * joined in the order of the paths. They can be read and reported; nothing can be judged into them.
 * A document that is damaged, of an unknown version, or does not belong to the others is a failure
 * of configuration.
 */
CPIS_PUBLIC int cpis_results_read(struct cpis_results **results, const char *const *paths,
				  size_t count, struct cpis_failure *failure);

/* How results are joined. Start from a zeroed one. */
struct cpis_merge {
	int summary; /* 1: messages that passed are counted, and not listed */
	/* Write the joined results to this file, in the format "xml", while they are read: of parts
	 * of a run (cpis_options.shard) one is in memory at a time, and *results have totals alone.
	 * NULL: all that is listed is in memory. */
	const char *document;
	const char *const *command; /* the words to note as the command line, where there are
				       several documents */
	size_t command_count;
	size_t reserved[4];
};

/*
 * The same. Parts of a run are in order of path, and say which parts are missing; where none is,
 * what needs the whole run is judged: uploads in sequence, folders without messages. merge NULL: as
 * cpis_results_read.
 */
CPIS_PUBLIC int cpis_results_merge(struct cpis_results **results, const char *const *paths,
				   size_t count, const struct cpis_merge *merge,
				   struct cpis_failure *failure);

/*
 * Write what is new, fixed and unchanged between two results documents, and why: as "text", "md",
 * "json" or "html", to a file, or to standard output where path is NULL. format NULL: write
 * nothing. *verdict is CPIS_FAIL when anything is new, or passed and is now not run or left
 * out, else CPIS_PASS; it is set too where the report could not be written.
 */
CPIS_PUBLIC int cpis_results_diff(const char *before, const char *after, const char *format,
				  const char *path, enum cpis_verdict *verdict,
				  struct cpis_failure *failure);
/* The same, to a function of the caller's. */
CPIS_PUBLIC int cpis_results_diff_write(const char *before, const char *after, const char *format,
					cpis_write write, void *context, enum cpis_verdict *verdict,
					struct cpis_failure *failure);

/*
 * Write a static site into a folder, which is made if it is not there: index.html about all results
 * documents below another folder, and the HTML report of each. problem is called for a document
 * that is damaged; it is named on the page, and the others are used. -1 if a folder cannot be read
 * or written, or there is no results document that can be read.
 */
CPIS_PUBLIC int cpis_results_index(const char *folder, const char *site,
				   void (*problem)(void *context,
						   const struct cpis_failure *problem),
				   void *context, struct cpis_failure *failure);

/* Fixing */

/* What the library can fix of a rule's findings, in a phrase: "UUID in upper case". NULL: no more,
 * or nothing. Static. */
CPIS_PUBLIC const char *cpis_rule_fix(const char *rule, size_t index);

/* How a message is fixed. Zero is the default of every member. All of it is borrowed. */
struct cpis_fix_options {
	const char *zone; /* of times without UTC offset: "Europe/London" or "+0100"; NULL: they
			     stay as they are */
	const char *rule; /* fix only findings of this rule; NULL: of every rule */
	size_t certain;	  /* not 0: leave counts as they are, for what they count may be lost */
	size_t reserved[5];
};

/* One change. Its texts are borrowed for the call of each. */
struct cpis_fix {
	const char *rule, *what, *path; /* of the finding; what: see cpis_rule_fix */
	size_t line, column; /* from 1, in the source before, of the first byte changed */
	size_t start, end;   /* the bytes that are replaced, in the source before */
	const char *text;    /* what takes their place */
	size_t text_size;
	/* The lines concerned, each with a line feed, as they were and with this change alone; ""
	 * for none. Masked and cut, unless options have show_values. */
	const char *before, *after;
	int uncertain; /* it changes a count, which may be right: what it counts may be lost */
};

/*
 * Fix what is mechanical in a message that is not packed in anything: no archive, no HTTP, no
 * base64. All of it is certain but for counts, see uncertain above. It is judged again after each
 * round, and a change that does not remove its finding is taken back. What holds no message or
 * envelope stays as it is. NHS numbers, local ids, names, birth dates and dates of plans are never
 * changed. each (may be NULL) is called for every change, in order of place. Where the source was
 * in another encoding, places are those of its text in UTF-8, and the change of encoding comes
 * first. *bytes gets the message as it is then, with a NUL that is not counted; free it with
 * cpis_free. *count, the number of changes; 0: it is as it was. A source that cannot be fixed as a
 * whole is not a failure: nothing is changed.
 */
CPIS_PUBLIC int cpis_fix_bytes(const struct cpis_bytes *source, const struct cpis_options *options,
			       const struct cpis_fix_options *how,
			       void (*each)(void *context, const struct cpis_fix *fix),
			       void *context, char **bytes, size_t *size, size_t *count,
			       struct cpis_failure *failure);

/*
 * The same of a file. With write 1 the file is replaced, whole or not at all; what it was is kept
 * beside it as ".NAME.orig", or ".NAME.orig.2" and so on where that holds something else. A
 * symbolic link, a file with other names, and what is not a regular file are failures of
 * configuration. With write CPIS_FIX_TRY nothing is written, but it is a failure if it could not
 * be. The message as it is then is judged into results, unless they are NULL.
 */
enum { CPIS_FIX_TRY = 2 };
CPIS_PUBLIC int cpis_fix_file(const char *path, int write, const struct cpis_options *options,
			      const struct cpis_fix_options *how,
			      void (*each)(void *context, const struct cpis_fix *fix),
			      void *context, struct cpis_results *results, size_t *count,
			      struct cpis_failure *failure);

/* Inspecting */

/* Something found while a source is opened: the source, a layer, an envelope, a message, or
 * something that cannot be opened. */
struct cpis_layer {
	size_t depth;	   /* in the tree; 0: the source. Layers come in order from the root */
	const char *name;  /* its path, "gzip", "part 2", "soap", "REPC_MT000002GB01"; the id of a
			      rule that it breaks; "unopened": it cannot be opened */
	const char *about; /* a title, a content type, a start line, what is wrong; NULL: none */
	const char *sign;  /* what it was recognised by; NULL: none */
	const char *id;	   /* what its sender calls it; NULL: none */
	size_t offset;	   /* in the source, of its first byte or of what it was decoded from */
	size_t bytes;	   /* its size; 0: not counted */
};

/* The layer is borrowed for the call. Control characters of the source appear as "\u202E". */
typedef void (*cpis_layer_seen)(void *context, const struct cpis_layer *layer);

/*
 * Show what sources are packed in and what they hold, without judging it. *verdict is fail where a
 * layer breaks a rule, and incomplete where something cannot be opened.
 */
CPIS_PUBLIC int cpis_inspect(const char *path, const struct cpis_options *options,
			     cpis_layer_seen seen, void *context, enum cpis_verdict *verdict,
			     struct cpis_failure *failure);

/* The same of a source in memory. One over max_input_bytes is a failure of configuration. */
CPIS_PUBLIC int cpis_inspect_bytes(const struct cpis_bytes *source,
				   const struct cpis_options *options, cpis_layer_seen seen,
				   void *context, enum cpis_verdict *verdict,
				   struct cpis_failure *failure);

/* The text of a source in UTF-8, line by line as it is; values that may identify a person are dots,
 * as in excerpts, unless show_values. *text ends with a NUL that is not counted; cpis_free it. */
CPIS_PUBLIC int cpis_mask_bytes(const struct cpis_bytes *source, const struct cpis_options *options,
				char **text, size_t *size, struct cpis_failure *failure);

/* What cpis_schemas_check found in a folder. */
struct cpis_schema_note {
	const char *kind;   /* "message", "repaired", "missing", "outside", "unreadable", "refused";
			       last,   "total" */
	const char *file;   /* in the folder; with "total", the folder */
	size_t line, count; /* 0: none */
	const char *text;
};

/*
 * Check a folder of schemas: which messages and versions it holds, what was repaired, what is
 * missing. 0 when every message in it can be judged by it.
 */
CPIS_PUBLIC int cpis_schemas_check(const char *folder,
				   void (*each)(void *context, const struct cpis_schema_note *note),
				   void *context, struct cpis_failure *failure);

/* Packs */

struct cpis_baseline;

/*
 * Findings that are accepted in this run (YAML or JSON: rule, path, reason). With update a new
 * baseline is made: runs accept every finding, and cpis_baseline_write keeps them.
 */
CPIS_PUBLIC int cpis_baseline_open(struct cpis_baseline **baseline, const char *path, int update,
				   struct cpis_failure *failure);
CPIS_PUBLIC void cpis_baseline_free(struct cpis_baseline *baseline);
/* How many entries no run has met. each (may be NULL) is called with its place, and once, before
 * them, where the file still has the digests that older versions wrote. */
CPIS_PUBLIC size_t cpis_baseline_stale(const struct cpis_baseline *baseline,
				       void (*each)(void *context,
						    const struct cpis_failure *stale),
				       void *context);
CPIS_PUBLIC int cpis_baseline_write(struct cpis_baseline *baseline, struct cpis_failure *failure);
/* Accept findings of what was judged outside of packs, and settle the verdicts again. Call it when
 * all is judged. */
CPIS_PUBLIC int cpis_results_baseline(struct cpis_results *results, struct cpis_baseline *baseline,
				      struct cpis_failure *failure);

struct cpis_waivers;

/*
 * Findings of a supplier, and failures of cases, that are accepted until a date (YAML or JSON: a
 * list of rule, case, path, reason, owner, expires). One thread at a time.
 */
CPIS_PUBLIC int cpis_waivers_open(struct cpis_waivers **waivers, const char *path,
				  struct cpis_failure *failure);
CPIS_PUBLIC void cpis_waivers_free(struct cpis_waivers *waivers);
/* Accept what they name among the messages that were judged on their own, without a pack: after the
 * last of them, before reports. What was not read is not accepted by any. Results that were read
 * can be waived where they are parts of a run (cpis_results_merge) of this version: others do not
 * say what was not judged because of an error. */
CPIS_PUBLIC int cpis_results_waive(struct cpis_results *results, struct cpis_waivers *waivers,
				   struct cpis_failure *failure);
/* After all that was run: how many waivers have expired, or met nothing. each (may be NULL) is
 * called with the place of each. Those of a case that was run are faults of the case instead. One
 * that nothing met does not count where not all was looked for: a rule, a stage or a case was left
 * out, a message is incomplete, or a finding is not listed. */
CPIS_PUBLIC size_t cpis_waivers_stale(const struct cpis_waivers *waivers,
				      void (*each)(void *context, const struct cpis_failure *stale),
				      void *context);
/* The same, as a failed case of the results, "waivers", that every report shows: after all that was
 * run, before reports. It is of the first pack, or of the file of waivers where there is none. No
 * case is added where nothing is wrong. */
CPIS_PUBLIC int cpis_results_close_waivers(struct cpis_results *results,
					   const struct cpis_waivers *waivers,
					   struct cpis_failure *failure);

/*
 * A message of a case that is sent, and what came back. What is set is borrowed until the next
 * call, or the end of the run.
 */
struct cpis_exchange {
	const char *pack, *case_id;
	const char *name;    /* of the message: "query.xml (edited)" */
	const void *message; /* with the edits of the case; a NUL follows that is not counted */
	size_t size;
	/* To be set: one of the first two, or the rest. */
	const char *left_out; /* why it is not sent, as a phrase; the case is left out */
	const char *lost;     /* why no reply came, as a phrase; the case is not run */
	const void *sent;     /* what was sent in place of message, of its size; NULL: message */
	const void *request, *reply; /* as HTTP captures, each with a NUL that is not counted */
	size_t request_size, reply_size;
	const char *reply_name; /* what results call the reply */
	const char *report;	/* code of an error report, which holds no message; NULL: of another
				   reply */
	unsigned status;	/* of HTTP */
};

/* How a pack is run. Zero is the default of every member. All of it is borrowed for the call. */
struct cpis_pack_options {
	const char *evidence; /* folder, zip or tar of the files that the pack asks for; NULL */
	/* Run only cases with these tags or ids, or "pack/id". Where beside is given, a word that
	 * is of none of its packs is an error; so in skip. */
	const char *const *only;
	size_t only_count;
	const char *const *skip; /* leave these out; skip wins over only */
	size_t skip_count;
	struct cpis_baseline *baseline; /* NULL: none */
	/* Called for every problem of a pack that cannot be loaded, in order; may be NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	const char *const
		*beside; /* all packs of the run, in order: a file may fill a slot of any */
	size_t beside_count;
	long long not_before;	      /* evidence that was made earlier is refused; 0: none is */
	struct cpis_waivers *waivers; /* NULL: none */
	/*
	 * Called for every case that has a message of the pack: send it, and say what came back,
	 * which takes the place of the case's response. NULL: nothing is sent. -1 only for a
	 * failure of the caller's own: the run ends with it.
	 */
	int (*exchange)(void *context, struct cpis_exchange *exchange,
			struct cpis_failure *failure);
	int allow_outside; /* packs may name files that are not in their folders */
	size_t reserved[5];
};

/*
 * Run the cases of a pack (a YAML file, or a folder with a pack.yaml), and add what they judged and
 * their outcomes to the results. A fault in a message is never a failure here. A pack with problems
 * is not run: that is a failure of configuration, which names the first problem and counts the
 * rest. The messages and data of cases that are left out are not checked, but their digests are
 * kept like all others; cpis_lint_pack checks all.
 */
CPIS_PUBLIC int cpis_run_pack(struct cpis_results *results, const char *path,
			      const struct cpis_pack_options *options,
			      struct cpis_failure *failure);

/* Load a pack and report every problem in it; 0 when there are none. problem may be NULL. */
CPIS_PUBLIC int cpis_lint_pack(const char *path,
			       void (*problem)(void *context, const struct cpis_failure *problem),
			       void *context, struct cpis_failure *failure);

/*
 * Name the times in data sets that would change the outcome of cases over evidence before the end
 * of until, in seconds since 1970: they are fixed, and still to come at now. 0 whether there are
 * any or not.
 */
CPIS_PUBLIC int cpis_lint_pack_age(const char *path, long long now, long long until,
				   void (*warn)(void *context, const struct cpis_failure *warning),
				   void *context, struct cpis_failure *failure);

/*
 * Make a folder with the start of a pack, which is called after it: it lints and runs as it is.
 * What is there already is not written over: a failure of configuration.
 */
CPIS_PUBLIC int cpis_new_pack(const char *folder, struct cpis_failure *failure);

/*
 * Make a folder for a supplier who is to fill the slots of a pack: what to enter into the system
 * (the data sets, to print), the names of the files, blank answers, and how to go on. What is there
 * already is not written over: a failure of configuration. keyed is the day that times of the data
 * sets are counted from, 2026-10-11; the folder keeps it.
 */
CPIS_PUBLIC int cpis_new_evidence(const char *pack, const char *folder, const char *keyed,
				  struct cpis_failure *failure);

/* A good message with one change that no rule and no expectation noticed. */
struct cpis_mutant {
	const char *case_id, *file;
	const char *change; /* "drop", "wrong check digit" */
	const char *path;
	size_t line;
};

struct cpis_mutate_options {
	long long now;							    /* as in cpis_options */
	void (*survived)(void *context, const struct cpis_mutant *mutant);  /* may be NULL */
	void (*problem)(void *context, const struct cpis_failure *problem); /* may be NULL */
	void *context;
	size_t reserved[8];
};

/* Its size never changes. */
struct cpis_mutation_score {
	size_t messages, mutants, noticed;
};

/* Change each good message of a pack in every way that its values suggest, and list the changes
 * that go unnoticed. */
CPIS_PUBLIC int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
				 struct cpis_mutation_score *score, struct cpis_failure *failure);

/* How records are compared. Zero is the default of every member. All of it is borrowed. */
struct cpis_compare_options {
	int contains;	    /* 1: records that are not expected are allowed */
	int show_values;    /* 1: personal values appear in full, not masked */
	const char *format; /* "text", "json" or "changes", of each record; NULL: text */
	const char *path;   /* of the report; NULL: standard output */
	int quiet;	    /* 1: no report */
	/* Called for every problem of a data set that cannot be read, in order; may be NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	cpis_write write; /* takes the report in place of path; NULL: path */
	void *write_context;
	const char *keyed;  /* the day on which a data set was keyed in, 2026-10-11, for times that
			       are relative to it; NULL: not known */
	size_t exact_times; /* 1: a date without a time does not agree with a time on that day */
	size_t reserved[6];
};

/*
 * Compare the records of children in two files, each a data set (.yaml, .yml) or a message, in any
 * order, and write what differs, field by field. *verdict is CPIS_PASS or CPIS_FAIL, also where the
 * report could not be written. A file that cannot be read, or holds no message, is a failure of
 * configuration.
 */
CPIS_PUBLIC int cpis_compare(const char *expected, const char *found,
			     const struct cpis_compare_options *options, enum cpis_verdict *verdict,
			     struct cpis_failure *failure);

/* What a cpis.yaml says: how this folder's messages are judged. NULL and 0: it does not say. */
struct cpis_settings {
	const char *environment;	/* "test" or "live" */
	const char *fail_on;		/* "error", "warning" or "never" */
	const char *profile, *baseline; /* paths, from the working folder */
	const char *const *exclude;	/* patterns */
	size_t exclude_count;
	const char *const *reports; /* each FORMAT=FILE, with the path of the file as above */
	size_t report_count;
	const char *summary; /* all of it, in a line, for reports */
};

/* Read one. problem (may be NULL) is called for everything that is wrong with it. */
CPIS_PUBLIC int cpis_settings_open(struct cpis_settings **settings, const char *path,
				   void (*problem)(void *context,
						   const struct cpis_failure *problem),
				   void *context, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_settings_close(struct cpis_settings *settings);

/* Files of the user's: packs, profiles and so on, for editors */

/* The formats: "pack", "profile", "baseline", "settings", "scenarios" and so on, each with a line
 * about it. NULL: no more. Static. */
CPIS_PUBLIC const char *cpis_config_format_at(size_t index, const char **summary);

/* Which format a file has, by its name and its first keys. NULL: none of them. Static. */
CPIS_PUBLIC const char *cpis_config_guess(const struct cpis_bytes *file);

/*
 * Check a file of one of these formats, given in memory: its name is its path, beside which the
 * files that it names are looked for. problem is called for each problem, with its place, in order.
 * 0 where there are none. No other thread may use the library meanwhile.
 */
CPIS_PUBLIC int cpis_config_check(const char *format, const struct cpis_bytes *file,
				  void (*problem)(void *context,
						  const struct cpis_failure *problem),
				  void *context, struct cpis_failure *failure);

/*
 * Report every problem in a file of the disk, of whichever of these formats it is; 0 when there are
 * none. A folder is a pack, and so is a file that shows no format. *format gets its name (static).
 */
CPIS_PUBLIC int cpis_lint(const char *path, const char **format,
			  void (*problem)(void *context, const struct cpis_failure *problem),
			  void *context, struct cpis_failure *failure);

/* A key that a mapping of a format may have. Texts are static. */
struct cpis_config_key {
	const char *key;
	int required;	  /* 1: it must be there */
	const char *kind; /* "text", "a list of texts", "a number", "true or false", "one of",
			     "a mapping", "a list of mappings", "a rule" */
	const char *const *choices; /* of "one of"; ends with NULL. Or NULL */
	const char *about;	    /* a sentence on what it is for; NULL: there is none */
};

/*
 * Call each for every key that may be in a mapping, found by the keys around it from the outside
 * ("cases", "expect"). Returns how many there are; 0: there is no such mapping.
 */
CPIS_PUBLIC size_t cpis_config_keys(const char *format, const char *const *within, size_t depth,
				    void (*each)(void *context, const struct cpis_config_key *key),
				    void *context);

/* The JSON Schema (2020-12) of a format, made from the tables that read it; or of "results", the
 * report "json", made from those that write it. */
CPIS_PUBLIC int cpis_config_schema(const char *format, cpis_write write, void *context,
				   struct cpis_failure *failure);

/* Evidence */

/*
 * An evidence bundle: what a run of packs read, asked and found, in one .tar.gz that sha256sum,
 * minisign and cpis_verify can check. Make it before the run, so that it sees every file that is
 * read. A program can have one at a time, and no other thread may use the library while it exists.
 */
struct cpis_bundle;

CPIS_PUBLIC int cpis_bundle_new(struct cpis_bundle **bundle, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_bundle_free(struct cpis_bundle *bundle);

/* What was asked of the run, and how the bundle is kept. All of it is borrowed. */
struct cpis_bundle_options {
	const char *path;	  /* of the bundle */
	int digests_only;	  /* 1: keep only digests of the messages in the evidence folder */
	const char *key;	  /* file of the secret key that signs; NULL: not signed */
	const char *const *packs; /* in the order of the run */
	size_t pack_count;
	const struct cpis_pack_options *pack;
	const char *profile, *baseline; /* or NULL */
	const char *waivers;		/* or NULL */
	size_t reserved[7];
};

/* Write the bundle of a finished run. The same run gives the same bytes. */
CPIS_PUBLIC int cpis_bundle_write(struct cpis_bundle *bundle, const struct cpis_results *results,
				  const struct cpis_bundle_options *options,
				  struct cpis_failure *failure);

/*
 * Make a pair of keys in minisign's format: path, which has no password and only its owner may
 * read, and path.pub. key_id gets 16 hex digits. A file that exists is never overwritten.
 */
CPIS_PUBLIC int cpis_keygen(const char *path, char key_id[17], struct cpis_failure *failure);

/* One thing that cpis_verify checked; members that do not apply are NULL. */
struct cpis_verify_note {
	int good;
	const char *file;	      /* of the bundle */
	const char *expected, *found; /* digests */
	const char *text;
	const char *about; /* what the bundle says of its run: "supplier"; NULL: it was checked */
	enum cpis_verdict verdict; /* good: pass; incomplete where it was not checked, or is open */
};

struct cpis_verify_options {
	const char *public_key; /* a file, or the key itself; NULL: do not check a signature */
	const char *evidence; /* folder of the messages that the bundle has only digests of; NULL */
	const char *known_keys; /* file of lines: a public key, a blank, whose it is; NULL: none */
	const char *pack; /* run this pack of the caller's over the evidence too; NULL: none */
	void (*each)(void *context, const struct cpis_verify_note *note); /* may be NULL */
	void *context;
	size_t run_untrusted; /* 1: repeat the run of a bundle that no given key has signed */
	size_t reserved[7];
};

/*
 * Check the sums and the signature of a bundle, run its packs again (if one of the keys given
 * has signed it, or run_untrusted is set), and compare the results byte for byte. *verdict: pass
 * when all is well and the run was a pass; fail when anything is wrong or the run was a fail;
 * incomplete when something could not be checked, when the run was incomplete or partial, and when
 * the bundle is not signed. A file that cannot be opened as a bundle is a failure. As with a
 * bundle, no other thread may use the library meanwhile.
 */
CPIS_PUBLIC int cpis_verify(const char *path, const struct cpis_verify_options *options,
			    enum cpis_verdict *verdict, struct cpis_failure *failure);

/*
 * Add an assessor's signature of the manifest to a bundle, with the decision as a comment of one
 * line, beside the supplier's and any others. A bundle that has changed is not signed. now: seconds
 * since 1970.
 */
CPIS_PUBLIC int cpis_countersign(const char *path, const char *key, const char *comment,
				 long long now, struct cpis_failure *failure);

/*
 * Read a time in HL7 format (CCYYMMDDhhmmss+ZZzz; right-hand parts may be missing) or in ISO 8601.
 * -1: it is not a time.
 */
CPIS_PUBLIC int cpis_time(const char *text, long long *seconds_since_1970);

#ifdef __cplusplus
}
#endif

#endif
