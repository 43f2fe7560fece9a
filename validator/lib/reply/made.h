/*
 * made.h - a call to the twin on its way to a reply.
 */
#ifndef CPIS_REPLY_MADE_H
#define CPIS_REPLY_MADE_H

#include "base/buf.h"
#include "cpis_service.h"
#include "reply/service.h"

/* The reply and the memory that it is in. */
struct made_reply {
	struct cpis_reply reply; /* the first member: the caller has its address */
	struct arena arena;
	struct buf request, answer, later;
};

void reply_status(struct made_reply *made, unsigned status, const char *type);
/* name is static; value is copied. */
void reply_header(struct made_reply *made, const char *name, const char *value);
/* A short body, which is copied. */
void reply_text(struct made_reply *made, struct str text);

/* NULL: it is not given. */
const char *call_header(const struct cpis_call *call, const char *name);
struct str call_body(const struct cpis_call *call);
/* A call as an HTTP capture, with a NUL that is not counted. -1 when out of memory. */
int reply_capture_request(struct buf *out, const struct cpis_call *call);

/* mesh.c: requests for /messageexchange. rest is what follows that. */
int mesh_call(struct service *service, const struct cpis_call *call, const char *rest,
	      struct made_reply *made, struct cpis_failure *failure);
/* Tables of the mailboxes in the file of the state; messages are forgotten on reset. */
int mesh_setup(struct service *service, struct cpis_failure *failure);
int mesh_reset(struct service *service, struct cpis_failure *failure);

/* inactive.c: PDS takes a number out of use; notices wait for the authorities that uploaded it. */
int inactive_call(struct service *service, const struct cpis_call *call, struct made_reply *made,
		  struct cpis_failure *failure);

/* What was answered and why, for the journal. */
void reply_describe(struct made_reply *made, const struct visit *visit,
		    const struct answer *answer);
/* Receipts and errors of ebXML, and reports of MESH, hold no message to judge. */
bool holds_message(const struct answer *answer);
/* Judge the reply beside its request, which pairs was set for, and keep both for the journal. */
int reply_judge(struct made_reply *made, struct visit *visit, const struct answer *answer,
		struct cpis_failure *failure);

#endif
