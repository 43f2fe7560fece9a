/*
 * read.h - read a results document back into the results that it was written from.
 *
 * Every report made from them has the same bytes as before. Elements and attributes that are not
 * known are ignored: later programs may add some within version 1. A document that is damaged, or
 * disagrees with its own summary, is a failure of configuration with its place.
 */
#ifndef CPIS_RESULTS_READ_H
#define CPIS_RESULTS_READ_H

#include "base/str.h"

struct results;
struct cpis_failure;

/* Empty results to read into; NULL when out of memory. Free them with cpis_results_free. */
struct results *results_read_new(void);

/*
 * Read a document into results from results_read_new. file is what a failure calls it.
 * bytes.p[bytes.n] must be readable and NUL. 0, or -1 with the reason in *failure.
 */
int results_read(struct results *results, struct str bytes, const char *file,
		 struct cpis_failure *failure);

/* The same for a file of at most 1 GiB. */
int results_read_file(struct results *results, const char *path, struct cpis_failure *failure);

/*
 * Join the results of the shards of a run.
 */

/*
 * Append the results of a shard and take over its memory, where anything still points into it: the
 * shard may only be freed afterwards.
 * name is what a failure calls the shard. After a failure, results may only be freed too.
 *
 * Refused are a shard that was made by another version of the program, or with other rules, another
 * profile or other options, and a case or message that both have. If one shard left out a case that
 * the other ran, the one that was run is kept.
 *
 * Parts that were made with --shard are joined as they are (results_join settles what waited for
 * that). Elsewhere a token such as "[NHS number #1]" means one value within one run, so the tokens
 * of the shard get new numbers, and what says that uploads in different parts follow each other is
 * listed as not judged. The command line is dropped: no single command made these results.
 */
int results_merge(struct results *results, struct results *shard, const char *name,
		  struct cpis_failure *failure);

/* Whether an earlier try made these results of the same part, in the same way: rules, options,
 * inputs and the files that decide what is found. */
bool results_are_of_part(struct results *results, struct results *earlier);

/* Append them, as results_merge does. */
int results_take_earlier(struct results *results, struct results *earlier, const char *name,
			 struct cpis_failure *failure);

/*
 * Join the results of many parts, read one after the other: however many there are, one of them is
 * in memory at a time, and what is kept of those before: all messages, those that did not pass, or
 * none, which are then written to a document as they come.
 */
enum join_keep {
	JOIN_ALL,    /* every message */
	JOIN_FAILED, /* those that did not pass; the others are counted */
	JOIN_NONE    /* all are counted, and written to a document */
};

struct join {
	enum join_keep keep;
	const char *document; /* of JOIN_NONE: the file */
	const char *const
		*command; /* words that several documents are joined by; NULL: not noted */
	size_t command_count;
};

/*
 * Join the documents at these paths. Parts of a run (--shard) are joined in order of path, and what
 * waited for all of them is judged; of others, messages come document by document, and all of them
 * are in memory. Free *made with cpis_results_free. -1 with the reason in *failure.
 */
int results_join(struct results **made, const char *const *paths, size_t count,
		 const struct join *how, struct cpis_failure *failure);

/*
 * Messages of many parts, kept in a file without a name until all are there, and written in one
 * order (spool.c, for join.c). Each part adds its messages in that order. What is in memory does
 * not grow with the messages: of a part, its next message's name, and a share of one buffer.
 */
struct spool;
struct files_output;

/* In the folder of a path, if that is possible: there is room for what it becomes. NULL with the
 * reason in *failure. */
struct spool *spool_open(const char *beside, struct cpis_failure *failure);
void spool_close(struct spool *spool);

/* The next messages are those of a new part. -1 when out of memory. */
int spool_begin(struct spool *spool);

/* One message: what it is ordered by, and its bytes up to its number and after it. -1: it could not
 * be written; spool_write says why. */
int spool_add(struct spool *spool, struct str key, struct str before, struct str after);

/* Write all messages in order, numbered from 1. -1 with the reason in *failure. */
int spool_write(struct spool *spool, struct files_output *output, struct cpis_failure *failure);

#endif
