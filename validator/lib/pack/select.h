/*
 * select.h - which cases a run takes: --only and --skip.
 */
#ifndef CPIS_PACK_SELECT_H
#define CPIS_PACK_SELECT_H

#include "pack/case.h"

/* A word selects a case that has it as a tag or as its id, alone or as "pack/id". --skip wins. */
bool case_is_selected(const struct pack *pack, const struct pack_case *test,
		      const struct pack_run_options *options);

#endif
