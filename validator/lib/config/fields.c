#include "config/fields.h"

#include "base/character.h"
#include "base/near.h"
#include "diag/mask.h"

#include <stdio.h>

static void *member(void *base, size_t offset)
{
	return (char *)base + offset;
}

static void wrong_kind(const struct loader *loader, const struct yaml_node *node,
		       const char *wanted)
{
	bool nothing = node->kind == YAML_TEXT && !*node->text && !node->quoted;
	const char *found = nothing ? "nothing" : yaml_kind_name(node->kind);
	if (node->key)
		problem_add(loader->problems, loader->file, node->place,
			    "'%s' must be %s, and is %s", node->key, wanted, found);
	else
		problem_add(loader->problems, loader->file, node->place,
			    "%s is expected here, and this is %s", wanted, found);
}

/* What YAML and JSON write for no value. As a text it is in quotes. */
static bool means_nothing(const struct yaml_node *node)
{
	static const char *const words[] = { "~", "null", "Null", "NULL" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (node->kind == YAML_TEXT && !node->quoted && strcmp(node->text, words[i]) == 0)
			return true;
	return false;
}

static void check_text(const struct loader *loader, const struct field *field,
		       const struct yaml_node *node)
{
	if (means_nothing(node)) {
		problem_add(loader->problems, loader->file, node->place,
			    "'%s' is empty: %s means nothing, and \"%s\" in quotes is a text",
			    field->key, node->text, node->text);
		return;
	}
	bool blank = !field->may_be_blank && node->kind == YAML_TEXT && *node->text &&
		     character_shows_nothing(str_of(node->text));
	if (node->kind == YAML_TEXT && (!*node->text || blank) && !field->may_be_empty &&
	    node->key) {
		problem_add(loader->problems, loader->file, node->place, "'%s' is %s", node->key,
			    blank ? "blank" : "empty");
		return;
	}
	if (node->kind == YAML_TEXT && !*node->text && !field->may_be_empty && node->quoted) {
		problem_add(loader->problems, loader->file, node->place,
			    "'%s' has a text that is empty", field->key);
		return;
	}
	if (node->kind != YAML_TEXT || (!*node->text && !(field->may_be_empty && node->quoted))) {
		wrong_kind(loader, node, field->may_be_empty ? "text (\"\" for none)" : "text");
		return;
	}
	char why[512];
	if (field->check && !field->check(node->text, why, sizeof(why)))
		problem_add(loader->problems, loader->file, node->place, "'%s': %s", field->key,
			    why);
}

static void put_text(const struct loader *loader, const struct field *field,
		     const struct yaml_node *node, struct config_text *into)
{
	size_t known = problems_count(loader->problems);
	check_text(loader, field, node);
	/* Even an unusable value counts as given, so that it has one problem and not two. */
	*into = (struct config_text){ node->text, node->place,
				      problems_count(loader->problems) > known };
}

static void load_text(const struct loader *loader, const struct field *field,
		      const struct yaml_node *node, void *into)
{
	put_text(loader, field, node, into);
}

static void load_texts(const struct loader *loader, const struct field *field,
		       const struct yaml_node *node, void *into)
{
	struct config_texts *texts = into;
	texts->items = arena_alloc(loader->arena, node->count * sizeof(*texts->items) + 1);
	if (!texts->items)
		return;
	if (node->kind != YAML_LIST || !node->count) {
		wrong_kind(loader, node, "a list of texts, with one or more");
		return;
	}
	for (const struct yaml_node *item = node->first; item; item = item->next) {
		struct config_text text = { 0 };
		put_text(loader, field, item, &text);
		if (text.text)
			texts->items[texts->count++] = text;
	}
}

static void load_number(const struct loader *loader, const struct field *field,
			const struct yaml_node *node, void *into)
{
	size_t most = field->most ? field->most : MOST_NUMBER, value = 0;
	struct str text = str_of(node->text);
	bool negative = str_starts(text, STR("-"));
	struct str digits = str_from(text, negative);
	*(struct config_number *)into =
		(struct config_number){ true, field->least ? field->least : 1, node->place };
	if (node->kind != YAML_TEXT || !str_is_digits(digits)) {
		wrong_kind(loader, node, "a whole number");
		return;
	}
	for (size_t i = 0; i < digits.n && value <= most; i++)
		value = value * 10 + (size_t)(digits.p[i] - '0');
	if ((negative && value) || value < field->least || value > most) {
		problem_add(loader->problems, loader->file, node->place,
			    "'%s' must be from %zu to %zu", field->key, field->least, most);
		return;
	}
	((struct config_number *)into)->value = value;
}

/* A word of the file in a problem. One that is nearly right names no one. */
static const char *quoted(const struct loader *loader, const char *word, const char *hint)
{
	struct str text = str_of(word ? word : "");
	bool hidden = loader->personal && !hint[0] && mask_shown(MASK_NONE, text) < text.n;
	return hidden ? "…" : text.p;
}

static void load_choice_of(const struct loader *loader, const char *const *choices,
			   const struct yaml_node *node, void *into)
{
	*(struct config_number *)into = (struct config_number){ true, 0, node->place };
	if (node->kind != YAML_TEXT) {
		wrong_kind(loader, node, "text");
		return;
	}
	struct near near = near_start(str_of(node->text));
	char list[256] = "", hint[128];
	size_t used = 0;
	for (size_t i = 0; choices[i]; i++) {
		if (strcmp(choices[i], node->text) == 0) {
			((struct config_number *)into)->value = i;
			return;
		}
		near_offer(&near, choices[i]);
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
						 i ? ", " : "", choices[i]);
	}
	problem_hint(&near, hint, sizeof(hint));
	problem_add(loader->problems, loader->file, node->place,
		    "'%s' cannot be '%s' (one of %s)%s", node->key ? node->key : "",
		    quoted(loader, node->text, hint), list, hint);
}

static void load_choice(const struct loader *loader, const struct field *field,
			const struct yaml_node *node, void *into)
{
	load_choice_of(loader, field->choices, node, into);
}

static void load_flag(const struct loader *loader, const struct field *field,
		      const struct yaml_node *node, void *into)
{
	(void)field;
	static const char *const flags[] = { "false", "true", NULL };
	load_choice_of(loader, flags, node, into);
}

static void load_map(const struct loader *loader, const struct field *field,
		     const struct yaml_node *node, void *into)
{
	void *inner = arena_alloc(loader->arena, field->of->bytes);
	if (!inner)
		return;
	load_mapping(loader, field->of, node, inner);
	memcpy(into, &inner, sizeof(inner));
}

void load_list(const struct loader *loader, const struct mapping *mapping,
	       const struct yaml_node *node, void **items, size_t *count)
{
	if (node->kind != YAML_LIST) {
		wrong_kind(loader, node, "a list");
		return;
	}
	size_t filled = 0;
	char *array = arena_alloc(loader->arena, node->count * mapping->bytes + 1);
	if (!array)
		return;
	for (const struct yaml_node *item = node->first; item; item = item->next)
		load_mapping(loader, mapping, item, array + mapping->bytes * filled++);
	*items = array;
	*count = filled;
}

static void load_list_field(const struct loader *loader, const struct field *field,
			    const struct yaml_node *node, void *base)
{
	void *items = NULL;
	size_t count = 0;
	load_list(loader, field->of, node, &items, &count);
	if (field->has_items && node->kind == YAML_LIST && !node->count)
		problem_add(loader->problems, loader->file, node->place,
			    "'%s' is empty: it needs one or more", field->key);
	memcpy(member(base, field->offset), &items, sizeof(items));
	memcpy(member(base, field->count_offset), &count, sizeof(count));
}

typedef void load_value(const struct loader *, const struct field *, const struct yaml_node *,
			void *);

static load_value *const loaders[] = {
	[FIELD_TEXT] = load_text, [FIELD_TEXTS] = load_texts,	[FIELD_NUMBER] = load_number,
	[FIELD_FLAG] = load_flag, [FIELD_CHOICE] = load_choice, [FIELD_MAP] = load_map,
};

static void load_field(const struct loader *loader, const struct field *field,
		       const struct yaml_node *node, void *into)
{
	if (field->kind == FIELD_LIST)
		load_list_field(loader, field, node, into);
	else
		loaders[field->kind](loader, field, node, member(into, field->offset));
}

static const struct field *find_field(const struct mapping *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->field_count; i++)
		if (strcmp(mapping->fields[i].key, key) == 0)
			return &mapping->fields[i];
	return NULL;
}

static void unknown_key(const struct loader *loader, const struct mapping *mapping,
			const struct yaml_node *node)
{
	struct near near = near_start(str_of(node->key));
	for (size_t i = 0; i < mapping->field_count; i++)
		near_offer(&near, mapping->fields[i].key);
	for (size_t i = 0; mapping->variants && i < mapping->variant_count; i++)
		near_offer(&near, mapping->variants[i].key);
	for (size_t i = 0; i < mapping->field_count; i++)
		if (mapping->fields[i].elsewhere &&
		    strcmp(mapping->fields[i].elsewhere, node->key) == 0)
			near = (struct near){ .best = mapping->fields[i].key };
	char hint[128];
	problem_hint(&near, hint, sizeof(hint));
	problem_add(loader->problems, loader->file, node->key_place, "unknown key '%s' in %s%s",
		    quoted(loader, node->key, hint), mapping->what, hint);
}

static const struct yaml_node *find_entry(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *node = map->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

static void load_fields(const struct loader *loader, const struct mapping *mapping,
			const struct yaml_node *node, void *into)
{
	for (const struct yaml_node *entry = node->first; entry; entry = entry->next) {
		const struct field *field = find_field(mapping, entry->key);
		if (field)
			load_field(loader, field, entry, into);
		else
			unknown_key(loader, mapping, entry);
	}
	for (size_t i = 0; i < mapping->field_count; i++) {
		const struct field *field = &mapping->fields[i];
		if (field->required && !find_entry(node, field->key))
			problem_add(loader->problems, loader->file, node->place, "%s has no '%s'",
				    mapping->what, field->key);
	}
}

static void load_variant(const struct loader *loader, const struct mapping *mapping,
			 const struct yaml_node *node, void *into)
{
	if (node->count != 1) {
		problem_add(loader->problems, loader->file, node->place,
			    "%s has exactly one key, and this has %zu", mapping->what, node->count);
		return;
	}
	for (size_t i = 0; i < mapping->variant_count; i++) {
		if (strcmp(mapping->variants[i].key, node->first->key) != 0)
			continue;
		memcpy(member(into, mapping->variant_offset), &i, sizeof(i));
		load_mapping(loader, mapping->variants[i].of, node->first, into);
		memcpy(into, &node->place, sizeof(node->place));
		return;
	}
	unknown_key(loader, mapping, node->first);
}

void load_mapping(const struct loader *loader, const struct mapping *mapping,
		  const struct yaml_node *node, void *into)
{
	const struct field *only =
		mapping->shorthand ? find_field(mapping, mapping->shorthand) : NULL;
	size_t known = problems_count(loader->problems);
	memcpy(into, &node->place, sizeof(node->place));
	if (node->kind == YAML_TEXT && only && *node->text)
		load_field(loader, only, node, into);
	else if (node->kind != YAML_MAP)
		wrong_kind(loader, node, "a mapping");
	else if (mapping->variants)
		load_variant(loader, mapping, node, into);
	else
		load_fields(loader, mapping, node, into);
	if (mapping->faulty_offset)
		*(bool *)member(into, mapping->faulty_offset) =
			problems_count(loader->problems) > known;
}

void load_mapping_file(const struct loader *loader, const struct mapping *mapping, void *into)
{
	struct yaml_node *root = yaml_read_file(loader->arena, loader->file, loader->problems);
	if (root)
		load_mapping(loader, mapping, root, into);
}

void load_list_file(const struct loader *loader, const struct mapping *mapping, void **items,
		    size_t *count)
{
	struct yaml_node *root = yaml_read_file(loader->arena, loader->file, loader->problems);
	if (root)
		load_list(loader, mapping, root, items, count);
}
