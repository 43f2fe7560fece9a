/*
 * refusals.h - what the national service says to a message that breaks a rule: one table from
 * findings to refusals.
 *
 * Each row says what its refusal rests on. What is published is marked so; where only the kind of
 * reply is known, or nothing, the row says that it is not public, and the twin's choice is a
 * choice.
 */
#ifndef CPIS_REPLY_REFUSALS_H
#define CPIS_REPLY_REFUSALS_H

#include "reply/request.h"
#include "write/messages.h"

struct finding;
struct results;

enum refusal_kind {
	REFUSE_NOT,	    /* the message is accepted */
	REFUSE_SPINE_FAULT, /* a SOAP fault with an error list */
	REFUSE_EBXML,	    /* an ebXML error list */
	REFUSE_MCCI,	    /* MCCI_IN010000UK13, AE */
	REFUSE_QUQI,	    /* QUQI_IN010000UK14, AE and ID */
	REFUSE_ITK_FAULT,   /* a SOAP fault with ToolkitErrorInfo */
	REFUSE_STATUS,	    /* a response of the mini service with this status */
	REFUSE_FILE,	    /* an upload's acknowledgement with this file code */
	REFUSE_RECORD,	    /* a record code in it */
	REFUSE_REPORT,	    /* an error report of MESH */
	REFUSAL_KIND_COUNT
};

enum refusal_basis {
	REFUSAL_PUBLISHED, /* reply and code are read from Spine's checks or a published list */
	REFUSAL_INFERRED,  /* it follows from what is published */
	REFUSAL_NOT_PUBLIC /* the twin's choice */
};

/* What refusals rest on, in the table and beside it. */
#define CITE_STUB	"Spine stub of the published test harness"
#define CITE_WS_FDT	"ITK web services, WS-FDT-02"
#define CITE_HOST_TESTS "official tests of a mini service host"
#define CITE_EBXML	"ebXML Message Service 2.0, 4.2.3.4"
#define CITE_MESH	"MESH error codes, 15"
#define CITE_NO_SOURCE	"no published source names the reply"

struct refusal {
	const char *rule;   /* its id, or the start of ids: "ITK-", "" */
	unsigned channels;  /* enum channel, as bits */
	const char *within; /* found in the path of the finding; NULL: anywhere */
	const char *says;   /* found in its sentence; NULL: whatever it says */
	enum refusal_kind kind;
	const char *code, *text; /* text: of the reason, the location of a fault */
	enum refusal_basis basis;
	const char *cite;
};

/* "SOAP fault of Spine", "MCCI_IN010000UK13" ... Static. */
const char *refusal_kind_name(enum refusal_kind kind);
/* "published", "inferred", "not public" */
const char *refusal_basis_name(enum refusal_basis basis);

/* The row of a finding in a message that came by a channel; NULL: it does not refuse. */
const struct refusal *refusal_of(const struct finding *finding, enum channel channel,
				 enum asked asked);

/* The row of an upload that an acknowledgement would refuse as a whole, and that does not say whose
 * it is. */
const struct refusal *refusal_of_nameless(enum channel channel);

/* The table, for tests and for the manual. */
extern const struct refusal refusals[];
extern const size_t refusal_count;

enum { MOST_ISSUES = 16 };

/* What the findings of a request come to. */
struct decision {
	const struct refusal *refusal; /* the first of the table that applies; NULL: accepted */
	const struct finding *finding; /* that it is for; NULL: none is listed */
	struct detected_issue issues[MOST_ISSUES]; /* of REFUSE_MCCI: every one that is known */
	size_t issue_count;
	/* Uploads: by record, the row that refuses it; NULL: none does. As many as the request has.
	 */
	const struct refusal **records;
	size_t refused_records;
};

/* Look at the findings of messages [first, first + count) of the results. records are in the
 * request's arena. -1: out of memory. */
int decision_make(struct decision *decision, struct request *request, const struct results *results,
		  size_t first, size_t count);

#endif
