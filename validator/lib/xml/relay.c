#include "xml/alloc.h"
#include "xml/reader.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * So many that neither thread waits while the other is held up for a moment, by a read or by the
 * scheduler; so few that all of them stay in a processor's cache (1 MiB). A waiting thread is woken
 * when a few are full, or empty again: one that sleeps and wakes for every batch costs more than it
 * saves.
 */
enum { BATCHES = 64, FEW = BATCHES / 8 };
#ifdef CPIS_SMALL_BATCHES /* for the fuzz targets: small documents fill them */
enum { BATCH_WORDS = 64, MOST_ATTRIBUTES = 15 };
#else
enum { BATCH_WORDS = 4 * 1024, MOST_ATTRIBUTES = UINT8_MAX };
#endif

/*
 * Events go from one processor to the other, which is what they cost. So they are a few words each:
 * places in the document and numbers of names.
 *
 *   end       kind; offset
 *   text      kind; offset of the event, of the text and its length
 *   start     kind, number of attributes, name; offset; length and prefix;
 *             then of every attribute its name; offset of its value and length
 *
 * An event that does not fit this is kept as a whole in the batch, and written as its address.
 */
enum event_kind { EVENT_END, EVENT_TEXT, EVENT_START, EVENT_TEXT_KEPT, EVENT_START_KEPT };

enum {
	END_WORDS = 2,
	TEXT_WORDS = 4,
	START_WORDS = 3,
	ATTRIBUTE_WORDS = 3,
	KEPT_WORDS = 2 + sizeof(void *) / sizeof(uint32_t),
	LENGTH_BITS = 24, /* the prefix's number is above the length of a tag */
	MOST_PREFIXES = 16,
	CACHE_LINE = 64,
	WORDS_AHEAD = 4 * CACHE_LINE / sizeof(uint32_t) /* are asked of the other processor */
};

struct batch {
	size_t count; /* words */
	bool last;
	uint32_t words[BATCH_WORDS];
	struct arena kept; /* events written as an address, and values that are not slices of the
			      document */
};

struct relay {
	struct xml_reader *reader;
	struct str bytes;
	const struct xml_limits *limits;
	struct xml_fault *fault;
	enum xml_outcome outcome; /* of the parse; set before the last batch is handed over */

	struct batch *batches;
	struct batch *filling; /* the parser's */
	const char
		*prefixes[MOST_PREFIXES]; /* by number; the first is for no prefix. Only added to */
	unsigned prefix_count;

	/* What one thread writes all the time must not lie beside what the other reads. */
	alignas(CACHE_LINE) struct xml_attribute attributes[MOST_ATTRIBUTES]; /* the judge's */

	alignas(CACHE_LINE) pthread_mutex_t mutex;
	pthread_cond_t moved;
	size_t filled, emptied; /* how many batches were handed over, and given back; under mutex */
	bool ended;		/* the last one was handed over; under mutex */
	bool stopped;		/* the judge has stopped; under mutex */
	bool failed;		/* out of memory on the parser's side */
};

/* The parser's side */

static bool in_document(const struct relay *relay, const char *p)
{
	return p >= relay->bytes.p && p <= relay->bytes.p + relay->bytes.n;
}

static void empty(struct batch *batch)
{
	batch->count = 0;
	arena_rewind(&batch->kept, (struct arena_mark){ 0 });
}

/* Hand the filled batch over and wait for an empty one. -1: stop. */
static int hand_over(struct relay *relay, bool last)
{
	relay->filling->last = last;
	pthread_mutex_lock(&relay->mutex);
	relay->filled++;
	relay->ended = last;
	if (last || relay->filled - relay->emptied >= FEW)
		pthread_cond_signal(&relay->moved);
	if (relay->filled - relay->emptied == BATCHES)
		while (!last && !relay->stopped && relay->filled - relay->emptied > BATCHES - FEW)
			pthread_cond_wait(&relay->moved, &relay->mutex);
	bool stopped = relay->stopped;
	relay->filling = &relay->batches[relay->filled % BATCHES];
	pthread_mutex_unlock(&relay->mutex);
	if (stopped || last)
		return -1;
	empty(relay->filling);
	return 0;
}

/* Room for the words of an event; NULL: stop. */
static uint32_t *room_for(struct relay *relay, size_t words)
{
	if (relay->filling->count + words > BATCH_WORDS && hand_over(relay, false) != 0)
		return NULL;
	uint32_t *room = &relay->filling->words[relay->filling->count];
	relay->filling->count += words;
	return room;
}

/* Write an event as the address of what is kept of it, in KEPT_WORDS of room; on failure, nothing.
 */
static int write_kept(struct relay *relay, uint32_t *room, enum event_kind kind, size_t offset,
		      const void *kept)
{
	if (!kept || relay->filling->kept.failed) {
		relay->filling->count -= KEPT_WORDS;
		relay->failed = true;
		return -1;
	}
	room[0] = kind;
	room[1] = (uint32_t)offset;
	memcpy(room + 2, &kept, sizeof(kept));
	return 0;
}

static struct str lasting(struct relay *relay, struct str text)
{
	if (!text.p || in_document(relay, text.p))
		return text;
	return arena_str(&relay->filling->kept, text);
}

static int keep_start(struct relay *relay, const struct xml_tag *tag)
{
	uint32_t *room = room_for(relay, KEPT_WORDS);
	if (!room)
		return -1;
	struct arena *arena = &relay->filling->kept;
	struct xml_tag *kept = arena_alloc(arena, sizeof(*kept));
	struct xml_attribute *attributes =
		arena_alloc(arena, (tag->count + 1) * sizeof(*attributes));
	if (kept && attributes) {
		*kept = *tag;
		kept->attributes = attributes;
		for (size_t i = 0; i < tag->count; i++) {
			attributes[i] = tag->attributes[i];
			attributes[i].value = lasting(relay, tag->attributes[i].value);
		}
	}
	return write_kept(relay, room, EVENT_START_KEPT, tag->offset, attributes ? kept : NULL);
}

/* The number of a prefix; MOST_PREFIXES: there are too many to give it one. */
static unsigned prefix_number(struct relay *relay, const char *prefix)
{
	for (unsigned i = 0; i < relay->prefix_count; i++)
		if (relay->prefixes[i] == prefix)
			return i;
	if (relay->prefix_count == MOST_PREFIXES)
		return MOST_PREFIXES;
	relay->prefixes[relay->prefix_count] = prefix;
	return relay->prefix_count++;
}

/* Writes nothing and returns -1 when the tag has to be kept. */
static int write_start(struct relay *relay, const struct xml_tag *tag, uint32_t *to)
{
	unsigned prefix = prefix_number(relay, tag->prefix);
	if (!tag->name || !tag->plain_values || prefix == MOST_PREFIXES ||
	    tag->raw.n >> LENGTH_BITS)
		return -1;
	*to++ = EVENT_START | (uint32_t)tag->count << 8 | (uint32_t)tag->name << 16;
	*to++ = (uint32_t)tag->offset;
	*to++ = (uint32_t)tag->raw.n | prefix << LENGTH_BITS;
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		*to++ = attribute->name;
		*to++ = (uint32_t)(attribute->value.p - relay->bytes.p);
		*to++ = (uint32_t)attribute->value.n;
	}
	return 0;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct relay *relay = context;
	size_t words = START_WORDS + ATTRIBUTE_WORDS * tag->count;
	if (tag->count > MOST_ATTRIBUTES)
		return keep_start(relay, tag);
	uint32_t *room = room_for(relay, words);
	if (!room)
		return -1;
	if (write_start(relay, tag, room) == 0)
		return 0;
	relay->filling->count -= words;
	return keep_start(relay, tag);
}

static int on_end(void *context, size_t offset)
{
	uint32_t *room = room_for(context, END_WORDS);
	if (!room)
		return -1;
	room[0] = EVENT_END;
	room[1] = (uint32_t)offset;
	return 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct relay *relay = context;
	bool plain = in_document(relay, text.p);
	uint32_t *room = room_for(relay, plain ? TEXT_WORDS : KEPT_WORDS);
	if (!room)
		return -1;
	if (plain) {
		room[0] = EVENT_TEXT;
		room[1] = (uint32_t)offset;
		room[2] = (uint32_t)(text.p - relay->bytes.p);
		room[3] = (uint32_t)text.n;
		return 0;
	}
	struct str *kept = arena_alloc(&relay->filling->kept, sizeof(*kept));
	if (kept)
		*kept = lasting(relay, text);
	return write_kept(relay, room, EVENT_TEXT_KEPT, offset, kept);
}

static enum xml_outcome out_of_memory(struct relay *relay)
{
	*relay->fault = (struct xml_fault){ .text = "out of memory" };
	return XML_INTERNAL;
}

static void *parse(void *argument)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	struct relay *relay = argument;
	relay->outcome = xml_thread_setup() ? xml_read(relay->reader, relay->bytes, relay->limits,
						       &handler, relay, relay->fault)
					    : out_of_memory(relay);
	if (relay->failed)
		relay->outcome = out_of_memory(relay);
	hand_over(relay, true);
	return NULL;
}

/* The judge's side: each returns the words of the event that it handed on, or 0 to stop. */

static size_t judge_start(struct relay *relay, const uint32_t *from,
			  const struct xml_handler *handler, void *context)
{
	size_t count = from[0] >> 8 & UINT8_MAX;
	struct xml_tag tag = {
		.name = (xml_name)(from[0] >> 16),
		.offset = from[1],
		.raw = { relay->bytes.p + from[1], from[2] & ((1u << LENGTH_BITS) - 1) },
		.prefix = relay->prefixes[from[2] >> LENGTH_BITS],
		.count = count,
		.attributes = relay->attributes,
		.plain_values = true,
		.document = relay->bytes.p,
		.document_bytes = relay->bytes.n,
	};
	tag.ns = (uint16_t)xml_names_namespace(tag.name);
	tag.local = xml_names_local(tag.name);
	tag.uri = xml_namespace_uris[tag.ns];
	from += START_WORDS;
	for (size_t i = 0; i < count; i++, from += ATTRIBUTE_WORDS) {
		struct xml_attribute *attribute = &relay->attributes[i];
		attribute->name = (xml_name)from[0];
		attribute->ns = NS_NONE;
		attribute->local = xml_names_local(attribute->name);
		attribute->prefix = attribute->uri = NULL;
		attribute->value = (struct str){ relay->bytes.p + from[1], from[2] };
	}
	if (handler->start && handler->start(context, &tag) != 0)
		return 0;
	return START_WORDS + ATTRIBUTE_WORDS * count;
}

static size_t judge_text(const struct relay *relay, const uint32_t *from,
			 const struct xml_handler *handler, void *context)
{
	struct str text = { relay->bytes.p + from[2], from[3] };
	if (handler->text && handler->text(context, text, from[1]) != 0)
		return 0;
	return TEXT_WORDS;
}

static size_t judge_kept(const uint32_t *from, const struct xml_handler *handler, void *context)
{
	const void *kept;
	memcpy(&kept, from + 2, sizeof(kept));
	if (from[0] == EVENT_START_KEPT)
		return handler->start && handler->start(context, kept) != 0 ? 0 : KEPT_WORDS;
	const struct str *text = kept;
	return handler->text && handler->text(context, *text, from[1]) != 0 ? 0 : KEPT_WORDS;
}

static int judge(struct relay *relay, const struct batch *batch, const struct xml_handler *handler,
		 void *context)
{
	for (size_t i = 0, words; i < batch->count; i += words) {
		const uint32_t *from = &batch->words[i];
		__builtin_prefetch(from + WORDS_AHEAD);
		switch ((enum event_kind)(from[0] & UINT8_MAX)) {
		case EVENT_START:
			words = judge_start(relay, from, handler, context);
			break;
		case EVENT_END:
			words = handler->end && handler->end(context, from[1]) != 0 ? 0 : END_WORDS;
			break;
		case EVENT_TEXT:
			words = judge_text(relay, from, handler, context);
			break;
		case EVENT_TEXT_KEPT:
		case EVENT_START_KEPT:
		default:
			words = judge_kept(from, handler, context);
			break;
		}
		if (!words)
			return -1;
	}
	return 0;
}

/* Judge batch after batch as they come. -1: the handler wanted no more. */
static int judge_all(struct relay *relay, const struct xml_handler *handler, void *context)
{
	for (size_t taken = 0;; taken++) {
		pthread_mutex_lock(&relay->mutex);
		if (relay->filled == taken)
			while (!relay->ended && relay->filled - taken < FEW)
				pthread_cond_wait(&relay->moved, &relay->mutex);
		pthread_mutex_unlock(&relay->mutex);
		const struct batch *batch = &relay->batches[taken % BATCHES];
		int status = judge(relay, batch, handler, context);
		bool last = batch->last;
		pthread_mutex_lock(&relay->mutex);
		relay->emptied++;
		relay->stopped = status != 0;
		if (relay->stopped || relay->filled - relay->emptied <= BATCHES - FEW)
			pthread_cond_signal(&relay->moved);
		pthread_mutex_unlock(&relay->mutex);
		if (status != 0 || last)
			return status;
	}
}

/* Their pages are asked for all at once: one by one, each would stop the parser. */
static struct batch *new_batches(void)
{
	struct batch *batches = calloc(BATCHES, sizeof(*batches));
#ifdef MADV_POPULATE_WRITE
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *from = batches ? (char *)batches + (size_t)(-(uintptr_t)batches % page) : NULL;
	char *to = batches ? (char *)(batches + BATCHES) : NULL;
	if (to > from)
		(void)madvise(from, (size_t)(to - from) / page * page, MADV_POPULATE_WRITE);
#endif
	return batches;
}

enum xml_outcome xml_read_ahead(struct xml_reader *reader, struct str bytes,
				const struct xml_limits *limits, const struct xml_handler *handler,
				void *context, struct xml_fault *fault)
{
	struct relay relay = {
		.reader = reader,
		.bytes = bytes,
		.limits = limits,
		.fault = fault,
		.prefix_count = 1, /* none */
	};
	pthread_t thread;
	xml_alloc_forget();
	relay.batches = new_batches();
	relay.filling = relay.batches;
	pthread_mutex_init(&relay.mutex, NULL);
	pthread_cond_init(&relay.moved, NULL);
	bool started = relay.batches && pthread_create(&thread, NULL, parse, &relay) == 0;
	enum xml_outcome outcome = XML_STOPPED;
	if (!started) {
		outcome = xml_read(reader, bytes, limits, handler, context, fault);
	} else {
		int status = judge_all(&relay, handler, context);
		pthread_join(thread, NULL);
		outcome = status == 0 ? relay.outcome : XML_STOPPED;
		/* A schema of the user's is libxml2's work, on this side. */
		if (xml_alloc_failed())
			outcome = out_of_memory(&relay);
	}
	for (size_t i = 0; relay.batches && i < BATCHES; i++)
		arena_release(&relay.batches[i].kept);
	free(relay.batches);
	pthread_cond_destroy(&relay.moved);
	pthread_mutex_destroy(&relay.mutex);
	return outcome;
}
