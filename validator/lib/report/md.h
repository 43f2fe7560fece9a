/*
 * md.h - text in Markdown.
 */
#ifndef CPIS_REPORT_MD_H
#define CPIS_REPORT_MD_H

struct buf;

/* A text on one line, escaped so that neither Markdown nor a forge gives any of it a meaning. */
void md_text(struct buf *out, const char *text);

#endif
