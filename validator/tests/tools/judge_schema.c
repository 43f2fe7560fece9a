/*
 * judge_schema - judge documents by the compiled schemas alone, to compare verdicts with others'.
 *
 *     judge_schema [-v] SCHEMA FILE...      SCHEMA: "cpis-dms-1.0/upload.xsd"; "-": list them
 *
 * A line for each file: "valid", "invalid" or "broken" (not well-formed), a tab, its name. -v: the
 * findings too. A FILE of "-" reads names from standard input, one a line. -n COUNT judges each
 * file COUNT times and says how long the fastest took.
 */
#include "diag/mask.h"
#include "schema/validation.h"
#include "xml/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct job {
	const struct schema *schema;
	struct schema_validation *validation;
	struct xml_reader *reader;
	struct masker *masker;
	bool verbose;
	size_t faults;
};

static void print_fault(struct job *job, const char *what, const struct schema_fault *fault)
{
	struct arena arena;
	arena_init(&arena);
	printf("  %s SCH-%03d at %zu: %s", what, (int)fault->kind, fault->offset,
	       masker_resolve(job->masker, &arena, str_of(fault->message)));
	if (fault->fix)
		printf(" [fix: %s]", masker_resolve(job->masker, &arena, str_of(fault->fix)));
	putchar('\n');
	arena_release(&arena);
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct job *job = context;
	job->faults++;
	if (job->verbose)
		print_fault(job, "fault", fault);
}

static void on_amend(void *context, const struct schema_fault *was, const struct schema_fault *is)
{
	struct job *job = context;
	(void)was;
	if (job->verbose)
		print_fault(job, "  now", is);
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct job *job = context;
	return job->schema->engine->element(job->validation, tag);
}

static int on_end(void *context, size_t offset)
{
	struct job *job = context;
	return job->schema->engine->end_element(job->validation, offset);
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct job *job = context;
	return job->schema->engine->text(job->validation, text, offset);
}

static const struct xml_handler handler = { .start = on_start, .end = on_end, .text = on_text };

/* The bytes are followed by a NUL; NULL: cannot be read. */
static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	size_t room = 1 << 16, n = 0;
	char *bytes = malloc(room + 1);
	while (bytes && (n += fread(bytes + n, 1, room - n, file)) == room) {
		room *= 2;
		bytes = realloc(bytes, room + 1);
	}
	fclose(file);
	if (bytes)
		bytes[n] = '\0';
	*size = n;
	return bytes;
}

static const char *judge(struct job *job, struct str bytes)
{
	static const struct xml_limits limits = { .max_depth = 256,
						  .max_attribute_bytes = 1 << 20 };
	struct schema_sink sink = { on_fault, on_amend, job, NULL };
	struct xml_fault fault;
	job->faults = 0;
	job->validation = job->schema->engine->start(job->schema, &sink);
	if (!job->validation)
		return "no memory";
	enum xml_outcome outcome = xml_read(job->reader, bytes, &limits, &handler, job, &fault);
	job->schema->engine->finish(job->validation);
	return outcome != XML_READ ? "broken" : job->faults ? "invalid" : "valid";
}

static void judge_file(struct job *job, const char *path, long times)
{
	size_t n = 0;
	char *bytes = read_file(path, &n);
	const char *verdict = "unreadable";
	clock_t least = 0;
	for (long i = 0; bytes && i < times; i++) {
		clock_t start = clock();
		verdict = judge(job, (struct str){ bytes, n });
		clock_t taken = clock() - start;
		least = !i || taken < least ? taken : least;
	}
	if (times > 1)
		printf("%.3f ms\n", (double)least * 1000 / CLOCKS_PER_SEC);
	printf("%s\t%s\n", verdict, path);
	free(bytes);
}

static void judge_names(struct job *job)
{
	char line[4096];
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		judge_file(job, line, 1);
	}
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	long times = 1;
	xml_setup();
	if (schema_compiled_setup() != 0)
		return EXIT_FAILURE;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		job.verbose = job.verbose || argv[i][1] == 'v';
		if (argv[i][1] == 'n' && i + 1 < argc)
			times = strtol(argv[++i], NULL, 10);
	}
	for (size_t j = 0; i < argc && !strcmp(argv[i], "-") && j < schema_compiled_count(); j++)
		puts(schema_compiled_path(j));
	job.schema = i < argc ? schema_compiled(argv[i]) : NULL;
	job.reader = xml_reader_new();
	job.masker = masker_new(1);
	for (i++; job.schema && job.reader && job.masker && i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			judge_names(&job);
		else
			judge_file(&job, argv[i], times);
	}
	xml_reader_free(job.reader);
	masker_free(job.masker);
	xml_cleanup();
	return job.schema ? EXIT_SUCCESS : EXIT_FAILURE;
}
