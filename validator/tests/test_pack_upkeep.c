/* What keeps packs going: baselines, coverage, mutation scores, a start. */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A pack whose one case finds a wrong check digit that is not expected: of this NHS number. */
static void write_pack(const char *number)
{
	char yaml[1024], folder[512];
	assert_non_null(getcwd(folder, sizeof(folder)));
	if (symlink(folder, scratch_path("repo")) != 0)
		assert_int_equal(access(scratch_path("repo"), F_OK), 0);
	snprintf(yaml, sizeof(yaml),
		 "pack: p\nversion: 1.0.0\ntitle: P\nallow-outside: true\ncases:\n"
		 "  - id: A\n    title: A\n    tags: [t]\n"
		 "    message: repo/testcases/messages/upload-one.xml\n"
		 "    edit: [ set: { at: \"//COCT_TP145101GB01.Child/id[1]/@extension\", to: "
		 "\"%s\" } ]\n"
		 "    expect: { verdict: pass }\n",
		 number);
	write_text("pack.yaml", yaml);
}

static void expect(int exit_code, const char *out, const char *err, const char *arguments)
{
	struct said said = run_program("%s", arguments);
	if (said.exit_code != exit_code || (out && !strstr(said.out, out)) ||
	    (err && !strstr(said.err, err)))
		fail_msg("%s: %d\n%s\n%s", arguments, said.exit_code, said.out, said.err);
	run_release(&said);
}

static void test_a_baseline_accepts_what_it_holds_and_nothing_new(void **state)
{
	(void)state;
	write_pack("9996184979");
	expect(1, "unexpected: NHS-002", NULL, "run @/pack.yaml");
	expect(2, NULL, "cannot be read", "run @/pack.yaml --baseline @/b.yaml");
	expect(0, NULL, NULL, "run @/pack.yaml --baseline @/b.yaml --update-baseline");
	expect(0, "accepted by the baseline", NULL, "run @/pack.yaml --baseline @/b.yaml");
	/* Nothing of the value is kept: another value at the same place is accepted too. */
	write_pack("9996184970");
	expect(0, "accepted by the baseline", NULL, "run @/pack.yaml --baseline @/b.yaml");
	write_pack("9993394130");
	expect(0, NULL, "b.yaml:3:3: stale: NHS-002 at /File/record",
	       "run @/pack.yaml --baseline @/b.yaml");
	expect(0, NULL, NULL, "run @/pack.yaml --baseline @/b.yaml --update-baseline");
	expect(2, NULL, "--update-baseline needs --baseline", "run @/pack.yaml --update-baseline");
}

static void test_a_baseline_names_no_value_and_keeps_reasons(void **state)
{
	(void)state;
	size_t n;
	write_pack("9996184979");
	expect(0, NULL, NULL, "run -q @/pack.yaml --baseline @/c.yaml --update-baseline");
	char *text = read_file(scratch_path("c.yaml"), &n);
	assert_null(strstr(text, "9996184979"));
	assert_null(strstr(text, "value"));
	char more[2048];
	snprintf(more, sizeof(more), "%s  reason: \"the number of a twin\"\n", text);
	free(text);
	write_text("c.yaml", more);
	expect(0, "accepted by the baseline: the number of a twin", NULL,
	       "run @/pack.yaml --baseline @/c.yaml");
	expect(0, NULL, NULL, "run -q @/pack.yaml --baseline @/c.yaml --update-baseline");
	text = read_file(scratch_path("c.yaml"), &n);
	assert_non_null(strstr(text, "reason: \"the number of a twin\""));
	free(text);
	/* Older versions wrote a digest of the value: it is read, and not written again. */
	write_text("old.yaml",
		   "- rule: NHS-002\n"
		   "  path: "
		   "\"/File/record/CP-ISRecord/subject/COCT_TP145101GB01.Child/id[1]/@extension\"\n"
		   "  value: \"328e\"\n"
		   "  reason: \"the number of a twin\"\n"
		   "- rule: NHS-002\n"
		   "  path: "
		   "\"/File/record/CP-ISRecord/subject/COCT_TP145101GB01.Child/id[1]/@extension\"\n"
		   "  value: \"ca0e\"\n");
	expect(0, "accepted by the baseline: the number of a twin",
	       "old.yaml:3:10: 'value' is a digest of personal values",
	       "run @/pack.yaml --baseline @/old.yaml");
	expect(0, NULL, NULL, "run -q @/pack.yaml --baseline @/old.yaml --update-baseline");
	text = read_file(scratch_path("old.yaml"), &n);
	assert_null(strstr(text, "328e"));
	assert_non_null(strstr(text, "reason: \"the number of a twin\""));
	free(text);
	write_text("d.json", "[ { \"rule\": \"X\", \"path\": \"/File\", \"value\": \"0000\" } ]\n");
	expect(1, NULL, "d.json:1:3: stale: X at /File", "run @/pack.yaml --baseline @/d.json");
}

static void test_coverage_lists_rules_that_no_case_exercised(void **state)
{
	(void)state;
	write_pack("9993394130");
	expect(0, "Not exercised:\n", NULL, "run @/pack.yaml --coverage");
	struct said said = run_program("run @/pack.yaml --coverage --report json");
	assert_null(strstr(said.out, "Coverage:"));
	assert_non_null(strstr(said.err, "Coverage: "));
	assert_non_null(strstr(said.err, "Exercised, but never failed:"));
	assert_non_null(strstr(said.err, "  NHS-002 "));
	run_release(&said);
}

static void test_a_run_of_no_case_is_a_mistake(void **state)
{
	(void)state;
	write_pack("9993394130");
	expect(2, NULL, "--only none selects no case", "run @/pack.yaml --only none");
	expect(2, NULL, "--only none selects no case: it is not a tag or id",
	       "run @/pack.yaml --only t --only none -r json=@/none.json");
	assert_int_not_equal(access(scratch_path("none.json"), F_OK), 0);
	expect(2, NULL, "--skip p/X leaves out no case", "run @/pack.yaml --skip p/X");
	expect(2, NULL, "did you mean 'smoke'?",
	       "run testcases/packs/la-upload --only good --only smokee");
	/* A word may be of another pack of the run. */
	expect(0, "Partial: ", NULL,
	       "run @/pack.yaml testcases/packs/la-upload --only t --only LAU-002");
	expect(2, NULL, "--skip leaves out every case", "run @/pack.yaml --skip t");
	expect(0, NULL, NULL, "run @/pack.yaml --only t");
}

static void test_faults_that_are_not_caught_are_listed(void **state)
{
	(void)state;
	write_pack("9993394130");
	expect(2, NULL, "no good messages of its own", "mutate @/pack.yaml");
	struct said said = run_program("mutate testcases/packs/la-upload");
	assert_int_equal(said.exit_code, 0);
	/* The local id may be left out: nothing is wrong then. */
	assert_non_null(strstr(said.out, "not caught: drop "
					 "/File/record/CP-ISRecord/subject/"
					 "COCT_TP145101GB01.Child/id[2]\n"));
	/* Of a record that an acknowledgement returns as refused, only the structure is judged. */
	for (const char *line = said.out; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		size_t length = strcspn(line, "\n");
		if (memmem(line, length, "invalidCP-ISRecord", strlen("invalidCP-ISRecord")))
			continue;
		assert_null(memmem(line, length, "check digit", strlen("check digit")));
		assert_null(memmem(line, length, "a day that does not exist",
				   strlen("a day that does not exist")));
	}
	assert_non_null(strstr(said.out, "mutation score 9"));
	run_release(&said);
	expect(1, NULL, NULL, "mutate -q --min-score 100 testcases/packs/la-upload");
	expect(2, NULL, "must be a whole number from 0 to 100", "mutate --min-score 101 x");
}

/* An unborn child plan of this upload ends in June 2027, and no plan for the child follows. */
static void test_a_pack_that_grows_old_is_found(void **state)
{
	(void)state;
	write_pack("9993394130");
	write_text("old.yaml", "pack: old\nversion: 1.0.0\ntitle: O\nallow-outside: true\ncases:\n"
			       "  - id: B\n    title: B\n"
			       "    message: repo/testcases/messages/upload-five.xml\n"
			       "    expect: { verdict: pass }\n");
	expect(0, NULL,
	       "old.yaml:6: warning: case B: the outcome is \"passed\" today and \"failed\" in 1 "
	       "year,",
	       "lint --now 2026-11-29 @/old.yaml");
	struct said said = run_program("lint --now 2026-11-29 @/pack.yaml");
	assert_int_equal(said.exit_code, 0);
	assert_string_equal(said.err, "");
	run_release(&said);
}

static void test_a_new_pack_lints_and_runs(void **state)
{
	(void)state;
	expect(0, "Created", NULL, "new pack @/fresh");
	expect(0, NULL, NULL, "lint @/fresh");
	expect(0, NULL, NULL, "run @/fresh");
	static const char *const names[] = { "null", "true", "no", "1.0", "2026-11-01", "-" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char command[64];
		snprintf(command, sizeof(command), "new pack @/%s", names[i]);
		expect(0, "Created", NULL, command);
		snprintf(command, sizeof(command), "lint @/%s", names[i]);
		expect(0, "no problems", NULL, command);
		snprintf(command, sizeof(command), "run @/%s", names[i]);
		expect(0, NULL, NULL, command);
	}
	expect(2, NULL, "File exists", "new pack @/fresh");
	expect(2, NULL, "letters, digits", "new pack '@/no name'");
	expect(2, NULL, "cpis new pack FOLDER", "new suite x");
	size_t n;
	char *text = read_file(scratch_path("fresh/pack.yaml"), &n);
	assert_non_null(strstr(text, "pack: \"fresh\"\n"));
	assert_null(strstr(text, "@NAME@"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_baseline_accepts_what_it_holds_and_nothing_new),
		cmocka_unit_test(test_a_baseline_names_no_value_and_keeps_reasons),
		cmocka_unit_test(test_coverage_lists_rules_that_no_case_exercised),
		cmocka_unit_test(test_a_run_of_no_case_is_a_mistake),
		cmocka_unit_test(test_faults_that_are_not_caught_are_listed),
		cmocka_unit_test(test_a_pack_that_grows_old_is_found),
		cmocka_unit_test(test_a_new_pack_lints_and_runs),
	};
	return cmocka_run_group_tests_name("pack_upkeep", tests, NULL, NULL);
}
