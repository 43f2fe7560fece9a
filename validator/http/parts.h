/* parts.h - what the files of the server share: a server, its connections, its requests. */
#ifndef CPIS_HTTP_PARTS_H
#define CPIS_HTTP_PARTS_H

#include "server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>
#include <zlib.h>

enum {
	BUFFER_BYTES = 64 << 10, /* of the body of a request, waiting for its handler */
	STREAM_BYTES = 1 << 20,	 /* and while the handler reads it */
	MOST_PARAMETERS = 4,
	MOST_NAME = 128,
	ID_DIGITS = 32,
};

/* Both are allocated. */
struct pair {
	char *name, *value;
};

struct pairs {
	struct pair *items;
	size_t count, room;
};

/* A connection. Of the event threads, but for the deadline, which the lock guards. */
struct peer {
	struct peer *next, *before;
	int socket;
	long long deadline; /* when it is shut down; 0: never */
	bool busy;	    /* with a request */
	unsigned char address[16];
	bool overdue;
	pthread_t thread;		 /* of its events */
	struct MHD_Connection *reading;	 /* the headers of a request; NULL: none */
	const char *target, *target_end; /* of it, as libmicrohttpd has it: a place, not a text */
	const char *target_fault;	 /* what is wrong with it as it was sent; NULL: nothing */
	bool known;			 /* the certificate of the client was looked at */
	char client[MOST_NAME];
};

enum run { RUN_NOT, RUN_QUEUED, RUN_ON, RUN_DONE };

struct http_request {
	struct http_server *server;
	struct MHD_Connection *connection; /* NULL: it has gone */
	struct peer *peer;
	struct http_request *next, *before; /* of the server */
	struct http_request *after;	    /* in a queue */
	const struct http_route *route;
	char *target; /* the path as it was sent */
	char *path;   /* decoded */
	const char *parameters[MOST_PARAMETERS];
	char *parameter_text;
	struct pairs headers, queries;
	char client[MOST_NAME];
	char method[16];
	const char *head_fault; /* what is wrong with the head as a whole; NULL: nothing */
	bool is_old;		/* HTTP/1.0 */
	bool too_many;		/* requests in flight from this address */
	char id[ID_DIGITS + 1];
	long long start, begun_body, suspended_at;

	/* The body: guarded by the lock, but for the decoder. */
	unsigned char *buffer;
	size_t room, first, used;
	size_t declared, received, decoded, most;
	bool has_length, chunked, gzip;
	bool whole;	/* the body is there */
	bool gone;	/* it will not come */
	bool too_large; /* that is why */
	bool ill_ended; /* a header after it is wrong: that is why */
	bool dropped;	/* nothing reads the rest of it */
	bool suspended;
	enum run run;
	long long due; /* when a timer resumes it; 0: none does */
	pthread_cond_t changed;
	z_stream inflate;
	bool inflating, inflated, failed;
	unsigned char *encoded;

	/* The answer: of the handler until run is RUN_DONE, then of the event thread. */
	unsigned status;
	struct pairs added;
	char *body;
	size_t body_size, body_room;
	const void *fixed; /* in place of body */
	struct http_shape shape;
	bool answered, closes, out_of_memory;
	bool sent;
	size_t sent_bytes;
};

struct queue {
	struct http_request *first, *last;
	size_t count;
};

struct http_server {
	struct http_settings settings;
	struct MHD_Daemon *daemon;
	int socket;
	bool listening, tls;
	char *cert, *key, *ca;
	pthread_mutex_t lock;  /* a thread that has it cannot lock it again: EDEADLK */
	pthread_cond_t work;   /* of the workers */
	pthread_cond_t timing; /* of the timer */
	pthread_cond_t ended;  /* a request has ended, or a stream thread */
	pthread_t timer, *workers;
	unsigned worker_count, streams;
	bool stopping, cutting, stopped, timer_runs;
	struct queue small, large; /* ready for a worker; waiting for a thread */
	struct peer *peers;
	struct http_request *requests;
	struct http_counts counts;
};

/* server.c */
long long http_now(void); /* milliseconds of a clock that never goes back */
/* With the lock: a time was set that may be the next. */
void http_timer_wake(struct http_server *server);

/* head.c: the head before it is taken for names and values. What is wrong, in a sentence, or NULL.
 * The target is looked at as it was sent, with its query. */
const char *http_target_fault(const char *target);
const char *http_head_fault(const struct peer *peer, struct MHD_Connection *connection,
			    const char *method, const char *version);

/* check.c: everything about the head of a request, before any of its body. A problem is made of
 * what is wrong. */
void http_check(struct http_request *request);
/* The status by which a Content-Length is refused; 0: it is a number. */
unsigned http_length_fault(const char *length);
#define HTTP_TOO_LONG "The body is longer than this service takes."
#define HTTP_LENGTH_FAULT(status)                                                                  \
	((status) == 413 ? HTTP_TOO_LONG : "Content-Length is not one whole number.")
/* A header may have this name and this value. */
bool http_is_header(const char *name, const char *value);
/* Decode %XX of n bytes of text to a new string. NULL: it is wrong, or out of memory. */
char *http_decode(const char *text, size_t n);
/* Decode %XX of characters that mean the same without it, in place: RFC 3986, 6.2.2.2. */
void http_decode_plain(char *text);

/* work.c: the body on its way to the handler, and the threads of the handlers. */
int http_workers_start(struct http_server *server);
void http_workers_end(struct http_server *server);
/* Take some of the body; what does not fit is left, and the connection suspended. False: it is far
 * too large, and its end is not in sight. */
bool http_body_take(struct http_request *request, const char *bytes, size_t *size);
/* A header after the body is wrong: the body counts as one that did not arrive. */
void http_body_spoil(struct http_request *request);
/* The body is whole. False: the answer is not there yet, and the connection suspended. */
bool http_body_end(struct http_request *request);
/* With the lock: a request that has waited too long for a thread is answered. */
void http_waiting_expire(struct http_server *server, struct http_request *request, long long now);
/* With the lock: it waits for no thread any more. */
void http_leave_queues(struct http_request *request);
/*
 * With the lock: take the connection of a request to let it go on; NULL where it is not suspended.
 * Pass it to MHD_resume_connection without the lock. The request may be gone by then.
 */
struct MHD_Connection *http_wake(struct http_request *request);
void http_request_free(struct http_request *request);

/* listen.c: the socket and the files of TLS. 0, or -1 with the reason. */
int http_listen(struct http_server *server, char why[HTTP_WHY]);
int http_read_tls_files(struct http_server *server, char why[HTTP_WHY]);

/* reply.c */
void http_pairs_free(struct pairs *pairs);
void http_pair_add(struct http_request *request, struct pairs *pairs, struct pair pair);
enum MHD_Result http_send(struct http_request *request);
/* A problem as the answer past libmicrohttpd, as far as the socket takes it at once, where the
 * connection ends by it. */
void http_send_raw(struct http_request *request, unsigned status, const char *why);

#endif
