#include "xml/dictionary.h"

enum { MOST_SLOTS = 700 };

xml_name dictionary_learn_name(struct dictionary *dictionary, const xmlChar *local, uint16_t ns,
			       size_t slot)
{
	xml_name name =
		ns == NS_UNKNOWN ? 0 : xml_names_find((enum xml_namespace)ns, (const char *)local);
	if (dictionary->slot_count < MOST_SLOTS) {
		dictionary->slots[slot] = (struct dictionary_slot){ local, ns, name };
		dictionary->slot_count++;
	}
	return name;
}

uint16_t dictionary_find_namespace(struct dictionary *dictionary, const xmlChar *uri)
{
	uint16_t ns = NS_UNKNOWN;
	for (size_t i = 0; i < NS_COUNT; i++)
		if (dictionary->uris[i] == uri)
			ns = (uint16_t)i;
	dictionary->last_uri = uri;
	dictionary->last_ns = ns;
	return ns;
}

int dictionary_renew(struct dictionary *dictionary)
{
	xmlDictFree(dictionary->dict);
	memset(dictionary, 0, sizeof(*dictionary));
	dictionary->dict = xmlDictCreate();
	if (!dictionary->dict)
		return -1;
	for (size_t i = 0; i < NS_COUNT; i++) {
		if (!xml_namespace_uris[i])
			continue;
		dictionary->uris[i] =
			xmlDictLookup(dictionary->dict, (const xmlChar *)xml_namespace_uris[i], -1);
		if (!dictionary->uris[i])
			return -1;
	}
	return 0;
}
