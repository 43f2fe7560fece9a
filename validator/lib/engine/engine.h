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

/*
 * Judge one source and append its messages (one or more) to the results. name is what results call
 * it; it is copied. bytes.p[bytes.n] must be readable and NUL; bytes are borrowed.
 * -1 only when memory is out: whatever is wrong with the source is a finding or an omission.
 */
int engine_judge(struct results *results, const char *name, struct str bytes,
		 struct cpis_failure *failure);

/*
 * Judge a request and its reply: each by itself, as engine_judge does, and the reply beside the
 * request (rules PAIR-*), whose findings stand in the reply. The messages are appended in this
 * order.
 */
int engine_judge_pair(struct results *results, const char *request, struct str request_bytes,
		      const char *response, struct str response_bytes,
		      struct cpis_failure *failure);

#endif
