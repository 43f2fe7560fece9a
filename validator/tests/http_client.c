#include "http_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

int client_open(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* What is left unsent when the server has closed is of no interest. */
void client_put(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		size -= (size_t)n;
	}
}

void client_put_text(int fd, const char *text)
{
	client_put(fd, text, strlen(text));
}

/* All that comes until the server closes the connection, or for some time. */
char *client_get(int fd, int most_ms)
{
	size_t used = 0, room = 1 << 16;
	char *text = malloc(room);
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	assert_non_null(text);
	while (poll(&ready, 1, most_ms) > 0) {
		ssize_t n = recv(fd, text + used, room - 1 - used, 0);
		if (n <= 0)
			break;
		used += (size_t)n;
		if (used + 1 < room)
			continue;
		room *= 2;
		text = realloc(text, room);
		assert_non_null(text);
	}
	text[used] = '\0';
	return text;
}

bool client_is_closed(int fd)
{
	char byte;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	return poll(&ready, 1, 5000) > 0 && recv(fd, &byte, 1, 0) <= 0;
}
