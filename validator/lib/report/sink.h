/*
 * sink.h - the table of report formats; each writer has a file of its own.
 *
 * A sink reads finished results and writes one document. Each sink escapes text in one place. The
 * same results give the same bytes.
 */
#ifndef CPIS_REPORT_SINK_H
#define CPIS_REPORT_SINK_H

#include "base/buf.h"
#include "cpis.h"
#include "diag/results.h"

#include <stdio.h>

struct sink {
	const char *format;  /* "json" */
	const char *summary; /* one line for --help; NULL: not listed there */
	bool digests;	     /* it names the SHA-256 of each message */
	/*
	 * Write the whole document to out. Returns 0, or -1 with the reason in *failure;
	 * out->failed sticks and is asked by the caller.
	 */
	int (*write)(const struct results *results, struct buf *out, struct cpis_failure *failure);
};

/* The writers of the table: each is as struct sink's write says, and has a file of its own. */
int text_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int short_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int text_write_coloured(const struct results *results, struct buf *out,
			struct cpis_failure *failure);
int json_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int junit_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int junit_write_with_rules(const struct results *results, struct buf *out,
			   struct cpis_failure *failure);
int sarif_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int codequality_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int tap_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int csv_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int md_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int html_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
/* Page one of the HTML report, alone. */
int certificate_write(const struct results *results, struct buf *out, struct cpis_failure *failure);

/* md.c: a text on one line, escaped so that neither Markdown nor a forge gives any of it a meaning.
 */
void md_text(struct buf *out, const char *text);

struct diff;

/*
 * diff.c: the difference of two runs, in a format: "text", "md", "json" or "html". -1 with the
 * reason in *failure: for one that is not known, or a page that cannot be made. out->failed is for
 * the caller.
 */
int diff_write(const struct diff *diff, const char *format, struct buf *out,
	       struct cpis_failure *failure);
/* junit.c: names of which each must be there once. A zeroed one is empty. */
struct names {
	const char **taken; /* a table of at least twice as many places */
	size_t count, room;
};

/* The name in its class, in arena, with " (2)" and so on where it was given before; NULL when out
 * of memory. */
const char *names_unique(struct names *names, struct arena *arena, const char *class,
			 const char *name);
void names_release(struct names *names);

/* NULL for an unknown format. */
const struct sink *sink_find(const char *format);
/* The formats that users may ask for; NULL past the last. */
const struct sink *sink_at(size_t index);

/*
 * Write a report to a file or a stream: all of it or nothing.
 */

struct results;

/*
 * Append the report in a format (sink.h). -1 with a failure of configuration for an unknown format,
 * or if a stream into the results is still open.
 */
int report_make(const struct results *results, const char *format, struct buf *document,
		struct cpis_failure *failure);

/*
 * Write results in a format (sink.h) to path, or to stream where path is NULL. A file is written as
 * files_write (base/files.h) does. -1 with a failure of configuration for an unknown format, or a
 * folder that is missing or not writable; internal for memory and I/O.
 */
int report_write(const struct results *results, const char *format, const char *path, FILE *stream,
		 struct cpis_failure *failure);

/* The same for a finished document. */
int report_put(const char *path, FILE *stream, struct str document, struct cpis_failure *failure);

/* The same to a function of the caller. -1 if it refuses. */
int report_hand_over(cpis_write write, void *context, struct str document,
		     struct cpis_failure *failure);

#endif
