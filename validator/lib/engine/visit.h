/*
 * visit.h - what a message holds, without judging it: its typed parts, one after another.
 *
 * The same way in as for judging, so that a message is found in whatever it travels in.
 */
#ifndef CPIS_ENGINE_VISIT_H
#define CPIS_ENGINE_VISIT_H

#include "base/str.h"

struct part;
struct cpis_failure;

/*
 * Tell look of every part when it is complete; the part dies when look returns. bytes.p[bytes.n]
 * must be readable and NUL. -1 when the source holds no message, or could not be read to its end:
 * the reason with its place is in *failure, as one of configuration.
 */
int engine_visit(struct str bytes, void (*look)(void *context, const struct part *part),
		 void *context, struct cpis_failure *failure);

#endif
