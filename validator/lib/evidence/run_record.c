#include "evidence/checking.h"

#include "diag/options.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char version[] = "cpis-run 2";

static const unsigned long long most_limit = 4ull << 30;

void run_record_init(struct run_record *record)
{
	*record = (struct run_record){ .options = { .now = 0 } };
}

void run_record_release(struct run_record *record)
{
	arena_release(&record->arena);
	run_record_init(record);
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

int run_record_add_text(struct run_record *record, struct texts *texts, const char *text)
{
	const char **items = grown(&record->arena, texts->items, texts->count, sizeof(*items));
	const char *copy = arena_copy(&record->arena, str_of(text));
	if (!items || !copy)
		return -1;
	texts->items = items;
	texts->items[texts->count++] = copy;
	return 0;
}

int run_record_add_file(struct run_record *record, const char *named, const char *sha256)
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

const struct recorded_file *run_record_find(const struct run_record *record, const char *named)
{
	const struct recorded_file wanted = { .named = named };
	return record->file_count ? bsearch(&wanted, record->files, record->file_count,
					    sizeof(*record->files), by_name)
				  : NULL;
}

int run_record_sort(struct run_record *record, const char **twice)
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

/* Names, and where their values are, of everything that is not a judging option. */
static const struct {
	const char *name;
	size_t offset;
} text_lines[] = {
	{ "evidence", offsetof(struct run_record, evidence) },
	{ "profile", offsetof(struct run_record, profile) },
	{ "baseline", offsetof(struct run_record, baseline) },
	{ "waivers", offsetof(struct run_record, waivers) },
}, list_lines[] = {
	{ "pack", offsetof(struct run_record, packs) },
	{ "only", offsetof(struct run_record, only) },
	{ "skip", offsetof(struct run_record, skip) },
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

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

static const void *at(const struct run_record *record, size_t offset)
{
	return (const char *)record + offset;
}

/* A judging option: nothing where a limit or a text was not given. */
static void write_option(const struct judging_option *row, const struct cpis_options *options,
			 struct buf *out)
{
	size_t count;
	switch (row->kind) {
	case OPTION_FLAG:
	case OPTION_CHOICE:
		write_line(out, row->recorded, row->words[option_choice(row, options)]);
		break;
	case OPTION_NUMBER:
	case OPTION_SIZE:
		if (option_size(row, options) != row->usual)
			buf_printf(out, "%s %llu\n", row->recorded, option_size(row, options));
		break;
	case OPTION_TEXT:
		if (option_text(row, options))
			write_line(out, row->recorded, option_text(row, options));
		break;
	case OPTION_TEXTS: {
		const char *const *texts = option_texts(row, options, &count);
		for (size_t i = 0; i < count; i++)
			write_line(out, row->recorded, texts[i]);
		break;
	}
	case OPTION_STAGES:
		for (unsigned i = 0; i < CPIS_STAGE_COUNT; i++)
			if (option_stages(row, options) & 1u << i)
				write_line(out, row->recorded, cpis_stage_name((enum cpis_stage)i));
		break;
	case OPTION_TIME:
		buf_printf(out, "%s %lld\n", row->recorded, option_time(row, options));
		break;
	}
}

static bool is_limit(const struct judging_option *row)
{
	return row->kind == OPTION_SIZE || row->kind == OPTION_NUMBER;
}

/* The one option that no bundle has. */
static bool is_schemas(const struct judging_option *row)
{
	return row->offset == offsetof(struct cpis_options, schemas);
}

bool run_record_can_be_read_back(const struct run_record *record)
{
	for (const struct judging_option *row = option_list; row->name; row++)
		if (is_limit(row) && option_size(row, &record->options) > most_limit)
			return false;
	return !record->options.schemas;
}

void run_record_write(const struct run_record *record, struct buf *out)
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
	if (record->not_before)
		buf_printf(out, "not-before %lld\n", record->not_before);
	if (record->allow_outside)
		buf_text(out, "allow-outside 1\n");
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded)
			write_option(row, &record->options, out);
	for (size_t i = 0; i < record->file_count; i++) {
		const struct recorded_file *file = &record->files[i];
		if (file->refused)
			buf_text(out, "refused");
		else
			buf_printf(out, "%s %s", file->left_out ? "left-out" : "file",
				   file->sha256);
		if (file->refused)
			write_value(out, file->refused);
		write_value(out, file->member);
		write_value(out, file->named);
		buf_char(out, '\n');
	}
}

/* Reading */

struct lines {
	struct run_record *record;
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
		no(lines, text ? "a value is missing" : "out of memory");
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

static unsigned long long take_number(struct lines *lines, unsigned long long most)
{
	char *end;
	const char *text = take_value(lines);
	unsigned long long value = strtoull(text, &end, 10);
	if (!char_is_digit(*text) || *end || strlen(text) > 18)
		no(lines, "a number is wrong");
	/* Whoever checks a bundle did not choose what is in it. */
	if (value > most)
		no(lines, "a limit is larger than a bundle may ask for");
	return value;
}

/* Where size_t has 32 bits, the largest that it can. */
static size_t take_size(struct lines *lines)
{
	unsigned long long value = take_number(lines, most_limit);
	return value < SIZE_MAX ? (size_t)value : SIZE_MAX;
}

static long long take_time(struct lines *lines)
{
	char *end;
	const char *text = take_value(lines);
	long long seconds = strtoll(text, &end, 10);
	if (char_is_space(*text) || !*text || *end)
		no(lines, "a time is wrong");
	return seconds;
}

/* The place of the value among words that NULL ends. */
static int take_word(struct lines *lines, const char *const *words)
{
	const char *text = take_value(lines);
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	no(lines, "a word is unknown");
	return 0;
}

static unsigned take_stage(struct lines *lines)
{
	const char *text = take_value(lines);
	for (unsigned i = 0; i < CPIS_STAGE_COUNT; i++)
		if (strcmp(cpis_stage_name((enum cpis_stage)i), text) == 0)
			return 1u << i;
	no(lines, "a stage is unknown");
	return 0;
}

/* Something that the run could not read, and so nothing of it. */
static void take_refused(struct lines *lines)
{
	const char *why = take_value(lines), *member = take_value(lines),
		   *named = take_value(lines);
	if (lines->failed)
		return;
	if (run_record_add_file(lines->record, named, "") != 0) {
		no(lines, "out of memory");
		return;
	}
	struct recorded_file *file = &lines->record->files[lines->record->file_count - 1];
	file->member = member;
	file->refused = why;
}

static void take_file(struct lines *lines, bool left_out)
{
	const char *sha256 = take_value(lines), *member = take_value(lines),
		   *named = take_value(lines);
	if (strlen(sha256) != 64)
		no(lines, "a digest is wrong");
	if (lines->failed)
		return;
	if (run_record_add_file(lines->record, named, sha256) != 0) {
		no(lines, "out of memory");
		return;
	}
	struct recorded_file *file = &lines->record->files[lines->record->file_count - 1];
	file->member = member;
	file->left_out = left_out;
}

static void take_text_of_many(struct lines *lines, const struct judging_option *row)
{
	struct cpis_options *options = &lines->record->options;
	size_t count;
	const char *const *before = option_texts(row, options, &count);
	const char **more = arena_alloc(&lines->record->arena, (count + 1) * sizeof(*more));
	if (!more) {
		no(lines, "out of memory");
		return;
	}
	if (count)
		memcpy(more, before, count * sizeof(*more));
	more[count] = take_value(lines);
	*(const char *const **)option_place(row, options) = more;
	*option_count_place(row, options) = count + 1;
}

static void take_option(struct lines *lines, const struct judging_option *row)
{
	void *place = option_place(row, &lines->record->options);
	switch (row->kind) {
	case OPTION_FLAG:
	case OPTION_CHOICE:
		*(int *)place = take_word(lines, row->words);
		break;
	case OPTION_NUMBER:
		*(unsigned *)place = (unsigned)take_number(lines, UINT_MAX);
		break;
	case OPTION_SIZE:
		*(size_t *)place = take_size(lines);
		break;
	case OPTION_TEXT:
		*(const char **)place = take_value(lines);
		break;
	case OPTION_TEXTS:
		take_text_of_many(lines, row);
		break;
	case OPTION_STAGES:
		*(unsigned *)place |= take_stage(lines);
		break;
	case OPTION_TIME:
		*(long long *)place = take_time(lines);
		break;
	}
}

static const struct judging_option *option_recorded_as(struct str name)
{
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded && !is_schemas(row) && str_is(name, row->recorded))
			return row;
	return NULL;
}

static void take_line(struct lines *lines, struct str name)
{
	char *base = (char *)lines->record;
	for (size_t i = 0; i < COUNT(list_lines); i++)
		if (str_is(name, list_lines[i].name)) {
			struct texts *texts = (struct texts *)(void *)(base + list_lines[i].offset);
			if (run_record_add_text(lines->record, texts, take_value(lines)) != 0)
				no(lines, "out of memory");
			return;
		}
	for (size_t i = 0; i < COUNT(text_lines); i++)
		if (str_is(name, text_lines[i].name)) {
			*(const char **)(void *)(base + text_lines[i].offset) = take_value(lines);
			return;
		}
	const struct judging_option *option = option_recorded_as(name);
	if (str_is(name, "file") || str_is(name, "left-out"))
		take_file(lines, str_is(name, "left-out"));
	else if (str_is(name, "refused"))
		take_refused(lines);
	else if (str_is(name, "not-before"))
		lines->record->not_before = take_time(lines);
	else if (str_is(name, "allow-outside"))
		lines->record->allow_outside = strcmp(take_value(lines), "1") == 0;
	else if (option)
		take_option(lines, option);
	else
		no(lines, "a line is unknown");
}

/* It is written to, by way of lines. NOLINTNEXTLINE(readability-non-const-parameter) */
int run_record_read(struct run_record *record, struct str text, char *why, size_t n)
{
	struct lines lines = { .record = record, .why = why, .n = n };
	bool first = true;
	run_record_init(record);
	if (text.n && memchr(text.p, '\0', text.n))
		no(&lines, "it is not a text: it has a NUL byte");
	while (text.n && !lines.failed) {
		const char *end = memchr(text.p, '\n', text.n);
		struct str line = { text.p, end ? (size_t)(end - text.p) : text.n };
		text = str_from(text, line.n + 1);
		const char *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
		struct str name = { line.p, space ? (size_t)(space - line.p) : line.n };
		lines.rest = str_from(line, name.n + 1);
		if (first && !str_is(line, version))
			no(&lines, "its version is unknown");
		else if (!first)
			take_line(&lines, name);
		if (!first && lines.rest.n)
			no(&lines, "a line is too long");
		first = false;
	}
	const char *twice;
	if (!lines.failed && (first || !record->packs.count))
		no(&lines, "it does not name a pack");
	if (!lines.failed && run_record_sort(record, &twice) != 0)
		no(&lines, "a file has two digests");
	if (lines.failed)
		run_record_release(record);
	return lines.failed ? -1 : 0;
}
