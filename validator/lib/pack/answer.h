/*
 * answer.h - what people answered to the manual questions of a pack: answers.yaml in the evidence
 * folder, a list of case, answer, by, on and note.
 */
#ifndef CPIS_PACK_ANSWER_H
#define CPIS_PACK_ANSWER_H

#include "pack/case.h"

/*
 * Read the answers, if there are any, into the session; they live in arena. -1 with the first
 * problem in *failure when the file is there and wrong.
 */
int answers_read(struct pack_session *session, struct arena *arena, struct cpis_failure *failure);

/* NULL: nobody has answered. The last one counts. */
const struct pack_answer *answer_of(const struct pack_session *session,
				    const struct pack_case *test);

#endif
