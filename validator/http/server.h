/*
 * server.h - an HTTP/1.1 server for handlers that know nothing of sockets, and it nothing of what
 * they do.
 *
 * It listens on one address, with TLS and client certificates where they are asked for. Requests
 * are checked before a handler sees them: their framing (nothing that two readers could understand
 * differently), Host, Origin, token, route, size and coding. A handler runs on a thread of its own,
 * may wait, and reads the body as it arrives. Whoever sends or reads slowly keeps a connection, not
 * a thread: a handler starts when a small body is there in full, or when the first part of a large
 * one is. Errors are answered with problem details (RFC 9457).
 *
 * Threads: handlers run on several at once. Functions on a request are for its handler alone.
 */
#ifndef CPIS_HTTP_SERVER_H
#define CPIS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct http_server;
struct http_request;

/* Answers a request by the functions below. One that answers nothing is answered with 500.
 * context: of the settings. */
typedef void (*http_handler)(struct http_request *request, void *context);

/* What a route does otherwise than others: bits. */
enum http_route_flags {
	HTTP_OPEN = 1 << 0,    /* needs no token, and takes any Host: it gives nothing away */
	HTTP_BARE = 1 << 1,    /* no header is added but Date, length and Connection */
	HTTP_ENCODED = 1 << 2, /* the body is left in its Content-Encoding */
	HTTP_ANY_HOST = 1 << 3 /* takes any Host and Origin, but needs the token */
};

/*
 * A row of the routes: the first that fits is taken. A pattern is a path in which {} is one segment
 * that is not empty, and * at the end is any rest: "/rules/{}", "/messageexchange/{}/outbox", "/".
 * "*" alone is each path that no row before it has. method: "GET", which HEAD follows; "*" is any.
 * A table ends with a row without a method.
 */
struct http_route {
	const char *method, *pattern;
	http_handler handle;
	unsigned flags;
	size_t max_body_bytes; /* of the decoded body; 0: a body is refused */
};

/* Zero is the default of every member that has one. All of it is borrowed until the end. */
struct http_settings {
	const char *listen;		/* "127.0.0.1:8080", "[::1]:0"; port 0: any that is free */
	const char *tls_cert, *tls_key; /* PEM files; NULL: no TLS */
	const char *client_ca;		/* PEM file: clients must have a certificate of it; NULL */
	const char *token;		/* must be given as "Authorization: Bearer"; NULL: none */
	const char *const *hosts;	/* names that Host may have, without ports */
	size_t host_count;		/* 0: any */
	const struct http_route *routes;
	void *context;
	FILE *log;			  /* a line for each request; NULL: none. It has the pattern
					     of the route, never the path */
	unsigned workers;		  /* threads for small requests; 0: one a processor */
	unsigned streams;		  /* threads for large bodies, at most; 0: 32 */
	unsigned connections;		  /* at once; 0: 1,100 */
	unsigned connections_per_address; /* 0: no limit */
	unsigned requests_per_address;	  /* in flight; more get 429. 0: no limit */
	size_t max_body_bytes;		  /* of every route that takes a body; 0: what it says */
	size_t max_header_bytes;	  /* request line and headers; 0: 16 KiB */
	unsigned head_seconds;		  /* for the headers to arrive; 0: 15 */
	unsigned idle_seconds;		  /* between two requests; 0: 60 */
	unsigned stall_seconds;		  /* without a byte of the body or of the reply; 0: 20 */
	size_t least_rate;		  /* bytes a second of a body, after the first
					     stall_seconds; 0: 4 KiB. 64 times that while others
					     wait for a thread */
	unsigned wait_seconds;		  /* for one of the streams to be free; 0: 120 */
};

enum { HTTP_WHY = 256 };

/* Bind the address and read the files of TLS: all that needs a right. 0, or -1 with the reason. */
int http_server_open(struct http_server **server, const struct http_settings *settings,
		     char why[HTTP_WHY]);
/* The port that it listens on. */
unsigned http_server_port(const struct http_server *server);
/* Start the threads. Only now are connections taken. 0, or -1 with the reason. */
int http_server_start(struct http_server *server, char why[HTTP_WHY]);
/* Speak with the other end of a connected stream socket too, which the server will close. 0 or -1.
 */
int http_server_add(struct http_server *server, int socket);
/* Take no more connections, answer the requests in flight for up to grace_seconds, then cut the
 * others off. Waits for handlers. */
void http_server_stop(struct http_server *server, unsigned grace_seconds);
/* Frees it; stops it first where it runs. Accepts NULL. */
void http_server_close(struct http_server *server);

/* It is an address and a port, as settings have them. */
bool http_is_address(const char *listen);
/* An address is of this machine alone: "127.0.0.1:80", "[::1]:80", "localhost:80". */
bool http_is_loopback(const char *listen);

/* Counts since the start, but for connections and in_flight. */
struct http_counts {
	size_t connections, in_flight;
	size_t accepted, requests;
	size_t by_status[6]; /* by the first digit; 0: cut off before an answer */
	size_t cut_slow;     /* connections that were too slow */
	size_t bytes_in, bytes_out;
};

void http_server_counts(struct http_server *server, struct http_counts *counts);

/* The request. Strings stay until the handler returns. */

const char *http_method(const struct http_request *request);
/* The path, decoded. */
const char *http_path(const struct http_request *request);
/* What is in the place of the {} of this index in the pattern, or for its *, decoded. NULL: no
 * such. */
const char *http_parameter(const struct http_request *request, size_t index);
/* The value of ?name=, decoded; NULL: it is not given. */
const char *http_query(const struct http_request *request, const char *name);
/* The name and the value of a parameter after ?. NULL: there are no more. */
const char *http_query_at(const struct http_request *request, size_t index, const char **value);
/* A header; the first where it is repeated. NULL: it is not given. */
const char *http_header(const struct http_request *request, const char *name);
const char *http_header_at(const struct http_request *request, size_t index, const char **value);
/* The common name in the certificate of the client; NULL: it has none. */
const char *http_client_name(const struct http_request *request);
/* In every answer too, as Request-Id. */
const char *http_request_id(const struct http_request *request);
/* What Content-Length says; 0: nothing, or no body. It is of the encoded body. */
size_t http_body_declared(const struct http_request *request);

/*
 * Read some of the body, decoded, waiting for it. Returns the number of bytes, 0 at the end, or -1:
 * it will not arrive whole, or it is not what the headers say; the answer is then made.
 */
long http_read(struct http_request *request, void *bytes, size_t size);
/* Read the rest. Free *bytes, which ends with a NUL that is not counted. -1 as in http_read. */
int http_read_all(struct http_request *request, char **bytes, size_t *size);

/* The answer. A later call takes the place of an earlier one. */

void http_reply_status(struct http_request *request, unsigned status);
/* Also in place of one that is added to every answer; value NULL: leave that one out. */
void http_reply_header(struct http_request *request, const char *name, const char *value);
/* Append to the body of the answer; request is a void pointer so that this is a cpis_write. */
int http_write(void *request, const void *bytes, size_t size);
int http_print(struct http_request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The body is these bytes, which stay as they are until the server is closed. */
void http_reply_static(struct http_request *request, const void *bytes, size_t size);
/* Problem details with this status, in place of any body: what is wrong, in a sentence. It must not
 * have personal values in it. */
void http_problem(struct http_request *request, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How the answer is sent. Zero is the usual way. None of it keeps a thread. */
struct http_shape {
	unsigned delay_ms;  /* before the first byte */
	size_t piece_bytes; /* 0: as fast as it goes */
	unsigned piece_ms;  /* between two pieces */
	bool cut;	    /* close the connection after cut_after bytes of the body */
	size_t cut_after;
	bool silent; /* answer nothing: close the connection after delay_ms */
};

void http_reply_shape(struct http_request *request, const struct http_shape *shape);

#endif
