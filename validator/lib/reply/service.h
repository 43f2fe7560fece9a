/*
 * service.h - the twin of the national service: what it makes of one request.
 *
 * A request is judged, then refused by the table (refusals.h), by what a scenario says, or answered
 * from the state. Any number of threads may ask: judging and writing are side by side, and only
 * the state is one after another.
 */
#ifndef CPIS_REPLY_SERVICE_H
#define CPIS_REPLY_SERVICE_H

#include "cpis.h"
#include "message/summary.h"
#include "reply/answer.h"
#include "reply/scenario.h"
#include "state/state.h"

#include <pthread.h>

struct service {
	struct identity identity;
	struct arena arena; /* of the settings */
	struct state *state;
	pthread_mutex_t lock; /* of the state, and of the counters of scenarios */
	struct str seed;
	const char *const *users; /* of the mini service; NULL: any */
	size_t user_count;
	struct scenarios scenarios;
	unsigned long long calls; /* so far: salt of the ids */
	bool mesh_canned; /* the one word of the published sandbox is authorization enough */
	const char *mesh_key, *mesh_password, *workflow;
};

/* One request on its way. */
struct visit {
	struct service *service;
	struct str bytes;   /* as it came: an HTTP capture, or a file */
	struct str capture; /* what is judged: the call that it came in; empty: bytes */
	long long now;
	enum channel channel; /* 0: find out */
	const char *client;   /* common name of the client's certificate; NULL */
	const char *scenario; /* asked for by name; NULL */
	struct cpis_results *judged;
	bool pairs; /* set it for a reply that will be judged beside the request: see reply_judge */
	struct message_summary asked; /* then: what the reply is judged beside */
	struct request request;
	struct decision decision;
	struct content content;
	struct scenario_step step; /* of the scenario that matched */
	const char *scenario_name; /* NULL: none did */
	const struct refusal
		*refusal; /* why it is refused; NULL: it is not, or a scenario says so */
	bool settled;	  /* what to say is known: the state is not asked */
	struct id_maker maker;
};

/* Judge and read the request, and decide what to say. -1 with the reason. Release it in any case.
 */
int visit_decide(struct visit *visit, struct cpis_failure *failure);
void visit_release(struct visit *visit);
/* The bytes of the request that the rules judge. */
struct str visit_judged(const struct visit *visit);

/* Call it with the lock, inside a transaction, unless the visit is settled: what the state says. */
int visit_ask_state(struct visit *visit, struct cpis_failure *failure);
/* Decide, ask the state in a transaction of its own, and write the reply. */
int visit_answer(struct visit *visit, struct answer *answer, struct cpis_failure *failure);

/* A service with its settings and its state; path of the state NULL: in memory. identity: NULL
 * texts are the default's. NULL with the reason. */
struct service *service_new(const char *path, const char *seed, const struct identity *identity,
			    struct cpis_failure *failure);
/* Say what the state at path does not know. problem may be NULL. */
void service_tell_lacks(const struct service *service, const char *path,
			void (*problem)(void *context, const struct cpis_failure *problem),
			void *context);
void service_free(struct service *service);

/* "9X1:Ashwick Council": who gave a local id. In arena. */
struct str local_authority(struct arena *arena, const struct state_authority *authority);
/* For replies and notices: the organisation with its telephone numbers. Texts are borrowed. */
struct piece_organisation piece_of_authority(const struct state_authority *from);
struct piece_access piece_of_access(struct arena *arena, const struct state_access *from);

#endif
