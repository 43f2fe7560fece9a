/* The children that should be there, by the authority's own list. */
#include "ledger/ledger.h"

#include "base/character.h"
#include "base/files.h"
#include "base/near.h"
#include "config/value.h"
#include "diag/failure.h"

#include <stdlib.h>
#include <strings.h>

static const size_t most_bytes = (size_t)1 << 30;

/* A table of CSV: a row for each plan; rows of one child follow one another or not. */

enum cell {
	CELL_NUMBER,
	CELL_LOCAL,
	CELL_GIVEN,
	CELL_FAMILY,
	CELL_BIRTH,
	CELL_SUBJECT,
	CELL_KIND,
	CELL_START,
	CELL_END,
	CELL_COUNT
};

static const char *const heads[CELL_COUNT] = {
	[CELL_NUMBER] = "nhs-number", [CELL_LOCAL] = "local-id",   [CELL_GIVEN] = "given",
	[CELL_FAMILY] = "family",     [CELL_BIRTH] = "birth-date", [CELL_SUBJECT] = "subject",
	[CELL_KIND] = "plan",	      [CELL_START] = "start",	   [CELL_END] = "end",
};

enum { MOST_COLUMNS = 64 };

/* One row: what it has in which cell, and where. */
struct row {
	size_t line;
	struct str cells[CELL_COUNT];
	struct config_place places[CELL_COUNT];
};

/* By which rows are of one child. No text: it is not in use. */
struct slot {
	struct str key;
	size_t record;
};

struct table {
	struct child_records *records;
	struct slot *slots;
	size_t slot_count; /* a power of two, or 0 */
	struct arena *arena;
	const char *path;
	struct problems *problems;
	bool has_heads;		   /* a column has a name: the first line is not that of a child */
	int columns[MOST_COLUMNS]; /* which cell each column has; -1: it has no name */
	size_t column_count, line;
	struct str bytes;
	size_t at, line_start; /* of the next cell, and of the line that it is on */
};

/* "NHS_Number" is "nhs-number". */
static bool same_head(struct str text, const char *head)
{
	size_t i = 0;
	for (; i < text.n && head[i]; i++) {
		char c = text.p[i] == '_' || text.p[i] == ' ' ? '-' : text.p[i];
		if (strncasecmp(&c, &head[i], 1) != 0)
			return false;
	}
	return i == text.n && !head[i];
}

static struct config_place place_of(const struct table *table, size_t at)
{
	return (struct config_place){ table->line, at - table->line_start + 1 };
}

static void next_line(struct table *table, size_t at)
{
	table->line++;
	table->line_start = at;
}

/* The end of a row, or of the table. */
static void end_row(struct table *table, size_t i)
{
	struct str bytes = table->bytes;
	if (i + 1 < bytes.n && bytes.p[i] == '\r' && bytes.p[i + 1] == '\n')
		i++;
	table->at = i < bytes.n ? i + 1 : i;
	next_line(table, table->at);
}

/* Quotes that do not pair would take rows for text, or text for rows. */
static void check_quotes(struct table *table, bool open, bool after, struct config_place place)
{
	if (open)
		problem_add(table->problems, table->path, place,
			    "the quote that opens here is not closed");
	else if (after)
		problem_add(table->problems, table->path, place,
			    "there is text after the closing quote of this cell: write a quote in "
			    "a cell twice");
}

/* The next cell; quotes are taken off. False at the end of its row, which it is part of. */
static bool next_cell(struct table *table, struct str *cell, struct config_place *place)
{
	struct str bytes = table->bytes;
	struct buf text;
	size_t i = table->at;
	bool quoted = i < bytes.n && bytes.p[i] == '"', closed = false, after = false;
	*place = place_of(table, i);
	buf_init(&text, 1 << 20);
	for (i += quoted; i < bytes.n; i++) {
		char c = bytes.p[i];
		if (quoted && c == '"' && i + 1 < bytes.n && bytes.p[i + 1] == '"')
			i++;
		else if (quoted && c == '"')
			quoted = false, closed = true, c = '\0';
		else if (!quoted && (c == ',' || c == '\n' || c == '\r'))
			break;
		if (quoted && c == '\n')
			next_line(table, i + 1);
		after = after || (closed && c && c != ' ');
		if (c)
			buf_char(&text, c);
	}
	check_quotes(table, quoted, after, *place);
	*cell = arena_str(table->arena, str_trim(buf_view(&text)));
	buf_release(&text);
	bool more = i < bytes.n && bytes.p[i] == ',';
	if (more)
		table->at = i + 1;
	else
		end_row(table, i);
	return more;
}

/* Which cell a head names; -1 with a problem: none, or one that is there already. */
static int cell_of(struct table *table, struct str head, struct config_place place)
{
	struct near near = near_start(head);
	char hint[128];
	for (int i = 0; i < CELL_COUNT; i++) {
		if (!same_head(head, heads[i])) {
			near_offer(&near, heads[i]);
			continue;
		}
		for (size_t k = 0; k + 1 < table->column_count; k++)
			if (table->columns[k] == i)
				problem_add(table->problems, table->path, place,
					    "the column '%s' is there twice", heads[i]);
		return i;
	}
	const char *advice = problem_hint(&near, hint, sizeof(hint));
	if (head.n && table->has_heads)
		problem_add(table->problems, table->path, place, "there is no column '%.*s'%s",
			    (int)(head.n < 64 ? head.n : 64), head.p,
			    *advice ? advice : ": leave it out");
	return -1;
}

/* Without a line of names, the first child's values are not shown. */
static bool first_line_has_a_name(struct table table)
{
	struct str cell;
	struct config_place place;
	bool found = false;
	for (bool more = true; more && !found;) {
		more = next_cell(&table, &cell, &place);
		for (int i = 0; i < CELL_COUNT; i++)
			found = found || same_head(cell, heads[i]);
	}
	return found;
}

/* What a table has no column for is not compared. */
static void note_silence(struct table *table)
{
	static const unsigned bits[CELL_COUNT] = {
		[CELL_LOCAL] = RECORD_LOCAL_ID, [CELL_GIVEN] = RECORD_GIVEN,
		[CELL_FAMILY] = RECORD_FAMILY,	[CELL_BIRTH] = RECORD_BIRTH,
		[CELL_NUMBER] = RECORD_NUMBER,	[CELL_KIND] = RECORD_PLANS | RECORD_SUBJECT,
		[CELL_START] = RECORD_START,	[CELL_END] = RECORD_END,
	};
	unsigned silent = 0;
	for (int i = 0; i < CELL_COUNT; i++)
		silent |= bits[i];
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i] == CELL_SUBJECT)
			silent &= ~(unsigned)RECORD_SUBJECT;
		else if (table->columns[i] >= 0)
			silent &= ~bits[table->columns[i]];
	table->records->silent = silent;
}

static void read_heads(struct table *table)
{
	bool has_number = false;
	table->has_heads = first_line_has_a_name(*table);
	for (bool more = true; more;) {
		struct str cell;
		struct config_place place;
		more = next_cell(table, &cell, &place);
		if (table->column_count == MOST_COLUMNS) {
			problem_add(table->problems, table->path, place,
				    "there are more than %d columns", MOST_COLUMNS);
			return;
		}
		int *column = &table->columns[table->column_count++];
		*column = cell_of(table, cell, place);
		has_number = has_number || *column == CELL_NUMBER || *column == CELL_LOCAL;
	}
	if (!has_number)
		problem_add(table->problems, table->path, (struct config_place){ 1, 1 },
			    "the first line must name the columns, with nhs-number or local-id "
			    "among them");
	note_silence(table);
}

/* Where a key is, or would be. There is always a slot that is not in use. */
static struct slot *slot_of(struct slot *slots, size_t count, struct str key)
{
	size_t i = str_hash(key) & (count - 1);
	while (slots[i].key.p && !str_equal(slots[i].key, key))
		i = (i + 1) & (count - 1);
	return &slots[i];
}

/* Room for one more. */
static bool grow_slots(struct table *table)
{
	enum { FIRST_SLOTS = 64 };
	if (table->records->count * 2 < table->slot_count)
		return true;
	size_t count = table->slot_count ? table->slot_count * 2 : FIRST_SLOTS;
	struct slot *slots = arena_alloc(table->arena, count * sizeof(*slots));
	for (size_t i = 0; slots && i < table->slot_count; i++)
		if (table->slots[i].key.p)
			*slot_of(slots, count, table->slots[i].key) = table->slots[i];
	if (!slots)
		return false;
	table->slots = slots;
	table->slot_count = count;
	return true;
}

/* The NHS number of a child, or else the local id, or else the name. */
static struct str key_of(struct table *table, const struct row *row)
{
	const struct str none = { 0 };
	struct str number = row->cells[CELL_NUMBER];
	struct str local = number.n ? none : row->cells[CELL_LOCAL];
	bool by_name = !number.n && !local.n;
	struct str given = by_name ? row->cells[CELL_GIVEN] : none;
	struct str family = by_name ? row->cells[CELL_FAMILY] : none;
	struct buf key;
	buf_init(&key, SIZE_MAX / 2);
	buf_printf(&key, "%.*s\n%.*s\n", STR_ARG(number), STR_ARG(local));
	character_write_letters(&key, given);
	buf_char(&key, '\n');
	character_write_letters(&key, family);
	struct str kept = key.failed ? none : arena_str(table->arena, buf_view(&key));
	table->arena->failed = table->arena->failed || key.failed;
	buf_release(&key);
	return kept;
}

/* Whether both have a local id, and not the same one. */
static bool is_of_another_case(const struct child_record *record, const struct row *row)
{
	struct str local = row->cells[CELL_LOCAL];
	return local.n && record->local_id.n && !str_equal(local, record->local_id);
}

/* The record of the row's child, wherever in the table its other rows are. Of two authorities one
 * NHS number has two local ids, and each its own record. */
static struct child_record *record_of(struct table *table, const struct row *row)
{
	struct str key = key_of(table, row);
	if (!key.p || !grow_slots(table))
		return NULL;
	struct slot *slot = slot_of(table->slots, table->slot_count, key);
	if (slot->key.p && is_of_another_case(&table->records->items[slot->record], row)) {
		const char *both = arena_printf(table->arena, "%.*s%.*s", STR_ARG(key),
						STR_ARG(row->cells[CELL_LOCAL]));
		if (!both)
			return NULL;
		key = str_of(both);
		slot = slot_of(table->slots, table->slot_count, key);
	}
	if (slot->key.p)
		return &table->records->items[slot->record];
	struct child_record *record = child_records_add(table->records, table->arena);
	if (!record)
		return NULL;
	*slot = (struct slot){ key, table->records->count - 1 };
	record->line = row->line;
	record->nhs_number = row->cells[CELL_NUMBER];
	record->local_id = row->cells[CELL_LOCAL];
	record->subject = SUBJECT_CHILD;
	return record;
}

static struct str digits_of(struct table *table, const struct row *row, enum cell cell,
			    const char *what)
{
	char digits[64];
	struct str time = row->cells[cell];
	if (!time.n)
		return time;
	if (value_time_digits(time.p, digits, sizeof(digits)) && moment_of(str_of(digits)).ok)
		return arena_str(table->arena, str_of(digits));
	problem_add(table->problems, table->path, row->places[cell],
		    "the %s is not a date: write 2026-05-12", what);
	return (struct str){ 0 };
}

/* What every row of a child that says it must say alike. */
static void take_value(struct table *table, const struct row *row, enum cell cell, struct str value,
		       struct str *into)
{
	bool named = cell == CELL_GIVEN || cell == CELL_FAMILY;
	if (into->n && value.n &&
	    !(named ? character_same_letters(*into, value) : str_equal(*into, value)))
		problem_add(table->problems, table->path, row->places[cell],
			    "an earlier line has another '%s' for this child", heads[cell]);
	if (!into->n)
		*into = value;
}

static void take_person(struct table *table, const struct row *row, struct child_record *record)
{
	struct str subject = row->cells[CELL_SUBJECT];
	bool mother = same_head(subject, "mother");
	take_value(table, row, CELL_LOCAL, row->cells[CELL_LOCAL], &record->local_id);
	take_value(table, row, CELL_GIVEN, row->cells[CELL_GIVEN], &record->given);
	take_value(table, row, CELL_FAMILY, row->cells[CELL_FAMILY], &record->family);
	take_value(table, row, CELL_BIRTH, digits_of(table, row, CELL_BIRTH, "birth date"),
		   &record->birth);
	if (subject.n && !mother && !same_head(subject, "child"))
		problem_add(table->problems, table->path, row->places[CELL_SUBJECT],
			    "the subject must be child or mother");
	if (mother)
		record->subject = SUBJECT_MOTHER;
}

static enum plan_kind kind_of(struct str text)
{
	static const struct {
		const char *word;
		enum plan_kind kind;
	} words[] = {
		{ "looked-after", PLAN_LOOKED_AFTER },
		{ "lac", PLAN_LOOKED_AFTER },
		{ "child-protection", PLAN_CHILD_PROTECTION },
		{ "cpp", PLAN_CHILD_PROTECTION },
		{ "unborn", PLAN_UNBORN_CHILD },
		{ "ucp", PLAN_UNBORN_CHILD },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (same_head(text, words[i].word))
			return words[i].kind;
	return 0;
}

/* Room for one more plan of a record; there are few. */
static struct child_plan *add_plan(struct child_record *record, struct arena *arena)
{
	struct child_plan *plans = arena_alloc(arena, (record->plan_count + 1) * sizeof(*plans));
	if (!plans)
		return NULL;
	if (record->plan_count)
		memcpy(plans, record->plans, record->plan_count * sizeof(*plans));
	record->plans = plans;
	return &plans[record->plan_count++];
}

static bool has_plan(const struct child_record *record, const struct child_plan *plan)
{
	for (size_t i = 0; i < record->plan_count; i++)
		if (record->plans[i].kind == plan->kind &&
		    str_equal(record->plans[i].start, plan->start) &&
		    str_equal(record->plans[i].end, plan->end))
			return true;
	return false;
}

static void take_row(struct table *table, const struct row *row)
{
	struct child_record *record = record_of(table, row);
	if (!record)
		return;
	take_person(table, row, record);
	enum plan_kind kind = kind_of(row->cells[CELL_KIND]);
	if (!kind && !row->cells[CELL_KIND].n) {
		enum cell of_plan = row->cells[CELL_START].n ? CELL_START : CELL_END;
		if (row->cells[of_plan].n)
			problem_add(table->problems, table->path, row->places[of_plan],
				    "the %s is of no plan: say which in the column 'plan'",
				    heads[of_plan]);
		return;
	}
	if (!kind) {
		problem_add(table->problems, table->path, row->places[CELL_KIND],
			    "the plan must be looked-after, child-protection or unborn");
		return;
	}
	if (kind == PLAN_UNBORN_CHILD)
		record->subject = SUBJECT_MOTHER;
	const struct child_plan plan = {
		.kind = kind,
		.start = digits_of(table, row, CELL_START, "start"),
		.end = digits_of(table, row, CELL_END, "end"),
	};
	if (has_plan(record, &plan))
		problem_add(table->problems, table->path, row->places[CELL_KIND],
			    "an earlier line has the same plan of this child: leave one of them "
			    "out");
	struct child_plan *to = add_plan(record, table->arena);
	if (to)
		*to = plan;
}

/* Without the blanks and dashes that people write in a number. */
static struct str bare_number(struct arena *arena, struct str text)
{
	char *kept = arena_copy(arena, text);
	size_t n = 0;
	for (size_t i = 0; kept && i < text.n; i++)
		if (text.p[i] != ' ' && text.p[i] != '-')
			kept[n++] = text.p[i];
	return (struct str){ kept, kept ? n : 0 };
}

/* False: it has more cells than the first line has names for. */
static bool read_row(struct table *table, struct row *row, size_t *filled)
{
	bool more = true;
	for (size_t column = 0; more; column++) {
		struct str cell;
		struct config_place place;
		more = next_cell(table, &cell, &place);
		*filled += cell.n > 0;
		int is = column < table->column_count ? table->columns[column] : -1;
		if (is >= 0) {
			row->cells[is] = cell;
			row->places[is] = place;
		} else if (cell.n) {
			problem_add(table->problems, table->path, place,
				    "the first line has no name for this cell, which is number %zu "
				    "of the row",
				    column + 1);
			return false;
		}
	}
	return true;
}

static void read_table(struct table *table)
{
	table->at = str_mark_bytes(table->bytes);
	table->line_start = table->at;
	table->line = 1;
	read_heads(table);
	while (table->at < table->bytes.n && !problems_any(table->problems)) {
		struct row row = { .line = table->line };
		size_t filled = 0;
		if (!read_row(table, &row, &filled))
			return;
		row.cells[CELL_NUMBER] = bare_number(table->arena, row.cells[CELL_NUMBER]);
		if (filled)
			take_row(table, &row);
	}
}

static void read_csv(struct child_records *records, struct arena *arena, const char *path,
		     struct problems *problems)
{
	struct table table = {
		.records = records, .arena = arena, .path = path, .problems = problems
	};
	struct buf bytes;
	char why[256];
	buf_init(&bytes, most_bytes);
	bool read = files_read(path, &bytes, why, sizeof(why));
	table.bytes = buf_view(&bytes);
	if (read)
		read_table(&table);
	else
		problem_add(problems, path, (struct config_place){ 0, 0 }, "cannot be read: %s",
			    why);
	buf_release(&bytes);
}

/* What the service holds, as records. */

struct gathering {
	struct arena *arena;
	struct child_records *found;
	const struct child_record **expected; /* in order of NHS number */
	size_t expected_count;
};

static int by_number(const void *a, const void *b)
{
	const struct child_record *x = *(const struct child_record *const *)a;
	const struct child_record *y = *(const struct child_record *const *)b;
	return str_order(x->nhs_number, y->nhs_number);
}

/* Whether a plan of the kind that ended is expected for the number. */
static bool expects_ended(const struct gathering *gathering, struct str number, enum plan_kind kind)
{
	size_t low = 0, high = gathering->expected_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_order(gathering->expected[middle]->nhs_number, number) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < gathering->expected_count &&
	       str_equal(gathering->expected[low]->nhs_number, number);
	     low++)
		for (size_t i = 0; i < gathering->expected[low]->plan_count; i++)
			if (gathering->expected[low]->plans[i].kind == kind &&
			    gathering->expected[low]->plans[i].end.n)
				return true;
	return false;
}

static struct str keep(const struct gathering *gathering, struct str text)
{
	return text.n ? arena_str(gathering->arena, text) : (struct str){ 0 };
}

static void take_plan(const struct gathering *gathering, struct child_record *record,
		      const struct state_plan *plan)
{
	const struct state_entry *held = plan->held;
	if (!record->plan_count) {
		record->subject = held->subject;
		record->local_id = keep(gathering, held->local_id);
		record->birth = keep(gathering, held->birth);
		record->given = keep(gathering, held->given);
		record->family = keep(gathering, held->family);
	}
	struct child_plan *to = add_plan(record, gathering->arena);
	if (to)
		*to = (struct child_plan){
			.kind = plan->kind,
			.start = keep(gathering, held->start),
			.end = keep(gathering, held->end),
		};
}

static int gather(void *context, const struct state_person *person)
{
	struct gathering *gathering = context;
	struct child_record *record = NULL;
	size_t authority = 0;
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		bool wanted = plan->held && plan->shown != SHOWN_NOT &&
			      (plan->standing == STANDING_OPEN ||
			       expects_ended(gathering, person->number, plan->kind));
		if (!wanted)
			continue;
		if (!record || plan->authority->id != authority) {
			record = child_records_add(gathering->found, gathering->arena);
			if (!record)
				return 0;
			authority = plan->authority->id;
			record->nhs_number = keep(gathering, person->number);
		}
		take_plan(gathering, record, plan);
	}
	return 0;
}

static bool is_csv(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot && strcasecmp(dot, ".csv") == 0;
}

int expected_compare(struct ledger *ledger, const char *path, struct problems *problems,
		     struct cpis_failure *failure)
{
	struct child_records expected = { 0 }, found = { 0 };
	struct gathering gathering = { .arena = &ledger->arena, .found = &found };
	if (is_csv(path))
		read_csv(&expected, &ledger->arena, path, problems);
	else
		dataset_read(&expected, &ledger->arena, path, problems);
	if (expected.relative)
		problem_add(problems, path, (struct config_place){ 0, 0 },
			    "its times are relative to a day that a ledger does not know: write "
			    "fixed ones");
	if (problems_any(problems))
		return 0;
	gathering.expected = arena_alloc(
		&ledger->arena, (expected.count + 1) * sizeof(const struct child_record *));
	if (ledger->arena.failed)
		return failure_out_of_memory(failure);
	for (size_t i = 0; i < expected.count; i++)
		gathering.expected[gathering.expected_count++] = &expected.items[i];
	if (expected.count)
		qsort(gathering.expected, expected.count, sizeof(const struct child_record *),
		      by_number);
	if (state_each_person(ledger->index.state, ledger->at, gather, &gathering, failure) != 0)
		return -1;
	struct child_records *sets = arena_alloc(&ledger->arena, 2 * sizeof(*sets));
	if (!sets)
		return failure_out_of_memory(failure);
	sets[0] = expected;
	sets[1] = found;
	if (records_compare(&ledger->arena, &sets[0], &sets[1], MATCH_EXACT, &ledger->comparison) !=
	    0)
		return failure_out_of_memory(failure);
	ledger->compared = true;
	return 0;
}
