/*
 * tree_scan.h - where the tags of a well-formed document stand, in bytes.
 *
 * A DOM keeps lines at best. This walks over the markup only, and gives every element, in order of
 * the document, the offsets that an edit needs.
 */
#ifndef CPIS_XML_TREE_SCAN_H
#define CPIS_XML_TREE_SCAN_H

#include "base/str.h"

struct tree_tags {
	size_t start;	  /* of '<' */
	size_t name_end;  /* behind the name of the start tag */
	size_t start_end; /* behind the '>' of the start tag */
	size_t close;	  /* of "</"; == start_end for an empty-element tag */
	size_t end;	  /* behind the last '>' */
	size_t parent;	  /* index, or SIZE_MAX */
};

struct tree_scan {
	struct tree_tags *items;
	size_t count, room;
};

/* False when memory is out or the bytes are not well-formed. Release in either case. */
bool tree_scan(struct tree_scan *scan, struct str bytes);
void tree_scan_release(struct tree_scan *scan);

struct tree_attribute {
	size_t start, name_end;	 /* the name, with its prefix */
	size_t value, value_end; /* between the quotes */
};

/* The next attribute of a start tag at or behind *at (to begin: name_end); false when there is
 * none. */
bool tree_scan_attribute(struct str bytes, size_t *at, struct tree_attribute *attribute);

#endif
