#include "engine/pool.h"

#include "diag/progress.h"
#include "diag/seal.h"
#include "engine/limits.h"
#include "engine/sequence.h"
#include "engine/source.h"
#include "engine/worker.h"
#include "message/summary.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST_JOBS = 64 };

static const struct cpis_failure out_of_memory = { .kind = CPIS_FAILURE_INTERNAL,
						   .text = "memory is out" };

/* One entry's draft, and whether it is ready to be sealed. */
struct slot {
	struct draft draft;
	struct message_summary *summary; /* of an upload, in a folder; NULL: none */
	size_t first_message;		 /* of the results */
	atomic_bool ready;
};

struct pool {
	const struct cpis_options *options;
	const struct own_rules *own;
	size_t rule_count;
	const struct walk *walk;
	struct slot *slots;
	atomic_size_t next; /* entry that nobody has taken yet */
	atomic_bool broken; /* a worker could not start: failure says why */
	struct cpis_failure failure;
	pthread_mutex_t mutex;
	pthread_cond_t ready;
};

/* Uploads beside each other have to follow each other. */
static bool watches_sequence(const struct pool *pool)
{
	return pool->walk->count > 1 && !(pool->options->skip_stages & 1u << CPIS_RULES);
}

static void judge_entry(struct pool *pool, struct worker *worker, size_t i)
{
	const char *path = pool->walk->entries[i].path;
	struct draft *draft = &pool->slots[i].draft;
	if (draft_init(draft, path, pool->rule_count, limits_findings(pool->options)) != 0) {
		draft->failed = true;
		return;
	}
	struct source source;
	const char *why = NULL;
	if (source_open(&source, path, limits_input_bytes(pool->options), &why) != 0) {
		worker_omit(draft, why);
		return;
	}
	if (watches_sequence(pool)) {
		pool->slots[i].summary = calloc(1, sizeof(struct message_summary));
		draft->summary = pool->slots[i].summary;
		draft->failed = !draft->summary;
		if (draft->summary)
			draft->summary->source = path;
	}
	worker_judge(worker, &source, draft);
	pool->slots[i].summary = sequence_keep(pool->slots[i].summary);
	source_close(&source);
}

static void *work(void *context)
{
	struct pool *pool = context;
	struct cpis_failure failure;
	struct worker *worker = worker_new(pool->options, pool->own, &failure);
	if (!worker) {
		pthread_mutex_lock(&pool->mutex);
		pool->failure = failure;
		atomic_store(&pool->broken, true);
		pthread_cond_signal(&pool->ready);
		pthread_mutex_unlock(&pool->mutex);
		return NULL;
	}
	for (;;) {
		size_t i = atomic_fetch_add(&pool->next, 1);
		if (i >= pool->walk->count)
			break;
		if (!pool->walk->entries[i].passed_over)
			judge_entry(pool, worker, i);
		atomic_store(&pool->slots[i].ready, true);
		pthread_mutex_lock(&pool->mutex);
		pthread_cond_signal(&pool->ready);
		pthread_mutex_unlock(&pool->mutex);
	}
	worker_free(worker);
	return NULL;
}

/* Seal what is ready from *done on. -1 when memory is out. */
static int seal_ready(struct pool *pool, struct results *results, size_t *done)
{
	while (*done < pool->walk->count && atomic_load(&pool->slots[*done].ready)) {
		struct draft *draft = &pool->slots[*done].draft;
		pool->slots[*done].first_message = results->message_count;
		if (draft->failed && !draft->source)
			return -1;
		if (draft->source && seal_draft(results, draft) != 0)
			return -1;
		draft_release(draft);
		++*done;
		progress_tell(results, *done, pool->walk->count);
	}
	return 0;
}

static int run_alone(struct pool *pool, struct results *results)
{
	struct worker *worker = worker_new(pool->options, pool->own, &pool->failure);
	if (!worker)
		return -1;
	pool->failure = out_of_memory;
	int status = 0;
	for (size_t i = 0, done = 0; status == 0 && i < pool->walk->count; i++) {
		if (!pool->walk->entries[i].passed_over)
			judge_entry(pool, worker, i);
		atomic_store(&pool->slots[i].ready, true);
		status = seal_ready(pool, results, &done);
	}
	worker_free(worker);
	return status;
}

static int run_side_by_side(struct pool *pool, struct results *results, unsigned jobs)
{
	pthread_t threads[MOST_JOBS];
	unsigned started = 0;
	while (started < jobs && pthread_create(&threads[started], NULL, work, pool) == 0)
		started++;
	int status = started ? 0 : -1;
	size_t done = 0;
	while (status == 0 && done < pool->walk->count && !atomic_load(&pool->broken)) {
		pthread_mutex_lock(&pool->mutex);
		while (!atomic_load(&pool->slots[done].ready) && !atomic_load(&pool->broken))
			pthread_cond_wait(&pool->ready, &pool->mutex);
		pthread_mutex_unlock(&pool->mutex);
		status = seal_ready(pool, results, &done);
	}
	if (status != 0)
		atomic_store(&pool->next, pool->walk->count);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	return status == 0 && !atomic_load(&pool->broken) ? 0 : -1;
}

static int judge_sequence(struct pool *pool, struct results *results)
{
	struct sequence_entry *entries = calloc(pool->walk->count, sizeof(*entries));
	for (size_t i = 0; entries && i < pool->walk->count; i++)
		entries[i] = (struct sequence_entry){ pool->walk->entries[i].path,
						      pool->slots[i].summary,
						      pool->slots[i].first_message, i };
	int status =
		entries ? sequence_judge(results, entries, pool->walk->count, &pool->failure) : -1;
	free(entries);
	return status;
}

int pool_judge(struct results *results, const struct walk *walk, struct cpis_failure *failure)
{
	struct pool pool = { .options = &results->options,
			     .own = results->own,
			     .rule_count = results->rule_count,
			     .walk = walk,
			     .failure = out_of_memory };
	unsigned jobs = results->options.jobs ? results->options.jobs : 1;
	jobs = jobs > MOST_JOBS ? MOST_JOBS : jobs;
	jobs = jobs > walk->count ? (unsigned)walk->count : jobs;
	pool.slots = calloc(walk->count + 1, sizeof(*pool.slots));
	pthread_mutex_init(&pool.mutex, NULL);
	pthread_cond_init(&pool.ready, NULL);
	int status = -1;
	if (pool.slots)
		status = jobs > 1 ? run_side_by_side(&pool, results, jobs)
				  : run_alone(&pool, results);
	if (status == 0 && watches_sequence(&pool))
		status = judge_sequence(&pool, results);
	for (size_t i = 0; pool.slots && i < walk->count; i++) {
		draft_release(&pool.slots[i].draft);
		sequence_forget(pool.slots[i].summary);
	}
	free(pool.slots);
	pthread_cond_destroy(&pool.ready);
	pthread_mutex_destroy(&pool.mutex);
	if (status != 0)
		*failure = pool.failure;
	return status;
}
