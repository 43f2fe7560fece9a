#include "run_cli.h"

#include "../cli/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

static char scratch[64];

static void remove_scratch(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	if (system(command) != 0)
		perror(scratch);
}

const char *scratch_folder(void)
{
	if (!scratch[0]) {
		snprintf(scratch, sizeof(scratch), "/tmp/cpis-test-XXXXXX");
		if (!mkdtemp(scratch))
			fail_msg("there is no room for a scratch folder");
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

struct found run_validate(const char *options, const char *file)
{
	char words[4096], report[600];
	char *argv[MOST_WORDS] = { (char[]){ "cpis" }, (char[]){ "validate" }, (char[]){ "-q" }, report };
	int argc = 4;
	snprintf(report, sizeof(report), "--report=json=%s", scratch_path("found.json"));
	snprintf(words, sizeof(words), "%s", options ? options : "");
	for (char *word = strtok(words, " \t\r\n"); word; word = strtok(NULL, " \t\r\n")) {
		assert_true(argc + 2 < MOST_WORDS);
		argv[argc++] = word;
	}
	char path[4096];
	snprintf(path, sizeof(path), "%s", file);
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
