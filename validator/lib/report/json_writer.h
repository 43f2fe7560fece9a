/*
 * json_writer.h - write JSON into a buffer; the result is always well formed.
 *
 * A bounded stack knows whether we are in an object or an array. A wrong call (a key in an array,
 * no key in an object, too deep, too many ends) sets a failure that sticks; callers ask once, at
 * the end.
 */
#ifndef CPIS_REPORT_JSON_WRITER_H
#define CPIS_REPORT_JSON_WRITER_H

#include "base/buf.h"

enum { JSON_DEPTH = 16 };

enum json_container { JSON_OBJECT, JSON_ARRAY };

struct json_writer {
	struct buf *out;
	size_t depth;
	size_t row_depth; /* from this depth on everything is on one line; 0: not */
	struct {
		enum json_container container;
		size_t count;
	} stack[JSON_DEPTH];
	bool begun;  /* the one value of the document */
	bool failed; /* sticks */
};

void json_init(struct json_writer *json, struct buf *out);

/* key is NULL for the document itself and inside an array, and only there. */
void json_object(struct json_writer *json, const char *key);
void json_array(struct json_writer *json, const char *key);

/* The same, with all of its contents on one line. */
void json_object_row(struct json_writer *json, const char *key);
void json_array_row(struct json_writer *json, const char *key);

void json_end(struct json_writer *json);

void json_text(struct json_writer *json, const char *key, const char *value); /* NULL: null */
void json_size(struct json_writer *json, const char *key, size_t value);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);

/* A number that counts from 1: 0 is null. */
void json_place(struct json_writer *json, const char *key, size_t value);

/* Nothing is written for NULL or 0. */
void json_text_if(struct json_writer *json, const char *key, const char *value);
void json_size_if(struct json_writer *json, const char *key, size_t value);

/* A JSON string on its own; it is a YAML string too. */
void json_quote(struct buf *out, const char *text);

/* End the document with a line feed. -1 if any call was wrong or the buffer failed. */
int json_finish(struct json_writer *json);

#endif
