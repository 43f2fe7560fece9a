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
#include <sys/resource.h>

#include <cmocka.h>

enum { MOST_SECONDS = 2, MOST_MEBIBYTES = 200 };

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

static double processor_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* Run the program; it exits with the code, says the words, and is quick and small. */
static void expect(int code, const char *words, const char *arguments)
{
	struct rusage before, after;
	getrusage(RUSAGE_CHILDREN, &before);
	struct said said = run_program("%s", arguments);
	getrusage(RUSAGE_CHILDREN, &after);
	double took = processor_seconds(&after) - processor_seconds(&before);
	bool named = strstr(said.out, words) || strstr(said.err, words);
	if (said.exit_code != code || !named)
		fail_msg("%s: exit %d without \"%s\": %.600s%.600s", arguments, said.exit_code,
			 words, said.out, said.err);
	if (!is_slow && (took > MOST_SECONDS || after.ru_maxrss > MOST_MEBIBYTES * 1024L))
		fail_msg("%s: %.2f s and %ld KiB", arguments, took, after.ru_maxrss);
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

int main(void)
{
	const char *mode = getenv("MODE");
	is_slow = mode && (strcmp(mode, "san") == 0 || strcmp(mode, "tsan") == 0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_of_many_things_end_soon),
		cmocka_unit_test(test_a_tag_of_all_pairs_of_prefix_and_name_ends_soon),
	};
	return cmocka_run_group_tests_name("bounded", tests, NULL, NULL);
}
