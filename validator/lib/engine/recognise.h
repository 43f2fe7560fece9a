/*
 * recognise.h - outside a message: which element is one, which is an envelope, which text is a
 * payload.
 */
#ifndef CPIS_ENGINE_RECOGNISE_H
#define CPIS_ENGINE_RECOGNISE_H

#include <stddef.h>

struct binding_table;
struct session;
struct xml_tag;

/*
 * An element starts: it may be a message, an envelope, or a place that holds one. *table and *role
 * get what it opens a part by, if it does. -1: the session's failure says why judging stops.
 */
int recognise_start(struct session *session, const struct xml_tag *tag,
		    const struct binding_table **table, unsigned *role);

/* The open payload ends, before the binder hears of it. -1 when memory is out. */
int recognise_payload_end(struct session *session);

/* An element ends outside a message, or with it: close what it opened. */
void recognise_end(struct session *session, size_t offset);

/* The document ended or broke off: close what is still open. */
void recognise_finish(struct session *session);

#endif
