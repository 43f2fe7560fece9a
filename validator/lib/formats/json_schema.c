/* JSON Schemas of the files that people write, made from the tables that read them. */
#include "cpis.h"

#include "config/value.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "formats/formats.h"
#include "report/json_shape.h"
#include "rules/catalogue.h"

/* What a value of YAML may look like to an editor, where the program reads a text: 1.0, true. */
static void write_scalar_types(struct json_writer *json)
{
	json_array_row(json, "type");
	json_text(json, NULL, "string");
	json_text(json, NULL, "number");
	json_text(json, NULL, "boolean");
	json_end(json);
}

static void write_rules(struct json_writer *json)
{
	json_array_row(json, "enum");
	for (size_t i = 0; i < rules_count(); i++)
		json_text(json, NULL, rules_at(i)->id);
	json_end(json);
}

static void write_text(struct json_writer *json, const struct field *field)
{
	if (field->check == value_is_rule) {
		write_rules(json);
		return;
	}
	write_scalar_types(json);
	if (field->check == value_is_id)
		json_text(json, "pattern", "^[A-Za-z0-9._-]+$");
	if (field->check == value_is_date)
		json_text(json, "pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
}

static void write_mapping(struct json_writer *json, const struct mapping *mapping);

static void write_field(struct json_writer *json, const struct field *field)
{
	json_object(json, field->key);
	if (field->about)
		json_text(json, "description", field->about);
	switch (field->kind) {
	case FIELD_TEXT:
		write_text(json, field);
		break;
	case FIELD_TEXTS:
		json_text(json, "type", "array");
		json_object_row(json, "items");
		write_text(json, field);
		json_end(json);
		break;
	case FIELD_NUMBER:
		json_text(json, "type", "integer");
		json_size(json, "minimum", field->least);
		json_size(json, "maximum", field->most ? field->most : MOST_NUMBER);
		break;
	case FIELD_FLAG:
		json_text(json, "type", "boolean");
		break;
	case FIELD_CHOICE:
		json_array_row(json, "enum");
		for (size_t i = 0; field->choices[i]; i++)
			json_text(json, NULL, field->choices[i]);
		json_end(json);
		break;
	case FIELD_MAP:
		write_mapping(json, field->of);
		break;
	case FIELD_LIST:
		json_text(json, "type", "array");
		if (field->has_items)
			json_size(json, "minItems", 1);
		json_object(json, "items");
		write_mapping(json, field->of);
		json_end(json);
		break;
	}
	json_end(json);
}

static bool has_required(const struct mapping *mapping)
{
	for (size_t i = 0; i < mapping->field_count; i++)
		if (mapping->fields[i].required)
			return true;
	return false;
}

/* Members of a mapping's schema, into the object that is open. */
static void write_mapping(struct json_writer *json, const struct mapping *mapping)
{
	json_text(json, "title", mapping->what);
	json_array_row(json, "type");
	json_text(json, NULL, "object");
	if (mapping->shorthand)
		json_text(json, NULL, "string");
	json_end(json);
	json_bool(json, "additionalProperties", false);
	json_object(json, "properties");
	for (size_t i = 0; i < mapping->field_count; i++)
		write_field(json, &mapping->fields[i]);
	for (size_t i = 0; i < mapping->variant_count; i++) {
		json_object(json, mapping->variants[i].key);
		write_mapping(json, mapping->variants[i].of);
		json_end(json);
	}
	json_end(json);
	if (mapping->variant_count) {
		json_size(json, "minProperties", 1);
		json_size(json, "maxProperties", 1);
	}
	if (!has_required(mapping))
		return;
	json_array_row(json, "required");
	for (size_t i = 0; i < mapping->field_count; i++)
		if (mapping->fields[i].required)
			json_text(json, NULL, mapping->fields[i].key);
	json_end(json);
}

/* Of a file that people write, or of the results. */
static void write_format(struct json_writer *json, const struct config_format *format)
{
	if (!format) {
		json_text(json, "description", "the results of a run: cpis validate -r json");
		json_shape_schema(json, &json_results_shape);
		return;
	}
	json_text(json, "description", format->title);
	if (format->list) {
		json_text(json, "type", "array");
		json_object(json, "items");
	}
	write_mapping(json, format->mapping);
	if (format->list)
		json_end(json);
}

int cpis_config_schema(const char *name, cpis_write write, void *context,
		       struct cpis_failure *failure)
{
	const struct config_format *format = config_format_find(name);
	struct json_writer json;
	struct buf out;
	if (format ? !format->mapping : strcmp(name, "results") != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "there is no format %s",
				   name);
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	buf_init(&out, SIZE_MAX / 2);
	json_init(&json, &out);
	json_object(&json, NULL);
	json_text(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
	write_format(&json, format);
	json_end(&json);
	int status = json_finish(&json);
	if (status != 0)
		failure_out_of_memory(failure);
	else if (write(context, out.p, out.n) != 0)
		status = failure_set(failure, CPIS_FAILURE_INTERNAL,
				     "the schema could not be written");
	buf_release(&out);
	return status;
}
