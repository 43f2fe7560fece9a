/*
 * Threads that make their first call to the library at the same moment, each with its own results.
 *
 * threads ROTATION: which thread makes which call first. Uses cpis.h alone. Prints what is wrong,
 * and nothing when all is well.
 */
#include "cpis.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG	"testcases/rules/DAT-003/fail-a-year-before.xml"
#define PACKED	"testcases/transport/response-gzip-chunked.http"
#define ARCHIVE "testcases/transport/october.tar.gz"
#define SCHEMAS "schemas"
#define OWN	"testcases/schematron/second-opinion.sch"

enum { THREADS = 5, MOST_BYTES = 64 * 1024 };

static const struct cpis_options options = { .now = 1798761600 };

static char bytes[MOST_BYTES];
static size_t size;
static pthread_barrier_t barrier;

static void complain(const char *call, const char *about)
{
	fprintf(stderr, "%s: %s\n", call, about);
	exit(EXIT_FAILURE);
}

static struct cpis_results *results_of(const struct cpis_options *asked)
{
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	if (cpis_results_new(&results, asked, &failure) != 0)
		complain("cpis_results_new", failure.text);
	return results;
}

/* The user's own rules may find more. */
static int has_expected(const struct cpis_results *results)
{
	struct cpis_finding finding;
	for (size_t i = 0; cpis_results_finding(results, 0, i, &finding, sizeof(finding)) == 0; i++)
		if (strcmp(finding.rule, "DAT-003") == 0)
			return finding.line == 26 && finding.column == 22;
	return 0;
}

/* Results of the wrong message are as expected in every thread. */
static void check_and_free(struct cpis_results *results, const char *call)
{
	struct cpis_failure failure;
	char *report = NULL;
	size_t report_size;
	if (cpis_results_verdict(results) != CPIS_FAIL || !has_expected(results))
		complain(call, "the finding is not the one expected");
	if (cpis_report_bytes(results, "json", &report, &report_size, &failure) != 0)
		complain("cpis_report_bytes", failure.text);
	cpis_free(report);
	cpis_results_free(results);
}

static void from_bytes(void)
{
	const struct cpis_bytes source = { WRONG, bytes, size };
	struct cpis_results *results = results_of(&options);
	struct cpis_failure failure;
	if (cpis_validate_bytes(results, &source, &failure) != 0)
		complain("cpis_validate_bytes", failure.text);
	check_and_free(results, "cpis_validate_bytes");
}

static void from_stream(void)
{
	struct cpis_results *results = results_of(&options);
	struct cpis_failure failure;
	struct cpis_stream *stream;
	if (cpis_stream_open(&stream, results, WRONG, &failure) != 0 ||
	    cpis_stream_write(stream, bytes, size / 2, &failure) != 0 ||
	    cpis_stream_write(stream, bytes + size / 2, size - size / 2, &failure) != 0 ||
	    cpis_stream_close(stream, &failure) != 0)
		complain("cpis_stream", failure.text);
	check_and_free(results, "cpis_stream");
}

/* With rules and schemas of the user's own, which libxml2 loads. */
static void from_file(void)
{
	static const char *const own[] = { OWN };
	struct cpis_options asked = options;
	asked.schemas = SCHEMAS;
	asked.schematron = own;
	asked.schematron_count = 1;
	struct cpis_results *results = results_of(&asked);
	struct cpis_failure failure;
	if (cpis_validate(results, WRONG, &failure) != 0)
		complain("cpis_validate", failure.text);
	if (cpis_results_rule_count(results) <= cpis_rule_count())
		complain("cpis_results_rule_count", "the user's own rules are missing");
	check_and_free(results, "cpis_validate");
}

static void count_layer(void *context, const struct cpis_layer *layer)
{
	size_t *layers = context;
	*layers += layer->name != NULL;
}

static void from_catalogue(void)
{
	struct cpis_rule_info rule;
	struct cpis_rule_example example;
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	size_t layers = 0;
	if (cpis_rule(0, &rule, sizeof(rule)) != 0 ||
	    cpis_rule_example(rule.id, &example, sizeof(example)) != 0)
		complain("cpis_rule", "the catalogue is empty");
	if (cpis_inspect(PACKED, &options, count_layer, &layers, &verdict, &failure) != 0)
		complain("cpis_inspect", failure.text);
	if (layers < 5 || verdict != CPIS_PASS)
		complain("cpis_inspect", "layers are missing");
	if (cpis_lint_pack("testcases/packs/nhs-query", NULL, NULL, &failure) != 0)
		complain("cpis_lint_pack", failure.text);
}

/* Its members are judged by threads of its own. (For a zip, libarchive asks for the time zone,
 * under a lock of libc that ThreadSanitizer does not see.) */
static void from_archive(void)
{
	struct cpis_options asked = options;
	asked.jobs = 3;
	struct cpis_results *results = results_of(&asked);
	struct cpis_failure failure;
	if (cpis_validate(results, ARCHIVE, &failure) != 0)
		complain("cpis_validate", failure.text);
	if (cpis_results_message_count(results) != 2 || cpis_results_verdict(results) != CPIS_PASS)
		complain("cpis_validate", "a member of the archive is missing");
	cpis_results_free(results);
}

static void (*const calls[THREADS])(void) = { from_bytes, from_stream, from_file, from_catalogue,
					      from_archive };

static void *run(void *context)
{
	const size_t *first = context;
	pthread_barrier_wait(&barrier);
	for (size_t i = 0; i < THREADS; i++)
		calls[(*first + i) % THREADS]();
	return NULL;
}

int main(int argc, char **argv)
{
	size_t rotation = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	pthread_t threads[THREADS];
	size_t firsts[THREADS];
	FILE *file = fopen(WRONG, "rb");
	size = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
	if (!size || size == sizeof(bytes))
		complain(WRONG, "it cannot be read");
	fclose(file);
	pthread_barrier_init(&barrier, NULL, THREADS);
	/* Every sixth time all make the same call. */
	for (size_t i = 0; i < THREADS; i++) {
		firsts[i] = rotation % 6 == 5 ? rotation / 6 : rotation + i;
		if (pthread_create(&threads[i], NULL, run, &firsts[i]) != 0)
			complain("pthread_create", "no thread");
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	return EXIT_SUCCESS;
}
