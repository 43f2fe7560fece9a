#include "wrap.h"

#include "run_cli.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#include <cmocka.h>

struct wrapped wrap_bare(struct str message)
{
	struct wrapped wrapped = { 0 };
	buf_init(&wrapped.bytes, SIZE_MAX / 2);
	buf_str(&wrapped.bytes, message);
	return wrapped;
}

void wrap_release(struct wrapped *wrapped)
{
	buf_release(&wrapped->bytes);
	buf_release(&wrapped->member);
}

struct wrapped wrap_between(struct wrapped inner, struct str before, struct str behind)
{
	struct wrapped outer = wrap_bare(before);
	buf_str(&outer.bytes, buf_view(&inner.bytes));
	buf_str(&outer.bytes, behind);
	outer.decoded = inner.decoded;
	outer.start = inner.decoded ? inner.start + before.n : 0;
	outer.member = inner.member;
	buf_release(&inner.bytes);
	return outer;
}

/* Around an archive, places are still counted in its member. */
static struct wrapped encoded(struct wrapped inner, struct buf bytes)
{
	assert_false(bytes.failed);
	buf_release(&inner.bytes);
	if (inner.member.n)
		return (struct wrapped){ bytes, inner.decoded, inner.start, inner.member };
	return (struct wrapped){ .bytes = bytes, .decoded = true };
}

static struct wrapped deflated(struct wrapped inner, int window_bits)
{
	z_stream stream = { 0 };
	struct buf out;
	buf_init(&out, SIZE_MAX / 2);
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	size_t room = deflateBound(&stream, (uLong)inner.bytes.n);
	assert_true(buf_reserve(&out, room));
	stream.next_in = (const Bytef *)buf_view(&inner.bytes).p;
	stream.avail_in = (uInt)inner.bytes.n;
	stream.next_out = (Bytef *)out.p;
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out.n = room - stream.avail_out;
	out.p[out.n] = '\0';
	deflateEnd(&stream);
	return encoded(inner, out);
}

struct wrapped wrap_gzip(struct wrapped inner)
{
	return deflated(inner, 16 + MAX_WBITS);
}

struct wrapped wrap_zlib(struct wrapped inner)
{
	return deflated(inner, MAX_WBITS);
}

struct wrapped wrap_raw_deflate(struct wrapped inner)
{
	return deflated(inner, -MAX_WBITS);
}

static void add_line_end(struct buf *out, size_t *column, size_t line_length)
{
	if (line_length && *column == line_length) {
		buf_text(out, "\r\n");
		*column = 0;
	}
}

struct wrapped wrap_base64(struct wrapped inner, size_t line_length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)buf_view(&inner.bytes).p;
	struct buf out;
	size_t column = 0;
	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < inner.bytes.n; i += 3) {
		size_t left = inner.bytes.n - i;
		uint32_t bits = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
				(left > 2 ? p[i + 2] : 0);
		for (size_t k = 0; k < 4; k++) {
			add_line_end(&out, &column, line_length);
			buf_char(&out, k > left ? '=' : digits[bits >> (18 - 6 * k) & 63]);
			column++;
		}
	}
	return encoded(inner, out);
}

struct wrapped wrap_quoted(struct wrapped inner)
{
	struct buf out;
	size_t column = 0;
	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < inner.bytes.n; i++) {
		unsigned char c = (unsigned char)inner.bytes.p[i];
		if (column > 70 && c != '\n') {
			buf_text(&out, "=\r\n");
			column = 0;
		}
		if (c == '\n' || (c >= ' ' && c < 0x7f && c != '='))
			buf_char(&out, (char)c);
		else
			buf_printf(&out, "=%02X", c);
		column = c == '\n' ? 0 : column + 3;
	}
	return encoded(inner, out);
}

static struct wrapped with_head(struct wrapped body, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct wrapped with_head(struct wrapped body, const char *format, ...)
{
	char head[2048];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(head, sizeof(head), format, args);
	va_end(args);
	assert_true(n > 0 && (size_t)n < sizeof(head));
	return wrap_between(body, (struct str){ head, (size_t)n }, STR(""));
}

struct wrapped wrap_request_for(struct wrapped body, const char *action, const char *headers)
{
	return with_head(body,
			 "POST /sync HTTP/1.1\r\nHost: spine.example\r\nSOAPAction: "
			 "\"%s\"\r\n%sContent-Length: %zu\r\n\r\n",
			 action, headers, body.bytes.n);
}

/* Of ebXML, or of what has none. */
static const char *action_with(const char *headers)
{
	return strstr(headers, "multipart/related") ? "ebXML" : "";
}

struct wrapped wrap_request(struct wrapped body, const char *headers)
{
	return wrap_request_for(body, action_with(headers), headers);
}

struct wrapped wrap_response(struct wrapped body, const char *headers)
{
	return with_head(body, "HTTP/1.1 200 OK\r\n%scontent-length:%zu\r\n\r\n", headers,
			 body.bytes.n);
}

struct wrapped wrap_start_line(struct wrapped body, const char *headers)
{
	return with_head(body, "POST /upload HTTP/1.1\r\nSOAPAction: \"%s\"\r\n%s\r\n",
			 action_with(headers), headers);
}

struct wrapped wrap_chunks(struct wrapped body, size_t chunk_bytes)
{
	struct wrapped out = wrap_bare(STR(""));
	struct str rest = buf_view(&body.bytes);
	out.decoded = body.decoded;
	while (rest.n) {
		size_t n = rest.n < chunk_bytes ? rest.n : chunk_bytes;
		buf_printf(&out.bytes, "%zx;name=value\r\n", n);
		if (body.decoded && out.start == 0)
			out.start = out.bytes.n;
		buf_add(&out.bytes, rest.p, n);
		buf_text(&out.bytes, "\r\n");
		rest = str_from(rest, n);
	}
	buf_text(&out.bytes, "0\r\nTrailer: value\r\n\r\n");
	wrap_release(&body);
	return out;
}

#define EBXML                                                                                      \
	"<SOAP:Envelope xmlns:SOAP=\"http://schemas.xmlsoap.org/soap/envelope/\" "                 \
	"xmlns:xlink=\"http://www.w3.org/1999/xlink\" "                                            \
	"xmlns:eb=\"http://www.oasis-open.org/committees/ebxml-msg/schema/msg-header-2_0.xsd\">"   \
	"<SOAP:Header><eb:MessageHeader SOAP:mustUnderstand=\"1\" eb:version=\"2.0\">"             \
	"<eb:From><eb:PartyId>urn:a:1</eb:PartyId></eb:From>"                                      \
	"<eb:To><eb:PartyId>urn:b:2</eb:PartyId></eb:To>"                                          \
	"<eb:CPAId>S1</eb:CPAId>"                                                                  \
	"<eb:ConversationId>C1</eb:ConversationId>"                                                \
	"<eb:Service>urn:nhs:names:services:cpisquery</eb:Service><eb:Action>%s</eb:Action>"       \
	"<eb:MessageData><eb:MessageId>M1</eb:MessageId><eb:Timestamp>2026-10-28T13:04:23Z"        \
	"</eb:Timestamp></eb:MessageData></eb:MessageHeader></SOAP:Header>"                        \
	"<SOAP:Body><eb:Manifest eb:version=\"2.0\"><eb:Reference xlink:href=\"cid:m@x\"/>"        \
	"<eb:Reference xlink:href=\"cid:a@x\"/></eb:Manifest></SOAP:Body></SOAP:Envelope>"

/* The interaction that a message is; the query where it is encoded. */
static const char *action_of(struct str message)
{
	static const char *const interactions[] = { "QUPC_IN000006GB01", "REPC_IN000007GB01",
						    "QUQI_IN010000UK14", "MCCI_IN010000UK13" };
	for (size_t i = 0; i < sizeof(interactions) / sizeof(interactions[0]); i++)
		if (memmem(message.p, message.n, interactions[i], strlen(interactions[i])))
			return interactions[i];
	return "QUPC_IN000006GB01";
}

struct wrapped wrap_parts(struct wrapped message, const char *encoding)
{
	static const char behind[] =
		"\r\n--" WRAP_BOUNDARY "\r\nContent-Type: text/plain\r\n"
		"Content-Id: <a@x>\r\n\r\nan attachment\r\n--" WRAP_BOUNDARY "--\r\n";
	struct wrapped parts =
		with_head(message,
			  "\r\n--" WRAP_BOUNDARY "\r\nContent-Type: text/xml\r\n"
			  "Content-Id: <ebxml@x>\r\n\r\n" EBXML "\r\n--" WRAP_BOUNDARY
			  "\r\nContent-Type: application/xml\r\nContent-Id: <m@x>\r\n"
			  "Content-Transfer-Encoding: %s\r\n\r\n",
			  action_of(buf_view(&message.bytes)), encoding);
	return wrap_between(parts, STR(""), str_of(behind));
}

struct wrapped wrap_mime(struct wrapped message, const char *encoding)
{
	return wrap_between(wrap_parts(message, encoding),
			    STR("MIME-Version: 1.0\r\n" WRAP_MULTIPART "\r\n"), STR(""));
}

/* Without its declaration, which is allowed only at the start of a document. */
static struct str without_declaration(struct str text)
{
	const char *close = str_starts(text, STR("<?xml")) ? memmem(text.p, text.n, "?>", 2) : NULL;
	return close ? str_from(text, (size_t)(close - text.p) + 2) : text;
}

struct wrapped wrap_payload(struct wrapped content, const char *template, const char *flags)
{
	char *text = read_file(template, NULL);
	char *item = strstr(text, "<itk:manifestitem");
	assert_non_null(item);
	char *item_end = strstr(item, "/>");
	char *payload = strstr(text, "<itk:payload ");
	assert_non_null(payload);
	char *start = strchr(payload, '>') + 1;
	char *end = strstr(start, "</itk:payload>");
	struct wrapped head = wrap_bare((struct str){ text, (size_t)(item_end - text) });
	buf_text(&head.bytes, flags);
	buf_add(&head.bytes, item_end, (size_t)(start - item_end));
	if (!content.decoded) {
		struct wrapped element = wrap_bare(without_declaration(buf_view(&content.bytes)));
		wrap_release(&content);
		content = element;
	}
	struct wrapped whole = wrap_between(content, buf_view(&head.bytes), str_of(end));
	wrap_release(&head);
	free(text);
	return whole;
}

static la_ssize_t write_to_buf(struct archive *archive, void *context, const void *bytes, size_t n)
{
	(void)archive;
	buf_add(context, bytes, n);
	return (la_ssize_t)n;
}

struct archive *wrap_archive_start(struct buf *out, bool zip)
{
	struct archive *archive = archive_write_new();
	buf_init(out, SIZE_MAX / 2);
	assert_int_equal(zip ? archive_write_set_format_zip(archive)
			     : archive_write_set_format_ustar(archive),
			 ARCHIVE_OK);
	assert_int_equal(archive_write_open(archive, out, NULL, write_to_buf, NULL), ARCHIVE_OK);
	return archive;
}

void wrap_archive_add(struct archive *archive, const char *name, struct str bytes)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)bytes.n);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, bytes.p, bytes.n), (la_ssize_t)bytes.n);
	archive_entry_free(entry);
}

void wrap_archive_link(struct archive *archive, const char *name, const char *to)
{
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_hardlink(entry, to);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	archive_entry_free(entry);
}

void wrap_archive_end(struct archive *archive)
{
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
}

static struct wrapped archived(struct wrapped member, const char *name, bool zip)
{
	struct buf out;
	struct archive *archive = wrap_archive_start(&out, zip);
	wrap_archive_add(archive, name, buf_view(&member.bytes));
	wrap_archive_end(archive);
	buf_release(&member.member);
	/* A member is a source of its own: places in it count from its own start. */
	return (struct wrapped){ .bytes = out,
				 .decoded = member.decoded,
				 .start = member.start,
				 .member = member.bytes };
}

struct wrapped wrap_zip(struct wrapped member, const char *name)
{
	return archived(member, name, true);
}

struct wrapped wrap_tar(struct wrapped member, const char *name)
{
	return archived(member, name, false);
}
