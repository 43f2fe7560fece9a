#include "nfa.h"

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

struct nfa *nfa_of(struct arena *arena, const struct regex *regex)
{
	struct builder builder = { .arena = arena, .nfa = take(arena, sizeof(struct nfa)) };
	unsigned start = new_state(&builder);
	builder.nfa->accepting = build(&builder, regex, start);
	return builder.nfa;
}
