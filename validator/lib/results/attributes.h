/*
 * results_attributes.h - the attributes of the element that a reader of results stands at, checked
 * as they are taken. What is wrong with one is told with its place, once.
 */
#ifndef CPIS_RESULTS_ATTRIBUTES_H
#define CPIS_RESULTS_ATTRIBUTES_H

#include "base/str.h"

struct reading;

/* Absent where there is none. */
struct str reading_attribute(const struct reading *reading, const char *name);

/* A copy in the results' arena; NULL for an absent one, and when memory is out, which is told. */
const char *reading_keep(struct reading *reading, struct str text);

void reading_damaged(struct reading *reading, const char *name, struct str value);

const char *reading_text(struct reading *reading, const char *name);
const char *reading_needed_text(struct reading *reading, const char *name);

/* 0 for one that is absent. */
size_t reading_size(struct reading *reading, const char *name);
size_t reading_needed_size(struct reading *reading, const char *name);

/* The numbers of a list (@n) count from 1. */
void reading_number(struct reading *reading, size_t expected);

/* The place of a word in a list; the damage is told, and 0, where it is not in it. */
unsigned reading_choice(struct reading *reading, const char *name, const char *(*word)(unsigned),
			unsigned count);

/* @sha256, if there is one. */
void reading_digest(struct reading *reading, char digest[65]);

#endif
