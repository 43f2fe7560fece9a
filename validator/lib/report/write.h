/*
 * write.h - results into a file or a stream: all of a document, or nothing.
 */
#ifndef CPIS_REPORT_WRITE_H
#define CPIS_REPORT_WRITE_H

#include "base/buf.h"
#include "cpis.h"

#include <stdio.h>

struct results;

/*
 * Append the document of a format (sink.h). -1 with a failure of configuration for an unknown format
 * and for results that a stream is still open into.
 */
int report_make(const struct results *results, const char *format, struct buf *document,
		struct cpis_failure *failure);

/*
 * Write results in a format (sink.h) to path, or to stream where path is NULL. A file is written
 * under another name in its folder, synced, and renamed: nobody reads half a report, and an old one
 * stays until the new one stands. What is no regular file (a pipe, /dev/null) is written straight.
 * -1 with a failure of configuration for an unknown format, a folder that is missing or closed;
 * internal for memory and I/O.
 */
int report_write(const struct results *results, const char *format, const char *path, FILE *stream,
		 struct cpis_failure *failure);

/* The same for a document that stands ready. */
int report_put(const char *path, FILE *stream, struct str document, struct cpis_failure *failure);

/* The same to a function of the caller's. -1 where it does not take it. */
int report_hand_over(cpis_write write, void *context, struct str document,
		     struct cpis_failure *failure);

#endif
