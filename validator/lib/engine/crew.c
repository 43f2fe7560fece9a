#include "engine/crew.h"

#include "transport/mesh.h"
#include "xml/reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 64, UNITS = 128, MOST_BYTES = 64 * 1024 * 1024, USUAL_BYTES = 8 * 1024 };

/* A member that was taken over. */
struct unit {
	struct parcel parcel; /* its bytes, name and mesh are the unit's */
	char *bytes, *name;
	struct mesh mesh;
	const struct draft_member *around;
	struct draft draft;
	struct draft_tally *tallies; /* of the draft */
	struct member_use use;
	bool done; /* under the mutex */
};

struct crew {
	struct crew_tools tools;
	unsigned wanted, started; /* threads beside the caller's */
	bool idle;		  /* there was no work for it yet */
	pthread_t threads[MOST_THREADS];
	void *mine; /* the caller's tools */

	/* of the source */
	struct draft *draft;
	struct unwrapping *unwrapping;
	size_t *documents; /* so far */
	size_t from;	   /* what was taken before it */
	bool spoilt;	   /* something was not opened, maybe for a limit */

	pthread_mutex_t mutex;
	pthread_cond_t work, done;
	/* In a ring, under the mutex: joined <= begun <= taken. */
	struct unit units[UNITS];
	size_t joined, begun, taken;
	size_t bytes; /* of those that are not joined */
	bool closing;
};

struct crew *crew_new(const struct crew_tools *tools, unsigned threads)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	if (!crew)
		return NULL;
	crew->tools = *tools;
	crew->wanted = threads > MOST_THREADS ? MOST_THREADS : threads - 1;
	crew->idle = true;
	pthread_mutex_init(&crew->mutex, NULL);
	pthread_cond_init(&crew->work, NULL);
	pthread_cond_init(&crew->done, NULL);
	return crew;
}

static void release(struct unit *unit)
{
	free(unit->bytes);
	free(unit->name);
	unit->bytes = unit->name = NULL;
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	pthread_mutex_lock(&crew->mutex);
	crew->closing = true;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->mutex);
	for (unsigned i = 0; i < crew->started; i++)
		pthread_join(crew->threads[i], NULL);
	for (size_t i = 0; i < UNITS; i++) {
		release(&crew->units[i]);
		draft_release(&crew->units[i].draft);
		free(crew->units[i].tallies);
	}
	if (crew->mine)
		crew->tools.close(crew->mine);
	pthread_cond_destroy(&crew->done);
	pthread_cond_destroy(&crew->work);
	pthread_mutex_destroy(&crew->mutex);
	free(crew);
}

/* Threads */

/* The next unit that no one has begun; NULL: there is none. The mutex is held. */
static struct unit *begin(struct crew *crew)
{
	return crew->begun < crew->taken ? &crew->units[crew->begun++ % UNITS] : NULL;
}

static void judge(struct crew *crew, void *tools, struct unit *unit)
{
	crew->tools.judge(tools, &unit->parcel, unit->around, &unit->draft, &unit->use);
	pthread_mutex_lock(&crew->mutex);
	unit->done = true;
	pthread_cond_signal(&crew->done);
	pthread_mutex_unlock(&crew->mutex);
}

/* NULL: the crew goes. */
static struct unit *wait_for_work(struct crew *crew)
{
	struct unit *unit;
	pthread_mutex_lock(&crew->mutex);
	while (!(unit = begin(crew)) && !crew->closing)
		pthread_cond_wait(&crew->work, &crew->mutex);
	pthread_mutex_unlock(&crew->mutex);
	return unit;
}

static void *run(void *context)
{
	struct crew *crew = context;
	void *tools = xml_thread_setup() ? crew->tools.open(crew->tools.context) : NULL;
	struct unit *unit;
	while (tools && (unit = wait_for_work(crew)))
		judge(crew, tools, unit);
	if (tools)
		crew->tools.close(tools);
	return NULL;
}

/* Once there is work. */
static void start(struct crew *crew)
{
	crew->idle = false;
	crew->mine = crew->tools.open(crew->tools.context);
	while (crew->mine && crew->started < crew->wanted &&
	       pthread_create(&crew->threads[crew->started], NULL, run, crew) == 0)
		crew->started++;
}

/* The chief's side */

void crew_begin(struct crew *crew, struct draft *draft, struct unwrapping *unwrapping,
		size_t *documents)
{
	crew->draft = draft;
	crew->unwrapping = unwrapping;
	crew->documents = documents;
	crew->from = crew->taken;
	crew->spoilt = false;
}

/* Judge one of those that no one has begun. False: there is none. */
static bool help(struct crew *crew)
{
	pthread_mutex_lock(&crew->mutex);
	struct unit *unit = begin(crew);
	pthread_mutex_unlock(&crew->mutex);
	if (unit)
		judge(crew, crew->mine, unit);
	return unit != NULL;
}

static bool is_done(struct crew *crew, const struct unit *unit)
{
	pthread_mutex_lock(&crew->mutex);
	bool done = unit->done;
	pthread_mutex_unlock(&crew->mutex);
	return done;
}

static void wait_for(struct crew *crew, const struct unit *unit)
{
	pthread_mutex_lock(&crew->mutex);
	while (!unit->done)
		pthread_cond_wait(&crew->done, &crew->mutex);
	pthread_mutex_unlock(&crew->mutex);
}

/* The first unit that is not joined yet becomes part of the draft, as soon as it is done. */
static void join(struct crew *crew)
{
	struct unit *unit = &crew->units[crew->joined++ % UNITS];
	while (!is_done(crew, unit) && help(crew))
		continue;
	wait_for(crew, unit);
	draft_join(crew->draft, &unit->draft, *crew->documents);
	*crew->documents += unit->use.documents;
	crew->unwrapping->parts += unit->use.parts;
	crew->spoilt = crew->spoilt || unit->use.unopened;
	unwrap_decoded(crew->unwrapping, unit->use.decoded_bytes);
	crew->bytes -= unit->parcel.bytes.n;
	release(unit);
}

void crew_catch_up(struct crew *crew)
{
	while (crew->joined < crew->taken)
		join(crew);
}

/* The unit is its own, and its draft is renewed. False when out of memory. */
static bool fill(struct crew *crew, struct unit *unit, const struct parcel *part)
{
	size_t rules = crew->draft->rule_count;
	if (!unit->tallies)
		unit->tallies = malloc((rules + 1) * sizeof(*unit->tallies));
	unit->bytes = malloc(part->bytes.n + 1);
	unit->name = strdup(part->member);
	/* What a usual member needs: memory that a thread asks for itself costs it a call of the
	 * system for each page. */
	if (!unit->draft.arena.first)
		arena_room(&unit->draft.arena, USUAL_BYTES);
	if (!unit->tallies || !unit->bytes || !unit->name ||
	    draft_renew(&unit->draft, crew->draft->source, unit->tallies, rules,
			crew->draft->max_findings) != 0)
		return false;
	memset(unit->tallies, 0, (rules + 1) * sizeof(*unit->tallies));
	unit->draft.now = crew->draft->now;
	unit->draft.only = crew->draft->only;
	memcpy(unit->bytes, part->bytes.p, part->bytes.n);
	unit->bytes[part->bytes.n] = '\0';
	unit->parcel = *part;
	unit->parcel.bytes.p = unit->bytes;
	unit->parcel.member = unit->name;
	if (part->mesh) {
		unit->mesh = *part->mesh;
		unit->parcel.mesh = &unit->mesh;
	}
	return true;
}

/* A large document is read faster by two threads; among many, one each is better still. */
static bool is_better_apart(const struct crew *crew, const struct parcel *part)
{
	return part->bytes.n < RELAY_WORTH_WHILE_BYTES || part->siblings > crew->wanted + 1;
}

bool crew_take(struct crew *crew, const struct parcel *part, const struct draft_member *around)
{
	if (part->siblings < 2 || !is_better_apart(crew, part))
		return false;
	if (crew->idle)
		start(crew);
	if (!crew->mine || !crew->started)
		return false;
	while (crew->taken - crew->joined == UNITS ||
	       (crew->bytes + part->bytes.n > MOST_BYTES && crew->joined < crew->taken))
		join(crew);
	struct unit *unit = &crew->units[crew->taken % UNITS];
	if (!fill(crew, unit, part)) {
		release(unit);
		return false;
	}
	unit->around = around;
	/* All threads together decode no more than one would. */
	unit->use = (struct member_use){ .opened = crew->unwrapping->opened,
					 .max_decoded_bytes = unwrap_room(crew->unwrapping) /
							      (crew->wanted + 1) };
	unit->done = false;
	crew->bytes += part->bytes.n;
	pthread_mutex_lock(&crew->mutex);
	crew->taken++;
	pthread_cond_signal(&crew->work);
	pthread_mutex_unlock(&crew->mutex);
	return true;
}

bool crew_settle(struct crew *crew)
{
	const struct unwrapping *unwrapping = crew->unwrapping;
	if (crew->taken == crew->from)
		return true;
	return !crew->spoilt && !unwrapping->parts_exceeded &&
	       unwrapping->parts <= unwrapping->limits.max_parts &&
	       unwrapping->decoded_bytes < unwrapping->limits.max_decoded_bytes;
}
