/*
 * fields.h - header fields, as HTTP and MIME have them: "Name: value", folded or not, up to a blank
 * line.
 */
#ifndef CPIS_TRANSPORT_FIELDS_H
#define CPIS_TRANSPORT_FIELDS_H

#include "base/str.h"

/* The line that starts at an offset, without its end; *next is where the one after it starts. */
struct str fields_line(struct str bytes, size_t at, size_t *next);

/* Whether a text is, or may be the start of, the name of a header field. */
bool fields_is_name(struct str text);
/* Whether a line has the form of a header field. */
bool fields_is_field(struct str line);

/*
 * The block of header fields that starts at an offset, its blank line left out; *body is where that
 * ends. A line that is not a field ends the block too. Without a blank line *body is the end of
 * bytes.
 */
struct str fields_block(struct str bytes, size_t at, size_t *body);

/* The value of the field at *at, with its folded lines; *at moves to the next field. */
struct str fields_next_any(struct str block, size_t *at, struct str *name);

/* The value of the first field of a name, in any case; absent when there is none. */
struct str fields_value(struct str block, const char *name);
/* How many fields of this name there are. */
size_t fields_count(struct str block, const char *name);
/* The value of the next field of a name from *at on, which moves past it; absent: there is none. */
struct str fields_next(struct str block, const char *name, size_t *at);
/* A later field of a name with another value than the first, whatever the case of ASCII letters;
 * absent: there is none. */
struct str fields_contradicted(struct str block, const char *name);
/* Whether there is a field whose name starts like this, in any case. */
bool fields_begin(struct str block, const char *prefix);

/* A value without the comments before and after it, which MIME may have: "8bit (as it is)" (RFC
 * 2045, section 5.1). */
struct str fields_uncommented(struct str value);
/* Whether a value has a comment anywhere. */
bool fields_have_comment(struct str value);

/* The media type that a Content-Type begins with, and no comment. */
struct str fields_media_type(struct str value);
/* A parameter of a value: boundary in `multipart/related; boundary="..."`, without its quotes. */
struct str fields_parameter(struct str value, const char *name);
/* The next parameter of a name from *at on, which moves past it; absent: there is none. */
struct str fields_parameter_next(struct str value, const char *name, size_t *at);

/* A parameter as it is meant: in quotes, a backslash may come before any character. In plain
 * where it differs; one of more than room bytes stays as it is. */
struct str fields_meant(struct str word, char *plain, size_t room);

/* Whether a value has a word in it, whatever the case of ASCII letters. */
bool fields_have(struct str text, const char *word);
/* Equal but for the case of ASCII letters. */
bool fields_is(struct str text, const char *word);
/* The same for the start of a text. */
bool fields_starts(struct str text, const char *word);

/* A piece of a URL as it is read: "%40" is an @ there. It has room for a NUL, and "%00" stays. */
struct str fields_unescaped(struct str url, char *plain, size_t room);

/*
 * A text for a person: printable ASCII as it is, anything else as '?', cut to room - 1 bytes.
 * Returns plain.
 */
char *fields_plain(struct str text, char *plain, size_t room);

/* The same between the marks of diag/mask.h: for what a header says, in a sentence. At most 80
 * characters of it. shown has room for LONGEST_SHOWN. */
enum { LONGEST_SHOWN = 128 };
char *fields_shown(struct str text, char *shown);

/* The part of a list, "gzip, chunked", that starts at *at; *at moves past it. Absent at the end.
 */
struct str fields_list_next(struct str list, size_t *at);

#endif
