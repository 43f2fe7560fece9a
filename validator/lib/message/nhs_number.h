/*
 * nhs_number.h - is this an NHS number? NHS Data Dictionary, attribute NHS NUMBER.
 *
 * Ten digits; the tenth is a Modulus 11 check digit: weights 10 to 2 on the first nine, the remainder
 * of the sum by 11 taken from 11; 11 gives 0, and 10 means that these nine digits are never issued.
 */
#ifndef CPIS_MESSAGE_NHS_NUMBER_H
#define CPIS_MESSAGE_NHS_NUMBER_H

#include "base/str.h"

enum nhs_range {
	NHS_RANGE_ENGLAND_WALES,    /* 400 000 000 to 499 999 999, 600 000 000 to 799 999 999 (first nine) */
	NHS_RANGE_SCOTLAND,         /* CHI: begins with a date DDMMYY, 010 100 000 to 311 299 999 */
	NHS_RANGE_NORTHERN_IRELAND, /* 320 000 001 to 399 999 999 */
	NHS_RANGE_TEST,             /* 999 000 000 to 999 999 999: never issued, for test data */
	NHS_RANGE_NEVER_ISSUED
};

/* Exactly ten digits. */
bool nhs_number_has_shape(struct str number);

/* The digit that the first nine call for; 10 when no number begins with them. Shape must be right. */
int nhs_number_check_digit(struct str number);

/* The last digit. Shape must be right. */
int nhs_number_last_digit(struct str number);

enum nhs_range nhs_number_range(struct str number);

bool nhs_number_is_repdigit(struct str number);

#endif
