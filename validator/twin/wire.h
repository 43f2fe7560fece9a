/*
 * wire.h - HTTP requests to one server: with TLS, within limits, and kept as captures.
 */
#ifndef CPIS_TWIN_WIRE_H
#define CPIS_TWIN_WIRE_H

#include "cpis_service.h"

#include <stdbool.h>

struct wire;

/* Zero is the default of every member that has one. All of it is borrowed until the end. */
struct wire_settings {
	const char *ca;		/* PEM file of authorities; NULL: those of the system */
	const char *cert, *key; /* PEM files of the client; NULL: none */
	unsigned seconds;	/* for a request and its reply; 0: 30 */
	unsigned all_seconds;	/* for all of them; 0: no limit */
	size_t most_bytes;	/* of a reply; 0: 64 MiB */
	unsigned rate;		/* requests a second, at most; 0: no limit */
};

/* NULL: out of memory. */
struct wire *wire_open(const struct wire_settings *settings);
void wire_close(struct wire *wire);

struct wire_request {
	const char *method, *url;
	const struct cpis_header *headers;
	size_t header_count;
	const void *body;
	size_t size;
};

/* Borrowed until the next call; each capture ends with a NUL that is not counted. */
struct wire_reply {
	unsigned status;
	const void *request, *reply; /* HTTP captures, without what is of the connection alone */
	size_t request_size, reply_size;
	const char *body; /* without its chunks; ends with a NUL likewise */
	size_t body_size;
	const char *headers; /* lines, each with CRLF */
};

/* One request. False: no reply came, or not all of it; wire_why has a phrase. A redirection is a
 * reply. */
bool wire_call(struct wire *wire, const struct wire_request *request, struct wire_reply *reply);
const char *wire_why(const struct wire *wire);
/* No connection was ever made: the server is not there. */
bool wire_is_dead(const struct wire *wire);

/* The value of a header of a reply, in room; false: it has none. */
bool wire_header(const struct wire_reply *reply, const char *name, char *value, size_t room);

/* A URL taken apart. Why it cannot be used, as a phrase; NULL: it can. */
struct wire_address {
	char base[512]; /* "https://host:port" */
	char path[512]; /* "" where there is none, or "/" alone */
	bool tls, loopback;
};

const char *wire_address(const char *url, struct wire_address *address);
/* The same of one that is used as it is. */
const char *wire_check_url(const char *url);

#endif
