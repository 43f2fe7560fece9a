/*
 * cpis.h - judge CP-IS messages, run test packs over them, and report what was found.
 *
 * The one public header of libcpis. What is not declared here is not part of the library.
 *
 * Two channels, never mixed: a *finding* is about the message; a *failure* is about us (memory,
 * I/O, configuration, a limit reached). A failure never makes a message wrong: it makes the verdict
 * `incomplete`, never `pass`.
 *
 * Ownership: a pointer parameter is borrowed for the call unless its comment says "takes". Strings
 * are UTF-8 with a NUL. Functions return 0, or -1 with the reason in *failure; no output parameter
 * is touched on failure. Every _free and _release accepts NULL.
 * Threads: different results may be filled by different threads; one results object belongs to one.
 */
#ifndef CPIS_H
#define CPIS_H

#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CPIS_PUBLIC __attribute__((visibility("default")))
#else
#define CPIS_PUBLIC
#endif

#define CPIS_VERSION "0.1.0"
#define CPIS_DMS     "CP-IS DMS 1.0 RC5"

/* In order of weight. */
enum cpis_severity { CPIS_INFO, CPIS_WARNING, CPIS_ERROR };

/* In order of weight: the verdict of many is the heaviest of theirs, but see cpis_results_verdict.
 */
enum cpis_verdict { CPIS_PASS, CPIS_INCOMPLETE, CPIS_FAIL };

/* The stages of judging, in the order in which a message meets them. */
enum cpis_stage { CPIS_TRANSPORT, CPIS_XML, CPIS_SCHEMA, CPIS_RULES, CPIS_STAGE_COUNT };

/* What a rule rests on. */
enum cpis_basis {
	CPIS_BASIS_SCHEMA,	  /* the published XML schemas */
	CPIS_BASIS_DMS,		  /* stated in the CP-IS Domain Message Specification */
	CPIS_BASIS_SPINE,	  /* Spine's own checks: the message would be refused */
	CPIS_BASIS_ITK,		  /* the ITK distribution envelope and its transports */
	CPIS_BASIS_TMS,		  /* the Spine transmission wrapper */
	CPIS_BASIS_DICTIONARY,	  /* the NHS Data Dictionary */
	CPIS_BASIS_CONTRADICTION, /* two statements that cannot both be true */
	CPIS_BASIS_GOOD_PRACTICE, /* inferred, so never above warning (security apart) */
	CPIS_BASIS_OWN,		  /* a rule of the user's, from a Schematron file */
	CPIS_BASIS_COUNT
};

/* Exit codes of the program; an exit code is never a count. */
enum cpis_exit {
	CPIS_EXIT_PASS = 0,
	CPIS_EXIT_FAIL = 1,
	CPIS_EXIT_USAGE = 2,
	CPIS_EXIT_INCOMPLETE = 3
};

enum cpis_failure_kind {
	CPIS_FAILURE_NONE,
	CPIS_FAILURE_CONFIGURATION, /* usage, a pack, a profile, a missing file: exit 2 */
	CPIS_FAILURE_INTERNAL	    /* memory, I/O, a limit: exit 3 */
};

/* Why a call could not do its work. line and column are 0 where there is none. */
struct cpis_failure {
	enum cpis_failure_kind kind;
	size_t line, column; /* in file, from 1 */
	char file[512];
	char text[1024];
};

/* What a rule is; valid as long as the program runs. */
struct cpis_rule_info {
	const char *id;	  /* "DAT-003": never reused */
	const char *name; /* "plan-ends-before-it-starts" */
	const char *title, *why, *fix, *citation;
	enum cpis_severity severity;
	enum cpis_basis basis;
	const char *family; /* "Dates and times" */
};

CPIS_PUBLIC size_t cpis_rule_count(void);
/* In order of the catalogue; index below cpis_rule_count(). */
CPIS_PUBLIC struct cpis_rule_info cpis_rule_at(size_t index);

/* A wrong place and the right one beside it, of synthetic messages. Texts are lines with their
 * numbers. */
struct cpis_rule_example {
	const char *wrong_file; /* below the folder of the rule's fixtures: testcases/rules/ID */
	size_t wrong_line, wrong_column; /* 0: the place is no line of the file */
	const char *says;		 /* what was found */
	const char *wrong;		 /* the lines, with a caret; "": the file is no text */
	const char *right_file;
	size_t right_line;
	const char *right;
};

/* NULL: there is none. Valid as long as the program runs. */
CPIS_PUBLIC const struct cpis_rule_example *cpis_rule_example(const char *id);

CPIS_PUBLIC const char *cpis_severity_name(enum cpis_severity severity);
CPIS_PUBLIC const char *cpis_verdict_name(enum cpis_verdict verdict);
CPIS_PUBLIC const char *cpis_stage_name(enum cpis_stage stage);
CPIS_PUBLIC const char *cpis_basis_name(enum cpis_basis basis);

/* From which weight on a finding fails its message. */
enum cpis_fail_on { CPIS_FAIL_ON_ERROR, CPIS_FAIL_ON_WARNING, CPIS_FAIL_ON_NEVER };

/* How far a run has come: files of the path, or cases of the pack, that is being worked on. */
struct cpis_progress {
	size_t done, total, findings; /* findings: of the run, so far */
};

/* What a run is asked to do. Zeroed is the default everywhere. */
struct cpis_options {
	unsigned skip_stages; /* bit (1 << stage) for a stage that is left out */
	enum cpis_fail_on fail_on;
	int show_values;     /* 1: personal values are written out, not masked */
	int live;	     /* 1: --environment live; 0: test */
	const char *schemas; /* folder of the user's own schemas; NULL: the built-in ones */
	const char *const *schematron; /* files of the user's own rules */
	size_t schematron_count;
	const char *phase;   /* of those files; NULL: their default */
	const char *as_type; /* judge as this message type; NULL: recognise it */
	long long now; /* seconds since 1970 UTC: the "now" of the rules and of the report; the
			  caller reads the clock */
	unsigned jobs; /* files side by side; 0 or 1: one */
	size_t max_input_bytes;	    /* 0: the default, 4 GiB */
	size_t max_depth;	    /* 0: the default, 256 */
	size_t max_attribute_bytes; /* 0: the default, 1 MiB: also of one text */
	size_t max_findings;	    /* a message; 0: the default, 10,000 */
	/* Called after each file or case, on the caller's thread; NULL: nobody waits. */
	void (*progress)(void *context, const struct cpis_progress *progress);
	void *progress_context;
	size_t max_decoded_bytes; /* of one source, all its layers together; 0: the default, 1 GiB
				   */
	size_t max_parts;  /* in one source: parts, members, payloads; 0: the default, 10,000 */
	size_t max_layers; /* around one document; 0: the default, 16, which is the most */
};

struct cpis_results;

/* An empty results object. The strings in options are copied. */
CPIS_PUBLIC int cpis_results_new(struct cpis_results **results, const struct cpis_options *options,
				 struct cpis_failure *failure);
CPIS_PUBLIC void cpis_results_free(struct cpis_results *results);

/*
 * Judge what stands at a path: a file, a folder (walked in order of name), or "-" for standard
 * input. A path that does not exist or a folder without files is a failure of configuration. What
 * cannot be read inside a folder is a message of verdict `incomplete`.
 */
CPIS_PUBLIC int cpis_validate(struct cpis_results *results, const char *path,
			      struct cpis_failure *failure);

/* One thing that cpis_schemas_check has to tell. line is 0 where there is none. */
struct cpis_schema_note {
	const char *kind; /* "message", "mended", "missing", "outside", "unreadable", "refused" */
	const char *file; /* below the folder */
	size_t line, count;
	const char *text;
};

/*
 * What a folder of schemas holds: which messages, which versions, what was mended, what is missing.
 * 0 when every message found in it can be judged by it.
 */
CPIS_PUBLIC int cpis_schemas_check(const char *folder,
				   void (*tell)(void *context, const struct cpis_schema_note *note),
				   void *context, struct cpis_failure *failure);

/*
 * Judge two files, a request and its reply (or an upload and the one before it): each by itself,
 * and the second beside the first. "-" is standard input, for one of them. Findings of rules PAIR-*
 * stand in the second. A file that cannot be read is a failure of configuration.
 */
CPIS_PUBLIC int cpis_validate_pair(struct cpis_results *results, const char *request,
				   const char *response, struct cpis_failure *failure);

/* The verdict of everything judged so far: fail if anything failed, else incomplete, else pass. */
CPIS_PUBLIC enum cpis_verdict cpis_results_verdict(const struct cpis_results *results);
CPIS_PUBLIC size_t cpis_results_message_count(const struct cpis_results *results);
/* Cases of packs that were not left out by only or skip. */
CPIS_PUBLIC size_t cpis_results_selected_count(const struct cpis_results *results);

/*
 * Write the results in a format ("text", "json", "html" ...) to path, or to standard output where
 * path is NULL. A file appears whole or not at all. An unknown format and a folder that is missing
 * are failures of configuration.
 */
CPIS_PUBLIC int cpis_report(const struct cpis_results *results, const char *format,
			    const char *path, struct cpis_failure *failure);

/* The formats, from 0 on, in the order of the help, each with a line that tells what it is; NULL
 * past the last. */
CPIS_PUBLIC const char *cpis_report_format_at(size_t index, const char **summary);

struct cpis_baseline;

/*
 * Findings that are accepted for now (YAML or JSON: rule, path, a digest of the value, a reason).
 * With update a new one is made: runs accept every finding, and cpis_baseline_write keeps them.
 */
CPIS_PUBLIC int cpis_baseline_open(struct cpis_baseline **baseline, const char *path, int update,
				   struct cpis_failure *failure);
CPIS_PUBLIC void cpis_baseline_free(struct cpis_baseline *baseline);
/* How many entries no run has met; tell (may be NULL) is called for each, with its place. */
CPIS_PUBLIC size_t cpis_baseline_stale(const struct cpis_baseline *baseline,
				       void (*tell)(void *context,
						    const struct cpis_failure *stale),
				       void *context);
CPIS_PUBLIC int cpis_baseline_write(struct cpis_baseline *baseline, struct cpis_failure *failure);

/* What a run of a pack is asked to do. Zeroed is the default everywhere. All of it is borrowed. */
struct cpis_pack_options {
	const char
		*evidence; /* folder whose files fill the slots of the pack; NULL: none is filled */
	const char *const *only; /* tags or ids of cases, or "pack/id": no others are run */
	size_t only_count;
	const char *const *skip; /* the same, to leave out; wins over only */
	size_t skip_count;
	struct cpis_baseline *baseline; /* NULL: none */
	/* Called for every problem of a pack that cannot be loaded, in order of place; may be NULL.
	 */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
};

/*
 * Run the cases of a pack (a YAML file, or a folder with a pack.yaml in it) and append what they
 * judged and what came of each. What a message does wrong is never a failure here. A pack with
 * problems is not run at all: a failure of configuration, which names the first of them and counts
 * the rest.
 */
CPIS_PUBLIC int cpis_run_pack(struct cpis_results *results, const char *path,
			      const struct cpis_pack_options *options,
			      struct cpis_failure *failure);

/* Load a pack and tell every problem in it; 0 when there is none. problem may be NULL. */
CPIS_PUBLIC int cpis_lint_pack(const char *path,
			       void (*problem)(void *context, const struct cpis_failure *problem),
			       void *context, struct cpis_failure *failure);

/* How a rule fared in all that was judged so far. */
struct cpis_rule_tally {
	size_t judged, failed;
};
/* index as for cpis_rule_at. */
CPIS_PUBLIC struct cpis_rule_tally cpis_results_rule_tally(const struct cpis_results *results,
							   size_t index);

/* A good message with one thing wrong, that nothing was found in. */
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
};

struct cpis_mutation_score {
	size_t messages, mutants, noticed;
};

/* Change each good message of a pack in every way that its values suggest, and tell what nobody
 * notices. */
CPIS_PUBLIC int cpis_mutate_pack(const char *path, const struct cpis_mutate_options *options,
				 struct cpis_mutation_score *score, struct cpis_failure *failure);

/* How two sets of records are compared. Zeroed is the default everywhere. All of it is borrowed. */
struct cpis_compare_options {
	int contains;	    /* 1: records that nobody expects may be there too */
	int show_values;    /* 1: personal values are written out, not masked */
	const char *format; /* "text" or "json"; NULL: text */
	const char *path;   /* of the report; NULL: standard output */
	int quiet;	    /* 1: no report */
	/* Called for every problem of a data set that cannot be read, in order of place; may be
	 * NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
};

/*
 * Compare the records of children in two files, each a data set (.yaml, .yml) or a message, in any
 * order, and write what differs, field by field. *verdict is CPIS_PASS or CPIS_FAIL. A file that
 * cannot be read, or holds no message, is a failure of configuration.
 */
CPIS_PUBLIC int cpis_compare(const char *expected, const char *found,
			     const struct cpis_compare_options *options, enum cpis_verdict *verdict,
			     struct cpis_failure *failure);

/*
 * Take a profile (YAML): rules that weigh more or less in this run, or are left out, each with its
 * reason. To be called before anything is judged. problem is called for everything that is wrong
 * with it.
 */
CPIS_PUBLIC int cpis_results_profile(struct cpis_results *results, const char *path,
				     void (*problem)(void *context,
						     const struct cpis_failure *problem),
				     void *context, struct cpis_failure *failure);

/* Say something about the run that results keep and reports show: "supplier", "system", "version"
 * ... */
CPIS_PUBLIC int cpis_results_meta(struct cpis_results *results, const char *name, const char *value,
				  struct cpis_failure *failure);
/* One word of the command line that made these results, for "how to reproduce this run". */
CPIS_PUBLIC int cpis_results_command_word(struct cpis_results *results, const char *word,
					  struct cpis_failure *failure);

/* Something found while a source is opened: itself, a layer, an envelope, a message, or a trouble.
 */
struct cpis_layer {
	size_t depth;	   /* in the tree, in order from the root; 0: the source */
	const char *name;  /* its path, "gzip", "part 2", "soap", "REPC_MT000002GB01"; "sealed": not
			      opened */
	const char *about; /* a title, a content type, a start line, why it is not opened; NULL */
	const char *sign;  /* what it was recognised by; NULL */
	const char *id;	   /* what its sender calls it; NULL */
	size_t offset;	   /* where it, or what it was decoded from, starts in the source */
	size_t bytes;	   /* its size; 0: not counted */
};

/* Borrowed for the call. Control characters of the source are visible in it as \u202E. */
typedef void (*cpis_layer_seen)(void *context, const struct cpis_layer *layer);

/*
 * Tell what the sources at a path are packed in and what is in them, without judging it. *verdict
 * is fail where a layer breaks a rule and incomplete where something cannot be opened.
 */
CPIS_PUBLIC int cpis_inspect(const char *path, const struct cpis_options *options,
			     cpis_layer_seen seen, void *context, enum cpis_verdict *verdict,
			     struct cpis_failure *failure);

/*
 * Read results back from documents that --report xml wrote: one run, or the shards of one, joined
 * in the order of the paths. Results that nothing more can be judged into; any report of them may
 * be written. What is damaged, of an unknown version, or does not go together is a failure of
 * configuration.
 */
CPIS_PUBLIC int cpis_results_read(struct cpis_results **results, const char *const *paths,
				  size_t count, struct cpis_failure *failure);

/*
 * Write what is new, fixed and unchanged between two results documents, and why: in the format
 * "text", "md" or "json", to path, or to standard output where path is NULL; nothing where format
 * is NULL. *verdict is CPIS_FAIL when anything is new, else CPIS_PASS.
 */
CPIS_PUBLIC int cpis_results_diff(const char *before, const char *after, const char *format,
				  const char *path, enum cpis_verdict *verdict,
				  struct cpis_failure *failure);

/*
 * An evidence bundle: what a run of packs read, asked and found, in one .tar.gz that sha256sum,
 * minisign and cpis_verify can check. Made first, so that it sees every file that is read; one at a
 * time in a program.
 */
struct cpis_bundle;

CPIS_PUBLIC int cpis_bundle_new(struct cpis_bundle **bundle, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_bundle_free(struct cpis_bundle *bundle);

/* What the run was asked, as it was asked, and how it is kept. All of it is borrowed. */
struct cpis_bundle_options {
	const char *path; /* of the bundle */
	int digests_only; /* 1: of the messages in the evidence folder only digests are kept */
	const char *key;  /* file of the secret key that signs; NULL: not signed */
	const char *const *packs; /* in the order of the run */
	size_t pack_count;
	const struct cpis_pack_options *pack;
	const char *profile, *baseline; /* or NULL */
};

/* Write the bundle of a run that is complete. The same run gives the same bytes. */
CPIS_PUBLIC int cpis_bundle_write(struct cpis_bundle *bundle, const struct cpis_results *results,
				  const struct cpis_bundle_options *options,
				  struct cpis_failure *failure);

/*
 * A new pair of keys in minisign's files: path, which no password protects and only its owner may
 * read, and path.pub. key_id gets 16 hex digits. A file that is there is never written over.
 */
CPIS_PUBLIC int cpis_keygen(const char *path, char key_id[17], struct cpis_failure *failure);

/* One thing that cpis_verify has to tell; members that do not apply are NULL. */
struct cpis_verify_note {
	int good;
	const char *file;	      /* of the bundle */
	const char *expected, *found; /* digests */
	const char *text;
};

struct cpis_verify_options {
	const char *public_key; /* a file, or the key itself; NULL: a signature is not checked */
	const char *evidence; /* a folder with the messages of which the bundle has digests only; or
				 NULL */
	void (*tell)(void *context, const struct cpis_verify_note *note);
	void *context;
};

/*
 * Check the sums and the signature of a bundle, run its packs again, and compare the results byte
 * for byte. *verdict: pass when all is well; fail when anything is not; incomplete when something
 * could not be checked. What cannot be opened as a bundle at all is a failure.
 */
CPIS_PUBLIC int cpis_verify(const char *path, const struct cpis_verify_options *options,
			    enum cpis_verdict *verdict, struct cpis_failure *failure);

/* A time as HL7 writes it (CCYYMMDDhhmmss+ZZzz, right parts may be missing) or as ISO 8601; 0 or
 * -1. */
CPIS_PUBLIC int cpis_time(const char *text, long long *seconds_since_1970);

/* The candidate nearest in spelling to a word; NULL when none is near. */
CPIS_PUBLIC const char *cpis_nearest(const char *word, const char *const *candidates, size_t count);

#ifdef __cplusplus
}
#endif

#endif
