/*
 * Many sources at the same time, their results in order of input (cpis_validate).
 */
#include "cpis.h"

#include "base/inputs.h"
#include "diag/draft.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/crew.h"
#include "engine/limits.h"
#include "engine/exchange.h"
#include "engine/shard.h"
#include "engine/source.h"
#include "engine/upload.h"
#include "engine/walk.h"
#include "engine/worker.h"
#include "message/summary.h"
#include "transport/mesh.h"
#include "xml/reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST_JOBS = 64, MOST_AT_ONCE = 64, TURNS = 8 };

static const struct cpis_failure out_of_memory = { .kind = CPIS_FAILURE_INTERNAL,
						   .text = "out of memory" };

/* What is kept of an entry for judging it beside others. */
struct kept {
	struct message_summary *summary; /* of an upload, in a folder; NULL: none */
	size_t first_message;		 /* of the results */
	struct file_result *file; /* in a part of a run: what was read and left out, or NULL */
};

/* Entries in a row that one worker judges: small files would wake the thread that commits them too
 * often one by one. Batches are used again and again, so that no memory changes threads. */
struct batch {
	struct batch *next; /* spare ones */
	struct draft drafts[MOST_AT_ONCE];
	bool judged[MOST_AT_ONCE];    /* false: passed over */
	struct draft_tally tallies[]; /* of all its drafts together */
};

struct pool {
	const struct cpis_options *options;
	const struct own_rules *own;
	size_t rule_count;
	struct walk *walk;
	const struct pool_keeper *keeper; /* NULL: none */
	struct kept *kept;
	size_t at_once; /* entries of a batch */
	size_t batch_count;
	_Atomic(struct batch *) *judged; /* by number; NULL: not ready to be committed */
	atomic_size_t next;		 /* the first batch that no worker has taken */
	struct cpis_failure failure;
	pthread_mutex_t mutex;
	pthread_cond_t ready;
	struct batch *spare; /* under the mutex, and so is: */
	bool broken;	     /* a worker could not go on: failure says why */
};

/* Uploads in one folder have to follow each other. In a part of a run, others may have them. */
static bool watches_sequence(const struct pool *pool)
{
	return (pool->walk->count > 1 || pool->options->shards) &&
	       !(pool->options->skip_stages & 1u << CPIS_RULES);
}

static void judge_source(struct pool *pool, struct worker *worker, const struct source *source,
			 size_t i, struct draft *draft)
{
	struct message_summary *summary = NULL;
	if (watches_sequence(pool)) {
		summary = calloc(1, sizeof(*summary));
		draft->summary = summary;
		draft->failed = !summary;
		if (summary)
			summary->source = pool->walk->entries[i].path;
	}
	worker_judge(worker, source, draft);
	upload_note_apart(draft, summary, pool->options);
	draft->summary = NULL;
	if (!pool->options->shards)
		pool->kept[i].summary = sequence_keep(summary);
	else
		sequence_forget(summary);
}

/* The digest of a file that is left out: whether it is still the same is asked later. */
static void note_left_out(struct pool *pool, size_t i, struct str bytes)
{
	struct file_result *file = pool->options->shards ? calloc(1, sizeof(*file)) : NULL;
	pool->kept[i].file = file;
	if (!file)
		return;
	file->path = pool->walk->entries[i].path;
	file->bytes = bytes.n;
	digest_sha256(bytes, file->sha256);
}

/* False: the entry is passed over, and the draft is as it was. */
static bool judge_entry(struct pool *pool, struct worker *worker, size_t i, struct draft *draft,
			struct draft_tally *tallies)
{
	struct walk_entry *entry = &pool->walk->entries[i];
	if (entry->passed_over)
		return false;
	struct source source;
	const char *why = NULL;
	bool opened = limits_open_source(&source, entry->path, pool->options, &why) == 0;
	if (opened)
		walk_settle(entry, source.bytes);
	else
		walk_settle_unopened(entry);
	bool judged = !entry->passed_over;
	if (!judged && opened) {
		note_left_out(pool, i, source.bytes);
		inputs_pass_over(entry->path);
	}
	if (judged && draft_renew(draft, entry->path, tallies, pool->rule_count,
				  limits_findings(pool->options)) != 0)
		draft->failed = true;
	else if (judged && opened)
		judge_source(pool, worker, &source, i, draft);
	else if (judged)
		worker_omit(draft, why);
	if (opened)
		source_close(&source);
	return judged;
}

/* What the data of a MESH transfer come to depends on its control file, and the other way round. */
static int commit_partner(const struct pool *pool, struct results *results, const char *path)
{
	char partner[4096];
	const char *why;
	struct source source;
	if (!source_find_partner(path, partner, sizeof(partner)))
		return 0;
	struct file_result *file = results_add_file(results, results_name(results, partner));
	if (!file)
		return -1;
	file->beside = 1;
	if (limits_open_source(&source, partner, pool->options, &why) != 0)
		return 0;
	file->bytes = source.bytes.n;
	digest_sha256(source.bytes, file->sha256);
	source_close(&source);
	return 0;
}

/* Say that an entry is passed over, and why. */
static int list_left_out(struct results *results, const struct walk_entry *entry)
{
	return entry->untold ? 0
			     : results_add_left_out(results, results_name(results, entry->path),
						    entry->passed_over);
}

/*
 * In a part of a run, everything that was read can be found again by its digest: where no message
 * gives it, or someone keeps what is done, the file does.
 */
static int commit_file(struct pool *pool, struct results *results, size_t i, bool judged,
		       const struct draft *draft)
{
	const struct walk_entry *entry = &pool->walk->entries[i];
	const struct file_result *left_out = pool->kept[i].file;
	bool told = judged && draft->message_count > 0;
	for (size_t k = 0; judged && k < draft->message_count; k++)
		told = told && !draft->messages[k].member;
	if (entry->by_name)
		return 0;
	if (entry->root && !entry->no_message)
		results->roots[entry->root - 1].kept++;
	if (entry->passed_over && list_left_out(results, entry) != 0)
		return -1;
	if ((told && !pool->keeper) || (!judged && !left_out))
		return 0;
	if (pool->keeper && commit_partner(pool, results, entry->path) != 0)
		return -1;
	struct file_result *file = results_add_file(results, results_name(results, entry->path));
	if (!file)
		return -1;
	file->listed = told;
	file->bytes = judged ? draft->bytes : left_out->bytes;
	memcpy(file->sha256, judged ? draft->sha256 : left_out->sha256, sizeof(file->sha256));
	return 0;
}

/* What is committed is kept from time to time, with the tallies of the same files. */
static int keep_if_due(struct pool *pool, struct results *results, struct draft_tally *tallies)
{
	const struct pool_keeper *keeper = pool->keeper;
	if (!keeper || !keeper->is_due(keeper->context))
		return 0;
	if (tallies) {
		draft_commit_tallies(results, tallies, pool->rule_count);
		memset(tallies, 0, pool->rule_count * sizeof(*tallies));
	}
	return keeper->keep(keeper->context, results, &pool->failure);
}

/* -1 when out of memory. */
static int commit_entry(struct pool *pool, struct results *results, size_t i, bool judged,
			const struct draft *draft)
{
	pool->kept[i].first_message = results->message_count;
	if (judged && (!draft->source || draft_commit(results, draft) != 0))
		return -1;
	if (pool->options->shards && commit_file(pool, results, i, judged, draft) != 0)
		return -1;
	results_report_progress(results, i + 1, pool->walk->count);
	return 0;
}

static struct batch *batch_new(const struct pool *pool)
{
	return calloc(1, sizeof(struct batch) + pool->rule_count * sizeof(struct draft_tally));
}

static void batch_free(struct batch *batch)
{
	for (size_t i = 0; batch && i < MOST_AT_ONCE; i++)
		draft_release(&batch->drafts[i]);
	free(batch);
}

/* One of several that judge at the same time. NULL: it cannot be had. */
static struct worker *new_helper(const struct pool *pool, struct cpis_failure *failure)
{
	struct worker *worker = worker_new(pool->options, pool->own, failure);
	if (worker)
		worker_join_others(worker);
	return worker;
}

/* The threads of a crew */

static void *open_helper(void *context)
{
	struct cpis_failure failure;
	return new_helper(context, &failure);
}

static void close_helper(void *worker)
{
	worker_free(worker);
}

static void judge_member(void *worker, const struct parcel *part, const struct draft_member *around,
			 struct draft *draft, struct member_use *use)
{
	worker_judge_member(worker, part, around, draft, use);
}

/* One file after another, and the members of an archive on so many threads. */
static int run_alone(struct pool *pool, struct results *results, unsigned jobs)
{
	const struct crew_tools tools = { open_helper, close_helper, judge_member, pool };
	struct worker *worker = worker_new(pool->options, pool->own, &pool->failure);
	if (!worker)
		return -1;
	pool->failure = out_of_memory;
	struct draft draft = { 0 };
	struct draft_tally *tallies = calloc(pool->rule_count + 1, sizeof(*tallies));
	int status = tallies ? 0 : -1;
	struct crew *crew = status == 0 && jobs > 1 ? crew_new(&tools, jobs) : NULL;
	worker_employ(worker, crew);
	for (size_t i = 0; status == 0 && i < pool->walk->count; i++) {
		bool judged = judge_entry(pool, worker, i, &draft, tallies);
		status = commit_entry(pool, results, i, judged, &draft);
		if (status == 0)
			status = keep_if_due(pool, results, tallies);
	}
	if (status == 0)
		draft_commit_tallies(results, tallies, pool->rule_count);
	draft_release(&draft);
	free(tallies);
	worker_free(worker);
	crew_free(crew);
	return status;
}

/* Several threads */

static size_t entries_of(const struct pool *pool, size_t number)
{
	size_t left = pool->walk->count - number * pool->at_once;
	return left < pool->at_once ? left : pool->at_once;
}

static struct batch *take_spare(struct pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	struct batch *batch = pool->spare;
	if (batch)
		pool->spare = batch->next;
	pthread_mutex_unlock(&pool->mutex);
	return batch ? batch : batch_new(pool);
}

static void give_back(struct pool *pool, struct batch *batch)
{
	pthread_mutex_lock(&pool->mutex);
	batch->next = pool->spare;
	pool->spare = batch;
	pthread_mutex_unlock(&pool->mutex);
}

static void break_off(struct pool *pool, const struct cpis_failure *failure)
{
	pthread_mutex_lock(&pool->mutex);
	pool->failure = *failure;
	pool->broken = true;
	pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->mutex);
}

static void judge_batch(struct pool *pool, struct worker *worker, size_t number,
			struct batch *batch)
{
	size_t first = number * pool->at_once;
	memset(batch->tallies, 0, pool->rule_count * sizeof(batch->tallies[0]));
	for (size_t i = 0; i < entries_of(pool, number); i++)
		batch->judged[i] =
			judge_entry(pool, worker, first + i, &batch->drafts[i], batch->tallies);
	/* Under the mutex, so that the committing thread cannot fall asleep between its look and
	 * this. */
	pthread_mutex_lock(&pool->mutex);
	atomic_store(&pool->judged[number], batch);
	pthread_mutex_unlock(&pool->mutex);
	pthread_cond_signal(&pool->ready);
}

/* Judge the next batch that is not taken. False: none is left, or the run broke off. */
static bool judge_next(struct pool *pool, struct worker *worker)
{
	size_t number = atomic_fetch_add(&pool->next, 1);
	if (number >= pool->batch_count)
		return false;
	struct batch *batch = take_spare(pool);
	if (batch)
		judge_batch(pool, worker, number, batch);
	else
		break_off(pool, &out_of_memory);
	return batch != NULL;
}

static struct worker *open_worker(struct pool *pool)
{
	struct cpis_failure failure;
	struct worker *worker = NULL;
	if (xml_thread_setup())
		worker = new_helper(pool, &failure);
	else
		failure_out_of_memory(&failure);
	if (!worker)
		break_off(pool, &failure);
	return worker;
}

static void *work(void *context)
{
	struct pool *pool = context;
	struct worker *worker = open_worker(pool);
	while (worker && judge_next(pool, worker))
		continue;
	worker_free(worker);
	return NULL;
}

/* NULL: a worker could not go on. */
static struct batch *wait_for(struct pool *pool, size_t number)
{
	struct batch *batch;
	pthread_mutex_lock(&pool->mutex);
	while (!(batch = atomic_load(&pool->judged[number])) && !pool->broken)
		pthread_cond_wait(&pool->ready, &pool->mutex);
	pthread_mutex_unlock(&pool->mutex);
	return batch;
}

static int commit_batch(struct pool *pool, struct results *results, size_t number,
			struct batch *batch)
{
	size_t first = number * pool->at_once;
	for (size_t i = 0; i < entries_of(pool, number); i++)
		if (commit_entry(pool, results, first + i, batch->judged[i], &batch->drafts[i]) !=
		    0)
			return -1;
	draft_commit_tallies(results, batch->tallies, pool->rule_count);
	atomic_store(&pool->judged[number], NULL);
	give_back(pool, batch);
	return keep_if_due(pool, results, NULL);
}

/* The calling thread commits what is ready, in order, and judges like the others in between. */
static int judge_and_commit(struct pool *pool, struct results *results, struct worker *worker)
{
	for (size_t number = 0; number < pool->batch_count; number++) {
		struct batch *batch = atomic_load(&pool->judged[number]);
		while (!batch && judge_next(pool, worker))
			batch = atomic_load(&pool->judged[number]);
		if (!batch)
			batch = wait_for(pool, number);
		if (!batch || commit_batch(pool, results, number, batch) != 0)
			return -1;
	}
	return 0;
}

static int run_side_by_side(struct pool *pool, struct results *results, unsigned jobs)
{
	jobs = jobs > pool->walk->count ? (unsigned)pool->walk->count : jobs;
	pthread_t threads[MOST_JOBS];
	unsigned started = 0;
	size_t share = pool->walk->count / jobs / TURNS;
	pool->at_once = share < 1 ? 1 : share > MOST_AT_ONCE ? MOST_AT_ONCE : share;
	pool->batch_count = (pool->walk->count + pool->at_once - 1) / pool->at_once;
	pool->judged = calloc(pool->batch_count, sizeof(*pool->judged));
	struct worker *worker = pool->judged ? open_worker(pool) : NULL;
	while (worker && started + 1 < jobs &&
	       pthread_create(&threads[started], NULL, work, pool) == 0)
		started++;
	int status = worker ? judge_and_commit(pool, results, worker) : -1;
	if (status != 0)
		atomic_store(&pool->next, pool->batch_count);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	worker_free(worker);
	for (size_t i = 0; pool->judged && i < pool->batch_count; i++)
		batch_free(atomic_load(&pool->judged[i]));
	for (struct batch *batch = pool->spare, *next; batch; batch = next) {
		next = batch->next;
		batch_free(batch);
	}
	free(pool->judged);
	return pool->broken ? -1 : status;
}

static int judge_sequence(struct pool *pool, struct results *results)
{
	struct sequence_entry *entries = calloc(pool->walk->count, sizeof(*entries));
	for (size_t i = 0; entries && i < pool->walk->count; i++)
		entries[i] =
			(struct sequence_entry){ pool->walk->entries[i].path, pool->kept[i].summary,
						 pool->kept[i].first_message, i };
	int status =
		entries ? sequence_judge(results, entries, pool->walk->count, &pool->failure) : -1;
	free(entries);
	return status;
}

/*
 * Settle what is doubtful, judge every entry that is not passed over, on results->options.jobs
 * threads, and append the messages in order. -1 only when out of memory.
 */
static int judge_walk(struct results *results, struct walk *walk, const struct pool_keeper *keeper,
		      struct cpis_failure *failure)
{
	struct pool pool = { .options = &results->options,
			     .keeper = keeper,
			     .own = results->own,
			     .rule_count = results->rule_count,
			     .walk = walk,
			     .failure = out_of_memory };
	unsigned jobs = results->options.jobs ? results->options.jobs : 1;
	jobs = jobs > MOST_JOBS ? MOST_JOBS : jobs;
	pool.kept = calloc(walk->count + 1, sizeof(*pool.kept));
	pthread_mutex_init(&pool.mutex, NULL);
	pthread_cond_init(&pool.ready, NULL);
	int status = -1;
	if (pool.kept && results_expect_messages(results, walk->count) == 0)
		status = jobs > 1 && walk->count > 1 ? run_side_by_side(&pool, results, jobs)
						     : run_alone(&pool, results, jobs);
	if (status == 0 && watches_sequence(&pool) && !results->options.shards)
		status = judge_sequence(&pool, results);
	for (size_t i = 0; pool.kept && i < walk->count; i++) {
		sequence_forget(pool.kept[i].summary);
		free(pool.kept[i].file);
	}
	free(pool.kept);
	pthread_cond_destroy(&pool.ready);
	pthread_mutex_destroy(&pool.mutex);
	if (status != 0)
		*failure = pool.failure;
	return status;
}

/* Paths */

static bool was_judged(const struct results *results, const char *source)
{
	for (size_t i = 0; i < results->message_count; i++)
		if (strcmp(results->messages[i].source, source) == 0)
			return true;
	return false;
}

static bool is_named_before(const struct walk *walk, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!walk->entries[k].passed_over &&
		    strcmp(walk->entries[k].path, walk->entries[i].path) == 0)
			return true;
	return false;
}

/* The data of a MESH transfer is judged once, though both of its files may be named. */
static void pass_over_judged_data(struct walk *walk, const struct results *results)
{
	for (size_t i = 0; i < walk->count; i++)
		if (mesh_is_data_name(walk->entries[i].path) &&
		    (was_judged(results, walk->entries[i].path) || is_named_before(walk, i)))
			walk->entries[i].passed_over =
				"it was already judged with its control file";
}

/* A path of a call, and the entries that it brought. */
struct input {
	const char *path;
	size_t from, until;
	bool is_folder;
};

/* -1 when none of them can be read; else those that cannot are judged incomplete. */
static int walk_inputs(struct walk *walk, struct input *inputs, size_t count,
		       struct cpis_failure *failure)
{
	struct cpis_failure missing;
	size_t good = 0;
	for (size_t i = 0; i < count; i++) {
		inputs[i].from = walk->count;
		bool there = walk_path(walk, inputs[i].path, &missing) == 0;
		inputs[i].is_folder = walk->was_folder;
		good += there;
		if (!there)
			*failure = missing;
		if (!there && (missing.kind == CPIS_FAILURE_INTERNAL ||
			       walk_add_unread(walk, inputs[i].path, failure) != 0))
			return -1;
		inputs[i].until = walk->count;
	}
	return good ? 0 : -1;
}

static int note_empty_folder(struct results *results, const char *path)
{
	struct message_result *message = results_add_message(results);
	if (!message)
		return -1;
	message->source = arena_copy(&results->arena, str_of(path));
	message_add_omission(results, message, "the folder", "no messages were found in it");
	message_settle(results, message);
	return results->arena.failed ? -1 : 0;
}

/* -1 when none of them holds a message; else a folder without one is incomplete. */
static int settle_inputs(struct results *results, const struct walk *walk,
			 const struct input *inputs, size_t count, struct cpis_failure *failure)
{
	struct cpis_failure empty;
	size_t good = 0;
	for (size_t i = 0; i < count; i++)
		good += walk_require_one(walk, inputs[i].from, inputs[i].until, inputs[i].path,
					 failure) == 0;
	if (!good)
		return -1;
	for (size_t i = 0; good < count && i < count; i++)
		if (walk_require_one(walk, inputs[i].from, inputs[i].until, inputs[i].path,
				     &empty) != 0 &&
		    note_empty_folder(results, inputs[i].path) != 0)
			return failure_out_of_memory(failure);
	return 0;
}

static bool has_message(const struct results *results)
{
	for (size_t i = 0; i < results->message_count; i++)
		if (!message_is_aside(&results->messages[i]))
			return true;
	return false;
}

static int judge_inputs(struct results *results, struct walk *walk, struct input *inputs,
			size_t count, struct cpis_failure *failure)
{
	if (walk_inputs(walk, inputs, count, failure) != 0)
		return -1;
	pass_over_judged_data(walk, results);
	if (judge_walk(results, walk, NULL, failure) != 0 ||
	    settle_inputs(results, walk, inputs, count, failure) != 0)
		return -1;
	for (size_t i = 0; i < walk->count; i++)
		if (walk->entries[i].passed_over && list_left_out(results, &walk->entries[i]) != 0)
			return failure_out_of_memory(failure);
	return has_message(results) ? 0
				    : failure_of_file(failure, inputs[0].path, "no messages found");
}

/* Parts of a run */

/* How many files of each folder may be messages: no part knows it of the whole. What is passed over
 * by its name is not read, and no one asks later whether it was done. */
static int note_roots(struct results *results, struct walk *walk, const struct input *inputs,
		      size_t count)
{
	for (size_t i = 0; i < walk->count; i++)
		walk->entries[i].by_name = walk->entries[i].passed_over != NULL;
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i].is_folder)
			continue;
		const struct root_result *root =
			results_add_root(results, results_name(results, inputs[i].path));
		if (!root)
			return -1;
		for (size_t k = inputs[i].from; k < inputs[i].until; k++)
			walk->entries[k].root = (size_t)(root - results->roots) + 1;
	}
	return 0;
}

/* Those that were done before leave the walk. */
static void drop_done(struct walk *walk, const struct pool_keeper *keeper)
{
	size_t kept = 0;
	for (size_t i = 0; i < walk->count; i++)
		if (walk->entries[i].by_name ||
		    !keeper->is_done(keeper->context, walk->entries[i].path))
			walk->entries[kept++] = walk->entries[i];
	walk->count = kept;
}

static int note_by_name(struct results *results, const struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		const struct walk_entry *entry = &walk->entries[i];
		if (!entry->by_name)
			continue;
		if (entry->root && !entry->no_message)
			results->roots[entry->root - 1].kept++;
		if (list_left_out(results, entry) != 0)
			return -1;
	}
	return 0;
}

/* Files of the user that decide what is found: parts must have had the same. */
static int note_own_files(struct results *results)
{
	const struct cpis_options *options = &results->options;
	struct walk schemas = { 0 };
	struct cpis_failure failure;
	int status = 0;
	for (size_t i = 0; status == 0 && i < options->schematron_count; i++)
		status = results_note_input(results, NULL, "rules", NULL, options->schematron[i]);
	if (options->schemas && walk_path(&schemas, options->schemas, &failure) == 0)
		for (size_t i = 0; status == 0 && i < schemas.count; i++)
			status = results_note_input(results, NULL, "schema", NULL,
						    schemas.entries[i].path);
	walk_release(&schemas);
	return status;
}

static int judge_shard(struct results *results, struct walk *walk, const char *const *paths,
		       struct input *inputs, size_t count, const struct pool_keeper *keeper,
		       struct cpis_failure *failure)
{
	struct walk_shard shard = { .number = results->options.shard,
				    .of = results->options.shards };
	digest_start(&shard.listing);
	if (results->shard_count)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "a part of a run is judged by one call");
	walk->shard = &shard; // cppcheck-suppress autoVariables
	int walked = walk_inputs(walk, inputs, count, failure);
	walk->shard = NULL;
	if (walked != 0)
		return -1;
	pass_over_judged_data(walk, results);
	if (shard_note(results, paths, count, &shard) != 0 || note_own_files(results) != 0 ||
	    note_roots(results, walk, inputs, count) != 0)
		return failure_out_of_memory(failure);
	int started = keeper ? keeper->start(keeper->context, results, failure) : 0;
	if (started != 0)
		return started < 0 ? -1 : 0;
	if (keeper)
		drop_done(walk, keeper);
	if (walk->count && judge_walk(results, walk, keeper, failure) != 0)
		return -1;
	return note_by_name(results, walk) == 0 ? 0 : failure_out_of_memory(failure);
}

int pool_judge(struct results *results, const char *const *paths, size_t count,
	       const struct pool_keeper *keeper, struct cpis_failure *failure)
{
	struct walk walk = { .options = &results->options };
	struct input *inputs = calloc(count + 1, sizeof(*inputs));
	if (!inputs)
		return failure_out_of_memory(failure);
	for (size_t i = 0; i < count; i++)
		inputs[i].path = paths[i];
	int status = results->options.shards
			     ? judge_shard(results, &walk, paths, inputs, count, keeper, failure)
			     : judge_inputs(results, &walk, inputs, count, failure);
	walk_release(&walk);
	free(inputs);
	return status;
}

int cpis_validate_paths(struct cpis_results *results, const char *const *paths, size_t count,
			struct cpis_failure *failure)
{
	if (results_require_open(results, failure) != 0)
		return -1;
	struct results *inside = results_inside(results);
	if (pool_judge(inside, paths, count, NULL, failure) != 0)
		return -1;
	return inside->options.shards ? shard_settle(inside, failure) : 0;
}

int cpis_validate(struct cpis_results *results, const char *path, struct cpis_failure *failure)
{
	return cpis_validate_paths(results, &path, 1, failure);
}
