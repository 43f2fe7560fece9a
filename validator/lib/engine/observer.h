/*
 * observer.h - who wants to see what is opened and recognised, besides its being judged.
 */
#ifndef CPIS_ENGINE_OBSERVER_H
#define CPIS_ENGINE_OBSERVER_H

#include <stddef.h>

struct layer;
struct parcel;

struct observer {
	void *context;
	/* A layer is opened. */
	void (*layer)(void *context, const struct parcel *parcel, const struct layer *layer);
	/* There is nothing left to open: an XML document, or else what it is in words. */
	void (*leaf)(void *context, const struct parcel *parcel, const char *what);
	/* An envelope (title NULL) or a message starts in the document, inside so many envelopes.
	 */
	void (*element)(void *context, const struct parcel *document, size_t offset,
			size_t envelopes, const char *name, const char *title);
	/*
	 * Something is wrong (with the id of a rule), or cannot be opened (without), at an offset
	 * in a parcel, inside so many lines of its tree: its document and the envelopes open in
	 * that.
	 */
	void (*trouble)(void *context, const struct parcel *parcel, size_t offset, size_t lines,
			const char *rule, const char *why);
};

#endif
