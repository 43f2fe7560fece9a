/*
 * value.h - checks of single values in packs, profiles and data sets, for the tables that read
 * them.
 *
 * Each is a field_check (fields.h): false with a sentence in why.
 */
#ifndef CPIS_CONFIG_VALUE_H
#define CPIS_CONFIG_VALUE_H

#include "config/fields.h"

field_check value_is_id;       /* letters, digits, "-", "_", "." */
field_check value_is_version;  /* 1.2.0 */
field_check value_is_date;     /* 2027-03-31, a day that exists */
field_check value_is_relative; /* a path that is not absolute */
field_check value_is_slot;     /* a pattern that stays in its folder */
field_check value_is_rule;     /* the id of a rule of this program */
field_check value_is_xpath;
field_check value_is_regex;	 /* POSIX extended */
field_check value_is_xml_name;	 /* with a prefix or without */
field_check value_is_nhs_number; /* ten digits, with blanks or "-" between them */
field_check value_is_time;	 /* 2026-05-12, 2026-05-12 09:00, or in HL7 form; one that exists */

/* After the piece of a regular expression that starts here: "[abc]", "\\." or one character. */
const char *value_regex_next(const char *p);

/* A time in HL7 form: without what ISO 8601 has between the digits. False: it is too long. */
bool value_time_digits(const char *time, char *digits, size_t bytes);

/* Of a time that value_is_time accepts: seconds since 1970 (UTC where it has no zone). */
long long value_time_seconds(const char *time);

/* The first second after a date that value_is_date accepts (UTC). */
long long value_date_end(const char *date);

/* Its first second by clocks of the United Kingdom: in summer an hour before that of UTC. */
long long value_date_start(const char *date);

#endif
