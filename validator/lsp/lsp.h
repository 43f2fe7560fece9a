/*
 * lsp.h - a language server on standard input and output, for any editor that speaks the protocol
 * (version 3.17).
 *
 * server.c reads requests and keeps the open documents; text.c knows places; diagnose.c judges,
 * actions.c offers what can be done about a finding, and complete.c what may be typed. Everything
 * is on one thread: a whole verdict takes a few milliseconds, so no request waits for long.
 *
 * JSON is json-c's. Its objects are counted: a function that returns one gives it to the caller,
 * and adding one to another gives it away.
 */
#ifndef CPIS_LSP_LSP_H
#define CPIS_LSP_LSP_H

#include "cpis.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

/* Lines from 0; units of UTF-16 from 0. A place past the end is the end. */
struct place {
	size_t line, unit;
};

/* A character's place: as the protocol says it, and as a finding does. */
struct mark {
	size_t at; /* its offset */
	struct place place;
	size_t line, column;
};

/* Text as the editor has it. */
struct document {
	struct document *next;
	char *uri, *path; /* path: as far as the URI is one of a file, else the URI */
	char *name;	  /* as a run in the folder of the server would name it */
	char *text;	  /* UTF-8, with a NUL after it that is not counted */
	size_t size;
	struct mark *marks; /* some, so that a search is short; those of the text as it is */
	size_t mark_count;
	int version;
	const char *format;	      /* of cpis_config_guess; NULL: a message */
	struct cpis_results *results; /* of the text as it is, of a message; NULL: none */
};

struct server {
	FILE *out;    /* where answers go */
	char *folder; /* that it serves, from the root */
	struct document *documents;
	struct cpis_options options; /* how messages are judged */
	bool initialized, shut_down;
	int next_id; /* of the server's own requests */
};

/* server.c: read requests until exit or the end of the input, then close all documents. Returns
 * whether the client said both shutdown and exit. */
bool lsp_serve(struct server *server, FILE *in);

/* server.c: a path as a run in the folder of the server would name it. For free(). */
char *server_name_of(const struct server *server, const char *path);

/* text.c: byte offsets of a document against what the protocol and findings say. */

size_t text_offset(const struct document *document, struct place place);
struct place text_place(const struct document *document, size_t offset);
/* Of a finding: lines, which end with LF, and characters, both from 1. */
size_t text_found(const struct document *document, size_t line, size_t column);
/* Where the word, tag name or value that starts at an offset ends. */
size_t text_word_end(const struct document *document, size_t offset);
/* Make the marks of a text that is new. */
void text_index(struct document *document);
/* Replace a range of bytes by text. False: out of memory, and nothing is changed. */
bool text_replace(struct document *document, size_t start, size_t end, const char *text, size_t n);

/* JSON of the protocol */
json_object *json_range(const struct document *document, size_t start, size_t end);
json_object *json_edit(const struct document *document, size_t start, size_t end, const char *text,
		       size_t n);
bool place_of_json(json_object *position, struct place *place);
/* A member, by names from the outside, ended by NULL; or NULL. Borrowed. */
json_object *json_at(json_object *object, ...) __attribute__((sentinel));
const char *json_string_at(json_object *object, const char *name);
/* A member that is given away; NULL values are left out. */
void json_put(json_object *object, const char *name, json_object *value);
void json_put_text(json_object *object, const char *name, const char *text);
void json_put_number(json_object *object, const char *name, size_t number);

/* diagnose.c: judge a document, and say what is wrong with it as an array of Diagnostic. */
json_object *diagnose(struct server *server, struct document *document);
/* Where the baseline is that the cpis.yaml of the server's folder names. For free(). NULL: none. */
char *baseline_in_use(const struct server *server);
/* The range of a finding in the document. */
void finding_range(const struct document *document, const struct cpis_finding *finding,
		   size_t *start, size_t *end);
/* A Hover about the findings at an offset; NULL: there are none. */
json_object *hover(const struct document *document, size_t offset);
/* The layers of a message and its records: an array of DocumentSymbol. */
json_object *outline(const struct server *server, const struct document *document);
/* A rule in Markdown; for free(). NULL: there is no such rule, or out of memory. */
char *rule_text(const char *id);

/* actions.c: an array of CodeAction for what is between two offsets. */
json_object *actions(const struct server *server, const struct document *document, size_t start,
		     size_t end);

/* complete.c: an array of CompletionItem at an offset. */
json_object *complete(const struct server *server, const struct document *document, size_t offset);
/* What the key at an offset of a pack or another such file is for, in Markdown; for free(). NULL:
 * there is no key that is known. */
char *key_text(const struct document *document, size_t offset);

#endif
