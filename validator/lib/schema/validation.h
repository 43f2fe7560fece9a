/*
 * validation.h - one validation by compiled tables: where it is, and how it reports.
 *
 * A frame is an open element and the state that the model of its type is in. compiled.c takes the
 * way of a valid message; attributes.c judges attributes; content.c and order.c find out what is
 * wrong with an element and how to go on, content.c by its name, order.c by its place; sentence.c
 * words what is wrong with a value. Each uses this, and those named after it.
 */
#ifndef CPIS_SCHEMA_VALIDATION_H
#define CPIS_SCHEMA_VALIDATION_H

#include "base/buf.h"
#include "diag/mask.h"
#include "schema/tables.h"
#include "schema/value.h"
#include "xml/reader.h"
#include "xml/schema.h"

/*
 * The schemas that were compiled into the program, and the engine that runs them.
 *
 * The default engine for the interface of xml/schema.h. A start tag costs one step of an automaton
 * and one look at each attribute; only a fault costs more. What an xs:any takes is judged where it
 * is lax and the schema declares the element, and is not looked into elsewhere.
 */

/* Once, before the first reader is made: teaches the reader all names. 0, or -1: no room for them.
 */
int schema_compiled_setup(void);

/* By path below schemas/: "cpis-dms-1.0/upload.xsd". NULL when there is no such schema. */
const struct schema *schema_compiled(const char *path);

/* All of them, in order of path. */
size_t schema_compiled_count(void);
const char *schema_compiled_path(size_t index);

/* The same for other tables: setup once, and a schema of theirs into *schema; false: none such. */
struct compiled_schema {
	struct schema schema;
	const struct schema_tables *tables;
	const struct schema_root *root;
};

int schema_tables_setup(const struct schema_tables *tables);
bool schema_tables_find(const struct schema_tables *tables, const char *path,
			struct compiled_schema *schema);

enum { GAP_NAMES = 6, GAPS = 4 };

/* Elements that were reported missing, and may still come. */
struct gap {
	uint16_t state; /* where the model was */
	uint16_t cause; /* name of the element that came instead */
	uint16_t names[GAP_NAMES];
	size_t count;  /* 0: closed */
	bool fresh;    /* the cause was the last child so far */
	size_t offset; /* of the cause */
	char *message; /* as it was reported */
};

/* An element that came before others that belong before it, or seems to: what was last reported of
 * that. */
struct early {
	uint16_t cause; /* its name; 0: none, or another came that may follow it */
	uint16_t last;	/* name of the last that came after it */
	unsigned looks; /* how often its place was looked for */
	size_t place;	/* offset of it; SIZE_MAX: not known */
	size_t offset;	/* of the finding */
	char *message;
};

/* What a frame knows only once something was wrong in it. */
struct trouble {
	struct gap gaps[GAPS];
	size_t next_gap;
	struct early early;
	uint16_t owed;	    /* name of an element that came too early and was reported so */
	unsigned strangers; /* unknown elements at this place of the model: they may have a wrong
			       name */
	uint16_t extra; /* name of the last element that came too often, and how often that was */
	uint32_t extra_count;
	uint16_t strict;  /* where the model would be without those taken under a wrong name; 0:
			     where it is */
	size_t strict_at; /* offset of the first of them */
};

enum {
	FRAME_NIL = 1,	      /* xsi:nil is true: it must be empty */
	FRAME_NIL_BROKEN = 2, /* and that was reported */
	FRAME_NIL_DOUBT = 4,  /* it is not allowed, and was reported: no content may be meant */
	FRAME_TEXT = 8,	      /* text was reported since the last child */
	FRAME_ABSENT = 16,    /* it was left out: its children are in its place; see content.c */
	FRAME_FILLED = 32, /* it must be empty, and an element in it was reported: that is enough */
	FRAME_BLANK = 64,  /* it must be empty, and has white space in it; not reported yet */
	FRAME_TEXT_ASIDE = 128, /* its text was sent as an attribute, and that was reported */
};

/* An open element. */
struct frame {
	uint64_t seen; /* slots of the type whose elements have come */
	size_t offset; /* of the start tag's '<' */
	const struct schema_type *type;
	struct trouble *trouble; /* NULL: none so far */
	const char *alien; /* namespace used here instead of the right one, which was reported */
	bool is_alien;
	uint8_t flags, content; /* content: the type's */
	uint16_t state;
	uint16_t element;
	uint16_t lacking; /* name of the one attribute that is missing; 0: none, or several */
	uint32_t count;	  /* moves within the state */
	uint64_t spare;	  /* 64 bytes in all: a frame is found by a shift */
};

/*
 * Values that fit their attribute: in a message of many records most are those of the record
 * before. Copies, because what was read of a large document is not kept in memory. A short value is
 * judged as fast as it is looked up.
 */
enum { KNOWN_VALUES = 32, KNOWN_LEAST_BYTES = 16, KNOWN_MOST_BYTES = 48 };

struct known_value {
	const struct schema_use *use; /* NULL: free */
	size_t n;
	char bytes[KNOWN_MOST_BYTES];
};

struct schema_validation {
	const struct schema_tables *tables;
	struct schema_sink sink;
	struct frame *frames;
	size_t depth, room; /* frames[depth] is the innermost; frames[0] holds the root */
	size_t skipped;	    /* open elements that are not judged */
	struct buf text;    /* of simple content */
	size_t text_offset;
	bool has_text;
	struct buf scratch, message, fix, expected;
	uint16_t *path, *queue, *came_by; /* states; see order.c */
	bool enters_alien; /* the element that opens next is in a namespace reported as wrong */
	const char *reported_uri;   /* the namespace last reported as wrong; NULL: none */
	uint32_t reported_right;    /* text: the one that was right */
	size_t surplus, surplus_at; /* see stand_for_inside */
	bool failed;		    /* out of memory */
	struct known_value known[KNOWN_VALUES];
};

static inline unsigned name_index(const struct schema_tables *tables, xml_name name)
{
	return name < SCHEMA_NAMES_MOST ? tables->index_of[name] : 0;
}

static inline const char *local_name(const struct schema_tables *tables, unsigned name)
{
	return tables->text + tables->names[name].local;
}

/* value_fits, with memory accounted for: when that is out, false means nothing. */
static inline bool fits(struct schema_validation *v, const struct schema_simple *simple,
			struct str value)
{
	bool fit = value_fits(v->tables, simple, value, &v->scratch);
	v->failed = v->failed || v->scratch.failed;
	return fit;
}

/* The move out of a state by an element; NULL: there is not one. */
static inline const struct schema_move *state_move(const struct schema_tables *tables,
						   unsigned state, unsigned name)
{
	const struct schema_state *at = &tables->states[state];
	const struct schema_move *move = &tables->moves[at->first_move];
	for (const struct schema_move *end = move + at->move_count; move < end; move++)
		if (move->name == name)
			return move;
	return NULL;
}

/* Memory for one more open element; false when out of memory, and the validation has failed. */
bool frame_room(struct schema_validation *v);

/*
 * One more open element, its attributes not judged yet; NULL when out of memory. Field by field:
 * each start tag of a valid message pays for this.
 */
static inline struct frame *frame_push(struct schema_validation *v, uint16_t element, size_t offset)
{
	const struct schema_tables *tables = v->tables;
	const struct schema_type *type = &tables->types[tables->elements[element].type];
	size_t depth = v->depth + 1;
	if (depth == v->room && !frame_room(v))
		return NULL;
	struct frame *frame = &v->frames[depth];
	const struct frame *parent = frame - 1;
	v->depth = depth;
	frame->seen = 0;
	frame->offset = offset;
	frame->type = type;
	frame->trouble = NULL;
	frame->alien = parent->alien;
	frame->is_alien = parent->is_alien;
	frame->flags = 0;
	frame->content = type->content;
	frame->state = type->start;
	frame->element = element;
	frame->lacking = 0;
	frame->count = 0;
	return frame;
}

/* The frame's model takes a move. Returns the number of the declaration to judge the child by. */
static inline uint16_t frame_take(struct frame *frame, const struct schema_move *move)
{
	frame->count = 1;
	frame->state = move->next;
	frame->seen |= (uint64_t)1 << move->slot;
	return move->element;
}

/* The slot of a name in the type of a frame; NULL: the type does not know it. */
const struct schema_slot *frame_slot(const struct schema_validation *v, const struct frame *frame,
				     unsigned name);
/* order.c: a child was taken in a frame that has trouble. */
void frame_settle(struct schema_validation *v, struct frame *frame);
/* The trouble of a frame, made if need be; NULL when out of memory, and the validation has failed.
 */
__attribute__((cold)) struct trouble *frame_trouble(struct schema_validation *v,
						    struct frame *frame);
void trouble_free(struct trouble *trouble);

/* The finding that message, fix and expected were filled for; all three are empty afterwards. */
__attribute__((cold)) void report(struct schema_validation *v, enum schema_fault_kind kind,
				  size_t offset, struct str actual, enum mask_kind mask);
/* The same where a finding of another kind stands for it; cause 0: none does. */
__attribute__((cold)) void report_behind(struct schema_validation *v, enum schema_fault_kind kind,
					 enum schema_fault_kind cause, size_t offset,
					 struct str actual, enum mask_kind mask);
/* The element that opens next is one that is not expected, which was reported: it stands for all
 * that will be reported of it, and in it. */
__attribute__((cold)) void stand_for_inside(struct schema_validation *v, const struct xml_tag *tag);
/* The same in place of what was reported; actual is a name. */
__attribute__((cold)) void report_amended(struct schema_validation *v,
					  const struct schema_fault *was,
					  enum schema_fault_kind kind, size_t offset,
					  struct str actual);
/* Names in a sentence: of the tables, and of the message. */
__attribute__((cold)) void say_name(struct schema_validation *v, struct buf *out, unsigned name);
__attribute__((cold)) void say_local(struct buf *out, const char *local);
/* "a, b or c" of the names that may come in a state, and the end. */
__attribute__((cold)) void say_expected(struct schema_validation *v, struct buf *out,
					const struct frame *frame);

/* Used by compiled.c */

/* attributes.c: xsi:type chooses the type of the innermost frame, or is reported. */
void type_choose(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag);
/* attributes.c: reports what is wrong with them; returns flags of the innermost frame. */
uint8_t attributes_judge(struct schema_validation *v, const struct xml_tag *tag,
			 const struct schema_element *element);
/* The one attribute that the innermost element lacks is in it as text: says so instead. */
__attribute__((cold)) void attributes_are_text(struct schema_validation *v,
					       const struct frame *frame);

/*
 * content.c: an element that the model does not take as its next child. Reports and moves on.
 * Returns the number of the declaration to judge it by, or 0 when it is to be skipped.
 */
uint16_t content_recover(struct schema_validation *v, struct frame *frame,
			 const struct xml_tag *tag, unsigned name);
/* Leaves parents that were left out, where this element does not belong in them. */
void content_leave_absent(struct schema_validation *v, unsigned name);

/* Used by content.c and compiled.c */

/* order.c: as content_recover, for an element whose name is right and whose place is wrong. */
uint16_t order_recover(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag,
		       const struct schema_slot *slot);
/* Whether an element of a name may come once others have come that are required before it. */
bool order_leads_to(struct schema_validation *v, const struct frame *frame, unsigned name);
/* An element was taken for one of another name: by its own the model would still be in a state. */
void order_misnamed(struct schema_validation *v, struct frame *frame, uint16_t state,
		    size_t offset);
/* The element ends where the model wants more, or would without what was misnamed. */
void order_end(struct schema_validation *v, struct frame *frame);

/* The declaration to judge a child by, which was found fit or reported; 0: to be skipped. */
static inline uint16_t child_recognise(struct schema_validation *v, const struct xml_tag *tag)
{
	struct frame *frame = &v->frames[v->depth];
	unsigned name = name_index(v->tables, tag->name);
	const struct schema_move *move = state_move(v->tables, frame->state, name);
	if (!move || (move->counted && frame->count >= v->tables->states[move->next].limit))
		return content_recover(v, frame, tag, name);
	frame->count = move->counted ? frame->count + 1 : 1;
	frame->state = move->next;
	frame->seen |= (uint64_t)1 << move->slot;
	if (frame->trouble)
		frame_settle(v, frame);
	return move->element;
}

/* The innermost element ends, and what it lacks is reported. */
static inline void frame_pop(struct schema_validation *v)
{
	struct frame *frame = &v->frames[v->depth];
	if (!(frame->flags & FRAME_NIL) &&
	    (frame->trouble || !v->tables->states[frame->state].accepting))
		order_end(v, frame);
	if (frame->trouble)
		trouble_free(frame->trouble);
	v->depth--;
}

/* Used by attributes.c and compiled.c */

/* sentence.c: a value that is not of its type, into message and expected. */
enum schema_fault_kind say_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value, const char *element, const char *attribute);
/* The innermost element, into message; with its parent where its name alone says little. */
void say_owner(struct schema_validation *v, const char *element);

#endif
