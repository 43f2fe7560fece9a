#include "report/formats.h"

#include "cpis.h"
#include "diag/results.h"
#include "report/assets.h"
#include "xml/xslt.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <stdio.h>

/* About this many findings and messages stay below 5 MB; the rest is counted and stands in results.xml. */
enum { MOST_FINDINGS = 2500, MOST_MESSAGES = 2500 };

enum { SOURCE_BYTES = sizeof("sha256-") + BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) };

/* What a content security policy calls an inline script or style: "sha256-..." */
static void policy_source(struct str text, char source[SOURCE_BYTES])
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_init(&context);
	sha256_update(&context, text.n, (const uint8_t *)text.p);
	sha256_digest(&context, sizeof(digest), digest);
	size_t prefix = strlen("sha256-");
	memset(source, 0, SOURCE_BYTES);
	memcpy(source, "sha256-", prefix);
	base64_encode_raw(source + prefix, sizeof(digest), digest);
}

static size_t findings_within(const size_t *by_rule, size_t rules, size_t limit)
{
	size_t total = 0;
	for (size_t i = 0; i < rules; i++)
		total += by_rule[i] < limit ? by_rule[i] : limit;
	return total;
}

/* The most occurrences of one rule that may be listed, so that all rules together stay in bounds. */
static size_t occurrences_of_a_rule(const struct results *results)
{
	size_t by_rule[1024] = { 0 };
	size_t rules = results->rule_count < 1024 ? results->rule_count : 1024;
	for (size_t i = 0; i < rules; i++)
		by_rule[i] = results->tallies[i].failed;
	size_t low = 1, high = MOST_FINDINGS;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (findings_within(by_rule, rules, middle) <= MOST_FINDINGS)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

int html_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	char style_source[SOURCE_BYTES], script_source[SOURCE_BYTES];
	char policy[512], most_findings[24], most_messages[24];
	policy_source(asset_report_css, style_source);
	policy_source(asset_report_js, script_source);
	snprintf(policy, sizeof(policy),
		 "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; "
		 "form-action 'none'",
		 style_source, script_source);
	snprintf(most_findings, sizeof(most_findings), "%zu", occurrences_of_a_rule(results));
	snprintf(most_messages, sizeof(most_messages), "%d", MOST_MESSAGES);

	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = results_xml_write(results, &document, failure);
	out->failed = out->failed || document.failed;
	const struct xslt_sheet sheets[] = {
		{ "report.xsl", asset_report_xsl },	{ "overview.xsl", asset_overview_xsl },
		{ "findings.xsl", asset_findings_xsl }, { "judged.xsl", asset_judged_xsl },
		{ "ledger.xsl", asset_ledger_xsl },
	};
	const struct xslt_parameter parameters[] = {
		{ "policy", policy },
		{ "style", asset_report_css.p },
		{ "script", asset_report_js.p },
		{ "most-findings", most_findings },
		{ "most-messages", most_messages },
	};
	const struct xslt_job job = {
		.sheets = sheets,
		.sheet_count = sizeof(sheets) / sizeof(sheets[0]),
		.parameters = parameters,
		.parameter_count = sizeof(parameters) / sizeof(parameters[0]),
		.document = buf_view(&document),
	};
	if (!status && !out->failed)
		status = xslt_run(&job, out, failure);
	buf_release(&document);
	return status;
}
