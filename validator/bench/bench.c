/*
 * bench.c - how fast is a verdict, against its peers in the same run.
 *
 * make bench: makes its inputs, runs each pair of commands in turn several times as whole
 * processes, and prints medians, ratios, peak memory and growth. A peer that is not installed is
 * left out, and said so. A figure is never a test: machines differ; ratios of one run travel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 16, MOST_RUNS = 99, WORD_BYTES = 512, MOST_COMMANDS = 20 };

static int runs = 9;
static const char *folder, *cpis, *schemas;

/* A command, its words separated by spaces; %D, %S and %C stand for inputs, schemas and the
 * program. */
struct command {
	const char *label, *line;
};

struct figures {
	double wall_ms, cpu_ms; /* medians */
	long peak_kib;		/* largest */
	bool ran;
};

struct sample {
	double wall_ms, cpu_ms;
	long peak_kib;
};

static char words[MOST_WORDS][WORD_BYTES];

static void split(const char *line, char *argv[])
{
	int n = 0;
	for (const char *p = line; *p && n < MOST_WORDS - 1; n++) {
		size_t length = 0;
		for (; *p && *p != ' '; p++) {
			const char *put = *p == '%' && p[1] == 'D'   ? folder
					  : *p == '%' && p[1] == 'S' ? schemas
					  : *p == '%' && p[1] == 'C' ? cpis
								     : NULL;
			if (put) {
				length += (size_t)snprintf(words[n] + length, WORD_BYTES - length,
							   "%s", put);
				p++;
			} else if (length + 1 < WORD_BYTES) {
				words[n][length++] = *p;
			}
		}
		words[n][length] = '\0';
		argv[n] = words[n];
		p += *p == ' ';
	}
	argv[n] = NULL;
}

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One run as a process, its output thrown away. False when it could not be started or crashed. */
static bool run(const char *line, struct sample *sample)
{
	char *argv[MOST_WORDS];
	split(line, argv);
	double start = now_ms();
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	int status = 0;
	struct rusage usage;
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return false;
	sample->wall_ms = now_ms() - start;
	sample->cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
			 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
	sample->peak_kib = usage.ru_maxrss;
	return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), ascending);
	return values[count / 2];
}

/* Another order every time: who reads a file first finds less of it in the processor's cache. */
static void shuffle(size_t *order, size_t count)
{
	static uint32_t state = 1;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		state = state * 1664525 + 1013904223;
		size_t k = (size_t)(((uint64_t)state * i) >> 32), last = order[i - 1];
		order[i - 1] = order[k];
		order[k] = last;
	}
}

/* All commands, and then all again, so that a machine that drifts drifts for all; as many times as
 * given, at most MOST_RUNS. */
static void measure_often(const struct command *commands, size_t count, struct figures *figures,
			  int times)
{
	static double wall[MOST_COMMANDS][MOST_RUNS], cpu[MOST_COMMANDS][MOST_RUNS];
	for (size_t i = 0; i < count; i++) {
		struct sample warm_up;
		figures[i] = (struct figures){ .ran = run(commands[i].line, &warm_up) };
	}
	times = times < MOST_RUNS ? times : MOST_RUNS;
	for (int k = 0; k < times; k++) {
		size_t order[MOST_COMMANDS];
		shuffle(order, count);
		for (size_t at = 0; at < count; at++) {
			size_t i = order[at];
			struct sample sample = { 0 };
			if (!figures[i].ran || !run(commands[i].line, &sample))
				continue;
			wall[i][k] = sample.wall_ms;
			cpu[i][k] = sample.cpu_ms;
			if (sample.peak_kib > figures[i].peak_kib)
				figures[i].peak_kib = sample.peak_kib;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (figures[i].ran) {
			figures[i].wall_ms = median(wall[i], times);
			figures[i].cpu_ms = median(cpu[i], times);
		}
}

static void measure(const struct command *commands, size_t count, struct figures *figures)
{
	measure_often(commands, count, figures, runs);
}

/* A table of one input: every command against the first of the list, the program itself. */
static void compare(const char *title, const struct command *commands, size_t count)
{
	struct figures figures[MOST_COMMANDS];
	measure(commands, count, figures);
	printf("\n### %s\n\n| command | wall ms | CPU ms | peak MiB | wall, cpis = 1 |\n"
	       "|---|---:|---:|---:|---:|\n",
	       title);
	for (size_t i = 0; i < count; i++) {
		if (!figures[i].ran) {
			printf("| %s | not installed | | | |\n", commands[i].label);
			continue;
		}
		int digits = figures[0].wall_ms < 10 ? 2 : 1;
		printf("| %s | %.*f | %.*f | %.1f | %.2f |\n", commands[i].label, digits,
		       figures[i].wall_ms, digits, figures[i].cpu_ms,
		       (double)figures[i].peak_kib / 1024, figures[i].wall_ms / figures[0].wall_ms);
	}
	fflush(stdout);
}

/* How time and memory grow with the input. */
static void growth(const char *title, const char *unit, const struct command *commands,
		   const long *sizes, size_t count)
{
	struct figures figures[MOST_COMMANDS];
	measure(commands, count, figures);
	printf("\n### %s\n\n| %s | wall ms | each, µs | peak MiB |\n|---:|---:|---:|---:|\n", title,
	       unit);
	for (size_t i = 0; i < count; i++)
		if (figures[i].ran)
			printf("| %ld | %.1f | %.1f | %.1f |\n", sizes[i], figures[i].wall_ms,
			       figures[i].wall_ms * 1e3 / (double)sizes[i],
			       (double)figures[i].peak_kib / 1024);
	fflush(stdout);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void bulk(void)
{
	static const struct command commands[] = {
		{ "cpis, whole verdict", "%C validate -q %D/upload-20000.xml" },
		{ "cpis, with the digest, as JSON",
		  "%C validate -q -r json=%D/upload.json %D/upload-20000.xml" },
		{ "cpis, structure alone",
		  "%C validate -q --stages xml,schema %D/upload-20000.xml" },
		{ "libxml2, SAX parse alone", "xmllint --noout --sax %D/upload-20000.xml" },
		{ "the same, two at a time", "%D/twice %D/upload-20000.xml" },
		{ "expat, parse alone", "xmlwf %D/upload-20000.xml" },
		{ "libxml2, streamed schema", "xmllint --noout --stream --schema "
					      "%S/cpis-dms-1.0/upload.xsd %D/upload-20000.xml" },
		{ "libxml2, tree and schema",
		  "xmllint --noout --schema %S/cpis-dms-1.0/upload.xsd %D/upload-20000.xml" },
		{ "JDK, schema",
		  "java -cp %D SchemaPeer %S/cpis-dms-1.0/upload.xsd %D/upload-20000.xml" },
	};
	compare("An upload of 20,000 records", commands, COUNT(commands));
}

static void single(void)
{
	static const struct command commands[] = {
		{ "cpis, whole verdict", "%C validate -q %D/message.xml" },
		{ "cpis in one file (make static)",
		  "build/static/cpis validate -q %D/message.xml" },
		{ "libxml2, parse alone", "xmllint --noout --sax %D/message.xml" },
		{ "libxml2, tree and schema",
		  "xmllint --noout --schema %S/cpis-dms-1.0/upload.xsd %D/message.xml" },
		{ "JDK, schema",
		  "java -cp %D SchemaPeer %S/cpis-dms-1.0/upload.xsd %D/message.xml" },
		{ "a program that does nothing", "true" },
	};
	compare("One message of 6 KB, cold", commands, COUNT(commands));
}

static void many(void)
{
	static const struct command side_by_side[] = {
		{ "cpis -j 1", "%C validate -q -j 1 %D/mixed-10000" },
		{ "cpis -j 2", "%C validate -q -j 2 %D/mixed-10000" },
		{ "the same in a tar, -j 1", "%C validate -q -j 1 %D/mixed-10000.tar" },
		{ "the same in a tar, -j 2", "%C validate -q -j 2 %D/mixed-10000.tar" },
	};
	compare("A folder of 10,000 small messages of every kind but uploads", side_by_side,
		COUNT(side_by_side));
	static const struct command files[] = {
		{ "", "%C validate -q %D/mixed-1" },
		{ "", "%C validate -q %D/mixed-100" },
		{ "", "%C validate -q %D/mixed-10000" },
	};
	static const long sizes[] = { 1, 100, 10000 };
	growth("Files of a folder", "files", files, sizes, COUNT(files));
	static const struct command records[] = {
		{ "", "%C validate -q %D/upload-1000.xml" },
		{ "", "%C validate -q %D/upload-10000.xml" },
		{ "", "%C validate -q %D/upload-20000.xml" },
		{ "", "%C validate -q %D/upload-100000.xml" },
	};
	static const long counts[] = { 1000, 10000, 20000, 100000 };
	growth("Records of one upload", "records", records, counts, COUNT(records));
}

/* What is promised: figures of one command, or against those of another, and their bars. */

enum figure { WALL, CPU, PEAK_MIB };

struct bar {
	const char *label;
	unsigned of,
		against; /* places in a list of commands; against: the same for a figure alone */
	enum figure figure;
	double bar, aim;
	bool at_least; /* the bar is a lower one */
};

static double figure_of(const struct figures *figures, enum figure figure)
{
	return figure == WALL  ? figures->wall_ms
	       : figure == CPU ? figures->cpu_ms
			       : (double)figures->peak_kib / 1024;
}

static void print_bar(const struct bar *bar, const struct figures *figures)
{
	const struct figures *of = &figures[bar->of], *against = &figures[bar->against];
	if (!of->ran || !against->ran) {
		printf("| %s | not run | %.4g | %.4g | |\n", bar->label, bar->bar, bar->aim);
		return;
	}
	double value = figure_of(of, bar->figure);
	if (bar->against != bar->of)
		value /= figure_of(against, bar->figure);
	bool holds = bar->at_least ? value >= bar->bar : value <= bar->bar;
	printf("| %s | %.2f | %.4g | %.4g | %s |\n", bar->label, value, bar->bar, bar->aim,
	       holds ? "yes" : "no");
}

static void bars(void)
{
	enum {
		WHOLE,
		SAX,
		STREAMED,
		NOTED,
		LARGE,
		LARGEST,
		COLD,
		PARSE,
		SHIPPED, /* ONE_FILE, compared with another */
		ONE_FILE,
		NOTHING,
		ALONE,
		TOGETHER,
		CASES
	};
	static const struct command commands[] = {
		[WHOLE] = { "", "%C validate -q %D/upload-20000.xml" },
		[SAX] = { "", "xmllint --noout --sax %D/upload-20000.xml" },
		[STREAMED] = { "", "xmllint --noout --stream --schema %S/cpis-dms-1.0/upload.xsd "
				   "%D/upload-20000.xml" },
		[NOTED] = { "", "%C validate -q %D/notes-20000.xml" },
		[LARGE] = { "", "%C validate -q %D/upload-100000.xml" },
		[LARGEST] = { "", "%C validate -q %D/upload-1000000.xml" },
		[COLD] = { "", "%C validate -q %D/message.xml" },
		[PARSE] = { "", "%D/parse %D/message.xml" },
		[SHIPPED] = { "", "build/static/cpis validate -q %D/message.xml" },
		[ONE_FILE] = { "", "build/static/cpis validate -q %D/message.xml" },
		[NOTHING] = { "", "%D/nothing" },
		[ALONE] = { "", "%C validate -q -j 1 %D/mixed-10000" },
		[TOGETHER] = { "", "%C validate -q -j 2 %D/mixed-10000" },
		[CASES] = { "", "%C run -q -r html=%D/cases.html %D/cases/pack.yaml" },
	};
	static const struct bar list[] = {
		{ "20,000 records, clock / SAX parse", WHOLE, SAX, WALL, 1.5, 1.2, false },
		{ "20,000 records, processor time / SAX parse", WHOLE, SAX, CPU, 2.5, 2.0, false },
		{ "20,000 records, clock / streamed schema", WHOLE, STREAMED, WALL, 0.20, 0.15,
		  false },
		{ "a note in every record / clean, clock", NOTED, WHOLE, WALL, 2.0, 1.5, false },
		{ "1,000,000 / 100,000 records, clock", LARGEST, LARGE, WALL, 10.5, 10.1, false },
		{ "one message cold / parsed with libxml2, clock", COLD, PARSE, WALL, 1.25, 1.1,
		  false },
		{ "the same by the one file that releases ship, clock", SHIPPED, PARSE, WALL, 1.25,
		  1.1, false },
		{ "one file, cold / a program that does nothing, clock", ONE_FILE, NOTHING, WALL,
		  1.8, 1.4, false },
		{ "10,000 messages, -j 1 / -j 2, clock", ALONE, TOGETHER, WALL, 1.85, 1.95, true },
		{ "peak memory of 1,000,000 records, MiB", LARGEST, LARGEST, PEAK_MIB, 48, 40,
		  false },
		{ "HTML of 2,000 cases and 5,000 findings, processor time in ms", CASES, CASES, CPU,
		  1500, 1000, false },
	};
	/* What is compared runs in turn, and what is short more often: a run of ten seconds between
	 * two of a few milliseconds would be measured with them. */
	static const struct {
		size_t first, count;
		int times; /* as often as runs */
	} groups[] = {
		{ WHOLE, LARGE - WHOLE, 3 },   { LARGE, COLD - LARGE, 1 },
		{ COLD, ONE_FILE - COLD, 11 }, { ONE_FILE, ALONE - ONE_FILE, 11 },
		{ ALONE, CASES - ALONE, 2 },   { CASES, 1, 1 },
	};
	struct figures figures[MOST_COMMANDS];
	for (size_t i = 0; i < COUNT(groups); i++)
		measure_often(commands + groups[i].first, groups[i].count,
			      figures + groups[i].first, runs * groups[i].times);
	printf("\n### Bars\n\nWhat is compared runs in turn; short commands run up to eleven times "
	       "as "
	       "often.\n\n| what | measured | bar | aim | holds |\n|---|---:|---:|---:|---|\n");
	for (size_t i = 0; i < COUNT(list); i++)
		print_bar(&list[i], figures);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "bench: bench CPIS SCHEMAS INPUTS [RUNS]\n");
		return 2;
	}
	cpis = argv[1];
	schemas = argv[2];
	folder = argv[3];
	if (argc > 4)
		runs = atoi(argv[4]);
	if (runs < 1 || runs > MOST_RUNS)
		runs = 9;
	char date[32];
	time_t now = time(NULL);
	strftime(date, sizeof(date), "%Y-%m-%d", gmtime(&now));
	printf("Medians of %d runs in turn, whole processes, %s, %ld processors.\n", runs, date,
	       sysconf(_SC_NPROCESSORS_ONLN));
	bars();
	bulk();
	single();
	many();
	return 0;
}
