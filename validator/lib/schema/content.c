/*
 * What is wrong with an element that the model does not take as its next child, and how to go on,
 * so that one fault makes one finding.
 *
 * In this order: a misnamed element is taken for the one that was meant; one that was reported
 * missing has turned up; required elements are left out before it; it comes too often, beside what
 * excludes it, or too late.
 */
#include "schema/validation.h"

#include "base/near.h"
#include "diag/mask_words.h"

#include <stdlib.h>

/* Children that the HL7 model fixes and CP-IS never sends. */
static const char *const fixed_by_model[] = {
	"code", "templateId", "typeId", "realmCode", "semanticsText", "keyWordText",
};

static const char *text_at(const struct schema_validation *v, uint32_t at)
{
	return v->tables->text + at;
}

static bool is_same_namespace(const char *uri, const char *other)
{
	return strcmp(uri ? uri : "", other ? other : "") == 0;
}

static const struct schema_slot *slot_of_local(const struct schema_validation *v,
					       const struct frame *frame, const char *local)
{
	for (size_t i = 0; i < frame->type->slot_count; i++) {
		const struct schema_slot *slot = &v->tables->slots[frame->type->first_slot + i];
		if (strcmp(local_name(v->tables, slot->name), local) == 0)
			return slot;
	}
	return NULL;
}

static bool is_fixed_by_model(const struct schema_validation *v, const struct frame *frame,
			      const struct xml_tag *tag)
{
	unsigned parent = v->tables->elements[frame->element].name;
	if (tag->ns != NS_HL7 || !parent ||
	    strcmp(text_at(v, v->tables->names[parent].ns), tag->uri) != 0)
		return false;
	for (size_t i = 0; i < sizeof(fixed_by_model) / sizeof(fixed_by_model[0]); i++)
		if (strcmp(fixed_by_model[i], tag->local) == 0)
			return true;
	return false;
}

static void say_instead(struct schema_validation *v, const struct frame *frame)
{
	if (!v->tables->states[frame->state].move_count) {
		buf_text(&v->message, "; no more elements are allowed here");
		return;
	}
	buf_text(&v->message, "; expected here: ");
	buf_str(&v->message, buf_view(&v->expected));
}

/* A type without children of its own that allows those of other namespaces. */
static bool takes_strangers_only(const struct schema_validation *v, const struct frame *frame)
{
	unsigned wildcard = v->tables->states[frame->state].wildcard;
	return !frame->type->slot_count && wildcard && v->tables->wildcards[wildcard].other;
}

/* What a type without children of its own holds instead of one more element. */
static const char *what_it_holds(const struct schema_validation *v, const struct frame *frame)
{
	if (frame->type->content == SCHEMA_EMPTY)
		return ", which must be empty";
	/* An element of any name is taken first, where one is. */
	return v->tables->states[frame->type->start].wildcard ? ", which holds one element at most"
							      : ", which holds text only";
}

/* Whether it is the delete date of a plan that can have none, or what would hold it. */
static bool is_delete_date(const struct schema_validation *v, const struct frame *frame,
			   const struct xml_tag *tag)
{
	bool date = str_ends(str_of(tag->local), STR("DeleteDate"));
	if (v->depth < 2 || (!date && strcmp(tag->local, "component2") != 0))
		return false;
	const struct frame *plan = date ? frame - 1 : frame;
	struct str name = str_of(local_name(v->tables, v->tables->elements[plan->element].name));
	return str_starts(name, STR("COCT_TP146")) && !slot_of_local(v, plan, "component2");
}

/* An element that the type does not know. */
static void report_stranger(struct schema_validation *v, struct frame *frame,
			    const struct xml_tag *tag)
{
	bool root = v->depth == 0, fixed = is_fixed_by_model(v, frame, tag),
	     deleted = is_delete_date(v, frame, tag);
	say_local(&v->message, tag->local);
	if (root) {
		buf_text(&v->message, " cannot be the root element of this message");
	} else {
		buf_text(&v->message, " is not allowed in ");
		say_name(v, &v->message, v->tables->elements[frame->element].name);
	}
	if (frame->type->content == SCHEMA_SIMPLE)
		buf_text(&v->message, ", which may only contain text");
	else if (takes_strangers_only(v, frame))
		buf_text(&v->message, ", which may only contain elements of other namespaces");
	else if (!frame->type->slot_count)
		buf_text(&v->message, what_it_holds(v, frame));
	if (takes_strangers_only(v, frame))
		buf_text(&v->expected, "an element of another namespace");
	else if (!deleted)
		say_expected(v, &v->expected, frame);
	if (fixed) {
		buf_text(&v->message, ": its value is fixed by the model");
		buf_text(&v->fix, "Leave it out: its value is fixed by the model.");
	} else if (deleted) {
		buf_text(&v->message, ": a query response has no delete date");
		buf_text(&v->fix, "Leave the delete date out. Do not send it as an end date: a "
				  "plan that was deleted has not ended.");
	} else if (strcmp(tag->local, "accessEventType") == 0) {
		/* Of patch D; where it goes is not published. */
		say_instead(v, frame);
		buf_text(&v->fix, "Keep it in a query of scheduled care: without it, the query is "
				  "reported to the local authority as an emergency visit. The "
				  "schemas of RC5 do not have it: judge such queries by those that "
				  "do, with --schemas.");
	} else if (frame->type->slot_count) {
		say_instead(v, frame);
	}
	report(v, fixed ? SCHEMA_FIXED_BY_MODEL : SCHEMA_ELEMENT_UNEXPECTED, tag->offset,
	       str_of(tag->local), MASK_WORD);
	struct trouble *trouble = fixed ? NULL : frame_trouble(v, frame);
	if (trouble)
		trouble->strangers++;
}

static void report_namespace(struct schema_validation *v, const struct xml_tag *tag,
			     const struct schema_slot *slot)
{
	const char *right = text_at(v, v->tables->names[slot->name].ns);
	say_local(&v->message, tag->local);
	buf_text(&v->message, tag->uri ? " is in the namespace " : " is in no namespace");
	if (tag->uri)
		mask_write(&v->message, MASK_NONE, str_of(tag->uri));
	buf_printf(&v->message, ", but should be in %s", *right ? right : "no namespace");
	buf_text(&v->expected, *right ? right : "no namespace");
	if (!*right)
		buf_text(&v->fix, "Send it without a prefix, under xmlns=\"\".");
	else if (tag->prefix && mask_knows(str_of(tag->prefix)))
		buf_printf(&v->fix, "Let the prefix be declared as xmlns:%s=\"%s\".", tag->prefix,
			   right);
	else if (tag->prefix)
		buf_printf(&v->fix, "Let its prefix be declared for \"%s\".", right);
	else
		buf_printf(&v->fix, "Declare xmlns=\"%s\", or use the prefix declared for it.",
			   right);
	report(v, SCHEMA_ELEMENT_UNEXPECTED, tag->offset, str_of(tag->uri ? tag->uri : ""),
	       MASK_NONE);
}

/*
 * A prefix that some element around declares for a wrong namespace is one fault, however many
 * elements use it.
 */
static bool was_reported(struct schema_validation *v, const struct xml_tag *tag,
			 const struct schema_slot *slot)
{
	uint32_t right = v->tables->names[slot->name].ns;
	bool before = tag->prefix && v->reported_uri &&
		      is_same_namespace(tag->uri, v->reported_uri) && right == v->reported_right &&
		      !memmem(tag->raw.p, tag->raw.n, "xmlns:", 6);
	v->reported_uri = tag->uri;
	v->reported_right = right;
	return before;
}

static void report_misspelt(struct schema_validation *v, const struct xml_tag *tag,
			    const struct frame *frame, const char *meant)
{
	say_local(&v->message, tag->local);
	buf_text(&v->message,
		 v->depth ? " is not allowed in " : " cannot be the root element of this message");
	if (v->depth)
		say_name(v, &v->message, v->tables->elements[frame->element].name);
	buf_printf(&v->message, "; did you mean %s?", meant);
	buf_printf(&v->fix, "Name it %s.", meant);
	buf_text(&v->expected, meant);
	report(v, SCHEMA_ELEMENT_UNEXPECTED, tag->offset, str_of(tag->local), MASK_WORD);
}

static size_t length_before_number(const char *name)
{
	size_t n = strlen(name);
	while (n && char_is_digit(name[n - 1]))
		n--;
	return n;
}

/* Names such as component1 and component2 mean two things, so one is not the other misspelt. */
static void offer_name(struct near *near, const char *local, const char *name)
{
	size_t n = length_before_number(local);
	bool other = local[n] && name[length_before_number(name)] &&
		     length_before_number(name) == n && strncmp(local, name, n) == 0;
	if (!other)
		near_offer(near, name);
}

/* The slot whose name was nearly written. Of two as near, the one that may come now. */
static const struct schema_slot *slot_nearby(const struct schema_validation *v,
					     const struct frame *frame, const char *local)
{
	const struct schema_state *state = &v->tables->states[frame->state];
	struct near now = near_start(str_of(local)), all = now;
	for (size_t i = 0; i < state->move_count; i++)
		offer_name(&now, local,
			   local_name(v->tables, v->tables->moves[state->first_move + i].name));
	for (size_t i = 0; i < frame->type->slot_count; i++)
		offer_name(
			&all, local,
			local_name(v->tables, v->tables->slots[frame->type->first_slot + i].name));
	bool nearer = !near_best(&now) || all.distance < now.distance;
	const char *best = near_best(nearer ? &all : &now);
	return best ? slot_of_local(v, frame, best) : NULL;
}

/*
 * The name that an element was meant to have, as the type knows it; 0 when it is not clear.
 * *reported: the element had another name or namespace, and that was reported.
 */
static unsigned identify(struct schema_validation *v, struct frame *frame,
			 const struct xml_tag *tag, unsigned name, bool *reported)
{
	if (name && frame_slot(v, frame, name))
		return name;
	const struct schema_slot *slot = slot_of_local(v, frame, tag->local);
	if (slot && frame->is_alien && is_same_namespace(tag->uri, frame->alien))
		return slot->name;
	if (slot) {
		if (!was_reported(v, tag, slot))
			report_namespace(v, tag, slot);
		v->enters_alien = true;
	} else if (!is_fixed_by_model(v, frame, tag) && !is_delete_date(v, frame, tag)) {
		slot = slot_nearby(v, frame, tag->local);
		if (slot)
			report_misspelt(v, tag, frame, local_name(v->tables, slot->name));
	}
	*reported = slot != NULL;
	return slot ? slot->name : 0;
}

static bool admits(const struct schema_validation *v, const struct schema_wildcard *wildcard,
		   const struct xml_tag *tag)
{
	return !wildcard->other ||
	       (tag->uri && *tag->uri && strcmp(tag->uri, text_at(v, wildcard->ns)) != 0);
}

/* Takes an element as the wildcard does: the number of its declaration, or 0 where it has none. */
static uint16_t take_by_wildcard(const struct schema_validation *v, struct frame *frame,
				 const struct schema_wildcard *wildcard, unsigned name)
{
	const struct schema_move *moves = &v->tables->moves[wildcard->first_move];
	frame->state = wildcard->next;
	for (size_t i = 0; name && i < wildcard->move_count; i++)
		if (moves[i].name == name)
			return moves[i].element;
	return 0;
}

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
		if (!frame_slot(v, &inside, name))
			continue;
		if (found)
			return NULL;
		found = move;
	}
	return found;
}

/*
 * An element whose parent was left out is judged as if the parent were there: its children are then
 * in its own parent, which does not know them. It is reported once, where the first of them is, and
 * entered as if it had been opened; it ends where one comes that does not belong in it, or with its
 * parent. True when an element that the innermost type does not know is such a one, and the parent
 * was entered.
 */
static bool enter_absent(struct schema_validation *v, const struct xml_tag *tag, unsigned name)
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
	report(v, SCHEMA_ELEMENT_MISSING, tag->offset, str_of(tag->local), MASK_WORD);
	say_name(v, &v->message, name);
	buf_text(&v->message, " is not allowed in ");
	say_name(v, &v->message, v->tables->elements[frame->element].name);
	report_behind(v, SCHEMA_ELEMENT_UNEXPECTED, SCHEMA_ELEMENT_MISSING, tag->offset,
		      str_of(tag->local), MASK_WORD);
	uint16_t element = frame_take(frame, move);
	if (frame->trouble)
		frame_settle(v, frame);
	struct frame *absent = frame_push(v, element, tag->offset);
	if (!absent)
		return false;
	absent->flags = FRAME_ABSENT;
	return true;
}

void content_leave_absent(struct schema_validation *v, unsigned name)
{
	for (; v->frames[v->depth].flags & FRAME_ABSENT; frame_pop(v)) {
		const struct frame *frame = &v->frames[v->depth];
		if (state_move(v->tables, frame->state, name))
			return;
		bool known = frame_slot(v, frame, name),
		     ends = v->tables->states[frame->state].accepting;
		if (!ends && (known || !frame_slot(v, frame - 1, name)))
			return;
	}
}

/*
 * An element that was reported under the name it seems to have, and that may not come now. Where it
 * may come later, that one is there; elsewhere, it may be any that is missing.
 */
static void note_reported(struct schema_validation *v, struct frame *frame, unsigned meant)
{
	struct trouble *trouble = frame_trouble(v, frame);
	if (!trouble)
		return;
	if ((!trouble->owed || trouble->owed == meant) && order_leads_to(v, frame, meant))
		trouble->owed = (uint16_t)meant;
	else
		trouble->strangers++;
}

uint16_t content_recover(struct schema_validation *v, struct frame *frame,
			 const struct xml_tag *tag, unsigned name)
{
	const struct schema_state *state = &v->tables->states[frame->state];
	const struct schema_move *move = state_move(v->tables, frame->state, name);
	const struct schema_wildcard *wildcard = &v->tables->wildcards[state->wildcard];
	if (!move && state->wildcard && admits(v, wildcard, tag))
		return take_by_wildcard(v, frame, wildcard, name);
	if (name && v->depth && !frame_slot(v, frame, name) && enter_absent(v, tag, name))
		return child_recognise(v, tag);
	bool reported = false;
	unsigned meant = identify(v, frame, tag, name, &reported);
	if (!meant) {
		report_stranger(v, frame, tag);
		return 0;
	}
	bool guessed = reported && !v->enters_alien;
	move = state_move(v->tables, frame->state, meant);
	if (move && (!move->counted || frame->count < v->tables->states[move->next].limit)) {
		uint16_t strict = frame->trouble ? frame->trouble->strict : 0;
		uint16_t before = strict ? strict : frame->state;
		if (strict && reported)
			frame->trouble->strict = 0;
		uint16_t element = frame_take(frame, move);
		if (frame->trouble)
			frame_settle(v, frame);
		if (reported)
			order_misnamed(v, frame, before,
				       strict ? frame->trouble->strict_at : tag->offset);
		/* Which of several was meant is a guess, so its children are not judged by it. */
		return guessed && frame_slot(v, frame, meant)->choice ? 0 : element;
	}
	if (!reported)
		return order_recover(v, frame, tag, frame_slot(v, frame, meant));
	note_reported(v, frame, meant);
	v->enters_alien = false;
	return 0;
}
