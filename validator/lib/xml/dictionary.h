/*
 * dictionary.h - names as one reader's libxml2 dictionary has them: one pointer for one spelling.
 *
 * A name met for the first time is looked up by its letters; from then on its pointer tells it.
 */
#ifndef CPIS_XML_DICTIONARY_H
#define CPIS_XML_DICTIONARY_H

#include "xml/reader.h"

#include <libxml/tree.h>

/* Few, so that a small message touches little memory: its names are some dozens. */
enum { DICTIONARY_SLOTS = 1024 };

struct dictionary {
	xmlDictPtr dict;
	struct dictionary_slot {
		const xmlChar *local;
		uint16_t ns;
		xml_name name;
	} slots[DICTIONARY_SLOTS]; /* (local pointer, namespace) -> name, of all seen so far */
	size_t slot_count;
	const xmlChar *uris[NS_COUNT]; /* the dictionary's pointers */
	const xmlChar *last_uri;       /* most tags have the namespace of the tag before */
	uint16_t last_ns;
};

/*
 * A new dictionary for the documents to come, in place of what a zeroed or used one holds. It has
 * the names that they use and no others: while it is small, libxml2 looks names up in it by a much
 * faster hash. -1 when memory is out.
 */
int dictionary_renew(struct dictionary *dictionary);

/* For the functions below. */
xml_name dictionary_learn_name(struct dictionary *dictionary, const xmlChar *local, uint16_t ns,
			       size_t slot);
uint16_t dictionary_find_namespace(struct dictionary *dictionary, const xmlChar *uri);

/* The number of a name; local and uri are pointers of the dictionary. */
static inline xml_name name_of(struct dictionary *dictionary, const xmlChar *local, uint16_t ns)
{
	uint64_t key = (uint64_t)(uintptr_t)local * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)((key >> 40) + ns * 131u) % DICTIONARY_SLOTS;
	for (; dictionary->slots[i].local; i = (i + 1) % DICTIONARY_SLOTS)
		if (dictionary->slots[i].local == local && dictionary->slots[i].ns == ns)
			return dictionary->slots[i].name;
	return dictionary_learn_name(dictionary, local, ns, i);
}

static inline uint16_t namespace_of(struct dictionary *dictionary, const xmlChar *uri)
{
	if (!uri)
		return NS_NONE;
	return uri == dictionary->last_uri ? dictionary->last_ns
					   : dictionary_find_namespace(dictionary, uri);
}

#endif
