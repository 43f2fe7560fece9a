#include "pack/pack.h"

#include "base/digest.h"
#include "base/files.h"
#include "compare/compare.h"
#include "config/value.h"
#include "config/when.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The language of packs: which key fills which member. */

static const char *const verdicts[] = {
	[CPIS_PASS] = "pass",
	[CPIS_INCOMPLETE] = "incomplete",
	[CPIS_FAIL] = "fail",
	NULL,
};

static const char *const sides[] = {
	[SIDE_REQUEST] = "request",
	[SIDE_RESPONSE] = "response",
	NULL,
};

static const char *const takes[] = {
	[SLOT_TAKES_MANY] = "many",
	[SLOT_TAKES_ONE] = "one",
	NULL,
};

static const char *const extras[] = { "allowed", NULL };

static const struct field expected_fields[] = {
	{ "rule", FIELD_TEXT, .required = true, .check = value_is_rule,
	  .offset = offsetof(struct pack_expected, rule) },
	{ "at", FIELD_TEXT, .check = value_is_xpath, .offset = offsetof(struct pack_expected, at) },
	{ "count", FIELD_NUMBER, .offset = offsetof(struct pack_expected, count), .least = 1,
	  .most = 10000 },
	{ "of", FIELD_CHOICE, .choices = sides, .offset = offsetof(struct pack_expected, in) },
};

static const struct mapping expected_mapping = {
	.what = "an expected finding",
	.bytes = sizeof(struct pack_expected),
	.shorthand = "rule",
	FIELDS(expected_fields),
};

static const struct field assert_fields[] = {
	{ "xpath", FIELD_TEXT, .check = value_is_xpath,
	  .offset = offsetof(struct pack_assert, xpath) },
	{ "schematron", FIELD_TEXT, .check = value_is_relative,
	  .offset = offsetof(struct pack_assert, schematron) },
	{ "phase", FIELD_TEXT, .offset = offsetof(struct pack_assert, phase) },
	{ "of", FIELD_CHOICE, .choices = sides, .offset = offsetof(struct pack_assert, side) },
	{ "title", FIELD_TEXT, .offset = offsetof(struct pack_assert, title) },
	{ "exists", FIELD_FLAG, .offset = offsetof(struct pack_assert, exists) },
	{ "absent", FIELD_FLAG, .offset = offsetof(struct pack_assert, absent) },
	{ "count", FIELD_NUMBER, .offset = offsetof(struct pack_assert, count) },
	{ "equals", FIELD_TEXT, .may_be_empty = true,
	  .offset = offsetof(struct pack_assert, equals) },
	{ "not-equals", FIELD_TEXT, .may_be_empty = true,
	  .offset = offsetof(struct pack_assert, not_equals) },
	{ "contains", FIELD_TEXT, .may_be_blank = true,
	  .offset = offsetof(struct pack_assert, contains) },
	{ "matches", FIELD_TEXT, .may_be_blank = true, .check = value_is_regex,
	  .offset = offsetof(struct pack_assert, matches) },
	{ "in", FIELD_TEXTS, .may_be_empty = true, .offset = offsetof(struct pack_assert, in) },
	{ "on", FIELD_TEXT, .check = value_is_when, .offset = offsetof(struct pack_assert, on) },
	{ "not-before", FIELD_TEXT, .check = value_is_when,
	  .offset = offsetof(struct pack_assert, not_before) },
	{ "not-after", FIELD_TEXT, .check = value_is_when,
	  .offset = offsetof(struct pack_assert, not_after) },
};

static const struct mapping assert_mapping = {
	.what = "an assertion",
	.bytes = sizeof(struct pack_assert),
	FIELDS(assert_fields),
};

static const char *const matches[] = {
	[MATCH_EXACT] = "exact",
	[MATCH_CONTAINS] = "contains",
	NULL,
};

static const struct field records_fields[] = {
	{ "match", FIELD_CHOICE, .required = true, .choices = matches,
	  .offset = offsetof(struct pack_records, match) },
	{ "from", FIELD_TEXT, .check = value_is_relative,
	  .offset = offsetof(struct pack_records, from) },
};

static const struct mapping records_mapping = {
	.what = "a set of expected records",
	.bytes = sizeof(struct pack_records),
	.shorthand = "match",
	FIELDS(records_fields),
};

static const char *const notes[] = { "allowed", NULL };

static const struct field expect_fields[] = {
	{ "verdict", FIELD_CHOICE, .required = true, .choices = verdicts,
	  .offset = offsetof(struct pack_expect, verdict) },
	{ "findings", FIELD_LIST, .of = &expected_mapping,
	  .offset = offsetof(struct pack_expect, findings),
	  .count_offset = offsetof(struct pack_expect, finding_count) },
	{ "at-least", FIELD_FLAG, .offset = offsetof(struct pack_expect, at_least) },
	{ "notes", FIELD_CHOICE, .choices = notes, .offset = offsetof(struct pack_expect, notes) },
	{ "status", FIELD_NUMBER, .offset = offsetof(struct pack_expect, status), .least = 100,
	  .most = 599 },
	{ "report", FIELD_TEXT, .offset = offsetof(struct pack_expect, report) },
	{ "assert", FIELD_LIST, .of = &assert_mapping,
	  .offset = offsetof(struct pack_expect, asserts),
	  .count_offset = offsetof(struct pack_expect, assert_count) },
	{ "records", FIELD_MAP, .of = &records_mapping,
	  .offset = offsetof(struct pack_expect, records) },
};

static const struct mapping expect_mapping = {
	.what = "an expectation",
	.bytes = sizeof(struct pack_expect),
	FIELDS(expect_fields),
};

static const struct field manual_fields[] = {
	{ "question", FIELD_TEXT, .required = true,
	  .offset = offsetof(struct pack_manual, question) },
};

static const struct mapping manual_mapping = {
	.what = "a manual question",
	.bytes = sizeof(struct pack_manual),
	.shorthand = "question",
	FIELDS(manual_fields),
};

static const struct field exchange_fields[] = {
	{ "request", FIELD_TEXT, .required = true, .check = value_is_xpath,
	  .offset = offsetof(struct pack_exchange, request) },
	{ "reply", FIELD_TEXT, .check = value_is_xpath,
	  .offset = offsetof(struct pack_exchange, reply) },
	{ "after", FIELD_TEXT, .check = value_is_id,
	  .offset = offsetof(struct pack_exchange, after) },
	{ "within", FIELD_NUMBER, .offset = offsetof(struct pack_exchange, within) },
};

static const struct mapping exchange_mapping = {
	.what = "an exchange",
	.bytes = sizeof(struct pack_exchange),
	.shorthand = "request",
	FIELDS(exchange_fields),
};

#define FIXED(file_key, edit_key, member)                                                          \
	{ file_key, FIELD_TEXT, .check = value_is_relative,                                        \
	  .offset = offsetof(struct pack_case, member.file) },                                     \
	{                                                                                          \
		edit_key, FIELD_LIST,                                                              \
			.of = &pack_edit_mapping,                                                  \
			.offset = offsetof(struct pack_case, member.edits),                        \
			.count_offset = offsetof(struct pack_case, member.edit_count)              \
	}

static const struct field case_fields[] = {
	{ "id", FIELD_TEXT, .required = true, .check = value_is_id,
	  .offset = offsetof(struct pack_case, id) },
	{ "title", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_case, title) },
	{ "requirements", FIELD_TEXTS, .offset = offsetof(struct pack_case, requirements) },
	{ "tags", FIELD_TEXTS, .check = value_is_id, .offset = offsetof(struct pack_case, tags) },
	FIXED("message", "edit", message),
	FIXED("request", "edit-request", request),
	FIXED("response", "edit-response", response),
	{ "evidence", FIELD_TEXT, .check = value_is_slot,
	  .offset = offsetof(struct pack_case, evidence) },
	{ "files", FIELD_CHOICE, .choices = takes, .offset = offsetof(struct pack_case, files) },
	{ "evidence-request", FIELD_TEXT, .check = value_is_slot,
	  .offset = offsetof(struct pack_case, evidence_request) },
	{ "evidence-response", FIELD_TEXT, .check = value_is_slot,
	  .offset = offsetof(struct pack_case, evidence_response) },
	{ "exchange", FIELD_MAP, .of = &exchange_mapping,
	  .offset = offsetof(struct pack_case, exchange) },
	{ "manual", FIELD_MAP, .of = &manual_mapping,
	  .offset = offsetof(struct pack_case, manual) },
	{ "expect", FIELD_MAP, .of = &expect_mapping,
	  .offset = offsetof(struct pack_case, expect) },
	{ "known-failure", FIELD_TEXT, .offset = offsetof(struct pack_case, known_failure) },
	{ "known-failure-owner", FIELD_TEXT,
	  .offset = offsetof(struct pack_case, known_failure_owner) },
	{ "known-failure-expires", FIELD_TEXT, .check = value_is_date,
	  .offset = offsetof(struct pack_case, known_failure_expires) },
	{ "given", FIELD_TEXT, .check = value_is_relative,
	  .offset = offsetof(struct pack_case, given) },
};

static const struct mapping case_mapping = {
	.what = "a case",
	.bytes = sizeof(struct pack_case),
	.faulty_offset = offsetof(struct pack_case, faulty),
	FIELDS(case_fields),
};

static const struct field waiver_fields[] = {
	{ "case", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_waiver, case_id) },
	{ "rule", FIELD_TEXT, .required = true, .check = value_is_rule,
	  .offset = offsetof(struct pack_waiver, rule) },
	{ "at", FIELD_TEXT, .check = value_is_xpath, .elsewhere = "path",
	  .offset = offsetof(struct pack_waiver, at) },
	{ "reason", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_waiver, reason) },
	{ "owner", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_waiver, owner) },
	{ "expires", FIELD_TEXT, .required = true, .check = value_is_date,
	  .offset = offsetof(struct pack_waiver, expires) },
};

static const struct mapping waiver_mapping = {
	.what = "a waiver",
	.bytes = sizeof(struct pack_waiver),
	FIELDS(waiver_fields),
};

static const struct field defaults_fields[] = {
	{ "tags", FIELD_TEXTS, .check = value_is_id,
	  .offset = offsetof(struct pack_defaults, tags) },
};

static const struct mapping defaults_mapping = {
	.what = "the defaults",
	.bytes = sizeof(struct pack_defaults),
	FIELDS(defaults_fields),
};

static const struct field pack_fields[] = {
	{ "pack", FIELD_TEXT, .required = true, .check = value_is_id,
	  .offset = offsetof(struct pack, name) },
	{ "version", FIELD_TEXT, .required = true, .check = value_is_version,
	  .offset = offsetof(struct pack, version) },
	{ "title", FIELD_TEXT, .required = true, .offset = offsetof(struct pack, title) },
	{ "specification", FIELD_TEXT, .offset = offsetof(struct pack, specification) },
	{ "requirements", FIELD_TEXT, .check = value_is_relative,
	  .offset = offsetof(struct pack, requirements_file) },
	{ "now", FIELD_TEXT, .check = value_is_time, .offset = offsetof(struct pack, now) },
	{ "keyed", FIELD_TEXT, .check = value_is_date, .offset = offsetof(struct pack, keyed) },
	{ "evidence-from", FIELD_TEXT, .check = value_is_date,
	  .offset = offsetof(struct pack, evidence_from) },
	{ "extra", FIELD_CHOICE, .choices = extras, .offset = offsetof(struct pack, extra) },
	{ "defaults", FIELD_MAP, .of = &defaults_mapping,
	  .offset = offsetof(struct pack, defaults) },
	{ "cases", FIELD_LIST, .required = true, .of = &case_mapping,
	  .offset = offsetof(struct pack, cases),
	  .count_offset = offsetof(struct pack, case_count) },
	{ "allow-outside", FIELD_FLAG, .offset = offsetof(struct pack, allow_outside) },
	{ "waivers", FIELD_LIST, .of = &waiver_mapping, .offset = offsetof(struct pack, waivers),
	  .count_offset = offsetof(struct pack, waiver_count) },
};

const struct mapping pack_mapping = {
	.what = "a pack",
	.bytes = sizeof(struct pack),
	FIELDS(pack_fields),
};

static const struct field requirement_fields[] = {
	{ "id", FIELD_TEXT, .required = true, .check = value_is_id,
	  .offset = offsetof(struct pack_requirement, id) },
	{ "text", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_requirement, text) },
	{ "source", FIELD_TEXT, .required = true,
	  .offset = offsetof(struct pack_requirement, source) },
	{ "not-testable", FIELD_TEXT, .offset = offsetof(struct pack_requirement, not_testable) },
};

const struct mapping requirement_mapping = {
	.what = "a requirement",
	.bytes = sizeof(struct pack_requirement),
	FIELDS(requirement_fields),
};

/* Reading */

enum { MOST_PACK_BYTES = 64 * 1024 * 1024 };

/* The pack's file itself, whose digest goes into the results. */
static void read_pack(struct pack *pack, struct problems *problems)
{
	const struct loader loader = { &pack->arena, pack->file, problems, false };
	struct yaml_node *root = NULL;
	struct buf bytes;
	char why[256];
	buf_init(&bytes, MOST_PACK_BYTES);
	if (files_read(pack->file, &bytes, why, sizeof(why))) {
		digest_sha256(buf_view(&bytes), pack->sha256);
		pack->bytes = bytes.n;
		root = yaml_read(&pack->arena, pack->file, buf_view(&bytes), problems);
	} else {
		problem_add(problems, pack->file, (struct config_place){ 0, 0 },
			    "cannot be read: %s", why);
	}
	buf_release(&bytes);
	if (root && root->kind == YAML_LIST)
		problem_add(problems, pack->file, root->place,
			    "a pack is a mapping, and this is a list: answers go into the folder "
			    "of --evidence, and waivers to --waivers");
	else if (root)
		load_mapping(&loader, &pack_mapping, root, pack);
}

bool pack_is_outside(const struct pack *pack, const char *name)
{
	char settled[PATH_MAX], path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s", pack->folder, name);
	if (n < 0 || n >= PATH_MAX - 2)
		return true;
	files_settle(name, settled);
	return settled[0] == '/' || strcmp(settled, "..") == 0 || strncmp(settled, "../", 3) == 0 ||
	       !files_is_inside(pack->folder, path);
}

const char *pack_path(const struct pack *pack, const struct config_text *name, struct arena *arena,
		      struct problems *problems)
{
	if (!pack->allow_outside.value && pack_is_outside(pack, name->text)) {
		problem_add(problems, pack->file, name->place,
			    "'%s' is outside the pack's folder: if that is right, write "
			    "'allow-outside: true' in the pack, or give --allow-outside",
			    name->text);
		return NULL;
	}
	const char *path = arena_printf(arena, "%s%s", pack->folder, name->text);
	if (!path)
		problem_add_internal(problems, pack->file, "out of memory");
	return path;
}

static void read_requirements(struct pack *pack, struct problems *problems)
{
	if (!pack->requirements_file.text)
		return;
	const char *path = pack_path(pack, &pack->requirements_file, &pack->arena, problems);
	if (!path)
		return;
	if (!files_is_there(path)) {
		problem_add(problems, pack->file, pack->requirements_file.place,
			    "the requirements '%s' cannot be read", pack->requirements_file.text);
		return;
	}
	const struct loader loader = { &pack->arena, path, problems, false };
	void *items = NULL;
	load_list_file(&loader, &requirement_mapping, &items, &pack->requirement_count);
	pack->requirements = items;
	pack->requirements_path = items ? path : NULL;
}

/* "dir/" of "dir/file", "" of "file". */
static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return arena_copy(arena, (struct str){ path, slash ? (size_t)(slash - path) + 1 : 0 });
}

struct pack *pack_load(const char *path, bool allow_outside, struct problems *problems)
{
	struct pack *pack = calloc(1, sizeof(*pack));
	if (!pack) {
		problem_add_internal(problems, path, "out of memory");
		return NULL;
	}
	arena_init(&pack->arena);
	pack->file = files_is_folder(path)
			     ? arena_printf(&pack->arena, "%s%spack.yaml", path,
					    str_ends(str_of(path), STR("/")) ? "" : "/")
			     : arena_copy(&pack->arena, str_of(path));
	pack->folder = pack->file ? folder_of(&pack->arena, pack->file) : NULL;
	if (pack->folder) {
		read_pack(pack, problems);
		pack->allow_outside.value = pack->allow_outside.value || allow_outside;
		read_requirements(pack, problems);
	}
	if (!pack->arena.failed)
		return pack;
	problem_add_internal(problems, path, "out of memory");
	pack_free(pack);
	return NULL;
}

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	arena_release(&pack->arena);
	free(pack);
}
