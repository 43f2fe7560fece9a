#include "rules/earlier.h"

#include "base/arena.h"
#include "base/character.h"
#include "rules/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	BUCKET_BITS = 10,
	BUCKETS = 1 << BUCKET_BITS,
	ENTRIES = 7,
	FEW = 8,	   /* entries for which no buckets are made */
	SLAB_CHUNKS = 128, /* at a time, so that growing copies nothing */
	NUMBER_BITS = 30   /* the first nine digits; the tenth follows from them */
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

enum { DIGEST_BITS = 31 };
#define DIGEST_MASK ((1u << DIGEST_BITS) - 1)

/* What else is known of a person; 0 where it is not known. 12 bytes: there may be millions. */
struct facts {
	uint32_t name : DIGEST_BITS;
	uint32_t fuller : 1; /* a later record said more of the birth date than the first */
	uint32_t record : DIGEST_BITS; /* the first record whose first person this is */
	uint32_t birth : DATE_BITS;    /* as far as all records so far say it alike */
	uint32_t number : 8; /* to the NHS number in that record, from NEAR before the place */
};
enum { NEAR = 128 };

/* A further record of a person: the rest of its digest (24 bits), the place of its first NHS number
 * (40). */
enum { RECORD_BITS = 24 };

struct chunk {
	uint64_t entries[ENTRIES];
	uint32_t next; /* 0: the last */
	uint32_t count;
};

/* Most of what is looked for is new, and then the marks nearly always say so: the chunks, which
 * the processor does not have at hand, are not looked at. */
struct bucket {
	uint64_t marks;	     /* bit i: an entry has these last bits above its shift */
	uint32_t more_marks; /* the same of the bits before those */
	uint32_t first;	     /* chunk; 0: none */
};

/* One of a few, as it is put into a bucket later. */
struct early_entry {
	uint64_t first, entry;
	struct facts facts;
};

/*
 * A few entries are looked through one by one, as in most messages there are no more. From then on
 * they are in buckets.
 *
 * Buckets grow in number with the entries, so that each holds few: a bucket's number is so many
 * bits of the first ones of the number or digest, and its entries have all but the first
 * BUCKET_BITS. In a wide table each chunk has room at its end for the facts of its entries.
 */
struct table {
	struct early_entry *few; /* while there are no buckets */
	struct bucket *buckets;
	size_t count;
	unsigned bits; /* 0: not made yet */
	bool wide;
	char **slabs;
	size_t slab_count, slab_room;
	uint32_t chunk_count; /* given out; number 0 is not used */
	uint32_t idle;	      /* chunks that were given back, one after another */
};

enum { MOST_IN_BUCKET = 28, MOST_BUCKET_BITS = 24 };

struct earlier {
	struct str document;
	size_t message_at; /* the upload or response whose records are remembered */
	uint64_t seed;
	bool used; /* something is remembered */
	struct table people, locals, records;
	struct arena memory; /* of their slabs */
	size_t record_at;    /* the record of the last answer */
	bool answered;
	struct earlier_people answer;
};

struct earlier *earlier_new(void)
{
	struct earlier *earlier = calloc(1, sizeof(*earlier));
	if (!earlier)
		return NULL;
	/* The order of the buckets cannot be foreseen, so no file can be made to run slowly. */
	if (getrandom(&earlier->seed, sizeof(earlier->seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(earlier->seed))
		earlier->seed = (uint64_t)(uintptr_t)earlier * 0x9e3779b97f4a7c15u;
	earlier->people.wide = true;
	return earlier;
}

static void forget(struct table *table)
{
	free(table->few);
	free(table->buckets);
	table->few = NULL;
	table->buckets = NULL;
	table->count = table->bits = table->chunk_count = table->idle = 0;
}

static void release(struct table *table)
{
	forget(table);
	free(table->slabs);
}

void earlier_free(struct earlier *earlier)
{
	if (!earlier)
		return;
	release(&earlier->people);
	release(&earlier->locals);
	release(&earlier->records);
	arena_release(&earlier->memory);
	free(earlier);
}

void earlier_forget(struct earlier *earlier)
{
	if (earlier->used) {
		forget(&earlier->people);
		forget(&earlier->locals);
		forget(&earlier->records);
	}
	earlier->used = earlier->answered = false;
	earlier->document = (struct str){ 0 };
}

static size_t chunk_bytes(const struct table *table)
{
	/* A number of whole words. */
	enum { WIDE = sizeof(struct chunk) + (ENTRIES * sizeof(struct facts) + 7) / 8 * 8 };
	return table->wide ? WIDE : sizeof(struct chunk);
}

static struct chunk *chunk_at(const struct table *table, uint32_t number)
{
	return (struct chunk *)(void *)(table->slabs[number / SLAB_CHUNKS] +
					number % SLAB_CHUNKS * chunk_bytes(table));
}

/* What else is known of the entries of a chunk of a wide table. */
static struct facts *facts_of(struct chunk *chunk)
{
	return (struct facts *)(void *)(chunk + 1);
}

static bool add_slab(struct earlier *earlier, struct table *table)
{
	size_t bytes = SLAB_CHUNKS * chunk_bytes(table);
	char **more = list_grown(table->slabs, table->slab_count, &table->slab_room, sizeof(*more));
	if (!more)
		return false;
	table->slabs = more;
	char *slab = arena_room(&earlier->memory, bytes);
	if (!slab)
		return false;
	table->slabs[table->slab_count++] = slab;
	return true;
}

/* The number of a fresh chunk; 0 when out of memory. */
static uint32_t add_chunk(struct earlier *earlier, struct table *table, uint32_t next)
{
	uint32_t number = table->idle ? table->idle : table->chunk_count + 1;
	if (number == UINT32_MAX ||
	    (number / SLAB_CHUNKS >= table->slab_count && !add_slab(earlier, table)))
		return 0;
	struct chunk *chunk = chunk_at(table, number);
	if (table->idle)
		table->idle = chunk->next;
	else
		table->chunk_count = number;
	chunk->count = 0;
	chunk->next = next;
	return number;
}

/* An entry's bucket; first is the first BUCKET_BITS, rest those above shift. */
static struct bucket *bucket_of(const struct table *table, uint64_t first, unsigned shift,
				uint64_t rest)
{
	unsigned more = table->bits - BUCKET_BITS;
	return &table->buckets[first << more | rest >> (64 - shift - more)];
}

static void mark(struct bucket *bucket, uint64_t rest)
{
	bucket->marks |= (uint64_t)1 << rest % 64;
	bucket->more_marks |= (uint32_t)1 << rest / 64 % 32;
}

/* Whether the bucket may have the entry. */
static bool is_marked(const struct bucket *bucket, uint64_t rest)
{
	return bucket->marks >> rest % 64 & bucket->more_marks >> rest / 64 % 32 & 1;
}

/* facts: of a wide table; else they are not kept. */
static bool put(struct earlier *earlier, struct table *table, uint64_t first, unsigned shift,
		uint64_t entry, const struct facts *facts)
{
	struct bucket *bucket = bucket_of(table, first, shift, entry >> shift);
	if (!bucket->first || chunk_at(table, bucket->first)->count == ENTRIES) {
		uint32_t added = add_chunk(earlier, table, bucket->first);
		if (!added)
			return false;
		bucket->first = added;
	}
	struct chunk *chunk = chunk_at(table, bucket->first);
	chunk->entries[chunk->count] = entry;
	if (table->wide && facts)
		facts_of(chunk)[chunk->count] = *facts;
	chunk->count++;
	mark(bucket, entry >> shift);
	return true;
}

/* Put the entries of a chunk into buckets of their own, and give it back. */
static bool spread(struct earlier *earlier, struct table *table, uint64_t first, unsigned shift,
		   uint32_t number)
{
	uint64_t entries[ENTRIES];
	struct facts facts[ENTRIES] = { 0 };
	struct chunk *chunk = chunk_at(table, number);
	uint32_t count = chunk->count;
	memcpy(entries, chunk->entries, sizeof(entries));
	if (table->wide)
		memcpy(facts, facts_of(chunk), sizeof(facts));
	chunk->next = table->idle;
	table->idle = number;
	for (uint32_t i = 0; i < count; i++)
		if (!put(earlier, table, first, shift, entries[i], &facts[i]))
			return false;
	return true;
}

/* Twice as many buckets, for the same chunks. */
static bool split(struct earlier *earlier, struct table *table, unsigned shift)
{
	struct bucket *old = table->buckets;
	size_t old_count = (size_t)1 << table->bits;
	struct bucket *buckets = calloc(2 * old_count, sizeof(*buckets));
	if (!buckets)
		return false;
	bool good = true;
	table->buckets = buckets;
	table->bits++;
	for (size_t i = 0; i < old_count; i++)
		for (uint32_t number = old[i].first, next; good && number; number = next) {
			next = chunk_at(table, number)->next;
			good = spread(earlier, table, i >> (table->bits - 1 - BUCKET_BITS), shift,
				      number);
		}
	free(old);
	return good;
}

static void fetch_chunk(const struct table *table, uint32_t number)
{
	enum { CACHE_LINE = 64 };
	if (!number)
		return;
	const char *chunk = (const char *)chunk_at(table, number);
	for (size_t at = 0; at < chunk_bytes(table); at += CACHE_LINE)
		__builtin_prefetch(chunk + at, 1);
}

/*
 * An entry will be looked for, and most likely put: what it needs is not in the processor's cache,
 * and comes while something else is done. First the chunk that takes new entries, as soon as the id
 * is read; when that is there, the next one, if the marks say that it will be looked at.
 */
enum step { FIRST_CHUNK, NEXT_CHUNK };

static void fetch(const struct table *table, uint64_t first, unsigned shift, uint64_t rest,
		  enum step step)
{
	const struct bucket *bucket = table->bits ? bucket_of(table, first, shift, rest) : NULL;
	if (!bucket || !bucket->first)
		return;
	if (step == FIRST_CHUNK)
		fetch_chunk(table, bucket->first);
	else if (is_marked(bucket, rest))
		fetch_chunk(table, chunk_at(table, bucket->first)->next);
}

static uint64_t *find_among_few(const struct table *table, uint64_t first, unsigned shift,
				uint64_t rest, struct facts **facts)
{
	for (size_t i = 0; i < table->count; i++) {
		struct early_entry *early = &table->few[i];
		if (early->first != first || early->entry >> shift != rest)
			continue;
		if (facts)
			*facts = &early->facts;
		return &early->entry;
	}
	return NULL;
}

/* The entry whose bits above shift are rest; NULL: there is none. facts: NULL, or of a wide table.
 * It stays where it is until the next one is added. */
static uint64_t *find(const struct table *table, uint64_t first, unsigned shift, uint64_t rest,
		      struct facts **facts)
{
	if (!table->bits)
		return find_among_few(table, first, shift, rest, facts);
	const struct bucket *bucket = bucket_of(table, first, shift, rest);
	uint32_t number = is_marked(bucket, rest) ? bucket->first : 0;
	while (number) {
		struct chunk *chunk = chunk_at(table, number);
		for (uint32_t i = 0; i < chunk->count; i++)
			if (chunk->entries[i] >> shift == rest) {
				if (facts)
					*facts = &facts_of(chunk)[i];
				return &chunk->entries[i];
			}
		number = chunk->next;
	}
	return NULL;
}

static bool add_to_few(struct table *table, uint64_t first, uint64_t entry,
		       const struct facts *facts)
{
	if (!table->few)
		table->few = malloc(FEW * sizeof(*table->few));
	if (!table->few)
		return false;
	struct early_entry *early = &table->few[table->count++];
	*early = (struct early_entry){ .first = first, .entry = entry };
	if (facts)
		early->facts = *facts;
	return true;
}

/* The first buckets, for the few. */
static bool make_buckets(struct earlier *earlier, struct table *table, unsigned shift)
{
	table->buckets = calloc(BUCKETS, sizeof(*table->buckets));
	if (!table->buckets)
		return false;
	table->bits = BUCKET_BITS;
	for (size_t i = 0; i < table->count; i++)
		if (!put(earlier, table, table->few[i].first, shift, table->few[i].entry,
			 &table->few[i].facts))
			return false;
	free(table->few);
	table->few = NULL;
	return true;
}

static bool add(struct earlier *earlier, struct table *table, uint64_t first, unsigned shift,
		uint64_t entry, const struct facts *facts)
{
	earlier->used = true;
	if (!table->bits && table->count < FEW)
		return add_to_few(table, first, entry, facts);
	if (!table->bits && !make_buckets(earlier, table, shift))
		return false;
	if (table->count >> table->bits >= MOST_IN_BUCKET && table->bits < MOST_BUCKET_BITS &&
	    !split(earlier, table, shift))
		return false;
	if (!put(earlier, table, first, shift, entry, facts))
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

static uint64_t *find_person(const struct earlier *earlier, uint32_t nine, struct facts **facts)
{
	uint64_t key = scatter(earlier, nine);
	return find(&earlier->people, key >> (NUMBER_BITS - BUCKET_BITS), PERSON_SHIFT,
		    key & (NUMBER_MASK >> BUCKET_BITS), facts);
}

static bool add_person(struct earlier *earlier, uint32_t nine, unsigned kinds, size_t place,
		       bool is_local, const struct facts *facts)
{
	uint64_t key = scatter(earlier, nine), rest = key & (NUMBER_MASK >> BUCKET_BITS);
	return add(earlier, &earlier->people, key >> (NUMBER_BITS - BUCKET_BITS), PERSON_SHIFT,
		   rest << PERSON_SHIFT | (uint64_t)kinds << KINDS_SHIFT |
			   (uint64_t)is_local << HAS_LOCAL_SHIFT | (place & PLACE_MASK),
		   facts);
}

static void fetch_person(const struct earlier *earlier, uint32_t nine, enum step step)
{
	uint64_t key = scatter(earlier, nine);
	fetch(&earlier->people, key >> (NUMBER_BITS - BUCKET_BITS), PERSON_SHIFT,
	      key & (NUMBER_MASK >> BUCKET_BITS), step);
}

static void fetch_local(const struct earlier *earlier, uint64_t digest, enum step step)
{
	fetch(&earlier->locals, digest >> (64 - LOCAL_SHIFT), LOCAL_SHIFT,
	      digest & (UINT64_MAX >> LOCAL_SHIFT), step);
}

static const uint64_t *find_local(const struct earlier *earlier, uint64_t digest)
{
	return find(&earlier->locals, digest >> (64 - LOCAL_SHIFT), LOCAL_SHIFT,
		    digest & (UINT64_MAX >> LOCAL_SHIFT), NULL);
}

static bool add_local(struct earlier *earlier, uint64_t digest, uint32_t nine)
{
	return add(earlier, &earlier->locals, digest >> (64 - LOCAL_SHIFT), LOCAL_SHIFT,
		   digest << LOCAL_SHIFT | nine, NULL);
}

/* The rest of a record's digest is in its entry; the bucket says the other bits, and two of the
 * number. */
static uint64_t bucket_of_record(uint32_t digest, uint32_t nine)
{
	enum { OF_NUMBER = BUCKET_BITS - (DIGEST_BITS - RECORD_BITS) };
	return (uint64_t)(digest >> RECORD_BITS) << OF_NUMBER | (nine & ((1u << OF_NUMBER) - 1));
}

/* Further records of people that are known already. */
static const uint64_t *find_record(const struct earlier *earlier, uint32_t nine, uint32_t digest)
{
	return find(&earlier->records, bucket_of_record(digest, nine), PLACE_BITS,
		    digest & ((1u << RECORD_BITS) - 1), NULL);
}

static bool add_record(struct earlier *earlier, uint32_t nine, uint32_t digest, size_t place)
{
	return add(earlier, &earlier->records, bucket_of_record(digest, nine), PLACE_BITS,
		   (uint64_t)digest << PLACE_BITS | (place & PLACE_MASK), NULL);
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

/* Whether what is written there reads as a text: the references in it stand for characters. */
static bool reads_as(struct str written, struct str text)
{
	while (written.n) {
		uint32_t code;
		char utf8[4];
		size_t n = written.p[0] == '&' ? length_of_reference(written, &code) : 0;
		size_t bytes = n ? character_utf8(code, utf8) : 1;
		const char *p = n ? utf8 : char_is_space(written.p[0]) ? " " : written.p;
		if (text.n < bytes || memcmp(p, text.p, bytes) != 0)
			return false;
		text = str_from(text, bytes);
		written = str_from(written, n ? n : 1);
	}
	return text.n == 0;
}

/* Only the local ids of the authority that uploads: another authority may have given the same one
 * to another person. */
static bool is_comparable(const struct identifier *id)
{
	const struct value *value = &id->extension;
	if (!id->is_local || id->part.broken || str_is_blank(value->text) || value->offset == 0)
		return false;
	/* The records of a response are of several authorities. */
	if (part_ancestor(&id->part, PART_RESPONSE))
		return false;
	if (!value_there(&id->authority))
		return true;
	struct str holder = holder_around(&id->part);
	return holder.n && ods_code_same(ods_code_of_authority(id->authority.text), holder);
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
	const uint64_t *other = find_person(earlier, nine, NULL);
	if (!other || !reads_as(local_of(earlier, *other), person->local->extension.text))
		return;
	write_number(nine, person->other_number);
	person->other_number_at = (size_t)(*other & PLACE_MASK);
}

static bool recall_local(struct earlier *earlier, struct earlier_person *person,
			 const uint64_t *known)
{
	uint32_t nine = person->number->number.nine;
	uint64_t digest = person->local_digest;
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

/* A birth date to compare, in DATE_BITS; 0: there is none. */
static uint32_t birth_of(const struct subject *subject)
{
	return subject->birth_count ? moment_date(&subject->birth.moment) : 0;
}

/* A name with letters beyond ASCII: one that is written in two ways is the same. */
static uint64_t add_wide(uint64_t digest, struct str name, bool lower)
{
	struct character_letters letters = character_letters_of(str_trim(name));
	uint32_t code;
	bool after_space = false;
	while (character_next_letter(&letters, &code)) {
		bool space = code <= ' ' && char_is_space((char)code);
		if (space && after_space)
			continue;
		after_space = space;
		code = space ? ' ' : lower ? character_lower(code) : code;
		digest = (digest ^ code) * 0x100000001b3u;
	}
	return (digest ^ 0xff) * 0x100000001b3u;
}

/* Capitals, white space and how an accented letter is written are not another name. holds: enum
 * in_name. */
static uint64_t add_name(uint64_t digest, struct str name, unsigned holds)
{
	if (holds & IN_NAME_WIDE)
		return add_wide(digest, name, true);
	for (size_t i = 0; !(holds & IN_NAME_SPACE) && i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		digest = (digest ^ (c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0u))) * 0x100000001b3u;
	}
	if (!(holds & IN_NAME_SPACE))
		return (digest ^ 0xff) * 0x100000001b3u;
	name = str_trim(name);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (char_is_space(c) && char_is_space(name.p[i - 1]))
			continue;
		c = char_is_space(c) ? ' ' : char_small(c);
		digest = (digest ^ (unsigned char)c) * 0x100000001b3u;
	}
	return (digest ^ 0xff) * 0x100000001b3u;
}

/* A digest; 0: there is no whole name. */
static uint32_t name_of(const struct subject *subject)
{
	if (str_is_blank(subject->given.text) || str_is_blank(subject->family.text))
		return 0;
	uint64_t digest = add_name(0xcbf29ce484222325u, subject->family.text, subject->in_family);
	digest = add_name(digest, subject->given.text, subject->in_given);
	return (uint32_t)(digest >> (64 - DIGEST_BITS)) | 1;
}

static uint64_t add_word(uint64_t digest, uint64_t word)
{
	digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
	return digest ^ digest >> 32;
}

/* Eight bytes at a time; the last eight may have been taken in part before. */
static uint64_t add_text(uint64_t digest, struct str text)
{
	uint64_t word = 0;
	digest = add_word(digest, text.n);
	for (size_t i = 0; i + sizeof(word) < text.n; i += sizeof(word)) {
		memcpy(&word, text.p + i, sizeof(word));
		digest = add_word(digest, word);
	}
	if (text.n >= sizeof(word)) {
		memcpy(&word, text.p + text.n - sizeof(word), sizeof(word));
		return add_word(digest, word);
	}
	for (size_t i = 0; i < text.n; i++)
		word = word << 8 | (unsigned char)text.p[i];
	return text.n ? add_word(digest, word) : digest;
}

/* An ODS code, in capitals or in small letters. */
static uint64_t add_ods_code(uint64_t digest, struct str code)
{
	char capitals[16];
	digest = add_word(digest, code.n);
	for (size_t at = 0; at < code.n; at += sizeof(capitals)) {
		size_t n = code.n - at < sizeof(capitals) ? code.n - at : sizeof(capitals);
		for (size_t i = 0; i < n; i++)
			capitals[i] = char_capital(code.p[at + i]);
		digest = add_text(digest, (struct str){ capitals, n });
	}
	return digest;
}

/* A name that is not read says what its letters say, as they are sent. */
static uint64_t add_name_text(uint64_t digest, struct str name, unsigned holds,
			      const struct coding *coding)
{
	if (!(holds & (IN_NAME_WIDE | IN_NAME_UNREAD)))
		return add_text(digest, name);
	if (holds & IN_NAME_WIDE)
		return add_wide(digest, name, false);
	return add_text(add_text(digest, coding->unread), coding->compression.text);
}

static uint64_t add_subject(uint64_t digest, const struct subject *subject)
{
	digest = add_word(digest, subject->part.role);
	for (size_t i = 0; i < subject->id_count; i++) {
		const struct identifier *id = &subject->ids[i];
		digest = add_word(digest, id->part.sort);
		if (id->part.sort != SORT_NHS && id->part.sort != SORT_LOCAL)
			digest = add_text(digest, id->root.text);
		digest = add_text(digest, id->extension.text);
	}
	digest = add_text(digest, subject->birth_count ? subject->birth.value.text : STR(""));
	digest = add_name_text(digest, subject->given.text, subject->in_given,
			       &subject->given_coding);
	return add_name_text(digest, subject->family.text, subject->in_family,
			     &subject->family_coding);
}

/* All that the record says, and never 0: equal ones have the same digest, whatever white space is
 * in them. */
static uint32_t record_digest(const struct earlier *earlier, const struct record *record)
{
	uint64_t digest = 0xcbf29ce484222325u ^ earlier->seed;
	if (record->authority_count)
		digest = add_ods_code(digest, record->authority.id.extension.text);
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		digest = add_word(digest, plan->part.role);
		digest = add_text(digest, plan->start.value.text);
		digest = add_text(digest, plan->end.value.text);
		digest = add_text(digest, plan->deleted.value.text);
	}
	for (size_t i = 0; i < record->subject_count; i++)
		digest = add_subject(digest, &record->subjects[i]);
	uint32_t folded = (digest ^ digest >> 32) & DIGEST_MASK;
	return folded ? folded : 1;
}

/* Whether a known person's record was there before, as the first with the person or a further one,
 * whose NHS number must be the same too; its digest is remembered. */
static bool recall_record(struct earlier *earlier, const struct facts *facts,
			  const struct earlier_person *person, uint32_t digest, size_t *same_at)
{
	const struct value *number = &person->number->extension;
	uint32_t nine = person->number->number.nine;
	if (facts->record == digest) {
		*same_at = (size_t)((ptrdiff_t)person->seen_at + facts->number - NEAR);
		return true;
	}
	const uint64_t *record = find_record(earlier, nine, digest);
	if (!record)
		return add_record(earlier, nine, digest, number->offset);
	size_t place = (size_t)(*record & PLACE_MASK);
	if (reads_as(written_at(earlier, place), number->text))
		*same_at = place;
	return true;
}

/* A month and a day of it do not contradict each other; from then on it is the day. Nor do two
 * times of one day: a time is a finding of its own (DAT-017). */
static void recall_birth(struct facts *facts, struct earlier_person *person)
{
	uint32_t birth = birth_of(person->subject);
	if (!birth || birth == facts->birth)
		return;
	struct moment here = moment_of_date(birth), there = moment_of_date(facts->birth);
	person->other_birth = facts->birth && !moment_dates_are_one(birth, facts->birth);
	person->birth_at_seen = !facts->fuller;
	if (person->other_birth || (facts->birth && !moment_is_fuller(&here, &there)))
		return;
	facts->birth = birth & ((1u << DATE_BITS) - 1);
	facts->fuller = 1;
}

/* What the first record with the person said; what is missing there is taken from this one. */
static void recall_facts(struct facts *facts, struct earlier_person *person)
{
	uint32_t name = name_of(person->subject);
	person->other_name = name && facts->name && name != facts->name;
	if (!facts->name)
		facts->name = name & DIGEST_MASK;
	recall_birth(facts, person);
}

static bool add_new(struct earlier *earlier, const struct earlier_person *person, unsigned kinds,
		    uint32_t digest)
{
	const struct identifier *id = person->local ? person->local : person->number;
	const struct value *extension = &person->number->extension;
	uint32_t nine = person->number->number.nine;
	ptrdiff_t number = (ptrdiff_t)extension->offset - (ptrdiff_t)id->extension.offset;
	bool near = number >= -NEAR && number < NEAR;
	struct facts facts = { .name = name_of(person->subject) & DIGEST_MASK,
			       .birth = birth_of(person->subject) & ((1u << DATE_BITS) - 1) };
	if (near) {
		facts.record = digest & DIGEST_MASK;
		facts.number = (uint32_t)(number + NEAR) & (2 * NEAR - 1);
	}
	return add_person(earlier, nine, kinds >> 1, id->extension.offset, person->local != NULL,
			  &facts) &&
	       (near || !digest || add_record(earlier, nine, digest, extension->offset));
}

/* The place of a person becomes that of the local id: the first record is one of the further ones
 * now. */
static bool place_by_local(struct earlier *earlier, const struct earlier_person *person,
			   uint64_t *known, struct facts *facts)
{
	uint32_t first = facts->record;
	size_t place = (size_t)(*known & PLACE_MASK);
	facts->record = 0;
	*known = (*known & ~PLACE_MASK) | (uint64_t)1 << HAS_LOCAL_SHIFT |
		 (person->local->extension.offset & PLACE_MASK);
	return !first || add_record(earlier, person->number->number.nine, first, place);
}

/* digest: of the record, where this is its first person; else 0. */
static bool recall(struct earlier *earlier, struct earlier_person *person, unsigned kinds,
		   uint32_t digest, size_t *same_at)
{
	struct facts *facts = NULL;
	uint64_t *known = find_person(earlier, person->number->number.nine, &facts);
	if (known) {
		person->seen_at = (size_t)(*known & PLACE_MASK);
		person->repeated = (unsigned)(*known >> KINDS_SHIFT) << 1 & kinds;
		*known |= (uint64_t)(kinds >> 1) << KINDS_SHIFT;
	}
	if (person->local && !recall_local(earlier, person, known))
		return false;
	if (!known)
		return add_new(earlier, person, kinds, digest);
	recall_facts(facts, person);
	if (digest && !recall_record(earlier, facts, person, digest, same_at))
		return false;
	return !person->local || *known >> HAS_LOCAL_SHIFT & 1 ||
	       place_by_local(earlier, person, known, facts);
}

void earlier_expect(const struct earlier *earlier, const struct identifier *id)
{
	if (id->is_nhs)
		fetch_person(earlier, id->number.nine, FIRST_CHUNK);
	else if (id->is_local)
		fetch_local(earlier, digest_of(earlier, id->extension.text), FIRST_CHUNK);
}

/* A subject joins the answer; none without a valid number. */
static void take_subject(const struct earlier *earlier, const struct subject *subject,
			 struct earlier_people *answer)
{
	struct earlier_person person = { .subject = subject };
	for (size_t i = 0; i < subject->id_count; i++) {
		const struct identifier *id = &subject->ids[i];
		if (!person.number && id->is_nhs && nhs_number_is_valid(&id->number))
			person.number = id;
		else if (!person.local && is_comparable(id))
			person.local = id;
	}
	if (!person.number)
		return;
	fetch_person(earlier, person.number->number.nine, NEXT_CHUNK);
	if (person.local) {
		person.local_digest = digest_of(earlier, person.local->extension.text);
		fetch_local(earlier, person.local_digest, NEXT_CHUNK);
	}
	answer->people[answer->count++] = person;
}

/* The kinds of plan that a record has for a person. */
static unsigned kinds_of(const struct record *record, const struct earlier_person *person)
{
	unsigned kinds = 0;
	for (size_t k = 0; k < record->plan_count; k++)
		if (plan_subject_kind(&record->plans[k]) == person->subject->part.role)
			kinds |= 1u << record->plans[k].part.role;
	return kinds;
}

/* What is known of the people of an answer, each with its kinds of plan. False when out of memory.
 */
static bool recall_people(struct earlier *earlier, const struct record *record,
			  struct earlier_people *answer)
{
	/* An acknowledgement returns people without their plans: of two records of one person it
	 * shows the same. */
	bool whole = record->part.parent->kind != PART_ACKNOWLEDGEMENT;
	uint32_t digest = whole ? record_digest(earlier, record) : 0;
	for (size_t i = 0; i < answer->count; i++) {
		struct earlier_person *person = &answer->people[i];
		unsigned kinds = kinds_of(record, person);
		/* The same person twice in this record (UPL-010) has the plans once. */
		if (i && person->number->number.nine == answer->people[0].number->number.nine)
			kinds &= ~kinds_of(record, &answer->people[0]);
		if (!recall(earlier, person, kinds, i ? 0 : digest, &answer->same_at))
			return false;
	}
	return true;
}

/* The message whose records are compared with this one; NULL: no other says anything of its people.
 * What was refused is returned with the fault that it was refused for. */
static const struct part *message_of(const struct record *record)
{
	const struct part *around = record->part.parent;
	switch (around ? around->kind : PART_NONE) {
	case PART_UPLOAD:
	case PART_RESPONSE:
		return around;
	case PART_ACKNOWLEDGEMENT:
		return acknowledgement_refuses(record) ? NULL : around;
	default:
		return NULL;
	}
}

const struct earlier_people *earlier_of(struct earlier *earlier, struct str document,
					const struct record *record)
{
	static const struct earlier_people nothing;
	/* Each of several rules asks. */
	if (earlier->answered && earlier->record_at == record->part.offset &&
	    earlier->document.p == document.p && record->part.parent &&
	    record->part.parent->offset == earlier->message_at)
		return &earlier->answer;
	const struct part *message = message_of(record);
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
	for (size_t i = 0; i < record->subject_count && i < EARLIER_MOST; i++)
		take_subject(earlier, &record->subjects[i], &earlier->answer);
	earlier->answered = recall_people(earlier, record, &earlier->answer);
	earlier->record_at = record->part.offset;
	return earlier->answered ? &earlier->answer : NULL;
}
