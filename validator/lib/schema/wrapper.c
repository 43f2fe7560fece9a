/*
 * An element that was left out around others.
 *
 * Its children then stand in its parent, which does not know them. It is reported once, where the
 * first of them stands, and entered as if it had been opened; it ends where one comes that does not
 * belong in it, or with its parent.
 */
#include "schema/validation.h"

/* What may come next and knows the name among its children; NULL: nothing, or more than one. */
static const struct schema_move *wrapper_of(const struct schema_validation *v,
					    const struct frame *frame, unsigned name)
{
	const struct schema_state *state = &v->tables->states[frame->state];
	const struct schema_move *found = NULL;
	for (size_t i = 0; i < state->move_count; i++) {
		const struct schema_move *move = &v->tables->moves[state->first_move + i];
		const struct schema_element *element = &v->tables->elements[move->element];
		struct frame inside = { .type = &v->tables->types[element->type] };
		if (!slot_of(v, &inside, name))
			continue;
		if (found)
			return NULL;
		found = move;
	}
	return found;
}

bool wrapper_enter(struct schema_validation *v, const struct xml_tag *tag, unsigned name)
{
	struct frame *frame = &v->frames[v->depth];
	const struct schema_move *move = wrapper_of(v, frame, name);
	if (!move)
		return false;
	say_name(v, &v->message, move->name);
	buf_text(&v->message, " is missing around ");
	say_name(v, &v->message, name);
	buf_text(&v->fix, "Put ");
	say_name(v, &v->fix, name);
	buf_text(&v->fix, " inside ");
	say_name(v, &v->fix, move->name);
	buf_text(&v->fix, ".");
	say_name(v, &v->expected, move->name);
	report(v, SCHEMA_ELEMENT_MISSING, tag->offset, str_of(tag->local), MASK_NONE);
	uint16_t element = content_take(frame, move);
	if (frame->trouble)
		content_settle(frame);
	struct frame *absent = frame_push(v, element, tag->offset);
	if (!absent)
		return false;
	absent->flags = FRAME_ABSENT;
	return true;
}

void wrapper_leave(struct schema_validation *v, unsigned name)
{
	for (; v->frames[v->depth].flags & FRAME_ABSENT; frame_pop(v)) {
		const struct frame *frame = &v->frames[v->depth];
		if (content_move(v->tables, frame->state, name))
			return;
		bool known = slot_of(v, frame, name),
		     ends = v->tables->states[frame->state].accepting;
		if (!ends && (known || !slot_of(v, frame - 1, name)))
			return;
	}
}
