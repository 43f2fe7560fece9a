/*
 * calendar.h - how long months are.
 */
#ifndef CPIS_BASE_CALENDAR_H
#define CPIS_BASE_CALENDAR_H

/* In the proleptic Gregorian calendar; 0: there is no such month. */
int days_in_month(int year, int month);

#endif
