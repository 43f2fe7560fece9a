/*
 * pairing.h - judging a message beside the one that it answers or follows.
 */
#ifndef CPIS_ENGINE_PAIRING_H
#define CPIS_ENGINE_PAIRING_H

#include "base/str.h"

struct cpis_failure;
struct part;
struct results;
struct session;
struct source;

/* A part of a draft that keeps a summary has been judged. */
void pairing_take(struct session *session, const struct part *part);

/* A document of such a draft has been read to its end, and its findings are not placed yet. */
void pairing_settle(struct session *session);

/* engine_judge_pair (engine.h) for two files. -1 with the reason where one cannot be opened. */
int pairing_judge_files(struct results *results, const char *request, const char *response,
			struct cpis_failure *failure);

#endif
