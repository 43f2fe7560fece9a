/*
 * request.h - what a message asks of the national service, and what its reply must echo.
 *
 * A request is read whatever it travels in, as judging reads it, and as far as it can be read: what
 * is broken has been judged already, and its refusal still names the request by its ids.
 */
#ifndef CPIS_REPLY_REQUEST_H
#define CPIS_REPLY_REQUEST_H

#include "base/arena.h"
#include "write/pieces.h"

/* By which of its doors a request comes to the service: bits. */
enum channel {
	CHANNEL_SPINE = 1 << 0, /* SOAP to Spine, answered in the same connection */
	CHANNEL_EBXML = 1 << 1, /* ebXML to Spine */
	CHANNEL_ITK = 1 << 2,	/* the ITK mini service */
	CHANNEL_MESH = 1 << 3,	/* a file, by MESH */
	CHANNEL_ANY = CHANNEL_SPINE | CHANNEL_EBXML | CHANNEL_ITK | CHANNEL_MESH
};

enum asked { ASKED_UNKNOWN, ASKED_QUERY, ASKED_UPLOAD };

/* Texts are absent where the request does not have them; all are in its arena. */
struct request {
	struct arena arena;
	enum channel channel;
	enum asked asked;
	bool whole; /* it was read to its end */

	bool soap, soap12;
	struct str soap_id, action, from, user; /* wsa:MessageID, Action, From; wsse:Username */
	struct str secured;			/* Created of WS-Security */
	struct str interaction; /* name of the element with the transmission wrapper */
	struct str message_id, sender, receiver;     /* of it; ASIDs */
	struct str service, tracking_id, itk_sender; /* of the distribution envelope */
	bool envelope;
	bool wants_infrastructure; /* an infrastructure acknowledgement is asked for */
	struct {
		struct str from, to, cpa_id, conversation, message_id, service, action;
	} ebxml;

	struct str nhs_number, query_id; /* of a query */
	bool says_event;		 /* the query has accessEventType: true or false */
	struct str file_id, quantity;	 /* of an upload */
	struct piece_organisation authority;
	bool has_authority;
	struct piece_record *records;
	size_t record_count, record_room;
};

/* Read one; bytes.p[bytes.n] is a NUL. channel 0: find out by what it travels in. -1: out of
 * memory. Release it in any case. */
int request_read(struct request *request, struct str bytes, enum channel channel);
void request_release(struct request *request);

/* The name of a channel: "Spine", "ebXML", "ITK", "MESH". Static. */
const char *channel_name(enum channel channel);

#endif
