/*
 * parts.h - what CP-IS messages are made of, as the rules see it: the domain, not XML.
 *
 * Every part begins with struct part, every value knows where it was written. Parts are filled by
 * the binding tables (message/bindings.c) in the one pass, judged when their end tag arrives, and
 * forgotten with the record they belong to. Text is a slice of the input, or of the binder's arena.
 */
#ifndef CPIS_MESSAGE_PARTS_H
#define CPIS_MESSAGE_PARTS_H

#include "base/character.h"
#include "base/str.h"
#include "diag/rule.h"
#include "message/identifiers.h"
#include "message/timestamp.h"

struct value {
	struct str text; /* text.p is NULL where there is nothing */
	size_t offset;	 /* of the value itself in the document */
};

static inline bool value_there(const struct value *value)
{
	return value->text.p != NULL;
}

/* It is there, and not blank to a reader. */
static inline bool value_filled(const struct value *value)
{
	return value_there(value) && !character_shows_nothing(value->text);
}

struct part {
	enum part_kind kind;
	unsigned role;		   /* what the part is in its message, as its binding row says */
	size_t offset;		   /* of the '<' of its element */
	const char *element;	   /* local name */
	const struct part *parent; /* the part around it; NULL: none */
	const struct rule *broken; /* the structure finding inside it, or NULL */
	bool overlooked;	   /* there is more of something in it than is kept */
	uint8_t sort;		   /* of its kind, below PART_SORTS; filled when it closes: a
				      timestamp's role, enum identifier_sort, enum subject_sort */
};

/*
 * How many entries of a list are kept. A list is an array in the binder's arena beside its count,
 * and grows as entries come; an entry may move until the next comes, and is complete by then. Where
 * there are more, the parts around are overlooked: what needs the list is not judged, and the
 * message is incomplete. MOST_REPLACEMENTS is more than the schema allows; what has no end there is
 * kept as far as rules that compare each with each take it.
 */
enum { MOST_KEPT = 4096, MOST_REPLACEMENTS = 131072 };

/* The nearest part of a kind around (or at) this one; NULL: none. */
static inline const struct part *part_ancestor(const struct part *part, enum part_kind kind)
{
	while (part && part->kind != kind)
		part = part->parent;
	return part;
}

enum timestamp_role {
	TIME_CREATED = 1, /* creationTime of a wrapper or file */
	TIME_EFFECTIVE,	  /* effectiveTime of a query, response, notification */
	TIME_BIRTH,
	TIME_PLAN_START,
	TIME_PLAN_END,
	TIME_PLAN_DELETE,
	TIME_VALID /* from when or until when an author has had the name */
};

/* For rules, those of a message and those of a plan. */
#define TIMES_OF_MESSAGE (1u << TIME_CREATED | 1u << TIME_EFFECTIVE)
#define DATES_OF_PLAN	 (1u << TIME_PLAN_START | 1u << TIME_PLAN_END | 1u << TIME_PLAN_DELETE)

struct timestamp {
	struct part part;
	struct value value;
	struct moment moment; /* read when the part closes; moment.ok: it is a real time */
};

enum identifier_role {
	ID_CHILD = 1,	/* of a child on a plan */
	ID_MOTHER,	/* of the mother of an unborn child */
	ID_QUERIED,	/* the NHS number asked for: an NHS number by definition, without root */
	ID_ACCESSED,	/* of the person whose record was accessed */
	ID_INACTIVE,	/* of the inactive patient */
	ID_REPLACEMENT, /* the new NHS number: one by definition */
	ID_ORGANISATION,
	ID_FILE,  /* sequence number of an upload */
	ID_USER,  /* of an author: SDS user, role profile or job role */
	ID_DEVICE /* ASID */
};

enum identifier_sort {
	SORT_NHS,	  /* an NHS number by its root */
	SORT_NHS_BY_ROLE, /* by definition of its element, whatever its root */
	SORT_LOCAL,
	SORT_OTHER
};

#define NHS_NUMBERS (1u << SORT_NHS | 1u << SORT_NHS_BY_ROLE)
#define LOCAL_IDS   (1u << SORT_LOCAL)
#define SDS_IDS	    (1u << SORT_NHS_BY_ROLE | 1u << SORT_OTHER) /* by their root, if at all */

struct identifier {
	struct part part;
	struct value root, extension, authority;
	/* filled when the part closes */
	bool is_nhs, is_local;
	struct nhs_number number; /* where it is an NHS number */
};

/* By its root and role. */
enum identifier_sort identifier_sort_of(const struct identifier *id);

#define OID_NHS_NUMBER	 "2.16.840.1.113883.2.1.4.1"
#define OID_LOCAL_ID	 "2.16.840.1.113883.2.1.3.2.4.18.24"
#define OID_SDS_USER	 "1.2.826.0.1285.0.2.0.65"
#define OID_ROLE_PROFILE "1.2.826.0.1285.0.2.0.67"
#define OID_SDS_JOB_ROLE "1.2.826.0.1285.0.2.1.104"
#define OID_ASID	 "1.2.826.0.1285.0.2.0.107"
#define OID_INTERACTION	 "2.16.840.1.113883.2.1.3.2.4.12"

struct telecom {
	struct part part;
	struct value value, use;
};

struct organisation {
	struct part part;
	struct identifier id;
	size_t id_count;
	struct value name;
	struct telecom *telecoms;
	size_t telecom_count;
};

/* A participation or relationship that says by contentId which template follows. */
struct content_id {
	struct part part;
	struct value root, extension;
	struct value entry; /* name of the template element in it */
};

/* Whether it names the template that follows, or there is nothing to compare. */
bool content_id_is_right(const struct content_id *content);

enum plan_kind { PLAN_LOOKED_AFTER = 1, PLAN_CHILD_PROTECTION, PLAN_UNBORN_CHILD };

struct plan { /* part.role: enum plan_kind */
	struct part part;
	struct timestamp start, end, deleted;
	size_t start_count, end_count, delete_count;
};

enum subject_kind { SUBJECT_CHILD = 1, SUBJECT_MOTHER };

/* Only the names in an upload are matched on PDS. */
enum subject_sort {
	SUBJECT_SHOWN,
	SUBJECT_UPLOADED,
	SUBJECT_PLAIN /* uploaded, and its names hold nothing of enum in_name */
};

#define UPLOADED_SUBJECTS (1u << SUBJECT_UPLOADED | 1u << SUBJECT_PLAIN)

/* What is in a name beside letters of ASCII, hyphens, apostrophes and full stops. Most have nothing
 * else, and then most rules have nothing to look for. */
enum in_name {
	IN_NAME_SPACE = 1, /* white space and control characters */
	IN_NAME_DIGIT = 2,
	IN_NAME_SIGN = 4,   /* any other of ASCII */
	IN_NAME_WIDE = 8,   /* beyond ASCII, or its last */
	IN_NAME_UNREAD = 16 /* it is sent in a form that is not read: its coding has it */
};

unsigned name_holds(struct str name);

/* What may say that a text is not sent as it is. */
struct coding {
	struct value representation, compression;
	struct str unread; /* the text as it is sent, of a name that is not there for it */
};

struct subject { /* part.role: enum subject_kind */
	struct part part;
	struct identifier *ids;
	size_t id_count;
	struct timestamp birth;
	size_t birth_count;
	struct value given, family;
	struct value beside; /* text of the name beside given and family */
	struct value given_qualifier, family_qualifier;
	struct coding given_coding, family_coding;
	unsigned in_given, in_family; /* enum in_name; filled when the part closes */
};

/* One CP-ISRecord, with the authority that holds it where the message says so. */
struct record {
	struct part part;
	struct organisation authority;
	size_t authority_count;
	struct content_id content;
	size_t content_count, plan_count, subject_count;
	struct plan *plans;
	struct subject *subjects;
};

/* The subject of a kind after another, or the first of all after NULL. NULL: there is no more. The
 * schema lets a record have two of one kind, so a rule looks at each. */
const struct subject *record_next(const struct record *record, enum subject_kind kind,
				  const struct subject *last);

/* A child that is born has looked-after and protection plans; a plan of an unborn child is its
 * mother's. */
enum subject_kind plan_subject_kind(const struct plan *plan);
bool record_has_plan_for(const struct record *record, enum subject_kind kind);

struct upload {
	struct part part;
	struct timestamp created;
	struct identifier id;
	struct value quantity;
	struct organisation sender;
	size_t created_count, id_count, sender_count;
	struct record record; /* the one that is being read */
	size_t record_count;
};

struct job_role {
	struct part part;
	struct value code, code_system, display_name;
};

struct valid_time {
	struct timestamp low, high;
	size_t low_count, high_count;
};

struct author_person {
	struct part part;
	struct job_role role;
	size_t role_count;
	struct identifier *ids;
	size_t id_count;
	struct value name; /* text beside the parts of the name */
	size_t name_count;
	struct valid_time valid;
	struct value *prefixes, *families, *suffixes;
	size_t prefix_count, family_count, suffix_count;
	struct value *given;
	size_t given_count;
	struct organisation organisation;
	size_t organisation_count;
};

struct indirect_authority {
	struct part part;
	struct job_role role;
	size_t role_count;
	struct value name; /* text beside the parts of the name */
	struct valid_time valid;
	struct value *given, *families;
	size_t given_count, family_count;
	size_t name_count;
};

struct author_device {
	struct part part;
	struct identifier id;
	size_t id_count;
	struct indirect_authority authority;
	size_t authority_count;
	struct organisation organisation;
	size_t organisation_count;
};

enum query_role {
	QUERY_ASKED = 1,
	QUERY_LISTED /* an earlier access, in a reply or notification */
};

/* A query, asked or listed as an access. part.role: enum query_role */
struct query {
	struct part part;
	struct timestamp effective;
	size_t effective_count;
	struct value id;
	struct value access_event; /* accessEventType: false says that the query is a silent read */
	struct content_id content;
	size_t content_count;
	struct author_person person;
	struct author_device device;
	size_t person_count, device_count;
	struct identifier *nhs_numbers;
	size_t nhs_number_count;
};

/* Whether it is of scheduled care, by accessEventType: CP-IS answers it, but neither reports it to
 * an authority nor lists it as an access. */
bool query_is_silent(const struct query *query);

/*
 * What the part around them keeps of the parts of a stream, in order of the message: their own slot
 * is used again. Filled by message/fold.h.
 */
struct noted {
	struct value value;
	unsigned role;
	struct noted *next;
};

struct noted_list {
	struct noted *first, *last;
	size_t count;
};

/* What a query says of its author beside the user id; p is NULL where it does not say it. */
struct asker {
	struct str organisation, profile; /* an ODS code, an SDS id */
	struct str family;		  /* in ASCII */
};

/* A query that is listed as an access. */
struct listed_query {
	struct value id, effective;
	struct moment moment;
	struct str author; /* who asked, as far as the message tells people apart; p is NULL: it
			      does not */
	struct asker asker;
	struct listed_query *next;
};

struct listed_query_list {
	struct listed_query *first, *last;
	size_t count;
};

/* One with a code that no detail can have says neither. */
enum detail_role { DETAIL_LOADED = 1, DETAIL_REFUSED, DETAIL_UNKNOWN };
enum stranger_role { STRANGER_ACCESS = 1, STRANGER_RECORD };

struct response {
	struct part part;
	struct timestamp effective;
	size_t effective_count;
	struct value id;
	struct value status, status_system, status_name; /* the SMSP form only */
	size_t status_count;
	struct value access_total, record_total;
	struct query access; /* the one that is being read */
	size_t access_count;
	struct record record;
	size_t record_count;
	struct listed_query_list listed;
	struct value asked;	     /* the NHS number that the response is about */
	struct noted_list strangers; /* other NHS numbers; role: enum stranger_role */
};

enum address_role { ADDRESS_RECIPIENT = 1, ADDRESS_SENDER, ADDRESS_AUDIT, ADDRESS_REPORTER };

/* An address or identity of the ITK envelope. part.role: enum address_role */
struct address {
	struct part part;
	struct value uri, type;
};

struct manifest_item {
	struct part part;
	struct value id, mime_type, profile, compressed, base64, encrypted, metadata;
};

/* How the bytes are packed that a payload's base64 stands for. */
enum packing { PACKED_NOT, PACKED_GZIP, PACKED_ZLIB };

struct payload {
	struct part part;
	struct value id;
	struct value root;    /* name of the element in it */
	struct value text;    /* what is there apart from white space between elements */
	struct value content; /* name of the first element in encoded text; filled on its end */
	enum packing packing; /* of encoded text; the same */
	bool packed_twice;    /* it is packed in gzip or zlib again */
	bool encoded_twice;   /* it is base64 again */
	const char *kind;     /* "a PDF document": what is not XML; NULL: it is XML, or not known */
	bool preceded;	      /* something other than XML comes before the first element */
	bool mini_service;    /* it is the mini service's response: value follows its id */
	bool metadata;	      /* the element is ITK's metadataPayload, with so many objects */
	size_t object_count;
};

struct spec {
	struct part part;
	struct value key, value;
};

/* An ITK distribution envelope. */
struct envelope {
	struct part part;
	struct value service, tracking_id;
	struct address *recipients;
	size_t recipient_count;
	struct address *audit;
	size_t audit_count;
	struct address sender;
	size_t sender_count;
	size_t manifest_count;
	struct value manifest_total, payload_total;
	struct manifest_item *items;
	size_t item_count;
	struct payload *payloads;
	size_t payload_count;
	struct spec *specs;
	size_t spec_count;
};

/* A header of WS-Security, of which there may be one for each actor. */
struct security {
	struct part part;
	struct value actor; /* SOAP 1.2 calls it role; absent: who receives the message */
	struct value timestamp_id, created, expires, username;
	size_t timestamp_count, created_count, expires_count, username_count;
	/* The name of an element inside what is text alone. */
	struct value in_created, in_expires, in_username;
};

/* What a SOAP header says in the namespace of one edition of WS-Addressing. */
struct addressing {
	bool there; /* MessageID, Action or To is */
	struct value message_id, action, to, from;
	struct value *relates_to;
	struct value reply_to, fault_to;		 /* their addresses */
	struct value reply_to_element, fault_to_element; /* the names, where they are there */
	size_t message_id_count, action_count, to_count, from_count, reply_to_count, fault_to_count,
		relates_to_count;
	size_t from_address_count, reply_to_address_count, fault_to_address_count; /* of them all */
	/* The name of an element inside what is text alone. */
	struct value in_message_id, in_action, in_to, in_relates_to, in_address;
};

/* Whose rules a SOAP envelope follows. */
enum soap_use { SOAP_OF_NEITHER, SOAP_OF_ITK, SOAP_OF_SPINE };

/* A SOAP envelope. ITK addresses by the edition of 2005, Spine by that of 2004. */
struct soap {
	struct part part;
	struct addressing wsa_2004, wsa_2005;
	enum soap_use holds; /* who alone sends what its Body holds: an interaction, a fault */
	struct security *securities;
	struct value sender_root, sender_asid, receiver_root, receiver_asid;
	size_t sender_id_count, receiver_id_count; /* where there are more: those are of the last */
	struct value reference_properties;	   /* name of the element, where there is one */
	struct value body_element;		   /* the Body itself, where there is one */
	struct value header;			   /* the name of the element */
	struct value body; /* name of the child of Body: the last, where there are many */
	size_t header_count, body_child_count, security_count;
	size_t sender_count, receiver_count; /* communicationFunctionSnd and Rcv */
	bool soap12;			     /* the envelope is SOAP 1.2's */
};

/* What a message says in the edition of WS-Addressing of which its header has more, for whoever
 * reads both. */
const struct addressing *soap_addressing(const struct soap *soap);

/* What the message answers, by its header: the first wsa:RelatesTo; without text where there is
 * none. */
const struct value *addressing_relates_to(const struct addressing *addressing);

/* The header of WS-Security for who receives the message; empty, with no element, where the message
 * has none for it. */
const struct security *soap_security(const struct soap *soap);

struct device {
	struct part part;
	struct value type_code;
	struct identifier *ids;
	size_t id_count;
};

struct reason {
	struct part part;
	struct value code_element; /* its name, where the element is there */
	struct value code, code_system, display_name;
	struct value *qualifiers; /* their codes */
	size_t qualifier_count;
};

/* The Spine transmission wrapper of an interaction. */
struct wrapper {
	struct part part;
	struct value id, id_element; /* *_element: the name, where the element itself is there */
	size_t id_count;
	struct timestamp created;
	size_t created_count;
	struct value version_code, version_element;
	size_t version_count;
	struct value interaction_root, interaction, interaction_element;
	size_t interaction_count;
	struct value processing_code, processing_mode, accept_ack;
	struct value processing_element, mode_element, accept_element;
	struct value acknowledgement_element, acknowledgement_type;
	struct value *detail_types; /* of each acknowledgementDetail */
	size_t detail_type_count;
	struct value *detail_words; /* codes, their names and texts, of all of them */
	size_t detail_word_count;
	struct value message_ref, message_ref_element;
	struct device *receivers;
	size_t receiver_count;
	struct device sender;
	size_t sender_count;
	struct value control_act, author_element;
	size_t control_act_count;
	struct identifier *author_systems;
	size_t author_count, author_system_count;
	struct identifier user, role_profile, job_role;
	size_t user_count, role_profile_count, job_role_count;
	struct reason *reasons;
	size_t reason_count;
	struct value query_response, query_response_element;
	struct query query;
	size_t query_count;
	struct response response;
	size_t response_count;
	struct value carried; /* name of the message that is judged as its own */
};

/* The ASID of a device: of several ids the one that is an ASID, or else the first; NULL: it has no
 * id. */
const struct value *device_asid(const struct device *device);

/* The one ASID of some ids; NULL: there is none, there are several, or it has another form. */
const struct value *identifiers_only_asid(const struct identifier *ids, size_t count);

/* The SOAP header around a query's failure that has receiver and sender the other way round, as
 * Spine's synchronous builder has them: those of the header are right. NULL: it has not. */
const struct soap *wrapper_turned(const struct wrapper *wrapper);

/* Whether a reason says that there was an error, and the type of an acknowledgementDetail that says
 * so; NULL: none does. */
bool wrapper_error_as_reason(const struct wrapper *wrapper);
const struct value *wrapper_error_as_detail(const struct wrapper *wrapper);

struct record_detail {
	struct part part;
	struct value code, code_system, display_name, location;
};

struct file_detail {
	struct part part;
	struct value code, display_name;
};

/* A record that a detail names by its NHS number, and whether such records are returned. */
struct named_record {
	const struct noted *detail;
	uint32_t nine; /* of the number */
	bool valid, invalid;
};

struct acknowledgement {
	struct part part;
	struct timestamp created;
	size_t created_count;
	struct identifier id;
	size_t id_count;
	struct value quantity, failed, successful;
	struct file_detail *files;
	size_t file_count;
	struct record_detail detail;		       /* the one that is being read */
	size_t detail_count, said[DETAIL_UNKNOWN + 1]; /* the details of each role */
	struct noted_list details;		       /* locations; role: enum detail_role */
	struct organisation receiver;
	size_t receiver_count;
	struct record valid, invalid;
	size_t valid_count, invalid_count;
	struct named_record *named; /* in order of number; filled when the first record comes */
	size_t named_count;
	bool has_named; /* that was done */
};

/* The upload that a notification is about, by its sequence number. */
struct file_reference {
	struct part part;
	struct value number;
};

struct access {
	struct part part;
	struct query query;
	size_t query_count;
	struct file_reference file;
	size_t file_count;
};

struct access_notification {
	struct part part;
	struct timestamp effective;
	size_t effective_count;
	struct value id, total;
	struct content_id content;
	size_t content_count;
	struct organisation recipient;
	size_t recipient_count;
	struct access access; /* the one that is being read */
	size_t access_count;
	struct listed_query_list listed;
	struct noted_list authorities; /* of the local ids: the recipient comes after them */
};

struct inactive_patient {
	struct part part;
	struct identifier *ids;
	size_t id_count;
	struct identifier *replacements;
	size_t replacement_count;
	struct file_reference file;
	size_t file_count;
};

enum number_role { NUMBER_UNREPLACED = 1, NUMBER_REPLACED };

struct inactive_notification {
	struct part part;
	struct timestamp effective;
	size_t effective_count;
	struct value id;
	struct content_id content;
	size_t content_count;
	struct organisation recipient;
	size_t recipient_count;
	struct inactive_patient patient; /* the one that is being read */
	size_t patient_count;
	struct noted_list numbers; /* the inactive NHS numbers; role: enum number_role */
	/* those without replacement, each with the place of its patient, which is not broken */
	struct noted_list unreplaced;
	/* what they are replaced by, in order; role: which of the numbers, from 1 */
	struct noted_list replacements;
	/* local ids of their patients, in order, and the authority of each; role: the same */
	struct noted_list locals, authorities;
};

enum error_role { ERROR_OF_TOOLKIT = 1, ERROR_OF_ENVELOPE, ERROR_OF_SPINE };

/* What went wrong, as a fault or an acknowledgement says it. part.role: enum error_role */
struct error_info {
	struct part part;
	struct value id, code, code_system, text;
	struct value diagnostic; /* ITK's */
	struct value context;	 /* Spine's */
};

/* The published acknowledgement of success has such an error in it: its elements are all empty. */
bool error_info_is_empty(const struct error_info *error);

/* A SOAP fault: ITK's, or Spine's error list. */
struct fault {
	struct part part;
	struct value code, text;
	struct value actor;	 /* SOAP 1.1's faultactor */
	struct value detail;	 /* name of the element in the detail: the last */
	bool soap12;		 /* it is SOAP 1.2's */
	struct error_info error; /* the last */
	size_t toolkit_error_count, spine_error_count;
};

/* Whether its detail names ITK's error, in its own namespace or not. */
bool fault_names_toolkit_error(const struct fault *fault);

/* Who sends such a fault, by its detail. */
enum soap_use fault_use(const struct fault *fault);

/* A reply of ITK's in which no rule looks at anything. */
struct plain_message {
	struct part part;
	struct value text;
};

struct infrastructure_response {
	struct part part;
	struct value timestamp, service, tracking_id, result;
	struct address reporter;
	size_t reporter_count;
	struct error_info error; /* the last */
	size_t error_count;
	size_t filled_error_count; /* those that are not empty */
};

#endif
