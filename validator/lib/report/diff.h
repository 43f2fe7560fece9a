/*
 * diff.h - the difference of two runs as a document.
 */
#ifndef CPIS_REPORT_DIFF_H
#define CPIS_REPORT_DIFF_H

struct diff;
struct buf;

/* In a format: "text", "md" or "json". -1 for one that is not known; out->failed is for the caller.
 */
int diff_write(const struct diff *diff, const char *format, struct buf *out);

#endif
