#include "automaton.h"

/*
 * A pattern's tree as a nondeterministic automaton over bytes: the step between a pattern and its
 * deterministic automaton.
 */
struct nfa_edge {
	unsigned from, to;
	unsigned low, high; /* bytes, both included */
	bool silent;	    /* taken without a byte */
};

struct nfa {
	unsigned states, accepting; /* state 0 is the start */
	struct list edges;	    /* struct nfa_edge */
};

struct builder {
	struct arena *arena;
	struct nfa *nfa;
};

static unsigned new_state(struct builder *builder)
{
	return builder->nfa->states++;
}

static void add_edge(struct builder *builder, struct nfa_edge edge)
{
	struct nfa_edge *copy = take(builder->arena, sizeof(*copy));
	*copy = edge;
	list_add(builder->arena, &builder->nfa->edges, copy);
}

static void add_silent(struct builder *builder, unsigned from, unsigned to)
{
	add_edge(builder, (struct nfa_edge){ .from = from, .to = to, .silent = true });
}

static size_t encode(uint32_t code, unsigned char bytes[4])
{
	if (code < 0x80) {
		bytes[0] = (unsigned char)code;
		return 1;
	}
	size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, code >>= 6)
		bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
	bytes[0] = (unsigned char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | code);
	return n;
}

/* low and high have encodings of one length that differ in a free last part only: one chain. */
static void add_chain(struct builder *builder, unsigned from, unsigned to, struct code_range range)
{
	unsigned char low[4], high[4];
	size_t n = encode(range.low, low);
	encode(range.high, high);
	for (size_t i = 0; i < n; i++) {
		unsigned next = i + 1 == n ? to : new_state(builder);
		add_edge(builder,
			 (struct nfa_edge){
				 .from = from, .to = next, .low = low[i], .high = high[i] });
		from = next;
	}
}

/*
 * Split a range until every byte of its encodings runs over a range of its own: first where the
 * length of the encoding changes, then where a continuation byte does not run from 80 to BF.
 */
static void add_range(struct builder *builder, unsigned from, unsigned to, struct code_range range)
{
	static const uint32_t last_of_length[] = { 0x7f, 0x7ff, 0xffff };
	for (size_t i = 0; i < 3; i++) {
		uint32_t last = last_of_length[i];
		if (range.low <= last && range.high > last) {
			add_range(builder, from, to, (struct code_range){ range.low, last });
			add_range(builder, from, to, (struct code_range){ last + 1, range.high });
			return;
		}
	}
	for (unsigned i = 1; i < 4 && range.high > 0x7f; i++) {
		uint32_t free_part = ((uint32_t)1 << (6 * i)) - 1;
		if ((range.low & ~free_part) == (range.high & ~free_part))
			continue;
		uint32_t split = 0;
		if (range.low & free_part)
			split = range.low | free_part;
		else if ((range.high & free_part) != free_part)
			split = (range.high & ~free_part) - 1;
		if (split) {
			add_range(builder, from, to, (struct code_range){ range.low, split });
			add_range(builder, from, to, (struct code_range){ split + 1, range.high });
			return;
		}
	}
	add_chain(builder, from, to, range);
}

static unsigned build(struct builder *builder, const struct regex *regex, unsigned from);

static unsigned build_repeat(struct builder *builder, const struct regex *regex, unsigned from)
{
	for (unsigned i = 0; i < regex->min; i++)
		from = build(builder, regex->left, from);
	if (regex->max == REGEX_UNBOUNDED) {
		unsigned loop = new_state(builder);
		add_silent(builder, from, loop);
		add_silent(builder, build(builder, regex->left, loop), loop);
		return loop;
	}
	unsigned end = new_state(builder);
	for (unsigned i = regex->min; i < regex->max; i++) {
		add_silent(builder, from, end);
		from = build(builder, regex->left, from);
	}
	add_silent(builder, from, end);
	return end;
}

/* Append the automaton of a tree to a state; returns the state it ends in. */
static unsigned build(struct builder *builder, const struct regex *regex, unsigned from)
{
	unsigned end;
	switch (regex->kind) {
	case REGEX_EMPTY:
		return from;
	case REGEX_CAT:
		return build(builder, regex->right, build(builder, regex->left, from));
	case REGEX_REPEAT:
		return build_repeat(builder, regex, from);
	case REGEX_ALT:
		end = new_state(builder);
		for (int right = 0; right < 2; right++) {
			unsigned branch = new_state(builder);
			add_silent(builder, from, branch);
			branch = build(builder, right ? regex->right : regex->left, branch);
			add_silent(builder, branch, end);
		}
		return end;
	case REGEX_SET:
		break;
	}
	end = new_state(builder);
	for (size_t i = 0; i < regex->set->n; i++)
		add_range(builder, from, end, regex->set->at[i]);
	return end;
}

static struct nfa *nfa_of(struct arena *arena, const struct regex *regex)
{
	struct builder builder = { .arena = arena, .nfa = take(arena, sizeof(struct nfa)) };
	unsigned start = new_state(&builder);
	builder.nfa->accepting = build(&builder, regex, start);
	return builder.nfa;
}

/* The deterministic automaton */

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
