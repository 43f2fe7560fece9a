/*
 * A captured HTTP exchange: requests and responses, one after the other, as RFC 9112 frames them.
 * Lines may end in LF alone, as captures saved by editors do.
 */
#include "base/arena.h"
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/mesh.h"
#include "transport/unwrap.h"

#include <stdlib.h>

enum { LONGEST_START_LINE = 8192, MOST_CHUNKS = 1024 * 1024, MOST_SIZE_DIGITS = 15 };
enum { PARTIAL_CONTENT = 206 };

/* A body in chunks (RFC 9112, section 7.1) put together, and where its pieces were. */
struct chunked {
	struct buf body;
	struct piece *pieces;
	size_t piece_count, piece_room;
	const char *fault;  /* why it is not complete; NULL: it is. Static */
	bool limit;	    /* the fault is a limit of ours, or memory */
	struct str trailer; /* fields after the last chunk */
};

static void chunked_init(struct chunked *chunked, size_t max_bytes)
{
	*chunked = (struct chunked){ 0 };
	buf_init(&chunked->body, max_bytes);
}

static void chunked_release(struct chunked *chunked)
{
	buf_release(&chunked->body);
	free(chunked->pieces);
}

static int digit_of(char c)
{
	if (char_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "1a2b", and extensions, which are ignored. */
static bool read_size(struct str line, size_t *size)
{
	size_t n = 0, zeros;
	*size = 0;
	while (n < line.n && line.p[n] == '0')
		n++;
	for (zeros = n; n < line.n && digit_of(line.p[n]) >= 0; n++) {
		if (n - zeros == MOST_SIZE_DIGITS)
			return false;
		*size = *size * 16 + (size_t)digit_of(line.p[n]);
	}
	struct str rest = str_trim(str_from(line, n));
	return n > 0 && (rest.n == 0 || rest.p[0] == ';');
}

static int stop(struct chunked *chunked, const char *fault, bool limit)
{
	chunked->fault = fault;
	chunked->limit = limit;
	return -1;
}

static int add_chunk(struct chunked *chunked, struct str chunk, size_t outer)
{
	struct piece *more = list_grown(chunked->pieces, chunked->piece_count, &chunked->piece_room,
					sizeof(*more));
	if (!more)
		return stop(chunked, "out of memory", true);
	chunked->pieces = more;
	if (chunked->piece_count == MOST_CHUNKS)
		return stop(chunked, "the body has more than 1048576 chunks", true);
	chunked->pieces[chunked->piece_count++] = (struct piece){ chunked->body.n, outer };
	buf_str(&chunked->body, chunk);
	return chunked->body.failed
		       ? stop(chunked, "the body is larger than the limit (--max-decoded)", true)
		       : 0;
}

/* Gather the chunks that start at an offset; returns where they end, or where the fault is. */
static size_t chunked_gather(struct chunked *chunked, struct str bytes, size_t at)
{
	for (;;) {
		size_t size, start, next, after;
		if (at >= bytes.n) {
			stop(chunked, "the body is cut short before its last chunk", false);
			return bytes.n;
		}
		if (!read_size(fields_line(bytes, at, &start), &size)) {
			stop(chunked, "expected the size of a chunk here", false);
			return at;
		}
		if (size == 0) {
			chunked->trailer = fields_block(bytes, start, &after);
			return after;
		}
		struct str chunk = str_from(bytes, start);
		bool whole = size <= chunk.n;
		chunk.n = whole ? size : chunk.n;
		if (add_chunk(chunked, chunk, start) != 0)
			return at;
		if (!whole) {
			stop(chunked,
			     "a chunk is shorter than its size says: the body is cut short", false);
			return at;
		}
		/* Where lines end in LF alone, a CR before it is the chunk's: its size is one too
		 * large. */
		struct str line = fields_line(bytes, start + size, &next);
		bool split = next == start + size + 1 && bytes.p[start + size - 1] == '\r';
		if (line.n || split) {
			stop(chunked, "a chunk is longer than its size says", false);
			return at;
		}
		at = next;
	}
}

/* One request or response; offsets are in the capture. */
struct exchange {
	struct str start_line, head;
	size_t body, end; /* of the body; end: of the bytes that belong to it, or may */
	bool bodiless, damaged;
	bool opens_tunnel; /* it answers a CONNECT: whatever its fields say, it has no body */
	bool after_get;	   /* the request before it is a GET, or a HEAD */
	bool after_head;   /* it answers a HEAD: it has the length of what a GET would get */
	struct chunked chunked;
	bool is_chunked;
	struct mesh_call call;	  /* by its path, or by that of the request that it answers */
	struct mesh_control mesh; /* what the Mex- fields of its head say */
};

static bool is_request_line(struct str line)
{
	static const char *const methods[] = { "POST ", "PUT ",	    "GET ",	"PATCH ", "DELETE ",
					       "HEAD ", "OPTIONS ", "CONNECT ", "TRACE " };
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_starts(line, str_of(methods[i])))
			return memmem(line.p, line.n, " HTTP/", 6) != NULL;
	return false;
}

static bool is_status_line(struct str line)
{
	return line.n >= 10 && str_starts(line, STR("HTTP/")) && char_is_digit(line.p[5]) &&
	       memchr(line.p, ' ', line.n);
}

static bool starts_exchange(struct str bytes)
{
	size_t next;
	if (bytes.n == 0 || bytes.p[0] < 'A' || bytes.p[0] > 'Z')
		return false;
	bytes.n = bytes.n < LONGEST_START_LINE ? bytes.n : LONGEST_START_LINE;
	struct str line = fields_line(bytes, 0, &next);
	return is_request_line(line) || is_status_line(line);
}

/* Of a status line: three digits after blanks, of the classes 1 to 5 (RFC 9112, section 4; RFC
 * 9110, section 15); NO_STATUS: it has none. */
static unsigned status_of(struct str line)
{
	const char *space = memchr(line.p, ' ', line.n);
	struct str word = str_trim(str_from(line, (size_t)(space - line.p)));
	unsigned status = 0;
	if (word.n < 3 || (word.n > 3 && !char_is_space(word.p[3])))
		return NO_STATUS;
	for (size_t i = 0; i < 3; i++) {
		if (!char_is_digit(word.p[i]))
			return NO_STATUS;
		status = status * 10 + (unsigned)(word.p[i] - '0');
	}
	return status >= 100 && status <= 599 ? status : NO_STATUS;
}

/* RFC 9110: 1xx, 204, 205 and 304 have no body; nor do GET, HEAD, CONNECT and TRACE requests. */
static bool has_no_body(struct str line)
{
	if (!str_starts(line, STR("HTTP/")))
		return str_starts(line, STR("GET ")) || str_starts(line, STR("HEAD ")) ||
		       str_starts(line, STR("CONNECT ")) || str_starts(line, STR("TRACE "));
	unsigned status = status_of(line);
	return status / 100 == 1 || status == 204 || status == 205 || status == 304;
}

static size_t offset_of(const struct parcel *parcel, struct str slice)
{
	return (size_t)(slice.p - parcel->bytes.p);
}

/* Empty lines before a start line are passed over (RFC 9112, section 2.2): a client may send one,
 * and logs put them between a body and the next start line. */
static struct str without_empty_line(struct str bytes)
{
	size_t next = 0;
	for (;;) {
		struct str rest = str_from(bytes, next);
		size_t n = str_starts(rest, STR("\r\n")) ? 2 : str_starts(rest, STR("\n"));
		if (n == 0)
			return starts_exchange(rest) ? rest : bytes;
		next += n;
	}
}

static enum bid bid_for_http(const struct parcel *parcel)
{
	return starts_exchange(without_empty_line(parcel->bytes)) ? BID_SURE : NO_BID;
}

/* A longer one is of no body: its digits may be a number of a person. */
#define MOST_LENGTH ((size_t)10 * 1000 * 1000 * 1000 - 1)

static bool read_length(struct str text, size_t *length)
{
	*length = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (!char_is_digit(text.p[i]) || *length > (SIZE_MAX - 9) / 10)
			return false;
		*length = *length * 10 + (size_t)(text.p[i] - '0');
	}
	return text.n > 0;
}

/* Where the next request or response starts after an offset, at the start of a line, and not in a
 * document, which may quote one; bytes.n: none does. */
static size_t next_start(struct str bytes, size_t from, size_t *in_vain)
{
	const char *found;
	for (size_t at = from;
	     at < bytes.n && (found = memmem(bytes.p + at, bytes.n - at, "HTTP/", 5));) {
		size_t start = (size_t)(found - bytes.p);
		at = start + 5;
		while (start > from && bytes.p[start - 1] != '\n')
			start--;
		if (start == from || !starts_exchange(str_from(bytes, start)))
			continue;
		size_t around = unwrap_end_around(bytes, from, start, in_vain);
		if (!around)
			return start;
		at = from = around;
	}
	return bytes.n;
}

/* Where a body ends whose length is not known: before the next message and the empty line there. A
 * request that says no length has no body (RFC 9112, section 6.3). */
static size_t end_by_next(struct unwrapping *unwrapping, struct str bytes, size_t body)
{
	if (starts_exchange(without_empty_line(str_from(bytes, body))))
		return body;
	size_t next = next_start(bytes, body, &unwrapping->in_vain), end = next;
	while (next < bytes.n && end > body && char_is_space(bytes.p[end - 1]))
		end--;
	return end;
}

/*
 * A capture without the CRs of the header fields has lost those of the body too. Then as many bytes
 * are missing as there are lines. Where the empty lines after the body begin is not known.
 */
static bool has_lost_returns(struct unwrapping *unwrapping, struct str bytes,
			     const struct exchange *exchange, size_t length, size_t *end)
{
	struct str body = str_from(bytes, exchange->body);
	size_t until = next_start(bytes, exchange->body, &unwrapping->in_vain) - exchange->body,
	       lines = 0;
	if (exchange->head.n == 0 || memchr(exchange->head.p, '\r', exchange->head.n))
		return false;
	for (size_t n = 0; n <= until && n + lines <= length; n++) {
		if (n + lines == length && str_is_blank((struct str){ body.p + n, until - n })) {
			*end = exchange->body + n;
			return lines > 0;
		}
		lines += n < until && body.p[n] == '\n';
	}
	return false;
}

/* The length that is said is not that of the body. */
static void settle_length(struct unwrapping *unwrapping, const struct parcel *parcel,
			  struct exchange *exchange, size_t at, size_t length)
{
	size_t end = 0;
	if (has_lost_returns(unwrapping, parcel->bytes, exchange, length, &end)) {
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_030,
			     "Content-Length is %zu, and the body has %zu bytes: the capture has "
			     "lost the %zu CRs at the ends of its lines",
			     length, end - exchange->body, length - (end - exchange->body));
		exchange->end = end;
		return;
	}
	exchange->damaged = true;
	exchange->end = end_by_next(unwrapping, parcel->bytes, exchange->body);
	unwrap_fault(unwrapping, parcel, at, RULE_TRN_006,
		     length > exchange->end - exchange->body
			     ? "Content-Length is %zu, but the body has only %zu bytes"
			     : "Content-Length is %zu, but the body has %zu bytes",
		     length, exchange->end - exchange->body);
}

/* A body whose length is in a header field. */
static void measure(struct unwrapping *unwrapping, const struct parcel *parcel,
		    struct exchange *exchange)
{
	struct str said = fields_value(exchange->head, "Content-Length");
	size_t there = parcel->bytes.n - exchange->body, length;
	if (!said.p) {
		exchange->end = end_by_next(unwrapping, parcel->bytes, exchange->body);
		return;
	}
	size_t at = offset_of(parcel, said);
	if (!read_length(said, &length) || (length > there && length > MOST_LENGTH)) {
		exchange->end = end_by_next(unwrapping, parcel->bytes, exchange->body);
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_006,
			     str_is_digits(said)
				     ? "Content-Length is too large: the body has only %zu bytes"
				     : "Content-Length is not one whole number: the body has %zu "
				       "bytes",
			     exchange->end - exchange->body);
		exchange->damaged = true;
		return;
	}
	if (fields_count(exchange->head, "Content-Length") > 1) {
		exchange->end = end_by_next(unwrapping, parcel->bytes, exchange->body);
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_006,
			     "Content-Length is given more than once");
		exchange->damaged = true;
		return;
	}
	struct str rest = { parcel->bytes.p, 0 };
	if (length <= there)
		rest = without_empty_line(str_from(parcel->bytes, exchange->body + length));
	if (length > there || (!str_is_blank(rest) && !starts_exchange(rest)))
		settle_length(unwrapping, parcel, exchange, at, length);
	else
		exchange->end = exchange->body + length;
}

/* What Transfer-Encoding says, but for "identity": the codings of all its fields are one list. */
struct transfer {
	struct str last;  /* the outermost coding; absent: there is none */
	struct str again; /* the second "chunked" */
	size_t chunked;	  /* how often that is there */
};

static struct transfer transfer_of(struct str head)
{
	struct transfer transfer = { 0 };
	struct str codings, coding;
	for (size_t next = 0; (codings = fields_next(head, "Transfer-Encoding", &next)).p;)
		for (size_t at = 0; (coding = fields_list_next(codings, &at)).p;) {
			if (fields_is(coding, "identity"))
				continue;
			transfer.last = coding;
			if (fields_is(coding, "chunked") && ++transfer.chunked == 2)
				transfer.again = coding;
		}
	return transfer;
}

static bool says_chunked(struct str head)
{
	return fields_is(transfer_of(head).last, "chunked");
}

/* A body is in chunks once, and that of a request ends where its last chunk does, if it has any
 * coding (RFC 9112, sections 6.1 and 6.3). */
static void judge_transfer(struct unwrapping *unwrapping, const struct parcel *parcel,
			   const struct exchange *exchange)
{
	char shown[LONGEST_SHOWN];
	struct transfer transfer = transfer_of(exchange->head);
	struct str last = transfer.last;
	if (transfer.again.p)
		unwrap_fault(unwrapping, parcel, offset_of(parcel, transfer.again), RULE_TRN_006,
			     "Transfer-Encoding says chunked %zu times; a body is in chunks once",
			     transfer.chunked);
	if (last.p && !fields_is(last, "chunked") && !is_status_line(exchange->start_line))
		unwrap_fault(unwrapping, parcel, offset_of(parcel, last), RULE_TRN_006,
			     "Transfer-Encoding of a request ends with %s; expected chunked: where "
			     "its body ends is not known",
			     fields_shown(last, shown));
}

static void look_at_fields(struct unwrapping *unwrapping, const struct parcel *parcel,
			   struct str fields, const char *where)
{
	if (fields.n && unwrap_holds_message(fields))
		unwrap_look_beside(unwrapping, parcel, fields, where);
}

/* A chunked body; one that the capture holds without its chunks is taken as it is. */
static void gather(struct unwrapping *unwrapping, const struct parcel *parcel,
		   struct exchange *exchange)
{
	struct str length = fields_value(exchange->head, "Content-Length");
	if (length.p)
		unwrap_fault(unwrapping, parcel, offset_of(parcel, length), RULE_TRN_006,
			     "Content-Length is sent together with Transfer-Encoding: chunked");
	exchange->is_chunked = true;
	exchange->end = chunked_gather(&exchange->chunked, parcel->bytes, exchange->body);
	look_at_fields(unwrapping, parcel, exchange->chunked.trailer, "an HTTP trailer");
	if (!exchange->chunked.fault)
		return;
	exchange->damaged = true;
	size_t at = exchange->end;
	if (exchange->chunked.limit)
		unwrap_unopened(unwrapping, parcel, at, "%s", exchange->chunked.fault);
	else
		unwrap_fault(unwrapping, parcel, at, RULE_TRN_006, "%s", exchange->chunked.fault);
	/* It is not known where a broken body ends, but where the next message starts. */
	exchange->end = end_by_next(unwrapping, parcel->bytes, at);
	exchange->is_chunked = exchange->chunked.piece_count > 0;
}

/* One more coding around those that are known. -1: it is not opened, and was reported. */
static int know_coding(struct unwrapping *unwrapping, const struct parcel *parcel,
		       struct str coding, const struct layer **known)
{
	const struct layer *layer = NULL;
	size_t count = 0;
	if (fields_is(coding, "identity") || fields_is(coding, "chunked"))
		return 0;
	if (fields_is(coding, "gzip") || fields_is(coding, "x-gzip"))
		layer = &gzip_layer;
	else if (fields_is(coding, "deflate"))
		layer = &deflate_layer;
	while (known[count])
		count++;
	if (!layer || count == MOST_KNOWN_LAYERS) {
		char shown[LONGEST_SHOWN];
		unwrap_unopened(unwrapping, parcel, offset_of(parcel, coding),
				"the body is encoded as %s, which is not opened",
				fields_shown(coding, shown));
		return -1;
	}
	for (size_t i = count; i > 0; i--)
		known[i] = known[i - 1];
	known[0] = layer;
	return 0;
}

/* The codings of all fields of a name are one list: the outermost is named last. -1: one is not
 * opened, and was reported. */
static int know_codings(struct unwrapping *unwrapping, const struct parcel *parcel, struct str head,
			const char *name, const struct layer **known)
{
	struct str list, coding;
	for (size_t next = 0; (list = fields_next(head, name, &next)).p;)
		for (size_t at = 0; (coding = fields_list_next(list, &at)).p;)
			if (know_coding(unwrapping, parcel, coding, known) != 0)
				return -1;
	return 0;
}

static struct str without_quotes(struct str said)
{
	if (said.n >= 2 && said.p[0] == '"' && said.p[said.n - 1] == '"')
		said = (struct str){ said.p + 1, said.n - 2 };
	return str_trim(said);
}

static struct carrier carrier_of(const struct exchange *exchange)
{
	struct str line = exchange->start_line;
	struct carrier carrier = { .content_type = fields_value(exchange->head, "Content-Type") };
	carrier.has_fields = exchange->head.n > 0;
	carrier.by_mesh = exchange->call.sends || fields_begin(exchange->head, "Mex-");
	carrier.soap_action_count = fields_count(exchange->head, "SOAPAction");
	carrier.soap_action = without_quotes(fields_value(exchange->head, "SOAPAction"));
	if (fields_is(fields_media_type(carrier.content_type), "application/soap+xml"))
		carrier.action = str_trim(fields_parameter(carrier.content_type, "action"));
	if (is_status_line(line)) {
		carrier.status = status_of(line);
		carrier.fetched = exchange->after_get || carrier.by_mesh;
		return carrier;
	}
	const char *space = memchr(line.p, ' ', line.n);
	carrier.method = (struct str){ line.p, (size_t)(space - line.p) };
	return carrier;
}

/* What was asked in a capture and is not answered yet. */
struct conversation {
	bool get;	       /* the last request is a GET, or a HEAD */
	bool connect;	       /* it is a CONNECT */
	bool tunnel;	       /* one was answered: what follows is as the other end sent it */
	struct mesh_call call; /* of that */
	size_t requests, heads;
};

/* Bytes after a head that says that there is no body: a receiver does not read them. */
static void judge_no_body(struct unwrapping *unwrapping, const struct parcel *parcel,
			  const struct exchange *exchange, size_t n)
{
	if (exchange->after_head)
		unwrap_fault(unwrapping, parcel, exchange->body, RULE_TRN_006,
			     "it answers a HEAD request, which gets no body, but a body of %zu "
			     "bytes follows",
			     n);
	else if (exchange->bodiless && is_status_line(exchange->start_line))
		unwrap_fault(unwrapping, parcel, exchange->body, RULE_TRN_006,
			     "the HTTP status is %u, which has no body, but a body of %zu bytes "
			     "follows",
			     status_of(exchange->start_line), n);
}

/* The body is a part of the whole: a chunk of a message of MESH, or what a client asked for. */
static bool is_partial(const struct exchange *exchange)
{
	return exchange->mesh.chunks > 1 || (is_status_line(exchange->start_line) &&
					     status_of(exchange->start_line) == PARTIAL_CONTENT);
}

/* What the head says of the body. False: there is no message in it, or not the whole one. */
static bool judge_mesh(struct unwrapping *unwrapping, const struct parcel *parcel,
		       const struct exchange *exchange, struct str data)
{
	const struct mesh_control *mesh = &exchange->mesh;
	bool partial = is_partial(exchange), encrypted = data.n && mesh_is_encrypted(mesh, data);
	if (data.n)
		mesh_judge_data(unwrapping, parcel, exchange->body, data, mesh);
	if (encrypted)
		unwrap_unopened(unwrapping, parcel, exchange->body,
				"its HTTP header says that it is encrypted");
	else if (data.n && mesh->chunk && mesh->chunks > 1)
		unwrap_unopened(unwrapping, parcel, exchange->body,
				"it is chunk " MESH_COUNT " of " MESH_COUNT " of a message",
				mesh->chunk, mesh->chunks);
	else if (data.n && partial)
		unwrap_unopened(unwrapping, parcel, exchange->body,
				"its HTTP head says that it is one of several chunks, or a part");
	else if (!data.n && mesh->report && !mesh->failed && unwrapping->sink->left_out)
		unwrapping->sink->left_out(unwrapping->sink->context, parcel, NULL,
					   "it reports on a transfer: it has no data");
	return !encrypted && !partial && !(!data.n && mesh->report);
}

static void hand_over_body(struct unwrapping *unwrapping, const struct parcel *parcel,
			   const struct exchange *exchange)
{
	struct parcel body = parcel_slice(parcel, exchange->body, exchange->end - exchange->body);
	if (exchange->is_chunked) {
		body.form = PARCEL_IN_PIECES;
		body.bytes = buf_view(&exchange->chunked.body);
		body.pieces = exchange->chunked.pieces;
		body.piece_count = exchange->chunked.piece_count;
	}
	if (body.bytes.n == 0 && exchange->bodiless)
		return;
	judge_no_body(unwrapping, parcel, exchange, body.bytes.n);
	if (!judge_mesh(unwrapping, parcel, exchange, body.bytes))
		return;
	body.damaged = exchange->damaged;
	struct carrier carrier = carrier_of(exchange);
	body.content_type = carrier.content_type;
	body.carrier = &carrier;
	if (know_codings(unwrapping, parcel, exchange->head, "Content-Encoding", body.known) != 0 ||
	    know_codings(unwrapping, parcel, exchange->head, "Transfer-Encoding", body.known) != 0)
		return;
	while (body.known[carrier.codings])
		carrier.codings++;
	carrier.codings += exchange->mesh.compressed == 'Y';
	unwrap_part(unwrapping, &body);
}

/* Nothing more follows, or the next request or response does. */
static bool nothing_follows(struct str bytes, size_t at)
{
	struct str rest = without_empty_line(str_from(bytes, at));
	return str_is_blank(rest) || starts_exchange(rest);
}

/* A response without a body may still have the length of what another request would get. */
static bool ends_with_its_head(struct str bytes, const struct exchange *exchange)
{
	if (!exchange->bodiless || exchange->opens_tunnel)
		return exchange->opens_tunnel;
	bool length = fields_value(exchange->head, "Content-Length").p;
	if (is_status_line(exchange->start_line))
		return nothing_follows(bytes, exchange->body) ||
		       (!length && !says_chunked(exchange->head));
	return !length && !says_chunked(exchange->head);
}

static bool is_interim(struct str line)
{
	return is_status_line(line) && status_of(line) / 100 == 1;
}

/* Whether a response answers a HEAD. Of several requests it may answer another one: then it goes by
 * whether a body follows. */
static bool answers_head(const struct conversation *asked, struct str bytes,
			 const struct exchange *exchange)
{
	return asked->heads > 0 && (asked->requests == 1 || nothing_follows(bytes, exchange->body));
}

/* Keep account of what is asked and answered. */
static void converse(struct conversation *asked, struct str bytes, struct exchange *exchange)
{
	struct str line = exchange->start_line;
	bool head = str_starts(line, STR("HEAD "));
	exchange->after_get = asked->get;
	if (!is_status_line(line)) {
		asked->get = head || str_starts(line, STR("GET "));
		asked->connect = str_starts(line, STR("CONNECT "));
		asked->call = exchange->call = mesh_read_call(line);
		asked->requests++;
		asked->heads += head;
	} else if (!is_interim(line)) {
		if (asked->get && asked->requests == 1 && status_of(line) / 100 == 2)
			exchange->call = asked->call;
		exchange->opens_tunnel =
			asked->connect && asked->requests == 1 && status_of(line) / 100 == 2;
		asked->tunnel |= exchange->opens_tunnel;
		exchange->after_head = answers_head(asked, bytes, exchange);
		asked->heads -= exchange->after_head;
		asked->requests -= asked->requests > 0;
		asked->heads = asked->heads < asked->requests ? asked->heads : asked->requests;
	}
	exchange->bodiless = has_no_body(line) || exchange->after_head || exchange->opens_tunnel;
}

/* Who sends Expect: 100-continue sends the body after the 100 that answers it. */
static void pass_over_interim(struct str bytes, struct exchange *exchange)
{
	size_t at = exchange->body, head;
	if (is_status_line(exchange->start_line))
		return;
	for (;;) {
		struct str line = fields_line(bytes, at, &head);
		if (!is_interim(line))
			break;
		fields_block(bytes, head, &at);
	}
	if (at > exchange->body && !nothing_follows(bytes, at))
		exchange->body = at;
}

/* Whether the bytes end before the empty line that ends a head. */
static bool is_cut_in_head(struct str bytes, const struct exchange *exchange, size_t head)
{
	struct str rest = str_from(bytes, exchange->body);
	bool ended = exchange->body > head + exchange->head.n;
	if (rest.n == 0)
		return !ended || bytes.p[bytes.n - 1] != '\n';
	return !ended && fields_is_name(rest);
}

/* It is there once, and without the comments that MIME may have there (RFC 9110, section 5.6.5). */
static void judge_content_type(struct unwrapping *unwrapping, const struct parcel *parcel,
			       struct str head)
{
	struct str type = fields_value(head, "Content-Type");
	char shown[LONGEST_SHOWN];
	unwrap_contradicted(unwrapping, parcel, head, "Content-Type", RULE_TRN_031);
	if (fields_have_comment(type))
		unwrap_fault(unwrapping, parcel, offset_of(parcel, type), RULE_TRN_031,
			     "Content-Type %s has a comment, which HTTP does not allow",
			     fields_shown(type, shown));
}

/* One request or response at an offset; returns where it ends. */
static size_t open_exchange(struct unwrapping *unwrapping, const struct parcel *parcel, size_t at,
			    struct conversation *asked)
{
	struct exchange exchange = { 0 };
	size_t head;
	exchange.start_line = fields_line(parcel->bytes, at, &head);
	exchange.head = fields_block(parcel->bytes, head, &exchange.body);
	bool response = is_status_line(exchange.start_line);
	/* An interim response is part of the exchange whose response follows. */
	if (!is_interim(exchange.start_line))
		unwrap_exchange(unwrapping, parcel,
				response ? EXCHANGE_RESPONSE : EXCHANGE_REQUEST);
	if (is_cut_in_head(parcel->bytes, &exchange, head)) {
		unwrap_unopened(unwrapping, parcel, at,
				"the capture ends in the head of the %s, before its empty line",
				response ? "response" : "request");
		return parcel->bytes.n;
	}
	converse(asked, parcel->bytes, &exchange);
	pass_over_interim(parcel->bytes, &exchange);
	judge_content_type(unwrapping, parcel, exchange.head);
	mesh_judge_headers(unwrapping, parcel, at, exchange.head, &exchange.call, &exchange.mesh);
	look_at_fields(unwrapping, parcel, exchange.head, "an HTTP header");
	judge_transfer(unwrapping, parcel, &exchange);
	chunked_init(&exchange.chunked, unwrap_room(unwrapping));
	if (ends_with_its_head(parcel->bytes, &exchange))
		exchange.end = exchange.body;
	else if (says_chunked(exchange.head))
		gather(unwrapping, parcel, &exchange);
	else
		measure(unwrapping, parcel, &exchange);
	hand_over_body(unwrapping, parcel, &exchange);
	chunked_release(&exchange.chunked);
	return exchange.end;
}

static void open_exchanges(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	size_t at = parcel->bytes.n - without_empty_line(parcel->bytes).n;
	struct conversation asked = { 0 };
	while (!unwrapping->parts_exceeded) {
		at = open_exchange(unwrapping, parcel, at, &asked);
		if (!parcel->bytes.p || at >= parcel->bytes.n)
			return;
		struct str rest = without_empty_line(str_from(parcel->bytes, at));
		if (str_is_blank(rest))
			return;
		at = parcel->bytes.n - rest.n;
		if (!starts_exchange(rest) && asked.tunnel) {
			unwrap_unopened(
				unwrapping, parcel, at,
				"what follows in the tunnel that CONNECT opened is not HTTP");
			return;
		}
		if (!starts_exchange(rest)) {
			unwrap_fault(unwrapping, parcel, at, RULE_TRN_006,
				     "there are %zu more bytes after the end of the body", rest.n);
			return;
		}
	}
}

static void open_http(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	/* Another capture may be around this one. */
	size_t in_vain = unwrapping->in_vain;
	unwrapping->in_vain = 0;
	open_exchanges(unwrapping, parcel);
	unwrapping->in_vain = in_vain;
}

const struct layer http_layer = {
	.name = "http",
	.sign = "a request line or a status line",
	.rules = { RULE_TRN_006, RULE_TRN_030 },
	.bid = bid_for_http,
	.open = open_http,
};
