/* The writers of lib/write: every message that they make from parts at random is judged a pass,
 * without a warning. CPIS_WRITE_ROUNDS says how many of each; scripts/write-run asks for many. */
#include "base/arena.h"
#include "cpis.h"
#include "message/identifiers.h"
#include "message/timestamp.h"
#include "write/ids.h"
#include "write/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_RECORDS = 12, MOST_LISTED = 25 };

#define NOW 1798761600LL /* 2027-01-01 */

/* The parts of one round, all at random from its number. */
struct trial {
	struct id_maker maker;
	struct arena arena;
	long long now;
	struct piece_organisation authority;
	struct piece_record records[MOST_RECORDS];
	size_t record_count;
	struct piece_access accesses[MOST_LISTED];
	size_t access_count;
	struct str nhs_number;
};

static size_t below(struct trial *trial, size_t limit)
{
	return (size_t)id_maker_below(&trial->maker, limit);
}

static struct str pick(struct trial *trial, const char *const *words, size_t count)
{
	return str_of(words[below(trial, count)]);
}

static struct str uuid(struct trial *trial)
{
	char text[UUID_BYTES];
	id_maker_uuid(&trial->maker, text);
	return arena_str(&trial->arena, str_of(text));
}

static struct str hl7(struct trial *trial, long long seconds)
{
	char text[TIME_BYTES];
	time_hl7(seconds, text);
	return arena_str(&trial->arena, str_of(text));
}

static struct str iso(struct trial *trial, long long seconds)
{
	char text[TIME_BYTES];
	time_iso(seconds, text);
	return arena_str(&trial->arena, str_of(text));
}

/* The first digits of a time: 8 are a date, 12 a plan date. */
static struct str digits(struct trial *trial, long long seconds, size_t count)
{
	struct str text = hl7(trial, seconds);
	text.n = count;
	return text;
}

/* A number with leading zeros to so many digits, and text before and after it. */
static struct str number_of(struct trial *trial, const char *before, size_t width, size_t number,
			    const char *after)
{
	return str_of(arena_printf(&trial->arena, "%s%0*zu%s", before, (int)width, number, after));
}

static struct str nhs_number(struct trial *trial)
{
	for (;;) {
		struct str nine = number_of(trial, "999", 6, below(trial, 1000000), "0");
		struct nhs_number read = nhs_number_of(nine);
		if (read.check == NO_CHECK_DIGIT)
			continue;
		struct str text = number_of(trial, "", 1, read.nine * (size_t)10 + read.check, "");
		read = nhs_number_of(text);
		if (nhs_number_is_valid(&read))
			return text;
	}
}

static const char *const given_names[] = { "Zo\u00eb",	  "D'Arcy",	"Anne-Marie", "\u0141ucja",
					   "Sin\u00e9ad", "Bj\u00f6rk", "Mar\u00eda", "Rory" };
static const char *const family_names[] = { "O'Brannigan", "Thistlewood-\u00d8re",
					    "St. Clair",   "Ng",
					    "Fell-Wren",   "N\u00ed Dhuinn" };
static const char *const organisation_names[] = { "Ashwick & Dunmere Council",
						  "\"The\" <Wexley> Trust",
						  "North Wexley County Council" };

#define PICK(trial, list) pick(trial, list, sizeof(list) / sizeof((list)[0]))

static struct piece_organisation organisation(struct trial *trial, bool with_telecoms)
{
	struct piece_organisation made = {
		.root = below(trial, 2) ? STR("2.16.840.1.113883.2.1.3.2.4.19.1")
					: STR("2.16.840.1.113883.2.1.3.2.4.19.2"),
		.code = number_of(trial, "ZZ", 1, below(trial, 999) + 1, ""),
		.name = PICK(trial, organisation_names),
	};
	if (with_telecoms) {
		made.telecom_count = 1 + below(trial, 2);
		made.telecoms[0] = (struct piece_telecom){
			number_of(trial, "tel:0163296", 4, below(trial, 5000), ""), STR("EC")
		};
		made.telecoms[1] = (struct piece_telecom){ number_of(trial, "tel:0163296", 4,
								     5000 + below(trial, 5000), ""),
							   STR("WP") };
	}
	return made;
}

static struct piece_name author_name(struct trial *trial)
{
	static const char *const prefixes[] = { "Dr", "Mrs", "Mr" };
	struct str *texts = arena_alloc(&trial->arena, 5 * sizeof(*texts));
	texts[0] = PICK(trial, prefixes);
	texts[1] = PICK(trial, given_names);
	texts[2] = PICK(trial, given_names);
	texts[3] = PICK(trial, family_names);
	texts[4] = STR("FRCEM");
	return (struct piece_name){
		.prefixes = texts,
		.prefix_count = below(trial, 2),
		.given = texts + 1,
		.given_count = 1 + below(trial, 2),
		.families = texts + 3,
		.family_count = 1,
		.suffixes = texts + 4,
		.suffix_count = below(trial, 2),
	};
}

static struct piece_code job_role(struct trial *trial)
{
	const struct code *code = &job_role_names.codes[below(trial, job_role_names.count)];
	return (struct piece_code){ str_of(code->code), str_of(job_role_names.oid),
				    str_of(code->display_name) };
}

static struct piece_author author(struct trial *trial)
{
	struct piece_author made = {
		.device = below(trial, 3) == 0,
		.role = job_role(trial),
		.user = number_of(trial, "555", 9, below(trial, 999999999), ""),
		.role_profile = number_of(trial, "556", 9, below(trial, 999999999), ""),
		.name = author_name(trial),
		.asid = number_of(trial, "99", 10, below(trial, 999999999), ""),
		.organisation = organisation(trial, false),
		.authority_count = 1 + below(trial, 2),
	};
	struct piece_authority *authorities =
		arena_alloc(&trial->arena, made.authority_count * sizeof(*authorities));
	for (size_t i = 0; i < made.authority_count; i++)
		authorities[i] = (struct piece_authority){ job_role(trial), author_name(trial) };
	made.authorities = authorities;
	if (below(trial, 2))
		made.role_profile = (struct str){ 0 };
	return made;
}

enum { DAY = 86400, YEAR = 365 * DAY };

static struct piece_subject subject(struct trial *trial, enum subject_kind kind, struct str number)
{
	long long age = (kind == SUBJECT_MOTHER ? 20 : 3) * (long long)YEAR +
			(long long)below(trial, 10) * YEAR + (long long)below(trial, 300) * DAY;
	struct piece_subject made = {
		.kind = kind,
		.nhs_number = number,
		.birth = digits(trial, trial->now - age, 8),
		.given = PICK(trial, given_names),
		.family = PICK(trial, family_names),
	};
	if (below(trial, 2)) {
		made.local_id = number_of(trial, "ADC-", 6, below(trial, 1000000), "");
		made.local_authority = str_of(arena_printf(
			&trial->arena, "%s:%s", trial->authority.code.p, trial->authority.name.p));
	}
	return made;
}

static struct piece_plan plan(struct trial *trial, enum plan_kind kind)
{
	long long start = trial->now - (long long)below(trial, 100) * DAY - 8 * DAY;
	struct piece_plan made = { .kind = kind, .start = digits(trial, start, 12) };
	if (kind == PLAN_UNBORN_CHILD)
		made.end = digits(trial, trial->now + 90LL * DAY, 12);
	else if (below(trial, 2))
		made.end = digits(trial, trial->now - 2 * DAY, 12);
	return made;
}

static void fill_record(struct trial *trial, struct piece_record *record, struct str number)
{
	size_t shape = below(trial, 4);
	*record = (struct piece_record){ .authority = trial->authority };
	if (shape != 1)
		record->plans[record->plan_count++] = plan(trial, PLAN_CHILD_PROTECTION);
	if (shape == 2)
		record->plans[record->plan_count++] = plan(trial, PLAN_LOOKED_AFTER);
	if (shape == 1) {
		record->plans[record->plan_count++] = plan(trial, PLAN_UNBORN_CHILD);
		record->subjects[record->subject_count++] = subject(trial, SUBJECT_MOTHER, number);
	} else {
		record->subjects[record->subject_count++] = subject(trial, SUBJECT_CHILD, number);
	}
}

static void trial_init(struct trial *trial, size_t round, bool one_person)
{
	char salt[32];
	int n = snprintf(salt, sizeof(salt), "%zu-%d", round, one_person);
	*trial = (struct trial){ 0 };
	arena_init(&trial->arena);
	id_maker_init(&trial->maker, STR("test"), (struct str){ salt, (size_t)n });
	trial->now = NOW - (long long)below(trial, 300) * DAY;
	trial->authority = organisation(trial, true);
	trial->nhs_number = nhs_number(trial);
	trial->record_count = one_person ? 1 : 1 + below(trial, MOST_RECORDS);
	for (size_t i = 0; i < trial->record_count; i++)
		fill_record(trial, &trial->records[i],
			    one_person ? trial->nhs_number : nhs_number(trial));
	trial->access_count = 1 + below(trial, MOST_LISTED);
	for (size_t i = 0; i < trial->access_count; i++) {
		struct piece_access *access = &trial->accesses[i];
		*access = (struct piece_access){
			.effective = hl7(trial, trial->now - (long long)i * 2 * DAY - 1),
			.id = uuid(trial),
			.author = author(trial),
			.nhs_number = trial->nhs_number,
			.upload = number_of(trial, "", 1, 1 + below(trial, 99), ""),
		};
	}
}

static struct spine_envelope spine(struct trial *trial, const char *service, bool soap)
{
	struct str request = uuid(trial);
	return (struct spine_envelope){
		.soap = soap,
		.service = service,
		.message_id = uuid(trial),
		.to = STR(""),
		.from = STR("https://simulator.cpis.example/sync-service"),
		.relates_to = request,
		.request_id = request,
		.sender = STR("990000000001"),
		.receiver = STR("990000000002"),
		.created = hl7(trial, trial->now + 1),
	};
}

static struct itk_envelope itk(struct trial *trial, bool soap, bool soap12)
{
	return (struct itk_envelope){
		.soap = soap,
		.soap12 = soap12,
		.message_id = uuid(trial),
		.relates_to = uuid(trial),
		.tracking_id = uuid(trial),
		.payload_id = uuid(trial),
		.timestamp_id = uuid(trial),
		.created = iso(trial, trial->now),
		.expires = iso(trial, trial->now + 300),
		.to = STR("urn:nhs-uk:addressing:ods:ZZ1"),
		.identity = STR("urn:nhs-uk:identity:ods:ZZ9"),
		.from = STR("urn:nhs-uk:addressing:ods:ZZ9"),
		.user = STR("cpis-simulator"),
		.request_tracking = uuid(trial),
		.request_service = STR("urn:nhs-itk:services:201005:sendRecvDistEnvelope"),
	};
}

static struct query_response response(struct trial *trial, const char *status)
{
	struct query_response made = {
		.effective = hl7(trial, trial->now),
		.id = uuid(trial),
		.nhs_number = trial->nhs_number,
	};
	const struct code *code = status ? code_find(&mini_service_statuses, str_of(status)) : NULL;
	if (code) {
		made.status = str_of(code->code);
		made.status_name = str_of(code->display_name);
	}
	if (!status || strcmp(status, "SMSP-0000") == 0) {
		made.accesses = trial->accesses;
		made.access_count = trial->access_count;
		made.records = trial->records;
		made.record_count = trial->record_count;
	}
	return made;
}

static struct upload_outcome outcome(struct trial *trial)
{
	static const char *const refusals[] = {
		"CPR01", "CPR02", "CPR03", "CPR04", "CPR05", "CPR07"
	};
	size_t refused = 0, mode = below(trial, 3);
	struct upload_detail *details = arena_alloc(&trial->arena, MOST_RECORDS * sizeof(*details));
	for (size_t i = 0; i < trial->record_count; i++) {
		bool refuse = mode == 1 || (mode == 2 && below(trial, 2));
		details[i] = (struct upload_detail){ .number = i + 1, .code = "CPR06" };
		if (!refuse)
			continue;
		refused++;
		details[i].code = refusals[below(trial, 6)];
		if (strcmp(details[i].code, "CPR07") == 0) {
			details[i].why = "ErrorBaseCPIS.MISSING_MANDATORY_FIELD";
			details[i].why_text = "NHS Number";
		}
	}
	return (struct upload_outcome){
		.created = hl7(trial, trial->now),
		.file_id = (long long)below(trial, 1000) + 1,
		.quantity = (long long)trial->record_count,
		.code = refused == 0			 ? "CPF02"
			: refused == trial->record_count ? "CPF04"
							 : "CPF03",
		.sender = &trial->authority,
		.details = details,
		.records = trial->records,
		.record_count = trial->record_count,
	};
}

static struct upload_outcome file_error(struct trial *trial)
{
	return (struct upload_outcome){
		.created = hl7(trial, trial->now),
		.file_id = -1,
		.quantity = -1,
		.code = "CPF01",
		.sender = &trial->authority,
	};
}

static struct ebxml_envelope ebxml(struct trial *trial, const char *action)
{
	return (struct ebxml_envelope){
		.from_party = STR("YES-0000806"),
		.to_party = STR("ZZ1-000002"),
		.cpa_id = STR("S1001A0001"),
		.conversation = uuid(trial),
		.service = "urn:nhs:names:services:cpisquery",
		.action = action,
		.message_id = uuid(trial),
		.ref_to = uuid(trial),
		.timestamp = iso(trial, trial->now),
	};
}

/* Judged a pass, and nothing found. */
static void assert_passes(const char *name, const char *type, const struct buf *out)
{
	const struct cpis_options options = { .now = NOW, .fail_on = CPIS_FAIL_ON_WARNING };
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	struct cpis_message message;
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	const struct cpis_bytes source = { name, out->p, out->n };
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	if (cpis_results_verdict(results) != CPIS_PASS) {
		cpis_report(results, "text", NULL, &failure);
		fail_msg("%s:\n%.20000s", name, out->p);
	}
	assert_int_equal(cpis_results_message(results, 0, &message, sizeof(message)), 0);
	assert_string_equal(message.type ? message.type : "", type);
	cpis_results_free(results);
}

typedef int (*writing)(struct trial *trial, struct buf *out);

static int spine_response(struct trial *trial, struct buf *out)
{
	struct spine_envelope envelope = spine(trial, "cpisquery", below(trial, 2));
	struct query_response of = response(trial, NULL);
	return write_query_response(out, &envelope, &of);
}

static int plain_response(struct trial *trial, struct buf *out)
{
	struct query_response of = response(trial, NULL);
	return write_response_payload(out, &of);
}

static int query_failure(struct trial *trial, struct buf *out)
{
	static const struct detected_issue issues[] = { { "1", "NHS Number Not Found" },
							{ "NHSNCC002", "NHS Number Not Found" } };
	struct spine_envelope envelope = spine(trial, "cpisquery", below(trial, 2));
	return write_query_failure(out, &envelope, "ID", issues, 1 + below(trial, 2));
}

static int application_acknowledgement(struct trial *trial, struct buf *out)
{
	static const struct detected_issue issues[] = {
		{ "GE002", "Unexpected business error encountered." },
		{ "ErrorBase1712.MANDATORY_DATA_MISSING", "author1" },
	};
	struct spine_envelope envelope = spine(trial, "cpisquery", below(trial, 2));
	return write_application_acknowledgement(out, &envelope, issues, below(trial, 3));
}

static int spine_fault(struct trial *trial, struct buf *out)
{
	const struct spine_fault fault = { "101", "HTTP Header - SOAPAction",
					   "SOAPAction <is> not the message's" };
	(void)trial;
	return write_spine_fault(out, &fault);
}

static int mini_found(struct trial *trial, struct buf *out)
{
	struct itk_envelope envelope = itk(trial, below(trial, 4), below(trial, 4) == 0);
	struct query_response of = response(trial, "SMSP-0000");
	return write_mini_response(out, &envelope, &of);
}

static int mini_failed(struct trial *trial, struct buf *out)
{
	static const char *const statuses[] = {
		"SMSP-0001", "SMSP-0002", "SMSP-0003", "SMSP-0004",
		"SMSP-0005", "SMSP-9999", "CPIS-0001", "CPIS-9999"
	};
	struct itk_envelope envelope = itk(trial, below(trial, 4), false);
	struct query_response of = response(trial, statuses[below(trial, 8)]);
	return write_mini_response(out, &envelope, &of);
}

static int itk_fault(struct trial *trial, struct buf *out)
{
	static const char *const codes[] = { "1000", "2100", "2200", "3000" };
	struct itk_envelope envelope = itk(trial, true, false);
	const struct itk_error error = { uuid(trial), codes[below(trial, 4)], "Invalid message",
					 "The manifest count differs" };
	return write_itk_fault(out, &envelope, &error);
}

static int infrastructure(struct trial *trial, struct buf *out)
{
	struct itk_envelope envelope = itk(trial, below(trial, 2), false);
	const struct itk_error error = { uuid(trial), "DE0006",
					 "Distribution Envelope Manifest Processing Error", NULL };
	return write_infrastructure_acknowledgement(out, &envelope,
						    below(trial, 2) ? &error : NULL);
}

static int upload_acknowledgement(struct trial *trial, struct buf *out)
{
	struct upload_outcome of = below(trial, 5) ? outcome(trial) : file_error(trial);
	return write_upload_acknowledgement(out, &of);
}

static int itk_upload_acknowledgement(struct trial *trial, struct buf *out)
{
	struct itk_envelope envelope = itk(trial, below(trial, 2), false);
	struct upload_outcome of = outcome(trial);
	return write_itk_upload_acknowledgement(out, &envelope, &of);
}

static int access_notice(struct trial *trial, struct buf *out)
{
	const struct access_notice notice = {
		.effective = hl7(trial, trial->now),
		.id = uuid(trial),
		.recipient = &trial->authority,
		.accesses = trial->accesses,
		.access_count = below(trial, trial->access_count + 1),
	};
	return write_access_notice(out, &notice);
}

static int inactive_notice(struct trial *trial, struct buf *out)
{
	struct inactive_number numbers[MOST_RECORDS];
	for (size_t i = 0; i < trial->record_count; i++)
		numbers[i] = (struct inactive_number){
			.nhs_number = trial->records[i].subjects[0].nhs_number,
			.local_id = trial->records[i].subjects[0].local_id,
			.local_authority = trial->records[i].subjects[0].local_authority,
			.replacement = nhs_number(trial),
			.upload = STR("42"),
		};
	const struct inactive_notice notice = {
		.effective = hl7(trial, trial->now),
		.id = uuid(trial),
		.recipient = &trial->authority,
		.numbers = numbers,
		.number_count = trial->record_count,
	};
	return write_inactive_notice(out, &notice);
}

static int upload_reply(struct trial *trial, struct buf *out)
{
	struct spine_envelope envelope = spine(trial, "cpisupload", below(trial, 2));
	struct upload_outcome of = below(trial, 5) ? outcome(trial) : file_error(trial);
	return write_upload_reply(out, &envelope, &of);
}

static int access_message(struct trial *trial, struct buf *out)
{
	struct spine_envelope envelope = spine(trial, "cpisquery", below(trial, 2));
	const struct access_notice notice = {
		.effective = hl7(trial, trial->now),
		.id = uuid(trial),
		.recipient = &trial->authority,
		.accesses = trial->accesses,
		.access_count = trial->access_count,
	};
	return write_access_message(out, &envelope, &notice);
}

static int inactive_message(struct trial *trial, struct buf *out)
{
	struct spine_envelope envelope = spine(trial, "cpisquery", below(trial, 2));
	const struct inactive_number number = {
		.nhs_number = trial->nhs_number,
		.replacement = nhs_number(trial),
		.upload = STR("42"),
	};
	const struct inactive_notice notice = {
		.effective = hl7(trial, trial->now),
		.id = uuid(trial),
		.recipient = &trial->authority,
		.numbers = &number,
		.number_count = 1,
	};
	return write_inactive_message(out, &envelope, &notice);
}

static int ebxml_message(struct trial *trial, struct buf *out)
{
	char boundary[BOUNDARY_BYTES];
	struct buf payload;
	struct ebxml_envelope envelope = ebxml(trial, "REPC_IN000007GB01");
	struct spine_envelope inside = spine(trial, "cpisquery", false);
	struct query_response of = response(trial, NULL);
	buf_init(&payload, SIZE_MAX / 2);
	buf_printf(out,
		   "MIME-Version: 1.0\r\nContent-Type: multipart/related; "
		   "boundary=\"--=_MIME-%.*s\"; type=\"text/xml\"; "
		   "start=\"<ebXMLHeader@spine.nhs.uk>\"\r\n\r\n",
		   STR_ARG(envelope.message_id));
	int status = write_query_response(&payload, &inside, &of);
	if (status == 0)
		status = write_ebxml_message(out, &envelope, buf_view(&payload), boundary);
	buf_release(&payload);
	return status;
}

static const struct {
	const char *name, *type;
	writing write;
	bool one_person;
} writings[] = {
	{ "response", "REPC_MT000007GB01", plain_response, true },
	{ "spine-response", "REPC_IN000007GB01", spine_response, true },
	{ "query-failure", "QUQI_IN010000UK14", query_failure, true },
	{ "application-acknowledgement", "MCCI_IN010000UK13", application_acknowledgement, true },
	{ "spine-fault", "SOAP-Fault", spine_fault, true },
	{ "mini-found", "REPC_MT000012GB01", mini_found, true },
	{ "mini-failed", "REPC_MT000012GB01", mini_failed, true },
	{ "itk-fault", "SOAP-Fault", itk_fault, true },
	{ "infrastructure-acknowledgement", "ITK-InfrastructureResponse", infrastructure, true },
	{ "upload-acknowledgement", "REPC_MT000003GB01", upload_acknowledgement, false },
	{ "itk-upload-acknowledgement", "REPC_MT000003GB01", itk_upload_acknowledgement, false },
	{ "access-notice", "REPC_MT000004GB01", access_notice, true },
	{ "inactive-notice", "REPC_MT000005GB01", inactive_notice, false },
	{ "upload-reply", "REPC_MT000003GB01", upload_reply, false },
	{ "access-message", "REPC_MT000004GB01", access_message, true },
	{ "inactive-message", "REPC_MT000005GB01", inactive_message, true },
	{ "ebxml-message", "REPC_IN000007GB01", ebxml_message, true },
};
enum { WRITINGS = sizeof(writings) / sizeof(writings[0]) };

static size_t rounds(void)
{
	const char *asked = getenv("CPIS_WRITE_ROUNDS");
	return asked ? (size_t)strtoul(asked, NULL, 10) : 25;
}

static void test_every_message_that_is_written_passes(void **state)
{
	(void)state;
	for (size_t round = 0; round < rounds(); round++)
		for (size_t i = 0; i < WRITINGS; i++) {
			struct trial trial;
			struct buf out;
			trial_init(&trial, round * WRITINGS + i, writings[i].one_person);
			buf_init(&out, SIZE_MAX / 2);
			if (writings[i].write(&trial, &out) != 0)
				fail_msg("%s was not written", writings[i].name);
			assert_passes(writings[i].name, writings[i].type, &out);
			buf_release(&out);
			arena_release(&trial.arena);
		}
}

static void test_ids_differ_and_repeat_by_seed(void **state)
{
	(void)state;
	struct id_maker a, b;
	char first[UUID_BYTES], second[UUID_BYTES], again[UUID_BYTES];
	id_maker_init(&a, STR("seed"), STR("1"));
	id_maker_init(&b, STR("seed"), STR("1"));
	id_maker_uuid(&a, first);
	id_maker_uuid(&a, second);
	id_maker_uuid(&b, again);
	assert_string_equal(first, again);
	assert_string_not_equal(first, second);
	assert_true(uuid_is_upper(str_of(first)));
	id_maker_init(&b, STR("seed"), STR("2"));
	id_maker_uuid(&b, again);
	assert_string_not_equal(first, again);
}

static void test_times_have_the_offset_of_the_day(void **state)
{
	(void)state;
	char text[TIME_BYTES];
	time_hl7(1785585600, text);
	assert_string_equal(text, "20260801130000+0100");
	time_hl7(NOW, text);
	assert_string_equal(text, "20270101000000+0000");
	time_iso(NOW, text);
	assert_string_equal(text, "2027-01-01T00:00:00Z");
}

static void test_a_value_comes_back_as_it_was(void **state)
{
	(void)state;
	struct element_writer writer;
	struct buf out;
	buf_init(&out, SIZE_MAX / 2);
	element_start(&writer, &out);
	element_open(&writer, "a");
	element_attribute(&writer, "b", STR("<\"&\t\x01\n>"));
	element_text(&writer, STR("x\r]]>"));
	element_close(&writer);
	assert_int_equal(element_finish(&writer), 0);
	assert_non_null(strstr(out.p, "<a b=\"&lt;&quot;&amp;&#9;&#10;&gt;\">x&#13;]]&gt;</a>"));
	buf_reset(&out);
	element_start(&writer, &out);
	element_open(&writer, "a");
	assert_int_equal(element_finish(&writer), -1);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message_that_is_written_passes),
		cmocka_unit_test(test_ids_differ_and_repeat_by_seed),
		cmocka_unit_test(test_times_have_the_offset_of_the_day),
		cmocka_unit_test(test_a_value_comes_back_as_it_was),
	};
	return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
