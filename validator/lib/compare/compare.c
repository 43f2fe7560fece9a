#include "compare/compare.h"

#include "base/character.h"

#include <stdlib.h>

static const size_t unpaired = SIZE_MAX;

struct comparing {
	struct arena *arena;
	const struct child_records *expected, *found;
	size_t *partner; /* of each expected record: the place of the found one */
	bool *taken;	 /* of each found record */
	bool whole;	 /* struct child_records */
};

/* Whether a found value is the expected one. */

static bool same_text(struct str expected, struct str found)
{
	return str_equal(expected, found);
}

/* Whatever way its accents are written in. */
static bool same_name(struct str expected, struct str found)
{
	return character_same_letters(expected, found);
}

/* An ODS code, or one with the name of the authority after a colon. */
static bool same_authority(struct str expected, struct str found)
{
	struct str a = ods_code_of_authority(expected), b = ods_code_of_authority(found);
	return ods_code_same(a, b) && str_equal(str_from(expected, a.n), str_from(found, b.n));
}

static size_t digits(struct str text)
{
	size_t n = 0;
	while (n < text.n && char_is_digit(text.p[n]))
		n++;
	return n;
}

bool times_agree(struct str expected, struct str found)
{
	if (str_equal(expected, found))
		return true;
	struct moment a = moment_of(expected), b = moment_of(found);
	return a.ok && b.ok && digits(expected) <= digits(found) && moment_compare(&a, &b) == 0;
}

static const struct {
	const char *name;
	enum mask_kind mask;
	size_t offset;
	bool (*same)(struct str, struct str);
	bool whole;	 /* of messages of one kind alone */
	unsigned silent; /* the bit of a list that says nothing of it */
} record_fields[] = {
	{ "NHS number", MASK_NHS_NUMBER, offsetof(struct child_record, nhs_number), same_text,
	  false, RECORD_NUMBER },
	{ "local id", MASK_LOCAL_ID, offsetof(struct child_record, local_id), same_text, false,
	  RECORD_LOCAL_ID },
	{ "given name", MASK_NAME, offsetof(struct child_record, given), same_name, false,
	  RECORD_GIVEN },
	{ "surname", MASK_NAME, offsetof(struct child_record, family), same_name, false,
	  RECORD_FAMILY },
	{ "birth date", MASK_BIRTH, offsetof(struct child_record, birth), times_agree, false,
	  RECORD_BIRTH },
	{ "other NHS number", MASK_NHS_NUMBER, offsetof(struct child_record, other_numbers),
	  same_text, true, 0 },
	{ "authority of the local id", MASK_NONE, offsetof(struct child_record, local_authority),
	  same_authority, true, 0 },
	{ "authority", MASK_NONE, offsetof(struct child_record, authority), same_authority, true,
	  0 },
	{ "name of the authority", MASK_NONE, offsetof(struct child_record, authority_name),
	  same_name, true, 0 },
	{ "emergency telephone number of the authority", MASK_NONE,
	  offsetof(struct child_record, emergency), same_text, true, 0 },
	{ "telephone number of the authority", MASK_NONE, offsetof(struct child_record, telephones),
	  same_text, true, 0 },
	{ "outcome", MASK_WORD, offsetof(struct child_record, outcome), same_text, true, 0 },
	{ "place", MASK_PATH, offsetof(struct child_record, place), same_text, false, 0 },
	{ "code", MASK_WORD, offsetof(struct child_record, code), same_text, true, 0 },
};
enum { FIELD_COUNT = sizeof(record_fields) / sizeof(record_fields[0]) };

static const struct {
	const char *name;
	size_t offset;
	unsigned silent;
} plan_fields[] = {
	{ "start date", offsetof(struct child_plan, start), RECORD_START },
	{ "end date", offsetof(struct child_plan, end), RECORD_END },
	{ "delete date", offsetof(struct child_plan, deleted), 0 },
};
enum { PLAN_FIELD_COUNT = sizeof(plan_fields) / sizeof(plan_fields[0]) };

static struct str text_at(const void *base, size_t offset)
{
	struct str text;
	memcpy(&text, (const char *)base + offset, sizeof(text));
	return text;
}

/* Pairing */

static void write_authority(struct buf *key, struct str authority)
{
	struct str code = ods_code_of_authority(authority);
	for (size_t i = 0; i < code.n; i++)
		buf_char(key, char_capital(code.p[i]));
	buf_str(key, str_from(authority, code.n));
}

static const char *key_of_fields(struct arena *arena, const struct child_record *record, bool whole)
{
	struct buf key;
	buf_init(&key, SIZE_MAX / 2);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (record_fields[i].whole && !whole)
			continue;
		struct str text = text_at(record, record_fields[i].offset);
		if (record_fields[i].same == same_name)
			character_write_letters(&key, text);
		else if (record_fields[i].same == same_authority)
			write_authority(&key, text);
		else
			buf_str(&key, text);
		buf_char(&key, '\n');
	}
	buf_printf(&key, "%s\n%d\n", record->what ? record->what : "", record->subject);
	for (size_t i = 0; i < record->plan_count; i++) {
		buf_printf(&key, "%d\n", record->plans[i].kind);
		for (size_t k = 0; k < PLAN_FIELD_COUNT; k++) {
			buf_str(&key, text_at(&record->plans[i], plan_fields[k].offset));
			buf_char(&key, '\n');
		}
	}
	const char *kept = key.failed ? NULL : arena_copy(arena, buf_view(&key));
	buf_release(&key);
	return kept;
}

static const char *key_of_whole(struct arena *arena, const struct child_record *record)
{
	return key_of_fields(arena, record, true);
}

static const char *key_of_all(struct arena *arena, const struct child_record *record)
{
	return key_of_fields(arena, record, false);
}

/*
 * Values of one subject, joined; "" when one of them is missing. A girl who expects a child is both
 * subjects of one record, by one number.
 */
static const char *join(struct arena *arena, enum subject_kind subject, struct str a, struct str b,
			struct str c)
{
	if (!a.n || !b.n || !c.n)
		return "";
	return arena_printf(arena, "%d\n%.*s\n%.*s\n%.*s", subject, STR_ARG(a), STR_ARG(b),
			    STR_ARG(c));
}

static const char *key_of_both_ids(struct arena *arena, const struct child_record *record)
{
	return join(arena, record->subject, record->nhs_number, record->local_id, STR("-"));
}

static const char *key_of_nhs_number(struct arena *arena, const struct child_record *record)
{
	return join(arena, record->subject, record->nhs_number, STR("-"), STR("-"));
}

static const char *key_of_local_id(struct arena *arena, const struct child_record *record)
{
	return join(arena, record->subject, record->local_id, STR("-"), STR("-"));
}

static const char *key_of_person(struct arena *arena, const struct child_record *record)
{
	struct str birth = record->birth;
	birth.n = birth.n > 8 ? 8 : birth.n;
	if (!birth.n || !record->given.n || !record->family.n)
		return "";
	struct buf name;
	buf_init(&name, SIZE_MAX / 2);
	character_write_letters(&name, record->given);
	buf_char(&name, '\n');
	character_write_letters(&name, record->family);
	const char *key =
		name.failed ? NULL : join(arena, record->subject, buf_view(&name), birth, STR("-"));
	buf_release(&name);
	return key;
}

static const char *key_of_number_alone(struct arena *arena, const struct child_record *record)
{
	return join(arena, 0, record->nhs_number, STR("-"), STR("-"));
}

typedef const char *key_of(struct arena *, const struct child_record *);

/* The most certain key first; the whole is for messages of one kind. */
static key_of *const keys[] = { key_of_whole,	    key_of_all,	     key_of_both_ids,
				key_of_nhs_number,  key_of_local_id, key_of_person,
				key_of_number_alone };

struct keyed {
	const char *key;
	size_t index;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* The records that have no partner yet and have a key, in order of it. NULL: out of memory. */
static struct keyed *sort(const struct comparing *comparing, bool of_found, key_of *of,
			  size_t *count)
{
	const struct child_records *records = of_found ? comparing->found : comparing->expected;
	struct keyed *sorted = arena_alloc(comparing->arena, records->count * sizeof(*sorted) + 1);
	*count = 0;
	for (size_t i = 0; sorted && i < records->count; i++) {
		if (of_found ? comparing->taken[i] : comparing->partner[i] != unpaired)
			continue;
		const char *key = of(comparing->arena, &records->items[i]);
		if (!key)
			return NULL;
		if (*key)
			sorted[(*count)++] = (struct keyed){ key, i };
	}
	if (sorted && *count)
		qsort(sorted, *count, sizeof(*sorted), by_key);
	return sorted;
}

static int pair_by(struct comparing *comparing, key_of *of)
{
	const struct arena_mark mark = arena_mark(comparing->arena);
	size_t expected_count = 0, found_count = 0;
	struct keyed *expected = sort(comparing, false, of, &expected_count);
	struct keyed *found = sort(comparing, true, of, &found_count);
	for (size_t i = 0, k = 0; expected && found && i < expected_count && k < found_count;) {
		int order = strcmp(expected[i].key, found[k].key);
		if (order == 0) {
			comparing->partner[expected[i].index] = found[k].index;
			comparing->taken[found[k].index] = true;
		}
		i += order <= 0;
		k += order >= 0;
	}
	arena_rewind(comparing->arena, mark);
	return expected && found ? 0 : -1;
}

static int pair(struct comparing *comparing)
{
	size_t count = comparing->expected->count;
	comparing->partner = arena_alloc(comparing->arena, count * sizeof(size_t) + 1);
	comparing->taken = arena_alloc(comparing->arena, comparing->found->count + 1);
	if (!comparing->partner || !comparing->taken)
		return -1;
	for (size_t i = 0; i < count; i++)
		comparing->partner[i] = unpaired;
	for (size_t i = comparing->whole ? 0 : 1; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (pair_by(comparing, keys[i]) != 0)
			return -1;
	return 0;
}

/* Field by field */

struct listing {
	struct arena *arena;
	struct field_difference *fields;
	size_t count, room;
	bool keyed;	 /* what is expected is of a data set */
	bool whole;	 /* struct child_records */
	bool exact;	 /* struct child_records, of what is expected */
	unsigned silent; /* struct child_records, of what is expected */
};

static bool agree(const struct listing *listing, bool (*same)(struct str, struct str),
		  struct str expected, struct str found)
{
	return same(expected, found) && (!listing->exact || same(found, expected));
}

static void list(struct listing *listing, const char *name, enum mask_kind mask,
		 struct str expected, struct str found)
{
	struct field_difference *fields = list_grown_in(
		listing->arena, listing->fields, listing->count, &listing->room, sizeof(*fields));
	if (!fields || !name)
		return;
	listing->fields = fields;
	fields[listing->count++] = (struct field_difference){
		.name = name,
		.mask = mask,
		.expected = expected,
		.found = found,
		.keyed = listing->keyed && mask == MASK_TIME,
	};
}

static const char *of_plan(struct arena *arena, const char *what, enum plan_kind kind)
{
	return arena_printf(arena, "%s of the %s", what, plan_kind_words(kind));
}

static void compare_plan(struct listing *listing, const struct child_plan *expected,
			 const struct child_plan *found)
{
	if (expected->kind != found->kind)
		list(listing, "kind of plan", MASK_WORD, str_of(plan_kind_words(expected->kind)),
		     str_of(plan_kind_words(found->kind)));
	for (size_t i = 0; i < PLAN_FIELD_COUNT; i++) {
		struct str a = text_at(expected, plan_fields[i].offset);
		struct str b = text_at(found, plan_fields[i].offset);
		if (!(listing->silent & plan_fields[i].silent) &&
		    !agree(listing, times_agree, a, b))
			list(listing, of_plan(listing->arena, plan_fields[i].name, expected->kind),
			     MASK_TIME, a, b);
	}
}

/* Pairs plans that are alike: 2 in kind and start, 1 in kind, 0 at all. */
static void compare_plans_alike(struct listing *listing, const struct child_record *expected,
				const struct child_record *found, int alike, bool *done, bool *used)
{
	for (size_t i = 0; i < expected->plan_count; i++)
		for (size_t k = 0; k < found->plan_count && !done[i]; k++) {
			const struct child_plan *a = &expected->plans[i], *b = &found->plans[k];
			if (used[k] || (alike > 0 && a->kind != b->kind) ||
			    (alike > 1 && !agree(listing, times_agree, a->start, b->start)))
				continue;
			done[i] = used[k] = true;
			compare_plan(listing, a, b);
		}
}

/* A plan that only one side has, by its start. Without one it is a plan nevertheless. */
static void list_plan(struct listing *listing, const struct child_plan *plan, bool expected)
{
	const struct str nothing = { 0 };
	struct str start = plan->start;
	if (!start.n)
		start = expected && (listing->silent & RECORD_START)
				? STR("a plan with any start date")
				: STR("a plan without a start date");
	list(listing, plan_kind_words(plan->kind), plan->start.n ? MASK_TIME : MASK_WORD,
	     expected ? start : nothing, expected ? nothing : start);
}

static void compare_plans(struct listing *listing, const struct child_record *expected,
			  const struct child_record *found)
{
	size_t plans = expected->plan_count + found->plan_count;
	bool *done = arena_alloc(listing->arena, plans + 1);
	if (!done)
		return;
	bool *used = done + expected->plan_count;
	for (int alike = 2; alike >= 0; alike--)
		compare_plans_alike(listing, expected, found, alike, done, used);
	for (size_t i = 0; i < expected->plan_count; i++)
		if (!done[i])
			list_plan(listing, &expected->plans[i], true);
	for (size_t i = 0; i < found->plan_count; i++)
		if (!used[i])
			list_plan(listing, &found->plans[i], false);
}

static void compare_fields(struct listing *listing, const struct child_record *expected,
			   const struct child_record *found)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		struct str a = text_at(expected, record_fields[i].offset);
		struct str b = text_at(found, record_fields[i].offset);
		if ((listing->whole || !record_fields[i].whole) &&
		    !(listing->silent & record_fields[i].silent) &&
		    !agree(listing, record_fields[i].same, a, b))
			list(listing, record_fields[i].name, record_fields[i].mask, a, b);
	}
	if (!(listing->silent & RECORD_SUBJECT) && expected->subject != found->subject)
		list(listing, "subject", MASK_WORD, str_of(subject_kind_words(expected->subject)),
		     str_of(subject_kind_words(found->subject)));
	if (listing->silent & RECORD_PLANS)
		return;
	/* A record that was loaded is returned without its plans. */
	if (!listing->whole ||
	    (!str_is(expected->outcome, OUTCOME_LOADED) && !str_is(found->outcome, OUTCOME_LOADED)))
		compare_plans(listing, expected, found);
}

static void add(struct comparison *comparison, enum difference_kind kind,
		const struct child_record *expected, const struct child_record *found)
{
	comparison->differences[comparison->difference_count++] =
		(struct record_difference){ .kind = kind, .expected = expected, .found = found };
}

static int compare_pair(struct arena *arena, struct comparison *comparison,
			const struct child_record *expected, const struct child_record *found,
			const struct comparing *comparing)
{
	struct listing listing = { .arena = arena,
				   .keyed = expected->keyed,
				   .whole = comparing->whole,
				   .exact = comparing->expected->exact,
				   .silent = comparing->expected->silent };
	compare_fields(&listing, expected, found);
	if (!listing.count) {
		comparison->same++;
		return arena->failed ? -1 : 0;
	}
	if (arena->failed)
		return -1;
	comparison->changed++;
	add(comparison, DIFFERENCE_CHANGED, expected, found);
	struct record_difference *last = &comparison->differences[comparison->difference_count - 1];
	last->fields = listing.fields;
	last->field_count = listing.count;
	return 0;
}

static int collect(const struct comparing *comparing, enum record_match match,
		   struct comparison *comparison)
{
	const struct child_records *expected = comparing->expected, *found = comparing->found;
	size_t most = expected->count + found->count;
	comparison->differences =
		arena_alloc(comparing->arena, most * sizeof(*comparison->differences) + 1);
	if (!comparison->differences)
		return -1;
	for (size_t i = 0; i < expected->count; i++) {
		const struct child_record *record = &expected->items[i];
		if (comparing->partner[i] == unpaired) {
			comparison->missing++;
			add(comparison, DIFFERENCE_MISSING, record, NULL);
		} else if (compare_pair(comparing->arena, comparison, record,
					&found->items[comparing->partner[i]], comparing) != 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < found->count; i++) {
		comparison->added += !comparing->taken[i];
		if (!comparing->taken[i] && match == MATCH_EXACT)
			add(comparison, DIFFERENCE_ADDED, NULL, &found->items[i]);
	}
	return 0;
}

int records_compare(struct arena *arena, const struct child_records *expected,
		    const struct child_records *found, enum record_match match,
		    struct comparison *comparison)
{
	struct comparing comparing = { .arena = arena,
				       .expected = expected,
				       .found = found,
				       .whole = expected->whole && found->whole };
	struct comparison made = { .expected = expected->count, .found = found->count };
	if (pair(&comparing) != 0 || collect(&comparing, match, &made) != 0)
		return -1;
	*comparison = made;
	return 0;
}

/* In words */

const char *difference_word(enum difference_kind kind)
{
	static const char *const words[] = {
		[DIFFERENCE_MISSING] = "missing",
		[DIFFERENCE_CHANGED] = "changed",
		[DIFFERENCE_ADDED] = "added",
	};
	return words[kind];
}

const char *difference_value(struct masker *masker, struct arena *arena, enum mask_kind mask,
			     struct str value)
{
	if (!value.n)
		return "nothing";
	const char *shown = masker_value(masker, arena, mask, value);
	return shown ? shown : "";
}

/* A date without a time is masked in a message: it may be a birth date in the wrong place. */
const char *difference_expected(struct masker *masker, struct arena *arena,
				const struct field_difference *field)
{
	if (!field->keyed || !field->expected.n)
		return difference_value(masker, arena, field->mask, field->expected);
	const char *shown = arena_copy(arena, field->expected);
	return shown ? shown : "";
}

const char *difference_record(struct masker *masker, struct arena *arena,
			      const struct child_record *record)
{
	const char *name = "", *of = record->what;
	if (record->place.n)
		of = arena_printf(arena, "detail of %s",
				  difference_value(masker, arena, MASK_PATH, record->place));
	if (record->nhs_number.n)
		name = difference_value(masker, arena, MASK_NHS_NUMBER, record->nhs_number);
	else if (record->local_id.n)
		name = difference_value(masker, arena, MASK_LOCAL_ID, record->local_id);
	else if (record->family.n)
		name = difference_value(masker, arena, MASK_NAME, record->family);
	if (!of)
		of = arena_printf(arena, "record %zu", record->number);
	const char *words = *name ? arena_printf(arena, "%s (%s)", of ? of : "", name) : of;
	return words ? words : "";
}

/* What is expected comes first, and so gets the first token. */
void difference_field(struct masker *masker, struct arena *arena,
		      const struct field_difference *field, struct buf *out)
{
	const char *expected = difference_expected(masker, arena, field);
	const char *found = difference_value(masker, arena, field->mask, field->found);
	character_printf(out, "%s: expected %s, found %s", field->name, expected, found);
}

void difference_describe(struct masker *masker, struct arena *arena,
			 const struct record_difference *difference, struct buf *out)
{
	const struct child_record *record =
		difference->expected ? difference->expected : difference->found;
	character_printf(out, "%s: %s", difference_word(difference->kind),
			 difference_record(masker, arena, record));
	for (size_t i = 0; i < difference->field_count; i++) {
		buf_text(out, i ? "; " : ": ");
		difference_field(masker, arena, &difference->fields[i], out);
	}
}
