/* cpis_predict: whatever is wrong with a message, the reply is valid, and says the code of Spine's
 * checks where they have one. */
#include "base/buf.h"
#include "cpis_service.h"
#include "reply/refusals.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1798761600LL

static int collect(void *context, const void *bytes, size_t size)
{
	struct buf *out = context;
	buf_add(out, bytes, size);
	return out->failed ? -1 : 0;
}

static struct cpis_prediction predict(const char *path, struct buf *reply)
{
	const struct cpis_predict_options options = { .now = NOW };
	struct cpis_prediction said;
	struct cpis_failure failure;
	buf_init(reply, SIZE_MAX / 2);
	if (cpis_predict(path, &options, collect, reply, &said, sizeof(said), &failure) != 0)
		fail_msg("%s: %s", path, failure.text);
	return said;
}

/* Envelopes that hold no message of CP-IS are not judged. */
static bool is_of_transport(const struct cpis_prediction *said)
{
	return strncmp(said->type, "ebXML-", 6) == 0 || strcmp(said->type, "DTSControl") == 0;
}

static enum cpis_verdict verdict_of(const struct buf *reply)
{
	const struct cpis_options options = { .now = NOW };
	const struct cpis_bytes source = { "reply", reply->p, reply->n };
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	enum cpis_verdict verdict = cpis_results_verdict(results);
	cpis_results_free(results);
	return verdict;
}

struct run {
	size_t replies, invalid, without_code, without_basis;
};

static void judge_fixture(struct run *run, const struct cpis_rule_info *rule, const char *path)
{
	struct buf reply;
	struct cpis_prediction said = predict(path, &reply);
	run->replies++;
	bool silent = strcmp(said.type, "no answer") == 0;
	if (!silent && !is_of_transport(&said) && verdict_of(&reply) != CPIS_PASS) {
		print_error("%s: the reply is not a pass:\n%.3000s\n", path, reply.p);
		run->invalid++;
	}
	if (said.refused && !said.scenario && (!said.basis || !said.citation)) {
		print_error("%s: refused, and nothing says what that rests on\n", path);
		run->without_basis++;
	}
	bool published = said.basis && strcmp(said.basis, "published") == 0;
	bool has_code = said.code && strstr(reply.p, said.code);
	/* What the service itself sends, no one sends to it. */
	bool response = strstr(path, "response") || strstr(path, "notification");
	if (!response && rule->basis == CPIS_BASIS_SPINE &&
	    (!said.refused || !published || !has_code)) {
		/* Names are not among Spine's own checks, and an envelope of ITK has a status. */
		if (strcmp(rule->id, "UPL-013") != 0 && strcmp(said.door, "ITK") != 0) {
			print_error("%s: refused %d, %s, code %s\n", path, said.refused,
				    said.basis ? said.basis : "", said.code ? said.code : "none");
			run->without_code++;
		}
	}
	buf_release(&reply);
}

/* Each rule's fixtures, at most so many. */
static void judge_rule(struct run *run, const struct cpis_rule_info *rule, size_t most)
{
	char folder[128], path[512];
	struct dirent **names;
	snprintf(folder, sizeof(folder), "testcases/rules/%s", rule->id);
	int count = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		const char *end = strrchr(name, '.');
		if (strncmp(name, "fail-", 5) == 0 && most && end && strcmp(end, ".xml") == 0) {
			judge_fixture(run, rule, path);
			most--;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void test_a_fault_that_spine_finds_gets_its_code(void **state)
{
	(void)state;
	struct run run = { 0 };
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++)
		if (rule.basis == CPIS_BASIS_SPINE)
			judge_rule(&run, &rule, SIZE_MAX);
	print_message("%zu replies to faults that Spine finds\n", run.replies);
	assert_true(run.replies > 80);
	assert_int_equal(run.invalid, 0);
	assert_int_equal(run.without_basis, 0);
	assert_int_equal(run.without_code, 0);
}

static void test_any_fault_gets_a_valid_reply(void **state)
{
	(void)state;
	enum { MOST = 2 };
	struct run run = { 0 };
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++)
		if (rule.basis != CPIS_BASIS_SPINE && rule.severity == CPIS_ERROR)
			judge_rule(&run, &rule, MOST);
	print_message("%zu replies to other faults\n", run.replies);
	assert_int_equal(run.invalid, 0);
	assert_int_equal(run.without_basis, 0);
}

/* Whatever refuses a message: the state, the door, or the kind of message. */
static void test_a_refusal_of_a_good_message_says_why(void **state)
{
	(void)state;
	static const struct {
		const char *path, *code, *basis;
	} refusals_of[] = {
		{ "testcases/messages/query-person.xml", "NHSNCC002", "published" },
		{ "testcases/messages/itk-soap-query.xml", "CPIS-0001", "published" },
		{ "testcases/messages/REPC_IN000007GB01.xml", "101", "inferred" },
		{ "testcases/messages/itk-upload.xml", "1000", "inferred" },
		{ "testcases/messages/access-notification.xml", "15", "inferred" },
	};
	for (size_t i = 0; i < sizeof(refusals_of) / sizeof(refusals_of[0]); i++) {
		struct buf reply;
		struct cpis_prediction said = predict(refusals_of[i].path, &reply);
		assert_true(said.refused);
		assert_string_equal(said.code, refusals_of[i].code);
		assert_string_equal(said.basis, refusals_of[i].basis);
		assert_non_null(said.citation);
		assert_non_null(strstr(reply.p, said.code));
		buf_release(&reply);
	}
}

static void test_good_messages_are_accepted(void **state)
{
	(void)state;
	struct buf reply;
	struct cpis_prediction said = predict("testcases/messages/upload-five.xml", &reply);
	assert_false(said.refused);
	assert_non_null(strstr(reply.p, "CPF02"));
	buf_release(&reply);
	said = predict("testcases/messages/spine-soap-query.xml", &reply);
	assert_string_equal(said.type, "QUQI_IN010000UK14");
	assert_non_null(strstr(reply.p, "9551317F-9FDB-43CE-B5A3-420A77013D66"));
	buf_release(&reply);
	said = predict("testcases/messages/itk-soap-query.xml", &reply);
	assert_string_equal(said.type, "REPC_MT000012GB01");
	assert_non_null(strstr(reply.p, "CPIS-0001"));
	buf_release(&reply);
}

static struct cpis_prediction predict_bytes(struct str bytes, struct buf *reply)
{
	const char *path = scratch_path("predicted.xml");
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
	assert_int_equal(fclose(file), 0);
	return predict(path, reply);
}

static size_t place_of(const struct buf *bytes, const char *text)
{
	const char *at = memmem(bytes->p, bytes->n, text, strlen(text));
	assert_non_null(at);
	return (size_t)(at - bytes->p) + strlen(text);
}

static void assert_file_level_error(struct str bytes, const char *id)
{
	struct buf reply;
	struct cpis_prediction said = predict_bytes(bytes, &reply);
	assert_true(said.refused);
	assert_string_equal(said.type, "REPC_MT000003GB01");
	assert_string_equal(said.code, "CPF01");
	assert_non_null(strstr(reply.p, "\"CPF01\""));
	assert_non_null(strstr(reply.p, "<transmissionQuantity value=\"-1\"/>"));
	if (!strstr(reply.p, id))
		fail_msg("%s is not in %s", id, reply.p);
	buf_release(&reply);
}

static void read_message(const char *path, struct buf *bytes)
{
	char part[4096];
	size_t n;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	buf_init(bytes, 1 << 20);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(bytes, part, n);
	fclose(file);
}

/* MESH has no SOAPAction: one that a client sends there changes nothing. */
static void test_an_upload_to_a_mailbox_is_answered_by_mesh(void **state)
{
	(void)state;
	struct buf bytes, upload, reply;
	read_message("testcases/messages/upload-five.xml", &upload);
	buf_init(&bytes, 1 << 20);
	buf_printf(&bytes,
		   "POST /messageexchange/X26HC005/outbox HTTP/1.1\r\nMex-To: X26OT123\r\n"
		   "SOAPAction: \"urn:wexley:upload\"\r\nContent-Length: %zu\r\n\r\n",
		   upload.n);
	buf_add(&bytes, upload.p, upload.n);
	struct cpis_prediction said = predict_bytes(buf_view(&bytes), &reply);
	assert_string_equal(said.door, "MESH");
	buf_release(&reply);
	buf_release(&upload);
	buf_release(&bytes);
}

static void replace(struct buf *bytes, const char *was, const char *is)
{
	assert_int_equal(strlen(was), strlen(is));
	size_t end = place_of(bytes, was);
	for (size_t i = 0; is[i]; i++)
		bytes->p[end - strlen(was) + i] = is[i];
}

/* As long as it says whose it is, the acknowledgement of a file that breaks off says CPF01, and its
 * id. Before that there is no one to address: the mailbox gets a report, and so it is said. */
static void test_a_file_that_breaks_off_gets_what_is_said_of_it(void **state)
{
	(void)state;
	struct buf bytes, reply;
	read_message("testcases/messages/upload-five.xml", &bytes);
	size_t named = place_of(&bytes, "</organisation>"), end = place_of(&bytes, "</File");
	for (size_t n = place_of(&bytes, "<File"); n < end; n += n < named ? 7 : 211) {
		const struct str cut = { bytes.p, n };
		struct cpis_prediction said = predict_bytes(cut, &reply);
		bool report = strcmp(said.type, "DTSControl") == 0;
		assert_true(said.refused);
		assert_int_equal(report, n < named);
		assert_string_equal(said.code, report ? "15" : "CPF01");
		assert_string_equal(said.basis, report ? "inferred" : "published");
		assert_non_null(strstr(reply.p, report ? ">15<" : "<id extension=\"42\"/>"));
		assert_true(report || verdict_of(&reply) == CPIS_PASS);
		buf_release(&reply);
	}
	/* A byte that no character has breaks it too. */
	bytes.p[end - 100] = (char)0xff;
	struct cpis_prediction said = predict_bytes(buf_view(&bytes), &reply);
	assert_string_equal(said.code, "CPF01");
	assert_string_equal(said.basis, "published");
	buf_release(&reply);
	/* What else is wrong with it does not matter then. */
	replace(&bytes, "use=\"EC\"", "use=\"WP\"");
	for (size_t n = named + 1; n < end; n += 977) {
		const struct str cut = { bytes.p, n };
		said = predict_bytes(cut, &reply);
		assert_string_equal(said.code, "CPF01");
		assert_string_equal(said.basis, "published");
		buf_release(&reply);
	}
	buf_release(&bytes);
}

static void test_a_file_level_error_has_the_id_of_the_upload_where_it_can_be_read(void **state)
{
	(void)state;
	struct buf bytes;
	read_message("testcases/messages/upload-one.xml", &bytes);
	replace(&bytes, "Quantity value=\"1\"", "Quantity value=\"7\"");
	assert_file_level_error(buf_view(&bytes), "<id extension=\"43\"/>");
	replace(&bytes, "<id extension=\"43\"", "<id extension=\"4x\"");
	assert_file_level_error(buf_view(&bytes), "<id extension=\"-1\"/>");
	replace(&bytes, "<id extension=\"4x\"/>", "                    ");
	assert_file_level_error(buf_view(&bytes), "<id extension=\"-1\"/>");
	buf_release(&bytes);
}

static void test_the_trigger_of_a_silent_stub_gets_no_answer(void **state)
{
	(void)state;
	struct buf bytes, reply;
	read_message("testcases/messages/spine-soap-query.xml", &bytes);
	size_t end = place_of(&bytes, "<person.NHSnumber>");
	char *number = strstr(bytes.p + end, "extension=\"");
	assert_non_null(number);
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(number + strlen("extension=\""), "1111111111", 10);
	struct cpis_prediction said = predict_bytes(buf_view(&bytes), &reply);
	assert_true(said.refused);
	assert_string_equal(said.type, "no answer");
	assert_string_equal(said.door, "Spine");
	assert_non_null(said.scenario);
	assert_null(said.code);
	assert_null(said.basis);
	assert_int_equal(reply.n, 0);
	buf_release(&reply);
	buf_release(&bytes);
}

static void test_every_row_says_what_it_rests_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < refusal_count; i++) {
		assert_non_null(refusals[i].cite);
		assert_true(refusals[i].channels != 0);
		assert_true(refusal_kind_name(refusals[i].kind)[0] != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_fault_that_spine_finds_gets_its_code),
		cmocka_unit_test(test_any_fault_gets_a_valid_reply),
		cmocka_unit_test(test_a_refusal_of_a_good_message_says_why),
		cmocka_unit_test(test_good_messages_are_accepted),
		cmocka_unit_test(test_an_upload_to_a_mailbox_is_answered_by_mesh),
		cmocka_unit_test(test_a_file_that_breaks_off_gets_what_is_said_of_it),
		cmocka_unit_test(
			test_a_file_level_error_has_the_id_of_the_upload_where_it_can_be_read),
		cmocka_unit_test(test_the_trigger_of_a_silent_stub_gets_no_answer),
		cmocka_unit_test(test_every_row_says_what_it_rests_on),
	};
	return cmocka_run_group_tests_name("predict", tests, NULL, NULL);
}
