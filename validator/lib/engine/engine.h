/*
 * engine.h - one source in, judged messages out: the stages in order. The door of this folder for
 * the folders after it.
 *
 * bytes -> layers (transport/) -> events (xml/) -> structure (schema/) and parts (message/) ->
 * rules (rules/) -> findings with their places -> results (diag/).
 *
 * A message without findings is read once. One with findings is read a second time, for their paths
 * and lines (place.h): the good case pays nothing for them.
 */
#ifndef CPIS_ENGINE_ENGINE_H
#define CPIS_ENGINE_ENGINE_H

#include "base/arena.h"

struct results;
struct part;
struct cpis_failure;
struct cpis_options;

/*
 * Make all tables of the program, once: names, schemas, bindings, rules. Every public function that
 * judges calls it first, on any thread; later calls do nothing. -1, then and ever after: a table is
 * wrong or too small, or there was no memory for it.
 */
int engine_setup(void);

/* One source. What it points to is borrowed for the call. */
struct engine_input {
	const char *name; /* what results call it; they copy it */
	struct str bytes; /* bytes.p[bytes.n] must be readable and NUL */
	long long now; /* the time to judge it by, in seconds since 1970; 0: that of the options */
};

/*
 * Judge one source and append its messages (one or more) to the results. -1 only when out of
 * memory: whatever is wrong with the source is a finding or an omission.
 */
int engine_judge(struct results *results, const struct engine_input *input,
		 struct cpis_failure *failure);

/*
 * Judge a request and its reply: each by itself, as engine_judge does, and the reply beside the
 * request (rules PAIR-*), whose findings are placed in the reply. The messages are appended in this
 * order.
 */
int engine_judge_pair(struct results *results, const struct engine_input *request,
		      const struct engine_input *response, struct cpis_failure *failure);

struct message_summary;

/*
 * The same in two steps, for a request that is answered in between. The first fills asked, which
 * summary_init has made, and the second judges the reply beside it, into the same results. The
 * bytes of the request stay until then.
 */
int engine_judge_request(struct results *results, const struct engine_input *request,
			 struct message_summary *asked, struct cpis_failure *failure);
int engine_judge_reply(struct results *results, const struct engine_input *reply,
		       const struct message_summary *asked, struct cpis_failure *failure);

/* The same for two files. -1 also where one cannot be opened: failure says why. */
int engine_judge_files(struct results *results, const char *request, const char *response,
		       struct cpis_failure *failure);

/*
 * Call look with every part of what a source holds, when the part is complete, without judging it;
 * the part dies when look returns. A message is found in whatever it travels in, as for judging.
 * bytes.p[bytes.n] must be readable and NUL. -1 when the source holds no message, or could not be
 * read to its end: failure has the reason with its place, as one of configuration.
 */
int engine_visit(struct str bytes, void (*look)(void *context, const struct part *part),
		 void *context, struct cpis_failure *failure);

/* An XML document in a source. */
struct engine_document {
	const char *member; /* of an archive, that it is or is in; NULL: of none */
	struct str bytes;   /* of the source, or in the arena of the list */
	size_t around;	    /* the document that has it as the text of a payload; SIZE_MAX: none */
	size_t start;	    /* of that text, in bytes, in the document around */
	bool has_message;   /* a message of CP-IS starts in it */
	bool has_envelope;  /* an envelope starts in it */
};

/* In the order in which they are judged: one around others comes first. Starts zeroed. */
struct engine_documents {
	struct arena arena;
	struct engine_document *items;
	size_t count, room;
};

/*
 * List the documents that judging a source with these options finds in it, decoded and unwrapped.
 * bytes.p[bytes.n] must be readable and NUL, and must stay as long as the list. What cannot be
 * opened is not listed: judging reports it. -1 when out of memory. Release the arena in any case.
 */
int engine_documents(struct engine_documents *documents, struct str bytes,
		     const struct cpis_options *options);

#endif
