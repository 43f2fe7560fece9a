/*
 * messages.h - write every message that the national service sends, from typed parts.
 *
 * One function for each payload, and one structure for each way in which it travels: alone, in a
 * Spine interaction with or without its SOAP envelope, in an ITK envelope with or without SOAP.
 * What is written is a complete document. Functions return -1 when the buffer fails, or a part
 * that the shape needs is missing.
 *
 * Sources: the element trees of the DMS 1.0 RC5 and of the mini service 1.0 RC1; for the headers
 * what Spine's reply builders and ITK's simulator write, where that is valid.
 */
#ifndef CPIS_WRITE_MESSAGES_H
#define CPIS_WRITE_MESSAGES_H

#include "write/pieces.h"

/* How a message of Spine is addressed. All texts are borrowed. */
struct spine_envelope {
	bool soap;		     /* false: the interaction alone */
	const char *service;	     /* "cpisquery" or "cpisupload" */
	struct str message_id;	     /* a UUID, of the interaction and of the SOAP header */
	struct str to, from;	     /* addresses of the SOAP header */
	struct str relates_to;	     /* wsa:MessageID of the request; absent: none */
	struct str request_id;	     /* id of the request's interaction, for messageRef */
	struct str sender, receiver; /* ASIDs */
	struct str created;	     /* HL7 time */
};

/* A query response, of either form. */
struct query_response {
	struct str effective, id;
	struct str status, status_name; /* of the mini service; absent: the plain form */
	struct str nhs_number;		/* asked for: of every access */
	const struct piece_access *accesses;
	size_t access_count;
	const struct piece_record *records;
	size_t record_count;
};

struct detected_issue {
	const char *code, *text;
};

struct upload_detail {
	const char *code;	    /* "CPR06" */
	const char *why, *why_text; /* of a CPR07: Spine's own fault, as a translation; or NULL */
	size_t number;		    /* of the record in the file, from 1 */
};

/* What became of an upload. */
struct upload_outcome {
	struct str created;
	long long file_id, quantity; /* -1: it cannot be determined */
	struct str file_text;	     /* the id as it was sent; absent: file_id */
	const char *code;	     /* "CPF02" */
	const struct piece_organisation *sender;
	const struct upload_detail *details; /* as many as records */
	const struct piece_record *records;
	size_t record_count; /* 0: none was looked at */
};

struct access_notice {
	struct str effective, id;
	const struct piece_organisation *recipient;
	const struct piece_access *accesses;
	size_t access_count;
};

struct inactive_number {
	struct str nhs_number, local_id, local_authority;
	struct str replacement; /* absent: none */
	struct str upload;	/* sequence number of the file that it was in */
};

struct inactive_notice {
	struct str effective, id;
	const struct piece_organisation *recipient;
	const struct inactive_number *numbers;
	size_t number_count;
};

/* Payloads alone. */
int write_response_payload(struct buf *out, const struct query_response *response);
int write_upload_acknowledgement(struct buf *out, const struct upload_outcome *outcome);
int write_access_notice(struct buf *out, const struct access_notice *notice);
int write_inactive_notice(struct buf *out, const struct inactive_notice *notice);

/* REPC_IN000007GB01, with its records. */
int write_query_response(struct buf *out, const struct spine_envelope *envelope,
			 const struct query_response *response);
/* QUQI_IN010000UK14: the query failed, or found nothing. code: "ID" or "NF" */
int write_query_failure(struct buf *out, const struct spine_envelope *envelope, const char *code,
			const struct detected_issue *issues, size_t count);
/* MCCI_IN010000UK13: AA without issues, AE with some. */
int write_application_acknowledgement(struct buf *out, const struct spine_envelope *envelope,
				      const struct detected_issue *issues, size_t count);
/* REPC_IN000003GB01 around an upload's acknowledgement. */
int write_upload_reply(struct buf *out, const struct spine_envelope *envelope,
		       const struct upload_outcome *outcome);
/* REPC_IN000004GB01 and REPC_IN000005GB01 around notices. */
int write_access_message(struct buf *out, const struct spine_envelope *envelope,
			 const struct access_notice *notice);
int write_inactive_message(struct buf *out, const struct spine_envelope *envelope,
			   const struct inactive_notice *notice);

/* A SOAP fault of Spine, without a SOAP header. */
struct spine_fault {
	const char *code, *location, *text; /* of the error list */
};
int write_spine_fault(struct buf *out, const struct spine_fault *fault);

/* How a reply of an ITK service is addressed. */
struct itk_envelope {
	bool soap;	       /* false: the distribution envelope alone */
	bool soap12;	       /* as the request */
	struct str message_id; /* a UUID */
	struct str relates_to; /* wsa:MessageID of the request; absent: none */
	struct str tracking_id, payload_id, timestamp_id; /* UUIDs */
	struct str created, expires;			  /* ISO 8601 */
	struct str to;	     /* uri of the request's sender; absent: no address list */
	struct str identity; /* uri of the audit identity */
	struct str from;     /* uri of the sender address */
	struct str user;     /* wsse:Username */
	struct str request_tracking, request_service; /* of an acknowledgement */
};

/* REPC_MT000012GB01, the mini service's query response; response->status must be there. */
int write_mini_response(struct buf *out, const struct itk_envelope *envelope,
			const struct query_response *response);
/* An upload's acknowledgement over ITK. */
int write_itk_upload_acknowledgement(struct buf *out, const struct itk_envelope *envelope,
				     const struct upload_outcome *outcome);

/* A fault with ToolkitErrorInfo, or an infrastructure acknowledgement's error. */
struct itk_error {
	struct str id; /* a UUID */
	const char *code, *text, *diagnostic;
};
int write_itk_fault(struct buf *out, const struct itk_envelope *envelope,
		    const struct itk_error *error);
/* error NULL: the result is OK. */
int write_infrastructure_acknowledgement(struct buf *out, const struct itk_envelope *envelope,
					 const struct itk_error *error);

/* How a request goes to a service by SOAP 1.1. */
struct soap_request {
	bool itk; /* to the mini service; false: to Spine */
	const char *action, *to;
	struct str message_id;				 /* a UUID */
	struct str sender, receiver;			 /* ASIDs; of Spine */
	struct str timestamp_id, created, expires, user; /* of the mini service; ISO 8601 */
};
/* The envelope around an interaction or a distribution envelope. document is in UTF-8 and well
 * formed, and has no document type. */
int write_soap_request(struct buf *out, const struct soap_request *request, struct str document);

/* How an ebXML message is addressed. */
struct ebxml_envelope {
	struct str from_party, to_party, cpa_id, conversation;
	const char *service; /* "urn:nhs:names:services:cpisquery" */
	const char *action;
	struct str message_id, ref_to; /* UUIDs; ref_to absent: it answers nothing */
	struct str timestamp;	       /* ISO 8601 */
};
int write_ebxml_acknowledgement(struct buf *out, const struct ebxml_envelope *envelope);
int write_ebxml_error(struct buf *out, const struct ebxml_envelope *envelope, const char *code,
		      const char *context, const char *text);
/* A multipart message with a payload; boundary gets the one that was used. */
enum { BOUNDARY_BYTES = 64 };
int write_ebxml_message(struct buf *out, const struct ebxml_envelope *envelope, struct str payload,
			char boundary[BOUNDARY_BYTES]);

/* The control file of a MESH transfer. */
struct transfer_control {
	struct str from, to, workflow, local_id, subject, message_id, partner, process;
	bool report; /* a report of an error, not data */
	bool sent;   /* false: no StatusRecord: it is still to be sent */
	const char *event, *status, *status_code, *description;
	struct str timestamp; /* 14 digits */
};
int write_mesh_control(struct buf *out, const struct transfer_control *control);
/* Its StatusRecord alone, for a control file that is there. */
int write_mesh_status(struct buf *out, const struct transfer_control *control);

/* The payloads of replies and notices, inside whatever they travel in. */

/* CP-ISNHSQueryResponse: REPC_MT000012GB01 where there is a status, else REPC_MT000007GB01. */
void payload_response(struct element_writer *writer, const struct query_response *response);
/* FileResponse, REPC_MT000003GB01. */
void payload_acknowledgement(struct element_writer *writer, const struct upload_outcome *outcome);
/* REPC_MT000004GB01 */
void payload_access_notice(struct element_writer *writer, const struct access_notice *notice);
/* REPC_MT000005GB01 */
void payload_inactive_notice(struct element_writer *writer, const struct inactive_notice *notice);

#endif
