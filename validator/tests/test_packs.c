/* The packs of the repository, run as people run them: alone, and over an imaginary supplier's
 * evidence. */
#include "compare/compare.h"
#include "message/identifiers.h"
#include "run_cli.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PACKS "testcases/packs/"

static void expect(int exit_code, const char *out, const char *arguments)
{
	struct said said = run_program("%s", arguments);
	if (said.exit_code != exit_code || (out && !strstr(said.out, out)))
		fail_msg("cpis %s: %d\n%s\n%s", arguments, said.exit_code, said.out, said.err);
	run_release(&said);
}

/* A copy of a pack's evidence, as "evidence" of the scratch folder. */
static void copy_evidence(const char *pack)
{
	char command[1024];
	snprintf(command, sizeof(command), "rm -rf '%s' && cp -R '" PACKS "%s/evidence' '%s'",
		 scratch_path("evidence"), pack, scratch_path("evidence"));
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): fixed words */
}

static void alter(const char *file, const char *from, const char *to)
{
	char path[512];
	size_t n;
	snprintf(path, sizeof(path), "evidence/%s", file);
	char *bytes = read_file(scratch_path(path), &n), *at = strstr(bytes, from);
	if (!at)
		fail_msg("%s has no %s", file, from);
	FILE *out = fopen(scratch_path(path), "w");
	assert_non_null(out);
	fprintf(out, "%.*s%s%s", (int)(at - bytes), bytes, to, at + strlen(from));
	assert_int_equal(fclose(out), 0);
	free(bytes);
}

static void check_data_set(const char *path)
{
	struct arena arena;
	struct child_records records = { 0 };
	struct problems problems;
	arena_init(&arena);
	problems_init(&problems);
	assert_int_equal(dataset_read(&records, &arena, path, &problems), 0);
	assert_true(records.count > 0);
	for (size_t i = 0; i < records.count; i++) {
		struct nhs_number number = nhs_number_of(records.items[i].nhs_number);
		assert_true(nhs_number_is_valid(&number));
		assert_int_equal(number.range, NHS_RANGE_TEST);
	}
	problems_release(&problems);
	arena_release(&arena);
}

static const char *const packs[] = { "la-upload", "nhs-query", "nhs-query-itk" };
enum { PACK_COUNT = sizeof(packs) / sizeof(packs[0]) };

static void test_each_pack_passes_without_evidence(void **state)
{
	(void)state;
	for (size_t i = 0; i < PACK_COUNT; i++) {
		char arguments[128];
		snprintf(arguments, sizeof(arguments), "run -q " PACKS "%s", packs[i]);
		expect(0, NULL, arguments);
		/* Whatever the clock says. */
		snprintf(arguments, sizeof(arguments), "run -q --now 2036-02-29 " PACKS "%s",
			 packs[i]);
		expect(0, NULL, arguments);
		snprintf(arguments, sizeof(arguments), "run -q --now 2016-02-29 " PACKS "%s",
			 packs[i]);
		expect(0, NULL, arguments);
	}
}

static void test_each_certification_is_incomplete_without_evidence_and_passes_with_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < PACK_COUNT; i++) {
		char arguments[256];
		snprintf(arguments, sizeof(arguments), "run -q " PACKS "%s/certify.yaml", packs[i]);
		expect(3, NULL, arguments);
		snprintf(arguments, sizeof(arguments),
			 "run -q " PACKS "%s/certify.yaml --now 2026-11-01 --evidence " PACKS
			 "%s/evidence",
			 packs[i], packs[i]);
		expect(0, NULL, arguments);
	}
}

/* Whatever a profile makes of the rules. */
static void test_what_is_written_of_a_pack_can_be_read(void **state)
{
	(void)state;
	static const char *const severities[] = { "off", "info", "warning" };
	static const char *const families[] = { "XML", "TRN", "ITK", "TMS", "SCH", "NHS", "DAT",
						"UPL", "ACK", "QRY", "RSP", "NOT", "PAIR" };
	for (size_t i = 0; i < PACK_COUNT * sizeof(severities) / sizeof(severities[0]); i++) {
		FILE *file = fopen(scratch_path("all.yaml"), "w");
		assert_non_null(file);
		fputs("profile: all\nrules:\n", file);
		for (size_t k = 0; k < sizeof(families) / sizeof(families[0]); k++)
			fprintf(file, "  - { family: %s, severity: %s, reason: r }\n", families[k],
				severities[i / PACK_COUNT]);
		fclose(file);
		struct said said = run_program("run -q " PACKS "%s --now 2026-11-01 --profile "
					       "@/all.yaml -r xml=@/pack.xml",
					       packs[i % PACK_COUNT]);
		assert_int_not_equal(said.exit_code, 2);
		run_release(&said);
		struct said again = run_program("report -q @/pack.xml");
		if (again.exit_code == 2)
			fail_msg("%s, %s: %s", packs[i % PACK_COUNT], severities[i / PACK_COUNT],
				 again.err);
		run_release(&again);
	}
}

/* One slot empty. */
static const struct {
	const char *pack, *file, *reason;
} missing[] = {
	{ "la-upload", "upload-ends.xml", "the evidence folder has no file 'upload-ends*.xml'" },
	{ "la-upload", "answers.yaml", "not answered yet" },
	{ "nhs-query", "walk-in-centre-reply.xml",
	  "the evidence folder has no file 'walk-in-centre-reply.xml'" },
	{ "nhs-query-itk", "maternity-unit-query.xml",
	  "the evidence folder has no file 'maternity-unit-query.xml'" },
};

static void test_one_empty_slot_makes_a_run_incomplete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		char words[256];
		copy_evidence(missing[i].pack);
		snprintf(words, sizeof(words), "evidence/%s", missing[i].file);
		assert_int_equal(unlink(scratch_path(words)), 0);
		snprintf(words, sizeof(words),
			 "run " PACKS "%s/certify.yaml --now 2026-11-01 --evidence @/evidence "
			 "--report json",
			 missing[i].pack);
		expect(3, missing[i].reason, words);
	}
}

/* One value altered, and the words that name it. */
static const struct {
	const char *pack, *file, *from, *to, *reason;
} altered[] = {
	{ "la-upload", "upload-initial.xml", "<family>Oakhanger<", "<family>Oakhangar<",
	  "surname: expected" },
	{ "la-upload", "upload-ends.xml", "202610081015", "202610081016",
	  "end date of the unborn child plan: expected 202610081015, found 202610081016" },
	{ "la-upload", "upload-deletes.xml", "202610261005", "202610251005",
	  "delete date of the child protection plan: expected 20261026, found 202610251005" },
	{ "la-upload", "answers.yaml", "answer: pass", "answer: fail", "the answer is 'no'" },
	{ "nhs-query", "emergency-department-reply.xml", "<given>Corin<", "<given>Corinne<",
	  "given name: expected" },
	{ "nhs-query", "minor-injury-unit-reply.xml", "code=\"NF\"", "code=\"OK\"",
	  "unexpected: TMS" },
	{ "nhs-query", "ambulance-service-query.xml", "990042387715", "990042387716",
	  "unexpected: " },
	{ "nhs-query-itk", "paediatric-ward-reply.xml", "202601121400", "202601121500",
	  "start date of the child protection plan: expected" },
	{ "nhs-query-itk", "gp-out-of-hours-reply.xml", "CPIS-9999", "SMSP-9999",
	  "the status is CP-IS Spine Service Error" },
};

static void test_one_altered_value_fails_a_run_and_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(altered) / sizeof(altered[0]); i++) {
		char words[256];
		copy_evidence(altered[i].pack);
		alter(altered[i].file, altered[i].from, altered[i].to);
		snprintf(words, sizeof(words),
			 "run " PACKS "%s/certify.yaml --now 2026-11-01 --evidence @/evidence "
			 "--report json",
			 altered[i].pack);
		expect(1, altered[i].reason, words);
	}
}

static void test_an_altered_nhs_number_is_one_changed_record(void **state)
{
	(void)state;
	copy_evidence("la-upload");
	expect(0, "5 the same",
	       "compare --keyed 2026-10-09 " PACKS
	       "la-upload/data/set-a.yaml @/evidence/upload-initial.xml");
	alter("upload-initial.xml", "9991141707", "9996184978");
	expect(1, "4 the same, 1 changed, 0 missing, 0 added\n",
	       "compare --keyed 2026-10-09 " PACKS
	       "la-upload/data/set-a.yaml @/evidence/upload-initial.xml");
	expect(1, "  NHS number: expected [NHS number #1], found [NHS number #2]\n",
	       "compare --keyed 2026-10-09 " PACKS
	       "la-upload/data/set-a.yaml @/evidence/upload-initial.xml");
}

/* The people in data sets do not exist: numbers of the range that is never issued, each with its
 * check digit. */
static void test_data_sets_name_no_real_person(void **state)
{
	(void)state;
	size_t read = 0;
	for (size_t i = 0; i < PACK_COUNT; i++) {
		char pattern[128];
		glob_t found;
		snprintf(pattern, sizeof(pattern), PACKS "%s/data/*.yaml", packs[i]);
		assert_int_equal(glob(pattern, 0, NULL, &found), 0);
		for (size_t k = 0; k < found.gl_pathc; k++, read++)
			check_data_set(found.gl_pathv[k]);
		globfree(&found);
	}
	assert_int_equal(read, 14);
}

static void test_changes_to_good_messages_are_noticed(void **state)
{
	(void)state;
	size_t count = short_form("changes to the messages of two packs") ? 1 : PACK_COUNT;
	for (size_t i = 0; i < count; i++) {
		char arguments[128];
		snprintf(arguments, sizeof(arguments), "mutate -q --min-score 80 " PACKS "%s",
			 packs[i]);
		expect(0, NULL, arguments);
	}
}

/* What a supplier's files are compared with does not grow old; lint says where it would. */
static void test_lint_warns_of_times_that_are_still_to_come(void **state)
{
	static const char set[] =
		"records:\n"
		"  - { local-id: A, birth-date: 2010-01-01, plans: [{ kind: unborn, start: "
		"2020-01-01, end: keyed + 1 day }] }\n"
		"  - { subject: mother, local-id: B, birth-date: 2010-01-01, plans: [{ kind: "
		"unborn, "
		"start: 2020-01-01, end: 2027-02-15 }] }\n"
		"  - { local-id: C, birth-date: keyed - 17 years }\n"
		"  - { local-id: D, birth-date: 2000-01-01, plans: [{ kind: unborn, start: "
		"2020-01-01, end: 2099-02-15 }] }\n";
	static const char pack[] =
		"pack: p\nversion: 1.0.0\ntitle: P\ncases:\n"
		"  - { id: A, title: A, evidence: a.xml, given: set.yaml, expect: { verdict: pass, "
		"records: exact } }\n";
	(void)state;
	FILE *file = fopen(scratch_path("set.yaml"), "w");
	assert_non_null(file);
	assert_true(fputs(set, file) >= 0 && fclose(file) == 0);
	file = fopen(scratch_path("pack.yaml"), "w");
	assert_non_null(file);
	assert_true(fputs(pack, file) >= 0 && fclose(file) == 0);
	struct said said = run_program("lint --now 2026-11-01 @/pack.yaml");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(
		strstr(said.err, "set.yaml:2: warning: this child becomes 18 on 2028-01-01"));
	assert_non_null(strstr(said.err, "set.yaml:3: warning: a plan ends on 2027-02-15"));
	assert_null(strstr(said.err, "set.yaml:4:"));
	assert_null(strstr(said.err, "set.yaml:5:"));
	run_release(&said);
	for (size_t i = 0; i < PACK_COUNT; i++) {
		said = run_program("lint --now 2026-11-01 " PACKS "%s/certify.yaml", packs[i]);
		assert_int_equal(said.exit_code, 0);
		assert_string_equal(said.err, "");
		run_release(&said);
	}
}

/* A supplier that says yes of itself is not what a message shows: every report counts it. */
static void test_reports_count_what_rests_on_own_answers(void **state)
{
	(void)state;
	static const char run[] = "run " PACKS "la-upload/certify.yaml --now 2026-11-01 --evidence "
				  "@/evidence --report ";
	static const char *const formats[] = { "text", "short", "html", "certificate", "md",
					       "tap",  "junit", "csv",	"sarif",       "xml" };
	static const char four[] = "4 cases that passed rest on the supplier";
	char words[256];
	copy_evidence("la-upload");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		snprintf(words, sizeof(words), "%s%s", run, formats[i]);
		expect(0, four, words);
	}
	snprintf(words, sizeof(words), "%sjson", run);
	expect(0, "\"own_answers\": 4", words);
	expect(0, "\"answered_by\": \"supplier\"", words);
	snprintf(words, sizeof(words), "%sxml=@/results.xml -q", run);
	expect(0, NULL, words);
	expect(0, four, "report @/results.xml");
	/* Where an assessor has looked too, it does not rest on the supplier alone. */
	alter("answers.yaml", "- { case: LAUC-201,",
	      "- { case: LAUC-201, answer: pass, role: assessor, by: Ann, on: 2026-10-28 }\n"
	      "- { case: LAUC-201,");
	snprintf(words, sizeof(words), "%stext", run);
	expect(0, "3 cases that passed rest on the supplier", words);
	/* An answer that fails is counted as what it is. */
	alter("answers.yaml", "LAUC-204, answer: pass", "LAUC-204, answer: fail");
	expect(1, "2 cases that passed rest on the supplier", words);
	struct said said = run_program("run " PACKS "la-upload --now 2026-11-01");
	assert_null(strstr(said.out, "own answer"));
	run_release(&said);
}

/* In ten years the same files still pass: nothing in them is too old by then. */
static void test_no_pack_grows_old(void **state)
{
	(void)state;
	for (size_t i = 0; i < PACK_COUNT; i++) {
		char arguments[256];
		snprintf(arguments, sizeof(arguments), "run -q --now 2037-01-01 " PACKS "%s",
			 packs[i]);
		expect(0, NULL, arguments);
		snprintf(arguments, sizeof(arguments),
			 "run -q --now 2037-01-01 " PACKS "%s/certify.yaml --evidence " PACKS
			 "%s/evidence",
			 packs[i], packs[i]);
		expect(0, NULL, arguments);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pack_passes_without_evidence),
		cmocka_unit_test(
			test_each_certification_is_incomplete_without_evidence_and_passes_with_it),
		cmocka_unit_test(test_what_is_written_of_a_pack_can_be_read),
		cmocka_unit_test(test_one_empty_slot_makes_a_run_incomplete),
		cmocka_unit_test(test_one_altered_value_fails_a_run_and_is_named),
		cmocka_unit_test(test_an_altered_nhs_number_is_one_changed_record),
		cmocka_unit_test(test_data_sets_name_no_real_person),
		cmocka_unit_test(test_lint_warns_of_times_that_are_still_to_come),
		cmocka_unit_test(test_changes_to_good_messages_are_noticed),
		cmocka_unit_test(test_reports_count_what_rests_on_own_answers),
		cmocka_unit_test(test_no_pack_grows_old),
	};
	return cmocka_run_group_tests_name("packs", tests, NULL, NULL);
}
