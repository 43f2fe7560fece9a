#include "report/sink.h"

#include "report/assets.h"
#include "results/document.h"
#include "results/summary.h"
#include "xml/xslt.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <stdio.h>
#include <stdlib.h>

/* These limits keep a report below 5 MB. Everything is counted, and all of it is in results.xml. */
enum { MOST_FINDINGS = 2000, MOST_SUBJECTS = 1000, MOST_LINKS = 3000 };

enum { SOURCE_BYTES = sizeof("sha256-") + BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) };

/* The source of an inline script or style in a content security policy: "sha256-..." */
static void policy_source(struct str text, char source[SOURCE_BYTES])
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_init(&context);
	sha256_update(&context, text.n, (const uint8_t *)text.p);
	sha256_digest(&context, sizeof(digest), digest);
	char encoded[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
	base64_encode_raw(encoded, sizeof(digest), digest);
	snprintf(source, SOURCE_BYTES, "sha256-%s", encoded);
}

static size_t total_within(const size_t *sizes, size_t count, size_t limit)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += sizes[i] < limit ? sizes[i] : limit;
	return total;
}

/* How many of each group may be listed, at least one, for at most most in all. */
static size_t fair_share(const size_t *sizes, size_t count, size_t most)
{
	size_t low = 1, high = most;
	while (low < high) {
		size_t middle = (low + high + 1) / 2;
		if (total_within(sizes, count, middle) <= most)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The limits that the stylesheet gets. */
struct bounds {
	size_t findings_of_a_rule, links_of_a_message;
	bool all_findings; /* every finding is listed and can be linked to */
};

static int set_bounds(const struct results *results, struct bounds *bounds)
{
	size_t *by_rule = calloc(results->rule_count + 1, sizeof(*by_rule));
	size_t *by_message = calloc(results->message_count + 1, sizeof(*by_message));
	struct rule_index *index = rule_index_new(results);
	int status = by_rule && by_message && index ? 0 : -1;
	for (size_t i = 0; !status && i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		by_message[i] = message->finding_count;
		for (size_t k = 0; k < message->finding_count; k++) {
			size_t place = rule_index_of(index, message->findings[k].rule);
			by_rule[place < results->rule_count ? place : results->rule_count]++;
		}
	}
	if (!status) {
		size_t rules = results->rule_count + 1;
		size_t share = fair_share(by_rule, rules, MOST_FINDINGS);
		bounds->findings_of_a_rule = share;
		bounds->all_findings = total_within(by_rule, rules, share) ==
				       total_within(by_rule, rules, SIZE_MAX);
		bounds->links_of_a_message =
			fair_share(by_message, results->message_count, MOST_LINKS);
	}
	free(by_rule);
	free(by_message);
	rule_index_free(index);
	return status;
}

static int run_stylesheet(struct str document, const struct bounds *bounds, struct buf *out,
			  struct cpis_failure *failure)
{
	char style_source[SOURCE_BYTES], script_source[SOURCE_BYTES];
	char policy[512], most_findings[24], most_links[24], most_subjects[24];
	policy_source(asset_report_css, style_source);
	policy_source(asset_report_js, script_source);
	snprintf(policy, sizeof(policy),
		 "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; "
		 "form-action 'none'",
		 style_source, script_source);
	snprintf(most_findings, sizeof(most_findings), "%zu", bounds->findings_of_a_rule);
	snprintf(most_links, sizeof(most_links), "%zu", bounds->links_of_a_message);
	snprintf(most_subjects, sizeof(most_subjects), "%d", MOST_SUBJECTS);
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
		{ "most-links", most_links },
		{ "most-subjects", most_subjects },
		{ "all-findings", bounds->all_findings ? "yes" : "no" },
	};
	const struct xslt_job job = {
		.sheets = sheets,
		.sheet_count = sizeof(sheets) / sizeof(sheets[0]),
		.parameters = parameters,
		.parameter_count = sizeof(parameters) / sizeof(parameters[0]),
		.document = document,
	};
	return xslt_run(&job, out, failure);
}

int html_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	struct bounds bounds;
	struct buf document;
	if (set_bounds(results, &bounds)) {
		out->failed = true;
		return 0;
	}
	buf_init(&document, SIZE_MAX / 2);
	int status = results_xml_write(results, &document, failure);
	out->failed = out->failed || document.failed;
	if (!status && !out->failed)
		status = run_stylesheet(buf_view(&document), &bounds, out, failure);
	buf_release(&document);
	return status;
}
