/* What is remembered of earlier records, compared with a list of everything they had. */
#include "rules/earlier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_RECORDS = 30000, MOST_LOCALS = 1000, ROOM = MOST_RECORDS * 64 };

/* An upload as the binder leaves it, over a document that holds nothing but ids. */
static struct {
	char document[ROOM];
	size_t n;
	struct upload upload;
	struct earlier *earlier;
} file;

static uint32_t state_of_chance;

static uint32_t below(uint32_t limit)
{
	state_of_chance = state_of_chance * 1664525 + 1013904223;
	return (state_of_chance >> 8) % limit;
}

static int start(void **state)
{
	(void)state;
	memset(&file, 0, sizeof(file));
	file.n = 1;
	file.upload.part.kind = PART_UPLOAD;
	file.upload.part.offset = 1;
	file.upload.sender.id.extension.text = STR("9X1");
	file.earlier = earlier_new();
	state_of_chance = 1;
	return file.earlier ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	earlier_free(file.earlier);
	return 0;
}

static struct value written(const char *text)
{
	struct value value = { { file.document + file.n + 1, strlen(text) }, file.n + 1 };
	file.n += (size_t)snprintf(file.document + file.n, ROOM - file.n, "\"%s\"", text);
	return value;
}

static void fill_id(struct identifier *id, struct part *parent, const char *text, bool is_nhs)
{
	*id = (struct identifier){ .part = { .kind = PART_IDENTIFIER, .parent = parent } };
	id->extension = written(text);
	id->is_nhs = is_nhs;
	id->is_local = !is_nhs;
	if (is_nhs)
		id->number = nhs_number_of(id->extension.text);
}

/* A record of a child with plans of these kinds. local NULL: it has none. */
static struct record *record_of(const char *number, const char *local, unsigned kinds)
{
	struct record *record = &file.upload.record;
	*record = (struct record){ .part = { .kind = PART_RECORD, .parent = &file.upload.part } };
	static struct plan plans[PLAN_UNBORN_CHILD];
	static struct subject subjects[1];
	static struct identifier ids[2];
	memset(plans, 0, sizeof(plans));
	memset(subjects, 0, sizeof(subjects));
	record->plans = plans;
	record->subjects = subjects;
	subjects->ids = ids;
	record->part.offset = file.n;
	for (unsigned kind = PLAN_LOOKED_AFTER; kind <= PLAN_CHILD_PROTECTION; kind++)
		if (kinds & 1u << kind)
			record->plans[record->plan_count++].part.role = kind;
	struct subject *subject = &record->subjects[record->subject_count++];
	subject->part = (struct part){ .kind = PART_SUBJECT,
				       .role = SUBJECT_CHILD,
				       .offset = file.n,
				       .element = "",
				       .parent = &record->part };
	fill_id(&subject->ids[subject->id_count++], &subject->part, number, true);
	if (local)
		fill_id(&subject->ids[subject->id_count++], &subject->part, local, false);
	return record;
}

static const struct earlier_person *recall(const char *number, const char *local, unsigned kinds)
{
	struct str document = { file.document, ROOM };
	const struct earlier_people *all =
		earlier_of(file.earlier, document, record_of(number, local, kinds));
	assert_non_null(all);
	return all->count ? &all->people[0] : NULL;
}

/* The i-th number of the test range that has a check digit, of eleven one has none. */
static void write_number(unsigned i, char number[11])
{
	for (unsigned nine = 999000000 + i * 3;; nine++) {
		snprintf(number, 11, "%09u0", nine);
		struct nhs_number read = nhs_number_of((struct str){ number, 10 });
		number[9] = (char)('0' + read.check);
		if (read.check != NO_CHECK_DIGIT)
			return;
	}
}

enum { CPP = 1u << PLAN_CHILD_PROTECTION, LAC = 1u << PLAN_LOOKED_AFTER };

static void test_who_comes_once_is_repeated_by_nobody(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MOST_RECORDS; i++) {
		char number[11], local[16];
		write_number(i, number);
		snprintf(local, sizeof(local), "L-%u", i);
		const struct earlier_person *person = recall(number, local, CPP);
		assert_non_null(person);
		assert_int_equal(person->repeated, 0);
		assert_int_equal(person->other_number_at, 0);
		assert_null(person->other_local.p);
	}
}

/* What records said, one entry a person: plain arrays that are looked through by number. */
static struct {
	unsigned kinds;
	int local; /* the first; -1: none so far */
} said[MOST_RECORDS];
static int holder[MOST_LOCALS]; /* who had the local id first; -1: no one so far */

static void expect_what_was_said(unsigned who, int local, unsigned kinds)
{
	char number[11], text[16], other[11];
	write_number(who, number);
	snprintf(text, sizeof(text), "L-%d", local);
	const struct earlier_person *person = recall(number, local < 0 ? NULL : text, kinds);
	assert_non_null(person);
	assert_int_equal(person->repeated, said[who].kinds & kinds);
	bool is_anothers = local >= 0 && holder[local] >= 0 && holder[local] != (int)who;
	/* Of a person with two local ids the first is kept, and the second is already reported. */
	if (is_anothers && said[holder[local]].local == local) {
		write_number((unsigned)holder[local], other);
		assert_memory_equal(person->other_number, other, 10);
		assert_int_not_equal(person->other_number_at, 0);
	} else {
		assert_int_equal(person->other_number_at, 0);
	}
	bool has_another = local >= 0 && said[who].local >= 0 && said[who].local != local &&
			   holder[local] != (int)who;
	assert_int_equal(has_another, person->other_local.p != NULL);
	said[who].kinds |= kinds;
	if (local >= 0 && said[who].local < 0)
		said[who].local = local;
	if (local >= 0 && holder[local] < 0)
		holder[local] = (int)who;
}

static void test_whoever_comes_again_is_told_and_nobody_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOST_RECORDS; i++)
		said[i].kinds = 0, said[i].local = -1;
	for (size_t i = 0; i < MOST_LOCALS; i++)
		holder[i] = -1;
	for (unsigned i = 0; i < MOST_RECORDS; i++) {
		static const unsigned kinds[] = { CPP, LAC, CPP | LAC };
		unsigned who = below(MOST_RECORDS / 2);
		int local = below(4) == 0 ? -1 : (int)below(MOST_LOCALS);
		expect_what_was_said(who, local, kinds[below(3)]);
	}
}

static void test_the_same_record_gets_the_same_answer(void **state)
{
	(void)state;
	struct str document = { file.document, ROOM };
	recall("9993394130", "A", CPP);
	struct record *record = record_of("9993394130", "B", CPP);
	for (int i = 0; i < 3; i++) {
		const struct earlier_people *all = earlier_of(file.earlier, document, record);
		assert_int_equal(all->count, 1);
		assert_int_equal(all->people[0].repeated, CPP);
		assert_memory_equal(all->people[0].other_local.p, "A", 1);
	}
}

/* What the NHS number's place is in the first record that says the same; 0: none said it yet. */
static size_t same_at(const struct record *record)
{
	struct str document = { file.document, ROOM };
	const struct earlier_people *all = earlier_of(file.earlier, document, record);
	assert_non_null(all);
	return all->same_at;
}

static void test_a_record_that_comes_again_is_told_with_the_place_of_the_first(void **state)
{
	(void)state;
	enum { PEOPLE = 500, IDS = 3, KINDS = 3 };
	static const unsigned kinds[KINDS] = { CPP, LAC, CPP | LAC };
	static size_t first_at[PEOPLE][IDS][KINDS];
	memset(first_at, 0, sizeof(first_at));
	for (unsigned i = 0; i < MOST_RECORDS / 3; i++) {
		unsigned who = below(PEOPLE), id = below(IDS), kind = below(KINDS);
		char number[11], local[16];
		write_number(who, number);
		snprintf(local, sizeof(local), "L-%u-%u", who, id);
		const struct record *record = record_of(number, id ? local : NULL, kinds[kind]);
		size_t *first = &first_at[who][id][kind];
		assert_int_equal(same_at(record), *first);
		if (!*first)
			*first = record->subjects->ids[0].extension.offset;
	}
}

/* Of what has more than sixteen characters too. */
static void test_a_record_is_the_same_with_its_authority_in_small_letters(void **state)
{
	(void)state;
	static const char *const codes[] = { "9X1",
					     "9x1",
					     "9X2",
					     "9X1-ASHWICK-COUNCIL",
					     "9x1-Ashwick-Council",
					     "9X1-ASHWICK-COUNCIM" };
	size_t first = 0;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct record *record = record_of("9993394130", "A", CPP);
		record->authority_count = 1;
		record->authority.id.extension.text = str_of(codes[i]);
		assert_int_equal(same_at(record), i % 3 == 1 ? first : 0);
		first = record->subjects->ids[0].extension.offset;
	}
}

static void test_a_number_written_with_a_reference_is_the_same_number(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		char again[] = "&#57;99339413&#x30;", plain[] = "9993394130";
		struct record *record = record_of(again, i < 2 ? NULL : "A", CPP);
		struct identifier *id = record->subjects->ids;
		id->extension.text = STR("9993394130");
		id->number = nhs_number_of(id->extension.text);
		assert_int_equal(same_at(record) != 0, i % 2);
		record = record_of(plain, i < 2 ? NULL : "A", CPP);
		assert_int_not_equal(same_at(record), 0);
	}
}

static void test_a_record_whose_ids_are_far_apart_is_told_by_its_number(void **state)
{
	(void)state;
	size_t number = 0;
	for (unsigned i = 0; i < 3; i++) {
		struct record *record = record_of("9993394130", "A", CPP);
		struct identifier *ids = record->subjects->ids;
		file.n += INT16_MAX;
		ids[1].extension = written("A");
		assert_int_equal(same_at(record), number);
		if (!number)
			number = ids[0].extension.offset;
	}
}

static void test_another_upload_starts_afresh(void **state)
{
	(void)state;
	recall("9993394130", "A", CPP);
	earlier_forget(file.earlier);
	assert_int_equal(recall("9993394130", "B", CPP)->repeated, 0);
	file.upload.part.offset = file.n;
	assert_int_equal(recall("9993394130", "C", CPP)->repeated, 0);
	assert_int_equal(recall("9993394130", "C", CPP)->repeated, CPP);
}

static void test_numbers_that_nobody_has_are_not_remembered(void **state)
{
	(void)state;
	assert_null(recall("9993394131", "A", CPP));
	assert_null(recall("0000000000", "A", CPP));
	assert_null(recall("4444444444", "A", CPP));
	assert_null(recall("999339413", "A", CPP));
}

static void test_local_ids_of_another_authority_are_not_compared(void **state)
{
	(void)state;
	struct str document = { file.document, ROOM };
	recall("9993394130", "A", CPP);
	struct record *record = record_of("9997595173", "A", CPP);
	record->subjects[0].ids[1].authority.text = STR("9X2:St Osyn's Borough Council");
	assert_int_equal(earlier_of(file.earlier, document, record)->people[0].other_number_at, 0);
	record = record_of("9991271317", "A", CPP);
	record->subjects[0].ids[1].authority.text = STR("9X1:Ashwick & Dunmere Council");
	assert_int_not_equal(earlier_of(file.earlier, document, record)->people[0].other_number_at,
			     0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_comes_once_is_repeated_by_nobody, start,
						end),
		cmocka_unit_test_setup_teardown(test_whoever_comes_again_is_told_and_nobody_else,
						start, end),
		cmocka_unit_test_setup_teardown(test_the_same_record_gets_the_same_answer, start,
						end),
		cmocka_unit_test_setup_teardown(
			test_a_record_that_comes_again_is_told_with_the_place_of_the_first, start,
			end),
		cmocka_unit_test_setup_teardown(
			test_a_record_is_the_same_with_its_authority_in_small_letters, start, end),
		cmocka_unit_test_setup_teardown(
			test_a_number_written_with_a_reference_is_the_same_number, start, end),
		cmocka_unit_test_setup_teardown(
			test_a_record_whose_ids_are_far_apart_is_told_by_its_number, start, end),
		cmocka_unit_test_setup_teardown(test_another_upload_starts_afresh, start, end),
		cmocka_unit_test_setup_teardown(test_numbers_that_nobody_has_are_not_remembered,
						start, end),
		cmocka_unit_test_setup_teardown(
			test_local_ids_of_another_authority_are_not_compared, start, end),
	};
	return cmocka_run_group_tests_name("earlier", tests, NULL, NULL);
}
