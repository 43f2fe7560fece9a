/*
 * progress.h - how far a run has come, for somebody who waits.
 */
#ifndef CPIS_DIAG_PROGRESS_H
#define CPIS_DIAG_PROGRESS_H

#include <stddef.h>

struct results;

/*
 * Tell the options' progress, if anybody wants to know, that so many of so many files or cases are
 * done. On the thread that owns the results.
 */
void progress_tell(struct results *results, size_t done, size_t total);

#endif
