#include "run_cli.h"

#include "../cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

bool short_form(const char *left_out)
{
	const char *mode = getenv("MODE");
	if (!mode || (strcmp(mode, "san") != 0 && strcmp(mode, "tsan") != 0))
		return false;
	print_message("[  SHORT   ] %s\n", left_out);
	return true;
}

char *read_file(const char *path, size_t *bytes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s cannot be read", path);
	size_t n = 0, room = 65536;
	char *text = malloc(room);
	for (size_t got = 1; text && got;) {
		if (room - n < 2)
			text = realloc(text, room *= 2);
		got = text ? fread(text + n, 1, room - n - 1, file) : 0;
		n += got;
	}
	fclose(file);
	assert_non_null(text);
	text[n] = '\0';
	if (bytes)
		*bytes = n;
	return text;
}

static char scratch[256];

/* The process that made the folder removes it, and no child of it. */
static pid_t owner;

static void remove_scratch(void)
{
	char command[600];
	snprintf(command, sizeof(command), "chmod -R u+rwx '%s'; rm -rf '%s'", scratch, scratch);
	if (getpid() == owner && system(command) != 0)
		perror(scratch);
}

const char *scratch_folder(void)
{
	if (!scratch[0]) {
		const char *folder = getenv("TMPDIR");
		snprintf(scratch, sizeof(scratch), "%s/cpis-test-XXXXXX",
			 folder ? folder : "/var/tmp");
		if (!mkdtemp(scratch))
			fail_msg("there is no room for a scratch folder");
		owner = getpid();
		atexit(remove_scratch);
	}
	return scratch;
}

const char *scratch_path(const char *name)
{
	static char path[512];
	snprintf(path, sizeof(path), "%s/%s", scratch_folder(), name);
	return path;
}

/* Only findings have a member "rule": the ledger and the omissions call theirs otherwise. */
static void note_rules(struct found *found, const char *json)
{
	static const char member[] = "\"rule\": \"";
	for (const char *p = strstr(json, member); p; p = strstr(p, member)) {
		p += sizeof(member) - 1;
		char rule[16];
		snprintf(rule, sizeof(rule), "%.*s", (int)strcspn(p, "\""), p);
		if (found_rule(found, rule))
			continue;
		assert_true(found->count < MOST_RULES);
		memcpy(found->rules[found->count++], rule, sizeof(rule));
	}
}

static struct found run(const char *command, const char *options, const char *file)
{
	char name[32], words[4096], report[600], path[4096];
	snprintf(name, sizeof(name), "%s", command);
	snprintf(path, sizeof(path), "%s", file);
	char *argv[MOST_WORDS] = { (char[]){ "cpis" }, name, (char[]){ "-q" }, report };
	int argc = 4;
	snprintf(report, sizeof(report), "--report=json=%s", scratch_path("found.json"));
	snprintf(words, sizeof(words), "%s", options ? options : "");
	for (char *word = strtok(words, " \t\r\n"); word; word = strtok(NULL, " \t\r\n")) {
		assert_true(argc + 2 < MOST_WORDS);
		argv[argc++] = word;
	}
	argv[argc++] = path;
	unlink(scratch_path("found.json"));
	struct found found = { .exit_code = cli_main(argc, argv) };
	if (access(scratch_path("found.json"), R_OK) != 0)
		return found;
	char *json = read_file(scratch_path("found.json"), NULL);
	note_rules(&found, json);
	free(json);
	return found;
}

struct found run_validate(const char *options, const char *file)
{
	return run("validate", options, file);
}

struct found run_ledger(const char *options, const char *folder)
{
	return run("ledger", options, folder);
}

bool found_rule(const struct found *found, const char *rule)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->rules[i], rule) == 0)
			return true;
	return false;
}

const char *found_text(const struct found *found)
{
	static char text[MOST_RULES * 16];
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < found->count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
				      found->rules[i]);
	return found->count ? text : "nothing";
}

/* The program by its whole path, so that it can be run in any folder. */
static const char *program(void)
{
	static char path[4096];
	const char *wish = getenv("CPIS_PROGRAM");
	if (!path[0] && !realpath(wish ? wish : "build/cpis", path))
		fail_msg("there is no program %s", wish ? wish : "build/cpis");
	return path;
}

static double in_seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* By the shell. What it used is asked of this process alone: the largest of all before it is not.
 */
static struct said run_by_shell(const char *command)
{
	int status = 0;
	struct rusage usage;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(wait4(child, &status, 0, &usage), child);
	assert_true(WIFEXITED(status));
	return (struct said){ .exit_code = WEXITSTATUS(status),
			      .processor_seconds =
				      in_seconds(&usage.ru_utime) + in_seconds(&usage.ru_stime),
			      .max_kibibytes = usage.ru_maxrss };
}

/* The search for leaks at the end of each program takes half of a test's time under the sanitizers:
 * every fifth program has it. */
static const char *leaks(void)
{
#ifdef SANITIZED
	static unsigned runs;
	return runs++ % 5 == 0 ? "" : "ASAN_OPTIONS=detect_leaks=0 ";
#else
	return "";
#endif
}

struct said run_program_in(const char *folder, const char *before, const char *arguments)
{
	char command[16384], out[512], err[512];
	snprintf(out, sizeof(out), "%s/out", scratch_folder());
	snprintf(err, sizeof(err), "%s/err", scratch_folder());
	snprintf(command, sizeof(command), "cd '%s' && { %s%s'%s' %s ; } >'%s' 2>'%s' </dev/null",
		 folder[0] ? folder : ".", leaks(), before, program(), arguments, out, err);
	struct said said = run_by_shell(command);
	said.out = read_file(out, NULL);
	said.err = read_file(err, NULL);
	return said;
}

struct said run_program(const char *format, ...)
{
	char text[8192], arguments[16384];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size_t n = 0;
	for (const char *p = text; *p && n + 512 < sizeof(arguments); p++)
		n += (size_t)snprintf(arguments + n, sizeof(arguments) - n,
				      *p == '@' ? "%s" : "%.1s", *p == '@' ? scratch_folder() : p);
	arguments[n] = '\0';
	return run_program_in("", "", arguments);
}

void run_release(struct said *said)
{
	free(said->out);
	free(said->err);
	*said = (struct said){ 0 };
}

int run_output(char **output, const char *arguments)
{
	struct said said = run_program("%s", arguments);
	free(*output);
	*output = malloc(strlen(said.out) + strlen(said.err) + 1);
	assert_non_null(*output);
	strcpy(*output, said.out);
	strcat(*output, said.err);
	int code = said.exit_code;
	run_release(&said);
	return code;
}
