#include "message/nhs_number.h"

bool nhs_number_has_shape(struct str number)
{
	return number.n == 10 && str_is_digits(number);
}

int nhs_number_check_digit(struct str number)
{
	int sum = 0;
	for (int i = 0; i < 9; i++)
		sum += (number.p[i] - '0') * (10 - i);
	int check = 11 - sum % 11;
	return check == 11 ? 0 : check;
}

int nhs_number_last_digit(struct str number)
{
	return number.p[9] - '0';
}

enum nhs_range nhs_number_range(struct str number)
{
	static const struct {
		long first, last; /* of the first nine digits */
		enum nhs_range range;
	} ranges[] = {
		{ 10100000, 311299999, NHS_RANGE_SCOTLAND },
		{ 311300000, 320000000, NHS_RANGE_ENGLAND_WALES }, /* England also has some of 3xx */
		{ 320000001, 399999999, NHS_RANGE_NORTHERN_IRELAND },
		{ 400000000, 499999999, NHS_RANGE_ENGLAND_WALES },
		{ 600000000, 799999999, NHS_RANGE_ENGLAND_WALES },
		{ 999000000, 999999999, NHS_RANGE_TEST },
	};
	long nine = 0;
	for (int i = 0; i < 9; i++)
		nine = nine * 10 + (number.p[i] - '0');
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (nine >= ranges[i].first && nine <= ranges[i].last)
			return ranges[i].range;
	return NHS_RANGE_NEVER_ISSUED;
}

bool nhs_number_is_repdigit(struct str number)
{
	for (size_t i = 1; i < number.n; i++)
		if (number.p[i] != number.p[0])
			return false;
	return number.n > 0;
}
