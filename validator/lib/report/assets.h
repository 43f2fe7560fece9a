/*
 * assets.h - the files of reports/html, built into the program (validator/gen/embed.c).
 */
#ifndef CPIS_REPORT_ASSETS_H
#define CPIS_REPORT_ASSETS_H

#include "base/str.h"

extern const struct str asset_report_xsl;
extern const struct str asset_overview_xsl;
extern const struct str asset_findings_xsl;
extern const struct str asset_judged_xsl;
extern const struct str asset_ledger_xsl;
extern const struct str asset_report_css;
extern const struct str asset_report_js;

#endif
