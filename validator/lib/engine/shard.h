/*
 * shard.h - a part of a run that several processes judge, and the whole when all parts are there.
 *
 * The results of the parts, merged, are those of the run as one part of one: messages are in order
 * of path, tokens are numbered in each file for itself (draft_commit), and what needs the whole run
 * waits for it: uploads in sequence, and folders in which no part found a message.
 */
#ifndef CPIS_ENGINE_SHARD_H
#define CPIS_ENGINE_SHARD_H

#include "base/str.h"

struct results;
struct walk;
struct walk_shard;
struct cpis_failure;

/* Note in results which part they are of. paths: all that was named as input. -1: out of memory. */
int shard_note(struct results *results, const char *const *paths, size_t count,
	       struct walk_shard *shard);

/* How the members of a list are ordered in parts, and in what parts are merged to. */
int shard_order(const char *source, const char *other);

/* Put lists in their order: of path, so that it does not depend on the parts. -1: out of memory. */
int shard_sort(struct results *results);

/*
 * The same, and, where all parts are there, judge what waits for that. Once: what waited is
 * forgotten then. -1 with the reason.
 */
int shard_settle(struct results *results, struct cpis_failure *failure);

/* The folders in which no part found a message, as messages of verdict incomplete. -1: out of
 * memory. */
int shard_judge_roots(struct results *results);

/* Who keeps what is done while it is done, and knows what was done before. */
struct pool_keeper {
	/* Before anything is judged: results say which part they are of. 1: all is done already,
	 * and in results. -1 with the reason. */
	int (*start)(void *context, struct results *results, struct cpis_failure *failure);
	/* Whether a file was judged before. After start, on the caller's thread. */
	bool (*is_done)(void *context, const char *path);
	/* Whether it is time to keep what is committed; then the tallies are up to date too. On the
	 * caller's thread. */
	bool (*is_due)(void *context);
	int (*keep)(void *context, struct results *results, struct cpis_failure *failure);
	void *context;
};

/*
 * As cpis_validate_paths, but a part of a run is not settled (shard.h), so that what was done
 * before can be joined to it. keeper NULL: no one.
 */
int pool_judge(struct results *results, const char *const *paths, size_t count,
	       const struct pool_keeper *keeper, struct cpis_failure *failure);

#endif
