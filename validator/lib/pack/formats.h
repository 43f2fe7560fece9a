/*
 * formats.h - the formats of files that people write by hand: packs and what belongs to them.
 *
 * Each is the table that its reader goes by, so that editors check, complete and describe what the
 * program reads.
 */
#ifndef CPIS_PACK_FORMATS_H
#define CPIS_PACK_FORMATS_H

#include "config/fields.h"

struct config_format {
	const char *name, *title;
	const struct mapping *mapping;
	bool list;	       /* the file is a list of the mapping */
	const char *begins[3]; /* how a line at its left margin begins; NULL ends them */
};

extern const struct config_format config_formats[];
extern const size_t config_format_count;

/* NULL: there is none. */
const struct config_format *config_format_find(const char *name);

#endif
