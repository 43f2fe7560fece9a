/* --fix: what is mechanical is fixed, byte by byte; what is not certain, or about a person, never
 * is. */
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD "testcases/messages/itk-upload.xml"
#define TEN  "validator/tests/data/fix/ten-faults.xml"

enum { MOST_FIXES = 64 };

struct fixed {
	char *bytes;
	size_t size, count;
	char rules[MOST_FIXES][32];
	size_t seen;
};

static const struct cpis_options options = { .now = 1793534400 };

static void note(void *context, const struct cpis_fix *fix)
{
	struct fixed *fixed = context;
	assert_true(fix->start <= fix->end);
	if (fixed->seen < MOST_FIXES)
		snprintf(fixed->rules[fixed->seen], sizeof(fixed->rules[0]), "%s", fix->rule);
	fixed->seen++;
}

static void fix_bytes(struct fixed *fixed, const char *name, const char *text, size_t size,
		      const char *zone)
{
	const struct cpis_bytes source = { name, text, size };
	const struct cpis_fix_options how = { .zone = zone };
	struct cpis_failure failure = { 0 };
	*fixed = (struct fixed){ 0 };
	if (cpis_fix_bytes(&source, &options, &how, note, fixed, &fixed->bytes, &fixed->size,
			   &fixed->count, &failure) != 0)
		fail_msg("%s: %s", name, failure.text);
	assert_int_equal(fixed->seen, fixed->count);
}

static void fix_file(struct fixed *fixed, const char *path)
{
	size_t size;
	char *text = read_file(path, &size);
	fix_bytes(fixed, path, text, size, NULL);
	free(text);
}

/* The good message with the first occurrence of something changed; for free(). */
static char *changed(const char *from, const char *to)
{
	char *text = read_file(GOOD, NULL), *made = NULL;
	char *at = strstr(text, from);
	assert_non_null(at);
	assert_true(asprintf(&made, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	free(text);
	return made;
}

static void test_ten_mechanical_faults_are_fixed_and_nothing_else(void **state)
{
	(void)state;
	static const char *const rules[] = {
		"XML-003", "SCH-005", "ITK-003", "ITK-004", "DAT-013",
		"UPL-001", "NHS-012", "UPL-008", "SCH-002", "NHS-010"
	};
	struct fixed fixed;
	size_t size;
	char *good = read_file(GOOD, &size);
	fix_file(&fixed, TEN);
	assert_int_equal(fixed.count, sizeof(rules) / sizeof(rules[0]));
	for (size_t i = 0; i < fixed.count; i++)
		assert_string_equal(fixed.rules[i], rules[i]);
	assert_int_equal(fixed.size, size);
	assert_memory_equal(fixed.bytes, good, size);
	cpis_free(fixed.bytes);
	free(good);
}

static void test_what_is_right_stays_as_it_is(void **state)
{
	(void)state;
	struct fixed fixed;
	size_t size;
	char *good = read_file(GOOD, &size);
	fix_file(&fixed, GOOD);
	assert_int_equal(fixed.count, 0);
	assert_int_equal(fixed.size, size);
	assert_memory_equal(fixed.bytes, good, size);
	cpis_free(fixed.bytes);
	free(good);
}

static void test_people_and_plans_are_never_changed(void **state)
{
	(void)state;
	static const char *const changes[][2] = {
		{ "\"9998983002\"", "\" 9998983002 \"" },
		{ "\"9998983002\"", "\"999 898 3002\"" },
		{ "\"NW0050007\"", "\" NW0050007\"" },
		{ "<given>Rosalind", "<given> Rosalind " },
		{ "\"20100812\"", "\" 20100812\"" },
		{ "\"202607061000\"", "\" 202607061000 \"" },
		{ "\"202607061000\"", "\"202607061000+01\"" },
		{ "\"202706301700\"", "\"202706301700 \"" },
		{ "\"202610141205+0100\"", "\"202610141205+100\"" }, /* one hour, or ten */
		{ "\"72418008-B3F6", "\"72418008B3F6" },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct fixed fixed;
		char *text = changed(changes[i][0], changes[i][1]);
		fix_bytes(&fixed, "changed.xml", text, strlen(text), "Europe/London");
		if (fixed.count)
			fail_msg("%s is changed", changes[i][1]);
		cpis_free(fixed.bytes);
		free(text);
	}
}

/* The hour that the clocks repeat, and the one that they skip, are not certain. */
static void test_a_zone_is_added_only_where_it_is_declared(void **state)
{
	(void)state;
	static const struct {
		const char *from, *zone, *to;
	} times[] = {
		{ "202610141205", NULL, NULL },
		{ "202610141205", "Europe/London", "202610141205+0100" },
		{ "202611141205", "Europe/London", "202611141205+0000" },
		{ "202610141205", "+0000", "202610141205+0000" },
		{ "202610141205", "-1400", "202610141205-1400" },
		{ "202610250130", "Europe/London", NULL },
		{ "202603290130", "Europe/London", NULL },
	};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct fixed fixed;
		char *text = changed("202610141205+0100", times[i].from);
		fix_bytes(&fixed, "zone.xml", text, strlen(text), times[i].zone);
		assert_int_equal(fixed.count, times[i].to != NULL);
		if (times[i].to)
			assert_non_null(strstr(fixed.bytes, times[i].to));
		cpis_free(fixed.bytes);
		free(text);
	}
}

static void test_a_zone_that_no_time_may_have_is_refused(void **state)
{
	(void)state;
	static const char *const zones[] = { "Paris", "",      "+01",	"+2500", "+1500",
					     "+1401", "+0175", "-9999", "01000", "+01:00" };
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		const struct cpis_fix_options how = { .zone = zones[i] };
		const struct cpis_bytes source = { "a", "", 0 };
		struct cpis_failure failure;
		char *bytes;
		size_t size, count;
		assert_int_equal(cpis_fix_bytes(&source, &options, &how, NULL, NULL, &bytes, &size,
						&count, &failure),
				 -1);
		assert_non_null(strstr(failure.text, "a zone is Europe/London"));
	}
}

static void test_what_is_packed_stays_as_it_is(void **state)
{
	(void)state;
	struct fixed fixed;
	char *text = changed("manifest count=\"1\"", "manifest count=\"2\""), *packed = NULL;
	assert_true(asprintf(&packed, "POST / HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s",
			     strlen(text), text) > 0);
	fix_bytes(&fixed, "capture.http", packed, strlen(packed), NULL);
	assert_int_equal(fixed.count, 0);
	assert_string_equal(fixed.bytes, packed);
	cpis_free(fixed.bytes);
	free(packed);
	free(text);
}

static void check_wide(const char *encoding, const char *mark, size_t mark_bytes)
{
	struct fixed fixed;
	size_t size;
	char *good = read_file("testcases/messages/upload-one.xml", &size);
	char *wide = malloc(4 * size + 4), *from = good, *to = wide + mark_bytes;
	assert_non_null(wide);
	memcpy(wide, mark, mark_bytes);
	size_t left = size, room = 4 * size;
	iconv_t converter = iconv_open(encoding, "UTF-8");
	assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
	iconv_close(converter);
	size_t n = (size_t)(to - wide);
	fix_bytes(&fixed, "wide.xml", wide, n, NULL);
	assert_int_equal(fixed.count, 1);
	assert_int_equal(fixed.size, size);
	assert_memory_equal(fixed.bytes, good, size);
	cpis_free(fixed.bytes);
	free(wide);
	free(good);
}

static void test_wide_text_becomes_utf_8(void **state)
{
	(void)state;
	check_wide("UTF-16LE", "\xff\xfe", 2);
	check_wide("UTF-16BE", "\xfe\xff", 2);
	check_wide("UTF-32LE", "\xff\xfe\0\0", 4);
	check_wide("UTF-32BE", "\0\0\xfe\xff", 4);
}

static void assert_kept(const char *name, const char *text, size_t size)
{
	struct fixed fixed;
	fix_bytes(&fixed, name, text, size, NULL);
	if (fixed.count)
		fail_msg("%s is changed", name);
	assert_int_equal(fixed.size, size);
	assert_memory_equal(fixed.bytes, text, size);
	cpis_free(fixed.bytes);
}

#define KEPT(name, text) assert_kept(name, text, sizeof(text) - 1)

static void test_what_is_no_message_stays_as_it_is(void **state)
{
	(void)state;
	KEPT("config.xml",
	     "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><config name=\"caf\xe9\"/>");
	KEPT("list.csv", "\xff\xfe"
			 "a\0,\0b\0");
	KEPT("photo.bin", "\xff\xfe\x78\x13\x34\x19");
	KEPT("other.xml", "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><other xmlns:xsi=\"http://"
			  "www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\"/>");
}

/* The good message in an encoding that it declares, with a name; NULL: it is left alone. */
static void test_an_encoding_changes_only_where_names_stay(void **state)
{
	(void)state;
	static const struct {
		const char *declared, *given, *to;
	} names[] = {
		{ "ISO-8859-1", "Zo\xeb", "Zo\xc3\xab" },
		{ "windows-1252", "Zo\xeb", "Zo\xc3\xab" },
		{ "ISO-8859-1", "Zoe", "Zoe" },
		{ "US-ASCII", "Zo\xc3\xab", "Zo\xc3\xab" },
		{ "utf8", "Zo\xc3\xab", "Zo\xc3\xab" },
		{ "UTF_8", "Zo\xc3\xab", "Zo\xc3\xab" },
		{ "utf8", "Zo\xeb", NULL },
		{ "UTF-16", "Zoe", "Zoe" },
		{ "UTF-16", "Zo\xeb", NULL },
		{ "ISO-8859-1", "Zo\xc3\xab", NULL },
		{ "UTF-7", "Zo+AOs-", NULL },
		{ "HZ", "Zo~{<:~}", NULL },
		{ "HZ-GB-2312", "Zo~{<:~}", NULL },
		{ "ISO-2022-JP", "Zo\x1b$B0!\x1b(B", NULL },
		{ "IBM037", "Zoe", NULL },
		{ "IBM037", "Zo\xeb", NULL },
		{ "no-such-encoding", "Zoe", NULL },
		{ "", "Zoe", NULL },
		{ "ISO-8859-1//TRANSLIT", "Zo\xeb", NULL },
	};
	size_t size;
	char *good = read_file("testcases/messages/upload-one.xml", &size);
	const char *body = strchr(good, '\n'), *given = strstr(good, "<given>");
	assert_true(body && given);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *text = NULL;
		struct fixed fixed;
		assert_true(asprintf(&text,
				     "<?xml version=\"1.0\" encoding=\"%s\"?>%.*s<given>%s%s",
				     names[i].declared, (int)(given - body), body, names[i].given,
				     strchr(given + 7, '<')) > 0);
		if (!names[i].to) {
			assert_kept(names[i].declared, text, strlen(text));
			free(text);
			continue;
		}
		fix_bytes(&fixed, names[i].declared, text, strlen(text), NULL);
		if (fixed.count != 1)
			fail_msg("%s, %s is not changed", names[i].declared, names[i].given);
		char *name = strstr(fixed.bytes, "<given>");
		assert_non_null(name);
		assert_memory_equal(name + 7, names[i].to, strlen(names[i].to));
		assert_int_equal(name[7 + strlen(names[i].to)], '<');
		assert_non_null(strstr(fixed.bytes, "encoding=\"UTF-8\""));
		cpis_free(fixed.bytes);
		free(text);
	}
	free(good);
}

/* contentId in another namespace would only be another fault. */
static void test_a_content_id_gets_the_prefix_that_is_bound_there(void **state)
{
	(void)state;
	static const char content_id[] = "<npfitlc:contentId";
	static const struct {
		const char *from, *to, *prefix;
	} bound[] = {
		{ "", "", "npfitlc" },
		{ "<pertinentInformation>", "<pertinentInformation xmlns:npfitlc=\"urn:other\">",
		  NULL },
		{ "<pertinentInformation>",
		  "<pertinentInformation xmlns:npfitlc='urn:x' xmlns:q='NPFIT:HL7:Localisation'>",
		  "q" },
		{ "<pertinentInformation>",
		  "<!-- <a xmlns:b='NPFIT:HL7:Localisation'> --><pertinentInformation>",
		  "npfitlc" },
		{ "xmlns:npfitlc=\"NPFIT:HL7:Localisation\"", "", NULL },
	};
	char *good = read_file("testcases/messages/upload-one.xml", NULL);
	char *at = strstr(good, content_id), *end = at ? strchr(at, '>') + 1 : NULL;
	assert_non_null(at);
	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		char *text = NULL, *made = NULL, expected[64];
		struct fixed fixed;
		assert_true(asprintf(&text, "%.*s%s", (int)(at - good), good, end) > 0);
		char *place = strstr(text, bound[i].from);
		if (!place)
			fail_msg("there is no %s", bound[i].from);
		assert_true(asprintf(&made, "%.*s%s%s", (int)(place - text), text, bound[i].to,
				     place + strlen(bound[i].from)) > 0);
		fix_bytes(&fixed, "bound.xml", made, strlen(made), NULL);
		snprintf(expected, sizeof(expected), "<%s:contentId",
			 bound[i].prefix ? bound[i].prefix : "");
		assert_int_equal(fixed.count, bound[i].prefix != NULL);
		if (bound[i].prefix)
			assert_non_null(strstr(fixed.bytes, expected));
		cpis_free(fixed.bytes);
		free(made);
		free(text);
	}
	free(good);
}

/* The fixtures of all rules: a fix never makes another fault. */

static bool has_rule(const struct cpis_results *results, const char *rule)
{
	struct cpis_message message;
	struct cpis_finding finding;
	for (size_t i = 0; cpis_results_message(results, i, &message, sizeof(message)) == 0; i++)
		for (size_t k = 0;
		     cpis_results_finding(results, i, k, &finding, sizeof(finding)) == 0; k++)
			if (strcmp(finding.rule, rule) == 0)
				return true;
	return false;
}

static struct cpis_results *judge(const char *name, const char *bytes, size_t size)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	const struct cpis_bytes source = { name, bytes, size };
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	return results;
}

static size_t check_fixture(const char *path)
{
	struct fixed fixed;
	struct cpis_message message;
	struct cpis_finding finding;
	size_t size;
	char *text = read_file(path, &size);
	fix_bytes(&fixed, path, text, size, NULL);
	if (fixed.count && strcmp(fixed.rules[0], "XML-003") != 0) {
		struct cpis_results *before = judge(path, text, size);
		struct cpis_results *after = judge(path, fixed.bytes, fixed.size);
		for (size_t i = 0; cpis_results_message(after, i, &message, sizeof(message)) == 0;
		     i++)
			for (size_t k = 0;
			     cpis_results_finding(after, i, k, &finding, sizeof(finding)) == 0; k++)
				if (!has_rule(before, finding.rule))
					fail_msg("%s: the fix makes %s", path, finding.rule);
		cpis_results_free(before);
		cpis_results_free(after);
	}
	size_t count = fixed.count;
	cpis_free(fixed.bytes);
	free(text);
	return count;
}

static void test_a_fix_never_makes_another_fault(void **state)
{
	(void)state;
	struct cpis_rule_info rule;
	size_t fixed = 0;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		char folder[64], path[512];
		snprintf(folder, sizeof(folder), "testcases/rules/%s", rule.id);
		DIR *entries = opendir(folder);
		for (const struct dirent *entry; entries && (entry = readdir(entries));) {
			size_t n = strlen(entry->d_name);
			if (strncmp(entry->d_name, "fail-", 5) != 0 || n < 4 ||
			    strcmp(entry->d_name + n - 4, ".xml") != 0)
				continue;
			snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			fixed += check_fixture(path) > 0;
		}
		if (entries)
			closedir(entries);
	}
	assert_true(fixed > 30);
}

/* The program */

static void copy_of(const char *path, const char *name)
{
	size_t size;
	char *text = read_file(path, &size);
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	free(text);
}

static void copy_ten(const char *name)
{
	copy_of(TEN, name);
}

static void assert_same(const char *name, const char *path)
{
	size_t size, other_size;
	char *text = read_file(scratch_path(name), &size), *other = read_file(path, &other_size);
	assert_int_equal(size, other_size);
	assert_memory_equal(text, other, size);
	free(text);
	free(other);
}

static void test_the_program_shows_writes_and_judges_again(void **state)
{
	(void)state;
	copy_ten("ten.xml");
	struct said said =
		run_program("validate --now 20261101 --fix --dry-run %s", scratch_path("ten.xml"));
	assert_int_equal(said.exit_code, 0);
	assert_non_null(
		strstr(said.out, "-<itk:manifest count=\"2\">\n+<itk:manifest count=\"1\">"));
	assert_non_null(strstr(said.out, "10 changes in 1 file, not written"));
	assert_non_null(strstr(said.out, "Partial: the message passed. This is what --fix would "
					 "leave; nothing was written."));
	assert_null(strstr(said.out, "Conformant"));
	assert_null(strstr(said.out, "9998983002"));
	assert_null(strstr(said.out, "Wexley"));
	run_release(&said);
	assert_same("ten.xml", TEN);
	said = run_program("validate --now 20261101 --fix %s", scratch_path("ten.xml"));
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	assert_same("ten.xml", GOOD);
	assert_same(".ten.xml.orig", TEN);
}

/* Its digest, findings and verdict are those of bytes that no file has. */
static void test_every_report_says_that_what_it_is_about_was_not_written(void **state)
{
	(void)state;
	static const char *const formats[] = { "text",	"short", "json", "html", "certificate",
					       "junit", "sarif", "tap",	 "md",	 "xml" };
	copy_ten("ten.xml");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct said said =
			run_program("validate --now 20261101 --fix --dry-run -q -r %s %s",
				    formats[i], scratch_path("ten.xml"));
		assert_int_equal(said.exit_code, 0);
		if (!strstr(said.out, "nothing was written") ||
		    !strstr(said.out, "Not checked: 3 counts (ITK-003, ITK-004, UPL-001)") ||
		    strstr(said.out, "Conformant: "))
			fail_msg("%s:\n%s", formats[i], said.out);
		run_release(&said);
	}
}

/* Whatever had the name before is kept, each once. */
static void test_no_message_is_lost_by_fixing_twice(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		copy_ten("twice.xml");
		FILE *file = fopen(scratch_path("twice.xml"), "a");
		assert_non_null(file);
		fputs(i == 1 ? "\n" : "", file); /* another message */
		assert_int_equal(fclose(file), 0);
		struct said said =
			run_program("validate --now 20261101 --fix %s", scratch_path("twice.xml"));
		assert_int_equal(said.exit_code, 0);
		run_release(&said);
	}
	assert_same(".twice.xml.orig", TEN);
	assert_int_equal(access(scratch_path(".twice.xml.orig.2"), F_OK), 0);
	assert_int_equal(access(scratch_path(".twice.xml.orig.3"), F_OK), -1);
}

/* In a folder a link is judged and left alone, and the files beside it are fixed. */
static void test_links_in_a_folder_are_judged_and_not_fixed(void **state)
{
	(void)state;
	copy_ten("real.xml");
	struct said said = run_program("--version >/dev/null; cd %s && rm -rf links && mkdir links "
				       "&& ln -s ../real.xml links/a.xml",
				       scratch_folder());
	run_release(&said);
	copy_of(TEN, "links/b.xml");
	said = run_program("validate --now 20261101 --fix %s", scratch_path("links"));
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "a.xml: not fixed, because it is a symbolic link"));
	assert_non_null(strstr(said.out,
			       "10 changes in 1 file; each file as it was is kept beside it, "
			       "as .NAME.orig"));
	run_release(&said);
	assert_same("real.xml", TEN);
	assert_same("links/b.xml", GOOD);
	copy_of(TEN, "links/b.xml");
	char named[512];
	snprintf(named, sizeof(named), "%s", scratch_path("links/b.xml"));
	said = run_program("validate --now 20261101 --fix %s %s", named,
			   scratch_path("links/a.xml"));
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "is a symbolic link: name the file that it points to"));
	run_release(&said);
	assert_same("links/b.xml", TEN);
}

/* What cannot be fixed where it is has its part in the verdict. */
static void test_a_dry_run_judges_what_it_cannot_fix(void **state)
{
	(void)state;
	char ten[512], packed[512];
	copy_ten("dry.xml");
	copy_of("testcases/rules/NHS-001/fail-spaces-between.xml", "a!b.xml");
	snprintf(ten, sizeof(ten), "%s", scratch_path("dry.xml"));
	snprintf(packed, sizeof(packed), "%s", scratch_path("a!b.xml"));
	const char *const firsts[] = { GOOD, ten };
	for (size_t i = 0; i < 2; i++) {
		struct said said = run_program("validate --now 20261101 --fix --dry-run %s '%s'",
					       firsts[i], packed);
		assert_int_equal(said.exit_code, 1);
		assert_non_null(strstr(said.out, "NHS-001"));
		run_release(&said);
		said = run_program("validate --now 20261101 --fix --dry-run %s %s", firsts[i],
				   scratch_path("missing.xml"));
		assert_int_equal(said.exit_code, i == 0 ? 3 : 2);
		assert_null(strstr(said.out, "Conformant"));
		run_release(&said);
	}
	struct said said = run_program("validate --fix --dry-run '%s'", packed);
	assert_int_equal(said.exit_code, 1);
	run_release(&said);
	/* Nor are uploads judged in sequence. */
	said = run_program("validate --now 20261101 --fix --dry-run %s %s", ten, GOOD);
	assert_non_null(strstr(said.out, "the sequence of the uploads (PAIR-011)"));
	run_release(&said);
}

/* All or none of them, where it can be known. ".NAME.orig" of a long name is too long. */
static void test_nothing_is_changed_where_one_cannot_be(void **state)
{
	(void)state;
	char long_name[256];
	copy_ten("first.xml");
	snprintf(long_name, sizeof(long_name), "%0*d.xml", 247, 1);
	copy_ten(long_name);
	char first[512];
	snprintf(first, sizeof(first), "%s", scratch_path("first.xml"));
	struct said said =
		run_program("validate --now 20261101 --fix %s %s", first, scratch_path(long_name));
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "the name is too long"));
	assert_non_null(strstr(said.err, "nothing was changed"));
	run_release(&said);
	assert_same("first.xml", TEN);
	assert_int_equal(access(scratch_path(".first.xml.orig"), F_OK), -1);
}

/* Where it cannot be known, it is said what was changed, and the report is of that. */
static void test_a_fix_that_stops_half_way_says_what_it_changed(void **state)
{
	(void)state;
	char command[2048];
	copy_ten("one.xml");
	copy_ten("two.xml");
	FILE *file = fopen(scratch_path("two.xml"), "a");
	assert_non_null(file);
	fprintf(file, "<!--%9000s-->\n", "");
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command),
		 "top=$PWD; cd %s && { (ulimit -f 8; \"$top/${CPIS_PROGRAM:-build/cpis}\" validate "
		 "--now 20261101 --fix one.xml two.xml; echo exit $?) 2>&1 | cat >said; }",
		 scratch_folder());
	assert_int_equal(system(command), 0);
	char *text = read_file(scratch_path("said"), NULL);
	assert_non_null(strstr(text, "exit 1"));
	assert_non_null(strstr(text, "two.xml was not changed, nor any file after it; 1 file "
				     "before it was changed"));
	assert_non_null(strstr(text, "10 changes in 1 file"));
	assert_non_null(strstr(text, "two.xml: fail"));
	free(text);
	assert_same("one.xml", GOOD);
}

static void test_what_is_packed_is_said_to_be(void **state)
{
	(void)state;
	char command[1024];
	copy_ten("packed.xml");
	snprintf(command, sizeof(command), "gzip -nf %s", scratch_path("packed.xml"));
	assert_int_equal(system(command), 0);
	struct said said =
		run_program("validate --now 20261101 --fix %s", scratch_path("packed.xml.gz"));
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "not fixed, because it is packed (gzip)"));
	run_release(&said);
}

static void test_a_count_that_is_fixed_comes_with_a_warning(void **state)
{
	(void)state;
	struct said said = run_program("validate --fix --dry-run testcases/rules/UPL-001/"
				       "fail-one-too-many.xml");
	assert_non_null(strstr(said.out, "warning: a record may be missing"));
	run_release(&said);
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* -q leaves out all else. */
static void test_a_count_that_is_fixed_is_not_passed_over_in_silence(void **state)
{
	(void)state;
	copy_of("testcases/rules/UPL-001/fail-one-too-many.xml", "count.xml");
	for (int write = 0; write < 2; write++) {
		struct said said = run_program("validate --now 20261101 --fix %s -q -r json %s",
					       write ? "" : "--dry-run", scratch_path("count.xml"));
		assert_int_equal(said.exit_code, 0);
		assert_non_null(strstr(said.err, "warning: a record may be missing"));
		assert_non_null(strstr(said.out, "1 count (UPL-001)"));
		assert_null(strstr(said.out, "file or part"));
		run_release(&said);
	}
	struct said said = run_program("validate --now 20261101 --fix --dry-run -q %s",
				       scratch_path("count.xml"));
	assert_null(strstr(said.err, "warning"));
	run_release(&said);
}

/* A count that the fix itself made right says nothing of a lost record. Fixing all else is certain.
 */
static void test_a_run_that_fixed_a_count_is_partial(void **state)
{
	(void)state;
	static const struct {
		const char *from, *headline, *verdict;
	} runs[] = {
		{ "testcases/rules/UPL-001/fail-one-too-many.xml",
		  "Partial: the message passed. Not checked: 1 count (UPL-001), as --fix makes it "
		  "fit what is there.",
		  "partial" },
		{ "testcases/rules/ITK-003/fail-says-more.xml",
		  "Partial: the message passed. Not checked: 1 count (ITK-003)", "partial" },
		{ "testcases/rules/DAT-013/fail-two-digits.xml", "Conformant: the message passed.",
		  "pass" },
	};
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		copy_of(runs[i].from, "made.xml");
		char folder[512], file[600];
		snprintf(folder, sizeof(folder), "%s", scratch_path("reports-of-ci"));
		snprintf(file, sizeof(file), "%s/verdict.txt", folder);
		struct said said =
			run_program("ci %s validate --now 20261101 --no-settings --fix %s", folder,
				    scratch_path("made.xml"));
		assert_int_equal(said.exit_code, 0);
		if (!strstr(said.out, runs[i].headline))
			fail_msg("%s: no \"%s\" in\n%s", runs[i].from, runs[i].headline, said.out);
		run_release(&said);
		char *verdict = read_file(file, NULL);
		assert_int_equal(strncmp(verdict, runs[i].verdict, strlen(runs[i].verdict)), 0);
		free(verdict);
	}
}

/* What --fix did is of each part, and of the whole. */
static void test_parts_with_fixed_counts_are_merged(void **state)
{
	(void)state;
	static const char *const parts[][2] = {
		{ "testcases/rules/UPL-001/fail-one-too-many.xml", "one.xml" },
		{ "testcases/rules/ITK-003/fail-says-more.xml", "two.xml" },
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		copy_of(parts[i][0], parts[i][1]);
		struct said said = run_program(
			"validate --now 20261101 --no-settings --fix @/%s -r xml=@/part-%s",
			parts[i][1], parts[i][1]);
		assert_int_equal(said.exit_code, 0);
		run_release(&said);
	}
	struct said said = run_program("merge @/part-one.xml @/part-two.xml");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "Partial: both messages passed. Not checked: 1 count "
					 "(UPL-001), 1 count (ITK-003), as --fix makes "));
	run_release(&said);
}

static void test_no_change_of_a_broken_document_shows_a_value(void **state)
{
	(void)state;
	write_text("broken.xml",
		   "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><File xmlns=\"urn:hl7-org:v3\">"
		   "<child Zebedee 14 March 2018, Zo\xeb>");
	struct said said = run_program("validate --fix --dry-run %s", scratch_path("broken.xml"));
	assert_non_null(strstr(said.out, "1 change in 1 file"));
	assert_null(strstr(said.out, "Zebedee"));
	assert_null(strstr(said.out, "March"));
	run_release(&said);
}

static void test_a_folder_keeps_what_is_no_message(void **state)
{
	(void)state;
	struct said said = run_program("--version >/dev/null; mkdir -p %s", scratch_path("mixed"));
	run_release(&said);
	copy_of(TEN, "mixed/a.xml");
	write_text("mixed/config.xml", "<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xe9'/>");
	said = run_program("validate --now 20261101 --fix %s", scratch_path("mixed"));
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.out, "10 changes in 1 file;"));
	assert_non_null(strstr(said.out, "config.xml: fail"));
	run_release(&said);
	assert_int_equal(access(scratch_path("mixed/.config.xml.orig"), F_OK), -1);
}

static void test_links_are_refused(void **state)
{
	(void)state;
	char target[512];
	copy_ten("target.xml");
	snprintf(target, sizeof(target), "%s", scratch_path("target.xml"));
	assert_int_equal(symlink(target, scratch_path("soft.xml")), 0);
	struct said said = run_program("validate --fix %s", scratch_path("soft.xml"));
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "symbolic link"));
	run_release(&said);
	assert_int_equal(link(target, scratch_path("hard.xml")), 0);
	said = run_program("validate --fix %s", scratch_path("hard.xml"));
	assert_int_equal(said.exit_code, 2);
	assert_non_null(strstr(said.err, "another name"));
	run_release(&said);
	assert_same("target.xml", TEN);
}

static void test_wrong_words_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "validate --dry-run " GOOD,
					     "validate --zone +0000 " GOOD,
					     "validate --fix - <" GOOD,
					     "validate --fix --zone Mars " GOOD,
					     "validate --fix --request " GOOD " --response " GOOD };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct said said = run_program("%s", wrong[i]);
		assert_int_equal(said.exit_code, 2);
		run_release(&said);
	}
	struct said said = run_program("explain dat-13");
	assert_int_equal(said.exit_code, 0);
	assert_non_null(strstr(said.out, "By --fix  UTC offset written with four digits"));
	run_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_mechanical_faults_are_fixed_and_nothing_else),
		cmocka_unit_test(test_what_is_right_stays_as_it_is),
		cmocka_unit_test(test_people_and_plans_are_never_changed),
		cmocka_unit_test(test_a_zone_is_added_only_where_it_is_declared),
		cmocka_unit_test(test_a_zone_that_no_time_may_have_is_refused),
		cmocka_unit_test(test_what_is_packed_stays_as_it_is),
		cmocka_unit_test(test_wide_text_becomes_utf_8),
		cmocka_unit_test(test_what_is_no_message_stays_as_it_is),
		cmocka_unit_test(test_an_encoding_changes_only_where_names_stay),
		cmocka_unit_test(test_a_content_id_gets_the_prefix_that_is_bound_there),
		cmocka_unit_test(test_a_fix_never_makes_another_fault),
		cmocka_unit_test(test_the_program_shows_writes_and_judges_again),
		cmocka_unit_test(test_no_message_is_lost_by_fixing_twice),
		cmocka_unit_test(test_links_in_a_folder_are_judged_and_not_fixed),
		cmocka_unit_test(test_every_report_says_that_what_it_is_about_was_not_written),
		cmocka_unit_test(test_a_dry_run_judges_what_it_cannot_fix),
		cmocka_unit_test(test_nothing_is_changed_where_one_cannot_be),
		cmocka_unit_test(test_a_fix_that_stops_half_way_says_what_it_changed),
		cmocka_unit_test(test_what_is_packed_is_said_to_be),
		cmocka_unit_test(test_a_count_that_is_fixed_comes_with_a_warning),
		cmocka_unit_test(test_a_count_that_is_fixed_is_not_passed_over_in_silence),
		cmocka_unit_test(test_a_run_that_fixed_a_count_is_partial),
		cmocka_unit_test(test_parts_with_fixed_counts_are_merged),
		cmocka_unit_test(test_no_change_of_a_broken_document_shows_a_value),
		cmocka_unit_test(test_a_folder_keeps_what_is_no_message),
		cmocka_unit_test(test_links_are_refused),
		cmocka_unit_test(test_wrong_words_are_refused),
	};
	return cmocka_run_group_tests_name("fix", tests, NULL, NULL);
}
