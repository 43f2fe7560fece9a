/*
 * catalogue.h - the messages that the program knows, and the XML envelopes they travel in.
 *
 * Adding a message type is a row here, its schema under schemas/ and its binding table.
 */
#ifndef CPIS_MESSAGE_CATALOGUE_H
#define CPIS_MESSAGE_CATALOGUE_H

#include "message/binding.h"
#include "xml/reader.h"

struct message_type {
	const char *id;	   /* "REPC_MT000002GB01" */
	const char *alias; /* "upload": for --as */
	const char *title; /* "CP-IS Local Authority Upload" */
	enum xml_namespace ns;
	const char *root;   /* local name of the root element */
	const char *schema; /* path below schemas/; NULL: it is not of CP-IS, and not judged */
	const struct binding_table *table;
	unsigned role;	  /* of the part that the root opens */
	bool interaction; /* has the transmission wrapper around its payload */
	bool smsp; /* the mini-service form: its value element distinguishes it from the plain one
		    */
};

/* An XML element that holds messages, recognised by its start tag. */
struct frame_type {
	const char *name; /* "soap", "itk": what results list as a layer */
	enum xml_namespace ns;
	const char *root;
	const char *schema; /* NULL: not checked */
	const struct binding_table *table;
	enum xml_namespace
		holder_ns;   /* the element whose children may be messages or further frames */
	const char *holder;  /* NULL: nothing is looked for in it */
	bool holds_text;     /* the holder may hold an encoded message as text */
	const char *payload; /* root of the message that an interaction carries, in the holder or
				beside it; NULL: the frame is not an interaction */
	const char *title;   /* of an interaction */
};

extern const struct message_type message_types[];
extern const size_t message_type_count;
extern const struct frame_type frame_types[];
extern const size_t frame_type_count;

/* Add all names, after those of the schemas; once at setup. -1: out of room. */
int catalogue_setup(void);

/* Number the binding tables of all types, zeroed before. -1: out of room. */
struct binding_numbers;
int catalogue_number_tables(struct binding_numbers *numbers);

/*
 * The type whose root this is; smsp chooses between the two forms of the query response. NULL:
 * none.
 */
const struct message_type *catalogue_message(const struct xml_tag *tag, bool smsp);
const struct frame_type *catalogue_frame(const struct xml_tag *tag);
const struct message_type *catalogue_find(const char *id_or_alias);

/*
 * Whether the response that starts with this tag is the mini-service form: one of its first
 * children is value. Looks a little ahead in the document.
 */
bool catalogue_looks_smsp(const struct xml_tag *tag);

/*
 * Whether an element in a SOAP Body only wraps a reply from Spine: its first child is an
 * interaction, or one misspelt, and it has a name of Spine's, or any name where it wraps an
 * application acknowledgement.
 */
bool catalogue_wraps_interaction(const struct xml_tag *tag);

/* The local name of the first element of a document, or of its start; absent: there is none. *smsp:
 * as catalogue_looks_smsp says of it. */
struct str catalogue_first_element(struct str document, bool *smsp);

/* Whether a message with the transmission wrapper is called so. */
bool catalogue_is_interaction(struct str local);

/* Root of the message that an interaction carries as an envelope carries it; NULL: it carries none.
 */
const char *catalogue_carried(const char *interaction);

/* What an ebXML envelope is that carries no message: "an ebXML error (ErrorList)"; NULL: it is not
 * known. */
const char *catalogue_ebxml(const struct xml_tag *tag);

/* Whether this is XML encryption's element in place of what was encrypted. */
bool catalogue_is_encrypted(const struct xml_tag *tag);

/* An element that is neither a message nor an envelope: what it may be. */
struct unknown_element {
	const char *what;    /* "a CDA document"; NULL: it is not known */
	const char *meant;   /* the root that it may be a misspelling of; NULL: none */
	const char *home;    /* the namespace that elements of its name, or meant, have in CP-IS */
	const char *root_of; /* it is called as a type of message with this root; NULL: it is not */
};

/* All of it static. */
struct unknown_element catalogue_unknown(const struct xml_tag *tag);

/* Whether an envelope is that of SOAP, of either version; type may be NULL. */
bool catalogue_is_soap(const struct frame_type *type);

/* Whether a message of this type never comes directly in a SOAP Body. */
bool catalogue_needs_envelope(const struct message_type *type);

#endif
