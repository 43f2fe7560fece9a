#include "message/binding.h"

#include "message/value_text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	MOST_NODES = 2048,
	STEPS = 4096,
	MOST_ATTRIBUTES = 1024,
	MOST_TABLES = 64,
	ANY_NAME = UINT16_MAX
};

/* One step of the compiled paths. */
struct node {
	uint16_t any;	    /* the child of any name; 0: none */
	uint16_t attribute; /* first of the list */
	bool acts;	    /* it or an attribute of it fills something */
	uint16_t part_root; /* root of the table of the part that it opens */
	const struct binding *text, *name_of, *count, *flag, *part;
};

struct attribute_node {
	xml_name name;
	uint16_t sibling;
	const struct binding *row;
};

/* Filled by the setup of the program, read-only from then on. Node 0 and attribute 0 mean "none".
 */
static struct {
	struct {
		uint16_t parent, child; /* child 0: the place is free */
		xml_name name;
	} steps[STEPS]; /* by parent and name */
	struct node nodes[MOST_NODES];
	struct attribute_node attributes[MOST_ATTRIBUTES];
	const struct binding_table *tables[MOST_TABLES];
	uint16_t roots[MOST_TABLES];
	uint16_t node_count, attribute_count, table_count;
} plan = { .node_count = 1, .attribute_count = 1 };

static const struct {
	const char *prefix;
	enum xml_namespace ns;
} prefixes[] = {
	{ "npfitlc", NS_NPFITLC }, { "itk", NS_ITK },	    { "soap", NS_SOAP11 },
	{ "wsa4", NS_WSA_2004 },   { "wsa5", NS_WSA_2005 }, { "wsse", NS_WSSE },
	{ "wsu", NS_WSU },	   { "nasp", NS_NASP },	    { "none", NS_NONE },
};

/* Names live as long as the program: one copy of each step that is not the tail of its path. */
static const char *kept(struct str text)
{
	static struct arena names;
	return arena_copy(&names, text);
}

/* The name of a step with or without prefix; ns is what stands for no prefix. */
static xml_name step_name(struct str step, enum xml_namespace ns)
{
	if (str_is(step, "*"))
		return ANY_NAME;
	const char *colon = memchr(step.p, ':', step.n);
	if (colon) {
		struct str prefix = { step.p, (size_t)(colon - step.p) };
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
			if (str_is(prefix, prefixes[i].prefix))
				ns = prefixes[i].ns;
		step = str_from(step, prefix.n + 1);
	}
	const char *local = kept(step);
	return local ? xml_names_add(ns, local) : 0;
}

/* Where the step from a parent by a name stands, or would. */
static inline size_t step_place(uint16_t parent, xml_name name)
{
	size_t i = (parent * 0x9e3779b1u ^ name * 0x85ebca6bu) >> 20;
	while (plan.steps[i].child &&
	       (plan.steps[i].parent != parent || plan.steps[i].name != name))
		i = (i + 1) % STEPS;
	return i;
}

static uint16_t child_for_path(uint16_t parent, xml_name name)
{
	uint16_t *link = &plan.nodes[parent].any;
	if (name != ANY_NAME) {
		size_t place = step_place(parent, name);
		plan.steps[place].parent = parent;
		plan.steps[place].name = name;
		link = &plan.steps[place].child;
	}
	if (*link == 0 && name != 0 && plan.node_count < MOST_NODES)
		*link = plan.node_count++;
	return *link;
}

static int add_attribute(uint16_t node, struct str step, const struct binding *row)
{
	xml_name name = step_name(step, NS_NONE);
	if (!name || plan.attribute_count == MOST_ATTRIBUTES)
		return -1;
	plan.attributes[plan.attribute_count] = (struct attribute_node){
		.name = name,
		.sibling = plan.nodes[node].attribute,
		.row = row,
	};
	plan.nodes[node].attribute = plan.attribute_count++;
	plan.nodes[node].acts = true;
	return 0;
}

static uint16_t root_of(const struct binding_table *table)
{
	for (size_t i = 0; i < plan.table_count; i++)
		if (plan.tables[i] == table)
			return plan.roots[i];
	return 0;
}

static void attach(uint16_t node, const struct binding *row)
{
	struct node *at = &plan.nodes[node];
	at->acts = true;
	switch (row->kind) {
	case BIND_VALUE:
		at->text = row;
		break;
	case BIND_NAME:
		at->name_of = row;
		break;
	case BIND_COUNT:
		at->count = row;
		break;
	case BIND_FLAG:
		at->flag = row;
		break;
	case BIND_PART:
		at->part = row;
		break;
	}
}

static int compile_row(uint16_t root, const struct binding *row)
{
	uint16_t node = root;
	struct str rest = str_of(row->path);
	while (rest.n) {
		const char *slash = memchr(rest.p, '/', rest.n);
		struct str step = { rest.p, slash ? (size_t)(slash - rest.p) : rest.n };
		rest = str_from(rest, step.n + (slash != NULL));
		if (step.p[0] == '@')
			return add_attribute(node, str_from(step, 1), row);
		if (str_is(step, "text()"))
			break;
		node = child_for_path(node, step_name(step, NS_HL7));
		if (!node)
			return -1;
	}
	attach(node, row);
	if (!row->table)
		return 0;
	int status = binding_compile(row->table);
	plan.nodes[node].part_root = root_of(row->table);
	return status;
}

int binding_compile(const struct binding_table *table)
{
	if (root_of(table))
		return 0;
	if (plan.table_count == MOST_TABLES || plan.node_count == MOST_NODES)
		return -1;
	uint16_t root = plan.node_count++;
	plan.nodes[root] = (struct node){ 0 };
	plan.tables[plan.table_count] = table;
	plan.roots[plan.table_count++] = root;
	for (size_t i = 0; i < table->count; i++)
		if (compile_row(root, &table->rows[i]) != 0)
			return -1;
	return 0;
}

/* An open element: where the walk stands, and the part whose members it fills. */
struct binder_frame {
	uint16_t node;	   /* 0: nothing below is bound */
	struct part *part; /* innermost */
	bool opened;	   /* this element opened it */
	bool stream;
	bool divided; /* a child stood here: text behind it is no longer the text before it */
	struct arena_mark mark; /* of a stream's part: what it took goes with it */
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
static struct part *holder_of(struct part *part, const struct binding *row)
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

/* The value that a row fills: of an array, the entry of the element that is open. */
static struct value *value_of(struct part *part, const struct binding *row)
{
	char *at = member(part, row);
	if (!at || !row->max)
		return (struct value *)(void *)at;
	size_t count = *(const size_t *)(const void *)(at - row->field + row->count_field);
	return count && count <= row->max ? (struct value *)(void *)at + count - 1 : NULL;
}

static void count_value(struct part *part, const struct binding *row)
{
	char *at = member(part, row);
	if (at && row->max)
		++*(size_t *)(void *)(at - row->field + row->count_field);
}

static void set_value(struct binder *binder, struct part *part, const struct binding *row,
		      struct str text, size_t offset)
{
	struct value *value = value_of(part, row);
	if (value)
		*value = (struct value){ text_keep(&binder->home, text), offset };
}

/* Memory for the part that a row opens: its member, or the frame's own when the member is full. */
static struct part *slot_for(struct binder_frame *frame, struct part *holder,
			     const struct binding *row)
{
	size_t *count = (size_t *)(void *)((char *)holder + row->count_field);
	size_t index = (*count)++;
	if (row->stream)
		index = 0;
	if (index < (row->max ? row->max : 1))
		return (struct part *)(void *)((char *)holder + row->field +
					       index * row->table->bytes);
	if (frame->overflow_bytes < row->table->bytes) {
		free(frame->overflow);
		frame->overflow = malloc(row->table->bytes);
		frame->overflow_bytes = frame->overflow ? row->table->bytes : 0;
	}
	return frame->overflow;
}

static int open_part(struct binder_frame *frame, struct part *slot,
		     const struct binding_table *table, uint16_t root, const struct xml_tag *tag,
		     unsigned role)
{
	if (!slot)
		return -1;
	memset(slot, 0, table->clear_bytes);
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

/* What a node says of the element itself, before any part is opened by it. */
static void note_element(struct binder *binder, const struct node *node, struct part *part,
			 const struct xml_tag *tag)
{
	if (node->name_of)
		set_value(binder, part, node->name_of, str_of(tag->local), tag->offset);
	if (node->count) {
		size_t *count = (size_t *)(void *)member(part, node->count);
		if (count)
			++*count;
	}
	if (node->flag)
		*(bool *)(void *)member(part, node->flag) = true;
	if (node->text) {
		count_value(part, node->text);
		set_value(binder, part, node->text, STR(""), tag->offset);
	}
}

static void take_attributes(struct binder *binder, struct binder_frame *frame, uint16_t first,
			    const struct xml_tag *tag)
{
	for (uint16_t a = first; a; a = plan.attributes[a].sibling)
		for (size_t i = 0; i < tag->count; i++)
			if (tag->attributes[i].name == plan.attributes[a].name)
				set_value(binder, frame->part, plan.attributes[a].row,
					  tag->attributes[i].value, xml_tag_value_offset(tag, i));
}

static inline uint16_t child_of(uint16_t parent, xml_name name)
{
	uint16_t child = plan.steps[step_place(parent, name)].child;
	return child ? child : plan.nodes[parent].any;
}

/* What a node that acts does when its element starts. */
static int act(struct binder *binder, struct binder_frame *frame, const struct xml_tag *tag)
{
	const struct node *node = &plan.nodes[frame->node];
	note_element(binder, node, frame->part, tag);
	if (node->part) {
		const struct binding *row = node->part;
		struct part *holder = holder_of(frame->part, row);
		frame->stream = row->stream;
		frame->mark = arena_mark(&binder->arena);
		if (!holder) {
			frame->node = 0;
			return 0;
		}
		if (open_part(frame, slot_for(frame, holder, row), row->table, node->part_root, tag,
			      row->role) != 0)
			return -1;
	}
	take_attributes(binder, frame, plan.nodes[frame->node].attribute, tag);
	return binder->arena.failed ? -1 : 0;
}

static int open_root(struct binder *binder, struct binder_frame *frame, const struct xml_tag *tag,
		     const struct binding_table *table, unsigned role)
{
	if (frame->node)
		note_element(binder, &plan.nodes[frame->node], frame->part, tag);
	struct part *slot = arena_alloc(&binder->arena, table->bytes);
	if (open_part(frame, slot, table, root_of(table), tag, role) != 0)
		return -1;
	take_attributes(binder, frame, plan.nodes[frame->node].attribute, tag);
	return binder->arena.failed ? -1 : 0;
}

int binder_start(struct binder *binder, const struct xml_tag *tag,
		 const struct binding_table *table, unsigned role)
{
	struct binder_frame *frame = push(binder);
	if (!frame)
		return -1;
	frame->opened = frame->stream = frame->divided = false;
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
	return plan.nodes[frame->node].acts ? act(binder, frame, tag) : 0;
}

int binder_text(struct binder *binder, struct str text, size_t offset)
{
	if (binder->depth == 0)
		return 0;
	const struct binder_frame *frame = &binder->frames[binder->depth - 1];
	const struct binding *row = frame->node ? plan.nodes[frame->node].text : NULL;
	if (!row)
		return 0;
	struct value *value = value_of(frame->part, row);
	if (value)
		text_add(&binder->home, value, text, offset, frame->divided);
	return binder->arena.failed ? -1 : 0;
}

static void complete_identifier(struct identifier *id)
{
	id->is_nhs = identifier_is_nhs_number(id);
	id->is_local = !id->is_nhs && identifier_is_local(id);
	if (id->is_nhs && value_there(&id->extension))
		id->number = nhs_number_of(id->extension.text);
}

/* What is read out of a part's values once, for all rules. */
static void complete(struct part *part)
{
	if (part->kind == PART_IDENTIFIER)
		complete_identifier((struct identifier *)(void *)part);
	if (part->kind != PART_TIMESTAMP)
		return;
	struct timestamp *timestamp = (struct timestamp *)(void *)part;
	if (value_there(&timestamp->value))
		timestamp->moment = moment_of(timestamp->value.text);
}

void binder_end(struct binder *binder)
{
	if (binder->depth == 0)
		return;
	struct binder_frame *frame = &binder->frames[--binder->depth];
	if (!frame->opened)
		return;
	complete(frame->part);
	if (binder->closed)
		binder->closed(binder->context, frame->part);
	if (frame->stream)
		arena_rewind(&binder->arena, frame->mark);
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
