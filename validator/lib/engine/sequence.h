/*
 * sequence.h - the uploads of a folder, each beside the one before it by sequence number.
 *
 * Files are judged in order of name, several at a time; their numbers are put in order when all are
 * done. Only an upload that does not follow the one before is judged again, for its finding.
 */
#ifndef CPIS_ENGINE_SEQUENCE_H
#define CPIS_ENGINE_SEQUENCE_H

#include <stddef.h>

struct cpis_failure;
struct message_summary;
struct results;

struct sequence_entry {
	const char *path;		 /* borrowed */
	struct message_summary *summary; /* of the one upload in it; NULL: it has something else */
	size_t first_message;		 /* of the results: the file's first */
	size_t place;			 /* among the files */
};

/* Put them in order and judge. Entries without a summary are passed over. -1: out of memory. */
int sequence_judge(struct results *results, struct sequence_entry *entries, size_t count,
		   struct cpis_failure *failure);

/* The summary of a draft's messages where it is of one upload alone. Any other is released, and
 * NULL returned. */
struct message_summary *sequence_keep(struct message_summary *summary);
void sequence_forget(struct message_summary *summary);

#endif
