/*
 * content.c - particles into automata, after Glushkov: one position for each element that a content
 * model names, one state for each set of positions that an element may have matched.
 *
 * Occurrences are written out (a{1,3} is a(a(a)?)?), so that a state knows how often its element
 * came; where that would be long, an element counts instead.
 */
#include "content.h"

enum { MOST_COPIES = 64, MOST_SLOTS = 64 };

struct position {
	const struct particle *particle;
	unsigned copy;
	uint32_t limit; /* 0: not counted */
};

struct builder {
	struct arena *arena;
	const struct type *type;
	struct machine *machine;
	struct position *positions;
	size_t count, room;
	bool *follow; /* [from * room + to] */
	unsigned choices;
};

/* A part of the model: whether it may be empty, what it may begin and end with. */
struct piece {
	bool nullable;
	bool *first, *last;
};

static struct piece expand(struct builder *builder, const struct particle *particle);

static bool is_counted(const struct particle *particle)
{
	return particle->kind == PARTICLE_ELEMENT && particle->max != UNBOUNDED &&
	       particle->max > MOST_COPIES;
}

static size_t copies_of(const struct particle *particle)
{
	uint32_t copies = particle->max;
	if (copies == UNBOUNDED || is_counted(particle))
		copies = particle->min ? particle->min : 1;
	if (copies > MOST_COPIES)
		xsd_stop(particle->document, particle->node,
			 "more than %d occurrences of something other than a single element",
			 MOST_COPIES);
	return copies;
}

static size_t count_positions(const struct particle *particle)
{
	size_t count = particle->kind == PARTICLE_ELEMENT || particle->kind == PARTICLE_ANY;
	for (size_t i = 0; i < particle->children.n; i++)
		count += count_positions(particle->children.at[i]);
	return count * copies_of(particle);
}

static struct piece empty_piece(struct builder *builder)
{
	return (struct piece){
		.nullable = true,
		.first = take(builder->arena, builder->room),
		.last = take(builder->arena, builder->room),
	};
}

static void add_all(const struct builder *builder, bool *to, const bool *from)
{
	for (size_t i = 0; i < builder->count; i++)
		to[i] = to[i] || from[i];
}

static void link_up(struct builder *builder, const struct piece *a, const struct piece *b)
{
	for (size_t i = 0; i < builder->count; i++)
		if (a->last[i])
			add_all(builder, &builder->follow[i * builder->room], b->first);
}

static struct piece then(struct builder *builder, struct piece a, struct piece b)
{
	struct piece both = empty_piece(builder);
	link_up(builder, &a, &b);
	both.nullable = a.nullable && b.nullable;
	add_all(builder, both.first, a.first);
	add_all(builder, both.last, b.last);
	if (a.nullable)
		add_all(builder, both.first, b.first);
	if (b.nullable)
		add_all(builder, both.last, a.last);
	return both;
}

static struct piece either(struct builder *builder, struct piece a, struct piece b)
{
	a.nullable = a.nullable || b.nullable;
	add_all(builder, a.first, b.first);
	add_all(builder, a.last, b.last);
	return a;
}

static struct piece one_position(struct builder *builder, const struct particle *particle,
				 unsigned copy)
{
	struct piece piece = empty_piece(builder);
	size_t position = builder->count++;
	builder->positions[position] = (struct position){ .particle = particle, .copy = copy };
	piece.nullable = false;
	piece.first[position] = piece.last[position] = true;
	return piece;
}

static struct piece expand_once(struct builder *builder, const struct particle *particle,
				unsigned copy)
{
	if (particle->kind == PARTICLE_ELEMENT || particle->kind == PARTICLE_ANY)
		return one_position(builder, particle, copy);
	struct piece all = empty_piece(builder);
	for (size_t i = 0; i < particle->children.n; i++) {
		struct piece child = expand(builder, particle->children.at[i]);
		if (particle->kind == PARTICLE_SEQUENCE)
			all = then(builder, all, child);
		else
			all = i ? either(builder, all, child) : child;
	}
	return all;
}

/* Copy number `copy` and those after it: what is beyond the minimum may be left out as a whole. */
static struct piece expand_copies(struct builder *builder, const struct particle *particle,
				  unsigned copy)
{
	struct piece piece = expand_once(builder, particle, copy);
	if (copy < copies_of(particle)) {
		piece = then(builder, piece, expand_copies(builder, particle, copy + 1));
	} else if (particle->max == UNBOUNDED) {
		link_up(builder, &piece, &piece);
	} else if (is_counted(particle)) {
		builder->positions[builder->count - 1].limit = particle->max - copy + 1;
		link_up(builder, &piece, &piece);
	}
	if (copy > particle->min)
		piece.nullable = true;
	return piece;
}

/* A count must begin anew whenever its element does: it may follow itself in one way only. */
static void check_counts(const struct builder *builder, const struct piece *all)
{
	for (size_t i = 0; i < builder->count; i++)
		if (builder->positions[i].limit && all->last[i] && all->first[i])
			xsd_stop(builder->type->document, builder->type->node,
				 "a count inside a repetition of its own");
}

static struct piece expand(struct builder *builder, const struct particle *particle)
{
	struct piece piece = expand_copies(builder, particle, 1);
	if (particle->max > 1 && particle->children.n)
		check_counts(builder, &piece);
	return piece;
}

static bool admits(const struct particle *any, const struct name *name)
{
	return !any->other || (*name->ns && strcmp(name->ns, any->ns) != 0);
}

static bool compete(const struct particle *a, const struct particle *b)
{
	if (a == b)
		return false;
	if (a->kind == PARTICLE_ELEMENT && b->kind == PARTICLE_ELEMENT)
		return a->element->name == b->element->name;
	if (a->kind == PARTICLE_ANY && b->kind == PARTICLE_ANY)
		return true;
	return a->kind == PARTICLE_ANY ? admits(a, b->element->name) : admits(b, a->element->name);
}

static void check_attribution(const struct builder *builder, const bool *next)
{
	for (size_t i = 0; i < builder->count; i++) {
		for (size_t j = 0; next[i] && j < i; j++) {
			const struct particle *a = builder->positions[i].particle;
			const struct particle *b = builder->positions[j].particle;
			if (next[j] && compete(a, b))
				xsd_stop(a->document, a->node,
					 "competes with line %ld for the same element",
					 xmlGetLineNo(b->node));
		}
	}
}

static unsigned slot_of(const struct machine *machine, const struct element *element)
{
	for (unsigned i = 0; i < machine->slots.n; i++)
		if (((const struct slot *)machine->slots.at[i])->element->name == element->name)
			return i;
	return MOST_SLOTS;
}

/* The state of a set of positions, made when it is new. The start has a set of its own, empty. */
static unsigned state_of(struct builder *builder, struct list *sets, const bool *set)
{
	for (unsigned i = 1; i < sets->n; i++)
		if (!memcmp(sets->at[i], set, builder->room))
			return i;
	bool *copy = take(builder->arena, builder->room);
	memcpy(copy, set, builder->room);
	list_add(builder->arena, sets, copy);
	struct state *state = take(builder->arena, sizeof(*state));
	list_add(builder->arena, &builder->machine->states, state);
	state->slot = MOST_SLOTS;
	size_t members = 0;
	for (size_t i = 0; i < builder->count; i++) {
		const struct position *position = &builder->positions[i];
		if (!set[i])
			continue;
		if (position->particle->kind == PARTICLE_ELEMENT)
			state->slot = slot_of(builder->machine, position->particle->element);
		state->copy = position->particle->kind == PARTICLE_ELEMENT ? position->copy : 0;
		state->limit = position->limit;
		members++;
	}
	if (members > 1 && state->limit)
		xsd_stop(builder->type->document, builder->type->node,
			 "a count inside a repetition of its own");
	if (members > 1)
		state->copy = 0;
	return (unsigned)sets->n - 1;
}

/* Where the positions of a name lead, or those of the wildcard (name NULL), out of a state. */
static void add_move(struct builder *builder, struct list *sets, unsigned from, const bool *next,
		     const struct particle *particle)
{
	bool *set = take(builder->arena, builder->room);
	bool same = true;
	for (size_t i = 0; i < builder->count; i++) {
		set[i] = next[i] && builder->positions[i].particle == particle;
		same = same && set[i] == ((const bool *)sets->at[from])[i];
	}
	unsigned to = state_of(builder, sets, set);
	struct state *state = builder->machine->states.at[from];
	if (particle->kind == PARTICLE_ANY) {
		state->any = particle;
		state->any_next = to;
		return;
	}
	struct move *move = take(builder->arena, sizeof(*move));
	*move = (struct move){
		.element = particle->element,
		.next = to,
		.slot = slot_of(builder->machine, particle->element),
		.counted = same && from == to && state->limit,
	};
	list_add(builder->arena, &state->moves, move);
}

static void add_moves(struct builder *builder, struct list *sets, unsigned from, const bool *next)
{
	check_attribution(builder, next);
	for (size_t i = 0; i < builder->count; i++) {
		size_t j = 0;
		while (j < i && (!next[j] ||
				 builder->positions[j].particle != builder->positions[i].particle))
			j++;
		if (next[i] && j == i)
			add_move(builder, sets, from, next, builder->positions[i].particle);
	}
}

static void determine(struct builder *builder, const struct piece *all)
{
	struct list sets = { 0 };
	struct state *start = take(builder->arena, sizeof(*start));
	list_add(builder->arena, &sets, take(builder->arena, builder->room));
	list_add(builder->arena, &builder->machine->states, start);
	start->accepting = all->nullable;
	start->slot = MOST_SLOTS;
	add_moves(builder, &sets, 0, all->first);
	for (unsigned i = 1; i < builder->machine->states.n; i++) {
		const bool *set = sets.at[i];
		bool *next = take(builder->arena, builder->room);
		struct state *state = builder->machine->states.at[i];
		for (size_t j = 0; j < builder->count; j++) {
			if (!set[j])
				continue;
			add_all(builder, next, &builder->follow[j * builder->room]);
			state->accepting = state->accepting || all->last[j];
		}
		add_moves(builder, &sets, i, next);
	}
}

static uint32_t product(uint32_t a, uint32_t b)
{
	if (!a || !b)
		return 0;
	return a == UNBOUNDED || b == UNBOUNDED || a > UNBOUNDED / b ? UNBOUNDED : a * b;
}

static uint32_t sum(uint32_t a, uint32_t b)
{
	return a == UNBOUNDED || b == UNBOUNDED || a > UNBOUNDED - b ? UNBOUNDED : a + b;
}

/* How often an element may come, and must, in all of a particle. */
static void count_element(const struct particle *particle, const struct name *name, uint32_t *min,
			  uint32_t *max)
{
	bool choice = particle->kind == PARTICLE_CHOICE;
	*min = *max = particle->element && particle->element->name == name;
	for (size_t i = 0; i < particle->children.n; i++) {
		uint32_t low, high;
		count_element(particle->children.at[i], name, &low, &high);
		if (choice) {
			*min = !i || low < *min ? low : *min;
			*max = high > *max ? high : *max;
		} else {
			*min = sum(*min, low);
			*max = sum(*max, high);
		}
	}
	*min = product(*min, particle->min);
	*max = product(*max, particle->max);
}

/* choice: the number of the choice that the particle is a branch of; 0: none, or one that repeats
 */
static void add_slots(struct builder *builder, const struct particle *particle, unsigned choice,
		      bool repeats)
{
	const struct element *element = particle->element;
	repeats = repeats || particle->max > 1;
	if (!element) {
		if (particle->kind == PARTICLE_CHOICE)
			choice = repeats ? 0 : ++builder->choices;
		else if (particle->children.n > 1)
			choice = 0;
		for (size_t i = 0; i < particle->children.n; i++)
			add_slots(builder, particle->children.at[i], choice, repeats);
		return;
	}
	unsigned known = slot_of(builder->machine, element);
	if (known < builder->machine->slots.n) {
		struct slot *slot = builder->machine->slots.at[known];
		if (slot->element->type != element->type)
			xsd_stop(particle->document, particle->node,
				 "%s occurs in one content with two types", element->name->local);
		slot->choice = 0;
		return;
	}
	struct slot *slot = take(builder->arena, sizeof(*slot));
	*slot = (struct slot){ .element = element, .choice = choice };
	count_element(builder->type->particle, element->name, &slot->min, &slot->max);
	list_add(builder->arena, &builder->machine->slots, slot);
	if (builder->machine->slots.n > MOST_SLOTS)
		xsd_stop(particle->document, particle->node, "more than %d children", MOST_SLOTS);
}

struct machine *machine_of(struct model *model, const struct type *type)
{
	struct builder builder = {
		.arena = model->arena,
		.type = type,
		.machine = take(model->arena, sizeof(struct machine)),
		.room = count_positions(type->particle) + 1,
	};
	builder.positions = take(model->arena, builder.room * sizeof(*builder.positions));
	builder.follow = take(model->arena, builder.room * builder.room);
	add_slots(&builder, type->particle, 0, false);
	struct piece all = expand(&builder, type->particle);
	determine(&builder, &all);
	return builder.machine;
}
