/*
 * identifiers.h - is this an NHS number, is this a UUID, are these one ODS code?
 *
 * NHS numbers: NHS Data Dictionary, attribute NHS NUMBER. Ten digits; the tenth is a Modulus 11
 * check digit: weights 10 to 2 on the first nine, the remainder of the sum by 11 taken from 11; 11
 * gives 0, and 10 means that these nine digits are never issued.
 *
 * ODS codes: capitals and digits, which are the same code in small letters.
 *
 * UUIDs as ITK and Spine write them: bare, or after uuid:, urn:uuid: or uuid_.
 */
#ifndef CPIS_MESSAGE_IDENTIFIERS_H
#define CPIS_MESSAGE_IDENTIFIERS_H

#include "base/str.h"

enum nhs_range {
	NHS_RANGE_NEVER_ISSUED,
	NHS_RANGE_ENGLAND_WALES,    /* 400 000 000 to 499 999 999, 600 000 000 to 799 999 999 (first
				       nine) */
	NHS_RANGE_SCOTLAND,	    /* CHI: begins with a date DDMMYY, 010 100 000 to 311 299 999 */
	NHS_RANGE_NORTHERN_IRELAND, /* 320 000 001 to 399 999 999 */
	NHS_RANGE_TEST		    /* 999 000 000 to 999 999 999: never issued, for test data */
};

enum { NO_CHECK_DIGIT = 10 };

/* What the digits of a number say. */
struct nhs_number {
	bool has_shape;	     /* exactly ten digits: the rest counts only then */
	bool one_digit;	     /* ten times the same */
	uint8_t check, last; /* the digit that the first nine require, or NO_CHECK_DIGIT; the digit
				that is there */
	enum nhs_range range;
	uint32_t nine; /* the first nine as a number */
};

struct nhs_number nhs_number_of(struct str text);

/* The check digit is right, and it is not one digit repeated: it may be a real number. */
static inline bool nhs_number_is_valid(const struct nhs_number *number)
{
	return number->has_shape && number->check == number->last && !number->one_digit;
}

/* Exactly one UUID and nothing else, in either case. */
bool uuid_is(struct str text);
/* The same with its letters in upper case. */
bool uuid_is_upper(struct str text);

/* What follows uuid:, urn:uuid: or uuid_; the text itself without such a prefix. */
struct str uuid_bare(struct str text);

/* Whether two texts hold the same UUID, whatever its prefix and case. */
bool uuid_same(struct str a, struct str b);

/* A UUID, on its own or after a prefix of letters, low lines and colons. */
bool uuid_is_prefixed(struct str id);

/* The UUID that an id ends in, as _9B139E9D-... and TS-9B139E9D-... do, or which it is; absent: it
 * ends in none. */
struct str uuid_at_end(struct str id);

/* Whether it is an OID, by X.660: two or more numbers without leading zeros and with dots between
 * them, the first of them 0, 1 or 2, and the second below 40 after a 0 or a 1. */
bool oid_is(struct str text);

/* Whether it has the twelve digits of an id of Spine's directory: an ASID, a user, a role profile.
 */
bool sds_id_is(struct str text);

/* Whether two ODS codes are one: Spine itself sends them in lower case. White space counts. */
static inline bool ods_code_same(struct str a, struct str b)
{
	return str_same_letters(a, b);
}

/* An order in which codes that are one are equal. */
static inline int ods_code_order(struct str a, struct str b)
{
	return str_order_letters(a, b);
}

/* The code of the authority that issued a local id: "9X1" of "9X1:Ashwick Council"; all of it where
 * it has no colon. */
static inline struct str ods_code_of_authority(struct str authority)
{
	const char *colon = authority.n ? memchr(authority.p, ':', authority.n) : NULL;
	return colon ? (struct str){ authority.p, (size_t)(colon - authority.p) } : authority;
}

/* ods_code_same() for a column and a value of SQL. */
#define ODS_CODE_SQL "COLLATE NOCASE"

/* Whether two texts are one id: the same UUID, whatever its prefix and case, or the same text. */
bool id_same(struct str a, struct str b);

/*
 * The code systems that CP-IS messages use, where a rule has to know the codes
 * themselves.
 *
 * Codes and display names are exactly as published. What the schemas check already (value sets of a
 * single attribute) is not repeated here unless code and display name have to pair.
 */

struct code {
	const char *code, *display_name;
};

struct code_system {
	const char *oid, *name;
	const struct code *codes; /* in order of code */
	size_t count;
};

extern const struct code_system upload_file_responses;	 /* CPF01 ... */
extern const struct code_system upload_record_responses; /* CPR01 ... */
extern const struct code_system mini_service_statuses;	 /* SMSP-0000 ... */
extern const struct code_system job_role_names;		 /* NR0010 ... */

/* NULL: the system has no such code. */
const struct code *code_find(const struct code_system *system, struct str code);

/* The code whose display name this is; NULL: none. */
const struct code *code_named(const struct code_system *system, struct str display_name);

#endif
