/*
 * MIME: a multipart body (RFC 2046), or one entity with header fields of its own (RFC 2045). ebXML
 * carries its envelope in the first part and the HL7 interaction in the second.
 * The header may be in the file, in the HTTP capture around it, or missing: then the boundary is
 * known from the first line.
 */
#include "base/arena.h"
#include "transport/ebxml.h"
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* A boundary has at most 70 characters (RFC 2046, section 5.1.1); longer ones are read as well. */
enum { MOST_OF_BOUNDARY = 70, LONGEST_BOUNDARY = 200, MOST_HEAD_BYTES = 65536 };

static struct str head_of(struct str bytes)
{
	bytes.n = bytes.n < MOST_HEAD_BYTES ? bytes.n : MOST_HEAD_BYTES;
	return bytes;
}

/* "--boundary" where a body starts with it and a header field follows; without the hyphens. */
static struct str boundary_at_start(struct str bytes)
{
	size_t next, after;
	bytes = head_of(bytes);
	if (!str_starts(bytes, STR("--")))
		return (struct str){ 0 };
	struct str line = str_trim(fields_line(bytes, 0, &next));
	struct str field = fields_line(bytes, next, &after);
	if (line.n <= 2 || line.n > LONGEST_BOUNDARY || !fields_is_field(field))
		return (struct str){ 0 };
	return str_from(line, 2);
}

static bool has_mime_header(struct str bytes)
{
	size_t body, next;
	if (bytes.n == 0 || bytes.p[0] == '<' ||
	    !fields_is_field(fields_line(head_of(bytes), 0, &next)))
		return false;
	struct str head = fields_block(head_of(bytes), 0, &body);
	return fields_value(head, "Content-Type").p || fields_value(head, "MIME-Version").p;
}

static enum bid bid_for_mime(const struct parcel *parcel)
{
	if (fields_starts(parcel->content_type, "multipart/"))
		return BID_TOLD;
	if (boundary_at_start(parcel->bytes).p || has_mime_header(parcel->bytes))
		return BID_LIKELY;
	return NO_BID;
}

/* Where the first byte is that is not ASCII, or the end. */
static size_t ascii_bytes(struct str text)
{
	uint64_t word;
	size_t at = 0;
	for (; text.n - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text.p + at, sizeof(word));
		if (word & 0x8080808080808080)
			break;
	}
	while (at < text.n && (unsigned char)text.p[at] < 0x80)
		at++;
	return at;
}

/* 7bit says that all bytes of the content are ASCII. */
static void judge_seven_bits(struct unwrapping *unwrapping, const struct parcel *parcel,
			     struct str encoding, const struct parcel *part)
{
	if (!fields_is(encoding, "7bit"))
		return;
	size_t at = ascii_bytes(part->bytes);
	if (at < part->bytes.n)
		unwrap_fault(
			unwrapping, parcel, (size_t)(part->bytes.p - parcel->bytes.p) + at,
			RULE_TRN_042,
			"Content-Transfer-Encoding is 7bit, but the content has a byte that is "
			"not ASCII");
}

/* 0, or -1 when the entity was reported as unopened or at fault. */
static int decode_as(struct unwrapping *unwrapping, const struct parcel *parcel,
		     struct str encoding, struct parcel *part)
{
	static const struct {
		const char *name;
		const struct layer *layer;
	} encodings[] = {
		{ "base64", &base64_layer },
		{ "quoted-printable", &quoted_layer },
		{ "8bit", NULL },
		{ "7bit", NULL },
		{ "binary", NULL },
	};
	if (!encoding.p)
		return 0;
	judge_seven_bits(unwrapping, parcel, encoding, part);
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (fields_is(encoding, encodings[i].name)) {
			part->known[0] = encodings[i].layer;
			return 0;
		}
	char shown[LONGEST_SHOWN];
	unwrap_fault(unwrapping, parcel, (size_t)(encoding.p - parcel->bytes.p), RULE_TRN_003,
		     "Content-Transfer-Encoding is %s; expected base64, quoted-printable, 8bit, "
		     "7bit or binary",
		     fields_shown(encoding, shown));
	return -1;
}

/* S/MIME and PGP, by their types. */
static bool is_enveloped(struct str type)
{
	return fields_starts(type, "application/pkcs7-mime") ||
	       fields_starts(type, "application/x-pkcs7-mime") ||
	       fields_starts(type, "application/pgp-encrypted") ||
	       fields_starts(type, "multipart/encrypted");
}

/* An entity: header fields from head on, then its content up to end. */
struct entity {
	struct str head;
	size_t body, end;
	struct str content_type, content_id, encoding;
};

static struct entity entity_at(struct str bytes, size_t at, size_t end)
{
	struct entity entity = { .end = end };
	struct str upto = { bytes.p, end };
	entity.head = fields_block(upto, at, &entity.body);
	entity.content_type = fields_uncommented(fields_value(entity.head, "Content-Type"));
	entity.content_id = fields_uncommented(fields_value(entity.head, "Content-ID"));
	entity.encoding =
		fields_uncommented(fields_value(entity.head, "Content-Transfer-Encoding"));
	return entity;
}

static void judge_head(struct unwrapping *unwrapping, const struct parcel *parcel,
		       const struct entity *entity)
{
	unwrap_contradicted(unwrapping, parcel, entity->head, "Content-Type", RULE_TRN_031);
	unwrap_contradicted(unwrapping, parcel, entity->head, "Content-Transfer-Encoding",
			    RULE_TRN_003);
	unwrap_contradicted(unwrapping, parcel, entity->head, "Content-ID", RULE_TRN_003);
	if (unwrap_holds_message(entity->head))
		unwrap_look_beside(unwrapping, parcel, entity->head, "the head of a part");
}

static int hand_over(struct unwrapping *unwrapping, const struct parcel *parcel,
		     const struct entity *entity, size_t number, const struct ebxml *ebxml,
		     bool damaged)
{
	char name[32], id[128];
	struct parcel part = parcel_slice(parcel, entity->body, entity->end - entity->body);
	snprintf(name, sizeof(name), "part %zu", number);
	fields_plain(entity->content_id, id, sizeof(id));
	part.name = number ? name : NULL;
	part.id = id[0] ? id : NULL;
	struct carrier carrier = { 0 };
	if (part.carrier)
		carrier = *part.carrier;
	carrier.content_type = entity->content_type;
	carrier.codings = 0;
	part.carrier = &carrier;
	part.content_type = entity->content_type;
	part.ebxml = ebxml ? ebxml : part.ebxml;
	part.damaged = part.damaged || damaged;
	if (is_enveloped(entity->content_type)) {
		unwrap_unopened(unwrapping, parcel, entity->body, "%s is in S/MIME or PGP",
				number ? name : "the content");
		return 0;
	}
	if (decode_as(unwrapping, parcel, entity->encoding, &part) != 0)
		return 0;
	carrier.codings = part.known[0] != NULL;
	return unwrap_part(unwrapping, &part);
}

static bool is_delimiter(struct str bytes, size_t at, size_t length, bool *closes, size_t *next)
{
	if (at > 0 && bytes.p[at - 1] != '\n')
		return false;
	struct str rest = fields_line(bytes, at + length, next);
	*closes = str_starts(rest, STR("--"));
	return str_is_blank(*closes ? str_from(rest, 2) : rest);
}

/*
 * The next delimiter line from an offset on: where it starts, or bytes.n when there is none. *next
 * is where the line after it starts.
 */
static size_t find_delimiter(struct str bytes, struct str boundary, size_t at, bool *closes,
			     size_t *next)
{
	char mark[LONGEST_BOUNDARY + 3];
	size_t length = (size_t)snprintf(mark, sizeof(mark), "--%.*s", STR_ARG(boundary));
	while (at < bytes.n) {
		const char *found = memmem(bytes.p + at, bytes.n - at, mark, length);
		if (!found)
			break;
		at = (size_t)(found - bytes.p);
		if (is_delimiter(bytes, at, length, closes, next))
			return at;
		at += length;
	}
	*closes = false;
	*next = bytes.n;
	return bytes.n;
}

/* The line end before a delimiter belongs to the delimiter. */
static size_t before_line_end(struct str bytes, size_t start, size_t at)
{
	if (at > start && bytes.p[at - 1] == '\n')
		at--;
	if (at > start && bytes.p[at - 1] == '\r')
		at--;
	return at;
}

static struct str without_brackets(struct str id)
{
	if (id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		return (struct str){ id.p + 1, id.n - 2 };
	return id;
}

/* The part with the header of the message: of multipart/related the root part, of any other the one
 * with an ebXML header. */
struct root_part {
	size_t number; /* of the part; 0: there is none */
	size_t at;     /* where its content starts */
	struct str id; /* its Content-ID */
	enum root kind;
	bool opens;	   /* it is not XML, but of a kind that is opened */
	bool may_be_ebxml; /* the namespace of ebXML is in it */
	char element[LONGEST_EBXML_FIELD];
	struct ebxml ebxml; /* what it says; "": nothing */
};

/* How far a multipart body is read. */
struct cursor {
	size_t at;	   /* where the next delimiter is looked for */
	size_t parts;	   /* so many were read */
	bool closed, last; /* last: no delimiter comes after the part that was read */
};

/* A part with a Content-ID. */
struct named_part {
	struct str id;
	size_t number, at; /* at: where its content starts */
	size_t first; /* the number of the first part of this id, where that is another; or 0 */
};

/* A multipart body that is being read. */
struct body {
	struct str boundary;
	struct str type;      /* as its Content-Type says; absent: nothing does */
	struct str start;     /* the Content-ID of the root part; absent: it is the first */
	struct str root_type; /* the media type that the root part should have; absent: any */
	struct cursor cursor;
	bool related; /* its parts belong to a root part */
	bool start_seen;
	bool root_told; /* a finding says that the root part is not ebXML's */
	size_t carried; /* the number of the part with the interaction; 0: none yet */
	struct named_part *named;
	size_t named_count, named_room;
	bool no_memory; /* for those */
	struct root_part root;
	char plain_boundary[LONGEST_BOUNDARY], plain_start[LONGEST_EBXML_FIELD];
	char plain_type[LONGEST_SHOWN];
};

static struct entity next_part(struct str bytes, struct str boundary, struct cursor *cursor)
{
	size_t start = cursor->at;
	size_t delimiter = find_delimiter(bytes, boundary, start, &cursor->closed, &cursor->at);
	cursor->last = delimiter == bytes.n;
	cursor->parts++;
	return entity_at(bytes, start,
			 cursor->last ? delimiter : before_line_end(bytes, start, delimiter));
}

/* The Manifest against a part that is not the root. */
static void find_reference(struct unwrapping *unwrapping, const struct parcel *parcel,
			   struct body *body, const struct entity *entity)
{
	char shown[LONGEST_SHOWN];
	struct ebxml *ebxml = &body->root.ebxml;
	struct str id = without_brackets(entity->content_id);
	size_t number = body->cursor.parts, count = ebxml->reference_count;
	bool found = id.n && str_equal(id, body->root.id);
	for (size_t i = 0; i < count && count <= MOST_REFERENCES; i++)
		if (id.n && str_is(id, ebxml->references[i].id))
			found = ebxml->references[i].found = true;
	if (found || !ebxml->has_header || count > MOST_REFERENCES)
		return;
	if (id.n)
		unwrap_fault(unwrapping, parcel, entity->body, RULE_TRN_037,
			     "part %zu (%s) is not in the Manifest", number,
			     fields_shown(id, shown));
	else
		unwrap_fault(unwrapping, parcel, entity->body, RULE_TRN_037,
			     "part %zu has no Content-ID, so the Manifest cannot refer to it",
			     number);
}

/* A part of which others may speak by its Content-ID. */
static void note_id(struct body *body, const struct entity *entity)
{
	struct str id = without_brackets(entity->content_id);
	if (id.n == 0 || body->no_memory || !(body->related || body->root.ebxml.has_header))
		return;
	struct named_part *named =
		list_grown(body->named, body->named_count, &body->named_room, sizeof(*named));
	body->no_memory = !named;
	if (!named)
		return;
	named[body->named_count++] = (struct named_part){ id, body->cursor.parts, entity->body, 0 };
	body->named = named;
}

static int by_number(const void *a, const void *b)
{
	const struct named_part *one = a, *other = b;
	return (one->number > other->number) - (one->number < other->number);
}

static int by_id(const void *a, const void *b)
{
	const struct named_part *one = a, *other = b;
	int order = str_order(one->id, other->id);
	return order ? order : by_number(a, b);
}

/* A Content-ID names one part (RFC 2392): a second part of it is not found. */
static void judge_ids(struct unwrapping *unwrapping, const struct parcel *parcel, struct body *body)
{
	char shown[LONGEST_SHOWN];
	struct named_part *named = body->named;
	size_t count = body->named_count;
	if (body->no_memory)
		unwrap_unopened(unwrapping, parcel, body->root.at, "out of memory");
	if (count)
		qsort(named, count, sizeof(*named), by_id);
	for (size_t i = 1; i < count; i++)
		if (str_equal(named[i].id, named[i - 1].id))
			named[i].first =
				named[i - 1].first ? named[i - 1].first : named[i - 1].number;
	if (count)
		qsort(named, count, sizeof(*named), by_number);
	for (size_t i = 0; i < count; i++)
		if (named[i].first)
			unwrap_fault(unwrapping, parcel, named[i].at,
				     body->root.ebxml.has_header ? RULE_TRN_037 : RULE_TRN_003,
				     "part %zu has the Content-ID %s, which is that of part %zu",
				     named[i].number, fields_shown(named[i].id, shown),
				     named[i].first);
}

static void settle_references(struct unwrapping *unwrapping, const struct parcel *parcel,
			      const struct body *body)
{
	const struct ebxml *ebxml = &body->root.ebxml;
	char shown[LONGEST_SHOWN];
	if (!ebxml->has_header)
		return;
	for (size_t i = 0; i < ebxml->reference_count && i < MOST_REFERENCES; i++)
		if (!ebxml->references[i].found)
			unwrap_fault(unwrapping, parcel, body->root.at, RULE_TRN_037,
				     "the Manifest refers to cid:%s: no part has this Content-ID",
				     fields_shown(str_of(ebxml->references[i].id), shown));
}

/*
 * The bytes of a root part; *decoded is theirs where they are not in the parcel, and is freed by
 * the caller. False: out of memory. In an unknown encoding there are none, which is decode_as's.
 */
static bool root_bytes(const struct parcel *parcel, const struct entity *entity, struct str *bytes,
		       char **decoded)
{
	bool quoted = fields_is(entity->encoding, "quoted-printable");
	*bytes = (struct str){ parcel->bytes.p + entity->body, entity->end - entity->body };
	*decoded = NULL;
	if (!quoted && !fields_is(entity->encoding, "base64"))
		return true;
	*decoded = malloc(MOST_ROOT_BYTES + 1);
	if (!*decoded)
		return false;
	size_t n = quoted ? quoted_start(*bytes, *decoded, MOST_ROOT_BYTES + 1)
			  : base64_start(*bytes, *decoded, MOST_ROOT_BYTES + 1);
	*bytes = (struct str){ *decoded, n };
	return true;
}

/* Read a part that may be the root. */
static struct root_part look_at_root(struct xml_reader *reader, const struct parcel *parcel,
				     const struct entity *entity, size_t number)
{
	struct root_part root = { .number = number,
				  .at = entity->body,
				  .id = without_brackets(entity->content_id),
				  .kind = ROOT_FAILED };
	struct str bytes;
	char *decoded;
	if (!root_bytes(parcel, entity, &bytes, &decoded))
		return root;
	root.kind = ebxml_read(reader, bytes, &root.ebxml, root.element);
	root.opens = root.kind == ROOT_IS_NOT_XML && unwrap_opens(bytes);
	root.may_be_ebxml = fields_have(bytes, "ebxml-msg");
	/* What was decoded has no place of its own in the parcel. */
	if (root.ebxml.has_instruction)
		root.ebxml.instruction = decoded ? root.at : root.at + root.ebxml.instruction;
	free(decoded);
	return root;
}

/* What is not known to be related has a root part where that is ebXML's, or may be. */
static bool is_ebxml(const struct root_part *root)
{
	bool unread = root->kind == ROOT_UNREADABLE && root->may_be_ebxml;
	return root->ebxml.has_header || unread || root->kind == ROOT_FAILED;
}

/* Before any part is handed over: the root part may come after the others. */
static void find_root(struct unwrapping *unwrapping, const struct parcel *parcel, struct body *body)
{
	struct cursor cursor = body->cursor;
	/* Parts beyond the limit are not handed over either. */
	while (!cursor.closed && cursor.parts < unwrapping->limits.max_parts) {
		struct entity entity = next_part(parcel->bytes, body->boundary, &cursor);
		bool starts = str_equal(without_brackets(entity.content_id), body->start);
		if (cursor.last)
			return;
		if (body->related && body->start.p && !starts)
			continue;
		body->root = look_at_root(unwrapping->reader, parcel, &entity, cursor.parts);
		if (body->related || is_ebxml(&body->root))
			return;
		body->root = (struct root_part){ 0 };
	}
}

/* The type parameter of multipart/related says what its root part is (RFC 2387, section 3.1). */
static void judge_root_type(struct unwrapping *unwrapping, const struct parcel *parcel,
			    const struct body *body, struct str content_type)
{
	char wanted[LONGEST_SHOWN], shown[LONGEST_SHOWN];
	struct str type = fields_media_type(content_type);
	struct str said = fields_media_type(body->root_type);
	if (type.n == 0 || said.n == 0 || str_same_letters(type, said))
		return;
	unwrap_fault(unwrapping, parcel, body->root.at, RULE_TRN_003,
		     "part %zu is the root of multipart/related, which says that it is %s, but the "
		     "part is %s",
		     body->root.number, fields_shown(said, wanted), fields_shown(type, shown));
}

/* The root part of ebXML is text/xml, and its multipart/related says so (ebXML Message Service 2.0,
 * section 2.1.2). That the two differ is found for every root part. */
static void judge_ebxml_type(struct unwrapping *unwrapping, const struct parcel *parcel,
			     const struct body *body, struct str content_type)
{
	char shown[LONGEST_SHOWN];
	struct str type = fields_media_type(content_type);
	struct str said = fields_media_type(body->root_type);
	if (body->related && said.n == 0)
		unwrap_fault(unwrapping, parcel, body->root.at, RULE_TRN_003,
			     "Content-Type %s of an ebXML message has no type; expected "
			     "type=\"text/xml\"",
			     fields_shown(fields_media_type(body->type), shown));
	if (type.n && !fields_is(type, "text/xml") && (said.n == 0 || str_same_letters(type, said)))
		unwrap_fault(unwrapping, parcel, body->root.at, RULE_TRN_031,
			     "part %zu is an ebXML envelope, but is sent as Content-Type %s; "
			     "expected text/xml",
			     body->root.number, fields_shown(type, shown));
}

static void judge_ebxml(struct unwrapping *unwrapping, const struct parcel *parcel,
			const struct body *body, struct str type)
{
	const struct root_part *root = &body->root;
	char shown[LONGEST_SHOWN];
	if (!root->ebxml.has_header)
		return;
	if (!body->related && body->type.n)
		unwrap_fault(unwrapping, parcel, root->at, RULE_TRN_003,
			     "part %zu is an ebXML envelope, but Content-Type is %s; expected "
			     "multipart/related",
			     root->number, fields_shown(fields_media_type(body->type), shown));
	judge_ebxml_type(unwrapping, parcel, body, type);
	ebxml_judge(unwrapping, parcel, root->at, &root->ebxml);
}

static void judge_root(struct unwrapping *unwrapping, const struct parcel *parcel,
		       const struct body *body, struct str type)
{
	const struct root_part *root = &body->root;
	char shown[LONGEST_SHOWN];
	judge_root_type(unwrapping, parcel, body, type);
	if (is_enveloped(type))
		return;
	switch (root->kind) {
	case ROOT_IS_OTHER:
		unwrap_fault(unwrapping, parcel, root->at, RULE_TRN_003,
			     "part %zu is the root of multipart/related: its root element is %s; "
			     "expected a SOAP envelope",
			     root->number, fields_shown(str_of(root->element), shown));
		break;
	case ROOT_IS_NOT_XML:
		/* What is called XML is read as XML, and refused, but for what is opened. */
		if (!type.p || !memmem(type.p, type.n, "xml", 3) || root->opens)
			unwrap_fault(unwrapping, parcel, root->at, RULE_TRN_003,
				     "part %zu is the root of multipart/related, but is not XML; "
				     "expected a SOAP envelope",
				     root->number);
		break;
	case ROOT_IS_ENVELOPE:
		judge_ebxml(unwrapping, parcel, body, type);
		break;
	case ROOT_UNREADABLE:
	case ROOT_FAILED:
		unwrap_unopened(unwrapping, parcel, root->at,
				"the header in part %zu, the root of the message, cannot be read",
				root->number);
		break;
	case ROOT_BROKEN:
		break;
	}
}

/* A part beside the root is a message: then the root should be the ebXML envelope of it. Only what
 * is not XML can be attached to a SOAP or ITK message. */
static void judge_carried(struct unwrapping *unwrapping, const struct parcel *parcel,
			  struct body *body)
{
	const struct root_part *root = &body->root;
	if (body->root_told || !body->related || root->kind != ROOT_IS_ENVELOPE ||
	    root->ebxml.has_header)
		return;
	body->root_told = true;
	unwrap_fault(unwrapping, parcel, root->at, RULE_TRN_003,
		     "part %zu is the root of multipart/related, but it has no MessageHeader of "
		     "ebXML 2.0, and part %zu is XML",
		     root->number, body->cursor.parts);
}

/* A part of an ebXML message is an interaction, of which there is one; attachments may be XML. */
static void judge_interaction(struct unwrapping *unwrapping, const struct parcel *parcel,
			      struct body *body, size_t at)
{
	size_t first = body->carried;
	if (!body->root.ebxml.has_header)
		return;
	body->carried = first ? first : body->cursor.parts;
	if (first)
		unwrap_fault(
			unwrapping, parcel, at, RULE_TRN_037,
			"part %zu is an interaction, and so is part %zu: an ebXML message has one",
			body->cursor.parts, first);
}

static int open_part(struct unwrapping *unwrapping, const struct parcel *parcel, struct body *body)
{
	struct cursor *cursor = &body->cursor;
	const struct ebxml *said = &body->root.ebxml;
	size_t start = cursor->at;
	const struct unwrapping before = *unwrapping;
	struct entity entity = next_part(parcel->bytes, body->boundary, cursor);
	bool root = cursor->parts == body->root.number;
	judge_head(unwrapping, parcel, &entity);
	note_id(body, &entity);
	body->start_seen |= str_equal(without_brackets(entity.content_id), body->start);
	if (root)
		judge_root(unwrapping, parcel, body, entity.content_type);
	else
		find_reference(unwrapping, parcel, body, &entity);
	/* Without a type in it, too, a receiver takes the part for plain text. */
	if (fields_media_type(entity.content_type).n == 0)
		unwrap_fault(unwrapping, parcel, start, RULE_TRN_003,
			     entity.content_type.p ? "Content-Type of part %zu names no type"
						   : "part %zu has no Content-Type",
			     cursor->parts);
	int status = hand_over(unwrapping, parcel, &entity, cursor->parts,
			       *said->action || *said->service ? said : NULL, cursor->last);
	bool carried = body->root.number && !root;
	if (carried && unwrapping->documents > before.documents)
		judge_carried(unwrapping, parcel, body);
	if (carried && unwrapping->interactions > before.interactions)
		judge_interaction(unwrapping, parcel, body, entity.body);
	if (cursor->last)
		unwrap_fault(unwrapping, parcel, parcel->bytes.n, RULE_TRN_003,
			     "the closing delimiter, -- and the boundary and --, is missing after "
			     "part %zu",
			     cursor->parts);
	return cursor->last ? -1 : status;
}

static void open_multipart(struct unwrapping *unwrapping, const struct parcel *parcel,
			   struct body *body)
{
	struct cursor *cursor = &body->cursor;
	size_t begin = cursor->at, next;
	size_t first = find_delimiter(parcel->bytes, body->boundary, begin, &cursor->closed, &next);
	if (first == parcel->bytes.n || cursor->closed) {
		unwrap_fault(unwrapping, parcel, begin, RULE_TRN_003,
			     "no part starts with -- and the boundary");
		return;
	}
	unwrap_look_beside(unwrapping, parcel,
			   (struct str){ parcel->bytes.p + begin, first - begin },
			   "the text before the first part");
	cursor->at = next;
	find_root(unwrapping, parcel, body);
	while (!cursor->closed)
		if (open_part(unwrapping, parcel, body) != 0)
			return;
	unwrap_look_beside(unwrapping, parcel, str_from(parcel->bytes, cursor->at),
			   "the text after the last part");
	char shown[LONGEST_SHOWN];
	settle_references(unwrapping, parcel, body);
	judge_ids(unwrapping, parcel, body);
	if (body->start.p && !body->start_seen)
		unwrap_fault(unwrapping, parcel, begin, RULE_TRN_003,
			     "the start parameter names %s: no part has this Content-ID",
			     fields_shown(body->start, shown));
}

/* Over HTTP, Content-Type is all that gives a receiver the boundary. What a mailbox says of a body
 * is not its sender's, and to MESH the body is a file of any kind. */
static void judge_carrier(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	const struct carrier *carrier = parcel->carrier;
	char shown[LONGEST_SHOWN];
	if (!carrier || carrier->fetched || carrier->by_mesh ||
	    (carrier->method.n == 0 && carrier->status == 0))
		return;
	struct str said = fields_media_type(carrier->content_type);
	if (said.n == 0 || fields_starts(said, "multipart/") || fields_starts(said, "message/"))
		return;
	unwrap_fault(unwrapping, parcel, 0, RULE_TRN_031,
		     "the body is a MIME message, but its header says that it is %s",
		     fields_shown(said, shown));
}

/* What Content-Type says beside the type of the body. */
static void read_parameters(struct body *body)
{
	struct str type = body->type, start = fields_parameter(type, "start");
	body->boundary = fields_meant(fields_parameter(type, "boundary"), body->plain_boundary,
				      sizeof(body->plain_boundary));
	body->related = fields_starts(type, "multipart/related");
	body->root_type = fields_meant(fields_parameter(type, "type"), body->plain_type,
				       sizeof(body->plain_type));
	start = fields_meant(start, body->plain_start, sizeof(body->plain_start));
	body->start = start.n ? without_brackets(start) : (struct str){ 0 };
}

/* False: the parts are not found by it. */
static bool judge_boundary(struct unwrapping *unwrapping, const struct parcel *parcel,
			   const struct body *body, size_t at)
{
	char shown[LONGEST_SHOWN];
	if (body->boundary.n == 0)
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_003,
			     "Content-Type %s has no boundary",
			     fields_shown(fields_media_type(body->type), shown));
	else if (body->boundary.n > MOST_OF_BOUNDARY)
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_003,
			     "the boundary has %zu characters; the most is %d", body->boundary.n,
			     MOST_OF_BOUNDARY);
	return body->boundary.n > 0 && body->boundary.n <= LONGEST_BOUNDARY;
}

static void open_mime(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct str type = parcel->content_type;
	struct entity entity = { .end = parcel->bytes.n };
	struct body body = { 0 };
	if (!fields_starts(type, "multipart/")) {
		judge_carrier(unwrapping, parcel);
		body.boundary = boundary_at_start(parcel->bytes);
		if (!body.boundary.p)
			entity = entity_at(parcel->bytes, 0, parcel->bytes.n);
		judge_head(unwrapping, parcel, &entity);
		type = entity.content_type;
	}
	if (!body.boundary.p && !fields_starts(type, "multipart/")) {
		hand_over(unwrapping, parcel, &entity, 0, NULL, false);
		return;
	}
	body.cursor.at = entity.body;
	if (!body.boundary.p) {
		body.type = type;
		read_parameters(&body);
	}
	if (!judge_boundary(unwrapping, parcel, &body, entity.body))
		return;
	if (is_enveloped(type))
		unwrap_unopened(unwrapping, parcel, entity.body, "the content is encrypted");
	else
		open_multipart(unwrapping, parcel, &body);
	free(body.named);
}

const struct layer mime_layer = {
	.name = "mime",
	.sign = "a MIME header or a boundary line",
	.rules = { RULE_TRN_003, RULE_TRN_036, RULE_TRN_037, RULE_TRN_042 },
	.bid = bid_for_mime,
	.open = open_mime,
};
