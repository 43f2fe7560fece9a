/*
 * cut_examples - write validator/lib/rules/examples.inc: for each rule a fixture that fails and the
 * one most like it that passes, and of both the few lines that tell them apart.
 *
 *     cut_examples >examples.inc        from the top of the tree
 *
 * The fixtures of the table that was built in are kept while they serve, so that a new fixture of a
 * rule makes no example stale.
 */
#include "../../cli/cli.h"
#include "excerpt.h"
#include "cpis.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXTURES "testcases/rules"

enum { MOST_WORDS = 32, CELLS = 17 };

/* Columns of the report in CSV. */
enum {
	CELL_KIND = 0,
	CELL_SOURCE = 3,
	CELL_RULE = 5,
	CELL_LINE = 8,
	CELL_COLUMN = 9,
	CELL_MESSAGE = 11
};

struct place {
	size_t line, column;
	char says[1024];
};

static char *read_whole(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	if (!file)
		return NULL;
	FILE *out = open_memstream(&text, bytes);
	for (int c; out && (c = getc(file)) != EOF;)
		putc(c, out);
	fclose(file);
	if (out)
		fclose(out);
	return text;
}

/* One record of CSV, cut up in place; NULL after the last. */
static char *next_record(char *p, char *cells[CELLS])
{
	if (!*p)
		return NULL;
	for (size_t i = 0; i < CELLS; i++)
		cells[i] = (char[]){ "" };
	for (size_t i = 0;; i++) {
		char *to = p;
		if (i < CELLS)
			cells[i] = p;
		bool quoted = *p == '"';
		p += quoted;
		while (*p && (quoted ? *p != '"' || p[1] == '"'
				     : *p != ',' && *p != '\n' && *p != '\r')) {
			p += quoted && *p == '"';
			*to++ = *p++;
		}
		p += quoted && *p;
		char end = *p;
		p += end == '\r' ? 2 : end != '\0';
		*to = '\0';
		if (end != ',')
			return p;
	}
}

/* Run the program with these words, the words of the fixture's .args, and the fixture. */
static int run_on(const char *fixture, char *const *given, const char *format, const char *report)
{
	char args[600], words[2048] = "", option[700], path[600];
	char *argv[MOST_WORDS + 8] = { NULL };
	int argc = 0;
	size_t bytes = 0;
	while (given[argc]) {
		argv[argc] = given[argc];
		argc++;
	}
	snprintf(option, sizeof(option), "--report=%s=%s", format, report);
	argv[argc++] = option;
	snprintf(args, sizeof(args), "%s.args", fixture);
	char *text = read_whole(args, &bytes);
	snprintf(words, sizeof(words), "%s", text ? text : "");
	free(text);
	for (char *word = strtok(words, " \t\r\n"); word && argc < MOST_WORDS;
	     word = strtok(NULL, " \t\r\n"))
		argv[argc++] = word;
	snprintf(path, sizeof(path), "%s", fixture);
	argv[argc++] = path;
	unlink(report);
	return cli_main(argc, argv);
}

/* Judge a fixture as its .args say, in its folder. */
static int judge(const char *fixture, const char *report)
{
	char *const words[] = { (char[]){ "cpis" }, (char[]){ "validate" }, (char[]){ "-q" },
				(char[]){ "--show-values" }, NULL };
	return run_on(fixture, words, "csv", report);
}

/* Where a fixture that fails does so. false: it does not fail by this rule. */
static bool find_place(const char *id, const char *fixture, const char *report, struct place *place)
{
	size_t bytes = 0;
	judge(fixture, report);
	char *csv = read_whole(report, &bytes), *cells[CELLS];
	bool found = false;
	for (char *p = csv; !found && p && (p = next_record(p, cells));) {
		if (strcmp(cells[CELL_KIND], "finding") != 0 || strcmp(cells[CELL_RULE], id) != 0)
			continue;
		/* What is inside another file of the folder has no place in this one. */
		bool here = strcmp(cells[CELL_SOURCE], fixture) == 0;
		place->line = here ? strtoul(cells[CELL_LINE], NULL, 10) : 0;
		place->column = here ? strtoul(cells[CELL_COLUMN], NULL, 10) : 0;
		snprintf(place->says, sizeof(place->says), "%s", cells[CELL_MESSAGE]);
		found = true;
	}
	free(csv);
	return found;
}

static void write_literal(const char *text)
{
	if (!*text) {
		fputs("\t\t\"\"", stdout);
		return;
	}
	for (const char *p = text; *p;) {
		fputs(p == text ? "\t\t\"" : "\n\t\t\"", stdout);
		for (; *p && *p != '\n'; p++) {
			if (*p == '"' || *p == '\\' || (*p == '?' && p[1] == '?'))
				putchar('\\');
			putchar(*p);
		}
		if (*p == '\n' && p++)
			fputs("\\n", stdout);
		putchar('"');
	}
}

static void write_row(const char *id, const char *fail, const struct place *place, const char *pass,
		      const struct excerpt_pair *pair)
{
	printf("EXAMPLE(\"%s\", \"%s\", %zu, %zu,\n", id, fail, place->line, place->column);
	write_literal(place->says);
	fputs(",\n", stdout);
	write_literal(pair->wrong);
	printf(",\n    \"%s\", %zu,\n", pass, pair->right_line);
	write_literal(pair->right);
	fputs(")\n", stdout);
}

/* The ledger's fixtures are folders, and what is wrong is in no one line: the example is what the
 * ledger says of the children. */

enum { LEDGER_RULE = 9, LEDGER_MESSAGE = 11 };

static char *tell_ledger(const char *fixture, const char *format, const char *report)
{
	char *const words[] = { (char[]){ "cpis" },  (char[]){ "ledger" },	  (char[]){ "-q" },
				(char[]){ "--all" }, (char[]){ "--show-values" }, NULL };
	size_t bytes = 0;
	run_on(fixture, words, format, report);
	return read_whole(report, &bytes);
}

/* The children, without the heading and the verdict; in place. */
static char *children_of(char *text)
{
	static const char heading[] = "\nChildren\n\n";
	char *start = text ? strstr(text, heading) : NULL;
	if (!start)
		return NULL;
	start += sizeof(heading) - 1;
	char *verdict = strstr(start, "\nConformant:"),
	     *failed = strstr(start, "\nNot conformant:");
	if (failed && (!verdict || failed < verdict))
		verdict = failed;
	if (verdict)
		*verdict = '\0';
	return start;
}

static bool find_says(const char *id, const char *fixture, const char *report, struct place *place)
{
	char *csv = tell_ledger(fixture, "csv", report), *cells[CELLS];
	bool found = false;
	*place = (struct place){ 0 };
	for (char *p = csv; !found && p && (p = next_record(p, cells));) {
		found = strcmp(cells[0], "finding") == 0 && strcmp(cells[LEDGER_RULE], id) == 0;
		if (found)
			snprintf(place->says, sizeof(place->says), "%s", cells[LEDGER_MESSAGE]);
	}
	free(csv);
	return found;
}

/* The first name in the working folder that begins so and is a folder; "" where there is none. */
static void first_folder(const char *begin, char name[256])
{
	struct dirent **names;
	int count = scandir(".", &names, NULL, alphasort);
	name[0] = '\0';
	for (int i = 0; i < count; i++) {
		if (!*name && names[i]->d_type == DT_DIR &&
		    strncmp(names[i]->d_name, begin, strlen(begin)) == 0)
			snprintf(name, 256, "%s", names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void write_example_of_ledger(const char *id, const char *report)
{
	char fail[256], pass[256];
	struct place place;
	first_folder("fail-", fail);
	first_folder("pass-", pass);
	if (!*fail || !*pass || !find_says(id, fail, report, &place))
		return;
	char *wrong = tell_ledger(fail, "text", report), *right = tell_ledger(pass, "text", report);
	const char *seen = children_of(wrong), *fine = children_of(right);
	struct excerpt_pair pair = { .right_line = 0 };
	snprintf(pair.wrong, sizeof(pair.wrong), "%s", seen ? seen : "");
	snprintf(pair.right, sizeof(pair.right), "%s", fine ? fine : "");
	if (seen && fine)
		write_row(id, fail, &place, pass, &pair);
	free(wrong);
	free(right);
}

/* Names of the fixtures in the working folder that begin so, in order. */
static char prefix[8];

/* Folders are those of the ledger, where no one line is wrong. */
static int is_fixture(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);
	return entry->d_type != DT_DIR && strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
	       !(n > 5 && strcmp(entry->d_name + n - 5, ".args") == 0);
}

static int list(const char *begin, struct dirent ***names)
{
	snprintf(prefix, sizeof(prefix), "%s", begin);
	int count = scandir(".", names, is_fixture, alphasort);
	return count < 0 ? 0 : count;
}

static void release_list(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	if (count)
		free(names);
}

struct choice {
	char fail[256], pass[256];
	size_t difference;
};

static void weigh(const char *fail, const char *pass, struct choice *best)
{
	size_t n = 0, m = 0;
	char *a = read_whole(fail, &n), *b = read_whole(pass, &m);
	size_t difference = a && b ? excerpt_difference(a, n, b, m) : (size_t)-1;
	if (difference < best->difference) {
		snprintf(best->fail, sizeof(best->fail), "%s", fail);
		snprintf(best->pass, sizeof(best->pass), "%s", pass);
		best->difference = difference;
	}
	free(a);
	free(b);
}

/* The two that differ least, in the working folder. */
static bool choose(struct choice *best)
{
	struct dirent **fails = NULL, **passes = NULL;
	int fail_count = list("fail-", &fails), pass_count = list("pass-", &passes);
	best->difference = (size_t)-1;
	for (int i = 0; i < fail_count; i++)
		for (int k = 0; k < pass_count; k++)
			weigh(fails[i]->d_name, passes[k]->d_name, best);
	release_list(fails, fail_count);
	release_list(passes, pass_count);
	return best->difference != (size_t)-1;
}

static bool cut(const char *id, const struct choice *choice, const char *report)
{
	struct place place;
	struct excerpt_pair pair;
	size_t n = 0, m = 0;
	if (!find_place(id, choice->fail, report, &place))
		return false;
	char *wrong = read_whole(choice->fail, &n), *right = read_whole(choice->pass, &m);
	bool done = wrong && right;
	if (done) {
		excerpt_cut(wrong, n, place.line, place.column, right, m, &pair);
		write_row(id, choice->fail, &place, choice->pass, &pair);
	}
	free(wrong);
	free(right);
	return done;
}

/* In the folder of the rule's fixtures. */
static void write_example(const char *id, const char *report)
{
	struct cpis_rule_example kept;
	struct choice choice;
	if (cpis_rule_example(id, &kept, sizeof(kept)) == 0 && access(kept.wrong_file, R_OK) == 0 &&
	    access(kept.right_file, R_OK) == 0) {
		snprintf(choice.fail, sizeof(choice.fail), "%s", kept.wrong_file);
		snprintf(choice.pass, sizeof(choice.pass), "%s", kept.right_file);
		if (cut(id, &choice, report))
			return;
	}
	if (choose(&choice) && !cut(id, &choice, report))
		fprintf(stderr, "%s: %s raises it not\n", id, choice.fail);
}

int main(void)
{
	char top[4096], folder[600], report[] = "/var/tmp/cpis-examples-XXXXXX";
	int file = mkstemp(report);
	if (file < 0 || !getcwd(top, sizeof(top))) {
		perror("cut_examples");
		return EXIT_FAILURE;
	}
	close(file);
	puts("/* Written by `make examples` from " FIXTURES
	     "; not to be edited but for the names of\n"
	     "   fixtures. clang-format off */");
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		snprintf(folder, sizeof(folder), "%s/%s", FIXTURES, rule.id);
		if (chdir(folder) != 0)
			continue;
		if (strncmp(rule.id, "LED-", 4) == 0)
			write_example_of_ledger(rule.id, report);
		else
			write_example(rule.id, report);
		if (chdir(top) != 0)
			return EXIT_FAILURE;
	}
	unlink(report);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
