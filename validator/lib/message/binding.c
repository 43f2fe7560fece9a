#include "message/binding.h"

#include "base/character.h"
#include "message/binding_tree.h"
#include "schema/value.h"
#include "xml/locate.h"

#include <stdio.h>
#include <stdlib.h>

size_t binding_table_number(const struct binding_numbers *numbers,
			    const struct binding_table *table)
{
	size_t i = 0;
	while (i < numbers->table_count && numbers->tables[i] != table)
		i++;
	return i;
}

/* What a row of a stream's table puts into a part around must outlive the stream's part. */
static bool streams_keep_what_lasts(const struct binding_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct binding *row = &table->rows[i];
		bool lasts = false;
		for (size_t k = 0; row->stream && k < row->table->count; k++)
			lasts = lasts || row->table->rows[k].into != PART_NONE;
		if (lasts && !row->keeps)
			return false;
	}
	return true;
}

int binding_number(struct binding_numbers *numbers, const struct binding_table *table)
{
	if (binding_table_number(numbers, table) < numbers->table_count)
		return 0;
	if (numbers->row_count == 0)
		numbers->row_count = 1;
	if (numbers->table_count == BINDING_TABLES ||
	    numbers->row_count + table->count > BINDING_ROWS)
		return -1;
	if (!streams_keep_what_lasts(table))
		return -1;
	numbers->first_row[numbers->table_count] = (uint16_t)numbers->row_count;
	numbers->tables[numbers->table_count++] = table;
	for (size_t i = 0; i < table->count; i++)
		numbers->rows[numbers->row_count++] = &table->rows[i];
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].table && binding_number(numbers, table->rows[i].table) != 0)
			return -1;
	return 0;
}

static bool in_document(const struct text_home *home, struct str text)
{
	return text.p >= home->document.p && text.p + text.n <= home->document.p + home->document.n;
}

struct str text_keep(const struct text_home *home, struct str text)
{
	return in_document(home, text) ? text : arena_str(home->arena, text);
}

/* The room of a text that was joined: doubled as it grows, so that many pieces cost no more than
 * few. */
static size_t joined_room(size_t n)
{
	size_t room = 64;
	while (room < n)
		room *= 2;
	return room;
}

static void join_text(const struct text_home *home, struct value *value, struct str text)
{
	size_t n = value->text.n + text.n;
	bool joined = value->text.n && !in_document(home, value->text);
	char *room = joined && joined_room(value->text.n) == joined_room(n)
			     ? (char *)(uintptr_t)value->text.p
			     : arena_alloc(home->arena, joined_room(n));
	if (!room)
		return;
	if (room != value->text.p)
		memcpy(room, value->text.p, value->text.n);
	memcpy(room + value->text.n, text.p, text.n);
	value->text = (struct str){ room, n };
}

static void start_text(const struct text_home *home, struct value *value, struct str text,
		       size_t offset)
{
	*value = (struct value){ in_document(home, text) ? text : STR(""), offset };
	if (value->text.n == 0)
		join_text(home, value, text);
}

void text_add(const struct text_home *home, struct value *value, struct str text, size_t offset,
	      bool divided)
{
	if (value->text.n == 0 || (divided && str_is_blank(value->text)))
		start_text(home, value, text, offset);
	else if (divided && str_is_blank(text))
		return;
	else if (value->text.p + value->text.n == text.p)
		value->text.n += text.n;
	else
		join_text(home, value, text);
}

/* Rows by number; filled by the setup of the program, read-only from then on. */
static struct binding_numbers numbers;

/* The row of a number, or none. */
static inline const struct binding *row_of(uint16_t number)
{
	return numbers.rows[number];
}

static int learn_names(const struct binding_tree *plan)
{
	for (size_t i = 0; i < plan->name_count; i++)
		if (xml_names_add(plan->names[i].ns, plan->names[i].local) != plan->first_name + i)
			return -1;
	return 0;
}

/* xsi:nil */
static xml_name nil;

static int learn_nil(void)
{
	nil = xml_names_add(NS_XSI, "nil");
	return nil ? 0 : -1;
}

static bool is_nil(const struct xml_tag *tag)
{
	/* Plain values are of attributes without a namespace. */
	for (size_t i = 0; !tag->plain_values && i < tag->count; i++)
		if (tag->attributes[i].name == nil)
			return value_boolean(tag->attributes[i].value) == 1;
	return false;
}

int binding_setup(int (*number_tables)(struct binding_numbers *numbers))
{
	const struct binding_tree *plan = &binding_tree;
	if (number_tables(&numbers) != 0)
		return -1;
	/* Made of the same tables by the same count: anything else is a broken build. */
	if (numbers.table_count != plan->table_count || numbers.row_count != plan->row_count)
		return -1;
	return learn_names(plan) == 0 ? learn_nil() : -1;
}

/* An open element: where the walk is, and the part whose members it fills. */
struct binder_frame {
	uint16_t node;		/* 0: nothing below is bound */
	bool opened;		/* this element opened the part */
	bool rewinds;		/* what it took of the arena goes with it */
	bool divided;		/* it has had a child: text after it is not the text before it */
	struct part *part;	/* innermost */
	struct arena_mark mark; /* of a part that rewinds */
	void *overflow;		/* memory for parts beyond the member array, kept for reuse */
	size_t overflow_bytes;
};

struct binder {
	struct binder_frame *frames;
	size_t depth, room;
	struct arena arena;
	struct text_home home;
	part_closed closed;
	void *context;
};

struct binder *binder_new(part_closed closed, void *context)
{
	struct binder *binder = calloc(1, sizeof(*binder));
	if (!binder)
		return NULL;
	binder->closed = closed;
	binder->context = context;
	arena_init(&binder->arena);
	return binder;
}

void binder_free(struct binder *binder)
{
	if (!binder)
		return;
	for (size_t i = 0; i < binder->room; i++)
		free(binder->frames[i].overflow);
	free(binder->frames);
	arena_release(&binder->arena);
	free(binder);
}

void binder_reset(struct binder *binder, const char *document, size_t document_bytes)
{
	binder->depth = 0;
	binder->home = (struct text_home){ &binder->arena, { document, document_bytes } };
	arena_rewind(&binder->arena, (struct arena_mark){ 0 });
	binder->arena.failed = false;
}

static struct binder_frame *push(struct binder *binder)
{
	if (binder->depth == binder->room) {
		size_t room = binder->room ? binder->room * 2 : 64;
		struct binder_frame *more = realloc(binder->frames, room * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + binder->room, 0, (room - binder->room) * sizeof(*more));
		binder->frames = more;
		binder->room = room;
	}
	return &binder->frames[binder->depth++];
}

/* The part whose member a row fills; NULL: there is none around. */
static inline struct part *holder_of(struct part *part, const struct binding *row)
{
	while (row->into != PART_NONE && part && part->kind != row->into)
		part = (struct part *)(uintptr_t)part->parent;
	return part;
}

static char *member(struct part *part, const struct binding *row)
{
	struct part *holder = holder_of(part, row);
	return holder ? (char *)holder + row->field : NULL;
}

/* The count beside a member. */
static size_t *count_of(void *member_at, const struct binding *row)
{
	return (size_t *)(void *)((char *)member_at - row->field + row->count_field);
}

/* There is more in a part than is kept: nothing that needs it, or what is around it, is judged. */
static void overlook(struct part *part)
{
	for (; part; part = (struct part *)(uintptr_t)part->parent)
		part->overlooked = true;
}

/* Room for one more entry of a list, which is counted and not filled; NULL: no memory, or the list
 * is full. */
static void *list_entry(struct binder *binder, struct part *holder, const struct binding *row,
			size_t entry_bytes)
{
	char **list = (char **)(void *)((char *)holder + row->field);
	size_t *count = count_of(list, row), n = *count;
	if (n == (row->most ? row->most : MOST_KEPT)) {
		overlook(holder);
		return NULL;
	}
	/* It is doubled when it is full: at 0, 2, 4, 8 and so on. */
	if (n == 0 || (n >= 2 && (n & (n - 1)) == 0)) {
		char *more = arena_room(&binder->arena, (n ? 2 * n : 2) * entry_bytes);
		if (!more)
			return NULL;
		if (n)
			memcpy(more, *list, n * entry_bytes);
		*list = more;
	}
	++*count;
	return *list + n * entry_bytes;
}

/* The value that a row fills; one_more: of a list, a new entry; else the last. NULL: none. */
static inline struct value *value_of(struct binder *binder, struct part *part,
				     const struct binding *row, bool one_more)
{
	struct part *holder = holder_of(part, row);
	if (!holder)
		return NULL;
	char *at = (char *)holder + row->field;
	if (!row->list)
		return (struct value *)(void *)at;
	if (one_more)
		return list_entry(binder, holder, row, sizeof(struct value));
	size_t count = *count_of(at, row);
	return count && !holder->overlooked ? *(struct value **)(void *)at + count - 1 : NULL;
}

/* Memory of the frame's own, for a part that is judged and not kept. */
static struct part *spare_slot(struct binder_frame *frame, size_t bytes)
{
	if (frame->overflow_bytes < bytes) {
		free(frame->overflow);
		frame->overflow = malloc(bytes);
		frame->overflow_bytes = frame->overflow ? bytes : 0;
	}
	return frame->overflow;
}

/* Memory for the part that a row opens: its member, or where that is full the frame's own. */
static struct part *slot_for(struct binder *binder, struct binder_frame *frame, struct part *holder,
			     const struct binding *row)
{
	char *at = (char *)holder + row->field;
	if (row->list) {
		struct part *entry = list_entry(binder, holder, row, row->table->bytes);
		if (entry || binder->arena.failed)
			return entry;
	} else if ((*count_of(at, row))++ == 0 || row->stream) {
		return (struct part *)(void *)at;
	}
	return spare_slot(frame, row->table->bytes);
}

static int open_part(struct binder_frame *frame, struct part *slot,
		     const struct binding_table *table, uint16_t root, const struct xml_tag *tag,
		     unsigned role)
{
	if (!slot)
		return -1;
	memset(slot, 0, table->bytes);
	slot->kind = table->part;
	slot->role = role;
	slot->offset = tag->offset;
	slot->element = tag->local;
	slot->parent = frame->part;
	frame->part = slot;
	frame->opened = true;
	frame->node = root;
	return 0;
}

/* What a node says of the element itself, before any part is opened by it. A name stays as long as
 * the reader, and so longer than the part. */
static void note_element(struct binder *binder, const struct binding_node *node, struct part *part,
			 const struct xml_tag *tag)
{
	struct value *value;
	if (node->name_of && (value = value_of(binder, part, row_of(node->name_of), true)))
		*value = (struct value){ str_of(tag->local), tag->offset };
	if (node->count) {
		size_t *count = (size_t *)(void *)member(part, row_of(node->count));
		if (count)
			++*count;
	}
	if (node->flag)
		*(bool *)(void *)member(part, row_of(node->flag)) = true;
	if (node->text && (value = value_of(binder, part, row_of(node->text), true)))
		*value = (struct value){ STR(""), tag->offset };
}

/* One that is decoded, a token or an entry of a list, or of a part further out. */
static __attribute__((noinline)) void take_attribute(struct binder *binder, struct part *part,
						     const struct binding_attribute *bound,
						     const struct xml_tag *tag, size_t i)
{
	struct str text = tag->attributes[i].value;
	struct value *value = value_of(binder, part, row_of(bound->row), true);
	if (bound->token)
		text = str_trim(text);
	if (value)
		*value = (struct value){ text_keep(&binder->home, text),
					 xml_tag_value_offset(tag, i) };
}

/* Where a tag has an attribute; its count: nowhere. Most have theirs in the order of the tables. */
static inline size_t find_attribute(const struct xml_tag *tag, xml_name name, size_t likely)
{
	if (likely < tag->count && tag->attributes[likely].name == name)
		return likely;
	size_t i = 0;
	while (i < tag->count && tag->attributes[i].name != name)
		i++;
	return i;
}

static inline void take_attributes(struct binder *binder, struct part *part,
				   const struct binding_node *node, const struct xml_tag *tag)
{
	const struct binding_attribute *bound = &binding_tree.attributes[node->attribute];
	const struct binding_attribute *end = bound + node->attribute_count;
	for (size_t likely = 0; bound < end; bound++) {
		size_t i = find_attribute(tag, bound->name, likely);
		if (i == tag->count)
			continue;
		likely = i + 1;
		struct str text = tag->attributes[i].value;
		if (bound->plain && text.p >= tag->raw.p && text.p <= tag->raw.p + tag->raw.n)
			*(struct value *)(void *)((char *)part + row_of(bound->row)->field) =
				(struct value){ text, (size_t)(text.p - tag->document) };
		else
			take_attribute(binder, part, bound, tag, i);
	}
}

static inline uint16_t child_of(uint16_t parent, xml_name name)
{
	const struct binding_step *steps = binding_tree.steps;
	uint16_t child = steps[binding_step_place(steps, parent, name)].child;
	return child ? child : binding_tree.nodes[parent].any;
}

/* What a node that acts does when its element starts. */
static int act(struct binder *binder, struct binder_frame *frame, const struct xml_tag *tag)
{
	const struct binding_node *node = &binding_tree.nodes[frame->node];
	if (node->acts & BINDING_NOTES)
		note_element(binder, node, frame->part, tag);
	if (node->part) {
		const struct binding *row = row_of(node->part);
		struct part *holder = holder_of(frame->part, row);
		frame->rewinds = row->stream && !row->keeps;
		if (frame->rewinds)
			frame->mark = arena_mark(&binder->arena);
		/* An element that is nil carries no data: it opens nothing and is not counted. */
		if (!holder || is_nil(tag)) {
			frame->node = 0;
			return 0;
		}
		if (open_part(frame, slot_for(binder, frame, holder, row), row->table,
			      node->part_root, tag, row->role) != 0)
			return -1;
	}
	if (tag->count)
		take_attributes(binder, frame->part, &binding_tree.nodes[frame->node], tag);
	return binder->arena.failed ? -1 : 0;
}

static int open_root(struct binder *binder, struct binder_frame *frame, const struct xml_tag *tag,
		     const struct binding_table *table, unsigned role)
{
	if (frame->node)
		note_element(binder, &binding_tree.nodes[frame->node], frame->part, tag);
	struct part *slot = arena_alloc(&binder->arena, table->bytes);
	if (open_part(frame, slot, table, binding_tree.roots[binding_table_number(&numbers, table)],
		      tag, role) != 0)
		return -1;
	take_attributes(binder, frame->part, &binding_tree.nodes[frame->node], tag);
	return binder->arena.failed ? -1 : 0;
}

int binder_start(struct binder *binder, const struct xml_tag *tag,
		 const struct binding_table *table, unsigned role)
{
	struct binder_frame *frame = push(binder);
	if (!frame)
		return -1;
	frame->opened = frame->rewinds = frame->divided = false;
	frame->node = 0;
	frame->part = NULL;
	if (binder->depth > 1) {
		struct binder_frame *above = frame - 1;
		above->divided = true;
		frame->part = above->part;
		if (above->node)
			frame->node = child_of(above->node, tag->name);
	}
	if (table)
		return open_root(binder, frame, tag, table, role);
	return frame->node && binding_tree.nodes[frame->node].acts ? act(binder, frame, tag) : 0;
}

int binder_text(struct binder *binder, struct str text, size_t offset)
{
	if (binder->depth == 0)
		return 0;
	const struct binder_frame *frame = &binder->frames[binder->depth - 1];
	const struct binding *row = row_of(binding_tree.nodes[frame->node].text);
	if (!row)
		return 0;
	struct value *value = value_of(binder, frame->part, row, false);
	if (value)
		text_add(&binder->home, value, text, offset, frame->divided);
	return binder->arena.failed ? -1 : 0;
}

static void complete_identifier(struct identifier *id)
{
	id->part.sort = (uint8_t)identifier_sort_of(id);
	id->is_nhs = id->part.sort == SORT_NHS || id->part.sort == SORT_NHS_BY_ROLE;
	id->is_local = id->part.sort == SORT_LOCAL;
	if (id->is_nhs && value_there(&id->extension))
		id->number = nhs_number_of(id->extension.text);
}

static void complete_timestamp(struct timestamp *timestamp)
{
	timestamp->part.sort = (uint8_t)timestamp->part.role;
	if (value_there(&timestamp->value))
		timestamp->moment = moment_of(timestamp->value.text);
}

/* Broken UTF-8, or a character that XML forbids, which the marks of values are: not text. */
static bool is_no_text(struct character c)
{
	return c.kind == CHARACTER_BROKEN || (c.code < ' ' && !char_is_space(*c.p)) ||
	       c.code == 0xfffe || c.code == 0xffff;
}

/* What base64 stands for; p is NULL where it cannot be read as text. In arena. */
static struct str text_of_base64(struct arena *arena, struct str base64)
{
	size_t digits = 0;
	for (size_t i = 0; i < base64.n; i++)
		digits += !char_is_space(base64.p[i]) && base64.p[i] != '=';
	char *text = arena_alloc(arena, digits + 1);
	size_t n = text ? base64_start(base64, text, digits) : 0;
	if (!text || digits % 4 == 1 || n != digits * 6 / 8)
		return (struct str){ 0 };
	text[n] = '\0';
	size_t read = 0;
	for (struct character c = character_at(text); c.n; c = character_at(text + read)) {
		if (is_no_text(c))
			return (struct str){ 0 };
		read += c.n;
	}
	return read == n ? (struct str){ text, n } : (struct str){ 0 };
}

/* Rules see what receivers see: a name that is sent in base64 is what it stands for, and one that
 * only an unpacker can read is not there. in_name gets what is in it. */
static void decode_name(struct arena *arena, struct value *name, struct coding *coding,
			unsigned *in_name)
{
	struct str sent = name->text;
	if (value_filled(&coding->compression))
		name->text = (struct str){ 0 };
	else if (str_is(str_trim(coding->representation.text), "B64") && sent.n)
		name->text = text_of_base64(arena, sent);
	if (!name->text.p)
		coding->unread = sent;
	*in_name = coding->unread.p ? IN_NAME_UNREAD : name_holds(name->text);
}

static void complete_subject(struct arena *arena, struct subject *subject)
{
	subject->in_given = name_holds(subject->given.text);
	subject->in_family = name_holds(subject->family.text);
	if (value_there(&subject->given_coding.representation) ||
	    value_there(&subject->given_coding.compression))
		decode_name(arena, &subject->given, &subject->given_coding, &subject->in_given);
	if (value_there(&subject->family_coding.representation) ||
	    value_there(&subject->family_coding.compression))
		decode_name(arena, &subject->family, &subject->family_coding, &subject->in_family);
	if (part_ancestor(&subject->part, PART_UPLOAD))
		subject->part.sort =
			subject->in_given | subject->in_family ? SUBJECT_UPLOADED : SUBJECT_PLAIN;
}

/* What is read out of a part's values once, for all rules. */
static void complete(struct arena *arena, struct part *part)
{
	if (part->kind == PART_IDENTIFIER)
		complete_identifier((struct identifier *)(void *)part);
	else if (part->kind == PART_TIMESTAMP)
		complete_timestamp((struct timestamp *)(void *)part);
	else if (part->kind == PART_SUBJECT)
		complete_subject(arena, (struct subject *)(void *)part);
}

static __attribute__((noinline)) void close_part(struct binder *binder,
						 const struct binder_frame *frame)
{
	complete(&binder->arena, frame->part);
	if (binder->closed)
		binder->closed(binder->context, frame->part);
	if (frame->rewinds)
		arena_rewind(&binder->arena, frame->mark);
}

void binder_end(struct binder *binder)
{
	if (binder->depth == 0)
		return;
	const struct binder_frame *frame = &binder->frames[--binder->depth];
	if (frame->opened)
		close_part(binder, frame);
}

void binder_mark_broken(struct binder *binder, const struct rule *rule)
{
	struct part *part = binder->depth ? binder->frames[binder->depth - 1].part : NULL;
	/* Parts without a kind are only pieces of the part around them. */
	for (; part && part->kind == PART_NONE; part = (struct part *)(uintptr_t)part->parent)
		part->broken = rule;
	if (part)
		part->broken = rule;
}

const struct part *binder_innermost(const struct binder *binder)
{
	return binder->depth ? binder->frames[binder->depth - 1].part : NULL;
}
