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

/* Some more of an answer, kept with a NUL at its end. 0: the end, or nothing came in time. */
static size_t get_more(int fd, char **text, size_t *used, size_t *room)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	if (*used + 1 >= *room) {
		*room = *room ? *room * 2 : 1 << 16;
		*text = realloc(*text, *room);
		assert_non_null(*text);
	}
	ssize_t n = poll(&ready, 1, PATIENCE_MS) > 0 ? recv(fd, *text + *used, *room - 1 - *used, 0)
						     : 0;
	*used += n > 0 ? (size_t)n : 0;
	(*text)[*used] = '\0';
	return n > 0 ? (size_t)n : 0;
}

char *client_get(int fd)
{
	size_t used = 0, room = 0;
	char *text = NULL;
	while (get_more(fd, &text, &used, &room))
		;
	return text;
}

char *client_get_until(int fd, const char *wanted)
{
	size_t used = 0, room = 0;
	char *text = NULL;
	while (get_more(fd, &text, &used, &room) && !strstr(text, wanted))
		;
	return text;
}

bool client_is_closed(int fd)
{
	char byte;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	return poll(&ready, 1, PATIENCE_MS) > 0 && recv(fd, &byte, 1, 0) <= 0;
}
