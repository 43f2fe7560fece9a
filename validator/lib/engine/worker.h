/*
 * worker.h - one thread's tools for judging sources, one after another.
 */
#ifndef CPIS_ENGINE_WORKER_H
#define CPIS_ENGINE_WORKER_H

#include "diag/draft.h"

struct crew;
struct member_use;
struct message_summary;
struct own_rules;
struct observer;
struct parcel;
struct source;
struct worker;

/*
 * options and own (NULL: none) are borrowed and must outlive the worker. NULL when out of memory,
 * or when the schemas that the options name cannot be used: failure says which.
 */
struct worker *worker_new(const struct cpis_options *options, const struct own_rules *own,
			  struct cpis_failure *failure);
void worker_free(struct worker *worker);

/* Other workers judge at the same time: from now on it keeps to its thread. A worker on its own may
 * use another one too. */
void worker_join_others(struct worker *worker);

/* From now on, members of archives are judged by a crew, where it takes them. Borrowed. */
void worker_employ(struct worker *worker, struct crew *crew);

/*
 * Judge one source into a draft that draft_init has made: its messages, findings with their places,
 * tallies, digest and size. Whatever is wrong with the source, or with us, is in the draft
 * afterwards. A mapped source's pages are given back once they are read, so that memory stays flat.
 */
void worker_judge(struct worker *worker, const struct source *source, struct draft *draft);

/*
 * Judge the rules over two messages alone, where the second is plain and was judged before: its
 * findings, at their places in the source, into a draft that draft_init has made.
 */
void worker_judge_pair(struct worker *worker, const struct source *source, struct draft *draft,
		       const struct message_summary *request,
		       const struct message_summary *response);

/* Judge a member of an archive that another worker has opened (engine/crew.h), into a draft that
 * draft_renew has made. around: the member that the archive is itself, or NULL. */
void worker_judge_member(struct worker *worker, const struct parcel *part,
			 const struct draft_member *around, struct draft *draft,
			 struct member_use *use);

/* Who follows what is opened and recognised from now on (document.h); NULL: no one. Borrowed. */
void worker_observe(struct worker *worker, const struct observer *observer);

/* A source that could not be read at all: one message, incomplete, with the reason. */
void worker_omit(struct draft *draft, const char *why);

#endif
