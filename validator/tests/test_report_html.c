/* The HTML report: what it promises of structure, safety, contrast and size. */
#include "report/sink.h"
#include "sample_results.h"

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const enum sample samples[] = { SAMPLE_VALIDATE, SAMPLE_RUN, SAMPLE_CLEAN };

enum { SAMPLE_COUNT = sizeof(samples) / sizeof(samples[0]) };

struct page {
	struct buf text;
	xmlDocPtr tree;
	xmlXPathContextPtr context;
};

static void open_format(struct page *page, const struct results *results, const char *format)
{
	const int options = HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
	struct cpis_failure failure = { 0 };
	buf_init(&page->text, SIZE_MAX / 2);
	assert_int_equal(sink_find(format)->write(results, &page->text, &failure), 0);
	assert_false(page->text.failed);
	page->tree = htmlReadMemory(page->text.p, (int)page->text.n, "page", "UTF-8", options);
	assert_non_null(page->tree);
	page->context = xmlXPathNewContext(page->tree);
}

static void open_results(struct page *page, const struct results *results)
{
	open_format(page, results, "html");
}

static void open_page(struct page *page, enum sample sample)
{
	struct results results;
	sample_fill(&results, sample);
	open_results(page, &results);
	sample_release(&results);
}

static void close_page(struct page *page)
{
	xmlXPathFreeContext(page->context);
	xmlFreeDoc(page->tree);
	buf_release(&page->text);
}

static size_t count(const struct page *page, const char *expression)
{
	xmlXPathObjectPtr object =
		xmlXPathEvalExpression((const xmlChar *)expression, page->context);
	assert_non_null(object);
	size_t found = object->nodesetval ? (size_t)object->nodesetval->nodeNr : 0;
	xmlXPathFreeObject(object);
	return found;
}

static void test_page_has_ten_sections_one_heading_and_landmarks(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct page page;
		open_page(&page, samples[i]);
		assert_int_equal(count(&page, "//main/section[@id != 'first'][@aria-labelledby]"),
				 10);
		assert_int_equal(count(&page, "//h1"), 1);
		assert_int_equal(count(&page, "//html[@lang='en-GB']"), 1);
		assert_int_equal(count(&page, "//body/header | //main | //nav | //body/footer"), 4);
		assert_int_equal(count(&page, "//table[not(caption)]"), 0);
		assert_int_equal(count(&page, "//th[not(@scope)]"), 0);
		assert_int_equal(count(&page, "//a[not(@href)]"), 0);
		assert_int_equal(
			count(&page, "//h3[not(preceding::h2)] | //h4[not(preceding::h3)]"), 0);
		assert_int_equal(
			count(&page, "//*[contains(@class, 'tag-')][not(normalize-space())]"), 0);
		close_page(&page);
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The values of attributes in order; the caller frees each and the list. */
static char **values(const struct page *page, const char *expression, size_t *n)
{
	xmlXPathObjectPtr object =
		xmlXPathEvalExpression((const xmlChar *)expression, page->context);
	assert_non_null(object);
	*n = object->nodesetval ? (size_t)object->nodesetval->nodeNr : 0;
	char **list = calloc(*n + 1, sizeof(*list));
	for (size_t i = 0; i < *n; i++)
		list[i] = (char *)xmlNodeGetContent(object->nodesetval->nodeTab[i]);
	qsort(list, *n, sizeof(*list), compare_text);
	xmlXPathFreeObject(object);
	return list;
}

static void free_values(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		xmlFree(list[i]);
	free(list);
}

static void check_anchors(const struct page *page)
{
	size_t id_count, link_count;
	char **ids = values(page, "//@id", &id_count);
	char **links = values(page, "//a/@href", &link_count);
	for (size_t i = 1; i < id_count; i++)
		if (strcmp(ids[i - 1], ids[i]) == 0)
			fail_msg("the id %s is used twice", ids[i]);
	for (size_t i = 0; i < link_count; i++) {
		char *id = links[i] + 1;
		assert_int_equal(links[i][0], '#');
		if (!bsearch(&id, ids, id_count, sizeof(*ids), compare_text))
			fail_msg("%s leads nowhere", links[i]);
	}
	free_values(ids, id_count);
	free_values(links, link_count);
}

static void test_every_id_is_unique_and_every_link_leads_somewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct page page;
		open_page(&page, samples[i]);
		check_anchors(&page);
		close_page(&page);
	}
}

static void test_anchors_are_the_rule_and_the_fingerprint(void **state)
{
	(void)state;
	struct page page;
	open_page(&page, SAMPLE_VALIDATE);
	assert_int_equal(count(&page, "//article[@id='r-DAT-003']//li[@id='f-88c0e6d27f5a1b34']"),
			 1);
	assert_int_equal(count(&page, "//li[@id='f-5b1f0a9c33e4d201']"), 1);
	assert_int_equal(count(&page, "//li[@id='f-5b1f0a9c33e4d201-1-4']"), 1);
	close_page(&page);
}

/* The policy names the digest of what is really between the tags. */
static void check_policy(const struct page *page, const char *start, const char *end,
			 const char *directive)
{
	const char *from = strstr(page->text.p, start) + strlen(start);
	size_t n = (size_t)(strstr(from, end) - from);
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char expected[128];
	size_t used = (size_t)snprintf(expected, sizeof(expected), "%s 'sha256-", directive);
	sha256_init(&context);
	sha256_update(&context, n, (const uint8_t *)from);
	sha256_digest(&context, sizeof(digest), digest);
	base64_encode_raw(expected + used, sizeof(digest), digest);
	strcpy(expected + used + BASE64_ENCODE_RAW_LENGTH(sizeof(digest)), "';");
	assert_non_null(strstr(page->text.p, expected));
}

static void test_policy_allows_our_style_and_script_only(void **state)
{
	(void)state;
	struct page page;
	open_page(&page, SAMPLE_RUN);
	assert_non_null(strstr(page.text.p, "default-src 'none'"));
	check_policy(&page, "<style>", "</style>", "style-src");
	check_policy(&page, "<script>", "</script>", "script-src");
	close_page(&page);
}

static void test_no_value_becomes_markup(void **state)
{
	(void)state;
	struct page page;
	open_page(&page, SAMPLE_RUN);
	assert_int_equal(count(&page, "//script"), 1);
	assert_int_equal(count(&page, "//style"), 1);
	assert_int_equal(count(&page, "//@style | //@*[starts-with(name(), 'on')] | //b"), 0);
	assert_int_equal(count(&page, "//@src | //link | //iframe | //object | //img"), 0);
	assert_non_null(strstr(page.text.p, "&lt;script&gt;alert("));
	close_page(&page);
}

/* Contrast, from the palettes of the style sheet (WCAG 2.2, relative luminance). */

/* x to the power of 12/5, by Newton's way to the fifth root: no need of libm. */
static double power_2_4(double x)
{
	double square = x * x, twelfth = square * square * square * square * square * square,
	       root = 1;
	for (size_t i = 0; i < 100; i++)
		root -= (root * root * root * root * root - twelfth) /
			(5 * root * root * root * root);
	return root;
}

static double channel(unsigned value)
{
	double c = value / 255.0;
	return c <= 0.04045 ? c / 12.92 : power_2_4((c + 0.055) / 1.055);
}

static double luminance(const char *palette, const char *name)
{
	char key[64];
	unsigned red = 0, green = 0, blue = 0;
	snprintf(key, sizeof(key), "--%s: #", name);
	const char *found = strstr(palette, key);
	if (!found || sscanf(found + strlen(key), "%2x%2x%2x", &red, &green, &blue) != 3)
		fail_msg("no colour %s", name);
	return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}

static double contrast(const char *palette, const char *one, const char *other)
{
	double a = luminance(palette, one), b = luminance(palette, other);
	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static void check_palette(const char *palette)
{
	static const struct {
		const char *ink, *paper;
		double least;
	} pairs[] = {
		{ "ink", "paper", 7 },		{ "ink", "surface", 7 },
		{ "muted", "paper", 4.5 },	{ "muted", "surface", 4.5 },
		{ "link", "paper", 4.5 },	{ "link", "surface", 4.5 },
		{ "focus-ink", "focus", 4.5 },	{ "band-ink", "band", 4.5 },
		{ "band-muted", "band", 4.5 },	{ "good-ink", "good", 4.5 },
		{ "bad-ink", "bad", 4.5 },	{ "caution-ink", "caution", 4.5 },
		{ "open-ink", "open", 4.5 },	{ "note-ink", "note", 4.5 },
		{ "plain-ink", "plain", 4.5 },	{ "mark-ink", "mark", 4.5 },
		{ "good-edge", "paper", 3 },	{ "bad-edge", "paper", 3 },
		{ "caution-edge", "paper", 3 }, { "open-edge", "paper", 3 },
		{ "note-edge", "paper", 3 },	{ "plain-edge", "paper", 3 },
		{ "focus-ink", "focus", 3 },	{ "muted", "paper", 3 },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		double ratio = contrast(palette, pairs[i].ink, pairs[i].paper);
		if (ratio < pairs[i].least)
			fail_msg("%s on %s has a contrast of %.2f", pairs[i].ink, pairs[i].paper,
				 ratio);
	}
}

static void test_both_palettes_have_enough_contrast(void **state)
{
	(void)state;
	struct page page;
	open_page(&page, SAMPLE_CLEAN);
	const char *light = strstr(page.text.p, ":root {");
	const char *dark = strstr(page.text.p, "prefers-color-scheme: dark");
	assert_non_null(light);
	assert_non_null(dark);
	check_palette(light);
	check_palette(dark);
	close_page(&page);
}

static void test_a_huge_run_stays_readable(void **state)
{
	(void)state;
	enum { MESSAGES = 3000, FINDINGS = 8 };
	struct results results;
	struct page page;
	sample_fill(&results, SAMPLE_VALIDATE);
	const struct message_result first = results.messages[0];
	for (size_t i = 0; i < MESSAGES; i++) {
		struct message_result *message = results_add_message(&results);
		*message = first;
		message->findings = NULL;
		message->finding_count = message->finding_room = 0;
		message->unlisted_count = 0;
		for (size_t k = 0; k < FINDINGS; k++) {
			struct finding *finding = message_add_finding(&results, message);
			*finding = first.findings[k % 3];
			finding->fingerprint = arena_printf(&results.arena, "%08zx%08zx", i, k);
		}
	}
	open_results(&page, &results);
	assert_true(page.text.n < 5000000);
	assert_non_null(strstr(page.text.p, "And 504 more messages"));
	assert_non_null(strstr(page.text.p, ">24,008 findings from 6 rules"));
	check_anchors(&page);
	close_page(&page);
	sample_release(&results);
}

/* A message for each case, with findings in turn of the first three kinds of the sample. */
static void fill_cases(struct results *results, size_t cases, size_t findings)
{
	const struct message_result first = results->messages[0];
	results->message_count = results->case_count = 0;
	for (size_t i = 0; i < cases; i++) {
		size_t from = i * findings / cases, until = (i + 1) * findings / cases;
		struct case_result *one = results_add_case(results);
		*one = (struct case_result){
			.pack = "la-upload",
			.id = arena_printf(&results->arena, "LAU-%04zu", i + 1),
			.title = "A child whose plan was keyed on the system",
			.from = CASE_OF_EVIDENCE,
			.outcome = until > from ? CASE_FAILED : CASE_PASSED,
			.expected = "pass",
			.actual = until > from ? "fail" : "pass",
			.first_message = i,
			.message_count = 1,
		};
		struct message_result *message = results_add_message(results);
		*message = first;
		message->source = arena_printf(&results->arena, "evidence/%04zu.xml", i + 1);
		message->findings = NULL;
		message->finding_count = message->finding_room = message->unlisted_count = 0;
		for (size_t k = from; k < until; k++) {
			struct finding *finding = message_add_finding(results, message);
			*finding = first.findings[k % 3];
			finding->fingerprint = arena_printf(&results->arena, "%016zx", k);
		}
	}
}

static void test_all_of_5000_findings_are_there_to_be_searched(void **state)
{
	(void)state;
	struct results results;
	struct page page;
	sample_fill(&results, SAMPLE_RUN);
	fill_cases(&results, 2000, 5000);
	open_results(&page, &results);
	assert_true(page.text.n < 3000000);
	assert_int_equal(count(&page, "//li[contains(@class, 'occurrence')]"), 5000);
	assert_int_equal(count(&page, "//article[starts-with(@class, 'case ')]"), 2000);
	assert_int_equal(count(&page, "//li[@class='message']"), 2000);
	assert_non_null(strstr(page.text.p, "5,000 findings from 3 rules"));
	check_anchors(&page);
	close_page(&page);
	sample_release(&results);
}

static void test_certificate_is_page_one_alone(void **state)
{
	(void)state;
	struct results results;
	struct page page;
	sample_fill(&results, SAMPLE_RUN);
	open_format(&page, &results, "certificate");
	assert_int_equal(count(&page, "//main/section"), 1);
	assert_int_equal(count(&page, "//h1"), 1);
	assert_int_equal(count(&page, "//script"), 0);
	assert_int_equal(count(&page, "//a"), 0);
	assert_int_equal(count(&page, "//div[@class='signature']"), 2);
	/* As the text report and cpis verify call it: over all that the pack reads, not its one
	 * file. */
	assert_non_null(strstr(page.text.p, results.packs[0].digest));
	assert_null(strstr(page.text.p, results.packs[0].sha256));
	assert_non_null(strstr(page.text.p, "script-src 'none'"));
	check_policy(&page, "<style>", "</style>", "style-src");
	close_page(&page);
	sample_release(&results);
}

/* A pack's own messages show nothing of a system, whatever the verdict. */
static void test_no_evidence_makes_no_certificate(void **state)
{
	(void)state;
	static const char *const formats[] = { "html", "certificate" };
	for (size_t i = 0; i < 2; i++) {
		struct results results;
		struct page page;
		sample_fill(&results, SAMPLE_RUN);
		for (size_t k = 0; k < results.case_count; k++)
			results.cases[k].from = CASE_OF_PACK;
		open_format(&page, &results, formats[i]);
		assert_non_null(strstr(page.text.p, "must not be used as a certificate"));
		assert_non_null(strstr(page.text.p, "not a certificate"));
		assert_null(strstr(page.text.p, "Certificate of conformance"));
		assert_int_equal(count(&page, "//div[@class='signature']"), 0);
		close_page(&page);
		sample_release(&results);
	}
}

static const char long_reason[] =
	"Counted by the gateway until version 4.2 of the system is installed at all of the sites "
	"of the authority, which the board knows of and has accepted in writing, ticket 119 "
	"(A. Assessor of the Northern Assurance Office, until 2027-03-31)";

/* A board sees what was accepted, why, by whom and until when, and no word is cut in two. */
static void test_page_one_says_all_of_what_was_accepted(void **state)
{
	(void)state;
	static const char *const formats[] = { "html", "certificate" };
	static const char *const says[] = {
		"1 error is accepted until 31 March 2027: Plan end date is before its start date.",
		"DAT-003 (error): Plan end date is before its start date",
		long_reason,
		"Uploads of an authority of which the title is longer than a page of paper has "
		"room for on \xe2\x80\xa6",
		"LA-UP-01 failed: Every child with a plan is uploaded.",
	};
	for (size_t i = 0; i < 2; i++) {
		struct results results;
		struct page page;
		sample_fill(&results, SAMPLE_RUN);
		results.packs[0].title = "Uploads of an authority of which the title is longer "
					 "than a page of paper has room for on one line of it";
		struct finding accepted = results.messages[0].findings[1];
		accepted.waived = long_reason;
		results.messages[0].findings = &accepted;
		results.messages[0].finding_count = 1;
		results.messages[2].finding_count = 0;
		open_format(&page, &results, formats[i]);
		for (size_t k = 0; k < sizeof(says) / sizeof(says[0]); k++)
			if (!strstr(page.text.p, says[k]))
				fail_msg("%s does not say: %s", formats[i], says[k]);
		close_page(&page);
		sample_release(&results);
	}
}

static void test_page_lists_what_was_not_read(void **state)
{
	(void)state;
	struct results results;
	struct page page;
	sample_fill(&results, SAMPLE_CLEAN);
	struct message_result *message = results_add_message(&results);
	*message = (struct message_result){ .source = "list.html", .verdict = CPIS_FAIL };
	open_results(&page, &results);
	assert_non_null(strstr(page.text.p, "1 message was not recognised."));
	assert_int_equal(count(&page, "//section[@id='verdict']//a[@href='#unchecked']"), 1);
	assert_int_equal(count(&page, "//section[@id='unchecked']//li[contains(., 'list.html: the "
				      "message, because it was not recognised.')]/a"),
			 1);
	assert_int_equal(count(&page, "//div[dt='Not recognised'][dd='1']"), 1);
	check_anchors(&page);
	close_page(&page);
	sample_release(&results);
}

/* What ends a style or a text in it must not come from a value. */
static void test_heads_on_paper_stay_in_their_quotes(void **state)
{
	(void)state;
	struct results results;
	struct page page;
	sample_fill(&results, SAMPLE_RUN);
	assert_int_equal(results.meta_count > 1, 1);
	for (size_t i = 0; i < results.meta_count; i++)
		results.meta[i].value = "</style><script>alert(1)</script>\"; } x { y: z";
	open_results(&page, &results);
	assert_int_equal(count(&page, "//style"), 1);
	assert_int_equal(count(&page, "//script"), 1);
	assert_non_null(strstr(page.text.p, "\\3c \\2f style\\3e "));
	check_policy(&page, "<style>", "</style>", "style-src");
	close_page(&page);
	sample_release(&results);
}

static int keep(void *context, const void *bytes, size_t n)
{
	buf_add(context, bytes, n);
	return 0;
}

static void open_text(struct page *page)
{
	const int options = HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
	page->tree = htmlReadMemory(page->text.p, (int)page->text.n, "page", "UTF-8", options);
	assert_non_null(page->tree);
	page->context = xmlXPathNewContext(page->tree);
}

static void test_a_difference_is_a_page(void **state)
{
	(void)state;
	struct page page;
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	buf_init(&page.text, SIZE_MAX / 2);
	assert_int_equal(cpis_results_diff_write("reports/golden/run.results.xml",
						 "reports/golden/validate.results.xml", "html",
						 keep, &page.text, &verdict, &failure),
			 0);
	open_text(&page);
	assert_int_equal(count(&page, "//h1"), 1);
	assert_int_equal(count(&page, "//script | //b"), 0);
	assert_int_equal(count(&page, "//table[not(caption)] | //th[not(@scope)]"), 0);
	assert_int_equal(count(&page, "//section[@id='cases']//tbody/tr"), 8);
	check_policy(&page, "<style>", "</style>", "style-src");
	close_page(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_has_ten_sections_one_heading_and_landmarks),
		cmocka_unit_test(test_every_id_is_unique_and_every_link_leads_somewhere),
		cmocka_unit_test(test_anchors_are_the_rule_and_the_fingerprint),
		cmocka_unit_test(test_policy_allows_our_style_and_script_only),
		cmocka_unit_test(test_no_value_becomes_markup),
		cmocka_unit_test(test_both_palettes_have_enough_contrast),
		cmocka_unit_test(test_a_huge_run_stays_readable),
		cmocka_unit_test(test_all_of_5000_findings_are_there_to_be_searched),
		cmocka_unit_test(test_certificate_is_page_one_alone),
		cmocka_unit_test(test_no_evidence_makes_no_certificate),
		cmocka_unit_test(test_page_one_says_all_of_what_was_accepted),
		cmocka_unit_test(test_page_lists_what_was_not_read),
		cmocka_unit_test(test_heads_on_paper_stay_in_their_quotes),
		cmocka_unit_test(test_a_difference_is_a_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
