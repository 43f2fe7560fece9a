/*
 * payload.h - payloads that an ITK envelope holds as text: encoded messages, judged after the
 * envelope.
 */
#ifndef CPIS_ENGINE_PAYLOAD_H
#define CPIS_ENGINE_PAYLOAD_H

#include "base/buf.h"
#include "transport/parcel.h"

struct arena;
struct binder;
struct envelope;
struct judge;
struct part;
struct manifest_item;
struct payload;
struct plain_message;
struct xml_tag;

/* A payload that is text, kept until the document was read. */
struct text_payload {
	struct str text;      /* without white space around it */
	size_t offset;	      /* of its start in the document */
	char *copy;	      /* of text that is not in the document as it is; else NULL */
	struct parcel parcel; /* of it, without its place around: payload_parcel fills that in */
	char name[32], id[128];
};

struct text_payloads {
	struct text_payload *items;
	size_t count, room;
};

/* What the manifest says of a payload; NULL: nothing. */
const struct manifest_item *payload_item(const struct envelope *envelope,
					 const struct payload *payload);
/* Whether an xs:boolean is true. */
bool payload_flag(struct str value);

/*
 * Keep the text of the envelope's payload that was just read. NULL when out of memory; else the
 * caller names the layers around it in its parcel.
 */
struct text_payload *payload_keep(struct text_payloads *payloads, const struct envelope *envelope,
				  const struct payload *payload, const struct judge *judge);
/* Look into the payload's text, decoded as far as needed: the name of its first element, in the
 * arena, absent where there is none; and how it is packed. Of one that is said to be encrypted only
 * where a message can be read in it. -1 when out of memory. */
int payload_look_into(struct payload *payload, bool encrypted, struct arena *arena);
/* Why a message is not judged. */
extern const char payload_hidden[];
/* What a message or an envelope is called that starts with this tag; NULL: neither does. */
const char *payload_title(const struct xml_tag *tag);
/* Whether a simple reply, which should say something in words, holds a message instead, encoded or
 * not. -1 when out of memory. */
int payload_is_hidden_message(const struct plain_message *reply, struct arena *arena);

/* The open payload, and the envelope that it is in; NULL: no payload is open, or another part in it
 * is. */
const struct payload *payload_open(struct binder *binder, const struct envelope **envelope);
/* Which of the two forms of the query response the open payload is, the mini service's or not: its
 * name alone does not say so. */
void payload_note_form(struct binder *binder, bool mini_service);
/* Whether the envelope around says that its response is the mini service's. */
bool payload_is_smsps(struct binder *binder);
/* Whether the manifest says that the open payload is encrypted. */
bool payload_is_encrypted(struct binder *binder);
void payload_release(struct text_payloads *payloads);

/* The parcel of a kept payload in the parcel of its document. */
struct parcel payload_parcel(const struct text_payload *payload, const struct parcel *document);

#endif
