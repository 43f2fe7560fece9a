/*
 * Every form in which a supplier holds a message: the same message is judged the same in each, and
 * the place of a finding is the one in the file as sent.
 */
#include "diag/results.h"
#include "engine/engine.h"
#include "run_cli.h"
#include "wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cpis_options defaults = { .now = 1793491200 };

/* A message, and the envelope that such messages travel in; NULL: it is an interaction, which ebXML
 * carries. */
static const struct subject_of_test {
	const char *file, *envelope;
	const char *from, *to; /* what makes it a bad one; to is nowhere else in it */
	const char *rule;
} subjects[] = {
	{ "testcases/messages/upload-five.xml", "testcases/messages/itk-upload.xml", "9993394130",
	  "9993394131", "NHS-002" },
	{ "testcases/messages/query-person.xml", "testcases/messages/itk-soap-query.xml",
	  "9996184978", "9996184979", "NHS-002" },
	{ "testcases/messages/QUPC_IN000006GB01-person.xml", NULL, "9999565794", "9999565795",
	  "NHS-002" },
};
enum { SUBJECT_COUNT = sizeof(subjects) / sizeof(subjects[0]), CHUNK_BYTES = 347 };

/* The forms */

/* The service of an envelope, as SOAPAction has it. */
static const char *service_of(const char *envelope)
{
	return strstr(envelope, "query") ? "urn:nhs-itk:services:201005:sendRecvDistEnvelope"
					 : "urn:nhs-itk:services:201005:sendDistEnvelope";
}

/* Without the attachment after the message, and without the closing delimiter. */
static struct wrapped with_last_part_cut_off(struct wrapped parts)
{
	static const char last[] = "\r\n--" WRAP_BOUNDARY "\r\nContent-Type: text/plain";
	const char *found = memmem(parts.bytes.p, parts.bytes.n, last, sizeof(last) - 1);
	assert_non_null(found);
	parts.bytes.n = (size_t)(found - parts.bytes.p);
	return parts;
}

#define FORM(name, expression)                                                                     \
	static struct wrapped name(struct str m, const char *envelope)                             \
	{                                                                                          \
		(void)envelope;                                                                    \
		return expression;                                                                 \
	}

#define GZIPPED	     "Content-Encoding: gzip\r\n"
#define CHUNKED	     "Transfer-Encoding: chunked\r\n"
#define FROM_MAILBOX "Mex-MessageID: 20261028130423512345\r\n"
#define BASE64	     " base64=\"true\""
#define SQUEEZED     " base64=\"true\" compressed=\"true\""

FORM(bare, wrap_bare(m))
FORM(gzip, wrap_gzip(wrap_bare(m)))
FORM(gzip_twice, wrap_gzip(wrap_gzip(wrap_bare(m))))
FORM(base64_file, wrap_base64(wrap_bare(m), 76))
FORM(request, wrap_request(wrap_bare(m), "Content-Type: text/xml\r\n"))
FORM(response, wrap_response(wrap_bare(m), FROM_MAILBOX))
FORM(unknown_length, wrap_start_line(wrap_bare(m), "Content-Type: text/xml\r\n"))
FORM(chunked, wrap_start_line(wrap_chunks(wrap_bare(m), CHUNK_BYTES), CHUNKED))
FORM(http_gzip, wrap_request(wrap_gzip(wrap_bare(m)), GZIPPED))
FORM(http_zlib, wrap_request(wrap_zlib(wrap_bare(m)), "Content-Encoding: deflate\r\n"))
FORM(http_deflate, wrap_request(wrap_raw_deflate(wrap_bare(m)), "Content-Encoding: deflate\r\n"))
FORM(http_both,
     wrap_request(wrap_gzip(wrap_zlib(wrap_bare(m))), "content-encoding: deflate, GZIP\r\n"))
FORM(http_gzip_chunked, wrap_start_line(wrap_chunks(wrap_gzip(wrap_bare(m)), 50), CHUNKED GZIPPED))
FORM(gzip_of_capture, wrap_gzip(wrap_request(wrap_bare(m), "")))
FORM(mime, wrap_mime(wrap_bare(m), "8bit"))
FORM(mime_base64, wrap_mime(wrap_base64(wrap_bare(m), 76), "base64"))
FORM(mime_quoted, wrap_mime(wrap_quoted(wrap_bare(m)), "Quoted-Printable"))
FORM(mime_no_header, wrap_between(with_last_part_cut_off(wrap_parts(wrap_bare(m), "binary")),
				  STR("--" WRAP_BOUNDARY "\r\n"
				      "Content-Type: text/plain\r\nContent-Id: "
				      "<a@x>\r\n\r\nbefore the envelope"),
				  STR("\r\n--" WRAP_BOUNDARY "--\r\n")))
FORM(one_entity, wrap_between(wrap_base64(wrap_bare(m), 60),
			      STR("MIME-Version: 1.0\nContent-Type: "
				  "text/xml\nContent-Transfer-Encoding: base64\n\n"),
			      STR("\n")))
FORM(http_mime, wrap_request(wrap_parts(wrap_bare(m), "8bit"), WRAP_MULTIPART))
FORM(http_mime_chunked, wrap_start_line(wrap_chunks(wrap_parts(wrap_bare(m), "8bit"), CHUNK_BYTES),
					CHUNKED WRAP_MULTIPART))
FORM(itk, wrap_payload(wrap_bare(m), envelope, ""))
FORM(itk_base64, wrap_payload(wrap_base64(wrap_bare(m), 0), envelope, BASE64))
FORM(itk_base64_lines, wrap_payload(wrap_base64(wrap_bare(m), 64), envelope, " base64=\"1\""))
FORM(itk_gzip, wrap_payload(wrap_base64(wrap_gzip(wrap_bare(m)), 76), envelope, SQUEEZED))
FORM(itk_all,
     wrap_gzip(wrap_request_for(wrap_gzip(wrap_payload(wrap_base64(wrap_gzip(wrap_bare(m)), 76),
						       envelope, SQUEEZED)),
				service_of(envelope), "Content-Type: text/xml\r\n" GZIPPED)))
FORM(zip, wrap_zip(wrap_bare(m), "inner/name.xml"))
FORM(tar, wrap_tar(wrap_bare(m), "inner/name.xml"))
FORM(tar_gz, wrap_gzip(wrap_tar(wrap_bare(m), "inner/name.xml")))
FORM(zip_of_gzip, wrap_zip(wrap_gzip(wrap_bare(m)), "inner/name.xml.gz"))
FORM(zip_of_capture, wrap_zip(wrap_request(wrap_bare(m), ""), "inner/name.http"))

static const struct form {
	const char *name;
	struct wrapped (*make)(struct str message, const char *envelope);
	const char *layers;
	const char *inside; /* what a finding says that it was decoded from; NULL: it was not */
	const char *source; /* after the source's own name */
} forms[] = {
	{ "bare", bare, "", NULL, "" },
	{ "gzip", gzip, "gzip", "gzip", "" },
	{ "gzip twice", gzip_twice, "gzip gzip", "gzip gzip", "" },
	{ "base64 file", base64_file, "base64", "base64", "" },
	{ "HTTP request", request, "http", NULL, "" },
	{ "HTTP response", response, "http", NULL, "" },
	{ "HTTP without length", unknown_length, "http", NULL, "" },
	{ "HTTP chunked", chunked, "http", NULL, "" },
	{ "HTTP gzip", http_gzip, "http gzip", "gzip", "" },
	{ "HTTP zlib", http_zlib, "http deflate", "deflate", "" },
	{ "HTTP raw deflate", http_deflate, "http deflate", "deflate", "" },
	{ "HTTP two codings", http_both, "http gzip deflate", "deflate gzip", "" },
	{ "HTTP gzip chunked", http_gzip_chunked, "http gzip", "gzip", "" },
	{ "gzip of HTTP", gzip_of_capture, "gzip http", "gzip", "" },
	{ "MIME 8bit", mime, "mime", NULL, "" },
	{ "MIME base64", mime_base64, "mime base64", "base64 part 2", "" },
	{ "MIME quoted", mime_quoted, "mime quoted-printable", "quoted-printable part 2", "" },
	{ "MIME without header", mime_no_header, "mime", NULL, "" },
	{ "MIME entity", one_entity, "mime base64", "base64", "" },
	{ "HTTP MIME", http_mime, "http mime", NULL, "" },
	{ "HTTP MIME chunked", http_mime_chunked, "http mime", NULL, "" },
	{ "ITK", itk, "@", NULL, "" },
	{ "ITK base64", itk_base64, "@ base64", "base64 payload 1", "" },
	{ "ITK base64 in lines", itk_base64_lines, "@ base64", "base64 payload 1", "" },
	{ "ITK gzip", itk_gzip, "@ base64 compressed", "compressed base64 payload 1", "" },
	{ "all of it", itk_all, "gzip http gzip @ base64 compressed",
	  "compressed base64 payload 1 in gzip gzip", "" },
	{ "zip", zip, "zip", NULL, "!inner/name.xml" },
	{ "tar", tar, "tar", NULL, "!inner/name.xml" },
	{ "tar.gz", tar_gz, "gzip tar", NULL, "!inner/name.xml" },
	{ "zip of gzip", zip_of_gzip, "zip gzip", "gzip", "!inner/name.xml.gz" },
	{ "zip of HTTP", zip_of_capture, "zip http", NULL, "!inner/name.http" },
};
enum { FORM_COUNT = sizeof(forms) / sizeof(forms[0]) };

/* Whether a message travels in a form: a payload not in ebXML, an interaction not in ITK, and a
 * query not in a response. */
static bool travels(const struct subject_of_test *subject, const struct form *form)
{
	bool ebxml = strstr(form->layers, "mime") && strcmp(form->name, "MIME entity") != 0;
	if (subject != &subjects[0] && form->make == response)
		return false;
	return subject->envelope ? !ebxml : !strchr(form->layers, '@');
}

/* Judging */

static struct cpis_results *judge(struct str bytes)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &defaults, &failure), 0);
	const struct engine_input input = { .name = "sent", .bytes = bytes };
	assert_int_equal(engine_judge((struct results *)(void *)results, &input, &failure), 0);
	return results;
}

static const struct message_result *only_message(struct cpis_results *results, const char *form)
{
	const struct results *model = (const struct results *)(void *)results;
	if (model->message_count != 1)
		fail_msg("%s: %zu messages", form, model->message_count);
	return &model->messages[0];
}

/* The message of a subject, as it is or with its fault. */
static struct buf message_of(const struct subject_of_test *subject, bool bad)
{
	struct buf message;
	char *text = read_file(subject->file, NULL);
	char *at = strstr(text, subject->from);
	if (!at)
		fail_msg("%s has no %s", subject->file, subject->from);
	if (at && bad)
		memcpy(at, subject->to, strlen(subject->to));
	buf_init(&message, SIZE_MAX / 2);
	/* The upload comes from the sender that its envelope names. */
	const char *rest = text, *authority;
	for (; (authority = strstr(rest, "\"9X1")); rest = authority + strlen("\"9X1")) {
		buf_add(&message, rest, (size_t)(authority - rest));
		buf_text(&message, "\"E9X30");
	}
	buf_text(&message, rest);
	free(text);
	return message;
}

static void check_layers(const struct form *form, const struct message_result *message,
			 const char *envelope)
{
	char wanted[256] = "", found[256] = "";
	const char *frames = envelope && strstr(envelope, "soap") ? "soap itk" : "itk";
	const char *at = strchr(form->layers, '@');
	if (at)
		snprintf(wanted, sizeof(wanted), "%.*s%s%s", (int)(at - form->layers), form->layers,
			 frames, at + 1);
	else
		snprintf(wanted, sizeof(wanted), "%s%s%s", form->layers,
			 *form->layers && !envelope ? " " : "", envelope ? "" : "tms");
	for (size_t i = 0; i < message->layer_count; i++) {
		size_t n = strlen(found);
		snprintf(found + n, sizeof(found) - n, "%s%s", i ? " " : "", message->layers[i]);
	}
	assert_string_equal(found, wanted);
	snprintf(wanted, sizeof(wanted), "sent%s", form->source);
	assert_string_equal(message->source, wanted);
}

static void test_a_good_message_passes_in_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < SUBJECT_COUNT * FORM_COUNT; i++) {
		const struct subject_of_test *subject = &subjects[i / FORM_COUNT];
		const struct form *form = &forms[i % FORM_COUNT];
		if (!travels(subject, form))
			continue;
		struct buf good = message_of(subject, false);
		struct wrapped wrapped = form->make(buf_view(&good), subject->envelope);
		struct cpis_results *results = judge(buf_view(&wrapped.bytes));
		const struct message_result *message = only_message(results, form->name);
		if (message->verdict != CPIS_PASS || message->finding_count)
			fail_msg("%s in %s: %s", subject->file, form->name,
				 message->finding_count ? message->findings[0].message
							: "incomplete");
		check_layers(form, message, subject->envelope);
		cpis_results_free(results);
		wrap_release(&wrapped);
		buf_release(&good);
	}
}

/* Counted here in the plainest way, apart from the program's own. */
static struct place place_in(struct str bytes, size_t offset)
{
	struct place place = { 1, 1 };
	for (size_t i = 0; i < offset; i++) {
		if (bytes.p[i] == '\n')
			place = (struct place){ place.line + 1, 1 };
		else
			place.column += ((unsigned char)bytes.p[i] & 0xc0) != 0x80;
	}
	return place;
}

static struct place place_of(struct str bytes, const char *marker)
{
	const char *at = memmem(bytes.p, bytes.n, marker, strlen(marker));
	assert_non_null(at);
	return place_in(bytes, (size_t)(at - bytes.p));
}

static void assert_place(const char *form, struct place found, struct place wanted)
{
	if (found.line != wanted.line || found.column != wanted.column)
		fail_msg("%s: %zu:%zu, not %zu:%zu", form, found.line, found.column, wanted.line,
			 wanted.column);
}

/* The finding is at the marker, or where what it was decoded from starts. */
static void check_places(const struct form *form, const struct wrapped *wrapped, struct str message,
			 const char *marker, const struct finding *finding)
{
	struct str sent = buf_view(wrapped->member.n ? &wrapped->member : &wrapped->bytes);
	if (!form->inside) {
		assert_false(wrapped->decoded);
		assert_null(finding->layer);
		assert_int_equal(finding->inner.line, 0);
		assert_place(form->name, finding->at, place_of(sent, marker));
		return;
	}
	assert_true(wrapped->decoded);
	assert_string_equal(finding->layer, form->inside);
	assert_place(form->name, finding->at, place_in(sent, wrapped->start));
	/* What was decoded is the message itself, but for captures that were compressed as a whole.
	 */
	if (!strstr(form->name, "gzip of HTTP"))
		assert_place(form->name, finding->inner, place_of(message, marker));
}

static void test_a_bad_message_fails_alike_in_every_form_and_at_the_right_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < SUBJECT_COUNT * FORM_COUNT; i++) {
		const struct subject_of_test *subject = &subjects[i / FORM_COUNT];
		const struct form *form = &forms[i % FORM_COUNT];
		if (!travels(subject, form))
			continue;
		struct buf bad = message_of(subject, true);
		struct wrapped wrapped = form->make(buf_view(&bad), subject->envelope);
		struct cpis_results *results = judge(buf_view(&wrapped.bytes));
		const struct message_result *message = only_message(results, form->name);
		assert_int_equal(message->verdict, CPIS_FAIL);
		if (message->finding_count != 1 ||
		    strcmp(message->findings[0].rule->id, subject->rule) != 0)
			fail_msg("%s in %s: %zu findings, %s first", subject->file, form->name,
				 message->finding_count, message->findings[0].rule->id);
		check_places(form, &wrapped, buf_view(&bad), subject->to, &message->findings[0]);
		cpis_results_free(results);
		wrap_release(&wrapped);
		buf_release(&bad);
	}
}

/* Several messages in one source */

static void test_every_payload_of_an_envelope_is_a_message(void **state)
{
	(void)state;
	static const char query[] = "testcases/messages/itk-query.xml";
	struct buf good = message_of(&subjects[1], false);
	struct wrapped two =
		wrap_payload(wrap_base64(wrap_bare(buf_view(&good)), 0), query, BASE64);
	char *text = strndup(two.bytes.p, two.bytes.n);
	char *payload = strstr(text, "<itk:payload "), *end = strstr(text, "</itk:payload>");
	struct buf many;
	buf_init(&many, SIZE_MAX / 2);
	buf_add(&many, text, (size_t)(end - text) + strlen("</itk:payload>"));
	buf_add(&many, payload, (size_t)(end - payload));
	buf_text(&many, end);
	struct cpis_results *results = judge(buf_view(&many));
	const struct results *model = (const struct results *)(void *)results;
	assert_int_equal(model->message_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(model->messages[i].type, "QUPC_MT000006GB01");
	cpis_results_free(results);
	buf_release(&many);
	wrap_release(&two);
	buf_release(&good);
	free(text);
}

static void test_requests_and_responses_of_one_capture_are_messages_each(void **state)
{
	(void)state;
	struct buf good = message_of(&subjects[0], false);
	struct wrapped request = wrap_request(wrap_bare(buf_view(&good)), "");
	struct wrapped response =
		wrap_response(wrap_gzip(wrap_bare(buf_view(&good))), GZIPPED FROM_MAILBOX);
	struct wrapped both = wrap_between(response, buf_view(&request.bytes),
					   STR("GET /more HTTP/1.1\r\nHost: x\r\n\r\n"
					       "HTTP/1.1 204 No Content\r\n\r\n"));
	struct cpis_results *results = judge(buf_view(&both.bytes));
	assert_int_equal(cpis_results_message_count(results), 2);
	assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
	cpis_results_free(results);
	wrap_release(&request);
	wrap_release(&both);
	buf_release(&good);
}

static void test_a_hard_link_in_a_tar_is_judged_as_the_file_before_it(void **state)
{
	(void)state;
	struct buf good = message_of(&subjects[0], false), bad = message_of(&subjects[0], true),
		   out;
	struct archive *archive = wrap_archive_start(&out, false);
	wrap_archive_add(archive, "good.xml", buf_view(&good));
	wrap_archive_add(archive, "bad.xml", buf_view(&bad));
	wrap_archive_link(archive, "again.xml", "bad.xml");
	wrap_archive_add(archive, "bad.xml", buf_view(&good));
	wrap_archive_link(archive, "later.xml", "bad.xml");
	wrap_archive_end(archive);
	struct cpis_results *results = judge(buf_view(&out));
	const struct results *model = (const struct results *)(void *)results;
	assert_int_equal(model->message_count, 5);
	assert_string_equal(model->messages[2].source, "sent!again.xml");
	assert_int_equal(model->messages[2].verdict, CPIS_FAIL);
	assert_string_equal(model->messages[2].sha256, model->messages[1].sha256);
	assert_string_equal(model->messages[4].source, "sent!later.xml");
	assert_int_equal(model->messages[4].verdict, CPIS_PASS);
	cpis_results_free(results);
	buf_release(&out);
	buf_release(&good);
	buf_release(&bad);
}

static void test_a_hard_link_to_what_is_no_file_before_it_is_not_judged(void **state)
{
	(void)state;
	static const char *const targets[] = { "later.xml",   "link.xml", "../etc/passwd",
					       "/etc/passwd", "good",	  "first.xml" };
	struct buf good = message_of(&subjects[0], false);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct buf out;
		struct archive *archive = wrap_archive_start(&out, false);
		wrap_archive_add(archive, "good.xml", buf_view(&good));
		wrap_archive_link(archive, "first.xml", "nothing");
		wrap_archive_link(archive, "link.xml", targets[i]);
		wrap_archive_add(archive, "later.xml", buf_view(&good));
		wrap_archive_end(archive);
		struct cpis_results *results = judge(buf_view(&out));
		assert_int_equal(cpis_results_verdict(results), CPIS_INCOMPLETE);
		cpis_results_free(results);
		buf_release(&out);
	}
	buf_release(&good);
}

static void test_members_of_an_archive_are_sources_with_verdicts_of_their_own(void **state)
{
	(void)state;
	struct buf good = message_of(&subjects[0], false), bad = message_of(&subjects[0], true),
		   out;
	struct archive *archive = wrap_archive_start(&out, true);
	wrap_archive_add(archive, "a/good.xml", buf_view(&good));
	wrap_archive_add(archive, "a/bad.xml", buf_view(&bad));
	wrap_archive_add(archive, "a/notes.txt", STR("no message\n"));
	wrap_archive_add(archive, "__MACOSX/a/._good.xml",
			 STR("\0\5\26\7\0\2\0\0Mac OS X        \0\1"
			     "\0\0\0\11\0\0\0\46\0\0\0\4TEXT"));
	wrap_archive_end(archive);
	struct cpis_results *results = judge(buf_view(&out));
	const struct results *model = (const struct results *)(void *)results;
	assert_int_equal(model->message_count, 2);
	assert_string_equal(model->messages[0].source, "sent!a/good.xml");
	assert_int_equal(model->messages[0].verdict, CPIS_PASS);
	assert_int_equal(model->messages[0].bytes, good.n);
	assert_string_equal(model->messages[1].source, "sent!a/bad.xml");
	assert_int_equal(model->messages[1].verdict, CPIS_FAIL);
	assert_string_not_equal(model->messages[0].sha256, model->messages[1].sha256);
	/* A text, what a Mac adds, and that the uploads were not compared with each other. */
	assert_int_equal(model->left_out_count, 3);
	assert_string_equal(model->left_out[0].what, "sent!a/notes.txt");
	cpis_results_free(results);
	buf_release(&out);
	buf_release(&good);
	buf_release(&bad);
}

static void test_what_begins_like_the_notes_of_a_mac_hides_no_message(void **state)
{
	(void)state;
	static const char *const names[] = { "b.xml", "b", "._b.xml", "__MACOSX/._b.xml",
					     ".DS_Store" };
	struct buf good = message_of(&subjects[0], false), hidden, out;
	buf_init(&hidden, SIZE_MAX / 2);
	buf_str(&hidden, STR("\0\5\26\7"));
	buf_str(&hidden, buf_view(&good));
	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(names[0]); i++) {
		struct archive *archive = wrap_archive_start(&out, i % 2);
		wrap_archive_add(archive, "a.xml", buf_view(&good));
		wrap_archive_add(archive, names[i / 2], buf_view(&hidden));
		wrap_archive_end(archive);
		struct cpis_results *results = judge(buf_view(&out));
		assert_int_equal(cpis_results_verdict(results), CPIS_FAIL);
		cpis_results_free(results);
		buf_release(&out);
	}
	buf_release(&hidden);
	buf_release(&good);
}

static void test_attachments_are_listed_and_misspelt_messages_are_found(void **state)
{
	(void)state;
	struct buf good = message_of(&subjects[0], false);
	struct wrapped parts = wrap_mime(wrap_bare(buf_view(&good)), "8bit");
	struct cpis_results *results = judge(buf_view(&parts.bytes));
	const struct results *model = (const struct results *)(void *)results;
	assert_int_equal(model->left_out_count, 1);
	assert_string_equal(model->left_out[0].what,
			    "sent: part 3 (plain text, sent as text/plain)");
	cpis_results_free(results);
	wrap_release(&parts);
	parts = wrap_between(
		wrap_bare(buf_view(&good)),
		STR("--b\r\nContent-Type: text/xml\r\n\r\n<Flie xmlns='urn:hl7-org:v3'/>\r\n"
		    "--b\r\nContent-Type: text/xml\r\n\r\n<other/>\r\n"
		    "--b\r\nContent-Type: text/xml\r\n\r\n"),
		STR("\r\n--b--\r\n"));
	results = judge(buf_view(&parts.bytes));
	model = (const struct results *)(void *)results;
	assert_int_equal(model->message_count, 1);
	assert_int_equal(model->left_out_count, 1);
	assert_int_equal(model->messages[0].finding_count, 1);
	assert_string_equal(model->messages[0].findings[0].rule->id, "TRN-001");
	assert_place("misspelt", model->messages[0].findings[0].at, (struct place){ 4, 1 });
	cpis_results_free(results);
	wrap_release(&parts);
	buf_release(&good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_message_passes_in_every_form),
		cmocka_unit_test(
			test_a_bad_message_fails_alike_in_every_form_and_at_the_right_place),
		cmocka_unit_test(test_every_payload_of_an_envelope_is_a_message),
		cmocka_unit_test(test_requests_and_responses_of_one_capture_are_messages_each),
		cmocka_unit_test(test_members_of_an_archive_are_sources_with_verdicts_of_their_own),
		cmocka_unit_test(test_a_hard_link_in_a_tar_is_judged_as_the_file_before_it),
		cmocka_unit_test(test_a_hard_link_to_what_is_no_file_before_it_is_not_judged),
		cmocka_unit_test(test_what_begins_like_the_notes_of_a_mac_hides_no_message),
		cmocka_unit_test(test_attachments_are_listed_and_misspelt_messages_are_found),
	};
	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
