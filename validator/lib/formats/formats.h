/*
 * formats.h - the formats of files that people write by hand: packs and what belongs to them,
 * settings, scenarios, waivers, rules of their own.
 *
 * Each is the table that its reader goes by, so that editors check, complete and describe what the
 * program reads.
 */
#ifndef CPIS_FORMATS_FORMATS_H
#define CPIS_FORMATS_FORMATS_H

#include "config/fields.h"

struct config_format {
	const char *name, *title;
	const struct mapping *mapping; /* NULL: it is neither YAML nor JSON */
	bool list;		       /* the file is a list of the mapping */
	const char *begins[3];	       /* how a line at its left margin begins; NULL ends them */
	/* Keys of which the file has one, where others begin like it; none: none is asked for. */
	const char *has[3];
	const char *file; /* what such a file is always called; NULL: anything */
	/* Every problem of a file; NULL: those of the mapping are all. */
	void (*check)(const char *path, struct problems *problems);
};

extern const struct config_format config_formats[];
extern const size_t config_format_count;

/* NULL: there is none. */
const struct config_format *config_format_find(const char *name);

#endif
