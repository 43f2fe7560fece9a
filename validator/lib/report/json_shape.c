#include "report/json_shape.h"

#include <string.h>

/* Writing */

static size_t number_at(const void *subject, size_t offset)
{
	size_t value;
	memcpy(&value, (const char *)subject + offset, sizeof(value));
	return value;
}

static const void *pointer_at(const void *subject, size_t offset)
{
	const void *value;
	memcpy(&value, (const char *)subject + offset, sizeof(value));
	return value;
}

static bool flag_at(const void *subject, size_t offset)
{
	bool value;
	memcpy(&value, (const char *)subject + offset, sizeof(value));
	return value;
}

static const char *text_of(const struct json_member *member, const void *subject)
{
	const char *digest = (const char *)subject + member->offset;
	unsigned value;
	switch (member->kind) {
	case JSON_MADE:
		return member->made(subject);
	case JSON_DIGEST:
		return *digest ? digest : NULL;
	case JSON_WORD:
		memcpy(&value, digest, sizeof(value));
		return member->word(value);
	default:
		return pointer_at(subject, member->offset);
	}
}

static void write_texts(struct json_writer *json, const struct json_member *member,
			const void *subject)
{
	const char *texts = pointer_at(subject, member->offset);
	size_t count = number_at(subject, member->count_offset);
	json_array_row(json, member->key);
	for (size_t i = 0; i < count; i++)
		json_text(json, NULL, pointer_at(texts, i * sizeof(const char *)));
	json_end(json);
}

static void write_list(struct json_writer *json, const struct json_member *member,
		       const void *subject)
{
	const char *entries = pointer_at(subject, member->offset);
	size_t count = number_at(subject, member->count_offset);
	json_array(json, member->key);
	for (size_t i = 0; i < count; i++)
		json_shape_write(json, NULL, member->of, entries + i * member->of->bytes);
	json_end(json);
}

static void write_member(struct json_writer *json, const struct json_member *member,
			 const void *subject)
{
	size_t first;
	switch (member->kind) {
	case JSON_NUMBER:
		json_size(json, member->key, number_at(subject, member->offset));
		break;
	case JSON_PLACE:
		json_place(json, member->key, number_at(subject, member->offset));
		break;
	case JSON_FLAG:
		json_bool(json, member->key, flag_at(subject, member->offset));
		break;
	case JSON_TEXTS:
		write_texts(json, member, subject);
		break;
	case JSON_NUMBERS:
		first = number_at(subject, member->offset);
		json_array_row(json, member->key);
		for (size_t i = 0; i < number_at(subject, member->count_offset); i++)
			json_size(json, NULL, first + i);
		json_end(json);
		break;
	case JSON_LIST:
		write_list(json, member, subject);
		break;
	case JSON_INSIDE:
		json_shape_write(json, member->key, member->of, subject);
		break;
	default:
		if (member->optional)
			json_text_if(json, member->key, text_of(member, subject));
		else
			json_text(json, member->key, text_of(member, subject));
	}
}

void json_shape_write(struct json_writer *json, const char *key, const struct json_shape *shape,
		      const void *subject)
{
	if (shape->row)
		json_object_row(json, key);
	else
		json_object(json, key);
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->members[i].has || shape->members[i].has(subject))
			write_member(json, &shape->members[i], subject);
	json_end(json);
}

/* The schema */

static void write_type(struct json_writer *json, const char *type, bool may_be_null)
{
	if (!may_be_null) {
		json_text(json, "type", type);
		return;
	}
	json_array_row(json, "type");
	json_text(json, NULL, type);
	json_text(json, NULL, "null");
	json_end(json);
}

static void write_words(struct json_writer *json, const struct json_member *member)
{
	json_array_row(json, "enum");
	for (unsigned i = 0; i < member->words; i++)
		json_text(json, NULL, member->word(i));
	if (member->more)
		json_text(json, NULL, member->more);
	json_end(json);
}

static void write_member_schema(struct json_writer *json, const struct json_member *member)
{
	json_object(json, member->key);
	if (member->about)
		json_text(json, "description", member->about);
	switch (member->kind) {
	case JSON_NUMBER:
	case JSON_PLACE:
		write_type(json, "integer", member->kind == JSON_PLACE);
		json_size(json, "minimum", member->kind == JSON_PLACE);
		break;
	case JSON_FLAG:
		write_type(json, "boolean", false);
		break;
	case JSON_TEXTS:
	case JSON_NUMBERS:
	case JSON_LIST:
		write_type(json, "array", false);
		json_object(json, "items");
		if (member->kind == JSON_LIST)
			json_shape_schema(json, member->of);
		else
			write_type(json, member->kind == JSON_TEXTS ? "string" : "integer", false);
		json_end(json);
		break;
	case JSON_INSIDE:
		json_shape_schema(json, member->of);
		break;
	case JSON_DIGEST:
		write_type(json, "string", true);
		json_text(json, "pattern", "^[0-9a-f]+$");
		break;
	default:
		if (member->words)
			write_words(json, member);
		else
			write_type(json, "string", !member->optional && !member->never_null);
	}
	json_end(json);
}

void json_shape_schema(struct json_writer *json, const struct json_shape *shape)
{
	json_text(json, "type", "object");
	json_object(json, "properties");
	for (size_t i = 0; i < shape->count; i++)
		write_member_schema(json, &shape->members[i]);
	json_end(json);
	json_array_row(json, "required");
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->members[i].optional && !shape->members[i].has)
			json_text(json, NULL, shape->members[i].key);
	json_end(json);
}
