#include "rules/earlier.h"

#include "base/arena.h"
#include "rules/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	BUCKET_BITS = 10,
	BUCKETS = 1 << BUCKET_BITS,
	ENTRIES = 7,
	SLAB_CHUNKS = 1024, /* 64 KiB at a time, so that growing copies nothing */
	NUMBER_BITS = 30    /* the first nine digits; the tenth follows from them */
};

#define NUMBER_MASK (((uint64_t)1 << NUMBER_BITS) - 1)

/*
 * A person: the rest of the number (20 bits; the bucket gives the others), the kinds of plan (3),
 * whether the place is the local id's (1), the place in the document (40).
 */
enum { PLACE_BITS = 40, HAS_LOCAL_SHIFT = 40, KINDS_SHIFT = 41, PERSON_SHIFT = 44 };

#define PLACE_MASK (((uint64_t)1 << PLACE_BITS) - 1)

/* A local id: the rest of its digest (34 bits), the NHS number it was given with (30). */
enum { LOCAL_SHIFT = NUMBER_BITS };

/* What is known of a person: the rest of the number (20 bits), the birth date (16), a digest of the
 * name (28); 0 where it is not known. */
enum { FACTS_SHIFT = 44, BIRTH_SHIFT = 28, FIRST_BIRTH_YEAR = 1880, LAST_BIRTH_YEAR = 2055 };

/* A record: the rest of its digest (24 bits), the place of its first NHS number (40). */
#define BIRTH_MASK 0xffffu
#define NAME_MASK  (((uint64_t)1 << BIRTH_SHIFT) - 1)

struct chunk {
	uint64_t entries[ENTRIES];
	uint32_t next; /* 0: the last */
	uint32_t count;
};

/* Buckets grow in number with the entries, so that each holds few: a bucket's number is so many
 * bits of the first ones of the number or digest, and its entries have all but the first
 * BUCKET_BITS. */
struct table {
	uint32_t *heads;
	size_t count;
	unsigned bits; /* 0: not made yet */
};

enum { MOST_IN_BUCKET = 28, MOST_BUCKET_BITS = 24 };

struct earlier {
	struct str document;
	size_t message_at; /* the upload or response whose records are remembered */
	uint64_t seed;
	bool used; /* something is remembered */
	struct table people, locals, facts, records;
	struct chunk **slabs;
	size_t slab_count, slab_room;
	uint32_t chunk_count; /* given out; number 0 is not used */
	uint32_t idle;	      /* chunks that were given back, one after another */
	size_t record_at;     /* the record of the last answer */
	bool answered;
	struct earlier_people answer;
};

struct earlier *earlier_new(void)
{
	struct earlier *earlier = calloc(1, sizeof(*earlier));
	/* The order of the buckets cannot be foreseen, so no file can be made to run slowly. */
	if (earlier && getrandom(&earlier->seed, sizeof(earlier->seed), GRND_NONBLOCK) !=
			       (ssize_t)sizeof(earlier->seed))
		earlier->seed = (uint64_t)(uintptr_t)earlier * 0x9e3779b97f4a7c15u;
	return earlier;
}

static void release_tables(struct earlier *earlier)
{
	struct table *tables[] = { &earlier->people, &earlier->locals, &earlier->facts,
				   &earlier->records };
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		free(tables[i]->heads);
		*tables[i] = (struct table){ 0 };
	}
}

void earlier_free(struct earlier *earlier)
{
	if (!earlier)
		return;
	release_tables(earlier);
	for (size_t i = 0; i < earlier->slab_count; i++)
		free(earlier->slabs[i]);
	free(earlier->slabs);
	free(earlier);
}

void earlier_forget(struct earlier *earlier)
{
	if (earlier->used)
		release_tables(earlier);
	earlier->used = earlier->answered = false;
	earlier->document = (struct str){ 0 };
	earlier->chunk_count = earlier->idle = 0;
}

static struct chunk *chunk_at(const struct earlier *earlier, uint32_t number)
{
	return &earlier->slabs[number / SLAB_CHUNKS][number % SLAB_CHUNKS];
}

static bool add_slab(struct earlier *earlier)
{
	struct chunk **more = list_grown(earlier->slabs, earlier->slab_count, &earlier->slab_room,
					 sizeof(void *));
	if (!more)
		return false;
	earlier->slabs = more;
	struct chunk *slab = malloc(SLAB_CHUNKS * sizeof(*slab));
	if (!slab)
		return false;
	earlier->slabs[earlier->slab_count++] = slab;
	return true;
}

/* The number of a fresh chunk; 0 when out of memory. */
static uint32_t add_chunk(struct earlier *earlier, uint32_t next)
{
	uint32_t number = earlier->idle ? earlier->idle : earlier->chunk_count + 1;
	if (number == UINT32_MAX ||
	    (number / SLAB_CHUNKS >= earlier->slab_count && !add_slab(earlier)))
		return 0;
	struct chunk *chunk = chunk_at(earlier, number);
	if (earlier->idle)
		earlier->idle = chunk->next;
	else
		earlier->chunk_count = number;
	chunk->count = 0;
	chunk->next = next;
	return number;
}

/* The head of an entry's bucket; bucket is the first BUCKET_BITS, rest those above shift. */
static uint32_t *head_of(const struct table *table, uint64_t bucket, unsigned shift, uint64_t rest)
{
	unsigned more = table->bits - BUCKET_BITS;
	return &table->heads[bucket << more | rest >> (64 - shift - more)];
}

static bool put(struct earlier *earlier, uint32_t *head, uint64_t entry)
{
	if (!*head || chunk_at(earlier, *head)->count == ENTRIES) {
		uint32_t added = add_chunk(earlier, *head);
		if (!added)
			return false;
		*head = added;
	}
	struct chunk *chunk = chunk_at(earlier, *head);
	chunk->entries[chunk->count++] = entry;
	return true;
}

/* Twice as many buckets as in the old table, whose chunks are used again. */
static bool split(struct earlier *earlier, struct table *table, unsigned shift)
{
	struct table old = *table;
	uint32_t *heads = calloc((size_t)2 << old.bits, sizeof(*heads));
	if (!heads)
		return false;
	table->heads = heads;
	table->bits++;
	bool good = true;
	for (size_t i = 0; i < (size_t)1 << old.bits; i++)
		for (uint32_t number = old.heads[i]; number;) {
			struct chunk chunk = *chunk_at(earlier, number);
			chunk_at(earlier, number)->next = earlier->idle;
			earlier->idle = number;
			for (uint32_t k = 0; good && k < chunk.count; k++)
				good = put(earlier,
					   head_of(table, i >> (old.bits - BUCKET_BITS), shift,
						   chunk.entries[k] >> shift),
					   chunk.entries[k]);
			number = chunk.next;
		}
	free(old.heads);
	return good;
}

/* The entry of a bucket whose bits above shift are rest; NULL: there is none. */
static uint64_t *find(struct earlier *earlier, const struct table *table, uint64_t bucket,
		      unsigned shift, uint64_t rest)
{
	uint32_t number = table->bits ? *head_of(table, bucket, shift, rest) : 0;
	while (number) {
		struct chunk *chunk = chunk_at(earlier, number);
		for (uint32_t i = 0; i < chunk->count; i++)
			if (chunk->entries[i] >> shift == rest)
				return &chunk->entries[i];
		number = chunk->next;
	}
	return NULL;
}

static bool add(struct earlier *earlier, struct table *table, uint64_t bucket, unsigned shift,
		uint64_t entry)
{
	earlier->used = true;
	if (!table->bits) {
		table->heads = calloc(BUCKETS, sizeof(*table->heads));
		if (!table->heads)
			return false;
		table->bits = BUCKET_BITS;
	}
	if (table->count >> table->bits >= MOST_IN_BUCKET && table->bits < MOST_BUCKET_BITS &&
	    !split(earlier, table, shift))
		return false;
	if (!put(earlier, head_of(table, bucket, shift, entry >> shift), entry))
		return false;
	table->count++;
	return true;
}

/* One to one on 30 bits, so that bucket and rest together are the number. */
static uint64_t scatter(const struct earlier *earlier, uint32_t nine)
{
	uint64_t x = (nine ^ earlier->seed) & NUMBER_MASK;
	x = (x * 0x2c1b3c6d) & NUMBER_MASK;
	x ^= x >> 15;
	x = (x * 0x297a2d39) & NUMBER_MASK;
	return x ^ (x >> 15);
}

/* A digest of 44 bits. */
static uint64_t digest_of(const struct earlier *earlier, struct str local)
{
	uint64_t x = str_hash(local) ^ earlier->seed;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x >> (64 - BUCKET_BITS - (64 - LOCAL_SHIFT));
}

static uint64_t *find_person(struct earlier *earlier, uint32_t nine)
{
	uint64_t key = scatter(earlier, nine);
	return find(earlier, &earlier->people, key >> (NUMBER_BITS - BUCKET_BITS), PERSON_SHIFT,
		    key & (NUMBER_MASK >> BUCKET_BITS));
}

static bool add_person(struct earlier *earlier, uint32_t nine, unsigned kinds, size_t place,
		       bool is_local)
{
	uint64_t key = scatter(earlier, nine), rest = key & (NUMBER_MASK >> BUCKET_BITS);
	return add(earlier, &earlier->people, key >> (NUMBER_BITS - BUCKET_BITS), PERSON_SHIFT,
		   rest << PERSON_SHIFT | (uint64_t)kinds << KINDS_SHIFT |
			   (uint64_t)is_local << HAS_LOCAL_SHIFT | (place & PLACE_MASK));
}

static uint64_t *find_local(struct earlier *earlier, uint64_t digest)
{
	return find(earlier, &earlier->locals, digest >> (64 - LOCAL_SHIFT), LOCAL_SHIFT,
		    digest & (UINT64_MAX >> LOCAL_SHIFT));
}

static bool add_local(struct earlier *earlier, uint64_t digest, uint32_t nine)
{
	return add(earlier, &earlier->locals, digest >> (64 - LOCAL_SHIFT), LOCAL_SHIFT,
		   digest << LOCAL_SHIFT | nine);
}

/* The value of an attribute as it is written at a place in the document; p is NULL: there is none.
 */
static struct str written_at(const struct earlier *earlier, size_t place)
{
	if (place == 0 || place >= earlier->document.n)
		return (struct str){ 0 };
	const char *p = earlier->document.p + place;
	const char *end = memchr(p, p[-1], earlier->document.n - place);
	return end ? (struct str){ p, (size_t)(end - p) } : (struct str){ 0 };
}

/* The local id of a person in an earlier record, out of the document itself; p is NULL: it had
 * none. */
static struct str local_of(const struct earlier *earlier, uint64_t person)
{
	return person >> HAS_LOCAL_SHIFT & 1 ? written_at(earlier, (size_t)(person & PLACE_MASK))
					     : (struct str){ 0 };
}

/* The character that a reference stands for, and the length of the reference; 0: it is not one. */
static size_t length_of_reference(struct str written, uint32_t *code)
{
	static const struct {
		struct str name;
		char character;
	} named[] = { { { "&amp;", 5 }, '&' },
		      { { "&lt;", 4 }, '<' },
		      { { "&gt;", 4 }, '>' },
		      { { "&quot;", 6 }, '"' },
		      { { "&apos;", 6 }, '\'' } };
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (str_starts(written, named[i].name)) {
			*code = (unsigned char)named[i].character;
			return named[i].name.n;
		}
	const char *end = memchr(written.p, ';', written.n);
	if (!end || !str_starts(written, STR("&#")))
		return 0;
	bool hex = written.p[2] == 'x';
	*code = (uint32_t)strtoul(written.p + (hex ? 3 : 2), NULL, hex ? 16 : 10);
	return (size_t)(end - written.p) + 1;
}

/* A character in UTF-8; returns its bytes. */
static size_t write_utf8(uint32_t code, char utf8[4])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; code >>= 6)
		utf8[i] = (char)(0x80 | (code & 0x3f));
	utf8[0] = (char)(leads[n] | code);
	return n;
}

/* Whether what is written there reads as a text: the references in it stand for characters. */
static bool reads_as(struct str written, struct str text)
{
	while (written.n) {
		uint32_t code;
		char utf8[4];
		size_t n = written.p[0] == '&' ? length_of_reference(written, &code) : 0;
		size_t bytes = n ? write_utf8(code, utf8) : 1;
		const char *p = n ? utf8 : char_is_space(written.p[0]) ? " " : written.p;
		if (text.n < bytes || memcmp(p, text.p, bytes) != 0)
			return false;
		text = str_from(text, bytes);
		written = str_from(written, n ? n : 1);
	}
	return text.n == 0;
}

/* Only the local ids of the sender: another authority may have given the same one to another
 * person. */
static bool is_comparable(const struct identifier *id)
{
	const struct value *value = &id->extension;
	if (!id->is_local || id->part.broken || str_is_blank(value->text) || value->offset == 0)
		return false;
	if (!value_there(&id->authority))
		return true;
	const struct part *part = part_ancestor(&id->part, PART_UPLOAD);
	if (!part)
		return false;
	struct str sender = ((const struct upload *)(const void *)part)->sender.id.extension.text;
	struct str authority = id->authority.text;
	return sender.n && str_starts(authority, sender) &&
	       (authority.n == sender.n || authority.p[sender.n] == ':');
}

static void write_number(uint32_t nine, char number[10])
{
	char text[16];
	snprintf(text, sizeof(text), "%09u0", (unsigned)nine);
	text[9] = (char)('0' + nhs_number_of((struct str){ text, 10 }).check);
	memcpy(number, text, 10);
}

/* Another person who had the local id, if the document confirms that the two are the same. */
static void recall_other_person(struct earlier *earlier, struct earlier_person *person,
				uint64_t local)
{
	uint32_t nine = (uint32_t)(local & NUMBER_MASK);
	const uint64_t *other = find_person(earlier, nine);
	if (!other || !reads_as(local_of(earlier, *other), person->local->extension.text))
		return;
	write_number(nine, person->other_number);
	person->other_number_at = (size_t)(*other & PLACE_MASK);
}

static bool recall_local(struct earlier *earlier, struct earlier_person *person,
			 const uint64_t *known)
{
	uint32_t nine = person->number->number.nine;
	uint64_t digest = digest_of(earlier, person->local->extension.text);
	const uint64_t *local = find_local(earlier, digest);
	if (local && (*local & NUMBER_MASK) == nine)
		return true;
	if (local)
		recall_other_person(earlier, person, *local);
	else if (!add_local(earlier, digest, nine))
		return false;
	if (!known)
		return true;
	struct str other = local_of(earlier, *known);
	if (other.p && !reads_as(other, person->local->extension.text))
		person->other_local = other;
	return true;
}

static bool recall(struct earlier *earlier, struct earlier_person *person, unsigned kinds)
{
	uint64_t *known = find_person(earlier, person->number->number.nine);
	if (known) {
		person->seen_at = (size_t)(*known & PLACE_MASK);
		person->repeated = (unsigned)(*known >> KINDS_SHIFT) << 1 & kinds;
		*known |= (uint64_t)(kinds >> 1) << KINDS_SHIFT;
	}
	if (person->local && !recall_local(earlier, person, known))
		return false;
	if (!known)
		return add_person(earlier, person->number->number.nine, kinds >> 1,
				  person->local ? person->local->extension.offset
						: person->number->extension.offset,
				  person->local != NULL);
	if (person->local && !(*known >> HAS_LOCAL_SHIFT & 1))
		*known = (*known & ~PLACE_MASK) | (uint64_t)1 << HAS_LOCAL_SHIFT |
			 (person->local->extension.offset & PLACE_MASK);
	return true;
}

/* A whole birth date in 16 bits; 0: there is none to compare. */
static uint64_t birth_of(const struct subject *subject)
{
	const struct moment *birth = &subject->birth.moment;
	if (!subject->birth_count || !birth->ok || !birth->has_day ||
	    birth->year < FIRST_BIRTH_YEAR || birth->year > LAST_BIRTH_YEAR)
		return 0;
	int day = (birth->year - FIRST_BIRTH_YEAR) * 372 + (birth->month - 1) * 31 + birth->day;
	return (uint64_t)day;
}

/* Capitals and white space are not another name. */
static uint64_t add_name(uint64_t digest, struct str name)
{
	name = str_trim(name);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (char_is_space(c) && char_is_space(name.p[i - 1]))
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		digest = (digest ^ (unsigned char)(char_is_space(c) ? ' ' : c)) * 0x100000001b3u;
	}
	return (digest ^ 0xff) * 0x100000001b3u;
}

/* A digest of 28 bits; 0: there is no whole name. */
static uint64_t name_of(const struct subject *subject)
{
	if (str_is_blank(subject->given.text) || str_is_blank(subject->family.text))
		return 0;
	uint64_t digest =
		add_name(add_name(0xcbf29ce484222325u, subject->family.text), subject->given.text);
	return (digest >> 32 & NAME_MASK) | 1;
}

/* What the first record with the person said; what is missing there is taken from this one. */
static bool recall_facts(struct earlier *earlier, struct earlier_person *person)
{
	uint64_t birth = birth_of(person->subject), name = name_of(person->subject);
	uint64_t key = scatter(earlier, person->number->number.nine);
	uint64_t bucket = key >> (NUMBER_BITS - BUCKET_BITS);
	uint64_t rest = key & (NUMBER_MASK >> BUCKET_BITS);
	uint64_t *facts = find(earlier, &earlier->facts, bucket, FACTS_SHIFT, rest);
	if (!facts)
		return add(earlier, &earlier->facts, bucket, FACTS_SHIFT,
			   rest << FACTS_SHIFT | birth << BIRTH_SHIFT | name);
	uint64_t known_birth = *facts >> BIRTH_SHIFT & BIRTH_MASK, known_name = *facts & NAME_MASK;
	person->other_birth = birth && known_birth && birth != known_birth;
	person->other_name = name && known_name && name != known_name;
	if (!known_birth)
		*facts |= birth << BIRTH_SHIFT;
	if (!known_name)
		*facts |= name;
	return true;
}

/* The first of a kind of subject, with its kinds of plan; none without a valid number. */
static bool recall_subject(struct earlier *earlier, const struct record *record,
			   enum subject_kind kind, struct earlier_people *answer)
{
	const struct subject *subject = record_subject(record, kind);
	struct earlier_person person = { .subject = subject };
	for (size_t i = 0; subject && i < subject->id_count; i++) {
		const struct identifier *id = &subject->ids[i];
		if (!person.number && id->is_nhs && nhs_number_is_valid(&id->number))
			person.number = id;
		else if (!person.local && is_comparable(id))
			person.local = id;
	}
	if (!person.number)
		return true;
	unsigned kinds = 0;
	for (size_t i = 0; i < record->plan_count; i++)
		if (plan_subject_kind(&record->plans[i]) == kind)
			kinds |= 1u << record->plans[i].part.role;
	bool recalled = recall(earlier, &person, kinds) && recall_facts(earlier, &person);
	answer->people[answer->count++] = person;
	return recalled;
}

static uint64_t add_text(uint64_t digest, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		digest = (digest ^ (unsigned char)text.p[i]) * 0x100000001b3u;
	return (digest ^ 0xff) * 0x100000001b3u;
}

static uint64_t add_subject(uint64_t digest, const struct subject *subject)
{
	digest = (digest ^ subject->part.role) * 0x100000001b3u;
	for (size_t i = 0; i < subject->id_count; i++) {
		digest = add_text(digest, subject->ids[i].root.text);
		digest = add_text(digest, subject->ids[i].extension.text);
	}
	digest = add_text(digest, subject->birth_count ? subject->birth.value.text : STR(""));
	return add_text(add_text(digest, subject->given.text), subject->family.text);
}

/* All that the record says: equal ones have the same digest, whatever white space is in them. */
static uint64_t record_digest(const struct earlier *earlier, const struct record *record)
{
	uint64_t digest = 0xcbf29ce484222325u ^ earlier->seed;
	if (record->authority_count)
		digest = add_text(digest, record->authority.id.extension.text);
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		digest = (digest ^ plan->part.role) * 0x100000001b3u;
		digest = add_text(digest, plan->start.value.text);
		digest = add_text(digest, plan->end.value.text);
		digest = add_text(digest, plan->deleted.value.text);
	}
	for (size_t i = 0; i < record->subject_count; i++)
		digest = add_subject(digest, &record->subjects[i]);
	return digest ^ digest >> 32;
}

/* Whether the same record was there before; the NHS number at its place must be the same too. */
static bool recall_record(struct earlier *earlier, const struct record *record,
			  struct earlier_people *answer)
{
	const struct value *number = answer->count ? &answer->people[0].number->extension : NULL;
	if (!number)
		return true;
	uint64_t digest = record_digest(earlier, record);
	uint64_t bucket = digest >> (64 - BUCKET_BITS), rest = digest << BUCKET_BITS >> PLACE_BITS;
	const uint64_t *known = find(earlier, &earlier->records, bucket, PLACE_BITS, rest);
	if (!known)
		return add(earlier, &earlier->records, bucket, PLACE_BITS,
			   rest << PLACE_BITS | (number->offset & PLACE_MASK));
	size_t place = (size_t)(*known & PLACE_MASK);
	if (reads_as(written_at(earlier, place), number->text))
		answer->same_at = place;
	return true;
}

const struct earlier_people *earlier_of(struct earlier *earlier, struct str document,
					const struct record *record)
{
	static const struct earlier_people nothing;
	const struct part *message = part_ancestor(&record->part, PART_UPLOAD);
	if (!message)
		message = part_ancestor(&record->part, PART_RESPONSE);
	if (!message)
		return &nothing;
	if (message->offset != earlier->message_at || document.p != earlier->document.p ||
	    record->part.offset < earlier->record_at) {
		earlier_forget(earlier);
		earlier->document = document;
		earlier->message_at = message->offset;
	}
	if (earlier->answered && earlier->record_at == record->part.offset)
		return &earlier->answer;
	earlier->answer.count = earlier->answer.same_at = 0;
	earlier->answered = recall_subject(earlier, record, SUBJECT_CHILD, &earlier->answer) &&
			    recall_subject(earlier, record, SUBJECT_MOTHER, &earlier->answer) &&
			    recall_record(earlier, record, &earlier->answer);
	earlier->record_at = record->part.offset;
	return earlier->answered ? &earlier->answer : NULL;
}
