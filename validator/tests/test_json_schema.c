/* What the program writes and reads is as its JSON Schemas say, and what it refuses is not. The
 * judge of both is small: it knows the words of JSON Schema that the schemas use, and fails for any
 * other. */
#include "run_cli.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The judge */

static char wrong[1024]; /* the first thing that is not as the schema says */

static bool refuse(const char *path, const char *what)
{
	if (!wrong[0])
		snprintf(wrong, sizeof(wrong), "%s: %s", path, what);
	return false;
}

static json_object *member(json_object *object, const char *key)
{
	json_object *value = NULL;
	json_object_object_get_ex(object, key, &value);
	return value;
}

static bool is_listed(json_object *list, json_object *value)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (json_object_equal(json_object_array_get_idx(list, i), value))
			return true;
	return false;
}

static bool has_type(const char *type, json_object *value)
{
	static const struct {
		const char *name;
		json_type type;
	} types[] = {
		{ "object", json_type_object }, { "array", json_type_array },
		{ "string", json_type_string }, { "boolean", json_type_boolean },
		{ "integer", json_type_int },	{ "number", json_type_int },
		{ "number", json_type_double }, { "null", json_type_null },
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, type) == 0 && json_object_is_type(value, types[i].type))
			return true;
	return false;
}

static bool has_one_of_types(json_object *types, json_object *value)
{
	if (json_object_is_type(types, json_type_string))
		return has_type(json_object_get_string(types), value);
	for (size_t i = 0; i < json_object_array_length(types); i++)
		if (has_type(json_object_get_string(json_object_array_get_idx(types, i)), value))
			return true;
	return false;
}

static bool fits(json_object *schema, json_object *value, const char *path);

/* Members that the schema does not name are refused: results may get more, but not unseen. */
static bool object_fits(json_object *schema, json_object *value, const char *path)
{
	json_object *properties = member(schema, "properties"),
		    *needed = member(schema, "required");
	json_object_object_foreach(value, key, one)
	{
		char below[512];
		json_object *of = member(properties, key);
		snprintf(below, sizeof(below), "%s/%s", path, key);
		if (!of)
			return refuse(below, "is not in the schema");
		if (!fits(of, one, below))
			return false;
	}
	for (size_t i = 0; needed && i < json_object_array_length(needed); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(needed, i));
		if (!json_object_object_get_ex(value, name, NULL))
			return refuse(path, name);
	}
	return true;
}

static bool fits(json_object *schema, json_object *value, const char *path)
{
	static const char *const known[] = { "$schema",
					     "description",
					     "title",
					     "type",
					     "enum",
					     "properties",
					     "required",
					     "items",
					     "minItems",
					     "minimum",
					     "maximum",
					     "pattern",
					     "additionalProperties",
					     NULL };
	json_object_object_foreach(schema, key, of)
	{
		size_t i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return refuse(path, key);
		if (strcmp(key, "enum") == 0 && !is_listed(of, value))
			return refuse(path, "is another word");
		if (strcmp(key, "type") == 0 && !has_one_of_types(of, value))
			return refuse(path, "is of another type");
		if (strcmp(key, "minimum") == 0 && value &&
		    json_object_get_int64(value) < json_object_get_int64(of))
			return refuse(path, "is too small");
		if (strcmp(key, "maximum") == 0 && value &&
		    json_object_get_int64(value) > json_object_get_int64(of))
			return refuse(path, "is too large");
		if (strcmp(key, "minItems") == 0 && json_object_is_type(value, json_type_array) &&
		    (int64_t)json_object_array_length(value) < json_object_get_int64(of))
			return refuse(path, "has too few items");
	}
	json_object *items = member(schema, "items");
	if (items && json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			char below[512];
			snprintf(below, sizeof(below), "%s[%zu]", path, i);
			if (!fits(items, json_object_array_get_idx(value, i), below))
				return false;
		}
	return !json_object_is_type(value, json_type_object) || !member(schema, "properties") ||
	       object_fits(schema, value, path);
}

static json_object *json_of(const char *text)
{
	json_object *made = json_tokener_parse(text);
	if (!made)
		fail_msg("not JSON: %.80s", text);
	return made;
}

static json_object *schema_of(const char *format)
{
	struct said said = run_program("schemas json %s", format);
	assert_int_equal(said.exit_code, 0);
	json_object *schema = json_of(said.out);
	run_release(&said);
	return schema;
}

/* The tests */

#define CERTIFY "run testcases/packs/la-upload/certify.yaml"

static void test_results_are_as_their_schema_says(void **state)
{
	(void)state;
	static const char *const runs[] = {
		"validate testcases/messages testcases/transport",
		"validate testcases/rules/DAT-003 --max-findings 1 --stages xml,schema,rules",
		"validate testcases/hostile --fail-on warning --show-values",
		"validate testcases/rules/ITK-001 testcases/rules/PAIR-011 --environment live",
		"validate no-such-file testcases/messages --meta supplier=x",
		"run testcases/packs/la-upload/pack.yaml testcases/packs/nhs-query/pack.yaml",
		CERTIFY " --evidence testcases/messages",
		"merge --summary @/1.xml @/2.xml",
	};
	for (int part = 1; part <= 2; part++) {
		struct said said = run_program("validate -q testcases/messages --now 20261101 "
					       "--shard %d/2 -r xml=@/%d.xml",
					       part, part);
		assert_int_equal(said.exit_code, 0);
		run_release(&said);
	}
	json_object *schema = schema_of("results");
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		bool merges = strncmp(runs[i], "merge", 5) == 0;
		char words[256];
		snprintf(words, sizeof(words), "%s -r json %s 2>@/err", runs[i],
			 merges ? "" : "--now 20261101");
		struct said said = run_program("%s", words);
		assert_int_equal(strstr(said.out, "\"unlisted_messages\"") != NULL, merges);
		if (!said.out[0])
			fail_msg("%s: %s", runs[i], said.err);
		json_object *results = json_of(said.out);
		wrong[0] = '\0';
		if (!fits(schema, results, ""))
			fail_msg("%s: %s", runs[i], wrong);
		json_object_put(results);
		run_release(&said);
	}
	json_object_put(schema);
}

/* So that a schema that takes everything would be seen. */
static void test_the_schema_of_results_refuses_what_they_never_are(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *path;
	} changes[] = {
		{ "\"verdict\": \"fail\"", "\"verdict\": \"failed\"", "/verdict" },
		{ "\"verdict\": \"fail\"", "\"verdct\": \"fail\"", "/verdct" },
		{ "\"partial\": false", "\"partial\": 0", "/partial" },
		{ "\"rule\": \"DAT-003\"", "\"rule\": null", "]/rule" },
		{ "\"severity\": \"error\"", "\"severity\": \"bad\"", "]/severity" },
		{ "\"line\": 26", "\"line\": 0", "]/line" },
		{ "\"fix\": ", "\"fixes\": ", "]/fixes" },
	};
	json_object *schema = schema_of("results");
	struct said said = run_program("validate testcases/rules/DAT-003/fail-a-minute-before.xml "
				       "-r json --now 20260801");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = strstr(said.out, changes[i].from);
		char *text = NULL;
		if (!at)
			fail_msg("%s is not in the results", changes[i].from);
		assert_true(asprintf(&text, "%.*s%s%s", (int)(at - said.out), said.out,
				     changes[i].to, at + strlen(changes[i].from)) > 0);
		json_object *results = json_of(text);
		wrong[0] = '\0';
		assert_false(fits(schema, results, ""));
		if (!strstr(wrong, changes[i].path))
			fail_msg("%s: %s", changes[i].to, wrong);
		json_object_put(results);
		free(text);
	}
	run_release(&said);
	json_object_put(schema);
}

static void test_lint_and_schema_agree_on_files_that_people_write(void **state)
{
	(void)state;
#define SCENARIO(rest) "[ { \"name\": \"slow\", " rest " } ]"
	static const struct {
		const char *format, *file, *key, *value; /* JSON is YAML too */
		bool good;
	} files[] = {
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"again\": true, \"replies\": [ { \"reply\": \"normal\", \"delay\": 5 "
			   "} ]"),
		  true },
		{ "scenarios", "slow.yaml", "scenarios", SCENARIO("\"door\": \"itk\""), false },
		{ "scenarios", "slow.yaml", "scenarios", SCENARIO("\"replies\": [ ]"), false },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"replies\": [ { \"reply\": \"silenc\" } ]"), false },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"replies\": [ { \"reply\": \"normal\", \"status\": 599 } ]"), true },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"replies\": [ { \"reply\": \"normal\", \"status\": 600 } ]"), false },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"replies\": [ { \"reply\": \"normal\", \"status\": -5 } ]"), false },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"replies\": [ { \"reply\": \"normal\", \"delay\": -1 } ]"), false },
		{ "scenarios", "slow.yaml", "scenarios",
		  SCENARIO("\"door\": \"x\", \"replies\": [ \"normal\" ]"), false },
		{ "settings", "cpis.yaml", "environment", "\"live\"", true },
		{ "settings", "cpis.yaml", "exclude", "[ \"old\" ]", true },
		{ "settings", "cpis.yaml", "environment", "\"liv\"", false },
		{ "settings", "cpis.yaml", "fail-no", "\"error\"", false },
		{ "profile", "strict.yaml", "profile", "{ }", false },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = scratch_path(files[i].file);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%s: %s\n", files[i].key, files[i].value);
		assert_int_equal(fclose(file), 0);
		struct said said = run_program("lint %s", path);
		if (said.exit_code != (files[i].good ? 0 : 2))
			fail_msg("lint of %s: exit %d: %s", files[i].value, said.exit_code,
				 said.err);
		run_release(&said);
		json_object *schema = schema_of(files[i].format), *value = json_object_new_object();
		json_object_object_add(value, files[i].key, json_of(files[i].value));
		wrong[0] = '\0';
		if (fits(schema, value, "") != files[i].good)
			fail_msg("the schema and %s: %s", files[i].value, wrong);
		json_object_put(value);
		json_object_put(schema);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results_are_as_their_schema_says),
		cmocka_unit_test(test_the_schema_of_results_refuses_what_they_never_are),
		cmocka_unit_test(test_lint_and_schema_agree_on_files_that_people_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
