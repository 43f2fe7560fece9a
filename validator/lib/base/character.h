/*
 * character.h - one character of our own text at a time, and whether it may be written as it
 * stands.
 *
 * Values of messages arrive here sealed, but names of files, packs and cases may hold anything.
 * Every sink walks its text with this, so none of them writes a control character or broken UTF-8.
 */
#ifndef CPIS_BASE_CHARACTER_H
#define CPIS_BASE_CHARACTER_H

#include "base/buf.h"

enum character_kind {
	CHARACTER_PLAIN,
	CHARACTER_CONTROL, /* controls, tab and line feed among them, and what turns the direction
			      of text */
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

/* As it stands; a control as "\u202E"; a broken byte as U+FFFD. */
void character_write(struct buf *out, struct character character);

/* All of a text, visibly, on one line: a tab and a line feed are written as a space. */
void character_write_line(struct buf *out, const char *text);

#endif
