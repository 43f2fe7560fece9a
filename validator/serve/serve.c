/* cpis serve: an address that is safe to listen on, the sandbox, and the time until it is ended. */
#include "service.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	MOST_TOKEN = 512,
	LEAST_TOKEN = 16,
	STREAMS = 4, /* large bodies in memory at once */
	WAIT_SECONDS = 300,
	GRACE_SECONDS = 30,
	PER_ADDRESS = 64,
	MOST_HOSTS = 32,
	CONNECTIONS = 2048,
	USUAL_BODY_BYTES = 64 << 20,
};

static const char usual_address[] = "127.0.0.1:8080";

/* The first line of a file. 0, or an exit code after an error was printed. */
static int read_token(const char *path, char token[MOST_TOKEN])
{
	FILE *file = fopen(path, "re");
	if (!file)
		return usage_error("serve: --token-file %s: %s", path, strerror(errno));
	char *line = fgets(token, MOST_TOKEN, file);
	fclose(file);
	size_t n = line ? strcspn(token, "\r\n") : 0;
	token[line ? n : 0] = '\0';
	size_t good = 0;
	while (good < n && isgraph((unsigned char)token[good]))
		good++;
	if (n < LEAST_TOKEN || good < n)
		return usage_error("serve: --token-file %s: the first line must be a token of at "
				   "least %d characters, without blanks",
				   path, LEAST_TOKEN);
	return 0;
}

/* An address that other machines reach is not opened by chance. */
static int check_safety(const struct request *request, const char *address)
{
	if (request->input_count)
		return usage_error("serve: messages come by HTTP: name no file");
	if (!http_is_address(address))
		return usage_error(
			"serve: --listen %s: must be ADDRESS:PORT, such as 127.0.0.1:8080 "
			"or [::1]:8080",
			address);
	if (http_is_loopback(address) || request->behind_proxy)
		return 0;
	bool knows_who = request->token_file || request->tls_client_ca;
	if (knows_who && request->tls_cert)
		return 0;
	return usage_error("serve: --listen %s: other machines reach this address. Give %s%s%s, or "
			   "--behind-proxy if a proxy that checks who asks is the only way to it",
			   address, knows_who ? "" : "--token-file or --tls-client-ca",
			   knows_who || request->tls_cert ? "" : ", and ",
			   request->tls_cert ? "" : "--tls-cert with --tls-key");
}

/* Names that Host may have. A page elsewhere whose name leads to this machine sends its own. */
static size_t list_hosts(const struct request *request, const char *address,
			 const char *hosts[MOST_HOSTS])
{
	static const char *const own[] = { "localhost", "127.0.0.1", "[::1]" };
	size_t count = 0;
	bool loopback = http_is_loopback(address);
	for (size_t i = 0; i < request->hosts.count && count < MOST_HOSTS - 3; i++)
		hosts[count++] = request->hosts.items[i];
	/* Without names, others than the own ones are taken where the token keeps pages out. */
	for (size_t i = 0; (loopback || count) && i < 3; i++)
		hosts[count++] = own[i];
	return count;
}

/* Each connection is a file. */
static void raise_limits(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < CONNECTIONS + 256) {
		files.rlim_cur =
			files.rlim_max < CONNECTIONS + 256 ? files.rlim_max : CONNECTIONS + 256;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Bounded, and those that SIGTERM or SIGINT end. */
static int wait_for_end(struct service *service, const char *address, const sigset_t *signals)
{
	const struct request *request = service->request;
	int number;
	if (!request->quiet) {
		size_t n = strlen(address) - strlen(strrchr(address, ':'));
		print(stderr, "cpis: listening on %s://%.*s:%u\n",
		      request->tls_cert ? "https" : "http", (int)n, address,
		      http_server_port(service->server));
		fflush(stderr);
	}
	while (sigwait(signals, &number) != 0)
		;
	http_server_stop(service->server, GRACE_SECONDS);
	return CPIS_EXIT_PASS;
}

/* The profile, schemas and rules of the command line, by a verdict as each request gets it. */
static int check_options(const struct service *service)
{
	static const struct cpis_bytes sample = { SERVICE_BODY_NAME, "<a/>", 4 };
	const char *profile = service->request->profile;
	struct cpis_options options = service->request->options;
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	options.jobs = 0;
	int status = cpis_results_new(&results, &options, &failure);
	if (status == 0 && profile)
		status = cpis_results_profile(results, profile, print_problem, NULL, &failure);
	if (status == 0)
		status = cpis_validate_bytes(results, &sample, &failure);
	cpis_results_free(results);
	return status == 0 ? 0 : print_failure(&failure);
}

static int serve(struct service *service, const char *address, const char *token,
		 const sigset_t *signals)
{
	struct request *request = service->request;
	const char *hosts[MOST_HOSTS];
	char why[HTTP_WHY];
	bool loopback = http_is_loopback(address) || request->behind_proxy;
	struct http_settings settings = {
		.listen = address,
		.tls_cert = request->tls_cert,
		.tls_key = request->tls_key,
		.client_ca = request->tls_client_ca,
		.token = token,
		.hosts = hosts,
		.host_count = list_hosts(request, address, hosts),
		.routes = service_routes,
		.context = service,
		.log = request->quiet ? NULL : stderr,
		.workers = request->options.jobs,
		.streams = STREAMS,
		.connections = CONNECTIONS,
		.connections_per_address = loopback ? 0 : PER_ADDRESS,
		.requests_per_address = loopback ? 0 : PER_ADDRESS / 2,
		.wait_seconds = WAIT_SECONDS,
		.max_body_bytes =
			request->max_body_bytes ? request->max_body_bytes : USUAL_BODY_BYTES,
	};
	raise_limits();
	if (http_server_open(&service->server, &settings, why) != 0)
		return usage_error("serve: %s", why);
	int code = service_find_packs(service);
	if (code == 0) {
		/* From here on nothing is opened but packs, profiles and schemas. */
		if (request->enter)
			request->sandbox = request->enter(request);
		code = check_options(service);
	}
	if (code == 0)
		code = service_check_packs(service);
	if (code == 0 && http_server_start(service->server, why) != 0)
		code = usage_error("serve: %s", why);
	else if (code == 0)
		code = wait_for_end(service, address, signals);
	http_server_close(service->server);
	service_free_packs(service);
	return code;
}

int cmd_serve(struct request *request)
{
	const char *address = request->listen ? request->listen : usual_address;
	char token[MOST_TOKEN];
	struct service service = { .request = request,
				   .memory = open("/proc/self/statm", O_RDONLY | O_CLOEXEC) };
	sigset_t signals, before;
	int code = check_safety(request, address);
	if (code == 0 && request->token_file)
		code = read_token(request->token_file, token);
	if (code != 0) {
		close(service.memory);
		return code;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	code = serve(&service, address, request->token_file ? token : NULL, &signals);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(service.memory);
	return code;
}
