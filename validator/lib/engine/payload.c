#include "engine/payload.h"

#include "base/arena.h"
#include "message/catalogue.h"
#include "message/parts.h"
#include "rules/envelope.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <stdio.h>
#include <stdlib.h>

bool payload_flag(struct str value)
{
	return str_is(str_trim(value), "true") || str_is(str_trim(value), "1");
}

const struct manifest_item *payload_item(const struct envelope *envelope,
					 const struct payload *payload)
{
	for (size_t i = 0; i < envelope->item_count; i++)
		if (value_there(&payload->id) &&
		    payload_id_is(envelope->items[i].id.text, payload->id.text))
			return &envelope->items[i];
	/* Ids that do not agree are ITK-005's: the order says what is meant. */
	size_t place = envelope->payload_count - 1;
	return place < envelope->item_count ? &envelope->items[place] : NULL;
}

static struct text_payload *add(struct text_payloads *payloads)
{
	struct text_payload *more =
		list_grown(payloads->items, payloads->count, &payloads->room, sizeof(*more));
	if (!more)
		return NULL;
	payloads->items = more;
	struct text_payload *payload = &payloads->items[payloads->count++];
	*payload = (struct text_payload){ 0 };
	return payload;
}

/* Text that came in pieces is in memory that the next document takes. */
static int take_text(struct text_payload *kept, struct str text, struct str document)
{
	kept->text = text;
	if (text.p >= document.p && text.p + text.n <= document.p + document.n)
		return 0;
	kept->copy = malloc(text.n + 1);
	if (!kept->copy)
		return -1;
	memcpy(kept->copy, text.p, text.n);
	kept->copy[text.n] = '\0';
	kept->text.p = kept->copy;
	return 0;
}

/* The bytes of a document, from an offset on, that a text was made of: the parser makes all line
 * ends one. p is NULL where it was made of other things, too, such as references. */
static struct str sent_as(struct str document, size_t offset, struct str text)
{
	struct str sent = str_from(document, offset);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++, n++) {
		if (text.p[i] == '\n' && n < sent.n && sent.p[n] == '\r')
			n += n + 1 < sent.n && sent.p[n + 1] == '\n';
		else if (n == sent.n || sent.p[n] != text.p[i])
			return (struct str){ 0 };
	}
	sent.n = n;
	return sent;
}

/* What is around an encoded payload, for the rules on what it holds. NULL when out of memory. */
static const struct enclosure *kept_enclosure(const struct judge *judge, const struct part *around)
{
	struct arena *arena = &judge->draft->arena;
	struct enclosure *kept = arena_alloc(arena, sizeof(*kept));
	if (!kept)
		return NULL;
	*kept = enclosure_of(judge, around);
	kept->tracking_id = arena_str(arena, kept->tracking_id);
	kept->sender = arena_str(arena, kept->sender);
	kept->created = arena_str(arena, kept->created);
	return arena->failed ? NULL : kept;
}

struct text_payload *payload_keep(struct text_payloads *payloads, const struct envelope *envelope,
				  const struct payload *payload, const struct judge *judge)
{
	const struct manifest_item *item = payload_item(envelope, payload);
	struct text_payload *kept = add(payloads);
	struct str all = payload->text.text,
		   sent = sent_as(judge->bytes, payload->text.offset, all);
	all = sent.p ? sent : all;
	struct str text = str_trim(all);
	if (!kept || take_text(kept, text, judge->bytes) != 0)
		return NULL;
	kept->parcel.enclosure = kept_enclosure(judge, &envelope->part);
	if (!kept->parcel.enclosure)
		return NULL;
	kept->offset = payload->text.offset + (size_t)(text.p - all.p);
	snprintf(kept->name, sizeof(kept->name), "payload %zu", envelope->payload_count);
	snprintf(kept->id, sizeof(kept->id), "%.*s", STR_ARG(str_trim(payload->id.text)));
	bool compressed = item && payload_flag(item->compressed.text);
	/* Compressed data can be in XML only as base64, whether the manifest says that too or not.
	 */
	if (compressed || (item && payload_flag(item->base64.text)))
		kept->parcel.known[0] = &base64_layer;
	if (compressed)
		kept->parcel.known[1] = &compressed_layer;
	return kept;
}

enum { PEEK_BYTES = 65536, PEEK_PACKED_BYTES = 4096 };

/* How bytes are packed, by how they begin. */
static enum packing packing_of(struct str bytes)
{
	if (str_starts(bytes, STR("\x1f\x8b")))
		return PACKED_GZIP;
	return compressed_is(bytes) ? PACKED_ZLIB : PACKED_NOT;
}

/* The start of what an encoded text holds; a text that begins with a tag is not encoded. -1 when
 * out of memory. */
static int peek(struct payload *payload, char *room, struct str *start)
{
	char packed[PEEK_PACKED_BYTES];
	size_t inflated;
	*start = str_trim(payload->text.text);
	if (start->n == 0 || start->p[0] == '<')
		return 0;
	size_t n = base64_start(*start, packed, sizeof(packed));
	if (compressed_start(packed, n, room, PEEK_BYTES, &inflated) != 0)
		return -1;
	payload->packing = packing_of((struct str){ packed, n });
	*start = (struct str){ room, inflated ? inflated : base64_start(*start, room, PEEK_BYTES) };
	payload->packed_twice = inflated && packing_of(*start) != PACKED_NOT;
	return 0;
}

/* Whether text begins with a tag, after a byte order mark and white space, in UTF-8 or in what is
 * XML-003's: UTF-16 and UTF-32. */
static bool begins_with_tag(struct str start)
{
	static const struct str wide[] = { { "<\0", 2 },      { "\0<", 2 },
					   { "\0\0\0<", 4 },  { "\xff\xfe", 2 },
					   { "\xfe\xff", 2 }, { "\0\0\xfe\xff", 4 } };
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (str_starts(start, wide[i]))
			return true;
	if (start.n < 2)
		return true;
	struct str text = str_from(start, str_starts(start, STR("\xef\xbb\xbf")) ? 3 : 0);
	return str_starts(str_trim(text), STR("<"));
}

/* Whether something is called as a message or an envelope is. */
static bool is_known_root(struct str name)
{
	for (size_t i = 0; i < message_type_count; i++)
		if (str_is(name, message_types[i].root))
			return true;
	for (size_t i = 0; i < frame_type_count; i++)
		if (str_is(name, frame_types[i].root))
			return true;
	return false;
}

/* Whether all of a text is of the characters of base64: else the layer says what is wrong. */
static bool is_base64(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!letter && !char_is_digit(c) && !char_is_space(c) && c != '+' && c != '/' &&
		    c != '=')
			return false;
	}
	return true;
}

/* What the decoded start of a text is that has neither XML nor a layer around it. */
static const char *kind_of(struct str text, struct str start)
{
	const struct parcel again = { .bytes = start };
	const char *kind = kind_of_content(start);
	if (!kind && mime_layer.bid(&again) != NO_BID)
		return "a MIME message";
	if (kind || str_is_blank(start) || begins_with_tag(start) || unwrap_knows(start) ||
	    !is_base64(text))
		return kind;
	return "not XML";
}

/* How the start of a decoded text goes on, and what it holds. */
static void look_into_start(struct payload *payload, struct str start)
{
	struct str text = str_trim(payload->text.text), *name = &payload->content.text;
	bool encoded = text.n && text.p[0] != '<', tag = begins_with_tag(start);
	const struct parcel again = { .bytes = start };
	*name = catalogue_first_element(start, &payload->mini_service);
	if (!encoded)
		return;
	payload->encoded_twice = !tag && base64_layer.bid(&again) != NO_BID;
	/* A name in what is not XML may be anything, and that of a page is not of a message. */
	bool page = name->n == 4 && strncasecmp(name->p, "html", 4) == 0;
	if (name->n == 0 || page || (!tag && !is_known_root(*name)))
		*name = (struct str){ 0 };
	payload->preceded = name->p && !tag;
	if (!name->p && !payload->encoded_twice)
		payload->kind = kind_of(text, start);
}

int payload_look_into(struct payload *payload, bool encrypted, struct arena *arena)
{
	const struct payload before = *payload;
	char *room = malloc(PEEK_BYTES);
	struct str start, *name = &payload->content.text;
	*name = (struct str){ 0 };
	if (!room || peek(payload, room, &start) != 0) {
		free(room);
		return -1;
	}
	look_into_start(payload, start);
	/* What is encrypted may look like anything. */
	if (encrypted && !is_known_root(*name))
		*payload = before;
	if (name->p)
		*name = arena_str(arena, *name);
	free(room);
	return arena->failed ? -1 : 0;
}

const char payload_hidden[] = "it is in a place where no message is looked for";

const char *payload_title(const struct xml_tag *tag)
{
	const struct message_type *type = catalogue_message(tag, false);
	const struct frame_type *frame = type ? NULL : catalogue_frame(tag);
	return type ? type->title : frame ? frame->root : NULL;
}

int payload_is_hidden_message(const struct plain_message *reply, struct arena *arena)
{
	struct payload payload = { .text = reply->text };
	struct str text = reply->text.text;
	if (strcmp(reply->part.element, "SimpleMessageResponse") != 0 || str_is_blank(text))
		return 0;
	if (unwrap_holds_message(text))
		return 1;
	if (payload_look_into(&payload, false, arena) != 0)
		return -1;
	return is_known_root(payload.content.text);
}

static const struct envelope *envelope_around(const struct part *part)
{
	return (const struct envelope *)(const void *)part_ancestor(part, PART_ENVELOPE);
}

const struct payload *payload_open(struct binder *binder, const struct envelope **envelope)
{
	const struct part *part = binder_innermost(binder);
	*envelope = envelope_around(part);
	/* A manifest item is in the envelope, too, and a SOAP envelope may be in the payload. */
	if (!*envelope || part->parent != &(*envelope)->part || part->kind != PART_NONE ||
	    strcmp(part->element, "payload") != 0)
		return NULL;
	return (const struct payload *)(const void *)part;
}

void payload_note_form(struct binder *binder, bool mini_service)
{
	const struct envelope *envelope;
	const struct payload *payload = payload_open(binder, &envelope);
	if (payload)
		((struct payload *)(uintptr_t)payload)->mini_service = mini_service;
}

bool payload_is_smsps(struct binder *binder)
{
	const struct envelope *envelope = envelope_around(binder_innermost(binder));
	for (size_t i = 0; envelope && i < envelope->spec_count; i++) {
		struct str value = envelope->specs[i].value.text;
		if (value.p && memmem(value.p, value.n, ":SMSP-CP-IS", 11))
			return true;
	}
	return false;
}

bool payload_is_encrypted(struct binder *binder)
{
	const struct envelope *envelope;
	const struct payload *payload = payload_open(binder, &envelope);
	const struct manifest_item *item = payload ? payload_item(envelope, payload) : NULL;
	return item && payload_flag(item->encrypted.text);
}

void payload_release(struct text_payloads *payloads)
{
	for (size_t i = 0; i < payloads->count; i++)
		free(payloads->items[i].copy);
	free(payloads->items);
	*payloads = (struct text_payloads){ 0 };
}

struct parcel payload_parcel(const struct text_payload *payload, const struct parcel *document)
{
	struct parcel parcel = payload->parcel;
	parcel.around = document;
	parcel.name = payload->name;
	parcel.id = payload->id;
	parcel.damaged = document->damaged;
	parcel.start = payload->offset;
	parcel.bytes = payload->text;
	/* A copy is nowhere in the document as it is: all of it is placed at its start. */
	parcel.form = payload->copy ? PARCEL_IN_PIECES : PARCEL_AS_SENT;
	return parcel;
}
