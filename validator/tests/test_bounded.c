/*
 * What is made to take all time and memory ends soon, in little memory, and never passes: messages,
 * packs, rules of one's own, bundles. Everything is made here. A limit that is reached is named.
 */
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Of processor time; a slow machine stays below it, and what has no limit would take hours. */
enum { MOST_SECONDS = 20, MOST_MEBIBYTES = 200 };

static bool is_slow; /* under a sanitizer, which takes time and memory of its own */

static FILE *begin(const char *name)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	return file;
}

static void put(FILE *file, const char *text)
{
	assert_true(fputs(text, file) >= 0);
}

/* Each %d in the piece is the number of the repetition. */
static void put_many(FILE *file, const char *piece, int count)
{
	for (int i = 0; i < count; i++)
		for (const char *p = piece; *p; p++)
			if (p[0] == '%' && p[1] == 'd')
				p++, fprintf(file, "%d", i);
			else
				putc(*p, file);
}

static void end(FILE *file)
{
	assert_int_equal(ferror(file), 0);
	assert_int_equal(fclose(file), 0);
}

/* Run the program; it exits with the code, says the words, and is quick and small. */
static void expect(int code, const char *words, const char *arguments)
{
	struct said said = run_program("%s", arguments);
	bool named = strstr(said.out, words) || strstr(said.err, words);
	if (said.exit_code != code || !named)
		fail_msg("%s: exit %d without \"%s\": %.600s%.600s", arguments, said.exit_code,
			 words, said.out, said.err);
	if (!is_slow && (said.processor_seconds > (double)MOST_SECONDS ||
			 said.max_kibibytes > MOST_MEBIBYTES * 1024L))
		fail_msg("%s: %.2f s and %ld KiB", arguments, said.processor_seconds,
			 said.max_kibibytes);
	run_release(&said);
}

/* A document: a head, a piece many times, and a tail. */
static const struct document {
	const char *head, *piece, *tail;
	int count;
	int code;
	const char *words;
} documents[] = {
	{ "<r>", "<a>\xc3\xa9\r\n;</a>", "</r>", 100000, 1, "TRN-001" },
	{ "<r>", "&amp;;\r\n", "</r>", 100000, 1, "TRN-001" },
	{ "<r", " a%d='x'", "/>", 100000, 3, "more attributes than the limit" },
	{ "<r><!-- --><?a b?>\n<r", " a%d='x'", "></r></r>", 100000, 3,
	  "more attributes than the limit" },
	{ "<r", " a%d='<'", "/>", 100000, 1, "XML-001" },
	{ "<r", " xmlns:a%d='u:a'", "/>", 100000, 3, "more attributes than the limit" },
	{ "<r>", "<n%d/>", "</r>", 300000, 3, "more than the limit of 80,000 bytes" },
	{ "<r>", "<n a%d='1'/>", "</r>", 300000, 3, "more than the limit of 80,000 bytes" },
	{ "<r>", "<n xmlns='u%d'/>", "</r>", 300000, 3, "more than the limit of 80,000 bytes" },
	{ "<r xmlns:q='u", "n%d", "'/>", 30000, 3, "more than the limit of 80,000 bytes" },
	{ "<r a='u", "n%d", "' xmlns:q='http://www.w3.org/2000/xmlns/'/>", 30000, 1,
	  "a namespace or prefix that XML keeps for itself" },
	{ "<r>", "<p%d:n xmlns:p%d='u'/>", "</r>", 300000, 3,
	  "more than the limit of 80,000 bytes" },
	{ "<r>", "<?n%d x?>", "</r>", 300000, 3, "more than the limit of 80,000 bytes" },
	{ "", "<n xmlns:p='u:p'>", "", 300000, 3, "nested deeper than the limit" },
	{ "<", "nnnnnnnnnnnnnnnnnnnn", "/>", 100000, 3, "more than the limit of 80,000 bytes" },
	{ "<", "nnnnnnnnnnnnnnnnnnnn", "/>", 100, 3, "longer than the limit of 1000 bytes" },
	{ "<r>", "<record/>", "</r>", 200000, 1, "TRN-001" },
	{ "POST / HTTP/1.1\r\n", "X: y\r\n", "\r\n<r/>", 300000, 1, "TRN-001" },
};

static void test_documents_of_many_things_end_soon(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		const struct document *document = &documents[i];
		FILE *file = begin("document");
		put(file, document->head);
		put_many(file, document->piece, document->count);
		put(file, document->tail);
		end(file);
		expect(document->code, document->words, "validate @/document");
	}
}

/* Prefixes and local names that make more attributes than there are names. */
static void test_a_tag_of_all_pairs_of_prefix_and_name_ends_soon(void **state)
{
	(void)state;
	FILE *file = begin("pairs.xml");
	put(file, "<r");
	put_many(file, " xmlns:p%d='u%d'", 300);
	put(file, "><a");
	for (int i = 0; i < 300; i++)
		for (int k = 0; k < 300; k++)
			fprintf(file, " p%d:a%d=''", i, k);
	put(file, "/></r>");
	end(file);
	expect(3, "more attributes than the limit", "validate @/pairs.xml");
}

/* A pack of one case, on a good message: what it edits and asserts. */
static void write_pack(const char *edits, const char *expect_words)
{
	FILE *file = begin("pack.yaml");
	put(file, "pack: p\nversion: 0.1.0\ntitle: t\nspecification: CP-IS DMS 1.0\n"
		  "now: 2026-11-01\nrequirements: requirements.yaml\ncases:\n"
		  "  - id: E-1\n    title: e\n    requirements: [R-1]\n    message: m.xml\n");
	put(file, edits);
	put(file, expect_words);
	end(file);
	file = begin("requirements.yaml");
	put(file, "- id: R-1\n  text: x\n  source: y\n");
	end(file);
}

static void copy_message(int records)
{
	char *upload = read_file("testcases/messages/upload-one.xml", NULL);
	char *from = strstr(upload, "<record"), *until = strstr(upload, "</record>");
	assert_non_null(from);
	assert_non_null(until);
	until += strlen("</record>");
	FILE *file = begin("m.xml");
	fwrite(upload, 1, (size_t)(from - upload), file);
	for (int i = 0; i < records; i++)
		fwrite(from, 1, (size_t)(until - from), file);
	put(file, until);
	end(file);
	free(upload);
}

static void test_edits_that_double_a_message_end_soon(void **state)
{
	(void)state;
	char edits[2048] = "    edit:\n";
	for (int i = 0; i < 24; i++)
		strcat(edits, "      - duplicate: \"//record\"\n");
	copy_message(1);
	write_pack(edits, "    expect: { verdict: fail }\n");
	expect(2, "the message would be larger than the limit", "run @/pack.yaml");
}

static void test_a_pattern_that_cannot_be_matched_in_bounded_time_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *words;
	} patterns[] = {
		{ "((((((((((((((((((x))))))))))))))))))", "more than 16 parentheses" },
		{ "(x{100}){100}", "2,000 characters" },
		{ "((x{2,50}){50})*{50}", "2,000 characters" },
		{ "(x*)\\\\1", "reference back" },
	};
	copy_message(1);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		char expected[512];
		snprintf(expected, sizeof(expected),
			 "    expect: { verdict: pass, assert: [ { xpath: \"string(/*)\", "
			 "matches: \"%s\" } ] }\n",
			 patterns[i].pattern);
		write_pack("", expected);
		expect(2, patterns[i].words, "lint @/pack.yaml");
	}
	/* Such as an identifier, a date, a set with brackets. */
	write_pack("", "    expect: { verdict: pass, assert: [ { xpath: \"string(/*)\", absent: "
		       "true, title: t }, { xpath: \"string(//id/@root)\", matches: "
		       "'^([0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}|[][:digit:].]{1,200})$' } ] "
		       "}\n");
	expect(0, "", "lint @/pack.yaml");
}

/* As for validate: it is shown, and so is what is beside it. */
static void test_inspect_shows_what_it_cannot_read_and_goes_on(void **state)
{
	(void)state;
	copy_message(1);
	FILE *file = begin("inspected.xml");
	put(file, "<a/>");
	end(file);
	expect(3, "larger than the limit (--max-input)", "inspect --max-input 100 @/m.xml");
	expect(3, "document, at byte 0, 4 bytes",
	       "inspect --max-input 100 @/m.xml @/inspected.xml");
}

/* Whoever trusts the source reads there which option lets more in. */
static void test_a_limit_names_the_option_that_raises_it(void **state)
{
	static const char *const limits[][2] = {
		{ "--max-input 1k @/m.xml", "it is larger than the limit (--max-input)" },
		{ "--max-input 1k - < @/m.xml", "it is larger than the limit (--max-input)" },
		{ "--max-input 1k --request @/m.xml --response @/m.xml",
		  "it is larger than the limit (--max-input)" },
		{ "--max-depth 5 @/m.xml", "deeper than the limit (--max-depth)" },
		{ "--max-attribute 10 @/m.xml", "longer than the limit (--max-attribute)" },
		{ "--max-decoded 1k @/m.xml.gz", "1,024 bytes (--max-decoded)" },
		{ "--max-parts 1 @/m.tar", "more parts than 1 (--max-parts)" },
		{ "--max-layers 1 @/m.tar.gz", "more layers than 1 (--max-layers)" },
	};
	char command[1024];
	(void)state;
	copy_message(5);
	snprintf(command, sizeof(command),
		 "cd '%s' && cp m.xml n.xml && gzip -k -f m.xml && tar cf m.tar m.xml n.xml && "
		 "gzip -k -f m.tar",
		 scratch_path(""));
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): fixed words */
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct said said = run_program("validate -r json %s", limits[i][0]);
		if (said.exit_code == 0 ||
		    (!strstr(said.out, limits[i][1]) && !strstr(said.err, limits[i][1])))
			fail_msg("%s: %d %s%s", limits[i][0], said.exit_code, said.out, said.err);
		run_release(&said);
	}
	FILE *file = begin("short.xml");
	put(file, "<File xmlns='urn:hl7-org:v3'><a/><id b='c'/></File>");
	end(file);
	expect(1, "or over the limit (--max-findings)", "validate --max-findings 1 @/short.xml");
}

/* It is not known whether it holds: the case does not fail. */
static void test_an_assertion_over_its_limit_is_incomplete(void **state)
{
	(void)state;
	if (is_slow)
		skip(); /* the rules take longer than the limit there */
	copy_message(5000);
	write_pack("", "    expect: { verdict: fail, at-least: true, assert: [ { xpath: "
		       "\"//*[string-length(string(/)) = 1]\", absent: true } ] }\n");
	/* A second for the check of the pack, and one for the run. */
	struct said said = run_program("run --max-seconds 1 @/pack.yaml");
	assert_int_equal(said.exit_code, 3);
	assert_non_null(strstr(said.out, "takes more time"));
	run_release(&said);
}

/* What has another limit reaches it, or ends, however slow the machine is. */
enum { NO_LIMIT = MOST_SECONDS };

/* Doubled text, long texts in each other, sets of nodes beside each other, steps in each other. */
static const struct {
	const char *lets, *test;
	int records, seconds;
	int code;
	const char *words;
} rules[] = {
	{ "<let name='a' value='concat(string(/),string(/))'/>"
	  "<let name='b' value='concat($a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a,$a)'/>"
	  "<let name='c' value='concat($b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b,$b)'/>"
	  "<let name='d' value='concat($c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c,$c)'/>"
	  "<let name='e' value='concat($d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d,$d)'/>"
	  "<let name='f' value='concat($e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e,$e)'/>",
	  "string-length($f)", 1, NO_LIMIT, 3, "than the limit" },
	{ "<let name='a' value='translate(string(/),string(/),string(/))'/>", "$a or true()", 500,
	  NO_LIMIT, 3, "cannot be evaluated" },
	{ "", "count(//*|//@*|//*) > 0", 5000, NO_LIMIT, 0, "" },
	{ "", "count(//*[string-length(string(/)) = 1]) = 0", 5000, 1, 3,
	  "takes more time than the limit (--max-seconds)" },
	{ "", "count(//*[count(//*[count(//*) = 1]) = 1]) = 0", 2000, 1, 3,
	  "takes more time than the limit (--max-seconds)" },
};

static void test_rules_of_ones_own_end_soon(void **state)
{
	(void)state;
	if (is_slow)
		skip(); /* its seconds end before its other limits */
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		copy_message(rules[i].records);
		FILE *file = begin("own.sch");
		put(file, "<schema xmlns='http://purl.oclc.org/dsdl/schematron'>"
			  "<ns prefix='h' uri='urn:hl7-org:v3'/>");
		put(file, rules[i].lets);
		put(file, "<pattern id='p'><rule context='h:File'><assert id='a' test=\"");
		for (const char *p = rules[i].test; *p; p++)
			*p == '<' || *p == '>' ? put(file, *p == '<' ? "&lt;" : "&gt;")
					       : (void)putc(*p, file);
		put(file, "\">t</assert></rule></pattern></schema>");
		end(file);
		char command[128];
		snprintf(command, sizeof(command),
			 "validate --max-seconds %d --fail-on never --schematron @/own.sch @/m.xml",
			 rules[i].seconds);
		expect(rules[i].code, rules[i].words, command);
	}
}

/* Cut short, or written to, at some time while it is read: sooner, later, and later still. */
static void test_a_file_that_changes_while_it_is_read_is_incomplete(void **state)
{
	enum { MOST_TRIES = 300 };
	(void)state;
	static const char *const commands[] = { "truncate -s 300000 @/m.xml",
						"printf x >>@/m.xml" };
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		for (int tries = 0;; tries++) {
			int ms = (tries % 10 + 1) * 10 * (1 + tries / 20);
			copy_message(20000);
			struct said said = run_program("validate -q --fail-on never @/m.xml & "
						       "p=$!; sleep %d.%03d; %s; wait $p",
						       ms / 1000, ms % 1000, commands[i]);
			int code = said.exit_code;
			run_release(&said);
			if (code == 3)
				break;
			/* It came before or after the judging. */
			assert_true(code == 0 || code == 1);
			assert_true(tries < MOST_TRIES);
		}
}

/* Whatever the user's locale is: in a bundle, in a zip, in a tar. */
static void test_names_in_any_language_are_kept(void **state)
{
	(void)state;
	copy_message(1);
	write_pack("", "    expect: { verdict: pass }\n");
	struct said made = run_program_in(
		scratch_folder(), "",
		"--version >/dev/null; mkdir -p l && cp m.xml 'l/Zo\xc3\xab.xml' && "
		"sed 's/m.xml/Zo\xc3\xab.xml/' pack.yaml >l/pack.yaml && cp requirements.yaml l && "
		"cd l && python3 -c \"import zipfile; "
		"zipfile.ZipFile('z.zip','w').write('Zo\xc3\xab.xml')\"");
	assert_int_equal(made.exit_code, 0);
	run_release(&made);
	struct said said = run_program_in(scratch_folder(), "LC_ALL=C ", "validate l/z.zip");
	assert_non_null(strstr(said.out, "z.zip!Zo\xc3\xab.xml: pass"));
	run_release(&said);
	said = run_program_in(scratch_folder(), "LC_ALL=C ", "run -q l --bundle l/b.tar.gz");
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	said = run_program_in(scratch_folder(), "LC_ALL=C ", "verify --run-untrusted l/b.tar.gz");
	assert_non_null(strstr(said.out, "byte for byte"));
	run_release(&said);
	struct stat status;
	assert_int_equal(stat(scratch_path("l/b.tar.gz"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

/* A pattern that needs a state for each step, and one that starts again at each place. */
static void test_patterns_take_little_time_and_memory(void **state)
{
	static const struct {
		const char *length, *pattern, *words;
		int code;
	} tried[] = {
		{ "3900", "(a|b)*a(a|b){200}X", "assertion failed", 1 },
		{ "3900", "a.*a.*a.*a.*X", "assertion failed", 1 },
		{ "3900", "Q)|[ab]+", "", 0 },
		{ "90000", "a.*a.*a.*a.*X", "longer than 4000 bytes", 3 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
		char made[512], expected[256];
		snprintf(expected, sizeof(expected),
			 "    expect: { verdict: pass, at-least: true, assert: [ { xpath: "
			 "\"//given\", matches: '%s' } ] }\n",
			 tried[i].pattern);
		copy_message(1);
		write_pack("", expected);
		snprintf(made, sizeof(made),
			 "--version >/dev/null; python3 -c \"import random; random.seed(1); "
			 "text = open('m.xml').read(); open('m.xml', "
			 "'w').write(text.replace('<given>', "
			 "'<given>' + ''.join(random.choices('ab', k=%s)), 1))\"",
			 tried[i].length);
		struct said said = run_program_in(scratch_folder(), "", made);
		assert_int_equal(said.exit_code, 0);
		run_release(&said);
		expect(tried[i].code, tried[i].words, "run -r json @/pack.yaml");
	}
}

/* A zip of 260 KB that unpacks to 256 MiB, as a message and as evidence. */
static void test_a_dense_archive_is_not_unpacked(void **state)
{
	(void)state;
	copy_message(1);
	write_pack("", "    expect: { verdict: pass }\n");
	struct said made = run_program_in(
		scratch_folder(), "",
		"--version >/dev/null; sed 's/message: .*/evidence: \"*.xml\"/' pack.yaml "
		">slot.yaml && "
		"python3 -c \"import zipfile; z = zipfile.ZipFile('bomb.zip', 'w', 8); "
		"f = z.open('a.xml', 'w'); any(f.write(bytes(1 << 20)) == 0 for i in range(256)); "
		"f.close(); z.close()\"");
	assert_int_equal(made.exit_code, 0);
	run_release(&made);
	expect(3, "more than 400 times its size", "validate @/bomb.zip");
	expect(2, "more than 100 times its size", "run @/slot.yaml --evidence @/bomb.zip");
}

/* Whatever is named, and by whatever command: a pipe without a writer and a device without an end.
 */
static void test_no_command_waits_for_a_pipe_or_reads_a_device(void **state)
{
	static const struct {
		const char *verb, *between, *behind; /* between: NULL: the name once */
	} commands[] = {
		{ "validate", NULL, "" },
		{ "validate --schemas", NULL, "m.xml" },
		{ "validate --profile", NULL, "m.xml" },
		{ "validate --schematron", NULL, "m.xml" },
		{ "validate --waivers", NULL, "m.xml" },
		{ "validate --request", "--response", "" },
		{ "inspect", NULL, "" },
		{ "run", NULL, "" },
		{ "lint", NULL, "" },
		{ "mutate", NULL, "" },
		{ "diff", NULL, "m.xml" },
		{ "diff", "", "" },
		{ "merge", "", "" },
		{ "report", NULL, "" },
		{ "verify", NULL, "" },
		{ "compare", "", "" },
		{ "predict", NULL, "" },
		{ "ledger", NULL, "" },
		{ "index", NULL, "-r html=site" },
		{ "new evidence", NULL, "kit" },
		{ "serve --packs", NULL, "" },
	};
	static const char *const named[] = { "pipe", "/dev/zero" };
	(void)state;
	copy_message(1);
	assert_true(mkfifo(scratch_path("pipe"), 0600) == 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		for (size_t k = 0; k < sizeof(named) / sizeof(named[0]); k++) {
			char command[256];
			const char *between = commands[i].between;
			snprintf(command, sizeof(command), "%s %s %s %s %s", commands[i].verb,
				 named[k], between ? between : "", between ? named[k] : "",
				 commands[i].behind);
			struct said said = run_program_in(scratch_folder(), "timeout 30 ", command);
			if (said.exit_code != 2 && said.exit_code != 3)
				fail_msg("%s: exit %d", command, said.exit_code);
			run_release(&said);
		}
	struct said said =
		run_program_in(scratch_folder(), "timeout 30 ", "validate --files-from /dev/zero");
	assert_int_equal(said.exit_code, 2);
	run_release(&said);
}

/* A file that a pack names is in the pack's folder, wherever links lead, unless it says so. */
static void test_a_pack_reads_nothing_outside_its_folder(void **state)
{
	(void)state;
	copy_message(1);
	write_pack("", "    expect: { verdict: pass }\n");
	struct said said = run_program_in(
		scratch_folder(), "",
		"--version >/dev/null; rm -rf o && mkdir o && cp requirements.yaml o && "
		"sed 's/message: m/message: ..\\/m/' pack.yaml >o/pack.yaml && "
		"cp pack.yaml o/link.yaml && ln -s ../m.xml o/m.xml && "
		"{ echo 'allow-outside: true'; cat o/pack.yaml; } >o/said.yaml");
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
	expect(2, "is outside the pack's folder", "run @/o");
	expect(2, "is outside the pack's folder", "run @/o/link.yaml");
	expect(0, "reads files outside its folder", "run -r json @/o/said.yaml");
	expect(0, "reads files outside its folder", "run -r json --allow-outside @/o/pack.yaml");
	expect(0, "reads files outside its folder", "run -r json --allow-outside @/o/link.yaml");
	expect(0, "", "run -q --allow-outside @/o/pack.yaml --bundle @/o/b.tar.gz");
	expect(3, "byte for byte", "verify --run-untrusted @/o/b.tar.gz");
}

int main(void)
{
	is_slow = short_form("rules of one's own at their limits; no time or memory is measured");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_of_many_things_end_soon),
		cmocka_unit_test(test_a_tag_of_all_pairs_of_prefix_and_name_ends_soon),
		cmocka_unit_test(test_edits_that_double_a_message_end_soon),
		cmocka_unit_test(test_a_pattern_that_cannot_be_matched_in_bounded_time_is_refused),
		cmocka_unit_test(test_inspect_shows_what_it_cannot_read_and_goes_on),
		cmocka_unit_test(test_a_limit_names_the_option_that_raises_it),
		cmocka_unit_test(test_an_assertion_over_its_limit_is_incomplete),
		cmocka_unit_test(test_rules_of_ones_own_end_soon),
		cmocka_unit_test(test_a_file_that_changes_while_it_is_read_is_incomplete),
		cmocka_unit_test(test_names_in_any_language_are_kept),
		cmocka_unit_test(test_patterns_take_little_time_and_memory),
		cmocka_unit_test(test_a_dense_archive_is_not_unpacked),
		cmocka_unit_test(test_no_command_waits_for_a_pipe_or_reads_a_device),
		cmocka_unit_test(test_a_pack_reads_nothing_outside_its_folder),
	};
	return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
