/*
 * Input that is made to hurt: bombs, depth without end, parts without number, files that break off
 * and bytes that were changed. All of it ends quickly, and none of it passes.
 */
#include "diag/results.h"
#include "engine/engine.h"
#include "run_cli.h"
#include "transport/fields.h"
#include "wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#define UPLOAD	 "testcases/messages/upload-one.xml"
#define ENVELOPE "testcases/messages/itk-upload.xml"
#define EBXML                                                                                      \
	"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "                       \
	"xmlns:e=\"http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd\">"    \
	"<s:Header><e:MessageHeader/></s:Header><s:Body/></s:Envelope>"
#define BASE64	 " base64=\"true\""
#define SQUEEZED " base64=\"true\" compressed=\"true\""

enum { MEBIBYTE = 1024 * 1024, DEEP = 100 };

/* More than may be in a source. */
static size_t many = 100000;

/* Generous, so that a busy machine and the sanitizers stay below it: without a limit it would be
 * hours. */
enum { MOST_SECONDS = 120 };

static struct cpis_results *judge_by(const struct cpis_options *options, struct str bytes)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	clock_t start = clock();
	assert_int_equal(cpis_results_new(&results, options, &failure), 0);
	const struct engine_input input = { .name = "sent", .bytes = bytes };
	assert_int_equal(engine_judge((struct results *)(void *)results, &input, &failure), 0);
	assert_true(clock() - start < (clock_t)MOST_SECONDS * CLOCKS_PER_SEC);
	return results;
}

static const struct results *model_of(struct cpis_results *results)
{
	return (const struct results *)(void *)results;
}

static bool says(const struct results *model, const char *rule, const char *words)
{
	for (size_t i = 0; i < model->message_count; i++)
		for (size_t k = 0; k < model->messages[i].finding_count; k++) {
			const struct finding *finding = &model->messages[i].findings[k];
			if (strcmp(finding->rule->id, rule) == 0 && strstr(finding->message, words))
				return true;
		}
	return false;
}

/* Takes what is wrapped. It is incomplete, and says so in these words. */
static void assert_sealed_by(const struct cpis_options *options, struct wrapped wrapped,
			     const char *words)
{
	struct cpis_results *results = judge_by(options, buf_view(&wrapped.bytes));
	if (cpis_results_verdict(results) != CPIS_INCOMPLETE)
		fail_msg("not incomplete: %s: %s",
			 model_of(results)->messages[0].findings[0].rule->id,
			 model_of(results)->messages[0].findings[0].message);
	if (!says(model_of(results), "TRN-008", words))
		fail_msg("nothing says %s, but %s", words,
			 model_of(results)->messages[0].finding_count
				 ? model_of(results)->messages[0].findings[0].message
				 : "nothing");
	cpis_results_free(results);
	wrap_release(&wrapped);
}

static void assert_sealed(struct wrapped wrapped, const char *words)
{
	static const struct cpis_options defaults = { .now = 1793491200 };
	assert_sealed_by(&defaults, wrapped, words);
}

static void assert_fails(struct wrapped wrapped, const char *rule, const char *words)
{
	static const struct cpis_options defaults = { .now = 1793491200 };
	struct cpis_results *results = judge_by(&defaults, buf_view(&wrapped.bytes));
	assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
	if (!says(model_of(results), rule, words))
		fail_msg("%s does not say: %s", rule, words);
	cpis_results_free(results);
	wrap_release(&wrapped);
}

static struct wrapped message(void)
{
	size_t n;
	char *text = read_file(UPLOAD, &n);
	struct wrapped bare = wrap_bare((struct str){ text, n });
	free(text);
	return bare;
}

/* gzip data of so many mebibytes of blanks, in members of one mebibyte each: a thousandth of them.
 */
static struct wrapped bomb(size_t mebibytes)
{
	struct wrapped blanks = wrap_bare(STR(""));
	assert_true(buf_reserve(&blanks.bytes, MEBIBYTE));
	memset(blanks.bytes.p, ' ', MEBIBYTE);
	blanks.bytes.n = MEBIBYTE;
	struct wrapped member = wrap_gzip(blanks);
	struct wrapped all = wrap_bare(STR(""));
	for (size_t i = 0; i < mebibytes; i++)
		buf_str(&all.bytes, buf_view(&member.bytes));
	wrap_release(&member);
	all.decoded = true;
	return all;
}

static void test_a_bomb_is_sealed_before_it_is_large(void **state)
{
	(void)state;
	assert_sealed(bomb(8192), "more than 400 times its size");
	struct rusage usage;
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_true(usage.ru_maxrss < 1024 * 1024);
}

static void test_a_bomb_is_sealed_in_every_layer(void **state)
{
	(void)state;
	assert_sealed(wrap_gzip(bomb(8192)), "more than 400 times its size");
	assert_sealed(wrap_request(bomb(4096), "Content-Encoding: gzip\r\n"),
		      "more than 400 times");
	assert_sealed(wrap_zip(bomb(4096), "a.gz"), "more than 400 times its size");
	assert_sealed(wrap_mime(wrap_base64(bomb(1024), 76), "base64"),
		      "more than 400 times its size");
	assert_sealed(wrap_payload(wrap_base64(bomb(1024), 76), ENVELOPE, SQUEEZED),
		      "more than 400 times");
	/* It fails because base64 says once, and is sealed all the same. */
	assert_fails(wrap_payload(wrap_base64(wrap_base64(bomb(1024), 76), 0), ENVELOPE, BASE64),
		     "TRN-008", "more than 400 times its size");
}

static void test_a_bomb_in_a_zip_is_sealed(void **state)
{
	(void)state;
	struct wrapped zip = { 0 };
	struct archive *archive = wrap_archive_start(&zip.bytes, true);
	char *blanks = malloc(16 * MEBIBYTE);
	assert_non_null(blanks);
	memset(blanks, ' ', 16 * MEBIBYTE);
	for (size_t i = 0; i < 8; i++)
		wrap_archive_add(archive, "a.xml", (struct str){ blanks, 16 * MEBIBYTE });
	wrap_archive_end(archive);
	free(blanks);
	static const struct cpis_options defaults = { .now = 1793491200 };
	struct cpis_results *results = judge_by(&defaults, buf_view(&zip.bytes));
	assert_true(says(model_of(results), "TRN-008", "more than 400 times its size"));
	assert_int_not_equal(cpis_results_verdict(results), CPIS_PASS);
	cpis_results_free(results);
	wrap_release(&zip);
}

static void test_layers_together_decode_no_more_than_the_limit(void **state)
{
	(void)state;
	struct cpis_options options = { .now = 1793491200, .max_decoded_bytes = 1024 };
	assert_sealed_by(&options, wrap_gzip(message()), "the limit of 1,024 bytes");
	assert_sealed_by(&options, wrap_base64(wrap_gzip(message()), 0),
			 "the limit of 1,024 bytes");
	assert_sealed_by(&options, wrap_zip(message(), "a.xml"), "the limit of 1,024 bytes");
	assert_sealed_by(&options, wrap_mime(wrap_quoted(message()), "quoted-printable"),
			 "the limit of 1,024 bytes");
	assert_sealed_by(
		&options,
		wrap_start_line(wrap_chunks(message(), 64), "Transfer-Encoding: chunked\r\n"),
		"larger than the limit");
}

/* Each with a boundary of its own; what is in it has its header. */
static struct wrapped in_mime(struct wrapped inner)
{
	char before[128], behind[64];
	size_t n = inner.bytes.n;
	const char *type = inner.bytes.p[0] == '<' ? "Content-Type: text/xml\r\n\r\n" : "";
	snprintf(before, sizeof(before),
		 "Content-Type: multipart/mixed; boundary=\"b%zu.\"\r\n\r\n--b%zu.\r\n%s", n, n,
		 type);
	snprintf(behind, sizeof(behind), "\r\n--b%zu.--\r\n", n);
	return wrap_between(inner, str_of(before), str_of(behind));
}

static struct wrapped in_request(struct wrapped inner)
{
	return wrap_request(inner, "");
}

static struct wrapped in_zip(struct wrapped inner)
{
	return wrap_zip(inner, "a.zip");
}

static struct wrapped in_envelope(struct wrapped inner)
{
	return wrap_payload(wrap_base64(wrap_gzip(inner), 0), ENVELOPE, SQUEEZED);
}

static void test_a_hundred_layers_are_sealed_at_sixteen(void **state)
{
	(void)state;
	static const struct {
		struct wrapped (*wrap)(struct wrapped inner);
		size_t times;
	} towers[] = {
		{ wrap_gzip, DEEP },
		{ in_mime, DEEP },
		{ in_request, DEEP },
		{ in_zip, DEEP },
	};
	for (size_t i = 0; i < sizeof(towers) / sizeof(towers[0]); i++) {
		struct wrapped tower = message();
		for (size_t k = 0; k < towers[i].times; k++)
			tower = towers[i].wrap(tower);
		buf_release(&tower.member);
		assert_sealed(tower, "packed in more layers than 1");
	}
	/* Envelopes in envelopes are a fault of their own, and as deep as any. */
	struct wrapped envelopes = message();
	for (size_t k = 0; k < 12; k++)
		envelopes = in_envelope(envelopes);
	assert_fails(envelopes, "ITK-052", "a distribution envelope");
	/* So deep in base64, it can no longer be seen that it holds something. */
	struct wrapped tower = message();
	for (size_t k = 0; k < 24; k++)
		tower = wrap_base64(tower, 0);
	assert_fails(tower, "TRN-001", "plain text");
	struct cpis_options options = { .now = 1793491200, .max_layers = 2 };
	assert_sealed_by(&options, wrap_gzip(wrap_gzip(wrap_gzip(message()))),
			 "more layers than 2");
}

static void test_a_hundred_thousand_parts_are_sealed_at_ten_thousand(void **state)
{
	(void)state;
	struct wrapped parts = wrap_bare(STR("MIME-Version: 1.0\r\n"
					     "Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	for (size_t i = 0; i < many; i++)
		buf_text(&parts.bytes, "--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n");
	buf_text(&parts.bytes, "--b--\r\n");
	assert_sealed(parts, "more parts than 10000");

	struct wrapped requests = wrap_bare(STR(""));
	for (size_t i = 0; i < many; i++)
		buf_text(&requests.bytes, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n<a/>");
	assert_sealed(requests, "more parts than 10000");

	struct wrapped payload = wrap_payload(wrap_base64(message(), 0), ENVELOPE, BASE64);
	char *text = strndup(payload.bytes.p, payload.bytes.n);
	char *end = strstr(text, "</itk:payload>");
	struct wrapped payloads = wrap_bare((struct str){ text, (size_t)(end - text) });
	for (size_t i = 0; i < many; i++)
		buf_text(&payloads.bytes, "</itk:payload><itk:payload id=\"a\">PGEvPg==");
	buf_text(&payloads.bytes, end);
	struct cpis_options options = { .now = 1793491200,
					.skip_stages = 1u << CPIS_RULES | 1u << CPIS_SCHEMA };
	assert_sealed_by(&options, payloads, "more parts than 10000");
	free(text);
	wrap_release(&payload);
}

/* Lines are counted once, not once for each part that something is found in. */
static void test_many_bad_parts_far_behind_take_no_longer(void **state)
{
	(void)state;
	enum { PARTS = 9000 };
	char *blanks = malloc(64 * MEBIBYTE);
	assert_non_null(blanks);
	memset(blanks, ' ', 64 * MEBIBYTE);
	struct str far = { blanks, 64 * MEBIBYTE };
	struct wrapped parts =
		wrap_between(wrap_bare(far),
			     STR("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), STR("\r\n"));
	for (size_t i = 0; i < PARTS; i++)
		buf_text(&parts.bytes, "--b\r\nContent-Type: text/xml\r\n\r\n<a>\r\n");
	buf_text(&parts.bytes, "--b--\r\n");
	assert_fails(wrap_base64(parts, 0), "XML-001", "");

	struct wrapped payload = wrap_payload(wrap_base64(message(), 0), ENVELOPE, BASE64);
	char *text = strndup(payload.bytes.p, payload.bytes.n);
	char *start = strstr(text, "<itk:payload "), *end = strstr(text, "</itk:payload>");
	struct wrapped payloads = wrap_bare((struct str){ text, (size_t)(start - text) });
	buf_str(&payloads.bytes, far);
	buf_add(&payloads.bytes, start, (size_t)(end - start));
	for (size_t i = 0; i < PARTS; i++)
		buf_text(&payloads.bytes, "</itk:payload><itk:payload id=\"a\">PGE-");
	buf_text(&payloads.bytes, end);
	static const struct cpis_options large = { .now = 1793491200,
						   .max_attribute_bytes = 128 * MEBIBYTE };
	struct cpis_results *results = judge_by(&large, buf_view(&payloads.bytes));
	assert_int_equal(model_of(results)->left_out_count, PARTS);
	cpis_results_free(results);
	wrap_release(&payloads);
	wrap_release(&payload);
	free(text);
	free(blanks);
}

static void test_an_archive_of_a_hundred_thousand_files_is_sealed_at_ten_thousand(void **state)
{
	(void)state;
	for (int zip = 0; zip < 2; zip++) {
		struct wrapped files = { 0 };
		struct archive *archive = wrap_archive_start(&files.bytes, zip);
		for (size_t i = 0; i < many; i++) {
			char name[32];
			snprintf(name, sizeof(name), "%zu.%s", i, i % 2 ? "xml" : "ctl");
			wrap_archive_add(archive, name, STR("<a/>"));
		}
		wrap_archive_end(archive);
		static const struct cpis_options defaults = { .now = 1793491200 };
		struct cpis_results *results = judge_by(&defaults, buf_view(&files.bytes));
		assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
		assert_true(says(model_of(results), "TRN-008", "more parts than 10000"));
		cpis_results_free(results);
		wrap_release(&files);
	}
}

/* A finding at the start of each part comes after one of its content, which is further on. */
static void test_many_parts_without_a_head_take_no_longer(void **state)
{
	(void)state;
	enum { PARTS = 9000, LINES = 100 };
	struct wrapped parts = wrap_bare(STR("Content-Type: multipart/related; boundary=b\r\n\r\n"
					     "--b\r\nContent-Type: text/xml\r\n\r\n"));
	buf_text(&parts.bytes, EBXML);
	for (size_t i = 0; i < PARTS; i++) {
		buf_text(&parts.bytes, "\r\n--b\r\n");
		for (size_t k = 0; k < LINES; k++)
			buf_text(&parts.bytes, "\r\n");
	}
	buf_text(&parts.bytes, "\r\n--b--\r\n");
	clock_t start = clock();
	assert_fails(parts, "TRN-003", "has no Content-Type");
	assert_true(clock() - start < (clock_t)20 * CLOCKS_PER_SEC);
}

/* More than the length that is said: a receiver takes the rest for something else. */
static void test_what_follows_a_body_is_not_said_to_be_checked(void **state)
{
	(void)state;
	static const struct cpis_options defaults = { .now = 1793491200 };
	struct wrapped one = message();
	char head[128];
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", one.bytes.n);
	struct wrapped two =
		wrap_between(message(), str_of(head), (struct str){ one.bytes.p, one.bytes.n });
	struct cpis_results *results = judge_by(&defaults, buf_view(&two.bytes));
	const struct results *model = model_of(results);
	assert_true(says(model, "TRN-006", "the body has"));
	assert_int_equal(model->messages[0].omission_count, 1);
	assert_non_null(strstr(model->messages[0].omissions[0].why, "not read to its end"));
	cpis_results_free(results);
	wrap_release(&two);
	wrap_release(&one);
}

static void test_mime_without_end_is_a_finding(void **state)
{
	(void)state;
	static const char head[] = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n"
				   "Content-Type: text/xml\r\n\r\n";
	struct wrapped endless = wrap_bare(str_of(head));
	for (size_t i = 0; i < many; i++)
		buf_text(&endless.bytes, "\r\n--bb\r\n--");
	assert_fails(endless, "TRN-003", "is missing after part 1");
	assert_fails(wrap_between(message(), str_of(head), STR("")), "TRN-003",
		     "is missing after part 1");
	assert_fails(wrap_bare(STR("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n")),
		     "TRN-003", "has no boundary");
}

static void test_sizes_that_overflow_are_findings(void **state)
{
	(void)state;
	static const char *const sizes[] = {
		"ffffffffffffffff", "fffffffffffffffff", "8000000000000000", "-1", "", "0x10",
		"7fffffffffffffff"
	};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char before[128];
		snprintf(before, sizeof(before),
			 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n", sizes[i]);
		assert_fails(wrap_between(message(), str_of(before), STR("\r\n0\r\n\r\n")),
			     "TRN-006", "");
	}
	static const char *const lengths[] = { "18446744073709551615", "18446744073709551616",
					       "1e3", "-5" };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char before[128];
		snprintf(before, sizeof(before), "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
			 lengths[i]);
		assert_fails(wrap_between(message(), str_of(before), STR("")), "TRN-006",
			     "Content-Length");
	}
}

static void test_names_in_an_archive_are_only_names(void **state)
{
	(void)state;
	struct wrapped zip = { 0 };
	struct wrapped good = message();
	struct archive *archive = wrap_archive_start(&zip.bytes, true);
	wrap_archive_add(archive, "../../outside.xml", buf_view(&good.bytes));
	wrap_archive_add(archive, "/etc/absolute.xml", buf_view(&good.bytes));
	wrap_archive_add(archive, "line\nend\x1b[31m.xml", buf_view(&good.bytes));
	wrap_archive_end(archive);
	static const struct cpis_options defaults = { .now = 1793491200 };
	struct cpis_results *results = judge_by(&defaults, buf_view(&zip.bytes));
	assert_int_equal(cpis_results_message_count(results), 3);
	assert_string_equal(model_of(results)->messages[2].source,
			    "sent!line\\u000Aend\\u001B[31m.xml");
	cpis_results_free(results);
	wrap_release(&zip);
	wrap_release(&good);
}

static char *find_in(struct wrapped wrapped, const char *bytes, size_t n)
{
	char *at = memmem(wrapped.bytes.p, wrapped.bytes.n, bytes, n);
	assert_non_null(at);
	return at;
}

/* The head of a tar member, after it was changed, has the sum of its bytes. */
static void sum_head(char *head)
{
	unsigned sum = 0;
	memset(head + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 8, "%06o", sum);
}

/* A zip archive whose member says, and is listed, to be compressed by a method. */
static struct wrapped zip_by_method(char said, char listed)
{
	struct wrapped zip = wrap_zip(message(), "a.xml");
	zip.bytes.p[8] = said;
	find_in(zip, "PK\1\2", 4)[10] = listed;
	return zip;
}

/* A method that is not known here does not make a message wrong; two that contradict each other do.
 */
static void test_a_zip_by_a_method_that_is_not_known_is_incomplete(void **state)
{
	(void)state;
	assert_sealed(zip_by_method(9, 9), "a method that is not known here (9: ");
	assert_sealed(zip_by_method(97, 97), "a method that is not known here (97: ");
	assert_sealed(zip_by_method(77, 77), "a method that is not known here (77: ");
	assert_fails(zip_by_method(9, 8), "TRN-005", "the method of compression of a member");
	assert_fails(zip_by_method(0, 0), "TRN-005", "");
}

/* A tar whose member, with a message in it, is of another kind. */
static struct wrapped tar_of_kind(char kind)
{
	struct wrapped tar = wrap_tar(message(), "a.xml");
	tar.bytes.p[156] = kind;
	sum_head(tar.bytes.p);
	return tar;
}

/* unzip and others make a file of it. */
static void test_a_folder_with_bytes_in_it_is_incomplete(void **state)
{
	(void)state;
	static const char *const names[] = { "a.xml", "a.xml/" };
	for (size_t i = 0; i < 2; i++) {
		struct wrapped zip = wrap_zip(message(), names[i]);
		memcpy(find_in(zip, "PK\1\2", 4) + 38, "\x10\0\xed\x41", 4);
		assert_sealed(zip, "marked as a folder");
	}
	assert_sealed(tar_of_kind('D'), "marked as a folder");
}

static void test_a_folder_without_bytes_is_no_doubt(void **state)
{
	(void)state;
	static const struct cpis_options defaults = { .now = 1793491200 };
	for (int is_zip = 0; is_zip < 2; is_zip++) {
		struct wrapped good = message(), out = { 0 };
		struct archive *archive = wrap_archive_start(&out.bytes, is_zip);
		wrap_archive_add(archive, "d/", STR(""));
		wrap_archive_add(archive, "d/a.xml", buf_view(&good.bytes));
		wrap_archive_end(archive);
		if (is_zip) {
			memcpy(find_in(out, "PK\1\2", 4) + 38, "\x10\0\xed\x41", 4);
		} else {
			out.bytes.p[156] = '5';
			sum_head(out.bytes.p);
		}
		struct cpis_results *results = judge_by(&defaults, buf_view(&out.bytes));
		assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
		assert_int_equal(cpis_results_message_count(results), 1);
		cpis_results_free(results);
		wrap_release(&out);
		wrap_release(&good);
	}
}

/* A value of more than a mebibyte: what starts it, a unit of it many times, what ends it. */
static struct str long_value(struct buf *out, const char *start, const char *unit, const char *end)
{
	buf_init(out, SIZE_MAX);
	buf_text(out, start);
	while (out->n < MEBIBYTE)
		buf_text(out, unit);
	buf_text(out, end);
	return buf_view(out);
}

/* Only where each byte is looked at a few times are these read in seconds. */
static void test_a_long_value_of_a_header_is_read_in_time(void **state)
{
	static const char *const units[] = { "( ",	";( ",	   "(a)",  "(a) x ", "( (a) ",
					     "(((a)) ", "\"\\\";", "\\\"", "=(a);",  "(\\(" };
	(void)state;
	clock_t start = clock();
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct buf out;
		struct str value = long_value(&out, "x ", units[i], " x");
		fields_uncommented(value);
		fields_have_comment(value);
		fields_media_type(value);
		fields_parameter(value, "boundary");
		buf_release(&out);
	}
	assert_true(clock() - start < (clock_t)MOST_SECONDS * CLOCKS_PER_SEC);
}

static void test_a_comment_of_any_length_is_a_comment(void **state)
{
	struct buf out;
	(void)state;
	struct str value = long_value(&out, "8bit (", "as it is (so) ", ")");
	assert_true(fields_is(fields_uncommented(value), "8bit"));
	assert_true(fields_have_comment(value));
	buf_release(&out);
	value = long_value(&out, "8bit ", "(a) ", "");
	assert_true(fields_is(fields_uncommented(value), "8bit"));
	buf_release(&out);
}

static void test_a_bracket_in_a_quoted_string_is_no_comment(void **state)
{
	static const struct {
		const char *value;
		bool commented;
	} cases[] = {
		{ "text/xml; x=\"a (b) c\"", false },	 { "text/xml; x=\"a\\\" (b) c\"", false },
		{ "text/xml; x=\"a\\\\\" (b) c", true }, { "text/xml; x=\"a\" (b)", true },
		{ "text/xml (((b))); x=a", true },	 { "text/xml; x=\"a; (b)", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (fields_have_comment(str_of(cases[i].value)) != cases[i].commented)
			fail_msg("%s", cases[i].value);
	struct str y = fields_parameter(STR("text/xml; x=\"a\\\"; y=b\"; y=c"), "y");
	assert_true(fields_is(y, "c"));
}

/* A message in the place of a zip's comment, or of a gzip's. */
static void test_a_message_in_a_comment_is_incomplete(void **state)
{
	(void)state;
	struct wrapped zip = wrap_zip(message(), "a.xml"), hidden = message();
	char *end = find_in(zip, "PK\5\6", 4);
	zip.bytes.n = (size_t)(end - zip.bytes.p) + 22; /* libarchive fills up its last block */
	end[20] = (char)(hidden.bytes.n & 0xff);
	end[21] = (char)(hidden.bytes.n >> 8);
	assert_sealed(wrap_between(zip, STR(""), buf_view(&hidden.bytes)),
		      "in the comment of the zip archive");

	static const char text[] = "\x1f\x8b\x08\x10\0\0\0\0\0\xff";
	struct buf head;
	struct wrapped gzip = wrap_gzip(message());
	buf_init(&head, SIZE_MAX / 2);
	buf_str(&head, (struct str){ text, sizeof(text) - 1 });
	buf_str(&head, (struct str){ hidden.bytes.p, hidden.bytes.n + 1 });
	memmove(gzip.bytes.p, gzip.bytes.p + 10, gzip.bytes.n - 10);
	gzip.bytes.n -= 10;
	assert_sealed(wrap_between(gzip, buf_view(&head), STR("")), "start of gzip data");
	buf_release(&head);
	wrap_release(&hidden);
}

/* pax records, names and links that are long, lists of rights: none of them is a member. */
static void test_a_message_in_the_head_of_a_tar_member_is_incomplete(void **state)
{
	(void)state;
	for (const char *kind = "xgLKA"; *kind; kind++) {
		struct wrapped hidden = tar_of_kind(*kind);
		size_t blocks = 512 + (hidden.member.n + 511) / 512 * 512;
		assert_sealed(wrap_between(wrap_tar(message(), "b.xml"),
					   (struct str){ hidden.bytes.p, blocks }, STR("")),
			      "in the head of a tar member");
		wrap_release(&hidden);
	}
}

/* Its bytes would be passed over for the next head that is whole. */
static void test_a_broken_head_in_a_tar_says_so_with_its_place(void **state)
{
	(void)state;
	struct wrapped good = message(), tar = { 0 };
	struct archive *archive = wrap_archive_start(&tar.bytes, false);
	wrap_archive_add(archive, "a.xml", buf_view(&good.bytes));
	wrap_archive_add(archive, "b.xml", buf_view(&good.bytes));
	wrap_archive_end(archive);
	find_in(tar, "b.xml", 5)[148] ^= 1;
	assert_fails(tar, "TRN-005", "the archive is broken: Damaged tar");
	wrap_release(&good);
}

/* One of each layer, to be broken. */
static struct wrapped make(size_t i)
{
	switch (i) {
	case 0:
		return wrap_gzip(message());
	case 1:
		return wrap_request(wrap_gzip(message()), "Content-Encoding: gzip\r\n");
	case 2:
		return wrap_start_line(wrap_chunks(message(), 100),
				       "Transfer-Encoding: chunked\r\n");
	case 3:
		return wrap_mime(wrap_base64(message(), 76), "base64");
	case 4:
		return wrap_mime(wrap_quoted(message()), "quoted-printable");
	case 5:
		return wrap_payload(wrap_base64(wrap_gzip(message()), 76), ENVELOPE, SQUEEZED);
	case 6:
		return wrap_zip(message(), "a.dat");
	default:
		return wrap_tar(message(), "a.dat");
	}
}

enum { BROKEN_KINDS = 8 };

/* Only what lost nothing but its end's decoration may pass. */
static void test_what_breaks_off_anywhere_never_passes_without_its_message(void **state)
{
	(void)state;
	static const struct cpis_options defaults = { .now = 1793491200 };
	size_t step = short_form("four of five places to break off") ? 5 : 1;
	for (size_t kind = 0; kind < BROKEN_KINDS; kind++) {
		struct wrapped whole = make(kind);
		for (size_t n = 0; n < whole.bytes.n;
		     n += n < 600 || n + 300 > whole.bytes.n ? step : 37 * step) {
			struct wrapped cut = wrap_bare((struct str){ whole.bytes.p, n });
			struct cpis_results *results = judge_by(&defaults, buf_view(&cut.bytes));
			const struct results *model = model_of(results);
			if (cpis_results_verdict(results) == CPIS_PASS &&
			    (model->message_count != 1 || model->messages[0].records != 1))
				fail_msg("kind %zu passes when cut after %zu bytes", kind, n);
			cpis_results_free(results);
			wrap_release(&cut);
		}
		wrap_release(&whole);
	}
}

static void test_changed_bytes_never_crash(void **state)
{
	(void)state;
	static const struct cpis_options defaults = { .now = 1793491200 };
	uint32_t random = 12345;
	size_t count = short_form("four of five changes") ? 400 : 2000;
	for (size_t i = 0; i < count; i++) {
		struct wrapped changed = make(i % BROKEN_KINDS);
		for (size_t k = 0; k < 1 + i % 7; k++) {
			random = random * 1664525 + 1013904223;
			size_t at = (random >> 8) % changed.bytes.n;
			/* Near the start is where layers look. */
			at = i % 2 ? at % 512 % changed.bytes.n : at;
			changed.bytes.p[at] = (char)(random >> 24);
		}
		struct cpis_results *results = judge_by(&defaults, buf_view(&changed.bytes));
		assert_true(cpis_results_message_count(results) > 0);
		cpis_results_free(results);
		wrap_release(&changed);
	}
}

int main(void)
{
	if (short_form("12,000 parts for 100,000"))
		many = 12000;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bomb_is_sealed_before_it_is_large),
		cmocka_unit_test(test_a_bomb_is_sealed_in_every_layer),
		cmocka_unit_test(test_a_bomb_in_a_zip_is_sealed),
		cmocka_unit_test(test_layers_together_decode_no_more_than_the_limit),
		cmocka_unit_test(test_a_hundred_layers_are_sealed_at_sixteen),
		cmocka_unit_test(test_a_hundred_thousand_parts_are_sealed_at_ten_thousand),
		cmocka_unit_test(
			test_an_archive_of_a_hundred_thousand_files_is_sealed_at_ten_thousand),
		cmocka_unit_test(test_many_bad_parts_far_behind_take_no_longer),
		cmocka_unit_test(test_many_parts_without_a_head_take_no_longer),
		cmocka_unit_test(test_what_follows_a_body_is_not_said_to_be_checked),
		cmocka_unit_test(test_mime_without_end_is_a_finding),
		cmocka_unit_test(test_sizes_that_overflow_are_findings),
		cmocka_unit_test(test_names_in_an_archive_are_only_names),
		cmocka_unit_test(test_a_zip_by_a_method_that_is_not_known_is_incomplete),
		cmocka_unit_test(test_a_folder_with_bytes_in_it_is_incomplete),
		cmocka_unit_test(test_a_folder_without_bytes_is_no_doubt),
		cmocka_unit_test(test_a_long_value_of_a_header_is_read_in_time),
		cmocka_unit_test(test_a_comment_of_any_length_is_a_comment),
		cmocka_unit_test(test_a_bracket_in_a_quoted_string_is_no_comment),
		cmocka_unit_test(test_a_message_in_a_comment_is_incomplete),
		cmocka_unit_test(test_a_message_in_the_head_of_a_tar_member_is_incomplete),
		cmocka_unit_test(test_a_broken_head_in_a_tar_says_so_with_its_place),
		cmocka_unit_test(test_what_breaks_off_anywhere_never_passes_without_its_message),
		cmocka_unit_test(test_changed_bytes_never_crash),
	};
	return cmocka_run_group_tests_name("hostile transport", tests, NULL, NULL);
}
