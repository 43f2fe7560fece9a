#include "regex.h"

struct parser {
	struct arena *arena;
	const char *p;
	const char *error;
};

enum { LAST_CODE = 0x10ffff };

static const struct regex *read_branches(struct parser *parser);

static const struct regex *fail(struct parser *parser, const char *why)
{
	if (!parser->error)
		parser->error = why;
	return NULL;
}

static struct regex *node(struct parser *parser, enum regex_kind kind)
{
	struct regex *regex = take(parser->arena, sizeof(*regex));
	regex->kind = kind;
	return regex;
}

/* Sets are built by negation and union; every step leaves ranges sorted and apart. */
static void set_add(struct code_set *set, uint32_t low, uint32_t high)
{
	size_t i = 0;
	while (i < set->n && set->at[i].high + 1 < low)
		i++;
	size_t j = i;
	while (j < set->n && set->at[j].low <= high + 1) {
		if (set->at[j].low < low)
			low = set->at[j].low;
		if (set->at[j].high > high)
			high = set->at[j].high;
		j++;
	}
	if (set->n + 1 - (j - i) > sizeof(set->at) / sizeof(set->at[0]))
		stop("schemac: a character class of more than 64 ranges");
	memmove(&set->at[i + 1], &set->at[j], (set->n - j) * sizeof(set->at[0]));
	set->at[i] = (struct code_range){ low, high };
	set->n = set->n + 1 - (j - i);
}

static void set_add_all(struct code_set *set, const struct code_set *other)
{
	for (size_t i = 0; i < other->n; i++)
		set_add(set, other->at[i].low, other->at[i].high);
}

static struct code_set *set_negated(struct arena *arena, const struct code_set *set)
{
	struct code_set *rest = take(arena, sizeof(*rest));
	uint32_t next = 0;
	for (size_t i = 0; i < set->n; i++) {
		if (set->at[i].low > next)
			set_add(rest, next, set->at[i].low - 1);
		next = set->at[i].high + 1;
	}
	if (next <= LAST_CODE)
		set_add(rest, next, LAST_CODE);
	return rest;
}

/* set without other: not (not set or other) */
static struct code_set *set_without(struct arena *arena, const struct code_set *set,
				    const struct code_set *other)
{
	struct code_set *outside = set_negated(arena, set);
	set_add_all(outside, other);
	return set_negated(arena, outside);
}

/* Where names may start and go on: XML 1.0, fifth edition, productions 4 and 4a. */
static const struct code_range name_start[] = {
	{ ':', ':' },	    { 'A', 'Z' },	{ '_', '_' },	    { 'a', 'z' },
	{ 0xc0, 0xd6 },	    { 0xd8, 0xf6 },	{ 0xf8, 0x2ff },    { 0x370, 0x37d },
	{ 0x37f, 0x1fff },  { 0x200c, 0x200d }, { 0x2070, 0x218f }, { 0x2c00, 0x2fef },
	{ 0x3001, 0xd7ff }, { 0xf900, 0xfdcf }, { 0xfdf0, 0xfffd }, { 0x10000, 0xeffff },
};
static const struct code_range name_more[] = {
	{ '-', '.' }, { '0', '9' }, { 0xb7, 0xb7 }, { 0x300, 0x36f }, { 0x203f, 0x2040 },
};

static void add_name_characters(struct code_set *set, bool start_only)
{
	for (size_t i = 0; i < sizeof(name_start) / sizeof(name_start[0]); i++)
		set_add(set, name_start[i].low, name_start[i].high);
	for (size_t i = 0; !start_only && i < sizeof(name_more) / sizeof(name_more[0]); i++)
		set_add(set, name_more[i].low, name_more[i].high);
}

/* What follows a backslash; NULL for what is not understood. */
static const struct code_set *read_escape(struct parser *parser)
{
	struct code_set *set = take(parser->arena, sizeof(*set));
	char c = *parser->p;
	if (c)
		parser->p++;
	switch (c) {
	case 's':
	case 'S':
		set_add(set, '\t', '\n');
		set_add(set, '\r', '\r');
		set_add(set, ' ', ' ');
		return c == 's' ? set : set_negated(parser->arena, set);
	case 'i':
	case 'I':
	case 'c':
	case 'C':
		add_name_characters(set, c == 'i' || c == 'I');
		return c >= 'a' ? set : set_negated(parser->arena, set);
	case 'n':
		set_add(set, '\n', '\n');
		return set;
	case 'r':
		set_add(set, '\r', '\r');
		return set;
	case 't':
		set_add(set, '\t', '\t');
		return set;
	default:
		break;
	}
	if (!c || !strchr("\\|.?*+(){}-[]^", c)) {
		fail(parser, "an escape that is not understood");
		return NULL;
	}
	set_add(set, (unsigned char)c, (unsigned char)c);
	return set;
}

/* One literal character; patterns come from an XML parser, so UTF-8 is sound. */
static uint32_t read_character(struct parser *parser)
{
	unsigned char c = (unsigned char)*parser->p++;
	if (c < 0x80)
		return c;
	size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	uint32_t code = c & (0x3fu >> more);
	while (more--)
		code = code << 6 | ((unsigned char)*parser->p++ & 0x3fu);
	return code;
}

/* One member of a class: a character, an escape, or a range. */
static void read_class_member(struct parser *parser, struct code_set *set)
{
	uint32_t low;
	if (*parser->p == '\\') {
		parser->p++;
		const struct code_set *escaped = read_escape(parser);
		if (!escaped)
			return;
		low = escaped->at[0].low;
		if (escaped->n != 1 || low != escaped->at[0].high) {
			set_add_all(set, escaped);
			return;
		}
	} else {
		low = read_character(parser);
	}
	uint32_t high = low;
	if (parser->p[0] == '-' && parser->p[1] != ']' && parser->p[1] != '[' && parser->p[1]) {
		parser->p++;
		if (*parser->p == '\\') {
			parser->p++;
			const struct code_set *escaped = read_escape(parser);
			high = escaped ? escaped->at[0].low : low;
		} else {
			high = read_character(parser);
		}
	}
	if (high < low)
		fail(parser, "a range that runs backwards");
	else
		set_add(set, low, high);
}

/* After '['. */
static const struct code_set *read_class(struct parser *parser)
{
	struct code_set *set = take(parser->arena, sizeof(*set));
	bool negated = *parser->p == '^';
	if (negated)
		parser->p++;
	const struct code_set *minus = NULL;
	while (*parser->p && *parser->p != ']' && !parser->error) {
		if (parser->p[0] == '-' && parser->p[1] == '[') {
			parser->p += 2;
			minus = read_class(parser);
			break;
		}
		read_class_member(parser, set);
	}
	if (*parser->p != ']')
		fail(parser, "a class without its end");
	if (parser->error)
		return NULL;
	parser->p++;
	if (negated)
		set = set_negated(parser->arena, set);
	return minus ? set_without(parser->arena, set, minus) : set;
}

static const struct code_set *read_set(struct parser *parser)
{
	struct code_set *set = take(parser->arena, sizeof(*set));
	switch (*parser->p) {
	case '[':
		parser->p++;
		return read_class(parser);
	case '\\':
		parser->p++;
		return read_escape(parser);
	case '.':
		parser->p++;
		set_add(set, '\n', '\n');
		set_add(set, '\r', '\r');
		return set_negated(parser->arena, set);
	default:
		break;
	}
	if (strchr("?*+{}])", *parser->p)) {
		fail(parser, "a character that must be escaped");
		return NULL;
	}
	uint32_t code = read_character(parser);
	set_add(set, code, code);
	return set;
}

static const struct regex *read_atom(struct parser *parser)
{
	if (*parser->p == '(') {
		parser->p++;
		const struct regex *inner = read_branches(parser);
		if (!inner)
			return NULL;
		if (*parser->p != ')')
			return fail(parser, "a group without its end");
		parser->p++;
		return inner;
	}
	const struct code_set *set = read_set(parser);
	if (!set)
		return NULL;
	struct regex *regex = node(parser, REGEX_SET);
	regex->set = set;
	return regex;
}

static unsigned read_number(struct parser *parser)
{
	unsigned number = 0;
	if (!char_is_digit(*parser->p))
		fail(parser, "a quantity that is not a number");
	while (char_is_digit(*parser->p) && number < 10000)
		number = number * 10 + (unsigned)(*parser->p++ - '0');
	return number;
}

/* {n}, {n,} or {n,m}; after '{'. */
static void read_quantity(struct parser *parser, struct regex *repeat)
{
	repeat->min = repeat->max = read_number(parser);
	if (*parser->p == ',') {
		parser->p++;
		repeat->max = *parser->p == '}' ? REGEX_UNBOUNDED : read_number(parser);
	}
	if (*parser->p != '}' || repeat->max < repeat->min)
		fail(parser, "a quantity that is not understood");
	else
		parser->p++;
}

static const struct regex *read_piece(struct parser *parser)
{
	const struct regex *atom = read_atom(parser);
	if (!atom || !*parser->p || !strchr("?*+{", *parser->p))
		return atom;
	struct regex *repeat = node(parser, REGEX_REPEAT);
	repeat->left = atom;
	char quantifier = *parser->p++;
	repeat->min = quantifier == '+';
	repeat->max = quantifier == '?' ? 1 : REGEX_UNBOUNDED;
	if (quantifier == '{')
		read_quantity(parser, repeat);
	return parser->error ? NULL : repeat;
}

static const struct regex *read_branch(struct parser *parser)
{
	const struct regex *all = node(parser, REGEX_EMPTY);
	while (*parser->p && *parser->p != '|' && *parser->p != ')') {
		const struct regex *piece = read_piece(parser);
		if (!piece)
			return NULL;
		struct regex *cat = node(parser, REGEX_CAT);
		cat->left = all;
		cat->right = piece;
		all = cat;
	}
	return all;
}

static const struct regex *read_branches(struct parser *parser)
{
	const struct regex *all = read_branch(parser);
	while (all && *parser->p == '|') {
		parser->p++;
		const struct regex *branch = read_branch(parser);
		all = branch ? regex_either(parser->arena, all, branch) : NULL;
	}
	return all;
}

const struct regex *regex_either(struct arena *arena, const struct regex *left,
				 const struct regex *right)
{
	struct regex *either = take(arena, sizeof(*either));
	*either = (struct regex){ .kind = REGEX_ALT, .left = left, .right = right };
	return either;
}

const struct regex *regex_read(struct arena *arena, const char *pattern, const char **error)
{
	struct parser parser = { .arena = arena, .p = pattern };
	const struct regex *regex = read_branches(&parser);
	if (regex && *parser.p)
		regex = fail(&parser, "a bracket that was never opened");
	*error = parser.error;
	return regex;
}
