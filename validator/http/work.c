/*
 * The body of a request on its way to the handler, and the threads that run handlers.
 *
 * A body that fits into the buffer is handed to one of a few workers when it is whole. For a larger
 * one a thread is started when the buffer is full, up to a number of them; the connections of those
 * that wait are suspended, so that the rest of their bodies stays with the client.
 */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

static void push(struct queue *queue, struct http_request *request)
{
	request->after = NULL;
	if (queue->last)
		queue->last->after = request;
	else
		queue->first = request;
	queue->last = request;
	queue->count++;
	request->run = RUN_QUEUED;
}

static struct http_request *pop(struct queue *queue)
{
	struct http_request *request = queue->first;
	if (!request)
		return NULL;
	queue->first = request->after;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	request->after = NULL;
	return request;
}

/* Of the event thread that has the connection, with the lock. */
static void suspend(struct http_request *request)
{
	request->suspended = true;
	request->suspended_at = http_now();
	request->peer->deadline = 0;
	MHD_suspend_connection(request->connection);
}

/* With the lock. When the rest of the body must have come on. */
static void set_body_deadline(struct http_request *request)
{
	const struct http_settings *settings = &request->server->settings;
	size_t rate = settings->least_rate * (request->server->large.count ? 64 : 1);
	request->peer->deadline = request->begun_body + 1000LL * settings->stall_seconds +
				  (long long)(request->received / rate * 1000);
}

struct MHD_Connection *http_wake(struct http_request *request)
{
	struct MHD_Connection *connection = request->suspended ? request->connection : NULL;
	/* The client is not to blame for the time in which nothing was read of it. */
	if (request->suspended)
		request->begun_body += http_now() - request->suspended_at;
	request->suspended = false;
	request->due = 0;
	if (connection && !request->whole)
		set_body_deadline(request);
	return connection;
}

/* On the thread that ran the handler. */
static void finish(struct http_request *request)
{
	struct http_server *server = request->server;
	if (!request->answered)
		http_problem(request, 500, "The request was not answered.");
	pthread_mutex_lock(&server->lock);
	request->run = RUN_DONE;
	request->dropped = true;
	request->used = 0;
	bool orphan = !request->connection,
	     waits = request->shape.delay_ms || request->shape.silent;
	if (!orphan && !request->gone && waits) {
		request->due = http_now() + request->shape.delay_ms;
		http_timer_wake(server);
	}
	struct MHD_Connection *connection = orphan || request->due ? NULL : http_wake(request);
	pthread_mutex_unlock(&server->lock);
	if (connection)
		MHD_resume_connection(connection);
	if (orphan)
		http_request_free(request);
}

static void run(struct http_request *request)
{
	request->route->handle(request, request->server->settings.context);
	finish(request);
}

static void *work_small(void *context)
{
	struct http_server *server = context;
	pthread_mutex_lock(&server->lock);
	for (;;) {
		struct http_request *request = pop(&server->small);
		if (!request && server->stopped)
			break;
		if (!request) {
			pthread_cond_wait(&server->work, &server->lock);
			continue;
		}
		request->run = RUN_ON;
		pthread_mutex_unlock(&server->lock);
		run(request);
		pthread_mutex_lock(&server->lock);
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

static void *work_large(void *context)
{
	struct http_server *server = context;
	struct http_request *request;
	pthread_mutex_lock(&server->lock);
	while ((request = pop(&server->large))) {
		request->run = RUN_ON;
		pthread_mutex_unlock(&server->lock);
		run(request);
		pthread_mutex_lock(&server->lock);
	}
	server->streams--;
	pthread_cond_broadcast(&server->ended);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* With the lock. */
static void start_large(struct http_server *server, struct http_request *request)
{
	pthread_t thread;
	push(&server->large, request);
	if (server->streams >= server->settings.streams)
		return;
	server->streams++;
	if (pthread_create(&thread, NULL, work_large, server) == 0)
		pthread_detach(thread);
	else
		server->streams--; /* another of them will take it, or it is answered with 503 */
}

/* With the lock. What was not started is taken out of the queue. */
static void leave_queue(struct queue *queue, struct http_request *request)
{
	struct queue rest = { NULL, NULL, 0 };
	for (struct http_request *one; (one = pop(queue));)
		if (one != request)
			push(&rest, one);
	*queue = rest;
}

void http_leave_queues(struct http_request *request)
{
	leave_queue(&request->server->small, request);
	leave_queue(&request->server->large, request);
}

void http_waiting_expire(struct http_server *server, struct http_request *request, long long now)
{
	if (request->run != RUN_QUEUED || !request->suspended || request->whole ||
	    now < request->suspended_at + 1000LL * server->settings.wait_seconds)
		return;
	leave_queue(&server->large, request);
	http_reply_header(request, "Retry-After", "30");
	http_problem(request, 503, "Too many large bodies are being read: try again later.");
	request->run = RUN_DONE;
	request->dropped = true;
	request->used = 0;
	request->due = now;
}

/* With the lock. False: out of memory. */
static bool make_room(struct http_request *request, size_t wanted)
{
	size_t room = request->room ? request->room : 4096;
	if (request->has_length && request->declared <= BUFFER_BYTES)
		room = request->declared;
	size_t most = request->run == RUN_ON ? STREAM_BYTES : BUFFER_BYTES;
	while (room < wanted && room < most)
		room *= 2;
	if (room <= request->room)
		return true;
	unsigned char *more = realloc(request->buffer, room);
	if (!more)
		return false;
	request->buffer = more;
	request->room = room;
	return true;
}

static void give_up(struct http_request *request)
{
	request->gone = true;
	request->used = 0;
	pthread_cond_broadcast(&request->changed);
}

/* With the lock: as much as there is room for. */
static size_t store(struct http_request *request, const char *bytes, size_t size)
{
	if (request->first && request->first + request->used + size > request->room) {
		memmove(request->buffer, request->buffer + request->first, request->used);
		request->first = 0;
	}
	if (!make_room(request, request->first + request->used + size)) {
		give_up(request);
		return size;
	}
	size_t n = request->room - request->first - request->used;
	n = n < size ? n : size;
	memcpy(request->buffer + request->first + request->used, bytes, n);
	request->used += n;
	pthread_cond_broadcast(&request->changed);
	return n;
}

/* How much more of a body that is too large is read, so that its end is met. */
enum { MOST_DROPPED = 1 << 20 };

bool http_body_take(struct http_request *request, const char *bytes, size_t *size)
{
	struct http_server *server = request->server;
	pthread_mutex_lock(&server->lock);
	size_t left = *size;
	if (!request->too_large && left > request->most - request->received) {
		request->too_large = true;
		give_up(request);
	}
	if (request->dropped || request->gone) {
		request->received += left;
		left = 0;
	} else if (left) {
		size_t n = store(request, bytes, left);
		request->received += n;
		left -= n;
	}
	set_body_deadline(request);
	if (left) {
		suspend(request);
		if (request->run == RUN_NOT)
			start_large(server, request);
	}
	*size = left;
	bool endless = request->received > request->most &&
		       request->received - request->most > MOST_DROPPED;
	pthread_mutex_unlock(&server->lock);
	return !endless;
}

/* With the lock, or on the thread that alone has the request. */
static void say_why_gone(struct http_request *request, unsigned status, const char *otherwise)
{
	http_problem(request,
		     request->too_large	  ? 413
		     : request->ill_ended ? 400
					  : status,
		     "%s",
		     request->too_large	  ? HTTP_TOO_LONG
		     : request->ill_ended ? "A header after the body is not one."
					  : otherwise);
}

void http_body_spoil(struct http_request *request)
{
	pthread_mutex_lock(&request->server->lock);
	request->ill_ended = !request->gone;
	give_up(request);
	pthread_mutex_unlock(&request->server->lock);
}

bool http_body_end(struct http_request *request)
{
	struct http_server *server = request->server;
	pthread_mutex_lock(&server->lock);
	request->whole = true;
	if (request->run == RUN_NOT && request->gone) {
		say_why_gone(request, 500, "The service is out of memory.");
		request->run = RUN_DONE;
	}
	bool done = request->run == RUN_DONE && !request->due;
	pthread_cond_broadcast(&request->changed);
	if (!done)
		suspend(request);
	if (request->run == RUN_NOT) {
		push(&server->small, request);
		pthread_cond_signal(&server->work);
	}
	pthread_mutex_unlock(&server->lock);
	return done;
}

/* Bytes as they were sent. As http_read. */
static long read_sent(struct http_request *request, unsigned char *bytes, size_t size)
{
	struct http_server *server = request->server;
	pthread_mutex_lock(&server->lock);
	while (!request->used && !request->whole && !request->gone)
		pthread_cond_wait(&request->changed, &server->lock);
	size_t n = request->used < size ? request->used : size;
	if (n)
		memcpy(bytes, request->buffer + request->first, n);
	request->first += n;
	request->used -= n;
	bool gone = request->gone;
	if (!request->used)
		request->first = 0;
	bool wants_more = !gone && !request->whole && request->used <= request->room / 2;
	struct MHD_Connection *connection = wants_more ? http_wake(request) : NULL;
	pthread_mutex_unlock(&server->lock);
	if (connection)
		MHD_resume_connection(connection);
	if (!gone)
		return (long)n;
	say_why_gone(request, 400, "The body did not arrive whole.");
	return -1;
}

static long refuse_coding(struct http_request *request)
{
	request->failed = true;
	http_problem(request, 400,
		     "The body is not the gzip data that Content-Encoding says it is.");
	return -1;
}

/* The decoder has no input: get some. 0: there is no more; -1: as in http_read. */
static long refill(struct http_request *request)
{
	long n = read_sent(request, request->encoded, BUFFER_BYTES / 4);
	if (n > 0) {
		request->inflate.next_in = request->encoded;
		request->inflate.avail_in = (uInt)n;
	}
	return n;
}

static long read_gzip(struct http_request *request, void *bytes, size_t size)
{
	z_stream *z = &request->inflate;
	if (!request->inflating) {
		request->encoded = malloc(BUFFER_BYTES / 4);
		if (!request->encoded || inflateInit2(z, 16 + MAX_WBITS) != Z_OK)
			return refuse_coding(request);
		request->inflating = true;
	}
	z->next_out = bytes;
	z->avail_out = size < 1 << 30 ? (uInt)size : 1 << 30;
	uInt room = z->avail_out;
	while (z->avail_out == room) {
		long n = z->avail_in ? 1 : refill(request);
		if (n < 0)
			return -1;
		if (n == 0)
			return request->inflated || !request->received ? 0 : refuse_coding(request);
		/* Another member may follow the end of one. */
		if (request->inflated && inflateReset(z) != Z_OK)
			return refuse_coding(request);
		request->inflated = false;
		int result = inflate(z, Z_NO_FLUSH);
		if (result == Z_STREAM_END)
			request->inflated = true;
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return refuse_coding(request);
	}
	return (long)(room - z->avail_out);
}

long http_read(struct http_request *request, void *bytes, size_t size)
{
	if (request->failed)
		return -1;
	long n = request->gzip ? read_gzip(request, bytes, size) : read_sent(request, bytes, size);
	if (n < 0) {
		request->failed = true;
		return -1;
	}
	request->decoded += (size_t)n;
	if (request->decoded > request->most) {
		request->failed = true;
		http_problem(request, 413, HTTP_TOO_LONG);
		return -1;
	}
	return n;
}

int http_read_all(struct http_request *request, char **bytes, size_t *size)
{
	size_t room = request->gzip || !request->has_length ? 16384 : request->declared + 1,
	       used = 0;
	char *buffer = malloc(room);
	long n = buffer ? 1 : -1;
	while (n > 0) {
		if (used + 1 >= room && !(request->has_length && !request->gzip)) {
			char *more = realloc(buffer, room * 2);
			if (!more) {
				free(buffer);
				buffer = NULL;
				break;
			}
			buffer = more;
			room *= 2;
		}
		/* The end is read too, where the room is just that of the body. */
		char past;
		bool full = used + 1 >= room;
		n = http_read(request, full ? &past : buffer + used, full ? 1 : room - 1 - used);
		if (n > 0)
			used += full ? 0 : (size_t)n;
	}
	if (!buffer)
		http_problem(request, 503, "The service is out of memory: try again later.");
	if (n < 0 || !buffer) {
		free(buffer);
		return -1;
	}
	buffer[used] = '\0';
	*bytes = buffer;
	*size = used;
	return 0;
}

int http_workers_start(struct http_server *server)
{
	unsigned count = server->settings.workers;
	server->workers = calloc(count, sizeof(*server->workers));
	for (; server->workers && server->worker_count < count; server->worker_count++)
		if (pthread_create(&server->workers[server->worker_count], NULL, work_small,
				   server) != 0)
			break;
	return server->worker_count ? 0 : -1;
}

/* When nothing new can come. */
void http_workers_end(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->stopped = true;
	pthread_cond_broadcast(&server->work);
	while (server->streams)
		pthread_cond_wait(&server->ended, &server->lock);
	pthread_mutex_unlock(&server->lock);
	for (unsigned i = 0; i < server->worker_count; i++)
		pthread_join(server->workers[i], NULL);
	free(server->workers);
	server->workers = NULL;
	server->worker_count = 0;
}
