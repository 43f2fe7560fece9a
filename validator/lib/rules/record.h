/*
 * record.h - questions that several chapters ask of a record: whose it is, what plans it has, when
 * the message around it was made.
 */
#ifndef CPIS_RULES_RECORD_H
#define CPIS_RULES_RECORD_H

#include "message/parts.h"

/* The first of a kind; NULL: there is none. */
const struct subject *record_subject(const struct record *record, enum subject_kind kind);
const struct plan *record_plan(const struct record *record, enum plan_kind kind);

/* A child that is born has looked-after and protection plans; a plan of an unborn child is its
 * mother's. */
enum subject_kind plan_subject_kind(const struct plan *plan);

/* "child protection plan" */
const char *plan_noun(const struct plan *plan);

/* The record that a plan or subject is in; NULL: it is not in a record. */
const struct record *record_around(const struct part *part);

/* When the message around a part was made; NULL: it does not say. */
const struct timestamp *made_at(const struct part *part);

#endif
