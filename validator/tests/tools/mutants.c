#include "mutants.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TAGS = 8192, MOST_ATTRIBUTES = 32 };

struct span {
	size_t start, end;
};

/* An element: its start tag, and all of it. */
struct element {
	struct span tag, whole, name;
	size_t parent; /* its number, or SIZE_MAX */
	bool empty;    /* or never closed */
};

struct scan {
	const char *text;
	struct element *at;
	size_t count;
	uint64_t *state;
};

uint64_t mutants_seed(uint64_t number)
{
	uint64_t z = number * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return z ? z : 1;
}

unsigned mutants_any(uint64_t *state, unsigned below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)((*state >> 11) % below);
}

static size_t end_of_tag(const char *text, size_t at)
{
	char quote = '\0';
	for (; text[at]; at++) {
		if (quote ? text[at] == quote : text[at] == '"' || text[at] == '\'')
			quote = quote ? '\0' : text[at];
		else if (!quote && text[at] == '>')
			return at + 1;
	}
	return at;
}

/* All elements in order; comments, instructions and CDATA are passed over. */
static void scan_elements(struct scan *scan)
{
	size_t open[256], depth = 0, at = 0;
	const char *text = scan->text;
	while (scan->count < MOST_TAGS && depth < 255) {
		const char *next = strchr(text + at, '<');
		if (!next)
			return;
		size_t start = (size_t)(next - text);
		if (strncmp(next, "<!--", 4) == 0 || strncmp(next, "<![", 3) == 0 ||
		    next[1] == '?') {
			const char *close = strstr(next, next[1] == '?'	  ? "?>"
							 : next[2] == '-' ? "-->"
									  : "]]>");
			if (!close)
				return;
			at = (size_t)(close - text) + 2;
			continue;
		}
		at = end_of_tag(text, start);
		if (next[1] == '/') {
			if (depth) {
				struct element *closed = &scan->at[open[--depth]];
				closed->whole.end = at;
				closed->empty = false;
			}
			continue;
		}
		size_t name_end = start + 1 + strcspn(next + 1, " \t\r\n/>");
		struct element *element = &scan->at[scan->count];
		*element = (struct element){ { start, at },
					     { start, at },
					     { start + 1, name_end },
					     depth ? open[depth - 1] : SIZE_MAX,
					     true };
		if (text[at - 2] != '/')
			open[depth++] = scan->count;
		scan->count++;
	}
}

static unsigned any(const struct scan *scan, size_t below)
{
	return mutants_any(scan->state, (unsigned)below);
}

static const struct element *any_element(const struct scan *scan)
{
	return &scan->at[any(scan, scan->count)];
}

/* Not the root, which would leave nothing. */
static const struct element *any_child(const struct scan *scan)
{
	return scan->count > 1 ? &scan->at[1 + any(scan, scan->count - 1)] : NULL;
}

/* The text with a span replaced. For free(); NULL: out of memory. */
static char *replace(const char *text, struct span span, const char *with, size_t with_bytes)
{
	size_t n = strlen(text);
	if (span.start > span.end || span.end > n) /* it is not well-formed */
		return NULL;
	char *out = malloc(n - (span.end - span.start) + with_bytes + 1);
	if (!out)
		return NULL;
	memcpy(out, text, span.start);
	memcpy(out + span.start, with, with_bytes);
	strcpy(out + span.start + with_bytes, text + span.end);
	return out;
}

static char *replace_text(const char *text, struct span span, const char *with)
{
	return replace(text, span, with, strlen(with));
}

static size_t length(struct span span)
{
	return span.end - span.start;
}

/* Each does one thing to the text; NULL: it cannot be done here. */

static char *drop_element(const struct scan *scan)
{
	const struct element *element = any_child(scan);
	return element ? replace_text(scan->text, element->whole, "") : NULL;
}

static char *double_element(const struct scan *scan)
{
	const struct element *element = any_child(scan);
	if (!element)
		return NULL;
	struct span behind = { element->whole.end, element->whole.end };
	return replace(scan->text, behind, scan->text + element->whole.start,
		       length(element->whole));
}

static char *swap_elements(const struct scan *scan)
{
	const struct element *one = any_child(scan), *other = NULL;
	for (const struct element *e = one; e && e < scan->at + scan->count && !other; e++)
		if (e->parent == one->parent && e->whole.start >= one->whole.end)
			other = e;
	if (!other)
		return NULL;
	size_t between = other->whole.start - one->whole.end;
	size_t n = length(one->whole) + between + length(other->whole);
	char *both = malloc(n);
	if (!both)
		return NULL;
	memcpy(both, scan->text + other->whole.start, length(other->whole));
	memcpy(both + length(other->whole), scan->text + one->whole.end, between);
	memcpy(both + length(other->whole) + between, scan->text + one->whole.start,
	       length(one->whole));
	char *out =
		replace(scan->text, (struct span){ one->whole.start, other->whole.end }, both, n);
	free(both);
	return out;
}

static char *rename_element(const struct scan *scan)
{
	const struct element *element = any_element(scan), *other = any_element(scan);
	char name[256];
	unsigned how = any(scan, 3);
	struct span span = how == 0 ? other->name : element->name;
	snprintf(name, sizeof(name), "%.*s%s", (int)length(span), scan->text + span.start,
		 how == 1 ? "x" : "");
	if (how == 2)
		name[strlen(name) - 1] ^= 0x20;
	char *out = element->empty ? NULL : strdup(scan->text);
	if (element->empty)
		return replace_text(scan->text, element->name, name);
	size_t close = element->whole.end - 1 - length(element->name);
	char *later = out ? replace_text(out, (struct span){ close, element->whole.end - 1 }, name)
			  : NULL;
	free(out);
	out = later ? replace_text(later, element->name, name) : NULL;
	free(later);
	return out;
}

/* A copy of one element as the first child of another, after it, or before it. */
static char *insert_element(const struct scan *scan)
{
	const struct element *from = any_child(scan), *to = any_child(scan);
	if (!from)
		return NULL;
	size_t places[] = { to->tag.end, to->whole.end, to->whole.start };
	size_t place = places[to->empty ? 1 + any(scan, 2) : any(scan, 3)];
	return replace(scan->text, (struct span){ place, place }, scan->text + from->whole.start,
		       length(from->whole));
}

static char *unwrap_element(const struct scan *scan)
{
	const struct element *element = any_child(scan);
	if (!element || element->empty)
		return NULL;
	const char *close = scan->text + element->whole.end;
	while (*--close != '<')
		;
	size_t end = (size_t)(close - scan->text);
	return end < element->tag.end
		       ? NULL
		       : replace(scan->text, element->whole, scan->text + element->tag.end,
				 end - element->tag.end);
}

static char *insert_unknown(const struct scan *scan)
{
	static const char *const unknown[] = {
		"<unknown/>",
		"<x:unknown xmlns:x='urn:x'><x:y/></x:unknown>",
		"<unknown xmlns=''/>",
		"<!-- comment -->",
		"<?instruction?>",
		"<code code='x'/>",
		"<value/>",
		"<contentId xmlns='NPFIT:HL7:Localisation'/>",
	};
	const struct element *to = any_element(scan);
	size_t place = to->empty && to != scan->at ? to->whole.end : to->tag.end;
	return replace_text(scan->text, (struct span){ place, place },
			    unknown[any(scan, sizeof(unknown) / sizeof(unknown[0]))]);
}

static char *insert_text(const struct scan *scan)
{
	static const char *const texts[] = { "x",
					     "0",
					     " \n ",
					     "&amp;",
					     "<![CDATA[x]]>",
					     "<![CDATA[ ]]>",
					     "&#160;",
					     "text of some words",
					     "&#32;" };
	const struct element *to = any_element(scan);
	size_t place = to->empty && to != scan->at ? to->whole.end : to->tag.end;
	return replace_text(scan->text, (struct span){ place, place },
			    texts[any(scan, sizeof(texts) / sizeof(texts[0]))]);
}

/* What is between the tags of an element that has no children. */
static char *change_text(const struct scan *scan)
{
	static const char *const texts[] = {
		"", " ", "x", "-1", "20240230", "<b/>", "%%%", "a b  c"
	};
	for (unsigned tries = 0; tries < 50; tries++) {
		const struct element *element = any_element(scan);
		const char *close = memchr(scan->text + element->tag.end, '<',
					   element->whole.end - element->tag.end);
		if (element->empty || !close || close[1] != '/' ||
		    close == scan->text + element->tag.end)
			continue;
		return replace_text(scan->text,
				    (struct span){ element->tag.end, (size_t)(close - scan->text) },
				    texts[any(scan, sizeof(texts) / sizeof(texts[0]))]);
	}
	return NULL;
}

/* Attributes: of the whole tag, "name="value"" with the blank before it; and of the value. */
struct attribute {
	struct span whole, name, value;
};

static size_t scan_attributes(const char *text, const struct element *element,
			      struct attribute found[MOST_ATTRIBUTES])
{
	size_t count = 0;
	for (size_t at = element->name.end; count < MOST_ATTRIBUTES;) {
		struct attribute attribute;
		attribute.whole.start = at;
		at += strspn(text + at, " \t\r\n");
		attribute.name.start = at;
		at += strcspn(text + at, "=/> \t\r\n");
		attribute.name.end = at;
		at += strspn(text + at, "= \t\r\n");
		if (at >= element->tag.end || (text[at] != '"' && text[at] != '\''))
			break;
		const char *close = strchr(text + at + 1, text[at]);
		if (!close)
			break;
		attribute.value = (struct span){ at + 1, (size_t)(close - text) };
		at = attribute.whole.end = attribute.value.end + 1;
		found[count++] = attribute;
	}
	return count;
}

static bool any_attribute(const struct scan *scan, struct attribute *attribute)
{
	for (unsigned tries = 0; tries < 50; tries++) {
		struct attribute found[MOST_ATTRIBUTES];
		size_t count = scan_attributes(scan->text, any_element(scan), found);
		if (count == 0)
			continue;
		*attribute = found[any(scan, count)];
		return true;
	}
	return false;
}

static char *drop_attribute(const struct scan *scan)
{
	struct attribute attribute;
	return any_attribute(scan, &attribute) ? replace_text(scan->text, attribute.whole, "")
					       : NULL;
}

static char *add_attribute(const struct scan *scan)
{
	static const char *const added[] = {
		" unknown='1'",
		" nullFlavor='NI'",
		" nullFlavor='XX'",
		" updateMode='replace'",
		" classCode='ACT'",
		" typeCode='PERT'",
		" xml:lang='en'",
		" value='1'",
		" root=''",
		" extension='x'",
		" code='C'",
		" codeSystem='1.2'",
		" displayName=''",
		" type='Act'",
		" contextConductionInd='true'",
		" use='WP'",
		" xmlns:q='urn:q' q:y='z'",
		" moodCode='EVN'",
		" determinerCode='INSTANCE'",
		" assigningAuthorityName='A'",
		" inversionInd='false'",
		" specializationType='x'",
		" unsorted='true'",
	};
	size_t place = any_element(scan)->name.end;
	return replace_text(scan->text, (struct span){ place, place },
			    added[any(scan, sizeof(added) / sizeof(added[0]))]);
}

static char *rename_attribute(const struct scan *scan)
{
	struct attribute one, other;
	if (!any_attribute(scan, &one) || !any_attribute(scan, &other))
		return NULL;
	return replace(scan->text, one.name, scan->text + other.name.start, length(other.name));
}

static char *swap_value(const struct scan *scan)
{
	struct attribute one, other;
	if (!any_attribute(scan, &one) || !any_attribute(scan, &other))
		return NULL;
	return replace(scan->text, one.value, scan->text + other.value.start, length(other.value));
}

static char *blank_value(const struct scan *scan)
{
	static const char *const blanks[] = { "", " ", "\t", "&#10;", "   " };
	struct attribute attribute;
	if (!any_attribute(scan, &attribute))
		return NULL;
	return replace_text(scan->text, attribute.value, blanks[any(scan, 5)]);
}

static char *lengthen_value(const struct scan *scan)
{
	struct attribute attribute;
	char value[4096] = "";
	if (!any_attribute(scan, &attribute) || length(attribute.value) > 200)
		return NULL;
	unsigned times = 2 + any(scan, 12);
	for (unsigned i = 0; i < times; i++)
		snprintf(value + strlen(value), sizeof(value) - strlen(value), "%.*s",
			 (int)length(attribute.value), scan->text + attribute.value.start);
	return replace_text(scan->text, attribute.value, value);
}

/* One character of a value becomes another, or goes, or one is put in. */
static char *alter_value(const struct scan *scan)
{
	static const char *const letters[] = { "x", "A", "0",  "9",	"-",	    "+",
					       ".", " ", "\t", "&amp;", "\xc3\xa9", "/",
					       ":", "%", "#",  "_",	"" };
	struct attribute attribute;
	if (!any_attribute(scan, &attribute))
		return NULL;
	size_t at = attribute.value.start + any(scan, length(attribute.value) + 1);
	bool in_its_place = any(scan, 2) && at < attribute.value.end;
	return replace_text(scan->text, (struct span){ at, at + in_its_place },
			    letters[any(scan, sizeof(letters) / sizeof(letters[0]))]);
}

static char *set_value(const struct scan *scan)
{
	static const char *const values[] = {
		"true",
		"1",
		"0",
		"-1",
		"+5",
		"007",
		"1.0",
		"2026",
		"202610",
		"20261019",
		"20261019080003",
		"20261019080003+0100",
		"202610190800",
		"urn:x",
		"tel:0123",
		"http://x/ y",
		"INSTANCE",
		"RF",
		"123456789012345678901234567890",
		"AA==",
		"A",
		"NI",
		"7D6F23E0-AE1A-11DB-8707-B18E1E0994EA",
		"7d6f23e0-ae1a-11db-8707-b18e1e0994ea",
		"2.16.840.1.113883.2.1.4.1",
		"2.16.0840",
		"WP H",
		"EC",
	};
	struct attribute attribute;
	if (!any_attribute(scan, &attribute))
		return NULL;
	return replace_text(scan->text, attribute.value,
			    values[any(scan, sizeof(values) / sizeof(values[0]))]);
}

static char *pad_value(const struct scan *scan)
{
	static const char *const pads[] = { " ", "\n", "&#9;", "  " };
	struct attribute attribute;
	if (!any_attribute(scan, &attribute))
		return NULL;
	size_t at = any(scan, 2) ? attribute.value.start : attribute.value.end;
	return replace_text(scan->text, (struct span){ at, at }, pads[any(scan, 4)]);
}

static char *say_nil(const struct scan *scan)
{
	static const char *const nils[] = { "true", "false", "1", "0", "", "maybe", " true " };
	const struct element *element = any_element(scan);
	char attribute[128];
	snprintf(attribute, sizeof(attribute),
		 " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='%s'",
		 nils[any(scan, 7)]);
	if (memmem(scan->text + element->tag.start, length(element->tag), "xmlns:xsi", 9))
		return NULL;
	return replace_text(scan->text, (struct span){ element->name.end, element->name.end },
			    attribute);
}

/* Types that elements have or that are derived from those, and others; by several prefixes. */
static char *say_type(const struct scan *scan)
{
	static const char *const types[] = {
		"TS",
		"IVL_TS",
		"SXCM_TS",
		"IVXB_TS",
		"QTY",
		"ANY",
		"II",
		"CD",
		"CE",
		"CV",
		"CS",
		"CR",
		"PQR",
		"TEL",
		"URL",
		"PN",
		"II.NPfIT.uuid.mandatory",
		"Upload",
		"None",
		"",
		"INT",
		"CV.NPfIT.Codedplain",
	};
	static const char *const forms[][2] = {
		{ "", "" },
		{ "", " " },
		{ " xmlns:h='urn:hl7-org:v3'", "h:" },
		{ " xmlns:h='urn:other'", "h:" },
		{ "", "unbound:" },
	};
	const struct element *element = any_element(scan);
	char attribute[256];
	unsigned form = any(scan, 5);
	snprintf(attribute, sizeof(attribute),
		 "%s xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='%s%s'",
		 forms[form][0], forms[form][1],
		 types[any(scan, sizeof(types) / sizeof(types[0]))]);
	if (memmem(scan->text + element->tag.start, length(element->tag), "xmlns:xsi", 9))
		return NULL;
	return replace_text(scan->text, (struct span){ element->name.end, element->name.end },
			    attribute);
}

static char *empty_element(const struct scan *scan)
{
	const struct element *element = any_child(scan);
	if (!element || element->empty)
		return NULL;
	const char *close = scan->text + element->whole.end;
	while (*--close != '<')
		;
	return replace_text(scan->text,
			    (struct span){ element->tag.end, (size_t)(close - scan->text) }, "");
}

static const struct {
	const char *name;
	char *(*apply)(const struct scan *scan);
} changes[] = {
	{ "drop an element", drop_element },
	{ "double an element", double_element },
	{ "swap two siblings", swap_elements },
	{ "rename an element", rename_element },
	{ "insert a copy of an element", insert_element },
	{ "take a wrapper away", unwrap_element },
	{ "insert an unknown element", insert_unknown },
	{ "insert text", insert_text },
	{ "change text", change_text },
	{ "empty an element", empty_element },
	{ "drop an attribute", drop_attribute },
	{ "add an attribute", add_attribute },
	{ "rename an attribute", rename_attribute },
	{ "give a value that another attribute has", swap_value },
	{ "blank a value", blank_value },
	{ "lengthen a value", lengthen_value },
	{ "alter a character of a value", alter_value },
	{ "set a value", set_value },
	{ "put white space around a value", pad_value },
	{ "say xsi:nil", say_nil },
	{ "say xsi:type", say_type },
};

const char *mutants_name(size_t index)
{
	return index < sizeof(changes) / sizeof(changes[0]) ? changes[index].name : NULL;
}

static char *change(uint64_t *state, const char *text, const char **what)
{
	struct scan scan = { text, calloc(MOST_TAGS, sizeof(struct element)), 0, state };
	char *out = NULL;
	if (!scan.at)
		return NULL;
	scan_elements(&scan);
	for (unsigned tries = 0; !out && scan.count && tries < 20; tries++) {
		size_t i = mutants_any(state, sizeof(changes) / sizeof(changes[0]));
		out = changes[i].apply(&scan);
		*what = changes[i].name;
	}
	free(scan.at);
	return out;
}

struct mutant mutants_make(uint64_t *state, const char *message, unsigned times)
{
	struct mutant mutant = { strdup(message), 0, "nothing" };
	for (unsigned i = 0; i < times && mutant.text; i++) {
		char *next = change(state, mutant.text, &mutant.what);
		free(mutant.text);
		mutant.text = next;
	}
	mutant.bytes = mutant.text ? strlen(mutant.text) : 0;
	return mutant;
}
