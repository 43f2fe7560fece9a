/*
 * write.h - write a report to a file or a stream: all of it or nothing.
 */
#ifndef CPIS_REPORT_WRITE_H
#define CPIS_REPORT_WRITE_H

#include "base/buf.h"
#include "cpis.h"

#include <stdio.h>

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
