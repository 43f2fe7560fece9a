/*
 * journal.h - what a twin keeps of its exchanges: HTTP captures of both directions, the results of
 * judging them, a line of JSON each; and the latest ones in memory, for the page.
 *
 * In a folder: 000001-request.http, 000001-reply.http, 000001-results.xml, and journal.jsonl. The
 * captures hold what was sent, personal values and all; the lines hold none. The files of an
 * exchange are there whole before its line is, and its line before it is answered, on the disk:
 * whenever the process ends, a line has its files, and what was answered is in the journal unless
 * it could not be kept, as on a full disk: that is said, and there is no line.
 */
#ifndef CPIS_TWIN_JOURNAL_H
#define CPIS_TWIN_JOURNAL_H

#include "cpis_service.h"

#include <pthread.h>
#include <stdio.h>

enum { JOURNAL_LATEST = 200, LINE_BYTES = 1024 };

struct journal {
	const char *folder; /* NULL: nothing is kept in files */
	int lines;	    /* journal.jsonl; -1: none */
	pthread_mutex_t lock;
	size_t count;
	char latest[JOURNAL_LATEST][LINE_BYTES]; /* lines, by number modulo */
};

/* Make the folder where it is not there. -1 with the reason, a wrong configuration: it cannot be
 * written, or another process has this journal open. */
int journal_open(struct journal *journal, const char *folder, struct cpis_failure *failure);
void journal_close(struct journal *journal);

/* An exchange was judged. Threads may call it at once. -1 with the reason: it could not be kept. */
int journal_add(struct journal *journal, const struct cpis_call *call,
		const struct cpis_reply *reply, struct cpis_failure *failure);

/* The latest exchanges, newest first, as a JSON list. */
void journal_list(struct journal *journal, cpis_write write, void *context);

/* The file of an exchange's results; false: there is none. */
int journal_results(const struct journal *journal, size_t number, char *path, size_t room);

#endif
