/*
 * The rules on dates, NHS numbers and counts against testcases/schematron/second-opinion.sch, which
 * says the same in XPath: on every message, the rules that find something are those whose double
 * does.
 *
 * CPIS_SEED and CPIS_COUNT choose other generated messages, and more of them.
 */
#include "../cli/cli.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND "testcases/schematron/second-opinion.sch"

enum { MOST_DOUBLED = 64, MOST_PLACES = 512 };

/* The rules that have a double, from the file itself. */
static char doubled[MOST_DOUBLED][16];
static size_t doubled_count, found_by[MOST_DOUBLED];

static void learn_doubled(void)
{
	char *text = read_file(SECOND, NULL);
	for (const char *p = strstr(text, "<assert id=\""); p; p = strstr(p, "<assert id=\"")) {
		char id[16];
		p += strlen("<assert id=\"");
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(p, "\"") - 2, p);
		size_t i = 0;
		while (i < doubled_count && strcmp(doubled[i], id) != 0)
			i++;
		assert_true(i < MOST_DOUBLED);
		memcpy(doubled[i], id, sizeof(id));
		doubled_count += i == doubled_count;
	}
	free(text);
}

/* A rule, or its double, that found something in a message. */
struct verdict {
	char source[512], rule[16];
	bool by_double;
};

static struct verdict *verdicts;
static size_t verdict_count;

static void note(const char *source, char *rule)
{
	size_t n = strlen(rule), i = 0;
	bool by_double = n > 2 && strcmp(rule + n - 2, "-2") == 0;
	if (by_double)
		rule[n - 2] = '\0';
	while (i < doubled_count && strcmp(doubled[i], rule) != 0)
		i++;
	if (i == doubled_count)
		return;
	found_by[i]++;
	verdicts = realloc(verdicts, (verdict_count + 1) * sizeof(*verdicts));
	assert_non_null(verdicts);
	struct verdict *verdict = &verdicts[verdict_count++];
	snprintf(verdict->source, sizeof(verdict->source), "%s", source);
	snprintf(verdict->rule, sizeof(verdict->rule), "%s", rule);
	verdict->by_double = by_double;
}

static int in_order(const void *a, const void *b)
{
	const struct verdict *one = a, *other = b;
	int order = strcmp(one->source, other->source);
	return order ? order : strcmp(one->rule, other->rule);
}

/* How many rules say another thing than their doubles, message by message; verdicts are forgotten.
 */
static size_t differences(void)
{
	size_t differing = 0;
	if (verdict_count)
		qsort(verdicts, verdict_count, sizeof(*verdicts), in_order);
	for (size_t i = 0, next; i < verdict_count; i = next) {
		bool by[2] = { false, false };
		for (next = i; next < verdict_count && in_order(&verdicts[i], &verdicts[next]) == 0;
		     next++)
			by[verdicts[next].by_double] = true;
		differing += by[0] != by[1];
		if (by[0] != by[1])
			print_error("%s: %s finds a fault, its %s does not\n", verdicts[i].source,
				    verdicts[i].rule, by[0] ? "double" : "original");
	}
	free(verdicts);
	verdicts = NULL;
	verdict_count = 0;
	return differing;
}

/* Judge all below a folder in one run. */
static size_t judge(const char *folder)
{
	char report[600], path[600], line[4096], source[512], rule[16];
	char *argv[] = { (char[]){ "cpis" },
			 (char[]){ "validate" },
			 (char[]){ "-q" },
			 (char[]){ "--stages" },
			 (char[]){ "transport,xml,rules" },
			 (char[]){ "--now" },
			 (char[]){ "20261101000000+0000" },
			 (char[]){ "--schematron" },
			 (char[]){ SECOND },
			 report,
			 path };
	snprintf(report, sizeof(report), "--report=csv=%s", scratch_path("found.csv"));
	snprintf(path, sizeof(path), "%s", folder);
	assert_int_not_equal(cli_main(sizeof(argv) / sizeof(argv[0]), argv), CPIS_EXIT_USAGE);
	FILE *csv = fopen(scratch_path("found.csv"), "r");
	assert_non_null(csv);
	while (fgets(line, sizeof(line), csv))
		if (sscanf(line, "\"finding\",,,\"%511[^\"]\",\"found\",\"%15[^\"]\"", source,
			   rule) == 2)
			note(source, rule);
	fclose(csv);
	return differences();
}

static void test_fixtures_are_judged_alike_by_both(void **state)
{
	(void)state;
	assert_int_equal(judge("testcases/messages"), 0);
	assert_int_equal(judge("testcases/rules"), 0);
}

static void test_every_rule_that_is_doubled_has_found_a_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < doubled_count; i++)
		if (!found_by[i])
			fail_msg("%s found nothing: the comparison says nothing of it", doubled[i]);
}

/* A generator of numbers, the same everywhere. */
static uint64_t seed;

static unsigned any(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % below);
}

/* A value of a message that one of the rules is about. */
struct place {
	size_t start, length;
	enum { A_TIME, A_NUMBER, A_COUNT } kind;
};

static size_t digits_at(const char *p)
{
	return strspn(p, "0123456789");
}

/* Values of attributes called value or extension, told apart by how they look. */
static size_t find_places(const char *text, struct place places[MOST_PLACES])
{
	size_t count = 0;
	for (const char *p = strstr(text, "=\""); p && count < MOST_PLACES;
	     p = strstr(p + 2, "=\"")) {
		bool is_value = p - text > 5 && strncmp(p - 5, "value", 5) == 0;
		bool is_extension = p - text > 9 && strncmp(p - 9, "extension", 9) == 0;
		size_t length = strcspn(p + 2, "\""), digits = digits_at(p + 2);
		struct place place = { (size_t)(p + 2 - text), length, A_TIME };
		if (is_value && digits >= 8 && digits <= 14 && length - digits <= 5)
			places[count++] = place;
		else if (is_extension && digits == 10 && length == 10 && (place.kind = A_NUMBER))
			places[count++] = place;
		else if ((is_value || is_extension) && length == digits && digits < 4 &&
			 (place.kind = A_COUNT))
			places[count++] = place;
	}
	return count;
}

static void shift_days(char *value, int days)
{
	struct tm date = { 0 };
	char eight[9];
	if (sscanf(value, "%4d%2d%2d", &date.tm_year, &date.tm_mon, &date.tm_mday) != 3)
		return;
	date.tm_year -= 1900;
	date.tm_mon -= 1;
	time_t seconds = timegm(&date) + (time_t)days * 86400;
	gmtime_r(&seconds, &date);
	strftime(eight, sizeof(eight), "%Y%m%d", &date);
	memcpy(value, eight, 8);
}

static void change_time(char value[64])
{
	static const char *const zones[] = { "",     "+0000", "+0100", "-0500",	 "+1",
					     "+100", "+1500", "+0160", "-1400",	 "+01000",
					     "Z",    "+",     ".25",   ".5+0100" };
	static const char *const whole[] = { "",
					     "20260229",
					     "20240229",
					     "19000229",
					     "20000229",
					     "00000101",
					     "20261301",
					     "20260431",
					     "2026043",
					     "202604312400",
					     "20260401125960",
					     "20260329013000",
					     "20261025013000+0100",
					     "2026",
					     "202611",
					     "20261101" };
	unsigned choice = any(10);
	size_t digits = digits_at(value);
	if (choice < 4) {
		static const int days[] = { 1, -1, 30, -31, 365, -366, 3653, -3653, 6575, -6575 };
		shift_days(value, days[any(10)] + (choice == 3 ? (int)any(60) - 30 : 0));
	} else if (choice < 6) {
		size_t at = any((unsigned)digits);
		value[at] = (char)('0' + any(10));
	} else if (choice == 6) {
		value[4 + any((unsigned)digits - 3)] = '\0';
	} else if (choice == 7) {
		strcpy(value + digits, zones[any(sizeof(zones) / sizeof(zones[0]))]);
	} else if (choice == 8) {
		/* On the hour around midnight, where a zone makes another day of it. */
		value[8] = '\0';
		strcat(value, any(2) ? "233000" : "003000");
		strcat(value, zones[any(4)]);
	} else {
		strcpy(value, whole[any(sizeof(whole) / sizeof(whole[0]))]);
	}
}

static void change_number(char value[64])
{
	static const char *const others[] = {
		"",	     "0000000000",  "4444444444", "9434765919", "943 476 5919",
		"943476591", "94347659190", "O434765919", "0101010009", "3200000010",
		"   ",	     "1111111111"
	};
	unsigned choice = any(5);
	if (choice == 0)
		value[9] = (char)('0' + (value[9] - '0' + 1) % 10);
	else if (choice == 1)
		value[any(10)] = (char)('0' + any(10));
	else if (choice == 2)
		for (size_t i = 0; i < 10; i++)
			value[i] = (char)('0' + any(10));
	else if (choice == 3)
		strcpy(value, others[any(sizeof(others) / sizeof(others[0]))]);
	else
		memset(value, (int)('0' + any(10)), 10);
}

static void change_count(char value[64])
{
	static const char *const others[] = { "0", "-1",  "-2",	 "+1", "007",
					      "",  " 1 ", "1.0", "x",  "12345678901234",
					      "2", "26" };
	int number = atoi(value);
	if (any(2))
		snprintf(value, 64, "%d", number + (any(2) ? 1 : -1));
	else
		strcpy(value, others[any(sizeof(others) / sizeof(others[0]))]);
}

/* A day where a rule may turn: years after another time of the message, or a day beside that. */
static void relate_time(char value[64], const char *other)
{
	static const int years[] = { 0, 0, 0, 1, 10, 18, 18, 18, 60, 61, -1, -18 };
	char eight[9], year[16];
	if (digits_at(value) < 8 || digits_at(other) < 8)
		return;
	snprintf(eight, sizeof(eight), "%.8s", other);
	snprintf(year, sizeof(year), "%.4s", other);
	snprintf(year, sizeof(year), "%04d", atoi(year) + years[any(12)]);
	memcpy(eight, year, 4);
	shift_days(eight, (int)any(3) - 1);
	memcpy(value, eight, 8);
}

/* One to three values changed. The new text is for free(). */
static char *change(const char *text)
{
	static void (*const changes[])(char *value) = { change_time, change_number, change_count };
	char *changed = strdup(text);
	for (unsigned i = 1 + any(3); i > 0 && changed; i--) {
		struct place places[MOST_PLACES];
		size_t count = find_places(changed, places);
		if (count == 0)
			break;
		const struct place *place = &places[any((unsigned)count)];
		char value[64], *next = NULL;
		snprintf(value, sizeof(value), "%.*s", (int)place->length, changed + place->start);
		const struct place *other = &places[any((unsigned)count)];
		if (place->kind == A_TIME && other->kind == A_TIME && any(2))
			relate_time(value, changed + other->start);
		else
			changes[place->kind](value);
		if (asprintf(&next, "%.*s%s%s", (int)place->start, changed, value,
			     changed + place->start + place->length) < 0)
			next = NULL;
		free(changed);
		changed = next;
	}
	return changed;
}

static unsigned long asked(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void write_scratch(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char *generated(void)
{
	static char folder[512];
	snprintf(folder, sizeof(folder), "%s", scratch_path("generated"));
	return folder;
}

/* Writes that many changed messages; names say which they were. */
static void generate(struct dirent **names, unsigned name_count, size_t count)
{
	mkdir(generated(), 0700);
	for (size_t i = 0; i < count; i++) {
		char path[1024];
		const char *base = names[any(name_count)]->d_name;
		snprintf(path, sizeof(path), "testcases/messages/%s", base);
		char *text = read_file(path, NULL), *changed = change(text);
		assert_non_null(changed);
		snprintf(path, sizeof(path), "%s/%05zu-%s", generated(), i, base);
		write_scratch(path, changed);
		free(text);
		free(changed);
	}
}

static int is_message(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_generated_messages_are_judged_alike_by_both(void **state)
{
	(void)state;
	struct dirent **names;
	size_t usual = short_form("1,700 of 2,000 generated messages") ? 300 : 2000;
	size_t wanted = asked("CPIS_COUNT", usual);
	seed = asked("CPIS_SEED", 1) * 0x9e3779b97f4a7c15u + 1;
	int count = scandir("testcases/messages", &names, is_message, alphasort);
	assert_true(count > 0);
	generate(names, (unsigned)count, wanted);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	print_message("%zu generated messages, %zu rules doubled\n", wanted, doubled_count);
	assert_int_equal(judge(generated()), 0);
}

static int setup(void **state)
{
	(void)state;
	learn_doubled();
	return doubled_count ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures_are_judged_alike_by_both),
		cmocka_unit_test(test_generated_messages_are_judged_alike_by_both),
		cmocka_unit_test(test_every_rule_that_is_doubled_has_found_a_fault),
	};
	return cmocka_run_group_tests_name("second_opinion", tests, setup, NULL);
}
