/*
 * unwrap.h - from the bytes of a source to the documents in it, through all its layers.
 *
 * Works depth first, one parcel after another: what was decoded is freed as soon as everything
 * inside it has been handled. A sink is called for all that is found, in the order of the source.
 * Input may be hostile: bytes decoded, parts and depth are limited for the whole source, and what
 * is beyond a limit is reported as unopened, never left out silently.
 */
#ifndef CPIS_TRANSPORT_UNWRAP_H
#define CPIS_TRANSPORT_UNWRAP_H

#include "diag/rule.h"
#include "transport/parcel.h"

struct layer;
struct xml_reader;

struct unwrap_limits {
	size_t max_decoded_bytes; /* of one source, all layers together */
	size_t max_parts;	  /* parcels in one source */
	size_t max_layers;	  /* around one document */
};

/* EXCHANGE_UNSAID: it may be either. */
enum exchange_side { EXCHANGE_REQUEST, EXCHANGE_RESPONSE, EXCHANGE_UNSAID };

/* Every function may be NULL but document. Texts are borrowed for the call. */
struct unwrap_sink {
	void *context;
	/* There is nothing left to open: an XML document, by its looks. bytes.p[bytes.n] is a NUL.
	 */
	void (*document)(void *context, const struct parcel *parcel);
	/* Neither a layer nor XML. */
	void (*no_document)(void *context, const struct parcel *parcel, const char *what);
	/* A layer is about to be opened; parcel->layers names it already. */
	void (*opened)(void *context, const struct parcel *parcel, const struct layer *layer);
	/* What comes next in the parcel is the request, or the response, of an exchange. */
	void (*exchange)(void *context, const struct parcel *parcel, enum exchange_side side);
	/* NULL, or any file of an archive is taken as it is, whether it may be a message or not.
	 * -1: stop here. */
	int (*file)(void *context, const struct parcel *parcel);
	/* True: the member of an archive is taken over as it is, to be unwrapped apart. The parcels
	 * around it stay until archive_ends. */
	bool (*member)(void *context, const struct parcel *parcel);
	/* A member of an archive begins and ends: calls in between belong to it. */
	void (*member_begins)(void *context, const struct parcel *parcel);
	void (*member_ends)(void *context, const struct parcel *parcel);
	/* All members of an archive have been handed on. */
	void (*archive_ends)(void *context);
	/* A member of an archive that is skipped. */
	void (*left_out)(void *context, const struct parcel *parcel, const char *member,
			 const char *why);
	/* The parcel is a control file of MESH, which breaks rules. Its data is elsewhere, or it
	 * has none. */
	void (*control)(void *context, const struct parcel *parcel);
	/* The layer breaks a rule, at an offset in the parcel. */
	void (*fault)(void *context, const struct parcel *parcel, size_t offset,
		      enum stage_rule rule, const char *text);
	/* What is at the offset cannot be opened, for a reason that is not a fault of the message.
	 */
	void (*unopened)(void *context, const struct parcel *parcel, size_t offset,
			 const char *why);
};

struct unwrapping {
	const struct unwrap_sink *sink;
	struct unwrap_limits limits;
	struct xml_reader *reader; /* for the documents that a layer has to look into */
	size_t decoded_bytes, parts, opened, documents;
	size_t in_vain;	     /* bytes of the capture that unwrap_end_around looked through so */
	size_t interactions; /* documents whose root is named like one of HL7: QUPC_IN000006GB01 */
	bool parts_exceeded;
	bool unopened; /* something was, maybe for a limit */
	bool limited;  /* something was, for a limit: not where a document is too deep */
};

/* Unwrap a parcel and all in it. */
void unwrap(struct unwrapping *unwrapping, const struct parcel *parcel);

/* Whether a layer or XML begins like this. */
bool unwrap_knows(struct str head);
/* Whether a layer begins like this. */
bool unwrap_opens(struct str head);
/* Whether the ending of a name says that a message is in it. */
bool unwrap_is_named_like_a_message(const char *filename);
/* Whether unwrap_knows it, or a message is near its start, or its name says so: whether a file in a
 * folder or archive is judged. */
bool unwrap_is_worth_judging(struct str head, const char *filename);

/* Why a file is skipped that a Mac or Windows leaves beside others, by its name and what is in it;
 * NULL: it is another file, or may hold a message. */
const char *unwrap_skips_note(const char *name, struct str bytes);

/* Whether a message or an envelope begins anywhere in a text that should have none. */
bool unwrap_holds_message(struct str bytes);

/* Where the XML document ends that holds an offset, of those that start at or after another one, at
 * the start of a line. 0: there is none that does, or one before it is broken, or it is a document
 * without a message, which may hide one there. *in_vain: the bytes that were looked through so, of
 * this content; there is a limit, after which 0 is the answer. */
size_t unwrap_end_around(struct str bytes, size_t from, size_t at, size_t *in_vain);

/* Whether a message, or an archive of some, may be in bytes that are not read. */
bool unwrap_may_hold_a_message(struct str bytes);

/* For layers */

/* Bytes of the parcel that no one reads: where they hold what looks like a message, that was not
 * judged. where: "the head of part 2". */
void unwrap_look_beside(struct unwrapping *unwrapping, const struct parcel *parcel,
			struct str bytes, const char *where);

/* The same of bytes beside the members of an archive, which are listed in any case. Zeros hold
 * nothing: writers fill up blocks with them. where: "after the end of the tar archive". */
void unwrap_list_bytes(struct unwrapping *unwrapping, const struct parcel *parcel, size_t from,
		       size_t until, const char *where);

/* Hand over a parcel found inside. -1: stop here. */
int unwrap_part(struct unwrapping *unwrapping, const struct parcel *part);

/* Say which side of an exchange the next part is. */
void unwrap_exchange(struct unwrapping *unwrapping, const struct parcel *parcel,
		     enum exchange_side side);

/* Count a part that is not handed over. -1: stop here. */
int unwrap_count(struct unwrapping *unwrapping, const struct parcel *around);

/* How many bytes may still be decoded; and that some were. */
size_t unwrap_room(const struct unwrapping *unwrapping);
void unwrap_decoded(struct unwrapping *unwrapping, size_t bytes);

void unwrap_fault(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		  enum stage_rule rule, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* A field of a head is there again with another value: who reads the head takes the one or the
 * other. */
void unwrap_contradicted(struct unwrapping *unwrapping, const struct parcel *parcel,
			 struct str head, const char *name, enum stage_rule rule);
void unwrap_unopened(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Content is beyond the limit of decoded bytes, or denser than honest content is. */
void unwrap_too_large(struct unwrapping *unwrapping, const struct parcel *parcel);

/*
 * Honest content is repetitive, but only so far: the same record twenty thousand times shrinks to a
 * two-hundredth. The ratio is looked at only once there is this much.
 */
enum { MOST_TIMES = 400, DENSE_FROM_BYTES = 64 * 1024 * 1024 };

/* Whether so many bytes out of so many packed ones can only be a decompression bomb. */
bool unwrap_is_too_dense(size_t packed_bytes, size_t unpacked_bytes);

/* The least bytes that are too many out of so many packed ones. */
size_t unwrap_least_dense(size_t packed_bytes);

#endif
