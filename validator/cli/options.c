/* The rows of cpis_options.def as a table, and a command line read by it. */
#include "options.h"

#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const no_words[] = { NULL };

#define WITHOUT_WORDS(kind_) .kind = (kind_), .words = no_words
#define WORDS(...)                                                                                 \
	.words = (const char *const[])                                                             \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define IS_FLAG(...)   WITHOUT_WORDS(KIND_FLAG)
#define IS_CHOICE(...) .kind = KIND_CHOICE, WORDS(__VA_ARGS__)
#define IS_NUMBER(placeholder, usual_is, at_least, at_most)                                        \
	WITHOUT_WORDS(KIND_NUMBER), .word = (placeholder), .usual = (usual_is),                    \
				    .least = (at_least), .most = (at_most)
#define IS_SIZE(placeholder, usual_is, at_least, at_most)                                          \
	WITHOUT_WORDS(KIND_SIZE), .word = (placeholder), .usual = (usual_is), .least = (at_least), \
				  .most = (at_most)
#define IS_TEXT(placeholder) WITHOUT_WORDS(KIND_TEXT), .word = (placeholder)
#define IS_TEXTS(placeholder, count)                                                               \
	WITHOUT_WORDS(KIND_TEXTS), .word = (placeholder),                                          \
				   .count_offset = offsetof(struct request, options.count)
#define IS_STAGES(placeholder)	WITHOUT_WORDS(KIND_STAGES), .word = (placeholder)
#define IS_TIME(placeholder)	WITHOUT_WORDS(KIND_TIME), .word = (placeholder)
#define IS_LIST(placeholder)	WITHOUT_WORDS(KIND_LIST), .word = (placeholder)
#define IS_PAIRS(placeholder)	WITHOUT_WORDS(KIND_PAIRS), .word = (placeholder)
#define IS_REPORTS(placeholder) WITHOUT_WORDS(KIND_REPORTS), .word = (placeholder)
#define IS_SOME_REPORTS(...)	.kind = KIND_REPORTS, .word = "FORMAT[=FILE]", WORDS(__VA_ARGS__)
#define IS_ONE_REPORT(...)	.kind = KIND_ONE_REPORT, .word = "FORMAT[=FILE]", WORDS(__VA_ARGS__)

const struct option command_options[] = {
#define OPTION_SECTION(heading, note) { .title = (heading), .help = (note) },
#define PROGRAM_OPTION(member, is, option_name, short_form, commands, line, text)                  \
	{ .name = (option_name),                                                                   \
	  .letter = (short_form),                                                                  \
	  .offset = offsetof(struct request, member),                                              \
	  .takers = (commands),                                                                    \
	  .help = (line),                                                                          \
	  .manual = (text),                                                                        \
	  IS_##is },
#define JUDGING_OPTION(member, is, name, letter, recorded, commands, help, manual)                 \
	PROGRAM_OPTION(options.member, is, name, letter, commands, help, manual)
#include "cpis_options.def"
	{ .name = NULL },
};

const struct option_alias option_aliases[] = {
#define OPTION_ALIAS(old, name, commands) { (old), (name), (commands) },
#include "cpis_options.def"
	{ .old = NULL },
};

/* Each member has the type that its kind sets. */
#define TYPE_FLAG(...)			      int
#define TYPE_CHOICE(...)		      int
#define TYPE_NUMBER(word, usual, least, most) unsigned
#define TYPE_SIZE(word, usual, least, most)   size_t
#define TYPE_TEXT(word)			      const char *
#define TYPE_TEXTS(word, count)		      const char *const *
#define TYPE_STAGES(word)		      unsigned
#define TYPE_TIME(word)			      long long
#define TYPE_LIST(word)			      struct words
#define TYPE_PAIRS(word)		      struct words
#define TYPE_REPORTS(word)		      struct report_request *
#define TYPE_SOME_REPORTS(...)		      struct report_request *
#define TYPE_ONE_REPORT(...)		      struct report_request *
#define PROGRAM_OPTION(member, is, name, letter, commands, help, manual)                           \
	_Static_assert(sizeof(((struct request *)0)->member) == sizeof(TYPE_##is), name);
#define JUDGING_OPTION(member, is, name, letter, recorded, commands, help, manual)                 \
	PROGRAM_OPTION(options.member, is, name, letter, commands, help, manual)
#include "cpis_options.def"

static const char *const stage_words[] = { "transport", "xml", "schema", "rules", NULL };

enum { MOST_REASON = 200 };

/* Why a value is refused. */
struct refusal {
	char text[MOST_REASON];
};

static int refuse(struct refusal *why, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -1;
}

static size_t count_of(const char *const *words)
{
	size_t count = 0;
	while (words[count])
		count++;
	return count;
}

/* "error, warning or never" */
static void list_words(const char *const *words, char *text, size_t n)
{
	size_t count = count_of(words), at = 0;
	for (size_t i = 0; i < count && at < n; i++)
		at += (size_t)snprintf(text + at, n - at, "%s%s",
				       i == 0		? ""
				       : i + 1 == count ? " or "
							: ", ",
				       words[i]);
}

/* What it must be, with the word that was perhaps meant. */
static int refuse_word(struct refusal *why, const char *word, const char *const *words)
{
	char list[MOST_REASON / 2] = "";
	list_words(words, list, sizeof(list));
	const char *nearest = nearest_word(word, words, count_of(words));
	snprintf(why->text, sizeof(why->text), "must be %s%s%s%s", list,
		 nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return -1;
}

/* The place of text of n bytes among words, or -1. */
static int find_word(const char *text, size_t n, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == n && strncmp(words[i], text, n) == 0)
			return i;
	return -1;
}

static void *place_of(const struct option *option, struct request *request)
{
	return (char *)request + option->offset;
}

static int set_flag(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	(void)value, (void)why;
	*(int *)place_of(option, request) = 1;
	return 0;
}

static int set_choice(struct request *request, const struct option *option, const char *value,
		      struct refusal *why)
{
	int choice = find_word(value, strlen(value), option->words);
	if (choice < 0)
		return refuse_word(why, value, option->words);
	*(int *)place_of(option, request) = choice;
	return 0;
}

static int refuse_number(const struct option *option, struct refusal *why)
{
	int n = option->most ? snprintf(why->text, sizeof(why->text),
					"must be a whole number from %llu to %llu", option->least,
					option->most)
			     : snprintf(why->text, sizeof(why->text),
					"must be a whole number, %llu or more", option->least);
	if (option->kind == KIND_SIZE && !option->most)
		snprintf(why->text + n, sizeof(why->text) - (size_t)n,
			 ", and may end in k, M or G");
	return -1;
}

/* A whole number, perhaps with a unit, within the bounds of the option. */
static int read_number(const struct option *option, const char *value, unsigned long long *number,
		       struct refusal *why)
{
	char *end;
	unsigned long long read = strtoull(value, &end, 10);
	unsigned shift = option->kind != KIND_SIZE ? 0
			 : *end == 'k'		   ? 10
			 : *end == 'M'		   ? 20
			 : *end == 'G'		   ? 30
						   : 0;
	unsigned long long most = option->most ? option->most : PTRDIFF_MAX;
	if (!isdigit((unsigned char)*value) || end[shift != 0] || read > most >> shift ||
	    read << shift < option->least)
		return refuse_number(option, why);
	*number = read << shift;
	return 0;
}

static int set_number(struct request *request, const struct option *option, const char *value,
		      struct refusal *why)
{
	unsigned long long number;
	if (read_number(option, value, &number, why) != 0)
		return -1;
	*(unsigned *)place_of(option, request) = (unsigned)number;
	return 0;
}

static int set_size(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	unsigned long long number;
	if (read_number(option, value, &number, why) != 0)
		return -1;
	*(size_t *)place_of(option, request) = (size_t)number;
	return 0;
}

static int set_text(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	const char **text = place_of(option, request);
	if (*text)
		return refuse(why, "may be given only once");
	*text = value;
	return 0;
}

/* One more word in a list that malloc has. */
static int append(const char ***list, size_t *count, const char *value, struct refusal *why)
{
	const char **more = realloc((void *)*list, (*count + 1) * sizeof(*more));
	if (!more)
		return refuse(why, "out of memory");
	more[(*count)++] = value;
	*list = more;
	return 0;
}

static int set_texts(struct request *request, const struct option *option, const char *value,
		     struct refusal *why)
{
	size_t *count = (size_t *)(void *)((char *)request + option->count_offset);
	return append(place_of(option, request), count, value, why);
}

static int set_list(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	struct words *list = place_of(option, request);
	return append(&list->items, &list->count, value, why);
}

static int set_pair(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	const char *equals = strchr(value, '=');
	if (!equals || equals == value)
		return refuse(why, "must be KEY=VALUE");
	if (!equals[1])
		return refuse(why, "the value after = is empty");
	const struct words *list = place_of(option, request);
	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], value, (size_t)(equals - value) + 1) == 0)
			return refuse(why, "the key is given twice");
	return set_list(request, option, value, why);
}

static int set_stages(struct request *request, const struct option *option, const char *value,
		      struct refusal *why)
{
	unsigned wanted = 1u << CPIS_TRANSPORT | 1u << CPIS_XML;
	for (const char *p = value;; p++) {
		size_t n = strcspn(p, ",");
		int stage = find_word(p, n, stage_words);
		if (stage < 0)
			return refuse(why, "must be one or more of xml, schema and rules, "
					   "separated by commas");
		wanted |= 1u << stage;
		p += n;
		if (!*p)
			break;
	}
	*(unsigned *)place_of(option, request) = ~wanted & ((1u << CPIS_STAGE_COUNT) - 1);
	return 0;
}

static int set_time(struct request *request, const struct option *option, const char *value,
		    struct refusal *why)
{
	long long seconds;
	if (cpis_time(value, &seconds) != 0)
		return refuse(why, "must be a time such as 20260101120000+0000 or "
				   "2026-01-01T12:00:00Z");
	if (seconds < 1)
		return refuse(why, "must be after 1970-01-01T00:00:00Z");
	*(long long *)place_of(option, request) = seconds;
	if (place_of(option, request) == &request->options.now)
		request->now_given = true;
	return 0;
}

enum { MOST_FORMATS = 16 };

static void list_formats(const char *formats[MOST_FORMATS])
{
	const char *summary;
	size_t count = 0;
	while (count < MOST_FORMATS - 1 &&
	       (formats[count] = cpis_report_format_at(count, &summary)))
		count++;
	formats[count] = NULL;
}

/* FORMAT[=FILE], where the format is one of those that there are, or one of the option's. */
static int set_report(struct request *request, const struct option *option, const char *value,
		      struct refusal *why)
{
	size_t n = strcspn(value, "=");
	/* No file is standard output, which - is another name for. */
	const char *file = value[n] && strcmp(value + n, "=-") != 0 ? value + n + 1 : NULL;
	char word[MOST_ARGUMENT];
	snprintf(word, sizeof(word), "%.*s", (int)n, value);
	const char *formats[MOST_FORMATS];
	const char *const *words = option->words;
	if (option->kind == KIND_ONE_REPORT && request->report_count)
		return refuse(why, "may be given only once");
	if (!words[0]) {
		list_formats(formats);
		words = formats;
	}
	int choice = find_word(value, n, words);
	if (choice < 0)
		return refuse_word(why, word, words);
	if (file && !*file)
		return refuse(why, "the file name after = is missing");
	struct report_request *more =
		realloc(request->reports, (request->report_count + 1) * sizeof(*more));
	if (!more)
		return refuse(why, "out of memory");
	more[request->report_count++] = (struct report_request){ words[choice], file };
	request->reports = more;
	return 0;
}

static int (*const set[KIND_COUNT])(struct request *, const struct option *, const char *,
				    struct refusal *) = {
	[KIND_FLAG] = set_flag,	    [KIND_CHOICE] = set_choice,	 [KIND_NUMBER] = set_number,
	[KIND_SIZE] = set_size,	    [KIND_TEXT] = set_text,	 [KIND_TEXTS] = set_texts,
	[KIND_STAGES] = set_stages, [KIND_TIME] = set_time,	 [KIND_LIST] = set_list,
	[KIND_PAIRS] = set_pair,    [KIND_REPORTS] = set_report, [KIND_ONE_REPORT] = set_report,
};

void option_argument(const struct option *option, char text[MOST_ARGUMENT])
{
	size_t n = 0;
	snprintf(text, MOST_ARGUMENT, "%s", option->word ? option->word : "");
	for (size_t i = 0; !option->word && option->words[i] && n < MOST_ARGUMENT; i++)
		n += (size_t)snprintf(text + n, MOST_ARGUMENT - n, "%s%s", i ? "|" : "",
				      option->words[i]);
}

/* "10,000" */
static void write_grouped(unsigned long long number, char *text, size_t n)
{
	if (number < 1000)
		snprintf(text, n, "%llu", number);
	else if (number < 1000000)
		snprintf(text, n, "%llu,%03llu", number / 1000, number % 1000);
	else
		snprintf(text, n, "%llu,%03llu,%03llu", number / 1000000, number / 1000 % 1000,
			 number % 1000);
}

/* "4G", "1M", "256" */
void option_usual(const struct option *option, char text[MOST_ARGUMENT])
{
	static const struct {
		unsigned shift;
		const char *unit;
	} units[] = { { 30, "G" }, { 20, "M" }, { 0, "" } };
	size_t i = 0;
	text[0] = '\0';
	if (option->kind == KIND_CHOICE)
		snprintf(text, MOST_ARGUMENT, "%s", option->words[0]);
	if (option->usual == 0)
		return;
	while (option->usual & ((1ull << units[i].shift) - 1))
		i++;
	write_grouped(option->usual >> units[i].shift, text, MOST_ARGUMENT - 1);
	strcat(text, units[i].unit);
}

static const struct option *find_letter(unsigned takers, char letter)
{
	for (const struct option *option = command_options; option->name || option->title; option++)
		if (option->name && option->takers & takers && option->letter == letter)
			return option;
	return NULL;
}

static const struct option *find_name(unsigned takers, const char *name)
{
	for (const struct option *option = command_options; option->name || option->title; option++)
		if (option->name && option->takers & takers && strcmp(option->name, name) == 0)
			return option;
	return NULL;
}

/* By its present name, or by an old one, with a warning. */
static const struct option *find_option(const struct command *command, const char *name)
{
	for (const struct option_alias *alias = option_aliases; alias->old; alias++)
		if (alias->takers & command->bit && strcmp(alias->old, name) == 0) {
			print_warning("%s: --%s is now called --%s; a later version will remove "
				      "the old name",
				      command->name, name, alias->name);
			return find_name(command->bit, alias->name);
		}
	return find_name(command->bit, name);
}

static const char *nearest_option(const struct command *command, const char *name)
{
	const char *names[128];
	size_t count = 0;
	for (const struct option *option = command_options; option->name || option->title; option++)
		if (option->name && option->takers & command->bit && count < 128)
			names[count++] = option->name;
	return nearest_word(name, names, count);
}

static int unknown_option(const struct command *command, const char *name)
{
	const struct option *other = find_name(EVERY_COMMAND, name);
	const char *nearest = nearest_option(command, name);
	if (nearest)
		return usage_error("%s: unknown option --%s: did you mean --%s?", command->name,
				   name, nearest);
	for (const struct command *one = commands; other && one->name; one++)
		if (other->takers & one->bit)
			return usage_error("%s: unknown option --%s: it belongs to cpis %s",
					   command->name, name, one->name);
	return usage_error("%s: unknown option --%s: for a list, run cpis %s --help", command->name,
			   name, command->name);
}

/* "the file and format" of an option that was given without its value. */
static int missing_value(const struct option *option)
{
	char argument[MOST_ARGUMENT];
	option_argument(option, argument);
	return usage_error("--%s needs a value: %s", option->name, argument);
}

/* One option at *word; moves on when its value is the next word. */
static int take_option(struct request *request, char ***word, char **end)
{
	const struct command *command = request->command;
	const char *text = **word, *value = NULL;
	const struct option *option;
	char name[64];
	if (text[1] == '-') {
		size_t n = strcspn(text + 2, "=");
		snprintf(name, sizeof(name), "%.*s", (int)n, text + 2);
		option = find_option(command, name);
		if (!option)
			return unknown_option(command, name);
		value = text[2 + n] ? text + 2 + n + 1 : NULL;
	} else {
		option = find_letter(command->bit, text[1]);
		if (!option)
			return usage_error("%s: unknown option -%c: for a list, run cpis %s --help",
					   command->name, text[1], command->name);
		value = text[2] ? text + 2 : NULL;
	}
	bool is_flag = option->kind == KIND_FLAG;
	if (is_flag && value && text[1] != '-')
		return usage_error(
			"%s: short options are not joined: write -%c and what follows it "
			"apart",
			text, text[1]);
	if (is_flag && value)
		return usage_error("--%s takes no value", option->name);
	if (!is_flag && !value) {
		if (*word + 1 == end)
			return missing_value(option);
		value = *++*word;
	}
	if (!is_flag && !*value)
		return usage_error("--%s: the value is empty", option->name);
	struct refusal why;
	if (set[option->kind](request, option, value, &why) != 0)
		return usage_error("--%s %s: %s", option->name, value ? value : "", why.text);
	return 0;
}

/* Whether the command line has an option; one that may be repeated does not count. */
static bool is_given(const struct request *request, const struct option *option)
{
	size_t n = strlen(option->name);
	if (option->kind == KIND_TEXTS || option->kind == KIND_REPORTS)
		return false;
	for (int i = 0; i < request->argc; i++) {
		const char *word = request->argv[i];
		if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, option->name, n) == 0 &&
		    (word[2 + n] == '\0' || word[2 + n] == '='))
			return true;
	}
	return false;
}

int options_take(struct request *request, const char *name, const char *value)
{
	const struct option *option = find_name(request->command->bit, name);
	struct refusal why;
	if (!option || is_given(request, option))
		return 0;
	if (set[option->kind](request, option, value, &why) != 0)
		return usage_error("cpis.yaml: %s %s: %s", name, value, why.text);
	return 0;
}

/* The clock is read here and nowhere else. */
static int settle_now(struct request *request)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	request->fixed_time = request->now_given || (epoch && *epoch);
	if (request->now_given)
		return 0;
	request->options.now = (long long)time(NULL);
	if (!epoch || !*epoch)
		return 0;
	/* The last second of the year 9999. 0 would mean that the time is not known. */
	const long long last = 253402300799;
	size_t digits = strspn(epoch, "0123456789");
	errno = 0;
	long long seconds = strtoll(epoch, NULL, 10);
	if (epoch[digits] || errno || seconds < 1 || seconds > last)
		return usage_error("SOURCE_DATE_EPOCH must be a number of seconds since 1970, from "
				   "1 to %lld",
				   last);
	request->options.now = seconds;
	return 0;
}

int options_parse(struct request *request, int argc, char **argv)
{
	bool only_operands = false;
	char **end = argv + argc;
	for (char **word = argv; word < end; word++) {
		if (!only_operands && strcmp(*word, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (only_operands || (*word)[0] != '-' || !(*word)[1]) {
			if (!**word)
				return usage_error("%s: an argument is empty",
						   request->command->name);
			request->inputs[request->input_count++] = *word;
			continue;
		}
		int code = take_option(request, &word, end);
		if (code != 0)
			return code;
	}
	return settle_now(request);
}

/* By the word that it begins with. *joined: its value is in that word. */
static const struct option *option_in(const struct request *request, const char *word, bool *joined)
{
	char name[64];
	if (word[1] != '-') {
		*joined = word[2] != '\0';
		return find_letter(request->command->bit, word[1]);
	}
	size_t n = strcspn(word + 2, "=");
	*joined = word[2 + n] != '\0';
	snprintf(name, sizeof(name), "%.*s", (int)n, word + 2);
	return find_name(request->command->bit, name);
}

int options_each_given(const struct request *request,
		       int (*seen)(void *context, const struct option *option,
				   const char *const *words, size_t count),
		       void *context)
{
	int status = 0;
	for (int i = 2; status == 0 && i < request->argc; i++) {
		const char *const *words = (const char *const *)request->argv + i;
		bool joined;
		if (strcmp(*words, "--") == 0)
			break;
		if (**words != '-' || !words[0][1])
			continue;
		const struct option *option = option_in(request, *words, &joined);
		if (!option)
			continue;
		size_t count = option->kind == KIND_FLAG || joined ? 1 : 2;
		status = seen(context, option, words, count);
		i += (int)count - 1;
	}
	return status;
}

void options_each_path(const struct request *request,
		       void (*seen)(void *context, const struct option *option, const char *path),
		       void *context)
{
	for (const struct option *option = command_options; option->name || option->title;
	     option++) {
		const char *const at = (const char *)request + option->offset;
		if (!option->name || !option->word || !(option->takers & request->command->bit) ||
		    (!strstr(option->word, "FILE") && !strstr(option->word, "FOLDER") &&
		     !strstr(option->word, "PACK")))
			continue;
		if (option->kind == KIND_TEXT) {
			const char *path = *(const char *const *)(const void *)at;
			if (path)
				seen(context, option, path);
		}
		if (option->kind != KIND_TEXTS && option->kind != KIND_LIST)
			continue;
		/* Both begin with a pointer to the words. */
		const char *const *words = *(const char *const *const *)(const void *)at;
		size_t count = option->kind == KIND_LIST
				       ? ((const struct words *)(const void *)at)->count
				       : *(const size_t *)(const void *)((const char *)request +
									 option->count_offset);
		for (size_t i = 0; i < count; i++)
			seen(context, option, words[i]);
	}
}

bool option_is_written(const struct request *request, const struct option *option)
{
	static const char *const written[] = { "bundle", "index", "state", "journal",
					       "mesh-folder" };
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (strcmp(option->name, written[i]) == 0)
			return true;
	return strcmp(option->name, "baseline") == 0 && request->update_baseline;
}

void options_release(struct request *request)
{
	for (const struct option *option = command_options; option->name || option->title;
	     option++) {
		if (option->kind != KIND_TEXTS && option->kind != KIND_LIST &&
		    option->kind != KIND_PAIRS && option->kind != KIND_REPORTS)
			continue;
		/* All of them begin with a pointer to what was allocated. */
		void **list = place_of(option, request);
		free(*list);
		*list = NULL;
	}
}
