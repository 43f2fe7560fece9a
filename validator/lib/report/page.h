/*
 * page.h - HTML pages: what a report lists of a run, and a document made into a page by the sheets
 * of reports/html.
 */
#ifndef CPIS_REPORT_PAGE_H
#define CPIS_REPORT_PAGE_H

#include "base/buf.h"
#include "diag/results.h"
#include "xml/xslt.h"

/* The files of reports/html, built into the program (validator/gen/embed.c). */
extern const struct str asset_report_xsl;
extern const struct str asset_page_xsl;
extern const struct str asset_certificate_xsl;
extern const struct str asset_children_xsl;
extern const struct str asset_diff_xsl;
extern const struct str asset_index_xsl;
extern const struct str asset_overview_xsl;
extern const struct str asset_findings_xsl;
extern const struct str asset_judged_xsl;
extern const struct str asset_ledger_xsl;
extern const struct str asset_report_css;
extern const struct str asset_report_js;

/* A page to be made. */
struct page {
	const char *sheet;	  /* the main one: "report.xsl" */
	struct str document;	  /* XML */
	const char *left, *right; /* heads of the pages on paper; any text, or NULL */
	bool has_script;
	const struct xslt_parameter *parameters;
	size_t parameter_count;
};

/*
 * Append the page to out. Its content security policy allows its own style and script and nothing
 * else. 0, or -1 with the reason in *failure; the caller asks whether out failed.
 */
int page_make(const struct page *page, struct buf *out, struct cpis_failure *failure);

struct markup;

/* <run>: what pages about several runs say of one: verdict, numbers, supplier, packs, requirements.
 */
void run_mark(struct markup *markup, const struct results *results);

/* The results that a page lists. What is not listed is counted all the same. */
struct page_part {
	struct results listed; /* a shallow copy with fewer messages, findings and cases */
	struct arena arena;
	size_t full;	  /* findings of a rule that are shown in full */
	size_t last_card; /* the number of the last case that is */
	/* " NHS-003=5000 DAT-003=7 ": findings of each rule over the whole run. */
	struct buf totals;
};

/* whole must outlive the part. -1 when out of memory; release it in any case. */
int part_make(struct page_part *part, const struct results *whole);
void part_release(struct page_part *part);

#endif
