/*
 * engine.h - one source in, judged messages out: the stages in order.
 *
 * bytes -> layers (transport/) -> events (xml/) -> structure (schema/) and parts (message/) ->
 * rules (rules/) -> findings with their places -> results (diag/).
 */
#ifndef CPIS_ENGINE_ENGINE_H
#define CPIS_ENGINE_ENGINE_H

#include "base/str.h"

struct results;
struct cpis_failure;

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
 * request (rules PAIR-*), whose findings stand in the reply. The messages are appended in this
 * order.
 */
int engine_judge_pair(struct results *results, const struct engine_input *request,
		      const struct engine_input *response, struct cpis_failure *failure);

#endif
