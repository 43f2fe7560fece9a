/*
 * parcel.h - bytes on the way to a message, and where they are in the file as it was sent.
 *
 * A source is a parcel; a layer opens it and finds further parcels in it, until there is nothing
 * left to open: a document. A parcel's bytes are in the parcel around it as they are, as a whole or
 * in pieces, or were decoded from it. A parcel lives on the stack of the function that opens the
 * one around it.
 */
#ifndef CPIS_TRANSPORT_PARCEL_H
#define CPIS_TRANSPORT_PARCEL_H

#include "base/buf.h"
#include "base/str.h"

struct layer;
struct mesh;

enum { MOST_PARCEL_LAYERS = 16, MOST_KNOWN_LAYERS = 4 };

enum parcel_form {
	PARCEL_AS_SENT,	  /* one slice of the parcel around */
	PARCEL_IN_PIECES, /* slices of it, one after the other: chunks */
	PARCEL_DECODED
};

/* From byte `at` on, the bytes are in the parcel around from `outer` on. */
struct piece {
	size_t at, outer;
};

/* In place of a status of HTTP that is not three digits, or of a class that does not exist. */
enum { NO_STATUS = 1000 };

/* What the header of an HTTP message or a MIME part says of its body. Absent: it says nothing. */
struct carrier {
	struct str content_type;
	struct str method;	/* of an HTTP request */
	bool has_fields;	/* of an HTTP message: its head holds more than the first line */
	struct str soap_action; /* of that, without quotes */
	size_t soap_action_count;
	struct str action; /* the same as SOAP 1.2 says it, in Content-Type */
	size_t codings;	   /* how often it says that the body is encoded or compressed */
	unsigned status;   /* of an HTTP response, or NO_STATUS; 0 for others */
	bool fetched;	   /* of that: it answers a GET, or comes out of a MESH mailbox */
	bool by_mesh; /* of an HTTP message: it brings a file to a MESH mailbox, or out of one */
};

/* Ends the name of a party in a list of them: XML does not have it. */
#define PARTY_END '\x1f'

enum { LONGEST_EBXML_FIELD = 256, LONGEST_PARTIES = 4 * 256, MOST_REFERENCES = 32 };

/* What an Acknowledgment of ebXML says: cut as in its header, and "" where missing. */
struct ebxml_acknowledgment {
	char of[LONGEST_EBXML_FIELD];	/* RefToMessageId: the message that it acknowledges */
	char at[LONGEST_EBXML_FIELD];	/* Timestamp */
	char from[LONGEST_EBXML_FIELD]; /* the last PartyId of From */
	bool has_from;
};

/* What an ebXML header says of its payload: cut to their room, and "" where missing. */
struct ebxml {
	char service[LONGEST_EBXML_FIELD], action[LONGEST_EBXML_FIELD];
	char cpa_id[LONGEST_EBXML_FIELD], conversation_id[LONGEST_EBXML_FIELD];
	char message_id[LONGEST_EBXML_FIELD], timestamp[LONGEST_EBXML_FIELD];
	char time_to_live[LONGEST_EBXML_FIELD];
	char answers[LONGEST_EBXML_FIELD];			 /* RefToMessageId */
	char from[LONGEST_EBXML_FIELD], to[LONGEST_EBXML_FIELD]; /* the last PartyId of each */
	bool blank_party; /* a PartyId is blank, of From, of To or of an Acknowledgment */
	char senders[LONGEST_PARTIES];	   /* all of them in From, each with PARTY_END after it */
	char receivers[LONGEST_PARTIES];   /* in To */
	char untyped[LONGEST_EBXML_FIELD]; /* a PartyId that no type says the kind of, and that is
					      not a URI; "": none */
	const char *unversioned; /* the name of an element whose version is not 2.0; NULL: none */
	char version[LONGEST_EBXML_FIELD]; /* that it has */
	const char *ignorable;		   /* one that mustUnderstand is not said of; NULL: none */
	const char *late; /* one that comes after what it should be before; NULL: none */
	char undefined[LONGEST_EBXML_FIELD]; /* one in the header that ebXML does not define; "" */
	const char *repeated; /* the name of a field that is there twice; NULL: none is */
	bool has_instruction; /* a processing instruction, which SOAP forbids */
	size_t instruction;   /* where that is: in the bytes that were read, or the parcel judged */
	/* Of the parts that the Manifest lists: the Content-ID, and whether a part has it. */
	struct {
		char id[LONGEST_EBXML_FIELD];
		bool found;
	} references[MOST_REFERENCES];
	size_t reference_count;		     /* may be more than are kept */
	bool reference_to_nothing;	     /* one has no xlink:href */
	char elsewhere[LONGEST_EBXML_FIELD]; /* the last one to what is not a part; "": none is */
	char link_type[LONGEST_EBXML_FIELD]; /* an xlink:type of one that is not simple; "": none */
	size_t manifests;
	bool reply_for_another; /* a SyncReply whose actor is not the next receiver */
	bool signing_unsaid;	/* an AckRequested does not say whether to sign the receipt */
	char unknown[LONGEST_EBXML_FIELD];  /* an element of the SOAP Header that ebXML does not
					       define, and that must be understood; "": none */
	char flagged[LONGEST_EBXML_FIELD];  /* one of another value of mustUnderstand than 0 and 1;
					       "": none */
	char flag[LONGEST_EBXML_FIELD];	    /* that value */
	bool has_header, in_place;	    /* a MessageHeader; and it is in the SOAP Header */
	bool error_list;		    /* an ErrorList */
	bool has_error, has_warning;	    /* in that list, by the severity of each */
	bool empty_list;		    /* there is no Error in it */
	bool without_code;		    /* an Error has no errorCode */
	char highest[LONGEST_EBXML_FIELD];  /* highestSeverity of the list */
	char severity[LONGEST_EBXML_FIELD]; /* one of an Error that ebXML does not define, or "" */
	bool without_severity;		    /* an Error has none */
	/* The next handler and the last may have one each. Where one has two, the last is kept. */
	struct ebxml_acknowledgment acknowledgments[2];
	unsigned acknowledgment_count; /* may be more than are kept */
	unsigned actors[2]; /* how many of them are for the next handler, and for the last */
	char error[LONGEST_EBXML_FIELD]; /* errorCode of the first error; "" where missing */
	const char *mixed; /* an element of ebXML that has text between others, or NULL */
	/* Of the headers of Spine's SOAP messages: WS-Addressing, and ASIDs. */
	char wsa_action_2004[LONGEST_EBXML_FIELD], wsa_action_2005[LONGEST_EBXML_FIELD];
	char receiver_asid[LONGEST_EBXML_FIELD], sender_asid[LONGEST_EBXML_FIELD];
	size_t receiver_count, sender_count; /* of ASIDs; where there are more, the last is kept */
	size_t signal; /* where the Acknowledgment or ErrorList is in the envelope */
};

/* What the ITK envelope around a payload says, and the SOAP header before it. */
struct enclosure {
	struct str tracking_id;
	struct str sender;  /* uri of its senderAddress; absent where it has not exactly one */
	struct str created; /* of WS-Security */
	bool envelope;	    /* there is an envelope, and not only the header */
};

struct parcel {
	const struct parcel *around; /* NULL: it is the source itself */
	struct str bytes;	     /* bytes.p[bytes.n] is readable */
	enum parcel_form form;
	size_t start; /* of it, or of what it was decoded from, in the parcel around */
	const struct piece *pieces; /* PARCEL_IN_PIECES */
	size_t piece_count;

	const char *source; /* what the source is called, of that itself; NULL: nothing */
	const char *name;   /* "part 2", "payload 1"; NULL: it needs no name */
	const char *id;	    /* what the sender calls it: a Content-ID, a payload's id; NULL */
	const char *member; /* its path in the archive around: it counts as a source; else NULL */
	size_t siblings;    /* files of the archive around, as far as they were counted; else 0 */
	struct str content_type;       /* as the layer around says; absent where it says nothing */
	const struct carrier *carrier; /* of which it is the body; NULL: it is in none */
	const struct ebxml
		*ebxml; /* what the ebXML header before it says of it; NULL: there is none */
	const struct enclosure
		*enclosure; /* of the envelope that it is an encoded payload of; NULL: of none */
	const struct layer
		*known[MOST_KNOWN_LAYERS + 1]; /* what the layer around says it is packed in */
	const struct mesh
		*mesh; /* how it relates to the file of the same name beside it, or NULL */
	const char *layers[MOST_PARCEL_LAYERS]; /* outermost first */
	size_t layer_count;
	size_t serial;	   /* of those of a source that were opened or read, from 1; 0: not yet */
	bool damaged;	   /* a finding says already that it is not complete */
	bool mini_service; /* an envelope around says that it is the mini service's reply */
};

/* A parcel inside one: inherits what was learned of the one around. from and n lie within it. */
struct parcel parcel_slice(const struct parcel *around, size_t from, size_t n);
/* bytes were decoded from the parcel around, from start on. */
struct parcel parcel_decoded(const struct parcel *around, struct str bytes, size_t start);

/* False when there are as many layers as there may be. */
bool parcel_add_layer(struct parcel *parcel, const char *name);

/* What the head of the HTTP message around a parcel says; NULL: none is around it. */
const struct carrier *parcel_http(const struct parcel *parcel);

/* The source, or member of an archive, that a parcel came in. */
const struct parcel *parcel_source(const struct parcel *parcel);

/* Where a byte comes from. */
struct origin {
	size_t offset; /* in the bytes of parcel_source: of the byte, or of what it was decoded from
			*/
	const struct parcel *decoded; /* the innermost parcel that was decoded; NULL: the byte was
					 sent as it is */
	size_t inner;		      /* the byte's offset in decoded */
};

struct origin parcel_origin(const struct parcel *parcel, size_t offset);

/* What a decoded parcel is called in a finding: "base64 payload 1", "base64 part 2 in gzip". */
void parcel_describe(const struct parcel *parcel, struct buf *out);

#endif
