/*
 * documents.h - what a source holds, as trees for XPath: each document as judging finds it, decoded
 * and unwrapped.
 *
 * A statement about a message is made on the whole of its document: where an envelope has a payload
 * as text (base64, compressed), the payload is decoded in its place, so that the statement means
 * the same however the message travels. The place of a finding is in its own document, as findings
 * have it.
 */
#ifndef CPIS_PACK_DOCUMENTS_H
#define CPIS_PACK_DOCUMENTS_H

#include "xml/tree.h"

struct cpis_options;

struct pack_document {
	const char *member;	  /* of an archive; NULL: of none */
	struct xml_tree *tree;	  /* as it was sent; NULL: see fault */
	struct xml_tree *decoded; /* with payloads in their place; NULL: there are none */
	struct tree_fault fault;  /* why there is no tree */
	bool broken;		  /* a payload could not be put in its place: see fault */
	bool is_payload;	  /* it is a part of the whole of the one around it */
	bool has_message;	  /* a message is in it, or in a payload of it */
};

/* Zeroed holds nothing. */
struct pack_documents {
	struct arena arena;
	struct pack_document *items;
	size_t count;
	struct tree_fault fault; /* where count is 0: why */
};

/*
 * Take a source apart, as judging it with these options does. bytes.p[bytes.n] is NUL; the bytes
 * must stay until it is closed. tree is of all of the bytes, and is taken over; NULL: it is not
 * known whether they are XML. What cannot be made a tree of says why; so does being out of
 * memory.
 */
void pack_documents_open(struct pack_documents *documents, struct str bytes, struct xml_tree *tree,
			 const struct cpis_options *options);
void pack_documents_close(struct pack_documents *documents);

/*
 * The next document that statements are made about, from *place on, which starts at 0: every one
 * with a message; where none has one, every document that is not a payload. NULL: no more.
 */
const struct pack_document *pack_documents_next(const struct pack_documents *documents,
						size_t *place);

/* Its whole, for statements; NULL: see fault. */
const struct xml_tree *pack_document_whole(const struct pack_document *document);

#endif
