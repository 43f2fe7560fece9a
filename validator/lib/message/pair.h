/*
 * pair.h - two messages judged together: a request and its reply, or an upload and the one before
 * it.
 *
 * The pair is judged whenever a document of the second message has been read, and then on the
 * values of that document alone: a finding stands where its value stands.
 */
#ifndef CPIS_MESSAGE_PAIR_H
#define CPIS_MESSAGE_PAIR_H

#include "message/summary.h"

struct pair_work;

struct pair {
	struct part part;
	const struct message_summary *request, *response;
	size_t document;	/* of the response: the one that has been read */
	struct pair_work *work; /* what its rules have found out for each other */
};

#endif
