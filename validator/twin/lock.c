#include "lock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>

int lock_take(int file, const char *path, struct cpis_failure *failure)
{
	if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "another process is at work on it");
	return -1;
}
