#include "formats/formats.h"

#include "base/files.h"
#include "base/near.h"
#include "compare/compare.h"
#include "config/value.h"
#include "cpis.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "pack/case.h"
#include "pack/pack.h"
#include "policy/baseline.h"
#include "policy/waivers.h"
#include "reply/scenario.h"
#include "xml/schematron.h"

#include <stdio.h>
#include <strings.h>

#define SCHEMATRON "schematron"

/* What is checked beyond the keys and values of a mapping */

static void check_pack(const char *path, struct problems *problems)
{
	struct pack *pack = pack_load(path, false, problems);
	if (pack) {
		pack_check(pack, problems);
		prepare_all(pack, problems);
	}
	pack_free(pack);
}

struct problem_list {
	struct problems *problems;
};

static void take_problem(void *context, const struct cpis_failure *problem)
{
	struct problem_list *list = context;
	problem_add(list->problems, problem->file,
		    (struct config_place){ problem->line, problem->column }, "%s", problem->text);
}

/* A profile is read into results: only those know which rules there are. */
static void check_profile(const char *path, struct problems *problems)
{
	const struct cpis_options options = { .now = 0 };
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	struct problem_list list = { problems };
	if (cpis_results_new(&results, &options, &failure) != 0) {
		problem_add_internal(problems, path, failure.text);
		return;
	}
	cpis_results_profile(results, path, take_problem, &list, &failure);
	cpis_results_free(results);
}

/* Whether a file that the settings name is there. */
static bool is_there(const char *path, const char *named, const struct config_text *by,
		     struct problems *problems)
{
	struct buf bytes;
	char why[128];
	buf_init(&bytes, SIZE_MAX / 2);
	bool read = files_read(named, &bytes, why, sizeof(why));
	buf_release(&bytes);
	if (!read)
		problem_add(problems, path, by->place, "'%s' cannot be read: %s", by->text, why);
	return read;
}

static bool is_format(const char *path, const struct config_text *report, struct problems *problems)
{
	const char *name, *summary;
	struct str format = { report->text, strcspn(report->text, "=") };
	struct near near = near_start(format);
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++) {
		if (str_is(format, name))
			return true;
		near_offer(&near, name);
	}
	char hint[128];
	problem_add(problems, path, report->place, "there is no report '%.*s'%s",
		    (int)(format.n < 64 ? format.n : 64), format.p,
		    problem_hint(&near, hint, sizeof(hint)));
	return false;
}

/* Whether there is such a report, and a folder to write it into. */
static void check_report(struct arena *arena, const char *path, const struct config_text *report,
			 struct problems *problems)
{
	if (!is_format(path, report, problems))
		return;
	const char *name = strchr(report->text, '=') + 1;
	const char *file = settings_beside(arena, path, name), *slash = strrchr(name, '/');
	const char *folder = slash ? arena_printf(arena, "%.*s", (int)(slash - name), name) : "";
	const char *there = folder ? settings_beside(arena, path, folder) : NULL;
	if (!file || !there)
		return;
	if (slash && !files_is_folder(there))
		problem_add(problems, path, report->place,
			    "'%s' cannot be written: there is no folder '%s'", name, folder);
	else if (files_is_folder(file))
		problem_add(problems, path, report->place, "'%s' cannot be written: it is a folder",
			    name);
}

static void check_keys(const struct config_format *format, const char *path,
		       struct problems *problems);

/* What they name too: a run would stop at it. */
static void check_settings(const char *path, struct problems *problems)
{
	struct arena arena;
	struct settings settings = { .place = { 0, 0 } };
	const struct loader loader = { &arena, path, problems, false };
	const struct config_text *profile = &settings.profile, *baseline = &settings.baseline;
	const char *named;
	arena_init(&arena);
	load_mapping_file(&loader, &settings_mapping, &settings);
	if (profile->text && !profile->faulty &&
	    (named = settings_beside(&arena, path, profile->text)) &&
	    is_there(path, named, profile, problems))
		check_profile(named, problems);
	if (baseline->text && !baseline->faulty &&
	    (named = settings_beside(&arena, path, baseline->text)) &&
	    is_there(path, named, baseline, problems))
		check_keys(config_format_find("baseline"), named, problems);
	for (size_t i = 0; i < settings.reports.count; i++)
		if (!settings.reports.items[i].faulty)
			check_report(&arena, path, &settings.reports.items[i], problems);
	if (arena.failed)
		problem_add_internal(problems, path, "out of memory");
	arena_release(&arena);
}

static void check_scenarios(const char *path, struct problems *problems)
{
	struct scenarios scenarios = { 0 };
	struct arena arena;
	arena_init(&arena);
	scenarios_load(&scenarios, &arena, path, problems);
	if (arena.failed)
		problem_add_internal(problems, path, "out of memory");
	arena_release(&arena);
}

static void check_schematron(const char *path, struct problems *problems)
{
	struct schematron *schematron = NULL;
	struct cpis_failure failure;
	struct problem_list list = { problems };
	if (schematron_open(&schematron, path, NULL, &failure) != 0)
		take_problem(&list, &failure);
	else
		schematron_close(schematron);
}

const struct config_format config_formats[] = {
	{ "pack", "a test pack; see cpis-pack(5)", &pack_mapping, .begins = { "pack:", NULL },
	  .check = check_pack },
	{ "profile", "changes of rule severities, with reasons", &profile_mapping,
	  .begins = { "profile:", NULL }, .check = check_profile },
	{ "waivers", "what is accepted of a supplier, by whom and until when",
	  &supplier_waiver_mapping, .list = true, .begins = { "- rule:", "- case:", NULL },
	  .has = { "owner", "expires", NULL }, .check = waivers_check },
	{ "baseline", "findings that a run accepts", &baseline_mapping, .list = true,
	  .begins = { "- rule:", "[]", NULL } },
	{ "settings", "cpis.yaml: how the messages of a folder are judged", &settings_mapping,
	  .begins = { "environment:", "exclude:", NULL }, .file = "cpis.yaml",
	  .check = check_settings },
	{ "scenarios", "which requests to cpis simulate get which reply; see cpis-scenario(5)",
	  &scenarios_mapping, .begins = { "scenarios:", NULL }, .check = check_scenarios },
	{ "data", "records of children, as they are keyed in", &dataset_mapping,
	  .begins = { "records:", "set:", NULL } },
	{ "requirements", "what a pack shows", &requirement_mapping, .list = true,
	  .begins = { "- id:", NULL } },
	{ "answers", "answers to the manual questions of a pack", &answer_mapping, .list = true,
	  .begins = { "- case:", NULL }, .file = "answers.yaml" },
	{ "keyed", "keyed.yaml: the day on which the data of a pack was entered", &keyed_mapping,
	  .begins = { "keyed:", NULL } },
	{ SCHEMATRON, "rules of your own, in ISO Schematron", .check = check_schematron },
};

const size_t config_format_count = sizeof(config_formats) / sizeof(config_formats[0]);

const struct config_format *config_format_find(const char *name)
{
	for (size_t i = 0; i < config_format_count; i++)
		if (strcmp(config_formats[i].name, name) == 0)
			return &config_formats[i];
	return NULL;
}

/* Those that have a JSON Schema: the last, Schematron, is XML. */
const char *cpis_config_format_at(size_t index, const char **summary)
{
	if (index >= config_format_count || !config_formats[index].mapping)
		return NULL;
	*summary = config_formats[index].title;
	return config_formats[index].name;
}

/* "- { case: 1 }" begins like "- case: 1". */
static bool begins(struct str line, const char *begin)
{
	if (*begin == '-' && line.n && *line.p == '-') {
		begin += strlen("- ");
		line = str_from(line, 1);
		while (line.n && (*line.p == ' ' || *line.p == '{'))
			line = str_from(line, 1);
	}
	return str_starts(line, str_of(begin));
}

/* Whether "key:" or, in JSON, "key": is somewhere in it. */
static bool has_key(struct str file, const char *key)
{
	size_t n = strlen(key);
	for (const char *at; (at = memmem(file.p, file.n, key, n));
	     file = str_from(file, (size_t)(at - file.p) + n)) {
		const char *end = file.p + file.n, *after = at + n;
		bool starts = at == file.p || strchr(" \n\t{,\"", at[-1]);
		after += after < end && *after == '"';
		if (starts && after < end && *after == ':')
			return true;
	}
	return false;
}

static bool has_any(struct str file, const char *const *keys)
{
	bool found = !keys[0];
	for (size_t i = 0; keys[i] && !found; i++)
		found = has_key(file, keys[i]);
	return found;
}

static const char *format_of_line(struct str line, struct str file)
{
	for (size_t i = 0; i < config_format_count; i++)
		for (size_t k = 0; config_formats[i].begins[k]; k++)
			if (begins(line, config_formats[i].begins[k]) &&
			    has_any(file, config_formats[i].has))
				return config_formats[i].name;
	return NULL;
}

/* JSON has no lines that count: its first key, as a line of YAML would have it. */
static const char *format_of_json(struct str file)
{
	char line[64];
	bool list = file.p[0] == '[';
	const char *open = memchr(file.p, '"', file.n);
	struct str rest = open ? str_from(file, (size_t)(open - file.p) + 1) : STR("");
	const char *close = rest.n ? memchr(rest.p, '"', rest.n) : NULL;
	if (!close || close - rest.p > (ptrdiff_t)sizeof(line) - 8)
		return NULL;
	int n = snprintf(line, sizeof(line), "%s%.*s:", list ? "- " : "", (int)(close - rest.p),
			 rest.p);
	return format_of_line((struct str){ line, (size_t)n }, file);
}

static const char *format_of_xml(struct str file)
{
	static const char name[] = "http://purl.oclc.org/dsdl/schematron";
	enum { HEAD_BYTES = 4096 };
	size_t n = file.n < HEAD_BYTES ? file.n : HEAD_BYTES;
	return memmem(file.p, n, name, strlen(name)) ? SCHEMATRON : NULL;
}

static const char *format_of_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	for (size_t i = 0; i < config_format_count; i++)
		if (text_same(config_formats[i].file, name))
			return config_formats[i].name;
	return NULL;
}

/* Without a byte order mark and white space around it. */
static struct str content_of(const struct cpis_bytes *file)
{
	struct str whole = { file->bytes, file->size };
	return str_trim(str_from(whole, str_mark_bytes(whole)));
}

/* "<<" is the merge key of YAML, which its reader refuses. */
static bool is_xml(struct str content)
{
	return str_starts(content, STR("<")) && !str_starts(content, STR("<<"));
}

const char *cpis_config_guess(const struct cpis_bytes *file)
{
	struct str whole = { file->bytes, file->size }, rest = content_of(file);
	const char *format = file->name ? format_of_name(file->name) : NULL;
	if (is_xml(rest))
		return format_of_xml(rest);
	if (!format && rest.n && (rest.p[0] == '{' || rest.p[0] == '['))
		format = format_of_json(rest);
	while (rest.n && !format) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;
		format = format_of_line((struct str){ rest.p, n }, whole);
		rest = str_from(rest, n + 1);
	}
	return format;
}

/* Reading */

static void check_keys(const struct config_format *format, const char *path,
		       struct problems *problems)
{
	struct arena arena;
	const struct loader loader = { &arena, path, problems,
				       format->mapping == &dataset_mapping };
	void *items = NULL;
	size_t count = 0;
	arena_init(&arena);
	if (format->list) {
		load_list_file(&loader, format->mapping, &items, &count);
	} else {
		void *into = arena_alloc(&arena, format->mapping->bytes);
		if (into)
			load_mapping_file(&loader, format->mapping, into);
	}
	if (arena.failed)
		problem_add_internal(problems, path, "out of memory");
	arena_release(&arena);
}

static void check(const struct config_format *format, const char *path, struct problems *problems)
{
	if (format->check)
		format->check(path, problems);
	else if (format->mapping)
		check_keys(format, path, problems);
}

int cpis_config_check(const char *name, const struct cpis_bytes *file,
		      void (*problem)(void *context, const struct cpis_failure *problem),
		      void *context, struct cpis_failure *failure)
{
	const struct config_format *format = config_format_find(name);
	struct problems problems;
	if (!format)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "there is no format %s",
				   name);
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	problems_init(&problems);
	files_overlay(file->name, (struct str){ file->bytes, file->size });
	check(format, file->name, &problems);
	files_overlay(NULL, (struct str){ 0 });
	return problems_close(&problems, problem, context, failure);
}

static void refuse_xml(const char *path, struct problems *problems)
{
	problem_add(problems, path, (struct config_place){ 1, 1 },
		    "this is XML, but not Schematron: messages are for cpis validate");
}

static const struct config_format other_xml = { .name = "message", .check = refuse_xml };

/* The format of a file on the disk, by its name and its first keys. A folder is a pack, and so is
 * any other file: the problems then say what a pack must have. */
static const struct config_format *format_of_file(const char *path)
{
	enum { MOST_BYTES = 64 * 1024 * 1024 };
	const char *name = NULL;
	bool xml = false;
	char why[128];
	struct buf bytes;
	buf_init(&bytes, MOST_BYTES);
	if (!files_is_folder(path) && files_read(path, &bytes, why, sizeof(why))) {
		const struct cpis_bytes file = { path, bytes.p, bytes.n };
		name = cpis_config_guess(&file);
		xml = is_xml(content_of(&file));
	}
	buf_release(&bytes);
	return xml && !name ? &other_xml : config_format_find(name ? name : "pack");
}

int cpis_lint(const char *path, const char **format,
	      void (*problem)(void *context, const struct cpis_failure *problem), void *context,
	      struct cpis_failure *failure)
{
	struct problems problems;
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	const struct config_format *found = format_of_file(path);
	*format = found->name;
	problems_init(&problems);
	check(found, path, &problems);
	return problems_close(&problems, problem, context, failure);
}

/* Keys */

static const struct mapping *step(const struct mapping *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->field_count; i++)
		if (strcmp(mapping->fields[i].key, key) == 0)
			return mapping->fields[i].of;
	for (size_t i = 0; i < mapping->variant_count; i++)
		if (strcmp(mapping->variants[i].key, key) == 0)
			return mapping->variants[i].of;
	return NULL;
}

static const char *kind_of(const struct field *field)
{
	static const char *const kinds[] = {
		[FIELD_TEXT] = "text",
		[FIELD_TEXTS] = "a list of texts",
		[FIELD_NUMBER] = "a number",
		[FIELD_FLAG] = "true or false",
		[FIELD_CHOICE] = "one of",
		[FIELD_MAP] = "a mapping",
		[FIELD_LIST] = "a list of mappings",
	};
	return field->check == value_is_rule || strcmp(field->key, "rule") == 0
		       ? "a rule"
		       : kinds[field->kind];
}

size_t cpis_config_keys(const char *name, const char *const *within, size_t depth,
			void (*each)(void *context, const struct cpis_config_key *key),
			void *context)
{
	const struct config_format *format = config_format_find(name);
	const struct mapping *mapping = format ? format->mapping : NULL;
	for (size_t i = 0; i < depth && mapping; i++)
		mapping = step(mapping, within[i]);
	if (!mapping)
		return 0;
	for (size_t i = 0; i < mapping->field_count; i++) {
		const struct field *field = &mapping->fields[i];
		const struct cpis_config_key key = { field->key, field->required, kind_of(field),
						     field->choices, field->about };
		each(context, &key);
	}
	for (size_t i = 0; i < mapping->variant_count; i++) {
		const struct cpis_config_key key = { .key = mapping->variants[i].key,
						     .kind = "a mapping" };
		each(context, &key);
	}
	return mapping->field_count + mapping->variant_count;
}
