/*
 * ebxml.h - the envelope of an ebXML message, which is the root part of a MIME message, or all of
 * one that carries nothing: what it says of the message (struct ebxml), and what is wrong with it.
 */
#ifndef CPIS_TRANSPORT_EBXML_H
#define CPIS_TRANSPORT_EBXML_H

#include "transport/unwrap.h"

enum { MOST_ROOT_BYTES = 1024 * 1024 };

/* What a part that may be the root is. */
enum root {
	ROOT_IS_ENVELOPE, /* SOAP's, or an ITK distribution envelope */
	ROOT_IS_OTHER,	  /* XML with another root */
	ROOT_IS_NOT_XML,
	ROOT_UNREADABLE, /* not known: a limit was reached */
	ROOT_BROKEN,	 /* it breaks off, which is found when the part is judged */
	ROOT_FAILED	 /* out of memory */
};

/* Fills ebxml, and name with the root element: it has LONGEST_EBXML_FIELD bytes. */
enum root ebxml_read(struct xml_reader *reader, struct str bytes, struct ebxml *ebxml, char *name);

/* What is wrong with an envelope at an offset of the parcel, but for the parts that it lists. */
void ebxml_judge(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		 const struct ebxml *ebxml);

/* What is wrong with one that carries no message, but acknowledges one or says what is wrong with
 * it. */
void ebxml_judge_signal(struct unwrapping *unwrapping, const struct parcel *parcel,
			const struct ebxml *ebxml);

#endif
