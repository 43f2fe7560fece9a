#include "tables.h"

#include "content.h"

#include "base/buf.h"
#include "schema/tables.h"

#include <inttypes.h>

enum table {
	TABLE_NAMES,
	TABLE_MOVES,
	TABLE_STATES,
	TABLE_WILDCARDS,
	TABLE_SLOTS,
	TABLE_USES,
	TABLE_TYPES,
	TABLE_ELEMENTS,
	TABLE_SIMPLES,
	TABLE_VALUES,
	TABLE_DFAS,
	TABLE_CLASSES,
	TABLE_STEPS,
	TABLE_ROOTS,
	TABLE_COUNT
};

/* How each table is declared, and what its row 0 holds. */
static const struct {
	const char *name, *type, *first;
} forms[TABLE_COUNT] = {
	[TABLE_NAMES] = { "names", "struct schema_name", "{ 0, 0 }" },
	[TABLE_MOVES] = { "moves", "struct schema_move", "{ 0, 0, 0, 0, 0 }" },
	[TABLE_STATES] = { "states", "struct schema_state", "{ 0, 0, 0, 0, 1, 64, 0 }" },
	[TABLE_WILDCARDS] = { "wildcards", "struct schema_wildcard", "{ 0, 0, 0, 0, 0 }" },
	[TABLE_SLOTS] = { "slots", "struct schema_slot", "{ 0, 0, 0, 0, 0 }" },
	[TABLE_USES] = { "uses", "struct schema_use", "{ 0, 0, 0 }" },
	[TABLE_TYPES] = { "types", "struct schema_type",
			  "{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }" },
	[TABLE_ELEMENTS] = { "elements", "struct schema_element", "{ 0, 0, 0 }" },
	[TABLE_SIMPLES] = { "simples", "struct schema_simple",
			    "{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }" },
	[TABLE_VALUES] = { "values", "uint32_t", "0" },
	[TABLE_DFAS] = { "dfas", "struct schema_dfa", "{ 0, 0, 0, 0, 0 }" },
	[TABLE_CLASSES] = { "classes", "uint8_t", NULL },
	[TABLE_STEPS] = { "steps", "uint16_t", NULL },
	[TABLE_ROOTS] = { "roots", "struct schema_root", NULL },
};

struct writer {
	struct model *model;
	struct buf rows[TABLE_COUNT];
	size_t count[TABLE_COUNT];
	struct buf text;
	struct list texts; /* struct text */
	struct list dfas;  /* const struct dfa, in order of number */
	size_t most_states;
};

struct text {
	const char *text;
	size_t at;
};

/* A row of one table; returns its number. */
static size_t add_row(struct writer *writer, enum table table, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static size_t add_row(struct writer *writer, enum table table, const char *format, ...)
{
	struct buf *rows = &writer->rows[table];
	bool cell = !strchr(format, '{');
	buf_char(rows, cell && writer->count[table] % 16 ? ' ' : '\n');
	if (!cell || writer->count[table] % 16 == 0)
		buf_char(rows, '\t');
	va_list args;
	va_start(args, format);
	buf_vprintf(rows, format, args);
	va_end(args);
	buf_char(rows, ',');
	return writer->count[table]++;
}

/* The place of a text in the pool; NULL is as good as the empty one. */
static size_t text_at(struct writer *writer, const char *text)
{
	if (!text)
		text = "";
	for (size_t i = 0; i < writer->texts.n; i++) {
		const struct text *known = writer->texts.at[i];
		if (strcmp(known->text, text) == 0)
			return known->at;
	}
	struct text *added = take(writer->model->arena, sizeof(*added));
	*added = (struct text){ .text = text, .at = writer->text.n };
	list_add(writer->model->arena, &writer->texts, added);
	buf_add(&writer->text, text, strlen(text) + 1);
	return added->at;
}

static void write_names(struct writer *writer)
{
	for (size_t i = 0; i < writer->model->names.n; i++) {
		const struct name *name = writer->model->names.at[i];
		add_row(writer, TABLE_NAMES, "{ %zu, %zu }", text_at(writer, name->ns),
			text_at(writer, name->local));
	}
}

/* Maps of classes are shared where they are equal: most patterns of OIDs have the same. */
static size_t classes_at(struct writer *writer, const struct dfa *dfa)
{
	size_t maps = 0;
	for (size_t i = 0; i < writer->dfas.n; i++) {
		const struct dfa *other = writer->dfas.at[i];
		bool first = true;
		for (size_t j = 0; j < i && first; j++)
			first = memcmp(((const struct dfa *)writer->dfas.at[j])->class_of,
				       other->class_of, sizeof(other->class_of)) != 0;
		if (!memcmp(other->class_of, dfa->class_of, sizeof(dfa->class_of)))
			return maps * 256;
		maps += first;
	}
	for (size_t byte = 0; byte < 256; byte++)
		add_row(writer, TABLE_CLASSES, "%u", dfa->class_of[byte]);
	return maps * 256;
}

static size_t dfa_number(struct writer *writer, const struct dfa *dfa)
{
	if (!dfa)
		return 0;
	for (size_t i = 0; i < writer->dfas.n; i++)
		if (writer->dfas.at[i] == dfa)
			return i + 1;
	if (dfa->states * dfa->classes > UINT16_MAX)
		stop("schemac: a pattern too large for the tables");
	size_t classes = classes_at(writer, dfa);
	size_t steps = writer->count[TABLE_STEPS];
	for (size_t i = 0; i < dfa->states * dfa->classes; i++)
		add_row(writer, TABLE_STEPS, "%u", dfa->next[i] * dfa->classes);
	list_add(writer->model->arena, &writer->dfas, (void *)(uintptr_t)dfa);
	return add_row(writer, TABLE_DFAS, "{ %zu, %zu, %u, %u, %u }", classes, steps, dfa->classes,
		       dfa->start * dfa->classes, dfa->first_accepting * dfa->classes);
}

/* In the order of the schema: messages list them so. */
static size_t write_values(struct writer *writer, const struct simple *simple)
{
	size_t first = writer->count[TABLE_VALUES];
	for (size_t i = 0; i < simple->values.n; i++)
		add_row(writer, TABLE_VALUES, "%zu", text_at(writer, simple->values.at[i]));
	return first;
}

static unsigned simple_flags(const struct simple *simple)
{
	unsigned flags = simple->is_uri ? SCHEMA_URI : 0;
	if (simple->has_values)
		flags |= SCHEMA_VALUES;
	if (simple->min_length || simple->max_length != UNBOUNDED)
		flags |= SCHEMA_LENGTH;
	if (simple->min_inclusive || simple->max_inclusive)
		flags |= SCHEMA_RANGE;
	return flags;
}

static unsigned number_of(const struct simple *simple)
{
	return simple ? simple->number : 0;
}

static void write_simples(struct writer *writer)
{
	for (size_t i = 0; i < writer->model->simples.n; i++) {
		const struct simple *simple = writer->model->simples.at[i];
		/* A value of an enumeration was held against the automaton when it was read. */
		size_t dfa = simple->has_values ? 0 : dfa_number(writer, simple->dfa);
		size_t values = write_values(writer, simple);
		add_row(writer, TABLE_SIMPLES,
			"{ %zu, %zu, %" PRIu32 "u, %" PRIu32
			"u, %zu, %zu, %zu, %zu, %u, %u, %zu, %u, %u }",
			text_at(writer, simple->name), text_at(writer, simple->pattern),
			simple->min_length, simple->max_length,
			text_at(writer, simple->min_inclusive),
			text_at(writer, simple->max_inclusive), values, simple->values.n,
			number_of(simple->base), number_of(simple->item), dfa, simple->white_space,
			simple_flags(simple));
	}
}

/* What is lax judges what is declared, and leaves the rest alone. */
static size_t write_wildcard(struct writer *writer, const struct machine *machine,
			     const struct state *state)
{
	if (!state->any)
		return 0;
	size_t first = writer->count[TABLE_MOVES];
	const struct list *declared = &state->any->declared;
	for (size_t i = 0; i < declared->n; i++) {
		const struct element *element = declared->at[i];
		add_row(writer, TABLE_MOVES, "{ %u, %u, %u, 0, 0 }", element->name->number,
			machine->base + state->any_next, element->number);
	}
	return add_row(writer, TABLE_WILDCARDS, "{ %zu, %u, %zu, %zu, %d }",
		       text_at(writer, state->any->ns), machine->base + state->any_next, first,
		       declared->n, state->any->other);
}

static void write_machine(struct writer *writer, struct machine *machine)
{
	machine->base = (unsigned)writer->count[TABLE_STATES];
	machine->first_slot = (unsigned)writer->count[TABLE_SLOTS];
	for (size_t i = 0; i < machine->states.n; i++) {
		const struct state *state = machine->states.at[i];
		size_t first = writer->count[TABLE_MOVES];
		for (size_t j = 0; j < state->moves.n; j++) {
			const struct move *move = state->moves.at[j];
			add_row(writer, TABLE_MOVES, "{ %u, %u, %u, %u, %d }",
				move->element->name->number, machine->base + move->next,
				move->element->number, move->slot, move->counted);
		}
		size_t wildcard = write_wildcard(writer, machine, state);
		if (state->moves.n > UINT8_MAX || state->copy > UINT8_MAX)
			stop("schemac: a content model too large for the tables");
		add_row(writer, TABLE_STATES, "{ %" PRIu32 "u, %zu, %zu, %zu, %d, %u, %u }",
			state->limit, first, wildcard, state->moves.n, state->accepting,
			state->slot, state->copy);
	}
	for (size_t i = 0; i < machine->slots.n; i++) {
		const struct slot *slot = machine->slots.at[i];
		add_row(writer, TABLE_SLOTS, "{ %" PRIu32 "u, %" PRIu32 "u, %u, %u, %u }",
			slot->min, slot->max, slot->element->name->number, slot->element->number,
			slot->choice);
	}
	if (machine->states.n > writer->most_states)
		writer->most_states = machine->states.n;
}

static size_t write_uses(struct writer *writer, const struct type *type, uint64_t *required)
{
	size_t first = writer->count[TABLE_USES];
	*required = 0;
	for (size_t i = 0; i < type->uses.n; i++) {
		const struct use *use = type->uses.at[i];
		add_row(writer, TABLE_USES, "{ %zu, %u, %u }", text_at(writer, use->fixed),
			use->name->number, use->simple->number);
		*required |= (uint64_t)use->required << i;
	}
	return first;
}

static void write_types(struct writer *writer)
{
	for (size_t i = 0; i < writer->model->types.n; i++) {
		struct type *type = writer->model->types.at[i];
		if (type->particle)
			type->machine = machine_of(writer->model, type);
		struct machine none = { 0 };
		struct machine *machine = type->machine ? type->machine : &none;
		if (type->machine)
			write_machine(writer, machine);
		uint64_t required;
		size_t uses = write_uses(writer, type, &required);
		add_row(writer, TABLE_TYPES,
			"{ 0x%" PRIx64
			"u, %zu, %zu, %zu, %u, %zu, %u, %u, %u, %zu, %zu, %d, %d, %d }",
			required, text_at(writer, type->name), text_at(writer, type->target), uses,
			machine->base, machine->states.n, machine->first_slot,
			number_of(type->simple), type->base ? type->base->number : 0, type->uses.n,
			machine->slots.n, (int)type->content, type->any_attribute, type->abstract);
	}
}

static void write_elements_and_roots(struct writer *writer)
{
	for (size_t i = 0; i < writer->model->elements.n; i++) {
		const struct element *element = writer->model->elements.at[i];
		add_row(writer, TABLE_ELEMENTS, "{ %u, %u, %d }", element->name->number,
			element->type->number, element->nillable);
	}
	for (size_t i = 0; i < writer->model->roots.n; i++) {
		const struct root *root = writer->model->roots.at[i];
		add_row(writer, TABLE_ROOTS, "{ %zu, %u, %u }", text_at(writer, root->path),
			root->choice->machine->base, root->choice->number);
	}
}

static void print_text(const struct writer *writer, FILE *out)
{
	fprintf(out, "static const char text[] = {");
	for (size_t i = 0; i < writer->text.n; i++) {
		unsigned char c = (unsigned char)writer->text.p[i];
		fputs(i % 16 ? " " : "\n\t", out);
		if (c >= ' ' && c < 0x7f)
			fprintf(out, c == '\'' || c == '\\' ? "'\\%c'," : "'%c',", c);
		else
			fprintf(out, c < 0x7f ? "%u," : "(char)%u,", c);
	}
	fputs("\n};\n\n", out);
}

static void print_tables(const struct writer *writer, const char *name, FILE *out)
{
	fputs("/* Written by gen/schemac.c from the schemas: change those instead. */\n"
	      "#include \"schema/tables.h\"\n\n",
	      out);
	print_text(writer, out);
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		const char *rows = writer->rows[i].p;
		if (writer->rows[i].failed || writer->count[i] > UINT32_MAX)
			stop("schemac: the tables grew too large");
		fprintf(out, "static const %s %s[] = {%s\n};\n\n", forms[i].type, forms[i].name,
			rows ? rows : "\n\t0");
	}
	fprintf(out,
		"static uint16_t index_of[SCHEMA_NAMES_MOST];\n\n"
		"const struct schema_tables %s = {\n\t.text = text,\n",
		name);
	for (size_t i = 0; i < TABLE_COUNT; i++)
		fprintf(out, "\t.%s = %s,\n", forms[i].name, forms[i].name);
	fprintf(out,
		"\t.text_bytes = sizeof(text),\n\t.index_of = index_of,\n\t.name_count = %zu,\n"
		"\t.type_count = %zu,\n\t.root_count = %zu,\n"
		"\t.most_states = %zu,\n};\n",
		writer->count[TABLE_NAMES], writer->count[TABLE_TYPES], writer->count[TABLE_ROOTS],
		writer->most_states);
}

void tables_write(struct model *model, const char *name, FILE *out)
{
	struct writer writer = { .model = model };
	buf_init(&writer.text, SIZE_MAX / 2);
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		buf_init(&writer.rows[i], SIZE_MAX / 2);
		if (forms[i].first)
			add_row(&writer, (enum table)i, "%s", forms[i].first);
	}
	text_at(&writer, "");
	write_names(&writer);
	write_simples(&writer);
	write_types(&writer);
	write_elements_and_roots(&writer);
	static const enum table numbered[] = { TABLE_NAMES,  TABLE_MOVES, TABLE_STATES,
					       TABLE_USES,   TABLE_TYPES, TABLE_ELEMENTS,
					       TABLE_SIMPLES };
	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++)
		if (writer.count[numbered[i]] > UINT16_MAX)
			stop("schemac: more than 65535 %s", forms[numbered[i]].name);
	print_tables(&writer, name, out);
	for (size_t i = 0; i < TABLE_COUNT; i++)
		buf_release(&writer.rows[i]);
	buf_release(&writer.text);
}
