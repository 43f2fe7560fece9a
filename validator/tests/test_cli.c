/* The program as people and pipelines use it: every exit code, every stream, every wrong word. */
#include "../cli/cli.h"
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD "testcases/messages/upload-one.xml"

/* A file of the scratch folder. */
static void write_scratch(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* The good message with a first occurrence of something changed. */
static void write_changed(const char *name, const char *from, const char *to)
{
	char *text = read_file(GOOD, NULL);
	char *at = strstr(text, from);
	assert_non_null(at);
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_true(fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	assert_int_equal(fclose(file), 0);
	free(text);
}

static void write_bad(void)
{
	write_changed("bad.xml", "<transmissionQuantity value=\"1\"",
		      "<transmissionQuantity value=\"7\"");
}

/* One run, its exit code, and words in its output; NULL: it prints nothing there. */
static void expect(int code, const char *out, const char *err, const char *arguments)
{
	struct said said = run_program("%s", arguments);
	if (said.exit_code != code)
		fail_msg("cpis %s: exit %d, not %d\n%s%s", arguments, said.exit_code, code,
			 said.out, said.err);
	if (out ? !strstr(said.out, out) : said.out[0] != '\0')
		fail_msg("cpis %s: says \"%s\" on standard output", arguments, said.out);
	if (err ? !strstr(said.err, err) : said.err[0] != '\0')
		fail_msg("cpis %s: says \"%s\" on standard error", arguments, said.err);
	run_release(&said);
}

static void test_exit_0_when_everything_passed(void **state)
{
	(void)state;
	expect(0, "Conformant", NULL, "validate " GOOD);
	expect(0, "Conformant", NULL, "validate testcases/messages");
	expect(0, "Judged as expected", NULL, "run testcases/packs/la-upload/pack.yaml");
	expect(0, "no problems found", NULL, "lint testcases/packs/la-upload");
	expect(0, "no problems found", NULL,
	       "lint testcases/packs/la-upload/evidence/answers.yaml");
	expect(0, "cpis " CPIS_VERSION, NULL, "--version");
	expect(0, "validate", NULL, "--help");
	expect(0, "--show-values", NULL, "validate --help");
}

static void test_exit_1_when_a_message_failed(void **state)
{
	(void)state;
	write_bad();
	expect(1, "UPL-001", NULL, "validate @/bad.xml");
	expect(1, "UPL-001", NULL, "validate " GOOD " @/bad.xml");
	/* Something wrong outweighs something not judged. */
	expect(1, "UPL-001", NULL, "validate --max-attribute 200 @/bad.xml");
}

/* What was asked for and has no effect, or cannot be done, is said in words that name it. */
static void test_mistakes_of_usage_are_named(void **state)
{
	(void)state;
	static const char answers[] = "testcases/packs/la-upload/evidence/answers.yaml";
	char line[256];
	expect(2, NULL, "--meta supplier=B: the key is given twice",
	       "validate " GOOD " --meta supplier=A --meta system=A --meta supplier=B");
	expect(0, NULL, NULL, "validate -q " GOOD " --meta supplier=A --meta supplier2=A");
	expect(2, NULL, "--phase x: it is of your own rules, and needs --schematron FILE",
	       "validate " GOOD " --phase x");
	snprintf(line, sizeof(line), "run testcases/packs/la-upload/certify.yaml --evidence %s",
		 answers);
	expect(2, NULL, "answers.yaml: the evidence cannot be read: it is neither a folder nor",
	       line);
	snprintf(line, sizeof(line), "run %s", answers);
	expect(2, NULL, "answers.yaml:2:1: a pack is a mapping, and this is a list: answers go",
	       line);
	if (access("/dev/full", W_OK) == 0)
		expect(3, NULL, "/dev/full: cannot write the bundle: No space left",
		       "run -q testcases/packs/la-upload --bundle /dev/full");
}

static void test_lint_knows_the_formats_that_people_write(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *problem; /* NULL: it has none */
	} files[] = {
		{ "waivers.yaml",
		  "- rule: UPL-001\n  path: /File\n  reason: r\n  owner: o\n  expires: "
		  "2027-03-31\n",
		  NULL },
		{ "waivers.yaml", "- { case: A, reason: r, owner: o, expires: 2027-03-31 }\n",
		  NULL },
		{ "waivers.yaml", "- { case: A, reason: r, owner: o }\n", "has no 'expires'" },
		{ "waivers.json",
		  "[\n  { \"rule\": \"UPL-001\", \"path\": \"/File\", \"reason\": \"r\", "
		  "\"owner\": \"o\",\n"
		  "    \"expires\": \"2027-03-31\" }\n]\n",
		  NULL },
		{ "waivers.yaml", "- { rule: UPL-001, reason: r, owner: o, expires: 2027-03-31 }\n",
		  "needs a path or a case" },
		{ "known.yaml", "- { rule: UPL-001, path: /File, reason: the owner knows }\n",
		  NULL },
		{ "known.json", "[ { \"rule\": \"UPL-001\", \"path\": \"/File\" } ]\n", NULL },
		{ "known.yaml", "# Accepted findings\n[]\n", NULL },
		{ "answers.yaml", "# Answer each question.\n\n[]\n", NULL },
		{ "answers.yaml", "- { case: A, answer: maybe, by: B, on: 2026-10-01 }\n",
		  "cannot be 'maybe'" },
		{ "own.sch",
		  "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><pattern>\n<rule "
		  "context='*'>"
		  "<assert test='1'>One.</assert></rule></pattern></schema>\n",
		  NULL },
		{ "own.sch", "<schema xmlns='http://purl.oclc.org/dsdl/schematron'/>\n",
		  "it has no assertion" },
		{ "message.xml", "<File xmlns='urn:hl7-org:v3'/>\n",
		  "messages are for cpis validate" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char line[64];
		write_scratch(files[i].name, files[i].text);
		snprintf(line, sizeof(line), "lint @/%s", files[i].name);
		expect(files[i].problem ? 2 : 0, files[i].problem ? NULL : "no problems found",
		       files[i].problem, line);
	}
}

static void test_exit_2_for_usage_configuration_and_no_input(void **state)
{
	(void)state;
	mkdir(scratch_path("empty"), 0700);
	write_scratch("broken.yaml", "pack: x\ncases: [\n");
	expect(2, NULL, "Usage", "");
	expect(2, NULL, "name a file", "validate");
	expect(2, NULL, "No such file", "validate @/absent.xml");
	expect(2, NULL, "no messages found", "validate @/empty");
	expect(2, NULL, "name a pack", "run");
	expect(2, NULL, "absent.yaml", "run @/absent.yaml");
	expect(2, NULL, "broken.yaml", "run @/broken.yaml");
	expect(2, NULL, "broken.yaml", "lint @/broken.yaml");
	expect(2, NULL, "--as", "validate --as nothing " GOOD);
	expect(2, NULL, "--now", "validate --now yesterday " GOOD);
	expect(2, NULL, "--jobs", "validate -j 0 " GOOD);
	expect(2, NULL, "--jobs", "validate -jx " GOOD);
	expect(2, NULL, "--max-depth", "validate --max-depth -1 " GOOD);
	expect(2, NULL, "--fail-on", "validate --fail-on sometimes " GOOD);
	expect(2, NULL, "stages", "validate --stages xml,sschema " GOOD);
	expect(2, NULL, "needs a value", "validate " GOOD " --report");
	expect(2, NULL, "takes no value", "validate --show-values=yes " GOOD);
	expect(2, NULL, "must be text", "validate --report pdf " GOOD);
	expect(2, NULL, "after = is missing", "validate --report json= " GOOD);
	expect(2, NULL, "standard output", "validate --report json --report html " GOOD);
}

static void test_exit_2_when_the_folder_of_a_report_is_missing(void **state)
{
	(void)state;
	struct said said = run_program("validate -q --report json=@/no/such/r.json " GOOD);
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "r.json"));
	run_release(&said);
}

static void test_exit_3_when_something_was_not_judged(void **state)
{
	(void)state;
	expect(3, "Incomplete:", NULL, "validate --max-input 100 " GOOD);
	expect(3, "Incomplete:", NULL, "run --max-input 100 testcases/packs/service/pack.yaml");
	expect(3, "limit", NULL, "validate --max-depth 3 " GOOD);
	expect(3, "limit", NULL, "validate --max-attribute 4 " GOOD);
	expect(3, NULL, NULL, "validate -q --max-depth 3 " GOOD);
}

static void test_exit_3_for_a_file_that_cannot_be_read(void **state)
{
	(void)state;
	if (geteuid() == 0)
		skip(); /* root reads everything */
	mkdir(scratch_path("some"), 0700);
	write_scratch("some/closed.xml", "<a/>");
	chmod(scratch_path("some/closed.xml"), 0);
	expect(2, NULL, "closed.xml: cannot be read: Permission denied",
	       "diff " GOOD " @/some/closed.xml");
	expect(3, "Permission denied", NULL, "validate @/some");
}

static void test_exit_3_for_a_link_to_nowhere_in_a_folder(void **state)
{
	(void)state;
	mkdir(scratch_path("linked"), 0700);
	write_scratch("linked/a.xml", "<a/>");
	assert_int_equal(symlink("nowhere.xml", scratch_path("linked/b.xml")), 0);
	struct said said = run_program("validate @/linked");
	assert_int_equal(said.exit_code, 1); /* <a/> is not a message, which outweighs */
	assert_non_null(strstr(said.out, "b.xml"));
	run_release(&said);
	unlink(scratch_path("linked/a.xml"));
	expect(3, "b.xml", NULL, "validate @/linked");
}

static void test_exit_3_when_standard_output_cannot_be_written(void **state)
{
	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	struct said said = run_program("validate " GOOD " >/dev/full");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.err, "cpis:"));
	run_release(&said);
	said = run_program("validate --report json " GOOD " >/dev/full");
	assert_int_equal(said.exit_code, 3);
	run_release(&said);
}

static void test_help_that_cannot_be_written_is_no_success(void **state)
{
	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	static const char *const helps[] = { "help", "--help", "--version", "help run",
					     "validate --help" };
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++) {
		struct said said = run_program("%s >/dev/full", helps[i]);
		assert_int_equal(said.exit_code, 3);
		run_release(&said);
	}
}

/* Of "$1" where the variable is not set, nothing is left: that must not mean another run. */
static void test_an_empty_value_is_an_error(void **state)
{
	(void)state;
	for (const struct option *option = command_options; option->name || option->title;
	     option++) {
		if (!option->name || option->kind == KIND_FLAG)
			continue;
		for (const struct command *command = commands; command->name; command++) {
			if (!(option->takers & command->bit))
				continue;
			char arguments[256];
			snprintf(arguments, sizeof(arguments), "%s --%s '' " GOOD, command->name,
				 option->name);
			expect(2, NULL, "is empty", arguments);
			snprintf(arguments, sizeof(arguments), "%s --%s= " GOOD, command->name,
				 option->name);
			expect(2, NULL, "is empty", arguments);
		}
	}
	expect(2, NULL, "is empty", "validate --only '' " GOOD);
	expect(2, NULL, "is empty", "validate --meta supplier= " GOOD);
	expect(2, NULL, "is empty", "validate ''");
	expect(2, NULL, "stages", "validate --stages xml,,rules " GOOD);
	expect(2, NULL, "stages", "validate --stages , " GOOD);
}

static void test_an_option_with_one_value_is_given_once(void **state)
{
	(void)state;
	expect(2, NULL, "only once", "validate --as upload --as query " GOOD);
	expect(2, NULL, "only once", "validate --request a --request b --response c");
	expect(2, NULL, "only once", "compare -r text -r json a b");
}

static void test_an_old_name_still_works_with_a_warning(void **state)
{
	(void)state;
	expect(0, "Stages left out by request: rules", "--only is now called --stages",
	       "validate --only xml,schema " GOOD);
}

static void test_help_fits_a_terminal_of_80_columns(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->name; command++) {
		struct said said = run_program("help %s", command->name);
		assert_int_equal(said.exit_code, 0);
		for (const char *line = said.out; *line; line += strcspn(line, "\n") + 1)
			if (strcspn(line, "\n") > 80)
				fail_msg("%s", line);
		struct said other = run_program("%s --help", command->name);
		assert_string_equal(said.out, other.out);
		run_release(&said);
		run_release(&other);
	}
}

static void test_help_names_every_format_with_a_schema(void **state)
{
	(void)state;
	const char *summary, *name;
	struct said said = run_program("help schemas");
	char *manual = read_file("validator/man/cpis.1", NULL);
	char *list = strstr(manual, "Cm schemas Cm json");
	assert_non_null(list);
	*strstr(list, ".It Cm lsp") = '\0';
	for (size_t i = 0; (name = cpis_config_format_at(i, &summary)); i++)
		if (!strstr(said.out, name) || !strstr(list, name))
			fail_msg("%s is missing:\n%s\n%s", name, said.out, list);
	free(manual);
	run_release(&said);
}

static void test_fail_on_decides_what_a_finding_costs(void **state)
{
	(void)state;
	write_bad();
	/* A local id without its authority is a warning. */
	write_changed("warned.xml",
		      "assigningAuthorityName=\"9X1:", "assigningAuthorityName=\"unknown ");
	expect(0, "NHS-011", NULL, "validate @/warned.xml");
	expect(1, "NHS-011", NULL, "validate --fail-on warning @/warned.xml");
	expect(1, "UPL-001", NULL, "validate --fail-on=error @/bad.xml");
	expect(0, "UPL-001", NULL, "validate --fail-on never @/bad.xml");
}

static void test_only_the_stages_that_are_named_are_judged(void **state)
{
	(void)state;
	write_bad();
	expect(0, "Stages left out by request: rules", NULL,
	       "validate --stages xml,schema @/bad.xml");
	expect(1, "UPL-001", NULL, "validate --stages rules @/bad.xml");
}

static void test_a_partial_run_is_not_called_conformant(void **state)
{
	(void)state;
	expect(0, "were run: all passed. 1 was left out.", NULL,
	       "run testcases/packs/la-upload/pack.yaml --skip LAU-001");
	expect(0, "Partial: ", NULL, "run testcases/packs/la-upload/pack.yaml --only LAU-001");
	expect(0, "Partial: ", NULL, "validate --stages xml,schema " GOOD);
	expect(0, "\"partial\": true", NULL, "validate -r json --stages xml,schema " GOOD);
	expect(0, " partial=\"yes\"", NULL, "validate -r xml --stages xml,schema " GOOD);
	expect(0, "\"partial\": false", NULL, "validate -r json " GOOD);
}

static void test_an_unknown_word_is_answered_with_the_nearest(void **state)
{
	(void)state;
	expect(2, NULL, "did you mean --report?", "validate --reprot json " GOOD);
	expect(2, NULL, "did you mean --show-values?", "validate --show-value " GOOD);
	expect(2, NULL, "did you mean validate?", "valdate " GOOD);
	expect(2, NULL, "cpis validate --help", "validate --zzzzzzzzz " GOOD);
	expect(2, NULL, "did you mean json?", "validate --report jsn " GOOD);
	expect(2, NULL, "belongs to cpis run", "validate --coverage " GOOD);
	expect(2, NULL, "did you mean validate?", "help valdate");
	expect(2, NULL, "-z", "validate -z " GOOD);
}

static void test_everything_behind_two_hyphens_is_a_file(void **state)
{
	(void)state;
	struct said said = run_program("validate -- --report");
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "No such file"));
	run_release(&said);
}

static void test_a_hyphen_is_standard_input(void **state)
{
	(void)state;
	expect(0, "Conformant", NULL, "validate - <" GOOD);
	write_bad();
	expect(1, "UPL-001", NULL, "validate - <@/bad.xml");
	expect(1, "TRN-001", NULL, "validate - </dev/null");
}

static void test_json_takes_the_place_of_the_text_on_standard_output(void **state)
{
	(void)state;
	struct said said = run_program("validate --report json " GOOD);
	assert_int_equal(said.exit_code, 0);
	assert_int_equal(said.out[0], '{');
	assert_null(strstr(said.out, "rules checked"));
	static const char *const members[] = {
		"\"cpis\":",
		"\"version\":",
		"\"ruleset\":",
		"\"dms\":",
		"\"verdict\": \"pass\"",
		"\"messages\":",
		"\"source\":",
		"\"type\":",
		"\"layers\":",
		"\"sha256\":",
		"\"bytes\":",
		"\"findings\":",
		"\"rules\":",
		"\"judged\":",
		"\"failed\":",
	};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!strstr(said.out, members[i]))
			fail_msg("the JSON has no %s", members[i]);
	run_release(&said);
}

static void test_json_of_a_finding_has_all_its_members(void **state)
{
	(void)state;
	write_bad();
	struct said said = run_program("validate --report json @/bad.xml");
	assert_int_equal(said.exit_code, 1);
	static const char *const members[] = {
		"\"rule\": \"UPL-001\"", "\"severity\": \"error\"",
		"\"stage\": \"rules\"",	 "\"line\": ",
		"\"column\": ",		 "\"path\": \"/File/transmissionQuantity/@value\"",
		"\"message\": ",	 "\"fix\": ",
	};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!strstr(said.out, members[i]))
			fail_msg("the JSON has no %s: %s", members[i], said.out);
	run_release(&said);
}

static void test_json_of_a_run_has_its_cases(void **state)
{
	(void)state;
	struct said said = run_program("run --report json testcases/packs/la-upload");
	assert_int_equal(said.exit_code, 0);
	static const char *const members[] = { "\"cases\":",	 "\"pack\": \"la-upload\"",
					       "\"id\": ",	 "\"outcome\": \"passed\"",
					       "\"expected\": ", "\"actual\": " };
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!strstr(said.out, members[i]))
			fail_msg("the JSON has no %s", members[i]);
	run_release(&said);
}

static void test_a_report_in_a_file_leaves_the_text_on_standard_output(void **state)
{
	(void)state;
	struct said said = run_program("validate --report json=@/r.json " GOOD);
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "Conformant"));
	run_release(&said);
	char *json = read_file(scratch_path("r.json"), NULL);
	assert_int_equal(json[0], '{');
	free(json);
	said = run_program("validate -q --report json=@/r.json " GOOD);
	assert_string_equal(said.out, "");
	run_release(&said);
}

/* Of commands with one report, a line says what came of it, and where it is. */
static void test_the_one_report_of_a_command_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *command, *verdict;
		int code;
	} all[] = {
		{ "ledger --at 2026-06-30 testcases/rules/LED-001/fail-refused", "fail", 1 },
		{ "ledger --at 2026-06-30 testcases/rules/LED-001/pass-sent-right", "pass", 0 },
		{ "ledger --at 2026-06-30 testcases/messages/query-person.xml", "incomplete", 3 },
		{ "compare testcases/messages/upload-one.xml testcases/messages/upload-five.xml",
		  "fail", 1 },
		{ "compare testcases/messages/upload-one.xml testcases/messages/upload-one.xml",
		  "pass", 0 },
		{ "diff testcases/messages/upload-one.xml testcases/messages/upload-five.xml",
		  "fail", 1 },
		{ "diff @/named.xml @/named.xml", "pass", 0 },
	};
	struct said said = run_program("validate -q -r xml=@/named.xml "
				       "testcases/messages/upload-one.xml");
	run_release(&said);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line), "%s: the report is in %s\n", all[i].verdict,
			 scratch_path("named.json"));
		said = run_program("%s -r json=@/named.json", all[i].command);
		assert_int_equal(said.exit_code, all[i].code);
		assert_string_equal(said.out, line);
		run_release(&said);
		said = run_program("%s -r json=@/named.json -q", all[i].command);
		assert_int_equal(said.exit_code, all[i].code);
		assert_string_equal(said.out, "");
		run_release(&said);
		said = run_program("%s -r json=/dev/stdout | tail -c 2", all[i].command);
		assert_string_equal(said.out, "}\n");
		run_release(&said);
	}
}

static void test_every_format_can_be_written_and_is_the_same_on_both_ways(void **state)
{
	(void)state;
	write_bad();
	const char *name, *summary;
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++) {
		struct said said =
			run_program("validate -q --now 20260101 --report %s @/bad.xml; cat "
				    "@/bad.xml >/dev/null",
				    name);
		assert_true(strlen(said.out) > 10);
		run_release(&said);
	}
}

static void test_a_report_appears_whole_or_not_at_all(void **state)
{
	(void)state;
	write_scratch("keep.json", "an old report");
	/* The run cannot be made, so the old report stays. */
	struct said said = run_program("validate --report json=@/keep.json @/absent.xml");
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
	char *kept = read_file(scratch_path("keep.json"), NULL);
	assert_string_equal(kept, "an old report");
	free(kept);
	/* Half a write: the limit on the size of files cuts the new one off. */
	said = run_program_in("", "trap '' XFSZ; ulimit -f 1; ",
			      "validate -q --report html=keep.html " GOOD " 2>/dev/null");
	assert_int_not_equal(said.exit_code, 0);
	assert_int_not_equal(access("keep.html", F_OK), 0);
	run_release(&said);
}

/* No file is left in the folder of a report but the report. */
static void test_no_half_written_file_stays_beside_a_report(void **state)
{
	(void)state;
	mkdir(scratch_path("reports"), 0700);
	struct said said = run_program("validate -q --report json=@/reports/r.json --report "
				       "html=@/reports/r.html " GOOD);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	size_t count = 0;
	DIR *folder = opendir(scratch_path("reports"));
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(folder);
	assert_int_equal(count, 2);
}

static void test_output_that_is_no_terminal_has_no_colour(void **state)
{
	(void)state;
	write_bad();
	struct said said = run_program("validate @/bad.xml");
	assert_null(strchr(said.out, '\033'));
	run_release(&said);
}

/* script(1) gives a terminal. */
static void test_a_terminal_has_colour_unless_no_color_is_set(void **state)
{
	(void)state;
	if (system("command -v script >/dev/null") != 0)
		skip();
	write_bad();
	char arguments[1024];
	snprintf(arguments, sizeof(arguments),
		 "--version >/dev/null; TERM=xterm script -qec \"$P validate %s\" "
		 "/dev/null",
		 scratch_path("bad.xml"));
	const char *program = getenv("CPIS_PROGRAM");
	setenv("P", program ? program : "build/cpis", 1);
	struct said said = run_program_in("", "", arguments);
	assert_non_null(strchr(said.out, '\033'));
	run_release(&said);
	setenv("NO_COLOR", "1", 1);
	said = run_program_in("", "", arguments);
	assert_null(strchr(said.out, '\033'));
	unsetenv("NO_COLOR");
	run_release(&said);
}

/* Of a report on a terminal, as wide as it is: words and paths are broken, excerpts are cut. */
static void test_no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	if (system("command -v script >/dev/null") != 0)
		skip();
	const char *program = getenv("CPIS_PROGRAM");
	setenv("P", program ? program : "build/cpis", 1);
	setenv("NO_COLOR", "1", 1);
	struct said said = run_program_in("", "",
					  "--version >/dev/null; TERM=xterm script -qec \"stty "
					  "cols 80; $P validate --now 20261101 "
					  "testcases/rules/DAT-003 testcases/rules/SCH-005 "
					  "testcases/rules/UPL-001\" /dev/null");
	unsetenv("NO_COLOR");
	size_t lines = 0;
	for (char *line = strtok(said.out, "\r\n"); line; line = strtok(NULL, "\r\n"), lines++) {
		size_t columns = 0;
		for (const char *p = line; *p; p++)
			columns += ((unsigned char)*p & 0xc0) != 0x80 && (*p != ' ' || p[1]);
		/* A word that is wider is left whole. */
		if (columns > 80 && strchr(line + strspn(line, " "), ' '))
			fail_msg("%zu columns: %s", columns, line);
	}
	assert_true(lines > 50);
	run_release(&said);
}

static void test_the_program_works_from_any_folder(void **state)
{
	(void)state;
	char here[4096], arguments[5000];
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(arguments, sizeof(arguments), "validate --report html '%s/" GOOD "'", here);
	struct said said = run_program_in("/", "", arguments);
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "<html"));
	assert_non_null(strstr(said.out, "</html>"));
	run_release(&said);
	snprintf(arguments, sizeof(arguments), "run -q '%s/testcases/packs/la-upload/pack.yaml'",
		 here);
	said = run_program_in("/", "", arguments);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
}

static void test_the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	write_bad();
	static const char *const formats[] = { "text", "json", "html", "xml" };
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct said one =
			run_program("validate --now 20260101120000+0000 --report %s @/bad.xml "
				    "testcases/messages",
				    formats[i]);
		struct said two =
			run_program("validate --now 20260101120000+0000 --report %s @/bad.xml "
				    "testcases/messages",
				    formats[i]);
		assert_true(strlen(one.out) > 100);
		assert_string_equal(one.out, two.out);
		run_release(&one);
		run_release(&two);
	}
}

static void test_the_time_comes_from_source_date_epoch(void **state)
{
	(void)state;
	struct said said =
		run_program_in("", "SOURCE_DATE_EPOCH=1767268800 ", "validate --report xml " GOOD);
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "2026-01-01"));
	run_release(&said);
	said = run_program_in("", "SOURCE_DATE_EPOCH=soon ", "validate -q " GOOD);
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
}

static void test_rules_are_listed_in_every_format(void **state)
{
	(void)state;
	expect(0, "NHS-001", NULL, "rules");
	expect(0, "id,severity,name", NULL, "rules --format csv");
	expect(0, "\"id\": \"NHS-001\"", NULL, "rules --format json");
	expect(0, "| NHS-001 |", NULL, "rules --format md");
	expect(0, ".It Sy NHS-001", NULL, "rules --format mdoc");
	expect(2, NULL, "--format", "rules --format xls");
}

static void test_explain_tells_a_rule_and_searches(void **state)
{
	(void)state;
	expect(0, "Fix", NULL, "explain nhs-002");
	expect(0, "UPL-001", NULL, "explain transmissionQuantity");
	expect(2, NULL, "no rule", "explain quuxfrob");
}

static void test_explain_shows_a_wrong_place_and_the_right_one(void **state)
{
	(void)state;
	expect(0, "Wrong: testcases/rules/ACK-001/fail-", NULL, "explain ACK-001");
	expect(0, "Right: testcases/rules/ACK-001/pass-", NULL, "explain ACK-001");
	expect(0, "<transmissionQuantity value=", NULL, "explain ACK-001");
	expect(0, "```text", NULL, "explain ACK-001 --format md");
	expect(2, NULL, "text, md or json", "explain ACK-001 --format csv");
	expect(0, "plan-ends-before-it-starts", NULL, "explain dat-3");
	expect(0, "\"id\": \"DAT-003\"", NULL, "explain --format json dat3");
	expect(0, "UPL-001", NULL, "rules --type upload --severity error");
	expect(2, NULL, "did you mean upload", "rules --type uplod");
}

static void copy_to_scratch(const char *from, const char *name)
{
	char *text = read_file(from, NULL);
	write_scratch(name, text);
	free(text);
}

static void expect_in_file(const char *name, const char *words)
{
	char *text = read_file(scratch_path(name), NULL);
	if (!strstr(text, words))
		fail_msg("%s does not say %s", name, words);
	free(text);
}

static void test_index_writes_a_site_from_a_folder_of_results(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("runs"), 0777), 0);
	assert_int_equal(mkdir(scratch_path("runs/old"), 0777), 0);
	expect(2, NULL, "no results documents", "index @/runs -r html=@/site");
	expect(2, NULL, "html=FOLDER", "index @/runs");
	expect(2, NULL, "html=FOLDER", "index @/runs -r html");
	expect(2, NULL, "name one folder", "index -r html=@/site");
	expect(2, NULL, "cannot be made", "index @/runs -r html=@/no/such/site");
	copy_to_scratch("reports/golden/run.results.xml", "runs/now.xml");
	copy_to_scratch("reports/golden/run.results.xml", "runs/old/now.xml");
	copy_to_scratch(GOOD, "runs/message.xml");
	expect(0, "open index.html", NULL, "index @/runs -r html=@/site");
	expect(0, NULL, NULL, "index @/runs -q -r html=@/site");
	expect_in_file("site/index.html", "1 system, 2 runs");
	expect_in_file("site/index.html", "href=\"report-old-now.html\"");
	expect_in_file("site/report-now.html", "Not conformant");
	/* A document that is damaged does not vanish. */
	write_scratch("runs/damaged.xml", "<results xmlns=\"urn:cpis:results:1\">");
	expect(3, "open index.html", "damaged.xml", "index @/runs -r html=@/site");
	expect_in_file("site/index.html", "damaged.xml");
	assert_int_equal(remove(scratch_path("runs/damaged.xml")), 0);
	/* Nor does one in UTF-16, which is not read. */
	char command[1024];
	snprintf(command, sizeof(command),
		 "iconv -f UTF-8 -t UTF-16 reports/golden/run.results.xml >%s",
		 scratch_path("runs/wide.xml"));
	assert_int_equal(system(command), 0);
	expect(3, "open index.html", "wide.xml", "index @/runs -r html=@/site");
	assert_int_equal(remove(scratch_path("runs/wide.xml")), 0);
	/* Nor one of which nothing is left that says what it was, or that cannot be opened. */
	write_scratch("runs/notes.txt", "");
	expect(0, "open index.html", NULL, "index @/runs -r html=@/site");
	static const char *const rests[] = { "", "<x\n", "<?xml version=\"1.0\"?>\n<resul", "x" };
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		write_scratch("runs/rest.xml", rests[i]);
		expect(3, "open index.html", "rest.xml", "index @/runs -r html=@/site");
		expect_in_file("site/index.html", "rest.xml");
	}
	assert_int_equal(remove(scratch_path("runs/rest.xml")), 0);
	assert_int_equal(symlink("nowhere", scratch_path("runs/lost")), 0);
	expect(3, "open index.html", "runs/lost: it cannot be read", "index @/runs -r html=@/site");
}

/* Names, packs and results of others hold what a terminal or the log of a pipeline would obey. */
#define EVIL "::error::x\033[31m\xe2\x80\xae\n::error::y##vso[z]"

/* Whether a line starts with "::", or anything is an escape, a bidirectional mark or "##vso[". */
static bool obeyed(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line + strspn(line, " \t"), "::", 2) == 0)
			return true;
	}
	return strchr(text, '\033') || strstr(text, "\xe2\x80\xae") || strstr(text, "##vso[");
}

static void test_nothing_from_elsewhere_commands_a_terminal_or_a_pipeline(void **state)
{
	(void)state;
	static const char *const arguments[] = {
		"validate '@/" EVIL "'",
		"validate @/m.xml '@/" EVIL "'",
		"validate -r md '@/" EVIL ".xml'",
		"validate -r sarif '@/" EVIL ".xml'",
		"validate -r junit '@/" EVIL ".xml'",
		"validate -r html '@/" EVIL ".xml'",
		"validate -r tap '@/" EVIL ".xml'",
		"validate -r csv '@/" EVIL ".xml'",
		"validate -r xml '@/" EVIL ".xml'",
		"validate '" EVIL "'",
		"inspect '@/" EVIL ".xml'",
		"inspect '" EVIL "'",
		"compare '@/" EVIL ".xml' '" EVIL "'",
		"compare '@/" EVIL ".xml' @/m.xml",
		"compare testcases/messages/upload-one.xml '@/" EVIL ".xml'",
		"diff testcases/messages/upload-one.xml '@/" EVIL ".xml'",
		"lint '@/" EVIL ".yaml'",
		"run '@/" EVIL ".yaml'",
		"run '@/pack.yaml'",
		"lint '@/pack.yaml'",
		"verify '@/" EVIL ".yaml'",
		"merge '@/" EVIL ".xml'",
		"merge '@/r.xml' '@/r.xml'",
		"diff '@/r.xml' '@/s.xml'",
		"diff '@/" EVIL ".xml' '@/r.xml'",
		"report -r text '@/r.xml'",
		"report -r md '@/r.xml'",
		"report -r html '@/r.xml'",
		"report -r json '" EVIL "'",
		"explain '" EVIL "'",
		"'" EVIL "'",
		"validate --stages '" EVIL "' @/m.xml",
		"validate --profile '@/pack.yaml' @/m.xml",
		"validate --meta 'a=" EVIL "' -r md @/m.xml",
		"validate --meta 'a=" EVIL "' -r html @/m.xml",
		"keygen '@/none/" EVIL "'",
		"new pack '@/" EVIL "'",
		"schemas check '@/" EVIL "'",
	};
	char *good = read_file(GOOD, NULL);
	write_scratch("m.xml", good);
	write_scratch(EVIL ".xml", good);
	write_scratch(EVIL ".yaml", "pack: \"::error::p\"\n\"::error::q\": [\n");
	write_scratch("pack.yaml", "\"\\n::error::k\": 1\npack: \"p\\e[31m\"\nversion: 1.0.0\n"
				   "title: \"\\n::error::t##vso[u]\"\ncases: []\n");
	free(good);
	struct said said = run_program("validate -q -r xml=@/r.xml '@/" EVIL ".xml' "
				       "testcases/rules/DAT-003 --meta 'a=" EVIL "'");
	run_release(&said);
	char *results = read_file(scratch_path("r.xml"), NULL);
	char *rule = strstr(results, "rule=\"DAT-003\"");
	assert_non_null(rule);
	for (const char *to = "rule=\"::X-003\""; *to; to++)
		*rule++ = *to;
	write_scratch("s.xml", results);
	free(results);
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		said = run_program("%s", arguments[i]);
		if (obeyed(said.out) || obeyed(said.err))
			fail_msg("%zu: %s\n%s\n%s", i, arguments[i], said.out, said.err);
		run_release(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index_writes_a_site_from_a_folder_of_results),
		cmocka_unit_test(test_exit_0_when_everything_passed),
		cmocka_unit_test(test_exit_1_when_a_message_failed),
		cmocka_unit_test(test_mistakes_of_usage_are_named),
		cmocka_unit_test(test_lint_knows_the_formats_that_people_write),
		cmocka_unit_test(test_exit_2_for_usage_configuration_and_no_input),
		cmocka_unit_test(test_exit_2_when_the_folder_of_a_report_is_missing),
		cmocka_unit_test(test_exit_3_when_something_was_not_judged),
		cmocka_unit_test(test_exit_3_for_a_file_that_cannot_be_read),
		cmocka_unit_test(test_exit_3_for_a_link_to_nowhere_in_a_folder),
		cmocka_unit_test(test_exit_3_when_standard_output_cannot_be_written),
		cmocka_unit_test(test_help_that_cannot_be_written_is_no_success),
		cmocka_unit_test(test_an_empty_value_is_an_error),
		cmocka_unit_test(test_an_option_with_one_value_is_given_once),
		cmocka_unit_test(test_an_old_name_still_works_with_a_warning),
		cmocka_unit_test(test_help_fits_a_terminal_of_80_columns),
		cmocka_unit_test(test_help_names_every_format_with_a_schema),
		cmocka_unit_test(test_fail_on_decides_what_a_finding_costs),
		cmocka_unit_test(test_only_the_stages_that_are_named_are_judged),
		cmocka_unit_test(test_a_partial_run_is_not_called_conformant),
		cmocka_unit_test(test_an_unknown_word_is_answered_with_the_nearest),
		cmocka_unit_test(test_everything_behind_two_hyphens_is_a_file),
		cmocka_unit_test(test_a_hyphen_is_standard_input),
		cmocka_unit_test(test_json_takes_the_place_of_the_text_on_standard_output),
		cmocka_unit_test(test_json_of_a_finding_has_all_its_members),
		cmocka_unit_test(test_json_of_a_run_has_its_cases),
		cmocka_unit_test(test_a_report_in_a_file_leaves_the_text_on_standard_output),
		cmocka_unit_test(test_the_one_report_of_a_command_is_named),
		cmocka_unit_test(test_every_format_can_be_written_and_is_the_same_on_both_ways),
		cmocka_unit_test(test_a_report_appears_whole_or_not_at_all),
		cmocka_unit_test(test_no_half_written_file_stays_beside_a_report),
		cmocka_unit_test(test_output_that_is_no_terminal_has_no_colour),
		cmocka_unit_test(test_a_terminal_has_colour_unless_no_color_is_set),
		cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
		cmocka_unit_test(test_the_program_works_from_any_folder),
		cmocka_unit_test(test_the_same_run_gives_the_same_bytes),
		cmocka_unit_test(test_the_time_comes_from_source_date_epoch),
		cmocka_unit_test(test_rules_are_listed_in_every_format),
		cmocka_unit_test(test_explain_tells_a_rule_and_searches),
		cmocka_unit_test(test_explain_shows_a_wrong_place_and_the_right_one),
		cmocka_unit_test(test_nothing_from_elsewhere_commands_a_terminal_or_a_pipeline),
	};
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
