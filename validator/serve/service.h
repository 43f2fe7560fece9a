/*
 * service.h - cpis as a service: messages come by HTTP and are judged as the program judges files.
 *
 * The answer to a body is what `cpis validate -r FORMAT NAME` writes about a file of that name with
 * these bytes, byte for byte. Nothing of a body is kept, written to a disk or logged.
 */
#ifndef CPIS_SERVE_SERVICE_H
#define CPIS_SERVE_SERVICE_H

#include "cli/cli.h"
#include "http/server.h"

#include <stdatomic.h>

/* What all requests share. Written before the first, but for the counts. */
struct service {
	struct request *request; /* the command line: defaults of every verdict */
	char **packs;		 /* names in the folder of packs, in order */
	size_t pack_count;
	struct http_server *server;
	int memory; /* the file in which the system says how much is in use; -1 */
	atomic_size_t verdicts[3];
};

/* The paths of the service. The context of its handlers is a struct service. */
extern const struct http_route service_routes[];

/* judge.c */
void serve_validate(struct http_request *request, void *context);
void serve_pair(struct http_request *request, void *context);
void serve_pack(struct http_request *request, void *context);

/* A failure of the library as the answer. path: what the caller knows as known_as; may be NULL. */
void service_refuse(struct http_request *request, const struct cpis_failure *failure,
		    const char *path, const char *known_as);

/* inspect.c */
void serve_inspect(struct http_request *request, void *context);
void serve_mask(struct http_request *request, void *context);

/* reference.c */
void serve_page(struct http_request *request, void *context);
void serve_openapi(struct http_request *request, void *context);
void serve_health(struct http_request *request, void *context);
void serve_metrics(struct http_request *request, void *context);
void serve_packs(struct http_request *request, void *context);
void serve_rules(struct http_request *request, void *context);
void serve_rule(struct http_request *request, void *context);

/* "name": "text" of a JSON object; text NULL is an empty one. */
void service_write_member(struct http_request *request, const char *name, const char *text);

/*
 * packs.c: the packs of the service's folder. Check them in the sandbox, which they will be run in.
 * 0, or an exit code after an error was printed.
 */
int service_find_packs(struct service *service);
int service_check_packs(const struct service *service);
void service_free_packs(struct service *service);

#define SERVICE_BODY_NAME "body" /* of a source without a name */

/* What a query says about how to judge, on top of the command line. All of it is borrowed. */
struct ask {
	struct cpis_options options;
	const char *format;	  /* of the report */
	const char *name;	  /* of the source; NULL: not given */
	const char *stages;	  /* as they are given; NULL: they are not */
	const char *profile;	  /* path; NULL: that of the command line */
	const char *profile_name; /* of the part that it came in; NULL: it came in none */
	struct words only, skip;  /* of a pack. For free() */
};

/* What the query of a request may have: bits. */
enum ask_parts {
	ASK_NAME = 1 << 0,
	ASK_TYPE = 1 << 1,
	ASK_STAGES = 1 << 2,
	ASK_CASES = 1 << 3,
	ASK_VERDICT = 1 << 4 /* what every verdict depends on, and the report of it */
};

/* ask.c: false after the request was answered with 400. */
bool ask_read(struct ask *ask, const struct service *service, struct http_request *request,
	      unsigned parts);
void ask_release(struct ask *ask);
/* A report may call a message by this name: what it is the name of is said where it may not. False
 * after the request was answered with 400. */
bool ask_check_name(struct http_request *request, const char *what, const char *name);
/* The media type of a report format. */
const char *ask_media_type(const char *format);

/* multipart.c: a part of a form. Its bytes are borrowed from the body. */
struct form_part {
	char *name, *file_name; /* file_name NULL: none was given. For free() */
	const char *bytes;
	size_t size;
};

struct form {
	struct form_part parts[8];
	size_t count;
};

/* Whether a Content-Type is that of a form with parts. */
bool form_is(const char *content_type);
/* Split a body. NULL, or what is wrong with it, in a sentence. */
const char *form_read(struct form *form, const char *content_type, const char *body, size_t size);
const struct form_part *form_part(const struct form *form, const char *name);
void form_release(struct form *form);

/* Text that is well-formed UTF-8 without control characters. */
bool text_is_plain(const char *text);

#endif
