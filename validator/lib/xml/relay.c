#include "xml/relay.h"

#include <pthread.h>
#include <stdlib.h>

/* Small enough that all batches together stay in a processor's cache, large enough to wake seldom.
 */
enum { BATCHES = 4, EVENTS = 512, ATTRIBUTES = 512 };

enum event_kind { EVENT_START, EVENT_END, EVENT_TEXT };

struct event {
	enum event_kind kind;
	size_t offset;
	union {
		struct xml_tag tag;
		struct str text;
	} of;
};

struct batch {
	size_t count, attribute_count;
	bool last;
	struct event events[EVENTS];
	struct xml_attribute attributes[ATTRIBUTES];
	struct xml_attribute *many; /* of a tag with more attributes than there is room for; freed
				       with the batch */
	struct arena copies;	    /* values that are no slices of the document */
};

struct relay {
	struct xml_reader *reader;
	struct str bytes;
	const struct xml_limits *limits;
	struct xml_fault *fault;
	enum xml_outcome outcome; /* of the parse; set before the last batch is handed over */

	struct batch *batches;
	struct batch *filling; /* the parser's */
	pthread_mutex_t mutex;
	pthread_cond_t moved;
	size_t filled, emptied; /* how many batches were handed over, and given back; under mutex */
	bool stopped;		/* the judge wants no more; under mutex */
	bool failed;		/* memory is out on the parser's side */
};

static bool in_document(const struct relay *relay, const char *p)
{
	return p >= relay->bytes.p && p <= relay->bytes.p + relay->bytes.n;
}

static struct str lasting(struct relay *relay, struct str text)
{
	if (!text.p || in_document(relay, text.p))
		return text;
	struct str copy = arena_str(&relay->filling->copies, text);
	relay->failed = relay->failed || !copy.p;
	return copy;
}

static void empty(struct batch *batch)
{
	free(batch->many);
	batch->many = NULL;
	batch->count = batch->attribute_count = 0;
	arena_rewind(&batch->copies, (struct arena_mark){ 0 });
}

/* Hand the filled batch over and wait for an empty one. -1: nobody wants more. */
static int hand_over(struct relay *relay, bool last)
{
	relay->filling->last = last;
	pthread_mutex_lock(&relay->mutex);
	relay->filled++;
	pthread_cond_signal(&relay->moved);
	while (!last && !relay->stopped && relay->filled - relay->emptied == BATCHES)
		pthread_cond_wait(&relay->moved, &relay->mutex);
	bool stopped = relay->stopped;
	relay->filling = &relay->batches[relay->filled % BATCHES];
	pthread_mutex_unlock(&relay->mutex);
	if (stopped || last)
		return -1;
	empty(relay->filling);
	return 0;
}

static struct event *next_event(struct relay *relay)
{
	if (relay->filling->count == EVENTS && hand_over(relay, false) != 0)
		return NULL;
	return &relay->filling->events[relay->filling->count++];
}

/* Room for a tag's attributes in the batch of its event. */
static struct xml_attribute *room_for(struct batch *batch, size_t count)
{
	if (batch->attribute_count + count <= ATTRIBUTES) {
		batch->attribute_count += count;
		return &batch->attributes[batch->attribute_count - count];
	}
	if (count > ATTRIBUTES && !batch->many)
		return batch->many = malloc(count * sizeof(*batch->many));
	return NULL;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct relay *relay = context;
	struct batch *batch = relay->filling;
	bool crowded = batch->count == EVENTS || batch->many ||
		       batch->attribute_count + tag->count > ATTRIBUTES;
	if (crowded && batch->count && hand_over(relay, false) != 0)
		return -1;
	struct xml_attribute *attributes = room_for(relay->filling, tag->count);
	struct event *event = attributes ? next_event(relay) : NULL;
	relay->failed = relay->failed || !attributes;
	if (!event)
		return -1;
	for (size_t i = 0; i < tag->count; i++) {
		attributes[i] = tag->attributes[i];
		attributes[i].value = lasting(relay, tag->attributes[i].value);
	}
	event->kind = EVENT_START;
	event->of.tag = *tag;
	event->of.tag.attributes = attributes;
	return relay->failed ? -1 : 0;
}

static int on_end(void *context, size_t offset)
{
	struct event *event = next_event(context);
	if (!event)
		return -1;
	event->kind = EVENT_END;
	event->offset = offset;
	return 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct relay *relay = context;
	struct event *event = next_event(relay);
	if (!event)
		return -1;
	event->kind = EVENT_TEXT;
	event->offset = offset;
	event->of.text = lasting(relay, text);
	return relay->failed ? -1 : 0;
}

static void *parse(void *argument)
{
	static const struct xml_handler handler = { on_start, on_end, on_text };
	struct relay *relay = argument;
	relay->outcome =
		xml_read(relay->reader, relay->bytes, relay->limits, &handler, relay, relay->fault);
	if (relay->failed)
		relay->outcome = XML_INTERNAL;
	hand_over(relay, true);
	return NULL;
}

static int judge(const struct batch *batch, const struct xml_handler *handler, void *context)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct event *event = &batch->events[i];
		int status = 0;
		switch (event->kind) {
		case EVENT_START:
			status = handler->start ? handler->start(context, &event->of.tag) : 0;
			break;
		case EVENT_END:
			status = handler->end ? handler->end(context, event->offset) : 0;
			break;
		case EVENT_TEXT:
			status = handler->text
					 ? handler->text(context, event->of.text, event->offset)
					 : 0;
			break;
		}
		if (status != 0)
			return -1;
	}
	return 0;
}

/* Judge batch after batch as they come. -1: the handler wanted no more. */
static int judge_all(struct relay *relay, const struct xml_handler *handler, void *context)
{
	for (size_t taken = 0;; taken++) {
		pthread_mutex_lock(&relay->mutex);
		while (relay->filled == taken)
			pthread_cond_wait(&relay->moved, &relay->mutex);
		pthread_mutex_unlock(&relay->mutex);
		const struct batch *batch = &relay->batches[taken % BATCHES];
		int status = judge(batch, handler, context);
		bool last = batch->last;
		pthread_mutex_lock(&relay->mutex);
		relay->emptied++;
		relay->stopped = status != 0;
		pthread_cond_signal(&relay->moved);
		pthread_mutex_unlock(&relay->mutex);
		if (status != 0 || last)
			return status;
	}
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
	};
	pthread_t thread;
	relay.batches = calloc(BATCHES, sizeof(*relay.batches));
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
	}
	for (size_t i = 0; relay.batches && i < BATCHES; i++) {
		empty(&relay.batches[i]);
		arena_release(&relay.batches[i].copies);
	}
	free(relay.batches);
	pthread_cond_destroy(&relay.moved);
	pthread_mutex_destroy(&relay.mutex);
	return outcome;
}
