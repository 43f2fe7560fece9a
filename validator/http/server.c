/* The server: its connections, what libmicrohttpd asks about them, its clock, and its end. */
#include "parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 250, EVENT_THREADS = 2 };

long long http_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Connections */

static void note_address(struct peer *peer, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	if (address && address->sa_family == AF_INET)
		memcpy(peer->address,
		       &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	else if (address && address->sa_family == AF_INET6)
		/* One customer has a network of these: the first half is whom it is from. */
		memcpy(peer->address,
		       &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 8);
}

static void peer_add(struct http_server *server, struct MHD_Connection *connection, void **context)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context = peer;
	if (!peer || !info) {
		free(peer);
		*context = NULL;
		return;
	}
	peer->socket = info->connect_fd;
	note_address(peer, connection);
	peer->deadline = http_now() + 1000LL * server->settings.head_seconds;
	peer->next = server->peers;
	if (peer->next)
		peer->next->before = peer;
	server->peers = peer;
	server->counts.connections++;
	server->counts.accepted++;
}

static void peer_remove(struct http_server *server, struct peer *peer)
{
	if (!peer)
		return;
	if (peer->next)
		peer->next->before = peer->before;
	if (peer->before)
		peer->before->next = peer->next;
	else
		server->peers = peer->next;
	server->counts.connections--;
	free(peer);
}

static void notice_connection(void *context, struct MHD_Connection *connection, void **of_socket,
			      enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;
	pthread_mutex_lock(&server->lock);
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		peer_add(server, connection, of_socket);
	else
		peer_remove(server, *of_socket);
	pthread_mutex_unlock(&server->lock);
}

/* On the thread of its events: the request line is there, and its headers are read. url: the target
 * with its query. */
static void *notice_headers(void *context, const char *url, struct MHD_Connection *connection)
{
	struct http_server *server = context;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info ? info->socket_context : NULL;
	if (!peer)
		return NULL;
	peer->target = url;
	peer->target_end = url ? url + strlen(url) : NULL;
	peer->target_fault = url ? http_target_fault(url) : NULL;
	pthread_mutex_lock(&server->lock);
	peer->thread = pthread_self();
	peer->reading = connection;
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* Requests */

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct http_request *request = context;
	size_t n = value ? strlen(value) : 0;
	/* Blanks around a value do not belong to it; those before it were left out. */
	while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		n--;
	char *key = strdup(name), *text = strndup(value ? value : "", n);
	(void)kind;
	if (key && text) {
		http_pair_add(request, &request->headers, (struct pair){ key, text });
	} else {
		free(key);
		free(text);
		request->out_of_memory = true;
	}
	return MHD_YES;
}

static enum MHD_Result add_query(void *context, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct http_request *request = context;
	char *key = http_decode(name, strlen(name));
	char *text = http_decode(value ? value : "", value ? strlen(value) : 0);
	(void)kind;
	if (key && text) {
		http_pair_add(request, &request->queries, (struct pair){ key, text });
	} else {
		free(key);
		free(text);
		free(request->path);
		request->path = NULL; /* the check says what is wrong */
	}
	return MHD_YES;
}

static void make_id(char id[ID_DIGITS + 1])
{
	unsigned char bytes[ID_DIGITS / 2] = { 0 };
	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		memcpy(bytes, &(long long){ http_now() }, sizeof(long long));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

void http_request_free(struct http_request *request)
{
	if (request->inflating)
		inflateEnd(&request->inflate);
	free(request->encoded);
	free(request->buffer);
	free(request->body);
	free(request->target);
	free(request->path);
	free(request->parameter_text);
	http_pairs_free(&request->headers);
	http_pairs_free(&request->queries);
	http_pairs_free(&request->added);
	pthread_cond_destroy(&request->changed);
	free(request);
}

/* Where the authority of a http or https URL begins; 0: it is another text, or has none. */
static size_t authority_at(const char *url)
{
	size_t n = strncasecmp(url, "http://", 7) == 0	  ? 7
		   : strncasecmp(url, "https://", 8) == 0 ? 8
							  : 0;
	return url[n] == '/' || !url[n] ? 0 : n;
}

/* The authority of a URL counts in place of Host: RFC 9112, 3.2.2. That Host is there, and once,
 * is checked as always; HTTP/1.0 needs none. */
static void take_authority(struct http_request *request, const char *text, size_t size)
{
	char *host = strndup(text, size);
	struct pair *header = NULL;
	for (size_t i = 0; i < request->headers.count && !header; i++)
		if (strcasecmp(request->headers.items[i].name, "Host") == 0)
			header = &request->headers.items[i];
	if (host && header) {
		free(header->value);
		header->value = host;
		return;
	}
	if (host && request->is_old)
		add_header(request, MHD_HEADER_KIND, "Host", host);
	request->out_of_memory = request->out_of_memory || !host;
	if (header)
		header->value[0] = '\0'; /* what it says counts no more */
	free(host);
}

/* NULL: out of memory. */
static struct http_request *request_blank(struct http_server *server,
					  struct MHD_Connection *connection, struct peer *peer)
{
	struct http_request *request = calloc(1, sizeof(*request));
	if (!request)
		return NULL;
	request->server = server;
	request->connection = connection;
	request->peer = peer;
	request->start = request->begun_body = http_now();
	pthread_cond_init(&request->changed, NULL);
	make_id(request->id);
	return request;
}

/* What is known when the headers are there. NULL: out of memory. */
static struct http_request *request_new(struct http_server *server,
					struct MHD_Connection *connection, const char *url,
					const char *method, const char *version)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_request *request =
		info && info->socket_context
			? request_blank(server, connection, info->socket_context)
			: NULL;
	if (!request)
		return NULL;
	request->head_fault = http_head_fault(info->socket_context, connection, method, version);
	request->is_old = strcmp(version, "HTTP/1.0") == 0;
	snprintf(request->method, sizeof(request->method), "%s", method);
	size_t at = authority_at(url), n = at ? strcspn(url + at, "/") : 0;
	const char *target = at && !url[at + n] ? "/" : url + at + n;
	request->target = strdup(target);
	request->path = http_decode(target, strlen(target));
	request->parameter_text = malloc(strlen(target) + 1);
	if (!request->target || !request->parameter_text) {
		http_request_free(request);
		return NULL;
	}
	if (request->path)
		http_decode_plain(request->target);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, request);
	if (at)
		take_authority(request, url + at, n);
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query, request);
	return request;
}

/* With the lock: requests in flight from the address of this one, with it. */
static unsigned count_same(const struct http_server *server, const struct peer *peer)
{
	unsigned count = 0;
	for (const struct peer *one = server->peers; one; one = one->next)
		count += one->busy &&
			 memcmp(one->address, peer->address, sizeof(peer->address)) == 0;
	return count;
}

static void request_begin(struct http_server *server, struct http_request *request)
{
	pthread_mutex_lock(&server->lock);
	request->next = server->requests;
	if (request->next)
		request->next->before = request;
	server->requests = request;
	server->counts.requests++;
	server->counts.in_flight++;
	request->peer->busy = true;
	request->peer->reading = NULL;
	request->peer->deadline = http_now() + 1000LL * server->settings.stall_seconds;
	unsigned most = server->settings.requests_per_address;
	request->too_many = most && count_same(server, request->peer) > most;
	pthread_mutex_unlock(&server->lock);
}

static enum MHD_Result check_trailer(void *context, enum MHD_ValueKind kind, const char *name,
				     const char *value)
{
	bool *wrong = context;
	(void)kind;
	*wrong = !http_is_header(name, value ? value : "");
	return *wrong ? MHD_NO : MHD_YES;
}

/* Headers after the body. Where they end is not known for sure: see http_check(). */
static bool trailers_are_wrong(struct MHD_Connection *connection)
{
	bool wrong = false;
	MHD_get_connection_values(connection, MHD_FOOTER_KIND, check_trailer, &wrong);
	return wrong;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *bytes,
			      size_t *size, void **of_request)
{
	struct http_server *server = context;
	struct http_request *request = *of_request;
	if (!request) {
		request = request_new(server, connection, url, method, version);
		if (!request)
			return MHD_NO;
		*of_request = request;
		request_begin(server, request);
		http_check(request);
		return request->answered ? http_send(request) : MHD_YES;
	}
	if (*size) {
		if (http_body_take(request, bytes, size))
			return MHD_YES;
		http_send_raw(request, 413, HTTP_TOO_LONG);
		return MHD_NO;
	}
	if (request->chunked && !request->whole && trailers_are_wrong(connection))
		http_body_spoil(request);
	return http_body_end(request) ? http_send(request) : MHD_YES;
}

/* A line that says nothing of whom a message is about, nor of who sent it. */
static void write_log(const struct http_server *server, const struct http_request *request)
{
	char when[32];
	struct tm tm;
	time_t now = time(NULL);
	if (!server->settings.log)
		return;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	fprintf(server->settings.log,
		"%s request=%s method=%s route=%s status=%u in=%zu out=%zu ms=%lld\n", when,
		request->id, request->route ? request->method : "-",
		request->route ? request->route->pattern : "-", request->sent ? request->status : 0,
		request->received, request->sent_bytes, http_now() - request->start);
}

/* With the lock. */
static void count_answer(struct http_server *server, const struct http_request *request)
{
	server->counts.bytes_in += request->received;
	server->counts.bytes_out += request->sent_bytes;
	server->counts.by_status[request->sent ? request->status / 100 % 6 : 0]++;
}

static void complete(void *context, struct MHD_Connection *connection, void **of_request,
		     enum MHD_RequestTerminationCode code)
{
	struct http_server *server = context;
	struct http_request *request = *of_request;
	(void)connection, (void)code;
	*of_request = NULL;
	if (!request)
		return;
	write_log(server, request);
	pthread_mutex_lock(&server->lock);
	if (request->next)
		request->next->before = request->before;
	if (request->before)
		request->before->next = request->next;
	else
		server->requests = request->next;
	server->counts.in_flight--;
	count_answer(server, request);
	request->peer->busy = false;
	request->peer->deadline = http_now() + 1000LL * server->settings.idle_seconds;
	if (request->run == RUN_QUEUED)
		http_leave_queues(request);
	bool running = request->run == RUN_ON;
	request->connection = NULL;
	request->peer = NULL;
	request->gone = request->gone || !request->whole;
	pthread_cond_broadcast(&request->changed);
	pthread_cond_broadcast(&server->ended);
	pthread_mutex_unlock(&server->lock);
	if (!running)
		http_request_free(request);
}

/* What libmicrohttpd refuses by itself */

/* With the lock. The next connection of this thread whose headers have a length that is refused,
 * and is no longer being read; NULL: none. */
static struct peer *take_refused(struct http_server *server, struct MHD_Connection **connection,
				 unsigned *status)
{
	struct peer *peer = server->peers;
	for (; peer; peer = peer->next) {
		if (!peer->reading || !pthread_equal(peer->thread, pthread_self()))
			continue;
		const char *length = MHD_lookup_connection_value(peer->reading, MHD_HEADER_KIND,
								 "Content-Length");
		const char *coding = MHD_lookup_connection_value(peer->reading, MHD_HEADER_KIND,
								 "Transfer-Encoding");
		*status = length && !coding ? http_length_fault(length) : 0;
		if (*status)
			break;
	}
	*connection = peer ? peer->reading : NULL;
	if (peer)
		peer->reading = NULL;
	return peer;
}

/* The rest is of the thread of the connection. */
static bool is_reading_chunks(const struct http_request *request)
{
	return request->connection && pthread_equal(request->peer->thread, pthread_self()) &&
	       request->chunked && !request->whole && !request->suspended;
}

/* With the lock. The connection of this thread whose chunks are read; NULL: there is not just one,
 * and no one can tell which it is. */
static struct peer *find_chunked(struct http_server *server, struct MHD_Connection **connection)
{
	const struct http_request *found = NULL;
	for (const struct http_request *one = server->requests; one; one = one->next)
		if (is_reading_chunks(one)) {
			if (found)
				return NULL;
			found = one;
		}
	*connection = found ? found->connection : NULL;
	return found ? found->peer : NULL;
}

static void answer_first(struct http_server *server, struct peer *peer,
			 struct MHD_Connection *connection, unsigned status, const char *why)
{
	struct http_request *request = request_blank(server, connection, peer);
	if (request) {
		http_send_raw(request, status, why);
		write_log(server, request);
		pthread_mutex_lock(&server->lock);
		server->counts.requests++;
		count_answer(server, request);
		pthread_mutex_unlock(&server->lock);
		http_request_free(request);
	}
	shutdown(peer->socket, SHUT_WR);
}

/* The status of the page that it is about to send; 0: it says something else. */
static unsigned status_in(const char *format, va_list list)
{
	return strstr(format, "HTTP response code is %u") ? va_arg(list, unsigned) : 0;
}

/*
 * libmicrohttpd answers a Content-Length that is not a number by itself, before a handler is
 * called, and 0.9.75 sends the head of that answer twice. It logs first, on the thread of the
 * connection: the answer is given here, and the connection is shut before its own one goes out.
 * Whatever it logs about, no such request could come to a handler. It may log where this server
 * calls it with the lock: that is never about a length. A chunk whose first line is longer than its
 * buffer is answered by 500, as if this server were at fault, and here by 400.
 */
static void answer_before(void *context, const char *format, va_list list)
{
	struct http_server *server = context;
	const bool is_500 = status_in(format, list) == 500;
	struct MHD_Connection *connection = NULL;
	for (;;) {
		unsigned status = 0;
		if (pthread_mutex_lock(&server->lock) == EDEADLK)
			return;
		struct peer *peer = take_refused(server, &connection, &status);
		pthread_mutex_unlock(&server->lock);
		if (!peer)
			break;
		answer_first(server, peer, connection, status, HTTP_LENGTH_FAULT(status));
	}
	if (!is_500)
		return;
	pthread_mutex_lock(&server->lock);
	struct peer *peer = find_chunked(server, &connection);
	pthread_mutex_unlock(&server->lock);
	if (peer)
		answer_first(server, peer, connection, 400,
			     "The first line of a chunk is longer than this service takes.");
}

/* The timer */

void http_timer_wake(struct http_server *server)
{
	pthread_cond_signal(&server->timing);
}

/* With the lock: connections that were too slow; in the end, those that wait for a request. */
static void cut_slow(struct http_server *server, long long now)
{
	for (struct peer *peer = server->peers; peer; peer = peer->next) {
		bool overdue = peer->deadline && peer->deadline <= now;
		if (!peer->overdue &&
		    (overdue || server->cutting || (server->stopping && !peer->busy))) {
			peer->overdue = true;
			server->counts.cut_slow += overdue;
			shutdown(peer->socket, SHUT_RDWR);
		}
	}
}

/* With the lock: the next request that is due, and no time is given for it any more. */
static struct http_request *take_due(struct http_server *server, long long now, long long *next)
{
	for (struct http_request *request = server->requests; request; request = request->next) {
		http_waiting_expire(server, request, now);
		if (server->cutting && !request->gone) {
			request->gone = true;
			pthread_cond_broadcast(&request->changed);
		}
		bool ready = request->run != RUN_ON && request->run != RUN_QUEUED;
		if (server->cutting && request->suspended && ready)
			return request;
		if (request->due && request->due <= now)
			return request;
		if (request->due && request->due < *next)
			*next = request->due;
	}
	return NULL;
}

static void *keep_time(void *context)
{
	struct http_server *server = context;
	pthread_mutex_lock(&server->lock);
	while (server->timer_runs) {
		long long now = http_now(), next = now + TICK_MS;
		struct http_request *due = take_due(server, now, &next);
		if (due) {
			struct MHD_Connection *connection = http_wake(due);
			pthread_mutex_unlock(&server->lock);
			if (connection)
				MHD_resume_connection(connection);
			pthread_mutex_lock(&server->lock);
			continue;
		}
		cut_slow(server, now);
		struct timespec until = { .tv_sec = next / 1000, .tv_nsec = next % 1000 * 1000000 };
		pthread_cond_timedwait(&server->timing, &server->lock, &until);
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* Beginning and end */

static size_t keep_as_it_is(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context, (void)connection;
	return strlen(text);
}

static void settle(struct http_settings *settings)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (!settings->workers)
		settings->workers = processors > 1 ? (unsigned)processors : 2;
	if (!settings->streams)
		settings->streams = 32;
	if (!settings->connections)
		settings->connections = 1100;
	if (!settings->max_header_bytes)
		settings->max_header_bytes = 16 << 10;
	if (!settings->head_seconds)
		settings->head_seconds = 15;
	if (!settings->idle_seconds)
		settings->idle_seconds = 60;
	if (!settings->stall_seconds)
		settings->stall_seconds = 20;
	if (!settings->least_rate)
		settings->least_rate = 4 << 10;
	if (!settings->wait_seconds)
		settings->wait_seconds = 120;
}

int http_server_open(struct http_server **made, const struct http_settings *settings,
		     char why[HTTP_WHY])
{
	struct http_server *server = calloc(1, sizeof(*server));
	pthread_condattr_t clock;
	pthread_mutexattr_t checked;
	if (!server) {
		snprintf(why, HTTP_WHY, "out of memory");
		return -1;
	}
	server->settings = *settings;
	settle(&server->settings);
	server->socket = -1;
	pthread_mutexattr_init(&checked);
	pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&server->lock, &checked);
	pthread_mutexattr_destroy(&checked);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&server->work, NULL);
	pthread_cond_init(&server->timing, &clock);
	pthread_cond_init(&server->ended, &clock);
	pthread_condattr_destroy(&clock);
	if (http_read_tls_files(server, why) != 0 ||
	    (settings->listen && http_listen(server, why) != 0)) {
		http_server_close(server);
		return -1;
	}
	*made = server;
	return 0;
}

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
	const struct http_settings *settings = &server->settings;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 (server->socket < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0) |
			 (server->tls ? MHD_USE_TLS : 0) | MHD_USE_ERROR_LOG;
	/* The buffer of a connection holds its headers and what is sent and received of bodies. */
	struct MHD_OptionItem options[16] = {
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		  (intptr_t)(settings->max_header_bytes + 16384), NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)settings->connections, NULL },
		{ MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)settings->connections_per_address,
		  NULL },
		{ MHD_OPTION_THREAD_POOL_SIZE, EVENT_THREADS, NULL },
	};
	size_t n = 4;
	if (server->socket >= 0)
		options[n++] =
			(struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET, server->socket, NULL };
	if (server->tls) {
		options[n++] =
			(struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert };
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key };
		options[n++] = (struct MHD_OptionItem){
			MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
		};
	}
	if (server->ca)
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, server->ca };
	options[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	/* The logger first: the other options may already have something to say. */
	return MHD_start_daemon(
		flags, 0, NULL, NULL, answer, server, MHD_OPTION_EXTERNAL_LOGGER, answer_before,
		server, MHD_OPTION_ARRAY, options, MHD_OPTION_URI_LOG_CALLBACK, notice_headers,
		server, MHD_OPTION_UNESCAPE_CALLBACK, keep_as_it_is, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, complete, server, MHD_OPTION_NOTIFY_CONNECTION,
		notice_connection, server, MHD_OPTION_END);
}

int http_server_start(struct http_server *server, char why[HTTP_WHY])
{
	server->timer_runs = true;
	if (http_workers_start(server) != 0 ||
	    pthread_create(&server->timer, NULL, keep_time, server) != 0) {
		server->timer_runs = false;
		http_workers_end(server);
		snprintf(why, HTTP_WHY, "threads cannot be started");
		return -1;
	}
	server->daemon = start_daemon(server);
	if (server->daemon)
		return 0;
	snprintf(why, HTTP_WHY, "%s",
		 server->tls ? "the server cannot be started: look at the certificate and its key"
			     : "the server cannot be started");
	http_server_stop(server, 0);
	return -1;
}

int http_server_add(struct http_server *server, int socket)
{
	static const struct sockaddr none = { .sa_family = AF_UNIX };
	return MHD_add_connection(server->daemon, socket, &none, sizeof(none)) == MHD_YES ? 0 : -1;
}

/* With the lock: until no request is in flight, or the time is over. */
static bool wait_for_requests(struct http_server *server, unsigned seconds)
{
	long long end = http_now() + 1000LL * seconds;
	struct timespec until = { .tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000 };
	int result = 0;
	while (server->counts.in_flight && result == 0)
		result = pthread_cond_timedwait(&server->ended, &server->lock, &until);
	return !server->counts.in_flight;
}

void http_server_stop(struct http_server *server, unsigned grace_seconds)
{
	if (!server->timer_runs)
		return;
	if (server->daemon && server->socket >= 0)
		MHD_quiesce_daemon(server->daemon);
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	http_timer_wake(server);
	wait_for_requests(server, grace_seconds);
	server->cutting = true;
	http_timer_wake(server);
	while (!wait_for_requests(server, 1))
		;
	pthread_mutex_unlock(&server->lock);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
	http_workers_end(server);
	pthread_mutex_lock(&server->lock);
	server->timer_runs = false;
	http_timer_wake(server);
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->timer, NULL);
}

void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	http_server_stop(server, 0);
	if (server->socket >= 0)
		close(server->socket);
	free(server->cert);
	free(server->key);
	free(server->ca);
	pthread_cond_destroy(&server->work);
	pthread_cond_destroy(&server->timing);
	pthread_cond_destroy(&server->ended);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

void http_server_counts(struct http_server *server, struct http_counts *counts)
{
	pthread_mutex_lock(&server->lock);
	*counts = server->counts;
	pthread_mutex_unlock(&server->lock);
}
