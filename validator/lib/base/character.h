/*
 * character.h - read a text one character at a time, and write it visibly.
 *
 * Values of messages are masked before they get here, but names of files, packs and cases may hold
 * anything. Every report uses this for its text, so that no control character and no broken UTF-8
 * is written.
 */
#ifndef CPIS_BASE_CHARACTER_H
#define CPIS_BASE_CHARACTER_H

#include "base/buf.h"

#include <locale.h>

enum character_kind {
	CHARACTER_PLAIN,
	CHARACTER_CONTROL, /* control characters, with tab and line feed, and those that
			      change the direction of text */
	CHARACTER_BROKEN   /* not UTF-8 */
};

struct character {
	const char *p;
	size_t n; /* bytes; 0 at the end of the text */
	uint32_t code;
	enum character_kind kind;
};

/* The character that text starts with; text ends with a NUL. */
struct character character_at(const char *text);

/* How many bytes at the start of text no format writes in another way: ASCII without control
 * characters and without " # & : < > \. */
size_t character_plain_bytes(const char *text);

/* A code point in UTF-8; returns its bytes. */
enum { UTF8_BYTES = 4 };
size_t character_utf8(uint32_t code, char utf8[UTF8_BYTES]);

/* A control character is written as "\u202E", a broken byte as U+FFFD. */
void character_write(struct buf *out, struct character character);

/*
 * The name of a file, so that no two are written alike: a control character as "\u202E", a broken
 * byte as "\xFF", and a backslash that begins such a form in the name itself as "\u005C". The name
 * is followed by a NUL, or by a character of ASCII.
 */
void character_write_name(struct buf *out, struct str name);

/* Whether it is written in another way than it is. */
bool character_name_differs(const char *name);

/* The bytes that a name so written starts with go to out, which has room for four. How many of its
 * own bytes stand for them is the result: 0 at its end. */
size_t character_read_name(const char *written, char out[4], size_t *n);

/* The whole name: out has room for the bytes of what is written, and may be the same. */
void character_read_whole_name(const char *written, char *out);

/*
 * Whether the log of a pipeline would take what starts here for a command: "##vso[" and the like
 * anywhere, and "::" at the start of a line. What is before it is in out.
 */
bool character_starts_command(const struct buf *out, const char *text);

/* A whole text, on one line: a tab or a line feed is written as a space, and what would be a
 * command as "\u0023#vso[". */
void character_write_line(struct buf *out, const char *text);

/* The same as a cell of CSV, with its quotes; no spreadsheet takes it for a formula. */
void character_write_cell(struct buf *out, const char *text);

/*
 * As buf_printf, but every text that is put into the format goes on one line and is visible, line
 * feeds too ("\u000A"). The format is ours and is written as it is. %s (with width, '-' and
 * precision), %c, %d, %u, %lld, %llu, %zu and %% are
 * known.
 *
 * Everything that the program prints goes through this.
 */
void character_printf(struct buf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void character_vprintf(struct buf *out, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Whether a text is blank to a reader: empty, or only white space, invisible and blank characters
 * of Unicode, and accents without a letter. In UTF-8. */
bool character_shows_nothing_at_all(struct str text);

/* The same: the first character is enough for most. */
static inline bool character_shows_nothing(struct str text)
{
	return (!text.n || text.p[0] <= ' ' || text.p[0] >= 0x7f) &&
	       character_shows_nothing_at_all(text);
}

/* How many bytes the white space takes that a text in UTF-8 starts with, of Unicode too; 0: it
 * starts with something else. */
size_t character_space_bytes(struct str text);

/* A character that is invisible, or blank without being white space, and changes what is shown or
 * compared. */
struct character_unseen {
	uint32_t code;	  /* 0: none */
	const char *kind; /* "zero-width" */
};

/* The first of a text in UTF-8. Joiners and variation selectors count after letters that they have
 * no effect on. */
struct character_unseen character_first_unseen(struct str text);

/*
 * The letters of a text in UTF-8, as one letter may be written in several ways: a letter, and apart
 * from it its accents (canonical decomposition, UAX #15) in the order of their combining classes
 * (canonical ordering, Unicode 3.11), for Latin, Greek of today, Cyrillic and Hangul.
 */
enum { CHARACTER_MOST_APART = 3 };
struct character_letters {
	struct character_place {
		struct str rest;
		uint32_t apart[CHARACTER_MOST_APART];
		size_t count, at; /* of those that were taken apart last */
	} place, accents;	  /* accents: where those after a letter begin */
	unsigned order;		  /* the class of accents that is read; 0: letters are */
};

static inline struct character_letters character_letters_of(struct str text)
{
	return (struct character_letters){ .place = { .rest = text } };
}

/* The next letter or accent; false at the end. */
bool character_next_letter(struct character_letters *letters, uint32_t *code);

/* Whether two texts in UTF-8 have the same letters, each in any way; capitals are others. */
bool character_same_letters(struct str a, struct str b);

/* All texts of the same letters are written in one way: with accents apart. For keys. */
void character_write_letters(struct buf *out, struct str text);

/* The small letter of a Latin, Greek or Cyrillic capital that has no accent; else the same. */
uint32_t character_lower(uint32_t code);

/*
 * The code points in which two texts that may look alike differ, as "U+0061 U+0302": without what
 * both start and end with, and of each no more than fit. False where only ASCII differs, which
 * anyone sees.
 */
enum { CODE_POINTS_BYTES = 64 };
bool character_apart(struct str a, struct str b, char of_a[CODE_POINTS_BYTES],
		     char of_b[CODE_POINTS_BYTES]);

/*
 * For libarchive, which reads and writes names as the locale of the thread has them: UTF-8,
 * whatever the user's locale is, until names_as_before.
 */
struct name_locale {
	locale_t before; /* 0: it could not be changed */
};
struct name_locale names_as_utf8(void);
void names_as_before(struct name_locale names);

#endif
