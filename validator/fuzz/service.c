/*
 * What a client may send, at the service's own handlers, in this process: the bytes go through a
 * pair of sockets to the server, which judges them, and everything that it answers is read.
 * Whatever was sent, the connection must end in time.
 */
#include "fuzz.h"

#include "serve/service.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct request request = { .quiet = 1, .fixed_time = true, .options.now = 1790000000 };
static struct service service = { .request = &request, .memory = -1 };

static void start(void)
{
	static const char *const hosts[] = { "localhost" };
	static const struct http_settings settings = { .routes = service_routes,
						       .context = &service,
						       .hosts = hosts,
						       .host_count = 1,
						       .max_body_bytes = 1 << 20,
						       .head_seconds = 1,
						       .stall_seconds = 1,
						       .idle_seconds = 1,
						       .workers = 1 };
	char why[HTTP_WHY];
	must(http_server_open(&service.server, &settings, why) == 0);
	must(http_server_start(service.server, why) == 0);
}

/* Until the server closes the connection; no client may keep it waiting. */
static void read_all(int fd)
{
	char answer[65536];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;
	do {
		int got;
		do /* libFuzzer's own timer interrupts it, and ends what takes too long */
			got = poll(&ready, 1, 60000);
		while (got < 0 && errno == EINTR);
		must(got > 0);
		n = recv(fd, answer, sizeof(answer), 0);
	} while (n > 0 || (n < 0 && errno == EINTR));
}

void fuzz_service(struct str input)
{
	int pair[2];
	if (!service.server)
		start();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(http_server_add(service.server, pair[1]) == 0);
	/* More than the sockets hold would need a reader at the same time. */
	size_t left = input.n < 65536 ? input.n : 65536;
	for (ssize_t n = 1; left && n > 0; left -= (size_t)n) {
		n = send(pair[0], input.p, left, MSG_NOSIGNAL);
		input.p += n > 0 ? n : 0;
		if (n <= 0)
			break;
	}
	shutdown(pair[0], SHUT_WR);
	read_all(pair[0]);
	close(pair[0]);
}
