/*
 * iso_time.h - dates and times in ISO 8601 form, as envelopes carry them: 2026-10-26T08:30:16.5Z.
 *
 * Source: XML Schema, dateTime, to which WS-Security and the ITK acknowledgement refer.
 */
#ifndef CPIS_MESSAGE_ISO_TIME_H
#define CPIS_MESSAGE_ISO_TIME_H

#include "message/timestamp.h"

struct iso_time {
	bool ok;    /* of the form, and a real date and time */
	bool shape; /* of the form */
	bool has_zone;
	struct moment moment;
	struct str fraction; /* digits behind the seconds; may be empty */
};

struct iso_time iso_time_of(struct str text);

/* -1, 0, 1; both must be ok. A missing zone counts as UTC. */
int iso_time_compare(const struct iso_time *a, const struct iso_time *b);

#endif
