/*
 * The ledger: what is planted in years of messages is found, and nothing else.
 * CPIS_SEEDS=50 looks at that many authorities; `make check` at two of each kind.
 */
#include "authority.h"
#include "cpis_service.h"
#include "run_cli.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE "testcases/rules/LED-001/fail-end-refused"

struct text {
	char *p;
	size_t n, room;
};

static int append(void *context, const void *bytes, size_t size)
{
	struct text *text = context;
	if (text->n + size + 1 > text->room) {
		text->room = (text->n + size + 1) * 2;
		text->p = realloc(text->p, text->room);
		assert_non_null(text->p);
	}
	memcpy(text->p + text->n, bytes, size);
	text->n += size;
	text->p[text->n] = '\0';
	return 0;
}

static long long seconds_of(const char *day)
{
	long long at;
	assert_int_equal(cpis_time(day, &at), 0);
	return at;
}

static char *ledger_of(const char *folder, struct cpis_ledger_options options,
		       enum cpis_verdict *verdict)
{
	struct text text = { 0 };
	struct cpis_failure failure;
	enum cpis_verdict found;
	options.write = append;
	options.write_context = &text;
	if (cpis_ledger(&folder, 1, &options, &found, &failure) != 0)
		fail_msg("%s", failure.text);
	if (verdict)
		*verdict = found;
	return text.p;
}

/* The value of a member in a line of JSON; "" where it is not there. */
static void member_of(const char *line, const char *end, const char *name, char value[32])
{
	char key[40];
	snprintf(key, sizeof(key), "\"%s\": \"", name);
	const char *at = strstr(line, key);
	value[0] = '\0';
	if (at && at < end)
		snprintf(value, 32, "%.*s", (int)strcspn(at + strlen(key), "\""), at + strlen(key));
}

static bool is_of_file(const char *rule)
{
	return strstr("LED-002 LED-004 LED-014 LED-016", rule) != NULL;
}

/* The findings of a ledger in JSON, with values shown. */
static size_t read_findings(const char *json, struct authority_planted *found, size_t most)
{
	size_t count = 0;
	for (const char *p = json; (p = strstr(p, "{\"rule\": \"LED-"));) {
		const char *end = p + strcspn(p, "\n");
		char rule[32], what[32];
		member_of(p, end, "rule", rule);
		member_of(p, end, is_of_file(rule) ? "upload" : "nhsNumber", what);
		assert_true(count < most);
		snprintf(found[count].rule, sizeof(found->rule), "%.7s", rule);
		snprintf(found[count++].what, sizeof(found->what), "%.15s", what);
		p = end;
	}
	return count;
}

static bool is_among(const struct authority_planted *one, const struct authority_planted *all,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(one->rule, all[i].rule) == 0 && strcmp(one->what, all[i].what) == 0)
			return true;
	return false;
}

static void expect_planted(const char *folder, const struct authority_made *made,
			   unsigned long long seed)
{
	struct authority_planted found[256];
	char *json =
		ledger_of(folder,
			  (struct cpis_ledger_options){
				  .format = "json", .show_values = 1, .at = seconds_of(made->at) },
			  NULL);
	size_t count = read_findings(json, found, 256), wrong = 0;
	for (size_t i = 0; i < made->planted_count; i++)
		if (!is_among(&made->planted[i], found, count)) {
			print_error("seed %llu: %s %s is planted and not found\n", seed,
				    made->planted[i].rule, made->planted[i].what);
			wrong++;
		}
	for (size_t i = 0; i < count; i++)
		if (!is_among(&found[i], made->planted, made->planted_count)) {
			print_error("seed %llu: %s %s is found and not planted\n", seed,
				    found[i].rule, found[i].what);
			wrong++;
		}
	assert_int_equal(count, made->planted_count);
	assert_int_equal(wrong, 0);
	free(json);
}

static const char *make(const struct authority_options *from, struct authority_made *made)
{
	static char folder[512];
	struct authority_options options = *from;
	char command[600];
	snprintf(folder, sizeof(folder), "%s",
		 scratch_path(options.folder ? options.folder : "authority"));
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	assert_int_equal(system(command), 0);
	options.folder = folder;
	assert_int_equal(authority_make(&options, made), 0);
	return folder;
}

static void test_what_is_planted_is_found_and_nothing_else(void **state)
{
	(void)state;
	const char *wish = getenv("CPIS_SEEDS");
	unsigned long long seeds = wish ? strtoull(wish, NULL, 10) : 4;
	struct authority_made made;
	for (unsigned long long seed = 1; seed <= seeds; seed++) {
		struct authority_options options = {
			.seed = seed,
			.children = 40,
			.years = 2,
			.whole = seed % 2 == 0,
			.faults = (1u << FAULT_COUNT) - 1,
		};
		expect_planted(make(&options, &made), &made, seed);
		assert_int_equal(made.planted_count, options.whole ? 16 : 15);
	}
}

static void test_an_authority_without_faults_has_no_findings(void **state)
{
	(void)state;
	struct authority_made made;
	for (unsigned long long seed = 100; seed < 102; seed++) {
		struct authority_options options = {
			.seed = seed, .children = 60, .years = 2, .whole = seed % 2 == 0
		};
		const char *folder = make(&options, &made);
		enum cpis_verdict verdict;
		expect_planted(folder, &made, seed);
		free(ledger_of(folder, (struct cpis_ledger_options){ .at = seconds_of(made.at) },
			       &verdict));
		assert_int_equal(verdict, CPIS_PASS);
	}
}

/* A few files at a time, into an index; the files in the order of their names' last digits. */
static void test_an_index_grows_file_by_file_to_the_same_ledger(void **state)
{
	(void)state;
	struct authority_made made;
	struct authority_options options = {
		.seed = 7, .children = 30, .years = 2, .faults = (1u << FAULT_COUNT) - 1
	};
	const char *folder = make(&options, &made);
	struct cpis_ledger_options asked = { .format = "json",
					     .show_values = 1,
					     .at = seconds_of(made.at) };
	char parts[512], index[512], command[2048];
	char *whole = ledger_of(folder, asked, NULL), *grown = NULL;
	snprintf(parts, sizeof(parts), "%s", scratch_path("parts"));
	snprintf(index, sizeof(index), "%s", scratch_path("ledger.index"));
	asked.index = index;
	assert_int_equal(mkdir(parts, 0777), 0);
	static const char *const some[] = { "*[13].xml", "*[0245].xml", "*[6-9]*.xml", "*.xml" };
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		snprintf(command, sizeof(command), "cp -p %s/%s %s/", folder, some[i], parts);
		assert_int_equal(system(command), 0);
		free(grown);
		grown = ledger_of(parts, asked, NULL);
	}
	assert_string_equal(grown, whole);
	free(grown);
	/* Nothing new: nothing is read, and it is the same. */
	grown = ledger_of(parts, asked, NULL);
	assert_string_equal(grown, whole);
	free(grown);
	struct stat about;
	assert_int_equal(stat(index, &about), 0);
	assert_int_equal(about.st_mode & 077, 0);
	/* A file that was read is another one now: all is read again. */
	snprintf(command, sizeof(command),
		 "rm -f %s/upload-00003.xml && cp %s/upload-00004.xml "
		 "%s/upload-00003.xml",
		 parts, parts, parts);
	assert_int_equal(system(command), 0);
	grown = ledger_of(parts, asked, NULL);
	assert_string_not_equal(grown, whole);
	free(grown);
	free(whole);
}

/* Two authorities whose files were taken in the same seconds, under names that turn their order
 * round: which of them is wrong about a child of both is not known, and neither is blamed. */
static void test_names_of_files_say_nothing(void **state)
{
	(void)state;
	static const char *const names[][2] = { { "a", "b" }, { "b", "a" } };
	static const char *const codes[] = { "9X1", "8Y2" };
	struct cpis_ledger_options asked = { .format = "json", .show_values = 1, .all = 1 };
	char all[512], command[2048];
	char *said[2];
	snprintf(all, sizeof(all), "%s", scratch_path("named"));
	for (size_t i = 0; i < 2; i++) {
		snprintf(command, sizeof(command), "rm -rf %s && mkdir %s", all, all);
		assert_int_equal(system(command), 0);
		for (size_t k = 0; k < 2; k++) {
			struct authority_made made;
			struct authority_options options = { .seed = 2,
							     .children = 12,
							     .years = 2,
							     .code = codes[k],
							     .faults = (1u << FAULT_COUNT) - 1 };
			const char *folder = make(&options, &made);
			snprintf(command, sizeof(command),
				 "cd %s && for f in *; do mv $f %s/%s-$f; done", folder, all,
				 names[i][k]);
			assert_int_equal(system(command), 0);
			asked.at = seconds_of(made.at);
		}
		said[i] = ledger_of(all, asked, NULL);
	}
	assert_string_equal(said[0], said[1]);
	for (const char *p = said[0]; (p = strstr(p, "{\"rule\": \"LED-008\""));) {
		char authority[32];
		const char *end = p + strcspn(p, "\n");
		member_of(p, end, "authority", authority);
		assert_string_equal(authority, "");
		assert_non_null(memmem(p, (size_t)(end - p), "of 8Y2 and of 9X1", 17));
		p = end;
	}
	assert_non_null(strstr(said[0], "{\"rule\": \"LED-008\""));
	/* Of each that has two, whichever comes first. */
	for (size_t k = 0; k < 2; k++) {
		snprintf(command, sizeof(command),
			 "{\"rule\": \"LED-010\", \"severity\": "
			 "\"warning\", \"authority\": \"%s\"",
			 codes[k]);
		assert_non_null(strstr(said[0], command));
	}
	free(said[0]);
	free(said[1]);
}

/* What was read counts wherever its file is now, and the report says so. What could not be read and
 * is gone leaves nothing to be incomplete about. */
static void test_files_that_are_gone_are_told(void **state)
{
	(void)state;
	char folder[512], index[512], command[2048];
	snprintf(folder, sizeof(folder), "%s", scratch_path("gone"));
	snprintf(index, sizeof(index), "%s", scratch_path("gone.index"));
	snprintf(command, sizeof(command),
		 "mkdir %s && cp " FIXTURE "/*.xml %s && printf '<' >%s/broken.xml", folder, folder,
		 folder);
	assert_int_equal(system(command), 0);
	struct said said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "broken.xml"));
	run_release(&said);
	snprintf(command, sizeof(command), "rm %s/broken.xml", folder);
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_not_equal(said.exit_code, 3);
	assert_null(strstr(said.out, "broken.xml"));
	assert_null(strstr(said.out, "earlier"));
	run_release(&said);
	snprintf(command, sizeof(command), "rm %s/$(ls %s | head -1)", folder, folder);
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_non_null(
		strstr(said.out, "1 file was read earlier, is not among these, and is counted."));
	run_release(&said);
	/* All is read again where a file changed: not without the one that is gone. */
	snprintf(command, sizeof(command), "echo '<!-- -->' >>%s/$(ls %s | head -1)", folder,
		 folder);
	assert_int_equal(system(command), 0);
	for (int i = 0; i < 2; i++) {
		said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
		assert_int_equal(said.exit_code, 2);
		assert_non_null(strstr(said.err, "has a file that changed since, and 1 file that "
						 "was read for it is not among these"));
		run_release(&said);
	}
}

static void test_a_ledger_that_is_killed_goes_on(void **state)
{
	(void)state;
	struct authority_made made;
	struct authority_options options = { .seed = 8,
					     .children = 60,
					     .years = 2,
					     .whole = true,
					     .faults = (1u << FAULT_COUNT) - 1 };
	const char *folder = make(&options, &made);
	char index[512];
	snprintf(index, sizeof(index), "%s", scratch_path("killed.index"));
	struct cpis_ledger_options asked = { .format = "json",
					     .show_values = 1,
					     .at = seconds_of(made.at) };
	char *whole = ledger_of(folder, asked, NULL);
	asked.index = index;
	for (long wait = 5; wait < 80; wait *= 2) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			free(ledger_of(folder, asked, NULL));
			_exit(0);
		}
		nanosleep(&(struct timespec){ .tv_nsec = wait * 1000000 }, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	char *after = ledger_of(folder, asked, NULL);
	assert_string_equal(after, whole);
	free(after);
	free(whole);
}

static void run_sql(const char *index, const char *text)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(index, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* An index whose tables are of an earlier format is read again, unless a file of it is missing. One
 * of a later format is refused. */
static void test_an_index_of_another_format_is_made_anew_or_refused(void **state)
{
	(void)state;
	static const char earlier[] = "DROP TABLE index_format; ALTER TABLE message RENAME TO was;"
				      "CREATE TABLE message AS SELECT * FROM was; DROP TABLE was;";
	char folder[512], index[512], command[2048];
	snprintf(folder, sizeof(folder), "%s", scratch_path("formats"));
	snprintf(index, sizeof(index), "%s", scratch_path("formats.index"));
	snprintf(command, sizeof(command), "mkdir %s && cp " FIXTURE "/*.xml %s", folder, folder);
	assert_int_equal(system(command), 0);
	struct said first = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	run_sql(index, earlier);
	struct said said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_equal(said.exit_code, first.exit_code);
	run_release(&said);
	/* An authority is the same in small letters again. */
	run_sql(index, "CREATE TABLE judged(others INTEGER CHECK(others = 0)); INSERT INTO judged"
		       " SELECT count(*) FROM message WHERE authority <> lower(authority);"
		       "DROP TABLE judged;");
	run_sql(index, earlier);
	snprintf(command, sizeof(command), "rm %s/$(ls %s | head -1)", folder, folder);
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "the index of an earlier version, and 1 file that was"));
	run_release(&said);
	/* One that changed hides none that is missing. */
	snprintf(command, sizeof(command), "echo '<!-- -->' >>%s/$(ls %s | head -1)", folder,
		 folder);
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "the index of an earlier version, and 1 file that was"));
	run_release(&said);
	/* What a later version has is left as it is. */
	run_sql(index, "UPDATE index_format SET number = 99; INSERT INTO index_format"
		       " SELECT 99 WHERE NOT EXISTS (SELECT 1 FROM index_format);"
		       "DROP TABLE unnamed;");
	said = run_program("ledger --at 2026-01-10 --index %s %s", index, folder);
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "it is of a later version"));
	run_release(&said);
	run_sql(index, "CREATE TABLE unnamed(later INTEGER);");
	run_release(&first);
}

/* A copy that was made while it was written, or an edit: what is left must not pass for all. */
static void test_an_index_that_lost_rows_is_made_anew_or_refused(void **state)
{
	(void)state;
	static const char *const losses[] = {
		"DELETE FROM file",
		"DELETE FROM authority",
		"DELETE FROM stay",
		"DROP TABLE stay",
		"DELETE FROM message WHERE kind = 2",
		"DELETE FROM message",
		"DROP TABLE message",
		"DELETE FROM refusal",
		"UPDATE stay SET ends = '20200101'",
		"UPDATE message SET source = source + 1",
		"UPDATE source SET path = path || 'x'",
		"DELETE FROM bound",
		"DROP TABLE bound",
	};
	static const char *const of_files[] = { "DELETE FROM source WHERE id = 1",
						"DELETE FROM source", "DROP TABLE source" };
	char folder[512], index[512], command[2048];
	snprintf(folder, sizeof(folder), "%s", scratch_path("losses"));
	snprintf(index, sizeof(index), "%s", scratch_path("losses.index"));
	snprintf(command, sizeof(command), "mkdir %s && cp " FIXTURE "/*.xml %s", folder, folder);
	assert_int_equal(system(command), 0);
	struct said first = run_program("ledger --at 2026-06-30 --index %s %s", index, folder);
	assert_int_equal(first.exit_code, 1);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		run_sql(index, losses[i]);
		struct said said =
			run_program("ledger --at 2026-06-30 --index %s %s", index, folder);
		if (i != 10) /* its path is one that is not given */
			assert_string_equal(said.out, first.out);
		else
			assert_non_null(strstr(said.err, "lost some of what was read, and "));
		assert_int_equal(said.exit_code, i == 10 ? 2 : 1);
		run_release(&said);
		if (i == 10)
			run_sql(index, "UPDATE source SET path = rtrim(path, 'x')");
	}
	for (size_t i = 0; i < sizeof(of_files) / sizeof(of_files[0]); i++) {
		run_sql(index, of_files[i]);
		struct said said =
			run_program("ledger --at 2026-06-30 --index %s %s", index, folder);
		assert_int_equal(said.exit_code, 2);
		assert_non_null(strstr(said.err, "begin a new index"));
		run_release(&said);
	}
	run_release(&first);
}

/* Stopped at a place that a signal meets once in a hundred runs: when all files were read, and
 * before their answers were matched, or while all is forgotten. */
static void test_a_ledger_that_is_stopped_between_its_steps_goes_on(void **state)
{
	(void)state;
	static const struct {
		const char *stop, *go_on;
	} steps[] = {
		{ "CREATE TRIGGER stop BEFORE UPDATE OF answer ON message"
		  " BEGIN SELECT RAISE(ABORT, 'stopped'); END",
		  "DROP TRIGGER stop" },
		{ "UPDATE source SET bytes = 0; CREATE TRIGGER stop BEFORE DELETE ON refusal"
		  " BEGIN SELECT RAISE(ABORT, 'stopped'); END",
		  "DROP TRIGGER stop; UPDATE source SET bytes = (SELECT was FROM sizes s"
		  " WHERE s.id = source.id)" },
	};
	struct authority_made made;
	struct authority_options options = { .seed = 8,
					     .children = 20,
					     .years = 2,
					     .whole = true,
					     .faults = (1u << FAULT_COUNT) - 1 };
	const char *folder = make(&options, &made);
	char index[512], part[512];
	snprintf(index, sizeof(index), "%s", scratch_path("stopped.index"));
	snprintf(part, sizeof(part), "%s/upload-00001.xml", folder);
	struct cpis_ledger_options asked = { .format = "json",
					     .show_values = 1,
					     .at = seconds_of(made.at) };
	char *whole = ledger_of(folder, asked, NULL);
	asked.index = index;
	free(ledger_of(part, asked, NULL));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		enum cpis_verdict verdict;
		struct cpis_failure failure = { 0 };
		struct cpis_ledger_options stopped = asked;
		stopped.quiet = 1;
		if (i)
			run_sql(index, "CREATE TABLE sizes AS SELECT id, bytes AS was FROM source");
		run_sql(index, steps[i].stop);
		assert_int_equal(cpis_ledger(&folder, 1, &stopped, &verdict, &failure), -1);
		assert_non_null(strstr(failure.text, "stopped"));
		run_sql(index, steps[i].go_on);
		char *after = ledger_of(folder, asked, NULL);
		assert_string_equal(after, whole);
		free(after);
	}
	free(whole);
}

/* No report says whom it is about: no NHS number, local id, name or birth date of a message. */
static void test_a_masked_report_holds_no_personal_value(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "md", "json", "csv", "html" };
	struct authority_made made;
	struct authority_options options = {
		.seed = 9, .children = 40, .years = 2, .faults = (1u << FAULT_COUNT) - 1
	};
	const char *folder = make(&options, &made);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct cpis_ledger_options asked = { .format = formats[i],
						     .at = seconds_of(made.at),
						     .all = 1 };
		char *report = ledger_of(folder, asked, NULL);
		for (const char *p = report; *p; p++)
			if (strspn(p, "0123456789") == 10 && strncmp(p, "999", 3) == 0)
				fail_msg("%s: %.40s", formats[i], p);
		assert_null(strstr(report, "Fenn-"));
		assert_null(strstr(report, "L-1"));
		assert_null(strstr(report, ">Ada"));
		free(report);
	}
}

static void test_any_day_can_be_shown_and_what_changed_since(void **state)
{
	(void)state;
	struct said said = run_program("ledger --at 2026-01-09 %s", FIXTURE);
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "On 2026-01-09: 0 NHS numbers"));
	run_release(&said);
	said = run_program("ledger --at 2026-01-10 --all %s", FIXTURE);
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "in force, shown, since upload 1"));
	run_release(&said);
	said = run_program("ledger --at 2026-01-20 --since 2026-01-15 %s", FIXTURE);
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "refused with CPR01 in upload 2 (new)"));
	assert_non_null(strstr(said.out, "created by upload 1\n"));
	assert_non_null(strstr(said.out, "an older state of it is held"));
	run_release(&said);
}

static void test_a_day_in_summer_ends_by_the_clocks_of_the_united_kingdom(void **state)
{
	(void)state;
	static const char *const days[] = { "2026-06-30", "2026-01-30", "2026-03-29",
					    "2026-10-25" };
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		char expected[64];
		snprintf(expected, sizeof(expected), "On %s: ", days[i]);
		struct said said = run_program("ledger --at %s "
					       "testcases/rules/LED-001/pass-sent-right",
					       days[i]);
		assert_non_null(strstr(said.out, expected));
		run_release(&said);
	}
}

static void test_what_cannot_be_read_makes_it_incomplete(void **state)
{
	(void)state;
	char command[1024];
	snprintf(command, sizeof(command),
		 "mkdir -p '%s/broken' && cp testcases/rules/LED-016/pass-known-number/*.xml "
		 "'%s/broken/' && head -c 900 testcases/messages/upload-five.xml "
		 ">'%s/broken/cut.xml'",
		 scratch_folder(), scratch_folder(), scratch_folder());
	assert_int_equal(system(command), 0);
	struct said said = run_program("ledger --at 2026-06-30 --index @/broken.index @/broken");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "Not read\n"));
	assert_non_null(strstr(said.out, "cut.xml"));
	run_release(&said);
	/* It is there whole the next time. */
	snprintf(command, sizeof(command),
		 "cp testcases/messages/upload-five.xml '%s/broken/cut.xml'", scratch_folder());
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-10-13 --index @/broken.index @/broken");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "2 uploads"));
	run_release(&said);
	said = run_program("ledger");
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
	said = run_program("ledger @/no-such-folder");
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
	snprintf(command, sizeof(command), "mkdir -p '%s/none'", scratch_folder());
	assert_int_equal(system(command), 0);
	said = run_program("ledger @/none");
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "no messages found"));
	run_release(&said);
}

/* A ledger of nothing does not pass, and what was not looked at is named. */
static void test_a_folder_without_uploads_is_incomplete_and_skipped_files_are_named(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "md", "json", "csv", "html" };
	char command[2048];
	snprintf(
		command, sizeof(command),
		"cd '%s' && mkdir queries some && cp "
		"\"$OLDPWD/testcases/messages/query-person.xml\" "
		"queries && cp \"$OLDPWD\"/testcases/rules/LED-016/pass-known-number/*.xml some && "
		"echo '{ }' >some/list.json && "
		"(echo sent; cat \"$OLDPWD/testcases/messages/upload-one.xml\") >some/sent.log",
		scratch_folder());
	assert_int_equal(system(command), 0);
	struct said said = run_program("ledger @/queries");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "Incomplete: there is no upload in what was read"));
	run_release(&said);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		said = run_program("ledger --at 2026-06-30 -r %s @/some", formats[i]);
		assert_int_equal(said.exit_code, 3);
		assert_non_null(strstr(said.out, "list.json"));
		assert_non_null(strstr(said.out, "sent.log"));
		run_release(&said);
	}
	assert_int_equal(remove(scratch_path("some/sent.log")), 0);
	said = run_program("ledger --at 2026-06-30 @/some");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "1 file was skipped."));
	run_release(&said);
}

/* The last line of the text is the headline. */
static char *headline_of(const char *arguments)
{
	struct said said = run_program("ledger -r text %s", arguments);
	said.out[strlen(said.out) - 1] = '\0';
	char *line = strdup(strrchr(said.out, '\n') + 1);
	run_release(&said);
	return line;
}

static void test_every_report_has_the_same_headline(void **state)
{
	(void)state;
	static const char *const all[] = {
		"--at 2026-06-30 " FIXTURE,
		"--at 2026-06-30 --fail-on never " FIXTURE,
		"--at 2026-06-30 testcases/rules/LED-016/pass-known-number",
		"--at 2026-06-30 testcases/rules/LED-002/fail-no-answer",
		"--at 2026-06-30 testcases/messages/query-person.xml",
		"--at 2026-06-30 testcases/rules/LED-016/pass-known-number "
		"testcases/packs/la-upload/messages/cut-off.xml",
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *headline = headline_of(all[i]);
		char html[512], md[512];
		snprintf(html, sizeof(html), "<h1 id=\"verdict-title\">%s</h1>", headline);
		snprintf(md, sizeof(md), "\n\n%s\n\n", headline);
		struct said said = run_program("ledger -r html %s", all[i]);
		if (!strstr(said.out, html))
			fail_msg("%s: the page does not say: %s", all[i], headline);
		run_release(&said);
		said = run_program("ledger -r md %s", all[i]);
		assert_non_null(strstr(said.out, md));
		run_release(&said);
		free(headline);
	}
}

static void test_a_plan_without_an_acknowledgement_is_not_never_loaded(void **state)
{
	(void)state;
	struct said said = run_program("ledger --at 2026-06-30 --all testcases/rules/LED-002/"
				       "fail-no-answer");
	assert_non_null(strstr(said.out, " 1 not acknowledged, 0 not known whether loaded,"));
	assert_non_null(strstr(said.out, ", not acknowledged, not known whether it is shown\n"));
	run_release(&said);
	/* A week before one that was refused. */
	char command[1024];
	snprintf(command, sizeof(command),
		 "mkdir '%s/before' && sed 's/creationTime value=\"20260110/creationTime "
		 "value=\"20260103/; s/<id extension=\"1\"/<id extension=\"9\"/' "
		 "testcases/rules/LED-001/fail-refused/upload-1.xml >'%s/before/upload-9.xml'",
		 scratch_folder(), scratch_folder());
	assert_int_equal(system(command), 0);
	said = run_program("ledger --at 2026-06-30 testcases/rules/LED-001/fail-refused @/before");
	assert_non_null(strstr(said.out, "2 uploads"));
	assert_non_null(strstr(said.out, " 1 not acknowledged, 0 not known whether loaded,"));
	assert_non_null(strstr(said.out, "in upload 1: what is held is not known"));
	run_release(&said);
}

static void count_lack(void *context, const struct cpis_failure *problem)
{
	size_t *count = context;
	*count += strstr(problem->text, "index of a ledger") != NULL;
}

/* Its queries are not what replies list: a system that is built against it must not think so. */
static void test_an_index_as_a_state_says_that_it_has_no_accesses(void **state)
{
	(void)state;
	struct said said = run_program("ledger -q --at 2026-10-20 --index @/as.state "
				       "testcases/messages/upload-one.xml "
				       "testcases/messages/acknowledgement-success.xml");
	run_release(&said);
	for (size_t i = 0; i < 2; i++) {
		const char *name = i ? "own.state" : "as.state";
		size_t lacks = 0;
		struct cpis_twin *twin = NULL;
		struct cpis_failure failure;
		const struct cpis_twin_options options = { .state = scratch_path(name),
							   .problem = count_lack,
							   .context = &lacks };
		assert_int_equal(cpis_twin_new(&twin, &options, &failure), 0);
		cpis_twin_free(twin);
		assert_int_equal(lacks, i ? 0 : 1);
		said = run_program("predict --state @/%s testcases/messages/query-person.xml",
				   name);
		assert_int_equal(strstr(said.err, "index of a ledger") != NULL, !i);
		run_release(&said);
	}
}

/* A rule may be about a plan that is shown and should not be, so the heading does not say that all
 * of it is unseen. */
static void test_its_sentences_say_which_children_and_which_files(void **state)
{
	(void)state;
	static const char *const sentences[] = {
		" A query would show 1 plan.\n",
		"\nWhat is wrong, by cause\n",
		" was overwritten by upload 1, which is older than upload 2\n",
		("\nNot conformant: a clinician would not see what the authority last said of 1 "
		 "child.\n"),
	};
	struct said said = run_program("ledger --at 2026-06-30 testcases/rules/LED-003/"
				       "fail-older-file-later");
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (!strstr(said.out, sentences[i]))
			fail_msg("no %s in %s", sentences[i], said.out);
	assert_null(strstr(said.out, "it is not known"));
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 --fail-on never testcases/rules/LED-003/"
			   "fail-older-file-later");
	assert_non_null(strstr(said.out, "\nPassed by request: a clinician would not see what the "
					 "authority last said of 1 child, but --fail-on never lets "
					 "every ledger pass.\n"));
	run_release(&said);
	/* Of no child, or beside one. */
	said = run_program("ledger --at 2026-06-30 testcases/rules/LED-014/fail-number-again");
	assert_non_null(strstr(said.out, "\nNot conformant: 1 error found.\n"));
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 testcases/rules/LED-003/fail-older-file-later "
			   "--expected testcases/messages/upload-one.xml");
	assert_non_null(strstr(said.out, "of 1 child. Also found: "));
	run_release(&said);
}

static void test_several_reports_are_those_that_are_written_alone(void **state)
{
	(void)state;
	static const char *const formats[] = { "text", "md", "json", "csv", "html" };
	struct said said = run_program("ledger --at 2026-06-30 -r md=@/led.md -r json=@/led.json "
				       "-r csv=@/led.csv -r html=@/led.html -r text " FIXTURE);
	assert_int_equal(said.exit_code, 1);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct said alone =
			run_program("ledger --at 2026-06-30 -r %s " FIXTURE, formats[i]);
		char name[32];
		snprintf(name, sizeof(name), "led.%s", formats[i]);
		char *text = i ? read_file(scratch_path(name), NULL) : strdup(said.out);
		assert_string_equal(text, alone.out);
		free(text);
		run_release(&alone);
	}
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 -r md=@/led.md -r csv=@/led.csv " FIXTURE);
	assert_non_null(strstr(said.out, "fail: the report is in "));
	assert_non_null(strstr(said.out, "led.csv\n"));
	run_release(&said);
	said = run_program("ledger --at 2026-06-30 -r md -r csv " FIXTURE);
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
	/* One that cannot be written does not take the others with it. */
	said = run_program("ledger --at 2026-06-30 -r md=/dev/full -r csv=@/other.csv " FIXTURE);
	assert_int_not_equal(said.exit_code, 0);
	assert_int_equal(access(scratch_path("other.csv"), R_OK), 0);
	run_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_planted_is_found_and_nothing_else),
		cmocka_unit_test(test_an_authority_without_faults_has_no_findings),
		cmocka_unit_test(test_an_index_grows_file_by_file_to_the_same_ledger),
		cmocka_unit_test(test_names_of_files_say_nothing),
		cmocka_unit_test(test_files_that_are_gone_are_told),
		cmocka_unit_test(test_a_ledger_that_is_killed_goes_on),
		cmocka_unit_test(test_an_index_of_another_format_is_made_anew_or_refused),
		cmocka_unit_test(test_an_index_that_lost_rows_is_made_anew_or_refused),
		cmocka_unit_test(test_a_ledger_that_is_stopped_between_its_steps_goes_on),
		cmocka_unit_test(test_a_masked_report_holds_no_personal_value),
		cmocka_unit_test(test_any_day_can_be_shown_and_what_changed_since),
		cmocka_unit_test(test_a_day_in_summer_ends_by_the_clocks_of_the_united_kingdom),
		cmocka_unit_test(test_what_cannot_be_read_makes_it_incomplete),
		cmocka_unit_test(
			test_a_folder_without_uploads_is_incomplete_and_skipped_files_are_named),
		cmocka_unit_test(test_every_report_has_the_same_headline),
		cmocka_unit_test(test_its_sentences_say_which_children_and_which_files),
		cmocka_unit_test(test_several_reports_are_those_that_are_written_alone),
		cmocka_unit_test(test_a_plan_without_an_acknowledgement_is_not_never_loaded),
		cmocka_unit_test(test_an_index_as_a_state_says_that_it_has_no_accesses),
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
