/* cpis.yaml: the settings of a folder. */
#include "cpis.h"

#include "base/buf.h"
#include "diag/failure.h"
#include "policy/baseline.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const environments[] = { "test", "live", NULL };
static const char *const fail_ons[] = { "error", "warning", "never", NULL };

static bool is_beside(const char *text, char *why, size_t bytes)
{
	if (text[0] != '/')
		return true;
	snprintf(why, bytes, "the path must be relative to the folder of the settings");
	return false;
}

static bool is_report(const char *text, char *why, size_t bytes)
{
	const char *equals = strchr(text, '=');
	if (equals && equals > text && equals[1] && equals[1] != '/')
		return true;
	snprintf(why, bytes, "must be FORMAT=FILE, with a path from the folder of the settings");
	return false;
}

static const struct field settings_fields[] = {
	{ "environment", FIELD_CHOICE, .choices = environments,
	  .offset = offsetof(struct settings, environment),
	  .about = "where the messages are for; live: a test NHS number is an error" },
	{ "profile", FIELD_TEXT, .check = is_beside, .offset = offsetof(struct settings, profile),
	  .about = "a file that changes rule severities, with reasons" },
	{ "baseline", FIELD_TEXT, .check = is_beside, .offset = offsetof(struct settings, baseline),
	  .about = "a file of findings that are accepted" },
	{ "exclude", FIELD_TEXTS, .offset = offsetof(struct settings, exclude),
	  .about = "files and folders that are left out, as *.bak or old/*" },
	{ "fail-on", FIELD_CHOICE, .choices = fail_ons,
	  .offset = offsetof(struct settings, fail_on),
	  .about = "the lowest severity that makes a message fail" },
	{ "reports", FIELD_TEXTS, .check = is_report, .offset = offsetof(struct settings, reports),
	  .about = "reports to write, as html=report.html" },
};

const struct mapping settings_mapping = {
	.what = "the settings",
	.bytes = sizeof(struct settings),
	FIELDS(settings_fields),
};

struct open_settings {
	struct cpis_settings public; /* first */
	struct arena arena;
};

const char *settings_beside(struct arena *arena, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path) + 1 : 0;
	return arena_printf(arena, "%.*s%s", folder, path, name);
}

static const char *report_beside(struct arena *arena, const char *path, const char *report)
{
	int format = (int)(strchr(report, '=') - report);
	const char *file = settings_beside(arena, path, report + format + 1);
	return file ? arena_printf(arena, "%.*s=%s", format, report, file) : NULL;
}

static const char *const *texts(struct arena *arena, const struct config_texts *from,
				const char *path)
{
	const char **list = arena_alloc(arena, (from->count + 1) * sizeof(*list));
	for (size_t i = 0; list && i < from->count; i++)
		list[i] = path ? report_beside(arena, path, from->items[i].text)
			       : from->items[i].text;
	return list;
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_printf(out, "%s%s %s", out->n ? ", " : "", name, value);
}

/* "cpis.yaml (environment live, profile strict.yaml)" */
static void summarise(struct open_settings *settings, const char *path, const struct settings *file)
{
	struct cpis_settings *to = &settings->public;
	struct buf out;
	buf_init(&out, 64 * 1024);
	add_text(&out, "environment", to->environment);
	add_text(&out, "profile", file->profile.text);
	add_text(&out, "baseline", file->baseline.text);
	for (size_t i = 0; i < file->exclude.count; i++)
		add_text(&out, "exclude", file->exclude.items[i].text);
	add_text(&out, "fail-on", to->fail_on);
	for (size_t i = 0; i < file->reports.count; i++)
		add_text(&out, "report", file->reports.items[i].text);
	to->summary = arena_printf(&settings->arena, "%s (%s)", path,
				   out.n ? buf_view(&out).p : "which changes nothing");
	settings->arena.failed = settings->arena.failed || out.failed;
	buf_release(&out);
}

static void take(struct open_settings *settings, const char *path, const struct settings *file)
{
	struct arena *arena = &settings->arena;
	settings->public = (struct cpis_settings){
		.environment =
			file->environment.given ? environments[file->environment.value] : NULL,
		.fail_on = file->fail_on.given ? fail_ons[file->fail_on.value] : NULL,
		.profile = file->profile.text ? settings_beside(arena, path, file->profile.text)
					      : NULL,
		.baseline = file->baseline.text ? settings_beside(arena, path, file->baseline.text)
						: NULL,
		.exclude = texts(arena, &file->exclude, NULL),
		.exclude_count = file->exclude.count,
		.reports = texts(arena, &file->reports, path),
		.report_count = file->reports.count,
	};
	summarise(settings, path, file);
}

int cpis_settings_open(struct cpis_settings **settings, const char *path,
		       void (*problem)(void *context, const struct cpis_failure *problem),
		       void *context, struct cpis_failure *failure)
{
	struct open_settings *made = calloc(1, sizeof(*made));
	struct problems problems;
	struct settings file = { .place = { 0, 0 } };
	if (!made)
		return failure_out_of_memory(failure);
	const struct loader loader = { &made->arena, path, &problems, false };
	arena_init(&made->arena);
	problems_init(&problems);
	load_mapping_file(&loader, &settings_mapping, &file);
	if (!problems_any(&problems))
		take(made, path, &file);
	if (made->arena.failed)
		problem_add_internal(&problems, path, "out of memory");
	if (problems_close(&problems, problem, context, failure) != 0) {
		cpis_settings_close(&made->public);
		return -1;
	}
	*settings = &made->public;
	return 0;
}

void cpis_settings_close(struct cpis_settings *settings)
{
	struct open_settings *made = (struct open_settings *)(void *)settings;
	if (made)
		arena_release(&made->arena);
	free(made);
}
