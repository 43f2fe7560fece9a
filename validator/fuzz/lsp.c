/*
 * What an editor may send: files are documents that it opens and works on, at places that come from
 * their own bytes; each line of what has no name is a message of its own. Whatever was sent, the
 * answers are messages of JSON.
 */
#include "fuzz.h"

#include "lsp/lsp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(FILE *script, const char *body, size_t n)
{
	fprintf(script, "Content-Length: %zu\r\n\r\n", n);
	fwrite(body, 1, n, script);
}

/* object is given away. */
static void say_object(FILE *script, json_object *object)
{
	size_t n;
	const char *body = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN, &n);
	say(script, body, n);
	json_object_put(object);
}

static json_object *position(size_t line, size_t unit)
{
	json_object *place = json_object_new_object();
	json_put_number(place, "line", line);
	json_put_number(place, "character", unit);
	return place;
}

static json_object *range(const size_t at[4])
{
	json_object *both = json_object_new_object();
	json_put(both, "start", position(at[0], at[1]));
	json_put(both, "end", position(at[2], at[3]));
	return both;
}

static json_object *document(const struct fuzz_file *file, bool text)
{
	char uri[sizeof(file->name) + 16];
	json_object *item = json_object_new_object();
	snprintf(uri, sizeof(uri), "file:///%s", file->name);
	json_put_text(item, "uri", uri);
	if (text)
		json_put(item, "text",
			 json_object_new_string_len(file->bytes.p, (int)file->bytes.n));
	return item;
}

/* parameters are given away. id 0: a notification. */
static void say_method(FILE *script, int id, const char *method, json_object *parameters)
{
	json_object *message = json_object_new_object();
	json_put_text(message, "method", method);
	json_put(message, "params", parameters);
	if (id)
		json_put(message, "id", json_object_new_int(id));
	say_object(script, message);
}

static void say_about(FILE *script, const char *method, const struct fuzz_file *file,
		      const size_t at[4])
{
	json_object *parameters = json_object_new_object();
	json_put(parameters, "textDocument", document(file, false));
	json_put(parameters, "position", position(at[0], at[1]));
	json_put(parameters, "range", range(at));
	say_method(script, 7, method, parameters);
}

static void say_change(FILE *script, const struct fuzz_file *file, const size_t at[4],
		       const char *text)
{
	json_object *change = json_object_new_object(), *changes = json_object_new_array();
	json_object *parameters = json_object_new_object();
	json_put(change, "range", range(at));
	json_put_text(change, "text", text);
	json_object_array_add(changes, change);
	json_put(parameters, "textDocument", document(file, false));
	json_put(parameters, "contentChanges", changes);
	say_method(script, 0, "textDocument/didChange", parameters);
}

/* Open it, ask everything about two places, change what is between them, and ask again. */
static void work_on(FILE *script, const struct fuzz_file *file)
{
	static const char *const methods[] = { "textDocument/hover", "textDocument/codeAction",
					       "textDocument/completion",
					       "textDocument/documentSymbol" };
	static const char *const texts[] = { "", "7", "<a>", "\"", "\r\n", "\xc3\xa9" };
	uint32_t sum = 2166136261u;
	size_t lines = 1;
	for (size_t i = 0; i < file->bytes.n; i++) {
		sum = (sum ^ (unsigned char)file->bytes.p[i]) * 16777619u;
		lines += file->bytes.p[i] == '\n';
	}
	size_t line = (sum >> 8) % (lines + 1);
	const size_t at[4] = { line, sum % 61, line + (sum >> 4) % 2, sum % 71 };
	json_object *parameters = json_object_new_object();
	json_put(parameters, "textDocument", document(file, true));
	say_method(script, 0, "textDocument/didOpen", parameters);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
			say_about(script, methods[i], file, at);
		say_change(script, file, at, texts[sum % (sizeof(texts) / sizeof(texts[0]))]);
	}
}

static void say_lines(FILE *script, struct str text)
{
	for (const char *at = text.p, *end = text.p + text.n; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		say(script, at, (size_t)(stop - at));
		at = stop + 1;
	}
}

/* Everything that was answered is framed, and JSON of right UTF-8. */
static void check_answers(const char *answers, size_t n)
{
	static const char heading[] = "Content-Length: ";
	for (const char *at = answers, *end = answers + n; at < end;) {
		char *stop;
		must(strncmp(at, heading, sizeof(heading) - 1) == 0);
		size_t size = strtoul(at + sizeof(heading) - 1, &stop, 10);
		must(strncmp(stop, "\r\n\r\n", 4) == 0);
		must(size <= (size_t)(end - stop) - 4);
		json_tokener *tokener = json_tokener_new_ex(64);
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		json_object *message = json_tokener_parse_ex(tokener, stop + 4, (int)size);
		must(message);
		json_object_put(message);
		json_tokener_free(tokener);
		at = stop + 4 + size;
	}
}

void fuzz_lsp(struct str input)
{
	struct fuzz_files files;
	char *said = NULL, *answers = NULL;
	size_t said_size = 0, answered = 0;
	fuzz_split(input, &files);
	FILE *script = open_memstream(&said, &said_size);
	struct server server = { .out = open_memstream(&answers, &answered),
				 .folder = (char[]){ "/nowhere" },
				 .options = { .max_decoded_bytes = 1 << 20, .max_parts = 64 } };
	must(script && server.out);
	say_method(script, 1, "initialize", NULL);
	for (size_t i = 0; i < files.count; i++)
		if (files.items[i].name[0])
			work_on(script, &files.items[i]);
		else
			say_lines(script, files.items[i].bytes);
	must(fclose(script) == 0);
	FILE *in = fmemopen(said, said_size, "r");
	must(in);
	lsp_serve(&server, in);
	fclose(in);
	must(fclose(server.out) == 0);
	check_answers(answers, answered);
	free(answers);
	free(said);
	fuzz_release(&files);
}
