/* The address that a server listens on, and the files that it speaks TLS with. */
#include "parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int say(char why[HTTP_WHY], const char *about, const char *text)
{
	snprintf(why, HTTP_WHY, "%s: %s", about, text);
	return -1;
}

/* "ADDRESS:PORT" in its two parts. */
static int split(const char *listen, char host[MOST_NAME], char port[8])
{
	const char *colon = strrchr(listen, ':');
	bool bracket = listen[0] == '[';
	const char *name = listen + bracket;
	size_t n = colon ? (size_t)(colon - name) - bracket : 0;
	if (!colon || n == 0 || n >= MOST_NAME || (bracket && colon[-1] != ']') ||
	    (!bracket && memchr(name, ':', n)))
		return -1;
	size_t digits = strspn(colon + 1, "0123456789");
	if (!digits || digits > 5 || colon[1 + digits] || atoi(colon + 1) > 65535)
		return -1;
	snprintf(host, MOST_NAME, "%.*s", (int)n, name);
	snprintf(port, 8, "%s", colon + 1);
	return 0;
}

bool http_is_address(const char *listen)
{
	char host[MOST_NAME] = "", port[8] = "";
	return split(listen, host, port) == 0;
}

bool http_is_loopback(const char *listen)
{
	char host[MOST_NAME] = "", port[8] = "";
	struct in_addr four;
	if (split(listen, host, port) != 0)
		return false;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

static int listen_at(const struct addrinfo *address)
{
	const int on = 1;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

int http_listen(struct http_server *server, char why[HTTP_WHY])
{
	char host[MOST_NAME] = "", port[8] = "";
	const char *listen = server->settings.listen;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *found = NULL;
	if (split(listen, host, port) != 0)
		return say(why, listen,
			   "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080");
	const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	if (getaddrinfo(number, port, &hints, &found) != 0)
		return say(why, listen, "is not the number of an address and a port");
	server->socket = listen_at(found);
	int error = errno;
	freeaddrinfo(found);
	return server->socket < 0 ? say(why, listen, strerror(error)) : 0;
}

unsigned http_server_port(const struct http_server *server)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	socklen_t size = sizeof(address);
	memset(&address, 0, sizeof(address));
	if (getsockname(server->socket, &address.any, &size) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port
						       : address.four.sin_port);
}

enum { MOST_PEM = 1 << 20 };

static char *read_pem(const char *path, char why[HTTP_WHY])
{
	FILE *file = fopen(path, "re");
	char *text = malloc(MOST_PEM);
	size_t n = file && text ? fread(text, 1, MOST_PEM - 1, file) : 0;
	if (!file)
		say(why, path, strerror(errno));
	else if (!text)
		say(why, path, "out of memory");
	else if (n == 0 || n == MOST_PEM - 1)
		say(why, path, "must be a PEM file");
	else
		text[n] = '\0';
	if (file)
		fclose(file);
	if (text && n && n < MOST_PEM - 1)
		return text;
	free(text);
	return NULL;
}

/* With no authority to trust, everybody would be turned away. */
static bool has_certificates(const char *pem)
{
	const gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem) };
	gnutls_x509_crt_t first;
	unsigned most = 1;
	if (gnutls_x509_crt_list_import(&first, &most, &data, GNUTLS_X509_FMT_PEM, 0) < 1)
		return false;
	gnutls_x509_crt_deinit(first);
	return true;
}

int http_read_tls_files(struct http_server *server, char why[HTTP_WHY])
{
	const struct http_settings *settings = &server->settings;
	server->tls = settings->tls_cert || settings->tls_key || settings->client_ca;
	if (!server->tls)
		return 0;
	if (!settings->tls_cert || !settings->tls_key)
		return say(why, "TLS", "needs both a certificate and its key");
	server->cert = read_pem(settings->tls_cert, why);
	if (!server->cert)
		return -1;
	server->key = read_pem(settings->tls_key, why);
	if (!server->key)
		return -1;
	if (!settings->client_ca)
		return 0;
	server->ca = read_pem(settings->client_ca, why);
	if (!server->ca)
		return -1;
	return has_certificates(server->ca)
		       ? 0
		       : say(why, settings->client_ca, "must have certificates of authorities");
}
