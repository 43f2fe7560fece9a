/*
 * summary.h - what is remembered of a message when another one is to be judged beside it.
 *
 * A request and its reply are judged one after the other, each in its own pass. What the rules over
 * both need is taken from the parts as they close: ids, codes, times, and, where asked for, the
 * records. A summary owns its memory; the places of its values are those of the message it is of.
 */
#ifndef CPIS_MESSAGE_SUMMARY_H
#define CPIS_MESSAGE_SUMMARY_H

#include "base/arena.h"
#include "message/parts.h"

/* text.p is NULL where there is nothing. */
struct summary_value {
	struct value value;
	size_t document, message; /* of the draft: where the place is in */
};

struct summary_time {
	struct summary_value at;
	struct moment moment;
};

enum summary_kind {
	SUMMARY_NONE,
	SUMMARY_UPLOAD,
	SUMMARY_ACKNOWLEDGEMENT,
	SUMMARY_QUERY,
	SUMMARY_RESPONSE,
	SUMMARY_OUTCOME,   /* a query's failure, an application acknowledgement */
	SUMMARY_FAULT,	   /* of the transport: to a message of any kind */
	SUMMARY_TRANSPORT, /* the transport's acknowledgement */
	SUMMARY_NOTIFICATION,
	SUMMARY_SIMPLE, /* a reply that says no more than that something arrived */
	SUMMARY_SIGNAL	/* the same by ebXML, or that it was refused; by ITK, without a message */
};

/* How a message travels, as far as it says so: a bare payload does not. */
enum summary_route { ROUTE_UNKNOWN, ROUTE_SPINE, ROUTE_ITK };

struct summary_subject {
	unsigned kind; /* enum subject_kind */
	struct value nhs_number, local_id, local_authority, given, family, birth;
};

struct summary_plan {
	unsigned kind; /* enum plan_kind */
	struct value start, end, deleted;
};

/* A contentId that is not of the template after it. */
struct summary_content {
	struct summary_content *next;
	struct value extension;
	struct str right; /* what it should be */
};

enum summary_record_role { RECORD_UPLOADED = 1, RECORD_VALID, RECORD_INVALID };

/* Recipients that are kept; what is compared with more is blocked. */
enum { MOST_RECIPIENTS = 16, MOST_RECEIVERS = 4 };

struct summary_record {
	struct summary_record *next;
	enum summary_record_role role;
	size_t number; /* among those of its role, from 1 */
	size_t offset;
	const struct rule *broken; /* a structure finding in it, or NULL */
	struct summary_subject *subjects;
	struct summary_plan *plans;
	size_t subject_count, plan_count;
	struct summary_content *wrong_contents;
};

struct message_summary {
	struct arena arena;
	const char *source;	  /* in: what results call the source; borrowed */
	bool wants_records;	  /* in: records are kept too */
	size_t document, message; /* in: of the draft, for what is taken next */

	enum summary_kind kind;
	enum summary_route route;
	bool accepts_upload;	     /* of an outcome: it is the one of an upload that arrived */
	bool answered_elsewhere;     /* its ReplyTo is not anonymous: the answer comes by itself */
	bool fetched;		     /* it comes out of a mailbox, or answers a GET */
	bool plain;		     /* the last of them is in the source as it is, in no layer */
	size_t count;		     /* messages of any known kind */
	struct summary_value root;   /* name of the element of the last of them */
	struct summary_time made;    /* creationTime, effectiveTime or timestamp of the payload */
	struct summary_time wrapped; /* creationTime of the transmission wrapper */

	struct summary_value soap_id, relates_to, action; /* WS-Addressing */
	struct summary_value secured;			  /* Created of WS-Security */
	const char *soap_version;			  /* "1.1" or "1.2"; NULL: it is in none */
	bool of_no_version; /* a fault that says that the request is of another version */
	struct summary_value envelope_sender; /* uri of the ITK envelope's senderAddress */
	struct summary_value recipients[MOST_RECIPIENTS]; /* uris of its addresses */
	size_t recipient_count;				  /* those there are */
	struct summary_value service, tracking_id;	  /* ITK */
	struct summary_value service_ref, tracking_ref;	  /* ITK infrastructure acknowledgement */
	struct summary_value message_id, message_ref;	  /* transmission wrapper */
	struct summary_value sender_asid, receiver_asids[MOST_RECEIVERS];
	size_t receiver_count; /* those there are */

	/* of the ebXML header before it; .p NULL: there is none, "": it does not say */
	struct str conversation, ebxml_id, ebxml_ref;
	struct str ebxml_acks[2], ebxml_made; /* what it acknowledges; its Timestamp */
	struct str parties_from, parties_to;  /* names, each with PARTY_END after it */

	/* uploads and their acknowledgements */
	struct summary_value file_id, quantity, organisation; /* ODS code of sender or receiver */
	struct summary_value organisation_root;		      /* what the code is a code of */
	size_t record_count;				      /* uploaded */
	struct noted_list details; /* of an acknowledgement: alive as long as its draft */
	struct summary_record *records, *last_record;
	struct summary_content *wrong_contents; /* of the record that is being read */
	size_t kept_records;
	struct str upload;    /* bytes of the document with an upload */
	size_t upload_offset; /* of its root element in them */

	/* queries and their responses */
	struct summary_value query_id, nhs_number;
	bool silent;	   /* the query is a silent read, which is not listed as an access */
	struct str author; /* who asks: message/fold.h */
	struct asker asker;
	struct listed_query_list listed; /* of a response: alive as long as its draft */
	size_t returned_count;		 /* records */
	struct summary_value response_id;
};

void summary_init(struct message_summary *summary);
void summary_release(struct message_summary *summary);

/* Whether the two may be of one call: neither Spine's beside ITK's. */
bool summary_share_route(const struct message_summary *a, const struct message_summary *b);

/* Take what the ebXML header before a message says. */
struct ebxml;
void summary_take_ebxml(struct message_summary *summary, const struct ebxml *header);
/* The same of one that is all there is. */
void summary_take_signal(struct message_summary *summary, const struct ebxml *header);
/* A SOAP envelope that was taken has nothing in it, and is a reply so: where it starts. */
void summary_take_empty(struct message_summary *summary, size_t offset);

/* Take what a closed part says. */
void summary_take(struct message_summary *summary, const struct part *part);

/* The document of an upload just taken, kept for XPath; lasting: the bytes outlive the summary. */
void summary_keep_document(struct message_summary *summary, struct str bytes, bool lasting);

/*
 * Two messages judged together: a request and its reply, or an upload and the one before it. The
 * pair is judged whenever a document of the second message has been read, and then on the values of
 * that document alone: a finding is placed where its value is.
 */
struct pair_work;

struct pair {
	struct part part;
	const struct message_summary *request, *response;
	size_t document;	/* of the response: the one that has been read */
	struct pair_work *work; /* what its rules have found out for each other */
};

#endif
