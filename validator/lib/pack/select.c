#include "pack/select.h"

static bool has_tag(const struct config_texts *tags, const char *word)
{
	for (size_t i = 0; i < tags->count; i++)
		if (strcmp(tags->items[i].text, word) == 0)
			return true;
	return false;
}

static bool is_meant(const struct pack *pack, const struct pack_case *test, const char *word)
{
	size_t name = strlen(pack->name.text);
	if (strncmp(word, pack->name.text, name) == 0 && word[name] == '/')
		return strcmp(word + name + 1, test->id.text) == 0;
	return strcmp(word, test->id.text) == 0 || has_tag(&test->tags, word) ||
	       (pack->defaults && has_tag(&pack->defaults->tags, word));
}

static bool is_among(const struct pack *pack, const struct pack_case *test,
		     const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_meant(pack, test, words[i]))
			return true;
	return false;
}

bool case_is_selected(const struct pack *pack, const struct pack_case *test,
		      const struct pack_run_options *options)
{
	if (options->only_count && !is_among(pack, test, options->only, options->only_count))
		return false;
	return !is_among(pack, test, options->skip, options->skip_count);
}
