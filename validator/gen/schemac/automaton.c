#include "automaton.h"

#include "nfa.h"

/* An automaton under construction: acceptance by state, in any order. */
struct draft {
	unsigned states, classes, room;
	uint8_t class_of[256];
	unsigned *next;
	bool *accepts;
};

static unsigned draft_add(struct arena *arena, struct draft *draft)
{
	if (draft->states == draft->room) {
		struct draft old = *draft;
		draft->room = old.room ? 2 * old.room : 64;
		draft->next = take(arena, draft->room * draft->classes * sizeof(*draft->next));
		draft->accepts = take(arena, draft->room * sizeof(*draft->accepts));
		if (old.states) {
			memcpy(draft->next, old.next, old.states * old.classes * sizeof(*old.next));
			memcpy(draft->accepts, old.accepts, old.states * sizeof(*old.accepts));
		}
	}
	return draft->states++;
}

/* Bytes that no edge tells apart share a class. */
static void classify(struct draft *draft, const struct nfa *nfa)
{
	bool starts[257] = { false };
	for (size_t i = 0; i < nfa->edges.n; i++) {
		const struct nfa_edge *edge = nfa->edges.at[i];
		if (!edge->silent)
			starts[edge->low] = starts[edge->high + 1] = true;
	}
	unsigned column = 0;
	for (unsigned byte = 0; byte < 256; byte++) {
		if (byte && starts[byte])
			column++;
		draft->class_of[byte] = (uint8_t)column;
	}
	draft->classes = column + 1;
}

/* The set of states that an automaton may be in, closed under silent edges. */
static void close_silently(const struct nfa *nfa, bool *in)
{
	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i < nfa->edges.n; i++) {
			const struct nfa_edge *edge = nfa->edges.at[i];
			if (edge->silent && in[edge->from] && !in[edge->to])
				grown = in[edge->to] = true;
		}
	}
}

static bool advance(const struct nfa *nfa, const bool *in, unsigned byte, bool *out)
{
	bool any = false;
	memset(out, 0, nfa->states * sizeof(*out));
	for (size_t i = 0; i < nfa->edges.n; i++) {
		const struct nfa_edge *edge = nfa->edges.at[i];
		if (!edge->silent && in[edge->from] && byte >= edge->low && byte <= edge->high)
			any = out[edge->to] = true;
	}
	if (any)
		close_silently(nfa, out);
	return any;
}

static unsigned first_byte_of(const struct draft *draft, unsigned column)
{
	unsigned byte = 0;
	while (draft->class_of[byte] != column)
		byte++;
	return byte;
}

static struct draft determine(struct arena *arena, const struct nfa *nfa)
{
	struct draft draft = { 0 };
	struct list sets = { 0 };
	classify(&draft, nfa);
	list_add(arena, &sets, take(arena, nfa->states));
	draft_add(arena, &draft);
	bool *start = take(arena, nfa->states);
	start[0] = true;
	close_silently(nfa, start);
	list_add(arena, &sets, start);
	draft_add(arena, &draft);
	bool *out = take(arena, nfa->states);
	for (unsigned state = 1; state < draft.states; state++) {
		const bool *in = sets.at[state];
		draft.accepts[state] = in[nfa->accepting];
		for (unsigned column = 0; column < draft.classes; column++) {
			unsigned next = 0;
			if (advance(nfa, in, first_byte_of(&draft, column), out)) {
				for (next = 1; next < draft.states; next++)
					if (!memcmp(sets.at[next], out, nfa->states))
						break;
				if (next == draft.states) {
					list_add(arena, &sets, out);
					draft_add(arena, &draft);
					out = take(arena, nfa->states);
				}
			}
			draft.next[state * draft.classes + column] = next;
		}
	}
	return draft;
}

/*
 * Moore: split the states by acceptance, then by where they lead, until nothing splits. group_of
 * is filled; returns the number of groups.
 */
static unsigned split(struct arena *arena, const struct draft *draft, unsigned *group_of)
{
	unsigned *before = take(arena, draft->states * sizeof(*before));
	unsigned groups = 0;
	for (unsigned i = 0; i < draft->states; i++)
		group_of[i] = draft->accepts[i];
	for (unsigned last = UINT16_MAX; groups != last;) {
		last = groups;
		groups = 0;
		memcpy(before, group_of, draft->states * sizeof(*before));
		for (unsigned i = 0; i < draft->states; i++) {
			unsigned j;
			for (j = 0; j < i; j++) {
				bool same = before[i] == before[j];
				for (unsigned c = 0; same && c < draft->classes; c++)
					same = before[draft->next[i * draft->classes + c]] ==
					       before[draft->next[j * draft->classes + c]];
				if (same)
					break;
			}
			group_of[i] = j < i ? group_of[j] : groups++;
		}
	}
	return groups;
}

/* Number the groups: the dead one 0, accepting ones last. */
static void number_groups(const struct draft *draft, const unsigned *group_of, unsigned groups,
			  unsigned *number_of, struct dfa *dfa)
{
	unsigned number = 0;
	dfa->first_accepting = UINT16_MAX;
	for (unsigned i = 0; i < groups; i++)
		number_of[i] = UINT16_MAX;
	number_of[group_of[0]] = number++;
	if (group_of[1] == group_of[0])
		stop("schemac: a pattern that nothing can match");
	for (int accepting = 0; accepting < 2; accepting++) {
		if (accepting)
			dfa->first_accepting = number;
		for (unsigned i = 1; i < draft->states; i++)
			if (number_of[group_of[i]] == UINT16_MAX && draft->accepts[i] == accepting)
				number_of[group_of[i]] = number++;
	}
}

static bool same_column(const struct dfa *dfa, unsigned a, unsigned b)
{
	for (unsigned state = 0; state < dfa->states; state++)
		if (dfa->next[state * dfa->classes + a] != dfa->next[state * dfa->classes + b])
			return false;
	return true;
}

/* After states were merged, so can be classes of bytes. */
static void merge_classes(struct arena *arena, struct dfa *dfa)
{
	unsigned number_of[256] = { 0 }, first_of[256] = { 0 }, merged = 0;
	for (unsigned column = 0; column < dfa->classes; column++) {
		unsigned j = 0;
		while (j < merged && !same_column(dfa, first_of[j], column))
			j++;
		if (j == merged)
			first_of[merged++] = column;
		number_of[column] = j;
	}
	unsigned *next = take(arena, dfa->states * merged * sizeof(*next));
	for (unsigned state = 0; state < dfa->states; state++)
		for (unsigned column = 0; column < merged; column++)
			next[state * merged + column] =
				dfa->next[state * dfa->classes + first_of[column]];
	for (unsigned byte = 0; byte < 256; byte++)
		dfa->class_of[byte] = (uint8_t)number_of[dfa->class_of[byte]];
	dfa->next = next;
	dfa->classes = merged;
}

static const struct dfa *minimise(struct arena *arena, const struct draft *draft)
{
	struct dfa *dfa = take(arena, sizeof(*dfa));
	unsigned *group_of = take(arena, draft->states * sizeof(*group_of));
	unsigned groups = split(arena, draft, group_of);
	unsigned *number_of = take(arena, groups * sizeof(*number_of));
	number_groups(draft, group_of, groups, number_of, dfa);
	dfa->states = groups;
	dfa->classes = draft->classes;
	dfa->start = number_of[group_of[1]];
	memcpy(dfa->class_of, draft->class_of, sizeof(dfa->class_of));
	dfa->next = take(arena, groups * dfa->classes * sizeof(*dfa->next));
	for (unsigned i = 0; i < draft->states; i++)
		for (unsigned column = 0; column < dfa->classes; column++)
			dfa->next[number_of[group_of[i]] * dfa->classes + column] =
				number_of[group_of[draft->next[i * draft->classes + column]]];
	merge_classes(arena, dfa);
	return dfa;
}

const struct dfa *dfa_of(struct arena *arena, const struct regex *regex)
{
	struct draft draft = determine(arena, nfa_of(arena, regex));
	return minimise(arena, &draft);
}

struct pair {
	unsigned a, b;
};

static unsigned pair_state(struct arena *arena, struct list *pairs, struct draft *draft,
			   struct pair pair)
{
	for (unsigned i = 0; i < pairs->n; i++) {
		const struct pair *known = pairs->at[i];
		if (known->a == pair.a && known->b == pair.b)
			return i;
	}
	struct pair *copy = take(arena, sizeof(*copy));
	*copy = pair;
	list_add(arena, pairs, copy);
	return draft_add(arena, draft);
}

/* Bytes are alike when both automata find them alike. */
static void classify_pairs(struct draft *draft, const struct dfa *a, const struct dfa *b)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		unsigned known = 0;
		while (known < byte && (a->class_of[known] != a->class_of[byte] ||
					b->class_of[known] != b->class_of[byte]))
			known++;
		draft->class_of[byte] =
			known < byte ? draft->class_of[known] : (uint8_t)draft->classes++;
	}
}

static const struct dfa *product(struct arena *arena, const struct dfa *a, const struct dfa *b,
				 bool need_both)
{
	struct draft draft = { 0 };
	struct list pairs = { 0 };
	classify_pairs(&draft, a, b);
	pair_state(arena, &pairs, &draft, (struct pair){ 0, 0 });
	pair_state(arena, &pairs, &draft, (struct pair){ a->start, b->start });
	for (unsigned state = 0; state < draft.states; state++) {
		const struct pair *pair = pairs.at[state];
		bool left = pair->a >= a->first_accepting, right = pair->b >= b->first_accepting;
		draft.accepts[state] = need_both ? left && right : left || right;
		for (unsigned column = 0; column < draft.classes; column++) {
			unsigned byte = first_byte_of(&draft, column);
			struct pair to = {
				a->next[pair->a * a->classes + a->class_of[byte]],
				b->next[pair->b * b->classes + b->class_of[byte]],
			};
			unsigned next = pair_state(arena, &pairs, &draft, to);
			draft.next[state * draft.classes + column] = next;
		}
	}
	return minimise(arena, &draft);
}

const struct dfa *dfa_both(struct arena *arena, const struct dfa *a, const struct dfa *b)
{
	return product(arena, a, b, true);
}

const struct dfa *dfa_either(struct arena *arena, const struct dfa *a, const struct dfa *b)
{
	return product(arena, a, b, false);
}

bool dfa_accepts(const struct dfa *dfa, const char *text)
{
	unsigned state = dfa->start;
	for (; *text; text++)
		state = dfa->next[state * dfa->classes + dfa->class_of[(unsigned char)*text]];
	return state >= dfa->first_accepting;
}
