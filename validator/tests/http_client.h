/*
 * http_client.h - a client that sends every byte itself, so that it can send what no client should.
 */
#ifndef CPIS_TESTS_HTTP_CLIENT_H
#define CPIS_TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* How long a test waits for what must come: longer than a busy machine stops for. */
enum { PATIENCE_MS = 60000 };

/* A connection to a port of this machine; fails the test if there is none. */
int client_open(unsigned port);
/* What cannot be sent because the server has closed is of no interest. */
void client_put(int fd, const char *bytes, size_t size);
void client_put_text(int fd, const char *text);
/* All that comes until the server closes the connection, or nothing more comes. For free(). */
char *client_get(int fd);
/* All that comes until a text has come, and what came with it; else as client_get. */
char *client_get_until(int fd, const char *text);
/* Whether the server closes it, and sends nothing before. */
bool client_is_closed(int fd);

#endif
