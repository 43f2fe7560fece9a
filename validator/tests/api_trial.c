#include "api_trial.h"

#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct cpis_options defaults = { .now = 1798761600 };

struct cpis_failure failure;

struct cpis_results *start_results(const struct cpis_options *options)
{
	struct cpis_results *results = NULL;
	if (cpis_results_new(&results, options, &failure) != 0)
		fail_msg("%s", failure.text);
	return results;
}

struct cpis_bytes load(const char *path)
{
	size_t size;
	char *text = read_file(path, &size);
	char *exact = malloc(size ? size : 1);
	assert_non_null(exact);
	memcpy(exact, text, size);
	free(text);
	return (struct cpis_bytes){ path, exact, size };
}

void unload(struct cpis_bytes *source)
{
	free((void *)(uintptr_t)source->bytes);
}

void judge_bytes(struct cpis_results *results, const char *path)
{
	struct cpis_bytes source = load(path);
	if (cpis_validate_bytes(results, &source, &failure) != 0)
		fail_msg("%s: %s", path, failure.text);
	unload(&source);
}

struct cpis_results *judged(const struct cpis_options *options, const char *path)
{
	struct cpis_results *results = start_results(options);
	judge_bytes(results, path);
	return results;
}

char *told(struct cpis_results *results)
{
	char *bytes = NULL;
	size_t size = 0;
	if (cpis_report_bytes(results, "json", &bytes, &size, &failure) != 0)
		fail_msg("%s", failure.text);
	assert_int_equal(strlen(bytes), size);
	cpis_results_free(results);
	return bytes;
}

char *told_of_file(const char *path)
{
	struct cpis_results *results = start_results(&defaults);
	if (cpis_validate(results, path, &failure) != 0)
		fail_msg("%s: %s", path, failure.text);
	return told(results);
}

void assert_refused(int status, enum cpis_failure_kind kind, const char *says)
{
	assert_int_equal(status, -1);
	assert_int_equal(failure.kind, kind);
	if (!strstr(failure.text, says))
		fail_msg("\"%s\" does not say \"%s\"", failure.text, says);
}
