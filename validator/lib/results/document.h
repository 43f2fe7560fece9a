/*
 * document.h - results as the canonical document, results.xml (reports/results.xsd).
 */
#ifndef CPIS_RESULTS_DOCUMENT_H
#define CPIS_RESULTS_DOCUMENT_H

struct results;
struct buf;
struct cpis_failure;

/* Write the whole document to out: 0, or -1 with the reason in *failure. Asks nothing of
 * out->failed, which is for the caller. */
int results_xml_write(const struct results *results, struct buf *out, struct cpis_failure *failure);

#endif
