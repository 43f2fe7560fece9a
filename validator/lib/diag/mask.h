/*
 * mask.h - values of a message inside our own sentences, and what is shown of them.
 *
 * A sentence about a message is written once, with every value between marks that say what kind of
 * value it is. When drafts are committed to results, in order of input, a marked value that
 * identifies a person becomes a token ("NHS number #2"), the same for the same value within a run,
 * or the value itself under --show-values. So no report can leak what it was never given.
 *
 * One table says what the values of a place are (mask_kind_of); one function says how much of a
 * value may be read (mask_shown). Sentences, what was expected and found, excerpts and trees of
 * layers all ask them, so that none shows what another hides. What is not known is masked.
 */
#ifndef CPIS_DIAG_MASK_H
#define CPIS_DIAG_MASK_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * The first four are shown as far as they are harmless; a name in the place of a code is not. A
 * code is harmless where it is a word that the program knows or one letter from it, a count of up
 * to six digits, an OID, a UUID, or four capitals and digits at most (an ODS code). A known start
 * of a URI is shown, and what follows it is judged for itself.
 */
enum mask_kind {
	MASK_NONE = '-', /* a code, count or address */
	MASK_TIME = 'd', /* a date or time other than a birth date, or a code */
	MASK_PATH = 'x', /* an XPath: its steps and small numbers */
	MASK_WORD = 'w', /* a name of markup or our own words: written out, but for what looks
			    like an NHS number, and for what engine/place.c takes for a value */
	MASK_FILE = 'f', /* the name of a file or folder: written out */
	MASK_NHS_NUMBER = 'n',
	MASK_LOCAL_ID = 'l',
	MASK_NAME = 'p',
	MASK_BIRTH = 'b',
	MASK_PHONE = 't',
	MASK_USER = 'u', /* SDS user and role profile ids */
	MASK_VALUE = 'v' /* may identify a person: not known */
};

/* The marks: control characters that XML forbids, so no message can hold them. */
#define MASK_OPEN  '\x0e'
#define MASK_CLOSE '\x0f'

/* What a value at this place may say of a person. attribute NULL: the text of the element. */
enum mask_kind mask_kind_of(const char *element, const char *attribute);

/* The same of a path, where more than the last element says what it is; MASK_VALUE: it does not. */
enum mask_kind mask_kind_at(const char *path);

/* The same of the extension of an identifier with this root. */
enum mask_kind mask_kind_of_id(struct str root);

/* How many bytes of a value, from its start, may be read: all of them, none, or the known start of
 * a URI. */
size_t mask_shown(enum mask_kind kind, struct str value);

/*
 * What may be kept of a code or number to compare it with others later: the value itself where it
 * may be read; else "#" and digits of its digest, too few to find a number of a person by, unless
 * the value has the form of an organisation's code. That is the same in small letters: it is kept
 * in capital ones. In arena; NULL when out of memory.
 */
const char *mask_kept(struct arena *arena, struct str value);
/* Whether it has that form: letters and digits, three to twelve. */
bool mask_is_code(struct str value);

/*
 * How many bytes of a text are a number of ten digits that starts here, as it is or in groups with
 * blanks or hyphens ("999 000 7774"), with no letter or digit beside it: 0 where there is none.
 */
size_t mask_number_at(struct str text, size_t at);

/*
 * A token such as "[NHS number #12]" or "[#12]" at the start of text: how many bytes come before
 * its number, and the number and how many digits it has; 0 where there is no token.
 */
size_t mask_token_at(const char *text, size_t *number, size_t *digits);

/* Write a value between marks, cut to 200 bytes at a character's boundary. */
void mask_write(struct buf *out, enum mask_kind kind, struct str value);

/* The tokens of a run. */
struct masker;

struct masker *masker_new(int show_values);
void masker_free(struct masker *masker);
/* Forget all tokens: numbers start again. */
void masker_restart(struct masker *masker);

/*
 * text with every marked value resolved and quoted as the sentence has it; control and
 * bidirectional characters of values are made visible (U+202E as "\u202E"). In arena.
 */
const char *masker_resolve(struct masker *masker, struct arena *arena, struct str text);

/*
 * An XPath in which each literal that may identify a person is its token: a text, or a number.
 * masker NULL: it is "…", for what is said outside of results. In arena.
 */
const char *masker_xpath(struct masker *masker, struct arena *arena, const char *xpath);

/* One value on its own: as it is, or its token. In arena. */
const char *masker_value(struct masker *masker, struct arena *arena, enum mask_kind kind,
			 struct str value);

#endif
