/*
 * wrap.h - messages packed in every layer that they travel in, made at test time.
 *
 * Each function takes what is packed so far and returns it with one layer more around it, and keeps
 * in mind where the innermost encoded part starts: that is where a finding in it is to be placed.
 */
#ifndef CPIS_TESTS_WRAP_H
#define CPIS_TESTS_WRAP_H

#include "base/buf.h"

struct wrapped {
	struct buf bytes;
	bool decoded; /* a decoder is needed to get at the message */
	size_t start; /* where the outermost encoded part starts in bytes; 0 where nothing is
			 encoded */
	struct buf
		member; /* of an archive: its only file, in which places are counted; else empty */
};

struct wrapped wrap_bare(struct str message);
void wrap_release(struct wrapped *wrapped);

/* Text before and after: nothing in between changes. */
struct wrapped wrap_between(struct wrapped inner, struct str before, struct str behind);

struct wrapped wrap_gzip(struct wrapped inner);
struct wrapped wrap_zlib(struct wrapped inner);
struct wrapped wrap_raw_deflate(struct wrapped inner);
/* line_length 0: one line. */
struct wrapped wrap_base64(struct wrapped inner, size_t line_length);
struct wrapped wrap_quoted(struct wrapped inner);

/* HTTP: headers are lines that end in CRLF; a Content-Length is added. */
struct wrapped wrap_request(struct wrapped body, const char *headers);
struct wrapped wrap_request_for(struct wrapped body, const char *action, const char *headers);
struct wrapped wrap_response(struct wrapped body, const char *headers);
struct wrapped wrap_chunks(struct wrapped body, size_t chunk_bytes);
/* Without Content-Length: for chunks. */
struct wrapped wrap_start_line(struct wrapped body, const char *headers);

/* multipart/related in ebXML: the message is part 2. Without its header when that is somewhere
 * else. */
#define WRAP_BOUNDARY "----=_Part_9_7F3A"
#define WRAP_MULTIPART                                                                             \
	"Content-Type: multipart/related; boundary=\"" WRAP_BOUNDARY                               \
	"\"; type=\"text/xml\"; start=\"<ebxml@x>\"\r\n"
struct wrapped wrap_parts(struct wrapped message, const char *encoding);
struct wrapped wrap_mime(struct wrapped message, const char *encoding);

/* In the payload of a template envelope of testcases/messages, with attributes for its manifest
 * item. */
struct wrapped wrap_payload(struct wrapped content, const char *template, const char *flags);

/* The only member of an archive. */
struct wrapped wrap_zip(struct wrapped member, const char *name);
struct wrapped wrap_tar(struct wrapped member, const char *name);

/* An archive of many. */
struct archive;
struct archive *wrap_archive_start(struct buf *out, bool zip);
void wrap_archive_add(struct archive *archive, const char *name, struct str bytes);
/* A hard link to what has another name. */
void wrap_archive_link(struct archive *archive, const char *name, const char *to);
void wrap_archive_end(struct archive *archive);

#endif
