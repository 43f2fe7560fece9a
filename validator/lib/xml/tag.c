/* Where the attributes of a start tag stand: read from the tag's own text, and only when somebody
 * asks. */
#include "xml/reader.h"

struct str xml_tag_value(const struct xml_tag *tag, xml_name name)
{
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].name == name)
			return tag->attributes[i].value;
	return (struct str){ 0 };
}

static bool ends_name(char c)
{
	return char_is_space(c) || c == '=' || c == '/' || c == '>';
}

/* Whether a name as written, with its prefix, is this attribute's. */
static bool is_written_as(struct str name, const struct xml_attribute *attribute)
{
	if (!attribute->prefix)
		return str_is(name, attribute->local);
	struct str prefix = str_of(attribute->prefix);
	return str_starts(name, prefix) && name.n > prefix.n && name.p[prefix.n] == ':' &&
	       str_is(str_from(name, prefix.n + 1), attribute->local);
}

/* The next attribute of a tag's text from *at: its name and where its value starts. False at the
 * end. */
static bool next_written(struct str raw, size_t *at, struct str *name, size_t *value)
{
	size_t i = *at;
	while (i < raw.n && char_is_space(raw.p[i]))
		i++;
	size_t start = i;
	while (i < raw.n && !ends_name(raw.p[i]))
		i++;
	*name = (struct str){ raw.p + start, i - start };
	while (i < raw.n && raw.p[i] != '"' && raw.p[i] != '\'')
		i++;
	if (i >= raw.n || name->n == 0)
		return false;
	const char *close = i + 1 < raw.n ? memchr(raw.p + i + 1, raw.p[i], raw.n - i - 1) : NULL;
	*value = i + 1;
	*at = close ? (size_t)(close - raw.p) + 1 : raw.n;
	return true;
}

static size_t behind_name(const struct xml_tag *tag)
{
	size_t at = 1;
	while (at < tag->raw.n && !ends_name(tag->raw.p[at]))
		at++;
	return at;
}

static bool find_written(const struct xml_tag *tag, size_t i, size_t *name_at, size_t *value_at)
{
	size_t at = behind_name(tag), value = 0;
	struct str name;
	while (next_written(tag->raw, &at, &name, &value)) {
		if (!is_written_as(name, &tag->attributes[i]))
			continue;
		*name_at = tag->offset + (size_t)(name.p - tag->raw.p);
		*value_at = tag->offset + value;
		return true;
	}
	return false;
}

size_t xml_tag_attribute_offset(const struct xml_tag *tag, size_t i)
{
	size_t name = tag->offset, value = tag->offset;
	find_written(tag, i, &name, &value);
	return name;
}

size_t xml_tag_value_offset(const struct xml_tag *tag, size_t i)
{
	const char *p = tag->attributes[i].value.p;
	if (p >= tag->raw.p && p <= tag->raw.p + tag->raw.n)
		return (size_t)(p - tag->document);
	size_t name = tag->offset, value = tag->offset;
	find_written(tag, i, &name, &value);
	return value;
}

struct str xml_tag_attribute_at(const struct xml_tag *tag, size_t offset)
{
	size_t at = behind_name(tag), value = 0;
	struct str name;
	while (next_written(tag->raw, &at, &name, &value)) {
		size_t start = tag->offset + (size_t)(name.p - tag->raw.p);
		if (offset < start)
			break;
		if (offset >= tag->offset + at || str_starts(name, STR("xmlns")))
			continue;
		const char *colon = memchr(name.p, ':', name.n);
		return colon ? str_from(name, (size_t)(colon - name.p) + 1) : name;
	}
	return (struct str){ 0 };
}
