/*
 * folder.h - the folders of a MESH client: what is put into OUT goes to the service, and what the
 * service answers comes into IN. Each message is a pair: NAME.dat, and NAME.ctl about it.
 *
 * As the client does: files younger than a second are left alone; what was sent is moved to SENT,
 * with the status in its control file; what cannot be sent is moved to FAILED. The .dat is written
 * first. A report has a control file alone.
 */
#ifndef CPIS_TWIN_FOLDER_H
#define CPIS_TWIN_FOLDER_H

#include "cpis_service.h"

struct folder;

/* All of it is borrowed until the end. */
struct folder_settings {
	const char *path;    /* IN, OUT, SENT and FAILED are made in it */
	const char *mailbox; /* of the client; NULL: that of the first control file */
	/* Bring a request to the service. 0, or -1: it failed and has said so. By another thread.
	 */
	int (*call)(void *context, const struct cpis_call *call, struct cpis_reply **reply);
	long long (*now)(void *context);
	void *context;
};

/* Make the folders, and watch OUT on a thread of its own. -1 with the reason. */
int folder_open(struct folder **folder, const struct folder_settings *settings,
		struct cpis_failure *failure);
/* Waits for what is on its way. Accepts NULL. */
void folder_close(struct folder *folder);

#endif
