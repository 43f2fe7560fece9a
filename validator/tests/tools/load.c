/*
 * load PORT CONNECTIONS SECONDS FILE - messages at a service, on many connections at once. Each
 * request calls its message by another name, and its answer must have that name and the same
 * verdict as all others. Prints what was asked, answered, lost and mixed up; 0 when nothing was.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16, MOST = 4096 };

struct client {
	int fd;
	char *sent, *got;
	size_t size, put, used;
	char name[40];
	long long begun;
};

static char *message;
static size_t message_size;
static unsigned port;
static unsigned long asked, answered, lost, mixed;
static long long slowest;

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void ask(struct client *client)
{
	snprintf(client->name, sizeof(client->name), "<%08lx>", asked++);
	int n = snprintf(client->sent, ROOM,
			 "POST /validate?out=text&name=%%3c%.8s%%3e HTTP/1.1\r\nHost: localhost\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 client->name + 1, message_size);
	memcpy(client->sent + n, message, message_size);
	client->size = (size_t)n + message_size;
	client->put = client->used = 0;
	client->begun = now_ms();
}

static int begin(struct client *client)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return -1;
	int result = connect(client->fd, (struct sockaddr *)&address, sizeof(address));
	return result == 0 || errno == EINPROGRESS ? 0 : -1;
}

/* Whether the answer is whole: its headers, and as much as they say. */
static int is_whole(const struct client *client)
{
	const char *end = strstr(client->got, "\r\n\r\n");
	const char *length = end ? strstr(client->got, "Content-Length: ") : NULL;
	return length &&
	       client->used >= (size_t)(end + 4 - client->got) + strtoul(length + 16, NULL, 10);
}

static void take(const struct client *client)
{
	long long took = now_ms() - client->begun;
	answered++;
	slowest = took > slowest ? took : slowest;
	if (strncmp(client->got, "HTTP/1.1 200 ", 13) != 0 || !strstr(client->got, client->name))
		mixed++;
}

/* -1: the connection is lost. 1: an answer came. */
static int go_on(struct client *client)
{
	while (client->put < client->size) {
		ssize_t n = send(client->fd, client->sent + client->put, client->size - client->put,
				 MSG_NOSIGNAL);
		if (n <= 0)
			return errno == EAGAIN ? 0 : -1;
		client->put += (size_t)n;
	}
	for (;;) {
		ssize_t n =
			recv(client->fd, client->got + client->used, ROOM - 1 - client->used, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN ? 0 : -1;
		client->used += (size_t)n;
		client->got[client->used] = '\0';
		if (is_whole(client)) {
			take(client);
			return 1;
		}
	}
}

static int read_message(const char *path)
{
	FILE *file = fopen(path, "rb");
	message = malloc(ROOM / 2);
	if (file && message)
		message_size = fread(message, 1, ROOM / 2, file);
	if (file)
		fclose(file);
	return message_size ? 0 : -1;
}

static int run(struct client *clients, int count, long long end)
{
	struct epoll_event events[256];
	int poll = epoll_create1(0), open = 0;
	for (int i = 0; i < count; i++) {
		struct client *client = &clients[i];
		client->sent = malloc(ROOM);
		client->got = malloc(ROOM);
		if (!client->sent || !client->got || begin(client) != 0)
			return -1;
		ask(client);
		struct epoll_event wanted = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
					      .data.ptr = client };
		epoll_ctl(poll, EPOLL_CTL_ADD, client->fd, &wanted);
		open++;
	}
	while (open && now_ms() < end + 30000) {
		int ready = epoll_wait(poll, events, 256, 1000);
		for (int i = 0; i < ready; i++) {
			struct client *client = events[i].data.ptr;
			int result = client->fd >= 0 ? go_on(client) : 0;
			while (result == 1 && now_ms() < end) {
				ask(client);
				result = go_on(client);
			}
			if (result == 0)
				continue;
			lost += result < 0;
			close(client->fd);
			client->fd = -1;
			open--;
		}
	}
	lost += (unsigned long)open;
	close(poll);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 5 || read_message(argv[4]) != 0)
		return 2;
	port = (unsigned)atoi(argv[1]);
	int count = atoi(argv[2]);
	long long start = now_ms();
	struct client *clients = calloc(MOST, sizeof(*clients));
	if (!clients || count < 1 || count > MOST ||
	    run(clients, count, start + atoi(argv[3]) * 1000LL) != 0) {
		fprintf(stderr, "load: the connections cannot be opened: ulimit -n\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		free(clients[i].sent);
		free(clients[i].got);
	}
	free(clients);
	free(message);
	printf("connections=%d asked=%lu answered=%lu lost=%lu mixed_up=%lu each_second=%.0f "
	       "slowest_ms=%lld\n",
	       count, asked, answered, lost, mixed,
	       (double)answered * 1000 / (double)(now_ms() - start), slowest);
	return lost || mixed || answered != asked;
}
