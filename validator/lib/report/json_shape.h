/*
 * json_shape.h - JSON documents as tables: the same rows write a document and its JSON Schema.
 *
 * A shape is an object that shows a struct. A member is a member of the struct, or is made of it.
 */
#ifndef CPIS_REPORT_JSON_SHAPE_H
#define CPIS_REPORT_JSON_SHAPE_H

#include "report/json_writer.h"

#include <stdint.h>

enum json_kind {
	JSON_TEXT,    /* const char *; NULL is null */
	JSON_DIGEST,  /* char[]; "" is null */
	JSON_NUMBER,  /* size_t */
	JSON_PLACE,   /* size_t that counts from 1: 0 is null */
	JSON_FLAG,    /* bool */
	JSON_WORD,    /* an enum: one of a few words */
	JSON_MADE,    /* a text made of the struct */
	JSON_TEXTS,   /* const char ** and a size_t */
	JSON_NUMBERS, /* numbers that follow one another: the first, and how many */
	JSON_LIST,    /* an array of structs and a size_t */
	JSON_INSIDE   /* an object that shows the same struct */
};

struct json_member {
	const char *key;
	enum json_kind kind;
	bool optional;	 /* a text that is NULL is left out */
	bool never_null; /* of texts: the schema says so */
	uint16_t offset, count_offset;
	const char *(*word)(unsigned value); /* JSON_WORD; of JSON_MADE, what it is one of */
	unsigned words;
	const char *more;			  /* JSON_MADE: a word beside those; or NULL */
	const char *(*made)(const void *subject); /* JSON_MADE */
	bool (*has)(const void *subject);	  /* it is left out where this is false */
	const struct json_shape *of;
	const char *about; /* a sentence for the schema; or NULL */
};

struct json_shape {
	const struct json_member *members;
	size_t count;
	size_t bytes; /* of the struct */
	bool row;     /* on one line */
};

#define JSON_MEMBERS(table) .members = (table), .count = sizeof(table) / sizeof((table)[0])

/* Write a struct as an object; key is as json_object has it. */
void json_shape_write(struct json_writer *json, const char *key, const struct json_shape *shape,
		      const void *subject);

/* Write the schema of such an object, as members of the object that is open. */
void json_shape_schema(struct json_writer *json, const struct json_shape *shape);

/* json.c: the document of results. */
extern const struct json_shape json_results_shape;

#endif
