/*
 * mask_words.h - words that identify no one, so that they may be shown: those of the schemas and
 * code lists, and those of protocols.
 */
#ifndef CPIS_DIAG_MASK_WORDS_H
#define CPIS_DIAG_MASK_WORDS_H

#include "base/str.h"

/* A word that identifies no one: a name or a code of the schemas, for instance. Borrowed. At setup,
 * on one thread, or by a source of words. -1: out of room. */
int mask_know(const char *word);

/* A source of such words: it calls mask_know for each when one is first asked for, because most
 * messages have nothing to mask, and the words are thousands. At setup, on one thread; the same one
 * may be given again. Where one returns -1, no word is known, and more is masked. */
typedef int (*mask_source)(void);
void mask_learn_from(mask_source source);
/* Have all of them called, if they were not yet, from any thread. -1: one failed. */
int mask_learn(void);

/* Whether this is a word that is known, or one letter from it. */
bool mask_knows(struct str word);

#endif
