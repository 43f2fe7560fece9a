/*
 * A child whose name is right and whose place is wrong: what is missing before it, what has turned
 * up late, what comes too often; and what is missing at the end.
 *
 * A missing element is reported when the next one comes, and that may prove wrong: when it comes
 * after all, it was out of place, and the finding is amended.
 */
#include "schema/validation.h"

#include "xml/markup.h"

#include <stdlib.h>

enum { MOST_NAMED = 4, MOST_LOOKS_BACK = 4 };

static uint64_t bit_of(const struct schema_validation *v, const struct frame *frame,
		       const struct schema_slot *slot)
{
	return (uint64_t)1 << (slot - &v->tables->slots[frame->type->first_slot]);
}

/* The slot of the element that led into a state; NULL: none did, or a wildcard's. */
static const struct schema_slot *slot_into(const struct schema_validation *v,
					   const struct frame *frame, unsigned state)
{
	unsigned slot = v->tables->states[state].slot;
	return slot < frame->type->slot_count ? &v->tables->slots[frame->type->first_slot + slot]
					      : NULL;
}

static void visit_next(struct schema_validation *v, const struct frame *frame, unsigned at,
		       size_t *tail)
{
	const struct schema_tables *t = v->tables;
	const struct schema_state *state = &t->states[at];
	for (size_t i = 0; i <= state->move_count; i++) {
		unsigned next = i < state->move_count ? t->moves[state->first_move + i].next
				: state->wildcard     ? t->wildcards[state->wildcard].next
						      : at;
		if (v->came_by[next - frame->type->start] == UINT16_MAX) {
			v->came_by[next - frame->type->start] = (uint16_t)at;
			v->queue[(*tail)++] = (uint16_t)next;
		}
	}
}

/*
 * The fewest elements that must come before `name` can (0: before the end can): the states they
 * lead into, in v->path. Returns their number, or -1 when there is no way.
 */
static int find_path(struct schema_validation *v, const struct frame *frame, unsigned from,
		     unsigned name)
{
	uint16_t base = frame->type->start;
	size_t tail = 0;
	for (size_t i = 0; i < frame->type->state_count; i++)
		v->came_by[i] = UINT16_MAX;
	v->queue[tail++] = (uint16_t)from;
	v->came_by[from - base] = (uint16_t)from;
	for (size_t head = 0; head < tail; head++) {
		unsigned at = v->queue[head];
		if (name ? !state_move(v->tables, at, name) : !v->tables->states[at].accepting) {
			visit_next(v, frame, at, &tail);
			continue;
		}
		int steps = 0;
		for (unsigned back = at; back != from; back = v->came_by[back - base])
			steps++;
		for (int i = steps; i > 0; i--, at = v->came_by[at - base])
			v->path[i - 1] = (uint16_t)at;
		return steps;
	}
	return -1;
}

bool order_leads_to(struct schema_validation *v, const struct frame *frame, unsigned name)
{
	return find_path(v, frame, frame->state, name) > 0;
}

/* "a", or "one of a, b and c" where the model leaves the choice. */
static void say_slot(struct schema_validation *v, struct buf *out, const struct frame *frame,
		     const struct schema_slot *slot)
{
	const struct schema_slot *first = &v->tables->slots[frame->type->first_slot];
	size_t left = 0;
	for (size_t i = 0; slot->choice && i < frame->type->slot_count; i++)
		left += first[i].choice == slot->choice;
	if (left < 2) {
		say_name(v, out, slot->name);
		return;
	}
	buf_text(out, "one of ");
	for (size_t i = 0; i < frame->type->slot_count; i++) {
		if (first[i].choice != slot->choice)
			continue;
		say_name(v, out, first[i].name);
		left--;
		buf_text(out, left > 1 ? ", " : left ? " and " : "");
	}
}

/* The elements of a gap, into message and expected, then "is missing after x". */
static void say_gap(struct schema_validation *v, const struct frame *frame, const struct gap *gap)
{
	size_t shown = gap->count < MOST_NAMED ? gap->count : MOST_NAMED;
	for (size_t i = 0; i < shown; i++) {
		const struct schema_slot *slot = frame_slot(v, frame, gap->names[i]);
		if (i)
			buf_text(&v->expected, i + 1 == gap->count ? " and " : ", ");
		if (slot)
			say_slot(v, &v->expected, frame, slot);
		else
			buf_text(&v->expected, "an element");
	}
	if (shown < gap->count)
		buf_printf(&v->expected, " and %zu more", gap->count - shown);
	buf_str(&v->message, buf_view(&v->expected));
	buf_text(&v->message, gap->count > 1 ? " are missing" : " is missing");
	const struct schema_slot *last = slot_into(v, frame, gap->state);
	buf_text(&v->message, last				 ? " after "
			      : gap->state == frame->type->start ? " at the start of "
								 : " in ");
	say_name(v, &v->message, last ? last->name : v->tables->elements[frame->element].name);
}

/* Whether one element, or another that the model takes instead of it, is what a name stands for. */
static bool stands_for(const struct schema_slot *slot, const struct schema_slot *other)
{
	return slot && other && (slot == other || (slot->choice && slot->choice == other->choice));
}

static void add_to_gap(struct gap *gap, const struct schema_slot *slot)
{
	if (gap->count < GAP_NAMES)
		gap->names[gap->count++] = slot ? slot->name : 0;
}

/* What a path leaves out, in the model from a state on. */
static struct gap gap_of_path(const struct schema_validation *v, const struct frame *frame,
			      unsigned state, int steps)
{
	struct gap gap = { .state = (uint16_t)state };
	for (int i = 0; i < steps; i++)
		add_to_gap(&gap, slot_into(v, frame, v->path[i]));
	return gap;
}

/* The same without what came early and what may be there under a wrong name. */
static void fill_gap(struct schema_validation *v, struct frame *frame, size_t steps,
		     struct gap *gap)
{
	struct trouble *trouble = frame->trouble;
	for (size_t i = 0; i < steps; i++) {
		const struct schema_slot *slot = slot_into(v, frame, v->path[i]);
		if (trouble && stands_for(slot, frame_slot(v, frame, trouble->owed)))
			trouble->owed = 0;
		else
			add_to_gap(gap, slot);
	}
	if (trouble && gap->count <= trouble->strangers)
		gap->count = 0;
	if (trouble)
		trouble->strangers = 0;
}

/* What is missing by its own name, which a finding of another kind stands for. */
static void report_behind_gap(struct schema_validation *v, const struct frame *frame,
			      const struct gap *gap, enum schema_fault_kind cause, size_t offset)
{
	if (!gap->count)
		return;
	say_gap(v, frame, gap);
	report_behind(v, SCHEMA_ELEMENT_MISSING, cause, offset, (struct str){ 0 }, MASK_NONE);
}

void order_misnamed(struct schema_validation *v, struct frame *frame, uint16_t state, size_t offset)
{
	struct trouble *trouble = frame_trouble(v, frame);
	if (!trouble || trouble->strict)
		return;
	trouble->strict = state;
	trouble->strict_at = offset;
}

/* An element comes by its own name: could it, if those misnamed had not? name 0: the end. */
static void follow_strictly(struct schema_validation *v, struct frame *frame, unsigned name)
{
	struct trouble *trouble = frame->trouble;
	unsigned state = trouble->strict;
	const struct schema_move *move = state && name ? state_move(v->tables, state, name) : NULL;
	if (!state)
		return;
	trouble->strict = move ? move->next : 0;
	if (move)
		return;
	struct gap gap = gap_of_path(v, frame, state, find_path(v, frame, state, name));
	report_behind_gap(v, frame, &gap, SCHEMA_ELEMENT_UNEXPECTED, trouble->strict_at);
}

static void keep_gap(struct schema_validation *v, struct frame *frame, struct gap *gap)
{
	struct trouble *trouble = frame_trouble(v, frame);
	if (!trouble)
		return;
	struct gap *kept = &trouble->gaps[trouble->next_gap++ % GAPS];
	free(kept->message);
	*kept = *gap;
	kept->fresh = true;
	kept->message = strdup(buf_view(&v->message).p);
	if (!kept->message)
		v->failed = true;
}

static uint16_t report_gap(struct schema_validation *v, struct frame *frame,
			   const struct xml_tag *tag, const struct schema_slot *slot, size_t steps)
{
	struct gap gap = { .state = frame->state, .cause = slot->name, .offset = tag->offset };
	struct gap whole = gap_of_path(v, frame, frame->state, (int)steps);
	fill_gap(v, frame, steps, &gap);
	uint16_t element =
		frame_take(frame, state_move(v->tables, steps ? v->path[steps - 1] : frame->state,
					     slot->name));
	if (frame->trouble)
		frame_settle(v, frame);
	if (gap.count) {
		say_gap(v, frame, &gap);
		keep_gap(v, frame, &gap);
		report(v, SCHEMA_ELEMENT_MISSING, tag->offset, str_of(tag->local), MASK_WORD);
	} else {
		report_behind_gap(v, frame, &whole, SCHEMA_ELEMENT_UNEXPECTED, tag->offset);
	}
	return element;
}

void order_end(struct schema_validation *v, struct frame *frame)
{
	/* A sender of xsi:nil where it is not allowed means to send nothing. */
	bool nil = (frame->flags & FRAME_NIL_DOUBT) && !frame->seen;
	if (frame->trouble)
		follow_strictly(v, frame, 0);
	int steps = find_path(v, frame, frame->state, 0);
	struct gap whole = gap_of_path(v, frame, frame->state, steps);
	struct gap gap = { .state = frame->state, .offset = frame->offset };
	if (steps > 0 && !nil)
		fill_gap(v, frame, (size_t)steps, &gap);
	if (gap.count)
		report_behind_gap(v, frame, &gap, 0, frame->offset);
	else
		report_behind_gap(v, frame, &whole, nil ? SCHEMA_NIL : SCHEMA_ELEMENT_UNEXPECTED,
				  frame->offset);
}

/* Another sentence for a gap that was reported. */
static void amend_gap(struct schema_validation *v, const struct gap *gap,
		      enum schema_fault_kind kind, size_t offset, unsigned actual)
{
	struct schema_fault was = { .kind = SCHEMA_ELEMENT_MISSING,
				    .offset = gap->offset,
				    .message = gap->message };
	report_amended(v, &was, kind, offset, str_of(local_name(v->tables, actual)));
}

static void say_out_of_place(struct schema_validation *v, unsigned name, const char *relation,
			     unsigned other)
{
	say_name(v, &v->message, name);
	buf_printf(&v->message, " is out of place: it belongs %s ", relation);
	say_name(v, &v->message, other);
	buf_printf(&v->fix, "Send it %s ", relation);
	say_name(v, &v->fix, other);
	buf_text(&v->fix, ".");
}

/* What is about to be reported of an element that seems to have come early, for another sentence
 * when more comes that belongs before it. */
static void keep_early(struct schema_validation *v, struct frame *frame, const struct early *is)
{
	struct trouble *trouble = frame_trouble(v, frame);
	if (!trouble)
		return;
	unsigned looks = trouble->early.looks;
	free(trouble->early.message);
	trouble->early = *is;
	trouble->early.looks = looks;
	trouble->early.message = strdup(buf_view(&v->message).p);
	v->failed = v->failed || !trouble->early.message;
}

/* One more element has come that belongs before the early one, which gets no finding of its own. */
static void say_early(struct schema_validation *v, struct early *early,
		      const struct schema_slot *slot)
{
	struct schema_fault was = { .kind = SCHEMA_ELEMENT_UNEXPECTED,
				    .offset = early->offset,
				    .message = early->message };
	if (early->offset == early->place && early->last == slot->name)
		return;
	say_out_of_place(v, early->cause, "after", slot->name);
	char *message = strdup(buf_view(&v->message).p);
	v->failed = v->failed || !message;
	report_amended(v, &was, SCHEMA_ELEMENT_UNEXPECTED, early->place,
		       str_of(local_name(v->tables, early->cause)));
	free(early->message);
	early->message = message;
	early->offset = early->place;
	early->last = slot->name;
}

void frame_settle(struct schema_validation *v, struct frame *frame)
{
	struct trouble *trouble = frame->trouble;
	trouble->strangers = 0;
	for (size_t i = 0; i < GAPS; i++)
		trouble->gaps[i].fresh = false;
	struct early *early = &trouble->early;
	const struct schema_slot *slot = slot_into(v, frame, frame->state);
	if (slot)
		follow_strictly(v, frame, slot->name);
	if (!early->cause || !slot)
		return;
	if (slot >= frame_slot(v, frame, early->cause))
		early->cause = 0;
	else if (early->place != SIZE_MAX && slot > frame_slot(v, frame, early->last))
		say_early(v, early, slot);
}

/* Where a name, or one that the model takes instead of it, is in a gap; count: it is not. */
static size_t place_in_gap(const struct schema_validation *v, const struct frame *frame,
			   const struct gap *gap, const struct schema_slot *slot)
{
	size_t i = 0;
	while (i < gap->count && !stands_for(slot, frame_slot(v, frame, gap->names[i])))
		i++;
	return i;
}

/* The model goes back to where it was before a gap, as if the cause of the gap had not come. */
static uint16_t go_back(struct schema_validation *v, struct frame *frame, struct gap *gap,
			const struct schema_move *move)
{
	frame->trouble->owed = gap->cause;
	gap->count = 0;
	uint16_t element = frame_take(frame, move);
	frame_settle(v, frame);
	return element;
}

/* One of those that were reported missing comes late. */
static uint16_t amend_late(struct schema_validation *v, struct frame *frame, struct gap *gap,
			   size_t place, const struct schema_slot *slot, size_t offset)
{
	struct str actual = str_of(local_name(v->tables, slot->name));
	gap->count--;
	memmove(&gap->names[place], &gap->names[place + 1],
		(gap->count - place) * sizeof(gap->names[0]));
	if (gap->count) {
		say_gap(v, frame, gap);
		char *message = strdup(buf_view(&v->message).p);
		amend_gap(v, gap, SCHEMA_ELEMENT_MISSING, gap->offset, gap->cause);
		free(gap->message);
		gap->message = message;
		if (!message)
			v->failed = true;
		say_out_of_place(v, slot->name, "before", gap->cause);
		report(v, SCHEMA_ELEMENT_UNEXPECTED, offset, actual, MASK_WORD);
	} else {
		say_out_of_place(v, slot->name, "before", gap->cause);
		amend_gap(v, gap, SCHEMA_ELEMENT_UNEXPECTED, offset, slot->name);
	}
	frame->seen |= bit_of(v, frame, slot);
	frame_settle(v, frame);
	return slot->element;
}

/*
 * What was reported missing has turned up. Right after the cause of the gap it may be the first of
 * several; then it is the cause that came too early, or one swap of neighbours.
 */
static uint16_t turn_up(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag,
			const struct schema_slot *slot)
{
	for (size_t i = 0; frame->trouble && i < GAPS; i++) {
		struct gap *gap = &frame->trouble->gaps[i];
		size_t place = place_in_gap(v, frame, gap, slot);
		if (place == gap->count)
			continue;
		const struct schema_move *move = state_move(v->tables, gap->state, slot->name);
		if (!gap->fresh || !move)
			return amend_late(v, frame, gap, place, slot, tag->offset);
		struct early early = { .cause = gap->cause,
				       .last = gap->names[gap->count - 1],
				       .place = gap->offset,
				       .offset = gap->count > 1 ? gap->offset : tag->offset };
		if (gap->count == 1)
			say_out_of_place(v, early.last = slot->name, "before", gap->cause);
		else
			say_out_of_place(v, gap->cause, "after", early.last);
		keep_early(v, frame, &early);
		amend_gap(v, gap, SCHEMA_ELEMENT_UNEXPECTED, early.offset,
			  gap->count > 1 ? gap->cause : slot->name);
		return go_back(v, frame, gap, move);
	}
	return 0;
}

static void say_ordinal(struct buf *out, uint32_t number)
{
	static const char *const words[] = {
		"zeroth", "first", "second", "third", "fourth", "fifth"
	};
	if (number < sizeof(words) / sizeof(words[0]))
		buf_printf(out, "a %s ", words[number]);
	else
		buf_printf(out, "number %u of ", number);
}

/* How often an element has come where it comes once more; 0: not known. */
static uint32_t times_come(const struct schema_validation *v, const struct frame *frame,
			   const struct schema_slot *slot)
{
	const struct schema_state *state = &v->tables->states[frame->state];
	if (!(frame->seen & bit_of(v, frame, slot)))
		return 0;
	if (slot_into(v, frame, frame->state) == slot)
		return state->limit ? slot->max : state->copy;
	return slot->max == 1;
}

static void report_too_many(struct schema_validation *v, struct frame *frame,
			    const struct xml_tag *tag, const struct schema_slot *slot,
			    uint32_t times)
{
	bool more = v->tables->states[frame->state].move_count && frame->element &&
		    !v->tables->states[frame->state].accepting;
	struct trouble *trouble = frame_trouble(v, frame);
	if (!trouble)
		return;
	trouble->extra_count = trouble->extra == slot->name ? trouble->extra_count + 1 : 1;
	trouble->extra = slot->name;
	say_ordinal(&v->message, times + trouble->extra_count);
	say_name(v, &v->message, slot->name);
	if (frame->element) {
		buf_text(&v->message, " in ");
		say_name(v, &v->message, v->tables->elements[frame->element].name);
	}
	buf_printf(&v->message, ": at most %u %s allowed", times, times == 1 ? "is" : "are");
	if (more) {
		buf_text(&v->message, "; expected here: ");
		say_expected(v, &v->message, frame);
	}
	buf_printf(&v->expected, "at most %u", times);
	report(v, SCHEMA_ELEMENT_UNEXPECTED, tag->offset, str_of(tag->local), MASK_WORD);
	/* It may have been meant to be the one that comes next. */
	trouble->strangers++;
}

/* The first slot after this one, or the first that excludes it, whose element has come. */
static const struct schema_slot *come_already(const struct schema_validation *v,
					      const struct frame *frame,
					      const struct schema_slot *slot, bool excluding)
{
	const struct schema_slot *first = &v->tables->slots[frame->type->first_slot];
	for (size_t i = 0; i < frame->type->slot_count; i++) {
		bool excludes = slot->choice && first[i].choice == slot->choice;
		if (&first[i] != slot && (frame->seen & bit_of(v, frame, &first[i])) &&
		    (excluding ? excludes : !excludes && &first[i] > slot))
			return &first[i];
	}
	return NULL;
}

/* Where the first child of a name is, of those that came before a tag; SIZE_MAX: it is not found.
 */
static size_t child_before(const struct schema_validation *v, const struct frame *frame,
			   const struct xml_tag *tag, unsigned name)
{
	struct str before = { tag->document, tag->offset };
	struct markup markup = markup_at(before, frame->offset);
	size_t depth = 1;
	while ((markup = markup_next(before, markup.end)).kind != MARKUP_NONE) {
		bool starts = markup.kind == MARKUP_START || markup.kind == MARKUP_EMPTY;
		if (starts && depth == 1 &&
		    str_is(markup_local(before, &markup), local_name(v->tables, name)))
			return markup.start;
		depth += markup.kind == MARKUP_START;
		depth -= markup.kind == MARKUP_END;
	}
	return SIZE_MAX;
}

/*
 * Where several elements come after one that they belong before, and nothing else came since, it is
 * that one that is out of place: one finding about it takes the place of the first about them.
 */
static bool amend_early(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag,
			const struct schema_slot *slot, const struct schema_slot *other)
{
	struct early *early = frame->trouble ? &frame->trouble->early : NULL;
	if (!early || early->cause != other->name || slot_into(v, frame, frame->state) != other)
		return false;
	if (early->place == SIZE_MAX && early->looks++ < MOST_LOOKS_BACK)
		early->place = child_before(v, frame, tag, early->cause);
	if (early->place == SIZE_MAX)
		return false;
	say_early(v, early, slot);
	return true;
}

static void report_after(struct schema_validation *v, struct frame *frame,
			 const struct xml_tag *tag, const struct schema_slot *slot,
			 const struct schema_slot *other)
{
	say_out_of_place(v, slot->name, "before", other->name);
	keep_early(v, frame,
		   &(struct early){ .cause = other->name,
				    .last = slot->name,
				    .place = SIZE_MAX,
				    .offset = tag->offset });
	report(v, SCHEMA_ELEMENT_UNEXPECTED, tag->offset, str_of(tag->local), MASK_WORD);
}

/* An element that came early, with a gap, has another after it that may come before the gap: the
 * model goes back, and what was missing may still come. */
static uint16_t amend_cause(struct schema_validation *v, struct frame *frame,
			    const struct schema_slot *slot, const struct schema_slot *other)
{
	for (size_t i = 0; frame->trouble && i < GAPS; i++) {
		struct gap *gap = &frame->trouble->gaps[i];
		const struct schema_move *move = state_move(v->tables, gap->state, slot->name);
		unsigned last = gap->count ? gap->names[gap->count - 1] : 0;
		if (!last || !gap->fresh || gap->cause != other->name || !move)
			continue;
		say_out_of_place(v, gap->cause, "after", last);
		keep_early(v, frame,
			   &(struct early){ .cause = gap->cause,
					    .last = (uint16_t)last,
					    .place = gap->offset,
					    .offset = gap->offset });
		amend_gap(v, gap, SCHEMA_ELEMENT_UNEXPECTED, gap->offset, gap->cause);
		return go_back(v, frame, gap, move);
	}
	return 0;
}

/* Which one it is is not in doubt, so it is judged inside: what is around it may be let through. */
static uint16_t report_late(struct schema_validation *v, struct frame *frame,
			    const struct xml_tag *tag, const struct schema_slot *slot)
{
	const struct schema_slot *other = come_already(v, frame, slot, true);
	uint32_t times = times_come(v, frame, slot);
	if (times) {
		if (frame->trouble && state_move(v->tables, frame->trouble->strict, slot->name))
			follow_strictly(v, frame, slot->name);
		report_too_many(v, frame, tag, slot, times);
		stand_for_inside(v, tag);
		return slot->element;
	}
	if (other) {
		say_name(v, &v->message, slot->name);
		buf_text(&v->message, " cannot be sent together with ");
		say_name(v, &v->message, other->name);
		buf_text(&v->message, ": send ");
		say_slot(v, &v->expected, frame, slot);
		buf_str(&v->message, buf_view(&v->expected));
	} else if ((other = come_already(v, frame, slot, false)) != NULL) {
		uint16_t taken = amend_cause(v, frame, slot, other);
		if (taken)
			return taken;
		if (!amend_early(v, frame, tag, slot, other))
			report_after(v, frame, tag, slot, other);
		frame->seen |= bit_of(v, frame, slot);
		return slot->element;
	} else {
		say_name(v, &v->message, slot->name);
		buf_text(&v->message, " is out of place; expected here: ");
		say_expected(v, &v->expected, frame);
		buf_str(&v->message, buf_view(&v->expected));
	}
	frame->seen |= bit_of(v, frame, slot);
	report(v, SCHEMA_ELEMENT_UNEXPECTED, tag->offset, str_of(tag->local), MASK_WORD);
	return slot->element;
}

uint16_t order_recover(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag,
		       const struct schema_slot *slot)
{
	uint16_t element = turn_up(v, frame, tag, slot);
	if (element)
		return element;
	const struct schema_move *move = state_move(v->tables, frame->state, slot->name);
	int steps = move ? -1 : find_path(v, frame, frame->state, slot->name);
	if (steps > 0)
		return report_gap(v, frame, tag, slot, (size_t)steps);
	return report_late(v, frame, tag, slot);
}
