/*
 * payload.h - payloads that an ITK envelope holds as text: encoded messages, judged after the
 * envelope.
 */
#ifndef CPIS_ENGINE_PAYLOAD_H
#define CPIS_ENGINE_PAYLOAD_H

#include "base/buf.h"
#include "transport/parcel.h"

struct envelope;
struct manifest_item;
struct payload;

/* The text of an open payload, as it comes. */
struct payload_text {
	struct str document;
	struct str slice; /* of the document, as long as the text stands there in one piece */
	size_t offset;
	struct buf joined; /* else a copy of it */
	bool is_joined;
};

void payload_text_start(struct payload_text *text, struct str document);
bool payload_text_is_blank(const struct payload_text *text);
/* -1 when memory is out. White space before the first character of the text is left out. */
int payload_text_add(struct payload_text *text, struct str piece, size_t offset);
void payload_text_release(struct payload_text *text);

/* A payload that is text, kept until the document was read. */
struct text_payload {
	struct payload_text text;
	struct parcel parcel; /* of it, without its place around: payload_parcel fills that in */
	char name[32], id[128];
};

struct text_payloads {
	struct text_payload *items;
	size_t count, room;
};

/* What the manifest says of a payload: NULL where it says nothing. */
const struct manifest_item *payload_item(const struct envelope *envelope,
					 const struct payload *payload);
/* An xs:boolean that is true. */
bool payload_flag(struct str value);

/* Takes the text. item may be NULL. -1 when memory is out. */
int payload_keep(struct text_payloads *payloads, struct payload_text *text,
		 const struct manifest_item *item, size_t number, struct str id);
void payload_release(struct text_payloads *payloads);

/* The parcel of a kept payload in the parcel of its document. */
struct parcel payload_parcel(const struct text_payload *payload, const struct parcel *document);

#endif
