#include "schema/validation.h"

#include <stdlib.h>

bool frame_room(struct schema_validation *v)
{
	size_t room = 2 * v->room;
	struct frame *more = realloc(v->frames, room * sizeof(*more));
	if (!more) {
		v->failed = true;
		return false;
	}
	v->frames = more;
	v->room = room;
	return true;
}

void trouble_free(struct trouble *trouble)
{
	for (size_t i = 0; trouble && i < GAPS; i++)
		free(trouble->gaps[i].message);
	if (trouble)
		free(trouble->early.message);
	free(trouble);
}

struct trouble *frame_trouble(struct schema_validation *v, struct frame *frame)
{
	if (!frame->trouble)
		frame->trouble = calloc(1, sizeof(*frame->trouble));
	if (!frame->trouble)
		v->failed = true;
	return frame->trouble;
}

const struct schema_slot *frame_slot(const struct schema_validation *v, const struct frame *frame,
				     unsigned name)
{
	for (size_t i = 0; i < frame->type->slot_count; i++)
		if (v->tables->slots[frame->type->first_slot + i].name == name)
			return &v->tables->slots[frame->type->first_slot + i];
	return NULL;
}

static void start_anew(struct schema_validation *v)
{
	buf_reset(&v->message);
	buf_reset(&v->fix);
	buf_reset(&v->expected);
}

/* cause: the kind of what stands for it; 0: nothing does. */
static void hand_over(struct schema_validation *v, const struct schema_fault *was,
		      enum schema_fault_kind cause, struct schema_fault *fault)
{
	fault->message = buf_view(&v->message).p;
	fault->fix = v->fix.n ? v->fix.p : NULL;
	fault->expected = v->expected.n ? v->expected.p : NULL;
	if (v->message.failed || v->fix.failed || v->expected.failed)
		v->failed = true;
	/* Without memory a value may only seem to be wrong: nothing more is said. */
	if (!v->failed && was)
		v->sink.amend(v->sink.context, was, fault);
	else if (!v->failed && cause)
		v->sink.behind(v->sink.context, fault, cause);
	else if (!v->failed)
		v->sink.fault(v->sink.context, fault);
	start_anew(v);
}

/* The frame at that depth may be another by now: each has the place of its element. */
static bool is_stood_for(const struct schema_validation *v)
{
	return v->surplus && v->depth >= v->surplus &&
	       v->frames[v->surplus].offset == v->surplus_at;
}

void stand_for_inside(struct schema_validation *v, const struct xml_tag *tag)
{
	if (is_stood_for(v))
		return;
	v->surplus = v->depth + 1;
	v->surplus_at = tag->offset;
}

void report_behind(struct schema_validation *v, enum schema_fault_kind kind,
		   enum schema_fault_kind cause, size_t offset, struct str actual,
		   enum mask_kind mask)
{
	struct schema_fault fault = {
		.kind = kind, .offset = offset, .actual = actual, .actual_mask = (int)mask
	};
	fault.inside = is_stood_for(v) ? v->surplus_at : 0;
	if (!cause && fault.inside)
		cause = SCHEMA_ELEMENT_UNEXPECTED;
	if (!cause || v->sink.behind)
		hand_over(v, NULL, cause, &fault);
	else
		start_anew(v);
}

void report(struct schema_validation *v, enum schema_fault_kind kind, size_t offset,
	    struct str actual, enum mask_kind mask)
{
	report_behind(v, kind, 0, offset, actual, mask);
}

void report_amended(struct schema_validation *v, const struct schema_fault *was,
		    enum schema_fault_kind kind, size_t offset, struct str actual)
{
	struct schema_fault fault = {
		.kind = kind, .offset = offset, .actual = actual, .actual_mask = MASK_WORD
	};
	if (is_stood_for(v))
		report_behind(v, kind, 0, offset, actual, MASK_WORD);
	else if (v->sink.amend)
		hand_over(v, was, 0, &fault);
	else
		start_anew(v);
}

void say_name(struct schema_validation *v, struct buf *out, unsigned name)
{
	buf_text(out, name ? local_name(v->tables, name) : "the document");
}

/* A name that the message brings may be made of anything: it goes where values go. */
void say_local(struct buf *out, const char *local)
{
	mask_write(out, MASK_WORD, str_of(local));
}

void say_expected(struct schema_validation *v, struct buf *out, const struct frame *frame)
{
	const struct schema_state *state = &v->tables->states[frame->state];
	enum { SHOWN = 8 };
	size_t count = state->move_count, ends = state->accepting != 0 && frame->element;
	size_t shown = count > SHOWN ? SHOWN : count;
	for (size_t i = 0; i < shown; i++) {
		if (i)
			buf_text(out, i + 1 == shown && !ends && shown == count ? " or " : ", ");
		say_name(v, out, v->tables->moves[state->first_move + i].name);
	}
	if (shown < count)
		buf_printf(out, " or %zu others", count - shown);
	if (ends) {
		buf_text(out, count ? " or the end of " : "the end of ");
		say_name(v, out, v->tables->elements[frame->element].name);
	}
}
