/*
 * upload.h - uploads in sequence, where no process sees all of them.
 *
 * A part of a run (--shard) keeps of each upload what PAIR-011 needs: sender, number, creation
 * time, and where they are in the file. When all parts are together, the uploads are judged by
 * that. A run that is not divided judges them by their files (exchange.h).
 */
#ifndef CPIS_ENGINE_UPLOAD_H
#define CPIS_ENGINE_UPLOAD_H

#include "diag/draft.h"

struct cpis_failure;
struct cpis_options;
struct message_summary;

/* Keep in the draft what its summary says of an upload in this document, before it is placed. */
void upload_note(struct draft *draft, size_t document, const struct cpis_options *options);
/* When the whole source was judged: several messages in one file are in no sequence. */
void upload_settle(struct draft *draft);

/* Several in one source are not compared, neither with each other nor with those of other files,
 * and neither is one beside other messages: results say so. compared: what would be compared with
 * other sources; NULL: there are no others. */
void upload_note_apart(struct draft *draft, const struct message_summary *compared,
		       const struct cpis_options *options);

/* An upload among others. Starts with its first three members. */
struct upload_entry {
	const struct upload_fact *fact;
	const char *source;
	size_t place; /* the caller's; uploads of one time are in this order */
	long long number, seconds;
	const struct upload_entry
		*before; /* made by upload_order: the one that it does not follow */
	bool follows;	 /* made too: it follows the one before it */
};

/* Order them by sender, number and time, and say which of them do not follow the one before. */
void upload_order(struct upload_entry *entries, size_t count);

/*
 * Judge an upload that does not follow the one before: the finding is one more of a message of
 * results, which may have been read from a document. -1 when out of memory.
 */
int upload_judge(struct results *results, size_t message, const struct upload_entry *entry,
		 struct cpis_failure *failure);

/* The place of PAIR-011 in the rules of results; SIZE_MAX: they are not those of this program. */
size_t upload_rule(const struct results *results);

#endif
