/*
 * lock.h - one process at a time: two that number the files of one folder would write over each
 * other's.
 */
#ifndef CPIS_TWIN_LOCK_H
#define CPIS_TWIN_LOCK_H

#include "cpis_service.h"

/* Until the file is closed. -1 with the reason: another process has it. A file system without locks
 * refuses no one. */
int lock_take(int file, const char *path, struct cpis_failure *failure);

#endif
