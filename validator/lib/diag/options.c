#include "diag/options.h"

#include <stddef.h>
#include <string.h>

#define IS_FLAG(...)			       .kind = OPTION_FLAG, .words = { __VA_ARGS__ }
#define IS_CHOICE(...)			       .kind = OPTION_CHOICE, .words = { __VA_ARGS__ }
#define IS_NUMBER(word, usual_is, least, most) .kind = OPTION_NUMBER, .usual = (usual_is)
#define IS_SIZE(word, usual_is, least, most)   .kind = OPTION_SIZE, .usual = (usual_is)
#define IS_TEXT(word)			       .kind = OPTION_TEXT
#define IS_TEXTS(word, count)                                                                      \
	.kind = OPTION_TEXTS, .count_offset = offsetof(struct cpis_options, count)
#define IS_STAGES(word) .kind = OPTION_STAGES
#define IS_TIME(word)	.kind = OPTION_TIME

const struct judging_option option_list[] = {
#define JUDGING_OPTION(member, is, option_name, letter, record, commands, help, manual)            \
	{ .name = (option_name),                                                                   \
	  .recorded = (record),                                                                    \
	  .offset = offsetof(struct cpis_options, member),                                         \
	  IS_##is },
#include "cpis_options.def"
	{ .name = NULL },
};

#define USUAL_FLAG(...)			       0
#define USUAL_CHOICE(...)		       0
#define USUAL_NUMBER(word, usual, least, most) (usual)
#define USUAL_SIZE(word, usual, least, most)   (usual)
#define USUAL_TEXT(word)		       0
#define USUAL_TEXTS(word, count)	       0
#define USUAL_STAGES(word)		       0
#define USUAL_TIME(word)		       0

const struct usual_options usual_options = {
#define JUDGING_OPTION(member, is, name, letter, record, commands, help, manual)                   \
	.member = USUAL_##is,
#include "cpis_options.def"
};

void *option_place(const struct judging_option *option, struct cpis_options *options)
{
	return (char *)options + option->offset;
}

size_t *option_count_place(const struct judging_option *option, struct cpis_options *options)
{
	return (size_t *)(void *)((char *)options + option->count_offset);
}

static const void *value_of(const struct judging_option *option, const struct cpis_options *options)
{
	return (const char *)options + option->offset;
}

int option_choice(const struct judging_option *option, const struct cpis_options *options)
{
	return *(const int *)value_of(option, options);
}

unsigned long long option_size(const struct judging_option *option,
			       const struct cpis_options *options)
{
	const void *value = value_of(option, options);
	unsigned long long given =
		option->kind == OPTION_NUMBER ? *(const unsigned *)value : *(const size_t *)value;
	return given ? given : option->usual;
}

const char *option_text(const struct judging_option *option, const struct cpis_options *options)
{
	return *(const char *const *)value_of(option, options);
}

const char *const *option_texts(const struct judging_option *option,
				const struct cpis_options *options, size_t *count)
{
	*count = *(const size_t *)(const void *)((const char *)options + option->count_offset);
	return *(const char *const *const *)value_of(option, options);
}

unsigned option_stages(const struct judging_option *option, const struct cpis_options *options)
{
	return *(const unsigned *)value_of(option, options);
}

long long option_time(const struct judging_option *option, const struct cpis_options *options)
{
	return *(const long long *)value_of(option, options);
}

static void copy_texts(const struct judging_option *option, struct cpis_options *options,
		       struct arena *arena)
{
	size_t count;
	const char *const *texts = option_texts(option, options, &count);
	const char **copies = count ? arena_alloc(arena, count * sizeof(*copies)) : NULL;
	for (size_t i = 0; copies && i < count; i++)
		copies[i] = arena_copy(arena, str_of(texts[i]));
	*(const char *const **)option_place(option, options) = copies;
	*option_count_place(option, options) = copies ? count : 0;
}

void options_copy_strings(struct cpis_options *options, struct arena *arena)
{
	for (const struct judging_option *option = option_list; option->name; option++) {
		const char *text =
			option->kind == OPTION_TEXT ? option_text(option, options) : NULL;
		if (text)
			*(const char **)option_place(option, options) =
				arena_copy(arena, str_of(text));
		if (option->kind == OPTION_TEXTS)
			copy_texts(option, options, arena);
	}
}

static bool texts_agree(const struct judging_option *option, const struct cpis_options *a,
			const struct cpis_options *b)
{
	size_t count, other_count;
	const char *const *texts = option_texts(option, a, &count);
	const char *const *others = option_texts(option, b, &other_count);
	if (count != other_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(texts[i], others[i]) != 0)
			return false;
	return true;
}

bool option_agrees(const struct judging_option *option, const struct cpis_options *a,
		   const struct cpis_options *b)
{
	switch (option->kind) {
	case OPTION_FLAG:
	case OPTION_CHOICE:
		return option_choice(option, a) == option_choice(option, b);
	case OPTION_NUMBER:
	case OPTION_SIZE:
		return option_size(option, a) == option_size(option, b);
	case OPTION_TEXT: {
		const char *text = option_text(option, a), *other = option_text(option, b);
		return text && other ? strcmp(text, other) == 0 : text == other;
	}
	case OPTION_TEXTS:
		return texts_agree(option, a, b);
	case OPTION_STAGES:
		return option_stages(option, a) == option_stages(option, b);
	case OPTION_TIME:
		break;
	}
	return option_time(option, a) == option_time(option, b);
}
