/*
 * formats.h - the documents that results can become, one file each; the table is in sink.c.
 *
 * Each writes a whole document to out: 0, or -1 with the reason in *failure.
 */
#ifndef CPIS_REPORT_FORMATS_H
#define CPIS_REPORT_FORMATS_H

struct results;
struct buf;
struct cpis_failure;

int text_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int text_write_coloured(const struct results *results, struct buf *out,
			struct cpis_failure *failure);
int json_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int junit_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int sarif_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int tap_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int csv_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int md_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int html_write(const struct results *results, struct buf *out, struct cpis_failure *failure);
int results_xml_write(const struct results *results, struct buf *out, struct cpis_failure *failure);

#endif
