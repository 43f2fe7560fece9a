/* cpis simulate: a twin of the national service, by HTTP. */
#include "cli/cli.h"
#include "http/server.h"
#include "serve/site.h"
#include "folder.h"
#include "journal.h"
#include "wire.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct simulation {
	struct cpis_twin *twin;
	struct journal journal;
	const char *callback;  /* the client's own endpoint; NULL */
	_Atomic long long now; /* 0: the clock's */
	FILE *log;	       /* what goes wrong */
	size_t passed_over;    /* files of --load */
	atomic_bool lost;      /* an exchange is not in the journal, or not in the state */
};

/* A message to the client's own endpoint */

struct later {
	char *url, *type, *action, *body;
	size_t size;
};

static void *send_later(void *context)
{
	struct later *later = context;
	char header[512];
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	snprintf(header, sizeof(header), "Content-Type: %s", later->type);
	headers = curl_slist_append(headers, header);
	snprintf(header, sizeof(header), "SOAPAction: %s", later->action);
	headers = curl_slist_append(headers, header);
	headers = curl_slist_append(headers, "Expect:");
	if (curl) {
		curl_easy_setopt(curl, CURLOPT_URL, later->url);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, later->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)later->size);
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
		CURLcode status = curl_easy_perform(curl);
		if (status != CURLE_OK)
			print_warning("the client's endpoint %s was not reached: %s", later->url,
				      curl_easy_strerror(status));
		curl_easy_cleanup(curl);
	}
	curl_slist_free_all(headers);
	free(later->url);
	free(later->type);
	free(later->action);
	free(later->body);
	free(later);
	return NULL;
}

static void start_later(const struct simulation *simulation, const struct cpis_reply *reply)
{
	struct later *later = calloc(1, sizeof(*later));
	pthread_t thread;
	if (!later || !simulation->callback) {
		free(later);
		return;
	}
	later->url = strdup(simulation->callback);
	later->type = strdup(reply->later_type);
	later->action = strdup(reply->later_action);
	later->body = malloc(reply->later_size + 1);
	later->size = reply->later_size;
	if (!later->url || !later->type || !later->action || !later->body) {
		free(later->url);
		free(later->type);
		free(later->action);
		free(later->body);
		free(later);
		return;
	}
	memcpy(later->body, reply->later, reply->later_size);
	if (pthread_create(&thread, NULL, send_later, later) == 0)
		pthread_detach(thread);
}

/* Requests */

enum { MOST_HEADERS = 128 };

static size_t take_headers(const struct http_request *request, struct cpis_header *headers)
{
	size_t count = 0;
	const char *value;
	for (const char *name;
	     count < MOST_HEADERS && (name = http_header_at(request, count, &value)); count++)
		headers[count] = (struct cpis_header){ name, value };
	return count;
}

static void give(struct http_request *request, const struct cpis_reply *reply)
{
	const struct http_shape shape = {
		.delay_ms = reply->delay_ms,
		.piece_bytes = reply->piece_bytes,
		.piece_ms = reply->piece_ms,
		.cut = reply->cut,
		.cut_after = reply->cut_after,
		.silent = reply->silent,
	};
	http_reply_status(request, reply->status);
	for (size_t i = 0; i < reply->header_count; i++)
		http_reply_header(request, reply->headers[i].name, reply->headers[i].value);
	http_write(request, reply->body, reply->size);
	http_reply_shape(request, &shape);
}

/* The target as it was sent, with what is after the ?. */
static void take_target(const struct http_request *request, char *target, size_t room)
{
	const char *value, *name;
	size_t n = (size_t)snprintf(target, room, "%s", http_path(request));
	for (size_t i = 0; n < room && (name = http_query_at(request, i, &value)); i++)
		n += (size_t)snprintf(target + n, room - n, "%c%s=%s", i ? '&' : '?', name,
				      value ? value : "");
}

/* Results say by their command that their date was set. */
static int note_date(struct cpis_results *results, long long set, struct cpis_failure *failure)
{
	const time_t seconds = (time_t)set;
	char now[64];
	struct tm parts;
	if (!gmtime_r(&seconds, &parts))
		return 0;
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &parts);
	const char *const words[] = { "cpis", "simulate", "--now", now };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (cpis_results_command_word(results, words[i], failure) != 0)
			return -1;
	return 0;
}

/* date_set: the call's time is not the clock's. */
static void keep(struct simulation *simulation, const struct cpis_call *call,
		 const struct cpis_reply *reply, bool date_set)
{
	struct cpis_failure failure;
	if (!reply->results)
		return;
	if ((date_set && note_date(reply->results, call->now, &failure) != 0) ||
	    journal_add(&simulation->journal, call, reply, &failure) != 0) {
		simulation->lost = true;
		print_failure(&failure);
	}
}

static void handle(struct http_request *request, void *context)
{
	struct simulation *simulation = context;
	const long long now = simulation->now;
	struct cpis_header headers[MOST_HEADERS];
	char target[2048], *body = NULL;
	size_t size = 0;
	struct cpis_reply *reply = NULL;
	struct cpis_failure failure;
	if (http_read_all(request, &body, &size) != 0)
		return;
	take_target(request, target, sizeof(target));
	const struct cpis_call call = {
		.method = http_method(request),
		.target = target,
		.headers = headers,
		.header_count = take_headers(request, headers),
		.body = body,
		.size = size,
		.client = http_client_name(request),
		.now = now ? now : (long long)time(NULL),
		.later = simulation->callback != NULL,
	};
	if (cpis_twin_call(simulation->twin, &call, &reply, &failure) != 0) {
		simulation->lost = true;
		print_failure(&failure);
		http_problem(request, 500, "the twin failed: see its log");
		free(body);
		return;
	}
	keep(simulation, &call, reply, now != 0);
	give(request, reply);
	if (reply->later)
		start_later(simulation, reply);
	cpis_reply_free(reply);
	free(body);
}

static void show_page(struct http_request *request, void *context)
{
	(void)context;
	http_reply_header(request, "Content-Type", "text/html; charset=utf-8");
	http_reply_header(request, "Content-Security-Policy",
			  "default-src 'none'; style-src 'unsafe-inline'; script-src "
			  "'unsafe-inline'; connect-src 'self'");
	http_reply_static(request, site_twin_html, site_twin_html_size);
}

static void show_exchanges(struct http_request *request, void *context)
{
	struct simulation *simulation = context;
	http_reply_header(request, "Content-Type", "application/json");
	journal_list(&simulation->journal, http_write, request);
}

/* What the service would say on another day: 12 months after an end, on an 18th birthday. */
static void set_clock(struct http_request *request, void *context)
{
	struct simulation *simulation = context;
	const char *text = http_query(request, "now");
	long long now = 0;
	if (!text || (*text && cpis_time(text, &now) != 0)) {
		http_problem(request, 400,
			     "now is a time as in 2027-02-01T12:00:00Z, or empty for the clock's");
		return;
	}
	simulation->now = now;
	http_reply_status(request, 204);
}

static void show_exchange(struct http_request *request, void *context)
{
	struct simulation *simulation = context;
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	char path[4096];
	const char *number = http_parameter(request, 0);
	const char *const paths[] = { path };
	if (!journal_results(&simulation->journal, strtoul(number, NULL, 10), path, sizeof(path))) {
		http_problem(request, 404, "reports are kept with --journal FOLDER");
		return;
	}
	if (cpis_results_read(&results, paths, 1, &failure) != 0 ||
	    cpis_report_write(results, "html", http_write, request, &failure) != 0)
		http_problem(request, 500, "the report could not be made");
	else
		http_reply_header(request, "Content-Type", "text/html; charset=utf-8");
	cpis_results_free(results);
}

/* MESH takes 100 MB in a request. Bodies of more than 64 KiB are whole in memory, and STREAMS of
 * them at once. */
enum {
	MOST_BODY = 64 << 20,
	MOST_MESH_BODY = 100 * 1000 * 1000,
	STREAMS = 4,
	OPEN = HTTP_OPEN | HTTP_ANY_HOST
};

static const struct http_route routes[] = {
	{ "GET", "/", show_page, OPEN, 0 },
	{ "POST", "/", handle, OPEN | HTTP_BARE, MOST_BODY },
	{ "GET", "/admin/exchanges", show_exchanges, OPEN, 0 },
	{ "GET", "/admin/exchanges/{}", show_exchange, OPEN, 0 },
	{ "POST", "/admin/clock", set_clock, OPEN, 0 },
	{ "*", "/messageexchange/*", handle, OPEN | HTTP_ENCODED | HTTP_BARE, MOST_MESH_BODY },
	{ "*", "*", handle, OPEN | HTTP_BARE, MOST_BODY },
	{ .method = NULL },
};

/* The folders of a MESH client */

static int take_from_folder(void *context, const struct cpis_call *call, struct cpis_reply **reply)
{
	struct simulation *simulation = context;
	struct cpis_failure failure;
	if (cpis_twin_call(simulation->twin, call, reply, &failure) != 0) {
		simulation->lost = true;
		print_failure(&failure);
		return -1;
	}
	keep(simulation, call, *reply, simulation->now != 0);
	return 0;
}

static long long now_of(void *context)
{
	const struct simulation *simulation = context;
	const long long now = simulation->now;
	return now ? now : (long long)time(NULL);
}

static int open_folder(const struct request *request, struct simulation *simulation,
		       struct folder **folder)
{
	const struct folder_settings settings = {
		.path = request->twin.mesh_folder,
		.mailbox = request->twin.mesh_client,
		.call = take_from_folder,
		.now = now_of,
		.context = simulation,
	};
	struct cpis_failure failure;
	return !settings.path || folder_open(folder, &settings, &failure) == 0
		       ? 0
		       : print_failure(&failure);
}

/* The command */

static int wait_for_signal(void)
{
	sigset_t set;
	int signal = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return sigwait(&set, &signal);
}

static void block_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Until a signal ends it. */
static int serve(const struct request *request, const struct simulation *simulation,
		 struct http_server *server, const char *listen)
{
	enum { GRACE_SECONDS = 5 };
	char why[HTTP_WHY];
	if (http_server_start(server, why) != 0)
		return usage_error("simulate: %s", why);
	if (!request->quiet) {
		print(stdout, "The twin listens at %s://%.*s:%u/\n",
		      request->twin.tls_cert ? "https" : "http",
		      (int)(strrchr(listen, ':') - listen), listen, http_server_port(server));
		fflush(stdout);
	}
	wait_for_signal();
	http_server_stop(server, GRACE_SECONDS);
	return simulation->passed_over || simulation->lost ? CPIS_EXIT_INCOMPLETE : CPIS_EXIT_PASS;
}

/* Words of --mesh-auth. */
enum { AUTH_OFF, AUTH_CANNED, AUTH_FULL };

static int check_usage(const struct request *request)
{
	const struct twin_request *twin = &request->twin;
	if (request->input_count)
		return usage_error("simulate: it takes no file; uploads are given by --load");
	if (!twin->tls_cert != !twin->tls_key)
		return usage_error("simulate: --tls-cert and --tls-key need each other");
	if (twin->mesh_auth == AUTH_FULL && !twin->mesh_key)
		return usage_error("simulate: --mesh-auth full needs --mesh-key");
	if (twin->mesh_auth == AUTH_CANNED && twin->mesh_key)
		return usage_error("simulate: --mesh-key is for --mesh-auth full");
	if (twin->client_ca && !twin->tls_cert)
		return usage_error("simulate: --tls-client-ca needs --tls-cert");
	const char *why = twin->callback ? wire_check_url(twin->callback) : NULL;
	if (why)
		return usage_error("simulate: --callback %s: %s", twin->callback, why);
	return 0;
}

static void pass_over(void *context, const struct cpis_failure *file)
{
	struct simulation *simulation = context;
	simulation->passed_over++;
	print_failure(file);
}

/* What is not loaded is named, and the exit code says so in the end; where nothing is, there is no
 * use in going on. */
static int load(const struct request *request, struct simulation *simulation,
		struct cpis_failure *failure)
{
	size_t loaded;
	if (cpis_twin_load(simulation->twin, request->twin.load, now_of(simulation), pass_over,
			   simulation, &loaded, failure) != 0)
		return -1;
	if (simulation->passed_over)
		print_warning("%zu of %zu files in %s were not loaded", simulation->passed_over,
			      simulation->passed_over + loaded, request->twin.load);
	if (loaded)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", request->twin.load);
	snprintf(failure->text, sizeof(failure->text), "there is no upload in it to load");
	return -1;
}

static int open_twin(const struct request *request, struct simulation *simulation,
		     struct cpis_failure *failure)
{
	const struct twin_request *twin = &request->twin;
	char seed[64];
	snprintf(seed, sizeof(seed), "%lld-%ld", (long long)time(NULL), (long)getpid());
	const struct cpis_twin_options options = {
		.state = request->state,
		.seed = request->seed ? request->seed : seed,
		.scenarios = twin->scenarios,
		.mailbox = twin->mailbox,
		.workflow = twin->workflow,
		.users = twin->users.items,
		.user_count = twin->users.count,
		.mesh_key = twin->mesh_key,
		.mesh_password = twin->mesh_password,
		.mesh_canned = twin->mesh_auth == AUTH_CANNED,
		.problem = print_problem,
	};
	/* First: where another twin has it, nothing is loaded. */
	if (journal_open(&simulation->journal, twin->journal, failure) != 0 ||
	    cpis_twin_new(&simulation->twin, &options, failure) != 0)
		return -1;
	return twin->load ? load(request, simulation, failure) : 0;
}

/* Once the address is bound and the files of TLS are read, nothing is opened but what the command
 * line names, and no connection but the one to --callback. */
static int run(struct request *request, struct simulation *simulation, struct http_server *server,
	       const char *listen)
{
	struct cpis_failure failure;
	struct folder *folder = NULL;
	if (request->enter)
		request->sandbox = request->enter(request);
	if (open_twin(request, simulation, &failure) != 0)
		return print_failure(&failure);
	int code = open_folder(request, simulation, &folder);
	if (code == 0)
		code = serve(request, simulation, server, listen);
	folder_close(folder);
	return code;
}

int cmd_simulate(struct request *request)
{
	char why[HTTP_WHY];
	struct http_server *server = NULL;
	const char *listen = request->twin.listen ? request->twin.listen : "127.0.0.1:4001";
	int code = check_usage(request);
	if (code != 0)
		return code;
	if (http_is_address(listen) && !http_is_loopback(listen) && !request->twin.client_ca)
		print_warning("simulate: --listen %s: other machines reach this address, and the "
			      "twin answers whoever asks: use it for test data alone, or give "
			      "--tls-client-ca",
			      listen);
	struct simulation *simulation = calloc(1, sizeof(*simulation));
	if (!simulation)
		return out_of_memory();
	const struct http_settings settings = {
		.listen = listen,
		.tls_cert = request->twin.tls_cert,
		.tls_key = request->twin.tls_key,
		.client_ca = request->twin.client_ca,
		.routes = routes,
		.context = simulation,
		.streams = STREAMS,
	};
	simulation->callback = request->twin.callback;
	simulation->now = request->fixed_time ? request->options.now : 0;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	block_signals();
	code = http_server_open(&server, &settings, why) == 0
		       ? run(request, simulation, server, listen)
		       : usage_error("simulate: %s", why);
	http_server_close(server);
	journal_close(&simulation->journal);
	cpis_twin_free(simulation->twin);
	free(simulation);
	return code;
}
