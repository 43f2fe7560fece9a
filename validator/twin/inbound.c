#include "inbound.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { MOST_WAITING = 64, MOST_BODY = 64 << 20, GRACE_SECONDS = 1 };

struct inbound {
	struct http_server *server;
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct {
		char *capture; /* NULL: free */
		size_t size;
	} messages[MOST_WAITING];
	size_t next; /* the oldest makes room */
};

/* As it came, without what is of the connection alone. */
static char *capture_of(const struct http_request *request, const char *body, size_t body_size,
			size_t *size)
{
	char *text = NULL;
	const char *name, *value;
	FILE *out = open_memstream(&text, size);
	if (!out)
		return NULL;
	fprintf(out, "POST %s HTTP/1.1\r\n", http_path(request));
	for (size_t i = 0; (name = http_header_at(request, i, &value)); i++)
		if (strcasecmp(name, "Transfer-Encoding") != 0 &&
		    strcasecmp(name, "Content-Encoding") != 0 &&
		    strcasecmp(name, "Content-Length") != 0 &&
		    strcasecmp(name, "Authorization") != 0 && strcasecmp(name, "Connection") != 0)
			fprintf(out, "%s: %s\r\n", name, value);
	fprintf(out, "Content-Length: %zu\r\n\r\n", body_size);
	fwrite(body, 1, body_size, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void take(struct http_request *request, void *context)
{
	struct inbound *inbound = context;
	char *body = NULL;
	size_t body_size = 0, size = 0;
	if (http_read_all(request, &body, &body_size) != 0)
		return;
	char *capture = capture_of(request, body, body_size, &size);
	free(body);
	pthread_mutex_lock(&inbound->lock);
	size_t at = inbound->next++ % MOST_WAITING;
	free(inbound->messages[at].capture);
	inbound->messages[at].capture = capture;
	inbound->messages[at].size = size;
	pthread_cond_broadcast(&inbound->came);
	pthread_mutex_unlock(&inbound->lock);
	http_reply_status(request, capture ? 202 : 500);
}

static const struct http_route routes[] = {
	{ "POST", "*", take, HTTP_OPEN | HTTP_ANY_HOST | HTTP_BARE, MOST_BODY },
	{ .method = NULL },
};

int inbound_open(struct inbound **made, const char *listen, char why[HTTP_WHY])
{
	struct inbound *inbound = calloc(1, sizeof(*inbound));
	const struct http_settings settings = { .listen = listen,
						.routes = routes,
						.context = inbound };
	snprintf(why, HTTP_WHY, "out of memory");
	if (!inbound)
		return -1;
	pthread_mutex_init(&inbound->lock, NULL);
	/* However the clock is set meanwhile. */
	pthread_condattr_t clock;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&inbound->came, &clock);
	pthread_condattr_destroy(&clock);
	if (http_server_open(&inbound->server, &settings, why) == 0 &&
	    http_server_start(inbound->server, why) == 0) {
		*made = inbound;
		return 0;
	}
	inbound_close(inbound);
	return -1;
}

void inbound_close(struct inbound *inbound)
{
	if (!inbound)
		return;
	if (inbound->server)
		http_server_stop(inbound->server, GRACE_SECONDS);
	http_server_close(inbound->server);
	for (size_t i = 0; i < MOST_WAITING; i++)
		free(inbound->messages[i].capture);
	pthread_cond_destroy(&inbound->came);
	pthread_mutex_destroy(&inbound->lock);
	free(inbound);
}

/* With the lock. */
static char *find(struct inbound *inbound, const char *id, size_t *size)
{
	for (size_t i = 0; i < MOST_WAITING; i++) {
		char *capture = inbound->messages[i].capture;
		if (!capture || !memmem(capture, inbound->messages[i].size, id, strlen(id)))
			continue;
		inbound->messages[i].capture = NULL;
		*size = inbound->messages[i].size;
		return capture;
	}
	return NULL;
}

char *inbound_wait(struct inbound *inbound, const char *id, unsigned seconds, size_t *size)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	pthread_mutex_lock(&inbound->lock);
	char *found = find(inbound, id, size);
	while (!found && pthread_cond_timedwait(&inbound->came, &inbound->lock, &until) == 0)
		found = find(inbound, id, size);
	pthread_mutex_unlock(&inbound->lock);
	return found;
}
