/*
 * pair.h - the rules over two messages.
 */
#ifndef CPIS_RULES_PAIR_H
#define CPIS_RULES_PAIR_H

#include "message/summary.h"
#include "rules/judge.h"

/*
 * Judge a pair when a document of its second message has been read; findings go to the draft of the
 * second, before they are placed. What could not be judged is an omission of it.
 */
void pair_judge(struct judge *judge, const struct message_summary *request,
		const struct message_summary *response, size_t document);

/* How an upload follows the one before it, by their sequence numbers. */
enum pair_sequence {
	SEQUENCE_NONE, /* not two uploads of one sender, or a number cannot be read */
	SEQUENCE_NEXT,
	SEQUENCE_REPEATED,
	SEQUENCE_GAP,
	SEQUENCE_BACK, /* the number goes back */
	SEQUENCE_OLDER /* the number goes on, the creation time goes back */
};

enum pair_sequence pair_sequence(const struct message_summary *earlier,
				 const struct message_summary *later);

#endif
