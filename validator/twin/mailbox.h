/*
 * mailbox.h - a mailbox of MESH as its owner uses it: send a file to another one, and wait for what
 * answers it.
 *
 * Source: MESH API specification: handshake, outbox in chunks, inbox, acknowledgement; the
 * Authorization header with the shared key.
 */
#ifndef CPIS_TWIN_MAILBOX_H
#define CPIS_TWIN_MAILBOX_H

#include "wire.h"

struct mailbox;

/* All of it is borrowed until the end. */
struct mailbox_settings {
	struct wire *wire;
	const char *base;     /* "https://host:port/messageexchange" */
	const char *own, *to; /* mailboxes */
	const char *workflow;
	const char *key, *password; /* key NULL: no Authorization header */
	unsigned seconds;	    /* to wait for an answer */
};

/* NULL: out of memory. */
struct mailbox *mailbox_open(const struct mailbox_settings *settings);
void mailbox_close(struct mailbox *mailbox);

/* Send a file. *reply is what answers it, of the mailbox, or the refusal of the file; its request
 * is the first part that was sent. False: neither came; mailbox_why has a phrase. */
bool mailbox_send(struct mailbox *mailbox, const void *body, size_t size, struct wire_reply *reply);
const char *mailbox_why(const struct mailbox *mailbox);

#endif
