#include "evidence/record.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static const char version[] = "cpis-run 1";

static const size_t most_limit = (size_t)4 << 30;

void record_init(struct record *record)
{
	*record = (struct record){ .options = { .now = 0 } };
}

void record_release(struct record *record)
{
	arena_release(&record->arena);
	record_init(record);
}

/* Room for one more entry, by powers of two. */
static void *grown(struct arena *arena, void *list, size_t count, size_t entry_bytes)
{
	if (count & (count - 1))
		return list;
	void *more = arena_alloc(arena, (count ? count * 2 : 1) * entry_bytes);
	if (more && count)
		memcpy(more, list, count * entry_bytes);
	return more;
}

int record_add_text(struct record *record, struct texts *texts, const char *text)
{
	const char **items = grown(&record->arena, texts->items, texts->count, sizeof(*items));
	const char *copy = arena_copy(&record->arena, str_of(text));
	if (!items || !copy)
		return -1;
	texts->items = items;
	texts->items[texts->count++] = copy;
	return 0;
}

int record_add_file(struct record *record, const char *named, const char *sha256)
{
	struct recorded_file *files =
		grown(&record->arena, record->files, record->file_count, sizeof(*files));
	if (!files)
		return -1;
	record->files = files;
	struct recorded_file *file = &files[record->file_count];
	*file = (struct recorded_file){ .named = arena_copy(&record->arena, str_of(named)) };
	snprintf(file->sha256, sizeof(file->sha256), "%s", sha256);
	if (!file->named)
		return -1;
	record->file_count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct recorded_file *x = a, *y = b;
	return strcmp(x->named, y->named);
}

const struct recorded_file *record_find(const struct record *record, const char *named)
{
	const struct recorded_file wanted = { .named = named };
	return record->file_count ? bsearch(&wanted, record->files, record->file_count,
					    sizeof(*record->files), by_name)
				  : NULL;
}

int record_sort(struct record *record, const char **twice)
{
	size_t kept = 0;
	if (record->file_count)
		qsort(record->files, record->file_count, sizeof(*record->files), by_name);
	for (size_t i = 0; i < record->file_count; i++) {
		const struct recorded_file *file = &record->files[i];
		bool again = kept && strcmp(record->files[kept - 1].named, file->named) == 0;
		if (!again) {
			record->files[kept++] = *file;
		} else if (strcmp(record->files[kept - 1].sha256, file->sha256) != 0) {
			*twice = file->named;
			return -1;
		}
	}
	record->file_count = kept;
	return 0;
}

/* Names and where their values are: texts, lists and numbers. */
static const struct {
	const char *name;
	size_t offset;
} text_lines[] = {
	{ "evidence", offsetof(struct record, evidence) },
	{ "profile", offsetof(struct record, profile) },
	{ "baseline", offsetof(struct record, baseline) },
	{ "phase", offsetof(struct record, options.phase) },
	{ "as", offsetof(struct record, options.as_type) },
}, list_lines[] = {
	{ "pack", offsetof(struct record, packs) },
	{ "only", offsetof(struct record, only) },
	{ "skip", offsetof(struct record, skip) },
	{ "schematron", offsetof(struct record, schematron) },
}, size_lines[] = {
	{ "max-input", offsetof(struct record, options.max_input_bytes) },
	{ "max-depth", offsetof(struct record, options.max_depth) },
	{ "max-attribute", offsetof(struct record, options.max_attribute_bytes) },
	{ "max-findings", offsetof(struct record, options.max_findings) },
	{ "max-decoded", offsetof(struct record, options.max_decoded_bytes) },
	{ "max-parts", offsetof(struct record, options.max_parts) },
	{ "max-layers", offsetof(struct record, options.max_layers) },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *const fail_on[] = { "error", "warning", "never" };
static const char *const environments[] = { "test", "live" };
static const char *const values[] = { "masked", "shown" };

static void write_value(struct buf *out, const char *text)
{
	buf_char(out, ' ');
	for (; *text; text++)
		if ((unsigned char)*text <= 0x20 || *text == 0x7f || *text == '%')
			buf_printf(out, "%%%02X", (unsigned char)*text);
		else
			buf_char(out, *text);
}

static void write_line(struct buf *out, const char *name, const char *value)
{
	buf_text(out, name);
	write_value(out, value);
	buf_char(out, '\n');
}

static const void *at(const struct record *record, size_t offset)
{
	return (const char *)record + offset;
}

static void write_numbers(const struct record *record, struct buf *out)
{
	const struct cpis_options *options = &record->options;
	buf_printf(out, "now %lld\nstages-left-out %u\n", options->now, options->skip_stages);
	write_line(out, "fail-on", fail_on[options->fail_on]);
	write_line(out, "environment", environments[options->live != 0]);
	write_line(out, "values", values[options->show_values != 0]);
	for (size_t i = 0; i < COUNT(size_lines); i++) {
		size_t value = *(const size_t *)at(record, size_lines[i].offset);
		if (value)
			buf_printf(out, "%s %zu\n", size_lines[i].name, value);
	}
}

bool record_can_be_read_back(const struct record *record)
{
	for (size_t i = 0; i < COUNT(size_lines); i++)
		if (*(const size_t *)at(record, size_lines[i].offset) > most_limit)
			return false;
	return true;
}

void record_write(const struct record *record, struct buf *out)
{
	buf_printf(out, "%s\n", version);
	for (size_t i = 0; i < COUNT(list_lines); i++) {
		const struct texts *texts = at(record, list_lines[i].offset);
		for (size_t k = 0; k < texts->count; k++)
			write_line(out, list_lines[i].name, texts->items[k]);
	}
	for (size_t i = 0; i < COUNT(text_lines); i++) {
		const char *const *text = at(record, text_lines[i].offset);
		if (*text)
			write_line(out, text_lines[i].name, *text);
	}
	write_numbers(record, out);
	for (size_t i = 0; i < record->file_count; i++) {
		const struct recorded_file *file = &record->files[i];
		buf_printf(out, "%s %s", file->left_out ? "left-out" : "file", file->sha256);
		write_value(out, file->member);
		write_value(out, file->named);
		buf_char(out, '\n');
	}
}

/* Reading */

struct lines {
	struct record *record;
	struct str rest; /* of the line */
	char *why;
	size_t n;
	bool failed;
};

static void no(struct lines *lines, const char *what)
{
	if (!lines->failed)
		snprintf(lines->why, lines->n, "%s", what);
	lines->failed = true;
}

static int hex(char c)
{
	return char_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next value of the line, in the arena. */
static const char *take_value(struct lines *lines)
{
	const char *end = lines->rest.n ? memchr(lines->rest.p, ' ', lines->rest.n) : NULL;
	struct str word = { lines->rest.p, end ? (size_t)(end - lines->rest.p) : lines->rest.n };
	char *text = arena_copy(&lines->record->arena, word);
	size_t n = 0;
	lines->rest = str_from(lines->rest, word.n + 1);
	if (!text || !word.n) {
		no(lines, text ? "a value is missing" : "memory is out");
		return "";
	}
	for (size_t i = 0; i < word.n; i++) {
		text[n++] = word.p[i];
		if (word.p[i] != '%')
			continue;
		int high = i + 2 < word.n ? hex(word.p[i + 1]) : -1;
		int low = high >= 0 ? hex(word.p[i + 2]) : -1;
		if (low < 0 || high * 16 + low == 0) {
			no(lines, "a % is not followed by two digits");
			return "";
		}
		text[n - 1] = (char)(high * 16 + low);
		i += 2;
	}
	text[n] = '\0';
	return text;
}

static size_t take_size(struct lines *lines)
{
	char *end;
	const char *text = take_value(lines);
	unsigned long long value = strtoull(text, &end, 10);
	if (!char_is_digit(*text) || *end || value > SIZE_MAX / 2)
		no(lines, "a number is wrong");
	return (size_t)value;
}

static int take_word(struct lines *lines, const char *const *words, int count)
{
	const char *text = take_value(lines);
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	no(lines, "a word is not known");
	return 0;
}

static void take_file(struct lines *lines, bool left_out)
{
	const char *sha256 = take_value(lines), *member = take_value(lines),
		   *named = take_value(lines);
	if (strlen(sha256) != 64)
		no(lines, "a digest is wrong");
	if (lines->failed)
		return;
	if (record_add_file(lines->record, named, sha256) != 0) {
		no(lines, "memory is out");
		return;
	}
	struct recorded_file *file = &lines->record->files[lines->record->file_count - 1];
	file->member = member;
	file->left_out = left_out;
}

/* True when the line is one of a number or a choice. */
static bool take_option(struct lines *lines, struct str name)
{
	struct cpis_options *options = &lines->record->options;
	if (str_is(name, "now"))
		options->now = (long long)take_size(lines);
	else if (str_is(name, "stages-left-out"))
		options->skip_stages = (unsigned)take_size(lines) & ((1u << CPIS_STAGE_COUNT) - 1);
	else if (str_is(name, "fail-on"))
		options->fail_on = (enum cpis_fail_on)take_word(lines, fail_on, 3);
	else if (str_is(name, "environment"))
		options->live = take_word(lines, environments, 2);
	else if (str_is(name, "values"))
		options->show_values = take_word(lines, values, 2);
	else
		return false;
	return true;
}

static void take_line(struct lines *lines, struct str name)
{
	char *base = (char *)lines->record;
	for (size_t i = 0; i < COUNT(list_lines); i++)
		if (str_is(name, list_lines[i].name)) {
			struct texts *texts = (struct texts *)(void *)(base + list_lines[i].offset);
			if (record_add_text(lines->record, texts, take_value(lines)) != 0)
				no(lines, "memory is out");
			return;
		}
	for (size_t i = 0; i < COUNT(text_lines); i++)
		if (str_is(name, text_lines[i].name)) {
			*(const char **)(void *)(base + text_lines[i].offset) = take_value(lines);
			return;
		}
	for (size_t i = 0; i < COUNT(size_lines); i++)
		if (str_is(name, size_lines[i].name)) {
			size_t *limit = (size_t *)(void *)(base + size_lines[i].offset);
			*limit = take_size(lines);
			/* Who checks a bundle does not choose what stands in it. */
			if (*limit > most_limit)
				no(lines, "a limit is larger than a bundle may ask for");
			return;
		}
	if (str_is(name, "file") || str_is(name, "left-out"))
		take_file(lines, str_is(name, "left-out"));
	else if (!take_option(lines, name))
		no(lines, "a line is not known");
}

/* It is written to, by way of lines. NOLINTNEXTLINE(readability-non-const-parameter) */
int record_read(struct record *record, struct str text, char *why, size_t n)
{
	struct lines lines = { .record = record, .why = why, .n = n };
	bool first = true;
	record_init(record);
	while (text.n && !lines.failed) {
		const char *end = memchr(text.p, '\n', text.n);
		struct str line = { text.p, end ? (size_t)(end - text.p) : text.n };
		text = str_from(text, line.n + 1);
		const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
		struct str name = { line.p, space ? (size_t)(space - line.p) : line.n };
		lines.rest = str_from(line, name.n + 1);
		if (first && !str_is(line, version))
			no(&lines, "it is of a version that is not known");
		else if (!first)
			take_line(&lines, name);
		if (!first && lines.rest.n)
			no(&lines, "a line says too much");
		first = false;
	}
	const char *twice;
	if (!lines.failed && (first || !record->packs.count))
		no(&lines, "it names no pack");
	if (!lines.failed && record_sort(record, &twice) != 0)
		no(&lines, "a file has two digests");
	if (lines.failed)
		record_release(record);
	return lines.failed ? -1 : 0;
}
