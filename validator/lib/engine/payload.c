#include "engine/payload.h"

#include "message/parts.h"
#include "transport/layer.h"

#include <stdio.h>
#include <stdlib.h>

void payload_text_start(struct payload_text *text, struct str document)
{
	*text = (struct payload_text){ .document = document };
	buf_init(&text->joined, SIZE_MAX / 2);
}

void payload_text_release(struct payload_text *text)
{
	buf_release(&text->joined);
	*text = (struct payload_text){ 0 };
}

bool payload_text_is_blank(const struct payload_text *text)
{
	return text->slice.n == 0 && text->joined.n == 0;
}

static bool is_in_document(const struct payload_text *text, struct str piece)
{
	return piece.p >= text->document.p &&
	       piece.p + piece.n <= text->document.p + text->document.n;
}

int payload_text_add(struct payload_text *text, struct str piece, size_t offset)
{
	if (payload_text_is_blank(text)) {
		while (piece.n && char_is_space(piece.p[0])) {
			piece = str_from(piece, 1);
			offset++;
		}
		text->offset = offset;
	}
	if (piece.n == 0)
		return 0;
	bool continues = text->slice.n == 0 || text->slice.p + text->slice.n == piece.p;
	if (!text->is_joined && is_in_document(text, piece) && continues) {
		text->slice.p = text->slice.n ? text->slice.p : piece.p;
		text->slice.n += piece.n;
		return 0;
	}
	if (!text->is_joined)
		buf_str(&text->joined, text->slice);
	text->is_joined = true;
	buf_str(&text->joined, piece);
	return text->joined.failed ? -1 : 0;
}

bool payload_flag(struct str value)
{
	return str_is(str_trim(value), "true") || str_is(str_trim(value), "1");
}

const struct manifest_item *payload_item(const struct envelope *envelope,
					 const struct payload *payload)
{
	size_t kept = envelope->item_count < MOST_PAYLOADS ? envelope->item_count : MOST_PAYLOADS;
	for (size_t i = 0; i < kept; i++)
		if (value_there(&payload->id) &&
		    str_equal(envelope->items[i].id.text, payload->id.text))
			return &envelope->items[i];
	/* Ids that do not agree are ITK-005's: the order tells what is meant. */
	size_t place = envelope->payload_count - 1;
	return place < kept ? &envelope->items[place] : NULL;
}

int payload_keep(struct text_payloads *payloads, struct payload_text *text,
		 const struct manifest_item *item, size_t number, struct str id)
{
	if (payloads->count == payloads->room) {
		size_t room = payloads->room ? payloads->room * 2 : 4;
		struct text_payload *more = realloc(payloads->items, room * sizeof(*more));
		if (!more)
			return -1;
		payloads->items = more;
		payloads->room = room;
	}
	struct text_payload *payload = &payloads->items[payloads->count++];
	*payload = (struct text_payload){ .text = *text };
	*text = (struct payload_text){ 0 };
	snprintf(payload->name, sizeof(payload->name), "payload %zu", number);
	snprintf(payload->id, sizeof(payload->id), "%.*s", STR_ARG(id));
	bool compressed = item && payload_flag(item->compressed.text);
	/* Compressed data can stand in XML only as base64, whether the manifest says that too or
	 * not. */
	if (compressed || (item && payload_flag(item->base64.text)))
		payload->parcel.known[0] = &base64_layer;
	if (compressed)
		payload->parcel.known[1] = &compressed_layer;
	return 0;
}

void payload_release(struct text_payloads *payloads)
{
	for (size_t i = 0; i < payloads->count; i++)
		payload_text_release(&payloads->items[i].text);
	free(payloads->items);
	*payloads = (struct text_payloads){ 0 };
}

struct parcel payload_parcel(const struct text_payload *payload, const struct parcel *document)
{
	const struct payload_text *text = &payload->text;
	struct parcel parcel = payload->parcel;
	parcel.around = document;
	parcel.name = payload->name;
	parcel.id = payload->id;
	parcel.damaged = document->damaged;
	parcel.start = text->offset;
	parcel.bytes = text->is_joined ? buf_view(&text->joined) : text->slice;
	/* Joined text stands nowhere as it is: its start stands for all of it. */
	parcel.form = text->is_joined ? PARCEL_IN_PIECES : PARCEL_AS_SENT;
	return parcel;
}
