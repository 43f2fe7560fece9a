/*
 * validation.h - one validation by compiled tables: what its files share.
 *
 * compiled.c takes the way of a valid message; content.c and order.c find out what is wrong with
 * an element and how to go on; attributes.c judges attributes; report.c makes findings;
 * sentence.c speaks of values, in the words of words.c.
 */
#ifndef CPIS_SCHEMA_VALIDATION_H
#define CPIS_SCHEMA_VALIDATION_H

#include "base/buf.h"
#include "diag/mask.h"
#include "schema/compiled.h"
#include "schema/value.h"
#include "xml/reader.h"

enum { GAP_NAMES = 6, GAPS = 4 };

/* Elements that were reported missing, and may yet turn up. */
struct gap {
	uint16_t state; /* where the model stood */
	uint16_t cause; /* name of the element that came instead */
	uint16_t names[GAP_NAMES];
	size_t count;  /* 0: closed */
	bool fresh;    /* the cause was the last child so far */
	size_t offset; /* of the cause */
	char *message; /* as it was reported */
};

/* What a frame knows only once something was wrong in it. */
struct trouble {
	struct gap gaps[GAPS];
	size_t next_gap;
	uint16_t owed;	    /* name of an element that came too early and was reported so */
	unsigned strangers; /* unknown elements where the model stands: they may be misnamed ones */
	uint16_t extra; /* name of the last element that came too often, and how often that was */
	uint32_t extra_count;
};

enum {
	FRAME_NIL = 1,	      /* xsi:nil is true: nothing may stand here */
	FRAME_NIL_BROKEN = 2, /* and that was reported */
	FRAME_NIL_DOUBT = 4,  /* it should not be said, and was reported: no content may be meant */
	FRAME_TEXT = 8,	      /* text was reported since the last child */
	FRAME_ABSENT = 16, /* nobody opened it: its children stand where it should; see wrapper.c */
	FRAME_FILLED = 32, /* it must be empty, and an element in it was reported: that is enough */
	FRAME_BLANK = 64,  /* it must be empty, and white space stands in it; not reported yet */
};

/* An open element. */
struct frame {
	uint64_t seen; /* slots of the type whose elements have come */
	size_t offset; /* of the start tag's '<' */
	const struct schema_type *type;
	struct trouble *trouble; /* NULL: none so far */
	const char *alien; /* namespace that stands here for the right one, which was reported */
	bool is_alien;
	uint8_t flags, content; /* content: the type's */
	uint16_t state;
	uint16_t element;
	uint16_t lacking; /* name of the one attribute that is missing; 0: none, or several */
	uint32_t count;	  /* moves within the state */
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
	bool enters_alien;    /* the element that opens next stands in a namespace reported wrong */
	const char *told_uri; /* the namespace last reported wrong; NULL: none */
	uint32_t told_right;  /* text: the one that was right */
	bool failed;	      /* memory is out */
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

/* compiled.c */
/* The declaration to judge an element by, which was found fit or reported; 0: to be skipped. */
uint16_t child_recognise(struct schema_validation *v, const struct xml_tag *tag);
/* One more open element, attributes not judged; NULL when memory is out. */
struct frame *frame_push(struct schema_validation *v, uint16_t element, size_t offset);
/* The innermost element ends, and what it lacks is reported. */
void frame_pop(struct schema_validation *v);

/* attributes.c: reports what is wrong with them; returns flags of the innermost frame. */
uint8_t attributes_judge(struct schema_validation *v, const struct xml_tag *tag,
			 const struct schema_element *element);
/* The one attribute that the innermost element lacks stands in it as text: says so instead. */
void attributes_stand_as_text(struct schema_validation *v, const struct frame *frame);

/*
 * wrapper.c: an element whose parent was left out is judged as if the parent were there. True when
 * an element that the innermost type does not know is such a one, and the parent was entered.
 */
bool wrapper_enter(struct schema_validation *v, const struct xml_tag *tag, unsigned name);
/* Leaves parents that were left out, where this element does not belong in them. */
void wrapper_leave(struct schema_validation *v, unsigned name);

/*
 * content.c: an element that the model does not take as its next child. Reports and moves on.
 * Returns the number of the declaration to judge it by, or 0 when it is to be skipped.
 */
uint16_t content_recover(struct schema_validation *v, struct frame *frame,
			 const struct xml_tag *tag, unsigned name);

/* order.c: the same for one whose name is right and whose place is wrong. */
uint16_t order_recover(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag,
		       const struct schema_slot *slot);
/* The element ends where the model wants more. */
void content_end(struct schema_validation *v, struct frame *frame);
/* A child was taken in a frame that has trouble. */
void content_settle(struct frame *frame);
uint16_t content_take(struct frame *frame, const struct schema_move *move);
const struct schema_slot *slot_of(const struct schema_validation *v, const struct frame *frame,
				  unsigned name);
struct trouble *trouble_of(struct schema_validation *v, struct frame *frame);
void trouble_free(struct trouble *trouble);

/* The move out of a state by an element; NULL: none. */
const struct schema_move *content_move(const struct schema_tables *tables, unsigned state,
				       unsigned name);

/* report.c: the sentence is built in v->message, v->fix and v->expected, which it forgets. */
void report(struct schema_validation *v, enum schema_fault_kind kind, size_t offset,
	    struct str actual, enum mask_kind mask);
/* The same in place of what was reported; actual is a name. */
void report_amended(struct schema_validation *v, const struct schema_fault *was,
		    enum schema_fault_kind kind, size_t offset, struct str actual);
/* Names in a sentence: of the tables, and of the message. */
void say_name(struct schema_validation *v, struct buf *out, unsigned name);
void say_local(struct buf *out, const char *local);
/* "a, b or c" of the names that may come in a state, and the end. */
void say_expected(struct schema_validation *v, struct buf *out, const struct frame *frame);

/* sentence.c: a value that is not of its type, into message and expected. */
enum schema_fault_kind say_value(struct schema_validation *v, const struct schema_simple *simple,
				 struct str value, const char *element, const char *attribute);
/* The innermost element, into message; with its parent where its name alone says little. */
void say_owner(struct schema_validation *v, const char *element);

#endif
