/*
 * inbound.h - what a server sends to its client by a call of its own: the later reply of ebXML.
 */
#ifndef CPIS_TWIN_INBOUND_H
#define CPIS_TWIN_INBOUND_H

#include "http/server.h"

struct inbound;

/* Listen at an address. -1 with the reason in why. */
int inbound_open(struct inbound **inbound, const char *listen, char why[HTTP_WHY]);
/* Accepts NULL. */
void inbound_close(struct inbound *inbound);

/* Wait for a message that has an id in it, and take it: an HTTP capture with a NUL that is not
 * counted, for free(). NULL: it did not come within so many seconds. */
char *inbound_wait(struct inbound *inbound, const char *id, unsigned seconds, size_t *size);

#endif
