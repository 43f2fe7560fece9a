/*
 * answer.h - the reply to a request, written for the door by which the request came.
 *
 * What is said (content) and how it travels (answer) are two things: the same refusal or response
 * is a SOAP message to Spine's clients, a distribution envelope to those of the mini service.
 */
#ifndef CPIS_REPLY_ANSWER_H
#define CPIS_REPLY_ANSWER_H

#include "reply/refusals.h"
#include "write/ids.h"

/* Who the service says it is. Texts are borrowed; zero has no meaning. */
struct identity {
	const char *asid;    /* of Spine */
	const char *party;   /* its party key, of ebXML */
	const char *ods;     /* of the mini service */
	const char *user;    /* wsse:Username of the mini service */
	const char *address; /* wsa:From */
	const char *mailbox; /* of MESH */
};

extern const struct identity default_identity;

/* What a reply says. */
struct content {
	enum refusal_kind kind;	 /* REFUSE_NOT: response or outcome */
	const char *code, *text; /* of the refusal */
	const char *diagnostic;	 /* of an ITK fault; NULL: none */
	/* What a refusal rests on that is not of the table; cite NULL: it is, or of a scenario. */
	enum refusal_basis basis;
	const char *cite;
	struct detected_issue issues[MOST_ISSUES];
	size_t issue_count;
	struct query_response response; /* to a query: it may have no records */
	bool has_outcome;
	struct upload_outcome outcome; /* of an upload */
};

enum { ACTION_BYTES = 96, CONTENT_TYPE_BYTES = 256 };

struct answer {
	unsigned status; /* of HTTP */
	char content_type[CONTENT_TYPE_BYTES];
	char soap_action[ACTION_BYTES]; /* "": none */
	const char *type;		/* of the message: "REPC_IN000007GB01" */
	struct buf body;
};

void answer_init(struct answer *answer);
void answer_release(struct answer *answer);

/* What the table's row for a decision says. */
void content_of_decision(struct content *content, const struct decision *decision);
/* That the number has no record: QUQI, or the mini service's CPIS-0001. */
void content_not_found(struct content *content, enum channel channel);
/* The code of what is said where no row of the table has it: of the first record that is refused,
 * or of the file. NULL: none. */
const char *content_code(const struct content *content);
/* "published", "inferred", "not public"; NULL: it is of the table, or of a scenario. */
const char *content_basis(const struct content *content);

/*
 * Write the reply. now: seconds since 1970. -1 when out of memory, or when the content does not fit
 * the request.
 */
int answer_write(struct answer *answer, const struct request *request,
		 const struct content *content, const struct identity *identity,
		 struct id_maker *maker, long long now);

/* Of ebXML: that the message has arrived, and that it has not. */
int answer_write_ebxml_receipt(struct answer *answer, const struct request *request,
			       const struct identity *identity, struct id_maker *maker,
			       long long now);

#endif
