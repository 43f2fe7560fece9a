/*
 * cpis_service.h - the national service and its clients, for those who build or test either: what
 * it replies to a message, a twin of it, messages as they are sent to it, and what it holds.
 *
 * The second public header of libcpis. What cpis.h says of errors, ownership, threads and versions
 * holds here too.
 */
#ifndef CPIS_SERVICE_H
#define CPIS_SERVICE_H

#include "cpis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Replies */

/* Zero is the default of every member. All of it is borrowed for the call. */
struct cpis_predict_options {
	long long now;	   /* the time of the reply, in seconds since 1970 */
	const char *seed;  /* of the ids in the reply; NULL: the same one always */
	const char *state; /* file of what the service holds (cpis simulate --state), which a query
			      adds to; NULL: it holds nothing */
	/* Called for what the state does not know, which does not end it; may be NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	size_t reserved[6];
};

/* What the service says, and why. Strings are static, or NULL. */
struct cpis_prediction {
	int refused;
	const char *door;  /* "Spine", "ebXML", "ITK", "MESH": by which the message would come */
	const char *type;  /* of the reply: "MCCI_IN010000UK13"; "no answer": nothing is written */
	const char *kind;  /* "MCCI_IN010000UK13 with AE"; "accepted" */
	const char *code;  /* of the refusal */
	const char *text;  /* what goes with it */
	const char *rule;  /* whose finding leads to it */
	const char *basis; /* "published", "inferred", "not public" */
	const char *citation;	   /* where the code is from */
	const char *scenario;	   /* a published stub's trigger */
	enum cpis_verdict verdict; /* of the message itself */
};

/*
 * Write the very reply that the national service sends to the message in a file, as far as that is
 * public: *prediction says what it rests on. A file that cannot be read is a failure of
 * configuration; a message that is broken in any way gets its refusal. The file may hold a message
 * in whatever it travels in: the reply travels likewise.
 */
CPIS_PUBLIC int cpis_predict(const char *path, const struct cpis_predict_options *options,
			     cpis_write write, void *context, struct cpis_prediction *prediction,
			     size_t size, struct cpis_failure *failure);

/*
 * A twin of the national service: it judges what it gets, answers as the service would, and judges
 * what it answers. It knows HTTP messages, and no sockets: a program brings them to it. Any number
 * of threads may call one twin at the same time.
 */
struct cpis_twin;

/* Zero is the default of every member. All of it is borrowed for the call. */
struct cpis_twin_options {
	const char *state; /* file of what the service holds; NULL: in memory */
	const char *seed;  /* of the ids in replies; NULL: the same one always */
	const char *
		scenarios; /* file of cpis-scenario(5); NULL: the triggers of the published stubs */
	const char *asid, *party, *ods, *address, *mailbox; /* what the service calls itself */
	const char *const *users; /* names that the mini service lets in */
	size_t user_count;	  /* 0: any */
	const char *mesh_key;	  /* shared key of MESH; NULL: authorization is not checked */
	const char *mesh_password;
	size_t mesh_canned; /* 1: "VALID" authorizes, as in the published sandbox, and nothing else
			     */
	const char *workflow; /* MESH workflow id of replies; NULL: that of the request */
	/* Called for every problem of the scenarios, and for what the state does not know, which
	 * does not end it; may be NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	size_t reserved[7];
};

CPIS_PUBLIC int cpis_twin_new(struct cpis_twin **twin, const struct cpis_twin_options *options,
			      struct cpis_failure *failure);
CPIS_PUBLIC void cpis_twin_free(struct cpis_twin *twin);
/*
 * Give it the uploads in a file or a folder, as if authorities had sent them in order of name.
 * *loaded counts them. A file that the service would not load is passed over: passed_over (may be
 * NULL) is called with its name and the reason. -1: path is not there, or the state failed.
 */
CPIS_PUBLIC int cpis_twin_load(struct cpis_twin *twin, const char *path, long long now,
			       void (*passed_over)(void *context, const struct cpis_failure *file),
			       void *context, size_t *loaded, struct cpis_failure *failure);

struct cpis_header {
	const char *name, *value;
};

/* An HTTP request, with its transfer coding taken off. All of it is borrowed for the call. */
struct cpis_call {
	const char *method, *target;
	const struct cpis_header *headers;
	size_t header_count;
	const void *body; /* NULL where size is 0 */
	size_t size;
	const char *client; /* common name in the certificate of the client; NULL: none */
	long long now;
	int later;   /* 1: ebXML is answered by a message to the client's own endpoint */
	int trusted; /* 1: it needs no authorization */
};

enum { CPIS_REPLY_HEADERS = 16 };

/* What to answer, and what is to be kept of it. */
struct cpis_reply {
	unsigned status;
	struct cpis_header headers[CPIS_REPLY_HEADERS];
	size_t header_count;
	const void *body;
	size_t size;
	/* By the scenario: how it is sent. */
	int silent;	    /* 1: not at all */
	unsigned delay_ms;  /* before the first byte */
	size_t piece_bytes; /* at a time; 0: all */
	unsigned piece_ms;  /* between two pieces */
	int cut;	    /* 1: the connection ends after cut_after bytes */
	size_t cut_after;
	/* A message to the client's own endpoint; later NULL: none. */
	const void *later;
	size_t later_size;
	const char *later_type, *later_action; /* Content-Type, SOAPAction */
	/* For a journal; results NULL: no message was judged. Strings live as long as the reply. */
	struct cpis_results *results; /* of the request, and of the reply beside it */
	const char *door, *kind, *code, *rule, *basis, *scenario, *reply_type;
	enum cpis_verdict request_verdict, reply_verdict;
	const void *request_capture, *reply_capture; /* as HTTP captures */
	size_t request_size, reply_size;
};

/* Answer one request. Free *reply. -1 only for a failure of the twin's own. */
CPIS_PUBLIC int cpis_twin_call(struct cpis_twin *twin, const struct cpis_call *call,
			       struct cpis_reply **reply, struct cpis_failure *failure);
CPIS_PUBLIC void cpis_reply_free(struct cpis_reply *reply);

/* How a message is sent. Zero is the default of every member. All of it is borrowed for the call.
 */
struct cpis_outgoing_options {
	const char *to;	  /* the server's address, for an envelope that is made; NULL: none */
	const char *user; /* of the mini service, likewise; NULL: "cpis-send" */
	const char *seed; /* of the ids in it; NULL: the same ones always */
	long long now;
	size_t reserved[8];
};

enum { CPIS_OUTGOING_HEADERS = 32 };

/* A message as it goes to a server. */
struct cpis_outgoing {
	const char *door;   /* "Spine", "ebXML", "ITK", "MESH" */
	const char *method; /* "POST" */
	const char *target; /* that a capture names; NULL: that of the door */
	struct cpis_header headers[CPIS_OUTGOING_HEADERS]; /* of the message: type, SOAPAction */
	size_t header_count;
	const void *body;
	size_t size;
	int wrapped;	  /* 1: its SOAP envelope was made here */
	const char *asks; /* "query", "upload"; NULL: it asks nothing of a service */
	size_t reserved[4];
};

/*
 * Make an HTTP request of a message, by what it is: the body and headers of an HTTP capture; a MIME
 * message with its Content-Type; a SOAP message with its action; an interaction or a distribution
 * envelope in a SOAP envelope, which is made here; an upload as a file for MESH. message[size] is
 * NUL. Free *outgoing with cpis_outgoing_free. -1: it cannot be sent, failure says why.
 */
CPIS_PUBLIC int cpis_outgoing_new(struct cpis_outgoing **outgoing, const void *message, size_t size,
				  const struct cpis_outgoing_options *options,
				  struct cpis_failure *failure);
CPIS_PUBLIC void cpis_outgoing_free(struct cpis_outgoing *outgoing);

/*
 * Make a request that was written long ago as if it were made now, in place: other UUIDs, the same
 * one for the same one, and its own times moved so that the latest is now. What is not written as
 * it must be is left alone, so that a fault made on purpose stays. Returns how many values it
 * changed.
 */
CPIS_PUBLIC size_t cpis_freshen(char *message, size_t size, const char *seed, long long now);

/*
 * What a control file says of a transfer by MESH: a DTSControl document beside the data. NULL or
 * "": it does not say it.
 */
struct cpis_control {
	const char *from, *to, *workflow, *subject, *local_id;
	const char *id; /* DTSId */
	int report;	/* 1: of an error; there is no data */
	/* What became of the transfer, its StatusRecord; event NULL: nothing yet. Written only. */
	const char *event, *code, *description; /* code "00" is a success */
	long long at;				/* in seconds since 1970 */
	size_t reserved[4];
};

/* Read one; values are decoded and without blanks around them. Free *control with
 * cpis_control_free, which accepts NULL. -1: it is not a control file; failure says why. */
CPIS_PUBLIC int cpis_control_read(struct cpis_control **control, const void *bytes, size_t size,
				  struct cpis_failure *failure);
CPIS_PUBLIC void cpis_control_free(struct cpis_control *control);
/* Write one. Free *bytes with cpis_free; a NUL follows that is not counted. */
CPIS_PUBLIC int cpis_control_write(const struct cpis_control *control, char **bytes, size_t *size,
				   struct cpis_failure *failure);
/* A control file as it is, and at its end what became of the transfer. -1 also where it is not
 * a control file. */
CPIS_PUBLIC int cpis_control_settle(const void *bytes, size_t size,
				    const struct cpis_control *became, char **settled,
				    size_t *settled_size, struct cpis_failure *failure);

/* Write a file whole or not at all, whenever the process ends: the bytes are synced under another
 * name in the same folder. A file of this name is replaced. */
CPIS_PUBLIC int cpis_keep_file(const char *path, const void *bytes, size_t size,
			       struct cpis_failure *failure);

/* The ledger */

/* A further report of a ledger, in a file. */
struct cpis_ledger_file {
	const char *format, *path;
};

/* How a ledger is made. Zero is the default of every member. All of it is borrowed for the call. */
struct cpis_ledger_options {
	const char *index;    /* file that keeps what was read, for the next time: it holds personal
				 values. NULL: nothing is kept */
	const char *expected; /* the children that should be there: a data set (YAML), a table
				 (CSV), or a message; NULL: not compared */
	long long at;	      /* the moment that the ledger is of, in seconds since 1970; 0: now */
	long long since;      /* say what happened since then; 0: do not */
	long long now;	      /* the time of the run */
	enum cpis_fail_on fail_on;
	int show_values;    /* 1: personal values appear in full, not masked */
	int all;	    /* 1: the text and the page list every child */
	const char *format; /* "text", "md", "json", "csv" or "html"; NULL: text */
	const char *path;   /* of the report; NULL: standard output */
	int quiet;	    /* 1: no report */
	/* Called for every problem of the expected children, in order; may be NULL. */
	void (*problem)(void *context, const struct cpis_failure *problem);
	void *context;
	cpis_write write; /* takes the report in place of path; NULL: path */
	void *write_context;
	const struct cpis_ledger_file *files; /* written too, unless quiet */
	size_t file_count;
	size_t reserved[6];
};

/*
 * Replay the uploads, acknowledgements, notices and queries in files and folders, and report what
 * the national service holds, and which children a clinician would not see, by the rules LED-*.
 * *verdict is fail where a finding is at least as severe as fail_on says or something is not as
 * expected, and incomplete where a file could not be read; it is set too where the report could not
 * be written. A path that does not exist is a failure of configuration. The same files give the
 * same report, whether they were read at once or one after another.
 */
CPIS_PUBLIC int cpis_ledger(const char *const *paths, size_t count,
			    const struct cpis_ledger_options *options, enum cpis_verdict *verdict,
			    struct cpis_failure *failure);

#ifdef __cplusplus
}
#endif

#endif
