/*
 * layer.h - one layer that messages are packed in: how it is recognised, and how it is opened.
 *
 * Each layer looks at a parcel and bids how sure it is that the parcel is one of its own. The
 * highest bid opens it, and what comes out is offered again, until no layer bids. No code knows an
 * order of layers. To add one, add its file, declare it here, and list it in unwrap.c.
 */
#ifndef CPIS_TRANSPORT_LAYER_H
#define CPIS_TRANSPORT_LAYER_H

#include "diag/rule.h"
#include "transport/parcel.h"

struct unwrapping; /* unwrap.h */

/* How sure a layer is. */
enum bid {
	NO_BID,
	BID_LIKELY = 40, /* it looks so */
	BID_SURE = 80,	 /* its mark is at the start */
	BID_TOLD = 100	 /* the layer around, or the file beside it, says so */
};

enum { MOST_LAYER_RULES = 6 };

struct layer {
	const char *name;			 /* "gzip": what results list */
	const char *sign;			 /* what it is recognised by, in words */
	enum stage_rule rules[MOST_LAYER_RULES]; /* judged each time the layer is opened */
	/* Looks at the first bytes and at what is known from outside; may be NULL: opened only when
	 * the layer around says so. */
	enum bid (*bid)(const struct parcel *parcel);
	/* Hands every parcel inside to unwrap_part, and says what is wrong with the layer itself.
	 */
	void (*open)(struct unwrapping *unwrapping, const struct parcel *parcel);
};

extern const struct layer *const layers[];
extern const size_t layer_count;

extern const struct layer gzip_layer, deflate_layer, compressed_layer, base64_layer, quoted_layer,
	http_layer, mime_layer, mesh_layer, zip_layer, tar_layer, log_layer, unopened_layer;

/*
 * What content is that begins like this and is neither a layer nor XML: "a PDF document"; NULL: it
 * is not known, or may be XML. Static. The second goes by the mark at its start alone.
 */
const char *kind_of_content(struct str bytes);
const char *kind_of_marked(struct str bytes);
/* The same of what may hold a message, and cannot be opened: "encrypted (PGP)". */
const char *kind_not_opened(struct str bytes);

/* Whether content begins as text does, in an encoding that is known: nothing binary does. */
bool kind_is_text(struct str bytes);

/* The start of a text with the mark of UTF-16 or UTF-32, as ASCII, in room; of any other as it is,
 * without a mark of UTF-8. */
enum { KIND_HEAD_BYTES = 4096 };
struct str kind_narrowed(struct str bytes, char room[KIND_HEAD_BYTES]);

/* The name of a document's first element, prefix and all; absent: there is none near its start. */
struct str kind_root_name(struct str document);

/*
 * The start of content that was not opened as a layer yet: enough to see what it begins with, as
 * base64_start does. Decodes into out, up to room bytes or the first fault. How many bytes there
 * are:
 */
size_t quoted_start(struct str text, char *out, size_t room);
/* Whether bytes begin as gzip or zlib data does. */
bool compressed_is(struct str bytes);
/* gzip or zlib data; *inflated is 0 where it is neither. -1 when out of memory. */
int compressed_start(const char *bytes, size_t n, char *out, size_t room, size_t *inflated);

/* What is in a zip beside its members. broken: a fault of it was reported. -1 when out of memory.
 */
int zip_judge_rest(struct unwrapping *unwrapping, const struct parcel *parcel, bool broken);

#endif
