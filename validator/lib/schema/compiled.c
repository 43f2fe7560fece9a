#include "schema/validation.h"
#include "schema/value.h"
#include "diag/mask_words.h"

#include <stdlib.h>

enum { FIRST_FRAMES = 32, MOST_ROOTS = 64, MOST_TEXT_BYTES = 64 * 1024 * 1024 };

/* Judge attributes, and expect the children of the element's type. */
static __attribute__((noinline)) int judge_opened(struct schema_validation *v,
						  const struct xml_tag *tag, struct frame *frame)
{
	if (v->enters_alien) {
		frame->alien = tag->uri;
		frame->is_alien = true;
		v->enters_alien = false;
	}
	if (tag->type_sent)
		type_choose(v, frame, tag);
	if (tag->count || frame->type->required)
		frame->flags = attributes_judge(v, tag, &v->tables->elements[frame->element]);
	if (frame->content == SCHEMA_SIMPLE) {
		buf_reset(&v->text);
		v->has_text = false;
	}
	return v->failed ? -1 : 0;
}

static inline int open_element(struct schema_validation *v, const struct xml_tag *tag,
			       uint16_t number)
{
	struct frame *frame = frame_push(v, number, tag->offset);
	if (!frame)
		return -1;
	if (tag->count || frame->type->required || frame->content == SCHEMA_SIMPLE ||
	    tag->type_sent || v->enters_alien)
		return judge_opened(v, tag, frame);
	return v->failed ? -1 : 0;
}

/* An element with xsi:nil="true" must be empty; one finding says so. */
static void report_nil(struct schema_validation *v, struct frame *frame, size_t offset)
{
	if (frame->flags & FRAME_NIL_BROKEN)
		return;
	frame->flags |= FRAME_NIL_BROKEN;
	say_name(v, &v->message, v->tables->elements[frame->element].name);
	buf_text(&v->message, " has xsi:nil=\"true\", so it must be empty: not even white space is "
			      "allowed");
	buf_text(&v->fix, "Send it empty, or leave xsi:nil out.");
	report(v, SCHEMA_NIL, offset, (struct str){ 0 }, MASK_NONE);
}

/* An element of which there is something to say, perhaps. */
static __attribute__((noinline)) int judge_element(struct schema_validation *v,
						   const struct xml_tag *tag)
{
	struct frame *frame = &v->frames[v->depth];
	if (v->skipped) {
		v->skipped++;
		return 0;
	}
	if (frame->flags) {
		frame->flags &= (uint8_t)~FRAME_TEXT;
		if (frame->flags & FRAME_ABSENT)
			content_leave_absent(v, name_index(v->tables, tag->name));
		if (frame->flags & FRAME_NIL) {
			report_nil(v, frame, tag->offset);
			v->skipped = 1;
			return v->failed ? -1 : 0;
		}
		if (frame->flags & FRAME_FILLED) {
			v->skipped = 1;
			return 0;
		}
	}
	/* White space beside an element is its indentation. */
	if (frame->content == SCHEMA_EMPTY)
		frame->flags = (uint8_t)((frame->flags & ~FRAME_BLANK) | FRAME_FILLED);
	uint16_t number = child_recognise(v, tag);
	if (number)
		return open_element(v, tag, number);
	v->skipped = 1;
	return v->failed ? -1 : 0;
}

/* The way of a valid message: the model takes the element as its next child. */
static int element(struct schema_validation *v, const struct xml_tag *tag)
{
	const struct schema_tables *tables = v->tables;
	struct frame *frame = &v->frames[v->depth];
	if (v->skipped || frame->flags || frame->trouble || frame->content == SCHEMA_EMPTY)
		return judge_element(v, tag);
	const struct schema_move *move =
		state_move(tables, frame->state, name_index(tables, tag->name));
	if (!move || (move->counted && frame->count >= tables->states[move->next].limit) ||
	    v->depth + 1 == v->room)
		return judge_element(v, tag);
	uint32_t count = move->counted ? frame->count + 1 : 1;
	uint16_t number = frame_take(frame, move);
	frame->count = count;
	return open_element(v, tag, number);
}

/* Text where it is not allowed, from the first byte that matters. cause: as report_behind has it.
 */
static void report_text(struct schema_validation *v, struct frame *frame, struct str text,
			size_t offset, enum schema_fault_kind cause)
{
	bool empty = frame->type->content == SCHEMA_EMPTY;
	if (frame->flags & FRAME_TEXT)
		return;
	frame->flags |= FRAME_TEXT;
	if (empty && frame->lacking && !str_is_blank(text)) {
		attributes_are_text(v, frame);
		cause = SCHEMA_ATTRIBUTE_MISSING;
	}
	unsigned name = v->tables->elements[frame->element].name;
	struct str actual = str_trim(text);
	say_name(v, &v->message, name);
	buf_text(&v->message, !actual.n ? " contains white space" : " contains the text \"");
	if (actual.n) {
		mask_write(&v->message, mask_kind_of(local_name(v->tables, name), NULL), actual);
		buf_text(&v->message, "\"");
	}
	buf_text(&v->message, empty ? ", but must be empty" : ", but may only contain elements");
	buf_text(&v->expected, empty ? "nothing" : "elements only");
	report_behind(v, SCHEMA_TEXT_UNEXPECTED, cause, offset, actual,
		      mask_kind_of(local_name(v->tables, name), NULL));
}

/* In an element that must be empty, white space alone is reported when nothing else was. */
static void hold_or_report_text(struct schema_validation *v, struct frame *frame, struct str text,
				size_t offset)
{
	if (!str_is_blank(text)) {
		frame->flags &= (uint8_t)~FRAME_BLANK;
		report_text(v, frame, text, offset, 0);
	} else if (!(frame->flags & (FRAME_TEXT | FRAME_FILLED | FRAME_BLANK))) {
		frame->flags |= FRAME_BLANK;
		v->text_offset = offset;
	}
}

/* How many bytes of white space text begins with: no other character of XML is below the blank. */
static size_t blank_bytes(struct str text)
{
	size_t n = 0;
	while (n < text.n && (unsigned char)text.p[n] <= ' ')
		n++;
	return n;
}

static int text(struct schema_validation *v, struct str text, size_t offset)
{
	struct frame *frame = &v->frames[v->depth];
	if (v->skipped || !text.n)
		return 0;
	if (frame->flags & FRAME_NIL) {
		report_nil(v, frame, offset);
		return v->failed ? -1 : 0;
	}
	switch ((enum schema_content)frame->content) {
	case SCHEMA_MIXED:
		return 0;
	case SCHEMA_SIMPLE:
		if (!v->has_text)
			v->text_offset = offset;
		v->has_text = true;
		buf_str(&v->text, text);
		return v->text.failed ? -1 : 0;
	case SCHEMA_EMPTY:
		if (frame->flags & FRAME_NIL_DOUBT && !str_is_blank(text))
			break;
		hold_or_report_text(v, frame, text, offset);
		return v->failed ? -1 : 0;
	case SCHEMA_ELEMENTS:
		break;
	}
	size_t blank = blank_bytes(text);
	if (blank < text.n)
		report_text(v, frame, str_from(text, blank), offset + blank, 0);
	return v->failed ? -1 : 0;
}

static void judge_text(struct schema_validation *v, const struct frame *frame)
{
	const struct schema_simple *simple = &v->tables->simples[frame->type->simple];
	struct str value = buf_view(&v->text);
	if (fits(v, simple, value))
		return;
	const char *name = local_name(v->tables, v->tables->elements[frame->element].name);
	enum schema_fault_kind kind = say_value(v, simple, value, name, NULL);
	report_behind(v, kind, frame->flags & FRAME_TEXT_ASIDE ? SCHEMA_ATTRIBUTE_UNEXPECTED : 0,
		      v->has_text ? v->text_offset : frame->offset, value,
		      mask_kind_of(name, NULL));
}

/* The end of an element of which there is more to say, perhaps. */
static __attribute__((noinline)) int close_element(struct schema_validation *v)
{
	while (v->frames[v->depth].flags & FRAME_ABSENT)
		frame_pop(v);
	struct frame *frame = &v->frames[v->depth];
	if (frame->content == SCHEMA_SIMPLE && !(frame->flags & FRAME_NIL))
		judge_text(v, frame);
	else if (frame->flags & FRAME_BLANK)
		report_text(v, frame, STR(" "), v->text_offset,
			    frame->flags & FRAME_NIL_DOUBT ? SCHEMA_NIL : 0);
	frame_pop(v);
	return v->failed ? -1 : 0;
}

static int end_element(struct schema_validation *v, size_t offset)
{
	(void)offset;
	if (v->skipped) {
		v->skipped--;
		return 0;
	}
	const struct frame *frame = &v->frames[v->depth];
	if (frame->flags || frame->trouble || frame->content == SCHEMA_SIMPLE ||
	    !v->tables->states[frame->state].accepting)
		return close_element(v);
	v->depth--;
	return v->failed ? -1 : 0;
}

static void finish(struct schema_validation *v)
{
	if (!v)
		return;
	for (size_t i = 0; v->frames && i <= v->depth; i++)
		trouble_free(v->frames[i].trouble);
	buf_release(&v->text);
	buf_release(&v->scratch);
	buf_release(&v->message);
	buf_release(&v->fix);
	buf_release(&v->expected);
	free(v->frames);
	free(v->path);
	free(v);
}

static struct schema_validation *start(const struct schema *schema, const struct schema_sink *sink)
{
	const struct compiled_schema *compiled = (const struct compiled_schema *)schema;
	struct schema_validation *v = malloc(sizeof(*v));
	if (!v)
		return NULL;
	memset(v, 0, offsetof(struct schema_validation, known));
	for (size_t i = 0; i < KNOWN_VALUES; i++)
		v->known[i].use = NULL;
	v->tables = compiled->tables;
	v->sink = *sink;
	v->room = FIRST_FRAMES;
	v->frames = malloc(v->room * sizeof(*v->frames));
	v->path = malloc(3 * (compiled->tables->most_states + 1) * sizeof(*v->path));
	if (v->frames)
		v->frames[0] = (struct frame){ 0 };
	if (!v->frames || !v->path) {
		finish(v);
		return NULL;
	}
	v->queue = v->path + compiled->tables->most_states + 1;
	v->came_by = v->queue + compiled->tables->most_states + 1;
	v->frames[0].type = &compiled->tables->types[compiled->root->type];
	v->frames[0].state = compiled->root->start;
	v->frames[0].content = SCHEMA_ELEMENTS;
	buf_init(&v->text, MOST_TEXT_BYTES);
	buf_init(&v->scratch, MOST_TEXT_BYTES);
	buf_init(&v->message, SIZE_MAX / 2);
	buf_init(&v->fix, SIZE_MAX / 2);
	buf_init(&v->expected, SIZE_MAX / 2);
	return v;
}

static const struct schema_engine engine = {
	.start = start,
	.element = element,
	.text = text,
	.end_element = end_element,
	.finish = finish,
};

static enum xml_namespace namespace_of(const char *uri)
{
	for (int ns = NS_NONE + 1; ns < NS_UNKNOWN; ns++)
		if (xml_namespace_uris[ns] && strcmp(xml_namespace_uris[ns], uri) == 0)
			return (enum xml_namespace)ns;
	return *uri ? NS_UNKNOWN : NS_NONE;
}

int schema_tables_setup(const struct schema_tables *tables)
{
	/* The text has each namespace once, with none at 0. Names of a schema are side by side. */
	uint32_t last_uri = 0;
	enum xml_namespace last = NS_NONE;
	for (size_t i = 1; i < tables->name_count; i++) {
		const struct schema_name *name = &tables->names[i];
		if (name->ns && name->ns != last_uri) {
			last_uri = name->ns;
			last = namespace_of(tables->text + last_uri);
		}
		enum xml_namespace ns = name->ns ? last : NS_NONE;
		xml_name known = xml_names_add(ns, tables->text + name->local);
		if (ns == NS_UNKNOWN || !known || known >= SCHEMA_NAMES_MOST)
			return -1;
		tables->index_of[known] = (uint16_t)i;
	}
	return 0;
}

bool schema_tables_find(const struct schema_tables *tables, const char *path,
			struct compiled_schema *schema)
{
	for (size_t i = 0; i < tables->root_count; i++) {
		if (strcmp(tables->text + tables->roots[i].path, path) != 0)
			continue;
		*schema = (struct compiled_schema){ .schema = { &engine },
						    .tables = tables,
						    .root = &tables->roots[i] };
		return true;
	}
	return false;
}

/* Made by setup, read-only from then on. */
static struct compiled_schema compiled[MOST_ROOTS];

/* Names, codes and namespaces of the schemas say nothing of a person. */
static int know_words(void)
{
	const struct schema_tables *tables = &schema_tables_cpis;
	for (size_t at = 0; at < tables->text_bytes; at += strlen(tables->text + at) + 1)
		if (mask_know(tables->text + at) != 0)
			return -1;
	return 0;
}

int schema_compiled_setup(void)
{
	const struct schema_tables *tables = &schema_tables_cpis;
	if (tables->root_count > MOST_ROOTS)
		return -1;
	for (size_t i = 0; i < tables->root_count; i++)
		schema_tables_find(tables, tables->text + tables->roots[i].path, &compiled[i]);
	mask_learn_from(know_words);
	return schema_tables_setup(tables);
}

const struct schema *schema_compiled(const char *path)
{
	for (size_t i = 0; i < schema_compiled_count(); i++)
		if (compiled[i].tables && strcmp(schema_compiled_path(i), path) == 0)
			return &compiled[i].schema;
	return NULL;
}

size_t schema_compiled_count(void)
{
	return schema_tables_cpis.root_count;
}

const char *schema_compiled_path(size_t index)
{
	return schema_tables_cpis.text + schema_tables_cpis.roots[index].path;
}
