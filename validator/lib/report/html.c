#include "report/sink.h"

#include "base/character.h"
#include "report/page.h"
#include "results/document.h"
#include "results/summary.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <stdio.h>

enum {
	SOURCE_BYTES = sizeof("sha256-") + BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE),
	MOST_HEAD = 90 /* characters of a head on paper */
};

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

/* In a style, a text is quoted, and all that could end it is written by its number. */
static void write_head(struct buf *style, const char *corner, const char *text)
{
	size_t written = 0;
	if (!text)
		return;
	buf_printf(style, "@page { @%s { content: \"", corner);
	for (struct character c = character_at(text); c.n && written < MOST_HEAD;
	     c = character_at(c.p + c.n), written++) {
		bool plain = c.code == ' ' || (c.code >= '0' && c.code <= '9') ||
			     (c.code >= 'A' && c.code <= 'Z') || (c.code >= 'a' && c.code <= 'z');
		if (plain)
			buf_char(style, (char)c.code);
		else
			buf_printf(style, "\\%x ", (unsigned)c.code);
	}
	buf_text(style, "\"; } }\n");
}

static int run_sheets(const struct page *page, struct str style, struct buf *out,
		      struct cpis_failure *failure)
{
	const struct xslt_sheet all[] = {
		{ "report.xsl", asset_report_xsl },
		{ "page.xsl", asset_page_xsl },
		{ "certificate.xsl", asset_certificate_xsl },
		{ "overview.xsl", asset_overview_xsl },
		{ "findings.xsl", asset_findings_xsl },
		{ "judged.xsl", asset_judged_xsl },
		{ "ledger.xsl", asset_ledger_xsl },
		{ "diff.xsl", asset_diff_xsl },
		{ "index.xsl", asset_index_xsl },
		{ "children.xsl", asset_children_xsl },
	};
	enum { COUNT = sizeof(all) / sizeof(all[0]), MOST_PARAMETERS = 16 };
	struct xslt_sheet sheets[COUNT];
	struct xslt_parameter parameters[MOST_PARAMETERS];
	char style_source[SOURCE_BYTES], script_source[SOURCE_BYTES], policy[512];
	size_t count = 1;
	for (size_t i = 0; i < COUNT; i++)
		sheets[strcmp(all[i].name, page->sheet) == 0 ? 0 : count++] = all[i];
	policy_source(style, style_source);
	policy_source(asset_report_js, script_source);
	snprintf(policy, sizeof(policy),
		 "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; "
		 "form-action 'none'",
		 style_source, page->has_script ? script_source : "none");
	parameters[0] = (struct xslt_parameter){ "policy", policy };
	parameters[1] = (struct xslt_parameter){ "style", style.p };
	parameters[2] = (struct xslt_parameter){ "script", asset_report_js.p };
	for (size_t i = 0; i < page->parameter_count && i + 3 < MOST_PARAMETERS; i++)
		parameters[i + 3] = page->parameters[i];
	const struct xslt_job job = {
		.sheets = sheets,
		.sheet_count = COUNT,
		.parameters = parameters,
		.parameter_count = page->parameter_count + 3,
		.document = page->document,
	};
	return xslt_run(&job, out, failure);
}

/* What the log of a pipeline could take for a command becomes a reference; the page is the same. */
static void defuse(const struct buf *page, struct buf *out)
{
	size_t from = 0;
	out->failed = out->failed || page->failed;
	for (size_t i = 0; i < page->n; i++) {
		const struct buf before = { .p = page->p, .n = i };
		if ((page->p[i] != ':' && page->p[i] != '#') ||
		    !character_starts_command(&before, page->p + i))
			continue;
		buf_add(out, page->p + from, i - from);
		buf_printf(out, "&#%u;", (unsigned)(unsigned char)page->p[i]);
		from = i + 1;
	}
	buf_add(out, page->n ? page->p + from : "", page->n - from);
}

int page_make(const struct page *page, struct buf *out, struct cpis_failure *failure)
{
	struct buf style, made;
	buf_init(&style, 1 << 20);
	buf_init(&made, SIZE_MAX / 2);
	buf_str(&style, asset_report_css);
	write_head(&style, "top-left", page->left);
	write_head(&style, "top-right", page->right);
	out->failed = out->failed || style.failed;
	int status = out->failed ? 0 : run_sheets(page, buf_view(&style), &made, failure);
	if (status == 0)
		defuse(&made, out);
	buf_release(&made);
	buf_release(&style);
	return status;
}

static const char *meta_of(const struct results *results, const char *name)
{
	for (size_t i = 0; i < results->meta_count; i++)
		if (text_same(results->meta[i].name, name))
			return results->meta[i].value;
	return "";
}

/* The heads on paper: which system this is about, and how it went, up to the colon. */
static void write_heads(const struct results *results, struct buf *left, struct buf *right)
{
	struct summary summary;
	struct buf headline;
	char date[32];
	buf_printf(left, "CP-IS conformance report: %s %s", meta_of(results, "system"),
		   meta_of(results, "version"));
	buf_init(&headline, 1 << 20);
	summary_of(results, &summary);
	summary_headline(results, &summary, &headline);
	struct str words = buf_view(&headline);
	summary_time(date, results->options.now);
	buf_printf(right, "%.*s, %.10s", (int)strcspn(words.p, ":."), words.p, date);
	buf_release(&headline);
}

static int write_page(const struct results *results, struct page_part *part, const char *only,
		      struct buf *out, struct cpis_failure *failure)
{
	struct buf document, left, right;
	char full[24], last_card[24];
	buf_init(&document, SIZE_MAX / 2);
	buf_init(&left, 1 << 20);
	buf_init(&right, 1 << 20);
	write_heads(results, &left, &right);
	snprintf(full, sizeof(full), "%zu", part->full);
	snprintf(last_card, sizeof(last_card), "%zu", part->last_card);
	const struct xslt_parameter parameters[] = {
		{ "most-full", full },
		{ "last-card", last_card },
		{ "totals", buf_view(&part->totals).p },
		{ "only", only },
	};
	int status = results_xml_write_part(results, &part->listed, &document, failure);
	const struct page page = {
		.sheet = "report.xsl",
		.document = buf_view(&document),
		.left = buf_view(&left).p,
		.right = buf_view(&right).p,
		.has_script = !only[0],
		.parameters = parameters,
		.parameter_count = sizeof(parameters) / sizeof(parameters[0]),
	};
	out->failed = out->failed || document.failed || left.failed || right.failed;
	if (status == 0 && !out->failed)
		status = page_make(&page, out, failure);
	buf_release(&document);
	buf_release(&left);
	buf_release(&right);
	return status;
}

static int write(const struct results *results, const char *only, struct buf *out,
		 struct cpis_failure *failure)
{
	struct page_part part;
	int status = 0;
	if (part_make(&part, results) != 0)
		out->failed = true;
	else
		status = write_page(results, &part, only, out, failure);
	part_release(&part);
	return status;
}

int html_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	return write(results, "", out, failure);
}

int certificate_write(const struct results *results, struct buf *out, struct cpis_failure *failure)
{
	return write(results, "certificate", out, failure);
}
