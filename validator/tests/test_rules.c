/*
 * The names of the fixtures are true: testcases/rules/<ID>/pass-* raises nothing, fail-*
 * raises its own rule and nothing else, and no rule of the program is without both.
 */
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURES "testcases/rules"

static char top[4096];

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);
	return n >= m && strcmp(text + n - m, suffix) == 0;
}

static bool is_fixture(const char *name)
{
	return (starts(name, "pass-") || starts(name, "fail-")) && !ends(name, ".args");
}

/* Judges the fixtures of a folder and counts them; says what is wrong and counts that too. */
static struct cpis_rule_info rule_at(size_t index)
{
	struct cpis_rule_info rule;
	assert_int_equal(cpis_rule(index, &rule, sizeof(rule)), 0);
	return rule;
}

struct tally {
	size_t passing, failing, wrong;
};

/* On the day for which the fixtures were made, where they name none: a plan in them ends some day.
 */
static struct found validate_on_its_day(const char *options, const char *name)
{
	char all[1024];
	bool has_day = options && strstr(options, "--now");
	snprintf(all, sizeof(all), "%s %s", has_day ? "" : "--now 20261201",
		 options ? options : "");
	return run_validate(all, name);
}

static void judge_fixture(const char *id, const char *name, struct tally *tally)
{
	char args[512];
	char *options = NULL;
	snprintf(args, sizeof(args), "%s.args", name);
	if (access(args, F_OK) == 0)
		options = read_file(args, NULL);
	/* What only many messages can show is a folder. */
	struct found found =
		starts(id, "LED-") ? run_ledger(options, name) : validate_on_its_day(options, name);
	free(options);
	bool right;
	if (starts(name, "pass-")) {
		tally->passing++;
		right = found.count == 0 && found.exit_code == CPIS_EXIT_PASS;
	} else {
		tally->failing++;
		right = found.count == 1 && found_rule(&found, id) &&
			found.exit_code != CPIS_EXIT_USAGE;
	}
	if (right)
		return;
	tally->wrong++;
	print_error("%s/%s/%s: exit %d, raised %s\n", FIXTURES, id, name, found.exit_code,
		    found_text(&found));
}

/* A file that is not a fixture must be used by one: its name is in the options of a fixture. */
static bool is_named_by_options(const char *name)
{
	bool named = false;
	DIR *folder = opendir(".");
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (!ends(entry->d_name, ".args"))
			continue;
		char *options = read_file(entry->d_name, NULL);
		named = named || strstr(options, name);
		free(options);
	}
	closedir(folder);
	return named;
}

static void judge_entry(const char *id, const char *name, struct tally *tally)
{
	char of[512];
	if (strstr(name, "STUB")) {
		tally->wrong++;
		print_error("%s/%s/%s: this stub has not been replaced\n", FIXTURES, id, name);
		return;
	}
	if (is_fixture(name)) {
		judge_fixture(id, name, tally);
		return;
	}
	snprintf(of, sizeof(of), "%.*s", ends(name, ".args") ? (int)strlen(name) - 5 : 0, name);
	if (of[0] ? access(of, F_OK) == 0 : is_named_by_options(name))
		return;
	tally->wrong++;
	print_error(
		"%s/%s/%s: is not pass- or fail-, and not the options or the other half of one\n",
		FIXTURES, id, name);
}

static struct tally judge_folder(const char *id)
{
	struct tally tally = { 0 };
	struct dirent **names;
	char path[600];
	snprintf(path, sizeof(path), FIXTURES "/%s", id);
	if (chdir(path) != 0)
		return tally;
	int count = scandir(".", &names, NULL, alphasort);
	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			judge_entry(id, names[i]->d_name, &tally);
		free(names[i]);
	}
	free(names);
	assert_int_equal(chdir(top), 0);
	return tally;
}

static void test_every_fixture_raises_its_own_rule_and_nothing_else(void **state)
{
	(void)state;
	struct tally all = { 0 };
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct tally tally = judge_folder(rule_at(i).id);
		all.passing += tally.passing;
		all.failing += tally.failing;
		all.wrong += tally.wrong;
	}
	print_message("%zu rules, %zu passing and %zu failing fixtures\n", cpis_rule_count(),
		      all.passing, all.failing);
	assert_int_equal(all.wrong, 0);
}

static void test_every_rule_has_a_fixture_that_passes_and_one_that_fails(void **state)
{
	(void)state;
	size_t without = 0;
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		const char *id = rule_at(i).id;
		char path[512];
		size_t passing = 0, failing = 0;
		snprintf(path, sizeof(path), FIXTURES "/%s", id);
		DIR *folder = opendir(path);
		for (struct dirent *entry; folder && (entry = readdir(folder));) {
			passing += is_fixture(entry->d_name) && starts(entry->d_name, "pass-");
			failing += is_fixture(entry->d_name) && starts(entry->d_name, "fail-");
		}
		if (folder)
			closedir(folder);
		if (passing && failing)
			continue;
		without++;
		print_error("%s has no %s\n", path,
			    passing   ? "fail- fixture"
			    : failing ? "pass- fixture"
				      : "pass- and no fail- fixture");
	}
	assert_int_equal(without, 0);
}

static bool is_rule(const char *id)
{
	for (size_t i = 0; i < cpis_rule_count(); i++)
		if (strcmp(rule_at(i).id, id) == 0)
			return true;
	return false;
}

static void test_no_folder_of_fixtures_is_without_a_rule(void **state)
{
	(void)state;
	size_t strays = 0;
	DIR *folder = opendir(FIXTURES);
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' || is_rule(entry->d_name))
			continue;
		strays++;
		print_error("%s/%s: there is no such rule\n", FIXTURES, entry->d_name);
	}
	closedir(folder);
	assert_int_equal(strays, 0);
}

static void test_ids_and_names_of_rules_are_unique_and_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct cpis_rule_info rule = rule_at(i);
		char family[8], rest[2];
		unsigned number;
		if (sscanf(rule.id, "%7[A-Z]-%3u%1s", family, &number, rest) != 2 ||
		    strlen(rule.id) != strlen(family) + 4)
			fail_msg("%s is not an id of the form FAMILY-NNN", rule.id);
		if (rule.name[strspn(rule.name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
			fail_msg("%s: %s is not in lower case with hyphens", rule.id, rule.name);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(rule.id, rule_at(k).id);
			assert_string_not_equal(rule.name, rule_at(k).name);
		}
	}
}

static void test_every_rule_says_what_why_how_to_fix_it_and_on_what_it_rests(void **state)
{
	(void)state;
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct cpis_rule_info rule = rule_at(i);
		const char *const texts[] = { rule.title, rule.why, rule.fix, rule.citation };
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			if (!texts[k] || !texts[k][0])
				fail_msg("%s: its row is incomplete", rule.id);
			if (strstr(texts[k], "STUB"))
				fail_msg("%s: stub text is left: %s", rule.id, texts[k]);
		}
	}
}

static void test_good_practice_is_never_an_error_but_for_security(void **state)
{
	(void)state;
	for (size_t i = 0; i < cpis_rule_count(); i++) {
		struct cpis_rule_info rule = rule_at(i);
		if (rule.basis == CPIS_BASIS_GOOD_PRACTICE && rule.severity == CPIS_ERROR)
			assert_string_equal(rule.id, "XML-002");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fixture_raises_its_own_rule_and_nothing_else),
		cmocka_unit_test(test_every_rule_has_a_fixture_that_passes_and_one_that_fails),
		cmocka_unit_test(test_no_folder_of_fixtures_is_without_a_rule),
		cmocka_unit_test(test_ids_and_names_of_rules_are_unique_and_well_formed),
		cmocka_unit_test(test_every_rule_says_what_why_how_to_fix_it_and_on_what_it_rests),
		cmocka_unit_test(test_good_practice_is_never_an_error_but_for_security),
	};
	if (!getcwd(top, sizeof(top)))
		return 1;
	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
